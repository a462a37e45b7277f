//! Of which formats may a file be? All of them are asked at once.

use std::ops::Deref;

use aho_corasick::{AhoCorasick, MatchKind};
use rustc_hash::{FxHashMap, FxHashSet};

use super::settings::FormatFact;

/// All formats, ready to be asked about a text.
#[derive(Debug, Default)]
pub struct Formats {
    facts: Vec<FormatFact>,
    /// Finds what formats say, and in JSON their keys at the top.
    signs: Option<AhoCorasick>,
    /// Of each format the signs that it says, and those of its keys in JSON.
    of: Vec<(Vec<usize>, Vec<usize>)>,
}

impl Deref for Formats {
    type Target = [FormatFact];

    fn deref(&self) -> &[FormatFact] {
        &self.facts
    }
}

impl Formats {
    pub(super) fn new(facts: Vec<FormatFact>) -> Formats {
        let mut known: FxHashMap<String, usize> = FxHashMap::default();
        let mut texts: Vec<String> = Vec::new();
        let mut number = |text: String| {
            *known.entry(text).or_insert_with_key(|text| {
                texts.push(text.clone());
                texts.len() - 1
            })
        };
        let mut of = Vec::new();
        for fact in &facts {
            let says = fact.says.iter().map(|said| number(said.clone())).collect();
            let tops = fact.top.iter().map(|key| number(format!("\"{key}\""))).collect();
            of.push((says, tops));
        }
        let mut builder = AhoCorasick::builder();
        // Without the automaton each sign is looked for on its own.
        let signs = builder.match_kind(MatchKind::Standard).build(&texts).ok();
        Formats { facts, signs, of }
    }

    /// The formats that a file of that path and text looks like, by their index.
    pub fn of(&self, path: &str, text: &str) -> Vec<usize> {
        let may: Vec<usize> =
            (0..self.facts.len()).filter(|index| self.facts[*index].may_be(path)).collect();
        if may.is_empty() {
            return may;
        }
        let Some(signs) = &self.signs else {
            return may.into_iter().filter(|index| self.facts[*index].is(path, text)).collect();
        };
        let found: FxHashSet<usize> =
            signs.find_overlapping_iter(text).map(|sign| sign.pattern().as_usize()).collect();
        let tops = tops(text);
        let fits = |index: &usize| {
            let (says, keys) = &self.of[*index];
            let says = says.is_empty() || says.iter().any(|sign| found.contains(sign));
            says && match &tops {
                Some(tops) => self.facts[*index].top.iter().all(|key| tops.contains(&**key)),
                None => keys.iter().all(|sign| found.contains(sign)),
            }
        };
        may.into_iter().filter(fits).collect()
    }
}

/// The keys at the beginning of lines; `None` for JSON, where they may stand anywhere.
fn tops(text: &str) -> Option<FxHashSet<&str>> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let keys = text.lines().filter_map(|line| {
        let line = line.trim_start_matches(['"', '\'']);
        let (key, _) = line.split_once(':')?;
        Some(key.trim_end().trim_end_matches(['"', '\'']))
    });
    Some(keys.collect())
}

#[cfg(test)]
mod tests {
    #[test]
    fn all_formats_are_asked_as_each_is() {
        let texts = [
            "apiVersion: v1\nkind: Service\n",
            "\u{feff}{\"kind\": 1, \"apiVersion\": 2}",
            "\"apiVersion\" : v1\n'kind': x\n",
            " apiVersion: v1\nkind: x\n",
            "services:\n  a:\n    image: b\nx-kind:\n",
            "Resources:\n  A: {Type: AWS::X}\n",
            "upstream a { server b; }",
            "_format_version: \"3\"\nupstreams: []\n",
            "apiVersion: v1\r\nkind: HelmRelease\r\n",
        ];
        let formats = crate::catalog::Catalog::builtin().unwrap().formats;
        let mut some = 0;
        for text in texts {
            for path in ["a/x.yaml", "a/x.json", "nginx.conf", "values.yaml", "main.tf", "x.rs"] {
                let each: Vec<usize> =
                    (0..formats.len()).filter(|i| formats[*i].is(path, text)).collect();
                assert_eq!(formats.of(path, text), each, "{path} {text}");
                some += each.len();
            }
        }
        assert!(some > 20, "{some}");
    }
}
