//! Of which channel is a value an end? Follows it back to where the channel is made.

use rustc_hash::FxHashMap;

use super::channels::Consumer;
use super::places::{MOST_STEPS, Places, Trail};
use crate::catalog::Role;
use crate::flow::{CallId, Capture, Flow, Froms, NodeId, Origin, OriginKind, TouchKind};
use crate::resolve::{DefId, DefKind, T, Type};
use crate::symbol::Symbol;

/// Variables that each body, or one inside it, sees from outside of it.
pub(super) fn seen_from_outside(flow: &Flow) -> FxHashMap<NodeId, Vec<&Capture>> {
    let mut seen: FxHashMap<NodeId, Vec<&Capture>> = FxHashMap::default();
    for capture in &flow.captures {
        for body in flow.enclosing(capture.by) {
            if flow.enclosing(capture.declared).all(|node| node != body) {
                seen.entry(body).or_default().push(capture);
            }
        }
    }
    seen
}

/// Ends of channels, by where they are kept.
#[derive(Default)]
pub(super) struct Ends {
    /// What is handed to all handlers, or put into fields, by its type.
    by_type: FxHashMap<T, Vec<Froms>>,
    /// What is put into the tables and rows of fields.
    among: FxHashMap<(DefId, Symbol), Vec<Froms>>,
    /// What is put into those of variables.
    within: FxHashMap<Origin, Vec<Froms>>,
}

impl Ends {
    pub(super) fn of(places: &Places<'_, '_>) -> Ends {
        let mut ends = Ends { by_type: places.ends_by_type(), ..Ends::default() };
        places.ends_among(&mut ends);
        ends
    }
}

impl Places<'_, '_> {
    /// Consumers of channels are actors, too: what they are methods of, and the structs that they
    /// hold, live from one message to the next.
    ///
    /// What a request makes for itself is no actor, whoever else makes one for all of them.
    pub(super) fn admit(&mut self, consumers: Vec<Consumer>, asked: impl Fn(NodeId) -> bool) {
        let seen = seen_from_outside(self.flow);
        for consumer in consumers {
            self.actors.insert(consumer.node);
            let def = self.flow.node(consumer.node).def;
            let own = self.names.owner(def);
            let own =
                own.filter(|_| self.names.function(def).is_some_and(|f| f.receiver.is_some()));
            let mut kept: Vec<T> = own.into_iter().flat_map(|own| self.selves(own)).collect();
            let captures = seen.get(&consumer.node).into_iter().flatten();
            kept.extend(captures.map(|capture| capture.val.ty));
            let structs = kept.into_iter().filter_map(|ty| match &*self.names.types.get(ty) {
                Type::Local(of, _) => Some(*of),
                _ => None,
            });
            let own =
                |of: &DefId| self.flow.makes.get(of).into_iter().flatten().any(|node| asked(*node));
            self.kept.extend(structs.filter(|of| !own(of)).collect::<Vec<_>>());
        }
        self.known.get_mut().clear();
    }

    /// What a method is called on: the type of its impl; of a method of a trait, those of all.
    fn selves(&self, block: DefId) -> Vec<T> {
        let of = |block: &DefId| self.names.impls.of(*block).map(|found| found.self_type);
        match self.names.def(block).kind {
            DefKind::Trait => self.names.impls.of_trait(block).iter().filter_map(of).collect(),
            _ => of(&block).into_iter().collect(),
        }
    }

    /// The channels of which a value is an end, or holds one.
    pub(super) fn channels(&self, froms: Froms) -> Vec<Origin> {
        let mut found = Vec::new();
        let mut trail = Trail::default();
        for origin in self.flow.origins.list(froms) {
            self.channel(*origin, &mut trail, &[], &mut found);
        }
        // A handler is handed it by its type alone: `State(sender): State<Sender<Job>>`.
        if found.is_empty() {
            for ty in self.types_behind(froms) {
                let ty = self.peeled(ty);
                for froms in self.ends.by_type.get(&ty).into_iter().flatten() {
                    self.channels_of(*froms, &mut trail, &[], &mut found);
                }
                // Nobody need say what a channel carries where it is made.
                if found.is_empty()
                    && let Some([only]) =
                        self.ends.by_type.get(&self.bare_end(ty)).map(Vec::as_slice)
                {
                    self.channels_of(*only, &mut trail, &[], &mut found);
                }
            }
        }
        found.sort();
        found.dedup();
        found
    }

