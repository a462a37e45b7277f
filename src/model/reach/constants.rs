//! Which parts of bodies do the constants rule out that their callers hand over? What serves, and
//! what runs at start, are asked each by itself: what one of them is given says nothing of the other.

mod fields;
mod values;

use std::cell::Cell;

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use super::Reach;
use crate::flow::{CallId, Callee, Flow, Gate, NodeId, NodeKind, Ruled};
use crate::model::alive::Dormant;
use crate::model::entries::{self, Entry};
use crate::parse::tree::Range;
use crate::resolve::{DefId, Names, Res};
use crate::symbol::Symbol;
use values::{Place, Set};

/// What never runs.
#[derive(Debug, Default)]
pub(in crate::model) struct Out {
    /// Neither at start nor while serving.
    ever: Ruled,
    pub(super) serving: Ruled,
    pub(super) startup: Ruled,
}

/// What is reached on one of the two ways, and what parameters are given there.
#[derive(Default)]
struct Side {
    live: FxHashSet<NodeId>,
    given: FxHashMap<NodeId, Vec<Set>>,
    /// Functions of which everything may be asked.
    todo: Vec<NodeId>,
}

struct Constants<'c, 'm, 'a> {
    reach: &'c Reach<'m, 'a>,
    startup: Side,
    serving: Side,
    /// Calls that lead from a body to another, where something is known of what they hand over.
    calls: FxHashMap<(NodeId, NodeId), Vec<CallId>>,
    /// Bodies inside of functions, where constants matter for them.
    inner: FxHashMap<NodeId, Vec<NodeId>>,
    /// Methods by their names, of which a call may run any.
    methods: FxHashMap<Symbol, Vec<NodeId>>,
    /// Functions that may be called by what is not seen.
    open: FxHashSet<NodeId>,
    /// What fields hold that nothing sets but what makes the struct.
    fields: IndexMap<(DefId, Symbol), Set, FxBuildHasher>,
    /// So many parts of values were looked at for one question.
    steps: Cell<u32>,
}

/// Takes out of what bodies do what no constants allow; gives the entry points that are left, and
/// what else does not run.
pub(in crate::model) fn rule_out(
    names: &Names<'_>,
    flow: &mut Flow,
) -> (Vec<Entry>, (Dormant, Out)) {
    let found = entries::find(names, flow);
    let (reach, mut dormant) = Reach::settle(names, flow, &found);
    let out = reach.ruled_out();
    dormant.add_never_made(names, flow, &out.ever);
    // What is registered nowhere else any more is no entry point.
    let found = match flow.rule_out(&out.ever) {
        true => entries::find(names, flow),
        false => found,
    };
    (found, (dormant, out))
}

impl Reach<'_, '_> {
    /// The parts of bodies that run in no case, or not while serving, or not at start.
    fn ruled_out(&self) -> Out {
        let known = &self.flow.known;
        if known.gates.is_empty() {
            return Out::default();
        }
        let mut constants = Constants {
            reach: self,
            startup: Side::default(),
            serving: Side::default(),
            calls: FxHashMap::default(),
            inner: FxHashMap::default(),
            methods: FxHashMap::default(),
            open: FxHashSet::default(),
            fields: IndexMap::default(),
            steps: Cell::new(0),
        };
        constants.prepare();
        constants.ask_fields();
        constants.walk();
        constants.fill_fields();
        constants.out()
    }
}

impl<'c> Constants<'c, '_, '_> {
    fn prepare(&mut self) {
        let (flow, names) = (self.reach.flow, self.reach.names);
        for node in flow.known.gates.keys().copied() {
            self.depends(node);
        }
        for id in flow.known.given.keys() {
            let call = flow.call(*id);
            self.depends(call.node);
            if let Callee::Defs(defs) = &call.callee {
                for to in defs.iter().filter_map(|def| flow.bodies.get(def)) {
                    self.calls.entry((call.node, *to)).or_default().push(*id);
                }
            }
        }
        let missed: FxHashSet<Symbol> = flow.unknown_calls.values().flatten().copied().collect();
        for (def, node) in &flow.bodies {
            let name = names.def(*def).name;
            let method = names.function(*def).is_some_and(|f| f.receiver.is_some());
            if method && missed.contains(&name) {
                self.methods.entry(name).or_default().push(*node);
            }
            if self.is_open(*def, name) {
                self.open.insert(*node);
            }
        }
    }

    /// Whether what is not seen may call a function: one that is named as a value or by a path that
    /// could not be told, or that a trait outside of the tree asks for.
    fn is_open(&self, def: DefId, name: Symbol) -> bool {
        let (flow, names) = (self.reach.flow, self.reach.names);
        let block = names.owner(def).and_then(|owner| names.impls.of(owner));
        flow.named.contains(&def)
            || flow.known.untold.contains(&name)
            || names.is_mentioned(name)
            || block.and_then(|block| block.of).is_some_and(|of| !matches!(of, Res::Def(_)))
    }

    /// Notes that what a function is given matters for a body in it.
    fn depends(&mut self, node: NodeId) {
        let around = self.reach.flow.function_around(node);
        let inner = self.inner.entry(around).or_default();
        if !inner.contains(&node) {
            inner.push(node);
        }
    }

