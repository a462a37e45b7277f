//! What does a report come to? The exit status.

use crate::diagnostic::{Report, Severity};

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
    /// The status of a report; what could not be judged outweighs what was found.
    pub fn of(report: &Report) -> Status {
        let errors = report.problems.iter().filter(|p| p.severity == Severity::Error).count();
        let coverage = &report.coverage;
        let nothing = coverage.packages.is_empty() && coverage.files == 0;
        if errors > 0 || coverage.unread > 0 || nothing {
            return Status::Incomplete(errors);
        }
        let failing = report.findings.iter().filter(|one| one.is_live() && one.fails);
        let found = failing.count();
        if found > 0 { Status::Found(found) } else { Status::Clean }
    }

    /// Why it is not 0, as a sentence; nothing where it is.
    pub fn why(self, report: &Report) -> Option<String> {
        super::human::why(self, report)
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
