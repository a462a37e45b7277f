//! What does a process only read again, each for itself, when its files have changed?

use rustc_hash::FxHashMap;

use super::states::{Accesses, Parts};

/// The entry points by whether they are told when files have changed.
#[derive(Default)]
pub(super) struct Reloads(FxHashMap<usize, bool>);

impl Reloads {
    /// Whether all that changes is done by tasks that are told when files have changed, and puts
    /// there as a whole what no request brought.
    pub(super) fn are_all(&mut self, parts: &Parts<'_, '_, '_>, accesses: &Accesses) -> bool {
        let reloads = |change: &super::Access| {
            change.by_task
                && change.whole
                && !change.given
                && !change.takes
                && parts.flow.bodies.get(&change.def).is_some_and(|body| {
                    let fed = parts.channels.fed.iter();
                    fed.map(|node| parts.flow.function_around(*node)).all(|node| node != *body)
                })
        };
        accesses.counts.is_empty()
            && !accesses.changes.is_empty()
            && accesses
                .changes
                .iter()
                .all(|change| reloads(change) && self.is_told(parts, change.entry))
    }

    fn is_told(&mut self, parts: &Parts<'_, '_, '_>, entry: usize) -> bool {
        if parts.flow.watches.is_empty() {
            return false;
        }
        *self.0.entry(entry).or_insert_with(|| {
            let node = parts.reach.entries[entry].node;
            parts.reach.inside(node, None).iter().any(|(body, _)| parts.flow.watches.contains(body))
        })
    }
}
