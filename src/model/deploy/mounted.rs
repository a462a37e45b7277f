//! How do the processes of an object mount a volume that is declared beside them?

use super::objects::Object;
use crate::catalog::Mounted;
use crate::parse::conf::ways::{self, Hit};
use crate::parse::conf::{Kind, Node};
use crate::source::Span;

/// What is known of how a volume is mounted.
pub(super) struct Seen {
    /// The folders that processes see it at.
    pub(super) targets: Vec<String>,
    /// Whether nobody may write to it there.
    pub(super) read_only: bool,
}

/// How the volume that holds a key is mounted; `None` where nobody is said to.
pub(super) fn of(object: &Object<'_>, fact: &Mounted, at: Span) -> Option<Seen> {
    let volume = things(object.node, &fact.volumes).into_iter().find(|volume| {
        let span = volume.span;
        span.file == at.file && span.start <= at.start && at.end <= span.end
    })?;
    let name = said(volume, "name").filter(|name| !name.is_empty())?;
    let mut mounts = things(object.node, &fact.mounts);
    mounts.retain(|mount| said(mount, &fact.by) == Some(name));
    let reads = |mount: &&Node| {
        said(mount, &fact.read_only).is_some_and(|text| text.eq_ignore_ascii_case("true"))
    };
    let targets = mounts.iter().filter(|mount| !reads(mount));
    let targets = targets.filter_map(|mount| said(mount, &fact.target)).map(String::from).collect();
    let read_only = mounts.iter().all(reads);
    (!mounts.is_empty()).then_some(Seen { targets, read_only })
}

/// The things at a way: elements of lists, or blocks.
fn things<'a>(node: &'a Node, way: &str) -> Vec<&'a Node> {
    let found = ways::find(node, way).into_iter().filter_map(|hit: Hit<'a>| hit.node);
    let each = found.flat_map(|node| match &node.kind {
        Kind::List(items) => items.iter().collect(),
        _ => vec![node],
    });
    each.collect()
}

fn said<'a>(node: &'a Node, way: &str) -> Option<&'a str> {
    ways::find(node, way).first().map(|hit| hit.value.text())
}
