//! Which volumes is a compose service given?

use rustc_hash::FxHashMap;

use super::commands::{self, base};
use super::mounts::{Mount, is_of_user, is_path, is_sources, mount};
use super::objects::Object;
use super::said::{set, words};
use super::shipped::Shipped;
use super::volumes::{Facts, Given, loseable, setting};
use super::whose::{Apps, Standing, default};
use super::{Setting, is_unreal, once};
use crate::catalog::{Catalog, FolderKind, VolumeKind};
use crate::diagnostic::Step;
use crate::parse::conf::Node;
use crate::source::Span;

/// The volumes of the app's services that last.
pub(super) fn volumes(
    object: &Object<'_>,
    apps: &Apps<'_>,
    facts: Facts<'_>,
    shipped: &Shipped,
) -> Vec<Setting> {
    let node = object.node;
    let standing = apps.standing_of_service(object);
    let catalog = facts.catalog();
    if standing == Standing::Other
        || once::is_by_hand(object, catalog)
        || once::ends(object, apps, catalog)
    {
        return Vec::new();
    }
    // Where the sources are put over the image, somebody develops.
    if develops(object, catalog) {
        return Vec::new();
    }
    let list = node.at(&["volumes"]).map(Node::items).unwrap_or_default();
    let mounts: Vec<Mount<'_>> = list.iter().filter_map(mount).collect();
    let backing = |mount: &Mount<'_>| facts.folder(mount.target) == Some(FolderKind::Backing);
    if mounts.iter().any(backing) {
        return Vec::new();
    }
    let found = mounts.iter().filter(|mount| !mount.read_only && !mount.scratch);
    let found = found.filter_map(|mount| {
        let bind = is_path(mount.source) || mount.kind == "bind";
        let known = || {
            facts.is_harmless(default(mount.source))
                || shipped.holds(object.path, mount.source, mount.target)
        };
        if facts.is_harmless(mount.target)
            || is_of_user(mount, facts)
            || (bind && known())
            || is_told_only(node, mount.target, FolderKind::Machine, facts)
        {
            return None;
        }
        let (is, why) = match (bind, mount.source) {
            (true, _) => {
                (VolumeKind::Local, "it is a folder of the machine that runs the container")
            }
            (false, "") => {
                (VolumeKind::Local, "Docker keeps it on the machine that runs the container")
            }
            (false, name) => named(object.root, name, facts),
        };
        let mut found = setting(
            object,
            Given {
                key: if mount.source.is_empty() { mount.target } else { mount.source },
                value: mount.target,
                at: mount.at,
                is,
                why,
                standing,
                because: Vec::new(),
                targets: vec![mount.target.to_string()],
                within: node.span,
            },
        )?;
        found.source = (!mount.source.is_empty()).then(|| mount.source.to_string());
        if is == VolumeKind::Local
            && (facts.folder(mount.target) == Some(FolderKind::Loseable)
                || is_of_logs(node, mount.target, facts))
        {
            loseable(&mut found);
        }
        Some(found)
    });
    let mut found: Vec<Setting> = found.collect();
    if let Some(at) = once::waits_after(node, catalog) {
        for setting in &mut found {
            setting.certain = false;
            let said = "in the end it only waits: what it did before may be done";
            setting.because.push(Step::new(at, said));
        }
    }
    let others = node.at(&["volumes_from"]).map(Node::items).unwrap_or_default();
    found.extend(others.iter().filter_map(|item| {
        let from = item.text().filter(|text| !text.ends_with(":ro"))?;
        setting(
            object,
            Given {
                key: "volumes_from",
                value: from,
                at: item.span,
                is: VolumeKind::Local,
                why: "the two containers share folders of one machine",
                standing,
                because: Vec::new(),
                targets: Vec::new(),
                within: node.span,
            },
        )
    }));
    found
}

/// The names of the variables of a service, and their values with the words that it starts with.
fn told(service: &Node) -> (Vec<String>, Vec<String>) {
    let variables = set(service, &["environment".to_string()]);
    let (names, mut values): (Vec<_>, Vec<_>) =
        variables.into_iter().map(|(name, value, _)| (name, value)).unzip();
    let keys = ["command", "entrypoint"].into_iter();
    values.extend(keys.filter_map(|key| words(service.at(&[key])?)).flatten());
    (names, values)
}

