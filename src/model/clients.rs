//! What is a connection to somebody else? It is made anew when it breaks, and keeps nothing that
//! another process would have to know.

use rustc_hash::FxHashSet;

use super::places::{Place, Places, Trail};
use super::states::Parts;
use crate::catalog::{CallFact, Role};
use crate::flow::{Froms, Origin, OriginKind, Touch, TouchKind};
use crate::resolve::{DefKind, T, Type};

/// Structs in structs are looked into this far.
const FARTHEST: u8 = 3;

/// Clients of clients: those of a node, of a shard, of a cluster.
const DEEPEST: u8 = 6;

impl Places<'_, '_> {
    /// Whether a type is a bare connection, seen through readers, writers and what else a crate
    /// puts around it. Many of them are no one connection.
    pub(super) fn is_wire(&self, ty: T, depth: u8) -> bool {
        let Type::External(path, args) = &*self.names.types.get(self.peeled(ty)).clone() else {
            return false;
        };
        let external = self.names.externals.get(*path);
        let fact = self.names.catalog.type_fact(&external.text);
        let around = matches!(external.role, None | Some(Role::File | Role::Value));
        fact.is_some_and(|fact| fact.wire)
            || around && depth < FARTHEST && args.iter().any(|arg| self.is_wire(*arg, depth + 1))
    }
}

