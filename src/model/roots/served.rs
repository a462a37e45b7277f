//! Which parameters of handlers are known beforehand: what is served, and what was handed over to all
//! of them?

use crate::catalog::{DiskEffect, Role};
use crate::flow::{Call, Callee, Froms, NodeId};
use crate::model::places::Places;
use crate::resolve::{T, Type};

impl Places<'_, '_> {
    /// What a parameter is, where that does not depend on the request.
    pub(in crate::model) fn known_param(&self, node: NodeId, index: u16) -> Option<Vec<Froms>> {
        match self.is_served(node, index) {
            true => Some(self.served().to_vec()),
            false => self.shared_for(node, index).map(|shared| vec![shared]),
        }
    }

    /// Whether a parameter stands for something beneath what is served.
    pub(in crate::model) fn is_served(&self, node: NodeId, index: u16) -> bool {
        let ty = self.flow.node(node).params.get(index as usize);
        let fact = ty.and_then(|ty| self.names.type_fact(self.peeled(*ty)));
        fact.is_some_and(|fact| fact.served)
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
    fn shared_for(&self, node: NodeId, index: u16) -> Option<Froms> {
        let ty = *self.flow.node(node).params.get(index as usize)?;
        let extracts = || self.names.type_fact(ty).is_some_and(|fact| fact.extracts);
        let takes = self.role(ty) == Some(Role::Pointer) || extracts();
        let peeled = self.peeled(ty);
        if !takes || !self.entry_nodes.contains(&node) || !self.is_path_or_text(peeled) {
            return None;
        }
        let same = self.flow.shared.iter().filter(|one| self.peeled(one.val.ty) == peeled);
        let mut known = same.map(|one| one.val.from);
        let first = known.next()?;
        // Of several, each router may have its own.
        known.all(|other| other == first).then_some(first)
    }

    fn is_path_or_text(&self, ty: T) -> bool {
        match &*self.names.types.get(ty) {
            Type::External(path, _) => {
                let external = self.names.externals.get(*path);
                external.role == Some(Role::Path) || &*external.text == "std::string::String"
            }
            _ => false,
        }
    }
}
