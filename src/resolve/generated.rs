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

    /// An attribute of a trait may write a client of what implements it, beside the trait.
    pub(super) fn define_clients(&mut self) {
        for id in self.ids() {
            let def = self.def(id);
            if def.kind != DefKind::Trait {
                continue;
            }
            let (catalog, scope) = (self.catalog, self.scope_of(def.parent));
            let attrs = def.item.into_iter().flat_map(|item| &item.attrs);
            let client = attrs.into_iter().find_map(|attr| {
                let path = self.resolve_macro(scope, &attr.path)?;
                let fact = catalog.attribute(&self.externals.get(path).text)?;
                let name = fact.client.replace("{}", self.text(def.name));
                (!name.is_empty()).then_some((name, &fact.client_is))
            });
            let Some((name, path)) = client else { continue };
            // A name that nobody uses needs no type.
            let Some(name) = self.symbols.find(&name) else { continue };
            let path = self.externals.intern(path);
            self.scopes.entry(scope).or_default().derived.insert(name, path);
        }
        self.looked_up.borrow_mut().clear();
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
