//! The report for people.

use std::io::{self, Write};

use crate::diagnostic::Report;

/// How to show it.
#[derive(Debug, Clone)]
pub struct Options {
    pub pedantic: bool,
}

/// Writes it.
///
/// # Errors
/// The writer fails.
pub fn render(report: &Report, _options: &Options, out: &mut dyn Write) -> io::Result<()> {
    for finding in &report.findings {
        let source = report.sources.get(finding.at.file);
        let place = source.place(finding.at.start);
        writeln!(
            out,
            "{}:{}: {:?} {} {}",
            source.path.display(),
            place.line,
            finding.level,
            finding.rule,
            finding.message
        )?;
    }
    Ok(())
}
