//! Of which formats may a file be? All of them are asked at once.

use std::ops::Deref;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use memchr::memchr_iter;
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
    /// The keys at the top of all of them.
    tops: FxHashSet<String>,
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
        let tops = facts.iter().flat_map(|fact| fact.top.iter().cloned()).collect();
        let mut builder = AhoCorasick::builder();
        // Its tables are small and it reads every deploy file.
        builder.match_kind(MatchKind::Standard).kind(Some(AhoCorasickKind::DFA));
        // Without the automaton each sign is looked for on its own.
        let signs = builder.build(&texts).ok();
        Formats { facts, signs, of, tops }
    }

    /// The formats that a file of that path and text looks like, by their index.
    pub fn of(&self, path: &str, text: &str) -> Vec<usize> {
        let mut may: Vec<usize> =
            (0..self.facts.len()).filter(|index| self.facts[*index].may_be(path)).collect();
        if may.is_empty() {
            return may;
        }
        let Some(signs) = &self.signs else {
            may.retain(|index| self.facts[*index].is(path, text));
            return may;
        };
        let tops = self.tops(text);
        if let Some(tops) = &tops {
            may.retain(|index| self.facts[*index].top.iter().all(|key| tops.contains(&**key)));
        }
        let is_json = tops.is_none();
        let asks = |index: &usize| {
            let (says, keys) = &self.of[*index];
            !says.is_empty() || is_json && !keys.is_empty()
        };
        if !may.iter().any(asks) {
            return may;
        }
        let mut found = vec![false; signs.patterns_len()];
        for sign in signs.find_overlapping_iter(text) {
            found[sign.pattern().as_usize()] = true;
        }
        may.retain(|index| {
            let (says, keys) = &self.of[*index];
            (says.is_empty() || says.iter().any(|sign| found[*sign]))
                && (!is_json || keys.iter().all(|sign| found[*sign]))
        });
        may
    }

    /// The keys of formats at the beginning of lines; `None` for JSON, where they may stand anywhere.
    fn tops<'t>(&self, text: &'t str) -> Option<FxHashSet<&'t str>> {
        let text = text.trim_start_matches('\u{feff}');
        if text.trim_start().starts_with(['{', '[']) {
            return None;
        }
        let mut found = FxHashSet::default();
        let starts = std::iter::once(0).chain(memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1));
        // What is indented is no key of the top.
        for from in starts.filter(|from| !text[*from..].starts_with([' ', '#', '-', '\n'])) {
            let line = text[from..].split('\n').next().unwrap_or_default();
            let Some((key, _)) = line.trim_start_matches(['"', '\'']).split_once(':') else {
                continue;
            };
            let key = key.trim_end().trim_end_matches(['"', '\'']);
            if self.tops.contains(key) {
                found.insert(key);
            }
        }
        Some(found)
    }
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
