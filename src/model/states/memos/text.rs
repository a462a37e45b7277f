//! What does the text of a function say of which its values are made? By its names alone.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::catalog::{MacroTokens, Turned};
use crate::parse::tree::{
    Expr, ExprId, ExprKind, Facts, Function, Pat, PatKind, Range, Statement, TyId, TyKind,
};
use crate::resolve::Names;
use crate::symbol::Symbol;

/// What a variable is.
#[derive(Debug, Clone, Copy)]
enum Bound {
    Param {
        /// Whether it is declared to be a text or a number.
        plain: bool,
    },
    Whole(ExprId),
    /// Something of a value.
    Of(ExprId),
    /// It may become another.
    Loose,
}

/// Longer functions are not read.
const MOST_EXPRS: usize = 1500;

/// A variable, by its number in the text.
type Variable = usize;

/// Something that is put in by a key, and is made of that key alone.
pub(super) struct Fill {
    pub(super) key: FxHashSet<Variable>,
    /// Where it is made.
    pub(super) made: Vec<Range>,
    /// Whether what has the place is asked for more.
    pub(super) owned: bool,
    /// Where the slot is asked for that it is put into.
    pub(super) slot: Option<u32>,
}

/// The text of one function.
pub(super) struct Text<'n, 'a> {
    pub(super) names: &'n Names<'a>,
    facts: &'a Facts,
    body: Range,
    pub(super) exprs: Vec<ExprId>,
    variables: Vec<Bound>,
    /// By their names, with where they are in force.
    named: FxHashMap<Symbol, Vec<(Range, Variable)>>,
    /// By where their names stand.
    methods: FxHashMap<u32, ExprId>,
}

impl<'n, 'a> Text<'n, 'a> {
    pub(super) fn of(
        names: &'n Names<'a>,
        facts: &'a Facts,
        function: &'a Function,
        // By where they begin.
        all: &[(u32, ExprId)],
    ) -> Option<Text<'n, 'a>> {
        let body = facts.exprs.get(function.body?.0 as usize)?.at;
        let from = all.partition_point(|(start, _)| *start < body.start);
        let within = all[from..].iter().take_while(|(start, _)| *start < body.end);
        let within = within.filter(|(_, id)| body.holds(facts.exprs[id.0 as usize].at));
        let exprs: Vec<ExprId> = within.map(|(_, id)| *id).collect();
        if exprs.len() > MOST_EXPRS {
            return None;
        }
        let (variables, named, methods) = Default::default();
        let mut text = Text { names, facts, body, exprs, variables, named, methods };
        for param in &function.params {
            let plain = text.is_plain(param.ty);
            text.bind(&param.pat, body, Bound::Param { plain }, Bound::Param { plain: false });
        }
        for id in text.exprs.clone() {
            text.note(id);
        }
        for id in text.exprs.clone() {
            match &text.expr(id).kind {
                ExprKind::Assign { left, .. } | ExprKind::AssignOp { left, .. } => {
                    text.loosen(*left);
                }
                ExprKind::Ref { expr, mutable: true } => text.loosen(*expr),
                _ => {}
            }
        }
        Some(text)
    }

