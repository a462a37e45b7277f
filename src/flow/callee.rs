//! What does a call run, and what becomes of its answer?

use super::{CallId, NodeId};
use crate::resolve::{DefId, PathId};
use crate::symbol::Symbol;

/// What a call runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Callee {
    /// Functions of the tree: one, or every impl that the call may mean.
    Defs(Box<[DefId]>),
    Closure(NodeId),
    /// Whatever a parameter of a body was given.
    Given(NodeId, u16),
    /// Whatever was put into a field.
    Kept(DefId, Symbol),
    /// Whatever a call of functions of the tree gave.
    Found(CallId),
    External(PathId),
    Unknown(Symbol),
    /// It stands where nothing runs.
    Never,
}

/// What becomes of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Used {
    No,
    /// Only compared, or taken modulo something: a limit, a round robin.
    Measured,
    /// It is the answer of the function, too: its callers tell. None is left when all is walked.
    Given,
    Yes,
}
