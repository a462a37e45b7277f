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
    /// Those of them with which it only fetches what lies elsewhere, too.
    #[serde(default)]
    pub fetches_with: Vec<String>,
    /// Those of them with which it only turns to another state of what was fetched.
    #[serde(default)]
    pub turns_with: Vec<String>,
    /// Those of them behind which an argument names the place; with the others, it is the folder in
    /// which it runs.
    #[serde(default)]
    pub elsewhere_with: Vec<String>,
    /// Words, all of which are there, with which it only tidies up: nothing is there afterwards that
    /// was not there before.
    #[serde(default)]
    pub tidies_with: Vec<String>,
    /// Only its last argument names what it writes.
    #[serde(default)]
    pub writes_last: bool,
}

impl WriterFact {
    /// Whether one of these words says what it is to do.
    pub fn is_said<'t>(&self, mut texts: impl Iterator<Item = &'t str>) -> bool {
        texts.any(|text| self.writes_with.iter().any(|word| word == text))
    }

    /// What it does to the disk with some of these words: nothing that stays, else whether it only
    /// fetches, and whether an argument names the place.
    pub fn deed<'t>(&self, texts: impl Iterator<Item = &'t str> + Clone) -> Option<Deed> {
        let told = |word: &str| texts.clone().any(|text| text == word);
        let said = |list: &[String]| list.iter().filter(|word| told(word)).count();
        let all = said(&self.writes_with);
        let tidies = |line: &String| all == 1 && line.split(' ').all(told);
        if !self.writes_with.is_empty() && all == 0 || self.tidies_with.iter().any(tidies) {
            return None;
        }
        let elsewhere = self.elsewhere_with.is_empty() || said(&self.elsewhere_with) > 0;
        let (fetched, turned) = (said(&self.fetches_with), said(&self.turns_with));
        let copies = all > 0 && fetched + turned == all;
        Some(Deed { copies, fetches: fetched > 0, elsewhere })
    }
}

/// What a program that is started does to the disk.
#[derive(Debug, Clone, Copy)]
pub struct Deed {
    /// What it puts there lies elsewhere, too.
    pub copies: bool,
    /// It asks for it there.
    pub fetches: bool,
    /// An argument names the place.
    pub elsewhere: bool,
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
