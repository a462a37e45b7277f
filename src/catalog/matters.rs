//! Which words must a document hold, that something in it may matter?

use std::ops::Range;

use aho_corasick::Anchored;
use aho_corasick::automaton::Automaton;
use aho_corasick::dfa::DFA;
use rustc_hash::{FxHashMap, FxHashSet};

use super::runs::{PushedFact, RunFact};
use super::settings::{ANNOTATION, FormatFact, LABEL, SettingFact, star, unescaped};

/// What documents of a format say that somebody asks for.
#[derive(Debug, Clone, Default)]
pub(super) struct Matters {
    /// Finds the words; without it every document is read.
    finder: Option<DFA>,
    words: Vec<Word>,
    /// Of each format; of one without an entry, all documents matter.
    clauses: FxHashMap<usize, Vec<Clause>>,
    /// Of operations: what one of them names where it changes a setting.
    pointers: Vec<usize>,
    /// Of each format of which only some entries at the top are read: what they say.
    entries: FxHashMap<usize, Vec<EntryClause>>,
}

/// The words that stand in a text, each by its number and with its place, in the order of their
/// ends.
#[derive(Debug)]
pub struct Said(Vec<(usize, Range<usize>)>);

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
#[derive(Debug, Clone)]
struct Clause {
    all: Vec<usize>,
    any: Vec<usize>,
}

/// What an entry at the top says where it is asked for.
#[derive(Debug, Clone)]
struct EntryClause {
    /// Its key, with `*`; `None` where it may be any.
    key: Option<String>,
    within: Clause,
}

/// Operations that change what is said elsewhere, by JSON pointers.
pub(super) const PATCH: &str = "patch";
const PATCHED: &str = "kubernetes";

impl Matters {
    pub(super) fn new(
        formats: &[FormatFact],
        settings: &[SettingFact],
        pushed: &[PushedFact],
        runs: &[RunFact],
    ) -> Matters {
        let mut words = Words::default();
        let (mut clauses, mut pointers) = (FxHashMap::default(), Vec::new());
        for (number, format) in formats.iter().enumerate() {
            let Some(own) = &format.matters else { continue };
            let mut found: Vec<Clause> = own
                .iter()
                .map(|word| Clause { all: Vec::new(), any: vec![words.exact(word)] })
                .collect();
            for (way, name) in &format.inner {
                let mut clause = words.clause(way, &[]);
                clause.any.extend(said(formats, name).into_iter().map(|word| words.part(word)));
                found.push(clause);
            }
            for fact in settings {
                if fact.format == format.name {
                    let key = if fact.missing { "" } else { &fact.key };
                    found.push(words.clause(key, &fact.kinds));
                } else if format.name == PATCH && fact.format == PATCHED {
                    found.push(words.pointer(&fact.key));
                    if !fact.missing && !fact.key.contains('*') {
                        pointers.push(words.part(&format!("/{}", fact.key)));
                    }
                } else if fact.format == PATCHED && !format.annotations.is_empty() {
                    let key = fact.key.strip_prefix(ANNOTATION).filter(|_| !fact.missing);
                    found.extend(key.map(|key| words.clause(key, &[])));
                }
                if fact.format == LABEL && !format.labels.is_empty() {
                    found.push(words.clause(&fact.key, &[]));
                }
            }
            for fact in pushed.iter().filter(|fact| fact.format == format.name) {
                found.push(words.clause(&fact.key, &[]));
            }
            forget_usual(&mut found);
            clauses.insert(number, found);
        }
        let mut entries = FxHashMap::default();
        for (number, format) in formats.iter().enumerate().filter(|(_, format)| format.by_entry) {
            let ways = ways_of(format, settings, runs);
            let clauses: Vec<EntryClause> = ways.iter().map(|way| words.entry(way)).collect();
            entries.insert(number, clauses);
        }
        let words: Vec<Word> = words.0.into_iter().collect();
        let finder = DFA::builder()
            .ascii_case_insensitive(true)
            .prefilter(false)
            .build(words.iter().map(|word| &word.text))
            .ok();
        Matters { finder, words, clauses, pointers, entries }
    }

    /// Whether something in a document may matter, as one of some formats.
    pub(super) fn of(&self, formats: &[usize], text: &str) -> bool {
        let Some(clauses) = self.clauses(formats) else { return true };
        let mut found = vec![false; self.words.len()];
        let mut enough = vec![false; self.words.len()];
        for clause in clauses.iter().filter(|clause| clause.all.is_empty()) {
            clause.any.iter().for_each(|word| enough[*word] = true);
        }
        let note = |number: usize, at: Range<usize>| {
            found[number] = found[number] || self.words[number].stands(text, at);
            found[number] && enough[number]
        };
        self.look(text, note)
            || clauses.iter().any(|clause| clause.fits(&found))
            || is_escaped(text.as_bytes())
    }

