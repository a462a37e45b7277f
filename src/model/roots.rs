//! Where does a path, or what is put in, come from? Followed back to fields, texts, requests.

use super::places::{MOST_STEPS, Places, Trail};
use crate::catalog::DiskEffect;
use crate::flow::{CallId, Froms, Origin, OriginKind};
use crate::resolve::{DefId, PathId, T, Type};
use crate::symbol::Symbol;

/// Where a path comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Root {
    Static(DefId),
    Field(DefId, Symbol),
    /// What a method that is not known gives of a static, or of a value that has this name.
    Asked(Option<DefId>, Symbol),
    Text(Symbol),
    /// The environment, a configuration, anything outside.
    Outside(PathId),
    /// Below a temporary file or folder.
    Scratch(PathId),
    /// The answer of this very call: a random value, an opened file.
    Answer(CallId),
    /// What a request or a caller brings.
    Given,
}

/// The roots of a path: those of the folder it starts with, and all of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Roots {
    pub(super) leading: Vec<Root>,
    pub(super) all: Vec<Root>,
}

impl Places<'_, '_> {
    /// The roots of a path.
    pub(super) fn path_roots(&self, froms: Froms) -> Roots {
        if let Some(known) = self.roots.borrow().get(&froms) {
            return known.clone();
        }
        let mut roots = Roots::default();
        let mut trail = Trail::default();
        for origin in self.flow.origins.list(froms) {
            let mut found = Vec::new();
            self.root(*origin, &mut trail, &[], &mut found);
            if roots.leading.is_empty() {
                roots.leading.clone_from(&found);
            }
            for root in found {
                if !roots.all.contains(&root) {
                    roots.all.push(root);
                }
            }
        }
        self.roots.borrow_mut().insert(froms, roots.clone());
        roots
    }

    pub(super) fn root(
        &self,
        at: Origin,
        trail: &mut Trail,
        calls: &[CallId],
        found: &mut Vec<Root>,
    ) {
        trail.steps += 1;
        let mark = calls.last().map_or(u32::MAX, |call| call.0);
        if trail.steps > MOST_STEPS || !trail.seen.insert((at, mark)) {
            return;
        }
        match self.flow.origins.kind(at) {
            OriginKind::Static(id) => {
                if !self.is_struct(crate::flow::static_type(self.names, id)) {
                    found.push(Root::Static(id));
                }
                // A constant of its own is as good as its text.
                if let Some(node) = self.flow.bodies.get(&id) {
                    self.roots_of(self.flow.node(*node).returns, trail, calls, found);
                }
                for froms in self.once.get(&id).into_iter().flatten() {
                    self.roots_of(*froms, trail, &[], found);
                }
            }
            OriginKind::Text(text) => found.push(Root::Text(text)),
            OriginKind::Content(inner) | OriginKind::Derived(inner) => {
                self.root(inner, trail, calls, found);
            }
            OriginKind::Asked(inner, name) => {
                let mut beneath = Vec::new();
                self.root(inner, trail, calls, &mut beneath);
                let of = beneath.iter().find_map(|root| match root {
                    Root::Static(id) | Root::Field(id, _) => Some(*id),
                    _ => None,
                });
                let of = of.or(match self.flow.origins.kind(inner) {
                    OriginKind::Static(id) | OriginKind::Field { of: id, .. } => Some(id),
                    _ => None,
                });
                found.push(Root::Asked(of, name));
            }
            OriginKind::Field { of, name, .. } => {
                let field = self.names.field(of, name);
                let ty = field.map_or(T::UNKNOWN, |field| self.names.field_type(of, field, &[]));
                if !self.is_struct(ty) {
                    found.push(Root::Field(of, name));
                }
                for froms in self.stores.get(&(of, name)).into_iter().flatten() {
                    self.roots_of(*froms, trail, &[], found);
                }
            }
            OriginKind::Param(node, index) => {
                if self.entry_nodes.contains(&node) {
                    found.push(Root::Given);
                }
                self.each_argument(node, index, calls, |froms, calls| {
                    self.roots_of(froms, trail, calls, found);
                });
            }
            OriginKind::Result(call) => {
                let mut deeper = calls.to_vec();
                deeper.push(call);
                for froms in self.answers(call) {
                    self.roots_of(froms, trail, &deeper, found);
                }
            }
            OriginKind::External(path) => {
                let external = self.names.externals.get(path);
                let fact = self.names.catalog.call(&external.text);
                let scratch = fact.is_some_and(|fact| fact.disk == Some(DiskEffect::Temporary));
                found.push(if scratch { Root::Scratch(path) } else { Root::Outside(path) });
            }
            OriginKind::Noted(call) => found.push(Root::Answer(call)),
            OriginKind::Made(..) | OriginKind::Counted(_) | OriginKind::Registered(_) => {}
        }
    }

    /// A whole configuration says nothing about which of its paths is meant.
    pub(super) fn is_struct(&self, ty: T) -> bool {
        matches!(&*self.names.types.get(self.content(ty)), Type::Local(..))
    }

    pub(super) fn roots_of(
        &self,
        froms: Froms,
        trail: &mut Trail,
        calls: &[CallId],
        found: &mut Vec<Root>,
    ) {
        for origin in self.flow.origins.list(froms) {
            self.root(*origin, trail, calls, found);
        }
    }

    /// Whether a value is, or is part of, what a request brings.
    pub(super) fn is_given(&self, froms: Froms) -> bool {
        let mut trail = Trail::default();
        let origins = self.flow.origins.list(froms).iter();
        origins.into_iter().any(|origin| self.given(*origin, &mut trail))
    }

    /// Whether the answer of a call is to be had at any time, and otherwise each time.
    pub(super) fn is_at_hand(&self, path: PathId) -> bool {
        let fact = self.names.catalog.call(&self.names.externals.get(path).text);
        fact.is_some_and(|fact| fact.random || fact.clock)
    }

    pub(super) fn given(&self, at: Origin, trail: &mut Trail) -> bool {
        trail.steps += 1;
        if trail.steps > MOST_STEPS || !trail.seen.insert((at, u32::MAX)) {
            return false;
        }
        match self.flow.origins.kind(at) {
            OriginKind::Content(inner)
            | OriginKind::Derived(inner)
            | OriginKind::Asked(inner, _)
            | OriginKind::Field { base: Some(inner), .. } => self.given(inner, trail),
            OriginKind::Param(node, index) => {
                let mut given = self.entry_nodes.contains(&node);
                self.each_argument(node, index, &[], |froms, _| {
                    let mut origins = self.flow.origins.list(froms).iter();
                    given = given || origins.any(|origin| self.given(*origin, trail));
                });
                given
            }
            _ => false,
        }
    }
}
