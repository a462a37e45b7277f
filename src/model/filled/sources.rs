//! What is a value made of, in terms of the function that has it: which parameters, and which fields
//! of them?

use rustc_hash::FxHashSet;

use super::{DEEPEST, FARTHEST, Filled, is_where};
use crate::flow::{Call, CallId, Callee, Froms, Origin, OriginKind};
use crate::model::places::Trail;
use crate::model::sites::Site;
use crate::resolve::{DefId, T, Type};
use crate::symbol::Symbol;

/// Whose field a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Base {
    Param(Origin),
    /// Of a value of this struct of which nothing else is known.
    Of(DefId),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Source {
    base: Base,
    /// The outermost first; without any it is the whole.
    fields: Vec<Symbol>,
    /// Whether it is only a part of what something was computed of.
    computed: bool,
    /// Whether it names a file, where others only say in which folder that lies.
    names: bool,
}

impl Source {
    fn covers(&self, other: &Source) -> bool {
        self.base == other.base && other.fields.starts_with(&self.fields)
    }
}

/// How what a call gave is seen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// It may be made of all that was handed over.
    Whole,
    /// Only of those fields of it that the function names, where it names some.
    Named,
}

impl Filled<'_, '_, '_> {
    pub(super) fn sources(&self, from: Froms, seen: Seen) -> FxHashSet<Source> {
        let mut found = FxHashSet::default();
        self.gather(from, seen, 0, &mut found);
        found
    }

    fn gather(&self, from: Froms, seen: Seen, far: u8, found: &mut FxHashSet<Source>) {
        let flow = self.places.flow;
        for (index, origin) in flow.origins.list(from).iter().enumerate() {
            let (mut at, mut fields) = (*origin, Vec::new());
            let base = loop {
                match flow.origins.kind(at) {
                    OriginKind::Derived(inner)
                    | OriginKind::Content(inner)
                    | OriginKind::Asked(inner, _) => at = inner,
                    OriginKind::Part(inner, name) => {
                        fields.push(name);
                        at = inner;
                    }
                    OriginKind::Field { base, of, name } => {
                        fields.push(name);
                        match base {
                            Some(inner) => at = inner,
                            None => break Some(Base::Of(of)),
                        }
                    }
                    OriginKind::Param(..) => break Some(Base::Param(at)),
                    _ => break None,
                }
            };
            fields.reverse();
            match (base, flow.origins.kind(at)) {
                (Some(base), _) => {
                    found.insert(Source { base, fields, computed: false, names: index > 0 });
                }
                (_, OriginKind::Result(id)) if far < DEEPEST => {
                    self.gather_given(at, id, seen, far + 1, found);
                }
                (_, OriginKind::Made(..)) if far < DEEPEST => {
                    let Some(parts) = flow.parts.get(&at) else { continue };
                    let mut made = FxHashSet::default();
                    self.gather(*parts, seen, far + 1, &mut made);
                    let of = |one| Source { computed: true, names: index > 0, ..one };
                    found.extend(made.into_iter().map(of));
                }
                _ => {}
            }
        }
    }

    fn gather_given(
        &self,
        at: Origin,
        id: CallId,
        seen: Seen,
        far: u8,
        found: &mut FxHashSet<Source>,
    ) {
        let flow = self.places.flow;
        let call = flow.call(id);
        let mut inner = FxHashSet::default();
        if seen == Seen::Named {
            let given = flow.given(at, id);
            given.into_iter().for_each(|from| self.gather(from, seen, far, &mut inner));
        }
        for (index, arg) in call.args.iter().enumerate() {
            let own: Vec<&Source> =
                inner.iter().filter(|one| self.index(one) == Some(index)).collect();
            let mut handed = FxHashSet::default();
            self.gather(arg.from, seen, far, &mut handed);
            match own.is_empty() || own.iter().any(|one| one.fields.is_empty()) {
                true => {
                    let names = own.is_empty() || own.iter().any(|one| one.names);
                    let of = |one| Source { computed: true, names, ..one };
                    found.extend(handed.into_iter().map(of));
                }
                false => {
                    let each = own.into_iter().flat_map(|one| beneath(&handed, one));
                    found.extend(each.collect::<Vec<_>>());
                }
            }
        }
        found.extend(inner.into_iter().filter(|one| matches!(one.base, Base::Of(_))));
    }

    /// Which argument of its function something is.
    fn index(&self, source: &Source) -> Option<usize> {
        let Base::Param(at) = source.base else { return None };
        match self.places.flow.origins.kind(at) {
            OriginKind::Param(_, index) => Some(usize::from(index)),
            _ => None,
        }
    }

    /// The same, as a caller knows it.
    pub(super) fn lifted(
        &self,
        sources: &FxHashSet<Source>,
        call: &Call,
        seen: Seen,
    ) -> FxHashSet<Source> {
        self.lifted_but(sources, call, seen, &|_| false)
    }

    /// The same, without what is handed over so.
    pub(super) fn lifted_but(
        &self,
        sources: &FxHashSet<Source>,
        call: &Call,
        seen: Seen,
        so: &dyn Fn(Froms) -> bool,
    ) -> FxHashSet<Source> {
        let mut found = FxHashSet::default();
        for source in sources {
            match self.index(source) {
                Some(index) => {
                    let Some(arg) = call.args.get(index).filter(|arg| !so(arg.from)) else {
                        continue;
                    };
                    found.extend(beneath(&self.sources(arg.from, seen), source));
                }
                None => drop(found.insert(source.clone())),
            }
        }
        found
    }

    /// What the paths are made of at which a call looks where another puts something.
    pub(super) fn looked_by(&self, look: CallId, site: &Site<'_>, far: u8) -> FxHashSet<Source> {
        let flow = self.places.flow;
        let call = flow.call(look);
        let mut found = FxHashSet::default();
        let Callee::Defs(defs) = &call.callee else { return found };
        for def in defs {
            for (target, folders) in self.looked_at.get(def).into_iter().flatten() {
                if is_where(folders, site) {
                    let sources = self.sources(*target, Seen::Named);
                    found.extend(self.lifted(&sources, call, Seen::Named));
                }
            }
            if far < FARTHEST {
                for inner in self.calls_of(*def).iter().filter(|inner| self.looks(**inner, site)) {
                    let sources = self.looked_by(*inner, site, far + 1);
                    found.extend(self.lifted(&sources, call, Seen::Named));
                }
            }
        }
        found
    }

    /// Whether something is made of nothing that requests bring but of these, and of nothing else that
    /// came along with these.
    pub(super) fn is_within(&self, sources: &FxHashSet<Source>, by: &FxHashSet<Source>) -> bool {
        sources.iter().all(|one| {
            let whole = one.fields.is_empty();
            match one.base {
                Base::Param(at) if whole && self.is_of_several(at) => false,
                _ if by.iter().any(|other| other.covers(one)) => true,
                Base::Param(at) if whole => !self.places.given(at, &mut Trail::default()),
                _ if by.iter().any(|other| other.names && other.base == one.base) => false,
                Base::Param(at) => !self.is_brought(at, &mut FxHashSet::default()),
                Base::Of(_) => true,
            }
        })
    }

    /// Whether a request brought several things together, of which nobody can tell which is meant.
    fn is_of_several(&self, at: Origin) -> bool {
        let OriginKind::Param(node, index) = self.places.flow.origins.kind(at) else {
            return false;
        };
        let ty = self.places.flow.node(node).params.get(usize::from(index)).copied();
        self.places.entry_nodes.contains(&node) && ty.is_some_and(|ty| self.is_tuple(ty))
    }

    fn is_tuple(&self, ty: T) -> bool {
        let names = self.places.names;
        match &*names.types.get(ty) {
            Type::External(path, args) => match &*names.externals.get(*path).text {
                "tuple" => args.len() > 1,
                _ => args.iter().any(|inner| self.is_tuple(*inner)),
            },
            _ => false,
        }
    }

    fn is_brought(&self, at: Origin, seen: &mut FxHashSet<Origin>) -> bool {
        let flow = self.places.flow;
        if !seen.insert(at) {
            return false;
        }
        match flow.origins.kind(at) {
            OriginKind::Derived(inner)
            | OriginKind::Content(inner)
            | OriginKind::Part(inner, _)
            | OriginKind::Field { base: Some(inner), .. } => self.is_brought(inner, seen),
            OriginKind::Param(node, index) => {
                let mut brought = self.places.is_brought(at);
                self.places.each_argument(node, index, &[], |froms, _| {
                    let mut list = flow.origins.list(froms).iter();
                    brought = brought || list.any(|one| self.is_brought(*one, seen));
                });
                brought
            }
            _ => false,
        }
    }
}

/// The same fields of what was handed over; of what was computed of that, all.
fn beneath(handed: &FxHashSet<Source>, inner: &Source) -> Vec<Source> {
    let each = handed.iter().map(|outer| {
        let mut fields = outer.fields.clone();
        if !outer.computed {
            fields.extend(&inner.fields);
        }
        let computed = outer.computed || inner.computed;
        Source { base: outer.base, fields, computed, names: inner.names }
    });
    each.collect()
}
