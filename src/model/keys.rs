//! Which path does one body mean? As far as its own names go, so that two calls can be compared.

use std::hash::{Hash, Hasher};

use super::places::Places;
use super::roots::Root;
use crate::catalog::Role;
use crate::flow::{CallId, Callee, Froms, NodeId, Origin, OriginKind, Way};
use crate::resolve::{DefId, T, Type};
use crate::symbol::Symbol;

/// A path as one body knows it: where its folder comes from, and what is joined to it.
#[derive(Debug, Clone, Default)]
pub(super) struct Key {
    pub(super) base: Option<Origin>,
    /// Fields, and functions that were asked for no more.
    pub(super) fields: Vec<(DefId, Symbol)>,
    pub(super) rest: Vec<Origin>,
    /// The call that gave it, and how many of the fields and of the rest lie before that.
    pub(super) given: Option<(CallId, usize, usize)>,
}

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        self.base == other.base && self.fields == other.fields && self.rest == other.rest
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.base, &self.fields, &self.rest).hash(state);
    }
}

impl Key {
    /// Whether it is `folder`, or beneath it.
    pub(super) fn is_beneath(&self, folder: &Key) -> bool {
        self.base == folder.base
            && self.fields == folder.fields
            && self.rest.starts_with(&folder.rest)
    }
}

impl Places<'_, '_> {
    /// A path, taken apart.
    pub(super) fn key(&self, froms: Froms) -> Option<Key> {
        self.key_of(froms, None)
    }

    /// The same, of each of those that a function is asked for one after the other: with each of
    /// some words.
    pub(super) fn keys(&self, froms: Froms) -> Vec<Key> {
        let first = self.flow.origins.list(froms).first().map(|first| self.bare_kind(*first));
        let words = match first {
            Some(OriginKind::Result(call)) => {
                let args = self.flow.call(call).args.iter();
                args.map(|arg| self.words(arg.from).map_or(1, <[Origin]>::len)).max()
            }
            _ => None,
        };
        (0..words.unwrap_or(1)).filter_map(|nth| self.key_of(froms, Some(nth))).collect()
    }

    /// Several words that a value may be.
    fn words(&self, froms: Froms) -> Option<&[Origin]> {
        let list = self.flow.origins.list(froms);
        let word = |origin: &Origin| matches!(self.bare_kind(*origin), OriginKind::Text(_));
        (list.len() > 1 && list.iter().all(word)).then_some(list)
    }

    fn key_of(&self, froms: Froms, nth: Option<usize>) -> Option<Key> {
        self.key_among(self.flow.origins.list(froms), nth)
    }

    fn key_among(&self, origins: &[Origin], nth: Option<usize>) -> Option<Key> {
        let names = |origin: &&Origin| {
            !matches!(
                self.flow.origins.kind(**origin),
                OriginKind::Noted(_) | OriginKind::Registered(_) | OriginKind::Counted(_)
            )
        };
        let mut origins = origins.iter().filter(names);
        let (first, rest) = (origins.next()?, origins);
        let mut fields = Vec::new();
        let mut at = *first;
        let base = loop {
            at = match self.flow.origins.kind(at) {
                OriginKind::Derived(inner) | OriginKind::Content(inner) => inner,
                OriginKind::Field { base, of, name } => {
                    fields.push((of, name));
                    match base {
                        Some(base) => base,
                        None => break None,
                    }
                }
                _ => break Some(at),
            };
        };
        fields.reverse();
        let rest = rest.map(|origin| self.bare(*origin)).collect();
        let key = Key { base, fields, rest, given: None };
        match base.map(|base| self.flow.origins.kind(base)) {
            Some(OriginKind::Result(call)) => {
                let told = || self.told(call, &key);
                Some(self.handed_on(call, &key, nth).or_else(told).unwrap_or(key))
            }
            _ => Some(key),
        }
    }

