//! Which way through a body does a place stand on?

use super::walk::Walk;
use super::{Flow, Froms};
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

impl Walk<'_, '_> {
    /// Whether the first closure that such a method is handed runs only where something failed, or
    /// is not there.
    pub(super) fn is_for_failures(&self, method: Symbol) -> bool {
        matches!(
            self.text(method),
            "inspect_err" | "map_err" | "map_or_else" | "ok_or_else" | "or_else" | "unwrap_or_else"
        )
    }
}
