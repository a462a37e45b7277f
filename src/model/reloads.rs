//! What does a process only read again, each for itself, when its files have changed?

use rustc_hash::{FxHashMap, FxHashSet};

use super::Access;
use super::states::{Accesses, Parts};
use crate::catalog::{CallFact, DiskEffect};
use crate::flow::{Callee, Froms, NodeId, Origin, OriginKind};

/// As many values are followed back for one change.
const MOST_STEPS: usize = 200;

/// The entry points by whether they are told when files have changed.
#[derive(Default)]
pub(super) struct Reloads {
    told: FxHashMap<usize, bool>,
    /// Bodies that read a file, or what the environment says.
    reading: Option<FxHashSet<NodeId>>,
}

impl Reloads {
    /// Whether all that changes is done by tasks that are told when files have changed, and puts
    /// there as a whole what was read from files.
    pub(super) fn are_all(&mut self, parts: &Parts<'_, '_, '_>, accesses: &Accesses) -> bool {
        accesses.counts.is_empty()
            && !accesses.changes.is_empty()
            && accesses.changes.iter().all(|change| self.is_one(parts, change))
    }

    fn is_one(&mut self, parts: &Parts<'_, '_, '_>, change: &Access) -> bool {
        let whole = change.by_task && change.whole && !change.takes;
        if !whole || change.given || change.fresh || !self.is_told(parts, change.entry) {
            return false;
        }
        let fed = || {
            let body = parts.flow.bodies.get(&change.def);
            let mut fed = parts.channels.fed.iter();
            body.is_none_or(|body| fed.any(|node| parts.flow.function_around(*node) == *body))
        };
        let reading = self.reading.get_or_insert_with(|| reading(parts));
        let put = parts.change_at(change).map(|touch| touch.value);
        !fed() && put.is_some_and(|value| is_read(parts, reading, value))
    }

    fn is_told(&mut self, parts: &Parts<'_, '_, '_>, entry: usize) -> bool {
        if parts.flow.watches.is_empty() {
            return false;
        }
        *self.told.entry(entry).or_insert_with(|| {
            let node = parts.reach.entries[entry].node;
            parts.reach.inside(node, None).iter().any(|(body, _)| parts.flow.watches.contains(body))
        })
    }
}

fn reads(fact: &CallFact) -> bool {
    let looks = |disk| matches!(disk, DiskEffect::Read | DiskEffect::ReadOpen | DiskEffect::Open);
    fact.environment || fact.disk.is_some_and(looks)
}

fn reading(parts: &Parts<'_, '_, '_>) -> FxHashSet<NodeId> {
    let calls = parts.flow.calls.iter().filter(|call| match call.callee {
        Callee::External(path) => parts.names.externals.call(path).is_some_and(reads),
        _ => false,
    });
    calls.map(|call| call.node).collect()
}

/// Whether a value is, or holds, what was read from files.
fn is_read(parts: &Parts<'_, '_, '_>, reading: &FxHashSet<NodeId>, froms: Froms) -> bool {
    let origins = &parts.flow.origins;
    let mut seen: FxHashSet<Origin> = FxHashSet::default();
    let mut todo: Vec<Origin> = origins.list(froms).to_vec();
    while let Some(at) = todo.pop() {
        if seen.len() > MOST_STEPS || !seen.insert(at) {
            continue;
        }
        todo.extend(origins.whole(at));
        match origins.kind(at) {
            OriginKind::Param(node, index) => {
                parts.places.each_argument(node, index, &[], |froms, _| {
                    todo.extend(origins.list(froms));
                });
            }
            OriginKind::Result(call) if parts.runs_any(call, &|body| reading.contains(&body)) => {
                return true;
            }
            OriginKind::External(path) if parts.names.externals.call(path).is_some_and(reads) => {
                return true;
            }
            OriginKind::Made(..) => {
                let made = parts.flow.parts.get(&at).into_iter();
                todo.extend(made.flat_map(|made| origins.list(*made)));
            }
            _ => {}
        }
    }
    false
}
