//! Which bodies ask others by more than plain requests, or wait for what nobody knows?

use super::walk::Walk;
use super::{Froms, Origin, OriginKind, Val};
use crate::catalog::Role;
use crate::parse::tree::ExprId;
use crate::resolve::{External, PathId, T, Type};

impl Walk<'_, '_> {
    /// Notes whoever is asked by more than a plain request, and a call of which nothing is known.
    pub(super) fn note_other(&mut self, id: ExprId, external: &External, args: &[Val]) {
        let catalog = self.names.catalog;
        let plain = |path: PathId| catalog.makes_requests(self.names.externals.get(path).krate());
        let other = |ty: T| match &*self.names.types.get(self.seen_through(ty)) {
            Type::External(path, _) => {
                let role = self.names.externals.get(*path).role;
                role == Some(Role::BackingService) && !plain(*path)
            }
            _ => false,
        };
        let service = external.role == Some(Role::BackingService);
        if service && !catalog.makes_requests(external.krate())
            || args.iter().any(|arg| other(arg.ty))
        {
            self.flow.consulting_others.insert(self.node);
        }
        if self.is_strange(external) {
            self.stranger = Some(id);
        }
    }

    /// Notes a method that nobody knows, of what no known crate gave.
    pub(super) fn note_stranger(&mut self, id: ExprId, on: Froms) {
        let known = |origin: &Origin| match self.flow.origins.root(*origin) {
            OriginKind::External(path) => !self.is_strange(&self.names.externals.get(path)),
            _ => false,
        };
        if !self.flow.origins.list(on).iter().any(known) {
            self.stranger = Some(id);
        }
    }

    fn is_strange(&self, external: &External) -> bool {
        let catalog = self.names.catalog;
        !catalog.tells_of(&external.text) && !catalog.is_runtime(external.krate())
    }

    /// Notes that the answer of a call is waited for, be it a stranger's.
    pub(super) fn note_waiting(&mut self, awaited: ExprId) {
        self.flow.awaiting.insert(self.node);
        if self.stranger == Some(awaited) {
            self.flow.consulting_others.insert(self.node);
        }
    }
}
