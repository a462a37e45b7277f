//! What runs while serving, and what only before? The call graph, walked from the entry points.

use std::collections::VecDeque;

use rustc_hash::{FxHashMap, FxHashSet};

use super::alive::{self, Dormant};
use super::channels::Consumer;
use super::entries::{self, Entry};
use super::processes::{self, Edges, Kinds, SetUps};
use super::{Access, EntryPoint, Owner};
use crate::catalog::AttributeMeaning;
use crate::diagnostic::{Process, Step};
use crate::discover::TargetKind;
use crate::flow::{Flow, NodeId, NodeKind, Used};
use crate::parse::tree::Range;
use crate::resolve::{DefId, DefKind, Names};
use crate::source::Span;

/// The framework of entry points that are loops over connections and datagrams.
pub(super) const SOCKET: &str = "a socket";

/// What a body spawns, and by which call.
pub(super) type Spawns = FxHashMap<NodeId, Vec<(NodeId, Range)>>;

/// How a body is reached: from which entry, through which call of which body.
#[derive(Debug, Clone, Copy)]
struct Via {
    entry: usize,
    from: Option<(NodeId, Range)>,
}

pub(super) struct Reach<'m, 'a> {
    names: &'m Names<'a>,
    flow: &'m Flow,
    pub(super) entries: Vec<Entry>,
    entered: FxHashMap<NodeId, usize>,
    edges: Edges,
    /// What a body spawns.
    spawns: Spawns,
    serving: FxHashMap<NodeId, Via>,
    /// Reached from `main`, or from a library's own surface, of something that serves.
    startup: FxHashSet<NodeId>,
    /// Of these, what is reached on a way that comes to serve elsewhere.
    plain: FxHashSet<NodeId>,
    /// Of the others, the branches that are commands of their own.
    aside: FxHashMap<NodeId, Vec<Range>>,
    kinds: Kinds,
    /// The bodies of all entry points but tasks.
    handlers: FxHashSet<NodeId>,
}

impl<'m, 'a> Reach<'m, 'a> {
    /// Walks the calls; those through a trait lead to types of which something serving, or setting
    /// up serving, makes a value.
    pub(super) fn new(names: &'m Names<'a>, flow: &'m Flow, candidates: Vec<Entry>) -> Self {
        let reach = Reach::without(names, flow, candidates.clone(), &Dormant::default());
        let mut dormant = alive::elsewhere(names, flow, &reach.quiet());
        while !dormant.is_empty() {
            let reach = Reach::without(names, flow, candidates.clone(), &dormant);
            if !dormant.wake(flow, |node| reach.is_serving(node) || reach.is_startup(node)) {
                return reach;
            }
        }
        reach
    }

    fn without(
        names: &'m Names<'a>,
        flow: &'m Flow,
        mut candidates: Vec<Entry>,
        dormant: &Dormant,
    ) -> Self {
        let mut reach = Reach {
            names,
            flow,
            entries: Vec::new(),
            entered: FxHashMap::default(),
            edges: alive::edges(names, flow, dormant),
            spawns: FxHashMap::default(),
            serving: FxHashMap::default(),
            startup: FxHashSet::default(),
            plain: FxHashSet::default(),
            aside: FxHashMap::default(),
            kinds: Kinds::default(),
            handlers: FxHashSet::default(),
        };
        let mains = reach.mains();
        let inside = |main| reach.closure(main);
        processes::drop_silent(names, flow, &mut candidates, &mains, inside);
        let (tasks, handlers): (Vec<Entry>, Vec<Entry>) = candidates
            .into_iter()
            .filter(|entry| entries::may_serve(names, flow.node(entry.node).def))
            .partition(|entry| !entry.point.kind.is_asked());
        for task in &tasks {
            for (from, start) in task.starts() {
                let at = Range { start: start.at.start, end: start.at.end };
                reach.spawns.entry(from).or_default().push((task.node, at));
            }
        }
        reach.handlers = handlers.iter().map(|entry| entry.node).collect();
        for entry in handlers {
            reach.enter(entry);
        }
        let roots = reach.service_roots();
        let set_ups = SetUps::of(flow, &reach.entries, &reach.edges, &reach.spawns);
        reach.walk_startup(roots, &set_ups);
        reach.admit_tasks(tasks, &set_ups);
        reach
    }

    fn enter(&mut self, entry: Entry) {
        let index = self.entries.len();
        let node = entry.node;
        self.entered.entry(node).or_insert(index);
        self.entries.push(entry);
        self.walk(index, node);
    }

