//! What does one `Cargo.toml` say, and where in it does it say so?

use std::path::{Path, PathBuf};

use serde::de::IgnoredAny;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Problem, ProblemKind, Severity};
use crate::source::{FileId, ReadError, Sources, Span};

/// A manifest as it stands in its file: nothing inherited, nothing inferred.
#[derive(Debug)]
pub(super) struct Manifest {
    pub(super) file: FileId,
    /// Its folder, absolute.
    pub(super) dir: PathBuf,
    pub(super) toml: cargo_toml::Manifest<IgnoredAny>,
}

/// One step towards a value in a manifest.
#[derive(Debug, Clone, Copy)]
pub(super) enum Key<'a> {
    Name(&'a str),
    Nth(usize),
}

impl Manifest {
    pub(super) fn path(&self) -> PathBuf {
        self.dir.join("Cargo.toml")
    }

    /// A problem with this manifest, at the value that the keys lead to.
    pub(super) fn problem(
        &self,
        sources: &Sources,
        keys: &[Key],
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Problem {
        let at = find(&sources.get(self.file).text, keys, |_, span| Some(span));
        let at = at.map(|span| Span::new(self.file, span.start as u32, span.end as u32));
        Problem { at, ..problem(ProblemKind::Manifest, &self.path(), message, help) }
    }

    /// The boolean that the keys lead to.
    pub(super) fn flag(&self, sources: &Sources, keys: &[Key]) -> Option<bool> {
        find(&sources.get(self.file).text, keys, |value, _| value.as_bool())
    }
}

/// Walks from the document to a value as far as the keys lead.
fn find<T>(
    text: &str,
    keys: &[Key],
    then: impl Fn(&DeValue, std::ops::Range<usize>) -> Option<T>,
) -> Option<T> {
    let document = DeTable::parse(text).ok()?;
    let span = document.span();
    let root = DeValue::Table(document.into_inner());
    let (mut value, mut span) = (&root, span);
    for key in keys {
        let next = match key {
            Key::Name(name) => value.get(*name)?,
            Key::Nth(index) => value.get(*index)?,
        };
        (value, span) = (next.get_ref(), next.span());
    }
    then(value, span)
}

/// Reads a manifest; what cannot be read or understood is a problem with its place.
pub(super) fn read(sources: &mut Sources, dir: &Path) -> Result<Manifest, Problem> {
    let path = dir.join("Cargo.toml");
    let file = sources.load(&path).map_err(|error| Problem {
        kind: ProblemKind::Manifest,
        ..unreadable(&path, &error, "its package was not linted")
    })?;
    let text = sources.get(file).text.clone();
    let refused = |message: String, span: Option<std::ops::Range<usize>>| Problem {
        at: span.map(|span| Span::new(file, span.start as u32, span.end as u32)),
        ..problem(
            ProblemKind::Manifest,
            &path,
            format!("this manifest cannot be understood: {message}"),
            "mend it until `cargo metadata` accepts it; its package was not linted",
        )
    };
    let toml: cargo_toml::Manifest<IgnoredAny> = toml::from_str(&text)
        .map_err(|error| refused(error.message().trim().replace('\n', ", "), error.span()))?;
    if toml.package.is_none() && toml.workspace.is_none() {
        return Err(refused("it has neither `[package]` nor `[workspace]`".into(), None));
    }
    Ok(Manifest { file, dir: dir.to_path_buf(), toml })
}

/// A problem of severity error without a place inside the file.
pub(super) fn problem(
    kind: ProblemKind,
    path: &Path,
    message: impl Into<String>,
    help: impl Into<String>,
) -> Problem {
    let (message, help) = (message.into(), help.into());
    Problem { kind, severity: Severity::Error, message, help, path: path.to_path_buf(), at: None }
}

/// Why a text could not be had, and what that cost.
pub(crate) fn unreadable(path: &Path, error: &ReadError, cost: &str) -> Problem {
    let (message, advice) = match error {
        ReadError::Io(_) if is_dangling(path) => return dangling(path, cost),
        ReadError::Io(error) => (format!("cannot be read: {error}"), "make it readable"),
        ReadError::NotUtf8(at) => {
            let before = std::fs::read(path).unwrap_or_default();
            let line = 1 + before.iter().take(*at).filter(|byte| **byte == b'\n').count();
            (
                format!("not UTF-8: byte {at}, on line {line}, starts no character"),
                "save it as UTF-8",
            )
        }
        ReadError::NotAFile => ("a folder or a device, not a file".into(), "rename or remove it"),
        ReadError::TooLarge(_) => {
            (format!("not read: it has {error}"), "split it, or leave it out")
        }
    };
    problem(ProblemKind::Read, path, message, format!("{advice}; {cost}"))
}

/// A link whose target is missing.
pub(super) fn dangling(path: &Path, cost: &str) -> Problem {
    let target = std::fs::read_link(path).unwrap_or_default();
    problem(
        ProblemKind::Read,
        path,
        format!("a link to `{}`, where nothing is", target.display()),
        format!("mend or remove the link; {cost}"),
    )
}

/// What stands where a file should, and is none.
pub(crate) fn oddity(path: &Path) -> Option<String> {
    if is_dangling(path) {
        let target = std::fs::read_link(path).unwrap_or_default();
        return Some(format!("a link to `{}`, where nothing is", target.display()));
    }
    match path.metadata().ok()?.is_dir() {
        true => Some("a folder".into()),
        false => Some("which is no file".into()),
    }
}

pub(super) fn is_dangling(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|meta| meta.is_symlink()) && path.metadata().is_err()
}
