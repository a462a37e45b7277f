//! Which files may be deploy configuration?

use std::borrow::Cow;
use std::path::Path;

use super::manifest::unreadable;
use super::relative;
use crate::catalog::Formats;
use crate::diagnostic::{Problem, Severity};
use crate::source::{FileId, ReadError, Sources};

/// Folders whose deploy files are samples or tests, beneath the root that is linted.
const SAMPLES: [&str; 6] = ["tests", "testdata", "fixtures", "examples", "docs", "crds"];

/// Files of these formats that configure something else, by their names.
const OTHERS: [&str; 6] = [
    "package-lock.json",
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    "composer.json",
    "tsconfig.json",
    "mkdocs.yml",
];

/// Whether a file may be deploy configuration, by its name and the folders above it.
pub(super) fn may_be(path: &Path, root: &Path, formats: &Formats) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return false };
    let beneath = path.strip_prefix(root).unwrap_or(path);
    let folders = beneath.parent().unwrap_or(beneath);
    let shown = relative(path, root);
    !OTHERS.contains(&name)
        && !folders.iter().any(|folder| SAMPLES.iter().any(|sample| folder == *sample))
        && (is_yaml(name) || formats.may_be(&shown))
}

fn is_yaml(name: &str) -> bool {
    name.ends_with(".yaml") || name.ends_with(".yml")
}

/// Reads a file that may be deploy configuration. Other names than those of YAML are borne by much
/// else: such a file is only kept where it says what a format says.
pub(super) fn load(
    sources: &mut Sources,
    path: &Path,
    root: &Path,
    formats: &Formats,
) -> Result<Option<FileId>, Problem> {
    let yaml = path.file_name().and_then(|name| name.to_str()).is_some_and(is_yaml);
    if !yaml && sources.find(path).is_none() {
        let shown = relative(path, root);
        let text: Cow<'_, str> = match sources.overlaid(path) {
            Some(text) => Cow::Borrowed(text),
            None => {
                let Ok(meta) = path.metadata() else { return Ok(None) };
                if !meta.is_file() || meta.len() > Sources::MOST_BYTES {
                    return Ok(None);
                }
                let Ok(bytes) = std::fs::read(path) else { return Ok(None) };
                String::from_utf8_lossy(&bytes).into_owned().into()
            }
        };
        if formats.of(&shown, &text).is_empty() {
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
