//! Which value does a statement name only by its place? `VACUUM INTO ?1` writes where what is bound
//! says.

use super::Finder;
use crate::flow::{Call, Froms};

impl Finder<'_, '_, '_> {
    /// What is bound for the place with which a statement ends that is an argument of a call, by the
    /// next argument.
    pub(super) fn bound(&self, call: &Call, statement: usize) -> Option<Froms> {
        let said = self.places.path_roots(call.args.get(statement)?.from);
        let ends = |text: &str| {
            let last = text.trim_end_matches(|c: char| c == ';' || c.is_whitespace());
            let last = last.rsplit(char::is_whitespace).next();
            last.is_some_and(|word| word.starts_with(['?', '$', ':', '@']))
        };
        let mut texts = said.texts().map(|text| self.names.text(text));
        if !texts.any(|text| self.names.catalog.is_writing(text) && ends(text)) {
            return None;
        }
        let values = call.args.get(statement + 1)?.from;
        let origins = self.flow.origins.list(values);
        let mut parts = origins.iter().filter_map(|origin| self.flow.parts.get(origin).copied());
        Some(parts.next_back().unwrap_or(values))
    }
}
