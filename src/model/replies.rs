//! Does a value bring the way back for an answer? Then whoever sent it waits.

use crate::catalog::Role;
use crate::resolve::{Names, T, Type};

/// As deep as structs, and what stands around their fields, are seen into.
const DEEPEST: u8 = 3;

/// Whether a type is the end of a channel into which the answer to one question is put, or has one:
/// a struct, a tuple, and what plays the role `around`. `peel` takes away what stands around a type.
pub(super) fn brings_reply(
    names: &Names<'_>,
    ty: T,
    around: Option<Role>,
    peel: &dyn Fn(T) -> T,
    depth: u8,
) -> bool {
    let inside = |ty: T| depth < DEEPEST && brings_reply(names, ty, around, peel, depth + 1);
    match &*names.types.get(peel(ty)).clone() {
        Type::External(path, args) => {
            let external = names.externals.get(*path);
            let fact = names.catalog.type_fact(&external.text);
            let seen = around.is_some() && external.role == around || &*external.text == "tuple";
            fact.is_some_and(|fact| fact.answers) || seen && args.iter().any(|arg| inside(*arg))
        }
        Type::Local(of, args) => {
            let mut fields = names.fields(*of).iter();
            fields.any(|field| inside(names.field_type(*of, field, args)))
        }
        _ => false,
    }
}
