//! Which numbers only say whose turn it is? The next of a list of upstreams or workers: each process
//! goes round by itself.

use rustc_hash::FxHashSet;

use super::numbers::Leaving;
use super::places::Place;
use super::states::{Accesses, Parts};
use crate::catalog::Role;
use crate::flow::{Froms, Origin, Touch};
use crate::resolve::{DefId, DefKind, T, Type};

impl Parts<'_, '_, '_> {
    /// Whether it is numbers of which one goes round, that only who turns them looks at, and that
    /// nobody else gets to see. Where what a request brings is compared by the way, it may be its
    /// turn or not, and that is more.
    pub(super) fn is_cursor(&self, place: Place, accesses: &Accesses, leaving: &Leaving) -> bool {
        let ty = self.place_type(place);
        let Some((_, inner)) = self.places.interior(ty) else { return false };
        if !accesses.counts.is_empty() || !self.is_numbers(self.places.content(inner)) {
            return false;
        }
        let mut by: FxHashSet<DefId> = FxHashSet::default();
        for change in &accesses.changes {
            let Some(touch) = self.change_at(change) else { return false };
            if leaving.has_place(self.flow, touch) {
                return false;
            }
            by.extend(self.turns(place, touch).then_some(change.def));
        }
        let mut all = accesses.changes.iter().chain(&accesses.reads);
        all.all(|access| by.contains(&access.def)) && !self.are_told_apart(&by)
    }

    /// Whether functions ask whether it is this one or that which a request brings.
    fn are_told_apart(&self, by: &FxHashSet<DefId>) -> bool {
        self.flow.compares.iter().any(|compare| {
            let [one, other] = compare.sides.map(|side| side.from);
            let both = one != Froms::NONE && other != Froms::NONE;
            let given = || self.places.is_given(one) || self.places.is_given(other);
            let inside = by.contains(&self.flow.node(compare.node).def);
            inside && !compare.order && both && given()
        })
    }

    /// Whether a number becomes a remainder of what it was.
    fn turns(&self, place: Place, touch: &Touch) -> bool {
        let own = |origin: &Origin| self.is_from(*origin, place);
        self.flow.origins.list(touch.turns).iter().any(own)
    }

    /// Whether it is a number, or a struct of nothing but numbers.
    fn is_numbers(&self, ty: T) -> bool {
        let number = |ty: T| self.places.role(ty) == Some(Role::Number);
        match &*self.names.types.get(ty).clone() {
            Type::Local(of, args) if self.names.def(*of).kind == DefKind::Struct => {
                let fields = self.names.fields(*of);
                !fields.is_empty()
                    && fields.iter().all(|field| number(self.names.field_type(*of, field, args)))
            }
            _ => number(ty),
        }
    }
}
