//! Where does a path, or what is put in, come from? Followed back to fields, texts, requests.

mod served;
mod turned;

use std::cell::{OnceCell, RefCell};

use rustc_hash::{FxHashMap, FxHashSet};

use super::places::{MOST_STEPS, Places, Trail};
use crate::catalog::{DefaultGives, DiskEffect, Role};
use crate::flow::{CallId, Froms, NodeId, Origin, OriginKind};
use crate::resolve::{DefId, DefKind, PathId, T, Type};
use crate::symbol::Symbol;

/// Who is asked for a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Of {
    Def(DefId),
    /// A type outside the tree.
    Type(PathId),
}

/// Where a path comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Root {
    Static(DefId),
    Field(DefId, Symbol),
    /// What a method or field of this name gives of a static, a field, or any value of the type.
    Asked(Of, Symbol),
    Text(Symbol),
    /// The environment, a configuration, anything outside.
    Outside(PathId),
    /// The name by which the environment is asked.
    Variable(Symbol),
    /// Below a temporary file or folder.
    Scratch(PathId),
    /// The answer of this very call: a random value, an opened file.
    Answer(CallId),
    /// What a request or a caller brings.
    Given,
}

/// What a field is when nobody sets it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Preset {
    Text(Symbol),
    Function(Froms),
}

/// What a field says of a path that comes from it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    /// It chooses the path: it is no whole configuration, and nothing that only answers.
    pub(super) chooses: bool,
    /// It is a database of this process: what it gives is what was put there.
    pub(super) answers: bool,
    pub(super) preset: Option<Preset>,
}

/// The roots of a path: those of the folder it starts with, and all of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Roots {
    pub(super) leading: Vec<Root>,
    pub(super) all: Vec<Root>,
    /// The random values among them, each with the calls that gave it, the outermost first.
    pub(super) drawn: Vec<(CallId, Vec<CallId>)>,
}

/// What was asked once.
#[derive(Default)]
pub(super) struct Memo {
    of: RefCell<FxHashMap<Froms, Roots>>,
    /// What fields say of a path.
    told_by: RefCell<FxHashMap<(DefId, Symbol), Told>>,
    /// Who is asked, by the origin and how far from the asking it was come upon.
    asked: RefCell<FxHashMap<(Origin, u8), Option<Of>>>,
    /// Whether a value is what a request brings.
    given: RefCell<FxHashMap<Froms, bool>>,
    /// The folders that the service serves.
    served: OnceCell<Vec<Froms>>,
    /// Whether parameters are `self` of what a framework calls again and again.
    pub(super) actors: RefCell<FxHashMap<(NodeId, u16), bool>>,
    /// The types of parameters that values may be whose callers are not known.
    pub(super) behind: RefCell<FxHashMap<Froms, Vec<T>>>,
    /// Statics whose value is one random value, turned into another.
    drawn_statics: OnceCell<FxHashMap<DefId, Vec<CallId>>>,
}

impl Roots {
    pub(super) fn texts(&self) -> impl Iterator<Item = Symbol> + Clone + '_ {
        self.all.iter().filter_map(|root| match root {
            Root::Text(text) => Some(*text),
            _ => None,
        })
    }

    /// Whether it is beneath a temporary file or folder.
    pub(super) fn is_scratch(&self) -> bool {
        self.leading.iter().any(|root| matches!(root, Root::Scratch(_)))
    }
}

impl Places<'_, '_> {
    /// Whether a value is what a service of which every replica is a client answered.
    pub(super) fn is_from_service(&self, froms: Froms) -> bool {
        self.path_roots(froms).all.iter().any(|root| match root {
            Root::Outside(path) => {
                self.names.externals.get(*path).role == Some(Role::BackingService)
            }
            _ => false,
        })
    }

    /// The call that opened the store over a local folder which a value was made from.
    pub(super) fn store_of(&self, roots: &Roots) -> Option<PathId> {
        roots.all.iter().find_map(|root| match root {
            Root::Outside(path) => {
                let fact = self.names.catalog.call(&self.names.externals.get(*path).text)?;
                (fact.disk == Some(DiskEffect::Store)).then_some(*path)
            }
            _ => None,
        })
    }

