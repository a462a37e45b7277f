//! Which types are shared between requests, and which places hold them?

mod momentary;
mod spread;

use rustc_hash::{FxHashMap, FxHashSet};

use super::channels::{Channels, Consumer};
use super::ends::seen_from_outside;
use super::entries::Entry;
use super::handles::Handles;
use super::places::{Place, Places};
use super::reach::{ANY, Programs, Reach};
use crate::catalog::{EntryKind, Role};
use crate::diagnostic::Step;
use crate::flow::{
    self, CallId, Flow, Froms, NodeId, NodeKind, Origin, OriginKind, Touch, TouchKind, Used,
    static_type,
};
use crate::resolve::{DefId, DefKind, Names, T, Type};
use momentary::Momentary;
pub(super) use spread::{carries_messages, is_callable};

pub(super) struct Shared {
    /// Structs and enums of the tree of which one value serves many requests, with the reason.
    types: FxHashMap<DefId, Vec<(Step, Programs)>>,
    /// Places by what they are, pointers around it taken away.
    by_type: FxHashMap<T, Vec<Place>>,
    /// Why a field is shared whose struct is not: its content alone was handed over.
    fields: FxHashMap<Place, Step>,
    /// Why a created value is shared.
    made: FxHashMap<Origin, Step>,
    /// Of these, the ones that the function which makes them shares itself.
    at_home: FxHashSet<Origin>,
    handles: Handles,
}

impl Shared {
    pub(super) fn new<'a>(
        names: &Names<'a>,
        flow: &Flow,
        reach: &Reach<'_, 'a>,
        places: &Places<'_, 'a>,
        channels: &Channels<'_, '_, '_>,
    ) -> Shared {
        let mut finder = Finder {
            names,
            reach,
            places,
            shared: Shared {
                types: FxHashMap::default(),
                by_type: FxHashMap::default(),
                fields: FxHashMap::default(),
                made: FxHashMap::default(),
                at_home: FxHashSet::default(),
                handles: Handles::default(),
            },
            momentary: Momentary::new(reach, places),
            seen: FxHashMap::default(),
            within: ANY,
        };
        finder.handed_over(flow);
        finder.captured(flow);
        finder.statics();
        finder.selves(flow);
        finder.told(flow, &channels.consumers());
        finder.kept();
        let mut shared = finder.shared;
        shared.handles = Handles::new(names, flow, reach, places, &shared);
        shared
    }

    /// Why a struct is shared, where it is.
    pub(super) fn of_type(&self, id: DefId) -> Option<&Step> {
        self.types.get(&id)?.first().map(|(step, _)| step)
    }

    /// The programs in which values of a struct are shared.
    pub(super) fn programs(&self, id: DefId) -> Programs {
        let known = self.types.get(&id).into_iter().flatten();
        known.map(|(_, within)| within).copied().reduce(|all, one| all | one).unwrap_or(ANY)
    }

    /// Why a place is shared in one of some programs, or at all.
    pub(super) fn why_in(&self, place: Place, programs: Programs) -> Option<&Step> {
        let there = match place {
            Place::Field(of, _) => self.types.get(&of).into_iter().flatten(),
            _ => return self.why(place),
        };
        let mut there = there.filter(|(_, within)| within & programs != 0);
        there.next().map(|(step, _)| step).or_else(|| self.why(place))
    }

    pub(super) fn of_made(&self, origin: Origin) -> Option<&Step> {
        self.made.get(&origin)
    }

    /// Whether a value is shared by the very function that makes it, and not only by who gets it.
    pub(super) fn is_at_home(&self, origin: Origin) -> bool {
        self.at_home.contains(&origin)
    }

    /// Why a place is shared, where it is: by itself, or because what is shared was made from it.
    pub(super) fn why(&self, place: Place) -> Option<&Step> {
        let own = match place {
            Place::Field(of, _) => self.of_type(of).or_else(|| self.fields.get(&place)),
            Place::Made(origin) => self.made.get(&origin),
            Place::Static(_) => None,
        };
        own.or_else(|| self.handles.why(place))
    }

    /// The places that a value may be: known, else by its type.
    pub(super) fn meant(&self, places: &Places<'_, '_>, froms: Froms) -> Vec<Place> {
        let mut found = places.places(froms);
        if found.is_empty() {
            for ty in places.types_behind(froms) {
                found.extend(self.by_type(places.peeled(ty)));
            }
        }
        found
    }

    /// Where what is kept at a place lives: a field may only hold a handle.
    pub(super) fn lives(&self, place: Place) -> Vec<Place> {
        self.handles.lives(place)
    }

    /// Every place that is shared, or may be.
    pub(super) fn places(&self) -> impl Iterator<Item = Place> + '_ {
        self.by_type.values().flatten().copied()
    }

    /// Shared places of exactly this type.
    pub(super) fn by_type(&self, ty: T) -> &[Place] {
        self.by_type.get(&ty).map_or(&[], Vec::as_slice)
    }
}

