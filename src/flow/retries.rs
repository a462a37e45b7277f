//! Which loops only try one thing again, until it went well?

use super::walk::Walk;
use super::{Callee, Froms, Origin, OriginKind};
use crate::parse::tree::{Arm, ExprId, ExprKind, Pat, PatKind, Statement};

impl Walk<'_, '_> {
    /// Notes that a loop ends once what a function of the tree was asked for went well.
    pub(super) fn settle_loop(&mut self, asked: ExprId, pat: &Pat, body: ExprId, from: Froms) {
        let by_own = |origin: &Origin| match self.flow.origins.kind(*origin) {
            OriginKind::Result(call) => matches!(self.flow.call(call).callee, Callee::Defs(_)),
            _ => false,
        };
        let own = || from != Froms::NONE && self.flow.origins.list(from).iter().all(by_own);
        if self.went_well(pat)
            && self.breaks(body)
            && self.awaits(asked)
            && own()
            && let Some(index) = self.inside.last()
        {
            self.flow.loops[*index].tries = true;
        }
    }

    /// Whether nothing else is done in the body of a loop: it waits, and says how it went.
    pub(super) fn only_tries(&self, body: ExprId) -> bool {
        let ExprKind::Block(block) = &self.expr(body).kind else { return false };
        let mut asked = 0;
        let statements = block.statements.iter().map(|statement| match statement {
            Statement::Expr(expr) => Some(*expr),
            Statement::Let { .. } => None,
        });
        for statement in statements.chain(block.value.map(Some)) {
            match statement {
                Some(expr) if self.is_pause(expr, true) => {}
                Some(expr) if self.asks_once(expr) => asked += 1,
                _ => return false,
            }
        }
        asked == 1
    }

    /// `match work().await { Ok(Done) => break, Ok(Waiting) => {} Err(e) => warn!("{e}") }`: what
    /// goes on after it did anything that was worth a word is no second try.
    fn asks_once(&self, expr: ExprId) -> bool {
        match &self.expr(expr).kind {
            ExprKind::Match { arms, .. } => {
                let goes_on = |arm: &Arm| match &arm.pat.kind {
                    _ if self.went_well(&arm.pat) && self.breaks(arm.body) => true,
                    PatKind::TupleStruct { .. } if self.is_failure(&arm.pat) => {
                        self.is_pause(arm.body, true)
                    }
                    _ => self.is_pause(arm.body, false),
                };
                arms.iter().all(|arm| arm.guard.is_none() && goes_on(arm))
            }
            ExprKind::If { cond, then, other: None } => match &self.expr(*cond).kind {
                ExprKind::Let { pat, .. } => self.went_well(pat) && self.breaks(*then),
                _ => false,
            },
            _ => false,
        }
    }

    fn went_well(&self, pat: &Pat) -> bool {
        let PatKind::TupleStruct { path, .. } = &pat.kind else { return false };
        self.carrier_wraps(&path.segments, path.absolute) == Some(true) && !self.is_failure(pat)
    }

    fn breaks(&self, body: ExprId) -> bool {
        matches!(self.expr(self.last(body)).kind, ExprKind::Break { leaves: 1, .. })
    }

    /// Whether a part of a loop only waits for a time, or says something where that may be.
    fn is_pause(&self, expr: ExprId, says: bool) -> bool {
        match &self.expr(expr).kind {
            ExprKind::Macro { .. } => says,
            ExprKind::Await(_) => {
                let at = self.expr(expr).at;
                self.flow
                    .waits
                    .iter()
                    .rev()
                    .any(|(node, wait)| *node == self.node && at.holds(*wait))
            }
            ExprKind::Block(block) => {
                let pauses = |statement: &Statement| match statement {
                    Statement::Expr(expr) => self.is_pause(*expr, says),
                    Statement::Let { .. } => false,
                };
                block.statements.iter().all(pauses)
                    && block.value.is_none_or(|value| self.is_pause(value, says))
            }
            ExprKind::Tuple(parts) => parts.is_empty(),
            ExprKind::Continue { leaves: 0 } => true,
            _ => false,
        }
    }
}
