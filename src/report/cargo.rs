//! What `cargo check --message-format=json` would print: the stream that rust-analyzer reads.
//!
//! The order of the keys is part of the form: VS Code's matcher wants `message` first in a
//! diagnostic, and the file before its lines. A diagnostic without a primary span, or with one in a
//! file that is not loaded, is dropped by editors; so findings elsewhere stand at the `[package]`
//! line of the package they belong to, and lead from there to their place.

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use super::plain;
use super::{Status, json, uri};
use crate::diagnostic::{
    Diagnostic, Level, LintedPackage, LintedTarget, Problem, ProblemKind, Report, Severity,
};
use crate::rules::FACTOR_URL;
use crate::source::Span as At;

mod message;
mod rendered;
mod spans;

use message::{Child, Code, Message};
use spans::{Places, Span};

/// The name before `::` in the codes of our findings.
const TOOL: &str = "twelve_lint";

/// How to show it.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Another command's stream follows on this one.
    pub followed: bool,
}

/// A line of the stream.
#[derive(Serialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
enum Line<'a> {
    CompilerMessage {
        package_id: &'a str,
        manifest_path: String,
        target: Target<'a>,
        message: Message,
        twelve_lint: Extra<'a>,
    },
    CompilerArtifact {
        package_id: &'a str,
        manifest_path: String,
        target: Target<'a>,
        profile: Profile,
        features: &'a [String],
        filenames: [String; 0],
        executable: Option<String>,
        fresh: bool,
    },
    TwelveLintSummary {
        version: u32,
        findings: usize,
        errors: usize,
        warnings: usize,
        notes: usize,
        suppressed: usize,
        baselined: usize,
        problems: usize,
        status: u8,
    },
    BuildFinished {
        success: bool,
    },
}

#[derive(Serialize)]
struct Target<'a> {
    kind: &'a [String],
    crate_types: &'a [String],
    name: &'a str,
    src_path: String,
    edition: String,
}

#[derive(Serialize)]
struct Profile {
    opt_level: &'static str,
    debuginfo: u32,
    debug_assertions: bool,
    overflow_checks: bool,
    test: bool,
}

/// What the form has no place for; readers pass over it.
#[derive(Serialize)]
struct Extra<'a> {
    version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certainty: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    process: Option<&'static str>,
}

/// Whether there is nothing on the stream: no package was linted, or the configuration is wrong.
/// An editor then shows what the run says on stderr. Where another stream follows, wrong
/// configuration is told on this one instead, as editors look at stderr only if nothing was sent.
pub fn is_silent(report: &Report, options: &Options) -> bool {
    let wrong = |p: &Problem| p.kind == ProblemKind::Configuration && p.severity == Severity::Error;
    report.packages.iter().all(|package| package.targets.is_empty())
        || (!options.followed && report.problems.iter().any(wrong))
}

/// Writes the stream: findings, problems, an artifact for each package, a summary, the end.
///
/// # Errors
/// The writer fails.
pub fn render(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    if is_silent(report, options) {
        return Ok(());
    }
    let stream = Stream::of(report);
    let mut findings = 0;
    for finding in plain::shown(report) {
        findings += 1;
        stream.finding(finding, out)?;
    }
    for problem in &report.problems {
        stream.problem(problem, out)?;
    }
    for package in &stream.packages {
        stream.artifact(package, out)?;
    }
    let summary = report.summary();
    let status = Status::of(report).code();
    let last = Line::TwelveLintSummary {
        version: json::VERSION,
        findings,
        errors: summary.errors,
        warnings: summary.warnings,
        notes: summary.notes,
        suppressed: summary.suppressed,
        baselined: summary.baselined,
        problems: report.problems.len(),
        status,
    };
    line(&last, out)?;
    line(&Line::BuildFinished { success: status == 0 }, out)
}

struct Stream<'a> {
    report: &'a Report,
    places: Places<'a>,
    /// Those with a target, which the form asks for.
    packages: Vec<Known<'a>>,
}

