//! Where does something on the disk lie, as far as the program says, and which volume is there?

use super::deploy::{Run, Setting};
use super::roots::{Root, Roots};
use super::{Model, Owner};
use crate::catalog::{DefaultGives, SettingMeaning};
use crate::diagnostic::Step;
use crate::resolve::Names;

/// What a path is made from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lies {
    /// Texts of the program that it may begin with.
    pub texts: Vec<String>,
    /// Variables of the environment that are asked for it.
    pub variables: Vec<String>,
    /// Fields of the configuration that it comes from.
    pub fields: Vec<String>,
}

impl Lies {
    pub(super) fn of(names: &Names<'_>, roots: &Roots) -> Lies {
        let mut lies = Lies::default();
        for root in &roots.leading {
            if let Root::Text(text) = root {
                lies.texts.push(names.text(*text).to_string());
            }
        }
        for root in &roots.all {
            match root {
                Root::Variable(name) => lies.variables.push(names.text(*name).to_string()),
                Root::Field(of, name) => {
                    lies.fields.push(names.text(*name).to_string());
                    let attrs = names.field(*of, *name).into_iter().flat_map(|field| &field.attrs);
                    for attr in attrs {
                        let Some(last) = attr.path.last() else { continue };
                        let named = attr.pairs.iter().filter(|(key, _)| {
                            let (attribute, key) = (names.text(*last), names.text(*key));
                            let gives = names.catalog.default_of(attribute, key);
                            gives == Some(DefaultGives::Variable)
                        });
                        lies.variables.extend(named.map(|(_, name)| names.text(*name).to_string()));
                    }
                }
                _ => {}
            }
        }
        lies
    }

    /// The paths that are meant where a process runs, each with what the deployment says of it.
    fn paths(&self, run: &Run) -> Vec<(String, Option<Step>)> {
        let asks = |name: &str| {
            let ends = |field: &String| {
                let rest = name.len().checked_sub(field.len()).and_then(|at| {
                    let (rest, end) = (name.get(..at)?, name.get(at..)?);
                    end.eq_ignore_ascii_case(field).then_some(rest)
                });
                rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
            };
            self.variables.iter().any(|variable| variable == name) || self.fields.iter().any(ends)
        };
        let set = run.environment.iter().rev().filter(|(name, ..)| asks(name));
        let mut found: Vec<(String, Option<Step>)> = set
            .map(|(name, value, at)| {
                let step = Step::new(*at, format!("`{name}` is `{value}` here"));
                // What is only known when it is started may be anything.
                let path = match value.contains(['$', '{']) {
                    true => String::new(),
                    false => run.path(bare(value)),
                };
                (path, Some(step))
            })
            .collect();
        let mut words = run.arguments.iter();
        while let Some(word) = words.next() {
            let Some(name) = word.strip_prefix("--") else { continue };
            let (name, value) = match name.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (name, words.as_slice().first().map(String::as_str)),
            };
            let name = name.replace('-', "_");
            if let (true, Some(value)) = (self.fields.contains(&name), value) {
                found.push((run.path(bare(value)), None));
            }
        }
        if found.is_empty() {
            let texts = self.texts.iter().filter(|text| !text.contains(['{', ' ']));
            found.extend(texts.map(|text| (run.path(bare(text)), None)));
        }
        found
    }
}

