//! What does a function do where a look found something? It goes on with what is there, or it only
//! minds that something is.

use super::text::Text;
use crate::parse::tree::{ExprId, ExprKind, Pat, PatKind, Range};
use crate::symbol::Symbol;

impl Text<'_, '_> {
    /// Whether a look, named here, only has to do with what is there: where something was found, that
    /// is gone on with, and nothing fails for it.
    pub(super) fn goes_on(&self, look: u32) -> bool {
        let about = |id: ExprId| self.expr(id).at.holds(Range { start: look, end: look });
        !self.exprs.iter().any(|id| match &self.expr(*id).kind {
            ExprKind::If { cond, then, other } if about(*cond) => {
                match &self.expr(*cond).kind {
                    ExprKind::Let { pat, .. } => !self.is_minded(pat, *then),
                    // Two things are asked at once, or whether something is there.
                    _ => self.has_failure(*then) || other.is_some_and(|one| self.has_failure(one)),
                }
            }
            ExprKind::Match { on, arms } if about(*on) => arms
                .iter()
                .filter(|arm| takes_apart(&arm.pat))
                .any(|arm| !self.is_minded(&arm.pat, arm.body)),
            ExprKind::Method { receiver, name, .. } => {
                about(*receiver) && self.starts_with_look(*receiver, look) && self.only_says(*name)
            }
            _ => false,
        })
    }

    /// Whether what is missed is put in here, where a look says that it is not there.
    pub(super) fn makes_up_for(&self, look: u32, fill: u32) -> bool {
        self.exprs.iter().any(|id| match &self.expr(*id).kind {
            ExprKind::If { cond, then, other: None } => {
                let holds = |id: ExprId, at| self.expr(id).at.holds(Range { start: at, end: at });
                holds(*cond, look) && holds(*then, fill) && !self.has_failure(*then)
            }
            _ => false,
        })
    }

    /// Whether what was found is what is gone on with, and is no reason to fail.
    fn is_minded(&self, pat: &Pat, then: ExprId) -> bool {
        let mut names = Vec::new();
        pat.each_name(&mut |name| names.push(name));
        let within = |range: Range, id: &ExprId| range.holds(self.expr(*id).at);
        let has = |value: ExprId| {
            let range = self.expr(value).at;
            let mut inside = self.exprs.iter().filter(|id| within(range, id));
            inside.any(|id| matches!(&self.expr(*id).kind, ExprKind::Name(n) if names.contains(n)))
        };
        let range = self.expr(then).at;
        let inside = self.exprs.iter().filter(|id| within(range, id));
        let mut given: Vec<Option<ExprId>> = inside
            .filter_map(|id| match self.expr(*id).kind {
                ExprKind::Return(value) => Some(value),
                _ => None,
            })
            .collect();
        match &self.expr(then).kind {
            ExprKind::Block(block) => given.extend(block.value.map(Some)),
            _ => given.push(Some(then)),
        }
        let all = given.iter().all(|value| value.is_some_and(has));
        !given.is_empty() && all && !self.has_failure(then)
    }

    fn has_failure(&self, there: ExprId) -> bool {
        let range = self.expr(there).at;
        self.exprs.iter().any(|id| {
            let expr = self.expr(*id);
            let name = match &expr.kind {
                ExprKind::Name(name) => Some(name),
                ExprKind::Macro { path, .. } => path.last(),
                _ => None,
            };
            let fails = |name: &Symbol| matches!(self.names.text(*name), "Err" | "bail" | "panic");
            range.holds(expr.at) && name.is_some_and(fails)
        })
    }

    /// Whether a call is the look, named here.
    fn starts_with_look(&self, chain: ExprId, look: u32) -> bool {
        matches!(&self.expr(chain).kind, ExprKind::Method { name_at, .. } if *name_at == look)
    }

    /// Whether a method only says whether something is there.
    fn only_says(&self, name: Symbol) -> bool {
        self.names.text(name).starts_with("is_")
    }
}

/// Whether a pattern asks for something in what is taken apart: `Some(found)`.
fn takes_apart(pat: &Pat) -> bool {
    matches!(pat.kind, PatKind::TupleStruct { .. } | PatKind::Struct { .. })
}
