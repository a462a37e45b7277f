//! The report as JSON: a contract, published as `schema/report-1.json`.

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use super::plain;
use crate::diagnostic::{Diagnostic, Problem, Process, Report, Severity};
use crate::discover::relative;
use crate::rules::FACTOR_URL;
use crate::source::{LineColumn, Sources, Span as SourceSpan};

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: Tool,
    root: String,
    findings: Vec<Finding<'a>>,
    problems: Vec<ProblemOut<'a>>,
    coverage: Coverage<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: &'a Option<String>,
    summary: Summary,
}

#[derive(Serialize)]
pub(super) struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
pub(super) struct Finding<'a> {
    rule: &'a str,
    factor: &'static str,
    verdict: &'static str,
    certainty: &'static str,
    level: &'static str,
    message: &'a str,
    consequence: &'a str,
    help: &'a str,
    url: &'static str,
    file: String,
    span: Span,
    item: &'a str,
    state: &'a str,
    package: &'a str,
    target: &'a str,
    process: &'static str,
    feature: &'a Option<String>,
    because: Vec<Step<'a>>,
    fix: Option<FixOut<'a>>,
    fingerprint: &'a str,
    suppressed: &'a Option<String>,
    baselined: bool,
}

#[derive(Serialize)]
struct Step<'a> {
    message: &'a str,
    file: String,
    span: Span,
}

#[derive(Serialize)]
struct FixOut<'a> {
    message: &'a str,
    edits: Vec<EditOut<'a>>,
}

#[derive(Serialize)]
struct EditOut<'a> {
    file: String,
    span: Span,
    text: &'a str,
}

#[derive(Serialize)]
struct Span {
    start: Point,
    end: Point,
}

#[derive(Serialize)]
struct Point {
    line: u32,
    column: u32,
    offset: u32,
}

#[derive(Serialize)]
pub(super) struct ProblemOut<'a> {
    kind: &'static str,
    severity: &'static str,
    message: &'a str,
    help: &'a str,
    file: String,
    span: Option<Span>,
}

#[derive(Serialize)]
struct ElsewhereJson<'a> {
    package: &'a str,
    findings: usize,
}

#[derive(Serialize)]
pub(super) struct Coverage<'a> {
    files: usize,
    unread: usize,
    unresolved: usize,
    test_files: usize,
    not_selected: &'a [String],
    elsewhere: Vec<ElsewhereJson<'a>>,
    packages: Vec<Package<'a>>,
}

#[derive(Serialize)]
struct Package<'a> {
    name: &'a str,
    entry_points: usize,
    bins_without_entry_points: &'a [String],
    built: Option<BuiltOut<'a>>,
}

#[derive(Serialize)]
struct BuiltOut<'a> {
    said: &'a str,
    file: String,
    span: Span,
}

#[derive(Serialize)]
pub(super) struct Summary {
    errors: usize,
    warnings: usize,
    notes: usize,
    suppressed: usize,
    baselined: usize,
}

/// The version of the contract.
pub(super) const VERSION: u32 = 1;

/// Writes the whole report, notes included.
///
/// # Errors
/// The writer fails.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        version: VERSION,
        tool: tool(),
        root: root(report),
        findings: report.findings.iter().map(|finding| finding_out(report, finding)).collect(),
        problems: report.problems.iter().map(|problem| problem_out(report, problem)).collect(),
        coverage: coverage(report),
        since: &report.since,
        summary: summary(report),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

pub(super) fn tool() -> Tool {
    Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") }
}

pub(super) fn root(report: &Report) -> String {
    report.root.to_string_lossy().replace('\\', "/")
}

pub(super) fn coverage(report: &Report) -> Coverage<'_> {
    let coverage = &report.coverage;
    Coverage {
        files: coverage.files,
        unread: coverage.unread,
        unresolved: coverage.unresolved,
        test_files: coverage.test_files,
        not_selected: &coverage.not_selected,
        elsewhere: coverage
            .elsewhere
            .iter()
            .map(|other| ElsewhereJson { package: &other.package, findings: other.findings })
            .collect(),
        packages: coverage
            .packages
            .iter()
            .map(|package| Package {
                name: &package.name,
                entry_points: package.entry_points,
                bins_without_entry_points: &package.bins_without_entry_points,
                built: package.built.as_ref().map(|built| BuiltOut {
                    said: &built.said,
                    file: file(&report.sources, built.at, &report.root),
                    span: span(&report.sources, built.at),
                }),
            })
            .collect(),
    }
}

pub(super) fn summary(report: &Report) -> Summary {
    let summary = report.summary();
    Summary {
        errors: summary.errors,
        warnings: summary.warnings,
        notes: summary.notes,
        suppressed: summary.suppressed,
        baselined: summary.baselined,
    }
}

pub(super) fn finding_out<'a>(report: &Report, finding: &'a Diagnostic) -> Finding<'a> {
    let sources = &report.sources;
    Finding {
        rule: finding.rule,
        factor: "processes",
        verdict: plain::verdict(finding.verdict),
        certainty: plain::certainty(finding.certainty),
        level: plain::level(finding.level),
        message: &finding.message,
        consequence: &finding.consequence,
        help: &finding.help,
        url: FACTOR_URL,
        file: file(sources, finding.at, &report.root),
        span: span(sources, finding.at),
        item: &finding.item,
        state: &finding.state,
        package: &finding.package,
        target: &finding.target,
        process: process(finding.process),
        feature: &finding.feature,
        because: finding
            .because
            .iter()
            .map(|step| Step {
                message: &step.message,
                file: file(sources, step.at, &report.root),
                span: span(sources, step.at),
            })
            .collect(),
        fix: finding.fix.as_ref().map(|fix| {
            let edits = fix.edits.iter().map(|edit| EditOut {
                file: file(sources, edit.at, &report.root),
                span: span(sources, edit.at),
                text: &edit.text,
            });
            FixOut { message: &fix.message, edits: edits.collect() }
        }),
        fingerprint: &finding.fingerprint,
        suppressed: &finding.suppressed,
        baselined: finding.baselined,
    }
}

pub(super) fn process(process: Process) -> &'static str {
    match process {
        Process::Web => "web",
        Process::Worker => "worker",
        Process::Admin => "admin",
        Process::Cli => "cli",
        Process::Build => "build",
        Process::Test => "test",
        Process::Lib => "lib",
        Process::Deploy => "deploy",
    }
}

pub(super) fn problem_out<'a>(report: &Report, problem: &'a Problem) -> ProblemOut<'a> {
    ProblemOut {
        kind: plain::kind(problem),
        severity: match problem.severity {
            Severity::Error => "error",
            Severity::Note => "note",
        },
        message: &problem.message,
        help: &problem.help,
        file: relative(&problem.path, &report.root),
        span: problem.at.map(|at| span(&report.sources, at)),
    }
}

fn file(sources: &Sources, at: SourceSpan, root: &Path) -> String {
    relative(&sources.get(at.file).path, root)
}

fn span(sources: &Sources, at: SourceSpan) -> Span {
    let source = sources.get(at.file);
    let point = |offset: u32| {
        let LineColumn { line, column } = source.place(offset);
        Point { line, column, offset }
    };
    Span { start: point(at.start), end: point(at.end) }
}
