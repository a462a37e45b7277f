//! Blocks: statements, the value of a block, the items declared in it.

use syn::Stmt;

use super::exprs::attrs_of;
use super::lower::Lower;
use super::tree::{Block, Cfg, ExprId, ExprKind, Item, Range, Statement};

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
        self.note_item_macros(list.iter().filter_map(|statement| match statement {
            Stmt::Item(item) => Some(item),
            _ => None,
        }));
        let mut statements = Vec::with_capacity(list.len());
        let mut items: Vec<Item> = Vec::new();
        let mut value = None;
        for (index, statement) in list.iter().enumerate() {
            let last = index + 1 == list.len();
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
                    let otherwise = local
                        .init
                        .as_ref()
                        .and_then(|init| init.diverge.as_ref())
                        .map(|(_, other)| self.expr(other));
                    statements.push(Statement::Let { pat, ty, init, otherwise });
                }
                Stmt::Item(item) => self.item(item, &mut items),
                Stmt::Expr(expr, semicolon) => {
                    if self.is_off(attrs_of(expr)) {
                        continue;
                    }
                    let lowered = self.expr(expr);
                    match semicolon.is_none() && last {
                        true => value = Some(lowered),
                        false => statements.push(Statement::Expr(lowered)),
                    }
                }
                Stmt::Macro(mac) => {
                    if self.cfg(&mac.attrs) == Cfg::Off || self.statement_items(mac, &mut items) {
                        continue;
                    }
                    let lowered = self.macro_expr(&mac.mac);
                    match mac.semi_token.is_none() && last {
                        true => value = Some(lowered),
                        false => statements.push(Statement::Expr(lowered)),
                    }
                }
            }
        }
        Block { statements: statements.into(), value, items: items.into() }
    }
}
