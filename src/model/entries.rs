//! What does a framework call? Registrations, attributes, trait implementations.

use crate::catalog::{EntryKind, ImplementFact, Role};
use crate::diagnostic::Step;
use crate::discover::TargetKind;
use crate::flow::{CallId, Callee, Flow, NodeId, NodeKind, OriginKind, Registration, Used, Val};
use crate::parse::tree::{Item, ItemKind, Range};
use crate::resolve::{DefId, DefKind, Names, Res, T, Type};
use crate::source::Span;

use rustc_hash::{FxHashMap, FxHashSet};

use super::EntryPoint;
use super::reach::SOCKET;
use super::selves::is_of_one_connection;
use mounts::Prefixes;

pub(super) use attributes::attribute_path;

mod attributes;
mod mounts;
mod routers;

/// An entry point and the body that it runs.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) node: NodeId,
    pub(super) point: EntryPoint,
    /// The body in which it was registered or spawned.
    pub(super) from: Option<NodeId>,
    /// Where that only hands it to a function which does so: the body there.
    pub(super) by: Option<NodeId>,
    /// Of what is spawned: the call that does it.
    pub(super) start: Option<Start>,
    /// The other calls that do it, and where they stand.
    pub(super) also: Vec<(NodeId, Start)>,
    /// Whether the value that it is a method of serves many requests.
    pub(super) shares_self: bool,
    /// Nothing that is read hands it to the framework, which would have to be.
    pub(super) idle: bool,
}

/// Where a task is started.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    /// The name of the call.
    pub(super) at: Span,
    /// Nobody waits for it, or keeps what would let them.
    pub(super) forgotten: bool,
}

impl Entry {
    /// What a framework calls by itself: nothing in the tree registers or starts it.
    fn called(node: NodeId, point: EntryPoint, shares_self: bool) -> Entry {
        let (from, by, start, also) = (None, None, None, Vec::new());
        Entry { node, point, from, by, start, also, shares_self, idle: false }
    }

    /// Every call that starts it.
    pub(super) fn starts(&self) -> impl Iterator<Item = (NodeId, Start)> + '_ {
        self.from.zip(self.start).into_iter().chain(self.also.iter().copied())
    }

    /// Where in the body `from` it was registered or spawned.
    pub(super) fn started_at(&self) -> Range {
        let at = self.start.map(|start| start.at);
        at.map_or(Range::default(), |at| Range { start: at.start, end: at.end })
    }
}

/// Every candidate; tasks count only where a service starts them, which `reach` decides.
pub(super) fn find(names: &Names<'_>, flow: &Flow) -> Vec<Entry> {
    let mut found = Vec::new();
    let prefixes = Prefixes::of(names, flow);
    by_registration(names, flow, &prefixes, &mut found);
    attributes::find(names, flow, &prefixes, &mut found);
    by_implementation(names, flow, &mut found);
    by_parameter(names, flow, &mut found);
    routers::find(names, flow, &mut found);
    let connections = Turns { kind: EntryKind::Handler, label: "each connection", of: SOCKET };
    by_turn(names, flow, &flow.accepts, &connections, &mut found);
    let messages = Turns { kind: EntryKind::Job, label: "each message", of: "a broker" };
    by_turn(names, flow, &flow.delivers, &messages, &mut found);
    found.sort_by_key(|entry: &Entry| (entry.point.kind as u8, entry.point.at));
    let mut first: FxHashMap<NodeId, usize> = FxHashMap::default();
    let mut unique: Vec<Entry> = Vec::new();
    for entry in found {
        match first.get(&entry.node) {
            Some(index) => unique[*index].also.extend(entry.from.zip(entry.start)),
            None => {
                first.insert(entry.node, unique.len());
                unique.push(entry);
            }
        }
    }
    unique
}

pub(super) fn point(
    names: &Names<'_>,
    flow: &Flow,
    node: NodeId,
    kind: EntryKind,
    framework: &str,
    route: String,
) -> EntryPoint {
    let body = flow.node(node);
    let name = known_as(names, body.def);
    let label = match (route.is_empty(), kind, body.kind) {
        (false, ..) => format!("`{route}`"),
        (true, EntryKind::Handler, NodeKind::Function) => format!("the handler `{name}`"),
        (true, EntryKind::Handler, _) => format!("a handler in `{name}`"),
        (true, EntryKind::Job, _) => format!("the job `{name}`"),
        (true, EntryKind::Timer, NodeKind::Function) => format!("the timed `{name}`"),
        (true, EntryKind::Timer, _) => format!("a timer that `{name}` sets"),
        (true, EntryKind::Task, NodeKind::Function) => format!("the task `{name}`"),
        (true, EntryKind::Task, _) => format!("a task that `{name}` starts"),
    };
    EntryPoint {
        label,
        kind,
        framework: framework.to_string(),
        at: flow.span(node, body.at),
        registered: None,
        package: names.units[names.def(body.def).unit].package,
        beside: false,
    }
}

