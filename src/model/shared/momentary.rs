//! Which structs does nothing but requests make? What is put together before serving begins, and
//! cannot be changed after, holds none of them.

use std::cell::{OnceCell, RefCell};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::catalog::Role;
use crate::flow::{Callee, NodeId, NodeKind};
use crate::model::alive::{has_one, is_for_others, is_made_in_sight};
use crate::model::places::Places;
use crate::model::reach::Reach;
use crate::parse::tree::Attr;
use crate::resolve::{DefId, DefKind, T, Type};
use crate::symbol::Symbol;

pub(super) struct Momentary<'b, 'm, 'a> {
    reach: &'b Reach<'m, 'a>,
    places: &'b Places<'m, 'a>,
    known: RefCell<FxHashMap<DefId, bool>>,
    /// Functions that others than requests run, or may run.
    others: OnceCell<FxHashSet<NodeId>>,
}

impl<'b, 'm, 'a> Momentary<'b, 'm, 'a> {
    pub(super) fn new(reach: &'b Reach<'m, 'a>, places: &'b Places<'m, 'a>) -> Self {
        Momentary { reach, places, known: RefCell::default(), others: OnceCell::new() }
    }

    /// Whether every value of a struct of the tree is made by what only requests run, as far as
    /// everybody is known who may run it.
    pub(super) fn is(&self, of: DefId) -> bool {
        if let Some(known) = self.known.borrow().get(&of) {
            return *known;
        }
        let momentary = self.is_made_by_requests(of);
        self.known.borrow_mut().insert(of, momentary);
        momentary
    }

    fn is_made_by_requests(&self, of: DefId) -> bool {
        let Places { names, flow, .. } = self.places;
        if names.def(of).kind != DefKind::Struct || !is_made_in_sight(names, flow, of) {
            return false;
        }
        let made = flow.makes.get(&of).into_iter().flatten();
        let mut first = made.filter(|node| !has_one(names, flow, **node, of));
        let mut served = false;
        let of_requests = first.all(|node| {
            served |= self.reach.is_serving(*node);
            self.is_of_requests(*node)
        });
        served && of_requests
    }

    /// Whether only requests run the function around a body.
    fn is_of_requests(&self, node: NodeId) -> bool {
        let others = self.others.get_or_init(|| self.run_by_others());
        !others.contains(&self.places.flow.function_around(node))
    }

    fn run_by_others(&self) -> FxHashSet<NodeId> {
        let flow = self.places.flow;
        let words = self.words_in_attributes();
        let mut runs: FxHashMap<NodeId, Vec<NodeId>> = FxHashMap::default();
        for call in &flow.calls {
            if let Callee::Defs(defs) = &call.callee {
                // A handler that start-up names is registered there, and not run.
                let handles = |node: &NodeId| {
                    let entry = self.reach.entry_at(*node);
                    entry.is_some_and(|entry| entry.point.kind.is_asked())
                };
                let bodies = defs.iter().filter_map(|def| flow.bodies.get(def).copied());
                let bodies = bodies.filter(|node| !handles(node));
                runs.entry(flow.function_around(call.node)).or_default().extend(bodies);
            }
        }
        let whole = flow.ids().filter(|node| flow.node(*node).parent.is_none());
        let mut todo: Vec<NodeId> = whole.filter(|node| self.is_of_others(*node, &words)).collect();
        let mut others: FxHashSet<NodeId> = FxHashSet::default();
        while let Some(node) = todo.pop() {
            if others.insert(node) {
                todo.extend(runs.get(&node).into_iter().flatten());
            }
        }
        others
    }

    /// Whether others than requests run a function, whoever calls it. What no process that serves is
    /// known to run makes nothing there.
    fn is_of_others(&self, function: NodeId, words: &FxHashSet<Symbol>) -> bool {
        let (flow, reach) = (self.places.flow, self.reach);
        flow.node(function).kind != NodeKind::Function
            || reach.is_startup(function)
            || match reach.entry_at(function) {
                Some(entry) => !entry.point.kind.is_asked(),
                None => self.may_be_run_unseen(function, words),
            }
    }

    /// Whether somebody may run a function without a call of it: who was given it, or asks for it by
    /// what it implements, in a macro or an attribute.
    fn may_be_run_unseen(&self, function: NodeId, words: &FxHashSet<Symbol>) -> bool {
        let Places { names, flow, .. } = self.places;
        let def = flow.node(function).def;
        let block = names.owner(def).and_then(|owner| names.impls.of(owner));
        let of = block.and_then(|block| match &*names.types.get(block.self_type) {
            Type::Local(of, _) => Some(names.def(*of).name),
            _ => None,
        });
        // Of a method, the type stands before its name.
        let said = |is: &dyn Fn(Symbol) -> bool| is(names.def(def).name) && of.is_none_or(is);
        flow.named.contains(&def)
            || is_for_others(names, flow, function)
            || said(&|name| names.is_mentioned(name))
            || said(&|name| words.contains(&name))
    }

    /// The words in attributes of fields, and of structs for `serde`: they may name what makes one.
    fn words_in_attributes(&self) -> FxHashSet<Symbol> {
        let names = self.places.names;
        let mut words = FxHashSet::default();
        for id in names.ids() {
            let is =
                |attr: &&Attr, name: &str| matches!(*attr.path, [one] if names.text(one) == name);
            let own = names.def(id).item.into_iter().flat_map(|item| &item.attrs);
            let fields = names.fields(id).iter().flat_map(|field| &field.attrs);
            let told = own.filter(|attr| is(attr, "serde"));
            for attr in told.chain(fields.filter(|attr| !is(attr, "doc"))) {
                let all = attr.tokens.split(|c: char| !(c.is_alphanumeric() || c == '_'));
                words.extend(all.filter_map(|word| names.symbols.find(word)));
            }
        }
        words
    }

    /// Whether what a type holds stays as it was put there, at this level.
    pub(super) fn stays(&self, ty: T) -> bool {
        let names = self.places.names;
        match &*names.types.get(ty) {
            Type::External(path, _) => matches!(
                names.externals.get(*path).role,
                Some(Role::Pointer | Role::Guard | Role::Carrier | Role::Collection)
            ),
            _ => true,
        }
    }
}
