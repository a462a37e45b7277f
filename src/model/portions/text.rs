//! Where in the text of a function is something taken, and what of it runs only for that?

use rustc_hash::{FxHashMap, FxHashSet};

use super::{MOST_LAYERS, Puts, Taken, is_bare};
use crate::catalog::Role;
use crate::model::states::Parts;
use crate::parse::tree::{
    Arm, BinaryOp, Block, Expr, ExprId, ExprKind, Facts, Item, ItemKind, Pat, PatKind, Range,
    Statement,
};
use crate::resolve::{DefId, Res, Space};
use crate::symbol::Symbol;

/// Methods that give only what they are asked of, or a part of that.
const PARTS_OF: &[&str] = &["chunks", "drain", "filter", "map", "skip", "take"];

/// The text of one function, and where in it something is taken.
pub(super) struct Text<'t, 'p, 'm, 'a> {
    parts: &'t Parts<'p, 'm, 'a>,
    def: DefId,
    facts: &'a Facts,
    item: &'a Item,
    taken: &'t Taken,
    /// Variables by how often they are bound, and what they are if they are never changed.
    lets: FxHashMap<Symbol, (u32, Option<ExprId>)>,
    /// Variables that have what was taken and nothing besides: what changed places with them, what
    /// whoever calls the function took, and what was gathered of that.
    whole: FxHashSet<Symbol>,
}

impl<'t, 'p, 'm, 'a> Text<'t, 'p, 'm, 'a> {
    pub(super) fn of(
        parts: &'t Parts<'p, 'm, 'a>,
        def: DefId,
        taken: &'t Taken,
    ) -> Option<Text<'t, 'p, 'm, 'a>> {
        let item = parts.names.def(def).item?;
        let facts = parts.names.facts_of(def);
        let (lets, whole) = Default::default();
        let mut text = Text { parts, def, facts, item, taken, lets, whole };
        text.lets = text.lets();
        let swapped = text.exprs().filter(|call| taken.calls.contains(&call.at.start));
        text.whole = swapped.filter_map(|call| text.swapped(call)).collect();
        text.whole.extend(text.params());
        // A name of two variables is nobody's.
        text.whole.retain(|name| text.lets.get(name).is_some_and(|(bound, _)| *bound == 1));
        Some(text)
    }

    /// The parameters that every caller hands what was taken.
    fn params(&self) -> Vec<Symbol> {
        let ItemKind::Fn(function) = &self.item.kind else { return Vec::new() };
        let first = u32::from(function.receiver.is_some());
        let named = |(pat, at): (&Pat, u32)| match pat.kind {
            PatKind::Bind { name, sub: None, fixed: true } if self.taken.params.contains(&at) => {
                Some(name)
            }
            _ => None,
        };
        let pats = function.params.iter().map(|param| &param.pat);
        pats.zip(first..).filter_map(named).collect()
    }

    pub(super) fn exprs(&self) -> impl Iterator<Item = &'a Expr> + use<'a> {
        let whole = self.item.whole;
        self.facts.exprs.iter().filter(move |expr| whole.holds(expr.at))
    }

