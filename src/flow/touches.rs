//! What is done to a value that somebody else may see? Assignments, reads, uses of numbers.

use super::methods::Method;
use super::walk::Walk;
use super::{Froms, OriginKind, Touch, TouchKind, Used, Val};
use crate::catalog::Role;
use crate::parse::tree::{ExprId, ExprKind, Range};
use crate::resolve::{DefKind, PathId, T, Type};
use crate::symbol::Symbol;

impl Walk<'_, '_> {
    /// Whether what a call is handed is only exported, or shown to whoever watches this process.
    pub(super) fn shows(&self, path: PathId) -> bool {
        self.names.externals.get(path).role == Some(Role::Telemetry)
            || self.names.externals.call(path).is_some_and(|fact| fact.shown)
    }

    /// What a method does with what it is handed.
    pub(super) fn taken(&self, method: &Method) -> Used {
        match method {
            // A number that is put into one is compared later; in a path it names what lies on this
            // disk.
            Method::External { on, .. }
                if matches!(self.role(*on), Some(Role::Atomic | Role::Path)) =>
            {
                Used::Measured
            }
            Method::External { of, path, .. } if self.shows(*of) || self.shows(*path) => {
                Used::Measured
            }
            _ => Used::Yes,
        }
    }

    /// Evaluates an argument. What is only shown numbers nothing, nor does the answer.
    pub(super) fn handed_over(&mut self, arg: ExprId, taken: Used) -> Val {
        let mut val = self.eval_used(arg, taken);
        if taken == Used::Measured {
            val.from = self.without_counted(val.from);
        }
        val
    }

    /// `left += value`: of a number, taking the next one.
    pub(super) fn assign_op(&mut self, id: ExprId, left: ExprId, right: ExprId, value: Val) {
        let place = self.eval_used(left, Used::No);
        let number = self.role(place.ty) == Some(Role::Number)
            && matches!(self.expr(right).kind, ExprKind::Int(_));
        let kind = if number { TouchKind::Count } else { TouchKind::Change };
        let at = self.expr(id).at;
        let before = self.flow.touches.len();
        self.touch(at, kind, place, None, Used::Measured, value.from);
        self.flow.touches[before..].iter_mut().for_each(|touch| touch.replaces = false);
    }

    /// `left = value`.
    pub(super) fn assign(&mut self, id: ExprId, left: ExprId, right: ExprId, value: Val) {
        let place = match &self.expr(left).kind {
            ExprKind::Name(name) => {
                // A local variable takes another value; only a static is a place of its own.
                if let Some(known) = self.variable(*name) {
                    let merged = self.either(known, value);
                    self.rebind(*name, merged);
                    return;
                }
                self.name(*name)
            }
            _ => self.eval_used(left, Used::No),
        };
        if let ExprKind::Field { base, name, .. } = &self.expr(left).kind {
            let base = self.eval(*base);
            if let Type::External(of, _) = &*self.names.types.get(self.seen_through(base.ty))
                && self.names.catalog.is_coded_field(self.text(*name))
            {
                let of = self.names.externals.get(*of).text.to_string();
                self.coded_at(of, *name, self.expr(right).at, value);
            }
            if let Some(of) = self.local_type(base.ty) {
                let (node, field) = (self.node, *name);
                let store = super::Store { node, of, field, from: value.from, ty: value.ty };
                self.flow.stores.push(store);
            }
        }
        let at = self.expr(id).at;
        let before = self.flow.touches.len();
        self.touch(at, TouchKind::Change, place, None, Used::No, value.from);
        let word = self.word(right);
        self.flow.touches[before..].iter_mut().for_each(|touch| touch.word = word);
        // `= None` takes out what was there.
        let bare = matches!(self.expr(right).kind, ExprKind::Name(_) | ExprKind::Path { .. });
        if bare && value.from == Froms::NONE && self.role(place.ty) == Some(Role::Carrier) {
            self.flow.touches[before..].iter_mut().for_each(|touch| touch.takes = true);
        }
    }

