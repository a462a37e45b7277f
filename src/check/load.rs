//! From targets to facts: follows `mod` lines, reads and parses file by file, in parallel.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::kept::{self, How, Kept};
use super::one::{WORKER_STACK, parse_one};
use super::{Stop, macros};
use crate::catalog::Catalog;
use crate::diagnostic::{Problem, ProblemKind, Severity};
use crate::discover::{Project, TargetKind, oddity, relative, unreadable};
use crate::parse::Facts;
use crate::parse::tree::{Cfg, Item, ItemKind};
use crate::resolve::Unit;
use crate::source::{FileId, Sources, Span};
use crate::symbol::{Interner, SharedSymbols, Symbols};

/// Everything that was read.
#[derive(Default)]
pub(super) struct Loaded {
    pub(super) units: Vec<Unit>,
    pub(super) facts: Vec<Arc<Facts>>,
    pub(super) symbols: Arc<Symbols>,
    pub(super) problems: Vec<Problem>,
    /// Where `mod` lines look and no file is, as the problems of these lines say.
    pub(super) told: FxHashSet<PathBuf>,
    /// Files of tests, benches and examples that were not selected: parsed and counted.
    pub(super) test_files: usize,
    /// Selected source files that could not be read or parsed.
    pub(super) unread: usize,
}

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

/// Reads the module trees of all targets; what it gives is not whole once `stop` was asked for.
/// `kept` is what the run before has left, and is what this one leaves.
pub(super) fn load(
    sources: &mut Sources,
    project: &Project,
    catalog: &Catalog,
    kept: &mut Kept,
    stop: &Stop,
) -> Loaded {
    match once(sources, project, catalog, kept, stop) {
        Some(loaded) => loaded,
        None => {
            // A macro is another one, and nobody knows whom that concerns.
            kept.forget();
            let loaded = once(sources, project, catalog, kept, stop);
            loaded.unwrap_or_default()
        }
    }
}

/// `None` where what was kept turned out to be of no use.
fn once(
    sources: &mut Sources,
    project: &Project,
    catalog: &Catalog,
    kept: &mut Kept,
    stop: &Stop,
) -> Option<Loaded> {
    let mut loader = Loader {
        sources,
        project,
        catalog,
        stop,
        symbols: SharedSymbols::default(),
        units: Vec::new(),
        facts: FxHashMap::default(),
        kept,
        how: FxHashMap::default(),
        reused: FxHashSet::default(),
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
                commands: project.commands(package, target).to_vec(),
                root: file,
                children: FxHashMap::default(),
            });
            wanted.push(Wanted { unit, file, folder, judged, selected });
        }
    }
    let layers: Vec<FileId> = project.layers.iter().map(|layer| layer.file).collect();
    let frame = kept::frame(loader.sources, &layers, &loader.units);
    loader.symbols = SharedSymbols::new(loader.kept.begin(frame));
    let pool = rayon::ThreadPoolBuilder::new().stack_size(WORKER_STACK).build();
    let pool = pool.as_ref().ok();
    let mut all = Vec::new();
    while !wanted.is_empty() && !stop.asked() {
        loader.parse(&wanted, pool);
        all.extend(wanted.iter().cloned());
        wanted = loader.children(wanted, project);
    }
    // Macros may be called before the file that defines them is read.
    let mut wanted = loader.expand(all, pool);
    while !wanted.is_empty() && !stop.asked() {
        wanted = loader.children(wanted, project);
        loader.parse(&wanted, pool);
    }
    loader.finish()
}

