//! From targets to facts: follows `mod` lines, reads and parses file by file, in parallel.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::macros;
use crate::catalog::Catalog;
use crate::diagnostic::{Problem, ProblemKind, Severity};
use crate::discover::{Project, TargetKind, oddity, relative, unreadable};
use crate::parse::tree::{Cfg, Item, ItemKind};
use crate::parse::{self, Facts, Foreign};
use crate::resolve::Unit;
use crate::source::{FileId, Sources, Span};
use crate::symbol::{Interner, SharedSymbols, Symbols};

/// Everything that was read.
pub(super) struct Loaded {
    pub(super) units: Vec<Unit>,
    pub(super) facts: Vec<Facts>,
    pub(super) symbols: Symbols,
    pub(super) problems: Vec<Problem>,
    /// Where `mod` lines look and no file is, as the problems of these lines say.
    pub(super) told: FxHashSet<PathBuf>,
    /// Files of tests, benches and examples that were not selected: parsed and counted.
    pub(super) test_files: usize,
    /// Selected source files that could not be read or parsed.
    pub(super) unread: usize,
}

/// Stack of an ordinary worker: ten thousand nested levels of anything people write.
const WORKER_STACK: usize = 128 << 20;
/// The most that one file may need; a deeper one is reported as not judged.
pub(super) const MOST_STACK: usize = 1 << 30;

/// A file to be read: for which unit, and where its own `mod x;` lines look.
#[derive(Clone)]
struct Wanted {
    unit: usize,
    file: FileId,
    /// The folder in which `mod x;` finds `x.rs`.
    folder: PathBuf,
    /// Not only counted: the targets of tests, benches and examples that were not asked for are.
    judged: bool,
    /// Of a selected package, and judged: that it cannot be read makes the answer incomplete.
    selected: bool,
}

/// Reads the module trees of all targets.
pub(super) fn load(sources: &mut Sources, project: &Project, catalog: &Catalog) -> Loaded {
    let mut loader = Loader {
        sources,
        project,
        catalog,
        symbols: SharedSymbols::default(),
        units: Vec::new(),
        facts: FxHashMap::default(),
        counted: FxHashSet::default(),
        failed: FxHashMap::default(),
        problems: Vec::new(),
        told: FxHashSet::default(),
        test_files: FxHashSet::default(),
        children: FxHashSet::default(),
    };
    let mut wanted = Vec::new();
    let run = project.run_by_selected();
    for (index, package) in project.packages.iter().enumerate() {
        for target in &package.targets {
            let judged = target.selected || target.kind == TargetKind::Lib;
            if !judged && !package.selected {
                continue;
            }
            let selected = package.selected && judged;
            let Some(file) = loader.read(&target.root, selected) else { continue };
            let folder = target.root.parent().unwrap_or(&target.root).to_path_buf();
            let unit = loader.units.len();
            loader.units.push(Unit {
                package: index,
                name: target.name.replace('-', "_"),
                kind: target.kind,
                selected: match package.selected {
                    true => target.selected,
                    false => target.kind == TargetKind::Lib && run.contains(&index),
                },
                process: project.process(package, target),
                root: file,
                children: FxHashMap::default(),
            });
            wanted.push(Wanted { unit, file, folder, judged, selected });
        }
    }
    let pool = rayon::ThreadPoolBuilder::new().stack_size(WORKER_STACK).build();
    let pool = pool.as_ref().ok();
    let mut all = Vec::new();
    while !wanted.is_empty() {
        loader.parse(&wanted, pool);
        all.extend(wanted.iter().cloned());
        wanted = loader.children(wanted, project);
    }
    // Macros may be called before the file that defines them is read.
    let mut wanted = loader.expand(all, pool);
    while !wanted.is_empty() {
        wanted = loader.children(wanted, project);
        loader.parse(&wanted, pool);
    }
    loader.finish()
}

