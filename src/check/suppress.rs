//! Which findings do comments suppress, and which comments suppress nothing?

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::allow::{self, Directive};
use super::date::Date;
use super::levels::place;
use crate::config;
use crate::diagnostic::{Diagnostic, Problem, Severity};
use crate::parse::Facts;
use crate::parse::tree::{ExprKind, Item, ItemKind, Mark, Range};
use crate::source::{FileId, Sources, Span};

/// Every comment of the run that suppresses, with what it speaks for.
#[derive(Debug, Default)]
pub(super) struct Comments {
    all: Vec<Comment>,
    by_file: FxHashMap<FileId, Vec<usize>>,
}

#[derive(Debug)]
struct Comment {
    at: Span,
    speaks_for: Range,
    says: Directive,
    expired: bool,
    /// For each of its rules, whether a finding stands there.
    used: Vec<bool>,
}

impl Comments {
    /// Reads the comments of Rust files and of deploy files; what is wrong with one is told, in a
    /// source file that is not among the `selected` as a note.
    pub(super) fn read(
        facts: &[Arc<Facts>],
        selected: &FxHashSet<FileId>,
        deploy: &[(FileId, Vec<Mark>)],
        today: Date,
        sources: &Sources,
        problems: &mut Vec<Problem>,
    ) -> Comments {
        let mut comments = Comments::default();
        for facts in facts.iter().filter(|facts| !facts.marks.is_empty()) {
            let (items, mut wrong) = (items(facts), Vec::new());
            for mark in &facts.marks {
                let next = around(&items, mark).unwrap_or(mark.next);
                comments.add(facts.file, mark, next, today, sources, &mut wrong);
            }
            if !selected.contains(&facts.file) {
                wrong.iter_mut().for_each(|problem| problem.severity = Severity::Note);
            }
            problems.extend(wrong);
        }
        for (file, marks) in deploy {
            for mark in marks {
                comments.add(*file, mark, mark.next, today, sources, problems);
            }
        }
        comments
    }

    fn add(
        &mut self,
        file: FileId,
        mark: &Mark,
        next: Range,
        today: Date,
        sources: &Sources,
        problems: &mut Vec<Problem>,
    ) {
        let at = |range: std::ops::Range<usize>| {
            let start = mark.at.start + range.start as u32;
            Span::new(file, start, mark.at.start + range.end as u32)
        };
        for read in allow::read(&mark.text) {
            let says = match read {
                Ok(says) => says,
                Err((range, message, help)) => {
                    problems.push(config::problem(sources, at(range), message, help));
                    continue;
                }
            };
            let whole = Range { start: 0, end: u32::MAX };
            let speaks_for = if says.whole_file { whole } else { next };
            let mut expired = false;
            if let Some((until, day)) = says.until.as_ref().filter(|(until, _)| *until < today) {
                expired = *until < today;
                let message = format!("this suppression held until {day}, and holds no longer");
                let help = "look at it again: mend what it hides, or give it another day";
                let problem = config::problem(sources, at(0..mark.text.len()), message, help);
                problems.push(Problem { severity: Severity::Note, ..problem });
            }
            let used = vec![false; says.rules.len()];
            self.by_file.entry(file).or_default().push(self.all.len());
            self.all.push(Comment { at: at(0..mark.text.len()), speaks_for, says, expired, used });
        }
    }

    /// Marks the findings that stand where a comment speaks for; where `ignored`, none of them.
    pub(super) fn suppress(&mut self, findings: &mut [Diagnostic], ignored: bool) {
        for finding in findings {
            let numbers = self.by_file.get(&finding.at.file).into_iter().flatten();
            let mut nearest: Option<(u32, usize)> = None;
            for number in numbers {
                let comment = &mut self.all[*number];
                let range = comment.speaks_for;
                if !(range.start..range.end).contains(&finding.at.start) {
                    continue;
                }
                let rules = comment.says.rules.iter();
                let meant =
                    rules.zip(&mut comment.used).find(|((rule, _), _)| *rule == finding.rule);
                let Some((_, used)) = meant else { continue };
                *used = true;
                let size = range.end - range.start;
                if !comment.expired && nearest.is_none_or(|(least, _)| size < least) {
                    nearest = Some((size, *number));
                }
            }
            if let Some((_, number)) = nearest.filter(|_| !ignored) {
                finding.suppressed = Some(self.all[number].says.reason.clone());
            }
        }
    }

    /// Tells the comments that suppress nothing, and where what they mean stands.
    pub(super) fn unused(
        &self,
        findings: &[Diagnostic],
        sources: &Sources,
        root: &std::path::Path,
        problems: &mut Vec<Problem>,
    ) {
        for comment in self.all.iter().filter(|comment| !comment.expired) {
            for ((rule, _), used) in comment.says.rules.iter().zip(&comment.used) {
                if *used {
                    continue;
                }
                let range = comment.speaks_for;
                let stands = |at: &Span| {
                    at.file == comment.at.file && (range.start..range.end).contains(&at.start)
                };
                let elsewhere = findings.iter().find(|finding| {
                    finding.rule == *rule && finding.because.iter().any(|step| stands(&step.at))
                });
                let (message, help) = match elsewhere {
                    None => (
                        format!("this suppresses nothing: `{rule}` finds nothing here"),
                        "take it out, or move it to the line above what it means".to_string(),
                    ),
                    Some(finding) => (
                        format!("this suppresses nothing: what `{rule}` finds stands elsewhere"),
                        format!(
                            "move it to {}: a finding is suppressed where it stands, not on the way \
                             there",
                            place(sources, finding.at, root)
                        ),
                    ),
                };
                let problem = config::problem(sources, comment.at, message, help);
                problems.push(Problem { severity: Severity::Note, ..problem });
            }
        }
    }
}

/// The items of a file, those in bodies too: all of each, and its name.
pub(super) fn items(facts: &Facts) -> Vec<(Range, Range)> {
    let mut found = Vec::new();
    collect(&facts.items, &mut found);
    for expr in &facts.exprs {
        if let ExprKind::Block(block) = &expr.kind {
            collect(&block.items, &mut found);
        }
    }
    found
}

fn collect(items: &[Item], found: &mut Vec<(Range, Range)>) {
    for item in items {
        found.push((item.whole, item.at));
        match &item.kind {
            ItemKind::Mod { items: Some(items), .. }
            | ItemKind::Impl { items, .. }
            | ItemKind::Trait { items, .. } => collect(items, found),
            _ => {}
        }
    }
}

/// The item that a comment stands above, or in the head of.
fn around(items: &[(Range, Range)], mark: &Mark) -> Option<Range> {
    let next = mark.next.start;
    // What follows a trailing comment is no concern of it.
    if next < mark.at.start {
        return None;
    }
    let mut heads = items
        .iter()
        .filter(|(whole, name)| whole.start <= next && next <= name.start && next < whole.end);
    heads.next().map(|(whole, _)| *whole)
}