struct Loader<'a> {
    sources: &'a mut Sources,
    project: &'a Project,
    catalog: &'a Catalog,
    stop: &'a Stop,
    symbols: SharedSymbols,
    units: Vec<Unit>,
    facts: FxHashMap<FileId, Arc<Facts>>,
    kept: &'a mut Kept,
    /// For what each file was read.
    how: FxHashMap<FileId, How>,
    /// Files whose facts were kept from the run before.
    reused: FxHashSet<FileId>,
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
        let judged = judged(wanted.iter());
        files.retain(|wanted| !self.reuse(wanted, &judged));
        // Files that define macros come first, for the others that call them.
        let defines =
            |wanted: &&Wanted| self.sources.get(wanted.file).text.contains("macro_rules!");
        let (first, then): (Vec<&Wanted>, Vec<&Wanted>) = files.into_iter().partition(defines);
        let selected: FxHashSet<FileId> =
            wanted.iter().filter(|wanted| wanted.selected).map(|wanted| wanted.file).collect();
        for files in [first, then] {
            for (file, how, parsed) in self.facts_of(files, pool) {
                let problems = match parsed {
                    Ok(facts) if facts.problems.is_empty() => {
                        match judged.contains(&file) {
                            true => self.counted.remove(&file),
                            false => self.counted.insert(file),
                        };
                        self.facts.insert(file, Arc::new(facts));
                        self.how.insert(file, how);
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

    /// Takes the facts of a file from the run before, where they are the same.
    fn reuse(&mut self, wanted: &Wanted, judged: &FxHashSet<FileId>) -> bool {
        let file = wanted.file;
        let how = How { unit: wanted.unit, judged: judged.contains(&file) };
        let Some(facts) = self.kept.facts(file, self.sources.get(file), how) else { return false };
        self.facts.insert(file, Arc::clone(facts));
        self.how.insert(file, how);
        self.reused.insert(file);
        match how.judged {
            true => self.counted.remove(&file),
            false => self.counted.insert(file),
        };
        true
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
    ) -> Vec<(FileId, How, Result<Facts, Problem>)> {
        let mut files: Vec<(FileId, usize)> = wanted.iter().map(|w| (w.file, w.unit)).collect();
        files.sort();
        files.dedup_by_key(|(file, _)| *file);
        // The largest first, or one of them is the tail that everybody waits for.
        files.sort_by_key(|(file, _)| std::cmp::Reverse(self.sources.get(*file).text.len()));
        let foreign = macros::of(&self.units, &self.facts, self.sources, self.project);
        let (sources, catalog, symbols) = (&*self.sources, self.catalog, &self.symbols);
        let stop = self.stop;
        let judged = judged(wanted.iter().copied());
        let names = || Interner::new(symbols);
        let one = |names: &mut Interner, (file, unit): &(FileId, usize)| {
            if stop.asked() {
                return None;
            }
            let (judged, foreign) = (judged.contains(file), &foreign[*unit]);
            let how = How { unit: *unit, judged };
            Some((*file, how, parse_one(sources, catalog, names, *file, judged, foreign)))
        };
        match pool {
            Some(pool) => {
                let parsed = files.par_iter().map_init(names, one);
                pool.install(|| parsed.flatten_iter().collect())
            }
            None => {
                let mut names = names();
                files.iter().filter_map(|file| one(&mut names, file)).collect()
            }
        }
    }

    /// Reads those files again that call macros which only became known later, and gives them back.
    fn expand(&mut self, all: Vec<Wanted>, pool: Option<&rayon::ThreadPool>) -> Vec<Wanted> {
        let foreign = macros::of(&self.units, &self.facts, self.sources, self.project);
        let calls = |wanted: &Wanted| {
            let called = self.facts.get(&wanted.file).into_iter().flat_map(|facts| &facts.called);
            wanted.judged
                && !self.reused.contains(&wanted.file)
                && called.into_iter().any(|name| foreign[wanted.unit].macros.contains_key(name))
        };
        let again: Vec<Wanted> = all.into_iter().filter(calls).collect();
        // They were parsed before: what fails now is the stack, and then the first answer stays.
        for (file, how, parsed) in self.facts_of(again.iter().collect(), pool) {
            if let Ok(facts) = parsed {
                self.facts.insert(file, Arc::new(facts));
                self.how.insert(file, how);
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

    /// Leaves what was read to the next run; `None` where this one must be done anew, as macros are
    /// others than those that what it has reused was read with.
    fn leave(&mut self, symbols: &Arc<Symbols>) -> Option<()> {
        let macros = kept::macros(self.facts.values(), self.sources);
        if !self.reused.is_empty() && !self.kept.has(&macros) {
            return None;
        }
        let file = |(file, facts): (&FileId, &Arc<Facts>)| {
            let (text, facts) = (self.sources.get(*file).text.clone(), Arc::clone(facts));
            Some((*file, kept::File { text, how: *self.how.get(file)?, facts }))
        };
        let files = self.facts.iter().filter_map(file).collect();
        self.kept.keep(self.sources, files, macros, symbols);
        Some(())
    }

    fn finish(mut self) -> Option<Loaded> {
        let symbols = std::mem::take(&mut self.symbols).into_inner();
        if self.stop.asked() {
            // What was read so far may wait for macros; what was kept is as good as it was.
            self.kept.put_back(symbols);
            return Some(Loaded::default());
        }
        let symbols = Arc::new(symbols);
        if self.leave(&symbols).is_none() {
            self.kept.put_back(Arc::into_inner(symbols).unwrap_or_default());
            return None;
        }
        let judged: FxHashSet<FileId> = self
            .units
            .iter()
            .filter(|unit| unit.selected || unit.kind == TargetKind::Lib)
            .flat_map(|unit| unit.children.values().copied().chain([unit.root]))
            .collect();
        let mut facts: Vec<Arc<Facts>> = self.facts.into_values().collect();
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
        Some(Loaded { units, facts, symbols, problems, told: self.told, test_files, unread })
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
