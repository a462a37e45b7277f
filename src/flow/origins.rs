//! What a value is, or was made from: interned, so that values stay small.

use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::tuples::Slot;
use super::{CallId, NodeId};
use crate::parse::tree::ExprId;
use crate::resolve::{DefId, PathId, T};
use crate::symbol::Symbol;

/// An origin, by its number in [`Origins`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin(u32);

/// A few origins, the leading one first: of a path, the folder before the file name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Froms(u32);

impl Froms {
    pub const NONE: Froms = Froms(0);
}

/// Where a value comes from. The first group *is* the place; [`OriginKind::Derived`] only was
/// computed from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OriginKind {
    /// A static or constant of the tree.
    Static(DefId),
    /// A value created here by a constructor.
    Made(NodeId, ExprId),
    /// A parameter, the receiver being the first.
    Param(NodeId, u16),
    /// A field, of the value at `base` where that is known.
    Field { base: Option<Origin>, of: DefId, name: Symbol },
    /// What is inside a lock or cell.
    Content(Origin),
    /// The answer of a call to functions of the tree.
    Result(CallId),
    /// What is shared of that type: somebody asked for it by its type.
    Handed(T),
    /// Computed from, copied from, moved out of.
    Derived(Origin),
    /// What a method that is not known gives, asked without arguments: `CONFIG.upload_dir()`.
    Asked(Origin, Symbol),
    /// The field of that name of a value whose type is not of the tree: `config.server.certificate`.
    Part(Origin, Symbol),
    /// A string literal.
    Text(Symbol),
    /// The name of a variable of the environment, carried along with what stands in it.
    Variable(Symbol),
    /// The answer of a call that leaves the tree: configuration, environment, temporary folder.
    External(PathId),
    /// The answer of this very call that leaves the tree: a random value, an opened file.
    Noted(CallId),
    /// A number taken from a shared counter, carried along to learn what becomes of it.
    Counted(u32),
    /// A part of a route, carried along to whoever registers a handler under it.
    Route(Symbol),
    /// A handler's registration, carried along to learn its route.
    Registered(u32),
}

/// Every origin met so far, and every short list of them.
#[derive(Debug)]
pub struct Origins {
    /// With the place of a tuple that the value had, where it is part of what a call gave.
    kinds: IndexSet<(OriginKind, Option<Slot>), FxBuildHasher>,
    lists: IndexSet<Box<[Origin]>, FxBuildHasher>,
    /// The list of each origin alone, where there is one: most lists are of that kind.
    alone: Vec<Froms>,
    unions: FxHashMap<(Froms, Froms), Froms>,
    /// Fields that were taken out of what calls gave that leave the tree, and by these.
    taken: FxHashMap<(DefId, Symbol), Vec<PathId>>,
}

/// More origins than this say nothing about a value.
const MOST: usize = 8;
/// Deeper chains of fields and contents are cut.
const DEEPEST: usize = 6;

impl Default for Origins {
    fn default() -> Origins {
        let mut lists = IndexSet::default();
        lists.insert(Box::default());
        Origins {
            kinds: IndexSet::default(),
            lists,
            alone: Vec::new(),
            unions: FxHashMap::default(),
            taken: FxHashMap::default(),
        }
    }
}

impl Origins {
    pub fn intern(&mut self, kind: OriginKind) -> Origin {
        Origin(self.kinds.insert_full((kind, None)).0 as u32)
    }

    /// The origin of a kind that was met before.
    pub fn find(&self, kind: OriginKind) -> Option<Origin> {
        self.kinds.get_index_of(&(kind, None)).map(|index| Origin(index as u32))
    }

