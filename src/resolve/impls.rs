//! Which functions has a type? Impls by type, by trait and by method name.

use rustc_hash::FxHashMap;

use super::{DefId, DefKind, Names, PathId, Res, Space, T, Type};
use crate::catalog::AttributeMeaning;
use crate::parse::tree::{ItemKind, Receiver, TyId, TyKind};
use crate::symbol::Symbol;

/// One `impl` block.
#[derive(Debug, Clone)]
pub struct Impl {
    pub id: DefId,
    pub self_type: T,
    /// The trait: of the tree, or by its path outside.
    pub of: Option<Res>,
    pub trait_args: Vec<T>,
}

/// Functions of types and traits, indexed.
#[derive(Debug, Default)]
pub struct Impls {
    impls: FxHashMap<DefId, Impl>,
    /// Functions in impls and traits, by name, in order of definition.
    by_name: FxHashMap<Symbol, Vec<DefId>>,
    /// Associated types of impls.
    types: FxHashMap<(DefId, Symbol), DefId>,
    /// Associated constants of impls and traits.
    consts: FxHashMap<(DefId, Symbol), DefId>,
    /// Impls of a trait of the tree.
    of_trait: FxHashMap<DefId, Vec<DefId>>,
    /// Impls of a trait outside the tree.
    of_external: FxHashMap<PathId, Vec<DefId>>,
    /// Impls for a type of the tree.
    for_type: FxHashMap<DefId, Vec<DefId>>,
}

impl Impls {
    pub fn of(&self, id: DefId) -> Option<&Impl> {
        self.impls.get(&id)
    }

    pub fn named(&self, name: Symbol) -> &[DefId] {
        self.by_name.get(&name).map_or(&[], Vec::as_slice)
    }

    pub(super) fn associated_type(&self, of: DefId, name: Symbol) -> Option<DefId> {
        self.types.get(&(of, name)).copied()
    }

    pub fn of_trait(&self, id: DefId) -> &[DefId] {
        self.of_trait.get(&id).map_or(&[], Vec::as_slice)
    }

    pub fn of_external(&self, path: PathId) -> &[DefId] {
        self.of_external.get(&path).map_or(&[], Vec::as_slice)
    }

    pub fn for_type(&self, id: DefId) -> &[DefId] {
        self.for_type.get(&id).map_or(&[], Vec::as_slice)
    }

    pub fn all(&self) -> impl Iterator<Item = &Impl> {
        self.impls.values()
    }
}

impl<'a> Names<'a> {
    pub(super) fn index_impls(&mut self) {
        let mut index = Impls::default();
        for id in self.ids() {
            let def = self.def(id);
            match def.item.map(|item| &item.kind) {
                Some(ItemKind::Impl { of, for_, .. }) => {
                    let context = self.context(id);
                    let facts = self.facts(def.file);
                    let self_type = self.lower(facts, *for_, context);
                    let (of, trait_args) = match of {
                        Some(of) => self.lower_trait(id, *of, self_type),
                        None => (None, Vec::new()),
                    };
                    match of {
                        Some(Res::Def(of)) => index.of_trait.entry(of).or_default().push(id),
                        Some(Res::External(of)) => {
                            index.of_external.entry(of).or_default().push(id)
                        }
                        _ => {}
                    }
                    if let Type::Local(target, _) = &*self.types.get(self_type) {
                        index.for_type.entry(*target).or_default().push(id);
                    }
                    index.impls.insert(id, Impl { id, self_type, of, trait_args });
                }
                Some(ItemKind::Fn(_)) if self.owner(id).is_some() => {
                    index.by_name.entry(def.name).or_default().push(id);
                }
                Some(ItemKind::Const { .. }) if self.owner(id).is_some() => {
                    index.consts.insert((def.parent, def.name), id);
                }
                Some(ItemKind::Alias { .. }) if self.owner(id).is_some() => {
                    index.types.insert((def.parent, def.name), id);
                }
                _ => {}
            }
        }
        self.impls = index;
    }

    fn lower_trait(
        &self,
        id: DefId,
        of: crate::parse::tree::TyId,
        self_type: T,
    ) -> (Option<Res>, Vec<T>) {
        let context = super::Context { self_type, ..self.context(id) };
        let facts = self.facts_of(id);
        let lowered = self.lower(facts, of, context);
        match &*self.types.get(lowered) {
            Type::Local(of, args) => (Some(Res::Def(*of)), args.to_vec()),
            Type::External(of, args) => (Some(Res::External(*of)), args.to_vec()),
            _ => (Some(Res::Unknown), Vec::new()),
        }
    }

