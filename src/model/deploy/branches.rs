//! Which of two does a template of CloudFormation choose, and who decides?

use super::objects::Object;
use crate::parse::conf::Node;
use crate::source::Span;

/// The two values of `!If [Condition, one, other]`.
pub(super) fn of<'n>(object: &Object<'_>, node: &'n Node) -> Option<[&'n Node; 2]> {
    let (_, one, other) = choice(object, node)?;
    Some([one, other])
}

/// Whether somebody who deploys the template decides by a parameter whether a part of it counts.
pub(super) fn are_open(object: &Object<'_>, at: Span) -> bool {
    let holds = |node: &Node| node.span.start <= at.start && at.end <= node.span.end;
    let mut node = object.node;
    loop {
        if choice(object, node)
            .is_some_and(|(condition, ..)| is_asked(object, condition, &mut Vec::new()))
        {
            return true;
        }
        let values = node.pairs().into_iter().map(|(_, value)| value).chain(node.items());
        match values.into_iter().find(|value| holds(value)) {
            Some(inner) => node = inner,
            None => return false,
        }
    }
}

fn choice<'n>(object: &Object<'_>, node: &'n Node) -> Option<(&'n str, &'n Node, &'n Node)> {
    if object.format != "cloudformation" {
        return None;
    }
    let [condition, one, other] = node.at(&["Fn::If"]).unwrap_or(node).items() else { return None };
    let name = condition.text()?;
    declared(object, "Conditions", name).map(|_| (name, one, other))
}

/// What is declared under a name; Serverless keeps its templates beneath a key.
fn declared<'a>(object: &Object<'a>, of: &str, name: &str) -> Option<&'a Node> {
    object.root.at(&[of, name]).or_else(|| object.root.at(&["resources", of, name]))
}

/// Whether a condition names a parameter, or another one that does.
fn is_asked<'n>(object: &Object<'n>, condition: &'n str, seen: &mut Vec<&'n str>) -> bool {
    if seen.contains(&condition) {
        return false;
    }
    seen.push(condition);
    let Some(node) = declared(object, "Conditions", condition) else { return false };
    let mut texts = Vec::new();
    said(node, &mut texts);
    texts.into_iter().any(|text| {
        let inner = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        let name = inner.unwrap_or(text);
        declared(object, "Parameters", name).is_some() || is_asked(object, name, seen)
    })
}

/// All texts of a tree.
fn said<'n>(node: &'n Node, texts: &mut Vec<&'n str>) {
    texts.extend(node.text());
    node.pairs().into_iter().for_each(|(_, value)| said(value, texts));
    node.items().iter().for_each(|item| said(item, texts));
}
