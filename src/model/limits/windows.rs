//! Which numbers count within a span of time, after which they begin anew?

use rustc_hash::FxHashSet;

use super::super::places::Place;
use super::super::states::Parts;
use crate::catalog::{Role, TypeText};
use crate::flow::{Callee, Froms, NodeId, Origin, OriginKind, Store, Touch, TouchKind, Val};
use crate::resolve::{DefId, PathId, T, Type};

impl Parts<'_, '_, '_> {
    /// Whether a struct of numbers counts within a time: one field is counted up, another compared
    /// with what the clock says.
    /// Of one that keeps times itself, what is counted is compared, too.
    pub(super) fn is_window(&self, kept: T, times: bool) -> bool {
        let Type::Local(window, _) = &*self.names.types.get(kept) else { return false };
        let of_field = |origin: &Origin| matches!(self.flow.origins.root(*origin), OriginKind::Field { of, .. } if of == *window);
        // Or what a method of it makes of one.
        let is_field = |from: Froms| self.is_or_is_given(from, &of_field);
        let is_number =
            |side: &Val| is_field(side.from) && self.places.role(side.ty) == Some(Role::Number);
        let compared = || {
            self.flow.compares.iter().any(|compare| {
                let numbers = compare.sides.iter().any(is_number);
                compare.order && numbers && self.answers(compare.node)
            })
        };
        let by_clock = self.flow.compares.iter().any(|compare| {
            let [one, other] = compare.sides;
            let clock = |side: Val| self.places.role(side.ty) == Some(Role::Time);
            compare.order
                && self.answers(compare.node)
                && (clock(one) && is_field(other.from) || clock(other) && is_field(one.from))
        });
        by_clock
            && (!times || compared())
            && self.flow.touches.iter().any(|touch| {
                touch.kind == TouchKind::Count && self.answers(touch.node) && is_field(touch.what)
            })
    }

    /// Whether whoever puts something into a table asks how long ago something was, and makes what
    /// is put there of the number and the time that were there, or of neither and begins anew, and of
    /// nothing that a request says. What is left of a stock has a time, too, and nobody minds how old
    /// that is.
    pub(super) fn is_counted_anew(&self, place: Place, kept: T) -> bool {
        let Type::Local(window, _) = *self.names.types.get(kept) else { return false };
        let of_role = |origin: &Origin, role: Role| {
            let OriginKind::Field { of, name, .. } =
                self.flow.origins.kind(self.made_from(*origin))
            else {
                return false;
            };
            let field = self.names.field(of, name).filter(|_| of == window);
            let ty = field.map(|field| self.names.field_type(of, field, &[]));
            ty.is_some_and(|ty| self.places.role(ty) == Some(role))
        };
        let number = |origin: &Origin| of_role(origin, Role::Number);
        // One way begins anew, with a number that is made of none that was there; another goes on
        // with the time at which that was. A streak goes by when it was last.
        let begins_and_goes_on = |touch: &&Touch| {
            let made: Vec<&[Origin]> = self
                .flow
                .origins
                .list(touch.last)
                .iter()
                .map(|at| self.flow.origins.root(*at))
                .filter(|kind| matches!(kind, OriginKind::Made(..)))
                .filter_map(|kind| self.flow.origins.find(kind))
                .map(|made| self.flow.parts.get(&made).copied().unwrap_or(Froms::NONE))
                .map(|parts| self.flow.origins.list(parts))
                .collect();
            let time = |origin: &Origin| of_role(origin, Role::Time);
            made.iter().any(|parts| !parts.iter().any(number))
                && made.iter().any(|parts| parts.iter().any(number) && parts.iter().any(time))
        };
        let puts = self.serving_changes(place).filter(|touch| !touch.takes);
        let puts = puts.filter(begins_and_goes_on);
        let puts: FxHashSet<DefId> = puts.map(|touch| self.flow.node(touch.node).def).collect();
        let does = |node: NodeId| puts.contains(&self.flow.node(node).def) && self.answers(node);
        let counts = |store: &Store| {
            let list = self.flow.origins.list(store.from);
            store.of == window && !list.is_empty() && list.iter().all(number) && does(store.node)
        };
        // Who counts, or who has it counted, asks whether that were too many.
        let above = self.callers_of_defs(&puts);
        let beside = self.called_by(&above);
        let near =
            |def: DefId| puts.contains(&def) || above.contains(&def) || beside.contains(&def);
        let compared = self.flow.compares.iter().any(|compare| {
            let made = |side: &Val| self.is_or_is_given(side.from, &number);
            compare.order
                && near(self.flow.node(compare.node).def)
                && compare.sides.iter().any(made)
        });
        compared
            && self.flow.stores.iter().any(counts)
            && self
                .flow
                .abroad
                .iter()
                .any(|(node, _, path)| does(*node) && self.gives_a_length(*path))
    }

    /// Whether a value is such a one, or what functions of the tree give is.
    fn is_or_is_given(&self, from: Froms, such: &dyn Fn(&Origin) -> bool) -> bool {
        self.flow.origins.list(from).iter().any(|at| {
            let given = match self.flow.origins.root(*at) {
                OriginKind::Result(call) => self.places.answers(call),
                _ => Vec::new(),
            };
            let mut given = given.iter().flat_map(|froms| self.flow.origins.list(*froms));
            such(at) || given.any(such)
        })
    }

    /// Whether a call of that path says how much time has gone by.
    fn gives_a_length(&self, path: PathId) -> bool {
        let catalog = self.names.catalog;
        let call = self.names.externals.get(path);
        let name = call.text.rsplit("::").next().unwrap_or_default();
        let given = call.around().and_then(|of| catalog.returned(of, name));
        matches!(given, Some(TypeText::Path(path, _))
            if catalog.type_fact(path).is_some_and(|fact| fact.length))
    }

    /// The functions that these call for a request.
    pub(super) fn called_by(&self, above: &[DefId]) -> FxHashSet<DefId> {
        let above: FxHashSet<DefId> = above.iter().copied().collect();
        let calls = self.flow.calls.iter().filter(|call| {
            self.answers(call.node) && above.contains(&self.flow.node(call.node).def)
        });
        let called = calls.filter_map(|call| match &call.callee {
            Callee::Defs(defs) => Some(defs.iter().copied()),
            _ => None,
        });
        called.flatten().collect()
    }
}
