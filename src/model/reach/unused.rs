//! What is only guessed to be run at start: functions that nobody in the tree calls.

use rustc_hash::FxHashSet;

use super::Reach;
use crate::flow::NodeId;
use crate::model::processes::SetUps;
use crate::resolve::Res;
use crate::symbol::Symbol;

impl Reach<'_, '_> {
    /// Functions that are not known to be run but by commands that are set aside: no methods, which
    /// calls may run whose target could not be told.
    pub(super) fn commands(&self) -> FxHashSet<NodeId> {
        let plain = |body: &NodeId| !self.is_method(*body);
        self.called_aside().filter(|body| plain(body) && !self.is_startup(*body)).collect()
    }

    /// All that these commands, and nothing that serves, are known to run.
    pub(super) fn of_commands(&self) -> FxHashSet<NodeId> {
        let all = self.called_aside().flat_map(|body| self.closure(body));
        all.filter(|body| !self.is_startup(*body) && !self.is_serving(*body)).collect()
    }

    /// Takes the methods out of what is guessed.
    pub(super) fn part_methods(&self, guessed: &mut Vec<NodeId>) -> Vec<NodeId> {
        let (methods, rest) = guessed.iter().partition(|node| self.is_method(**node));
        *guessed = rest;
        methods
    }

    /// Walks from the methods that what runs may call, and gives the others.
    pub(super) fn walk_missed(
        &mut self,
        mut methods: Vec<NodeId>,
        roots: &mut Vec<NodeId>,
        set_ups: &SetUps,
    ) -> Vec<NodeId> {
        loop {
            let missed = self.missed(self.startup.iter().chain(self.serving.keys()));
            let (found, rest): (Vec<NodeId>, Vec<NodeId>) =
                methods.into_iter().partition(|node| self.may_be_missed(*node, &missed));
            if found.is_empty() {
                return rest;
            }
            roots.extend(&found);
            self.walk_startup(found, set_ups, &FxHashSet::default());
            methods = rest;
        }
    }

    fn is_method(&self, node: NodeId) -> bool {
        let function = self.names.function(self.flow.node(node).def);
        function.is_some_and(|function| function.receiver.is_some())
    }

    /// Whether a function is called where the target could not be told, as far as its name tells, or by
    /// who has it as a value or through a trait of others.
    fn may_be_missed(&self, node: NodeId, missed: &FxHashSet<Symbol>) -> bool {
        let (def, names) = (self.flow.node(node).def, self.names);
        let name = names.def(def).name;
        let item = names.def(def).item;
        missed.contains(&name)
            || self.flow.named.contains(&def)
            || self.flow.known.untold.contains(&name)
            || names.is_mentioned(name)
            || item.is_some_and(|item| !item.attrs.is_empty())
            || names.trait_of(def).is_some_and(|of| !matches!(of, Res::Def(_)))
    }
}
