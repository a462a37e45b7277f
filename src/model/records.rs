//! Does what a place has many of keep records of its own?

use rustc_hash::FxHashSet;

use super::places::Place;
use super::states::Parts;
use crate::catalog::Role;
use crate::resolve::{DefId, T, Type};

impl Parts<'_, '_, '_> {
    /// What a place has many of.
    pub(super) fn values_of(&self, place: Place) -> Option<T> {
        let ty = self.place_type(place);
        let inner = self.places.interior(ty).map_or(ty, |(_, ty)| ty);
        let content = self.core(self.places.content(inner));
        let many = matches!(
            self.places.role(content),
            Some(Role::Collection | Role::SharedCollection | Role::Cache)
        );
        match &*self.names.types.get(content) {
            Type::External(_, args) if many => args.last().copied(),
            _ => None,
        }
    }

    /// Whether a value is, or has for a part, one of these structs.
    pub(super) fn has_one_of(&self, structs: &FxHashSet<DefId>, ty: T, depth: u8) -> bool {
        let Type::Local(of, args) = &*self.names.types.get(self.places.peeled(ty)).clone() else {
            return false;
        };
        let part = |field| self.names.field_type(*of, field, args);
        structs.contains(of)
            || depth < 3
                && self
                    .names
                    .fields(*of)
                    .iter()
                    .any(|field| self.has_one_of(structs, part(field), depth + 1))
    }
}
