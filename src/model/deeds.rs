//! What is asked of the world outside, body by body: statements, messages, programs, the disk.

use rustc_hash::{FxHashMap, FxHashSet};

use super::reach::Reach;
use crate::catalog::{DiskEffect, Role, Work};
use crate::diagnostic::Step;
use crate::flow::{Callee, Flow, NodeId};
use crate::parse::tree::Range;
use crate::resolve::{DefId, Names, Type};

#[derive(Debug, Clone, Copy)]
struct Done {
    at: Range,
    work: Work,
    on_disk: bool,
}

/// The deeds of every body.
pub(super) struct Deeds {
    by_node: FxHashMap<NodeId, Vec<Done>>,
    /// Functions in which a store, a service or a program is asked for anything.
    asking: FxHashSet<DefId>,
}

/// What a body, and all that it runs, asks of the world outside.
pub(super) struct Sum {
    /// The most telling of all; of what no process claimed before everything else.
    pub(super) work: Work,
    pub(super) on_disk: bool,
    /// It waits for messages of a broker or store.
    pub(super) listens: bool,
    /// It asks a store or service for something.
    pub(super) reads: bool,
    /// It is a claim, or done under one: the store knows of the work.
    pub(super) claimed: bool,
    /// The way to it.
    pub(super) steps: Vec<Step>,
}

/// The bodies that a body runs, each with the call that leads to it.
type Inside = [(NodeId, Option<(usize, Range)>)];

impl Deeds {
    pub(super) fn new(names: &Names<'_>, flow: &Flow) -> Deeds {
        let mut by_node: FxHashMap<NodeId, Vec<Done>> = FxHashMap::default();
        let mut add = |node: NodeId, at: Range, work: Work, on_disk: bool| {
            by_node.entry(node).or_default().push(Done { at, work, on_disk });
        };
        let mut of_constants: FxHashMap<NodeId, Work> = FxHashMap::default();
        for deed in &flow.deeds {
            of_constants.entry(deed.node).or_insert(deed.work);
            add(deed.node, deed.at, deed.work, false);
        }
        for (node, at, constant) in &flow.mentions {
            let work = flow.bodies.get(constant).and_then(|body| of_constants.get(body));
            if let Some(work) = work {
                add(*node, *at, *work, false);
            }
        }
        for call in &flow.calls {
            let Callee::External(path) = call.callee else { continue };
            let fact = names.catalog.call(&names.externals.get(path).text);
            let work = match fact.and_then(|fact| fact.disk) {
                Some(DiskEffect::Remove) => Work::Repeat,
                Some(DiskEffect::Write | DiskEffect::Rename | DiskEffect::Copy) => Work::Write,
                _ => continue,
            };
            add(call.node, call.at, work, true);
        }
        let mut deeds = Deeds { by_node, asking: FxHashSet::default() };
        let asking = deeds.by_node.keys().filter(|body| deeds.asks(**body));
        deeds.asking = asking.map(|body| flow.node(*body).def).collect();
        deeds
    }

    /// Whether a function, in any of its bodies, asks for anything.
    pub(super) fn asks_in(&self, function: DefId) -> bool {
        self.asking.contains(&function)
    }

    /// Whether a body asks a store, a service or a program for anything.
    pub(super) fn asks(&self, body: NodeId) -> bool {
        self.by_node.get(&body).is_some_and(|done| done.iter().any(|done| !done.on_disk))
    }

    /// Whether a body itself, or a part of its text, asks something of this kind of others.
    pub(super) fn any(&self, body: NodeId, part: Option<Range>, of: impl Fn(Work) -> bool) -> bool {
        let inside = |at: Range| part.is_none_or(|p| p.start <= at.start && at.end <= p.end);
        let mut done = self.by_node.get(&body).into_iter().flatten();
        done.any(|done| !done.on_disk && of(done.work) && inside(done.at))
    }

