//! What do files say once their fixes are made?

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::diagnostic::{Edit, Fix, Report};
use crate::source::Span;

/// A file after its fixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    pub text: String,
    /// How many findings that puts right.
    pub findings: usize,
}

/// A text after edits, which are in order of place and touch none of the others.
pub fn apply(text: &str, edits: &[Edit]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        out.push_str(text.get(at..edit.at.start as usize).unwrap_or(""));
        out.push_str(&edit.text);
        at = edit.at.end as usize;
    }
    out.push_str(text.get(at..).unwrap_or(""));
    out
}

/// The one edit that does what all edits of a fix do, for who makes each edit by itself.
pub fn whole(text: &str, fix: &Fix) -> Option<Edit> {
    let (first, last) = (fix.edits.first()?.at, fix.edits.last()?.at);
    let before = text.get(..last.end as usize)?;
    let after = apply(before, &fix.edits);
    let text = after.get(first.start as usize..)?.to_owned();
    Some(Edit { at: Span::new(first.file, first.start, last.end), text })
}

/// The files that the fixes of a report change. Of two that touch one another the first is made;
/// the other one is a matter for the next run.
pub fn changes(report: &Report) -> BTreeMap<PathBuf, Changed> {
    let mut files: BTreeMap<u32, (Vec<Edit>, usize)> = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| finding.is_live()) {
        let Some(fix) = &finding.fix else { continue };
        let (edits, findings) = files.entry(finding.at.file.0).or_default();
        let touches = |one: &Edit, other: &Edit| {
            one.at.start < other.at.end && other.at.start < one.at.end
                || one.at.start == other.at.start
        };
        let new = fix.edits.iter().filter(|edit| !edits.contains(edit));
        let new: Vec<Edit> = new.cloned().collect();
        if new.iter().any(|edit| edits.iter().any(|other| touches(edit, other))) {
            continue;
        }
        edits.extend(new);
        *findings += 1;
    }
    let changed = files.into_iter().map(|(file, (mut edits, findings))| {
        edits.sort_by_key(|edit| edit.at);
        let source = report.sources.get(crate::source::FileId(file));
        (source.path.clone(), Changed { text: apply(&source.text, &edits), findings })
    });
    changed.collect()
}
