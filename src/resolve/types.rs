//! What is the type that is written here? Aliases and generics are substituted, references seen
//! through; what leaves the tree keeps its path and arguments.

use std::cell::RefCell;
use std::rc::Rc;

use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use super::{DefId, DefKind, Names, PathId, Res, Space};
use crate::catalog::{TypeFact, TypeText};
use crate::parse::Facts;
use crate::parse::tree::{Generic, ItemKind, TyId, TyKind, TyPath};
use crate::symbol::Symbol;

/// A type, by its number in [`Types`]. Equal types are equal numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct T(u32);

/// Aliases are followed this far.
const FARTHEST: u8 = 24;
/// What an associated type of a parameter costs of that: each may lead to as many again.
const ROUND: u8 = 12;

impl T {
    pub const UNKNOWN: T = T(0);
}

/// A type as far as state goes: references are seen through, lifetimes are gone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Type {
    Unknown,
    /// A type outside the tree; tuples, slices and function pointers have paths of their own.
    External(PathId, Box<[T]>),
    /// A struct, enum or trait of the tree.
    Local(DefId, Box<[T]>),
    /// A generic parameter of an item, with its bounds to be looked up there.
    Param(DefId, Symbol),
    /// `dyn A + B`, `impl A + B`.
    Bounds(Box<[T]>),
    /// The type of a function item.
    Function(DefId),
    /// A closure or an `async` block, by the number that whoever walks bodies gave it.
    Closure(u32),
}

/// Every type met so far.
#[derive(Debug)]
pub struct Types(RefCell<IndexSet<Rc<Type>, FxBuildHasher>>);

impl Default for Types {
    fn default() -> Types {
        let types = Types(RefCell::default());
        types.intern(Type::Unknown);
        types
    }
}

impl Types {
    pub fn intern(&self, ty: Type) -> T {
        let mut set = self.0.borrow_mut();
        match set.get_index_of(&ty) {
            Some(index) => T(index as u32),
            None => T(set.insert_full(Rc::new(ty)).0 as u32),
        }
    }

    pub fn get(&self, ty: T) -> Rc<Type> {
        self.0.borrow()[ty.0 as usize].clone()
    }

    /// The types that stand inside others: `A` of `Vec<A>`, but not of these.
    pub fn inner(&self, but: impl Fn(PathId) -> bool) -> FxHashSet<T> {
        let set = self.0.borrow();
        let args = set.iter().filter_map(|ty| match &**ty {
            Type::External(path, _) if but(*path) => None,
            Type::External(_, args) | Type::Local(_, args) | Type::Bounds(args) => Some(args),
            _ => None,
        });
        args.flatten().copied().collect()
    }
}

/// From where a type is read: its scope, what `Self` is, which generics are in force.
#[derive(Debug, Clone, Copy)]
pub struct Context {
    /// The module or block whose names are seen.
    pub scope: DefId,
    /// The function, impl, trait or type whose generics are seen.
    pub item: DefId,
    pub self_type: T,
}

impl<'a> Names<'a> {
    /// The context of code directly inside a definition.
    pub fn context(&self, id: DefId) -> Context {
        let scope = self.scope_of(id);
        let mut at = id;
        loop {
            let def = self.def(at);
            match def.kind {
                DefKind::Impl => {
                    let self_type = self.impls.of(at).map_or(T::UNKNOWN, |found| found.self_type);
                    return Context { scope, item: id, self_type };
                }
                DefKind::Trait | DefKind::Struct | DefKind::Enum => {
                    let self_type = self.instance(at, Vec::new(), 0);
                    return Context { scope, item: id, self_type };
                }
                DefKind::Module => return Context { scope, item: id, self_type: T::UNKNOWN },
                _ => at = def.parent,
            }
        }
    }

