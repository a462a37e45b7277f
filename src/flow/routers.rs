//! Routers of the service's own: functions that take a request are kept as values, and called
//! through them by whoever finds the route.

use super::walk::Walk;
use super::{Froms, NodeId, OriginKind, Val};
use crate::parse::tree::Range;
use crate::resolve::{DefId, PathId, T, Type};
use crate::symbol::Symbol;

/// A function or closure that takes what only a server makes, handed over as a value.
#[derive(Debug, Clone, Copy)]
pub struct Offer {
    /// Where it is handed over.
    pub node: NodeId,
    pub at: Range,
    pub target: T,
    /// What it takes.
    pub takes: PathId,
    /// A text that goes along and begins like a route.
    pub route: Option<Symbol>,
}

impl Walk<'_, '_> {
    /// Notes the functions and closures among arguments that take a request.
    pub(super) fn offer(&mut self, at: Range, args: &[Val]) {
        for arg in args {
            let Some(target) = self.callables(arg.ty).first().copied() else { continue };
            if let Some(takes) = self.request_of(target) {
                let route = args.iter().find_map(|arg| self.route_in(arg.from, 0));
                self.flow.offers.push(Offer { node: self.node, at, target, takes, route });
            }
        }
    }

    /// A value that is called with a request which came from outside: which function it is, nobody
    /// said.
    pub(super) fn note_dispatch(&mut self, args: &[Val]) {
        let brought = |from: Froms| {
            let mut origins = self.flow.origins.list(from).iter();
            origins.any(|origin| matches!(self.flow.origins.root(*origin), OriginKind::Param(..)))
        };
        let requests = args.iter().filter(|arg| brought(arg.from));
        let paths: Vec<PathId> = requests.filter_map(|arg| self.request(arg.ty)).collect();
        self.flow.dispatches.extend(paths);
    }

    /// The request that a function or closure takes.
    fn request_of(&self, target: T) -> Option<PathId> {
        match &*self.names.types.get(target) {
            Type::Function(def) => self.taken_by(*def),
            Type::Closure(node) => {
                let params = &self.flow.nodes[*node as usize].params;
                params.iter().find_map(|ty| self.request(*ty))
            }
            _ => None,
        }
    }

    fn taken_by(&self, def: DefId) -> Option<PathId> {
        let params = &self.names.function(def)?.params;
        params.iter().find_map(|param| self.request(self.names.declared(def, param.ty)))
    }

    fn request(&self, ty: T) -> Option<PathId> {
        let Type::External(path, _) = &*self.names.types.get(ty) else { return None };
        let fact = self.names.catalog.takes(&self.names.externals.get(*path).text)?;
        fact.kept.then_some(*path)
    }

    /// The route that a value says, or what it was made with: `app.at("/users").get(list)`.
    fn route_in(&self, from: Froms, depth: u8) -> Option<Symbol> {
        self.flow.origins.list(from).iter().find_map(|origin| {
            match self.flow.origins.root(*origin) {
                OriginKind::Text(text) => self.text(text).starts_with('/').then_some(text),
                OriginKind::Result(call) if depth < 3 => {
                    let args = &self.flow.call(call).args;
                    args.iter().rev().find_map(|arg| self.route_in(arg.from, depth + 1))
                }
                _ => None,
            }
        })
    }
}
