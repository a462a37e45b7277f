//! Which folders is a container given in Docker's words: of compose files, commands, units?

use super::Setting;
use super::objects::Object;
use super::volumes::{Facts, Given, is_true, loseable, setting};
use super::whose::{Apps, Standing, default};
use crate::catalog::{FolderKind, MountForm, SettingFact, Syntax, VolumeKind};
use crate::parse::conf::ways::{self, Value};
use crate::parse::conf::{Kind, Node};
use crate::source::Span;

/// One entry of `volumes`.
pub(super) struct Mount<'a> {
    pub(super) source: &'a str,
    pub(super) target: &'a str,
    pub(super) read_only: bool,
    pub(super) scratch: bool,
    /// `type`, where the entry is long.
    pub(super) kind: &'a str,
    pub(super) at: Span,
}

/// The flags of `docker run` that stand alone; all others take a word.
const ALONE: [&str; 14] = [
    "--detach",
    "--interactive",
    "--tty",
    "--rm",
    "--init",
    "--privileged",
    "--read-only",
    "--publish-all",
    "--no-healthcheck",
    "--oom-kill-disable",
    "--sig-proxy",
    "--disable-content-trust",
    "--quiet",
    "--replace",
];

/// What the settings of an object that are mounts give to the app.
pub(super) fn volumes(
    object: &Object<'_>,
    apps: &Apps<'_>,
    facts: Facts<'_>,
    of: &[SettingFact],
) -> Vec<Setting> {
    let mut found = Vec::new();
    for fact in of.iter().filter(|fact| fact.format == object.format) {
        let about = fact.kinds.is_empty() || fact.kinds.iter().any(|kind| kind == object.kind);
        let Some(form) = fact.mounts.filter(|_| about) else { continue };
        let standing = || apps.standing_of(object).unwrap_or(Standing::App);
        for hit in ways::find(object.node, &fact.key) {
            let texts: Vec<(&str, Span)> = match (hit.value, hit.node) {
                (Value::Text(text), _) => vec![(text, hit.at)],
                (_, Some(node)) => {
                    let items = node.items().iter();
                    items.filter_map(|item| Some((item.text()?, item.span))).collect()
                }
                _ => Vec::new(),
            };
            for (text, at) in texts {
                let given = match form {
                    MountForm::Text | MountForm::List => vec![(text_of(text, at), standing())],
                    MountForm::Command => {
                        let (mounts, image) = of_command(text, at);
                        if object.syntax == Syntax::Shell
                            && (is_tool(text, image)
                                || facts.is_automation(object) && !outlives_its_job(text))
                        {
                            continue;
                        }
                        let standing =
                            image.map_or(Standing::Unknown, |image| apps.standing(image));
                        mounts.into_iter().map(|mount| (mount, standing)).collect()
                    }
                };
                let lasting = given.into_iter().filter_map(|(mount, standing)| {
                    lasting(object, &mount, facts, &fact.why, standing)
                });
                // A command is one site, whatever it mounts.
                found.extend(lasting.take(if form == MountForm::Command { 1 } else { usize::MAX }));
            }
        }
    }
    found
}

/// A mount as a setting; `None` where nothing lasts in it, or it is somebody else's.
fn lasting(
    object: &Object<'_>,
    mount: &Mount<'_>,
    facts: Facts<'_>,
    why: &str,
    standing: Standing,
) -> Option<Setting> {
    let bind = is_path(mount.source) || mount.kind == "bind";
    // What an allocation of Nomad has of its own.
    let own = ["local/", "secrets/", "alloc/"].iter().any(|own| mount.source.starts_with(own));
    if standing == Standing::Other
        || mount.read_only
        || mount.scratch
        || (own && object.format == "nomad")
        || is_sources(mount.source, None)
        || facts.is_harmless(mount.target)
        || is_of_user(mount, facts)
        || (bind && facts.is_harmless(default(mount.source)))
    {
        return None;
    }
    let mut found = setting(
        object,
        Given {
            key: if mount.source.is_empty() { mount.target } else { mount.source },
            value: mount.target,
            at: mount.at,
            is: VolumeKind::Local,
            why,
            standing,
            because: Vec::new(),
            targets: vec![mount.target.to_string()],
            within: object.node.span,
        },
    )?;
    if facts.folder(mount.target) == Some(FolderKind::Loseable) {
        loseable(&mut found);
    }
    Some(found)
}

