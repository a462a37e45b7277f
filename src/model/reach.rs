//! What runs while serving, and what only before? The call graph, walked from the entry points.

mod behind;
mod brief;
mod constants;
mod programs;
mod sure;
mod unmade;
mod unused;
mod walk;

pub(super) use constants::{Out, rule_out};
pub(super) use programs::{ANY, Programs};

use rustc_hash::{FxHashMap, FxHashSet};

use super::alive::Uncalled;
use super::channels::Consumer;
use super::entries::Entry;
use super::links::Links;
use super::processes::{self, Edges, Kinds};
use super::{Access, EntryPoint, Owner};
use crate::diagnostic::{Process, Step};
use crate::discover::TargetKind;
use crate::flow::{CallId, Flow, NodeId, NodeKind, Used, is_ruled_out};
use crate::parse::tree::{FeatureCfg, Range};
use crate::resolve::{DefId, Names};
use crate::source::Span;

/// The framework of entry points that are loops over connections and datagrams.
pub(super) const SOCKET: &str = "a socket";

/// What a body spawns, and by which call.
pub(super) type Spawns = FxHashMap<NodeId, Vec<(NodeId, Range)>>;

/// What a body spawns and nobody waits for.
pub(super) type Forgotten = FxHashSet<(NodeId, NodeId)>;

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
    /// What runs at start with features alone that are off.
    begun_off: FxHashMap<NodeId, &'a FeatureCfg>,
    kinds: Kinds,
    /// The bodies of all entry points but tasks.
    handlers: FxHashSet<NodeId>,
    /// Loops for which processes are there that serve nobody.
    working: Vec<NodeId>,
    /// What serves, and what programs run that come to it; nothing where no program does.
    loud: FxHashSet<NodeId>,
    /// These, and what frameworks and first uses run.
    begun: FxHashSet<NodeId>,
    /// These, and what calls may run whose target could not be told.
    sure: FxHashSet<NodeId>,
    links: Links,
    /// Of each entry point, the features that all that registers or starts it stands behind, where
    /// they are off.
    off: Vec<Option<&'a FeatureCfg>>,
    /// Variants, and types with impls of traits, that the process never makes.
    asleep: FxHashSet<DefId>,
    /// What commands run that listen for the answer to a page they show, and then end.
    brief: FxHashSet<NodeId>,
    told: programs::Told,
    /// What programs start with.
    roots: Vec<NodeId>,
    /// What the constants rule out that callers hand over.
    out: Out,
}

impl<'m, 'a> Reach<'m, 'a> {
    pub(super) fn is_serving(&self, node: NodeId) -> bool {
        self.serving.contains_key(&node)
    }

    /// Functions that nobody calls, where programs of the tree come to serve.
    pub(super) fn idle(&self) -> Uncalled<'_, 'a> {
        Uncalled::new(self.names, self.flow, &self.loud, &self.links, &self.edges)
    }

    /// Whether a program that comes to serve is known to run a body.
    pub(super) fn is_loud(&self, node: NodeId) -> bool {
        self.loud.contains(&node)
    }

    /// Whether a variant, or a type that stands behind a trait, is one that the process never makes,
    /// as far as is known.
    pub(super) fn is_asleep(&self, of: DefId) -> bool {
        self.asleep.contains(&of)
    }

    pub(super) fn is_startup(&self, node: NodeId) -> bool {
        self.startup.contains(&node)
    }

    /// What runs at start and never again, and what runs later.
    pub(super) fn times(&self) -> (FxHashSet<NodeId>, FxHashSet<NodeId>) {
        let serving: FxHashSet<NodeId> = self.serving.keys().copied().collect();
        (self.startup.difference(&serving).copied().collect(), serving)
    }

    /// Whether a place of a body is on the way to serving.
    pub(super) fn is_startup_at(&self, node: NodeId, at: Range) -> bool {
        let aside = self.aside.get(&node).into_iter().flatten();
        self.is_startup(node)
            && !aside.into_iter().any(|branch| branch.holds(at))
            && !is_ruled_out(&self.out.startup, node, at)
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
        self.access_through(node, at, what, &[], ANY)
    }

