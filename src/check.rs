//! The pipeline, readable in one place: discover, parse, resolve, model, rules, report.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::catalog::Catalog;
use crate::diagnostic::{
    BuildLine, Coverage, Diagnostic, Elsewhere, Held, Level, PackageCoverage, Problem, ProblemKind,
    Process, Report, Severity,
};
use crate::discover::{Project, Selection, TargetKind, discover, relative};
use crate::fix;
use crate::flow::Flow;
use crate::model::Model;
use crate::model::deploy::Built;
use crate::parse::tree::Range;
use crate::resolve::{Names, Unit};
use crate::rules::{self, Finding, Findings};
use crate::source::{FileId, Sources};

mod allow;
pub mod baseline;
mod date;
mod deploy;
mod effective;
mod kept;
mod levels;
mod linted;
mod load;
mod macros;
mod mistake;
mod one;
mod options;
mod session;
mod since;
mod suppress;
mod taught;

pub use baseline::Compared;
pub use date::Date;
pub use effective::{Effective, Line, configuration};
use kept::Kept;
use levels::Levels;
pub use levels::{Origin, Ruling};
pub use mistake::mistake;
pub use options::{Asked, Baseline, Options};
pub use session::{Session, Stop};
use suppress::Comments;

/// Lints what `selection` names, the usual way.
pub fn check(sources: Sources, selection: &Selection) -> Report {
    check_with(sources, selection, &Options::default())
}

/// Lints what `selection` names. What could not be read, parsed or placed is in the report's
/// problems; there is always a report.
pub fn check_with(sources: Sources, selection: &Selection, options: &Options) -> Report {
    run(sources, selection, options).report
}

/// A report, and what it was compared with.
#[derive(Debug)]
pub struct Run {
    pub report: Report,
    /// The baselines in force.
    pub baselines: Vec<Compared>,
    /// Whether all that is there was looked at, so that what was not found is gone.
    pub whole: bool,
}

/// As [`check_with`], for who wants to know what became of known findings.
pub fn run(sources: Sources, selection: &Selection, options: &Options) -> Run {
    let run = Session::default().run(sources, selection, options, &Stop::default());
    // Nobody holds what would stop it.
    run.unwrap_or_else(|| nothing(Sources::default(), "the run was stopped"))
}

fn judge(
    mut sources: Sources,
    selection: &Selection,
    options: &Options,
    kept: &mut Kept,
    stop: &Stop,
) -> Option<Run> {
    let mut catalog = match Catalog::builtin() {
        Ok(catalog) => Cow::Borrowed(catalog),
        Err(error) => {
            return Some(nothing(sources, &format!("the catalogue cannot be read: {error}")));
        }
    };
    let (mut project, mut problems) = discover(&mut sources, selection, &catalog.formats);
    let mut unread = Vec::new();
    let deploy::Files { read: deploy_files, marks } =
        deploy::read(&sources, &project, &catalog, &mut unread);
    let programs = deploy::programs(&project);
    let deployment = deploy::deployment(&deploy_files, &sources, &project, &catalog);
    let runs = deployment.runs(&programs);
    let mut settings = deployment.settings(&runs, &programs);
    deploy::readers(&mut settings, &programs, &project, &sources);
    drop(deployment);
    let built = deploy::built(&project, selection, &programs, &runs);
    if let Some(built) = deploy::as_built(&project, selection, &built) {
        (project, problems) = discover(&mut sources, &built, &catalog.formats);
    }
    problems.extend(unread);
    deploy::declare(&mut project, &programs, &runs);
    let (config, mut layers) = taught::read(&sources, &mut project, &mut problems);
    let levels = Levels::new(&mut layers, &project, options, &sources, &mut problems);
    let mut baselines = baseline::read(&options.baseline, &project, &mut sources, &mut problems);
    if !(config.types.is_empty() && config.functions.is_empty()) {
        catalog.to_mut().teach(&config);
    }
    stop.goes_on()?;
    let loaded = load::load(&mut sources, &project, &catalog, kept, stop);
    stop.goes_on()?;
    // What a `mod` line leads to is told at that line.
    problems.retain(|problem| !loaded.told.contains(&problem.path));
    problems.extend(loaded.problems);

    let names = Names::build(&project, &catalog, &loaded.units, &loaded.facts, &loaded.symbols);
    stop.goes_on()?;
    let mut flow = Flow::of(&names);
    stop.goes_on()?;
    let mut model = Model::build(&names, &mut flow);
    stop.goes_on()?;
    taught::check(&config, &names, &sources, &mut problems);
    model.settings.extend(deploy::owned(settings, &project));
    (model.programs, model.runs) = (programs, runs);

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
    let mut found = diagnostics(found, &project, &levels, &sources);
    let whole = is_whole(&project, selection, &problems);
    let today = options.today.unwrap_or_else(Date::today);
    let files = selected_files(&loaded.units, &project);
    let mut comments =
        Comments::read(&loaded.facts, &files, &marks, today, &sources, &mut problems);
    comments.suppress(&mut found, options.no_ignores);
    if whole {
        comments.unused(&found, &sources, &project.root, &mut problems);
        levels.idle(&sources, &mut problems);
    }
    let (mut findings, others): (Vec<Diagnostic>, Vec<Diagnostic>) =
        found.into_iter().partition(selected);
    baseline::compare(&mut baselines, &mut findings, &project, whole);
    baseline::gone(&baselines, &sources, &mut problems);
    if let Some(revision) = &options.new_from {
        let compared = since::Since { revision, facts: &loaded.facts, sources: &sources };
        problems.extend(compared.mark(&mut findings, &project.root).err());
    }
    // What is known or allowed is not for an edit to change.
    let open = |finding: &&mut Diagnostic| finding.is_live();
    let deployed = |finding: &&mut Diagnostic| finding.process == Process::Deploy;
    for finding in findings.iter_mut().filter(deployed).filter(open) {
        let source = sources.get(finding.at.file);
        let path = relative(&source.path, &project.root);
        let read = deploy_files.iter().find(|(known, _)| *known == path);
        finding.fix = read.and_then(|(_, read)| fix::of(finding, source, read, &catalog));
    }
    let coverage = Coverage {
        files: loaded.facts.len() + loaded.test_files + project.deploy.len(),
        unread: loaded.unread,
        unresolved: model.unresolved,
        test_files: loaded.test_files,
        not_selected: project.not_selected.clone(),
        elsewhere: elsewhere(&others),
        packages: packages(&project, &model, &built),
    };
    problems.sort_by(|a, b| (&a.path, a.at, &a.message).cmp(&(&b.path, b.at, &b.message)));
    problems.dedup();
    let packages = linted::packages(&project);
    drop(model);
    drop(names);
    let mut held = Held::default();
    held.hold((catalog, loaded.facts, loaded.symbols, flow, deploy_files), one::MOST_STACK);
    let (root, since) = (project.root, options.new_from.clone());
    let report = Report { root, findings, problems, coverage, packages, since, sources, held };
    Some(Run { report, baselines, whole })
}

