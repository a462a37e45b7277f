//! Types, bounds and generics.

use syn::{GenericArgument, PathArguments, ReturnType, Type, TypeParamBound};

use super::lower::Lower;
use super::tree::{Generic, Range, TyId, TyKind, TyPath};

impl Lower<'_> {
    pub(super) fn ty(&mut self, ty: &Type) -> TyId {
        let (at, kind) = match ty {
            Type::Path(path) => {
                let at = self.path_range(&path.path);
                let kind = match &path.qself {
                    None => TyKind::Path(self.ty_path(&path.path)),
                    Some(qself) => {
                        let ty = self.ty(&qself.ty);
                        let name = path.path.segments.last().map(|s| &s.ident);
                        match name {
                            Some(name) => {
                                let name = self.name(name);
                                TyKind::Projection { ty, of: None, name }
                            }
                            None => TyKind::Unknown,
                        }
                    }
                };
                (at, kind)
            }
            Type::Reference(reference) => {
                let inner = self.ty(&reference.elem);
                let mutable = reference.mutability.is_some();
                (self.facts.ty(inner).at, TyKind::Ref { ty: inner, mutable })
            }
            Type::Ptr(pointer) => {
                let inner = self.ty(&pointer.elem);
                (self.facts.ty(inner).at, TyKind::Ref { ty: inner, mutable: true })
            }
            Type::Paren(inner) => return self.ty(&inner.elem),
            Type::Group(inner) => return self.ty(&inner.elem),
            Type::Tuple(tuple) => {
                let parts: Vec<TyId> = tuple.elems.iter().map(|ty| self.ty(ty)).collect();
                let start = self.start(tuple.paren_token.span.open());
                (Range { start, end: start + 1 }, TyKind::Tuple(parts.into()))
            }
            Type::Slice(slice) => {
                let inner = self.ty(&slice.elem);
                (self.facts.ty(inner).at, TyKind::Slice(inner))
            }
            Type::Array(array) => {
                let inner = self.ty(&array.elem);
                (self.facts.ty(inner).at, TyKind::Slice(inner))
            }
            Type::TraitObject(object) => {
                let bounds = self.bounds(object.bounds.iter());
                (Range::default(), TyKind::Dyn(bounds.into()))
            }
            Type::ImplTrait(object) => {
                let bounds = self.bounds(object.bounds.iter());
                (Range::default(), TyKind::Impl(bounds.into()))
            }
            Type::FnPtr(pointer) => {
                let params: Vec<TyId> =
                    pointer.inputs.iter().map(|input| self.ty(&input.ty)).collect();
                let ret = self.output(&pointer.output);
                (Range::default(), TyKind::Fn { path: None, params: params.into(), ret })
            }
            _ => (Range::default(), TyKind::Unknown),
        };
        self.push_ty(at, kind)
    }

    pub(super) fn output(&mut self, output: &ReturnType) -> Option<TyId> {
        match output {
            ReturnType::Type(_, ty) => Some(self.ty(ty)),
            _ => None,
        }
    }

    pub(super) fn path_range(&self, path: &syn::Path) -> Range {
        let first = path.segments.first().map(|segment| self.ident_range(&segment.ident));
        let last = path.segments.last().map(|segment| self.ident_range(&segment.ident));
        match (first, last) {
            (Some(first), Some(last)) => Range { start: first.start, end: last.end },
            _ => Range::default(),
        }
    }

    pub(super) fn ty_path(&mut self, path: &syn::Path) -> TyPath {
        let mut segments = Vec::with_capacity(path.segments.len());
        let mut args = Vec::new();
        let mut bindings = Vec::new();
        for segment in &path.segments {
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
        TyPath {
            segments: segments.into(),
            absolute: path.leading_colon.is_some(),
            args: args.into(),
            bindings: bindings.into(),
        }
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
            if let Some(generic) = found.iter_mut().find(|generic| generic.name == name) {
                generic.bounds.extend(bounds);
            }
        }
        found
    }
}
