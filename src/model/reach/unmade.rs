//! Which handlers belong to a type of which nobody makes a value? None of them is ever run.

use crate::flow::Flow;
use crate::model::alive::{has_one, is_made_in_sight};
use crate::model::entries::Entry;
use crate::resolve::{DefKind, Names, Type};

/// Leaves out entry points that take a value of a struct of the tree which no code of the tree makes,
/// where no macro may make one either.
pub(super) fn drop(names: &Names<'_>, flow: &Flow, candidates: &mut Vec<Entry>) {
    candidates.retain(|entry| !is_of_unmade(names, flow, entry));
}

fn is_of_unmade(names: &Names<'_>, flow: &Flow, entry: &Entry) -> bool {
    let def = flow.node(entry.node).def;
    let receives = names.function(def).is_some_and(|function| function.receiver.is_some());
    let Some(block) = names.owner(def).and_then(|owner| names.impls.of(owner)) else {
        return false;
    };
    let Type::Local(of, _) = *names.types.get(block.self_type) else { return false };
    // A struct without fields is made by its name alone.
    receives
        && names.def(of).kind == DefKind::Struct
        && !names.fields(of).is_empty()
        && is_made_in_sight(names, flow, of)
        && flow.makes.get(&of).into_iter().flatten().all(|node| has_one(names, flow, *node, of))
}
