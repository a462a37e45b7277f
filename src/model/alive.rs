//! Which impls can a call through a trait run? Those of types of which the process makes a value:
//! what only a command makes that never comes to serve is not among them.

use rustc_hash::{FxHashMap, FxHashSet};

use super::processes::Edges;
use crate::flow::{Callee, Flow, NodeId};
use crate::resolve::{DefId, Names, Res, Type};

/// Types of which nothing makes a value that serves or sets up serving.
#[derive(Debug, Default)]
pub(super) struct Dormant(FxHashSet<DefId>);

impl Dormant {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes out those that something running makes after all, and says whether there were any.
    pub(super) fn wake(&mut self, flow: &Flow, runs: impl Fn(NodeId) -> bool) -> bool {
        let before = self.0.len();
        self.0.retain(|of| !flow.makes[of].iter().any(|node| runs(*node)));
        self.0.len() < before
    }

    /// Whether a function is a method that an impl of a trait of the tree gives to such a type.
    fn has(&self, names: &Names<'_>, function: DefId) -> bool {
        let found = names.owner(function).and_then(|owner| names.impls.of(owner));
        let Some(found) = found.filter(|found| matches!(found.of, Some(Res::Def(_)))) else {
            return false;
        };
        let method = names.function(function).is_some_and(|f| f.receiver.is_some());
        let of =
            matches!(&*names.types.get(found.self_type), Type::Local(id, _) if self.0.contains(id));
        method && of
    }
}

/// Types with impls of a trait of the tree, every value of which something quiet makes. What code
/// makes that nobody is known to call, and what macros may make, counts as made by anyone.
pub(super) fn elsewhere(names: &Names<'_>, flow: &Flow, quiet: &FxHashSet<NodeId>) -> Dormant {
    if quiet.is_empty() {
        return Dormant::default();
    }
    let through_trait = |of: DefId| {
        let mut blocks = names.impls.for_type(of).iter().filter_map(|id| names.impls.of(*id));
        blocks.any(|block| matches!(block.of, Some(Res::Def(_))))
    };
    let made = flow.makes.iter().filter(|(of, _)| through_trait(**of) && is_plain(names, **of));
    let only_quiet = made.filter(|(of, by)| {
        let mut first = by.iter().filter(|node| !has_one(names, flow, **node, **of)).peekable();
        first.peek().is_some()
            && first.all(|node| quiet.contains(node) && !is_for_others(names, flow, *node))
    });
    Dormant(only_quiet.map(|(of, _)| *of).collect())
}

/// Whether no macro makes values of a type, as far as its attributes say.
fn is_plain(names: &Names<'_>, of: DefId) -> bool {
    let attrs = names.def(of).item.into_iter().flat_map(|item| &item.attrs);
    attrs.into_iter().all(|attr| {
        let derive = matches!(*attr.path, [name] if names.text(name) == "derive");
        derive
            && attr.tokens.split(',').all(|name| {
                let name = name.trim().rsplit("::").next().unwrap_or_default();
                name.is_empty() || names.catalog.makes_nothing(name)
            })
    })
}

/// Whether a body is a method of a type, and so makes values of it only where there is one already.
fn has_one(names: &Names<'_>, flow: &Flow, node: NodeId, of: DefId) -> bool {
    let function = flow.node(node).def;
    let block = names.owner(function).and_then(|owner| names.impls.of(owner));
    let own = block.is_some_and(
        |block| matches!(&*names.types.get(block.self_type), Type::Local(id, _) if *id == of),
    );
    own && names.function(function).is_some_and(|function| function.receiver.is_some())
}

/// Whether a body is what a trait outside the tree asks for, such as `default` and `from`: who calls
/// it need not name it.
fn is_for_others(names: &Names<'_>, flow: &Flow, node: NodeId) -> bool {
    let block = names.owner(flow.node(node).def).and_then(|owner| names.impls.of(owner));
    block.and_then(|block| block.of).is_some_and(|of| !matches!(of, Res::Def(_)))
}

/// Which body runs which, and from where.
pub(super) fn edges(names: &Names<'_>, flow: &Flow, dormant: &Dormant) -> Edges {
    let mut edges: Edges = vec![Vec::new(); flow.nodes.len()];
    let mut methods: FxHashMap<DefId, bool> = FxHashMap::default();
    for call in &flow.calls {
        if call.detached {
            continue;
        }
        let from = &mut edges[call.node.0 as usize];
        match &call.callee {
            Callee::Defs(defs) => {
                // One function alone is what the code names.
                let open = !dormant.is_empty() && defs.len() > 1;
                let mut runs = |def: &&DefId| {
                    !open || !*methods.entry(**def).or_insert_with(|| dormant.has(names, **def))
                };
                let bodies = defs.iter().filter(|def| runs(def));
                from.extend(
                    bodies.filter_map(|def| flow.bodies.get(def)).map(|node| (*node, call.at)),
                );
            }
            Callee::Closure(node) => from.push((*node, call.at)),
            _ => {}
        }
    }
    for id in flow.ids() {
        let node = flow.node(id);
        if let Some(parent) = node.parent
            && !node.detached
        {
            edges[parent.0 as usize].push((id, node.at));
        }
    }
    edges
}
