//! What does the clock say? Values that were computed from it.

use rustc_hash::FxHashSet;

use super::places::{MOST_STEPS, Places};
use crate::flow::{Froms, Origin, OriginKind};
use crate::resolve::{PathId, T, Type};

impl Places<'_, '_> {
    /// Whether a value was computed from what the clock says, here or by whoever handed it over.
    pub(super) fn tells_time(&self, from: Froms) -> bool {
        let mut seen = FxHashSet::default();
        let mut todo: Vec<Origin> = self.flow.origins.list(from).to_vec();
        while let Some(at) = todo.pop() {
            if seen.len() > MOST_STEPS || !seen.insert(at) {
                continue;
            }
            let mut add = |froms: Froms| todo.extend(self.flow.origins.list(froms));
            match self.flow.origins.kind(at) {
                // What went by since then.
                OriginKind::Derived(inner) if self.is_moment(inner) => return true,
                OriginKind::Content(inner)
                | OriginKind::Derived(inner)
                | OriginKind::Asked(inner, _)
                | OriginKind::Part(inner, _) => todo.push(inner),
                OriginKind::Param(node, index) => {
                    let ty = self.flow.node(node).params.get(usize::from(index)).copied();
                    if ty.is_some_and(|ty| self.is_clocks(self.peeled(ty))) {
                        return true;
                    }
                    self.each_argument(node, index, &[], |froms, _| add(froms));
                }
                OriginKind::Result(call) => self.answers(call).into_iter().for_each(add),
                OriginKind::External(path) if self.is_of_a_clock(path) => return true,
                _ => {}
            }
        }
        false
    }

    /// Whether a call of that path gives what a clock says.
    pub(super) fn is_of_a_clock(&self, path: PathId) -> bool {
        let fact = self.names.catalog.call(&self.names.externals.get(path).text);
        fact.is_some_and(|fact| fact.clock || fact.epoch)
    }

    /// Whether it is a field that keeps what a clock gave.
    fn is_moment(&self, at: Origin) -> bool {
        let OriginKind::Field { of, name, .. } = self.flow.origins.kind(at) else { return false };
        self.names.field(of, name).is_some_and(|field| {
            let ty = self.names.field_type(of, field, &[]);
            self.is_clocks(self.peeled(ty))
        })
    }

    /// Whether it is what a clock of that type gives.
    fn is_clocks(&self, ty: T) -> bool {
        let Type::External(path, _) = &*self.names.types.get(ty) else { return false };
        let now = format!("{}::now", self.names.externals.get(*path).text);
        self.names.catalog.call(&now).is_some_and(|fact| fact.clock)
    }
}
