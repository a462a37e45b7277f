//! Workflow commands that GitHub shows as annotations beside the lines of a pull request.
//!
//! GitHub shows ten of each kind for a step, so the gravest come first; the job's summary
//! (`markdown`) and the log hold all.

use std::io::{self, Write};
use std::path::Path;

use super::human;
use super::plain::{self, Plain};
use crate::diagnostic::{Level, Report};
use crate::discover::relative;
use crate::source::Span;

/// Writes the annotations, then what it comes to as lines of the log.
///
/// # Errors
/// The writer fails.
pub fn render(report: &Report, options: &Plain, out: &mut dyn Write) -> io::Result<()> {
    for level in [Level::Error, Level::Warning, Level::Note] {
        // What was not judged is graver than what was found.
        for problem in report.problems.iter().filter(|one| plain::severity(one) == level) {
            let place = match problem.at {
                Some(at) => properties(report, at, &options.base),
                None => match relative(&problem.path, &options.base) {
                    path if path.is_empty() => String::new(),
                    path => format!("file={},", property(&path)),
                },
            };
            let mut text = vec![problem.message.clone()];
            if !problem.help.is_empty() {
                text.push(format!("help: {}", problem.help));
            }
            command(level, &place, &plain::code(problem), &text, out)?;
        }
        let findings = plain::shown(report);
        for finding in findings.filter(|one| one.level == level) {
            let mut text = vec![finding.message.clone()];
            for step in &finding.because {
                let place = plain::place(&report.sources, step.at, &options.base);
                text.push(format!("{place}: {}", step.message));
            }
            text.extend(plain::details(finding));
            let place = properties(report, finding.at, &options.base);
            command(level, &place, finding.rule, &text, out)?;
        }
    }
    match options.quiet {
        true => Ok(()),
        false => human::closing(report, out),
    }
}

fn command(
    level: Level,
    place: &str,
    title: &str,
    text: &[String],
    out: &mut dyn Write,
) -> io::Result<()> {
    let name = match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    writeln!(out, "::{name} {place}title={}::{}", property(title), data(&text.join("\n")))
}

/// Where it is; columns only within one line, as GitHub takes them for nothing else.
fn properties(report: &Report, at: Span, base: &Path) -> String {
    let (start, end) = plain::ends(&report.sources, at);
    let file = property(&plain::path_of(&report.sources, at, base));
    let lines = format!("file={file},line={},endLine={},", start.line, end.line);
    match start.line == end.line {
        true => format!("{lines}col={},endColumn={},", start.column, end.column),
        false => lines,
    }
}

/// A text that cannot end the command it is in.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A text that cannot end the property it is in.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