    fn walk(&mut self, entry: usize, start: NodeId) {
        let mut todo = VecDeque::from([(start, None)]);
        while let Some((node, from)) = todo.pop_front() {
            if self.serving.contains_key(&node) {
                continue;
            }
            self.serving.insert(node, Via { entry, from });
            for (next, at) in &self.edges[node.0 as usize] {
                // What is an entry point itself speaks for itself.
                if !self.handlers.contains(next) {
                    todo.push_back((*next, Some((node, *at))));
                }
            }
        }
    }

    /// Walks from what a process starts with, past the commands that never come to serve.
    fn walk_startup(&mut self, roots: Vec<NodeId>, set_ups: &SetUps) {
        let handlers: FxHashSet<NodeId> = self
            .entries
            .iter()
            .filter(|entry| entry.point.kind.is_asked())
            .filter(|entry| self.flow.node(entry.node).kind != NodeKind::Loop)
            .map(|entry| entry.node)
            .collect();
        let mut todo: Vec<(NodeId, bool)> = roots.into_iter().map(|root| (root, true)).collect();
        while let Some((node, alone)) = todo.pop() {
            // Whoever hands a handler to a framework does not run it.
            if handlers.contains(&node) {
                continue;
            }
            // Where it is also reached with serving to come, none of its branches is aside.
            let new = match alone {
                true => self.startup.insert(node),
                false => self.plain.insert(node),
            };
            if !new {
                continue;
            }
            if !alone {
                self.startup.insert(node);
                self.aside.remove(&node);
            }
            let points = if alone { set_ups.points(&self.edges, node) } else { Vec::new() };
            let aside = set_ups.aside(&self.edges, node, &points);
            for (next, at) in &self.edges[node.0 as usize] {
                if !aside.iter().any(|branch| holds(branch, at)) {
                    todo.push((*next, alone && set_ups.alone(node, &points, *at)));
                }
            }
            if !aside.is_empty() {
                self.aside.insert(node, aside);
            }
        }
    }

    /// `main` of binaries that serve, and functions that nobody calls of libraries that do.
    fn service_roots(&mut self) -> Vec<NodeId> {
        let serving_units: FxHashSet<usize> =
            self.entries.iter().map(|entry| self.unit(entry.node)).collect();
        let mut roots = Vec::new();
        let mut reached = FxHashSet::default();
        for main in self.mains() {
            let process = processes::declared(self.names, self.flow, main);
            if processes::is_silent(process) {
                continue;
            }
            let inside = self.closure(main);
            let serves = self.sets_up(&inside) || serving_units.contains(&self.unit(main));
            if serves || process.is_some() {
                roots.push(main);
                self.kinds.add(process, &self.entries, &inside);
                reached.extend(inside);
            }
        }
        let mut called: FxHashSet<NodeId> = FxHashSet::default();
        for edges in &self.edges {
            called.extend(edges.iter().map(|(node, _)| *node));
        }
        // Whatever serves starts with what its frameworks call at start.
        let begun: FxHashSet<usize> =
            roots.iter().chain(&reached).map(|node| self.unit(*node)).collect();
        let at_start = entries::at_start(self.names, self.flow).into_iter();
        roots.extend(at_start.filter(|node| begun.contains(&self.unit(*node))));
        for node in self.flow.ids() {
            let unit = &self.names.units[self.unit(node)];
            let body = self.flow.node(node);
            let own = body.kind == NodeKind::Initialiser
                || (unit.kind == TargetKind::Lib
                    && body.kind == NodeKind::Function
                    && !called.contains(&node)
                    && !reached.contains(&node));
            let unit_serves = serving_units.contains(&self.unit(node));
            if own && unit_serves && !self.serving.contains_key(&node) {
                roots.push(node);
            }
        }
        roots
    }

    /// Whether bodies register handlers or begin to serve.
    fn sets_up(&self, inside: &FxHashSet<NodeId>) -> bool {
        let registers = |entry: &Entry| {
            inside.contains(&entry.node) || entry.from.is_some_and(|from| inside.contains(&from))
        };
        let handlers = self.entries.iter().filter(|e| e.point.kind.is_asked());
        handlers.into_iter().any(registers)
            || self.flow.serves.iter().any(|call| inside.contains(&self.flow.call(*call).node))
    }

    fn unit(&self, node: NodeId) -> usize {
        self.names.def(self.flow.node(node).def).unit
    }

