//! Which programs of the tree does a deployment run: with what words, how often, as what?

use std::cell::OnceCell;

use super::commands::{self, base};
use super::images::{Build, Dockerfiles, Image, Made, Words};
use super::objects::{Object, folder};
use super::once;
use super::said::{said_words, set, text, words};
use super::scales::{self, Replicas, Scaled};
use super::values::Variables;
use super::whose::{Apps, Standing, default, joined, last_part, plain};
use crate::catalog::{Catalog, RunFact};
use crate::diagnostic::{Process, Step};
use crate::parse::conf::{Node, ways};
use crate::source::Span;

use named::Known;

mod named;
mod scripts;

/// A binary of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Its package, by its index in the project, then those that are linked into it.
    pub packages: Vec<usize>,
    /// The package's name.
    pub of: String,
    pub bin: String,
    /// The package's folder, relative to the root, with `/`.
    pub folder: String,
}

/// A process of the deployment that is known to run a program of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Index of the program.
    pub program: usize,
    /// "compose service `web`".
    pub what: String,
    /// The thing that runs it: its name, or what comes closest.
    pub at: Span,
    /// Where it stands, whole.
    pub(super) within: Span,
    /// The stages of the Dockerfile that its image begins with.
    pub(super) stages: Vec<Span>,
    /// What the program is given.
    pub arguments: Vec<String>,
    /// The kind of process that the deployment says it is.
    pub process: Option<Process>,
    pub replicas: Option<Replicas>,
    /// What says which program it is.
    pub because: Vec<Step>,
    /// What its environment holds.
    pub environment: Vec<(String, String, Span)>,
    /// The folder in which it runs, where that is known.
    pub workdir: String,
    /// The Dockerfile of its image.
    pub image: Option<String>,
    /// The lines of `cargo` that built what is in it.
    pub(super) builds: Vec<Build>,
    /// Only the image says so: nothing in the tree runs it.
    pub only_image: bool,
}

/// What is asked to find out what is run.
pub(super) struct Parts<'d, 'a> {
    pub(super) objects: &'d [Object<'a>],
    pub(super) apps: &'d Apps<'a>,
    pub(super) variables: &'d Variables<'a>,
    pub(super) catalog: &'a Catalog,
    pub(super) programs: &'d [Program],
    pub(super) scaled: Scaled<'a>,
}

/// Everything that the objects run of the tree.
pub(super) fn of(parts: &Parts<'_, '_>, away: impl Fn(&Object<'_>) -> bool) -> Vec<Run> {
    let finder = Finder::new(parts);
    let mut runs = Vec::new();
    let away = |object: &Object<'_>| away(object) || once::is_by_hand(object, parts.catalog);
    for object in parts.objects.iter().filter(|object| !away(object)) {
        let facts = parts.catalog.files.runs.iter().filter(|fact| {
            let kinds = &fact.kinds;
            fact.format == object.format
                && (kinds.is_empty() || kinds.iter().any(|kind| kind == object.kind))
        });
        for fact in facts {
            let none = |way: &String| ways::find(object.node, way).is_empty();
            if fact.unless.iter().all(none) {
                finder.each(object, fact, &mut runs);
            }
        }
    }
    for path in finder.files.paths() {
        let known = runs.iter().any(|run: &Run| run.image.as_deref() == Some(path));
        if !known && !parts.apps.is_made_of_others(path, "") {
            runs.extend(finder.alone(path));
        }
    }
    runs
}

struct Finder<'p, 'd, 'a> {
    parts: &'p Parts<'d, 'a>,
    files: Dockerfiles<'a>,
    /// Images that compose services build, by name.
    built: Vec<(String, Made)>,
    /// The images of the Dockerfiles, put together when one is first asked for.
    known: OnceCell<Vec<Known>>,
}

/// One process of an object.
struct One<'a> {
    key: &'a str,
    at: Span,
    node: &'a Node,
}

/// A program with the words that it is given.
struct Found {
    program: usize,
    arguments: Vec<String>,
}

