//! From targets to facts: follows `mod` lines, reads and parses file by file, in parallel.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::catalog::Catalog;
use crate::diagnostic::{Problem, ProblemKind, Severity};
use crate::discover::{Project, TargetKind};
use crate::parse::tree::{Cfg, Item, ItemKind};
use crate::parse::{self, Facts};
use crate::resolve::Unit;
use crate::source::{FileId, Sources, Span};
use crate::symbol::{SharedSymbols, Symbols};

/// Everything that was read.
pub(super) struct Loaded {
    pub(super) units: Vec<Unit>,
    pub(super) facts: Vec<Facts>,
    pub(super) symbols: Symbols,
    pub(super) problems: Vec<Problem>,
    /// Files of tests, benches and examples that were not selected: parsed and counted.
    pub(super) test_files: usize,
    /// Source files that could not be read or parsed.
    pub(super) unread: usize,
}

/// Stack of an ordinary worker: ten thousand nested levels of anything people write.
const WORKER_STACK: usize = 128 << 20;
/// The most that one file may need; a deeper one is reported as not judged.
pub(super) const MOST_STACK: usize = 1 << 30;

/// A file to be read: for which unit, and where its own `mod x;` lines look.
struct Wanted {
    unit: usize,
    file: FileId,
    /// The folder in which `mod x;` finds `x.rs`.
    folder: PathBuf,
    /// The features under which it is read are on, or nobody knows.
    judged: bool,
}

/// Reads the module trees of all targets.
pub(super) fn load(sources: &mut Sources, project: &Project, catalog: &Catalog) -> Loaded {
    let mut loader = Loader {
        sources,
        catalog,
        symbols: SharedSymbols::default(),
        units: Vec::new(),
        facts: FxHashMap::default(),
        failed: FxHashSet::default(),
        problems: Vec::new(),
        test_files: FxHashSet::default(),
    };
    let mut wanted = Vec::new();
    for (index, package) in project.packages.iter().enumerate() {
        for target in &package.targets {
            let judged = target.selected || target.kind == TargetKind::Lib;
            if !judged && !package.selected {
                continue;
            }
            let Some(file) = loader.read(&target.root, package.selected, None) else { continue };
            let folder = target.root.parent().unwrap_or(&target.root).to_path_buf();
            let unit = loader.units.len();
            loader.units.push(Unit {
                package: index,
                name: target.name.replace('-', "_"),
                kind: target.kind,
                selected: package.selected && target.selected,
                root: file,
                children: FxHashMap::default(),
            });
            wanted.push(Wanted { unit, file, folder, judged });
        }
    }
    let pool = rayon::ThreadPoolBuilder::new().stack_size(WORKER_STACK).build();
    while !wanted.is_empty() {
        loader.parse(&wanted, pool.as_ref().ok());
        wanted = loader.children(wanted, project);
    }
    loader.finish()
}

struct Loader<'a> {
    sources: &'a mut Sources,
    catalog: &'a Catalog,
    symbols: SharedSymbols,
    units: Vec<Unit>,
    facts: FxHashMap<FileId, Facts>,
    failed: FxHashSet<FileId>,
    problems: Vec<Problem>,
    test_files: FxHashSet<FileId>,
}

