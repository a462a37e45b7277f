//! Expressions, down to the kinds that later stages ask about.

use syn::{Expr as Syn, Lit, Member};

use super::conditions::{self, Condition};
use super::lower::Lower;
use super::tree::{Arm, BinaryOp, ExprId, ExprKind, Pat, Range};
use crate::symbol::Symbol;

/// An array of more literals than this is a table.
const MOST_WORDS: usize = 16;

/// What is run where no condition holds.
enum Last<'e> {
    Expr(&'e Syn),
    Block(&'e syn::Block),
}

impl Lower<'_> {
    pub(super) fn exprs<'e>(&mut self, list: impl Iterator<Item = &'e Syn>) -> Box<[ExprId]> {
        let mut lowered = Vec::with_capacity(list.size_hint().0);
        for expr in list {
            if !self.is_off(attrs_of(expr)) {
                lowered.push(self.expr(expr));
            }
        }
        lowered.into()
    }

    pub(super) fn boxed_pat(&mut self, pat: &syn::Pat) -> Box<Pat> {
        Box::new(self.pat(pat))
    }

    pub(super) fn from(&mut self, start: u32, end: proc_macro2::Span, kind: ExprKind) -> ExprId {
        let end = self.end(end);
        self.push(Range { start, end }, kind)
    }

    fn around(&mut self, first: ExprId, last: ExprId, kind: ExprKind) -> ExprId {
        let start = self.at(first).start;
        let at = Range { start, end: self.at(last).end.max(start) };
        self.push(at, kind)
    }

    pub(super) fn expr(&mut self, expr: &Syn) -> ExprId {
        match expr {
            Syn::Path(path) => self.path_expr(path),
            Syn::MethodCall(_)
            | Syn::Call(_)
            | Syn::Field(_)
            | Syn::Try(_)
            | Syn::Await(_)
            | Syn::Cast(_)
            | Syn::Index(_) => self.postfix(expr),
            Syn::Lit(literal) => self.literal(&literal.lit),
            Syn::Reference(inner) => {
                let start = self.start(inner.and_token.span);
                let mutable = inner.mutability.is_some();
                let expr = self.expr(&inner.expr);
                let end = self.at(expr).end;
                self.push(Range { start, end }, ExprKind::Ref { expr, mutable })
            }
            Syn::Unary(unary) => {
                let expr = self.expr(&unary.expr);
                let end = self.at(expr).end;
                let (start, kind) = match &unary.op {
                    syn::UnOp::Deref(star) => (star.span, ExprKind::Deref(expr)),
                    syn::UnOp::Not(not) => (not.span, ExprKind::Unary(expr)),
                    syn::UnOp::Neg(minus) => (minus.span, ExprKind::Unary(expr)),
                    _ => return expr,
                };
                let start = self.start(start);
                self.push(Range { start, end }, kind)
            }
            Syn::Paren(inner) => self.expr(&inner.expr),
            Syn::Group(inner) => self.expr(&inner.expr),
            Syn::Binary(binary) => self.binary(binary),
            Syn::Assign(assign) => {
                let left = self.expr(&assign.left);
                let right = self.expr(&assign.right);
                self.around(left, right, ExprKind::Assign { left, right })
            }
            Syn::Let(condition) => {
                let start = self.start(condition.let_token.span);
                let value = self.expr(&condition.expr);
                let pat = self.boxed_pat(&condition.pat);
                let end = self.at(value).end;
                self.push(Range { start, end }, ExprKind::Let { pat, expr: value })
            }
            Syn::Block(block) => self.labelled_block(block),
            Syn::Unsafe(block) => self.block_expr(&block.block),
            Syn::Const(block) => self.block_expr(&block.block),
            Syn::TryBlock(block) => self.block_expr(&block.block),
            Syn::If(branch) => self.if_expr(branch),
            Syn::Match(of) => {
                let start = self.start(of.match_token.span);
                let on = self.expr(&of.expr);
                let arms = of.arms.iter().filter_map(|arm| self.arm(arm)).collect();
                self.from(start, of.brace_token.span.close(), ExprKind::Match { on, arms })
            }
            Syn::Loop(of) => self.loop_expr(of),
            Syn::While(of) => self.while_expr(of),
            Syn::ForLoop(of) => self.for_expr(of),
            Syn::Closure(closure) => self.closure(closure),
            Syn::Async(block) => {
                let start = self.start(block.async_token.span);
                let body = self.block_expr(&block.block);
                let end = self.at(body).end;
                let is_move = block.capture.is_some();
                self.push(Range { start, end }, ExprKind::Async { body, is_move })
            }
            Syn::Struct(of) => self.struct_expr(of),
            Syn::Tuple(tuple) => {
                let start = self.start(tuple.paren_token.span.open());
                let parts = self.exprs(tuple.elems.iter());
                self.from(start, tuple.paren_token.span.close(), ExprKind::Tuple(parts))
            }
            Syn::Array(array) => {
                let start = self.start(array.bracket_token.span.open());
                // Tables of literals can be long, and say nothing about state; a few texts may be
                // the words of a command.
                let short = array.elems.len() <= MOST_WORDS;
                let telling = array.elems.iter().filter(|expr| match expr {
                    Syn::Lit(literal) => short && matches!(literal.lit, Lit::Str(_)),
                    _ => true,
                });
                let parts = self.exprs(telling);
                self.from(start, array.bracket_token.span.close(), ExprKind::Array(parts))
            }
            Syn::Repeat(repeat) => {
                let value = self.expr(&repeat.expr);
                let length = self.expr(&repeat.len);
                let start = self.start(repeat.bracket_token.span.open());
                let kind = ExprKind::Repeat { value, length };
                self.from(start, repeat.bracket_token.span.close(), kind)
            }
            Syn::Return(of) => {
                let start = self.start(of.return_token.span);
                let value = of.expr.as_ref().map(|value| self.expr(value));
                let end = value.map_or(start, |value| self.at(value).end);
                self.push(Range { start, end }, ExprKind::Return(value))
            }
            Syn::Break(of) => self.break_expr(of),
            Syn::Continue(of) => self.continue_expr(of),
            Syn::Range(range) => {
                let from = range.start.as_ref().map(|expr| self.expr(expr));
                let to = range.end.as_ref().map(|expr| self.expr(expr));
                let (first, last) = match &range.limits {
                    syn::RangeLimits::HalfOpen(dots) => (dots.spans[0], dots.spans[1]),
                    syn::RangeLimits::Closed(dots) => (dots.spans[0], dots.spans[2]),
                };
                let dots = Range { start: self.start(first), end: self.end(last) };
                let start = from.map_or(dots.start, |from| self.at(from).start);
                let end = to.map_or(dots.end, |to| self.at(to).end).max(start);
                let at = Range { start, end };
                self.push(at, ExprKind::Range { from, to })
            }
            Syn::RawAddr(inner) => {
                let expr = self.expr(&inner.expr);
                let at = self.at(expr);
                self.push(at, ExprKind::Ref { expr, mutable: true })
            }
            Syn::Yield(of) => {
                let value = of.expr.as_ref().map(|value| self.expr(value));
                let at = value.map_or(Range::default(), |value| self.at(value));
                self.push(at, ExprKind::Break { value, leaves: 1 })
            }
            Syn::Macro(mac) => self.macro_expr(&mac.mac),
            other => {
                let at = self.range(syn::spanned::Spanned::span(other));
                self.push(at, ExprKind::Unknown)
            }
        }
    }

    fn path_expr(&mut self, path: &syn::ExprPath) -> ExprId {
        let at = self.path_range(&path.path);
        let qself = path.qself.as_ref().map(|qself| self.ty(&qself.ty));
        if qself.is_none()
            && let Some(name) = path.path.get_ident()
        {
            let name = self.name(name);
            return self.push(at, ExprKind::Name(name));
        }
        let path = Box::new(self.ty_path(&path.path));
        self.push(at, ExprKind::Path { path, qself })
    }

    /// A chain of `else if` is walked without recursion. What `cfg!(..)` tells is left out, as what
    /// stands below `#[cfg(..)]` is.
    fn if_expr(&mut self, branch: &syn::ExprIf) -> ExprId {
        let mut chain = Vec::new();
        let mut last = None;
        let mut next = Some(branch);
        while let Some(branch) = next {
            let told = conditions::told(&branch.cond);
            if told == Condition::True {
                last = Some(Last::Block(&branch.then_branch));
                break;
            }
            if told != Condition::Off {
                chain.push(branch);
            }
            next = match branch.else_branch.as_ref().map(|(_, other)| &**other) {
                Some(Syn::If(branch)) => Some(branch),
                other => {
                    last = other.map(Last::Expr);
                    None
                }
            };
        }
        let parts: Vec<(u32, ExprId, ExprId)> = chain
            .into_iter()
            .map(|branch| {
                let start = self.start(branch.if_token.span);
                (start, self.expr(&branch.cond), self.block_expr(&branch.then_branch))
            })
            .collect();
        let mut other = last.map(|last| match last {
            Last::Expr(last) => self.expr(last),
            Last::Block(block) => self.block_expr(block),
        });
        for (start, cond, then) in parts.into_iter().rev() {
            let end = self.at(other.unwrap_or(then)).end;
            let kind = ExprKind::If { cond, then, other };
            other = Some(self.push(Range { start, end }, kind));
        }
        match other {
            Some(whole) => whole,
            None => self.push(Range::default(), ExprKind::Unknown),
        }
    }

    fn binary(&mut self, binary: &syn::ExprBinary) -> ExprId {
        let mut chain = vec![binary];
        let mut base = &*binary.left;
        while let Syn::Binary(inner) = base {
            chain.push(inner);
            base = &inner.left;
        }
        let mut left = self.expr(base);
        for binary in chain.into_iter().rev() {
            let right = self.expr(&binary.right);
            let kind = match operator(&binary.op) {
                Some(op) => ExprKind::Binary { left, right, op },
                None => ExprKind::AssignOp { left, right },
            };
            left = self.around(left, right, kind);
        }
        left
    }

    fn arm(&mut self, arm: &syn::Arm) -> Option<Arm> {
        if self.is_off(&arm.attrs) {
            return None;
        }
        let (pat, guard) = match &arm.pat {
            syn::Pat::Guard(guarded) => (&*guarded.pat, Some(&*guarded.guard)),
            pat => (pat, None),
        };
        let pat = self.pat(pat);
        let guard = guard.map(|guard| self.expr(guard));
        let body = self.expr(&arm.body);
        self.note_behind(&arm.attrs, body);
        Some(Arm { pat, guard, body })
    }

    fn closure(&mut self, closure: &syn::ExprClosure) -> ExprId {
        let start = self.start(closure.inputs_begin.span);
        let mut params = Vec::new();
        for input in &closure.inputs {
            params.push(match input {
                syn::Pat::Type(typed) => {
                    let ty = self.ty(&typed.ty);
                    (self.pat(&typed.pat), Some(ty))
                }
                pat => (self.pat(pat), None),
            });
        }
        let body = self.expr(&closure.body);
        let end = self.at(body).end;
        let kind = ExprKind::Closure {
            params: params.into(),
            body,
            is_move: closure.capture.is_some(),
            is_async: closure.asyncness.is_some(),
        };
        self.push(Range { start, end }, kind)
    }

    fn struct_expr(&mut self, of: &syn::ExprStruct) -> ExprId {
        let start = self.path_range(&of.path).start;
        let path = Box::new(self.ty_path(&of.path));
        let mut fields: Vec<(Symbol, ExprId)> = Vec::new();
        for field in &of.fields {
            if self.is_off(&field.attrs) {
                continue;
            }
            let name = self.member(&field.member).0;
            let value = self.expr(&field.expr);
            self.note_behind(&field.attrs, value);
            fields.push((name, value));
        }
        let rest = of.rest.as_ref().map(|rest| self.expr(rest));
        let kind = ExprKind::Struct { path, fields: fields.into(), rest };
        self.from(start, of.brace_token.span.close(), kind)
    }

    pub(super) fn member(&mut self, member: &Member) -> (Symbol, Range) {
        match member {
            Member::Named(ident) => (self.name(ident), self.ident_range(ident)),
            Member::Unnamed(index) => {
                let at = self.range(index.span);
                (self.intern(&index.index.to_string()), at)
            }
        }
    }

    fn literal(&mut self, literal: &Lit) -> ExprId {
        let at = self.range(literal.span());
        let kind = match literal {
            Lit::Str(text) => ExprKind::Str(self.intern(&text.value())),
            Lit::Int(number) => number.base10_parse().map_or(ExprKind::Literal, ExprKind::Int),
            Lit::Bool(value) => ExprKind::Bool(value.value),
            _ => ExprKind::Literal,
        };
        self.push(at, kind)
    }
}

