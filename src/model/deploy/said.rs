//! What does a thing of a deploy file say: texts, commands, an environment?

use super::commands;
use super::images::Words;
use crate::parse::conf::{Node, ways};
use crate::source::Span;

/// The first text at some ways, and where it stands.
pub(super) fn text<'n>(node: &'n Node, ways: &[String]) -> Option<(&'n str, Span)> {
    let hits = ways.iter().flat_map(|way| ways::find(node, way));
    let mut said = hits.filter(|hit| !hit.value.text().is_empty());
    said.next().map(|hit| (hit.value.text(), hit.node.map_or(hit.at, |node| node.span)))
}

/// The words of a value: a list, or a text, which a shell reads where it holds several commands.
pub(super) fn words(node: &Node) -> Option<Vec<String>> {
    if let Some(text) = node.text() {
        let all = commands::commands(text);
        return Some(match all.len() {
            0 | 1 => all.concat(),
            _ => vec!["sh".into(), "-c".into(), text.into()],
        });
    }
    let all: Vec<String> = node.items().iter().filter_map(Node::text).map(String::from).collect();
    (!all.is_empty()).then_some(all)
}

pub(super) fn said_words(node: &Node, ways: &[String]) -> Option<Words> {
    let all: Vec<Words> = ways
        .iter()
        .flat_map(|way| ways::find(node, way))
        .filter_map(|hit| Some((words(hit.node?)?, hit.at)))
        .collect();
    let at = all.first()?.1;
    Some((all.into_iter().flat_map(|(words, _)| words).collect(), at))
}

/// What is set in an environment.
pub(super) fn set(node: &Node, ways: &[String]) -> Vec<(String, String, Span)> {
    let mut found = Vec::new();
    for value in ways.iter().flat_map(|way| ways::find(node, way)).filter_map(|hit| hit.node) {
        for (key, value) in value.pairs() {
            if let (Some(key_text), Some(text)) = (key.text(), value.text()) {
                found.push((key_text.to_string(), text.to_string(), key.span));
            }
        }
        for item in value.items() {
            let named = item.at(&["name"]).or_else(|| item.at(&["key"])).and_then(Node::text);
            match (item.text().and_then(|text| text.split_once('=')), named) {
                (Some((key, value)), _) => found.push((key.into(), value.into(), item.span)),
                (None, Some(name)) => {
                    if let Some(value) = item.at(&["value"]).and_then(Node::text) {
                        found.push((name.into(), value.into(), item.span));
                    }
                }
                _ => {}
            }
        }
    }
    found
}
