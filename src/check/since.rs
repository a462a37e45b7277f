//! Which findings are in what changed since a revision?

use std::collections::hash_map::Entry;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::suppress::items;
use crate::diagnostic::{Diagnostic, Problem, ProblemKind, Severity};
use crate::history::{Changed, History, HistoryError};
use crate::parse::Facts;
use crate::source::{FileId, Sources, Span};

/// What a run is compared with.
pub(super) struct Since<'a> {
    pub(super) revision: &'a str,
    pub(super) facts: &'a [Arc<Facts>],
    pub(super) sources: &'a Sources,
}

impl Since<'_> {
    /// Marks the findings that were there before: neither the item that each stands in changed, nor
    /// a line that is a reason of it.
    ///
    /// # Errors
    /// There is nothing to compare with; then all of them stay new.
    pub(super) fn mark(&self, findings: &mut [Diagnostic], root: &Path) -> Result<(), Problem> {
        let problem = |error: HistoryError| self.problem(&error, root);
        let history = History::open(root, self.revision).map_err(problem)?;
        let mut changes: FxHashMap<FileId, Changed> = FxHashMap::default();
        for at in findings.iter().flat_map(places) {
            if let Entry::Vacant(entry) = changes.entry(at.file) {
                let file = self.sources.get(at.file);
                entry.insert(history.changed(&file.path, &file.text).map_err(problem)?);
            }
        }
        let new = |file: FileId, lines: Range<u32>| match changes.get(&file) {
            None | Some(Changed::Whole) => true,
            Some(Changed::Lines(changed)) => changed.iter().any(|range| meet(range, &lines)),
        };
        for finding in findings {
            let item = self.item(finding.at);
            let reasons = finding.because.iter().map(|step| (step.at.file, self.lines(step.at)));
            let is_new = new(finding.at.file, item)
                || reasons.into_iter().any(|(file, lines)| new(file, lines));
            finding.baselined |= !is_new;
        }
        Ok(())
    }

    /// The lines of a span, from 1.
    fn lines(&self, at: Span) -> Range<u32> {
        let lines = self.sources.get(at.file).lines();
        lines.line(at.start)..lines.line(at.end.max(at.start + 1) - 1) + 1
    }

    /// The lines of the smallest item around a place; in a deploy file those of the key with all
    /// that is indented deeper.
    fn item(&self, at: Span) -> Range<u32> {
        let facts = self.facts.iter().find(|facts| facts.file == at.file);
        let own = self.lines(at);
        let Some(facts) = facts else { return self.indented(at.file, own) };
        let holds = items(facts).into_iter().map(|(whole, _)| whole);
        let holds = holds.filter(|whole| whole.start <= at.start && at.start < whole.end);
        match holds.min_by_key(|whole| whole.end - whole.start) {
            Some(whole) => self.lines(Span::new(at.file, whole.start, whole.end)),
            None => own,
        }
    }

    fn indented(&self, file: FileId, own: Range<u32>) -> Range<u32> {
        let source = self.sources.get(file);
        let indent = |line: u32| {
            let (start, end) = source.lines().range(&source.text, line);
            let text = &source.text[start as usize..end as usize];
            (!text.trim().is_empty()).then(|| text.len() - text.trim_start().len())
        };
        let least = indent(own.start).unwrap_or(0);
        let deeper = |line: &u32| indent(*line).is_none_or(|indent| indent > least);
        let more = (own.end..=source.lines().count()).take_while(deeper).count() as u32;
        own.start..own.end + more
    }

    fn problem(&self, error: &HistoryError, root: &Path) -> Problem {
        let help = match error {
            HistoryError::NoRepository | HistoryError::Bare => {
                "--new-from compares with a revision of git; without one, a baseline keeps what is \
                 known: `cargo twelve-lint baseline write`"
            }
            HistoryError::UnknownRevision => {
                "name a branch, a tag or a commit; where only a part was cloned, fetch it first, as \
                 with `fetch-depth: 0` of actions/checkout"
            }
            HistoryError::Unreadable(_) => "every finding is shown; `git fsck` may say more",
        };
        Problem {
            kind: ProblemKind::Configuration,
            severity: Severity::Error,
            message: format!("nothing can be compared with `{}`: {error}", self.revision),
            help: help.into(),
            path: root.to_path_buf(),
            at: None,
        }
    }
}

/// Every place of a finding.
fn places(finding: &Diagnostic) -> impl Iterator<Item = Span> {
    std::iter::once(finding.at).chain(finding.because.iter().map(|step| step.at))
}

/// Whether changed lines are among others; what was taken out must have been between them.
fn meet(changed: &Range<u32>, lines: &Range<u32>) -> bool {
    match changed.is_empty() {
        true => lines.start < changed.start && changed.start < lines.end,
        false => changed.start < lines.end && lines.start < changed.end,
    }
}