/// The source files of packages whose findings are reported.
fn selected_files(units: &[Unit], project: &Project) -> FxHashSet<FileId> {
    let units = units.iter().filter(|unit| project.packages[unit.package].selected);
    units.flat_map(|unit| unit.children.values().copied().chain([unit.root])).collect()
}

/// Whether all that is here was looked at, so that what met nothing can be told.
fn is_whole(project: &Project, selection: &Selection, problems: &[Problem]) -> bool {
    let narrowed = !selection.targets.is_empty()
        && ![TargetKind::Lib, TargetKind::Bin].iter().all(|kind| selection.targets.contains(kind));
    !narrowed
        && project.packages.iter().all(|package| package.selected)
        && !problems.iter().any(|problem| problem.severity == Severity::Error)
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
    for finding in others.iter().filter(|f| f.level != Level::Note && f.suppressed.is_none()) {
        *counts.entry(&finding.package).or_default() += 1;
    }
    let counts = counts.into_iter();
    counts.map(|(package, findings)| Elsewhere { package: package.into(), findings }).collect()
}

fn nothing(sources: Sources, message: &str) -> Run {
    let problem = Problem {
        kind: ProblemKind::Configuration,
        severity: Severity::Error,
        message: message.to_string(),
        help: "nothing was linted; mend what is named and run again".into(),
        path: Default::default(),
        at: None,
    };
    let report = Report {
        root: Default::default(),
        findings: Vec::new(),
        problems: vec![problem],
        coverage: Coverage::default(),
        packages: Vec::new(),
        since: None,
        sources,
        held: Held::default(),
    };
    Run { report, baselines: Vec::new(), whole: false }
}

fn packages(project: &Project, model: &Model, built: &[Built]) -> Vec<PackageCoverage> {
    let mut packages: Vec<PackageCoverage> = project
        .packages
        .iter()
        .enumerate()
        .filter(|(_, package)| package.selected)
        .map(|(index, package)| PackageCoverage {
            name: package.name.clone(),
            entry_points: model.entries.iter().filter(|entry| entry.package == index).count(),
            bins_without_entry_points: {
                let unknown = model.unknown_bins.iter().filter(|(of, _)| *of == index);
                let unknown: BTreeSet<&String> = unknown.map(|(_, name)| name).collect();
                unknown.into_iter().cloned().collect()
            },
            built: built
                .iter()
                .find(|built| built.package == index)
                .map(|built| BuildLine { said: built.said(), at: built.at }),
        })
        .collect();
    packages.sort_by(|a, b| a.name.cmp(&b.name));
    packages
}

/// Findings in order, each once, with level and fingerprint.
fn diagnostics(
    mut found: Vec<Finding>,
    project: &Project,
    levels: &Levels,
    sources: &Sources,
) -> Vec<Diagnostic> {
    let path = |finding: &Finding| sources.get(finding.at.file).path.clone();
    // Of one that runs in one target and perhaps in another, the former is told.
    let perhaps = |of: &Finding| (of.owner.feature.is_some(), of.owner.doubt.is_some());
    found.sort_by(|a, b| {
        let place = |of: &Finding| (path(of), of.at.start);
        let order = place(a).cmp(&place(b)).then(a.rule.cmp(b.rule));
        order.then(perhaps(a).cmp(&perhaps(b))).then(a.message.cmp(&b.message))
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
            let (level, allowed) = levels.level(&finding, project, sources);
            let whose = finding.owner.package;
            Diagnostic {
                rule: finding.rule,
                verdict: finding.verdict,
                certainty: finding.certainty,
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
                fix: None,
                fingerprint,
                suppressed: allowed,
                baselined: false,
                fails: levels.fail_on(whose).value.fails(level),
                hidden: level == Level::Note && !levels.pedantic(whose).value,
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
