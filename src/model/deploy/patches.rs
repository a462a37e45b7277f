//! Which keys do the operations of a patch change?

use crate::parse::conf::{Kind, Node};

/// What the operations of a patch change.
pub(super) fn paths<'a>(node: &'a Node, found: &mut Vec<&'a str>) {
    match &node.kind {
        Kind::Map(pairs) | Kind::Block(pairs) => {
            for (key, value) in pairs {
                match key.text() {
                    Some(name) if name.eq_ignore_ascii_case("path") => found.extend(value.text()),
                    Some("Fn::If") => paths(value, found),
                    _ => {}
                }
            }
        }
        Kind::List(items) => items.iter().for_each(|item| paths(item, found)),
        Kind::Scalar { .. } => {}
    }
}

/// Whether a JSON pointer leads to a key.
pub(super) fn is_pointer(path: &str, key: &str) -> bool {
    path.strip_prefix('/').is_some_and(|rest| rest.eq_ignore_ascii_case(key))
}
