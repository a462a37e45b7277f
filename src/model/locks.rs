//! Which locks keep requests apart while they change what all processes share?

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::deeds::{Deeds, Sum};
use super::places::Place;
use super::states::Parts;
use super::{Duty, Model};
use crate::catalog::{Role, Work};
use crate::diagnostic::Step;
use crate::flow::{Branch, Callee, Froms, NodeId, OriginKind, Touch, TouchKind};
use crate::parse::tree::Range;
use crate::resolve::{T, Type};

/// Functions that hand on one guard are not more than these.
const MOST_GIVERS: usize = 20;

/// Locks that hold nothing of their own, so that they guard something else: `Mutex<()>`, a map of
/// such locks, a lock around a working copy. And locks around clients, where what a request reads
/// from a store under one decides what it writes there. An embedded database has this process alone
/// to come between.
pub(super) fn collect(model: &mut Model, parts: &Parts<'_, '_, '_>, deeds: &Deeds) {
    let mut found: BTreeMap<Place, Duty> = BTreeMap::new();
    for touch in &parts.flow.touches {
        let open = parts.is_open(touch.on);
        let bare = open || parts.guards(touch.on);
        if touch.kind != TouchKind::Read || !bare && !parts.locks_clients(touch) {
            continue;
        }
        let asked = parts.reach.entry_of(touch.node).is_some_and(|e| e.point.kind.is_asked());
        if !asked {
            continue;
        }
        for place in parts.shared.meant(parts.places, touch.what) {
            let of_open = open && !parts.holds_bare(parts.place_type(place), 0);
            if found.contains_key(&place) || parts.why_shared(place).is_none() || of_open {
                continue;
            }
            let most = |(node, part): (NodeId, Range)| {
                let sum = match bare {
                    true => {
                        deeds.unclaimed_of_others(parts.names, parts.flow, parts.reach, node, part)
                    }
                    false => parts.decided(node, part, deeds),
                };
                // A helper of this process has nothing that others share.
                sum.filter(|sum| sum.work != Work::Run || !parts.keeps_child(node, part))
            };
            let sum = parts.held(touch).into_iter().find_map(most);
            if let Some(duty) = sum.and_then(|sum| parts.guarded(place, touch, sum)) {
                found.insert(place, duty);
            }
        }
    }
    for touch in &parts.flow.touches {
        if touch.kind != TouchKind::Change || touch.takes || touch.method.is_none() {
            continue;
        }
        for place in parts.shared.meant(parts.places, touch.what) {
            if found.contains_key(&place) || parts.why_shared(place).is_none() {
                continue;
            }
            let whole = Range { start: 0, end: u32::MAX };
            let takers =
                || parts.takers(touch.node).into_iter().map(|body| (body, whole)).collect();
            let held: Vec<(NodeId, Range)> = match parts.claims(place) {
                true => takers(),
                false if parts.marks_under_way(place) => {
                    parts.kept_out(place, touch).into_iter().collect()
                }
                false if parts.flights(place).is_some() => parts.first_ones(touch),
                false => continue,
            };
            // Of what only saves work, what is done twice does no harm unless it adds something.
            let saves = parts.flights(place).is_some();
            let adds = |sum: &Sum| matches!(sum.work, Work::Write | Work::Send);
            let sum = held.into_iter().find_map(|(body, part)| {
                let (names, flow, reach) = (parts.names, parts.flow, parts.reach);
                let sum = deeds.unclaimed_of_others(names, flow, reach, body, part);
                sum.filter(|sum| !saves || adds(sum))
            });
            if let Some(duty) = sum.and_then(|sum| parts.guarded(place, touch, sum)) {
                found.insert(place, duty);
            }
        }
    }
    model.locks.extend(found.into_values());
}

