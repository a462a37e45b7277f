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
        if !self.flow.random.is_empty() && self.names.fields(of).len() == 1 {
            self.turned_at(base, trail, calls, FARTHEST, &mut Met::default());
        }
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
            OriginKind::Static(id) if self.names.def(id).kind == DefKind::Static => {
                let Some(node) = self.flow.bodies.get(&id) else { return };
                for origin in list(self.flow.node(*node).returns) {
                    // Whoever comes first has it computed.
                    let given = match self.flow.origins.kind(origin) {
                        OriginKind::Derived(inner) => self.flow.origins.kind(inner),
                        kind => kind,
                    };
                    match given {
                        OriginKind::Noted(call) if self.flow.random.contains(&call) => {
                            trail.drawn.push((call, Vec::new()));
                        }
                        _ => {}
                    }
                }
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
                for froms in self.answers(call) {
                    list(froms).for_each(|origin| on(origin, &deeper));
                }
            }
            _ => {}
        }
    }
}
