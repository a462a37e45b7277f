//! What is certain to run, and when? What programs are known to run, and what a call of theirs may
//! run whose target could not be told.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Reach;
use crate::diagnostic::Step;
use crate::flow::{NodeId, NodeKind};
use crate::model::entries;
use crate::resolve::{DefId, Res};
use crate::symbol::Symbol;

impl Reach<'_, '_> {
    /// Why it is not certain that a body runs, where it is not: what leads to it is a function of
    /// a library that nobody calls, though programs are built from it, or a handler that nothing
    /// registers.
    pub(super) fn doubt(&self, node: NodeId) -> Option<Step> {
        let root = self.guessed(node, 8)?;
        let body = self.flow.node(root);
        let name = self.names.text(self.name(root));
        let said = match self.is_idle(root) {
            true => format!("nothing that is read here registers `{name}`"),
            false => format!("nothing that is known to run calls `{name}`"),
        };
        Some(Step::new(self.flow.span(root, body.at), said))
    }

    /// Whether a body is a handler that nothing registers.
    fn is_idle(&self, node: NodeId) -> bool {
        self.entry_at(node).is_some_and(|entry| entry.idle)
    }

    /// Why it is not certain when something is done that no entry point is known to do, where it is
    /// not: a call whose target could not be told may run it, at any time.
    pub(in crate::model) fn doubted_start(&self, node: NodeId) -> Option<Step> {
        let unit = self.unit(node);
        let untold = !self.serving.contains_key(&node)
            && !self.loud.is_empty()
            && !self.begun.contains(&node)
            && !self.links.leave_out(self.names, unit);
        let body = self.flow.node(node);
        let name = self.names.text(self.name(node));
        let said = format!("what comes to run `{name}`, and when, is not known");
        untold.then(|| Step::new(self.flow.span(node, body.at), said))
    }

    /// The function that nobody calls, but for which nothing that is known to run would get here.
    fn guessed(&self, node: NodeId, depth: usize) -> Option<NodeId> {
        let Some(via) = self.serving.get(&node) else {
            let unit = self.unit(node);
            let guessed = self.startup.contains(&node)
                && !self.loud.is_empty()
                && !self.sure.contains(&node)
                && !self.links.leave_out(self.names, unit);
            return guessed.then_some(node);
        };
        let entry = &self.entries[via.entry];
        if entry.idle {
            return Some(entry.node);
        }
        if entry.point.kind.is_asked() || depth == 0 {
            return None;
        }
        let mut from = entry.starts().map(|(from, _)| self.guessed(from, depth - 1));
        let first = from.next()??;
        from.all(|other| other.is_some()).then_some(first)
    }

    pub(super) fn louds(&self) -> FxHashSet<NodeId> {
        let mains = self.mains().into_iter().filter(|main| self.is_startup(*main));
        let mut loud: FxHashSet<NodeId> = mains.flat_map(|main| self.closure(main)).collect();
        if !loud.is_empty() {
            loud.extend(self.serving.keys());
        }
        loud
    }

    /// What programs, frameworks and first uses run, and what calls at start may run whose target
    /// could not be told: those of a name that the tree gives to several, or of a value of an
    /// unknown type.
    pub(super) fn begun_surely(&self) -> FxHashSet<NodeId> {
        let first = |node: &NodeId| self.flow.node(*node).kind == NodeKind::Initialiser;
        let begun = entries::at_start(self.names, self.flow).into_iter();
        let begun = begun.chain(self.flow.ids().filter(first));
        let mains = self.mains().into_iter().filter(|main| self.is_startup(*main));
        let mut sure = FxHashSet::default();
        self.run_by(begun.chain(mains), &mut sure);
        // One file may be a part of a library, and of a program beside it.
        let place = |node: NodeId| (self.flow.node(node).file, self.flow.node(node).at);
        let places: FxHashSet<_> = sure.iter().map(|node| place(*node)).collect();
        sure.extend(self.startup.iter().filter(|node| places.contains(&place(**node))));
        // What is only guessed to be called at start calls nothing surely.
        let at_start = |node: &NodeId| self.startup.contains(node) && !self.is_serving(*node);
        let calling: Vec<NodeId> = sure.iter().copied().filter(at_start).collect();
        let missed = self.missed(calling.iter());
        let mut named: FxHashMap<Symbol, u32> = FxHashMap::default();
        let method =
            |def: &&DefId| self.names.function(**def).is_some_and(|f| f.receiver.is_some());
        for def in self.flow.bodies.keys().filter(method) {
            *named.entry(self.names.def(*def).name).or_default() += 1;
        }
        // One of a name that the tree gives to several may be meant by few.
        let only = |node: &&NodeId| named.get(&self.name(**node)) == Some(&1);
        let called = self.startup.iter().filter(|node| self.may_be_called(**node, &missed));
        let called: Vec<NodeId> = called.filter(only).copied().collect();
        self.run_by(called.into_iter(), &mut sure);
        sure
    }