impl<'p, 'd, 'a> Finder<'p, 'd, 'a> {
    fn new(parts: &'p Parts<'d, 'a>) -> Self {
        let files = Dockerfiles::of(parts.objects, &parts.catalog.files.bases);
        let mut finder = Finder { parts, files, built: Vec::new(), known: OnceCell::new() };
        for object in parts.objects.iter().filter(|object| object.format == "compose") {
            let fact = parts.catalog.files.runs.iter().find(|fact| fact.format == "compose");
            let image = object.node.at(&["image"]).and_then(Node::text);
            if let (Some(fact), Some(image)) = (fact, image)
                && let Some(made) = finder.said(object, fact, object.node)
            {
                finder.built.push((plain(last_part(default(image))), made));
            }
        }
        for pushed in super::pushed::of(parts.objects, &parts.catalog.files.pushed) {
            let name = plain(last_part(&pushed.image));
            let made = pushed.made.filter(|made| finder.files.image(made).is_some());
            if let Some(made) = made.filter(|_| !name.is_empty()) {
                finder.built.push((name, made));
            }
        }
        finder
    }

    /// The processes of an object, by one fact.
    fn each(&self, object: &Object<'a>, fact: &'a RunFact, runs: &mut Vec<Run>) {
        let mut all: Vec<One<'a>> = Vec::new();
        if fact.each.is_empty() {
            all.push(One { key: object.kind, at: object.at, node: object.node });
        }
        for hit in ways::find(object.node, &fact.each) {
            let Some(node) = hit.node else { continue };
            match node.items() {
                [] => all.push(One { key: hit.key, at: hit.at, node }),
                items if items.iter().all(|item| item.text().is_some()) => {
                    all.push(One { key: hit.key, at: hit.at, node });
                }
                items => all.extend(items.iter().map(|node| {
                    let name = node.at(&["name"]).map_or(hit.at, |name| name.span);
                    One { key: hit.key, at: name, node }
                })),
            }
        }
        for one in all {
            runs.extend(self.one(object, fact, &one));
        }
    }

    fn one(&self, object: &Object<'a>, fact: &RunFact, one: &One<'a>) -> Vec<Run> {
        let named = text(one.node, &fact.image);
        let standing = named.map(|(image, _)| self.parts.apps.standing(image));
        if standing == Some(Standing::Other) {
            return Vec::new();
        }
        let image = match (self.said(object, fact, one.node), named) {
            (Some(made), _) => self.files.image(&made),
            (None, Some((image, _))) => self.named(image),
            (None, None) if fact.builds => {
                let path = joined(&[folder(object.path), &fact.from, "Dockerfile"]);
                self.files.image(&Made::by(path))
            }
            _ => None,
        };
        if image
            .as_ref()
            .is_some_and(|image| self.parts.apps.is_made_of_others(&image.path, &image.stage))
        {
            return Vec::new();
        }
        let command = match words(one.node) {
            Some(words) if !fact.each.is_empty() => Some((words, one.at)),
            _ => said_words(one.node, &fact.command),
        };
        let entry = said_words(one.node, &fact.entry);
        let (entry, command) = match (&image, fact.whole) {
            (_, true) => (None, command),
            (Some(image), false) if entry.is_none() => {
                (image.entry.clone(), command.or_else(|| image.command.clone()))
            }
            _ => (entry, command),
        };
        let line = Line { entry, command };
        let mut found = self.programs(&line, image.as_ref());
        // An image may be called after the program that it starts with what it is given.
        let given = line.command.as_ref().map(|(words, _)| words.clone()).unwrap_or_default();
        if found.is_empty()
            && image.is_none()
            && line.entry.is_none()
            && !given.first().is_some_and(|word| word.contains('/'))
            && let Some((image, at)) = named
            && let Some(program) = self.called(image)
        {
            let found = Found { program, arguments: given };
            let because = vec![Step::new(at, format!("its image is `{}`", default(image)))];
            return vec![self.run(object, fact, one, found, because, None)];
        }
        let Some(last) = found.pop() else { return Vec::new() };
        let mut because = Vec::new();
        if let (Some(built), Some((image, at))) = (&image, named) {
            let said = format!("its image is `{}`, which `{}` makes", default(image), built.path);
            because.push(Step::new(at, said));
        }
        let bin = &self.parts.programs[last.program].bin;
        if let Some(at) = line.at() {
            because.push(Step::new(at, format!("this starts `{bin}`")));
        }
        let run = |found, because| self.run(object, fact, one, found, because, image.as_ref());
        let mut runs: Vec<Run> = Vec::new();
        for before in found {
            runs.push(Run {
                process: Some(Process::Admin),
                replicas: None,
                ..run(before, because.clone())
            });
        }
        runs.push(run(last, because));
        runs
    }

