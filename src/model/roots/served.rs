//! Which parameters of handlers are known beforehand: what is served, and what was handed over to all
//! of them?

use rustc_hash::FxHashSet;

use crate::catalog::{DiskEffect, Role};
use crate::flow::{Call, Callee, Froms, NodeId};
use crate::model::places::Places;
use crate::resolve::{T, Type};

impl Places<'_, '_> {
    /// What a parameter is, where that does not depend on the request.
    pub(in crate::model) fn known_param(&self, node: NodeId, index: u16) -> Option<Vec<Froms>> {
        match self.is_served(node, index) {
            true => Some(self.served().to_vec()),
            false => Some(self.shared_for(node, index)).filter(|shared| !shared.is_empty()),
        }
    }

    /// Whether a parameter stands for something beneath what is served.
    pub(in crate::model) fn is_served(&self, node: NodeId, index: u16) -> bool {
        let Some(ty) = self.flow.node(node).params.get(index as usize) else { return false };
        match &*self.names.types.get(self.peeled(*ty)) {
            Type::External(path, _) => {
                let fact = self.names.catalog.type_fact(&self.names.externals.get(*path).text);
                fact.is_some_and(|fact| fact.served)
            }
            _ => false,
        }
    }

    /// The folders that the service serves.
    fn served(&self) -> &[Froms] {
        self.roots.served.get_or_init(|| {
            let folder = |call: &Call| {
                let Callee::External(path) = call.callee else { return None };
                let fact = self.names.catalog.call(&self.names.externals.get(path).text)?;
                let at = fact.at.unwrap_or(0) + usize::from(call.method);
                let serves = fact.disk == Some(DiskEffect::Serve);
                call.args.get(at).filter(|_| serves).map(|arg| arg.from)
            };
            self.flow.calls.iter().filter_map(folder).collect()
        })
    }

    /// The path or text that was handed over to all handlers, where one of them takes it as it is:
    /// `State<PathBuf>`.
    fn shared_for(&self, node: NodeId, index: u16) -> Vec<Froms> {
        let Some(ty) = self.flow.node(node).params.get(index as usize).copied() else {
            return Vec::new();
        };
        let takes = match &*self.names.types.get(ty) {
            Type::External(path, _) if self.entry_nodes.contains(&node) => {
                let external = self.names.externals.get(*path);
                let fact = self.names.catalog.type_fact(&external.text);
                external.role == Some(Role::Pointer) || fact.is_some_and(|fact| fact.extracts)
            }
            _ => false,
        };
        let peeled = self.peeled(ty);
        let is_path = match &*self.names.types.get(peeled) {
            Type::External(path, _) => {
                let external = self.names.externals.get(*path);
                external.role == Some(Role::Path) || &*external.text == "std::string::String"
            }
            _ => false,
        };
        if !takes || !is_path {
            return Vec::new();
        }
        let is_it = |of: T| self.peeled(of) == peeled;
        let same = self.flow.shared.iter().filter(|one| is_it(one.val.ty));
        let known: FxHashSet<Froms> = same.map(|one| one.val.from).collect();
        // Of several, each router may have its own.
        if known.len() > 1 { Vec::new() } else { known.into_iter().collect() }
    }
}
