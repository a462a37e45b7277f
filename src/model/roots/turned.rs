//! Which newtypes are a random value of a static, turned into one where nothing says how?
//! `static FALLBACK: LazyLock<Secret> = LazyLock::new(|| Uuid::new_v4().into());`

use rustc_hash::FxHashMap;

use crate::flow::{CallId, Origin, OriginKind};
use crate::model::places::{Places, Trail};
use crate::resolve::{DefId, DefKind};

/// So many structs, statics and callers are followed.
const FARTHEST: u8 = 6;

/// How far each value, as it is given by a call, was still to be followed.
type Met = FxHashMap<(Origin, Option<CallId>), u8>;

impl Places<'_, '_> {
    /// Notes the random values that the value at `base`, of a struct of one field, was turned from.
    pub(super) fn turned(&self, of: DefId, base: Origin, trail: &mut Trail, calls: &[CallId]) {
        // Few trees have such a static: the rest need not be gone through.
        if !self.drawn_statics().is_empty() && self.names.fields(of).len() == 1 {
            self.turned_at(base, trail, calls, FARTHEST, &mut Met::default());
        }
    }

    /// Statics whose value is one random value, turned into another, and the calls that drew it.
    fn drawn_statics(&self) -> &FxHashMap<DefId, Vec<CallId>> {
        self.roots.drawn_statics.get_or_init(|| {
            let flow = self.flow;
            let mut drawn: FxHashMap<DefId, Vec<CallId>> = FxHashMap::default();
            if flow.random.is_empty() {
                return drawn;
            }
            for (id, node) in &flow.bodies {
                if self.names.def(*id).kind != DefKind::Static {
                    continue;
                }
                for origin in flow.origins.list(flow.node(*node).returns) {
                    // Whoever comes first has it computed.
                    let given = match flow.origins.kind(*origin) {
                        OriginKind::Derived(inner) => flow.origins.kind(inner),
                        kind => kind,
                    };
                    if let OriginKind::Noted(call) = given
                        && flow.random.contains(&call)
                    {
                        drawn.entry(*id).or_default().push(call);
                    }
                }
            }
            drawn
        })
    }

    fn turned_at(&self, at: Origin, trail: &mut Trail, calls: &[CallId], far: u8, met: &mut Met) {
        let Some(far) = far.checked_sub(1) else { return };
        // Many ways lead to one value: it is followed anew only where more is left to go.
        let known = met.entry((at, calls.last().copied())).or_insert(0);
        if *known > far {
            return;
        }
        *known = far + 1;
        let mut on =
            |origin: Origin, calls: &[CallId]| self.turned_at(origin, trail, calls, far, met);
        let list = |froms| self.flow.origins.list(froms).iter().copied();
        match self.flow.origins.kind(at) {
            // A copy is as good.
            OriginKind::Derived(inner) => on(inner, calls),
            OriginKind::Static(id) => {
                let drawn = self.drawn_statics().get(&id).into_iter().flatten();
                trail.drawn.extend(drawn.map(|call| (*call, Vec::new())));
            }
            OriginKind::Field { of, name, .. } => {
                for froms in self.stores.get(&(of, name)).into_iter().flatten() {
                    list(*froms).for_each(|origin| on(origin, &[]));
                }
            }
            OriginKind::Param(node, index) => {
                self.each_argument(node, index, calls, |froms, calls| {
                    list(froms).for_each(|origin| on(origin, calls));
                });
            }
            OriginKind::Result(call) => {
                let mut deeper = calls.to_vec();
                deeper.push(call);
                for froms in self.flow.given(at, call) {
                    list(froms).for_each(|origin| on(origin, &deeper));
                }
            }
            _ => {}
        }
    }
}
