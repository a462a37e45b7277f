//! Which messages are questions? Their answers are what is wanted.

use rustc_hash::{FxHashMap, FxHashSet};

use super::places::Places;
use crate::catalog::Role;
use crate::flow::{Flow, Froms, NodeId, Origin, OriginKind, TouchKind, Used};
use crate::parse::tree::Range;
use crate::resolve::{DefId, External, PathId, T, Type};
use crate::symbol::Symbol;

/// Of functions that send something out, those that do so for the answer; `sent` says what is sent
/// where. What is gathered of the answers to many may only tell what was sent.
pub(super) fn asked_for(
    places: &Places<'_, '_>,
    sent: impl Iterator<Item = (NodeId, Range)>,
) -> FxHashSet<DefId> {
    let flow = places.flow;
    let mut once: FxHashMap<DefId, bool> = FxHashMap::default();
    for (node, at) in sent {
        let def = flow.node(node).def;
        let in_round = || flow.rounds.iter().any(|(of, all)| *of == node && all.holds(at));
        let one = flow.bodies.get(&def) == Some(&node) && !in_round();
        *once.entry(def).or_insert(true) &= one;
    }
    if once.is_empty() {
        return FxHashSet::default();
    }
    let (of_one, none) = (Gathered::new(flow), Gathered::default());
    let gives = |(def, one): &(DefId, bool)| {
        let gathered = if *one { &of_one } else { &none };
        flow.bodies.get(def).is_some_and(|body| gives_answers(places, gathered, *body))
    };
    once.into_iter().filter(gives).map(|(def, _)| def).collect()
}

/// Whether a function gives what a service answered, read and told apart, and nobody who calls it
/// lets go of that. Who only sees whether it arrived has told somebody something.
fn gives_answers(places: &Places<'_, '_>, gathered: &Gathered, body: NodeId) -> bool {
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
        && is_answer(places, gathered, body, places.flow.node(body).returns, 0)
}

/// Whether a type of another crate is what an answer said, such as `serde_json::Value`: not a word
/// or number, and not the answer as the client of the service has it.
fn is_content(external: &External) -> bool {
    let krate = external.krate();
    let plain = krate == &*external.text || matches!(krate, "std" | "core" | "alloc" | "http");
    !plain && matches!(external.role, None | Some(Role::Value))
}

/// What is put, one after the other, into collections that bodies made.
#[derive(Default)]
pub(super) struct Gathered(FxHashMap<Origin, Vec<Froms>>);

impl Gathered {
    pub(super) fn new(flow: &Flow) -> Gathered {
        let mut filled: FxHashMap<Origin, Vec<Froms>> = FxHashMap::default();
        let puts = flow.touches.iter().filter(|touch| {
            let put = matches!(touch.kind, TouchKind::Change | TouchKind::Fill);
            put && !touch.takes && touch.method.is_some() && touch.value != Froms::NONE
        });
        for touch in puts {
            for origin in flow.origins.list(touch.what) {
                if let OriginKind::Made(..) = flow.origins.kind(*origin) {
                    filled.entry(*origin).or_default().push(touch.value);
                }
            }
        }
        Gathered(filled)
    }

    pub(super) fn of(&self, origin: &Origin) -> &[Froms] {
        self.0.get(origin).map_or(&[], Vec::as_slice)
    }
}

/// Answers of answers are followed this far.
const FARTHEST: u8 = 6;

/// Whether a value of a body is what a service answered, a part of that, or what a function of the
/// tree made of that.
fn is_answer(
    places: &Places<'_, '_>,
    gathered: &Gathered,
    body: NodeId,
    froms: Froms,
    far: u8,
) -> bool {
    let flow = places.flow;
    let is_client =
        |path: PathId| places.names.externals.get(path).role == Some(Role::BackingService);
    far < FARTHEST
        && flow.origins.list(froms).iter().any(|origin| match flow.origins.root(*origin) {
            OriginKind::External(path) => is_client(path),
            OriginKind::Made(..) => {
                let mut parts = flow.parts.get(origin).into_iter().chain(gathered.of(origin));
                parts.any(|parts| is_answer(places, gathered, body, *parts, far + 1))
            }
            OriginKind::Result(call) => {
                let call = flow.call(call);
                call.args
                    .iter()
                    .any(|arg| is_answer(places, gathered, call.node, arg.from, far + 1))
            }
            OriginKind::Field { .. } => part_of(flow, *origin).is_some_and(|(of, name)| {
                let mut from = flow.origins.taken_from(of, name).iter();
                from.any(|path| is_client(*path)) && !is_at_hand(places, body, of)
            }),
            _ => false,
        })
}

/// The field that a value is of which nobody knows the owner, or that it is a part of.
fn part_of(flow: &Flow, origin: Origin) -> Option<(DefId, Symbol)> {
    let mut at = origin;
    loop {
        at = match flow.origins.kind(at) {
            OriginKind::Field { base: None, of, name } => return Some((of, name)),
            OriginKind::Field { base: Some(inner), .. }
            | OriginKind::Content(inner)
            | OriginKind::Derived(inner)
            | OriginKind::Part(inner, _) => inner,
            _ => return None,
        };
    }
}

/// Whether the function around a body makes a value of a type itself, or is handed one.
fn is_at_hand(places: &Places<'_, '_>, body: NodeId, of: DefId) -> bool {
    let flow = places.flow;
    let own = flow.node(body).def;
    let made = flow.makes.get(&of).into_iter().flatten();
    let mut made = made.filter(|node| flow.node(**node).def == own);
    let params = flow.bodies.get(&own).map_or(&[][..], |node| &flow.node(*node).params);
    made.next().is_some() || params.iter().any(|ty| has_inside(places, *ty, of, 0))
}

/// As deep as types are seen into.
const DEEPEST: u8 = 5;

/// Whether a type is another one, or has it inside.
fn has_inside(places: &Places<'_, '_>, ty: T, of: DefId, depth: u8) -> bool {
    let names = places.names;
    let inside = |ty: T| depth < DEEPEST && has_inside(places, ty, of, depth + 1);
    match &*names.types.get(ty).clone() {
        Type::External(_, args) => args.iter().any(|arg| inside(*arg)),
        Type::Local(here, args) => {
            let mut fields = names.fields(*here).iter();
            *here == of || fields.any(|field| inside(names.field_type(*here, field, args)))
        }
        _ => false,
    }
}
