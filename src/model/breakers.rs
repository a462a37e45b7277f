//! Which values of a few words, numbers and times say how calls of this process went? A breaker that
//! keeps all that it goes by behind one lock.

use rustc_hash::FxHashSet;

use super::gates::Doing;
use super::places::Place;
use super::states::{Accesses, Parts};
use crate::catalog::Role;
use crate::flow::{Call, Froms, NodeId, Origin, OriginKind, Touch, TouchKind, Val};
use crate::resolve::{DefId, DefKind, T, Type};

impl Parts<'_, '_, '_> {
    /// Whether a place only lets calls of this process through, or not, after how they went before.
    pub(super) fn gates(
        &self,
        place: Place,
        ty: T,
        content: T,
        holds: Role,
        accesses: &Accesses,
    ) -> bool {
        let flag = self.is_flag(content);
        match holds {
            Role::Atomic | Role::Number => {
                self.is_gate(place, accesses)
                    || flag && self.is_taken_and_given_back(accesses)
                    || (flag || self.is_switch(ty))
                        && (self.is_own_mark(place, accesses)
                            || self.is_said_at_the_end(accesses)
                            || self.is_told_once(place, accesses))
            }
            Role::Value => self.is_breaker(place, content, accesses),
            _ => false,
        }
    }

    /// Whether a struct or enum keeps but a word or a number and a time since when, comes to these by
    /// itself, and is only asked by those whose calls it lets through.
    fn is_breaker(&self, place: Place, content: T, accesses: &Accesses) -> bool {
        let Type::Local(of, _) = *self.names.types.get(content) else { return false };
        let mut ticks = false;
        self.is_scalar(content, 0, &mut ticks)
            && ticks
            && accesses.counts.is_empty()
            && !self.limits(place)
            && !self.is_measured_by(place)
            && self.keeps_to_itself(place, of)
            && self.heals(of, accesses)
            && !self.goes_by_request(of, accesses)
            && self.is_let_through(accesses, Doing::asks_any)
            && !self.is_told_elsewhere(accesses)
    }

    /// Whether whoever changes it, or has it changed, looks whether a request brought the right thing:
    /// then attempts are counted.
    fn goes_by_request(&self, of: DefId, accesses: &Accesses) -> bool {
        let parts = self.with_variants(of);
        let changing = accesses.changes.iter().map(|change| change.def);
        let by: FxHashSet<DefId> =
            changing.flat_map(|def| self.callers_of_one(def).chain([def])).collect();
        let is_by = |node: NodeId| by.contains(&self.flow.node(node).def);
        let verifies = |call: &Call| self.fact(call).is_some_and(|fact| !fact.keys.is_empty());
        self.flow.calls.iter().any(|call| is_by(call.node) && verifies(call))
            || self.flow.compares.iter().any(|compare| {
                let own = |side: &Val| {
                    let list = self.flow.origins.list(side.from);
                    list.iter().any(|origin| self.is_part_of(*origin, &parts))
                };
                let given = |side: &Val| self.places.is_given(side.from);
                let right = is_by(compare.node) && !compare.order;
                right && !compare.sides.iter().any(own) && compare.sides.iter().any(given)
            })
    }

    /// Whether it is measured how long ago something was, and what is counted begins anew without
    /// that: once it went well.
    fn heals(&self, of: DefId, accesses: &Accesses) -> bool {
        let by: FxHashSet<DefId> =
            accesses.changes.iter().chain(&accesses.reads).map(|access| access.def).collect();
        let timed = self.flow.compares.iter().filter(|compare| {
            let time =
                |side: &Val| self.places.role(self.places.peeled(side.ty)) == Some(Role::Time);
            compare.order && compare.sides.iter().any(time)
        });
        let timed: FxHashSet<DefId> = timed
            .map(|compare| self.flow.node(compare.node).def)
            .filter(|def| by.contains(def))
            .collect();
        let parts = self.with_variants(of);
        let touched = |touch: &&Touch| {
            self.reach.is_serving(touch.node)
                && self.flow.origins.list(touch.what).iter().any(|at| self.is_part_of(*at, &parts))
        };
        let mut touches = self.flow.touches.iter().filter(touched).peekable();
        let counted = touches.clone().any(|touch| touch.kind == TouchKind::Count);
        let anew = |touch: &Touch| {
            touch.kind == TouchKind::Change
                && touch.word == Some(0)
                && self.places.role(touch.on) == Some(Role::Number)
                && !timed.contains(&self.flow.node(touch.node).def)
        };
        !timed.is_empty() && touches.peek().is_some() && (!counted || touches.any(anew))
    }

    fn with_variants(&self, of: DefId) -> FxHashSet<DefId> {
        self.names.variants(of).chain([of]).collect()
    }

    /// Whether something is a part of a value of one of these, or was computed from one.
    fn is_part_of(&self, origin: Origin, structs: &FxHashSet<DefId>) -> bool {
        let mut at = origin;
        loop {
            at = match self.flow.origins.kind(at) {
                OriginKind::Field { of, .. } if structs.contains(&of) => return true,
                OriginKind::Field { base: Some(base), .. } => base,
                OriginKind::Content(inner) | OriginKind::Derived(inner) => inner,
                _ => return false,
            };
        }
    }

    /// Whether a type has nothing but words of a few, numbers and times, and whether one of these
    /// says nothing outside this process.
    fn is_scalar(&self, ty: T, depth: u8, ticks: &mut bool) -> bool {
        match &*self.names.types.get(ty).clone() {
            Type::Local(of, args) if depth < 3 => {
                let parts = self.parts_of(*of, args);
                (self.names.def(*of).kind == DefKind::Enum || !parts.is_empty())
                    && parts.iter().all(|part| self.is_scalar(*part, depth + 1, ticks))
            }
            Type::External(path, args) => match self.names.externals.get(*path).role {
                Some(Role::Time) => {
                    *ticks |= self.ticks(ty);
                    true
                }
                Some(Role::Number) => true,
                Some(Role::Carrier) => args.iter().all(|arg| self.is_scalar(*arg, depth, ticks)),
                _ => self.is_flag(ty),
            },
            _ => false,
        }
    }

    /// Whether nothing is put there but words that are written out, what the clock says, and what was
    /// made of what was there.
    fn keeps_to_itself(&self, place: Place, of: DefId) -> bool {
        let parts = self.with_variants(of);
        let is_own =
            |origin: Origin| self.is_part_of(origin, &parts) || self.is_from(origin, place);
        self.flow.touches.iter().all(|touch| {
            let changes = matches!(touch.kind, TouchKind::Change | TouchKind::Count);
            let there = || {
                let list = self.flow.origins.list(touch.what);
                list.iter().any(|origin| self.is_part_of(*origin, &parts))
                    || self.shared.meant(self.places, touch.what).contains(&place)
            };
            !changes
                || !self.reach.is_serving(touch.node)
                || !there()
                || self.is_own_word(touch.value, &is_own, 0)
        })
    }

    fn is_own_word(&self, from: Froms, is_own: &dyn Fn(Origin) -> bool, depth: u8) -> bool {
        self.flow.origins.list(from).iter().all(|origin| match self.flow.origins.root(*origin) {
            OriginKind::External(path) => {
                let external = self.names.externals.get(path);
                let fact = self.names.catalog.call(&external.text);
                let of = external.around().and_then(|of| self.names.catalog.role(of));
                // `None`
                of == Some(Role::Carrier) || fact.is_some_and(|fact| fact.clock || fact.epoch)
            }
            kind @ OriginKind::Made(..) => {
                let made = self.flow.origins.find(kind);
                let parts = made.and_then(|made| self.flow.parts.get(&made)).copied();
                depth < 3 && parts.is_none_or(|parts| self.is_own_word(parts, is_own, depth + 1))
            }
            _ => is_own(*origin),
        })
    }
}
