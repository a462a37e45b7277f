//! What only lets calls of this process through, or not, after how they went before? A circuit
//! breaker, whether a helper runs, which of several upstreams is well.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Access;
use super::places::Place;
use super::states::{Accesses, Parts};
use crate::catalog::{EntryKind, Work};
use crate::flow::{Branch, Call, NodeId, Origin, OriginKind, Touch, TouchKind, Used, Val};
use crate::parse::tree::Range;
use crate::resolve::DefId;

/// As many callers of callers are asked for it, and as far from what is done, up and down: what lies
/// farther apart has only the service in common.
const MOST_CALLERS: usize = 64;
const FARTHEST: usize = 4;

/// What a body, and all that it runs, does to others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Doing {
    /// It changes what they share.
    changes: bool,
    /// It asks for something that may be more than an answer.
    asks: bool,
    /// It asks another process whose methods nobody knows here.
    calls: bool,
    /// It only asks for an answer, or tells them something.
    tells: bool,
}

impl Doing {
    fn asks_any(self) -> bool {
        self.asks || self.calls || self.tells
    }
}

/// A body that another one runs, and by which call of which of these.
type Inside = (NodeId, Option<(usize, Range)>);

impl Parts<'_, '_, '_> {
    /// Whether whoever changes it looks at it, too, before a service or a program of its own is
    /// asked, and no request says what it becomes: each process finds out for itself how that goes.
    /// What decides about changes of what all share is more than that, and so is what others are
    /// told of, or what a request brings is measured by: unless it also goes back by itself.
    /// What comes back for sure may go by how another process did whose methods nobody knows here, and
    /// what is counted, and set back, by how a question to others went, or a message to them.
    pub(super) fn is_gate(&self, place: Place, accesses: &Accesses) -> bool {
        let asks = |doing: Doing| doing.asks;
        let comes_back = |surely| self.comes_back(place, accesses, surely);
        let narrow = || {
            self.is_let_through(accesses, asks)
                && (comes_back(false) || !self.is_told_elsewhere(accesses))
        };
        let wide = || {
            let counted = !self.counts_by_the_way(place, accesses).is_empty();
            let any = |doing: Doing| doing.asks || doing.calls || counted && doing.tells;
            comes_back(true) && self.is_let_through(accesses, any)
        };
        !self.is_measured_by(place) && (narrow() || wide())
    }

    fn is_let_through(&self, accesses: &Accesses, asks: impl Fn(Doing) -> bool) -> bool {
        // What a task does from time to time is done for whoever asks.
        let asked = |access: &&Access| self.points[access.entry].kind != EntryKind::Task;
        let mut changes = accesses.changes.iter().filter(asked).peekable();
        let looks = accesses.reads.iter().filter(asked).map(|read| read.def);
        let looks: FxHashSet<DefId> = looks.collect();
        !looks.is_empty()
            && changes.peek().is_some()
            && changes.all(|change| !change.given && self.is_gated(change.def, &looks, &asks))
    }

    /// Whether a function, or one on the way to it, also looks and asks others for something.
    fn is_gated(&self, by: DefId, looks: &FxHashSet<DefId>, asks: &impl Fn(Doing) -> bool) -> bool {
        let Some(body) = self.flow.bodies.get(&by) else { return false };
        let (mut seen, mut next) = (vec![(*body, 0)], 0);
        while let Some((node, far)) = seen.get(next).copied() {
            next += 1;
            let doing = self.does_to_others(node);
            // Whatever calls it does that, too.
            if doing.changes {
                continue;
            }
            let looks = |(node, _): &Inside| looks.contains(&self.flow.node(*node).def);
            if asks(doing) && near(&self.reach.inside(node, None)).any(looks) {
                return true;
            }
            let callers = self.places.callers.get(&node).into_iter().flatten();
            let around = callers.map(|call| self.flow.function_around(self.flow.call(*call).node));
            for caller in around {
                let known = seen.iter().any(|(known, _)| *known == caller);
                let more = seen.len() < MOST_CALLERS && far < FARTHEST;
                if more && !known && self.reach.is_serving(caller) {
                    seen.push((caller, far + 1));
                }
            }
        }
        false
    }

    /// Whether a body, or what it runs, asks others for something, or changes what they share.
    pub(super) fn asks_others(&self, node: NodeId) -> bool {
        let doing = self.does_to_others(node);
        doing.changes || doing.asks_any()
    }

    /// What a body runs does to others.
    fn does_to_others(&self, node: NodeId) -> Doing {
        if let Some(known) = self.own.doing.borrow().get(&node) {
            return *known;
        }
        let inside = self.reach.inside(node, None);
        let does = |of: &[Work]| {
            inside.iter().any(|(node, _)| self.deeds.any(*node, None, |work| of.contains(&work)))
        };
        let known = Doing {
            changes: does(&[Work::Write, Work::Once, Work::Repeat, Work::Take, Work::Claim]),
            asks: does(&[Work::Ask, Work::Run]),
            calls: does(&[Work::Call]),
            tells: does(&[Work::Read, Work::Send]),
        };
        self.own.doing.borrow_mut().insert(node, known);
        known
    }

    /// Whether what is there is compared with what a request brings.
    fn is_measured_by(&self, place: Place) -> bool {
        self.flow.compares.iter().any(|compare| {
            let of = |side: &Val| {
                self.flow.origins.list(side.from).iter().any(|origin| self.is_from(*origin, place))
            };
            let [one, other] = &compare.sides;
            let brought = |a: &Val, b: &Val| of(a) && !of(b) && self.places.is_given(b.from);
            self.reach.is_serving(compare.node) && (brought(one, other) || brought(other, one))
        })
    }

    /// Whether one request, or a task of this process after it, sets it to one thing or another. What
    /// only ever becomes one thing, or one more or less than it was, says what has been done. What it
    /// becomes may not be known.
    fn comes_back(&self, place: Place, accesses: &Accesses, surely: bool) -> bool {
        let mut set: FxHashMap<Option<usize>, FxHashSet<u64>> = FxHashMap::default();
        for change in &accesses.changes {
            let Some(touch) = self.change_at(change) else { return !surely };
            let own = |origin: &Origin| self.is_from(*origin, place);
            // How a number is ordered among others is handed over last.
            let last = self.flow.origins.list(touch.last);
            let list = self.flow.origins.list(touch.value).iter();
            let mut put = list.filter(|origin| !last.contains(origin)).peekable();
            let word = match touch.word {
                Some(word) => word,
                None if touch.computed || put.peek().is_some() && put.all(own) => u64::MAX,
                None => return !surely,
            };
            let asked = self.points[change.entry].kind.is_asked();
            set.entry(asked.then_some(change.entry)).or_default().insert(word);
        }
        for count in self.counts_by_the_way(place, accesses) {
            let asked = self.points[count.entry].kind.is_asked();
            set.entry(asked.then_some(count.entry)).or_default().insert(u64::MAX);
        }
        let tasks = set.remove(&None).unwrap_or_default();
        set.values().any(|words| words.union(&tasks).count() > 1)
    }

    /// Where a number is counted up or down by those who are let through, or not, after it.
    fn counts_by_the_way(&self, place: Place, accesses: &Accesses) -> Vec<Access> {
        let looks: FxHashSet<DefId> = accesses.reads.iter().map(|read| read.def).collect();
        let counts = self.flow.touches.iter().filter(|touch| {
            touch.kind == TouchKind::Count
                && self.reach.is_serving(touch.node)
                && self.shared.meant(self.places, touch.what).contains(&place)
        });
        let holders = FxHashMap::default();
        let all: Vec<Access> = counts
            .flat_map(|touch| self.accessed(touch, &holders))
            .filter(|(of, _)| *of == place)
            .map(|(_, count)| count)
            .collect();
        match all.iter().all(|count| self.is_gated(count.def, &looks, &Doing::asks_any)) {
            true => all,
            false => Vec::new(),
        }
    }

    pub(super) fn change_at(&self, change: &Access) -> Option<&Touch> {
        let mut touches = self.flow.touches.iter();
        touches.find(|touch| {
            touch.kind == TouchKind::Change && self.flow.span(touch.node, touch.at) == change.at
        })
    }

    /// Whether a request looks at it where nobody is asked by the way.
    pub(super) fn is_told_elsewhere(&self, accesses: &Accesses) -> bool {
        let changed: FxHashSet<DefId> = accesses.changes.iter().map(|one| one.def).collect();
        let looks = accesses.reads.iter().filter(|read| read.used != Used::No);
        let looks: FxHashSet<DefId> = looks.map(|read| read.def).collect();
        let mut todo: Vec<NodeId> =
            looks.iter().filter_map(|def| self.flow.bodies.get(def)).copied().collect();
        let mut seen = FxHashSet::default();
        while let Some(node) = todo.pop() {
            if !self.reach.is_serving(node) || !seen.insert(node) || seen.len() > MOST_CALLERS {
                continue;
            }
            let inside = self.reach.inside(node, None);
            if inside.iter().any(|(node, _)| changed.contains(&self.flow.node(*node).def)) {
                continue;
            }
            if self.reach.entry_at(node).is_some_and(|entry| entry.point.kind.is_asked()) {
                return true;
            }
            let callers = self.places.callers.get(&node).into_iter().flatten();
            let callers = callers.map(|call| self.flow.function_around(self.flow.call(*call).node));
            todo.extend(callers);
        }
        false
    }

    /// Whether only those functions go by a flag that set it, and all of these do: it says whether
    /// this process did something. Who refuses a request by it tells others of it, unless it is given
    /// back in the same run; and what is set by whoever else is a mark that something is to be done.
    pub(super) fn is_own_mark(&self, place: Place, accesses: &Accesses) -> bool {
        let decides = || accesses.reads.iter().filter(|read| read.used == Used::Measured);
        let looks: FxHashSet<DefId> = decides().flat_map(|read| self.askers(read.def)).collect();
        let mut sets = FxHashSet::default();
        for change in &accesses.changes {
            let by: Vec<DefId> = self.callers_of_one(change.def).chain([change.def]).collect();
            if change.given || !by.iter().any(|by| looks.contains(by)) {
                return false;
            }
            sets.extend(by);
        }
        let by_others = |touch: &Touch| {
            touch.kind == TouchKind::Change
                && !sets.contains(&self.flow.node(touch.node).def)
                && self.shared.meant(self.places, touch.what).contains(&place)
        };
        let refuses = || decides().any(|read| self.refused_by(read).next().is_some());
        looks.is_subset(&sets)
            && !self.is_toggled(accesses)
            && (self.is_set_twice_in_a_run(accesses) || !refuses())
            && !self.flow.touches.iter().any(by_others)
    }

    /// Whether it is set in one place only, never back, and all who go by it ask a function for it:
    /// that this process is ready, or about to end, is nobody else's. What a request sets, and others
    /// are refused by that would have done something, is more than that.
    pub(super) fn is_told_once(&self, place: Place, accesses: &Accesses) -> bool {
        let asked = |read: &Access| self.is_flag(self.names.return_type(read.def));
        let mut decides = accesses.reads.iter().filter(|read| read.used == Used::Measured);
        let sets = || {
            let changes = |touch: &&Touch| touch.kind == TouchKind::Change;
            let touches = self.flow.touches.iter().filter(changes);
            touches.filter(|set| self.shared.meant(self.places, set.what).contains(&place))
        };
        let is_word = |set: &Touch| {
            let mut told = self.flow.origins.list(set.value).iter();
            told.all(|origin| matches!(self.flow.origins.kind(*origin), OriginKind::External(_)))
        };
        decides.all(asked)
            && sets().count() < 2
            && sets().all(is_word)
            && !self.is_turned_off(accesses)
    }

    /// Whether a request sets a flag that others are refused by, or a second one like it.
    fn is_turned_off(&self, accesses: &Accesses) -> bool {
        let sets = accesses.changes.iter().filter(|set| {
            let by = &self.points[set.entry];
            by.kind.is_asked() && !by.beside
        });
        let sets: FxHashSet<usize> = sets.map(|set| set.entry).collect();
        let does = |def: DefId| {
            let inside = self.flow.bodies.get(&def).map(|body| self.reach.inside(*body, None));
            let acts = |work| !matches!(work, Work::Read | Work::Listen);
            inside.is_some_and(|all| all.iter().any(|(body, _)| self.deeds.any(*body, None, acts)))
        };
        let mut decides = accesses.reads.iter().filter(|read| read.used == Used::Measured);
        !sets.is_empty()
            && !accesses.changes.iter().any(|set| self.calls_off(set))
            && decides.any(|read| {
                self.refused_by(read).any(|def| sets.contains(&read.entry) || does(def))
            })
    }

    /// Whether whoever sets a flag, or has it set, also wakes up or tells what runs in this process.
    fn calls_off(&self, set: &Access) -> bool {
        let entry = self.flow.node(self.reach.entries[set.entry].node).def;
        let by: Vec<DefId> = self.callers_of_one(set.def).chain([set.def, entry]).collect();
        let is_by = |node: NodeId| by.contains(&self.flow.node(node).def);
        let mut touches = self.flow.touches.iter();
        self.flow.signals.iter().any(|node| is_by(*node))
            || touches.any(|touch| touch.kind == TouchKind::Send && is_by(touch.node))
    }

    /// Those who go by what a function reads: itself, or whoever asks it where that is all it gives.
    fn askers(&self, reads: DefId) -> Vec<DefId> {
        let gives = self.is_flag(self.names.return_type(reads));
        let callers: Vec<DefId> = self.callers_of_one(reads).filter(|_| gives).collect();
        if callers.is_empty() { vec![reads] } else { callers }
    }

    /// The functions that call a function.
    fn callers_of_one(&self, def: DefId) -> impl Iterator<Item = DefId> + '_ {
        let body = self.flow.bodies.get(&def);
        let calls = body.and_then(|body| self.places.callers.get(body)).into_iter().flatten();
        calls.map(|call| self.flow.node(self.flow.call(*call).node).def)
    }

    /// The functions that give an error, or answer a request at once, where a look at a flag says so:
    /// those that look, or ask for it the one that does.
    fn refused_by(&self, read: &Access) -> impl Iterator<Item = DefId> {
        let entry = self.flow.node(self.reach.entries[read.entry].node).def;
        let asked = self.is_flag(self.names.return_type(read.def));
        let body = self.flow.bodies.get(&read.def).filter(|_| asked);
        let calls = body.and_then(|body| self.places.callers.get(body)).into_iter().flatten();
        let calls =
            calls.map(|call| self.flow.call(*call)).filter(|call| self.reach.is_serving(call.node));
        let at = Range { start: read.at.start, end: read.at.end };
        let sites =
            calls.map(|call| (self.flow.node(call.node).def, call.at)).chain([(read.def, at)]);
        sites.filter(move |(def, at)| self.is_refused(*def, *at, *def == entry)).map(|(def, _)| def)
    }

    fn is_refused(&self, def: DefId, at: Range, serves: bool) -> bool {
        let arms = || self.flow.branches.iter().filter(|arm| self.flow.node(arm.node).def == def);
        arms().any(|arm| {
            let decides = || {
                let inside = |two: &Branch| two.group == arm.group && two.holds(at);
                arm.group <= at.start && at.end <= arm.at.start && !arms().any(inside)
            };
            let ends = arm.fails || serves && (arm.leaves || arm.answers);
            ends && decides() && (arm.fails || !self.goes_on(arm))
        })
    }

    /// Whether anything is asked for, or waited for, before the end of a branch.
    fn goes_on(&self, arm: &Branch) -> bool {
        let waits = |call: &Call| call.awaited && call.node == arm.node && arm.holds(call.at);
        self.deeds.any(arm.node, Some(arm.at), |_| true) || self.flow.calls.iter().any(waits)
    }

    /// Whether whoever sets a flag, or has it set, ends the process then. After what a request sets,
    /// it ends whatever comes next.
    pub(super) fn is_said_at_the_end(&self, accesses: &Accesses) -> bool {
        let said = |set: &Access| {
            let asked = self.points[set.entry].kind.is_asked();
            let at = Range { start: set.at.start, end: set.at.end };
            let (mut sites, mut next) = (vec![(set.def, at, 0)], 0);
            while let Some((def, at, far)) = sites.get(next).copied() {
                if self.ends_after(def, at, asked) {
                    return true;
                }
                next += 1;
                let body = self.flow.bodies.get(&def).filter(|_| far < 2);
                let calls = body.and_then(|body| self.places.callers.get(body));
                let calls = calls.into_iter().flatten().map(|call| self.flow.call(*call));
                sites.extend(calls.map(|c| (self.flow.node(c.node).def, c.at, far + 1)));
            }
            false
        };
        !self.flow.ends.is_empty() && accesses.changes.iter().all(|set| !set.given && said(set))
    }

    /// Whether a function ends the process after a place in it, be it only now and then.
    fn ends_after(&self, def: DefId, at: Range, surely: bool) -> bool {
        let of = |node: NodeId| self.flow.node(node).def == def;
        let ends = || self.flow.ends.iter().filter(|(node, _)| of(*node)).map(|(_, end)| *end);
        let arms = || self.flow.branches.iter().filter(|arm| of(arm.node));
        let ended = |arm: &Branch| ends().any(|end| arm.holds(end));
        ends().filter(|end| at.start <= end.start).any(|end| {
            arms().filter(|arm| arm.holds(end) && !arm.holds(at)).all(|arm| {
                let mut beside = arms().filter(|two| two.group == arm.group && two.at != arm.at);
                match beside.clone().any(|two| two.holds(at)) {
                    true => false,
                    false => !surely || beside.clone().next().is_some() && beside.all(ended),
                }
            })
        })
    }

    /// Whether one function alone looks at it, takes it, and gives it back: both in one run.
    pub(super) fn is_taken_and_given_back(&self, accesses: &Accesses) -> bool {
        let Some(first) = accesses.changes.first() else { return false };
        let mut all = accesses.changes.iter().chain(&accesses.reads);
        self.is_set_twice_in_a_run(accesses)
            && accesses.reads.iter().any(|read| read.used != Used::No)
            && all.all(|access| access.def == first.def && !access.given)
    }

    /// Whether each time it is set one way or the other by one function: a toggle.
    fn is_toggled(&self, accesses: &Accesses) -> bool {
        let changes = &accesses.changes;
        let by_one = changes.iter().all(|change| change.def == changes[0].def);
        changes.len() > 1 && by_one && !self.is_set_twice_in_a_run(accesses)
    }

    /// Whether two changes by the function that makes the first are done in one run.
    fn is_set_twice_in_a_run(&self, accesses: &Accesses) -> bool {
        let Some(first) = accesses.changes.first() else { return false };
        let arms =
            || self.flow.branches.iter().filter(|arm| self.flow.node(arm.node).def == first.def);
        let holds = |arm: &Branch, access: &Access| {
            arm.holds(Range { start: access.at.start, end: access.at.end })
        };
        // One way or the other, or one of them and out.
        let apart = |one: &Access, other: &Access| {
            let own = || arms().filter(|arm| holds(arm, one) && !holds(arm, other));
            own().any(|arm| arm.leaves && arm.at.end <= other.at.start)
                || own().any(|arm| {
                    arms().any(|two| {
                        (two.node, two.group) == (arm.node, arm.group)
                            && two.at != arm.at
                            && holds(two, other)
                    })
                })
        };
        let word = |access| self.change_at(access).and_then(|touch| touch.word);
        let changes: Vec<_> = accesses.changes.iter().map(|one| (one, word(one))).collect();
        changes.iter().any(|(one, said)| {
            let mut others = changes.iter().filter(|(other, _)| other.at != one.at);
            // The same done here or there is no back and forth.
            let same = |word: &Option<u64>| said.is_some() && said == word;
            others.any(|(other, word)| same(word) || !apart(one, other) && !apart(other, one))
        })
    }
}

/// Of what a body runs, what is run by it or by what it calls, a few calls down.
fn near(inside: &[Inside]) -> impl Iterator<Item = &Inside> {
    let far = |(_, from): &&Inside| {
        let mut from = *from;
        for _ in 0..=FARTHEST {
            let Some((index, _)) = from else { return true };
            from = inside[index].1;
        }
        false
    };
    inside.iter().filter(far)
}
