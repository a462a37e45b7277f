//! What does no harm where it is kept: it is about this process alone, or kept elsewhere, too.

use rustc_hash::FxHashSet;

use super::Access;
use super::places::Place;
use super::replies::brings_reply;
use super::states::{Accesses, Parts};
use crate::catalog::Role;
use crate::flow::{Froms, NodeId, NodeKind, Origin, OriginKind, Touch, Used};
use crate::resolve::{DefId, DefKind, T, Type};

impl Parts<'_, '_, '_> {
    /// Whether it says how far one of many has come that requests make and let go of: closed, done,
    /// stopped. What somebody sets it to is no flag, and neither is a mark that something is to be
    /// done, which whoever does it takes away.
    pub(super) fn is_flag_of_one(
        &self,
        place: Place,
        ty: T,
        content: T,
        accesses: &Accesses,
    ) -> bool {
        let Place::Field(of, _) = place else { return false };
        let made = |by: &NodeId| {
            let entry = self.reach.entry_of(*by);
            entry.is_some_and(|entry| !self.reach.is_beside(entry))
        };
        let taken = |change: &Access| {
            let mut looks = accesses.reads.iter().filter(|read| !read.locks);
            change.used != Used::No || looks.any(|read| read.def == change.def)
        };
        (self.is_mark(content) || self.is_switch(ty))
            && !accesses.changes.iter().any(|change| change.given || taken(change))
            && self.flow.makes.get(&of).is_some_and(|by| by.iter().any(made))
    }

    /// Whether one time is kept that means nothing outside this process, or the time at which it
    /// did something, which it only measures by.
    pub(super) fn is_since(&self, content: T, accesses: &Accesses) -> bool {
        match self.places.role(content) {
            Some(Role::Time) => {}
            Some(Role::Number | Role::Atomic) => return self.holds_lapses(accesses),
            _ => return false,
        }
        let measured = |read: &Access| read.locks || read.used == Used::Measured;
        self.ticks(content) && !accesses.changes.iter().any(|change| change.given)
            || accesses.changes.iter().all(|change| change.fresh || change.takes)
                && accesses.reads.iter().all(measured)
    }

    /// Whether the numbers that are put in say how long after a time it was that means nothing
    /// outside this process, or are none.
    fn holds_lapses(&self, accesses: &Accesses) -> bool {
        if !accesses.counts.is_empty() || accesses.changes.iter().any(|change| change.given) {
            return false;
        }
        let touches = accesses.changes.iter().map(|change| self.change_at(change));
        let Some(touches) = touches.collect::<Option<Vec<&Touch>>>() else { return false };
        let (lapses, others): (Vec<&Touch>, Vec<&Touch>) =
            touches.into_iter().partition(|touch| self.is_lapse(touch.value, 0));
        !lapses.is_empty() && others.iter().all(|touch| touch.word == Some(0))
    }

    fn is_lapse(&self, from: Froms, depth: u8) -> bool {
        // With what is put there goes how it is to be seen by others.
        let order = |origin: &&Origin| match self.flow.origins.kind(**origin) {
            OriginKind::External(path) => {
                self.names.externals.get(path).text.starts_with("std::sync::atomic::Ordering::")
            }
            _ => false,
        };
        let list = self.flow.origins.list(from).iter();
        let mut origins = list.filter(|origin| !order(origin)).peekable();
        depth < 4
            && origins.peek().is_some()
            && origins.all(|origin| self.begins_with_a_tick(*origin, depth))
    }

    fn begins_with_a_tick(&self, origin: Origin, depth: u8) -> bool {
        match self.flow.origins.kind(origin) {
            OriginKind::Derived(inner) | OriginKind::Asked(inner, _) => {
                self.begins_with_a_tick(inner, depth)
            }
            OriginKind::Field { of, name, .. } => {
                let field = self.names.field(of, name);
                field.is_some_and(|field| {
                    self.ticks(self.places.content(self.names.field_type(of, field, &[])))
                })
            }
            OriginKind::External(path) => {
                let text = &self.names.externals.get(path).text;
                let of = text.rsplit_once("::").map_or("", |(of, _)| of);
                self.names.catalog.type_fact(of).is_some_and(|fact| fact.ticks)
            }
            OriginKind::Result(call) => {
                let answers = self.places.answers(call);
                !answers.is_empty() && answers.iter().all(|from| self.is_lapse(*from, depth + 1))
            }
            _ => false,
        }
    }

    /// Whether it is a flag that whoever shares it may set.
    pub(super) fn is_switch(&self, ty: T) -> bool {
        let Some((Role::Atomic, atomic)) = self.places.interior(ty) else { return false };
        let fact = self.names.type_fact(atomic);
        fact.and_then(|fact| fact.returns.get("load")).is_some_and(|gives| gives == "bool")
    }

    /// Whether it is one of a few words: a flag, or an enum of which no variant holds anything.
    fn is_mark(&self, ty: T) -> bool {
        match &*self.names.types.get(ty) {
            Type::External(path, _) => &*self.names.externals.get(*path).text == "bool",
            Type::Local(of, _) if self.names.def(*of).kind == DefKind::Enum => {
                self.names.variants(*of).all(|variant| self.names.fields(variant).is_empty())
            }
            _ => false,
        }
    }

    /// Whether functions of the tree fail with it.
    pub(super) fn is_error(&self, ty: T) -> bool {
        let failures = self.own.failures.get_or_init(|| {
            let functions = self.flow.nodes.iter().filter(|node| node.kind == NodeKind::Function);
            let failures = functions.filter_map(|node| {
                let Type::External(path, args) =
                    &*self.names.types.get(self.names.return_type(node.def))
                else {
                    return None;
                };
                let carries = self.names.externals.get(*path).role == Some(Role::Carrier);
                args.get(1).copied().filter(|_| carries)
            });
            failures.collect::<FxHashSet<T>>()
        });
        // A text or a number may be anything.
        let named = match &*self.names.types.get(ty) {
            Type::External(path, _) => self.names.externals.get(*path).role.is_none(),
            Type::Local(..) => true,
            _ => false,
        };
        named && failures.contains(&ty)
    }

    /// What a collection keeps, where that is harmless: connections, handles, metrics.
    pub(super) fn values(&self, collection: T) -> Option<Role> {
        let Type::External(_, args) = &*self.names.types.get(collection).clone() else {
            return None;
        };
        // Those who stand in line wait for their answers: they are lost with the connection.
        let brings = |ty| {
            let peel = |ty| self.places.content(ty);
            brings_reply(self.names, ty, Some(Role::Carrier), &peel, 0)
        };
        let in_line = || matches!(&**args, [waiting] if brings(*waiting));
        self.kept(*args.last()?, 0).or_else(|| in_line().then_some(Role::Control))
    }

    /// Whether a struct is a line of those who wait for their answers, and how long that is.
    pub(super) fn is_line(&self, ty: T) -> bool {
        let Type::Local(of, args) = &*self.names.types.get(ty).clone() else { return false };
        let line = |ty: &T| {
            let many = self.places.role(*ty) == Some(Role::Collection);
            many && self.values(*ty) == Some(Role::Control)
        };
        let length = |ty: &T| self.places.role(*ty) == Some(Role::Number) || self.is_word(*ty);
        let parts = match self.names.def(*of).kind {
            DefKind::Enum => Vec::new(),
            _ => self.parts_of(*of, args),
        };
        parts.iter().any(line) && parts.iter().all(|ty| line(ty) || length(ty))
    }

    /// What does no harm in a collection, seen through what stands around it.
    pub(super) fn kept(&self, value: T, depth: u8) -> Option<Role> {
        if self.guards(value) {
            return Some(Role::Control);
        }
        let value = self.places.content(value);
        if self.places.is_channel(value) || self.reaches_client(value) {
            return Some(Role::Channel);
        }
        match &*self.names.types.get(value).clone() {
            Type::Local(of, args) => {
                let of_enum = self.names.def(*of).kind == DefKind::Enum;
                let types = self.parts_of(*of, args);
                let reaches = |ty: &T| self.places.is_channel(*ty) || self.reaches_client(*ty);
                if !of_enum && types.iter().any(reaches) {
                    return Some(Role::Channel);
                }
                // What runs, and a word about it; a client, and since when it is open.
                let runs = !of_enum && types.iter().any(|ty| self.stands_for_running(*ty));
                let client = !of_enum && types.iter().any(|ty| self.is_client(*ty));
                let mut found = Role::Control;
                let mut harmless = |ty: &T| match self.kept(*ty, depth + 1) {
                    Some(Role::Control) => true,
                    // A client or an open database, and nothing besides that would be a record.
                    Some(role @ (Role::BackingService | Role::EmbeddedDatabase)) => {
                        found = role;
                        true
                    }
                    // What is only exported, as it would be bare.
                    Some(Role::Telemetry) => {
                        if found == Role::Control {
                            found = Role::Telemetry;
                        }
                        true
                    }
                    _ => {
                        runs && self.is_word(*ty) || client && self.ticks(self.places.content(*ty))
                    }
                };
                let handles = depth < 3 && !types.is_empty() && types.iter().all(&mut harmless);
                handles.then_some(found)
            }
            Type::External(path, args) => {
                let external = self.names.externals.get(*path);
                let many = matches!(external.role, Some(Role::Collection | Role::SharedCollection));
                let told = |role: &Role| {
                    is_harmless(*role) || matches!(role, Role::RateLimiter | Role::EmbeddedDatabase)
                };
                match external.role.filter(told) {
                    None if depth < 3 && (many || &*external.text == "tuple") => {
                        let last = args.last()?;
                        self.kept(*last, depth + 1)
                    }
                    role => role,
                }
            }
            _ => None,
        }
    }

    pub(super) fn is_client(&self, ty: T) -> bool {
        self.places.role(self.places.content(ty)) == Some(Role::BackingService)
    }

    /// The types of what a struct holds, and each variant of an enum.
    pub(super) fn parts_of(&self, of: DefId, args: &[T]) -> Vec<T> {
        let fields = |of: DefId| {
            let fields = self.names.fields(of).iter();
            fields.map(move |field| self.names.field_type(of, field, args))
        };
        self.names.variants(of).chain([of]).flat_map(fields).collect()
    }

    /// Whether it stands for a task, a thread or a child of this process.
    pub(super) fn stands_for_running(&self, ty: T) -> bool {
        match &*self.names.types.get(self.places.content(ty)) {
            Type::External(path, _) => {
                let text = &self.names.externals.get(*path).text;
                self.names.catalog.type_fact(text).is_some_and(|fact| fact.runs)
            }
            _ => false,
        }
    }

    /// Whether it is a time that means nothing outside this process.
    pub(super) fn ticks(&self, ty: T) -> bool {
        let fact = self.names.type_fact(ty);
        fact.is_some_and(|fact| fact.ticks)
    }

    /// Whether it says in a word what something is, or since when.
    pub(super) fn is_word(&self, ty: T) -> bool {
        let ty = self.places.content(ty);
        self.is_mark(ty) || self.places.role(ty) == Some(Role::Time)
    }
}

/// What does no harm in a lock or a collection: it is shared elsewhere, only exported, or about
/// this process alone.
pub(super) fn is_harmless(role: Role) -> bool {
    matches!(
        role,
        Role::BackingService
            | Role::Telemetry
            | Role::Control
            | Role::Randomness
            | Role::Channel
            | Role::File
            | Role::WorkingCopy
    )
}
