//! How often is a process there? By what its own thing says, and by what scales it.

use super::objects::Object;
use super::runs::Parts;
use super::said::text;
use super::values::Decided;
use rustc_hash::FxHashMap;

use crate::catalog::{RunFact, ScaleFact};
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
                let Decided::Text(text, _) = parts.variables.decide(of, hit.value.text(), hit.node)
                else {
                    continue;
                };
                let Ok(number) = text.parse() else { continue };
                let said = format!("`{}: {text}` of {}", hit.key, of.what());
                found.push(Replicas { number, most, said, at: hit.at });
            }
        }
    };
    note(object, object.node, &fact.replicas, false);
    note(object, object.node, &fact.most, true);
    // Patches of overlays name the same object.
    if object.format == "kubernetes" && !object.name.is_empty() {
        for other in parts.scaled.same(object) {
            let other = &parts.objects[*other];
            note(other, other.node, &fact.replicas, false);
        }
    }
    let scales = parts.catalog.files.scales.iter().enumerate();
    for (number, scale) in scales.filter(|(_, scale)| scale.of == object.format) {
        for other in parts.scaled.by(number, object.name) {
            let other = &parts.objects[*other];
            if scale.each.is_empty() {
                note(other, other.node, &scale.replicas, false);
                note(other, other.node, &scale.most, true);
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

/// Which objects say something of which others, by their names.
#[derive(Default)]
pub(super) struct Scaled<'a> {
    /// By format, kind and name.
    same: FxHashMap<(&'a str, &'a str, &'a str), Vec<usize>>,
    /// By the number of the fact and the name of what is scaled.
    named: FxHashMap<(usize, &'a str), Vec<usize>>,
    /// What says it of several, each beneath its name.
    lists: FxHashMap<usize, Vec<usize>>,
}

impl<'a> Scaled<'a> {
    pub(super) fn of(objects: &[Object<'a>], facts: &[ScaleFact]) -> Scaled<'a> {
        let mut scaled = Scaled::default();
        for (index, object) in objects.iter().enumerate() {
            let key = (object.format, object.kind, object.name);
            scaled.same.entry(key).or_default().push(index);
            for (number, fact) in facts.iter().enumerate() {
                let kinds = &fact.kinds;
                let about = fact.format == object.format
                    && (kinds.is_empty() || kinds.iter().any(|kind| kind == object.kind));
                match (about, fact.each.is_empty()) {
                    (false, _) => {}
                    (true, false) => scaled.lists.entry(number).or_default().push(index),
                    (true, true) => {
                        let name = text(object.node, &fact.name).map_or("", |(name, _)| name);
                        for name in names(name) {
                            scaled.named.entry((number, name)).or_default().push(index);
                        }
                    }
                }
            }
        }
        scaled
    }

    fn same<'s>(&'s self, object: &'s Object<'s>) -> &'s [usize] {
        let known = self.same.get(&(object.format, object.kind, object.name));
        known.map_or(&[], Vec::as_slice)
    }

    fn by<'s>(&'s self, number: usize, name: &'s str) -> impl Iterator<Item = &'s usize> {
        let named = self.named.get(&(number, name)).into_iter().flatten();
        named.chain(self.lists.get(&number).into_iter().flatten())
    }
}

/// A name, or those in what refers to it: `${aws_ecs_task_definition.web.arn}`.
fn names(text: &str) -> Vec<&str> {
    let is_name = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    match text.starts_with("${") {
        true => text.split(|c| !is_name(c)).filter(|part| !part.is_empty()).collect(),
        false => vec![text],
    }
}
