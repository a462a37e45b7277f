//! Of which structs may there be one for each request or connection? Those that only what serves
//! makes, and for which nothing has a place that lives on.

use std::cell::OnceCell;

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::alive::{has_one, is_for_others, is_plain};
use super::super::places::Place;
use super::super::shared::{carries_messages, is_callable};
use super::{Accesses, Parts};
use crate::catalog::{EntryKind, Role};
use crate::flow::{Froms, NodeId, Origin, OriginKind, TouchKind, static_type};
use crate::resolve::{DefId, DefKind, T, Type};

/// What holds more types than this may hold anything.
const MOST_TYPES: usize = 20_000;

pub(super) struct Singles<'p, 'm, 'a> {
    parts: &'p Parts<'p, 'm, 'a>,
    /// What runs once beside the requests.
    beside: OnceCell<FxHashSet<NodeId>>,
    /// Bodies that take messages out of channels.
    taking: OnceCell<FxHashSet<NodeId>>,
    /// Structs for which something has a place that lives on; `None` where that is too much.
    held: OnceCell<Option<FxHashSet<DefId>>>,
}

/// A type that is held, and whether what is there may be put there later.
type Held = (T, bool);

impl<'p, 'm, 'a> Singles<'p, 'm, 'a> {
    pub(super) fn new(parts: &'p Parts<'p, 'm, 'a>) -> Self {
        let (beside, taking, held) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Singles { parts, beside, taking, held }
    }

    /// Whether a field is one of such a struct, made with it, and no task that others tell something
    /// has a part in what is done to it.
    pub(super) fn has(&self, place: Place, accesses: &Accesses) -> bool {
        let Place::Field(of, index) = place else { return false };
        self.is_made_for_each(of)
            && self.is_made_with(of, index)
            && !self.is_told(accesses)
            && !self.is_held(of)
    }

    /// Whether values are made where a request or connection is served, and nowhere else: no
    /// framework makes one by its default.
    fn is_made_for_each(&self, of: DefId) -> bool {
        let Parts { names, flow, reach, .. } = self.parts;
        let makers = flow.makes.get(&of).into_iter().flatten();
        let first = makers.filter(|node| !has_one(names, flow, **node, of));
        let mut run =
            first.filter(|node| reach.is_serving(**node) || self.is_lasting(**node)).peekable();
        names.def(of).kind == DefKind::Struct
            && is_plain(names, of)
            && !self.parts.places.kept.contains(&of)
            && run.peek().is_some()
            && run.all(|node| !self.is_lasting(*node) && !is_for_others(names, flow, *node))
    }

    /// Whether what a field holds is made for it by who serves, and no handle to what others have.
    fn is_made_with(&self, of: DefId, index: u32) -> bool {
        let Parts { names, places, .. } = self.parts;
        let field = &names.fields(of)[index as usize];
        let ty = names.field_type(of, field, &[]);
        if !names.is_lent(of, field) && !self.parts.has_hands(ty, 0) && !self.is_handle(ty) {
            return true;
        }
        let served = |place: &Place| match place {
            Place::Made(origin) => self.is_made_serving(*origin),
            _ => false,
        };
        let made = |froms: &Froms| {
            let found = places.places(*froms);
            !found.is_empty() && found.iter().all(served)
        };
        let stores = places.stores.get(&(of, field.name));
        stores.is_some_and(|stores| stores.iter().all(made))
    }

    /// Whether a value is made for a request or connection, and not for all.
    fn is_made_serving(&self, origin: Origin) -> bool {
        match self.parts.flow.origins.kind(origin) {
            OriginKind::Made(node, _) => {
                self.parts.reach.is_serving(node) && !self.is_lasting(node)
            }
            _ => false,
        }
    }

    /// Whether a clone may be the same thing.
    fn is_handle(&self, ty: T) -> bool {
        let inner = self.parts.places.interior(ty);
        inner.is_some_and(|(role, _)| !matches!(role, Role::Lock | Role::Cell | Role::Atomic))
    }

