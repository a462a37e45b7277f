//! The report as GitLab's code quality, which merge requests show beside their changes.

use std::collections::HashMap;
use std::io::{self, Write};

use serde::Serialize;

use super::plain::{self, Plain};
use crate::diagnostic::{Level, Problem, Report, Severity};
use crate::discover::relative;

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
    content: Content,
    categories: &'a [&'a str],
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

#[derive(Serialize)]
struct Content {
    body: String,
}

/// Writes the findings and the problems that make the answer incomplete.
///
/// # Errors
/// The writer fails.
pub fn render(report: &Report, options: &Plain, out: &mut dyn Write) -> io::Result<()> {
    let mut issues = Vec::new();
    for finding in plain::shown(report) {
        let (start, end) = plain::ends(&report.sources, finding.at);
        let mut body = vec![finding.message.clone()];
        body.extend(plain::details(finding));
        issues.push(Issue {
            description: finding.message.clone(),
            check_name: finding.rule.to_owned(),
            fingerprint: finding.fingerprint.clone(),
            severity: match finding.level {
                Level::Error => "major",
                Level::Warning => "minor",
                Level::Note => "info",
            },
            location: Location {
                path: plain::path_of(&report.sources, finding.at, &options.base),
                lines: Lines { begin: start.line, end: end.line },
            },
            content: Content { body: body.join("\n\n") },
            categories: &["Bug Risk"],
        });
    }
    let mut seen: HashMap<String, usize> = HashMap::new();
    for problem in report.problems.iter().filter(|one| one.severity == Severity::Error) {
        let (begin, end) = match problem.at {
            Some(at) => {
                let (start, end) = plain::ends(&report.sources, at);
                (start.line, end.line)
            }
            None => (1, 1),
        };
        let path = match relative(&problem.path, &options.base) {
            // GitLab wants a path, whatever is wrong.
            path if path.is_empty() => "Cargo.toml".to_owned(),
            path => path,
        };
        issues.push(Issue {
            description: problem.message.clone(),
            check_name: plain::code(problem),
            fingerprint: fingerprint(problem, &path, &mut seen),
            severity: "critical",
            location: Location { path, lines: Lines { begin, end } },
            content: Content { body: problem.help.clone() },
            categories: &["Bug Risk"],
        });
    }
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    out.write_all(b"\n")
}

/// The same while lines move, and unique in one report.
fn fingerprint(problem: &Problem, path: &str, seen: &mut HashMap<String, usize>) -> String {
    let key = format!("{}|{path}|{}", plain::code(problem), problem.message);
    let nth = seen.entry(key.clone()).or_default();
    *nth += 1;
    crate::check::fingerprint(&format!("{key}|{nth}"))
}
