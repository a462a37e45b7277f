//! Which parts of a body exclude each other? Arms of a `match`, both ways of an `if`, and what
//! leaves the function before its end.

use super::walk::Walk;
use super::{Froms, NodeId, Used, Val};
use crate::diagnostic::Process;
use crate::parse::tree::{ExprId, ExprKind, Pat, PatKind, Range, Statement};
use crate::symbol::Symbol;

/// A part of a body that runs only under a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Branch {
    pub node: NodeId,
    pub at: Range,
    /// Where the `match` or `if` begins: its branches exclude each other.
    pub group: u32,
    /// Whether the function is left at its end.
    pub leaves: bool,
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
}

impl Branch {
    pub fn holds(&self, at: Range) -> bool {
        self.at.start <= at.start && at.end <= self.at.end
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
    pub(super) fn branch(&mut self, of: ExprId, body: ExprId, on: Froms) {
        let at = self.expr(body).at;
        let (node, group, leaves) = (self.node, self.expr(of).at.start, self.leaves(body));
        self.flow.branches.push(Branch { node, at, group, leaves, on });
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
    fn is_failure(&self, pat: &Pat) -> bool {
        let PatKind::TupleStruct { path, pats } = &pat.kind else { return false };
        !self.wraps_first(path) || pats.iter().any(|inner| self.is_failure(inner))
    }

    fn leaves(&self, body: ExprId) -> bool {
        matches!(self.expr(self.last(body)).kind, ExprKind::Return(_))
    }

    /// What a body ends with.
    fn last(&self, body: ExprId) -> ExprId {
        let ExprKind::Block(block) = &self.expr(body).kind else { return body };
        let last = block.statements.last().and_then(|statement| match statement {
            Statement::Expr(last) => Some(*last),
            Statement::Let { .. } => None,
        });
        block.value.or(last).map_or(body, |last| self.last(last))
    }

    /// Notes an `if` on an answer that is waited for: what it turns away from, or lets through.
    pub(super) fn note_guard(&mut self, of: ExprId, cond: ExprId, then: ExprId, on: Froms) {
        let whole = self.expr(cond).at;
        let (cond, negated) = match self.expr(cond).kind {
            ExprKind::Unary(inner) => (inner, true),
            _ => (cond, false),
        };
        let asks = match self.expr(cond).kind {
            ExprKind::Name(name) => self.answers.get(&name).copied(),
            _ => self.is_waited_for(cond).then_some(whole),
        };
        let Some(asks) = asks else { return };
        let last = &self.expr(self.last(then)).kind;
        let turns = matches!(last, ExprKind::Return(_) | ExprKind::Break(_) | ExprKind::Continue);
        let over = match (turns, negated) {
            (true, _) => Range { start: self.expr(of).at.end, end: u32::MAX },
            (false, false) => self.expr(then).at,
            (false, true) => return,
        };
        self.flow.guards.push(Guard { node: self.node, asks, over, on });
    }

    /// Notes a variable that holds an answer which was waited for: `let leads = is_leader().await;`.
    pub(super) fn note_asked(&mut self, pat: &Pat, init: ExprId) {
        let PatKind::Bind { name, sub: None } = pat.kind else { return };
        match self.is_waited_for(init) {
            true => self.answers.insert(name, self.expr(init).at),
            false => self.answers.remove(&name),
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
        PatKind::Bind { name, sub } => match sub {
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
        PatKind::Wild => {}
    }
}
