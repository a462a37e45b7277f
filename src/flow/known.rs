//! What is known of a value before anything runs: a constant, or what a parameter was given; and
//! which parts of a body only run where such a value is this or that.

use rustc_hash::{FxHashMap, FxHashSet};

use super::fields::Fields;
use super::methods::Method;
use super::walk::Walk;
use super::{CallId, NodeId, OriginKind, Used, Val};
use crate::parse::tree::{
    Arm, BinaryOp, ExprId, ExprKind, ItemKind, Pat, PatKind, Range, Receiver, TyPath,
};
use crate::resolve::{DefId, DefKind, Res, Space};
use crate::symbol::Symbol;

/// Of longer chains of operands, and of more arms, nothing is known.
const MOST_OPERANDS: usize = 24;
pub(super) const MOST_ARMS: usize = 64;

/// What is known of a value, by its number in [`Knowns`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownId(u32);

impl KnownId {
    pub const UNKNOWN: KnownId = KnownId(0);
}

/// A value that is the same each time. Of `Some` and of a variant, what it holds is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Const {
    Bool(bool),
    Int(u64),
    Text(Symbol),
    Nothing,
    Something,
    Variant(DefId),
}

/// What a pattern asks for.
#[derive(Debug, Clone)]
pub enum Shape {
    /// Nothing.
    Any,
    /// Something that is not followed.
    Maybe,
    /// This constant; whether that is all.
    Only(Const, bool),
    Either(Box<[Shape]>),
}

#[derive(Debug, Clone)]
pub enum Known {
    Unknown,
    Const(Const),
    /// Whatever the function of that body was given.
    Param(NodeId, u16),
    /// A field, and the struct of the tree that has it: any value of that may be meant.
    Field(KnownId, Symbol, Option<DefId>),
    /// A struct, by those of its fields of which something is known.
    Struct(Box<[(Symbol, KnownId)]>),
    Is(KnownId, Shape),
    Same(KnownId, KnownId),
    Not(KnownId),
    Both(KnownId, KnownId),
    One(KnownId, KnownId),
    /// The second where the first is true, else the third.
    If([KnownId; 3]),
    /// What a function that does nothing else answers when it is given these.
    Answer(DefId, Box<[KnownId]>),
}

/// A part of a body that runs only where something that is known is true, or is not.
#[derive(Debug, Clone, Copy)]
pub struct Gate {
    pub at: Range,
    pub test: KnownId,
    pub wants: bool,
}

/// Everything that is known of values.
#[derive(Debug)]
pub struct Knowns {
    all: Vec<Known>,
    pub gates: FxHashMap<NodeId, Vec<Gate>>,
    /// What calls of functions of the tree hand over.
    pub given: FxHashMap<CallId, Box<[KnownId]>>,
    /// What functions that do nothing else answer.
    pub answers: FxHashMap<DefId, KnownId>,
    /// The names of functions that are called without it being known which is meant.
    pub untold: FxHashSet<Symbol>,
    /// Structs of which methods are asked that derives or other macros wrote.
    pub unwritten: FxHashSet<DefId>,
    pub fields: Fields,
}

impl Default for Knowns {
    fn default() -> Knowns {
        Knowns {
            all: vec![Known::Unknown],
            gates: FxHashMap::default(),
            given: FxHashMap::default(),
            answers: FxHashMap::default(),
            untold: FxHashSet::default(),
            unwritten: FxHashSet::default(),
            fields: Fields::default(),
        }
    }
}

impl Knowns {
    pub fn get(&self, id: KnownId) -> &Known {
        &self.all[id.0 as usize]
    }

