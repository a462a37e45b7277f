//! Which tasks only look at what is there, and at most log or export it? Nobody is told anything else
//! by what they read.

use rustc_hash::FxHashMap;

use super::states::Parts;
use crate::flow::{Callee, NodeId, TouchKind};

pub(super) struct Watching<'p, 'm, 'a> {
    parts: &'p Parts<'p, 'm, 'a>,
    /// Bodies that put something anywhere, be it of this process.
    puts: FxHashMap<NodeId, bool>,
    known: FxHashMap<usize, bool>,
}

impl<'p, 'm, 'a> Watching<'p, 'm, 'a> {
    pub(super) fn new(parts: &'p Parts<'p, 'm, 'a>) -> Self {
        let mut puts = FxHashMap::default();
        for touch in &parts.flow.touches {
            let looks = matches!(touch.kind, TouchKind::Read | TouchKind::Receive);
            *puts.entry(touch.node).or_default() |= !looks;
        }
        // What it was given to run may do anything.
        let acts = parts.flow.calls.iter().filter(|call| {
            let on_disk = || parts.fact(call).is_some_and(|fact| fact.disk.is_some());
            matches!(call.callee, Callee::Given(..)) || on_disk()
        });
        puts.extend(acts.map(|call| (call.node, true)));
        Watching { parts, puts, known: FxHashMap::default() }
    }

    /// Whether an entry point is a task beside the requests that changes nothing, here or elsewhere,
    /// asks nobody and sends nothing.
    pub(super) fn is(&mut self, entry: usize) -> bool {
        if let Some(known) = self.known.get(&entry) {
            return *known;
        }
        let Parts { reach, points, .. } = self.parts;
        let watches = points[entry].beside && {
            let inside = reach.inside(reach.entries[entry].node, None);
            inside.into_iter().all(|(body, _)| self.is_silent(body))
        };
        self.known.insert(entry, watches);
        watches
    }

    fn is_silent(&self, body: NodeId) -> bool {
        let Parts { flow, deeds, .. } = self.parts;
        !self.puts.get(&body).is_some_and(|puts| *puts)
            && !flow.unknown_calls.contains_key(&body)
            && !flow.opaque.contains(&body)
            && !deeds.any(body, None, |_| true)
    }
}
