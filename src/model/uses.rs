//! Who does what with which channel? What a generic function makes is a channel of its own for
//! each kind of message.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::places::Places;
use crate::flow::{Froms, Origin, OriginKind, TouchKind};
use crate::resolve::{Names, T, Type};

/// Who does what with one channel, as numbers of touches.
#[derive(Debug, Default)]
pub(super) struct Uses {
    pub(super) sends: Vec<usize>,
    pub(super) receives: Vec<usize>,
    pub(super) subscribes: Vec<usize>,
}

/// A channel: where it is made, and what is sent through it where a generic function makes several.
pub(super) type Channel = (Origin, Option<T>);

/// All uses of channels. A use of which the kind of message is not told is one of each.
pub(super) fn by_channel(places: &Places<'_, '_>) -> BTreeMap<Channel, Uses> {
    let (names, flow) = (places.names, places.flow);
    let mut by_origin: BTreeMap<Origin, Vec<usize>> = BTreeMap::new();
    let mut known: FxHashMap<Froms, Vec<Origin>> = FxHashMap::default();
    for (index, touch) in flow.touches.iter().enumerate() {
        if matches!(touch.kind, TouchKind::Send | TouchKind::Receive | TouchKind::Subscribe) {
            let made = known.entry(touch.what).or_insert_with(|| places.channels(touch.what));
            made.iter().for_each(|origin| by_origin.entry(*origin).or_default().push(index));
        }
    }
    let mut found: BTreeMap<Channel, Uses> = BTreeMap::new();
    for (origin, indices) in by_origin {
        let message = |index: &usize| message(names, flow.touches[*index].on);
        let kinds: FxHashSet<T> = match is_generic(places, origin) {
            true => indices.iter().filter_map(message).collect(),
            false => FxHashSet::default(),
        };
        for index in &indices {
            let channels: Vec<Channel> = match message(index) {
                _ if kinds.len() < 2 => vec![(origin, None)],
                Some(kind) => vec![(origin, Some(kind))],
                None => kinds.iter().map(|kind| (origin, Some(*kind))).collect(),
            };
            for channel in channels {
                let uses = found.entry(channel).or_default();
                match flow.touches[*index].kind {
                    TouchKind::Send => uses.sends.push(*index),
                    TouchKind::Receive => uses.receives.push(*index),
                    _ => uses.subscribes.push(*index),
                }
            }
        }
    }
    found
}

/// Whether a function that is told what to send made it.
fn is_generic(places: &Places<'_, '_>, origin: Origin) -> bool {
    let OriginKind::Made(node, _) = places.flow.origins.kind(origin) else { return false };
    let def = places.flow.node(node).def;
    let told = |id| !places.names.generics(id).is_empty();
    told(def) || places.names.owner(def).is_some_and(told)
}

/// What goes through an end of a channel, where that is told.
fn message(names: &Names<'_>, end: T) -> Option<T> {
    match &*names.types.get(end) {
        Type::External(_, args) => {
            args.first().copied().filter(|ty| crate::flow::is_told(names, *ty, 0))
        }
        _ => None,
    }
}
