//! Which places does a touch reach, and who does it?

use rustc_hash::FxHashMap;

use super::Access;
use super::own::Hands;
use super::places::Place;
use super::reach::{ANY, Programs};
use super::states::Parts;
use crate::catalog::Role;
use crate::discover::TargetKind;
use crate::flow::{
    CallId, Callee, Froms, NodeId, NodeKind, Origin, OriginKind, Touch, TouchKind, Used,
};
use crate::resolve::{DefId, T, Type};
use crate::symbol::Symbol;

/// Of one touch, as many who do it are told as a reader wants to know.
const MOST_ENTRIES: usize = 4;
/// What more callers than these hand over is not followed to where it was made.
const MOST_MAKERS: usize = 8;
/// As far as a value is followed that is lent on and on.
const MOST_HANDS: usize = 3;

impl Parts<'_, '_, '_> {
    /// Locks by the structs of the tree that they hold: where a struct is changed of which only
    /// the type is known, one of these was open.
    pub(super) fn holders(&self) -> FxHashMap<DefId, Vec<Place>> {
        let mut holders: FxHashMap<DefId, Vec<Place>> = FxHashMap::default();
        for place in self.shared.places() {
            let content = self.places.content(self.place_type(place));
            self.hold(content, place, &mut holders, 0);
        }
        for list in holders.values_mut() {
            list.sort();
            list.dedup();
        }
        holders
    }

    fn hold(&self, ty: T, place: Place, holders: &mut FxHashMap<DefId, Vec<Place>>, depth: u8) {
        if depth > 3 {
            return;
        }
        match &*self.names.types.get(ty).clone() {
            Type::Local(id, args) => {
                holders.entry(*id).or_default().push(place);
                for field in self.names.fields(*id) {
                    let ty = self.names.field_type(*id, field, args);
                    if self.places.interior(ty).is_none() {
                        self.hold(ty, place, holders, depth + 1);
                    }
                }
            }
            Type::External(_, args) => {
                for arg in args {
                    self.hold(*arg, place, holders, depth + 1);
                }
            }
            _ => {}
        }
    }

    /// The shared places that are touched, with who does it: of one touch in a helper that is handed
    /// several, each is touched by its own callers.
    pub(super) fn accessed(
        &self,
        touch: &Touch,
        holders: &FxHashMap<DefId, Vec<Place>>,
    ) -> Vec<(Place, Access)> {
        let mut places = self.touched(touch, holders);
        places.retain(|place| self.is_shared(*place) && !self.is_set_up(*place, touch));
        if places.is_empty() {
            return Vec::new();
        }
        let method = touch.method.map(|method| self.names.text(method));
        let what = match (method, touch.kind) {
            (Some(method), _) => format!("`{method}`"),
            (None, TouchKind::Read) => "a match".into(),
            (None, _) => "an assignment".into(),
        };
        let of_fields = places.iter().all(|place| matches!(place, Place::Field(..)));
        let others = of_fields.then(|| self.others(touch.node, touch.what)).flatten();
        let ways = match others {
            // One of those is told who does it to what others have.
            Some(others) => {
                let all = |hands: Hands| places.iter().map(move |place| (*place, hands.clone()));
                others.into_iter().flat_map(all).collect()
            }
            None => self.places.ways(touch.node, touch.what),
        };
        let access = |calls: &[_], place| {
            let (what, within) = (what.clone(), self.home(place));
            let through = self.reach.access_through(touch.node, touch.at, what, calls, within);
            through.map(|access| Access { used: touch.used, ..access })
        };
        let mut found = Vec::new();
        for place in places {
            let leads = |way: &&(Place, _)| self.shared.lives(way.0).contains(&place);
            let mut known = ways.iter().filter(leads).peekable();
            if known.peek().is_none() {
                found.extend(access(&[], place).map(|access| (place, access)));
                continue;
            }
            let mut entries = Vec::new();
            for access in known.filter_map(|(_, calls)| access(calls, place)) {
                if entries.len() < MOST_ENTRIES && !entries.contains(&access.entry) {
                    entries.push(access.entry);
                    found.push((place, access));
                }
            }
        }
        found
    }

    /// The programs in which a place is shared.
    fn home(&self, place: Place) -> Programs {
        match place {
            Place::Static(_) => ANY,
            Place::Field(of, _) => self.shared.programs(of),
            Place::Made(origin) => match self.flow.origins.kind(origin) {
                OriginKind::Made(node, _) => self.reach.programs(node),
                _ => ANY,
            },
        }
    }

    /// Whether it is told whose field something is: that of values which were made here or there,
    /// not of one of which only the type is known.
    fn is_known(&self, what: Froms) -> bool {
        self.flow.origins.list(what).iter().all(|origin| {
            let mut at = *origin;
            while let OriginKind::Field { base: Some(inner), .. }
            | OriginKind::Content(inner)
            | OriginKind::Derived(inner) = self.flow.origins.kind(at)
            {
                at = inner;
            }
            let places = self.places.places_of(at);
            !places.is_empty() && places.into_iter().all(|place| matches!(place, Place::Made(..)))
        })
    }

    pub(super) fn touched(
        &self,
        touch: &Touch,
        holders: &FxHashMap<DefId, Vec<Place>>,
    ) -> Vec<Place> {
        if touch.kind != TouchKind::Read && self.is_moved_in(touch) {
            return Vec::new();
        }
        let mut found = self.shared.meant(self.places, touch.what);
        found.retain(|place| self.is_linked(*place, touch.node));
        // What is still being made is no place that others know of.
        let of_fields = found.iter().all(|place| matches!(place, Place::Field(..)));
        let made = || self.is_being_made(touch.node, touch.what, 0);
        let own = || self.others(touch.node, touch.what).is_some_and(|others| others.is_empty());
        let shared = |place: &Place| self.is_shared(*place);
        let told = || found.is_empty() || found.iter().any(shared);
        if of_fields && (made() || told() && own()) {
            return Vec::new();
        }
        if found.is_empty() && !self.is_known(touch.what) {
            for origin in self.flow.origins.list(touch.what) {
                if let OriginKind::Field { of, .. } = self.flow.origins.kind(*origin)
                    && let Some(places) = holders.get(&of)
                    && !self.is_by_value(*origin)
                {
                    found.extend(places);
                }
            }
        }
        let mut found: Vec<Place> =
            found.into_iter().flat_map(|place| self.shared.lives(place)).collect();
        found.sort();
        found.dedup();
        if found.iter().any(|place| self.is_moved_to(*place)) && self.is_local(touch) {
            found.retain(|place| !self.is_moved_to(*place));
        }
        found
    }

    /// Whether a place is a field that has what is put there for a part, and does not borrow it.
    fn is_moved_to(&self, place: Place) -> bool {
        let Place::Field(of, index) = place else { return false };
        !self.names.is_lent(of, &self.names.fields(of)[index as usize])
    }

    /// Whether it is a plain value that the function around has made: once that is moved into
    /// something else, nobody can change it by the name that it had here.
    fn is_local(&self, touch: &Touch) -> bool {
        let one = |origin: &Origin| {
            let OriginKind::Made(by, _) = self.flow.origins.kind(*origin) else { return false };
            let made = self.flow.made.get(origin).copied().unwrap_or(T::UNKNOWN);
            self.places.role(made) == Some(Role::Collection)
                && self.flow.enclosing(touch.node).any(|node| node == by)
                && !self.is_apart(touch.node, by)
        };
        let list = self.flow.origins.list(touch.what);
        !list.is_empty() && list.iter().all(one)
    }

    /// Whether what is put in was there before: the function takes it out, and puts it in again at
    /// another place.
    pub(super) fn is_moved(&self, touch: &Touch) -> bool {
        let roots = |froms: Froms| {
            let list = self.flow.origins.list(froms).iter();
            list.map(|origin| self.flow.origins.root(*origin)).collect::<Vec<_>>()
        };
        let (own, put) = (roots(touch.what), roots(touch.value));
        let takes = |other: &Touch| {
            other.takes
                && other.used != Used::No
                && other.node == touch.node
                && other.what == touch.what
        };
        let back = !touch.takes && touch.method.is_some() && !put.is_empty();
        back && put.iter().all(|root| own.contains(root)) && self.flow.touches.iter().any(takes)
    }

    /// Whether it is a plain part of a value that was handed over whole to a function which serves a
    /// request: what is changed is its own copy, whoever has another.
    fn is_moved_in(&self, touch: &Touch) -> bool {
        let plain = |ty: T| {
            let told = match &*self.names.types.get(ty) {
                Type::Local(..) => true,
                _ => matches!(self.places.role(ty), Some(Role::Collection | Role::Number)),
            };
            told && self.places.interior(ty).is_none()
        };
        let one = |origin: &Origin| {
            let mut at = *origin;
            while let OriginKind::Field { base: Some(base), of, name } = self.flow.origins.kind(at)
            {
                let field = self.names.field(of, name);
                let own = |field| plain(self.names.field_type(of, field, &[]));
                if !field.is_some_and(|field| !self.names.is_lent(of, field) && own(field)) {
                    return false;
                }
                at = base;
            }
            let OriginKind::Param(body, index) = self.flow.origins.kind(at) else { return false };
            let served = || self.reach.entry_of(body).is_some_and(|e| !self.reach.is_beside(e));
            let ty = self.flow.node(body).params.get(usize::from(index)).copied();
            ty.is_some_and(plain)
                && self.names.takes_whole(self.flow.node(body).def, index)
                && self.flow.node(body).kind == NodeKind::Function
                && served()
                && self.is_once_in(touch.node, body)
                && !self.goes_on_in(body)
        };
        let list = self.flow.origins.list(touch.what);
        !list.is_empty() && list.iter().all(one)
    }

    /// Whether a value is a part of one that this very body made, or had made, or was handed by all
    /// who made it.
    fn is_being_made(&self, node: NodeId, what: Froms, depth: usize) -> bool {
        let list = self.flow.origins.list(what);
        let all = |froms: Froms, node| self.is_being_made(node, froms, depth + 1);
        let one = |origin: &Origin| match self.beginning(*origin) {
            None => false,
            Some(OriginKind::Made(by, _)) => by == node,
            Some(OriginKind::Result(call)) => {
                self.flow.call(call).node == node && {
                    let answers = self.places.answers(call);
                    !answers.is_empty() && answers.iter().all(|froms| self.is_new_made(*froms))
                }
            }
            // A task that takes messages inside has it from one to the next.
            Some(OriginKind::Param(body, _)) if self.goes_on_in(body) => false,
            Some(OriginKind::Param(body, index)) if !self.places.entry_nodes.contains(&body) => {
                let callers = self.places.callers.get(&body).map_or(0, Vec::len);
                let (mut handed, mut made) = (0, 0);
                if callers <= MOST_MAKERS {
                    self.places.each_handed(body, index, &[], |froms, _, up| {
                        let by = up.map(|(call, _)| self.flow.call(call).node);
                        handed += 1;
                        made += usize::from(by.is_some_and(|by| all(froms, by)));
                    });
                }
                handed > 0 && handed == made
            }
            Some(_) => false,
        };
        depth < 3 && !list.is_empty() && list.iter().all(one)
    }

    /// Whether it is a part of a value that the body was given, or was answered with, as a whole and
    /// not lent, or that all who lend it have so: what is done to it is done to that copy.
    fn is_by_value(&self, origin: Origin) -> bool {
        self.plain_base(origin, None)
            .is_some_and(|(at, of)| of.is_some_and(|of| self.is_own_copy(at, of, 0)))
    }

    /// What something is a plain part of, and which struct that is.
    fn plain_base(&self, origin: Origin, of: Option<DefId>) -> Option<(Origin, Option<DefId>)> {
        let (mut at, mut of) = (origin, of);
        while let OriginKind::Field { base: Some(base), of: whole, name } =
            self.flow.origins.kind(at)
        {
            if !self.is_plain(whole, name) {
                return None;
            }
            (at, of) = (base, Some(whole));
        }
        Some((at, of))
    }

    fn is_own_copy(&self, at: Origin, of: DefId, far: usize) -> bool {
        match self.flow.origins.kind(at) {
            OriginKind::Param(body, index) => {
                let node = self.flow.node(body);
                let whole = |ty: &T| matches!(&*self.names.types.get(*ty), Type::Local(whole, _) if *whole == of);
                node.kind == NodeKind::Function
                    && node.params.get(usize::from(index)).is_some_and(whole)
                    && !self.places.entry_nodes.contains(&body)
                    && !self.goes_on_in(body)
                    && (self.names.takes_whole(node.def, index)
                        || far < MOST_HANDS && self.is_lent_copy(body, index, of, far))
            }
            OriginKind::Result(call) => {
                self.is_given_whole(call, of) && (far == 0 || !self.is_put(at))
                    || far < MOST_HANDS && self.is_lent_on(call, of, far + 1)
            }
            // A clone, unless it is put back.
            OriginKind::Derived(_) => !self.is_put(at),
            _ => false,
        }
    }

    fn is_given_whole(&self, call: CallId, of: DefId) -> bool {
        let Callee::Defs(defs) = &self.flow.call(call).callee else { return false };
        defs.iter().all(|def| {
            let given = self.carried(self.names.return_type(*def));
            let whole = matches!(&*self.names.types.get(given), Type::Local(it, _) if *it == of);
            whole && self.names.gives_whole(*def)
        })
    }

    /// Whether a call gives back a part of what it was lent, and that was a copy.
    fn is_lent_on(&self, call: CallId, of: DefId, far: usize) -> bool {
        let args = &self.flow.call(call).args;
        let answers = self.places.answers(call);
        !answers.is_empty()
            && answers.iter().all(|answer| {
                let list = self.flow.origins.list(*answer);
                let one = |origin: &Origin| {
                    let Some((at, Some(of))) = self.plain_base(*origin, Some(of)) else {
                        return false;
                    };
                    let OriginKind::Param(_, index) = self.flow.origins.kind(at) else {
                        return false;
                    };
                    let arg = args.get(usize::from(index));
                    arg.is_some_and(|arg| self.are_own_copies(arg.from, of, far))
                };
                !list.is_empty() && list.iter().all(one)
            })
    }

    fn are_own_copies(&self, froms: Froms, of: DefId, far: usize) -> bool {
        let list = self.flow.origins.list(froms);
        let one = |origin: &Origin| match self.plain_base(*origin, Some(of)) {
            Some((at, Some(of))) => self.is_own_copy(at, of, far),
            _ => false,
        };
        !list.is_empty() && list.iter().all(one)
    }

    /// Whether all who lend a value to a function have it as their own.
    fn is_lent_copy(&self, body: NodeId, index: u16, of: DefId, far: usize) -> bool {
        let callers = self.places.callers.get(&body).map_or(0, Vec::len);
        if callers == 0 || callers > MOST_MAKERS {
            return false;
        }
        let (mut handed, mut own) = (0, 0);
        self.places.each_handed(body, index, &[], |froms, _, by| {
            // What may be anything may be a handle.
            let arg = by.and_then(|(call, _)| self.flow.call(call).args.get(usize::from(index)));
            let is_of = arg.is_some_and(|arg| {
                let ty = self.places.peeled(arg.ty);
                matches!(&*self.names.types.get(ty), Type::Local(it, _) if *it == of)
            });
            handed += 1;
            own += usize::from(is_of && self.are_own_copies(froms, of, far + 1));
        });
        handed > 0 && handed == own
    }

    /// Whether a field is a part of its struct, which goes where that goes.
    pub(super) fn is_plain(&self, of: DefId, name: Symbol) -> bool {
        let Some(field) = self.names.field(of, name) else { return false };
        let ty = self.names.field_type(of, field, &[]);
        let handle = matches!(self.places.role(ty), Some(Role::Pointer | Role::Cache));
        !handle && !self.names.is_lent(of, field) && self.places.interior(ty).is_none()
    }

    /// What is in an `Option` or a `Result`.
    fn carried(&self, ty: T) -> T {
        match &*self.names.types.get(ty) {
            Type::External(_, args) if self.places.role(ty) == Some(Role::Carrier) => {
                args.first().map_or(ty, |first| self.carried(*first))
            }
            _ => ty,
        }
    }

    /// Whether a function takes the messages of a channel, one after the other.
    fn goes_on_in(&self, body: NodeId) -> bool {
        let mut actors = self.places.actors.iter();
        actors.any(|actor| {
            let mut around = self.flow.enclosing(*actor);
            *actor != body && around.any(|node| node == body)
        })
    }

    /// Whether a function gives what it made itself.
    fn is_new_made(&self, froms: Froms) -> bool {
        let list = self.flow.origins.list(froms);
        let made = |origin: &Origin| match self.flow.origins.kind(*origin) {
            OriginKind::Made(..) => true,
            OriginKind::Result(call) => {
                let answers = self.places.answers(call);
                let made = |froms: &Froms| {
                    let list = self.flow.origins.list(*froms);
                    let made =
                        |one: &Origin| matches!(self.flow.origins.kind(*one), OriginKind::Made(..));
                    !list.is_empty() && list.iter().all(made)
                };
                !answers.is_empty() && answers.iter().all(made)
            }
            _ => false,
        };
        !list.is_empty() && list.iter().all(made)
    }

    /// What a field, or what is inside a lock, is a part of; `None` where it may only be a handle to
    /// what is kept elsewhere.
    fn beginning(&self, origin: Origin) -> Option<OriginKind> {
        let (mut at, mut part, mut locked) = (origin, None, false);
        loop {
            match self.flow.origins.kind(at) {
                OriginKind::Field { base: Some(base), of, name } => {
                    locked |= self.places.own_place(of, name).is_some();
                    (at, part) = (base, Some((of, name)));
                }
                OriginKind::Content(inner) => at = inner,
                kind => {
                    let Some((of, name)) = part else { return Some(kind) };
                    let field = self.names.field(of, name)?;
                    let ty = self.names.field_type(of, field, &[]);
                    let handle = self.places.role(ty) == Some(Role::Pointer);
                    let own = !locked || self.places.own_place(of, name).is_some();
                    return (own && !handle).then_some(kind);
                }
            }
        }
    }

    /// Whether a change says something about a place: of a struct of the tree that a task keeps to
    /// itself, only what is done to its collections, and not that a part of it took another value.
    pub(super) fn counts_in(&self, place: Place, touch: &Touch) -> bool {
        let whole = self.places.peeled(self.place_type(place));
        !matches!(place, Place::Made(_))
            || !matches!(&*self.names.types.get(whole), Type::Local(..))
            || touch.method.is_some()
    }

    /// Whether one process can hold both: two programs of one tree have nothing in common but
    /// their libraries.
    fn is_linked(&self, place: Place, node: NodeId) -> bool {
        let here = self.names.def(self.flow.node(node).def).unit;
        let there = match place {
            Place::Static(id) | Place::Field(id, _) => self.names.def(id).unit,
            Place::Made(origin) => match self.flow.origins.kind(origin) {
                OriginKind::Made(node, _) => self.names.def(self.flow.node(node).def).unit,
                _ => here,
            },
        };
        let is_lib = |unit: usize| self.names.units[unit].kind == TargetKind::Lib;
        here == there || is_lib(here) || is_lib(there)
    }
}
