//! Where does what is put into a state come from? Fetched, computed, or brought by a request.

use rustc_hash::{FxHashMap, FxHashSet};

use super::places::Place;
use super::questions::Gathered;
use super::states::{Accesses, Parts};
use super::{Access, State};
use crate::catalog::{CallFact, DiskEffect, EntryKind, Role, TypeText, Work};
use crate::flow::{
    Call, CallId, Callee, Froms, NodeId, NodeKind, Origin, OriginKind, Touch, TouchKind, Used,
};
use crate::resolve::{DefId, PathId, T, Type};

/// How far the callers of what fills a state are asked whether they look it up.
const MOST_CALLERS: usize = 4;

impl Parts<'_, '_, '_> {
    /// Whether what is put in was computed or fetched, not merely brought by the request. What a
    /// record of many holds may be computed, and is a record all the same; of one value that takes
    /// the place of another, the parts tell.
    pub(super) fn is_fetched(&self, touch: &Touch) -> bool {
        let deeper = if touch.replaces { 2 } else { 0 };
        self.comes_fetched(touch.value, deeper)
    }

    fn comes_fetched(&self, from: Froms, deeper: u8) -> bool {
        if self.is_part_of_answer(from) {
            return true;
        }
        self.flow.origins.list(from).iter().any(|origin| {
            let kind = self.flow.origins.root(*origin);
            let made = self.flow.origins.find(kind);
            let parts = made.and_then(|made| self.flow.parts.get(&made)).copied();
            self.comes_from_outside(*origin)
                || deeper > 0 && parts.is_some_and(|parts| self.comes_fetched(parts, deeper - 1))
        })
    }

    /// Whether a value came from outside of the tree, be it that all who call a function hand it
    /// over.
    pub(super) fn is_from_abroad(&self, from: Froms, depth: u8) -> bool {
        depth < 4
            && self.flow.origins.list(from).iter().any(|origin| {
                match self.flow.origins.root(*origin) {
                    OriginKind::External(path) => !self.places.is_at_hand(path),
                    OriginKind::Param(node, index) if !self.places.entry_nodes.contains(&node) => {
                        let (mut some, mut all) = (false, true);
                        self.places.each_argument(node, index, &[], |froms, _| {
                            some = true;
                            all = all && self.is_from_abroad(froms, depth + 1);
                        });
                        some && all
                    }
                    kind => {
                        let made = self.flow.origins.find(kind);
                        let parts = made.and_then(|made| self.flow.parts.get(&made)).copied();
                        parts.is_some_and(|parts| self.is_from_abroad(parts, depth + 1))
                    }
                }
            })
    }

    /// Whether what a body gives depends on what it is given alone, and on what stays as it is:
    /// every process comes to the same.
    pub(super) fn is_pure(&self, node: NodeId, states: &[State]) -> bool {
        let bodies: FxHashSet<NodeId> =
            self.reach.inside(node, None).into_iter().map(|(body, _)| body).collect();
        let runs_here = |body: &NodeId| bodies.contains(body);
        let asks = |body: &NodeId| {
            self.deeds.asks(*body)
                || self.flow.asking.contains(body)
                || self.flow.awaiting.contains(body)
        };
        let tells_apart = |call: &Call| {
            let fact = self.fact(call);
            // What goes through a file is told where that is opened.
            let through = |disk| matches!(disk, DiskEffect::Pour | DiskEffect::ReadOpen);
            fact.is_some_and(|fact| {
                let disk = fact.disk.is_some_and(|disk| !through(disk));
                disk || fact.does.is_some() || fact.random || fact.clock
            })
        };
        let sites: FxHashSet<&str> = states.iter().map(|state| state.item.as_str()).collect();
        let changes = |touch: &Touch| {
            let places = self.places.places(touch.what).into_iter();
            let mut items = places.filter_map(|place| self.site(place).map(|site| site.1));
            items.any(|item| sites.contains(item.as_str()))
        };
        !bodies.iter().any(asks)
            && !self.flow.calls.iter().any(|call| runs_here(&call.node) && tells_apart(call))
            && !self.flow.touches.iter().any(|touch| runs_here(&touch.node) && changes(touch))
            && !self.flow.node(node).params.iter().any(|ty| self.holds_clients(*ty, 0))
    }

    /// What a task does that empties a collection which requests only fill. Ends of channels by key
    /// are no work: through them, whoever put them there hears of it.
    pub(super) fn drained(&self, collection: T, accesses: &Accesses) -> Option<Work> {
        let ends = match &*self.names.types.get(collection).clone() {
            Type::External(_, args) if args.len() > 1 => {
                args.last().is_some_and(|last| self.places.is_channel(*last))
            }
            _ => false,
        };
        if ends {
            return None;
        }
        let beside = |access: &Access| self.reach.is_beside(&self.reach.entries[access.entry]);
        let filled = accesses.changes.iter().any(|change| !change.takes && !beside(change));
        let asked = accesses.reads.iter().any(|read| read.direct && !beside(read));
        let mut takes = accesses.changes.iter().filter(|change| change.takes && beside(change));
        if !filled || asked {
            return None;
        }
        takes.find_map(|take| {
            let node = self.reach.entries[take.entry].node;
            Some(self.deeds.sum(self.names, self.flow, self.reach, node, None)?.work)
        })
    }

    /// Whether one loop or task fills a value that only it has, and empties it again as a whole: what
    /// is in it has not been told to anyone, and nothing is looked up there.
    pub(super) fn is_buffer(&self, place: Place, accesses: &Accesses) -> bool {
        let mut all = accesses.changes.iter().chain(&accesses.reads);
        let Some(first) = accesses.changes.first() else { return false };
        let entry = &self.reach.entries[first.entry];
        let goes_on = entry.point.kind == EntryKind::Task
            || self.flow.node(entry.node).kind == NodeKind::Loop;
        let mut flushes = accesses.changes.iter().filter(|change| change.empties);
        // What is taken out to be worked on may have been put in but once.
        let used = flushes.clone().any(|flush| flush.used != Used::No);
        let asked = |read: &Access| read.direct && !(used && read.used == Used::Measured);
        let puts = || accesses.changes.iter().filter(|change| !change.takes);
        goes_on
            && flushes.next().is_some()
            && puts().next().is_some()
            && puts().all(|put| !put.whole)
            && self.places.interior(self.place_type(place)).is_none()
            && accesses.counts.is_empty()
            && all.all(|access| access.entry == first.entry)
            && accesses.changes.iter().all(|change| !change.takes || change.empties)
            && !accesses.reads.iter().any(asked)
    }

    /// Whether what is asked gives a slot to put something in: `map.entry(key)`.
    pub(super) fn opens_entry(&self, touch: &Touch) -> bool {
        let Type::External(path, _) = &*self.names.types.get(touch.on) else { return false };
        let catalog = self.names.catalog;
        let of = self.names.externals.get(*path);
        let method = touch.method.map(|method| self.names.text(method));
        let given = method.and_then(|method| catalog.returned(&of.text, method));
        match given {
            Some(TypeText::Path(path, _)) => {
                catalog.type_fact(path).is_some_and(|fact| !fact.stays.is_empty())
            }
            _ => false,
        }
    }

    /// Whether what is asked gives a number or a word of two, for nothing that is handed over: `len()`.
    pub(super) fn measures(&self, touch: &Touch) -> bool {
        let Type::External(path, _) = &*self.names.types.get(touch.on) else { return false };
        let of = self.names.externals.get(*path);
        let method = touch.method.map(|method| self.names.text(method));
        let given = method.and_then(|method| self.names.catalog.returned(&of.text, method));
        touch.value == Froms::NONE
            && matches!(given, Some(TypeText::Path(path, _)) if matches!(&**path, "usize" | "bool"))
    }

    /// Whether what a collection keeps is computed when it is first waited for.
    pub(super) fn holds_pending(&self, collection: T) -> bool {
        let Type::External(_, args) = &*self.names.types.get(collection).clone() else {
            return false;
        };
        let value = args.last().map_or(T::UNKNOWN, |value| self.places.peeled(*value));
        let fact = self.names.type_fact(value);
        fact.is_some_and(|fact| fact.pending)
    }

    /// Whether what is called puts something empty there, to be filled.
    pub(super) fn opens_room(&self, touch: &Touch) -> bool {
        let fact = self.names.type_fact(touch.on);
        let method = touch.method.map(|method| self.names.text(method));
        fact.is_some_and(|fact| fact.opens.iter().any(|opens| Some(opens.as_str()) == method))
    }

    /// Functions that look a place up.
    pub(super) fn lookups(
        &self,
        holders: &FxHashMap<DefId, Vec<Place>>,
    ) -> FxHashSet<(Place, DefId)> {
        let (mut lookups, mut entries) = (FxHashSet::default(), FxHashSet::default());
        let mut rooms = FxHashSet::default();
        for touch in &self.flow.touches {
            let looks = self.places.role(touch.on).is_some_and(|role| {
                matches!(
                    role,
                    Role::Collection | Role::SharedCollection | Role::Cache | Role::Carrier
                )
            });
            let keyed = touch.kind == TouchKind::Read
                && (looks && !self.only_locks(touch.on) || touch.method.is_none());
            let room = touch.kind == TouchKind::Change && self.opens_room(touch);
            if (keyed || room) && self.reach.is_serving(touch.node) {
                let def = self.flow.node(touch.node).def;
                let list = match keyed {
                    true if self.opens_entry(touch) => &mut entries,
                    true => &mut lookups,
                    false => &mut rooms,
                };
                list.extend(self.touched(touch, holders).into_iter().map(|place| (place, def)));
            }
        }
        // Who makes room whatever is there has not looked.
        lookups.extend(entries.difference(&rooms));
        lookups
    }

    /// Whether whoever has something put into a place here, or calls who does, looks it up there,
    /// too: then what is missed is fetched again. What one function does `besides` is left out.
    pub(super) fn follows_a_miss(
        &self,
        node: NodeId,
        place: Place,
        lookups: &FxHashSet<(Place, DefId)>,
        besides: Option<DefId>,
    ) -> bool {
        let looks = |body: NodeId| {
            let def = self.flow.node(body).def;
            besides != Some(def) && lookups.contains(&(place, def))
        };
        let mut todo = vec![node];
        for _ in 0..MOST_CALLERS {
            let around = todo.iter().flat_map(|body| self.flow.enclosing(*body));
            let around: FxHashSet<NodeId> =
                around.filter(|body| self.reach.is_serving(*body)).collect();
            let mut inside = around.iter().flat_map(|body| self.reach.inside(*body, None));
            if inside.any(|(body, _)| looks(body)) {
                return true;
            }
            let calls = around.iter().filter_map(|body| self.places.callers.get(body)).flatten();
            todo = calls.map(|call| self.flow.call(*call).node).collect();
        }
        false
    }

    /// Whether asking something of a type is only about its lock: of the lock itself, or of the
    /// `Result` around its guard.
    pub(super) fn only_locks(&self, ty: T) -> bool {
        let held = |ty: T| match &*self.names.types.get(ty) {
            Type::External(path, _) => {
                let text = &self.names.externals.get(*path).text;
                self.names.catalog.type_fact(text).is_some_and(|fact| fact.held)
            }
            _ => false,
        };
        match (self.places.role(ty), &*self.names.types.get(ty)) {
            (Some(Role::Lock | Role::Cell), _) => true,
            (Some(Role::Carrier), Type::External(_, args)) => {
                args.first().is_some_and(|arg| held(*arg))
            }
            _ => false,
        }
    }

    /// Whether what is put in is put together from what every process has: no store and no service
    /// was asked for it.
    pub(super) fn is_at_hand(&self, touch: &Touch) -> bool {
        let def = self.flow.node(touch.node).def;
        !self.deeds.asks_in(def) && !self.asks_for(touch.value, 2)
    }

    /// Whether all that can be done with the values of a collection is to wait for what comes.
    pub(super) fn listens_only(&self, collection: T) -> bool {
        let Type::External(_, args) = &*self.names.types.get(collection).clone() else {
            return false;
        };
        let Some(value) = args.last().map(|value| self.places.content(*value)) else {
            return false;
        };
        let fact = self.names.type_fact(value);
        fact.is_some_and(|fact| fact.listens || !fact.receives.is_empty() && fact.sends.is_empty())
    }

    /// Whether what is put in stays what it is.
    pub(super) fn is_copy(&self, touch: &Touch) -> bool {
        let value = match &*self.names.types.get(touch.on) {
            Type::External(_, args) => args.last().copied().unwrap_or(T::UNKNOWN),
            _ => T::UNKNOWN,
        };
        !touch.takes && !self.lives_on(value, 0)
    }

    /// Whether a value has something that came up just here: a random name, a time, a channel.
    pub(super) fn is_new(&self, from: Froms, depth: u8) -> bool {
        self.comes_up(from, &|_, fact| fact.random || fact.clock, depth)
    }

    /// Whether a value has something that such a call gives, by what is known of it.
    pub(super) fn comes_up(
        &self,
        from: Froms,
        here: &dyn Fn(&str, &CallFact) -> bool,
        depth: u8,
    ) -> bool {
        depth < 3
            && self.flow.origins.list(from).iter().any(|origin| {
                let kind = self.flow.origins.root(*origin);
                let made = self.flow.origins.find(kind);
                let parts = made.and_then(|made| self.flow.parts.get(&made)).copied();
                match kind {
                    OriginKind::External(path) => {
                        let text = &self.names.externals.get(path).text;
                        self.names.catalog.call(text).is_some_and(|fact| here(text, fact))
                    }
                    OriginKind::Noted(call) => {
                        self.fact(self.flow.call(call)).is_some_and(|fact| fact.random)
                    }
                    _ => parts.is_some_and(|parts| self.comes_up(parts, here, depth + 1)),
                }
            })
    }

    /// Whether a value is, or holds, what a store or a service answered.
    pub(super) fn is_answer(&self, from: Froms, trail: &mut FxHashSet<Origin>) -> bool {
        self.is_answer_at(from, &|_| false, trail) || self.is_part_of_answer(from)
    }

    /// The same, of functions that run no such body.
    pub(super) fn is_answer_but(&self, from: Froms, but: &dyn Fn(NodeId) -> bool) -> bool {
        self.is_answer_at(from, but, &mut FxHashSet::default()) || self.is_part_of_answer(from)
    }

    fn is_answer_at(
        &self,
        from: Froms,
        but: &dyn Fn(NodeId) -> bool,
        trail: &mut FxHashSet<Origin>,
    ) -> bool {
        self.flow.origins.list(from).iter().any(|origin| {
            let kind = self.flow.origins.root(*origin);
            let Some(root) = self.flow.origins.find(kind) else { return false };
            if trail.len() > 200 || !trail.insert(root) {
                return false;
            }
            match kind {
                OriginKind::Result(call) if self.runs_any(call, but) => false,
                OriginKind::Result(call) => self
                    .places
                    .answers(call)
                    .into_iter()
                    .any(|froms| self.is_answer_at(froms, but, trail)),
                OriginKind::External(path) => self.is_answered_by(path),
                OriginKind::Made(..) => {
                    let parts = self.flow.parts.get(&root).into_iter();
                    let mut parts = parts.chain(self.gathered().of(&root));
                    parts.any(|part| self.is_answer_at(*part, but, trail))
                }
                OriginKind::Param(node, index) => {
                    let mut found = false;
                    self.each_handed_later(node, index, |froms| {
                        found = found || self.is_answer_at(froms, but, trail);
                    });
                    found
                }
                _ => false,
            }
        })
    }

    /// Whether what such a call gives is what a store or a service answered.
    pub(super) fn is_answered_by(&self, path: PathId) -> bool {
        let external = self.names.externals.get(path);
        let text = &external.text;
        let around = external.around().and_then(|of| self.names.catalog.type_fact(of));
        if around.is_some_and(|fact| fact.is == Role::Builder) {
            return false;
        }
        let krate = text.split("::").next().unwrap_or_default();
        let name = text.rsplit("::").next().unwrap_or_default();
        let fact = self.names.catalog.crate_fact(text);
        // What a broker delivers is what somebody brings.
        fact.is_some_and(|fact| fact.is == Role::BackingService)
            && !self.names.catalog.constructs(name)
            && !self.names.catalog.is_broker(krate)
    }

    /// What is put, one after the other, into collections that a body made.
    pub(super) fn gathered(&self) -> &Gathered {
        self.own.gathered.get_or_init(|| Gathered::new(self.flow))
    }

    /// What is handed over for a parameter while serving: what start-up loads says nothing of what
    /// comes later.
    pub(super) fn each_handed_later(&self, node: NodeId, index: u16, mut then: impl FnMut(Froms)) {
        self.each_handed_by(node, index, |froms, _| then(froms));
    }

    /// The same, with the call that hands it over and the body that this runs, where that is told.
    pub(super) fn each_handed_by(
        &self,
        node: NodeId,
        index: u16,
        mut then: impl FnMut(Froms, Option<(CallId, NodeId)>),
    ) {
        let early = |node: NodeId| self.reach.is_startup(node) && !self.reach.is_serving(node);
        self.places.each_handed(node, index, &[], |froms, _, up| {
            if up.is_none_or(|(call, _)| !early(self.flow.call(call).node)) {
                then(froms, up);
            }
        });
    }

    fn asks_for(&self, from: Froms, deeper: u8) -> bool {
        self.flow.origins.list(from).iter().any(|origin| {
            let kind = self.flow.origins.root(*origin);
            if let OriginKind::Result(call) = kind {
                return self.call_asks(call);
            }
            let parts = self.flow.origins.find(kind).and_then(|made| self.flow.parts.get(&made));
            deeper > 0 && parts.is_some_and(|parts| self.asks_for(*parts, deeper - 1))
        })
    }

    /// Whether what a call runs asks a store, a service or a program for anything.
    fn call_asks(&self, call: CallId) -> bool {
        let bodies = match &self.flow.call(call).callee {
            Callee::Defs(defs) => {
                defs.iter().filter_map(|def| self.flow.bodies.get(def)).copied().collect()
            }
            Callee::Given(node, index) => self.places.given_bodies(*node, *index),
            _ => Vec::new(),
        };
        let mut inside = bodies.into_iter().flat_map(|body| self.reach.inside(body, None));
        inside.any(|(body, _)| self.deeds.asks(body))
    }

    fn comes_from_outside(&self, origin: Origin) -> bool {
        match self.flow.origins.root(origin) {
            OriginKind::Result(call) => match self.flow.call(call).callee {
                // What it was given for may only change what it is handed.
                Callee::Given(..) => self.call_asks(call),
                _ => true,
            },
            OriginKind::External(path) => !self.places.is_at_hand(path),
            OriginKind::Made(..) => self.channels.is_news(origin),
            _ => false,
        }
    }

    /// Whether any part of what is put in was fetched, by whoever handed it over: then it exists
    /// elsewhere.
    pub(super) fn exists_elsewhere(&self, froms: Froms, depth: u8) -> bool {
        depth < 4
            && self.flow.origins.list(froms).iter().any(|origin| {
                match self.flow.origins.root(*origin) {
                    OriginKind::Made(..) if self.holds_fetched(*origin, depth) => true,
                    OriginKind::Param(node, index) => {
                        let mut found = false;
                        self.each_handed_later(node, index, |froms| {
                            found = found || self.exists_elsewhere(froms, depth + 1);
                        });
                        found
                    }
                    OriginKind::Field { base: Some(whole), .. } => self.is_answered(whole, depth),
                    _ => self.comes_from_outside(*origin),
                }
            })
    }

    /// Whether whoever handed something over, of which this is a part, was answered with it.
    fn is_answered(&self, whole: Origin, depth: u8) -> bool {
        match self.flow.origins.root(whole) {
            OriginKind::Field { base: Some(outer), .. } => self.is_answered(outer, depth),
            OriginKind::Result(call) => self.call_asks(call),
            OriginKind::Param(node, index) if depth < 4 => {
                let mut found = false;
                self.each_handed_later(node, index, |froms| {
                    let mut list = self.flow.origins.list(froms).iter();
                    found = found || list.any(|origin| self.is_answered(*origin, depth + 1));
                });
                found
            }
            _ => false,
        }
    }

    fn holds_fetched(&self, origin: Origin, depth: u8) -> bool {
        let ty = self.flow.made.get(&origin).copied().unwrap_or(T::UNKNOWN);
        let Type::Local(of, _) = &*self.names.types.get(ty) else { return false };
        let mut fields = self.names.fields(*of).iter();
        fields.any(|field| {
            let stores = self.places.stores.get(&(*of, field.name)).into_iter().flatten();
            stores.into_iter().any(|froms| self.exists_elsewhere(*froms, depth + 1))
        })
    }
}
