//! Which items of the tree does the user's configuration describe?
//!
//! Such a type, trait or function is seen as one from outside the tree: the catalogue then holds
//! what the user says of it. A function is followed into all the same, unless it is opaque.

use super::{DefId, DefKind, Names, PathId, Res, Space, Type};
use crate::symbol::Symbol;

impl<'a> Names<'a> {
    /// The path under which the configuration describes an item, where it does.
    pub fn taught_path(&self, id: DefId) -> Option<PathId> {
        self.taught.get(&id).copied()
    }

    /// Whether a function is, or belongs to a type, in which nothing is judged.
    pub fn is_opaque(&self, id: DefId) -> bool {
        if self.taught.is_empty() {
            return false;
        }
        let opaque = |path: PathId| self.catalog.is_opaque(&self.externals.get(path).text);
        if self.taught_path(id).is_some_and(opaque) {
            return true;
        }
        let block = self.owner(id).and_then(|owner| self.impls.of(owner));
        block.is_some_and(|block| match &*self.types.get(block.self_type) {
            Type::External(path, _) => self.taught.values().any(|t| t == path) && opaque(*path),
            _ => false,
        })
    }

    /// What a path from the top means: its first part is a package or a target of the tree.
    pub fn find(&self, path: &str) -> Vec<Res> {
        let mut parts = path.split("::");
        let first = parts.next().unwrap_or_default();
        let rest: Option<Vec<Symbol>> = parts.map(|part| self.symbols.find(part)).collect();
        let Some(rest) = rest.filter(|rest| !rest.is_empty()) else { return Vec::new() };
        let mut found = Vec::new();
        for index in 0..self.units.len() {
            if !self.is_called(index, first) {
                continue;
            }
            for space in [Space::Types, Space::Values] {
                match self.walk(Res::Def(self.roots[index]), &rest, space) {
                    Res::Unknown => {}
                    res if !found.contains(&res) => found.push(res),
                    _ => {}
                }
            }
        }
        found
    }

    /// Whether a unit is what the first part of a path names.
    pub fn is_called(&self, unit: usize, first: &str) -> bool {
        let unit = &self.units[unit];
        unit.name == first || self.project.packages[unit.package].name.replace('-', "_") == first
    }

    pub(super) fn find_taught_items(&mut self) {
        for path in self.catalog.taught() {
            for res in self.find(path) {
                let Res::Def(id) = res else { continue };
                let kind = self.def(id).kind;
                if !matches!(kind, DefKind::Module | DefKind::Block | DefKind::Impl) {
                    let path = self.externals.intern(path);
                    self.taught.insert(id, path);
                }
            }
        }
    }

    pub(super) fn find_taught_methods(&mut self) {
        for path in self.catalog.taught() {
            for res in self.find(path) {
                let Res::Associated(of, name) = res else { continue };
                for id in self.methods_of(of, name) {
                    let path = self.externals.intern(path);
                    self.taught.insert(id, path);
                }
            }
        }
    }

    /// The functions that `Type::name` means, be the type itself taught or not.
    pub fn methods_of(&self, of: DefId, name: Symbol) -> Vec<DefId> {
        let seen = self.type_of_def(of);
        let named = self.impls.named(name).iter().copied();
        named
            .filter(|id| {
                let block = self.def(*id).parent;
                block == of || self.impls.of(block).is_some_and(|block| block.self_type == seen)
            })
            .collect()
    }
}
