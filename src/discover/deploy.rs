//! Which files may be deploy configuration?

use std::path::Path;

use super::manifest::unreadable;
use crate::diagnostic::{Problem, Severity};
use crate::source::{FileId, ReadError, Sources};

/// Folders whose deploy files are samples or tests, beneath the root that is linted.
const SAMPLES: [&str; 6] = ["tests", "testdata", "fixtures", "examples", "docs", "crds"];

/// Files of these formats that configure something else, by their names.
const OTHERS: [&str; 7] = [
    "package.json",
    "package-lock.json",
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    "composer.json",
    "tsconfig.json",
    "mkdocs.yml",
];

/// Whether a file may be deploy configuration, by its name and the folders above it.
pub(super) fn may_be(path: &Path, root: &Path) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return false };
    let format = is_json(name) || name.ends_with(".yaml") || name.ends_with(".yml");
    let beneath = path.strip_prefix(root).unwrap_or(path);
    let folders = beneath.parent().unwrap_or(beneath);
    format
        && !OTHERS.contains(&name)
        && !folders.iter().any(|folder| SAMPLES.iter().any(|sample| folder == *sample))
}

fn is_json(name: &str) -> bool {
    name.ends_with(".json")
}

/// Reads a file that may be deploy configuration. Data is often kept as JSON, manifests seldom:
/// such a file is only kept where it says what manifests say.
pub(super) fn load(sources: &mut Sources, path: &Path) -> Result<Option<FileId>, Problem> {
    let json = path.file_name().and_then(|name| name.to_str()).is_some_and(is_json);
    if json && sources.find(path).is_none() {
        let size = path.metadata().map_or(0, |meta| meta.len());
        let Ok(bytes) =
            (if size > Sources::MOST_BYTES { return Ok(None) } else { std::fs::read(path) })
        else {
            return Ok(None);
        };
        let said = b"\"apiVersion\"";
        if !bytes.windows(said.len()).any(|window| window == said) {
            return Ok(None);
        }
    }
    match sources.load(path) {
        Ok(file) => Ok(Some(file)),
        // A pipe or a socket may bear any name.
        Err(ReadError::NotAFile) => Ok(None),
        // Its name alone does not make it deploy configuration, so this is no more than a note.
        Err(error) => Err(Problem {
            severity: Severity::Note,
            ..unreadable(path, &error, "if it is deploy configuration, it was not judged")
        }),
    }
}