    fn walk(&mut self) {
        // What runs unseen hands on what it says.
        let open: Vec<NodeId> = self.open.iter().copied().collect();
        for node in open {
            self.enter(false, node);
            self.enter(true, node);
        }
        for root in self.reach.roots.iter().filter(|root| self.reach.is_startup(**root)) {
            self.enter(false, *root);
        }
        self.settle(false);
        for entry in &self.reach.entries {
            if entry.point.kind.is_asked() || entry.starts().next().is_none() {
                self.enter(true, entry.node);
            }
        }
        let begun: Vec<NodeId> = self.startup.live.iter().copied().collect();
        for node in begun {
            self.start_tasks(false, node);
        }
        self.settle(true);
    }

    fn side(&self, serving: bool) -> &Side {
        if serving { &self.serving } else { &self.startup }
    }

    fn side_mut(&mut self, serving: bool) -> &mut Side {
        if serving { &mut self.serving } else { &mut self.startup }
    }

    fn settle(&mut self, serving: bool) {
        while let Some(node) = self.side_mut(serving).todo.pop() {
            self.visit(serving, node);
        }
    }

    /// Reaches a body that may be given anything.
    fn enter(&mut self, serving: bool, node: NodeId) {
        self.give(serving, node, None);
    }

    /// Reaches a body by a call that hands these over: anything, where they are not known.
    fn give(&mut self, serving: bool, node: NodeId, args: Option<Vec<Set>>) {
        let args = args.filter(|_| !self.open.contains(&node));
        let inner = self.inner.get(&node);
        let side = if serving { &mut self.serving } else { &mut self.startup };
        if side.live.insert(node) {
            side.todo.push(node);
        }
        let Some(inner) = inner else { return };
        let count = self.reach.flow.node(node).params.len();
        let given = side.given.entry(node).or_insert_with(|| vec![Set::NONE; count]);
        let mut more = false;
        for (index, set) in given.iter_mut().enumerate() {
            let arg = args.as_ref().and_then(|args| args.get(index)).cloned();
            more |= set.add(arg.unwrap_or(Set::Any));
        }
        if more {
            side.todo.extend(inner.iter().filter(|inner| side.live.contains(inner)));
        }
    }

    fn visit(&mut self, serving: bool, node: NodeId) {
        let reach = self.reach;
        let unit = reach.names.def(reach.flow.node(node).def).unit;
        for name in reach.flow.unknown_calls.get(&node).into_iter().flatten() {
            for method in self.methods.get(name).cloned().unwrap_or_default() {
                // It is not known to run; if it does, it may be given anything, and hands on what it
                // says.
                self.open.insert(method);
                let live = self.side(serving).live.contains(&method);
                if live || reach.names.sees(unit, reach.flow.node(method).def) {
                    self.enter(serving, method);
                }
            }
        }
        for (to, at) in &reach.edges[node.0 as usize] {
            let runs = match serving {
                true => reach.is_serving(*to) && !reach.handlers.contains(to),
                false => reach.is_startup(*to) && reach.is_startup_at(node, *at),
            };
            if !runs || !self.allows(serving, node, *at) {
                continue;
            }
            if reach.flow.node(*to).kind != NodeKind::Function {
                self.enter(serving, *to);
                continue;
            }
            let calls = self.calls.get(&(node, *to)).into_iter().flatten();
            let here = calls.filter(|call| reach.flow.call(**call).at == *at);
            let place = Place { serving, from: node, instead: None, depth: 0 };
            let known: Vec<Vec<Set>> = here
                .map(|call| {
                    self.steps.set(0);
                    let given = reach.flow.known.given[call].iter();
                    given.map(|known| self.value(*known, place)).collect()
                })
                .collect();
            if known.is_empty() {
                self.enter(serving, *to);
            }
            for args in known {
                self.give(serving, *to, Some(args));
            }
        }
        self.start_tasks(serving, node);
    }

    /// Reaches the tasks that a body starts.
    fn start_tasks(&mut self, serving: bool, node: NodeId) {
        let reach = self.reach;
        for (task, at) in reach.spawns.get(&node).into_iter().flatten() {
            let starts = serving || reach.is_startup_at(node, *at);
            if starts && reach.is_serving(*task) && self.allows(serving, node, *at) {
                self.enter(true, *task);
            }
        }
    }

    /// Whether a place of a body may run.
    fn allows(&self, serving: bool, node: NodeId, at: Range) -> bool {
        let gates = self.reach.flow.known.gates.get(&node).into_iter().flatten();
        gates.filter(|gate| gate.at.holds(at)).all(|gate| self.opens(serving, node, gate))
    }

    fn opens(&self, serving: bool, node: NodeId, gate: &Gate) -> bool {
        self.steps.set(0);
        let place = Place { serving, from: node, instead: None, depth: 0 };
        let (yes, no) = self.value(gate.test, place).sides();
        if gate.wants { yes } else { no }
    }

    fn out(&self) -> Out {
        let mut out = Out::default();
        for (node, gates) in &self.reach.flow.known.gates {
            let serves = self.serving.live.contains(node);
            let begins = self.startup.live.contains(node);
            for gate in gates {
                let shut_serving = serves && !self.opens(true, *node, gate);
                let shut_startup = begins && !self.opens(false, *node, gate);
                if shut_serving {
                    out.serving.entry(*node).or_default().push(gate.at);
                }
                if shut_startup {
                    out.startup.entry(*node).or_default().push(gate.at);
                }
                let runs = serves && !shut_serving || begins && !shut_startup;
                if (serves || begins) && !runs {
                    out.ever.entry(*node).or_default().push(gate.at);
                }
            }
        }
        out
    }
}
