//! What is only counted for whoever collects the measures of this process?

use rustc_hash::FxHashSet;

use super::Access;
use super::states::{Accesses, Parts};
use crate::flow::{NodeId, Used};
use crate::resolve::DefId;

/// As far above a look are those asked who write measures out.
const FARTHEST: u8 = 4;

/// The functions that write measures out.
pub(super) struct Exports(FxHashSet<DefId>);

impl Exports {
    pub(super) fn new(parts: &Parts<'_, '_, '_>) -> Exports {
        let of = |node: &NodeId| parts.flow.node(parts.flow.function_around(*node)).def;
        Exports(parts.flow.exposes.iter().map(of).collect())
    }

    /// Whether all who look at what is there write it out as measures, and those who change it give
    /// nothing that would tell what they found.
    pub(super) fn only_look_at(&self, parts: &Parts<'_, '_, '_>, accesses: &Accesses) -> bool {
        if self.0.is_empty() || !accesses.counts.is_empty() {
            return false;
        }
        // Who gives nothing, asks nobody for anything and decides nothing by it tells nobody of it.
        let keeps_still = |def: DefId| {
            let gives = parts.names.function(def).is_none_or(|of| of.ret.is_some());
            !gives && !parts.deeds.asks_in(def)
        };
        let silent = |change: &Access| match change.used {
            Used::No => true,
            Used::Measured => false,
            _ => !change.takes && keeps_still(change.def),
        };
        let by_the_way = |read: &Access| {
            let mut own = accesses.changes.iter().filter(|change| change.def == read.def);
            let decides = read.used == Used::Measured && !read.locks;
            own.next().is_some() && !decides && (read.locks || keeps_still(read.def))
        };
        let mut looks = accesses.reads.iter().filter(|read| !by_the_way(read)).peekable();
        looks.peek().is_some()
            && looks.all(|read| !read.direct && self.has(parts, read.def, 0))
            && accesses.changes.iter().all(silent)
    }

    /// Whether a function writes measures out, or all who call it do.
    fn has(&self, parts: &Parts<'_, '_, '_>, def: DefId, far: u8) -> bool {
        if self.0.contains(&def) {
            return true;
        }
        let body = parts.flow.bodies.get(&def).filter(|_| far < FARTHEST);
        let calls = body.and_then(|body| parts.places.callers.get(body)).into_iter().flatten();
        let by = calls.map(|call| parts.flow.function_around(parts.flow.call(*call).node));
        let mut by = by.filter(|node| parts.reach.is_serving(*node)).peekable();
        by.peek().is_some() && by.all(|node| self.has(parts, parts.flow.node(node).def, far + 1))
    }
}
