//! What is a violation? One file per rule, each a question put to the finished model.

use serde::Deserialize;

use crate::diagnostic::{Certainty, Step, Verdict};
use crate::model::{Access, Copies, Effect, Lies, Model, Owner, State};
use crate::source::Span;
use crate::symbol::nearest;

mod embedded_database;
mod global_mutable_state;
mod in_process_broadcast;
mod in_process_cache;
mod in_process_counter;
mod in_process_lock;
mod in_process_queue;
mod in_process_rate_limit;
mod in_process_schedule;
mod in_process_session;
mod local_disk_read_back;
mod local_disk_write;
mod local_log_file;
mod local_volume;
mod process_local_secret;
mod runtime_asset_build;
mod session_without_expiry;
mod shared_handler_state;
mod sticky_session;

/// The factor that every rule is about, and where it is written down.
pub const FACTOR_URL: &str = "https://12factor.net/processes";

/// A rule: its name everywhere, what it claims, and the question it asks.
#[derive(Debug)]
pub struct Rule {
    /// `snake_case`; the stem of its page, its code file and its fixtures.
    pub id: &'static str,
    /// The text of `rules/<id>.md`.
    pub page: &'static str,
    /// Asks the model; says what it finds.
    pub check: fn(&Model, &mut Findings),
}

/// What a rule says: everything of a diagnostic but the level, which is not its business.
#[derive(Debug, Clone)]
pub struct Finding {
    pub rule: &'static str,
    pub verdict: Verdict,
    pub certainty: Certainty,
    pub message: String,
    pub consequence: String,
    pub help: String,
    pub at: Span,
    pub item: String,
    pub state: String,
    pub owner: Owner,
    pub because: Vec<Step>,
}

/// Where rules put what they find.
#[derive(Debug, Default)]
pub struct Findings {
    list: Vec<Finding>,
}

impl Findings {
    /// Adds one; what nothing is known to run is not certain, whatever the rule says of it.
    pub fn add(&mut self, mut finding: Finding) {
        if let Some(doubt) = finding.owner.doubt.take() {
            finding.certainty = Certainty::Low;
            finding.because.push(doubt);
        }
        self.list.push(finding);
    }

    pub fn into_vec(self) -> Vec<Finding> {
        self.list
    }
}

/// The steps that show what an entry point does: where it is registered, the way, the place.
fn steps(model: &Model, access: &Access, does: &str) -> Vec<Step> {
    let entry = &model.entries[access.entry];
    let mut steps = Vec::new();
    steps.push(Step::new(entry.at, format!("{} runs this", entry.label)));
    steps.extend(access.path.iter().cloned());
    steps.push(Step::new(access.at, format!("{does} here ({})", access.what)));
    steps
}

/// What follows: in this deployment, where it says how many replicas there are, with the steps that
/// show it; else as always.
fn so(
    model: &Model,
    owner: &Owner,
    because: &mut Vec<Step>,
    usual: &str,
    with: impl FnOnce(&Copies) -> String,
) -> String {
    match model.copies(owner) {
        Some(copies) => {
            because.extend(copies.because.iter().cloned());
            with(&copies)
        }
        None => usual.into(),
    }
}

/// The same, of something on the disk: where it lies in a volume, that comes first.
fn so_on_disk(
    model: &Model,
    (owner, lies): (&Owner, &Lies),
    because: &mut Vec<Step>,
    usual: &str,
    with: impl FnOnce(&Copies) -> String,
) -> String {
    let Some(kept) = model.kept(owner, lies) else {
        return so(model, owner, because, usual, with);
    };
    because.extend(kept.because);
    let said = kept.volume.said();
    match (kept.volume.verdict, kept.volume.so.is_empty()) {
        (Verdict::Violation, _) => format!(
            "{said} keeps it past a restart, but on one machine: a replica on another one does not \
             see it"
        ),
        (Verdict::Hazard, true) => format!("{said} keeps it, as long as the machine is there"),
        (Verdict::Hazard, false) => format!("{said} keeps it: {}", kept.volume.so),
    }
}

/// What follows when something is written to the disk and meant to last.
fn so_written(model: &Model, write: &Effect, because: &mut Vec<Step>) -> String {
    let usual = match write.again {
        true => {
            "every replica fetches it again for itself, as does a new one: the disk only saves \
             time while it lasts"
        }
        false => {
            "it happens on one replica's disk only: the others do not see it, and it is lost with \
             the replica"
        }
    };
    so_on_disk(model, (&write.owner, &write.lies), because, usual, |n| match write.again {
        true => format!(
            "{} fetch it, each for itself, as does a new one: the disk only saves time while it \
             lasts",
            n.replicas()
        ),
        false => format!(
            "it happens on the disk of {} only: the others do not see it, and it is lost with the \
             replica",
            n.one_of()
        ),
    })
}

