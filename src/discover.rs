//! What is there to lint? Manifests, targets and deploy files below a root, without running cargo.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use crate::catalog::Formats;
use crate::config::Layer;
use crate::diagnostic::{Problem, Process};
use crate::source::{FileId, Sources};

mod config;
mod deploy;
mod features;
mod harness;
mod manifest;
mod package;
mod select;
mod spec;
mod targets;
#[cfg(test)]
mod tests;
mod walk;
mod workspace;

pub(crate) use config::above;
pub(crate) use manifest::{oddity, unreadable};
pub(crate) use walk::has_files;

/// What `discover` found below the root.
#[derive(Debug, Default)]
pub struct Project {
    /// The workspace root; for several paths, or a folder of packages, their common parent.
    pub root: PathBuf,
    /// Every package that is judged or that a judged one may name, in order of name and manifest.
    pub packages: Vec<Package>,
    /// Deploy configuration of the selected trees, in order of path.
    pub deploy: Vec<DeployFile>,
    /// What a binary, or every target of a package, is declared to be.
    pub processes: BTreeMap<String, Process>,
    /// Words that a binary, or the binaries of a package, are given where they are another kind of
    /// process.
    pub commands: BTreeMap<String, Vec<(String, Process)>>,
    /// The configurations in force.
    pub layers: Vec<Layer>,
    /// Which of them each package is under, by the package's index. One that is not selected is
    /// under one that a selected package is under, or under none.
    pub under: Vec<Option<usize>>,
    /// The configuration of deploy files that lie in no package, where there are such files.
    pub beside: Option<Layer>,
    /// Manifests beneath the root that were not selected, relative to the root, with `/`.
    pub not_selected: Vec<String>,
}

impl Project {
    /// The kind of process that a target is declared to be, by its own name or its package's.
    pub fn process(&self, package: &Package, target: &Target) -> Option<Process> {
        let own = (target.kind == TargetKind::Bin).then(|| self.processes.get(&target.name));
        let declared = own.flatten().or_else(|| self.processes.get(&package.name)).copied();
        declared.or_else(|| self.is_for_tests(package).then_some(Process::Test))
    }

    /// The words with which a target is another kind of process; a library has those of the binaries
    /// of its package.
    pub fn commands(&self, package: &Package, target: &Target) -> &[(String, Process)] {
        let key = match target.kind {
            TargetKind::Bin => &target.name,
            TargetKind::Lib => {
                let mut bins = package.targets.iter().filter(|one| one.kind == TargetKind::Bin);
                match (bins.next(), bins.next()) {
                    (Some(bin), None) => &bin.name,
                    _ => return &[],
                }
            }
            _ => return &[],
        };
        self.commands.get(key).map_or(&[], Vec::as_slice)
    }

    /// Packages that are not selected and that a selected one runs: it depends on them, perhaps
    /// through others, and not for its tests alone.
    pub fn run_by_selected(&self) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut todo: Vec<&Package> = self.packages.iter().filter(|p| p.selected).collect();
        while let Some(package) = todo.pop() {
            let normal = package.dependencies.iter().filter(|d| d.kind == DependencyKind::Normal);
            for dependency in normal {
                let mut others = self.packages.iter().enumerate();
                let other = others.find(|(_, other)| other.name == dependency.package);
                if let Some((index, other)) = other
                    && !other.selected
                    && found.insert(index)
                {
                    todo.push(other);
                }
            }
        }
        found
    }

    /// A package and those of the tree that become part of its programs.
    pub fn linked_into(&self, package: usize) -> Vec<usize> {
        let mut found = vec![package];
        let mut next = 0;
        while let Some(index) = found.get(next).copied() {
            next += 1;
            let normal = self.packages[index].dependencies.iter();
            let normal = normal.filter(|dependency| dependency.kind == DependencyKind::Normal);
            for dependency in normal {
                let mut others = self.packages.iter();
                let other = others.position(|other| other.name == dependency.package);
                if let Some(other) = other.filter(|other| !found.contains(other)) {
                    found.push(other);
                }
            }
        }
        found
    }

    /// Whether a library of the tree helps tests and nothing else: others depend on it, and each of
    /// them for its tests alone, or only its own tests do, and they put programs of the tree to it.
    fn is_for_tests(&self, package: &Package) -> bool {
        if package.aside {
            return true;
        }
        let has = |package: &Package, kind| package.targets.iter().any(|t| t.kind == kind);
        let used = self.packages.iter().filter(|other| other.name != package.name);
        let mut uses = used
            .flat_map(|other| &other.dependencies)
            .filter(|dependency| dependency.package == package.name)
            .peekable();
        if has(package, TargetKind::Bin) {
            return false;
        }
        if uses.peek().is_some() {
            return uses.all(|dependency| dependency.kind == DependencyKind::Dev);
        }
        let is_program = |dependency: &Dependency| {
            let named = |other: &&Package| other.name == dependency.package;
            self.packages.iter().find(named).is_some_and(|other| has(other, TargetKind::Bin))
        };
        has(package, TargetKind::Test) && package.dependencies.iter().any(is_program)
    }
}

