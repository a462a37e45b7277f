//! Which changes of one of many only say when it was last used? They are no state of their own.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::catalog::Role;
use crate::flow::{Callee, Froms, NodeId, Origin, OriginKind, Touch, TouchKind};
use crate::model::places::Place;
use crate::model::states::Parts;
use crate::model::{Model, State};
use crate::resolve::DefId;
use crate::symbol::Symbol;

impl Parts<'_, '_, '_> {
    /// Whether a part of one of many becomes what the clock says, or the next number of a counter,
    /// and nobody writes it down for others.
    pub(in crate::model) fn marks_use(&self, place: Place, touch: &Touch) -> bool {
        let origins = self.flow.origins.list(touch.what);
        let of_one = |origin: &Origin| {
            self.field_of(*origin).is_some_and(|(of, _)| match place {
                Place::Field(whole, _) if whole == of => true,
                _ => self
                    .values_of(place)
                    .is_some_and(|ty| self.has_one_of(&FxHashSet::from_iter([of]), ty, 0)),
            })
        };
        self.is_marked_by(touch) && origins.iter().all(of_one)
    }

    /// Whether a number or a time in a struct of the tree is changed in no other way.
    pub(in crate::model) fn is_only_marked(&self, of: DefId, name: Symbol) -> bool {
        let marked = self.own.marked.get_or_init(|| {
            let mut marked = FxHashMap::default();
            let changes =
                |touch: &&Touch| matches!(touch.kind, TouchKind::Change | TouchKind::Count);
            for touch in self.flow.touches.iter().filter(changes) {
                for origin in self.flow.origins.list(touch.what) {
                    if let Some(field) = self.field_of(*origin) {
                        let only = marked.entry(field).or_insert(true);
                        *only = *only && self.is_marked_by(touch);
                    }
                }
            }
            marked
        });
        self.is_number_or_time(of, name) && marked.get(&(of, name)) == Some(&true)
    }

    fn is_marked_by(&self, touch: &Touch) -> bool {
        let origins = self.flow.origins.list(touch.what);
        let fits = |origin: &Origin| {
            self.field_of(*origin).is_some_and(|(of, name)| {
                self.is_number_or_time(of, name) && self.names.is_only_copied(of)
            })
        };
        // What a clock is asked for without more has no other origin.
        let now = || {
            touch.value == Froms::NONE && self.places.role(touch.on) == Some(Role::Time)
                || self.places.tells_time(touch.value)
        };
        touch.kind == TouchKind::Change
            && touch.replaces
            && !touch.takes
            && !origins.is_empty()
            && origins.iter().all(fits)
            && (now() || self.is_next(touch.value))
    }

    /// Leaves out the marks of what a table has many of that is told itself.
    pub(in crate::model) fn leave_out_marks(&self, model: &mut Model, places: &[Place]) {
        let told: Vec<Place> = places
            .iter()
            .zip(&model.states)
            .filter(|(_, state)| state.is_cache() || state.is_record(self.points))
            .map(|(place, _)| *place)
            .collect();
        let mut at = places.iter();
        model.states.retain(|state| {
            let place = at.next().copied();
            !place.is_some_and(|place| state.is_mark() && self.is_one_of_many(place, &told))
        });
    }

    /// Whether a place is a part of what one of these has many of.
    pub(in crate::model) fn is_one_of_many<'s>(
        &self,
        place: Place,
        tables: impl IntoIterator<Item = &'s Place>,
    ) -> bool {
        let Place::Field(of, _) = place else { return false };
        let own = FxHashSet::from_iter([of]);
        let has = |ty| self.has_one_of(&own, ty, 0);
        tables.into_iter().any(|table| self.values_of(*table).is_some_and(has))
    }

    fn field_of(&self, origin: Origin) -> Option<(DefId, Symbol)> {
        match self.flow.origins.kind(origin) {
            OriginKind::Field { of, name, .. } => Some((of, name)),
            OriginKind::Content(inner) | OriginKind::Derived(inner) => self.field_of(inner),
            _ => None,
        }
    }

    fn is_number_or_time(&self, of: DefId, name: Symbol) -> bool {
        self.names.field(of, name).is_some_and(|field| {
            let ty = self.places.peeled(self.names.field_type(of, field, &[]));
            matches!(self.places.role(ty), Some(Role::Number | Role::Atomic | Role::Time))
        })
    }

    /// Whether a number was taken from a counter, be it by a function that gives it.
    fn is_next(&self, from: Froms) -> bool {
        let counts = |body: NodeId| {
            let mut touches = self.flow.touches.iter();
            touches.any(|touch| touch.node == body && touch.kind == TouchKind::Count)
        };
        self.flow.origins.list(from).iter().any(|origin| match self.flow.origins.root(*origin) {
            OriginKind::Counted(_) => true,
            OriginKind::Result(call) => match &self.flow.call(call).callee {
                Callee::Defs(defs) => {
                    let mut bodies = defs.iter().filter_map(|def| self.flow.bodies.get(def));
                    bodies.any(|body| counts(*body))
                }
                _ => false,
            },
            _ => false,
        })
    }
}

impl State {
    /// Whether it is only ever marked as used.
    pub(in crate::model) fn is_mark(&self) -> bool {
        self.counts.is_empty() && self.changes.iter().all(|change| change.of_use)
    }
}
