//! Which place is meant? Follows symbolic origins through callers, answers and fields.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::ends::Ends;
use super::folders::Times;
use super::reach::Reach;
use super::roots::Memo;
use super::selves::is_actor_method;
use crate::catalog::Role;
use crate::flow::{CallId, Callee, Flow, Froms, NodeId, Origin, OriginKind, TouchKind};
use crate::resolve::{DefId, Names, T, Type};
use crate::symbol::Symbol;

/// A place that keeps something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Place {
    Static(DefId),
    /// A field, by the number of its name in the struct's list.
    Field(DefId, u32),
    Made(Origin),
}

/// How many callers and stores are followed before a value counts as anything.
pub(super) const MOST_STEPS: usize = 4000;

pub(super) struct Places<'m, 'a> {
    pub(super) names: &'m Names<'a>,
    pub(super) flow: &'m Flow,
    /// Calls by the bodies they run.
    pub(super) callers: Rc<FxHashMap<NodeId, Vec<CallId>>>,
    /// Calls that hand a closure over, by the closure, with the argument that it is.
    pub(super) passed: FxHashMap<NodeId, Vec<(CallId, u16)>>,
    /// Calls of what a parameter was given, by the parameter.
    pub(super) given: FxHashMap<(NodeId, u16), Vec<CallId>>,
    pub(super) stores: FxHashMap<(DefId, Symbol), Vec<Froms>>,
    /// What is put into statics that are set later.
    pub(super) fills: FxHashMap<DefId, Vec<Froms>>,
    /// What statics that are filled once are filled with.
    pub(super) once: FxHashMap<DefId, Vec<Froms>>,
    pub(super) entry_nodes: FxHashSet<NodeId>,
    pub(super) times: Times,
    /// What stands before a handler in the chain that registers it.
    pub(super) before: FxHashMap<NodeId, Vec<Froms>>,
    /// Methods that a framework calls with `&mut self` on one value again and again.
    pub(super) actors: FxHashSet<NodeId>,
    /// Structs that a task keeps from one message to the next: each field of them lasts.
    pub(super) kept: FxHashSet<DefId>,
    pub(super) ends: Ends,
    pub(super) roots: Memo,
    /// Asked once for each: the places that values may be, and fields that are places of their own.
    pub(super) known: RefCell<FxHashMap<Froms, Known>>,
    own: RefCell<FxHashMap<(DefId, Symbol), Option<Place>>>,
    pub(super) wrapped: RefCell<FxHashMap<(DefId, Symbol), bool>>,
}

/// What following a value came upon.
#[derive(Clone)]
pub(super) struct Known {
    places: Vec<Place>,
    handed: bool,
}

/// Told of each place that is found, and of the way to it.
type Then<'t> = &'t mut dyn FnMut(Place, &Trail);

/// The state of following one origin.
#[derive(Default)]
pub(super) struct Trail {
    pub(super) seen: FxHashSet<(Origin, u32)>,
    /// The same for ways to it that differ, and for what it is meant to be.
    told: FxHashSet<(Origin, u32, u32, Option<DefId>)>,
    /// The type whose method the value is `self` of.
    of: Option<DefId>,
    pub(super) steps: usize,
    /// How many fields were left behind on the way out.
    inside: u32,
    /// Whether a caller was asked what it hands over.
    handed: bool,
    /// From where callers are told.
    from: Option<NodeId>,
    /// The calls that were followed from a parameter to what is handed over for it, and the bodies
    /// that they run, up to an entry point.
    up: Vec<(CallId, NodeId)>,
    /// Whether an entry point was come upon: who started it does not do what it does.
    entered: bool,
    /// Random values met, each with the calls that gave it, the outermost first.
    pub(super) drawn: Vec<(CallId, Vec<CallId>)>,
}

