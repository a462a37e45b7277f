//! What is joined to a folder by a setting, or by a word that is handed down? Two settings beneath
//! one folder are two folders.

use super::{Folder, Places, Walked};
use crate::flow::{CallId, Origin, OriginKind};
use crate::model::roots::Root;

impl Folder {
    /// Whether what is looked for at start, when no request has brought a name yet, lies beneath
    /// another setting than this.
    pub(in crate::model) fn is_set_apart(&self, other: &Folder) -> bool {
        if self.root != other.root || other.joined.is_empty() {
            return false;
        }
        let Some(rest) = self.behind.strip_prefix(&other.behind[..]) else { return false };
        match rest.first() {
            Some(name) => !other.joined.iter().any(|one| one.may_begin_with(name)),
            None => {
                let may_be = |one: &Folder| other.joined.iter().any(|two| one.may_be(two));
                !self.joined.is_empty() && !self.joined.iter().any(may_be)
            }
        }
    }

    /// Whether it is a text that begins in this way; a setting says so by its own default.
    fn may_begin_with(&self, name: &str) -> bool {
        self.root.is_none() && self.behind.first().is_none_or(|first| first == name)
    }

    fn may_be(&self, other: &Folder) -> bool {
        let both = self.behind.len().min(other.behind.len());
        self.root == other.root && self.behind[..both] == other.behind[..both]
    }
}

impl Places<'_, '_> {
    /// The settings, with their defaults, and the words of which the first that is joined and does not
    /// say itself what it is may be one; none where it may be something else.
    pub(super) fn settings(&self, joined: &[Origin], calls: &[CallId]) -> Vec<Folder> {
        let mut found = Vec::new();
        let Some(open) = joined.iter().find(|origin| self.word(**origin).is_none()) else {
            return found;
        };
        let mut walked = Walked { joins: true, ..Walked::default() };
        self.begin(*open, calls, &mut walked, &mut found);
        let known = |one: &Folder| match one.root {
            Some(root) => matches!(root, Root::Field(..)),
            None => !one.behind.is_empty(),
        };
        if found.iter().all(known) { found } else { Vec::new() }
    }
    /// The folders that variables of the environment name, where a path begins with what one of them
    /// is set to.
    pub(super) fn variables(&self, first: Origin, all: &[Origin]) -> Vec<Folder> {
        if !self.is_environment(first) {
            return Vec::new();
        }
        let named = all.iter().filter_map(|origin| match self.flow.origins.kind(*origin) {
            OriginKind::Variable(name) => Some(Folder::of(Root::Variable(name))),
            _ => None,
        });
        named.collect()
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
}
