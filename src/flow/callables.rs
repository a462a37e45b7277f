//! Whose body runs when a value is called? Functions and closures that were handed over, or kept in
//! fields, once every body is known.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    Call, CallId, Callee, Flow, Froms, NodeId, Origin, OriginKind, Registration, Used, Val,
};
use crate::catalog::EntryKind;
use crate::resolve::{DefId, Names, T, Type};
use crate::symbol::Symbol;

/// Longer ways from hand to hand are cut.
const MOST_HANDS: u8 = 4;

/// A body that a value stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Runs {
    Function(DefId),
    Closure(NodeId),
}

impl Flow {
    /// What a function gives back of what it spawned, and a caller lets go of without waiting for
    /// it, nobody waits for.
    pub(super) fn forget_returned(&mut self) {
        let mut forgotten = Vec::new();
        for id in self.dropped.difference(&self.waited) {
            self.spawned_by(*id, 0, &mut forgotten);
        }
        for index in forgotten {
            self.registrations[index].used = Used::No;
        }
    }

    /// The registrations whose answer a call gives.
    fn spawned_by(&self, call: CallId, depth: u8, found: &mut Vec<usize>) {
        let Callee::Defs(defs) = &self.call(call).callee else { return };
        for body in defs.iter().filter_map(|def| self.bodies.get(def)) {
            for origin in self.origins.list(self.node(*body).returns) {
                match self.origins.kind(*origin) {
                    OriginKind::Registered(index) => found.push(index as usize),
                    OriginKind::Result(inner)
                        if depth < MOST_HANDS && !self.waited.contains(&inner) =>
                    {
                        self.spawned_by(inner, depth + 1, found);
                    }
                    _ => {}
                }
            }
        }
    }

    /// Which parameters do the bodies run that are spawned, or registered as handlers?
    pub(super) fn note_runs(&mut self, names: &Names<'_>) {
        let mut spawned: FxHashMap<NodeId, usize> = FxHashMap::default();
        for (index, registration) in self.registrations.iter().enumerate() {
            let path = &names.externals.get(registration.path).text;
            let kind = names.catalog.register(path).map(|fact| fact.kind);
            if !matches!(kind, Some(EntryKind::Task | EntryKind::Handler)) {
                continue;
            }
            for target in &registration.targets {
                if let Type::Closure(node) = &*names.types.get(*target) {
                    spawned.insert(NodeId(*node), index);
                }
            }
        }
        let mut runs = Vec::new();
        for call in &self.calls {
            let Callee::Given(owner, index) = call.callee else { continue };
            let around = self.enclosing(call.node).take_while(|node| *node != owner);
            let by = around.into_iter().find_map(|node| spawned.get(&node));
            runs.extend(by.map(|by| (*by, (owner, index))));
        }
        for (by, param) in runs {
            let known = &mut self.registrations[by].runs;
            if !known.contains(&param) {
                known.push(param);
            }
        }
    }

    /// Closures handed to functions that spawn or register what they are given do not run where
    /// they stand.
    pub(super) fn detach_given(&mut self, names: &Names<'_>) {
        // What a task of the function runs may stand in it all the same; a handler waits for
        // requests, and what is run for each connection for that.
        let taking: FxHashSet<NodeId> =
            self.accepts.iter().filter_map(|node| self.loop_around(*node)).collect();
        let handles = |found: &&Registration| {
            let path = &names.externals.get(found.path).text;
            let each = || self.loop_around(found.node).is_some_and(|node| taking.contains(&node));
            let fact = names.catalog.register(path);
            fact.is_some_and(|fact| fact.kind == EntryKind::Handler) || each()
        };
        let given = self.registrations.iter().flat_map(|found| &found.given);
        let runs = self.registrations.iter().filter(handles).flat_map(|found| &found.runs);
        let given: FxHashSet<(NodeId, u16)> = given.chain(runs).copied().collect();
        if given.is_empty() {
            return;
        }
        let mut calls = Vec::new();
        for call in &self.calls {
            let Callee::Defs(defs) = &call.callee else { continue };
            for body in defs.iter().filter_map(|def| self.bodies.get(def)) {
                for (index, arg) in call.args.iter().enumerate() {
                    if !given.contains(&(*body, index as u16)) {
                        continue;
                    }
                    if let Type::Closure(node) = &*names.types.get(arg.ty) {
                        self.nodes[*node as usize].detached = true;
                    }
                    for origin in self.origins.list(arg.from) {
                        if let OriginKind::Result(call) = self.origins.root(*origin) {
                            calls.push(call);
                        }
                    }
                }
            }
        }
        for call in calls {
            self.calls[call.0 as usize].detached = true;
        }
    }

