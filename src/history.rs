//! Which lines were not there at a revision? The repository that a folder lies in, read only.
//!
//! Of git nothing is needed but its objects: no hook, filter, file system monitor or other program
//! is run, and no configuration but the repository's own is read.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use gix::open::Options;
use gix::sec::trust::Mapping;
use similar::{Algorithm, DiffOp, capture_diff_slices};

/// A revision, as far as files of the work tree can be compared with it.
pub struct History {
    repository: gix::Repository,
    /// The folder that paths in the repository start from.
    top: PathBuf,
    /// What the revision, or the last commit that it shares with `HEAD`, held.
    tree: gix::ObjectId,
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History").field("top", &self.top).field("tree", &self.tree).finish()
    }
}

/// What is new in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// All of it.
    Whole,
    /// These lines, from 1; of lines that were taken out the empty range before the next line.
    Lines(Vec<Range<u32>>),
}

/// Why nothing can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryError {
    NoRepository,
    /// It has no work tree.
    Bare,
    UnknownRevision,
    /// Something of the repository could not be read.
    Unreadable(String),
}

impl fmt::Display for HistoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HistoryError::NoRepository => write!(f, "this is not in a git repository"),
            HistoryError::Bare => write!(f, "this git repository has no work tree"),
            HistoryError::UnknownRevision => write!(f, "this clone has no such revision"),
            HistoryError::Unreadable(why) => write!(f, "the git repository cannot be read: {why}"),
        }
    }
}

impl std::error::Error for HistoryError {}

impl History {
    /// Opens the repository around `dir`. Files are compared with the last commit that `revision`
    /// shares with `HEAD`, so that what others did since then is no change of ours.
    ///
    /// # Errors
    /// There is no repository, no such revision, or either cannot be read.
    pub fn open(dir: &Path, revision: &str) -> Result<History, HistoryError> {
        let unreadable = |error: &dyn fmt::Display| HistoryError::Unreadable(error.to_string());
        let trust = Mapping { full: Options::isolated(), reduced: Options::isolated() };
        gix::discover::upwards(dir).map_err(|_| HistoryError::NoRepository)?;
        let repository = gix::ThreadSafeRepository::discover_opts(dir, Default::default(), trust);
        let repository = repository.map_err(|error| unreadable(&error))?.to_thread_local();
        let top = repository.workdir().ok_or(HistoryError::Bare)?;
        let top = top.canonicalize().map_err(|error| unreadable(&error))?;
        let tree = {
            let found = repository.rev_parse_single(revision);
            let found = found.map_err(|_| HistoryError::UnknownRevision)?;
            let object = found.object().map_err(|error| unreadable(&error))?;
            let commit = object.peel_to_commit().map_err(|_| HistoryError::UnknownRevision)?;
            // A shallow clone may not reach what both come from.
            let shared = repository.head_id().ok().and_then(|head| {
                let base = repository.merge_base(head, commit.id).ok()??;
                base.object().ok()?.try_into_commit().ok()
            });
            let commit = shared.unwrap_or(commit);
            commit.tree_id().map_err(|error| unreadable(&error))?.detach()
        };
        Ok(History { repository, top, tree })
    }

    /// What of a file was not there.
    ///
    /// # Errors
    /// The repository does not hold what it should, as in a clone of a part.
    pub fn changed(&self, path: &Path, text: &str) -> Result<Changed, HistoryError> {
        let unreadable = |error: &dyn fmt::Display| HistoryError::Unreadable(error.to_string());
        let real = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let Ok(beneath) = real.strip_prefix(&self.top) else { return Ok(Changed::Whole) };
        let tree = self.repository.find_tree(self.tree).map_err(|error| unreadable(&error))?;
        let entry = tree.lookup_entry_by_path(beneath).map_err(|error| unreadable(&error))?;
        let Some(entry) = entry.filter(|entry| entry.mode().is_blob()) else {
            return Ok(Changed::Whole);
        };
        let blob = entry.object().map_err(|error| unreadable(&error))?;
        Ok(Changed::Lines(changed_lines(&String::from_utf8_lossy(&blob.data), text)))
    }
}

/// Lines of `new` that are not in `old`; how lines end does not count.
fn changed_lines(old: &str, new: &str) -> Vec<Range<u32>> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    let changed = ops.into_iter().filter_map(|op| match op {
        DiffOp::Equal { .. } => None,
        DiffOp::Delete { new_index, .. } => Some(new_index..new_index),
        DiffOp::Insert { new_index, new_len, .. } | DiffOp::Replace { new_index, new_len, .. } => {
            Some(new_index..new_index + new_len)
        }
    });
    changed.map(|range| range.start as u32 + 1..range.end as u32 + 1).collect()
}

#[cfg(test)]
mod tests {
    use super::changed_lines;

    #[test]
    fn lines_that_were_not_there_are_found() {
        let old = "a\nb\nc\nd\n";
        for (new, expected) in [
            ("a\r\nb\r\nc\r\nd", &[][..]),
            ("a\nx\nb\nc\nd\n", &[(2, 3)]),
            ("a\nB\nc\nd\ne\n", &[(2, 3), (5, 6)]),
            ("a\nd\n", &[(2, 2)]),
            ("", &[(1, 1)]),
        ] {
            let expected: Vec<_> = expected.iter().map(|(start, end)| *start..*end).collect();
            assert_eq!(changed_lines(old, new), expected, "{new:?}");
        }
    }
}