    /// The `main` functions of binaries.
    fn mains(&self) -> Vec<NodeId> {
        let mut mains = Vec::new();
        for id in self.names.ids() {
            let def = self.names.def(id);
            if def.kind != DefKind::Function || self.names.owner(id).is_some() {
                continue;
            }
            let unit = &self.names.units[def.unit];
            let parent = self.names.def(def.parent);
            let at_root = parent.parent == def.parent;
            let by_name =
                unit.kind == TargetKind::Bin && at_root && self.names.text(def.name) == "main";
            let by_attribute = || {
                def.item.into_iter().flat_map(|item| &item.attrs).any(|attr| {
                    let path = entries::attribute_path(self.names, id, &attr.path);
                    let fact = path.and_then(|path| self.names.catalog.attribute(&path));
                    fact.is_some_and(|fact| fact.means == AttributeMeaning::Main)
                })
            };
            if (by_name || by_attribute())
                && let Some(node) = self.flow.bodies.get(&id)
            {
                mains.push(*node);
            }
        }
        mains
    }

    fn closure(&self, from: NodeId) -> FxHashSet<NodeId> {
        let mut inside = FxHashSet::default();
        let mut todo = vec![from];
        while let Some(node) = todo.pop() {
            if inside.insert(node) {
                todo.extend(self.edges[node.0 as usize].iter().map(|(next, _)| *next));
                let spawned = self.spawns.get(&node).into_iter().flatten();
                todo.extend(spawned.map(|(node, _)| *node));
            }
        }
        inside
    }

    /// What commands run that are set aside, and binaries that do not serve.
    fn quiet(&self) -> FxHashSet<NodeId> {
        let mains = self.mains().into_iter().filter(|main| !self.is_startup(*main));
        let mut quiet: FxHashSet<NodeId> = mains.flat_map(|main| self.closure(main)).collect();
        for (from, branches) in &self.aside {
            let calls = self.edges[from.0 as usize].iter();
            for (to, _) in calls.filter(|(_, at)| branches.iter().any(|b| holds(b, at))) {
                quiet.extend(self.closure(*to));
            }
        }
        quiet
    }

    /// Tasks run where what serves, or what it serves, starts them.
    fn admit_tasks(&mut self, tasks: Vec<Entry>, set_ups: &SetUps) {
        let mut waiting = tasks;
        loop {
            let (admitted, rest): (Vec<Entry>, Vec<Entry>) =
                waiting.into_iter().partition(|entry| {
                    entry.starts().any(|(from, start)| {
                        let at = Range { start: start.at.start, end: start.at.end };
                        self.is_startup_at(from, at) || self.serving.contains_key(&from)
                    })
                });
            if admitted.is_empty() {
                return;
            }
            for entry in admitted {
                // A thread that is started to serve goes on with setting up.
                let serves = self.startup.contains(&entry.from.unwrap_or(entry.node))
                    && self.sets_up(&self.closure(entry.node));
                match serves {
                    true => self.walk_startup(vec![entry.node], set_ups),
                    false => self.enter(entry),
                }
            }
            waiting = rest;
        }
    }

    pub(super) fn is_serving(&self, node: NodeId) -> bool {
        self.serving.contains_key(&node)
    }

    pub(super) fn is_startup(&self, node: NodeId) -> bool {
        self.startup.contains(&node)
    }

    /// Whether a place of a body is on the way to serving.
    pub(super) fn is_startup_at(&self, node: NodeId, at: Range) -> bool {
        let aside = self.aside.get(&node).into_iter().flatten();
        self.is_startup(node) && !aside.into_iter().any(|branch| holds(branch, &at))
    }

    pub(super) fn entry_of(&self, node: NodeId) -> Option<&Entry> {
        self.serving.get(&node).map(|via| &self.entries[via.entry])
    }

    pub(super) fn is_entry(&self, node: NodeId) -> bool {
        self.entered.contains_key(&node)
    }

    /// The entry point that a body is.
    pub(super) fn entry_at(&self, node: NodeId) -> Option<&Entry> {
        self.entered.get(&node).map(|index| &self.entries[*index])
    }

    /// What is done at a place of a body that serves, with the way there.
    pub(super) fn access(&self, node: NodeId, at: Range, what: String) -> Option<Access> {
        let via = self.serving.get(&node)?;
        let mut path = Vec::new();
        let mut here = node;
        while let Some((from, at)) = self.serving.get(&here).and_then(|via| via.from) {
            let body = self.flow.node(here);
            if body.kind == NodeKind::Function {
                let name = self.names.text(self.names.def(body.def).name);
                path.push(Step::new(self.flow.span(from, at), format!("calls `{name}`")));
            }
            here = from;
        }
        path.reverse();
        let at = self.flow.span(node, at);
        Some(Access {
            entry: via.entry,
            def: self.flow.node(node).def,
            at,
            what,
            path,
            used: Used::Yes,
            memo: false,
            fetched: false,
            given: false,
            whole: false,
            takes: false,
            at_hand: false,
            fresh: false,
            by_task: false,
            answer: false,
            copied: false,
            locks: false,
            direct: false,
        })
    }

