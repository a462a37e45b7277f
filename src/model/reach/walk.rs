//! How it is walked: from the handlers first, then from each `main` that comes to serve, and at last
//! from the tasks that either starts.

use std::collections::VecDeque;

use rustc_hash::{FxHashMap, FxHashSet};

use super::behind::Behind;
use super::programs::Told;
use super::{Forgotten, Out, Reach, Via, unmade};
use crate::catalog::{AttributeMeaning, Work};
use crate::diagnostic::Process;
use crate::discover::TargetKind;
use crate::flow::{Flow, NodeId, NodeKind, is_ruled_out};
use crate::model::alive::{self, Dormant, Running};
use crate::model::entries::{self, Entry};
use crate::model::links::Links;
use crate::model::processes::{self, Kinds, SetUps};
use crate::parse::tree::{FeatureCfg, Range};
use crate::resolve::{DefKind, Names};
use crate::source::FileId;

/// The entry point from which a call stands behind a feature that is off, what it runs, and where.
type OffCall = (usize, NodeId, (NodeId, Range));

impl<'m, 'a> Reach<'m, 'a> {
    /// Walks the calls; those through a trait lead to types of which something serving, or setting
    /// up serving, makes a value. Gives the others, too.
    pub(super) fn settle(
        names: &'m Names<'a>,
        flow: &'m Flow,
        candidates: &[Entry],
    ) -> (Self, Dormant) {
        let without =
            |dormant: &_| Reach::without(names, flow, candidates.to_vec(), dormant, Out::default());
        let mut reach = without(&Dormant::default());
        let quiet = reach.quiet();
        let mains = reach.mains().into_iter().filter(|main| reach.is_startup(*main));
        let handlers = reach.handlers.iter().copied();
        let links = Links::of(names, flow, mains, handlers);
        let (loud, edges) = (&reach.loud, &reach.edges);
        let running = Running { quiet: &quiet, loud, edges, links: &links };
        let mut dormant = alive::elsewhere(names, flow, &running);
        dormant.links = links;
        while !dormant.is_empty() {
            let next = without(&dormant);
            let runs = |node| next.is_serving(node) || next.is_startup(node);
            if !dormant.wake(flow, runs, |node| next.is_loud(node)) {
                reach = next;
                break;
            }
        }
        (reach, dormant)
    }

    /// Walks them without what is known never to run.
    pub(in crate::model) fn new(
        names: &'m Names<'a>,
        flow: &'m Flow,
        candidates: Vec<Entry>,
        (dormant, out): (Dormant, Out),
    ) -> Self {
        let mut reach = Reach::without(names, flow, candidates, &dormant, out);
        reach.links = dormant.links;
        reach.begun = reach.begun_surely();
        reach.sure = reach.surely();
        reach.tell_programs();
        reach
    }

