//! Which process does a piece of code belong to? What `main` reaches, which of its branches come
//! to serve and which are commands of their own, and what a binary is declared to be.

use rustc_hash::{FxHashMap, FxHashSet};

use super::entries::Entry;
use super::reach::{Forgotten, Spawns};
use crate::catalog::{EntryKind, Work};
use crate::diagnostic::Process;
use crate::flow::{Branch, Flow, Froms, NodeId};
use crate::parse::tree::Range;
use crate::resolve::Names;

/// Calls from each body, with their places.
pub(super) type Edges = Vec<Vec<(NodeId, Range)>>;

/// Whether a process of that kind is left alone: run by hand, or never with requests.
pub(super) fn is_silent(process: Option<Process>) -> bool {
    use Process::{Admin, Build, Cli, Test};
    matches!(process, Some(Admin | Cli | Build | Test))
}

/// The process that a body's package or binary is declared to be.
pub(super) fn declared(names: &Names<'_>, flow: &Flow, node: NodeId) -> Option<Process> {
    names.units[names.def(flow.node(node).def).unit].process
}

/// Drops what only silent processes run: entry points of their own, and those that code registers
/// which only their `main` reaches.
pub(super) fn drop_silent(
    names: &Names<'_>,
    flow: &Flow,
    entries: &mut Vec<Entry>,
    mains: &[NodeId],
    inside: impl Fn(NodeId) -> FxHashSet<NodeId>,
) {
    let silent = |node: NodeId| is_silent(declared(names, flow, node));
    let (mut quiet, mut loud) = (FxHashSet::default(), FxHashSet::default());
    if mains.iter().any(|main| silent(*main)) {
        for main in mains {
            let reached = if silent(*main) { &mut quiet } else { &mut loud };
            reached.extend(inside(*main));
        }
    }
    entries.retain(|entry| {
        let from = entry.from.unwrap_or(entry.node);
        !silent(from) && (loud.contains(&from) || !quiet.contains(&from))
    });
}

/// A body with more branches, or more places that set up serving, chooses no command.
const MOST: usize = 200;

/// Where bodies register handlers or begin to serve, and who gets there.
pub(super) struct SetUps {
    places: FxHashMap<NodeId, Vec<Range>>,
    /// Bodies that hold such a place, or call one that does.
    reaching: FxHashSet<NodeId>,
    /// Where bodies ask to be told of messages, or that the process is to end.
    listens: FxHashMap<NodeId, Vec<Range>>,
    /// Bodies that never end of themselves, or listen, or call one that does.
    lasting: FxHashSet<NodeId>,
    branches: FxHashMap<NodeId, Vec<Branch>>,
    /// Branches that the deployment only ever takes by hand, or once.
    by_hand: FxHashMap<NodeId, Vec<Range>>,
}

impl SetUps {
    pub(super) fn of(
        flow: &Flow,
        entries: &[Entry],
        working: &[NodeId],
        edges: &Edges,
        (spawns, forgotten): (&Spawns, &Forgotten),
        brief: &FxHashSet<NodeId>,
    ) -> SetUps {
        let mut places: FxHashMap<NodeId, Vec<Range>> = FxHashMap::default();
        let mut todo = Vec::new();
        for entry in entries {
            todo.push(entry.node);
            if let Some(from) = entry.from {
                places.entry(from).or_default().push(entry.started_at());
            }
        }
        let serves = flow.serves.iter().map(|call| flow.call(*call));
        for call in serves.filter(|call| !brief.contains(&call.node)) {
            places.entry(call.node).or_default().push(call.at);
        }
        todo.extend(working);
        todo.extend(places.keys());
        let mut callers: FxHashMap<NodeId, Vec<NodeId>> = FxHashMap::default();
        for from in flow.ids() {
            for (to, _) in &edges[from.0 as usize] {
                callers.entry(*to).or_default().push(from);
            }
        }
        let mut starters: FxHashMap<NodeId, Vec<NodeId>> = FxHashMap::default();
        for (from, spawned) in spawns {
            for (to, _) in spawned {
                starters.entry(*to).or_default().push(*from);
            }
        }
        let spread = |start: Vec<NodeId>, waited: bool| {
            let (mut todo, mut reached) = (start, FxHashSet::default());
            while let Some(node) = todo.pop() {
                if reached.insert(node) {
                    todo.extend(callers.get(&node).into_iter().flatten());
                    let starters = starters.get(&node).into_iter().flatten();
                    todo.extend(starters.filter(|from| {
                        // Whoever forgets what it started comes to its own end.
                        !waited || !forgotten.contains(&(**from, node))
                    }));
                }
            }
            reached
        };
        let reaching = spread(todo, false);
        for (from, spawned) in spawns {
            let served = spawned.iter().filter(|(to, _)| reaching.contains(to));
            places.entry(*from).or_default().extend(served.map(|(_, at)| *at));
        }
        let mut listens: FxHashMap<NodeId, Vec<Range>> = FxHashMap::default();
        for deed in flow.deeds.iter().filter(|deed| deed.work == Work::Listen) {
            listens.entry(deed.node).or_default().push(deed.at);
        }
        for (node, at) in &flow.stays {
            listens.entry(*node).or_default().push(*at);
        }
        let endless = flow.loops.iter().filter(|around| !around.ends && !around.driven);
        let endless = endless.map(|around| around.node);
        let lasting = spread(endless.chain(listens.keys().copied()).collect(), true);
        let mut branches: FxHashMap<NodeId, Vec<Branch>> = FxHashMap::default();
        for branch in &flow.branches {
            if reaching.contains(&branch.node) {
                branches.entry(branch.node).or_default().push(*branch);
            }
        }
        let mut by_hand: FxHashMap<NodeId, Vec<Range>> = FxHashMap::default();
        for command in flow.commands.iter().filter(|one| is_silent(Some(one.process))) {
            by_hand.entry(command.node).or_default().push(command.at);
        }
        SetUps { places, reaching, listens, lasting, branches, by_hand }
    }

