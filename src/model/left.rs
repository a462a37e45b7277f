//! What do requests write and leave on the local disk, and who comes upon it there?

use std::cmp::Reverse;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Early;
use super::folders::Folder;
use super::roots::Root;
use super::sites::Site;
use crate::catalog::DiskEffect;
use crate::flow::{CallId, Flow};
use crate::resolve::DefId;
use crate::source::Span;

/// A write, for whoever reads beneath it.
pub(super) type At = (Span, String);

/// Such a write, and the folder in which the reader may come upon it.
pub(super) struct Found {
    pub(super) folder: Option<Folder>,
    pub(super) at: At,
    /// It is as good as known to be the same place.
    pub(super) sure: bool,
}

impl Found {
    /// Whether it has more in common with what a call touches than where both begin.
    pub(super) fn is_near(&self, site: &Site<'_>) -> bool {
        let mut own = site.folders.iter();
        let folder = self.folder.as_ref();
        folder.is_some_and(|folder| own.any(|own| own.is_near(folder, site.is_of_folder())))
    }
}

/// Something done beneath a folder.
struct Noted {
    folder: Folder,
    at: At,
    /// Content is put there.
    puts: bool,
    /// What is put there is fetched again when it is missing, or is not.
    again: Option<bool>,
    removes: bool,
    /// It is done at start.
    early: bool,
}

/// What requests write and leave there.
#[derive(Default)]
pub(super) struct Written {
    /// What is written, by where its path begins.
    at: FxHashMap<Option<Root>, Vec<Noted>>,
    /// Embedded databases, and whether they are made again from elsewhere.
    pub(super) databases: Vec<(Folder, At, bool)>,
    /// Roots that are made by themselves.
    pub(super) made: FxHashSet<Option<Root>>,
    /// Writes of what the process makes up at start.
    pub(super) generated: Vec<Span>,
    /// Where requests and tasks look at what somebody put there, and which functions do.
    looked_at: Vec<(DefId, Folder)>,
    /// Where something is put by what is not known to run.
    perhaps: Vec<Folder>,
    /// A write of each function.
    pub(super) beside: FxHashMap<DefId, At>,
    /// A write of each entry point into the temporary folder that all share, for whoever asks next.
    pub(super) common: FxHashMap<usize, At>,
    /// Functions that put something where the folder is not known, and whether all of that is
    /// fetched again when it is missing.
    again: FxHashMap<DefId, bool>,
    /// Something is put where no folder is known.
    pub(super) unplaced: bool,
}

impl Written {
    pub(super) fn note(&mut self, flow: &Flow, site: &Site<'_>, again: Option<bool>) {
        let at = (flow.span(site.call.node, site.at), site.path.clone());
        let def = flow.node(site.call.node).def;
        self.beside.entry(def).or_insert_with(|| at.clone());
        if let Some(access) = site.access.as_ref().filter(|_| site.roots.is_scratch()) {
            self.common.entry(access.entry).or_insert_with(|| at.clone());
        }
        if let Some(again) = again {
            *self.again.entry(def).or_insert(true) &= again;
        }
        let puts = site.puts() || site.kind == DiskEffect::Store;
        for folder in &site.folders {
            let (at, folder) = (at.clone(), folder.clone());
            let list = self.at.entry(folder.root).or_default();
            let early = site.access.is_none();
            let removes = site.kind == DiskEffect::Remove;
            list.push(Noted { folder, at, puts, again, removes, early });
        }
    }

    /// Notes where something is put that is not known to run.
    pub(super) fn note_perhaps(&mut self, site: &Site<'_>) {
        self.perhaps.extend(site.folders.iter().cloned());
    }

    /// Notes where something is read, listed or served.
    pub(super) fn note_look(&mut self, flow: &Flow, site: &Site<'_>) {
        let def = flow.node(site.call.node).def;
        self.looked_at.extend(site.folders.iter().map(|folder| (def, folder.clone())));
    }

    /// Whether others than who removes something there look at what was put there.
    pub(super) fn is_looked_at(&self, flow: &Flow, site: &Site<'_>) -> bool {
        let def = flow.node(site.call.node).def;
        let mut others = self.looked_at.iter().filter(|(other, _)| *other != def);
        others.any(|(_, folder)| site.folders.iter().any(|own| own.meets(folder, true)))
    }

