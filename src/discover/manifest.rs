//! What does one `Cargo.toml` say? Targets by cargo's defaults, dependencies with their renames.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use cargo_toml::{AbstractFilesystem, Dependency as Declared, Manifest, Product};

use super::{Dependency, DependencyKind, Package, Selection, Target, TargetKind, clean, problem};
use crate::diagnostic::{Problem, ProblemKind};
use crate::source::{ReadError, Sources, Span};

/// A manifest as it was read, before the workspace filled it in.
#[derive(Debug, Clone)]
pub(super) struct Loaded {
    pub(super) path: PathBuf,
    pub(super) dir: PathBuf,
    pub(super) file: crate::source::FileId,
    pub(super) manifest: Manifest,
}

/// Reads a manifest; what cannot be read or is not TOML is a problem with its place.
pub(super) fn load(sources: &mut Sources, path: &Path) -> Result<Loaded, Problem> {
    let file = sources.load(path).map_err(|error| unreadable(path, &error))?;
    let text = sources.get(file).text.clone();
    let manifest = Manifest::from_slice(text.as_bytes()).map_err(|error| {
        let mut found = problem(
            ProblemKind::Manifest,
            path,
            format!("this manifest cannot be read: {}", message(&error)),
            "mend it until `cargo metadata` accepts it; its package was not linted",
        );
        if let cargo_toml::Error::Parse(error) = &error
            && let Some(span) = error.span()
        {
            found.at = Some(Span::new(file, span.start as u32, span.end as u32));
        }
        found
    })?;
    let dir = path.parent().unwrap_or(path).to_path_buf();
    Ok(Loaded { path: path.to_path_buf(), dir, file, manifest })
}

fn message(error: &cargo_toml::Error) -> String {
    match error {
        cargo_toml::Error::Parse(error) => error.message().to_string(),
        other => other.to_string(),
    }
}

pub(super) fn unreadable(path: &Path, error: &ReadError) -> Problem {
    problem(
        ProblemKind::Read,
        path,
        format!("cannot be read: {error}"),
        "make it readable as UTF-8 text, or leave it out; it was not linted",
    )
}

/// The folder of a package, as `cargo_toml` wants to see it.
struct Folder<'a>(&'a Path);

impl AbstractFilesystem for Folder<'_> {
    fn file_names_in(&self, path: &str) -> std::io::Result<HashSet<Box<str>>> {
        let mut names = HashSet::new();
        for entry in std::fs::read_dir(self.0.join(path))? {
            names.insert(entry?.file_name().to_string_lossy().into());
        }
        Ok(names)
    }
}

impl Loaded {
    /// Fills in what the workspace says and what cargo finds by default.
    pub(super) fn complete(&mut self, workspace: Option<&Loaded>) -> Result<(), Problem> {
        let inherited = workspace.map(|w| (&w.manifest, w.path.as_path()));
        self.manifest.complete_from_abstract_filesystem(Folder(&self.dir), inherited).map_err(
            |error| {
                problem(
                    ProblemKind::Manifest,
                    &self.path,
                    format!("this manifest cannot be completed: {error}"),
                    "check what it inherits from its workspace; its package was not linted",
                )
            },
        )
    }

    /// The package, with targets selected as on cargo's command line.
    pub(super) fn package(
        &self,
        selection: &Selection,
        problems: &mut Vec<Problem>,
    ) -> Option<Package> {
        let declared = self.manifest.package.as_ref()?;
        let mut targets = Vec::new();
        let mut add = |kind: TargetKind, products: &[Product]| {
            for product in products {
                targets.extend(self.target(kind, product, selection, problems));
            }
        };
        add(TargetKind::Lib, self.manifest.lib.as_slice());
        add(TargetKind::Bin, &self.manifest.bin);
        add(TargetKind::Example, &self.manifest.example);
        add(TargetKind::Test, &self.manifest.test);
        add(TargetKind::Bench, &self.manifest.bench);
        targets.extend(self.build_script());
        Some(Package {
            name: declared.name.clone(),
            version: declared.version.get().map(|v| v.to_string()).unwrap_or_default(),
            manifest: self.file,
            dir: self.dir.clone(),
            dependencies: self.dependencies(),
            targets,
            features: self.manifest.features.keys().cloned().collect(),
            enabled: BTreeSet::new(),
            selected: false,
        })
    }

