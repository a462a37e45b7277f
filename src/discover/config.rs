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
use crate::source::Sources;

/// Which configuration is in force for whom.
#[derive(Default)]
pub(super) struct InForce {
    /// Each once, in order of the packages that they speak for.
    pub(super) layers: Vec<Layer>,
    /// For each package the index of its layer.
    pub(super) under: Vec<Option<usize>>,
    /// For deploy files that lie in no package.
    pub(super) beside: Option<Layer>,
    pub(super) problems: Vec<Problem>,
}

/// The layers in force. `loose` is the folder of deploy files that lie in no package, where there
/// are some.
pub(super) fn layers(tree: &mut Tree<'_>, nodes: &[Node], loose: Option<&Path>) -> InForce {
    let mut found = Found::default();
    let mut of_nodes: Vec<Option<Layer>> = Vec::new();
    for node in nodes {
        let workspace = tree.workspace_of(&node.manifest).map(|workspace| workspace.root.clone());
        let tables =
            [(Some(node.manifest.clone()), config::PACKAGE), (workspace, config::WORKSPACE)];
        of_nodes.push(found.nearest(tree, &node.package.dir, tables, node.package.selected));
    }
    let selected = nodes.iter().map(|node| node.package.selected);
    let mut layers: Vec<Layer> = Vec::new();
    for (layer, _) in of_nodes.iter().zip(selected).filter(|(_, selected)| *selected) {
        if let Some(layer) = layer
            && !layers.contains(layer)
        {
            layers.push(layer.clone());
        }
    }
    let place = |layer: &Layer| layers.iter().position(|known| known == layer);
    let under = of_nodes.iter().map(|layer| layer.as_ref().and_then(place)).collect();
    let beside = loose.and_then(|dir| {
        let manifest = tree.manifest(dir);
        let tables = [(manifest.clone(), config::PACKAGE), (manifest, config::WORKSPACE)];
        found.nearest(tree, dir, tables, true)
    });
    let speaks = |layer: &Layer| layers.contains(layer) || beside.as_ref() == Some(layer);
    found.problems.retain(|(layer, _)| !speaks(layer));
    let problems = found.problems.into_iter().map(|(_, problem)| problem);
    let problems = found.unread.into_iter().chain(problems).collect();
    InForce { layers, under, beside, problems }
}

#[derive(Default)]
struct Found {
    /// Notes on layers that are passed over, unless another package is spoken for by them.
    problems: Vec<(Layer, Problem)>,
    unread: Vec<Problem>,
}

impl Found {
    /// The layer for a folder: the nearest file, else the first table that stands. What is wrong,
    /// or passed over, is told for what is `selected`.
    fn nearest(
        &mut self,
        tree: &mut Tree<'_>,
        dir: &Path,
        tables: [(Option<Rc<Manifest>>, &'static [&'static str]); 2],
        selected: bool,
    ) -> Option<Layer> {
        let file = above(tree.sources, dir, config::FILE);
        let mut decided = file.is_some();
        let mut layer = file.and_then(|path| self.file(tree, &path, selected));
        for (manifest, keys) in tables {
            let Some(manifest) = manifest else { continue };
            if !holds(tree, &manifest, keys) {
                continue;
            }
            let table = Layer { file: manifest.file, keys };
            match decided {
                false => layer = Some(table),
                true if selected => self.passed_over(tree, &manifest, table),
                true => {}
            }
            decided = true;
        }
        layer
    }

    /// A file of its own; none where it cannot be read.
    fn file(&mut self, tree: &mut Tree<'_>, path: &Path, selected: bool) -> Option<Layer> {
        match tree.sources.load(path) {
            Ok(file) => Some(Layer { file, keys: &[] }),
            Err(error) => {
                let problem = Problem {
                    kind: ProblemKind::Configuration,
                    ..unreadable(path, &error, "nothing of it is in force")
                };
                if selected && !self.unread.contains(&problem) {
                    self.unread.push(problem);
                }
                None
            }
        }
    }

    fn passed_over(&mut self, tree: &Tree<'_>, manifest: &Manifest, layer: Layer) {
        if self.problems.iter().any(|(known, _)| *known == layer) {
            return;
        }
        let keys: Vec<super::manifest::Key<'_>> =
            layer.keys.iter().map(|key| super::manifest::Key::Name(key)).collect();
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
}

/// The file of that name in a folder or the nearest above it; beyond the top of a repository nobody
/// looks.
pub(crate) fn above(sources: &Sources, dir: &Path, name: &str) -> Option<PathBuf> {
    for folder in dir.ancestors() {
        let path = folder.join(name);
        if sources.exists(&path) || path.symlink_metadata().is_ok() {
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