    fn run(
        &self,
        object: &Object<'a>,
        fact: &RunFact,
        one: &One<'a>,
        found: Found,
        because: Vec<Step>,
        image: Option<&Image>,
    ) -> Run {
        let process = fact.named.get(one.key).copied().or(fact.process);
        let process = process.or_else(|| {
            once::ends(object, self.parts.apps, self.parts.catalog).then_some(Process::Admin)
        });
        let mut environment = image.map(|image| image.environment.clone()).unwrap_or_default();
        environment.extend(set(one.node, &fact.environment));
        let what = match (fact.each.as_str(), words(one.node)) {
            ("", _) | (_, None) => object.what(),
            (_, Some(_)) => format!("`{}` of {}", one.key, object.what()),
        };
        Run {
            program: found.program,
            what,
            at: one.at,
            within: if fact.each.is_empty() { object.node.span } else { one.node.span },
            arguments: found.arguments,
            process,
            replicas: scales::replicas(self.parts, object, fact, one.key),
            because,
            environment,
            workdir: image.map(|image| image.workdir.clone()).unwrap_or_default(),
            image: image.map(|image| image.path.clone()),
            builds: image.map(|image| image.builds.clone()).unwrap_or_default(),
            stages: image.map(|image| image.stages.clone()).unwrap_or_default(),
            only_image: false,
        }
    }

    /// What a Dockerfile runs that nothing else in the tree speaks of.
    fn alone(&self, path: &str) -> Vec<Run> {
        let Some(image) = self.files.image(&Made::by(path)) else { return Vec::new() };
        let Some(at) = image.at else { return Vec::new() };
        let line = Line { entry: image.entry.clone(), command: image.command.clone() };
        let mut found = self.programs(&line, Some(&image));
        let Some(found) = found.pop() else { return Vec::new() };
        let bin = &self.parts.programs[found.program].bin;
        let because = line.at().map(|at| Step::new(at, format!("this starts `{bin}`")));
        vec![Run {
            program: found.program,
            what: format!("image of `{path}`"),
            at,
            within: at,
            arguments: found.arguments,
            process: None,
            replicas: None,
            because: because.into_iter().collect(),
            environment: image.environment.clone(),
            workdir: image.workdir.clone(),
            image: Some(image.path.clone()),
            builds: image.builds.clone(),
            stages: image.stages.clone(),
            only_image: true,
        }]
    }

    /// The Dockerfile and the stage that a process says.
    fn said(&self, object: &Object<'a>, fact: &RunFact, node: &Node) -> Option<Made> {
        let plainly = |ways: &[String]| {
            text(node, ways).map(|(text, _)| default(text)).filter(|text| !text.contains('$'))
        };
        let (context, file) = (plainly(&fact.context), plainly(&fact.dockerfile));
        if context.is_none() && file.is_none() {
            return None;
        }
        let context = context.filter(|_| fact.in_context || file.is_none()).unwrap_or(".");
        if context.contains("://") || context.starts_with("git@") {
            return None;
        }
        let file = file.unwrap_or("Dockerfile");
        let path = joined(&[folder(object.path), &fact.from, context, file]);
        let told = set(node, &fact.arguments).into_iter().map(|(name, value, _)| (name, value));
        Some(Made { path, stage: plainly(&fact.stage).map(String::from), told: told.collect() })
    }

