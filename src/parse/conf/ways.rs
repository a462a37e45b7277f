//! Which keys of a tree does a way of the catalogue lead to?

use indexmap::IndexMap;
use rustc_hash::FxHashSet;

use super::{Kind, Node};
use crate::catalog::{star, unescaped};
use crate::source::Span;

/// A key that was found.
#[derive(Debug)]
pub struct Hit<'a> {
    pub key: &'a str,
    pub at: Span,
    pub value: Value<'a>,
    /// The value, unless it is a part of a text.
    pub node: Option<&'a Node>,
    /// What the key stands in.
    pub beside: &'a Node,
    /// Which of the things it may be said of: what the first `*` of the way stands for, in small
    /// letters, and the elements of lists, the blocks, and whatever `**` stands for on the way.
    pub star: String,
}

/// What a key holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    Text(&'a str),
    Null,
    Collection,
}

impl<'a> Value<'a> {
    /// The text, where there is one.
    pub fn text(&self) -> &'a str {
        match self {
            Value::Text(text) => text,
            Value::Null | Value::Collection => "",
        }
    }
}

/// The keys beneath `node` at a way such as `metadata/annotations/nginx.org~1x-*`. `**` stands for
/// any keys or none; `Key=x` stays at the elements of a list whose `Key` is `x`; of a list of maps,
/// every element is meant.
pub fn find<'a>(node: &'a Node, way: &str) -> Vec<Hit<'a>> {
    let mut hits = Vec::new();
    walk(node, way, &Site::default(), &mut hits);
    hits
}

/// Where a walk is, from the inside out: most walks find nothing and never tell.
#[derive(Clone, Copy, Default)]
struct Site<'s> {
    outer: Option<&'s Site<'s>>,
    star: Option<&'s str>,
    /// Where an element of a list, or a block, begins.
    element: Option<u32>,
}

/// The first part of a way, and what follows it.
#[derive(Clone, Copy)]
struct Part<'w> {
    name: &'w str,
    rest: Option<&'w str>,
    /// `**`.
    any: bool,
    /// It has a `=`.
    says: bool,
    /// It has a `~`.
    escaped: bool,
}

impl<'w> Part<'w> {
    fn of(way: &'w str) -> Part<'w> {
        let (mut end, mut says, mut escaped) = (way.len(), false, false);
        for (at, byte) in way.bytes().enumerate() {
            match byte {
                b'/' => {
                    end = at;
                    break;
                }
                b'=' => says = true,
                b'~' => escaped = true,
                _ => {}
            }
        }
        let (name, rest) = (&way[..end], way.get(end + 1..));
        Part { name, rest, any: name == "**", says, escaped }
    }
}

fn walk<'a>(node: &'a Node, way: &str, site: &Site<'_>, hits: &mut Vec<Hit<'a>>) {
    step(node, Part::of(way), site, hits);
}

fn step<'a>(node: &'a Node, part: Part<'_>, site: &Site<'_>, hits: &mut Vec<Hit<'a>>) {
    if let Kind::List(items) = &node.kind {
        for item in items.iter().filter(|item| !matches!(item.kind, Kind::Scalar { .. })) {
            step(item, part, &site.in_element(item.span), hits);
        }
    }
    // CloudFormation's choice of one of two: both are meant.
    if let Kind::Map(pairs) = &node.kind
        && let [(key, both)] = &**pairs
        && key.text() == Some("Fn::If")
    {
        step(both, part, site, hits);
    }
    if part.any {
        if let Some(rest) = part.rest {
            anywhere(node, (part, Part::of(rest)), site, hits);
        }
        return;
    }
    let name = if part.escaped { unescaped(part.name) } else { part.name.into() };
    if part.says
        && let (Some((key, wanted)), Some(rest)) = (name.split_once('='), part.rest)
    {
        let said = node.pairs().into_iter().find(|(name, _)| is(name, key));
        if said.and_then(|(_, value)| value.text()).is_some_and(|text| star(wanted, text).is_some())
        {
            walk(node, rest, site, hits);
        }
        return;
    }
    for Entry { key, at, value, matched } in entries(node, &name) {
        let site = Site { outer: Some(site), star: matched.as_deref(), element: None };
        match (part.rest, value) {
            (None, Found::Text(text)) => {
                let value = Value::Text(text);
                hits.push(Hit { key, at, value, node: None, beside: node, star: site.told() });
            }
            (None, Found::Node(inner)) => {
                let value = match (inner.text(), inner.is_null()) {
                    (Some(text), _) => Value::Text(text),
                    (None, true) => Value::Null,
                    (None, false) => Value::Collection,
                };
                let (node, beside) = (Some(inner), node);
                hits.push(Hit { key, at, value, node, beside, star: site.told() });
            }
            // Blocks of one name are different things.
            (Some(rest), Found::Node(inner)) if matches!(node.kind, Kind::Block(_)) => {
                walk(inner, rest, &site.in_element(at), hits);
            }
            (Some(rest), Found::Node(inner)) => walk(inner, rest, &site, hits),
            (Some(_), Found::Text(_)) => {}
        }
    }
}

