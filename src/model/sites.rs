//! Which calls touch the local disk, and what do they touch? What the catalogue knows of each.

mod bound;

use rustc_hash::FxHashSet;

use super::folders::{self, Folder};
use super::places::Places;
use super::reach::Reach;
use super::roots::{Root, Roots};
use super::{Access, boots};
use crate::catalog::{CallFact, DiskEffect, Role};
use crate::flow::{Call, CallId, Callee, Flow, Froms};
use crate::parse::tree::Range;
use crate::resolve::{DefId, Names, T, Type};
use crate::symbol::Symbol;

/// One call that touches the disk.
pub(super) struct Site<'c> {
    pub(super) id: CallId,
    pub(super) at: Range,
    pub(super) call: &'c Call,
    pub(super) fact: &'c CallFact,
    /// What is called, as the catalogue spells it.
    pub(super) path: String,
    pub(super) kind: DiskEffect,
    pub(super) target: Froms,
    /// What a rename takes away.
    pub(super) source: Option<Froms>,
    /// What is written, where the call says so.
    pub(super) content: Option<Froms>,
    pub(super) roots: Roots,
    /// The folders that it may lie in.
    pub(super) folders: Vec<Folder>,
    pub(super) access: Option<Access>,
    /// A database that is opened only to be read.
    pub(super) only_reads: bool,
    /// What is put there was fetched from where it lies as well.
    pub(super) fetched: Option<Fetched>,
}

/// How something is fetched that lies elsewhere, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fetched {
    /// A copy is begun.
    Begun,
    /// One that is there is brought forward.
    Further,
    /// One that is there is turned to another of its states.
    Turned,
}

impl Site<'_> {
    /// Whether what serves, or a start, does it.
    pub(super) fn runs(&self, reach: &Reach<'_, '_>) -> bool {
        self.access.is_some() || reach.is_startup_at(self.call.node, self.call.at)
    }

    /// Whether one of its folders may be, or hold, one of these.
    pub(super) fn meets(&self, folders: &[Folder]) -> bool {
        self.folders.iter().any(|own| folders.iter().any(|other| own.meets(other, true)))
    }

    pub(super) fn is_write(&self) -> bool {
        matches!(
            self.kind,
            DiskEffect::Write
                | DiskEffect::MakeDirectory
                | DiskEffect::Rename
                | DiskEffect::Copy
                | DiskEffect::Remove
                | DiskEffect::Change
        )
    }

    /// Whether its path is that of a folder.
    pub(super) fn is_of_folder(&self) -> bool {
        matches!(
            self.kind,
            DiskEffect::MakeDirectory | DiskEffect::List | DiskEffect::Serve | DiskEffect::Store
        )
    }

    /// Whether it opens a store or a database, for whoever uses that.
    pub(super) fn opens(&self) -> bool {
        matches!(
            self.kind,
            DiskEffect::Store | DiskEffect::OpenDatabase | DiskEffect::ConnectDatabase
        )
    }

    /// Whether it puts content where its path says.
    pub(super) fn puts(&self) -> bool {
        matches!(self.kind, DiskEffect::Write | DiskEffect::Rename | DiskEffect::Copy)
    }

    /// Whether it opens a file both for reading and for writing.
    fn opens_both(&self, names: &Names<'_>) -> bool {
        self.fact.disk == Some(DiskEffect::Open)
            && self.kind == DiskEffect::Write
            && self
                .call
                .flags
                .iter()
                .any(|flag| self.fact.reads_if.iter().any(|r| r == names.text(*flag)))
    }
}

/// Asks the catalogue about every call that leaves the tree.
pub(super) struct Finder<'f, 'm, 'a> {
    pub(super) names: &'f Names<'a>,
    pub(super) flow: &'f Flow,
    pub(super) reach: &'f Reach<'m, 'a>,
    pub(super) places: &'f Places<'m, 'a>,
}

