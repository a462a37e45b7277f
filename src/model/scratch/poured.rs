//! What is put into a file before it is moved, copied or kept, by whichever function has it?

use rustc_hash::FxHashSet;

use super::Scratch;
use crate::flow::{Callee, Froms, Origin, OriginKind};
use crate::model::keys::Key;
use crate::model::sites::Site;
use crate::resolve::DefId;

/// So many functions are asked what they put into one file.
const MOST: usize = 40;

impl Scratch<'_, '_, '_> {
    /// What is put where a call says, and what was put into what is moved there: also by functions
    /// that were handed it, that hand it over, or that gave it.
    pub(super) fn all_contents(&self, site: &Site<'_>) -> Vec<Froms> {
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
            let here = self.poured.iter().filter(|(of, one, _)| *of == def && one.is_beneath(&key));
            found.extend(here.map(|(_, _, from)| *from));
            todo.extend(self.handed_down(def, &key).map(|(def, key)| (def, key, false)));
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

    /// The functions that a function hands a file to, as what they know it.
    fn handed_down<'k>(
        &'k self,
        def: DefId,
        key: &'k Key,
    ) -> impl Iterator<Item = (DefId, Key)> + 'k {
        let flow = self.places.flow;
        let calls = self.filled.calls_of(def).iter().map(|id| flow.call(*id));
        let handing = calls.filter_map(|call| match &call.callee {
            Callee::Defs(defs) => Some((call, defs)),
            _ => None,
        });
        handing.flat_map(move |(call, defs)| {
            let is_it = |from: Froms| self.places.key(from).is_some_and(|one| one == *key);
            let handed = call.args.iter().enumerate().filter(move |(_, arg)| is_it(arg.from));
            let nodes = move || defs.iter().filter_map(|def| flow.bodies.get(def));
            handed.flat_map(move |(index, _)| {
                nodes().filter_map(move |node| {
                    let param = flow.origins.find(OriginKind::Param(*node, index as u16))?;
                    Some((flow.node(*node).def, Key { base: Some(param), ..Key::default() }))
                })
            })
        })
    }
}
