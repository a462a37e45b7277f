//! What is asked of the world outside, body by body: statements, messages, programs, the disk.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::guards;
use super::places::Places;
use super::portions::Portions;
use super::questions::asked_for;
use super::reach::Reach;
use super::under::{Point, Scope, Under, comes_before, way};
use crate::catalog::{DiskEffect, Role, Work};
use crate::diagnostic::Step;
use crate::flow::{CallId, Callee, Deed, Flow, NodeId};
use crate::parse::tree::Range;
use crate::resolve::{DefId, Names, Res, T, Type};

#[derive(Debug, Clone, Copy)]
struct Done {
    at: Range,
    work: Work,
    on_disk: bool,
    /// A database of this process alone is asked.
    own: bool,
    /// Whether it changed anything tells whether another came first.
    swaps: bool,
    /// The store forgets it after a while.
    fades: bool,
    /// What it is to do it once more.
    again: Work,
}

/// The deeds of every body.
pub(super) struct Deeds {
    by_node: FxHashMap<NodeId, Vec<Done>>,
    /// Functions in which a store, a service or a program is asked for anything.
    asking: FxHashSet<DefId>,
    /// Functions that give what a service answered to somebody who makes use of it.
    pub(super) questions: FxHashSet<DefId>,
    portions: Portions,
    callers: Rc<FxHashMap<NodeId, Vec<CallId>>>,
}

/// What a body, and all that it runs, asks of the world outside.
pub(super) struct Sum {
    /// The most telling of all; of what no process claimed before everything else.
    pub(super) work: Work,
    pub(super) on_disk: bool,
    /// It waits for messages of a broker or store.
    pub(super) listens: bool,
    /// It asks a store or service for something: not one of this process alone.
    pub(super) reads: bool,
    /// It asks a store for something, or takes from it, before it does the most telling thing.
    pub(super) looks_first: bool,
    /// It is a claim, or done under one: the store knows of the work.
    pub(super) claimed: bool,
    /// It claims what it goes on with.
    pub(super) claims: bool,
    /// All that it leaves is claims that nothing comes of, or what the store forgets after a while.
    pub(super) only_copies: bool,
    /// It is done by what implements a trait of the tree: others may do it elsewhere.
    pub(super) by_choice: bool,
    /// All that would leave a trace are messages whose answers are what is wanted: questions.
    pub(super) only_questions: bool,
    /// The way to it.
    pub(super) steps: Vec<Step>,
}

/// The bodies that a body runs, each with the call that leads to it.
pub(super) type Inside = [(NodeId, Option<(usize, Range)>)];

