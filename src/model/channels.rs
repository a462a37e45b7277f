//! Which channels carry work or news from one request to somebody else in this process?

use std::cell::OnceCell;
use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::deeds::Deeds;
use super::places::Places;
use super::reach::{Reach, SOCKET};
use super::replies::brings_reply;
use super::rows::{Rows, Telling};
use super::shared::Shared;
use super::uses::{self, Channel, Uses};
use super::{Broadcast, Model};
use crate::catalog::Role;
use crate::diagnostic::Step;
use crate::flow::{Callee, Flow, Froms, NodeId, Origin, OriginKind, Touch, TouchKind};
use crate::resolve::{DefId, Names, T, Type};
use crate::source::Span;

pub(super) struct Channels<'c, 'm, 'a> {
    pub(super) names: &'c Names<'a>,
    pub(super) flow: &'c Flow,
    pub(super) reach: &'c Reach<'m, 'a>,
    pub(super) by_channel: BTreeMap<Channel, Uses>,
    /// Bodies that put something into a channel.
    sending: FxHashSet<NodeId>,
    /// Bodies that tasks run for what requests sent them.
    pub(super) fed: FxHashSet<NodeId>,
    /// Loops that take messages by calling functions, by the bodies of these.
    taking: FxHashMap<NodeId, Vec<NodeId>>,
    /// What timers run, and the tasks that they send something to.
    pub(super) timed: OnceCell<FxHashSet<NodeId>>,
}

/// A task that takes what requests sent out of a channel.
pub(super) struct Consumer {
    /// What runs for each message.
    pub(super) node: NodeId,
    /// What it keeps shows: it answers, or tells others.
    pub(super) answers: bool,
    pub(super) because: Vec<Step>,
}

impl<'c, 'm, 'a> Channels<'c, 'm, 'a> {
    pub(super) fn new(
        names: &'c Names<'a>,
        flow: &'c Flow,
        reach: &'c Reach<'m, 'a>,
        places: &Places<'_, '_>,
    ) -> Self {
        let by_channel = uses::by_channel(places);
        let sends = flow.touches.iter().filter(|touch| touch.kind == TouchKind::Send);
        let sending = sends.map(|touch| touch.node).collect();
        let fed = FxHashSet::default();
        let mut taking: FxHashMap<NodeId, Vec<NodeId>> = FxHashMap::default();
        for index in by_channel.values().flat_map(|uses| &uses.receives) {
            let node = flow.touches[*index].node;
            taking.entry(node).or_insert_with(|| taken_by(flow, places, node));
        }
        let timed = OnceCell::new();
        let mut channels = Channels { names, flow, reach, by_channel, sending, fed, taking, timed };
        // What a task sends on for a request is still the request's.
        loop {
            let before = channels.fed.len();
            let fed: Vec<NodeId> = channels
                .tasks()
                .into_iter()
                .flat_map(|consumer| reach.inside(consumer.node, None))
                .map(|(node, _)| node)
                .collect();
            channels.fed.extend(fed);
            if channels.fed.len() == before {
                return channels;
            }
        }
    }

    pub(super) fn touch(&self, index: usize) -> &Touch {
        &self.flow.touches[index]
    }

    /// Bodies that take what requests sent out of a channel.
    pub(super) fn fed(&self) -> FxHashSet<NodeId> {
        let fed = self.by_channel.values().filter(|uses| self.asked(&uses.sends).next().is_some());
        fed.flat_map(|uses| &uses.receives).flat_map(|index| self.turns_at(*index)).collect()
    }

    /// Whether a body runs for what requests put into a channel.
    pub(super) fn is_of_a_request(&self, body: NodeId) -> bool {
        self.fed.contains(&body)
    }

    /// Whether something is taken out only if it is there already.
    fn polls(&self, touch: &Touch) -> bool {
        let (fact, name) = (self.names.type_fact(touch.on), touch.method);
        fact.zip(name).is_some_and(|(fact, name)| {
            fact.polls.iter().any(|known| known == self.names.text(name))
        })
    }

