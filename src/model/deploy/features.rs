//! With which features are the programs built that a deployment runs?

use super::images::Build;
use super::runs::{Program, Run};
use crate::source::Span;

/// What the lines say that build the programs of a package: of several, all that some image has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// Index of the package.
    pub package: usize,
    pub features: Vec<String>,
    pub all: bool,
    /// The default ones are not on.
    pub no_default: bool,
    /// The first line that says any.
    pub at: Span,
}

/// The features of each package whose programs are built by lines that say any.
pub fn built(runs: &[Run], programs: &[Program]) -> Vec<Built> {
    let mut packages: Vec<usize> =
        runs.iter().filter_map(|run| programs[run.program].packages.first()).copied().collect();
    packages.sort();
    packages.dedup();
    packages.into_iter().filter_map(|package| of_package(package, runs, programs)).collect()
}

fn of_package(package: usize, runs: &[Run], programs: &[Program]) -> Option<Built> {
    let mut lines: Vec<&Build> = Vec::new();
    for run in runs {
        let program = &programs[run.program];
        if program.packages.first() != Some(&package) {
            continue;
        }
        let its: Vec<&Build> = run.builds.iter().filter(|b| b.line.builds(program)).collect();
        // Of several lines of one stage, those before the last only warm its cache.
        let same =
            |one: &Build, other: &Build| one.stage == other.stage && one.at.file == other.at.file;
        let last = |at: usize| its[at + 1..].iter().all(|later| !same(later, its[at]));
        lines.extend((0..its.len()).filter(|at| last(*at)).map(|at| its[at]));
    }
    // What is only known when the image is built says nothing.
    lines.retain(|build| !build.open);
    let all = lines.iter().any(|build| build.line.all_features);
    let no_default = !lines.is_empty() && lines.iter().all(|build| build.line.no_default_features);
    let said = lines.iter().flat_map(|build| &build.line.features);
    let mut features: Vec<String> = said.filter(|_| !all).cloned().collect();
    features.sort();
    features.dedup();
    let says = |build: &&&Build| {
        let line = &build.line;
        line.all_features || line.no_default_features || !line.features.is_empty()
    };
    let at = lines.iter().find(says)?.at;
    (all || no_default || !features.is_empty()).then_some(Built {
        package,
        features,
        all,
        no_default,
        at,
    })
}

impl Built {
    /// As it is said: `--no-default-features --features postgres`.
    pub fn said(&self) -> String {
        let mut words = Vec::new();
        if self.no_default {
            words.push("--no-default-features".to_string());
        }
        if self.all {
            words.push("--all-features".to_string());
        }
        if !self.features.is_empty() {
            words.push(format!("--features {}", self.features.join(",")));
        }
        words.join(" ")
    }
}