    fn lets(&self) -> FxHashMap<Symbol, (u32, Option<ExprId>)> {
        let mut lets: FxHashMap<Symbol, (u32, Option<ExprId>)> = FxHashMap::default();
        let mut bind = |pat: &Pat, init: Option<ExprId>| {
            let whole = match pat.kind {
                PatKind::Bind { name, sub: None, fixed: true } => Some(name),
                _ => None,
            };
            pat.each_name(&mut |name| {
                let init = init.filter(|_| whole == Some(name));
                let known = lets.entry(name).or_insert((0, init));
                *known = (known.0 + 1, known.1.filter(|_| known.0 == 0));
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
                ExprKind::Method { name_at, .. } if self.taken.calls.contains(name_at) => true,
                ExprKind::Call { .. } if self.taken.calls.contains(&expr.at.start) => true,
                ExprKind::Method { receiver, name, args, .. } => {
                    let copied = || self.is_copied(*receiver, *name);
                    let kept = || PARTS_OF.contains(&self.parts.names.text(*name));
                    (args.is_empty() && copied()) || (args.is_empty() || kept()) && inner(receiver)
                }
                ExprKind::Block(block) => block.value.as_ref().is_some_and(inner),
                ExprKind::Await(of) | ExprKind::Try(of) => inner(of),
                ExprKind::Ref { expr, .. } => inner(expr),
                ExprKind::Name(name) => {
                    let bound = self.lets.get(name).and_then(|(_, init)| *init);
                    bound.is_some_and(|init| inner(&init)) || self.whole.contains(name)
                }
                _ => false,
            }
    }

    /// Whether all of a collection is copied that the function then empties: `all.clone()`, before
    /// `all.clear()`.
    fn is_copied(&self, of: ExprId, name: Symbol) -> bool {
        !self.taken.clears.is_empty()
            && self.parts.names.text(name) == "clone"
            && self.exprs().any(|expr| match &expr.kind {
                ExprKind::Method { receiver, name_at, .. } => {
                    self.taken.clears.contains(name_at) && self.is_same(of, *receiver, 0)
                }
                _ => false,
            })
    }

    /// Whether two expressions mean the same place: `self.all.read()`, `self.all.write()`.
    fn is_same(&self, one: ExprId, other: ExprId, depth: u8) -> bool {
        let same = |one: &ExprId, other: &ExprId| self.is_same(*one, *other, depth + 1);
        let word = |name: &Symbol| match self.parts.names.text(*name) {
            "write" => "read",
            "borrow_mut" => "borrow",
            "as_mut" => "as_ref",
            word => word,
        };
        depth < MOST_LAYERS
            && match (&self.facts.expr(one).kind, &self.facts.expr(other).kind) {
                (ExprKind::Name(one), ExprKind::Name(other)) => one == other,
                (
                    ExprKind::Field { base, name, .. },
                    ExprKind::Field { base: from, name: of, .. },
                ) => name == of && same(base, from),
                (
                    ExprKind::Method { receiver, name, args, .. },
                    ExprKind::Method { receiver: from, name: of, args: with, .. },
                ) => {
                    args.is_empty()
                        && with.is_empty()
                        && word(name) == word(of)
                        && same(receiver, from)
                }
                (ExprKind::Await(one), ExprKind::Await(other))
                | (ExprKind::Try(one), ExprKind::Try(other))
                | (ExprKind::Deref(one), ExprKind::Deref(other)) => same(one, other),
                _ => false,
            }
    }

    /// Learns which variables gather what was taken: collections made of nothing, into which
    /// nothing is put but what was taken, or where there was something.
    pub(super) fn gather(&mut self, puts: &Puts) {
        let mut made: Vec<(Symbol, ExprId)> = Vec::new();
        for expr in self.exprs() {
            let ExprKind::Block(block) = &expr.kind else { continue };
            made.extend(block.statements.iter().filter_map(|statement| match statement {
                Statement::Let { pat, init: Some(init), otherwise: None, .. } => match pat.kind {
                    PatKind::Bind { name, sub: None, .. } => Some((name, *init)),
                    _ => None,
                },
                _ => None,
            }));
        }
        made.retain(|(name, init)| {
            let once = self.lets.get(name).is_some_and(|(bound, _)| *bound == 1);
            once && puts.contains_key(&(self.def, *init))
                && is_bare(self.parts, self.def, self.facts, *init, 0)
                && !self.is_handed_on(*name)
        });
        if made.is_empty() {
            return;
        }
        let over = self.over();
        let taken: FxHashSet<u32> = self.exprs().filter_map(|expr| self.put_whole(expr)).collect();
        let of_taken =
            |at: &Range| over.iter().any(|over| over.holds(*at)) || taken.contains(&at.start);
        made.retain(|(_, init)| puts[&(self.def, *init)].iter().all(of_taken));
        self.whole.extend(made.into_iter().map(|(name, _)| name));
    }

    /// Whether somebody else may put something into a variable, or in its place.
    fn is_handed_on(&self, name: Symbol) -> bool {
        let is_it =
            |expr: ExprId| matches!(self.facts.expr(expr).kind, ExprKind::Name(of) if of == name);
        self.exprs().any(|expr| match expr.kind {
            ExprKind::Ref { expr, mutable: true } => is_it(expr),
            ExprKind::Assign { left, .. } | ExprKind::AssignOp { left, .. } => is_it(left),
            _ => false,
        })
    }

    /// Where only what was taken is put into something: `all.extend(taken)`.
    fn put_whole(&self, call: &Expr) -> Option<u32> {
        let ExprKind::Method { name_at, args, .. } = &call.kind else { return None };
        let [only] = args[..] else { return None };
        self.is_taken(only, 0).then_some(*name_at)
    }

    /// The calls that are handed what was taken, and as which of their arguments; the receiver of a
    /// method is the first.
    pub(super) fn handed(&self) -> Vec<(u32, u32)> {
        let mut found = Vec::new();
        for expr in self.exprs() {
            let (at, first, args) = match &expr.kind {
                ExprKind::Method { name_at, args, .. } => (*name_at, 1, args),
                ExprKind::Call { args, .. } => (expr.at.start, 0, args),
                _ => continue,
            };
            let taken = args.iter().zip(first..).filter(|(arg, _)| self.is_taken(**arg, 0));
            found.extend(taken.map(|(_, index)| (at, index)));
        }
        found
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
                Statement::Expr(expr) if self.ends_empty(*expr) => {
                    found.push(Range { start: self.facts.expr(*expr).at.end, end });
                }
                // `let all = { .. if taken.is_empty() { return }; .. };`
                Statement::Let { init: Some(init), otherwise: None, .. } => {
                    let init = self.facts.expr(*init);
                    // A `break` may lead to where the block itself ends.
                    let breaks = || {
                        let mut inside = self.exprs().filter(|expr| init.at.holds(expr.at));
                        inside.any(|expr| matches!(expr.kind, ExprKind::Break { .. }))
                    };
                    if let ExprKind::Block(inner) = &init.kind
                        && inner.statements.iter().any(|statement| match statement {
                            Statement::Expr(expr) => self.ends_empty(*expr) && !breaks(),
                            Statement::Let { .. } => false,
                        })
                    {
                        found.push(Range { start: init.at.end, end });
                    }
                }
                Statement::Expr(_) | Statement::Let { .. } => {}
            }
        }
    }

