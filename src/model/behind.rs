//! Of which type is a value that comes from nowhere? What parameters say, followed to the outermost.

use rustc_hash::FxHashSet;

use super::places::Places;
use crate::flow::{Froms, NodeId, Origin, OriginKind};
use crate::resolve::T;

impl Places<'_, '_> {
    /// The types of parameters that a value may be whose callers are not known, and those by which
    /// it was asked for.
    pub(super) fn types_behind(&self, froms: Froms) -> Vec<T> {
        if let Some(known) = self.roots.behind.borrow().get(&froms) {
            return known.clone();
        }
        let found = self.find_types_behind(froms);
        self.roots.behind.borrow_mut().insert(froms, found.clone());
        found
    }

    fn find_types_behind(&self, froms: Froms) -> Vec<T> {
        let (mut todo, mut types) = (Vec::new(), Vec::new());
        for origin in self.flow.origins.list(froms) {
            self.behind(*origin, &mut todo, &mut types);
        }
        let param = |(node, index): &(NodeId, u16)| {
            let ty = self.flow.node(*node).params.get(*index as usize).copied();
            ty.filter(|ty| *ty != T::UNKNOWN)
        };
        let inner: Vec<T> = todo.iter().filter_map(param).collect();
        let outer = self.outermost(todo, &mut types);
        types.extend(outer.iter().filter_map(param));
        // A closure seldom says the types of its parameters; the function that it calls does.
        if types.is_empty() && !outer.is_empty() { inner } else { types }
    }

    fn behind(&self, origin: Origin, params: &mut Vec<(NodeId, u16)>, types: &mut Vec<T>) {
        let mut at = origin;
        loop {
            match self.flow.origins.kind(at) {
                OriginKind::Param(node, index) => return params.push((node, index)),
                OriginKind::Handed(ty) => return types.push(ty),
                OriginKind::Content(inner) => at = inner,
                OriginKind::Field { base: Some(base), of, name }
                    if self.own_place(of, name).is_none() =>
                {
                    at = base;
                }
                _ => return,
            }
        }
    }

    /// Follows parameters to those that nobody is known to fill.
    pub(super) fn outermost(
        &self,
        start: Vec<(NodeId, u16)>,
        types: &mut Vec<T>,
    ) -> Vec<(NodeId, u16)> {
        let mut todo = start;
        let mut seen = FxHashSet::default();
        let mut found = Vec::new();
        while let Some((node, index)) = todo.pop() {
            if !seen.insert((node, index)) || seen.len() > 200 {
                continue;
            }
            let mut filled = false;
            self.each_argument(node, index, &[], |froms, _| {
                filled = true;
                for origin in self.flow.origins.list(froms) {
                    let mut at = *origin;
                    while let OriginKind::Content(inner) = self.flow.origins.kind(at) {
                        at = inner;
                    }
                    match self.flow.origins.kind(at) {
                        OriginKind::Param(node, index) => todo.push((node, index)),
                        OriginKind::Handed(ty) => types.push(ty),
                        _ => {}
                    }
                }
            });
            if !filled || self.entry_nodes.contains(&node) {
                found.push((node, index));
            }
        }
        found
    }
}
