//! What is a connection to somebody else? It is made anew when it breaks, and keeps nothing that
//! another process would have to know.

use super::places::{Place, Places, Trail};
use super::states::Parts;
use crate::catalog::{CallFact, Role};
use crate::flow::{Froms, Origin, OriginKind, Touch, TouchKind};
use crate::resolve::{DefKind, T, Type};

/// Structs in structs are looked into this far.
const FARTHEST: u8 = 3;

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
            && self.is_one_client(one, 0)
            && !self.is_given_from_elsewhere(touch)
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
