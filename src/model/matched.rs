//! Which clients are only had by whoever brings the same as they were made from? Who brings something
//! else makes another one, so that it is all the same which process is asked.

use rustc_hash::FxHashSet;

use super::states::Parts;
use crate::catalog::Role;
use crate::flow::{CallId, Callee, Compare, Froms, Mend, NodeId, Origin, OriginKind, Store};
use crate::resolve::{DefId, DefKind, T, Type};
use crate::symbol::Symbol;

/// What is compared: a field, whosever it is, or a value as it was come by.
type What = Result<(DefId, Symbol), Origin>;

impl Parts<'_, '_, '_> {
    /// Whether a struct is a client with what it was made from, which is only compared with what is
    /// brought, and perhaps a time since when it is there.
    pub(super) fn is_matched_client(&self, ty: T) -> bool {
        let Type::Local(of, args) = &*self.names.types.get(ty).clone() else { return false };
        if self.names.def(*of).kind != DefKind::Struct || !self.names.is_only_copied(*of) {
            return false;
        }
        if let Some(known) = self.own.matched.borrow().get(of) {
            return *known;
        }
        let matched = self.is_made_from_what_is_compared(*of, args);
        self.own.matched.borrow_mut().insert(*of, matched);
        matched
    }

    fn is_made_from_what_is_compared(&self, of: DefId, args: &[T]) -> bool {
        let (mut clients, mut compared) = (Vec::new(), Vec::new());
        for field in self.names.fields(of) {
            let ty = self.names.field_type(of, field, args);
            match self.is_client(ty) {
                true => clients.push(field.name),
                false if self.is_only_compared(of, field.name) => compared.push(field.name),
                false if self.ticks(self.places.content(ty)) => {}
                false => return false,
            }
        }
        if clients.is_empty() || compared.is_empty() {
            return false;
        }
        let stores: Vec<&Store> = self.flow.stores.iter().filter(|store| store.of == of).collect();
        let from = |name: Symbol| -> FxHashSet<What> {
            let own = stores.iter().filter(|store| store.field == name);
            own.flat_map(|store| self.whats(store.from)).collect()
        };
        let makings = self.makings_of(of);
        let mut all = FxHashSet::default();
        for name in compared {
            let from = from(name);
            if !self.is_compared_with(of, name, &from, &makings) {
                return false;
            }
            all.extend(from);
        }
        let mut made = stores.iter().filter(|store| clients.contains(&store.field));
        made.all(|store| self.is_made_of(store, &all))
    }

    /// Whether all that is done with a field is to ask whether it is the same as something.
    fn is_only_compared(&self, of: DefId, name: Symbol) -> bool {
        let mentions = self.flow.mentioned.get(&name).into_iter().flatten();
        let mut own = mentions.filter(|named| named.of.is_none_or(|other| other == of)).peekable();
        own.peek().is_some() && own.all(|named| named.compared)
    }

    /// Where such a struct is made, or a function is called that makes one.
    fn makings_of(&self, of: DefId) -> Vec<(NodeId, u32)> {
        let makings = self.flow.makings.get(&of).into_iter().flatten();
        let mut sites: Vec<_> = makings.map(|(node, at)| (*node, at.start)).collect();
        for node in self.flow.makes.get(&of).into_iter().flatten() {
            let calls = self.places.callers.get(node).into_iter().flatten();
            let site = |call: &CallId| (self.flow.call(*call).node, self.flow.call(*call).at.start);
            sites.extend(calls.map(site));
        }
        sites
    }

    /// Whether one is made where the sides of a comparison differ.
    fn is_mended(&self, compare: &Compare, makings: &[(NodeId, u32)]) -> bool {
        let own = |mend: &&Mend| mend.node == compare.node && mend.at == compare.at.start;
        let mut mends = self.flow.mends.iter().filter(own);
        mends.any(|mend| {
            let within = |at: u32| mend.over.start <= at && at < mend.over.end;
            makings.iter().any(|(node, at)| *node == mend.node && within(*at))
        })
    }

    /// Whether a field is only compared with what is put there, and by who makes another one.
    fn is_compared_with(
        &self,
        of: DefId,
        name: Symbol,
        from: &FxHashSet<What>,
        makings: &[(NodeId, u32)],
    ) -> bool {
        let own = Ok((of, name));
        let mut made = false;
        for compare in self.flow.compares.iter().filter(|compare| !compare.order) {
            let [one, other] = compare.sides.map(|side| side.from);
            let against = match (self.whats(one).contains(&own), self.whats(other).contains(&own)) {
                (true, _) => other,
                (_, true) => one,
                _ => continue,
            };
            if !self.whats(against).iter().any(|what| from.contains(what)) {
                return false;
            }
            made |= self.is_mended(compare, makings);
        }
        made
    }

    /// Whether nothing goes into a client, of what requests or services say, but what is compared.
    fn is_made_of(&self, store: &Store, compared: &FxHashSet<What>) -> bool {
        let brings = |from: Froms| {
            !self.whats(from).iter().all(|what| compared.contains(what))
                && (self.places.is_given(from) || self.is_answer(from, &mut FxHashSet::default()))
        };
        let own = |node: NodeId| {
            let mut calls = self.flow.calls.iter().filter(|call| call.node == node);
            calls.any(|call| match call.callee {
                Callee::External(path) => {
                    let fact = self.names.catalog.crate_fact(&self.names.externals.get(path).text);
                    fact.is_some_and(|fact| fact.is == Role::BackingService)
                        && call.args.iter().any(|arg| brings(arg.from))
                }
                _ => false,
            })
        };
        let made_up = self.is_made_up(store.from, 0);
        let answered = self.is_answer(store.from, &mut FxHashSet::default());
        let fits = |origin: &Origin| match self.flow.origins.root(*origin) {
            OriginKind::Result(call) => {
                !self.flow.call(call).args.iter().any(|arg| brings(arg.from))
            }
            OriginKind::External(_) | OriginKind::Noted(_) => !own(store.node),
            _ => compared.contains(&self.what(*origin)),
        };
        !made_up && !answered && self.flow.origins.list(store.from).iter().all(fits)
    }

    /// What a value is compared by, each of its origins without what was done to it.
    fn whats(&self, from: Froms) -> Vec<What> {
        self.flow.origins.list(from).iter().map(|origin| self.what(*origin)).collect()
    }

    fn what(&self, origin: Origin) -> What {
        let mut at = origin;
        loop {
            at = match self.flow.origins.kind(at) {
                OriginKind::Derived(inner) | OriginKind::Content(inner) => inner,
                OriginKind::Field { of, name, .. } => return Ok((of, name)),
                _ => return Err(at),
            };
        }
    }
}