    /// Whether something in a text may matter, as one of some formats, by the words that stand in it.
    pub(super) fn of_said(&self, formats: &[usize], text: &str, said: &Said) -> bool {
        let Some(clauses) = self.clauses(formats) else { return true };
        let found = self.found(said.within(0..text.len()));
        clauses.iter().any(|clause| clause.fits(&found)) || is_escaped(text.as_bytes())
    }

    /// The words that stand in a text.
    pub(super) fn said(&self, text: &str) -> Said {
        let mut said = Vec::new();
        let note = |number: usize, at: Range<usize>| {
            if self.words[number].stands(text, at.clone()) {
                said.push((number, at));
            }
            false
        };
        self.look(text, note);
        Said(said)
    }

    /// Whether an operation in a text names the whole way to the key of a setting.
    pub(super) fn is_pointed(&self, text: &str, said: &Said) -> bool {
        let found = self.found(said.within(0..text.len()));
        self.finder.is_none()
            || self.pointers.iter().any(|pointer| found[*pointer])
            || is_escaped(text.as_bytes())
    }

    /// Which entries at the top of a text are asked for, as one of some formats.
    pub(super) fn entries(
        &self,
        formats: &[usize],
        (text, said): (&str, &Said),
        entries: &[(&str, Range<usize>)],
    ) -> Vec<bool> {
        let clauses = || formats.iter().filter_map(|format| self.entries.get(format)).flatten();
        let asked = |(key, part): &(&str, Range<usize>)| {
            let found = self.found(said.within(part.clone()));
            let named = |clause: &EntryClause| {
                clause.key.as_ref().is_none_or(|pattern| star(pattern, key).is_some())
            };
            self.finder.is_none()
                || clauses().any(|clause| clause.within.fits(&found) && named(clause))
                || is_escaped(&text.as_bytes()[part.clone()])
        };
        entries.iter().map(asked).collect()
    }

    /// What matters in some formats; `None` where everything does.
    fn clauses(&self, formats: &[usize]) -> Option<Vec<&Clause>> {
        let mut clauses = Vec::new();
        for format in formats {
            clauses.extend(self.clauses.get(format)?);
        }
        self.finder.as_ref().map(|_| clauses)
    }

    fn found<'s>(&self, said: impl Iterator<Item = &'s usize>) -> Vec<bool> {
        let mut found = vec![false; self.words.len()];
        said.for_each(|number| found[*number] = true);
        found
    }

    /// Goes through a text until something is done with what looks like one of the words: whether
    /// that was so.
    fn look(&self, text: &str, mut done: impl FnMut(usize, Range<usize>) -> bool) -> bool {
        let Some(finder) = &self.finder else { return false };
        let Ok(mut state) = finder.start_state(Anchored::No) else { return false };
        for (at, byte) in text.bytes().enumerate() {
            state = finder.next_state(Anchored::No, state, byte);
            if finder.is_special(state) && finder.is_match(state) {
                for index in 0..finder.match_len(state) {
                    let number = finder.match_pattern(state, index);
                    let start = at + 1 - finder.pattern_len(number);
                    if done(number.as_usize(), start..at + 1) {
                        return true;
                    }
                }
            }
        }
        false
    }
}

impl Said {
    /// Those within a part of the text.
    fn within(&self, part: Range<usize>) -> impl Iterator<Item = &usize> {
        let from = self.0.partition_point(|(_, at)| at.end <= part.start);
        let these = self.0[from..].iter().take_while(move |(_, at)| at.end <= part.end);
        these.filter(move |(_, at)| at.start >= part.start).map(|(number, _)| number)
    }
}

impl Clause {
    fn fits(&self, found: &[bool]) -> bool {
        let said = |number: &usize| found[*number];
        self.all.iter().all(said) && (self.any.is_empty() || self.any.iter().any(said))
    }
}

impl Word {
    /// Whether what was found of it in a text is it.
    fn stands(&self, text: &str, at: Range<usize>) -> bool {
        let bytes = text.as_bytes();
        let is_of_word =
            |at: Option<&u8>| at.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let apart = || {
            !is_of_word(at.start.checked_sub(1).and_then(|at| bytes.get(at)))
                && !is_of_word(bytes.get(at.end))
        };
        (!self.exact || &bytes[at.clone()] == self.text.as_bytes()) && (!self.whole || apart())
    }
}

