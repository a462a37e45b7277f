//! Where does the deployment run what a finding is about, and how often?

use super::deploy::Run;
use super::{Model, Owner};
use crate::diagnostic::{Process, Step};

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
        let Some(package) = owner.package else { return Vec::new() };
        let all = self.runs.iter().filter(|run| {
            let program = &self.programs[run.program];
            let own = program.packages.first() == Some(&package);
            let holds = match owner.target.strip_prefix("bin:") {
                Some(bin) => own && program.bin.replace('-', "_") == bin,
                None => program.packages.contains(&package),
            };
            holds && run.process != Some(Process::Admin)
        });
        let all: Vec<&Run> = all.collect();
        // Where one is said to be of the kind, the others are not.
        let same = |run: &&Run| run.process == Some(owner.process);
        if all.iter().any(same) {
            return all.into_iter().filter(same).collect();
        }
        let web = owner.process == Process::Web;
        all.into_iter().filter(|run| !(web && run.process == Some(Process::Worker))).collect()
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

    /// "the other 2 replicas", "the other replica", "the up to 9 other replicas".
    pub fn others(&self) -> String {
        match (self.number - 1, self.most) {
            (1, _) => "the other replica".into(),
            (others, false) => format!("the other {others} replicas"),
            (others, true) => format!("up to {others} other replicas"),
        }
    }

    /// What goes with [`Copies::others`]: "does" or "do".
    pub fn does(&self) -> &'static str {
        if self.number == 2 { "does" } else { "do" }
    }
}
