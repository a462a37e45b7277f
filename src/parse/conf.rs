//! What does a deploy file say? One kind of tree with places, whatever the file is written in.

use memchr::memmem;
use rustc_hash::FxHashSet;

use crate::catalog::{FormatFact, Formats, Syntax};
use crate::diagnostic::{Problem, ProblemKind, Severity};
use crate::parse::marks::NAME;
use crate::source::{FileId, SourceFile, Span};

mod bicep;
mod blocks;
mod comments;
mod dockerfile;
mod events;
mod hcl;
mod lenient;
mod lines;
mod mask;
mod shell;
mod tables;
mod tops;
pub mod ways;
mod yaml;

pub use comments::marks;
pub use mask::HIDDEN;
pub use tops::{Top, left};

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
    /// As a map, but equal keys are several things: directives, blocks.
    Block(Vec<(Node, Node)>),
    List(Vec<Node>),
}

/// One document of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub root: Node,
    /// The formats that it may be of, by their index in the catalogue.
    pub formats: Vec<usize>,
    /// The bytes of the file that it was read from: all, or a text that another document holds.
    pub part: std::ops::Range<usize>,
    /// Entries at its top that were not read, as nothing in them matters by itself.
    pub left: Vec<Top>,
}

impl Node {
    fn scalar(span: Span, text: &str) -> Node {
        Node { span, kind: Kind::Scalar { text: text.into(), quoted: true } }
    }

