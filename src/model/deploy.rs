//! What do the deploy files switch on that ties a client to a process?
//!
//! The keys and values are facts of the catalogue. What is mechanics stands here: how a key is
//! found in an object, which keys are one setting, and for whom a setting is no concern of ours.

use rustc_hash::FxHashSet;

use crate::catalog::{Catalog, SettingFact, SettingMeaning};
use crate::diagnostic::{Step, Verdict};
use crate::parse::yaml::Document;
use crate::source::Span;

mod keys;
mod objects;

use keys::{Hit, Value};
use objects::{Backings, Object};

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
    /// A violation where the client's identity chooses the process; a hazard where what is asked
    /// for does, or nobody can tell.
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
    /// The object, and the keys that belong to it.
    pub because: Vec<Step>,
}

/// The settings of all deploy files, in the order of the files: one for one site.
///
/// Those of backing services, and those in files for development or tests, are left out.
pub fn settings(files: &[DeployText<'_>], catalog: &Catalog) -> Vec<Setting> {
    let files = files.iter().filter(|file| !is_for_development(file.path));
    let objects: Vec<Object<'_>> =
        files.flat_map(|file| file.documents).flat_map(objects::of).collect();
    let backings = Backings::new(&objects, catalog);
    let mut settings = Vec::new();
    for object in objects.iter().filter(|object| !backings.holds(object)) {
        settings.extend(of_object(object, &catalog.files.settings));
    }
    // What two services take from one anchor stands in one place.
    let mut seen = FxHashSet::default();
    settings.retain(|setting| seen.insert(setting.at));
    settings
}

/// A key of an object, and the fact that it is about.
struct Found<'a> {
    fact: &'a SettingFact,
    hit: Hit<'a>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Off,
    On(Verdict),
}

fn of_object(object: &Object<'_>, facts: &[SettingFact]) -> Vec<Setting> {
    let mut sites: Vec<(String, String, Vec<Found<'_>>)> = Vec::new();
    let about = |fact: &&SettingFact| {
        let kinds = &fact.kinds;
        fact.format == object.format
            && (kinds.is_empty() || kinds.iter().any(|kind| kind == object.kind))
    };
    for fact in facts.iter().filter(about) {
        if fact.unless.iter().any(|(key, value)| has(object, key, value)) {
            continue;
        }
        for hit in keys::find(object.node, &fact.key) {
            let Some(state) = state(fact, &hit.value) else { continue };
            let site = if fact.site.is_empty() { &fact.key } else { &fact.site };
            let known = sites.iter().position(|(of, star, _)| of == site && *star == hit.star);
            let index = known.unwrap_or(sites.len());
            if known.is_none() {
                sites.push((site.clone(), hit.star.clone(), Vec::new()));
            }
            sites[index].2.push(Found { fact, hit, state });
        }
    }
    sites.into_iter().filter_map(|(_, _, found)| setting(object, &found)).collect()
}

/// One site: the first key that is on speaks, unless another one switches the site off.
fn setting(object: &Object<'_>, found: &[Found<'_>]) -> Option<Setting> {
    let off = found.iter().find(|one| one.state == State::Off);
    let chosen = off.or(found.first())?;
    let (fact, hit) = (chosen.fact, &chosen.hit);
    let mut because = vec![Step::new(object.at, format!("this is {}", object.what()))];
    let others = found.iter().map(|one| &one.hit).filter(|other| other.at != hit.at);
    let mut belonging: Vec<(Span, &str)> = others.map(|other| (other.at, other.key)).collect();
    for pattern in &fact.companions {
        belonging.extend(keys::find(object.node, pattern).iter().map(|hit| (hit.at, hit.key)));
    }
    belonging.sort();
    belonging.dedup();
    because
        .extend(belonging.iter().map(|(at, key)| Step::new(*at, format!("`{key}` belongs to it"))));
    Some(Setting {
        meaning: fact.means,
        on: off.is_none(),
        verdict: match chosen.state {
            State::On(verdict) => verdict,
            State::Off => Verdict::Violation,
        },
        key: hit.key.to_string(),
        value: hit.value.text().to_string(),
        at: hit.at,
        what: object.what(),
        why: fact.why.clone(),
        instead: fact.instead.clone(),
        because,
    })
}

/// What a value does; `None` where there is none to judge, or only a template knows it.
fn state(fact: &SettingFact, value: &Value<'_>) -> Option<State> {
    let text = match value {
        Value::Text(text) => decided(&fact.format, text)?,
        Value::Null => "",
        Value::Collection => return None,
    };
    let any = |patterns: &[String]| patterns.iter().any(|p| keys::matches(p, text).is_some());
    let usual = || USUALLY_OFF.iter().any(|off| text.eq_ignore_ascii_case(off));
    let off = if fact.off.is_empty() { usual() } else { any(&fact.off) };
    Some(if any(&fact.on) {
        State::On(Verdict::Violation)
    } else if any(&fact.hazard) {
        State::On(Verdict::Hazard)
    } else if fact.on.is_empty() && !off {
        State::On(Verdict::Violation)
    } else {
        State::Off
    })
}

/// The text that is in force; of `${STICKY:-true}` in a compose file, the default.
fn decided<'a>(format: &str, text: &'a str) -> Option<&'a str> {
    if text.contains("{{") {
        return None;
    }
    let variable = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    match variable.filter(|_| format == "compose") {
        Some(variable) => variable
            .split_once(":-")
            .or_else(|| variable.split_once('-'))
            .map(|(_, default)| default),
        None => Some(text),
    }
}

const USUALLY_OFF: [&str; 7] = ["", "false", "none", "off", "no", "null", "disabled"];

fn has(object: &Object<'_>, key: &str, value: &str) -> bool {
    let hits = keys::find(object.node, key);
    hits.iter().any(|hit| hit.value.text().eq_ignore_ascii_case(value))
}

/// Whether the names of a file and of its folders say that it is no production.
fn is_for_development(path: &str) -> bool {
    const WORDS: [&str; 14] = [
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
    let path = path.to_ascii_lowercase();
    path.split(['/', '.', '-', '_']).any(|word| WORDS.contains(&word))
}

#[cfg(test)]
mod tests;
