//! Which packages belong together? Workspace roots, members and path dependencies, as cargo has them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use globset::{GlobBuilder, GlobMatcher};

use super::manifest::{self, Key, Manifest};
use super::{DependencyKind, clean};
use crate::diagnostic::Problem;
use crate::source::Sources;

/// A workspace: its root manifest and the folders it names, in order.
#[derive(Debug)]
pub(super) struct Workspace {
    pub(super) root: Rc<Manifest>,
    pub(super) members: BTreeSet<PathBuf>,
    /// What cargo takes at the root when nothing is named.
    pub(super) default: BTreeSet<PathBuf>,
}

/// Every manifest that was looked at, each read once.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    pub(super) sources: &'a mut Sources,
    manifests: BTreeMap<PathBuf, Option<Rc<Manifest>>>,
    workspaces: BTreeMap<PathBuf, Rc<Workspace>>,
    /// Problems with the folder whose package they concern: an error where that one is selected.
    pub(super) problems: Vec<(PathBuf, Problem)>,
}

impl<'a> Tree<'a> {
    pub(super) fn new(sources: &'a mut Sources) -> Tree<'a> {
        let (manifests, workspaces) = Default::default();
        Tree { sources, manifests, workspaces, problems: Vec::new() }
    }

    /// Whether a manifest, good or bad, stands in a folder.
    pub(super) fn stands(&self, dir: &Path) -> bool {
        let path = dir.join("Cargo.toml");
        self.sources.exists(&path) || path.symlink_metadata().is_ok_and(|meta| !meta.is_dir())
    }

    /// The manifest in a folder; a bad one is told once.
    pub(super) fn manifest(&mut self, dir: &Path) -> Option<Rc<Manifest>> {
        if let Some(known) = self.manifests.get(dir) {
            return known.clone();
        }
        let read = match self.stands(dir) {
            false => None,
            true => match manifest::read(self.sources, dir) {
                Ok(manifest) => Some(Rc::new(manifest)),
                Err(problem) => {
                    self.problems.push((dir.to_path_buf(), problem));
                    None
                }
            },
        };
        self.manifests.insert(dir.to_path_buf(), read.clone());
        read
    }

    /// Whether the manifest in a folder is one of a package. One that nobody asked for is looked
    /// at for no more than this: what is wrong with it is not this run's business.
    pub(super) fn holds_package(&self, dir: &Path) -> bool {
        if let Some(Some(known)) = self.manifests.get(dir) {
            return known.toml.package.is_some();
        }
        let text = std::fs::read_to_string(dir.join("Cargo.toml")).unwrap_or_default();
        toml::from_str::<toml::Table>(&text).map_or(true, |table| table.contains_key("package"))
    }

    /// The workspace of a manifest: its own, the one it points to, or the nearest above that lists
    /// it: one in between that does not is another's, as for cargo when it comes from above.
    pub(super) fn workspace_of(&mut self, of: &Rc<Manifest>) -> Option<Rc<Workspace>> {
        if of.toml.workspace.is_some() {
            return Some(self.workspace(of));
        }
        if let Some(pointer) = of.toml.package.as_ref().and_then(|p| p.workspace.as_ref()) {
            return self
                .manifest(&clean(&of.dir.join(pointer)))
                .and_then(|root| root.toml.workspace.is_some().then(|| self.workspace(&root)));
        }
        for dir in of.dir.ancestors().skip(1) {
            let Some(root) = self.manifest(dir) else { continue };
            if root.toml.workspace.is_none() || excludes(&root, &of.dir) {
                continue;
            }
            let found = self.workspace(&root);
            if found.members.contains(&of.dir) {
                return Some(found);
            }
        }
        None
    }

    /// The root manifest that a package inherits from: its workspace's, else the nearest above,
    /// for cargo would have the package listed there.
    pub(super) fn lender(&mut self, of: &Rc<Manifest>) -> Option<Rc<Manifest>> {
        if let Some(workspace) = self.workspace_of(of) {
            return Some(workspace.root.clone());
        }
        let mut above = of.dir.ancestors().skip(1).filter_map(|dir| self.manifest(dir));
        above.find(|root| root.toml.workspace.is_some())
    }

    fn workspace(&mut self, root: &Rc<Manifest>) -> Rc<Workspace> {
        if let Some(known) = self.workspaces.get(&root.dir) {
            return known.clone();
        }
        let members = self.members(root);
        let declared = root.toml.workspace.as_ref().map_or(&[][..], |w| &w.default_members);
        let mut default = BTreeSet::new();
        for pattern in declared {
            default.extend(self.expand(&root.dir, pattern));
        }
        if declared.is_empty() {
            match root.toml.package.is_some() {
                true => drop(default.insert(root.dir.clone())),
                false => default.clone_from(&members),
            }
        }
        let found = Rc::new(Workspace { root: root.clone(), members, default });
        self.workspaces.insert(root.dir.clone(), found.clone());
        found
    }

    fn members(&mut self, root: &Rc<Manifest>) -> BTreeSet<PathBuf> {
        let mut members = BTreeSet::new();
        if root.toml.package.is_some() {
            members.insert(root.dir.clone());
        }
        let declared = root.toml.workspace.as_ref().map_or(&[][..], |w| &w.members);
        for (index, pattern) in declared.iter().enumerate() {
            for dir in self.expand(&root.dir, pattern) {
                if excludes(root, &dir) {
                    continue;
                }
                if !self.stands(&dir) {
                    let keys = [Key::Name("workspace"), Key::Name("members"), Key::Nth(index)];
                    let problem = root.problem(
                        self.sources,
                        &keys,
                        format!("the member `{pattern}` has no `Cargo.toml`"),
                        "mend the path, or take it out of `members`",
                    );
                    self.problems.push((dir.clone(), problem));
                }
                members.insert(dir);
            }
        }
        // Path dependencies of members are members too, where they lie beneath the root.
        let mut todo: Vec<PathBuf> = members.iter().cloned().collect();
        while let Some(dir) = todo.pop() {
            let Some(member) = self.manifest(&dir) else { continue };
            for path in path_dependencies(&member, Some(root)) {
                if members.contains(&path) || excludes(root, &path) {
                    continue;
                }
                let Some(found) = self.manifest(&path) else { continue };
                let pointer = found.toml.package.as_ref().and_then(|p| p.workspace.as_ref());
                let ours = match pointer {
                    Some(pointer) => clean(&path.join(pointer)) == root.dir,
                    None => path.starts_with(&root.dir),
                };
                if ours && found.toml.workspace.is_none() {
                    members.insert(path.clone());
                    todo.push(path);
                }
            }
        }
        members
    }

    /// The folders that a pattern names; of a glob those with a manifest.
    fn expand(&self, root: &Path, pattern: &str) -> Vec<PathBuf> {
        if glob(pattern).is_none() {
            return vec![clean(&root.join(pattern))];
        }
        let mut dirs = vec![root.to_path_buf()];
        for part in pattern.split('/').filter(|part| !part.is_empty()) {
            let Some(matcher) = glob(part) else {
                dirs = dirs.iter().map(|dir| clean(&dir.join(part))).collect();
                continue;
            };
            dirs = match part {
                "**" => dirs.iter().flat_map(|dir| folders(dir, usize::MAX)).collect(),
                _ => dirs.iter().flat_map(|dir| folders(dir, 1)).collect(),
            };
            if part != "**" {
                dirs.retain(|dir| dir.file_name().is_some_and(|name| matcher.is_match(name)));
            }
        }
        dirs.retain(|dir| self.stands(dir));
        dirs.sort();
        dirs.dedup();
        dirs
    }
}

/// The folders beneath one, at most so deep; with all depths the folder itself is among them.
fn folders(dir: &Path, depth: usize) -> Vec<PathBuf> {
    let least = usize::from(depth == 1);
    let walk = walkdir::WalkDir::new(dir).min_depth(least).max_depth(depth);
    let entries = walk.into_iter().filter_entry(|entry| {
        entry.depth() == 0 || (entry.file_name() != ".git" && entry.file_name() != "target")
    });
    // A glob of `members` follows a link to a folder, as cargo does.
    entries.flatten().filter(|e| e.path().is_dir()).map(walkdir::DirEntry::into_path).collect()
}

fn glob(pattern: &str) -> Option<GlobMatcher> {
    if !pattern.contains(['*', '?', '[']) {
        return None;
    }
    let glob = GlobBuilder::new(pattern).literal_separator(true).build().ok()?;
    Some(glob.compile_matcher())
}

/// Whether a workspace leaves a folder out: it lies in an excluded one and no member names it.
fn excludes(root: &Manifest, dir: &Path) -> bool {
    let Some(workspace) = &root.toml.workspace else { return false };
    let within = |pattern: &String| match glob(pattern) {
        None => dir.starts_with(clean(&root.dir.join(pattern))),
        Some(glob) => dir
            .strip_prefix(&root.dir)
            .is_ok_and(|beneath| beneath.ancestors().any(|folder| glob.is_match(folder))),
    };
    let named = |pattern: &String| glob(pattern).is_none() && within(pattern);
    workspace.exclude.iter().any(within) && !workspace.members.iter().any(named)
}

/// The folders that `path` dependencies and `[patch]` name, inherited ones included.
pub(super) fn path_dependencies(of: &Manifest, root: Option<&Rc<Manifest>>) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    super::package::each_dependency(of, |key, declared, _, _| {
        paths.extend(path_of(of, root, key, declared));
    });
    for (key, declared) in of.toml.patch.values().flatten() {
        paths.extend(path_of(of, root, key, declared));
    }
    paths.sort();
    paths.dedup();
    paths
}

/// The folders of the packages that a package is built from, tests aside.
pub(super) fn parts(of: &Manifest, root: Option<&Rc<Manifest>>) -> Vec<PathBuf> {
    let mut parts = Vec::new();
    super::package::each_dependency(of, |key, declared, kind, _| {
        if kind == DependencyKind::Normal {
            parts.extend(path_of(of, root, key, declared));
        }
    });
    parts
}

/// The folder that one dependency names, absolute.
pub(super) fn path_of(
    of: &Manifest,
    root: Option<&Rc<Manifest>>,
    key: &str,
    declared: &cargo_toml::Dependency,
) -> Option<PathBuf> {
    if let cargo_toml::Dependency::Inherited(_) = declared {
        let root = root?;
        let template = root.toml.workspace.as_ref()?.dependencies.get(key)?;
        return Some(clean(&root.dir.join(template.detail()?.path.as_ref()?)));
    }
    Some(clean(&of.dir.join(declared.detail()?.path.as_ref()?)))
}
