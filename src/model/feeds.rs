//! Do those who know the clients of this process hear from a service what they hand on to them?

use rustc_hash::FxHashSet;

use super::Access;
use super::places::Place;
use super::states::Parts;
use crate::catalog::Work;
use crate::flow::NodeId;
use crate::resolve::{DefId, T, Type};

impl Parts<'_, '_, '_> {
    /// Whether the struct that a place is a field of, what it holds, or what reads it, listens to
    /// a broker or store, if only through a task of this process that does.
    pub(super) fn is_fed(&self, place: Place, reads: &[Access]) -> bool {
        let mut owners = FxHashSet::default();
        if let Place::Field(of, _) = place {
            owners.insert(of);
        }
        self.structs_in(self.place_type(place), 0, &mut owners);
        let own = |def: DefId| {
            let block = self.names.owner(def).and_then(|owner| self.names.impls.of(owner));
            block.is_some_and(|block| {
                matches!(&*self.names.types.get(block.self_type), Type::Local(of, _) if owners.contains(of))
            })
        };
        let methods = self.flow.bodies.iter().filter(|(def, _)| own(**def)).map(|(_, body)| *body);
        let entries = reads.iter().map(|access| self.reach.entries[access.entry].node);
        let start: FxHashSet<NodeId> = methods.chain(entries).collect();
        let inside: FxHashSet<NodeId> = start
            .into_iter()
            .flat_map(|body| self.reach.inside(body, None))
            .map(|(body, _)| body)
            .collect();
        let listens = |body: NodeId| self.deeds.any(body, None, |work| work == Work::Listen);
        inside.iter().any(|body| listens(*body))
            || self.channels.behind(&inside).into_iter().any(|task| {
                self.reach.inside(task, None).into_iter().any(|(body, _)| listens(body))
            })
    }

    fn structs_in(&self, ty: T, depth: u8, found: &mut FxHashSet<DefId>) {
        match &*self.names.types.get(ty) {
            Type::Local(of, _) => {
                found.insert(*of);
            }
            Type::External(_, args) if depth < 6 => {
                args.iter().for_each(|arg| self.structs_in(*arg, depth + 1, found));
            }
            _ => {}
        }
    }
}
