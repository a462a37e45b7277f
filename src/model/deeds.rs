//! What is asked of the world outside, body by body: statements, messages, programs, the disk.

use rustc_hash::FxHashMap;

use super::reach::Reach;
use crate::catalog::{DiskEffect, Work};
use crate::diagnostic::Step;
use crate::flow::{Callee, Flow, NodeId};
use crate::parse::tree::Range;
use crate::resolve::Names;

#[derive(Debug, Clone, Copy)]
struct Done {
    at: Range,
    work: Work,
    on_disk: bool,
}

/// The deeds of every body.
pub(super) struct Deeds {
    by_node: FxHashMap<NodeId, Vec<Done>>,
}

/// What a body, and all that it runs, asks of the world outside.
pub(super) struct Sum {
    /// The most telling of all; a claim before everything else.
    pub(super) work: Work,
    pub(super) on_disk: bool,
    /// It waits for messages of a broker or store.
    pub(super) listens: bool,
    /// The way to it.
    pub(super) steps: Vec<Step>,
}

impl Deeds {
    pub(super) fn new(names: &Names<'_>, flow: &Flow) -> Deeds {
        let mut by_node: FxHashMap<NodeId, Vec<Done>> = FxHashMap::default();
        let mut add = |node: NodeId, at: Range, work: Work, on_disk: bool| {
            by_node.entry(node).or_default().push(Done { at, work, on_disk });
        };
        let mut of_constants: FxHashMap<NodeId, Work> = FxHashMap::default();
        for deed in &flow.deeds {
            of_constants.entry(deed.node).or_insert(deed.work);
            add(deed.node, deed.at, deed.work, false);
        }
        for (node, at, constant) in &flow.mentions {
            let work = flow.bodies.get(constant).and_then(|body| of_constants.get(body));
            if let Some(work) = work {
                add(*node, *at, *work, false);
            }
        }
        for call in &flow.calls {
            let Callee::External(path) = call.callee else { continue };
            let fact = names.catalog.call(&names.externals.get(path).text);
            let work = match fact.and_then(|fact| fact.disk) {
                Some(DiskEffect::Remove) => Work::Repeat,
                Some(DiskEffect::Write | DiskEffect::Rename | DiskEffect::Copy) => Work::Write,
                _ => continue,
            };
            add(call.node, call.at, work, true);
        }
        Deeds { by_node }
    }

    /// Whether a body asks a store, a service or a program for anything.
    pub(super) fn asks(&self, body: NodeId) -> bool {
        self.by_node.get(&body).is_some_and(|done| done.iter().any(|done| !done.on_disk))
    }

    /// What a body, or a part of its text, asks for, if anything that leaves a trace.
    pub(super) fn sum(
        &self,
        names: &Names<'_>,
        flow: &Flow,
        reach: &Reach<'_, '_>,
        node: NodeId,
        part: Option<Range>,
    ) -> Option<Sum> {
        let inside = reach.inside(node, part);
        let own = flow.node(node).def;
        let apart = |body: NodeId, at: Range| {
            let outside = part.is_some_and(|part| at.start < part.start || part.end < at.end);
            outside && flow.node(body).def == own
        };
        let mut most: Option<(usize, Done)> = None;
        let (mut writes, mut removes, mut listens) = (false, false, false);
        for (index, (body, _)) in inside.iter().enumerate() {
            for done in self.by_node.get(body).into_iter().flatten() {
                if apart(*body, done.at) {
                    continue;
                }
                listens |= done.work == Work::Listen;
                writes |= done.on_disk && done.work == Work::Write;
                removes |= done.on_disk && done.work == Work::Repeat;
                if most.is_none_or(|(_, known)| rank(*done) > rank(known)) {
                    most = Some((index, *done));
                }
            }
        }
        let (index, done) = most?;
        // What it writes and removes is its own scratch.
        if matches!(done.work, Work::Read | Work::Listen | Work::Settle)
            || (done.on_disk && writes && removes)
        {
            return None;
        }
        let mut steps = Vec::new();
        let mut at = index;
        while let Some((from, call)) = inside[at].1 {
            let def = flow.node(inside[at].0).def;
            let name = names.text(names.def(def).name);
            if flow.node(inside[at].0).parent.is_none() {
                let place = flow.span(inside[from].0, call);
                steps.push(Step::new(place, format!("calls `{name}`")));
            }
            at = from;
        }
        steps.reverse();
        let place = flow.span(inside[index].0, done.at);
        steps.push(Step::new(place, in_words(done.work, done.on_disk)));
        Some(Sum { work: done.work, on_disk: done.on_disk, listens, steps })
    }
}

/// What is done to the local disk says less than what is done to others.
fn rank(done: Done) -> (bool, Work) {
    (!done.on_disk, done.work)
}

fn in_words(work: Work, on_disk: bool) -> String {
    match (work, on_disk) {
        (Work::Repeat, true) => "removes files here",
        (_, true) => "writes files here",
        (Work::Read | Work::Listen | Work::Settle, _) => "asks here",
        (Work::Repeat, _) => "deletes or sets here",
        (Work::Run, _) => "runs a program here",
        (Work::Send, _) => "sends something out here",
        (Work::Write, _) => "adds something here",
        (Work::Claim, _) => "claims it here",
    }
    .to_string()
}
