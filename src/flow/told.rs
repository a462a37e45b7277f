//! What was a builder told before it is used? Flags of what is to be opened, words of a program; and
//! which variables hold a value of their own.

use rustc_hash::{FxHashMap, FxHashSet};

use super::walk::Walk;
use super::{Call, OriginKind, Val};
use crate::catalog::Role;
use crate::parse::tree::{ExprId, ExprKind, Range, TyId, TyKind};
use crate::resolve::{PathId, T, Type};
use crate::symbol::Symbol;

/// A chain is not longer than this.
const MOST_CALLS: usize = 100;

/// What builders of one body were told so far.
#[derive(Default)]
pub(super) struct Told {
    /// Methods called on builders kept in variables.
    flags: FxHashMap<Symbol, Vec<Symbol>>,
    /// What programs kept in variables were handed.
    kept: FxHashMap<Symbol, Vec<Val>>,
    /// What variables were made by.
    begun: FxHashMap<Symbol, ExprId>,
    /// Variables that hold a whole struct of the tree, and do not only borrow it.
    own: FxHashSet<Symbol>,
    /// The same of chains of calls, by the last call.
    chains: FxHashMap<ExprId, Vec<Val>>,
}

impl Walk<'_, '_> {
    /// The names of the methods called on a builder so far, those told `false` left out.
    pub(super) fn flags(&self, receiver: ExprId) -> Vec<Symbol> {
        let mut flags = Vec::new();
        let mut at = receiver;
        loop {
            match &self.expr(at).kind {
                ExprKind::Method { receiver, name, args, .. } => {
                    let off = args
                        .first()
                        .is_some_and(|arg| matches!(self.expr(*arg).kind, ExprKind::Bool(false)));
                    if !off {
                        flags.push(*name);
                    }
                    at = *receiver;
                }
                ExprKind::Ref { expr, .. } | ExprKind::Try(expr) | ExprKind::Await(expr) => {
                    at = *expr
                }
                ExprKind::Name(name) => {
                    flags.extend(self.told.flags.get(name).into_iter().flatten());
                    return flags;
                }
                _ => return flags,
            }
        }
    }

    /// Remembers what a builder was told before it is kept in a variable.
    pub(super) fn note_builder(&mut self, name: Symbol, init: ExprId) {
        if let ExprKind::Method { .. } = self.expr(init).kind {
            let told = self.flags(init);
            self.told.flags.insert(name, told);
        }
        self.told.begun.insert(name, self.bare(init));
        if let Some(told) = self.told_so_far(init) {
            self.told.kept.insert(name, told);
        }
    }

    /// Remembers whether a variable holds a value of its own: of the struct that its `let` says and
    /// does not only borrow, or of whatever has a default.
    pub(super) fn note_own(&mut self, name: Symbol, ty: Option<TyId>, init: ExprId, value: Val) {
        let lent = |ty| matches!(self.facts.ty(ty).kind, TyKind::Ref { .. });
        let whole = match (ty, &self.expr(self.bare(init)).kind) {
            (Some(ty), _) => !lent(ty),
            (None, ExprKind::Method { name, .. }) => self.text(*name) == "unwrap_or_default",
            _ => false,
        };
        match whole && matches!(&*self.names.types.get(value.ty), Type::Local(..)) {
            true => self.told.own.insert(name),
            false => self.told.own.remove(&name),
        };
    }

    /// The field of a value. Of one that a variable holds as its own, and that comes from nowhere
    /// else, it is nobody else's, unless it is shared by itself.
    pub(super) fn field_at(&mut self, base: ExprId, name: Symbol, at: Range) -> Val {
        let of = self.eval(base);
        let field = self.field(of, name);
        self.flow.mentioned.entry(name).or_default().push((self.node, at.start));
        let own = |name| self.told.own.contains(&name);
        if !matches!(self.expr(base).kind, ExprKind::Name(name) if own(name)) {
            return field;
        }
        let apart = self.flow.origins.list(field.from).iter().all(|origin| {
            let kind = self.flow.origins.kind(*origin);
            matches!(kind, OriginKind::Field { base: None, .. } | OriginKind::Derived(_))
        });
        let kept = self.seen_through(field.ty);
        let shared = self.role(kept) != Some(Role::Collection) && self.is_stateful(kept);
        match apart && !shared {
            true => Val { from: self.flow.origins.derived(field.from), ..field },
            false => field,
        }
    }