    /// A number, or a word of two, that is written out.
    fn word(&self, expr: ExprId) -> Option<u64> {
        match self.expr(expr).kind {
            ExprKind::Bool(is) => Some(u64::from(is)),
            ExprKind::Int(number) => Some(number),
            _ => None,
        }
    }

    /// What a method is handed that is written out: the last that is not named by its path, as
    /// orderings are.
    pub(super) fn word_among(&self, args: &[ExprId]) -> Option<u64> {
        let named = |arg: &&ExprId| matches!(self.expr(**arg).kind, ExprKind::Path { .. });
        args.iter().rev().find(|arg| !named(arg)).and_then(|arg| self.word(*arg))
    }

    /// `place.clone_from(&value)`.
    pub(super) fn becomes(&mut self, at: Range, place: Val, values: &[Val]) -> Val {
        if let [value] = *values {
            let place = Val { ty: self.deref_guard(place.ty), from: place.from };
            let copy = self.flow.origins.derived(value.from);
            self.touch(at, TouchKind::Change, place, None, Used::No, copy);
        }
        Val::UNKNOWN
    }

    /// Functions and closures that a method puts into what a field keeps, to be called from there.
    pub(super) fn note_runnable(&mut self, method: &str, args: &[Val]) {
        let Some((on, given)) = args.split_first() else { return };
        let runs = given.iter().filter(|arg| !self.callables(arg.ty).is_empty());
        let runs: Vec<Val> = runs.copied().collect();
        if runs.is_empty() {
            return;
        }
        let Some((of, name)) = method.rsplit_once("::") else { return };
        let Some(fact) = self.names.catalog.type_fact(of) else { return };
        let has = |list: &[String]| list.iter().any(|known| known == name);
        let calls = has(&fact.takes) || has(&fact.computes) || has(&fact.lends);
        if calls || !(has(&fact.changes) || has(&fact.fills)) {
            return;
        }
        let Some((of, field)) = self.flow.field_behind(on.from) else { return };
        let node = self.node;
        let kept =
            runs.iter().map(|val| super::Store { node, of, field, from: val.from, ty: val.ty });
        self.flow.runnable.extend(kept);
    }

    /// `mem::take(&mut place)`, `mem::replace(&mut place, value)`: gives what was there.
    pub(super) fn exchange(
        &mut self,
        id: ExprId,
        args: &[ExprId],
        vals: &[Val],
        used: Used,
    ) -> Val {
        let Some(lent) = vals.first() else { return Val::UNKNOWN };
        let at = self.expr(id).at;
        let place = Val { ty: self.deref_guard(lent.ty), from: lent.from };
        let value = vals.get(1).map_or(Froms::NONE, |value| value.from);
        let before = self.flow.touches.len();
        self.touch(at, TouchKind::Change, place, None, used, value);
        // Where it is not a place of somebody else's, it is the value that goes from hand to hand.
        if self.flow.touches.len() == before {
            return Val { ty: place.ty, from: place.from };
        }
        // What was made just for that, of nothing, holds nothing.
        let made =
            args.get(1).is_none_or(|arg| matches!(self.expr(*arg).kind, ExprKind::Call { .. }));
        let bare = self.flow.origins.list(value).iter().all(|origin| {
            let parts = self.flow.parts.get(origin);
            parts.is_none() && matches!(self.flow.origins.kind(*origin), OriginKind::Made(..))
        });
        let takes = made && bare;
        let given = &mut self.flow.touches[before..];
        given.iter_mut().for_each(|touch| (touch.takes, touch.empties) = (takes, takes));
        Val { ty: place.ty, from: Froms::NONE }
    }

    /// Taking apart what is inside a lock is reading it.
    pub(super) fn look_at(&mut self, at: Range, value: Val) {
        let origins = self.flow.origins.list(value.from);
        let inside =
            origins.iter().any(|o| matches!(self.flow.origins.kind(*o), OriginKind::Content(_)));
        if inside {
            self.touch(at, TouchKind::Read, value, None, Used::Yes, Froms::NONE);
        }
    }

