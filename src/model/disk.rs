//! What is written to, and read back from, the local disk? By calls that the catalogue knows,
//! where their paths come from, and which entry points reach them.

use rustc_hash::{FxHashMap, FxHashSet};

use super::places::Places;
use super::reach::Reach;
use super::roots::{Root, Roots};
use super::{Access, Effect, Model};
use crate::catalog::{CallFact, DiskEffect};
use crate::flow::{Call, CallId, Callee, Flow, Froms};
use crate::resolve::{DefId, Names};
use crate::source::Span;

/// One call that touches the disk.
struct Site<'c> {
    id: CallId,
    call: &'c Call,
    fact: &'c CallFact,
    path: String,
    kind: DiskEffect,
    target: Froms,
    /// What a rename takes away.
    source: Option<Froms>,
    roots: Roots,
    access: Option<Access>,
}

pub(super) fn collect(
    model: &mut Model,
    names: &Names<'_>,
    flow: &Flow,
    reach: &Reach<'_, '_>,
    places: &Places<'_, '_>,
    logs: &FxHashSet<CallId>,
) {
    let mut sites = sites(names, flow, reach, places);
    // A log file has a finding of its own.
    sites.retain(|site| !logs.contains(&site.id));
    let scratch = Scratch::of(flow, &sites);
    let is_scratch = |site: &Site<'_>| scratch.holds(flow, site);
    let mut written: FxHashMap<Root, (Span, String)> = FxHashMap::default();
    for site in &sites {
        let lasts = match site.kind {
            DiskEffect::Store => {
                site.access.is_some() || reach.is_startup_at(site.call.node, site.call.at)
            }
            kind => is_write(kind) && site.access.is_some() && !is_scratch(site),
        };
        if lasts {
            let at = flow.span(site.call.node, site.call.at);
            for root in telling(names, &site.roots) {
                written.entry(root).or_insert_with(|| (at, site.path.clone()));
            }
        }
    }
    for site in &sites {
        let body = flow.node(site.call.node);
        if !reach.selected(body.def) {
            continue;
        }
        let startup = reach.is_startup_at(site.call.node, site.call.at);
        let serving = site.access.is_some();
        let beneath = || {
            let mut roots = telling(names, &site.roots).into_iter();
            roots.find_map(|root| Some((root, written.get(&root).cloned()?)))
        };
        let effect = |written| effect(names, flow, reach, site, written);
        match site.kind {
            DiskEffect::OpenDatabase | DiskEffect::ConnectDatabase if serving || startup => {
                model.databases.push(effect(None));
            }
            DiskEffect::Store if serving || startup => model.writes.push(effect(None)),
            kind if is_write(kind) && serving && !is_scratch(site) => {
                model.writes.push(effect(None));
            }
            kind if is_write(kind) && startup && !is_scratch(site) => {
                if let Some(found) = beneath() {
                    model.writes.push(effect(Some(found)));
                }
            }
            DiskEffect::Read | DiskEffect::List if (serving || startup) && !is_scratch(site) => {
                if let Some(found) = beneath() {
                    model.reads.push(effect(Some(found)));
                }
            }
            DiskEffect::Serve if serving || startup => {
                if let Some(found) = beneath() {
                    model.reads.push(effect(Some(found)));
                }
            }
            _ => {}
        }
    }
}

/// Files that live inside one function: made and removed, or made and moved away.
struct Scratch {
    /// Paths by function, with the fewest conditions under which they are removed.
    removed: FxHashMap<(DefId, Froms), u16>,
    created: FxHashSet<(DefId, Froms)>,
}

