//! What would cargo build of a package? The targets its manifest names, and those cargo infers.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use cargo_toml::{OptionalFile, Product};

use super::manifest::{Key, Manifest};
use super::package::year;
use super::workspace::Tree;
use super::{Selection, Target, TargetKind, clean};
use crate::diagnostic::Severity;

/// A target and the features without which cargo skips it.
type Found = (Target, Vec<String>);

/// The targets of a package in order of kind, name and file, none of them selected yet.
pub(super) fn targets(
    tree: &mut Tree,
    manifest: &Rc<Manifest>,
    edition: u16,
    selection: &Selection,
) -> Vec<Found> {
    let Some(package) = &manifest.toml.package else { return Vec::new() };
    let toml = &manifest.toml;
    let mut seen = Seen { tree, manifest, edition, selection, found: Vec::new() };
    seen.library();
    seen.table(TargetKind::Bin, "bin", &toml.bin, package.autobins);
    seen.table(TargetKind::Example, "example", &toml.example, package.autoexamples);
    seen.table(TargetKind::Test, "test", &toml.test, package.autotests);
    seen.table(TargetKind::Bench, "bench", &toml.bench, package.autobenches);
    seen.build_script();
    let mut found = seen.found;
    found.sort_by(|(a, _), (b, _)| (a.kind, &a.name, &a.root).cmp(&(b.kind, &b.name, &b.root)));
    found
}

struct Seen<'t, 's> {
    tree: &'t mut Tree<'s>,
    manifest: &'t Rc<Manifest>,
    edition: u16,
    selection: &'t Selection,
    found: Vec<Found>,
}

impl Seen<'_, '_> {
    fn library(&mut self) {
        let Some(package) = &self.manifest.toml.package else { return };
        let declared = self.manifest.toml.lib.as_ref();
        let usual = self.manifest.dir.join("src/lib.rs");
        let name = declared.and_then(|lib| lib.name.as_ref()).unwrap_or(&package.name);
        let crate_name = name.replace('-', "_");
        let path = match declared {
            None if package.autolib && self.is_file(&usual) => usual,
            None => return,
            Some(lib) => match &lib.path {
                Some(path) => clean(&self.manifest.dir.join(path)),
                None if self.is_file(&usual) => usual,
                None => self.old(&[format!("src/{name}.rs")]).unwrap_or(usual),
            },
        };
        let keys = [Key::Name("lib"), Key::Name("path")];
        self.add(TargetKind::Lib, crate_name, path, declared, &keys);
    }

    /// The targets of one kind: as cargo, an explicit one hides what is inferred of its name or file.
    fn table(&mut self, kind: TargetKind, key: &str, declared: &[Product], auto: bool) {
        let inferred = self.inferred(kind);
        let mut taken: BTreeSet<PathBuf> = BTreeSet::new();
        let mut names: BTreeSet<String> = BTreeSet::new();
        for (index, product) in declared.iter().enumerate() {
            let Some(name) = product.name.clone().or_else(|| stem(product.path.as_deref()?)) else {
                continue;
            };
            let path = match &product.path {
                Some(path) => clean(&self.manifest.dir.join(path)),
                None => self.usual(kind, &name, &inferred),
            };
            taken.insert(path.clone());
            names.insert(name.clone());
            let keys = [
                Key::Name(key),
                Key::Nth(index),
                Key::Name(if product.path.is_some() { "path" } else { "name" }),
            ];
            self.add(kind, name, path, Some(product), &keys);
        }
        // Before 2018 a table of targets turned the inference off.
        if !auto || (self.edition == 2015 && !declared.is_empty()) {
            return;
        }
        for (name, path) in inferred {
            if !names.contains(&name) && !taken.contains(&path) {
                self.add(kind, name, path, None, &[]);
            }
        }
    }

    fn build_script(&mut self) {
        let Some(package) = &self.manifest.toml.package else { return };
        let usual = self.manifest.dir.join("build.rs");
        let path = match &package.build {
            Some(OptionalFile::Flag(false)) => return,
            Some(OptionalFile::Path(path)) => clean(&self.manifest.dir.join(path)),
            _ if self.is_file(&usual) => usual,
            _ => return,
        };
        let keys = [Key::Name("package"), Key::Name("build")];
        let name = path.file_stem().map_or_else(Default::default, |stem| stem.to_string_lossy());
        let name = format!("build-script-{name}");
        self.add(TargetKind::BuildScript, name, path, None, &keys);
    }

