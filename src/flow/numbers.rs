//! What becomes of the numbers that shared counters give, also through functions that only give them.

use rustc_hash::FxHashMap;

use super::walk::Walk;
use super::{Callee, Flow, Froms, NodeId, Origin, OriginKind, TouchKind, Used, Val};
use crate::catalog::{CallFact, Role};
use crate::resolve::{Names, PathId, T, Type};
use crate::symbol::Symbol;

impl Walk<'_, '_> {
    /// A number from a shared counter that is more than compared names something, be it that a
    /// function of the tree gave it.
    pub(super) fn note_use(&mut self, val: Val, used: Used) {
        if !matches!(used, Used::Yes | Used::Given) {
            return;
        }
        for origin in self.flow.origins.list(val.from) {
            match self.flow.origins.root(*origin) {
                OriginKind::Counted(touch) => {
                    let known = &mut self.flow.touches[touch as usize].used;
                    if *known != Used::Yes {
                        *known = used;
                    }
                }
                OriginKind::Result(call) => {
                    let known = &mut self.flow.calls[call.0 as usize].used;
                    if *known == Used::Measured {
                        *known = Used::Yes;
                    }
                }
                _ => {}
            }
        }
    }

    /// A value without the numbers that shared counters gave for it.
    pub(super) fn without_counted(&mut self, from: Froms) -> Froms {
        let origins = self.flow.origins.list(from).iter().copied();
        let counted = |origin| matches!(self.flow.origins.root(origin), OriginKind::Counted(_));
        let rest = origins.filter(|origin| !counted(*origin)).collect();
        self.flow.origins.froms(rest)
    }

    /// Whether a text is one word that has a random part, or says which process made it and more than
    /// that, such as when: a number in it need not be the only one of its kind. The number of a
    /// process alone is the same in every container.
    pub(super) fn is_told_apart(&self, text: Symbol, vals: &[Val]) -> bool {
        let fact = |origin: &Origin| {
            let path = match self.flow.origins.root(*origin) {
                OriginKind::External(path) => path,
                OriginKind::Noted(call) => match self.flow.call(call).callee {
                    Callee::External(path) => path,
                    _ => return None,
                },
                _ => return None,
            };
            self.names.catalog.call(&self.names.externals.get(path).text)
        };
        let parts = vals.iter().flat_map(|val| self.flow.origins.list(val.from)).filter_map(fact);
        let parts: Vec<&CallFact> = parts.collect();
        let has = |says: fn(&CallFact) -> bool| parts.iter().any(|fact| says(fact));
        !self.text(text).contains(char::is_whitespace)
            && (has(|fact| fact.random) || has(|fact| fact.process) && vals.len() > 2)
    }

    /// Whether a call makes an atomic of what it is handed: a number that is put into one is kept
    /// in this process to be compared later.
    pub(super) fn stamps(&self, path: PathId) -> bool {
        let external = self.names.externals.get(path);
        let fact = external.around().and_then(|around| self.names.catalog.type_fact(around));
        fact.is_some_and(|fact| fact.is == Role::Atomic)
    }
}

impl Flow {
    /// What a function gives of a counter names something where one of its callers names something
    /// with it, or where nobody is known to call it. A flag that it gives decides where one of them
    /// goes by it.
    pub(super) fn settle_numbers(&mut self, names: &Names<'_>) {
        let given = self.touches.iter().filter(|touch| touch.used == Used::Given);
        // What callers make of the answer of each function.
        let mut made: FxHashMap<NodeId, Vec<Used>> =
            given.map(|touch| (self.function_around(touch.node), Vec::new())).collect();
        for call in &self.calls {
            let Callee::Defs(defs) = &call.callee else { continue };
            for body in defs.iter().filter_map(|def| self.bodies.get(def)) {
                if let Some(made) = made.get_mut(body) {
                    made.push(call.used);
                }
            }
        }
        for index in 0..self.touches.len() {
            let touch = &self.touches[index];
            if touch.used != Used::Given {
                continue;
            }
            let function = self.function_around(touch.node);
            let made = made.get(&function).map_or(&[][..], Vec::as_slice);
            let only = match touch.kind {
                TouchKind::Count => {
                    let names_none = |used: &Used| matches!(used, Used::No | Used::Measured);
                    !made.is_empty() && made.iter().all(names_none)
                }
                TouchKind::Read => {
                    let ty = names.return_type(self.node(function).def);
                    made.contains(&Used::Measured) && is_flag(names, ty)
                }
                _ => false,
            };
            self.touches[index].used = if only { Used::Measured } else { Used::Yes };
        }
    }
}

fn is_flag(names: &Names<'_>, ty: T) -> bool {
    match &*names.types.get(ty) {
        Type::External(path, _) => &*names.externals.get(*path).text == "bool",
        _ => false,
    }
}
