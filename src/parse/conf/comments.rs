//! Which comments of a deploy file speak to this tool?

use std::ops::Range;

use memchr::memmem;

use super::{Document, Kind, Node};
use crate::catalog::{FormatFact, Syntax};
use crate::parse::marks::NAME;
use crate::parse::tree::{self, Mark};

/// Finds the comments that name this tool. A text that looks like one, inside a value, is passed
/// over; one in a value that is a deploy file of its own speaks for what stands there.
pub fn marks(text: &str, documents: &[Document], formats: &[FormatFact]) -> Vec<Mark> {
    let mut marks = Vec::new();
    for at in memmem::find_iter(text.as_bytes(), NAME) {
        let around = documents.iter().filter(|document| document.part.contains(&at));
        let Some(part) = around.min_by_key(|document| document.part.len()) else { continue };
        let same = |document: &&Document| document.part == part.part;
        let there: Vec<&Document> = documents.iter().filter(same).collect();
        let syntaxes = there.iter().flat_map(|document| &document.formats);
        let Some(syntax) = syntaxes.map(|format| formats[*format].syntax).next() else { continue };
        let Some(sign) = sign(text, at, syntax) else { continue };
        if there.iter().any(|document| is_value(&document.root, sign as u32)) {
            continue;
        }
        let line = text[..sign].rfind('\n').map_or(0, |at| at + 1);
        let before = &text[line..sign];
        let own = before.trim().is_empty();
        // Languages of lines keep no place of their values.
        let quotes = |quote| before.matches(quote).count() % 2 == 1;
        if !own
            && is_of_lines(syntax)
            && (!before.ends_with([' ', '\t']) || quotes('"') || quotes('\''))
        {
            continue;
        }
        let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
        let comment = text[sign..end].trim_end();
        let next = match own {
            true => item(text, end, &part.part, &there),
            // There it is no comment to anybody else, either, and so speaks for nothing.
            false if matches!(syntax, Syntax::Dockerfile | Syntax::Apache) => sign..sign,
            false => line..sign,
        };
        let range =
            |range: Range<usize>| tree::Range { start: range.start as u32, end: range.end as u32 };
        marks.push(Mark {
            at: range(sign..sign + comment.len()),
            text: comment.to_string(),
            next: range(next),
        });
    }
    marks
}

/// Where the comment that `at` stands at the beginning of starts.
fn sign(text: &str, at: usize, syntax: Syntax) -> Option<usize> {
    let before = text[..at].trim_end_matches([' ', '\t']);
    let signs: &[&str] = match syntax {
        Syntax::Hcl | Syntax::Vcl => &["#", "//", "/*"],
        Syntax::Bicep => &["//", "/*"],
        Syntax::Unit => &["#", ";"],
        _ => &["#"],
    };
    let sign = signs.iter().find(|sign| before.ends_with(**sign))?;
    Some(before.trim_end_matches(sign).len())
}

fn is_of_lines(syntax: Syntax) -> bool {
    matches!(
        syntax,
        Syntax::Haproxy
            | Syntax::Apache
            | Syntax::Unit
            | Syntax::Shell
            | Syntax::Procfile
            | Syntax::Assignments
            | Syntax::Dockerfile
            | Syntax::Lines
    )
}

/// Whether a place lies inside a value.
fn is_value(node: &Node, at: u32) -> bool {
    match &node.kind {
        Kind::Scalar { .. } => node.span.start <= at && at < node.span.end,
        Kind::Map(pairs) | Kind::Block(pairs) => {
            pairs.iter().any(|(key, value)| is_value(key, at) || is_value(value, at))
        }
        Kind::List(items) => items.iter().any(|item| is_value(item, at)),
    }
}

/// What stands on the next line that says something: a key with all that is beneath it, an element
/// of a list, else the line.
fn item(text: &str, from: usize, part: &Range<usize>, documents: &[&Document]) -> Range<usize> {
    let mut start = from;
    for line in text[from..part.end.max(from)].split_inclusive('\n') {
        let said = line.trim();
        if !said.is_empty() && !said.starts_with(['#', ';']) && !said.starts_with("//") {
            let line = start..start + line.trim_end().len();
            let roots = documents.iter().map(|document| &document.root);
            let end = roots.filter_map(|root| extent(root, &line)).max();
            return line.start..end.unwrap_or(0).max(line.end);
        }
        start += line.len();
    }
    from..from
}

/// The end of the outermost thing that begins on a line.
fn extent(node: &Node, line: &Range<usize>) -> Option<usize> {
    let begins = |node: &Node| line.contains(&(node.span.start as usize));
    match &node.kind {
        Kind::Scalar { .. } => begins(node).then_some(node.span.end as usize),
        Kind::Map(pairs) | Kind::Block(pairs) => {
            let of = |(key, value): &(Node, Node)| match begins(key) {
                true => Some(end(key).max(end(value))),
                false => extent(value, line),
            };
            pairs.iter().filter_map(of).max()
        }
        Kind::List(items) => {
            let of = |item: &Node| match start(item).is_some_and(|start| line.contains(&start)) {
                true => Some(end(item)),
                false => extent(item, line),
            };
            items.iter().filter_map(of).max()
        }
    }
}

fn start(node: &Node) -> Option<usize> {
    match &node.kind {
        Kind::Scalar { .. } => Some(node.span.start as usize),
        Kind::Map(pairs) | Kind::Block(pairs) => {
            pairs.iter().filter_map(|(key, _)| start(key)).min()
        }
        Kind::List(items) => items.iter().filter_map(start).min(),
    }
}

/// Where the last text in it ends; its own span may reach to what comes next.
fn end(node: &Node) -> usize {
    let inner = match &node.kind {
        Kind::Scalar { .. } => None,
        Kind::Map(pairs) | Kind::Block(pairs) => {
            pairs.iter().map(|(key, value)| end(key).max(end(value))).max()
        }
        Kind::List(items) => items.iter().map(end).max(),
    };
    inner.unwrap_or(node.span.end as usize)
}
