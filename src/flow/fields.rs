//! What do the fields of structs hold? What is put there by all that makes such a struct, where nothing
//! sets them later.

use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use super::walk::Walk;
use super::{Const, Flow, Known, KnownId, NodeId, Shape, Val};
use crate::parse::Facts;
use crate::parse::tree::{Block, ExprId, ExprKind, Pat, PatKind, Range, Receiver, Statement};
use crate::resolve::{DefId, DefKind, Names, PathId, Res, Space, T, Type};
use crate::source::FileId;
use crate::symbol::Symbol;

/// Fields of fields are followed this far.
const FARTHEST: u8 = 6;
/// Of what longer chains of calls hand to closures, nothing is known.
const MOST_CALLS: usize = 8;

/// Methods of what is common that change nothing of it.
const LOOKS: [&str; 26] = [
    "and_then",
    "as_deref",
    "as_ref",
    "as_str",
    "clone",
    "cloned",
    "copied",
    "expect",
    "filter",
    "is_none",
    "is_none_or",
    "is_some",
    "is_some_and",
    "iter",
    "map",
    "map_or",
    "map_or_else",
    "ok_or",
    "ok_or_else",
    "or",
    "or_else",
    "to_owned",
    "to_string",
    "unwrap",
    "unwrap_or",
    "unwrap_or_else",
];

/// A struct that is made in place, by those of its fields of which something is known.
#[derive(Debug)]
pub struct Making {
    pub node: NodeId,
    pub at: Range,
    pub fields: Box<[(Symbol, KnownId)]>,
}

/// What is put into fields, and which may be set otherwise.
#[derive(Debug, Default)]
pub struct Fields {
    pub made: FxHashMap<DefId, Vec<Making>>,
    /// Those that something depends on.
    pub asked: IndexSet<(DefId, Symbol), FxBuildHasher>,
    /// The names of fields that may be set after the struct was made, of whatever struct.
    pub set: FxHashSet<Symbol>,
    /// The methods that are called on fields of a name.
    pub called: FxHashMap<Symbol, FxHashSet<Symbol>>,
    /// Structs that are named where a value is expected.
    pub loose: FxHashSet<DefId>,
    /// Where structs are made of which it is known whose they are.
    told: FxHashSet<(FileId, ExprId)>,
}

