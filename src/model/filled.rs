//! Which files are only a copy of what is asked for or computed when nobody has it yet? A function
//! looks there, by way of another, and gives what it finds; else it gets it elsewhere, has it put
//! there and gives it.

mod made;
mod sources;

use rustc_hash::{FxHashMap, FxHashSet};

use super::folders::Folder;
use super::places::Places;
use super::reach::Reach;
use super::sites::Site;
use crate::catalog::{DiskEffect, Work};
use crate::flow::{Call, CallId, Callee, Froms, NodeId, Origin, OriginKind};
use crate::resolve::{DefId, PathId};

/// Callers of callers are followed this far.
const FARTHEST: u8 = 5;
/// What a value was made from is followed this far.
const DEEPEST: u8 = 4;

pub(super) struct Filled<'s, 'm, 'a> {
    places: &'s Places<'m, 'a>,
    reach: &'s Reach<'m, 'a>,
    /// Functions that read, by themselves or by way of others, and where that may be.
    reading: FxHashMap<DefId, FxHashSet<Folder>>,
    /// Functions that only see whether something is there, in the same way.
    probing: FxHashMap<DefId, FxHashSet<Folder>>,
    /// What functions read themselves, and by which call.
    read_at: FxHashMap<DefId, Vec<(Froms, PathId)>>,
    /// Where functions look themselves, and the folders that it may lie in.
    looked_at: FxHashMap<DefId, Vec<(Froms, Vec<Folder>)>>,
    /// Functions that ask a service or a store for something.
    asking: FxHashSet<DefId>,
    /// Functions that draw something random.
    drawing: FxHashSet<DefId>,
    /// Functions that run a program.
    running: FxHashSet<DefId>,
    /// The calls of each function.
    calls: FxHashMap<DefId, Vec<CallId>>,
}

impl<'s, 'm, 'a> Filled<'s, 'm, 'a> {
    pub(super) fn of(
        places: &'s Places<'m, 'a>,
        reach: &'s Reach<'m, 'a>,
        sites: &[Site<'_>],
    ) -> Filled<'s, 'm, 'a> {
        let flow = places.flow;
        let mut calls: FxHashMap<DefId, Vec<CallId>> = FxHashMap::default();
        for (index, call) in flow.calls.iter().enumerate() {
            calls.entry(flow.node(call.node).def).or_default().push(CallId(index as u32));
        }
        let reading = folders_of(places, sites, DiskEffect::Read);
        let probing = folders_of(places, sites, DiskEffect::Probe);
        let mut read_at: FxHashMap<DefId, Vec<(Froms, PathId)>> = FxHashMap::default();
        for site in sites.iter().filter(|site| site.kind == DiskEffect::Read) {
            let Callee::External(by) = site.call.callee else { continue };
            read_at.entry(flow.node(site.call.node).def).or_default().push((site.target, by));
        }
        let mut looked_at: FxHashMap<DefId, Vec<(Froms, Vec<Folder>)>> = FxHashMap::default();
        let looks = |site: &&Site<'_>| matches!(site.kind, DiskEffect::Read | DiskEffect::Probe);
        for site in sites.iter().filter(looks) {
            let def = flow.node(site.call.node).def;
            looked_at.entry(def).or_default().push((site.target, site.folders.clone()));
        }
        let asking = upward(places, flow.deeds.iter().map(|deed| deed.node));
        let drawing = upward(places, flow.random.iter().map(|call| flow.call(*call).node));
        let runs = |call: &&Call| match call.callee {
            Callee::External(by) => {
                let fact = places.names.catalog.call(&places.names.externals.get(by).text);
                fact.is_some_and(|fact| fact.disk == Some(DiskEffect::Run))
            }
            _ => false,
        };
        let running = upward(places, flow.calls.iter().filter(runs).map(|call| call.node));
        Filled {
            places,
            reach,
            reading,
            probing,
            read_at,
            looked_at,
            asking,
            drawing,
            running,
            calls,
        }
    }

    /// The calls of a function.
    pub(super) fn calls_of(&self, def: DefId) -> &[CallId] {
        self.calls.get(&def).map_or(&[], Vec::as_slice)
    }

    /// Whether all that a call puts somewhere is put there by those who looked for it.
    pub(super) fn holds(&self, site: &Site<'_>) -> bool {
        let mut seen = FxHashSet::default();
        let node = site.call.node;
        let mut path = FxHashSet::default();
        self.parameters(site.target, self.places.flow.node(node).def, 0, &mut path);
        !site.folders.is_empty() && self.is_put(site, (node, &path), &mut seen, 0)
    }

