//! Does a variable that a proxy makes of another choose where requests go?

use rustc_hash::FxHashSet;

use super::objects::Object;
use crate::parse::conf::{Node, ways};

/// What a variable is made of, where it chooses.
pub(super) struct Chosen<'a> {
    pub(super) of: &'a str,
    /// Whether each of its values leads to a process of its own, and not to a group of them.
    pub(super) processes: bool,
}

/// An object that is called `$source $variable` and holds the variable's values; `None` unless one
/// of the keys, parted by `|`, names the variable.
pub(super) fn by<'a>(object: &Object<'a>, keys: &str) -> Option<Chosen<'a>> {
    let (of, variable) = object.name.rsplit_once(char::is_whitespace)?;
    let names = |text: &str| {
        let mut places = text.match_indices(variable);
        places.any(|(at, _)| {
            let next = text[at + variable.len()..].chars().next();
            !next.is_some_and(|c| c.is_alphanumeric() || c == '_')
        })
    };
    let mut hits = keys.split('|').flat_map(|way| ways::find(object.root, way));
    if !variable.starts_with('$') || !hits.any(|hit| names(hit.value.text())) {
        return None;
    }
    let told = |key: &Node| matches!(key.text(), Some("hostnames" | "volatile" | "include"));
    let pairs = object.node.pairs().into_iter().filter(|(key, _)| !told(key));
    let values: FxHashSet<&str> = pairs.filter_map(|(_, value)| value.text()).collect();
    let processes = values.len() > 1 && values.iter().all(|value| is_one(object, value));
    Some(Chosen { of, processes })
}

/// Whether a value is the address of one process, or an upstream that has one server.
fn is_one(object: &Object<'_>, value: &str) -> bool {
    let name = value.rsplit("//").next().unwrap_or(value);
    let upstreams = ways::find(object.root, "**/upstream/*");
    match upstreams.iter().find(|upstream| upstream.key == name).and_then(|found| found.node) {
        Some(upstream) => ways::find(upstream, "server").len() == 1,
        None => name.parse::<std::net::SocketAddr>().is_ok(),
    }
}
