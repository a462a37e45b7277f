//! Which part of a chart's values is off unless somebody says otherwise?

use super::charts::Charts;
use super::objects::{Object, folder};
use crate::parse::conf::Node;
use crate::source::Span;

/// What switches a part of a chart off.
pub(super) struct Off {
    /// `sqlite.enabled`.
    pub(super) name: String,
    pub(super) at: Span,
}

/// What says that a block around a key of values is off; `None` where other values of the chart
/// switch it on, or nothing does.
pub(super) fn off(values: &Object<'_>, at: Span, charts: &Charts<'_>) -> Option<Off> {
    if values.format != "values" {
        return None;
    }
    let holds = |node: &Node| node.span.start <= at.start && at.end <= node.span.end;
    let (mut node, mut names) = (values.node, Vec::new());
    // What the values say of the chart as a whole, only who brings it along reads.
    while let Some((key, inner)) = node.pairs().into_iter().find(|(_, inner)| holds(inner)) {
        names.push(key.text()?);
        if let Some((switch, said)) = inner.entry(SWITCH)
            && switch.span != at
            && said.text() == Some("false")
        {
            names.push(SWITCH);
            let on = charts.switch_on(folder(values.path), &names);
            return (!on).then(|| Off { name: names.join("."), at: switch.span });
        }
        node = inner;
    }
    None
}

/// As charts commonly call it.
const SWITCH: &str = "enabled";
