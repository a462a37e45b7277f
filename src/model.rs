//! What outlives a request, who touches it, and from where? The only thing a rule sees.
//!
//! [`Model::build`] puts the questions one after the other: what runs once per request, per job or
//! beside them ([`EntryPoint`]); what is reachable from there and what only runs before; which
//! values are shared between entry points and who changes them ([`State`]); what is written to or
//! read from the local disk ([`Effect`]). Every answer carries the steps that led to it.

pub use choices::Choice;
pub use deployed::Copies;
pub use effects::{Early, Effect};
pub use lies::Lies;

use crate::catalog::{EntryKind, Role, Work};
use crate::diagnostic::{Process, Step};
use crate::flow::{Flow, Used};
use crate::resolve::{DefId, Names};
use crate::source::Span;

mod after;
mod alive;
mod always;
mod anew;
mod asked;
mod assets;
mod begun;
mod behind;
mod boots;
mod caches;
mod channels;
mod choices;
mod clients;
mod clocks;
mod coded;
mod deeds;
pub mod deploy;
mod deployed;
mod directories;
mod disk;
mod effects;
mod endless;
mod ends;
mod entries;
mod exported;
mod feeds;
mod filled;
mod fleeting;
mod flights;
mod folders;
mod gates;
mod guards;
mod handles;
mod harmless;
mod keys;
mod kinds;
mod left;
mod lies;
mod limits;
mod links;
mod locks;
mod logs;
mod noted;
mod numbers;
mod once;
mod own;
mod places;
mod portions;
mod processes;
mod puts;
mod questions;
mod queues;
mod reach;
mod records;
mod reloads;
mod rendezvous;
mod replies;
mod room;
mod roots;
mod rows;
mod scratch;
mod secrets;
mod selves;
mod shared;
mod sites;
mod states;
mod tasks;
mod touched;
mod under;
mod unsure;
mod uses;
mod wrapped;

/// Something that the framework, a queue or a spawn runs.
#[derive(Debug, Clone)]
pub struct EntryPoint {
    /// "`POST /login`", "the handler `login`", "a task".
    pub label: String,
    pub kind: EntryKind,
    pub framework: String,
    /// The function or closure.
    pub at: Span,
    /// Where it is registered, where that is elsewhere.
    pub registered: Option<Step>,
    /// Index of the package that holds it.
    pub package: usize,
    /// Runs once, beside the requests: neither a request nor a connection started it.
    pub beside: bool,
}

impl EntryPoint {
    /// Whether it is known by the route that leads to it: "`POST /login`".
    pub fn has_route(&self) -> bool {
        self.label.starts_with('`')
    }
}

/// Where a finding belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Index in the project; a deploy file may lie in no package.
    pub package: Option<usize>,
    /// `bin:shop`, `lib:shop`.
    pub target: String,
    pub process: Process,
    /// The feature condition that is off in this run, in words.
    pub feature: Option<String>,
    /// Why it is not certain that anything runs it, where that is not.
    pub doubt: Option<Step>,
}

/// Something that code reached from an entry point does to a state.
#[derive(Debug, Clone)]
pub struct Access {
    /// Index in [`Model::entries`].
    pub entry: usize,
    /// The function around it.
    pub def: DefId,
    pub at: Span,
    /// "`insert`", "an assignment".
    pub what: String,
    /// From the entry point to here.
    pub path: Vec<Step>,
    pub used: Used,
    /// The value that is put in was computed from a call or another source, not from the request
    /// alone, in a function that also looks the key up: a memo.
    pub memo: bool,
    /// The value that is put in was computed or fetched.
    pub fetched: bool,
    /// The value that is put in is what a request brought.
    pub given: bool,
    /// A task of this process does it, and nobody asked.
    pub by_task: bool,
    /// It replaces the whole value.
    pub whole: bool,
    /// It only says in a word that something was done, or when.
    pub stamps: bool,
    /// It only says when one of many was last used.
    pub of_use: bool,
    /// It only takes something out.
    pub takes: bool,
    /// It only makes room for what is put there next.
    pub opens: bool,
    /// What is put in follows a look at what is there, by the same function or one that calls it.
    pub after_miss: bool,
    /// What is put in is put together from what every process has.
    pub at_hand: bool,
    /// It leaves nothing.
    pub empties: bool,
    /// Of one value that may be there or not: it is handed nothing to put there.
    pub vacates: bool,
    /// The programs of the tree that do it.
    pub(crate) programs: reach::Programs,
    /// What is put in has something that came up just here: a random name, a time.
    pub fresh: bool,
    /// It has what means something outside this process, too: a random name, a date.
    pub made_up: bool,
    /// What is put in is, or holds, what a store or a service answered.
    pub answer: bool,
    /// What is put in is a copy of what a store or a service was asked for, and stays one.
    pub copied: bool,
    /// It becomes as a whole what was asked for just now, and no request says what to ask for.
    pub renewed: bool,
    /// Only the lock is taken: what is done under it is another access.
    pub locks: bool,
    /// It only asks how much there is, or whether there is anything.
    pub measures: bool,
    /// The features that it, or the way to it, stands behind, where they are off.
    pub behind: Option<String>,
    /// The state itself is asked, and for something: not what it gave before, not how large it is.
    pub direct: bool,
}

