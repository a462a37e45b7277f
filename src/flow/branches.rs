//! Which parts of a body exclude each other? Arms of a `match`, both ways of an `if`, and what
//! leaves the function before its end.

use super::NodeId;
use super::walk::Walk;
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
}

impl Branch {
    pub fn holds(&self, at: Range) -> bool {
        self.at.start <= at.start && at.end <= self.at.end
    }
}

impl Walk<'_, '_> {
    /// Notes a branch of the `match` or `if` that is `of`.
    pub(super) fn branch(&mut self, of: ExprId, body: ExprId) {
        let at = self.expr(body).at;
        let (node, group, leaves) = (self.node, self.expr(of).at.start, self.leaves(body));
        self.flow.branches.push(Branch { node, at, group, leaves });
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
