//! Which configuration is in force, value by value, and where does each come from?

use std::path::PathBuf;

use super::levels::{Levels, Origin, Ruling, place};
use super::{Options, taught};
use crate::catalog::{Catalog, Formats};
use crate::config::{
    self, Config, Entry, FAIL_ON, FUNCTION_WORDS, FunctionSays, LEVELS, Override, PROCESSES, RUNS,
    RuleSays, TYPE_WORDS, TypeSays,
};
use crate::diagnostic::{Problem, ProblemKind, Severity, Verdict};
use crate::discover::{Package, Project, Selection, discover, relative};
use crate::rules::RULES;
use crate::source::Sources;

/// The configuration of some packages.
#[derive(Debug)]
pub struct Effective {
    /// The packages that it speaks for.
    pub packages: Vec<String>,
    /// Whether it speaks for deploy files that lie in no package.
    pub deploy: bool,
    /// Where it stands; none where nothing was configured.
    pub stands: Option<String>,
    /// As a `twelve-lint.toml` that would say the same.
    pub lines: Vec<Line>,
}

/// One line of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    pub text: String,
    /// "the default", "twelve-lint.toml:3", "the command line"; empty for headings.
    pub from: String,
}

/// The configurations in force for what is selected, what is wrong with them, and the texts that
/// this names.
pub fn configuration(
    mut sources: Sources,
    selection: &Selection,
    options: &Options,
) -> (Vec<Effective>, Vec<Problem>, Sources) {
    let none = Formats::default();
    let formats = Catalog::builtin().map_or(&none, |catalog| &catalog.formats);
    let (mut project, mut problems) = discover(&mut sources, selection, formats);
    // What is wrong with manifests and sources is for a run to tell.
    problems.retain(|problem| problem.kind == ProblemKind::Configuration);
    let (_, mut layers) = taught::read(&sources, &mut project, &mut problems);
    let levels = Levels::new(&mut layers, &project, options, &sources, &mut problems);
    let mut told: Vec<Effective> = Vec::new();
    let group = |layer: Option<&config::Layer>, of: Option<usize>, packages: Vec<String>| {
        let group = Group { project: &project, levels: &levels, sources: &sources, of };
        Effective {
            packages,
            deploy: layer.is_some() && layer == project.beside.as_ref(),
            stands: layer.map(|layer| group.stands(layer)),
            lines: group.lines(layer),
        }
    };
    for number in (0..project.layers.len()).map(Some).chain([None]) {
        let ours = |(index, package): (usize, &Package)| {
            let under = project.under.get(index).copied().flatten();
            (package.selected && under == number).then(|| (index, package.name.clone()))
        };
        let (of, packages): (Vec<_>, Vec<_>) =
            project.packages.iter().enumerate().filter_map(ours).unzip();
        if !of.is_empty() {
            let layer = number.map(|number| &project.layers[number]);
            told.push(group(layer, of.first().copied(), packages));
        }
    }
    if project.beside.iter().any(|layer| !project.layers.contains(layer)) {
        told.push(group(project.beside.as_ref(), None, Vec::new()));
    }
    let none = project.packages.is_empty() && problems.is_empty();
    let nothing = || Problem {
        kind: ProblemKind::Configuration,
        severity: Severity::Error,
        message: "no package was found".into(),
        help: "name a package, a workspace, or a folder that holds some".into(),
        path: PathBuf::new(),
        at: None,
    };
    problems.extend(none.then(nothing));
    problems.sort_by(|a, b| (&a.path, a.at, &a.message).cmp(&(&b.path, b.at, &b.message)));
    problems.dedup();
    (told, problems, sources)
}

struct Group<'a> {
    project: &'a Project,
    levels: &'a Levels,
    sources: &'a Sources,
    /// One of the packages that it speaks for.
    of: Option<usize>,
}

