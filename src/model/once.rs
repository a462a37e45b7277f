//! What is done once in the life of a process, though a task does it? What it puts in its place is
//! set up, and there again after a restart.

use rustc_hash::FxHashMap;

use super::EntryKind;
use super::states::Parts;
use crate::flow::{Callee, Froms, NodeId, NodeKind, Touch, TouchKind};
use crate::parse::tree::Range;

pub(super) struct Once {
    /// Of each body, what it does with one thing after another.
    rounds: FxHashMap<NodeId, Vec<Range>>,
    /// Those that go on for as long as something comes in.
    driven: FxHashMap<NodeId, Vec<Range>>,
    /// Where bodies have taken what requests sent them.
    told: FxHashMap<NodeId, u32>,
    /// What was asked before, of what is put there and of what is told. Of what calls itself nobody
    /// knows how often it runs.
    known: FxHashMap<(NodeId, bool), bool>,
}

impl Once {
    pub(super) fn new(parts: &Parts<'_, '_, '_>) -> Once {
        let flow = parts.flow;
        let mut rounds: FxHashMap<NodeId, Vec<Range>> = FxHashMap::default();
        for (node, at) in &flow.rounds {
            rounds.entry(*node).or_default().push(*at);
        }
        let mut driven = rounds.clone();
        let takes = flow.touches.iter().filter(|touch| touch.kind == TouchKind::Receive);
        let takes: Vec<(NodeId, Range)> = takes.map(|touch| (touch.node, touch.at)).collect();
        driven.retain(|node, rounds| {
            let accepts = flow.accepts.contains(node);
            let takes = |round: &Range| takes.iter().any(|(by, at)| by == node && round.holds(*at));
            rounds.retain(|round| accepts || takes(round));
            !rounds.is_empty()
        });
        let mut told: FxHashMap<NodeId, u32> = FxHashMap::default();
        for uses in parts.channels.by_channel.values() {
            // What sets up and then takes what comes sends the first word by itself.
            let serving = |index: usize| parts.reach.is_serving(flow.touches[index].node);
            if !parts.channels.asked(&uses.sends).any(serving) {
                continue;
            }
            for touch in uses.receives.iter().map(|index| &flow.touches[*index]) {
                let first = told.entry(touch.node).or_insert(touch.at.start);
                *first = touch.at.start.min(*first);
            }
        }
        Once { rounds, driven, told, known: FxHashMap::default() }
    }

    /// Whether what is done to a value, in a body that serves, is done once: in tasks that are started
    /// on the way to serving, outside of every loop, and nowhere else; and what is put there is not
    /// what a request sent to it meanwhile.
    pub(super) fn has(&mut self, parts: &Parts<'_, '_, '_>, touch: &Touch) -> bool {
        let told = touch.value != Froms::NONE && touch.word.is_none();
        self.is_at(parts, touch.node, touch.at, told)
    }

    fn is_at(&mut self, parts: &Parts<'_, '_, '_>, node: NodeId, at: Range, told: bool) -> bool {
        let mut rounds = self.rounds.get(&node).into_iter().flatten();
        let before = || self.told.get(&node).is_some_and(|taken| *taken < at.start);
        if rounds.any(|round| round.holds(at)) || told && before() {
            return false;
        }
        self.runs(parts, node, told)
    }

    fn runs(&mut self, parts: &Parts<'_, '_, '_>, node: NodeId, told: bool) -> bool {
        if let Some(once) = self.known.get(&(node, told)) {
            return *once;
        }
        self.known.insert((node, told), false);
        let once = self.is_run(parts, node, told);
        self.known.insert((node, told), once);
        once
    }

    fn is_run(&mut self, parts: &Parts<'_, '_, '_>, node: NodeId, told: bool) -> bool {
        let (flow, reach) = (parts.flow, parts.reach);
        let mut is_at = |from: NodeId, at: Range| match reach.is_serving(from) {
            true => self.is_at(parts, from, at, told),
            // Elsewhere it may be run by anybody; a closure, again and again.
            false => {
                let plain = |node: NodeId| {
                    let kind = flow.node(node).kind;
                    matches!(kind, NodeKind::Function | NodeKind::Async)
                };
                let mut driven = self.driven.get(&from).into_iter().flatten();
                reach.is_startup(from)
                    && flow.enclosing(from).all(plain)
                    && !driven.any(|round| round.holds(at))
            }
        };
        if let Some(entry) = reach.entry_at(node) {
            let mut starts = entry.starts().peekable();
            let handed = parts.places.passed.get(&node).into_iter().flatten();
            let mut handed = handed.map(|(call, _)| &flow.call(*call).callee);
            return entry.point.kind == EntryKind::Task
                && handed.all(|callee| matches!(callee, Callee::External(_)))
                && starts.peek().is_some()
                && starts.all(|(from, start)| {
                    is_at(from, Range { start: start.at.start, end: start.at.end })
                });
        }
        let body = flow.node(node);
        match (body.kind, body.parent) {
            (NodeKind::Async, Some(parent)) if !body.detached => is_at(parent, body.at),
            (NodeKind::Function, None) => {
                let calls = parts.places.callers.get(&node).into_iter().flatten();
                let mut calls = calls.map(|call| flow.call(*call)).peekable();
                calls.peek().is_some() && calls.all(|call| is_at(call.node, call.at))
            }
            _ => false,
        }
    }
}
