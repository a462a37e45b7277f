//! Methods that mean the same on every type: `clone`, `as_ref`, `unwrap_or`.

use super::walk::Walk;
use super::{Callee, Froms, Origin, OriginKind, Used, Val};
use crate::catalog::Universal;
use crate::parse::tree::{ExprId, ExprKind};
use crate::resolve::{T, Type};
use crate::symbol::Symbol;

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

    /// The type of what a future or function gives; of anything else, its own.
    pub(super) fn answer_of(&self, ty: T) -> T {
        match &*self.names.types.get(ty) {
            Type::Closure(node) => self.flow.nodes[*node as usize].answer,
            Type::Function(id) => self.names.return_type(*id),
            _ => ty,
        }
    }

    /// Of what a future or closure gives, that which was made, where that keeps something: what it
    /// only computes is a value like any other.
    pub(super) fn made_inside(&mut self, node: u32) -> Froms {
        let (returns, answer) = {
            let node = &self.flow.nodes[node as usize];
            (node.returns, node.answer)
        };
        let kept = self.seen_through(answer);
        let keeps = matches!(&*self.names.types.get(kept), Type::Local(..));
        if !keeps && !self.is_stateful(kept) {
            return Froms::NONE;
        }
        let made = |origin: &Origin| match self.flow.origins.kind(*origin) {
            OriginKind::Made(..) => true,
            OriginKind::Result(call) => {
                matches!(self.flow.calls[call.0 as usize].callee, Callee::Defs(_))
            }
            _ => false,
        };
        let made = self.flow.origins.list(returns).iter().copied().filter(made).collect();
        self.flow.origins.froms(made)
    }

    /// `let options: Options = url.parse()?;`: the declared type is asked of the method.
    pub(super) fn ask(&mut self, init: ExprId, ty: T) {
        if !matches!(&*self.names.types.get(ty), Type::External(..)) {
            return;
        }
        let mut at = init;
        loop {
            at = match &self.expr(at).kind {
                ExprKind::Try(inner) | ExprKind::Await(inner) => *inner,
                ExprKind::Method { receiver, name, .. } => {
                    let name = self.text(*name);
                    if self.names.catalog.asks(name).is_some() {
                        self.asked = Some((at, ty));
                    }
                    match self.names.catalog.universal(name) {
                        Some(Universal::Same | Universal::Or) => *receiver,
                        _ => return,
                    }
                }
                _ => return,
            };
        }
    }

    /// The same of a call that names the type, or whose answer is declared to be of it: the
    /// function of the type is called.
    pub(super) fn asked_for(
        &mut self,
        id: ExprId,
        name: Symbol,
        generic: T,
        vals: &[Val],
        used: Used,
    ) -> Option<Val> {
        let declared = self.asked.take_if(|(asked, _)| *asked == id).map(|(_, ty)| ty);
        let ty = if generic == T::UNKNOWN { declared? } else { generic };
        let function = self.names.catalog.asks(self.text(name))?;
        let Type::External(of, _) = *self.names.types.get(ty) else { return None };
        let path = format!("{}::{function}", self.names.externals.get(of).text);
        self.names.catalog.call(&path)?;
        let path = self.names.externals.intern(&path);
        Some(self.call_path(id, path, vals.to_vec(), used))
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
