//! What lies beneath a folder? One walk for manifests and deploy files, ignored files passed over.

use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use walkdir::{DirEntry, WalkDir};

use super::deploy;
use super::manifest::{dangling, is_dangling, problem};
use crate::catalog::Formats;
use crate::diagnostic::{Problem, ProblemKind};

/// What a walk found, each in order of path.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Folders with a manifest, good or bad.
    pub(super) packages: Vec<PathBuf>,
    pub(super) deploy: Vec<PathBuf>,
    pub(super) odd: Vec<Odd>,
}

/// Something that may keep a source from being read; how bad that is, depends on where it lies.
#[derive(Debug)]
pub(super) struct Odd {
    pub(super) kind: OddKind,
    pub(super) problem: Problem,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OddKind {
    UnreadableFolder,
    DanglingSource,
    DanglingDeploy,
    /// A folder whose name ends in `.rs`.
    FolderNamedSource,
}

/// Folders that never hold sources of their own.
const SKIPPED: [&str; 4] = ["target", ".git", "vendor", "node_modules"];

/// Walks everything beneath `root`, which itself is read whatever it is called and who ignores it.
pub(super) fn walk(root: &Path, formats: &Formats) -> Found {
    let mut found = Found::default();
    let mut ignored = Ignored { above: above(root), beneath: Vec::new() };
    let mut entries = WalkDir::new(root).sort_by_file_name().into_iter();
    while let Some(entry) = entries.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                found.unreadable(root, &error);
                continue;
            }
        };
        let folder = entry.file_type().is_dir();
        ignored.leave(entry.depth());
        if entry.depth() > 0 {
            let skipped = folder && SKIPPED.iter().any(|name| entry.file_name() == *name);
            if skipped || ignored.covers(entry.path(), folder) {
                if folder {
                    entries.skip_current_dir();
                }
                continue;
            }
        }
        match folder {
            true => {
                ignored.enter(entry.path(), entry.depth());
                found.folder(&entry);
            }
            false => found.file(root, entry, formats),
        }
    }
    found
}

/// Whether a folder beneath `root` has files that come with the sources: neither ignored nor hidden,
/// nor about the folder itself.
pub(crate) fn has_files(root: &Path, folder: &Path) -> bool {
    let Ok(way) = folder.strip_prefix(root) else { return false };
    let mut ignored = Ignored { above: above(root), beneath: Vec::new() };
    let mut dir = root.to_path_buf();
    ignored.enter(&dir, 0);
    let mut depth = 0;
    for part in way.components() {
        (dir, depth) = (dir.join(part), depth + 1);
        if ignored.covers(&dir, true) {
            return false;
        }
        ignored.enter(&dir, depth);
    }
    let mut entries = WalkDir::new(folder).min_depth(1).into_iter();
    while let Some(entry) = entries.next() {
        let Ok(entry) = entry else { continue };
        let is_folder = entry.file_type().is_dir();
        ignored.leave(depth + entry.depth());
        let name = entry.file_name().to_string_lossy();
        let passed = name.starts_with('.') || ignored.covers(entry.path(), is_folder);
        match (passed, is_folder) {
            (true, true) => entries.skip_current_dir(),
            (false, true) => ignored.enter(entry.path(), depth + entry.depth()),
            (false, false) if !name.to_ascii_lowercase().starts_with("readme") => return true,
            _ => {}
        }
    }
    false
}

impl Found {
    /// Files that stand on no disk.
    pub(super) fn add(&mut self, root: &Path, paths: Vec<PathBuf>, formats: &Formats) {
        for path in paths {
            if path.file_name().is_some_and(|name| name == "Cargo.toml") {
                self.packages.extend(path.parent().map(Path::to_path_buf));
            } else if deploy::may_be(&path, root, formats) {
                self.deploy.push(path);
            }
        }
    }

    fn folder(&mut self, entry: &DirEntry) {
        let name = entry.file_name().to_string_lossy();
        if entry.depth() > 0 && name.ends_with(".rs") {
            let problem = problem(
                ProblemKind::Read,
                entry.path(),
                "a folder, though its name ends in `.rs`; it is not read as a source file",
                "rename it, so that nobody takes it for a source file",
            );
            self.odd.push(Odd { kind: OddKind::FolderNamedSource, problem });
        }
    }