    /// What follows from something of which nothing is known is not known either.
    pub(super) fn add(&mut self, known: Known) -> KnownId {
        let none = |id: &KnownId| *id == KnownId::UNKNOWN;
        let unknown = match &known {
            Known::Unknown => true,
            Known::Field(of, _, owner) => none(of) && owner.is_none(),
            Known::Is(of, _) | Known::Not(of) => none(of),
            Known::Both(one, other) | Known::One(one, other) => none(one) && none(other),
            Known::Same(one, other) => none(one) || none(other),
            Known::If([of, ..]) => none(of),
            Known::Struct(fields) => fields.iter().all(|(_, field)| none(field)),
            Known::Answer(_, given) => given.iter().all(none),
            Known::Const(_) | Known::Param(..) => false,
        };
        if unknown {
            return KnownId::UNKNOWN;
        }
        self.all.push(known);
        KnownId(self.all.len() as u32 - 1)
    }
}

/// What is written out.
fn literal(of: &ExprKind) -> Option<Const> {
    match of {
        ExprKind::Bool(is) => Some(Const::Bool(*is)),
        ExprKind::Int(number) => Some(Const::Int(*number)),
        ExprKind::Str(text) => Some(Const::Text(*text)),
        _ => None,
    }
}

impl<'a> Walk<'_, 'a> {
    /// Calls a function of the tree by its path, and notes what it is handed.
    pub(super) fn call_handing(
        &mut self,
        id: ExprId,
        at: Range,
        defs: Vec<DefId>,
        (vals, args): (Vec<Val>, &[ExprId]),
        used: Used,
    ) -> Val {
        let val = self.call_told(id, at, defs, vals, None, used);
        self.note_handed(val, args.iter().copied());
        val
    }

    /// Notes what the call that gave a value was handed.
    pub(super) fn note_handed(&mut self, val: Val, args: impl Iterator<Item = ExprId>) {
        let [origin] = *self.flow.origins.list(val.from) else { return };
        let OriginKind::Result(call) = self.flow.origins.kind(origin) else { return };
        let given: Box<[KnownId]> = args.map(|arg| self.known(arg)).collect();
        if given.iter().any(|known| *known != KnownId::UNKNOWN) {
            self.flow.known.given.insert(call, given);
        }
    }

    /// What a method knows of its receiver: nothing where it may change it.
    pub(super) fn known_self(&mut self, receiver: Option<Receiver>) -> KnownId {
        match receiver {
            Some(Receiver::Ref) => self.flow.known.add(Known::Param(self.node, 0)),
            // `mut self` looks the same; of an enum it is not the whole value that changes.
            Some(Receiver::Value) => {
                let of = self.local_type(self.context.self_type);
                match of.is_some_and(|of| self.names.def(of).kind == DefKind::Enum) {
                    true => self.flow.known.add(Known::Param(self.node, 0)),
                    false => KnownId::UNKNOWN,
                }
            }
            _ => KnownId::UNKNOWN,
        }
    }

    pub(super) fn remember_param(&mut self, pat: &Pat, index: u16) {
        let known = self.flow.known.add(Known::Param(self.node, index));
        self.remember(pat, known);
    }

    /// Notes what is known of the variables that a pattern has just bound.
    pub(super) fn remember(&mut self, pat: &Pat, known: KnownId) {
        if known == KnownId::UNKNOWN {
            return;
        }
        match &pat.kind {
            PatKind::Bind { name, sub: None, fixed: true } => {
                if let Some(scope) = self.scopes.last_mut()
                    && scope.variables.contains_key(name)
                {
                    scope.known.entry(*name).or_insert(known);
                }
            }
            PatKind::Ref(inner) | PatKind::Typed(inner, _) => self.remember(inner, known),
            PatKind::Struct { path, fields } => {
                let of = self.pattern_target(path);
                if of.is_some_and(|of| self.names.def(of).kind == DefKind::Struct) {
                    for (name, pat) in fields {
                        let field = self.flow.known.add(Known::Field(known, *name, None));
                        self.remember(pat, field);
                    }
                }
            }
            _ => {}
        }
    }

    /// Notes what a function answers that does nothing else.
    pub(super) fn note_plain_answer(&mut self, id: DefId, body: ExprId) {
        let waits = self.names.function(id).is_none_or(|function| function.is_async);
        let block = self.names.owner(id).filter(|of| self.names.impls.of(*of).is_some());
        if waits || block.is_none() || self.names.twins(id).next().is_some() {
            return;
        }
        let known = self.known(body);
        if known != KnownId::UNKNOWN {
            self.flow.known.answers.insert(id, known);
        }
    }

    /// What is known of what an expression gives, in force where it stands.
    pub(super) fn known(&mut self, id: ExprId) -> KnownId {
        if !self.facts.behind.is_empty() {
            let at = self.expr(id).at;
            if self.facts.behind.iter().any(|(behind, _)| *behind == at) {
                return KnownId::UNKNOWN;
            }
        }
        if let Some(constant) = literal(&self.expr(id).kind) {
            return self.flow.known.add(Known::Const(constant));
        }
        let known = match &self.expr(id).kind {
            ExprKind::Name(name) => return self.known_name(*name),
            ExprKind::Path { path, qself: None } => {
                self.constant(path, false).map_or(Known::Unknown, Known::Const)
            }
            ExprKind::Call { callee, .. } => match &self.expr(*callee).kind {
                ExprKind::Name(name) => {
                    self.constant_named(*name, true).map_or(Known::Unknown, Known::Const)
                }
                ExprKind::Path { path, qself: None } => {
                    self.constant(path, true).map_or(Known::Unknown, Known::Const)
                }
                _ => Known::Unknown,
            },
            ExprKind::Ref { expr, mutable: false } | ExprKind::Deref(expr) => {
                return self.known(*expr);
            }
            ExprKind::Field { base, name, .. } => self.known_field(*base, *name),
            ExprKind::Method { receiver, name, args, .. } => {
                return self.known_method(*receiver, *name, args);
            }
            ExprKind::Unary(inner) => Known::Not(self.known(*inner)),
            ExprKind::Binary { left, right, op } => return self.known_of_two(*left, *right, *op),
            ExprKind::Let { pat, expr } => self.asks(*expr, pat),
            ExprKind::Block(block) if block.statements.is_empty() => match block.value {
                Some(value) => return self.known(value),
                None => Known::Unknown,
            },
            ExprKind::If { cond, then, other: Some(other) } => {
                let test = self.known(*cond);
                Known::If([test, self.constant_of(*then), self.constant_of(*other)])
            }
            ExprKind::Match { on, arms } => return self.known_match(*on, arms),
            ExprKind::Struct { path, fields, .. } => match self.pattern_target(path) {
                Some(of) if self.names.def(of).kind == DefKind::Variant => {
                    Known::Const(Const::Variant(of))
                }
                _ => Known::Struct(self.known_fields(fields)),
            },
            ExprKind::Macro { args, .. } => match (self.facts.matches.get(&id), args.first()) {
                (Some(pat), Some(on)) => self.asks(*on, pat),
                _ => Known::Unknown,
            },
            _ => Known::Unknown,
        };
        self.flow.known.add(known)
    }

    pub(super) fn asks(&mut self, on: ExprId, pat: &Pat) -> Known {
        match self.known(on) {
            KnownId::UNKNOWN => Known::Unknown,
            known => Known::Is(known, self.shape(pat)),
        }
    }

    /// The constant that an expression is, whatever is bound around it.
    fn constant_of(&mut self, id: ExprId) -> KnownId {
        let known = self.known(id);
        match self.flow.known.get(known) {
            Known::Const(_) => known,
            _ => KnownId::UNKNOWN,
        }
    }

    fn known_name(&mut self, name: Symbol) -> KnownId {
        let mut scopes = self.scopes.iter().rev();
        if let Some(scope) = scopes.find(|scope| scope.variables.contains_key(&name)) {
            return scope.known.get(&name).copied().unwrap_or(KnownId::UNKNOWN);
        }
        if self.names.is_self_value(name) {
            return self.self_known;
        }
        let constant = self.constant_named(name, false);
        self.flow.known.add(constant.map_or(Known::Unknown, Known::Const))
    }

    /// `p.is_some()`, `p.as_ref()`, and what functions of the tree answer that do nothing else.
    fn known_method(&mut self, receiver: ExprId, name: Symbol, args: &[ExprId]) -> KnownId {
        let on = self.known(receiver);
        if on == KnownId::UNKNOWN {
            return on;
        }
        let is = |constant| Known::Is(on, Shape::Only(constant, true));
        let known = match (self.text(name), args) {
            ("clone" | "as_ref" | "as_deref" | "copied" | "cloned" | "to_owned", []) => return on,
            ("is_some", []) => is(Const::Something),
            ("is_none", []) => is(Const::Nothing),
            // What is made of nothing is nothing.
            ("and_then" | "filter", [_]) => self.known_where(on, Const::Nothing, KnownId::UNKNOWN),
            ("map", [_]) => {
                let other = self.known_where(on, Const::Nothing, KnownId::UNKNOWN);
                let other = self.flow.known.add(other);
                self.known_where(on, Const::Something, other)
            }
            ("or" | "or_else", [_]) => self.known_where(on, Const::Something, KnownId::UNKNOWN),
            _ => {
                let ExprKind::Name(of) = self.expr(receiver).kind else {
                    return KnownId::UNKNOWN;
                };
                let scopes = self.scopes.iter().rev();
                let variable = scopes.filter_map(|scope| scope.variables.get(&of)).next();
                let ty = match variable {
                    Some(val) => val.ty,
                    None if self.text(of) == "self" => self.self_val.ty,
                    None => return KnownId::UNKNOWN,
                };
                let Method::Local { defs, .. } = self.find_method(ty, name) else {
                    return KnownId::UNKNOWN;
                };
                let [def] = *defs else { return KnownId::UNKNOWN };
                let given = std::iter::once(on).chain(args.iter().map(|arg| self.known(*arg)));
                Known::Answer(def, given.collect())
            }
        };
        self.flow.known.add(known)
    }

    /// The same again where a value is this constant, else another.
    fn known_where(&mut self, on: KnownId, is: Const, other: KnownId) -> Known {
        let test = self.flow.known.add(Known::Is(on, Shape::Only(is, true)));
        let same = self.flow.known.add(Known::Const(is));
        Known::If([test, same, other])
    }

    fn known_of_two(&mut self, left: ExprId, right: ExprId, op: BinaryOp) -> KnownId {
        if !matches!(op, BinaryOp::And | BinaryOp::Or | BinaryOp::Equal | BinaryOp::Unequal) {
            return KnownId::UNKNOWN;
        }
        if self.is_long(left) {
            return KnownId::UNKNOWN;
        }
        let one = self.known(left);
        // What a `let` binds is in force to its right.
        let other = if self.binds(left) { KnownId::UNKNOWN } else { self.known(right) };
        let known = match op {
            BinaryOp::And => Known::Both(one, other),
            BinaryOp::Or => Known::One(one, other),
            BinaryOp::Equal => Known::Same(one, other),
            _ => Known::Not(self.flow.known.add(Known::Same(one, other))),
        };
        self.flow.known.add(known)
    }

    /// Whether a chain of operands is too long to be asked at each of them.
    pub(super) fn is_long(&self, left: ExprId) -> bool {
        let mut at = left;
        for _ in 0..MOST_OPERANDS {
            let ExprKind::Binary { left, .. } = self.expr(at).kind else { return false };
            at = left;
        }
        true
    }

    fn binds(&self, cond: ExprId) -> bool {
        match self.expr(cond).kind {
            ExprKind::Let { .. } => true,
            ExprKind::Binary { left, right, .. } => self.binds(left) || self.binds(right),
            _ => false,
        }
    }

    fn known_match(&mut self, on: ExprId, arms: &[Arm]) -> KnownId {
        let mut answer = KnownId::UNKNOWN;
        let on = self.known(on);
        if on == KnownId::UNKNOWN
            || arms.len() > MOST_ARMS
            || arms.iter().any(|arm| arm.guard.is_some())
        {
            return answer;
        }
        for (index, arm) in arms.iter().rev().enumerate() {
            let given = self.constant_of(arm.body);
            answer = match index {
                // One of them is taken.
                0 => given,
                _ => {
                    let shape = self.shape(&arm.pat);
                    let test = self.flow.known.add(Known::Is(on, shape));
                    self.flow.known.add(Known::If([test, given, answer]))
                }
            };
        }
        answer
    }

    /// The constant that a path names, or that it makes of what it is `called` with.
    fn constant(&self, path: &TyPath, called: bool) -> Option<Const> {
        if let Some(of) = self.pattern_target(path) {
            return self.constant_of_def(of);
        }
        let scope = self.context.scope;
        let res = self.names.resolve(scope, &path.segments, path.absolute, Space::Values);
        self.constant_of_res(res, called)
    }

    fn constant_named(&self, name: Symbol, called: bool) -> Option<Const> {
        let res = self.names.resolve(self.context.scope, &[name], false, Space::Values);
        self.constant_of_res(res, called)
    }

    fn constant_of_res(&self, res: Res, called: bool) -> Option<Const> {
        match res {
            Res::Def(of) => self.constant_of_def(of),
            Res::External(id) => match (&*self.names.externals.get(id).text, called) {
                ("std::option::Option::None", false) => Some(Const::Nothing),
                ("std::option::Option::Some", true) => Some(Const::Something),
                _ => None,
            },
            _ => None,
        }
    }

    /// A variant, or what a `const` is that says so by itself and of which there is no other.
    fn constant_of_def(&self, of: DefId) -> Option<Const> {
        let def = self.names.def(of);
        if def.kind == DefKind::Variant {
            return Some(Const::Variant(of));
        }
        let Some(ItemKind::Const { init: Some(init), .. }) = def.item.map(|item| &item.kind) else {
            return None;
        };
        if self.names.twins(of).next().is_some() {
            return None;
        }
        literal(&self.names.facts(def.file).exprs[init.0 as usize].kind)
    }

    pub(super) fn shape(&self, pat: &Pat) -> Shape {
        let all = |pats: &[Pat]| pats.iter().all(|pat| matches!(self.shape(pat), Shape::Any));
        let only = |constant: Option<Const>, whole: bool| {
            constant.map_or(Shape::Maybe, |constant| Shape::Only(constant, whole))
        };
        match &pat.kind {
            PatKind::Bind { sub: Some(sub), .. } => self.shape(sub),
            PatKind::Bind { name, .. } => {
                if !self.text(*name).starts_with(|c: char| c.is_uppercase()) {
                    return Shape::Any;
                }
                // A constant or a variant that nothing here declares is no variable.
                only(self.constant_named(*name, false), true)
            }
            PatKind::Bool(is) => Shape::Only(Const::Bool(*is), true),
            PatKind::Text(text) => Shape::Only(Const::Text(*text), true),
            PatKind::Path(path) => only(self.constant(path, false), true),
            PatKind::TupleStruct { path, pats } => only(self.constant(path, true), all(pats)),
            PatKind::Struct { path, fields } => {
                let whole = fields.iter().all(|(_, pat)| matches!(self.shape(pat), Shape::Any));
                only(self.constant(path, true), whole)
            }
            PatKind::Or(pats) => Shape::Either(pats.iter().map(|pat| self.shape(pat)).collect()),
            PatKind::Ref(inner) | PatKind::Typed(inner, _) => self.shape(inner),
            PatKind::Tuple(_) | PatKind::Slice(_) | PatKind::Int(_) | PatKind::Wild => Shape::Maybe,
        }
    }
}
