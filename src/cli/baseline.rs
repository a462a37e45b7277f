//! What is put into the baseline, and what is taken out? `baseline write` and `baseline prune`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::args::BaselineArgs;
use super::config::tell_problem;
use super::tell;
use crate::check::baseline::{Fate, Kept, default_path, text};
use crate::check::{Baseline, Options, Run, run};
use crate::diagnostic::{Level, Severity};
use crate::discover::relative;
use crate::report::Status;
use crate::source::Sources;

/// A baseline that is about to change.
struct Change {
    path: PathBuf,
    run: Run,
}

impl Change {
    /// Lints, and says which file is meant; what stands in the way was told.
    fn begin(args: &BaselineArgs) -> Option<Change> {
        let asked = args.baseline.clone();
        let baseline = match &asked {
            Some(path) if !path.exists() => Baseline::Off,
            Some(path) => Baseline::File(path.clone()),
            None => Baseline::Nearest,
        };
        let options = Options { baseline, ..args.levels.options() };
        let run = run(Sources::default(), &args.selected.selection(), &options);
        let report = &run.report;
        if matches!(Status::of(report), Status::Incomplete(_)) {
            for problem in report.problems.iter().filter(|p| p.severity == Severity::Error) {
                tell_problem(problem, &report.sources);
            }
            tell(
                "the baseline stays as it is, as not everything could be judged\n  \
                 help: mend what is named above, or select what can be judged",
            );
            return None;
        }
        let path = match (asked, &run.baselines[..]) {
            (Some(path), _) => path,
            (None, []) => default_path(&report.root),
            (None, [one]) => one.path.clone(),
            (None, several) => {
                let names: Vec<String> = several.iter().map(|one| shown(&one.path)).collect();
                tell(&format!(
                    "several baselines are in force: {}\n  help: name one of them with --baseline",
                    names.join(", ")
                ));
                return None;
            }
        };
        Some(Change { path, run })
    }

    fn kept(&self) -> impl Iterator<Item = &(Kept, Fate)> {
        self.run.baselines.iter().flat_map(|baseline| &baseline.kept)
    }

    fn gone(&self) -> Vec<&Kept> {
        self.kept().filter(|(_, fate)| *fate == Fate::Gone).map(|(kept, _)| kept).collect()
    }

    /// Puts the file in the place of what was there, and says what changed.
    fn end(&self, kept: Vec<Kept>, told: &[String], out: &mut dyn Write) -> (io::Result<()>, u8) {
        let count = kept.len();
        let prints: Vec<&str> = kept.iter().map(|kept| &*kept.fingerprint).collect();
        let notes = self.run.report.findings.iter().filter(|finding| {
            finding.level == Level::Note && prints.contains(&&*finding.fingerprint)
        });
        // Or the number is another one than that of the report, which hides them.
        let notes = match notes.count() {
            0 => String::new(),
            notes if notes == count => ", only notes".into(),
            1 => ", one of them a note".into(),
            notes => format!(", {notes} of them notes"),
        };
        if let Err(error) = replace(&self.path, &text(kept)) {
            tell(&format!(
                "cannot write {}: {error}\n  help: name another place with --baseline",
                shown(&self.path)
            ));
            return (Ok(()), 2);
        }
        let findings = if count == 1 { "finding" } else { "findings" };
        let mut lines = told.iter();
        let written = lines.try_for_each(|line| writeln!(out, "{line}"));
        let last = format!("{} keeps {count} {findings}{notes}", shown(&self.path));
        (written.and_then(|()| writeln!(out, "{last}")), 0)
    }
}

/// Keeps every finding that is there now and that nobody suppressed.
pub(super) fn write(args: &BaselineArgs, out: &mut dyn Write) -> (io::Result<()>, u8) {
    let Some(change) = Change::begin(args) else { return (Ok(()), 2) };
    let report = &change.run.report;
    let found = report.findings.iter().filter(|finding| finding.suppressed.is_none());
    let found: Vec<Kept> = found.map(|finding| Kept::of(finding, report)).collect();
    let is_known = |new: &&Kept| {
        change
            .kept()
            .any(|(kept, _)| (&kept.fingerprint, &kept.verdict) == (&new.fingerprint, &new.verdict))
    };
    let (known, new): (Vec<&Kept>, Vec<&Kept>) = found.iter().partition(is_known);
    let allowed = report.findings.iter().filter(|finding| finding.suppressed.is_some());
    let allowed: Vec<&str> = allowed.map(|finding| &*finding.fingerprint).collect();
    let allowed = change.kept().filter(|(kept, _)| allowed.contains(&&*kept.fingerprint));
    let unseen = change.kept().filter(|(_, fate)| *fate == Fate::Unseen).map(|(kept, _)| kept);
    let unseen: Vec<Kept> = unseen.cloned().collect();
    let mut told: Vec<String> = Vec::new();
    told.extend(new.iter().map(|kept| format!("new   {} ({})", kept.shown(), kept.file)));
    told.extend(change.gone().iter().map(|kept| format!("gone  {} ({})", kept.shown(), kept.file)));
    told.extend(
        allowed.map(|(kept, _)| {
            format!("out   {} ({}), which is allowed now", kept.shown(), kept.file)
        }),
    );
    match (known.len(), unseen.len()) {
        (0, 0) => {}
        (known, 0) => told.push(format!("{known} known before")),
        (known, unseen) => told.push(format!("{known} known before, {unseen} not looked at")),
    }
    change.end(found.iter().cloned().chain(unseen).collect(), &told, out)
}

/// Takes out what is gone, and puts nothing in.
pub(super) fn prune(args: &BaselineArgs, out: &mut dyn Write) -> (io::Result<()>, u8) {
    let Some(change) = Change::begin(args) else { return (Ok(()), 2) };
    if change.run.baselines.is_empty() {
        tell(&format!(
            "there is no baseline {}\n  help: `cargo twelve-lint baseline write` writes one",
            shown(&change.path)
        ));
        return (Ok(()), 2);
    }
    let gone = change.gone();
    let told: Vec<String> =
        gone.iter().map(|kept| format!("gone  {} ({})", kept.shown(), kept.file)).collect();
    if !change.run.whole {
        tell(
            "nothing is taken out, as only a part was linted\n  help: lint the whole workspace, \
             with its libraries and binaries: --workspace",
        );
        return (Ok(()), 2);
    }
    let left = change.kept().filter(|(_, fate)| *fate != Fate::Gone);
    change.end(left.map(|(kept, _)| kept.clone()).collect(), &told, out)
}

/// Whoever is stopped in the middle leaves the old file whole.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let beside = path.with_extension("json.new");
    std::fs::write(&beside, text)?;
    std::fs::rename(&beside, path)
}

fn shown(path: &Path) -> String {
    relative(path, &std::env::current_dir().unwrap_or_default())
}