    /// Where a field is named of which a method is called: what is done there is done to it.
    pub(super) fn note_called(&mut self, receiver: ExprId, at: Range) {
        if let ExprKind::Field { name, .. } = &self.expr(receiver).kind
            && let Some((_, place)) =
                self.flow.mentioned.get_mut(name).and_then(|all| all.last_mut())
        {
            *place = at.start;
        }
    }

    /// Remembers what a builder in a variable is told by a statement: `options.write(true);`.
    pub(super) fn note_told(&mut self, statement: ExprId) {
        let mut at = statement;
        while let ExprKind::Method { receiver, .. } = self.expr(at).kind {
            at = receiver;
        }
        if at != statement
            && let ExprKind::Name(name) = self.expr(at).kind
            && self.told.flags.len() < 64
        {
            let told = self.flags(statement);
            self.told.flags.insert(name, told);
        }
    }

    /// Remembers what a program about to be started is handed: first the folder in which it runs,
    /// where that is said, then its name and its arguments.
    pub(super) fn tell(&mut self, id: ExprId, on: Option<ExprId>, handed: &[Val], folder: bool) {
        let mut told = on.and_then(|on| self.told_so_far(on)).unwrap_or_else(|| vec![Val::UNKNOWN]);
        match (folder, handed) {
            (true, [place, ..]) => told[0] = *place,
            _ => told.extend(handed),
        }
        if let Some(on) = on
            && let ExprKind::Name(name) = self.expr(self.bare(on)).kind
        {
            self.told.kept.insert(name, told.clone());
        }
        self.told.chains.insert(id, told);
    }

    /// What the program that an expression gives was handed so far.
    pub(super) fn told_so_far(&self, id: ExprId) -> Option<Vec<Val>> {
        let id = self.bare(id);
        match self.expr(id).kind {
            ExprKind::Name(name) => self.told.kept.get(&name).cloned(),
            _ => self.told.chains.get(&id).cloned(),
        }
    }

    /// The names of the parameters that were written for a function's type: `Surreal::new::<Mem>`.
    pub(super) fn parameters_of(&self, path: PathId) -> Vec<Symbol> {
        let Some(ty) = self.type_args.get(&path) else { return Vec::new() };
        let named = |arg: T| match &*self.names.types.get(arg) {
            Type::External(path, _) => {
                let external = self.names.externals.get(*path);
                self.names.symbols.find(external.text.rsplit("::").next()?)
            }
            _ => None,
        };
        self.args(*ty).into_iter().filter_map(named).collect()
    }

    /// `options.read_only(true)`: what the chain, or the variable, began with only reads.
    pub(super) fn note_only_reads(&mut self, id: ExprId) {
        let ExprKind::Method { args, .. } = &self.expr(id).kind else { return };
        let off = args.first().map(|arg| &self.expr(*arg).kind);
        if !matches!(off, Some(ExprKind::Bool(false)))
            && let Some(call) = self.begun(id)
        {
            call.only_reads = true;
        }
    }

    /// `options.filename(path)`: what the chain began with opens that.
    pub(super) fn note_path(&mut self, id: ExprId, path: &[Val]) {
        if let Some(call) = self.begun(id) {
            call.args = path.into();
        }
    }

    /// The call with which a chain, or the variable at its beginning, began.
    fn begun(&mut self, id: ExprId) -> Option<&mut Call> {
        let mut at = id;
        // A variable may be made anew from itself.
        for _ in 0..32 {
            let ExprKind::Method { receiver, .. } = self.expr(at).kind else { break };
            at = self.bare(receiver);
            if let ExprKind::Name(name) = self.expr(at).kind
                && let Some(init) = self.told.begun.get(&name)
            {
                at = *init;
            }
        }
        let (node, range) = (self.node, self.expr(at).at);
        let mut calls = self.flow.calls.iter_mut().rev().take(MOST_CALLS);
        calls.find(|call| call.node == node && call.at == range)
    }

    fn bare(&self, id: ExprId) -> ExprId {
        let mut at = id;
        loop {
            at = match self.expr(at).kind {
                ExprKind::Ref { expr, .. } => expr,
                ExprKind::Try(inner) | ExprKind::Await(inner) | ExprKind::Deref(inner) => inner,
                _ => return at,
            };
        }
    }

    /// `path.push(name)`: the variable goes on with both.
    pub(super) fn grow(&mut self, receiver: ExprId, on: Val, handed: &[Val]) {
        let ExprKind::Name(name) = self.expr(self.bare(receiver)).kind else { return };
        let more = self.gather(handed);
        let more = self.flow.origins.derived(more);
        let from = self.flow.origins.union(on.from, more);
        if let Some(known) = self.variable(name) {
            self.rebind(name, Val { ty: known.ty, from });
        }
    }
}
