//! Which assets does the service build for itself? Style sheets, scripts and packages that a
//! build stage could have made.

use rustc_hash::FxHashSet;

use super::Model;
use super::roots::Root;
use super::states::Parts;
use crate::catalog::{DiskEffect, Doing};
use crate::flow::{Call, CallId, Callee, TouchKind};

pub(super) fn collect(model: &mut Model, parts: &Parts<'_, '_, '_>) {
    for (id, call, fact) in parts.doing(Doing::CompileAsset) {
        let roots =
            parts.argument(call, fact.at).map(|source| parts.places.path_roots(source.from));
        let roots = roots.unwrap_or_default().all;
        // What a request brings is compiled for that request; the product is the service's own.
        if !roots.contains(&Root::Given) && parts.selected(id) {
            model.assets.push(parts.describe(id, Some(fact)));
        }
    }
    for (id, call, fact) in parts.doing(Doing::RunProgram) {
        if parts.builds(call) && parts.selected(id) {
            model.assets.push(parts.describe(id, Some(fact)));
        }
    }
    let minified: Vec<CallId> = parts.doing(Doing::MinifyAsset).map(|(id, ..)| id).collect();
    if minified.is_empty() {
        return;
    }
    let kept = parts.kept_answers();
    for id in minified.into_iter().filter(|id| kept.contains(id) && parts.selected(*id)) {
        let fact = parts.fact(parts.flow.call(id));
        model.assets.push(parts.describe(id, fact));
    }
}

impl Parts<'_, '_, '_> {
    /// Whether the words of a command name a program that builds assets.
    fn builds(&self, call: &Call) -> bool {
        let Some(command) = call.args.first() else { return false };
        let roots = self.places.path_roots(command.from).all;
        let words: Vec<&str> = roots
            .iter()
            .filter_map(|root| match root {
                Root::Text(text) => Some(self.names.text(*text)),
                _ => None,
            })
            .collect();
        self.names.catalog.builds_assets(&words)
    }

    /// Answers that end in a file, a shared value or a static.
    fn kept_answers(&self) -> FxHashSet<CallId> {
        let mut kept = FxHashSet::default();
        let mut add = |from| {
            let roots = self.places.path_roots(from).all;
            kept.extend(roots.into_iter().filter_map(|root| match root {
                Root::Answer(call) => Some(call),
                _ => None,
            }));
        };
        for call in &self.flow.calls {
            let writes = matches!(call.callee, Callee::External(_))
                && self.fact(call).is_some_and(|fact| fact.disk == Some(DiskEffect::Write));
            if writes {
                call.args.iter().for_each(|arg| add(arg.from));
            }
        }
        for touch in &self.flow.touches {
            if matches!(touch.kind, TouchKind::Change | TouchKind::Fill)
                && self.places.places(touch.what).iter().any(|place| self.is_shared(*place))
            {
                add(touch.value);
            }
        }
        for store in &self.flow.stores {
            if self.shared.of_type(store.of).is_some() {
                add(store.from);
            }
        }
        for (def, node) in &self.flow.bodies {
            if self.names.def(*def).kind == crate::resolve::DefKind::Static {
                add(self.flow.node(*node).returns);
            }
        }
        kept
    }
}
