//! What do the deploy files switch on that ties a client, or files, to a process?
//!
//! The keys and values are facts of the catalogue. What is mechanics stands here: which things a
//! file describes, how a key is found in them, which keys are one setting, what a container is
//! given, and for whom a setting is no concern of ours.

use rustc_hash::FxHashSet;

use crate::catalog::{Catalog, SettingFact, SettingMeaning, Syntax};
use crate::diagnostic::{Step, Verdict};
use crate::parse::conf::Document;
use crate::source::Span;

mod behind;
mod branches;
mod builds;
mod built;
mod charts;
mod chosen;
mod commands;
mod compose;
mod facts;
mod features;
mod furnished;
mod images;
mod kinds;
mod mounted;
mod mounts;
mod objects;
mod once;
mod patches;
mod pods;
mod pushed;
mod runs;
mod said;
mod scales;
mod shipped;
mod sites;
mod switched;
mod terms;
mod values;
mod volumes;
mod whose;

pub use features::{Built, built};
pub use kinds::{commands, process};
use objects::{Object, told};
pub use runs::{Program, Run};
pub use scales::Replicas;
use scales::Scaled;
use values::Variables;
use whose::{Apps, Backings, Standing};

/// A deploy file as it was read.
#[derive(Debug, Clone, Copy)]
pub struct DeployText<'a> {
    /// Relative to the root, with `/`: names of folders above it say nothing.
    pub path: &'a str,
    pub text: &'a str,
    pub documents: &'a [Document],
}

/// A key of the catalogue that somebody has set for a process of this repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    pub meaning: SettingMeaning,
    /// Whether the value switches it on.
    pub on: bool,
    /// Whether the process is known to be of this repository.
    pub certain: bool,
    /// A violation where the client's identity chooses the process, or files stay on one machine; a
    /// hazard where what is asked for does, replicas share the files, or nobody can tell.
    pub verdict: Verdict,
    /// As it is written.
    pub key: String,
    pub value: String,
    /// The key.
    pub at: Span,
    /// The object it is set on: "Service `web`", "compose service `web`".
    pub what: String,
    pub why: String,
    pub instead: String,
    /// What follows, where it is not the usual.
    pub so: String,
    /// The object, and the keys that belong to it.
    pub because: Vec<Step>,
    /// Of a volume: the folders that a process sees it at.
    pub targets: Vec<String>,
    /// Of a volume of a compose service: its name, or the folder.
    pub source: Option<String>,
    /// Of a folder that has files of the repository: the programs that may be given it.
    pub readers: Vec<usize>,
    /// The programs of the tree that it is set for, by their indices; what cannot be told is not
    /// there.
    pub programs: Vec<usize>,
    /// Where the thing stands that it is set on, whole; of a volume, the process that has it.
    pub(crate) within: Span,
}

impl Setting {
    /// Whether a volume is given to a process.
    pub(crate) fn is_of(&self, run: &Run) -> bool {
        behind::is_of(self.within, run)
    }

    /// "`sessionAffinity: ClientIP`".
    pub fn said(&self) -> String {
        match &*self.value {
            "" => format!("`{}`", self.key),
            value => format!("`{}: {value}`", self.key),
        }
    }
}

/// What all deploy files describe, but those for development or tests.
pub struct Deployment<'a> {
    objects: Vec<Object<'a>>,
    variables: Variables<'a>,
    backings: Backings<'a>,
    apps: Apps<'a>,
    catalog: &'a Catalog,
}