    /// What a function gives that it finds beneath a path which it was handed.
    fn handed_on(&self, call: CallId, key: &Key, nth: Option<usize>) -> Option<Key> {
        let [given] = *self.flow.given(key.base?, call) else { return None };
        let (first, _) = self.flow.origins.list(given).split_first()?;
        let OriginKind::Param(..) = self.flow.origins.kind(self.bare(*first)) else { return None };
        if self.is_led_by_another(call) {
            return None;
        }
        let mut inner = self.key(given)?;
        // What is joined to it may be handed over, too.
        let mut rest = Vec::new();
        for origin in inner.rest {
            let OriginKind::Param(_, index) = self.flow.origins.kind(origin) else {
                rest.push(origin);
                continue;
            };
            let handed = self.flow.call(call).args.get(index as usize)?.from;
            let list = self.flow.origins.list(handed);
            match nth.and_then(|nth| self.words(handed)?.get(nth)) {
                Some(word) => rest.push(self.bare(*word)),
                None if list.is_empty() => return None,
                None => rest.extend(list.iter().map(|origin| self.bare(*origin))),
            }
        }
        inner.rest = rest;
        let mut outer = self.lifted(&inner, call)?;
        outer.fields.extend(&key.fields);
        outer.rest.extend(&key.rest);
        Some(outer)
    }

    /// A path that begins with what a call gave, where that lies in what the call was handed.
    pub(super) fn given_of(&self, call: CallId, key: &Key, far: u8) -> Option<Key> {
        let [given] = *self.flow.given(key.base?, call) else { return None };
        let mut inner = self.key(given)?;
        if let OriginKind::Result(deeper) = self.flow.origins.kind(inner.base?) {
            inner = self.given_of(deeper, &inner, far.checked_sub(1)?)?;
        }
        let mut outer = self.lifted(&inner, call)?;
        outer.fields.extend(&key.fields);
        outer.rest.extend(&key.rest);
        Some(outer)
    }

    /// What a function gives of one thing, the same each time it is asked: as good as a field.
    fn told(&self, call: CallId, key: &Key) -> Option<Key> {
        let Callee::Defs(defs) = &self.flow.call(call).callee else { return None };
        let [def] = **defs else { return None };
        let [given] = *self.answers(call) else { return None };
        let new = |root: &Root| match root {
            Root::Answer(_) | Root::Scratch(_) => true,
            Root::Outside(path) => self.is_at_hand(*path),
            _ => false,
        };
        let mut outer = match &*self.flow.call(call).args {
            [] => Key::default(),
            [of] => self.key(of.from)?,
            _ => return None,
        };
        if self.path_roots(given).all.iter().any(new) {
            return None;
        }
        outer.given = Some((call, outer.fields.len() + 1, outer.rest.len()));
        outer.fields.push((def, self.names.def(def).name));
        outer.fields.extend(&key.fields);
        outer.rest.extend(&key.rest);
        Some(outer)
    }

    fn is_made(&self, origin: Origin) -> bool {
        matches!(self.flow.origins.kind(origin), OriginKind::Made(..))
    }

    /// What a path is derived from.
    pub(super) fn bare_kind(&self, origin: Origin) -> OriginKind {
        self.flow.origins.kind(self.bare(origin))
    }

    fn bare(&self, origin: Origin) -> Origin {
        let mut at = origin;
        while let OriginKind::Derived(inner) | OriginKind::Content(inner) =
            self.flow.origins.kind(at)
        {
            at = inner;
        }
        at
    }

    /// The same path as a caller of the body knows it.
    pub(super) fn lifted(&self, key: &Key, call: CallId) -> Option<Key> {
        let OriginKind::Param(_, index) = self.flow.origins.kind(key.base?) else { return None };
        let handed = self.flow.call(call).args.get(index as usize)?;
        // Of a struct that is made there, only the field is known.
        let made = || (!key.fields.is_empty()).then(Key::default);
        let mut outer = self.key(handed.from).or_else(made)?;
        outer.fields.extend(&key.fields);
        if outer.base.is_some_and(|base| self.is_made(base)) {
            outer.base = None;
        }
        for origin in &key.rest {
            match self.handed_for(*origin, call) {
                [] => outer.rest.push(*origin),
                handed => outer.rest.extend(handed.iter().map(|origin| self.bare(*origin))),
            }
        }
        Some(outer)
    }

