//! What runs at certain times, and what do requests start that nobody waits for?

mod resumed;
mod wires;

use rustc_hash::{FxHashMap, FxHashSet};

use super::channels::Channels;
use super::deeds::{Deeds, Sum};
use super::entries::{self, Entry};
use super::places::Places;
use super::reach::{Reach, SOCKET};
use super::replies::brings_reply;
use super::{Duty, Model};
use crate::catalog::{EntryKind, Role, Work};
use crate::diagnostic::Step;
use crate::flow::{CallId, Callee, Flow, Froms, Loop, NodeId, NodeKind, Touch, TouchKind, Used};
use crate::resolve::{DefId, Names, T, Type};
use crate::source::Span;

pub(super) struct Parts<'p, 'm, 'a> {
    pub(super) names: &'p Names<'a>,
    pub(super) flow: &'p Flow,
    pub(super) reach: &'p Reach<'m, 'a>,
    pub(super) deeds: &'p Deeds,
    pub(super) places: &'p Places<'m, 'a>,
    pub(super) channels: &'p Channels<'p, 'm, 'a>,
    pub(super) rounds: Rounds,
    /// Functions that empty what requests left in this process: that work is its own.
    pub(super) drains: FxHashSet<DefId>,
}

/// Where bodies wait, take messages and go round, by the bodies around it.
#[derive(Default)]
pub(super) struct Rounds {
    /// The first wait in a loop that no loop inside it has to itself.
    waits: FxHashMap<NodeId, Span>,
    /// Bodies that go on for as long as somebody sends them something, only pass a message on and
    /// leave the work to whoever takes it out, or say what became of it to whoever started them.
    driven: FxHashSet<NodeId>,
    /// Loops that take what requests sent out of a channel.
    fed: FxHashSet<NodeId>,
}

impl Rounds {
    /// Of these bodies, `fed` take what requests sent out of a channel.
    pub(super) fn of(names: &Names<'_>, flow: &Flow, fed: &FxHashSet<NodeId>) -> Rounds {
        let mut rounds = Rounds::default();
        for (node, at) in &flow.waits {
            if let Some(around) = flow.loop_around(*node) {
                rounds.waits.entry(around).or_insert_with(|| flow.span(*node, *at));
            }
        }
        for (node, at, message) in &flow.lapses {
            let Some(around) = flow.loop_around(*node).filter(|_| *message) else { continue };
            // Who takes messages for a while only, and then does something else, begins again.
            let ends = flow.loops.iter().any(|inner| inner.node == around && inner.ends);
            let outer = flow.node(around).parent.filter(|_| ends);
            let outer = outer.and_then(|outer| flow.loop_around(outer)).unwrap_or(around);
            rounds.waits.entry(outer).or_insert_with(|| flow.span(*node, *at));
        }
        let passes = |touch: &&Touch| match touch.kind {
            TouchKind::Receive => true,
            TouchKind::Send => flow.node(touch.node).kind != NodeKind::Closure,
            _ => false,
        };
        // Whoever started it hears what became of it.
        let mut known = FxHashMap::default();
        let mut answers = |ty: T| {
            *known
                .entry(ty)
                .or_insert_with(|| brings_reply(names, ty, Some(Role::Collection), &|ty| ty, 0))
        };
        let told: Vec<NodeId> = flow
            .captures
            .iter()
            .filter(|capture| answers(capture.val.ty))
            .map(|capture| capture.by)
            .collect();
        let handed = flow.calls.iter().filter(|call| call.detached);
        let handed = handed.flat_map(|call| match &call.callee {
            Callee::Defs(defs) => &defs[..],
            _ => &[],
        });
        let handed = handed.filter_map(|def| flow.bodies.get(def).copied());
        let handed = handed.filter(|body| flow.node(*body).params.iter().any(|ty| answers(*ty)));
        // What a function gives back to be run has what the function was handed.
        let handed = handed.flat_map(|body| {
            let given =
                flow.node(body).gives.iter().filter_map(|ty| match &*names.types.get(*ty) {
                    Type::Closure(node) => Some(NodeId(*node)),
                    _ => None,
                });
            std::iter::once(body).chain(given)
        });
        for node in told.into_iter().chain(handed) {
            let started = flow.enclosing(node).position(|body| flow.node(body).detached);
            rounds.driven.extend(flow.enclosing(node).take(started.map_or(1, |last| last + 1)));
        }
        let touches = flow.touches.iter().filter(passes).map(|touch| touch.node);
        let loops = flow.loops.iter().filter(|l| l.driven || !l.ends && !l.fails);
        let loops = loops.map(|l| l.node);
        for node in touches.chain(loops) {
            rounds.driven.extend(flow.enclosing(node));
        }
        rounds.fed = fed.iter().filter_map(|node| flow.loop_around(*node)).collect();
        rounds
    }
}

