//! What does a path in a body stand for? A variable, a static, functions, a constructor.

use super::walk::Walk;
use super::{Callee, Froms, Origin, OriginKind, Store, Val};
use crate::catalog::Role;
use crate::parse::tree::{ExprId, ExprKind, Range, TyId, TyPath};
use crate::resolve::{DefId, DefKind, PathId, Res, Space, T, Type};
use crate::symbol::Symbol;

/// What a path means where a value is expected.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Target {
    Val(Val),
    Functions(Vec<DefId>),
    /// A tuple struct, a unit struct or a variant.
    Constructor(DefId),
    /// A function that the tree does not hold, of a type of the tree: `Config::parse()`.
    Derived(T, Symbol),
    External(PathId),
    Unknown(Symbol),
}

impl<'a> Walk<'_, 'a> {
    pub(super) fn name(&mut self, name: Symbol) -> Val {
        let target = self.name_target(name);
        self.target_value(target)
    }

    pub(super) fn name_target(&mut self, name: Symbol) -> Target {
        if let Some(val) = self.variable(name) {
            return Target::Val(val);
        }
        if self.names.is_self_value(name) {
            return Target::Val(self.self_val);
        }
        if self.names.is_self_type(name) {
            return match self.local_type(self.context.self_type) {
                Some(id) => Target::Constructor(id),
                None => Target::Unknown(name),
            };
        }
        let res = self.names.resolve(self.context.scope, &[name], false, Space::Values);
        self.res_target(res, name)
    }

    pub(super) fn path_value(&mut self, path: &TyPath, qself: Option<TyId>) -> Val {
        let target = self.path_target(path, qself);
        self.target_value(target)
    }

    pub(super) fn path_target(&mut self, path: &TyPath, qself: Option<TyId>) -> Target {
        let Some(last) = path.segments.last().copied() else {
            return Target::Val(Val::UNKNOWN);
        };
        if let Some(qself) = qself {
            let ty = self.lower(qself);
            return self.associated(ty, last);
        }
        if let [name] = *path.segments {
            return self.name_target(name);
        }
        if let [first, name] = *path.segments {
            if self.names.is_self_type(first) {
                if let Some(of) = self.local_type(self.context.self_type)
                    && let Some(variant) = self.names.variant_of(of, name)
                {
                    return Target::Constructor(variant);
                }
                return self.associated(self.context.self_type, name);
            }
            let generic = self.names.generic_type(self.context, first);
            if let Some(generic) = generic {
                return self.associated(generic, name);
            }
        }
        let scope = self.context.scope;
        let res = self.names.resolve(scope, &path.segments, path.absolute, Space::Values);
        if let Res::External(id) = res
            && let Some(ty) = self.explicit_type(path, id)
        {
            return self.associated(ty, last);
        }
        self.res_target(res, last)
    }

    /// `Vec::<u8>::new`: the arguments belong to the type.
    fn explicit_type(&self, path: &TyPath, id: PathId) -> Option<T> {
        if path.args.is_empty() {
            return None;
        }
        let external = self.names.externals.get(id);
        let of = external.around()?;
        self.names.catalog.type_fact(of)?;
        let args = path.args.iter().map(|arg| self.lower(*arg)).collect();
        Some(self.names.external(of, args))
    }

    fn res_target(&mut self, res: Res, name: Symbol) -> Target {
        match res {
            Res::Def(id) => match self.names.def(id).kind {
                DefKind::Function => Target::Functions(vec![id]),
                DefKind::Static | DefKind::Const => Target::Val(self.static_value(id)),
                DefKind::Struct | DefKind::Variant => Target::Constructor(id),
                DefKind::Alias => match self.local_type(self.names.type_of_def(id)) {
                    Some(id) => Target::Constructor(id),
                    None => Target::Unknown(name),
                },
                _ => Target::Unknown(name),
            },
            Res::Associated(id, name) => {
                let ty = self.names.type_of_def(id);
                if let Some(of) = self.local_type(ty)
                    && let Some(variant) = self.names.variant_of(of, name)
                {
                    return Target::Constructor(variant);
                }
                self.associated(ty, name)
            }
            Res::External(id) => Target::External(id),
            Res::Unknown => Target::Unknown(name),
        }
    }

    /// `T::name` for a type.
    pub(super) fn associated(&mut self, ty: T, name: Symbol) -> Target {
        match &*self.names.types.get(ty) {
            Type::Local(id, _) => {
                let functions = self.names.functions_of(*id, name);
                if !functions.is_empty() {
                    return Target::Functions(functions);
                }
                let functions = self.of_blanket(name);
                if !functions.is_empty() {
                    return Target::Functions(functions);
                }
                if let Some(id) = self.names.associated_const(*id, name) {
                    return Target::Val(self.static_value(id));
                }
                match self.names.like(*id) {
                    Some(path) => {
                        Target::External(self.names.externals.join(path, name, self.text(name)))
                    }
                    // What a macro made has functions that nobody sees.
                    None if self.names.def(*id).item.is_none() => Target::Unknown(name),
                    None => Target::Derived(ty, name),
                }
            }
            Type::External(path, args) => {
                let id = self.names.externals.join(*path, name, self.text(name));
                if !args.is_empty() {
                    self.type_args.insert(id, ty);
                }
                Target::External(id)
            }
            Type::Param(owner, param) => {
                let mut functions = Vec::new();
                for bound in self.names.bounds_in(self.context.item, *owner, *param) {
                    if let Some(of) = self.local_type(bound) {
                        functions.extend(self.names.functions_of(of, name));
                    }
                }
                // A trait that is there for everything with that bound adds functions of its own.
                if functions.is_empty() {
                    functions = self.of_blanket(name);
                }
                match functions.is_empty() {
                    true => Target::Unknown(name),
                    false => Target::Functions(functions),
                }
            }
            _ => Target::Unknown(name),
        }
    }

    fn target_value(&mut self, target: Target) -> Val {
        match target {
            Target::Val(val) => val,
            Target::Functions(ids) => {
                self.flow.named.extend(&ids);
                Val { ty: self.names.types.intern(Type::Function(ids[0])), from: Froms::NONE }
            }
            Target::Constructor(id) => {
                self.note_making(id, self.here);
                self.flow.known.fields.loose.insert(id);
                Val { ty: self.names.type_of_def(id), from: Froms::NONE }
            }
            Target::External(id) => {
                let from = self.flow.origins.one(OriginKind::External(id));
                // A unit struct such as `OsRng` is a value of its own.
                let external = self.names.externals.get(id);
                let ty = match external.role {
                    Some(Role::Randomness) => self.names.external(&external.text, Vec::new()),
                    _ => T::UNKNOWN,
                };
                Val { ty, from }
            }
            Target::Unknown(name) => {
                self.flow.unclear.insert(name);
                Val::UNKNOWN
            }
            Target::Derived(..) => Val::UNKNOWN,
        }
    }

    /// `Type { field: value, .. }`.
    pub(super) fn literal(
        &mut self,
        id: ExprId,
        path: &TyPath,
        fields: &[(Symbol, ExprId)],
        rest: Option<ExprId>,
    ) -> Val {
        let of = self.pattern_target(path);
        let mut parts = Froms::NONE;
        for (name, value) in fields {
            let expr = *value;
            let mut value = self.eval(expr);
            match of {
                Some(of) if value.from == Froms::NONE => {
                    value.from = self.made_in_field(of, *name, expr)
                }
                Some(_) => {}
                None => self.coded_field(path, *name, expr, value),
            }
            parts = self.flow.origins.union(parts, value.from);
            if let Some(of) = of {
                if self.is_untold(value.ty) {
                    let field = self.names.field(of, *name);
                    let ty = field.map_or(T::UNKNOWN, |f| self.names.field_type(of, f, &[]));
                    self.tell_made(value, ty);
                }
                let (node, field) = (self.node, *name);
                self.flow.stores.push(Store { node, of, field, from: value.from, ty: value.ty });
            }
        }
        self.note_fields(id, of, &path.segments, fields);
        let at = self.expr(id).at;
        of.into_iter().for_each(|of| self.note_making(of, at));
        if let Some(rest) = rest {
            self.eval(rest);
        }
        let ty = of.map_or(T::UNKNOWN, |of| self.names.type_of_def(of));
        Val { ty, from: self.made_of(id, ty, parts) }
    }

    /// `Default::default()` in a field that keeps something: only the field says what is made.
    fn made_in_field(&mut self, of: DefId, name: Symbol, expr: ExprId) -> Froms {
        let ExprKind::Call { args, .. } = &self.expr(expr).kind else { return Froms::NONE };
        let field = self.names.field(of, name).filter(|_| args.is_empty());
        let ty = field.map_or(T::UNKNOWN, |field| self.names.field_type(of, field, &[]));
        let keeps = self.is_stateful(ty) || self.role(ty) == Some(Role::Pointer);
        if keeps { self.made(expr, ty) } else { Froms::NONE }
    }

    /// `Db(x)`, `Shape::Circle(r)`.
    pub(super) fn construct(&mut self, id: ExprId, of: DefId, args: &[Val]) -> Val {
        for (index, value) in args.iter().enumerate() {
            if let Some(field) = self.names.symbols.find(&index.to_string()) {
                let node = self.node;
                self.flow.stores.push(Store { node, of, field, from: value.from, ty: value.ty });
            }
        }
        let at = self.expr(id).at;
        self.note_making(of, at);
        let ty = self.names.type_of_def(of);
        let parts = self.gather(args);
        Val { ty, from: self.made_of(id, ty, parts) }
    }

    /// A value of a struct, or of the enum that has this variant, is made.
    pub(super) fn note_making(&mut self, of: DefId, at: Range) {
        let made = self.local_type(self.names.type_of_def(of)).unwrap_or(of);
        let variant = (made != of).then_some(of);
        self.flow.makings.entry(of).or_default().push((self.node, at));
        for made in variant.into_iter().chain([made]) {
            let by = self.flow.makes.entry(made).or_default();
            if by.last() != Some(&self.node) {
                by.push(self.node);
            }
        }
    }

    /// A value that is made here of others.
    fn made_of(&mut self, id: ExprId, ty: T, parts: Froms) -> Froms {
        let made = self.made(id, ty);
        if parts != Froms::NONE
            && let [origin] = *self.flow.origins.list(made)
        {
            self.flow.parts.insert(origin, parts);
        }
        made
    }

    /// A value that is put together from all its parts.
    pub(super) fn gathered(&mut self, ty: T, parts: &[Val]) -> Val {
        Val { ty, from: self.gather(parts) }
    }

    /// The struct, enum or trait of the tree that a type is.
    pub(super) fn local_type(&self, ty: T) -> Option<DefId> {
        match &*self.names.types.get(ty) {
            Type::Local(id, _) => Some(*id),
            _ => None,
        }
    }

    pub(super) fn role(&self, ty: T) -> Option<Role> {
        match &*self.names.types.get(ty) {
            Type::External(path, _) => self.names.externals.get(*path).role,
            _ => None,
        }
    }

    /// `base.name`.
    pub(super) fn field(&mut self, base: Val, name: Symbol) -> Val {
        let mut at = base;
        for _ in 0..8 {
            if let Type::External(path, args) = &*self.names.types.get(at.ty)
                && &*self.names.externals.get(*path).text == "tuple"
            {
                let index = self.text(name).parse::<usize>().ok();
                let ty = index.and_then(|index| args.get(index)).copied();
                let from = index.map_or(at.from, |nth| self.part_at(at.from, nth, args.len()));
                return Val { ty: ty.unwrap_or(T::UNKNOWN), from };
            }
            if let Some(of) = self.local_type(at.ty)
                && self.names.field(of, name).is_some()
            {
                return self.field_of(at, of, name);
            }
            if let Some(content) = self.wrapped_field(at.ty, name) {
                return Val { ty: content, from: at.from };
            }
            match self.deref(at.ty) {
                Some(inner) => at.ty = inner,
                None => break,
            }
        }
        let known = match &*self.names.types.get(at.ty) {
            Type::External(path, args) => {
                let of = self.names.externals.get(*path);
                let returned = self.names.catalog.returned(&of.text, self.text(name));
                returned.map(|text| self.names.instantiate(text, at.ty, args))
            }
            _ => None,
        };
        let from = self.flow.origins.part(base.from, name);
        Val { ty: known.unwrap_or(T::UNKNOWN), from }
    }

    /// What `.0` of something that stands for its content gives, where that can be named from outside.
    fn wrapped_field(&self, ty: T, name: Symbol) -> Option<T> {
        let Type::External(path, args) = &*self.names.types.get(ty) else { return None };
        let of = self.names.externals.get(*path);
        if of.role != Some(Role::Guard) {
            return None;
        }
        let content = self.names.catalog.returned(&of.text, self.text(name))?;
        let content = self.names.instantiate(content, ty, args);
        (Some(&content) == args.first()).then_some(content)
    }

    /// The field `name` of the struct or variant `of`, which `base` is.
    pub(super) fn field_of(&mut self, base: Val, of: DefId, name: Symbol) -> Val {
        let Some(field) = self.names.field(of, name) else { return Val::UNKNOWN };
        let args = match &*self.names.types.get(self.seen_through(base.ty)) {
            Type::Local(_, args) => args.to_vec(),
            _ => Vec::new(),
        };
        let ty = self.names.field_type(of, field, &args);
        let from = match self.is_handle(ty) {
            true => self.uncopied(base),
            false => base.from,
        };
        let found = self.flow.origins.field(from, of, name);
        let alone = OriginKind::Field { base: None, of, name };
        let told = |one: &Origin| self.flow.origins.root(*one) != alone;
        if !self.flow.origins.list(found).iter().all(told) {
            self.flow.taken.entry((of, name)).or_default().insert(self.node);
        }
        Val { ty, from: found }
    }

    /// What a copy was made of, where that is one of the same type: what its handles lead to is the
    /// same as well.
    fn uncopied(&mut self, base: Val) -> Froms {
        let [origin] = *self.flow.origins.list(base.from) else { return base.from };
        let OriginKind::Derived(_) = self.flow.origins.kind(origin) else { return base.from };
        let root = self.flow.origins.root(origin);
        let of = match root {
            OriginKind::Param(node, index) => {
                self.flow.node(node).params.get(usize::from(index)).copied()
            }
            OriginKind::Handed(ty) => Some(ty),
            OriginKind::Field { of, name, .. } => {
                let field = self.names.field(of, name);
                field.map(|field| self.names.field_type(of, field, &[]))
            }
            OriginKind::Made(..) => {
                let made = self.flow.origins.find(root);
                made.and_then(|made| self.flow.made.get(&made).copied())
            }
            OriginKind::Result(call) => match &self.flow.call(call).callee {
                Callee::Defs(defs) => match **defs {
                    [def] => Some(self.names.return_type(def)),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        };
        let same = of.is_some_and(|of| self.seen_through(of) == self.seen_through(base.ty));
        if same { self.flow.origins.one(root) } else { base.from }
    }

    /// A type with pointers, guards and carriers around it taken away.
    pub(super) fn seen_through(&self, ty: T) -> T {
        let mut at = ty;
        for _ in 0..8 {
            match self.deref(at) {
                Some(inner) => at = inner,
                None if self.role(at) == Some(Role::Carrier) => at = self.first_arg(at),
                None => break,
            }
        }
        at
    }

    pub(super) fn first_arg(&self, ty: T) -> T {
        match &*self.names.types.get(ty) {
            Type::External(_, args) => args.first().copied().unwrap_or(T::UNKNOWN),
            _ => T::UNKNOWN,
        }
    }

    /// What `*x` is, for pointers, guards, lazies and types of the tree with their own `Deref`.
    pub(super) fn deref(&self, ty: T) -> Option<T> {
        match &*self.names.types.get(ty) {
            Type::External(path, args) => match self.names.externals.get(*path).role {
                Some(Role::Pointer | Role::Guard | Role::Once) => args.first().copied(),
                _ => None,
            },
            Type::Local(id, args) => self.names.deref_target(*id, args),
            _ => None,
        }
    }

    /// `*guard`: the content, for whoever assigns to it.
    pub(super) fn deref_guard(&self, ty: T) -> T {
        self.deref(ty).unwrap_or(ty)
    }

    /// `x?`.
    pub(super) fn peel_carrier(&mut self, val: Val) -> Val {
        match self.role(val.ty) {
            Some(Role::Carrier) => Val { ty: self.first_arg(val.ty), from: val.from },
            _ => val,
        }
    }

    /// What indexing a collection gives: of a table, what stands beside the key.
    pub(super) fn indexed(&self, ty: T) -> T {
        match &*self.names.types.get(self.seen_through(ty)) {
            Type::External(_, args) if args.len() == 2 => args[1],
            _ => self.element(ty),
        }
    }

    /// What iterating over a collection gives.
    pub(super) fn element(&self, ty: T) -> T {
        let ty = self.seen_through(ty);
        match &*self.names.types.get(ty) {
            Type::External(_, args) => match &**args {
                [one] => *one,
                [key, value] => self.names.external("tuple", vec![*key, *value]),
                _ => T::UNKNOWN,
            },
            _ => T::UNKNOWN,
        }
    }
}
