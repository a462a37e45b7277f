//! What is in an image that a Dockerfile of the tree builds, and what does it run?

use rustc_hash::FxHashSet;

use super::commands::{self, Cargo, base};
use super::objects::{Object, folder};
use super::whose::last_part;
use crate::catalog::{BaseFact, Syntax};
use crate::parse::conf::Node;
use crate::source::Span;

/// Words of a command, and the instruction that says them.
pub(super) type Words = (Vec<String>, Span);

/// An image, as one stage of a Dockerfile makes it.
#[derive(Debug, Clone, Default)]
pub(super) struct Image {
    /// Of the Dockerfile, relative to the root.
    pub(super) path: String,
    /// The name of the stage, where it is not the last.
    pub(super) stage: String,
    pub(super) at: Option<Span>,
    pub(super) entry: Option<Words>,
    pub(super) command: Option<Words>,
    /// The folder in which it runs; empty where nothing says.
    pub(super) workdir: String,
    pub(super) environment: Vec<(String, String, Span)>,
    /// What was put where, as target and source.
    pub(super) copies: Vec<(String, String)>,
    /// Where the stages stand that it begins with.
    pub(super) stages: Vec<Span>,
    /// Lines of `cargo` that made what is in it.
    pub(super) builds: Vec<Build>,
}

/// How an image is made.
#[derive(Debug, Clone, Default)]
pub(super) struct Made {
    /// Of the Dockerfile.
    pub(super) path: String,
    pub(super) stage: Option<String>,
    /// Values of its arguments.
    pub(super) told: Vec<(String, String)>,
}

impl Made {
    pub(super) fn by(path: impl Into<String>) -> Made {
        Made { path: path.into(), ..Made::default() }
    }
}

/// A line of `cargo` in a Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Build {
    pub(super) line: Cargo,
    /// The stage, by its number: of two lines of one stage the later one counts.
    pub(super) stage: usize,
    pub(super) at: Span,
    /// A part of it is only known when the image is built.
    pub(super) open: bool,
}

/// The Dockerfiles of the tree: each its path and its tree.
pub(super) struct Dockerfiles<'a> {
    files: Vec<(&'a str, &'a Node)>,
    bases: &'a [BaseFact],
}

impl<'a> Dockerfiles<'a> {
    pub(super) fn of(objects: &[Object<'a>], bases: &'a [BaseFact]) -> Dockerfiles<'a> {
        let mut files: Vec<(&str, &Node)> = Vec::new();
        for object in objects.iter().filter(|object| object.syntax == Syntax::Dockerfile) {
            if files.last().is_none_or(|(path, _)| *path != object.path) {
                files.push((object.path, object.root));
            }
        }
        Dockerfiles { files, bases }
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.files.iter().map(|(path, _)| *path)
    }

    /// The image that a Dockerfile makes, told some arguments: its last stage, or the one of that
    /// name.
    pub(super) fn image(&self, made: &Made) -> Option<Image> {
        let Made { path, stage, told } = made;
        let (path, root) = self.files.iter().find(|(known, _)| known == path)?;
        let stages: Vec<&Node> = root.pairs().into_iter().map(|(_, stage)| stage).collect();
        let reader = Reader { stages: &stages, bases: self.bases, told };
        let number = match stage {
            Some(name) => reader.named(name, stages.len())?,
            None => stages.len().checked_sub(1)?,
        };
        let stage = stage.clone().unwrap_or_default();
        let mut image = Image { path: (*path).to_string(), stage, ..Image::default() };
        image.at = stages.get(number).map(|stage| stage.span);
        reader.stage(number, true, &mut image, &mut FxHashSet::default());
        Some(image)
    }
}

struct Reader<'a, 's> {
    stages: &'s [&'a Node],
    bases: &'s [BaseFact],
    told: &'s [(String, String)],
}

impl Reader<'_, '_> {
    /// The stage of a name or a number, among those before one.
    fn named(&self, name: &str, before: usize) -> Option<usize> {
        let called = |stage: &&Node| {
            let own = stage.at(&["as"]).and_then(Node::text);
            own.is_some_and(|own| own.eq_ignore_ascii_case(name))
        };
        let found = self.stages[..before].iter().rposition(called);
        found.or_else(|| name.parse().ok().filter(|number| *number < before))
    }