    /// What a body, or a part of its text, asks for, if anything that leaves a trace.
    pub(super) fn sum(
        &self,
        names: &Names<'_>,
        flow: &Flow,
        reach: &Reach<'_, '_>,
        node: NodeId,
        part: Option<Range>,
    ) -> Option<Sum> {
        self.most(&Ground { names, flow, reach }, node, part, &[Work::Claim])
    }

    /// The same, of what no process claims before, be it by adding a row that the store keeps one
    /// of.
    pub(super) fn unclaimed(
        &self,
        names: &Names<'_>,
        flow: &Flow,
        reach: &Reach<'_, '_>,
        node: NodeId,
        part: Option<Range>,
    ) -> Option<Sum> {
        let claims = [Work::Claim, Work::Once];
        self.most(&Ground { names, flow, reach }, node, part, &claims).filter(|sum| !sum.claimed)
    }

    fn most(
        &self,
        ground: &Ground<'_, '_, '_>,
        node: NodeId,
        part: Option<Range>,
        claims: &[Work],
    ) -> Option<Sum> {
        let Ground { names, flow, reach } = ground;
        let inside = reach.inside(node, part);
        let own = flow.node(node).def;
        let apart = |body: NodeId, at: Range| {
            let outside = part.is_some_and(|part| at.start < part.start || part.end < at.end);
            outside && flow.node(body).def == own
        };
        let done: Vec<(usize, Done)> = inside
            .iter()
            .enumerate()
            .flat_map(|(index, (body, _))| {
                self.by_node.get(body).into_iter().flatten().map(move |done| (index, *done))
            })
            .filter(|(index, done)| !apart(inside[*index].0, done.at))
            .collect();
        let scopes: Vec<Scope> = done
            .iter()
            .filter(|(_, done)| claims.contains(&done.work))
            .map(|(index, claim)| self.scope(ground, &inside, &done, *index, *claim))
            .collect();
        let is_claimed = |(index, one): &(usize, Done)| {
            claims.contains(&one.work) || {
                let way = way(flow, &inside, *index, one.at);
                scopes.iter().any(|scope| scope.holds(&way))
            }
        };
        let says = |one: &&(usize, Done)| {
            let (index, done) = one;
            let def = flow.node(inside[*index].0).def;
            let is_on = names.behind(def, done.at).is_none();
            (leaves_a_trace(done.work) && !is_claimed(one), is_on, rank(*done))
        };
        // Of those that say as much, the first.
        let most = done.iter().rev().max_by_key(says)?;
        let (index, deed) = *most;
        let on_disk = |work: Work| done.iter().any(|(_, done)| done.on_disk && done.work == work);
        // What it writes and removes is its own scratch.
        if !leaves_a_trace(deed.work)
            || (deed.on_disk && on_disk(Work::Write) && on_disk(Work::Repeat))
        {
            return None;
        }
        let mut steps = Vec::new();
        let mut at = index;
        while let Some((from, call)) = inside[at].1 {
            let def = flow.node(inside[at].0).def;
            let name = names.text(names.def(def).name);
            if flow.node(inside[at].0).parent.is_none() {
                let place = flow.span(inside[from].0, call);
                steps.push(Step::new(place, format!("calls `{name}`")));
            }
            at = from;
        }
        steps.reverse();
        let place = flow.span(inside[index].0, deed.at);
        steps.push(Step::new(place, in_words(deed.work, deed.on_disk)));
        Some(Sum {
            work: deed.work,
            on_disk: deed.on_disk,
            listens: done.iter().any(|(_, done)| done.work == Work::Listen),
            reads: done.iter().any(|(_, done)| done.work == Work::Read),
            claimed: is_claimed(most),
            steps,
        })
    }

    /// What a claim excuses: all that the function does which makes it, and what comes after it in
    /// whoever called that function to have it claimed.
    fn scope(
        &self,
        ground: &Ground<'_, '_, '_>,
        inside: &Inside,
        done: &[(usize, Done)],
        index: usize,
        claim: Done,
    ) -> Scope {
        let mut way = way(ground.flow, inside, index, claim.at);
        let mut scope = Scope { run: way.last().map_or(0, |last| last.run), after: Vec::new() };
        while let Some(place) = way.pop() {
            let Some(caller) = way.last() else { break };
            if caller.later || !self.is_for_others(ground, inside, done, place.run) {
                break;
            }
            scope.after.push(*caller);
        }
        scope
    }

