//! Which secrets does the process make up for itself? Random values that are kept, and by which
//! later requests are signed, sealed or recognised.

use std::cell::OnceCell;

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashSet};

use super::Model;
use super::roots::Root;
use super::states::Parts;
use crate::catalog::{Doing, EntryKind, Role};
use crate::diagnostic::Step;
use crate::flow::{Call, CallId, Froms, NodeId, Origin, OriginKind, TouchKind, Val};
use crate::resolve::{DefId, DefKind, T, Type};
use crate::symbol::Symbol;

/// Functions that hand on what a request brings are followed this far.
const FARTHEST: u8 = 4;

/// A random value that is kept: where it shows, and what else it could have been.
struct Use {
    step: Step,
    setting: Option<String>,
}

pub(super) fn collect(model: &mut Model, parts: &Parts<'_, '_, '_>) {
    for (id, _, fact) in parts.doing(Doing::OrderCertificate) {
        if parts.selected(id) {
            model.certificates.push(parts.describe(id, Some(fact)));
        }
    }
    if parts.flow.random.is_empty() {
        return;
    }
    let finder = Finder { parts, once: OnceCell::new(), shown: OnceCell::new() };
    let mut found: IndexMap<CallId, Use, FxBuildHasher> = IndexMap::default();
    finder.keys_taken(&mut found);
    finder.keys_kept(&mut found);
    finder.compared(&mut found);
    if found.is_empty() {
        return;
    }
    let saved = saved(parts);
    for (id, used) in found {
        if saved.contains(&id) || !parts.selected(id) {
            continue;
        }
        let fact = parts.fact(parts.flow.call(id));
        let mut deed = parts.describe(id, fact);
        deed.because.push(used.step);
        deed.setting = used.setting;
        model.secrets.push(deed);
    }
}

/// The calls that draw the random values of a value for it, each with all calls on the way there.
fn drawn(parts: &Parts<'_, '_, '_>, froms: Froms) -> Vec<(CallId, Vec<CallId>)> {
    let drawn = parts.places.path_roots(froms).drawn.into_iter();
    let way = drawn.map(|(call, mut way)| {
        way.push(call);
        (parts.drawing(&way), way)
    });
    way.collect()
}

/// Random values that a static, or a cell that is filled once, holds.
fn once(parts: &Parts<'_, '_, '_>) -> FxHashSet<CallId> {
    let mut once = FxHashSet::default();
    let mut add = |froms| once.extend(drawn(parts, froms).into_iter().map(|(site, _)| site));
    for (def, node) in &parts.flow.bodies {
        if parts.names.def(*def).kind == DefKind::Static {
            add(parts.flow.node(*node).returns);
        }
    }
    for touch in parts.flow.touches.iter().filter(|touch| touch.kind == TouchKind::Fill) {
        add(touch.value);
    }
    once
}

/// Random values that are handed to a service which every replica shares.
fn saved(parts: &Parts<'_, '_, '_>) -> FxHashSet<CallId> {
    let saved = parts.flow.saved.iter().flat_map(|from| drawn(parts, *from));
    saved.map(|(site, _)| site).collect()
}

/// Random values that requests log, or tell of in an error: names of this process, and no secrets.
/// What is shown at start is for whoever runs it.
fn shown(parts: &Parts<'_, '_, '_>) -> FxHashSet<CallId> {
    let all = parts.flow.shown.iter();
    let asked = all.filter(|(node, _)| {
        let entry = parts.reach.entry_of(*node);
        entry.is_some_and(|entry| entry.point.kind == EntryKind::Handler)
    });
    asked.flat_map(|(_, from)| drawn(parts, *from)).map(|(site, _)| site).collect()
}

impl Parts<'_, '_, '_> {
    /// Which of the calls on the way to a random value draws that very one: helpers draw many.
    fn drawing(&self, way: &[CallId]) -> CallId {
        let once = |call: &&CallId| {
            let callers = self.callers(self.flow.call(**call).node);
            let mut callers = callers.iter().map(|call| self.flow.call(*call));
            let first = callers.next();
            callers.all(|call| first.is_some_and(|first| overlap(first, call)))
        };
        let own = way.iter().rev().find(once);
        own.copied().unwrap_or(way[0])
    }
}

