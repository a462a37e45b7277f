//! What do the templates of a chart say when the chart's own values are put in?

use std::borrow::Cow;
use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

use super::objects::folder;
use super::terms::Term;
use super::{DeployText, is_unreal};
use crate::parse::conf::{self, Document, HIDDEN, Node};

/// The charts of the tree.
#[derive(Default)]
pub(super) struct Charts<'a> {
    /// The folders of charts.
    folders: FxHashSet<&'a str>,
    /// `Values` and `Chart` of each folder.
    roots: FxHashMap<(&'a str, &'static str), Root<'a>>,
    /// Files of values, by their folders; those for development are none.
    values: Vec<(&'a str, Root<'a>)>,
    /// What the files say, by their paths.
    texts: FxHashMap<&'a str, &'a str>,
}

/// What a file says at its top.
struct Root<'a> {
    document: &'a Document,
    text: &'a str,
    /// What was not read so far, once it was asked for.
    left: Vec<OnceLock<Option<(Node, Node)>>>,
}

impl Root<'_> {
    fn entry(&self, name: &str) -> Option<(&Node, &Node)> {
        match self.document.left.iter().position(|top| top.key == name) {
            None => self.document.root.entry(name),
            Some(at) => {
                let read = || conf::left(self.document, self.text, name);
                let (key, value) = self.left[at].get_or_init(read).as_ref()?;
                Some((key, value))
            }
        }
    }
}

impl<'a> Charts<'a> {
    pub(super) fn of(files: &[DeployText<'a>]) -> Charts<'a> {
        let mut charts = Charts::default();
        let root = |file: &DeployText<'a>| {
            let document = file.documents.first()?;
            let left = document.left.iter().map(|_| OnceLock::new()).collect();
            Some(Root { document, text: file.text, left })
        };
        for file in files {
            let name = file.path.rsplit('/').next().unwrap_or(file.path);
            if name.contains("values") && !is_unreal(file.path, false) {
                charts.values.extend(root(file).map(|root| (folder(file.path), root)));
            }
            let names = match name {
                "Chart.yaml" => "Chart",
                "values.yaml" | "values.yml" => "Values",
                _ => continue,
            };
            if names == "Chart" {
                charts.folders.insert(folder(file.path));
            }
            if let Some(root) = root(file) {
                charts.roots.insert((folder(file.path), names), root);
            }
        }
        if !charts.folders.is_empty() {
            charts.texts.extend(files.iter().map(|file| (file.path, file.text)));
        }
        charts
    }

    /// Whether a file of values says `true` at some keys of a chart, each beneath the one before: one
    /// beside it, or one beside a chart that brings it along, beneath its name there.
    pub(super) fn switch_on(&self, chart: &str, keys: &[&str]) -> bool {
        let said = |root: &Root<'_>, first: &str, rest: &[&str]| {
            let said = root.entry(first).and_then(|(_, value)| value.at(rest)?.text());
            said == Some("true")
        };
        let Some((first, rest)) = keys.split_first() else { return false };
        let of_chart = self.roots.get(&(chart, "Chart"));
        let name = of_chart.and_then(|root| root.entry("name")?.1.text());
        self.values.iter().any(|(folder, root)| match *folder == chart {
            true => said(root, first, rest),
            false => name.is_some_and(|name| {
                let names = self.names_in(folder, name);
                names.into_iter().any(|name| said(root, name, keys))
            }),
        })
    }

    /// As what a chart knows another that it brings along: by the other's name, or as it says.
    fn names_in<'n>(&'n self, chart: &str, name: &'n str) -> Vec<&'n str> {
        let own = self.own(chart).and_then(|chart| self.roots.get(&(chart, "Chart")));
        let Some(root) = own else { return Vec::new() };
        let brought = root.entry("dependencies").map(|(_, brought)| brought.items());
        let brought = brought.unwrap_or_default().iter();
        let said = |of: &'n Node, key: &str| of.at(&[key]).and_then(Node::text);
        let ones = brought.filter(|one| said(one, "name") == Some(name));
        let known = ones.map(|one| said(one, "alias").unwrap_or(name));
        // What lies in the folder of its own charts needs no word.
        known.chain([name]).collect()
    }