impl Loader<'_> {
    fn read(&mut self, path: &Path, selected: bool, at: Option<Span>) -> Option<FileId> {
        match self.sources.load(path) {
            Ok(file) => Some(file),
            Err(error) => {
                self.problems.push(Problem {
                    kind: ProblemKind::Read,
                    severity: if selected { Severity::Error } else { Severity::Note },
                    message: format!("cannot be read: {error}"),
                    help: "make it readable as UTF-8 text; nothing in it was judged".into(),
                    path: path.to_path_buf(),
                    at,
                });
                None
            }
        }
    }

    fn parse(&mut self, wanted: &[Wanted], pool: Option<&rayon::ThreadPool>) {
        let mut files: Vec<FileId> = wanted.iter().map(|wanted| wanted.file).collect();
        files.sort();
        files.dedup();
        files.retain(|file| !self.facts.contains_key(file) && !self.failed.contains(file));
        // The largest first, or one of them is the tail that everybody waits for.
        files.sort_by_key(|file| std::cmp::Reverse(self.sources.get(*file).text.len()));
        let (sources, catalog, symbols) = (&*self.sources, self.catalog, &self.symbols);
        let one = |file: &FileId| (*file, parse_one(sources, catalog, symbols, *file));
        let parsed: Vec<(FileId, Result<Facts, Problem>)> = match pool {
            Some(pool) => pool.install(|| files.par_iter().map(one).collect()),
            None => files.iter().map(one).collect(),
        };
        for (file, parsed) in parsed {
            match parsed {
                Ok(facts) if facts.problems.is_empty() => drop(self.facts.insert(file, facts)),
                Ok(facts) => {
                    self.failed.insert(file);
                    self.problems.extend(facts.problems);
                }
                Err(problem) => {
                    self.failed.insert(file);
                    self.problems.push(problem);
                }
            }
        }
    }

    /// The files that the `mod` lines of files name.
    fn children(&mut self, parents: Vec<Wanted>, project: &Project) -> Vec<Wanted> {
        let mut wanted = Vec::new();
        for parent in parents {
            if !parent.judged {
                self.test_files.insert(parent.file);
            }
            let Some(facts) = self.facts.remove(&parent.file) else { continue };
            let selected = project.packages[self.units[parent.unit].package].selected;
            let mut lines = Vec::new();
            mod_lines(&facts.items, &parent.folder, self, &mut lines);
            for line in lines {
                let at = Span::new(parent.file, line.at.start, line.at.end);
                let found = line.candidates.iter().find(|path| self.sources.exists(path));
                let Some(path) = found else {
                    let odd = line.candidates.iter().find(|path| path.exists());
                    self.missing(&parent, &line, odd, selected, at);
                    continue;
                };
                let Some(file) = self.read(path, selected, Some(at)) else { continue };
                let unit = &mut self.units[parent.unit];
                let known = unit.children.values().any(|known| *known == file);
                unit.children.insert((parent.file, line.whole), file);
                // The same file twice in one tree is read once: a circle ends here.
                if known || file == unit.root {
                    continue;
                }
                let folder = match path.file_name().is_some_and(|name| name == "mod.rs") {
                    true => path.parent().unwrap_or(path).to_path_buf(),
                    false if line.explicit => path.parent().unwrap_or(path).to_path_buf(),
                    false => path.with_extension(""),
                };
                let (unit, judged) = (parent.unit, parent.judged);
                wanted.push(Wanted { unit, file, folder, judged });
            }
            self.facts.insert(parent.file, facts);
        }
        wanted
    }

    fn missing(
        &mut self,
        parent: &Wanted,
        line: &ModLine,
        odd: Option<&PathBuf>,
        selected: bool,
        at: Span,
    ) {
        let path = self.sources.get(parent.file).path.clone();
        let message = match odd {
            Some(odd) => format!("module `{}` is `{}`, which is no file", line.name, odd.display()),
            None => format!("the file of module `{}` is missing", line.name),
        };
        // Behind a cfg it may be generated, or belong to another platform.
        let certain = selected && line.certain && parent.judged;
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
        let unread = self.failed.len();
        Loaded {
            units,
            facts,
            symbols: self.symbols.into_inner(),
            problems: self.problems,
            test_files,
            unread,
        }
    }
}

/// A `mod x;` line: where its file may be.
struct ModLine {
    name: String,
    at: crate::parse::tree::Range,
    whole: u32,
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
                    whole: item.whole.start,
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

fn parse_one(
    sources: &Sources,
    catalog: &Catalog,
    symbols: &SharedSymbols,
    id: FileId,
) -> Result<Facts, Problem> {
    let source = sources.get(id);
    let bound = parse::stack_bound(&source.text);
    let run = || parse::file(id, &source.path, &source.text, &source.lines, catalog, symbols);
    if bound <= WORKER_STACK {
        return Ok(run());
    }
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
