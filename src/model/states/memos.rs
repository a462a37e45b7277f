//! What does a place only remember of what anybody comes to by the same key? Whoever finds nothing
//! for a key makes the value of that key alone: no replica can come to another.

mod hits;
mod text;

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::places::Place;
use super::{Accesses, Parts};
use crate::catalog::{DiskEffect, Role, TypeText};
use crate::flow::{Call, Callee, Flow, Froms, NodeId, Touch, TouchKind, Used};
use crate::parse::tree::{ExprId, Range};
use crate::resolve::{DefId, Type};
use crate::source::FileId;
use text::{Fill, Text};

/// The expressions of a file, by where they begin.
type Sorted = Rc<[(u32, ExprId)]>;

/// What may be said of one.
pub(super) const REMEMBERED: &str = "what is kept follows from its key alone: whoever misses it \
                                     makes the same value, and is not known to mind anything else";

pub(super) struct Memos<'p, 'm, 'a> {
    parts: &'p Parts<'p, 'm, 'a>,
    /// All that is changed while serving.
    changed: FxHashSet<Place>,
    done: OnceCell<Done>,
    texts: RefCell<FxHashMap<DefId, Option<Rc<Text<'p, 'a>>>>>,
    sorted: RefCell<FxHashMap<FileId, Sorted>>,
    /// Functions that have been asked whether they only compute.
    known: RefCell<FxHashMap<DefId, bool>>,
    /// .. and whether they call something of which nothing is known.
    strange: RefCell<FxHashMap<DefId, bool>>,
}

/// What bodies do, by their numbers in the flow.
#[derive(Default)]
struct Done {
    calls: FxHashMap<NodeId, Vec<usize>>,
    touches: FxHashMap<NodeId, Vec<usize>>,
    abroad: FxHashMap<NodeId, Vec<usize>>,
}

/// One that fills a place, by a touch.
struct Filling<'f> {
    touch: &'f Touch,
    def: DefId,
    fill: Fill,
}

