//! Where does the deployment run what a finding is about, and how often?

use std::cell::OnceCell;

use rustc_hash::FxHashMap;

use super::deploy::{Run, Setting};
use super::{Kind, Model, Owner};
use crate::catalog::SettingMeaning;
use crate::diagnostic::{Process, Step};
use crate::source::Span;

/// Who keeps what in which volume: asked once.
pub(super) type Keepers = OnceCell<FxHashMap<Span, Vec<(String, Step)>>>;

/// How many processes of a kind there are, each with what a finding is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copies {
    pub number: u32,
    /// It is the most that there may be.
    pub most: bool,
    /// What says so.
    pub because: Vec<Step>,
}

impl Model {
    /// What runs a piece of code as a process that answers requests or does jobs.
    pub fn runs_of(&self, owner: &Owner) -> Vec<&Run> {
        let all = self
            .runs
            .iter()
            .filter(|run| run.process != Some(Process::Admin) && self.holds(run.program, owner));
        let all: Vec<&Run> = all.collect();
        // Where one is said to be of the kind, the others are not.
        let same = |run: &&Run| run.process == Some(owner.process);
        if all.iter().any(same) {
            return all.into_iter().filter(same).collect();
        }
        let web = owner.process == Process::Web;
        all.into_iter().filter(|run| !(web && run.process == Some(Process::Worker))).collect()
    }

    /// Whether a piece of code is part of a program.
    pub(super) fn holds(&self, program: usize, owner: &Owner) -> bool {
        let Some(package) = owner.package else { return false };
        let program = &self.programs[program];
        match owner.target.strip_prefix("bin:") {
            Some(bin) => {
                program.packages.first() == Some(&package) && program.bin.replace('-', "_") == bin
            }
            None => program.packages.contains(&package),
        }
    }

    /// The settings that send a client back to the process that runs a piece of code.
    pub fn pins(&self, owner: &Owner) -> Vec<&Setting> {
        let all = self.settings.iter().map(|(setting, _)| setting);
        let pins = all.filter(|setting| setting.meaning == SettingMeaning::Sticky);
        pins.filter(|pin| pin.programs.iter().any(|program| self.holds(*program, owner))).collect()
    }

    /// The session stores in the processes that a setting sends clients back to.
    pub fn pinned(&self, pin: &Setting) -> Vec<&Kind> {
        let held =
            |kind: &&Kind| pin.programs.iter().any(|program| self.holds(*program, &kind.owner));
        self.sessions.iter().filter(held).collect()
    }

    /// Who keeps something in a volume, and where.
    pub fn keepers(&self, volume: &Setting) -> &[(String, Step)] {
        let all = self.keepers.get_or_init(|| self.all_keepers());
        all.get(&volume.at).map_or(&[], Vec::as_slice)
    }

    /// The same of all volumes, by their places.
    fn all_keepers(&self) -> FxHashMap<Span, Vec<(String, Step)>> {
        let effects = self.writes.iter().chain(&self.databases);
        let effects = effects
            .map(|effect| (&effect.owner, &effect.lies, &effect.access, effect.at, &effect.call));
        let logs = self.logs.iter();
        let logs = logs.map(|log| (&log.owner, &log.lies, &log.access, log.at, &log.call));
        let mut found: FxHashMap<Span, Vec<(String, Step)>> = FxHashMap::default();
        // What requests do tells more than what is done at start.
        let mut all: Vec<_> = effects.chain(logs).collect();
        all.sort_by_key(|(_, _, access, ..)| access.is_none());
        for (owner, lies, access, at, call) in all {
            let Some(kept) = self.kept(owner, lies) else { continue };
            let who = match access {
                Some(access) => self.entries[access.entry].label.clone(),
                None => call.clone(),
            };
            let step = Step::new(
                at,
                match access {
                    Some(_) => format!("{who} keeps something in it here ({call})"),
                    None => format!("{call} keeps something in it here"),
                },
            );
            found.entry(kept.volume.at).or_default().push((who, step));
        }
        found
    }

    /// How many copies of it there are, where the deployment says that there are several.
    pub fn copies(&self, owner: &Owner) -> Option<Copies> {
        let runs = self.runs_of(owner).into_iter();
        let several = runs.filter_map(|run| Some((run, run.replicas.as_ref()?)));
        let several = several.filter(|(_, replicas)| replicas.number > 1);
        let (run, replicas) = several.max_by_key(|(_, replicas)| replicas.number)?;
        let bin = &self.programs[run.program].bin;
        let may = if replicas.most { "may run" } else { "runs" };
        let said = &replicas.said;
        let mut because = run.because.clone();
        because.push(Step::new(
            replicas.at,
            format!("{said} {may} `{bin}` {} times", replicas.number),
        ));
        Some(Copies { number: replicas.number, most: replicas.most, because })
    }
}

impl Copies {
    fn up_to(&self, number: u32) -> String {
        if self.most { format!("up to {number}") } else { number.to_string() }
    }

    /// "3 replicas", "up to 10 replicas".
    pub fn replicas(&self) -> String {
        format!("{} replicas", self.up_to(self.number))
    }

    /// "3 copies", "up to 10 copies".
    pub fn copies(&self) -> String {
        format!("{} copies", self.up_to(self.number))
    }

    /// "3 times", "up to 10 times".
    pub fn times(&self) -> String {
        format!("{} times", self.up_to(self.number))
    }

    /// "one of 3 replicas", "one of up to 10 replicas".
    pub fn one_of(&self) -> String {
        format!("one of {}", self.replicas())
    }
}