    /// The same, of all who call what puts it; the path is made of these parameters of it.
    fn is_put(
        &self,
        site: &Site<'_>,
        (node, path): (NodeId, &FxHashSet<u16>),
        seen: &mut FxHashSet<NodeId>,
        far: u8,
    ) -> bool {
        let flow = self.places.flow;
        let Some(function) = flow.bodies.get(&flow.node(node).def).copied() else { return false };
        if !seen.insert(function) {
            return true;
        }
        let callers = self.places.callers.get(&function).map_or(&[][..], Vec::as_slice);
        far < FARTHEST
            && !callers.is_empty()
            && callers.iter().all(|id| {
                let call = flow.call(*id);
                let outer = || {
                    let mut outer = FxHashSet::default();
                    let args = path.iter().filter_map(|index| call.args.get(usize::from(*index)));
                    let def = flow.node(call.node).def;
                    args.for_each(|arg| self.parameters(arg.from, def, 0, &mut outer));
                    outer
                };
                self.is_filling(site, *id, path)
                    || self.is_put(site, (call.node, &outer()), seen, far + 1)
            })
    }

    /// Whether the function that puts something somewhere asks a service for something before.
    pub(super) fn is_asked_before(&self, site: &Site<'_>) -> bool {
        let flow = self.places.flow;
        let def = flow.node(site.call.node).def;
        let asks = |work| matches!(work, Work::Read | Work::Call | Work::Ask | Work::Send);
        let mut deeds = flow.deeds.iter();
        deeds.any(|deed| {
            flow.node(deed.node).def == def && asks(deed.work) && deed.at.start < site.call.at.start
        })
    }

    /// Whether no request leads to a call: a task of this process makes it, or it is made at start.
    fn is_unasked(&self, call: &Call) -> bool {
        match self.reach.entry_of(call.node) {
            Some(entry) => !entry.point.kind.is_asked(),
            None => self.reach.is_startup_at(call.node, call.at),
        }
    }

    /// Whether a value is what a service was asked for.
    pub(super) fn is_asked(&self, from: Froms) -> bool {
        self.comes(from, &|of| self.is_one_of(of, &self.asking), 0)
            || self.places.is_from_service(from)
    }

    fn is_drawn(&self, from: Froms) -> bool {
        let random = &self.places.flow.random;
        self.comes(from, &|of| random.contains(&of) || self.is_one_of(of, &self.drawing), 0)
    }

    /// Whether a function, by this call, has something put where it looked before.
    fn is_filling(&self, site: &Site<'_>, put: CallId, path: &FxHashSet<u16>) -> bool {
        let flow = self.places.flow;
        let call = flow.call(put);
        let def = flow.node(call.node).def;
        let Some(body) = flow.bodies.get(&def) else { return false };
        let given = flow.node(*body).returns;
        let calls = self.calls_of(def);
        let before = calls.iter().filter(|id| flow.call(**id).at.start < call.at.start);
        let looks: Vec<CallId> =
            before.copied().filter(|id| *id != put && self.reads(*id, site)).collect();
        looks.iter().any(|look| {
            let keys: Vec<Froms> = flow.call(*look).args.iter().map(|arg| arg.from).collect();
            let new = |from: &Froms| {
                *from != Froms::NONE && !keys.iter().any(|key| self.is_same(*key, *from))
            };
            let args = call.args.iter().enumerate();
            let args = args.filter(|(index, _)| !path.contains(&(*index as u16)));
            let contents: Vec<Froms> = args.map(|(_, arg)| arg.from).filter(new).collect();
            let found = |from: Froms| self.comes(from, &|of| looks.contains(&of), 0);
            let computed = |from: Froms| {
                let begins = flow.call(*look).at.start;
                let made = |of: CallId| {
                    let of = flow.call(of);
                    begins < of.at.start && matches!(of.callee, Callee::Defs(_))
                };
                self.comes(from, &made, 0)
            };
            let brought = |from: Froms| self.places.is_given(from);
            // A word that came with it says whether it was found, and what was is put nowhere.
            let told = flow.forks(call.way).any(|fork| found(fork.on));
            let either = |from: Froms| {
                flow.origins.list(from).iter().all(|origin| match flow.origins.kind(*origin) {
                    OriginKind::Result(of) => {
                        let way = flow.call(of).way;
                        let apart = || flow.forks(way).any(|fork| found(fork.on));
                        looks.contains(&of) || apart() && !flow.is_within(way, call.way)
                    }
                    OriginKind::Made(..) => true,
                    _ => false,
                })
            };
            let changed = |from: Froms| found(from) && !(told && either(from));
            (found(given) || self.is_unasked(call))
                && !contents.iter().any(|from| changed(*from) || self.is_drawn(*from))
                && (contents.iter().any(|from| self.is_asked(*from))
                    || contents.iter().any(|from| computed(*from))
                        && !contents.iter().any(|from| brought(*from)))
        })
    }

