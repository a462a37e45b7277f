//! What is written to, and read back from, the local disk? By calls that the catalogue knows,
//! where their paths come from, and which entry points reach them.

use rustc_hash::{FxHashMap, FxHashSet};

use super::begun::Begun;
use super::directories;
use super::fleeting::Fleeting;
use super::folders::Folder;
use super::keys::Key;
use super::left::{Found, Written};
use super::places::Places;
use super::reach::Reach;
use super::roots::Root;
use super::scratch::{Scratch, is_unasked};
pub(super) use super::sites::short;
use super::sites::{Fetched, Finder, Site, telling};
use super::{Early, Effect, EntryPoint, Lies, Model, unsure};
use crate::catalog::DiskEffect;
use crate::diagnostic::Step;
use crate::flow::{CallId, Flow, Way};
use crate::resolve::{DefId, Names};
use crate::symbol::Symbol;

pub(super) fn collect<'a>(
    model: &mut Model,
    names: &Names<'a>,
    flow: &Flow,
    reach: &Reach<'_, 'a>,
    places: &Places<'_, 'a>,
    logs: &FxHashSet<CallId>,
    points: &[EntryPoint],
) {
    let mut sites = Finder { names, flow, reach, places }.sites();
    for access in sites.iter_mut().filter_map(|site| site.access.as_mut()) {
        access.by_task = points[access.entry].beside;
    }
    // A log file has a finding of its own.
    sites.retain(|site| !logs.contains(&site.id));
    if let Some(fleeting) = Fleeting::of(places, reach, &sites) {
        sites.retain(|site| !fleeting.holds(site));
    }
    let scratch = Scratch::of(places, reach, &sites);
    let mut vanishes: Vec<bool> = sites.iter().map(|site| scratch.holds(site)).collect();
    let emptied = emptied(&scratch, &sites, &vanishes);
    for (site, vanishes) in sites.iter().zip(&mut vanishes) {
        *vanishes |= emptied.contains(&site.id);
    }
    let stays = |(_, gone): &(&Site<'_>, &bool)| !**gone;
    let made = |site: &Site<'_>| site.kind == DiskEffect::MakeDirectory;
    let others: Vec<&Site<'_>> =
        sites.iter().zip(&vanishes).filter(stays).map(|(site, _)| site).collect();
    let others: Vec<&Site<'_>> = others.into_iter().filter(|site| !made(site)).collect();
    for (site, vanishes) in sites.iter().zip(&mut vanishes) {
        *vanishes = *vanishes || scratch.is_for_temporary(site, &others);
    }
    let fetched = sites.iter().filter(|site| scratch.is_fetched_again(site));
    let fetched: FxHashSet<CallId> = fetched.map(|site| site.id).collect();
    let made = sites.iter().zip(&vanishes).filter(|(site, gone)| {
        let made = || !**gone && !fetched.contains(&site.id) && scratch.is_made_again(site);
        scratch.is_cloned_again(site, &sites) || made()
    });
    let made: FxHashSet<CallId> = made.map(|(site, _)| site.id).collect();
    let is_again = |site: &Site<'_>| made.contains(&site.id) || fetched.contains(&site.id);
    let begun = Begun { places, reach, scratch: &scratch, sites: &sites };
    let mut written = Written::default();
    for (site, vanishes) in sites.iter().zip(&vanishes) {
        let startup = reach.is_startup_at(site.call.node, site.call.at);
        let opens = matches!(site.kind, DiskEffect::OpenDatabase | DiskEffect::ConnectDatabase);
        if opens && (site.access.is_some() || startup) {
            let at = (flow.span(site.call.node, site.at), site.path.clone());
            let cleared = site.fact.index && scratch.is_cleared(site);
            let folders = site.folders.iter();
            let noted = folders.map(|folder| (folder.clone(), at.clone(), cleared));
            written.databases.extend(noted);
        }
        if site.kind == DiskEffect::MakeDirectory {
            let roots = site.folders.iter().filter(|folder| folder.is_root());
            written.made.extend(roots.map(|folder| folder.root));
        }
        let looks = matches!(site.kind, DiskEffect::Read | DiskEffect::List | DiskEffect::Serve);
        if looks && site.access.is_some() {
            written.note_look(flow, site);
        }
        let kept = || scratch.is_generated(site) || site.puts() && fetched.contains(&site.id);
        let generated = startup && site.access.is_none() && kept();
        let lasts = match site.kind {
            DiskEffect::Store if *vanishes => startup || site.access.is_some() && is_unasked(site),
            DiskEffect::Store => site.access.is_some() || startup,
            _ => site.is_write() && (site.access.is_some() || generated) && !vanishes,
        };
        if lasts {
            written.unplaced |= unsure::puts_anywhere(&scratch, site);
            if generated {
                written.generated.push(flow.span(site.call.node, site.at));
            }
            let store = site.kind == DiskEffect::Store;
            let puts = (site.puts() || store) && !scratch.is_lock(site);
            let again = puts.then(|| is_again(site));
            written.note(flow, site, again);
        } else if site.puts() && !vanishes {
            written.note_perhaps(site);
        }
    }
    // What is put at start where requests change or remove something is for them, too.
    let early = |site: &Site<'_>| {
        let startup = site.access.is_none() && reach.is_startup_at(site.call.node, site.call.at);
        site.puts() && startup && written.beneath(site).is_some()
    };
    let early: Vec<&Site<'_>> = sites
        .iter()
        .zip(&vanishes)
        .filter(|(s, gone)| !**gone && early(s))
        .map(|(s, _)| s)
        .collect();
    for site in early {
        written.note(flow, site, Some(is_again(site)));
    }
    // What others put records into as well is no copy.
    let among = |site: &&Site<'_>| made.contains(&site.id) && written.is_among_records(site);
    let among: FxHashSet<CallId> = sites.iter().filter(among).map(|site| site.id).collect();
    written.mark(flow, &sites, &among, false);
    // What is made of a file that is fetched again can be made again.
    let remade = |site: &Site<'_>| {
        let contents = scratch.contents(site);
        let mut parts = contents.iter().flat_map(|from| places.folders(*from)).peekable();
        site.puts()
            && is_unasked(site)
            && parts.peek().is_some()
            && parts.all(|folder| written.holds_only_fetched(&folder, flow, site))
    };
    let remade: FxHashSet<CallId> =
        sites.iter().filter(|site| remade(site)).map(|site| site.id).collect();
    written.mark(flow, &sites, &remade, true);
    // A store that is only opened when a setting asks for it is only then written to.
    let stores: Vec<&Site<'_>> =
        sites.iter().filter(|site| site.kind == DiskEffect::Store).collect();
    let chosen_store = |site: &Site<'_>| {
        let store = places.store_of(&site.roots).filter(|_| site.fact.in_store)?;
        let store = &*names.externals.get(store).text;
        let of_site = |one: &&&Site<'_>| {
            let roots = telling(names, &one.roots);
            one.path == store && roots.iter().any(|root| site.roots.all.contains(root))
        };
        let its = stores.iter().filter(of_site);
        let mut choices = its.map(|one| places.choice(one.call.node, one.call.way));
        let first = choices.next()??;
        choices.all(|other| other.as_ref() == Some(&first)).then_some(first)
    };
    let directories = directories::of(names, &sites);
    let mut opened: FxHashMap<(DefId, Key), Vec<Way>> = FxHashMap::default();
    let mut copies = Copies::of(reach, &sites);
    for ((site, vanishes), directory) in sites.iter().zip(&vanishes).zip(&directories) {
        let body = flow.node(site.call.node);
        let startup = reach.is_startup_at(site.call.node, site.call.at);
        let serving = site.access.is_some();
        // What many have in common is a store, wherever it lies; what one request has is not.
        let store = site.kind == DiskEffect::Store && (startup || is_unasked(site));
        if !reach.selected(body.def) || (*vanishes && !store) || !(startup || serving) {
            continue;
        }
        let beneath = written.beneath(site);
        let again = match site.puts() {
            true => is_again(site) && !among.contains(&site.id) || remade.contains(&site.id),
            false => written.is_fetched_again(flow, site),
        };
        if again && copies.is_told(site) {
            continue;
        }
        let chosen = match site.opens() {
            true => places.choice(site.call.node, site.call.way),
            false => chosen_store(site)
                .or_else(|| places.choice_of_static(site.call.way))
                .or_else(|| places.choice_of_self(body.def)),
        };
        let effect = |written| {
            let effect = effect(names, flow, reach, site, directory.as_deref(), written);
            Effect { again, chosen: chosen.clone(), ..effect }
        };
        match site.kind {
            DiskEffect::OpenDatabase | DiskEffect::ConnectDatabase => {
                let cleared = |folder: &Folder| {
                    let mut known = written.databases.iter().filter(|(_, _, cleared)| *cleared);
                    known.any(|(other, ..)| folder.meets(other, true))
                };
                let again = site.fact.index && site.folders.iter().any(cleared);
                // To set it up and to use it, the same database is opened twice.
                if let Some(key) = places.key(site.target) {
                    let way = site.call.way;
                    let known = opened.entry((body.def, key)).or_default();
                    // Whatever comes here has been there.
                    if known.iter().any(|earlier| flow.is_within(way, *earlier)) {
                        continue;
                    }
                    known.push(way);
                }
                model.databases.push(Effect { again, ..effect(None) });
            }
            DiskEffect::Store => model.writes.push(effect(None)),
            _ if site.is_write() && serving => {
                let doubt = unsure::of(&written, flow, &scratch, site);
                model.writes.push(doubted(effect(None), doubt));
            }
            _ if begun.keeps_nothing(site) => {}
            _ if site.is_write() && (scratch.is_generated(site) || site.puts() && again) => {
                model.writes.push(Effect { early: Early::Generated, ..effect(None) });
            }
            _ if site.is_write() && beneath.is_some() => {
                let early = written.early(beneath.as_ref());
                let near = beneath.as_ref().is_some_and(|found| found.is_near(site));
                let keeps = early != Early::Requests || site.kind != DiskEffect::Remove;
                let sure = keeps || near || begun.is_of_others(site);
                let found = beneath.map(|found| Found { sure, ..found });
                let effect = doubted(effect(found), unsure::at_start(&begun, site));
                model.writes.push(Effect { early, ..effect });
            }
            DiskEffect::Change => {}
            _ if site.is_write() => {
                let found = written.databases.iter().find_map(|(folder, at, cleared)| {
                    let alone = |own: &Folder| {
                        own.makes_the_root_of(folder) && !written.made.contains(&own.root)
                    };
                    let mut own = site.folders.iter();
                    let met = own.any(|own| own.makes_room_for(folder) || alone(own));
                    met.then_some((folder.clone(), at, cleared))
                });
                if let Some((folder, at, cleared)) = found {
                    let effect =
                        effect(Some(Found { folder: Some(folder), at: at.clone(), sure: true }));
                    let effect = doubted(effect, unsure::at_start(&begun, site));
                    let (early, again) = (Early::Database, *cleared);
                    model.writes.push(Effect { early, again, ..effect });
                }
            }
            DiskEffect::Read | DiskEffect::ReadOpen | DiskEffect::List | DiskEffect::Serve => {
                let left = || {
                    let at = match &site.access {
                        Some(access) if site.roots.is_scratch() => {
                            written.common.get(&access.entry)
                        }
                        _ if scratch.is_left_over(site) => written.beside.get(&body.def),
                        _ => None,
                    };
                    Some(Found { folder: None, at: at?.clone(), sure: true })
                };
                if let Some(found) = beneath.or_else(left) {
                    let early = written.early(Some(&found));
                    let doubt = unsure::as_read(&scratch, site, &sites);
                    model.reads.push(Effect { early, ..doubted(effect(Some(found)), doubt) });
                }
            }
            _ => {}
        }
    }
}

