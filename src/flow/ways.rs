//! Which way through a body does a place stand on?

use super::walk::Walk;
use super::{Flow, Froms};
use crate::parse::tree::{ExprId, ExprKind, Pat, PatKind};
use crate::resolve::DefId;
use crate::symbol::Symbol;

/// A way through a body: an arm of a `match`, a side of an `if`, or the body as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Way(u32);

impl Way {
    /// What stands under no condition.
    pub const WHOLE: Way = Way(0);
}

/// Where a body goes one way or another.
#[derive(Debug, Clone, Copy)]
pub struct Fork {
    pub around: Way,
    /// What decides.
    pub on: Froms,
    /// The variant of the tree with which this way is taken.
    pub variant: Option<DefId>,
}

impl Flow {
    /// A new way inside another.
    pub(crate) fn way(&mut self, fork: Fork) -> Way {
        self.forks.push(fork);
        Way(self.forks.len() as u32)
    }

    /// The ways around a place, the innermost first.
    pub fn forks(&self, way: Way) -> impl Iterator<Item = Fork> + '_ {
        let fork = |way: Way| Some(self.forks[(way.0 as usize).checked_sub(1)?]);
        std::iter::successors(fork(way), move |inner| fork(inner.around))
    }

    /// Whether whatever runs `inner` is in `outer`, too.
    pub fn is_within(&self, inner: Way, outer: Way) -> bool {
        let mut at = inner;
        while at > outer {
            at = self.forks[at.0 as usize - 1].around;
        }
        at == outer
    }
}

impl<'a> Walk<'a, '_> {
    /// A new way inside another, which is taken where the value fits a pattern.
    pub(super) fn fork(&mut self, around: Way, on: Froms, pat: Option<&Pat>) -> Way {
        let variant = pat.and_then(|pat| self.variant_of(pat));
        self.flow.way(Fork { around, on, variant })
    }

    /// The pattern of an `if let`.
    pub(super) fn pattern_of(&self, cond: ExprId) -> Option<&'a Pat> {
        match &self.expr(cond).kind {
            ExprKind::Let { pat, .. } => Some(pat),
            _ => None,
        }
    }

    /// Whether the first closure that such a method is handed runs only where something failed, or
    /// is not there.
    pub(super) fn is_for_failures(&self, method: Symbol) -> bool {
        matches!(
            self.text(method),
            "inspect_err" | "map_err" | "map_or_else" | "ok_or_else" | "or_else" | "unwrap_or_else"
        )
    }

    /// Of the sides of an `if`, whether the first is for what failed, or the other; `None` where it
    /// asks for something else.
    pub(super) fn fails_first(&self, cond: ExprId) -> Option<bool> {
        match &self.expr(cond).kind {
            ExprKind::Unary(inner) => self.fails_first(*inner).map(|first| !first),
            ExprKind::Let { pat, .. } => self.asks_for_failure(pat),
            // `matches!(answer, Err(_))`
            ExprKind::Macro { .. } => self.asks_for_failure(self.facts.matches.get(&cond)?),
            ExprKind::Method { name, args, .. } if args.is_empty() => match self.text(*name) {
                "is_err" | "is_client_error" | "is_server_error" => Some(true),
                "is_ok" | "is_success" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    fn asks_for_failure(&self, pat: &Pat) -> Option<bool> {
        let inner = match &pat.kind {
            PatKind::Ref(inner) => inner,
            _ => pat,
        };
        self.is_failure(inner).then_some(true).or(self.is_success(inner).then_some(false))
    }

    /// `Ok(value)`
    pub(super) fn is_success(&self, pat: &Pat) -> bool {
        let PatKind::TupleStruct { path, .. } = &pat.kind else { return false };
        let last = path.segments.last().map(|name| self.text(*name));
        last == Some("Ok") && self.carrier_wraps(&path.segments, path.absolute) == Some(true)
    }
}
