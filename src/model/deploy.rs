//! What do the deploy files switch on that ties a client, or files, to a process?
//!
//! The keys and values are facts of the catalogue. What is mechanics stands here: which things a
//! file describes, how a key is found in them, which keys are one setting, what a container is
//! given, and for whom a setting is no concern of ours.

use rustc_hash::FxHashSet;

use crate::catalog::{Catalog, SettingFact, SettingMeaning};
use crate::diagnostic::{Step, Verdict};
use crate::parse::conf::Document;
use crate::source::Span;

mod builds;
mod compose;
mod mounts;
mod objects;
mod pods;
mod sites;
mod terms;
mod values;
mod volumes;
mod whose;

use objects::Object;
use values::Variables;
use whose::{Apps, Backings, Standing};

/// A deploy file as it was read.
#[derive(Debug, Clone, Copy)]
pub struct DeployText<'a> {
    /// Relative to the root, with `/`: names of folders above it say nothing.
    pub path: &'a str,
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
}

/// The settings of all deploy files, in the order of the files: one for one site. `names` are those
/// of the packages, binaries and folders that images are called after.
///
/// Those of backing services, and those in files for development or tests, are left out.
pub fn settings(files: &[DeployText<'_>], catalog: &Catalog, names: &[String]) -> Vec<Setting> {
    let variables = Variables::of(files, catalog);
    let files: Vec<DeployText<'_>> =
        files.iter().filter(|file| !is_for_development(file, catalog)).copied().collect();
    let mut objects: Vec<Object<'_>> = objects::all(&files, catalog);
    // A stage that is called so is for development.
    objects.retain(|object| object.format != "dockerfile" || !is_unreal(object.name, false));
    let backings = Backings::new(&objects, catalog);
    let apps = Apps::new(&objects, names, catalog);
    let built =
        |fact: &&SettingFact| fact.built.is_empty() || !builds::is_built(&objects, &fact.built);
    let facts = sites::Facts::new(catalog.files.settings.iter().filter(built));
    let mut settings = Vec::new();
    for object in objects.iter().filter(|object| !backings.holds(object)) {
        let found = sites::of_object(object, &facts, &variables).into_iter();
        let standing = apps.standing_of(object);
        let develops = object.format == "compose" && compose::develops(object.node);
        settings.extend(found.filter_map(|mut setting| {
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
            if setting.meaning == SettingMeaning::Volume && !volumes::lasts(&mut setting, catalog) {
                return None;
            }
            if setting.meaning == SettingMeaning::Assets && develops {
                return None;
            }
            Some(setting)
        }));
    }
    settings.extend(builds::of(&objects, &apps, catalog));
    settings.extend(volumes::of(&objects, &apps, catalog));
    settings.sort_by_key(|setting| (setting.at.file, setting.at.start));
    // What two services take from one anchor stands in one place.
    let mut seen = FxHashSet::default();
    settings.retain(|setting| seen.insert((setting.at, setting.meaning)));
    settings
}

/// Words that say that something is no production.
const UNREAL: [&str; 14] = [
    "dev",
    "development",
    "devcontainer",
    "local",
    "override",
    "test",
    "tests",
    "testing",
    "ci",
    "sandbox",
    "skaffold",
    "tilt",
    "kind",
    "minikube",
];

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