    /// The same, by calls that handed over what is touched: the innermost first, each with the body
    /// that it runs. None where the outermost does not serve, or in none of some programs.
    pub(super) fn access_through(
        &self,
        node: NodeId,
        at: Range,
        what: String,
        calls: &[(CallId, NodeId)],
        within: Programs,
    ) -> Option<Access> {
        let runs = |node, at| !is_ruled_out(&self.out.serving, node, at);
        let mut handing = calls.iter().map(|(call, _)| self.flow.call(*call));
        if !runs(node, at) || !handing.all(|call| runs(call.node, call.at)) {
            return None;
        }
        let outermost = calls.last().map_or(node, |(call, _)| self.flow.call(*call).node);
        let via = self.via(outermost, within)?;
        let mut path = Vec::new();
        let off = |node: NodeId, at: Range| self.off_at(node, at);
        let mut behind = off(node, at);
        let mut step = |from: NodeId, at: Range, to: NodeId| {
            behind = behind.or_else(|| off(from, at));
            let body = self.flow.node(to);
            if body.kind == NodeKind::Function {
                let name = self.names.text(self.names.def(body.def).name);
                path.push(Step::new(self.flow.span(from, at), format!("calls `{name}`")));
            }
        };
        for (call, body) in calls {
            let call = self.flow.call(*call);
            step(call.node, call.at, *body);
        }
        let (mut here, mut next) = (outermost, via.from);
        while let Some((from, at)) = next {
            step(from, at, here);
            here = from;
            next = self.via(here, within).and_then(|via| via.from);
        }
        path.reverse();
        let behind = behind.or(self.off[via.entry]);
        let at = self.flow.span(node, at);
        Some(Access {
            entry: via.entry,
            programs: self.programs(outermost) & within,
            def: self.flow.node(node).def,
            at,
            what,
            path,
            used: Used::Yes,
            memo: false,
            fetched: false,
            given: false,
            whole: false,
            stamps: false,
            of_use: false,
            measures: false,
            takes: false,
            empties: false,
            vacates: false,
            opens: false,
            after_miss: false,
            at_hand: false,
            fresh: false,
            made_up: false,
            by_task: false,
            answer: false,
            copied: false,
            renewed: false,
            locks: false,
            direct: false,
            behind: behind.map(FeatureCfg::in_words),
        })
    }

    /// The features that a place stands behind, where they are off.
    pub(super) fn off_at(&self, node: NodeId, at: Range) -> Option<&'a FeatureCfg> {
        self.names.behind(self.flow.node(node).def, at)
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
        let behind = self.names.def(def).behind.or_else(|| match self.serving.get(&node?) {
            Some(via) => self.off[via.entry],
            None => self.begun_off.get(&node?).copied(),
        });
        Owner {
            package: Some(unit.package),
            target: format!("{kind}:{}", unit.name),
            process,
            feature: behind.map(FeatureCfg::in_words),
            doubt: node.and_then(|node| self.doubt(node)),
        }
    }

    pub(super) fn selected(&self, def: DefId) -> bool {
        self.names.units[self.names.def(def).unit].selected
    }

    pub(super) fn unresolved(&self) -> usize {
        let unknown = self.flow.unknown_calls.iter();
        unknown.filter(|(node, _)| self.serving.contains_key(node)).map(|(_, all)| all.len()).sum()
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
            let free = part.is_none_or(|part| part.holds(at));
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

    /// What is run by what runs once beside the requests.
    pub(super) fn run_beside(&self) -> FxHashSet<NodeId> {
        let beside = self.entries.iter().filter(|entry| self.is_beside(entry));
        let mut todo: Vec<NodeId> = beside.map(|entry| entry.node).collect();
        let mut run = FxHashSet::default();
        while let Some(node) = todo.pop() {
            if run.insert(node) {
                let calls = self.edges[node.0 as usize].iter().map(|(next, _)| *next);
                let asked = |node: NodeId| {
                    self.entry_at(node).is_some_and(|entry| entry.point.kind.is_asked())
                };
                todo.extend(calls.filter(|next| !asked(*next)));
            }
        }
        run
    }

    /// Whether there may be many of it: an accept loop starts one for each connection.
    fn is_started_in_loop(&self, entry: &Entry) -> bool {
        entry.from.is_some_and(|from| self.flow.loop_around(from).is_some())
    }

    pub(super) fn place(&self, node: NodeId) -> Span {
        self.flow.span(node, self.flow.node(node).at)
    }
}