    /// Whether a function claims something for its callers: it tells them of it, or does nothing
    /// else.
    fn is_for_others(
        &self,
        ground: &Ground<'_, '_, '_>,
        inside: &Inside,
        done: &[(usize, Done)],
        run: usize,
    ) -> bool {
        if ground.tells(ground.flow.node(inside[run].0).def) {
            return true;
        }
        let mut others = done.iter().filter(|(_, done)| {
            leaves_a_trace(done.work) && !matches!(done.work, Work::Claim | Work::Once)
        });
        others.all(|(index, done)| {
            way(ground.flow, inside, *index, done.at).iter().all(|place| place.run != run)
        })
    }
}

/// What everything is asked of.
struct Ground<'g, 'm, 'a> {
    names: &'g Names<'a>,
    flow: &'g Flow,
    reach: &'g Reach<'m, 'a>,
}

impl Ground<'_, '_, '_> {
    /// Whether a function answers with more than that it went well.
    fn tells(&self, def: DefId) -> bool {
        if self.names.function(def).is_none_or(|function| function.ret.is_none()) {
            return false;
        }
        let types = &self.names.types;
        let mut at = self.names.return_type(def);
        while let Type::External(path, args) = &*types.get(at) {
            let external = self.names.externals.get(*path);
            match (external.role, args.first()) {
                (Some(Role::Carrier), Some(inner)) => at = *inner,
                _ => return &*external.text != "tuple" || !args.is_empty(),
            }
        }
        true
    }
}

/// A place in the text of one run of a function.
#[derive(Debug, Clone, Copy)]
struct Point {
    /// Where the run begins among the bodies.
    run: usize,
    at: u32,
    /// What stands there is only started, and runs whenever it may.
    later: bool,
}

/// What a claim holds.
struct Scope {
    run: usize,
    after: Vec<Point>,
}

impl Scope {
    fn holds(&self, way: &[Point]) -> bool {
        way.iter().any(|point| {
            let after = |claim: &Point| claim.run == point.run && claim.at <= point.at;
            point.run == self.run || self.after.iter().any(after)
        })
    }
}

/// The way to something done in a body: the places of the calls that lead to it, the last its own.
fn way(flow: &Flow, inside: &Inside, index: usize, at: Range) -> Vec<Point> {
    let mut way = Vec::new();
    let (mut here, mut place, mut later) = (index, at.start, false);
    loop {
        // What stands in one function is one run of it.
        let def = flow.node(inside[here].0).def;
        while let Some((from, _)) = inside[here].1
            && flow.node(inside[from].0).def == def
        {
            here = from;
        }
        way.push(Point { run: here, at: place, later });
        let Some((from, call)) = inside[here].1 else { break };
        later = call == flow.node(inside[here].0).at;
        (here, place) = (from, if later { u32::MAX } else { call.start });
    }
    way.reverse();
    way
}

fn leaves_a_trace(work: Work) -> bool {
    !matches!(work, Work::Read | Work::Listen | Work::Settle)
}

/// What is done to the local disk says less than what is done to others.
fn rank(done: Done) -> (bool, Work) {
    (!done.on_disk, done.work)
}

fn in_words(work: Work, on_disk: bool) -> String {
    match (work, on_disk) {
        (Work::Repeat, true) => "removes files here",
        (_, true) => "writes files here",
        (Work::Read | Work::Listen | Work::Settle, _) => "asks here",
        (Work::Repeat, _) => "deletes or sets here",
        (Work::Ask, _) => "asks a service here",
        (Work::Run, _) => "runs a program here",
        (Work::Send, _) => "sends something out here",
        (Work::Write | Work::Once, _) => "adds something here",
        (Work::Claim, _) => "takes it here",
    }
    .to_string()
}