    /// The field that a value is, or is in.
    pub(super) fn field_behind(&self, from: Froms) -> Option<(DefId, Symbol)> {
        self.origins.list(from).iter().find_map(|origin| {
            let mut at = *origin;
            loop {
                match self.origins.kind(at) {
                    OriginKind::Derived(inner)
                    | OriginKind::Part(inner, _)
                    | OriginKind::Content(inner)
                    | OriginKind::Asked(inner, _) => at = inner,
                    OriginKind::Field { of, name, .. } => return Some((of, name)),
                    _ => return None,
                }
            }
        })
    }

    /// The field in which what a call gives is kept.
    fn field_given(&self, call: CallId, depth: u8) -> Option<(DefId, Symbol)> {
        let Callee::Defs(defs) = &self.call(call).callee else { return None };
        let mut bodies = defs.iter().filter_map(|def| self.bodies.get(def));
        bodies.find_map(|body| {
            let given = self.node(*body).returns;
            let deeper = |origin: &Origin| match self.origins.root(*origin) {
                OriginKind::Result(inner) if depth < MOST_HANDS => {
                    self.field_given(inner, depth + 1)
                }
                _ => None,
            };
            let inner = || self.origins.list(given).iter().find_map(deeper);
            self.field_behind(given).or_else(inner)
        })
    }

    /// A call of what a field holds runs what was put into that field.
    pub(super) fn run_kept(&mut self, names: &Names<'_>) {
        let kept = |call: &Call| match call.callee {
            Callee::Kept(of, name) => Some((of, name)),
            Callee::Found(call) => self.field_given(call, 0),
            _ => None,
        };
        let called: FxHashMap<usize, (DefId, Symbol)> = (self.calls.iter().enumerate())
            .filter_map(|(index, call)| kept(call).map(|field| (index, field)))
            .collect();
        let fields: FxHashSet<(DefId, Symbol)> = called.values().copied().collect();
        if fields.is_empty() {
            return;
        }
        let mut callers: FxHashMap<NodeId, Vec<CallId>> = FxHashMap::default();
        for (index, call) in self.calls.iter().enumerate() {
            let Callee::Defs(defs) = &call.callee else { continue };
            for body in defs.iter().filter_map(|def| self.bodies.get(def)) {
                callers.entry(*body).or_default().push(CallId(index as u32));
            }
        }
        let mut held: FxHashMap<(DefId, Symbol), Vec<Runs>> = FxHashMap::default();
        for store in self.stores.iter().chain(&self.runnable) {
            let field = (store.of, store.field);
            if fields.contains(&field) {
                let val = Val { ty: store.ty, from: store.from };
                self.bodies_behind(names, &callers, val, 0, held.entry(field).or_default());
            }
        }
        for index in 0..self.calls.len() {
            let Some(runs) = called.get(&index).and_then(|field| held.get_mut(field)) else {
                continue;
            };
            runs.sort();
            runs.dedup();
            for (nth, callee) in callees(runs).into_iter().enumerate() {
                match nth {
                    0 => self.calls[index].callee = callee,
                    _ => self.call_again(index, callee),
                }
            }
        }
    }

