//! What is a package once its workspace has filled in what it inherits?

use std::path::PathBuf;
use std::rc::Rc;

use cargo_toml::{Dependency as Declared, DependencyDetail, Edition, Inheritable, PackageTemplate};

use super::manifest::{Key, Manifest};
use super::workspace::{Tree, path_of};
use super::{Dependency, DependencyKind, Package, Selection, TargetKind, targets};
use crate::diagnostic::{Problem, Severity};

/// A package, and what only the rest of `discover` asks about it.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) package: Package,
    pub(super) manifest: Rc<Manifest>,
    /// For each of the package's dependencies, in the same order.
    pub(super) edges: Vec<Edge>,
    /// For each of its targets, the features without which cargo skips it.
    pub(super) required: Vec<Vec<String>>,
}

/// What a dependency's line says beyond its names.
#[derive(Debug)]
pub(super) struct Edge {
    /// As written in the table, and as features spell it.
    pub(super) key: String,
    pub(super) path: Option<PathBuf>,
}

/// Reads the package in a folder, unless there is none, or a bad one.
pub(super) fn read(
    tree: &mut Tree,
    manifest: &Rc<Manifest>,
    selection: &Selection,
) -> Option<Node> {
    let declared = manifest.toml.package.as_ref()?;
    let workspace = tree.workspace_of(manifest);
    let root = tree.lender(manifest);
    let template = root.as_ref().and_then(|root| root.toml.workspace.as_ref()?.package.as_ref());
    let mut inherits = Inherits::default();
    let version = inherits.value("version", &declared.version, template, |t| t.version.clone());
    let edition = inherits.value("edition", &declared.edition, template, |t| t.edition);
    let pointer = declared.workspace.as_ref();
    if let Some(pointer) = pointer.filter(|_| workspace.is_none()) {
        let problem = manifest.problem(
            tree.sources,
            &[Key::Name("package"), Key::Name("workspace")],
            format!("`{}` is not a workspace", pointer.display()),
            "point `package.workspace` at the folder of the workspace's root manifest",
        );
        tree.problems.push((manifest.dir.clone(), problem));
    }
    let (dependencies, edges) = dependencies(tree, manifest, root.as_ref(), &mut inherits);
    if let Some(problem) = inherits.problem(tree, manifest, root.filter(|_| workspace.is_none())) {
        tree.problems.push((manifest.dir.clone(), problem));
    }
    let edition = edition.map_or(2015, year);
    let found = targets::targets(tree, manifest, edition, selection);
    if found.iter().all(|(target, _)| target.kind == TargetKind::BuildScript) {
        let problem = manifest.problem(
            tree.sources,
            &[Key::Name("package"), Key::Name("name")],
            format!("the package `{}` has no target that can be read", declared.name),
            "add src/lib.rs or src/main.rs, or name the file in `[lib]` or `[[bin]]`",
        );
        tree.problems.push((manifest.dir.clone(), problem));
    }
    let (targets, required) = found.into_iter().unzip();
    let package = Package {
        aside: false,
        name: declared.name.clone(),
        version: version.map_or_else(|| "0.0.0".into(), |version| version.to_string()),
        manifest: manifest.file,
        dir: manifest.dir.clone(),
        dependencies,
        targets,
        features: Default::default(),
        enabled: Default::default(),
        selected: false,
    };
    Some(Node { package, manifest: manifest.clone(), edges, required })
}

pub(super) fn year(edition: Edition) -> u16 {
    edition as u16
}

/// Cargo still reads the older spelling; cargo_toml keeps it among the keys it does not know.
fn default_features_of(detail: &DependencyDetail) -> bool {
    let old = detail.unstable.get("default_features").and_then(toml::Value::as_bool);
    detail.default_features && old.unwrap_or(true)
}

/// What a manifest takes from its workspace.
#[derive(Default)]
struct Inherits<'m> {
    any: bool,
    /// What no workspace gives: its name, and the keys that lead to it.
    missing: Vec<(String, Vec<Key<'m>>)>,
}

