//! What was linted, in cargo's words? For readers that know packages and targets as cargo names them.

use crate::diagnostic::{LintedPackage, LintedTarget};
use crate::discover::{Project, Target, TargetKind};

/// The selected packages with their judged targets.
pub(super) fn packages(project: &Project) -> Vec<LintedPackage> {
    let selected = project.packages.iter().filter(|package| package.selected);
    selected
        .map(|package| LintedPackage {
            name: package.name.clone(),
            version: package.version.clone(),
            dir: package.dir.clone(),
            manifest: package.manifest,
            features: package.enabled.iter().cloned().collect(),
            targets: package.targets.iter().filter(|target| target.selected).map(target).collect(),
        })
        .collect()
}

fn target(target: &Target) -> LintedTarget {
    let (kind, built) = match target.kind {
        TargetKind::Lib => ("lib", "lib"),
        TargetKind::Bin => ("bin", "bin"),
        TargetKind::Example => ("example", "bin"),
        TargetKind::Test => ("test", "bin"),
        TargetKind::Bench => ("bench", "bin"),
        TargetKind::BuildScript => ("custom-build", "bin"),
    };
    let crate_types = match target.crate_types.is_empty() {
        true => vec![built.to_owned()],
        false => target.crate_types.clone(),
    };
    LintedTarget {
        // Of a library cargo says what it is built as.
        kind: match target.kind {
            TargetKind::Lib => crate_types.clone(),
            _ => vec![kind.to_owned()],
        },
        crate_types,
        name: target.name.clone(),
        root: target.root.clone(),
        edition: target.edition,
    }
}