impl Parts<'_, '_, '_> {
    /// Whether a type is a lock around nothing, or around a working copy.
    pub(super) fn guards(&self, ty: T) -> bool {
        let lock = self.places.peeled(ty);
        if self.places.role(lock) != Some(Role::Lock) {
            return false;
        }
        let content = self.places.content(lock);
        match &*self.names.types.get(content) {
            Type::External(path, args) => {
                let external = self.names.externals.get(*path);
                external.role == Some(Role::WorkingCopy)
                    || &*external.text == "tuple" && args.is_empty()
            }
            _ => false,
        }
    }

    fn is_of_working_copy(&self, ty: T) -> bool {
        self.places.role(self.places.content(ty)) == Some(Role::WorkingCopy)
    }

    /// Whether a lock holds whatever the generic struct that has it is told.
    fn is_open(&self, ty: T) -> bool {
        let lock = self.places.peeled(ty);
        let content = self.places.content(lock);
        self.places.role(lock) == Some(Role::Lock)
            && matches!(&*self.names.types.get(content), Type::Param(..))
    }

    /// Whether there is a lock around nothing in a type, seen through generic structs.
    fn holds_bare(&self, ty: T, depth: u8) -> bool {
        if depth > 8 {
            return false;
        }
        if self.guards(ty) {
            return true;
        }
        match &*self.names.types.get(ty) {
            Type::External(_, args) => args.iter().any(|arg| self.holds_bare(*arg, depth + 1)),
            Type::Local(of, args) if !args.is_empty() => {
                let mut fields = self.names.fields(*of).iter();
                fields.any(|field| {
                    self.holds_bare(self.names.field_type(*of, field, args), depth + 1)
                })
            }
            _ => false,
        }
    }

    /// Whether a lock that one at a time holds is taken around a struct of the tree that has the
    /// client of a service, or a database.
    fn locks_clients(&self, touch: &Touch) -> bool {
        let Type::External(path, _) = &*self.names.types.get(touch.on) else { return false };
        let fact = self.names.catalog.type_fact(&self.names.externals.get(*path).text);
        let alone = fact.is_some_and(|fact| {
            let method = touch.method.map(|method| self.names.text(method));
            fact.is == Role::Lock
                && method.is_none_or(|method| !fact.together.iter().any(|m| m == method))
        });
        alone && self.has_client(self.places.content(touch.on), 0)
    }

    fn has_client(&self, ty: T, depth: u8) -> bool {
        match &*self.names.types.get(self.places.peeled(ty)) {
            Type::Local(of, args) if depth < 3 => {
                let fields = self.names.fields(*of).iter();
                fields.into_iter().any(|field| {
                    self.has_client(self.names.field_type(*of, field, args), depth + 1)
                })
            }
            Type::External(path, _) if depth > 0 => matches!(
                self.names.externals.get(*path).role,
                Some(Role::BackingService | Role::EmbeddedDatabase)
            ),
            _ => false,
        }
    }

    /// What is done in a part of a body because of what a store said in it.
    fn decided(&self, node: NodeId, part: Range, deeds: &Deeds) -> Option<Sum> {
        let own = self.flow.node(node).def;
        let inside = self.reach.inside(node, Some(part));
        let bodies: FxHashSet<NodeId> = inside.into_iter().map(|(body, _)| body).collect();
        self.flow.branches.iter().filter(|branch| bodies.contains(&branch.node)).find_map(
            |branch| {
                let here = self.flow.node(branch.node).def == own;
                let within = !here || part.start <= branch.at.start && branch.at.end <= part.end;
                if !within || !self.is_told(branch.on, deeds) {
                    return None;
                }
                let after = if here { part.end } else { u32::MAX };
                let rest = Range { start: branch.at.end, end: after };
                let root = self.flow.function_around(branch.node);
                let done = |part: Range| {
                    deeds.unclaimed_of_others(self.names, self.flow, self.reach, root, part)
                };
                // What is claimed in one of the parts is so in all.
                let rest = Some(rest).filter(|rest| branch.leaves && done(*rest).is_some());
                let rest = rest.into_iter().flat_map(|rest| self.without_others(branch, rest));
                std::iter::once(branch.at).chain(rest).find_map(|part| {
                    let mut sum = done(part)?;
                    let at = Range { start: branch.group, end: branch.group };
                    let at = self.flow.span(branch.node, at);
                    sum.steps.insert(0, Step::new(at, "decides by what the store says here"));
                    (!sum.on_disk).then_some(sum)
                })
            },
        )
    }

    /// What of a stretch of text may run after a branch: not the other arms of what it stands in.
    fn without_others(&self, branch: &Branch, rest: Range) -> Vec<Range> {
        let of = |node: NodeId| self.flow.node(node).def;
        let mut rounds = self.flow.rounds.iter();
        // The next round may take another arm.
        if self.flow.loop_around(branch.node).is_some()
            || rounds.any(|(node, at)| of(*node) == of(branch.node) && at.holds(branch.at))
        {
            return vec![rest];
        }
        let own: Vec<&Branch> =
            self.flow.branches.iter().filter(|arm| of(arm.node) == of(branch.node)).collect();
        let mut others: Vec<Range> = Vec::new();
        for around in own.iter().filter(|arm| arm.at != branch.at && arm.holds(branch.at)) {
            let beside = own.iter().filter(|arm| arm.node == around.node);
            let beside = beside.filter(|arm| arm.group == around.group && !arm.holds(branch.at));
            others.extend(beside.map(|arm| arm.at));
        }
        others.sort_by_key(|arm| arm.start);
        let (mut found, mut start) = (Vec::new(), rest.start);
        for arm in others.into_iter().filter(|arm| arm.start >= rest.start) {
            found.push(Range { start, end: arm.start.min(rest.end).max(start) });
            start = start.max(arm.end);
        }
        found.push(Range { start, end: rest.end.max(start) });
        found
    }

    /// Whether a value is what a store said.
    fn is_told(&self, froms: Froms, deeds: &Deeds) -> bool {
        let reads = |work: Work| matches!(work, Work::Read);
        self.flow.origins.list(froms).iter().any(|origin| match self.flow.origins.root(*origin) {
            OriginKind::External(path) => {
                self.names.externals.get(path).role == Some(Role::BackingService)
            }
            OriginKind::Result(call) => match &self.flow.call(call).callee {
                Callee::Defs(defs) => {
                    let bodies = defs.iter().filter_map(|def| self.flow.bodies.get(def));
                    let mut inside = bodies.flat_map(|body| self.reach.inside(*body, None));
                    inside.any(|(body, _)| deeds.any(body, None, reads))
                }
                _ => false,
            },
            _ => false,
        })
    }

    /// The functions that put something into a table, and those that have it put there.
    fn takers(&self, node: NodeId) -> Vec<NodeId> {
        let root = |node: NodeId| self.flow.function_around(node);
        let mut found = vec![root(node)];
        let mut next = found.clone();
        for _ in 0..2 {
            let calls = next.iter().filter_map(|body| self.places.callers.get(body)).flatten();
            let callers: Vec<NodeId> = calls.map(|call| root(self.flow.call(*call).node)).collect();
            next = callers.into_iter().filter(|body| !found.contains(body)).collect();
            next.sort();
            next.dedup();
            found.extend(&next);
        }
        found
    }

    /// What is done under a lock.
    fn guarded(&self, place: Place, touch: &Touch, sum: Sum) -> Option<Duty> {
        // Files that every process has of its own are safe behind a lock of its own.
        if sum.on_disk && !sum.by_choice && !self.is_of_working_copy(touch.on) {
            return None;
        }
        let (def, item, name, at, _) = self.site(place)?;
        if !self.reach.selected(def) {
            return None;
        }
        let access = self.reach.access(touch.node, touch.at, String::new())?;
        let label = &self.reach.entries[access.entry].point.label;
        let mut because = self.why_shared(place).unwrap_or_default();
        because.extend(access.path);
        because.push(Step::new(access.at, format!("{label} takes it here")));
        because.extend(sum.steps);
        Some(Duty {
            at,
            item,
            name,
            work: sum.work,
            on_disk: sum.on_disk,
            stored: false,
            asked: true,
            because,
            owner: self.reach.owner(def, Some(touch.node)),
        })
    }

    /// The parts of bodies that run while a lock is held: up to where its guard is let go of or
    /// its block ends; of a function that gives its guard away, in the callers.
    fn held(&self, touch: &Touch) -> Vec<(NodeId, Range)> {
        let root = |node: NodeId| self.flow.function_around(node);
        let gives =
            |node: NodeId| self.holds_guard(self.names.return_type(self.flow.node(node).def), 0);
        let function = root(touch.node);
        if !gives(function) {
            let end = self.let_go(touch.node, touch.at.end).unwrap_or(touch.until);
            return vec![(function, Range { start: touch.at.end, end })];
        }
        let (mut todo, mut seen, mut parts) = (vec![function], FxHashSet::default(), Vec::new());
        while let Some(function) = todo.pop() {
            if !seen.insert(function) || seen.len() > MOST_GIVERS {
                continue;
            }
            for call in self.places.callers.get(&function).into_iter().flatten() {
                let call = self.flow.call(*call);
                let caller = root(call.node);
                if gives(caller) {
                    todo.push(caller);
                    continue;
                }
                let end = self.let_go(call.node, call.at.end).unwrap_or(u32::MAX);
                parts.push((caller, Range { start: call.at.end, end }));
            }
        }
        parts.sort();
        parts
    }

    /// Whether a type is a guard, or a struct of the tree that has one.
    fn holds_guard(&self, ty: T, depth: u8) -> bool {
        match &*self.names.types.get(ty) {
            Type::External(path, args) => match self.names.externals.get(*path).role {
                Some(Role::Guard) => true,
                Some(Role::Carrier | Role::Pointer) => {
                    args.first().is_some_and(|inner| self.holds_guard(*inner, depth))
                }
                _ => false,
            },
            Type::Local(of, args) if depth < 2 => {
                let mut fields = self.names.fields(*of).iter();
                fields.any(|field| {
                    self.holds_guard(self.names.field_type(*of, field, args), depth + 1)
                })
            }
            _ => false,
        }
    }

    /// Whether what a part of a body starts is kept where others of this process find it running.
    fn keeps_child(&self, node: NodeId, part: Range) -> bool {
        let own = self.flow.node(node).def;
        let inside = self.reach.inside(node, Some(part));
        let bodies: FxHashSet<NodeId> = inside.into_iter().map(|(body, _)| body).collect();
        self.flow.touches.iter().any(|touch| {
            let here = self.flow.node(touch.node).def == own;
            let within = !here || part.start <= touch.at.start && touch.at.end <= part.end;
            touch.kind == TouchKind::Change
                && bodies.contains(&touch.node)
                && within
                && self.shared.meant(self.places, touch.what).into_iter().any(|place| {
                    self.stands_for_running(self.core(self.places.content(self.place_type(place))))
                })
        })
    }

    /// Where a body lets go of a guard for the first time after a place.
    fn let_go(&self, node: NodeId, after: u32) -> Option<u32> {
        let drops = self.flow.drops.iter();
        let of_node = drops.filter(|(by, at, _)| *by == node && at.start > after);
        of_node.filter(|(_, _, what)| self.is_guard(*what)).map(|(_, at, _)| at.start).min()
    }

    fn is_guard(&self, what: Froms) -> bool {
        self.flow.origins.list(what).iter().any(|origin| {
            matches!(
                self.flow.origins.root(*origin),
                OriginKind::Content(_) | OriginKind::Result(_)
            )
        })
    }
}
