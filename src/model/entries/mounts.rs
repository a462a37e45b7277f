//! Beneath which prefix does a route stand? `Router::nest`, scopes, mounts, through the functions
//! that put the inner routes together.

use rustc_hash::FxHashMap;

use crate::catalog::Role;
use crate::flow::{CallId, Callee, Flow, Mount, NodeId};
use crate::parse::tree::Range;
use crate::resolve::{DefId, Names, T, Type};

/// Routers inside of routers, and functions that call functions, beyond this are cut.
const MOST_LAYERS: u8 = 8;

/// What the routes of registrations, and of handlers that an attribute makes, begin with.
#[derive(Debug, Default)]
pub(super) struct Prefixes {
    registrations: FxHashMap<usize, Prefix>,
    handlers: FxHashMap<NodeId, Prefix>,
}

#[derive(Debug, Clone, Default)]
struct Prefix {
    layers: u8,
    text: String,
}

impl Prefixes {
    pub(super) fn of(names: &Names<'_>, flow: &Flow) -> Prefixes {
        let mut prefixes = Prefixes::default();
        if flow.mounts.is_empty() {
            return prefixes;
        }
        let ground = Ground::of(names, flow);
        for mount in &flow.mounts {
            ground.mount(mount, &Prefix::default(), 0, &mut prefixes);
        }
        prefixes
    }

    /// The route of a registration with what stands before it.
    pub(super) fn registered(&self, index: usize, route: &str) -> String {
        join(self.registrations.get(&index), route)
    }

    /// The route of a handler that an attribute makes, with what stands before it.
    pub(super) fn handled(&self, node: NodeId, route: &str) -> String {
        join(self.handlers.get(&node), route)
    }
}

fn join(prefix: Option<&Prefix>, route: &str) -> String {
    let Some(prefix) = prefix else { return route.to_string() };
    let parts = [&*prefix.text, route].map(|part| part.trim_matches('/'));
    format!("/{}", parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/"))
}

/// What stands in which function.
struct Ground<'f, 'a> {
    names: &'f Names<'a>,
    flow: &'f Flow,
    registrations: FxHashMap<DefId, Vec<usize>>,
    calls: FxHashMap<DefId, Vec<CallId>>,
    mounts: FxHashMap<DefId, Vec<&'f Mount>>,
}

impl<'f, 'a> Ground<'f, 'a> {
    fn of(names: &'f Names<'a>, flow: &'f Flow) -> Ground<'f, 'a> {
        let mut ground = Ground {
            names,
            flow,
            registrations: FxHashMap::default(),
            calls: FxHashMap::default(),
            mounts: FxHashMap::default(),
        };
        for (index, registration) in flow.registrations.iter().enumerate() {
            let def = flow.node(registration.node).def;
            ground.registrations.entry(def).or_default().push(index);
        }
        for (index, call) in flow.calls.iter().enumerate() {
            // Handed over as a value, or puts routes together.
            let Callee::Defs(defs) = &call.callee else { continue };
            if call.args.is_empty() && !call.method || is_router(names, names.return_type(defs[0]))
            {
                let def = flow.node(call.node).def;
                ground.calls.entry(def).or_default().push(CallId(index as u32));
            }
        }
        for mount in &flow.mounts {
            ground.mounts.entry(flow.node(mount.node).def).or_default().push(mount);
        }
        ground
    }

    fn mount(&self, mount: &Mount, around: &Prefix, depth: u8, found: &mut Prefixes) {
        let text = join(Some(around), self.names.text(mount.prefix));
        let prefix = Prefix { layers: around.layers + 1, text };
        self.within(self.flow.node(mount.node).def, Some(&mount.over), &prefix, depth, found);
        if let Some(target) = mount.target {
            self.set_up(target, &prefix, depth, found);
        }
    }

    /// What stands in a function, or in these parts of it, is beneath a prefix.
    fn within(
        &self,
        def: DefId,
        parts: Option<&[Range]>,
        prefix: &Prefix,
        depth: u8,
        found: &mut Prefixes,
    ) {
        let inside = |at: Range| parts.is_none_or(|parts| parts.iter().any(|part| part.holds(at)));
        for index in self.registrations.get(&def).into_iter().flatten() {
            if inside(self.flow.registrations[*index].at) {
                prefix.put(found.registrations.entry(*index).or_default());
            }
        }
        if depth == MOST_LAYERS {
            return;
        }
        for mount in self.mounts.get(&def).into_iter().flatten() {
            if inside(mount.at) {
                self.mount(mount, prefix, depth + 1, found);
            }
        }
        for call in self.calls.get(&def).into_iter().flatten() {
            let call = self.flow.call(*call);
            let Callee::Defs(defs) = &call.callee else { continue };
            // What calls itself sets nothing up.
            for target in defs.iter().filter(|target| inside(call.at) && **target != def) {
                self.set_up(*target, prefix, depth + 1, found);
            }
        }
    }

    /// A function that puts routes together, or a handler itself.
    fn set_up(&self, target: DefId, prefix: &Prefix, depth: u8, found: &mut Prefixes) {
        if let Some(body) = self.flow.bodies.get(&target) {
            prefix.put(found.handlers.entry(*body).or_default());
            self.within(target, None, prefix, depth, found);
        }
    }
}

impl Prefix {
    /// The one with the most routers around tells the whole of it.
    fn put(&self, known: &mut Prefix) {
        if self.layers > known.layers {
            *known = self.clone();
        }
    }
}

/// Whether a type holds routes.
fn is_router(names: &Names<'_>, ty: T) -> bool {
    match &*names.types.get(ty) {
        Type::External(path, args) => {
            names.externals.get(*path).role == Some(Role::Builder)
                || args.iter().any(|arg| is_router(names, *arg))
        }
        _ => false,
    }
}
