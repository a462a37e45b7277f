//! Of which structs does each request or connection make its own value, and nobody puts it where the
//! next would find it?

use std::cell::{OnceCell, RefCell};

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Flow, Places, Reach};
use crate::flow::{Froms, NodeId, Origin, OriginKind, TouchKind};
use crate::resolve::{DefId, Res, T, Type};

/// Callers of callers are followed this far.
const FARTHEST: usize = 12;
/// How many values one is followed through.
const MOST_STEPS: usize = 256;

pub(super) struct Singles<'s, 'm, 'a> {
    flow: &'s Flow,
    reach: &'s Reach<'m, 'a>,
    places: &'s Places<'m, 'a>,
    /// Of each struct, whether that is so of it, whatever it becomes a part of.
    known: RefCell<FxHashMap<DefId, bool>>,
    held: OnceCell<Held>,
}

/// Structs of which values are put into something.
#[derive(Default)]
struct Held {
    /// What may be looked up there.
    put: FxHashSet<DefId>,
    /// Fields, by the structs that these are of.
    parts: FxHashMap<DefId, FxHashSet<DefId>>,
}

impl<'s, 'm, 'a> Singles<'s, 'm, 'a> {
    pub(super) fn new(
        flow: &'s Flow,
        reach: &'s Reach<'m, 'a>,
        places: &'s Places<'m, 'a>,
    ) -> Self {
        Singles { flow, reach, places, known: RefCell::default(), held: OnceCell::new() }
    }

    pub(super) fn has(&self, ty: T) -> bool {
        match &*self.places.names.types.get(self.places.peeled(ty)) {
            Type::Local(of, _) => self.is_single(*of),
            _ => false,
        }
    }

    /// Whether it and all that it becomes a part of are made for one request, and let go of.
    fn is_single(&self, of: DefId) -> bool {
        let mut todo = vec![of];
        let mut seen: FxHashSet<DefId> = FxHashSet::default();
        while let Some(at) = todo.pop() {
            if !seen.insert(at) {
                continue;
            }
            if !self.is_alone(at) {
                return false;
            }
            todo.extend(self.held().parts.get(&at).into_iter().flatten());
        }
        true
    }

    fn is_alone(&self, of: DefId) -> bool {
        if let Some(known) = self.known.borrow().get(&of) {
            return *known;
        }
        let makers = self.flow.makes.get(&of).map_or(&[][..], Vec::as_slice);
        let mut runs = makers.iter().filter(|node| self.runs(**node)).peekable();
        let alone = runs.peek().is_some()
            && !self.is_kept_by_framework(of)
            && runs.all(|node| self.is_for_one(*node, &mut Vec::new()))
            && !self.held().put.contains(&of);
        self.known.borrow_mut().insert(of, alone);
        alone
    }

    fn is_kept_by_framework(&self, of: DefId) -> bool {
        let names = self.places.names;
        let traits = names.impls.for_type(of).iter().filter_map(|block| names.impls.of(*block)?.of);
        let fact = |of| match of {
            Res::External(path) => names.catalog.implement(&names.externals.get(path).text),
            _ => None,
        };
        traits.filter_map(fact).any(|fact| fact.one_value)
    }

    fn runs(&self, node: NodeId) -> bool {
        self.reach.is_serving(node) || self.reach.is_startup(node)
    }

    /// Whether a body only runs for a request, a connection or a message, whoever calls it.
    fn is_for_one(&self, node: NodeId, up: &mut Vec<NodeId>) -> bool {
        if self.reach.is_startup(node) || up.len() > FARTHEST {
            return false;
        }
        let mut body = node;
        for at in self.flow.enclosing(node) {
            if let Some(entry) = self.reach.entry_at(at) {
                let mut started = || {
                    let mut starts = entry.starts().peekable();
                    starts.peek().is_some() && starts.all(|(from, _)| self.is_for_one(from, up))
                };
                return entry.point.kind.is_asked() || started();
            }
            body = at;
        }
        if up.contains(&body) {
            return true;
        }
        up.push(body);
        let callers = self.places.callers.get(&body).into_iter().flatten();
        let callers = callers.map(|call| self.flow.call(*call).node);
        let mut callers = callers.filter(|from| self.runs(*from)).peekable();
        let all = callers.peek().is_some() && callers.all(|from| self.is_for_one(from, up));
        up.pop();
        all
    }

    fn held(&self) -> &Held {
        self.held.get_or_init(|| self.find_held())
    }

    fn find_held(&self) -> Held {
        let mut held = Held::default();
        let mut known: FxHashMap<Froms, Vec<DefId>> = FxHashMap::default();
        let mut made = |froms: Froms| {
            let found = || self.made_of(froms);
            known.entry(froms).or_insert_with(found).clone()
        };
        for touch in &self.flow.touches {
            if matches!(touch.kind, TouchKind::Change | TouchKind::Fill | TouchKind::Send) {
                held.put.extend(made(touch.value));
            }
        }
        for handed in &self.flow.shared {
            held.put.extend(made(handed.val.from));
        }
        for store in &self.flow.stores {
            for of in made(store.from) {
                held.parts.entry(of).or_default().insert(store.of);
            }
        }
        held
    }

    /// The structs of which a value is one, or leads to one.
    fn made_of(&self, froms: Froms) -> Vec<DefId> {
        let (origins, mut found) = (&self.flow.origins, Vec::new());
        let mut todo: Vec<Origin> = origins.list(froms).to_vec();
        let mut seen: FxHashSet<Origin> = FxHashSet::default();
        while let Some(at) = todo.pop() {
            if seen.len() >= MOST_STEPS || !seen.insert(at) {
                continue;
            }
            let mut add = |froms: Froms| todo.extend(origins.list(froms));
            match origins.kind(at) {
                OriginKind::Made(..) => found.extend(self.made_type(at)),
                OriginKind::Derived(inner) => todo.push(inner),
                OriginKind::Result(call) => self.places.answers(call).into_iter().for_each(add),
                OriginKind::Param(node, index) => {
                    self.places.each_argument(node, index, &[], |froms, _| add(froms));
                }
                _ => {}
            }
        }
        found
    }

    fn made_type(&self, origin: Origin) -> Option<DefId> {
        let ty = self.places.peeled(*self.flow.made.get(&origin)?);
        match &*self.places.names.types.get(ty) {
            Type::Local(of, _) => Some(*of),
            _ => None,
        }
    }
}
