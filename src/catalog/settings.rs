//! What can be said about deploy files: their formats, their keys, what runs beside an app?

use std::borrow::Cow;
use std::collections::BTreeMap;

use memchr::{memchr, memchr2_iter, memrchr};
use serde::Deserialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SettingMeaning {
    /// Sends one client to one process.
    Sticky,
    /// Gives a process a folder that outlives it.
    Volume,
    /// Has assets built by what serves them.
    Assets,
}

/// How a deploy file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Syntax {
    /// JSON as well.
    Yaml,
    Toml,
    Hcl,
    Bicep,
    /// Words and blocks in braces, `;` at the end.
    Nginx,
    /// Words and blocks in braces, a line for each.
    Caddy,
    /// As nginx, with the comments of C: Varnish.
    Vcl,
    /// Keywords in sections that other keywords begin.
    Haproxy,
    /// Directives in sections such as `<Proxy>`.
    Apache,
    /// Keys in `[sections]`.
    Unit,
    /// Commands, a line for each.
    Shell,
    /// `name: command`, a line for each.
    Procfile,
    /// `name = value`, a line for each.
    Assignments,
    Dockerfile,
    /// A word and the rest, a line for each.
    Lines,
}

/// A kind of deploy file: how it is known, and which things it describes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormatFact {
    /// Several entries may have one name, in several syntaxes.
    pub name: String,
    pub syntax: Syntax,
    /// Names of files, with `*`; with a `/`, the end of a path. Case does not count.
    pub files: Vec<String>,
    /// Keys at the top of the file, all of them: its mistakes are told as errors.
    #[serde(default)]
    pub top: Vec<String>,
    /// Texts that occur in it, one of them.
    #[serde(default)]
    pub says: Vec<String>,
    /// The things it describes, as a way of keys; empty: the document is one.
    #[serde(default)]
    pub each: String,
    /// What one of them is called; empty: by its `kind`.
    #[serde(default)]
    pub what: String,
    /// Keys that hold the hosts that a thing leads to.
    #[serde(default)]
    pub leads: Vec<String>,
    /// The key that holds the kind of a thing, for `kinds` of a setting; `*` where things stand by
    /// name beneath their kind.
    #[serde(default)]
    pub kind: String,
    /// Keys that hold the images that a thing runs.
    #[serde(default)]
    pub images: Vec<String>,
    /// Where labels stand that proxies read: settings of the format `label` are looked for there.
    #[serde(default)]
    pub labels: Vec<String>,
    /// A build server runs what it says, so `ci` in its name does not mean that nobody deploys.
    #[serde(default)]
    pub automation: bool,
    /// Keys and the values with which a thing is not there at all: `count = "0"`.
    #[serde(default)]
    pub none: BTreeMap<String, String>,
    /// Where annotations of Kubernetes stand, for the settings of their keys.
    #[serde(default)]
    pub annotations: Vec<String>,
    /// A file that stands in the same folder and says what else is set here.
    #[serde(default)]
    pub beside: String,
    /// A file that, where it stands in the same folder, makes it another format.
    #[serde(default)]
    pub apart: String,
    /// Kinds of things that only say what other kinds are like.
    #[serde(default)]
    pub schemas: Vec<String>,
    /// Words, one of which a document holds where it says more than settings and files within it.
    /// Where they are listed, a document without one and without the key of a setting is not read.
    pub matters: Option<Vec<String>>,
    /// It is a map at whose top entries stand that have little to do with each other: of them, only
    /// those are read in which a key that is asked for may stand, or that templates ask for.
    #[serde(default)]
    pub by_entry: bool,
    /// Keys whose text is a deploy file itself, and its name; empty: the key is its name.
    #[serde(default)]
    pub inner: BTreeMap<String, String>,
}

impl FormatFact {
    /// Whether a file, by its path with `/`, may be of this format; a template is of the format that
    /// is made of it.
    pub fn may_be(&self, path: &str) -> bool {
        self.is_called(path) || made(path).is_some_and(|made| self.is_called(made))
    }

    fn is_called(&self, path: &str) -> bool {
        self.files.iter().any(|pattern| is_called(pattern, path))
    }

