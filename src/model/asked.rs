//! Was what is put into a state asked for elsewhere, and by whom?

use rustc_hash::{FxHashMap, FxHashSet};

use super::places::Place;
use super::states::Parts;
use crate::flow::{Call, CallId, Callee, Froms, NodeId, Origin, OriginKind, Touch, Val};
use crate::resolve::{T, Type};

/// Whether something was asked for: where nobody looks it up in the state itself, and of what a body
/// is handed, by these calls if there are any.
struct Asking<'l> {
    looks: &'l dyn Fn(NodeId) -> bool,
    node: NodeId,
    by: FxHashSet<CallId>,
    known: FxHashMap<Origin, bool>,
}

impl Asking<'_> {
    fn counts(&self, up: Option<(CallId, NodeId)>) -> bool {
        let Some((call, node)) = up else { return true };
        node != self.node || self.by.is_empty() || self.by.contains(&call)
    }
}

/// Of a value, so many others from which it may come are followed.
const MOST_ASKED: usize = 60;

impl Parts<'_, '_, '_> {
    /// Whether a value is what a function of the tree asks for, and no request tells it what.
    pub(super) fn is_renewed(&self, from: Froms) -> bool {
        let told = |arg: &Val| {
            self.places.is_given(arg.from) && self.shared.meant(self.places, arg.from).is_empty()
        };
        self.is_asked_for(from, |call| !call.args.iter().any(told))
    }

    /// Whether a value is what functions of the tree, by such calls, ask for and wait for.
    pub(super) fn is_asked_for(&self, from: Froms, counts: impl Fn(&Call) -> bool) -> bool {
        self.flow.origins.list(from).iter().any(|origin| {
            let OriginKind::Result(call) = self.flow.origins.root(*origin) else { return false };
            self.is_asked_by(call, &counts)
        })
    }

    fn is_asked_by(&self, call: CallId, counts: impl Fn(&Call) -> bool) -> bool {
        let asks = |body| {
            self.deeds.asks(body)
                || self.flow.awaiting.contains(&body)
                || self.flow.consulting.contains(&body)
        };
        counts(self.flow.call(call)) && self.runs_any(call, &asks)
    }

    /// Whether a call to functions of the tree runs any such body.
    pub(super) fn runs_any(&self, call: CallId, such: &dyn Fn(NodeId) -> bool) -> bool {
        let Callee::Defs(defs) = &self.flow.call(call).callee else { return false };
        let bodies = defs.iter().filter_map(|def| self.flow.bodies.get(def));
        bodies.flat_map(|body| self.reach.inside(*body, None)).any(|(body, _)| such(body))
    }

    /// Whether what is put in by a key is, or holds, what functions of the tree ask for and wait
    /// for, or what was made of that, and nothing that a request brought; by all who hand it over.
    /// What functions give that look it up in the state itself is no answer from elsewhere.
    pub(super) fn keeps_asked(
        &self,
        touch: &Touch,
        place: Place,
        looks: &dyn Fn(NodeId) -> bool,
    ) -> bool {
        let on = self.names.types.get(touch.on);
        let pair = |ty: T| {
            matches!(&*self.names.types.get(ty), Type::External(path, parts)
                if parts.len() > 1 && &*self.names.externals.get(*path).text == "tuple")
        };
        let keyed = match &*on {
            Type::External(_, args) => args.len() > 1 || args.iter().any(|arg| pair(*arg)),
            _ => false,
        };
        if !keyed {
            return false;
        }
        // What a wrapper of several is given to keep here.
        let ways = self.places.ways(touch.node, touch.what);
        let leads = |way: &Place| *way == place || self.shared.lives(*way).contains(&place);
        let calls =
            ways.iter().filter(|(way, _)| leads(way)).filter_map(|(_, calls)| calls.first());
        let by = calls.map(|(call, _)| *call).collect();
        let mut asking = Asking { looks, node: touch.node, by, known: FxHashMap::default() };
        self.holds_asked(touch.last, &mut asking)
    }

    /// Whether what is put in is what somebody else hands over.
    pub(super) fn is_handed(&self, touch: &Touch) -> bool {
        let handed = |at: &Origin| matches!(self.flow.origins.root(*at), OriginKind::Param(..));
        let list = |froms: Froms| self.flow.origins.list(froms).iter();
        list(touch.last).any(|at| {
            let made = self.flow.origins.find(self.flow.origins.root(*at));
            let parts = made.and_then(|made| self.flow.parts.get(&made)).copied();
            handed(at) || parts.is_some_and(|parts| list(parts).any(handed))
        })
    }

    fn holds_asked(&self, from: Froms, asking: &mut Asking<'_>) -> bool {
        self.flow.origins.list(from).iter().any(|at| self.holds_asked_at(*at, asking))
    }

    fn holds_asked_at(&self, at: Origin, asking: &mut Asking<'_>) -> bool {
        let kind = self.flow.origins.root(at);
        let Some(root) = self.flow.origins.find(kind) else { return false };
        if let Some(known) = asking.known.get(&root) {
            return *known;
        }
        if asking.known.len() > MOST_ASKED {
            return false;
        }
        asking.known.insert(root, false);
        let found = match kind {
            OriginKind::Made(..) => {
                let parts = self.flow.parts.get(&root).copied();
                parts.is_some_and(|parts| {
                    self.holds_asked(parts, asking) && !self.places.is_given(parts)
                })
            }
            OriginKind::Result(call) => {
                let elsewhere = !self.runs_any(call, asking.looks);
                let mut answers = self.places.answers(call).into_iter();
                elsewhere
                    && (self.is_asked_by(call, |_| true)
                        || answers.any(|answer| self.holds_asked(answer, asking)))
            }
            OriginKind::Field { base: Some(base), .. } => self.holds_asked_at(base, asking),
            OriginKind::Param(node, index) => {
                let (mut some, mut all) = (false, true);
                self.each_handed_by(node, index, |froms, up| {
                    if asking.counts(up) {
                        some = true;
                        all = all && self.holds_asked(froms, asking);
                    }
                });
                some && all
            }
            _ => false,
        };
        asking.known.insert(root, found);
        found
    }
}