/// Copies of what lies elsewhere of which something was said.
struct Copies<'s>(Vec<&'s [Folder]>);

impl<'s> Copies<'s> {
    /// Those that something begins which runs.
    fn of(reach: &Reach<'_, '_>, sites: &'s [Site<'_>]) -> Self {
        let begun = sites.iter().filter(|site| site.fetched == Some(Fetched::Begun));
        Copies(begun.filter(|site| site.runs(reach)).map(|site| &*site.folders).collect())
    }

    /// Whether one that is brought forward was told: one word for all that is done to it is enough.
    fn is_told(&mut self, site: &'s Site<'_>) -> bool {
        if !matches!(site.fetched, Some(Fetched::Further | Fetched::Turned)) {
            return false;
        }
        let told = self.0.iter().any(|told| site.meets(told));
        if !told {
            self.0.push(&site.folders);
        }
        told
    }
}

/// Calls that clear a folder, or make it anew then, where nothing that stays is put there.
fn emptied(
    scratch: &Scratch<'_, '_, '_>,
    sites: &[Site<'_>],
    vanishes: &[bool],
) -> FxHashSet<CallId> {
    let emptied = sites.iter().filter(|site| scratch.is_emptied(site));
    // What has an index in it has one from then on.
    let opens = |site: &&Site<'_>| {
        matches!(site.kind, DiskEffect::OpenDatabase | DiskEffect::ConnectDatabase)
    };
    let opened: Vec<&Folder> = sites.iter().filter(opens).flat_map(|site| &site.folders).collect();
    let kept = |own: &Folder| opened.iter().any(|folder| own.makes_room_for(folder));
    let emptied = emptied.filter(|site| !site.folders.iter().any(kept));
    let named = emptied.filter_map(|site| match site.roots.all.last()? {
        Root::Text(name) => Some((site.id, *name)),
        _ => None,
    });
    let stays = |name: Symbol| {
        sites.iter().zip(vanishes).any(|(site, gone)| {
            let there = !gone && site.puts() && site.roots.texts().any(|text| text == name);
            there && !scratch.is_moved(site)
        })
    };
    named.filter(|(_, name)| !stays(*name)).map(|(id, _)| id).collect()
}

