//! Which names does a pattern bind, and to what? Fields, tuples, variants, carriers.

use super::fuller::fuller;
use super::known::KnownId;
use super::walk::Walk;
use super::{Froms, OriginKind, Used, Val};
use crate::catalog::Role;
use crate::parse::tree::{ExprId, ExprKind, Pat, PatKind, TyId, TyPath};
use crate::resolve::{DefId, DefKind, Res, Space, T, Type};
use crate::symbol::Symbol;

impl<'a> Walk<'_, 'a> {
    /// As [`Walk::bind`], seeing through a tuple that is taken apart where it is made.
    pub(super) fn bind_expr(&mut self, pat: &'a Pat, init: ExprId, val: Val) {
        let (PatKind::Tuple(pats), ExprKind::Tuple(parts)) = (&pat.kind, &self.expr(init).kind)
        else {
            return self.bind(pat, val);
        };
        if pats.len() != parts.len() {
            return self.bind(pat, val);
        }
        for (pat, part) in pats.iter().zip(parts) {
            // The part was evaluated with the tuple; a name gives its value again without effect.
            let part = match &self.expr(*part).kind {
                ExprKind::Name(name) => self.name(*name),
                _ => Val { ty: T::UNKNOWN, from: val.from },
            };
            self.bind(pat, part);
        }
    }

    /// `let pat: ty = init;`.
    pub(super) fn let_statement(&mut self, pat: &'a Pat, ty: Option<TyId>, init: Option<ExprId>) {
        let annotated = ty.map_or(T::UNKNOWN, |ty| self.lower(ty));
        let ignored = matches!(
            pat.kind,
            PatKind::Wild | PatKind::Text(_) | PatKind::Bool(_) | PatKind::Int(_)
        );
        let Some(init) = init else {
            self.bind(pat, Val { ty: annotated, from: Froms::NONE });
            return;
        };
        if annotated == T::UNKNOWN && self.let_apart(pat, init) {
            return;
        }
        // What a variable is used for shows where it is named.
        let used = match pat.kind {
            _ if ignored => Used::No,
            PatKind::Bind { .. } => Used::Measured,
            _ => Used::Yes,
        };
        self.ask(init, annotated);
        let before = self.flow.touches.len();
        let mut value = self.eval_used(init, used);
        if is_by_value(pat) {
            self.end_guards(init, before, Some(value.ty));
        }
        self.note_asked(pat, init);
        if let PatKind::Bind { name, .. } = pat.kind {
            self.note_router(name, value, init);
        }
        value = match annotated {
            T::UNKNOWN => self.untold(init, value),
            _ => self.annotated(value, annotated, init),
        };
        // A number or an array taken out of a struct is a copy of it.
        let copied = matches!(self.expr(init).kind, ExprKind::Field { .. })
            && match &*self.names.types.get(value.ty) {
                Type::External(path, _) => {
                    let external = self.names.externals.get(*path);
                    external.role == Some(Role::Number) || &*external.text == "slice"
                }
                _ => false,
            };
        if copied {
            value.from = self.flow.origins.derived(value.from);
        }
        self.name_creations(pat, value);
        if ignored {
            self.note_dropped(value);
        }
        if let PatKind::Bind { name, .. } = pat.kind {
            self.note_builder(name, init);
            self.note_own(name, ty, init, value);
        }
        let known = self.known(init);
        match ty {
            Some(_) => self.bind(pat, value),
            None => self.bind_expr(pat, init, value),
        }
        self.remember(pat, known);
    }

    /// `let (a, b) = (x, y);`: each part by itself.
    fn let_apart(&mut self, pat: &'a Pat, init: ExprId) -> bool {
        let (PatKind::Tuple(pats), ExprKind::Tuple(parts)) = (&pat.kind, &self.expr(init).kind)
        else {
            return false;
        };
        if pats.len() != parts.len() {
            return false;
        }
        let values: Vec<Val> = parts.iter().map(|part| self.eval(*part)).collect();
        for (pat, value) in pats.iter().zip(values) {
            self.name_creations(pat, value);
            self.bind(pat, value);
        }
        true
    }

    /// Binds the names of a pattern to (parts of) a value.
    pub(super) fn bind(&mut self, pat: &'a Pat, val: Val) {
        match &pat.kind {
            PatKind::Bind { name, sub, .. } => {
                if let Some(sub) = sub {
                    self.bind(sub, val);
                }
                if !self.is_constant(*name) {
                    self.insert(*name, val);
                }
            }
            PatKind::TupleStruct { path, pats } => self.bind_parts(path, pats, val),
            PatKind::Struct { path, fields } => {
                let of = self.pattern_target(path);
                for (name, pat) in fields {
                    self.note_taken_apart(*name, pat);
                    if !matches!(pat.kind, PatKind::Wild) {
                        self.flow
                            .mentioned
                            .entry(*name)
                            .or_default()
                            .push((self.node, pat.at.start));
                    }
                    let part = match of {
                        Some(of) => self.field_of(val, of, *name),
                        None => {
                            let from = self.flow.origins.part(val.from, *name);
                            Val { ty: T::UNKNOWN, from }
                        }
                    };
                    self.bind(pat, part);
                }
            }
            PatKind::Tuple(pats) => {
                let args = self.args(val.ty);
                for (index, pat) in pats.iter().enumerate() {
                    let ty = args.get(index).copied().unwrap_or(T::UNKNOWN);
                    let from = match args.len() == pats.len() {
                        true => self.part_at(val.from, index, args.len()),
                        false => val.from,
                    };
                    self.bind(pat, Val { ty, from });
                }
            }
            PatKind::Slice(pats) => {
                let ty = self.element(val.ty);
                for pat in pats {
                    self.bind(pat, Val { ty, from: val.from });
                }
            }
            PatKind::Or(pats) => {
                for pat in pats {
                    self.bind(pat, val);
                }
            }
            PatKind::Ref(inner) => self.bind(inner, val),
            PatKind::Typed(inner, ty) => {
                let ty = self.lower(*ty);
                self.bind(inner, Val { ty, from: val.from });
            }
            PatKind::Path(_)
            | PatKind::Text(_)
            | PatKind::Bool(_)
            | PatKind::Int(_)
            | PatKind::Wild => {}
        }
    }

    /// A value of which a `let` says the type.
    fn annotated(&mut self, value: Val, ty: T, init: ExprId) -> Val {
        let mut from = value.from;
        let bare = self.flow.origins.one(OriginKind::Handed(T::UNKNOWN));
        if from == bare {
            from = self.flow.origins.one(OriginKind::Handed(ty));
        }
        // `let db: Db = Default::default();`, `let db: Db = Arc::default();`
        let is_call = matches!(&self.expr(init).kind, ExprKind::Call { .. });
        if from == Froms::NONE && is_call && self.is_stateful(ty) {
            from = self.made(init, ty);
        }
        self.tell_contents(from, ty);
        Val { ty, from }
    }

    /// `let lines: Vec<Entry> = Vec::new();`: what is made here is said to hold entries.
    fn tell_contents(&mut self, from: Froms, ty: T) {
        let [origin] = *self.flow.origins.list(from) else { return };
        if let Some(made) = self.flow.made.get_mut(&origin)
            && let Some(told) = fuller(self.names, *made, ty, 0)
        {
            *made = told;
        }
    }

    fn insert(&mut self, name: Symbol, val: Val) {
        if let Some(scope) = self.scopes.last_mut() {
            match scope.variables.insert(name, val) {
                // Of two that stand one after the other, a condition may take one away.
                Some(_) => drop(scope.known.insert(name, KnownId::UNKNOWN)),
                None => drop(scope.known.remove(&name)),
            }
        }
    }

    /// The variant of the tree that a pattern asks for.
    pub(super) fn variant_of(&self, pat: &Pat) -> Option<DefId> {
        let path = match &pat.kind {
            PatKind::TupleStruct { path, .. } | PatKind::Struct { path, .. } => path,
            PatKind::Path(path) => path,
            _ => return None,
        };
        let of = self.pattern_target(path)?;
        (self.names.def(of).kind == DefKind::Variant).then_some(of)
    }

    /// A bare name that is a constant or a variant binds nothing.
    fn is_constant(&self, name: Symbol) -> bool {
        let big = self.text(name).starts_with(|c: char| c.is_uppercase());
        big && self.names.resolve(self.context.scope, &[name], false, Space::Values) != Res::Unknown
    }

    /// `Some(x)`, `State(x)`, `Shape::Circle(r)`.
    fn bind_parts(&mut self, path: &TyPath, pats: &'a [Pat], val: Val) {
        if let Some(of) = self.pattern_target(path) {
            for (index, pat) in pats.iter().enumerate() {
                let name = self.names.symbols.find(&index.to_string());
                let part = match name {
                    Some(name) => self.field_of(val, of, name),
                    None => Val { ty: T::UNKNOWN, from: val.from },
                };
                self.bind(pat, part);
            }
            return;
        }
        let args = self.args(val.ty);
        // `Err(e)` names the second parameter of a carrier of two, everything else the first.
        let wraps = self.carrier_wraps(&path.segments, path.absolute);
        let wraps_first = wraps != Some(false);
        // What a call of the catalogue gives is said without the carrier around it.
        let bare = args.is_empty() && wraps == Some(true);
        for (index, pat) in pats.iter().enumerate() {
            let index = if wraps_first { index } else { index + 1 };
            let unknown = if bare { val.ty } else { T::UNKNOWN };
            let ty = args.get(index).copied().unwrap_or(unknown);
            let from = if wraps_first { val.from } else { Froms::NONE };
            self.bind(pat, Val { ty, from });
        }
    }

    pub(super) fn wraps_first(&self, path: &TyPath) -> bool {
        self.wraps(&path.segments, path.absolute)
    }

    /// The same of a path by its segments.
    pub(super) fn wraps(&self, segments: &[Symbol], absolute: bool) -> bool {
        self.carrier_wraps(segments, absolute) != Some(false)
    }

    /// Of a variant of a carrier, whether it wraps what that is of: `Ok` and `Some` do, `Err` does
    /// not. `None` of a path that is none.
    pub(super) fn carrier_wraps(&self, segments: &[Symbol], absolute: bool) -> Option<bool> {
        let res = self.names.resolve(self.context.scope, segments, absolute, Space::Values);
        let Res::External(id) = res else { return None };
        let external = self.names.externals.get(id);
        let (of, name) = external.text.rsplit_once("::")?;
        let fact = self.names.catalog.type_fact(of).filter(|fact| fact.is == Role::Carrier)?;
        Some(fact.wraps.iter().any(|wrap| wrap == name))
    }

    /// The struct or variant of the tree that a pattern names.
    pub(super) fn pattern_target(&self, path: &TyPath) -> Option<DefId> {
        let id = match self.names.resolve(
            self.context.scope,
            &self.without_self(path)?.0,
            path.absolute,
            Space::Values,
        ) {
            Res::Def(id) => id,
            Res::Associated(id, name) => self.variant_through_alias(id, name)?,
            _ => self.types_only(path)?,
        };
        match self.names.def(id).kind {
            DefKind::Struct | DefKind::Variant => Some(id),
            DefKind::Alias => self.local_type(self.names.type_of_def(id)),
            _ => None,
        }
    }

    fn types_only(&self, path: &TyPath) -> Option<DefId> {
        let segments = self.without_self(path)?.0;
        match self.names.resolve(self.context.scope, &segments, path.absolute, Space::Types) {
            Res::Def(id) => Some(id),
            _ => None,
        }
    }

    fn variant_through_alias(&self, alias: DefId, name: Symbol) -> Option<DefId> {
        let target = self.local_type(self.names.type_of_def(alias))?;
        self.names.variant_of(target, name)
    }

    /// A path with a leading `Self` written out, where that is a type of the tree.
    fn without_self(&self, path: &TyPath) -> Option<(Vec<Symbol>, bool)> {
        let segments = path.segments.to_vec();
        if self.names.is_self_type(segments.first().copied()?) {
            let target = self.local_type(self.context.self_type)?;
            let def = self.names.def(target);
            // The name of the type is in force where its impl stands, or it could not be written.
            let rest = segments[1..].iter().copied();
            return Some((std::iter::once(def.name).chain(rest).collect(), true));
        }
        Some((segments, false))
    }

    /// The arguments of a type, seen through pointers and guards around a tuple or carrier.
    pub(super) fn args(&self, ty: T) -> Vec<T> {
        let mut at = ty;
        for _ in 0..6 {
            match &*self.names.types.get(at) {
                Type::External(path, args) => {
                    let role = self.names.externals.get(*path).role;
                    let through = matches!(role, Some(Role::Pointer | Role::Guard | Role::Once));
                    match (through, args.first()) {
                        (true, Some(inner)) if self.is_taken_apart(*inner) => at = *inner,
                        _ => return args.to_vec(),
                    }
                }
                _ => return Vec::new(),
            }
        }
        Vec::new()
    }

    fn is_taken_apart(&self, ty: T) -> bool {
        match &*self.names.types.get(ty) {
            Type::External(path, _) => {
                let external = self.names.externals.get(*path);
                external.role == Some(Role::Carrier) || &*external.text == "tuple"
            }
            _ => false,
        }
    }
}

/// Whether what a pattern binds is moved or copied, not lent.
fn is_by_value(pat: &Pat) -> bool {
    match &pat.kind {
        PatKind::Bind { sub, fixed, .. } => *fixed && sub.as_deref().is_none_or(is_by_value),
        PatKind::TupleStruct { pats, .. }
        | PatKind::Tuple(pats)
        | PatKind::Slice(pats)
        | PatKind::Or(pats) => pats.iter().all(is_by_value),
        PatKind::Struct { fields, .. } => fields.iter().all(|(_, pat)| is_by_value(pat)),
        PatKind::Ref(inner) | PatKind::Typed(inner, _) => is_by_value(inner),
        PatKind::Path(_)
        | PatKind::Text(_)
        | PatKind::Bool(_)
        | PatKind::Int(_)
        | PatKind::Wild => true,
    }
}
