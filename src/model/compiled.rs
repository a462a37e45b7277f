//! What is kept that is nothing but its key in another form? Every process comes to the same, at any
//! time: patterns that were compiled.

use super::places::Place;
use super::states::Parts;
use crate::catalog::TypeText;
use crate::flow::{Call, CallId, Callee, Origin, OriginKind, Touch};
use crate::resolve::{T, Type};

impl Parts<'_, '_, '_> {
    /// Whether a touch puts under a text what was compiled of that text as a whole, and of nothing
    /// besides.
    pub(super) fn is_compiled_key(&self, place: Place, touch: &Touch) -> bool {
        let Some(put) = self.flow.wholes.put_by(touch) else { return false };
        let origins = &self.flow.origins;
        let list = origins.list(put.from);
        let of_call = |origin: &Origin| match origins.kind(*origin) {
            OriginKind::Noted(call) => Some(call),
            _ => None,
        };
        let calls: Vec<CallId> = list.iter().filter_map(of_call).collect();
        let here = self.flow.node(touch.node).def;
        let of_key = |id: &CallId| {
            let call = self.flow.call(*id);
            self.flow.wholes.compiled_by(*id) == Some(put.key)
                && self.flow.node(call.node).def == here
                && self.values_of(place).is_some_and(|ty| self.is_product(call, ty))
        };
        let told = |origin: &Origin| match origins.root(*origin) {
            OriginKind::Noted(call) => calls.contains(&call),
            OriginKind::External(path) => calls.iter().any(
                |call| matches!(self.flow.call(*call).callee, Callee::External(of) if of == path),
            ),
            root => calls.iter().any(|call| {
                let handed = self.flow.call(*call).args.first();
                let mut of = handed.into_iter().flat_map(|arg| origins.list(arg.from));
                of.any(|origin| origins.root(*origin) == root)
            }),
        };
        !calls.is_empty() && calls.iter().all(of_key) && list.iter().all(told)
    }

    /// Whether a value is what a call gives, and nothing besides.
    fn is_product(&self, call: &Call, value: T) -> bool {
        let Callee::External(path) = call.callee else { return false };
        let Type::External(of, _) = &*self.names.types.get(self.places.content(value)) else {
            return false;
        };
        let mut given = self.names.catalog.call_returned(&self.names.externals.get(path).text);
        while let Some(TypeText::Path(_, args)) = given
            && let Some(inner) = args.first()
        {
            given = Some(inner);
        }
        matches!(given, Some(TypeText::Path(text, _)) if **text == *self.names.externals.get(*of).text)
    }
}