/// Whether all that a service is told of a folder are names of one kind of files in it. Of sockets
/// and devices: by them two processes of one machine talk, and nothing is kept there.
fn is_told_only(service: &Node, target: &str, kind: FolderKind, facts: Facts<'_>) -> bool {
    let folder = target.trim_end_matches('/');
    let (_, said) = told(service);
    let said: Vec<String> =
        said.iter().flat_map(|text| commands::commands(text)).flatten().collect();
    let begins = |text: &str| !text.ends_with(|last: char| last.is_alphanumeric());
    let named = said.iter().filter_map(|text| {
        let at = text.find(folder).filter(|at| begins(&text[..*at]))?;
        let rest = &text[at + folder.len()..];
        (rest.is_empty() || rest.starts_with('/')).then_some(&text[at..])
    });
    let mut kinds = named.map(|path| facts.folder(path)).peekable();
    kinds.peek().is_some() && kinds.all(|is| is == Some(kind))
}

/// Whether a folder is called as one of logs commonly is, and all that a service is told of it are
/// files of logs; what is called a journal, or a log of what happened, is kept to be read again.
fn is_of_logs(service: &Node, target: &str, facts: Facts<'_>) -> bool {
    let (names, values) = told(service);
    let kept = |text: &String| {
        text.split(|c: char| !c.is_alphanumeric())
            .any(|word| once::is(facts.catalog(), "kept-in-a-log", word))
    };
    matches!(base(target), "log" | "logs")
        && !names.iter().chain(&values).any(kept)
        && is_told_only(service, target, FolderKind::Loseable, facts)
}

/// The last words of the names that say for whom a program is built, or in which surroundings it
/// runs, as people commonly call them: `APP_ENV`, `PROFILE`.
const SURROUNDINGS: [&str; 3] = ["env", "environment", "profile"];

/// Whether a service is built for development, or told that it runs there.
fn is_for_development(service: &Node) -> bool {
    let target = service.at(&["build", "target"]).and_then(Node::text);
    let said = set(service, &["build/args".to_string(), "environment".to_string()]);
    target.is_some_and(|target| is_unreal(target, false))
        || said.iter().any(|(name, value, _)| {
            let name = name.to_ascii_lowercase();
            let last = name.rsplit(['_', '-', '.']).next().unwrap_or_default();
            let value = value.to_ascii_lowercase();
            SURROUNDINGS.contains(&last) && ["dev", "development", "debug"].contains(&&*value)
        })
}

/// Services that are built here, where another file runs one of the same name from an image of the
/// app that was built before: who develops it builds it. Each with that other one.
pub(super) fn twins(objects: &[Object<'_>], apps: &Apps<'_>) -> FxHashMap<Span, Span> {
    let services = || objects.iter().filter(|object| object.format == "compose");
    let built = |service: &Object<'_>| service.node.entry("build").is_some();
    let mut shipped: FxHashMap<&str, Vec<Span>> = FxHashMap::default();
    for service in services().filter(|service| !built(service)) {
        if apps.standing_of_service(service) == Standing::App {
            shipped.entry(service.name).or_default().push(service.node.span);
        }
    }
    let twin = |service: &Object<'_>| {
        let here = service.node.span;
        let mut others = shipped.get(service.name)?.iter();
        Some((here, *others.find(|other| other.file != here.file)?))
    };
    services().filter(|service| built(service)).filter_map(twin).collect()
}

/// Whether a service mounts the sources that its image is built from, or compiles them, or is for
/// development.
pub(super) fn develops(service: &Object<'_>, catalog: &Catalog) -> bool {
    if service.format != "compose" {
        return false;
    }
    let service = service.node;
    if is_for_development(service) || once::compiles(service, catalog) {
        return true;
    }
    let list = service.at(&["volumes"]).map(Node::items).unwrap_or_default();
    let context = service
        .at(&["build"])
        .and_then(|build| build.text().or_else(|| build.at(&["context"]).and_then(Node::text)));
    list.iter().filter_map(mount).any(|mount| is_sources(mount.source, context))
}

/// What a volume is that the file declares.
fn named<'a>(root: &Node, name: &str, facts: Facts<'a>) -> (VolumeKind, &'a str) {
    let local = (
        VolumeKind::Local,
        "it is a named volume, which Docker keeps on the machine that runs the container",
    );
    let Some(volume) = root.at(&["volumes", name]) else { return local };
    let driver = volume.at(&["driver"]).and_then(Node::text).unwrap_or("local");
    let kind = volume.at(&["driver_opts", "type"]).and_then(Node::text).unwrap_or("");
    let by_driver =
        (driver != "local").then(|| facts.source("compose", "driver", driver)).flatten();
    by_driver.or_else(|| facts.source("compose", "type", kind)).unwrap_or(local)
}