    /// The roots of a path.
    pub(super) fn path_roots(&self, froms: Froms) -> Roots {
        if let Some(known) = self.roots.of.borrow().get(&froms) {
            return known.clone();
        }
        let mut roots = Roots::default();
        let mut trail = Trail::default();
        let mut met = FxHashSet::default();
        for origin in self.flow.origins.list(froms) {
            let mut found = Vec::new();
            self.root(*origin, &mut trail, &[], &mut found);
            if roots.leading.is_empty() {
                roots.leading.clone_from(&found);
            }
            roots.all.extend(found.into_iter().filter(|root| met.insert(*root)));
        }
        roots.drawn = trail.drawn;
        self.roots.of.borrow_mut().insert(froms, roots.clone());
        roots
    }

    pub(super) fn root(
        &self,
        at: Origin,
        trail: &mut Trail,
        calls: &[CallId],
        found: &mut Vec<Root>,
    ) {
        trail.steps += 1;
        let mark = calls.last().map_or(u32::MAX, |call| call.0);
        if trail.steps > MOST_STEPS || !trail.seen.insert((at, mark)) {
            return;
        }
        match self.flow.origins.kind(at) {
            OriginKind::Static(id) => {
                let ty = crate::flow::static_type(self.names, id);
                if !self.is_struct(ty) && !self.is_shelf(ty) {
                    found.push(Root::Static(id));
                }
                // A constant of its own is as good as its text.
                if let Some(node) = self.flow.bodies.get(&id) {
                    self.roots_of(self.flow.node(*node).returns, trail, calls, found);
                }
                for froms in self.once.get(&id).into_iter().flatten() {
                    self.roots_of(*froms, trail, &[], found);
                }
            }
            OriginKind::Text(text) => found.push(Root::Text(text)),
            OriginKind::Variable(name) => found.push(Root::Variable(name)),
            OriginKind::Content(inner) | OriginKind::Derived(inner) => {
                self.root(inner, trail, calls, found);
            }
            OriginKind::Asked(inner, name) | OriginKind::Part(inner, name) => {
                let mut beneath = Vec::new();
                self.root(inner, trail, calls, &mut beneath);
                let served = match self.flow.origins.kind(inner) {
                    OriginKind::Param(node, index) => self.is_served(node, index),
                    _ => false,
                };
                match self.asked_of(inner, 0) {
                    Some(of) if !served => found.push(Root::Asked(of, name)),
                    _ => found.append(&mut beneath),
                }
            }
            OriginKind::Field { base: Some(base), .. } if self.is_brought(base) => {
                found.push(Root::Given);
            }
            OriginKind::Field { base, of, name } => {
                if let Some(base) = base {
                    self.turned(of, base, trail, calls);
                }
                let told = self.told_by(of, name);
                // What a database answers does not lie beneath it.
                if told.answers {
                    return;
                }
                if told.chooses {
                    found.push(Root::Field(of, name));
                }
                for froms in self.stores.get(&(of, name)).into_iter().flatten() {
                    self.roots_of(*froms, trail, &[], found);
                }
                match told.preset {
                    Some(Preset::Text(text)) => found.push(Root::Text(text)),
                    Some(Preset::Function(made)) => self.roots_of(made, trail, &[], found),
                    None => {}
                }
            }
            OriginKind::Param(node, index) => {
                if let Some(known) = self.known_param(node, index) {
                    return known
                        .into_iter()
                        .for_each(|froms| self.roots_of(froms, trail, &[], found));
                }
                if self.entry_nodes.contains(&node) {
                    match self.taken(node, index, trail) {
                        taken if taken.is_empty() => found.push(Root::Given),
                        taken => found.extend(taken),
                    }
                }
                self.each_argument(node, index, calls, |froms, calls| {
                    self.roots_of(froms, trail, calls, found);
                });
            }
            OriginKind::Result(call) => {
                let mut deeper = calls.to_vec();
                deeper.push(call);
                for froms in self.flow.given(at, call) {
                    self.roots_of(froms, trail, &deeper, found);
                }
            }
            OriginKind::External(path) => {
                let external = self.names.externals.get(path);
                let fact = self.names.catalog.call(&external.text);
                let scratch = fact.is_some_and(|fact| fact.disk == Some(DiskEffect::Temporary));
                found.push(if scratch { Root::Scratch(path) } else { Root::Outside(path) });
            }
            OriginKind::Noted(call) => {
                if self.flow.random.contains(&call) {
                    trail.drawn.push((call, calls.to_vec()));
                }
                found.push(Root::Answer(call));
            }
            OriginKind::Made(..)
            | OriginKind::Handed(_)
            | OriginKind::Counted(_)
            | OriginKind::Route(_)
            | OriginKind::Registered(_) => {}
        }
    }

