//! By which names may a path end? Two files that never have the same name are two, wherever they
//! lie.

use super::Folder;
use crate::catalog::DiskEffect;
use crate::model::sites::Site;

/// The names by which a path may end; none where that is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Tails(Vec<String>);

impl Tails {
    /// Of what is joined to a path, or makes it up, in this order: its words, and what is not known.
    pub(super) fn of<'t>(joined: impl DoubleEndedIterator<Item = Option<&'t str>>) -> Tails {
        // Where one of several words is joined, each of them stands there.
        let known = joined.rev().map_while(|word| word.filter(|word| !word.contains(['{', '"'])));
        let names = known.filter_map(|word| word.rsplit('/').next());
        Tails(names.filter(|name| !name.is_empty()).map(String::from).collect())
    }

    /// Whether a path that may end in this way never is one that may end in the other.
    pub(super) fn parts_from(&self, other: &Tails) -> bool {
        let same = |one: &String| {
            // An extension may be all that is known of it.
            other.0.iter().any(|two| one.ends_with(two.as_str()) || two.ends_with(one.as_str()))
        };
        !self.0.is_empty() && !other.0.is_empty() && !self.0.iter().any(same)
    }
}

impl Folder {
    /// Whether it is one file beneath something, of which the whole name is known.
    pub(in crate::model) fn is_a_file(&self) -> bool {
        self.root.is_some() && !self.open && !self.behind.is_empty() && !self.tails.0.is_empty()
    }

    /// Whether no more is known of it than where it begins.
    pub(in crate::model) fn is_anywhere(&self) -> bool {
        self.open && self.behind.is_empty() && self.filled.is_none()
    }
}

impl Site<'_> {
    /// Leaves out by which names the path ends where that may be a folder.
    pub(in crate::model) fn tell_tails(&mut self) {
        let opened = self.fact.disk == Some(DiskEffect::Open)
            || self.fact.content.is_some()
            || self.fact.returns == "std::fs::File";
        let (kind, fact) = (self.kind, self.fact);
        for Tails(tails) in self.folders.iter_mut().map(|folder| &mut folder.tails) {
            let named = tails.iter().all(|name| name.contains('.'));
            let is_file = match kind {
                DiskEffect::Read | DiskEffect::ReadOpen => true,
                DiskEffect::Write => opened && !fact.in_store,
                DiskEffect::Rename | DiskEffect::Copy => !fact.beneath && named,
                _ => false,
            };
            if !is_file {
                tails.clear();
            }
        }
    }
}
