//! What does the configuration say, and does each of its paths mean something here?

use crate::config::{self, Config};
use crate::diagnostic::{Problem, Severity};
use crate::discover::{Project, TargetKind};
use crate::resolve::{DefKind, Names, Res};
use crate::source::Sources;
use crate::symbol::nearest;

/// What each layer in force says of rules, and what all of them say of code. Crates are called by
/// their own names afterwards, and the project knows the processes that were declared.
pub(super) fn read(
    sources: &Sources,
    project: &mut Project,
    problems: &mut Vec<Problem>,
) -> (Config, Vec<Config>) {
    let mut config = Config::default();
    let mut layers = Vec::new();
    for layer in &project.layers {
        let (read, wrong) = config::read(sources, layer);
        problems.extend(wrong);
        let rules = Config { types: vec![], functions: vec![], processes: vec![], ..read.clone() };
        layers.push(rules);
        config.join(read, sources, problems);
    }
    // It speaks for deploy files alone: what it says of code has no effect.
    if let Some(layer) = &project.beside {
        let (read, wrong) = config::read(sources, layer);
        problems.extend(wrong);
        layers.push(read);
    }
    let types = config.types.iter_mut().map(|entry| &mut entry.name);
    for name in types.chain(config.functions.iter_mut().map(|entry| &mut entry.name)) {
        let (first, rest) = name.split_once("::").unwrap_or((name, ""));
        let mut dependencies = project.packages.iter().flat_map(|package| &package.dependencies);
        if let Some(renamed) = dependencies.find(|dependency| dependency.name == first) {
            *name = format!("{}::{rest}", renamed.package.replace('-', "_"));
        }
    }
    let known: Vec<String> = programs(project).map(str::to_string).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    for entry in &config.processes {
        if known.contains(&&*entry.name) {
            project.processes.insert(entry.name.clone(), entry.says);
        } else {
            let message = format!("no binary or package here is called `{}`", entry.name);
            let help = config::suggestion(&entry.name, &known);
            problems.push(config::problem(sources, entry.at, message, help));
        }
    }
    (config, layers)
}

/// The names of packages and of their binaries.
pub(super) fn programs(project: &Project) -> impl Iterator<Item = &str> {
    project.packages.iter().flat_map(|package| {
        let bins = package.targets.iter().filter(|target| target.kind == TargetKind::Bin);
        std::iter::once(&*package.name).chain(bins.map(|target| &*target.name))
    })
}

