//! What can be said about edits? How a key of a deploy file is switched off, safely.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Syntax, star};

/// How a finding at a key is put right. Of several that fit, the first one counts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditFact {
    /// The last keys of the way to it, `/`-separated, from the outer to the inner one; `*` stands
    /// for any text, `~1` for a `/` inside of a key. Case does not count.
    pub keys: Vec<String>,
    /// Only in files that are written so.
    pub syntax: Option<Syntax>,
    /// Values, with `*`, and what is said instead; the first that fits in the order of their texts.
    /// Without one, the key goes, with all that belongs to it.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
    /// Parts of a value, and what is said instead of them.
    #[serde(default)]
    pub swap: BTreeMap<String, String>,
    /// Keys beside it that go when it is set.
    #[serde(default)]
    pub drops: Vec<String>,
    /// Only this word of the value goes; the key stays unless nothing is left.
    #[serde(default)]
    pub word: String,
    /// Directives of the same section in which the key's name and the word behind it go as well.
    #[serde(default)]
    pub said_by: Vec<String>,
    /// So many keys further out is what goes.
    #[serde(default)]
    pub up: usize,
}

impl EditFact {
    /// Whether a key is meant, by the keys that lead to it, in a file of a syntax.
    pub fn is_about(&self, way: &[&str], syntax: Syntax) -> bool {
        let fits = |keys: &String| {
            let keys: Vec<String> = keys.split('/').map(|key| key.replace("~1", "/")).collect();
            let from = way.len().checked_sub(keys.len());
            from.is_some_and(|from| {
                way[from..].iter().zip(&keys).all(|(said, key)| star(key, said).is_some())
            })
        };
        self.syntax.is_none_or(|of| of == syntax) && self.keys.iter().any(fits)
    }

    /// Whether the key stays and says something else.
    pub fn sets(&self) -> bool {
        !self.set.is_empty() || !self.swap.is_empty()
    }

    /// What is said instead of a value.
    pub fn instead_of(&self, value: &str) -> Option<String> {
        let mut set = self.set.iter();
        if let Some((_, instead)) = set.find(|(pattern, _)| star(pattern, value).is_some()) {
            return Some(instead.clone());
        }
        let (part, instead) = self.swap.iter().find(|(part, _)| value.contains(&***part))?;
        Some(value.replace(part, instead))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_by_the_end_of_their_way() {
        let fact = "keys = [\"stickiness/enabled\", \"a.io~1b*\"]\nset = { true = \"false\" }";
        let fact: EditFact = toml::from_str(fact).unwrap();
        let is = |way: &[&str]| fact.is_about(way, Syntax::Yaml);
        assert!(is(&["resource", "stickiness", "Enabled"]) && is(&["a.io/bc"]));
        assert!(!is(&["enabled"]) && !is(&["health", "enabled"]) && !is(&["a.io", "b"]));
        assert_eq!((fact.instead_of("true"), fact.instead_of("x")), (Some("false".into()), None));
        let fact: EditFact = toml::from_str("keys = []\nswap = { \"a=1\" = \"a=0\" }").unwrap();
        assert_eq!(fact.instead_of("b=1,a=1,c").as_deref(), Some("b=1,a=0,c"));
    }
}
