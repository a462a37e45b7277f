//! Which packages does the command line name? As cargo selects them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use globset::{Glob, GlobSetBuilder};

use super::manifest::{self, Loaded};
use super::{DeployFile, Package, Project, Selection, clean, features, problem, relative, walk};
use crate::diagnostic::{Problem, ProblemKind, Severity};
use crate::source::Sources;

/// The state of one discovery.
pub(super) struct Finder<'a> {
    sources: &'a mut Sources,
    selection: &'a Selection,
    /// Packages by folder, with the features they declare.
    packages: BTreeMap<PathBuf, (Package, features::Declared)>,
    /// Manifests as they were read, by path.
    read: HashMap<PathBuf, Loaded>,
    /// Folders whose manifest could not be read; told once.
    broken: BTreeSet<PathBuf>,
    /// Folders of everything that was selected or is a member of something that was.
    roots: Vec<PathBuf>,
    beneath: BTreeSet<PathBuf>,
    deploy: BTreeSet<PathBuf>,
    problems: Vec<Problem>,
}

/// One workspace: its root manifest and the folders of its members.
struct Workspace {
    root: Loaded,
    members: BTreeSet<PathBuf>,
    default_members: BTreeSet<PathBuf>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(sources: &'a mut Sources, selection: &'a Selection) -> Finder<'a> {
        Finder {
            sources,
            selection,
            packages: BTreeMap::new(),
            read: HashMap::new(),
            broken: BTreeSet::new(),
            roots: Vec::new(),
            beneath: BTreeSet::new(),
            deploy: BTreeSet::new(),
            problems: Vec::new(),
        }
    }

    pub(super) fn run(&mut self) {
        let mut paths: Vec<PathBuf> = match &self.selection.manifest_path {
            Some(path) => vec![path.clone()],
            None => self.selection.paths.clone(),
        };
        if paths.is_empty() {
            paths.push(PathBuf::from("."));
        }
        for path in paths {
            self.path(&clean(&path));
        }
        self.only_named();
    }

    /// One path as the user named it.
    fn path(&mut self, path: &Path) {
        if path.symlink_metadata().is_err() {
            return self.problems.push(problem(
                ProblemKind::Read,
                path,
                "there is no such file or folder",
                "check the spelling; paths are taken from the current folder",
            ));
        }
        if !path.exists() {
            return self.problems.push(problem(
                ProblemKind::Read,
                path,
                "this link leads nowhere",
                "mend or remove the link",
            ));
        }
        let name = path.file_name().unwrap_or_default();
        if path.is_file() {
            if name == "Cargo.toml" {
                return self.manifest(path);
            }
            return match upwards(path) {
                Some(manifest) => self.manifest(&manifest),
                None => self.nothing(path),
            };
        }
        let own = path.join("Cargo.toml");
        match own.is_file() {
            true => self.manifest(&own),
            false => self.folder(path),
        }
    }

    fn nothing(&mut self, path: &Path) {
        self.problems.push(problem(
            ProblemKind::Configuration,
            path,
            "nothing to lint: there is no `Cargo.toml` here, beneath or above",
            "name a package, a workspace, or a folder that holds some",
        ));
    }

    /// A folder without a manifest: every package beneath it, else the package around it.
    fn folder(&mut self, path: &Path) {
        let found = walk::walk(path);
        if found.manifests.is_empty() && found.problems.is_empty() {
            return match upwards(path) {
                Some(manifest) => self.manifest(&manifest),
                None => self.nothing(path),
            };
        }
        self.problems.extend(found.problems);
        self.deploy.extend(found.deploy);
        self.roots.push(path.to_path_buf());
        for manifest in found.manifests {
            let dir = manifest.parent().unwrap_or(path).to_path_buf();
            if self.packages.contains_key(&dir) || self.broken.contains(&dir) {
                self.select(&dir);
                continue;
            }
            self.load_with_workspace(&manifest);
            self.select(&dir);
        }
    }

    /// A root with a manifest: its package or its members, as cargo selects them.
    fn manifest(&mut self, path: &Path) {
        let dir = path.parent().unwrap_or(path).to_path_buf();
        let Some(workspace) = self.load_with_workspace(path) else { return };
        let is_root = workspace.root.dir == dir;
        let virtual_root = is_root && workspace.root.manifest.package.is_none();
        let chosen: BTreeSet<PathBuf> =
            if self.selection.workspace || !self.selection.packages.is_empty() {
                workspace.members.clone()
            } else if is_root && !workspace.default_members.is_empty() {
                workspace.default_members.clone()
            } else if virtual_root {
                workspace.members.clone()
            } else {
                BTreeSet::from([dir.clone()])
            };
        let excluded: Vec<&String> = self.selection.exclude.iter().collect();
        for member in &chosen {
            let name = self.packages.get(member).map(|(package, _)| package.name.clone());
            let left_out = name.is_some_and(|name| excluded.iter().any(|e| matches(e, &name)));
            if !left_out {
                self.select(member);
            }
        }
        self.roots.push(workspace.root.dir.clone());
        let found = walk::walk(&dir);
        self.problems.extend(
            found.problems.into_iter().map(|found| Problem { severity: Severity::Note, ..found }),
        );
        self.deploy.extend(found.deploy);
        let beneath = found.manifests.iter().filter_map(|manifest| manifest.parent());
        let passed = |dir: &&Path| !chosen.contains(*dir) && *dir != workspace.root.dir;
        self.beneath.extend(beneath.filter(passed).map(Path::to_path_buf));
    }

    fn select(&mut self, dir: &Path) {
        if let Some((package, _)) = self.packages.get_mut(dir) {
            package.selected = true;
        }
    }

    /// Loads a manifest, the workspace that it belongs to, and all members and path dependencies.
    fn load_with_workspace(&mut self, path: &Path) -> Option<Workspace> {
        let loaded = self.load(path)?;
        let root = match loaded.manifest.workspace.is_some() {
            true => loaded,
            false => match self.workspace_above(&loaded) {
                Some(root) => root,
                None => {
                    let dir = loaded.dir.clone();
                    let root = self.load(path)?;
                    self.add(loaded, None);
                    let members = BTreeSet::from([dir]);
                    return Some(Workspace { root, members, default_members: BTreeSet::new() });
                }
            },
        };
        let (members, default_members) = self.members(&root);
        for member in &members {
            if !self.packages.contains_key(member)
                && let Some(loaded) = self.load(&member.join("Cargo.toml"))
            {
                self.add(loaded, Some(&root));
            }
        }
        Some(Workspace { root, members, default_members })
    }

    fn load(&mut self, path: &Path) -> Option<Loaded> {
        let dir = path.parent().unwrap_or(path);
        if self.broken.contains(dir) {
            return None;
        }
        match self.read(path) {
            Ok(loaded) => Some(loaded),
            Err(found) => {
                self.broken.insert(dir.to_path_buf());
                self.problems.push(found);
                None
            }
        }
    }

    fn read(&mut self, path: &Path) -> Result<Loaded, Problem> {
        if let Some(loaded) = self.read.get(path) {
            return Ok(loaded.clone());
        }
        let loaded = manifest::load(self.sources, path)?;
        self.read.insert(path.to_path_buf(), loaded.clone());
        Ok(loaded)
    }

    /// The workspace that a package without one of its own belongs to.
    fn workspace_above(&mut self, loaded: &Loaded) -> Option<Loaded> {
        let named = loaded.manifest.package.as_ref().and_then(|package| package.workspace.clone());
        let mut candidates: Vec<PathBuf> = match named {
            Some(named) => vec![clean(&loaded.dir.join(named))],
            None => loaded.dir.ancestors().skip(1).map(Path::to_path_buf).collect(),
        };
        candidates.retain(|dir| dir.join("Cargo.toml").is_file());
        for dir in candidates {
            // A broken manifest further up is not this package's business.
            let Ok(root) = self.read(&dir.join("Cargo.toml")) else { continue };
            if root.manifest.workspace.is_some() && self.members(&root).0.contains(&loaded.dir) {
                return Some(root);
            }
        }
        None
    }

    /// The folders of a workspace's members, and of its default members.
    fn members(&mut self, root: &Loaded) -> (BTreeSet<PathBuf>, BTreeSet<PathBuf>) {
        let Some(workspace) = &root.manifest.workspace else { return Default::default() };
        let excluded: Vec<PathBuf> =
            workspace.exclude.iter().map(|path| clean(&root.dir.join(path))).collect();
        let kept = |dir: &PathBuf| !excluded.iter().any(|e| dir.starts_with(e));
        let mut members = BTreeSet::new();
        for pattern in &workspace.members {
            members.extend(expand(&root.dir, pattern).into_iter().filter(kept));
        }
        if root.manifest.package.is_some() {
            members.insert(root.dir.clone());
        }
        let mut default_members = BTreeSet::new();
        for pattern in &workspace.default_members {
            default_members.extend(expand(&root.dir, pattern));
        }
        // Path dependencies beneath the root are members too.
        let mut todo: Vec<PathBuf> = members.iter().cloned().collect();
        while let Some(dir) = todo.pop() {
            let Ok(loaded) = self.read(&dir.join("Cargo.toml")) else {
                continue;
            };
            for dependency in loaded.path_dependencies() {
                let inside = dependency.starts_with(&root.dir) && kept(&dependency);
                if inside
                    && dependency.join("Cargo.toml").is_file()
                    && members.insert(dependency.clone())
                {
                    todo.push(dependency);
                }
            }
        }
        (members, default_members)
    }

    fn add(&mut self, mut loaded: Loaded, workspace: Option<&Loaded>) {
        let dir = loaded.dir.clone();
        if self.packages.contains_key(&dir) {
            return;
        }
        if let Err(found) = loaded.complete(workspace.filter(|w| w.dir != dir)) {
            self.broken.insert(dir);
            self.problems.push(found);
            return;
        }
        let Some(package) = loaded.package(self.selection, &mut self.problems) else { return };
        let declared = loaded.manifest.features.clone().into_iter().collect();
        self.packages.insert(dir, (package, declared));
        // Members of the workspace in hand are added by whoever walks it.
        let members = workspace.map(|workspace| self.members(workspace).0).unwrap_or_default();
        for dependency in loaded.path_dependencies() {
            let path = dependency.join("Cargo.toml");
            if members.contains(&dependency) {
                continue;
            }
            if !self.packages.contains_key(&dependency) && path.is_file() {
                self.load_with_workspace(&path);
            }
        }
    }

    /// `-p`: of what is selected, only the packages that are named.
    fn only_named(&mut self) {
        let wanted = &self.selection.packages;
        if wanted.is_empty() {
            return;
        }
        for (package, _) in self.packages.values_mut() {
            let named = wanted.iter().any(|spec| names_package(spec, package));
            package.selected = package.selected && named;
        }
        for spec in wanted {
            let found = self.packages.values().any(|(p, _)| p.selected && names_package(spec, p));
            if !found {
                let names: Vec<&str> = self.packages.values().map(|(p, _)| &*p.name).collect();
                let near = nearest(spec, &names);
                let help = near.map_or_else(
                    || "`cargo metadata --no-deps` lists the packages".to_string(),
                    |near| format!("did you mean `{near}`?"),
                );
                let path = self.roots.first().cloned().unwrap_or_default();
                let message = format!("no package here is called `{spec}`");
                self.problems.push(problem(ProblemKind::Configuration, &path, message, help));
            }
        }
    }

    pub(super) fn finish(mut self) -> (Project, Vec<Problem>) {
        let root = common_parent(&self.roots);
        let (mut packages, declared): (Vec<Package>, Vec<features::Declared>) =
            std::mem::take(&mut self.packages).into_values().unzip();
        features::enable(&mut packages, &declared, self.selection);
        let selected: BTreeSet<&Path> =
            packages.iter().filter(|p| p.selected).map(|p| p.dir.as_path()).collect();
        let not_selected = self
            .beneath
            .iter()
            .filter(|dir| !selected.contains(dir.as_path()))
            .map(|dir| relative(&dir.join("Cargo.toml"), &root))
            .collect();
        let mut deploy = Vec::new();
        for path in &self.deploy {
            match self.sources.load(path) {
                Ok(file) => {
                    let inside = |package: &Package| path.starts_with(&package.dir);
                    let package = (0..packages.len())
                        .filter(|i| inside(&packages[*i]))
                        .max_by_key(|i| packages[*i].dir.as_os_str().len());
                    deploy.push(DeployFile { file, package });
                }
                // Its name alone does not make it deploy configuration.
                Err(error) => self.problems.push(Problem {
                    severity: Severity::Note,
                    ..manifest::unreadable(path, &error)
                }),
            }
        }
        if self.problems.is_empty() && !packages.iter().any(|package| package.selected) {
            self.nothing(&root);
        }
        (Project { root, packages, deploy, not_selected }, self.problems)
    }
}

