//! Which channels hold work, and what is lost with them?

mod woken;

use rustc_hash::FxHashSet;

use super::channels::{Channels, Consumer};
use super::deeds::{Deeds, Sum};
use super::rows::Telling;
use super::states::Parts;
use super::uses::Uses;
use super::{Duty, Model};
use crate::catalog::{Doing, Work};
use crate::diagnostic::Step;
use crate::flow::{NodeId, Origin, Touch, TouchKind};
use crate::parse::tree::Range;

/// A channel in which work waits.
pub(super) struct Queue {
    pub(super) channel: Origin,
    pub(super) duty: Duty,
    /// Channels into which its task only passes on what it takes out.
    pub(super) beyond: Vec<Origin>,
}

/// What the catalogue knows to keep jobs in this process.
pub(super) fn collect(model: &mut Model, parts: &Parts<'_, '_, '_>) {
    for (id, _, fact) in parts.doing(Doing::KeepJobs) {
        if parts.selected(id) {
            model.job_queues.push(parts.describe(id, Some(fact)));
        }
    }
}

impl Channels<'_, '_, '_> {
    /// Work of requests that waits for a task of this process.
    pub(super) fn queue(
        &self,
        channel: Origin,
        uses: &Uses,
        telling: &Telling<'_, '_, '_, '_>,
    ) -> Option<Queue> {
        let deeds = telling.deeds;
        let tells = |index: &usize| {
            let touch = self.touch(*index);
            self.tells_something(touch) && !self.awaits_answer(touch)
        };
        let mut sends: Vec<usize> = self.asked(&uses.sends).filter(tells).collect();
        // What a request sends says more than what a task passes on.
        sends.sort_by_key(|index| !self.is_by_request(*index));
        let first = *sends.first()?;
        let mut most: Option<(Consumer, Sum, Vec<Origin>)> = None;
        for consumer in self.consumers_of(uses) {
            let Some((sum, beyond)) = self.work_of(&consumer, deeds) else { continue };
            // Of those that do as much, one that claimed nothing tells.
            let says = |sum: &Sum| (sum.work, !sum.claimed);
            if most.as_ref().is_none_or(|(_, known, _)| says(&sum) > says(known)) {
                most = Some((consumer, sum, beyond));
            }
        }
        let (consumer, sum, beyond) = most?;
        let stored = sum.claimed
            || sum.looks_first
                && (self.is_timed(&consumer, uses)
                    || sends.iter().all(|index| {
                        let touch = self.touch(*index);
                        self.is_kept_before(touch, deeds) && telling.tells_of_rows(touch.value)
                    }));
        let (def, name, at) = self.site(channel);
        let mut because = self.told(first, "puts it in here");
        if because.is_empty() {
            let touch = self.touch(first);
            because.push(Step::new(self.flow.span(touch.node, touch.at), "put in here"));
        }
        because.extend(consumer.because);
        because.extend(sum.steps);
        let node = self.touch(first).node;
        let mut owner = self.reach.owner(def, Some(node));
        let wakes = || uses.sends.iter().all(|index| self.brings_nothing(self.touch(*index)));
        if owner.doubt.is_none() && wakes() {
            owner.doubt = self.comes_back(consumer.node, deeds);
        }
        let duty = Duty {
            at,
            item: format!("{}::{name}", self.names.path(def)),
            name,
            work: sum.work.min(Work::Write),
            on_disk: sum.on_disk,
            stored,
            asked: self.is_by_request(first),
            because,
            owner,
        };
        Some(Queue { channel, duty, beyond })
    }

    fn is_by_request(&self, index: usize) -> bool {
        let entry = self.reach.entry_of(self.touch(index).node);
        entry.is_some_and(|entry| !self.reach.is_beside(entry))
    }

    /// What a task does with what it takes out; where it only passes it on, what is done behind
    /// the channels that it puts it into.
    fn work_of(&self, consumer: &Consumer, deeds: &Deeds) -> Option<(Sum, Vec<Origin>)> {
        let sum = |node: NodeId| deeds.sum(self.names, self.flow, self.reach, node, None);
        if let Some(own) = sum(consumer.node) {
            return Some((own, Vec::new()));
        }
        let inside = self.bodies(consumer.node);
        let sends = |index: &usize| inside.contains(&self.touch(*index).node);
        self.by_channel
            .iter()
            .filter(|((channel, _), uses)| {
                self.is_lasting(*channel) && uses.sends.iter().any(sends)
            })
            .find_map(|((channel, _), uses)| {
                let next = self.consumers_of(uses).into_iter();
                let next = next.filter(|next| next.node != consumer.node).find_map(|next| {
                    let mut sum = sum(next.node)?;
                    sum.steps.splice(0..0, next.because);
                    Some(sum)
                });
                let others = self.asked(&uses.sends).any(|index| !sends(&index));
                Some((next?, if others { Vec::new() } else { vec![*channel] }))
            })
    }

    fn bodies(&self, node: NodeId) -> FxHashSet<NodeId> {
        self.reach.inside(node, None).into_iter().map(|(body, _)| body).collect()
    }

    /// Whether a task comes back to its work at times, also when nobody sends it anything: it
    /// waits for a time as it waits for a message, or a timer sends to it, if only through others.
    fn is_timed(&self, consumer: &Consumer, uses: &Uses) -> bool {
        let timed = self.timed.get_or_init(|| self.timed());
        self.waits_for_both(consumer.node)
            || uses.sends.iter().any(|index| timed.contains(&self.touch(*index).node))
    }

    /// Whether a loop waits for a message or for a time, whichever comes first.
    fn waits_for_both(&self, around: NodeId) -> bool {
        let here = |node: NodeId| self.flow.loop_around(node) == Some(around);
        self.flow.races.iter().filter(|(node, _)| here(*node)).any(|(_, arms)| {
            let mut waits = self.flow.waits.iter().filter(|(node, _)| here(*node));
            let takes = |arm: &Range| {
                let mut touches = self.flow.touches.iter();
                touches.any(|touch| {
                    touch.kind == TouchKind::Receive && here(touch.node) && arm.holds(touch.at)
                })
            };
            waits.any(|(_, at)| arms.iter().any(|arm| !arm.holds(*at) && takes(arm)))
        })
    }

    fn timed(&self) -> FxHashSet<NodeId> {
        let timers = self.flow.waits.iter().filter_map(|(node, _)| self.flow.loop_around(*node));
        let turns = self.all_turns();
        let timers: FxHashSet<NodeId> = timers.filter(|node| !turns.contains(node)).collect();
        let mut timed: FxHashSet<NodeId> =
            timers.into_iter().flat_map(|timer| self.bodies(timer)).collect();
        let next: Vec<NodeId> = self.behind(&timed);
        timed.extend(next.into_iter().flat_map(|consumer| self.bodies(consumer)));
        timed
    }

    /// Whether a function puts something into a store before it sends a message.
    fn is_kept_before(&self, touch: &Touch, deeds: &Deeds) -> bool {
        let function = self.flow.function_around(touch.node);
        let before = Range { start: 0, end: touch.at.start };
        let keeps = |work: Work| matches!(work, Work::Settle | Work::Write | Work::Once);
        let own = self.flow.node(function).def;
        self.reach.inside(function, Some(before)).into_iter().any(|(body, _)| {
            let part = (self.flow.node(body).def == own).then_some(before);
            deeds.any(body, part, keeps)
        })
    }
}
