//! Which words must a document hold, that something in it may matter?

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use rustc_hash::{FxHashMap, FxHashSet};

use super::settings::{FormatFact, SettingFact};

/// What documents of a format say that somebody asks for.
#[derive(Debug, Default)]
pub(super) struct Matters {
    /// Finds the words; without it every document is read.
    finder: Option<AhoCorasick>,
    words: Vec<Word>,
    /// Of each format; of one without an entry, all documents matter.
    clauses: FxHashMap<usize, Vec<Clause>>,
}

/// A word that is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Word {
    text: String,
    /// It is a key or a value, and not a part of one.
    whole: bool,
    /// Its case counts.
    exact: bool,
}

/// What is said together where something matters: all of some words, one of others.
#[derive(Debug)]
struct Clause {
    all: Vec<usize>,
    any: Vec<usize>,
}

/// Operations that change what is said elsewhere, by JSON pointers.
const PATCH: &str = "patch";
const PATCHED: &str = "kubernetes";

impl Matters {
    pub(super) fn new(formats: &[FormatFact], settings: &[SettingFact]) -> Matters {
        let mut words = Words::default();
        let mut clauses = FxHashMap::default();
        for (number, format) in formats.iter().enumerate() {
            let Some(own) = &format.matters else { continue };
            let mut found: Vec<Clause> = own
                .iter()
                .map(|word| Clause { all: Vec::new(), any: vec![words.exact(word)] })
                .collect();
            for (way, name) in &format.inner {
                let mut clause = words.clause(way, &[], false);
                clause.any.extend(said(formats, name).into_iter().map(|word| words.part(word)));
                found.push(clause);
            }
            for fact in settings {
                if fact.format == format.name {
                    let key = if fact.missing { "" } else { &fact.key };
                    found.push(words.clause(key, &fact.kinds, false));
                } else if format.name == PATCH && fact.format == PATCHED {
                    found.push(words.clause(&fact.key, &[], true));
                }
            }
            forget_usual(&mut found);
            clauses.insert(number, found);
        }
        let words: Vec<Word> = words.0.into_iter().collect();
        let mut finder = AhoCorasick::builder();
        finder.ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA));
        let finder = finder.build(words.iter().map(|word| &word.text)).ok();
        Matters { finder, words, clauses }
    }

    /// Whether something in a document may matter, as one of some formats.
    pub(super) fn of(&self, formats: &[usize], text: &str) -> bool {
        let mut clauses = Vec::new();
        for format in formats {
            match self.clauses.get(format) {
                Some(of) => clauses.extend(of),
                None => return true,
            }
        }
        let Some(finder) = &self.finder else { return true };
        let bytes = text.as_bytes();
        let mut found = vec![false; self.words.len()];
        let mut enough = vec![false; self.words.len()];
        for clause in clauses.iter().filter(|clause| clause.all.is_empty()) {
            clause.any.iter().for_each(|word| enough[*word] = true);
        }
        let is_of_word =
            |at: Option<&u8>| at.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        for hit in finder.find_overlapping_iter(text) {
            let number = hit.pattern().as_usize();
            let word = &self.words[number];
            let apart = || {
                !is_of_word(hit.start().checked_sub(1).and_then(|at| bytes.get(at)))
                    && !is_of_word(bytes.get(hit.end()))
            };
            if !found[number]
                && (!word.exact || text[hit.range()] == word.text)
                && (!word.whole || apart())
            {
                found[number] = true;
                if enough[number] {
                    return true;
                }
            }
        }
        let said = |number: &usize| found[*number];
        let fits = |clause: &&Clause| {
            clause.all.iter().all(said) && (clause.any.is_empty() || clause.any.iter().any(said))
        };
        clauses.iter().any(fits) || is_escaped(bytes)
    }
}

/// Whether letters may be written as numbers.
fn is_escaped(bytes: &[u8]) -> bool {
    memchr::memchr_iter(b'\\', bytes)
        .any(|at| matches!(bytes.get(at + 1), Some(b'x' | b'u' | b'U' | b'/')))
}

/// Words that many keys have tell little, and are everywhere.
fn forget_usual(clauses: &mut [Clause]) {
    let mut counts: FxHashMap<usize, usize> = FxHashMap::default();
    for word in clauses.iter().flat_map(|clause| &clause.all) {
        *counts.entry(*word).or_default() += 1;
    }
    let few = clauses.len() / 8;
    for clause in clauses.iter_mut() {
        let rare = |word: &usize| counts[word] <= few;
        if clause.all.iter().any(rare) || !clause.any.is_empty() {
            clause.all.retain(rare);
        }
    }
}

