//! Where in the text of a function is something taken, and what of it runs only for that?

use rustc_hash::{FxHashMap, FxHashSet};

use super::MOST_LAYERS;
use crate::catalog::Role;
use crate::model::states::Parts;
use crate::parse::tree::{
    Arm, BinaryOp, Block, Expr, ExprId, ExprKind, Facts, Item, ItemKind, Pat, PatKind, Range,
    Statement,
};
use crate::resolve::{DefId, Res, Space};
use crate::symbol::Symbol;

/// The text of one function, and where in it something is taken.
pub(super) struct Text<'t, 'p, 'm, 'a> {
    parts: &'t Parts<'p, 'm, 'a>,
    def: DefId,
    facts: &'a Facts,
    item: &'a Item,
    taken: &'t FxHashSet<u32>,
    /// Variables that are bound once and never changed, by what they are.
    lets: FxHashMap<Symbol, Option<ExprId>>,
    /// Variables that have what was there before they changed places with it.
    swaps: FxHashSet<Symbol>,
}

impl<'t, 'p, 'm, 'a> Text<'t, 'p, 'm, 'a> {
    pub(super) fn of(
        parts: &'t Parts<'p, 'm, 'a>,
        def: DefId,
        taken: &'t FxHashSet<u32>,
    ) -> Option<Text<'t, 'p, 'm, 'a>> {
        let item = parts.names.def(def).item?;
        let facts = parts.names.facts_of(def);
        let (lets, swaps) = Default::default();
        let mut text = Text { parts, def, facts, item, taken, lets, swaps };
        text.lets = text.lets();
        let swapped = text.exprs().filter(|call| taken.contains(&call.at.start));
        text.swaps = swapped.filter_map(|call| text.swapped(call)).collect();
        // A name of two variables is nobody's.
        text.swaps.retain(|name| text.lets.contains_key(name));
        Some(text)
    }

    pub(super) fn exprs(&self) -> impl Iterator<Item = &'a Expr> + use<'a> {
        let whole = self.item.whole;
        self.facts.exprs.iter().filter(move |expr| whole.holds(expr.at))
    }

    fn lets(&self) -> FxHashMap<Symbol, Option<ExprId>> {
        let mut lets = FxHashMap::default();
        let mut bind = |pat: &Pat, init: Option<ExprId>| {
            let whole = match pat.kind {
                PatKind::Bind { name, sub: None, fixed: true } => Some(name),
                _ => None,
            };
            each_name(pat, &mut |name| {
                let init = init.filter(|_| whole == Some(name));
                lets.entry(name).and_modify(|known| *known = None).or_insert(init);
            });
        };
        if let ItemKind::Fn(function) = &self.item.kind {
            function.params.iter().for_each(|param| bind(&param.pat, None));
        }
        for expr in self.exprs() {
            match &expr.kind {
                ExprKind::Let { pat, .. } | ExprKind::For { pat, .. } => bind(pat, None),
                ExprKind::Match { arms, .. } => arms.iter().for_each(|arm| bind(&arm.pat, None)),
                ExprKind::Closure { params, .. } => {
                    params.iter().for_each(|(pat, _)| bind(pat, None));
                }
                ExprKind::Block(block) => {
                    for statement in &block.statements {
                        if let Statement::Let { pat, init, otherwise, .. } = statement {
                            bind(pat, init.filter(|_| otherwise.is_none()));
                        }
                    }
                }
                _ => {}
            }
        }
        lets
    }

    /// Whether an expression is what was taken, and nothing besides.
    fn is_taken(&self, expr: ExprId, depth: u8) -> bool {
        let expr = self.facts.expr(expr);
        let inner = |expr: &ExprId| self.is_taken(*expr, depth + 1);
        depth < MOST_LAYERS
            && match &expr.kind {
                ExprKind::Method { name_at, .. } if self.taken.contains(name_at) => true,
                ExprKind::Call { .. } if self.taken.contains(&expr.at.start) => true,
                ExprKind::Method { receiver, args, .. } => args.is_empty() && inner(receiver),
                ExprKind::Await(of) | ExprKind::Try(of) => inner(of),
                ExprKind::Ref { expr, .. } => inner(expr),
                ExprKind::Name(name) => {
                    let bound = self.lets.get(name).copied().flatten();
                    bound.is_some_and(|init| inner(&init)) || self.swaps.contains(name)
                }
                _ => false,
            }
    }

    /// The variable that has what was there after a call, if nothing else is ever put there.
    pub(super) fn swapped(&self, call: &Expr) -> Option<Symbol> {
        let ExprKind::Call { args, .. } = &call.kind else { return None };
        let [_, new] = args[..] else { return None };
        let ExprKind::Ref { expr, mutable: true } = self.facts.expr(new).kind else { return None };
        let ExprKind::Name(name) = self.facts.expr(expr).kind else { return None };
        let is_it =
            |expr: ExprId| matches!(self.facts.expr(expr).kind, ExprKind::Name(of) if of == name);
        let grows = |other: &Expr| match &other.kind {
            ExprKind::Method { receiver, args, .. } => !args.is_empty() && is_it(*receiver),
            ExprKind::Ref { expr: of, mutable: true } => *of != expr && is_it(*of),
            ExprKind::Assign { left, .. } => is_it(*left),
            _ => false,
        };
        (!self.exprs().any(grows)).then_some(name)
    }

