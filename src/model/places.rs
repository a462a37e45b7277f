//! Which place is meant? Follows symbolic origins through callers, answers and fields.

use std::cell::RefCell;

use rustc_hash::{FxHashMap, FxHashSet};

use super::reach::Reach;
use super::roots::Memo;
use crate::catalog::Role;
use crate::flow::{CallId, Callee, Flow, Froms, NodeId, Origin, OriginKind, TouchKind};
use crate::parse::tree::Receiver;
use crate::resolve::{DefId, Names, Res, T, Type};
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
    pub(super) callers: FxHashMap<NodeId, Vec<CallId>>,
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
    /// What stands before a handler in the chain that registers it.
    pub(super) before: FxHashMap<NodeId, Vec<Froms>>,
    /// Methods that a framework calls with `&mut self` on one value again and again.
    pub(super) actors: FxHashSet<NodeId>,
    /// Structs that a task keeps from one message to the next: each field of them lasts.
    pub(super) kept: FxHashSet<DefId>,
    /// What is put into fields that are ends of channels, by their types.
    pub(super) ends: FxHashMap<T, Vec<Froms>>,
    pub(super) roots: Memo,
    /// Asked once for each: the places that values may be, and fields that are places of their own.
    pub(super) known: RefCell<FxHashMap<Froms, Vec<Place>>>,
    own: RefCell<FxHashMap<(DefId, Symbol), Option<Place>>>,
}