/// Every path must mean something: an item of the tree, or of a crate that it depends on.
pub(super) fn check(
    config: &Config,
    names: &Names<'_>,
    sources: &Sources,
    problems: &mut Vec<Problem>,
) {
    let types = config.types.iter().map(|entry| (&entry.name, entry.at, Section::Types));
    let functions =
        config.functions.iter().map(|entry| (&entry.name, entry.at, Section::Functions));
    for (path, at, section) in types.chain(functions) {
        let asked = Asked { names, path, section };
        if let Some((severity, message, help)) = asked.wrong() {
            let problem = config::problem(sources, at, message, help);
            problems.push(Problem { severity, ..problem });
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Types,
    Functions,
}

/// One path of a configuration.
struct Asked<'n, 'a> {
    names: &'n Names<'a>,
    path: &'n str,
    section: Section,
}

type Wrong = (Severity, String, String);

impl Asked<'_, '_> {
    fn wrong(&self) -> Option<Wrong> {
        let path = self.path;
        let part = |part: &str| {
            part.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && part.chars().all(|c| c.is_alphanumeric() || c == '_')
        };
        if !path.split("::").all(part) || !path.contains("::") {
            let message = format!("`{path}` is no path of a type or function");
            let help = "write it from its crate on: \"shop::kv::Client\", \"our_kv::Client\"";
            return Some((Severity::Error, message, help.into()));
        }
        let (first, _) = path.split_once("::")?;
        let found = self.names.find(path);
        if !found.is_empty() {
            return self.misplaced(&found);
        }
        let in_tree = (0..self.names.units.len()).any(|unit| self.names.is_called(unit, first));
        if in_tree {
            return Some(self.missing(first));
        }
        let packages = &self.names.project.packages;
        let unread = packages.iter().any(|package| {
            let targets = package.targets.iter().map(|target| target.name.replace('-', "_"));
            targets.chain([package.name.replace('-', "_")]).any(|name| name == first)
        });
        if unread {
            let message = format!("`{path}` could not be looked up: its package was not selected");
            return Some((Severity::Note, message, "select it to have the entry checked".into()));
        }
        self.outside(first)
    }

    fn misplaced(&self, found: &[Res]) -> Option<Wrong> {
        let is = |res: &Res| match res {
            Res::Def(id) => match self.names.def(*id).kind {
                DefKind::Struct | DefKind::Enum | DefKind::Trait | DefKind::Alias => {
                    Some(Section::Types)
                }
                DefKind::Function => Some(Section::Functions),
                _ => None,
            },
            Res::Associated(of, name) => {
                let defined = !self.names.methods_of(*of, *name).is_empty();
                defined.then_some(Section::Functions)
            }
            Res::External(_) => Some(self.section),
            Res::Unknown => None,
        };
        let kinds: Vec<Section> = found.iter().filter_map(is).collect();
        if kinds.contains(&self.section) {
            return None;
        }
        let path = self.path;
        match kinds.first() {
            Some(Section::Types) => {
                let message = format!("`{path}` is a type, and stands among the functions");
                Some((Severity::Error, message, "move the line to `[types]`".into()))
            }
            Some(Section::Functions) => {
                let message = format!("`{path}` is a function, and stands among the types");
                Some((Severity::Error, message, "move the line to `[functions]`".into()))
            }
            None => Some(self.missing(path.split("::").next().unwrap_or(path))),
        }
    }

    /// The tree is read, and holds nothing of that path.
    fn missing(&self, first: &str) -> Wrong {
        let names = self.names;
        let wanted = |kind: DefKind| match self.section {
            Section::Types => {
                matches!(kind, DefKind::Struct | DefKind::Enum | DefKind::Trait | DefKind::Alias)
            }
            Section::Functions => kind == DefKind::Function,
        };
        let ids = names.ids().filter(|id| {
            wanted(names.def(*id).kind) && names.is_called(names.def(*id).unit, first)
        });
        let paths: Vec<String> = ids.map(|id| names.path(id)).collect();
        let help = self.near(&paths).unwrap_or_else(|| {
            "write the path from its crate on, through the modules that hold it".to_string()
        });
        (Severity::Error, format!("nothing in the tree is called `{}`", self.path), help)
    }

    /// The path that was most likely meant: nearly this one, or of the same last part.
    fn near(&self, paths: &[String]) -> Option<String> {
        let known: Vec<&str> = paths.iter().map(String::as_str).collect();
        let last = |path: &str| path.rsplit("::").next().unwrap_or_default().to_string();
        let same = || known.iter().copied().find(|path| last(path) == last(self.path));
        let found = same().or_else(|| nearest(self.path, &known))?;
        Some(format!("did you mean `{found}`?"))
    }

    fn outside(&self, first: &str) -> Option<Wrong> {
        let names = self.names;
        let dependencies = names.project.packages.iter().flat_map(|p| &p.dependencies);
        let crates: Vec<String> = dependencies.map(|d| d.package.replace('-', "_")).collect();
        let standard = ["std", "core", "alloc"];
        if !standard.contains(&first) && !crates.iter().any(|name| name == first) {
            let units = names.units.iter().map(|unit| &*unit.name);
            let known: Vec<&str> = crates.iter().map(String::as_str).chain(units).collect();
            let help = match nearest(first, &known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "name a crate of the tree, or one that it depends on".into(),
            };
            let message = format!("no package here is, or depends on, a crate `{first}`");
            return Some((Severity::Error, message, help));
        }
        if names.externals.has_met(self.path) {
            return None;
        }
        let beneath = format!("{first}::");
        let met: Vec<String> =
            names.externals.met().into_iter().filter(|path| path.starts_with(&beneath)).collect();
        let help = self.near(&met).unwrap_or_else(|| {
            "write the path as the code's `use` lines do, or take the line out".to_string()
        });
        let message = format!("nothing here names `{}`: the line has no effect", self.path);
        Some((Severity::Note, message, help))
    }
}
