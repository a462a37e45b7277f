//! Do those who know the clients of this process hear from a service what they hand on to them?

use rustc_hash::FxHashSet;

use super::Access;
use super::alive::is_made_in_sight;
use super::places::Place;
use super::states::Parts;
use crate::catalog::{Role, Work};
use crate::flow::{Callee, Froms, NodeId, Origin, OriginKind, TouchKind};
use crate::resolve::{DefId, DefKind, T, Type};

/// As many callers are asked what they hand over.
const FARTHEST: u8 = 3;

impl Parts<'_, '_, '_> {
    /// Whether the struct that a place is a field of, what it holds, or what reads it, listens to
    /// a broker or store, if only through a task of this process that does.
    pub(super) fn is_fed(&self, place: Place, reads: &[Access]) -> bool {
        let mut owners = FxHashSet::default();
        if let Place::Field(of, _) = place {
            owners.insert(of);
        }
        self.structs_in(self.place_type(place), 0, &mut owners);
        let own = |def: DefId| {
            let block = self.names.owner(def).and_then(|owner| self.names.impls.of(owner));
            block.is_some_and(|block| {
                matches!(&*self.names.types.get(block.self_type), Type::Local(of, _) if owners.contains(of))
            })
        };
        let methods = self.flow.bodies.iter().filter(|(def, _)| own(**def)).map(|(_, body)| *body);
        let entries = reads.iter().map(|access| self.reach.entries[access.entry].node);
        let start: FxHashSet<NodeId> = methods.chain(entries).collect();
        let inside: FxHashSet<NodeId> = start
            .into_iter()
            .flat_map(|body| self.reach.inside(body, None))
            .map(|(body, _)| body)
            .collect();
        let listens = |body: NodeId| self.deeds.any(body, None, |work| work == Work::Listen);
        inside.iter().any(|body| listens(*body))
            || self.channels.behind(&inside).into_iter().any(|task| {
                self.reach.inside(task, None).into_iter().any(|(body, _)| listens(body))
            })
            || reads
                .iter()
                .any(|access| self.is_handed_news(self.reach.entries[access.entry].node, &listens))
            || self.is_only_told(place, &inside, &listens)
    }

    /// Whether all that clients are told was put into messages by tasks that listen: what else is
    /// sent to those who know the clients says who comes and goes.
    fn is_only_told(
        &self,
        place: Place,
        inside: &FxHashSet<NodeId>,
        listens: &impl Fn(NodeId) -> bool,
    ) -> bool {
        let told = self.flow.touches.iter().filter(|touch| {
            touch.kind == TouchKind::Send
                && inside.contains(&touch.node)
                && self.places.places(touch.what).contains(&place)
        });
        let told: FxHashSet<Froms> = told.map(|touch| touch.value).collect();
        let heard = |variant: DefId| {
            let made = self.flow.makings.get(&variant).into_iter().flatten();
            // Nor does a task that listens hand on what requests send it.
            let beside = |node: NodeId| {
                let mut known = self.reach.entries.iter().zip(self.points);
                known.any(|(entry, point)| entry.node == node && point.beside)
            };
            let whose = |node: NodeId| {
                let entry = self.reach.entry_of(node)?;
                let own = self.flow.enclosing(node).any(|body| body == entry.node);
                (own && beside(entry.node)).then_some(entry)
            };
            let mut made = made.map(|(node, _)| whose(*node)).peekable();
            is_made_in_sight(self.names, self.flow, self.names.def(variant).parent)
                && made.peek().is_some()
                && made.all(|entry| {
                    entry.is_some_and(|entry| {
                        let mut run = self.reach.inside(entry.node, None).into_iter();
                        run.any(|(body, _)| listens(body))
                    })
                })
        };
        !told.is_empty()
            && told.into_iter().all(|value| {
                let variants = self.variants_of(value);
                !variants.is_empty() && variants.into_iter().all(heard)
            })
    }

    /// The kinds of messages of which a value is a part, or was made of one.
    fn variants_of(&self, value: Froms) -> FxHashSet<DefId> {
        let flow = self.flow;
        let list = |froms: Froms| flow.origins.list(froms).iter().copied();
        let mut found = FxHashSet::default();
        let mut todo: Vec<Origin> = list(value).collect();
        let mut seen: FxHashSet<Origin> = FxHashSet::default();
        while let Some(origin) = todo.pop() {
            if !seen.insert(origin) {
                continue;
            }
            match flow.origins.kind(origin) {
                OriginKind::Field { of, .. } if self.names.def(of).kind == DefKind::Variant => {
                    found.insert(of);
                }
                OriginKind::Field { base: Some(inner), .. }
                | OriginKind::Derived(inner)
                | OriginKind::Content(inner)
                | OriginKind::Asked(inner, _)
                | OriginKind::Part(inner, _) => todo.push(inner),
                OriginKind::Made(..) => {
                    todo.extend(flow.parts.get(&origin).into_iter().flat_map(|made| list(*made)));
                }
                OriginKind::Result(call) => {
                    todo.extend(flow.call(call).args.iter().flat_map(|arg| list(arg.from)));
                }
                _ => {}
            }
        }
        found
    }

    /// Whether what a task takes from was given to it by a function that listens: the stream of what
    /// it hears, and no struct of the tree, which is more than that.
    fn is_handed_news(&self, task: NodeId, listens: &impl Fn(NodeId) -> bool) -> bool {
        let flow = self.flow;
        let inside = |node: NodeId| flow.enclosing(node).any(|around| around == task);
        let captured = flow.captures.iter().filter(|c| inside(c.by) && !inside(c.declared));
        let mut todo: Vec<(Origin, u8)> = captured
            .filter(|capture| self.may_be_stream(capture.val.ty))
            .flat_map(|capture| flow.origins.list(capture.val.from).iter().map(|o| (*o, 0)))
            .collect();
        for (index, ty) in flow.node(task).params.iter().enumerate() {
            let param = OriginKind::Param(task, index as u16);
            let param = flow.origins.find(param).filter(|_| self.may_be_stream(*ty));
            todo.extend(param.map(|origin| (origin, 0)));
        }
        while let Some((origin, far)) = todo.pop() {
            match flow.origins.root(origin) {
                OriginKind::Content(inner) => todo.push((inner, far)),
                OriginKind::Param(node, index) if far < FARTHEST => {
                    self.places.each_argument(node, index, &[], |froms, _| {
                        todo.extend(flow.origins.list(froms).iter().map(|o| (*o, far + 1)));
                    });
                }
                OriginKind::Result(call) => {
                    let Callee::Defs(defs) = &flow.call(call).callee else { continue };
                    let mut bodies = defs.iter().filter_map(|def| flow.bodies.get(def));
                    let hears = |body| {
                        let mut run = self.reach.inside(body, None).into_iter();
                        run.any(|(body, _)| listens(body))
                    };
                    if bodies.any(|body| hears(*body)) {
                        return true;
                    }
                }
                _ => {}
            }
        }
        false
    }

    /// Whether a value may be a stream: one of the tree is known by what it holds, a client is asked
    /// and says nothing by itself, and a text is no more than what it says.
    fn may_be_stream(&self, ty: T) -> bool {
        let ty = self.places.peeled(ty);
        match &*self.names.types.get(ty) {
            Type::External(path, args) => match self.names.externals.get(*path).role {
                Some(Role::BackingService | Role::Collection | Role::Number | Role::Time) => false,
                // A stream is one of something.
                Some(Role::Value | Role::Path) => !args.is_empty(),
                _ => true,
            },
            Type::Bounds(_) | Type::Param(..) | Type::Unknown => true,
            _ => false,
        }
    }

    fn structs_in(&self, ty: T, depth: u8, found: &mut FxHashSet<DefId>) {
        match &*self.names.types.get(ty) {
            Type::Local(of, _) => {
                found.insert(*of);
            }
            Type::External(_, args) if depth < 6 => {
                args.iter().for_each(|arg| self.structs_in(*arg, depth + 1, found));
            }
            _ => {}
        }
    }
}
