//! What runs only with features that are off? By where it is registered, started or called.

use std::collections::VecDeque;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Reach;
use crate::flow::NodeId;
use crate::model::entries::Entry;
use crate::parse::tree::{FeatureCfg, Range};

/// Calls of functions, by the bodies of these.
pub(super) type Registrars = FxHashMap<NodeId, Vec<(NodeId, Range)>>;

/// What was asked before: the features that a body stands behind, so many calls up.
pub(super) type Behind<'a> = FxHashMap<(NodeId, u8), Option<&'a FeatureCfg>>;

/// So many calls lead to one before it is no longer asked what they stand behind.
const FARTHEST: u8 = 4;

impl<'a> Reach<'_, 'a> {
    /// Who calls the functions that register or start these, and who calls those, a few calls up.
    pub(super) fn registrars(&self, entries: &[Entry]) -> Registrars {
        let from = entries.iter().flat_map(Entry::starts).map(|(from, _)| from);
        let mut callers: Registrars =
            from.filter_map(|from| Some((self.own_body(from)?, Vec::new()))).collect();
        let mut new: FxHashSet<NodeId> = callers.keys().copied().collect();
        for _ in 0..FARTHEST {
            let mut found = Vec::new();
            for from in self.flow.ids() {
                for (to, at) in &self.edges[from.0 as usize] {
                    if new.contains(to) {
                        callers.entry(*to).or_default().push((from, *at));
                        found.extend(self.own_body(from));
                    }
                }
            }
            new = found.into_iter().filter(|node| !callers.contains_key(node)).collect();
            if new.is_empty() {
                break;
            }
        }
        callers
    }

    /// The features that everything which registers or starts something stands behind, by itself or
    /// where it is called, and that are off.
    pub(super) fn registered_behind(
        &self,
        entry: &Entry,
        callers: &Registrars,
        known: &mut Behind<'a>,
    ) -> Option<&'a FeatureCfg> {
        let mut behind = None;
        for (from, start) in entry.starts() {
            let at = Range { start: start.at.start, end: start.at.end };
            behind = Some(self.run_behind((from, at), callers, known, 0)?);
        }
        behind
    }

    /// The same, of all that comes by a place in a body.
    fn run_behind(
        &self,
        (from, at): (NodeId, Range),
        callers: &Registrars,
        known: &mut Behind<'a>,
        far: u8,
    ) -> Option<&'a FeatureCfg> {
        let serving = || self.off[self.serving.get(&from)?.entry];
        if let Some(behind) = self.off_at(from, at).or_else(serving) {
            return Some(behind);
        }
        let body = self.own_body(from)?;
        if let Some(behind) = known.get(&(body, far)) {
            return *behind;
        }
        let calls = callers.get(&body).filter(|_| far < FARTHEST)?;
        let mut off = calls.iter().map(|call| self.run_behind(*call, callers, known, far + 1));
        let first = off.next().flatten();
        let behind = first.filter(|_| off.all(|behind| behind.is_some()));
        drop(off);
        known.insert((body, far), behind);
        behind
    }

    /// Notes what programs run at start by calls alone that stand behind features which are off.
    pub(super) fn begun_behind(&mut self, roots: &[NodeId], guessed: &[NodeId]) {
        let mut on: FxHashSet<NodeId> = FxHashSet::default();
        let mut off: VecDeque<(NodeId, &'a FeatureCfg)> = VecDeque::new();
        let mut todo: Vec<NodeId> = roots.iter().chain(guessed).copied().collect();
        while let Some(node) = todo.pop() {
            if !on.insert(node) {
                continue;
            }
            for (next, at) in &self.edges[node.0 as usize] {
                match self.off_at(node, *at) {
                    None => todo.push(*next),
                    Some(behind) => off.push_back((*next, behind)),
                }
            }
        }
        while let Some((node, behind)) = off.pop_front() {
            if on.contains(&node) || self.begun_off.contains_key(&node) {
                continue;
            }
            self.begun_off.insert(node, behind);
            off.extend(self.edges[node.0 as usize].iter().map(|(next, _)| (*next, behind)));
        }
    }
}
