//! Bodies inside of bodies: closures, `async` blocks, and what a loop does in each turn.

use super::walk::Walk;
use super::{Froms, Loop, Node, NodeId, NodeKind, OriginKind, Used, Val};
use crate::catalog::Role;
use crate::parse::tree::{ExprId, ExprKind, Pat, PatKind, Range, TyId};
use crate::resolve::{T, Type};

impl<'a> Walk<'_, 'a> {
    /// A closure or `async` block: a node of its own that sees the variables around it.
    pub(super) fn closure(
        &mut self,
        at: Range,
        kind: NodeKind,
        params: &'a [(Pat, Option<TyId>)],
        body: ExprId,
        given: Option<&[Val]>,
    ) -> Val {
        let node = self.child(kind, at);
        // What ends a closure ends no loop around it.
        let loops = std::mem::take(&mut self.inside);
        let outer = std::mem::replace(&mut self.node, node);
        self.enter();
        for (index, (pat, ty)) in params.iter().enumerate() {
            let annotated = ty.map_or(T::UNKNOWN, |ty| self.lower(ty));
            let given = given.and_then(|given| given.get(index).or(given.first())).copied();
            let val = match given {
                Some(given) if given.from == Froms::NONE => {
                    let ty = if annotated == T::UNKNOWN { given.ty } else { annotated };
                    self.parameter(index as u16, ty)
                }
                Some(given) if annotated == T::UNKNOWN => given,
                Some(given) => Val { ty: annotated, from: given.from },
                None => self.parameter(index as u16, annotated),
            };
            self.bind(pat, val);
        }
        let value = self.eval(body);
        self.give_back(value, body);
        self.scopes.pop();
        self.inside = loops;
        self.node = outer;
        Val { ty: self.names.types.intern(Type::Closure(node.0)), from: Froms::NONE }
    }

    /// A loop is a body of its own: what it sees from outside lives on from turn to turn.
    pub(super) fn each_turn(&mut self, at: Range, cond: Option<ExprId>, body: ExprId) {
        let length = if cond.is_some() { 5 } else { 4 };
        let head = Range { start: at.start, end: at.start + length };
        let driven = cond.is_some_and(|cond| self.awaits(cond));
        let node = self.child(NodeKind::Loop, at);
        let index = self.flow.loops.len();
        let ends = cond.is_some() && !driven;
        let (conditional, tries, fails) = (ends, false, false);
        self.flow.loops.push(Loop { node, head, driven, conditional, tries, ends, fails });
        let outer = std::mem::replace(&mut self.node, node);
        self.inside.push(index);
        self.enter();
        if let Some(cond) = cond {
            let (waits, lapses) = (self.flow.waits.len(), self.flow.lapses.len());
            self.eval_used(cond, Used::Measured);
            let lapsed = self.flow.lapses.drain(lapses..).find(|(body, ..)| *body == node);
            let lapsed = lapsed.filter(|_| self.goes_on_lapsing(cond));
            self.flow.waits.extend(lapsed.map(|(_, at, _)| (node, at)));
            // Who waits for a time to go on has a timer.
            let timed = driven && self.flow.waits[waits..].iter().any(|(body, _)| *body == node);
            if timed || lapsed.is_some() {
                let around = &mut self.flow.loops[index];
                (around.driven, around.ends, around.conditional) = (false, false, false);
            }
        }
        self.eval_used(body, Used::No);
        if cond.is_none() && self.flow.loops[index].tries {
            self.flow.loops[index].tries = self.only_tries(body);
        }
        self.scopes.pop();
        self.inside.pop();
        self.node = outer;
    }

    /// A body that stands in the one that is walked.
    fn child(&mut self, kind: NodeKind, at: Range) -> NodeId {
        let node = NodeId(self.flow.nodes.len() as u32);
        self.flow.nodes.push(Node {
            kind,
            def: self.flow.node(self.node).def,
            parent: Some(self.node),
            file: self.facts.file,
            at,
            params: Vec::new(),
            returns: Froms::NONE,
            gives: Vec::new(),
            answer: T::UNKNOWN,
            detached: false,
        });
        node
    }

    /// `while let Some(x) = y.next().await`.
    pub(super) fn awaits(&self, cond: ExprId) -> bool {
        match &self.expr(cond).kind {
            ExprKind::Await(_) => true,
            // What goes on for as long as it fails only tries again.
            ExprKind::Let { pat, expr } => {
                let fails = match &pat.kind {
                    PatKind::TupleStruct { path, .. } => !self.wraps_first(path),
                    _ => false,
                };
                !fails && self.awaits(*expr)
            }
            ExprKind::Try(expr) | ExprKind::Ref { expr, .. } => self.awaits(*expr),
            ExprKind::Method { receiver, .. } => self.awaits(*receiver),
            _ => false,
        }
    }

    /// `while timeout(PAUSE, stop.recv()).await.is_err()`: nobody says in time that it is to end.
    fn goes_on_lapsing(&mut self, cond: ExprId) -> bool {
        let mut at = match &self.expr(cond).kind {
            ExprKind::Let { pat, expr } if self.is_failure(pat) => *expr,
            ExprKind::Method { receiver, name, .. } if self.text(*name) == "is_err" => *receiver,
            _ => return false,
        };
        loop {
            at = match &self.expr(at).kind {
                ExprKind::Await(inner) => *inner,
                ExprKind::Ref { expr, .. } => *expr,
                ExprKind::Method { .. } => return true,
                ExprKind::Call { args, .. } => {
                    let Some(waited) = args.get(1) else { return false };
                    return self.is_told_to_end(*waited);
                }
                _ => return false,
            }
        }
    }

    /// Whether what is waited for is a message or a signal of this process.
    fn is_told_to_end(&mut self, waited: ExprId) -> bool {
        let mut at = waited;
        loop {
            at = match &self.expr(at).kind {
                ExprKind::Ref { expr, .. } => *expr,
                ExprKind::Method { receiver, .. } => *receiver,
                ExprKind::Name(_) | ExprKind::Field { .. } => break,
                _ => return false,
            }
        }
        let on = self.eval(at).ty;
        matches!(self.role(self.seen_through(on)), Some(Role::Channel | Role::Control))
    }

    /// Notes that the innermost loops of this body, so many of them, may end.
    pub(super) fn end_loops(&mut self, most: usize) {
        for index in self.inside.iter().rev().take(most) {
            let around = &mut self.flow.loops[*index];
            around.ends = true;
            around.tries |= around.conditional;
        }
    }

    /// Notes that the loops of this body end where something fails.
    pub(super) fn fail_loops(&mut self) {
        for index in &self.inside {
            self.flow.loops[*index].fails = true;
        }
    }

    /// Counts how often the answer of a registering call, such as the handle of a task, is named.
    pub(super) fn note_named(&mut self, val: Val) {
        for index in self.registered(val) {
            self.flow.registrations[index].named += 1;
        }
    }

    /// Notes where it is waited for.
    pub(super) fn note_awaited(&mut self, val: Val) {
        for index in self.registered(val) {
            self.flow.registrations[index].awaited.push((self.node, self.way));
        }
    }

    /// Notes the calls whose answers nobody keeps.
    pub(super) fn note_dropped(&mut self, val: Val) {
        for origin in self.flow.origins.list(val.from) {
            if let OriginKind::Result(call) = self.flow.origins.kind(*origin) {
                self.flow.dropped.insert(call);
            }
        }
    }

    fn registered(&self, val: Val) -> Vec<usize> {
        let kinds = self.flow.origins.list(val.from).iter();
        let registered = kinds.filter_map(|origin| match self.flow.origins.kind(*origin) {
            OriginKind::Registered(index) => Some(index as usize),
            _ => None,
        });
        registered.collect()
    }
}