    /// What is written where a call looks, in the order of the code.
    fn met<'w>(&'w self, site: &'w Site<'_>) -> impl Iterator<Item = &'w Noted> {
        self.pairs(site).map(|(_, noted)| noted)
    }

    /// The same, each with the folder of the call in which it lies.
    fn pairs<'w>(&'w self, site: &'w Site<'_>) -> impl Iterator<Item = (&'w Folder, &'w Noted)> {
        let early = site.access.is_none() && site.puts();
        site.folders.iter().flat_map(move |own| {
            let all = self.at.get(&own.root).map_or(&[][..], Vec::as_slice);
            let met = all.iter().filter(move |noted| {
                // What a start puts there by a name is not told by who has the same folder.
                let apart = early && own.is_a_file() && noted.folder.is_anywhere();
                !apart && own.meets(&noted.folder, site.is_of_folder())
            });
            met.map(move |noted| (own, noted))
        })
    }

    /// A write beneath what a call touches: one that puts something there, if it reads.
    pub(super) fn beneath(&self, site: &Site<'_>) -> Option<Found> {
        let names = matches!(site.kind, DiskEffect::List | DiskEffect::Serve);
        // That something is removed says nothing of what a directory is made for, nor of who put it
        // where somebody lists it.
        let makes = site.kind == DiskEffect::MakeDirectory;
        let counts = |noted: &Noted| {
            noted.puts || (names || site.is_write()) && !((makes || names) && noted.removes)
        };
        let pairs = self.pairs(site).filter(|(_, noted)| counts(noted));
        let (own, noted) = pairs.max_by_key(|(own, noted)| {
            let far = (noted.at.0.file, noted.at.0.start);
            let here = noted.puts && (!noted.early || !site.is_write());
            let sure = !own.is_asked_otherwise(&noted.folder);
            let fit = own.fit(&noted.folder, site.is_of_folder());
            (sure, here, !noted.early, noted.puts, fit, Reverse(far))
        })?;
        let sure = !own.is_asked_otherwise(&noted.folder);
        Some(Found { folder: Some(noted.folder.clone()), at: noted.at.clone(), sure })
    }

    /// Whether anything is known to be put where a call removes something.
    pub(super) fn holds(&self, site: &Site<'_>) -> bool {
        let whole = site.fact.beneath;
        site.folders.iter().any(|own| {
            let mut all = self.at.get(&own.root).into_iter().flatten();
            let mut databases = self.databases.iter();
            let mut perhaps = self.perhaps.iter();
            all.any(|noted| !noted.removes && own.meets(&noted.folder, whole))
                || databases.any(|(folder, ..)| own.meets(folder, whole))
                || perhaps.any(|folder| own.meets(folder, whole))
        })
    }

    /// Whether all that others put in a folder is fetched again.
    pub(super) fn holds_only_fetched(&self, folder: &Folder, flow: &Flow, site: &Site<'_>) -> bool {
        let own = flow.span(site.call.node, site.at);
        let all = self.at.get(&folder.root).map_or(&[][..], Vec::as_slice);
        let others =
            all.iter().filter(|noted| noted.at.0 != own && folder.meets(&noted.folder, false));
        let mut puts = others.filter_map(|noted| noted.again).peekable();
        puts.peek().is_some() && puts.all(|again| again)
    }

    /// Whether something that is put where a call puts something is no copy.
    pub(super) fn is_among_records(&self, site: &Site<'_>) -> bool {
        self.met(site).any(|noted| noted.again == Some(false))
    }

    /// Takes note that what these calls put somewhere can be made again, or cannot.
    pub(super) fn mark(
        &mut self,
        flow: &Flow,
        sites: &[Site<'_>],
        calls: &FxHashSet<CallId>,
        again: bool,
    ) {
        let these = sites.iter().filter(|site| calls.contains(&site.id));
        let places: FxHashSet<Span> =
            these.map(|site| flow.span(site.call.node, site.at)).collect();
        let noted = self.at.values_mut().flatten();
        for noted in noted.filter(|noted| places.contains(&noted.at.0)) {
            noted.again = Some(again);
        }
    }

    /// Why something at start matters that lies beside a write.
    pub(super) fn early(&self, found: Option<&Found>) -> Early {
        match found.is_some_and(|found| self.generated.contains(&found.at.0)) {
            true => Early::Generated,
            false => Early::Requests,
        }
    }

    /// Whether everything that is put where a call looks is fetched again when it is missing.
    pub(super) fn is_fetched_again(&self, flow: &Flow, site: &Site<'_>) -> bool {
        if site.folders.is_empty() || site.roots.is_scratch() {
            return self.again.get(&flow.node(site.call.node).def) == Some(&true);
        }
        let mut puts = self.met(site).filter_map(|noted| noted.again).peekable();
        puts.peek().is_some() && puts.all(|again| again)
    }
}
