//! How grave is each finding? Defaults, the configuration in force, the command line, in that order.

use globset::{GlobBuilder, GlobMatcher};

use super::options::{Asked, Options};
use crate::config::{self, ALL, Config, FailOn, LevelWord, Override, RuleSays, Said};
use crate::diagnostic::{Certainty, Level, Problem, Process, Severity, Verdict};
use crate::discover::{Project, relative};
use crate::rules::{self, Finding};
use crate::source::{Sources, Span};

/// Everything that is said of rules in this run.
#[derive(Debug, Default)]
pub(super) struct Levels {
    /// As the project's layers, and behind them what speaks for deploy files of no package.
    layers: Vec<Rulings>,
    under: Vec<Option<usize>>,
    beside: Option<usize>,
    asked: Vec<Asked>,
    asked_fail_on: Option<FailOn>,
    asked_pedantic: Option<bool>,
    no_ignores: bool,
}

/// What one layer says.
#[derive(Debug, Default)]
pub(super) struct Rulings {
    /// The folder that its patterns start from.
    dir: std::path::PathBuf,
    fail_on: Option<config::Entry<FailOn>>,
    pedantic: Option<config::Entry<bool>>,
    pub(super) rules: Vec<config::Entry<RuleSays>>,
    pub(super) overrides: Vec<(Override, Vec<GlobMatcher>)>,
}

/// A level, and who chose it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    pub level: LevelWord,
    pub origin: Origin,
}

/// A setting, and who chose it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chosen<T> {
    pub(super) value: T,
    pub(super) origin: Origin,
}

impl<T: Copy> Chosen<T> {
    /// The command line has the last word, then the configuration.
    fn of(asked: Option<T>, said: Option<&config::Entry<T>>, default: T) -> Chosen<T> {
        let (value, origin) = match (asked, said) {
            (Some(asked), _) => (asked, Origin::CommandLine),
            (None, Some(said)) => (said.says, Origin::Layer(said.at, None)),
            (None, None) => (default, Origin::Default),
        };
        Chosen { value, origin }
    }
}

/// Who chose a level or another setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody: it follows from the verdict.
    Default,
    /// A configuration, there, with its reason.
    Layer(Span, Option<String>),
    CommandLine,
}

impl Ruling {
    fn default(verdict: Verdict) -> Ruling {
        let level = match verdict {
            Verdict::Violation => LevelWord::Deny,
            Verdict::Hazard => LevelWord::Warn,
        };
        Ruling { level, origin: Origin::Default }
    }
}

impl Levels {
    /// What the layers say of rules; patterns, rules and processes that mean nothing are told.
    pub(super) fn new(
        read: &mut [Config],
        project: &Project,
        options: &Options,
        sources: &Sources,
        problems: &mut Vec<Problem>,
    ) -> Levels {
        let layers = project.layers.iter().chain(&project.beside);
        let reader = Reader { project, sources };
        let layers: Vec<Rulings> = layers
            .zip(read)
            .map(|(layer, config)| {
                let path = &sources.get(layer.file).path;
                Rulings {
                    dir: path.parent().unwrap_or(path).to_path_buf(),
                    fail_on: config.fail_on.take(),
                    pedantic: config.pedantic.take(),
                    rules: reader.rules(std::mem::take(&mut config.rules), problems),
                    overrides: reader.overrides(std::mem::take(&mut config.overrides), problems),
                }
            })
            .collect();
        Levels {
            under: project.under.clone(),
            beside: project.beside.is_some().then_some(project.layers.len()),
            layers,
            asked: options.levels.clone(),
            asked_fail_on: options.fail_on,
            asked_pedantic: options.pedantic,
            no_ignores: options.no_ignores,
        }
    }

    /// What is said by the layer that speaks for a package, or for none.
    pub(super) fn of(&self, package: Option<usize>) -> Option<&Rulings> {
        let layer = match package {
            Some(package) => self.under.get(package).copied().flatten(),
            None => self.beside,
        };
        layer.and_then(|layer| self.layers.get(layer))
    }

    /// Which findings of a package make a run fail.
    pub(super) fn fail_on(&self, package: Option<usize>) -> Chosen<FailOn> {
        let said = self.of(package).and_then(|rulings| rulings.fail_on.as_ref());
        Chosen::of(self.asked_fail_on, said, FailOn::Error)
    }

    /// Whether notes of a package are shown.
    pub(super) fn pedantic(&self, package: Option<usize>) -> Chosen<bool> {
        let said = self.of(package).and_then(|rulings| rulings.pedantic.as_ref());
        Chosen::of(self.asked_pedantic, said, false)
    }

    /// What holds for a rule everywhere in a package.
    pub(super) fn everywhere(
        &self,
        package: Option<usize>,
        rule: &str,
        verdict: Verdict,
    ) -> Ruling {
        let mut ruling = Ruling::default(verdict);
        if let Some(rulings) = self.of(package) {
            self.hear(&mut ruling, &rulings.rules, rule, verdict, None);
        }
        self.ask(&mut ruling, rule, verdict);
        ruling
    }