    /// Whether the function gives what it took.
    pub(super) fn gives(&self) -> bool {
        let ItemKind::Fn(function) = &self.item.kind else { return false };
        let Some(body) = function.body else { return false };
        let returns = |expr: &Expr| matches!(expr.kind, ExprKind::Return(_));
        let ExprKind::Block(block) = &self.facts.expr(body).kind else { return false };
        block.value.is_some_and(|value| self.is_taken(value, 0)) && !self.exprs().any(returns)
    }

    /// The parts that run only for what was taken.
    pub(super) fn over(&self) -> Vec<Range> {
        let mut found = Vec::new();
        for expr in self.exprs() {
            match &expr.kind {
                ExprKind::For { over, body, .. } if self.is_taken(*over, 0) => {
                    found.push(self.facts.expr(*body).at);
                }
                ExprKind::If { cond, then, .. } if self.has_some(*cond, 0) => {
                    found.push(self.facts.expr(*then).at);
                }
                ExprKind::Loop { cond: Some(cond), body } if self.has_some(*cond, 0) => {
                    found.push(self.facts.expr(*body).at);
                }
                ExprKind::Match { on, arms } if self.is_taken(*on, 0) => {
                    let some = |arm: &&Arm| self.is_some(&arm.pat);
                    let bodies = arms.iter().filter(some);
                    found.extend(bodies.map(|arm| self.facts.expr(arm.body).at));
                }
                ExprKind::Block(block) => self.rest(block, expr.at.end, &mut found),
                _ => {}
            }
        }
        found
    }

    /// What follows in a block where there is something: `let Some(x) = .. else { return };`.
    fn rest(&self, block: &Block, end: u32, found: &mut Vec<Range>) {
        for statement in &block.statements {
            match statement {
                Statement::Let { pat, init: Some(init), otherwise: Some(otherwise), .. }
                    if self.is_some(pat) && self.is_taken(*init, 0) =>
                {
                    found.push(Range { start: self.facts.expr(*otherwise).at.end, end });
                }
                Statement::Expr(expr) => {
                    let at = self.facts.expr(*expr).at;
                    if let ExprKind::If { cond, then, other: None } = self.facts.expr(*expr).kind
                        && self.is_empty(cond)
                        && self.turns(then)
                    {
                        found.push(Range { start: at.end, end });
                    }
                }
                Statement::Let { .. } => {}
            }
        }
    }

    /// `Some(x)`
    fn is_some(&self, pat: &Pat) -> bool {
        let PatKind::TupleStruct { path, .. } = &pat.kind else { return false };
        let names = self.parts.names;
        let scope = names.context(self.def).scope;
        let res = names.resolve(scope, &path.segments, path.absolute, Space::Values);
        let Res::External(id) = res else { return false };
        let external = names.externals.get(id);
        let Some((of, name)) = external.text.rsplit_once("::") else { return false };
        let fact = names.catalog.type_fact(of).filter(|fact| fact.is == Role::Carrier);
        fact.is_some_and(|fact| fact.wraps.iter().any(|wrap| wrap == name))
    }

    /// `let Some(x) = taken`, `.. && .. `, `!taken.is_empty()`
    fn has_some(&self, cond: ExprId, depth: u8) -> bool {
        match &self.facts.expr(cond).kind {
            ExprKind::Let { pat, expr } => self.is_some(pat) && self.is_taken(*expr, 0),
            ExprKind::Binary { left, right, op: BinaryOp::And } if depth < MOST_LAYERS => {
                self.has_some(*left, depth + 1) || self.has_some(*right, depth + 1)
            }
            ExprKind::Unary(inner) => self.is_empty(*inner),
            _ => false,
        }
    }

    /// `taken.is_empty()`, of a variable, or of what is read whole.
    fn is_empty(&self, cond: ExprId) -> bool {
        let ExprKind::Method { receiver, name, name_at, args, .. } = &self.facts.expr(cond).kind
        else {
            return false;
        };
        let named = matches!(self.facts.expr(*receiver).kind, ExprKind::Name(_));
        args.is_empty()
            && self.parts.names.text(*name) == "is_empty"
            && (named && self.is_taken(*receiver, 0) || self.taken.contains(name_at))
    }

    fn turns(&self, body: ExprId) -> bool {
        let ExprKind::Block(block) = &self.facts.expr(body).kind else { return false };
        let last = block.statements.last().and_then(|statement| match statement {
            Statement::Expr(last) => Some(*last),
            Statement::Let { .. } => None,
        });
        block.value.or(last).is_some_and(|last| {
            matches!(
                self.facts.expr(last).kind,
                ExprKind::Return(_) | ExprKind::Break { .. } | ExprKind::Continue { .. }
            )
        })
    }
}

/// The variables that a pattern binds.
fn each_name(pat: &Pat, then: &mut impl FnMut(Symbol)) {
    match &pat.kind {
        PatKind::Bind { name, sub, .. } => {
            then(*name);
            if let Some(sub) = sub {
                each_name(sub, then);
            }
        }
        PatKind::TupleStruct { pats, .. } | PatKind::Tuple(pats) | PatKind::Slice(pats) => {
            pats.iter().for_each(|pat| each_name(pat, then));
        }
        PatKind::Or(pats) => pats.iter().for_each(|pat| each_name(pat, then)),
        PatKind::Struct { fields, .. } => fields.iter().for_each(|(_, pat)| each_name(pat, then)),
        PatKind::Ref(inner) | PatKind::Typed(inner, _) => each_name(inner, then),
        PatKind::Path(_)
        | PatKind::Text(_)
        | PatKind::Bool(_)
        | PatKind::Int(_)
        | PatKind::Wild => {}
    }
}