impl Deeds {
    pub(super) fn new(names: &Names<'_>, flow: &Flow) -> Deeds {
        let mut by_node: FxHashMap<NodeId, Vec<Done>> = FxHashMap::default();
        let mut embedded: FxHashMap<NodeId, Vec<Range>> = FxHashMap::default();
        for (node, at) in &flow.embedded {
            embedded.entry(*node).or_default().push(*at);
        }
        let mut add = |node: NodeId, at: Range, deed: &Deed, on_disk: bool| {
            let mut asked = embedded.get(&node).into_iter().flatten();
            let own = asked.any(|chain| chain.holds(at));
            let Deed { work, swaps, fades, .. } = *deed;
            let again = deed.again.unwrap_or(work);
            let known: &mut Vec<Done> = by_node.entry(node).or_default();
            known.push(Done { at, work, on_disk, own, swaps, fades, again });
        };
        let mut of_constants: FxHashMap<NodeId, &Deed> = FxHashMap::default();
        for deed in &flow.deeds {
            of_constants.entry(deed.node).or_insert(deed);
            add(deed.node, deed.at, deed, false);
        }
        for (node, at, constant) in &flow.mentions {
            let deed = flow.bodies.get(constant).and_then(|body| of_constants.get(body));
            if let Some(deed) = deed {
                add(*node, *at, deed, false);
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
            let (node, at) = (call.node, call.at);
            let deed = Deed { node, at, work, swaps: false, fades: false, again: None };
            add(node, at, &deed, true);
        }
        let (asking, questions, portions, callers) = Default::default();
        let mut deeds = Deeds { by_node, asking, questions, portions, callers };
        let asking = deeds.by_node.keys().filter(|body| deeds.asks(**body));
        deeds.asking = asking.map(|body| flow.node(*body).def).collect();
        deeds
    }

    /// Learns which functions that send something out do so for the answer.
    pub(super) fn learn(&mut self, places: &Places<'_, '_>) {
        let sends = |done: &&Done| !done.on_disk && matches!(done.work, Work::Send | Work::Call);
        let sent = self
            .by_node
            .iter()
            .flat_map(|(node, done)| done.iter().filter(sends).map(|done| (*node, done.at)));
        self.questions = asked_for(places, sent);
    }

    /// Learns what runs only for what was taken from what this process alone has.
    pub(super) fn portion(&mut self, portions: Portions, places: &Places<'_, '_>) {
        (self.portions, self.callers) = (portions, places.callers.clone());
    }

    /// What of these bodies runs only for what was taken.
    fn portions<'u>(&'u self, flow: &'u Flow, inside: &Inside) -> Under<'u> {
        let inside: FxHashSet<NodeId> = inside.iter().map(|(body, _)| *body).collect();
        let defs: FxHashSet<DefId> = inside.iter().map(|body| flow.node(*body).def).collect();
        let over = |def| self.portions.of(def).iter().map(move |over| (def, *over));
        let parts = defs.into_iter().flat_map(over).collect();
        Under { flow, callers: &self.callers, inside, parts, known: RefCell::default() }
    }

    /// What of a body runs only for what was taken, or where this process leads.
    pub(super) fn under<'u>(
        &'u self,
        names: &Names<'_>,
        flow: &'u Flow,
        reach: &Reach<'_, '_>,
        node: NodeId,
    ) -> Under<'u> {
        let inside = reach.inside(node, None);
        let mut under = self.portions(flow, &inside);
        let led = guards::led(self, &Ground { names, flow, reach }, &inside);
        let parts = led.iter().filter(|led| !led.again).map(|led| {
            let node = flow.node(inside[led.index].0);
            (node.def, led.part(node))
        });
        under.parts.extend(parts);
        under
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
        let inside = |at: Range| part.is_none_or(|part| part.holds(at));
        let mut done = self.by_node.get(&body).into_iter().flatten();
        done.any(|done| !done.on_disk && of(done.work) && inside(done.at))
    }

    /// Whether a part of a body changes what another process may have changed before.
    pub(super) fn swaps(&self, body: NodeId, part: Range) -> bool {
        let mut done = self.by_node.get(&body).into_iter().flatten();
        done.any(|done| done.swaps && part.start <= done.at.start && done.at.end <= part.end)
    }

    /// Whether all that these bodies change may have been changed before.
    pub(super) fn only_swaps(&self, bodies: impl Iterator<Item = NodeId>) -> bool {
        let done = bodies.filter_map(|body| self.by_node.get(&body)).flatten();
        let mut traces = done.filter(|done| leaves_a_trace(done.work)).peekable();
        traces.peek().is_some() && traces.all(|done| done.swaps)
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
        let ground = Ground { names, flow, reach };
        self.most(&ground, node, part, &[Work::Claim, Work::Take], false, |_| true)
    }

    /// The same, where what no process claims before says more than the rest, be it by adding a row
    /// that the store keeps one of.
    pub(super) fn open(
        &self,
        names: &Names<'_>,
        flow: &Flow,
        reach: &Reach<'_, '_>,
        node: NodeId,
        part: Option<Range>,
    ) -> Option<Sum> {
        let claims = [Work::Claim, Work::Take, Work::Once];
        let ground = Ground { names, flow, reach };
        self.most(&ground, node, part, &claims, true, |_| true)
    }

    /// The same, of what is not in a database of this process alone, nor in another process alone.
    pub(super) fn unclaimed_of_others(
        &self,
        names: &Names<'_>,
        flow: &Flow,
        reach: &Reach<'_, '_>,
        node: NodeId,
        part: Range,
    ) -> Option<Sum> {
        let claims = [Work::Claim, Work::Take, Work::Once];
        let ground = Ground { names, flow, reach };
        let others = |done: &Done| !done.own && done.work != Work::Call;
        self.most(&ground, node, Some(part), &claims, false, others).filter(|sum| !sum.claimed)
    }

    fn most(
        &self,
        ground: &Ground<'_, '_, '_>,
        node: NodeId,
        part: Option<Range>,
        claims: &[Work],
        again: bool,
        counts: impl Fn(&Done) -> bool,
    ) -> Option<Sum> {
        let Ground { names, flow, reach } = ground;
        let inside = reach.inside(node, part);
        let own = flow.node(node).def;
        let apart = |body: NodeId, at: Range| {
            let outside = part.is_some_and(|part| at.start < part.start || part.end < at.end);
            outside && flow.node(body).def == own
        };
        // Where it matters that it is done twice, how it is done the second time tells.
        let seen = |done: &Done| match again {
            true => Done { work: done.again, ..*done },
            false => *done,
        };
        let twice = claims.contains(&Work::Once);
        let done: Vec<(usize, Done)> = inside
            .iter()
            .enumerate()
            .flat_map(|(index, (body, _))| {
                self.by_node.get(body).into_iter().flatten().map(move |done| (index, seen(done)))
            })
            .filter(|(index, done)| counts(done) && !apart(inside[*index].0, done.at))
            .collect();
        let mut scopes: Vec<Scope> = done
            .iter()
            .filter(|(_, done)| claims.contains(&done.work))
            .map(|(index, claim)| self.scope(ground, &inside, &done, *index, claim.at, claim.work))
            .collect();
        let mut led = match twice {
            true => guards::led(self, ground, &inside),
            false => Vec::new(),
        };
        // Whoever came first gets what it came for.
        let gives = led.iter().filter(|led| led.counts && led.one);
        let gives = gives.filter(|led| ground.tells(flow.node(inside[led.index].0).def, true));
        scopes.extend(
            gives.map(|led| self.scope(ground, &inside, &done, led.index, led.asks, Work::Take)),
        );
        // .. and what nothing depends on is no claim.
        led.retain(|led| {
            let depends = |(index, one): &(usize, Done)| {
                leaves_a_trace(one.work) && led.lets(&way(flow, &inside, *index, one.at))
            };
            !(led.counts || led.again) || done.iter().any(depends)
        });
        let own = twice && !self.portions.is_empty();
        let portions = own.then(|| self.portions(flow, &inside));
        // To what each process keeps for itself alone, each may add, and change what it adds to or
        // goes by. Whoever only sweeps it does so wherever it is kept.
        let own = |of: fn(Work) -> bool| {
            move |(_, one): &&(usize, Done)| twice && one.own && !one.on_disk && of(one.work)
        };
        let adds = |work| matches!(work, Work::Write | Work::Once | Work::Settle);
        let tends = done.iter().any(|one| own(adds)(&one));
        let looks = done.iter().filter(own(|work| work == Work::Read));
        let looks: Vec<_> = looks.map(|(index, one)| way(flow, &inside, *index, one.at)).collect();
        let adds = |one: &Done, way: &[Point]| {
            let goes_by = || looks.iter().any(|look| comes_before(look, way));
            one.own && (one.work == Work::Write || tends || goes_by())
        };
        let is_claimed = |(index, one): &(usize, Done)| {
            claims.contains(&one.work) || {
                let way = way(flow, &inside, *index, one.at);
                twice && adds(one, &way)
                    || scopes.iter().any(|scope| scope.holds(&way))
                    || led.iter().any(|led| led.holds(&way))
                    || portions.as_ref().is_some_and(|own| own.holds(inside[*index].0, one.at))
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
        let here = way(flow, &inside, index, deed.at);
        let looks_first = done.iter().any(|(index, one)| {
            let looks = !one.on_disk && matches!(one.work, Work::Read | Work::Take | Work::Claim);
            looks && comes_before(&way(flow, &inside, *index, one.at), &here)
        });
        let is_question = |(index, done): &(usize, Done)| {
            let asks = !done.on_disk && matches!(done.work, Work::Send | Work::Call);
            asks && self.questions.contains(&flow.node(inside[*index].0).def)
        };
        let traces = done.iter().filter(|(_, done)| leaves_a_trace(done.work));
        let kept = |done: &Done| done.on_disk && on_disk(Work::Write);
        let only_questions = traces.clone().all(|one| is_question(one) || kept(&one.1));
        // Whether it is for a while may be up to who sets it.
        let fades = |(index, one): &(usize, Done)| {
            let mut beside = done.iter().filter(|(other, two)| two.fades && other == index);
            one.fades || beside.any(|(_, two)| flow.excludes(inside[*index].0, one.at, two.at))
        };
        let is_claim = |(_, one): &(usize, Done)| one.work == Work::Claim;
        let only_copies = traces.clone().all(is_claim) || traces.into_iter().all(fades);
        let chosen =
            |body: NodeId| matches!(names.trait_of(flow.node(body).def), Some(Res::Def(_)));
        let mut by_choice = chosen(inside[index].0);
        let mut steps = Vec::new();
        let mut at = index;
        while let Some((from, call)) = inside[at].1 {
            by_choice |= chosen(inside[from].0);
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
            reads: done.iter().any(|(_, done)| done.work == Work::Read && !done.own),
            looks_first,
            claims: !led.is_empty()
                || done.iter().any(|(_, one)| matches!(one.work, Work::Claim | Work::Take)),
            only_copies,
            claimed: is_claimed(most),
            by_choice,
            only_questions,
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
        at: Range,
        claim: Work,
    ) -> Scope {
        let mut way = way(ground.flow, inside, index, at);
        let mut scope = Scope { run: way.last().map_or(0, |last| last.run), after: Vec::new() };
        while let Some(place) = way.pop() {
            let Some(caller) = way.last() else { break };
            let for_others = self.is_for_others(ground, inside, done, place.run, claim);
            if caller.later || !for_others {
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
        claim: Work,
    ) -> bool {
        if ground.tells(ground.flow.node(inside[run].0).def, false) {
            return true;
        }
        // Rows that nobody is told of are nobody else's.
        if claim == Work::Take {
            return false;
        }
        let mut others = done.iter().filter(|(_, done)| {
            leaves_a_trace(done.work) && !matches!(done.work, Work::Claim | Work::Take | Work::Once)
        });
        others.all(|(index, done)| {
            way(ground.flow, inside, *index, done.at).iter().all(|place| place.run != run)
        })
    }
}

/// What everything is asked of.
pub(super) struct Ground<'g, 'm, 'a> {
    pub(super) names: &'g Names<'a>,
    pub(super) flow: &'g Flow,
    pub(super) reach: &'g Reach<'m, 'a>,
}

impl Ground<'_, '_, '_> {
    /// Whether a function answers with more than that it went well, be it no number and no word.
    fn tells(&self, def: DefId, more: bool) -> bool {
        if self.names.function(def).is_none_or(|function| function.ret.is_none()) {
            return false;
        }
        let (names, types) = (self.names, &self.names.types);
        let mut at = self.names.return_type(def);
        while let Type::External(path, args) = &*types.get(at) {
            let external = self.names.externals.get(*path);
            let is_unit = |ty: T| match &*types.get(ty) {
                Type::External(path, args) => {
                    args.is_empty() && &*names.externals.get(*path).text == "tuple"
                }
                _ => false,
            };
            match (external.role, args.first()) {
                (Some(Role::Carrier), Some(inner)) => at = *inner,
                // The `Result` of a crate.
                (_, Some(inner)) if is_unit(*inner) => return false,
                (Some(Role::Number), _) if more => return false,
                _ if more && &*external.text == "bool" => return false,
                _ => return &*external.text != "tuple" || !args.is_empty(),
            }
        }
        true
    }
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
        (Work::Repeat | Work::Fade, _) => "deletes or sets here",
        (Work::Ask | Work::Call, _) => "asks a service here",
        (Work::Run, _) => "runs a program here",
        (Work::Send, _) => "sends something out here",
        (Work::Write | Work::Once, _) => "adds something here",
        (Work::Take | Work::Claim, _) => "takes it here",
    }
    .to_string()
}
