//! Which files are fetched or made again when they are missing?

use super::{Done, Scratch, is_unasked};
use crate::catalog::DiskEffect;
use crate::flow::Froms;
use crate::model::roots::Root;
use crate::model::sites::{Fetched, Site};

impl Scratch<'_, '_, '_> {
    /// Whether what is written can be had again: it is the answer of a service, and a function looks
    /// for it first, or nothing that a request brought has to do with it; or whoever has it put there
    /// gets it elsewhere when it is not there. What only a start puts there is told by its content.
    pub(in crate::model) fn is_fetched_again(&self, site: &Site<'_>) -> bool {
        let looked_for = || {
            self.is_downloaded_again(site)
                || self.is_moved_again(site)
                || site.puts() && self.filled.holds(site)
        };
        self.is_answered_again(site) || site.access.is_some() && looked_for()
    }

    /// Whether a copy of what lies elsewhere is there for no longer than it takes to have it again: it
    /// is brought forward, no request asked for it, or whoever has it fetched looked there before.
    pub(in crate::model) fn is_cloned_again(&self, site: &Site<'_>, sites: &[Site<'_>]) -> bool {
        let forward =
            |one: &&Site<'_>| one.fetched == Some(Fetched::Further) && one.runs(self.reach);
        match site.fetched {
            None => false,
            Some(Fetched::Further | Fetched::Turned) => true,
            Some(Fetched::Begun) => {
                is_unasked(site)
                    || self.is_looked_for(site)
                    || sites.iter().filter(forward).any(|one| site.meets(&one.folders))
            }
        }
    }

    /// Whether whoever has something put somewhere looked there before.
    fn is_looked_for(&self, site: &Site<'_>) -> bool {
        let Some(key) = self.places.key(site.target) else { return false };
        let done = Done::by(self.places, site, key);
        self.everywhere(site.call.node, &done, &|here, node| {
            let looked = self.looked.of(self.places.flow, node);
            looked.iter().any(|looked| looked.at < here.at && looked.key == here.key)
        })
    }

    /// Whether it is made by whoever does not find it there.
    pub(in crate::model) fn is_made_again(&self, site: &Site<'_>) -> bool {
        site.puts() && site.access.is_some() && self.filled.is_made(site, &self.all_contents(site))
    }

    /// Whether what is moved there was made of an answer of a service by the function that moves it,
    /// and whoever has it do so looked there, or further down, before.
    fn is_downloaded_again(&self, site: &Site<'_>) -> bool {
        let flow = self.places.flow;
        let node = site.call.node;
        let (Some(source), Some(key)) =
            (site.source.and_then(|from| self.places.key(from)), self.places.key(site.target))
        else {
            return false;
        };
        let made = self.written.of(flow, node).iter();
        let mut made =
            made.filter(|one| one.key.is_beneath(&source) && one.at < site.call.at.start);
        if site.kind != DiskEffect::Rename
            || made.next().is_none()
            || !self.contents(site).is_empty()
            || !self.filled.is_asked_before(site)
        {
            return false;
        }
        let done = Done::by(self.places, site, key);
        self.everywhere(node, &done, &|here, node| {
            self.looked.of(flow, node).iter().any(|looked| {
                looked.at < here.at
                    && looked.key.is_beneath(&here.key)
                    && flow.forks(here.way).any(|fork| {
                        self.places.key(fork.on).is_some_and(|on| on.is_beneath(&here.key))
                    })
            })
        })
    }

    /// Whether what is moved, copied or unpacked there was all fetched elsewhere, and whoever has it
    /// done looked there before; if no request has to do with it, or for something beside it.
    fn is_moved_again(&self, site: &Site<'_>) -> bool {
        let Some(key) = self.places.key(site.target) else { return false };
        if !site.puts() || site.source.is_none() && site.content.is_none() {
            return false;
        }
        let contents = self.all_contents(site);
        let asked = |from: &Froms| {
            self.filled.is_asked(*from)
                && !self.filled.is_asked_as_told(*from)
                && !self.filled.is_said(*from)
        };
        if contents.is_empty() || !contents.iter().all(asked) {
            return false;
        }
        let beside = is_unasked(site);
        let done = Done::by(self.places, site, key);
        self.everywhere(site.call.node, &done, &|here, node| {
            self.looked.of(self.places.flow, node).iter().any(|looked| {
                let there = |one: &Done| {
                    (one.key.base, &one.key.fields) == (here.key.base, &here.key.fields)
                };
                looked.at < here.at && (looked.key == here.key || beside && there(looked))
            })
        })
    }

    fn is_answered_again(&self, site: &Site<'_>) -> bool {
        if self.places.key(site.target).is_none() {
            return false;
        }
        let contents = self.contents(site);
        if !contents.iter().any(|from| self.places.is_from_service(*from)) {
            return false;
        }
        let asked = !is_unasked(site)
            || site.roots.all.contains(&Root::Given)
            || contents.iter().any(|from| self.places.is_given(*from));
        // At an address that a request brought, it may never be had again.
        let told = |from: &Froms| self.filled.is_asked_as_told(*from);
        if asked && contents.iter().any(told) {
            return false;
        }
        !asked || self.is_looked_for(site)
    }
}
