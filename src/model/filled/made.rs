//! Which files are made by whoever finds none? A function looks, by itself or by way of another, and
//! where nothing is there it turns to another that makes it, puts it there and gives it as well:
//! whoever comes next, and whichever replica that asks, comes by the same.

use rustc_hash::FxHashSet;

use super::sources::{Seen, Source};
use super::{FARTHEST, Filled};
use crate::catalog::Role;
use crate::flow::{Call, CallId, Callee, Froms, NodeId, Origin, OriginKind, static_type};
use crate::model::places::MOST_STEPS;
use crate::model::roots::Root;
use crate::model::sites::Site;
use crate::resolve::{PathId, T};

/// What a function puts somewhere: made of these parameters of it.
struct Put<'c> {
    site: &'c Site<'c>,
    /// Those of which the path is made.
    path: FxHashSet<u16>,
    /// Those of which the content is made.
    content: FxHashSet<u16>,
    /// What both are made of.
    sources: FxHashSet<Source>,
    /// Whether a service gave the content.
    asked: bool,
}

impl Filled<'_, '_, '_> {
    /// Whether what a call puts somewhere, out of these contents, is made by those who looked for it
    /// there, of nothing but what they looked by.
    pub(in crate::model) fn is_made(&self, site: &Site<'_>, contents: &[Froms]) -> bool {
        let flow = self.places.flow;
        if site.folders.is_empty() || contents.is_empty() {
            return false;
        }
        if contents.iter().any(|from| self.is_own(*from, site)) {
            return false;
        }
        let fixed = |at: &Origin| matches!(flow.origins.kind(*at), OriginKind::Text(_));
        let told = contents.iter().filter(|from| !flow.origins.list(**from).iter().all(fixed));
        let told: Vec<Froms> = told.copied().collect();
        let asked = told.iter().all(|from| self.is_asked(*from));
        let made = |from: &Froms| self.is_asked(*from) || self.is_computed(*from);
        if told.is_empty() || !told.iter().all(made) {
            return false;
        }
        let def = flow.node(site.call.node).def;
        let (mut path, mut content) = (FxHashSet::default(), FxHashSet::default());
        self.parameters(site.target, def, 0, &mut path);
        contents.iter().for_each(|from| self.parameters(*from, def, 0, &mut content));
        let mut sources = self.sources(site.target, Seen::Named);
        contents.iter().for_each(|from| sources.extend(self.sources(*from, Seen::Whole)));
        let put = Put { site, path, content, sources, asked };
        self.is_looked_for(&put, contents)
            || self.is_turned_to(&put, site.call.node, &mut FxHashSet::default(), 0)
    }

    /// Whether something is no copy: a request brought it, or all of where it is asked for; it was
    /// drawn at random, it was kept in memory, or it was found where it is put.
    fn is_own(&self, from: Froms, site: &Site<'_>) -> bool {
        let found = |of: CallId| self.looks(of, site);
        let brought = match self.is_asked(from) {
            true => self.is_asked_as_told(from),
            false => self.places.is_given(from) || self.is_kept(from),
        };
        brought || self.is_drawn(from) || self.is_said(from) || self.comes(from, &found, 0)
    }

    /// Whether a program may have said it: nobody knows what that does, and another time it may say
    /// another.
    pub(in crate::model) fn is_said(&self, from: Froms) -> bool {
        self.comes(from, &|of| self.is_one_of(of, &self.running), 0)
    }

    /// Whether a request brought the whole address at which something was asked for: nobody else may
    /// know it.
    pub(in crate::model) fn is_asked_as_told(&self, from: Froms) -> bool {
        let roots = self.places.path_roots(from).all;
        let bare = |root: &Root| matches!(root, Root::Given | Root::Outside(_) | Root::Answer(_));
        let text = |root: &Root| match root {
            Root::Text(text) => Some(self.places.names.text(*text)),
            _ => None,
        };
        // What is put in after a scheme is the host; what follows that is only a path on it.
        let mut begins = roots.windows(2);
        let host = begins.any(|pair| {
            text(&pair[0]).is_some_and(|text| text.contains("://{")) && pair[1] == Root::Given
        });
        let fixed = |root: &Root| bare(root) || host && text(root).is_some();
        roots.contains(&Root::Given) && roots.iter().all(fixed)
    }

    fn is_computed(&self, from: Froms) -> bool {
        let flow = self.places.flow;
        self.comes(from, &|of| matches!(flow.call(of).callee, Callee::Defs(_)), 0)
    }

    /// Whether those who call a function turn to it where they found nothing.
    fn is_turned_to(
        &self,
        put: &Put<'_>,
        node: NodeId,
        seen: &mut FxHashSet<NodeId>,
        far: u8,
    ) -> bool {
        let flow = self.places.flow;
        let Some(function) = flow.bodies.get(&flow.node(node).def).copied() else { return false };
        if far >= FARTHEST || !seen.insert(function) {
            return false;
        }
        let callers = self.places.callers.get(&function).map_or(&[][..], Vec::as_slice);
        let mut some = false;
        let all = callers.iter().all(|id| {
            let call = flow.call(*id);
            let outer = Put {
                site: put.site,
                path: self.outer(call, &put.path),
                content: self.outer(call, &put.content),
                sources: self.lifted(&put.sources, call, Seen::Whole),
                asked: put.asked,
            };
            let turned =
                self.is_turn(put, *id) || self.is_turned_to(&outer, call.node, seen, far + 1);
            some |= turned;
            turned || put.asked && self.hands_on(call, &put.content)
        });
        some && all
    }

    /// The parameters of a caller of which it makes what it hands over.
    fn outer(&self, call: &Call, indices: &FxHashSet<u16>) -> FxHashSet<u16> {
        let mut outer = FxHashSet::default();
        let def = self.places.flow.node(call.node).def;
        let args = indices.iter().filter_map(|index| call.args.get(usize::from(*index)));
        args.for_each(|arg| self.parameters(arg.from, def, 0, &mut outer));
        outer
    }

    /// Whether a call hands on what its function was handed, and makes nothing of it.
    fn hands_on(&self, call: &Call, indices: &FxHashSet<u16>) -> bool {
        let origins = &self.places.flow.origins;
        let args = indices.iter().filter_map(|index| call.args.get(usize::from(*index)));
        args.into_iter().all(|arg| {
            let handed = |at: &Origin| {
                matches!(
                    self.places.bare_kind(*at),
                    OriginKind::Param(..) | OriginKind::Field { .. } | OriginKind::Text(_)
                )
            };
            origins.list(arg.from).iter().all(handed) && !self.places.is_given(arg.from)
        })
    }

    /// Whether a function, by this call, turns to another after it looked, and gives what that gives,
    /// or what it found.
    fn is_turn(&self, put: &Put<'_>, id: CallId) -> bool {
        let flow = self.places.flow;
        let call = flow.call(id);
        let def = flow.node(call.node).def;
        let Some(body) = flow.bodies.get(&def) else { return false };
        let given = flow.node(*body).returns;
        let read = self.read_at.get(&def).map_or(&[][..], Vec::as_slice);
        let gives = |of: CallId| {
            let mut given = std::iter::once(&given).chain(read.iter().map(|(from, _)| from));
            given.any(|from| self.comes(*from, &|one| one == of, 0))
        };
        if !gives(id) {
            return false;
        }
        let calls = self.calls_of(def);
        let mut looks = calls.iter().copied().filter(|look| {
            *look != id
                && flow.call(*look).at.start < call.at.start
                && self.looks(*look, put.site)
                && gives(*look)
        });
        looks.any(|look| {
            let by = self.looked_by(look, put.site, 0);
            let indices = put.path.union(&put.content);
            let args = indices.filter_map(|index| call.args.get(usize::from(*index)));
            let asked = |from: Froms| self.is_asked(from);
            !args.into_iter().any(|arg| !asked(arg.from) && self.is_kept(arg.from))
                && self.is_within(&self.lifted_but(&put.sources, call, Seen::Whole, &asked), &by)
        })
    }

    /// Whether the function that puts something somewhere reads it there, is done where it finds it,
    /// and else makes it of what its path is made of, and gives that.
    fn is_looked_for(&self, put: &Put<'_>, contents: &[Froms]) -> bool {
        let (flow, site) = (self.places.flow, put.site);
        let def = flow.node(site.call.node).def;
        let Some(body) = flow.bodies.get(&def) else { return false };
        let Some(key) = self.places.key(site.target) else { return false };
        let given = flow.node(*body).returns;
        let read = self.read_at.get(&def).map_or(&[][..], Vec::as_slice);
        let there = |from: Froms| self.places.key(from).is_some_and(|on| on == key);
        // What was read is known by the call that read it, where that reads nothing else here.
        let alone = |by: PathId| read.iter().all(|(target, of)| *of != by || there(*target));
        let is_read = |at: &Origin| match flow.origins.root(*at) {
            OriginKind::External(by) => alone(by) && read.iter().any(|(_, of)| *of == by),
            _ => false,
        };
        let found = |on: Froms| there(on) || flow.origins.list(on).iter().any(is_read);
        let reads = read.iter().any(|(target, _)| there(*target));
        let mut branches = flow.branches.iter().filter(|branch| branch.leaves && !branch.fails);
        let leaves = branches.any(|branch| {
            branch.at.end <= site.call.at.start
                && flow.node(branch.node).def == def
                && found(branch.on)
        });
        let missed = flow.forks(site.call.way).any(|fork| found(fork.on));
        let by = self.sources(site.target, Seen::Named);
        reads
            && (leaves || missed)
            && contents.iter().all(|from| {
                let made = flow.origins.list(*from).iter().filter_map(|at| self.call_of(*at));
                made.into_iter().any(|made| self.comes(given, &|of| of == made, 0))
                    && (self.is_asked(*from) || self.is_made_of(*from, &by))
            })
    }

    /// The call that gave a value.
    fn call_of(&self, at: Origin) -> Option<CallId> {
        match self.places.flow.origins.root(at) {
            OriginKind::Result(call) | OriginKind::Noted(call) => Some(call),
            _ => None,
        }
    }

    /// Whether a call runs something that reads, or sees, what is where another puts something.
    pub(super) fn looks(&self, call: CallId, site: &Site<'_>) -> bool {
        self.reads(call, site) || self.runs_where(call, &self.probing, site)
    }

    /// Whether a value is made of nothing that requests bring but of these.
    fn is_made_of(&self, from: Froms, by: &FxHashSet<Source>) -> bool {
        self.is_within(&self.sources(from, Seen::Whole), by) && !self.is_kept(from)
    }

    /// Whether a value, or a part of it, is taken out of what the process keeps in memory, is a number
    /// that it counted or what its clock said: here, or where a function gives it.
    fn is_kept(&self, from: Froms) -> bool {
        let flow = self.places.flow;
        let mut seen = FxHashSet::default();
        let mut todo: Vec<Origin> = flow.origins.list(from).to_vec();
        while let Some(at) = todo.pop() {
            if seen.len() > MOST_STEPS || !seen.insert(at) {
                continue;
            }
            let mut add = |froms: Froms| todo.extend(flow.origins.list(froms));
            match flow.origins.kind(at) {
                OriginKind::Field { of, name, base } => {
                    let field = self.places.names.field(of, name);
                    if field.is_some_and(|field| {
                        self.keeps(self.places.names.field_type(of, field, &[]))
                    }) {
                        return true;
                    }
                    todo.extend(base);
                }
                OriginKind::Static(id) if self.keeps(static_type(self.places.names, id)) => {
                    return true;
                }
                OriginKind::Content(inner)
                | OriginKind::Derived(inner)
                | OriginKind::Asked(inner, _)
                | OriginKind::Part(inner, _) => todo.push(inner),
                OriginKind::Result(call) => {
                    self.places.answers(call).into_iter().for_each(&mut add);
                    flow.call(call).args.iter().for_each(|arg| add(arg.from));
                }
                OriginKind::Counted(_) => return true,
                OriginKind::External(path) if self.places.is_of_a_clock(path) => return true,
                OriginKind::Made(..) => {
                    flow.parts.get(&at).copied().into_iter().for_each(add);
                }
                _ => {}
            }
        }
        false
    }

    /// Whether it changes as the process goes on: a collection, what is behind a lock, a counter, what
    /// comes through a channel.
    fn keeps(&self, ty: T) -> bool {
        let content = self.places.content(ty);
        let moves = matches!(self.places.role(content), Some(Role::Atomic | Role::Channel));
        moves || content != self.places.peeled(ty) || self.places.is_shelf(ty)
    }
}
