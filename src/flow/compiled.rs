//! Which texts are compiled, and which are keys? Both as a whole, by the names of their variables.

use rustc_hash::FxHashMap;

use super::walk::Walk;
use super::{CallId, Froms, NodeId, Touch, Val};
use crate::catalog::Universal;
use crate::parse::tree::{ExprId, ExprKind, Range};
use crate::resolve::Type;
use crate::symbol::Symbol;

/// Variables that stand as a whole where something is made of them, or looked up.
#[derive(Debug, Default)]
pub struct Wholes {
    of_calls: FxHashMap<CallId, Symbol>,
    of_keys: FxHashMap<(NodeId, u32), Put>,
}

/// What is put somewhere under a key.
#[derive(Debug, Clone, Copy)]
pub struct Put {
    /// The variable that is the key.
    pub key: Symbol,
    /// What is put there, be it what a closure gives.
    pub from: Froms,
}

impl Wholes {
    /// What a call was handed of which something is compiled.
    pub fn compiled_by(&self, call: CallId) -> Option<Symbol> {
        self.of_calls.get(&call).copied()
    }

    /// What a touch puts somewhere, and under which key.
    pub fn put_by(&self, touch: &Touch) -> Option<Put> {
        self.of_keys.get(&(touch.node, touch.at.start)).copied()
    }
}

impl Walk<'_, '_> {
    /// Notes of which variable a call compiles something.
    pub(super) fn note_compiled(&mut self, id: ExprId, call: CallId) {
        if let ExprKind::Call { args, .. } = &self.expr(id).kind
            && let [text] = **args
            && let Some(name) = self.whole(text)
        {
            self.flow.wholes.of_calls.insert(call, name);
        }
    }

    /// Notes which variable is the key of what a method puts in: `map.insert(key, value)`,
    /// `map.entry(key).or_insert(value)`.
    pub(super) fn note_key(&mut self, id: ExprId, at: Range, put: Val) {
        let ExprKind::Method { receiver, args, .. } = &self.expr(id).kind else { return };
        let key = match (&**args, &self.expr(*receiver).kind) {
            ([key, _], _) => *key,
            ([_], ExprKind::Method { args, .. }) if args.len() == 1 => args[0],
            _ => return,
        };
        let from = match &*self.names.types.get(put.ty) {
            Type::Closure(node) => self.flow.nodes[*node as usize].returns,
            _ => put.from,
        };
        if let Some(key) = self.whole(key) {
            self.flow.wholes.of_keys.insert((self.node, at.start), Put { key, from });
        }
    }

    /// The variable that an expression is as a whole, be it lent or a copy.
    fn whole(&self, expr: ExprId) -> Option<Symbol> {
        let mut at = expr;
        loop {
            at = match &self.expr(at).kind {
                ExprKind::Name(name) => return Some(*name),
                ExprKind::Ref { expr, mutable: false } | ExprKind::Deref(expr) => *expr,
                ExprKind::Method { receiver, name, args, .. } if args.is_empty() => {
                    let name = self.text(*name);
                    let given = self.names.catalog.universal(name);
                    let whole = matches!(given, Some(Universal::Same | Universal::Copy));
                    if !whole && name != "as_str" {
                        return None;
                    }
                    *receiver
                }
                _ => return None,
            };
        }
    }
}