    /// The loop that works on what is there already, where one inside it only gathers that.
    pub(super) fn gathered_for(&self, touch: &Touch) -> Option<NodeId> {
        let around = self.flow.loop_around(touch.node).filter(|_| self.polls(touch));
        around.and_then(|around| self.beyond_gathering(around))
    }

    /// Whether a value was taken out of a channel that no request puts anything into.
    pub(super) fn is_news(&self, origin: Origin) -> bool {
        let kind = self.flow.origins.root(origin);
        let Some(made) = self.flow.origins.find(kind) else { return false };
        let of_it = self.by_channel.range((made, None)..).take_while(|((one, _), _)| *one == made);
        let mut found = of_it.map(|(_, uses)| self.asked(&uses.sends).next().is_none()).peekable();
        found.peek().is_some() && found.all(|unasked| unasked)
    }

    /// Whether a channel is there before the first request, and for all of them.
    pub(super) fn is_lasting(&self, channel: Origin) -> bool {
        let OriginKind::Made(node, _) = self.flow.origins.kind(channel) else { return false };
        self.reach.is_startup(node)
    }

    /// Sends by requests, or on behalf of a connection.
    pub(super) fn asked<'u>(&'u self, sends: &'u [usize]) -> impl Iterator<Item = usize> + 'u {
        sends.iter().copied().filter(|index| {
            let node = self.touch(*index).node;
            self.fed.contains(&node)
                || self.reach.entry_of(node).is_some_and(|entry| !self.reach.is_beside(entry))
        })
    }

    /// What takes messages out, once for all requests.
    pub(super) fn consumers_of(&self, uses: &Uses) -> Vec<Consumer> {
        let mut seen = FxHashSet::default();
        let mut found = Vec::new();
        let turns = uses.receives.iter().flat_map(|index| {
            self.turns(*index).into_iter().map(|node| (self.touch(*index), node))
        });
        for (touch, node) in turns {
            let beside = match self.reach.entry_of(node) {
                Some(entry) => self.reach.is_beside(entry),
                None => self.reach.is_startup(node),
            };
            if !beside || !seen.insert(node) {
                continue;
            }
            let at = self.flow.span(touch.node, touch.at);
            let mut because = Vec::new();
            if let Some(entry) = self.reach.entry_of(node) {
                because.push(Step::new(at, format!("{} takes it out here", entry.point.label)));
            } else {
                because.push(Step::new(at, "taken out here"));
            }
            let inside = self.reach.inside(node, None);
            let answers = uses.sends.iter().any(|index| self.awaits_answer(self.touch(*index)))
                || inside.iter().any(|(body, _)| self.sending.contains(body));
            found.push(Consumer { node, answers, because });
        }
        found
    }

    /// The bodies that run for each message that is taken out here, or for several together.
    fn turns(&self, index: usize) -> Vec<NodeId> {
        match self.gathered_for(self.touch(index)) {
            Some(outer) => vec![outer],
            None => self.turns_at(index),
        }
    }

    fn turns_at(&self, index: usize) -> Vec<NodeId> {
        let node = self.touch(index).node;
        match self.flow.loop_around(node) {
            Some(around) => vec![around],
            None => self.taking.get(&node).cloned().unwrap_or_else(|| vec![node]),
        }
    }

    /// The loop around one that waits for nobody and only gathers what is there: it works on that.
    fn beyond_gathering(&self, around: NodeId) -> Option<NodeId> {
        let waits_for_none = self.flow.loops.iter().any(|l| l.node == around && l.conditional);
        let is_collection =
            |ty| self.names.type_fact(ty).is_some_and(|fact| fact.is == Role::Collection);
        let gathers = |touch: &Touch| {
            touch.node == around
                && matches!(touch.kind, TouchKind::Change | TouchKind::Fill)
                && !touch.takes
                && is_collection(touch.on)
        };
        let body = self.flow.node(around);
        let outer = body
            .parent
            .filter(|_| waits_for_none && !body.detached && self.flow.touches.iter().any(gathers));
        outer.and_then(|outer| self.flow.loop_around(outer))
    }