    /// What is asked for by its type.
    pub fn handed(&self) -> impl Iterator<Item = T> + '_ {
        self.kinds.iter().filter_map(|(kind, _)| match kind {
            OriginKind::Handed(ty) => Some(*ty),
            _ => None,
        })
    }

    pub fn kind(&self, origin: Origin) -> OriginKind {
        self.kinds[origin.0 as usize].0
    }

    /// The place of a tuple that a part of a call's answer has.
    pub(super) fn slot(&self, origin: Origin) -> Option<Slot> {
        self.kinds[origin.0 as usize].1
    }

    /// What stands at a place of what a call gave, where that is all that this is.
    pub(super) fn at_slot(&mut self, froms: Froms, slot: Slot) -> Froms {
        let [origin] = *self.list(froms) else { return froms };
        match (self.kind(origin), self.slot(origin)) {
            (kind @ OriginKind::Result(_), None) => {
                let part = Origin(self.kinds.insert_full((kind, Some(slot))).0 as u32);
                self.alone(part)
            }
            _ => froms,
        }
    }

    /// The whole of what calls gave, of which these are parts.
    pub(super) fn together(&mut self, froms: Froms) -> Froms {
        self.each(froms, |origins, origin| match origins.kind(origin) {
            OriginKind::Derived(inner) => match origins.kind(inner) {
                whole @ OriginKind::Result(_) => {
                    let whole = origins.intern(whole);
                    origins.intern(OriginKind::Derived(whole))
                }
                _ => origin,
            },
            kind @ OriginKind::Result(_) => origins.intern(kind),
            _ => origin,
        })
    }

    /// The kind of an origin, of what it was computed from where it was computed.
    pub fn root(&self, origin: Origin) -> OriginKind {
        let mut at = origin;
        loop {
            match self.kind(at) {
                OriginKind::Derived(inner) | OriginKind::Part(inner, _) => at = inner,
                kind => return kind,
            }
        }
    }

    /// What a value is a part of, lies in, or was asked of or computed from.
    pub fn whole(&self, origin: Origin) -> Option<Origin> {
        match self.kind(origin) {
            OriginKind::Content(inner)
            | OriginKind::Derived(inner)
            | OriginKind::Asked(inner, _)
            | OriginKind::Part(inner, _)
            | OriginKind::Field { base: Some(inner), .. } => Some(inner),
            _ => None,
        }
    }

    /// The kind of the whole that a value was taken out of.
    pub fn base(&self, origin: Origin) -> OriginKind {
        let mut at = origin;
        while let Some(inner) = self.whole(at) {
            at = inner;
        }
        self.kind(at)
    }

    pub fn list(&self, froms: Froms) -> &[Origin] {
        &self.lists[froms.0 as usize]
    }

    pub fn one(&mut self, kind: OriginKind) -> Froms {
        let origin = self.intern(kind);
        self.alone(origin)
    }

    fn alone(&mut self, origin: Origin) -> Froms {
        let at = origin.0 as usize;
        match self.alone.get(at) {
            Some(known) if *known != Froms::NONE => return *known,
            Some(_) => {}
            None => self.alone.resize(self.kinds.len(), Froms::NONE),
        }
        let froms = Froms(self.lists.insert_full(Box::new([origin])).0 as u32);
        self.alone[at] = froms;
        froms
    }

    pub fn froms(&mut self, origins: Vec<Origin>) -> Froms {
        if origins.is_empty() {
            return Froms::NONE;
        }
        let mut unique: Vec<Origin> = Vec::with_capacity(origins.len().min(MOST));
        for origin in origins {
            if unique.len() < MOST && !unique.contains(&origin) {
                unique.push(origin);
            }
        }
        if let [origin] = *unique {
            return self.alone(origin);
        }
        match self.lists.get_index_of(unique.as_slice()) {
            Some(known) => Froms(known as u32),
            None => Froms(self.lists.insert_full(unique.into()).0 as u32),
        }
    }

    /// Both, those of `first` leading.
    pub fn union(&mut self, first: Froms, second: Froms) -> Froms {
        if second == Froms::NONE || first == second {
            return first;
        }
        if first == Froms::NONE {
            return second;
        }
        if let Some(known) = self.unions.get(&(first, second)) {
            return *known;
        }
        let both = self.list(first).iter().chain(self.list(second)).copied().collect();
        let union = self.froms(both);
        self.unions.insert((first, second), union);
        union
    }

    fn each(&mut self, froms: Froms, mut f: impl FnMut(&mut Origins, Origin) -> Origin) -> Froms {
        if froms == Froms::NONE {
            return froms;
        }
        if let [origin] = *self.list(froms) {
            let mapped = f(self, origin);
            return self.alone(mapped);
        }
        let list = self.list(froms).to_vec();
        let mapped = list.into_iter().map(|origin| f(self, origin)).collect();
        self.froms(mapped)
    }

    /// Something computed from these.
    pub fn derived(&mut self, froms: Froms) -> Froms {
        self.each(froms, Origins::derived_one)
    }

    fn derived_one(&mut self, origin: Origin) -> Origin {
        match self.kind(origin) {
            OriginKind::Derived(_)
            | OriginKind::Text(_)
            | OriginKind::Variable(_)
            | OriginKind::External(_)
            | OriginKind::Noted(_)
            | OriginKind::Asked(..)
            | OriginKind::Part(..)
            | OriginKind::Counted(_)
            | OriginKind::Route(_)
            | OriginKind::Registered(_) => origin,
            _ => self.intern(OriginKind::Derived(origin)),
        }
    }

    /// What the method `name` gives, asked of these without arguments.
    pub fn asked(&mut self, froms: Froms, name: Symbol) -> Froms {
        self.each(froms, |origins, origin| match origins.kind(origin) {
            OriginKind::Static(_) | OriginKind::Field { .. } | OriginKind::Param(..) => {
                origins.intern(OriginKind::Asked(origin, name))
            }
            OriginKind::Content(inner) => origins.intern(OriginKind::Asked(inner, name)),
            OriginKind::Derived(_)
            | OriginKind::Text(_)
            | OriginKind::Variable(_)
            | OriginKind::External(_)
            | OriginKind::Noted(_)
            | OriginKind::Asked(..)
            | OriginKind::Part(..)
            | OriginKind::Counted(_)
            | OriginKind::Route(_)
            | OriginKind::Registered(_) => origin,
            _ => origins.intern(OriginKind::Derived(origin)),
        })
    }

    /// The field `name` of these, whose type is not of the tree.
    pub fn part(&mut self, froms: Froms, name: Symbol) -> Froms {
        self.each(froms, |origins, origin| match origins.kind(origin) {
            OriginKind::Static(_) | OriginKind::Field { .. } | OriginKind::Param(..) => {
                origins.intern(OriginKind::Part(origin, name))
            }
            OriginKind::Content(inner) | OriginKind::Part(inner, _) => {
                origins.intern(OriginKind::Part(inner, name))
            }
            _ => origins.derived_one(origin),
        })
    }

    /// What is inside the lock or cell at these.
    pub fn content(&mut self, froms: Froms) -> Froms {
        self.each(froms, |origins, origin| match origins.kind(origin) {
            OriginKind::Derived(_) | OriginKind::Content(_) | OriginKind::Part(..) => origin,
            _ => origins.intern(OriginKind::Content(origin)),
        })
    }

    /// The field `name` of a struct or variant at these; also where nothing is known of the base.
    pub fn field(&mut self, froms: Froms, of: DefId, name: Symbol) -> Froms {
        if froms == Froms::NONE {
            return self.one(OriginKind::Field { base: None, of, name });
        }
        self.each(froms, |origins, origin| {
            origins.take(origin, of, name);
            // A field of a copy is nobody else's.
            let kind = origins.kind(origin);
            if let OriginKind::Derived(_) | OriginKind::Part(..) = kind {
                let field = origins.intern(OriginKind::Field { base: None, of, name });
                return origins.intern(OriginKind::Derived(field));
            }
            let base = match origins.kind(origin) {
                OriginKind::Content(_)
                | OriginKind::Made(..)
                | OriginKind::Param(..)
                | OriginKind::Static(_)
                | OriginKind::Handed(_) => Some(origin),
                OriginKind::Field { .. } | OriginKind::Result(_)
                    if origins.depth(origin) < DEEPEST =>
                {
                    Some(origin)
                }
                _ => None,
            };
            origins.intern(OriginKind::Field { base, of, name })
        })
    }

    /// Notes that a field is taken out of what a call gave that leaves the tree, or of a part of it.
    fn take(&mut self, origin: Origin, of: DefId, name: Symbol) {
        let from = match self.root(origin) {
            OriginKind::External(path) => vec![path],
            OriginKind::Field { base: None, of, name } => self.taken_from(of, name).to_vec(),
            _ => return,
        };
        if !from.is_empty() {
            let known = self.taken.entry((of, name)).or_default();
            let new = from.into_iter().filter(|path| !known.contains(path)).collect::<Vec<_>>();
            known.extend(new);
        }
    }

    /// The calls that leave the tree which gave what a field of this name was taken out of.
    pub fn taken_from(&self, of: DefId, name: Symbol) -> &[PathId] {
        self.taken.get(&(of, name)).map_or(&[], Vec::as_slice)
    }

    fn depth(&self, origin: Origin) -> usize {
        let mut depth = 0;
        let mut at = origin;
        loop {
            at = match self.kind(at) {
                OriginKind::Field { base: Some(base), .. } => base,
                OriginKind::Content(base) | OriginKind::Derived(base) => base,
                _ => return depth,
            };
            depth += 1;
        }
    }
}
