//! Which numbers of shared counters leave the process? Followed back from what is answered, sent,
//! stored, or written down for others.

use std::cell::RefCell;

use rustc_hash::{FxHashMap, FxHashSet};

use super::states::Parts;
use crate::catalog::{EntryKind, Role};
use crate::flow::{CallId, Flow, Froms, NodeId, Origin, OriginKind, Touch, TouchKind};
use crate::resolve::{DefId, DefKind, T, Type};

/// As many of the calls that a value came through are told apart.
const MOST_CALLS: usize = 4;

/// As deep as structs, and what stands around their fields, are seen into.
const MOST_DEPTH: u8 = 8;

/// As many of the ways that one value comes by are followed: in a large tree they multiply.
const MOST_WAYS: usize = 8;

/// How a value came: as it is, or as something that was computed from it, and through which calls.
#[derive(Clone, PartialEq)]
struct Way {
    whole: bool,
    calls: Vec<CallId>,
}

/// Values that are to be followed back, each with the way that it came.
struct Back<'f> {
    flow: &'f Flow,
    seen: FxHashMap<Origin, Vec<Way>>,
    todo: Vec<(Origin, Way)>,
}

impl Back<'_> {
    fn all(&mut self, froms: Froms, whole: bool, calls: &[CallId]) {
        let flow = self.flow;
        flow.origins.list(froms).iter().for_each(|origin| self.one(*origin, whole, calls));
    }

    fn one(&mut self, origin: Origin, whole: bool, calls: &[CallId]) {
        let ways = self.seen.entry(origin).or_default();
        // Who came by no call in particular asked all callers.
        let says = |way: &Way| way.calls.is_empty() || way.calls == calls;
        let known = || ways.iter().any(|way| (way.whole || !whole) && says(way));
        if ways.iter().filter(|way| way.whole == whole).count() < MOST_WAYS && !known() {
            let way = Way { whole, calls: calls.to_vec() };
            ways.push(way.clone());
            self.todo.push((origin, way));
        }
    }
}

/// Structs that do something for the process: they hold locks, channels, connections. What is asked
/// of one is an answer of the struct, not what it is made of.
struct Machinery<'l, 'p, 'm, 'a> {
    parts: &'l Parts<'p, 'm, 'a>,
    /// Structs that are put into texts as a whole.
    told: FxHashSet<DefId>,
    known: RefCell<FxHashMap<T, bool>>,
}

impl<'l, 'p, 'm, 'a> Machinery<'l, 'p, 'm, 'a> {
    fn new(parts: &'l Parts<'p, 'm, 'a>) -> Self {
        let (told, known) = Default::default();
        let mut machinery = Machinery { parts, told, known };
        parts.flow.told_as_text.iter().for_each(|ty| machinery.tell(*ty, 0));
        machinery
    }

    fn tell(&mut self, ty: T, depth: u8) {
        let names = self.parts.names;
        match &*names.types.get(ty).clone() {
            Type::Local(of, args) if depth < MOST_DEPTH && self.told.insert(*of) => {
                let shown = names.shows_its_parts(*of);
                for field in names.fields(*of).iter().filter(|_| shown) {
                    self.tell(names.field_type(*of, field, args), depth + 1);
                }
            }
            Type::External(_, args) if depth < MOST_DEPTH => {
                args.iter().for_each(|arg| self.tell(*arg, depth + 1));
            }
            _ => {}
        }
    }

    fn is(&self, made: Origin) -> bool {
        let Some(ty) = self.parts.flow.made.get(&made).copied() else { return false };
        let names = self.parts.names;
        match &*names.types.get(ty) {
            Type::Local(of, args) if names.def(*of).kind == DefKind::Struct => {
                // What no body of the tree gives may be a part of it, as may what it stands for.
                let unwritten = &self.parts.flow.known.unwritten;
                let stands_for = || names.deref_target(*of, args);
                !self.told.contains(of)
                    && !unwritten.contains(of)
                    && self.works(ty, 0)
                    && stands_for().is_none_or(|ty| self.works(ty, 0))
            }
            _ => false,
        }
    }

