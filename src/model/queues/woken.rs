//! Which messages only wake a task, which also comes back by itself?

use crate::catalog::Role;
use crate::diagnostic::Step;
use crate::flow::{NodeId, Touch, TouchKind};
use crate::model::channels::Channels;
use crate::model::deeds::Deeds;
use crate::parse::tree::Range;
use crate::resolve::{DefKind, T, Type};

/// As deep as variants in variants are seen into.
const DEEPEST: u8 = 3;

impl Channels<'_, '_, '_> {
    /// Whether no more than a word or a time can be sent: what is to be done stands elsewhere.
    pub(super) fn brings_nothing(&self, touch: &Touch) -> bool {
        match &*self.names.types.get(touch.on) {
            Type::External(_, args) => args.first().is_some_and(|ty| self.is_signal(*ty, 0)),
            _ => false,
        }
    }

    /// Whether it is one of a few words, or a time.
    fn is_signal(&self, ty: T, depth: u8) -> bool {
        match &*self.names.types.get(ty).clone() {
            Type::External(path, args) => {
                let external = self.names.externals.get(*path);
                external.role == Some(Role::Time) || &*external.text == "tuple" && args.is_empty()
            }
            Type::Local(of, _) if self.names.def(*of).kind == DefKind::Enum => {
                depth < DEEPEST
                    && self.names.variants(*of).all(|variant| {
                        let mut fields = self.names.fields(variant).iter();
                        fields.all(|field| {
                            self.is_signal(self.names.field_type(variant, field, &[]), depth + 1)
                        })
                    })
            }
            _ => false,
        }
    }

    /// Of a loop that waits for a message or a time: where, if nothing is asked of the world
    /// outside just because there is a message.
    pub(super) fn comes_back(&self, around: NodeId, deeds: &Deeds) -> Option<Step> {
        let here = |node: NodeId| self.flow.loop_around(node) == Some(around);
        let takes = |arm: &Range| {
            let mut touches = self.flow.touches.iter();
            touches.any(|touch| {
                touch.kind == TouchKind::Receive && here(touch.node) && arm.holds(touch.at)
            })
        };
        let races = self.flow.races.iter().filter(|(node, _)| here(*node));
        let found = races.flat_map(|(node, arms)| {
            let mut waits = self.flow.waits.iter().filter(|(node, _)| here(*node));
            let waits = waits.find(|(_, at)| arms.iter().any(|arm| arm.holds(*at) && !takes(arm)));
            // What is done with the message stands before the next arm.
            let quiet = || {
                let ends =
                    arms[1..].iter().map(|next| next.start).chain([self.flow.node(*node).at.end]);
                let mut whole = arms.iter().zip(ends).filter(|(arm, _)| takes(arm));
                whole.all(|(arm, end)| self.is_quiet(*node, Range { end, ..*arm }, deeds))
            };
            waits.filter(|_| quiet())
        });
        let (node, at) = *found.into_iter().next()?;
        let says = "the message brings nothing with it, and the same task comes back at times by \
                    itself: that any work is lost with the message is not known";
        Some(Step::new(self.flow.span(node, at), says))
    }

    /// Whether a part of a body asks nothing of the world outside.
    fn is_quiet(&self, node: NodeId, part: Range, deeds: &Deeds) -> bool {
        let own = self.flow.node(node).def;
        let inside = self.reach.inside(node, Some(part)).into_iter().map(|(body, _)| body);
        let mut inside = std::iter::once(node).chain(inside);
        inside.all(|body| {
            let part = (self.flow.node(body).def == own).then_some(part);
            !deeds.any(body, part, |_| true)
        })
    }
}
