//! What is said about a service: findings, problems, coverage. Plain data, no formats.

use std::any::Any;
use std::mem::ManuallyDrop;
use std::path::PathBuf;

use serde::Deserialize;

use crate::source::{FileId, Sources, Span};

/// How bad it is, by the question "would another replica, or this one after a restart,
/// answer differently or lose data?"
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// A result, a record or correctness depends on one process's memory or disk.
    Violation,
    /// State crosses requests, yet only freshness, speed or a limit is lost.
    Hazard,
}

/// How sure we are: low where a step of the reasoning passed something unresolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    High,
    Low,
}

/// What a gate acts on; derived by `check` from verdict, certainty and configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    Error,
    Warning,
    Note,
}

/// The kind of process that code runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Process {
    Web,
    Worker,
    Admin,
    Cli,
    Build,
    Test,
    Lib,
    Deploy,
}

/// One reason of a finding: what happens, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub message: String,
    pub at: Span,
}

impl Step {
    pub fn new(at: Span, message: impl Into<String>) -> Step {
        Step { message: message.into(), at }
    }
}

/// One change of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub at: Span,
    /// What stands there then.
    pub text: String,
}

/// Changes of one file that put a finding right: safe and complete, so that nobody has to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What they do, small first letter, no full stop.
    pub message: String,
    /// In order of place; none touches another.
    pub edits: Vec<Edit>,
}

/// One finding, whole.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// The rule's id, as in `rules/<id>.md`.
    pub rule: &'static str,
    pub verdict: Verdict,
    pub certainty: Certainty,
    pub level: Level,
    /// What is so: starts small, ends without a full stop.
    pub message: String,
    /// What it does to users when there are two replicas, or after a restart.
    pub consequence: String,
    /// What puts it right, with the crate or service to use.
    pub help: String,
    /// Where the state lives.
    pub at: Span,
    /// Path of the item that holds `at`, such as `shop::AppState::sessions`.
    pub item: String,
    /// The state that this finding is about; findings of one state share it.
    pub state: String,
    pub package: String,
    /// `bin:shop`, `lib:shop`; empty for deploy files.
    pub target: String,
    pub process: Process,
    /// The cargo feature that the code stands behind, where it is off.
    pub feature: Option<String>,
    /// Why we say so, in the order in which a reader follows.
    pub because: Vec<Step>,
    /// The edit that puts it right, where one is safe and complete.
    pub fix: Option<Fix>,
    /// Stable while lines move; unique in one report.
    pub fingerprint: String,
    /// The reason given where the finding was suppressed.
    pub suppressed: Option<String>,
    /// Known before: by a baseline, or by the revision that the run is compared with.
    pub baselined: bool,
    /// Whether it makes the run fail, unless it is suppressed or known.
    pub fails: bool,
    /// A note that nobody asked to see.
    pub hidden: bool,
}

impl Diagnostic {
    /// Whether it counts: nobody suppressed it, and it was not known before.
    pub fn is_live(&self) -> bool {
        self.suppressed.is_none() && !self.baselined
    }
}

/// What could not be read, parsed or placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// A file or folder could not be read.
    Read,
    /// A text does not follow its language.
    Parse,
    /// A manifest says something that cannot be followed.
    Manifest,
    /// A `mod` line whose file is missing.
    Module,
    /// The command line or a configuration file asks for something that is not there.
    Configuration,
}

/// Whether a problem makes the answer incomplete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Something that was selected was not judged: exit status 2.
    Error,
    /// Worth knowing; never changes the exit status.
    Note,
}

/// Something that was not understood, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub kind: ProblemKind,
    pub severity: Severity,
    pub message: String,
    /// What to do about it.
    pub help: String,
    pub path: PathBuf,
    pub at: Option<Span>,
}

/// How much was looked at, and how much was not.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    /// Source and deploy files read and understood.
    pub files: usize,
    /// Files that were selected and could not be read or parsed.
    pub unread: usize,
    /// Calls from serving code whose target could not be told.
    pub unresolved: usize,
    /// Files of tests, benches and examples: read for their modules, counted, not judged.
    pub test_files: usize,
    /// Manifests beneath the root that were not selected, relative to the root.
    pub not_selected: Vec<String>,
    /// Findings in packages that the selected ones run and that were not selected themselves: they
    /// are told as a number only.
    pub elsewhere: Vec<Elsewhere>,
    /// The selected packages, in order of their names.
    pub packages: Vec<PackageCoverage>,
}