    /// The folders that the filters before a handler give it, where it takes a path.
    pub(super) fn taken(&self, node: NodeId, index: u16, trail: &mut Trail) -> Vec<Root> {
        let mut taken = Vec::new();
        let ty = self.flow.node(node).params.get(index as usize).copied();
        let peeled = self.peeled(ty.unwrap_or(T::UNKNOWN));
        if self.role(peeled) == Some(Role::Path) {
            for froms in self.before.get(&node).into_iter().flatten() {
                self.roots_of(*froms, trail, &[], &mut taken);
            }
        }
        taken.retain(|root| matches!(root, Root::Field(..) | Root::Static(_) | Root::Asked(..)));
        taken
    }

    pub(super) fn told_by(&self, of: DefId, name: Symbol) -> Told {
        *self.roots.told_by.borrow_mut().entry((of, name)).or_insert_with(|| {
            let field = self.names.field(of, name);
            let ty = field.map_or(T::UNKNOWN, |field| self.names.field_type(of, field, &[]));
            let chooses =
                !self.is_struct(ty) && !self.is_list_of_structs(ty) && !self.is_client(ty);
            let answers = self.is_database(ty);
            Told { chooses, answers, preset: self.default_of(of, name) }
        })
    }

    fn is_database(&self, ty: T) -> bool {
        Places::role(self, self.content(ty)) == Some(Role::EmbeddedDatabase)
    }

    /// What a client of a service, or a database, answers does not lie beneath it.
    fn is_client(&self, ty: T) -> bool {
        match &*self.names.types.get(self.content(ty)) {
            Type::External(path, _) => matches!(
                self.names.externals.get(*path).role,
                Some(Role::BackingService | Role::EmbeddedDatabase | Role::Telemetry)
            ),
            _ => false,
        }
    }

    /// What is taken out of a map or cache that all share does not lie beneath it.
    pub(super) fn is_shelf(&self, ty: T) -> bool {
        match &*self.names.types.get(self.content(ty)) {
            Type::External(path, _) => matches!(
                self.names.externals.get(*path).role,
                Some(Role::SharedCollection | Role::Cache)
            ),
            _ => false,
        }
    }

    /// What a field is when its configuration leaves it out.
    fn default_of(&self, of: DefId, name: Symbol) -> Option<Preset> {
        let field = self.names.field(of, name)?;
        field.attrs.iter().find_map(|attr| {
            let attribute = self.names.text(*attr.path.last()?);
            attr.pairs.iter().find_map(|(key, text)| {
                match self.names.catalog.default_of(attribute, self.names.text(*key))? {
                    DefaultGives::Text => Some(Preset::Text(*text)),
                    DefaultGives::Function => {
                        let made = self.names.function_at(of, self.names.text(*text))?;
                        let body = self.flow.bodies.get(&made)?;
                        Some(Preset::Function(self.flow.node(*body).returns))
                    }
                    DefaultGives::Variable => None,
                }
            })
        })
    }

    /// Whether a value is part of what a request brings: `Json(order)`, `Query(page)`.
    pub(super) fn is_brought(&self, base: Origin) -> bool {
        match self.flow.origins.kind(base) {
            OriginKind::Field { base: Some(base), .. } | OriginKind::Content(base) => {
                self.is_brought(base)
            }
            OriginKind::Param(node, index) if self.entry_nodes.contains(&node) => {
                let ty = self.flow.node(node).params.get(index as usize).copied();
                match &*self.names.types.get(ty.unwrap_or(T::UNKNOWN)) {
                    Type::External(path, _) => {
                        let external = self.names.externals.get(*path);
                        let fact = self.names.catalog.type_fact(&external.text);
                        external.role == Some(Role::Guard)
                            && fact.is_some_and(|fact| !fact.extracts)
                    }
                    _ => false,
                }
            }
            _ => false,
        }
    }

