//! Which parts of a body exclude each other? Arms of a `match`, both ways of an `if`, and what
//! leaves the function before its end.

use super::walk::Walk;
use super::{Flow, Froms, NodeId, Used, Val};
use crate::diagnostic::Process;
use crate::parse::tree::{Arm, BinaryOp, ExprId, ExprKind, Pat, PatKind, Range, Statement};
use crate::resolve::{Res, Space};
use crate::symbol::Symbol;

/// A part of a body that runs only under a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Branch {
    pub node: NodeId,
    pub at: Range,
    /// Where the `match` or `if` begins: its branches exclude each other.
    pub group: u32,
    /// Whether the function, or the process, is left at its end.
    pub leaves: bool,
    /// Whether what the `match` or `if` gives is what the function gives.
    pub answers: bool,
    /// Whether an error is given back at its end.
    pub fails: bool,
    /// Whether it is taken where something that was asked failed.
    pub failed: bool,
    /// What decides.
    pub on: Froms,
}

/// What a body does only if something that it waits for answers so.
#[derive(Debug, Clone, Copy)]
pub struct Guard {
    pub node: NodeId,
    /// What is waited for.
    pub asks: Range,
    /// What depends on it.
    pub over: Range,
    /// The answer.
    pub on: Froms,
    /// How much was changed decides.
    pub counts: bool,
    /// Where nothing was changed, nothing more is done here, or one row alone was meant.
    pub one: bool,
    /// Where it says yes, it is asked once more.
    pub again: bool,
}

/// An answer that was waited for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    /// Where it was asked for.
    at: Range,
    /// The answer itself is meant, not a part of it.
    itself: bool,
    /// How much was changed is compared: whether it is true where that is not nothing.
    counted: Option<bool>,
}

impl Branch {
    pub fn holds(&self, at: Range) -> bool {
        self.at.holds(at)
    }
}

impl Flow {
    /// Whether a body does one of two things or the other: they stand in different arms.
    pub fn excludes(&self, node: NodeId, one: Range, other: Range) -> bool {
        let mut arms = self.branches.iter().filter(|arm| arm.node == node && arm.holds(one));
        arms.any(|arm| {
            let mut others = self.branches.iter().filter(|two| two.node == node);
            others.any(|two| two.group == arm.group && two.at != arm.at && two.holds(other))
        })
    }
}

/// A part of a body that runs at a command: `Command::Serve => ..`, `Some("serve") => ..`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Command {
    pub node: NodeId,
    pub at: Range,
    /// The kind of process that the deployment runs with it.
    pub process: Process,
}

impl Walk<'_, '_> {
    /// Notes that a body is for a command of the deployment, if its pattern is.
    pub(super) fn command(&mut self, pat: &Pat, body: ExprId) {
        let unit = self.names.def(self.flow.node(self.node).def).unit;
        let commands = &self.names.units[unit].commands;
        if commands.is_empty() {
            return;
        }
        let mut said = Vec::new();
        names_of(pat, &mut said);
        let is = |name: &Symbol, word: &str| {
            let plain = |text: &str| text.replace(['-', '_'], "").to_lowercase();
            plain(self.text(*name)) == plain(word)
        };
        let found = commands.iter().find(|(word, _)| said.iter().any(|name| is(name, word)));
        if let Some((_, process)) = found {
            let (node, at, process) = (self.node, self.expr(body).at, *process);
            self.flow.commands.push(Command { node, at, process });
        }
    }

    /// Notes a branch of the `match` or `if` that is `of`.
    pub(super) fn branch(
        &mut self,
        of: ExprId,
        body: ExprId,
        (on, failed): (Froms, bool),
        used: Used,
    ) {
        let at = self.expr(body).at;
        let (node, group, leaves) = (self.node, self.expr(of).at.start, self.leaves(body));
        let answers = used == Used::Given;
        let fails = self.fails(body) || answers && self.is_error_made(self.last(body));
        self.flow.branches.push(Branch { node, at, group, leaves, answers, fails, failed, on });
    }