fn upwards(path: &Path) -> Option<PathBuf> {
    path.ancestors().skip(1).map(|dir| dir.join("Cargo.toml")).find(|path| path.is_file())
}

fn common_parent(roots: &[PathBuf]) -> PathBuf {
    let Some(first) = roots.first() else { return clean(Path::new(".")) };
    let shared = |dir: &&Path| roots.iter().all(|root| root.starts_with(dir));
    first.ancestors().find(shared).unwrap_or(first).to_path_buf()
}

/// The folders with a manifest that a pattern of `members` names.
fn expand(root: &Path, pattern: &str) -> Vec<PathBuf> {
    if !pattern.contains(['*', '?', '[']) {
        return vec![clean(&root.join(pattern))];
    }
    let mut dirs = vec![root.to_path_buf()];
    for part in pattern.split('/') {
        let mut next = Vec::new();
        for dir in &dirs {
            if !part.contains(['*', '?', '[']) {
                next.push(clean(&dir.join(part)));
                continue;
            }
            let Ok(glob) = Glob::new(part) else { continue };
            let matcher = glob.compile_matcher();
            for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
                if matcher.is_match(Path::new(&entry.file_name())) && entry.path().is_dir() {
                    next.push(entry.path());
                }
            }
        }
        dirs = next;
    }
    dirs.retain(|dir| dir.join("Cargo.toml").is_file());
    dirs.sort();
    dirs
}

