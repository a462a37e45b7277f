//! Is it a value that one request, connection or call made for itself? What is done to it is nothing
//! to another value of its type that all share.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::always::Always;
use super::gates::Doing;
use super::places::Place;
use super::questions::Gathered;
use super::states::Parts;
use crate::catalog::Role;
use crate::flow::{CallId, Froms, NodeId, Origin, OriginKind, TouchKind};
use crate::resolve::{DefId, DefKind, T, Type};
use crate::symbol::Symbol;

/// What more callers than these hand over is not followed to where it was made.
const MOST_MAKERS: usize = 16;
/// As far as callers of callers are asked for it.
const FARTHEST: usize = 6;
/// What this many hand over is handed over by anyone.
const MOST_WAYS: usize = 16;
/// How many values are asked for one touch.
const MOST_ASKED: usize = 256;

/// Calls that hand a value over, the innermost first, each with the body that it runs.
pub(super) type Hands = Vec<(CallId, NodeId)>;

/// How a value is had by the body from which somebody began to ask.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct Had {
    /// It may still run when those who are asked have come to their ends.
    pub(super) apart: bool,
    /// By a handle: a clone of what has one is the same.
    pub(super) handle: bool,
}

/// Ways on which others have it; `None` where that tells nothing apart.
type Told = Option<Vec<Hands>>;

/// What is known of values that go from hand to hand.
#[derive(Default)]
pub(super) struct Own {
    /// What is put into values that are made in place, by these.
    pub(super) gathered: OnceCell<Gathered>,
    out: OnceCell<Out>,
    /// Whether what is put into a field is made for it each time.
    fresh: RefCell<FxHashMap<(DefId, Symbol), bool>>,
    /// What was told of a value in a body.
    told: RefCell<FxHashMap<(NodeId, Froms), Told>>,
    pub(super) always: Always,
    pub(super) doing: RefCell<FxHashMap<NodeId, Doing>>,
    /// With what functions of the tree fail.
    pub(super) failures: OnceCell<FxHashSet<T>>,
    /// Functions that take messages out of channels.
    pub(super) hearing: OnceCell<FxHashSet<DefId>>,
    /// Places into which requests put something.
    pub(super) requested: OnceCell<FxHashSet<Place>>,
    /// The channels in tables of what is under way; `None` of other places.
    pub(super) flights: RefCell<FxHashMap<Place, Option<Rc<[Origin]>>>>,
    /// Numbers and times that are changed, and whether that only says when they were.
    pub(super) marked: OnceCell<FxHashMap<(DefId, Symbol), bool>>,
}

/// What others come to have.
#[derive(Default)]
struct Out {
    /// Values that are put into something, or handed to everyone.
    values: FxHashSet<(Origin, By)>,
    /// Fields, where handles to what they hold are.
    fields: FxHashSet<(DefId, Symbol)>,
    /// The field into which a created value is put; `None` where there are several.
    kept: FxHashMap<Origin, Option<(DefId, Symbol)>>,
    /// Bodies that make a value with the handles of another of its kind: what they give is that one.
    copies: FxHashSet<NodeId>,
    /// What a body sees that runs by itself.
    seen: FxHashSet<Origin>,
    /// What is put into each field, and by whom.
    stores: FxHashMap<(DefId, Symbol), Vec<(NodeId, Froms)>>,
}

impl Out {
    /// Whether others have a value, once it is made: `apart` from the body that makes it.
    fn has(&self, origin: Origin, apart: bool) -> bool {
        let by = |by: By| self.values.contains(&(origin, by));
        by(By::Itself) || by(By::Whole) || apart && by(By::Caller)
    }
}

/// Who may have what is touched.
#[derive(Default)]
struct Asked {
    /// On these ways it is somebody else's.
    others: Vec<Hands>,
    /// On some way it is the own value of whoever hands it over.
    own: bool,
    steps: usize,
}

