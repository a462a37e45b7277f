//! Which of its impls does a call of a generic function mean? Those of the types that all who call
//! this function put in the place of the parameter; where not all of them are known, those of all who
//! use it anywhere, or make the struct.

use std::cell::RefCell;

use rustc_hash::{FxHashMap, FxHashSet};

use super::fuller::without;
use super::{Callee, Flow, NodeId};
use crate::catalog::Role;
use crate::resolve::{DefId, DefKind, Names, PathId, Res, T, Type};
use crate::symbol::Symbol;

/// A parameter of a function, or of a struct or enum: its impls have the same.
type Key = (DefId, Symbol);

/// A parameter as one function sees it, or as all do.
type Seen = (Option<DefId>, Key);

/// What stands in the place of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Put {
    Local(DefId),
    External(PathId),
    /// Whatever stands in the place of another.
    Same(Seen),
}

/// All that may stand in the place of a parameter; nothing where not all is known.
type Puts = Option<FxHashSet<Put>>;

/// Parameters that are handed on are followed this far.
const FARTHEST: u8 = 6;

/// Attributes that have nobody run what they stand on.
const PLAIN: [&str; 14] = [
    "allow",
    "async_trait",
    "cfg",
    "cfg_attr",
    "cold",
    "deny",
    "deprecated",
    "doc",
    "expect",
    "inline",
    "instrument",
    "must_use",
    "track_caller",
    "warn",
];

#[derive(Default)]
struct Told {
    puts: FxHashMap<Seen, FxHashSet<Put>>,
    /// Parameters of which somebody does not tell.
    open: FxHashSet<Seen>,
    /// Functions that somebody may call of whom nothing is known.
    anyones: FxHashSet<DefId>,
    /// What was resolved, by how far away it was asked.
    known: RefCell<FxHashMap<(Seen, u8), Puts>>,
}

impl Flow {
    /// Leaves of every call on a parameter the functions that it may mean.
    pub(super) fn narrow(&mut self, names: &Names<'_>) {
        let on_param = |call: &super::Call| {
            let Callee::Defs(defs) = &call.callee else { return None };
            let on = call.args.first().filter(|_| call.method && defs.len() > 1)?;
            key_of(names, bare(names, on.ty))
        };
        if !self.calls.iter().any(|call| on_param(call).is_some()) {
            return;
        }
        let told = self.told_params(names);
        for call in &mut self.calls {
            let Some(key) = on_param(call) else { continue };
            let here = self.nodes[call.node.0 as usize].def;
            let Some(puts) = told.resolve((Some(here), key), 0) else { continue };
            let Callee::Defs(defs) = &call.callee else { continue };
            let meant: Box<[DefId]> =
                defs.iter().copied().filter(|def| may_mean(names, *def, &puts)).collect();
            if !meant.is_empty() && meant.len() < defs.len() {
                call.callee = Callee::Defs(meant);
            }
        }
    }

    fn told_params(&self, names: &Names<'_>) -> Told {
        let mut told = Told::default();
        let mut called_in: FxHashMap<DefId, FxHashSet<usize>> = FxHashMap::default();
        for call in &self.calls {
            for arg in &call.args {
                // Who calls what is handed over as a value is not known.
                if let Type::Function(def) = &*names.types.get(arg.ty) {
                    told.open_all(names, *def);
                }
            }
            let Callee::Defs(defs) = &call.callee else { continue };
            for def in defs {
                let Some(body) = self.bodies.get(def) else { continue };
                let here = self.node(call.node).def;
                called_in.entry(*def).or_default().insert(names.def(here).unit);
                for (pattern, arg) in self.node(*body).params.iter().zip(&call.args) {
                    let scopes = [Scope::ANY, Scope { function: Some(*def), from: Some(here) }];
                    for scope in scopes {
                        told.learn(names, scope, *pattern, arg.ty);
                    }
                }
            }
        }
        let missed = self.missed_calls(names);
        let is_anyones = |def: &DefId| {
            let name = names.def(*def).name;
            let units = called_in.get(def).into_iter().flatten();
            let missed = |unit: &usize| missed.contains(&(*unit, name));
            self.named.contains(def)
                || names.is_mentioned(name)
                || is_asked_by_others(names, *def)
                || missed(&names.def(*def).unit)
                || units.into_iter().any(missed)
        };
        told.anyones = self.bodies.keys().copied().filter(is_anyones).collect();
        // What stands for a parameter of its impl alone nobody says but who calls it.
        for block in told.anyones.iter().filter_map(|def| names.owner(*def)) {
            let own = names.generics(block).iter().map(|generic| (None, (block, generic.name)));
            told.open.extend(own);
        }
        for target in self.registrations.iter().flat_map(|registration| &registration.targets) {
            if let Type::Function(def) = &*names.types.get(*target) {
                told.open_all(names, *def);
            }
        }
        for store in &self.stores {
            if let Some(field) = names.field(store.of, store.field) {
                told.learn(names, Scope::ANY, names.field_type(store.of, field, &[]), store.ty);
            }
        }
        told
    }

    /// Names of methods that are called on something of which nothing is known, by the crate.
    fn missed_calls(&self, names: &Names<'_>) -> FxHashSet<(usize, Symbol)> {
        let unit = |node: &NodeId| names.def(self.node(*node).def).unit;
        let calls = self.unknown_calls.iter();
        calls.flat_map(|(node, all)| all.iter().map(move |name| (unit(node), *name))).collect()
    }
}

/// Of which function a parameter is asked, and in which function stands what is put there.
#[derive(Clone, Copy)]
struct Scope {
    function: Option<DefId>,
    from: Option<DefId>,
}

