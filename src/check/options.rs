//! How does one run differ from the usual one? What a command line may ask for.

use std::path::PathBuf;

use super::date::Date;
use crate::config::{FailOn, LevelWord};
use crate::diagnostic::Verdict;

/// What is asked of a run, beside the selection. The default is the usual run.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Levels, of which the last one that means a finding counts.
    pub levels: Vec<Asked>,
    /// Which findings make a run fail; none: those that the configuration says.
    pub fail_on: Option<FailOn>,
    /// Whether notes are shown; none: as the configuration says.
    pub pedantic: Option<bool>,
    /// Shows what comments and configurations allow.
    pub no_ignores: bool,
    /// The day that suppressions must outlast; none: the day that it is.
    pub today: Option<Date>,
    /// Which findings are known.
    pub baseline: Baseline,
    /// Only what changed since that revision is new.
    pub new_from: Option<String>,
}

/// Where findings stand that are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Baseline {
    /// In the nearest baseline of each package, where there is one.
    #[default]
    Nearest,
    /// There.
    File(PathBuf),
    /// Nowhere.
    Off,
}

/// A level for findings of one rule and verdict; none stands for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    pub rule: Option<&'static str>,
    pub verdict: Option<Verdict>,
    pub level: LevelWord,
}
