//! What runs only for what was taken out of a collection of this process alone, which what comes to
//! it fills: another replica has other elements, and does it for those.

mod text;

use std::cell::OnceCell;
use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use super::places::Place;
use super::states::Parts;
use crate::catalog::Role;
use crate::flow::{Callee, Froms, NodeId, Origin, OriginKind, Touch, TouchKind, Used};
use crate::parse::tree::{ExprId, ExprKind, Facts, ItemKind, Range};
use crate::resolve::{DefId, Res, Space};
use crate::symbol::Symbol;
use text::Text;

/// Functions that give on what another one took are followed this far.
const MOST_ROUNDS: usize = 4;
/// Calls, references and names around what was taken.
const MOST_LAYERS: u8 = 12;

/// Where in the text of a function something is taken.
#[derive(Default)]
struct Taken {
    calls: FxHashSet<u32>,
    /// Of these, those that leave nothing where they take it.
    clears: FxHashSet<u32>,
    /// Parameters that every caller hands what was taken; `self` is the first.
    params: FxHashSet<u32>,
}

/// Where something is put into a collection that a function makes.
type Puts = FxHashMap<(DefId, ExprId), Vec<Range>>;

/// The parts of functions that run only for what was taken.
#[derive(Default)]
pub(super) struct Portions(FxHashMap<DefId, Vec<Range>>);