struct Loader<'a> {
    sources: &'a mut Sources,
    project: &'a Project,
    catalog: &'a Catalog,
    symbols: SharedSymbols,
    units: Vec<Unit>,
    facts: FxHashMap<FileId, Facts>,
    /// Files of which only the modules and macros were read, as so far they are only counted.
    counted: FxHashSet<FileId>,
    failed: FxHashMap<PathBuf, Failed>,
    problems: Vec<Problem>,
    told: FxHashSet<PathBuf>,
    test_files: FxHashSet<FileId>,
    /// Files that `mod` lines of a unit have named.
    children: FxHashSet<(usize, FileId)>,
}

/// A file that could not be read or parsed.
struct Failed {
    problems: Vec<Problem>,
    /// Some target for whose sake it was wanted is selected.
    selected: bool,
}

impl Loader<'_> {
    fn read(&mut self, path: &Path, selected: bool) -> Option<FileId> {
        let error = match self.sources.load(path) {
            Ok(file) => return Some(file),
            Err(error) => error,
        };
        let problem = || unreadable(path, &error, "nothing in it was judged");
        let failed = self.failed.entry(path.to_path_buf());
        let failed = failed.or_insert_with(|| Failed { problems: vec![problem()], selected });
        failed.selected |= selected;
        None
    }

    fn parse(&mut self, wanted: &[Wanted], pool: Option<&rayon::ThreadPool>) {
        let mut files: Vec<&Wanted> = Vec::new();
        for wanted in wanted {
            let is_read = self.is_read(wanted);
            match self.failed.get_mut(&self.sources.get(wanted.file).path) {
                Some(failed) => failed.selected |= wanted.selected,
                None if is_read => {}
                None => files.push(wanted),
            }
        }
        // Files that define macros come first, for the others that call them.
        let defines =
            |wanted: &&Wanted| self.sources.get(wanted.file).text.contains("macro_rules!");
        let (first, then): (Vec<&Wanted>, Vec<&Wanted>) = files.into_iter().partition(defines);
        let selected: FxHashSet<FileId> =
            wanted.iter().filter(|wanted| wanted.selected).map(|wanted| wanted.file).collect();
        let judged = judged(wanted.iter());
        for files in [first, then] {
            for (file, parsed) in self.facts_of(files, pool) {
                let problems = match parsed {
                    Ok(facts) if facts.problems.is_empty() => {
                        match judged.contains(&file) {
                            true => self.counted.remove(&file),
                            false => self.counted.insert(file),
                        };
                        self.facts.insert(file, facts);
                        continue;
                    }
                    Ok(facts) => facts.problems,
                    Err(problem) => vec![problem],
                };
                let failed = Failed { problems, selected: selected.contains(&file) };
                self.failed.insert(self.sources.get(file).path.clone(), failed);
            }
        }
    }

    /// Whether nothing more is to be had of a file.
    fn is_read(&self, wanted: &Wanted) -> bool {
        let counted = wanted.judged && self.counted.contains(&wanted.file);
        self.facts.contains_key(&wanted.file) && !counted
    }

    /// The facts of files, with the macros that are known by now.
    fn facts_of(
        &self,
        wanted: Vec<&Wanted>,
        pool: Option<&rayon::ThreadPool>,
    ) -> Vec<(FileId, Result<Facts, Problem>)> {
        let mut files: Vec<(FileId, usize)> = wanted.iter().map(|w| (w.file, w.unit)).collect();
        files.sort();
        files.dedup_by_key(|(file, _)| *file);
        // The largest first, or one of them is the tail that everybody waits for.
        files.sort_by_key(|(file, _)| std::cmp::Reverse(self.sources.get(*file).text.len()));
        let foreign = macros::of(&self.units, &self.facts, self.sources, self.project);
        let (sources, catalog, symbols) = (&*self.sources, self.catalog, &self.symbols);
        let judged = judged(wanted.iter().copied());
        let names = || Interner::new(symbols);
        let one = |names: &mut Interner, (file, unit): &(FileId, usize)| {
            let (judged, foreign) = (judged.contains(file), &foreign[*unit]);
            (*file, parse_one(sources, catalog, names, *file, judged, foreign))
        };
        match pool {
            Some(pool) => pool.install(|| files.par_iter().map_init(names, one).collect()),
            None => {
                let mut names = names();
                files.iter().map(|file| one(&mut names, file)).collect()
            }
        }
    }

    /// Reads those files again that call macros which only became known later, and gives them back.
    fn expand(&mut self, all: Vec<Wanted>, pool: Option<&rayon::ThreadPool>) -> Vec<Wanted> {
        let foreign = macros::of(&self.units, &self.facts, self.sources, self.project);
        let calls = |wanted: &Wanted| {
            let called = self.facts.get(&wanted.file).into_iter().flat_map(|facts| &facts.called);
            wanted.judged
                && called.into_iter().any(|name| foreign[wanted.unit].macros.contains_key(name))
        };
        let again: Vec<Wanted> = all.into_iter().filter(calls).collect();
        // They were parsed before: what fails now is the stack, and then the first answer stays.
        for (file, parsed) in self.facts_of(again.iter().collect(), pool) {
            if let Ok(facts) = parsed {
                self.facts.insert(file, facts);
            }
        }
        again
    }

    /// The files that the `mod` lines of files name.
    fn children(&mut self, parents: Vec<Wanted>, project: &Project) -> Vec<Wanted> {
        let mut wanted = Vec::new();
        for parent in parents {
            if !parent.judged {
                self.test_files.insert(parent.file);
            }
            let Some(facts) = self.facts.remove(&parent.file) else { continue };
            let mut lines = Vec::new();
            mod_lines(&facts.items, &parent.folder, self, &mut lines);
            for line in lines {
                let at = Span::new(parent.file, line.at.start, line.at.end);
                let found = line.candidates.iter().find(|path| self.sources.exists(path));
                let Some(path) = found else {
                    self.missing(&parent, &line, &project.root, at);
                    continue;
                };
                let Some(file) = self.read(path, parent.selected) else { continue };
                let unit = &mut self.units[parent.unit];
                let known = !self.children.insert((parent.unit, file));
                unit.children.insert((parent.file, line.at.start), file);
                // The same file twice in one tree is read once: a circle ends here.
                if known || file == unit.root {
                    continue;
                }
                let folder = match path.file_name().is_some_and(|name| name == "mod.rs") {
                    true => path.parent().unwrap_or(path).to_path_buf(),
                    false if line.explicit => path.parent().unwrap_or(path).to_path_buf(),
                    false => path.with_extension(""),
                };
                wanted.push(Wanted { file, folder, ..parent });
            }
            self.facts.insert(parent.file, facts);
        }
        wanted
    }

    fn missing(&mut self, parent: &Wanted, line: &ModLine, root: &Path, at: Span) {
        let path = self.sources.get(parent.file).path.clone();
        let odd = line.candidates.iter().find_map(|path| Some((path, oddity(path)?)));
        let message = match odd {
            Some((odd, what)) => {
                self.told.insert(odd.clone());
                format!("the file of module `{}` is `{}`, {what}", line.name, relative(odd, root))
            }
            None => format!("the file of module `{}` is missing", line.name),
        };
        // Behind a cfg it may be generated, or belong to another platform.
        let certain = parent.selected && line.certain;
        let severity = if certain { Severity::Error } else { Severity::Note };
        self.problems.push(Problem {
            kind: ProblemKind::Module,
            severity,
            message,
            help: "add the file, or remove the `mod` line; what it would hold was not judged"
                .into(),
            path,
            at: Some(at),
        });
    }

    fn finish(self) -> Loaded {
        let judged: FxHashSet<FileId> = self
            .units
            .iter()
            .filter(|unit| unit.selected || unit.kind == TargetKind::Lib)
            .flat_map(|unit| unit.children.values().copied().chain([unit.root]))
            .collect();
        let mut facts: Vec<Facts> = self.facts.into_values().collect();
        facts.sort_by_key(|facts| facts.file);
        let test_files = self.test_files.difference(&judged).count();
        facts.retain(|facts| judged.contains(&facts.file));
        // Units that are only counted are done with.
        let units = self.units.into_iter();
        let units = units.filter(|unit| unit.selected || unit.kind == TargetKind::Lib).collect();
        let unread = self.failed.values().filter(|failed| failed.selected).count();
        let mut problems = self.problems;
        for failed in self.failed.into_values() {
            let severity = if failed.selected { Severity::Error } else { Severity::Note };
            problems.extend(failed.problems.into_iter().map(|one| Problem { severity, ..one }));
        }
        Loaded {
            units,
            facts,
            symbols: self.symbols.into_inner(),
            problems,
            told: self.told,
            test_files,
            unread,
        }
    }
}

