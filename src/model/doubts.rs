//! Of which records and numbers is it not certain that anybody misses them? What no request is known
//! to bring may tell of this process alone.

use rustc_hash::FxHashSet;

use super::places::Place;
use super::states::Parts;
use super::{Access, Model, State};
use crate::catalog::Role;
use crate::diagnostic::Step;
use crate::flow::{Froms, Touch, Used, static_type};
use crate::resolve::{DefId, DefKind, T, Type};

impl Parts<'_, '_, '_> {
    /// Whether what is put in is known, and is neither what a request brought, nor computed from
    /// that, nor a name made up here that others may be told.
    pub(super) fn is_own(&self, touch: &Touch) -> bool {
        let known = touch.value != Froms::NONE || touch.word.is_some() || touch.empties;
        let named = || self.comes_up(touch.value, &|_, fact| fact.random, 0);
        known && !touch.computed && !named() && !self.is_brought(touch.value, 0)
    }

    /// Notes why it is not certain that somebody misses a record, or meets a number, of each state
    /// at its place.
    pub(super) fn doubt(&self, model: &mut Model, places: &[Place]) {
        for (place, state) in places.iter().zip(&mut model.states) {
            let doubt = match state.is_record(self.points) {
                true => self.doubted_record(state, *place),
                false => self.doubted_number(state, *place),
            };
            if let Some(said) = doubt
                && state.owner.doubt.is_none()
            {
                state.owner.doubt = Some(Step::new(state.at, said));
            }
        }
    }

    fn doubted_record(&self, state: &State, place: Place) -> Option<&'static str> {
        let measured = |state: &State| {
            let compared = |read: &Access| read.locks || read.used == Used::Measured;
            state.changes.iter().all(|change| change.own) && state.reads.iter().all(compared)
        };
        if self.is_measure(self.alone(place)) && measured(state) {
            return Some("it is only compared, and what it holds may tell of this process alone");
        }
        let unasked = !state.keyed && state.changes.iter().all(|change| change.unasked);
        unasked.then_some("only tasks change it, unasked: it may tell of this process alone")
    }

    /// What a place holds, if it is there.
    fn alone(&self, place: Place) -> T {
        let ty = self.place_type(place);
        let mut content = self.places.content(self.places.interior(ty).map_or(ty, |(_, ty)| ty));
        while self.places.role(content) == Some(Role::Carrier)
            && let Type::External(_, args) = &*self.names.types.get(content)
            && let Some(only) = args.first()
        {
            content = self.places.content(*only);
        }
        content
    }

    /// Whether it is a number or a time, and not one of two words.
    fn is_measure(&self, ty: T) -> bool {
        let Type::External(path, _) = &*self.names.types.get(ty) else { return false };
        let role = self.places.role(ty);
        let flag = self.names.externals.get(*path).text.to_lowercase().ends_with("bool");
        !flag && matches!(role, Some(Role::Number | Role::Atomic | Role::Time))
    }

    /// A number in a value that only what serves makes, taken for connections and tasks alone.
    fn doubted_number(&self, state: &State, place: Place) -> Option<&'static str> {
        let Place::Field(of, _) = place else { return None };
        let mut taken = state.counts.iter().peekable();
        taken.peek()?;
        let asked = |access: &Access| self.points[access.entry].kind.is_asked();
        (!taken.any(asked) && self.is_made_while_serving(of) && !self.is_in_a_static(of)).then_some(
            "there may be one for each connection, and what it numbers known to no other",
        )
    }

    fn is_made_while_serving(&self, of: DefId) -> bool {
        let mut makers = self.flow.makes.get(&of).into_iter().flatten().peekable();
        makers.peek().is_some()
            && makers.all(|node| self.reach.is_serving(*node) && !self.reach.is_startup(*node))
    }

    fn is_in_a_static(&self, of: DefId) -> bool {
        let one = FxHashSet::from_iter([of]);
        let mut statics = self.names.ids().filter(|id| self.names.def(*id).kind == DefKind::Static);
        statics.any(|id| self.has_one_of(&one, static_type(self.names, id), 0))
    }
}
