//! What never runs is no part of what the bodies of the tree do.

use rustc_hash::FxHashMap;

use super::{Callee, Flow, Froms, NodeId};
use crate::parse::tree::Range;

/// Parts of bodies that do not run.
pub(crate) type Ruled = FxHashMap<NodeId, Vec<Range>>;

/// Whether a place is in one of them.
pub(crate) fn is_ruled_out(ruled: &Ruled, node: NodeId, at: Range) -> bool {
    !ruled.is_empty()
        && ruled.get(&node).is_some_and(|parts| parts.iter().any(|part| part.holds(at)))
}

impl Flow {
    /// Takes out what stands in parts of bodies that never run, and says whether something is
    /// registered there.
    pub(crate) fn rule_out(&mut self, ruled: &Ruled) -> bool {
        if ruled.is_empty() {
            return false;
        }
        let out = |node: NodeId, at: Range| is_ruled_out(ruled, node, at);
        for call in self.calls.iter_mut().filter(|call| out(call.node, call.at)) {
            call.callee = Callee::Never;
            call.args = Box::default();
        }
        for touch in self.touches.iter_mut().filter(|touch| out(touch.node, touch.at)) {
            touch.what = Froms::NONE;
        }
        for node in &mut self.nodes {
            node.detached |= node.parent.is_some_and(|parent| out(parent, node.at));
        }
        let mut registers = false;
        for started in self.registrations.iter_mut().filter(|one| out(one.node, one.at)) {
            started.targets.clear();
            started.calls.clear();
            started.given.clear();
            started.runs.clear();
            registers = true;
        }
        self.deeds.retain(|deed| !out(deed.node, deed.at));
        self.waits.retain(|(node, at)| !out(*node, *at));
        self.lapses.retain(|(node, at, _)| !out(*node, *at));
        self.joins.retain(|(node, at)| !out(*node, *at));
        self.stays.retain(|(node, at)| !out(*node, *at));
        self.rounds.retain(|(node, at)| !out(*node, *at));
        self.embedded.retain(|(node, at)| !out(*node, *at));
        self.guards.retain(|guard| !out(guard.node, guard.asks));
        registers
    }
}
