//! Which keys of an object does a pattern of the catalogue lead to?

use indexmap::IndexMap;

use crate::parse::yaml::{Kind, Node};
use crate::source::Span;

/// A key that was found.
#[derive(Debug)]
pub(super) struct Hit<'a> {
    pub(super) key: &'a str,
    pub(super) at: Span,
    pub(super) value: Value<'a>,
    /// What the first `*` of the pattern stands for, in small letters.
    pub(super) star: String,
}

/// What a key holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'a> {
    Text(&'a str),
    Null,
    Collection,
}

impl<'a> Value<'a> {
    /// The text, where there is one.
    pub(super) fn text(&self) -> &'a str {
        match self {
            Value::Text(text) => text,
            Value::Null | Value::Collection => "",
        }
    }
}

/// The keys beneath `node` at a way such as `metadata/annotations/nginx.org~1x-*`.
pub(super) fn find<'a>(node: &'a Node, way: &str) -> Vec<Hit<'a>> {
    let mut hits = Vec::new();
    walk(node, way, None, &mut hits);
    hits
}

fn walk<'a>(node: &'a Node, way: &str, star: Option<&str>, hits: &mut Vec<Hit<'a>>) {
    let (name, rest) = way.split_once('/').map_or((way, None), |(name, rest)| (name, Some(rest)));
    let name = name.replace("~1", "/");
    for (key, at, value) in entries(node) {
        let Some(matched) = matches(&name, key) else { continue };
        let star = star.map(str::to_string).or(matched.star);
        match (rest, value) {
            (None, Found::Text(text)) => {
                let star = star.unwrap_or_default();
                hits.push(Hit { key, at, value: Value::Text(text), star });
            }
            (None, Found::Node(node)) => {
                let value = match (node.text(), node.is_null()) {
                    (Some(text), _) => Value::Text(text),
                    (None, true) => Value::Null,
                    (None, false) => Value::Collection,
                };
                hits.push(Hit { key, at, value, star: star.unwrap_or_default() });
            }
            (Some(rest), Found::Node(node)) => walk(node, rest, star.as_deref(), hits),
            (Some(_), Found::Text(_)) => {}
        }
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

/// How a text fits a pattern.
pub(super) struct Matched {
    /// What the first `*` stands for.
    pub(super) star: Option<String>,
}

/// Fits a whole text to a pattern in which `*` stands for any text; case does not count.
pub(super) fn matches(pattern: &str, text: &str) -> Option<Matched> {
    let (pattern, text) = (pattern.to_ascii_lowercase(), text.to_ascii_lowercase());
    let mut pieces = pattern.split('*');
    let mut rest = text.strip_prefix(pieces.next()?)?;
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(end) = pieces.pop() else {
        return rest.is_empty().then_some(Matched { star: None });
    };
    let mut star = None;
    // The first place is as good as any for all pieces but the last.
    for piece in pieces {
        let at = rest.find(piece)?;
        star.get_or_insert_with(|| rest[..at].to_string());
        rest = &rest[at + piece.len()..];
    }
    let last = rest.strip_suffix(end)?;
    Some(Matched { star: star.or_else(|| Some(last.to_string())) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_text() {
        let cases = [
            ("ClientIP", "clientip", Some("")),
            ("ClientIP", "ClientIP2", None),
            ("a.*.b.*", "A.x.b.y", Some("x")),
            ("a.*.b", "a.x.b.b", Some("x.b")),
            ("*$cookie_*", "$host$cookie_sid", Some("$host")),
            ("*$*", "$request_uri", Some("")),
            ("a*a", "a", None),
            ("*", "", Some("")),
        ];
        for (pattern, text, star) in cases {
            let matched = matches(pattern, text).map(|matched| matched.star.unwrap_or_default());
            assert_eq!(matched.as_deref(), star, "{pattern} {text}");
        }
    }
}
