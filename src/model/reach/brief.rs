//! Which commands only listen for one answer? A client that has its user log in shows a page in the
//! browser, takes what the browser brings back, and ends: no deployment runs that.

use rustc_hash::FxHashSet;

use super::{Forgotten, Reach};
use crate::catalog::Work;
use crate::flow::NodeId;
use crate::model::entries::Entry;

impl Reach<'_, '_> {
    /// What only functions run that show a page and come to their own end, whatever they started to
    /// serve meanwhile.
    pub(super) fn briefly(&self, mains: &[NodeId], forgotten: &Forgotten) -> FxHashSet<NodeId> {
        let flow = self.flow;
        if flow.shows.is_empty() {
            return FxHashSet::default();
        }
        let serves = flow.serves.iter().map(|call| flow.call(*call).node);
        let loops = flow.loops.iter().filter(|around| !around.ends && !around.driven);
        let listens = flow.deeds.iter().filter(|deed| deed.work == Work::Listen);
        let lasting: FxHashSet<NodeId> = serves
            .chain(loops.map(|around| around.node))
            .chain(listens.map(|deed| deed.node))
            .chain(flow.stays.iter().map(|(node, _)| *node))
            .collect();
        let shows = flow.shows.iter().filter_map(|node| self.own_body(*node));
        let none = FxHashSet::default();
        let waits = |from, to| !forgotten.contains(&(from, to));
        let ends = |node: &NodeId| self.all_from(&[*node], &none, waits).is_disjoint(&lasting);
        let first: FxHashSet<NodeId> = shows.filter(ends).collect();
        let all = |_, _| true;
        let others = self.all_from(mains, &first, all);
        let first: Vec<NodeId> = first.into_iter().collect();
        &self.all_from(&first, &none, all) - &others
    }

    /// Leaves out what only such functions hand to a framework.
    pub(super) fn drop_brief(&self, handlers: &mut Vec<Entry>) {
        if self.brief.is_empty() {
            return;
        }
        let serves = self.flow.serves.iter().map(|call| self.flow.call(*call).node);
        let (mut some, mut others) = (FxHashSet::default(), FxHashSet::default());
        for node in serves {
            let units = if self.brief.contains(&node) { &mut some } else { &mut others };
            units.insert(self.unit(node));
        }
        handlers.retain(|entry| match entry.from {
            Some(from) => !self.brief.contains(&from),
            // What an attribute makes a handler is one wherever its program serves.
            None => {
                let unit = self.unit(entry.node);
                !some.contains(&unit) || others.contains(&unit)
            }
        });
    }

    /// What bodies run or start, themselves first, but for some.
    fn all_from(
        &self,
        start: &[NodeId],
        but: &FxHashSet<NodeId>,
        goes: impl Fn(NodeId, NodeId) -> bool,
    ) -> FxHashSet<NodeId> {
        let mut todo = start.to_vec();
        let mut found = FxHashSet::default();
        while let Some(from) = todo.pop() {
            if but.contains(&from) || !found.insert(from) {
                continue;
            }
            todo.extend(self.edges[from.0 as usize].iter().map(|(to, _)| *to));
            let spawned = self.spawns.get(&from).into_iter().flatten();
            todo.extend(spawned.map(|(to, _)| *to).filter(|to| goes(from, *to)));
        }
        found
    }
}
