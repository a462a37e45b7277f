//! The variables in force where a body is walked.

use rustc_hash::FxHashMap;

use super::walk::{Scope, Walk};
use super::{Capture, Val};
use crate::symbol::Symbol;

impl Walk<'_, '_> {
    pub(super) fn enter(&mut self) {
        self.scopes.push(Scope {
            node: self.node,
            variables: FxHashMap::default(),
            known: FxHashMap::default(),
        });
    }

    pub(super) fn variable(&mut self, name: Symbol) -> Option<Val> {
        let inside = |scope: &Scope| Some((scope.node, *scope.variables.get(&name)?));
        let (declared, val) = self.scopes.iter().rev().find_map(inside)?;
        if declared != self.node {
            self.flow.captures.insert(Capture { by: self.node, declared, val });
        }
        Some(val)
    }

    pub(super) fn rebind(&mut self, name: Symbol, val: Val) {
        let slot = self.scopes.iter_mut().rev().find_map(|scope| scope.variables.get_mut(&name));
        if let Some(slot) = slot {
            *slot = val;
        }
    }
}