impl Scratch {
    fn of(flow: &Flow, sites: &[Site<'_>]) -> Scratch {
        let mut scratch = Scratch { removed: FxHashMap::default(), created: FxHashSet::default() };
        for site in sites {
            let def = flow.node(site.call.node).def;
            match site.kind {
                DiskEffect::Remove if site.target != Froms::NONE => {
                    let depth = scratch.removed.entry((def, site.target)).or_insert(u16::MAX);
                    *depth = site.call.depth.min(*depth);
                }
                DiskEffect::Rename => {
                    scratch.created.extend(site.source.map(|source| (def, source)));
                }
                kind if is_write(kind) => drop(scratch.created.insert((def, site.target))),
                _ => {}
            }
        }
        scratch
    }

    fn holds(&self, flow: &Flow, site: &Site<'_>) -> bool {
        if site.roots.leading.iter().any(|root| matches!(root, Root::Scratch(_))) {
            return true;
        }
        let key = (flow.node(site.call.node).def, site.target);
        match site.kind {
            DiskEffect::Remove => self.created.contains(&key),
            // Removed only when something fails: meant to stay.
            _ => self.removed.get(&key).is_some_and(|depth| *depth <= site.call.depth),
        }
    }
}

fn is_write(kind: DiskEffect) -> bool {
    matches!(
        kind,
        DiskEffect::Write
            | DiskEffect::MakeDirectory
            | DiskEffect::Rename
            | DiskEffect::Copy
            | DiskEffect::Remove
            | DiskEffect::Change
    )
}

fn sites<'c>(
    names: &'c Names<'_>,
    flow: &'c Flow,
    reach: &Reach<'_, '_>,
    places: &Places<'_, '_>,
) -> Vec<Site<'c>> {
    let mut sites = Vec::new();
    for (index, call) in flow.calls.iter().enumerate() {
        let id = CallId(index as u32);
        let Callee::External(path) = call.callee else { continue };
        let external = names.externals.get(path);
        let Some(fact) = names.catalog.call(&external.text) else { continue };
        let Some(kind) = fact.disk else { continue };
        if kind == DiskEffect::Temporary {
            continue;
        }
        let offset = usize::from(call.method);
        let index = fact.to.or(fact.at).map_or(0, |at| at + offset);
        let target = call.args.get(index).map_or(Froms::NONE, |arg| arg.from);
        let source = fact.to.and(fact.at).and_then(|at| call.args.get(at + offset));
        let source = source.map(|arg| arg.from);
        let roots = places.path_roots(target);
        let kind = match kind {
            DiskEffect::Open => {
                let told = |flag: &String| call.flags.iter().any(|f| names.text(*f) == flag);
                match fact.writes_if.iter().any(told) {
                    true => DiskEffect::Write,
                    false => DiskEffect::Read,
                }
            }
            DiskEffect::ConnectDatabase => {
                let embedded = roots.all.iter().any(|root| match root {
                    Root::Text(text) => {
                        let text = names.text(*text);
                        fact.embedded_if.iter().any(|prefix| text.starts_with(prefix))
                    }
                    _ => false,
                });
                match embedded {
                    true => DiskEffect::ConnectDatabase,
                    false => continue,
                }
            }
            kind => kind,
        };
        let access = reach.access(call.node, call.at, short(&external.text));
        let path = external.text.to_string();
        sites.push(Site { id, call, fact, path, kind, target, source, roots, access });
    }
    sites
}

pub(super) fn short(path: &str) -> String {
    let mut parts: Vec<&str> = path.rsplit("::").take(2).collect();
    parts.reverse();
    format!("`{}`", parts.join("::"))
}

/// The roots that name a folder of this service; a bare file name or a request does not.
fn telling(names: &Names<'_>, roots: &Roots) -> Vec<Root> {
    let named = |root: &&Root| {
        matches!(root, Root::Field(..) | Root::Static(_) | Root::Asked(..) | Root::Text(_))
    };
    let list = match roots.leading.iter().any(|root| named(&root)) {
        true => &roots.leading,
        false => &roots.all,
    };
    list.iter()
        .filter(|root| match root {
            Root::Field(..) | Root::Static(_) | Root::Asked(..) => true,
            Root::Text(text) => {
                let text = names.text(*text);
                text.len() > 2
                    && text.contains(|c: char| c.is_alphanumeric())
                    && !text.starts_with('{')
            }
            Root::Outside(_) | Root::Scratch(_) | Root::Answer(_) | Root::Given => false,
        })
        .copied()
        .collect()
}

fn effect(
    names: &Names<'_>,
    flow: &Flow,
    reach: &Reach<'_, '_>,
    site: &Site<'_>,
    found: Option<(Root, (Span, String))>,
) -> Effect {
    let body = flow.node(site.call.node);
    let matched = found.as_ref().map(|(root, _)| root);
    let written = found.as_ref().map(|(_, written)| written.clone());
    let root = matched.into_iter().chain(&site.roots.all).find_map(|root| match root {
        Root::Field(of, name) => {
            let of = names.text(names.def(*of).name);
            Some(format!("`{of}::{}`", names.text(*name)))
        }
        Root::Static(id) => Some(format!("`{}`", names.text(names.def(*id).name))),
        Root::Asked(of, name) => {
            let of = of.map(|of| format!("{}.", names.text(names.def(of).name)));
            Some(format!("`{}{}()`", of.unwrap_or_default(), names.text(*name)))
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
        at: flow.span(site.call.node, site.call.at),
        access: site.access.clone(),
        root: root.unwrap_or_default(),
        item,
        state,
        owner: reach.owner(body.def, Some(site.call.node)),
        written,
        why: site.fact.why.clone(),
        instead: site.fact.instead.clone(),
    }
}
