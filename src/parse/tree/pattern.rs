//! What is matched: the patterns of a body.

use super::{Range, TyId, TyPath};
use crate::symbol::Symbol;

#[derive(Debug)]
pub struct Pat {
    pub at: Range,
    pub kind: PatKind,
}

impl Pat {
    /// The variables that it binds.
    pub fn each_name(&self, then: &mut impl FnMut(Symbol)) {
        match &self.kind {
            PatKind::Bind { name, sub, .. } => {
                then(*name);
                sub.iter().for_each(|sub| sub.each_name(then));
            }
            PatKind::TupleStruct { pats, .. }
            | PatKind::Tuple(pats)
            | PatKind::Slice(pats)
            | PatKind::Or(pats) => pats.iter().for_each(|pat| pat.each_name(then)),
            PatKind::Struct { fields, .. } => {
                fields.iter().for_each(|(_, pat)| pat.each_name(then));
            }
            PatKind::Ref(inner) | PatKind::Typed(inner, _) => inner.each_name(then),
            PatKind::Path(_)
            | PatKind::Text(_)
            | PatKind::Bool(_)
            | PatKind::Int(_)
            | PatKind::Wild => {}
        }
    }
}

#[derive(Debug)]
pub enum PatKind {
    /// `x`, `ref mut x`, `x @ sub`. A bare constant or unit variant looks the same. A variable that
    /// is `fixed` is neither `mut` nor `ref`.
    Bind {
        name: Symbol,
        sub: Option<Box<Pat>>,
        fixed: bool,
    },
    /// `Some(x)`, `State(db)`.
    TupleStruct {
        path: TyPath,
        pats: Box<[Pat]>,
    },
    Struct {
        path: TyPath,
        fields: Box<[(Symbol, Pat)]>,
    },
    Path(TyPath),
    Tuple(Box<[Pat]>),
    Slice(Box<[Pat]>),
    Or(Box<[Pat]>),
    Ref(Box<Pat>),
    /// `x: T`, in a closure's parameters.
    Typed(Box<Pat>, TyId),
    Text(Symbol),
    Bool(bool),
    Int(u64),
    /// `_`, `..`, other literals, ranges.
    Wild,
}
