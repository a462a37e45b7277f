//! Which impls can a call through a trait run? Those of types of which the process makes a value:
//! what only a command makes that never comes to serve is not among them. So it is with the variants
//! of an enum: what is done with one that only tests make is never done.

use std::cell::{OnceCell, RefCell};

use rustc_hash::{FxHashMap, FxHashSet};

use super::links::Links;
use super::processes::Edges;
use crate::catalog::Role;
use crate::flow::{Callee, Flow, NodeId, Ruled, is_ruled_out};
use crate::parse::tree::{ItemKind, Ty, TyKind};
use crate::resolve::{DefId, DefKind, Names, Res, T, Type};
use crate::source::FileId;

/// Callers of callers are followed this far.
const FARTHEST: usize = 4;

/// Types of which nothing makes a value that serves or sets up serving.
#[derive(Debug, Default)]
pub(super) struct Dormant {
    of: FxHashSet<DefId>,
    /// Variants that hold something, of enums of which the process makes others.
    pub(super) variants: FxHashSet<DefId>,
    /// Functions that make some of them, and that nobody calls.
    idle: FxHashSet<NodeId>,
    pub(super) links: Links,
}

/// What is known to run, and what not.
pub(super) struct Running<'r> {
    /// What commands run that are set aside, and binaries that do not serve.
    pub(super) quiet: &'r FxHashSet<NodeId>,
    /// What serves, and what programs run on the way to it.
    pub(super) loud: &'r FxHashSet<NodeId>,
    pub(super) edges: &'r Edges,
    pub(super) links: &'r Links,
}

impl Dormant {
    pub(super) fn all(&self) -> impl Iterator<Item = DefId> + '_ {
        self.of.iter().chain(&self.variants).copied()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.of.is_empty() && self.variants.is_empty() && !self.links.parts
    }

    /// Takes out those that something running makes after all, and says whether there were any.
    /// What nobody calls runs only where it is certain.
    pub(super) fn wake(
        &mut self,
        flow: &Flow,
        runs: impl Fn(NodeId) -> bool,
        surely: impl Fn(NodeId) -> bool,
    ) -> bool {
        let before = self.of.len() + self.variants.len();
        let idle = &self.idle;
        let sleeps = |of: &DefId| {
            let wakes = |node: &NodeId| match idle.contains(node) {
                true => surely(*node),
                false => runs(*node),
            };
            !flow.makes.get(of).into_iter().flatten().any(wakes)
        };
        self.of.retain(sleeps);
        self.variants.retain(sleeps);
        self.of.len() + self.variants.len() < before
    }

    /// Whether a function is a method that an impl of a trait of the tree gives to such a type.
    fn has(&self, names: &Names<'_>, function: DefId) -> bool {
        let found = names.owner(function).and_then(|owner| names.impls.of(owner));
        let Some(found) = found.filter(|found| matches!(found.of, Some(Res::Def(_)))) else {
            return false;
        };
        let method = names.function(function).is_some_and(|f| f.receiver.is_some());
        let of = matches!(&*names.types.get(found.self_type), Type::Local(id, _) if self.of.contains(id));
        method && of
    }
}

/// Types with impls of a trait of the tree, every value of which something quiet makes, or a function
/// that nobody calls, where programs of the tree make values of another type for the same trait.
/// What macros may make counts as made by anyone.
pub(super) fn elsewhere(names: &Names<'_>, flow: &Flow, running: &Running<'_>) -> Dormant {
    let mut dormant = Dormant::default();
    if running.quiet.is_empty() && running.loud.is_empty() {
        return dormant;
    }
    let uncalled = Uncalled::new(names, flow, running.loud, running.links, running.edges);
    let sleeps = |node: NodeId, idle: &mut Vec<NodeId>| {
        let quiet = running.quiet.contains(&node) && !is_for_others(names, flow, node);
        if !quiet && uncalled.is(node) {
            idle.push(node);
            return true;
        }
        quiet
    };
    for (of, by) in &flow.makes {
        let loud = || by.iter().any(|node| running.loud.contains(node));
        if names.def(*of).kind == DefKind::Enum && loud() && is_plain(names, *of) {
            for variant in names.variants(*of).filter(|one| !names.fields(*one).is_empty()) {
                let mut idle = Vec::new();
                let mut by = flow.makes.get(&variant).into_iter().flatten();
                if by.all(|node| sleeps(*node, &mut idle)) {
                    dormant.variants.insert(variant);
                    dormant.idle.extend(idle);
                }
            }
        }
    }
    let givers = OnceCell::new();
    for of in
        names.ids().filter(|id| matches!(names.def(*id).kind, DefKind::Struct | DefKind::Enum))
    {
        let traits: Vec<DefId> = traits(names, of).collect();
        let itself = || names.type_of_def(of);
        // What `Default` makes unseen is made as a part of something.
        let unseen =
            |of| !(is_plain(names, of) || is_defaulted(names, of) && !uncalled.is_part(itself()));
        if traits.is_empty() || unseen(of) {
            continue;
        }
        let by = flow.makes.get(&of).map_or(&[][..], Vec::as_slice);
        // What derives its default need not be named where it is made.
        let unnamed = match is_plain(names, of) {
            true => None,
            false => givers.get_or_init(|| givers_of(names, flow)).get(&of),
        };
        let by = by.iter().chain(unnamed.into_iter().flatten());
        let first: Vec<NodeId> =
            by.copied().filter(|node| !has_one(names, flow, *node, of)).collect();
        let mut idle = Vec::new();
        let asleep = first.iter().all(|node| sleeps(*node, &mut idle));
        let never = first.is_empty();
        let stands_in = |of_trait: &DefId| {
            let blocks = names.impls.of_trait(*of_trait).iter();
            let others = blocks.filter_map(|block| {
                match &*names.types.get(names.impls.of(*block)?.self_type) {
                    Type::Local(other, _) if *other != of => Some(*other),
                    _ => None,
                }
            });
            let mut makers = others.flat_map(|other| flow.makes.get(&other)).flatten();
            makers.any(|node| running.loud.contains(node))
        };
        if asleep && (idle.is_empty() && !never || traits.iter().all(stands_in)) {
            dormant.of.insert(of);
            dormant.idle.extend(idle);
        }
    }
    dormant
}