impl<'p, 'm, 'a> Memos<'p, 'm, 'a> {
    pub(super) fn new(
        parts: &'p Parts<'p, 'm, 'a>,
        found: &BTreeMap<Place, Accesses>,
    ) -> Memos<'p, 'm, 'a> {
        let changes =
            found.iter().filter(|(_, all)| !all.changes.is_empty() || !all.counts.is_empty());
        let changed = changes.map(|(place, _)| *place).collect();
        let (done, texts, sorted, known, strange) = Default::default();
        Memos { parts, changed, done, texts, sorted, known, strange }
    }

    /// Whether whoever misses something there makes the same value that another did.
    pub(super) fn has(&self, place: Place, accesses: &Accesses) -> bool {
        let parts = self.parts;
        let stays = |ty| !parts.lives_on(ty, 0) && !parts.is_flag(ty);
        if !accesses.counts.is_empty() || !parts.values_of(place).is_some_and(stays) {
            return false;
        }
        let touches = accesses.touches.iter().map(|index| &parts.flow.touches[*index]);
        let touches: Vec<&Touch> = touches.collect();
        let Some(fillings) = self.fillings(&touches) else { return false };
        let mut reads = touches.iter().filter(|touch| touch.kind == TouchKind::Read);
        !fillings.is_empty()
            && !fillings.iter().any(|one| self.gives_more(place, one.def))
            && reads.all(|read| self.is_quiet(place, read, &fillings, &touches))
            && fillings.iter().all(|one| self.follows_from_key(place, one))
    }

    /// Whether who fills it gives more than what is kept there: whether it was there before, maybe.
    fn gives_more(&self, place: Place, def: DefId) -> bool {
        let Parts { names, places, .. } = self.parts;
        let value = self.parts.values_of(place).map(|ty| places.content(ty));
        let mut given = places.content(names.return_type(def));
        while places.role(given) == Some(Role::Carrier)
            && let Type::External(_, args) = &*names.types.get(given)
            && let Some(first) = args.first()
        {
            given = places.content(*first);
        }
        match &*names.types.get(given) {
            Type::External(path, args) => {
                &*names.externals.get(*path).text == "tuple" && !args.is_empty()
            }
            Type::Local(..) => value != Some(given),
            _ => false,
        }
    }

    /// All that put something in, where nothing else is changed but that something is let go of.
    fn fillings<'f>(&self, touches: &[&'f Touch]) -> Option<Vec<Filling<'f>>> {
        let flow = self.parts.flow;
        let mut fillings = Vec::new();
        for touch in touches {
            match touch.kind {
                TouchKind::Read | TouchKind::Fill => {}
                TouchKind::Change if touch.takes => {
                    if touch.used != Used::No {
                        return None;
                    }
                }
                TouchKind::Change => {
                    let def = flow.node(touch.node).def;
                    let fill = self.text(def)?.fill(touch.at.start)?;
                    // Who is told what was there before minds that something was.
                    if touch.used != Used::No && !touch.computed && fill.slot.is_none() {
                        return None;
                    }
                    fillings.push(Filling { touch, def, fill });
                }
                _ => return None,
            }
        }
        Some(fillings)
    }

    fn text(&self, def: DefId) -> Option<Rc<Text<'p, 'a>>> {
        let names = self.parts.names;
        let mut texts = self.texts.borrow_mut();
        let text = texts.entry(def).or_insert_with(|| {
            let function = names.function(def)?;
            let facts = names.facts_of(def);
            let mut sorted = self.sorted.borrow_mut();
            let all = sorted.entry(names.def(def).file).or_insert_with(|| {
                let all = facts.exprs.iter().enumerate();
                let mut all: Vec<(u32, ExprId)> =
                    all.map(|(id, expr)| (expr.at.start, ExprId(id as u32))).collect();
                all.sort_by_key(|(start, _)| *start);
                all.into()
            });
            Text::of(names, facts, function, all).map(Rc::new)
        });
        text.clone()
    }

    fn done(&self) -> &Done {
        self.done.get_or_init(|| Done::of(self.parts.flow))
    }

    /// Whether a look tells nobody more than what is made of the key that is asked for.
    fn is_quiet(
        &self,
        place: Place,
        read: &Touch,
        fillings: &[Filling<'_>],
        touches: &[&Touch],
    ) -> bool {
        let parts = self.parts;
        let table = matches!(
            parts.places.role(read.on),
            Some(Role::Collection | Role::SharedCollection | Role::Cache)
        );
        // What is asked of a value is asked of what whoever looked was given.
        let value = parts.values_of(place).map(|ty| parts.places.content(ty));
        if !table || value == Some(parts.places.content(read.on)) {
            return true;
        }
        let def = parts.flow.node(read.node).def;
        let fills = fillings.iter().any(|one| one.def == def);
        if parts.opens_entry(read) {
            return fillings.iter().any(|one| one.fill.slot == Some(read.at.start));
        }
        if fills && parts.measures(read) {
            return true;
        }
        let makes_room = || {
            let silent = parts.names.function(def).is_some_and(|of| of.ret.is_none());
            let takes = |touch: &&Touch| touch.takes && parts.flow.node(touch.node).def == def;
            silent && !fills && touches.iter().any(takes)
        };
        makes_room() || fillings.iter().any(|one| one.def == def && self.is_look(read, one))
    }

    /// Whether a look is for what the key that something is put in by stands for, and goes on with it.
    fn is_look(&self, read: &Touch, by: &Filling<'_>) -> bool {
        let Some(text) = self.text(by.def) else { return false };
        let at = read.at.start;
        let goes_on = match self.tells_apart(read) {
            true => text.makes_up_for(at, by.touch.at.start),
            false => read.value != Froms::NONE && text.goes_on(at),
        };
        read.method.is_some() && goes_on && text.asks_by(at, &by.fill.key)
    }

    /// Whether what is asked only says whether something is there.
    fn tells_apart(&self, read: &Touch) -> bool {
        let names = self.parts.names;
        let Type::External(path, _) = &*names.types.get(read.on) else { return true };
        let of = &names.externals.get(*path).text;
        let method = read.method.map(|method| names.text(method));
        let given = method.and_then(|method| names.catalog.returned(of, method));
        matches!(given, Some(TypeText::Path(path, _)) if matches!(&**path, "usize" | "bool"))
    }

    /// Whether what a function puts in is made of its key, and of what is the same everywhere.
    fn follows_from_key(&self, place: Place, one: &Filling<'_>) -> bool {
        let (flow, done, made) = (self.parts.flow, self.done(), &one.fill.made);
        let there = |at: u32| made.iter().any(|range| range.start <= at && at < range.end);
        if one.fill.owned && !self.is_of_owner(place, one.def)
            || self.calls_strange(one.def, Some(made))
        {
            return false;
        }
        let inside = self.inside(one.def);
        // Who does more than to fill it goes by what is there.
        if inside.iter().any(|body| self.parts.deeds.any(*body, None, |_| true)) {
            return false;
        }
        let own = inside.into_iter().filter(|body| flow.node(*body).def == one.def);
        let mut runs = FxHashSet::default();
        for body in own {
            for call in done.calls_of(body).map(|index| &flow.calls[index]) {
                match &call.callee {
                    _ if !there(call.at.start) => {}
                    Callee::Defs(defs) => runs.extend(defs.iter().copied()),
                    Callee::External(_) | Callee::Closure(_) => {}
                    _ => return false,
                }
            }
            if !self.is_still(body, &there) || !self.computes(body, &there) {
                return false;
            }
        }
        runs.into_iter().all(|def| self.only_computes(def))
    }

    /// Whether a function is one of the struct that has the place.
    fn is_of_owner(&self, place: Place, def: DefId) -> bool {
        let names = self.parts.names;
        let Place::Field(of, _) = place else { return false };
        let block = names.owner(def).and_then(|owner| names.impls.of(owner));
        block.is_some_and(
            |block| matches!(&*names.types.get(block.self_type), Type::Local(id, _) if *id == of),
        )
    }

    /// Whether what a function gives follows from what it is handed.
    fn only_computes(&self, def: DefId) -> bool {
        if let Some(known) = self.known.borrow().get(&def) {
            return *known;
        }
        let Parts { flow, deeds, .. } = self.parts;
        let bodies = self.inside(def);
        let defs: FxHashSet<DefId> = bodies.iter().map(|body| flow.node(*body).def).collect();
        let alone = |body: &NodeId| {
            !deeds.any(*body, None, |_| true)
                && !flow.asking.contains(body)
                && !flow.awaiting.contains(body)
                && !flow.consulting.contains(body)
                && !flow.unknown_calls.contains_key(body)
                && self.is_still(*body, &|_| true)
                && self.computes(*body, &|_| true)
        };
        let found = !bodies.is_empty()
            && bodies.iter().all(alone)
            && !defs.into_iter().any(|def| self.is_strange(def));
        self.known.borrow_mut().insert(def, found);
        found
    }

    fn is_strange(&self, def: DefId) -> bool {
        if let Some(known) = self.strange.borrow().get(&def) {
            return *known;
        }
        let strange = self.calls_strange(def, None);
        self.strange.borrow_mut().insert(def, strange);
        strange
    }

    /// Whether a function, or a part of it, calls something of which nothing is known.
    fn calls_strange(&self, def: DefId, there: Option<&[Range]>) -> bool {
        let (flow, done) = (self.parts.flow, self.done());
        let Some(text) = self.text(def) else { return true };
        let mut known = FxHashSet::default();
        for body in self.inside(def).into_iter().filter(|body| flow.node(*body).def == def) {
            known.extend(done.calls_of(body).map(|index| flow.calls[index].at.start));
            known.extend(done.touches_of(body).map(|index| flow.touches[index].at.start));
            known.extend(done.abroad_of(body).map(|index| flow.abroad[index].1));
        }
        text.calls_strange(there.unwrap_or(&text.whole()), &known)
    }

    /// Whether what a body calls there, of crates, gives what follows from what it is handed.
    fn computes(&self, body: NodeId, there: &dyn Fn(u32) -> bool) -> bool {
        let Parts { names, flow, .. } = self.parts;
        self.done().abroad_of(body).all(|index| {
            let (_, at, path) = flow.abroad[index];
            !there(at) || names.catalog.computes(&names.externals.get(path).text)
        })
    }

    /// The bodies that a function runs, its own first.
    fn inside(&self, def: DefId) -> Vec<NodeId> {
        let body = self.parts.flow.bodies.get(&def);
        let inside = body.map(|body| self.parts.reach.inside(*body, None));
        inside.into_iter().flatten().map(|(body, _)| body).collect()
    }

    /// Whether a body, or a part of it, asks nobody and minds nothing that changes.
    fn is_still(&self, body: NodeId, there: &dyn Fn(u32) -> bool) -> bool {
        let Parts { flow, places, .. } = self.parts;
        let asks = |call: &Call| {
            let through = |disk| matches!(disk, DiskEffect::Pour | DiskEffect::ReadOpen);
            self.parts.fact(call).is_some_and(|fact| {
                let disk = fact.disk.is_some_and(|disk| !through(disk));
                disk || fact.does.is_some() || fact.random || fact.clock || fact.environment
            })
        };
        let tells = |touch: &Touch| match touch.kind {
            TouchKind::Send | TouchKind::Receive | TouchKind::Subscribe => true,
            TouchKind::Count => true,
            kind => places.places(touch.what).into_iter().any(|place| {
                let writes = kind != TouchKind::Read;
                self.changed.contains(&place) || writes && self.parts.is_shared(place)
            }),
        };
        let done = self.done();
        let calls = done.calls_of(body).map(|index| &flow.calls[index]);
        let touches = done.touches_of(body).map(|index| &flow.touches[index]);
        !calls.filter(|call| there(call.at.start)).any(asks)
            && !touches.filter(|touch| there(touch.at.start)).any(tells)
    }
}

impl Done {
    fn of(flow: &Flow) -> Done {
        let mut done = Done::default();
        for (index, call) in flow.calls.iter().enumerate() {
            done.calls.entry(call.node).or_default().push(index);
        }
        for (index, touch) in flow.touches.iter().enumerate() {
            done.touches.entry(touch.node).or_default().push(index);
        }
        for (index, (body, ..)) in flow.abroad.iter().enumerate() {
            done.abroad.entry(*body).or_default().push(index);
        }
        done
    }

    fn calls_of(&self, body: NodeId) -> impl Iterator<Item = usize> + '_ {
        self.calls.get(&body).into_iter().flatten().copied()
    }

    fn touches_of(&self, body: NodeId) -> impl Iterator<Item = usize> + '_ {
        self.touches.get(&body).into_iter().flatten().copied()
    }

    fn abroad_of(&self, body: NodeId) -> impl Iterator<Item = usize> + '_ {
        self.abroad.get(&body).into_iter().flatten().copied()
    }
}
