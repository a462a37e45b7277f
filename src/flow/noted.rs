//! Which answers are followed by the very call that gave them? Random values, opened files.

use super::walk::Walk;
use super::{CallId, Callee, Compare, Froms, Origin, OriginKind, Used, Val};
use crate::catalog::{CallFact, DiskEffect, Passed, Role, TypeFact};
use crate::parse::tree::{ExprId, ExprKind, Range};
use crate::resolve::{External, PathId, T, Type};
use crate::symbol::Symbol;

impl Walk<'_, '_> {
    /// Whether a call that leaves the tree gives another random value each time: by its entry, or
    /// because it is given, or asks, a source of them.
    pub(super) fn gives_random(
        &self,
        external: &External,
        fact: Option<&CallFact>,
        args: &[Val],
        method: bool,
    ) -> bool {
        let of = external.around().unwrap_or_default();
        let is_source = |ty: T| self.role(self.seen_through(ty)) == Some(Role::Randomness);
        let copies = || method && self.names.catalog.universal(external.name()).is_some();
        let makes_source = !method && self.names.catalog.role(of) == Some(Role::Randomness);
        if args.iter().any(|arg| self.is_seeded(arg.from)) {
            return false;
        }
        fact.is_some_and(|fact| fact.random)
            || (!makes_source && args.iter().any(|arg| is_source(arg.ty)) && !copies())
    }

    /// Whether it is a source that was given its seed, and that is not random: it gives the same to
    /// everybody who has the seed.
    fn is_seeded(&self, from: Froms) -> bool {
        // A closure may make it: `let rng = || StdRng::from_seed(seed);`
        let given = |at: &Origin| match self.flow.origins.root(*at) {
            OriginKind::Result(call) => match self.flow.call(call).callee {
                Callee::Closure(node) => self.flow.node(node).returns,
                _ => Froms::NONE,
            },
            _ => Froms::NONE,
        };
        let list = |from| self.flow.origins.list(from).iter();
        let all = list(from).flat_map(|at| std::iter::once(at).chain(list(given(at))));
        let kinds = all.map(|at| self.flow.origins.root(*at));
        let is_random = |kind| match kind {
            OriginKind::Noted(call) => self.flow.random.contains(&call),
            // Of the time and the process, each has its own.
            OriginKind::External(path) => {
                let fact = self.names.externals.call(path);
                fact.is_some_and(|fact| fact.clock || fact.process)
            }
            _ => false,
        };
        let seeded = |kind| matches!(kind, OriginKind::External(path) if self.seeds(path));
        kinds.clone().any(seeded) && !kinds.into_iter().any(is_random)
    }

    /// Whether a function makes a source of random values that gives the same for the same seed.
    pub(super) fn seeds(&self, path: PathId) -> bool {
        let external = self.names.externals.get(path);
        let fact = self.names.catalog.type_fact(external.around().unwrap_or_default());
        fact.is_some_and(|fact| fact.seeds.iter().any(|seeds| seeds == external.name()))
    }

    /// Lets the answer be followed back to this call.
    pub(super) fn note_answer(
        &mut self,
        call: CallId,
        fact: Option<&CallFact>,
        random: bool,
        val: &mut Val,
    ) {
        let opens = fact.is_some_and(|fact| {
            matches!(fact.disk, Some(DiskEffect::Open | DiskEffect::Write)) || fact.does.is_some()
        });
        let noted = self.flow.origins.one(OriginKind::Noted(call));
        if random {
            self.flow.random.insert(call);
            // A source of random values is not itself one.
            if self.role(val.ty) != Some(Role::Randomness) {
                val.from = noted;
            }
        } else if opens {
            val.from = self.flow.origins.union(val.from, noted);
        }
    }

    /// A function that gives random values, handed over to be called: `Lazy::new(Key::generate)`.
    pub(super) fn random_function(&mut self, at: Range, value: Val) -> Val {
        let [origin] = *self.flow.origins.list(value.from) else { return value };
        let OriginKind::External(path) = self.flow.origins.kind(origin) else { return value };
        let fact = self.names.externals.call(path);
        if !fact.is_some_and(|fact| fact.random) {
            return value;
        }
        let call = self.push_call(at, Callee::External(path), Vec::new(), false, Vec::new());
        self.flow.random.insert(call);
        Val { ty: value.ty, from: self.flow.origins.one(OriginKind::Noted(call)) }
    }