    /// Whether what a body makes may be there for all requests.
    fn is_lasting(&self, node: NodeId) -> bool {
        let beside = || self.beside.get_or_init(|| self.parts.reach.run_beside());
        self.parts.reach.is_startup(node) || beside().contains(&node)
    }

    /// Whether a task that takes messages does something to it.
    fn is_told(&self, accesses: &Accesses) -> bool {
        let Parts { flow, reach, .. } = self.parts;
        let taking = self.taking.get_or_init(|| {
            let takes = flow.touches.iter().filter(|touch| touch.kind == TouchKind::Receive);
            takes.map(|touch| touch.node).chain(flow.delivers.iter().copied()).collect()
        });
        let told = |node: NodeId| {
            let task = reach.entry_of(node).filter(|entry| entry.point.kind == EntryKind::Task);
            task.is_some_and(|task| {
                let inside = reach.inside(task.node, None);
                inside.iter().any(|(body, _)| taking.contains(body))
            })
        };
        accesses.touches.iter().any(|at| told(flow.touches[*at].node))
    }

    /// Whether something that lives on has a place for values of a struct.
    fn is_held(&self, of: DefId) -> bool {
        let held = self.held.get_or_init(|| self.follow(self.lasting()));
        held.as_ref().is_none_or(|held| held.contains(&of))
    }

    /// What is made before the requests or beside them, and what frameworks call again and again.
    fn lasting(&self) -> Vec<Held> {
        let Parts { names, flow, reach, .. } = self.parts;
        // Who is not known to run may run at start.
        let early = |node: NodeId| self.is_lasting(node) || !reach.is_serving(node);
        let mut found: Vec<Held> = Vec::new();
        for id in names.ids() {
            if names.def(id).kind == DefKind::Static {
                found.push((static_type(names, id), true));
            }
        }
        let made = flow.makes.iter().filter(|(_, by)| by.iter().any(|node| early(*node)));
        found.extend(made.map(|(of, _)| (names.type_of_def(*of), false)));
        for (origin, ty) in &flow.made {
            if let OriginKind::Made(node, _) = flow.origins.kind(*origin)
                && early(node)
            {
                found.push((*ty, reach.is_serving(node)));
            }
        }
        let handed = flow.shared.iter().filter(|handed| early(handed.node));
        found.extend(handed.map(|handed| (handed.val.ty, false)));
        found.extend(self.selves().filter(|(of, _)| !self.is_made_for_each(*of)).map(|of| of.1));
        found.extend(self.put_away());
        found
    }

    /// What is put where it may stay: into something lasting, or into nobody knows what.
    fn put_away(&self) -> Vec<Held> {
        let Parts { flow, places, .. } = self.parts;
        let passing = |place: Place| match place {
            Place::Static(_) => false,
            Place::Field(of, _) => self.is_made_for_each(of),
            Place::Made(origin) => self.is_made_serving(origin),
        };
        let puts = flow.touches.iter().filter(|touch| {
            let put = matches!(touch.kind, TouchKind::Change | TouchKind::Fill | TouchKind::Send);
            let into = || places.places(touch.what);
            put && (self.is_lasting(touch.node) || !into().into_iter().any(passing))
        });
        let types = puts.flat_map(|touch| {
            // A clone has the same handles.
            let own = flow.origins.list(touch.value).iter().map(|origin| {
                let mut at = *origin;
                while let OriginKind::Derived(inner) = flow.origins.kind(at) {
                    at = inner;
                }
                at
            });
            let made = own.flat_map(|origin| places.itself_of(origin));
            let made = made.filter_map(|origin| flow.made.get(&origin).copied());
            let types = places.types_behind(touch.value).into_iter().chain(made);
            types.chain(self.is_lasting(touch.node).then_some(touch.on))
        });
        types.map(|ty| (ty, true)).collect()
    }

