//! What does a report come to? The exit status.

use crate::diagnostic::{Level, Report, Severity};

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Everything selected was read, and nothing reached the threshold.
    Clean,
    /// That many findings reached the threshold.
    Found(usize),
    /// Something selected could not be judged: that many problems, or nothing was there to lint.
    Incomplete(usize),
}

impl Status {
    /// The status of a report where findings fail a run from the level `fails_on` upwards; what
    /// could not be judged outweighs what was found.
    pub fn of(report: &Report, fails_on: Option<Level>) -> Status {
        let errors = report.problems.iter().filter(|p| p.severity == Severity::Error).count();
        let coverage = &report.coverage;
        let nothing = coverage.packages.is_empty() && coverage.files == 0;
        if errors > 0 || coverage.unread > 0 || nothing {
            return Status::Incomplete(errors);
        }
        let summary = report.summary();
        let found = match fails_on {
            Some(Level::Error) => summary.errors,
            Some(Level::Warning) => summary.errors + summary.warnings,
            Some(Level::Note) => summary.errors + summary.warnings + summary.notes,
            None => 0,
        };
        if found > 0 { Status::Found(found) } else { Status::Clean }
    }

    /// Why it is not 0, as a sentence; nothing where it is.
    pub fn why(self, report: &Report, fails_on: Option<Level>) -> Option<String> {
        super::human::why(self, report, fails_on)
    }

    /// The number that the process ends with.
    pub fn code(self) -> u8 {
        match self {
            Status::Clean => 0,
            Status::Found(_) => 1,
            Status::Incomplete(_) => 2,
        }
    }
}
