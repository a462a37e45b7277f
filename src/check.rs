//! The pipeline, readable in one place: discover, parse, resolve, model, rules, report.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::catalog::Catalog;
use crate::diagnostic::{
    Certainty, Coverage, Diagnostic, Elsewhere, Held, Level, PackageCoverage, Problem, ProblemKind,
    Report, Severity, Verdict,
};
use crate::discover::{Project, Selection, discover, relative};
use crate::flow::Flow;
use crate::model::Model;
use crate::parse::tree::Range;
use crate::resolve::Names;
use crate::rules::{self, Finding, Findings};
use crate::source::Sources;

mod deploy;
mod linted;
mod load;
mod macros;
mod taught;

/// Lints what `selection` names. What could not be read, parsed or placed is in the report's
/// problems; there is always a report.
pub fn check(sources: Sources, selection: &Selection) -> Report {
    // Bodies nest as deeply as their files: what walks them needs the stack that parsing had.
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(load::MOST_STACK);
        match builder.spawn_scoped(scope, || judge(sources, selection)) {
            Ok(thread) => match thread.join() {
                Ok(report) => report,
                Err(panic) => std::panic::resume_unwind(panic),
            },
            Err(error) => nothing(Sources::default(), &format!("no thread could be had: {error}")),
        }
    })
}

fn judge(mut sources: Sources, selection: &Selection) -> Report {
    let mut catalog = match Catalog::builtin() {
        Ok(catalog) => catalog,
        Err(error) => {
            return nothing(sources, &format!("the catalogue cannot be read: {error}"));
        }
    };
    let (mut project, mut problems) = discover(&mut sources, selection, &catalog.files.formats);
    let config = taught::read(&sources, &mut project, &mut problems);
    catalog.teach(&config);
    let loaded = load::load(&mut sources, &project, &catalog);
    // What a `mod` line leads to is told at that line.
    problems.retain(|problem| !loaded.told.contains(&problem.path));
    problems.extend(loaded.problems);

    let names = Names::build(&project, &catalog, &loaded.units, &loaded.facts, &loaded.symbols);
    let flow = Flow::of(&names);
    let mut model = Model::build(&names, &flow);
    taught::check(&config, &names, &sources, &mut problems);
    model.settings = deploy::settings(&sources, &project, &catalog, &mut problems);

    let mut found = Findings::default();
    for rule in rules::RULES {
        (rule.check)(&model, &mut found);
    }
    let selected = |finding: &Diagnostic| {
        let mut packages = project.packages.iter();
        finding.package.is_empty()
            || packages.any(|package| package.name == finding.package && package.selected)
    };
    let mut found = found.into_vec();
    behind(&mut found, &names);
    let found = diagnostics(found, &project, &sources);
    let (findings, others): (Vec<Diagnostic>, Vec<Diagnostic>) =
        found.into_iter().partition(selected);
    let coverage = Coverage {
        files: loaded.facts.len() + loaded.test_files + project.deploy.len(),
        unread: loaded.unread,
        unresolved: model.unresolved,
        test_files: loaded.test_files,
        not_selected: project.not_selected.clone(),
        elsewhere: elsewhere(&others),
        packages: packages(&project, &model),
    };
    problems.sort_by(|a, b| (&a.path, a.at, &a.message).cmp(&(&b.path, b.at, &b.message)));
    problems.dedup();
    let packages = linted::packages(&project);
    drop(model);
    drop(names);
    let mut held = Held::default();
    held.hold((catalog, loaded.facts, loaded.symbols, flow));
    Report { root: project.root, findings, problems, coverage, packages, sources, held }
}

/// A finding that has a step behind features which are off is one with them alone.
fn behind(found: &mut [Finding], names: &Names<'_>) {
    let off = names.off();
    for finding in found.iter_mut().filter(|finding| finding.owner.feature.is_none()) {
        finding.owner.feature = finding.because.iter().find_map(|step| {
            let at = Range { start: step.at.start, end: step.at.end };
            let mut parts = off.get(&step.at.file)?.iter();
            parts.find(|(part, _)| part.holds(at)).map(|(_, condition)| condition.in_words())
        });
    }
}