    /// The programs of the tree that a line starts, one after the other; the last one stays.
    fn programs(&self, line: &Line, image: Option<&Image>) -> Vec<Found> {
        let words = line.words();
        let launchers = &self.parts.catalog.files.launchers;
        let started = commands::started(&words, launchers);
        let mut found: Vec<Found> =
            started.iter().filter_map(|words| self.program(words, image)).collect();
        if let (true, Some(image)) = (found.is_empty(), image)
            && started.iter().all(|words| words.first().is_none_or(|first| is_put(image, first)))
        {
            if let Some(said) = self.scripted(&started, image) {
                return vec![said];
            }
            // A script of the tree runs what is beside it: the only program there.
            let mut names: Vec<&str> = image.copied().collect();
            names.sort();
            names.dedup();
            let mut all = names.iter().filter_map(|name| self.select(name, Some(image)));
            if let (Some(program), None) = (all.next(), all.next()) {
                found.push(Found { program, arguments: Vec::new() });
            }
        }
        found
    }

    /// The program that a command starts: by its first word, or by the word after a script's.
    fn program(&self, words: &[String], image: Option<&Image>) -> Option<Found> {
        if let Some(line) = commands::cargo(words).filter(|line| line.runs) {
            let build = |program: &Program| line.builds(program);
            let mut fits =
                self.parts.programs.iter().enumerate().filter(|(_, program)| build(program));
            let (program, _) = fits.next()?;
            let arguments = line.arguments.clone();
            return fits.next().is_none().then_some(Found { program, arguments });
        }
        words.iter().take(2).enumerate().find_map(|(at, word)| {
            let name = match image {
                Some(image) => image.built_as(word),
                None => base(word.trim_start_matches(['-', '@', '+', '!'])).to_string(),
            };
            // A word behind a program is its own, unless that is a script.
            if at > 0 && !image.is_some_and(|image| is_put(image, &words[0])) {
                return None;
            }
            let program = self.select(&name, image)?;
            Some(Found { program, arguments: words[at + 1..].to_vec() })
        })
    }

    /// The one program of a name: of several, the one that the image builds, or whose folder it is.
    fn select(&self, bin: &str, image: Option<&Image>) -> Option<usize> {
        let all = self.parts.programs.iter().enumerate();
        let mut all: Vec<(usize, &Program)> = all.filter(|(_, one)| one.bin == bin).collect();
        if let (true, Some(image)) = (all.len() > 1, image) {
            let told =
                |build: &&Build| !build.line.packages.is_empty() || build.line.folder.is_some();
            let told: Vec<_> = image.builds.iter().filter(told).collect();
            if !told.is_empty() {
                all.retain(|(_, one)| told.iter().any(|build| build.line.builds(one)));
            }
            if all.len() > 1 && !image.folder().is_empty() {
                all.retain(|(_, one)| is_beneath(&one.folder, image.folder()));
            }
        }
        match all[..] {
            [(number, _)] => Some(number),
            _ => None,
        }
    }
}

/// What is run, and where it is said.
struct Line {
    entry: Option<Words>,
    command: Option<Words>,
}

impl Line {
    fn words(&self) -> Vec<String> {
        let all = self.entry.iter().chain(&self.command);
        all.flat_map(|(words, _)| words.iter().cloned()).collect()
    }

    fn at(&self) -> Option<Span> {
        self.entry.iter().chain(&self.command).map(|(_, at)| *at).next()
    }
}

impl commands::Cargo {
    /// Whether a line builds a program, as far as it says.
    pub(super) fn builds(&self, program: &Program) -> bool {
        let (bins, packages) = (&self.bins, &self.packages);
        let folder = self.folder.as_deref().map(|folder| joined(&[folder]));
        (bins.is_empty() || bins.contains(&program.bin))
            && (packages.is_empty() || packages.contains(&program.of))
            && folder.is_none_or(|folder| {
                folder.is_empty()
                    || program.folder == folder
                    || program.folder.ends_with(&format!("/{folder}"))
                    || folder.ends_with(&format!("/{}", program.folder))
            })
    }
}

/// Whether a word names a file that was put into an image, and no program.
fn is_put(image: &Image, word: &str) -> bool {
    let name = base(word);
    image.copies.iter().any(|(target, source)| base(target) == name || base(source) == name)
        || name.ends_with(".sh")
}

fn is_beneath(path: &str, folder: &str) -> bool {
    path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}