/// What a reader looks for: `serve`, `Room::handle`, and where the type has several impls of the
/// trait, which one it is: `Room::handle` for `Join`.
fn known_as(names: &Names<'_>, def: DefId) -> String {
    let name = names.text(names.def(def).name);
    let Some(block) = names.owner(def).and_then(|owner| names.impls.of(owner)) else {
        return name.to_string();
    };
    let Type::Local(of, _) = &*names.types.get(block.self_type) else { return name.to_string() };
    let own = names.text(names.def(*of).name);
    let mut others = names.impls.for_type(*of).iter().filter_map(|id| names.impls.of(*id));
    let again = others.any(|other| other.id != block.id && other.of == block.of);
    match block.trait_args.first().filter(|_| again && block.of.is_some()) {
        Some(told) => format!("{own}::{name}` for `{}", names.short(*told)),
        None => format!("{own}::{name}"),
    }
}

fn by_registration(names: &Names<'_>, flow: &Flow, prefixes: &Prefixes, found: &mut Vec<Entry>) {
    let handed = handed(names, flow);
    for (index, registration) in flow.registrations.iter().enumerate() {
        let external = names.externals.get(registration.path);
        let Some(fact) = names.catalog.register(&external.text) else { continue };
        let mut nodes = Vec::new();
        for target in &registration.targets {
            nodes.extend(nodes_of(names, flow, *target));
        }
        for call in &registration.calls {
            nodes.extend(nodes_called(names, flow, *call));
        }
        let said = registration.verb.and_then(|path| {
            names.catalog.call(&names.externals.get(path).text).map(|fact| fact.verb.clone())
        });
        let verb = if fact.verb.is_empty() { said.unwrap_or_default() } else { fact.verb.clone() };
        let parts: Vec<&str> =
            registration.route.iter().map(|part| names.text(*part).trim_matches('/')).collect();
        let route = match parts.as_slice() {
            [] => String::new(),
            _ if fact.routed => format!("/{}", parts.join("/")),
            _ => names.text(registration.route[0]).to_string(),
        };
        // What is put together at run time says only part of it.
        let route = match route.contains("{}") {
            true => String::new(),
            false => prefixes.registered(index, &route),
        };
        let route = match route.is_empty() {
            true => route,
            false => format!("{verb} {route}").trim().to_string(),
        };
        let at = flow.span(registration.node, registration.at);
        let head = flow.span(registration.node, registration.head);
        let forgotten_spawn = !fact.joined;
        let forgotten = forgotten_spawn && (fact.unjoinable || flow.is_forgotten(index));
        let kind = match fact.kind {
            EntryKind::Job if is_timed(names, flow, registration) => EntryKind::Timer,
            kind => kind,
        };
        let mut add = |node: NodeId, from: NodeId, by: Option<NodeId>, start: Start| {
            let mut point = point(names, flow, node, kind, &fact.framework, route.clone());
            if kind.is_asked() && at != point.at {
                let label = &point.label;
                point.registered = Some(Step::new(at, format!("{label} is registered here")));
            }
            let (from, start) = (Some(from), Some(start));
            let also = Vec::new();
            let (shares_self, idle) = (true, false);
            found.push(Entry { node, point, from, by, start, also, shares_self, idle });
        };
        for node in nodes {
            add(node, registration.node, None, Start { at: head, forgotten });
        }
        // A function of the tree that spawns what it is given: whoever calls it starts a task. What
        // is run by what is spawned is told where that is.
        for (nth, parameter) in registration.takes().enumerate() {
            for (call, node) in handed.get(&parameter).into_iter().flatten() {
                let (from, at) = (flow.call(*call).node, flow.call(*call).at);
                let spawns = forgotten_spawn && nth < registration.given.len();
                let forgotten = spawns && flow.call(*call).used == Used::No;
                let start = Start { at: flow.span(from, at), forgotten };
                add(*node, from, Some(registration.node), start);
            }
        }
    }
}

/// Whether what is registered takes its jobs from a clock.
fn is_timed(names: &Names<'_>, flow: &Flow, registration: &Registration) -> bool {
    flow.origins.list(registration.on).iter().any(|origin| match flow.origins.root(*origin) {
        OriginKind::External(path) => names.externals.call(path).is_some_and(|fact| fact.times),
        _ => false,
    })
}

