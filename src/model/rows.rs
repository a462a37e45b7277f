//! Does a message tell of what stands in a store?

use rustc_hash::FxHashSet;

use super::channels::Channels;
use super::deeds::Deeds;
use super::places::Places;
use crate::catalog::{Role, Work};
use crate::flow::{Callee, Flow, Froms, NodeId, Origin, OriginKind};

/// What of a message is asked about at most, and how many values that stores are handed are
/// followed to their makers.
const MOST_STEPS: usize = 400;

/// What stores and services are handed.
pub(super) struct Rows {
    whole: FxHashSet<Origin>,
    /// What parts of are handed to them.
    parted: FxHashSet<Origin>,
}

impl Rows {
    pub(super) fn new(flow: &Flow, places: &Places<'_, '_>) -> Rows {
        let mut rows = Rows { whole: FxHashSet::default(), parted: FxHashSet::default() };
        let list = |froms: &Froms| flow.origins.list(*froms).to_vec();
        let mut todo: Vec<Origin> = flow.saved.iter().flat_map(list).collect();
        while let Some(origin) = todo.pop() {
            if !rows.whole.insert(origin) {
                continue;
            }
            match flow.origins.kind(origin) {
                OriginKind::Derived(inner)
                | OriginKind::Content(inner)
                | OriginKind::Asked(inner, _)
                | OriginKind::Part(inner, _) => todo.push(inner),
                OriginKind::Field { base: Some(base), .. } => {
                    rows.parted.insert(base);
                }
                OriginKind::Param(node, index) => {
                    places.each_argument(node, index, &[], |froms, _| todo.extend(list(&froms)));
                }
                OriginKind::Made(..) => {
                    todo.extend(flow.parts.get(&origin).into_iter().flat_map(list));
                }
                _ => {}
            }
        }
        rows
    }
}

/// A message, and what is known of it so far.
pub(super) struct Telling<'t, 'c, 'm, 'a> {
    pub(super) channels: &'t Channels<'c, 'm, 'a>,
    pub(super) places: &'t Places<'m, 'a>,
    pub(super) deeds: &'t Deeds,
    pub(super) rows: &'t Rows,
}

impl Telling<'_, '_, '_, '_> {
    /// Whether any part of a message was put into a store, or came out of one.
    pub(super) fn tells_of_rows(&self, message: Froms) -> bool {
        self.any(message, &mut FxHashSet::default())
    }

    fn any(&self, froms: Froms, seen: &mut FxHashSet<Origin>) -> bool {
        let origins = self.channels.flow.origins.list(froms);
        origins.iter().any(|origin| self.is_of_row(*origin, seen))
    }

    fn is_of_row(&self, origin: Origin, seen: &mut FxHashSet<Origin>) -> bool {
        if seen.len() > MOST_STEPS || !seen.insert(origin) {
            return false;
        }
        if self.rows.whole.contains(&origin) || self.rows.parted.contains(&origin) {
            return true;
        }
        let flow = self.channels.flow;
        match flow.origins.kind(origin) {
            OriginKind::Derived(inner)
            | OriginKind::Content(inner)
            | OriginKind::Asked(inner, _)
            | OriginKind::Part(inner, _) => self.is_of_row(inner, seen),
            OriginKind::Field { base: Some(base), .. } => {
                self.rows.whole.contains(&base) || self.answers(base, seen)
            }
            OriginKind::Made(..) => {
                let parts = flow.parts.get(&origin).copied();
                parts.is_some_and(|parts| self.any(parts, seen))
            }
            OriginKind::Param(node, index) => {
                let mut found = false;
                self.places.each_argument(node, index, &[], |froms, _| {
                    found = found || self.any(froms, seen);
                });
                found
            }
            _ => self.answers(origin, seen),
        }
    }

    /// Whether a value is what a call gave that asked a store.
    fn answers(&self, origin: Origin, seen: &mut FxHashSet<Origin>) -> bool {
        let Channels { names, flow, reach, .. } = self.channels;
        match flow.origins.root(origin) {
            OriginKind::Result(call) => {
                let bodies: Vec<NodeId> = match &flow.call(call).callee {
                    Callee::Defs(defs) => {
                        defs.iter().filter_map(|def| flow.bodies.get(def)).copied().collect()
                    }
                    _ => Vec::new(),
                };
                let asks = |work: Work| {
                    !matches!(work, Work::Listen | Work::Call | Work::Ask | Work::Run | Work::Send)
                };
                let mut inside = bodies.iter().flat_map(|body| reach.inside(*body, None));
                inside.any(|(body, _)| self.deeds.any(body, None, asks))
                    || self.places.answers(call).into_iter().any(|froms| self.any(froms, seen))
            }
            OriginKind::External(path) => {
                let text = &names.externals.get(path).text;
                let fact = names.catalog.crate_fact(text);
                fact.is_some_and(|fact| fact.is == Role::BackingService)
            }
            _ => false,
        }
    }
}
