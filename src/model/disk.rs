//! What is written to, and read back from, the local disk? By calls that the catalogue knows,
//! where their paths come from, and which entry points reach them.

use rustc_hash::{FxHashMap, FxHashSet};

use super::places::Places;
use super::reach::Reach;
use super::roots::{Of, Root};
use super::scratch::Scratch;
pub(super) use super::sites::short;
use super::sites::{Finder, Site, telling};
use super::{Early, Effect, Lies, Model};
use crate::catalog::DiskEffect;
use crate::flow::{CallId, Flow};
use crate::resolve::{DefId, Names};
use crate::source::Span;

pub(super) fn collect(
    model: &mut Model,
    names: &Names<'_>,
    flow: &Flow,
    reach: &Reach<'_, '_>,
    places: &Places<'_, '_>,
    logs: &FxHashSet<CallId>,
) {
    let mut sites = Finder { names, flow, reach, places }.sites();
    // A log file has a finding of its own.
    sites.retain(|site| !logs.contains(&site.id));
    let scratch = Scratch::of(places, &sites);
    let vanishes: Vec<bool> = sites.iter().map(|site| scratch.holds(site)).collect();
    let mut written = Written::default();
    for (site, vanishes) in sites.iter().zip(&vanishes) {
        let startup = reach.is_startup_at(site.call.node, site.call.at);
        let opens = matches!(site.kind, DiskEffect::OpenDatabase | DiskEffect::ConnectDatabase);
        if opens && (site.access.is_some() || startup) {
            let at = (flow.span(site.call.node, site.at), site.path.clone());
            let cleared = site.fact.index && scratch.is_cleared(site);
            for root in telling(names, &site.roots) {
                written.databases.entry(root).or_insert_with(|| (at.clone(), cleared));
            }
        }
        let generated = startup && site.access.is_none() && scratch.is_generated(site);
        let lasts = match site.kind {
            DiskEffect::Store => site.access.is_some() || startup,
            _ => site.is_write() && (site.access.is_some() || generated) && !vanishes,
        };
        if lasts {
            if generated {
                written.generated.push(flow.span(site.call.node, site.at));
            }
            let store = site.kind == DiskEffect::Store;
            let again = (site.puts() || store).then(|| scratch.is_fetched_again(site));
            written.note(names, flow, site, again);
        }
    }
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
    for (site, vanishes) in sites.iter().zip(&vanishes) {
        let body = flow.node(site.call.node);
        let startup = reach.is_startup_at(site.call.node, site.call.at);
        let serving = site.access.is_some();
        let store = site.kind == DiskEffect::Store;
        if !reach.selected(body.def) || (*vanishes && !store) || !(startup || serving) {
            continue;
        }
        let roots = telling(names, &site.roots);
        let beneath = written.beneath(names, site, &roots);
        let again = match site.puts() {
            true => scratch.is_fetched_again(site),
            false => written.is_fetched_again(flow, site, &roots),
        };
        let opens = matches!(
            site.kind,
            DiskEffect::Store | DiskEffect::OpenDatabase | DiskEffect::ConnectDatabase
        );
        let chosen = match opens {
            true => places.choice(site.call.node, site.call.way),
            false => chosen_store(site),
        };
        let effect = |written| {
            let effect = effect(names, flow, reach, site, written);
            Effect { again, chosen: chosen.clone(), ..effect }
        };
        match site.kind {
            DiskEffect::OpenDatabase | DiskEffect::ConnectDatabase => {
                let again = site.fact.index && scratch.is_cleared(site);
                model.databases.push(Effect { again, ..effect(None) });
            }
            DiskEffect::Store => model.writes.push(effect(None)),
            _ if site.is_write() && serving => model.writes.push(effect(None)),
            _ if site.is_write() && scratch.is_generated(site) => {
                model.writes.push(Effect { early: Early::Generated, ..effect(None) });
            }
            _ if site.is_write() && beneath.is_some() => {
                let early = written.early(beneath.as_ref());
                model.writes.push(Effect { early, ..effect(beneath) });
            }
            DiskEffect::Change => {}
            _ if site.is_write() => {
                let mut known = roots.iter();
                let found = known.find_map(|root| Some((*root, written.databases.get(root)?)));
                if let Some((root, (at, cleared))) = found {
                    let effect = effect(Some((Some(root), at.clone())));
                    let (early, again) = (Early::Database, *cleared);
                    model.writes.push(Effect { early, again, ..effect });
                }
            }
            DiskEffect::Read | DiskEffect::ReadOpen | DiskEffect::List | DiskEffect::Serve => {
                let left = || match scratch.is_left_over(site) {
                    true => Some((None, written.beside.get(&body.def)?.clone())),
                    false => None,
                };
                if let Some(found) = beneath.or_else(left) {
                    let early = written.early(Some(&found));
                    model.reads.push(Effect { early, ..effect(Some(found)) });
                }
            }
            _ => {}
        }
    }
}

/// A write, for whoever reads beneath it.
type At = (Span, String);

/// Such a write, and the root that it shares with the reader.
type Found = (Option<Root>, At);