    /// What the catalogue says of a type outside the tree.
    pub fn type_fact(&self, ty: T) -> Option<&'a TypeFact> {
        match &*self.types.get(ty) {
            Type::External(path, _) => self.catalog.type_fact(&self.externals.get(*path).text),
            _ => None,
        }
    }

    pub fn external(&self, path: &str, args: Vec<T>) -> T {
        self.types.intern(Type::External(self.externals.intern(path), args.into()))
    }

    /// A type that stands in the signature of a definition, or in its fields; asked once for each.
    pub fn declared(&self, of: DefId, ty: TyId) -> T {
        if let Some(known) = self.declared.borrow().get(&(of, ty)) {
            return *known;
        }
        let lowered = self.lower(self.facts_of(of), ty, self.context(of));
        self.declared.borrow_mut().insert((of, ty), lowered);
        lowered
    }

    /// The type that `ty` in `facts` means.
    pub fn lower(&self, facts: &Facts, ty: TyId, context: Context) -> T {
        self.lower_at(facts, ty, context, 0)
    }

    fn lower_at(&self, facts: &Facts, ty: TyId, context: Context, depth: u8) -> T {
        if depth > 24 {
            return T::UNKNOWN;
        }
        let lower = |ty: &TyId| self.lower_at(facts, *ty, context, depth + 1);
        match &facts.ty(ty).kind {
            TyKind::Path(path) => self.lower_path(facts, path, context, depth),
            TyKind::Ref { ty, .. } => lower(ty),
            TyKind::Tuple(parts) => self.external("tuple", parts.iter().map(lower).collect()),
            TyKind::Slice(of) => self.external("slice", vec![lower(of)]),
            TyKind::Dyn(bounds) | TyKind::Impl(bounds) => {
                let bounds: Vec<T> = bounds.iter().map(lower).collect();
                self.bounded(bounds)
            }
            TyKind::Fn { params, ret, .. } => {
                let given = self.external("tuple", params.iter().map(lower).collect());
                self.external("fn", std::iter::once(given).chain(ret.iter().map(lower)).collect())
            }
            TyKind::Projection { .. } | TyKind::Unknown => T::UNKNOWN,
        }
    }

    /// `dyn A + B`: what one can call on it comes from any of its bounds.
    fn bounded(&self, bounds: Vec<T>) -> T {
        let telling: Vec<T> = bounds.into_iter().filter(|bound| *bound != T::UNKNOWN).collect();
        match telling.as_slice() {
            [] => T::UNKNOWN,
            [one] => *one,
            _ => self.types.intern(Type::Bounds(telling.into())),
        }
    }

    fn lower_path(&self, facts: &Facts, path: &TyPath, context: Context, depth: u8) -> T {
        let args: Vec<T> =
            path.args.iter().map(|arg| self.lower_at(facts, *arg, context, depth + 1)).collect();
        if let [name] = *path.segments {
            if Some(name) == self.words.self_type {
                return context.self_type;
            }
            if let Some(owner) = self.generic_owner(context.item, name) {
                return self.types.intern(Type::Param(owner, name));
            }
        } else if let [first, name] = *path.segments
            && Some(first) == self.words.self_type
        {
            return self.associated_type(context, name);
        } else if let [first, name] = *path.segments
            && let Some(owner) = self.generic_owner(context.item, first)
        {
            let key = (context.item, owner, first, name);
            if let Some(known) = self.associated.borrow().get(&key) {
                return *known;
            }
            // A bound may name what it bounds: `P: Provider<Connected = P::Other>`.
            self.associated.borrow_mut().insert(key, T::UNKNOWN);
            let bounds = self.bounds_in(context.item, owner, first);
            let found = self.only_associated(&bounds, name, depth);
            self.associated.borrow_mut().insert(key, found);
            return found;
        }
        // A future is seen as what it yields: awaiting it is then the identity.
        let bound = |wanted: &str| {
            path.bindings.iter().find(|(name, _)| self.text(*name) == wanted).map(|(_, ty)| *ty)
        };
        let res = self.resolve(context.scope, &path.segments, path.absolute, Space::Types);
        if let Some(output) = bound("Output") {
            return self.lower_at(facts, output, context, depth + 1);
        }
        match res {
            Res::Def(id) => self.instance(id, args, depth),
            Res::External(path_id) => {
                let item = bound("Item").map(|ty| self.lower_at(facts, ty, context, depth + 1));
                let args = args.into_iter().chain(item).collect();
                self.types.intern(Type::External(path_id, args))
            }
            Res::Associated(..) | Res::Unknown => T::UNKNOWN,
        }
    }

    /// A definition used as a type, with arguments; aliases are followed.
    pub(super) fn instance(&self, id: DefId, args: Vec<T>, depth: u8) -> T {
        let def = self.def(id);
        if let Some(path) = self.taught_path(id) {
            return self.types.intern(Type::External(path, args.into()));
        }
        match def.kind {
            DefKind::Struct | DefKind::Enum | DefKind::Trait => {
                self.types.intern(Type::Local(id, args.into()))
            }
            DefKind::Variant => self.instance(def.parent, Vec::new(), depth + 1),
            DefKind::Alias if depth < FARTHEST => {
                let Some(ItemKind::Alias { generics, ty: Some(ty) }) =
                    def.item.map(|item| &item.kind)
                else {
                    return T::UNKNOWN;
                };
                let context = self.context(id);
                let inner = self.lower_at(self.facts(def.file), *ty, context, depth + 1);
                self.substitute(inner, id, generics, &args)
            }
            _ => T::UNKNOWN,
        }
    }

    /// `Self::Name` inside an impl.
    fn associated_type(&self, context: Context, name: Symbol) -> T {
        let mut at = context.item;
        while !matches!(self.def(at).kind, DefKind::Impl | DefKind::Module) {
            at = self.def(at).parent;
        }
        match self.impls.associated_type(at, name) {
            Some(alias) if alias != context.item => self.instance(alias, Vec::new(), 1),
            _ => T::UNKNOWN,
        }
    }

    /// The associated type of a parameter with these bounds, where all that may stand for it have
    /// the same.
    fn only_associated(&self, bounds: &[T], name: Symbol, depth: u8) -> T {
        let mut only = T::UNKNOWN;
        for bound in bounds {
            let Type::Local(of, _) = *self.types.get(*bound) else { continue };
            let blocks = self.impls.of_trait(of).iter();
            for alias in blocks.filter_map(|block| self.impls.associated_type(*block, name)) {
                // One that hands on what another has may be asked for itself.
                let ty = self.instance(alias, Vec::new(), depth + ROUND);
                if only != T::UNKNOWN && ty != T::UNKNOWN && only != ty {
                    return T::UNKNOWN;
                }
                only = if only == T::UNKNOWN { ty } else { only };
            }
        }
        only
    }

    /// The item around `at` that has a generic parameter of that name.
    fn generic_owner(&self, at: DefId, name: Symbol) -> Option<DefId> {
        let mut at = at;
        loop {
            let def = self.def(at);
            if self.generics(at).iter().any(|generic| generic.name == name) {
                return Some(at);
            }
            if matches!(def.kind, DefKind::Module | DefKind::Block) {
                return None;
            }
            at = def.parent;
        }
    }

    /// The generic parameters that an item declares.
    pub fn generics(&self, id: DefId) -> &'a [Generic] {
        match self.def(id).item.map(|item| &item.kind) {
            Some(ItemKind::Fn(function)) => &function.generics,
            Some(
                ItemKind::Struct { generics, .. }
                | ItemKind::Enum { generics, .. }
                | ItemKind::Alias { generics, .. }
                | ItemKind::Trait { generics, .. }
                | ItemKind::Impl { generics, .. },
            ) => generics,
            _ => &[],
        }
    }

    /// `ty` with the parameters of `owner` replaced by `args`; missing ones become unknown.
    pub fn substitute(&self, ty: T, owner: DefId, generics: &[Generic], args: &[T]) -> T {
        if generics.is_empty() {
            return ty;
        }
        match &*self.types.get(ty) {
            Type::Param(of, name) if *of == owner => {
                let index = generics.iter().position(|generic| generic.name == *name);
                match index.and_then(|index| args.get(index)) {
                    Some(arg) => *arg,
                    None => ty,
                }
            }
            Type::External(path, inner) if !inner.is_empty() => {
                let inner = inner.iter().map(|t| self.substitute(*t, owner, generics, args));
                self.types.intern(Type::External(*path, inner.collect()))
            }
            Type::Local(id, inner) if !inner.is_empty() => {
                let inner = inner.iter().map(|t| self.substitute(*t, owner, generics, args));
                self.types.intern(Type::Local(*id, inner.collect()))
            }
            Type::Bounds(inner) => {
                let inner = inner.iter().map(|t| self.substitute(*t, owner, generics, args));
                self.types.intern(Type::Bounds(inner.collect()))
            }
            _ => ty,
        }
    }

    /// `ty` with the parameters replaced for which something was found.
    pub fn fill(&self, ty: T, found: &FxHashMap<(DefId, Symbol), T>) -> T {
        match &*self.types.get(ty) {
            Type::Param(owner, name) => found.get(&(*owner, *name)).copied().unwrap_or(ty),
            Type::External(path, inner) if !inner.is_empty() => {
                let inner = inner.iter().map(|t| self.fill(*t, found)).collect();
                self.types.intern(Type::External(*path, inner))
            }
            Type::Local(id, inner) if !inner.is_empty() => {
                let inner = inner.iter().map(|t| self.fill(*t, found)).collect();
                self.types.intern(Type::Local(*id, inner))
            }
            _ => ty,
        }
    }

    /// A definition used as a type without arguments; of a variant, its enum.
    pub fn type_of_def(&self, id: DefId) -> T {
        self.instance(id, Vec::new(), 0)
    }

    /// The generic parameter of that name that is in force.
    pub fn generic_type(&self, context: Context, name: Symbol) -> Option<T> {
        let owner = self.generic_owner(context.item, name)?;
        Some(self.types.intern(Type::Param(owner, name)))
    }

    pub fn is_self_type(&self, name: Symbol) -> bool {
        Some(name) == self.words.self_type
    }

    pub fn is_self_value(&self, name: Symbol) -> bool {
        Some(name) == self.words.self_
    }

    /// The bounds of a generic parameter.
    pub fn param_bounds(&self, owner: DefId, name: Symbol) -> Vec<T> {
        let generic = self.generics(owner).iter().find(|generic| generic.name == name);
        let Some(generic) = generic else { return Vec::new() };
        generic.bounds.iter().map(|bound| self.declared(owner, *bound)).collect()
    }

    /// The bounds of a generic parameter that hold in `at`: also what a function in between asks.
    pub fn bounds_in(&self, at: DefId, owner: DefId, name: Symbol) -> Vec<T> {
        let mut bounds = self.param_bounds(owner, name);
        let mut at = at;
        while at != owner && !matches!(self.def(at).kind, DefKind::Module) {
            let asks = self.function(at).map_or(&[][..], |function| &function.asks);
            let asked = asks.iter().filter(|generic| generic.name == name);
            let asked = asked.flat_map(|generic| &generic.bounds);
            bounds.extend(asked.map(|bound| self.declared(at, *bound)));
            at = self.def(at).parent;
        }
        bounds
    }

    /// A type of the catalogue, for a type with these arguments.
    pub fn instantiate(&self, text: &TypeText, itself: T, args: &[T]) -> T {
        match text {
            TypeText::Itself => itself,
            TypeText::Param(index) => args.get(*index).copied().unwrap_or(T::UNKNOWN),
            TypeText::Path(path, inner) => {
                let inner = inner.iter().map(|t| self.instantiate(t, itself, args)).collect();
                self.external(path, inner)
            }
        }
    }

    /// A type as a person would write it, paths shortened to their last segment.
    pub fn short(&self, ty: T) -> String {
        let with = |name: &str, args: &[T]| {
            let args: Vec<String> = args.iter().map(|arg| self.short(*arg)).collect();
            match (name, args.is_empty()) {
                ("tuple", _) => format!("({})", args.join(", ")),
                ("slice", _) => format!("[{}]", args.join(", ")),
                (_, true) => name.to_string(),
                (_, false) => format!("{name}<{}>", args.join(", ")),
            }
        };
        match &*self.types.get(ty) {
            Type::Unknown => "_".into(),
            Type::External(path, args) => {
                let external = self.externals.get(*path);
                with(external.text.rsplit("::").next().unwrap_or_default(), args)
            }
            Type::Local(id, args) => with(self.text(self.def(*id).name), args),
            Type::Param(_, name) => self.text(*name).to_string(),
            Type::Bounds(bounds) => {
                let bounds: Vec<String> = bounds.iter().map(|bound| self.short(*bound)).collect();
                format!("dyn {}", bounds.join(" + "))
            }
            Type::Function(id) => self.text(self.def(*id).name).to_string(),
            Type::Closure(_) => "closure".into(),
        }
    }
}