    pub(super) fn owner(&self, def: DefId, node: Option<NodeId>) -> Owner {
        let unit = &self.names.units[self.names.def(def).unit];
        let kind = match unit.kind {
            TargetKind::Lib => "lib",
            TargetKind::Bin => "bin",
            TargetKind::Example => "example",
            TargetKind::Test => "test",
            TargetKind::Bench => "bench",
            TargetKind::BuildScript => "build",
        };
        let entry = node.and_then(|node| self.entry_of(node));
        let process = match node {
            Some(node) => self.kinds.process(node, entry),
            None => Process::Web,
        };
        Owner {
            package: Some(unit.package),
            target: format!("{kind}:{}", unit.name),
            process,
            feature: self.names.def(def).behind.map(processes::in_words),
        }
    }

    pub(super) fn selected(&self, def: DefId) -> bool {
        self.names.units[self.names.def(def).unit].selected
    }

    pub(super) fn unresolved(&self) -> usize {
        let unknown = self.flow.unknown_calls.iter();
        unknown.filter(|(node, _)| self.serving.contains_key(node)).map(|(_, count)| count).sum()
    }

    /// Binaries of selected packages from whose `main` no entry point is known.
    pub(super) fn unknown_bins(&self) -> Vec<(usize, String)> {
        let mut bins = Vec::new();
        for main in self.mains() {
            let unit = &self.names.units[self.unit(main)];
            let known = self.startup.contains(&main) || processes::is_silent(unit.process);
            if unit.selected && unit.kind == TargetKind::Bin && !known {
                bins.push((unit.package, unit.name.clone()));
            }
        }
        bins
    }

    /// The bodies that a body, or a part of its text, runs or starts: itself first, each with the
    /// call that leads to it.
    pub(super) fn inside(
        &self,
        node: NodeId,
        part: Option<Range>,
    ) -> Vec<(NodeId, Option<(usize, Range)>)> {
        let own = self.flow.node(node).def;
        let within = |from: NodeId, at: Range| {
            let free = part.is_none_or(|part| part.start <= at.start && at.end <= part.end);
            free || self.flow.node(from).def != own
        };
        // What stands around the part is entered, for what stands inside of it.
        let around = |to: NodeId| part.is_some() && self.flow.node(to).def == own;
        let mut found = vec![(node, None)];
        let mut seen = FxHashSet::from_iter([node]);
        let mut next = 0;
        while let Some((from, _)) = found.get(next).copied() {
            for (to, at) in &self.edges[from.0 as usize] {
                if (within(from, *at) || around(*to)) && seen.insert(*to) {
                    found.push((*to, Some((next, *at))));
                }
            }
            for (to, at) in self.spawns.get(&from).into_iter().flatten() {
                if within(from, *at) && seen.insert(*to) {
                    found.push((*to, Some((next, *at))));
                }
            }
            next += 1;
        }
        found
    }

    /// What rules see of the entry points. A task that takes what requests sent works for them.
    pub(super) fn points(&self, consumers: &[Consumer]) -> Vec<EntryPoint> {
        let fed: FxHashSet<NodeId> = consumers
            .iter()
            .filter_map(|consumer| self.entry_of(consumer.node))
            .map(|entry| entry.node)
            .collect();
        let beside = |entry: &Entry| self.is_beside(entry) && !fed.contains(&entry.node);
        let seen = |entry| EntryPoint { beside: beside(entry), ..entry.point.clone() };
        self.entries.iter().map(seen).collect()
    }

    /// Whether an entry point runs once beside the requests: neither a request nor a connection
    /// started it.
    pub(super) fn is_beside(&self, entry: &Entry) -> bool {
        let mut at = entry;
        for _ in 0..8 {
            if at.point.kind.is_asked() || self.is_started_in_loop(at) {
                return false;
            }
            let Some(from) = at.from else { return false };
            match self.entry_of(from) {
                Some(outer) if outer.point.kind.is_asked() => return false,
                _ if self.is_startup(from) => return true,
                Some(outer) => at = outer,
                None => return false,
            }
        }
        false
    }

    /// Whether there may be many of it: an accept loop starts one for each connection.
    fn is_started_in_loop(&self, entry: &Entry) -> bool {
        entry.from.is_some_and(|from| self.flow.loop_around(from).is_some())
    }

    pub(super) fn place(&self, node: NodeId) -> Span {
        entries::place(self.flow, node)
    }
}

fn holds(branch: &Range, at: &Range) -> bool {
    branch.start <= at.start && at.end <= branch.end
}