    /// What holds for one finding.
    fn ruling(&self, finding: &Finding, names: &[&str], sources: &Sources) -> Ruling {
        let (rule, verdict) = (finding.rule, finding.verdict);
        let mut ruling = Ruling::default(verdict);
        if let Some(rulings) = self.of(finding.owner.package) {
            self.hear(&mut ruling, &rulings.rules, rule, verdict, None);
            let path = relative(&sources.get(finding.at.file).path, &rulings.dir);
            for (one, patterns) in &rulings.overrides {
                let there = patterns.is_empty() || patterns.iter().any(|glob| glob.is_match(&path));
                let process = word(finding.owner.process);
                let named = |name: &str| name == process || names.contains(&name);
                let mut processes = one.processes.iter();
                let then = one.processes.is_empty() || processes.any(|name| named(&name.text));
                if there && then {
                    self.hear(&mut ruling, &one.rules, rule, verdict, one.reason.as_ref());
                }
            }
        }
        self.ask(&mut ruling, rule, verdict);
        ruling
    }

    /// What a table says of a rule; its own name outweighs `all`.
    fn hear(
        &self,
        ruling: &mut Ruling,
        table: &[config::Entry<RuleSays>],
        rule: &str,
        verdict: Verdict,
        reason: Option<&String>,
    ) {
        for name in [ALL, rule] {
            let Some(entry) = table.iter().find(|entry| entry.name == name) else { continue };
            let said = match verdict {
                Verdict::Violation => entry.says.violation,
                Verdict::Hazard => entry.says.hazard,
            };
            let Some(Said { level, at }) = said else { continue };
            if self.no_ignores && level == LevelWord::Allow {
                continue;
            }
            let reason = entry.says.reason.as_ref().or(reason).cloned();
            *ruling = Ruling { level, origin: Origin::Layer(at, reason) };
        }
    }

    /// What the command line says: the last word.
    fn ask(&self, ruling: &mut Ruling, rule: &str, verdict: Verdict) {
        let means = |asked: &&Asked| {
            asked.rule.is_none_or(|name| name == rule)
                && asked.verdict.is_none_or(|only| only == verdict)
        };
        if let Some(asked) = self.asked.iter().rev().find(means) {
            *ruling = Ruling { level: asked.level, origin: Origin::CommandLine };
        }
    }

    /// The level of a finding, and why it is not shown where it is allowed. What is not certain
    /// stays a note.
    pub(super) fn level(
        &self,
        finding: &Finding,
        project: &Project,
        sources: &Sources,
    ) -> (Level, Option<String>) {
        let package = finding.owner.package.map(|index| &*project.packages[index].name);
        let bin = finding.owner.target.strip_prefix("bin:");
        let names: Vec<&str> = package.into_iter().chain(bin).collect();
        let mut ruling = self.ruling(finding, &names, sources);
        let mut allowed = None;
        if ruling.level == LevelWord::Allow {
            allowed = Some(match &ruling.origin {
                Origin::Layer(_, Some(reason)) => reason.clone(),
                origin => format!("allowed by {}", origin.shown(sources, &project.root)),
            });
            ruling = Ruling::default(finding.verdict);
        }
        let level = match ruling.level {
            _ if finding.certainty == Certainty::Low || finding.owner.feature.is_some() => {
                Level::Note
            }
            LevelWord::Deny => Level::Error,
            LevelWord::Warn => Level::Warning,
            LevelWord::Note | LevelWord::Allow => Level::Note,
        };
        (level, allowed)
    }

    /// Tells patterns that meet no file that was read: they protect nothing.
    pub(super) fn idle(&self, sources: &Sources, problems: &mut Vec<Problem>) {
        for rulings in &self.layers {
            let paths: Vec<String> =
                sources.iter().map(|(_, file)| relative(&file.path, &rulings.dir)).collect();
            for (one, globs) in &rulings.overrides {
                for (pattern, glob) in one.paths.iter().zip(globs) {
                    if !paths.iter().any(|path| glob.is_match(path)) {
                        let message = format!("no file that was read matches `{}`", pattern.text);
                        let help = "patterns start from the folder of this configuration: \
                                    \"src/legacy\", \"deploy/**/*.json\"";
                        let problem = config::problem(sources, pattern.at, message, help);
                        problems.push(Problem { severity: Severity::Note, ..problem });
                    }
                }
            }
        }
    }
}

impl Origin {
    /// "the default", "twelve-lint.toml:3", "the command line".
    pub(super) fn shown(&self, sources: &Sources, root: &std::path::Path) -> String {
        match self {
            Origin::Default => "the default".into(),
            Origin::CommandLine => "the command line".into(),
            Origin::Layer(at, _) => place(sources, *at, root),
        }
    }
}

/// "twelve-lint.toml:3".
pub(super) fn place(sources: &Sources, at: Span, root: &std::path::Path) -> String {
    let file = sources.get(at.file);
    format!("{}:{}", relative(&file.path, root), file.place(at.start).line)
}