    /// `for message in receiver`.
    pub(super) fn take_each(&mut self, at: Range, over: Val) {
        let Type::External(path, _) = &*self.names.types.get(self.seen_through(over.ty)) else {
            return;
        };
        let fact = self.names.catalog.type_fact(&self.names.externals.get(*path).text);
        if fact.is_some_and(|fact| fact.receives.iter().any(|name| name == "into_iter")) {
            self.touch(at, TouchKind::Receive, over, None, Used::Yes, Froms::NONE);
        }
    }

    /// A lock that a statement takes only to ask what is inside is let go of where it ends, if what
    /// it keeps of that is no guard.
    pub(super) fn end_guards(&mut self, statement: ExprId, before: usize, kept: Option<T>) {
        if self.flow.touches.len() == before {
            return;
        }
        let (mut at, mut named) = (statement, Vec::new());
        loop {
            at = match &self.expr(at).kind {
                ExprKind::Method { receiver, name_at, .. } => {
                    named.push(*name_at);
                    *receiver
                }
                ExprKind::Field { base, .. } => *base,
                ExprKind::Try(inner) | ExprKind::Await(inner) | ExprKind::Deref(inner) => *inner,
                ExprKind::Assign { left, .. } | ExprKind::AssignOp { left, .. } => *left,
                _ => break,
            };
        }
        if named.is_empty() || kept.is_some_and(|kept| self.may_hold(kept, 0)) {
            return;
        }
        let (node, end) = (self.node, self.expr(statement).at.end);
        for touch in &mut self.flow.touches[before..] {
            if touch.node == node && named.contains(&touch.at.start) {
                touch.until = touch.until.min(end);
            }
        }
    }

    /// Whether a lock may be held by a value. What stands in a lock itself holds no other.
    fn may_hold(&self, ty: T, depth: u8) -> bool {
        let holds = |ty: T| ty != T::UNKNOWN && self.may_hold(ty, depth + 1);
        match &*self.names.types.get(ty) {
            Type::External(_, args) => {
                self.names.type_fact(ty).is_some_and(|fact| fact.held)
                    || self.role(ty) != Some(Role::Lock)
                        && depth < 4
                        && args.iter().any(|arg| self.may_hold(*arg, depth + 1))
            }
            Type::Local(of, args) => {
                let variants = self.names.variants(*of).chain([*of]);
                let mut types = variants.flat_map(|of| {
                    let fields = self.names.fields(of).iter();
                    fields.map(move |field| self.names.field_type(of, field, args))
                });
                self.names.def(*of).kind == DefKind::Trait || depth < 2 && types.any(holds)
            }
            Type::Function(_) => false,
            Type::Unknown | Type::Param(..) | Type::Bounds(_) | Type::Closure(_) => true,
        }
    }

    /// Notes what is done to a value, where that may matter to somebody else.
    pub(super) fn touch(
        &mut self,
        at: Range,
        kind: TouchKind,
        place: Val,
        method: Option<Symbol>,
        used: Used,
        value: Froms,
    ) {
        let telling = self.flow.origins.list(place.from).iter().any(|origin| {
            !matches!(
                self.flow.origins.kind(*origin),
                OriginKind::Derived(_)
                    | OriginKind::Asked(..)
                    | OriginKind::Part(..)
                    | OriginKind::Text(_)
                    | OriginKind::Variable(_)
                    | OriginKind::External(_)
                    | OriginKind::Noted(_)
                    | OriginKind::Route(_)
            )
        });
        if telling {
            let (node, what, on) = (self.node, place.from, place.ty);
            self.flow.touches.push(Touch {
                node,
                at,
                kind,
                what,
                on,
                method,
                used,
                value,
                last: value,
                computed: false,
                word: None,
                replaces: method.is_none(),
                takes: false,
                empties: false,
                until: self.block_end,
            });
        }
    }
}