    /// The text of a scalar that is not null.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } if !self.is_null() => Some(text),
            _ => None,
        }
    }

    /// As a key, what it says.
    fn name(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Whether nothing is said: an empty value, `~`, `null`.
    pub fn is_null(&self) -> bool {
        let Kind::Scalar { text, quoted: false } = &self.kind else { return false };
        matches!(&**text, "" | "~" | "null" | "Null" | "NULL")
    }

    /// The pairs of a map that count: each key once, its last one; those of a block, all.
    pub fn pairs(&self) -> Vec<(&Node, &Node)> {
        let pairs = match &self.kind {
            Kind::Map(pairs) => pairs,
            Kind::Block(pairs) => return pairs.iter().map(|(key, value)| (key, value)).collect(),
            _ => return Vec::new(),
        };
        let mut seen = FxHashSet::default();
        let mut last = Vec::with_capacity(pairs.len());
        for (at, pair) in pairs.iter().enumerate().rev() {
            let Some(text) = pair.0.name() else { continue };
            // Most maps are so small that a look at what follows is all it takes.
            let counts = match pairs.len() <= FEW {
                true => pairs[at + 1..].iter().all(|later| later.0.name() != Some(text)),
                false => seen.insert(text),
            };
            if counts {
                last.push((&pair.0, &pair.1));
            }
        }
        last.reverse();
        last
    }

    /// The key and the value of that name; of equal keys the last.
    pub fn entry(&self, name: &str) -> Option<(&Node, &Node)> {
        let (Kind::Map(pairs) | Kind::Block(pairs)) = &self.kind else { return None };
        pairs
            .iter()
            .rev()
            .find(|(key, _)| key.name() == Some(name))
            .map(|(key, value)| (key, value))
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

/// How many pairs are few enough to compare each with each.
const FEW: usize = 12;

/// Keys with their values.
type Pairs = Vec<(Node, Node)>;

/// Why a text, or a part of it, cannot be read, and where.
type Failure = (String, Span);

/// Reads one file as each syntax that a format it may be of is written in. `path` is relative to
/// the root, with `/`. A file that looks like no format has no documents and no problems.
pub fn read(
    file: FileId,
    source: &SourceFile,
    path: &str,
    formats: &Formats,
) -> (Vec<Document>, Vec<Problem>) {
    read_beside(file, source, path, formats, |_| true)
}

/// The same; of the formats that it looks like, only those which it may be for what stands beside it.
pub fn read_beside(
    file: FileId,
    source: &SourceFile,
    path: &str,
    formats: &Formats,
    may_be: impl Fn(&FormatFact) -> bool,
) -> (Vec<Document>, Vec<Problem>) {
    let (mut documents, mut problems) = (Vec::new(), Vec::new());
    let text = &*source.text;
    let all = formats.of(path, text).into_iter().map(|number| (number, &formats[number]));
    let mut all: Vec<(usize, &FormatFact)> = all.collect();
    // A comment that speaks to this tool wants to know what it speaks of.
    if !all.iter().all(|(_, format)| may_be(format)) && !speaks(text) {
        all.retain(|(_, format)| may_be(format));
    }
    let mut syntaxes: Vec<Syntax> = Vec::new();
    for (_, format) in &all {
        if syntaxes.contains(&format.syntax) {
            continue;
        }
        syntaxes.push(format.syntax);
        let of: Vec<(usize, &FormatFact)> =
            all.iter().filter(|(_, other)| other.syntax == format.syntax).copied().collect();
        let numbers: Vec<usize> = of.iter().map(|(number, _)| *number).collect();
        let sure = of.iter().any(|(_, format)| !format.top.is_empty());
        let of = Of { formats, numbers: &numbers };
        let part = 0..text.len();
        if format.syntax == Syntax::Yaml
            && let Some((root, left)) = tops_of(of, file, text)
        {
            documents.push(Document { root, formats: numbers, part, left });
            continue;
        }
        let (roots, failures) = trees(format.syntax, of, file, text, part.clone());
        let document = |root| {
            let (formats, part) = (numbers.clone(), part.clone());
            Document { root, formats, part, left: Vec::new() }
        };
        documents.extend(roots.into_iter().map(document));
        for failure in failures {
            problems.push(problem(source, failure, format.syntax, sure));
        }
    }
    let inner: Vec<Document> =
        documents.iter().flat_map(|document| inner(document, file, text, formats)).collect();
    documents.extend(inner);
    (documents, problems)
}

/// Whether a text has this tool's name.
fn speaks(text: &str) -> bool {
    memmem::find(text.as_bytes(), NAME.as_bytes()).is_some()
}

/// What a text may be.
#[derive(Clone, Copy)]
struct Of<'a> {
    formats: &'a Formats,
    numbers: &'a [usize],
}

/// The entries at the top of a text that matter, and the others, where each is read on its own.
fn tops_of(of: Of<'_>, file: FileId, text: &str) -> Option<(Node, Vec<Top>)> {
    if speaks(text) {
        return None;
    }
    let said = of.formats.by_entry(of.numbers, text)?;
    let wanted = |tops: &[Top]| {
        let parts: Vec<_> = tops.iter().map(|top| (&*top.key, top.part.clone())).collect();
        of.formats.entries_that_matter(of.numbers, (text, &said), &parts)
    };
    tops::read(file, text, wanted)
}

/// The trees of a part of a text, and what of it cannot be read.
fn trees(
    syntax: Syntax,
    of: Of<'_>,
    file: FileId,
    text: &str,
    part: std::ops::Range<usize>,
) -> (Vec<Node>, Vec<Failure>) {
    let one = |read: Result<Node, Failure>| match read {
        Ok(root) => (vec![root], Vec::new()),
        Err(failure) => (Vec::new(), vec![failure]),
    };
    // Where only a part is read, what is before it is blank, so that places stay.
    let blanked = || {
        let part = " ".repeat(part.start) + &text[part.clone()];
        match syntax {
            Syntax::Hcl | Syntax::Dockerfile | Syntax::Bicep | Syntax::Shell | Syntax::Lines => {
                part
            }
            _ => mask::templates(&part).unwrap_or(part),
        }
    };
    match syntax {
        Syntax::Yaml => {
            let marked = speaks(text);
            let wanted = |document: &str| marked || of.formats.matters(of.numbers, document);
            yaml::trees(file, text, part, wanted)
        }
        Syntax::Toml => one(tables::tree(file, &blanked())),
        Syntax::Bicep => one(bicep::tree(file, &blanked())),
        Syntax::Hcl => one(hcl::tree(file, &blanked())),
        Syntax::Nginx => one(blocks::tree(file, &blanked(), blocks::Dialect::Nginx)),
        Syntax::Caddy => one(blocks::tree(file, &blanked(), blocks::Dialect::Caddy)),
        Syntax::Vcl => one(blocks::tree(file, &blanked(), blocks::Dialect::Vcl)),
        Syntax::Haproxy => one(Ok(lines::haproxy(file, &blanked()))),
        Syntax::Apache => one(Ok(lines::apache(file, &blanked()))),
        Syntax::Unit => one(Ok(lines::unit(file, &blanked()))),
        Syntax::Shell => one(Ok(shell::tree(file, &blanked()))),
        Syntax::Lines => one(Ok(lines::named(file, &blanked(), ' '))),
        Syntax::Procfile => one(Ok(lines::named(file, &blanked(), ':'))),
        Syntax::Assignments => one(Ok(lines::named(file, &blanked(), '='))),
        Syntax::Dockerfile => one(Ok(dockerfile::tree(file, &blanked()))),
    }
}

/// The commands of a text, each with its words; its places mean nothing.
pub fn commands(text: &str) -> Vec<(String, String)> {
    let root = shell::tree(FileId(0), text);
    let said = |node: &Node| node.text().unwrap_or_default().to_string();
    root.pairs().into_iter().map(|(name, words)| (said(name), said(words))).collect()
}

/// Reads a value that is a text of JSON or YAML itself; its places mean nothing.
pub fn text(text: &str) -> Option<Node> {
    let (roots, failures) = yaml::trees(FileId(0), text, 0..text.len(), |_| true);
    roots.into_iter().next().filter(|_| failures.is_empty())
}

fn problem(source: &SourceFile, failure: Failure, syntax: Syntax, sure: bool) -> Problem {
    let (message, at) = failure;
    let text = &*source.text;
    let template =
        syntax != Syntax::Dockerfile && ["{{", "{%", "<%"].iter().any(|mark| text.contains(mark));
    let (severity, message, help) = match (template, sure) {
        (true, _) => (
            Severity::Note,
            "this template cannot be read as it is".to_string(),
            "render it and lint the result; here only keys that its lines say were judged",
        ),
        (false, true) => (
            Severity::Error,
            format!("this deploy file is not valid YAML: {message}"),
            "mend the syntax; until then nothing in this document is judged",
        ),
        (false, false) => (
            Severity::Note,
            format!("this file cannot be read: {message}"),
            "if it is deploy configuration, mend the syntax; nothing in it was judged",
        ),
    };
    Problem {
        kind: ProblemKind::Parse,
        severity,
        message,
        help: help.into(),
        path: source.path.clone(),
        at: Some(at),
    }
}

/// The deploy files that a document holds as text: configuration in a ConfigMap, patches. Only
/// what stands there line for line keeps its places, so only that is read; what it is not, is
/// no mistake.
fn inner(document: &Document, file: FileId, text: &str, formats: &Formats) -> Vec<Document> {
    let mut found = Vec::new();
    let of = document.formats.iter().map(|number| &formats[*number]);
    for (way, name) in of.flat_map(|format| &format.inner) {
        for hit in ways::find(&document.root, way) {
            let Some(node) = hit.node else { continue };
            let name = if name.is_empty() { hit.key } else { name };
            let texts = match node.items() {
                [] => std::slice::from_ref(node),
                items => items,
            };
            for node in texts.iter().filter(|node| node.text().is_some()) {
                let Some(part) = lines_of(node, text) else { continue };
                for number in formats.of(name, node.text().unwrap_or_default()) {
                    let of = Of { formats, numbers: &[number] };
                    let (roots, _) = trees(formats[number].syntax, of, file, text, part.clone());
                    let part = part.clone();
                    let of = |root| {
                        let (formats, part) = (vec![number], part.clone());
                        Document { root, formats, part, left: Vec::new() }
                    };
                    found.extend(roots.into_iter().map(of));
                }
            }
        }
    }
    found
}

/// Where the lines of a value stand: without the signs that begin and end it.
fn lines_of(node: &Node, text: &str) -> Option<std::ops::Range<usize>> {
    let (start, end) = (node.span.start as usize, node.span.end as usize);
    let part = text.get(start..end)?;
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let first = part.find('\n').map_or(part.len(), |at| at + 1);
    Some(match part.as_bytes().first() {
        // The sign of a block and its line go; the indentation stays.
        Some(b'|' | b'>') => start + first..end,
        // Of a here-document, the mark on the last line goes as well.
        Some(b'<') if part.starts_with("<<") => {
            let body = part.trim_end();
            start + first
                ..(start + body.rfind('\n').map_or(body.len(), |at| at + 1)).max(start + first)
        }
        Some(quote @ (b'"' | b'\'')) if part.len() > 1 && part.ends_with(*quote as char) => {
            start + 1..end - 1
        }
        _ if text[line..start].trim().is_empty() => line..end,
        _ => start..end,
    })
}

#[cfg(test)]
mod tests;