/// A package and the name that cargo has for it.
struct Known<'a> {
    id: String,
    package: &'a LintedPackage,
}

impl<'a> Stream<'a> {
    fn of(report: &'a Report) -> Stream<'a> {
        let built = report.packages.iter().filter(|package| !package.targets.is_empty());
        let packages = built.map(|package| Known { id: package_id(package), package }).collect();
        Stream { report, places: Places::of(report), packages }
    }

    fn finding(&self, finding: &Diagnostic, out: &mut dyn Write) -> io::Result<()> {
        let named = |known: &&Known| known.package.name == finding.package;
        let path = &self.report.sources.get(finding.at.file).path;
        // Services in folders of their own may share a name.
        let around = |known: &&Known| path.starts_with(&known.package.dir);
        let mut named = self.packages.iter().filter(named);
        let known = named.clone().find(around).or_else(|| named.next());
        let known = known.or_else(|| self.owner(Some(finding.at)));
        let Some(known) = known else { return Ok(()) };
        let mut children = Vec::new();
        let mut child = |level, message: &str| {
            if !message.is_empty() {
                children.push(Child::new(level, message));
            }
        };
        child("note", &finding.consequence);
        child("help", &finding.help);
        plain::doubts(finding).iter().for_each(|doubt| child("note", doubt));
        child("note", FACTOR_URL);
        if let Some(fix) = &finding.fix {
            let spans = fix.edits.iter().map(|edit| self.places.edit(edit));
            children.push(Child::edit(&fix.message, spans.collect()));
        }
        let (message, mut spans) = self.primary(&finding.message, Some(finding.at), known.package);
        for step in &finding.because {
            spans.push(self.places.span(step.at, Some(&step.message), false));
        }
        let extra = Extra {
            version: json::VERSION,
            fingerprint: Some(&finding.fingerprint),
            verdict: Some(plain::verdict(finding.verdict)),
            certainty: Some(plain::certainty(finding.certainty)),
            process: Some(json::process(finding.process)),
        };
        let target = target_of(known.package, &finding.target);
        self.message(
            known,
            target,
            (finding.level, finding.rule),
            message,
            spans,
            children,
            extra,
            out,
        )
    }

    fn problem(&self, problem: &Problem, out: &mut dyn Write) -> io::Result<()> {
        let by_path = || {
            let owns = |known: &&Known| problem.path.starts_with(&known.package.dir);
            self.packages
                .iter()
                .filter(owns)
                .max_by_key(|known| known.package.dir.as_os_str().len())
        };
        let Some(known) = by_path().or_else(|| self.owner(problem.at)) else { return Ok(()) };
        let at = problem.at.or_else(|| self.start_of(&problem.path));
        let named = match at {
            Some(_) => problem.message.clone(),
            None => self.places.named(&problem.path, &problem.message),
        };
        let (message, spans) = self.primary(&named, at, known.package);
        let children = match problem.help.is_empty() {
            true => Vec::new(),
            false => vec![Child::new("help", &problem.help)],
        };
        let (version, process) = (json::VERSION, None);
        let extra = Extra { version, fingerprint: None, verdict: None, certainty: None, process };
        let code = plain::code(problem);
        let head = (plain::severity(problem), &*code);
        self.message(known, &known.package.targets[0], head, message, spans, children, extra, out)
    }

    /// The start of a file that was read.
    fn start_of(&self, path: &Path) -> Option<At> {
        self.report.sources.find(path).map(|file| At::new(file, 0, 0))
    }

    /// The message and the span that editors show it at, with the real place where that is another.
    fn primary(&self, said: &str, at: Option<At>, owner: &LintedPackage) -> (String, Vec<Span>) {
        let packages = self.report.packages.iter();
        if let Some(at) = at.filter(|at| self.places.is_loaded(*at, packages)) {
            return (said.to_owned(), vec![self.places.span(at, None, true)]);
        }
        let mut spans = vec![self.places.package_line(owner)];
        let Some(at) = at else { return (said.to_owned(), spans) };
        spans.push(self.places.span(at, Some("here"), false));
        (format!("{}: {said}", self.places.place(at)), spans)
    }

    /// The package that speaks for a place that is in none: the innermost around it, else the one
    /// at the root, else the one with the most entry points.
    fn owner(&self, at: Option<At>) -> Option<&Known<'a>> {
        let path = at.map(|at| &*self.report.sources.get(at.file).path);
        let dir = |known: &&Known| known.package.dir.as_os_str().len();
        let around = |known: &&Known| path.is_some_and(|path| path.starts_with(&known.package.dir));
        let entries = |known: &Known| {
            let mut counted = self.report.coverage.packages.iter();
            counted.find(|one| one.name == known.package.name).map_or(0, |one| one.entry_points)
        };
        let mut packages = self.packages.iter();
        let owner = packages.clone().filter(around).max_by_key(dir);
        let owner = owner.or_else(|| packages.find(|known| known.package.dir == self.report.root));
        // The first of those that have the same number.
        owner.or_else(|| self.packages.iter().rev().max_by_key(|known| entries(known)))
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one line, each from another place")]
    fn message(
        &self,
        known: &Known,
        target: &LintedTarget,
        (level, code): (Level, &str),
        message: String,
        spans: Vec<Span>,
        children: Vec<Child>,
        extra: Extra,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let level = plain::level(level);
        let code = format!("{TOOL}::{code}");
        let rendered = rendered::text(level, &code, &message, &spans, &children);
        let message = Message {
            message,
            code: Code { code, explanation: None },
            level,
            spans,
            children,
            rendered,
            message_type: "diagnostic",
        };
        let said = Line::CompilerMessage {
            package_id: &known.id,
            manifest_path: manifest_path(known.package),
            target: shown(target),
            message,
            twelve_lint: extra,
        };
        line(&said, out)
    }

    fn artifact(&self, known: &Known, out: &mut dyn Write) -> io::Result<()> {
        let profile = Profile {
            opt_level: "0",
            debuginfo: 0,
            debug_assertions: true,
            overflow_checks: true,
            test: false,
        };
        let said = Line::CompilerArtifact {
            package_id: &known.id,
            manifest_path: manifest_path(known.package),
            target: shown(&known.package.targets[0]),
            profile,
            features: &known.package.features,
            filenames: [],
            executable: None,
            fresh: false,
        };
        line(&said, out)
    }
}

/// The name that cargo gives a package of the disk: its folder, its name where that is another than
/// the folder's, its version.
pub fn package_id(package: &LintedPackage) -> String {
    let url = uri::file_url(&package.dir);
    let named = match url.rsplit('/').next() {
        Some(last) if last == package.name => String::new(),
        _ => format!("{}@", package.name),
    };
    format!("path+{url}#{named}{}", package.version)
}

/// The target of a finding, `bin:shop`; the first one where it names none, as of deploy files.
fn target_of<'p>(package: &'p LintedPackage, named: &str) -> &'p LintedTarget {
    let (kind, name) = named.split_once(':').unwrap_or_default();
    let program =
        |target: &LintedTarget| ["bin", "example", "test", "bench"].contains(&&*target.kind[0]);
    let meant = |target: &&LintedTarget| {
        let same = match kind {
            "lib" => !program(target),
            kind => target.kind[0] == kind,
        };
        same && target.name.replace('-', "_") == name
    };
    package.targets.iter().find(meant).unwrap_or(&package.targets[0])
}

fn shown(target: &LintedTarget) -> Target<'_> {
    Target {
        kind: &target.kind,
        crate_types: &target.crate_types,
        name: &target.name,
        src_path: target.root.to_string_lossy().into_owned(),
        edition: target.edition.to_string(),
    }
}

fn manifest_path(package: &LintedPackage) -> String {
    package.dir.join("Cargo.toml").to_string_lossy().into_owned()
}

fn line(line: &Line, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}