    /// What these bodies run, but for the tasks that they start.
    fn run_by(&self, from: impl Iterator<Item = NodeId>, found: &mut FxHashSet<NodeId>) {
        let mut todo: Vec<NodeId> = from.collect();
        while let Some(node) = todo.pop() {
            if found.insert(node) {
                todo.extend(self.edges[node.0 as usize].iter().map(|(next, _)| *next));
                // A thread may go on with setting up.
                let spawned = self.spawns.get(&node).into_iter().flatten().map(|(next, _)| *next);
                todo.extend(spawned.filter(|next| self.is_startup(*next)));
            }
        }
    }

    fn name(&self, node: NodeId) -> Symbol {
        self.names.def(self.flow.node(node).def).name
    }

    /// The names of calls in these bodies whose target could not be told.
    pub(super) fn missed<'n>(&self, nodes: impl Iterator<Item = &'n NodeId>) -> FxHashSet<Symbol> {
        nodes.filter_map(|node| self.flow.unknown_calls.get(node)).flatten().copied().collect()
    }

    /// These, and what others of these calls may run, and code outside of the tree.
    pub(super) fn surely(&self) -> FxHashSet<NodeId> {
        let mut sure = self.begun.clone();
        sure.extend(&self.loud);
        let startup: Vec<NodeId> = self.startup.iter().copied().collect();
        self.with_untold(sure, &startup, |more| {
            more.iter().flat_map(|node| self.closure(*node)).collect()
        })
    }

    /// Some bodies, and what others of these calls of theirs may run, and code outside of the tree:
    /// each with what it runs itself.
    pub(super) fn with_untold(
        &self,
        from: FxHashSet<NodeId>,
        among: &[NodeId],
        runs: impl Fn(&[NodeId]) -> FxHashSet<NodeId>,
    ) -> FxHashSet<NodeId> {
        let mut all = from;
        loop {
            let missed = self.missed(all.iter());
            let may = |node: &NodeId| self.may_be_called(*node, &missed) || self.may_be_run(*node);
            let more: Vec<NodeId> =
                among.iter().copied().filter(|node| !all.contains(node) && may(node)).collect();
            if more.is_empty() {
                return all;
            }
            all.extend(runs(&more));
        }
    }

    /// Whether a call that could not be told may run a function.
    pub(super) fn may_be_called(&self, node: NodeId, missed: &FxHashSet<Symbol>) -> bool {
        let body = self.flow.node(node);
        let method = self.names.function(body.def).is_some_and(|f| f.receiver.is_some());
        let called = method && missed.contains(&self.name(node));
        body.kind == NodeKind::Function && called
    }

    /// Whether code outside of the tree may run it.
    fn may_be_run(&self, node: NodeId) -> bool {
        let body = self.flow.node(node);
        let block = self.names.owner(body.def).and_then(|owner| self.names.impls.of(owner));
        let of_others =
            block.and_then(|block| block.of).is_some_and(|of| !matches!(of, Res::Def(_)));
        let named = self.flow.named.contains(&body.def);
        body.kind == NodeKind::Function && (of_others || named)
    }
}
