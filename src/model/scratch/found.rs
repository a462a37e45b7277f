//! What is put into the temporary folder that all share, for whoever asks next?

use super::{Done, Scratch};
use crate::model::roots::Root;
use crate::model::sites::Site;

impl Scratch<'_, '_, '_> {
    /// Whether whoever puts something into the temporary folder that all share looks first whether
    /// it is there, by a name that others have as well: then it is meant to be found.
    pub(super) fn is_found_there(&self, site: &Site<'_>) -> bool {
        let catalog = self.places.names.catalog;
        let shared = |root: &Root| match root {
            Root::Scratch(path) => {
                let fact = catalog.call(&self.places.names.externals.get(*path).text);
                fact.is_some_and(|fact| fact.shared)
            }
            _ => false,
        };
        let own = site.roots.all.iter().any(|root| matches!(root, Root::Answer(_)));
        if own || site.access.is_none() || !site.roots.leading.iter().any(shared) {
            return false;
        }
        let Some(key) = self.places.key(site.target) else { return false };
        let done = Done::by(self.places, site, key);
        let flow = self.places.flow;
        self.everywhere(site.call.node, &done, &|here, node| {
            let def = flow.node(node).def;
            // Whoever finds it there is done.
            let leaves = |made: &Done| {
                let mut branches = flow.branches.iter().filter(|branch| branch.leaves);
                branches.any(|branch| {
                    branch.at.end <= made.at
                        && flow.node(branch.node).def == def
                        && self.places.key(branch.on).is_some_and(|on| on == made.key)
                })
            };
            let mut made = self.written.of(flow, node).iter().filter(|made| !made.folder);
            made.any(|made| {
                made.key == here.key
                    && (self.places.depends_on(made.way, &made.key) || leaves(made))
            })
        })
    }
}