impl<'a> Deployment<'a> {
    /// `names` are those of the packages, binaries and folders that images are called after.
    pub fn of(files: &[DeployText<'a>], catalog: &'a Catalog, names: &[String]) -> Self {
        let variables = Variables::of(files, catalog);
        let files: Vec<DeployText<'_>> =
            files.iter().filter(|file| !is_for_development(file, catalog)).copied().collect();
        let mut objects: Vec<Object<'_>> = objects::all(&files, catalog);
        // A stage that is called so is for development.
        objects.retain(|object| object.format != "dockerfile" || !is_unreal(object.name, false));
        let backings = Backings::new(&objects, catalog);
        let apps = Apps::new(&objects, names, catalog);
        Deployment { objects, variables, backings, apps, catalog }
    }

    /// What is known to run a program of the tree, in the order of the files.
    pub fn runs(&self, programs: &[Program]) -> Vec<Run> {
        let (objects, apps, variables) = (&self.objects, &self.apps, &self.variables);
        let (catalog, scaled) = (self.catalog, Scaled::of(objects, &self.catalog.files.scales));
        let parts = runs::Parts { objects, apps, variables, catalog, programs, scaled };
        let develops = |object: &Object<'_>| compose::develops(object, catalog);
        let mut runs = runs::of(&parts, |object| self.backings.holds(object) || develops(object));
        runs.sort_by_key(|run| (run.at.file, run.at.start));
        runs
    }

    /// The settings, in the order of the files: one for one site. Those of backing services are
    /// left out. `runs` are what the same deployment runs of the `programs` of the tree.
    pub fn settings(&self, runs: &[Run], programs: &[Program]) -> Vec<Setting> {
        let Deployment { objects, variables, backings, apps, catalog } = self;
        let built =
            |fact: &&SettingFact| fact.built.is_empty() || !builds::is_built(objects, &fact.built);
        let facts = facts::Facts::new(catalog.files.settings.iter().filter(built));
        let finder = behind::Finder::new(self, runs, programs);
        let mut settings = Vec::new();
        for object in objects.iter().filter(|object| !backings.holds(object)) {
            let found = sites::of_object(object, &facts, variables);
            if found.is_empty() {
                continue;
            }
            let standing = apps.standing_of(object);
            let develops = compose::develops(object, catalog);
            let set_for = finder.programs(object);
            settings.extend(found.into_iter().filter_map(|mut setting| {
                setting.programs.clone_from(&set_for);
                if object.format == "values" {
                    match apps.standing_of_values(object, setting.at) {
                        Standing::Other => return None,
                        Standing::Unknown => setting.certain = false,
                        Standing::App => {}
                    }
                }
                // Clients may be sent to a proxy; its files and its command are its own.
                if setting.meaning != SettingMeaning::Sticky {
                    match standing {
                        Some(Standing::Other) => return None,
                        Some(Standing::Unknown) => setting.certain = false,
                        Some(Standing::App) | None => {}
                    }
                }
                if setting.meaning == SettingMeaning::Volume
                    && !volumes::lasts(&mut setting, catalog)
                {
                    return None;
                }
                if setting.meaning == SettingMeaning::Volume
                    && setting.on
                    && let Some(off) = switched::off(object, setting.at, &variables.charts)
                {
                    setting.certain = false;
                    let said = format!("`{}` is off, and is not known to be switched on", off.name);
                    setting.because.push(Step::new(off.at, said));
                }
                if setting.meaning == SettingMeaning::Assets && develops {
                    return None;
                }
                Some(setting)
            }));
        }
        settings.extend(builds::of(objects, apps, catalog));
        for mut volume in volumes::of(objects, apps, catalog, &variables.charts) {
            volume.programs = finder.within(volume.within);
            settings.push(volume);
        }
        let twins = compose::twins(objects, apps);
        for setting in &mut settings {
            if let Some(shipped) = twins.get(&setting.within) {
                setting.certain = false;
                let said = "another file runs the image of it that was built before";
                setting.because.push(Step::new(*shipped, said));
            }
        }
        // Of two that stand in one place, the one that is known counts.
        settings.sort_by_key(|one| (one.at.file, one.at.start, !one.certain));
        // What two services take from one anchor stands in one place.
        let mut seen = FxHashSet::default();
        settings.retain(|setting| seen.insert((setting.at, setting.meaning)));
        for setting in &mut settings {
            (setting.key, setting.value) = (told(&setting.key), told(&setting.value));
        }
        settings
    }
}

/// The settings of all deploy files: what [`Deployment::settings`] says of them.
#[cfg(test)]
pub(crate) fn settings(
    files: &[DeployText<'_>],
    catalog: &Catalog,
    names: &[String],
) -> Vec<Setting> {
    Deployment::of(files, catalog, names).settings(&[], &[])
}

/// Words that say that something is no production.
const UNREAL: [&str; 33] = [
    "dev",
    "devel",
    "develop",
    "development",
    "devcontainer",
    "local",
    "override",
    "test",
    "tests",
    "testing",
    "devservices",
    "integration",
    "ci",
    "sandbox",
    "skaffold",
    "tilt",
    "mock",
    "mocks",
    "e2e",
    "kind",
    "minikube",
    "localnet",
    "regtest",
    "devenv",
    "debug",
    "gitpod",
    "codespaces",
    "k3d",
    "bench",
    "benches",
    "benchmark",
    "benchmarks",
    "fuzz",
];

/// Whether a file, by its path relative to the root and its text, is for development or tests.
pub fn is_unreal_file(path: &str, text: &str, catalog: &Catalog) -> bool {
    let formats = catalog.formats.of(path, text);
    is_unreal(path, formats.iter().any(|format| catalog.formats[*format].automation))
}

/// Whether the names of a file and of its folders say that it is no production.
fn is_for_development(file: &DeployText<'_>, catalog: &Catalog) -> bool {
    let mut formats = file.documents.iter().flat_map(|document| &document.formats);
    let automation = formats.any(|format| catalog.formats[*format].automation);
    is_unreal(file.path, automation)
}

/// Whether a name says that it is no production; what a build server runs may be called `ci`.
fn is_unreal(name: &str, automation: bool) -> bool {
    let name = name.to_ascii_lowercase();
    let mut words = name.split(['/', '.', '-', '_']);
    words.any(|word| UNREAL.contains(&word) && !(automation && word == "ci"))
}

#[cfg(test)]
mod tests;