/// What was found in a package whose findings are not reported.
#[derive(Debug, Clone, Default)]
pub struct Elsewhere {
    pub package: String,
    /// Findings of level error or warning.
    pub findings: usize,
}

/// What was recognised in one package.
#[derive(Debug, Clone, Default)]
pub struct PackageCoverage {
    pub name: String,
    /// Handlers, jobs and tasks that were recognised.
    pub entry_points: usize,
    /// Binaries in which no entry point was recognised: judged by their statics and `main` only.
    pub bins_without_entry_points: Vec<String>,
    /// Where the features that are on are those that the deployment builds it with.
    pub built: Option<BuildLine>,
}

/// A line of a deploy file that builds a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildLine {
    /// What it says of features: `--features postgres`.
    pub said: String,
    pub at: Span,
}

/// A package that was linted, as cargo would describe it.
#[derive(Debug, Clone)]
pub struct LintedPackage {
    pub name: String,
    pub version: String,
    /// The folder of its manifest, absolute.
    pub dir: PathBuf,
    pub manifest: FileId,
    /// The features that are on in this run, in order.
    pub features: Vec<String>,
    /// The targets that were judged.
    pub targets: Vec<LintedTarget>,
}

/// A target that was judged.
#[derive(Debug, Clone)]
pub struct LintedTarget {
    /// `lib`, `bin`, `example`, `test`, `bench`; of a library the kinds that its manifest names.
    pub kind: Vec<String>,
    /// What is built of it: `bin`, `lib`, `cdylib`, ..
    pub crate_types: Vec<String>,
    pub name: String,
    /// Its root file, absolute.
    pub root: PathBuf,
    pub edition: u16,
}

/// The whole answer of one run.
#[derive(Debug)]
pub struct Report {
    /// The folder that JSON paths are relative to.
    pub root: PathBuf,
    /// In order of file, place and rule.
    pub findings: Vec<Diagnostic>,
    pub problems: Vec<Problem>,
    pub coverage: Coverage,
    /// The packages that were linted, in order of name and folder.
    pub packages: Vec<LintedPackage>,
    /// The revision since which findings are new; those before it count as baselined.
    pub since: Option<String>,
    pub sources: Sources,
    pub held: Held,
}

/// What an answer was found with. It goes with the report, so that a program that ends when the
/// report is told need not take it apart piece by piece.
#[derive(Debug, Default)]
pub struct Held {
    what: Vec<Box<dyn Any + Send + Sync>>,
    stack: usize,
}

impl Held {
    /// Holds something that takes a stack of so many bytes to be taken apart.
    pub(crate) fn hold(&mut self, what: impl Any + Send + Sync, stack: usize) {
        self.what.push(Box::new(what));
        self.stack = self.stack.max(stack);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let what = std::mem::take(&mut self.what);
        if what.is_empty() {
            return;
        }
        // It nests as deeply as the files did. Where no thread is to be had, it is given up.
        let what = ManuallyDrop::new(what);
        let apart = std::thread::Builder::new().stack_size(self.stack);
        if let Ok(apart) = apart.spawn(move || drop(ManuallyDrop::into_inner(what))) {
            let _ = apart.join();
        }
    }
}

/// How many findings of each kind a report holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    pub errors: usize,
    pub warnings: usize,
    pub notes: usize,
    pub suppressed: usize,
    pub baselined: usize,
}

impl Report {
    /// Counts the findings; a suppressed or baselined one counts as that and nothing else.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for finding in &self.findings {
            let count = match (&finding.suppressed, finding.baselined, finding.level) {
                (Some(_), _, _) => &mut summary.suppressed,
                (None, true, _) => &mut summary.baselined,
                (None, false, Level::Error) => &mut summary.errors,
                (None, false, Level::Warning) => &mut summary.warnings,
                (None, false, Level::Note) => &mut summary.notes,
            };
            *count += 1;
        }
        summary
    }
}
