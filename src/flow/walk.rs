//! What does each expression of a body give? One pass, in order of evaluation.

use rustc_hash::FxHashMap;

use super::branches::Asked;
use super::known::KnownId;
use super::told::Told;
use super::{Flow, Froms, Node, NodeId, NodeKind, OriginKind, Used, Val, Way};
use crate::catalog::MacroTokens;
use crate::parse::Facts;
use crate::parse::tree::{
    BinaryOp, Block, Expr, ExprId, ExprKind, ItemKind, Pat, PatKind, Range, Statement, StaticKind,
    TyId,
};
use crate::resolve::{Context, DefId, DefKind, Names, PathId, T, Type};
use crate::symbol::Symbol;

/// The variables of one block, and the body that declares them.
pub(super) struct Scope {
    pub(super) node: NodeId,
    pub(super) variables: FxHashMap<Symbol, Val>,
    pub(super) known: FxHashMap<Symbol, KnownId>,
}

/// A walk through one body.
pub(super) struct Walk<'w, 'a> {
    pub(super) names: &'w Names<'a>,
    pub(super) flow: &'w mut Flow,
    pub(super) facts: &'a Facts,
    pub(super) unit: usize,
    pub(super) node: NodeId,
    pub(super) context: Context,
    /// Variables in force, the innermost block last.
    pub(super) scopes: Vec<Scope>,
    pub(super) self_val: Val,
    pub(super) self_known: KnownId,
    /// The way that is walked.
    pub(super) way: Way,
    pub(super) told: Told,
    /// Explicit type arguments of a path, by the path they were written on.
    pub(super) type_args: FxHashMap<PathId, T>,
    /// Variables that hold the answer to what was waited for, or a part of it.
    pub(super) answers: FxHashMap<Symbol, Asked>,
    /// What stands in the tuples that were made here.
    pub(super) parts: FxHashMap<ExprId, Box<[Froms]>>,
    /// Variables that hold a builder, with where it is put together.
    pub(super) routers: FxHashMap<Symbol, Vec<Range>>,
    /// The loops around the place that is walked, as numbers in the flow.
    pub(super) inside: Vec<usize>,
    /// What a `let` asks of a method whose answer it holds.
    pub(super) asked: Option<(ExprId, T)>,
    /// The expression that is walked.
    pub(super) here: Range,
    /// Where the innermost block ends.
    pub(super) block_end: u32,
}

/// Walks the body of a function, or the initialiser of a static or constant.
pub(super) fn definition(names: &Names<'_>, flow: &mut Flow, id: DefId) {
    let def = names.def(id);
    let Some(item) = def.item else { return };
    let (kind, body) = match &item.kind {
        ItemKind::Fn(function) => (NodeKind::Function, function.body),
        ItemKind::Static { init, .. } | ItemKind::Const { init, .. } => {
            (NodeKind::Initialiser, *init)
        }
        _ => return,
    };
    let Some(body) = body else { return };
    if names.is_opaque(id) {
        return;
    }
    let facts = names.facts(def.file);
    let node = NodeId(flow.nodes.len() as u32);
    flow.bodies.insert(id, node);
    flow.nodes.push(Node {
        kind,
        def: id,
        parent: None,
        file: def.file,
        at: item.at,
        params: Vec::new(),
        returns: Froms::NONE,
        gives: Vec::new(),
        answer: T::UNKNOWN,
        detached: false,
    });
    let context = names.context(id);
    let mut walk = Walk {
        names,
        flow,
        facts,
        unit: def.unit,
        node,
        context,
        scopes: Vec::new(),
        self_val: Val::UNKNOWN,
        self_known: KnownId::UNKNOWN,
        way: Way::WHOLE,
        told: Told::default(),
        type_args: FxHashMap::default(),
        answers: FxHashMap::default(),
        parts: FxHashMap::default(),
        routers: FxHashMap::default(),
        inside: Vec::new(),
        asked: None,
        here: item.at,
        block_end: item.whole.end,
    };
    walk.enter();
    if let ItemKind::Fn(function) = &item.kind {
        let mut index = 0;
        if function.receiver.is_some() {
            walk.self_val = walk.parameter(index, context.self_type);
            walk.self_known = walk.known_self(function.receiver);
            index += 1;
        }
        for param in &function.params {
            let ty = names.declared(id, param.ty);
            let val = walk.parameter(index, ty);
            walk.bind(&param.pat, val);
            walk.remember_param(&param.pat, index);
            index += 1;
        }
    }
    let used = if kind == NodeKind::Function { Used::Given } else { Used::Yes };
    walk.note_plain_answer(id, body);
    let value = walk.eval_used(body, used);
    walk.give_back(value, body);
}

