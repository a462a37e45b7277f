//! What does a call give, and what does it set in motion?

use rustc_hash::FxHashMap;

use super::methods::Method;
use super::paths::Target;
use super::walk::Walk;
use super::{Call, CallId, Callee, Froms, NodeKind, OriginKind, Registration, Shared, Used, Val};
use crate::catalog::{DiskEffect, MacroTokens, Passed, Role};
use crate::parse::tree::{ExprId, ExprKind, Range};
use crate::resolve::{DefId, PathId, T, Type};
use crate::symbol::Symbol;

/// What a fact says of an answer, before the call's own facts are asked.
pub(super) struct Answer {
    pub(super) val: Val,
    /// The fact names the type.
    pub(super) known: bool,
    /// Nothing that is handed over lives on in the answer: `Err(..)`.
    pub(super) apart: bool,
}

/// A call that leaves the tree.
pub(super) struct Outside {
    pub(super) at: Range,
    pub(super) path: PathId,
    /// The receiver of a method first.
    pub(super) args: Vec<Val>,
    pub(super) method: bool,
    pub(super) answer: Answer,
    pub(super) flags: Vec<Symbol>,
}

impl<'a> Walk<'_, 'a> {
    pub(super) fn eval_call(
        &mut self,
        id: ExprId,
        callee: ExprId,
        args: &'a [ExprId],
        _used: Used,
    ) -> Val {
        let at = self.expr(id).at;
        let target = match &self.expr(callee).kind {
            ExprKind::Name(name) => self.name_target(*name),
            ExprKind::Path { path, qself } => self.path_target(path, *qself),
            _ => Target::Val(self.eval(callee)),
        };
        let handed = self.handed(&target);
        let vals: Vec<Val> = args
            .iter()
            .map(|arg| match (&self.expr(*arg).kind, handed) {
                (ExprKind::Closure { params, body, .. }, Some(handed)) => {
                    let at = self.expr(*arg).at;
                    self.closure(at, NodeKind::Closure, params, *body, Some(&[handed]))
                }
                _ => self.eval(*arg),
            })
            .collect();
        match target {
            Target::Functions(defs) => self.call_functions(at, defs, vals, None),
            Target::Constructor(of) => self.construct(id, of, &vals),
            Target::External(path) => self.call_path(id, path, vals),
            Target::Derived(ty, _) => Val { ty, from: Froms::NONE },
            Target::Val(val) => self.call_value(at, val, vals),
            Target::Unknown(_) => {
                self.pass_functions(at, &vals);
                let from = self.gather(&vals);
                Val { ty: T::UNKNOWN, from: self.flow.origins.derived(from) }
            }
        }
    }

    /// What the catalogue says that a call hands to a closure.
    fn handed(&self, target: &Target) -> Option<Val> {
        let Target::External(path) = target else { return None };
        let fact = self.names.catalog.call(&self.names.externals.get(*path).text)?;
        if fact.hands.is_empty() {
            return None;
        }
        Some(Val { ty: self.names.external(&fact.hands, Vec::new()), from: Froms::NONE })
    }

    /// A call of a variable: a closure, a function, something unknown.
    fn call_value(&mut self, at: Range, val: Val, vals: Vec<Val>) -> Val {
        match &*self.names.types.get(val.ty) {
            Type::Function(id) => self.call_functions(at, vec![*id], vals, None),
            Type::Closure(node) => {
                let callee = Callee::Closure(super::NodeId(*node));
                let call = self.push_call(at, callee, vals, false, Vec::new());
                let from = self.flow.origins.one(OriginKind::Result(call));
                Val { ty: T::UNKNOWN, from }
            }
            _ => {
                self.pass_functions(at, &vals);
                let from = self.gather(&vals);
                let given = self.flow.origins.list(val.from).iter().find_map(|origin| {
                    match self.flow.origins.kind(*origin) {
                        OriginKind::Param(node, index) => Some((node, index)),
                        _ => None,
                    }
                });
                if let Some((node, index)) = given {
                    self.push_call(at, Callee::Given(node, index), vals, false, Vec::new());
                }
                Val { ty: T::UNKNOWN, from: self.flow.origins.derived(from) }
            }
        }
    }

    /// A function of the tree. `on` is the receiver's type, where there is one.
    pub(super) fn call_functions(
        &mut self,
        at: Range,
        defs: Vec<DefId>,
        args: Vec<Val>,
        on: Option<T>,
    ) -> Val {
        let first = defs[0];
        let declared = self.names.return_type(first);
        let ty = self.specialise(first, declared, &args, on);
        self.pass_functions(at, &args);
        let call = self.push_call(at, Callee::Defs(defs.into()), args, on.is_some(), Vec::new());
        let from = self.flow.origins.one(OriginKind::Result(call));
        Val { ty, from }
    }

    /// A declared return type with the generics of the function and of its impl filled in.
    fn specialise(&self, id: DefId, declared: T, args: &[Val], on: Option<T>) -> T {
        let mut found: FxHashMap<(DefId, Symbol), T> = FxHashMap::default();
        if let Some(block) = self.names.owner(id)
            && let Some(on) = on
            && let Some(found_impl) = self.names.impls.of(block)
        {
            self.unify(found_impl.self_type, on, &mut found);
        }
        if !self.names.generics(id).is_empty()
            && let Some(function) = self.names.function(id)
        {
            let (facts, context) = (self.names.facts_of(id), self.names.context(id));
            let skip = usize::from(function.receiver.is_some() && on.is_some());
            for (param, arg) in function.params.iter().zip(args.iter().skip(skip)) {
                let pattern = self.names.lower(facts, param.ty, context);
                self.unify(pattern, arg.ty, &mut found);
            }
        }
        match found.is_empty() {
            true => declared,
            false => self.names.fill(declared, &found),
        }
    }

    /// What a function of the tree hands to the closure that it is given as its parameter `index`,
    /// by the signature: `change: impl FnOnce(&mut T)`.
    pub(super) fn handed_by(&self, id: DefId, index: usize, on: Option<T>) -> Vec<Val> {
        let Some(function) = self.names.function(id) else { return Vec::new() };
        let Some(param) = function.params.get(index) else { return Vec::new() };
        let (facts, context) = (self.names.facts_of(id), self.names.context(id));
        let declared = self.names.lower(facts, param.ty, context);
        let bounds = match &*self.names.types.get(declared) {
            Type::Param(owner, name) => self.names.param_bounds(*owner, *name),
            Type::Bounds(bounds) => bounds.to_vec(),
            _ => vec![declared],
        };
        let tuple = bounds.into_iter().find_map(|bound| match &*self.names.types.get(bound) {
            Type::External(_, args) => args.first().copied().filter(|arg| self.is_tuple(*arg)),
            _ => None,
        });
        let Some(tuple) = tuple else { return Vec::new() };
        let tuple = self.specialise(id, tuple, &[], on);
        let parts = self.args(tuple);
        parts.into_iter().map(|ty| Val { ty, from: Froms::NONE }).collect()
    }

    fn is_tuple(&self, ty: T) -> bool {
        match &*self.names.types.get(ty) {
            Type::External(path, _) => &*self.names.externals.get(*path).text == "tuple",
            _ => false,
        }
    }

    fn unify(&self, pattern: T, actual: T, found: &mut FxHashMap<(DefId, Symbol), T>) {
        if actual == T::UNKNOWN {
            return;
        }
        match (&*self.names.types.get(pattern), &*self.names.types.get(actual)) {
            (Type::Param(owner, name), _) => {
                found.entry((*owner, *name)).or_insert(actual);
            }
            (Type::External(a, inner), Type::External(b, other)) if a == b => {
                for (pattern, actual) in inner.iter().zip(other) {
                    self.unify(*pattern, *actual, found);
                }
            }
            (Type::Local(a, inner), Type::Local(b, other)) if a == b => {
                for (pattern, actual) in inner.iter().zip(other) {
                    self.unify(*pattern, *actual, found);
                }
            }
            _ => {}
        }
    }

    pub(super) fn push_call(
        &mut self,
        at: Range,
        callee: Callee,
        args: Vec<Val>,
        method: bool,
        flags: Vec<Symbol>,
    ) -> CallId {
        let id = CallId(self.flow.calls.len() as u32);
        let (node, depth, args, flags) = (self.node, self.depth, args.into(), flags.into());
        self.flow.calls.push(Call {
            node,
            at,
            callee,
            args,
            method,
            depth,
            detached: false,
            flags,
        });
        id
    }

    /// Functions handed to somebody who is not known may be called by them.
    pub(super) fn pass_functions(&mut self, at: Range, args: &[Val]) {
        for arg in args {
            if let Type::Function(id) = &*self.names.types.get(arg.ty) {
                self.push_call(at, Callee::Defs([*id].into()), Vec::new(), false, Vec::new());
            }
        }
    }

    pub(super) fn gather(&mut self, vals: &[Val]) -> Froms {
        let mut from = Froms::NONE;
        for val in vals {
            from = self.flow.origins.union(from, val.from);
        }
        from
    }

    /// A function outside the tree, by its path: `std::fs::write`, `Arc::new`.
    fn call_path(&mut self, id: ExprId, path: PathId, args: Vec<Val>) -> Val {
        let external = self.names.externals.get(path);
        let catalog = self.names.catalog;
        let answer = match external.text.rsplit_once("::") {
            Some((of, name)) => self.associated_answer(id, path, of, name, &args),
            None => Answer { val: Val::UNKNOWN, known: false, apart: false },
        };
        // `Type::method(&value)` is `value.method()`.
        if let Some((of, name)) = external.text.rsplit_once("::")
            && let Some(fact) = catalog.type_fact(of)
            && fact.acts_on_self(name)
            && let Some(on) = args.first().copied()
            && let Some(name) = self.names.symbols.find(name)
            && let Method::External { .. } = self.find_method(on.ty, name)
        {
            return self.call_as_method(id, path, args, answer, name);
        }
        let flags = Vec::new();
        let at = self.expr(id).at;
        self.call_external(Outside { at, path, args, method: false, answer, flags })
    }

    fn call_as_method(
        &mut self,
        id: ExprId,
        path: PathId,
        args: Vec<Val>,
        answer: Answer,
        name: Symbol,
    ) -> Val {
        // `Arc::clone(&x)` keeps the place; anything else is only called.
        let on = args[0];
        let copies = self.names.catalog.universal(self.text(name)).is_some();
        if copies && self.role(on.ty) == Some(Role::Pointer) {
            return on;
        }
        let (at, flags) = (self.expr(id).at, Vec::new());
        self.call_external(Outside { at, path, args, method: true, answer, flags })
    }

    /// What an associated function of a type gives: the type, unless its entry says otherwise.
    fn associated_answer(
        &mut self,
        id: ExprId,
        path: PathId,
        of: &str,
        name: &str,
        args: &[Val],
    ) -> Answer {
        let catalog = self.names.catalog;
        let explicit = self.type_args.get(&path).copied();
        let Some(fact) = catalog.type_fact(of) else {
            let last = of.rsplit("::").next().unwrap_or(of);
            let names_type = last.starts_with(|c: char| c.is_uppercase());
            let ty = match names_type {
                true => explicit.unwrap_or_else(|| self.names.external(of, Vec::new())),
                false => T::UNKNOWN,
            };
            let stateful = names_type && self.is_stateful(ty);
            let from = if stateful { self.made(id, ty) } else { Froms::NONE };
            return Answer { val: Val { ty, from }, known: stateful, apart: false };
        };
        if let Some(returned) = catalog.returned(of, name) {
            let itself = explicit.unwrap_or_else(|| self.names.external(of, Vec::new()));
            let inner = match &*self.names.types.get(itself) {
                Type::External(_, inner) => inner.to_vec(),
                _ => Vec::new(),
            };
            let ty = self.names.instantiate(returned, itself, &inner);
            let from = if self.is_stateful(ty) { self.made(id, ty) } else { Froms::NONE };
            return Answer { val: Val { ty, from }, known: true, apart: false };
        }
        let wraps = fact.wraps.iter().any(|wraps| wraps == name);
        let first = args.first().copied().unwrap_or(Val::UNKNOWN);
        let ty = match (explicit, wraps) {
            (Some(ty), _) => ty,
            (None, true) => self.names.external(of, vec![first.ty]),
            (None, false) => self.names.external(of, Vec::new()),
        };
        let through = wraps && matches!(fact.is, Role::Pointer | Role::Guard | Role::Carrier);
        let from = match through && first.from != Froms::NONE {
            true => first.from,
            false if self.is_stateful(ty) || through => self.made(id, ty),
            false => Froms::NONE,
        };
        let apart = !wraps && fact.is == Role::Carrier;
        Answer { val: Val { ty, from }, known: true, apart }
    }

    pub(super) fn made(&mut self, id: ExprId, ty: T) -> Froms {
        let kind = OriginKind::Made(self.node, id);
        let origin = self.flow.origins.intern(kind);
        self.flow.made.insert(origin, ty);
        self.flow.origins.one(kind)
    }

    /// Whether a value of the type is a place of its own.
    fn is_stateful(&self, ty: T) -> bool {
        match &*self.names.types.get(ty) {
            Type::External(path, args) => match self.names.externals.get(*path).role {
                Some(
                    Role::Lock
                    | Role::Cell
                    | Role::Once
                    | Role::Atomic
                    | Role::SharedCollection
                    | Role::Collection
                    | Role::Cache
                    | Role::SessionStore
                    | Role::Channel
                    | Role::RateLimiter
                    | Role::EmbeddedDatabase,
                ) => true,
                Some(Role::Pointer | Role::Guard | Role::Carrier) => {
                    args.iter().any(|arg| self.is_stateful(*arg))
                }
                None if &*self.names.externals.get(*path).text == "tuple" => {
                    args.iter().any(|arg| self.is_stateful(*arg))
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Asks the catalogue what a call outside the tree does, and notes it.
    pub(super) fn call_external(&mut self, call: Outside) -> Val {
        let Outside { at, path, args, method, answer, flags } = call;
        let external = self.names.externals.get(path);
        let catalog = self.names.catalog;
        let text = &*external.text;
        let offset = usize::from(method);
        let fact = catalog.call(text);
        let mut val = answer.val;
        if let Some(returned) = catalog.call_returned(text)
            && (val.ty == T::UNKNOWN || !answer.known)
        {
            let itself = args.first().map_or(T::UNKNOWN, |arg| arg.ty);
            let inner: Vec<T> = args.iter().map(|arg| arg.ty).collect();
            val.ty = self.names.instantiate(returned, itself, &inner);
        }
        if let Some(fact) = fact {
            let passed = self.passed(&fact.passes, &args, offset);
            let opaque =
                fact.environment || fact.random || fact.disk == Some(DiskEffect::Temporary);
            if passed != Froms::NONE {
                val.from = passed;
            } else if opaque {
                val.from = self.flow.origins.one(OriginKind::External(path));
            }
        }
        if val.from == Froms::NONE && !answer.apart {
            let gathered = self.gather(&args);
            val.from = self.flow.origins.derived(gathered);
            if !answer.known {
                let outside = self.flow.origins.one(OriginKind::External(path));
                val.from = self.flow.origins.union(val.from, outside);
            }
        }
        if let Some(fact) = catalog.register(text) {
            let target = args.get(fact.at + offset).copied().unwrap_or(Val::UNKNOWN);
            let registered = self.register(at, path, target);
            val.from = self.flow.origins.union(val.from, registered);
        } else {
            self.pass_functions(at, &args);
        }
        if let Some(fact) = catalog.route(text) {
            let route = args.get(fact.at + offset).map(|arg| arg.from);
            let handlers = fact.handlers.map_or(0, |index| index + offset);
            if let (Some(route), Some(handlers)) = (route, args.get(handlers).copied()) {
                self.name_routes(route, handlers.from);
            }
        }
        if let Some(fact) = catalog.share(text)
            && let Some(shared) = args.get(fact.at + offset)
        {
            let (node, val) = (self.node, *shared);
            self.flow.shared.push(Shared { node, at, path, val });
        }
        let serves = catalog.serve(text).is_some();
        if fact.is_some_and(|fact| fact.disk.is_some()) || serves {
            let call = self.push_call(at, Callee::External(path), args, method, flags);
            if serves {
                self.flow.serves.push(call);
            }
        }
        val
    }

    fn passed(&mut self, passes: &[Passed], args: &[Val], offset: usize) -> Froms {
        let mut from = Froms::NONE;
        for passed in passes {
            let index = match passed {
                Passed::Receiver(_) => 0,
                Passed::Argument(index) => index + offset,
            };
            if let Some(arg) = args.get(index) {
                from = self.flow.origins.union(from, arg.from);
            }
        }
        from
    }

    /// Makes what `target` is an entry point.
    fn register(&mut self, at: Range, path: PathId, target: Val) -> Froms {
        let targets = self.callables(target.ty);
        for ty in &targets {
            if let Type::Closure(node) = &*self.names.types.get(*ty) {
                self.flow.nodes[*node as usize].detached = true;
            }
        }
        let mut calls = Vec::new();
        if targets.is_empty() {
            for origin in self.flow.origins.list(target.from).to_vec() {
                if let OriginKind::Result(call) = self.flow.origins.kind(origin) {
                    self.flow.calls[call.0 as usize].detached = true;
                    calls.push(call);
                }
            }
        }
        let index = self.flow.registrations.len() as u32;
        let node = self.node;
        self.flow.registrations.push(Registration { node, at, path, targets, calls, route: None });
        self.flow.origins.one(OriginKind::Registered(index))
    }

    /// The functions and closures that a type stands for, through pointers around them.
    fn callables(&self, ty: T) -> Vec<T> {
        let mut at = ty;
        for _ in 0..6 {
            match &*self.names.types.get(at) {
                Type::Function(_) | Type::Closure(_) => return vec![at],
                Type::External(_, args) if !args.is_empty() => at = args[0],
                _ => break,
            }
        }
        Vec::new()
    }

    fn name_routes(&mut self, route: Froms, handlers: Froms) {
        let text = self.flow.origins.list(route).iter().find_map(|origin| {
            match self.flow.origins.kind(*origin) {
                OriginKind::Text(text) => Some(text),
                _ => None,
            }
        });
        let Some(text) = text else { return };
        for origin in self.flow.origins.list(handlers).to_vec() {
            if let OriginKind::Registered(index) = self.flow.origins.kind(origin) {
                self.flow.registrations[index as usize].route.get_or_insert(text);
            }
        }
    }

    /// The names of the methods called on a builder so far, those told `false` left out.
    pub(super) fn flags(&self, receiver: ExprId) -> Vec<Symbol> {
        let mut flags = Vec::new();
        let mut at = receiver;
        loop {
            match &self.expr(at).kind {
                ExprKind::Method { receiver, name, args, .. } => {
                    let off = args
                        .first()
                        .is_some_and(|arg| matches!(self.expr(*arg).kind, ExprKind::Bool(false)));
                    if !off {
                        flags.push(*name);
                    }
                    at = *receiver;
                }
                ExprKind::Ref { expr, .. } | ExprKind::Try(expr) | ExprKind::Await(expr) => {
                    at = *expr
                }
                ExprKind::Name(name) => {
                    flags.extend(self.builders.get(name).into_iter().flatten());
                    return flags;
                }
                _ => return flags,
            }
        }
    }

    /// A macro: what it is given, its text leading.
    pub(super) fn macro_call(
        &mut self,
        id: ExprId,
        path: &[Symbol],
        args: &'a [ExprId],
        text: Option<Symbol>,
    ) -> Val {
        let resolved = self.names.resolve_macro(self.context.scope, path);
        let name = path.last().map_or("", |name| self.text(*name));
        // What is only printed or logged names nothing.
        let printed = self.names.catalog.macro_tokens(name) == Some(MacroTokens::Format)
            && self.names.catalog.macro_makes(name).is_none();
        let used = if printed { Used::Measured } else { Used::Yes };
        let vals: Vec<Val> = args.iter().map(|arg| self.eval_used(*arg, used)).collect();
        if let Some(path) = resolved
            && self.names.catalog.knows_call(&self.names.externals.get(path).text)
        {
            return self.call_path(id, path, vals);
        }
        self.pass_functions(self.expr(id).at, &vals);
        let mut from = self.gather(&vals);
        if let Some(text) = text {
            // `format!("{dir}/x")` starts with its argument, `format!("data/{id}")` with its text.
            let literal = self.flow.origins.one(OriginKind::Text(text));
            from = match self.text(text).starts_with('{') {
                true => self.flow.origins.union(from, literal),
                false => self.flow.origins.union(literal, from),
            };
        }
        let of = vals.first().map_or(T::UNKNOWN, |val| val.ty);
        match self.names.catalog.macro_makes(name) {
            Some(made) => {
                let ty = self.names.external(made, vec![of]);
                let from = match self.names.externals.get(self.names.externals.intern(made)).role {
                    Some(Role::Collection) if text.is_none() => self.made(id, ty),
                    _ => self.flow.origins.derived(from),
                };
                Val { ty, from }
            }
            None => Val { ty: T::UNKNOWN, from: self.flow.origins.derived(from) },
        }
    }
}
