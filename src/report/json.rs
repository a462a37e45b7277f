//! The report as JSON: a contract, published as `schema/report-1.json`.

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use crate::diagnostic::{
    Certainty, Diagnostic, Level, Problem, ProblemKind, Process, Report, Severity, Verdict,
};
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
    summary: Summary,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Finding<'a> {
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
struct ProblemOut<'a> {
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
struct Coverage<'a> {
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
struct Summary {
    errors: usize,
    warnings: usize,
    notes: usize,
    suppressed: usize,
    baselined: usize,
}

/// Writes the whole report, notes included.
///
/// # Errors
/// The writer fails.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let summary = report.summary();
    let document = Document {
        version: 1,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        root: report.root.to_string_lossy().replace('\\', "/"),
        findings: report.findings.iter().map(|finding| finding_out(report, finding)).collect(),
        problems: report.problems.iter().map(|problem| problem_out(report, problem)).collect(),
        coverage: Coverage {
            files: report.coverage.files,
            unread: report.coverage.unread,
            unresolved: report.coverage.unresolved,
            test_files: report.coverage.test_files,
            not_selected: &report.coverage.not_selected,
            elsewhere: report
                .coverage
                .elsewhere
                .iter()
                .map(|other| ElsewhereJson { package: &other.package, findings: other.findings })
                .collect(),
            packages: report
                .coverage
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
        },
        summary: Summary {
            errors: summary.errors,
            warnings: summary.warnings,
            notes: summary.notes,
            suppressed: summary.suppressed,
            baselined: summary.baselined,
        },
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

fn finding_out<'a>(report: &Report, finding: &'a Diagnostic) -> Finding<'a> {
    let sources = &report.sources;
    Finding {
        rule: finding.rule,
        factor: "processes",
        verdict: match finding.verdict {
            Verdict::Violation => "violation",
            Verdict::Hazard => "hazard",
        },
        certainty: match finding.certainty {
            Certainty::High => "high",
            Certainty::Low => "low",
        },
        level: match finding.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "note",
        },
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
        fingerprint: &finding.fingerprint,
        suppressed: &finding.suppressed,
        baselined: finding.baselined,
    }
}

fn process(process: Process) -> &'static str {
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

fn problem_out<'a>(report: &Report, problem: &'a Problem) -> ProblemOut<'a> {
    ProblemOut {
        kind: match problem.kind {
            ProblemKind::Read => "read",
            ProblemKind::Parse => "parse",
            ProblemKind::Manifest => "manifest",
            ProblemKind::Module => "module",
            ProblemKind::Configuration => "configuration",
        },
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
