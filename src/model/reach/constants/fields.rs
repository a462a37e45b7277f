//! What may a field hold, by all that makes such a struct?

use rustc_hash::FxHashSet;

use super::Constants;
use super::values::{Place, Set};
use crate::flow::{KnownId, Making, NodeId, NodeKind};
use crate::model::alive;
use crate::resolve::DefId;
use crate::symbol::Symbol;

/// What fields hold depends on what others hold, so often at most.
const MOST_ROUNDS: u32 = 12;

impl<'c> Constants<'c, '_, '_> {
    /// The fields that something depends on, of structs that nothing unseen makes or sets.
    pub(super) fn ask_fields(&mut self) {
        let (flow, names) = (self.reach.flow, self.reach.names);
        let fields = &flow.known.fields;
        let known = |(of, name): &&(DefId, Symbol)| {
            fields.made.contains_key(of)
                && alive::is_plain(names, *of)
                && !flow.unclear.contains(&names.def(*of).name)
                && fields.is_only_made(names, *of, *name)
        };
        self.fields = fields.asked.iter().filter(known).map(|key| (*key, Set::NONE)).collect();
    }

    /// What a field of any value of a struct may be.
    pub(super) fn field(&self, of: DefId, name: Symbol) -> Set {
        self.fields.get(&(of, name)).cloned().unwrap_or(Set::Any)
    }

    /// Walks on until all is known that is put into fields.
    pub(super) fn fill_fields(&mut self) {
        let quiet = match self.fields.is_empty() {
            true => return,
            false => self.reach.quiet(),
        };
        for round in 0.. {
            let more = self.add_made();
            // Of what nothing is known to make, or something of which it is not known whether it
            // runs, nothing is known.
            if !more && !self.give_up(|all, of| all.is_untold(of, &quiet)) {
                return;
            }
            if round > MOST_ROUNDS {
                self.give_up(|_, _| true);
            }
            for serving in [false, true] {
                let inner: Vec<NodeId> = self.inner.values().flatten().copied().collect();
                let side = self.side_mut(serving);
                side.todo.extend(inner.into_iter().filter(|node| side.live.contains(node)));
                self.settle(serving);
            }
        }
    }

    /// Says of some fields that they may hold anything, and whether that is new.
    fn give_up(&mut self, which: impl Fn(&Self, (DefId, Symbol)) -> bool) -> bool {
        let keys: Vec<(DefId, Symbol)> = self.fields.keys().copied().collect();
        let mut more = false;
        for key in keys.into_iter().filter(|key| which(self, *key)).collect::<Vec<_>>() {
            more |= self.fields.get_mut(&key).is_some_and(|set| set.add(Set::Any));
        }
        more
    }

    /// Whether it is not known of all that makes a struct whether it runs, or nothing does.
    fn is_untold(&self, (of, name): (DefId, Symbol), quiet: &FxHashSet<NodeId>) -> bool {
        let never = self.fields.get(&(of, name)) == Some(&Set::NONE);
        never
            || self.makings(of).iter().any(|making| {
                !self.is_first(making)
                    && !quiet.contains(&making.node)
                    && [false, true]
                        .iter()
                        .all(|side| !self.side(*side).live.contains(&making.node))
            })
    }

    fn makings(&self, of: DefId) -> &'c [Making] {
        self.reach.flow.known.fields.made.get(&of).map_or(&[], Vec::as_slice)
    }

    /// Adds what is put into fields where it is known to run by now, and says whether that is new.
    fn add_made(&mut self) -> bool {
        let keys: Vec<(DefId, Symbol)> = self.fields.keys().copied().collect();
        let mut more = false;
        for key in keys {
            let mut all = Set::NONE;
            for making in self.makings(key.0) {
                all.add(self.put(making, key.1));
            }
            more |= self.fields.get_mut(&key).is_some_and(|set| set.add(all));
        }
        more
    }

    /// Whether it is made of nothing but what is written there, of a static or constant.
    fn is_first(&self, making: &Making) -> bool {
        self.reach.flow.node(making.node).kind == NodeKind::Initialiser
    }

    /// What one that makes such a struct puts into a field: nothing, where it does not run.
    fn put(&self, making: &Making, name: Symbol) -> Set {
        let field = making.fields.iter().find(|(field, _)| *field == name);
        let known = field.map_or(KnownId::UNKNOWN, |(_, known)| *known);
        let from = making.node;
        let value = |serving| {
            self.steps.set(0);
            self.value(known, Place { serving, from, instead: None, depth: 0 }).plain()
        };
        if self.is_first(making) {
            return value(false);
        }
        let runs = |serving: &bool| {
            self.side(*serving).live.contains(&from) && self.allows(*serving, from, making.at)
        };
        let mut all = Set::NONE;
        for serving in [false, true].into_iter().filter(runs) {
            all.add(value(serving));
        }
        all
    }
}
