//! Which shared values are changed while serving, by whom, and who reads them?

use std::cell::LazyCell;
use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::channels::Channels;
use super::deeds::Deeds;
use super::exported::Exports;
use super::harmless::is_harmless;
use super::numbers::Leaving;
use super::once::Once;
use super::own::Own;
use super::places::{Place, Places};
use super::reach::{ANY, Programs, Reach};
use super::reloads::Reloads;
use super::shared::Shared;
use super::{Access, EntryPoint, Kept, Model, Owner, State};
use crate::catalog::Role;
use crate::diagnostic::Step;
use crate::flow::{Flow, Froms, OriginKind, TouchKind, Used, static_type};
use crate::parse::tree::{ItemKind, StaticKind};
use crate::resolve::{DefId, DefKind, Names, T, Type};
use crate::source::Span;
use doubts::Doubts;
use unread::Unread;

mod dealings;
mod doubts;
mod memos;
mod singles;
mod unread;

pub(super) struct Parts<'p, 'm, 'a> {
    pub(super) names: &'p Names<'a>,
    pub(super) flow: &'p Flow,
    pub(super) reach: &'p Reach<'m, 'a>,
    pub(super) places: &'p Places<'m, 'a>,
    pub(super) shared: &'p Shared,
    pub(super) channels: &'p Channels<'p, 'm, 'a>,
    pub(super) deeds: &'p Deeds,
    pub(super) points: &'p [EntryPoint],
    pub(super) own: Own,
}

#[derive(Default)]
pub(super) struct Accesses {
    pub(super) counts: Vec<Access>,
    /// What is counted also goes down: it says how many there are, and numbers nothing.
    lowered: bool,
    pub(super) changes: Vec<Access>,
    pub(super) reads: Vec<Access>,
    /// By their numbers in [`Flow`].
    touches: Vec<usize>,
}

impl Accesses {
    /// Leaves out what is done in programs that do not both change and read it. False where each
    /// program only does one of the two.
    fn in_one_process(&mut self) -> bool {
        let all = |list: &[Access]| list.iter().fold(0, |all, access| all | access.programs);
        let changed = all(&self.changes) | all(&self.counts);
        let read = self.looked_at();
        if read == 0 {
            return true;
        }
        self.reads.retain(|read| read.programs & changed != 0);
        self.changes.retain(|change| change.programs & read != 0);
        self.counts.retain(|count| count.programs & read != 0);
        changed & read != 0
    }

    /// The programs that look at what is there, and do not only take its lock to change it.
    fn looked_at(&self) -> Programs {
        let reads = self.reads.iter().filter(|read| read.looks(&self.changes));
        let answered = self.changes.iter().filter(|change| change.used != Used::No);
        let all = reads.chain(answered).chain(&self.counts);
        all.fold(0, |all, access| all | access.programs)
    }

    /// Leaves out what stands behind features that are off. Where nothing would be left to change
    /// or read it, all stays, and the features are given.
    fn without_off(&mut self) -> Option<String> {
        let is_on = |access: &Access| access.behind.is_none();
        let changed = self.changes.iter().chain(&self.counts).any(is_on);
        let read = self.reads.is_empty() || self.reads.iter().any(is_on);
        if !changed || !read {
            let first = if changed { &self.reads } else { &self.changes };
            return first.iter().chain(&self.counts).find_map(|access| access.behind.clone());
        }
        for list in [&mut self.changes, &mut self.counts, &mut self.reads] {
            list.retain(is_on);
        }
        None
    }
}