impl<'a> Walk<'_, 'a> {
    /// What is known of the fields that an expression gives a struct.
    pub(super) fn known_fields(&mut self, fields: &[(Symbol, ExprId)]) -> Box<[(Symbol, KnownId)]> {
        let mut all: Vec<(Symbol, KnownId)> = Vec::with_capacity(fields.len());
        for (name, value) in fields {
            let known = self.known(*value);
            match all.iter_mut().find(|(other, _)| other == name) {
                // Of two that stand for two platforms one is there.
                Some((_, twice)) => *twice = KnownId::UNKNOWN,
                None => all.push((*name, known)),
            }
        }
        all.into()
    }

    /// Notes what a struct of the tree is made of.
    pub(super) fn note_fields(
        &mut self,
        id: ExprId,
        of: Option<DefId>,
        path: &[Symbol],
        fields: &[(Symbol, ExprId)],
    ) {
        let outside = || {
            let scope = self.context.scope;
            let res = self.names.resolve(scope, path, false, Space::Types);
            matches!(res, Res::External(_))
        };
        if of.is_some() || outside() {
            self.flow.known.fields.told.insert((self.facts.file, id));
        }
        if let Some(of) = of.filter(|of| self.names.def(*of).kind == DefKind::Struct) {
            let (node, at) = (self.node, self.expr(id).at);
            let making = Making { node, at, fields: self.known_fields(&self.plain(fields)) };
            self.flow.known.fields.made.entry(of).or_default().push(making);
        }
    }

    /// Those of some fields that may be constants: what a struct holds that is made there is told of
    /// that.
    fn plain(&self, fields: &[(Symbol, ExprId)]) -> Vec<(Symbol, ExprId)> {
        let is_struct = |id: ExprId| match &self.expr(id).kind {
            ExprKind::Struct { path, .. } => self
                .pattern_target(path)
                .is_none_or(|of| self.names.def(of).kind != DefKind::Variant),
            _ => false,
        };
        fields.iter().copied().filter(|(_, value)| !is_struct(*value)).collect()
    }

    /// What is known of a field of what an expression gives.
    pub(super) fn known_field(&mut self, base: ExprId, name: Symbol) -> Known {
        let owner = self.owner_of(self.type_named(base, 0), name);
        if let Some(owner) = owner {
            self.flow.known.fields.asked.insert((owner, name));
        }
        Known::Field(self.known(base), name, owner)
    }

    /// The struct of the tree that has a field, behind whatever pointers.
    fn owner_of(&self, ty: T, name: Symbol) -> Option<DefId> {
        let mut at = ty;
        for _ in 0..8 {
            if let Some(of) = self.local_type(at)
                && self.names.field(of, name).is_some()
            {
                return (self.names.def(of).kind == DefKind::Struct).then_some(of);
            }
            at = self.deref(at)?;
        }
        None
    }

    /// What a method of a struct gives that no body of the tree is: that of a field, where a derive
    /// wrote it and it is named so.
    pub(super) fn unwritten(&mut self, on: Val, name: Symbol, alone: bool) -> Option<Val> {
        let text = self.text(name);
        let bare = text.strip_prefix("get_").and_then(|bare| self.names.symbols.find(bare));
        for name in [Some(name), bare].into_iter().flatten().filter(|_| alone) {
            if let Some(of) = self.owner_of(on.ty, name)
                && self.names.is_extended(of)
            {
                return Some(self.field_of(on, of, name));
            }
        }
        let of = self.local_type(self.seen_through(on.ty))?;
        // A trait of a crate has methods of its own, which say nothing of what is in a struct.
        if self.names.is_extended(of) || !self.names.has_traits_of_crates(of) {
            self.flow.known.unwritten.insert(of);
        }
        None
    }

    /// The same, where it is a function of a trait that a derive implemented.
    pub(super) fn note_unwritten(&mut self, path: PathId, args: &[Val]) {
        let Some(of) = args.first().and_then(|on| self.local_type(self.seen_through(on.ty))) else {
            return;
        };
        let path = &self.names.externals.get(path).text;
        let derive = path.rsplit("::").nth(1).unwrap_or_default();
        if self.names.is_derived(of, derive) {
            self.flow.known.unwritten.insert(of);
        }
    }

    /// The type of what names a value, or a field of one.
    fn type_named(&self, id: ExprId, depth: u8) -> T {
        if depth > FARTHEST {
            return T::UNKNOWN;
        }
        match &self.expr(id).kind {
            ExprKind::Name(name) => {
                let variables = self.scopes.iter().rev();
                let variable = variables.filter_map(|scope| scope.variables.get(name)).next();
                match variable {
                    Some(val) => val.ty,
                    None if self.names.is_self_value(*name) => self.self_val.ty,
                    None => T::UNKNOWN,
                }
            }
            ExprKind::Field { base, name, .. } => {
                let around = self.type_named(*base, depth + 1);
                let Some(of) = self.owner_of(around, *name) else { return T::UNKNOWN };
                let field = self.names.field(of, *name);
                field.map_or(T::UNKNOWN, |field| self.names.field_type(of, field, &[]))
            }
            ExprKind::Ref { expr: inner, .. } | ExprKind::Deref(inner) => {
                self.type_named(*inner, depth + 1)
            }
            _ => T::UNKNOWN,
        }
    }

    /// Notes when the closures run that are handed to a method of what may be there.
    pub(super) fn note_lazy(&mut self, receiver: ExprId, name: Symbol, args: &[ExprId]) {
        let wanted = match self.text(name) {
            "and_then" | "filter" | "inspect" | "is_some_and" | "map" | "map_or" => {
                Const::Something
            }
            "ok_or_else" | "or_else" | "unwrap_or_else" => Const::Nothing,
            _ => return,
        };
        if self.is_far(receiver) {
            return;
        }
        for arg in args {
            if let ExprKind::Closure { .. } = self.expr(*arg).kind {
                let on = self.known(receiver);
                let test = self.flow.known.add(Known::Is(on, Shape::Only(wanted, true)));
                self.gate(self.expr(*arg).at, receiver, test, true);
            }
        }
    }

    /// Whether a chain of calls is too long to be asked at each of them.
    fn is_far(&self, receiver: ExprId) -> bool {
        let mut at = receiver;
        for _ in 0..MOST_CALLS {
            let ExprKind::Method { receiver, .. } = self.expr(at).kind else { return false };
            at = receiver;
        }
        true
    }

    /// Notes a field that a pattern gives a name of its own: who has that may set it.
    pub(super) fn note_taken_apart(&mut self, name: Symbol, pat: &Pat) {
        if matches!(pat.kind, PatKind::Bind { .. } | PatKind::Ref(_) | PatKind::Or(_)) {
            self.flow.known.fields.set.insert(name);
        }
    }
}

