//! What does a deploy file in YAML or JSON say? A tree with places, document by document.

use std::ops::Range;
use std::path::Path;

use rustc_hash::FxHashSet;

use crate::diagnostic::{Problem, ProblemKind, Severity};
use crate::source::{FileId, SourceFile, Span};

mod events;

/// One value of a document, and where it stands. What an alias brings stands at its anchor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub span: Span,
    pub kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Scalar {
        text: String,
        /// Quoted, or a block: `"true"` is a text, `true` is not.
        quoted: bool,
    },
    /// In the order of the file, what `<<` merges in front; of equal keys the last one counts.
    Map(Vec<(Node, Node)>),
    List(Vec<Node>),
}

/// One document of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub root: Node,
}

impl Node {
    /// The text of a scalar that is not null.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } if !self.is_null() => Some(text),
            _ => None,
        }
    }

    /// Whether nothing is said: an empty value, `~`, `null`.
    pub fn is_null(&self) -> bool {
        let Kind::Scalar { text, quoted: false } = &self.kind else { return false };
        matches!(&**text, "" | "~" | "null" | "Null" | "NULL")
    }

    /// The pairs of a map that count: each key once, its last one.
    pub fn pairs(&self) -> Vec<(&Node, &Node)> {
        let Kind::Map(pairs) = &self.kind else { return Vec::new() };
        let mut seen = FxHashSet::default();
        let last = pairs.iter().rev().filter(|(key, _)| match &key.kind {
            Kind::Scalar { text, .. } => seen.insert(&**text),
            _ => false,
        });
        let mut last: Vec<(&Node, &Node)> = last.map(|(key, value)| (key, value)).collect();
        last.reverse();
        last
    }

    /// The key and the value of that name; of equal keys the last.
    pub fn entry(&self, name: &str) -> Option<(&Node, &Node)> {
        let Kind::Map(pairs) = &self.kind else { return None };
        let named = |key: &Node| matches!(&key.kind, Kind::Scalar { text, .. } if text == name);
        pairs.iter().rev().find(|(key, _)| named(key)).map(|(key, value)| (key, value))
    }

    /// The value at a way of keys.
    pub fn at(&self, way: &[&str]) -> Option<&Node> {
        way.iter().try_fold(self, |node, name| node.entry(name).map(|(_, value)| value))
    }

    /// The elements of a list.
    pub fn items(&self) -> &[Node] {
        match &self.kind {
            Kind::List(items) => items,
            _ => &[],
        }
    }
}

/// Reads the documents of one file, each on its own: a broken one does not hide the others.
///
/// A file that is not recognisably deploy configuration has no documents and no problems.
pub fn parse(file: FileId, source: &SourceFile) -> (Vec<Document>, Vec<Problem>) {
    let text = &*source.text;
    let (mut documents, mut problems) = (Vec::new(), Vec::new());
    if !is_deploy(&source.path, text) {
        return (documents, problems);
    }
    for range in parts(text) {
        let (read, failed) = events::documents(file, text, range.clone());
        documents.extend(read);
        let Some((message, at)) = failed else { continue };
        let template = ["{{", "{%", "<%"].iter().any(|mark| text[range.clone()].contains(mark));
        let (severity, message, help) = match template {
            true => (
                Severity::Note,
                "this template cannot be read as it is".to_string(),
                "render it and lint the result; nothing in this document was judged",
            ),
            false => (
                Severity::Error,
                format!("this deploy file is not valid YAML: {message}"),
                "mend the syntax; until then nothing in this document is judged",
            ),
        };
        problems.push(Problem {
            kind: ProblemKind::Parse,
            severity,
            message,
            help: help.into(),
            path: source.path.clone(),
            at: Some(at),
        });
    }
    (documents, problems)
}

/// Whether a text looks like a Kubernetes manifest or a compose file, without parsing it.
fn is_deploy(path: &Path, text: &str) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // A compose file that adds to another one names no image.
    let compose = name.contains("compose");
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with(['{', '[']) {
        let has = |key: &str| text.contains(key);
        return (has("\"apiVersion\"") && has("\"kind\""))
            || (has("\"services\"") && (compose || has("\"image\"") || has("\"build\"")));
    }
    let (mut version, mut kind, mut services, mut image) = (false, false, false, false);
    for line in text.lines() {
        let key = |name: &str| {
            let line = line.trim_start_matches(['"', '\'']);
            let rest = line.strip_prefix(name).map(|rest| rest.trim_start_matches(['"', '\'']));
            rest.is_some_and(|rest| rest.trim_start().starts_with(':'))
        };
        if line.starts_with([' ', '\t']) {
            let inner = line.trim_start();
            image |= inner.contains("image:") || inner.contains("build:");
        } else {
            version |= key("apiVersion");
            kind |= key("kind");
            services |= key("services");
            image |= services && (line.contains("image:") || line.contains("build:"));
        }
    }
    (version && kind) || (services && (image || compose))
}

/// The byte ranges of the documents: a line `---` starts one, unless only comments and
/// directives came before it.
fn parts(text: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let (mut from, mut at, mut content) = (start, start, false);
    for line in text[start..].split_inclusive('\n') {
        let marker = line.strip_prefix("---");
        let marker =
            marker.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']));
        if marker {
            if content {
                parts.push(from..at);
                from = at;
            }
            content = true;
        } else {
            content |= !line.trim().is_empty() && !line.starts_with(['#', '%']);
        }
        at += line.len();
    }
    parts.push(from..at);
    parts
}

#[cfg(test)]
mod tests;