    pub(super) fn reaches(&self, node: NodeId) -> bool {
        self.reaching.contains(&node)
    }

    /// The places in a body that set up serving, or call what does.
    pub(super) fn points(&self, edges: &Edges, node: NodeId) -> Vec<Range> {
        let calls = edges[node.0 as usize].iter();
        let calls = calls.filter(|(to, _)| self.reaches(*to)).map(|(_, at)| *at);
        self.places.get(&node).into_iter().flatten().copied().chain(calls).collect()
    }

    /// The branches of a body that are commands of their own: the deployment says so, or whoever
    /// takes them never comes to serve.
    pub(super) fn aside(&self, edges: &Edges, node: NodeId, points: &[Range]) -> Vec<Range> {
        let mut aside = self.ending(edges, node, points);
        aside.extend(self.by_hand.get(&node).into_iter().flatten());
        aside
    }

    /// The branches of a body whoever takes which never comes to serve, though the body does
    /// otherwise, and comes to an end.
    fn ending(&self, edges: &Edges, node: NodeId, points: &[Range]) -> Vec<Range> {
        let Some(branches) = self.branches.get(&node) else { return Vec::new() };
        if points.is_empty() || points.len().max(branches.len()) > MOST {
            return Vec::new();
        }
        let calls = edges[node.0 as usize].iter().filter(|(to, _)| self.lasting.contains(to));
        let listens = self.listens.get(&node).into_iter().flatten();
        let lasting: Vec<Range> = listens.copied().chain(calls.map(|(_, at)| *at)).collect();
        let aside = |branch: &&Branch| {
            let ends = !lasting.iter().any(|at| branch.holds(*at));
            ends && points.iter().all(|point| {
                let passed = branch.leaves && branch.at.end <= point.start;
                passed || excluded(branches, branch, *point)
            })
        };
        branches.iter().filter(aside).map(|branch| branch.at).collect()
    }

    /// Whether only what a call leads to may set up serving, of all that a body does with it.
    pub(super) fn alone(&self, node: NodeId, points: &[Range], at: Range) -> bool {
        let branches = self.branches.get(&node).map_or(&[][..], Vec::as_slice);
        let (group, on) = (u32::MAX, Froms::NONE);
        let (leaves, answers, fails, failed) = (false, false, false, false);
        let here = Branch { node, at, group, leaves, answers, fails, failed, on };
        points.len().max(branches.len()) <= MOST
            && points.iter().all(|point| here.holds(*point) || excluded(branches, &here, *point))
    }
}

/// Whether a place lies in another arm of a `match` or `if` that holds a branch.
fn excluded(branches: &[Branch], branch: &Branch, place: Range) -> bool {
    let around = branches.iter().filter(|outer| outer.holds(branch.at));
    around.into_iter().any(|outer| {
        let mut others = branches.iter().filter(|other| other.group == outer.group);
        !outer.holds(place) && others.any(|other| other.holds(place))
    })
}

/// Of which kinds are the processes that reach a body?
#[derive(Debug, Default)]
pub(super) struct Kinds {
    web: FxHashSet<NodeId>,
    worker: FxHashSet<NodeId>,
}

impl Kinds {
    /// Notes what only the commands reach that are run as workers.
    pub(super) fn add_workers(&mut self, inside: &FxHashSet<NodeId>) {
        self.worker.extend(inside);
    }

    /// Notes what the `main` of a binary reaches: by what it is declared to be, else it is a
    /// worker where it runs jobs, or works on and on, and does nothing for requests.
    pub(super) fn add(
        &mut self,
        declared: Option<Process>,
        entries: &[Entry],
        inside: &FxHashSet<NodeId>,
        works: bool,
    ) {
        let runs = |kind: EntryKind| {
            entries.iter().any(|entry| {
                let from = entry.from.unwrap_or(entry.node);
                entry.point.kind == kind && inside.contains(&from)
            })
        };
        let worker = match declared {
            Some(process) => process == Process::Worker,
            None => (works || runs(EntryKind::Job)) && !runs(EntryKind::Handler),
        };
        let reached = if worker { &mut self.worker } else { &mut self.web };
        reached.extend(inside);
    }

    /// The kind of process in which a body runs that an entry point reaches, or none.
    pub(super) fn process(&self, node: NodeId, entry: Option<&Entry>) -> Process {
        let at = entry.map_or(node, |entry| entry.from.unwrap_or(entry.node));
        let only_worker = self.worker.contains(&at) && !self.web.contains(&at);
        match entry.map(|entry| entry.point.kind) {
            Some(EntryKind::Job) => Process::Worker,
            _ if only_worker => Process::Worker,
            _ => Process::Web,
        }
    }
}
