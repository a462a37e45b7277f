//! Was what is put into a state asked for elsewhere, and by whom?

use rustc_hash::{FxHashMap, FxHashSet};

use super::places::{Place, Trail};
use super::states::Parts;
use crate::catalog::{Role, Work};
use crate::flow::{Call, CallId, Callee, Froms, NodeId, Origin, OriginKind, Touch, TouchKind};
use crate::resolve::{DefId, PathId, T, Type};

/// Whether something was asked for: where nobody looks it up in the state itself, and of what a body
/// is handed, by these calls if there are any.
struct Asking<'l> {
    looks: &'l dyn Fn(NodeId) -> bool,
    node: NodeId,
    by: FxHashSet<CallId>,
    /// Only what whoever asks may have again counts, as often as it likes.
    again: bool,
    known: FxHashMap<Origin, bool>,
}

impl Asking<'_> {
    fn counts(&self, up: Option<(CallId, NodeId)>) -> bool {
        let Some((call, node)) = up else { return true };
        node != self.node || self.by.is_empty() || self.by.contains(&call)
    }
}

/// So far is it followed what a value was put together from.
const DEEPEST: u8 = 4;
/// Of what so many hand over, something is of a request.
const MOST_HANDED: u32 = 16;
/// Of a value, so many others from which it may come are followed.
const MOST_ASKED: usize = 60;

