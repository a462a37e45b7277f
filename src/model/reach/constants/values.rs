//! What may a value be, by what parameters are given?

use std::rc::Rc;

use super::{Constants, Side};
use crate::flow::{Const, Known, KnownId, NodeId, NodeKind, Shape};
use crate::symbol::Symbol;

/// A parameter that is given more constants than these may be anything.
const MOST: usize = 8;
/// A question that asks for more values than these says nothing.
const MOST_STEPS: u32 = 2_000;
/// Answers of functions that answer by others are followed this far.
const DEEPEST: u8 = 4;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Const(Const),
    Struct(Rc<[(Symbol, Set)]>),
}

/// What a value may be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Set {
    Any,
    Of(Vec<Value>),
}

impl Set {
    pub(super) const NONE: Set = Set::Of(Vec::new());

    fn bools(can: bool, can_not: bool) -> Set {
        let is = |is| Value::Const(Const::Bool(is));
        Set::Of(can.then(|| is(true)).into_iter().chain(can_not.then(|| is(false))).collect())
    }

    /// Whether it may be true, and whether it may be false.
    pub(super) fn sides(&self) -> (bool, bool) {
        let Set::Of(values) = self else { return (true, true) };
        let may = |wanted: bool| {
            values.iter().any(|value| match value {
                Value::Const(Const::Bool(is)) => *is == wanted,
                _ => true,
            })
        };
        (may(true), may(false))
    }

    /// What a field may be of a struct that this is.
    fn field(&self, name: Symbol) -> Set {
        let Set::Of(values) = self else { return Set::Any };
        let mut all = Set::NONE;
        for one in values {
            let Value::Struct(fields) = one else { return Set::Any };
            let field = fields.iter().find(|(field, _)| *field == name);
            all.add(field.map_or(Set::Any, |(_, set)| set.clone()));
        }
        all
    }

    /// The same, where all of it are constants.
    pub(super) fn plain(self) -> Set {
        match &self {
            Set::Of(values) if values.iter().all(|v| matches!(v, Value::Const(_))) => self,
            _ => Set::Any,
        }
    }

    /// Adds what another may be, and says whether that is new.
    pub(super) fn add(&mut self, other: Set) -> bool {
        let Set::Of(values) = self else { return false };
        let Set::Of(more) = other else {
            *self = Set::Any;
            return true;
        };
        let before = values.len();
        for value in more {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        let grown = values.len() > before;
        if values.len() > MOST {
            *self = Set::Any;
        }
        grown
    }
}

/// Where a question is asked: on which side, from which body, and with what in place of the
/// parameters of a function that answers.
#[derive(Clone, Copy)]
pub(super) struct Place<'s> {
    pub(super) serving: bool,
    pub(super) from: NodeId,
    pub(super) instead: Option<(NodeId, &'s [Set])>,
    pub(super) depth: u8,
}

impl Constants<'_, '_, '_> {
    /// What a value may be.
    pub(super) fn value(&self, id: KnownId, place: Place<'_>) -> Set {
        self.steps.set(self.steps.get() + 1);
        if self.steps.get() > MOST_STEPS {
            return Set::Any;
        }
        let value = |id: &KnownId| self.value(*id, place);
        match self.reach.flow.known.get(id) {
            Known::Unknown => Set::Any,
            Known::Const(constant) => Set::Of(vec![Value::Const(*constant)]),
            Known::Param(node, index) => self.param(*node, *index, place),
            Known::Field(of, name, owner) => match (value(of).field(*name), owner) {
                (Set::Any, Some(owner)) => self.field(*owner, *name),
                (held, _) => held,
            },
            Known::Struct(fields) => {
                let fields = fields.iter().map(|(name, id)| (*name, value(id).plain()));
                Set::Of(vec![Value::Struct(fields.collect())])
            }
            Known::Is(of, shape) => {
                if let Shape::Any = shape {
                    return Set::bools(true, false);
                }
                let Set::Of(values) = value(of) else { return Set::Any };
                let all: Vec<(bool, bool)> =
                    values.iter().map(|one| self.matches(one, shape)).collect();
                Set::bools(all.iter().any(|(can, _)| *can), all.iter().any(|(_, must)| !must))
            }
            Known::Same(one, other) => {
                let (Set::Of(one), Set::Of(other)) = (value(one), value(other)) else {
                    return Set::Any;
                };
                let (mut can, mut can_not) = (false, false);
                for (a, b) in one.iter().flat_map(|a| other.iter().map(move |b| (a, b))) {
                    let (Value::Const(a), Value::Const(b)) = (a, b) else { return Set::Any };
                    let (same, whole) = self.same(*a, *b);
                    can |= same;
                    can_not |= !(same && whole);
                }
                Set::bools(can, can_not)
            }
            Known::Not(of) => {
                let (yes, no) = value(of).sides();
                Set::bools(no, yes)
            }
            Known::Both(one, other) => {
                let ((a, not_a), (b, not_b)) = (value(one).sides(), value(other).sides());
                Set::bools(a && b, not_a || a && not_b)
            }
            Known::One(one, other) => {
                let ((a, not_a), (b, not_b)) = (value(one).sides(), value(other).sides());
                Set::bools(a || not_a && b, not_a && not_b)
            }
            Known::If([test, then, other]) => {
                let (yes, no) = value(test).sides();
                let mut all = Set::NONE;
                for (_, id) in [(yes, then), (no, other)].into_iter().filter(|(may, _)| *may) {
                    all.add(value(id));
                }
                all
            }
            Known::Answer(def, given) => {
                let flow = self.reach.flow;
                let answer = flow.known.answers.get(def).zip(flow.bodies.get(def));
                let Some((answer, node)) = answer.filter(|_| place.depth < DEEPEST) else {
                    return Set::Any;
                };
                let given: Vec<Set> = given.iter().map(value).collect();
                let instead = Some((*node, &*given));
                self.value(*answer, Place { instead, depth: place.depth + 1, ..place })
            }
        }
    }