impl Dormant {
    /// Adds what is made only in parts of bodies that never run: variants of enums of which others
    /// are made, and types that stand behind traits.
    pub(super) fn add_never_made(&mut self, names: &Names<'_>, flow: &Flow, ever: &Ruled) {
        if ever.is_empty() {
            return;
        }
        let never = |of: DefId| {
            let made = flow.makings.get(&of).into_iter().flatten();
            let mut first = made.filter(|(node, _)| !has_one(names, flow, *node, of)).peekable();
            first.peek().is_some() && first.all(|(node, at)| is_ruled_out(ever, *node, *at))
        };
        let seen = |of| is_made_in_sight(names, flow, of);
        for of in flow.makings.keys().copied().filter(|of| never(*of)) {
            let def = names.def(of);
            if def.kind == DefKind::Struct && seen(of) && traits(names, of).next().is_some() {
                self.of.insert(of);
            }
            let others = || {
                let mut all = names.variants(def.parent);
                all.any(|one| flow.makings.contains_key(&one) && !never(one))
            };
            if def.kind == DefKind::Variant
                && !names.fields(of).is_empty()
                && seen(def.parent)
                && !names.is_mentioned(def.name)
                && others()
            {
                self.variants.insert(of);
            }
        }
    }
}

/// The functions that give a value of a type, alone or in others: `-> Result<Self>`.
fn givers_of(names: &Names<'_>, flow: &Flow) -> FxHashMap<DefId, Vec<NodeId>> {
    let mut givers: FxHashMap<DefId, Vec<NodeId>> = FxHashMap::default();
    for (def, node) in &flow.bodies {
        let mut todo = vec![names.return_type(*def)];
        let mut seen: FxHashSet<T> = FxHashSet::default();
        while let Some(ty) = todo.pop() {
            if !seen.insert(ty) {
                continue;
            }
            match &*names.types.get(ty) {
                Type::Local(of, args) => {
                    givers.entry(*of).or_default().push(*node);
                    todo.extend(args.iter());
                }
                Type::External(_, args) => todo.extend(args.iter()),
                _ => {}
            }
        }
    }
    givers
}

/// The traits of the tree that a type has impls of which say something.
fn traits<'n>(names: &'n Names<'_>, of: DefId) -> impl Iterator<Item = DefId> + 'n {
    let says = |id: &&DefId| match names.def(**id).item.map(|item| &item.kind) {
        Some(ItemKind::Impl { items, .. }) => !items.is_empty(),
        _ => true,
    };
    let blocks = names.impls.for_type(of).iter().filter(says);
    blocks.filter_map(|id| match names.impls.of(*id)?.of {
        Some(Res::Def(of)) => Some(of),
        _ => None,
    })
}

/// Functions of no value that nobody calls, though programs of the tree are known, and those of
/// packages that no program is built from.
pub(super) struct Uncalled<'u, 'a> {
    names: &'u Names<'a>,
    flow: &'u Flow,
    loud: &'u FxHashSet<NodeId>,
    links: &'u Links,
    callers: FxHashMap<NodeId, Vec<NodeId>>,
    /// Types that are a part of others: of a struct, or of `Vec<A>`.
    parts: OnceCell<FxHashSet<DefId>>,
    /// Types of which it was asked whether what may run names them; `None` while it is.
    named: RefCell<FxHashMap<DefId, Option<bool>>>,
}

