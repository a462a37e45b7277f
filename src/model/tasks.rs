//! What runs at certain times, and what do requests start that nobody waits for?

use super::channels::Channels;
use super::deeds::Deeds;
use super::entries::Entry;
use super::reach::Reach;
use super::{Duty, Model};
use crate::catalog::{EntryKind, Work};
use crate::diagnostic::Step;
use crate::flow::{Flow, Loop, NodeId, NodeKind, TouchKind};
use crate::resolve::Names;
use crate::source::Span;

pub(super) struct Parts<'p, 'm, 'a> {
    pub(super) names: &'p Names<'a>,
    pub(super) flow: &'p Flow,
    pub(super) reach: &'p Reach<'m, 'a>,
    pub(super) deeds: &'p Deeds,
    pub(super) channels: &'p Channels<'p, 'm, 'a>,
}

pub(super) fn collect(model: &mut Model, parts: &Parts<'_, '_, '_>) {
    for around in &parts.flow.loops {
        if let Some(duty) = parts.timed_loop(around) {
            model.schedules.push(duty);
        }
    }
    for entry in &parts.reach.entries {
        if entry.point.kind == EntryKind::Timer
            && parts.reach.is_beside(entry)
            && let Some(duty) = parts.duty(entry, place(entry))
            && duty.work != Work::Claim
        {
            model.schedules.push(duty);
        }
        if let Some(duty) = parts.leftover(entry) {
            model.leftovers.push(duty);
        }
    }
}

/// Where a task or timer is set going.
fn place(entry: &Entry) -> Span {
    entry.start.map_or(entry.point.at, |start| start.at)
}

impl Parts<'_, '_, '_> {
    /// A loop that waits for a time in each turn, and what it does in between.
    fn timed_loop(&self, around: &Loop) -> Option<Duty> {
        let wait = self.waits_in(around)?;
        let entry = self.reach.entry_of(around.node);
        let (own, beside) = match entry {
            Some(entry) => (self.is_inside(around.node, entry.node), self.reach.is_beside(entry)),
            None => (false, self.reach.is_startup(around.node) && !around.ends),
        };
        // A helper that tries again until it succeeds is part of what it does.
        if !beside || around.driven || (around.ends && !own) || self.receives_in(around.node) {
            return None;
        }
        // What goes on inside for as long as it can is not timed: it is only begun again.
        if self.goes_on_inside(around.node) {
            return None;
        }
        let body = self.flow.node(around.node);
        let sum = self.deeds.sum(self.names, self.flow, self.reach, around.node)?;
        if sum.listens || sum.work == Work::Claim || (sum.on_disk && sum.work == Work::Write) {
            return None;
        }
        let head = self.flow.span(around.node, around.head);
        let in_place = |entry: &&Entry| self.flow.node(entry.node).kind != NodeKind::Function;
        let at = entry.filter(|_| own).filter(in_place).map_or(head, place);
        let mut because = vec![Step::new(wait, "waits here, again and again")];
        if at != head {
            because.insert(0, Step::new(head, "goes on for as long as the process lives"));
        }
        because.extend(sum.steps);
        let name = self.names.text(self.names.def(body.def).name);
        let work = (sum.work, sum.on_disk);
        self.finish(body.def, around.node, at, format!("`{name}`"), work, because)
    }

    /// Work that a request starts and does not wait for.
    fn leftover(&self, entry: &Entry) -> Option<Duty> {
        let (start, from) = (entry.start?, entry.from?);
        let asked = self.reach.entry_of(from).is_some_and(|outer| outer.point.kind.is_asked());
        if entry.point.kind != EntryKind::Task || !start.forgotten || !asked {
            return None;
        }
        if self.is_driven(entry.node) {
            return None;
        }
        self.duty(entry, start.at)
    }

    /// What a whole entry point does.
    fn duty(&self, entry: &Entry, at: Span) -> Option<Duty> {
        let body = self.flow.node(entry.node);
        let sum = self.deeds.sum(self.names, self.flow, self.reach, entry.node)?;
        let mut because = Vec::new();
        if let Some(from) = entry.from
            && let Some(outer) = self.reach.entry_of(from)
        {
            because.push(Step::new(outer.point.at, format!("{} runs this", outer.point.label)));
        }
        because.extend(sum.steps);
        let label = entry.point.label.clone();
        self.finish(body.def, entry.node, at, label, (sum.work, sum.on_disk), because)
    }

    fn finish(
        &self,
        def: crate::resolve::DefId,
        node: NodeId,
        at: Span,
        name: String,
        (work, on_disk): (Work, bool),
        because: Vec<Step>,
    ) -> Option<Duty> {
        self.reach.selected(def).then(|| Duty {
            at,
            item: self.names.path(def),
            name,
            work,
            on_disk,
            because,
            owner: self.reach.owner(def, Some(node)),
        })
    }

    /// The first wait in a loop that no loop inside it has to itself.
    fn waits_in(&self, around: &Loop) -> Option<Span> {
        let mut waits = self.flow.waits.iter();
        let (node, at) =
            waits.find(|(node, _)| self.flow.loop_around(*node) == Some(around.node))?;
        Some(self.flow.span(*node, *at))
    }

    /// Whether a loop runs another one that waits for a time and never ends.
    fn goes_on_inside(&self, around: NodeId) -> bool {
        let inside = self.reach.inside(around);
        self.flow.loops.iter().any(|other| {
            other.node != around
                && !other.ends
                && inside.iter().any(|(node, _)| *node == other.node)
                && self.waits_in(other).is_some()
        })
    }

    /// Whether a loop takes what requests sent out of a channel: it is driven by them.
    fn receives_in(&self, around: NodeId) -> bool {
        self.flow.touches.iter().any(|touch| {
            touch.kind == TouchKind::Receive
                && self.flow.loop_around(touch.node) == Some(around)
                && self.channels.is_fed(touch.what)
        })
    }

    /// Whether a body goes on for as long as somebody sends it something.
    fn is_driven(&self, entry: NodeId) -> bool {
        let receives = self
            .flow
            .touches
            .iter()
            .any(|touch| touch.kind == TouchKind::Receive && self.is_inside(touch.node, entry));
        receives
            || self
                .flow
                .loops
                .iter()
                .any(|around| (around.driven || !around.ends) && self.is_inside(around.node, entry))
    }

    /// Whether a body is `outer`, or stands in it.
    fn is_inside(&self, node: NodeId, outer: NodeId) -> bool {
        self.flow.enclosing(node).any(|body| body == outer)
    }
}
