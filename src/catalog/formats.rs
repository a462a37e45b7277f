//! Of which formats may a file be? All of them are asked at once.

use std::ops::{Deref, Range};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use memchr::{memchr, memchr_iter, memmem};
use rustc_hash::{FxHashMap, FxHashSet};

use super::matters::{Matters, PATCH, Said};
use super::runs::{PushedFact, RunFact};
use super::settings::{FormatFact, SettingFact, Syntax, is_json, made, star};
use super::signs::Signs;

/// All formats, ready to be asked about a text.
#[derive(Debug, Clone, Default)]
pub struct Formats {
    facts: Vec<FormatFact>,
    /// Finds what formats say, and in JSON their keys at the top.
    signs: Option<AhoCorasick>,
    /// Finds what formats of YAML say, and nothing else.
    of_yaml: Option<Signs>,
    /// Of each format the signs that it says, and those of its keys in JSON.
    of: Vec<(Vec<usize>, Vec<usize>)>,
    /// The keys at the top of all of them.
    tops: FxHashSet<String>,
    /// A bit for each letter that one of these, or a quote, begins with.
    letters: u128,
    names: Names,
    matters: Matters,
}

/// The formats by the names of their files.
#[derive(Debug, Clone, Default)]
struct Names {
    /// Each once.
    patterns: Vec<Pattern>,
    /// How many parts of a path a pattern is about, at most.
    parts: usize,
    /// Patterns by their last letter, in small letters.
    by_end: FxHashMap<u8, Vec<usize>>,
}

#[derive(Debug, Clone)]
struct Pattern {
    text: String,
    /// How many last parts of a path it is about; of one that is only an ending, none.
    parts: usize,
    /// The formats that have it.
    formats: Vec<usize>,
}

impl Pattern {
    fn new(text: &str) -> Pattern {
        let parts = match text.strip_prefix('*') {
            Some(rest) if !rest.contains(['*', '/']) => 0,
            _ => text.matches('/').count() + 1,
        };
        Pattern { text: text.into(), parts, formats: Vec::new() }
    }

    /// Whether it fits a path. `tails` are the last part of that, the last two, and so on.
    fn fits(&self, path: &str, tails: &[&str]) -> bool {
        let Some(more) = self.parts.checked_sub(1) else {
            let (end, path) = (&self.text.as_bytes()[1..], path.as_bytes());
            let from = path.len().checked_sub(end.len());
            return from.is_some_and(|from| path[from..].eq_ignore_ascii_case(end));
        };
        let path = *tails.get(more).unwrap_or(&path);
        let first = |text: &str| text.bytes().next().map(|first| first.to_ascii_lowercase());
        // Most names begin otherwise.
        let may_be = self.text.starts_with('*') || first(&self.text) == first(path);
        may_be && star(&self.text, path).is_some()
    }
}

impl Names {
    fn new(facts: &[FormatFact]) -> Names {
        let mut names = Names::default();
        let mut known: FxHashMap<&str, usize> = FxHashMap::default();
        for (format, fact) in facts.iter().enumerate() {
            for pattern in &fact.files {
                let number = *known.entry(pattern).or_insert_with(|| {
                    let end = pattern.bytes().last().unwrap_or(b'*').to_ascii_lowercase();
                    names.by_end.entry(end).or_default().push(names.patterns.len());
                    names.patterns.push(Pattern::new(pattern));
                    names.patterns.len() - 1
                });
                names.parts = names.parts.max(names.patterns[number].parts);
                names.patterns[number].formats.push(format);
            }
        }
        names
    }