impl<'a> Walk<'_, 'a> {
    pub(super) fn parameter(&mut self, index: u16, ty: T) -> Val {
        let node = &mut self.flow.nodes[self.node.0 as usize];
        node.params.push(ty);
        Val { ty, from: self.flow.origins.one(OriginKind::Param(self.node, index)) }
    }

    pub(super) fn give_back(&mut self, value: Val, end: ExprId) {
        let mut node = self.node.0 as usize;
        while let (NodeKind::Loop, Some(around)) =
            (self.flow.nodes[node].kind, self.flow.nodes[node].parent)
        {
            node = around.0 as usize;
        }
        let before = self.flow.nodes[node].returns;
        self.flow.nodes[node].returns = self.flow.origins.union(before, value.from);
        if self.flow.nodes[node].answer == T::UNKNOWN {
            self.flow.nodes[node].answer = value.ty;
        }
        if matches!(&*self.names.types.get(value.ty), Type::Closure(_) | Type::Function(_)) {
            self.flow.nodes[node].gives.push(value.ty);
        }
        self.note_given(NodeId(node as u32), end, value);
    }

    pub(super) fn expr(&self, id: ExprId) -> &'a Expr {
        self.facts.expr(id)
    }

    pub(super) fn text(&self, symbol: Symbol) -> &'a str {
        self.names.text(symbol)
    }

    pub(super) fn lower(&self, ty: TyId) -> T {
        self.names.lower(self.facts, ty, self.context)
    }

    pub(super) fn eval(&mut self, id: ExprId) -> Val {
        self.eval_used(id, Used::Yes)
    }

    fn eval_all(&mut self, ids: &[ExprId]) -> Vec<Val> {
        ids.iter().map(|id| self.eval(*id)).collect()
    }

    /// Evaluates an expression whose value is used in this way.
    pub(super) fn eval_used(&mut self, id: ExprId, used: Used) -> Val {
        let expr = self.expr(id);
        self.here = expr.at;
        match &expr.kind {
            ExprKind::Name(name) => {
                let val = self.name(*name);
                self.note_named(val);
                self.note_use(val, used);
                val
            }
            ExprKind::Path { path, qself } => {
                let value = self.path_value(path, *qself);
                self.random_function(expr.at, value)
            }
            ExprKind::Str(text) => {
                self.note_statement(expr.at, *text);
                let from = self.flow.origins.one(OriginKind::Text(*text));
                Val { ty: self.names.external("str", Vec::new()), from }
            }
            ExprKind::Call { callee, args } => self.eval_call(id, *callee, args, used),
            ExprKind::Method { .. } => {
                let first = self.flow.deeds.len();
                let val = self.eval_method(id, used);
                self.settle(first, expr.at.end);
                val
            }
            ExprKind::Field { base, name, .. } => self.field_at(*base, *name, expr.at),
            ExprKind::Index { base, index } => {
                let base = self.eval(*base);
                self.eval(*index);
                Val { ty: self.indexed(base.ty), from: base.from }
            }
            ExprKind::Ref { expr, .. } => self.eval_used(*expr, used),
            ExprKind::Deref(inner) => {
                let at = expr.at;
                let inner = self.eval_used(*inner, used);
                let value = Val { ty: self.deref_guard(inner.ty), from: inner.from };
                if used != Used::No {
                    self.look_at(at, value);
                }
                value
            }
            ExprKind::Try(inner) => {
                self.fail_loops();
                let inner = self.eval_used(*inner, used);
                self.peel_carrier(inner)
            }
            // What is waited for is used, if only by waiting.
            ExprKind::Await(inner) => {
                let used = if used == Used::No { Used::Measured } else { used };
                let inner = self.eval_used(*inner, used);
                self.run_given(expr.at, inner);
                self.note_awaited(inner);
                self.flow.awaiting.insert(self.node);
                inner
            }
            ExprKind::Cast { expr, ty } => {
                let inner = self.eval_used(*expr, used);
                // `update as fn(Pool)` is still that function.
                let ty = match self.callables(inner.ty).is_empty() {
                    true => self.lower(*ty),
                    false => inner.ty,
                };
                Val { ty, from: inner.from }
            }
            ExprKind::Unary(inner) => {
                let inner = self.eval_used(*inner, used);
                Val { ty: T::UNKNOWN, from: self.flow.origins.derived(inner.from) }
            }
            ExprKind::Binary { left, right, op } => self.binary(*left, *right, *op, used),
            ExprKind::Assign { left, right } => {
                let value = self.eval(*right);
                if let ExprKind::Name(name) = self.expr(*left).kind {
                    self.note_router(name, value, *right);
                }
                self.assign(id, *left, *right, value);
                Val::UNKNOWN
            }
            ExprKind::AssignOp { left, right } => {
                let value = self.eval(*right);
                self.assign_op(id, *left, *right, value);
                Val::UNKNOWN
            }
            ExprKind::Let { pat, expr: on } => {
                let value = self.eval(*on);
                self.look_at(expr.at, value);
                self.bind(pat, value);
                Val { ty: T::UNKNOWN, from: value.from }
            }
            ExprKind::Block(block) => self.block(id, block, used),
            ExprKind::If { cond, then, other } => {
                self.note_sides(*cond, *then, *other);
                self.enter();
                let (Val { from: on, .. }, decides) = self.decider(*cond);
                self.note_guard(id, *cond, *then, [on, decides]);
                let first = self.fails_first(*cond);
                self.branch(id, *then, (decides, first == Some(true)), used);
                if let Some(other) = other {
                    self.branch(id, *other, (decides, first == Some(false)), used);
                }
                if let ExprKind::Let { pat, expr } = &self.expr(*cond).kind {
                    self.command(pat, *then);
                    self.settle_loop(*expr, pat, *then, on);
                }
                let around = self.way;
                self.way = self.fork(around, on, self.pattern_of(*cond));
                let waits = self.flow.waits.len();
                let then = self.eval_used(*then, used);
                if let ExprKind::Let { pat, .. } = &self.expr(*cond).kind {
                    self.back_off(pat, waits);
                }
                self.scopes.pop();
                self.way = self.fork(around, on, None);
                let other = other.map(|other| self.eval_used(other, used));
                self.way = around;
                other.map_or(then, |other| self.either(then, other))
            }
            ExprKind::Match { on, arms } => {
                self.note_arms(*on, arms);
                let (on_value, decides) = self.decider(*on);
                self.look_at(expr.at, on_value);
                let mut value: Option<Val> = None;
                let around = self.way;
                for arm in arms {
                    self.enter();
                    self.way = self.fork(around, on_value.from, Some(&arm.pat));
                    self.bind_expr(&arm.pat, *on, on_value);
                    if let Some(guard) = arm.guard {
                        self.eval_used(guard, Used::Measured);
                    }
                    self.branch(id, arm.body, (decides, self.is_failure(&arm.pat)), used);
                    self.note_answered(id, *on, arm, on_value.from);
                    self.command(&arm.pat, arm.body);
                    let waits = self.flow.waits.len();
                    let body = self.eval_used(arm.body, used);
                    self.back_off(&arm.pat, waits);
                    self.settle_loop(*on, &arm.pat, arm.body, on_value.from);
                    self.scopes.pop();
                    value = Some(value.map_or(body, |value| self.either(value, body)));
                }
                self.way = around;
                value.unwrap_or(Val::UNKNOWN)
            }
            ExprKind::Loop { cond, body } => {
                self.each_turn(expr.at, *cond, *body);
                Val::UNKNOWN
            }
            ExprKind::For { pat, over, body } => {
                let from = self.expr(*over).at;
                let over = self.eval(*over);
                self.take_each(from, over);
                self.flow.rounds.push((self.node, expr.at));
                self.enter();
                let item = Val { ty: self.element(over.ty), from: over.from };
                self.bind(pat, item);
                self.eval_used(*body, Used::No);
                self.scopes.pop();
                Val::UNKNOWN
            }
            ExprKind::Closure { params, body, .. } => {
                self.closure(expr.at, NodeKind::Closure, params, *body, None)
            }
            ExprKind::Async { body, .. } => {
                self.closure(expr.at, NodeKind::Async, &[], *body, None)
            }
            ExprKind::Struct { path, fields, rest } => self.literal(id, path, fields, *rest),
            ExprKind::Tuple(parts) => {
                let parts = self.eval_all(parts);
                self.parts.insert(id, parts.iter().map(|part| part.from).collect());
                if let [key, value] = parts[..] {
                    self.coded_pair(expr.at, key, value);
                }
                let ty = self.names.external("tuple", parts.iter().map(|v| v.ty).collect());
                self.gathered(ty, &parts)
            }
            ExprKind::Array(parts) => {
                let parts = self.eval_all(parts);
                let of = parts.first().map_or(T::UNKNOWN, |v| v.ty);
                let ty = self.names.external("slice", vec![of]);
                self.gathered(ty, &parts)
            }
            ExprKind::Repeat { value, .. } => self.eval(*value),
            ExprKind::Return(value) => {
                self.end_loops(usize::MAX);
                if let Some(value) = value {
                    let given = self.eval(*value);
                    self.give_back(given, *value);
                }
                Val::UNKNOWN
            }
            ExprKind::Break { value, leaves } => {
                self.end_loops(usize::from(*leaves));
                value.map_or(Val::UNKNOWN, |value| self.eval(value))
            }
            ExprKind::Range { from, to } => {
                for part in [from, to].into_iter().flatten() {
                    self.eval(*part);
                }
                Val::UNKNOWN
            }
            ExprKind::Macro { path, args, text } => self.macro_call(id, path, args, *text, used),
            ExprKind::Int(_) | ExprKind::Bool(_) | ExprKind::Literal | ExprKind::Unknown => {
                Val::UNKNOWN
            }
            ExprKind::Continue { leaves } => {
                self.end_loops(usize::from(*leaves));
                Val::UNKNOWN
            }
        }
    }

    /// A value that is one or the other.
    pub(super) fn either(&mut self, one: Val, other: Val) -> Val {
        let ty = if one.ty == T::UNKNOWN { other.ty } else { one.ty };
        Val { ty, from: self.flow.origins.union(one.from, other.from) }
    }

    fn binary(&mut self, left: ExprId, right: ExprId, op: BinaryOp, used: Used) -> Val {
        let orders = matches!(op, BinaryOp::Less | BinaryOp::More);
        let compares = orders || matches!(op, BinaryOp::Equal | BinaryOp::Unequal);
        let measures = compares || op == BinaryOp::Remainder;
        let used = if measures { Used::Measured } else { used };
        let at = self.expr(left).at;
        self.note_operands(left, right, op);
        let left = self.eval_used(left, used);
        let right = self.eval_used(right, used);
        if compares {
            self.note_compare(at, [left, right], orders);
        }
        if measures {
            return Val::UNKNOWN;
        }
        let both = self.flow.origins.union(left.from, right.from);
        Val { ty: T::UNKNOWN, from: self.flow.origins.derived(both) }
    }

    fn block(&mut self, id: ExprId, block: &'a Block, used: Used) -> Val {
        let (outer, outer_end) = (self.context, self.block_end);
        self.block_end = self.expr(id).at.end;
        if !block.items.is_empty()
            && let Some(scope) = self.names.block_scope(self.unit, self.facts.file, id)
        {
            self.context.scope = scope;
        }
        self.enter();
        for statement in &block.statements {
            self.note_turns(statement);
            match statement {
                Statement::Let { pat, ty, init, otherwise } => {
                    self.let_statement(pat, *ty, *init);
                    if let Some(otherwise) = otherwise {
                        let failed = (Froms::NONE, self.is_success(pat));
                        self.branch(*otherwise, *otherwise, failed, Used::No);
                        self.eval_used(*otherwise, Used::No);
                    }
                }
                Statement::Expr(expr) => {
                    let before = self.flow.touches.len();
                    let value = self.eval_used(*expr, Used::No);
                    self.end_guards(*expr, before, None);
                    self.note_dropped(value);
                    self.note_told(*expr);
                }
            }
        }
        let value = block.value.map_or(Val::UNKNOWN, |value| self.eval_used(value, used));
        self.scopes.pop();
        (self.context, self.block_end) = (outer, outer_end);
        value
    }

    /// Remembers under which name a created value is first kept.
    pub(super) fn name_creations(&mut self, pat: &Pat, value: Val) {
        let (name, at) = match &pat.kind {
            PatKind::Bind { name, .. } => (*name, pat.at),
            // `let (sender, receiver) = channel();`
            PatKind::Tuple(parts) => {
                let bound = parts.iter().find_map(|part| match part.kind {
                    PatKind::Bind { name, .. } => Some((name, part.at)),
                    _ => None,
                });
                let Some(bound) = bound else { return };
                bound
            }
            _ => return,
        };
        for origin in self.flow.origins.list(value.from).to_vec() {
            let kind = self.flow.origins.kind(origin);
            if matches!(kind, OriginKind::Made(..) | OriginKind::Registered(_)) {
                self.flow.bindings.entry(origin).or_insert((name, at));
            }
        }
    }

    /// The value of a static or constant.
    pub(super) fn static_value(&mut self, id: DefId) -> Val {
        let from = self.flow.origins.one(OriginKind::Static(id));
        if self.names.def(id).kind == DefKind::Const {
            self.flow.mentions.push((self.node, self.here, id));
        }
        Val { ty: static_type(self.names, id), from }
    }
}

/// The type of a static or constant, as code that names it sees it.
pub(crate) fn static_type(names: &Names<'_>, id: DefId) -> T {
    let def = names.def(id);
    match def.item.map(|item| &item.kind) {
        Some(ItemKind::Static { ty, kept, .. }) => {
            let inner = names.declared(id, *ty);
            let wrapper = match kept {
                StaticKind::Plain | StaticKind::Mut => None,
                StaticKind::ThreadLocal => names.catalog.static_wrapper(MacroTokens::ThreadLocal),
                StaticKind::Lazy => names.catalog.static_wrapper(MacroTokens::LazyStatic),
            };
            wrapper.map_or(inner, |path| names.external(path, vec![inner]))
        }
        Some(ItemKind::Const { ty, .. }) => names.declared(id, *ty),
        _ => T::UNKNOWN,
    }
}
