//! What do functions give together, and where in the tuple does each of that stand?

use rustc_hash::FxHashMap;

use super::walk::Walk;
use super::{CallId, Callee, Flow, Froms, NodeId, Origin, OriginKind, Val};
use crate::parse::tree::{ExprId, ExprKind};
use crate::resolve::{T, Type};

/// A place in a tuple: which, and of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Slot {
    pub(super) nth: u16,
    pub(super) of: u16,
}

/// What bodies give together; of a body that also gives something else, nothing.
pub(super) type Given = FxHashMap<NodeId, Option<Box<[Froms]>>>;

/// A value that ends a body, seen through the branches and carriers around it.
enum End {
    Tuple(ExprId),
    Other,
}

impl Flow {
    /// The bodies of the tree of which one gives what a call gives.
    pub fn answering(&self, call: CallId) -> Vec<NodeId> {
        match &self.call(call).callee {
            Callee::Defs(defs) => {
                defs.iter().filter_map(|def| self.bodies.get(def)).copied().collect()
            }
            Callee::Closure(node) => vec![*node],
            _ => Vec::new(),
        }
    }

    /// What the functions that a call runs give for the part of the answer that an origin is. Where
    /// it is not known which part that is, it may be each of them.
    pub fn given(&self, at: Origin, call: CallId) -> Vec<Froms> {
        let nodes = self.answering(call);
        let slot = self.origins.slot(at);
        let apart =
            slot.and_then(|slot| nodes.iter().map(|node| self.given_at(*node, slot)).collect());
        apart.unwrap_or_else(|| nodes.iter().flat_map(|node| self.any_given(*node)).collect())
    }

    /// What a body gives, be it one or several together.
    fn any_given(&self, node: NodeId) -> Vec<Froms> {
        match self.tuples.get(&node) {
            Some(Some(parts)) => {
                parts.iter().copied().filter(|part| *part != Froms::NONE).collect()
            }
            _ => vec![self.node(node).returns],
        }
    }

    /// What a body gives at a place of its tuple, where something is known of that.
    fn given_at(&self, node: NodeId, slot: Slot) -> Option<Froms> {
        let parts = self.tuples.get(&node)?.as_deref()?;
        let part = *parts.get(usize::from(slot.nth))?;
        (parts.len() == usize::from(slot.of) && part != Froms::NONE).then_some(part)
    }
}

impl Walk<'_, '_> {
    /// The part of a value that stands at a place of a tuple.
    pub(super) fn part_at(&mut self, from: Froms, nth: usize, of: usize) -> Froms {
        match (u16::try_from(nth), u16::try_from(of)) {
            (Ok(nth), Ok(of)) => self.flow.origins.at_slot(from, Slot { nth, of }),
            _ => from,
        }
    }

    /// Takes note of what a body gives where it ends with this expression.
    pub(super) fn note_given(&mut self, node: NodeId, end: ExprId, value: Val) {
        let mut ends = Vec::new();
        self.ends_of(end, &mut ends);
        if ends.is_empty() {
            return;
        }
        let parts = self.parts_of(&ends, value);
        let before = self.flow.tuples.remove(&node);
        let both = match (before, parts) {
            (None, parts) => parts,
            (Some(Some(one)), Some(other)) if one.len() == other.len() => {
                Some(self.both(&one, &other))
            }
            _ => None,
        };
        self.flow.tuples.insert(node, both);
    }

    fn parts_of(&mut self, ends: &[End], value: Val) -> Option<Box<[Froms]>> {
        if let [End::Other] = ends {
            return self.handed_through(value);
        }
        let mut all: Option<Box<[Froms]>> = None;
        for end in ends {
            let End::Tuple(id) = end else { return None };
            let parts = self.parts.get(id)?.clone();
            all = match all {
                Some(known) if known.len() == parts.len() => Some(self.both(&known, &parts)),
                Some(_) => return None,
                None => Some(parts),
            };
        }
        all
    }

    /// The parts of what another function gave, that is given as it is.
    fn handed_through(&mut self, value: Val) -> Option<Box<[Froms]>> {
        let [origin] = *self.flow.origins.list(value.from) else { return None };
        let OriginKind::Result(_) = self.flow.origins.kind(origin) else { return None };
        let of = self.arity(value.ty)?;
        Some((0..of).map(|nth| self.part_at(value.from, nth, of)).collect())
    }

    /// How many values a tuple holds, seen through the carriers around it.
    fn arity(&mut self, ty: T) -> Option<usize> {
        let mut at = Val { ty, from: Froms::NONE };
        for _ in 0..4 {
            at = match &*self.names.types.get(at.ty) {
                Type::External(path, parts)
                    if &*self.names.externals.get(*path).text == "tuple" =>
                {
                    return Some(parts.len());
                }
                _ => self.peel_carrier(at),
            };
        }
        None
    }

    fn both(&mut self, one: &[Froms], other: &[Froms]) -> Box<[Froms]> {
        one.iter().zip(other).map(|(one, other)| self.flow.origins.union(*one, *other)).collect()
    }

    /// The values that may come out of an expression; what fails or leaves gives none.
    fn ends_of(&self, id: ExprId, ends: &mut Vec<End>) {
        match &self.expr(id).kind {
            ExprKind::Tuple(parts) if !parts.is_empty() => ends.push(End::Tuple(id)),
            ExprKind::Block(block) => {
                if let Some(value) = block.value {
                    self.ends_of(value, ends);
                }
            }
            ExprKind::If { then, other, .. } => {
                for way in std::iter::once(then).chain(other) {
                    self.ends_of(*way, ends);
                }
            }
            ExprKind::Match { arms, .. } => {
                arms.iter().for_each(|arm| self.ends_of(arm.body, ends))
            }
            ExprKind::Call { callee, args } => match (self.carries(*callee), &**args) {
                (Some(true), [inner]) => self.ends_of(*inner, ends),
                (Some(false), _) => {}
                _ => ends.push(End::Other),
            },
            ExprKind::Name(_) | ExprKind::Path { .. } if self.carries(id) == Some(false) => {}
            ExprKind::Return(_) | ExprKind::Break { .. } | ExprKind::Continue { .. } => {}
            _ => ends.push(End::Other),
        }
    }

    /// Whether a name is that of a variant that carries the value, or of one that carries none.
    fn carries(&self, id: ExprId) -> Option<bool> {
        match &self.expr(id).kind {
            ExprKind::Name(name) => self.carrier_wraps(&[*name], false),
            ExprKind::Path { path, .. } => self.carrier_wraps(&path.segments, path.absolute),
            _ => None,
        }
    }
}
