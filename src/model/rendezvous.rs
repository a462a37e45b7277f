//! Do two clients meet in this process? One leaves the way back for its answer and waits; another,
//! who asks for it by a route of its own, takes it and answers.

use super::places::Place;
use super::states::{Accesses, Parts};
use crate::catalog::EntryKind;
use crate::flow::Used;
use crate::resolve::{T, Type};

/// Methods of requests that are no beginning of a connection.
const BRINGING: &[&str] = &["POST", "PUT", "PATCH", "DELETE"];

impl Parts<'_, '_, '_> {
    /// Whether the ways back that are kept by key are left there by those who are served, and taken
    /// by nobody but other requests. What a task, a connection or a message of a broker takes is
    /// heard of elsewhere.
    pub(super) fn is_rendezvous(&self, place: Place, accesses: &Accesses) -> bool {
        let brings = |value: T| self.brings_something(self.places.content(value));
        if !self.is_keyed(place) || !self.values_of(place).is_some_and(brings) {
            return false;
        }
        let entry = |index: usize| &self.reach.entries[index];
        let puts = || accesses.changes.iter().filter(|change| !change.takes);
        let left = |index: usize| puts().any(|put| put.entry == index);
        let mut taken = accesses
            .changes
            .iter()
            .filter(|change| change.takes && change.used != Used::No && !left(change.entry))
            .peekable();
        let routed = |index: usize| {
            let point = &entry(index).point;
            // Who only gets something may get a connection, over which it hears what it asked for.
            let brings = |verb: &&str| point.label.starts_with(&format!("`{verb} "));
            point.kind == EntryKind::Handler && BRINGING.iter().any(brings)
        };
        let served = |index: usize| !self.reach.is_beside(entry(index));
        taken.peek().is_some()
            && taken.all(|change| routed(change.entry))
            && puts().all(|put| served(put.entry))
    }

    /// Whether it is the way back for an answer that says more than that something is over.
    fn brings_something(&self, ty: T) -> bool {
        let Type::External(_, args) = &*self.names.types.get(ty) else { return false };
        let answers = self.names.type_fact(ty).is_some_and(|fact| fact.answers);
        let nothing = |ty: &T| match &*self.names.types.get(*ty) {
            Type::External(path, args) => {
                &*self.names.externals.get(*path).text == "tuple" && args.is_empty()
            }
            _ => false,
        };
        answers && args.first().is_some_and(|said| !nothing(said))
    }
}