impl Group<'_> {
    fn stands(&self, layer: &config::Layer) -> String {
        let path = relative(&self.sources.get(layer.file).path, &self.project.root);
        match layer.keys.is_empty() {
            true => path,
            false => format!("[{}] of {path}", layer.keys.join(".")),
        }
    }

    fn lines(&self, layer: Option<&config::Layer>) -> Vec<Line> {
        let from = |origin: &Origin| origin.shown(self.sources, &self.project.root);
        let (fail_on, pedantic) = (self.levels.fail_on(self.of), self.levels.pedantic(self.of));
        let fails = quoted(word(FAIL_ON, fail_on.value));
        let mut lines = vec![
            Line { text: format!("fail-on = {fails}"), from: from(&fail_on.origin) },
            Line { text: format!("pedantic = {}", pedantic.value), from: from(&pedantic.origin) },
            heading(""),
            heading("[rules]"),
        ];
        for rule in RULES {
            let verdicts = rule.meta().map(|meta| meta.verdicts).unwrap_or_default();
            lines.push(self.rule(rule.id, &verdicts));
        }
        let rulings = self.levels.of(self.of);
        for (one, _) in rulings.into_iter().flat_map(|rulings| &rulings.overrides) {
            lines.extend([heading(""), self.line("[[overrides]]".into(), one.at)]);
            lines.extend(override_lines(one).into_iter().map(|text| heading(&text)));
        }
        let config = layer.map(|layer| config::read(self.sources, layer).0).unwrap_or_default();
        let Config { types, functions, processes, .. } = config;
        self.table("[types]", &types, type_value, &mut lines);
        self.table("[functions]", &functions, function_value, &mut lines);
        self.table("[processes]", &processes, |says| quoted(word(PROCESSES, *says)), &mut lines);
        lines
    }

    fn line(&self, text: String, at: crate::source::Span) -> Line {
        Line { text, from: place(self.sources, at, &self.project.root) }
    }

    fn table<T>(
        &self,
        head: &str,
        entries: &[Entry<T>],
        value: impl Fn(&T) -> String,
        lines: &mut Vec<Line>,
    ) {
        if !entries.is_empty() {
            lines.extend([heading(""), heading(head)]);
        }
        for entry in entries {
            let text = format!("{} = {}", key(&entry.name), value(&entry.says));
            lines.push(self.line(text, entry.at));
        }
    }

    /// `in_process_cache = { violation = "deny", hazard = "allow" }`.
    fn rule(&self, id: &str, verdicts: &[String]) -> Line {
        let found: Vec<(&str, Ruling)> = verdicts
            .iter()
            .map(|verdict| match verdict.as_str() {
                "violation" => (&**verdict, Verdict::Violation),
                _ => (&**verdict, Verdict::Hazard),
            })
            .map(|(word, verdict)| (word, self.levels.everywhere(self.of, id, verdict)))
            .collect();
        let from = |ruling: &Ruling| ruling.origin.shown(self.sources, &self.project.root);
        let pairs: Vec<String> = found
            .iter()
            .map(|(word, ruling)| format!("{word} = {}", quoted(ruling.level.word())))
            .collect();
        let mut origins: Vec<String> = found.iter().map(|(_, ruling)| from(ruling)).collect();
        origins.dedup();
        let from = match &origins[..] {
            [one] => one.clone(),
            _ => {
                let both = found.iter().map(|(word, ruling)| format!("{word}: {}", from(ruling)));
                both.collect::<Vec<_>>().join(", ")
            }
        };
        Line { text: format!("{id} = {{ {} }}", pairs.join(", ")), from }
    }
}

fn heading(text: &str) -> Line {
    Line { text: text.into(), from: String::new() }
}

fn override_lines(one: &Override) -> Vec<String> {
    let list = |texts: &[config::Placed]| {
        let texts: Vec<String> = texts.iter().map(|placed| quoted(&placed.text)).collect();
        format!("[{}]", texts.join(", "))
    };
    let mut lines = Vec::new();
    if !one.paths.is_empty() {
        lines.push(format!("paths = {}", list(&one.paths)));
    }
    if !one.processes.is_empty() {
        lines.push(format!("processes = {}", list(&one.processes)));
    }
    let rules = one.rules.iter().map(|rule| format!("{} = {}", rule.name, rule_value(&rule.says)));
    lines.push(format!("rules = {{ {} }}", rules.collect::<Vec<_>>().join(", ")));
    lines.extend(one.reason.iter().map(|reason| format!("reason = {}", quoted(reason))));
    lines
}

fn rule_value(says: &RuleSays) -> String {
    let level = |said: config::Said| quoted(word(LEVELS, said.level));
    let (violation, hazard) = (says.violation.map(level), says.hazard.map(level));
    table([
        ("violation", violation),
        ("hazard", hazard),
        ("reason", says.reason.as_deref().map(quoted)),
    ])
}

fn type_value(says: &TypeSays) -> String {
    table([
        ("is", says.is.map(|is| quoted(word(TYPE_WORDS, is)))),
        ("changes", texts(&says.changes)),
        ("registers", says.registers.map(|runs| quoted(word(RUNS, runs)))),
        ("methods", texts(&says.methods)),
        ("why", text(&says.why)),
        ("instead", text(&says.instead)),
    ])
}

fn function_value(says: &FunctionSays) -> String {
    table([
        ("is", says.is.map(|is| quoted(word(FUNCTION_WORDS, is)))),
        ("registers", says.registers.map(|runs| quoted(word(RUNS, runs)))),
        ("at", says.at.map(|at| at.to_string())),
        ("why", text(&says.why)),
        ("instead", text(&says.instead)),
    ])
}

fn table<const N: usize>(pairs: [(&str, Option<String>); N]) -> String {
    let said = pairs.into_iter().filter_map(|(key, value)| Some(format!("{key} = {}", value?)));
    format!("{{ {} }}", said.collect::<Vec<_>>().join(", "))
}

fn word<T: PartialEq>(words: &[(&'static str, T)], means: T) -> &'static str {
    words.iter().find(|(_, known)| *known == means).map_or("", |(word, _)| word)
}

fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| quoted(text))
}

fn texts(list: &[String]) -> Option<String> {
    let quoted: Vec<String> = list.iter().map(|text| quoted(text)).collect();
    (!list.is_empty()).then(|| format!("[{}]", quoted.join(", ")))
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// A key as it must be written.
fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(bare) { name.into() } else { quoted(name) }
}