    /// Evaluates what decides between branches, and gives what it is, or is compared to.
    pub(super) fn decider(&mut self, cond: ExprId) -> (Val, Froms) {
        let before = self.flow.compares.len();
        let val = self.eval_used(cond, Used::Measured);
        let mut on = val.from;
        for index in before..self.flow.compares.len() {
            for side in self.flow.compares[index].sides {
                on = self.flow.origins.union(on, side.from);
            }
        }
        (val, on)
    }

    /// Who waits because something failed only tries again later: that is no timer. What waited in
    /// what is done at this pattern is there from `first` on.
    pub(super) fn back_off(&mut self, pat: &Pat, first: usize) {
        if first == self.flow.waits.len() || !self.is_failure(pat) {
            return;
        }
        let later = self.flow.waits.split_off(first);
        let elsewhere = later.into_iter().filter(|(node, _)| *node != self.node);
        self.flow.waits.extend(elsewhere);
    }

    /// `Err(e)`, also `Ok(Err(e))`: a failure inside what went well so far.
    pub(super) fn is_failure(&self, pat: &Pat) -> bool {
        let PatKind::TupleStruct { path, pats } = &pat.kind else { return false };
        !self.wraps_first(path) || pats.iter().any(|inner| self.is_failure(inner))
    }

    fn leaves(&self, body: ExprId) -> bool {
        match &self.expr(self.last(body)).kind {
            ExprKind::Return(_) => true,
            ExprKind::Call { callee, .. } => self.ends_process(*callee),
            _ => false,
        }
    }

    /// Whether a call comes back to nobody: the process ends.
    fn ends_process(&self, callee: ExprId) -> bool {
        let ExprKind::Path { path, qself: None } = &self.expr(callee).kind else {
            let ExprKind::Name(name) = self.expr(callee).kind else { return false };
            return self.is_end(&[name], false);
        };
        self.is_end(&path.segments, path.absolute)
    }

    fn is_end(&self, segments: &[Symbol], absolute: bool) -> bool {
        let res = self.names.resolve(self.context.scope, segments, absolute, Space::Values);
        let Res::External(id) = res else { return false };
        self.names.externals.call(id).is_some_and(|fact| fact.ends_process)
    }

    /// What a body ends with.
    pub(super) fn last(&self, body: ExprId) -> ExprId {
        let ExprKind::Block(block) = &self.expr(body).kind else { return body };
        let last = block.statements.last().and_then(|statement| match statement {
            Statement::Expr(last) => Some(*last),
            Statement::Let { .. } => None,
        });
        block.value.or(last).map_or(body, |last| self.last(last))
    }

    /// Notes an `if` on an answer that is waited for: what it turns away from, or lets through. The
    /// answer itself is given, and all that it may be compared with.
    pub(super) fn note_guard(
        &mut self,
        of: ExprId,
        cond: ExprId,
        then: ExprId,
        [on, compared]: [Froms; 2],
    ) {
        let whole = self.expr(cond).at;
        let (cond, negated) = match self.expr(cond).kind {
            ExprKind::Unary(inner) => (inner, true),
            _ => (cond, false),
        };
        // What is counted tells, where it says so, that something was changed, or that nothing was.
        let (asks, counted) = match self.expr(cond).kind {
            ExprKind::Name(name) => match self.answers.get(&name) {
                Some(asked) if asked.itself || asked.counted.is_some() => (asked.at, asked.counted),
                _ => return,
            },
            _ if self.is_waited_for(cond) => (whole, None),
            _ => match self.counted(cond) {
                Some((at, some)) => (at, Some(some)),
                None => return,
            },
        };
        let counted = counted.map(|some| some != negated);
        let (then_at, end) = (self.expr(then).at, self.expr(of).at.end);
        let rest = Range { start: end, end: u32::MAX };
        let over = match (self.turns(then), counted) {
            // Where that nothing changed is an error, nobody was expected to come first.
            (true, Some(_)) if self.fails(then) => return,
            (true, None | Some(false)) => rest,
            (false, Some(true)) => then_at,
            (false, None) if !negated => then_at,
            (false, Some(false)) if then_at.end < end => Range { start: then_at.end, end },
            _ => return,
        };
        let counts = counted.is_some();
        let on = if counts { compared } else { on };
        let same = |expr: ExprId| {
            let ExprKind::Binary { op, .. } = self.expr(expr).kind else { return false };
            matches!(op, BinaryOp::Equal | BinaryOp::Unequal)
        };
        let one = self.turns(then) || same(cond);
        let again = !negated && self.goes_round(then);
        self.flow.guards.push(Guard { node: self.node, asks, over, on, counts, one, again });
    }

