//! Of which states is it not certain that anybody misses them, or that two meet in them?

use std::cell::OnceCell;
use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::super::numbers::Leaving;
use super::super::places::Place;
use super::super::reach::SOCKET;
use super::super::{Access, EntryPoint, State};
use super::dealings::OF_OWN_CALLS;
use super::memos::{Memos, REMEMBERED};
use super::singles::Singles;
use super::{Accesses, Parts};
use crate::catalog::{EntryKind, Role};
use crate::diagnostic::Step;
use crate::flow::{Froms, Origin, OriginKind, TouchKind, static_type};
use crate::resolve::{DefId, DefKind};

/// So many calls away from an entry point, what a request brings may be what is put there.
const NEAR: usize = 5;

pub(super) struct Doubts<'p, 'm, 'a> {
    parts: &'p Parts<'p, 'm, 'a>,
    memos: Memos<'p, 'm, 'a>,
    /// Functions that use what requests and connections change.
    asked: FxHashSet<DefId>,
    /// What stores keep of numbers.
    stored: OnceCell<Leaving>,
    singles: Singles<'p, 'm, 'a>,
}

/// What would be unsure about a place.
pub(super) struct Unsure {
    /// Whatever it turned out to be.
    own: Option<&'static str>,
    memo: bool,
    record: Option<&'static str>,
    number: Option<&'static str>,
    /// Of whatever it keeps.
    any: Option<&'static str>,
}

impl Unsure {
    /// Says so, of what the place turned out to keep.
    pub(super) fn tell(&self, state: &mut State, points: &[EntryPoint]) {
        // Who may do what is no dealing of its own.
        let own = self.own.filter(|_| !state.limits);
        let said = own.or_else(|| match state.is_record(points) {
            true => self.record,
            false if self.memo && state.is_cache() => {
                state.changes.iter_mut().for_each(|change| change.fetched = true);
                Some(REMEMBERED)
            }
            false => self.number,
        });
        if let Some(said) = said.or(self.any) {
            state.owner.doubt.get_or_insert_with(|| Step::new(state.at, said));
        }
    }
}