/// One package with a manifest.
#[derive(Debug, Clone)]
pub struct Package {
    pub name: String,
    pub version: String,
    pub manifest: FileId,
    /// The folder of the manifest, absolute.
    pub dir: PathBuf,
    pub dependencies: Vec<Dependency>,
    pub targets: Vec<Target>,
    /// Every feature that the manifest declares, optional dependencies included.
    pub features: BTreeSet<String>,
    /// The features that are on in this run.
    pub enabled: BTreeSet<String>,
    /// It is called as packages of tests or benchmarks are, or stands in such a folder, and nobody
    /// named it.
    pub aside: bool,
    /// Whether its findings are reported; a package that only helps to resolve names is not.
    pub selected: bool,
}

/// One line of `[dependencies]`, `[dev-dependencies]` or `[build-dependencies]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The name in the code, with `_`.
    pub name: String,
    /// The name in the registry or the tree, as written there.
    pub package: String,
    pub kind: DependencyKind,
    pub features: Vec<String>,
    pub default_features: bool,
    pub optional: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DependencyKind {
    Normal,
    Dev,
    Build,
}

/// One thing that cargo would build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub kind: TargetKind,
    /// The crate name as the code would say it, with `_` for a library; as written for the others.
    pub name: String,
    /// Its root file, absolute.
    pub root: PathBuf,
    pub edition: u16,
    /// What its manifest says is built of it; empty where that is the usual.
    pub crate_types: Vec<String>,
    /// Whether it is judged; the others are read for their modules and counted only.
    pub selected: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TargetKind {
    Lib,
    Bin,
    Example,
    Test,
    Bench,
    BuildScript,
}

/// A deploy file, already read.
#[derive(Debug, Clone)]
pub struct DeployFile {
    pub file: FileId,
    /// The package in whose folder it lies, by its index, where there is one.
    pub package: Option<usize>,
}

/// What of a root is linted, as on cargo's command line.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    pub paths: Vec<PathBuf>,
    pub manifest_path: Option<PathBuf>,
    pub packages: Vec<String>,
    pub exclude: Vec<String>,
    pub workspace: bool,
    /// Target kinds asked for; empty means libraries and binaries.
    pub targets: BTreeSet<TargetKind>,
    pub features: Vec<String>,
    pub all_features: bool,
    pub no_default_features: bool,
    /// With which features the deployment builds packages, by their names; they count where nothing
    /// above says any.
    pub built: BTreeMap<String, BuiltWith>,
}

/// What the command line of a build says of features.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BuiltWith {
    pub features: Vec<String>,
    pub all: bool,
    pub no_default: bool,
}

impl Selection {
    /// Whether features are asked for, or unasked for.
    pub fn says_features(&self) -> bool {
        !self.features.is_empty() || self.all_features || self.no_default_features
    }

    /// Whether targets of a kind are judged, were their required features on.
    fn asks_for(&self, kind: TargetKind) -> bool {
        match self.targets.is_empty() {
            true => matches!(kind, TargetKind::Lib | TargetKind::Bin),
            false => kind != TargetKind::BuildScript && self.targets.contains(&kind),
        }
    }
}

/// Finds the packages, targets and deploy files that `selection` names, and what they need.
/// `formats` says which files may be deploy configuration.
pub fn discover(
    sources: &mut Sources,
    selection: &Selection,
    formats: &Formats,
) -> (Project, Vec<Problem>) {
    select::run(sources, selection, formats)
}

/// An absolute path without `.` and `..`; links are left alone.
pub(crate) fn clean(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let mut cleaned = PathBuf::new();
    for part in absolute.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(cleaned.pop()),
            part => cleaned.push(part),
        }
    }
    cleaned
}

/// A path relative to a folder, with `/`.
pub(crate) fn relative(path: &Path, base: &Path) -> String {
    let path = path.strip_prefix(base).unwrap_or(path);
    path.to_string_lossy().replace('\\', "/")
}