impl Access {
    /// Whether it looks at what is there, and does not only take its lock to make one of these
    /// changes.
    pub(crate) fn looks(&self, changes: &[Access]) -> bool {
        !self.locks || changes.iter().all(|change| change.def != self.def)
    }
}

/// Where a state is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    Static,
    ThreadLocal,
    Field,
    Local,
}

/// A value that outlives a request.
#[derive(Debug, Clone)]
pub struct State {
    /// `shop::AppState::sessions`.
    pub item: String,
    /// The name alone.
    pub name: String,
    pub at: Span,
    pub kept: Kept,
    /// Its type, as a person would write it.
    pub ty: String,
    /// What it keeps: of a lock, what is inside.
    pub holds: Role,
    /// It is a collection: many of what it holds.
    pub keyed: bool,
    /// What it holds are clients of services, or hold one and nothing that changes: every process
    /// can make its own.
    pub clients: bool,
    /// What the task that empties it does with what requests put in: work that waits.
    pub drained: Option<Work>,
    pub counts: Vec<Access>,
    pub changes: Vec<Access>,
    pub reads: Vec<Access>,
    /// How it comes to be shared.
    pub shared: Vec<Step>,
    pub owner: Owner,
    /// What the catalogue says of the type: why, and what to use instead.
    pub why: String,
    pub instead: String,
    /// Whether it counts or times what comes, and a request is answered by that.
    pub limits: bool,
    /// Whether it is a table of what it holds.
    pub tabled: bool,
    /// One time by which only this process measures: when it last did something.
    pub since: bool,
    /// What is under way: who puts something in takes it out again, and others only wait for it.
    pub under_way: bool,
    /// The same of channels: who puts one in tells once what came of it, and others wait for that.
    pub coalesces: bool,
    /// Of many: each of them keeps records of its own, which live on where they are.
    pub of_records: bool,
    /// Whether it only lets calls of this process through, or not, after how they went before.
    pub gates: bool,
    /// Of ways back for answers: other requests take them.
    pub meets: bool,
    /// Of channels to clients: whoever has them listens to a service that every replica shares.
    pub fed: bool,
}

impl State {
    /// Whether it only keeps clients of services, put together from what every process has.
    fn is_clients(&self) -> bool {
        // What is taken out to be used once is not to be had again.
        let used_up = |change: &Access| change.takes && change.used != Used::No;
        self.clients
            && self.puts().all(|change| !change.made_up && !change.answer)
            && !self.changes.iter().any(used_up)
    }

    /// The functions that take out what a task puts away.
    fn drains(&self) -> impl Iterator<Item = DefId> + '_ {
        let takes = self.changes.iter().filter(|change| self.drained.is_some() && change.takes);
        takes.map(|take| take.def)
    }

    /// Whether anybody looks at what is kept: more than its lock is taken, or that is done where
    /// nothing is changed. Of a static every mention is known; of a field, a reader may be missed.
    fn is_looked_at(&self) -> bool {
        if !matches!(self.kept, Kept::Static | Kept::ThreadLocal) {
            return true;
        }
        let answered = |change: &Access| change.used != Used::No;
        self.reads.iter().any(|read| read.looks(&self.changes)) || self.changes.iter().any(answered)
    }

    /// The changes that put something in.
    pub fn puts(&self) -> impl Iterator<Item = &Access> {
        self.changes.iter().filter(|change| !change.takes)
    }

    /// Whether requests or connections both change and read it. How long a line is, of which each
    /// is taken out in turn, tells nobody what is in it.
    pub fn is_asked_for(&self, entries: &[EntryPoint]) -> bool {
        let asked = |access: &Access| {
            let entry = &entries[access.entry];
            !entry.beside && entry.kind != EntryKind::Job
        };
        let in_turn = self.changes.iter().any(|change| change.takes && change.used != Used::No);
        let read = |read: &Access| asked(read) && !(in_turn && read.measures);
        self.changes.iter().any(asked) && self.reads.iter().any(read)
    }
}

/// A session store, cached function or other thing that the catalogue knows by itself.
#[derive(Debug, Clone)]
pub struct Kind {
    pub at: Span,
    pub item: String,
    pub name: String,
    pub role: Role,
    pub owner: Owner,
    pub because: Vec<Step>,
    pub why: String,
    pub instead: String,
}

/// Work that is done, or waits, outside of any request.
#[derive(Debug, Clone)]
pub struct Duty {
    pub at: Span,
    pub item: String,
    /// "the task `cleanup`", or the name of a channel.
    pub name: String,
    /// The most telling thing that it asks of something outside the process.
    pub work: Work,
    /// It changes the local disk.
    pub on_disk: bool,
    /// What is to be done stands in a store, too: whoever comes next finds it there.
    pub stored: bool,
    /// A request set it going, not only a task.
    pub asked: bool,
    pub because: Vec<Step>,
    pub owner: Owner,
}