pub(super) fn collect(model: &mut Model, parts: &Parts<'_, '_, '_>) {
    let mut found: BTreeMap<Place, Accesses> = BTreeMap::new();
    let holders = parts.holders();
    let lookups = parts.lookups(&holders);
    let followed = LazyCell::new(|| parts.followed_by_tasks(&holders));
    let leaving = Leaving::new(parts);
    let (mut once, mut unread) = (Once::new(parts), Unread::new(parts));
    let exports = Exports::new(parts);
    let mut reloads = Reloads::default();
    for (index, touch) in parts.flow.touches.iter().enumerate() {
        if !parts.reach.is_serving(touch.node) {
            continue;
        }
        for (place, mut access) in parts.accessed(touch, &holders) {
            let accesses = found.entry(place).or_default();
            accesses.lowered |= parts.lowers(touch);
            accesses.touches.push(index);
            match touch.kind {
                TouchKind::Read => {
                    let role = parts.places.role(touch.on);
                    access.locks = parts.only_locks(touch.on)
                        && (touch.method.is_some() || role == Some(Role::Carrier));
                    access.measures = parts.measures(touch);
                    // Only what is asked for something, by key, is looked up.
                    access.direct = touch.value != Froms::NONE
                        && !parts.opens_entry(touch)
                        && matches!(
                            role,
                            Some(Role::Collection | Role::SharedCollection | Role::Cache)
                        );
                    accesses.reads.push(access);
                }
                TouchKind::Fill | TouchKind::Send | TouchKind::Receive | TouchKind::Subscribe => {}
                // A number in a struct that is kept alone is a measure of this process.
                TouchKind::Count if touch.method.is_none() && parts.is_a_struct(place) => {}
                TouchKind::Count if touch.method.is_none() && parts.is_keyed(place) => {
                    access.whole = false;
                    accesses.changes.push(access);
                }
                TouchKind::Count => {
                    let def = parts.flow.node(touch.node).def;
                    let again = touch.method.is_none() && lookups.contains(&(place, def));
                    if (touch.used == Used::Yes || again) && leaving.has(parts.flow, index, touch) {
                        accesses.counts.push(access);
                    }
                }
                TouchKind::Change if once.has(parts, touch) => {}
                TouchKind::Change if unread.has(touch) => {}
                TouchKind::Change if !parts.counts_in(place, touch) => {}
                TouchKind::Change if parts.renews_client(touch) => {}
                TouchKind::Change if parts.renews_handle(place, touch) => {}
                TouchKind::Change if parts.is_moved(touch) => {}
                TouchKind::Change
                    if touch.method.is_none() && !touch.replaces && parts.is_a_struct(place) => {}
                TouchKind::Change => {
                    let def = parts.flow.node(touch.node).def;
                    access.by_task = parts.points[access.entry].beside;
                    // What a task hands over was fetched by whoever had it.
                    let brought = || {
                        !parts.places.is_given(touch.value)
                            && parts.exists_elsewhere(touch.value, 0)
                    };
                    access.fetched = touch.computed
                        || parts.is_fetched(touch)
                        || access.by_task && touch.replaces && brought();
                    let cached = parts.places.role(touch.on) == Some(Role::Cache);
                    access.answer = parts.is_answer(parts.put_in(touch), &mut FxHashSet::default());
                    let abroad = || access.answer || parts.is_from_abroad(touch.value, 0);
                    let whole = touch.replaces && abroad();
                    // Asked twice, and not cheap.
                    let misses =
                        LazyCell::new(|| parts.follows_a_miss(touch.node, place, &lookups, None));
                    access.after_miss = (cached || whole) && *misses;
                    access.memo = touch.computed
                        || parts.holds_pending(touch.on)
                        || lookups.contains(&(place, def)) && access.fetched
                        || whole && access.after_miss;
                    access.opens = touch.used != Used::No && parts.opens_room(touch);
                    access.given = !access.fetched
                        && parts.places.is_given(touch.value)
                        && !parts.exists_elsewhere(touch.value, 0);
                    access.whole = touch.replaces;
                    access.at_hand = access.memo && !access.answer && parts.is_at_hand(touch);
                    access.made_up = parts.is_made_up(touch.value, 0);
                    access.fresh = parts.is_new(touch.value, 0);
                    let copy = !access.fresh && parts.is_copy(touch);
                    // Who keeps what is handed over looks whether there is one already.
                    let besides = parts.is_handed(touch).then_some(def);
                    let looks = |body| lookups.contains(&(place, parts.flow.node(body).def));
                    // What is asked of the state itself is no answer from elsewhere.
                    let asked = || {
                        access.answer && parts.is_answer_but(touch.value, &looks)
                            || parts.is_asked_for(touch.value, |_| true)
                    };
                    let kept = || {
                        parts.keeps_asked(touch, place, &looks, false)
                            && parts.follows_a_miss(touch.node, place, &lookups, besides)
                    };
                    access.copied =
                        copy && (access.answer && touch.replaces || asked() && *misses || kept());
                    let own = access.by_task && !access.given && !access.fresh && !*misses;
                    access.fetched |= own && parts.follows(touch, place, &looks);
                    let again = || access.by_task || *misses || followed.contains(&place);
                    access.renewed = touch.replaces && parts.is_renewed(touch, again);
                    access.takes = touch.takes;
                    access.stamps = touch.replaces && !access.given && parts.is_word(touch.on);
                    access.empties = touch.empties;
                    access.of_use = !access.given && parts.marks_use(place, touch);
                    access.vacates = touch.value == Froms::NONE
                        && touch.method.is_some()
                        && parts.places.role(touch.on) == Some(Role::Carrier);
                    accesses.changes.push(access);
                }
            }
        }
    }
    let (mut places, mut records) = (Vec::new(), FxHashSet::default());
    let tables: Vec<Place> = found.keys().copied().collect();
    let doubts = Doubts::new(parts, &found);
    for (place, accesses) in found {
        let mut accesses = accesses;
        if accesses.lowered {
            accesses.counts.clear();
        }
        if accesses.counts.is_empty() && accesses.changes.is_empty() {
            continue;
        }
        if !accesses.in_one_process()
            || exports.only_look_at(parts, &accesses)
            || reloads.are_all(parts, &accesses)
        {
            continue;
        }
        let behind = accesses.without_off();
        let unsure = doubts.of(place, &accesses);
        if let Some(mut state) = parts.state(place, accesses) {
            state.owner.feature = state.owner.feature.or(behind);
            if let Place::Field(of, _) = place
                && state.is_record(parts.points)
                && !(state.is_mark() && parts.is_one_of_many(place, &tables))
            {
                records.insert(of);
            }
            places.push((place, unsure));
            model.states.push(state);
        }
    }
    for ((place, unsure), state) in places.iter().zip(&mut model.states) {
        let inner = parts.values_of(*place);
        state.of_records = inner.is_some_and(|ty| parts.has_one_of(&records, ty, 0));
        unsure.tell(state, parts.points);
    }
    let places: Vec<Place> = places.into_iter().map(|(place, _)| place).collect();
    parts.leave_out_marks(model, &places);
    parts.sessions(model);
    parts.cached(model);
}

