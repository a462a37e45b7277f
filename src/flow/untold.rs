//! What is made without a word of its type: `let open = Arc::default();`. Where it goes tells.

use super::paths::Target;
use super::walk::Walk;
use super::{Froms, Val};
use crate::catalog::Role;
use crate::parse::tree::{ExprId, ExprKind};
use crate::resolve::{DefId, T, Type};

/// Whatever `Default::default()` is to make.
const OPEN: &str = "std::default::Default";

impl Walk<'_, '_> {
    /// A value that a `let` names, as made here, where nothing yet tells what it is.
    pub(super) fn untold(&mut self, init: ExprId, val: Val) -> Val {
        let ExprKind::Call { callee, args } = &self.expr(init).kind else { return val };
        let ExprKind::Path { path, qself } = &self.expr(*callee).kind else { return val };
        let told = val.ty != T::UNKNOWN && !self.is_untold(val.ty);
        if !args.is_empty() || val.from != Froms::NONE || told {
            return val;
        }
        let ty = match self.path_target(path, *qself) {
            Target::External(path) if self.names.externals.get(path).name() == "default" => val.ty,
            Target::Unknown(_) => match &*path.segments {
                [of, name] if self.text(*of) == "Default" && self.text(*name) == "default" => {
                    self.names.external(OPEN, Vec::new())
                }
                _ => return val,
            },
            _ => return val,
        };
        Val { ty, from: self.made(init, ty) }
    }

    /// Learns what was made from the parameters of a function that it is given to.
    pub(super) fn tell_given(&mut self, def: DefId, args: &[Val]) {
        if !args.iter().any(|arg| self.is_untold(arg.ty)) {
            return;
        }
        let Some(function) = self.names.function(def) else { return };
        let skip = usize::from(function.receiver.is_some());
        for (param, arg) in function.params.iter().zip(args.iter().skip(skip)) {
            self.tell_made(*arg, self.names.declared(def, param.ty));
        }
    }

    /// The same, from the type of the place where it is put.
    pub(super) fn tell_made(&mut self, val: Val, ty: T) {
        let [origin] = *self.flow.origins.list(val.from) else { return };
        let open = self.flow.made.get(&origin).is_some_and(|made| self.is_untold(*made));
        if open && (self.is_stateful(ty) || self.role(ty) == Some(Role::Pointer)) {
            self.flow.made.insert(origin, ty);
        }
    }

    /// Whether a type is a pointer to nobody knows what, or what only a trait makes.
    pub(super) fn is_untold(&self, ty: T) -> bool {
        let Type::External(path, args) = &*self.names.types.get(ty) else { return false };
        let external = self.names.externals.get(*path);
        let of_trait = || &*external.text == OPEN;
        args.is_empty() && (external.role == Some(Role::Pointer) || of_trait())
    }
}
