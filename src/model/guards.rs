//! Which process leads? What is done only where a store, a lease or a cluster says that it is this
//! one.

use rustc_hash::FxHashSet;

use super::deeds::{Deeds, Ground, Inside};
use super::under::{Point, way};
use crate::catalog::{Role, Work};
use crate::flow::{
    Callee, Froms, Guard, Node, NodeId, NodeKind, Origin, OriginKind, static_type, swaps,
};
use crate::parse::tree::Range;
use crate::resolve::{T, Type};

/// Pointers and locks around what is asked.
const MOST_LAYERS: usize = 4;

/// What runs where this process leads.
pub(super) struct Led {
    /// The body that finds out, among those that are looked at.
    pub(super) index: usize,
    run: usize,
    pub(super) asks: Range,
    over: Range,
    /// It came first where it changed anything.
    pub(super) counts: bool,
    pub(super) one: bool,
    /// Where it says yes, it is asked once more.
    pub(super) again: bool,
}

impl Led {
    pub(super) fn holds(&self, way: &[Point]) -> bool {
        self.is_in(way, self.asks) || self.lets(way)
    }

    /// Whether something is done only if this process is the one.
    pub(super) fn lets(&self, way: &[Point]) -> bool {
        self.is_in(way, self.over)
    }

    /// What depends on it in the body that asks.
    pub(super) fn part(&self, body: &Node) -> Range {
        let end = match body.kind {
            NodeKind::Function => self.over.end,
            _ => self.over.end.min(body.at.end),
        };
        Range { end, ..self.over }
    }

    fn is_in(&self, way: &[Point], range: Range) -> bool {
        let within = |at: u32| range.start <= at && at <= range.end;
        way.iter().any(|point| point.run == self.run && within(point.at))
    }
}

/// What of these bodies runs where this process leads.
pub(super) fn led(deeds: &Deeds, ground: &Ground<'_, '_, '_>, inside: &Inside) -> Vec<Led> {
    let mut found = Vec::new();
    for guard in &ground.flow.guards {
        let Some(index) = inside.iter().position(|(body, _)| *body == guard.node) else { continue };
        let here = |of: fn(Work) -> bool| deeds.any(guard.node, Some(guard.asks), of);
        let told = || leads(deeds, ground, guard.on, &mut FxHashSet::default());
        let first = match guard.counts {
            true => {
                deeds.swaps(guard.node, guard.asks)
                    || swapped(deeds, ground, guard.on, &mut FxHashSet::default())
            }
            false => here(changes) || !here(|work| work == Work::Read) && told(),
        };
        if !first {
            continue;
        }
        let run = way(ground.flow, inside, index, guard.asks).last().map_or(0, |last| last.run);
        let Guard { asks, over, counts, one, .. } = *guard;
        // Who has more to do does not wait first.
        let waits = ground.flow.waits.iter().filter(|(node, _)| *node == guard.node);
        let inside = |at: Range| over.end < u32::MAX && over.holds(at);
        let again = guard.again
            && waits.clone().any(|(_, at)| asks.end < at.start)
            && !waits.clone().any(|(_, at)| inside(*at));
        found.push(Led { index, run, asks, over, counts, one, again });
    }
    found
}

/// Whether a number says how much was changed that another process may have changed before.
fn swapped(
    deeds: &Deeds,
    ground: &Ground<'_, '_, '_>,
    number: Froms,
    seen: &mut FxHashSet<Froms>,
) -> bool {
    let Ground { names, flow, reach } = ground;
    if !seen.insert(number) {
        return false;
    }
    flow.origins.list(number).iter().any(|origin| match flow.origins.root(*origin) {
        OriginKind::Text(text) => swaps(names.text(text)),
        OriginKind::Result(call) => {
            let Callee::Defs(defs) = &flow.call(call).callee else { return false };
            defs.iter().filter_map(|def| flow.bodies.get(def)).any(|body| {
                let own = |inner: &NodeId| flow.node(*inner).def == flow.node(*body).def;
                let inside = reach.inside(*body, None).into_iter().map(|(inner, _)| inner);
                deeds.only_swaps(inside.filter(own))
                    || swapped(deeds, ground, flow.node(*body).returns, seen)
            })
        }
        _ => false,
    })
}

/// Whether an answer is that of a service, or of a crate of which nothing is known, to something
/// else than what a store holds: who changes something there to learn it takes a lease.
fn leads(
    deeds: &Deeds,
    ground: &Ground<'_, '_, '_>,
    answer: Froms,
    seen: &mut FxHashSet<Froms>,
) -> bool {
    let Ground { names, flow, reach } = ground;
    if !seen.insert(answer) {
        return false;
    }
    flow.origins.list(answer).iter().any(|origin| match flow.origins.root(*origin) {
        OriginKind::Result(call) => {
            let Callee::Defs(defs) = &flow.call(call).callee else { return false };
            let bodies: Vec<NodeId> =
                defs.iter().filter_map(|def| flow.bodies.get(def)).copied().collect();
            let inside: Vec<NodeId> = bodies
                .iter()
                .flat_map(|body| reach.inside(*body, None))
                .map(|(body, _)| body)
                .collect();
            let any = |of: fn(Work) -> bool| inside.iter().any(|body| deeds.any(*body, None, of));
            let reads = any(|work| work == Work::Read);
            let given = bodies.iter().map(|body| flow.node(*body).returns);
            any(changes)
                || !reads && given.into_iter().any(|froms| leads(deeds, ground, froms, seen))
        }
        OriginKind::External(path) => {
            let external = names.externals.get(path);
            let fact = names.catalog.crate_fact(&external.text);
            let known = names.catalog.work(external.name(), Some(external.krate()), |_| false);
            let service = fact.is_none_or(|fact| fact.is == Role::BackingService);
            service && external.around().is_some() && known.is_none_or(|work| work > Work::Read)
        }
        OriginKind::Asked(of, _) => is_of_others(ground, of),
        _ => is_of_others(ground, *origin),
    })
}

/// Whether a value is of a service's type, or of one of which nothing is known.
fn is_of_others(ground: &Ground<'_, '_, '_>, origin: Origin) -> bool {
    let Ground { names, flow, .. } = ground;
    let ty = match flow.origins.root(origin) {
        OriginKind::Param(node, index) => flow.node(node).params.get(index as usize).copied(),
        OriginKind::Field { of, name, .. } => {
            names.field(of, name).map(|field| names.field_type(of, field, &[]))
        }
        OriginKind::Static(id) => Some(static_type(names, id)),
        kind @ OriginKind::Made(..) => {
            flow.origins.find(kind).and_then(|made| flow.made.get(&made)).copied()
        }
        _ => None,
    };
    let mut at = ty.unwrap_or(T::UNKNOWN);
    for _ in 0..MOST_LAYERS {
        let Type::External(path, args) = &*names.types.get(at) else { return false };
        let external = names.externals.get(*path);
        let fact = names.catalog.crate_fact(&external.text);
        match (external.role, args.first()) {
            (Some(Role::BackingService), _) => return true,
            (Some(_), Some(inner)) => at = *inner,
            (Some(_), None) => return false,
            (None, _) => return fact.is_none_or(|fact| fact.is == Role::BackingService),
        }
    }
    false
}

/// Whether work leaves something in a store.
fn changes(work: Work) -> bool {
    use Work::{Claim, Once, Repeat, Settle, Take, Write};
    matches!(work, Settle | Repeat | Write | Once | Take | Claim)
}
