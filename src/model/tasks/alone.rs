//! Does a timer that makes plain requests speak for its own process? It asks nobody for what replicas
//! share, and has nothing at hand that came from there.

use std::cell::OnceCell;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::catalog::{DiskEffect, Role};
use crate::flow::{Callee, Flow, Froms, NodeId, Origin, TouchKind, Val};
use crate::model::channels::Channels;
use crate::model::deeds::{Deeds, Ground};
use crate::model::places::{Place, Places};
use crate::model::reach::Reach;
use crate::model::rows::{Rows, Telling};
use crate::resolve::{DefId, Names, T, Type};

/// Structs within structs are looked into this far.
const DEEPEST: u8 = 4;

/// What is put where, by which bodies.
type Puts = FxHashMap<Place, Vec<(NodeId, Froms)>>;

/// What is learned of a program once somebody asks.
#[derive(Default)]
pub(super) struct Alone {
    /// None: that something is handed to a store as well says nothing of where it comes from.
    rows: Rows,
    puts: OnceCell<Puts>,
    asking: OnceCell<FxHashSet<NodeId>>,
}

pub(super) struct Asking<'q, 'm, 'a> {
    pub(super) names: &'q Names<'a>,
    pub(super) flow: &'q Flow,
    pub(super) reach: &'q Reach<'m, 'a>,
    pub(super) deeds: &'q Deeds,
    pub(super) places: &'q Places<'m, 'a>,
    pub(super) channels: &'q Channels<'q, 'm, 'a>,
    pub(super) known: &'q Alone,
}

