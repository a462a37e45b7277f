//! Calls of macros that the program defines itself, at each place where one may stand.

use syn::parse::{ParseStream, Parser};

use crate::parse::blocks::Parts;
use crate::parse::lower::Lower;
use crate::parse::tree::{ExprId, ExprKind, Item, Pat, Range, TyId};

fn many<T: syn::parse::Parse>(input: ParseStream<'_>) -> syn::Result<Vec<T>> {
    let mut all = Vec::new();
    while !input.is_empty() {
        all.push(input.parse()?);
    }
    Ok(all)
}

impl Lower<'_> {
    pub(super) fn user_items(&mut self, mac: &syn::Macro, out: &mut Vec<Item>) -> bool {
        let Some(expansion) = self.expand(mac, true) else { return false };
        let Ok(items) = many::<syn::Item>.parse2(expansion.tokens.clone()) else { return false };
        self.inside(&expansion, |lower| {
            for item in &items {
                lower.item(item, out);
            }
        });
        true
    }

    /// What a macro gives inside an `impl` block.
    pub(in crate::parse) fn user_impl_items(&mut self, mac: &syn::Macro) -> Vec<Item> {
        let Some(expansion) = self.expand(mac, true) else { return Vec::new() };
        match many::<syn::ImplItem>.parse2(expansion.tokens.clone()) {
            Ok(items) => self.inside(&expansion, |lower| lower.impl_items(&items)),
            Err(_) => Vec::new(),
        }
    }

    /// What a macro gives inside a trait.
    pub(in crate::parse) fn user_trait_items(&mut self, mac: &syn::Macro) -> Vec<Item> {
        let Some(expansion) = self.expand(mac, true) else { return Vec::new() };
        match many::<syn::TraitItem>.parse2(expansion.tokens.clone()) {
            Ok(items) => self.inside(&expansion, |lower| lower.trait_items(&items)),
            Err(_) => Vec::new(),
        }
    }

    /// The statements become part of the block that calls: its later ones see what they declare.
    pub(in crate::parse) fn user_statements(
        &mut self,
        mac: &syn::Macro,
        ends: bool,
        parts: &mut Parts,
    ) -> bool {
        let Some(expansion) = self.expand(mac, false) else { return false };
        let parser = syn::Block::parse_within;
        let Ok(statements) = parser.parse2(expansion.tokens.clone()) else { return false };
        self.inside(&expansion, |lower| lower.splice(&statements, ends, parts));
        true
    }

    pub(super) fn user_expr(&mut self, mac: &syn::Macro, at: Range) -> Option<ExprId> {
        let expansion = self.expand(mac, false)?;
        if let Ok(expr) = syn::parse2::<syn::Expr>(expansion.tokens.clone()) {
            return Some(self.inside(&expansion, |lower| lower.expr(&expr)));
        }
        let statements = syn::Block::parse_within.parse2(expansion.tokens.clone()).ok()?;
        let block = self.inside(&expansion, |lower| lower.statements(&statements));
        Some(self.push(at, ExprKind::Block(block)))
    }

    pub(in crate::parse) fn user_ty(&mut self, mac: &syn::Macro) -> Option<TyId> {
        let expansion = self.expand(mac, false)?;
        let ty = syn::parse2::<syn::Type>(expansion.tokens.clone()).ok()?;
        Some(self.inside(&expansion, |lower| lower.ty(&ty)))
    }

    pub(in crate::parse) fn user_pat(&mut self, mac: &syn::Macro) -> Option<Pat> {
        let expansion = self.expand(mac, false)?;
        let parser = syn::Pat::parse_multi_with_leading_vert;
        let pat = parser.parse2(expansion.tokens.clone()).ok()?;
        Some(self.inside(&expansion, |lower| lower.pat(&pat)))
    }
}
