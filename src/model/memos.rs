//! What does a place only remember of what anybody comes to by the same key? Whoever looks there for
//! a key and finds nothing makes the value of that key alone, puts it there and goes on as if it had
//! been there: no replica can have another, and nobody else ever looks.

mod text;

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::places::Place;
use super::states::{Accesses, Parts};
use crate::catalog::{DiskEffect, Role, TypeText};
use crate::flow::{Call, Callee, Flow, Froms, NodeId, OriginKind, Touch, TouchKind, Used};
use crate::parse::tree::Range;
use crate::resolve::{DefId, T, Type};
use text::{Fill, Text};

pub(super) struct Memos<'p, 'm, 'a> {
    parts: &'p Parts<'p, 'm, 'a>,
    /// All that is changed while serving.
    changed: FxHashSet<Place>,
    done: OnceCell<Done>,
    texts: RefCell<FxHashMap<DefId, Option<Rc<Text<'p, 'a>>>>>,
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
        let (done, texts) = Default::default();
        Memos { parts, changed, done, texts }
    }

    pub(super) fn has(&self, place: Place, accesses: &Accesses) -> bool {
        let parts = self.parts;
        let stays = |ty| !parts.lives_on(ty, 0);
        if !accesses.counts.is_empty() || !parts.values_of(place).is_some_and(stays) {
            return false;
        }
        let touches = accesses.touches.iter().map(|index| &parts.flow.touches[*index]);
        let touches: Vec<&Touch> = touches.collect();
        let Some(fillings) = self.fillings(&touches) else { return false };
        let reads = || touches.iter().filter(|touch| touch.kind == TouchKind::Read);
        !fillings.is_empty()
            && reads().all(|read| self.is_quiet(place, read, &fillings, &touches))
            && fillings.iter().all(|one| {
                (one.fill.waits || self.follows_a_look(one, reads())) && self.is_alone(place, one)
            })
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
            Text::of(names, names.facts_of(def), function).map(Rc::new)
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
            silent && !fills && touches.iter().any(takes) && self.is_still(def, Some(place))
        };
        if makes_room() {
            return true;
        }
        let fill = fillings.iter().find(|one| one.def == def);
        fill.is_some_and(|fill| self.is_look(read, fill))
    }

    /// Whether a look gives what is there for the key that something is put in by.
    fn is_look(&self, read: &Touch, by: &Filling<'_>) -> bool {
        let said = read.method.is_some() && read.value != Froms::NONE && !self.tells_apart(read);
        let text = self.text(by.def);
        said && text.is_some_and(|text| text.asks_by(read.at.start, &by.fill.key))
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

    /// Whether what a function puts in follows its look, and it gives what it found as well as what
    /// it made.
    fn follows_a_look<'t>(
        &self,
        one: &Filling<'_>,
        reads: impl Iterator<Item = &'t &'t Touch>,
    ) -> bool {
        let flow = self.parts.flow;
        let own: Vec<&Touch> = reads
            .copied()
            .filter(|read| {
                flow.node(read.node).def == one.def && read.at.start < one.touch.at.start
            })
            .collect();
        let looks: Vec<&Touch> = own.into_iter().filter(|read| self.is_look(read, one)).collect();
        let roots = |froms: Froms| -> FxHashSet<OriginKind> {
            let list = flow.origins.list(froms).iter();
            list.map(|at| self.parts.places.bare_kind(*at)).collect()
        };
        let made = roots(one.touch.last);
        flow.enclosing(one.touch.node).any(|body| {
            let given = roots(flow.node(body).returns);
            let found = |look: &&Touch| roots(look.what).iter().any(|root| given.contains(root));
            !made.is_empty() && looks.iter().any(found) && made.is_subset(&given)
        }) && !self.tells_more(one.def)
    }

    /// Whether what a function gives has a word of its own besides what was found.
    fn tells_more(&self, def: DefId) -> bool {
        let names = self.parts.names;
        let mut todo = vec![names.return_type(def)];
        for _ in 0..8 {
            let Some(ty) = todo.pop() else { break };
            match &*names.types.get(ty) {
                Type::External(path, args) => {
                    let text = &names.externals.get(*path).text;
                    let flag = |ty: &T| self.parts.is_flag(*ty);
                    if &**text == "tuple" && args.len() > 1 && args.iter().any(flag) {
                        return true;
                    }
                    todo.extend(args.iter().copied());
                }
                Type::Local(of, _) if names.variants(*of).next().is_some() => return true,
                _ => {}
            }
        }
        false
    }

    /// Whether a function does nothing but this, and makes it of what is the same everywhere.
    fn is_alone(&self, place: Place, one: &Filling<'_>) -> bool {
        let (flow, done) = (self.parts.flow, self.done());
        if !self.is_still(one.def, Some(place)) {
            return false;
        }
        let made = |at: u32| one.fill.made.iter().any(|range| range.start <= at && at < range.end);
        let again = |touch: &Touch| {
            made(touch.at.start) && self.parts.places.places(touch.what).contains(&place)
        };
        let own = self.inside(one.def).into_iter().filter(|body| flow.node(*body).def == one.def);
        let own: Vec<NodeId> = own.collect();
        let mut runs = FxHashSet::default();
        for body in &own {
            for call in done.calls_of(*body).map(|index| &flow.calls[index]) {
                match &call.callee {
                    _ if !made(call.at.start) => {}
                    Callee::Defs(defs) => runs.extend(defs.iter().copied()),
                    Callee::External(_) | Callee::Closure(_) => {}
                    _ => return false,
                }
            }
        }
        if self.calls_strange(one.def, Some(&one.fill.made)) {
            return false;
        }
        own.iter().all(|body| {
            !done.touches_of(*body).any(|index| again(&flow.touches[index]))
                && self.computes(*body, &made)
        }) && runs.into_iter().all(|def| {
            let bodies = self.inside(def);
            let defs = bodies.iter().map(|body| flow.node(*body).def);
            let defs: FxHashSet<DefId> = defs.collect();
            !bodies.is_empty()
                && bodies.iter().all(|body| self.computes(*body, &|_| true))
                && !defs.into_iter().any(|def| self.calls_strange(def, None))
        })
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

    /// Whether nothing that a function runs asks, tells or changes anything else, or waits.
    fn is_still(&self, def: DefId, but: Option<Place>) -> bool {
        let Parts { flow, places, deeds, .. } = self.parts;
        let asks = |call: &Call| {
            let through = |disk| matches!(disk, DiskEffect::Pour | DiskEffect::ReadOpen);
            self.parts.fact(call).is_some_and(|fact| {
                let disk = fact.disk.is_some_and(|disk| !through(disk));
                disk || fact.does.is_some() || fact.random || fact.clock
            })
        };
        let tells = |touch: &Touch| match touch.kind {
            TouchKind::Send | TouchKind::Receive | TouchKind::Subscribe => true,
            _ => {
                let other = |place: &Place| Some(*place) != but && self.changed.contains(place);
                places.places(touch.what).iter().any(other)
            }
        };
        let done = self.done();
        self.inside(def).into_iter().all(|body| {
            !deeds.any(body, None, |_| true)
                && !flow.asking.contains(&body)
                && !flow.awaiting.contains(&body)
                && !flow.consulting.contains(&body)
                && !flow.unknown_calls.contains_key(&body)
                && !done.calls_of(body).any(|index| asks(&flow.calls[index]))
                && !done.touches_of(body).any(|index| tells(&flow.touches[index]))
        })
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