impl<'m> Inherits<'m> {
    /// A key of `[package]`, or of `[workspace.package]` where it says `workspace = true`.
    fn value<T: Clone>(
        &mut self,
        key: &'m str,
        declared: &Inheritable<T>,
        template: Option<&PackageTemplate>,
        from: impl Fn(&PackageTemplate) -> Option<T>,
    ) -> Option<T> {
        if let Inheritable::Set(value) = declared {
            return Some(value.clone());
        }
        self.any = true;
        let found = template.and_then(from);
        if found.is_none() {
            let keys = vec![Key::Name("package"), Key::Name(key)];
            self.missing.push((format!("package.{key}"), keys));
        }
        found
    }

    /// What is wrong with it all, in one problem; `unlisted` lends without naming the package.
    fn problem(
        self,
        tree: &Tree,
        manifest: &Manifest,
        unlisted: Option<Rc<Manifest>>,
    ) -> Option<Problem> {
        if let Some((first, keys)) = self.missing.first() {
            let more = match self.missing.len() - 1 {
                0 => String::new(),
                more => format!(" (and {more} more)"),
            };
            return Some(manifest.problem(
                tree.sources,
                keys,
                format!("`{first}`{more} is inherited, and no workspace above sets it"),
                "set it here, or in the `[workspace]` that lists this package",
            ));
        }
        let root = unlisted.filter(|_| self.any)?;
        let problem = manifest.problem(
            tree.sources,
            &[Key::Name("package"), Key::Name("name")],
            "it inherits from a workspace above that does not list it",
            format!("list it in the `members` of `{}`, or cargo refuses it", root.path().display()),
        );
        Some(Problem { severity: Severity::Note, ..problem })
    }
}

/// Calls `each` with every dependency: key, declaration, kind, and the keys of its table.
pub(super) fn each_dependency<'m>(
    manifest: &'m Manifest,
    mut each: impl FnMut(&'m str, &'m Declared, DependencyKind, &[Key<'m>]),
) {
    use DependencyKind::{Build, Dev, Normal};
    let toml = &manifest.toml;
    let names = ["dependencies", "dev-dependencies", "build-dependencies"];
    let kinds = [Normal, Dev, Build];
    let tables = [&toml.dependencies, &toml.dev_dependencies, &toml.build_dependencies];
    for ((table, name), kind) in tables.into_iter().zip(names).zip(kinds) {
        for (key, declared) in table {
            each(key, declared, kind, &[Key::Name(name)]);
        }
    }
    for (cfg, target) in &toml.target {
        let tables = [&target.dependencies, &target.dev_dependencies, &target.build_dependencies];
        for ((table, name), kind) in tables.into_iter().zip(names).zip(kinds) {
            for (key, declared) in table {
                each(key, declared, kind, &[Key::Name("target"), Key::Name(cfg), Key::Name(name)]);
            }
        }
    }
}

fn dependencies<'m>(
    tree: &mut Tree,
    manifest: &'m Rc<Manifest>,
    root: Option<&Rc<Manifest>>,
    inherits: &mut Inherits<'m>,
) -> (Vec<Dependency>, Vec<Edge>) {
    let (mut dependencies, mut edges) = (Vec::new(), Vec::new());
    each_dependency(manifest, |key, declared, kind, table| {
        let template = root.and_then(|root| root.toml.workspace.as_ref()?.dependencies.get(key));
        let mut keys = table.to_vec();
        keys.push(Key::Name(key));
        let inherited = matches!(declared, Declared::Inherited(_));
        inherits.any |= inherited;
        if inherited && template.is_none() {
            inherits.missing.push((format!("dependencies.{key}"), keys.clone()));
        }
        let source = if inherited { template.unwrap_or(declared) } else { declared };
        let mut features = source.req_features().to_vec();
        if inherited && template.is_some() {
            features.extend_from_slice(declared.req_features());
        }
        let mut default_features = source.detail().is_none_or(default_features_of);
        if inherited && !default_features {
            // The member may turn on what the workspace turned off; cargo_toml drops the key.
            keys.push(Key::Name("default-features"));
            default_features = manifest.flag(tree.sources, &keys) == Some(true);
        }
        let dependency = Dependency {
            name: key.replace('-', "_"),
            package: source.package().unwrap_or(key).to_string(),
            kind,
            features,
            default_features,
            optional: declared.optional(),
        };
        if dependencies.contains(&dependency) {
            return;
        }
        let path = path_of(manifest, root, key, declared);
        dependencies.push(dependency);
        edges.push(Edge { key: key.to_string(), path });
    });
    (dependencies, edges)
}