impl Portions {
    pub(super) fn new(parts: &Parts<'_, '_, '_>) -> Portions {
        let mut taken: FxHashMap<DefId, Taken> = FxHashMap::default();
        let own = Own::new(parts);
        for touch in parts.flow.touches.iter().filter(|touch| own.gives(touch)) {
            let taken = taken.entry(parts.flow.node(touch.node).def).or_default();
            taken.calls.insert(touch.at.start);
            if touch.empties && touch.method.is_some() {
                taken.clears.insert(touch.at.start);
            }
        }
        for touch in own.read_whole().into_iter().chain(own.polled()) {
            let taken = taken.entry(parts.flow.node(touch.node).def).or_default();
            taken.calls.insert(touch.at.start);
        }
        let mut found = Portions::default();
        if taken.is_empty() {
            return found;
        }
        let puts = puts(parts);
        let mut handed = Handed::default();
        let mut todo: Vec<DefId> = taken.keys().copied().collect();
        for _ in 0..MOST_ROUNDS {
            todo.sort();
            todo.dedup();
            let mut giving = FxHashSet::default();
            for def in todo.drain(..) {
                let Some(mut text) = Text::of(parts, def, &taken[&def]) else { continue };
                text.gather(&puts);
                found.0.insert(def, text.over());
                let given = text.handed().into_iter();
                handed.extend(given.map(|(at, index)| (def, at, index)));
                if text.gives() && !own.asks(def) {
                    giving.insert(def);
                }
            }
            for call in &parts.flow.calls {
                let Callee::Defs(defs) = &call.callee else { continue };
                if !defs.is_empty() && defs.iter().all(|def| giving.contains(def)) {
                    let def = parts.flow.node(call.node).def;
                    if taken.entry(def).or_default().calls.insert(call.at.start) {
                        todo.push(def);
                    }
                }
            }
            for (def, index) in always_handed(parts, &handed) {
                if taken.entry(def).or_default().params.insert(index) {
                    todo.push(def);
                }
            }
        }
        found
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn of(&self, def: DefId) -> &[Range] {
        self.0.get(&def).map_or(&[], Vec::as_slice)
    }
}

/// Calls of a function, and which of their arguments are what was taken.
type Handed = FxHashSet<(DefId, u32, u32)>;

/// The parameters that all who call a function hand what was taken.
fn always_handed(parts: &Parts<'_, '_, '_>, handed: &Handed) -> Vec<(DefId, u32)> {
    let (flow, places) = (parts.flow, parts.places);
    let mut asked = FxHashSet::default();
    for call in &flow.calls {
        let Callee::Defs(defs) = &call.callee else { continue };
        let ([def], by) = (&defs[..], flow.node(call.node).def) else { continue };
        let indices = 0..call.args.len() as u32;
        let given = indices.filter(|index| handed.contains(&(by, call.at.start, *index)));
        asked.extend(given.map(|index| (*def, index)));
    }
    // Who has it as a value, or calls it through its trait, may hand it anything.
    let known = |def: DefId| !flow.named.contains(&def) && parts.names.trait_of(def).is_none();
    let all = |(def, index): &(DefId, u32)| {
        let callers = flow.bodies.get(def).and_then(|body| places.callers.get(body));
        known(*def)
            && callers.into_iter().flatten().all(|id| {
                let call = flow.call(*id);
                handed.contains(&(flow.node(call.node).def, call.at.start, *index))
            })
    };
    asked.into_iter().filter(all).collect()
}

/// Where something is put into collections that functions make for themselves.
fn puts(parts: &Parts<'_, '_, '_>) -> Puts {
    let flow = parts.flow;
    let mut found = Puts::default();
    let puts = |touch: &&Touch| matches!(touch.kind, TouchKind::Change | TouchKind::Fill);
    for touch in flow.touches.iter().filter(puts).filter(|touch| !touch.takes) {
        for origin in flow.origins.list(touch.what) {
            let OriginKind::Made(node, expr) = flow.origins.kind(*origin) else { continue };
            let (by, of) = (flow.node(touch.node).def, flow.node(node).def);
            // What others put in stands nowhere in the text.
            let at = if by == of { touch.at } else { Range { start: 0, end: 0 } };
            found.entry((of, expr)).or_default().push(at);
        }
    }
    found
}

/// Which collections are filled by what comes to this process, and by nothing else?
struct Own<'o, 'p, 'm, 'a> {
    parts: &'o Parts<'p, 'm, 'a>,
    places: FxHashSet<Place>,
    /// Where what is there changes places with a new collection.
    swaps: FxHashSet<(NodeId, Range)>,
    /// Tasks that take what requests send them: what they put in was brought.
    fed: FxHashSet<NodeId>,
    by_clocks: OnceCell<FxHashSet<NodeId>>,
}

impl<'o, 'p, 'm, 'a> Own<'o, 'p, 'm, 'a> {
    fn new(parts: &'o Parts<'p, 'm, 'a>) -> Self {
        let (places, swaps) = (FxHashSet::default(), swaps(parts));
        let known = parts.reach.entries.iter().zip(parts.points);
        let fed = known.filter(|(entry, point)| !point.beside && parts.reach.is_beside(entry));
        let fed = fed.map(|(entry, _)| entry.node).collect();
        let mut own = Own { parts, places, swaps, fed, by_clocks: OnceCell::new() };
        for touch in &parts.flow.touches {
            if own.takes(touch) {
                let places = own.meant(touch);
                own.places.extend(places);
            }
        }
        let (mut filled, mut others) = (FxHashSet::default(), FxHashSet::default());
        let puts = |touch: &&Touch| matches!(touch.kind, TouchKind::Change | TouchKind::Fill);
        for touch in parts.flow.touches.iter().filter(puts) {
            if touch.takes || touch.empties || own.swaps.contains(&(touch.node, touch.at)) {
                continue;
            }
            let places = own.meant(touch);
            if places.iter().any(|place| own.places.contains(place)) {
                let brought = own.is_brought(touch);
                if brought { &mut filled } else { &mut others }.extend(places);
            }
        }
        let (filled, others) = (&filled, &others);
        let mut places = std::mem::take(&mut own.places);
        places.retain(|place| {
            filled.contains(place) && !others.contains(place) && own.begins_empty(*place)
        });
        own.places = places;
        own
    }

    /// Whether something is taken out of a collection, and made use of, or all that is there.
    fn takes(&self, touch: &Touch) -> bool {
        let role = self.parts.places.role(touch.on);
        let used = touch.takes && touch.used != Used::No;
        (used || touch.empties || self.swaps.contains(&(touch.node, touch.at)))
            && matches!(role, Some(Role::Collection | Role::SharedCollection))
    }

    fn gives(&self, touch: &Touch) -> bool {
        if !self.takes(touch) {
            return false;
        }
        let places = self.meant(touch);
        !places.is_empty() && places.iter().all(|place| self.places.contains(place))
    }

