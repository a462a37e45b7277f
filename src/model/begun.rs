//! What is put or removed before serving begins and is nothing that is kept? Each start does it again,
//! to the same effect, and nobody who serves looks there.

use super::folders::Folder;
use super::places::Places;
use super::reach::Reach;
use super::roots::Root;
use super::scratch::Scratch;
use super::sites::Site;
use crate::catalog::{DiskEffect, Role};
use crate::flow::Froms;
use crate::resolve::{T, Type};

pub(super) struct Begun<'b, 's, 'm, 'a> {
    pub(super) places: &'b Places<'m, 'a>,
    pub(super) reach: &'b Reach<'m, 'a>,
    pub(super) scratch: &'b Scratch<'s, 'm, 'a>,
    pub(super) sites: &'b [Site<'b>],
}

impl Begun<'_, '_, '_, '_> {
    /// Whether what a start does keeps nothing: it puts down what the program says by itself, or
    /// clears something away, and it is no place of which those who serve know.
    pub(super) fn keeps_nothing(&self, site: &Site<'_>) -> bool {
        let known = |folder: &Folder| !folder.open && !folder.behind.is_empty();
        site.access.is_none()
            && self.is_surely_of_start(site)
            && site.folders.iter().all(known)
            && match site.kind {
                DiskEffect::Remove => true,
                DiskEffect::Write => self.is_said(site),
                _ => false,
            }
            && !self.is_known_later(site)
    }

    /// Whether a start puts down what the program says by itself, under a name for which nobody who
    /// runs is known to ask.
    pub(super) fn says_for_nobody(&self, site: &Site<'_>) -> bool {
        let named = |folder: &&Folder| !folder.open && !folder.behind.is_empty();
        let asks = |other: &&Site<'_>| {
            let serves = other.access.is_some() && (other.is_write() || reads(other));
            let starts = || self.reach.is_startup_at(other.call.node, other.call.at);
            serves || other.opens() && starts()
        };
        let asked = |own: &Folder| {
            self.sites.iter().filter(asks).any(|other| {
                let source = other.source.map(|source| self.places.folders(source));
                let mut all = other.folders.iter().chain(source.iter().flatten());
                all.any(|folder| is_there(own, folder))
            })
        };
        let mut own = site.folders.iter().filter(named).peekable();
        site.access.is_none()
            && site.kind == DiskEffect::Write
            && self.is_surely_of_start(site)
            && own.peek().is_some()
            && self.is_said(site)
            && !own.any(asked)
    }

    /// Whether what a start does to a place is known to matter later, or to have mattered: those who
    /// serve put something at that very place, or somebody reads it there.
    pub(super) fn is_of_others(&self, site: &Site<'_>) -> bool {
        let there = |own: &Folder, folder: &Folder| {
            (!own.open || own.is_as_far(folder)) && is_there(own, folder)
        };
        let meets = |other: &Site<'_>| {
            let mut own = site.folders.iter();
            own.any(|own| other.folders.iter().any(|folder| there(own, folder)))
        };
        self.sites.iter().any(|other| {
            let puts = other.puts() && other.access.is_some();
            other.id != site.id && (puts || reads(other) && other.runs(self.reach)) && meets(other)
        })
    }

    fn is_surely_of_start(&self, site: &Site<'_>) -> bool {
        self.reach.is_startup_at(site.call.node, site.call.at)
            && self.reach.doubted_start(site.call.node).is_none()
    }

    /// Whether somebody who serves puts something there, or reads it. What is only known to lie
    /// somewhere in the folder around it is another.
    fn is_known_later(&self, site: &Site<'_>) -> bool {
        let meets = |other: &Site<'_>| {
            let mut own = site.folders.iter();
            own.any(|own| other.folders.iter().any(|folder| is_there(own, folder)))
        };
        let mut serving = self.sites.iter().filter(|other| other.access.is_some());
        serving.any(|other| (other.puts() || reads(other)) && meets(other))
    }

    /// Whether all that is put there is what the program says by itself: texts of its own.
    fn is_said(&self, site: &Site<'_>) -> bool {
        let contents = self.scratch.contents(site);
        !contents.is_empty() && contents.iter().all(|from| self.says_itself(site, *from))
    }

    fn says_itself(&self, site: &Site<'_>, from: Froms) -> bool {
        let roots = self.places.path_roots(from);
        // What is filled into a text may be anything.
        let whole = |root: &Root| match root {
            Root::Text(text) => !is_filled(self.places.names.text(*text)),
            Root::Static(_) => true,
            _ => false,
        };
        let texts = roots.texts().next().is_some();
        texts && roots.all.iter().all(whole) && !self.is_grown(site, from)
    }

    /// Whether something may have been added to a text before it is put there: it is no literal, no
    /// constant, and not made in one go.
    fn is_grown(&self, site: &Site<'_>, from: Froms) -> bool {
        let (flow, names) = (self.places.flow, self.places.names);
        let def = |site: &Site<'_>| flow.node(site.call.node).def;
        let buffer = |ty: T| match &*names.types.get(self.places.peeled(ty)) {
            Type::External(path, _) => names.externals.get(*path).role == Some(Role::Collection),
            _ => false,
        };
        let mut here = self.sites.iter().filter(|other| def(other) == def(site));
        here.any(|other| other.call.args.iter().any(|arg| arg.from == from && buffer(arg.ty)))
    }
}

fn is_there(own: &Folder, folder: &Folder) -> bool {
    folder.behind.len() >= own.behind.len() && own.meets(folder, true)
}

/// Whether a text may have places into which something is filled.
fn is_filled(text: &str) -> bool {
    text.split('{').skip(1).any(|rest| {
        let next = rest.chars().next();
        next.is_some_and(|next| next.is_alphanumeric() || matches!(next, '}' | ':' | '_'))
    })
}

fn reads(site: &Site<'_>) -> bool {
    let reads = matches!(site.kind, DiskEffect::Read | DiskEffect::List | DiskEffect::Serve);
    reads || site.kind == DiskEffect::ReadOpen || site.opens()
}
