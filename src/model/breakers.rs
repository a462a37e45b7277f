//! Which values of a few words, numbers and times say how calls of this process went? A breaker that
//! keeps all that it goes by behind one lock.

use rustc_hash::FxHashSet;

use super::gates::Doing;
use super::places::Place;
use super::states::{Accesses, Parts};
use crate::catalog::Role;
use crate::flow::{Call, Callee, Froms, NodeId, Origin, OriginKind, Touch, TouchKind, Val};
use crate::parse::tree::Range;
use crate::resolve::{DefId, DefKind, T, Type};

/// As far as callers of what counts are asked for it.
const FARTHEST: usize = 3;

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
                    || self.is_part_of_breaker(place, accesses)
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

    /// Whether a struct or enum behind one lock keeps but words, numbers and a time since when.
    fn is_breaker(&self, place: Place, content: T, accesses: &Accesses) -> bool {
        let Type::Local(of, _) = *self.names.types.get(content) else { return false };
        let mut ticks = false;
        self.is_scalar(content, 0, &mut ticks) && ticks && self.heals_by_itself(place, of, accesses)
    }

    /// Whether a number or a flag is one of several in a struct of the tree, which has no more than
    /// these that may change.
    fn is_part_of_breaker(&self, place: Place, accesses: &Accesses) -> bool {
        let Place::Field(of, _) = place else { return false };
        let fields = self.names.fields(of).iter();
        let kept = fields.filter_map(|field| {
            self.places.interior(self.names.field_type(of, field, &[])).map(|(role, _)| role)
        });
        let kept: Vec<Role> = kept.collect();
        kept.len() > 1
            && kept.iter().all(|role| *role == Role::Atomic)
            && self.heals_by_itself(place, of, accesses)
    }

    /// Whether it comes to what it keeps by itself, begins anew once it went well, and is only asked
    /// by those whose calls it lets through.
    fn heals_by_itself(&self, place: Place, of: DefId, accesses: &Accesses) -> bool {
        accesses.counts.is_empty()
            && !self.limits(place)
            && !self.is_measured_by_another(place)
            && self.keeps_to_itself(place, of)
            && self.begins_anew(of)
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

    /// Whether what is there is compared with what a request brings, and not with what stands beside
    /// it: a most, or a length of time.
    fn is_measured_by_another(&self, place: Place) -> bool {
        let Place::Field(of, _) = place else { return true };
        let own = FxHashSet::from_iter([of]);
        self.is_compared_with(place, &|side| {
            let list = self.flow.origins.list(side.from);
            let mut others =
                list.iter().filter(|origin| !self.is_part_of(**origin, &own)).peekable();
            others.peek().is_some() && self.places.is_given(side.from)
        })
    }

    /// Whether it is measured how long ago something was, and what is counted begins anew without
    /// that: once it went well.
    fn begins_anew(&self, of: DefId) -> bool {
        let parts = self.with_variants(of);
        let is_own = |from: Froms| {
            let list = self.flow.origins.list(from);
            list.iter().any(|origin| self.is_part_of(*origin, &parts))
        };
        let timed = self.flow.compares.iter().filter(|compare| {
            let time = |side: &Val| {
                self.places.role(self.places.peeled(side.ty)) == Some(Role::Time)
                    || self.places.tells_time(side.from)
            };
            let own = |side: &Val| is_own(side.from);
            compare.order && compare.sides.iter().any(own) && compare.sides.iter().any(time)
        });
        let timed: FxHashSet<DefId> =
            timed.map(|compare| self.flow.node(compare.node).def).collect();
        let by_time = |def: DefId| {
            timed.contains(&def) || self.callers_of_one(def).any(|by| timed.contains(&by))
        };
        let serving = self.flow.touches.iter().filter(|touch| self.reach.is_serving(touch.node));
        let touches: Vec<&Touch> = serving.filter(|touch| is_own(touch.what)).collect();
        let numbers =
            |touch: &Touch| matches!(self.places.role(touch.on), Some(Role::Number | Role::Atomic));
        let anew = |touch: &&&Touch| {
            let none = touch.kind == TouchKind::Change && touch.word == Some(0);
            none && numbers(touch) && !by_time(self.flow.node(touch.node).def)
        };
        let mut counts = touches.iter().filter(|touch| touch.kind == TouchKind::Count).peekable();
        !timed.is_empty()
            && counts.peek().is_some()
            && counts.all(|touch| self.is_after_asking(touch.node, touch.at, 0))
            && touches.iter().any(|touch| anew(&touch))
    }

    /// Whether others are asked for something before a place in a function, or before it is called.
    fn is_after_asking(&self, node: NodeId, at: Range, far: usize) -> bool {
        let def = self.flow.node(node).def;
        let before = Range { start: 0, end: at.start };
        let here = |node: NodeId| self.flow.node(node).def == def;
        let asks = |node: NodeId| self.does_to_others(node).asks_any();
        let asked = |call: &Call| match &call.callee {
            Callee::Defs(defs) => {
                defs.iter().filter_map(|def| self.flow.bodies.get(def)).any(|body| asks(*body))
            }
            Callee::Given(node, index) => {
                self.places.given_bodies(*node, *index).into_iter().any(asks)
            }
            _ => false,
        };
        let nodes = self.flow.ids().filter(|node| here(*node));
        let mut calls = self.flow.calls.iter().filter(|call| here(call.node));
        let callers = || {
            let body = self.flow.bodies.get(&def).filter(|_| far < FARTHEST);
            let calls = body.and_then(|body| self.places.callers.get(body));
            calls.into_iter().flatten().map(|call| self.flow.call(*call))
        };
        nodes.into_iter().any(|node| self.deeds.any(node, Some(before), |_| true))
            || calls.any(|call| before.holds(call.at) && asked(call))
            || callers().any(|call| self.is_after_asking(call.node, call.at, far + 1))
    }

    fn with_variants(&self, of: DefId) -> FxHashSet<DefId> {
        self.names.variants(of).chain([of]).collect()
    }

    /// Whether something is a part of a value of one of these, or was computed from one.
    pub(super) fn is_part_of(&self, origin: Origin, structs: &FxHashSet<DefId>) -> bool {
        let mut at = origin;
        loop {
            at = match self.flow.origins.kind(at) {
                OriginKind::Field { of, .. } if structs.contains(&of) => return true,
                OriginKind::Field { base: Some(base), .. } => base,
                OriginKind::Content(inner)
                | OriginKind::Derived(inner)
                | OriginKind::Asked(inner, _) => inner,
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
                || self.is_own_word(touch.value, touch, &is_own, 0)
        })
    }

    fn is_own_word(
        &self,
        from: Froms,
        touch: &Touch,
        is_own: &dyn Fn(Origin) -> bool,
        depth: u8,
    ) -> bool {
        // How a number is ordered among others is handed over last.
        let atomic = self.places.role(touch.on) == Some(Role::Atomic);
        let last = self.flow.origins.list(if atomic { touch.last } else { Froms::NONE });
        let mut list = self.flow.origins.list(from).iter().filter(|origin| !last.contains(origin));
        list.all(|origin| match self.flow.origins.root(*origin) {
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
                depth < 3
                    && parts.is_none_or(|parts| self.is_own_word(parts, touch, is_own, depth + 1))
            }
            OriginKind::Result(call) => {
                let answers = self.places.answers(call);
                let own = |from: &Froms| self.is_own_word(*from, touch, is_own, depth + 1);
                depth < 3 && !answers.is_empty() && answers.iter().all(own)
            }
            _ => is_own(*origin),
        })
    }
}