    /// Whether a file of that path and text looks like it.
    pub fn is(&self, path: &str, text: &str) -> bool {
        self.may_be(path)
            && (self.says.is_empty() || self.says.iter().any(|said| text.contains(&**said)))
            && self.top.iter().all(|key| is_at_the_top(key, text))
    }
}

/// What the names of templates end in.
const TEMPLATES: [&str; 8] =
    [".j2", ".jinja2", ".jinja", ".erb", ".tmpl", ".tpl", ".tftpl", ".gotmpl"];

/// Of a template, what is made of it is called.
pub(super) fn made(path: &str) -> Option<&str> {
    TEMPLATES.iter().find_map(|ending| path.strip_suffix(ending))
}

/// Whether a pattern of `FormatFact::files` fits a path.
pub(super) fn is_called(pattern: &str, path: &str) -> bool {
    // Most of them are an ending, and every file of a tree is asked for.
    if let Some(ending) = pattern.strip_prefix('*')
        && !ending.contains(['*', '/'])
    {
        let end = path.len().checked_sub(ending.len()).and_then(|from| path.get(from..));
        return end.is_some_and(|end| end.eq_ignore_ascii_case(ending));
    }
    if !pattern.contains('*') {
        let Some(from) = path.len().checked_sub(pattern.len()) else { return false };
        let whole = from == 0 || path.as_bytes()[from - 1] == b'/';
        return whole && path.get(from..).is_some_and(|end| end.eq_ignore_ascii_case(pattern));
    }
    let parts = pattern.matches('/').count() + 1;
    let from = path.rmatch_indices('/').nth(parts - 1).map_or(0, |(at, _)| at + 1);
    star(pattern, &path[from..]).is_some()
}

/// Whether a text is JSON, whose keys stand anywhere; templates begin alike.
pub(super) fn is_json(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with(['{', '[']) && !["{{", "{%", "{#"].iter().any(|sign| text.starts_with(sign))
}

/// Whether a key stands at the beginning of a line, or anywhere in JSON.
fn is_at_the_top(name: &str, text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    if is_json(text) {
        return text
            .match_indices(name)
            .any(|(at, _)| text[..at].ends_with('"') && text[at + name.len()..].starts_with('"'));
    }
    text.lines().any(|line| {
        let line = line.trim_start_matches(['"', '\'']);
        let rest = line.strip_prefix(name).map(|rest| rest.trim_start_matches(['"', '\'']));
        rest.is_some_and(|rest| rest.trim_start().starts_with(':'))
    })
}

/// The format of facts about labels, which stand in files of many formats.
pub const LABEL: &str = "label";
/// How the keys of annotations begin, which stand in files of many formats as well.
pub const ANNOTATION: &str = "metadata/annotations/";

