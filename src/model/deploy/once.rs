//! Which services of a compose file are no servers: started by hand, or done after a while?

use super::commands::{self, base};
use super::is_unreal;
use super::mounts::mount;
use super::objects::Object;
use super::said::said_words;
use super::whose::Apps;
use crate::catalog::{Catalog, star};
use crate::parse::conf::Node;
use crate::source::Span;

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
/// sets something up, or waits for nothing.
pub(super) fn ends(service: &Object<'_>, apps: &Apps<'_>, catalog: &Catalog) -> bool {
    service.format == "compose"
        && (is_waited_for(service)
            || sets_up(service.node, catalog)
            || idles(service, apps, catalog))
}

/// Whether a service builds its program from the sources: of a folder that it is given, each time
/// when something changes there, or beside the folders in which cargo keeps what it fetched.
pub(super) fn compiles(service: &Node, catalog: &Catalog) -> bool {
    let commands = own_commands(service, catalog);
    let list = service.at(&["volumes"]).map(Node::items).unwrap_or_default();
    let mounts = || list.iter().filter_map(mount);
    let here = mounts().any(|one| one.source.starts_with('.'));
    let watches = |words: &Vec<String>| is(catalog, "watches-sources", &words.join(" "));
    let runs = |words: &Vec<String>| commands::cargo(words).is_some_and(|cargo| cargo.runs);
    let kept = || mounts().any(|one| is(catalog, "kept-by-cargo", one.target));
    here && commands.iter().any(watches) || kept() && commands.iter().any(runs)
}

/// Whether all that a service does is to wait, for somebody who works in it by hand. Nobody reaches
/// it, and what its image starts by itself does not come before.
fn idles(service: &Object<'_>, apps: &Apps<'_>, catalog: &Catalog) -> bool {
    let node = service.node;
    if listens(node) || apps.enters(service) {
        return false;
    }
    let whole = own_words(node);
    if let [shell] = &whole[..] {
        return matches!(base(shell), "bash" | "sh" | "ash" | "zsh");
    }
    let commands = commands::started(&whole, &catalog.files.launchers);
    matches!(&commands[..], [only] if is(catalog, "idles", &only.join(" ")))
}

/// Where a service is told to wait for nothing after what it does, which may be done by then: nobody
/// reaches it, and nothing is left running or to be started again.
pub(super) fn waits_after(service: &Node, catalog: &Catalog) -> Option<Span> {
    let whole = own_words(service);
    let commands = commands::started(&whole, &catalog.files.launchers);
    let last = commands.last()?;
    let stays = listens(service)
        || is_kept_up(service)
        || ["labels", "expose", "networks", "network_mode"]
            .iter()
            .any(|key| service.entry(key).is_some())
        || commands.iter().flatten().any(|word| is(catalog, "stays-behind", base(word)))
        || whole.iter().any(|words| leaves_behind(words));
    let waits = commands.len() > 1 && !stays && is(catalog, "idles", &last.join(" "));
    let (key, _) = service.entry("command").or_else(|| service.entry("entrypoint"))?;
    waits.then_some(key.span)
}

/// Whether a script starts something and goes on: `a & b`.
fn leaves_behind(script: &str) -> bool {
    let bytes = script.as_bytes();
    let other = |at: Option<&u8>| !matches!(at, Some(b'&' | b'>'));
    (0..bytes.len()).any(|at| {
        bytes[at] == b'&'
            && other(at.checked_sub(1).and_then(|before| bytes.get(before)))
            && other(bytes.get(at + 1))
    })
}

/// The words that a service starts with, of its own.
fn own_words(service: &Node) -> Vec<String> {
    let words = |key: &str| said_words(service, &[key.to_string()]).map(|(words, _)| words);
    let mut whole = words("entrypoint").unwrap_or_default();
    whole.extend(words("command").unwrap_or_default());
    whole
}

fn own_commands(service: &Node, catalog: &Catalog) -> Vec<Vec<String>> {
    commands::started(&own_words(service), &catalog.files.launchers)
}

/// Whether others are told how to reach a service, or that it is well.
fn listens(service: &Node) -> bool {
    service.at(&["ports"]).is_some_and(|ports| !ports.items().is_empty())
        || service.entry("healthcheck").is_some()
}

fn is_kept_up(service: &Node) -> bool {
    let restart = service.at(&["restart"]).and_then(Node::text).unwrap_or("no");
    matches!(restart, "always" | "unless-stopped") || service.entry("deploy").is_some()
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
    if listens(service) || is_kept_up(service) {
        return false;
    }
    let started = own_commands(service, catalog);
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

pub(super) fn is(catalog: &Catalog, list: &str, word: &str) -> bool {
    let lists = catalog.files.values.iter().filter(|one| one.name == list);
    lists.flat_map(|one| &one.values).any(|value| star(value, word).is_some())
}