impl Flow {
    /// Collects the names of fields that may be set, from everything that the files say.
    pub(super) fn note_set(&mut self, names: &Names<'_>, files: impl Iterator<Item = FileId>) {
        let files: FxHashSet<FileId> = files.collect();
        let fields = &mut self.known.fields;
        // What cannot be parsed is told elsewhere.
        for facts in names.all_facts().filter(|facts| files.contains(&facts.file)) {
            for (index, expr) in facts.exprs.iter().enumerate() {
                fields.note(names, facts, (ExprId(index as u32), &expr.kind));
            }
        }
        fields.told = FxHashSet::default();
    }
}

impl Fields {
    fn note(&mut self, names: &Names<'_>, facts: &Facts, (id, kind): (ExprId, &ExprKind)) {
        match kind {
            ExprKind::Assign { left, .. } | ExprKind::AssignOp { left, .. } => {
                self.note_all(facts, *left);
            }
            ExprKind::Ref { expr, mutable: true } => self.note_all(facts, *expr),
            ExprKind::Method { receiver, name, .. } => {
                if let Some(field) = field_named(facts, *receiver) {
                    self.called.entry(field).or_default().insert(*name);
                }
            }
            ExprKind::Struct { fields, .. } if !self.told.contains(&(facts.file, id)) => {
                self.set.extend(fields.iter().map(|(name, _)| *name));
            }
            ExprKind::Macro { path, args, .. } => {
                let name = path.last().map(|name| names.text(*name));
                if name.is_none_or(|name| names.catalog.macro_tokens(name).is_none()) {
                    self.set.extend(args.iter().filter_map(|arg| field_named(facts, *arg)));
                }
            }
            ExprKind::Match { on, arms } if arms.iter().any(|arm| is_changing(&arm.pat)) => {
                self.set.extend(field_named(facts, *on));
            }
            ExprKind::Let { pat, expr } if is_changing(pat) => {
                self.set.extend(field_named(facts, *expr));
            }
            ExprKind::Block(block) => self.note_lets(facts, block),
            _ => {}
        }
    }

    fn note_lets(&mut self, facts: &Facts, block: &Block) {
        for statement in &block.statements {
            if let Statement::Let { pat, init: Some(init), .. } = statement
                && is_changing(pat)
            {
                self.set.extend(field_named(facts, *init));
            }
        }
    }

    /// The fields of what is set: `a.b`, `(a.b, c.d)`, `*a.b`.
    fn note_all(&mut self, facts: &Facts, left: ExprId) {
        let mut todo = vec![left];
        while let Some(at) = todo.pop() {
            match &facts.expr(at).kind {
                ExprKind::Field { base, name, .. } => {
                    self.set.insert(*name);
                    todo.push(*base);
                }
                ExprKind::Index { base: inner, .. }
                | ExprKind::Deref(inner)
                | ExprKind::Ref { expr: inner, .. }
                | ExprKind::Method { receiver: inner, .. } => todo.push(*inner),
                ExprKind::Tuple(parts) | ExprKind::Array(parts) => todo.extend(parts),
                ExprKind::Call { args, .. } => todo.extend(args),
                ExprKind::Struct { fields, .. } => todo.extend(fields.iter().map(|(_, at)| *at)),
                _ => {}
            }
        }
    }

    /// Whether a field of a struct is only given what is put there where the struct is made.
    pub fn is_only_made(&self, names: &Names<'_>, of: DefId, name: Symbol) -> bool {
        let field = names.field(of, name);
        let kind = field.map(|field| names.types.get(names.field_type(of, field, &[])));
        let lent = |def: &DefId| {
            let receiver = names.function(*def).and_then(|function| function.receiver);
            matches!(receiver, Some(Receiver::Ref | Receiver::Value))
        };
        let looks = |method: &Symbol| {
            let meant = match kind.as_deref() {
                Some(Type::Local(kind, _)) => names.functions_of(*kind, *method),
                _ => Vec::new(),
            };
            match meant.is_empty() {
                true => LOOKS.binary_search(&names.text(*method)).is_ok(),
                false => meant.iter().all(lent),
            }
        };
        !self.set.contains(&name)
            && !self.loose.contains(&of)
            && !names.is_mentioned(names.def(of).name)
            && self.called.get(&name).into_iter().flatten().all(looks)
    }
}

/// The field that an expression names, or borrows.
fn field_named(facts: &Facts, id: ExprId) -> Option<Symbol> {
    let mut at = id;
    loop {
        at = match facts.expr(at).kind {
            ExprKind::Field { name, .. } => return Some(name),
            ExprKind::Ref { expr, .. } => expr,
            ExprKind::Deref(inner) => inner,
            _ => return None,
        };
    }
}

/// `ref mut x`, or `mut x`, which looks the same.
fn is_changing(pat: &Pat) -> bool {
    matches!(pat.kind, PatKind::Bind { fixed: false, .. })
}