impl<'u, 'a> Uncalled<'u, 'a> {
    pub(super) fn new(
        names: &'u Names<'a>,
        flow: &'u Flow,
        loud: &'u FxHashSet<NodeId>,
        links: &'u Links,
        edges: &Edges,
    ) -> Self {
        let mut callers: FxHashMap<NodeId, Vec<NodeId>> = FxHashMap::default();
        if !loud.is_empty() {
            for from in flow.ids() {
                for (to, _) in &edges[from.0 as usize] {
                    callers.entry(*to).or_default().push(from);
                }
            }
        }
        Uncalled {
            names,
            flow,
            loud,
            links,
            callers,
            parts: OnceCell::new(),
            named: RefCell::default(),
        }
    }

    /// Leaves out what such functions do, where programs do the like.
    pub(super) fn leave_out<O>(&self, list: &mut Vec<O>, by: impl Fn(&O) -> NodeId) {
        if list.iter().any(|one| self.loud.contains(&by(one))) {
            list.retain(|one| !self.is(by(one)));
        }
    }

    /// The same of what is put into a field of a type. What is read out of a configuration is made
    /// by no function of the tree, so that none has to do the like.
    pub(super) fn leave_out_of<O>(&self, of: DefId, list: &mut Vec<O>, by: impl Fn(&O) -> NodeId) {
        match is_plain(self.names, of) {
            true => self.leave_out(list, by),
            false => list.retain(|one| !self.is(by(one))),
        }
    }

    /// Whether it is one of them, or only they call it.
    pub(super) fn is(&self, node: NodeId) -> bool {
        self.is_behind(node, &mut Vec::new())
    }

    /// The same, of one that calls these. Who only call one another are called by nobody.
    fn is_behind(&self, node: NodeId, called: &mut Vec<NodeId>) -> bool {
        if self.loud.is_empty() || self.loud.contains(&node) || called.len() > FARTHEST {
            return false;
        }
        let function = self.flow.node(node).def;
        if self.links.leave_out(self.names, self.names.def(function).unit) {
            return true;
        }
        match self.callers.get(&node) {
            Some(callers) => {
                called.push(node);
                let all = callers
                    .iter()
                    .all(|from| called.contains(from) || self.is_behind(*from, called));
                called.pop();
                all
            }
            // What takes a value may be called through it, what a trait asks for by anyone, and
            // what is named by whoever was given it. What stands in for a value that nobody gives
            // is only asked of a type that is somewhere named.
            None => {
                let block = self.names.owner(function).and_then(|owner| self.names.impls.of(owner));
                let plain = self.names.function(function).is_some_and(|f| f.receiver.is_none());
                let named = self.flow.named.contains(&function);
                plain
                    && !named
                    && block.is_none_or(|block| {
                        let is_default =
                            || self.names.text(self.names.def(function).name) == "default";
                        let asked = |of| {
                            matches!(of, Res::Def(_))
                                || !is_default()
                                || self.is_part(block.self_type)
                        };
                        !block.of.is_some_and(asked)
                    })
            }
        }
    }

    /// Whether a type of the tree is a part of another, so that it may be made without being named.
    fn is_part(&self, ty: T) -> bool {
        let names = self.names;
        let local = |ty: T| match &*names.types.get(ty) {
            Type::Local(of, _) => Some(*of),
            _ => None,
        };
        let parts = self.parts.get_or_init(|| {
            // A pointer is made of what is there, unless it stands in a field.
            let pointer = |path| names.externals.get(path).role == Some(Role::Pointer);
            let inner = names.types.inner(pointer);
            let mut parts: FxHashSet<DefId> = inner.into_iter().filter_map(local).collect();
            let fields = |id: DefId| {
                let fields = names.fields(id).iter();
                fields.map(move |field| names.field_type(id, field, &[]))
            };
            let mut todo: Vec<T> = names.ids().flat_map(fields).collect();
            let mut seen: FxHashSet<T> = FxHashSet::default();
            while let Some(ty) = todo.pop() {
                if !seen.insert(ty) {
                    continue;
                }
                parts.extend(local(ty));
                if let Type::External(_, args) = &*names.types.get(ty) {
                    todo.extend(args.iter());
                }
            }
            parts
        });
        local(ty).is_none_or(|of| parts.contains(&of) || self.is_named(of))
    }