    /// Reads a stage into an image: as what it is, or only for what it made.
    fn stage(&self, number: usize, is: bool, image: &mut Image, seen: &mut FxHashSet<usize>) {
        let Some(stage) = self.stages.get(number).filter(|_| seen.insert(number)) else { return };
        if let Some(from) = stage.at(&["image"]).and_then(Node::text) {
            match self.named(from, number) {
                Some(from) => self.stage(from, is, image, seen),
                None if is => {
                    let known =
                        |fact: &&BaseFact| fact.images.iter().any(|known| known == last_part(from));
                    let base = self.bases.iter().find(known);
                    image.workdir = base.map(|fact| fact.workdir.clone()).unwrap_or_default();
                }
                None => {}
            }
        }
        if is {
            image.stages.push(stage.span);
        }
        let mut known: Vec<(String, String)> = Vec::new();
        for (key, value) in stage.pairs() {
            let text = match value.items() {
                [] => value.text().unwrap_or_default().to_string(),
                items => items.iter().filter_map(Node::text).collect::<Vec<_>>().join(" "),
            };
            match key.text().unwrap_or_default() {
                "ARG" => {
                    known.extend(pairs(&text));
                    let named = |(name, _): &&(String, String)| {
                        text.split('=').next().is_some_and(|own| own.trim() == name)
                    };
                    known.extend(self.told.iter().find(named).cloned());
                }
                "ENV" => {
                    let said = pairs(&text).into_iter();
                    let said = said.map(|(name, value)| (name, expand(&value, &known)));
                    let said: Vec<(String, String)> = said.collect();
                    known.extend(said.iter().cloned());
                    if is {
                        let said = said.into_iter();
                        image.environment.extend(said.map(|(name, v)| (name, v, key.span)));
                    }
                }
                "WORKDIR" if is => {
                    let folder = expand(text.trim(), &known);
                    image.workdir = beneath(&image.workdir, &folder);
                }
                "COPY" | "ADD" => self.copy(number, &expand(&text, &known), image, seen),
                "RUN" => run(number, key.span, &expand(&text, &known), image),
                "ENTRYPOINT" if is => image.entry = Some((words(value, &known), key.span)),
                "CMD" if is => image.command = Some((words(value, &known), key.span)),
                _ => {}
            }
        }
    }

    fn copy(&self, number: usize, text: &str, image: &mut Image, seen: &mut FxHashSet<usize>) {
        let (options, words): (Vec<&str>, Vec<&str>) =
            text.split_whitespace().partition(|word| word.starts_with("--"));
        let from = options.iter().find_map(|option| option.strip_prefix("--from="));
        if let Some(from) = from.and_then(|from| self.named(from, number)) {
            self.stage(from, false, image, seen);
        }
        put(&words, image);
    }
}

/// Notes what `cp a b` and the like put where.
fn put(words: &[&str], image: &mut Image) {
    if let [sources @ .., target] = words {
        image.copies.extend(sources.iter().map(|one| ((*target).into(), (*one).to_string())));
    }
}

fn run(stage: usize, at: Span, text: &str, image: &mut Image) {
    for words in commands::commands(text) {
        let start = words.iter().take_while(|word| word.starts_with("--")).count();
        let words = &words[start..];
        let named = |word: &&String| word.split_once('=').is_some_and(|(name, _)| is_name(name));
        let start = words.iter().take_while(named).count();
        let words = &words[start..];
        let Some(first) = words.first() else { continue };
        match base(first) {
            "cp" | "mv" | "install" | "ln" => {
                let rest = words[1..].iter().map(String::as_str);
                let rest: Vec<&str> = rest.filter(|word| !word.starts_with('-')).collect();
                put(&rest, image);
            }
            _ => {
                let Some(line) = commands::cargo(words).filter(|line| !line.runs) else { continue };
                let said = line.bins.iter().chain(&line.packages).chain(&line.features);
                let open = said.into_iter().any(|word| word.contains('$'));
                image.builds.push(Build { line, stage, at, open });
            }
        }
    }
}

