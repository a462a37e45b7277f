//! How does a body hand on the measures of its process?

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Deed, Flow, NodeId, NodeKind};
use crate::catalog::Work;

impl Flow {
    /// Lets go of the one message by which a body hands on the measures of this process: each
    /// process has its own to tell.
    pub(super) fn leave_out_exports(&mut self) {
        let encodes: FxHashSet<NodeId> =
            self.encodes.iter().map(|node| self.outside_loops(*node)).collect();
        let sends = |deed: &Deed| matches!(deed.work, Work::Send | Work::Call);
        let mut sent: FxHashMap<NodeId, u32> = FxHashMap::default();
        for deed in self.deeds.iter().filter(|deed| sends(deed)) {
            let by = self.outside_loops(deed.node);
            *sent.entry(by).or_default() += u32::from(encodes.contains(&by));
        }
        sent.retain(|_, times| *times == 1);
        let mut deeds = std::mem::take(&mut self.deeds);
        deeds.retain(|deed| !sends(deed) || !sent.contains_key(&self.outside_loops(deed.node)));
        self.deeds = deeds;
    }

    /// The function, closure or block that a body stands in with the loops around it.
    fn outside_loops(&self, node: NodeId) -> NodeId {
        let is_loop = |node: &NodeId| self.node(*node).kind == NodeKind::Loop;
        self.enclosing(node).find(|node| !is_loop(node)).unwrap_or(node)
    }
}

/// Whether a text begins with what Prometheus wants to be told of a measure, `# TYPE name counter`:
/// <https://prometheus.io/docs/instrumenting/exposition_formats/>.
pub(super) fn is_exposition(text: &str) -> bool {
    const KINDS: [&str; 5] = ["counter", "gauge", "histogram", "summary", "untyped"];
    text.lines().any(|line| match line.trim().strip_prefix("# TYPE ") {
        Some(told) => told.split_whitespace().nth(1).is_some_and(|kind| KINDS.contains(&kind)),
        None => false,
    })
}
