//! Which types does the tree have that no item declares? Those that a derive or another macro makes.

use super::{Def, DefId, DefKind, Names, Res, Space};
use crate::parse::tree::{ItemKind, TyKind};

impl Names<'_> {
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
