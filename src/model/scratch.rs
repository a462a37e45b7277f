//! Which files live no longer than one request or job?
//!
//! What is done to a path in a helper is done by its callers to what they hand over. So every
//! call that touches the disk is *lifted* from body to body, with the path as the caller knows it.
//! There, what is written is compared with what is removed after it, and looked at before it.

mod again;
mod callees;
mod cleared;
mod found;
mod guards;
mod locks;
mod own;
mod poured;

use std::cell::RefCell;

use rustc_hash::FxHashMap;

use self::guards::Guard;
use super::filled::Filled;
use super::keys::Key;
use super::places::Places;
use super::reach::Reach;
use super::roots::Root;
use super::sites::Site;
use crate::catalog::DiskEffect;
use crate::flow::{Call, Callee, Flow, Fork, Froms, NodeId, Origin, OriginKind, Way};
use crate::parse::tree::Range;
use crate::resolve::DefId;

/// Something done to a path, as one body sees it.
#[derive(Debug, Clone)]
struct Done {
    key: Key,
    at: u32,
    way: Way,
    /// Whether it stands under a condition in a helper.
    perhaps: bool,
    /// Whether that condition is what lies there.
    depends: bool,
    beneath: bool,
    /// Whether a program does it, which fills a folder.
    fills: bool,
    /// Whether a folder is made.
    folder: bool,
    /// Whether nothing is left of what lay there before, and nothing of it comes from elsewhere.
    anew: bool,
    /// Whether what lay there before stays before it.
    appends: bool,
}

impl Done {
    fn by(places: &Places<'_, '_>, site: &Site<'_>, key: Key) -> Done {
        let depends = places.depends_on(site.call.way, &key);
        let fills = site.fact.disk == Some(DiskEffect::Run);
        let folder = site.kind == DiskEffect::MakeDirectory;
        let anew = site.fact.disk == Some(DiskEffect::Write);
        let beneath = site.fact.beneath;
        let mut flags = site.call.flags.iter();
        let appends = flags.any(|flag| places.names.text(*flag) == "append");
        Done { depends, beneath, fills, folder, anew, appends, ..Done::at(key, site.call) }
    }

    fn at(key: Key, call: &Call) -> Done {
        let (at, way, perhaps, depends) = (call.at.start, call.way, false, false);
        let (beneath, fills, folder, anew, appends) = (false, false, false, false, false);
        Done { key, at, way, perhaps, depends, beneath, fills, folder, anew, appends }
    }

    /// The same as done by a call of the function that does it.
    fn lifted(&self, key: Key, call: &Call) -> Done {
        let perhaps = self.perhaps || self.way != Way::WHOLE;
        Done { key, at: call.at.start, way: call.way, perhaps, ..self.clone() }
    }
}

/// Callers of callers are followed this far.
const FARTHEST: u8 = 6;
/// A body that so much is done in is not looked at more closely.
const MOST: usize = 400;

/// What is done to paths, by the function in whose terms they are.
#[derive(Default)]
struct Deeds(FxHashMap<DefId, Vec<Done>>);