/// A `mod x;` line: where its file may be.
struct ModLine {
    name: String,
    at: crate::parse::tree::Range,
    candidates: Vec<PathBuf>,
    /// By `#[path]`.
    explicit: bool,
    /// Not behind a `cfg`.
    certain: bool,
}

fn mod_lines(items: &[Item], folder: &Path, loader: &Loader<'_>, out: &mut Vec<ModLine>) {
    for item in items {
        let ItemKind::Mod { path, items } = &item.kind else { continue };
        if item.cfg == Cfg::Off {
            continue;
        }
        let name = loader.symbols.text(item.name);
        match items {
            Some(items) => {
                let folder = match path {
                    Some(path) => folder.join(&**path),
                    None => folder.join(&name),
                };
                mod_lines(items, &folder, loader, out);
            }
            None => {
                let candidates = match path {
                    // Relative to the file's own folder; from `x.rs` that is the folder around `x/`.
                    Some(path) => {
                        let own = folder.join(&**path);
                        let above = folder.parent().map(|above| above.join(&**path));
                        std::iter::once(own).chain(above).map(|p| tidy(&p)).collect()
                    }
                    None => {
                        vec![folder.join(format!("{name}.rs")), folder.join(&name).join("mod.rs")]
                    }
                };
                out.push(ModLine {
                    name,
                    at: item.at,
                    candidates,
                    explicit: path.is_some(),
                    certain: item.cfg == Cfg::On,
                });
            }
        }
    }
}