    /// Who is asked, where that is neither a path itself nor made from one.
    pub(super) fn asked_of(&self, inner: Origin, far: u8) -> Option<Of> {
        match self.flow.origins.kind(inner) {
            // A constant has its value and nothing more: a text is (a part of) a path.
            OriginKind::Static(id) if self.names.def(id).kind == DefKind::Const => None,
            OriginKind::Static(id) | OriginKind::Field { of: id, .. } => Some(Of::Def(id)),
            OriginKind::Param(node, index) => {
                let ty = *self.flow.node(node).params.get(index as usize)?;
                let entered = self.entry_nodes.contains(&node);
                // Of what a handler is given, only what the framework shares is the same for all.
                if (entered && self.peeled(ty) == ty) || far > 5 {
                    return None;
                }
                let named = self.named_type(ty);
                if entered || named.is_some() {
                    return named;
                }
                // Callers are many, and the ways to them more: each is asked once.
                if let Some(known) = self.roots.asked.borrow().get(&(inner, far)) {
                    return *known;
                }
                let mut found = None;
                self.each_argument(node, index, &[], |froms, _| {
                    let mut handed = self.flow.origins.list(froms).iter();
                    found = found.or_else(|| handed.find_map(|o| self.asked_of(*o, far + 1)));
                });
                self.roots.asked.borrow_mut().insert((inner, far), found);
                found
            }
            OriginKind::Content(inner) => self.asked_of(inner, far),
            _ => None,
        }
    }

    /// A type outside the tree of which nothing else is known.
    fn named_type(&self, ty: T) -> Option<Of> {
        match &*self.names.types.get(self.peeled(ty)) {
            Type::External(path, _) if self.names.externals.get(*path).role.is_none() => {
                Some(Of::Type(*path))
            }
            _ => None,
        }
    }

    /// A whole configuration says nothing about which of its paths is meant.
    pub(super) fn is_struct(&self, ty: T) -> bool {
        matches!(&*self.names.types.get(self.content(ty)), Type::Local(..))
    }

    /// Nor do several that are asked one after another.
    fn is_list_of_structs(&self, ty: T) -> bool {
        match &*self.names.types.get(self.content(ty)) {
            Type::External(path, args)
                if self.names.externals.get(*path).role == Some(Role::Collection) =>
            {
                matches!(args[..], [only] if self.is_struct(only))
            }
            _ => false,
        }
    }

    pub(super) fn roots_of(
        &self,
        froms: Froms,
        trail: &mut Trail,
        calls: &[CallId],
        found: &mut Vec<Root>,
    ) {
        for origin in self.flow.origins.list(froms) {
            self.root(*origin, trail, calls, found);
        }
    }

    /// Whether a value is, or is part of, what a request brings.
    pub(super) fn is_given(&self, froms: Froms) -> bool {
        if let Some(known) = self.roots.given.borrow().get(&froms) {
            return *known;
        }
        let mut trail = Trail::default();
        let mut origins = self.flow.origins.list(froms).iter();
        let given = origins.any(|origin| self.given(*origin, &mut trail));
        self.roots.given.borrow_mut().insert(froms, given);
        given
    }

    /// Whether the answer of a call is to be had at any time, and otherwise each time.
    pub(super) fn is_at_hand(&self, path: PathId) -> bool {
        let fact = self.names.catalog.call(&self.names.externals.get(path).text);
        fact.is_some_and(|fact| fact.random || fact.clock)
    }

    pub(super) fn given(&self, at: Origin, trail: &mut Trail) -> bool {
        trail.steps += 1;
        if trail.steps > MOST_STEPS || !trail.seen.insert((at, u32::MAX)) {
            return false;
        }
        if let Some(inner) = self.flow.origins.whole(at) {
            return self.given(inner, trail);
        }
        match self.flow.origins.kind(at) {
            OriginKind::Param(node, index) => {
                let mut given = self.entry_nodes.contains(&node);
                self.each_argument(node, index, &[], |froms, _| {
                    let mut origins = self.flow.origins.list(froms).iter();
                    given = given || origins.any(|origin| self.given(*origin, trail));
                });
                given
            }
            OriginKind::Made(..) => {
                let parts = self.flow.parts.get(&at).copied().unwrap_or(Froms::NONE);
                let mut origins = self.flow.origins.list(parts).iter();
                origins.any(|origin| self.given(*origin, trail))
            }
            _ => false,
        }
    }
}
