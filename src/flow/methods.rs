//! Which function does `value.name(..)` run? By the type of the receiver, through pointers and
//! guards; else by the only function of that name in the tree.

use super::outside::{Answer, Outside};
use super::walk::Walk;
use super::{Froms, OriginKind, TouchKind, Used, Val};
use crate::catalog::{DiskEffect, Role, TypeFact, Universal};
use crate::parse::tree::{ExprId, ExprKind, Range};
use crate::resolve::{DefId, PathId, T, Type};
use crate::symbol::Symbol;

/// What a method call runs.
pub(super) enum Method {
    Local {
        defs: Vec<DefId>,
        on: T,
    },
    External {
        on: T,
        of: PathId,
        path: PathId,
    },
    /// Means the same on every type: `clone`, `as_ref`.
    Universal(Universal),
    Unknown,
}

impl<'a> Walk<'_, 'a> {
    pub(super) fn eval_method(&mut self, id: ExprId, used: Used) -> Val {
        let expr = self.expr(id);
        let ExprKind::Method { receiver, name, name_at, turbofish, args } = &expr.kind else {
            return Val::UNKNOWN;
        };
        // A chain may begin many lines above: its place is where the method is named.
        let at = Range { start: *name_at, end: expr.at.end };
        let on = self.eval(*receiver);
        self.note_called(*receiver, at);
        self.note_lazy(*receiver, *name, args);
        let method = match self.find_method(on.ty, *name) {
            // What comes from outside is no type of the tree, nor is what takes more, or less.
            Method::Local { on: T::UNKNOWN, ref defs }
                if self.is_outside(on) || !self.take(defs, args.len()) =>
            {
                Method::Unknown
            }
            found => found,
        };
        let is_closure = |arg: &ExprId| matches!(self.expr(*arg).kind, ExprKind::Closure { .. });
        let lent = match args.iter().any(is_closure) {
            true => self.lent_to_closures(on, &method, *name),
            false => None,
        };
        let mut vals = Vec::with_capacity(args.len() + 1);
        vals.push(on);
        let taken = self.taken(&method);
        let around = self.way;
        for (index, arg) in args.iter().enumerate() {
            self.way = match index == 0 && self.is_for_failures(*name) {
                true if !matches!(method, Method::Local { .. }) => self.fork(around, on.from, None),
                _ => around,
            };
            let ExprKind::Closure { params, body, .. } = &self.expr(*arg).kind else {
                vals.push(self.handed_over(*arg, taken));
                continue;
            };
            let handed = match &method {
                Method::Local { defs, on } => self.handed_by(defs[0], index, Some(*on)),
                _ => Vec::new(),
            };
            let lent = if handed.is_empty() { lent.as_ref() } else { Some(&handed) };
            let at = self.expr(*arg).at;
            let val = match lent {
                Some(lent) => self.closure(at, super::NodeKind::Closure, params, *body, Some(lent)),
                None => self.eval(*arg),
            };
            vals.push(val);
        }
        self.way = around;
        match vals[..] {
            [_, key, value] => self.coded_pair(at, key, value),
            [on, value] => self.coded_pair(at, on, value),
            _ => {}
        }
        self.mix_in(*receiver, args, &vals, used);
        self.take_up(at, *name, args, &vals);
        self.note_embedded(expr.at, at, *name, &method, &vals);
        let mapped = match method {
            Method::Local { .. } => Froms::NONE,
            _ => self.mapped(*name, &vals[1..]),
        };
        let generic = turbofish.map_or(T::UNKNOWN, |ty| self.lower(ty));
        if !matches!(method, Method::Local { .. })
            && let Some(val) = self.asked_for(id, *name, generic, &vals, used)
        {
            return val;
        }
        let mut val = match method {
            Method::Local { defs, on } => {
                let val = self.call_told(id, at, defs, vals, Some(on), used);
                self.note_handed(val, std::iter::once(*receiver).chain(args.iter().copied()));
                val
            }
            Method::External { on, of, path } => {
                let found = Found { on, of, path, name: *name, generic };
                self.call_method(id, at, found, vals, used)
            }
            Method::Universal(universal) => {
                if self.text(*name) == "to_string" {
                    self.flow.told_as_text.insert(on.ty);
                }
                let val = self.universal(universal, on, generic);
                match universal {
                    Universal::Or => self.or_else(val, &vals[1..]),
                    Universal::Become => self.becomes(at, on, &vals[1..]),
                    _ => val,
                }
            }
            Method::Unknown => {
                if let Some(field) = self.unwritten(on, *name, args.is_empty()) {
                    return field;
                }
                let known = self.note_unknown(*name);
                self.note_work(at, *name, &vals);
                self.note_tells(self.text(*name), &vals);
                if self.names.catalog.accepts(self.text(*name)) {
                    self.flow.accepts.push(self.node);
                }
                self.pass_functions(at, &vals);
                self.note_of_service(&vals);
                let ty = if known { T::UNKNOWN } else { generic };
                let from = match args.is_empty() {
                    true => self.flow.origins.asked(on.from, *name),
                    false => {
                        let from = self.gather(&vals);
                        let from = self.flow.origins.derived(from);
                        let inside = self.noted_inside(&vals);
                        self.flow.origins.union(from, inside)
                    }
                };
                Val { ty, from }
            }
        };
        val.from = self.flow.origins.union(mapped, val.from);
        val
    }

    /// What the closures among the arguments of `map` and its like make of what they are given.
    fn mapped(&mut self, name: Symbol, args: &[Val]) -> Froms {
        let mut from = Froms::NONE;
        for arg in args.iter().filter(|_| self.names.catalog.maps(self.names.text(name))) {
            if let Type::Closure(node) = &*self.names.types.get(arg.ty) {
                let returns = self.flow.nodes[*node as usize].returns;
                // What it only asks of what it is given, the receiver says as well.
                let own = |origin: &super::Origin| match self.flow.origins.root(*origin) {
                    OriginKind::Param(of, _) => of.0 != *node,
                    OriginKind::Made(..) => {
                        self.flow.made.get(origin).is_some_and(|ty| self.is_channel(*ty))
                    }
                    OriginKind::Result(_)
                    | OriginKind::Static(_)
                    | OriginKind::Field { .. }
                    | OriginKind::Text(_) => true,
                    _ => false,
                };
                let told = self.flow.origins.list(returns).iter().copied().filter(own).collect();
                let told = self.flow.origins.froms(told);
                // It may give in another order what it was given together.
                let told = self.flow.origins.together(told);
                let told = self.flow.origins.derived(told);
                from = self.flow.origins.union(from, told);
            }
        }
        from
    }

    fn is_outside(&self, val: Val) -> bool {
        let origins = self.flow.origins.list(val.from);
        let outside = |origin: &super::Origin| {
            matches!(
                self.flow.origins.root(*origin),
                OriginKind::External(_)
                    | OriginKind::Noted(_)
                    | OriginKind::Text(_)
                    | OriginKind::Variable(_)
                    | OriginKind::Asked(..)
            )
        };
        !origins.is_empty() && origins.iter().all(outside)
    }

    fn note_unknown(&mut self, name: Symbol) -> bool {
        // Only a name that the tree defines can be a call that was missed.
        let missed = !self.names.impls.named(name).is_empty();
        if missed {
            self.flow.unknown_calls.entry(self.node).or_default().push(name);
        }
        missed
    }

    pub(super) fn find_method(&self, ty: T, name: Symbol) -> Method {
        self.find_method_at(ty, name, 0)
    }

    fn find_method_at(&self, ty: T, name: Symbol, depth: u8) -> Method {
        // A bound may name the parameter that it bounds.
        if depth > 4 {
            return Method::Unknown;
        }
        let mut at = ty;
        let mut outermost = None;
        for _ in 0..10 {
            match &*self.names.types.get(at) {
                Type::Local(id, _) => {
                    let defs = self.names.functions_of(*id, name);
                    if !defs.is_empty() {
                        return Method::Local { defs, on: at };
                    }
                }
                Type::External(of, _) => {
                    let path = self.names.externals.join(*of, name, self.text(name));
                    let found = Method::External { on: at, of: *of, path };
                    if self.is_known(*of, path, name) {
                        return found;
                    }
                    let defs = self.extension(at, *of, name);
                    if !defs.is_empty() {
                        return Method::Local { defs, on: at };
                    }
                    // A pointer has few methods of its own: what it does not name is its content's.
                    let through = match &outermost {
                        Some(Method::External { of, .. }) => matches!(
                            self.names.externals.get(*of).role,
                            Some(Role::Pointer | Role::Guard | Role::Once)
                        ),
                        _ => true,
                    };
                    if through {
                        outermost = Some(found);
                    }
                }
                Type::Param(owner, param) => {
                    let bounds = self.names.bounds_in(self.context.item, *owner, *param);
                    if let Some(found) = self.among(&bounds, name, depth) {
                        return found;
                    }
                    // A bound may stand where it is not seen: at a method of a generic impl.
                    if outermost.is_none()
                        && self.names.catalog.universal(self.text(name)).is_none()
                    {
                        return self.only_one(name);
                    }
                }
                Type::Bounds(bounds) => {
                    if let Some(found) = self.among(bounds, name, depth) {
                        return found;
                    }
                }
                Type::Unknown | Type::Function(_) | Type::Closure(_) => {
                    if let Some(universal) = self.names.catalog.universal(self.text(name)) {
                        return Method::Universal(universal);
                    }
                    return self.only_one(name);
                }
            }
            match self.deref(at) {
                Some(inner) => at = inner,
                None => break,
            }
        }
        if let Some(universal) = self.names.catalog.universal(self.text(name)) {
            return Method::Universal(universal);
        }
        let of_tree = matches!(&*self.names.types.get(at), Type::Local(..));
        outermost.filter(|_| !of_tree).unwrap_or(Method::Unknown)
    }

    pub(super) fn is_known(&self, of: PathId, path: PathId, name: Symbol) -> bool {
        let (of, path) = (self.names.externals.get(of), self.names.externals.get(path));
        let name = self.text(name);
        let catalog = self.names.catalog;
        let in_fact = catalog.type_fact(&of.text).is_some_and(|fact| {
            fact.names(name) || fact.by_use && catalog.universal(name).is_none()
        });
        in_fact || catalog.knows_call(&path.text)
    }

    fn among(&self, bounds: &[T], name: Symbol, depth: u8) -> Option<Method> {
        bounds.iter().find_map(|bound| match self.find_method_at(*bound, name, depth + 1) {
            Method::Unknown => None,
            found => Some(found),
        })
    }

    /// Whether a clone is the same place: of a pointer or an end of a channel, also of one that
    /// may be there.
    pub(super) fn is_handle(&self, ty: T) -> bool {
        let at = if self.role(ty) == Some(Role::Carrier) { self.first_arg(ty) } else { ty };
        matches!(self.role(at), Some(Role::Pointer | Role::Channel))
    }

    /// A method of a type outside the tree.
    fn call_method(
        &mut self,
        id: ExprId,
        at: Range,
        found: Found,
        vals: Vec<Val>,
        used: Used,
    ) -> Val {
        let external = self.names.externals.get(found.of);
        let fact = self.names.catalog.type_fact(&external.text);
        let name = self.text(found.name);
        let on = self.through(vals[0], found.on);
        let touched = self.flow.touches.len();
        if let Some(fact) = fact {
            self.note_touch(at, fact, on, found.name, used, &vals[1..]);
        }
        let mut answer = self.answer(fact, external.role, found, on, name);
        if let Some(asked) = self.extracted(found.path, found.generic) {
            answer = asked;
        }
        if self.names.catalog.universal(name) == Some(Universal::Or) && answer.known {
            answer.val = self.or_else(answer.val, &vals[1..]);
        }
        // What grows by anything but one is a size and names nothing.
        let ExprKind::Method { args, .. } = &self.expr(id).kind else { return answer.val };
        let amount = args.first().map(|arg| &self.expr(*arg).kind);
        let sized = args.len() > 1
            && matches!(
                amount,
                Some(
                    ExprKind::Name(_)
                        | ExprKind::Field { .. }
                        | ExprKind::Cast { .. }
                        | ExprKind::Method { .. }
                        | ExprKind::Call { .. }
                )
            );
        let word = self.word_among(args);
        if let Some(touch) = self.flow.touches.get_mut(touched) {
            touch.word = word;
            if touch.kind == TouchKind::Count && sized {
                touch.kind = TouchKind::Change;
            }
        }
        if self.flow.touches.get(touched).is_some_and(|touch| touch.kind == TouchKind::Count) {
            answer.val.from = self.flow.origins.one(OriginKind::Counted(touched as u32));
        }
        let ExprKind::Method { receiver, .. } = self.expr(id).kind else { return answer.val };
        let flags = self.flags(receiver);
        let effects = self.names.catalog.call(&self.names.externals.get(found.path).text);
        if effects.is_some_and(|effects| effects.grows) {
            self.grow(receiver, vals[0], &vals[1..]);
        }
        match effects.and_then(|effects| effects.disk) {
            Some(DiskEffect::OnlyRead) => self.note_only_reads(id),
            Some(DiskEffect::Name) => self.note_path(id, &vals[1..]),
            _ => {}
        }
        if self.role(found.on) == Some(Role::Program) {
            let folder = effects.is_some_and(|effects| effects.disk == Some(DiskEffect::Folder));
            self.tell(id, Some(receiver), &vals[1..], folder);
            self.grow(receiver, vals[0], &vals[1..]);
        }
        let mut args = vals;
        if effects.is_some_and(|effects| effects.disk == Some(DiskEffect::Run)) {
            args.extend(self.told_so_far(receiver).into_iter().flatten());
        }
        let path = found.path;
        self.call_external(Outside { id, at, path, args, method: true, answer, flags, used })
    }

    /// A value seen as what dereferencing it gives, down to the type on which a method was found.
    pub(super) fn through(&mut self, val: Val, to: T) -> Val {
        let mut at = val;
        for _ in 0..10 {
            if at.ty == to {
                return at;
            }
            let Some(inner) = self.deref(at.ty) else { break };
            if let Type::Local(of, args) = &*self.names.types.get(at.ty).clone()
                && let Some(name) = self.names.dereferenced_field(*of, args, inner)
            {
                at.from = self.flow.origins.field(at.from, *of, name);
            }
            at.ty = inner;
        }
        Val { ty: to, from: val.from }
    }

    fn note_touch(
        &mut self,
        at: Range,
        fact: &TypeFact,
        on: Val,
        name: Symbol,
        used: Used,
        args: &[Val],
    ) {
        let text = self.text(name);
        let has = |list: &[String]| list.iter().any(|known| known == text);
        let kind = if has(&fact.sends) {
            TouchKind::Send
        } else if has(&fact.receives) {
            TouchKind::Receive
        } else if has(&fact.subscribes) {
            TouchKind::Subscribe
        } else if has(&fact.counts) {
            TouchKind::Count
        } else if has(&fact.changes) {
            TouchKind::Change
        } else if has(&fact.fills) {
            TouchKind::Fill
        } else if fact.changes_by_use(args.len(), used == Used::No) {
            TouchKind::Change
        } else {
            match fact.is {
                Role::Lock
                | Role::Cell
                | Role::Atomic
                | Role::SharedCollection
                | Role::Collection
                | Role::Cache
                | Role::Carrier => TouchKind::Read,
                _ => return,
            }
        };
        let mut value = self.gather(args);
        if kind == TouchKind::Fill {
            let computed = self.computed(at, args);
            value = self.flow.origins.union(value, computed);
        }
        let before = self.flow.touches.len();
        self.touch(at, kind, on, Some(name), used, value);
        let computed = args.iter().any(|arg| {
            matches!(&*self.names.types.get(arg.ty), Type::Closure(_) | Type::Function(_))
        });
        for touch in &mut self.flow.touches[before..] {
            touch.last = args.last().map_or(value, |last| last.from);
            touch.computed = computed || has(&fact.computes);
            touch.replaces = has(&fact.replaces);
            touch.takes = has(&fact.takes);
            touch.empties = has(&fact.empties);
        }
    }

    /// What the type's entry says of the answer.
    fn answer(
        &mut self,
        fact: Option<&TypeFact>,
        role: Option<Role>,
        found: Found,
        on: Val,
        name: &str,
    ) -> Answer {
        let args = match &*self.names.types.get(found.on) {
            Type::External(_, args) => args.to_vec(),
            _ => Vec::new(),
        };
        let external = self.names.externals.get(found.of);
        let returned = self.names.catalog.returned(&external.text, name);
        let has = |list: &[String]| list.iter().any(|known| known == name);
        let moved = fact.is_some_and(|fact| has(&fact.changes) && !has(&fact.stays));
        let content =
            matches!(role, Some(Role::Lock | Role::Cell | Role::SharedCollection | Role::Cache));
        let ty = match returned {
            Some(text) => self.names.instantiate(text, found.on, &args),
            None if matches!(role, Some(Role::Builder | Role::Program)) => found.on,
            None => found.generic,
        };
        let ty = if ty == T::UNKNOWN { found.generic } else { ty };
        let copies = self.names.catalog.universal(name) == Some(Universal::Copy)
            && !self.is_handle(found.on);
        let from = match returned {
            Some(_) if moved || copies => self.flow.origins.derived(on.from),
            Some(_) if content => self.flow.origins.content(on.from),
            Some(_) => on.from,
            None => Froms::NONE,
        };
        Answer { val: Val { ty, from }, known: returned.is_some(), apart: false }
    }
}

/// A method found on a type outside the tree.
#[derive(Clone, Copy)]
pub(super) struct Found {
    /// The type at which it was found, pointers and guards taken away.
    pub(super) on: T,
    pub(super) of: PathId,
    /// `of::name`.
    pub(super) path: PathId,
    pub(super) name: Symbol,
    /// The type in `::<..>`.
    pub(super) generic: T,
}