    /// The last name of an impl's trait, as it is written.
    pub fn written_trait(&self, block: DefId) -> Option<Symbol> {
        let Some(ItemKind::Impl { of: Some(of), .. }) = self.def(block).item.map(|i| &i.kind)
        else {
            return None;
        };
        match &self.facts_of(block).ty(*of).kind {
            TyKind::Path(path) => path.segments.last().copied(),
            _ => None,
        }
    }

    /// The functions that `Type::name` may mean for a type of the tree: its own first, else those
    /// of the traits it implements, else the defaults of these traits.
    pub fn functions_of(&self, target: DefId, name: Symbol) -> Vec<DefId> {
        if self.def(target).kind == DefKind::Trait {
            return self.functions_of_trait(target, name);
        }
        let mut own = Vec::new();
        let mut from_traits = Vec::new();
        for block in self.impls.for_type(target) {
            let found = self.impls.of(*block);
            let function = self.function_in(*block, name);
            match (function, found.and_then(|found| found.of)) {
                (Some(function), None) => own.push(function),
                (Some(function), Some(_)) => from_traits.push(function),
                (None, Some(Res::Def(of))) => from_traits.extend(self.function_in(of, name)),
                _ => {}
            }
        }
        if own.is_empty() && from_traits.is_empty() {
            return self.functions_of_variants(target, name);
        }
        if own.is_empty() { from_traits } else { own }
    }

    /// The functions of what the variants of an enum hold, where a macro makes the enum's call them.
    fn functions_of_variants(&self, target: DefId, name: Symbol) -> Vec<DefId> {
        let def = self.def(target);
        let Some(ItemKind::Enum { variants, .. }) = def.item.map(|item| &item.kind) else {
            return Vec::new();
        };
        let attrs = def.item.into_iter().flat_map(|item| &item.attrs);
        let mut facts = attrs.filter_map(|attr| {
            let path =
                match self.resolve(self.scope_of(def.parent), &attr.path, false, Space::Types) {
                    Res::External(id) => self.externals.get(id).text.to_string(),
                    _ => {
                        attr.path.iter().map(|part| self.text(*part)).collect::<Vec<_>>().join("::")
                    }
                };
            self.catalog.attribute(&path)
        });
        if !facts.any(|fact| fact.means == AttributeMeaning::Variants) {
            return Vec::new();
        }
        let held = variants.iter().filter_map(|variant| match variant.fields.first() {
            Some(field) => {
                let ty = self.lower(self.facts_of(target), field.ty, self.context(target));
                match &*self.types.get(ty) {
                    Type::Local(of, _) => Some(*of),
                    _ => None,
                }
            }
            // A variant that is called as a type holds one.
            None => {
                let scope = self.scope_of(def.parent);
                match self.resolve(scope, &[variant.name], false, Space::Types) {
                    Res::Def(of) => Some(of),
                    _ => None,
                }
            }
        });
        held.filter(|of| *of != target).flat_map(|of| self.functions_of(of, name)).collect()
    }

    /// The trait that a function is there for, of which it stands in an impl.
    pub fn trait_of(&self, function: DefId) -> Option<Res> {
        self.impls.of(self.owner(function)?)?.of
    }

    /// What a call through a trait may run: every impl in the tree, and the default, unless every
    /// impl has another instead.
    pub fn functions_of_trait(&self, of: DefId, name: Symbol) -> Vec<DefId> {
        let declared = self.function_in(of, name);
        let blocks = self.impls.of_trait(of);
        let mut found: Vec<DefId> =
            blocks.iter().filter_map(|block| self.function_in(*block, name)).collect();
        let default = declared.filter(|id| self.function(*id).is_some_and(|f| f.body.is_some()));
        if found.is_empty() || found.len() < blocks.len() {
            found.extend(default);
        }
        if found.is_empty() {
            found.extend(declared);
        }
        if found.is_empty() {
            for bound in self.supertraits(of) {
                found.extend(self.functions_of_trait(bound, name));
            }
        }
        found
    }

    /// The constant of that name in an impl of a type of the tree, or in a trait.
    pub fn associated_const(&self, of: DefId, name: Symbol) -> Option<DefId> {
        let blocks = self.impls.for_type(of).iter().copied();
        blocks.chain([of]).find_map(|block| self.impls.consts.get(&(block, name)).copied())
    }