impl Parts<'_, '_, '_> {
    /// The calls of a body, or of the body that a closure stands in.
    fn callers(&self, node: NodeId) -> &[CallId] {
        match (self.places.callers.get(&node), self.flow.node(node).parent) {
            (Some(callers), _) => callers,
            (None, Some(around)) => self.callers(around),
            (None, None) => &[],
        }
    }
}

/// Whether two calls are one in the text: a function that is handed over is noted twice.
fn overlap(one: &Call, other: &Call) -> bool {
    one.node == other.node && one.at.start < other.at.end && other.at.start < one.at.end
}

struct Finder<'f, 'p, 'm, 'a> {
    parts: &'f Parts<'p, 'm, 'a>,
    /// Those that are made once, whoever comes first; asked for where that decides.
    once: OnceCell<FxHashSet<CallId>>,
    /// Those that whoever asks is told.
    shown: OnceCell<FxHashSet<CallId>>,
}

impl Finder<'_, '_, '_, '_> {
    /// The random values of a value, in a body, that were made before the request: by what only sets
    /// up, for what only sets up, or once.
    fn kept(&self, node: NodeId, froms: Froms) -> Vec<CallId> {
        let sets_up = |node| self.parts.sets_up(node);
        let early = |site: &CallId, way: Vec<CallId>| {
            sets_up(node)
                || way.into_iter().any(|call| sets_up(self.parts.flow.call(call).node))
                || self.once.get_or_init(|| once(self.parts)).contains(site)
        };
        // What a command makes up, and no process that serves, is for whoever runs it; what a static
        // holds is made by whoever uses it.
        let runs = |site: &CallId| {
            let node = self.parts.flow.call(*site).node;
            let of = self.parts.flow.node(node).def;
            self.parts.names.def(of).kind == DefKind::Static || self.parts.runs(node)
        };
        let drawn = drawn(self.parts, froms).into_iter().filter(|(site, _)| runs(site));
        drawn.filter_map(|(site, way)| early(&site, way).then_some(site)).collect()
    }

    /// Calls that sign, seal or hash with a secret.
    fn keys_taken(&self, found: &mut IndexMap<CallId, Use, FxBuildHasher>) {
        for (_, call, fact) in self.parts.known_calls() {
            for key in fact.keys.iter().filter_map(|key| self.parts.passed(call, *key)) {
                for id in self.kept(call.node, key.from) {
                    if fact.if_compared && !self.tells_apart(id) {
                        continue;
                    }
                    let step = self.parts.step(call.node, call.at, "is used as a secret here");
                    self.add(found, id, key.from, step);
                }
            }
        }
    }

    /// Whether something that is not made with a random value is compared with what is.
    fn tells_apart(&self, id: CallId) -> bool {
        let parts = self.parts;
        let made = |froms| drawn(parts, froms).into_iter().any(|(site, _)| site == id);
        let compares = parts.flow.compares.iter().filter(|compare| !compare.order);
        compares.map(|compare| compare.sides).any(|[one, other]| {
            let told = |side: Val| side.from != Froms::NONE && !made(side.from);
            told(one) && made(other.from) || told(other) && made(one.from)
        })
    }

    /// Keys in what handlers share.
    fn keys_kept(&self, found: &mut IndexMap<CallId, Use, FxBuildHasher>) {
        for store in &self.parts.flow.stores {
            let Some(why) = self.parts.shared.of_type(store.of) else { continue };
            if self.is_key(store.ty) || self.is_key(self.field_type(store.of, store.field)) {
                for id in self.kept(store.node, store.from) {
                    self.add(found, id, store.from, why.clone());
                }
            }
        }
        for shared in self.parts.flow.shared.iter().filter(|shared| self.is_key(shared.val.ty)) {
            for id in self.kept(shared.node, shared.val.from) {
                let step = self.parts.step(shared.node, shared.at, "handed to every handler here");
                self.add(found, id, shared.val.from, step);
            }
        }
    }