impl Scope {
    const ANY: Scope = Scope { function: None, from: None };
}

/// Whether somebody outside the tree may ask for a function: by a trait that it implements, or by an
/// attribute of it, of its impl or of its trait.
fn is_asked_by_others(names: &Names<'_>, function: DefId) -> bool {
    let of_trait = match names.trait_of(function) {
        Some(Res::Def(of)) => Some(of),
        Some(_) => return true,
        None => None,
    };
    let means = |def: DefId| {
        let attrs = names.def(def).item.into_iter().flat_map(|item| &item.attrs);
        attrs.into_iter().any(|attr| {
            let last = attr.path.last().map(|name| names.text(*name));
            !last.is_some_and(|name| PLAIN.contains(&name))
        })
    };
    [Some(function), names.owner(function), of_trait].into_iter().flatten().any(means)
}

impl Told {
    /// Learns from a value of a type where one of the pattern is expected.
    fn learn(&mut self, names: &Names<'_>, scope: Scope, pattern: T, actual: T) {
        let (pattern, actual) = (bare(names, pattern), bare(names, actual));
        if let Some(key) = key_of(names, pattern) {
            let seen = (scope.function, key);
            let put = match &*names.types.get(actual) {
                Type::Local(of, _) if names.def(*of).kind != DefKind::Trait => {
                    Some(Put::Local(*of))
                }
                Type::External(path, _) => Some(Put::External(*path)),
                Type::Param(..) => key_of(names, actual).map(|key| Put::Same((scope.from, key))),
                _ => None,
            };
            match put {
                Some(put) if put == Put::Same(seen) => {}
                Some(put) => drop(self.puts.entry(seen).or_default().insert(put)),
                None => drop(self.open.insert(seen)),
            }
            return;
        }
        match (&*names.types.get(pattern), &*names.types.get(actual)) {
            (Type::External(one, inner), Type::External(two, other)) if one == two => {
                self.learn_all(names, scope, inner, other);
            }
            (Type::Local(one, inner), Type::Local(two, other)) if one == two => {
                self.learn_all(names, scope, inner, other);
            }
            (Type::External(_, inner) | Type::Local(_, inner), _) => {
                inner.iter().for_each(|inner| self.open_in(names, scope, *inner));
            }
            _ => {}
        }
    }

    fn learn_all(&mut self, names: &Names<'_>, scope: Scope, patterns: &[T], actual: &[T]) {
        for (index, pattern) in patterns.iter().enumerate() {
            match actual.get(index) {
                Some(actual) => self.learn(names, scope, *pattern, *actual),
                None => self.open_in(names, scope, *pattern),
            }
        }
    }

    fn open_in(&mut self, names: &Names<'_>, scope: Scope, pattern: T) {
        if let Some(key) = key_of(names, pattern) {
            self.open.insert((scope.function, key));
            return;
        }
        if let Type::External(_, inner) | Type::Local(_, inner) = &*names.types.get(pattern) {
            inner.iter().for_each(|inner| self.open_in(names, scope, *inner));
        }
    }

    fn open_all(&mut self, names: &Names<'_>, function: DefId) {
        let generics = names.generics(function).iter();
        self.open.extend(generics.map(|generic| (None, (function, generic.name))));
        self.anyones.insert(function);
    }

    /// All that may stand in the place of a parameter; nothing where not all is known.
    fn resolve(&self, seen: Seen, far: u8) -> Puts {
        if far > FARTHEST {
            return None;
        }
        if let Some(known) = self.known.borrow().get(&(seen, far)) {
            return known.clone();
        }
        let (function, key) = seen;
        let own = function.filter(|function| !self.anyones.contains(function));
        let of_all = || self.resolve((None, key), far);
        let found = match own {
            Some(_) => self.resolve_in(seen, far).or_else(of_all),
            None if function.is_some() => of_all(),
            None => self.resolve_in(seen, far),
        };
        self.known.borrow_mut().insert((seen, far), found.clone());
        found
    }

    fn resolve_in(&self, seen: Seen, far: u8) -> Puts {
        if self.open.contains(&seen) {
            return None;
        }
        let mut all = FxHashSet::default();
        for put in self.puts.get(&seen)? {
            match put {
                // A function that calls itself again puts there what it was given.
                Put::Same(other) if *other == seen => {}
                Put::Same(other) => all.extend(self.resolve(*other, far + 1)?),
                put => drop(all.insert(*put)),
            }
        }
        Some(all)
    }
}

/// Whether a function of an impl or trait is one of the types that are put there.
fn may_mean(names: &Names<'_>, function: DefId, puts: &FxHashSet<Put>) -> bool {
    let Some(block) = names.impls.of(names.def(function).parent) else { return true };
    match &*names.types.get(bare(names, block.self_type)) {
        Type::Local(of, _) => puts.contains(&Put::Local(*of)),
        Type::External(path, _) => puts.contains(&Put::External(*path)),
        _ => true,
    }
}

/// A type without the pointers around it.
fn bare(names: &Names<'_>, ty: T) -> T {
    without(names, ty, &[Role::Pointer])
}

/// The parameter that a type is: one of an impl is that of the type it is for.
fn key_of(names: &Names<'_>, ty: T) -> Option<Key> {
    let Type::Param(owner, name) = *names.types.get(ty) else { return None };
    let Some(block) = names.impls.of(owner) else { return Some((owner, name)) };
    if let Type::Local(of, args) = &*names.types.get(block.self_type)
        && let Some(at) = args.iter().position(|arg| *arg == ty)
        && let Some(generic) = names.generics(*of).get(at)
    {
        return Some((*of, generic.name));
    }
    Some((owner, name))
}
