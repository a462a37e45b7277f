//! Who waits together for one answer? Whoever asks first puts a channel into a table, and tells what
//! comes of it once; whoever asks for the same meanwhile waits for that and goes on. No clients.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::places::Place;
use super::states::Parts;
use crate::catalog::Role;
use crate::flow::{Callee, Froms, NodeId, Origin, OriginKind, Touch, TouchKind, Used, Val};
use crate::parse::tree::Range;
use crate::resolve::{DefId, T, Type};

mod firsts;

/// Whoever sends or waits for whoever joined is called by those, or by their callers.
const FARTHEST: u8 = 3;

impl Parts<'_, '_, '_> {
    /// The channels of all tables of that kind.
    pub(super) fn flown(&self) -> FxHashSet<Origin> {
        let puts = self.flow.touches.iter().filter(|touch| self.puts_sender(touch));
        let places: FxHashSet<Place> =
            puts.flat_map(|put| self.shared.meant(self.places, put.what)).collect();
        let flights = places.into_iter().filter_map(|place| self.flights(place));
        flights.flat_map(|channels| channels.to_vec()).collect()
    }

    /// The channels in a table of what is under way: the functions that look there put them there
    /// themselves when nobody is on the way, nobody sends through the table, and whoever listens
    /// takes one message.
    pub(super) fn flights(&self, place: Place) -> Option<Rc<[Origin]>> {
        if let Some(known) = self.own.flights.borrow().get(&place) {
            return known.clone();
        }
        let found = self.find_flights(place);
        self.own.flights.borrow_mut().insert(place, found.clone());
        found
    }

    fn find_flights(&self, place: Place) -> Option<Rc<[Origin]>> {
        let changes: Vec<&Touch> =
            self.flow.touches.iter().filter(|touch| self.changes(place, touch)).collect();
        let (mut putters, mut made) = (FxHashSet::default(), FxHashSet::default());
        for put in changes.iter().filter(|change| !change.takes) {
            let here = self.places.channels(put.last);
            let own = |origin: &Origin| match self.flow.origins.kind(*origin) {
                OriginKind::Made(node, _) => self.def(node) == self.def(put.node),
                _ => false,
            };
            if !self.puts_sender(put) || here.is_empty() || !here.iter().all(own) {
                return None;
            }
            putters.insert(self.def(put.node));
            made.extend(here);
        }
        let mut takes = changes.iter().filter(|change| change.takes);
        let taken_out = takes.clone().any(|take| take.value != Froms::NONE);
        // Who has use for a sender that was taken out tells what others wait for.
        let used = takes.any(|take| !matches!(take.used, Used::No | Used::Measured));
        if made.is_empty() || !taken_out || used {
            return None;
        }
        let through = |touch: &&Touch| match touch.kind {
            TouchKind::Send => true,
            TouchKind::Subscribe => !putters.contains(&self.def(touch.node)),
            _ => false,
        };
        let mut through = self.flow.touches.iter().filter(through);
        if through.any(|touch| self.shared.meant(self.places, touch.what).contains(&place)) {
            return None;
        }
        let joined = made.iter().all(|channel| {
            self.is_answered_once(*channel, &putters) && !self.is_followed(*channel, &putters)
        });
        (joined && !self.is_handed_on(&made)).then(|| made.into_iter().collect())
    }

    fn def(&self, node: NodeId) -> DefId {
        self.flow.node(node).def
    }

    fn changes(&self, place: Place, touch: &Touch) -> bool {
        touch.kind == TouchKind::Change
            && self.shared.meant(self.places, touch.what).contains(&place)
    }

    /// Whether the sender of a channel with many ends is put into a table.
    fn puts_sender(&self, touch: &Touch) -> bool {
        let value = match &*self.names.types.get(touch.on) {
            Type::External(_, args) => args.last().map(|value| self.places.content(*value)),
            _ => None,
        };
        let fact = value.and_then(|value| self.names.type_fact(value));
        touch.kind == TouchKind::Change
            && !touch.takes
            && touch.method.is_some()
            && fact.is_some_and(|fact| !fact.sends.is_empty() && !fact.subscribes.is_empty())
    }

    /// Whether a channel is told of once by who has it, and heard once by each who joined.
    fn is_answered_once(&self, channel: Origin, putters: &FxHashSet<DefId>) -> bool {
        let OriginKind::Made(maker, _) = self.flow.origins.kind(channel) else { return false };
        let mut uses = self.channels.by_channel.range((channel, None)..);
        let mut uses = std::iter::from_fn(|| uses.next().filter(|((one, _), _)| *one == channel));
        let of = |index: &usize| &self.flow.touches[*index];
        let mut known = false;
        let once = uses.all(|(_, uses)| {
            known |=
                !uses.sends.is_empty() && !uses.subscribes.is_empty() && !uses.receives.is_empty();
            let joins = |touch: &Touch| putters.contains(&self.def(touch.node));
            uses.subscribes.iter().all(|index| joins(of(index)))
                && uses
                    .sends
                    .iter()
                    .all(|index| self.is_once(of(index), maker) && self.is_own(of(index)))
                && uses.receives.iter().all(|index| {
                    let (receive, joined) = (of(index), uses.subscribes.iter().map(of));
                    let mut joined =
                        joined.filter(|one| self.def(one.node) == self.def(receive.node));
                    let waits = self.flow.awaiting.contains(&receive.node);
                    let around = joined.next().map_or(maker, |one| one.node);
                    waits && self.is_once(receive, around)
                })
        });
        known && once
    }

    /// Whether something is done once for each time that a body runs: in no loop but one around both,
    /// nor is whoever does it called in one.
    fn is_once(&self, touch: &Touch, each: NodeId) -> bool {
        let each_def = self.def(each);
        let body = self.flow.function_around(each);
        let begins = self.places.callers.get(&body).into_iter().flatten();
        let begins: Vec<(NodeId, Range)> = begins
            .map(|call| (self.flow.call(*call).node, self.flow.call(*call).at))
            .chain([(each, touch.at)])
            .collect();
        let again = |node: NodeId, at: Range| {
            let around = self.flow.loop_around(node);
            let around_both = |around: NodeId| {
                begins.iter().any(|(one, _)| self.flow.enclosing(*one).any(|body| body == around))
            };
            let round_of_one = |(by, round): &(NodeId, Range)| {
                let both = |(one, at): &(NodeId, Range)| {
                    *one != each && self.def(*one) == self.def(node) && round.holds(*at)
                };
                self.def(*by) == self.def(node) && round.holds(at) && !begins.iter().any(both)
            };
            around.is_some_and(|around| !around_both(around))
                || self.flow.rounds.iter().any(round_of_one)
        };
        let mut todo = vec![(touch.node, touch.at)];
        for _ in 0..FARTHEST {
            if todo.iter().any(|(node, at)| again(*node, *at)) {
                return false;
            }
            todo.retain(|(node, _)| self.def(*node) != each_def);
            let bodies = todo.iter().map(|(node, _)| self.flow.function_around(*node));
            let calls = bodies.filter_map(|body| self.places.callers.get(&body)).flatten();
            todo =
                calls.map(|call| self.flow.call(*call)).map(|call| (call.node, call.at)).collect();
        }
        true
    }

    /// Whether who sends was handed the sender by whoever made the channel, and has not found it in a
    /// table, or in something that changes.
    fn is_own(&self, send: &Touch) -> bool {
        let looked_up = self.places.places(send.what).into_iter().any(|place| {
            self.is_keyed(place) || self.places.interior(self.place_type(place)).is_some()
        });
        !looked_up && self.is_of_maker(send.what)
    }

    /// Whether the end of one of these channels at which somebody listens is given to what nobody here
    /// knows: a stream of all that comes.
    fn is_handed_on(&self, made: &FxHashSet<Origin>) -> bool {
        let listens = |ty: T| {
            let fact = self.names.type_fact(self.places.peeled(ty));
            fact.is_some_and(|fact| {
                fact.is == Role::Channel && !fact.receives.is_empty() && fact.sends.is_empty()
            })
        };
        let of_them = |arg: &Val| {
            listens(arg.ty) && self.places.channels(arg.from).iter().any(|one| made.contains(one))
        };
        self.flow.calls.iter().any(|call| {
            let args = call.args.iter().skip(usize::from(call.method));
            !matches!(call.callee, Callee::Defs(_)) && { args }.any(of_them)
        })
    }
}
