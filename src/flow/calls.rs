//! What does a call give, and what does it set in motion?

use rustc_hash::FxHashMap;

use super::methods::Method;
use super::outside::{Answer, Outside};
use super::paths::Target;
use super::walk::Walk;
use super::{Call, CallId, Callee, Froms, NodeKind, OriginKind, Used, Val};
use crate::catalog::{Role, Universal};
use crate::parse::tree::{ExprId, ExprKind, Range};
use crate::resolve::{DefId, PathId, T, Type};
use crate::symbol::Symbol;

impl<'a> Walk<'_, 'a> {
    pub(super) fn eval_call(
        &mut self,
        id: ExprId,
        callee: ExprId,
        args: &'a [ExprId],
        used: Used,
    ) -> Val {
        let at = self.expr(id).at;
        let target = match &self.expr(callee).kind {
            ExprKind::Name(name) => self.name_target(*name),
            ExprKind::Path { path, qself } => self.path_target(path, *qself),
            _ => Target::Val(self.eval(callee)),
        };
        let handed = self.handed(&target);
        let taken = match &target {
            Target::External(path) if self.shows(*path) || self.stamps(*path) => Used::Measured,
            _ => Used::Yes,
        };
        let mut vals = Vec::with_capacity(args.len());
        for (index, arg) in args.iter().enumerate() {
            let ExprKind::Closure { params, body, .. } = &self.expr(*arg).kind else {
                vals.push(self.handed_over(*arg, taken));
                continue;
            };
            let given = match (&target, handed) {
                (Target::Functions(defs), _) => self.handed_by_path(defs[0], index),
                (_, handed) => handed.into_iter().collect(),
            };
            let given = (!given.is_empty()).then_some(&*given);
            let at = self.expr(*arg).at;
            vals.push(self.closure(at, NodeKind::Closure, params, *body, given));
        }
        match target {
            Target::Functions(defs) => self.call_handing(id, at, defs, (vals, args), used),
            Target::Constructor(of) => self.construct(id, of, &vals),
            Target::External(path) => {
                let fact = self.names.externals.call(path);
                if fact.is_some_and(|fact| fact.random) {
                    self.fill(args);
                }
                if fact.is_some_and(|fact| fact.exchanges) {
                    return self.exchange(id, args, &vals, used);
                }
                self.call_path(id, path, vals, used)
            }
            Target::Derived(ty, name) => {
                if let Type::Local(of, _) = &*self.names.types.get(ty) {
                    self.note_making(*of, self.here);
                    self.flow.known.fields.loose.insert(*of);
                }
                self.note_work(at, name, &vals);
                Val { ty, from: self.made(id, ty) }
            }
            Target::Val(val) => self.call_value(at, val, vals),
            Target::Unknown(name) => {
                self.flow.known.untold.insert(name);
                self.note_work(at, name, &vals);
                self.pass_functions(at, &vals);
                let from = self.gather(&vals);
                Val { ty: T::UNKNOWN, from: self.flow.origins.derived(from) }
            }
        }
    }

    /// What the catalogue says that a call hands to a closure.
    fn handed(&self, target: &Target) -> Option<Val> {
        let Target::External(path) = target else { return None };
        Some(Val { ty: self.hands(*path)?, from: Froms::NONE })
    }

    /// The type of what the catalogue says that a function of a crate hands to a closure.
    pub(super) fn hands(&self, path: PathId) -> Option<T> {
        let fact = self.names.externals.call(path)?;
        (!fact.hands.is_empty()).then(|| self.names.external(&fact.hands, Vec::new()))
    }

    /// A call of a variable: a closure, a function, something unknown.
    fn call_value(&mut self, at: Range, val: Val, vals: Vec<Val>) -> Val {
        match &*self.names.types.get(val.ty) {
            Type::Function(id) => self.call_functions(at, vec![*id], vals, None),
            Type::Closure(node) => {
                let callee = Callee::Closure(super::NodeId(*node));
                let call = self.push_call(at, callee, vals, false, Vec::new());
                let from = self.flow.origins.one(OriginKind::Result(call));
                Val { ty: self.flow.nodes[*node as usize].answer, from }
            }
            _ => {
                self.note_dispatch(&vals);
                self.pass_functions(at, &vals);
                let from = self.gather(&vals);
                if let Some((node, index)) = self.given(val) {
                    let callee = Callee::Given(node, index);
                    let call = self.push_call(at, callee, vals, false, Vec::new());
                    let answer = self.flow.origins.one(OriginKind::Result(call));
                    let from = self.flow.origins.derived(from);
                    let from = self.flow.origins.union(answer, from);
                    return Val { ty: T::UNKNOWN, from };
                } else if let Some((of, name)) = self.kept(val) {
                    self.push_call(at, Callee::Kept(of, name), vals, false, Vec::new());
                } else if let Some(call) = self.given_by(val) {
                    self.push_call(at, Callee::Found(call), vals, false, Vec::new());
                }
                Val { ty: T::UNKNOWN, from: self.flow.origins.derived(from) }
            }
        }
    }

    /// The parameter that a value is, or is a copy of.
    fn given(&self, val: Val) -> Option<(super::NodeId, u16)> {
        self.flow.origins.list(val.from).iter().find_map(|origin| {
            let OriginKind::Param(node, index) = self.flow.origins.root(*origin) else {
                return None;
            };
            let itself = matches!(self.flow.origins.kind(*origin), OriginKind::Param(..));
            let declared = self.flow.node(node).params.get(index as usize);
            let copied = || val.ty != T::UNKNOWN && declared == Some(&val.ty);
            (itself || copied()).then_some((node, index))
        })
    }

    /// The field that a value is, or is in.
    fn kept(&self, val: Val) -> Option<(DefId, Symbol)> {
        self.flow.origins.list(val.from).iter().find_map(|origin| {
            match self.flow.origins.root(*origin) {
                OriginKind::Field { of, name, .. } => Some((of, name)),
                _ => None,
            }
        })
    }

    /// The call of functions of the tree that gave a value.
    fn given_by(&self, val: Val) -> Option<CallId> {
        self.flow.origins.list(val.from).iter().find_map(|origin| {
            match self.flow.origins.root(*origin) {
                OriginKind::Result(call) => Some(call),
                _ => None,
            }
        })
    }

    /// Waiting for a future that a parameter brought runs it.
    pub(super) fn run_given(&mut self, at: Range, val: Val) {
        for origin in self.flow.origins.list(val.from) {
            if let OriginKind::Result(id) = self.flow.origins.kind(*origin) {
                let call = &mut self.flow.calls[id.0 as usize];
                let is_async = |def| self.names.function(def).is_some_and(|f| f.is_async);
                let answers = match &call.callee {
                    Callee::Defs(defs) => defs.iter().any(|def| is_async(*def)),
                    _ => true,
                };
                if call.awaited || !answers {
                    self.flow.waited.insert(id);
                }
                call.awaited = true;
            }
        }
        // Of a parameter that has one trait the type is that trait.
        let open = match &*self.names.types.get(self.seen_through(val.ty)) {
            Type::Unknown | Type::Param(..) | Type::Bounds(_) => true,
            Type::External(path, _) => self.names.externals.get(*path).role.is_none(),
            _ => false,
        };
        if !open {
            return;
        }
        // Also where something stands around it: `timeout(limit, future).await`.
        for origin in self.flow.origins.list(val.from).to_vec() {
            if let OriginKind::Param(node, index) = self.flow.origins.root(origin) {
                self.push_call(at, Callee::Given(node, index), Vec::new(), false, Vec::new());
            }
        }
    }

    /// A function of the tree. `on` is the receiver's type, where there is one.
    pub(super) fn call_functions(
        &mut self,
        at: Range,
        mut defs: Vec<DefId>,
        args: Vec<Val>,
        on: Option<T>,
    ) -> Val {
        let first = defs[0];
        let twins: Vec<DefId> = defs.iter().flat_map(|def| self.names.twins(*def)).collect();
        defs.extend(twins);
        let declared = self.names.return_type(first);
        let ty = self.specialise(first, declared, &args, on);
        self.pass_functions(at, &args);
        self.tell_given(first, &args);
        let call = self.push_call(at, Callee::Defs(defs.into()), args, on.is_some(), Vec::new());
        let from = self.flow.origins.one(OriginKind::Result(call));
        Val { ty, from }
    }

    /// A function of the tree; what the user says of it comes on top of what it does.
    pub(super) fn call_told(
        &mut self,
        id: ExprId,
        at: Range,
        defs: Vec<DefId>,
        args: Vec<Val>,
        on: Option<T>,
        used: Used,
    ) -> Val {
        let told = defs.iter().find_map(|def| self.names.taught_path(*def));
        let told = told.map(|path| (path, args.clone()));
        let method = on.is_some();
        let val = self.call_functions(at, defs, args, on);
        self.mark_used(used);
        if let Some((path, args)) = told {
            let (answer, flags) = (Answer { val, known: true, apart: false }, Vec::new());
            self.call_external(Outside { id, at, path, args, method, answer, flags, used });
        }
        val
    }

    /// What becomes of the answer of the call that was noted last.
    pub(super) fn mark_used(&mut self, used: Used) {
        if let Some(call) = self.flow.calls.last_mut() {
            call.used = used;
        }
    }

    /// A declared return type with the generics of the function and of its impl filled in.
    fn specialise(&self, id: DefId, declared: T, args: &[Val], on: Option<T>) -> T {
        let mut found: FxHashMap<(DefId, Symbol), T> = FxHashMap::default();
        let function = self.names.function(id);
        let receives = function.is_some_and(|function| function.receiver.is_some());
        let on = on.or_else(|| args.first().filter(|_| receives).map(|arg| arg.ty));
        let block = self.names.owner(id);
        if let (Some(block), Some(on)) = (block.and_then(|block| self.names.impls.of(block)), on) {
            self.unify(block.self_type, on, &mut found);
        }
        let is_generic = |def: &DefId| !self.names.generics(*def).is_empty();
        if [Some(id), block].iter().flatten().any(is_generic)
            && let Some(function) = function
        {
            for (param, arg) in function.params.iter().zip(args.iter().skip(receives.into())) {
                let pattern = self.names.declared(id, param.ty);
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
        let declared = self.names.declared(id, param.ty);
        let bounds = match &*self.names.types.get(declared) {
            Type::Param(owner, name) => self.names.bounds_in(id, *owner, *name),
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

    /// The same of a call by its path, where the receiver stands among the arguments.
    fn handed_by_path(&self, id: DefId, index: usize) -> Vec<Val> {
        let method = self.names.function(id).is_some_and(|f| f.receiver.is_some());
        let index = index.checked_sub(usize::from(method));
        index.map_or(Vec::new(), |index| self.handed_by(id, index, None))
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
        let (node, way, args, flags) = (self.node, self.way, args.into(), flags.into());
        self.flow.calls.push(Call {
            node,
            at,
            callee,
            args,
            method,
            way,
            detached: false,
            used: Used::Yes,
            awaited: false,
            flags,
            only_reads: false,
            begins: at.start,
        });
        id
    }

    /// Functions handed to somebody who is not known may be called by them.
    pub(super) fn pass_functions(&mut self, at: Range, args: &[Val]) {
        self.offer(at, args);
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
    pub(super) fn call_path(
        &mut self,
        id: ExprId,
        path: PathId,
        args: Vec<Val>,
        used: Used,
    ) -> Val {
        let external = self.names.externals.get(path);
        let catalog = self.names.catalog;
        // `Arc::clone(&x)` is the same place, whatever else stands around it.
        if let Some((of, name)) = external.text.rsplit_once("::")
            && catalog.universal(name) == Some(Universal::Copy)
            && catalog.type_fact(of).is_some_and(|fact| fact.is == Role::Pointer)
            && let Some(on) = args.first()
        {
            return self.pointer_in(*on);
        }
        let answer = match external.text.rsplit_once("::") {
            Some((of, name)) => match self.asked_of(path) {
                Some(answer) => answer,
                None => self.associated_answer(id, path, of, name, &args),
            },
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
            let (at, flags) = (self.expr(id).at, Vec::new());
            return self.call_external(Outside {
                id,
                at,
                path,
                args,
                method: true,
                answer,
                flags,
                used,
            });
        }
        let flags = self.parameters_of(path);
        let at = self.expr(id).at;
        if self.role(answer.val.ty) == Some(Role::Program) {
            self.tell(id, None, &args, false);
        }
        self.call_external(Outside { id, at, path, args, method: false, answer, flags, used })
    }

    /// `Db::from_ref(state)`, `State::<Db>::from_request_parts(..)`: an associated function of a
    /// type that asks for a shared value of that type.
    fn asked_of(&mut self, path: PathId) -> Option<Answer> {
        let asked = self.type_args.get(&path).copied().unwrap_or(T::UNKNOWN);
        self.extracted(path, asked)
    }

    /// A value seen as the pointer that it is, or that dereferencing it gives.
    fn pointer_in(&mut self, on: Val) -> Val {
        let mut at = on.ty;
        for _ in 0..6 {
            if self.role(at) == Some(Role::Pointer) {
                return self.through(on, at);
            }
            let Some(inner) = self.deref(at) else { break };
            at = inner;
        }
        on
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
            let mut from = if self.is_stateful(ty) { self.made(id, ty) } else { Froms::NONE };
            if fact.is == Role::Once {
                let computed = self.computed(self.expr(id).at, args);
                from = self.flow.origins.union(from, computed);
            }
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
            false if self.is_stateful(ty) || through => {
                // A lock around an end of a channel holds that end, and so does a list made of it.
                let held = match wraps && self.is_channel(self.seen_through(first.ty)) {
                    true => first.from,
                    false => self.ends_among(fact.is, first.from),
                };
                let inside = self.noted_among(first.from);
                let inside = self.flow.origins.union(held, inside);
                let made = self.made(id, ty);
                self.flow.origins.union(made, inside)
            }
            false => Froms::NONE,
        };
        let apart = !wraps && fact.is == Role::Carrier;
        Answer { val: Val { ty, from }, known: true, apart }
    }
}
