//! What is a record? And does what a place has many of keep records of its own?

use rustc_hash::FxHashSet;

use super::places::Place;
use super::states::Parts;
use super::{Access, EntryPoint, State};
use crate::catalog::Role;
use crate::flow::Used;
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

impl State {
    /// Whether one function takes it, if nobody else has, and lets go of it: a second one of this
    /// process does not begin beside it.
    fn is_taken_for_a_while(&self) -> bool {
        let Some(first) = self.changes.first() else { return false };
        self.changes.iter().all(|change| change.def == first.def)
            && self.changes.iter().any(|change| !change.whole && change.used != Used::No)
            && self.changes.iter().any(|change| change.whole && !change.given)
    }

    /// Whether one request sets it to what it brought, or another decides by it; what is only
    /// counted or shown is a measure of this process.
    fn is_switch(&self, entries: &[EntryPoint]) -> bool {
        if self.gates || self.is_taken_for_a_while() {
            return false;
        }
        let by_request = |access: &&Access| entries[access.entry].kind.is_asked();
        let whole = |access: &&Access| access.whole && !entries[access.entry].beside;
        let mut reads = self.reads.iter().filter(by_request);
        let mut sets = self.changes.iter().filter(whole);
        let decides = reads.any(|read| read.used == Used::Measured);
        let set_by_request = sets.clone().any(|change| by_request(&change));
        set_by_request && decides || sets.any(|change| change.given) && !self.reads.is_empty()
    }

    /// Whether it keeps what requests bring: neither a cache, nor something that is harmless in a
    /// lock, nor a number that is only measured.
    pub fn is_record(&self, entries: &[EntryPoint]) -> bool {
        let harmless = self.limits
            || self.since
            || matches!(
                self.holds,
                Role::BackingService
                    | Role::Telemetry
                    | Role::Control
                    | Role::Randomness
                    | Role::EmbeddedDatabase
                    | Role::File
                    | Role::WorkingCopy
                    | Role::Channel
                    | Role::SessionStore
                    | Role::RateLimiter
            );
        if matches!(self.holds, Role::Atomic | Role::Number) {
            return !self.since && self.is_switch(entries);
        }
        // What one task changes and nobody else looks at is its own memory.
        let mut accesses = self.changes.iter().chain(&self.reads);
        let first = self.changes.first().map(|change| change.entry);
        let private = first.is_some_and(|first| {
            entries[first].beside && accesses.all(|access| access.entry == first)
        });
        let kept = !harmless && !private && !self.is_settled() && self.puts().next().is_some();
        let elsewhere = self.is_clients() || self.drained.is_some() || !self.is_looked_at();
        kept && !elsewhere && !self.is_cache() && !self.is_refreshed(entries)
    }
}
