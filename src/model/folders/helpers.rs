//! By which word was a helper told what to join? Two keys of one configuration are two places.

use super::{Folder, Places};
use crate::flow::{CallId, Froms, Origin, OriginKind};
use crate::symbol::Symbol;

impl Folder {
    /// Whether helpers joined something that is not known to both, each told another word.
    pub(super) fn is_told_apart(&self, other: &Folder) -> bool {
        let words = self.told.zip(other.told);
        self.filled.is_none()
            && other.filled.is_none()
            && words.is_some_and(|(own, word)| own != word)
    }
}

impl Places<'_, '_> {
    /// What a text says that something always is.
    pub(super) fn said(&self, origin: Origin) -> Option<&str> {
        self.word(origin).map(|text| self.names.text(text))
    }

    /// The only word that the innermost of some calls was told.
    pub(super) fn told_word(&self, calls: &[CallId]) -> Option<Symbol> {
        let (last, outer) = calls.split_last()?;
        let args = self.flow.call(*last).args.iter();
        let mut words = args.filter_map(|arg| self.literal(arg.from, outer));
        let word = words.next()?;
        words.next().is_none().then_some(word)
    }

    /// The literal that is handed over, if need be by whoever calls.
    fn literal(&self, froms: Froms, calls: &[CallId]) -> Option<Symbol> {
        let [only] = *self.flow.origins.list(froms) else { return None };
        match self.flow.origins.kind(only) {
            OriginKind::Text(text) => Some(text),
            OriginKind::Param(node, index) => {
                let (last, outer) = calls.split_last()?;
                let arg = self.flow.call(*last).args.get(usize::from(index))?;
                self.runs(*last, node).then(|| self.literal(arg.from, outer))?
            }
            _ => None,
        }
    }
}
