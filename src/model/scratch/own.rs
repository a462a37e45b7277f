//! What can only be scratch of whoever made it, by its name or by what lies in it?

use super::{Deeds, Done, Scratch};
use crate::catalog::{CallFact, DiskEffect};
use crate::flow::{Call, Callee, OriginKind};
use crate::model::folders::Folder;
use crate::model::places::Places;
use crate::model::sites::Site;

impl Scratch<'_, '_, '_> {
    /// Whether what is removed has a name that the function which removes it made up, or that only
    /// this process has: nobody else can have put it there, whoever did.
    pub(super) fn is_named_here(&self, site: &Site<'_>) -> bool {
        let flow = self.places.flow;
        let def = flow.node(site.call.node).def;
        flow.origins.list(site.target).iter().any(|origin| match self.places.bare_kind(*origin) {
            OriginKind::Noted(call) => {
                flow.random.contains(&call) && flow.node(flow.call(call).node).def == def
            }
            OriginKind::External(path) => {
                let names = self.places.names;
                let fact = names.catalog.call(&names.externals.get(path).text);
                fact.is_some_and(|fact| fact.process)
            }
            _ => false,
        })
    }

    /// Whether a folder is made for temporary files alone: whoever makes it has one made in it, and
    /// nothing else is known to be put or looked for there.
    pub(in crate::model) fn is_for_temporary(&self, site: &Site<'_>, others: &[&Site<'_>]) -> bool {
        let Some(key) = self.places.key(site.target) else { return false };
        if site.kind != DiskEffect::MakeDirectory || self.temporary.is_empty() {
            return false;
        }
        let flow = self.places.flow;
        let done = Done::by(self.places, site, key);
        let within = |one: &Folder, own: &Folder| {
            one.root == own.root && one.behind.starts_with(&own.behind)
        };
        let kept = || {
            let mut folders = others.iter().flat_map(|other| &other.folders);
            folders.any(|one| site.folders.iter().any(|own| within(one, own)))
        };
        self.everywhere(site.call.node, &done, &|here, node| {
            let mut made = self.temporary.of(flow, node).iter();
            made.any(|made| made.key == here.key && made.at > here.at)
        }) && !kept()
    }
}

/// Where temporary files and folders are made.
pub(super) fn temporary(places: &Places<'_, '_>) -> Deeds {
    let mut deeds = Deeds::default();
    let names = places.names;
    let temporary = |call: &Call| match call.callee {
        Callee::External(path) => {
            let fact: Option<&CallFact> = names.catalog.call(&names.externals.get(path).text);
            fact.is_some_and(|fact| fact.disk == Some(DiskEffect::Temporary))
        }
        _ => false,
    };
    for call in places.flow.calls.iter().filter(|call| temporary(call)) {
        for key in call.args.iter().filter_map(|arg| places.key(arg.from)) {
            deeds.note(places, call.node, Done::at(key, call), 0);
        }
    }
    deeds
}