/// A channel that carries what one client did to the others, and who uses it.
#[derive(Debug, Clone)]
pub struct Broadcast {
    pub at: Span,
    pub item: String,
    pub name: String,
    pub because: Vec<Step>,
    pub owner: Owner,
}

/// A call that does something which outlives the request: makes a key, opens a log.
#[derive(Debug, Clone)]
pub struct Noted {
    pub at: Span,
    /// "`Key::generate`"
    pub call: String,
    pub item: String,
    pub owner: Owner,
    /// The entry point that does it; `None` for what is done at start or at first use.
    pub access: Option<Access>,
    /// What chooses it, in words: "`Settings::log_dir`".
    pub setting: Option<String>,
    /// Whether something beside it takes the edge off.
    pub besides: bool,
    /// Of a file: what its path is made from.
    pub lies: Lies,
    pub because: Vec<Step>,
    pub why: String,
    pub instead: String,
}

/// Everything that rules may ask.
#[derive(Debug, Default)]
pub struct Model {
    pub entries: Vec<EntryPoint>,
    pub states: Vec<State>,
    /// Writes, removals, directories: what is meant to last.
    pub writes: Vec<Effect>,
    /// Reads of what another request or job wrote.
    pub reads: Vec<Effect>,
    /// Databases opened in this process.
    pub databases: Vec<Effect>,
    /// Session stores that keep sessions in this process.
    pub sessions: Vec<Kind>,
    /// Random values of this process that sign, seal or tell apart.
    pub secrets: Vec<Noted>,
    /// Certificates that this process orders for itself.
    pub certificates: Vec<Noted>,
    /// Files that logs go to.
    pub logs: Vec<Noted>,
    /// Limiters that count in this process.
    pub limiters: Vec<Noted>,
    /// Assets built by what serves.
    pub assets: Vec<Noted>,
    /// Sessions in a shared store that never end.
    pub endless: Vec<Noted>,
    /// Functions whose answers are kept.
    pub cached: Vec<Kind>,
    /// What this process does at certain times.
    pub schedules: Vec<Duty>,
    /// What requests start and nobody waits for.
    pub leftovers: Vec<Duty>,
    /// Channels in which the work of requests waits.
    pub queues: Vec<Duty>,
    /// Queues of libraries whose jobs are kept in this process.
    pub job_queues: Vec<Noted>,
    pub broadcasts: Vec<Broadcast>,
    /// Locks that keep requests apart while they change what all processes share.
    pub locks: Vec<Duty>,
    /// Keys of deploy files that are set, with their owners.
    pub settings: Vec<(deploy::Setting, Owner)>,
    /// The binaries of the tree, and where the deployment runs them.
    pub programs: Vec<deploy::Program>,
    pub runs: Vec<deploy::Run>,
    keepers: deployed::Keepers,
    /// Calls from serving code whose target could not be told.
    pub unresolved: usize,
    /// Binaries in which no entry point was found: package index and name.
    pub unknown_bins: Vec<(usize, String)>,
}

impl Model {
    pub fn build(names: &Names<'_>, flow: &mut Flow) -> Model {
        let (found, known) = reach::rule_out(names, flow);
        let reach = reach::Reach::new(names, flow, found, known);
        let mut places = places::Places::new(names, flow, &reach);
        let mut deeds = deeds::Deeds::new(names, flow);
        deeds.learn(&places);
        let channels = channels::Channels::new(names, flow, &reach, &places);
        places.admit(channels.consumers(), |node| {
            reach.entry_of(node).is_some_and(|entry| !reach.is_beside(entry))
        });
        let shared = shared::Shared::new(names, flow, &reach, &places, &channels);
        let mut model = Model { unresolved: reach.unresolved(), ..Model::default() };
        let points = reach.points(&channels.consumers());
        let parts = states::Parts {
            names,
            flow,
            reach: &reach,
            places: &places,
            shared: &shared,
            channels: &channels,
            deeds: &deeds,
            points: &points,
            own: own::Own::default(),
        };
        states::collect(&mut model, &parts);
        locks::collect(&mut model, &parts, &deeds);
        secrets::collect(&mut model, &parts);
        limits::collect(&mut model, &parts);
        let logs = logs::collect(&mut model, &parts);
        disk::collect(&mut model, names, flow, &reach, &places, &logs, &points);
        assets::collect(&mut model, &parts);
        endless::collect(&mut model, &parts);
        queues::collect(&mut model, &parts);
        coded::collect(&mut model, &parts);
        let flown = parts.flown();
        let portions = portions::Portions::new(&parts);
        deeds.portion(portions, &places);
        let (places, rounds) = (&places, tasks::Rounds::of(names, flow, &channels.fed()));
        let drains = model.states.iter().flat_map(State::drains).collect();
        let (reach, deeds, channels) = (&reach, &deeds, &channels);
        let parts = tasks::Parts { names, flow, reach, deeds, places, channels, rounds, drains };
        tasks::collect(&mut model, &parts);
        channels.collect(&mut model, deeds, &shared, places, &flown);
        model.unknown_bins = reach.unknown_bins();
        model.entries = points;
        model
    }
}
