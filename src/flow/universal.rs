//! Methods that mean the same on every type: `clone`, `as_ref`, `unwrap_or`.

use super::Val;
use super::walk::Walk;
use crate::catalog::Universal;
use crate::resolve::{T, Type};

impl Walk<'_, '_> {
    /// `value.unwrap_or(other)`, `value.unwrap_or_else(|| other)`: one or the other.
    pub(super) fn or_else(&mut self, val: Val, others: &[Val]) -> Val {
        let mut from = val.from;
        for other in others {
            let other = match &*self.names.types.get(other.ty) {
                Type::Closure(node) => self.flow.nodes[*node as usize].returns,
                _ => other.from,
            };
            let other = self.flow.origins.derived(other);
            from = self.flow.origins.union(from, other);
        }
        Val { ty: val.ty, from }
    }

    pub(super) fn universal(&mut self, universal: Universal, on: Val, generic: T) -> Val {
        let ty = if generic == T::UNKNOWN { on.ty } else { generic };
        match universal {
            Universal::Same | Universal::Or => on,
            // A clone of a pointer, or of the end of a channel, is the same place.
            Universal::Copy if self.is_handle(on.ty) => on,
            Universal::Copy => Val { ty, from: self.flow.origins.derived(on.from) },
            Universal::Become => Val::UNKNOWN,
        }
    }
}