    /// What a request brings, compared with a secret.
    fn compared(&self, found: &mut IndexMap<CallId, Use, FxBuildHasher>) {
        // Which of two is the greater asks for no secret.
        for compare in self.parts.flow.compares.iter().filter(|compare| !compare.order) {
            let entry = self.parts.reach.entry_of(compare.node);
            if entry.is_none_or(|entry| entry.point.kind != EntryKind::Handler) {
                continue;
            }
            let [one, other] = compare.sides;
            for (secret, told) in [(one, other), (other, one)] {
                if self.is_told_by_another(secret.from) {
                    continue;
                }
                let kept = self.kept(compare.node, secret.from);
                if kept.is_empty() || !self.is_brought(told.from, 0) {
                    continue;
                }
                let theirs = drawn(self.parts, told.from);
                let shown = self.shown.get_or_init(|| shown(self.parts));
                let unknown =
                    |id: &CallId| theirs.iter().all(|(site, _)| site != id) && !shown.contains(id);
                for id in kept.into_iter().filter(unknown) {
                    let text = "what a request brings is compared with it here";
                    let step = self.parts.step(compare.node, compare.at, text);
                    self.add(found, id, secret.from, step);
                }
            }
        }
    }

    /// Whether it is what something of a crate that is not known tells: whatever that was made with,
    /// it is not the same.
    fn is_told_by_another(&self, froms: Froms) -> bool {
        let parts = self.parts;
        let unknown = |ty: T| {
            let external = matches!(&*parts.names.types.get(ty), Type::External(..));
            external && parts.places.role(ty).is_none() && parts.names.type_fact(ty).is_none()
        };
        let of_unknown = |of: Origin| match parts.flow.origins.kind(of) {
            OriginKind::Field { of, name, .. } => {
                unknown(parts.places.content(self.field_type(of, name)))
            }
            _ => false,
        };
        let told = |origin: &Origin| match parts.flow.origins.kind(*origin) {
            OriginKind::Derived(of) | OriginKind::Asked(of, _) | OriginKind::Part(of, _) => {
                of_unknown(of)
            }
            _ => false,
        };
        let list = parts.flow.origins.list(froms);
        !list.is_empty() && list.iter().all(told)
    }

    /// Whether a request brings a value, or a function of the tree takes it out of one.
    fn is_brought(&self, froms: Froms, far: u8) -> bool {
        let places = self.parts.places;
        let mut origins = self.parts.flow.origins.list(froms).iter();
        places.is_given(froms)
            || far < FARTHEST
                && origins.any(|origin| match places.bare_kind(*origin) {
                    OriginKind::Result(call) => {
                        places.answers(call).into_iter().any(|one| self.is_brought(one, far + 1))
                    }
                    _ => false,
                })
    }

    fn add(
        &self,
        found: &mut IndexMap<CallId, Use, FxBuildHasher>,
        id: CallId,
        froms: Froms,
        step: Step,
    ) {
        // What else the secret could be chooses whether it is made up; where it is kept does not.
        let roots = self.parts.places.path_roots(froms).all;
        let other = |root: &&Root| match root {
            Root::Field(of, name) => {
                let stores = self.parts.places.stores.get(&(*of, *name)).into_iter().flatten();
                let mut drawn = stores.flat_map(|from| drawn(self.parts, *from));
                !drawn.any(|(site, _)| site == id)
            }
            _ => true,
        };
        let others: Vec<Root> = roots.iter().filter(other).copied().collect();
        // A type that is only around one value holds others elsewhere.
        let pooled = roots.iter().any(|root| match root {
            Root::Field(_, name) => self.parts.names.text(*name).parse::<u32>().is_ok(),
            _ => false,
        });
        let setting = self.parts.setting(&others).filter(|_| !pooled);
        let used = found.entry(id).or_insert_with(|| Use { step, setting: None });
        if used.setting.is_none() {
            used.setting = setting;
        }
    }

    fn is_key(&self, ty: T) -> bool {
        self.parts.places.role(self.parts.places.content(ty)) == Some(Role::Key)
    }

    fn field_type(&self, of: DefId, name: Symbol) -> T {
        let field = self.parts.names.field(of, name);
        field.map_or(T::UNKNOWN, |field| self.parts.names.field_type(of, field, &[]))
    }
}
