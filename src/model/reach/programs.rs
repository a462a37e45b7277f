//! Which programs of the tree run a body? Two that serve have nothing in common but what lies outside
//! of them: what one of them keeps the other does not change.

use std::cell::OnceCell;
use std::collections::VecDeque;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Reach, Via};
use crate::discover::TargetKind;
use crate::flow::{NodeId, NodeKind, is_ruled_out};

/// Some of the programs of a tree, a bit for each.
pub(in crate::model) type Programs = u64;

/// Any of them: nothing is known.
pub(in crate::model) const ANY: Programs = Programs::MAX;

/// More programs than these are not told apart.
const MOST: usize = 32;

/// The programs that come to serve, where there are several.
#[derive(Default)]
pub(super) struct Told {
    of: FxHashMap<NodeId, Programs>,
    /// How the bodies of each are reached, looked up where it is asked for.
    ways: Vec<OnceCell<FxHashMap<NodeId, Via>>>,
}

impl Reach<'_, '_> {
    /// The programs that run a body.
    pub(in crate::model) fn programs(&self, node: NodeId) -> Programs {
        self.told.of.get(&node).copied().unwrap_or(ANY)
    }

    /// How a body is reached in the first of some programs.
    pub(super) fn via(&self, node: NodeId, within: Programs) -> Option<Via> {
        let usual = self.serving.get(&node).copied()?;
        let programs = self.programs(node) & within;
        if self.told.ways.is_empty() || programs == 0 {
            return (programs != 0).then_some(usual);
        }
        let first = programs.trailing_zeros() as usize;
        if self.programs(self.entries[usual.entry].node) & (1 << first) != 0 {
            return Some(usual);
        }
        let ways = self.told.ways.get(first)?.get_or_init(|| self.ways_in(1 << first));
        Some(ways.get(&node).copied().unwrap_or(usual))
    }

    fn ways_in(&self, program: Programs) -> FxHashMap<NodeId, Via> {
        let mut ways = FxHashMap::default();
        for (index, entry) in self.entries.iter().enumerate() {
            if self.programs(entry.node) & program == 0 {
                continue;
            }
            let mut todo = VecDeque::from([(entry.node, None)]);
            while let Some((node, from)) = todo.pop_front() {
                if ways.contains_key(&node) || self.programs(node) & program == 0 {
                    continue;
                }
                ways.insert(node, Via { entry: index, from });
                let next = self.edges[node.0 as usize].iter();
                let next = next.filter(|(next, at)| {
                    let out = || is_ruled_out(&self.out.serving, node, *at);
                    !self.handlers.contains(next) && !out()
                });
                todo.extend(next.map(|(next, at)| (*next, Some((node, *at)))));
            }
        }
        ways
    }

    /// Tells programs apart, as far as it is known what each runs.
    pub(super) fn tell_programs(&mut self) {
        let mains: Vec<NodeId> =
            self.mains().into_iter().filter(|main| self.is_startup(*main)).collect();
        if !(2..=MOST).contains(&mains.len()) {
            return;
        }
        let mut starts: FxHashMap<NodeId, Vec<NodeId>> = FxHashMap::default();
        let mut unknown = Vec::new();
        for entry in &self.entries {
            let from = entry.from.into_iter().chain(entry.starts().map(|(from, _)| from));
            let mut any = false;
            for from in from {
                starts.entry(from).or_default().push(entry.node);
                any = true;
            }
            if !any {
                unknown.push(entry.node);
            }
        }
        let mut of: FxHashMap<NodeId, Programs> = FxHashMap::default();
        for (index, main) in mains.iter().enumerate() {
            for node in self.program(*main, &starts) {
                *of.entry(node).or_default() |= 1 << index;
            }
        }
        // Of what a framework calls by itself, and what that calls, nothing is known.
        for node in unknown.into_iter().flat_map(|entry| self.closure_with(&[entry], &starts)) {
            of.insert(node, ANY);
        }
        self.told.of = of;
        self.told.ways = mains.iter().map(|_| OnceCell::new()).collect();
    }

    /// What a program runs, and what it may run by calls that could not be told.
    fn program(&self, main: NodeId, starts: &FxHashMap<NodeId, Vec<NodeId>>) -> FxHashSet<NodeId> {
        let unit = |node: NodeId| &self.names.units[self.unit(node)];
        let parts = self.names.project.linked_into(unit(main).package);
        let is_part = |node: NodeId| {
            let of = unit(node);
            self.unit(node) == self.unit(main)
                || of.kind == TargetKind::Lib && parts.contains(&of.package)
        };
        let linked: Vec<NodeId> = self
            .flow
            .ids()
            .filter(|node| self.flow.node(*node).kind == NodeKind::Function && is_part(*node))
            .collect();
        let inside = self.closure_with(&[main], starts);
        self.with_untold(inside, &linked, |more| self.closure_with(more, starts))
    }

    fn closure_with(
        &self,
        from: &[NodeId],
        starts: &FxHashMap<NodeId, Vec<NodeId>>,
    ) -> FxHashSet<NodeId> {
        let mut inside = FxHashSet::default();
        let mut todo = from.to_vec();
        while let Some(node) = todo.pop() {
            if inside.insert(node) {
                todo.extend(self.edges[node.0 as usize].iter().map(|(next, _)| *next));
                todo.extend(starts.get(&node).into_iter().flatten());
                let spawned = self.spawns.get(&node).into_iter().flatten();
                todo.extend(spawned.map(|(node, _)| *node));
            }
        }
        inside
    }
}
