//! How often is a process there? By what its own thing says, and by what scales it.

use super::objects::Object;
use super::runs::Parts;
use super::said::text;
use super::values::Decided;
use crate::catalog::RunFact;
use crate::parse::conf::{Node, ways};
use crate::source::Span;

/// How often a process is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replicas {
    pub number: u32,
    /// It is the most that there may be.
    pub most: bool,
    /// "`replicas: 3` of Deployment `web`".
    pub said: String,
    pub at: Span,
}

/// How often an object is there, by what it says and by what others say of it.
pub(super) fn replicas(
    parts: &Parts<'_, '_>,
    object: &Object<'_>,
    fact: &RunFact,
    key: &str,
) -> Option<Replicas> {
    let mut found: Vec<Replicas> = Vec::new();
    let mut note = |of: &Object<'_>, node: &Node, ways: &[String], most: bool| {
        for way in ways {
            for hit in ways::find(node, way) {
                let Decided::Text(text, _) = parts.variables.decide(of, hit.value.text()) else {
                    continue;
                };
                let Ok(number) = text.parse() else { continue };
                let said = format!("`{}: {text}` of {}", hit.key, of.what());
                found.push(Replicas { number, most, said, at: hit.at });
            }
        }
    };
    let same = |other: &&Object<'_>| {
        other.format == object.format
            && other.kind == object.kind
            && !object.name.is_empty()
            && other.name == object.name
            && other.format == "kubernetes"
    };
    note(object, object.node, &fact.replicas, false);
    note(object, object.node, &fact.most, true);
    // Patches of overlays name the same object.
    for other in parts.objects.iter().filter(same) {
        note(other, other.node, &fact.replicas, false);
    }
    for scale in parts.catalog.files.scales.iter().filter(|s| s.of == object.format) {
        let of = |other: &&Object<'_>| {
            let kinds = &scale.kinds;
            other.format == scale.format
                && (kinds.is_empty() || kinds.iter().any(|kind| kind == other.kind))
        };
        for other in parts.objects.iter().filter(of) {
            if scale.each.is_empty() {
                let named = text(other.node, &scale.name);
                if named.is_some_and(|(name, _)| is_of(name, object.name)) {
                    note(other, other.node, &scale.replicas, false);
                    note(other, other.node, &scale.most, true);
                }
                continue;
            }
            for hit in ways::find(other.node, &scale.each) {
                let Some(node) = hit.node else { continue };
                let all =
                    if node.items().is_empty() { std::slice::from_ref(node) } else { node.items() };
                for node in all {
                    let name = text(node, &scale.name).map_or(hit.key, |(name, _)| name);
                    let whom = if scale.name.is_empty() { key } else { object.name };
                    if name == whom {
                        note(other, node, &scale.replicas, false);
                        note(other, node, &scale.most, true);
                    }
                }
            }
        }
    }
    // Of two that say the same, the one that is sure.
    found.into_iter().max_by_key(|one| (one.number, !one.most))
}

/// Whether a text is a name, or refers to it: `${aws_ecs_task_definition.web.arn}`.
fn is_of(text: &str, name: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    text == name || text.starts_with("${") && text.split(|c| !is_name(c)).any(|part| part == name)
}
