//! Which manifests and deploy files lie beneath a folder? One walk, ignored files passed over.

use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use walkdir::WalkDir;

use super::problem;
use crate::diagnostic::{Problem, ProblemKind, Severity};

/// What a walk found, in order of path.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) manifests: Vec<PathBuf>,
    pub(super) deploy: Vec<PathBuf>,
    pub(super) problems: Vec<Problem>,
}

/// Folders that never hold sources of their own.
const SKIPPED: [&str; 4] = ["target", ".git", "vendor", "node_modules"];
/// Folders whose deploy files are samples.
const SAMPLES: [&str; 6] = ["tests", "testdata", "fixtures", "examples", "docs", "crds"];

/// Walks everything beneath `root`, which itself is read whatever it is called.
pub(super) fn walk(root: &Path) -> Found {
    let mut found = Found::default();
    // The rules in force, each with the depth of the folder that has them.
    let mut rules: Vec<(usize, Gitignore)> = Vec::new();
    let mut entries = WalkDir::new(root).sort_by_file_name().into_iter();
    while let Some(entry) = entries.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().unwrap_or(root).to_path_buf();
                found.problems.push(problem(
                    ProblemKind::Read,
                    &path,
                    format!("cannot be read: {error}"),
                    "make it readable, or leave it out; what lies beneath was not linted",
                ));
                continue;
            }
        };
        let depth = entry.depth();
        rules.retain(|(at, _)| *at < depth);
        let folder = entry.file_type().is_dir();
        if depth > 0 {
            let name = entry.file_name().to_string_lossy();
            let skipped = folder && SKIPPED.contains(&&*name);
            if skipped || is_ignored(&rules, entry.path(), folder) {
                if folder {
                    entries.skip_current_dir();
                }
                continue;
            }
        }
        if folder {
            let file = entry.path().join(".gitignore");
            if file.is_file() {
                let mut builder = GitignoreBuilder::new(entry.path());
                // A line that is no pattern is passed over, as git does.
                drop(builder.add(file));
                if let Ok(built) = builder.build() {
                    rules.push((depth, built));
                }
            }
            continue;
        }
        let name = entry.file_name().to_string_lossy();
        if name == "Cargo.toml" {
            match entry.path().is_file() {
                true => found.manifests.push(entry.path().to_path_buf()),
                false => found.problems.push(problem(
                    ProblemKind::Read,
                    entry.path(),
                    "this manifest is a link that leads nowhere",
                    "mend or remove the link; its package was not linted",
                )),
            }
        } else if is_deploy(&name) && !is_sample(root, entry.path()) {
            match entry.path().is_file() {
                true => found.deploy.push(entry.path().to_path_buf()),
                false => found.problems.push(Problem {
                    severity: Severity::Note,
                    ..problem(
                        ProblemKind::Read,
                        entry.path(),
                        "this deploy file is a link that leads nowhere",
                        "mend or remove the link",
                    )
                }),
            }
        }
    }
    found
}

fn is_ignored(rules: &[(usize, Gitignore)], path: &Path, folder: bool) -> bool {
    for (_, rules) in rules.iter().rev() {
        let verdict = rules.matched(path, folder);
        if !verdict.is_none() {
            return verdict.is_ignore();
        }
    }
    false
}

/// Whether a name may be deploy configuration; the content decides.
fn is_deploy(name: &str) -> bool {
    const LOCKS: [&str; 4] =
        ["package.json", "package-lock.json", "tsconfig.json", "pnpm-lock.yaml"];
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    matches!(extension, Some("yaml" | "yml" | "json")) && !LOCKS.contains(&name)
}

fn is_sample(root: &Path, path: &Path) -> bool {
    let beneath = path.strip_prefix(root).unwrap_or(path);
    let mut folders = beneath.parent().into_iter().flat_map(Path::components);
    folders.any(|part| SAMPLES.iter().any(|sample| part.as_os_str() == *sample))
}
