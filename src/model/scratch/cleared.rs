//! Which folders are cleared as a whole? What lies there from then on is of whoever cleared them.

use rustc_hash::FxHashSet;

use super::{Done, FARTHEST, Scratch};
use crate::catalog::DiskEffect;
use crate::flow::{Call, Flow, NodeId, NodeKind, Way};
use crate::model::keys::Key;
use crate::model::places::Places;
use crate::model::sites::Site;
use crate::parse::tree::Range;

/// How long `if` is, with the space behind it.
const IF: u32 = 3;

/// What is removed as a whole in any case, be it that it is looked first whether it is there.
pub(super) fn cleared(places: &Places<'_, '_>, sites: &[Site<'_>]) -> super::Deeds {
    let mut deeds = super::Deeds::default();
    let whole = sites.iter().filter(|site| site.kind == DiskEffect::Remove && site.fact.beneath);
    for site in whole {
        let Some(key) = places.key(site.target) else { continue };
        let Some(way) = surely(places, site, &key, sites) else { continue };
        let done = Done { way, ..Done::by(places, site, key) };
        deeds.note(places, site.call.node, done, 0);
    }
    deeds
}

/// The way that a removal stands on, but for the question whether there is something; none where
/// the function may have turned away before.
fn surely(places: &Places<'_, '_>, site: &Site<'_>, key: &Key, sites: &[Site<'_>]) -> Option<Way> {
    let (flow, node, at) = (places.flow, site.call.node, site.call.at);
    let here = |file_of: NodeId| flow.node(file_of).def == flow.node(node).def;
    let arms = || flow.branches.iter().filter(|arm| here(arm.node));
    if arms().any(|arm| arm.leaves && !arm.fails && arm.at.end <= at.start) {
        return None;
    }
    let around = arms().filter(|arm| arm.holds(at));
    let Some(arm) = around.min_by_key(|arm| arm.at.end - arm.at.start) else {
        return Some(site.call.way);
    };
    // `if folder.exists()`, and nothing else that is asked.
    let is_all = |probe: &Call| {
        let (begins, ends) = (probe.begins, probe.at.end);
        arm.group <= begins
            && begins <= arm.group + IF
            && ends <= arm.at.start
            && arm.at.start <= ends + 1
    };
    let looks = |probe: &Site<'_>| {
        probe.kind == DiskEffect::Probe
            && here(probe.call.node)
            && is_all(probe.call)
            && places.key(probe.target).as_ref() == Some(key)
    };
    match flow.forks(site.call.way).next() {
        Some(fork) if sites.iter().any(looks) => Some(fork.around),
        _ => Some(site.call.way),
    }
}

impl Scratch<'_, '_, '_> {
    /// Whether a folder is removed as a whole and made anew by one function: nothing is meant to be
    /// found there by whoever comes next.
    pub(in crate::model) fn is_emptied(&self, site: &Site<'_>) -> bool {
        let (flow, node) = (self.places.flow, site.call.node);
        let Some(key) = self.places.key(site.target) else { return false };
        let (at, way) = (site.call.at.start, site.call.way);
        match site.kind {
            DiskEffect::MakeDirectory => self.removed.of(flow, node).iter().any(|one| {
                let sure = flow.is_within(way, one.way) || one.depends;
                one.beneath && !one.perhaps && sure && one.key == key && one.at < at
            }),
            DiskEffect::Remove if site.fact.beneath => {
                self.written.of(flow, node).iter().any(|one| {
                    one.folder && flow.is_within(way, one.way) && one.key == key && one.at > at
                })
            }
            _ => false,
        }
    }

    /// Whether a function clears a place as a whole before it opens something there.
    pub(in crate::model) fn is_cleared(&self, site: &Site<'_>) -> bool {
        let Some(key) = self.places.key(site.target) else { return false };
        self.is_cleared_at(site.call.node, &key, site.call.at.start, 0)
    }

    /// The same in a body, or in one that calls it.
    fn is_cleared_at(&self, node: NodeId, key: &Key, at: u32, far: u8) -> bool {
        let removed = self.removed.of(self.places.flow, node);
        removed.iter().any(|one| one.beneath && one.key == *key && one.at < at)
            || far < FARTHEST
                && self.places.callers_of(key).iter().any(|id| {
                    let call = self.places.flow.call(*id);
                    let outer = self.places.lifted(key, *id);
                    outer.is_some_and(|outer| {
                        self.is_cleared_at(call.node, &outer, call.at.start, far + 1)
                    })
                })
    }

    /// Whether the request itself clears the folder of what a call reads, or one around it, before.
    pub(super) fn is_cleared_first(&self, site: &Site<'_>, done: &Done) -> bool {
        !self.cleared.is_empty()
            && self.is_cleared_in(site.call.node, done, &mut FxHashSet::default(), 0)
    }

    fn is_cleared_in(
        &self,
        node: NodeId,
        done: &Done,
        seen: &mut FxHashSet<(NodeId, Key, u32)>,
        far: u8,
    ) -> bool {
        let flow = self.places.flow;
        let clears = |one: &Done| {
            done.key.is_beneath(&one.key)
                && one.at < done.at
                && !one.perhaps
                && flow.is_within(done.way, one.way)
                && !is_later(flow, node, one.at)
        };
        if self.cleared.of(flow, node).iter().any(clears) {
            return true;
        }
        // What is done again and again finds what it left the time before.
        if far >= FARTHEST
            || is_later(flow, node, 0)
            || is_in_round(flow, node, done.at)
            || !seen.insert((node, done.key.clone(), done.at))
        {
            return false;
        }
        let callers = self.places.callers_of(&done.key);
        !callers.is_empty()
            && callers.iter().all(|id| {
                let call = flow.call(*id);
                let lifted = self.places.lifted(&done.key, *id).map(|key| done.lifted(key, call));
                lifted.is_some_and(|done| self.is_cleared_in(call.node, &done, seen, far + 1))
            })
    }
}

/// Whether a body runs at another time than what stands at a place of the function around it, or
/// more often.
fn is_later(flow: &Flow, node: NodeId, at: u32) -> bool {
    flow.enclosing(node).any(|around| {
        let body = flow.node(around);
        let apart = body.kind != NodeKind::Function && body.kind != NodeKind::Initialiser;
        apart && (body.detached || body.kind == NodeKind::Loop) && !contains(body.at, at)
    })
}

/// Whether a place stands in a `for`.
fn is_in_round(flow: &Flow, node: NodeId, at: u32) -> bool {
    let def = flow.node(node).def;
    flow.rounds.iter().any(|(round, range)| flow.node(*round).def == def && contains(*range, at))
}

fn contains(range: Range, at: u32) -> bool {
    range.start <= at && at < range.end
}
