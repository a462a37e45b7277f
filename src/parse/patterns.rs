//! Patterns.

use super::lower::Lower;
use super::tree::{Pat, PatKind, Range};

impl Lower<'_> {
    pub(super) fn pat(&mut self, pat: &syn::Pat) -> Pat {
        match pat {
            syn::Pat::Ident(ident) => {
                let at = self.ident_range(&ident.ident);
                let name = self.name(&ident.ident);
                let sub = ident.subpat.as_ref().map(|(_, sub)| Box::new(self.pat(sub)));
                let fixed = ident.mutability.is_none() && ident.by_ref.is_none();
                Pat { at, kind: PatKind::Bind { name, sub, fixed } }
            }
            syn::Pat::TupleStruct(tuple) => {
                let at = self.path_range(&tuple.path);
                let path = self.ty_path(&tuple.path);
                let pats = tuple.elems.iter().map(|pat| self.pat(pat)).collect();
                Pat { at, kind: PatKind::TupleStruct { path, pats } }
            }
            syn::Pat::Struct(of) => {
                let at = self.path_range(&of.path);
                let path = self.ty_path(&of.path);
                let mut fields = Vec::new();
                for field in &of.fields {
                    if self.is_off(&field.attrs) {
                        continue;
                    }
                    let name = self.member(&field.member).0;
                    fields.push((name, self.pat(&field.pat)));
                }
                Pat { at, kind: PatKind::Struct { path, fields: fields.into() } }
            }
            syn::Pat::Path(path) => {
                let at = self.path_range(&path.path);
                Pat { at, kind: PatKind::Path(self.ty_path(&path.path)) }
            }
            syn::Pat::Tuple(tuple) => self.list(tuple.elems.iter(), PatKind::Tuple),
            syn::Pat::Slice(slice) => self.list(slice.elems.iter(), PatKind::Slice),
            syn::Pat::Or(or) => self.list(or.cases.iter(), PatKind::Or),
            syn::Pat::Paren(inner) => self.pat(&inner.pat),
            syn::Pat::Guard(inner) => self.pat(&inner.pat),
            syn::Pat::Reference(inner) => {
                let inner = self.pat(&inner.pat);
                Pat { at: inner.at, kind: PatKind::Ref(Box::new(inner)) }
            }
            syn::Pat::Type(typed) => {
                let inner = self.pat(&typed.pat);
                let ty = self.ty(&typed.ty);
                Pat { at: inner.at, kind: PatKind::Typed(Box::new(inner), ty) }
            }
            syn::Pat::Lit(syn::PatLit { lit: syn::Lit::Str(text), .. }) => {
                let name = self.intern(&text.value());
                Pat { at: Range::default(), kind: PatKind::Text(name) }
            }
            syn::Pat::Lit(syn::PatLit { lit: syn::Lit::Bool(value), .. }) => {
                Pat { at: Range::default(), kind: PatKind::Bool(value.value) }
            }
            syn::Pat::Lit(syn::PatLit { lit: syn::Lit::Int(number), .. }) => {
                let kind = number.base10_parse().map_or(PatKind::Wild, PatKind::Int);
                Pat { at: Range::default(), kind }
            }
            syn::Pat::Macro(mac) => match self.user_pat(&mac.mac) {
                Some(expanded) => expanded,
                None => Pat { at: Range::default(), kind: PatKind::Wild },
            },
            _ => Pat { at: Range::default(), kind: PatKind::Wild },
        }
    }

    fn list<'p>(
        &mut self,
        pats: impl Iterator<Item = &'p syn::Pat>,
        kind: impl FnOnce(Box<[Pat]>) -> PatKind,
    ) -> Pat {
        let pats: Vec<Pat> = pats.map(|pat| self.pat(pat)).collect();
        let at = pats.first().map_or(Range::default(), |pat| pat.at);
        Pat { at, kind: kind(pats.into()) }
    }
}
