//! Who has the sender on which others wait for an answer? Whoever put it into the table, and those
//! to whom it is handed from there.

use rustc_hash::FxHashSet;

use super::Parts;
use crate::catalog::Role;
use crate::flow::{CallId, Callee, Froms, NodeId, Origin, OriginKind, Touch, TouchKind};
use crate::parse::tree::Range;
use crate::resolve::{DefId, T, Type};

/// Of callers of callers, and of structs in structs.
const FARTHEST: u8 = 2;
/// So many values are asked where one comes from.
const MOST_ASKED: usize = 200;

impl Parts<'_, '_, '_> {
    /// Whether a sender was handed on by whoever made the channel: it was not found anywhere.
    pub(super) fn is_of_maker(&self, sender: Froms) -> bool {
        self.is_handed_on_by(sender, &[], &mut FxHashSet::default())
    }

    fn is_handed_on_by(
        &self,
        from: Froms,
        calls: &[CallId],
        seen: &mut FxHashSet<(Origin, Option<CallId>)>,
    ) -> bool {
        let origins = self.flow.origins.list(from);
        !origins.is_empty()
            && origins.iter().all(|origin| self.is_handed_by_maker(*origin, calls, seen))
    }

    fn is_handed_by_maker(
        &self,
        at: Origin,
        calls: &[CallId],
        seen: &mut FxHashSet<(Origin, Option<CallId>)>,
    ) -> bool {
        if !seen.insert((at, calls.last().copied())) {
            return true;
        }
        if seen.len() > MOST_ASKED {
            return false;
        }
        match self.flow.origins.kind(at) {
            OriginKind::Made(..) => {
                let made = self.flow.made.get(&at);
                made.is_some_and(|made| self.places.is_channel(*made))
            }
            OriginKind::Derived(inner) | OriginKind::Part(inner, _) => {
                self.is_handed_by_maker(inner, calls, seen)
            }
            OriginKind::Param(node, index) => {
                let mut given = Vec::new();
                self.places.each_argument(node, index, calls, |from, calls| {
                    given.push((from, calls.to_vec()));
                });
                !given.is_empty()
                    && given.iter().all(|(from, calls)| self.is_handed_on_by(*from, calls, seen))
            }
            OriginKind::Result(call) => {
                let deeper = [calls, &[call]].concat();
                let answers = self.places.answers(call);
                !answers.is_empty()
                    && answers.iter().all(|from| self.is_handed_on_by(*from, &deeper, seen))
            }
            OriginKind::Field { of, name, .. } => {
                let field = self.names.field(of, name);
                let ty = field.map(|field| self.names.field_type(of, field, &[]));
                let plain = ty.is_some_and(|ty| self.has_sender(ty, 0));
                let stores = self.places.stores.get(&(of, name));
                plain
                    && stores.is_some_and(|stores| {
                        stores.iter().all(|from| self.is_handed_on_by(*from, &[], seen))
                    })
            }
            _ => false,
        }
    }

    /// Whether one of those who wait hands on what comes as events, one after the other: a client.
    pub(super) fn is_followed(&self, channel: Origin, putters: &FxHashSet<DefId>) -> bool {
        let uses = self.channels.by_channel.range((channel, None)..);
        let uses = uses.take_while(|((one, _), _)| *one == channel);
        let hears = uses.flat_map(|(_, uses)| uses.receives.iter());
        let mut bodies: FxHashSet<DefId> =
            hears.map(|index| self.def(self.flow.touches[*index].node)).collect();
        let mut next: Vec<DefId> = putters.iter().copied().collect();
        for _ in 0..=FARTHEST {
            bodies.extend(&next);
            let gives = next.iter().filter_map(|def| self.flow.bodies.get(def));
            let gives = gives.filter(|body| self.gives(**body, channel));
            let calls = gives.filter_map(|body| self.places.callers.get(body)).flatten();
            next = calls.map(|call| self.def(self.flow.call(*call).node)).collect();
        }
        self.flow.calls.iter().any(|call| match call.callee {
            Callee::External(path) if bodies.contains(&self.def(call.node)) => {
                let fact = self.names.catalog.call(&self.names.externals.get(path).text);
                fact.is_some_and(|fact| fact.events)
            }
            _ => false,
        })
    }

    /// The parts of bodies that run while others wait for what whoever put a sender into the table
    /// tells: its own body, and up to where it is told in those that it gives the sender to.
    pub(in crate::model) fn first_ones(&self, put: &Touch) -> Vec<(NodeId, Range)> {
        let whole = Range { start: 0, end: u32::MAX };
        let mut next = vec![self.flow.function_around(put.node)];
        let mut found = vec![(next[0], whole)];
        for channel in self.places.channels(put.last) {
            for _ in 0..FARTHEST {
                let gives = next.iter().filter(|body| {
                    let answer = self.names.return_type(self.flow.node(**body).def);
                    self.has_sender(answer, 0) && self.gives(**body, channel)
                });
                let calls = gives.filter_map(|body| self.places.callers.get(body)).flatten();
                let parts: Vec<(NodeId, Range)> =
                    calls.filter_map(|call| self.until_told(*call, channel)).collect();
                next = parts.iter().map(|(body, _)| *body).collect();
                found.extend(parts);
            }
        }
        found
    }

    /// What runs from a call that gives a sender up to where something is sent, with the branch in
    /// which that is.
    fn until_told(&self, call: CallId, channel: Origin) -> Option<(NodeId, Range)> {
        let call = self.flow.call(call);
        let own = self.def(call.node);
        let of = |from: Froms| self.places.channels(from).contains(&channel);
        let sends = self.flow.touches.iter().filter(|touch| touch.kind == TouchKind::Send);
        let sends = sends.filter(|send| self.def(send.node) == own && of(send.what));
        let here = self.flow.calls.iter().filter(|other| self.def(other.node) == own);
        let hands = here.filter(|other| {
            other.args.iter().any(|arg| {
                self.has_sender(arg.ty, 0) && (of(arg.from) || self.keeps_end(arg.ty, channel, 0))
            })
        });
        let told = sends.map(|send| send.at).chain(hands.map(|call| call.at));
        let told: Vec<Range> = told.filter(|at| at.start >= call.at.end).collect();
        let arms = self.flow.branches.iter().filter(|arm| self.def(arm.node) == own);
        let ends = arms
            .filter(|arm| !arm.at.holds(call.at))
            .filter_map(|arm| told.iter().any(|at| arm.at.holds(*at)).then_some(arm.at.end));
        let end = told.iter().map(|at| at.end).chain(ends).max()?;
        Some((self.flow.function_around(call.node), Range { start: call.at.end, end }))
    }

    /// Whether what a body gives has an end of a channel.
    fn gives(&self, body: NodeId, channel: Origin) -> bool {
        let body = self.flow.node(body);
        self.places.channels(body.returns).contains(&channel)
            || self.keeps_end(self.names.return_type(body.def), channel, 0)
    }

    /// Whether an end of a channel is put into a struct of that type.
    fn keeps_end(&self, ty: T, channel: Origin, depth: u8) -> bool {
        match &*self.names.types.get(ty) {
            Type::Local(of, _) => {
                let wholes = self.names.variants(*of).chain([*of]);
                let mut fields = wholes
                    .flat_map(|of| self.names.fields(of).iter().map(move |field| (of, field)));
                fields.any(|(of, field)| {
                    let stores = self.places.stores.get(&(of, field.name)).into_iter().flatten();
                    let mut ends = stores.map(|from| self.places.channels(*from));
                    ends.any(|ends| ends.contains(&channel))
                        || depth < FARTHEST
                            && self.keeps_end(
                                self.names.field_type(of, field, &[]),
                                channel,
                                depth + 1,
                            )
                })
            }
            Type::External(_, args) if depth <= FARTHEST => {
                args.iter().any(|arg| self.keeps_end(*arg, channel, depth + 1))
            }
            _ => false,
        }
    }

    /// Whether it is the sender of a channel with many ends, or has one that nothing is put beside.
    fn has_sender(&self, ty: T, depth: u8) -> bool {
        let ty = self.places.peeled(ty);
        let fact = self.names.type_fact(ty);
        if fact.is_some_and(|fact| !fact.sends.is_empty() && !fact.subscribes.is_empty()) {
            return true;
        }
        match &*self.names.types.get(ty) {
            Type::Local(of, args) if depth < FARTHEST => {
                self.parts_of(*of, args).iter().any(|part| self.has_sender(*part, depth + 1))
            }
            Type::External(path, args) if depth < FARTHEST => {
                let external = self.names.externals.get(*path);
                let around = external.role == Some(Role::Carrier) || &*external.text == "tuple";
                around && args.iter().any(|arg| self.has_sender(*arg, depth + 1))
            }
            _ => false,
        }
    }
}
