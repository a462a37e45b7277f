//! Is what is touched still being made, or a copy that somebody was given? Then what is done to it is
//! no change of what all share.

use super::places::Place;
use super::states::Parts;
use crate::flow::{NodeKind, Origin, OriginKind, Touch};

impl Parts<'_, '_, '_> {
    /// Whether a function does it to a value that it makes, and gives away only when it is done: it
    /// is those who get it that share it.
    pub(super) fn is_set_up(&self, place: Place, touch: &Touch) -> bool {
        let Place::Made(made) = place else { return false };
        let OriginKind::Made(by, _) = self.flow.origins.kind(made) else { return false };
        let body = self.flow.node(by);
        let origins = self.flow.origins.list(touch.what);
        let itself = |origin: &Origin| self.base(*origin) == made;
        let given = |origin: &Origin| {
            let parts = self.flow.parts.get(origin).copied();
            let mut parts = parts.into_iter().flat_map(|parts| self.flow.origins.list(parts));
            itself(origin) || parts.any(itself)
        };
        body.kind == NodeKind::Function
            && !self.shared.is_at_home(made)
            && origins.iter().any(itself)
            && origins.iter().all(|one| itself(one) || self.places.places_of(*one).is_empty())
            && self.is_once_in(touch.node, by)
            && !self.is_apart(touch.node, by)
            && self.flow.origins.list(body.returns).iter().any(given)
    }

    /// What something is a part of.
    fn base(&self, origin: Origin) -> Origin {
        let mut at = origin;
        while let OriginKind::Field { base: Some(inner), .. } | OriginKind::Content(inner) =
            self.flow.origins.kind(at)
        {
            at = inner;
        }
        at
    }
}
