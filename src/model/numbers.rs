//! Which numbers of shared counters leave the process? Followed back from what is answered, sent,
//! stored, or written down for others.

use rustc_hash::{FxHashMap, FxHashSet};

use super::states::Parts;
use crate::catalog::EntryKind;
use crate::flow::{CallId, Flow, Froms, NodeId, Origin, OriginKind, Touch, TouchKind};
use crate::resolve::{DefId, DefKind, Type};

/// As many of the calls that a value came through are told apart.
const MOST_CALLS: usize = 4;

/// As many of the ways that one value comes by are followed: in a large tree they multiply.
const MOST_WAYS: usize = 8;

/// Values that are to be followed back, each with the calls that it came through.
struct Back<'f> {
    flow: &'f Flow,
    seen: FxHashMap<Origin, Vec<Vec<CallId>>>,
    todo: Vec<(Origin, Vec<CallId>)>,
}

impl Back<'_> {
    fn all(&mut self, froms: Froms, calls: &[CallId]) {
        let flow = self.flow;
        flow.origins.list(froms).iter().for_each(|origin| self.one(*origin, calls));
    }

    fn one(&mut self, origin: Origin, calls: &[CallId]) {
        let ways = self.seen.entry(origin).or_default();
        // Who came by no call in particular asked all callers.
        let known = || ways.iter().any(|way| way.is_empty() || way == calls);
        if ways.len() < MOST_WAYS && !known() {
            ways.push(calls.to_vec());
            self.todo.push((origin, calls.to_vec()));
        }
    }
}

/// What others may meet again.
#[derive(Default)]
pub(super) struct Leaving {
    /// Touches, by their numbers in the flow.
    counted: FxHashSet<u32>,
    /// Numbers that are counted where they stand: `*last += 1`.
    places: FxHashSet<Origin>,
}

impl Leaving {
    pub(super) fn new(parts: &Parts<'_, '_, '_>) -> Leaving {
        let flow = parts.flow;
        let mut leaving = Leaving::default();
        let counts =
            |touch: &&Touch| touch.kind == TouchKind::Count && parts.reach.is_serving(touch.node);
        let mut counts = flow.touches.iter().filter(counts).peekable();
        if counts.peek().is_none() {
            return leaving;
        }
        let plain = counts.filter(|touch| touch.method.is_none());
        let plain: FxHashSet<Origin> =
            plain.flat_map(|touch| flow.origins.list(touch.what)).copied().collect();
        let mut back = Back { flow, seen: FxHashMap::default(), todo: Vec::new() };
        for froms in parts.ways_out() {
            back.all(froms, &[]);
        }
        while let Some((origin, calls)) = back.todo.pop() {
            if plain.contains(&origin) {
                leaving.places.insert(origin);
            }
            match flow.origins.kind(origin) {
                OriginKind::Counted(touch) => {
                    leaving.counted.insert(touch);
                }
                OriginKind::Derived(inner)
                | OriginKind::Content(inner)
                | OriginKind::Asked(inner, _)
                | OriginKind::Part(inner, _) => back.one(inner, &calls),
                OriginKind::Static(id) => {
                    let fills = parts.places.fills.get(&id).into_iter().flatten();
                    fills.for_each(|froms| back.all(*froms, &[]));
                }
                OriginKind::Field { of, name, .. } => {
                    let stores = parts.places.stores.get(&(of, name)).into_iter().flatten();
                    stores.for_each(|froms| back.all(*froms, &[]));
                }
                OriginKind::Made(..) => {
                    flow.parts.get(&origin).into_iter().for_each(|made| back.all(*made, &calls));
                }
                OriginKind::Param(node, index) => {
                    let each = |froms, calls: &[CallId]| back.all(froms, calls);
                    parts.places.each_argument(node, index, &calls, each);
                }
                OriginKind::Result(call) => {
                    let from = calls.len().saturating_sub(MOST_CALLS - 1);
                    let mut deeper = calls[from..].to_vec();
                    deeper.push(call);
                    let answers = parts.places.answers(call).into_iter();
                    answers.for_each(|froms| back.all(froms, &deeper));
                }
                _ => {}
            }
        }
        leaving
    }

    /// Whether a number that is taken here leaves the process.
    pub(super) fn has(&self, parts: &Parts<'_, '_, '_>, index: usize, touch: &Touch) -> bool {
        let mut origins = parts.flow.origins.list(touch.what).iter();
        self.counted.contains(&(index as u32)) || origins.any(|o| self.places.contains(o))
    }
}

impl Parts<'_, '_, '_> {
    /// Whether a touch takes away from what was counted.
    pub(super) fn lowers(&self, touch: &Touch) -> bool {
        let Some(method) = touch.method else { return false };
        let fact = self.names.type_fact(touch.on);
        fact.is_some_and(|fact| fact.lowers.iter().any(|name| name == self.names.text(method)))
    }

    /// Values that others get to see.
    fn ways_out(&self) -> Vec<Froms> {
        let flow = self.flow;
        let mut out: Vec<Froms> = flow.saved.iter().chain(&flow.sent).copied().collect();
        let answers = self
            .reach
            .entries
            .iter()
            .filter(|entry| entry.point.kind == EntryKind::Handler && !entry.point.beside);
        for entry in answers {
            let node = flow.node(entry.node);
            out.push(node.returns);
            // `|request| async move { .. }`
            out.extend(node.gives.iter().filter_map(|ty| match &*self.names.types.get(*ty) {
                Type::Closure(node) => Some(flow.node(NodeId(*node)).returns),
                _ => None,
            }));
        }
        let written = flow.stores.iter().filter(|store| self.is_written_down(store.of));
        out.extend(written.map(|store| store.from));
        out
    }

    /// Whether values of a struct, or of the enum that has this variant, are written down for others.
    fn is_written_down(&self, of: DefId) -> bool {
        let def = self.names.def(of);
        let of = if def.kind == DefKind::Variant { def.parent } else { of };
        self.names.is_written(of)
    }
}
