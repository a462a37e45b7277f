//! What do other programs and languages do to the disk? Programs that are started, statements; and
//! what the machine itself shows there.

use serde::Deserialize;

/// A program that a service starts and that writes files.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriterFact {
    /// The file's name, without its folder.
    pub name: String,
    #[serde(default)]
    pub also: Vec<String>,
    /// Words among its arguments with which it writes; none: it always does.
    #[serde(default)]
    pub writes_with: Vec<String>,
    /// Only its last argument names what it writes.
    #[serde(default)]
    pub writes_last: bool,
}

/// A statement of a query language by which a database writes files.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatementFact {
    /// The words it begins with, in upper case.
    pub begins: String,
    /// A word that it also has to hold.
    #[serde(default)]
    pub holds: String,
}

impl StatementFact {
    pub fn is(&self, statement: &str) -> bool {
        let words: Vec<String> = statement.split_whitespace().map(str::to_uppercase).collect();
        let begins = self.begins.split(' ').zip(&words).filter(|(a, b)| a == b).count();
        begins == self.begins.split(' ').count()
            && (self.holds.is_empty() || words.contains(&self.holds))
    }
}

/// Folders of a machine that it fills anew each time it starts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BootFact {
    pub folders: Vec<String>,
    /// What lies there is no file: a device, or something that the kernel is told or tells.
    #[serde(default)]
    pub kernel: bool,
    /// Folders beneath them in which files lie like anywhere else.
    #[serde(default)]
    pub unless: Vec<String>,
}

impl BootFact {
    /// Whether a path lies in one of its folders.
    pub fn holds(&self, path: &str) -> bool {
        let beneath = |folder: &String| {
            let rest = path.strip_prefix(folder.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.folders.iter().any(beneath) && !self.unless.iter().any(beneath)
    }
}