impl<'f> Finder<'f, '_, '_> {
    pub(super) fn sites(&self) -> Vec<Site<'f>> {
        let names = self.names;
        let mut sites: Vec<Site<'f>> = Vec::new();
        for (index, call) in self.flow.calls.iter().enumerate() {
            let id = CallId(index as u32);
            let Callee::External(path) = call.callee else { continue };
            let external = names.externals.get(path);
            let Some(fact) = names.catalog.call(&external.text) else { continue };
            let Some(kind) = fact.disk else { continue };
            let site = match kind {
                DiskEffect::Temporary | DiskEffect::Folder => None,
                DiskEffect::Run => self.program(id, call, fact),
                kind => self.site(id, call, fact, &external.text, kind),
            };
            sites.extend(site);
        }
        let both: Vec<(Froms, usize)> = sites
            .iter()
            .enumerate()
            .filter(|(_, site)| site.opens_both(names))
            .map(|(index, site)| (site.target, index))
            .collect();
        // Reading through a file that was only opened to read belongs to the call that opened it.
        let opened = |site: &Site<'_>| {
            let def = self.flow.node(site.call.node).def;
            both.iter().any(|(target, index)| {
                self.same(*target, site.target)
                    && self.flow.node(sites[*index].call.node).def == def
            })
        };
        let through: Vec<bool> =
            sites.iter().map(|site| site.kind != DiskEffect::ReadOpen || opened(site)).collect();
        let mut through = through.into_iter();
        sites.retain(|_| through.next() == Some(true));
        self.leave_out_synced(&mut sites);
        self.open_shared(&mut sites);
        self.keep_read(&mut sites);
        without_sockets(&mut sites);
        boots::leave_out(self.places, &mut sites);
        sites
    }

    /// What is opened to read and then written out is a folder: nothing of it is read.
    fn leave_out_synced(&self, sites: &mut Vec<Site<'f>>) {
        let def = |site: &Site<'_>| self.flow.node(site.call.node).def;
        let written = |synced: &Site<'_>| {
            let mut writes = sites.iter().filter(|site| site.is_write());
            writes.any(|site| def(site) == def(synced) && self.same(site.target, synced.target))
        };
        let synced: Vec<(DefId, u32, u32, Option<Froms>)> = sites
            .iter()
            .filter(|site| site.kind == DiskEffect::Sync)
            .map(|site| {
                let named = (!written(site)).then_some(site.target);
                (def(site), site.call.begins, site.at.end, named)
            })
            .collect();
        sites.retain(|site| {
            let opened = |(of, begins, ends, named): &(DefId, u32, u32, Option<Froms>)| {
                let chained = *begins <= site.at.start && site.at.end <= *ends;
                let same = || named.is_some_and(|named| self.same(named, site.target));
                *of == def(site) && (chained || same())
            };
            let read = site.kind == DiskEffect::Read && synced.iter().any(opened);
            site.kind != DiskEffect::Sync && !read
        });
    }

    /// A database that is only read may ship with the release, if nothing that runs writes it.
    fn keep_read(&self, sites: &mut Vec<Site<'f>>) {
        let runs = |site: &Site<'f>| {
            let def = self.flow.node(site.call.node).def;
            self.reach.selected(def) && site.runs(self.reach)
        };
        let writes = |site: &&Site<'f>| {
            site.kind == DiskEffect::OpenDatabase && !site.only_reads && runs(site)
        };
        let written: Vec<Vec<Folder>> =
            sites.iter().filter(writes).map(|site| site.folders.clone()).collect();
        sites.retain(|site| {
            let meets = |folder: &Folder| site.folders.iter().any(|own| own.meets(folder, false));
            !site.only_reads || written.iter().flatten().any(meets)
        });
    }

    /// A fixed place in the machine's temporary folder is scratch for whoever alone knows it.
    fn open_shared(&self, sites: &mut [Site<'f>]) {
        let known: Vec<(Root, usize, bool)> = sites
            .iter()
            .filter_map(|site| {
                let entry = site.access.as_ref()?.entry;
                Some((self.shared_place(&site.roots)?, entry, site.is_write()))
            })
            .collect();
        for site in sites {
            let (Some(place), Some(access)) = (self.shared_place(&site.roots), &site.access) else {
                continue;
            };
            let elsewhere = known.iter().any(|(other, entry, writes)| {
                *other == place && *entry != access.entry && *writes != site.is_write()
            });
            if elsewhere {
                site.roots.leading.retain(|root| !matches!(root, Root::Scratch(_)));
            }
        }
    }

    /// Where a path lies in a temporary folder that is the same for all: in a field or static that
    /// leads there, else what follows right behind.
    fn shared_place(&self, roots: &Roots) -> Option<Root> {
        let shared = roots.leading.iter().any(|root| match root {
            Root::Scratch(path) => {
                let fact = self.names.catalog.call(&self.names.externals.get(*path).text);
                fact.is_some_and(|fact| fact.shared)
            }
            _ => false,
        });
        if !shared {
            return None;
        }
        let leads = |root: &&Root| matches!(root, Root::Field(..) | Root::Static(_));
        if let Some(root) = roots.leading.iter().find(leads) {
            return Some(*root);
        }
        match *roots.all {
            [Root::Scratch(_), Root::Text(place), ..] => {
                (!self.names.text(place).contains('{')).then_some(Root::Text(place))
            }
            _ => None,
        }
    }

    fn same(&self, one: Froms, other: Froms) -> bool {
        one != Froms::NONE && self.places.key(one) == self.places.key(other)
    }

    fn site(
        &self,
        id: CallId,
        call: &'f Call,
        fact: &'f CallFact,
        path: &str,
        kind: DiskEffect,
    ) -> Option<Site<'f>> {
        let names = self.names;
        let offset = usize::from(call.method);
        let arg = |at: usize| call.args.get(at + offset).map(|arg| arg.from);
        let at = fact.to.or(fact.at);
        let target = at.map_or_else(|| call.args.first().map(|arg| arg.from), arg);
        let target = match (kind, at) {
            (DiskEffect::State, Some(at)) => self.bound(call, at + offset).or(target),
            _ => target,
        };
        let target = target.unwrap_or(Froms::NONE);
        let source = fact.to.and(fact.at).and_then(arg);
        // What is unpacked or persisted is asked to go there.
        let goes = || {
            let puts = matches!(fact.disk, Some(DiskEffect::Write | DiskEffect::Pour));
            call.args.first().filter(|_| call.method && puts)
        };
        let itself = || goes().filter(|_| fact.at.is_some() && !fact.in_store).map(|arg| arg.from);
        let content = fact.content.and_then(arg).or_else(itself);
        let roots = self.places.path_roots(target);
        if fact.in_store && self.places.store_of(&roots).is_none() {
            return None;
        }
        let has = |list: &[String]| {
            call.flags.iter().any(|flag| list.iter().any(|known| known == names.text(*flag)))
        };
        let kind = match kind {
            DiskEffect::Open if has(&fact.writes_if) => DiskEffect::Write,
            DiskEffect::Open => DiskEffect::Read,
            DiskEffect::State => {
                let said = at.and_then(arg).map(|from| self.places.path_roots(from));
                let mut texts = said.iter().flat_map(|roots| roots.texts());
                let writes = texts.any(|text| names.catalog.is_writing(names.text(text)));
                writes.then_some(DiskEffect::Write)?
            }
            DiskEffect::OpenDatabase => {
                let begins = |text: &str| fact.elsewhere_if.iter().any(|p| text.starts_with(p));
                let elsewhere = roots.texts().any(|text| begins(names.text(text)));
                (!elsewhere).then_some(kind)?
            }
            DiskEffect::ConnectDatabase => {
                let begins = |text: &str| fact.embedded_if.iter().any(|p| text.starts_with(p));
                // Also where a default is code that quotes the address.
                let quotes = |text: &str| text.split('"').any(begins);
                let embedded = roots.texts().any(|text| quotes(names.text(text)));
                let embedded = embedded || has(&fact.embedded_if);
                embedded.then_some(DiskEffect::ConnectDatabase)?
            }
            kind => kind,
        };
        let at = call.at;
        let access = self.reach.access(call.node, call.at, short(path));
        let only_reads =
            kind == DiskEffect::OpenDatabase && (call.only_reads || self.only_reads(call, fact));
        let path = path.to_string();
        let folders = self.folders(target, &roots);
        let begun = kind == DiskEffect::Store && fact.content.is_some();
        let fetched = begun.then_some(Fetched::Begun);
        let mut site = Site {
            id,
            at,
            call,
            fact,
            path,
            kind,
            target,
            source,
            content,
            roots,
            folders,
            access,
            only_reads,
            fetched,
        };
        site.tell_tails();
        Some(site)
    }

    fn folders(&self, target: Froms, roots: &Roots) -> Vec<Folder> {
        folders::telling(self.names, self.places.folders(target), telling(self.names, roots))
    }

    fn is_path_type(&self, ty: T) -> bool {
        self.places.role(self.places.peeled(ty)) == Some(Role::Path)
    }

    /// Whether a call is handed something that says that it only reads.
    fn only_reads(&self, call: &Call, fact: &CallFact) -> bool {
        call.args.iter().any(|arg| {
            self.places.path_roots(arg.from).all.iter().any(|root| match root {
                Root::Text(text) => {
                    let text = self.names.text(*text);
                    fact.reads_if.iter().any(|word| text.contains(word.as_str()))
                }
                Root::Outside(path) => {
                    let fact = self.names.catalog.call(&self.names.externals.get(*path).text);
                    fact.is_some_and(|fact| fact.disk == Some(DiskEffect::OnlyRead))
                }
                _ => false,
            })
        })
    }

    /// A program that is started, where it is one that writes into a folder that can be told.
    fn program(&self, id: CallId, call: &'f Call, fact: &'f CallFact) -> Option<Site<'f>> {
        let names = self.names;
        let roots = |froms| self.places.path_roots(froms);
        let args: Vec<(Froms, Roots)> =
            call.args.iter().map(|arg| (arg.from, roots(arg.from))).collect();
        let texts = args.iter().flat_map(|(_, roots)| roots.texts()).map(|t| names.text(t));
        let program = texts.clone().find_map(|text| names.catalog.writer(text))?;
        // The receiver stands for all: it is last. Next comes the folder in which it runs.
        let typed = |at: &usize| self.is_path_type(call.args[*at].ty);
        // A folder may be called like something that is done.
        let words = (2..args.len()).filter(|at| !typed(at));
        let words = words.flat_map(|at| args[at].1.texts()).map(|text| names.text(text));
        let deed = match program.is_said(words.clone()) {
            true => program.deed(words)?,
            false => program.deed(texts)?,
        };
        let (paths, others): (Vec<usize>, Vec<usize>) = (2..args.len()).partition(typed);
        let order: Vec<usize> = match (program.writes_last, deed.elsewhere) {
            (true, _) => vec![args.len() - 1],
            // What is a path by its type comes first.
            (false, true) => paths.into_iter().chain(others).chain([1, 0]).collect(),
            (false, false) => [1].into_iter().chain(paths).chain(others).chain([0]).collect(),
        };
        let named: Vec<_> = order.into_iter().filter_map(|at| args.get(at)).collect();
        if named.iter().any(|(_, roots)| roots.is_scratch()) {
            return None;
        }
        let folders = |roots: &Roots| -> Vec<Root> {
            let mut folders = telling(names, roots);
            folders.retain(|root| match root {
                Root::Text(text) => names.text(*text).contains('/'),
                _ => true,
            });
            folders
        };
        let (target, leading) = named.into_iter().find_map(|(froms, roots)| {
            let folders = folders(roots);
            (!folders.is_empty()).then_some((*froms, folders))
        })?;
        let mut folders = self.folders(target, &self.places.path_roots(target));
        folders.retain(|folder| folder.root.is_some() || folder.behind.len() > 1);
        let roots = Roots { all: leading.clone(), leading, drawn: Vec::new() };
        let at = Range { start: call.begins, end: call.at.end };
        let access = self.reach.access(call.node, at, format!("`{}`", program.name));
        let path = program.name.clone();
        let (kind, source, content) = (DiskEffect::Write, None, None);
        let only_reads = false;
        let how = match (deed.elsewhere, deed.fetches) {
            (true, _) => Fetched::Begun,
            (false, true) => Fetched::Further,
            (false, false) => Fetched::Turned,
        };
        let fetched = deed.copies.then_some(how);
        let mut site = Site {
            id,
            at,
            call,
            fact,
            path,
            kind,
            target,
            source,
            content,
            roots,
            folders,
            access,
            only_reads,
            fetched,
        };
        site.tell_tails();
        Some(site)
    }
}