    fn file(&mut self, root: &Path, entry: DirEntry, formats: &Formats) {
        let link = entry.path_is_symlink();
        let path = entry.into_path();
        let Some(name) = path.file_name() else { return };
        if name == "Cargo.toml" {
            self.packages.extend(path.parent().map(Path::to_path_buf));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            // Editors keep their locks as dangling links with a dot in front.
            if link && !name.as_encoded_bytes().starts_with(b".") && is_dangling(&path) {
                let problem = dangling(&path, "what it stands for was not linted");
                self.odd.push(Odd { kind: OddKind::DanglingSource, problem });
            }
        } else if deploy::may_be(&path, root, formats) {
            if link && is_dangling(&path) {
                let problem = dangling(&path, "if it is deploy configuration, it was not judged");
                self.odd.push(Odd { kind: OddKind::DanglingDeploy, problem });
            } else if !link || leads_out(&path, root) {
                self.deploy.push(path);
            }
        }
    }

    fn unreadable(&mut self, root: &Path, error: &walkdir::Error) {
        let path = error.path().unwrap_or(root);
        let why = match error.io_error() {
            Some(error) => error.to_string(),
            None => error.to_string(),
        };
        let problem = problem(
            ProblemKind::Read,
            path,
            format!("this folder cannot be read: {why}"),
            "make it readable, or name it in .gitignore; what lies beneath was not linted",
        );
        self.odd.push(Odd { kind: OddKind::UnreadableFolder, problem });
    }
}

/// The ignore files in force at one point of the walk.
struct Ignored {
    /// Those of the folders above the root, as far as their repository reaches.
    above: Vec<Gitignore>,
    /// Those from the root down, each with the depth of its folder.
    beneath: Vec<(usize, Gitignore)>,
}

impl Ignored {
    fn enter(&mut self, dir: &Path, depth: usize) {
        self.beneath.extend(rules(dir).map(|rules| (depth, rules)));
    }

    /// Forgets the folders that an entry of this depth no longer lies in.
    fn leave(&mut self, depth: usize) {
        while self.beneath.last().is_some_and(|(of, _)| *of >= depth) {
            self.beneath.pop();
        }
    }

    /// The nearest ignore file that says anything decides.
    fn covers(&self, path: &Path, folder: bool) -> bool {
        let beneath = self.beneath.iter().rev().map(|(_, rules)| rules);
        beneath
            .chain(self.above.iter())
            .map(|rules| rules.matched(path, folder))
            .find(|verdict| !verdict.is_none())
            .is_some_and(|verdict: Match<_>| verdict.is_ignore())
    }
}

/// The ignore files above a root, nearest first; none where one of them ignores the root itself.
fn above(root: &Path) -> Vec<Gitignore> {
    let mut found = Vec::new();
    let mut dir = root;
    while !dir.join(".git").exists() {
        let Some(parent) = dir.parent() else { return Vec::new() };
        dir = parent;
        found.extend(rules(dir));
    }
    let exclude = |dir: &Path| {
        let mut builder = GitignoreBuilder::new(dir);
        let file = dir.join(".git/info/exclude");
        (file.is_file() && builder.add(file).is_none()).then(|| builder.build().ok()).flatten()
    };
    found.extend(exclude(dir));
    let covered = |rules: &Gitignore| {
        root != rules.path() && rules.matched_path_or_any_parents(root, true).is_ignore()
    };
    match found.iter().any(covered) {
        true => Vec::new(),
        false => found,
    }
}

/// Whether a link leads to a file that the walk does not meet in its own place.
fn leads_out(link: &Path, root: &Path) -> bool {
    match (link.canonicalize(), root.canonicalize()) {
        (Ok(link), Ok(root)) => !link.starts_with(root),
        _ => false,
    }
}

fn rules(dir: &Path) -> Option<Gitignore> {
    let file = dir.join(".gitignore");
    if !file.is_file() {
        return None;
    }
    let mut builder = GitignoreBuilder::new(dir);
    // A line that is no pattern is passed over, as git does.
    drop(builder.add(file));
    builder.build().ok()
}
