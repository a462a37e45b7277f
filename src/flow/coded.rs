//! Where does code say what deploy files say: in a field, or as a key and its value?

use super::walk::Walk;
use super::{NodeId, OriginKind, Val};
use crate::catalog::{Coded, CodedAt};
use crate::parse::tree::{ExprId, Range, TyPath};
use crate::resolve::{Res, Space};
use crate::symbol::Symbol;

/// A key that code sets, and what it sets it to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub node: NodeId,
    pub at: Range,
    pub coded: Coded,
    pub key: String,
    pub value: String,
}

impl Walk<'_, '_> {
    fn texts(&self, val: Val) -> Vec<Symbol> {
        let origins = self.flow.origins.list(val.from).iter();
        let texts = origins.filter_map(|origin| match self.flow.origins.kind(*origin) {
            OriginKind::Text(text) => Some(text),
            _ => None,
        });
        texts.collect()
    }

    fn note_said(&mut self, at: Range, coded: Coded, key: String, value: String) {
        let node = self.node;
        self.flow.said.push(Said { node, at, coded, key, value });
    }

    /// A field of a struct of another crate: `ServiceSpec { session_affinity: .., .. }`.
    pub(super) fn coded_field(&mut self, path: &TyPath, name: Symbol, value: ExprId, val: Val) {
        if !self.names.catalog.is_coded_field(self.text(name)) {
            return;
        }
        let scope = self.context.scope;
        let res = self.names.resolve(scope, &path.segments, path.absolute, Space::Types);
        let Res::External(of) = res else { return };
        let of = &*self.names.externals.get(of).text;
        self.coded_at(of.to_string(), name, self.expr(value).at, val);
    }

    /// The same, set later: `spec.session_affinity = ..`.
    pub(super) fn coded_at(&mut self, of: String, name: Symbol, at: Range, val: Val) {
        let field = self.text(name).to_string();
        for text in self.texts(val) {
            let value = self.text(text).to_string();
            let is = CodedAt::Field { of: &of, name: &field };
            if let Some(coded) = self.names.catalog.coded(is, &value) {
                return self.note_said(at, coded, field, value);
            }
        }
    }

    /// A key and its value: `("a/b", "c")`, `map.insert("a/b", "c")`, `x.key("a").value("b")`.
    pub(super) fn coded_pair(&mut self, at: Range, key: Val, value: Val) {
        let (keys, values) = (self.texts(key), self.texts(value));
        if keys.is_empty() || values.is_empty() {
            return;
        }
        let origins = self.flow.origins.list(key.from).iter();
        let given = origins.filter_map(|origin| match self.flow.origins.kind(*origin) {
            OriginKind::External(path) => Some(self.names.externals.get(path).text.clone()),
            _ => None,
        });
        let given: Vec<_> = given.collect();
        let crates: Vec<&str> = given.iter().filter_map(|path| path.split("::").next()).collect();
        let mut found = None;
        for (key, value) in keys.iter().flat_map(|key| values.iter().map(move |v| (*key, *v))) {
            let (key, value) = (self.text(key), self.text(value));
            let is = CodedAt::Text { key, crates: &crates };
            if let Some(coded) = self.names.catalog.coded(is, value) {
                found = Some((coded, key.to_string(), value.to_string()));
                break;
            }
        }
        if let Some((coded, key, value)) = found {
            self.note_said(at, coded, key, value);
        }
    }
}
