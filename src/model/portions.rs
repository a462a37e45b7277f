//! What runs only for what was taken out of a collection of this process alone, which what comes to
//! it fills: another replica has other elements, and does it for those.

use rustc_hash::{FxHashMap, FxHashSet};

use super::places::Place;
use super::states::Parts;
use crate::catalog::Role;
use crate::flow::{Callee, Froms, NodeId, Origin, OriginKind, Touch, TouchKind, Used};
use crate::parse::tree::{
    Arm, BinaryOp, Block, Expr, ExprId, ExprKind, Facts, Item, ItemKind, Pat, PatKind, Range,
    Statement,
};
use crate::resolve::{DefId, Res, Space};
use crate::symbol::Symbol;

/// Functions that give on what another one took are followed this far.
const MOST_ROUNDS: usize = 3;
/// Calls, references and names around what was taken.
const MOST_LAYERS: u8 = 12;

/// The parts of functions that run only for what was taken.
#[derive(Default)]
pub(super) struct Portions(FxHashMap<DefId, Vec<Range>>);

impl Portions {
    pub(super) fn new(parts: &Parts<'_, '_, '_>) -> Portions {
        let mut taken: FxHashMap<DefId, FxHashSet<u32>> = FxHashMap::default();
        let own = Own::new(parts);
        for touch in parts.flow.touches.iter().filter(|touch| own.gives(touch)) {
            taken.entry(parts.flow.node(touch.node).def).or_default().insert(touch.at.start);
        }
        let mut found = Portions::default();
        let mut todo: Vec<DefId> = taken.keys().copied().collect();
        for _ in 0..MOST_ROUNDS {
            todo.sort();
            let mut giving = FxHashSet::default();
            for def in todo.drain(..) {
                let Some(text) = Text::of(parts, def, &taken[&def]) else { continue };
                found.0.insert(def, text.over());
                if text.gives() && !own.asks(def) {
                    giving.insert(def);
                }
            }
            for call in &parts.flow.calls {
                let Callee::Defs(defs) = &call.callee else { continue };
                if !defs.is_empty() && defs.iter().all(|def| giving.contains(def)) {
                    let def = parts.flow.node(call.node).def;
                    if taken.entry(def).or_default().insert(call.at.start) {
                        todo.push(def);
                    }
                }
            }
            todo.sort();
            todo.dedup();
        }
        found
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn of(&self, def: DefId) -> &[Range] {
        self.0.get(&def).map_or(&[], Vec::as_slice)
    }
}

/// Which collections are filled by what comes to this process, and by nothing else?
struct Own<'o, 'p, 'm, 'a> {
    parts: &'o Parts<'p, 'm, 'a>,
    places: FxHashSet<Place>,
    /// Where what is there changes places with a new collection.
    swaps: FxHashSet<(NodeId, Range)>,
}

impl<'o, 'p, 'm, 'a> Own<'o, 'p, 'm, 'a> {
    fn new(parts: &'o Parts<'p, 'm, 'a>) -> Self {
        let (places, swaps) = (FxHashSet::default(), swaps(parts));
        let mut own = Own { parts, places, swaps };
        for touch in &parts.flow.touches {
            if own.takes(touch) {
                let places = own.meant(touch);
                own.places.extend(places);
            }
        }
        let (mut filled, mut others) = (FxHashSet::default(), FxHashSet::default());
        let puts = |touch: &&Touch| matches!(touch.kind, TouchKind::Change | TouchKind::Fill);
        for touch in parts.flow.touches.iter().filter(puts) {
            if touch.takes || own.swaps.contains(&(touch.node, touch.at)) {
                continue;
            }
            let places = own.meant(touch);
            if places.iter().any(|place| own.places.contains(place)) {
                let brought = own.is_brought(touch);
                if brought { &mut filled } else { &mut others }.extend(places);
            }
        }
        let (filled, others) = (&filled, &others);
        let mut places = std::mem::take(&mut own.places);
        places.retain(|place| {
            filled.contains(place) && !others.contains(place) && own.begins_empty(*place)
        });
        own.places = places;
        own
    }