/// A socket is a file of one process: what clears the way for it, or away after it, keeps nothing.
fn without_sockets(sites: &mut Vec<Site<'_>>) {
    let bound = || sites.iter().filter(|site| site.kind == DiskEffect::Bind);
    let roots: Vec<FxHashSet<Root>> =
        bound().map(|site| site.roots.all.iter().copied().collect()).collect();
    let places: Vec<Folder> = bound().flat_map(|site| site.folders.clone()).collect();
    sites.retain(|site| {
        let own: FxHashSet<Root> = site.roots.all.iter().copied().collect();
        let about =
            matches!(site.kind, DiskEffect::Remove | DiskEffect::Change | DiskEffect::Probe);
        // Wherever it may lie, a socket lies.
        let there = |folder: &Folder| places.iter().any(|place| place.is_same(folder));
        let meant = !site.folders.is_empty() && site.folders.iter().all(there);
        let bound = !own.is_empty() && roots.contains(&own) || meant && !site.fact.beneath;
        site.kind != DiskEffect::Bind && !(about && bound)
    });
}

/// The last two segments of a path, as code.
pub(super) fn short(path: &str) -> String {
    let mut parts: Vec<&str> = path.rsplit("::").take(2).collect();
    parts.reverse();
    format!("`{}`", parts.join("::"))
}