/// What a setting has to do with it: words for the message, and whether it is unusual.
fn chosen(model: &Model, effect: &Effect) -> (String, bool) {
    match &effect.chosen {
        Some(choice) if choice.unusual && !model.runs.iter().any(|run| choice.is_made_by(run)) => {
            (format!(", if {} asks for it, which it does not by default", choice.setting), true)
        }
        Some(choice) => (format!(", as {} chooses", choice.setting), false),
        None => (String::new(), false),
    }
}

/// What outlives whom: how a state is shared, who changes it, who reads it.
fn story(model: &Model, state: &State) -> Vec<Step> {
    let mut story = state.shared.clone();
    if let Some(change) = state.changes.first() {
        story.extend(steps(model, change, "changes it"));
    }
    let entry = state.changes.first().map(|change| change.entry);
    // Another's reading tells most, then a look into the state itself. A lock that is taken only to
    // change what it keeps tells nothing.
    let reads = state.reads.iter().rev().filter(|read| read.looks(&state.changes));
    let telling = |read: &&Access| (Some(read.entry) != entry, read.direct, !read.locks);
    let read = reads.max_by_key(telling);
    if let Some(read) = read {
        let label = &model.entries[read.entry].label;
        story.push(Step::new(read.at, format!("{label} reads it here ({})", read.what)));
    }
    story
}

/// "`POST /login` and 2 more", of names that may come more than once.
fn several(names: impl Iterator<Item = String>) -> Option<String> {
    let mut all: Vec<String> = Vec::new();
    for name in names {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    let first = all.first()?;
    Some(match all.len() - 1 {
        0 => first.clone(),
        more => format!("{first} and {more} more"),
    })
}

/// "`POST /login` and 2 more".
fn who(model: &Model, accesses: &[Access]) -> String {
    let mut entries: Vec<usize> = accesses.iter().map(|access| access.entry).collect();
    entries.sort();
    entries.dedup();
    let Some(first) = entries.first() else { return "nobody".into() };
    let label = &model.entries[*first].label;
    match entries.len() - 1 {
        0 => label.clone(),
        more => format!("{label} and {more} more"),
    }
}

/// The head of a rule's page.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meta {
    /// One sentence: what is wrong, small first letter, no full stop.
    pub summary: String,
    /// `memory`, `disk` or `deploy`.
    pub group: String,
    /// `violation`, `hazard`.
    pub verdicts: Vec<String>,
    /// The version that had it first.
    pub since: String,
}

/// Every rule, in the order of their ids.
pub static RULES: &[Rule] = &[
    embedded_database::RULE,
    global_mutable_state::RULE,
    in_process_broadcast::RULE,
    in_process_cache::RULE,
    in_process_counter::RULE,
    in_process_lock::RULE,
    in_process_queue::RULE,
    in_process_rate_limit::RULE,
    in_process_schedule::RULE,
    in_process_session::RULE,
    local_disk_read_back::RULE,
    local_disk_write::RULE,
    local_log_file::RULE,
    local_volume::RULE,
    process_local_secret::RULE,
    runtime_asset_build::RULE,
    session_without_expiry::RULE,
    shared_handler_state::RULE,
    sticky_session::RULE,
];

impl Rule {
    /// Reads the page's head, the first fenced `toml` block.
    ///
    /// # Errors
    /// The page has no such block, or the block is not what [`Meta`] says.
    pub fn meta(&self) -> Result<Meta, String> {
        let head = self.page.split("```toml\n").nth(1).and_then(|rest| rest.split("\n```").next());
        let head = head.ok_or_else(|| format!("rules/{}.md has no ```toml head", self.id))?;
        toml::from_str(head).map_err(|error| format!("rules/{}.md: {error}", self.id))
    }
}

/// The rule of that name.
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}

/// What to say of a name that is no rule: what is wrong, and what was probably meant.
pub fn unknown(name: &str) -> (String, String) {
    let plain = name.replace('-', "_");
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    let help = match nearest(&plain, &ids) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`cargo twelve-lint rules` lists them".to_owned(),
    };
    (format!("there is no rule `{name}`"), help)
}
