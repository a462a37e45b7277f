//! Is a value always one that whoever hands it over made for itself, however far away that is?

use std::cell::RefCell;

use rustc_hash::{FxHashMap, FxHashSet};

use super::own::Had;
use super::states::Parts;
use crate::flow::{Froms, NodeId, Origin, OriginKind};

/// What takes longer to follow may be anybody's.
const MOST_STEPS: usize = 2000;

/// A parameter of a body, and how it is had.
type Asked = (NodeId, u16, Had);

/// What was asked once.
pub(super) type Always = RefCell<FxHashMap<Asked, bool>>;

impl Parts<'_, '_, '_> {
    /// Whether nobody else has a value of a body, whoever calls it.
    pub(super) fn is_always_own(&self, node: NodeId, what: Froms) -> bool {
        let mut seen = FxHashSet::default();
        let own = self.all_own(node, what, Had::default(), &mut seen);
        if own {
            self.own.always.borrow_mut().extend(seen.into_iter().map(|asked| (asked, true)));
        }
        own
    }

    fn all_own(&self, node: NodeId, what: Froms, had: Had, seen: &mut FxHashSet<Asked>) -> bool {
        let list = self.flow.origins.list(what);
        !list.is_empty() && list.iter().all(|origin| self.one_own(node, *origin, had, seen))
    }

    fn one_own(&self, node: NodeId, origin: Origin, had: Had, seen: &mut FxHashSet<Asked>) -> bool {
        let Some((at, of, handle)) = self.stem(origin, had.handle) else { return false };
        if let Some(own) = self.is_own_here(node, at, of, had.apart) {
            return own;
        }
        let OriginKind::Param(body, index) = self.flow.origins.kind(at) else { return false };
        if !self.is_once_in(node, body) || self.places.entry_nodes.contains(&body) {
            return false;
        }
        let had = Had { apart: had.apart || self.is_apart(node, body), handle };
        let asked = (body, index, had);
        if let Some(known) = self.own.always.borrow().get(&asked) {
            return *known;
        }
        // Who calls itself hands over nothing new.
        if !seen.insert(asked) {
            return true;
        }
        let own = seen.len() <= MOST_STEPS && self.is_handed_own(asked, seen);
        // Whether it is may be told from elsewhere, where this is asked with fewer before it.
        if !own && seen.len() <= MOST_STEPS {
            self.own.always.borrow_mut().insert(asked, false);
        }
        own
    }

    fn is_handed_own(&self, (body, index, had): Asked, seen: &mut FxHashSet<Asked>) -> bool {
        let (mut some, mut all) = (false, true);
        self.places.each_handed(body, index, &[], |froms, _, by| {
            let Some((call, _)) = by else { return all = false };
            let call = self.flow.call(call);
            // What does not serve hands over nothing to what does.
            if all && self.reach.is_serving(call.node) {
                some = true;
                let had = Had { apart: had.apart || call.detached, ..had };
                all = self.all_own(call.node, froms, had, seen);
            }
        });
        some && all
    }
}
