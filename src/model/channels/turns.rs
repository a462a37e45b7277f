//! What runs for each message that is taken out of a channel: which bodies, and which part of them?

use super::Channels;
use crate::catalog::Role;
use crate::flow::{Call, Flow, NodeId, Touch, TouchKind};
use crate::model::places::Places;
use crate::parse::tree::Range;

impl Channels<'_, '_, '_> {
    /// The bodies that run for each message that is taken out here, or for several together.
    pub(super) fn turns(&self, index: usize) -> Vec<NodeId> {
        match self.gathered_for(self.touch(index)) {
            Some(outer) => vec![outer],
            None => self.turns_at(index),
        }
    }

    pub(super) fn turns_at(&self, index: usize) -> Vec<NodeId> {
        let node = self.touch(index).node;
        match self.flow.loop_around(node) {
            Some(around) => vec![around],
            None => match self.taking.get(&node) {
                Some(by) if !by.is_empty() => by.iter().map(|(around, _)| *around).collect(),
                _ => vec![node],
            },
        }
    }

    /// The part of a loop that runs for what it takes there: of one that waits for several things at
    /// once, the arm that waits for this.
    pub(super) fn arm(&self, index: usize, around: NodeId) -> Option<Range> {
        let touch = self.touch(index);
        let mut takes: Vec<Range> =
            std::iter::once(touch).filter(|touch| touch.node == around).map(|t| t.at).collect();
        let through = self.taking.get(&touch.node).into_iter().flatten();
        takes.extend(through.filter(|(by, _)| *by == around).map(|(_, at)| *at));
        let mut races = self.flow.races.iter().filter(|race| race.node == around && !race.used);
        let (race, None) = (races.next()?, races.next()) else { return None };
        let mut found = race.parts().filter(|(arm, _)| takes.iter().any(|at| arm.holds(*at)));
        let (Some((arm, end)), None, 1) = (found.next(), found.next(), takes.len()) else {
            return None;
        };
        // What is called beside it is so for whatever came.
        let beside = |call: &Call| call.node == around && !race.at.holds(call.at);
        (!self.flow.calls.iter().any(beside)).then_some(Range { end, ..arm })
    }

    /// The loop around one that waits for nobody and only gathers what is there: it works on that.
    pub(super) fn beyond_gathering(&self, around: NodeId) -> Option<NodeId> {
        let waits_for_none = self.flow.loops.iter().any(|l| l.node == around && l.conditional);
        let is_collection =
            |ty| self.names.type_fact(ty).is_some_and(|fact| fact.is == Role::Collection);
        let gathers = |touch: &Touch| {
            touch.node == around
                && matches!(touch.kind, TouchKind::Change | TouchKind::Fill)
                && !touch.takes
                && is_collection(touch.on)
        };
        let body = self.flow.node(around);
        let outer = body
            .parent
            .filter(|_| waits_for_none && !body.detached && self.flow.touches.iter().any(gathers));
        outer.and_then(|outer| self.flow.loop_around(outer))
    }
}

/// The innermost loops of whoever calls the function that a body, outside of any loop, stands in.
pub(super) fn taken_by(flow: &Flow, places: &Places<'_, '_>, node: NodeId) -> Vec<(NodeId, Range)> {
    let (mut todo, mut found) = (vec![node], Vec::new());
    for _ in 0..3 {
        let mut callers = Vec::new();
        for node in std::mem::take(&mut todo) {
            let mut around = flow.enclosing(node);
            let body = around.find(|body| flow.node(*body).parent.is_none()).unwrap_or(node);
            for call in places.callers.get(&body).into_iter().flatten().map(|call| flow.call(*call))
            {
                match flow.loop_around(call.node) {
                    _ if call.detached => {}
                    Some(around) => found.push((around, call.at)),
                    None => callers.push(call.node),
                }
            }
        }
        todo = callers;
    }
    found.sort_by_key(|(around, at)| (*around, at.start, at.end));
    found.dedup();
    found
}