    /// What is put among others into a field or a variable: the end of a channel, or what holds it.
    fn ends_among(&self, ends: &mut Ends) {
        let puts = self.flow.touches.iter().filter(|touch| {
            let put = touch.kind == TouchKind::Change && !touch.takes && touch.method.is_some();
            put && touch.last != Froms::NONE
        });
        for touch in puts {
            for origin in self.flow.origins.list(touch.what) {
                let mut at = self.flow.origins.root(*origin);
                while let OriginKind::Content(inner) = at {
                    at = self.flow.origins.root(inner);
                }
                match at {
                    OriginKind::Made(..) => {
                        let made = self.flow.origins.find(at).unwrap_or(*origin);
                        ends.within.entry(made).or_default().push(touch.last);
                    }
                    OriginKind::Field { of, name, .. } => {
                        let Some(field) = self.names.field(of, name) else { continue };
                        if self.holds_end(self.names.field_type(of, field, &[]), 0) {
                            ends.among.entry((of, name)).or_default().push(touch.last);
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// Whether there is an end of a channel in a type.
    fn holds_end(&self, ty: T, depth: u8) -> bool {
        match &*self.names.types.get(ty) {
            Type::External(path, args) => {
                self.names.externals.get(*path).role == Some(Role::Channel)
                    || depth < 6 && args.iter().any(|arg| self.holds_end(*arg, depth + 1))
            }
            _ => false,
        }
    }

    /// What is handed to all handlers, or put into fields, that is an end of a channel, by types.
    fn ends_by_type(&self) -> FxHashMap<T, Vec<Froms>> {
        let mut ends: FxHashMap<T, Vec<Froms>> = FxHashMap::default();
        for shared in &self.flow.shared {
            let ty = self.peeled(shared.val.ty);
            if self.is_channel(ty) {
                let ty = if self.says_what(ty) { ty } else { self.bare_end(ty) };
                ends.entry(ty).or_default().push(shared.val.from);
            }
        }
        for ((of, name), froms) in &self.stores {
            let Some(field) = self.names.field(*of, *name) else { continue };
            let ty = self.peeled(self.names.field_type(*of, field, &[]));
            if self.says_what(ty) && self.is_channel(ty) {
                ends.entry(ty).or_default().extend(froms);
            }
        }
        ends.values_mut().for_each(|list| list.sort());
        ends
    }

    /// Whether the type of an end says what the channel carries.
    fn says_what(&self, ty: T) -> bool {
        matches!(&*self.names.types.get(ty), Type::External(_, args)
            if args.first().is_some_and(|arg| *arg != T::UNKNOWN))
    }

    /// The type of an end, whatever the channel carries and whosever it is.
    fn bare_end(&self, ty: T) -> T {
        let Type::External(path, _) = &*self.names.types.get(ty) else { return ty };
        let fact = self.names.catalog.type_fact(&self.names.externals.get(*path).text);
        fact.map_or(ty, |fact| self.names.external(&fact.path, Vec::new()))
    }

    fn channel(&self, at: Origin, trail: &mut Trail, calls: &[CallId], found: &mut Vec<Origin>) {
        trail.steps += 1;
        let mark = calls.last().map_or(u32::MAX, |call| call.0);
        if trail.steps > MOST_STEPS || !trail.seen.insert((at, mark)) {
            return;
        }
        match self.flow.origins.kind(at) {
            OriginKind::Made(..) => {
                let ty = self.flow.made.get(&at).copied().unwrap_or(T::UNKNOWN);
                if self.is_channel(ty) {
                    found.push(at);
                }
                for froms in self.ends.within.get(&at).into_iter().flatten() {
                    self.channels_of(*froms, trail, &[], found);
                }
            }
            OriginKind::Content(inner) | OriginKind::Derived(inner) => {
                self.channel(inner, trail, calls, found);
            }
            OriginKind::Static(id) => {
                if let Some(node) = self.flow.bodies.get(&id) {
                    self.channels_of(self.flow.node(*node).returns, trail, calls, found);
                }
                for froms in self.fills.get(&id).into_iter().flatten() {
                    self.channels_of(*froms, trail, &[], found);
                }
            }
            OriginKind::Field { base, of, name } => {
                let before = found.len();
                for froms in self.stores.get(&(of, name)).into_iter().flatten() {
                    self.channels_of(*froms, trail, &[], found);
                }
                for froms in self.ends.among.get(&(of, name)).into_iter().flatten() {
                    self.channels_of(*froms, trail, &[], found);
                }
                if found.len() == before
                    && let Some(base) = base
                {
                    self.channel(base, trail, calls, found);
                }
            }
            OriginKind::Param(node, index) => {
                self.each_argument(node, index, calls, |froms, calls| {
                    self.channels_of(froms, trail, calls, found);
                });
            }
            OriginKind::Result(call) => {
                let mut deeper = calls.to_vec();
                deeper.push(call);
                for froms in self.answers(call) {
                    self.channels_of(froms, trail, &deeper, found);
                }
            }
            _ => {}
        }
    }

    fn channels_of(
        &self,
        froms: Froms,
        trail: &mut Trail,
        calls: &[CallId],
        found: &mut Vec<Origin>,
    ) {
        for origin in self.flow.origins.list(froms) {
            self.channel(*origin, trail, calls, found);
        }
    }

    /// Whether a type is an end of a channel, or both.
    pub(super) fn is_channel(&self, ty: T) -> bool {
        match &*self.names.types.get(self.peeled(ty)) {
            Type::External(path, args) => {
                let external = self.names.externals.get(*path);
                let tuple = &*external.text == "tuple";
                external.role == Some(Role::Channel)
                    || tuple && args.iter().any(|arg| self.is_channel(*arg))
            }
            _ => false,
        }
    }
}
