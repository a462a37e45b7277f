//! Under which routes are handlers to be had? What is said where they are registered, and by the
//! routers around.

use super::walk::Walk;
use super::{Froms, NodeId, OriginKind, Val};
use crate::catalog::{MountFact, Role};
use crate::parse::tree::{ExprId, ExprKind, Range};
use crate::resolve::{DefId, Type};
use crate::symbol::Symbol;

/// Routes that are put beneath a prefix.
#[derive(Debug, Clone)]
pub struct Mount {
    pub node: NodeId,
    /// The whole call.
    pub at: Range,
    pub prefix: Symbol,
    /// Where the routes stand in the same body: an argument, and what its variable began with.
    pub over: Vec<Range>,
    /// The function that sets them up, or the handler itself, where it is handed over as a value.
    pub target: Option<DefId>,
}

impl<'a> Walk<'_, 'a> {
    /// Notes which routes a call puts beneath which prefix.
    pub(super) fn note_mount(&mut self, id: ExprId, fact: &MountFact, args: &[Val], offset: usize) {
        let said = fact.at.map_or(0, |index| index + offset);
        let prefix = args.get(said).and_then(|said| self.said_in(said.from));
        let exprs: &[ExprId] = match &self.expr(id).kind {
            ExprKind::Call { args, .. } | ExprKind::Method { args, .. } => args,
            _ => &[],
        };
        let (Some(prefix), Some(of)) = (prefix, exprs.get(fact.of).copied()) else { return };
        let mut over = vec![self.expr(of).at];
        if let ExprKind::Name(name) = self.expr(of).kind {
            over.extend(self.routers.get(&name).into_iter().flatten());
        }
        let target = match args.get(fact.of + offset).map(|arg| self.names.types.get(arg.ty)) {
            Some(ty) => match &*ty {
                Type::Function(def) => Some(*def),
                _ => None,
            },
            None => None,
        };
        let (node, at) = (self.node, self.expr(id).at);
        // Of what a macro puts together, all stands in one place: it tells nothing apart.
        over.retain(|part| *part != at);
        self.flow.mounts.push(Mount { node, at, prefix, over, target });
    }

    /// The first text, or part of a route, that a value says.
    fn said_in(&self, from: Froms) -> Option<Symbol> {
        self.flow.origins.list(from).iter().find_map(|origin| {
            match self.flow.origins.root(*origin) {
                OriginKind::Text(text) | OriginKind::Route(text) => {
                    (!self.text(text).contains("{}")).then_some(text)
                }
                _ => None,
            }
        })
    }

    /// Notes where the routes of a variable are put together.
    pub(super) fn note_router(&mut self, name: Symbol, value: Val, init: ExprId) {
        if self.role(value.ty) == Some(Role::Builder) {
            let at = self.expr(init).at;
            self.routers.entry(name).or_default().push(at);
        }
    }

    pub(super) fn name_routes(&mut self, route: Froms, handlers: Froms) {
        let text = self.flow.origins.list(route).iter().find_map(|origin| {
            match self.flow.origins.kind(*origin) {
                OriginKind::Text(text) => Some(text),
                _ => None,
            }
        });
        let Some(text) = text else { return };
        for origin in self.flow.origins.list(handlers).to_vec() {
            if let OriginKind::Registered(index) = self.flow.origins.kind(origin) {
                let route = &mut self.flow.registrations[index as usize].route;
                if route.is_empty() {
                    route.push(text);
                }
            }
        }
    }

    /// The texts of a value as parts of a route.
    pub(super) fn route_parts(&mut self, said: Froms) -> Froms {
        let mut parts = Froms::NONE;
        for origin in self.flow.origins.list(said).to_vec() {
            if let OriginKind::Text(text) = self.flow.origins.kind(origin) {
                let part = self.flow.origins.one(OriginKind::Route(text));
                parts = self.flow.origins.union(parts, part);
            }
        }
        parts
    }

    /// The route that a chain of filters, or a router that was made with a path, says: its parts,
    /// and the verb of what it was put together from.
    pub(super) fn name_by_receiver(&mut self, receiver: Froms, registered: Froms) {
        let (mut route, mut verb) = (Vec::new(), None);
        for origin in self.flow.origins.list(receiver) {
            match self.flow.origins.kind(*origin) {
                OriginKind::Route(part) => route.push(part),
                OriginKind::External(path) => {
                    let fact = self.names.externals.call(path);
                    verb = verb.or(fact.filter(|fact| !fact.verb.is_empty()).map(|_| path));
                }
                _ => {}
            }
        }
        for origin in self.flow.origins.list(registered).to_vec() {
            if let OriginKind::Registered(index) = self.flow.origins.kind(origin) {
                let registration = &mut self.flow.registrations[index as usize];
                registration.route.extend(&route);
                registration.verb = registration.verb.or(verb);
            }
        }
    }
}
