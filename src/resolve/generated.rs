//! Which types does the tree have that no item declares? Those that a derive or another macro makes.

use super::{Def, DefId, DefKind, Names, PathId, Res, Space};
use crate::parse::tree::{ItemKind, TyKind};

impl Names<'_> {
    /// A derive may declare types beside its item.
    pub(super) fn define_derived(&mut self) {
        for id in self.ids() {
            if self.def(id).kind != DefKind::Struct {
                continue;
            }
            let catalog = self.catalog;
            let declared = self.derives(id).flat_map(|derive| catalog.declares(derive));
            let declared: Vec<(&str, &str)> = declared.collect();
            let scope = self.scope_of(self.def(id).parent);
            for (name, path) in declared {
                // A name that nobody uses needs no type.
                let Some(name) = self.symbols.find(name) else { continue };
                let path = self.externals.intern(path);
                self.scopes.entry(scope).or_default().derived.insert(name, path);
            }
        }
    }

    /// The type of a crate that a type of the tree can do everything of, by what a derive made.
    pub fn like(&self, of: DefId) -> Option<PathId> {
        if self.def(of).item.is_none() {
            let scope = self.scopes.get(&self.scope_of(self.def(of).parent))?;
            return scope.derived.get(&self.def(of).name).copied();
        }
        let path = self.derives(of).find_map(|derive| self.catalog.like(derive))?;
        Some(self.externals.intern(path))
    }

    /// An `impl Entity { .. }` is only allowed for a type of the same crate: where none of that
    /// name is declared or imported, a macro declares it beside the impl.
    pub(super) fn define_generated(&mut self) {
        for id in self.ids() {
            let def = self.def(id);
            let Some(ItemKind::Impl { of: None, for_, .. }) = def.item.map(|item| &item.kind)
            else {
                continue;
            };
            let TyKind::Path(path) = &self.facts_of(id).ty(*for_).kind else { continue };
            let [name] = *path.segments else { continue };
            let scope = self.scope_of(def.parent);
            if matches!(self.resolve(scope, &[name], path.absolute, Space::Types), Res::Def(_)) {
                continue;
            }
            let made = DefId(self.defs.len() as u32);
            let def = self.def(id);
            let (unit, file, behind) = (def.unit, def.file, def.behind);
            let (kind, item) = (DefKind::Struct, None);
            self.defs.push(Def { kind, name, parent: scope, unit, file, item, behind });
            if let Some(names) = self.scopes.get_mut(&scope) {
                names.types.insert(name, made);
            }
            // A second impl finds it.
            self.looked_up.borrow_mut().clear();
        }
    }
}
