//! A line for each finding: `file:line:col: warning: message [rule]`.
//!
//! The form is gcc's, which problem matchers of editors and log readers know.

use std::io::{self, Write};

use super::human;
use super::plain::{self, Plain};
use crate::diagnostic::{Problem, Report};
use crate::discover::relative;

/// Writes the findings, then the problems, then what it comes to.
///
/// # Errors
/// The writer fails.
pub fn render(report: &Report, options: &Plain, out: &mut dyn Write) -> io::Result<()> {
    for finding in plain::shown(report) {
        let place = plain::place(&report.sources, finding.at, &options.base);
        let (level, rule) = (plain::level(finding.level), finding.rule);
        let line = format!("{place}: {level}: {} [{rule}]", finding.message);
        writeln!(out, "{}", human::clean(&line))?;
    }
    problems(report, options, false, out)?;
    match options.quiet {
        true => Ok(()),
        false => human::closing(report, out),
    }
}

/// Writes the problems alone, each with a line of help below it if so asked.
///
/// # Errors
/// The writer fails.
pub fn problems(
    report: &Report,
    options: &Plain,
    with_help: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    for problem in &report.problems {
        let level = plain::level(plain::severity(problem));
        let (message, code) = (&problem.message, plain::code(problem));
        let place = problem_place(report, problem, options);
        let line = format!("{place}{level}: {message} [{code}]");
        writeln!(out, "{}", human::clean(&line))?;
        if with_help && !problem.help.is_empty() {
            writeln!(out, "  help: {}", human::clean(&problem.help))?;
        }
    }
    Ok(())
}

/// Where a problem is, as far as it is known, with what stands before the level.
fn problem_place(report: &Report, problem: &Problem, options: &Plain) -> String {
    match problem.at {
        Some(at) => format!("{}: ", plain::place(&report.sources, at, &options.base)),
        None => match relative(&problem.path, &options.base) {
            path if path.is_empty() => String::new(),
            path => format!("{path}:1:1: "),
        },
    }
}