/// Bodies that are handed over for parameters which a function registers or spawns.
fn handed(names: &Names<'_>, flow: &Flow) -> FxHashMap<(NodeId, u16), Vec<(CallId, NodeId)>> {
    let given: FxHashSet<(NodeId, u16)> =
        flow.registrations.iter().flat_map(Registration::takes).collect();
    let mut handed: FxHashMap<(NodeId, u16), Vec<(CallId, NodeId)>> = FxHashMap::default();
    if given.is_empty() {
        return handed;
    }
    for (index, call) in flow.calls.iter().enumerate() {
        let Callee::Defs(defs) = &call.callee else { continue };
        for body in defs.iter().filter_map(|def| flow.bodies.get(def)) {
            for (position, arg) in call.args.iter().enumerate() {
                let parameter = (*body, position as u16);
                if !given.contains(&parameter) {
                    continue;
                }
                let nodes = bodies_of(names, flow, *arg);
                let calls = nodes.into_iter().map(|node| (CallId(index as u32), node));
                handed.entry(parameter).or_default().extend(calls);
            }
        }
    }
    handed
}

/// The bodies that a value is, or is the future of.
pub(super) fn bodies_of(names: &Names<'_>, flow: &Flow, val: Val) -> Vec<NodeId> {
    let mut nodes = nodes_of(names, flow, val.ty);
    for origin in flow.origins.list(val.from) {
        if let OriginKind::Result(call) = flow.origins.root(*origin)
            && !flow.call(call).awaited
        {
            nodes.extend(nodes_called(names, flow, call));
        }
    }
    nodes
}

/// The bodies that a call runs, or that its answer is.
fn nodes_called(names: &Names<'_>, flow: &Flow, call: CallId) -> Vec<NodeId> {
    let bodies: Vec<NodeId> = match &flow.call(call).callee {
        Callee::Defs(defs) => defs.iter().filter_map(|def| flow.bodies.get(def)).copied().collect(),
        Callee::Closure(node) => vec![*node],
        _ => Vec::new(),
    };
    let mut nodes = Vec::new();
    for node in bodies {
        let gives = &flow.node(node).gives;
        match gives.is_empty() {
            true => nodes.push(node),
            false => nodes.extend(gives.iter().flat_map(|ty| nodes_of(names, flow, *ty))),
        }
    }
    nodes
}

fn nodes_of(names: &Names<'_>, flow: &Flow, ty: T) -> Vec<NodeId> {
    body_of(names, flow, ty).into_iter().collect()
}

/// The body of a function or closure.
pub(super) fn body_of(names: &Names<'_>, flow: &Flow, ty: T) -> Option<NodeId> {
    match &*names.types.get(ty) {
        Type::Function(def) => flow.bodies.get(def).copied(),
        Type::Closure(node) => Some(NodeId(*node)),
        _ => None,
    }
}

/// The functions of an impl.
fn methods(names: &Names<'_>, block: DefId) -> Vec<DefId> {
    match names.def(block).item.map(|item| &item.kind) {
        Some(ItemKind::Impl { items, .. }) => {
            items.iter().filter_map(|inner| names.function_in(block, inner.name)).collect()
        }
        _ => Vec::new(),
    }
}

fn by_implementation(names: &Names<'_>, flow: &Flow, found: &mut Vec<Entry>) {
    each_implemented(names, |fact, id, inner| {
        let name = names.text(inner.name);
        let setup = fact.setup.iter().any(|setup| setup == name);
        // Where only the methods at start are listed, no other is one of a request.
        let named = match fact.methods.is_empty() {
            true => fact.setup.is_empty(),
            false => fact.methods.iter().any(|method| method == name),
        };
        if setup || !named || is_fed(names, id) || is_of_client(names, fact, id) {
            return;
        }
        let method = names.function_in(id, inner.name);
        let Some(node) = method.and_then(|method| flow.bodies.get(&method)) else { return };
        let point = point(names, flow, *node, fact.kind, &fact.framework, String::new());
        let shares_self = fact.shares_self && !is_of_one_connection(names, id);
        found.push(Entry::called(*node, point, shares_self));
    });
}

/// Whether it is a client that calls what a trait is implemented for.
fn is_of_client(names: &Names<'_>, fact: &ImplementFact, block: DefId) -> bool {
    let asked = names.impls.of(block).and_then(|found| found.trait_args.first().copied());
    let asked = asked.map(|ty| names.types.get(ty));
    match asked.as_deref() {
        Some(Type::External(path, _)) => {
            let path = &*names.externals.get(*path).text;
            fact.unless_for.iter().any(|known| known == path)
        }
        _ => false,
    }
}