impl<'m, 'a> Places<'m, 'a> {
    pub(super) fn new(names: &'m Names<'a>, flow: &'m Flow, reach: &Reach<'_, '_>) -> Self {
        let mut callers: FxHashMap<NodeId, Vec<CallId>> = FxHashMap::default();
        let mut passed: FxHashMap<NodeId, Vec<(CallId, u16)>> = FxHashMap::default();
        let mut given: FxHashMap<(NodeId, u16), Vec<CallId>> = FxHashMap::default();
        for (index, call) in flow.calls.iter().enumerate() {
            let id = CallId(index as u32);
            for (index, arg) in call.args.iter().enumerate() {
                if let Type::Closure(node) = &*names.types.get(arg.ty) {
                    passed.entry(NodeId(*node)).or_default().push((id, index as u16));
                }
            }
            match &call.callee {
                Callee::Given(node, index) => given.entry((*node, *index)).or_default().push(id),
                Callee::Defs(defs) => {
                    for node in defs.iter().filter_map(|def| flow.bodies.get(def)) {
                        callers.entry(*node).or_default().push(id);
                    }
                }
                Callee::Closure(node) => callers.entry(*node).or_default().push(id),
                _ => {}
            }
        }
        // A function that nobody calls hands over nothing to what programs run.
        let idle = reach.idle();
        for calls in callers.values_mut() {
            idle.leave_out(calls, |id| flow.call(*id).node);
        }
        // Nor does it say what is in a field.
        let mut put: FxHashMap<(DefId, Symbol), Vec<(NodeId, Froms)>> = FxHashMap::default();
        for store in &flow.stores {
            put.entry((store.of, store.field)).or_default().push((store.node, store.from));
        }
        let mut stores: FxHashMap<(DefId, Symbol), Vec<Froms>> = FxHashMap::default();
        for (field, mut list) in put {
            idle.leave_out_of(field.0, &mut list, |(node, _)| *node);
            stores.insert(field, list.into_iter().map(|(_, from)| from).collect());
        }
        let mut before: FxHashMap<NodeId, Vec<Froms>> = FxHashMap::default();
        for registered in flow.registrations.iter().filter(|one| one.on != Froms::NONE) {
            for target in &registered.targets {
                let node = match &*names.types.get(*target) {
                    Type::Function(def) => flow.bodies.get(def).copied(),
                    Type::Closure(node) => Some(NodeId(*node)),
                    _ => None,
                };
                if let Some(node) = node {
                    before.entry(node).or_default().push(registered.on);
                }
            }
        }
        let mut fills: FxHashMap<DefId, Vec<Froms>> = FxHashMap::default();
        let mut once: FxHashMap<DefId, Vec<Froms>> = FxHashMap::default();
        for touch in &flow.touches {
            if !matches!(touch.kind, TouchKind::Fill | TouchKind::Change) {
                continue;
            }
            for origin in flow.origins.list(touch.what) {
                let direct = flow.origins.kind(*origin);
                let kind = match direct {
                    OriginKind::Content(inner) => flow.origins.kind(inner),
                    kind => kind,
                };
                if let OriginKind::Static(id) = kind {
                    fills.entry(id).or_default().push(touch.value);
                }
                match direct {
                    OriginKind::Static(id) if touch.kind == TouchKind::Fill => {
                        once.entry(id).or_default().push(touch.value);
                    }
                    OriginKind::Field { of, name, .. } if touch.kind == TouchKind::Fill => {
                        stores.entry((of, name)).or_default().push(touch.value);
                    }
                    _ => {}
                }
            }
        }
        let entry_nodes = reach.entries.iter().map(|entry| entry.node).collect();
        let actors = reach.entries.iter().map(|entry| entry.node);
        let actors = actors.filter(|node| is_actor_method(names, flow.node(*node).def)).collect();
        let (kept, roots) = (FxHashSet::default(), Memo::default());
        let mut places = Places {
            names,
            flow,
            callers: Rc::new(callers),
            passed,
            given,
            stores,
            fills,
            once,
            entry_nodes,
            times: Times::of(flow, reach),
            before,
            actors,
            kept,
            ends: Ends::default(),
            roots,
            known: RefCell::default(),
            own: RefCell::default(),
            wrapped: RefCell::default(),
        };
        places.ends = Ends::of(&places);
        places
    }

    /// The places that a value may be, or be inside of.
    pub(super) fn places(&self, froms: Froms) -> Vec<Place> {
        self.known(froms).places
    }

    fn known(&self, froms: Froms) -> Known {
        if let Some(known) = self.known.borrow().get(&froms) {
            return known.clone();
        }
        let mut found = Vec::new();
        let mut trail = Trail::default();
        for origin in self.flow.origins.list(froms) {
            self.follow(*origin, &mut trail, &[], &mut |place, _| found.push(place));
        }
        found.sort();
        found.dedup();
        let known = Known { places: found, handed: trail.handed };
        self.known.borrow_mut().insert(froms, known.clone());
        known
    }

    /// The places that an origin may be, or be inside of.
    pub(super) fn places_of(&self, origin: Origin) -> Vec<Place> {
        let mut found = Vec::new();
        self.follow(origin, &mut Trail::default(), &[], &mut |place, _| found.push(place));
        found
    }

    /// The places that a value of a body may be, each with the calls that handed it over, the
    /// innermost first, and the bodies that these run. None: it is known where it stands.
    pub(super) fn ways(&self, node: NodeId, froms: Froms) -> Vec<(Place, Vec<(CallId, NodeId)>)> {
        let known = self.known(froms);
        if !known.handed {
            return known.places.into_iter().map(|place| (place, Vec::new())).collect();
        }
        let mut found = Vec::new();
        let mut trail = Trail { from: Some(node), ..Trail::default() };
        for origin in self.flow.origins.list(froms) {
            self.follow(*origin, &mut trail, &[], &mut |place, trail| {
                found.push((place, trail.up.clone()));
            });
        }
        found
    }