    /// What a parameter is given where it is asked for.
    fn param(&self, node: NodeId, index: u16, place: Place<'_>) -> Set {
        if let Some((of, given)) = place.instead {
            let given = given.get(usize::from(index)).filter(|_| of == node);
            return given.cloned().unwrap_or(Set::Any);
        }
        let given = |side: &Side| {
            side.given.get(&node).and_then(|given| given.get(usize::from(index))).cloned()
        };
        let (serving, startup) = (given(&self.serving), given(&self.startup));
        let here = match place.serving {
            // What is handed on runs at one time what was made at another.
            true if serving.is_none() || !self.is_run_in_place(place.from, node) => {
                match (serving, startup) {
                    (Some(mut one), Some(other)) => {
                        one.add(other);
                        Some(one)
                    }
                    (one, other) => one.or(other),
                }
            }
            true => serving,
            false => startup,
        };
        here.unwrap_or(Set::Any)
    }

    /// Whether a body runs where it stands in another: it is that, or a loop in it.
    fn is_run_in_place(&self, inner: NodeId, outer: NodeId) -> bool {
        let flow = self.reach.flow;
        let mut between = flow.enclosing(inner).take_while(|node| *node != outer);
        between.all(|node| {
            flow.node(node).kind == NodeKind::Loop && !self.reach.entered.contains_key(&node)
        })
    }

    /// Whether a value can be what a pattern asks for, and whether it must.
    fn matches(&self, value: &Value, shape: &Shape) -> (bool, bool) {
        match (shape, value) {
            (Shape::Any, _) => (true, true),
            (Shape::Maybe, _) | (_, Value::Struct(_)) => (true, false),
            (Shape::Only(wanted, all), Value::Const(is)) => {
                let (same, known) = self.kinship(*is, *wanted);
                (same || !known, same && *all)
            }
            (Shape::Either(shapes), _) => {
                let all = shapes.iter().map(|shape| self.matches(value, shape));
                all.fold((false, false), |(can, must), one| (can || one.0, must || one.1))
            }
        }
    }

    /// Whether two constants are the same as far as they are kept, and whether it is known.
    fn kinship(&self, one: Const, other: Const) -> (bool, bool) {
        use Const::{Bool, Int, Nothing, Something, Text, Variant};
        let kin = match (one, other) {
            (Variant(a), Variant(b)) => {
                let around = |of| self.reach.names.def(of).parent;
                around(a) == around(b)
            }
            (Bool(_), Bool(_)) | (Int(_), Int(_)) | (Text(_), Text(_)) => true,
            (Nothing | Something, Nothing | Something) => true,
            _ => false,
        };
        (one == other, kin)
    }

    /// Whether two constants may be equal, and whether nothing else can tell them apart.
    fn same(&self, one: Const, other: Const) -> (bool, bool) {
        let names = self.reach.names;
        if let Const::Variant(of) = one
            && !names.is_same_by_parts(names.def(of).parent)
        {
            return (true, false);
        }
        let (same, known) = self.kinship(one, other);
        let whole = match one {
            Const::Something => false,
            Const::Variant(of) => self.reach.names.fields(of).is_empty(),
            _ => true,
        };
        (same || !known, same && whole)
    }
}