    /// The functions and closures that a value may be, through parameters that brought it.
    fn bodies_behind(
        &self,
        names: &Names<'_>,
        callers: &FxHashMap<NodeId, Vec<CallId>>,
        val: Val,
        depth: u8,
        found: &mut Vec<Runs>,
    ) {
        if let Some(runs) = callable(names, val.ty) {
            found.push(runs);
            return;
        }
        for origin in self.origins.list(val.from) {
            let OriginKind::Param(node, index) = self.origins.root(*origin) else { continue };
            for call in callers.get(&node).into_iter().flatten().filter(|_| depth < MOST_HANDS) {
                if let Some(arg) = self.call(*call).args.get(index as usize) {
                    self.bodies_behind(names, callers, *arg, depth + 1, found);
                }
            }
        }
    }

    /// A closure that goes along with a call which is spawned runs where that body calls it, not
    /// where it stands. Where others bring other closures, which of them runs for whom cannot be
    /// told.
    pub(super) fn run_handed(&mut self, names: &Names<'_>) {
        let mut given: FxHashMap<(NodeId, u16), Vec<usize>> = FxHashMap::default();
        for (index, call) in self.calls.iter().enumerate() {
            if let Callee::Given(node, param) = call.callee {
                given.entry((node, param)).or_default().push(index);
            }
        }
        if given.is_empty() {
            return;
        }
        let mut handed: BTreeMap<(NodeId, u16), Vec<Runs>> = BTreeMap::new();
        for call in self.calls.iter().filter(|call| call.detached) {
            let Callee::Defs(defs) = &call.callee else { continue };
            for body in defs.iter().filter_map(|def| self.bodies.get(def)) {
                for (index, arg) in call.args.iter().enumerate() {
                    let param = (*body, index as u16);
                    if let Some(runs) =
                        callable(names, arg.ty).filter(|_| given.contains_key(&param))
                    {
                        handed.entry(param).or_default().push(runs);
                    }
                }
            }
        }
        for (param, runs) in handed {
            let [runs] = *runs else { continue };
            if let Runs::Closure(node) = runs {
                self.nodes[node.0 as usize].detached = true;
            }
            for index in &given[&param] {
                callees(&[runs]).into_iter().for_each(|callee| self.call_again(*index, callee));
            }
        }
    }

    /// The same call, of something else.
    fn call_again(&mut self, index: usize, callee: Callee) {
        let of = &self.calls[index];
        let (node, at, way, args) = (of.node, of.at, of.way, of.args.clone());
        let (used, awaited, begins) = (of.used, of.awaited, of.begins);
        self.calls.push(Call {
            node,
            at,
            callee,
            args,
            method: false,
            way,
            detached: false,
            used,
            awaited,
            flags: Box::default(),
            only_reads: false,
            begins,
        });
    }
}

/// What runs such bodies: functions together, each closure by itself.
fn callees(runs: &[Runs]) -> Vec<Callee> {
    let function = |runs: &Runs| match runs {
        Runs::Function(def) => Some(*def),
        Runs::Closure(_) => None,
    };
    let functions: Box<[DefId]> = runs.iter().filter_map(function).collect();
    let closures = runs.iter().filter_map(|runs| match runs {
        Runs::Closure(node) => Some(Callee::Closure(*node)),
        Runs::Function(_) => None,
    });
    let functions = (!functions.is_empty()).then_some(Callee::Defs(functions));
    functions.into_iter().chain(closures).collect()
}

/// The function or closure that a type stands for, through pointers around it.
fn callable(names: &Names<'_>, ty: T) -> Option<Runs> {
    let mut at = ty;
    for _ in 0..6 {
        match &*names.types.get(at) {
            Type::Function(def) => return Some(Runs::Function(*def)),
            Type::Closure(node) => return Some(Runs::Closure(NodeId(*node))),
            Type::External(_, args) => at = *args.first()?,
            _ => return None,
        }
    }
    None
}