    /// What the closures and functions among the arguments give, once they are called.
    pub(super) fn computed(&mut self, at: Range, args: &[Val]) -> Froms {
        let mut from = Froms::NONE;
        for arg in args {
            let given = match &*self.names.types.get(arg.ty) {
                Type::Closure(node) => self.flow.nodes[*node as usize].returns,
                Type::Function(id) => {
                    let callee = Callee::Defs([*id].into());
                    let call = self.push_call(at, callee, Vec::new(), false, Vec::new());
                    self.flow.origins.one(OriginKind::Result(call))
                }
                _ => arg.from,
            };
            let given = self.flow.origins.derived(given);
            from = self.flow.origins.union(from, given);
        }
        from
    }

    /// `hash.update(secret);` mixes the secret in, `rng.fill_bytes(&mut key);` makes the key random.
    pub(super) fn mix_in(&mut self, receiver: ExprId, args: &[ExprId], vals: &[Val], used: Used) {
        let mut mixed = Froms::NONE;
        for val in &vals[1..] {
            mixed = self.randoms(mixed, val.from);
        }
        let mut target = receiver;
        while let ExprKind::Method { receiver, .. } = self.expr(target).kind {
            target = receiver;
        }
        if used == Used::No
            && mixed != Froms::NONE
            && let ExprKind::Name(name) = self.expr(target).kind
            && let Some(known) = self.variable(name)
            && self.role(self.seen_through(known.ty)) != Some(Role::Randomness)
        {
            let from = self.flow.origins.union(mixed, known.from);
            self.rebind(name, Val { ty: known.ty, from });
        }
        let source = self.role(self.seen_through(vals[0].ty)) == Some(Role::Randomness);
        if source && !self.is_seeded(vals[0].from) {
            self.fill(args);
        }
    }

    /// What goes into a call besides the secrets by which it signs or seals.
    pub(super) fn besides_keys(&mut self, fact: &CallFact, args: &[Val], offset: usize) -> Froms {
        let is_key = |index: usize| {
            index < offset || fact.keys.iter().any(|key| *key == Passed::Argument(index - offset))
        };
        let told = args.iter().enumerate().filter(|(index, _)| !is_key(*index));
        let told: Vec<Val> = told.map(|(_, arg)| *arg).collect();
        self.gather(&told)
    }

    /// `value.hash(&mut hasher);` is `hasher.hash(value)`, and the hasher goes on with both.
    pub(super) fn take_up(&mut self, at: Range, name: Symbol, args: &[ExprId], vals: &[Val]) {
        for (arg, into) in args.iter().zip(&vals[1..]) {
            let ty = self.seen_through(into.ty);
            let text = self.text(name);
            let takes = |fact: &TypeFact| fact.takes_up.iter().any(|method| method == text);
            let Type::External(of, _) = *self.names.types.get(ty) else { continue };
            if self.names.type_fact(ty).is_some_and(takes) {
                let path = self.names.externals.join(of, name, text);
                let said = vec![*into, vals[0]];
                self.push_call(at, Callee::External(path), said, true, Vec::new());
                self.grow(*arg, *into, &vals[..1]);
            }
        }
    }

    /// Variables that a source of random values is lent to change are random from now on.
    pub(super) fn fill(&mut self, args: &[ExprId]) {
        for arg in args {
            let ExprKind::Ref { mut expr, mutable: true } = self.expr(*arg).kind else { continue };
            while let ExprKind::Index { base, .. } = self.expr(expr).kind {
                expr = base;
            }
            let ExprKind::Name(name) = self.expr(expr).kind else { continue };
            let Some(known) = self.variable(name) else { continue };
            if self.role(self.seen_through(known.ty)) == Some(Role::Randomness) {
                continue;
            }
            let (at, callee) = (self.expr(*arg).at, Callee::Unknown(name));
            let call = self.push_call(at, callee, Vec::new(), false, Vec::new());
            self.flow.random.insert(call);
            let from = self.flow.origins.one(OriginKind::Noted(call));
            self.rebind(name, Val { ty: known.ty, from });
        }
    }

    /// The random values among origins.
    fn randoms(&mut self, mut found: Froms, from: Froms) -> Froms {
        for origin in self.flow.origins.list(from).to_vec() {
            if let OriginKind::Noted(call) = self.flow.origins.kind(origin)
                && self.flow.random.contains(&call)
            {
                let one = self.flow.origins.one(OriginKind::Noted(call));
                found = self.flow.origins.union(found, one);
            }
        }
        found
    }