impl Parts<'_, '_, '_> {
    pub(super) fn is_shared(&self, place: Place) -> bool {
        self.why_shared(place).is_some()
    }

    pub(super) fn why_shared(&self, place: Place) -> Option<Vec<Step>> {
        self.why_shared_in(place, ANY)
    }

    /// Why a place is shared: in one of some programs, where it is there.
    fn why_shared_in(&self, place: Place, programs: Programs) -> Option<Vec<Step>> {
        match place {
            Place::Static(id) => {
                let def = self.names.def(id);
                let is_mut = matches!(
                    def.item.map(|item| &item.kind),
                    Some(ItemKind::Static { kept: StaticKind::Mut, .. })
                );
                let changeable = is_mut || self.places.interior(self.place_type(place)).is_some();
                (changeable && def.kind == DefKind::Static).then(Vec::new)
            }
            _ => self.shared.why_in(place, programs).map(|step| vec![step.clone()]),
        }
    }

    pub(super) fn place_type(&self, place: Place) -> T {
        match place {
            Place::Static(id) => static_type(self.names, id),
            Place::Field(of, index) => {
                let field = &self.names.fields(of)[index as usize];
                self.names.field_type(of, field, &[])
            }
            Place::Made(origin) => self.flow.made.get(&origin).copied().unwrap_or(T::UNKNOWN),
        }
    }

    /// The definition that a place stands in, its name and where to report it.
    pub(super) fn site(&self, place: Place) -> Option<(DefId, String, String, Span, Kept)> {
        match place {
            Place::Static(id) => {
                let def = self.names.def(id);
                let kept = match def.item.map(|item| &item.kind) {
                    Some(ItemKind::Static { kept: StaticKind::ThreadLocal, .. }) => {
                        Kept::ThreadLocal
                    }
                    _ => Kept::Static,
                };
                let name = self.names.text(def.name).to_string();
                Some((id, self.names.path(id), name, self.names.span(id), kept))
            }
            Place::Field(of, index) => {
                let field = &self.names.fields(of)[index as usize];
                let name = self.names.text(field.name);
                let (path, short) = (self.names.path(of), self.names.text(self.names.def(of).name));
                let at = Span::new(self.names.def(of).file, field.at.start, field.at.end);
                Some((of, format!("{path}::{name}"), format!("{short}::{name}"), at, Kept::Field))
            }
            Place::Made(origin) => {
                let OriginKind::Made(node, expr) = self.flow.origins.kind(origin) else {
                    return None;
                };
                let body = self.flow.node(node);
                let function = self.names.path(body.def);
                let (name, at) = match self.flow.bindings.get(&origin) {
                    Some((name, at)) => (self.names.text(*name).to_string(), *at),
                    None => {
                        let at = self.names.facts(body.file).expr(expr).at;
                        (self.nameless(place), at)
                    }
                };
                let at = Span::new(body.file, at.start, at.end);
                Some((body.def, format!("{function}::{name}"), name, at, Kept::Local))
            }
        }
    }

    /// What a value is called that no `let` names: as its type.
    fn nameless(&self, place: Place) -> String {
        match &*self.names.types.get(self.places.peeled(self.place_type(place))) {
            Type::Local(of, _) => self.names.text(self.names.def(*of).name).to_string(),
            _ => "value".into(),
        }
    }

    fn state(&self, place: Place, accesses: Accesses) -> Option<State> {
        let ty = self.place_type(place);
        let (def, item, name, at, kept) = self.site(place)?;
        if !self.reach.selected(def) || self.is_buffer(place, &accesses) {
            return None;
        }
        let role = self.places.interior(ty).map(|(role, _)| role);
        let inner = self.places.interior(ty).map_or(ty, |(_, ty)| ty);
        let content = self.core(self.places.content(inner));
        let holds = match role {
            // `static mut CONFIG: Option<..>`
            None if self.places.role(inner) == Some(Role::Carrier) => {
                let alone = || self.kept(content, 0).filter(|role| is_harmless(*role));
                self.values(content).or_else(alone).unwrap_or(Role::Carrier)
            }
            Some(Role::Lock | Role::Cell) | None => self.holding(inner, content),
            Some(Role::SharedCollection) => self.values(content).unwrap_or(Role::SharedCollection),
            Some(role) => role,
        };
        let (mut why, mut instead) = (String::new(), String::new());
        for ty in [inner, content] {
            if let Type::External(path, _) = &*self.names.types.get(ty)
                && let Some(fact) =
                    self.names.catalog.type_fact(&self.names.externals.get(*path).text)
            {
                why.clone_from(&fact.why);
                instead.clone_from(&fact.instead);
            }
        }
        // One that surely runs says whose it is.
        let sure = |one: &&Access| !self.reach.entries[one.entry].idle;
        let changes = || accesses.changes.iter().chain(&accesses.counts);
        let first = changes().find(sure).or_else(|| changes().next())?;
        let entry = &self.reach.entries[first.entry];
        let programs = first.programs;
        let owner = self.reach.owner(def, Some(entry.node));
        // Another one may change it as well.
        let feature = self.names.def(def).behind.and(owner.feature);
        let owner = Owner { feature, ..owner };
        let drained = self.drained(content, &accesses);
        let marks = self.marks_under_way(place) || self.claims(place);
        let flag =
            drained.is_none() && (marks || self.is_flag_of_one(place, ty, content, &accesses));
        let holds = match holds {
            _ if flag => Role::Control,
            Role::Value if self.is_connection(content) => Role::BackingService,
            holds => holds,
        };
        let fed = holds == Role::Channel && self.is_fed(place, &accesses.reads);
        let under_way = self.listens_only(content)
            && accesses.changes.iter().filter(|change| !change.takes).all(|put| {
                accesses.changes.iter().any(|change| change.takes && change.def == put.def)
            });
        let coalesces = holds == Role::Channel && self.flights(place).is_some();
        let gates = matches!(holds, Role::Atomic | Role::Number)
            && (self.is_gate(place, &accesses)
                || self.is_flag(content) && self.is_taken_and_given_back(&accesses)
                || (self.is_flag(content) || self.is_switch(ty))
                    && (self.is_own_mark(place, &accesses)
                        || self.is_said_at_the_end(&accesses)
                        || self.is_told_once(place, &accesses)));
        Some(State {
            gates,
            since: self.is_since(content, &accesses),
            under_way,
            coalesces,
            meets: self.is_rendezvous(place, &accesses),
            fed,
            of_records: false,
            item,
            name,
            at,
            kept,
            ty: self.names.short(ty),
            holds,
            clients: self.holds_clients(content, 0),
            drained,
            keyed: matches!(
                self.places.role(content),
                Some(Role::Collection | Role::SharedCollection)
            ),
            counts: accesses.counts,
            changes: accesses.changes,
            reads: accesses.reads,
            shared: self.why_shared_in(place, programs).unwrap_or_default(),
            owner,
            why,
            instead,
            limits: !marks && self.limits(place),
            tabled: matches!(
                self.places.role(content),
                Some(Role::Collection | Role::SharedCollection | Role::Cache)
            ),
        })
    }

    pub(super) fn is_a_struct(&self, place: Place) -> bool {
        let ty = self.place_type(place);
        let inner = self.places.interior(ty).map_or(ty, |(_, ty)| ty);
        matches!(&*self.names.types.get(self.places.content(inner)), Type::Local(..))
    }

    /// Whether a place holds many things, by key or in a row: a number among them is a record.
    pub(super) fn is_keyed(&self, place: Place) -> bool {
        let ty = self.place_type(place);
        let inner = self.places.interior(ty).map_or(ty, |(_, ty)| ty);
        let content = self.places.role(self.places.content(inner));
        matches!(content, Some(Role::Collection | Role::SharedCollection | Role::Cache))
    }

    /// What a lock keeps.
    fn holding(&self, lock: T, content: T) -> Role {
        let first = match &*self.names.types.get(lock) {
            Type::External(_, args) => args.first().copied().unwrap_or(content),
            _ => content,
        };
        if self.places.role(first) == Some(Role::Carrier) && !self.is_flag(content) {
            return match self.kept(content, 0) {
                Some(role) if is_harmless(role) => role,
                // The failure of one for whoever asks it next.
                _ if self.is_error(content) => Role::Control,
                _ => Role::Carrier,
            };
        }
        let flag = self.is_flag(content);
        match flag {
            true => Role::Atomic,
            false if self.is_line(content) => Role::Control,
            false => self.values(content).or(self.places.role(content)).unwrap_or(Role::Value),
        }
    }

    /// Whether there are but two words for it: `bool`, and `()` in an `Option`.
    pub(super) fn is_flag(&self, ty: T) -> bool {
        match &*self.names.types.get(ty) {
            Type::External(path, args) => match &*self.names.externals.get(*path).text {
                "bool" => true,
                text => text == "tuple" && args.is_empty(),
            },
            _ => false,
        }
    }

    /// What a struct of the tree that has one field stands for.
    pub(super) fn core(&self, content: T) -> T {
        let mut at = content;
        for _ in 0..3 {
            let Type::Local(of, args) = &*self.names.types.get(at).clone() else { break };
            let [field] = self.names.fields(*of) else { break };
            let ty = self.names.field_type(*of, field, args);
            if self.places.interior(ty).is_some() {
                break;
            }
            at = self.places.content(ty);
        }
        at
    }
}
