//! Which values may be `self` of a method? What a call of a trait's method is asked of is only one of
//! those that have it.

use super::places::Places;
use crate::flow::{NodeId, Origin, OriginKind};
use crate::parse::tree::{ItemKind, Receiver};
use crate::resolve::{DefId, DefKind, Names, Res, Type};

impl Places<'_, '_> {
    /// The struct that a parameter is one of, where it is `self` of a trait's method.
    pub(super) fn method_of(&self, node: NodeId, index: u16) -> Option<DefId> {
        let def = self.flow.node(node).def;
        let body = self.flow.bodies.get(&def) == Some(&node);
        self.names.function(def).filter(|f| index == 0 && body && f.receiver.is_some())?;
        let block = self.names.owner(def).and_then(|owner| self.names.impls.of(owner))?;
        block.of?;
        match &*self.names.types.get(block.self_type) {
            Type::Local(id, _) => self.is_a_struct(*id).then_some(*id),
            _ => None,
        }
    }

    /// Whether a value that was made may be one of a struct: itself, or what it stands for.
    pub(super) fn may_be(&self, made: Origin, of: DefId) -> bool {
        let Some(ty) = self.flow.made.get(&made) else { return true };
        match &*self.names.types.get(self.content(*ty)) {
            Type::Local(id, args) => {
                *id == of || !self.is_a_struct(*id) || self.names.deref_target(*id, args).is_some()
            }
            _ => true,
        }
    }

    fn is_a_struct(&self, id: DefId) -> bool {
        self.names.def(id).kind == DefKind::Struct
    }

    /// Whether a value is `self` of something that a framework calls with `&mut self`, again and
    /// again: then every field of it outlives the call.
    pub(super) fn is_actor(&self, origin: Origin) -> bool {
        let mut at = origin;
        while let OriginKind::Field { base: Some(base), .. } = self.flow.origins.kind(at) {
            at = base;
        }
        let OriginKind::Param(node, index) = self.flow.origins.kind(at) else { return false };
        if self.actors.is_empty() {
            return false;
        }
        if let Some(known) = self.roots.actors.borrow().get(&(node, index)) {
            return *known;
        }
        let selves = self.outermost(vec![(node, index)], &mut Vec::new());
        let found = selves.iter().any(|(node, index)| *index == 0 && self.actors.contains(node));
        self.roots.actors.borrow_mut().insert((node, index), found);
        found
    }
}

/// `fn handle(&mut self, ..)` of a trait whose implementor serves many calls.
pub(super) fn is_actor_method(names: &Names<'_>, def: DefId) -> bool {
    let receives = names.function(def).and_then(|function| function.receiver);
    let (Some(Receiver::RefMut), Some(Res::External(path))) = (receives, names.trait_of(def))
    else {
        return false;
    };
    let fact = names.catalog.implement(&names.externals.get(path).text);
    fact.is_some_and(|fact| fact.shares_self && !fact.clones_self)
        && !names.owner(def).is_some_and(|block| is_of_one_connection(names, block))
}

/// Whether what an impl is for is there for one connection: a type says so that stands in an impl of
/// a framework's trait.
pub(super) fn is_of_one_connection(names: &Names<'_>, block: DefId) -> bool {
    let Some(Type::Local(of, _)) =
        names.impls.of(block).map(|found| (*names.types.get(found.self_type)).clone())
    else {
        return false;
    };
    names.impls.for_type(of).iter().any(|block| {
        let of = names.impls.of(*block).and_then(|found| found.of);
        let Some(ItemKind::Impl { items, .. }) = names.def(*block).item.map(|item| &item.kind)
        else {
            return false;
        };
        matches!(of, Some(Res::External(_) | Res::Unknown))
            && items.iter().any(|inner| match inner.kind {
                ItemKind::Alias { ty: Some(ty), .. } => {
                    let fact = names.type_fact(names.declared(*block, ty));
                    fact.is_some_and(|fact| fact.one_connection)
                }
                _ => false,
            })
    })
}
