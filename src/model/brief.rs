//! Which structs does nothing but requests make? What is put together before serving begins, and
//! cannot be changed after, holds none of them.

use std::cell::RefCell;

use rustc_hash::FxHashMap;

use super::alive::{has_one, is_for_others, is_plain};
use super::places::Places;
use super::reach::Reach;
use crate::catalog::Role;
use crate::flow::{NodeId, NodeKind};
use crate::resolve::{DefId, DefKind, T, Type};

pub(super) struct Brief<'b, 'm, 'a> {
    reach: &'b Reach<'m, 'a>,
    places: &'b Places<'m, 'a>,
    known: RefCell<FxHashMap<DefId, bool>>,
}

impl<'b, 'm, 'a> Brief<'b, 'm, 'a> {
    pub(super) fn new(reach: &'b Reach<'m, 'a>, places: &'b Places<'m, 'a>) -> Self {
        Brief { reach, places, known: RefCell::default() }
    }

    /// Whether every value of a struct of the tree is made by functions that only requests run.
    pub(super) fn is(&self, of: DefId) -> bool {
        if let Some(known) = self.known.borrow().get(&of) {
            return *known;
        }
        let brief = self.is_made_by_requests(of);
        self.known.borrow_mut().insert(of, brief);
        brief
    }

    fn is_made_by_requests(&self, of: DefId) -> bool {
        let Places { names, flow, .. } = self.places;
        let name = names.def(of).name;
        if names.def(of).kind != DefKind::Struct
            || !is_plain(names, of)
            || names.is_mentioned(name)
            || flow.unclear.contains(&name)
        {
            return false;
        }
        let made = flow.makes.get(&of).into_iter().flatten();
        let mut first = made.filter(|node| !has_one(names, flow, **node, of)).peekable();
        first.peek().is_some() && first.all(|node| self.is_of_requests(*node))
    }

    /// Whether only requests run a body, as far as everybody is known who does.
    fn is_of_requests(&self, node: NodeId) -> bool {
        let (names, flow, reach) = (self.places.names, self.places.flow, self.reach);
        let asked = reach.entry_of(node).is_some_and(|entry| {
            entry.point.kind.is_asked() && flow.node(entry.node).kind == NodeKind::Function
        });
        // Who was given the function, or calls it by what it implements, need not be known.
        let open = |at: NodeId| {
            let def = flow.node(at).def;
            !reach.is_entry(at) && (flow.named.contains(&def) || is_for_others(names, flow, at))
        };
        asked
            && flow.enclosing(node).all(|at| !reach.is_startup(at))
            && flow.enclosing(node).last().is_some_and(|function| !open(function))
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