/// The word for a kind of process, in configurations and reports.
fn word(process: Process) -> &'static str {
    match process {
        Process::Lib => "lib",
        Process::Deploy => "deploy",
        other => config::PROCESSES
            .iter()
            .find(|(_, process)| *process == other)
            .map_or("", |(word, _)| word),
    }
}

/// Checks what layers say of rules.
struct Reader<'a> {
    project: &'a Project,
    sources: &'a Sources,
}

impl Reader<'_> {
    fn rules(
        &self,
        read: Vec<config::Entry<RuleSays>>,
        problems: &mut Vec<Problem>,
    ) -> Vec<config::Entry<RuleSays>> {
        let mut kept = Vec::new();
        for entry in read {
            let problem = |message: String, help: String| {
                config::problem(self.sources, entry.at, message, help)
            };
            match rules::find(&entry.name) {
                Some(rule) => {
                    let none = |verdict: &str| {
                        rule.meta().is_ok_and(|meta| !meta.verdicts.iter().any(|v| v == verdict))
                    };
                    let says = &entry.says;
                    for (said, verdict) in [(says.violation, "violation"), (says.hazard, "hazard")]
                    {
                        let alone = says.violation != says.hazard;
                        if said.is_some() && alone && none(verdict) {
                            let message = format!("`{}` never finds a {verdict}", rule.id);
                            let help = format!("take `{verdict}` out: it has no effect");
                            let problem = problem(message, help);
                            problems.push(Problem { severity: Severity::Note, ..problem });
                        }
                    }
                    kept.push(entry);
                }
                None if entry.name == ALL => kept.push(entry),
                None => {
                    let (message, help) = rules::unknown(&entry.name);
                    problems.push(problem(message, help));
                }
            }
        }
        kept
    }

    fn overrides(
        &self,
        read: Vec<Override>,
        problems: &mut Vec<Problem>,
    ) -> Vec<(Override, Vec<GlobMatcher>)> {
        let mut kept = Vec::new();
        for mut one in read {
            one.rules = self.rules(one.rules, problems);
            let before = problems.len();
            let mut globs = Vec::new();
            for pattern in &one.paths {
                match glob(&pattern.text) {
                    Ok(glob) => globs.push(glob),
                    Err(error) => problems.push(config::problem(
                        self.sources,
                        pattern.at,
                        format!("`{}` is no pattern of paths: {error}", pattern.text),
                        "write a path from the folder of this configuration on, with `*` and `**`",
                    )),
                }
            }
            let known = self.processes();
            for process in &one.processes {
                if !known.contains(&&*process.text) {
                    problems.push(config::problem(
                        self.sources,
                        process.at,
                        format!("`{}` is no process, binary or package here", process.text),
                        config::suggestion(&process.text, &known),
                    ));
                }
            }
            // One that is not understood is not in force at all, rather than somewhere else.
            if before == problems.len() {
                kept.push((one, globs));
            }
        }
        kept
    }

    fn processes(&self) -> Vec<&str> {
        let mut known: Vec<&str> = config::PROCESSES.iter().map(|(word, _)| *word).collect();
        known.extend(["lib", "deploy"]);
        known.extend(super::taught::programs(self.project));
        known
    }
}

/// A pattern; one that names a folder means everything in it.
fn glob(pattern: &str) -> Result<GlobMatcher, String> {
    let pattern = pattern.strip_prefix("./").unwrap_or(pattern);
    let pattern = pattern.trim_end_matches("/**").trim_end_matches('/');
    if pattern.is_empty() || pattern.starts_with('/') || pattern.starts_with("..") {
        return Err("it starts somewhere else".into());
    }
    let whole = format!("{pattern}{{,/**}}");
    let built = GlobBuilder::new(&whole).literal_separator(true).empty_alternates(true).build();
    built.map(|glob| glob.compile_matcher()).map_err(|error| error.kind().to_string())
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn patterns_mean_files_and_folders() {
        let is = |pattern: &str, path: &str| glob(pattern).is_ok_and(|glob| glob.is_match(path));
        for (pattern, yes, no) in [
            ("src/legacy", &["src/legacy", "src/legacy/a/b.rs"][..], &["src/legacy.rs"][..]),
            ("src/legacy/", &["src/legacy/a.rs"], &["a/src/legacy/a.rs"]),
            ("src/legacy/**", &["src/legacy/a.rs"], &["src/a.rs"]),
            ("./deploy/*.json", &["deploy/a.json"], &["deploy/dev/a.json"]),
            ("**/*.json", &["a.json", "deploy/dev/a.json"], &["a.yaml"]),
        ] {
            for path in yes {
                assert!(is(pattern, path), "{pattern} {path}");
            }
            for path in no {
                assert!(!is(pattern, path), "{pattern} {path}");
            }
        }
        assert!(glob("src/[a").is_err() && glob("/src").is_err() && glob("../a").is_err());
    }
}