/// What follows any keys: here, and in whatever lies beneath.
fn anywhere<'a>(
    node: &'a Node,
    (any, next): (Part<'_>, Part<'_>),
    site: &Site<'_>,
    hits: &mut Vec<Hit<'a>>,
) {
    step(node, next, site, hits);
    let (Kind::Map(pairs) | Kind::Block(pairs)) = &node.kind else { return };
    let map = matches!(node.kind, Kind::Map(_));
    for (at, (key, inner)) in pairs.iter().enumerate() {
        if matches!(inner.kind, Kind::Scalar { .. }) {
            continue;
        }
        // Of equal keys of a map, the last one counts.
        let counts = |name| pairs[at + 1..].iter().all(|(later, _)| later.name() != Some(name));
        if !map || key.name().is_some_and(counts) {
            step(inner, any, &site.in_element(key.span), hits);
        }
    }
}

fn is(key: &Node, name: &str) -> bool {
    key.text().is_some_and(|text| text.eq_ignore_ascii_case(name))
}

impl<'s> Site<'s> {
    fn in_element(&'s self, at: Span) -> Site<'s> {
        Site { outer: Some(self), star: None, element: Some(at.start) }
    }

    fn told(&self) -> String {
        let mut sites = vec![self];
        while let Some(outer) = sites.last().and_then(|site| site.outer) {
            sites.push(outer);
        }
        let star = sites.iter().rev().find_map(|site| site.star);
        let mut told = star.unwrap_or_default().to_string();
        for element in sites.iter().rev().filter_map(|site| site.element) {
            told += &format!("@{element}");
        }
        told
    }
}

struct Entry<'a> {
    key: &'a str,
    at: Span,
    value: Found<'a>,
    /// What `*` stands for.
    matched: Option<String>,
}

enum Found<'a> {
    Node(&'a Node),
    Text(&'a str),
}

/// The pairs of a map, or of a list of `key=value`, whose key fits a name; of equal keys the last.
fn entries<'a>(node: &'a Node, name: &str) -> Vec<Entry<'a>> {
    let mut found = Vec::new();
    match &node.kind {
        Kind::Scalar { .. } => {}
        Kind::Map(pairs) | Kind::Block(pairs) => {
            let plain = !name.contains('*');
            for (key, value) in pairs {
                let Kind::Scalar { text, .. } = &key.kind else { continue };
                if plain && !text.eq_ignore_ascii_case(name) {
                    continue;
                }
                let Some(matched) = star(name, text) else { continue };
                let value = Found::Node(value);
                found.push(Entry { key: text, at: key.span, value, matched });
            }
            if matches!(node.kind, Kind::Map(_)) && found.len() > 1 {
                let mut seen = FxHashSet::default();
                found.reverse();
                found.retain(|entry: &Entry<'_>| seen.insert(entry.key));
                found.reverse();
            }
        }
        Kind::List(items) => {
            let mut last: IndexMap<&str, Entry<'a>> = IndexMap::new();
            for item in items {
                let Some(text) = item.text() else { continue };
                let (key, value) = text.split_once('=').unwrap_or((text, ""));
                let (key, value) = (key.trim(), Found::Text(value.trim()));
                if let Some(matched) = star(name, key) {
                    last.insert(key, Entry { key, at: item.span, value, matched });
                }
            }
            found.extend(last.into_values());
        }
    }
    found
}