    /// Values that were made which a value may be itself; it is not a part of them.
    pub(super) fn itself(&self, froms: Froms) -> Vec<Origin> {
        self.all_itself(self.flow.origins.list(froms))
    }

    pub(super) fn itself_of(&self, origin: Origin) -> Vec<Origin> {
        self.all_itself(&[origin])
    }

    fn all_itself(&self, origins: &[Origin]) -> Vec<Origin> {
        let mut found = Vec::new();
        let mut trail = Trail::default();
        for origin in origins {
            self.follow(*origin, &mut trail, &[], &mut |place, trail| match place {
                Place::Made(origin) if trail.inside == 0 => found.push(origin),
                _ => {}
            });
        }
        found
    }

    /// Whether any was found.
    fn follow(&self, at: Origin, trail: &mut Trail, calls: &[CallId], then: Then<'_>) -> bool {
        trail.steps += 1;
        let mark = calls.last().map_or(u32::MAX, |call| call.0);
        let up = trail.up.last().filter(|_| trail.from.is_some());
        let way = up.map_or(u32::MAX, |(call, _)| call.0);
        if trail.steps > MOST_STEPS || !trail.told.insert((at, mark, way, trail.of)) {
            return false;
        }
        let tell = |place: Option<Place>, trail: &Trail, then: Then<'_>| {
            place.into_iter().for_each(|place| then(place, trail));
            place.is_some()
        };
        match self.flow.origins.kind(at) {
            OriginKind::Static(id) => tell(Some(Place::Static(id)), trail, then),
            OriginKind::Made(..) if trail.of.is_some_and(|of| !self.may_be(at, of)) => false,
            OriginKind::Made(..) => tell(Some(Place::Made(at)), trail, then),
            OriginKind::Content(inner) => {
                let of = trail.of.take();
                let found = self.follow(inner, trail, calls, then);
                trail.of = of;
                found
            }
            OriginKind::Field { base: Some(base), of, name } if self.is_wrapped(of, name) => {
                // A generic wrapper is not the place: whoever holds one is.
                self.follow_inside(base, trail, calls, then)
                    || tell(self.own_place(of, name), trail, then)
            }
            OriginKind::Field { base, of, name } => match self.own_place(of, name) {
                Some(place) => tell(Some(place), trail, then),
                None if self.kept.contains(&of) => tell(self.any_field(of, name), trail, then),
                None => base.is_some_and(|base| {
                    self.follow_inside(base, trail, calls, then)
                        || self.is_actor(base) && tell(self.any_field(of, name), trail, then)
                }),
            },
            OriginKind::Param(node, index) => {
                let mut found = false;
                let of = trail.of;
                trail.of = self.method_of(node, index).or(of);
                self.each_handed(node, index, calls, |froms, calls, up| {
                    let before = (trail.up.len(), trail.entered);
                    self.go_up(trail, up);
                    for origin in self.flow.origins.list(froms) {
                        found |= self.follow(*origin, trail, calls, then);
                    }
                    trail.up.truncate(before.0);
                    trail.entered = before.1;
                });
                trail.of = of;
                found
            }
            OriginKind::Result(call) => {
                let mut deeper = calls.to_vec();
                deeper.push(call);
                let mut found = false;
                for froms in self.answers(call) {
                    for origin in self.flow.origins.list(froms) {
                        found |= self.follow(*origin, trail, &deeper, then);
                    }
                }
                found
            }
            _ => false,
        }
    }

    fn follow_inside(
        &self,
        base: Origin,
        trail: &mut Trail,
        calls: &[CallId],
        then: Then<'_>,
    ) -> bool {
        let of = trail.of.take();
        trail.inside += 1;
        let found = self.follow(base, trail, calls, then);
        trail.inside -= 1;
        trail.of = of;
        found
    }

    fn go_up(&self, trail: &mut Trail, up: Option<(CallId, NodeId)>) {
        trail.handed |= up.is_some();
        let (Some(from), Some((call, body))) = (trail.from, up) else { return };
        let from = trail.up.last().map_or(from, |(call, _)| self.flow.call(*call).node);
        let mut inside = self.flow.enclosing(from).take_while(|node| *node != body);
        trail.entered = trail.entered
            || self.entry_nodes.contains(&body)
            || inside.any(|node| self.entry_nodes.contains(&node));
        if !trail.entered {
            trail.up.push((call, body));
        }
    }

    /// What is handed over for a parameter: by the call that was followed into the body, else by
    /// every call of it.
    pub(super) fn each_argument(
        &self,
        node: NodeId,
        index: u16,
        calls: &[CallId],
        mut then: impl FnMut(Froms, &[CallId]),
    ) {
        self.each_handed(node, index, calls, |froms, calls, _| then(froms, calls));
    }

    /// The same, with the call that hands it over and the body that this runs, where it is not one
    /// that was followed.
    pub(super) fn each_handed(
        &self,
        node: NodeId,
        index: u16,
        calls: &[CallId],
        mut then: impl FnMut(Froms, &[CallId], Option<(CallId, NodeId)>),
    ) {
        let into = calls.iter().rposition(|call| self.runs(*call, node));
        if let Some(position) = into {
            let call = self.flow.call(calls[position]);
            if let Some(arg) = call.args.get(index as usize) {
                then(arg.from, &calls[..position], None);
            }
            return;
        }
        // A closure is called by whoever it was handed to, seen from the call that handed it over.
        for (handing, position) in self.passed.get(&node).into_iter().flatten() {
            let Callee::Defs(defs) = &self.flow.call(*handing).callee else { continue };
            for body in defs.iter().filter_map(|def| self.flow.bodies.get(def)) {
                for call in self.given.get(&(*body, *position)).into_iter().flatten() {
                    if let Some(arg) = self.flow.call(*call).args.get(index as usize) {
                        then(arg.from, &[*handing], None);
                    }
                }
            }
        }
        for call in self.callers.get(&node).into_iter().flatten() {
            if let Some(arg) = self.flow.call(*call).args.get(index as usize) {
                then(arg.from, &[], Some((*call, node)));
            }
        }
    }

    pub(super) fn runs(&self, call: CallId, node: NodeId) -> bool {
        match &self.flow.call(call).callee {
            Callee::Defs(defs) => defs.iter().any(|def| self.flow.bodies.get(def) == Some(&node)),
            Callee::Closure(other) => *other == node,
            _ => false,
        }
    }

    pub(super) fn answers(&self, call: CallId) -> Vec<Froms> {
        let bodies = self.flow.answering(call).into_iter();
        bodies.map(|node| self.flow.node(node).returns).collect()
    }

    /// The closures that callers hand over for a parameter.
    pub(super) fn given_bodies(&self, node: NodeId, index: u16) -> Vec<NodeId> {
        let calls = self.callers.get(&node).into_iter().flatten();
        let args = calls.filter_map(|id| self.flow.call(*id).args.get(usize::from(index)));
        args.filter_map(|arg| match &*self.names.types.get(arg.ty) {
            Type::Closure(node) => Some(NodeId(*node)),
            _ => None,
        })
        .collect()
    }

    fn any_field(&self, of: DefId, name: Symbol) -> Option<Place> {
        let index = self.names.fields(of).iter().position(|field| field.name == name)?;
        Some(Place::Field(of, index as u32))
    }

    /// A field is a place of its own where whoever shares the struct may change it.
    pub(super) fn own_place(&self, of: DefId, name: Symbol) -> Option<Place> {
        *self.own.borrow_mut().entry((of, name)).or_insert_with(|| {
            let index = self.names.fields(of).iter().position(|field| field.name == name)?;
            let ty = self.names.field_type(of, &self.names.fields(of)[index], &[]);
            self.interior(ty).map(|_| Place::Field(of, index as u32))
        })
    }

    /// A type with pointers, guards and carriers around it taken away.
    pub(super) fn peeled(&self, ty: T) -> T {
        let mut at = ty;
        for _ in 0..8 {
            match &*self.names.types.get(at) {
                Type::External(path, args) => match self.names.externals.get(*path).role {
                    Some(Role::Pointer | Role::Guard | Role::Once | Role::Carrier) => {
                        match args.first() {
                            Some(inner) => at = *inner,
                            None => return at,
                        }
                    }
                    _ => return at,
                },
                _ => return at,
            }
        }
        at
    }

    /// What is inside the locks and cells of a type, pointers around it taken away.
    pub(super) fn content(&self, ty: T) -> T {
        let mut at = self.peeled(ty);
        for _ in 0..4 {
            match &*self.names.types.get(at) {
                Type::External(path, args)
                    if matches!(
                        self.names.externals.get(*path).role,
                        Some(Role::Lock | Role::Cell)
                    ) =>
                {
                    match args.first() {
                        Some(inner) => at = self.peeled(*inner),
                        None => return at,
                    }
                }
                _ => return at,
            }
        }
        at
    }

    pub(super) fn role(&self, ty: T) -> Option<Role> {
        match &*self.names.types.get(ty) {
            Type::External(path, _) => self.names.externals.get(*path).role,
            _ => None,
        }
    }
}