    /// Notes an arm of a `match` on an answer that is waited for, where it says yes or no, or how much
    /// was changed: `Ok(false) => continue`, `Ok(0) => continue`.
    pub(super) fn note_answered(&mut self, of: ExprId, on: ExprId, arm: &Arm, answer: Froms) {
        let many = self.number(&arm.pat);
        let counts = many.is_some();
        let Some(says) = self.says(&arm.pat).or(many.map(|many| many != 0)) else { return };
        // Where that nothing changed is an error, nobody was expected to come first.
        if counts && !says && self.fails(arm.body) {
            return;
        }
        let asks = match self.expr(on).kind {
            ExprKind::Name(name) => {
                self.answers.get(&name).filter(|one| one.itself || counts).map(|one| one.at)
            }
            _ if counts => self.asked_by(on),
            _ => self.is_waited_for(on).then(|| self.expr(on).at),
        };
        let over = match says {
            true => self.expr(arm.body).at,
            // The arms that follow are for more.
            false if counts => {
                let end = if self.turns(arm.body) { u32::MAX } else { self.expr(of).at.end };
                Range { start: self.expr(arm.body).at.end, end }
            }
            false if self.turns(arm.body) => Range { start: self.expr(of).at.end, end: u32::MAX },
            false => return,
        };
        if let Some(asks) = asks {
            let (node, on) = (self.node, answer);
            let (one, again) = (counts, says && self.goes_round(arm.body));
            self.flow.guards.push(Guard { node, asks, over, on, counts, one, again });
        }
    }

    /// Yes or no, if a pattern asks for one of them: `true`, `Ok(true)`.
    fn says(&self, pat: &Pat) -> Option<bool> {
        match &pat.kind {
            PatKind::Bool(says) => Some(*says),
            PatKind::TupleStruct { pats, .. } => match &pats[..] {
                [inner] if !self.is_failure(pat) => self.says(inner),
                _ => None,
            },
            _ => None,
        }
    }

    /// The number that a pattern asks for: `0`, `Ok(0)`.
    fn number(&self, pat: &Pat) -> Option<u64> {
        match &pat.kind {
            PatKind::Int(number) => Some(*number),
            // `Ok(0) | Err(_)`
            PatKind::Or(pats) => {
                let mut well = pats.iter().filter(|pat| !self.is_failure(pat));
                let first = self.number(well.next()?)?;
                well.all(|pat| self.number(pat) == Some(first)).then_some(first)
            }
            PatKind::TupleStruct { pats, .. } => match &pats[..] {
                [inner] if !self.is_failure(pat) => self.number(inner),
                _ => None,
            },
            _ => None,
        }
    }

    /// Where what an expression compares with a number was asked for, and whether it is true where
    /// that is not nothing: `done.rows_affected() == 0`.
    fn counted(&self, expr: ExprId) -> Option<(Range, bool)> {
        let ExprKind::Binary { left, right, op } = self.expr(expr).kind else { return None };
        let (asked, number, turned) = match (&self.expr(left).kind, &self.expr(right).kind) {
            (_, ExprKind::Int(number)) => (left, *number, false),
            (ExprKind::Int(number), _) => (right, *number, true),
            _ => return None,
        };
        let some = match op {
            BinaryOp::Equal => number != 0,
            BinaryOp::Unequal => number == 0,
            BinaryOp::More => !turned,
            BinaryOp::Less => turned,
            _ => return None,
        };
        Some((self.asked_by(asked)?, some))
    }

    /// Where the store was asked that gave an answer, or a part of it.
    fn asked_by(&self, expr: ExprId) -> Option<Range> {
        match &self.expr(expr).kind {
            ExprKind::Name(name) => self.answers.get(name).map(|asked| asked.at),
            ExprKind::Await(_) => Some(self.expr(expr).at),
            ExprKind::Try(inner) => self.asked_by(*inner),
            ExprKind::Field { base, .. } => self.asked_by(*base),
            // `map_err(..)`, `unwrap_or(0)`
            ExprKind::Method { receiver, .. } => self.asked_by(*receiver),
            _ => None,
        }
    }