/// What is done, and why it is not certain that it matters.
fn doubted(mut effect: Effect, doubt: Option<&str>) -> Effect {
    if let Some(words) = doubt {
        effect.owner.doubt.get_or_insert(Step::new(effect.at, words));
    }
    effect
}

fn effect(
    names: &Names<'_>,
    flow: &Flow,
    reach: &Reach<'_, '_>,
    site: &Site<'_>,
    directory: Option<&str>,
    found: Option<Found>,
) -> Effect {
    let body = flow.node(site.call.node);
    let matched = found.as_ref().and_then(|found| found.folder.as_ref());
    let written = found.as_ref().map(|found| found.at.clone());
    let folders = matched.into_iter().chain(&site.folders);
    let root = folders
        .clone()
        .find_map(|folder| directories::described(names, folder, site.is_of_folder()));
    let root = root.or_else(|| {
        let mut all = site.roots.all.iter().map(|root| Folder::somewhere(names, *root));
        all.find_map(|folder| directories::described(names, &folder, false))
    });
    let package = &names.project.packages[names.units[names.def(body.def).unit].package].name;
    let state = match (directory, &root) {
        (Some(directory), _) => format!("{package}:disk:{directory}"),
        (None, Some(root)) => format!("{package}:disk:{}", root.trim_matches(['`', '"'])),
        (None, None) => format!("{package}:disk"),
    };
    let item = names.path(body.def);
    let mut owner = reach.owner(body.def, Some(site.call.node));
    let early = site.is_write() && !site.is_of_folder() && site.access.is_none();
    if early && owner.doubt.is_none() {
        owner.doubt = reach.doubted_start(site.call.node);
    }
    if let Some(unsure) = found.filter(|found| !found.sure) {
        let words = match site.is_write() {
            true => "what is written here is not known to lie in what is removed",
            false => "this is not known to be the same place: it is asked for by another word",
        };
        owner.doubt.get_or_insert(Step::new(unsure.at.0, words));
    }
    if site.fact.measures {
        let measured = Step::new(flow.span(site.call.node, site.at), "only its size is asked");
        owner.doubt.get_or_insert(measured);
    }
    Effect {
        kind: site.kind,
        call: short(&site.path),
        at: flow.span(site.call.node, site.at),
        access: site.access.clone(),
        root: root.unwrap_or_default(),
        item,
        state,
        owner,
        written,
        early: Early::Requests,
        again: false,
        lies: Lies::of(names, &site.roots),
        chosen: None,
        why: site.fact.why.clone(),
        instead: site.fact.instead.clone(),
    }
}
