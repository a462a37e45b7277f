//! Which facts of the catalogue may say something of an object?

use std::hash::Hasher;

use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use super::objects::Object;
use super::patches;
use crate::catalog::{LABEL, SettingFact, unescaped};
use crate::parse::conf::{Kind, Node};

/// The facts by their formats: most objects have none of their keys.
pub(super) struct Facts<'a> {
    by_format: FxHashMap<&'a str, Vec<Known<'a>>>,
    /// The parts of their keys.
    keys: FxHashSet<u64>,
    /// Of each length, the letters that one of these begins with: of most keys that is enough.
    begin: [u64; LENGTHS],
}

struct Known<'a> {
    fact: &'a SettingFact,
    /// Of the key's last part, if it is said in full.
    last: Option<u64>,
    /// Of all parts that are.
    parts: Vec<u64>,
}

impl<'a> Facts<'a> {
    pub(super) fn new(facts: impl Iterator<Item = &'a SettingFact>) -> Facts<'a> {
        let mut by_format: FxHashMap<&str, Vec<Known<'_>>> = FxHashMap::default();
        let (mut keys, mut begin) = (FxHashSet::default(), [0; LENGTHS]);
        for fact in facts.filter(|fact| fact.mounts.is_none() && fact.builds.is_none()) {
            let last = fact.key.rsplit('/').next().unwrap_or_default();
            let last = (last != "." && !fact.missing).then(|| whole(last)).flatten();
            let parts = fact.key.split('/').filter(|part| *part != "." && !fact.missing);
            let parts = parts.filter(|part| is_whole(part)).map(unescaped);
            let parts = parts.map(|part| {
                let (length, letter) = beginning(&part);
                begin[length] |= letter;
                number(&part)
            });
            let known = Known { fact, last, parts: parts.collect() };
            keys.extend(&known.parts);
            by_format.entry(&fact.format).or_default().push(known);
        }
        Facts { by_format, keys, begin }
    }

    /// Those that may say something of an object.
    pub(super) fn about(&self, object: &Object<'_>) -> Vec<&'a SettingFact> {
        let mut keys = FxHashSet::default();
        self.note(object.node, &mut keys);
        let of = |format: &str| self.by_format.get(format).into_iter().flatten();
        let labels = of(LABEL).filter(|_| !object.labels.is_empty());
        let apart = object.format != "kubernetes"
            && (object.format == "patch" || !object.annotations.is_empty());
        let others = of("kubernetes").filter(|_| apart);
        let mut pointers = Vec::new();
        if object.format == "patch" {
            patches::paths(object.node, &mut pointers);
        }
        of(object.format)
            .chain(labels)
            .chain(others)
            .filter(|known| {
                let Known { fact, last, parts } = known;
                let kinds = &fact.kinds;
                match fact.format == object.format {
                    true => {
                        (kinds.is_empty() || kinds.iter().any(|kind| kind == object.kind))
                            && parts.iter().all(|part| keys.contains(part))
                    }
                    false => {
                        let named =
                            || pointers.iter().any(|path| patches::is_pointer(path, &fact.key));
                        match object.format {
                            "patch" => named(),
                            _ => last.is_none_or(|last| keys.contains(&last)),
                        }
                    }
                }
            })
            .map(|known| known.fact)
            .collect()
    }

    /// The keys of a tree that a fact may be about; of a list of texts, what stands before `=`.
    fn note(&self, node: &Node, keys: &mut FxHashSet<u64>) {
        let known = |text: &str| {
            let (length, letter) = beginning(text);
            let may_be = self.begin[length] & letter != 0;
            may_be.then(|| number(text)).filter(|key| self.keys.contains(key))
        };
        match &node.kind {
            Kind::Map(pairs) | Kind::Block(pairs) => {
                for (key, value) in pairs {
                    keys.extend(key.text().and_then(known));
                    self.note(value, keys);
                }
            }
            Kind::List(items) => {
                for item in items {
                    match item.text() {
                        Some(text) => {
                            keys.extend(known(text.split('=').next().unwrap_or(text).trim()));
                        }
                        None => self.note(item, keys),
                    }
                }
            }
            Kind::Scalar { .. } => {}
        }
    }
}

/// A part of a way as a number; `None` where it stands for several keys.
fn whole(part: &str) -> Option<u64> {
    is_whole(part).then(|| number(&unescaped(part)))
}

fn is_whole(part: &str) -> bool {
    !part.contains(['*', '='])
}

/// How long keys are told apart.
const LENGTHS: usize = 64;

/// The length of a key, and a bit for the letter that it begins with.
fn beginning(key: &str) -> (usize, u64) {
    let first = key.bytes().next().unwrap_or_default().to_ascii_lowercase();
    (key.len().min(LENGTHS - 1), 1 << (first % 64))
}

fn number(key: &str) -> u64 {
    let mut hasher = FxHasher::default();
    for part in key.as_bytes().chunks(8) {
        let mut bytes = [0; 8];
        bytes[..part.len()].copy_from_slice(part);
        bytes.make_ascii_lowercase();
        hasher.write_u64(u64::from_le_bytes(bytes));
    }
    hasher.finish()
}
