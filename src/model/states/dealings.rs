//! What does a process only remember of how its own calls to others went? Counts, times and words
//! without anything that a request brought: whoever has such a value goes by it before it calls.

use rustc_hash::FxHashSet;

use super::super::places::Place;
use super::{Accesses, Parts};
use crate::catalog::Role;
use crate::flow::{Froms, NodeId, Origin, OriginKind, Touch, TouchKind};
use crate::parse::tree::Range;
use crate::resolve::{DefKind, T, Type};

pub(super) const OF_OWN_CALLS: &str = "calls of this process to others set it, by how they went: \
     nothing that a request brings is known to be in it";

/// As far above a change are those looked for who learn how a call went.
const FARTHEST: u8 = 3;
/// More callers than these have only the service in common.
const MOST_SITES: usize = 64;
/// So many values from which another may come are followed.
const MOST_ORIGINS: usize = 256;

impl Parts<'_, '_, '_> {
    /// Whether a place keeps counts, times and words alone, none of which a request brings, changed
    /// where a call to others failed, and looked at only by whoever makes such calls.
    pub(super) fn is_of_own_calls(&self, place: Place, accesses: &Accesses) -> bool {
        let ty = self.place_type(place);
        let content = self.places.content(self.places.interior(ty).map_or(ty, |(_, ty)| ty));
        let measures = match self.values_of(place) {
            Some(value) => self.is_of_measures(value, 0),
            None => self.is_of_measures(self.core(content), 0),
        };
        measures
            && accesses.counts.is_empty()
            && self.is_changed_by_failures(place, accesses)
            && self.is_changed_by_askers(accesses)
            && !self.is_told_by_requests(accesses)
            && !self.is_given_out(place, accesses)
            && !self.is_told_elsewhere(accesses)
    }

    /// Whether it is put together of words, numbers and times alone, be it a row of them.
    fn is_of_measures(&self, ty: T, depth: u8) -> bool {
        let ty = self.places.content(ty);
        if self.is_word(ty) || self.is_flag(ty) {
            return true;
        }
        match &*self.names.types.get(ty).clone() {
            Type::External(path, args) => match self.names.externals.get(*path).role {
                Some(Role::Number | Role::Atomic) => true,
                // Numbers in a row may be the bytes of anything.
                Some(Role::Collection) => args.len() == 1 && self.is_word(args[0]),
                _ if &*self.names.externals.get(*path).text == "tuple" => {
                    depth < 3 && args.iter().all(|arg| self.is_of_measures(*arg, depth + 1))
                }
                _ => false,
            },
            Type::Local(of, args) if depth < 3 => {
                let parts = self.parts_of(*of, args);
                let is_enum = self.names.def(*of).kind == DefKind::Enum;
                (is_enum || !parts.is_empty())
                    && parts.iter().all(|ty| self.is_of_measures(*ty, depth + 1))
            }
            _ => false,
        }
    }

    /// Whether one of its changes is made only where something that was asked failed, and what it
    /// becomes elsewhere is not made of what it was: nothing is counted that was given out.
    fn is_changed_by_failures(&self, place: Place, accesses: &Accesses) -> bool {
        let touches = accesses.touches.iter().map(|at| &self.flow.touches[*at]);
        let puts = touches.filter(|touch| {
            matches!(touch.kind, TouchKind::Change | TouchKind::Count) && !touch.takes
        });
        let (failed, others): (Vec<&Touch>, Vec<&Touch>) = puts.partition(|put| {
            self.stands_where(put.node, put.at, |node, at| self.is_for_a_failure(node, at))
        });
        let plain = |put: &&Touch| {
            let grows = put.kind == TouchKind::Count || put.computed;
            let mut parts = self.flow.origins.list(put.value).iter();
            !grows
                && (put.replaces || put.method.is_some())
                && !parts.any(|of| self.comes_of(*of, place, 0))
        };
        let around: FxHashSet<NodeId> = failed.iter().flat_map(|put| self.around(put)).collect();
        let by_them = |put: &&Touch| self.around(put).iter().any(|body| around.contains(body));
        failed.iter().any(|put| !self.is_begun_anew(put))
            && others.iter().all(|put| plain(put) && by_them(put))
    }

    /// The functions around a place, and those that call these.
    fn around(&self, touch: &Touch) -> FxHashSet<NodeId> {
        let mut found = FxHashSet::default();
        let mut last = vec![self.flow.function_around(touch.node)];
        for _ in 0..FARTHEST {
            let new: Vec<NodeId> = last.drain(..).filter(|body| found.insert(*body)).collect();
            let callers = new.iter().filter_map(|body| self.places.callers.get(body));
            let calls = callers.flatten().take(MOST_SITES).map(|call| self.flow.call(*call).node);
            last = calls.map(|node| self.flow.function_around(node)).collect();
        }
        found
    }

    /// Whether it is so of a place in a body, or of a call that leads there.
    fn stands_where(&self, node: NodeId, at: Range, is: impl Fn(NodeId, Range) -> bool) -> bool {
        let mut sites = vec![(node, at, 0)];
        let (mut seen, mut next) = (FxHashSet::default(), 0);
        while let Some((node, at, far)) = sites.get(next).copied() {
            next += 1;
            if is(node, at) {
                return true;
            }
            let function = self.flow.function_around(node);
            if far == FARTHEST || !seen.insert(function) {
                continue;
            }
            let callers = self.places.callers.get(&function).into_iter().flatten();
            let calls = callers.map(|call| self.flow.call(*call));
            let more = MOST_SITES.saturating_sub(sites.len());
            sites.extend(calls.take(more).map(|call| (call.node, call.at, far + 1)));
        }
        false
    }

    /// Whether all who change it, or those who have it changed, also ask others for something.
    fn is_changed_by_askers(&self, accesses: &Accesses) -> bool {
        let asks = |node, _| self.waits_for_others(self.flow.function_around(node));
        let touches = accesses.touches.iter().map(|at| &self.flow.touches[*at]);
        let mut puts = touches.filter(|touch| touch.kind == TouchKind::Change && !touch.takes);
        puts.all(|put| self.stands_where(put.node, put.at, asks))
    }

    /// Whether whoever asks is answered with something of it.
    fn is_given_out(&self, place: Place, accesses: &Accesses) -> bool {
        let entries: FxHashSet<usize> =
            accesses.changes.iter().chain(&accesses.reads).map(|access| access.entry).collect();
        entries.iter().any(|entry| {
            let node = self.flow.node(self.reach.entries[*entry].node);
            let mut given = self.flow.origins.list(node.returns).iter();
            given.any(|of| self.comes_of(*of, place, 0))
        })
    }

    /// Whether a value is, or is made of, what a place holds.
    pub(super) fn comes_of(&self, origin: Origin, place: Place, depth: u8) -> bool {
        let made = || {
            let parts = self.flow.parts.get(&origin).copied().unwrap_or(Froms::NONE);
            let mut parts = self.flow.origins.list(parts).iter();
            parts.any(|of| self.comes_of(*of, place, depth + 1))
        };
        self.is_from(origin, place) || depth < FARTHEST && made()
    }

    /// Whether what is put there is made of nothing, as it was at first.
    fn is_begun_anew(&self, touch: &Touch) -> bool {
        let list = self.flow.origins.list(touch.value);
        let bare = |origin: &Origin| {
            let made = matches!(self.flow.origins.kind(*origin), OriginKind::Made(..));
            made && !self.flow.parts.contains_key(origin)
        };
        touch.replaces && !list.is_empty() && list.iter().all(bare)
    }

    /// Whether something of a request is in what is put there, or by what it is looked up.
    pub(super) fn is_told_by_requests(&self, accesses: &Accesses) -> bool {
        let mut touches = accesses.touches.iter().map(|at| &self.flow.touches[*at]);
        let mut seen = FxHashSet::default();
        touches.any(|one| self.brings(one.value, &mut seen) || self.brings(one.last, &mut seen))
    }

    /// Whether something is, or was made of, what a request brings, and not of what all share.
    fn brings(&self, from: Froms, seen: &mut FxHashSet<Origin>) -> bool {
        let mut list = self.flow.origins.list(from).iter();
        list.any(|origin| self.is_brought_by(*origin, seen))
    }

    fn is_brought_by(&self, origin: Origin, seen: &mut FxHashSet<Origin>) -> bool {
        if !seen.insert(origin) {
            return false;
        }
        // What comes by so many ways may be of a request.
        if seen.len() > MOST_ORIGINS {
            return true;
        }
        if let Some(inner) = self.flow.origins.whole(origin) {
            return self.is_brought_by(inner, seen);
        }
        match self.flow.origins.kind(origin) {
            OriginKind::Param(node, index) => {
                let body = self.flow.node(node);
                let ty = body.params.get(usize::from(index));
                let mut brought = self.places.entry_nodes.contains(&node)
                    && !ty.is_some_and(|ty| self.is_of_all(*ty))
                    && !(index == 0 && self.names.lends_itself(body.def));
                self.places.each_argument(node, index, &[], |froms, _| {
                    brought = brought || self.brings(froms, seen);
                });
                brought
            }
            OriginKind::Made(..) => {
                let parts = self.flow.parts.get(&origin).copied().unwrap_or(Froms::NONE);
                self.brings(parts, seen)
            }
            OriginKind::Result(call) => {
                let mut args = self.flow.call(call).args.iter();
                args.any(|arg| self.brings(arg.from, seen))
            }
            _ => false,
        }
    }

    /// Whether a body, or what it runs, asks others for something, or waits for what may be that.
    fn waits_for_others(&self, node: NodeId) -> bool {
        let inside = || self.reach.inside(node, None);
        self.asks_others(node) || inside().iter().any(|(body, _)| self.flow.awaiting.contains(body))
    }

    /// Whether a place in a body is run only where a call to others failed.
    fn is_for_a_failure(&self, node: NodeId, at: Range) -> bool {
        let arms = || self.flow.branches.iter().filter(|arm| arm.failed);
        self.flow.enclosing(node).any(|around| {
            arms().any(|arm| arm.node == around && arm.holds(at))
                && self.waits_for_others(self.flow.function_around(node))
        })
    }
}
