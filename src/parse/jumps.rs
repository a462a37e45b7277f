//! Which loops does a `break` or `continue` leave?

use syn::{Expr as Syn, Label, Lifetime};

use super::lower::Lower;
use super::tree::{ExprId, ExprKind, Range};

/// What can be left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Around {
    /// A `loop` or `while`.
    Turns,
    /// A `for`.
    Each,
    /// A block with a label.
    Block,
}

/// What stands around a place and can be left, the innermost last.
#[derive(Default)]
pub(super) struct Jumps(Vec<(Around, Option<String>)>);

impl Jumps {
    /// How many of `loop` and `while` are left by a jump that ends what it names, or is a `continue`
    /// of that.
    fn left(&self, to: Option<&Lifetime>, ends: bool) -> u8 {
        let aimed = |(around, label): &&(Around, Option<String>)| match to {
            Some(to) => label.as_ref().is_some_and(|label| to.ident == label),
            None => *around != Around::Block,
        };
        let mut left = 0;
        for around in self.0.iter().rev() {
            let is_aim = aimed(&around);
            left += u8::from(around.0 == Around::Turns && (ends || !is_aim));
            if is_aim {
                return left;
            }
        }
        // Of what a macro wrote, the loop may not be in sight.
        u8::from(ends)
    }
}

impl Lower<'_> {
    fn within(&mut self, around: Around, label: Option<&Label>, body: &syn::Block) -> ExprId {
        let label = label.map(|label| label.name.ident.to_string());
        self.jumps.0.push((around, label));
        let body = self.block_expr(body);
        self.jumps.0.pop();
        body
    }

    pub(super) fn labelled_block(&mut self, of: &syn::ExprBlock) -> ExprId {
        match &of.label {
            Some(label) => self.within(Around::Block, Some(label), &of.block),
            None => self.block_expr(&of.block),
        }
    }

    pub(super) fn loop_expr(&mut self, of: &syn::ExprLoop) -> ExprId {
        let start = self.start(of.loop_token.span);
        let body = self.within(Around::Turns, of.label.as_ref(), &of.body);
        let end = self.at(body).end;
        self.push(Range { start, end }, ExprKind::Loop { cond: None, body })
    }

    pub(super) fn while_expr(&mut self, of: &syn::ExprWhile) -> ExprId {
        let start = self.start(of.while_token.span);
        let cond = Some(self.expr(&of.cond));
        let body = self.within(Around::Turns, of.label.as_ref(), &of.body);
        let end = self.at(body).end;
        self.push(Range { start, end }, ExprKind::Loop { cond, body })
    }

    pub(super) fn for_expr(&mut self, of: &syn::ExprForLoop) -> ExprId {
        let start = self.start(of.for_token.span);
        let over = self.expr(&of.expr);
        let pat = self.boxed_pat(&of.pat);
        let body = self.within(Around::Each, of.label.as_ref(), &of.body);
        let end = self.at(body).end;
        self.push(Range { start, end }, ExprKind::For { pat, over, body })
    }

    pub(super) fn break_expr(&mut self, of: &syn::ExprBreak) -> ExprId {
        let leaves = self.jumps.left(of.label.as_ref(), true);
        self.leaving(of.break_token.span, of.expr.as_deref(), leaves)
    }

    pub(super) fn continue_expr(&mut self, of: &syn::ExprContinue) -> ExprId {
        let at = self.range(of.continue_token.span);
        let leaves = self.jumps.left(of.label.as_ref(), false);
        self.push(at, ExprKind::Continue { leaves })
    }

    fn leaving(&mut self, from: proc_macro2::Span, value: Option<&Syn>, leaves: u8) -> ExprId {
        let start = self.start(from);
        let value = value.map(|value| self.expr(value));
        let end = value.map_or(start, |value| self.at(value).end);
        self.push(Range { start, end }, ExprKind::Break { value, leaves })
    }
}