    /// The structs of which a framework calls one value again and again.
    fn selves(&self) -> impl Iterator<Item = (DefId, Held)> {
        let Parts { names, flow, reach, .. } = self.parts;
        let entries = reach.entries.iter().filter(|entry| entry.shares_self);
        entries.filter_map(|entry| {
            let block = names.impls.of(names.owner(flow.node(entry.node).def)?)?;
            match &*names.types.get(block.self_type) {
                Type::Local(of, _) => Some((*of, (block.self_type, true))),
                _ => None,
            }
        })
    }

    /// Who handles each type of message: an address of theirs may name that alone.
    fn handling(&self) -> FxHashMap<T, Vec<T>> {
        let Parts { names, flow, reach, .. } = self.parts;
        let mut handling: FxHashMap<T, Vec<T>> = FxHashMap::default();
        for entry in reach.entries.iter().filter(|entry| entry.shares_self) {
            let owner = names.owner(flow.node(entry.node).def);
            if let Some(block) = owner.and_then(|owner| names.impls.of(owner)) {
                for told in &block.trait_args {
                    handling.entry(*told).or_default().push(block.self_type);
                }
            }
        }
        handling
    }

    /// All structs that are held by these, and by what they hold.
    fn follow(&self, mut todo: Vec<Held>) -> Option<FxHashSet<DefId>> {
        let names = self.parts.names;
        let handling = self.handling();
        let (mut seen, mut held) = (FxHashSet::default(), FxHashSet::default());
        while let Some((ty, open)) = todo.pop() {
            if !seen.insert((ty, open)) {
                continue;
            }
            if seen.len() > MOST_TYPES {
                return None;
            }
            match &*names.types.get(ty) {
                Type::External(path, _) if is_callable(names, *path) => {}
                Type::External(..) if carries_messages(names, ty) => {}
                Type::External(path, args) => {
                    let open = open || self.is_open(ty);
                    let handles = args.iter().filter_map(|arg| handling.get(arg)).flatten();
                    let of_it = self.behind(names.impls.of_external(*path), open);
                    todo.extend(args.iter().chain(handles).map(|ty| (*ty, open)).chain(of_it));
                }
                // What a trait is about, it is handed: what is kept shows in who implements it.
                Type::Local(of, _) if names.def(*of).kind == DefKind::Trait => {
                    todo.extend(self.behind(names.impls.of_trait(*of), open));
                }
                Type::Local(of, args) => {
                    held.insert(*of);
                    for whole in names.variants(*of).chain([*of]) {
                        let fields = names.fields(whole).iter();
                        let types = fields.map(|field| names.field_type(whole, field, args));
                        todo.extend(types.map(|ty| (ty, open)));
                    }
                }
                Type::Bounds(bounds) => todo.extend(bounds.iter().map(|bound| (*bound, open))),
                Type::Param(owner, name) => {
                    let bounds = names.param_bounds(*owner, *name);
                    todo.extend(bounds.into_iter().map(|bound| (bound, open)));
                }
                Type::Unknown | Type::Function(_) | Type::Closure(_) => {}
            }
        }
        Some(held)
    }

    /// What may stand behind a trait. What is put there at the start is of a type that is made then.
    fn behind(&self, blocks: &[DefId], open: bool) -> impl Iterator<Item = Held> {
        let names = self.parts.names;
        let types = blocks.iter().filter_map(|block| Some(names.impls.of(*block)?.self_type));
        let early = move |ty: &T| match &*names.types.get(*ty) {
            Type::Local(of, _) => open || !self.is_made_for_each(*of),
            _ => true,
        };
        types.filter(early).map(move |ty| (ty, open))
    }

    /// Whether something may be put later into what a type of another crate holds.
    fn is_open(&self, ty: T) -> bool {
        let role = self.parts.places.role(ty);
        !matches!(role, Some(Role::Pointer | Role::Guard | Role::Carrier))
    }
}