    /// Whether the rest is not for who comes here: the function or turn ends at the end of a body.
    pub(super) fn turns(&self, body: ExprId) -> bool {
        let last = &self.expr(self.last(body)).kind;
        matches!(last, ExprKind::Return(_) | ExprKind::Break { .. } | ExprKind::Continue { .. })
    }

    fn goes_round(&self, body: ExprId) -> bool {
        matches!(self.expr(self.last(body)).kind, ExprKind::Continue { leaves: 0 })
    }

    /// Whether a body ends by giving back an error.
    fn fails(&self, body: ExprId) -> bool {
        let ExprKind::Return(Some(given)) = self.expr(self.last(body)).kind else { return false };
        self.is_error_made(given)
    }

    /// `Err(..)`
    fn is_error_made(&self, given: ExprId) -> bool {
        let ExprKind::Call { callee, .. } = self.expr(given).kind else { return false };
        match &self.expr(callee).kind {
            ExprKind::Name(name) => !self.wraps(&[*name], false),
            ExprKind::Path { path, .. } => !self.wraps(&path.segments, path.absolute),
            _ => false,
        }
    }

    /// Notes a variable that holds an answer which was waited for: `let leads = is_leader().await;`.
    pub(super) fn note_asked(&mut self, pat: &Pat, init: ExprId) {
        let name = match &pat.kind {
            PatKind::Bind { name, sub: None, .. } => *name,
            // `let Ok(done) = done else { .. }`
            PatKind::TupleStruct { pats, .. } => match &pats[..] {
                [Pat { kind: PatKind::Bind { name, sub: None, .. }, .. }] => *name,
                _ => return,
            },
            _ => return,
        };
        let asked = match self.is_waited_for(init) {
            true => Some(Asked { at: self.expr(init).at, itself: true, counted: None }),
            false => {
                let part = self.asked_by(init);
                let part = part.map(|at| Asked { at, itself: false, counted: None });
                part.or_else(|| {
                    let (at, some) = self.counted(init)?;
                    Some(Asked { at, itself: false, counted: Some(some) })
                })
            }
        };
        match asked {
            Some(asked) => self.answers.insert(name, asked),
            None => self.answers.remove(&name),
        };
    }

    /// Whether an expression is what a future gives, if only where that went well.
    fn is_waited_for(&self, expr: ExprId) -> bool {
        match &self.expr(expr).kind {
            ExprKind::Await(_) => true,
            ExprKind::Try(inner) => self.is_waited_for(*inner),
            ExprKind::Method { receiver, args, .. } => {
                // `unwrap_or(false)`: what it is where that went wrong.
                let plain = |arg: &ExprId| matches!(self.expr(*arg).kind, ExprKind::Bool(_));
                !args.is_empty() && args.iter().all(plain) && self.is_waited_for(*receiver)
            }
            _ => false,
        }
    }
}

/// The words that a pattern stands for: its texts and its variants.
fn names_of(pat: &Pat, found: &mut Vec<Symbol>) {
    match &pat.kind {
        PatKind::Text(text) => found.push(*text),
        PatKind::Bind { name, sub, .. } => match sub {
            Some(sub) => names_of(sub, found),
            None => found.push(*name),
        },
        PatKind::Path(path) | PatKind::Struct { path, .. } => found.extend(path.segments.last()),
        PatKind::TupleStruct { path, pats } => {
            found.extend(path.segments.last());
            pats.iter().for_each(|pat| names_of(pat, found));
        }
        PatKind::Tuple(pats) | PatKind::Slice(pats) | PatKind::Or(pats) => {
            pats.iter().for_each(|pat| names_of(pat, found));
        }
        PatKind::Ref(inner) | PatKind::Typed(inner, _) => names_of(inner, found),
        PatKind::Bool(_) | PatKind::Int(_) | PatKind::Wild => {}
    }
}