/// A key in a deploy file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingFact {
    /// `kubernetes`, `compose`: which kind of document holds it; `label`: every kind with labels.
    pub format: String,
    /// Where in the object (a Kubernetes resource, a compose service), `/`-separated; `*` stands
    /// for any text, `**` for any keys, `~1` for a `/` inside of a key, `Key=x` for the elements
    /// of a list that say so. Case does not count. `.` is the object itself.
    pub key: String,
    /// Kinds of object it counts for (`Service`); empty: all.
    #[serde(default)]
    pub kinds: Vec<String>,
    pub means: SettingMeaning,
    /// Values that switch it on, with `*`; `@x` stands for the `[[values]]` of that name. Empty:
    /// every value that is not in `off`.
    #[serde(default)]
    pub on: Vec<String>,
    /// Values, with `*`, that choose the process by what is asked for and not by who asks.
    #[serde(default)]
    pub hazard: Vec<String>,
    /// Values that switch it off; empty: the usual ones, such as `false` and `None`. What is in
    /// no list says nothing. Of commands, the keys whose command is another matter.
    #[serde(default)]
    pub off: Vec<String>,
    /// It is on wherever it stands, whatever it holds.
    #[serde(default)]
    pub stands: bool,
    /// Facts of one site name and one first `*` are one setting of an object: the first of them
    /// that is on is reported, and one that is off switches all of them off.
    #[serde(default)]
    pub site: String,
    /// Keys that do nothing alone, and belong to the finding.
    #[serde(default)]
    pub companions: Vec<String>,
    /// The value says what a container is given, in Docker's words.
    pub mounts: Option<MountForm>,
    /// The value is the command of a process, judged by what it runs.
    pub builds: Option<BuildForm>,
    /// The key beside it that goes on with the command.
    #[serde(default)]
    pub then: String,
    /// Commands of a build that make it dead.
    #[serde(default)]
    pub built: Vec<String>,
    /// Where in the value, which is a text of JSON or YAML, it is said.
    #[serde(default)]
    pub within: String,
    /// It is on where the key is missing, which is told at the thing itself and never for certain.
    #[serde(default)]
    pub missing: bool,
    /// Keys and the values, with `*` and `|`, with which they make this one dead. `./` begins a way
    /// from where this key stands.
    #[serde(default)]
    pub unless: BTreeMap<String, String>,
    /// Keys and the values, written alike, without which this one is dead.
    #[serde(default)]
    pub needs: BTreeMap<String, String>,
    /// It is said of a thing that is called after a source and the variable that is made of it:
    /// dead unless one of these keys, parted by `|`, names the variable. The source is the value.
    #[serde(default)]
    pub used: String,
    /// It is dead unless what this names says something as well.
    pub through: Option<Through>,
    #[serde(default)]
    pub why: String,
    #[serde(default)]
    pub instead: String,
    /// What follows, where it is not the usual.
    #[serde(default)]
    pub so: String,
    /// Of a volume: keys that hold the folders that a process sees it at.
    #[serde(default)]
    pub targets: Vec<String>,
    /// Of a volume: where a process says how it mounts it.
    pub mounted: Option<Mounted>,
    /// The folder that these are in, where they are names.
    #[serde(default)]
    pub beneath: String,
}

/// How processes mount the volumes of an object, which have a `name`. All are ways.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mounted {
    /// Where the volumes stand.
    pub volumes: String,
    /// Where the mounts stand.
    pub mounts: String,
    /// Of a mount: the volume that it names, the folder that the process sees, whether it only
    /// reads.
    pub by: String,
    pub target: String,
    pub read_only: String,
}

/// When a command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BuildForm {
    /// As long as the process serves.
    Serving,
    /// Once before it serves.
    Before,
}

/// How the mounts of a container are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MountForm {
    /// `source:target:ro`, or `type=bind,source=..`.
    Text,
    /// The same, each an element of a list.
    List,
    /// The words of a command: `run -v source:target image`.
    Command,
}

/// Another thing of the document, by a name that is said here. Ways may be several, parted by `|`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Through {
    /// The key that says the name.
    pub name: String,
    /// Where the things stand that have it as their `name`.
    pub to: String,
    /// Their key, and its values.
    pub key: String,
    pub on: Vec<String>,
}

/// Values that several facts share.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValuesFact {
    pub name: String,
    pub values: Vec<String>,
}

/// What runs beside the app: what is set for it is no concern of ours.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackingFact {
    /// Last parts of image names, without tag.
    pub images: Vec<String>,
    /// Ports that nothing else listens on.
    #[serde(default)]
    pub ports: Vec<u16>,
    /// A proxy or an agent: it owns its folders, but clients may be sent to it.
    #[serde(default)]
    pub helper: bool,
}

/// A source of files that a container is given.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VolumeFact {
    pub format: String,
    /// The key of the source.
    pub key: String,
    pub is: VolumeKind,
    /// Of a driver: its names, with `*`.
    #[serde(default)]
    pub drivers: Vec<String>,
    #[serde(default)]
    pub why: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VolumeKind {
    /// Gone with the process, or not for its writing.
    Scratch,
    /// A file system in the network.
    Shared,
    /// On the disk of one machine.
    Local,
    /// Asks for one of the others.
    Claim,
}

/// Folders that mean the same on every machine.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FolderFact {
    /// With `*`; case does not count.
    pub paths: Vec<String>,
    pub is: FolderKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FolderKind {
    /// What is there may be gone at any time.
    Scratch,
    /// What is there is kept, and may be lost.
    Loseable,
    /// Sockets, devices and facts of the machine.
    Machine,
    /// What a process is told and does not write.
    Configuration,
    /// What a tool has in the folder of its user, of accounts elsewhere.
    Credentials,
    /// What a build keeps for the next one.
    Build,
    /// The data of a database or its like: who is given it is one.
    Backing,
}