    /// `if taken.is_empty() { return; }`
    fn ends_empty(&self, expr: ExprId) -> bool {
        match self.facts.expr(expr).kind {
            ExprKind::If { cond, then, other: None } => self.is_empty(cond, 0) && self.turns(then),
            _ => false,
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
            ExprKind::Binary { left, right, op: BinaryOp::Or } if depth < MOST_LAYERS => {
                self.has_some(*left, depth + 1) && self.has_some(*right, depth + 1)
            }
            ExprKind::Binary { left, right, op: BinaryOp::More | BinaryOp::Unequal } => {
                self.is_none(*right) && self.is_asked(*left, "len")
            }
            ExprKind::Unary(inner) => self.is_empty(*inner, 0),
            _ => false,
        }
    }

    /// `taken.is_empty()`, `taken.len() == 0`: whoever has something to do finds it untrue.
    fn is_empty(&self, cond: ExprId, depth: u8) -> bool {
        let inner = |cond: ExprId| depth < MOST_LAYERS && self.is_empty(cond, depth + 1);
        match self.facts.expr(cond).kind {
            ExprKind::Binary { left, right, op: BinaryOp::And } => inner(left) && inner(right),
            ExprKind::Binary { left, right, op: BinaryOp::Or } => inner(left) || inner(right),
            ExprKind::Binary { left, right, op: BinaryOp::Equal } => {
                self.is_none(right) && self.is_asked(left, "len")
            }
            _ => self.is_asked(cond, "is_empty"),
        }
    }

    fn is_none(&self, number: ExprId) -> bool {
        matches!(self.facts.expr(number).kind, ExprKind::Int(0))
    }

    /// Whether a variable that was taken is asked something, or what is read whole.
    fn is_asked(&self, asks: ExprId, word: &str) -> bool {
        let ExprKind::Method { receiver, name, name_at, args, .. } = &self.facts.expr(asks).kind
        else {
            return false;
        };
        let named = matches!(self.facts.expr(*receiver).kind, ExprKind::Name(_));
        args.is_empty()
            && self.parts.names.text(*name) == word
            && (named && self.is_taken(*receiver, 0) || self.taken.calls.contains(name_at))
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
                ExprKind::Return(_)
                    | ExprKind::Break { value: None, .. }
                    | ExprKind::Continue { .. }
            )
        })
    }
}