/// Without `..`, so that a file has one path.
fn tidy(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => drop(out.pop()),
            std::path::Component::CurDir => {}
            part => out.push(part),
        }
    }
    out
}

/// The files that are judged for the sake of any target.
fn judged<'w>(wanted: impl Iterator<Item = &'w Wanted>) -> FxHashSet<FileId> {
    wanted.filter(|wanted| wanted.judged).map(|wanted| wanted.file).collect()
}

fn parse_one(
    sources: &Sources,
    catalog: &Catalog,
    names: &mut Interner,
    id: FileId,
    judged: bool,
    foreign: &Foreign<'_>,
) -> Result<Facts, Problem> {
    let source = sources.get(id);
    let mut run = || {
        let (path, text, lines) = (&source.path, &source.text, &source.lines);
        let read = if judged { parse::file } else { parse::modules };
        read(id, path, text, lines, catalog, names, foreign)
    };
    if parse::fits(&source.text, WORKER_STACK) {
        return Ok(run());
    }
    let more = if foreign.macros.is_empty() { 0 } else { parse::expansion_stack() };
    let bound = parse::stack_bound(&source.text) + more;
    let refused = |message: &str| Problem {
        kind: ProblemKind::Parse,
        severity: Severity::Error,
        message: message.to_string(),
        help: "split the file, or leave it out; nothing in it was judged".into(),
        path: source.path.clone(),
        at: None,
    };
    if bound > MOST_STACK {
        return Err(refused("this file is nested too deeply to be read"));
    }
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(bound);
        match builder.spawn_scoped(scope, run) {
            Ok(thread) => thread.join().map_err(|_| refused("reading this file failed")),
            Err(error) => {
                Err(refused(&format!("no thread could be had to read this file: {error}")))
            }
        }
    })
}