struct Finder<'f, 'm, 'a> {
    names: &'f Names<'a>,
    reach: &'f Reach<'m, 'a>,
    places: &'f Places<'m, 'a>,
    shared: Shared,
    momentary: Momentary<'f, 'm, 'a>,
    /// What was spread, whether it stays as start-up made it, and for which programs.
    seen: FxHashMap<(T, bool), Programs>,
    /// The programs in which what is looked at is shared.
    within: Programs,
}

impl Finder<'_, '_, '_> {
    /// Values given to the framework for its handlers. What one request sets up is there for it
    /// alone.
    fn handed_over(&mut self, flow: &Flow) {
        let reach = self.reach;
        // What is handed over behind a feature that is off comes last: it may be handed over elsewhere.
        let is_off = |handed: &flow::Shared| reach.off_at(handed.node, handed.at).is_some();
        let (off, on): (Vec<&flow::Shared>, Vec<&flow::Shared>) =
            flow.shared.iter().partition(|handed| is_off(handed));
        for handed in on.into_iter().chain(off) {
            let asked = reach.entry_of(handed.node).is_some_and(|entry| {
                let of_request = flow.node(entry.node).kind == NodeKind::Function;
                of_request && entry.point.kind.is_asked()
            });
            if asked && !reach.is_startup(handed.node) {
                continue;
            }
            let external = self.names.externals.get(handed.path);
            let Some(fact) = self.names.catalog.share(&external.text) else { continue };
            if self.is_bare(handed.val.ty, 0) {
                continue;
            }
            let at = flow.span(handed.node, handed.at);
            let step = Step::new(at, fact.why.clone());
            self.within = reach.programs(handed.node);
            self.spread_at(handed.val.ty, reach.is_startup(handed.node), &step);
            let peeled = self.places.peeled(handed.val.ty);
            let changeable = self.places.interior(handed.val.ty).is_some();
            for place in self.places.places(handed.val.from) {
                match place {
                    Place::Made(origin) if !self.is_made_again(flow, origin) => {
                        self.share(flow, origin, handed.node, &step);
                        self.keep(peeled, place);
                    }
                    Place::Field(..) if changeable => {
                        self.shared.fields.entry(place).or_insert_with(|| step.clone());
                        self.keep(peeled, place);
                    }
                    _ => {}
                }
            }
        }
    }

    /// Whether it is a text, a number or a list of these, with nothing around it: whoever gets it
    /// can only look at it, or has a copy, also where it was a part of something greater.
    fn is_bare(&self, ty: T, depth: u8) -> bool {
        let bare = match self.places.role(ty) {
            Some(Role::Number) => true,
            Some(Role::Collection) => match &*self.names.types.get(ty) {
                Type::External(_, args) => args.iter().all(|arg| self.is_bare(*arg, depth + 1)),
                _ => false,
            },
            _ => false,
        };
        depth < 4 && bare
    }

    /// Variables of start-up code that handlers and tasks see, and those of a task that runs once
    /// which whatever it takes up sees: connections, messages.
    fn captured(&mut self, flow: &Flow) {
        let reach = self.reach;
        for capture in &flow.captures {
            let beside = reach.entry_of(capture.declared).map(|entry| reach.is_beside(entry));
            let outside = beside.unwrap_or_else(|| reach.is_startup(capture.declared));
            let mut between =
                flow.enclosing(capture.by).take_while(|node| *node != capture.declared);
            let crosses = between.any(|node| {
                let apart = flow.node(node).detached || flow.node(node).kind == NodeKind::Loop;
                let asked = || reach.entry_at(node).is_some_and(|e| e.point.kind.is_asked());
                apart && if beside.is_some() { asked() } else { reach.is_entry(node) }
            });
            if !outside || !crosses {
                continue;
            }
            let step = Step::new(reach.place(capture.by), "seen by every run of this");
            self.within = reach.programs(capture.declared);
            self.spread_at(capture.val.ty, beside.is_none(), &step);
            let peeled = self.places.peeled(capture.val.ty);
            // Of something that may be anything, nobody knows what it is a part of.
            let anything = matches!(
                &*self.names.types.get(peeled),
                Type::Unknown | Type::Param(..) | Type::Bounds(_)
            );
            // Nor is it somebody else's where all that is known is that it is a list, or a number.
            let plain = self.places.interior(capture.val.ty).is_none()
                && matches!(&*self.names.types.get(peeled), Type::External(..));
            let itself = if anything { self.places.itself(capture.val.from) } else { Vec::new() };
            for place in self.places.places(capture.val.from) {
                if let Place::Made(origin) = place
                    && (!anything || itself.contains(&origin))
                    && !self.is_made_again(flow, origin)
                {
                    self.share(flow, origin, capture.declared, &step);
                    if !plain {
                        self.keep(peeled, place);
                    }
                }
            }
        }
    }

    /// Notes that a created value is shared by what a body does.
    fn share(&mut self, flow: &Flow, origin: Origin, by: NodeId, step: &Step) {
        self.shared.made.entry(origin).or_insert_with(|| step.clone());
        if let OriginKind::Made(node, _) = flow.origins.kind(origin)
            && flow.enclosing(by).any(|at| at == node)
        {
            self.shared.at_home.insert(origin);
        }
    }

    /// Whether a value is what a function gives to each of several callers, or to a request: then
    /// one of these values is shared perhaps, and what is done to another says nothing of it.
    fn is_made_again(&self, flow: &Flow, origin: Origin) -> bool {
        let OriginKind::Made(node, _) = flow.origins.kind(origin) else { return false };
        let again = self.places.callers.get(&node).is_some_and(|callers| {
            let asked = |call: &CallId| self.reach.is_serving(flow.call(*call).node);
            callers.len() > 1 || callers.iter().any(asked)
        });
        again && !flow.bindings.contains_key(&origin)
    }

    fn statics(&mut self) {
        self.within = ANY;
        for id in self.names.ids() {
            let def = self.names.def(id);
            if def.kind != DefKind::Static {
                continue;
            }
            let ty = static_type(self.names, id);
            let name = self.names.text(def.name);
            let step = Step::new(self.names.span(id), format!("kept in the static `{name}`"));
            self.spread(ty, &step);
            let peeled = self.places.peeled(ty);
            self.keep(peeled, Place::Static(id));
        }
    }

    /// Types whose methods a framework calls on one value again and again.
    fn selves(&mut self, flow: &Flow) {
        let reach = self.reach;
        for entry in &reach.entries {
            let def = flow.node(entry.node).def;
            self.given(flow, entry);
            let Some(owner) = self.names.owner(def) else { continue };
            let Some(found) = self.names.impls.of(owner).cloned() else { continue };
            let receives = self.names.function(def).is_some_and(|f| f.receiver.is_some());
            // What a request or connection starts has the value of that one alone.
            let one = entry.point.kind.is_asked() || reach.is_beside(entry);
            if entry.shares_self && receives && one {
                let at = reach.place(entry.node);
                let step = Step::new(at, "one value of this type serves every request");
                self.within = reach.programs(entry.node);
                self.spread(found.self_type, &step);
            }
        }
    }

    /// What a function is given that runs as a task beside the requests is one value for all of them:
    /// `spawn(run(desk))`.
    fn given(&mut self, flow: &Flow, entry: &Entry) {
        let node = flow.node(entry.node);
        let task = entry.point.kind == EntryKind::Task && node.kind == NodeKind::Function;
        if !task || !self.reach.is_beside(entry) {
            return;
        }
        let step =
            Step::new(self.reach.place(entry.node), "one value of this type serves every request");
        self.within = self.reach.programs(entry.node);
        for ty in &node.params {
            self.spread(*ty, &step);
        }
    }

    /// What a task keeps from one message of a channel to the next.
    fn told(&mut self, flow: &Flow, consumers: &[Consumer]) {
        // What is only filled and emptied is a buffer: of the others, something is asked.
        let asked = |touch: &&Touch| match touch.kind {
            TouchKind::Read => touch.value != Froms::NONE,
            TouchKind::Change => !touch.takes && touch.used == Used::Measured,
            _ => false,
        };
        let decides: FxHashSet<Froms> =
            flow.touches.iter().filter(asked).map(|touch| touch.what).collect();
        let seen = seen_from_outside(flow);
        for consumer in consumers {
            let Some(first) = consumer.because.first() else { continue };
            let step = Step::new(first.at, "lives as long as the task that requests write to");
            for capture in seen.get(&consumer.node).into_iter().flatten() {
                for place in self.places.places(capture.val.from) {
                    if let Place::Made(origin) = place
                        && (consumer.answers || decides.contains(&capture.val.from))
                    {
                        self.share(flow, origin, capture.declared, &step);
                    }
                }
            }
        }
    }

    /// Structs that tasks keep from one message to the next.
    fn kept(&mut self) {
        for of in &self.places.kept {
            let name = self.names.text(self.names.def(*of).name);
            let says = format!("a task keeps one `{name}` for all that requests send it");
            let step = Step::new(self.names.span(*of), says);
            self.shared.types.entry(*of).or_default().push((step, ANY));
        }
    }

    fn keep(&mut self, ty: T, place: Place) {
        // What is not known is not the same.
        if ty == T::UNKNOWN {
            return;
        }
        let list = self.shared.by_type.entry(ty).or_default();
        if !list.contains(&place) {
            list.push(place);
        }
    }
}
