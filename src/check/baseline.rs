//! Which findings are known already? The baseline: read, compared, and made anew.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::options::Baseline;
use crate::diagnostic::{Diagnostic, Problem, ProblemKind, Report, Severity, Verdict};
use crate::discover::{Project, above, relative, unreadable};
use crate::source::{FileId, Sources, Span};

/// The name of the file.
pub const BASELINE: &str = "twelve-lint-baseline.json";

const VERSION: u32 = 1;

/// A finding as the file keeps it: what tells it from others, and what people need to find it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    pub rule: String,
    /// A hazard that became a violation is a new finding.
    pub verdict: String,
    /// Empty for deploy files that lie in no package.
    pub package: String,
    /// Relative to the root, as it was when this was written.
    pub file: String,
    pub item: String,
    pub fingerprint: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    findings: Vec<Kept>,
}

/// What became of a finding that a baseline keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is still there.
    Met,
    /// It is gone, and everything was looked at.
    Gone,
    /// Nobody looked where it was.
    Unseen,
}

/// One baseline, compared with what was found.
#[derive(Debug)]
pub struct Compared {
    pub path: PathBuf,
    pub kept: Vec<(Kept, Fate)>,
    file: Option<FileId>,
}

/// Reads the baselines that are asked for; what is wrong with one is told.
pub(super) fn read(
    asked: &Baseline,
    project: &Project,
    sources: &mut Sources,
    problems: &mut Vec<Problem>,
) -> Vec<Compared> {
    let paths = match asked {
        Baseline::Off => Vec::new(),
        Baseline::File(path) => vec![crate::discover::clean(path)],
        Baseline::Nearest => {
            let packages = project.packages.iter().filter(|package| package.selected);
            let folders = packages.map(|package| &package.dir).chain([&project.root]);
            let mut paths: Vec<PathBuf> =
                folders.filter_map(|folder| above(sources, folder, BASELINE)).collect();
            paths.sort();
            paths.dedup();
            paths
        }
    };
    let mut found = Vec::new();
    for path in paths {
        let file = match sources.load(&path) {
            Ok(file) => file,
            Err(error) => {
                let mut problem = unreadable(&path, &error, "no finding is known by it");
                if !path.exists() {
                    problem.message = "there is no such baseline".into();
                    problem.help =
                        "`cargo twelve-lint baseline write --baseline` writes one".into();
                }
                let kind = ProblemKind::Configuration;
                problems.push(Problem { kind, ..problem });
                continue;
            }
        };
        match entries(&sources.get(file).text) {
            Ok(kept) => {
                let kept = kept.into_iter().map(|kept| (kept, Fate::Unseen)).collect();
                found.push(Compared { path, kept, file: Some(file) });
            }
            Err((message, at)) => problems.push(Problem {
                kind: ProblemKind::Configuration,
                severity: Severity::Error,
                message,
                help: "mend it, or remove it and run `cargo twelve-lint baseline write`".into(),
                path,
                at: Some(Span::new(file, at as u32, at as u32)),
            }),
        }
    }
    found
}

/// What a baseline keeps, or what is wrong with it, and at which byte.
fn entries(text: &str) -> Result<Vec<Kept>, (String, usize)> {
    let document: Document = serde_json::from_str(text).map_err(|error| {
        let start: usize =
            text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        let at = (start + error.column().saturating_sub(1)).min(text.len());
        let at = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let told = error.to_string();
        let told = told.split(" at line ").next().unwrap_or(&told);
        (format!("this is no baseline: {told}"), at)
    })?;
    match document.version {
        VERSION => Ok(document.findings),
        other => {
            let at = text.find("version").unwrap_or(0);
            Err((format!("this baseline is of version {other}, and {VERSION} is what is read"), at))
        }
    }
}

