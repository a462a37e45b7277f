//! Which tasks does a start or a timer begin as well, for what lies in a store by then?

use rustc_hash::FxHashSet;

use super::Parts;
use crate::catalog::Work;
use crate::diagnostic::Step;
use crate::flow::{Call, NodeId, Origin, OriginKind};
use crate::parse::tree::Range;

/// Functions around the one that starts a task.
const FARTHEST: u8 = 2;

impl Parts<'_, '_, '_> {
    /// Where a task that `from` starts for requests is begun by a start or a timer, too, which asks a
    /// store first, if each request puts something there before, and the task says there how far
    /// it came.
    pub(super) fn resumed(&self, task: NodeId, from: NodeId) -> Option<Step> {
        if !self.marks(task) {
            return None;
        }
        let first = self.flow.function_around(from);
        if self.reach.is_entry(first) {
            return None;
        }
        let (mut todo, mut seen) = (vec![(first, 0)], FxHashSet::from_iter([first]));
        let (mut kept, mut again) = (false, None);
        while let Some((function, far)) = todo.pop() {
            for id in self.places.callers.get(&function).into_iter().flatten() {
                let call = self.flow.call(*id);
                let (asked, beside) = self.who_calls(call);
                let outer = self.flow.function_around(call.node);
                match (asked, beside) {
                    (true, _) if self.does_before(call, puts) => kept = true,
                    (_, true) if self.is_of_what_lies_there(call) => {
                        again = again.or(Some(call));
                    }
                    _ if far < FARTHEST && self.is_helper(outer) => {
                        todo.extend(seen.insert(outer).then_some((outer, far + 1)));
                    }
                    (true, _) => return None,
                    _ => {}
                }
            }
        }
        let call = again.filter(|_| kept)?;
        let says = "begun here as well, for what a store holds, and requests put it there before: \
                    that anything is lost with the task is not known";
        Some(Step::new(self.flow.span(call.node, call.at), says))
    }

    /// Whether a call is handed something that was asked for, after a store was read.
    fn is_of_what_lies_there(&self, call: &Call) -> bool {
        let origins = &self.flow.origins;
        let asked = |origin: &Origin| {
            matches!(origins.base(*origin), OriginKind::Result(_) | OriginKind::External(_))
        };
        let mut args = call.args.iter().flat_map(|arg| origins.list(arg.from));
        args.any(asked) && self.does_before(call, |work| work == Work::Read)
    }

    /// Whether it is called by others, and by no framework.
    fn is_helper(&self, function: NodeId) -> bool {
        self.places.callers.contains_key(&function) && !self.reach.is_entry(function)
    }

    /// Whether a request makes a call, and whether a start or a timer does.
    fn who_calls(&self, call: &Call) -> (bool, bool) {
        match self.reach.entry_of(call.node) {
            Some(entry) => (entry.point.kind.is_asked(), self.reach.is_beside(entry)),
            None => (false, self.reach.is_startup(call.node)),
        }
    }

    /// Whether a task leaves something in a store: what nobody marks as done is never found undone.
    fn marks(&self, task: NodeId) -> bool {
        let mut inside = self.reach.inside(task, None).into_iter();
        inside
            .any(|(body, _)| self.deeds.any(body, None, |work| puts(work) || work == Work::Repeat))
    }

    /// Whether the function around a call does something like this before.
    fn does_before(&self, call: &Call, of: fn(Work) -> bool) -> bool {
        let function = self.flow.function_around(call.node);
        let own = self.flow.node(function).def;
        let before = Range { start: 0, end: call.at.start };
        self.reach.inside(function, Some(before)).into_iter().any(|(body, _)| {
            let part = (self.flow.node(body).def == own).then_some(before);
            self.deeds.any(body, part, of)
        })
    }
}

fn puts(work: Work) -> bool {
    matches!(work, Work::Settle | Work::Write | Work::Once)
}
