//! Has something changed since? What a run has read is looked at a few times a second.
//!
//! Looking costs a few milliseconds for a large tree, needs nothing of the system, and works on
//! network folders and in containers, where notices of changes do not arrive.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use ignore::WalkBuilder;

use crate::diagnostic::Report;

/// How long to wait between looks.
const STEP: Duration = Duration::from_millis(300);
/// How long nothing more may change before it is looked at as a whole: editors write in steps.
const SETTLED: Duration = Duration::from_millis(100);

/// When and how large, where it is there.
type Stamp = Option<(SystemTime, u64)>;

/// The files and folders of one run as they were.
pub(super) struct Watched {
    files: BTreeMap<PathBuf, Stamp>,
    folders: BTreeMap<PathBuf, Stamp>,
    /// Every file of the folders that is not ignored: new ones may belong to the service.
    names: BTreeSet<PathBuf>,
    roots: Vec<PathBuf>,
}

impl Watched {
    /// The folders beneath the roots, before a run.
    pub(super) fn folders(roots: Vec<PathBuf>) -> Watched {
        let (folders, names) = walk(&roots);
        Watched { files: BTreeMap::new(), folders, names, roots }
    }

    /// Adds the files that a run has read. Returns whether one of them changed meanwhile.
    pub(super) fn read(&mut self, report: &Report) -> bool {
        let mut changed = false;
        for (_, file) in report.sources.iter() {
            self.files.insert(file.path.clone(), stamp(&file.path));
            // The stamp may be of a later text than the one that was read.
            changed |= fs::read_to_string(&file.path).is_ok_and(|text| *text != *file.text);
        }
        for problem in report.problems.iter().filter(|one| !one.path.as_os_str().is_empty()) {
            self.files.entry(problem.path.clone()).or_insert_with(|| stamp(&problem.path));
        }
        changed
    }

    /// Passes over what we wrote ourselves.
    pub(super) fn wrote(&mut self, file: &Path) {
        let Ok(file) = std::path::absolute(file) else { return };
        if let Some(folder) = file.parent()
            && let Some(known) = self.folders.get_mut(folder)
        {
            *known = stamp(folder);
        }
        self.names.insert(file);
    }

    pub(super) fn count(&self) -> usize {
        self.files.len()
    }

    /// Waits until something changes and then no more; returns a file that did.
    pub(super) fn wait(&mut self) -> PathBuf {
        loop {
            std::thread::sleep(STEP);
            let Some(changed) = self.changed() else { continue };
            while self.changed().is_some() {
                std::thread::sleep(SETTLED);
            }
            return changed;
        }
    }

    /// A file that is another than at the last look, or came, or went.
    fn changed(&mut self) -> Option<PathBuf> {
        let mut found = None;
        for (path, known) in &mut self.files {
            let now = stamp(path);
            if now != *known {
                *known = now;
                found = Some(path.clone());
            }
        }
        let moved = self.folders.iter().any(|(folder, known)| stamp(folder) != *known);
        if moved {
            // Editors make and remove files of their own beside those they edit.
            let (folders, names) = walk(&self.roots);
            let odd = names.symmetric_difference(&self.names).next().cloned();
            (self.folders, self.names) = (folders, names);
            found = found.or(odd);
        }
        found
    }
}

/// The folders beneath the roots and the files in them, but for what is ignored or hidden.
fn walk(roots: &[PathBuf]) -> (BTreeMap<PathBuf, Stamp>, BTreeSet<PathBuf>) {
    let (mut folders, mut names) = (BTreeMap::new(), BTreeSet::new());
    for root in roots {
        for entry in WalkBuilder::new(root).build().flatten() {
            match entry.file_type() {
                Some(kind) if kind.is_dir() => {
                    let stamp = stamp(entry.path());
                    folders.insert(entry.into_path(), stamp);
                }
                _ => drop(names.insert(entry.into_path())),
            }
        }
    }
    (folders, names)
}

fn stamp(path: &Path) -> Stamp {
    let meta = fs::metadata(path).ok()?;
    Some((meta.modified().ok()?, meta.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_and_goes_and_changes_is_seen() {
        let folder = std::env::temp_dir().join(format!("twelve-lint-watch-{}", std::process::id()));
        fs::create_dir_all(folder.join("src")).expect("a folder");
        let file = folder.join("src/main.rs");
        fs::write(&file, "fn main() {}").expect("a file");
        let mut watched = Watched::folders(vec![folder.clone()]);
        watched.files.insert(file.clone(), stamp(&file));
        assert_eq!(watched.changed(), None);
        fs::write(&file, "fn main() { () }").expect("a file");
        assert_eq!(watched.changed(), Some(file.clone()));
        assert_eq!(watched.changed(), None);
        // Backups of editors are hidden or the same by name.
        let at = |seconds| {
            fs::File::open(folder.join("src")).and_then(|dir| {
                dir.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
            })
        };
        fs::write(folder.join("src/.main.rs.swp"), "x").expect("a file");
        at(1).expect("a time");
        assert_eq!(watched.changed(), None);
        let new = folder.join("src/new.yaml");
        fs::write(&new, "x").expect("a file");
        at(2).expect("a time");
        assert_eq!(watched.changed(), Some(new.clone()));
        let ours = folder.join("src/out.sarif");
        fs::write(&ours, "x").expect("a file");
        at(3).expect("a time");
        watched.wrote(&ours);
        assert_eq!(watched.changed(), None);
        fs::remove_file(&new).expect("it goes");
        at(4).expect("a time");
        assert_eq!(watched.changed(), Some(new));
        fs::remove_dir_all(&folder).expect("it goes");
    }
}
