//! Which services of a compose file are no servers: started by hand, or done after a while?

use super::commands::{self, base};
use super::is_unreal;
use super::objects::Object;
use super::said::said_words;
use crate::catalog::{Catalog, star};
use crate::parse::conf::Node;

/// Whether a service is only started by who asks for it by its profile, which is for development,
/// tests or tools.
pub(super) fn is_by_hand(service: &Object<'_>, catalog: &Catalog) -> bool {
    let profiles = service.node.at(&["profiles"]).map(Node::items).unwrap_or_default();
    let by_hand = |profile: &Node| {
        let name = profile.text();
        name.is_some_and(|name| {
            is_unreal(name, false) || is(catalog, "started-by-hand", &plain(name))
        })
    };
    service.format == "compose" && !profiles.is_empty() && profiles.iter().all(by_hand)
}

/// Whether a service is run once, as a migration is: others wait for it to be done, or its command
/// sets something up.
pub(super) fn ends(service: &Object<'_>, catalog: &Catalog) -> bool {
    service.format == "compose" && (is_waited_for(service) || sets_up(service.node, catalog))
}

fn is_waited_for(service: &Object<'_>) -> bool {
    let others = service.root.at(&["services"]).map(Node::pairs).unwrap_or_default();
    let condition = |other: &Node| {
        let condition = other.at(&["depends_on", service.name, "condition"]);
        condition.and_then(Node::text) == Some("service_completed_successfully")
    };
    others.iter().any(|(_, other)| condition(other))
}

fn sets_up(service: &Node, catalog: &Catalog) -> bool {
    // What listens, or is to be there always, serves as well.
    let said = |key: &str| service.at(&[key]).is_some_and(|node| !node.items().is_empty());
    let restart = service.at(&["restart"]).and_then(Node::text).unwrap_or("no");
    if said("ports") || service.entry("healthcheck").is_some() {
        return false;
    }
    if matches!(restart, "always" | "unless-stopped") {
        return false;
    }
    let words = |key: &str| said_words(service, &[key.to_string()]).map(|(words, _)| words);
    let mut whole = words("entrypoint").unwrap_or_default();
    whole.extend(words("command").unwrap_or_default());
    let started = commands::started(&whole, &catalog.files.launchers);
    let Some(last) = started.last() else { return false };
    // The program, and what it is asked to do; behind a flag stands its value.
    let flag = |word: &&String| word.starts_with('-');
    let first =
        last.iter().take(1).filter(flag).chain(last.iter().take(2).take_while(|w| !flag(w)));
    first.into_iter().any(|word| {
        let name = base(word.trim_start_matches('-'));
        is(catalog, "done-once", &plain(name.split('.').next().unwrap_or(name)))
    })
}

fn plain(name: &str) -> String {
    name.to_ascii_lowercase().replace('_', "-")
}

fn is(catalog: &Catalog, list: &str, word: &str) -> bool {
    let lists = catalog.files.values.iter().filter(|one| one.name == list);
    lists.flat_map(|one| &one.values).any(|value| star(value, word).is_some())
}
