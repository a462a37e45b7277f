//! Which databases in memory hold nothing for whoever comes next? One of the many that a pool has,
//! and one that a request opens, fills and lets go of.

use rustc_hash::FxHashSet;

use super::entries::of_many;
use super::places::Places;
use super::reach::Reach;
use super::sites::Site;
use crate::catalog::{DiskEffect, Role};
use crate::flow::{Callee, NodeId, NodeKind, TouchKind};
use crate::resolve::{DefId, T, Type};

/// Callers of callers are followed this far.
const FARTHEST: u8 = 5;

pub(super) struct Fleeting<'s, 'm, 'a> {
    places: &'s Places<'m, 'a>,
    reach: &'s Reach<'m, 'a>,
    /// What gives one of many.
    many: FxHashSet<NodeId>,
    /// Functions that put a database where it stays.
    keepers: FxHashSet<DefId>,
}

impl<'s, 'm, 'a> Fleeting<'s, 'm, 'a> {
    /// `None` where no database is opened in memory.
    pub(super) fn of(
        places: &'s Places<'m, 'a>,
        reach: &'s Reach<'m, 'a>,
        sites: &[Site<'_>],
    ) -> Option<Self> {
        sites.iter().any(is_in_memory).then(|| {
            let many = of_many(places.names, places.flow).into_iter().collect();
            let mut fleeting = Fleeting { places, reach, many, keepers: FxHashSet::default() };
            fleeting.keepers = fleeting.keepers();
            fleeting
        })
    }

    /// Whether what a call opens is gone when a request is done, or never was the only one.
    pub(super) fn holds(&self, site: &Site<'_>) -> bool {
        if !is_in_memory(site) {
            return false;
        }
        let node = site.call.node;
        let asked = site.access.as_ref().is_some_and(|access| !access.by_task);
        let early = site.access.is_none() && self.reach.is_startup_at(node, site.call.at);
        self.is_of_many(node, 0)
            || asked && self.ends(node, &mut FxHashSet::default(), 0)
            || early && self.ends_at_start(node)
    }

    /// Whether a function that runs at start alone only asks the database that it opens for
    /// something, and lets go of it.
    fn ends_at_start(&self, node: NodeId) -> bool {
        let (flow, names) = (self.places.flow, self.places.names);
        let Some(function) = self.function(node) else { return false };
        let def = flow.node(function).def;
        let kept = match names.function(def) {
            Some(one) if one.ret.is_none() => false,
            // What says that it went wrong holds none.
            _ => self.holds_database(self.places.peeled(names.return_type(def)), true, 0),
        };
        let of_it = |node: NodeId| flow.node(node).def == def;
        let holds = |ty: T| self.holds_database(ty, false, 0);
        if kept
            || self.reach.is_serving(function)
            || self.keepers.contains(&def)
            || flow.stores.iter().any(|store| of_it(store.node) && holds(store.ty))
        {
            return false;
        }
        let mut asked = false;
        let mut calls = flow.calls.iter().filter(|call| of_it(call.node));
        let lent = calls.all(|call| {
            let mut own = call.args.iter().enumerate().filter(|(_, arg)| holds(arg.ty));
            own.all(|(index, _)| match &call.callee {
                Callee::External(_) => {
                    let of_it = call.method && index == 0;
                    asked |= of_it;
                    of_it
                }
                Callee::Defs(defs) => !defs.iter().any(|def| {
                    self.lends_to_keepers(*def, &mut FxHashSet::default(), 0)
                        || holds(names.return_type(*def))
                }),
                _ => false,
            })
        });
        lent && asked
    }

    /// Whether only what gives one of many comes to a body.
    fn is_of_many(&self, node: NodeId, far: u8) -> bool {
        let Some(function) = self.function(node) else { return false };
        let callers = self.places.callers.get(&function).map_or(&[][..], Vec::as_slice);
        self.many.contains(&function)
            || far < FARTHEST
                && !callers.is_empty()
                && callers
                    .iter()
                    .all(|id| self.is_of_many(self.places.flow.call(*id).node, far + 1))
    }

    /// Whether a database that a function has ends with the request: it is not kept, and who is given
    /// it does not keep it.
    fn ends(&self, node: NodeId, seen: &mut FxHashSet<NodeId>, far: u8) -> bool {
        let Some(function) = self.function(node) else { return false };
        if self.reach.is_startup(function) || !self.reach.is_serving(function) {
            return false;
        }
        if !seen.insert(function) {
            return true;
        }
        let (flow, names) = (self.places.flow, self.places.names);
        let def = flow.node(function).def;
        if self.lends_to_keepers(def, &mut FxHashSet::default(), 0) {
            return false;
        }
        // What may be anything may be one, but what a framework is given is an answer.
        let answers = || self.reach.entry_at(function).is_some_and(|e| e.point.kind.is_asked());
        let gives = match names.function(def) {
            Some(one) if one.ret.is_none() => false,
            _ => !answers() && self.holds_database(names.return_type(def), true, 0),
        };
        let callers = self.places.callers.get(&function).map_or(&[][..], Vec::as_slice);
        !gives
            || far < FARTHEST
                && !callers.is_empty()
                && !self.places.entry_nodes.contains(&function)
                && callers.iter().all(|id| self.ends(flow.call(*id).node, seen, far + 1))
    }

    /// Whether a function keeps a database, or hands one to a function that does.
    fn lends_to_keepers(&self, def: DefId, seen: &mut FxHashSet<DefId>, far: u8) -> bool {
        if self.keepers.contains(&def) {
            return true;
        }
        if far >= FARTHEST || !seen.insert(def) {
            return false;
        }
        let flow = self.places.flow;
        let calls = flow.calls.iter().filter(|call| flow.node(call.node).def == def);
        let lent =
            calls.filter(|call| call.args.iter().any(|arg| self.holds_database(arg.ty, false, 0)));
        let mut lent: Vec<&[DefId]> = lent
            .filter_map(|call| match &call.callee {
                Callee::Defs(defs) => Some(&**defs),
                _ => None,
            })
            .collect();
        lent.dedup();
        lent.into_iter().flatten().any(|def| self.lends_to_keepers(*def, seen, far + 1))
    }

    fn keepers(&self) -> FxHashSet<DefId> {
        let (flow, names) = (self.places.flow, self.places.names);
        let def = |node: NodeId| flow.node(node).def;
        let holds = |ty: T| self.holds_database(ty, false, 0);
        let mut keepers = FxHashSet::default();
        // What a method puts into a field may be one of its own value.
        let receives = |def| names.function(def).is_some_and(|one| one.receiver.is_some());
        let stores = flow.stores.iter().filter(|store| receives(def(store.node)));
        keepers.extend(stores.filter(|store| holds(store.ty)).map(|store| def(store.node)));
        let puts = flow.touches.iter().filter(|touch| {
            let into = self.places.role(touch.on) != Some(Role::EmbeddedDatabase);
            matches!(touch.kind, TouchKind::Change | TouchKind::Fill | TouchKind::Send)
                && !touch.takes
                && (touch.method.is_none() || into)
        });
        keepers.extend(puts.filter(|touch| holds(touch.on)).map(|touch| def(touch.node)));
        let shared = flow.shared.iter().filter(|shared| holds(shared.val.ty));
        keepers.extend(shared.map(|shared| def(shared.node)));
        let seen = flow.captures.iter().filter(|capture| {
            let mut between = flow.enclosing(capture.by).take_while(|at| *at != capture.declared);
            between.any(|at| flow.node(at).detached) && holds(capture.val.ty)
        });
        keepers.extend(seen.map(|capture| def(capture.declared)));
        keepers
    }

    /// The function around a body; `None` for what initialises a static.
    fn function(&self, node: NodeId) -> Option<NodeId> {
        let flow = self.places.flow;
        let last = flow.enclosing(node).last()?;
        (flow.node(last).kind == NodeKind::Function).then_some(last)
    }

    /// Whether a type is a database of this process, or has one in it; `or` where it may be anything.
    fn holds_database(&self, ty: T, or: bool, depth: u8) -> bool {
        if depth > 4 {
            return or;
        }
        let names = self.places.names;
        match &*names.types.get(ty).clone() {
            Type::External(path, args) => {
                names.externals.get(*path).role == Some(Role::EmbeddedDatabase)
                    || args.iter().any(|arg| self.holds_database(*arg, or, depth + 1))
            }
            Type::Local(of, args) => {
                let variants = names.variants(*of).chain([*of]);
                variants.into_iter().any(|of| {
                    names.fields(of).iter().any(|field| {
                        self.holds_database(names.field_type(of, field, args), or, depth + 1)
                    })
                })
            }
            Type::Bounds(_) | Type::Param(..) | Type::Unknown => or && depth == 0,
            Type::Function(_) | Type::Closure(_) => false,
        }
    }
}

/// Whether a call opens a database that has no place.
fn is_in_memory(site: &Site<'_>) -> bool {
    site.kind == DiskEffect::OpenDatabase && site.fact.at.is_none() && site.fact.to.is_none()
}
