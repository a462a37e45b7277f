//! Chains that grow to the right: calls, methods, fields, `?`, `.await`, indices, casts.

use syn::Expr as Syn;

use super::lower::Lower;
use super::tree::{ExprId, ExprKind, Range};

/// What a link of a chain hangs on.
fn base_of(expr: &Syn) -> Option<&Syn> {
    match expr {
        Syn::MethodCall(call) => Some(&call.receiver),
        Syn::Call(call) => Some(&call.func),
        Syn::Field(field) => Some(&field.base),
        Syn::Try(inner) => Some(&inner.expr),
        Syn::Await(inner) => Some(&inner.base),
        Syn::Cast(cast) => Some(&cast.expr),
        Syn::Index(index) => Some(&index.expr),
        _ => None,
    }
}

impl Lower<'_> {
    /// Walked without recursion: builders can be hundreds of calls long.
    pub(super) fn postfix(&mut self, expr: &Syn) -> ExprId {
        let mut chain = Vec::new();
        let mut base = expr;
        while let Some(inner) = base_of(base) {
            chain.push(base);
            base = inner;
        }
        let mut on = self.expr(base);
        for link in chain.into_iter().rev() {
            on = self.link(on, link);
        }
        on
    }

    fn link(&mut self, on: ExprId, link: &Syn) -> ExprId {
        let start = self.at(on).start;
        match link {
            Syn::MethodCall(call) => {
                let name = self.name(&call.method);
                let name_at = self.start(call.method.span());
                let turbofish = call.turbofish.as_ref().and_then(|list| {
                    list.args.iter().find_map(|arg| match arg {
                        syn::GenericArgument::Type(ty) => Some(self.ty(ty)),
                        _ => None,
                    })
                });
                let args = self.exprs(call.args.iter());
                let kind = ExprKind::Method { receiver: on, name, name_at, turbofish, args };
                self.from(start, call.paren_token.span.close(), kind)
            }
            Syn::Call(call) => {
                let args = self.exprs(call.args.iter());
                let kind = ExprKind::Call { callee: on, args };
                self.from(start, call.paren_token.span.close(), kind)
            }
            Syn::Field(field) => {
                let (name, at) = self.member(&field.member);
                let kind = ExprKind::Field { base: on, name, name_at: at.start };
                self.push(Range { start, end: at.end }, kind)
            }
            Syn::Try(of) => self.from(start, of.question_token.span, ExprKind::Try(on)),
            Syn::Await(of) => self.from(start, of.await_token.span, ExprKind::Await(on)),
            Syn::Cast(cast) => {
                let ty = self.ty(&cast.ty);
                let end = self.facts.ty(ty).at.end.max(start);
                self.push(Range { start, end }, ExprKind::Cast { expr: on, ty })
            }
            Syn::Index(of) => {
                let index = self.expr(&of.index);
                let kind = ExprKind::Index { base: on, index };
                self.from(start, of.bracket_token.span.close(), kind)
            }
            _ => on,
        }
    }
}
