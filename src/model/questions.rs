//! Which messages are questions? Their answers are what is wanted.

use super::places::Places;
use crate::catalog::Role;
use crate::flow::{Froms, NodeId, OriginKind, Used};
use crate::resolve::{External, Type};

/// Whether a function gives what a service answered, read and told apart, and nobody who calls it
/// lets go of that. Who only sees whether it arrived has told somebody something.
pub(super) fn gives_answers(places: &Places<'_, '_>, body: NodeId) -> bool {
    let names = places.names;
    let whole = names.return_type(places.flow.node(body).def);
    let mut given = whole;
    // What stands around it: a `Result`, that of a crate too, a future.
    while let Type::External(path, args) = &*names.types.get(given)
        && names.externals.get(*path).role != Some(Role::Collection)
        && let Some(inner) = args.first()
    {
        given = *inner;
    }
    let reads = match &*names.types.get(given) {
        Type::Local(..) | Type::Param(..) => true,
        // `Response<Query::Data>`, of a query that is not told.
        Type::Unknown => given != whole,
        Type::External(path, _) => {
            let external = names.externals.get(*path);
            external.role == Some(Role::Collection) || is_content(&external)
        }
        _ => false,
    };
    if !reads {
        return false;
    }
    let mut calls = places.callers.get(&body).into_iter().flatten().peekable();
    calls.peek().is_some()
        && calls.all(|call| places.flow.call(*call).used != Used::No)
        && is_answer(places, places.flow.node(body).returns, 0)
}

/// Whether a type of another crate is what an answer said, such as `serde_json::Value`: not a word
/// or number, and not the answer as the client of the service has it.
fn is_content(external: &External) -> bool {
    let krate = external.krate();
    let plain = krate == &*external.text || matches!(krate, "std" | "core" | "alloc" | "http");
    !plain && matches!(external.role, None | Some(Role::Value))
}

/// Answers of answers are followed this far.
const FARTHEST: u8 = 6;

/// Whether a value is what a service answered, or what a function of the tree made of that.
fn is_answer(places: &Places<'_, '_>, froms: Froms, far: u8) -> bool {
    let flow = places.flow;
    far < FARTHEST
        && flow.origins.list(froms).iter().any(|origin| match flow.origins.root(*origin) {
            OriginKind::External(path) => {
                places.names.externals.get(path).role == Some(Role::BackingService)
            }
            OriginKind::Result(call) => {
                flow.call(call).args.iter().any(|arg| is_answer(places, arg.from, far + 1))
            }
            _ => false,
        })
}