/// What requests write and leave there.
#[derive(Default)]
struct Written {
    /// A write beneath each root.
    at: FxHashMap<Root, At>,
    /// An embedded database beneath each root, and whether it is made again from elsewhere.
    databases: FxHashMap<Root, (At, bool)>,
    /// Writes of what the process makes up at start.
    generated: Vec<Span>,
    /// A write of each function.
    beside: FxHashMap<DefId, At>,
    /// Where something is put that is fetched again when it is missing.
    again: FxHashSet<Beneath>,
    /// Where something is put that is not.
    once: FxHashSet<Beneath>,
}

/// A folder, or whatever one function writes where the folder is not known.
#[derive(PartialEq, Eq, Hash)]
enum Beneath {
    Root(Root),
    Function(DefId),
}

impl Written {
    fn note(&mut self, names: &Names<'_>, flow: &Flow, site: &Site<'_>, again: Option<bool>) {
        let at = (flow.span(site.call.node, site.at), site.path.clone());
        let roots = telling(names, &site.roots);
        let def = flow.node(site.call.node).def;
        self.beside.entry(def).or_insert_with(|| at.clone());
        let places = roots.iter().map(|root| Beneath::Root(*root));
        match again {
            Some(true) => self.again.extend(places.chain([Beneath::Function(def)])),
            Some(false) => self.once.extend(places.chain([Beneath::Function(def)])),
            None => {}
        }
        for root in roots {
            self.at.entry(root).or_insert_with(|| at.clone());
        }
    }

    /// A write beneath what a call touches.
    fn beneath(&self, names: &Names<'_>, site: &Site<'_>, roots: &[Root]) -> Option<Found> {
        let exactly = roots.iter().find_map(|root| Some((Some(*root), self.at.get(root)?.clone())));
        if exactly.is_some() || !matches!(site.kind, DiskEffect::Serve | DiskEffect::List) {
            return exactly;
        }
        // A folder that is known in full holds what is written to `folder/name`.
        let bare = |text: &str| text.trim_start_matches("./").trim_end_matches('/').to_string();
        let mut parts = Vec::new();
        for root in &site.roots.all {
            let Root::Text(text) = root else { return None };
            parts.push(bare(names.text(*text)));
        }
        let folder = format!("{}/", parts.join("/"));
        let inside = self.at.iter().filter_map(|(root, at)| match root {
            Root::Text(text) => {
                let within = names.text(*text).trim_start_matches("./").starts_with(&folder);
                within.then_some((*root, at))
            }
            _ => None,
        });
        let (root, at) = inside.min_by_key(|(_, at)| (at.0.file, at.0.start))?;
        Some((Some(root), at.clone()))
    }

    /// Why something at start matters that lies beside a write.
    fn early(&self, found: Option<&Found>) -> Early {
        match found.is_some_and(|(_, (at, _))| self.generated.contains(at)) {
            true => Early::Generated,
            false => Early::Requests,
        }
    }

    /// Whether everything that is put where a call looks is fetched again when it is missing.
    fn is_fetched_again(&self, flow: &Flow, site: &Site<'_>, roots: &[Root]) -> bool {
        let places: Vec<Beneath> = match roots.is_empty() {
            true => vec![Beneath::Function(flow.node(site.call.node).def)],
            false => roots.iter().map(|root| Beneath::Root(*root)).collect(),
        };
        places.iter().any(|place| self.again.contains(place))
            && !places.iter().any(|place| self.once.contains(place))
    }
}

fn effect(
    names: &Names<'_>,
    flow: &Flow,
    reach: &Reach<'_, '_>,
    site: &Site<'_>,
    found: Option<Found>,
) -> Effect {
    let body = flow.node(site.call.node);
    let matched = found.as_ref().and_then(|(root, _)| root.as_ref());
    let written = found.as_ref().map(|(_, written)| written.clone());
    let root = matched.into_iter().chain(&site.roots.all).find_map(|root| match root {
        Root::Field(of, name) => {
            let of = names.text(names.def(*of).name);
            Some(format!("`{of}::{}`", names.text(*name)))
        }
        Root::Static(id) => Some(format!("`{}`", names.text(names.def(*id).name))),
        Root::Asked(of, name) => {
            let of = match of {
                Of::Def(of) => names.text(names.def(*of).name).to_string(),
                Of::Type(path) => names
                    .externals
                    .get(*path)
                    .text
                    .rsplit("::")
                    .next()
                    .unwrap_or_default()
                    .to_string(),
            };
            Some(format!("`{of}.{}`", names.text(*name)))
        }
        Root::Text(text) if !names.text(*text).is_empty() => {
            Some(format!("\"{}\"", names.text(*text)))
        }
        Root::Outside(path) => {
            let external = names.externals.get(*path);
            let fact = names.catalog.call(&external.text);
            fact.is_some_and(|fact| fact.environment).then(|| short(&external.text))
        }
        _ => None,
    });
    let package = &names.project.packages[names.units[names.def(body.def).unit].package].name;
    let state = match &root {
        Some(root) => format!("{package}:disk:{}", root.trim_matches(['`', '"'])),
        None => format!("{package}:disk"),
    };
    let item = names.path(body.def);
    Effect {
        kind: site.kind,
        call: short(&site.path),
        at: flow.span(site.call.node, site.at),
        access: site.access.clone(),
        root: root.unwrap_or_default(),
        item,
        state,
        owner: reach.owner(body.def, Some(site.call.node)),
        written,
        early: Early::Requests,
        again: false,
        lies: Lies::of(names, &site.roots),
        chosen: None,
        why: site.fact.why.clone(),
        instead: site.fact.instead.clone(),
    }
}
