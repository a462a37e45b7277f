//! What is done once in the life of a process, though a task does it? What it puts in its place is
//! set up, and there again after a restart.

use rustc_hash::FxHashMap;

use super::EntryKind;
use super::states::Parts;
use crate::flow::{Callee, Flow, NodeId, NodeKind};
use crate::parse::tree::Range;

pub(super) struct Once {
    /// Of each body, what it does with one thing after another.
    rounds: FxHashMap<NodeId, Vec<Range>>,
    /// What was asked before. Of what calls itself nobody knows how often it runs.
    known: FxHashMap<NodeId, bool>,
}

impl Once {
    pub(super) fn new(flow: &Flow) -> Once {
        let mut rounds: FxHashMap<NodeId, Vec<Range>> = FxHashMap::default();
        for (node, at) in &flow.rounds {
            rounds.entry(*node).or_default().push(*at);
        }
        Once { rounds, known: FxHashMap::default() }
    }

    /// Whether a place of a body that serves is come to once: in tasks that are started on the way to
    /// serving, outside of every loop, and nowhere else.
    pub(super) fn has(&mut self, parts: &Parts<'_, '_, '_>, node: NodeId, at: Range) -> bool {
        let mut rounds = self.rounds.get(&node).into_iter().flatten();
        !rounds.any(|round| round.start <= at.start && at.end <= round.end)
            && self.runs(parts, node)
    }

    fn runs(&mut self, parts: &Parts<'_, '_, '_>, node: NodeId) -> bool {
        if let Some(once) = self.known.get(&node) {
            return *once;
        }
        self.known.insert(node, false);
        let once = self.is_run(parts, node);
        self.known.insert(node, once);
        once
    }

    fn is_run(&mut self, parts: &Parts<'_, '_, '_>, node: NodeId) -> bool {
        let (flow, reach) = (parts.flow, parts.reach);
        let mut is_at = |from: NodeId, at: Range| match reach.is_serving(from) {
            true => self.has(parts, from, at),
            // Elsewhere it may be run by anybody; a closure, again and again.
            false => {
                let plain = |node: NodeId| {
                    let kind = flow.node(node).kind;
                    matches!(kind, NodeKind::Function | NodeKind::Async)
                };
                reach.is_startup(from) && flow.enclosing(from).all(plain)
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