/// The state of following one origin.
#[derive(Default)]
pub(super) struct Trail {
    pub(super) seen: FxHashSet<(Origin, u32)>,
    pub(super) steps: usize,
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
        let mut stores: FxHashMap<(DefId, Symbol), Vec<Froms>> = FxHashMap::default();
        for store in &flow.stores {
            stores.entry((store.of, store.field)).or_default().push(store.from);
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
            callers,
            passed,
            given,
            stores,
            fills,
            once,
            entry_nodes,
            before,
            actors,
            kept,
            ends: FxHashMap::default(),
            roots,
            known: RefCell::default(),
            own: RefCell::default(),
        };
        places.ends = places.ends_by_type();
        places
    }

    /// The places that a value may be, or be inside of.
    pub(super) fn places(&self, froms: Froms) -> Vec<Place> {
        if let Some(known) = self.known.borrow().get(&froms) {
            return known.clone();
        }
        let mut found = Vec::new();
        let mut trail = Trail::default();
        for origin in self.flow.origins.list(froms) {
            self.follow(*origin, &mut trail, &[], &mut found);
        }
        found.sort();
        found.dedup();
        self.known.borrow_mut().insert(froms, found.clone());
        found
    }

    /// The places that an origin may be, or be inside of.
    pub(super) fn places_of(&self, origin: Origin) -> Vec<Place> {
        let mut found = Vec::new();
        self.follow(origin, &mut Trail::default(), &[], &mut found);
        found
    }

    fn follow(&self, at: Origin, trail: &mut Trail, calls: &[CallId], found: &mut Vec<Place>) {
        trail.steps += 1;
        let mark = calls.last().map_or(u32::MAX, |call| call.0);
        if trail.steps > MOST_STEPS || !trail.seen.insert((at, mark)) {
            return;
        }
        match self.flow.origins.kind(at) {
            OriginKind::Static(id) => found.push(Place::Static(id)),
            OriginKind::Made(..) => found.push(Place::Made(at)),
            OriginKind::Content(inner) => self.follow(inner, trail, calls, found),
            OriginKind::Field { base: Some(base), of, name } if self.is_wrapped(of, name) => {
                // A generic wrapper is not the place: whoever holds one is.
                let before = found.len();
                self.follow(base, trail, calls, found);
                if found.len() == before {
                    found.extend(self.own_place(of, name));
                }
            }
            OriginKind::Field { base, of, name } => match self.own_place(of, name) {
                Some(place) => found.push(place),
                None if self.kept.contains(&of) => found.extend(self.any_field(of, name)),
                None => {
                    let before = found.len();
                    if let Some(base) = base {
                        self.follow(base, trail, calls, found);
                        if found.len() == before && self.is_actor(base) {
                            found.extend(self.any_field(of, name));
                        }
                    }
                }
            },
            OriginKind::Param(node, index) => {
                self.each_argument(node, index, calls, |froms, calls| {
                    for origin in self.flow.origins.list(froms) {
                        self.follow(*origin, trail, calls, found);
                    }
                });
            }
            OriginKind::Result(call) => {
                let mut deeper = calls.to_vec();
                deeper.push(call);
                for froms in self.answers(call) {
                    for origin in self.flow.origins.list(froms) {
                        self.follow(*origin, trail, &deeper, found);
                    }
                }
            }
            _ => {}
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
        let into = calls.iter().rposition(|call| self.runs(*call, node));
        if let Some(position) = into {
            let call = self.flow.call(calls[position]);
            if let Some(arg) = call.args.get(index as usize) {
                then(arg.from, &calls[..position]);
            }
            return;
        }
        // A closure is called by whoever it was handed to, seen from the call that handed it over.
        for (handing, position) in self.passed.get(&node).into_iter().flatten() {
            let Callee::Defs(defs) = &self.flow.call(*handing).callee else { continue };
            for body in defs.iter().filter_map(|def| self.flow.bodies.get(def)) {
                for call in self.given.get(&(*body, *position)).into_iter().flatten() {
                    if let Some(arg) = self.flow.call(*call).args.get(index as usize) {
                        then(arg.from, &[*handing]);
                    }
                }
            }
        }
        for call in self.callers.get(&node).into_iter().flatten() {
            if let Some(arg) = self.flow.call(*call).args.get(index as usize) {
                then(arg.from, &[]);
            }
        }
    }

    fn runs(&self, call: CallId, node: NodeId) -> bool {
        match &self.flow.call(call).callee {
            Callee::Defs(defs) => defs.iter().any(|def| self.flow.bodies.get(def) == Some(&node)),
            Callee::Closure(other) => *other == node,
            _ => false,
        }
    }

    pub(super) fn answers(&self, call: CallId) -> Vec<Froms> {
        match &self.flow.call(call).callee {
            Callee::Defs(defs) => defs
                .iter()
                .filter_map(|def| self.flow.bodies.get(def))
                .map(|node| self.flow.node(*node).returns)
                .collect(),
            Callee::Closure(node) => vec![self.flow.node(*node).returns],
            _ => Vec::new(),
        }
    }

    /// Whether a value is `self` of something that a framework calls with `&mut self`, again and
    /// again: then every field of it outlives the call.
    fn is_actor(&self, origin: Origin) -> bool {
        let mut at = origin;
        while let OriginKind::Field { base: Some(base), .. } = self.flow.origins.kind(at) {
            at = base;
        }
        let OriginKind::Param(node, index) = self.flow.origins.kind(at) else { return false };
        let selves = self.outermost(vec![(node, index)], &mut Vec::new());
        selves.iter().any(|(node, index)| *index == 0 && self.actors.contains(node))
    }

    fn any_field(&self, of: DefId, name: Symbol) -> Option<Place> {
        let index = self.names.fields(of).iter().position(|field| field.name == name)?;
        Some(Place::Field(of, index as u32))
    }

    /// A field is a place of its own where whoever shares the struct may change it.
    fn own_place(&self, of: DefId, name: Symbol) -> Option<Place> {
        *self.own.borrow_mut().entry((of, name)).or_insert_with(|| {
            let index = self.names.fields(of).iter().position(|field| field.name == name)?;
            let ty = self.names.field_type(of, &self.names.fields(of)[index], &[]);
            self.interior(ty).map(|_| Place::Field(of, index as u32))
        })
    }

    /// Whether a field holds what its struct is a generic wrapper around.
    fn is_wrapped(&self, of: DefId, name: Symbol) -> bool {
        let Some(field) = self.names.field(of, name) else { return false };
        !self.names.generics(of).is_empty()
            && self.mentions_param(self.names.field_type(of, field, &[]), 0)
    }

    fn mentions_param(&self, ty: T, depth: u8) -> bool {
        match &*self.names.types.get(ty) {
            Type::Param(..) => true,
            Type::External(_, args) | Type::Local(_, args) if depth < 6 => {
                args.iter().any(|arg| self.mentions_param(*arg, depth + 1))
            }
            _ => false,
        }
    }

    /// What lets a value of the type be changed by whoever shares it: the role of the first lock,
    /// cell or shared collection that is met through pointers, carriers and collections.
    pub(super) fn interior(&self, ty: T) -> Option<(Role, T)> {
        self.interior_at(ty, 0)
    }

    fn interior_at(&self, ty: T, depth: u8) -> Option<(Role, T)> {
        if depth > 8 {
            return None;
        }
        let ty_kind = self.names.types.get(ty);
        if let Type::Local(of, args) = &*ty_kind
            && !args.is_empty()
        {
            let mut fields = self.names.fields(*of).iter();
            return fields.find_map(|field| {
                self.is_wrapped(*of, field.name)
                    .then(|| self.interior_at(self.names.field_type(*of, field, args), depth + 1))
                    .flatten()
            });
        }
        let Type::External(path, args) = &*ty_kind else { return None };
        match self.names.externals.get(*path).role {
            Some(
                role @ (Role::Lock
                | Role::Cell
                | Role::Atomic
                | Role::SharedCollection
                | Role::Cache
                | Role::SessionStore
                | Role::RateLimiter),
            ) => Some((role, ty)),
            Some(Role::Pointer | Role::Guard | Role::Carrier | Role::Once | Role::Collection)
            | None => args.iter().find_map(|arg| self.interior_at(*arg, depth + 1)),
            _ => None,
        }
    }

    /// The types of parameters that a value may be whose callers are not known, and those by which
    /// it was asked for.
    pub(super) fn types_behind(&self, froms: Froms) -> Vec<T> {
        let (mut todo, mut types) = (Vec::new(), Vec::new());
        for origin in self.flow.origins.list(froms) {
            self.behind(*origin, &mut todo, &mut types);
        }
        let param = |(node, index): &(NodeId, u16)| {
            let ty = self.flow.node(*node).params.get(*index as usize).copied();
            ty.filter(|ty| *ty != T::UNKNOWN)
        };
        let inner: Vec<T> = todo.iter().filter_map(param).collect();
        let outer = self.outermost(todo, &mut types);
        types.extend(outer.iter().filter_map(param));
        // A closure seldom says the types of its parameters; the function that it calls does.
        if types.is_empty() && !outer.is_empty() { inner } else { types }
    }

    fn behind(&self, origin: Origin, params: &mut Vec<(NodeId, u16)>, types: &mut Vec<T>) {
        let mut at = origin;
        loop {
            match self.flow.origins.kind(at) {
                OriginKind::Param(node, index) => return params.push((node, index)),
                OriginKind::Handed(ty) => return types.push(ty),
                OriginKind::Content(inner) => at = inner,
                OriginKind::Field { base: Some(base), of, name }
                    if self.own_place(of, name).is_none() =>
                {
                    at = base;
                }
                _ => return,
            }
        }
    }

    /// Follows parameters to those that nobody is known to fill.
    fn outermost(&self, start: Vec<(NodeId, u16)>, types: &mut Vec<T>) -> Vec<(NodeId, u16)> {
        let mut todo = start;
        let mut seen = FxHashSet::default();
        let mut found = Vec::new();
        while let Some((node, index)) = todo.pop() {
            if !seen.insert((node, index)) || seen.len() > 200 {
                continue;
            }
            let mut filled = false;
            self.each_argument(node, index, &[], |froms, _| {
                filled = true;
                for origin in self.flow.origins.list(froms) {
                    let mut at = *origin;
                    while let OriginKind::Content(inner) = self.flow.origins.kind(at) {
                        at = inner;
                    }
                    match self.flow.origins.kind(at) {
                        OriginKind::Param(node, index) => todo.push((node, index)),
                        OriginKind::Handed(ty) => types.push(ty),
                        _ => {}
                    }
                }
            });
            if !filled || self.entry_nodes.contains(&node) {
                found.push((node, index));
            }
        }
        found
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

/// `fn handle(&mut self, ..)` of a trait whose implementor serves many calls.
fn is_actor_method(names: &Names<'_>, def: DefId) -> bool {
    let receives = names.function(def).and_then(|function| function.receiver);
    let of = names.owner(def).and_then(|owner| names.impls.of(owner)?.of);
    let (Some(Receiver::RefMut), Some(Res::External(path))) = (receives, of) else { return false };
    let fact = names.catalog.implement(&names.externals.get(path).text);
    fact.is_some_and(|fact| fact.shares_self)
}
