//! The report in reviewdog's form. Columns count bytes there, and the end is exclusive.

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use super::plain::{self, Plain};
use crate::diagnostic::{self, Edit, Level, Report};
use crate::discover::relative;
use crate::fix;
use crate::rules::FACTOR_URL;
use crate::source::{SourceFile, Span};

#[derive(Serialize)]
struct Document<'a> {
    source: Source,
    severity: &'static str,
    diagnostics: Vec<Diagnostic<'a>>,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
    url: &'static str,
}

#[derive(Serialize)]
struct Diagnostic<'a> {
    message: String,
    location: Location,
    severity: &'static str,
    code: Code,
    #[serde(skip_serializing_if = "Option::is_none")]
    suggestions: Option<[Suggestion; 1]>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Related<'a>>,
}

#[derive(Serialize)]
struct Code {
    value: String,
    url: &'static str,
}

/// Made alone, each of them: what belongs together is one.
#[derive(Serialize)]
struct Suggestion {
    range: Range,
    text: String,
}

#[derive(Serialize)]
struct Related<'a> {
    message: &'a str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<Range>,
}

#[derive(Serialize)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    line: u32,
    column: u32,
}

/// Writes findings and problems.
///
/// # Errors
/// The writer fails.
pub fn render(report: &Report, options: &Plain, out: &mut dyn Write) -> io::Result<()> {
    let mut diagnostics = Vec::new();
    for finding in plain::shown(report) {
        let mut text = vec![finding.message.clone()];
        text.extend(plain::details(finding));
        let related = finding.because.iter().map(|step| Related {
            message: &step.message,
            location: location(report, step.at, &options.base),
        });
        diagnostics.push(Diagnostic {
            message: text.join("\n"),
            location: location(report, finding.at, &options.base),
            severity: severity(finding.level),
            code: Code { value: finding.rule.to_owned(), url: FACTOR_URL },
            suggestions: suggestion(report, finding).map(|one| [one]),
            related_locations: related.collect(),
        });
    }
    for problem in &report.problems {
        let location = match problem.at {
            Some(at) => location(report, at, &options.base),
            None => {
                let path = relative(&problem.path, &options.base);
                // What has no place is wrong with the whole.
                let path = if path.is_empty() { ".".to_owned() } else { path };
                Location { path, range: None }
            }
        };
        let mut text = vec![problem.message.clone()];
        if !problem.help.is_empty() {
            text.push(format!("help: {}", problem.help));
        }
        diagnostics.push(Diagnostic {
            message: text.join("\n"),
            location,
            severity: severity(plain::severity(problem)),
            code: Code { value: plain::code(problem), url: FACTOR_URL },
            suggestions: None,
            related_locations: Vec::new(),
        });
    }
    let summary = report.summary();
    let gravest = match (summary.errors, summary.warnings) {
        (0, 0) => Level::Note,
        (0, _) => Level::Warning,
        _ => Level::Error,
    };
    let source = Source { name: env!("CARGO_PKG_NAME"), url: FACTOR_URL };
    let document = Document { source, severity: severity(gravest), diagnostics };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

fn severity(level: Level) -> &'static str {
    match level {
        Level::Error => "ERROR",
        Level::Warning => "WARNING",
        Level::Note => "INFO",
    }
}

fn suggestion(report: &Report, finding: &diagnostic::Diagnostic) -> Option<Suggestion> {
    let file = report.sources.get(finding.at.file);
    let Edit { at, text } = fix::whole(&file.text, finding.fix.as_ref()?)?;
    Some(Suggestion { range: range(file, at), text })
}

fn location(report: &Report, at: Span, base: &Path) -> Location {
    let file = report.sources.get(at.file);
    let path = plain::path_of(&report.sources, at, base);
    Location { path, range: Some(range(file, at)) }
}

fn range(file: &SourceFile, at: Span) -> Range {
    Range { start: position(file, at.start), end: position(file, at.end.max(at.start)) }
}

fn position(file: &SourceFile, offset: u32) -> Position {
    let offset = offset.min(file.text.len() as u32);
    let line = file.lines().line(offset);
    let (start, _) = file.lines().range(&file.text, line);
    Position { line, column: offset - start + 1 }
}