/// `None` for operators that assign.
fn operator(op: &syn::BinOp) -> Option<BinaryOp> {
    use syn::BinOp::*;
    Some(match op {
        Add(_) => BinaryOp::Add,
        Rem(_) => BinaryOp::Remainder,
        Eq(_) => BinaryOp::Equal,
        Ne(_) => BinaryOp::Unequal,
        Lt(_) | Le(_) => BinaryOp::Less,
        Gt(_) | Ge(_) => BinaryOp::More,
        And(_) => BinaryOp::And,
        Or(_) => BinaryOp::Or,
        AddAssign(_) | SubAssign(_) | MulAssign(_) | DivAssign(_) | RemAssign(_)
        | BitXorAssign(_) | BitAndAssign(_) | BitOrAssign(_) | ShlAssign(_) | ShrAssign(_) => {
            return None;
        }
        _ => BinaryOp::Other,
    })
}

/// The attributes of an expression, where it can have some. Those before `a.b = c` are with `a.b`.
pub(super) fn attrs_of(mut expr: &Syn) -> &[syn::Attribute] {
    loop {
        expr = match expr {
            Syn::Assign(of) if of.attrs.is_empty() => &of.left,
            Syn::Binary(of) if of.attrs.is_empty() => &of.left,
            Syn::Cast(of) if of.attrs.is_empty() => &of.expr,
            _ => break,
        };
    }
    macro_rules! attrs {
        ($($kind:ident)*) => {
            match expr {
                $(Syn::$kind(expr) => &expr.attrs,)*
                _ => &[],
            }
        };
    }
    attrs! {
        Array Assign Async Await Binary Block Break Call Cast Closure Const Continue Field ForLoop
        Group If Index Infer Let Lit Loop Macro Match MethodCall Paren Path Range RawAddr Reference
        Repeat Return Struct Try TryBlock Tuple Unary Unsafe While Yield
    }
}