impl<'p, 'm, 'a> Doubts<'p, 'm, 'a> {
    pub(super) fn new(
        parts: &'p Parts<'p, 'm, 'a>,
        found: &BTreeMap<Place, Accesses>,
    ) -> Doubts<'p, 'm, 'a> {
        let by_others = |access: &Access| !parts.points[access.entry].beside;
        let of_requests =
            found.values().filter(|all| all.changes.iter().chain(&all.counts).any(by_others));
        let touches = of_requests.flat_map(|all| &all.touches).map(|at| &parts.flow.touches[*at]);
        let asked = touches.map(|touch| parts.flow.node(touch.node).def).collect();
        let (memos, singles) = (Memos::new(parts, found), Singles::new(parts));
        Doubts { parts, memos, asked, stored: OnceCell::new(), singles }
    }

    pub(super) fn of(&self, place: Place, accesses: &Accesses) -> Unsure {
        Unsure {
            own: self.parts.is_of_own_calls(place, accesses).then_some(OF_OWN_CALLS),
            memo: self.memos.has(place, accesses),
            record: self.record(place, accesses),
            number: self.is_for_one(place, accesses).then_some(
                "there may be one for each connection, and what it numbers known to no other",
            ),
            any: self.singles.has(place, accesses).then_some(
                "every value of this type is made while serving, and nothing that lives on is known \
                 to keep one: there may be one for each request",
            ),
        }
    }

    /// Why it is not certain that it is a record of requests.
    fn record(&self, place: Place, accesses: &Accesses) -> Option<&'static str> {
        if self.is_of_tasks(place, accesses) {
            return Some(
                "only tasks change it, and no request is known to have a part in that: it may tell \
                 of this process alone",
            );
        }
        self.is_found_out_here(place, accesses).then_some(
            "no route is known to change it, and nothing that a request brings is known to be put \
             there: it may tell of this process alone",
        )
    }

    /// Whether it is one thing, and no table, that no route is known to change, and into which
    /// nothing is known to go that a request brings or that is made up. Over a long way, that
    /// something of a request is in it says little, as other calls may hand that over.
    fn is_found_out_here(&self, place: Place, accesses: &Accesses) -> bool {
        let Parts { flow, reach, points, .. } = self.parts;
        let unasked = |change: &Access| {
            let led = change.by_task && self.asked.contains(&change.def);
            !points[change.entry].has_route() && !change.given && !led
        };
        // What a message or a connection brings, whoever takes it out asks for.
        let may_bring = |change: &Access| {
            let point = &points[change.entry];
            let handles = point.kind == EntryKind::Handler
                && !flow.node(reach.entries[change.entry].node).params.is_empty()
                && point.framework != SOCKET;
            is_near(change) && !handles && !point.beside
        };
        accesses.counts.is_empty()
            && !self.parts.is_keyed(place)
            && accesses.changes.iter().all(unasked)
            && !self.is_for_requests(accesses)
            && !self.is_turned(accesses)
            && !self.is_added_to(accesses)
            && !accesses.changes.iter().any(may_bring)
            && !(accesses.changes.iter().any(is_near)
                && (self.grows(place, accesses) || self.parts.is_told_by_requests(accesses)))
    }

    /// Whether what is put there is made of what was there.
    fn grows(&self, place: Place, accesses: &Accesses) -> bool {
        let Parts { flow, .. } = self.parts;
        let values = accesses.touches.iter().map(|at| flow.touches[*at].value);
        let mut origins = values.flat_map(|value| flow.origins.list(value));
        let comes = |at: &Origin| self.parts.comes_of(*at, place, 0);
        origins.any(|origin| match flow.origins.root(*origin) {
            OriginKind::Result(call) => {
                let mut args = flow.call(call).args.iter();
                args.any(|arg| flow.origins.list(arg.from).iter().any(comes))
            }
            _ => comes(origin),
        })
    }

    /// Whether one of many is put there: into a table that is a part of it.
    fn is_added_to(&self, accesses: &Accesses) -> bool {
        let Parts { flow, places, .. } = self.parts;
        let mut touches = accesses.touches.iter().map(|at| &flow.touches[*at]);
        touches.any(|touch| {
            touch.kind == TouchKind::Change
                && !touch.takes
                && touch.value != Froms::NONE
                && places.role(touch.on).is_some_and(holds_many)
        })
    }

    /// Whether only constants are put there: somebody turns it on or off.
    fn is_turned(&self, accesses: &Accesses) -> bool {
        let mut touches = accesses.touches.iter().map(|at| &self.parts.flow.touches[*at]);
        touches.all(|touch| touch.kind != TouchKind::Change || touch.value == Froms::NONE)
    }

    /// Whether one value is changed by tasks alone, which nothing that requests change has a part
    /// in, and no name that is made up here.
    fn is_of_tasks(&self, place: Place, accesses: &Accesses) -> bool {
        let unasked =
            |change: &Access| change.by_task && !change.given && !self.asked.contains(&change.def);
        !self.parts.is_keyed(place)
            && accesses.changes.iter().all(unasked)
            && !self.is_for_requests(accesses)
    }

    /// Whether what a request sent to a task has a part in it, or what is made up here.
    fn is_for_requests(&self, accesses: &Accesses) -> bool {
        let Parts { flow, channels, .. } = self.parts;
        let mut touches = accesses.touches.iter().map(|at| &flow.touches[*at]);
        touches.any(|touch| {
            channels.is_of_a_request(touch.node)
                || self.parts.comes_up(touch.value, &|_, fact| fact.random, 0)
        })
    }

    /// Whether a number is taken for connections and tasks alone, from a value that only what serves
    /// makes, and no store keeps it.
    fn is_for_one(&self, place: Place, accesses: &Accesses) -> bool {
        let Place::Field(of, _) = place else { return false };
        let asked = |access: &Access| self.parts.points[access.entry].kind.is_asked();
        !accesses.counts.is_empty()
            && !accesses.counts.iter().any(asked)
            && self.is_made_while_serving(of)
            && !self.is_in_a_static(of)
            && !self.is_stored(accesses)
    }

    fn is_made_while_serving(&self, of: DefId) -> bool {
        let Parts { flow, reach, .. } = self.parts;
        let mut makers = flow.makes.get(&of).into_iter().flatten().peekable();
        makers.peek().is_some()
            && makers.all(|node| reach.is_serving(*node) && !reach.is_startup(*node))
    }

    fn is_in_a_static(&self, of: DefId) -> bool {
        let (names, one) = (self.parts.names, FxHashSet::from_iter([of]));
        let mut statics = names.ids().filter(|id| names.def(*id).kind == DefKind::Static);
        statics.any(|id| self.parts.has_one_of(&one, static_type(names, id), 0))
    }

    fn is_stored(&self, accesses: &Accesses) -> bool {
        let stored = self.stored.get_or_init(|| Leaving::into_stores(self.parts));
        let mut touches = accesses.touches.iter();
        touches.any(|at| stored.has(self.parts.flow, *at, &self.parts.flow.touches[*at]))
    }
}

/// Whether an entry point does it itself, or by few calls.
fn is_near(change: &Access) -> bool {
    change.path.len() <= NEAR
}

/// Whether things of a kind hold many others.
fn holds_many(role: Role) -> bool {
    matches!(
        role,
        Role::Collection
            | Role::SharedCollection
            | Role::Cache
            | Role::SessionStore
            | Role::EmbeddedDatabase
            | Role::WorkingCopy
            | Role::RateLimiter
    )
}