/// A part of a way without its `~1` and `~0`.
pub fn unescaped(part: &str) -> Cow<'_, str> {
    match part.contains('~') {
        true => part.replace("~1", "/").replace("~0", "~").into(),
        false => part.into(),
    }
}

/// Fits a whole text to a pattern in which `*` stands for any text; case does not count. What the
/// first `*` stands for is in small letters; without one, there is nothing in it.
pub fn star(pattern: &str, text: &str) -> Option<Option<String>> {
    let (of, bytes) = (pattern.as_bytes(), text.as_bytes());
    let Some(first) = memchr(b'*', of) else {
        return of.eq_ignore_ascii_case(bytes).then_some(None);
    };
    let last = memrchr(b'*', of).unwrap_or(first);
    let (begin, end) = (&of[..first], &of[last + 1..]);
    // Most texts begin or end otherwise.
    let from = bytes.len().checked_sub(end.len())?;
    if !bytes.get(..first)?.eq_ignore_ascii_case(begin) || !bytes[from..].eq_ignore_ascii_case(end)
    {
        return None;
    }
    let (mut at, mut star) = (first, None);
    // The first place is as good as any for all pieces but the last.
    let middle = if first < last { &of[first + 1..last] } else { &[][..] };
    for piece in middle.split(|byte| *byte == b'*').filter(|_| first < last) {
        let found = at + find(&bytes[at..], piece)?;
        star.get_or_insert(at..found);
        at = found + piece.len();
    }
    let star = if at <= from { star.unwrap_or(at..from) } else { return None };
    Some(text.get(star).map(str::to_ascii_lowercase))
}

/// Where a piece stands first in a text; case does not count.
fn find(text: &[u8], piece: &[u8]) -> Option<usize> {
    let Some(first) = piece.first() else { return Some(0) };
    let starts = memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), text);
    let fits = |at: &usize| {
        let part = text.get(*at..*at + piece.len());
        part.is_some_and(|part| part.eq_ignore_ascii_case(piece))
    };
    starts.into_iter().find(fits)
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
            ("a*B*c", "xabc", None),
            ("A*b*C", "axBxbc", Some("x")),
            ("a**c", "abc", Some("")),
            ("a*bc*c", "abc", None),
            ("*Ä*é", "xÄyé", Some("x")),
        ];
        for (pattern, text, expected) in cases {
            let matched = star(pattern, text).map(Option::unwrap_or_default);
            assert_eq!(matched.as_deref(), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn files_are_known_by_name_and_by_what_they_say() {
        let fact = |files: &str, top: &str, says: &str| -> FormatFact {
            let list = |text: &str| text.split_whitespace().map(String::from).collect();
            let mut fact: FormatFact =
                toml::from_str("name = \"x\"\nsyntax = \"yaml\"\nfiles = []").unwrap();
            (fact.files, fact.top, fact.says) = (list(files), list(top), list(says));
            fact
        };
        let x = fact("*.yml Dockerfile* conf.d/*.conf", "", "");
        for path in ["a/b.yml", "Dockerfile", "docker/dockerfile.web", "nginx/conf.d/a.conf"] {
            assert!(x.may_be(path), "{path}");
        }
        for path in ["a.yaml", "docker/x.conf", "conf.d/a/b.conf", "xDockerfile"] {
            assert!(!x.may_be(path), "{path}");
        }
        let x = fact("*", "kind apiVersion", "");
        assert!(x.is("a", "\"kind\": x\napiVersion : y"));
        assert!(x.is("a", "{\"x\": [{\"kind\": 1, \"apiVersion\": 2}]}"));
        assert!(x.is("a", "{{- if .x }}\nkind: x\napiVersion: y\n{{- end }}"));
        assert!(!x.is("a", " kind: x\napiVersion: y") && !x.is("a", "kind: apiVersion"));
        assert!(!fact("*", "", "a b").is("x", "c") && fact("*", "", "a b").is("x", "b"));
    }
}