    /// What a call hands over for a parameter that is joined to a path.
    fn handed_for(&self, joined: Origin, call: CallId) -> &[Origin] {
        let call = self.flow.call(call);
        match (self.flow.origins.kind(joined), &call.callee) {
            (OriginKind::Param(node, index), Callee::Defs(defs))
                if defs.contains(&self.flow.node(node).def) =>
            {
                let handed = call.args.get(index as usize);
                handed.map_or(&[][..], |arg| self.flow.origins.list(arg.from))
            }
            _ => &[],
        }
    }

    /// The call that gave a path, and what of it lies before that.
    pub(super) fn given_by(&self, key: &Key) -> Option<(CallId, usize, usize)> {
        key.given.or_else(|| match self.flow.origins.kind(key.base?) {
            OriginKind::Result(call) => Some((call, 0, 0)),
            _ => None,
        })
    }

    /// The paths that a function may mean by the one path of several things that it gives together:
    /// where in the list of their origins it begins and ends is not known.
    pub(super) fn parts_given(&self, node: NodeId) -> Vec<Key> {
        let body = self.flow.node(node);
        let parts = self.parts_of_answer(body.def);
        if parts.iter().filter(|part| self.role(**part) == Some(Role::Path)).count() != 1 {
            return Vec::new();
        }
        let list = self.flow.origins.list(body.returns);
        let from = |start: usize| (start + 1..=list.len()).map(move |end| &list[start..end]);
        let parts = (0..list.len()).flat_map(from);
        parts.filter_map(|part| self.key_among(part, None)).collect()
    }

    /// The types of what a function gives together.
    fn parts_of_answer(&self, def: DefId) -> Vec<T> {
        match &*self.names.types.get(self.peeled(self.names.return_type(def))) {
            Type::External(path, parts) if &*self.names.externals.get(*path).text == "tuple" => {
                parts.to_vec()
            }
            _ => Vec::new(),
        }
    }

    /// Whether what a call gives begins with something else than the path among it.
    fn is_led_by_another(&self, call: CallId) -> bool {
        let Callee::Defs(defs) = &self.flow.call(call).callee else { return false };
        let path = |part: &T| self.role(*part) == Some(Role::Path);
        let parts = defs.iter().map(|def| self.parts_of_answer(*def));
        parts.into_iter().any(|parts| parts.iter().position(path).is_some_and(|at| at > 0))
    }

    /// The paths that a function puts into a field of what it makes, where each is known.
    pub(super) fn put_by(&self, node: NodeId, field: (DefId, Symbol)) -> Vec<Key> {
        let put = self.froms_put_by(node, field).into_iter();
        put.map(|from| self.key(from)).collect::<Option<_>>().unwrap_or_default()
    }

    /// What a function puts into a field of what it makes.
    pub(super) fn froms_put_by(&self, node: NodeId, (of, field): (DefId, Symbol)) -> Vec<Froms> {
        let def = self.flow.node(node).def;
        let stores = self.flow.stores.iter().filter(|store| {
            store.of == of && store.field == field && self.flow.node(store.node).def == def
        });
        stores.map(|store| store.from).collect()
    }

    /// Whether something is done because of what is, or is not, at a path.
    pub(super) fn depends_on(&self, way: Way, key: &Key) -> bool {
        self.flow.forks(way).any(|fork| self.key(fork.on).is_some_and(|on| on == *key))
    }

    /// The calls of the body of which a path is a parameter.
    pub(super) fn callers_of(&self, key: &Key) -> &[CallId] {
        let Some(base) = key.base else { return &[] };
        match self.flow.origins.kind(base) {
            OriginKind::Param(node, _) => self.callers.get(&node).map_or(&[], Vec::as_slice),
            _ => &[],
        }
    }
}