/// Words of which a file of that name says one, whatever it is; none where it need not say any.
fn said<'a>(formats: &'a [FormatFact], name: &str) -> Vec<&'a str> {
    let mut of = formats.iter().filter(|format| name.is_empty() || format.may_be(name));
    if name.is_empty() || of.clone().any(|format| format.says.is_empty()) {
        return Vec::new();
    }
    // Where lines are folded, blanks may be anything.
    let all = of.by_ref().flat_map(|format| &format.says);
    all.map(|said| said.split(' ').max_by_key(|word| word.len()).unwrap_or_default()).collect()
}

#[derive(Default)]
struct Words(indexmap::IndexSet<Word>);

impl Words {
    fn exact(&mut self, text: &str) -> usize {
        self.0.insert_full(Word { text: text.into(), whole: true, exact: true }).0
    }

    fn part(&mut self, text: &str) -> usize {
        self.0.insert_full(Word { text: text.into(), whole: false, exact: false }).0
    }

    /// What is said where a way of keys leads to something in an object of some kinds.
    fn clause(&mut self, way: &str, kinds: &[String], pointer: bool) -> Clause {
        let mut all = FxHashSet::default();
        for part in way.split('/').filter(|part| !matches!(*part, "" | "." | "**")) {
            let part = match pointer {
                true => part.to_string(),
                false => part.replace("~1", "/").replace("~0", "~"),
            };
            for said in part.split('=') {
                let whole = !said.contains('*');
                for text in said.split('*').filter(|text| !text.is_empty()) {
                    let word = Word { text: text.into(), whole, exact: false };
                    all.insert(self.0.insert_full(word).0);
                }
            }
        }
        let any = kinds.iter().map(|kind| self.exact(kind)).collect();
        Clause { all: all.into_iter().collect(), any }
    }
}

#[cfg(test)]
mod tests {
    use crate::catalog::Catalog;

    #[test]
    fn documents_without_a_word_of_interest_do_not_matter() {
        let formats = Catalog::builtin().unwrap().formats;
        let number = |name: &str| formats.iter().position(|format| format.name == name).unwrap();
        let (kubernetes, patch, compose) =
            (number("kubernetes"), number("patch"), number("compose"));
        let role = "apiVersion: v1\nkind: Role\nrules: [{resources: [services]}]\n";
        let cases = [
            ("apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n", false),
            (role, false),
            ("apiVersion: v1\nkind: Service", true),
            ("{\"apiVersion\": \"v1\", \"kind\": \"Service\"}", true),
            ("kind: Ingress\nmetadata: {annotations: {a: b}}\n", false),
            (
                "kind: Ingress\nmetadata: {annotations: {\"NGINX.ingress.kubernetes.io/Affinity\": x}}",
                true,
            ),
            (
                "kind: Ingress\nmetadata: {annotations: {\"nginx.ingress.kubernetes.io\\/affinity\": x}}",
                true,
            ),
            (
                "kind: X\nmetadata: {annotations: {\"nginx.ingress.kubernetes.io/affinity\": x}}",
                false,
            ),
            ("kind: ConfigMap\ndata:\n  a: b\n", true),
            ("kind: ConfigMap\nmetadata: {}\n", false),
            ("kind: X\nspec: {replicas: 1}\n", true),
            ("kind: CustomResourceDefinition\nspec: {replicas: 1, containers: 2}\n", false),
            ("kind: CustomResourceDefinition # b\nspec: {}\nkind: Service\n", true),
        ];
        for (text, matters) in cases {
            assert_eq!(formats.matters(&[kubernetes], text), matters, "{text}");
        }
        let cloudformation = number("cloudformation");
        let resources = "Resources:\n  A:\n    Type: AWS::";
        assert!(!formats.matters(&[cloudformation], &format!("{resources}S3::Bucket\n")));
        assert!(formats.matters(&[cloudformation], &format!("{resources}ECS::Service\n")));
        let pointer = "- path: /metadata/annotations/nginx.ingress.kubernetes.io~1affinity\n";
        assert!(formats.matters(&[kubernetes, patch], pointer));
        assert!(!formats.matters(&[kubernetes, patch], "- path: /spec/a\n"));
        assert!(formats.matters(&[kubernetes, compose], role));
    }
}
