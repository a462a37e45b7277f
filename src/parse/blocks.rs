//! Blocks: statements, the value of a block, the items declared in it.

use syn::Stmt;

use super::exprs::attrs_of;
use super::lower::Lower;
use super::tree::{Block, Cfg, ExprId, ExprKind, Item, Range, Statement};

/// A block that is being put together.
#[derive(Default)]
pub(super) struct Parts {
    statements: Vec<Statement>,
    value: Option<ExprId>,
    items: Vec<Item>,
}

impl Lower<'_> {
    pub(super) fn block_expr(&mut self, block: &syn::Block) -> ExprId {
        let at = Range {
            start: self.start(block.brace_token.span.open()),
            end: self.end(block.brace_token.span.close()),
        };
        let block = self.statements(&block.stmts);
        self.push(at, ExprKind::Block(block))
    }

    pub(super) fn statements(&mut self, list: &[Stmt]) -> Block {
        let scope = self.open_scope();
        let statements = Vec::with_capacity(list.len());
        let mut parts = Parts { statements, ..Parts::default() };
        self.macros.blocks += 1;
        self.splice(list, true, &mut parts);
        self.macros.blocks -= 1;
        self.close_scope(scope);
        let Parts { statements, value, items } = parts;
        Block { statements: statements.into(), value, items: items.into() }
    }

    /// Lowers statements into a block; the last is its value where nothing follows.
    pub(super) fn splice(&mut self, list: &[Stmt], ends: bool, parts: &mut Parts) {
        for (index, statement) in list.iter().enumerate() {
            let last = ends && index + 1 == list.len();
            match statement {
                Stmt::Local(local) => {
                    if self.is_off(&local.attrs) {
                        continue;
                    }
                    let (pat, ty) = match &local.pat {
                        syn::Pat::Type(typed) => {
                            let ty = self.ty(&typed.ty);
                            (self.pat(&typed.pat), Some(ty))
                        }
                        pat => (self.pat(pat), None),
                    };
                    let init = local.init.as_ref().map(|init| self.expr(&init.expr));
                    if let Some(init) = init {
                        self.note_behind(&local.attrs, init);
                    }
                    let otherwise = local
                        .init
                        .as_ref()
                        .and_then(|init| init.diverge.as_ref())
                        .map(|(_, other)| self.expr(other));
                    parts.statements.push(Statement::Let { pat, ty, init, otherwise });
                }
                Stmt::Item(item) => self.item(item, &mut parts.items),
                Stmt::Expr(expr, semicolon) => {
                    if self.is_off(attrs_of(expr)) {
                        continue;
                    }
                    let lowered = self.expr(expr);
                    self.note_behind(attrs_of(expr), lowered);
                    match semicolon.is_none() && last {
                        true => parts.value = Some(lowered),
                        false => parts.statements.push(Statement::Expr(lowered)),
                    }
                }
                Stmt::Macro(mac) => {
                    if self.cfg(&mac.attrs) == Cfg::Off {
                        continue;
                    }
                    let ends = last && mac.semi_token.is_none();
                    if self.user_statements(&mac.mac, ends, parts)
                        || self.statement_items(mac, &mut parts.items)
                    {
                        continue;
                    }
                    let lowered = self.macro_expr(&mac.mac);
                    self.note_behind(&mac.attrs, lowered);
                    match ends {
                        true => parts.value = Some(lowered),
                        false => parts.statements.push(Statement::Expr(lowered)),
                    }
                }
            }
        }
    }
}