/// How a value comes to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum By {
    /// It is itself put somewhere.
    Itself,
    /// As a part of what is.
    Whole,
    /// Whoever made it gave it back first.
    Caller,
}

impl Parts<'_, '_, '_> {
    /// The ways on which a value comes to a body that others may have too: none where it is always
    /// one of which whoever hands it over alone knows. `None` where there is nothing to tell apart.
    pub(super) fn others(&self, node: NodeId, what: Froms) -> Told {
        if let Some(told) = self.own.told.borrow().get(&(node, what)) {
            return told.clone();
        }
        let told = match self.is_always_own(node, what) {
            true => Some(Vec::new()),
            false => self.other_ways(node, what),
        };
        self.own.told.borrow_mut().insert((node, what), told.clone());
        told
    }

    fn other_ways(&self, node: NodeId, what: Froms) -> Told {
        let mut asked = Asked::default();
        self.ask(node, what, Had::default(), &mut Vec::new(), &mut asked);
        let all = asked.others.len() < MOST_WAYS && asked.steps <= MOST_ASKED;
        (asked.own && all).then_some(asked.others)
    }

    fn ask(&self, node: NodeId, what: Froms, had: Had, up: &mut Hands, asked: &mut Asked) {
        asked.steps += 1;
        let list = self.flow.origins.list(what);
        if list.is_empty() {
            asked.others.push(up.clone());
        }
        for origin in list {
            if asked.others.len() >= MOST_WAYS || asked.steps > MOST_ASKED {
                return;
            }
            let Some((at, of, handle)) = self.stem(*origin, had.handle) else {
                asked.others.push(up.clone());
                continue;
            };
            match (self.is_own_here(node, at, of, had.apart), self.flow.origins.kind(at)) {
                (Some(own), _) => self.settle(own, up, asked),
                (None, OriginKind::Param(body, index)) if self.is_once_in(node, body) => {
                    let had = Had { apart: had.apart || self.is_apart(node, body), handle };
                    self.ask_callers(body, index, had, up, asked);
                }
                _ => asked.others.push(up.clone()),
            }
        }
    }

    /// Whether what is made around a body stays with whoever made it; `None` where it is not made
    /// there.
    pub(super) fn is_own_here(
        &self,
        node: NodeId,
        at: Origin,
        of: Option<DefId>,
        apart: bool,
    ) -> Option<bool> {
        match self.flow.origins.kind(at) {
            OriginKind::Made(by, _) => {
                let apart = apart || self.is_apart(node, by);
                self.is_of_one(node, by, at, apart).then(|| {
                    let out = self.out();
                    self.is_made(at, of) && !out.has(at, apart) && !out.copies.contains(&by)
                })
            }
            OriginKind::Result(call) => {
                let by = self.flow.call(call).node;
                let apart = apart || self.is_apart(node, by);
                let answers = self.places.answers(call);
                Some(
                    self.is_of_one(node, by, at, apart)
                        && !answers.is_empty()
                        && answers.iter().all(|froms| self.makes(*froms, of, 0))
                        && !self.out().has(at, apart),
                )
            }
            _ => None,
        }
    }

    fn settle(&self, own: bool, up: &Hands, asked: &mut Asked) {
        match own {
            true => asked.own = true,
            false => asked.others.push(up.clone()),
        }
    }

    fn ask_callers(&self, body: NodeId, index: u16, had: Had, up: &mut Hands, asked: &mut Asked) {
        let callers = self.places.callers.get(&body).map_or(0, Vec::len);
        let entered = self.places.entry_nodes.contains(&body);
        if entered || callers == 0 || callers > MOST_MAKERS || up.len() >= FARTHEST {
            return asked.others.push(up.clone());
        }
        let mut handed = 0;
        self.places.each_handed(body, index, &[], |froms, _, by| {
            handed += 1;
            let Some((call, body)) = by else { return asked.others.push(up.clone()) };
            // What does not serve hands over nothing to what does.
            let call_in = self.flow.call(call);
            if !self.reach.is_serving(call_in.node) {
                return;
            }
            up.push((call, body));
            let had = Had { apart: had.apart || call_in.detached, ..had };
            self.ask(call_in.node, froms, had, up, asked);
            up.pop();
        });
        if handed == 0 {
            asked.others.push(up.clone());
        }
    }

    /// Whether what a body makes is there for one request or connection, seen from a body in it.
    /// What also runs at start only lends what it made to what it calls, and nobody keeps it.
    fn is_of_one(&self, node: NodeId, by: NodeId, made: Origin, apart: bool) -> bool {
        let served = self.reach.entry_of(by).is_some_and(|entry| !self.reach.is_beside(entry));
        let lent = || !apart && !self.out().seen.contains(&made);
        served && self.is_once_in(node, by) && (!self.reach.is_startup(by) || lent())
    }

    /// Whether a body may still run when the one around it has come to its end.
    pub(super) fn is_apart(&self, node: NodeId, around: NodeId) -> bool {
        let mut inside = self.flow.enclosing(node).take_while(|at| *at != around);
        inside.any(|at| self.flow.node(at).detached || self.reach.is_entry(at))
    }

    /// Whether a body stands in another, and nothing between them is run by many.
    pub(super) fn is_once_in(&self, node: NodeId, around: NodeId) -> bool {
        for at in self.flow.enclosing(node) {
            if at == around {
                return true;
            }
            if self.reach.entry_at(at).is_some_and(|entry| entry.point.kind.is_asked()) {
                return false;
            }
        }
        false
    }

    /// Whether a function gives what it made itself: a value of a struct, and not of one that only
    /// leads to it.
    fn makes(&self, froms: Froms, of: Option<DefId>, depth: u8) -> bool {
        let list = self.flow.origins.list(froms);
        let one = |origin: &Origin| match self.flow.origins.kind(*origin) {
            OriginKind::Made(by, _) => {
                self.is_made(*origin, of) && !self.out().copies.contains(&by)
            }
            OriginKind::Result(call) if depth < 2 => {
                let answers = self.places.answers(call);
                !answers.is_empty() && answers.iter().all(|one| self.makes(*one, of, depth + 1))
            }
            _ => false,
        };
        !list.is_empty() && list.iter().all(one)
    }

    fn is_made(&self, origin: Origin, of: Option<DefId>) -> bool {
        let ty = self.flow.made.get(&origin).copied().unwrap_or(T::UNKNOWN);
        let made = match &*self.names.types.get(self.places.peeled(ty)) {
            Type::Local(made, _) => Some(*made),
            _ => None,
        };
        let owner = |of: DefId| match self.names.def(of).kind {
            DefKind::Variant => self.names.def(of).parent,
            _ => of,
        };
        of.is_none_or(|of| made == Some(owner(of)))
    }

    /// What something is a part of, which struct that is, and whether it is had by a handle; `None`
    /// where it may only be a handle to what is kept elsewhere.
    pub(super) fn stem(
        &self,
        origin: Origin,
        mut handle: bool,
    ) -> Option<(Origin, Option<DefId>, bool)> {
        let (mut at, mut inside, mut whole) = (origin, false, None);
        loop {
            match self.flow.origins.kind(at) {
                OriginKind::Field { base: Some(base), of, name } => {
                    // A clone of what holds a handle has that handle, too.
                    let own = !handle || self.is_fresh(of, name);
                    if !own || !self.is_part(of, name, inside) {
                        return None;
                    }
                    handle |= self.is_handle(of, name);
                    (at, inside, whole) = (base, true, Some(of));
                }
                OriginKind::Content(inner) => at = inner,
                _ => return Some((at, whole, handle)),
            }
        }
    }

    /// Whether a clone of what a field holds is the same thing.
    fn is_handle(&self, of: DefId, name: Symbol) -> bool {
        let Some(field) = self.names.field(of, name) else { return false };
        let (content, held) = self.unhanded(self.names.field_type(of, field, &[]));
        held || self.places.role(content) == Some(Role::Cache)
    }

    /// Whether what a field holds is nobody else's; or what is inside of that.
    fn is_part(&self, of: DefId, name: Symbol, inside: bool) -> bool {
        let Some(field) = self.names.field(of, name) else { return false };
        let ty = self.names.field_type(of, field, &[]);
        let (content, held) = self.unhanded(ty);
        let told = match &*self.names.types.get(content) {
            Type::Local(..) | Type::External(..) => true,
            // It may be a handle: what is put there says.
            Type::Param(..) => return self.is_fresh(of, name),
            _ => false,
        };
        let plain = told && (!inside || !self.has_hands(content, 0));
        let lent = self.names.is_lent(of, field);
        plain && (!held && !lent || self.is_fresh(of, name))
    }

    /// A type without the pointers around it, and whether there were any.
    fn unhanded(&self, ty: T) -> (T, bool) {
        let (mut at, mut held) = (ty, false);
        while let Type::External(path, args) = &*self.names.types.get(at) {
            let role = self.names.externals.get(*path).role;
            let Some(Role::Pointer | Role::Carrier) = role else { break };
            let Some(inner) = args.first() else { break };
            held |= role == Some(Role::Pointer);
            at = *inner;
        }
        (at, held)
    }

    /// Whether what a type holds may be kept elsewhere.
    pub(super) fn has_hands(&self, ty: T, depth: u8) -> bool {
        match &*self.names.types.get(ty) {
            Type::External(path, args) => {
                let role = self.names.externals.get(*path).role;
                role == Some(Role::Pointer)
                    || depth > 4
                    || args.iter().any(|arg| self.has_hands(*arg, depth + 1))
            }
            Type::Local(_, args) => args.iter().any(|arg| self.has_hands(*arg, depth + 1)),
            _ => true,
        }
    }

    /// Whether all that is put into a field is made for it alone.
    fn is_fresh(&self, of: DefId, name: Symbol) -> bool {
        if let Some(known) = self.own.fresh.borrow().get(&(of, name)) {
            return *known;
        }
        let out = self.out();
        let for_it = |(node, from): &(NodeId, Froms)| self.is_for_it(*node, *from, (of, name), 0);
        let fresh = !out.fields.contains(&(of, name))
            && out.stores.get(&(of, name)).is_some_and(|stores| stores.iter().all(for_it));
        self.own.fresh.borrow_mut().insert((of, name), fresh);
        fresh
    }

    fn is_for_it(&self, node: NodeId, from: Froms, field: (DefId, Symbol), far: usize) -> bool {
        let list = self.flow.origins.list(from);
        let one = |origin: &Origin| match self.flow.origins.kind(*origin) {
            OriginKind::Made(by, _) => {
                let kept = self.out().kept.get(origin).is_none_or(|kept| *kept == Some(field));
                by == node && kept && !self.out().values.contains(&(*origin, By::Itself))
            }
            OriginKind::Noted(_) | OriginKind::External(_) | OriginKind::Text(_) => true,
            OriginKind::Field { .. } => self.is_again(*origin, field),
            OriginKind::Result(call) => {
                let answers = self.places.answers(call);
                !self.out().values.contains(&(*origin, By::Itself))
                    && !answers.is_empty()
                    && answers.iter().all(|froms| self.makes(*froms, None, 0))
            }
            OriginKind::Param(body, index) if body == node && far < FARTHEST => {
                let callers = self.places.callers.get(&body).map_or(0, Vec::len);
                let (mut all, mut some) = (callers <= MOST_MAKERS, false);
                if all {
                    self.places.each_handed(body, index, &[], |froms, _, by| {
                        some = true;
                        let by = by.map(|(call, _)| self.flow.call(call).node);
                        all = all && by.is_some_and(|by| self.is_for_it(by, froms, field, far + 1));
                    });
                }
                all && some
            }
            _ => false,
        };
        !list.is_empty() && list.iter().all(one)
    }

    /// Whether it is that field, of whatever value, where it holds a handle.
    fn is_again(&self, origin: Origin, (of, name): (DefId, Symbol)) -> bool {
        let same = matches!(
            self.flow.origins.kind(origin),
            OriginKind::Field { of: other, name: field, .. } if (other, field) == (of, name)
        );
        let ty = |field| self.names.field_type(of, field, &[]);
        same && self.names.field(of, name).is_some_and(|field| self.unhanded(ty(field)).1)
    }

    /// Whether a value is put somewhere, where others find it.
    pub(super) fn is_put(&self, origin: Origin) -> bool {
        self.out().has(origin, false)
    }

    /// What others come to have, looked up once.
    fn out(&self) -> &Out {
        self.own.out.get_or_init(|| {
            let mut out = Out::default();
            for store in &self.flow.stores {
                let field = (store.of, store.field);
                out.stores.entry(field).or_default().push((store.node, store.from));
                for origin in self.flow.origins.list(store.from) {
                    if self.is_again(*origin, field) {
                        out.copies.insert(store.node);
                    }
                    let kept = out.kept.entry(*origin).or_insert(Some(field));
                    if *kept != Some(field) {
                        *kept = None;
                    }
                }
            }
            for capture in &self.flow.captures {
                if self.is_apart(capture.by, capture.declared) {
                    out.seen.extend(self.flow.origins.list(capture.val.from));
                }
            }
            let puts = self.flow.touches.iter().filter(|touch| {
                matches!(touch.kind, TouchKind::Change | TouchKind::Fill | TouchKind::Send)
            });
            let handed = self.flow.shared.iter().map(|handed| handed.val.from);
            let mut todo: Vec<(Origin, By)> = Vec::new();
            let all = |froms: Froms| self.flow.origins.list(froms).iter().copied();
            for froms in puts.map(|touch| touch.value).chain(handed) {
                todo.extend(all(froms).map(|origin| (origin, By::Itself)));
            }
            while let Some((at, by)) = todo.pop() {
                if !out.values.insert((at, by)) {
                    continue;
                }
                let mut add = |froms: Froms, by: By| todo.extend(all(froms).map(|one| (one, by)));
                match self.flow.origins.kind(at) {
                    OriginKind::Made(..) => {
                        let parts = self.flow.parts.get(&at).copied().unwrap_or(Froms::NONE);
                        for part in all(parts) {
                            match self.flow.origins.kind(part) {
                                // A copy has the same handles, and is kept for what it copies.
                                OriginKind::Field { base, of, .. }
                                    if self.is_made(at, Some(of)) =>
                                {
                                    todo.extend(base.map(|base| (base, by)));
                                }
                                _ if by == By::Caller => todo.push((part, by)),
                                _ => todo.push((part, By::Whole)),
                            }
                        }
                    }
                    OriginKind::Result(call) => {
                        let answers = self.places.answers(call).into_iter();
                        answers.for_each(|answer| add(answer, By::Caller));
                    }
                    OriginKind::Param(node, index) => {
                        self.places.each_argument(node, index, &[], |froms, _| add(froms, by));
                    }
                    OriginKind::Field { base, of, name } => {
                        let field = self.names.field(of, name);
                        let ty = field.map(|field| self.names.field_type(of, field, &[]));
                        if ty.is_some_and(|ty| self.unhanded(ty).1) {
                            out.fields.insert((of, name));
                            todo.extend(base.map(|base| (base, by)));
                        }
                    }
                    OriginKind::Derived(inner) => todo.push((inner, by)),
                    _ => {}
                }
            }
            out
        })
    }
}
