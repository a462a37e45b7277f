//! What runs only for as long as this process holds a lock in a store, or leads?

use std::cell::RefCell;

use rustc_hash::FxHashSet;

use super::Parts;
use crate::catalog::Role;
use crate::flow::{NodeId, NodeKind};
use crate::model::under::Under;
use crate::parse::tree::Range;
use crate::resolve::{DefId, T, Type};

impl<'p> Parts<'p, '_, '_> {
    /// Whether every way to a body that a program runs leads through what was handed a lease.
    pub(super) fn is_leased(&self, body: NodeId) -> bool {
        self.leased.get_or_init(|| self.leases()).holds(body, self.flow.node(body).at)
    }

    fn leases(&self) -> Under<'p> {
        let (start, serving) = self.reach.times();
        let inside: FxHashSet<NodeId> = start.into_iter().chain(serving).collect();
        let part = |node: NodeId| {
            let node = self.flow.node(node);
            let whole = Range { start: 0, end: u32::MAX };
            (node.def, if node.kind == NodeKind::Function { whole } else { node.at })
        };
        let handed = inside.iter().filter(|node| {
            let mut params = self.flow.node(**node).params.iter();
            params.any(|ty| self.is_lease(*ty))
        });
        let captures = self.flow.captures.iter();
        let captured = captures.filter(|capture| self.is_lease(capture.val.ty));
        let bodies = handed.copied().chain(captured.map(|capture| capture.by));
        let parts: Vec<(DefId, Range)> = bodies.map(part).collect();
        let (flow, callers) = (self.flow, &*self.places.callers);
        Under { flow, callers, inside, parts, known: RefCell::default() }
    }

    /// Whether a value is a lease, or a struct of the tree that is not there without one.
    fn is_lease(&self, ty: T) -> bool {
        let ty = self.behind_pointers(ty);
        let Type::Local(def, args) = &*self.names.types.get(ty) else {
            return self.is_known_lease(ty);
        };
        self.names.fields(*def).iter().any(|field| {
            let inner = self.names.field_type(*def, field, args);
            self.is_known_lease(self.behind_pointers(inner))
        })
    }

    fn is_known_lease(&self, ty: T) -> bool {
        let Type::External(path, _) = &*self.names.types.get(ty) else { return false };
        let fact = self.names.catalog.type_fact(&self.names.externals.get(*path).text);
        fact.is_some_and(|fact| fact.lease)
    }

    /// What pointers and locks are around: an `Option` may be empty.
    fn behind_pointers(&self, mut ty: T) -> T {
        while let Type::External(path, args) = &*self.names.types.get(ty).clone() {
            let around = matches!(
                self.names.externals.get(*path).role,
                Some(Role::Pointer | Role::Guard | Role::Lock)
            );
            match args.first().filter(|_| around) {
                Some(inner) => ty = *inner,
                None => break,
            }
        }
        ty
    }
}