impl Deeds {
    fn note(&mut self, places: &Places<'_, '_>, node: NodeId, done: Done, far: u8) {
        let def = places.flow.node(node).def;
        let list = self.0.entry(def).or_default();
        if list.len() >= MOST {
            return;
        }
        list.push(done.clone());
        if far >= FARTHEST {
            return;
        }
        for id in places.callers_of(&done.key) {
            let call = places.flow.call(*id);
            if let Some(key) = places.lifted(&done.key, *id) {
                let lifted = done.lifted(key, call);
                self.note(places, call.node, lifted, far + 1);
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn of(&self, flow: &Flow, node: NodeId) -> &[Done] {
        self.0.get(&flow.node(node).def).map_or(&[], Vec::as_slice)
    }
}

pub(super) struct Scratch<'s, 'm, 'a> {
    places: &'s Places<'m, 'a>,
    reach: &'s Reach<'m, 'a>,
    removed: Deeds,
    written: Deeds,
    looked: Deeds,
    /// What is renamed to something else.
    moved: Deeds,
    /// What is put into open files, with the path under which they were opened.
    poured: FxHashMap<DefId, Vec<(Key, Froms)>>,
    /// Open files that functions lock, with the path under which they were opened.
    locked: FxHashMap<DefId, Vec<Key>>,
    /// What functions hand to others, and as what these know it.
    handed: RefCell<FxHashMap<DefId, poured::Handed>>,
    filled: Filled<'s, 'm, 'a>,
    guards: Vec<Guard>,
    /// Where temporary files are made.
    temporary: Deeds,
    cleared: Deeds,
}

impl<'s, 'm, 'a> Scratch<'s, 'm, 'a> {
    pub(super) fn of(
        places: &'s Places<'m, 'a>,
        reach: &'s Reach<'m, 'a>,
        sites: &[Site<'_>],
    ) -> Scratch<'s, 'm, 'a> {
        let mut scratch = Scratch {
            places,
            reach,
            removed: Deeds::default(),
            written: Deeds::default(),
            looked: Deeds::default(),
            moved: Deeds::default(),
            poured: FxHashMap::default(),
            locked: FxHashMap::default(),
            handed: RefCell::default(),
            filled: Filled::of(places, reach, sites),
            guards: Vec::new(),
            temporary: own::temporary(places),
            cleared: cleared::cleared(places, sites),
        };
        for site in sites {
            let node = site.call.node;
            let done = |froms: Froms| {
                let key = places.key(froms)?;
                Some(Done::by(places, site, key))
            };
            let Some(target) = done(site.target) else { continue };
            match site.kind {
                DiskEffect::Remove => {
                    scratch.hand_down(&target);
                    for key in places.keys(site.target) {
                        let target = Done { key, ..target.clone() };
                        scratch.removed.note(places, node, target, 0);
                    }
                }
                DiskEffect::Rename => {
                    // What is moved away was made to be moved.
                    if let Some(source) = site.source.and_then(done) {
                        scratch.moved.note(places, node, Done { at: 0, ..source }, 0);
                    }
                    scratch.written.note(places, node, target, 0);
                }
                DiskEffect::Pour => {
                    let def = places.flow.node(node).def;
                    let put = site.content.map(|from| (target.key, from));
                    scratch.poured.entry(def).or_default().extend(put);
                }
                DiskEffect::Lock => {
                    let def = places.flow.node(node).def;
                    scratch.locked.entry(def).or_default().push(target.key);
                }
                DiskEffect::Probe | DiskEffect::Read | DiskEffect::List => {
                    scratch.looked.note(places, node, target, 0);
                }
                _ if site.is_write() => {
                    let def = places.flow.node(node).def;
                    let put = site.content.map(|from| (target.key.clone(), from));
                    scratch.poured.entry(def).or_default().extend(put);
                    scratch.written.note(places, node, target, 0);
                }
                _ => {}
            }
        }
        scratch.guards = scratch.guards(sites);
        scratch
    }

    /// A caller that removes what a function gave it removes what that function made.
    fn hand_down(&mut self, removal: &Done) {
        let Some((call, fields, rest)) = self.places.given_by(&removal.key) else { return };
        let Callee::Defs(defs) = &self.places.flow.call(call).callee else { return };
        for node in defs.iter().filter_map(|def| self.places.flow.bodies.get(def)) {
            let given = self.places.flow.node(*node).returns;
            if let Some(mut key) = self.places.key(given) {
                key.fields.extend(&removal.key.fields[fields..]);
                key.rest.extend(&removal.key.rest[rest..]);
                let done = Done { key, at: u32::MAX, way: Way::WHOLE, ..removal.clone() };
                let def = self.places.flow.node(*node).def;
                self.removed.0.entry(def).or_default().push(done);
            }
        }
    }

    /// Whether what a call touches vanishes with the request or job.
    pub(super) fn holds(&self, site: &Site<'_>) -> bool {
        let stays = || self.is_handed_another(site, site.target, 0) || self.is_found_there(site);
        if site.roots.is_scratch() && !stays() {
            return true;
        }
        let Some(key) = self.places.key(site.target) else { return false };
        let done = Done::by(self.places, site, key);
        let flow = self.places.flow;
        match site.kind {
            DiskEffect::Remove => {
                let is_made = |here: &Done, node| {
                    let made = [&self.written, &self.moved].map(|deeds| deeds.of(flow, node));
                    made.into_iter().flatten().any(|made| {
                        let same = match here.beneath {
                            true => made.key.is_beneath(&here.key),
                            false => made.key == here.key,
                        };
                        same && made.at < here.at
                            && (flow.is_within(here.way, made.way)
                                || flow.is_within(made.way, here.way))
                    })
                };
                let each = self.places.keys(site.target).into_iter();
                let mut each = each.map(|key| Done { key, ..done.clone() });
                each.any(|one| self.everywhere(site.call.node, &one, &is_made))
                    || self.is_made_anew(site, &done)
                    || self.is_of_callee(&done)
                    || self.is_named_here(site)
                    || self.vanishes(site, &done)
            }
            DiskEffect::Read | DiskEffect::List | DiskEffect::Probe => {
                let own = |here: &Done, node: NodeId| {
                    let looked = self.looked.of(flow, node);
                    // A helper that first looks whether it is there leaves what an earlier request
                    // made.
                    let sure = |made: &Done| {
                        let same = |l: &Done| l.key == made.key && l.at == made.at;
                        !made.perhaps || !made.depends || !looked.iter().any(same)
                    };
                    self.written.of(flow, node).iter().any(|made| {
                        !made.appends
                            && (made.key == here.key
                                || made.fills && here.key.is_beneath(&made.key))
                            && made.at < here.at
                            && sure(made)
                            && flow.is_within(here.way, made.way)
                    })
                };
                let new = |here: &Done, node| own(here, node) || self.is_new_of_callee(here);
                self.everywhere(site.call.node, &done, &new)
                    || self.is_cleared_first(site, &done)
                    || self.vanishes(site, &done)
            }
            // It was said of the call that made it.
            DiskEffect::Change => {
                let made = self.written.of(flow, site.call.node);
                let same = |one: &&Done| one.key == done.key && one.at < done.at;
                made.iter().any(|one| same(&one)) || self.vanishes(site, &done)
            }
            // It is there from now on, whatever becomes of it later.
            DiskEffect::Serve => false,
            _ => self.vanishes(site, &done),
        }
    }

    /// Whether what opens a database is handed its place by callers, one of which runs and hands over
    /// one that is not temporary. Of a file, that one may be removed as a part of something else.
    fn is_handed_another(&self, site: &Site<'_>, path: Froms, far: u8) -> bool {
        let Some(first) = self.places.flow.origins.list(path).first() else { return false };
        let OriginKind::Param(node, index) = self.places.bare_kind(*first) else { return false };
        if !matches!(site.kind, DiskEffect::OpenDatabase | DiskEffect::ConnectDatabase) {
            return false;
        }
        let mut found = false;
        self.places.each_handed(node, index, &[], |froms, _, by| {
            let Some((call, _)) = by.filter(|_| !found) else { return };
            let call = self.places.flow.call(call);
            let runs =
                self.reach.is_serving(call.node) || self.reach.is_startup_at(call.node, call.at);
            if runs {
                let roots = self.places.path_roots(froms);
                let named = |root: &Root| !matches!(root, Root::Answer(_) | Root::Given);
                found = match roots.is_scratch() {
                    true => far < FARTHEST && self.is_handed_another(site, froms, far + 1),
                    false => roots.leading.iter().any(named),
                };
            }
        });
        found
    }

    /// Whether what is removed is then made anew, and removed again when it has served.
    fn is_made_anew(&self, site: &Site<'_>, done: &Done) -> bool {
        let (flow, node) = (self.places.flow, site.call.node);
        let made = self.written.of(flow, node).iter().filter(|made| made.key == done.key);
        let mut after = made.filter(|made| made.at > done.at);
        after.any(|made| {
            let removed = self.removed.of(flow, node).iter();
            removed.into_iter().any(|removed| {
                removed.key == made.key
                    && removed.at > made.at
                    && !removed.perhaps
                    && flow.is_within(made.way, removed.way)
            })
        })
    }

    fn vanishes(&self, site: &Site<'_>, done: &Done) -> bool {
        let (flow, kind) = (self.places.flow, site.kind);
        self.everywhere(site.call.node, done, &|here, node| {
            let removed = self.removed.of(flow, node).iter().any(|removed| {
                let there = match (removed.beneath, kind) {
                    (true, DiskEffect::Remove) => {
                        here.key.is_beneath(&removed.key) && here.key != removed.key
                    }
                    (true, _) => here.key.is_beneath(&removed.key),
                    (false, DiskEffect::Remove) => false,
                    (false, _) => here.key == removed.key,
                };
                // Removed only when something fails: meant to stay.
                there
                    && removed.at > here.at
                    && (!removed.perhaps || here.perhaps)
                    && (flow.is_within(here.way, removed.way)
                        || node == site.call.node && self.is_where_done(site, removed))
            });
            removed || self.is_guarded(&here.key, node)
        })
    }

    /// Whether something is done by the same body wherever the call that this is about went well,
    /// which wrote all at once: of an open file, more may go well or not.
    fn is_where_done(&self, site: &Site<'_>, done: &Done) -> bool {
        let (flow, call) = (self.places.flow, site.call);
        let is_it = |origin: &Origin| flow.origins.base(*origin) == OriginKind::Noted(site.id);
        let decides = |fork: &Fork| flow.origins.list(fork.on).iter().any(is_it);
        let inside = |fork: &Fork| flow.is_within(fork.around, call.way);
        let at = Range { start: done.at, end: done.at };
        let mut arms = flow.branches.iter().filter(|arm| arm.node == call.node && arm.holds(at));
        site.content.is_some()
            && !done.perhaps
            && flow.is_within(done.way, call.way)
            && flow.forks(done.way).take_while(inside).all(|fork| decides(&fork))
            && !arms.any(|arm| arm.failed)
    }

    /// Whether something is so in the body itself, or in every caller of it.
    fn everywhere(&self, node: NodeId, done: &Done, is: &dyn Fn(&Done, NodeId) -> bool) -> bool {
        self.everywhere_at(node, done, is, &mut FxHashMap::default(), 0)
    }

    fn everywhere_at(
        &self,
        node: NodeId,
        done: &Done,
        is: &dyn Fn(&Done, NodeId) -> bool,
        seen: &mut FxHashMap<(NodeId, Key, u32, Way), bool>,
        far: u8,
    ) -> bool {
        if is(done, node) {
            return true;
        }
        let here = || (node, done.key.clone(), done.at, done.way);
        if let Some(known) = seen.get(&here()) {
            return *known;
        }
        if far >= FARTHEST {
            return false;
        }
        seen.insert(here(), false);
        let callers = self.places.callers_of(&done.key);
        let all = !callers.is_empty()
            && callers.iter().all(|id| {
                let call = self.places.flow.call(*id);
                let Some(key) = self.places.lifted(&done.key, *id) else { return false };
                self.everywhere_at(call.node, &done.lifted(key, call), is, seen, far + 1)
            });
        seen.insert(here(), all);
        all
    }

    /// Whether a function looks at this path first, and only then writes it: then it finds there
    /// what an earlier request left.
    pub(super) fn is_left_over(&self, site: &Site<'_>) -> bool {
        let Some(key) = self.places.key(site.target) else { return false };
        let made = self.written.of(self.places.flow, site.call.node);
        made.iter().any(|made| made.key == key && made.at > site.call.at.start)
    }

    /// What is put where a call says: by the call, or into what it opens.
    pub(super) fn contents(&self, site: &Site<'_>) -> Vec<Froms> {
        let Some(key) = self.places.key(site.target) else { return Vec::new() };
        let def = self.places.flow.node(site.call.node).def;
        // What is moved or copied there was put elsewhere before.
        let source = site.source.and_then(|source| self.places.key(source));
        let there = |one: &Key| {
            let moved = source.as_ref().is_some_and(|source| one.is_beneath(source));
            *one == key || moved
        };
        let poured = self.poured.get(&def).into_iter().flatten();
        let poured = poured.filter(|(one, _)| there(one));
        site.content.into_iter().chain(poured.map(|(_, from)| *from)).collect()
    }

    /// Whether the process made up what is written.
    pub(super) fn is_generated(&self, site: &Site<'_>) -> bool {
        site.puts()
            && self.contents(site).into_iter().any(|content| {
                self.places.path_roots(content).all.iter().any(|root| match root {
                    Root::Answer(call) => self.places.flow.random.contains(call),
                    _ => false,
                })
            })
    }

    /// Whether the function that puts something somewhere moves it away.
    pub(super) fn is_moved(&self, site: &Site<'_>) -> bool {
        let moved = self.moved.of(self.places.flow, site.call.node);
        self.places.key(site.target).is_some_and(|key| moved.iter().any(|one| one.key == key))
    }
}

/// Whether no request has to do with what a call does: it is done at start, or by a task.
pub(super) fn is_unasked(site: &Site<'_>) -> bool {
    site.access.as_ref().is_none_or(|access| access.by_task)
}