    fn supertraits(&self, of: DefId) -> Vec<DefId> {
        let Some(ItemKind::Trait { supers, .. }) = self.def(of).item.map(|item| &item.kind) else {
            return Vec::new();
        };
        let (facts, context) = (self.facts_of(of), self.context(of));
        let lowered = supers.iter().map(|ty| self.lower(facts, *ty, context));
        lowered
            .filter_map(|ty| match &*self.types.get(ty) {
                Type::Local(id, _) if *id != of => Some(*id),
                _ => None,
            })
            .collect()
    }

    /// The function of that name declared directly in an impl or trait.
    pub fn function_in(&self, block: DefId, name: Symbol) -> Option<DefId> {
        let inside = |id: &&DefId| self.def(**id).parent == block;
        self.impls.named(name).iter().find(inside).copied()
    }

    pub fn function(&self, id: DefId) -> Option<&'a crate::parse::tree::Function> {
        match self.def(id).item.map(|item| &item.kind) {
            Some(ItemKind::Fn(function)) => Some(function),
            _ => None,
        }
    }

    /// The type that dereferencing a type of the tree with these arguments gives, by its own `impl
    /// Deref` or a derive.
    pub fn deref_target(&self, target: DefId, args: &[T]) -> Option<T> {
        let known = args.is_empty().then(|| self.derefs.borrow().get(&target).copied());
        if let Some(known) = known.flatten() {
            return known;
        }
        let found = self.implemented_deref(target, args);
        let found = found.or_else(|| self.derived_deref(target, args));
        if args.is_empty() {
            self.derefs.borrow_mut().insert(target, found);
        }
        found
    }

    fn derived_deref(&self, target: DefId, args: &[T]) -> Option<T> {
        let mark = self.derives(target).find_map(|name| self.catalog.sees_through(name))?;
        let fields = self.fields(target);
        let marked = fields.iter().find(|field| {
            field.attrs.iter().any(|attr| matches!(*attr.path, [name] if self.text(name) == mark))
        });
        let field = match fields {
            [only] => only,
            _ => marked?,
        };
        Some(self.field_type(target, field, args))
    }

    /// The derives of a type, by their last names.
    pub(super) fn derives(&self, of: DefId) -> impl Iterator<Item = &'a str> + use<'a, '_> {
        let attrs = self.def(of).item.into_iter().flat_map(|item| &item.attrs);
        attrs
            .filter(|attr| matches!(*attr.path, [name] if self.text(name) == "derive"))
            .flat_map(|attr| attr.tokens.split(','))
            .map(|name| name.trim().rsplit("::").next().unwrap_or_default().trim())
    }

    /// Whether two values of a type are the same where their parts are, by a derive.
    pub fn is_same_by_parts(&self, of: DefId) -> bool {
        self.derives(of).any(|name| name == "PartialEq")
    }

    /// Whether values of a type are written down for others, by a derive.
    pub fn is_written(&self, of: DefId) -> bool {
        self.derives(of).any(|name| self.catalog.is_written(name))
    }

    /// Whether a derive of that name implements something for a type.
    pub fn is_derived(&self, of: DefId, derive: &str) -> bool {
        self.derives(of).any(|name| name == derive)
    }

    /// Whether a derive may give a type methods that are written nowhere.
    pub fn is_extended(&self, of: DefId) -> bool {
        let plain = |name: &str| matches!(name, "" | "Default" | "Deserialize");
        self.derives(of).any(|name| !plain(name) && !self.catalog.makes_nothing(name))
    }

    /// Whether a type implements what is no trait of the tree.
    pub fn has_traits_of_crates(&self, of: DefId) -> bool {
        let mut blocks = self.impls.for_type(of).iter().filter_map(|block| self.impls.of(*block));
        blocks.any(|block| matches!(block.of, Some(Res::External(_))))
    }

    /// Whether all that a derive does with the parts of a type is to copy them or to show them.
    pub fn is_only_copied(&self, of: DefId) -> bool {
        self.derives(of).all(|name| matches!(name, "" | "Clone" | "Copy" | "Debug" | "Default"))
    }

    /// Whether a derive shows all the parts of a type.
    pub fn shows_its_parts(&self, of: DefId) -> bool {
        self.derives(of).any(|name| name == "Debug")
    }

    fn implemented_deref(&self, target: DefId, args: &[T]) -> Option<T> {
        for block in self.impls.for_type(target) {
            let found = self.impls.of(*block)?;
            let Some(Res::External(of)) = found.of else { continue };
            if &*self.externals.get(of).text != "std::ops::Deref" {
                continue;
            }
            let name = self.symbols.find("Target")?;
            let alias = self.impls.associated_type(*block, name)?;
            let gives = self.instance(alias, Vec::new(), 0);
            let Type::Local(_, params) = &*self.types.get(found.self_type) else {
                return Some(gives);
            };
            let told =
                params.iter().zip(args).filter_map(|(param, arg)| match &*self.types.get(*param) {
                    Type::Param(owner, name) => Some(((*owner, *name), *arg)),
                    _ => None,
                });
            return Some(self.fill(gives, &told.collect()));
        }
        None
    }

    /// The field that an `impl Deref` with that target gives: the one whose type it is, pointers
    /// around it taken away.
    pub fn dereferenced_field(&self, of: DefId, args: &[T], target: T) -> Option<Symbol> {
        self.fields(of).iter().find_map(|field| {
            let mut at = self.field_type(of, field, args);
            for _ in 0..4 {
                if at == target {
                    return Some(field.name);
                }
                match &*self.types.get(at) {
                    Type::External(_, args) => at = *args.first()?,
                    _ => return None,
                }
            }
            None
        })
    }

    /// The return type of a function, with `Self` as its owner's type.
    pub fn return_type(&self, id: DefId) -> T {
        let Some(function) = self.function(id) else { return T::UNKNOWN };
        let Some(ret) = function.ret else { return T::UNKNOWN };
        self.declared(id, ret)
    }

    /// The fields of a struct or variant of the tree, with their types as declared.
    pub fn field(&self, of: DefId, name: Symbol) -> Option<&'a crate::parse::tree::Field> {
        self.fields(of).iter().find(|field| field.name == name)
    }

    pub fn fields(&self, of: DefId) -> &'a [crate::parse::tree::Field] {
        let def = self.def(of);
        if def.kind == DefKind::Variant {
            let Some(ItemKind::Enum { variants, .. }) =
                self.def(def.parent).item.map(|item| &item.kind)
            else {
                return &[];
            };
            let found = variants.iter().find(|variant| variant.name == def.name);
            return found.map_or(&[], |variant| &variant.fields);
        }
        match def.item.map(|item| &item.kind) {
            Some(ItemKind::Struct { fields, .. }) => fields,
            _ => &[],
        }
    }

    /// Whether a field borrows what it holds.
    pub fn is_lent(&self, of: DefId, field: &crate::parse::tree::Field) -> bool {
        matches!(self.facts_of(of).ty(field.ty).kind, TyKind::Ref { .. })
    }

    /// Whether a function has a parameter, the receiver being the first, to itself: it is not lent.
    pub fn takes_whole(&self, function: DefId, index: u16) -> bool {
        let Some(written) = self.function(function) else { return false };
        let index = usize::from(index);
        let at = match (written.receiver, index) {
            (Some(receiver), 0) => return receiver == Receiver::Value,
            (Some(_), index) => index - 1,
            (None, index) => index,
        };
        written.params.get(at).is_some_and(|param| !self.lends(function, param.ty))
    }

    /// Whether a method only borrows its receiver.
    pub fn lends_itself(&self, method: DefId) -> bool {
        let receiver = self.function(method).and_then(|written| written.receiver);
        receiver.is_some_and(|receiver| receiver != Receiver::Value)
    }

    /// Whether what a function answers with is nowhere borrowed.
    pub fn gives_whole(&self, function: DefId) -> bool {
        let ret = self.function(function).and_then(|function| function.ret);
        ret.is_some_and(|ret| !self.lends(function, ret))
    }

    fn lends(&self, of: DefId, ty: TyId) -> bool {
        match &self.facts_of(of).ty(ty).kind {
            TyKind::Path(path) => path.args.iter().any(|arg| self.lends(of, *arg)),
            TyKind::Tuple(parts) => parts.iter().any(|part| self.lends(of, *part)),
            _ => true,
        }
    }

    /// The type of a field of `of`, whose own parameters are `args`.
    pub fn field_type(&self, of: DefId, field: &crate::parse::tree::Field, args: &[T]) -> T {
        let owner = match self.def(of).kind {
            DefKind::Variant => self.def(of).parent,
            _ => of,
        };
        self.substitute(self.declared(owner, field.ty), owner, self.generics(owner), args)
    }
}