    /// Whether what may run names a type, other than to call what it has: what a pointer to it is
    /// made of need not be said.
    fn is_named(&self, of: DefId) -> bool {
        // Who is asked once more meanwhile has not been cleared.
        if let Some(known) = self.named.borrow().get(&of) {
            return known.unwrap_or(true);
        }
        self.named.borrow_mut().insert(of, None);
        let named = self.places_of(of).into_iter().any(|(file, at)| {
            let Some(around) = self.names.innermost_at(file, at) else { return true };
            let body = self.flow.bodies.get(&around);
            let block = self.names.owner(around).unwrap_or(around);
            // Another name for it makes nothing.
            let alias = self.names.def(around).kind == DefKind::Alias;
            !alias
                && !is_impl_for(self.names, block, of)
                && !body.is_some_and(|body| self.is(*body))
        });
        self.named.borrow_mut().insert(of, Some(named));
        named
    }

    /// Where a type is named as one.
    fn places_of(&self, of: DefId) -> Vec<(FileId, u32)> {
        let name = self.names.def(of).name;
        let mut found = Vec::new();
        for facts in self.names.all_facts() {
            let named = |ty: &&Ty| match &ty.kind {
                TyKind::Path(path) => path.segments.last() == Some(&name),
                _ => false,
            };
            found.extend(facts.types.iter().filter(named).map(|ty| (facts.file, ty.at.start)));
        }
        found
    }
}

/// Whether all that makes a value of a type shows in the code that is read.
pub(super) fn is_made_in_sight(names: &Names<'_>, flow: &Flow, of: DefId) -> bool {
    let name = names.def(of).name;
    is_plain(names, of) && !names.is_mentioned(name) && !flow.unclear.contains(&name)
}

/// Whether no macro makes values of a type, as far as its attributes say.
pub(super) fn is_plain(names: &Names<'_>, of: DefId) -> bool {
    derives_only(names, of, |name| names.catalog.makes_nothing(name))
}

/// The same, but for `Default`.
fn is_defaulted(names: &Names<'_>, of: DefId) -> bool {
    derives_only(names, of, |name| name == "Default" || names.catalog.makes_nothing(name))
}

fn derives_only(names: &Names<'_>, of: DefId, is_known: impl Fn(&str) -> bool) -> bool {
    let attrs = names.def(of).item.into_iter().flat_map(|item| &item.attrs);
    attrs.into_iter().all(|attr| {
        let derive = matches!(*attr.path, [name] if names.text(name) == "derive");
        derive
            && attr.tokens.split(',').all(|name| {
                let name = name.trim().rsplit("::").next().unwrap_or_default();
                name.is_empty() || is_known(name)
            })
    })
}

/// Whether a definition is an impl for a type of the tree.
fn is_impl_for(names: &Names<'_>, block: DefId, of: DefId) -> bool {
    names.impls.of(block).is_some_and(
        |block| matches!(&*names.types.get(block.self_type), Type::Local(id, _) if *id == of),
    )
}

/// Whether a body is a method of a type, and so makes values of it only where there is one already.
pub(super) fn has_one(names: &Names<'_>, flow: &Flow, node: NodeId, of: DefId) -> bool {
    let function = flow.node(node).def;
    let own = names.owner(function).is_some_and(|block| is_impl_for(names, block, of));
    own && names.function(function).is_some_and(|function| function.receiver.is_some())
}

/// Whether a body is what a trait outside the tree asks for, such as `default` and `from`: who calls
/// it need not name it.
pub(super) fn is_for_others(names: &Names<'_>, flow: &Flow, node: NodeId) -> bool {
    names.trait_of(flow.node(node).def).is_some_and(|of| !matches!(of, Res::Def(_)))
}

/// Which body runs which, and from where.
pub(super) fn edges(names: &Names<'_>, flow: &Flow, dormant: &Dormant) -> Edges {
    let mut edges: Edges = vec![Vec::new(); flow.nodes.len()];
    let mut methods: FxHashMap<DefId, bool> = FxHashMap::default();
    for call in &flow.calls {
        let asleep = |variant| dormant.variants.contains(&variant);
        let dead = || flow.forks(call.way).any(|fork| fork.variant.is_some_and(asleep));
        if call.detached || !dormant.variants.is_empty() && dead() {
            continue;
        }
        let from = &mut edges[call.node.0 as usize];
        match &call.callee {
            Callee::Defs(defs) => {
                // One function alone is what the code names.
                let open = defs.len() > 1;
                let unit = |def: DefId| names.def(def).unit;
                let here = unit(flow.node(call.node).def);
                let linked =
                    |def| !dormant.links.parts || dormant.links.join(names, here, unit(def));
                let mut sleeps = |def| {
                    !dormant.of.is_empty()
                        && *methods.entry(def).or_insert_with(|| dormant.has(names, def))
                };
                let mut runs = |def: &&DefId| !open || linked(**def) && !sleeps(**def);
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
