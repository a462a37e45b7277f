//! Which session stores does a service make, and which functions' answers does an attribute keep?

use super::states::Parts;
use super::{Kind, Model, entries};
use crate::catalog::{AttributeMeaning, Role};
use crate::diagnostic::Step;
use crate::flow::OriginKind;
use crate::resolve::{DefKind, Type};
use crate::source::Span;

impl Parts<'_, '_, '_> {
    /// Session stores of this process that a service makes.
    pub(super) fn sessions(&self, model: &mut Model) {
        let mut made: Vec<_> = self.flow.made.iter().collect();
        made.sort();
        for (origin, ty) in made {
            let peeled = self.places.peeled(*ty);
            if self.places.role(peeled) != Some(Role::SessionStore) {
                continue;
            }
            let OriginKind::Made(node, expr) = self.flow.origins.kind(*origin) else { continue };
            let body = self.flow.node(node);
            let at = self.names.facts(body.file).expr(expr).at;
            let serves = self.reach.is_startup_at(node, at) || self.reach.is_serving(node);
            if !serves || !self.reach.selected(body.def) {
                continue;
            }
            let Type::External(path, _) = &*self.names.types.get(peeled) else { continue };
            let external = self.names.externals.get(*path);
            let Some(fact) = self.names.catalog.type_fact(&external.text) else { continue };
            let name = external.text.rsplit("::").next().unwrap_or_default().to_string();
            model.sessions.push(Kind {
                at: Span::new(body.file, at.start, at.end),
                item: self.names.path(body.def),
                name,
                role: Role::SessionStore,
                owner: self.reach.owner(body.def, Some(node)),
                because: Vec::new(),
                why: fact.why.clone(),
                instead: fact.instead.clone(),
            });
        }
        // An `Arc` around a store is the same store.
        model.sessions.sort_by_key(|kind| (kind.at.file, kind.at.end, kind.at.start));
        model.sessions.dedup_by(|a, b| {
            a.at.file == b.at.file && b.at.start <= a.at.start && a.at.end <= b.at.end + 1
        });
    }

    /// Functions whose answers an attribute keeps.
    pub(super) fn cached(&self, model: &mut Model) {
        for id in self.names.ids() {
            let def = self.names.def(id);
            let Some(item) = def.item else { continue };
            if def.kind != DefKind::Function || !self.reach.selected(id) {
                continue;
            }
            for attr in &item.attrs {
                let Some(path) = entries::attribute_path(self.names, id, &attr.path) else {
                    continue;
                };
                let Some(fact) = self.names.catalog.attribute(&path) else { continue };
                let node = self.flow.bodies.get(&id).copied();
                let serving = node.is_some_and(|node| self.reach.is_serving(node));
                if fact.means != AttributeMeaning::Cached || !serving {
                    continue;
                }
                if node.is_some_and(|node| self.is_pure(node, &model.states)) {
                    continue;
                }
                let name = self.names.text(def.name).to_string();
                let access =
                    node.and_then(|node| self.reach.access(node, item.at, format!("`{name}`")));
                let mut because = Vec::new();
                if let Some(access) = access {
                    let entry = &self.reach.entries[access.entry].point;
                    because.push(Step::new(entry.at, format!("{} gets its answer", entry.label)));
                }
                model.cached.push(Kind {
                    at: Span::new(def.file, attr.at.start, attr.at.end),
                    item: self.names.path(id),
                    name,
                    role: Role::Cache,
                    owner: self.reach.owner(id, node),
                    because,
                    why: fact.why.clone(),
                    instead: fact.instead.clone(),
                });
            }
        }
    }
}
