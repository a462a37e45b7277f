//! Items: modules, uses, statics, functions, types, impls.

use syn::UseTree;

use super::lower::Lower;
use super::tree::{
    Cfg, ExprId, Field, Function, Item, ItemKind, Param, Range, Receiver, StaticKind, Use, Variant,
};
use crate::symbol::Symbol;

impl Lower<'_> {
    pub(super) fn items(&mut self, items: &[syn::Item]) -> Vec<Item> {
        self.note_item_macros(items);
        let mut lowered = Vec::with_capacity(items.len());
        for item in items {
            self.item(item, &mut lowered);
        }
        lowered
    }

    pub(super) fn item(&mut self, item: &syn::Item, out: &mut Vec<Item>) {
        let attrs = attrs_of(item);
        let cfg = self.cfg(attrs);
        let keeps_off = matches!(item, syn::Item::Mod(module) if module.content.is_none());
        if cfg == Cfg::Off && !keeps_off {
            return;
        }
        match item {
            syn::Item::Mod(module) => {
                let items = module.content.as_ref().map(|(_, items)| self.items(items));
                let path = module.attrs.iter().find_map(|attr| match &attr.meta {
                    syn::Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
                        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => {
                            Some(text.value().into())
                        }
                        _ => None,
                    },
                    _ => None,
                });
                let end = module.content.as_ref().map(|(brace, _)| brace.span.close());
                let kind = ItemKind::Mod { path, items };
                self.add(out, &module.ident, &module.vis, attrs, cfg, end, kind);
            }
            syn::Item::Use(used) => {
                let public = is_public(&used.vis);
                let start = self.start(used.use_token.span);
                let mut leaves = Vec::new();
                self.use_tree(&used.tree, &mut Vec::new(), &mut leaves);
                for (name, at, path, glob) in leaves {
                    let absolute = used.leading_colon.is_some();
                    out.push(Item {
                        name,
                        at,
                        whole: Range { start, end: at.end },
                        public,
                        cfg: cfg.clone(),
                        attrs: Vec::new(),
                        kind: ItemKind::Use(Use { path, absolute, glob }),
                    });
                }
            }
            syn::Item::ExternCrate(krate) => {
                let original = self.name(&krate.ident);
                let ident = krate.rename.as_ref().map_or(&krate.ident, |(_, name)| name);
                let kind = ItemKind::ExternCrate { krate: original };
                self.add(out, ident, &krate.vis, attrs, cfg, None, kind);
            }
            syn::Item::Static(item) => {
                let ty = self.ty(&item.ty);
                let init = Some(self.expr(&item.expr));
                let mutable = matches!(item.mutability, syn::StaticMutability::Mut(_));
                let kept = if mutable { StaticKind::Mut } else { StaticKind::Plain };
                let kind = ItemKind::Static { ty, init, kept };
                let end = Some(item.semi_token.span);
                self.add(out, &item.ident, &item.vis, attrs, cfg, end, kind);
            }
            syn::Item::Const(item) => {
                let ty = self.ty(&item.ty);
                let init = Some(self.expr(&item.expr));
                let kind = ItemKind::Const { ty, init };
                let end = Some(item.semi_token.span);
                self.add(out, &item.ident, &item.vis, attrs, cfg, end, kind);
            }
            syn::Item::Fn(item) => {
                let kind = self.function(&item.sig, Some(&item.block));
                let end = Some(item.block.brace_token.span.close());
                self.add(out, &item.sig.ident, &item.vis, attrs, cfg, end, kind);
            }
            syn::Item::Struct(item) => {
                let generics = self.generics(&item.generics);
                let fields = self.fields(&item.fields);
                let kind = ItemKind::Struct { generics, fields };
                self.add(out, &item.ident, &item.vis, attrs, cfg, None, kind);
            }
            syn::Item::Union(item) => {
                let generics = self.generics(&item.generics);
                let fields = item.fields.named.iter().collect::<Vec<_>>();
                let fields = self.field_list(&fields);
                let kind = ItemKind::Struct { generics, fields };
                self.add(out, &item.ident, &item.vis, attrs, cfg, None, kind);
            }
            syn::Item::Enum(item) => {
                let generics = self.generics(&item.generics);
                let mut variants = Vec::new();
                for variant in &item.variants {
                    let cfg = self.cfg(&variant.attrs);
                    if cfg == Cfg::Off {
                        continue;
                    }
                    let (name, at) = (self.name(&variant.ident), self.ident_range(&variant.ident));
                    let fields = self.fields(&variant.fields);
                    variants.push(Variant { name, at, cfg, fields });
                }
                let kind = ItemKind::Enum { generics, variants };
                self.add(out, &item.ident, &item.vis, attrs, cfg, None, kind);
            }
            syn::Item::Type(item) => {
                let generics = self.generics(&item.generics);
                let ty = Some(self.ty(&item.ty));
                let kind = ItemKind::Alias { generics, ty };
                self.add(out, &item.ident, &item.vis, attrs, cfg, None, kind);
            }
            syn::Item::Trait(item) => {
                let generics = self.generics(&item.generics);
                let supers = self.bounds(item.supertraits.iter());
                let items = self.trait_items(&item.items);
                let kind = ItemKind::Trait { generics, supers, items };
                let end = Some(item.brace_token.span.close());
                self.add(out, &item.ident, &item.vis, attrs, cfg, end, kind);
            }
            syn::Item::Impl(item) => self.impl_block(item, cfg, out),
            syn::Item::Macro(item) => self.item_macro(item, cfg, out),
            _ => {}
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of an item, each from another type")]
    fn add(
        &mut self,
        out: &mut Vec<Item>,
        ident: &syn::Ident,
        vis: &syn::Visibility,
        attrs: &[syn::Attribute],
        cfg: Cfg,
        end: Option<proc_macro2::Span>,
        kind: ItemKind,
    ) {
        let (name, at) = (self.name(ident), self.ident_range(ident));
        let end = end.map_or(at.end, |end| self.end(end));
        let attrs = self.attributes(attrs);
        let start = attrs.first().map_or(at.start, |attr| attr.at.start.min(at.start));
        let whole = Range { start, end };
        out.push(Item { name, at, whole, public: is_public(vis), cfg, attrs, kind });
    }

    fn impl_block(&mut self, item: &syn::ItemImpl, cfg: Cfg, out: &mut Vec<Item>) {
        let generics = self.generics(&item.generics);
        let of = item.trait_.as_ref().map(|(path, _)| {
            let at = self.path_range(path);
            let path = self.ty_path(path);
            self.push_ty(at, super::tree::TyKind::Path(path))
        });
        let for_ = self.ty(&item.self_ty);
        let items = self.impl_items(&item.items);
        let attrs = self.attributes(&item.attrs);
        let start = self.start(item.impl_token.span);
        let end = self.end(item.brace_token.span.close());
        out.push(Item {
            name: self.intern("_"),
            at: self.facts.ty(for_).at,
            whole: Range { start, end },
            public: false,
            cfg,
            attrs,
            kind: ItemKind::Impl { generics, of, for_, items },
        });
    }

    fn impl_items(&mut self, items: &[syn::ImplItem]) -> Vec<Item> {
        let mut out = Vec::new();
        let public = syn::Visibility::Public(Default::default());
        for item in items {
            match item {
                syn::ImplItem::Fn(item) => {
                    let cfg = self.cfg(&item.attrs);
                    if cfg == Cfg::Off {
                        continue;
                    }
                    let kind = self.function(&item.sig, Some(&item.block));
                    let end = Some(item.block.brace_token.span.close());
                    self.add(&mut out, &item.sig.ident, &item.vis, &item.attrs, cfg, end, kind);
                }
                syn::ImplItem::Const(item) => {
                    let cfg = self.cfg(&item.attrs);
                    if cfg == Cfg::Off {
                        continue;
                    }
                    let ty = self.ty(&item.ty);
                    let init = Some(self.expr(&item.expr));
                    let kind = ItemKind::Const { ty, init };
                    self.add(&mut out, &item.ident, &item.vis, &item.attrs, cfg, None, kind);
                }
                syn::ImplItem::Type(item) => {
                    let cfg = self.cfg(&item.attrs);
                    let generics = self.generics(&item.generics);
                    let ty = Some(self.ty(&item.ty));
                    let kind = ItemKind::Alias { generics, ty };
                    self.add(&mut out, &item.ident, &public, &item.attrs, cfg, None, kind);
                }
                _ => {}
            }
        }
        out
    }

    fn trait_items(&mut self, items: &[syn::TraitItem]) -> Vec<Item> {
        let mut out = Vec::new();
        let public = syn::Visibility::Public(Default::default());
        for item in items {
            match item {
                syn::TraitItem::Fn(item) => {
                    let cfg = self.cfg(&item.attrs);
                    if cfg == Cfg::Off {
                        continue;
                    }
                    let kind = self.function(&item.sig, item.default.as_ref());
                    let end = item.default.as_ref().map(|block| block.brace_token.span.close());
                    self.add(&mut out, &item.sig.ident, &public, &item.attrs, cfg, end, kind);
                }
                syn::TraitItem::Const(item) => {
                    let cfg = self.cfg(&item.attrs);
                    let ty = self.ty(&item.ty);
                    let init = item.default.as_ref().map(|(_, init)| self.expr(init));
                    let kind = ItemKind::Const { ty, init };
                    self.add(&mut out, &item.ident, &public, &item.attrs, cfg, None, kind);
                }
                syn::TraitItem::Type(item) => {
                    let cfg = self.cfg(&item.attrs);
                    let generics = self.generics(&item.generics);
                    let ty = item.default.as_ref().map(|(_, ty)| self.ty(ty));
                    let kind = ItemKind::Alias { generics, ty };
                    self.add(&mut out, &item.ident, &public, &item.attrs, cfg, None, kind);
                }
                _ => {}
            }
        }
        out
    }

    fn function(&mut self, sig: &syn::Signature, block: Option<&syn::Block>) -> ItemKind {
        let generics = self.generics(&sig.generics);
        let mut receiver = None;
        let mut params = Vec::new();
        for input in &sig.inputs {
            match input {
                syn::FnArg::Receiver(of) => {
                    receiver = Some(match &of.kind {
                        syn::ReceiverKind::Reference(_, _, Some(_)) => Receiver::RefMut,
                        syn::ReceiverKind::Reference(..) => Receiver::Ref,
                        syn::ReceiverKind::Typed(_, ty) => Receiver::Typed(self.ty(ty)),
                        _ => Receiver::Value,
                    });
                }
                syn::FnArg::Typed(typed) => {
                    if self.is_off(&typed.attrs) {
                        continue;
                    }
                    let pat = self.pat(&typed.pat);
                    let ty = self.ty(&typed.ty);
                    params.push(Param { pat, ty });
                }
            }
        }
        let ret = self.output(&sig.output);
        let body: Option<ExprId> = block.map(|block| self.block_expr(block));
        let is_async = sig.asyncness.is_some();
        ItemKind::Fn(Function { generics, params, receiver, ret, body, is_async })
    }

    fn fields(&mut self, fields: &syn::Fields) -> Vec<Field> {
        let list: Vec<&syn::Field> = fields.iter().collect();
        self.field_list(&list)
    }

    fn field_list(&mut self, fields: &[&syn::Field]) -> Vec<Field> {
        let mut out = Vec::new();
        for (index, field) in fields.iter().enumerate() {
            let cfg = self.cfg(&field.attrs);
            if cfg == Cfg::Off {
                continue;
            }
            let ty = self.ty(&field.ty);
            let (name, at) = match &field.ident {
                Some(ident) => (self.name(ident), self.ident_range(ident)),
                None => (self.intern(&index.to_string()), self.facts.ty(ty).at),
            };
            let attrs = self.attributes(&field.attrs);
            out.push(Field { name, at, ty, cfg, attrs });
        }
        out
    }

    fn use_tree(
        &mut self,
        tree: &UseTree,
        prefix: &mut Vec<Symbol>,
        out: &mut Vec<(Symbol, Range, Vec<Symbol>, bool)>,
    ) {
        match tree {
            UseTree::Path(path) => {
                let name = self.name(&path.ident);
                prefix.push(name);
                self.use_tree(&path.tree, prefix, out);
                prefix.pop();
            }
            UseTree::Name(leaf) => {
                let at = self.ident_range(&leaf.ident);
                let mut path = prefix.clone();
                if leaf.ident != "self" {
                    path.push(self.name(&leaf.ident));
                }
                if let Some(name) = path.last().copied() {
                    out.push((name, at, path, false));
                }
            }
            UseTree::Rename(leaf) => {
                let at = self.ident_range(&leaf.rename);
                let mut path = prefix.clone();
                if leaf.ident != "self" {
                    path.push(self.name(&leaf.ident));
                }
                let name = self.name(&leaf.rename);
                out.push((name, at, path, false));
            }
            UseTree::Glob(glob) => {
                let at = self.range(glob.star_token.span);
                let name = self.intern("_");
                out.push((name, at, prefix.clone(), true));
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.use_tree(tree, prefix, out);
                }
            }
        }
    }
}

pub(super) fn is_public(vis: &syn::Visibility) -> bool {
    matches!(vis, syn::Visibility::Public(_))
}

fn attrs_of(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::ExternCrate(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Union(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