fn matches(pattern: &str, name: &str) -> bool {
    let mut set = GlobSetBuilder::new();
    match Glob::new(pattern) {
        Ok(glob) => drop(set.add(glob)),
        Err(_) => return pattern == name,
    }
    set.build().is_ok_and(|set| set.is_match(name))
}

/// `name`, `na*`, `name@1.0`, `path+file:///dir#name@1.0`, `path+file:///dir#1.0`.
fn names_package(spec: &str, package: &Package) -> bool {
    let (url, id) = match spec.split_once('#') {
        Some((url, id)) => (Some(url), id),
        None => (None, spec),
    };
    if let Some(url) = url {
        let path = url.rsplit_once("://").map_or(url, |(_, path)| path);
        if Path::new(path) != package.dir {
            return false;
        }
    }
    let (name, version) = match id.split_once('@').or_else(|| id.split_once(':')) {
        Some((name, version)) => (name, Some(version)),
        None if url.is_some() && id.starts_with(|c: char| c.is_ascii_digit()) => ("*", Some(id)),
        None => (id, None),
    };
    matches(name, &package.name)
        && version.is_none_or(|version| package.version.starts_with(version))
}

/// The name that differs least, where it differs little.
pub(crate) fn nearest<'n>(wanted: &str, names: &[&'n str]) -> Option<&'n str> {
    let distance = |name: &str| {
        let (a, b): (Vec<char>, Vec<char>) = (wanted.chars().collect(), name.chars().collect());
        let mut row: Vec<usize> = (0..=b.len()).collect();
        for (i, x) in a.iter().enumerate() {
            let mut corner = i;
            row[0] = i + 1;
            for (j, y) in b.iter().enumerate() {
                let replace = corner + usize::from(x != y);
                corner = row[j + 1];
                row[j + 1] = replace.min(row[j] + 1).min(corner + 1);
            }
        }
        row[b.len()]
    };
    let best = names.iter().copied().min_by_key(|name| distance(name))?;
    (distance(best) <= 1 + wanted.len() / 3).then_some(best)
}