    /// A text with the values put in; what nobody can tell stays hidden.
    pub(super) fn text<'n>(&self, path: &str, node: &'n Node) -> Cow<'n, str> {
        let text = node.text().unwrap_or_default();
        match text.contains(HIDDEN).then(|| self.term(path, node)).flatten() {
            Some(term) => term.text.into(),
            None => text.into(),
        }
    }

    /// The same, and where the value is said if it is nothing else; `None` where no chart is.
    pub(super) fn term(&self, path: &str, node: &Node) -> Option<Term> {
        let mut chart = folder(path);
        while !self.folders.contains(chart) {
            if chart.is_empty() {
                return None;
            }
            chart = folder(chart);
        }
        let (start, end) = (node.span.start as usize, node.span.end as usize);
        let source = self.texts.get(path)?.get(start..end)?.trim();
        let bare = ["\"", "'"].iter().find_map(|quote| {
            source.strip_prefix(quote)?.strip_suffix(quote).filter(|rest| !rest.is_empty())
        });
        let mut rest = bare.unwrap_or(source);
        let (mut told, mut at, mut parts) = (String::new(), None, 0);
        while let Some(open) = rest.find("{{") {
            let close = open + rest[open..].find("}}")?;
            told += &rest[..open];
            let action = rest[open + 2..close].trim_matches('-').trim();
            match self.value(chart, action) {
                Some(term) => {
                    told += &term.text;
                    at = term.at;
                }
                None => told.push(HIDDEN),
            }
            parts += 1 + usize::from(open > 0);
            rest = &rest[close + 2..];
        }
        parts += usize::from(!rest.is_empty());
        told += rest;
        Some(Term { text: told, at: at.filter(|_| parts == 1) })
    }

    /// What an action comes to: a value, its default, functions that leave it as it is.
    fn value(&self, chart: &str, action: &str) -> Option<Term> {
        let mut pipes = action.split('|').map(str::trim);
        let mut term = self.called(chart, &words(pipes.next()?), None)?;
        for pipe in pipes {
            term = self.called(chart, &words(pipe), term)?;
        }
        term
    }

    /// What a function makes of its arguments, and of what is piped to it; inside, `None` is a
    /// value that is not said.
    fn called(&self, chart: &str, words: &[&str], piped: Option<Term>) -> Option<Option<Term>> {
        let (first, rest) = words.split_first()?;
        match (*first, rest) {
            ("quote" | "squote" | "toString" | "trim", []) => Some(piped),
            ("quote" | "squote" | "toString" | "trim", [one]) => self.argument(chart, one),
            ("default", [usual]) => self.or(chart, piped, usual),
            ("default", [usual, one]) => {
                let said = self.argument(chart, one)?;
                self.or(chart, said, usual)
            }
            (one, []) if piped.is_none() => self.argument(chart, one),
            _ => None,
        }
    }

    fn or(&self, chart: &str, said: Option<Term>, usual: &str) -> Option<Option<Term>> {
        let empty = |term: &Term| matches!(&*term.text, "" | "false" | "0");
        match said.filter(|term| !empty(term)) {
            Some(term) => Some(Some(term)),
            None => self.argument(chart, usual),
        }
    }

    /// A text, a number, or a path of keys; the outer `None` is what nobody can tell.
    fn argument(&self, chart: &str, word: &str) -> Option<Option<Term>> {
        let quoted = ["\"", "`"]
            .iter()
            .find_map(|quote| word.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)));
        if let Some(text) = quoted {
            return Some(Some(Term::plain(text)));
        }
        if matches!(word, "true" | "false") || word.parse::<f64>().is_ok() {
            return Some(Some(Term::plain(word)));
        }
        let path = word.trim_start_matches('$').strip_prefix('.')?;
        let (names, keys) = path.split_once('.')?;
        let (names, keys) = match names {
            "Values" => ("Values", keys.to_string()),
            // `.Chart.AppVersion` is `appVersion` in the file.
            "Chart" => {
                let mut letters = keys.chars();
                let first = letters.next()?.to_ascii_lowercase();
                ("Chart", first.to_string() + letters.as_str())
            }
            _ => return None,
        };
        let root = self.roots.get(&(self.own(chart)?, names))?;
        let mut keys = keys.split('.');
        let Some((name, value)) = root.entry(keys.next()?) else { return Some(None) };
        let (mut node, mut at) = (value, Some(name.span));
        for key in keys {
            let Some((name, value)) = node.entry(key) else { return Some(None) };
            (node, at) = (value, Some(name.span));
        }
        let text = match node.text() {
            Some(text) if text.contains("{{") || text.contains(HIDDEN) => return None,
            Some(text) => text,
            None if node.is_null() => "",
            None => return None,
        };
        Some(Some(Term { text: text.into(), at: at.filter(|_| names == "Values") }))
    }

    fn own(&self, chart: &str) -> Option<&'a str> {
        self.folders.get(chart).copied()
    }
}

/// The words of an action; a text in quotes is one of them.
fn words(text: &str) -> Vec<&str> {
    let (mut words, mut rest) = (Vec::new(), text.trim());
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '"' | '`' => rest[1..].find(first).map(|at| at + 2),
            _ => rest.find(char::is_whitespace),
        };
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        words.push(word);
        rest = after.trim_start();
    }
    words
}
