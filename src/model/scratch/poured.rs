//! What is put into a file before it is moved, copied or kept, by whichever function has it?

use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::Scratch;
use crate::flow::{Callee, Froms, Origin, OriginKind};
use crate::model::keys::Key;
use crate::model::sites::Site;
use crate::resolve::DefId;

/// So many functions are asked what they put into one file.
const MOST: usize = 40;

/// Paths that a function hands to others, and as what these know them.
pub(super) type Handed = Rc<[(Key, (DefId, Key))]>;

impl Scratch<'_, '_, '_> {
    /// What is put where a call says, and what was put into what is moved there: also by functions
    /// that were handed it, that hand it over, or that gave it.
    pub(in crate::model) fn all_contents(&self, site: &Site<'_>) -> Vec<Froms> {
        let def = self.places.flow.node(site.call.node).def;
        let mut found = self.contents(site);
        if let Some(key) = self.places.key(site.target) {
            found.extend(self.poured_into(def, key, false));
        }
        for from in site.source.into_iter().chain(site.content) {
            let Some(key) = self.places.key(from) else { continue };
            let poured = self.poured_into(def, self.unopened(key), true);
            // The file itself is no content.
            if !poured.is_empty() {
                found.retain(|one| *one != from);
            }
            found.extend(poured);
        }
        found.retain(|from| !self.places.path_roots(*from).is_scratch());
        found.sort();
        found.dedup();
        found
    }

    /// The path under which a file was opened, whatever was then put around it.
    fn unopened(&self, mut key: Key) -> Key {
        let kind = |origin: &Origin| self.places.flow.origins.kind(*origin);
        while key.rest.last().is_some_and(|last| matches!(kind(last), OriginKind::External(_))) {
            key.rest.pop();
        }
        key
    }

    /// What is put into a file by a function, by those that it hands the file to, and by those that
    /// had it before.
    fn poured_into(&self, def: DefId, key: Key, before: bool) -> Vec<Froms> {
        let flow = self.places.flow;
        let mut found = Vec::new();
        let mut seen = FxHashSet::default();
        let mut todo = vec![(def, key, before)];
        while let Some((def, key, before)) = todo.pop() {
            if seen.len() > MOST || !seen.insert((def, key.clone())) {
                continue;
            }
            let here = self.poured.get(&def).into_iter().flatten();
            found.extend(here.filter(|(one, _)| one.is_beneath(&key)).map(|(_, from)| *from));
            let known = self.handed(def);
            let down = known.iter().filter(|(one, _)| *one == key);
            todo.extend(down.map(|(_, (def, key))| (*def, key.clone(), false)));
            if !before {
                continue;
            }
            for id in self.places.callers_of(&key) {
                let outer = self.places.lifted(&key, *id);
                let of = flow.node(flow.call(*id).node).def;
                todo.extend(outer.map(|outer| (of, outer, true)));
            }
            let Some((call, ..)) = self.places.given_by(&key) else { continue };
            let Callee::Defs(defs) = &flow.call(call).callee else { continue };
            for node in defs.iter().filter_map(|def| flow.bodies.get(def)) {
                let inner = self.places.key(flow.node(*node).returns);
                todo.extend(inner.map(|inner| (flow.node(*node).def, inner, true)));
            }
        }
        found
    }

    /// What a function hands to others, and as what they know it.
    fn handed(&self, def: DefId) -> Handed {
        if let Some(known) = self.handed.borrow().get(&def) {
            return known.clone();
        }
        let handed: Handed = self.handed_down(def).into();
        self.handed.borrow_mut().insert(def, handed.clone());
        handed
    }

    fn handed_down(&self, def: DefId) -> Vec<(Key, (DefId, Key))> {
        let flow = self.places.flow;
        let mut handed = Vec::new();
        for call in self.filled.calls_of(def).iter().map(|id| flow.call(*id)) {
            let Callee::Defs(defs) = &call.callee else { continue };
            for (index, arg) in call.args.iter().enumerate() {
                let Some(key) = self.places.key(arg.from) else { continue };
                for node in defs.iter().filter_map(|def| flow.bodies.get(def)) {
                    let param = flow.origins.find(OriginKind::Param(*node, index as u16));
                    let Some(param) = param else { continue };
                    let inner = Key { base: Some(param), ..Key::default() };
                    handed.push((key.clone(), (flow.node(*node).def, inner)));
                }
            }
        }
        handed
    }
}
