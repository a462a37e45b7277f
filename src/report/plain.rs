//! What do all formats ask of a report? What is shown, where it stands, and the words for it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::diagnostic::{
    Certainty, Diagnostic, Level, Problem, ProblemKind, Report, Severity, Verdict,
};
use crate::discover::relative;
use crate::source::{LineColumn, Sources, Span};

/// How to show a report where there is no page to lay out.
#[derive(Debug, Clone, Default)]
pub struct Plain {
    /// The folder that paths are shown relative to.
    pub base: PathBuf,
    /// Without the lines that say what it comes to, where a format has some.
    pub quiet: bool,
}

/// The findings to show, in the report's order: what is suppressed or known is not among them, nor
/// are notes that nobody asked for.
pub(super) fn shown(report: &Report) -> impl Iterator<Item = &Diagnostic> {
    report.findings.iter().filter(|finding| finding.is_live() && !finding.hidden)
}

/// How many of them each rule has, in the order of the rules' names.
pub(super) fn by_rule(report: &Report) -> impl Iterator<Item = (&'static str, usize)> {
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    for finding in shown(report) {
        *counts.entry(finding.rule).or_default() += 1;
    }
    counts.into_iter()
}

/// A path relative to `base` with `/`; the whole path where it lies elsewhere.
pub(super) fn path_of(sources: &Sources, at: Span, base: &Path) -> String {
    relative(&sources.get(at.file).path, base)
}

/// Where a span starts and ends, the end exclusive.
pub(super) fn ends(sources: &Sources, at: Span) -> (LineColumn, LineColumn) {
    let file = sources.get(at.file);
    let start = file.place(at.start);
    (start, file.place(at.end).max(start))
}

/// `src/main.rs:9:5`.
pub(super) fn place(sources: &Sources, at: Span, base: &Path) -> String {
    let (start, _) = ends(sources, at);
    format!("{}:{}:{}", path_of(sources, at, base), start.line, start.column)
}

pub(super) fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    }
}

pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Violation => "violation",
        Verdict::Hazard => "hazard",
    }
}

pub(super) fn certainty(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::High => "high",
        Certainty::Low => "low",
    }
}

/// How grave a problem is, as a level.
pub(super) fn severity(problem: &Problem) -> Level {
    match problem.severity {
        Severity::Error => Level::Error,
        Severity::Note => Level::Note,
    }
}

pub(super) fn kind(problem: &Problem) -> &'static str {
    match problem.kind {
        ProblemKind::Read => "read",
        ProblemKind::Parse => "parse",
        ProblemKind::Manifest => "manifest",
        ProblemKind::Module => "module",
        ProblemKind::Configuration => "configuration",
    }
}

/// A problem's name beside those of the rules, such as `problem_parse`.
pub(super) fn code(problem: &Problem) -> String {
    format!("problem_{}", kind(problem))
}

/// What weakens a finding, each as a sentence.
pub(super) fn doubts(finding: &Diagnostic) -> Vec<String> {
    let mut doubts = Vec::new();
    if let Some(feature) = &finding.feature {
        doubts.push(format!("only with the feature `{feature}`, which is off in this run"));
    }
    if finding.certainty == Certainty::Low {
        doubts.push("not certain: something on the way here is not known".into());
    }
    doubts
}

/// The edit that puts it right, where one is safe, and who makes it.
pub(super) fn fix(finding: &Diagnostic) -> Option<String> {
    finding.fix.as_ref().map(|fix| format!("{} (`--fix` does)", fix.message))
}

/// What a finding does and what puts it right, a line for each that is there.
pub(super) fn details(finding: &Diagnostic) -> Vec<String> {
    let mut lines = Vec::new();
    if !finding.consequence.is_empty() {
        lines.push(format!("so: {}", finding.consequence));
    }
    if !finding.help.is_empty() {
        lines.push(format!("help: {}", finding.help));
    }
    lines.extend(fix(finding).map(|fix| format!("fix: {fix}")));
    lines.extend(doubts(finding).into_iter().map(|doubt| format!("note: {doubt}")));
    lines
}

/// `1 file`, `2 files`.
pub(super) fn count(number: usize, one: &str) -> String {
    let plural = if one.ends_with('s') { "es" } else { "s" };
    format!("{number} {one}{}", if number == 1 { "" } else { plural })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular() {
        assert_eq!((count(1, "file"), count(0, "file")), ("1 file".into(), "0 files".into()));
    }
}