    /// The noted answers that closures among the arguments give: `path.map(|path| open(path))`.
    pub(super) fn noted_inside(&mut self, args: &[Val]) -> Froms {
        let mut from = Froms::NONE;
        for arg in args {
            let Type::Closure(node) = &*self.names.types.get(arg.ty) else { continue };
            let returns = self.flow.nodes[*node as usize].returns;
            let noted = self.noted_among(returns);
            from = self.flow.origins.union(from, noted);
        }
        from
    }

    /// The noted answers among origins.
    pub(super) fn noted_among(&mut self, from: Froms) -> Froms {
        let list = self.flow.origins.list(from).to_vec();
        let noted = list
            .into_iter()
            .filter(|origin| matches!(self.flow.origins.kind(*origin), OriginKind::Noted(_)));
        let noted = noted.collect();
        self.flow.origins.froms(noted)
    }

    /// The same, of something that such a service gave.
    pub(super) fn note_of_service(&mut self, vals: &[Val]) {
        let of = vals.first().map_or(Froms::NONE, |on| on.from);
        let service =
            self.flow.origins.list(of).iter().any(|origin| match self.flow.origins.kind(*origin) {
                OriginKind::External(path) => {
                    self.names.externals.get(path).role == Some(Role::BackingService)
                }
                _ => false,
            });
        if service {
            self.flow.saved.extend(vals.iter().skip(1).map(|val| val.from));
        }
        let client = |val: &Val| self.role(self.seen_through(val.ty)) == Some(Role::BackingService);
        if vals.iter().skip(1).any(client) {
            self.flow.consulting.insert(self.node);
        }
    }

    /// Remembers what is handed to a service that every replica shares.
    pub(super) fn note_service(&mut self, external: &External, args: &[Val]) {
        let service = external.role == Some(Role::BackingService)
            || args.first().is_some_and(|on| {
                self.role(self.seen_through(on.ty)) == Some(Role::BackingService)
            });
        let wire = |on: &Val| {
            let fact = self.names.type_fact(self.seen_through(on.ty));
            fact.is_some_and(|fact| fact.wire)
        };
        if args.first().is_some_and(wire) {
            self.flow.consulting.insert(self.node);
        }
        if service {
            self.flow.asking.insert(self.node);
            for arg in args {
                if arg.from != Froms::NONE {
                    self.flow.saved.insert(arg.from);
                }
            }
        }
    }

    /// Whether it is a connection that somebody from outside may have made, alone or with where it
    /// came from, if none failed.
    pub(super) fn is_caller(&self, ty: T, depth: u8) -> bool {
        let Type::External(path, args) = &*self.names.types.get(ty) else { return false };
        let external = self.names.externals.get(*path);
        let fact = self.names.catalog.type_fact(&external.text);
        let around = external.role == Some(Role::Carrier) || &*external.text == "tuple";
        fact.is_some_and(|fact| fact.caller)
            || around && depth < 4 && args.iter().any(|arg| self.is_caller(*arg, depth + 1))
    }

    /// Remembers what is handed to somebody outside the process.
    pub(super) fn note_sent(&mut self, vals: &[Val]) {
        let froms = vals.iter().map(|val| val.from);
        self.flow.sent.extend(froms.filter(|from| *from != Froms::NONE));
    }

    /// The same, where only the name of a method tells it, and what it is called on is no channel
    /// of this process.
    pub(super) fn note_tells(&mut self, name: &str, vals: &[Val]) {
        let Some((on, told)) = vals.split_first() else { return };
        if self.names.catalog.tells(name) && self.role(self.seen_through(on.ty)).is_none() {
            self.note_sent(told);
        }
    }

    /// Remembers a comparison that may ask what is kept.
    pub(super) fn note_compare(&mut self, at: Range, sides: [Val; 2], order: bool) {
        let telling = sides.iter().any(|side| {
            self.flow
                .origins
                .list(side.from)
                .iter()
                .any(|origin| !matches!(self.flow.origins.kind(*origin), OriginKind::Text(_)))
        });
        if telling {
            self.flow.compares.push(Compare { node: self.node, at, sides, order });
        }
    }
}