    /// Where a collection is read whole by who empties it, or has it emptied: `for one in all.iter()
    /// { .. } all.clear()`.
    fn read_whole(&self) -> Vec<&'p Touch> {
        let flow = self.parts.flow;
        let mut emptied: FxHashMap<DefId, FxHashSet<Place>> = FxHashMap::default();
        for touch in flow.touches.iter().filter(|touch| touch.empties && self.gives(touch)) {
            emptied.entry(flow.node(touch.node).def).or_default().extend(self.meant(touch));
        }
        for _ in 0..MOST_ROUNDS {
            let mut more = Vec::new();
            for call in &flow.calls {
                let Callee::Defs(defs) = &call.callee else { continue };
                if let [def] = defs[..]
                    && let Some(places) = emptied.get(&def)
                {
                    more.push((flow.node(call.node).def, places.clone()));
                }
            }
            more.into_iter()
                .for_each(|(def, places)| emptied.entry(def).or_default().extend(places));
        }
        let reads = flow.touches.iter().filter(|touch| {
            touch.kind == TouchKind::Read && touch.method.is_some() && touch.value == Froms::NONE
        });
        let reads = reads.filter(|touch| {
            let emptied = emptied.get(&flow.node(touch.node).def);
            let places = emptied.map(|_| self.meant(touch)).unwrap_or_default();
            let all = |emptied: &FxHashSet<Place>| places.iter().all(|one| emptied.contains(one));
            !places.is_empty() && emptied.is_some_and(all)
        });
        reads.collect()
    }

    /// Where a timer takes what is there already out of channels through which nothing is sent but
    /// what was brought.
    fn polled(&self) -> Vec<&'p Touch> {
        let channels = self.parts.channels;
        let (mut own, mut others) = (BTreeSet::new(), BTreeSet::new());
        for uses in channels.by_channel.values() {
            let gathers = |index: &usize| channels.gathered_for(channels.touch(*index)).is_some();
            let gathered: Vec<usize> = uses.receives.iter().copied().filter(gathers).collect();
            let brought = |index: &usize| self.is_brought(channels.touch(*index));
            if !gathered.is_empty() {
                let all = !uses.sends.is_empty() && uses.sends.iter().all(brought);
                if all { &mut own } else { &mut others }.extend(gathered);
            }
        }
        own.difference(&others).map(|index| &self.parts.flow.touches[*index]).collect()
    }

    /// The collections that are meant; not what they are in.
    fn meant(&self, touch: &Touch) -> Vec<Place> {
        let mut found = self.parts.places.places(touch.what);
        found.retain(|place| self.parts.is_keyed(*place));
        found
    }

    /// Whether something is put in by whoever serves what came, or is not known to be called; and it
    /// is not what a store or service holds.
    fn is_brought(&self, touch: &Touch) -> bool {
        let reach = self.parts.reach;
        let beside = || {
            let entry = reach.entry_of(touch.node);
            entry.is_some_and(|entry| reach.is_beside(entry) && !self.fed.contains(&entry.node))
        };
        let put = self.parts.put_in(touch);
        !reach.is_startup(touch.node)
            && !beside()
            && (!self.parts.is_answer(put, &mut FxHashSet::default())
                || self.parts.brings_its_own(put, 0) && !self.by_clocks().contains(&touch.node))
    }

    /// What timers and other tasks run that nobody sends anything.
    fn by_clocks(&self) -> &FxHashSet<NodeId> {
        self.by_clocks.get_or_init(|| {
            let reach = self.parts.reach;
            let entries = reach.entries.iter();
            let beside =
                entries.filter(|entry| reach.is_beside(entry) && !self.fed.contains(&entry.node));
            let inside = beside.flat_map(|entry| reach.inside(entry.node, None));
            inside.map(|(body, _)| body).collect()
        })
    }

    /// Whether nothing is in a collection when it is made.
    fn begins_empty(&self, place: Place) -> bool {
        let Parts { names, places, .. } = self.parts;
        match place {
            Place::Static(id) => match names.def(id).item.map(|item| &item.kind) {
                Some(ItemKind::Static { init: Some(init), .. }) => {
                    is_bare(self.parts, id, names.facts_of(id), *init, 0)
                }
                _ => false,
            },
            Place::Made(origin) => self.is_made_bare(origin),
            Place::Field(of, index) => {
                let name = names.fields(of)[index as usize].name;
                let stores = places.stores.get(&(of, name)).into_iter().flatten();
                stores.into_iter().all(|froms| self.comes_bare(*froms))
            }
        }
    }

    fn comes_bare(&self, froms: Froms) -> bool {
        let Parts { flow, places, .. } = self.parts;
        // How much room there is to be stands beside what is made.
        let is_number = |place| places.role(self.parts.place_type(place)) == Some(Role::Number);
        let mut made = false;
        let bare = flow.origins.list(froms).iter().all(|origin| {
            let found = places.places_of(*origin);
            made |= found.iter().any(|place| matches!(place, Place::Made(_)));
            !found.is_empty()
                && found.into_iter().all(|place| match place {
                    Place::Made(origin) => self.is_made_bare(origin),
                    _ => is_number(place),
                })
        });
        made && bare
    }

    fn is_made_bare(&self, origin: Origin) -> bool {
        let flow = self.parts.flow;
        let OriginKind::Made(node, expr) = flow.origins.kind(origin) else { return false };
        let node = flow.node(node);
        is_bare(self.parts, node.def, self.parts.names.facts(node.file), expr, 0)
    }

    /// Whether a function asks others for anything: what it gives may be theirs.
    fn asks(&self, def: DefId) -> bool {
        let Some(body) = self.parts.flow.bodies.get(&def) else { return true };
        let inside = self.parts.reach.inside(*body, None);
        inside.into_iter().any(|(body, _)| self.parts.deeds.asks(body))
    }
}

