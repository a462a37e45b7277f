//! Which functions can a name mean, where the type does not tell? Those of one trait or one impl
//! that can be named from here.

use super::methods::Method;
use super::walk::Walk;
use crate::resolve::{DefId, DefKind, PathId, Res, T, Type};
use crate::symbol::Symbol;

impl Walk<'_, '_> {
    /// The only function of that name in the tree, where the type is not known. Impls of one
    /// trait count as one.
    pub(super) fn only_one(&self, name: Symbol) -> Method {
        if self.names.catalog.is_usual(self.text(name)) {
            return Method::Unknown;
        }
        let named = self.of_one_family(name, true);
        match named.is_empty() {
            true => Method::Unknown,
            false => Method::Local { defs: named, on: T::UNKNOWN },
        }
    }

    /// The functions of a name that a trait of the tree, which is there for all types, adds to them.
    pub(super) fn of_blanket(&self, name: Symbol) -> Vec<DefId> {
        let named = self.of_one_family(name, false);
        let Some(first) = named.first() else { return named };
        let block = self.names.def(*first).parent;
        let of = match self.names.impls.of(block).map(|found| found.of) {
            Some(Some(Res::Def(of))) => of,
            _ => block,
        };
        let blocks = self.names.impls.of_trait(of).iter();
        let mut types = blocks.filter_map(|block| self.names.impls.of(*block));
        let blanket =
            types.any(|found| matches!(&*self.names.types.get(found.self_type), Type::Param(..)));
        if blanket { named } else { Vec::new() }
    }

    /// The functions of a name, where all that can be named from here belong to one trait, or to
    /// one impl.
    pub(super) fn of_one_family(&self, name: Symbol, receives: bool) -> Vec<DefId> {
        // Impls of a trait count as the trait; one of another crate may have others elsewhere.
        let family = |id: DefId| {
            let block = self.names.def(id).parent;
            self.names.impls.of(block).map_or(Some(block), |found| match found.of {
                Some(Res::Def(of)) => Some(of),
                Some(_) => None,
                None => Some(block),
            })
        };
        let mut only = None;
        let mut named = Vec::new();
        for id in self.names.impls.named(name) {
            let function = self.names.function(*id);
            if function.is_none_or(|function| function.receiver.is_some() != receives) {
                continue;
            }
            let Some(of) = family(*id) else { return Vec::new() };
            if !self.names.sees(self.unit, of) {
                continue;
            }
            if only.is_some_and(|only| only != of) {
                return Vec::new();
            }
            only = Some(of);
            named.push(*id);
        }
        named
    }

    /// Whether any of these functions takes so many values besides its receiver. What an attribute
    /// makes of a trait may take others than the impls of it.
    pub(super) fn take(&self, functions: &[DefId], number: usize) -> bool {
        let takes = |id: &DefId| self.names.function(*id).map(|function| function.params.len());
        functions.iter().any(|id| takes(id) == Some(number))
    }

    /// Functions that a trait of the tree adds to a type outside it. What a pointer is given for all
    /// that it may point to gives way to what its content is known to have.
    pub(super) fn extension(&self, at: T, of: PathId, name: Symbol) -> Vec<DefId> {
        let named = self.names.impls.named(name).iter().copied();
        let adds = named.filter(|id| {
            let block = self.names.def(*id).parent;
            let target = self.names.impls.of(block).map(|found| found.self_type);
            target.is_some_and(|ty| match &*self.names.types.get(ty) {
                Type::External(path, args) if *path == of => {
                    let any = |arg: &T| match &*self.names.types.get(*arg) {
                        Type::Param(..) | Type::Bounds(_) => true,
                        Type::Local(of, _) => self.names.def(*of).kind == DefKind::Trait,
                        _ => false,
                    };
                    !(args.first().is_some_and(any) && self.has_its_own(at, name))
                }
                _ => false,
            })
        });
        adds.collect()
    }

    /// Whether what a pointer points to is known to have a method.
    fn has_its_own(&self, pointer: T, name: Symbol) -> bool {
        let Some(content) = self.deref(pointer) else { return false };
        match &*self.names.types.get(content) {
            Type::External(of, _) => {
                let path = self.names.externals.join(*of, name, self.text(name));
                self.is_known(*of, path, name)
            }
            _ => false,
        }
    }
}