    /// Adds a target whose file is there, and tells of one whose is not.
    fn add(
        &mut self,
        kind: TargetKind,
        name: String,
        root: PathBuf,
        declared: Option<&Product>,
        keys: &[Key],
    ) {
        if !self.is_file(&root) {
            let what = if root.is_dir() { "is a folder" } else { "is not there" };
            let shown = super::relative(&root, &self.manifest.dir);
            let mut problem = self.manifest.problem(
                self.tree.sources,
                keys,
                format!("the target `{name}` starts in `{shown}`, which {what}"),
                "mend its `path`, or remove the target; it was not linted",
            );
            // Archives of crates.io often leave out the files of tests and examples.
            if !self.selection.asks_for(kind) {
                problem.severity = Severity::Note;
            }
            return self.tree.problems.push((self.manifest.dir.clone(), problem));
        }
        let edition = declared.and_then(|product| product.edition).map_or(self.edition, year);
        let required = match kind {
            TargetKind::Lib => Vec::new(),
            _ => declared.map(|product| product.required_features.clone()).unwrap_or_default(),
        };
        let crate_types = declared.map_or_else(Vec::new, crate_types);
        let target = Target { kind, name, root, edition, crate_types, selected: false };
        self.found.push((target, required));
    }

    fn is_file(&self, path: &Path) -> bool {
        self.tree.sources.exists(path)
    }

    /// Where a target without a `path` starts.
    fn usual(&self, kind: TargetKind, name: &str, inferred: &[(String, PathBuf)]) -> PathBuf {
        if let Some((_, path)) = inferred.iter().find(|(inferred, _)| inferred == name) {
            return path.clone();
        }
        let old = match kind {
            TargetKind::Bin => {
                let files =
                    [format!("src/{name}.rs"), "src/main.rs".into(), "src/bin/main.rs".into()];
                self.old(&files)
            }
            _ => None,
        };
        let folder = folder(kind);
        old.unwrap_or_else(|| self.manifest.dir.join(folder).join(format!("{name}.rs")))
    }

    /// Where cargo also looks for a target of the 2015 edition.
    fn old(&self, files: &[String]) -> Option<PathBuf> {
        let mut paths = files.iter().map(|file| self.manifest.dir.join(file));
        paths.find(|path| self.edition == 2015 && self.is_file(path))
    }

    /// The targets of one kind that cargo finds by their place.
    fn inferred(&self, kind: TargetKind) -> Vec<(String, PathBuf)> {
        let mut found = Vec::new();
        let main = self.manifest.dir.join("src/main.rs");
        if kind == TargetKind::Bin
            && self.is_file(&main)
            && let Some(package) = &self.manifest.toml.package
        {
            found.push((package.name.clone(), main));
        }
        let folder = self.manifest.dir.join(folder(kind));
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        for path in entries.map(|entry| entry.path()) {
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            let (name, root) = match name.strip_suffix(".rs") {
                Some(stem) => (stem.to_string(), path.clone()),
                None => (name.to_string(), path.join("main.rs")),
            };
            if !name.starts_with('.') && !name.is_empty() && self.is_file(&root) {
                found.push((name, root));
            }
        }
        found.sort();
        found
    }
}

/// Where cargo infers the targets of a kind.
fn folder(kind: TargetKind) -> &'static str {
    match kind {
        TargetKind::Bin => "src/bin",
        TargetKind::Example => "examples",
        TargetKind::Test => "tests",
        TargetKind::Bench => "benches",
        TargetKind::Lib | TargetKind::BuildScript => "src",
    }
}

fn crate_types(declared: &Product) -> Vec<String> {
    match declared.proc_macro {
        true => vec!["proc-macro".into()],
        false => declared.crate_type.clone(),
    }
}

fn stem(path: &str) -> Option<String> {
    Path::new(path).file_stem()?.to_str().map(str::to_string)
}
