//! Which locks keep requests apart while they change what all processes share?

use std::collections::BTreeMap;

use super::deeds::Deeds;
use super::places::Place;
use super::states::Parts;
use super::{Duty, Model};
use crate::catalog::Role;
use crate::diagnostic::Step;
use crate::flow::{Froms, NodeId, OriginKind, Touch, TouchKind};
use crate::parse::tree::Range;
use crate::resolve::{T, Type};

/// Locks that hold nothing of their own, so that they guard something else: `Mutex<()>`, a map of
/// such locks, a lock around a working copy.
pub(super) fn collect(model: &mut Model, parts: &Parts<'_, '_, '_>, deeds: &Deeds) {
    let mut found: BTreeMap<Place, Duty> = BTreeMap::new();
    for touch in &parts.flow.touches {
        if touch.kind != TouchKind::Read || !parts.guards(touch.on) {
            continue;
        }
        let asked = parts.reach.entry_of(touch.node).is_some_and(|e| e.point.kind.is_asked());
        if !asked {
            continue;
        }
        for place in parts.places.places(touch.what) {
            if found.contains_key(&place) || parts.why_shared(place).is_none() {
                continue;
            }
            if let Some(duty) = parts.guarded(place, touch, deeds) {
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

    /// What is done under a lock, where that is more than asking.
    fn guarded(&self, place: Place, touch: &Touch, deeds: &Deeds) -> Option<Duty> {
        let (def, item, name, at, _) = self.site(place)?;
        if !self.reach.selected(def) {
            return None;
        }
        let sum = self.held(touch).into_iter().find_map(|(node, part)| {
            deeds.unclaimed(self.names, self.flow, self.reach, node, Some(part))
        })?;
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
        let root = |node: NodeId| self.flow.enclosing(node).last().unwrap_or(node);
        let function = root(touch.node);
        let def = self.flow.node(function).def;
        if self.places.role(self.names.return_type(def)) == Some(Role::Guard) {
            let callers = self.places.callers.get(&function).into_iter().flatten();
            let calls = callers.map(|call| self.flow.call(*call));
            return calls
                .map(|call| {
                    let let_go = self.let_go(call.node, call.at.end);
                    let end = let_go.unwrap_or(u32::MAX);
                    (root(call.node), Range { start: call.at.end, end })
                })
                .collect();
        }
        let end = self.let_go(touch.node, touch.at.end).unwrap_or(touch.until);
        vec![(function, Range { start: touch.at.end, end })]
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