impl Parts<'_, '_, '_> {
    /// Whether what takes the place of a value is asked for, or made of that alone, and no request
    /// tells what to ask for. What is only a part of an answer may never be had again, a code that
    /// is sent once; it is where whoever misses it, or a task, comes to ask `again`.
    pub(super) fn is_renewed(&self, touch: &Touch, again: impl FnOnce() -> bool) -> bool {
        let asked = |call: &Call| !self.is_told_what(call);
        self.is_asked_for(touch.value, asked)
            || !self.places.is_given(touch.value)
                && self.comes_renewed(touch.value, touch.node, 0)
                && again()
    }

    /// Places that tasks fill, each as a whole, with what they have asked for or are told.
    pub(super) fn followed_by_tasks(
        &self,
        holders: &FxHashMap<DefId, Vec<Place>>,
    ) -> FxHashSet<Place> {
        let puts = |touch: &&Touch| {
            touch.kind == TouchKind::Change
                && touch.replaces
                && self.reach.is_serving(touch.node)
                && !self.places.is_given(touch.value)
                && (self.is_fetched(touch) || self.exists_elsewhere(touch.value, 0))
        };
        let touches = self.flow.touches.iter().filter(puts);
        let accesses = touches.flat_map(|touch| self.accessed(touch, holders));
        let by_tasks = accesses.filter(|(_, access)| self.points[access.entry].beside);
        by_tasks.map(|(place, _)| place).collect()
    }

    /// Whether a request says what a call is for.
    fn is_told_what(&self, call: &Call) -> bool {
        call.args.iter().any(|arg| self.tells(arg.from))
    }

    /// Whether a value is, or is part of, what a request brings, and not of what all share.
    fn tells(&self, from: Froms) -> bool {
        self.places.is_given(from)
            && self.shared.meant(self.places, from).is_empty()
            && !self.is_part_of_all(from)
    }

    /// Whether a value is what a request brings, or what functions of the tree made of that.
    fn is_brought(&self, from: Froms, depth: u8) -> bool {
        let mut list = self.flow.origins.list(from).iter();
        self.tells(from) || depth < DEEPEST && list.any(|at| self.is_made_of_brought(*at, depth))
    }

    /// Whether a value is put together from what a request brings and from whatever else there is,
    /// be it beside a part of it as its key: it is one of its own for each request.
    pub(super) fn brings_its_own(&self, from: Froms, depth: u8) -> bool {
        let whole = |at: &Origin| {
            matches!(self.flow.origins.root(*at), OriginKind::Made(..) | OriginKind::Param(..))
        };
        let list = self.flow.origins.list(from);
        let mut all = list.iter().map(|at| self.is_its_own(self.flow.origins.root(*at), depth));
        list.iter().any(whole) && all.all(|own| own)
    }

    fn is_its_own(&self, kind: OriginKind, depth: u8) -> bool {
        if depth > DEEPEST {
            return false;
        }
        match kind {
            OriginKind::Made(..) => {
                let made = self.flow.origins.find(kind);
                let parts = made.and_then(|made| self.flow.parts.get(&made));
                let own = |at: &Origin| {
                    let told = self.places.given(*at, &mut Trail::default());
                    told && !self.is_of_all_at(*at)
                        || self.is_made_of_brought(*at, depth)
                        || self.is_its_own(self.flow.origins.root(*at), depth + 1)
                };
                parts.is_some_and(|parts| self.flow.origins.list(*parts).iter().any(own))
            }
            OriginKind::Field { base: Some(base), .. } => {
                self.is_its_own(self.flow.origins.root(base), depth + 1)
            }
            OriginKind::Result(call) => {
                let args = self.flow.call(call).args.iter();
                let mut args = args.flat_map(|arg| self.flow.origins.list(arg.from));
                args.any(|at| self.is_its_own(self.flow.origins.root(*at), depth + 1))
            }
            OriginKind::Param(node, index) if !self.places.entry_nodes.contains(&node) => {
                let (mut all, mut met) = (true, 0);
                self.places.each_argument(node, index, &[], |froms, _| {
                    met += 1;
                    all = all && met < MOST_HANDED && self.brings_its_own(froms, depth + 1);
                });
                all && met > 0
            }
            _ => false,
        }
    }

    fn is_made_of_brought(&self, at: Origin, depth: u8) -> bool {
        match self.flow.origins.root(at) {
            OriginKind::Result(call) => {
                let mut args = self.flow.call(call).args.iter();
                args.any(|arg| self.is_brought(arg.from, depth + 1))
            }
            OriginKind::Field { base: Some(base), .. } => {
                depth < DEEPEST && self.is_made_of_brought(base, depth + 1)
            }
            OriginKind::Param(node, index) if !self.places.entry_nodes.contains(&node) => {
                let (mut found, mut met) = (false, 0);
                self.places.each_argument(node, index, &[], |froms, _| {
                    met += 1;
                    found = found || met > MOST_HANDED || self.is_brought(froms, depth + 1);
                });
                found
            }
            _ => false,
        }
    }

    /// Whether a value is only taken out of what all requests share.
    fn is_part_of_all(&self, from: Froms) -> bool {
        self.flow.origins.list(from).iter().all(|origin| self.is_of_all_at(*origin))
    }

    fn is_of_all_at(&self, mut at: Origin) -> bool {
        loop {
            at = match self.flow.origins.kind(at) {
                OriginKind::Field { base: Some(inner), .. }
                | OriginKind::Content(inner)
                | OriginKind::Derived(inner)
                | OriginKind::Part(inner, _) => inner,
                OriginKind::Param(node, index) => {
                    let ty = self.flow.node(node).params.get(usize::from(index));
                    return ty.is_some_and(|ty| self.is_of_all(*ty));
                }
                _ => return false,
            }
        }
    }

    /// Whether a value of a body is, or was put together from, what was asked for unprompted.
    fn comes_renewed(&self, from: Froms, body: NodeId, depth: u8) -> bool {
        depth < DEEPEST
            && self.flow.origins.list(from).iter().any(|at| self.is_renewed_at(*at, body, depth))
    }

    fn is_renewed_at(&self, at: Origin, body: NodeId, depth: u8) -> bool {
        let kind = self.flow.origins.root(at);
        match kind {
            OriginKind::Result(id) => {
                let call = self.flow.call(id);
                let asked = || self.is_asked_by(id, |call| !self.is_told_what(call));
                let of_itself = || {
                    let mut args = call.args.iter();
                    let new = self.places.answers(id).iter().any(|froms| self.is_new(*froms, 0));
                    !new && args.any(|arg| self.comes_renewed(arg.from, call.node, depth + 1))
                };
                asked() || !call.args.iter().any(|arg| self.is_brought(arg.from, 0)) && of_itself()
            }
            OriginKind::Made(..) => {
                let Some(made) = self.flow.origins.find(kind) else { return false };
                let parts = self.flow.parts.get(&made).into_iter();
                let parts: Vec<Froms> = parts.chain(self.gathered().of(&made)).copied().collect();
                let brought = |part: &Froms| self.is_brought(*part, 0) || self.is_new(*part, 0);
                parts.iter().any(|part| self.comes_renewed(*part, body, depth + 1))
                    && !parts.iter().any(brought)
            }
            OriginKind::Field { base: Some(base), .. } => {
                depth < DEEPEST && self.is_renewed_at(base, body, depth + 1)
            }
            OriginKind::External(_) | OriginKind::Field { base: None, .. } => {
                self.is_answer_alone(kind, true) && !self.is_prompted(body)
            }
            _ => false,
        }
    }

    /// Whether a value is itself what a store or a service answered, or a field that is only ever
    /// taken out of that, be it by a client that is `made` where it asks.
    fn is_answer_alone(&self, kind: OriginKind, made: bool) -> bool {
        match kind {
            OriginKind::External(path) => self.is_answered_by(path),
            OriginKind::Field { base: None, of, name } => {
                let from = self.flow.origins.taken_from(of, name);
                let makes = |path: PathId| {
                    let client = self.names.externals.get(path);
                    let name = client.text.rsplit("::").next().unwrap_or_default();
                    let of = client.around().and_then(|of| self.names.catalog.crate_fact(of));
                    of.is_some_and(|fact| fact.is == Role::BackingService)
                        && self.names.catalog.constructs(name)
                };
                from.iter().any(|path| self.is_answered_by(*path))
                    && from.iter().all(|path| self.is_answered_by(*path) || made && makes(*path))
            }
            _ => false,
        }
    }

    /// Whether a value is itself a field that is only ever taken out of what a store or a service
    /// answered.
    pub(super) fn is_part_of_answer(&self, from: Froms) -> bool {
        let part =
            |kind| matches!(kind, OriginKind::Field { .. }) && self.is_answer_alone(kind, false);
        self.flow.origins.list(from).iter().any(|at| part(self.flow.origins.root(*at)))
    }

    /// Whether a body may be told anything by a request, or asks for more than an answer.
    fn is_prompted(&self, body: NodeId) -> bool {
        let told = |node: NodeId| {
            let params = self.flow.node(node).params.iter().zip(0u16..);
            let mut params = params.filter(|(ty, _)| !self.is_of_all(**ty));
            params.any(|(_, index)| {
                let param = self.flow.origins.find(OriginKind::Param(node, index));
                param.is_some_and(|param| {
                    self.places.given(param, &mut Trail::default())
                        || self.is_made_of_brought(param, 0)
                })
            })
        };
        let function = self.flow.node(body).def;
        let hearing = self.own.hearing.get_or_init(|| {
            let touches = self.flow.touches.iter();
            let received = touches.filter(|touch| touch.kind == TouchKind::Receive);
            received.map(|touch| self.flow.node(touch.node).def).collect()
        });
        let leaves = |work: Work| {
            !matches!(work, Work::Listen | Work::Read | Work::Call | Work::Ask | Work::Send)
        };
        self.flow.enclosing(body).any(|node| told(node) || self.deeds.any(node, None, leaves))
            || hearing.contains(&function)
    }

    /// Whether values of a type hold what changes under whoever shares it, and no request makes any.
    pub(super) fn is_of_all(&self, ty: T) -> bool {
        let ty = self.places.peeled(ty);
        let Type::Local(of, _) = *self.names.types.get(ty) else { return false };
        let made = self.flow.makes.get(&of);
        self.lives_on(ty, 0)
            && made.is_some_and(|by| !by.iter().any(|by| self.reach.is_serving(*by)))
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
        // What is handed over to be run may only give what a request brought.
        let brought = || match self.flow.call(call).callee {
            Callee::Given(node, index) => {
                let given = self.places.given_bodies(node, index);
                let within =
                    |body: &NodeId| self.flow.enclosing(*body).any(|at| given.contains(&at));
                let inside = given.iter().flat_map(|body| self.reach.inside(*body, None));
                let mut own = inside.map(|(body, _)| body).filter(within);
                own.any(|body| self.places.is_given(self.flow.node(body).returns))
            }
            _ => false,
        };
        counts(self.flow.call(call)) && self.runs_any(call, &asks) && !brought()
    }

    /// Whether a call to functions of the tree runs any such body; where it runs what it was given,
    /// whatever that is.
    pub(super) fn runs_any(&self, call: CallId, such: &dyn Fn(NodeId) -> bool) -> bool {
        let runs =
            |body: NodeId| self.reach.inside(body, None).into_iter().any(|(body, _)| such(body));
        match &self.flow.call(call).callee {
            Callee::Defs(defs) => {
                defs.iter().filter_map(|def| self.flow.bodies.get(def)).any(|body| runs(*body))
            }
            Callee::Given(node, index) => {
                let given = self.places.given_bodies(*node, *index);
                !given.is_empty() && given.into_iter().all(runs)
            }
            _ => false,
        }
    }

    /// Whether what is put in by a key is, or holds, what functions of the tree ask for and wait
    /// for, or what was made of that, and nothing that a request brought; by all who hand it over.
    /// What functions give that look it up in the state itself is no answer from elsewhere; where it
    /// must be there `again`, neither is what was done or taken for it.
    pub(super) fn keeps_asked(
        &self,
        touch: &Touch,
        place: Place,
        looks: &dyn Fn(NodeId) -> bool,
        again: bool,
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
        if !keyed && !self.is_emptied_first(touch, place) {
            return false;
        }
        // What a wrapper of several is given to keep here.
        let ways = self.places.ways(touch.node, touch.what);
        let leads = |way: &Place| *way == place || self.shared.lives(*way).contains(&place);
        let calls =
            ways.iter().filter(|(way, _)| leads(way)).filter_map(|(_, calls)| calls.first());
        let by = calls.map(|(call, _)| *call).collect();
        let mut asking = Asking { looks, node: touch.node, by, again, known: FxHashMap::default() };
        self.holds_asked(touch.last, &mut asking)
    }

    /// Whether what a task of this process puts in by a key is, as it is, what it asked for by itself,
    /// and no request had it do so.
    pub(super) fn follows(
        &self,
        touch: &Touch,
        place: Place,
        looks: &dyn Fn(NodeId) -> bool,
    ) -> bool {
        !self.channels.is_of_a_request(touch.node)
            && !self.is_put_together(touch.last, 0)
            && self.keeps_asked(touch, place, looks, true)
    }

    /// Whether whoever asks by a call may do so again and is told the same: from where it begins, it
    /// takes nothing that nobody else gets then, asks for nothing that requests brought to this
    /// process, and does nothing beside that leaves a trace.
    fn is_had_again(&self, id: CallId) -> bool {
        let requested = self.own.requested.get_or_init(|| {
            let touches = self.flow.touches.iter();
            let puts = touches.filter(|touch| {
                let put = matches!(touch.kind, TouchKind::Change | TouchKind::Fill);
                let entry = || self.reach.entry_of(touch.node);
                put && !touch.takes && entry().is_some_and(|entry| entry.point.kind.is_asked())
            });
            puts.flat_map(|touch| self.places.places(touch.what)).collect()
        });
        let brought =
            |from: Froms| self.places.places(from).iter().any(|place| requested.contains(place));
        let call = self.flow.call(id);
        let mut around = call.node;
        for node in self.flow.enclosing(call.node) {
            around = node;
            if self.places.entry_nodes.contains(&node) {
                break;
            }
        }
        let inside: Vec<NodeId> =
            self.reach.inside(around, None).into_iter().map(|(node, _)| node).collect();
        let takes =
            |touch: &Touch| touch.takes && inside.contains(&touch.node) && brought(touch.what);
        let does = |node: &NodeId, work: Work| match work {
            Work::Send => !self.deeds.questions.contains(&self.flow.node(*node).def),
            work => !matches!(work, Work::Read | Work::Ask | Work::Call),
        };
        !call.args.iter().any(|arg| brought(arg.from))
            && !inside.iter().any(|node| self.deeds.any(*node, None, |work| does(node, work)))
            && !self.flow.touches.iter().any(takes)
    }

    /// Whether a value is made here of several, by whoever hands it over: an answer may only be one
    /// part of such a record, a setting that it goes by.
    fn is_put_together(&self, from: Froms, depth: u8) -> bool {
        self.flow.origins.list(from).iter().any(|origin| match self.flow.origins.root(*origin) {
            OriginKind::Made(..) => true,
            OriginKind::Param(node, index) => {
                let mut found = depth >= DEEPEST;
                self.each_handed_later(node, index, |froms| {
                    found = found || self.is_put_together(froms, depth + 1);
                });
                found
            }
            _ => false,
        })
    }

    /// Whether it goes into one of many that a place holds, and the same function empties all of it.
    fn is_emptied_first(&self, touch: &Touch, place: Place) -> bool {
        let def = self.flow.node(touch.node).def;
        let empties = |other: &Touch| {
            other.empties
                && other.kind == TouchKind::Change
                && self.flow.node(other.node).def == def
                && self.places.places(other.what).contains(&place)
        };
        self.is_keyed(place) && self.flow.touches.iter().any(empties)
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
                    && (!asking.again || self.is_had_again(call))
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
