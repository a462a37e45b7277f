//! Which folders and files go with a value that removes them when it is dropped?

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Done, FARTHEST, Scratch};
use crate::catalog::DiskEffect;
use crate::flow::{Callee, NodeId, OriginKind, Way};
use crate::model::keys::Key;
use crate::model::places::Places;
use crate::model::sites::Site;
use crate::resolve::{DefId, DefKind, Names, Res, T, Type};

/// The trait whose one method runs when a value goes.
const DROP: &str = "std::ops::Drop";
/// What a type is made of is followed this far.
const DEEPEST: u8 = 4;

/// What a struct of the tree removes when it is dropped.
pub(super) struct Guard {
    of: DefId,
    /// Where that lies, seen from the struct.
    key: Key,
    beneath: bool,
}

impl Scratch<'_, '_, '_> {
    /// What structs remove when they are dropped, that nobody keeps.
    pub(super) fn guards(&self, sites: &[Site<'_>]) -> Vec<Guard> {
        let (names, flow) = (self.places.names, self.places.flow);
        let dropping: FxHashMap<DefId, DefId> =
            flow.bodies.keys().filter_map(|def| Some((*def, dropped(names, *def)?))).collect();
        let mut guards = Vec::new();
        if dropping.is_empty() {
            return guards;
        }
        for site in sites.iter().filter(|site| site.kind == DiskEffect::Remove) {
            for key in self.places.keys(site.target) {
                let done = Done::by(self.places, site, key);
                self.add_guards(&dropping, site.call.node, done, &mut guards, 0);
            }
        }
        let kept = kept(self.places, &guards.iter().map(|guard| guard.of).collect());
        guards.retain(|guard| !kept.contains(&guard.of));
        guards
    }

    /// Notes what a removal means for those of whom it is a part, however far out.
    fn add_guards(
        &self,
        dropping: &FxHashMap<DefId, DefId>,
        node: NodeId,
        mut done: Done,
        guards: &mut Vec<Guard>,
        far: u8,
    ) {
        let flow = self.places.flow;
        if let Some(OriginKind::Result(call)) = done.key.base.map(|at| flow.origins.kind(at)) {
            let Some(key) = self.places.given_of(call, &done.key, FARTHEST) else { return };
            done.key = key;
        }
        let base = done.key.base.map(|base| flow.origins.kind(base));
        let own = base == Some(OriginKind::Param(node, 0));
        // What is only removed sometimes may be meant to stay.
        let sure = done.way == Way::WHOLE && !done.perhaps || done.depends;
        match dropping.get(&flow.node(node).def) {
            Some(of) if sure && own && !done.key.fields.is_empty() => {
                let key = self.unfolded(&Key { base: None, given: None, ..done.key }, 0);
                guards.push(Guard { of: *of, key, beneath: done.beneath });
            }
            None if far < FARTHEST => {
                for id in self.places.callers_of(&done.key) {
                    let call = flow.call(*id);
                    if let Some(key) = self.places.lifted(&done.key, *id) {
                        let lifted = done.lifted(key, call);
                        self.add_guards(dropping, call.node, lifted, guards, far + 1);
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether a path goes with a value that the body, or each that calls it, makes or has made for
    /// the time that one request takes.
    pub(super) fn is_guarded(&self, key: &Key, node: NodeId) -> bool {
        !self.guards.is_empty() && self.is_guarded_at(key, node, &mut FxHashMap::default(), 0)
    }

    fn is_guarded_at(
        &self,
        key: &Key,
        node: NodeId,
        seen: &mut FxHashMap<(NodeId, Key), bool>,
        far: u8,
    ) -> bool {
        let own = |guard: &Guard| self.is_put_into(guard, key, node) || self.is_part_of(guard, key);
        let serves = || self.reach.is_serving(node) && !self.reach.is_startup(node);
        if self.guards.iter().any(own) {
            return serves();
        }
        if far >= FARTHEST {
            return false;
        }
        if let Some(known) = seen.insert((node, key.clone()), false) {
            seen.insert((node, key.clone()), known);
            return known;
        }
        let base = key.base.map(|base| self.places.flow.origins.kind(base));
        let goes = if let Some(OriginKind::Result(call)) = base {
            // What another function gives of what it was handed.
            let outer = self.places.given_of(call, key, FARTHEST);
            outer.is_some_and(|outer| self.is_guarded_at(&outer, node, seen, far + 1))
        } else {
            let callers = self.places.callers_of(key);
            !callers.is_empty()
                && callers.iter().all(|id| {
                    let outer = self.places.lifted(key, *id);
                    let node = self.places.flow.call(*id).node;
                    outer.is_some_and(|outer| self.is_guarded_at(&outer, node, seen, far + 1))
                })
        };
        seen.insert((node, key.clone()), goes);
        goes
    }

    /// Whether the body makes such a value for a path that it has.
    fn is_put_into(&self, guard: &Guard, key: &Key, node: NodeId) -> bool {
        let [field] = guard.key.fields[..] else { return false };
        self.places.put_by(node, field).into_iter().any(|mut put| {
            put.rest.extend(&guard.key.rest);
            *key == put || guard.beneath && key.is_beneath(&put)
        })
    }

    /// Whether a path begins with what such a value removes.
    fn is_part_of(&self, guard: &Guard, key: &Key) -> bool {
        let (flow, names) = (self.places.flow, self.places.names);
        let is_one = |ty: T| match &*names.types.get(self.places.peeled(ty)) {
            Type::Local(of, _) => *of == guard.of,
            _ => false,
        };
        let gives_one = |def: &DefId| is_one(names.return_type(*def));
        let base = key.base.map(|base| (base, flow.origins.kind(base)));
        let skipped = match base {
            Some((base, OriginKind::Made(..))) => {
                flow.made.get(&base).is_some_and(|ty| is_one(*ty)).then_some(0)
            }
            Some((_, OriginKind::Result(call))) => match &flow.call(call).callee {
                Callee::Defs(defs) if !defs.is_empty() && defs.iter().all(gives_one) => Some(0),
                _ => None,
            },
            _ => {
                let gives = |(of, _): &(DefId, _)| names.function(*of).is_some() && gives_one(of);
                key.fields.iter().position(gives).map(|at| at + 1)
            }
        };
        let Some(skipped) = skipped else { return false };
        let mut inner = Key { base: None, given: None, ..key.clone() };
        inner.fields.drain(..skipped);
        let inner = self.unfolded(&inner, 0);
        // What stands for one of its fields is as good as that.
        (0..guard.key.fields.len()).any(|from| {
            let own = &guard.key.fields[from..];
            match (guard.beneath, &guard.key.rest[..]) {
                (true, []) => inner.fields.starts_with(own),
                (true, behind) => inner.fields == own && inner.rest.starts_with(behind),
                (false, behind) => inner.fields == own && inner.rest == behind,
            }
        })
    }

    /// A path with what functions give of their one argument in place of them.
    fn unfolded(&self, key: &Key, far: u8) -> Key {
        let flow = self.places.flow;
        let mut whole = Key { base: key.base, ..Key::default() };
        for field in &key.fields {
            let told = flow.bodies.get(&field.0).filter(|_| far < DEEPEST).and_then(|node| {
                let given = self.places.key(flow.node(*node).returns)?;
                let of_it = flow.origins.kind(given.base?) == OriginKind::Param(*node, 0);
                of_it.then(|| self.unfolded(&given, far + 1))
            });
            match told {
                Some(given) => {
                    whole.fields.extend(given.fields);
                    whole.rest.extend(given.rest);
                }
                None => whole.fields.push(*field),
            }
        }
        whole.rest.extend(&key.rest);
        whole
    }
}

/// The struct whose values a method runs for when they are dropped.
fn dropped(names: &Names<'_>, def: DefId) -> Option<DefId> {
    let block = names.impls.of(names.owner(def)?)?;
    match (block.of, &*names.types.get(block.self_type)) {
        (Some(Res::External(of)), Type::Local(id, _)) => {
            (&*names.externals.get(of).text == DROP).then_some(*id)
        }
        _ => None,
    }
}

/// The structs among these of which something else has one: a static, a field.
fn kept(places: &Places<'_, '_>, structs: &FxHashSet<DefId>) -> FxHashSet<DefId> {
    let names = places.names;
    let mut kept = FxHashSet::default();
    for id in names.ids() {
        match names.def(id).kind {
            DefKind::Static => {
                mentioned(names, crate::flow::static_type(names, id), structs, &mut kept, 0);
            }
            DefKind::Struct | DefKind::Variant => {
                for field in names.fields(id) {
                    mentioned(names, names.field_type(id, field, &[]), structs, &mut kept, 0);
                }
            }
            _ => {}
        }
    }
    kept
}

fn mentioned(
    names: &Names<'_>,
    ty: T,
    structs: &FxHashSet<DefId>,
    found: &mut FxHashSet<DefId>,
    depth: u8,
) {
    if depth > DEEPEST {
        return;
    }
    match &*names.types.get(ty) {
        Type::Local(of, args) => {
            found.extend(structs.get(of));
            args.iter().for_each(|arg| mentioned(names, *arg, structs, found, depth + 1));
        }
        Type::External(_, args) => {
            args.iter().for_each(|arg| mentioned(names, *arg, structs, found, depth + 1));
        }
        _ => {}
    }
}
