//! Which variable of the environment, or which kind of address, does a path begin with?

use super::{Folder, Places};
use crate::flow::{Origin, OriginKind};
use crate::model::roots::Root;

impl Places<'_, '_> {
    /// The folder that a variable of the environment names, where a path begins with what it is set
    /// to. Those that follow may stand further down.
    pub(super) fn variable(&self, first: Origin, all: &[Origin]) -> Option<Folder> {
        if !self.is_environment(first) {
            return None;
        }
        all.iter().find_map(|origin| match self.flow.origins.kind(*origin) {
            OriginKind::Variable(name) => Some(Folder::of(Root::Variable(name))),
            _ => None,
        })
    }

    pub(super) fn is_environment(&self, origin: Origin) -> bool {
        match self.bare_kind(origin) {
            OriginKind::External(path) => {
                let fact = self.names.catalog.call(&self.names.externals.get(path).text);
                fact.is_some_and(|fact| fact.environment)
            }
            _ => false,
        }
    }

    /// A text that says no more than what kind of address follows: all of it from there on.
    pub(super) fn scheme(&self, origin: Origin) -> Option<&str> {
        let OriginKind::Text(text) = self.flow.origins.kind(origin) else { return None };
        let text = self.names.text(text);
        let (before, _) = text.split_once('{')?;
        let scheme = before.trim_end_matches('/').strip_suffix(':')?;
        let is_word = scheme.chars().all(|c| c.is_alphanumeric() || c == '+');
        (is_word && !scheme.is_empty()).then(|| &text[before.len()..])
    }
}
