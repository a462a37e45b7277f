//! Items: modules, uses, statics, functions, types, impls.

use super::lower::Lower;
use super::tree::{
    Cfg, ExprId, Field, Function, Item, ItemKind, Param, Range, Receiver, StaticKind, Use, Variant,
};

impl Lower<'_> {
    pub(super) fn items(&mut self, items: &[syn::Item]) -> Vec<Item> {
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
        if self.only_modules && !matches!(item, syn::Item::Mod(_) | syn::Item::Macro(_)) {
            return;
        }
        match item {
            syn::Item::Mod(module) => {
                let scope = self.open_scope();
                let items = module.content.as_ref().map(|(_, items)| self.items(items));
                if !module.attrs.iter().any(|attr| attr.path().is_ident("macro_use")) {
                    self.close_scope(scope);
                }
                let path = self.mod_path(&module.attrs);
                let first =
                    module.unsafety.as_ref().map_or(module.mod_token.span, |token| token.span);
                let last = match &module.content {
                    Some((brace, _)) => brace.span.close(),
                    None => module.semi.as_ref().map_or(module.ident.span(), |semi| semi.span),
                };
                let ends = (first, last);
                let kind = ItemKind::Mod { path, items };
                self.add(out, &module.ident, &module.vis, attrs, cfg, ends, kind);
            }
            syn::Item::Use(used) => {
                let public = is_public(&used.vis);
                let ends = (used.use_token.span, used.semi_token.span);
                let whole = self.whole(attrs, Some(&used.vis), ends);
                let mut leaves = Vec::new();
                self.use_tree(&used.tree, &mut Vec::new(), &mut leaves);
                for (name, at, path, glob) in leaves {
                    let absolute = used.leading_colon.is_some();
                    out.push(Item {
                        name,
                        at,
                        whole,
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
                let ends = (krate.extern_token.span, krate.semi_token.span);
                self.add(out, ident, &krate.vis, attrs, cfg, ends, kind);
            }
            syn::Item::Static(item) => {
                let ty = self.ty(&item.ty);
                let init = Some(self.expr(&item.expr));
                let mutable = matches!(item.mutability, syn::StaticMutability::Mut(_));
                let kept = if mutable { StaticKind::Mut } else { StaticKind::Plain };
                let kind = ItemKind::Static { ty, init, kept };
                let ends = (item.static_token.span, item.semi_token.span);
                self.add(out, &item.ident, &item.vis, attrs, cfg, ends, kind);
            }
            syn::Item::Const(item) => {
                let ty = self.ty(&item.ty);
                let init = Some(self.expr(&item.expr));
                let kind = ItemKind::Const { ty, init };
                let ends = (item.const_token.span, item.semi_token.span);
                self.add(out, &item.ident, &item.vis, attrs, cfg, ends, kind);
            }
            syn::Item::Fn(item) => {
                let kind = self.function(&item.sig, Some(&item.block));
                let ends = (first_of(&item.sig), item.block.brace_token.span.close());
                self.add(out, &item.sig.ident, &item.vis, attrs, cfg, ends, kind);
            }
            syn::Item::Struct(item) => {
                let generics = self.generics(&item.generics);
                let fields = self.fields(&item.fields);
                let kind = ItemKind::Struct { generics, fields };
                let last = match (&item.fields, &item.semi_token) {
                    (_, Some(semi)) => semi.span,
                    (syn::Fields::Named(fields), _) => fields.brace_token.span.close(),
                    _ => item.ident.span(),
                };
                let ends = (item.struct_token.span, last);
                self.add(out, &item.ident, &item.vis, attrs, cfg, ends, kind);
            }
            syn::Item::Union(item) => {
                let generics = self.generics(&item.generics);
                let fields = item.fields.named.iter().collect::<Vec<_>>();
                let ends = (item.union_token.span, item.fields.brace_token.span.close());
                let fields = self.field_list(&fields);
                let kind = ItemKind::Struct { generics, fields };
                self.add(out, &item.ident, &item.vis, attrs, cfg, ends, kind);
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
                    let is_default = variant.attrs.iter().any(|a| a.path().is_ident("default"));
                    variants.push(Variant { name, is_default, at, cfg, fields });
                }
                let kind = ItemKind::Enum { generics, variants };
                let ends = (item.enum_token.span, item.brace_token.span.close());
                self.add(out, &item.ident, &item.vis, attrs, cfg, ends, kind);
            }
            syn::Item::Type(item) => {
                let generics = self.generics(&item.generics);
                let ty = Some(self.ty(&item.ty));
                let kind = ItemKind::Alias { generics, ty };
                let ends = (item.type_token.span, item.semi_token.span);
                self.add(out, &item.ident, &item.vis, attrs, cfg, ends, kind);
            }
            syn::Item::Trait(item) => {
                let generics = self.generics(&item.generics);
                let supers = self.bounds(item.supertraits.iter());
                let items = self.trait_items(&item.items);
                let kind = ItemKind::Trait { generics, supers, items };
                let first =
                    item.unsafety.as_ref().map_or(item.trait_token.span, |token| token.span);
                let ends = (first, item.brace_token.span.close());
                self.add(out, &item.ident, &item.vis, attrs, cfg, ends, kind);
            }
            syn::Item::Impl(item) => self.impl_block(item, cfg, out),
            syn::Item::Macro(item) => self.item_macro(item, cfg, out),
            _ => {}
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of an item, each from another type")]
    pub(super) fn add(
        &mut self,
        out: &mut Vec<Item>,
        ident: &syn::Ident,
        vis: &syn::Visibility,
        attrs: &[syn::Attribute],
        cfg: Cfg,
        ends: (proc_macro2::Span, proc_macro2::Span),
        kind: ItemKind,
    ) {
        let (name, at) = (self.name(ident), self.ident_range(ident));
        let whole = self.whole(attrs, Some(vis), ends);
        let attrs = self.attributes(attrs);
        out.push(Item { name, at, whole, public: is_public(vis), cfg, attrs, kind });
    }

    /// From the first attribute, or what stands first without one, to the end.
    pub(super) fn whole(
        &self,
        attrs: &[syn::Attribute],
        vis: Option<&syn::Visibility>,
        (first, last): (proc_macro2::Span, proc_macro2::Span),
    ) -> Range {
        let attr = attrs.iter().find(|attr| matches!(attr.style, syn::AttrStyle::Outer));
        let first = match (attr, vis) {
            (Some(attr), _) => attr.pound_token.span,
            (None, Some(syn::Visibility::Public(token))) => token.span,
            (None, Some(syn::Visibility::Restricted(vis))) => vis.pub_token.span,
            _ => first,
        };
        self.sane(Range { start: self.start(first), end: self.end(last) })
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
        let first = item.unsafety.as_ref().map_or(item.impl_token.span, |token| token.span);
        let whole = self.whole(&item.attrs, None, (first, item.brace_token.span.close()));
        out.push(Item {
            name: self.intern("_"),
            at: self.facts.ty(for_).at,
            whole,
            public: false,
            cfg,
            attrs,
            kind: ItemKind::Impl { generics, of, for_, items },
        });
    }

    pub(super) fn function(
        &mut self,
        sig: &syn::Signature,
        block: Option<&syn::Block>,
    ) -> ItemKind {
        let (generics, asks) = self.generics_and_asked(&sig.generics);
        let mut receiver = None;
        let mut params = Vec::with_capacity(sig.inputs.len());
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
        ItemKind::Fn(Function { generics, asks, params, receiver, ret, body, is_async })
    }

    fn fields(&mut self, fields: &syn::Fields) -> Vec<Field> {
        let list: Vec<&syn::Field> = fields.iter().collect();
        self.field_list(&list)
    }

    fn field_list(&mut self, fields: &[&syn::Field]) -> Vec<Field> {
        let mut out = Vec::with_capacity(fields.len());
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
}

/// What a signature begins with.
pub(super) fn first_of(sig: &syn::Signature) -> proc_macro2::Span {
    let safety = match &sig.safety {
        syn::Safety::Safe(token) => Some(token.span),
        syn::Safety::Unsafe(token) => Some(token.span),
        _ => None,
    };
    let constness = sig.constness.as_ref().map(|token| token.span);
    let asyncness = sig.asyncness.as_ref().map(|token| token.span);
    let abi = sig.abi.as_ref().map(|abi| abi.extern_token.span);
    constness.or(asyncness).or(safety).or(abi).unwrap_or(sig.fn_token.span)
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
