//! Of which channel is a value an end? Follows it back to where the channel is made.

use super::channels::Consumer;
use super::places::{MOST_STEPS, Places, Trail};
use crate::catalog::Role;
use crate::flow::{CallId, Froms, Origin, OriginKind};
use crate::resolve::{T, Type};

impl Places<'_, '_> {
    /// Consumers of channels are actors, too.
    pub(super) fn admit(&mut self, consumers: Vec<Consumer>) {
        self.actors.extend(consumers.iter().map(|consumer| consumer.node));
    }

    /// The channels of which a value is an end, or holds one.
    pub(super) fn channels(&self, froms: Froms) -> Vec<Origin> {
        let mut found = Vec::new();
        let mut trail = Trail::default();
        for origin in self.flow.origins.list(froms) {
            self.channel(*origin, &mut trail, &[], &mut found);
        }
        found.sort();
        found.dedup();
        found
    }

    fn channel(&self, at: Origin, trail: &mut Trail, calls: &[CallId], found: &mut Vec<Origin>) {
        trail.steps += 1;
        let mark = calls.last().map_or(u32::MAX, |call| call.0);
        if trail.steps > MOST_STEPS || !trail.seen.insert((at, mark)) {
            return;
        }
        match self.flow.origins.kind(at) {
            OriginKind::Made(..) => {
                let ty = self.flow.made.get(&at).copied().unwrap_or(T::UNKNOWN);
                if self.is_channel(ty) {
                    found.push(at);
                }
            }
            OriginKind::Content(inner) | OriginKind::Derived(inner) => {
                self.channel(inner, trail, calls, found);
            }
            OriginKind::Static(id) => {
                if let Some(node) = self.flow.bodies.get(&id) {
                    self.channels_of(self.flow.node(*node).returns, trail, calls, found);
                }
                for froms in self.fills.get(&id).into_iter().flatten() {
                    self.channels_of(*froms, trail, &[], found);
                }
            }
            OriginKind::Field { base, of, name } => {
                let before = found.len();
                for froms in self.stores.get(&(of, name)).into_iter().flatten() {
                    self.channels_of(*froms, trail, &[], found);
                }
                if found.len() == before
                    && let Some(base) = base
                {
                    self.channel(base, trail, calls, found);
                }
            }
            OriginKind::Param(node, index) => {
                self.each_argument(node, index, calls, |froms, calls| {
                    self.channels_of(froms, trail, calls, found);
                });
            }
            OriginKind::Result(call) => {
                let mut deeper = calls.to_vec();
                deeper.push(call);
                for froms in self.answers(call) {
                    self.channels_of(froms, trail, &deeper, found);
                }
            }
            _ => {}
        }
    }

    fn channels_of(
        &self,
        froms: Froms,
        trail: &mut Trail,
        calls: &[CallId],
        found: &mut Vec<Origin>,
    ) {
        for origin in self.flow.origins.list(froms) {
            self.channel(*origin, trail, calls, found);
        }
    }

    /// Whether a type is an end of a channel, or both.
    pub(super) fn is_channel(&self, ty: T) -> bool {
        match &*self.names.types.get(self.peeled(ty)) {
            Type::External(path, args) => {
                let external = self.names.externals.get(*path);
                let tuple = &*external.text == "tuple";
                external.role == Some(Role::Channel)
                    || tuple && args.iter().any(|arg| self.is_channel(*arg))
            }
            _ => false,
        }
    }
}