    /// Whether something is taken out of a collection, and made use of.
    fn takes(&self, touch: &Touch) -> bool {
        let role = self.parts.places.role(touch.on);
        (touch.takes && touch.used != Used::No || self.swaps.contains(&(touch.node, touch.at)))
            && matches!(role, Some(Role::Collection | Role::SharedCollection))
    }

    fn gives(&self, touch: &Touch) -> bool {
        if !self.takes(touch) {
            return false;
        }
        let places = self.meant(touch);
        !places.is_empty() && places.iter().all(|place| self.places.contains(place))
    }

    /// The collections that are meant; not what they are in.
    fn meant(&self, touch: &Touch) -> Vec<Place> {
        let mut found = self.parts.places.places(touch.what);
        found.retain(|place| self.parts.is_keyed(*place));
        found
    }

    /// Whether something is put in by whoever serves what came, or is not known to be called; and it
    /// is not what a store or service holds.
    fn is_brought(&self, touch: &Touch) -> bool {
        let reach = self.parts.reach;
        let beside = || reach.entry_of(touch.node).is_some_and(|entry| reach.is_beside(entry));
        !reach.is_startup(touch.node)
            && !beside()
            && !self.parts.is_answer(self.parts.put_in(touch), &mut FxHashSet::default())
    }

    /// Whether nothing is in a collection when it is made.
    fn begins_empty(&self, place: Place) -> bool {
        let Parts { names, places, .. } = self.parts;
        match place {
            Place::Static(id) => match names.def(id).item.map(|item| &item.kind) {
                Some(ItemKind::Static { init: Some(init), .. }) => {
                    is_bare(self.parts, id, names.facts_of(id), *init, 0)
                }
                _ => false,
            },
            Place::Made(origin) => self.is_made_bare(origin),
            Place::Field(of, index) => {
                let name = names.fields(of)[index as usize].name;
                let stores = places.stores.get(&(of, name)).into_iter().flatten();
                stores.into_iter().all(|froms| self.comes_bare(*froms))
            }
        }
    }

    fn comes_bare(&self, froms: Froms) -> bool {
        let Parts { flow, places, .. } = self.parts;
        let list = flow.origins.list(froms);
        !list.is_empty()
            && list.iter().all(|origin| {
                let made = places.places_of(*origin);
                !made.is_empty()
                    && made.into_iter().all(|place| match place {
                        Place::Made(origin) => self.is_made_bare(origin),
                        _ => false,
                    })
            })
    }

    fn is_made_bare(&self, origin: Origin) -> bool {
        let flow = self.parts.flow;
        let OriginKind::Made(node, expr) = flow.origins.kind(origin) else { return false };
        let node = flow.node(node);
        is_bare(self.parts, node.def, self.parts.names.facts(node.file), expr, 0)
    }