fn is_path(names: &Names<'_>, of: DefId, name: Symbol) -> bool {
    let Some(field) = names.field(of, name) else { return false };
    match &*names.types.get(names.field_type(of, field, &[])) {
        Type::External(path, _) => names.externals.get(*path).role == Some(Role::Path),
        _ => false,
    }
}

/// The roots that name a folder of this service; a bare file name or a request does not.
pub(super) fn telling(names: &Names<'_>, roots: &Roots) -> Vec<Root> {
    let named = |root: &&Root| {
        matches!(root, Root::Field(..) | Root::Static(_) | Root::Asked(..) | Root::Text(_))
    };
    let leads = roots.leading.iter().any(|root| named(&root));
    let list = if leads { &roots.leading } else { &roots.all };
    list.iter()
        .filter(|root| match root {
            // What stands behind something else is the name of a file, if it does not say more.
            Root::Field(of, name) => leads || is_path(names, *of, *name),
            Root::Static(_) => true,
            Root::Asked(..) => leads,
            Root::Text(text) => {
                let text = names.text(*text);
                text.len() > 2
                    && text.contains(|c: char| c.is_alphanumeric())
                    && !text.starts_with('{')
            }
            Root::Outside(_)
            | Root::Variable(_)
            | Root::Scratch(_)
            | Root::Answer(_)
            | Root::Given => false,
        })
        .copied()
        .collect()
}
