//! What is shared with a value? All that it holds.

use super::Finder;
use crate::catalog::Role;
use crate::diagnostic::Step;
use crate::flow::OriginKind;
use crate::model::places::Place;
use crate::model::reach::Programs;
use crate::resolve::{DefId, DefKind, Names, PathId, T, Type};
use crate::symbol::Symbol;

impl Finder<'_, '_, '_> {
    /// Everything that a shared value holds is shared.
    pub(super) fn spread(&mut self, ty: T, step: &Step) {
        self.spread_at(ty, false, step);
    }

    /// The same of a value that may stay as it was put together before anything serves.
    pub(super) fn spread_at(&mut self, ty: T, stays: bool, step: &Step) {
        let seen = |stays| self.seen.get(&(ty, stays)).copied().unwrap_or_default();
        let known = seen(false) | if stays { seen(true) } else { Programs::default() };
        if known & self.within == self.within || self.seen.len() > 20_000 {
            return;
        }
        *self.seen.entry((ty, stays)).or_default() |= self.within;
        let stays = stays && self.momentary.stays(ty);
        match &*self.names.types.get(ty).clone() {
            // What goes through a channel is on its way to somebody else.
            Type::External(..) if carries_messages(self.names, ty) => {}
            // What a function is handed it does not hold; what it gives it may have captured.
            Type::External(path, args) if is_callable(self.names, *path) => {
                for given in args.iter().skip(1) {
                    self.spread_at(*given, true, step);
                }
            }
            Type::External(_, args) => {
                for arg in args {
                    self.spread_at(*arg, stays, step);
                }
            }
            Type::Bounds(bounds) => {
                for bound in bounds {
                    self.spread_at(*bound, stays, step);
                }
            }
            Type::Param(owner, name) => {
                for bound in self.names.param_bounds(*owner, *name) {
                    self.spread_at(bound, stays, step);
                }
            }
            Type::Local(id, args) => self.spread_local(*id, args, stays, step),
            Type::Unknown | Type::Function(_) | Type::Closure(_) => {}
        }
    }

    fn is_never_made(&self, ty: T) -> bool {
        match &*self.names.types.get(ty) {
            Type::Local(of, _) => self.reach.is_asleep(*of),
            _ => false,
        }
    }

    fn share_type(&mut self, id: DefId, step: &Step) {
        let known = self.shared.types.entry(id).or_default();
        if !known.iter().any(|(_, within)| within & self.within == self.within) {
            known.push((step.clone(), self.within));
        }
    }

    fn spread_local(&mut self, id: DefId, args: &[T], stays: bool, step: &Step) {
        if stays && self.momentary.is(id) {
            return;
        }
        let kind = self.names.def(id).kind;
        // What stands behind a trait may have what the trait is about, though seldom what requests
        // make: that it is handed.
        let about = kind == DefKind::Trait && !self.keeps_behind(id);
        for arg in args {
            self.spread_at(*arg, stays || about, step);
        }
        match kind {
            DefKind::Trait => {
                for block in self.names.impls.of_trait(id).to_vec() {
                    let found = self.names.impls.of(block).map(|found| found.self_type);
                    if let Some(ty) = found.filter(|ty| !self.is_never_made(*ty)) {
                        self.spread_at(ty, stays, step);
                    }
                }
            }
            DefKind::Enum => {
                self.share_type(id, step);
                let made = |variant: &DefId| !self.reach.is_asleep(*variant);
                for variant in self.names.variants(id).filter(made).collect::<Vec<_>>() {
                    self.share_type(variant, step);
                    self.spread_fields(variant, args, stays, step);
                }
            }
            _ => {
                self.share_type(id, step);
                self.spread_fields(id, args, stays, step);
            }
        }
    }

    /// Whether a type behind a trait has a field that may be changed while it is shared.
    fn keeps_behind(&self, of: DefId) -> bool {
        let blocks = self.names.impls.of_trait(of).iter();
        let mut types = blocks.filter_map(|block| Some(self.names.impls.of(*block)?.self_type));
        types.any(|ty| match &*self.names.types.get(ty) {
            Type::Local(of, args) => self.names.fields(*of).iter().any(|field| {
                let ty = self.names.field_type(*of, field, args);
                self.places.interior(ty).is_some()
            }),
            _ => true,
        })
    }

    fn spread_fields(&mut self, of: DefId, args: &[T], stays: bool, step: &Step) {
        for (index, field) in self.names.fields(of).iter().enumerate() {
            let ty = self.names.field_type(of, field, args);
            if self.places.interior(ty).is_some() {
                let peeled = self.places.peeled(ty);
                self.keep(peeled, Place::Field(of, index as u32));
            }
            self.spread_at(ty, stays, step);
            // Where nobody says what a parameter stands for, what start-up puts there tells.
            if let Type::Param(..) = &*self.names.types.get(self.places.peeled(ty)) {
                for ty in self.put_at_start(of, field.name) {
                    self.spread_at(ty, stays, step);
                }
            }
        }
    }

    /// The types of what is made before anything serves and put into a field.
    fn put_at_start(&self, of: DefId, name: Symbol) -> Vec<T> {
        let flow = self.places.flow;
        let stores = self.places.stores.get(&(of, name)).into_iter().flatten();
        let made = stores.flat_map(|froms| self.places.itself(*froms));
        let at_start = made.filter(|origin| match flow.origins.kind(*origin) {
            OriginKind::Made(node, _) => self.reach.is_startup(node),
            _ => false,
        });
        at_start.filter_map(|origin| flow.made.get(&origin).copied()).collect()
    }
}

/// Whether it is an end of a channel that gives each message away, and keeps none.
pub(in crate::model) fn carries_messages(names: &Names<'_>, ty: T) -> bool {
    let fact = names.type_fact(ty);
    fact.is_some_and(|fact| {
        fact.is == Role::Channel && !(fact.sends.is_empty() && fact.receives.is_empty())
    })
}

pub(in crate::model) fn is_callable(names: &Names<'_>, path: PathId) -> bool {
    let path = &*names.externals.get(path).text;
    matches!(path, "fn" | "std::ops::Fn" | "std::ops::FnMut" | "std::ops::FnOnce")
}
