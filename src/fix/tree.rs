//! Where in the tree of a file is a key, and what is around it?

use crate::catalog::star;
use crate::parse::conf::{Kind, Node};
use crate::source::Span;

/// One step down a tree.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'a> {
    /// A key and its value.
    Pair {
        parent: &'a Node,
        key: &'a Node,
        value: &'a Node,
    },
    Item {
        parent: &'a Node,
        item: &'a Node,
    },
}

impl<'a> Step<'a> {
    pub(super) fn parent(&self) -> &'a Node {
        match self {
            Step::Pair { parent, .. } | Step::Item { parent, .. } => parent,
        }
    }

    /// The byte at which it begins.
    pub(super) fn start(&self) -> usize {
        match self {
            Step::Pair { key, .. } => key.span.start as usize,
            Step::Item { item, .. } => item.span.start as usize,
        }
    }
}

/// A key, or an element `key=value` of a list, with the steps that lead to it.
#[derive(Debug, Clone)]
pub(super) struct Found<'a> {
    pub(super) steps: Vec<Step<'a>>,
}

/// The key that stands at a place, where it is written: not where an alias brings it.
pub(super) fn find<'a>(root: &'a Node, at: Span) -> Option<Found<'a>> {
    let mut steps = Vec::new();
    walk(root, at, &mut steps).then_some(Found { steps })
}

fn walk<'a>(node: &'a Node, at: Span, steps: &mut Vec<Step<'a>>) -> bool {
    let mut enter = |step: Step<'a>, here: bool, inner: &'a Node| {
        steps.push(step);
        if here || walk(inner, at, steps) {
            return true;
        }
        steps.pop();
        false
    };
    match &node.kind {
        Kind::Scalar { .. } => false,
        Kind::Map(pairs) | Kind::Block(pairs) => pairs.iter().any(|(key, value)| {
            let own = holds(node, key);
            own && enter(Step::Pair { parent: node, key, value }, key.span == at, value)
        }),
        Kind::List(items) => items.iter().any(|item| {
            let here = item.span == at && matches!(item.kind, Kind::Scalar { .. });
            enter(Step::Item { parent: node, item }, here, item)
        }),
    }
}

/// Whether a part of a node is written in it. Sections of line languages, and tables of TOML, are
/// no more than their heads.
fn holds(node: &Node, part: &Node) -> bool {
    let block = matches!(node.kind, Kind::Block(_));
    block || (node.span.start <= part.span.start && part.span.end <= node.span.end)
}

/// The pairs of a map, or the items of a list, that are written in it.
pub(super) fn own(node: &Node) -> Vec<Step<'_>> {
    match &node.kind {
        Kind::Scalar { .. } => Vec::new(),
        Kind::Map(pairs) | Kind::Block(pairs) => {
            let own = pairs.iter().filter(|(key, _)| holds(node, key));
            own.map(|(key, value)| Step::Pair { parent: node, key, value }).collect()
        }
        Kind::List(items) => items.iter().map(|item| Step::Item { parent: node, item }).collect(),
    }
}

impl<'a> Found<'a> {
    fn last(&self) -> Option<&Step<'a>> {
        self.steps.last()
    }

    /// The keys that lead here, this one too.
    pub(super) fn way(&self) -> Vec<&'a str> {
        let last = self.steps.len().saturating_sub(1);
        let names = self.steps.iter().enumerate().filter_map(|(index, step)| match step {
            Step::Pair { key, .. } => text(key),
            Step::Item { item, .. } if index == last => {
                text(item).map(|text| text.split('=').next().unwrap_or(text))
            }
            Step::Item { .. } => None,
        });
        names.collect()
    }

    pub(super) fn value(&self) -> Option<&'a Node> {
        match self.last()? {
            Step::Pair { value, .. } => Some(value),
            Step::Item { .. } => None,
        }
    }

    pub(super) fn start(&self) -> usize {
        self.last().map_or(0, Step::start)
    }

    /// Where its value ends; of a key without one, where the key does.
    pub(super) fn end(&self, text: &str) -> usize {
        match self.last() {
            Some(Step::Pair { key, value, .. }) => end_of(text, value).max(key.span.end as usize),
            Some(Step::Item { item, .. }) => end_of(text, item),
            None => 0,
        }
    }

    /// The key so many keys further out.
    pub(super) fn outer(&self, up: usize) -> Option<Found<'a>> {
        let mut steps = self.steps.clone();
        for _ in 0..up {
            steps.pop();
            while matches!(steps.last(), Some(Step::Item { .. })) {
                steps.pop();
            }
        }
        (!steps.is_empty()).then_some(Found { steps })
    }

    /// What holds it.
    pub(super) fn holder(&self) -> Option<Found<'a>> {
        let steps = self.steps[..self.steps.len().checked_sub(1)?].to_vec();
        (!steps.is_empty()).then_some(Found { steps })
    }

    pub(super) fn parent(&self) -> Option<&'a Node> {
        self.last().map(Step::parent)
    }

    /// Whether two stand in one map or list.
    pub(super) fn is_beside(&self, other: &Found<'_>) -> bool {
        match (self.parent(), other.parent()) {
            (Some(one), Some(other)) => std::ptr::eq(one, other),
            _ => false,
        }
    }

    /// The keys of these names, with `*`, beside this one.
    pub(super) fn beside(&self, names: &[String]) -> Vec<Found<'a>> {
        let Some(parent) = self.parent() else { return Vec::new() };
        let named = |step: &Step<'a>| match step {
            Step::Pair { key, .. } => {
                let key = text(key).unwrap_or_default();
                names.iter().any(|name| star(name, key).is_some())
            }
            Step::Item { .. } => false,
        };
        let around = &self.steps[..self.steps.len() - 1];
        let with = |step: Step<'a>| Found { steps: around.iter().copied().chain([step]).collect() };
        own(parent).into_iter().filter(named).map(with).collect()
    }
}

fn text(node: &Node) -> Option<&str> {
    match &node.kind {
        Kind::Scalar { text, .. } => Some(text),
        _ => None,
    }
}

/// Where a value ends. What a parser says of the end of a text, or of a collection without brackets,
/// may take in what comes behind it: blanks, comments, the next line.
pub(super) fn end_of(text: &str, node: &Node) -> usize {
    let (start, end) = (node.span.start as usize, node.span.end as usize);
    let written = text.get(start..end).unwrap_or("");
    let last = |inner: Option<usize>| inner.unwrap_or(end);
    match &node.kind {
        Kind::Scalar { .. } => start + scalar(written),
        Kind::Block(_) => end,
        _ if written.starts_with(['{', '[']) => end,
        Kind::Map(pairs) => {
            let own = pairs.iter().filter(|(key, _)| holds(node, key));
            last(own.map(|(key, value)| end_of(text, value).max(key.span.end as usize)).max())
        }
        Kind::List(items) => last(items.last().map(|item| end_of(text, item).max(start + 1))),
    }
}

/// How long a scalar is, up to its closing quote, or to what is no part of it.
fn scalar(written: &str) -> usize {
    let quote = written.chars().next().filter(|c| matches!(c, '"' | '\''));
    let Some(quote) = quote else {
        let comment = written.find(" #").filter(|_| !written.starts_with(['|', '>']));
        return written[..comment.unwrap_or(written.len())].trim_end().len();
    };
    let mut chars = written.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if quote == '"' => drop(chars.next()),
            // Two of them stand for one.
            '\'' if quote == c && chars.peek().is_some_and(|(_, next)| *next == c) => {
                chars.next();
            }
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    written.trim_end().len()
}
