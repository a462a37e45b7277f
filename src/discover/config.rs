//! Which configuration is in force? For each selected package the nearest one, and nothing else.
//!
//! A `twelve-lint.toml` in the package's folder or above it wins over the tables in manifests, the
//! package's own table over its workspace's. What is passed over for that is told in a note.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::manifest::{Manifest, unreadable};
use super::package::Node;
use super::workspace::Tree;
use crate::config::{self, Layer};
use crate::diagnostic::{Problem, ProblemKind, Severity};

/// The layers in force, each once, in order of the packages that they speak for.
pub(super) fn layers(tree: &mut Tree<'_>, nodes: &[Node]) -> (Vec<Layer>, Vec<Problem>) {
    let mut found = Found::default();
    for node in nodes.iter().filter(|node| node.package.selected) {
        let file = nearest_file(tree, &node.package.dir);
        let mut in_force = match file {
            Some(path) => found.file(tree, &path),
            None => false,
        };
        let workspace = tree.workspace_of(&node.manifest).map(|workspace| workspace.root.clone());
        let tables =
            [(Some(node.manifest.clone()), config::PACKAGE), (workspace, config::WORKSPACE)];
        for (manifest, keys) in tables {
            let Some(manifest) = manifest else { continue };
            if holds(tree, &manifest, keys) {
                found.table(tree, &manifest, keys, in_force);
                in_force = true;
            }
        }
    }
    found.problems.retain(|(layer, _)| !found.layers.contains(layer));
    let problems = found.problems.into_iter().map(|(_, problem)| problem);
    (found.layers, found.unread.into_iter().chain(problems).collect())
}

#[derive(Default)]
struct Found {
    layers: Vec<Layer>,
    /// Notes on layers that are passed over, unless another package is spoken for by them.
    problems: Vec<(Layer, Problem)>,
    unread: Vec<Problem>,
}

impl Found {
    /// A file of its own; whether it is there, be it readable or not.
    fn file(&mut self, tree: &mut Tree<'_>, path: &Path) -> bool {
        match tree.sources.load(path) {
            Ok(file) => self.add(Layer { file, keys: &[] }),
            Err(error) => {
                let problem = Problem {
                    kind: ProblemKind::Configuration,
                    ..unreadable(path, &error, "nothing of it is in force")
                };
                if !self.unread.contains(&problem) {
                    self.unread.push(problem);
                }
            }
        }
        true
    }

    fn table(
        &mut self,
        tree: &Tree<'_>,
        manifest: &Manifest,
        keys: &'static [&'static str],
        passed_over: bool,
    ) {
        let layer = Layer { file: manifest.file, keys };
        if !passed_over {
            return self.add(layer);
        }
        if self.problems.iter().any(|(known, _)| *known == layer) {
            return;
        }
        let keys: Vec<super::manifest::Key<'_>> =
            keys.iter().map(|key| super::manifest::Key::Name(key)).collect();
        let problem = manifest.problem(
            tree.sources,
            &keys,
            format!("`[{}]` is not in force: a nearer configuration is", layer.keys.join(".")),
            "configurations are not merged: move what is still wanted into the nearer one, a \
             `twelve-lint.toml` or the package's own table",
        );
        let (kind, severity) = (ProblemKind::Configuration, Severity::Note);
        self.problems.push((layer, Problem { kind, severity, ..problem }));
    }

    fn add(&mut self, layer: Layer) {
        if !self.layers.contains(&layer) {
            self.layers.push(layer);
        }
    }
}

/// The file in a folder or the nearest above it; beyond the top of a repository nobody looks.
fn nearest_file(tree: &Tree<'_>, dir: &Path) -> Option<PathBuf> {
    for folder in dir.ancestors() {
        let path = folder.join(config::FILE);
        if tree.sources.exists(&path) || path.symlink_metadata().is_ok() {
            return Some(path);
        }
        if folder.join(".git").exists() {
            return None;
        }
    }
    None
}

fn holds(tree: &Tree<'_>, manifest: &Rc<Manifest>, keys: &[&str]) -> bool {
    let text = &tree.sources.get(manifest.file).text;
    keys.last().is_none_or(|last| text.contains(last)) && config::stands(text, keys)
}