/// How much was found in packages whose findings are not reported.
fn elsewhere(others: &[Diagnostic]) -> Vec<Elsewhere> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in others.iter().filter(|finding| finding.level != Level::Note) {
        *counts.entry(&finding.package).or_default() += 1;
    }
    let counts = counts.into_iter();
    counts.map(|(package, findings)| Elsewhere { package: package.into(), findings }).collect()
}

fn nothing(sources: Sources, message: &str) -> Report {
    let problem = Problem {
        kind: ProblemKind::Configuration,
        severity: Severity::Error,
        message: message.to_string(),
        help: "nothing was linted; mend what is named and run again".into(),
        path: Default::default(),
        at: None,
    };
    Report {
        root: Default::default(),
        findings: Vec::new(),
        problems: vec![problem],
        coverage: Coverage::default(),
        packages: Vec::new(),
        sources,
        held: Held::default(),
    }
}

fn packages(project: &Project, model: &Model) -> Vec<PackageCoverage> {
    let mut packages: Vec<PackageCoverage> = project
        .packages
        .iter()
        .enumerate()
        .filter(|(_, package)| package.selected)
        .map(|(index, package)| PackageCoverage {
            name: package.name.clone(),
            entry_points: model.entries.iter().filter(|entry| entry.package == index).count(),
            bins_without_entry_points: model
                .unknown_bins
                .iter()
                .filter(|(of, _)| *of == index)
                .map(|(_, name)| name.clone())
                .collect(),
        })
        .collect();
    packages.sort_by(|a, b| a.name.cmp(&b.name));
    packages
}

/// Findings in order, each once, with level and fingerprint.
fn diagnostics(mut found: Vec<Finding>, project: &Project, sources: &Sources) -> Vec<Diagnostic> {
    let path = |finding: &Finding| sources.get(finding.at.file).path.clone();
    found.sort_by(|a, b| {
        (path(a), a.at.start, a.rule, &a.message).cmp(&(path(b), b.at.start, b.rule, &b.message))
    });
    // A file that two targets share is judged in both and reported once.
    found.dedup_by(|a, b| a.rule == b.rule && a.at == b.at);
    let mut seen: FxHashMap<String, usize> = FxHashMap::default();
    found
        .into_iter()
        .map(|finding| {
            let package = finding.owner.package.map(|index| &project.packages[index]);
            let (name, dir) = match package {
                Some(package) => (package.name.clone(), &package.dir),
                None => (String::new(), &project.root),
            };
            let file = relative(&sources.get(finding.at.file).path, dir);
            let text = sources.text(finding.at).split_whitespace().collect::<Vec<_>>().join(" ");
            let key = format!("{}|{}|{file}|{}|{text}", finding.rule, name, finding.item);
            let ordinal = seen.entry(key.clone()).or_default();
            *ordinal += 1;
            let fingerprint = fingerprint(&format!("{key}|{ordinal}"));
            let certainty = finding.certainty;
            let level = match (finding.verdict, certainty, &finding.owner.feature) {
                (_, Certainty::Low, _) | (_, _, Some(_)) => Level::Note,
                (Verdict::Violation, ..) => Level::Error,
                (Verdict::Hazard, ..) => Level::Warning,
            };
            Diagnostic {
                rule: finding.rule,
                verdict: finding.verdict,
                certainty,
                level,
                message: finding.message,
                consequence: finding.consequence,
                help: finding.help,
                at: finding.at,
                item: finding.item,
                state: finding.state,
                package: name,
                target: finding.owner.target,
                process: finding.owner.process,
                feature: finding.owner.feature,
                because: finding.because,
                fingerprint,
                suppressed: None,
                baselined: false,
            }
        })
        .collect()
}

/// FNV-1a, 128 bits: the same on every machine and in every version.
pub(crate) fn fingerprint(text: &str) -> String {
    let mut hash: u128 = 0x6c62272e07bb014262b821756295c58d;
    for byte in text.bytes() {
        hash ^= u128::from(byte);
        hash = hash.wrapping_mul(0x0000000001000000000000000000013b);
    }
    format!("{hash:032x}")
}
