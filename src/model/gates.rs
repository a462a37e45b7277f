//! What only lets calls of this process through, or not, after how they went before? A circuit
//! breaker, whether a helper runs, which of several upstreams is well.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Access;
use super::places::Place;
use super::states::{Accesses, Parts};
use crate::catalog::{EntryKind, Work};
use crate::flow::{Branch, NodeId, Origin, OriginKind, Touch, TouchKind, Used, Val};
use crate::parse::tree::Range;
use crate::resolve::DefId;

/// As many callers of callers are asked for it, and as far from what is done, up and down: what lies
/// farther apart has only the service in common.
const MOST_CALLERS: usize = 64;
const FARTHEST: usize = 4;

/// A body that another one runs, and by which call of which of these.
type Inside = (NodeId, Option<(usize, Range)>);

impl Parts<'_, '_, '_> {
    /// Whether whoever changes it looks at it, too, before a service or a program of its own is
    /// asked, and no request says what it becomes: each process finds out for itself how that goes.
    /// What decides about changes of what all share is more than that, and so is what others are
    /// told of, or what a request brings is measured by: unless it also goes back by itself.
    pub(super) fn is_gate(&self, place: Place, accesses: &Accesses) -> bool {
        self.is_let_through(accesses)
            && !self.is_measured_by(place)
            && (self.comes_back(place, accesses) || !self.is_told_elsewhere(accesses))
    }

    fn is_let_through(&self, accesses: &Accesses) -> bool {
        // What a task does from time to time is done for whoever asks.
        let asked = |access: &&Access| self.points[access.entry].kind != EntryKind::Task;
        let mut changes = accesses.changes.iter().filter(asked).peekable();
        let looks = accesses.reads.iter().filter(asked).map(|read| read.def);
        let looks: FxHashSet<DefId> = looks.collect();
        !looks.is_empty()
            && changes.peek().is_some()
            && changes.all(|change| !change.given && self.is_gated(change.def, &looks))
    }

    /// Whether a function, or one on the way to it, also looks and asks others for something.
    fn is_gated(&self, by: DefId, looks: &FxHashSet<DefId>) -> bool {
        let Some(body) = self.flow.bodies.get(&by) else { return false };
        let (mut seen, mut next) = (vec![(*body, 0)], 0);
        while let Some((node, far)) = seen.get(next).copied() {
            next += 1;
            let (changes, asks) = self.does_to_others(node);
            // Whatever calls it does that, too.
            if changes {
                continue;
            }
            let looks = |(node, _): &Inside| looks.contains(&self.flow.node(*node).def);
            if asks && near(&self.reach.inside(node, None)).any(looks) {
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

    /// Whether what a body runs changes what others share, and whether it asks them for something.
    fn does_to_others(&self, node: NodeId) -> (bool, bool) {
        if let Some(known) = self.own.doing.borrow().get(&node) {
            return *known;
        }
        let inside = self.reach.inside(node, None);
        let does = |of: &[Work]| {
            inside.iter().any(|(node, _)| self.deeds.any(*node, None, |work| of.contains(&work)))
        };
        let changes = does(&[Work::Write, Work::Once, Work::Repeat, Work::Take, Work::Claim]);
        let known = (changes, does(&[Work::Ask, Work::Run]));
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
    /// only ever becomes one thing, or one more or less than it was, says what has been done.
    fn comes_back(&self, place: Place, accesses: &Accesses) -> bool {
        let mut set: FxHashMap<Option<usize>, FxHashSet<u64>> = FxHashMap::default();
        for change in &accesses.changes {
            let Some(touch) = self.change_at(change) else { return true };
            let own = |origin: &Origin| self.is_from(*origin, place);
            // How a number is ordered among others is handed over last.
            let last = self.flow.origins.list(touch.last);
            let list = self.flow.origins.list(touch.value).iter();
            let mut put = list.filter(|origin| !last.contains(origin)).peekable();
            let word = match touch.word {
                Some(word) => word,
                None if touch.computed || put.peek().is_some() && put.all(own) => u64::MAX,
                None => return true,
            };
            let asked = self.points[change.entry].kind.is_asked();
            set.entry(asked.then_some(change.entry)).or_default().insert(word);
        }
        let tasks = set.remove(&None).unwrap_or_default();
        set.values().any(|words| words.union(&tasks).count() > 1)
    }

    fn change_at(&self, change: &Access) -> Option<&Touch> {
        let mut touches = self.flow.touches.iter();
        touches.find(|touch| {
            touch.kind == TouchKind::Change && self.flow.span(touch.node, touch.at) == change.at
        })
    }

    /// Whether a request looks at it where nobody is asked by the way.
    fn is_told_elsewhere(&self, accesses: &Accesses) -> bool {
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
    /// this process did something. Who turns a request away by it tells others of it, and what is
    /// set by whoever else is a mark that something is to be done.
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
        looks.is_subset(&sets)
            && !self.is_toggled(accesses)
            && !decides().any(|read| self.turns_away(read))
            && !self.flow.touches.iter().any(by_others)
    }

    /// Whether it is set in one place only, never back, and all who go by it ask a function for it:
    /// that this process is ready, or about to end, is nobody else's.
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
        decides.all(asked) && sets().count() < 2 && sets().all(is_word)
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

    /// Whether a request is answered at once, by what serves it, where a look at a flag says so.
    fn turns_away(&self, read: &Access) -> bool {
        let entry = self.flow.node(self.reach.entries[read.entry].node).def;
        entry == read.def
            && self.flow.branches.iter().any(|branch| {
                let looked = branch.group <= read.at.start && read.at.end <= branch.at.start;
                branch.leaves && looked && self.flow.node(branch.node).def == entry
            })
    }

    /// Whether whoever sets a flag, or has it set, ends the process then.
    pub(super) fn is_said_at_the_end(&self, accesses: &Accesses) -> bool {
        let ends = self.flow.ends.iter().map(|node| self.flow.node(*node).def);
        let ends: FxHashSet<DefId> = ends.collect();
        let said = |by: DefId| {
            let callers: Vec<DefId> = self.callers_of_one(by).chain([by]).collect();
            let mut all = callers.iter().flat_map(|one| self.callers_of_one(*one).chain([*one]));
            all.any(|one| ends.contains(&one))
        };
        !ends.is_empty() && accesses.changes.iter().all(|set| !set.given && said(set.def))
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
