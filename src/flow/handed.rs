//! What is handed to whom? Contents to closures, shared values to whoever asks by their type.

use super::methods::Method;
use super::outside::Answer;
use super::walk::Walk;
use super::{Froms, OriginKind, Val};
use crate::catalog::Role;
use crate::resolve::{PathId, T};
use crate::symbol::Symbol;

impl Walk<'_, '_> {
    /// What closures among the arguments of a method are given, where nothing says otherwise.
    pub(super) fn lent_to_closures(
        &mut self,
        on: Val,
        method: &Method,
        name: Symbol,
    ) -> Option<Vec<Val>> {
        if let Method::External { path, .. } = method
            && self.names.catalog.register(&self.names.externals.get(*path).text).is_some()
        {
            return self.handed_to(on, method);
        }
        if let Method::External { path, .. } = method
            && let Some(ty) = self.hands(*path)
        {
            return Some(vec![Val { ty, from: on.from }]);
        }
        Some(self.lent(on, method, name))
    }

    /// What a closure among the arguments is given: the content of a cell that lends it, the
    /// elements of a collection, what a carrier holds.
    fn lent(&mut self, on: Val, method: &Method, name: Symbol) -> Vec<Val> {
        let Method::External { on: found, of, .. } = method else {
            let ty = self.element(on.ty);
            return vec![Val { ty, from: on.from }];
        };
        let of = self.names.externals.get(*of);
        let fact = self.names.catalog.type_fact(&of.text);
        let name = self.text(name);
        let from = match of.role {
            Some(Role::Lock | Role::Cell | Role::SharedCollection | Role::Cache) => {
                self.flow.origins.content(on.from)
            }
            _ => on.from,
        };
        if fact.is_some_and(|fact| fact.lends.iter().any(|lends| lends == name)) {
            return vec![Val { ty: self.first_arg(*found), from }];
        }
        let args = self.args(*found);
        match args.as_slice() {
            [] => vec![Val { ty: T::UNKNOWN, from }],
            // `retain(|key, value| ..)`
            [key, value] if of.role != Some(Role::Carrier) => {
                vec![Val { ty: *key, from }, Val { ty: *value, from }]
            }
            [first, ..] => vec![Val { ty: *first, from }],
        }
    }

    /// What a framework gives to the closure that is registered here.
    fn handed_to(&mut self, on: Val, method: &Method) -> Option<Vec<Val>> {
        let Method::External { path, .. } = method else { return None };
        let hands = self.names.catalog.register_hands(&self.names.externals.get(*path).text);
        let inner = self.args(on.ty);
        let given = hands
            .iter()
            .map(|text| Val { ty: self.names.instantiate(text, on.ty, &inner), from: Froms::NONE });
        (!hands.is_empty()).then(|| given.collect())
    }

    /// The answer of a call that asks for what is shared by its type.
    pub(super) fn extracted(&mut self, path: PathId, asked: T) -> Option<Answer> {
        let text = self.names.catalog.extracted(&self.names.externals.get(path).text)?;
        let ty = self.names.instantiate(text, asked, &[asked]);
        let from = self.flow.origins.one(OriginKind::Handed(asked));
        Some(Answer { val: Val { ty, from }, known: true, apart: false })
    }
}
