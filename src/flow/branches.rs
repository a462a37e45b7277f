//! Which parts of a body exclude each other? Arms of a `match`, both ways of an `if`, and what
//! leaves the function before its end.

use super::walk::Walk;
use super::{Froms, NodeId, Used, Val};
use crate::parse::tree::{ExprId, ExprKind, Range, Statement};

/// A part of a body that runs only under a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Branch {
    pub node: NodeId,
    pub at: Range,
    /// Where the `match` or `if` begins: its branches exclude each other.
    pub group: u32,
    /// Whether the function is left at its end.
    pub leaves: bool,
    /// What decides.
    pub on: Froms,
}

impl Branch {
    pub fn holds(&self, at: Range) -> bool {
        self.at.start <= at.start && at.end <= self.at.end
    }
}

impl Walk<'_, '_> {
    /// Notes a branch of the `match` or `if` that is `of`.
    pub(super) fn branch(&mut self, of: ExprId, body: ExprId, on: Froms) {
        let at = self.expr(body).at;
        let (node, group, leaves) = (self.node, self.expr(of).at.start, self.leaves(body));
        self.flow.branches.push(Branch { node, at, group, leaves, on });
    }

    /// Evaluates what decides between branches, and gives what it is, or is compared to.
    pub(super) fn decider(&mut self, cond: ExprId) -> (Val, Froms) {
        let before = self.flow.compares.len();
        let val = self.eval_used(cond, Used::Measured);
        let mut on = val.from;
        for index in before..self.flow.compares.len() {
            for side in self.flow.compares[index].sides {
                on = self.flow.origins.union(on, side.from);
            }
        }
        (val, on)
    }

    fn leaves(&self, body: ExprId) -> bool {
        match &self.expr(body).kind {
            ExprKind::Return(_) => true,
            ExprKind::Block(block) => {
                let last = block.statements.last().and_then(|statement| match statement {
                    Statement::Expr(last) => Some(*last),
                    Statement::Let { .. } => None,
                });
                block.value.or(last).is_some_and(|last| self.leaves(last))
            }
            _ => false,
        }
    }
}
