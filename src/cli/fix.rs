//! How are the edits made that are safe? All of them in memory first, then on the disk or as a diff.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use similar::TextDiff;

use crate::check::Options;
use crate::diagnostic::Report;
use crate::discover::{Selection, relative};
use crate::fix::{self, Changed};
use crate::source::Sources;

/// Edits may uncover others, such as a second key of the same name; nobody has more of them.
const MOST_ROUNDS: usize = 16;

/// The files as they are after all edits, and what is found then; none where nothing is to be done.
pub(super) fn fixed(
    report: &Report,
    selection: &Selection,
    options: &Options,
) -> (BTreeMap<PathBuf, Changed>, Option<Report>) {
    let mut all: BTreeMap<PathBuf, Changed> = BTreeMap::new();
    let mut after: Option<Report> = None;
    for _ in 0..MOST_ROUNDS {
        let changes = fix::changes(after.as_ref().unwrap_or(report));
        if changes.is_empty() {
            break;
        }
        for (path, new) in changes {
            let before = all.get(&path).map_or(0, |changed| changed.findings);
            all.insert(path, Changed { findings: before + new.findings, ..new });
        }
        let mut sources = Sources::default();
        for (path, changed) in &all {
            sources.overlay(path.clone(), &*changed.text);
        }
        after = Some(crate::check_with(sources, selection, options));
    }
    (all, after)
}

/// Prints the changes as a diff that `git apply` and `patch -p1` take, paths from the root on.
pub(super) fn diff(
    fixed: &BTreeMap<PathBuf, Changed>,
    report: &Report,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (path, changed) in fixed {
        let name = relative(path, &report.root);
        let diff = TextDiff::from_lines(before(report, path), &changed.text);
        let (old, new) = (format!("a/{name}"), format!("b/{name}"));
        diff.unified_diff().context_radius(3).header(&old, &new).to_writer(&mut *out)?;
    }
    Ok(())
}

/// Writes the changed files and says so on stderr.
///
/// # Errors
/// A file was changed by somebody else meanwhile, or cannot be written; those before it are written.
pub(super) fn write(fixed: &BTreeMap<PathBuf, Changed>, report: &Report) -> Result<(), String> {
    let mut findings = 0;
    for (path, changed) in fixed {
        let shown = relative(path, &report.root);
        let now = fs::read_to_string(path).map_err(|error| error.to_string());
        if now.as_deref() != Ok(before(report, path)) {
            return Err(format!(
                "`{shown}` was changed while it was linted, and is left as it is\n  help: run again"
            ));
        }
        replace(path, &changed.text).map_err(|error| {
            format!(
                "`{shown}` cannot be written: {error}\n  help: make it writable, or apply --diff"
            )
        })?;
        findings += changed.findings;
    }
    if findings > 0 {
        let many = |count: usize, what: &str| match count {
            1 => format!("1 {what}"),
            count => format!("{count} {what}s"),
        };
        let (findings, files) = (many(findings, "finding"), many(fixed.len(), "file"));
        drop(writeln!(io::stderr(), "fixed: {findings} in {files}"));
    } else {
        let why = "fixed: nothing, as no finding has an edit that is safe and complete";
        drop(writeln!(io::stderr(), "{why}"));
    }
    Ok(())
}

/// Puts a text in the place of a file at once: whoever reads it meanwhile reads the old or the new
/// one. What a link leads to is written; who may read it stays as it is.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let target = path.canonicalize()?;
    let folder = target.parent().unwrap_or(Path::new("."));
    let permissions = fs::metadata(&target)?.permissions();
    if permissions.readonly() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let mut file = tempfile::Builder::new().prefix(".twelve-lint-").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(permissions)?;
    file.persist(&target).map_err(|error| error.error)?;
    Ok(())
}

/// What a file said when it was linted.
fn before<'r>(report: &'r Report, path: &Path) -> &'r str {
    report.sources.find(path).map_or("", |file| &report.sources.get(file).text)
}
