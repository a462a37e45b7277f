//! Which keys of a tree does a way of the catalogue lead to?

use indexmap::IndexMap;

use super::{Kind, Node};
use crate::catalog::star;
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

#[derive(Clone, Default)]
struct Site {
    star: Option<String>,
    elements: String,
}

fn walk<'a>(node: &'a Node, way: &str, site: &Site, hits: &mut Vec<Hit<'a>>) {
    let (name, rest) = way.split_once('/').map_or((way, None), |(name, rest)| (name, Some(rest)));
    if let Kind::List(items) = &node.kind {
        for item in items.iter().filter(|item| !matches!(item.kind, Kind::Scalar { .. })) {
            let mut site = site.clone();
            site.elements += &format!("@{}", item.span.start);
            walk(item, way, &site, hits);
        }
    }
    if name == "**" {
        let Some(rest) = rest else { return };
        walk(node, rest, site, hits);
        for (_, at, value) in entries(node) {
            let Found::Node(inner) = value else { continue };
            let mut site = site.clone();
            site.elements += &format!("@{}", at.start);
            if !matches!(inner.kind, Kind::Scalar { .. }) {
                walk(inner, way, &site, hits);
            }
        }
        return;
    }
    let name = name.replace("~1", "/").replace("~0", "~");
    if let (Some((key, wanted)), Some(rest)) = (name.split_once('='), rest) {
        let said = node.pairs().into_iter().find(|(name, _)| is(name, key));
        if said.and_then(|(_, value)| value.text()).is_some_and(|text| star(wanted, text).is_some())
        {
            walk(node, rest, site, hits);
        }
        return;
    }
    for (key, at, value) in entries(node) {
        let Some(matched) = star(&name, key) else { continue };
        let mut site = site.clone();
        site.star = site.star.or(matched);
        match (rest, value) {
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
            (Some(rest), Found::Node(inner)) => walk(inner, rest, &within(&site, node, at), hits),
            (Some(_), Found::Text(_)) => {}
        }
    }
}

/// Blocks of one name are different things.
fn within(site: &Site, node: &Node, at: Span) -> Site {
    let mut site = site.clone();
    if matches!(node.kind, Kind::Block(_)) {
        site.elements += &format!("@{}", at.start);
    }
    site
}

fn is(key: &Node, name: &str) -> bool {
    key.text().is_some_and(|text| text.eq_ignore_ascii_case(name))
}

impl Site {
    fn told(&self) -> String {
        format!("{}{}", self.star.as_deref().unwrap_or_default(), self.elements)
    }
}

enum Found<'a> {
    Node(&'a Node),
    Text(&'a str),
}

/// The pairs of a map, or of a list of `key=value`.
fn entries(node: &Node) -> Vec<(&str, Span, Found<'_>)> {
    let Kind::List(items) = &node.kind else {
        let named = |(key, value)| -> Option<_> {
            let key: &Node = key;
            match &key.kind {
                Kind::Scalar { text, .. } => Some((&**text, key.span, Found::Node(value))),
                _ => None,
            }
        };
        return node.pairs().into_iter().filter_map(named).collect();
    };
    let mut last = IndexMap::new();
    for item in items {
        let Some(text) = item.text() else { continue };
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        last.insert(key.trim(), (item.span, value.trim()));
    }
    last.into_iter().map(|(key, (at, value))| (key, at, Found::Text(value))).collect()
}
