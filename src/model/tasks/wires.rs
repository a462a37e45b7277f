//! Does a task have the connection on which somebody waits for what it does?

use rustc_hash::FxHashSet;

use super::Parts;
use crate::catalog::EntryKind;
use crate::flow::{Call, Callee, Froms, NodeId, Origin, OriginKind, Val};
use crate::resolve::{T, Type};

/// Structs and pointers around a connection.
const FARTHEST: u8 = 4;

impl Parts<'_, '_, '_> {
    /// Whether a task was handed the connection on which somebody waits, and goes on with it to the
    /// end of its work: who is at the other end learns what became of it. What is handed to whoever
    /// serves `one` connection is that; what a request's connection became is nothing else.
    pub(super) fn has_the_wire(&self, task: NodeId, one: bool) -> bool {
        let calls = self.flow.calls.iter().filter(|call| self.is_inside(call.node, task));
        let calls: Vec<&Call> = calls.collect();
        let captures = self.flow.captures.iter().filter(|capture| capture.by == task);
        let mut wires = Vec::new();
        for val in captures.map(|capture| &capture.val) {
            let ty = self.type_of(val, &calls);
            let owned = self.places.peeled(ty) == ty;
            let handed = one && self.is_param(val.from) && self.places.is_wire(ty, 0);
            if owned && (handed || self.is_taken_over(ty, 0)) {
                wires.extend(self.roots(val.from));
            } else if self.is_param(val.from) {
                let takes = |call: &&&Call| self.takes_over(call) && self.is_of(call, val.from);
                wires.extend(
                    calls.iter().find(takes).map(|_| self.roots(val.from)).into_iter().flatten(),
                );
            }
        }
        !wires.is_empty()
            && self.goes_on_with(&wires, &calls, task)
            && (one || !self.leaves_more(task))
    }

    /// Whether a task starts others that nobody waits for, and that ask anything of the world outside.
    fn leaves_more(&self, task: NodeId) -> bool {
        let inside = self.reach.inside(task, None).into_iter();
        let inside: FxHashSet<NodeId> = inside.map(|(body, _)| body).collect();
        let works = |node| self.deeds.sum(self.names, self.flow, self.reach, node, None).is_some();
        self.reach.entries.iter().any(|entry| {
            let mut starts = entry.starts();
            entry.point.kind == EntryKind::Task
                && entry.node != task
                && starts.any(|(from, start)| start.forgotten && inside.contains(&from))
                && works(entry.node)
        })
    }

    /// Whether a task still has to do with one of its connections when its work is done.
    fn goes_on_with(&self, wires: &[OriginKind], calls: &[&Call], task: NodeId) -> bool {
        let sum = self.deeds.sum(self.names, self.flow, self.reach, task, None);
        let Some(work) = sum.and_then(|sum| Some(sum.steps.first()?.at)) else { return false };
        let is_one = |ty: T| self.places.is_wire(ty, 0) || self.is_taken_over(ty, 0);
        let on_wire = |call: &&Call| match call.callee {
            // A method that only a crate outside knows.
            Callee::Given(node, index) => wires.contains(&OriginKind::Param(node, index)),
            _ => (0..call.args.len()).any(|index| is_one(self.arg_type(call, index))),
        };
        let mut calls = calls.iter().copied().filter(on_wire);
        calls.any(|call| self.flow.span(call.node, call.at).end >= work.end)
    }

    /// Of which type an argument is: where that is not known, it is what the function takes.
    fn arg_type(&self, call: &Call, index: usize) -> T {
        let own = call.args[index].ty;
        let Callee::Defs(defs) = &call.callee else { return own };
        let body = match &defs[..] {
            [def] if own == T::UNKNOWN => self.flow.bodies.get(def),
            _ => None,
        };
        let taken = body.and_then(|body| self.flow.node(*body).params.get(index));
        taken.map_or(own, |ty| self.places.peeled(*ty))
    }

    /// Of which type a value is that calls are handed.
    fn type_of(&self, val: &Val, calls: &[&Call]) -> T {
        let handed = |call: &&Call| {
            let at =
                call.args.iter().position(|arg| arg.from != Froms::NONE && arg.from == val.from)?;
            Some(self.arg_type(call, at))
        };
        match val.ty {
            T::UNKNOWN => calls.iter().find_map(handed).unwrap_or(T::UNKNOWN),
            ty => ty,
        }
    }

    /// Whether a type is what the connection of a request becomes, seen through what is put around.
    fn is_taken_over(&self, ty: T, depth: u8) -> bool {
        let Type::External(path, args) = &*self.names.types.get(self.places.peeled(ty)).clone()
        else {
            return false;
        };
        let external = self.names.externals.get(*path);
        let fact = self.names.catalog.type_fact(&external.text);
        let mut args = args.iter();
        fact.is_some_and(|fact| fact.taken_over)
            || depth < FARTHEST && args.any(|arg| self.is_taken_over(*arg, depth + 1))
    }

    /// Whether a call makes a connection of its own of that of a request.
    fn takes_over(&self, call: &Call) -> bool {
        let Callee::External(path) = call.callee else { return false };
        let fact = self.names.catalog.call(&self.names.externals.get(path).text);
        fact.is_some_and(|fact| fact.takes_over)
    }

    /// Whether a call is handed what came from there.
    fn is_of(&self, call: &Call, from: Froms) -> bool {
        let roots: Vec<OriginKind> = self.roots(from).collect();
        call.args.iter().any(|arg| self.roots(arg.from).any(|root| roots.contains(&root)))
    }

    fn is_param(&self, from: Froms) -> bool {
        from != Froms::NONE && self.roots(from).all(|root| matches!(root, OriginKind::Param(..)))
    }

    fn roots(&self, from: Froms) -> impl Iterator<Item = OriginKind> + '_ {
        let origins = self.flow.origins.list(from).iter();
        origins.map(|origin: &Origin| self.flow.origins.root(*origin))
    }
}