    /// The formats that a file of that path may be of, in order.
    fn of(&self, path: &str) -> Vec<usize> {
        let mut found = Vec::new();
        for path in std::iter::once(path).chain(made(path)) {
            let end = path.bytes().last().unwrap_or(b'*').to_ascii_lowercase();
            let tails = path.rmatch_indices('/').map(|(at, _)| &path[at + 1..]);
            let tails: Vec<&str> = tails.take(self.parts).collect();
            for end in [end, b'*'] {
                for number in self.by_end.get(&end).into_iter().flatten() {
                    let pattern = &self.patterns[*number];
                    if pattern.fits(path, &tails) {
                        found.extend(&pattern.formats);
                    }
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

impl Deref for Formats {
    type Target = [FormatFact];

    fn deref(&self) -> &[FormatFact] {
        &self.facts
    }
}

impl Formats {
    pub(super) fn new(
        facts: Vec<FormatFact>,
        settings: &[SettingFact],
        pushed: &[PushedFact],
        runs: &[RunFact],
    ) -> Formats {
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
        let tops: FxHashSet<String> =
            facts.iter().flat_map(|fact| fact.top.iter().cloned()).collect();
        let letters = tops.iter().filter_map(|key| key.bytes().next()).chain(*b"\"'");
        let letters = letters.filter(u8::is_ascii).fold(0, |letters, one| letters | 1 << one);
        let mut builder = AhoCorasick::builder();
        // Its tables are small and it reads every deploy file.
        builder.match_kind(MatchKind::Standard).kind(Some(AhoCorasickKind::DFA));
        // Without the automaton each sign is looked for on its own.
        let signs = builder.build(&texts).ok();
        let yaml = facts.iter().zip(&of).filter(|(fact, _)| fact.syntax == Syntax::Yaml);
        let yaml: FxHashSet<usize> = yaml.flat_map(|(_, (says, _))| says).copied().collect();
        let of_yaml = Signs::new(&texts, yaml.into_iter().collect());
        let names = Names::new(&facts);
        let matters = Matters::new(&facts, settings, pushed, runs);
        Formats { facts, signs, of_yaml, of, tops, letters, names, matters }
    }

    /// Whether a file of that path may be of some format.
    pub fn may_be(&self, path: &str) -> bool {
        !self.names.of(path).is_empty()
    }

    /// Whether a build server runs what a file of that path says.
    pub fn is_automation(&self, path: &str) -> bool {
        self.names.of(path).into_iter().any(|index| self.facts[index].automation)
    }

    /// The formats that a file of that path and text looks like, by their index.
    pub fn of(&self, path: &str, text: &str) -> Vec<usize> {
        let mut may = self.names.of(path);
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
        let is_yaml = !is_json && may.iter().all(|index| self.facts[*index].syntax == Syntax::Yaml);
        match self.of_yaml.as_ref().filter(|_| is_yaml) {
            Some(signs) => signs.find(text, &mut found),
            None => {
                for sign in signs.find_overlapping_iter(text) {
                    found[sign.pattern().as_usize()] = true;
                }
            }
        }
        may.retain(|index| {
            let (says, keys) = &self.of[*index];
            (says.is_empty() || says.iter().any(|sign| found[*sign]))
                && (!is_json || keys.iter().all(|sign| found[*sign]))
        });
        may
    }

    /// Whether something in a document may matter, as one of some formats: it holds the key of a
    /// setting, or another word that is asked for. A document in which nothing does need not be
    /// read.
    pub fn matters(&self, formats: &[usize], document: &str) -> bool {
        !self.is_schema(formats, document) && self.matters.of(formats, document)
    }

    /// Whether a document says only what other things are like.
    fn is_schema(&self, formats: &[usize], document: &str) -> bool {
        let schemas = |format: &usize| &self.facts[*format].schemas;
        let mut kinds = kinds(document).peekable();
        let schema = |kind| formats.iter().flat_map(schemas).any(|schema| schema == kind);
        kinds.peek().is_some() && kinds.all(schema)
    }

    /// Whether of a text only some entries at the top need be read, as one of some formats: nothing
    /// else matters in it. If so, the words that stand in it.
    pub fn by_entry(&self, formats: &[usize], text: &str) -> Option<Said> {
        let (by_entry, mut others): (Vec<usize>, Vec<usize>) =
            formats.iter().partition(|format| self.facts[**format].by_entry);
        if by_entry.is_empty() {
            return None;
        }
        let all = others.len();
        others.retain(|format| self.facts[*format].name != PATCH);
        let said = self.matters.said(text);
        let matters = !others.is_empty()
            && !self.is_schema(&others, text)
            && self.matters.of_said(&others, text, &said);
        let pointed = others.len() < all && self.matters.is_pointed(text, &said);
        (!matters && !pointed).then_some(said)
    }

    /// Which entries at the top of a text matter; each is a key, and where all of it stands.
    pub fn entries_that_matter(
        &self,
        formats: &[usize],
        said: (&str, &Said),
        entries: &[(&str, Range<usize>)],
    ) -> Vec<bool> {
        self.matters.entries(formats, said, entries)
    }

    /// The keys of formats at the beginning of lines; `None` for JSON, where they may stand anywhere.
    fn tops<'t>(&self, text: &'t str) -> Option<FxHashSet<&'t str>> {
        let text = text.trim_start_matches('\u{feff}');
        if is_json(text) {
            return None;
        }
        let mut found = FxHashSet::default();
        let starts = std::iter::once(0).chain(memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1));
        // Most lines begin otherwise: what is indented is no key of the top.
        let may_be = |from: &usize| {
            let first = text.as_bytes().get(*from);
            first.is_some_and(|byte| !byte.is_ascii() || self.letters >> byte & 1 == 1)
        };
        for from in starts.filter(may_be) {
            let rest = &text[from..];
            let line = &rest[..memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len())];
            let key = line.trim_start_matches(['"', '\'']).split_once(':').map(|(key, _)| key);
            let key = key.map(|key| key.trim_end().trim_end_matches(['"', '\'']));
            found.extend(key.filter(|key| self.tops.contains(*key)));
        }
        Some(found)
    }
}

/// The kinds that a document says at the beginning of its lines.
fn kinds(document: &str) -> impl Iterator<Item = &str> {
    let found = memmem::find_iter(document.as_bytes(), "kind:");
    let found = found.filter(|at| *at == 0 || document.as_bytes()[at - 1] == b'\n');
    found.map(|at| {
        let line = document[at + "kind:".len()..].split('\n').next().unwrap_or_default();
        line.split('#').next().unwrap_or_default().trim().trim_matches(['"', '\''])
    })
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
            "{{- /*\nA: b\n*/}}\napiVersion: v1\nkind: Service\n",
        ];
        let formats = &crate::catalog::Catalog::builtin().unwrap().formats;
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