/// One mount, in either of its short forms.
fn text_of(text: &str, at: Span) -> Mount<'_> {
    match text.contains("type=") {
        true => by_keys(text, at),
        false => short(text, at),
    }
}

/// Whether what a build server runs is to stay there when its job is done: else it is tried out.
fn outlives_its_job(text: &str) -> bool {
    text.split_whitespace().any(|word| word.split('=').next() == Some("--restart"))
}

/// Whether a command waits for what it runs, shows it to nobody, and takes it away: a tool.
fn is_tool(text: &str, image: Option<&str>) -> bool {
    // What stands behind the image is said to the program in it.
    let end = image.map_or(text.len(), |image| image.as_ptr() as usize - text.as_ptr() as usize);
    let said = |long: &str, letter: Option<char>| {
        text[..end].split_whitespace().any(|word| {
            let short = word.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
            word.split('=').next() == Some(long)
                || letter.is_some_and(|letter| {
                    short.is_some_and(|letters| {
                        letters.chars().all(|c| c.is_ascii_alphabetic()) && letters.contains(letter)
                    })
                })
        })
    };
    said("--rm", None)
        && !said("--detach", Some('d'))
        && !said("--publish", Some('p'))
        && !said("--publish-all", Some('P'))
}

/// The mounts of `docker run`, `docker create` and their like, and the image.
fn of_command(text: &str, at: Span) -> (Vec<Mount<'_>>, Option<&str>) {
    let mut mounts = Vec::new();
    // Of Dokku's commands, a mount is all that matters.
    if let Some(rest) = text.strip_prefix("storage:mount ") {
        mounts.extend(rest.split_whitespace().nth(1).map(|mount| short(mount, at)));
        return (mounts, rest.split_whitespace().next());
    }
    if let Some(rest) = text.strip_prefix("docker-options:add ") {
        let mut words = rest.split_whitespace();
        let (app, phases) = (words.next(), words.next().unwrap_or(""));
        if phases.contains("deploy") || phases.contains("run") {
            let mut flags = words.skip_while(|word| *word != "-v" && *word != "--volume").skip(1);
            mounts.extend(flags.next().map(|mount| short(mount, at)));
        }
        return (mounts, app);
    }
    let words = text.split_whitespace();
    let mut words = words.skip_while(|word| !matches!(*word, "run" | "create")).skip(1);
    while let Some(word) = words.next() {
        if !word.starts_with('-') {
            return (mounts, Some(word));
        }
        let (flag, value) = word.split_once('=').map_or((word, None), |(flag, v)| (flag, Some(v)));
        // Letters may be put together; the last one may take a word.
        let letters = flag.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
        let alone = match letters {
            Some(letters) => letters.chars().all(|c| "ditPq".contains(c)),
            None => ALONE.contains(&flag),
        };
        let value = if value.is_none() && !alone { words.next() } else { value };
        match flag {
            "-v" | "--volume" => mounts.extend(value.map(|mount| short(mount, at))),
            "--mount" => mounts.extend(value.map(|mount| by_keys(mount, at))),
            _ => {}
        }
    }
    (mounts, None)
}

/// `type=bind,source=a,target=b`.
fn by_keys(text: &str, at: Span) -> Mount<'_> {
    let said = |names: &[&str]| {
        let mut pairs = text.split(',').filter_map(|part| part.split_once('='));
        pairs.find(|(name, _)| names.contains(name)).map_or("", |(_, value)| value)
    };
    let mut words = text.split(',');
    let read_only = words.any(|word| {
        matches!(word, "readonly" | "ro" | "readonly=true" | "ro=true" | "read_only=true")
    });
    let kind = said(&["type"]);
    Mount {
        source: said(&["source", "src"]),
        target: said(&["target", "dst", "destination"]),
        read_only,
        scratch: !matches!(kind, "volume" | "bind" | ""),
        kind,
        at,
    }
}

/// `source:target:mode`, or the same as keys.
pub(super) fn mount(item: &Node) -> Option<Mount<'_>> {
    let Some(text) = item.text() else {
        let Kind::Map(_) = item.kind else { return None };
        let said = |key: &str| item.at(&[key]).and_then(Node::text).unwrap_or("");
        let kind = said("type");
        return Some(Mount {
            source: said("source"),
            target: said("target"),
            read_only: is_true(item.at(&["read_only"])),
            scratch: !matches!(kind, "volume" | "bind" | "cluster"),
            kind,
            at: Span::new(item.span.file, item.span.start, item.span.start + 1),
        });
    };
    Some(short(text, item.span))
}

