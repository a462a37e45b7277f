//! The report as JSON, a line for each record: a contract, published as `schema/report-lines-1.json`.
//!
//! The last line says what it comes to: a stream without it was cut off.

use std::io::{self, Write};

use serde::Serialize;

use super::json::{self, Coverage, Finding, ProblemOut, Summary, Tool};
use crate::diagnostic::Report;

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line<'a> {
    Report { version: u32, tool: Tool, root: String },
    Finding(Box<Finding<'a>>),
    Problem(ProblemOut<'a>),
    Summary { coverage: Coverage<'a>, summary: Summary },
}

/// Writes the whole report, notes included.
///
/// # Errors
/// The writer fails.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let root = json::root(report);
    line(&Line::Report { version: json::VERSION, tool: json::tool(), root }, out)?;
    for finding in &report.findings {
        line(&Line::Finding(Box::new(json::finding_out(report, finding))), out)?;
    }
    for problem in &report.problems {
        line(&Line::Problem(json::problem_out(report, problem)), out)?;
    }
    let (coverage, summary) = (json::coverage(report), json::summary(report));
    line(&Line::Summary { coverage, summary }, out)
}

fn line(line: &Line, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}