/// Where a collection changes places with one that was made just for that: `mem::swap(&mut *all,
/// &mut new)`.
fn swaps(parts: &Parts<'_, '_, '_>) -> FxHashSet<(NodeId, Range)> {
    let given: FxHashSet<(NodeId, Range)> = parts
        .flow
        .touches
        .iter()
        .filter(|touch| touch.method.is_none() && touch.replaces && !touch.takes)
        .filter(|touch| parts.places.role(touch.on) == Some(Role::Collection))
        .filter(|touch| parts.is_made_new(touch.node, touch.value))
        .map(|touch| (touch.node, touch.at))
        .collect();
    let mut defs: Vec<DefId> = given.iter().map(|(node, _)| parts.flow.node(*node).def).collect();
    defs.sort();
    defs.dedup();
    let taken = Taken::default();
    let mut calls = FxHashSet::default();
    for def in defs {
        let Some(text) = Text::of(parts, def, &taken) else { continue };
        let swapped = text.exprs().filter(|expr| text.swapped(expr).is_some());
        calls.extend(swapped.map(|expr| (def, expr.at)));
    }
    let of = |node: NodeId| parts.flow.node(node).def;
    given.into_iter().filter(|(node, at)| calls.contains(&(of(*node), *at))).collect()
}

/// `Arc::new(Mutex::new(Vec::new()))`, `vec![]`
fn is_bare(parts: &Parts<'_, '_, '_>, def: DefId, facts: &Facts, expr: ExprId, depth: u8) -> bool {
    let names = parts.names;
    let bare = |expr: &ExprId| is_bare(parts, def, facts, *expr, depth + 1);
    let is_foreign = |path: &[Symbol], absolute: bool| {
        let scope = names.context(def).scope;
        matches!(names.resolve(scope, path, absolute, Space::Values), Res::External(_))
    };
    depth < MOST_LAYERS
        && match &facts.expr(expr).kind {
            ExprKind::Int(_) => true,
            ExprKind::Call { callee, args } => {
                let (path, absolute) = match &facts.expr(*callee).kind {
                    ExprKind::Name(name) => (std::slice::from_ref(name), false),
                    ExprKind::Path { path, .. } => (&path.segments[..], path.absolute),
                    _ => return false,
                };
                // However much room there is, there is nothing in it.
                let makes = |name: &str| {
                    name == "with_capacity"
                        || names.catalog.constructs(name) && args.iter().all(bare)
                };
                is_foreign(path, absolute)
                    && path.last().is_some_and(|last| makes(names.text(*last)))
            }
            ExprKind::Closure { params, body, .. } => params.is_empty() && bare(body),
            ExprKind::Macro { path, args, text: None } => {
                args.is_empty() && matches!(path[..], [only] if names.text(only) == "vec")
            }
            _ => false,
        }
}

impl Parts<'_, '_, '_> {
    /// Whether a value was made in its body, and nothing is put into it there.
    fn is_made_new(&self, node: NodeId, value: Froms) -> bool {
        let list = self.flow.origins.list(value);
        !list.is_empty()
            && list.iter().all(|origin| {
                let OriginKind::Made(by, expr) = self.flow.origins.kind(*origin) else {
                    return false;
                };
                let body = self.flow.node(by);
                body.def == self.flow.node(node).def
                    && self.gathered().of(origin).is_empty()
                    && is_bare(self, body.def, self.names.facts(body.file), expr, 0)
            })
    }
}
