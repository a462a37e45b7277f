//! What stands where in the text of what a timer runs: before, after, or only beneath something.

use std::cell::RefCell;

use rustc_hash::{FxHashMap, FxHashSet};

use super::deeds::Inside;
use crate::flow::{CallId, Flow, NodeId};
use crate::parse::tree::Range;
use crate::resolve::DefId;

/// Callers of callers are asked this far.
const FARTHEST: u8 = 16;

/// A place in the text of one run of a function.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    /// Where the run begins among the bodies.
    pub(super) run: usize,
    pub(super) at: u32,
    /// What stands there is only started, and runs whenever it may.
    pub(super) later: bool,
}

/// What a claim holds.
pub(super) struct Scope {
    pub(super) run: usize,
    pub(super) after: Vec<Point>,
}

impl Scope {
    pub(super) fn holds(&self, way: &[Point]) -> bool {
        way.iter().any(|point| {
            let after = |claim: &Point| claim.run == point.run && claim.at <= point.at;
            point.run == self.run || self.after.iter().any(after)
        })
    }
}

/// The way to something done in a body: the places of the calls that lead to it, the last its own.
pub(super) fn way(flow: &Flow, inside: &Inside, index: usize, at: Range) -> Vec<Point> {
    let mut way = Vec::new();
    let (mut here, mut place, mut later) = (index, at.start, false);
    loop {
        // What stands in one function is one run of it.
        let def = flow.node(inside[here].0).def;
        while let Some((from, _)) = inside[here].1
            && flow.node(inside[from].0).def == def
        {
            here = from;
        }
        way.push(Point { run: here, at: place, later });
        let Some((from, call)) = inside[here].1 else { break };
        later = call == flow.node(inside[here].0).at;
        (here, place) = (from, if later { u32::MAX } else { call.start });
    }
    way.reverse();
    way
}

/// Whether one place stands before another in the text of the run that both are in.
pub(super) fn comes_before(one: &[Point], other: &[Point]) -> bool {
    let apart = one.iter().zip(other).find(|(a, b)| a.run != b.run || a.at != b.at);
    apart.is_some_and(|(a, b)| a.run == b.run && a.at < b.at)
}

/// Parts of functions that run only where something is so, among the bodies that are looked at.
pub(super) struct Under<'u> {
    pub(super) flow: &'u Flow,
    pub(super) callers: &'u FxHashMap<NodeId, Vec<CallId>>,
    pub(super) inside: FxHashSet<NodeId>,
    pub(super) parts: Vec<(DefId, Range)>,
    /// Functions that were asked about, and what was found.
    pub(super) known: RefCell<FxHashMap<NodeId, bool>>,
}

impl Under<'_> {
    /// Whether a place of a body is in such a part, or every way to it leads through one.
    pub(super) fn holds(&self, node: NodeId, at: Range) -> bool {
        !self.parts.is_empty() && self.leads(node, at, 0)
    }

    fn leads(&self, node: NodeId, at: Range, far: u8) -> bool {
        let def = self.flow.node(node).def;
        if self.parts.iter().any(|(of, over)| *of == def && over.holds(at)) {
            return true;
        }
        // Who has it as a value may run it wherever.
        if far == FARTHEST || self.flow.named.contains(&def) {
            return false;
        }
        let Some(body) = self.flow.bodies.get(&def) else { return false };
        if let Some(known) = self.known.borrow().get(body) {
            return *known;
        }
        // Of those that call each other, whoever calls them first decides.
        self.known.borrow_mut().insert(*body, true);
        let leads = self.all_calls(*body, far);
        self.known.borrow_mut().insert(*body, leads);
        leads
    }

    fn all_calls(&self, body: NodeId, far: u8) -> bool {
        let calls = self.callers.get(&body).into_iter().flatten().map(|id| self.flow.call(*id));
        let mut calls = calls.filter(|call| self.inside.contains(&call.node)).peekable();
        calls.peek().is_some() && calls.all(|call| self.leads(call.node, call.at, far + 1))
    }
}
