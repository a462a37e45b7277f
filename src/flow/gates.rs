//! Which parts of a body only run where something that is known is true, or is not?

use super::known::MOST_ARMS;
use super::walk::Walk;
use super::{Gate, Known, KnownId};
use crate::parse::tree::{Arm, BinaryOp, ExprId, ExprKind, Range, Statement};

impl Walk<'_, '_> {
    /// Notes that a part runs where what is asked there says so.
    pub(super) fn gate(&mut self, at: Range, asked: ExprId, test: KnownId, wants: bool) {
        // What one macro wrote has one place: a part of it cannot be told from the rest.
        if test != KnownId::UNKNOWN && !at.holds(self.expr(asked).at) {
            self.flow.known.gates.entry(self.node).or_default().push(Gate { at, test, wants });
        }
    }

    /// Notes when the sides of an `if` run.
    pub(super) fn note_sides(&mut self, cond: ExprId, then: ExprId, other: Option<ExprId>) {
        let test = self.known(cond);
        self.gate(self.expr(then).at, cond, test, true);
        if let Some(other) = other {
            self.gate(self.expr(other).at, cond, test, false);
        }
    }

    /// Notes when the arms of a `match` run.
    pub(super) fn note_arms(&mut self, on: ExprId, arms: &[Arm]) {
        for (arm, taken) in self.arms_taken(on, arms) {
            self.gate(self.expr(arm.body).at, on, taken, true);
            if let Some(guard) = arm.guard {
                self.gate(self.expr(guard).at, on, taken, true);
            }
        }
    }

    /// The arms of a `match`, each with when it is taken.
    fn arms_taken<'m>(&mut self, on: ExprId, arms: &'m [Arm]) -> Vec<(&'m Arm, KnownId)> {
        let on = self.known(on);
        if on == KnownId::UNKNOWN || arms.len() > MOST_ARMS {
            return Vec::new();
        }
        let mut taken = Vec::with_capacity(arms.len());
        let mut free: Option<KnownId> = None;
        for arm in arms {
            let shape = self.shape(&arm.pat);
            let is = self.flow.known.add(Known::Is(on, shape));
            let here = free.map_or(is, |free| self.flow.known.add(Known::Both(free, is)));
            taken.push((arm, here));
            if arm.guard.is_none() {
                let passed = self.flow.known.add(Known::Not(is));
                free = Some(
                    free.map_or(passed, |free| self.flow.known.add(Known::Both(free, passed))),
                );
            }
        }
        taken
    }

    /// Notes when what stands to the right of `&&` and `||` runs.
    pub(super) fn note_operands(&mut self, left: ExprId, right: ExprId, op: BinaryOp) {
        if matches!(op, BinaryOp::And | BinaryOp::Or) && !self.is_long(left) {
            let test = self.known(left);
            self.gate(self.expr(right).at, left, test, op == BinaryOp::And);
        }
    }

    /// Notes when the block goes on behind a statement that may turn away.
    pub(super) fn note_turns(&mut self, statement: &Statement) {
        let (of, otherwise) = match statement {
            Statement::Expr(of) => (*of, None),
            Statement::Let { pat, init: Some(init), otherwise, .. } => {
                (*init, otherwise.map(|otherwise| (pat, otherwise)))
            }
            Statement::Let { .. } => return,
        };
        let rest = Range { start: self.expr(of).at.end, end: self.block_end };
        if let Some((pat, otherwise)) = otherwise {
            let asks = self.asks(of, pat);
            let test = self.flow.known.add(asks);
            self.gate(self.expr(otherwise).at, of, test, false);
            self.gate(Range { start: self.expr(otherwise).at.end, ..rest }, of, test, true);
            return;
        }
        match &self.expr(of).kind {
            ExprKind::If { cond, then, other } => {
                let turns = |body: &ExprId| self.turns(*body);
                let (then, other) = (turns(then), other.as_ref().is_some_and(turns));
                if then != other {
                    let test = self.known(*cond);
                    self.gate(rest, of, test, other);
                }
            }
            ExprKind::Match { on, arms } if arms.iter().any(|arm| self.turns(arm.body)) => {
                for (arm, taken) in self.arms_taken(*on, arms) {
                    if arm.guard.is_none() && self.turns(arm.body) {
                        self.gate(rest, of, taken, false);
                    }
                }
            }
            _ => {}
        }
    }
}
