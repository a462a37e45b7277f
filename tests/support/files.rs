//! How do the files of a tree that a test spells out come into a folder?

use std::fs;
use std::path::Path;

/// Writes the files of `text` into a folder, each below a line `//- its/path`.
pub(crate) fn write(folder: &Path, text: &str) {
    for section in text.split("//- ").skip(1) {
        let (path, text) = section.split_once('\n').expect("a line with a path");
        let path = folder.join(path.trim());
        fs::create_dir_all(path.parent().expect("it has a parent")).expect("folders");
        fs::write(path, text).expect("a file");
    }
}
