//! What only lets calls of this process through, or not, after how they went before? A circuit
//! breaker, whether a helper runs, which of several upstreams is well.

use rustc_hash::FxHashSet;

use super::Access;
use super::states::{Accesses, Parts};
use crate::catalog::{EntryKind, Work};
use crate::flow::{NodeId, Used};
use crate::parse::tree::Range;
use crate::resolve::DefId;

/// As many callers of callers are asked for it, and as far from what is done, up and down: what lies
/// farther apart has only the service in common.
const MOST_CALLERS: usize = 64;
const FARTHEST: usize = 4;

/// A body that another one runs, and by which call of which of these.
type Inside = (NodeId, Option<(usize, Range)>);

impl Parts<'_, '_, '_> {
    /// Whether whoever changes it looks at it, too, before a service or a program of its own is
    /// asked, and no request says what it becomes: each process finds out for itself how that goes.
    /// What decides about changes of what all share is more than that.
    pub(super) fn is_gate(&self, accesses: &Accesses) -> bool {
        // What a task does from time to time is done for whoever asks.
        let asked = |access: &&Access| self.points[access.entry].kind != EntryKind::Task;
        let mut changes = accesses.changes.iter().filter(asked).peekable();
        let looks = accesses.reads.iter().filter(asked).map(|read| read.def);
        let looks: FxHashSet<DefId> = looks.collect();
        !looks.is_empty()
            && changes.peek().is_some()
            && changes.all(|change| !change.given && self.is_gated(change.def, &looks))
    }

    /// Whether a function, or one on the way to it, also looks and asks others for something.
    fn is_gated(&self, by: DefId, looks: &FxHashSet<DefId>) -> bool {
        let Some(body) = self.flow.bodies.get(&by) else { return false };
        let (mut seen, mut next) = (vec![(*body, 0)], 0);
        while let Some((node, far)) = seen.get(next).copied() {
            next += 1;
            let (changes, asks) = self.does_to_others(node);
            // Whatever calls it does that, too.
            if changes {
                continue;
            }
            let looks = |(node, _): &Inside| looks.contains(&self.flow.node(*node).def);
            if asks && near(&self.reach.inside(node, None)).any(looks) {
                return true;
            }
            let callers = self.places.callers.get(&node).into_iter().flatten();
            let around = callers.map(|call| self.flow.function_around(self.flow.call(*call).node));
            for caller in around {
                let known = seen.iter().any(|(known, _)| *known == caller);
                let more = seen.len() < MOST_CALLERS && far < FARTHEST;
                if more && !known && self.reach.is_serving(caller) {
                    seen.push((caller, far + 1));
                }
            }
        }
        false
    }

    /// Whether what a body runs changes what others share, and whether it asks them for something.
    fn does_to_others(&self, node: NodeId) -> (bool, bool) {
        if let Some(known) = self.own.doing.borrow().get(&node) {
            return *known;
        }
        let inside = self.reach.inside(node, None);
        let does = |of: &[Work]| {
            inside.iter().any(|(node, _)| self.deeds.any(*node, None, |work| of.contains(&work)))
        };
        let changes = does(&[Work::Write, Work::Once, Work::Repeat, Work::Take, Work::Claim]);
        let known = (changes, does(&[Work::Ask, Work::Run]));
        self.own.doing.borrow_mut().insert(node, known);
        known
    }

    /// Whether one function alone looks at it, takes it, and gives it back.
    pub(super) fn is_taken_and_given_back(&self, accesses: &Accesses) -> bool {
        let Some(first) = accesses.changes.first() else { return false };
        let mut all = accesses.changes.iter().chain(&accesses.reads);
        accesses.changes.len() > 1
            && accesses.reads.iter().any(|read| read.used != Used::No)
            && all.all(|access| access.def == first.def && !access.given)
    }
}

/// Of what a body runs, what is run by it or by what it calls, a few calls down.
fn near(inside: &[Inside]) -> impl Iterator<Item = &Inside> {
    let far = |(_, from): &&Inside| {
        let mut from = *from;
        for _ in 0..=FARTHEST {
            let Some((index, _)) = from else { return true };
            from = inside[index].1;
        }
        false
    };
    inside.iter().filter(far)
}
