//! What does a call that leaves the tree do? The catalogue is asked, and what it says is noted.

use super::walk::Walk;
use super::{CallId, Callee, Froms, NodeId, OriginKind, Registration, Shared, Used, Val};
use crate::catalog::{CallFact, DiskEffect, MacroTokens, Passed, Role};
use crate::parse::tree::{ExprId, ExprKind, Range};
use crate::resolve::{PathId, T, Type};
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
    pub(super) id: ExprId,
    pub(super) at: Range,
    pub(super) path: PathId,
    /// The receiver of a method first.
    pub(super) args: Vec<Val>,
    pub(super) method: bool,
    pub(super) answer: Answer,
    pub(super) flags: Vec<Symbol>,
    pub(super) used: Used,
}

/// A call that makes something an entry point.
struct Registering {
    at: Range,
    head: Range,
    path: PathId,
    used: Used,
    on: Froms,
}

impl<'a> Walk<'_, 'a> {
    /// Notes by which names the environment is asked.
    fn with_names(&mut self, from: Froms, args: &[Val]) -> Froms {
        let said = args.first().map_or(Froms::NONE, |arg| arg.from);
        let said = self.flow.origins.list(said).to_vec().into_iter();
        said.fold(from, |from, origin| match self.flow.origins.kind(origin) {
            OriginKind::Text(name) => {
                let name = self.flow.origins.one(OriginKind::Variable(name));
                self.flow.origins.union(from, name)
            }
            _ => from,
        })
    }

    /// Asks the catalogue what a call outside the tree does, and notes it.
    pub(super) fn call_external(&mut self, call: Outside) -> Val {
        let Outside { id, at, path, args, method, answer, flags, used } = call;
        let external = self.names.externals.get(path);
        let catalog = self.names.catalog;
        let text = &*external.text;
        let offset = usize::from(method);
        let fact = self.names.externals.call(path);
        let random = self.gives_random(&external, fact, &args, method);
        self.flow.abroad.push((self.node, at.start, path));
        self.note_service(&external, &args);
        self.note_unwritten(path, &args);
        let mut val = answer.val;
        if fact.is_some()
            && let Some(returned) = catalog.call_returned(text)
            && (val.ty == T::UNKNOWN || !answer.known)
        {
            let itself = args.first().map_or(T::UNKNOWN, |arg| arg.ty);
            let answers = fact.is_some_and(|fact| fact.answers);
            let inner: Vec<T> = match args.get(offset).filter(|_| answers) {
                Some(run) => vec![self.answer_of(run.ty)],
                None => args.iter().map(|arg| arg.ty).collect(),
            };
            val.ty = self.names.instantiate(returned, itself, &inner);
        }
        if let Some(fact) = fact {
            let mut passed = self.passed(&fact.passes, &args, offset);
            if let Some(run) = args.get(offset).copied().filter(|_| fact.answers) {
                self.note_awaited(run);
                passed = match &*self.names.types.get(run.ty) {
                    Type::Function(_) => self.computed(at, &[run]),
                    Type::Closure(node) => self.made_inside(*node),
                    _ => run.from,
                };
            }
            if fact.disk.is_some() {
                // What is found beneath a folder is not the folder.
                passed = self.flow.origins.derived(passed);
            }
            let opaque = fact.environment || fact.disk == Some(DiskEffect::Temporary);
            // What stands in a file is not beneath its path.
            let content =
                fact.disk == Some(DiskEffect::Read) && self.role(val.ty) == Some(Role::Collection);
            let said = fact.route.and_then(|index| args.get(index + offset)).copied();
            if let Some(said) = said {
                let on = if method { args[0].from } else { Froms::NONE };
                let parts = self.route_parts(said.from);
                val.from = self.flow.origins.union(on, parts);
            } else if passed != Froms::NONE {
                val.from = passed;
            } else if opaque || content {
                val.from = self.flow.origins.one(OriginKind::External(path));
                if fact.environment {
                    val.from = self.with_names(val.from, &args);
                }
            } else if val.from == Froms::NONE && !method && self.is_channel(val.ty) {
                val.from = self.made(id, val.ty);
            }
            if fact.drops
                && let Some(arg) = args.first()
            {
                self.flow.drops.push((self.node, at, arg.from));
            }
            if fact.accepts || fact.accepts_callers && self.is_caller(val.ty, 0) {
                self.flow.accepts.push(self.node);
            }
            if fact.encodes {
                self.flow.encodes.insert(self.node);
            }
            if fact.watches {
                self.flow.watches.insert(self.node);
            }
            if fact.delivers {
                self.flow.delivers.push(self.node);
            }
            if fact.stays {
                self.flow.stays.push((self.node, at));
            }
            if fact.shows_page {
                self.flow.shows.push(self.node);
            }
            if fact.waits {
                self.flow.waits.push((self.node, at));
            }
            if fact.ends_process {
                self.flow.ends.push((self.node, at));
            }
            if fact.lapses {
                self.flow.lapses.push((self.node, at, method));
            }
            if fact.joins {
                self.flow.joins.push((self.node, at));
            }
        }
        if external.around().is_some() {
            let told = fact.and_then(|fact| fact.work);
            let said = || self.work(external.name(), Some(external.krate()), &args);
            if let Some(work) = told.or_else(said) {
                self.deed(at, work);
                self.note_work_sent(work, &args);
            }
        }
        if method {
            self.note_tells(external.name(), &args);
            self.note_runnable(text, &args);
            if self.role(self.seen_through(args[0].ty)) == Some(Role::Control) {
                self.flow.signals.insert(self.node);
            }
        }
        let builds = method && self.role(args[0].ty) == Some(Role::Builder);
        let built = self.seen_through(val.ty);
        if builds && self.role(built) == Some(Role::Cache) {
            val.from = self.made(id, built);
        }
        if val.from == Froms::NONE && !answer.apart {
            let sealing = fact.filter(|fact| fact.seals);
            let gathered = match sealing {
                Some(fact) => self.besides_keys(fact, &args, offset),
                None => self.gather(&args),
            };
            let inside = self.noted_inside(&args);
            val.from = self.flow.origins.derived(gathered);
            val.from = self.flow.origins.union(val.from, inside);
            if self.seeds(path) {
                let own = self.flow.origins.one(OriginKind::External(path));
                val.from = self.flow.origins.union(val.from, own);
            }
            // What a value that a request brought is asked for is still what it brought.
            let asked = method && !args.iter().take(1).any(|on| self.is_service(on.ty));
            if !answer.known && (!asked || val.from == Froms::NONE) {
                let outside = self.flow.origins.one(OriginKind::External(path));
                val.from = self.flow.origins.union(val.from, outside);
            }
        }
        if fact.is_some_and(|fact| fact.disk == Some(DiskEffect::Store)) {
            // Whatever is made of it can be told to lie there.
            let store = self.flow.origins.one(OriginKind::External(path));
            val.from = self.flow.origins.union(val.from, store);
        }
        let mut registered = Froms::NONE;
        // Of most paths nothing is known.
        let catalog = external.is_called.then_some(catalog);
        if let Some(fact) = catalog.and_then(|catalog| catalog.register(text)) {
            let target = args.get(fact.at + offset).copied().unwrap_or(Val::UNKNOWN);
            let on = args.first().filter(|_| method).map_or(Froms::NONE, |on| on.from);
            let head = self.head(id);
            registered = self.register(Registering { at, head, path, used, on }, target);
            // What a filter computes goes on to those that follow it.
            let gives = match &*self.names.types.get(target.ty) {
                Type::Closure(node) => self.flow.nodes[*node as usize].returns,
                _ => Froms::NONE,
            };
            let gives = self.flow.origins.derived(gives);
            val.from = self.flow.origins.union(val.from, gives);
            val.from = self.flow.origins.union(val.from, registered);
            if fact.routed
                && let Some(on) = args.first()
            {
                self.name_by_receiver(on.from, registered);
            }
        } else {
            self.pass_functions(at, &args);
        }
        if let Some(fact) = catalog.and_then(|catalog| catalog.route(text)) {
            let route = args.get(fact.at + offset).map(|arg| arg.from);
            let handlers = fact.handlers.map_or(0, |index| index + offset);
            if let (Some(route), Some(handlers)) = (route, args.get(handlers).copied()) {
                let handlers = self.flow.origins.union(handlers.from, registered);
                self.name_routes(route, handlers);
            }
        }
        if let Some(fact) = catalog.and_then(|catalog| catalog.mount(text)) {
            self.note_mount(id, fact, &args, offset);
        }
        if let Some(fact) = catalog.and_then(|catalog| catalog.share(text)) {
            for index in std::iter::once(fact.at).chain(fact.and.iter().copied()) {
                let Some(val) = args.get(index + offset).copied() else { continue };
                self.flow.shared.push(Shared { node: self.node, at, path, val });
            }
        }
        let serves = catalog.is_some_and(|catalog| catalog.serve(text).is_some());
        if fact.is_some_and(CallFact::is_noted) || serves || random {
            let call = self.push_call(at, Callee::External(path), args, method, flags);
            self.flow.calls[call.0 as usize].begins = self.expr(id).at.start;
            self.mark_used(used);
            if serves {
                self.flow.serves.push(call);
            }
            self.note_answer(call, fact, random, &mut val);
        }
        val
    }

    fn is_service(&self, ty: T) -> bool {
        self.role(self.seen_through(ty)) == Some(Role::BackingService)
    }

    pub(super) fn passed(&mut self, passes: &[Passed], args: &[Val], offset: usize) -> Froms {
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

    /// The name of a call: `tokio::spawn` of `tokio::spawn(..)`.
    fn head(&self, id: ExprId) -> Range {
        let at = self.expr(id).at;
        match &self.expr(id).kind {
            ExprKind::Call { callee, .. } => self.expr(*callee).at,
            ExprKind::Method { name, name_at, .. } => {
                Range { start: *name_at, end: *name_at + self.text(*name).len() as u32 }
            }
            _ => at,
        }
    }

    /// Makes what `target` is an entry point.
    fn register(&mut self, by: Registering, target: Val) -> Froms {
        let Registering { at, head, path, used, on } = by;
        let mut targets = self.callables(target.ty);
        let (mut calls, mut given, runs) = (Vec::new(), Vec::new(), Vec::new());
        if targets.is_empty() {
            self.futures(target.from, 0, &mut targets, &mut calls, &mut given);
        }
        for ty in &targets {
            if let Type::Closure(node) = &*self.names.types.get(*ty) {
                self.flow.nodes[*node as usize].detached = true;
            }
        }
        let index = self.flow.registrations.len() as u32;
        let node = self.node;
        let (route, verb) = (Vec::new(), None);
        let (way, named, awaited) = (self.way, 0, Vec::new());
        self.flow.registrations.push(Registration {
            node,
            at,
            head,
            path,
            targets,
            calls,
            given,
            runs,
            used,
            on,
            way,
            named,
            awaited,
            route,
            verb,
        });
        self.flow.origins.one(OriginKind::Registered(index))
    }

    /// The calls, closures and parameters whose future something is: seen through functions of the
    /// tree that take a future and give one.
    fn futures(
        &mut self,
        from: Froms,
        depth: u8,
        targets: &mut Vec<T>,
        calls: &mut Vec<CallId>,
        given: &mut Vec<(NodeId, u16)>,
    ) {
        for origin in self.flow.origins.list(from).to_vec() {
            match self.flow.origins.kind(origin) {
                // What was waited for has given its answer, and that is no future of the call.
                OriginKind::Result(id) if self.flow.calls[id.0 as usize].awaited => {}
                OriginKind::Result(id) => {
                    self.flow.calls[id.0 as usize].detached = true;
                    calls.push(id);
                    let call = &self.flow.calls[id.0 as usize];
                    // `spawn(make(receiver))`: what was given to make it runs there.
                    if let Callee::Given(node, index) = call.callee {
                        given.push((node, index));
                    }
                    let passes_on = match &call.callee {
                        Callee::Defs(defs) => !defs.iter().any(|def| {
                            self.names.function(*def).is_some_and(|function| function.is_async)
                        }),
                        _ => false,
                    };
                    if !passes_on || depth > 3 {
                        continue;
                    }
                    for arg in call.args.clone() {
                        let closures = self.callables(arg.ty);
                        match closures.is_empty() {
                            true => self.futures(arg.from, depth + 1, targets, calls, given),
                            false => targets.extend(closures),
                        }
                    }
                }
                OriginKind::Param(node, index) => given.push((node, index)),
                // Also where something outside the tree stands around it.
                OriginKind::Derived(_) => {
                    if let OriginKind::Param(node, index) = self.flow.origins.root(origin) {
                        given.push((node, index));
                    }
                }
                _ => {}
            }
        }
    }

    /// The functions and closures that a type stands for, through pointers around them.
    pub(super) fn callables(&self, ty: T) -> Vec<T> {
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

    /// A macro: what it is given, its text leading.
    pub(super) fn macro_call(
        &mut self,
        id: ExprId,
        path: &[Symbol],
        args: &'a [ExprId],
        text: Option<Symbol>,
        used: Used,
    ) -> Val {
        let resolved = self.names.resolve_macro(self.context.scope, path);
        let name = path.last().map_or("", |name| self.text(*name));
        if self.names.catalog.is_apart(name) {
            return Val::UNKNOWN;
        }
        if self.names.catalog.macro_tokens(name) == Some(MacroTokens::Select) {
            let arms = args.iter().map(|arm| self.expr(*arm).at).collect();
            self.flow.races.push((self.node, arms));
        }
        // What is only printed or logged names nothing.
        let text_of = self.names.catalog.macro_tokens(name) == Some(MacroTokens::Format);
        let printed = text_of && self.names.catalog.macro_makes(name).is_none();
        let shown = printed || text_of && used == Used::Measured;
        let used = if shown { Used::Measured } else { Used::Yes };
        let vals: Vec<Val> = args.iter().map(|arg| self.eval_used(*arg, used)).collect();
        if let Some(path) = resolved
            && self.names.catalog.knows_call(&self.names.externals.get(path).text)
        {
            let said = text.map(|text| self.flow.origins.one(OriginKind::Text(text)));
            let first = said.map(|from| Val { ty: T::UNKNOWN, from });
            let vals = if vals.is_empty() { first.into_iter().collect() } else { vals };
            return self.call_path(id, path, vals, Used::Yes);
        }
        self.pass_functions(self.expr(id).at, &vals);
        // .. and gives nothing: `panic!` never, a log line `()`, an error no path.
        if printed {
            let shown = vals.iter().map(|val| (self.node, val.from));
            self.flow.shown.extend(shown.filter(|(_, from)| *from != Froms::NONE));
            if let Some(text) = text {
                self.note_statement(self.expr(id).at, text);
            }
            return Val::UNKNOWN;
        }
        if text_of {
            self.flow.told_as_text.extend(vals.iter().map(|val| val.ty));
        }
        let mut from = self.gather(&vals);
        if text.is_some_and(|text| self.is_told_apart(text, &vals)) {
            from = self.without_counted(from);
        }
        if let Some(text) = text {
            self.note_statement(self.expr(id).at, text);
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
                    Some(Role::Collection) if text.is_none() => {
                        let (made, held) = (self.made(id, ty), self.flow.origins.derived(from));
                        self.flow.origins.union(made, held)
                    }
                    _ => self.flow.origins.derived(from),
                };
                Val { ty, from }
            }
            None => Val { ty: T::UNKNOWN, from: self.flow.origins.derived(from) },
        }
    }

    pub(super) fn made(&mut self, id: ExprId, ty: T) -> Froms {
        let kind = OriginKind::Made(self.node, id);
        let origin = self.flow.origins.intern(kind);
        self.flow.made.insert(origin, ty);
        self.flow.origins.one(kind)
    }

    /// Whether a value of the type is a place of its own.
    pub(super) fn is_stateful(&self, ty: T) -> bool {
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
}