    /// Whether a function asks others for anything: what it gives may be theirs.
    fn asks(&self, def: DefId) -> bool {
        let Some(body) = self.parts.flow.bodies.get(&def) else { return true };
        let inside = self.parts.reach.inside(*body, None);
        inside.into_iter().any(|(body, _)| self.parts.deeds.asks(body))
    }
}

/// Where a collection changes places with one that was made just for that: `mem::swap(&mut *all,
/// &mut new)`.
fn swaps(parts: &Parts<'_, '_, '_>) -> FxHashSet<(NodeId, Range)> {
    let given: FxHashSet<(NodeId, Range)> = parts
        .flow
        .touches
        .iter()
        .filter(|touch| touch.method.is_none() && touch.replaces && !touch.takes)
        .filter(|touch| parts.places.role(touch.on) == Some(Role::Collection))
        .filter(|touch| parts.is_made_new(touch.node, touch.value))
        .map(|touch| (touch.node, touch.at))
        .collect();
    let mut defs: Vec<DefId> = given.iter().map(|(node, _)| parts.flow.node(*node).def).collect();
    defs.sort();
    defs.dedup();
    let taken = FxHashSet::default();
    let mut calls = FxHashSet::default();
    for def in defs {
        let Some(text) = Text::of(parts, def, &taken) else { continue };
        let swapped = text.exprs().filter(|expr| text.swapped(expr).is_some());
        calls.extend(swapped.map(|expr| (def, expr.at)));
    }
    let of = |node: NodeId| parts.flow.node(node).def;
    given.into_iter().filter(|(node, at)| calls.contains(&(of(*node), *at))).collect()
}

/// `Arc::new(Mutex::new(Vec::new()))`, `vec![]`
fn is_bare(parts: &Parts<'_, '_, '_>, def: DefId, facts: &Facts, expr: ExprId, depth: u8) -> bool {
    let names = parts.names;
    let bare = |expr: &ExprId| is_bare(parts, def, facts, *expr, depth + 1);
    let constructs = |path: &[Symbol], absolute: bool| {
        let scope = names.context(def).scope;
        let last = path.last().map(|last| names.text(*last));
        matches!(names.resolve(scope, path, absolute, Space::Values), Res::External(_))
            && last.is_some_and(|last| names.catalog.constructs(last))
    };
    depth < MOST_LAYERS
        && match &facts.expr(expr).kind {
            ExprKind::Int(_) => true,
            ExprKind::Call { callee, args } => {
                let made = match &facts.expr(*callee).kind {
                    ExprKind::Name(name) => constructs(&[*name], false),
                    ExprKind::Path { path, .. } => constructs(&path.segments, path.absolute),
                    _ => false,
                };
                made && args.iter().all(bare)
            }
            ExprKind::Closure { params, body, .. } => params.is_empty() && bare(body),
            ExprKind::Macro { path, args, text: None } => {
                args.is_empty() && matches!(path[..], [only] if names.text(only) == "vec")
            }
            _ => false,
        }
}

impl Parts<'_, '_, '_> {
    /// Whether a value was made in its body, and nothing is put into it there.
    fn is_made_new(&self, node: NodeId, value: Froms) -> bool {
        let list = self.flow.origins.list(value);
        !list.is_empty()
            && list.iter().all(|origin| {
                let OriginKind::Made(by, expr) = self.flow.origins.kind(*origin) else {
                    return false;
                };
                let body = self.flow.node(by);
                body.def == self.flow.node(node).def
                    && self.gathered().of(origin).is_empty()
                    && is_bare(self, body.def, self.names.facts(body.file), expr, 0)
            })
    }
}

/// The text of one function, and where in it something is taken.
struct Text<'t, 'p, 'm, 'a> {
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
    fn of(
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

    fn exprs(&self) -> impl Iterator<Item = &'a Expr> + use<'a> {
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
    fn swapped(&self, call: &Expr) -> Option<Symbol> {
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
    fn gives(&self) -> bool {
        let ItemKind::Fn(function) = &self.item.kind else { return false };
        let Some(body) = function.body else { return false };
        let returns = |expr: &Expr| matches!(expr.kind, ExprKind::Return(_));
        let ExprKind::Block(block) = &self.facts.expr(body).kind else { return false };
        block.value.is_some_and(|value| self.is_taken(value, 0)) && !self.exprs().any(returns)
    }

    /// The parts that run only for what was taken.
    fn over(&self) -> Vec<Range> {
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

    /// `taken.is_empty()`, of a variable.
    fn is_empty(&self, cond: ExprId) -> bool {
        let ExprKind::Method { receiver, name, args, .. } = &self.facts.expr(cond).kind else {
            return false;
        };
        let named = matches!(self.facts.expr(*receiver).kind, ExprKind::Name(_));
        named
            && args.is_empty()
            && self.parts.names.text(*name) == "is_empty"
            && self.is_taken(*receiver, 0)
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
        PatKind::Path(_) | PatKind::Text(_) | PatKind::Bool(_) | PatKind::Wild => {}
    }
}
