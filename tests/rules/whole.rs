//! Is something lost because of most deploy files only a part is read, or nothing? A comment that
//! speaks to the tool has all of a file read, and the findings must stay what and where they are.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use libtest_mimic::Failed;
use twelve_lint::discover::Selection;
use twelve_lint::source::Sources;

use crate::marks::equal;

/// Whether a file is one of those that are not always read.
pub(crate) fn is_yaml(path: &Path) -> bool {
    ["yaml", "yml"].iter().any(|end| path.extension() == Some(OsStr::new(end)))
}

/// Lints a folder as it is, and again with all of its files read.
pub(crate) fn same(folder: &Path) -> Result<(), Failed> {
    let files =
        walkdir::WalkDir::new(folder).into_iter().flatten().map(walkdir::DirEntry::into_path);
    let mut sources = Sources::default();
    for path in files.filter(|path| is_yaml(path) && path.is_file()) {
        let text = std::fs::read_to_string(&path)?;
        let end = if text.ends_with('\n') { "" } else { "\n" };
        sources.overlay(path, format!("{text}{end}# twelve-lint: all of it is read\n"));
    }
    equal(&found(folder, Sources::default()), &found(folder, sources))
}

/// All that is told of each finding.
fn found(folder: &Path, sources: Sources) -> Vec<String> {
    let selection = Selection { paths: vec![PathBuf::from(folder)], ..Selection::default() };
    let report = twelve_lint::check(sources, &selection);
    let told = report.findings.iter().map(|finding| format!("{finding:?}"));
    told.collect()
}
