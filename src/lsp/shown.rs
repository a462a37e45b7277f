//! What of a report does an editor show, and where?

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use gen_lsp_types::{
    CodeDescription, Diagnostic as Marked, DiagnosticRelatedInformation, DiagnosticSeverity,
    Location, Range, TextEdit, Uri,
};
use serde_json::json;

use super::places::{Places, Units};
use super::recover::Moved;
use crate::diagnostic::{Diagnostic, Edit, Level, Problem, ProblemKind, Report, Severity};
use crate::source::{FileId, Span};

/// What everything is published under.
pub(super) const SOURCE: &str = "twelve-lint";

/// A finding, or a problem, at its place in a file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shown {
    pub(super) marked: Marked,
    /// What it says besides; none of a problem.
    pub(super) finding: Option<Told>,
}

/// What a hover and the actions need to know of a finding.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Told {
    pub(super) rule: &'static str,
    pub(super) message: String,
    pub(super) consequence: String,
    pub(super) help: String,
    pub(super) fingerprint: String,
    /// The edit of the same file that puts it right, with what it does.
    pub(super) fix: Option<(String, Vec<TextEdit>)>,
}

/// Everything that is shown, by the paths of the files.
pub(super) type Files = BTreeMap<PathBuf, Vec<Shown>>;

/// How it is shown.
#[derive(Debug, Clone)]
pub(super) struct View {
    pub(super) units: Units,
    /// Whether the client shows related places.
    pub(super) related: bool,
    /// The folder with the pages of the rules.
    pub(super) pages: Option<PathBuf>,
    /// Open buffers, as the editor spells them.
    pub(super) uris: HashMap<PathBuf, Uri>,
}

impl View {
    pub(super) fn uri(&self, path: &Path) -> Uri {
        self.uris.get(path).cloned().unwrap_or_else(|| super::uris::uri(path))
    }

    /// The page of a rule, or the factor's where pages could not be written.
    fn page(&self, rule: &str) -> Uri {
        match &self.pages {
            Some(folder) => super::uris::uri(&folder.join(format!("{rule}.md"))),
            None => Uri(crate::rules::FACTOR_URL.into()),
        }
    }
}

/// Adds what a report says; `moved` are the files that were read as they once were, and where their
/// lines are by now. What concerns no file goes to `log`.
pub(super) fn add(
    files: &mut Files,
    log: &mut Vec<String>,
    report: &Report,
    view: &View,
    moved: &HashMap<PathBuf, Moved>,
) {
    let mut placed = Placed { report, view, moved, places: HashMap::new() };
    for finding in &report.findings {
        if !finding.is_live() || finding.hidden {
            continue;
        }
        let Some(range) = placed.range(finding.at) else { continue };
        let shown = placed.finding(finding, range);
        push(files, &report.sources.get(finding.at.file).path, shown);
    }
    for problem in &report.problems {
        let is_file = report.sources.find(&problem.path).is_some() || problem.path.is_file();
        if !is_file {
            log.push(format!("{}: {}\n{}", problem.path.display(), problem.message, problem.help));
            continue;
        }
        let range = match problem.at {
            Some(at) => placed.range(at),
            None => Some(Range::default()),
        };
        if let Some(range) = range {
            push(files, &problem.path, marked(problem, range));
        }
    }
}

/// What two folders both hold is shown once.
fn push(files: &mut Files, path: &Path, shown: Shown) {
    let known = files.entry(path.to_path_buf()).or_default();
    let same = |other: &Shown| {
        (other.marked.range, &other.marked.code, &other.marked.message)
            == (shown.marked.range, &shown.marked.code, &shown.marked.message)
    };
    if !known.iter().any(same) {
        known.push(shown);
    }
}

/// A problem, at its place.
pub(super) fn marked(problem: &Problem, range: Range) -> Shown {
    let severity = match problem.severity {
        Severity::Error => DiagnosticSeverity::Error,
        Severity::Note => DiagnosticSeverity::Information,
    };
    let code = match problem.kind {
        ProblemKind::Read => "read",
        ProblemKind::Parse => "parse",
        ProblemKind::Manifest => "manifest",
        ProblemKind::Module => "module",
        ProblemKind::Configuration => "configuration",
    };
    Shown {
        marked: Marked {
            range,
            severity: Some(severity),
            code: Some(code.into()),
            code_description: None,
            source: Some(SOURCE.into()),
            message: format!("{}\nhelp: {}", problem.message, problem.help).into(),
            tags: None,
            related_information: None,
            data: None,
        },
        finding: None,
    }
}

/// The places of one report, each text looked at once.
struct Placed<'r> {
    report: &'r Report,
    view: &'r View,
    moved: &'r HashMap<PathBuf, Moved>,
    places: HashMap<FileId, Places<'r>>,
}

impl Placed<'_> {
    fn range(&mut self, at: Span) -> Option<Range> {
        let source = self.report.sources.get(at.file);
        let units = self.view.units;
        let places = self.places.entry(at.file);
        let range = places.or_insert_with(|| Places::new(&source.text, units)).range(at);
        match self.moved.get(&source.path) {
            Some(moved) => moved.range(range),
            None => Some(range),
        }
    }

    fn finding(&mut self, finding: &Diagnostic, range: Range) -> Shown {
        let severity = match finding.level {
            Level::Error => DiagnosticSeverity::Error,
            Level::Warning => DiagnosticSeverity::Warning,
            Level::Note => DiagnosticSeverity::Information,
        };
        let mut related = Vec::new();
        for step in finding.because.iter().filter(|_| self.view.related) {
            let Some(range) = self.range(step.at) else { continue };
            let uri = self.view.uri(&self.report.sources.get(step.at.file).path);
            let location = Location { uri, range };
            related.push(DiagnosticRelatedInformation { location, message: step.message.clone() });
        }
        // The edit is for what was read, and that is another text.
        let source = self.report.sources.get(finding.at.file);
        let fix = finding.fix.as_ref().filter(|_| !self.moved.contains_key(&source.path));
        let fix = fix.and_then(|fix| {
            let edit = |edit: &Edit| {
                let range = self.range(edit.at)?;
                Some(TextEdit { range, new_text: edit.text.clone() })
            };
            Some((fix.message.clone(), fix.edits.iter().map(edit).collect::<Option<_>>()?))
        });
        let Diagnostic { rule, message, consequence, help, fingerprint, .. } = finding;
        Shown {
            marked: Marked {
                range,
                severity: Some(severity),
                code: Some((*rule).into()),
                code_description: Some(CodeDescription { href: self.view.page(rule) }),
                source: Some(SOURCE.into()),
                message: format!("{message}\nso: {consequence}\nhelp: {help}").into(),
                tags: None,
                related_information: self.view.related.then_some(related),
                data: Some(json!({ "fingerprint": fingerprint })),
            },
            finding: Some(Told {
                rule,
                message: message.clone(),
                consequence: consequence.clone(),
                help: help.clone(),
                fingerprint: fingerprint.clone(),
                fix,
            }),
        }
    }
}