    /// The bodies that run for each message of some channel.
    pub(super) fn all_turns(&self) -> FxHashSet<NodeId> {
        let receives = self.by_channel.values().flat_map(|uses| &uses.receives);
        receives.flat_map(|index| self.turns(*index)).collect()
    }

    /// What takes out of the channels that bodies put something into, once for all requests.
    pub(super) fn behind(&self, bodies: &FxHashSet<NodeId>) -> Vec<NodeId> {
        self.behind_some(&|touch| bodies.contains(&touch.node))
    }

    /// The same, of what is put in at some places.
    pub(super) fn behind_some(&self, here: &dyn Fn(&Touch) -> bool) -> Vec<NodeId> {
        let sends = |index: &usize| here(self.touch(*index));
        let used = self.by_channel.iter().filter(|((channel, _), uses)| {
            self.is_lasting(*channel) && uses.sends.iter().any(sends)
        });
        let consumers = used.flat_map(|(_, uses)| self.consumers_of(uses));
        consumers.map(|consumer| consumer.node).collect()
    }

    /// Loops that take connections or datagrams, and keep what they know from one to the next.
    fn sockets(&self) -> impl Iterator<Item = Consumer> + '_ {
        let sockets = self.reach.entries.iter().filter(|entry| entry.point.framework == SOCKET);
        sockets.map(|entry| {
            let step = Step::new(entry.point.at, "takes connections or datagrams here");
            Consumer { node: entry.node, answers: true, because: vec![step] }
        })
    }

    /// Tasks that what requests send is handed to.
    fn tasks(&self) -> Vec<Consumer> {
        let lasting = self.by_channel.iter().filter(|((channel, _), uses)| {
            self.is_lasting(*channel) && self.asked(&uses.sends).next().is_some()
        });
        lasting.flat_map(|(_, uses)| self.consumers_of(uses)).collect()
    }

    /// Tasks that what requests send is handed to, and loops that take connections.
    pub(super) fn consumers(&self) -> Vec<Consumer> {
        self.tasks().into_iter().chain(self.sockets()).collect()
    }

    pub(super) fn collect(
        &self,
        model: &mut Model,
        deeds: &Deeds,
        shared: &Shared,
        places: &Places<'m, 'a>,
        flown: &FxHashSet<Origin>,
    ) {
        let rows = Rows::new(self.flow, places);
        let telling = Telling { channels: self, places, deeds, rows: &rows };
        let mut queues = Vec::new();
        for ((channel, _), uses) in &self.by_channel {
            let OriginKind::Made(node, _) = self.flow.origins.kind(*channel) else { continue };
            let def = self.flow.node(node).def;
            if !self.reach.selected(def) || flown.contains(channel) {
                continue;
            }
            if !self.is_lasting(*channel) {
                model.broadcasts.extend(self.between(*channel, uses, shared));
                continue;
            }
            if let Some(broadcast) = self.broadcast(*channel, uses) {
                model.broadcasts.push(broadcast);
            } else if let Some(queue) = self.queue(*channel, uses, &telling) {
                queues.push(queue);
            }
        }
        // What is only passed on is told where it was put in first.
        let beyond: FxHashSet<Origin> =
            queues.iter().flat_map(|queue| queue.beyond.clone()).collect();
        let first = queues.into_iter().filter(|queue| !beyond.contains(&queue.channel));
        model.queues.extend(first.map(|queue| queue.duty));
    }

    /// News from one client's request to other clients.
    fn broadcast(&self, channel: Origin, uses: &Uses) -> Option<Broadcast> {
        let listens = uses.subscribes.iter().copied().find(|index| {
            let node = self.touch(*index).node;
            self.reach.entry_of(node).is_some_and(|entry| !self.reach.is_beside(entry))
        })?;
        let mut sends = self.asked(&uses.sends);
        let sends = sends.find(|index| self.tells_something(self.touch(*index)))?;
        Some(self.told_to_others(channel, sends, listens))
    }

    /// Whether a value is a field of a struct that requests share, also where a method gives it.
    fn is_found(&self, what: Froms, shared: &Shared) -> bool {
        let of_shared = |origin: &Origin| match self.flow.origins.root(*origin) {
            OriginKind::Field { of, .. } => shared.of_type(of).is_some(),
            _ => false,
        };
        self.flow.origins.list(what).iter().any(|origin| {
            let OriginKind::Result(call) = self.flow.origins.root(*origin) else {
                return of_shared(origin);
            };
            let Callee::Defs(defs) = &self.flow.call(call).callee else { return false };
            let bodies = defs.iter().filter_map(|def| self.flow.bodies.get(def));
            bodies.into_iter().any(|body| {
                let returns = self.flow.node(*body).returns;
                self.flow.origins.list(returns).iter().any(of_shared)
            })
        })
    }

    fn told_to_others(&self, channel: Origin, sends: usize, listens: usize) -> Broadcast {
        let (def, name, at) = self.site(channel);
        let mut because = self.told(sends, "sends here");
        because.extend(self.told(listens, "listens here"));
        let node = self.touch(sends).node;
        Broadcast {
            at,
            item: format!("{}::{name}", self.names.path(def)),
            name,
            because,
            owner: self.reach.owner(def, Some(node)),
        }
    }

    /// News between clients through a channel that a request made and left where others find it:
    /// in a struct that requests share.
    fn between(&self, channel: Origin, uses: &Uses, shared: &Shared) -> Option<Broadcast> {
        let found = |index: &usize| self.is_found(self.touch(*index).what, shared);
        // A worker that answers is no client.
        let heard = |index: &usize| {
            let entry = self.reach.entry_of(self.touch(*index).node);
            found(index) && entry.is_some_and(|entry| !self.reach.is_beside(entry))
        };
        let listens = uses.subscribes.iter().chain(&uses.receives).copied().find(heard)?;
        let mut sends = self.asked(&uses.sends).filter(found);
        let tells = |index: &usize| {
            let touch = self.touch(*index);
            self.tells_something(touch) && !self.awaits_answer(touch)
        };
        let sends = sends.find(tells)?;
        Some(self.told_to_others(channel, sends, listens))
    }

    pub(super) fn told(&self, index: usize, does: &str) -> Vec<Step> {
        let touch = self.touch(index);
        let Some(access) = self.reach.access(touch.node, touch.at, String::new()) else {
            return Vec::new();
        };
        let label = &self.reach.entries[access.entry].point.label;
        let mut steps = access.path;
        steps.push(Step::new(access.at, format!("{label} {does}")));
        steps
    }

    pub(super) fn site(&self, channel: Origin) -> (DefId, String, Span) {
        let OriginKind::Made(node, expr) = self.flow.origins.kind(channel) else {
            unreachable!("channels are made");
        };
        let body = self.flow.node(node);
        if let Some((name, at)) = self.flow.bindings.get(&channel) {
            let at = Span::new(body.file, at.start, at.end);
            return (body.def, self.names.text(*name).to_string(), at);
        }
        // What no variable names is named by the field that it is put into.
        let mut stores = self.flow.stores.iter();
        let kept = stores.find(|store| {
            let own = self.names.generics(store.of).is_empty();
            own && self.flow.origins.list(store.from).contains(&channel)
        });
        if let Some(store) = kept
            && let Some(field) = self.names.field(store.of, store.field)
        {
            let of = self.names.def(store.of);
            let name = format!("{}::{}", self.names.text(of.name), self.names.text(field.name));
            return (store.of, name, Span::new(of.file, field.at.start, field.at.end));
        }
        let at = self.names.facts(body.file).expr(expr).at;
        (body.def, "channel".into(), Span::new(body.file, at.start, at.end))
    }

    /// Whether a message says more than that something is to stop or to start.
    pub(super) fn tells_something(&self, touch: &Touch) -> bool {
        touch.value != Froms::NONE
    }

    /// Whether a message brings the way back for an answer, be it the connection itself, so that the
    /// sender learns of a loss.
    pub(super) fn awaits_answer(&self, touch: &Touch) -> bool {
        let message = match &*self.names.types.get(touch.on) {
            Type::External(_, args) => args.first().copied(),
            _ => None,
        };
        let brings =
            |ty| brings_reply(self.names, ty, None, &|ty| ty, 0) || self.brings_connection(ty, 0);
        if message.is_some_and(brings) {
            return true;
        }
        self.flow.origins.list(touch.value).iter().any(|origin| {
            let ty = match self.flow.origins.root(*origin) {
                kind @ OriginKind::Made(..) => {
                    let found = self.flow.origins.find(kind);
                    found.and_then(|origin| self.flow.made.get(&origin)).copied()
                }
                OriginKind::Param(node, index) => {
                    self.flow.node(node).params.get(index as usize).copied()
                }
                OriginKind::Field { of, name, .. } => {
                    let field = self.names.field(of, name);
                    field.map(|field| self.names.field_type(of, field, &[]))
                }
                _ => None,
            };
            ty.is_some_and(|ty| self.holds_reply(ty, 0))
        })
    }

    /// Whether it is the connection of whoever asks, with where it comes from, or none.
    fn brings_connection(&self, ty: T, depth: u8) -> bool {
        let Type::External(path, args) = &*self.names.types.get(ty) else { return false };
        let external = self.names.externals.get(*path);
        let fact = self.names.catalog.type_fact(&external.text);
        let around = matches!(external.role, Some(Role::Carrier | Role::Pointer | Role::Guard));
        fact.is_some_and(|fact| fact.wire)
            || depth < 4
                && (around || &*external.text == "tuple")
                && args.iter().any(|arg| self.brings_connection(*arg, depth + 1))
    }

    fn holds_reply(&self, ty: T, depth: u8) -> bool {
        if depth > 4 {
            return false;
        }
        match &*self.names.types.get(ty) {
            Type::External(path, args) => {
                let text = &self.names.externals.get(*path).text;
                self.names.catalog.type_fact(text).is_some_and(|fact| fact.replies)
                    || args.iter().any(|arg| self.holds_reply(*arg, depth + 1))
            }
            Type::Local(of, args) => {
                self.parts(*of, args).iter().any(|part| self.holds_reply(*part, depth + 1))
            }
            _ => false,
        }
    }

    /// The types of the fields of a struct, or of all variants of an enum.
    fn parts(&self, of: DefId, args: &[T]) -> Vec<T> {
        let mut owners = vec![of];
        owners.extend(self.names.variants(of));
        let mut parts = Vec::new();
        for owner in owners {
            for field in self.names.fields(owner) {
                parts.push(self.names.field_type(owner, field, args));
            }
        }
        parts
    }
}

/// The innermost loops of whoever calls the function that a body, outside of any loop, stands in.
fn taken_by(flow: &Flow, places: &Places<'_, '_>, node: NodeId) -> Vec<NodeId> {
    let (mut todo, mut found) = (vec![node], Vec::new());
    for _ in 0..3 {
        let mut callers = Vec::new();
        for node in std::mem::take(&mut todo) {
            let mut around = flow.enclosing(node);
            let body = around.find(|body| flow.node(*body).parent.is_none()).unwrap_or(node);
            for call in places.callers.get(&body).into_iter().flatten().map(|call| flow.call(*call))
            {
                match flow.loop_around(call.node) {
                    _ if call.detached => {}
                    Some(around) => found.push(around),
                    None => callers.push(call.node),
                }
            }
        }
        todo = callers;
    }
    found.sort();
    found.dedup();
    if found.is_empty() { vec![node] } else { found }
}