impl Parts<'_, '_, '_> {
    /// Whether a touch only puts another client where one was, or one where there was none yet.
    pub(super) fn renews_client(&self, touch: &Touch) -> bool {
        let one = self.places.content(touch.on);
        let whole = match touch.method {
            None => touch.replaces,
            Some(_) => self.places.role(touch.on) == Some(Role::Carrier),
        };
        touch.kind == TouchKind::Change
            && whole
            && !touch.takes
            && (self.is_one_client(one, 0)
                || self.is_of_clients(one, 0)
                    && !self.is_made_up(touch.value, 0)
                    && !self.is_answer(touch.value, &mut FxHashSet::default()))
            && !self.is_given_from_elsewhere(touch)
    }

    /// Whether a touch only says by the clock of this process since when the client in the same
    /// struct is there.
    pub(super) fn times_client(&self, place: Place, touch: &Touch) -> bool {
        let timed = touch.kind == TouchKind::Change
            && touch.method.is_none()
            && touch.replaces
            && self.ticks(self.places.content(touch.on))
            && !self.places.is_given(touch.value);
        timed && self.is_a_struct(place) && {
            let ty = self.place_type(place);
            let inner = self.places.interior(ty).map_or(ty, |(_, ty)| ty);
            match &*self.names.types.get(self.places.content(inner)).clone() {
                Type::Local(of, args) => {
                    let parts = self.parts_of(*of, args);
                    parts
                        .into_iter()
                        .any(|ty| self.is_one_client(ty, 0) || self.is_of_clients(ty, 0))
                }
                _ => false,
            }
        }
    }

    /// Whether it is a struct of the tree around clients, be they many, and what tells them apart,
    /// but no number and no mark that may count or say something of its own.
    fn is_of_clients(&self, ty: T, depth: u8) -> bool {
        let Type::Local(of, args) = &*self.names.types.get(self.places.content(ty)).clone() else {
            return false;
        };
        if depth > DEEPEST || self.names.def(*of).kind != DefKind::Struct {
            return false;
        }
        let is_client = |ty: &T| {
            let one = self.places.content(*ty);
            let many = match &*self.names.types.get(one) {
                Type::External(_, args) if self.places.role(one) == Some(Role::Collection) => {
                    args.last().copied()
                }
                _ => None,
            };
            let one = many.unwrap_or(one);
            self.is_one_client(one, 0) || self.is_of_clients(one, depth + 1)
        };
        let (clients, others): (Vec<T>, Vec<T>) =
            self.parts_of(*of, args).into_iter().partition(is_client);
        // Of many, a number tells which one it is.
        let numbered = |ty: T| depth > 0 && self.places.role(ty) == Some(Role::Number);
        !clients.is_empty() && others.into_iter().all(|ty| numbered(ty) || self.is_a_name(ty, 0))
    }

    /// Whether it can only say what something is, or where: a text, an address, a type parameter.
    fn is_a_name(&self, ty: T, depth: u8) -> bool {
        if self.places.interior(ty).is_some() || self.is_word(ty) {
            return false;
        }
        match &*self.names.types.get(self.places.content(ty)).clone() {
            Type::External(path, args) => {
                let external = self.names.externals.get(*path);
                let text = &*external.text == "std::string::String";
                let plain = matches!(external.role, None | Some(Role::Value | Role::Carrier));
                text || plain && args.iter().all(|arg| self.is_a_name(*arg, depth))
            }
            Type::Local(of, args) if self.names.def(*of).kind == DefKind::Struct => {
                let mut parts = self.parts_of(*of, args).into_iter();
                depth < FARTHEST && parts.all(|ty| self.is_a_name(ty, depth + 1))
            }
            Type::Local(..) => false,
            _ => true,
        }
    }

    /// Whether a touch only puts the handle of another task, thread or child in that part of a struct
    /// which keeps one, or takes it out: what else is there stays as it is.
    pub(super) fn renews_handle(&self, place: Place, touch: &Touch) -> bool {
        let one = self.places.content(touch.on);
        // What a table keeps by a key is a record of its own.
        self.stands_for_running(one)
            && self.places.role(one) == Some(Role::Control)
            && self.is_a_struct(place)
    }

    /// Whether a request brings what a client is made of: more than what stands beside it.
    fn is_given_from_elsewhere(&self, touch: &Touch) -> bool {
        let origins = &self.flow.origins;
        let whole = |origin: Origin| {
            let (mut at, mut part) = (origin, false);
            loop {
                at = match origins.kind(at) {
                    OriginKind::Field { base: Some(base), .. } => {
                        part = true;
                        base
                    }
                    OriginKind::Derived(inner) => inner,
                    _ => return part.then_some(at),
                };
            }
        };
        let own: Vec<_> = origins.list(touch.what).iter().map(|origin| whole(*origin)).collect();
        let elsewhere = |origin: &&Origin| {
            let beside = matches!(origins.kind(**origin), OriginKind::Derived(_))
                && whole(**origin).is_some_and(|at| own.contains(&Some(at)));
            !beside
        };
        let given: Vec<_> = origins.list(touch.value).iter().filter(elsewhere).collect();
        given.into_iter().any(|origin| self.places.given(*origin, &mut Trail::default()))
    }

    /// Whether a type is a client of a service, a bare connection, or a struct around one of these.
    fn is_one_client(&self, ty: T, depth: u8) -> bool {
        let ty = self.places.content(ty);
        match &*self.names.types.get(ty).clone() {
            Type::External(path, _) => {
                self.names.externals.get(*path).role == Some(Role::BackingService)
                    || self.places.is_wire(ty, 0)
            }
            Type::Local(of, args) if depth < FARTHEST => {
                let fields = self.names.fields(*of);
                let client =
                    |field| self.is_one_client(self.names.field_type(*of, field, args), depth + 1);
                self.is_connection(ty) || !fields.is_empty() && fields.iter().all(client)
            }
            _ => false,
        }
    }

    /// Whether it is a bare connection, or a struct of the tree that is one written by hand: it has
    /// a bare one, what it needs to make it anew, and what was read or is to be written in bytes, but
    /// no tables.
    pub(super) fn is_connection(&self, ty: T) -> bool {
        let Type::Local(of, args) = &*self.names.types.get(ty).clone() else {
            return self.places.is_wire(ty, 0);
        };
        if self.names.def(*of).kind != DefKind::Struct {
            return false;
        }
        let types: Vec<T> = self
            .names
            .fields(*of)
            .iter()
            .map(|field| self.places.peeled(self.names.field_type(*of, field, args)))
            .collect();
        types.iter().any(|ty| self.places.is_wire(*ty, 0))
            && !types.iter().any(|ty| self.is_table(*ty))
    }

    /// Whether something collects more than bytes, or is shared.
    fn is_table(&self, ty: T) -> bool {
        if self.places.is_wire(ty, 0) {
            return false;
        }
        let plain = |ty: &T| matches!(self.places.role(*ty), Some(Role::Number));
        match &*self.names.types.get(ty) {
            Type::External(path, args) => match self.names.externals.get(*path).role {
                Some(Role::Collection) => {
                    let params = self.names.type_fact(ty).map_or(0, |fact| fact.params.len());
                    let bytes = params < 2 && args.len() == params && args.iter().all(plain);
                    !bytes && self.values(ty).is_none()
                }
                Some(
                    Role::SharedCollection
                    | Role::Cache
                    | Role::Lock
                    | Role::Cell
                    | Role::SessionStore
                    | Role::EmbeddedDatabase,
                ) => true,
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether what is put in has something that means more than a time since when: a random name,
    /// a date.
    pub(super) fn is_made_up(&self, from: Froms, depth: u8) -> bool {
        let ticks = |text: &str| {
            let of = text.rsplit_once("::").and_then(|(of, _)| self.names.catalog.type_fact(of));
            of.is_some_and(|fact| fact.ticks)
        };
        let here =
            |text: &str, fact: &CallFact| fact.random || (fact.clock || fact.epoch) && !ticks(text);
        self.comes_up(from, &here, depth)
    }

    /// Whether it is the way to one client.
    pub(super) fn reaches_client(&self, ty: T) -> bool {
        self.names.type_fact(self.places.content(ty)).is_some_and(|fact| fact.reaches)
    }

    /// Whether a type is, holds or has for a field a client of a service.
    pub(super) fn holds_clients(&self, ty: T, depth: u8) -> bool {
        if depth > 4 {
            return false;
        }
        match &*self.names.types.get(self.places.content(ty)).clone() {
            Type::External(path, args) => {
                let external = self.names.externals.get(*path);
                external.role == Some(Role::BackingService)
                    || args.last().is_some_and(|arg| self.holds_clients(*arg, depth + 1))
            }
            // A client that is there or not, and nothing besides.
            Type::Local(of, args) if self.names.def(*of).kind == DefKind::Enum => {
                let mut held = self.names.variants(*of).flat_map(|variant| {
                    let fields = self.names.fields(variant).iter();
                    fields.map(move |field| self.names.field_type(variant, field, args))
                });
                let mut held = held.by_ref().peekable();
                held.peek().is_some() && held.all(|ty| self.holds_clients(ty, depth + 1))
            }
            Type::Local(of, args) if depth > 0 && !self.lives_on(ty, 0) => {
                let fields = self.names.fields(*of).iter();
                let mut types = fields.map(|field| self.names.field_type(*of, field, args));
                types.any(|ty| self.is_client(ty))
            }
            _ => false,
        }
    }

    /// Whether a type is a table of open databases, each with what it is called, where it lies and
    /// when it was last tended to: what is in them is told where they are opened.
    pub(super) fn holds_databases(&self, ty: T, depth: u8) -> bool {
        if depth > DEEPEST {
            return false;
        }
        match &*self.names.types.get(self.places.content(ty)).clone() {
            Type::External(path, args) => match self.names.externals.get(*path).role {
                Some(Role::EmbeddedDatabase) => depth > 0,
                _ => args.last().is_some_and(|arg| self.holds_databases(*arg, depth + 1)),
            },
            Type::Local(of, args) if depth > 0 && self.names.def(*of).kind == DefKind::Struct => {
                let (databases, others): (Vec<T>, Vec<T>) = self
                    .parts_of(*of, args)
                    .into_iter()
                    .partition(|ty| self.holds_databases(*ty, depth + 1));
                let timed = |ty: T| self.places.role(self.places.content(ty)) == Some(Role::Time);
                !databases.is_empty()
                    && others.into_iter().all(|ty| timed(ty) || self.is_a_name(ty, 0))
            }
            _ => false,
        }
    }

    /// Whether a place is a struct around an open database.
    pub(super) fn is_around_a_database(&self, place: Place) -> bool {
        let ty = self.place_type(place);
        let inner = self.places.interior(ty).map_or(ty, |(_, ty)| ty);
        self.is_a_struct(place) && self.holds_databases(inner, 1)
    }

    /// What a touch puts in. Of bare clients that are made for want of one by whoever asks for it, the
    /// key is no part of that.
    pub(super) fn put_in(&self, touch: &Touch) -> Froms {
        let bare = || match &*self.names.types.get(self.places.content(touch.on)).clone() {
            Type::External(_, args) => args.last().is_some_and(|one| self.is_one_client(*one, 0)),
            _ => false,
        };
        match touch.computed && bare() {
            true => touch.last,
            false => touch.value,
        }
    }

    /// Whether what is kept can be changed where it is kept: then it is soon no copy any more.
    pub(super) fn lives_on(&self, ty: T, depth: u8) -> bool {
        if depth > 3 {
            return false;
        }
        if self.places.interior(ty).is_some() {
            return true;
        }
        match &*self.names.types.get(self.places.peeled(ty)).clone() {
            Type::Local(of, args) => self.names.fields(*of).iter().any(|field| {
                self.lives_on(self.names.field_type(*of, field, args), depth + 1)
                    && !self.is_only_marked(*of, field.name)
            }),
            _ => false,
        }
    }
}
