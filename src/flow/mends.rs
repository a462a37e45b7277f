//! Where does a body come to when something is not the same as something else?

use super::NodeId;
use super::walk::Walk;
use crate::parse::tree::{BinaryOp, ExprId, ExprKind, Range, Statement};

/// What runs where the sides of a comparison differ.
#[derive(Debug, Clone, Copy)]
pub struct Mend {
    pub node: NodeId,
    /// Where the comparison begins.
    pub at: u32,
    pub over: Range,
}

/// Blocks in blocks are looked into this far.
const FARTHEST: u8 = 6;

impl Walk<'_, '_> {
    /// Notes what runs where what a statement compares differs: the rest of the block, or what stands
    /// beneath `!=`.
    pub(super) fn note_mends(&mut self, statement: &Statement) {
        if let Statement::Expr(expr) = statement {
            let rest = Range { start: self.expr(*expr).at.end, end: self.block_end };
            self.mends(*expr, rest, 0);
        }
    }

    fn mends(&mut self, expr: ExprId, rest: Range, depth: u8) {
        if depth > FARTHEST {
            return;
        }
        let inner = match &self.expr(expr).kind {
            ExprKind::If { cond, then, other: None } => {
                self.differs(*cond, self.expr(*then).at, rest, depth);
                *then
            }
            ExprKind::Block(_) => expr,
            _ => return,
        };
        // What stands last in a block goes on behind it.
        if let ExprKind::Block(block) = &self.expr(inner).kind {
            let last = match (block.value, block.statements.last()) {
                (Some(value), _) => Some(value),
                (None, Some(Statement::Expr(last))) => Some(*last),
                _ => None,
            };
            if let Some(last) = last {
                self.mends(last, rest, depth + 1);
            }
        }
    }

    fn differs(&mut self, cond: ExprId, then: Range, rest: Range, depth: u8) {
        let ExprKind::Binary { left, right, op } = self.expr(cond).kind else { return };
        let over = match op {
            BinaryOp::And if depth < FARTHEST => {
                self.differs(left, then, rest, depth + 1);
                self.differs(right, then, rest, depth + 1);
                return;
            }
            BinaryOp::Equal => rest,
            BinaryOp::Unequal => then,
            _ => return,
        };
        let at = self.expr(left).at.start;
        self.flow.mends.push(Mend { node: self.node, at, over });
    }
}