    /// Whether a call runs something that reads where another puts something.
    fn reads(&self, call: CallId, site: &Site<'_>) -> bool {
        self.runs_where(call, &self.reading, site)
    }

    /// Whether a call runs one of such functions, where another puts something.
    fn runs_where(
        &self,
        call: CallId,
        such: &FxHashMap<DefId, FxHashSet<Folder>>,
        site: &Site<'_>,
    ) -> bool {
        let Callee::Defs(defs) = &self.places.flow.call(call).callee else { return false };
        defs.iter().filter_map(|def| such.get(def)).any(|folders| is_where(folders, site))
    }

    fn is_one_of(&self, call: CallId, functions: &FxHashSet<DefId>) -> bool {
        let Callee::Defs(defs) = &self.places.flow.call(call).callee else { return false };
        defs.iter().any(|def| functions.contains(def))
    }

    /// Whether two values are one, or copies of one.
    fn is_same(&self, one: Froms, other: Froms) -> bool {
        let roots = |froms: Froms| -> FxHashSet<OriginKind> {
            let list = self.places.flow.origins.list(froms).iter();
            list.map(|origin| self.places.flow.origins.root(*origin)).collect()
        };
        one == other || roots(one) == roots(other)
    }

    /// The parameters of a function that a value is made of.
    fn parameters(&self, from: Froms, of: DefId, far: u8, found: &mut FxHashSet<u16>) {
        let flow = self.places.flow;
        for origin in flow.origins.list(from) {
            match flow.origins.base(*origin) {
                OriginKind::Param(node, index) if flow.node(node).def == of => {
                    found.insert(index);
                }
                OriginKind::Result(call) if far < DEEPEST => {
                    let args = flow.call(call).args.iter();
                    args.for_each(|arg| self.parameters(arg.from, of, far + 1, found));
                }
                _ => {}
            }
        }
    }

    /// Whether a value is, or was made from, what such a call gave.
    fn comes(&self, from: Froms, such: &dyn Fn(CallId) -> bool, far: u8) -> bool {
        let list = self.places.flow.origins.list(from).iter();
        list.copied().any(|origin| self.comes_at(origin, such, far))
    }

    fn comes_at(&self, at: Origin, such: &dyn Fn(CallId) -> bool, far: u8) -> bool {
        let flow = self.places.flow;
        if let Some(inner) = flow.origins.whole(at) {
            return self.comes_at(inner, such, far);
        }
        match flow.origins.kind(at) {
            OriginKind::Noted(call) => such(call),
            OriginKind::Result(call) => {
                let mut args = flow.call(call).args.iter();
                such(call) || far < DEEPEST && args.any(|arg| self.comes(arg.from, such, far + 1))
            }
            OriginKind::Made(..) => {
                let parts = flow.parts.get(&at).copied().unwrap_or(Froms::NONE);
                far < DEEPEST && self.comes(parts, such, far + 1)
            }
            _ => false,
        }
    }
}

/// Functions that do such a thing, by themselves or by way of others, and where that may be.
fn folders_of(
    places: &Places<'_, '_>,
    sites: &[Site<'_>],
    kind: DiskEffect,
) -> FxHashMap<DefId, FxHashSet<Folder>> {
    let mut found: FxHashMap<DefId, FxHashSet<Folder>> = FxHashMap::default();
    for site in sites.iter().filter(|site| site.kind == kind) {
        for def in upward(places, [site.call.node]) {
            found.entry(def).or_default().extend(site.folders.iter().cloned());
        }
    }
    found
}

/// Whether one of some folders may be where a call puts something.
fn is_where<'f>(folders: impl IntoIterator<Item = &'f Folder>, site: &Site<'_>) -> bool {
    let mut folders = folders.into_iter();
    folders.any(|folder| site.folders.iter().any(|own| own.meets(folder, false)))
}

/// The functions of some bodies, and all that call them, or call what calls them.
fn upward(places: &Places<'_, '_>, bodies: impl IntoIterator<Item = NodeId>) -> FxHashSet<DefId> {
    let flow = places.flow;
    let mut waiting: Vec<DefId> = bodies.into_iter().map(|body| flow.node(body).def).collect();
    let mut found = FxHashSet::default();
    while let Some(def) = waiting.pop() {
        if !found.insert(def) {
            continue;
        }
        let callers = flow.bodies.get(&def).and_then(|body| places.callers.get(body));
        let callers = callers.into_iter().flatten();
        waiting.extend(callers.map(|id| flow.node(flow.call(*id).node).def));
    }
    found
}
