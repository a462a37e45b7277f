//! What lets a value be changed by whoever shares it, and which structs are wrappers around that?

use super::places::Places;
use crate::catalog::Role;
use crate::resolve::{DefId, DefKind, T, Type};
use crate::symbol::Symbol;

impl Places<'_, '_> {
    /// Whether a field holds what its struct is a generic wrapper around.
    pub(super) fn is_wrapped(&self, of: DefId, name: Symbol) -> bool {
        if self.names.generics(of).is_empty() {
            return false;
        }
        if let Some(known) = self.wrapped.borrow().get(&(of, name)) {
            return *known;
        }
        let field = self.names.field(of, name);
        let wrapped = field.is_some_and(|field| {
            self.mentions_content(of, self.names.field_type(of, field, &[]), 0)
        }) && !self.is_only_asked_by(of, 0);
        self.wrapped.borrow_mut().insert((of, name), wrapped);
        wrapped
    }

    /// Whether a type mentions a parameter of a struct that stands for what it keeps.
    fn mentions_content(&self, of: DefId, ty: T, depth: u8) -> bool {
        match &*self.names.types.get(ty) {
            Type::Param(_, name) => !self.is_behaviour(of, *name),
            Type::External(path, args) if depth < 6 => {
                // What a collection takes besides, such as how it hashes, is not in it.
                let fact = self.names.catalog.type_fact(&self.names.externals.get(*path).text);
                let own = fact.map_or(0, |fact| fact.params.len());
                let own = if own == 0 { args.len() } else { own };
                args.iter().take(own).any(|arg| self.mentions_content(of, *arg, depth + 1))
            }
            Type::Local(_, args) if depth < 6 => {
                args.iter().any(|arg| self.mentions_content(of, *arg, depth + 1))
            }
            _ => false,
        }
    }

    /// Whether what a struct is generic over is what its tables are asked by, and never what they
    /// keep.
    fn is_only_asked_by(&self, of: DefId, depth: u8) -> bool {
        let mut found = false;
        let mut fields = self.names.fields(of).iter();
        depth < 4
            && fields.all(|field| {
                self.asks_by(self.names.field_type(of, field, &[]), depth + 1, &mut found)
            })
            && found
    }

    /// Whether a type mentions parameters only as what its tables are asked by, if at all.
    fn asks_by(&self, ty: T, depth: u8, found: &mut bool) -> bool {
        let table = [Role::Collection, Role::SharedCollection, Role::Cache];
        let is_param = |arg: &T| matches!(&*self.names.types.get(*arg), Type::Param(..));
        match &*self.names.types.get(ty) {
            Type::Param(..) => false,
            Type::External(path, args) if depth < 6 => {
                let fact = self.names.catalog.type_fact(&self.names.externals.get(*path).text);
                let own = fact.map_or(0, |fact| fact.params.len());
                let table = self.role(ty).is_some_and(|role| table.contains(&role));
                // A table of locks keeps nothing: whoever has one says what they guard.
                let locks = |arg: &T| self.role(self.peeled(*arg)) == Some(Role::Lock);
                let keyed = own == 2 && table && args.first().is_some_and(is_param);
                let keyed = keyed && !args.iter().any(locks);
                *found |= keyed;
                let mut rest = args.iter().skip(usize::from(keyed));
                rest.all(|arg| self.asks_by(*arg, depth + 1, found))
            }
            Type::Local(of, args) if args.iter().any(is_param) => {
                let asked = self.is_only_asked_by(*of, depth);
                *found |= asked;
                asked
            }
            Type::External(_, args) | Type::Local(_, args) => args.is_empty(),
            _ => true,
        }
    }

    /// Whether a parameter stands for a part of the service, chosen when it is put together: its
    /// bounds, here or where methods are written, are traits of the tree.
    fn is_behaviour(&self, of: DefId, name: Symbol) -> bool {
        let of_tree = |owner: DefId, name: Symbol| {
            self.names.param_bounds(owner, name).into_iter().any(|bound| {
                matches!(&*self.names.types.get(bound), Type::Local(id, _)
                    if self.names.def(*id).kind == DefKind::Trait)
            })
        };
        let position = self.names.generics(of).iter().position(|generic| generic.name == name);
        let Some(position) = position else { return false };
        of_tree(of, name)
            || self.names.impls.for_type(of).iter().any(|block| {
                let Some(found) = self.names.impls.of(*block) else { return false };
                let Type::Local(_, args) = &*self.names.types.get(found.self_type) else {
                    return false;
                };
                let Some(arg) = args.get(position) else { return false };
                matches!(&*self.names.types.get(*arg), Type::Param(owner, name)
                    if of_tree(*owner, *name))
            })
    }

    /// What lets a value of the type be changed by whoever shares it: the role of the first lock,
    /// cell or shared collection that is met through pointers, carriers and collections.
    pub(super) fn interior(&self, ty: T) -> Option<(Role, T)> {
        self.interior_at(ty, 0)
    }

    fn interior_at(&self, ty: T, depth: u8) -> Option<(Role, T)> {
        if depth > 8 {
            return None;
        }
        let ty_kind = self.names.types.get(ty);
        if let Type::Local(of, args) = &*ty_kind
            && !args.is_empty()
        {
            let mut fields = self.names.fields(*of).iter();
            return fields.find_map(|field| {
                self.is_wrapped(*of, field.name)
                    .then(|| self.interior_at(self.names.field_type(*of, field, args), depth + 1))
                    .flatten()
            });
        }
        let Type::External(path, args) = &*ty_kind else { return None };
        match self.names.externals.get(*path).role {
            Some(
                role @ (Role::Lock
                | Role::Cell
                | Role::Atomic
                | Role::SharedCollection
                | Role::Cache
                | Role::SessionStore
                | Role::RateLimiter),
            ) => Some((role, ty)),
            Some(Role::Pointer | Role::Guard | Role::Carrier | Role::Once | Role::Collection)
            | None => args.iter().find_map(|arg| self.interior_at(*arg, depth + 1)),
            _ => None,
        }
    }
}