/// Marks the findings that a baseline keeps. What is gone is only known where the `whole` of a
/// package was looked at.
pub(super) fn compare(
    baselines: &mut [Compared],
    findings: &mut [Diagnostic],
    project: &Project,
    whole: bool,
) {
    let mut places: FxHashMap<String, usize> = FxHashMap::default();
    for (index, finding) in findings.iter().enumerate() {
        places.insert(finding.fingerprint.clone(), index);
    }
    for baseline in baselines {
        let ours = baseline.path.parent() == Some(&*project.root);
        for (kept, fate) in &mut baseline.kept {
            let package = project.packages.iter().any(|package| package.name == kept.package);
            if whole && (package || (ours && kept.package.is_empty())) {
                *fate = Fate::Gone;
            }
            if let Some(index) = places.get(&kept.fingerprint) {
                let finding = &mut findings[*index];
                *fate = Fate::Met;
                let worse = finding.verdict == Verdict::Violation && kept.verdict == "hazard";
                finding.baselined |= !worse;
            }
        }
    }
}

/// Tells what baselines keep although it is gone.
pub(super) fn gone(baselines: &[Compared], sources: &Sources, problems: &mut Vec<Problem>) {
    for baseline in baselines {
        let gone = baseline.kept.iter().filter(|(_, fate)| *fate == Fate::Gone);
        let gone: Vec<&Kept> = gone.map(|(kept, _)| kept).collect();
        let Some(first) = gone.first() else { continue };
        let names: Vec<String> = gone.iter().map(|kept| kept.shown()).collect();
        let (findings, are) = if gone.len() == 1 { ("finding", "is") } else { ("findings", "are") };
        let place = baseline.file.and_then(|file| {
            let text = &sources.get(file).text;
            let end = text.find(&first.fingerprint)?;
            // What people look for on that line.
            let at = text[..end].rfind(&first.rule)?;
            Some(Span::new(file, at as u32, (at + first.rule.len()) as u32))
        });
        problems.push(Problem {
            kind: ProblemKind::Configuration,
            severity: Severity::Note,
            message: format!(
                "{} {findings} of this baseline {are} gone: {}",
                gone.len(),
                names.join(", ")
            ),
            help: "`cargo twelve-lint baseline prune` takes out what is gone".into(),
            path: baseline.path.clone(),
            at: place,
        });
    }
}

impl Kept {
    /// A finding as it is kept.
    pub fn of(finding: &Diagnostic, report: &Report) -> Kept {
        Kept {
            rule: finding.rule.into(),
            verdict: match finding.verdict {
                Verdict::Violation => "violation".into(),
                Verdict::Hazard => "hazard".into(),
            },
            package: finding.package.clone(),
            file: relative(&report.sources.get(finding.at.file).path, &report.root),
            item: finding.item.clone(),
            fingerprint: finding.fingerprint.clone(),
        }
    }

    /// "in_process_cache of `shop::RATES`".
    pub fn shown(&self) -> String {
        let of = if self.item.is_empty() { &self.file } else { &self.item };
        // "compose service `shop`" has its own.
        let quote = if of.contains('`') { "" } else { "`" };
        format!("{} of {quote}{of}{quote}", self.rule)
    }
}

/// The text of a baseline: one line for each finding, in an order that does not change.
pub fn text(mut kept: Vec<Kept>) -> String {
    let order = |kept: &Kept| {
        let Kept { file, item, rule, package, fingerprint, .. } = kept;
        (file.clone(), item.clone(), rule.clone(), package.clone(), fingerprint.clone())
    };
    kept.sort_by_key(order);
    kept.dedup();
    let lines: Vec<String> = kept
        .iter()
        .map(|kept| format!("    {}", serde_json::to_string(kept).unwrap_or_default()))
        .collect();
    let findings =
        if lines.is_empty() { String::new() } else { format!("\n{}\n  ", lines.join(",\n")) };
    format!("{{\n  \"version\": {VERSION},\n  \"findings\": [{findings}]\n}}\n")
}

/// Where a baseline is written that nobody has named.
pub fn default_path(root: &Path) -> PathBuf {
    root.join(BASELINE)
}
