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
use crate::flow::{CallId, Froms, TouchKind};
use crate::resolve::{DefKind, T};

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
    let finder = Finder { parts, once: OnceCell::new() };
    let mut found: IndexMap<CallId, Use, FxBuildHasher> = IndexMap::default();
    finder.keys_taken(&mut found);
    finder.keys_kept(&mut found);
    finder.compared(&mut found);
    if found.is_empty() {
        return;
    }
    let saved = saved(parts);
    for (id, used) in found {
        let fact = parts.fact(parts.flow.call(id));
        if saved.contains(&id) || !parts.selected(id) {
            continue;
        }
        let mut deed = parts.describe(id, fact);
        deed.because.push(used.step);
        deed.setting = used.setting;
        model.secrets.push(deed);
    }
}

/// Random values that a static, or a cell that is filled once, holds.
fn once(parts: &Parts<'_, '_, '_>) -> FxHashSet<CallId> {
    let mut once = FxHashSet::default();
    let mut add = |froms: Froms| {
        let roots = parts.places.path_roots(froms).all;
        once.extend(roots.into_iter().filter_map(|root| match root {
            Root::Answer(call) if parts.flow.random.contains(&call) => Some(call),
            _ => None,
        }));
    };
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
    let roots = parts.flow.saved.iter().flat_map(|from| parts.places.path_roots(*from).all);
    let calls = roots.filter_map(|root| match root {
        Root::Answer(call) => Some(call),
        _ => None,
    });
    calls.collect()
}

struct Finder<'f, 'p, 'm, 'a> {
    parts: &'f Parts<'p, 'm, 'a>,
    /// Those that are made once, whoever comes first; asked for where that decides.
    once: OnceCell<FxHashSet<CallId>>,
}

impl Finder<'_, '_, '_, '_> {
    /// The random values of a value that were made before the request.
    fn kept(&self, froms: Froms) -> Vec<CallId> {
        let roots = self.parts.places.path_roots(froms).all;
        let calls = roots.into_iter().filter_map(|root| match root {
            Root::Answer(call) if self.parts.flow.random.contains(&call) => Some(call),
            _ => None,
        });
        let early = |call: &CallId| {
            self.parts.sets_up(self.parts.flow.call(*call).node)
                || self.once.get_or_init(|| once(self.parts)).contains(call)
        };
        calls.filter(early).collect()
    }

    /// Calls that sign, seal or hash with a secret.
    fn keys_taken(&self, found: &mut IndexMap<CallId, Use, FxBuildHasher>) {
        for (_, call, fact) in self.parts.known_calls() {
            for key in fact.keys.iter().filter_map(|key| self.parts.passed(call, *key)) {
                for id in self.kept(key.from) {
                    let step = self.parts.step(call.node, call.at, "is a secret here");
                    self.add(found, id, key.from, step);
                }
            }
        }
    }

    /// Keys in what handlers share.
    fn keys_kept(&self, found: &mut IndexMap<CallId, Use, FxBuildHasher>) {
        for store in &self.parts.flow.stores {
            let Some(why) = self.parts.shared.of_type(store.of) else { continue };
            if self.is_key(store.ty) || self.is_key(self.field_type(store)) {
                for id in self.kept(store.from) {
                    self.add(found, id, store.from, why.clone());
                }
            }
        }
        for shared in self.parts.flow.shared.iter().filter(|shared| self.is_key(shared.val.ty)) {
            for id in self.kept(shared.val.from) {
                let step = self.parts.step(shared.node, shared.at, "handed to every handler here");
                self.add(found, id, shared.val.from, step);
            }
        }
    }

    /// What a request brings, compared with a secret.
    fn compared(&self, found: &mut IndexMap<CallId, Use, FxBuildHasher>) {
        for compare in &self.parts.flow.compares {
            let entry = self.parts.reach.entry_of(compare.node);
            if entry.is_none_or(|entry| entry.point.kind != EntryKind::Handler) {
                continue;
            }
            let [one, other] = compare.sides;
            for (secret, told) in [(one, other), (other, one)] {
                let kept = self.kept(secret.from);
                if kept.is_empty() || !self.parts.places.is_given(told.from) {
                    continue;
                }
                let theirs = self.parts.noted(told);
                for id in kept.into_iter().filter(|id| !theirs.contains(id)) {
                    let text = "what a request brings is compared with it here";
                    let step = self.parts.step(compare.node, compare.at, text);
                    self.add(found, id, secret.from, step);
                }
            }
        }
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
                let mut roots = stores.flat_map(|from| self.parts.places.path_roots(*from).all);
                !roots.any(|root| root == Root::Answer(id))
            }
            _ => true,
        };
        let others: Vec<Root> = roots.iter().filter(other).copied().collect();
        let setting = self.parts.setting(&others);
        let used = found.entry(id).or_insert_with(|| Use { step, setting: None });
        if used.setting.is_none() {
            used.setting = setting;
        }
    }

    fn is_key(&self, ty: T) -> bool {
        self.parts.places.role(self.parts.places.content(ty)) == Some(Role::Key)
    }

    fn field_type(&self, store: &crate::flow::Store) -> T {
        let field = self.parts.names.field(store.of, store.field);
        field.map_or(T::UNKNOWN, |field| self.parts.names.field_type(store.of, field, &[]))
    }
}