    fn without(
        names: &'m Names<'a>,
        flow: &'m Flow,
        mut candidates: Vec<Entry>,
        dormant: &Dormant,
        out: Out,
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
            begun_off: FxHashMap::default(),
            plain: FxHashSet::default(),
            aside: FxHashMap::default(),
            kinds: Kinds::default(),
            handlers: FxHashSet::default(),
            working: Vec::new(),
            loud: FxHashSet::default(),
            begun: FxHashSet::default(),
            sure: FxHashSet::default(),
            links: Links::default(),
            off: Vec::new(),
            asleep: dormant.all().collect(),
            brief: FxHashSet::default(),
            told: Told::default(),
            roots: Vec::new(),
            out,
        };
        let mains = reach.mains();
        let inside = |main| reach.closure(main);
        processes::drop_silent(names, flow, &mut candidates, &mains, inside);
        if !mains.is_empty() {
            unmade::drop(names, flow, &mut candidates);
        }
        let (tasks, mut handlers): (Vec<Entry>, Vec<Entry>) = candidates
            .into_iter()
            .filter(|entry| entries::may_serve(names, flow.node(entry.node).def))
            .partition(|entry| !entry.point.kind.is_asked());
        let mut forgotten = Forgotten::default();
        for task in &tasks {
            for (from, start) in task.starts() {
                if start.forgotten {
                    forgotten.insert((from, task.node));
                }
                let at = Range { start: start.at.start, end: start.at.end };
                reach.spawns.entry(from).or_default().push((task.node, at));
            }
        }
        reach.brief = reach.briefly(&mains, &forgotten);
        reach.drop_brief(&mut handlers);
        // What nothing registers comes last, and speaks for nothing that is also run otherwise.
        let (idle, handlers): (Vec<Entry>, Vec<Entry>) =
            handlers.into_iter().partition(|entry| entry.idle);
        reach.handlers = handlers.iter().map(|entry| entry.node).collect();
        reach.enter_all(handlers);
        reach.enter_all(idle);
        let (mut roots, mut guessed) = reach.service_roots();
        let methods = reach.part_methods(&mut guessed);
        let spawns = (&reach.spawns, &forgotten);
        let set_ups =
            SetUps::of(flow, &reach.entries, &reach.working, &reach.edges, spawns, &reach.brief);
        reach.walk_startup(roots.clone(), &set_ups, &FxHashSet::default());
        let unused = reach.walk_missed(methods, &mut roots, &set_ups);
        // What a function that nobody calls has in common with a command is known to be run by that.
        let commands = reach.commands();
        reach.begun_behind(&roots, &guessed);
        reach.walk_startup(guessed, &set_ups, &commands);
        reach.walk_startup(unused, &set_ups, &reach.of_commands());
        reach.admit_tasks(tasks, &set_ups);
        reach.loud = reach.louds();
        reach
    }

    /// What stands behind features that are off comes last: what is reached otherwise, too, is
    /// told of by what runs.
    fn enter_all(&mut self, entries: Vec<Entry>) {
        let callers = self.registrars(&entries);
        let (mut on, mut off, mut known) = (Vec::new(), Vec::new(), Behind::default());
        for entry in entries {
            match self.registered_behind(&entry, &callers, &mut known) {
                None => on.push(entry),
                behind => off.push((entry, behind)),
            }
        }
        let mut later = Vec::new();
        for entry in on {
            later.extend(self.begin(entry, None));
        }
        self.walk_off(later);
        for (entry, behind) in off {
            self.enter(entry, behind);
        }
    }

    /// The body of the function that a body stands in.
    pub(super) fn own_body(&self, node: NodeId) -> Option<NodeId> {
        self.flow.bodies.get(&self.flow.node(node).def).copied()
    }

    fn enter(&mut self, entry: Entry, behind: Option<&'a FeatureCfg>) {
        let later = self.begin(entry, behind);
        self.walk_off(later);
    }

    /// Walks from an entry point, and gives the calls that stand behind features which are off.
    fn begin(&mut self, entry: Entry, behind: Option<&'a FeatureCfg>) -> Vec<OffCall> {
        let index = self.entries.len();
        let node = entry.node;
        self.off.push(behind);
        self.entered.entry(node).or_insert(index);
        self.entries.push(entry);
        self.walk(index, node, None)
    }

    /// Walks on from calls that stand behind features which are off, as far as nothing else did.
    fn walk_off(&mut self, mut calls: Vec<OffCall>) {
        while !calls.is_empty() {
            let mut later = Vec::new();
            for (entry, next, from) in calls {
                later.extend(self.walk(entry, next, Some(from)));
            }
            calls = later;
        }
    }

    fn walk(&mut self, entry: usize, start: NodeId, from: Option<(NodeId, Range)>) -> Vec<OffCall> {
        let mut off = Vec::new();
        let mut todo = VecDeque::from([(start, from)]);
        while let Some((node, from)) = todo.pop_front() {
            if self.serving.contains_key(&node) {
                continue;
            }
            self.serving.insert(node, Via { entry, from });
            for (next, at) in &self.edges[node.0 as usize] {
                // What is an entry point itself speaks for itself.
                if self.handlers.contains(next) || is_ruled_out(&self.out.serving, node, *at) {
                    continue;
                }
                match self.off_at(node, *at) {
                    None => todo.push_back((*next, Some((node, *at)))),
                    Some(_) => off.push((entry, *next, (node, *at))),
                }
            }
        }
        off
    }

    /// Walks from what a process starts with, past the commands that never come to serve and past
    /// some bodies.
    pub(super) fn walk_startup(
        &mut self,
        roots: Vec<NodeId>,
        set_ups: &SetUps,
        but: &FxHashSet<NodeId>,
    ) {
        let handlers: FxHashSet<NodeId> = self
            .entries
            .iter()
            .filter(|entry| entry.point.kind.is_asked())
            .filter(|entry| self.flow.node(entry.node).kind != NodeKind::Loop)
            .map(|entry| entry.node)
            .collect();
        self.roots.extend(&roots);
        let mut todo: Vec<(NodeId, bool)> = roots.into_iter().map(|root| (root, true)).collect();
        while let Some((node, alone)) = todo.pop() {
            // Whoever hands a handler to a framework does not run it.
            if handlers.contains(&node) || but.contains(&node) {
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
                let out = is_ruled_out(&self.out.startup, node, *at);
                if !out && !aside.iter().any(|branch| branch.holds(*at)) {
                    todo.push((*next, alone && set_ups.alone(node, &points, *at)));
                }
            }
            if !aside.is_empty() {
                self.aside.insert(node, aside);
            }
        }
    }

    /// `main` of binaries that serve, and what else is sure to be run; functions that nobody calls of
    /// libraries that do.
    fn service_roots(&mut self) -> (Vec<NodeId>, Vec<NodeId>) {
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
            let works = if serves { Vec::new() } else { self.working_loops(&inside) };
            if serves || !works.is_empty() || process.is_some() {
                roots.push(main);
                let (rest, workers) = self.parted(main);
                let works_on = !works.is_empty();
                match workers.is_empty() {
                    true => self.kinds.add(process, &self.entries, &inside, works_on),
                    false => {
                        self.kinds.add_workers(&workers);
                        self.kinds.add(process, &self.entries, &rest, works_on);
                    }
                }
                self.working.extend(works);
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
        // The text of one module may be part of a library and of a program beside it.
        let place = |node: &NodeId| (self.flow.node(*node).file, self.flow.node(*node).at);
        let reached: FxHashSet<(FileId, Range)> = reached.iter().map(place).collect();
        let mut guessed = Vec::new();
        for node in self.flow.ids() {
            let unit = &self.names.units[self.unit(node)];
            let body = self.flow.node(node);
            let own = body.kind == NodeKind::Initialiser
                || (unit.kind == TargetKind::Lib
                    && body.kind == NodeKind::Function
                    && !called.contains(&node)
                    && !reached.contains(&place(&node)));
            let unit_serves = serving_units.contains(&self.unit(node));
            if own && unit_serves && !self.serving.contains_key(&node) {
                let plain = body.kind == NodeKind::Function;
                let list = if plain { &mut guessed } else { &mut roots };
                list.push(node);
            }
        }
        (roots, guessed)
    }

    /// Loops that go on for as long as the process lives, and do something outside of it.
    fn working_loops(&self, inside: &FxHashSet<NodeId>) -> Vec<NodeId> {
        let endless = self.flow.loops.iter().filter(|around| {
            let goes_on = !around.ends && !around.driven && !around.tries;
            goes_on && inside.contains(&around.node)
        });
        let works = |node: &NodeId| {
            let body = self.closure(*node);
            let mut deeds = self.flow.deeds.iter().filter(|deed| does(deed.work));
            deeds.any(|deed| body.contains(&deed.node))
                || self.flow.delivers.iter().any(|node| body.contains(node))
        };
        endless.map(|around| around.node).filter(works).collect()
    }

    /// Whether bodies register handlers or begin to serve.
    fn sets_up(&self, inside: &FxHashSet<NodeId>) -> bool {
        let registers = |entry: &Entry| {
            inside.contains(&entry.node) || entry.from.is_some_and(|from| inside.contains(&from))
        };
        let handlers = self.entries.iter().filter(|e| e.point.kind.is_asked());
        handlers.into_iter().any(registers) || self.begins(inside)
    }

    /// Whether bodies themselves take connections, hand handlers over, or begin to serve: a job may
    /// call what is a handler too.
    fn begins(&self, inside: &FxHashSet<NodeId>) -> bool {
        let registers = |entry: &Entry| {
            let goes = self.flow.node(entry.node).kind == NodeKind::Loop;
            goes && inside.contains(&entry.node)
                || entry.from.is_some_and(|from| inside.contains(&from))
        };
        let handlers = self.entries.iter().filter(|e| e.point.kind.is_asked());
        handlers.into_iter().any(registers)
            || self.flow.serves.iter().any(|call| {
                let node = self.flow.call(*call).node;
                inside.contains(&node) && !self.brief.contains(&node)
            })
    }

    pub(super) fn unit(&self, node: NodeId) -> usize {
        self.names.def(self.flow.node(node).def).unit
    }

    /// What processes begin with: `main`, or what a platform calls, unless a `main` comes to it.
    pub(super) fn mains(&self) -> Vec<NodeId> {
        let (mut mains, mut attributed) = (Vec::new(), Vec::new());
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
            let Some(node) = self.flow.bodies.get(&id) else { continue };
            if by_name {
                mains.push(*node);
            } else if by_attribute() {
                attributed.push(*node);
            }
        }
        let run = |main: &NodeId| self.closure(*main);
        let inside: FxHashSet<_> = mains.iter().flat_map(run).collect();
        mains.extend(attributed.into_iter().filter(|node| !inside.contains(node)));
        mains
    }

    pub(super) fn closure(&self, from: NodeId) -> FxHashSet<NodeId> {
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

    /// What a `main` reaches, and what the commands reach that the deployment runs as workers.
    fn parted(&self, main: NodeId) -> (FxHashSet<NodeId>, FxHashSet<NodeId>) {
        let commands = || self.flow.commands.iter().filter(|one| one.process == Process::Worker);
        if commands().next().is_none() {
            return Default::default();
        }
        let of_worker = |node: NodeId, at: &Range| {
            commands().any(|command| command.node == node && command.at.holds(*at))
        };
        let (mut rest, mut workers) = (FxHashSet::default(), FxHashSet::default());
        let mut todo = vec![main];
        while let Some(node) = todo.pop() {
            if !rest.insert(node) {
                continue;
            }
            let spawned = self.spawns.get(&node).into_iter().flatten();
            for (next, at) in self.edges[node.0 as usize].iter().chain(spawned) {
                match of_worker(node, at) {
                    true => workers.extend(self.closure(*next)),
                    false => todo.push(*next),
                }
            }
        }
        (rest, workers)
    }

    /// What commands run that are set aside, and binaries that do not serve.
    pub(super) fn quiet(&self) -> FxHashSet<NodeId> {
        let mains = self.mains().into_iter().filter(|main| !self.is_startup(*main));
        let mut quiet: FxHashSet<NodeId> = mains.flat_map(|main| self.closure(main)).collect();
        quiet.extend(self.called_aside().flat_map(|body| self.closure(body)));
        quiet
    }

    /// What the commands call that are set aside.
    pub(super) fn called_aside(&self) -> impl Iterator<Item = NodeId> {
        self.aside.iter().flat_map(|(from, branches)| {
            let calls = self.edges[from.0 as usize].iter();
            let aside = |at: &Range| branches.iter().any(|branch| branch.holds(*at));
            calls.filter(move |(_, at)| aside(at)).map(|(to, _)| *to)
        })
    }

    /// Tasks run where what serves, or what it serves, starts them.
    fn admit_tasks(&mut self, tasks: Vec<Entry>, set_ups: &SetUps) {
        let mut waiting = tasks;
        loop {
            let (admitted, rest): (Vec<Entry>, Vec<Entry>) =
                waiting.into_iter().partition(|entry| {
                    entry.starts().any(|(from, start)| {
                        let at = Range { start: start.at.start, end: start.at.end };
                        let serves = self.serving.contains_key(&from)
                            && !is_ruled_out(&self.out.serving, from, at);
                        self.is_startup_at(from, at) || serves
                    })
                });
            if admitted.is_empty() {
                return;
            }
            let mut entered = Vec::new();
            for entry in admitted {
                // A thread that is started to serve goes on with setting up.
                let serves = self.startup.contains(&entry.from.unwrap_or(entry.node))
                    && self.begins(&self.closure(entry.node));
                match serves {
                    true => self.walk_startup(vec![entry.node], set_ups, &FxHashSet::default()),
                    false => entered.push(entry),
                }
            }
            self.enter_all(entered);
            waiting = rest;
        }
    }
}

/// Whether somebody else sees what is done.
fn does(work: Work) -> bool {
    !matches!(work, Work::Listen | Work::Read | Work::Run)
}
