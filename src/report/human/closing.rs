//! What does it come to? The lines at the end: counts, what was not looked at, the status.

use std::io::{self, Write};

use super::super::plain::{self, count};
use super::Options;
use super::words::{Paint, clean, hanging};
use crate::diagnostic::{Level, Report, Severity, Verdict};
use crate::report::Status;

pub(super) fn render(
    report: &Report,
    options: &Options,
    paint: Paint,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut say = |text: &str, style: &str| -> io::Result<()> {
        for line in hanging("", 0, text, 2, options.width).split('\n') {
            let line = if style.is_empty() { line.to_owned() } else { paint.paint(style, line) };
            writeln!(out, "{line}")?;
        }
        Ok(())
    };
    let status = Status::of(report);
    let style = match status {
        Status::Clean if nothing_found(report) => Paint::GREEN,
        _ => Paint::BOLD,
    };
    say(&counts(report), style)?;
    for package in &report.coverage.packages {
        let Some(built) = &package.built else { continue };
        let file = report.sources.get(built.at.file);
        let path = file.path.strip_prefix(&report.root).unwrap_or(&file.path);
        let text = format!(
            "the features of `{}` are those that `{}:{}` builds it with: `{}`",
            clean(&package.name),
            clean(&path.to_string_lossy().replace('\\', "/")),
            file.place(built.at.start).line,
            clean(&built.said)
        );
        say(&text, "")?;
    }
    if let (Some(rule), true) = (first_rule(report), options.explains) {
        say(&format!("more about a rule: `cargo twelve-lint explain {rule}`"), "")?;
    }
    let safe = fixable(report);
    if safe > 0 {
        let (have, them) = if safe == 1 { ("has", "it") } else { ("have", "them") };
        say(
            &format!(
                "{} {have} a safe edit: `--diff` shows {them}, `--fix` makes {them}",
                count(safe, "finding")
            ),
            "",
        )?;
    }
    let mut untaught = false;
    for package in &report.coverage.packages {
        for bin in &package.bins_without_entry_points {
            let of = match bin == &package.name {
                true => String::new(),
                false => format!(" of `{}`", clean(&package.name)),
            };
            let text = format!(
                "no framework recognised in bin `{}`{of}: judged by its statics and `main` only",
                clean(bin)
            );
            say(&text, "")?;
            untaught = true;
        }
    }
    if untaught {
        say(
            "say in `twelve-lint.toml` what registers handlers there, or that it is no service",
            "",
        )?;
    }
    let beneath = &report.coverage.not_selected;
    if !beneath.is_empty() {
        let was = if beneath.len() == 1 { "was" } else { "were" };
        let them = if beneath.len() == 1 { "it to lint it" } else { "them to lint them" };
        let text = format!(
            "{} beneath {was} not linted: {}; name {them}",
            count(beneath.len(), "package"),
            beneath.join(", ")
        );
        say(&text, "")?;
    }
    let elsewhere = &report.coverage.elsewhere;
    let withheld: usize = elsewhere.iter().map(|other| other.findings).sum();
    // Where no package was selected, nothing is run by what was.
    if withheld > 0 && !report.coverage.packages.is_empty() {
        let names: Vec<String> =
            elsewhere.iter().map(|other| format!("`{}`", clean(&other.package))).collect();
        let (are, shows) = if withheld == 1 { ("is", "it") } else { ("are", "them") };
        let text = format!(
            "not shown {are} {} in packages that this runs and that were not selected: {}; \
             `--workspace` shows {shows}",
            count(withheld, "more finding"),
            names.join(", ")
        );
        say(&text, Paint::BOLD)?;
    }
    match why(status, report) {
        Some(why) => say(&why, Paint::BOLD),
        None => Ok(()),
    }
}

/// The rule of the first of the gravest findings that are shown.
fn first_rule(report: &Report) -> Option<&'static str> {
    plain::shown(report).min_by_key(|finding| finding.level).map(|finding| finding.rule)
}

/// How many findings have an edit that puts them right.
fn fixable(report: &Report) -> usize {
    let live = report.findings.iter().filter(|finding| finding.is_live());
    live.filter(|finding| finding.fix.is_some()).count()
}

fn nothing_found(report: &Report) -> bool {
    let summary = report.summary();
    summary.errors + summary.warnings == 0
}

/// "3 violations, 1 hazard in 2 packages (14 entry points); 2 problems, 1 file not read".
fn counts(report: &Report) -> String {
    let live = || report.findings.iter().filter(|finding| finding.is_live());
    let counted =
        |verdict| live().filter(|f| f.level != Level::Note && f.verdict == verdict).count();
    let (violations, hazards) = (counted(Verdict::Violation), counted(Verdict::Hazard));
    let found = match (violations, hazards) {
        (0, 0) => "no violations, no hazards".to_owned(),
        (some, 0) => count(some, "violation"),
        (0, some) => count(some, "hazard"),
        (some, more) => format!("{}, {}", count(some, "violation"), count(more, "hazard")),
    };
    let coverage = &report.coverage;
    let entries: usize = coverage.packages.iter().map(|package| package.entry_points).sum();
    let entries = match entries {
        1 => "1 entry point".to_owned(),
        entries => format!("{entries} entry points"),
    };
    let mut parts = match coverage.packages.len() {
        0 if live().next().is_none() => vec!["no package was linted".to_owned()],
        packages => vec![format!("{found} in {} ({entries})", count(packages, "package"))],
    };

    let severe = |severity| report.problems.iter().filter(|p| p.severity == severity).count();
    let mut unread = Vec::new();
    if severe(Severity::Error) > 0 {
        unread.push(count(severe(Severity::Error), "problem"));
    }
    if coverage.unread > 0 {
        unread.push(format!("{} not read", count(coverage.unread, "file")));
    }
    if !unread.is_empty() {
        parts.push(unread.join(", "));
    }
    let summary = report.summary();
    if summary.suppressed > 0 {
        parts.push(format!("{} suppressed", summary.suppressed));
    }
    match (summary.baselined, &report.since) {
        (0, None) => {}
        (known, None) => parts.push(format!("{known} in the baseline")),
        (known, Some(since)) => parts.push(format!("{known} known before `{}`", clean(since))),
    }
    let hidden = live().filter(|finding| finding.hidden).count();
    if summary.notes > hidden {
        parts.push(count(summary.notes - hidden, "note"));
    }
    if hidden > 0 {
        parts.push(format!("{} hidden (--pedantic)", count(hidden, "note")));
    }
    parts.join("; ")
}

/// Why the status is not 0.
pub(in crate::report) fn why(status: Status, report: &Report) -> Option<String> {
    match status {
        Status::Clean => None,
        Status::Found(number) => {
            let has = |level| {
                let mut live = report.findings.iter().filter(|finding| finding.is_live());
                live.any(|finding| finding.fails && finding.level == level)
            };
            let level = match (has(Level::Error), has(Level::Warning)) {
                (true, true) => "warning or error",
                (false, true) => "warning",
                _ => "error",
            };
            Some(format!("exit status 1: {} of level {level}", count(number, "finding")))
        }
        Status::Incomplete(0) if report.coverage.unread > 0 => Some(format!(
            "exit status 2: {} could not be read, so this answer is not whole",
            count(report.coverage.unread, "file")
        )),
        Status::Incomplete(0) => Some("exit status 2: there was nothing to lint".to_owned()),
        Status::Incomplete(problems) => {
            let what = if problems == 1 { "what it names" } else { "what they name" };
            Some(format!(
                "exit status 2: {}, and {what} was not judged",
                count(problems, "problem")
            ))
        }
    }
}
