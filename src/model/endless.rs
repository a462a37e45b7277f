//! Which sessions never end? Those of a store that is told no time, and entries of a shared store
//! whose key is also the client's cookie.

use rustc_hash::FxHashSet;

use super::Model;
use super::roots::Root;
use super::states::Parts;
use crate::catalog::{CallFact, Doing};
use crate::flow::{Call, CallId, Callee, OriginKind, Val};

pub(super) fn collect(model: &mut Model, parts: &Parts<'_, '_, '_>) {
    for (id, call, fact) in parts.doing(Doing::EndlessSession) {
        let told = parts.is_none(call, fact) == fact.if_none;
        if told && parts.selected(id) && !parts.put_right(call, fact) {
            model.endless.push(parts.describe(id, Some(fact)));
        }
    }
    let cookies: FxHashSet<CallId> = parts.random_in(Doing::GiveCookie);
    if cookies.is_empty() {
        return;
    }
    let ended = parts.random_in(Doing::LetExpire);
    for (id, call, fact) in parts.doing(Doing::KeepForEver) {
        if fact.if_none && !parts.is_none(call, fact) || !parts.selected(id) {
            continue;
        }
        let keys = call.args.iter().flat_map(|arg| parts.noted(*arg));
        let mut keys = keys.filter(|key| cookies.contains(key) && !ended.contains(key));
        if let Some(key) = keys.next() {
            let mut deed = parts.describe(id, Some(fact));
            let made = parts.flow.call(key);
            deed.because.push(parts.step(made.node, made.at, "the client gets this as its cookie"));
            model.endless.push(deed);
        }
    }
}

impl Parts<'_, '_, '_> {
    /// Whether the argument that decides is `None`.
    fn is_none(&self, call: &Call, fact: &CallFact) -> bool {
        if !fact.if_none {
            return false;
        }
        let Some(Val { from, .. }) = self.argument(call, fact.at) else { return false };
        self.flow.origins.list(*from).iter().any(|origin| match self.flow.origins.kind(*origin) {
            OriginKind::External(path) => {
                &*self.names.externals.get(path).text == "std::option::Option::None"
            }
            _ => false,
        })
    }

    /// Whether the package calls what gives such sessions an end.
    fn put_right(&self, call: &Call, fact: &CallFact) -> bool {
        let package = |call: &Call| {
            self.names.units[self.names.def(self.flow.node(call.node).def).unit].package
        };
        self.flow.calls.iter().any(|other| match other.callee {
            Callee::External(path) => {
                let external = self.names.externals.get(path);
                fact.unless.iter().any(|unless| **unless == *external.text)
                    && package(other) == package(call)
            }
            _ => false,
        })
    }

    /// Random values that calls which do this are given.
    fn random_in(&self, does: Doing) -> FxHashSet<CallId> {
        let mut found = FxHashSet::default();
        for (_, call, _) in self.doing(does) {
            for arg in &call.args {
                let roots = self.places.path_roots(arg.from).all;
                found.extend(roots.into_iter().filter_map(|root| match root {
                    Root::Answer(id) if self.flow.random.contains(&id) => Some(id),
                    _ => None,
                }));
            }
        }
        found
    }
}