/// `source:target:mode`.
fn short(text: &str, at: Span) -> Mount<'_> {
    let parts = parts(text);
    let (source, target, mode) = match parts[..] {
        [] => ("", "", ""),
        [target] => ("", target, ""),
        // The second one is no path of a container: an anonymous volume and its mode.
        [target, mode] if matches!(mode, "ro" | "rw" | "z" | "Z") => ("", target, mode),
        [source, target] => (source, target, ""),
        [source, target, mode, ..] => (source, target, mode),
    };
    let read_only = mode.split(',').any(|word| word == "ro");
    Mount { source, target, read_only, scratch: false, kind: "", at }
}

/// Parts between colons, but not those of `${X:-y}` or of `C:\`.
fn parts(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0usize);
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => {
                let drive = match text[at + 1..].chars().next() {
                    Some('\\') => text[start..at].starts_with(|c: char| c.is_ascii_alphabetic()),
                    Some('/') => text[start..at].starts_with(|c: char| c.is_ascii_uppercase()),
                    _ => false,
                };
                let drive = drive && at == start + 1;
                if !drive {
                    parts.push(&text[start..at]);
                    start = at + 1;
                }
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// Whether a source is a folder and not the name of a volume.
pub(super) fn is_path(source: &str) -> bool {
    source.starts_with(['.', '/', '~', '$']) || source.contains(['/', '\\'])
}

/// Whether it is what a tool has in the folder of its user, of the machine itself; a volume, or a
/// folder beside the file, that a process is given for it is the process's own.
pub(super) fn is_of_user(mount: &Mount<'_>, facts: Facts<'_>) -> bool {
    let of = |path: &str| facts.folder(path) == Some(FolderKind::Credentials);
    let source = mount.source;
    let starts = ["~", "$HOME/", "${HOME}", "/root/", "/home/"];
    let machine = starts.iter().any(|start| source.starts_with(start));
    machine && (of(mount.target) || of(source))
}

/// Whether a source is the folder that the image is built from.
pub(super) fn is_sources(source: &str, context: Option<&str>) -> bool {
    let plain = |path: &str| path.trim_end_matches('/').trim_start_matches("./").to_string();
    let here = ["$PWD", "${PWD}", "$(pwd)"];
    // From where a file may lie, up to where the sources begin.
    let up = |path: &str| {
        !path.starts_with('/') && path.split('/').all(|part| matches!(part, "" | "." | ".."))
    };
    !source.is_empty()
        && (here.contains(&&*plain(source))
            || up(source)
            || context.is_some_and(|context| plain(context) == plain(source)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_mount_what_their_flags_say() {
        let cases = [
            ("run -dit -v a:/b --name x shop:1 -v c:/d", "a:/b", Some("shop:1")),
            ("run --rm --mount type=bind,src=/a,dst=/b,readonly shop", "/a:/b:ro", Some("shop")),
            ("-H x run --volume=/a:/b:ro -p 1:2 shop", "/a:/b:ro", Some("shop")),
            ("storage:mount web /a:/b", "/a:/b", Some("web")),
            ("docker-options:add web build -v /a:/b", "", Some("web")),
            ("ps -v a:/b", "", None),
        ];
        let at = Span::new(crate::source::FileId(0), 0, 0);
        for (text, expected, of) in cases {
            let (mounts, image) = of_command(text, at);
            let shown: Vec<String> = mounts
                .iter()
                .map(|m| {
                    format!("{}:{}{}", m.source, m.target, if m.read_only { ":ro" } else { "" })
                })
                .collect();
            assert_eq!((&*shown.join(" "), image), (expected, of), "{text}");
        }
    }

    #[test]
    fn colons_part_a_short_entry() {
        let cases: [(&str, &[&str]); 6] = [
            ("a:/b", &["a", "/b"]),
            ("/b", &["/b"]),
            ("${X:-./a}:/b:ro,z", &["${X:-./a}", "/b", "ro,z"]),
            ("C:\\a:/b", &["C:\\a", "/b"]),
            ("./a:/b:rw", &["./a", "/b", "rw"]),
            ("~/a:/b", &["~/a", "/b"]),
        ];
        for (text, expected) in cases {
            assert_eq!(parts(text), expected, "{text}");
        }
    }
}
