//! What stands inside `impl` and `trait` blocks.

use super::conditions::both;
use super::items::first_of;
use super::lower::Lower;
use super::tree::{Cfg, Item, ItemKind};

impl Lower<'_> {
    pub(super) fn impl_items(&mut self, items: &[syn::ImplItem]) -> Vec<Item> {
        let mut out = Vec::with_capacity(items.len());
        let inherited = syn::Visibility::Inherited;
        for item in items {
            let (attrs, cfg) = match item {
                syn::ImplItem::Fn(item) => (&item.attrs, self.cfg(&item.attrs)),
                syn::ImplItem::Const(item) => (&item.attrs, self.cfg(&item.attrs)),
                syn::ImplItem::Type(item) => (&item.attrs, self.cfg(&item.attrs)),
                syn::ImplItem::Macro(item) => (&item.attrs, self.cfg(&item.attrs)),
                _ => continue,
            };
            if cfg == Cfg::Off {
                continue;
            }
            match item {
                syn::ImplItem::Fn(item) => {
                    let kind = self.function(&item.sig, Some(&item.block));
                    let ends = (first_of(&item.sig), item.block.brace_token.span.close());
                    self.add(&mut out, &item.sig.ident, &item.vis, attrs, cfg, ends, kind);
                }
                syn::ImplItem::Const(item) => {
                    let ty = self.ty(&item.ty);
                    let init = Some(self.expr(&item.expr));
                    let kind = ItemKind::Const { ty, init };
                    let ends = (item.const_token.span, item.semi_token.span);
                    self.add(&mut out, &item.ident, &item.vis, attrs, cfg, ends, kind);
                }
                syn::ImplItem::Type(item) => {
                    let generics = self.generics(&item.generics);
                    let ty = Some(self.ty(&item.ty));
                    let kind = ItemKind::Alias { generics, ty };
                    let ends = (item.type_token.span, item.semi_token.span);
                    self.add(&mut out, &item.ident, &inherited, attrs, cfg, ends, kind);
                    self.publish(&mut out);
                }
                syn::ImplItem::Macro(item) => {
                    out.extend(under(&cfg, self.user_impl_items(&item.mac)));
                }
                _ => {}
            }
        }
        out
    }

    pub(super) fn trait_items(&mut self, items: &[syn::TraitItem]) -> Vec<Item> {
        let mut out = Vec::with_capacity(items.len());
        let inherited = syn::Visibility::Inherited;
        for item in items {
            let (attrs, cfg) = match item {
                syn::TraitItem::Fn(item) => (&item.attrs, self.cfg(&item.attrs)),
                syn::TraitItem::Const(item) => (&item.attrs, self.cfg(&item.attrs)),
                syn::TraitItem::Type(item) => (&item.attrs, self.cfg(&item.attrs)),
                syn::TraitItem::Macro(item) => (&item.attrs, self.cfg(&item.attrs)),
                _ => continue,
            };
            if cfg == Cfg::Off {
                continue;
            }
            match item {
                syn::TraitItem::Fn(item) => {
                    let kind = self.function(&item.sig, item.default.as_ref());
                    let last = match (&item.default, &item.semi_token) {
                        (Some(block), _) => block.brace_token.span.close(),
                        (None, Some(semi)) => semi.span,
                        (None, None) => item.sig.paren_token.span.close(),
                    };
                    let ends = (first_of(&item.sig), last);
                    self.add(&mut out, &item.sig.ident, &inherited, attrs, cfg, ends, kind);
                    self.publish(&mut out);
                }
                syn::TraitItem::Const(item) => {
                    let ty = self.ty(&item.ty);
                    let init = item.default.as_ref().map(|(_, init)| self.expr(init));
                    let kind = ItemKind::Const { ty, init };
                    let ends = (item.const_token.span, item.semi_token.span);
                    self.add(&mut out, &item.ident, &inherited, attrs, cfg, ends, kind);
                    self.publish(&mut out);
                }
                syn::TraitItem::Type(item) => {
                    let generics = self.generics(&item.generics);
                    let ty = item.default.as_ref().map(|(_, ty)| self.ty(ty));
                    let kind = ItemKind::Alias { generics, ty };
                    let ends = (item.type_token.span, item.semi_token.span);
                    self.add(&mut out, &item.ident, &inherited, attrs, cfg, ends, kind);
                    self.publish(&mut out);
                }
                syn::TraitItem::Macro(item) => {
                    out.extend(under(&cfg, self.user_trait_items(&item.mac)));
                }
                _ => {}
            }
        }
        out
    }

    /// What a trait names is as public as the trait.
    fn publish(&self, out: &mut [Item]) {
        if let Some(last) = out.last_mut() {
            last.public = true;
        }
    }
}

/// Items of a macro whose call has a condition.
fn under(cfg: &Cfg, mut items: Vec<Item>) -> Vec<Item> {
    for item in &mut items {
        item.cfg = both(cfg.clone(), std::mem::take(&mut item.cfg));
    }
    items
}