impl Asking<'_, '_, '_> {
    /// Whether a body, and all that it runs, asks and has nothing of what replicas share; it is
    /// known to make plain requests and to do nothing else.
    pub(super) fn speaks_for_itself(&self, node: NodeId) -> bool {
        let inside = self.reach.inside(node, None).into_iter().map(|(body, _)| body);
        let inside: FxHashSet<NodeId> = inside.collect();
        !inside.iter().any(|body| self.flow.consulting_others.contains(body))
            && !self.looks_elsewhere(&inside)
            && !self.asks_twice(&inside)
            && !self.has_rows(node, &inside)
    }

    /// Whether any of these bodies reads files, takes messages, or waits for what nobody knows.
    fn looks_elsewhere(&self, inside: &FxHashSet<NodeId>) -> bool {
        let elsewhere = |callee: &Callee, awaited: bool| match callee {
            Callee::External(path) => {
                let fact = self.names.externals.call(*path);
                fact.is_some_and(|fact| fact.disk.is_some_and(|disk| disk == DiskEffect::Read))
            }
            Callee::Unknown(_) => awaited,
            _ => false,
        };
        let mut calls = self.flow.calls.iter().filter(|call| inside.contains(&call.node));
        let mut touches = self.flow.touches.iter().filter(|touch| inside.contains(&touch.node));
        calls.any(|call| elsewhere(&call.callee, call.awaited))
            || touches.any(|touch| touch.kind == TouchKind::Receive && !self.is_signal(touch.on))
    }

    /// Whether one of these bodies may make a request of what another was answered.
    fn asks_twice(&self, inside: &FxHashSet<NodeId>) -> bool {
        let Asking { names, flow, reach, .. } = *self;
        let mut asking = inside.iter().map(|body| self.deeds.requests(*body));
        if asking.by_ref().sum::<usize>() > 1 {
            return true;
        }
        let ground = Ground { names, flow, reach };
        let mut called: FxHashMap<DefId, usize> = FxHashMap::default();
        for call in flow.calls.iter().filter(|call| inside.contains(&call.node)) {
            if let Callee::Defs(defs) = &call.callee {
                defs.iter().for_each(|def| *called.entry(*def).or_default() += 1);
            }
        }
        let asks = |def: DefId| {
            let body = flow.bodies.get(&def);
            let mut runs = body.into_iter().flat_map(|body| reach.inside(*body, None));
            runs.any(|(body, _)| self.deeds.requests(body) > 0)
        };
        let many = called.into_iter().filter(|(_, times)| *times > 1);
        many.into_iter().any(|(def, _)| ground.tells(def, true) && asks(def))
    }

    /// Whether what these bodies were handed, see or look into holds what replicas share.
    fn has_rows(&self, node: NodeId, inside: &FxHashSet<NodeId>) -> bool {
        let mut seen = FxHashSet::default();
        let around: Vec<NodeId> = self.flow.enclosing(node).collect();
        let sees = |by: &NodeId| inside.contains(by) || around.contains(by);
        let captures = self.flow.captures.iter().filter(|capture| sees(&capture.by));
        let captured: Vec<Val> = captures.map(|capture| capture.val).collect();
        let function = self.flow.function_around(node);
        let params = self.flow.node(function).params.iter().enumerate();
        let mut handed = Vec::new();
        for (index, ty) in params {
            self.places.each_argument(function, index as u16, &[], |from, _| {
                handed.push(Val { ty: *ty, from });
            });
        }
        let mut vals = captured.into_iter().chain(handed);
        if vals.any(|val| self.holds_rows(val, &mut seen, 0)) {
            return true;
        }
        let touches = self.flow.touches.iter().filter(|touch| inside.contains(&touch.node));
        let places: FxHashSet<Place> =
            touches.flat_map(|touch| self.places.places(touch.what)).collect();
        places.into_iter().any(|place| self.keeps_rows(place, inside))
    }

    /// Whether a value, or what its fields are given anywhere, came out of what replicas share.
    fn holds_rows(&self, val: Val, seen: &mut FxHashSet<DefId>, depth: u8) -> bool {
        let ty = self.places.content(val.ty);
        match &*self.names.types.get(ty).clone() {
            Type::Local(of, args) => self.has_fields_of_rows(*of, args, seen, depth),
            Type::External(..) if self.is_client(ty) || self.is_signal(ty) => false,
            Type::External(..) if self.places.role(ty) == Some(Role::Channel) => true,
            _ => self.telling().tells_of_rows(val.from),
        }
    }

    fn has_fields_of_rows(
        &self,
        of: DefId,
        args: &[T],
        seen: &mut FxHashSet<DefId>,
        depth: u8,
    ) -> bool {
        depth == DEEPEST
            || seen.insert(of)
                && self.names.fields(of).iter().any(|field| {
                    let ty = self.names.field_type(of, field, args);
                    let stored = self.places.stores.get(&(of, field.name)).into_iter().flatten();
                    let mut stored = stored.map(|from| Val { ty, from: *from });
                    stored.any(|val| self.holds_rows(val, seen, depth + 1))
                })
    }

    /// Whether a type is an end of a channel through which nothing is told but that something is so.
    fn is_signal(&self, ty: T) -> bool {
        let Type::External(path, args) = &*self.names.types.get(self.places.peeled(ty)).clone()
        else {
            return false;
        };
        let is_word = |ty: &T| match &*self.names.types.get(*ty) {
            Type::External(path, args) => {
                let text = &*self.names.externals.get(*path).text;
                text == "bool" || text == "tuple" && args.is_empty()
            }
            _ => false,
        };
        self.names.externals.get(*path).role == Some(Role::Channel)
            && args.first().is_some_and(is_word)
    }

    fn is_client(&self, ty: T) -> bool {
        let role = self.places.role(ty);
        matches!(role, Some(Role::BackingService | Role::Telemetry | Role::Time | Role::Control))
    }

    /// Whether anything that is put into a place, by others than these bodies, came out of what
    /// replicas share, or is put there by who asks them.
    fn keeps_rows(&self, place: Place, inside: &FxHashSet<NodeId>) -> bool {
        let puts = self.known.puts.get_or_init(|| self.puts());
        let telling = self.telling();
        let filled = match place {
            Place::Static(id) => {
                let filled = [self.places.fills.get(&id), self.places.once.get(&id)];
                let mut filled = filled.into_iter().flatten().flatten();
                filled.any(|froms| telling.tells_of_rows(*froms))
            }
            Place::Made(origin) => match self.made_of(origin) {
                Some((of, args)) => self.has_fields_of_rows(of, &args, &mut Default::default(), 0),
                None => {
                    let parts = self.flow.parts.get(&origin);
                    parts.is_some_and(|parts| telling.tells_of_rows(*parts))
                }
            },
            Place::Field(..) => false,
        };
        let asking = self.known.asking.get_or_init(|| self.asking());
        let mut puts = puts.get(&place).into_iter().flatten();
        filled
            || puts.any(|(by, froms)| {
                asking.contains(by) && !inside.contains(by) || telling.tells_of_rows(*froms)
            })
    }

    /// The struct of the tree that was made there.
    fn made_of(&self, origin: Origin) -> Option<(DefId, Box<[T]>)> {
        match &*self.names.types.get(self.places.content(*self.flow.made.get(&origin)?)) {
            Type::Local(of, args) => Some((*of, args.iter().copied().collect())),
            _ => None,
        }
    }

    /// Functions that ask others for anything, and all that is run by tasks which do.
    fn asking(&self) -> FxHashSet<NodeId> {
        let asks =
            |body: &NodeId| self.flow.consulting_others.contains(body) || self.deeds.asks(*body);
        let mut found = FxHashSet::default();
        for entry in self.reach.entries.iter().filter(|entry| self.reach.is_beside(entry)) {
            let inside = self.reach.inside(entry.node, None);
            if inside.iter().any(|(body, _)| asks(body)) {
                found.extend(inside.into_iter().map(|(body, _)| body));
            }
        }
        let functions: FxHashSet<NodeId> =
            self.flow.ids().filter(asks).map(|body| self.flow.function_around(body)).collect();
        let in_one = |body: &NodeId| functions.contains(&self.flow.function_around(*body));
        found.extend(self.flow.ids().filter(in_one));
        found
    }

    fn puts(&self) -> Puts {
        let mut puts = Puts::default();
        let changes = |kind| matches!(kind, TouchKind::Change | TouchKind::Fill);
        for touch in self.flow.touches.iter().filter(|touch| changes(touch.kind) && !touch.takes) {
            for place in self.places.places(touch.what) {
                puts.entry(place).or_default().push((touch.node, touch.value));
            }
        }
        puts
    }

    fn telling(&self) -> Telling<'_, '_, '_, '_> {
        let Asking { channels, places, deeds, .. } = *self;
        Telling { channels, places, deeds, rows: &self.known.rows }
    }
}