    fn target(
        &self,
        kind: TargetKind,
        product: &Product,
        selection: &Selection,
        problems: &mut Vec<Problem>,
    ) -> Option<Target> {
        let name = product.name.clone()?;
        let path = match &product.path {
            Some(path) => clean(&self.dir.join(path)),
            None => self.default_root(kind, &name)?,
        };
        if !path.is_file() {
            problems.push(problem(
                ProblemKind::Manifest,
                &self.path,
                format!("target `{name}` names `{}`, which is not a file", path.display()),
                "mend its `path`, or remove the target",
            ));
            return None;
        }
        let selected = match selection.targets.is_empty() {
            true => matches!(kind, TargetKind::Lib | TargetKind::Bin),
            false => selection.targets.contains(&kind),
        };
        let name = if kind == TargetKind::Lib { name.replace('-', "_") } else { name };
        let edition = product.edition.map_or(2015, |edition| match edition {
            cargo_toml::Edition::E2015 => 2015,
            cargo_toml::Edition::E2018 => 2018,
            cargo_toml::Edition::E2021 => 2021,
            _ => 2024,
        });
        Some(Target { kind, name, root: path, edition, selected })
    }

    /// Where cargo looks for a target without a `path`.
    fn default_root(&self, kind: TargetKind, name: &str) -> Option<PathBuf> {
        let folder = match kind {
            TargetKind::Lib => return Some(self.dir.join("src/lib.rs")),
            TargetKind::Bin => "src/bin",
            TargetKind::Example => "examples",
            TargetKind::Test => "tests",
            TargetKind::Bench => "benches",
            TargetKind::BuildScript => return None,
        };
        let candidates = [format!("{folder}/{name}.rs"), format!("{folder}/{name}/main.rs")];
        let main = (kind == TargetKind::Bin).then(|| "src/main.rs".to_string());
        candidates.into_iter().chain(main).map(|p| self.dir.join(p)).find(|p| p.is_file())
    }

    fn build_script(&self) -> Option<Target> {
        let path = match &self.manifest.package.as_ref()?.build {
            Some(cargo_toml::OptionalFile::Path(path)) => self.dir.join(path),
            Some(cargo_toml::OptionalFile::Flag(false)) => return None,
            _ => self.dir.join("build.rs"),
        };
        let target = Target {
            kind: TargetKind::BuildScript,
            name: "build-script".into(),
            root: clean(&path),
            edition: 2021,
            selected: false,
        };
        target.root.is_file().then_some(target)
    }

    fn dependencies(&self) -> Vec<Dependency> {
        let mut found = Vec::new();
        let mut add = |set: &cargo_toml::DepsSet, kind: DependencyKind| {
            for (key, declared) in set {
                let package = declared.package().unwrap_or(key).to_string();
                let detail = declared.detail();
                found.push(Dependency {
                    name: key.replace('-', "_"),
                    package,
                    kind,
                    features: declared.req_features().to_vec(),
                    default_features: detail.is_none_or(|detail| detail.default_features),
                    optional: declared.optional(),
                });
            }
        };
        let manifest = &self.manifest;
        add(&manifest.dependencies, DependencyKind::Normal);
        add(&manifest.dev_dependencies, DependencyKind::Dev);
        add(&manifest.build_dependencies, DependencyKind::Build);
        for target in manifest.target.values() {
            add(&target.dependencies, DependencyKind::Normal);
            add(&target.dev_dependencies, DependencyKind::Dev);
            add(&target.build_dependencies, DependencyKind::Build);
        }
        found
    }

    /// Folders that `path` dependencies name.
    pub(super) fn path_dependencies(&self) -> Vec<PathBuf> {
        let manifest = &self.manifest;
        let tables = manifest
            .target
            .values()
            .flat_map(|target| [&target.dependencies, &target.build_dependencies]);
        let all = [&manifest.dependencies, &manifest.build_dependencies].into_iter().chain(tables);
        let declared = all.flat_map(|set| set.values());
        let path = |declared: &Declared| declared.detail()?.path.clone();
        declared.filter_map(path).map(|path| clean(&self.dir.join(path))).collect()
    }
}