    fn works(&self, ty: T, depth: u8) -> bool {
        if let Some(known) = self.known.borrow().get(&ty) {
            return *known;
        }
        // What holds itself is what it is by the rest.
        self.known.borrow_mut().insert(ty, false);
        let names = self.parts.names;
        let works = match &*names.types.get(ty).clone() {
            Type::Local(of, args) if depth < MOST_DEPTH => {
                std::iter::once(*of).chain(names.variants(*of)).any(|of| {
                    let mut fields = names.fields(of).iter();
                    fields.any(|field| self.works(names.field_type(of, field, args), depth + 1))
                })
            }
            Type::External(path, args) => match names.externals.get(*path).role {
                Some(
                    Role::Lock
                    | Role::Cell
                    | Role::Atomic
                    | Role::SharedCollection
                    | Role::Cache
                    | Role::BackingService
                    | Role::Control
                    | Role::Channel,
                ) => true,
                Some(Role::Pointer | Role::Guard | Role::Carrier | Role::Collection) => {
                    depth < MOST_DEPTH && args.iter().any(|arg| self.works(*arg, depth + 1))
                }
                _ => false,
            },
            _ => false,
        };
        self.known.borrow_mut().insert(ty, works);
        works
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
        Leaving::through(parts, |parts| parts.ways_out())
    }

    /// Of these, what stores and services keep that every replica shares.
    pub(super) fn into_stores(parts: &Parts<'_, '_, '_>) -> Leaving {
        Leaving::through(parts, |parts| parts.flow.saved.iter().copied().collect())
    }

    fn through<'p, 'm, 'a>(
        parts: &Parts<'p, 'm, 'a>,
        ways: impl Fn(&Parts<'p, 'm, 'a>) -> Vec<Froms>,
    ) -> Leaving {
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
        for froms in ways(parts) {
            back.all(froms, true, &[]);
        }
        let machinery = Machinery::new(parts);
        while let Some((origin, Way { whole, calls })) = back.todo.pop() {
            if plain.contains(&origin) {
                leaving.places.insert(origin);
            }
            match flow.origins.kind(origin) {
                OriginKind::Counted(touch) => {
                    leaving.counted.insert(touch);
                }
                OriginKind::Content(inner) => back.one(inner, whole, &calls),
                OriginKind::Derived(inner)
                | OriginKind::Asked(inner, _)
                | OriginKind::Part(inner, _) => back.one(inner, false, &calls),
                OriginKind::Static(id) => {
                    let fills = parts.places.fills.get(&id).into_iter().flatten();
                    fills.for_each(|froms| back.all(*froms, whole, &[]));
                }
                OriginKind::Field { of, name, .. } => {
                    let stores = parts.places.stores.get(&(of, name)).into_iter().flatten();
                    stores.for_each(|froms| back.all(*froms, whole, &[]));
                }
                OriginKind::Made(..) if !whole && machinery.is(origin) => {}
                OriginKind::Made(..) => {
                    let made = flow.parts.get(&origin).into_iter();
                    made.for_each(|made| back.all(*made, whole, &calls));
                }
                OriginKind::Param(node, index) => {
                    let each = |froms, calls: &[CallId]| back.all(froms, whole, calls);
                    parts.places.each_argument(node, index, &calls, each);
                }
                OriginKind::Result(call) => {
                    let from = calls.len().saturating_sub(MOST_CALLS - 1);
                    let mut deeper = calls[from..].to_vec();
                    deeper.push(call);
                    let answers = parts.places.answers(call).into_iter();
                    answers.for_each(|froms| back.all(froms, whole, &deeper));
                }
                _ => {}
            }
        }
        leaving
    }

    /// Whether a number that is taken here leaves the process.
    pub(super) fn has(&self, flow: &Flow, index: usize, touch: &Touch) -> bool {
        let mut origins = flow.origins.list(touch.what).iter();
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
