//! What is missing, noisy or wrong when a folder is linted and its marks are the expectation?

use std::collections::BTreeMap;
use std::path::Path;

use twelve_lint::diagnostic::{Diagnostic, Level, Report, Severity, Verdict};
use twelve_lint::discover::Selection;
use twelve_lint::fix;
use twelve_lint::source::Sources;

use crate::marks::{Kind, Mark};

/// Each finding of a run over a folder, notes included: file, line, rule and kind.
pub(crate) fn found(folder: &Path) -> Vec<(String, u32, String)> {
    let selection = Selection { paths: vec![folder.to_path_buf()], ..Selection::default() };
    let report = twelve_lint::check(Sources::default(), &selection);
    let findings = report.findings.iter();
    // A tree that is not read any more proves nothing.
    let unread = report.problems.iter().filter(|problem| problem.severity == Severity::Error);
    let unread = unread.map(|problem| ("unread".to_string(), 0, problem.message.clone()));
    let mut found: Vec<(String, u32, String)> = findings
        .map(|finding| {
            let mark = mark(finding, &report.sources, folder);
            (mark.file, mark.line, format!("{} {}", mark.rule, mark.kind))
        })
        .chain(unread)
        .collect();
    found.sort();
    found
}

/// Lints `folder` with every rule and compares. Findings at level `note` are passed over unless a
/// mark asks for them.
pub(crate) fn judge(folder: &Path, mut expected: Vec<Mark>) -> Result<(), String> {
    let selection = Selection { paths: vec![folder.to_path_buf()], ..Selection::default() };
    let report = twelve_lint::check(Sources::default(), &selection);
    let mut wrong = Vec::new();
    for problem in report.problems.iter().filter(|p| p.severity == Severity::Error) {
        let path = relative(&problem.path, folder);
        wrong.push(format!("Problem  {path}: {}", problem.message));
    }
    let mut noisy = Vec::new();
    for finding in &report.findings {
        let found = mark(finding, &report.sources, folder);
        match expected.iter().position(|mark| *mark == found) {
            Some(index) => drop(expected.remove(index)),
            None => noisy.push((found, finding)),
        }
    }
    for (found, finding) in noisy {
        let same = |mark: &Mark| {
            (&mark.file, mark.line, &mark.rule) == (&found.file, found.line, &found.rule)
        };
        match expected.iter().position(same) {
            Some(index) => {
                let mark = expected.remove(index);
                wrong.push(format!(
                    "Wrong    {}:{} {} is a {}, was reported as a {}",
                    mark.file, mark.line, mark.rule, mark.kind, found.kind
                ));
            }
            None if found.kind == Kind::Note => {}
            None => wrong.push(format!(
                "Noisy    {}:{} {} {}: {}",
                found.file, found.line, found.rule, found.kind, finding.message
            )),
        }
    }
    for mark in expected {
        wrong.push(format!("Missing  {}:{} {} {}", mark.file, mark.line, mark.rule, mark.kind));
    }
    wrong.extend(put_right(folder, &selection, report));
    wrong.sort();
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong.join("\n")),
    }
}

/// Makes the fixes, in memory: what had one is gone then, and nothing else came or went.
fn put_right(folder: &Path, selection: &Selection, before: Report) -> Vec<String> {
    let shown = |report: &Report, fixed: Option<bool>| {
        let wanted = |finding: &&Diagnostic| fixed.is_none_or(|is| finding.fix.is_some() == is);
        let findings = report.findings.iter().filter(wanted);
        let file = |finding: &Diagnostic| report.sources.get(finding.at.file).path.clone();
        let one = |finding: &Diagnostic| {
            let (path, message) = (relative(&file(finding), folder), &finding.message);
            format!("{path} {} {message}", finding.rule)
        };
        let mut shown: Vec<String> = findings.map(one).collect();
        shown.sort();
        shown
    };
    let mut changes = fix::changes(&before);
    if changes.is_empty() {
        return Vec::new();
    }
    let expected = shown(&before, Some(false));
    let problems = before.problems.len();
    let mut texts = BTreeMap::new();
    let mut after = before;
    // Two fixes of one file may have to take turns.
    for _ in 0..8 {
        texts.extend(std::mem::take(&mut changes).into_iter().map(|(path, to)| (path, to.text)));
        let mut sources = Sources::default();
        for (path, text) in &texts {
            sources.overlay(path.clone(), text.as_str());
        }
        after = twelve_lint::check(sources, selection);
        changes = fix::changes(&after);
        if changes.is_empty() {
            break;
        }
    }
    let left = shown(&after, None);
    let mut wrong = Vec::new();
    if left != expected {
        wrong.push(format!("Unfixed  {left:#?} are left, and not {expected:#?}, in {texts:#?}"));
    }
    if after.problems.len() > problems {
        wrong.push(format!("Broken   {:#?} in {texts:#?}", after.problems));
    }
    wrong
}

/// Whether the steps of the findings name these: routes, jobs.
pub(crate) fn named(folder: &Path, wanted: &[String]) -> Result<(), String> {
    let selection = Selection { paths: vec![folder.to_path_buf()], ..Selection::default() };
    let report = twelve_lint::check(Sources::default(), &selection);
    let steps: Vec<&str> = report
        .findings
        .iter()
        .flat_map(|finding| finding.because.iter().map(|step| step.message.as_str()))
        .collect();
    let missing = |name: &&String| !steps.iter().any(|step| step.contains(&format!("`{name}`")));
    let wrong: Vec<String> =
        wanted.iter().filter(missing).map(|name| format!("Unnamed  {name}: {steps:?}")).collect();
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong.join("\n")),
    }
}

/// Whether the consequences of the findings say these, and neither they nor the steps say others.
pub(crate) fn so(folder: &Path, wanted: &[String], unsaid: &[String]) -> Result<(), String> {
    if wanted.is_empty() && unsaid.is_empty() {
        return Ok(());
    }
    let selection = Selection { paths: vec![folder.to_path_buf()], ..Selection::default() };
    let report = twelve_lint::check(Sources::default(), &selection);
    let told: Vec<&str> = report.findings.iter().map(|found| &*found.consequence).collect();
    let missing = |so: &&String| !told.iter().any(|told| told.contains(&***so));
    let mut wrong: Vec<String> =
        wanted.iter().filter(missing).map(|so| format!("Unsaid   {so}: {told:?}")).collect();
    let steps = report.findings.iter().flat_map(|found| &found.because);
    let all: Vec<&str> = told.iter().copied().chain(steps.map(|step| &*step.message)).collect();
    for words in unsaid {
        let said = all.iter().filter(|text| text.contains(words.as_str()));
        wrong.extend(said.map(|text| format!("Said     {words}: {text}")));
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong.join("\n")),
    }
}

pub(crate) fn mark(finding: &Diagnostic, sources: &Sources, folder: &Path) -> Mark {
    let file = sources.get(finding.at.file);
    let kind = match (finding.level, finding.verdict) {
        (Level::Note, _) => Kind::Note,
        (_, Verdict::Violation) => Kind::Violation,
        (_, Verdict::Hazard) => Kind::Hazard,
    };
    let line = file.place(finding.at.start).line;
    Mark { file: relative(&file.path, folder), line, rule: finding.rule.into(), kind }
}

fn relative(path: &Path, folder: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).to_string_lossy().replace('\\', "/")
}