/// All ways of keys that somebody asks for in a thing of a format.
fn ways_of(format: &FormatFact, settings: &[SettingFact], runs: &[RunFact]) -> Vec<String> {
    let mut ways: Vec<String> = Vec::new();
    for fact in settings {
        let prefixes = match (fact.format == format.name, fact.format == PATCHED) {
            (true, _) => vec![String::new()],
            (false, true) => format.annotations.iter().map(|way| format!("{way}/")).collect(),
            (false, false) => Vec::new(),
        };
        let own = |key: &&String| !key.starts_with("./");
        let through = fact.through.iter().flat_map(|through| {
            let of = |way: &String| way.split('|').map(String::from).collect::<Vec<_>>();
            [of(&through.name), of(&through.to)].concat()
        });
        let mounted = fact.mounted.iter();
        let mounted = mounted.flat_map(|fact| [fact.volumes.clone(), fact.mounts.clone()]);
        let used = fact.used.split('|').map(String::from);
        let all = std::iter::once(&fact.key).chain(&fact.companions).chain(&fact.targets).cloned();
        if !prefixes.is_empty() {
            ways.extend(fact.needs.keys().chain(fact.unless.keys()).filter(own).cloned());
        }
        for key in all.chain(through).chain(mounted).chain(used) {
            let annotation = fact.format != format.name;
            let key = if annotation { key.strip_prefix(ANNOTATION) } else { Some(&*key) };
            let key = key.filter(|key| !matches!(*key, "" | "."));
            ways.extend(prefixes.iter().flat_map(|before| Some(format!("{before}{}", key?))));
        }
    }
    for fact in runs.iter().filter(|fact| fact.format == format.name) {
        let lists = [
            &fact.unless,
            &fact.image,
            &fact.context,
            &fact.dockerfile,
            &fact.stage,
            &fact.arguments,
            &fact.entry,
            &fact.command,
            &fact.replicas,
            &fact.most,
            &fact.environment,
        ];
        match &*fact.each {
            "" => ways.extend(lists.into_iter().flatten().cloned()),
            each => ways.push(each.into()),
        }
    }
    ways.extend(format.leads.iter().chain(&format.images).cloned());
    ways.extend(format.none.keys().cloned());
    // By its image is known whose it is.
    ways.push("image".into());
    ways.sort();
    ways.dedup();
    ways
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

    /// What an entry at the top says where a way of keys leads to something in it.
    fn entry(&mut self, way: &str) -> EntryClause {
        let first = way.split('/').next().unwrap_or(way);
        let key = (first != "**" && !first.contains('=')).then(|| unescaped(first).into_owned());
        EntryClause { key, within: self.clause(way, &[]) }
    }

    /// What is said where a way of keys leads to something in an object of some kinds.
    fn clause(&mut self, way: &str, kinds: &[String]) -> Clause {
        self.of_parts(way, kinds, |part| unescaped(part).into_owned())
    }

    /// The same where the way is a pointer itself.
    fn pointer(&mut self, way: &str) -> Clause {
        self.of_parts(way, &[], str::to_string)
    }

    fn of_parts(&mut self, way: &str, kinds: &[String], said: fn(&str) -> String) -> Clause {
        let mut all = FxHashSet::default();
        for part in way.split('/').filter(|part| !matches!(*part, "" | "." | "**")) {
            let part = said(part);
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
        let formats = &Catalog::builtin().unwrap().formats;
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

    #[test]
    fn entries_in_which_nothing_is_asked_for_do_not_matter() {
        let formats = &Catalog::builtin().unwrap().formats;
        let number = |name: &str| formats.iter().position(|format| format.name == name).unwrap();
        let (values, patch) = (number("values"), number("patch"));
        let parts = [
            ("image", "image: {repository: a}\n"),
            ("service", "service: {sessionAffinity: ClientIP}\n"),
            ("metrics", "metrics: {enabled: true, size: 1}\n"),
            ("persistence", "persistence: {enabled: true}\n"),
            ("web", "web: {persistence: {size: 1Gi}}\n"),
            ("ingress", "ingress: {annotations: {nginx.ingress.kubernetes.io/Affinity: cookie}}\n"),
            ("extraVolumes", "extraVolumes: [{hostPath: {path: /a}}]\n"),
            ("probe", "probe: {path: /, hostPath: no}\n"),
            ("replicaCount", "replicaCount: 3\n"),
            ("other", "other: {replicaCount: 3, image: a}\n"),
            ("text", "text: \"\\u0061\"\n"),
        ];
        let (mut text, mut tops) = (String::new(), Vec::new());
        for (key, part) in parts {
            tops.push((key, text.len()..text.len() + part.len()));
            text += part;
        }
        let plain = &text[..tops[10].1.start];
        let by_entry = |of: &[usize], text: &str| formats.by_entry(of, text).is_some();
        assert!(by_entry(&[values], &text) && by_entry(&[values, patch], plain));
        let pointer = "a: {path: /spec/sessionAffinity}\n";
        assert!(!by_entry(&[values, patch], pointer) && !by_entry(&[patch], plain));
        let said = formats.by_entry(&[values], &text).unwrap();
        let asked = formats.entries_that_matter(&[values, patch], (&text, &said), &tops);
        let asked = tops.iter().zip(asked).filter(|(_, asked)| *asked).map(|((key, _), _)| *key);
        let expected = [
            "image",
            "service",
            "persistence",
            "web",
            "ingress",
            "extraVolumes",
            "replicaCount",
            "text",
        ];
        assert_eq!(asked.collect::<Vec<_>>(), expected);
    }
}