/// Whether what a trait is implemented for is the end of a channel: whatever is handed one is set up
/// with it, and nobody asked yet.
fn is_fed(names: &Names<'_>, block: DefId) -> bool {
    let args = names.impls.of(block).map(|found| found.trait_args.clone()).unwrap_or_default();
    let mut at = args.first().copied();
    while let Some(ty) = at {
        let Type::External(path, args) = &*names.types.get(ty) else { return false };
        at = match names.externals.get(*path).role {
            Some(Role::Channel) => return true,
            Some(Role::Pointer | Role::Carrier) => args.first().copied(),
            _ => None,
        };
    }
    false
}

/// The methods that a framework calls at start, on whatever implements its trait.
pub(super) fn at_start(names: &Names<'_>, flow: &Flow) -> Vec<NodeId> {
    set_ups(names, flow, |_| true)
}

/// Those of them which give one of many that stand for each other.
pub(super) fn of_many(names: &Names<'_>, flow: &Flow) -> Vec<NodeId> {
    set_ups(names, flow, |fact| fact.many)
}

fn set_ups(names: &Names<'_>, flow: &Flow, of: impl Fn(&ImplementFact) -> bool) -> Vec<NodeId> {
    let mut found = Vec::new();
    each_implemented(names, |fact, id, inner| {
        if of(fact) && fact.setup.iter().any(|setup| setup == names.text(inner.name)) {
            let method = names.function_in(id, inner.name);
            found.extend(method.and_then(|method| flow.bodies.get(&method)));
        }
    });
    found
}

/// What stands in the impls of traits that the catalogue knows.
fn each_implemented<'a>(names: &Names<'a>, mut then: impl FnMut(&ImplementFact, DefId, &'a Item)) {
    for id in names.ids() {
        if names.def(id).kind != DefKind::Impl {
            continue;
        }
        let Some(Res::External(of)) = names.impls.of(id).and_then(|found| found.of) else {
            continue;
        };
        let Some(fact) = names.catalog.implement(&names.externals.get(of).text) else { continue };
        let Some(ItemKind::Impl { items, .. }) = names.def(id).item.map(|item| &item.kind) else {
            continue;
        };
        items.iter().for_each(|inner| then(fact, id, inner));
    }
}

/// Methods of traits' impls that take what only a framework makes.
fn by_parameter(names: &Names<'_>, flow: &Flow, found: &mut Vec<Entry>) {
    for id in names.ids() {
        if names.impls.of(id).is_none_or(|found| found.of.is_none()) {
            continue;
        }
        for method in methods(names, id) {
            let Some(node) = flow.bodies.get(&method) else { continue };
            let fact = flow.node(*node).params.iter().find_map(|ty| match &*names.types.get(*ty) {
                Type::External(path, _) => names.catalog.takes(&names.externals.get(*path).text),
                _ => None,
            });
            let fact = fact.filter(|fact| !fact.kept);
            let receives = names.function(method).is_some_and(|f| f.receiver.is_some());
            let Some(fact) = fact.filter(|_| receives) else { continue };
            let point = point(names, flow, *node, fact.kind, &fact.framework, String::new());
            found.push(Entry::called(*node, point, fact.shares_self));
        }
    }
}

/// What the turns of loops are for.
struct Turns {
    kind: EntryKind,
    label: &'static str,
    of: &'static str,
}

/// Loops that take connections, datagrams or messages, and the tasks that they start for each.
fn by_turn(
    names: &Names<'_>,
    flow: &Flow,
    taking: &[NodeId],
    turns: &Turns,
    found: &mut Vec<Entry>,
) {
    let loops: FxHashSet<NodeId> =
        taking.iter().filter_map(|node| flow.loop_around(*node)).collect();
    for entry in found.iter_mut() {
        let starts = [entry.from, entry.by].into_iter().flatten();
        let mut around = starts.filter_map(|from| flow.loop_around(from));
        if entry.point.kind == EntryKind::Task && around.any(|node| loops.contains(&node)) {
            entry.point.kind = turns.kind;
            entry.point.label = turns.label.into();
        }
    }
    let mut loops: Vec<NodeId> = loops.into_iter().collect();
    loops.sort();
    for node in loops {
        let mut point = point(names, flow, node, turns.kind, turns.of, String::new());
        point.label = turns.label.into();
        found.push(Entry::called(node, point, true));
    }
}

/// Whether a unit is one whose code runs as a service may.
pub(super) fn may_serve(names: &Names<'_>, id: DefId) -> bool {
    !matches!(
        names.units[names.def(id).unit].kind,
        TargetKind::BuildScript | TargetKind::Test | TargetKind::Bench
    )
}