    pub(super) fn expr(&self, id: ExprId) -> &'a Expr {
        &self.facts.exprs[id.0 as usize]
    }

    fn note(&mut self, id: ExprId) {
        let expr = self.expr(id);
        match &expr.kind {
            ExprKind::Block(block) => {
                for statement in &block.statements {
                    let Statement::Let { pat, init, .. } = statement else { continue };
                    let from = init.map_or(pat.at.end, |init| self.expr(init).at.end);
                    let scope = Range { start: from, end: expr.at.end };
                    match init {
                        Some(init) => self.bind(pat, scope, Bound::Whole(*init), Bound::Of(*init)),
                        None => self.bind(pat, scope, Bound::Loose, Bound::Loose),
                    }
                }
            }
            ExprKind::If { cond, then, .. } => self.bind_conditions(*cond, *then),
            ExprKind::Loop { cond: Some(cond), body } => self.bind_conditions(*cond, *body),
            ExprKind::Match { on, arms } => {
                for arm in arms {
                    let scope = Range { start: arm.pat.at.end, end: self.expr(arm.body).at.end };
                    self.bind(&arm.pat, scope, Bound::Of(*on), Bound::Of(*on));
                }
            }
            ExprKind::For { pat, over, body } => {
                self.bind(pat, self.expr(*body).at, Bound::Of(*over), Bound::Of(*over));
            }
            ExprKind::Method { receiver, name_at, args, .. } => {
                self.methods.insert(*name_at, id);
                for arg in args {
                    self.bind_params(*arg, Bound::Of(*receiver));
                }
            }
            ExprKind::Call { args, .. } => {
                args.iter().for_each(|arg| self.bind_params(*arg, Bound::Loose));
            }
            _ => {}
        }
    }

    /// What `if let` and `while let` take apart.
    fn bind_conditions(&mut self, cond: ExprId, then: ExprId) {
        let (cond, then) = (self.expr(cond).at, self.expr(then).at);
        for id in self.exprs.clone() {
            let one = self.expr(id);
            if let ExprKind::Let { pat, expr } = &one.kind
                && cond.holds(one.at)
            {
                let scope = Range { start: one.at.end, end: then.end };
                self.bind(pat, scope, Bound::Of(*expr), Bound::Of(*expr));
            }
        }
    }

    /// What a closure that is handed over is given.
    fn bind_params(&mut self, arg: ExprId, to: Bound) {
        let arg = self.expr(arg);
        if let ExprKind::Closure { params, .. } = &arg.kind {
            params.iter().for_each(|(pat, _)| self.bind(pat, arg.at, to, to));
        }
    }

    /// The variable that a name stands for where it is used.
    fn variable(&self, name: Symbol, at: u32) -> Option<Variable> {
        let all = self.named.get(&name)?.iter();
        let in_force = all.filter(|(scope, _)| scope.start <= at && at < scope.end);
        in_force.max_by_key(|(scope, _)| scope.start).map(|(_, variable)| *variable)
    }

    fn loosen(&mut self, mut at: ExprId) {
        loop {
            let expr = self.expr(at);
            match &expr.kind {
                ExprKind::Field { base, .. } | ExprKind::Index { base, .. } => at = *base,
                ExprKind::Deref(inner) => at = *inner,
                ExprKind::Name(name) => {
                    if let Some(variable) = self.variable(*name, expr.at.start) {
                        self.variables[variable] = Bound::Loose;
                    }
                    return;
                }
                _ => return,
            }
        }
    }

    fn bind(&mut self, pat: &'a Pat, scope: Range, whole: Bound, part: Bound) {
        let mut todo = vec![(pat, whole)];
        while let Some((pat, to)) = todo.pop() {
            match &pat.kind {
                PatKind::Bind { name, sub, fixed } => {
                    let to = if *fixed { to } else { Bound::Loose };
                    self.named.entry(*name).or_default().push((scope, self.variables.len()));
                    self.variables.push(to);
                    todo.extend(sub.iter().map(|sub| (&**sub, part)));
                }
                PatKind::Typed(inner, _) => todo.push((inner, to)),
                PatKind::Ref(inner) => todo.push((inner, part)),
                PatKind::TupleStruct { pats, .. }
                | PatKind::Tuple(pats)
                | PatKind::Slice(pats)
                | PatKind::Or(pats) => todo.extend(pats.iter().map(|pat| (pat, part))),
                PatKind::Struct { fields, .. } => {
                    todo.extend(fields.iter().map(|(_, pat)| (pat, part)));
                }
                _ => {}
            }
        }
    }

    /// What a method, named here, puts in by a key of which alone it is made.
    pub(super) fn fill(&self, at: u32) -> Option<Fill> {
        let ExprKind::Method { receiver, args, .. } = &self.expr(*self.methods.get(&at)?).kind
        else {
            return None;
        };
        let (key, value, slot) = match (&**args, &self.expr(*receiver).kind) {
            ([key, value], _) => (*key, *value, None),
            ([value], ExprKind::Method { args, name_at, .. }) => match **args {
                [key] => (key, *value, Some(*name_at)),
                _ => return None,
            },
            _ => return None,
        };
        let key = self.key(key)?;
        let (made, owned) = self.made(value, &key)?;
        self.works(&made).then_some(Fill { key, made, owned, slot })
    }

    /// Whether anything is called there but what only wraps or copies.
    fn works(&self, made: &[Range]) -> bool {
        let inside = |id: &&ExprId| made.iter().any(|range| range.holds(self.expr(**id).at));
        self.exprs.iter().filter(inside).any(|id| match &self.expr(*id).kind {
            ExprKind::Method { name, .. } => {
                let name = self.names.text(*name);
                let catalog = self.names.catalog;
                catalog.turned(name).is_none() && catalog.universal(name).is_none()
            }
            ExprKind::Call { callee, .. } => !self.constructs(*callee),
            ExprKind::Macro { .. } => true,
            _ => false,
        })
    }

    /// Whether a method, named here, is only asked by such a key.
    pub(super) fn asks_by(&self, at: u32, key: &FxHashSet<Variable>) -> bool {
        let Some(method) = self.methods.get(&at) else { return false };
        let asked = match &self.expr(*method).kind {
            ExprKind::Method { args, .. } => match **args {
                [arg] => self.bare(arg),
                _ => None,
            },
            _ => None,
        };
        asked.is_some_and(|asked| asked.iter().all(|one| key.contains(one)))
    }

    /// The variables that a value is all of: `(name.clone(), &kind)`. What another form leaves out is
    /// only known of texts and numbers.
    fn bare(&self, value: ExprId) -> Option<Vec<Variable>> {
        let (mut todo, mut found) = (vec![(value, false)], Vec::new());
        while let Some((at, formed)) = todo.pop() {
            match &self.expr(at).kind {
                ExprKind::Name(name) => {
                    let variable = self.variable(*name, self.expr(at).at.start)?;
                    if formed && !self.is_plain_variable(variable) {
                        return None;
                    }
                    found.push(variable);
                }
                ExprKind::Ref { expr, .. } | ExprKind::Deref(expr) => todo.push((*expr, formed)),
                ExprKind::Tuple(parts) => todo.extend(parts.iter().map(|part| (*part, formed))),
                ExprKind::Method { receiver, name, args, .. } if args.is_empty() => {
                    match self.names.catalog.turned(self.names.text(*name)) {
                        Some(Turned::Copy) => todo.push((*receiver, formed)),
                        Some(Turned::Text) => todo.push((*receiver, true)),
                        None => return None,
                    }
                }
                _ => return None,
            }
        }
        (!found.is_empty()).then_some(found)
    }

    /// Whether a type is said to be a text or a number.
    fn is_plain(&self, ty: TyId) -> bool {
        match &self.facts.types[ty.0 as usize].kind {
            TyKind::Ref { ty, .. } => self.is_plain(*ty),
            TyKind::Path(path) => {
                let [name] = &*path.segments else { return false };
                path.args.is_empty() && self.names.catalog.is_plain(self.names.text(*name))
            }
            _ => false,
        }
    }

    fn is_plain_variable(&self, variable: Variable) -> bool {
        match self.variables[variable] {
            Bound::Param { plain } => plain,
            Bound::Whole(init) => match &self.expr(init).kind {
                ExprKind::Method { name, args, .. } => {
                    let turned = self.names.catalog.turned(self.names.text(*name));
                    let told = |arg: &ExprId| matches!(self.expr(*arg).kind, ExprKind::Str(_));
                    turned == Some(Turned::Text) || args.iter().any(told)
                }
                ExprKind::Str(_) => true,
                _ => false,
            },
            _ => false,
        }
    }

    /// The variables that are a key, or all of which it is put together.
    fn key(&self, key: ExprId) -> Option<FxHashSet<Variable>> {
        let mut todo = self.bare(key)?;
        let mut found = FxHashSet::default();
        while let Some(variable) = todo.pop() {
            if !found.insert(variable) {
                continue;
            }
            match self.variables[variable] {
                Bound::Loose => return None,
                Bound::Whole(init) => todo.extend(self.bare(init).unwrap_or_default()),
                Bound::Param { .. } | Bound::Of(_) => {}
            }
        }
        Some(found)
    }

    /// Where a value is made, unless that needs more than a key.
    fn made(&self, value: ExprId, key: &FxHashSet<Variable>) -> Option<(Vec<Range>, bool)> {
        let (mut todo, mut seen, mut made) = (vec![value], FxHashSet::default(), Vec::new());
        let mut owned = false;
        while let Some(at) = todo.pop() {
            let range = self.expr(at).at;
            made.push(range);
            for inner in self.exprs.iter().filter(|inner| range.holds(self.expr(**inner).at)) {
                match &self.expr(*inner).kind {
                    ExprKind::Name(name) => {
                        let variable = self.variable(*name, self.expr(*inner).at.start);
                        match variable.map(|variable| (variable, self.variables[variable])) {
                            Some((variable, _)) if key.contains(&variable) => {}
                            Some((_, Bound::Param { .. } | Bound::Loose)) => return None,
                            Some((_, Bound::Whole(init) | Bound::Of(init))) => {
                                if seen.insert(init) {
                                    todo.push(init);
                                }
                            }
                            None => owned |= self.names.text(*name) == "self",
                        }
                    }
                    kind if self.does_more(kind) => return None,
                    _ => {}
                }
            }
        }
        Some((made, owned))
    }

    /// Whether something is called there of which nothing is known, but for methods of what is known to
    /// be a value that was computed.
    pub(super) fn calls_strange(&self, there: &[Range], known: &FxHashSet<u32>) -> bool {
        let inside = |id: &&ExprId| there.iter().any(|range| range.holds(self.expr(**id).at));
        self.exprs.iter().filter(inside).any(|id| {
            let expr = self.expr(*id);
            match &expr.kind {
                ExprKind::Method { receiver, name, name_at, .. } => {
                    let same = self.names.catalog.universal(self.names.text(*name)).is_some();
                    !same && !known.contains(name_at) && !self.is_computed(*receiver, known)
                }
                ExprKind::Call { callee, .. } => {
                    !known.contains(&expr.at.start) && !self.constructs(*callee)
                }
                _ => false,
            }
        })
    }

    /// Whether what is called is a variant or a struct, by its name, or a closure that stands here.
    fn constructs(&self, callee: ExprId) -> bool {
        let expr = self.expr(callee);
        let name = match &expr.kind {
            ExprKind::Name(name) => Some(name),
            ExprKind::Path { path, .. } => path.segments.last(),
            _ => None,
        };
        let Some(name) = name else { return false };
        let here = || match self.variable(*name, expr.at.start).map(|one| self.variables[one]) {
            Some(Bound::Whole(init)) => matches!(self.expr(init).kind, ExprKind::Closure { .. }),
            _ => false,
        };
        self.names.text(*name).starts_with(char::is_uppercase) || here()
    }

    /// Whether a value is what something gave that is known.
    fn is_computed(&self, value: ExprId, known: &FxHashSet<u32>) -> bool {
        let (mut at, mut seen) = (value, FxHashSet::default());
        while seen.insert(at) {
            let expr = self.expr(at);
            at = match &expr.kind {
                ExprKind::Method { name_at, .. } if known.contains(name_at) => return true,
                ExprKind::Call { .. } => return known.contains(&expr.at.start),
                ExprKind::Str(_) | ExprKind::Literal | ExprKind::Macro { .. } => return true,
                ExprKind::Method { receiver: inner, .. }
                | ExprKind::Field { base: inner, .. }
                | ExprKind::Index { base: inner, .. }
                | ExprKind::Ref { expr: inner, .. }
                | ExprKind::Deref(inner)
                | ExprKind::Try(inner) => *inner,
                ExprKind::Name(name) => {
                    let variable = self.variable(*name, expr.at.start);
                    match variable.map(|variable| self.variables[variable]) {
                        Some(Bound::Whole(init) | Bound::Of(init)) => init,
                        _ => return false,
                    }
                }
                _ => return false,
            };
        }
        false
    }

    /// All of it.
    pub(super) fn whole(&self) -> [Range; 1] {
        [self.body]
    }

    /// Whether something may do more than give a value that is made of what stands there.
    fn does_more(&self, kind: &ExprKind) -> bool {
        match kind {
            ExprKind::Macro { path, .. } => {
                let tokens = path
                    .last()
                    .and_then(|name| self.names.catalog.macro_tokens(self.names.text(*name)));
                !matches!(
                    tokens,
                    Some(MacroTokens::Format | MacroTokens::Expressions | MacroTokens::Json)
                )
            }
            ExprKind::Assign { .. }
            | ExprKind::AssignOp { .. }
            | ExprKind::Await(_)
            | ExprKind::Ref { mutable: true, .. }
            | ExprKind::Unknown => true,
            _ => false,
        }
    }
}
