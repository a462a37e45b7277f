//! Which files are there to be locked?

use super::Scratch;
use crate::catalog::DiskEffect;
use crate::model::sites::Site;

impl Scratch<'_, '_, '_> {
    /// Whether a file is opened and locked, and no call puts anything into it: what is told of it
    /// stays, as a macro may write there, but it makes no records of what lies beside it.
    pub(in crate::model) fn is_lock(&self, site: &Site<'_>) -> bool {
        let Some(key) = self.places.key(site.target) else { return false };
        let def = self.places.flow.node(site.call.node).def;
        let locked = self.locked.get(&def).is_some_and(|locked| locked.contains(&key));
        let empty = || site.content.is_none() && self.all_contents(site).is_empty();
        site.kind == DiskEffect::Write && locked && empty()
    }
}