impl Lies {
    /// Whether it may lie in one of some folders, or around it, where a process runs.
    fn may_be_in(&self, run: Option<&Run>, folders: &[String]) -> bool {
        let paths: Vec<(String, bool)> = match run {
            Some(run) => {
                let paths = self.paths(run).into_iter();
                paths.map(|(path, said)| (path, said.is_some())).collect()
            }
            // Where nobody knows the folder that it runs in, a relative path may lie anywhere.
            None => {
                let whole = self.texts.iter().map(|text| bare(text));
                let whole = whole.map(|path| if path.starts_with('/') { path } else { "" });
                whole.map(|path| (path.to_string(), false)).collect()
            }
        };
        let chosen = !self.variables.is_empty() || !self.fields.is_empty();
        let open = |(path, said): &(String, bool)| path.is_empty() || chosen && !said;
        let within = |one: &str, other: &str| {
            let rest = one.strip_prefix(other.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let meets = |path: &str| folders.iter().any(|of| within(path, of) || within(of, path));
        paths.is_empty() || paths.iter().any(|one| open(one) || meets(&one.0))
    }
}

impl Model {
    /// Whether a volume is a folder of the repository, and nothing that may be given it is seen to
    /// write there.
    pub fn is_only_read(&self, volume: &Setting) -> bool {
        let readers = || volume.readers.iter().copied();
        let is_read = |program: usize| {
            let packages = &self.programs[program].packages;
            self.entries.iter().any(|entry| packages.contains(&entry.package))
        };
        let known = readers().any(is_read);
        let own = |owner: &Owner| readers().any(|program| self.holds(program, owner));
        let effects = self.writes.iter().chain(&self.databases);
        let noted = self.logs.iter().chain(&self.assets);
        let kept = effects.map(|effect| (&effect.owner, &effect.lies));
        let mut kept = kept.chain(noted.map(|noted| (&noted.owner, &noted.lies)));
        // What these keep, and where, nobody can tell.
        let mut hidden = self.certificates.iter().chain(&self.job_queues);
        known
            && !hidden.any(|noted| own(&noted.owner))
            && !kept.any(|(owner, lies)| {
                let runs = self.runs.iter().filter(|run| volume.is_of(run));
                let mut runs = runs.filter(|run| self.holds(run.program, owner)).peekable();
                own(owner)
                    && match runs.peek() {
                        Some(_) => runs.any(|run| lies.may_be_in(Some(run), &volume.targets)),
                        None => lies.may_be_in(None, &volume.targets),
                    }
            })
    }
}

/// The path in the address of a database: `sqlite:///data/shop.db?mode=rwc`.
fn bare(text: &str) -> &str {
    let text = text.split('?').next().unwrap_or(text);
    match text.split_once(':') {
        Some((scheme, rest)) if !scheme.contains('/') => rest.strip_prefix("//").unwrap_or(rest),
        _ => text,
    }
}

impl Run {
    /// A path, as it is where the process runs; empty where that is not known.
    fn path(&self, path: &str) -> String {
        match (path.starts_with('/'), self.workdir.is_empty()) {
            (true, _) => path.to_string(),
            (false, true) => String::new(),
            (false, false) => {
                format!("{}/{}", self.workdir.trim_end_matches('/'), path.trim_start_matches("./"))
            }
        }
    }
}

/// A volume that something lies in.
#[derive(Debug, Clone)]
pub struct Kept<'m> {
    pub volume: &'m Setting,
    /// What leads from the program to it.
    pub because: Vec<Step>,
}

impl Model {
    /// The volume that something lies in which a piece of code keeps.
    pub fn kept(&self, owner: &Owner, lies: &Lies) -> Option<Kept<'_>> {
        let volumes = || {
            let all = self.settings.iter().map(|(setting, _)| setting);
            all.filter(|setting| setting.meaning == SettingMeaning::Volume && setting.certain)
        };
        volumes().next()?;
        for run in self.runs_of(owner) {
            for (path, step) in lies.paths(run) {
                let holds = |target: &String| {
                    let target = target.trim_end_matches('/');
                    let rest = path.strip_prefix(target);
                    !target.is_empty() && rest.is_some_and(|r| r.is_empty() || r.starts_with('/'))
                };
                let mut its = volumes().filter(|volume| volume.is_of(run));
                if let Some(volume) = its.find(|volume| volume.targets.iter().any(holds)) {
                    let mut because: Vec<Step> = step.into_iter().collect();
                    let said = volume.said();
                    because
                        .push(Step::new(volume.at, format!("{said} of {} keeps it", volume.what)));
                    return Some(Kept { volume, because });
                }
            }
        }
        None
    }
}