pub(super) fn collect(model: &mut Model, parts: &Parts<'_, '_, '_>) {
    for around in &parts.flow.loops {
        model.schedules.extend(parts.timed_loop(around));
    }
    for entry in &parts.reach.entries {
        if entry.point.kind == EntryKind::Timer && parts.reach.is_beside(entry) {
            model.schedules.extend(parts.duty(entry, place(entry)));
            for (call, given) in parts.handed(entry.node) {
                model.schedules.extend(parts.given(call, given, &[]));
            }
        }
        model.leftovers.extend(parts.leftover(entry));
    }
}

/// Where a task or timer is set going.
fn place(entry: &Entry) -> Span {
    entry.start.map_or(entry.point.at, |start| start.at)
}

impl Parts<'_, '_, '_> {
    /// A loop that waits for a time in each turn, and what it does in between, or is given to do.
    fn timed_loop(&self, around: &Loop) -> Vec<Duty> {
        let Some(wait) = self.rounds.waits.get(&around.node).copied() else { return Vec::new() };
        let entry = self.reach.entry_of(around.node);
        let (own, beside) = match entry {
            Some(entry) => (self.is_inside(around.node, entry.node), self.reach.is_beside(entry)),
            None => {
                let endless = !around.ends;
                (false, self.reach.is_startup(around.node) && endless)
            }
        };
        // A helper that tries again until it succeeds is part of what it does, and what goes on
        // inside for as long as it can is not timed: it is only begun again.
        if !beside
            || around.driven
            || around.tries
            || (around.ends && !own)
            || self.rounds.fed.contains(&around.node)
            || self.goes_on_inside(around.node)
            || self.drains(around.node)
        {
            return Vec::new();
        }
        let body = self.flow.node(around.node);
        let head = self.flow.span(around.node, around.head);
        let in_place = |entry: &&Entry| self.flow.node(entry.node).kind != NodeKind::Function;
        let at = entry.filter(|_| own).filter(in_place).map_or(head, place);
        let mut because = vec![Step::new(wait, "waits here, again and again")];
        if at != head {
            because.insert(0, Step::new(head, "goes on for as long as the process lives"));
        }
        let mut found = Vec::new();
        let name = |def: DefId| format!("`{}`", self.names.text(self.names.def(def).name));
        for (call, given) in self.handed(around.node) {
            // What goes on by itself is only begun again.
            if !self.goes_on_inside(given) {
                found.extend(self.given(call, given, &because));
            }
        }
        // A program that is begun again when it ends is a part of this process.
        let keeps_up = |sum: &Sum| sum.work == Work::Run && self.backs_off(around.node);
        if let Some(sum) = self.timed(around.node).filter(|sum| !keeps_up(sum)) {
            because.extend(sum.steps);
            let work = (sum.work, sum.on_disk, sum.claimed);
            found.extend(self.finish(body.def, around.node, at, name(body.def), work, because));
        }
        found
    }

    /// What a timer does that is given to it, at the call that gives it.
    fn given(&self, call: CallId, given: NodeId, because: &[Step]) -> Option<Duty> {
        let call = self.flow.call(call);
        let sum = self.timed(given)?;
        let at = self.flow.span(call.node, call.at);
        let because = because.iter().cloned().chain(sum.steps).collect();
        let def = self.flow.node(given).def;
        let name = format!("`{}`", self.names.text(self.names.def(def).name));
        let work = (sum.work, sum.on_disk, sum.claimed);
        self.finish(def, call.node, at, name, work, because)
    }

    /// What is done at each time, where it is more than what every process may do for itself.
    fn timed(&self, node: NodeId) -> Option<Sum> {
        let open = self.deeds.open(self.names, self.flow, self.reach, node, None);
        // What it claims it may as well pass on.
        if open.as_ref().is_some_and(|sum| sum.claimed && sum.claims) {
            return None;
        }
        let sum = open.filter(|sum| !sum.claimed).or_else(|| {
            // What it puts into a channel is done behind it.
            let under = self.deeds.under(self.names, self.flow, self.reach, node);
            let free = |at: &Touch| under.inside.contains(&at.node) && !under.holds(at.node, at.at);
            let behind = self.channels.behind_some(&free);
            behind.into_iter().find_map(|body| self.unclaimed(body))
        })?;
        // Who asks a service for it knows not what, and looked nothing up, speaks for itself.
        let own = matches!(sum.work, Work::Ask | Work::Call) && !sum.reads;
        // What every process asks for itself, and keeps to itself.
        let own = own || sum.only_questions;
        let silent = sum.listens || own || (sum.on_disk && sum.work == Work::Write);
        (!silent).then_some(sum)
    }

    fn unclaimed(&self, node: NodeId) -> Option<Sum> {
        let sum = self.deeds.open(self.names, self.flow, self.reach, node, None)?;
        (!sum.claimed).then_some(sum)
    }

    /// Work that a request starts and does not wait for, by itself or through a function that
    /// starts what it is given.
    fn leftover(&self, entry: &Entry) -> Vec<Duty> {
        if entry.point.kind != EntryKind::Task || self.is_driven(entry.node) {
            return Vec::new();
        }
        let asked = |node: NodeId| {
            self.reach.entry_of(node).is_some_and(|outer| outer.point.kind.is_asked())
        };
        let mut found = Vec::new();
        let mut starts = entry.starts().filter(|(_, start)| start.forgotten).peekable();
        let handed = starts.peek().map(|_| self.handed(entry.node)).unwrap_or_default();
        for (id, given) in handed {
            let call = self.flow.call(id);
            if call.used != Used::No || !asked(call.node) || self.is_driven(given) {
                continue;
            }
            let at = self.flow.span(call.node, call.at);
            found.extend(self.left(given, call.node, at));
        }
        for (from, start) in starts.filter(|(from, _)| asked(*from)) {
            let outer = self.reach.entry_of(from);
            let of_one = outer.is_some_and(|outer| outer.point.framework == SOCKET);
            if !self.has_the_wire(entry.node, of_one) {
                found.extend(self.left(entry.node, from, start.at));
            }
        }
        found
    }

    fn left(&self, given: NodeId, from: NodeId, at: Span) -> Option<Duty> {
        let sum = self.deeds.sum(self.names, self.flow, self.reach, given, None)?;
        // What goes on until it is told to end leaves nothing behind.
        if sum.work == Work::Call && self.only_keeps_up(given) {
            return None;
        }
        // A key that is set where it is not there yet is a copy that others may have put there; what is
        // only set for a while is a copy, too.
        if sum.only_copies {
            return None;
        }
        // Files that are still there on one machine's disk are missed by nobody.
        if sum.on_disk && sum.work == Work::Repeat {
            return None;
        }
        let outer = &self.reach.entry_of(from)?.point;
        let mut because = vec![Step::new(outer.at, format!("{} runs this", outer.label))];
        because.extend(sum.steps);
        let def = self.flow.node(given).def;
        let work = (sum.work, sum.on_disk, sum.claimed);
        let mut duty = self.finish(def, from, at, outer.label.clone(), work, because)?;
        if duty.owner.doubt.is_none() {
            duty.owner.doubt = self.resumed(given, from);
        }
        Some(duty)
    }

    /// Bodies that callers hand to the function around a body for what it runs of its parameters.
    fn handed(&self, node: NodeId) -> Vec<(CallId, NodeId)> {
        let mut found = Vec::new();
        for ((owner, index), calls) in &self.places.given {
            let (owner, index) = (*owner, *index);
            let runs = |id: &CallId| self.is_inside(self.flow.call(*id).node, node);
            if !self.is_inside(node, owner) || !calls.iter().any(runs) {
                continue;
            }
            for id in self.places.callers.get(&owner).into_iter().flatten() {
                let Some(arg) = self.flow.call(*id).args.get(index as usize) else { continue };
                let bodies = entries::bodies_of(self.names, self.flow, *arg);
                found.extend(bodies.into_iter().map(|body| (*id, body)));
            }
        }
        found.sort();
        found.dedup();
        found
    }

    /// What a whole entry point does.
    fn duty(&self, entry: &Entry, at: Span) -> Option<Duty> {
        let body = self.flow.node(entry.node);
        let sum = self.unclaimed(entry.node)?;
        let name = format!("`{}`", self.names.text(self.names.def(body.def).name));
        self.finish(body.def, entry.node, at, name, (sum.work, sum.on_disk, sum.claimed), sum.steps)
    }

    fn finish(
        &self,
        def: DefId,
        node: NodeId,
        at: Span,
        name: String,
        (work, on_disk, stored): (Work, bool, bool),
        because: Vec<Step>,
    ) -> Option<Duty> {
        self.reach.selected(def).then(|| Duty {
            at,
            item: self.names.path(def),
            name,
            work,
            on_disk,
            stored,
            asked: true,
            because,
            owner: self.reach.owner(def, Some(node)),
        })
    }

    /// Whether a loop runs another one that never ends, or only where it fails: then it is only
    /// begun again.
    fn goes_on_inside(&self, around: NodeId) -> bool {
        let inside = self.reach.inside(around, None).into_iter().map(|(node, _)| node);
        let inside: FxHashSet<NodeId> = inside.filter(|node| *node != around).collect();
        let mut loops = self.flow.loops.iter();
        loops.any(|other| {
            !other.ends
                && inside.contains(&other.node)
                && (!other.driven || self.rounds.waits.contains_key(&other.node))
        })
    }

    /// Whether all calls of another process that a body makes are made in loops.
    fn only_keeps_up(&self, node: NodeId) -> bool {
        let inside = self.reach.inside(node, None).into_iter().map(|(body, _)| body);
        let mut calls =
            inside.filter(|body| self.deeds.any(*body, None, |work| work == Work::Call));
        calls.all(|body| self.flow.loop_around(body).is_some())
    }

    /// Whether a loop waits for a time only under some condition: it goes by something else.
    fn backs_off(&self, around: NodeId) -> bool {
        let mut waits = self.flow.waits.iter();
        waits.all(|(node, at)| {
            let mut branches = self.flow.branches.iter();
            self.flow.loop_around(*node) != Some(around)
                || branches.any(|branch| {
                    let inside = branch.node == *node && branch.holds(*at);
                    inside && branch.on != Froms::NONE
                })
        })
    }

    /// Whether a loop puts away what requests left in this process.
    fn drains(&self, around: NodeId) -> bool {
        if self.drains.is_empty() {
            return false;
        }
        let mut inside = self.reach.inside(around, None).into_iter();
        inside.any(|(body, _)| self.drains.contains(&self.flow.node(body).def))
    }

    fn is_driven(&self, entry: NodeId) -> bool {
        self.rounds.driven.contains(&entry)
    }

    /// Whether a body is `outer`, or stands in it.
    fn is_inside(&self, node: NodeId, outer: NodeId) -> bool {
        self.flow.enclosing(node).any(|body| body == outer)
    }
}
