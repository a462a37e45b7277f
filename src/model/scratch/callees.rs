//! Which files did the function make that gave their path?

use super::{Done, Scratch};
use crate::catalog::DiskEffect;
use crate::flow::{CallId, Callee, NodeId, Origin, OriginKind, Way};
use crate::model::folders::Folder;
use crate::model::keys::Key;
use crate::model::sites::Site;
use crate::resolve::DefId;
use crate::symbol::Symbol;

impl Scratch<'_, '_, '_> {
    /// Whether what is removed was made by the function that gave its path.
    pub(super) fn is_of_callee(&self, done: &Done) -> bool {
        let flow = self.places.flow;
        let Some((call, fields, _)) = self.places.given_by(&done.key) else { return false };
        let Callee::Defs(defs) = &flow.call(call).callee else { return false };
        defs.iter().filter_map(|def| flow.bodies.get(def)).any(|node| {
            let given = self.places.key(flow.node(*node).returns);
            let mut made = self.written.of(flow, *node).iter();
            given.is_some_and(|given| made.any(|made| made.key.is_beneath(&given)))
                || self.is_part_of_callee(*node, &done.key.fields[fields..])
        })
    }

    /// The same, where the path is one of several things that the function gives.
    fn is_part_of_callee(&self, node: NodeId, fields: &[(DefId, Symbol)]) -> bool {
        let mut made = self.surely_made(node);
        match fields {
            [] => {
                let parts = self.places.parts_given(node);
                made.any(|made| !made.folder && parts.contains(&made.key))
            }
            [field] => {
                let made: Vec<&Done> = made.collect();
                let put = self.places.put_by(node, *field);
                let is_made = |one: &Key| made.iter().any(|made| made.key.is_beneath(one));
                !put.is_empty() && put.iter().all(is_made)
            }
            _ => false,
        }
    }

    /// What a function makes. Where it looks first, an earlier request may have left it.
    fn surely_made(&self, node: NodeId) -> impl Iterator<Item = &Done> {
        let flow = self.places.flow;
        let looked = self.looked.of(flow, node);
        self.written.of(flow, node).iter().filter(move |made| {
            let before = |one: &Done| one.key == made.key && one.at <= made.at;
            !made.depends && !looked.iter().any(before)
        })
    }

    /// Whether what is read was written by each function that may have given its path: on every way,
    /// or under a name drawn at random, so that nobody else can have written it.
    pub(super) fn is_new_of_callee(&self, done: &Done) -> bool {
        let flow = self.places.flow;
        let Some((call, fields, rest)) = self.places.given_by(&done.key) else { return false };
        let Callee::Defs(defs) = &flow.call(call).callee else { return false };
        let draws = |origin: &_| match flow.origins.kind(*origin) {
            OriginKind::Noted(call) => flow.random.contains(&call),
            _ => false,
        };
        let is_new = |node: &NodeId| {
            let mut made = self.surely_made(*node).filter(|made| !made.perhaps && !made.folder);
            let always = |made: &Done| made.anew && made.way == Way::WHOLE;
            match &done.key.fields[fields..] {
                [] => {
                    let given = flow.node(*node).returns;
                    let mut known = self.places.parts_given(*node);
                    known.extend(self.places.key(given));
                    let drawn = flow.origins.list(given).iter().any(draws);
                    made.any(|made| known.contains(&made.key) && (drawn || always(made)))
                }
                [field] => {
                    let made: Vec<&Done> = made.collect();
                    let put = self.places.froms_put_by(*node, *field);
                    let is_made = |one: &_| {
                        flow.origins.list(*one).iter().any(draws)
                            && self
                                .places
                                .key(*one)
                                .is_some_and(|key| made.iter().any(|made| made.key == key))
                    };
                    !put.is_empty() && put.iter().all(is_made)
                }
                _ => false,
            }
        };
        done.key.rest.len() == rest
            && !defs.is_empty()
            && defs.iter().all(|def| flow.bodies.get(def).is_some_and(is_new))
    }

    /// Whether what is read has its name from a function that, each time, first puts something
    /// into the folder in which it is looked for, under a name that it makes up.
    pub(in crate::model) fn is_named_by_maker(&self, site: &Site<'_>, sites: &[Site<'_>]) -> bool {
        let flow = self.places.flow;
        let Some(key) = self.places.key(site.target) else { return false };
        let makes = |node: NodeId| {
            sites.iter().any(|made| {
                let drawn = !made.roots.drawn.is_empty();
                let anew = made.fact.disk == Some(DiskEffect::Write) && made.call.way == Way::WHOLE;
                let meets = |own: &Folder| made.folders.iter().any(|one| own.meets(one, false));
                made.call.node == node && drawn && anew && site.folders.iter().any(meets)
            })
        };
        let named = |origin: &Origin| {
            let Some(call) = self.given_from(*origin) else { return false };
            let given = flow.call(call);
            let Callee::Defs(defs) = &given.callee else { return false };
            let before = given.node == site.call.node && given.at.start < site.call.at.start;
            let bodies = || defs.iter().map(|def| flow.bodies.get(def));
            before
                && !defs.is_empty()
                && flow.is_within(site.call.way, given.way)
                && bodies().all(|node| node.is_some_and(|node| makes(*node)))
        };
        key.rest.iter().any(named)
    }

    /// The call of which a value is a part of the answer.
    fn given_from(&self, origin: Origin) -> Option<CallId> {
        let mut at = origin;
        loop {
            at = match self.places.bare_kind(at) {
                OriginKind::Field { base: Some(base), .. } | OriginKind::Part(base, _) => base,
                OriginKind::Result(call) => return Some(call),
                _ => return None,
            };
        }
    }
}