/// Words that stand in a list, or a line for the shell.
fn words(value: &Node, known: &[(String, String)]) -> Vec<String> {
    match value.text() {
        Some(text) => vec!["/bin/sh".into(), "-c".into(), expand(text, known)],
        None => {
            let items = value.items().iter();
            items.filter_map(Node::text).map(|word| expand(word, known)).collect()
        }
    }
}

/// `A=b C="d e"`, or `A b`.
fn pairs(text: &str) -> Vec<(String, String)> {
    let said = commands::commands(text).concat();
    match (said.first(), text.split_once(char::is_whitespace)) {
        (Some(first), Some((name, value))) if !first.contains('=') => {
            vec![(name.into(), value.trim().into())]
        }
        _ => {
            let said = said.iter().filter_map(|word| word.split_once('='));
            said.map(|(name, value)| (name.into(), value.into())).collect()
        }
    }
}

/// Puts in what is known: `$X`, `${X}`, `${X:-y}`. The rest stays.
pub(super) fn expand(text: &str, known: &[(String, String)]) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let (name, default, end) = match after.strip_prefix('{') {
            Some(inner) => {
                let Some(close) = inner.find('}') else { break };
                let (name, default) = match inner[..close].split_once(":-") {
                    Some((name, default)) => (name, Some(default)),
                    None => (&inner[..close], None),
                };
                (name, default, at + close + 3)
            }
            None => {
                let len = after.find(|c: char| !c.is_alphanumeric() && c != '_');
                let len = len.unwrap_or(after.len());
                (&after[..len], None, at + 1 + len)
            }
        };
        let value = known.iter().rev().find(|(known, _)| known == name);
        match value.map(|(_, value)| &**value).or(default) {
            Some(value) if is_name(name) => out.push_str(value),
            _ => out.push_str(&rest[at..end]),
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// A path from a folder on.
pub(super) fn beneath(folder: &str, path: &str) -> String {
    let path = path.trim_start_matches("./");
    match (path.starts_with('/'), path) {
        (true, _) => path.trim_end_matches('/').to_string(),
        (false, "" | ".") => folder.to_string(),
        (false, _) => format!("{}/{}", folder.trim_end_matches('/'), path.trim_end_matches('/')),
    }
}

impl Image {
    /// The name under which a program was built: what was copied is followed back.
    pub(super) fn built_as(&self, word: &str) -> String {
        let mut name = base(word).to_string();
        let mut path = beneath(&self.workdir, word);
        for _ in 0..4 {
            let from = self.copies.iter().rev().find(|(target, source)| {
                let target_path = beneath(&self.workdir, target);
                let at = match target.ends_with('/') || base(target) == base(source) {
                    true => format!("{}/{}", target_path.trim_end_matches('/'), base(source)),
                    false => target_path.clone(),
                };
                let exactly = at == path || target_path == path;
                (exactly || (!word.contains('/') && base(&at) == name)) && base(source) != name
            });
            let Some((_, source)) = from else { break };
            name = base(source).to_string();
            path.clone_from(source);
        }
        name
    }

    /// The programs that are copied from where `cargo` puts them.
    pub(super) fn copied(&self) -> impl Iterator<Item = &str> {
        let built = self.copies.iter().map(|(_, source)| source);
        built
            .filter(|source| source.contains("target/") || source.contains("cargo/bin/"))
            .map(|source| base(source))
    }

    /// Whether another image starts with the same words.
    pub(super) fn runs_as(&self, other: &Image) -> bool {
        let words = |said: &Option<Words>| said.as_ref().map(|(words, _)| words.clone());
        words(&self.command) == words(&other.command)
    }

    /// What is true of an image and of others that may be meant.
    pub(super) fn shared_with<'i>(&self, others: impl Iterator<Item = &'i Image>) -> Image {
        let mut shared = self.clone();
        for other in others {
            shared.stages.clear();
            shared.environment.clear();
            shared.builds.extend(other.builds.iter().cloned());
            if other.workdir != shared.workdir {
                shared.workdir.clear();
            }
        }
        shared
    }

    /// The folder of the Dockerfile.
    pub(super) fn folder(&self) -> &str {
        folder(&self.path)
    }
}
