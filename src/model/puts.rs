//! Where does what is put into a state come from? Fetched, computed, or brought by a request.

use super::states::Parts;
use crate::flow::{Callee, Froms, NodeId, Origin, OriginKind, Touch};
use crate::resolve::{T, Type};

impl Parts<'_, '_, '_> {
    /// Whether what is put in was computed or fetched, not merely brought by the request. What a
    /// record of many holds may be computed, and is a record all the same; of one value that takes
    /// the place of another, the parts tell.
    pub(super) fn is_fetched(&self, touch: &Touch) -> bool {
        let deeper = if touch.replaces { 2 } else { 0 };
        self.comes_fetched(touch.value, deeper)
    }

    fn comes_fetched(&self, from: Froms, deeper: u8) -> bool {
        self.flow.origins.list(from).iter().any(|origin| {
            let kind = self.flow.origins.root(*origin);
            let made = self.flow.origins.find(kind);
            let parts = made.and_then(|made| self.flow.parts.get(&made)).copied();
            self.comes_from_outside(*origin)
                || deeper > 0 && parts.is_some_and(|parts| self.comes_fetched(parts, deeper - 1))
        })
    }

    /// Whether what is put in is put together from what every process has: no store and no service
    /// was asked for it.
    pub(super) fn is_at_hand(&self, touch: &Touch) -> bool {
        let def = self.flow.node(touch.node).def;
        let own = |body: NodeId| self.flow.node(body).def == def && self.deeds.asks(body);
        !self.flow.ids().any(own) && !self.asks_for(touch.value, 2)
    }

    fn asks_for(&self, from: Froms, deeper: u8) -> bool {
        self.flow.origins.list(from).iter().any(|origin| {
            let kind = self.flow.origins.root(*origin);
            if let OriginKind::Result(call) = kind {
                let Callee::Defs(defs) = &self.flow.call(call).callee else { return false };
                let bodies = defs.iter().filter_map(|def| self.flow.bodies.get(def));
                let mut inside = bodies.flat_map(|body| self.reach.inside(*body, None));
                return inside.any(|(body, _)| self.deeds.asks(body));
            }
            let parts = self.flow.origins.find(kind).and_then(|made| self.flow.parts.get(&made));
            deeper > 0 && parts.is_some_and(|parts| self.asks_for(*parts, deeper - 1))
        })
    }

    fn comes_from_outside(&self, origin: Origin) -> bool {
        match self.flow.origins.root(origin) {
            OriginKind::Result(_) => true,
            OriginKind::External(path) => !self.places.is_at_hand(path),
            OriginKind::Made(..) => self.channels.is_news(origin),
            _ => false,
        }
    }

    /// Whether any part of what is put in was fetched, by whoever handed it over: then it exists
    /// elsewhere.
    pub(super) fn exists_elsewhere(&self, froms: Froms, depth: u8) -> bool {
        depth < 4
            && self.flow.origins.list(froms).iter().any(|origin| {
                match self.flow.origins.root(*origin) {
                    OriginKind::Made(..) if self.holds_fetched(*origin, depth) => true,
                    OriginKind::Param(node, index) => {
                        let mut found = false;
                        self.places.each_argument(node, index, &[], |froms, _| {
                            found = found || self.exists_elsewhere(froms, depth + 1);
                        });
                        found
                    }
                    _ => self.comes_from_outside(*origin),
                }
            })
    }

    fn holds_fetched(&self, origin: Origin, depth: u8) -> bool {
        let ty = self.flow.made.get(&origin).copied().unwrap_or(T::UNKNOWN);
        let Type::Local(of, _) = &*self.names.types.get(ty) else { return false };
        let mut fields = self.names.fields(*of).iter();
        fields.any(|field| {
            let stores = self.places.stores.get(&(*of, field.name)).into_iter().flatten();
            stores.into_iter().any(|froms| self.exists_elsewhere(*froms, depth + 1))
        })
    }
}
