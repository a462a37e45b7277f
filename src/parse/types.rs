//! Types, bounds and generics.

use syn::{GenericArgument, PathArguments, ReturnType, Type, TypeParamBound};

use super::lower::Lower;
use super::tree::{Generic, Range, TyId, TyKind, TyPath};

impl Lower<'_> {
    pub(super) fn ty(&mut self, ty: &Type) -> TyId {
        let (at, kind) = match ty {
            Type::Path(path) => match (&path.qself, path.path.segments.last()) {
                (Some(qself), Some(last)) => {
                    let ty = self.ty(&qself.ty);
                    let of = self.trait_of(qself, &path.path);
                    let name = self.name(&last.ident);
                    let start = self.start(qself.lt_token.span);
                    let end = self.ident_range(&last.ident).end;
                    (Range { start, end }, TyKind::Projection { ty, of, name })
                }
                _ => (self.path_range(&path.path), TyKind::Path(self.ty_path(&path.path))),
            },
            Type::Reference(reference) => {
                let inner = self.ty(&reference.elem);
                let mutable = reference.mutability.is_some();
                let at = self.up_to(reference.and_token.span, inner);
                (at, TyKind::Ref { ty: inner, mutable })
            }
            Type::Ptr(pointer) => {
                let inner = self.ty(&pointer.elem);
                let mutable = matches!(pointer.mutability, syn::PointerMutability::Mut(_));
                let at = self.up_to(pointer.star_token.span, inner);
                (at, TyKind::Ref { ty: inner, mutable })
            }
            Type::Paren(inner) => return self.ty(&inner.elem),
            Type::Group(inner) => return self.ty(&inner.elem),
            Type::Tuple(tuple) => {
                let parts: Vec<TyId> = tuple.elems.iter().map(|ty| self.ty(ty)).collect();
                (self.range(tuple.paren_token.span.join()), TyKind::Tuple(parts.into()))
            }
            Type::Slice(slice) => {
                let inner = self.ty(&slice.elem);
                (self.range(slice.bracket_token.span.join()), TyKind::Slice(inner))
            }
            Type::Array(array) => {
                let inner = self.ty(&array.elem);
                (self.range(array.bracket_token.span.join()), TyKind::Slice(inner))
            }
            Type::TraitObject(object) => {
                let bounds = self.bounds(object.bounds.iter());
                let at = self.over(object.dyn_token.as_ref().map(|token| token.span), &bounds);
                (at, TyKind::Dyn(bounds.into()))
            }
            Type::ImplTrait(object) => {
                let bounds = self.bounds(object.bounds.iter());
                let at = self.over(Some(object.impl_token.span), &bounds);
                (at, TyKind::Impl(bounds.into()))
            }
            Type::FnPtr(pointer) => {
                let params: Vec<TyId> =
                    pointer.inputs.iter().map(|input| self.ty(&input.ty)).collect();
                let ret = self.output(&pointer.output);
                let start = self.start(pointer.fn_token.span);
                let end = self.end(pointer.paren_token.span.close());
                let end = ret.map_or(end, |ret| self.facts.ty(ret).at.end);
                (Range { start, end }, TyKind::Fn { path: None, params: params.into(), ret })
            }
            Type::Never(never) => (self.range(never.bang_token.span), TyKind::Unknown),
            Type::Infer(infer) => (self.range(infer.underscore_token.span), TyKind::Unknown),
            Type::Macro(mac) => match self.user_ty(&mac.mac) {
                Some(expanded) => return expanded,
                None => (self.path_range(&mac.mac.path), TyKind::Unknown),
            },
            _ => (Range::default(), TyKind::Unknown),
        };
        self.push_ty(at, kind)
    }

    fn up_to(&self, first: proc_macro2::Span, last: TyId) -> Range {
        let start = self.start(first);
        Range { start, end: self.facts.ty(last).at.end.max(start) }
    }

    fn over(&self, first: Option<proc_macro2::Span>, bounds: &[TyId]) -> Range {
        let bound = |id: &TyId| self.facts.ty(*id).at;
        let start = first.map(|first| self.start(first));
        let start = start.or(bounds.first().map(|id| bound(id).start)).unwrap_or_default();
        Range { start, end: bounds.last().map_or(start, |id| bound(id).end) }
    }

    /// `Trait` of `<T as Trait>::Name`.
    fn trait_of(&mut self, qself: &syn::QSelf, path: &syn::Path) -> Option<TyId> {
        let segments: Vec<_> = path.segments.iter().take(qself.position).collect();
        let (first, last) = (segments.first()?, segments.last()?);
        let start = self.ident_range(&first.ident).start;
        let at = Range { start, end: self.ident_range(&last.ident).end };
        let of = self.segments(segments.into_iter(), path.leading_colon.is_some());
        Some(self.push_ty(at, TyKind::Path(of)))
    }

    pub(super) fn output(&mut self, output: &ReturnType) -> Option<TyId> {
        match output {
            ReturnType::Type(_, ty) => Some(self.ty(ty)),
            _ => None,
        }
    }

    pub(super) fn path_range(&self, path: &syn::Path) -> Range {
        let (Some(first), Some(last)) = (path.segments.first(), path.segments.last()) else {
            return Range::default();
        };
        let last = self.ident_range(&last.ident);
        let start = match path.segments.len() {
            1 => last.start,
            _ => self.start(first.ident.span()),
        };
        self.sane(Range { start, end: last.end })
    }

    pub(super) fn ty_path(&mut self, path: &syn::Path) -> TyPath {
        self.segments(path.segments.iter(), path.leading_colon.is_some())
    }

    fn segments<'s>(
        &mut self,
        list: impl Iterator<Item = &'s syn::PathSegment>,
        absolute: bool,
    ) -> TyPath {
        let mut segments = Vec::with_capacity(list.size_hint().0);
        let mut args = Vec::new();
        let mut bindings = Vec::new();
        for segment in list {
            segments.push(self.name(&segment.ident));
            match &segment.arguments {
                PathArguments::AngleBracketed(list) => {
                    args.clear();
                    for arg in &list.args {
                        match arg {
                            GenericArgument::Type(ty) => args.push(self.ty(ty)),
                            GenericArgument::AssocType(bound) => {
                                let name = self.name(&bound.ident);
                                bindings.push((name, self.ty(&bound.ty)));
                            }
                            _ => {}
                        }
                    }
                }
                PathArguments::Parenthesized(list) => {
                    // `Fn(A, B) -> C`: as the language desugars it, `Fn<(A, B), C>`.
                    let inputs: Vec<TyId> = list.inputs.iter().map(|i| self.ty(&i.ty)).collect();
                    args.clear();
                    args.push(self.push_ty(Range::default(), TyKind::Tuple(inputs.into())));
                    args.extend(self.output(&list.output));
                }
                _ => {}
            }
        }
        TyPath { segments: segments.into(), absolute, args: args.into(), bindings: bindings.into() }
    }

    pub(super) fn bounds<'b>(
        &mut self,
        bounds: impl Iterator<Item = &'b TypeParamBound>,
    ) -> Vec<TyId> {
        let mut found = Vec::new();
        for bound in bounds {
            if let TypeParamBound::Trait(bound) = bound {
                let at = self.path_range(&bound.path);
                let path = self.ty_path(&bound.path);
                found.push(self.push_ty(at, TyKind::Path(path)));
            }
        }
        found
    }

    pub(super) fn generics(&mut self, generics: &syn::Generics) -> Vec<Generic> {
        self.generics_and_asked(generics).0
    }

    /// The parameters that are declared, and what is asked of names that are declared around them.
    pub(super) fn generics_and_asked(
        &mut self,
        generics: &syn::Generics,
    ) -> (Vec<Generic>, Vec<Generic>) {
        let mut asked: Vec<Generic> = Vec::new();
        let mut found: Vec<Generic> = Vec::new();
        for param in &generics.params {
            if let syn::GenericParam::Type(param) = param {
                let name = self.name(&param.ident);
                let bounds = self.bounds(param.bounds.iter());
                found.push(Generic { name, bounds });
            }
        }
        let clauses = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
        for predicate in clauses {
            let syn::WherePredicate::Type(predicate) = predicate else { continue };
            let syn::Type::Path(bounded) = &predicate.bounded_ty else { continue };
            let Some(ident) = bounded.path.get_ident() else { continue };
            let name = self.name(ident);
            let bounds = self.bounds(predicate.bounds.iter());
            match found.iter_mut().find(|generic| generic.name == name) {
                Some(generic) => generic.bounds.extend(bounds),
                None => asked.push(Generic { name, bounds }),
            }
        }
        (found, asked)
    }
}
