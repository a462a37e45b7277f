//! What counts requests in this process, to refuse some of them? Limiters of other crates, and
//! tables of numbers and times written by hand.

use rustc_hash::FxHashSet;

use super::places::Place;
use super::states::Parts;
use super::{Lies, Model, Noted};
use crate::catalog::{Doing, EntryKind, Role, Work};
use crate::flow::{Froms, NodeId, Origin, OriginKind, Touch, TouchKind, Used, Val};
use crate::parse::tree::Range;
use crate::resolve::{DefId, DefKind, T, Type};
use crate::source::Span;

mod windows;

pub(super) fn collect(model: &mut Model, parts: &Parts<'_, '_, '_>) {
    for (id, call, fact) in parts.doing(Doing::LimitRate) {
        if parts.selected(id) && parts.lasts(call.node) {
            model.limiters.push(parts.describe(id, Some(fact)));
        }
    }
    let mut made: Vec<(Origin, T)> = parts.flow.made.iter().map(|(at, ty)| (*at, *ty)).collect();
    made.sort();
    for (origin, ty) in made {
        if let Some(deed) = parts.limiter(origin, ty) {
            model.limiters.push(deed);
        }
    }
    // An `Arc` around a limiter is the same limiter.
    model.limiters.sort_by_key(|deed| (deed.at.file, deed.at.end, deed.at.start));
    model.limiters.dedup_by(|a, b| {
        a.at.file == b.at.file && b.at.start <= a.at.start && a.at.end <= b.at.end + 1
    });
}

/// What the values of a table are made of.
#[derive(Default, Clone, Copy)]
struct Parted {
    numbers: bool,
    times: bool,
    flags: bool,
    /// Numbers in a row, times in a row.
    rows: bool,
    series: bool,
    else_: bool,
}

impl Parts<'_, '_, '_> {
    /// Whether what a body makes outlives a request and a connection: it runs at start, or is a
    /// task that is started then.
    fn lasts(&self, node: NodeId) -> bool {
        match self.reach.entry_of(node) {
            None => self.reach.is_startup(node),
            Some(entry) => {
                entry.point.kind == EntryKind::Task
                    && entry.from.is_some_and(|from| self.sets_up(from))
            }
        }
    }

    fn limiter(&self, origin: Origin, ty: T) -> Option<Noted> {
        let peeled = self.places.peeled(ty);
        let OriginKind::Made(node, expr) = self.flow.origins.kind(origin) else { return None };
        let body = self.flow.node(node);
        let limits = self.places.role(peeled) == Some(Role::RateLimiter);
        if !limits || !self.lasts(node) || !self.reach.selected(body.def) {
            return None;
        }
        let Type::External(path, _) = &*self.names.types.get(peeled) else { return None };
        let external = self.names.externals.get(*path);
        let fact = self.names.catalog.type_fact(&external.text)?;
        let at = self.names.facts(body.file).expr(expr).at;
        // A static is named where it stands, and not where its value is put together.
        let at = match self.names.def(body.def).kind {
            DefKind::Static => self.names.span(body.def),
            _ => Span::new(body.file, at.start, at.end),
        };
        Some(Noted {
            at,
            call: format!("`{}`", external.text.rsplit("::").next().unwrap_or_default()),
            item: self.names.path(body.def),
            owner: self.reach.owner(body.def, Some(node)),
            access: None,
            setting: None,
            besides: false,
            lies: Lies::default(),
            because: Vec::new(),
            why: fact.why.clone(),
            instead: fact.instead.clone(),
        })
    }

    /// Whether a place keeps nothing but numbers and times, and a request that changes it is
    /// answered by what is in it.
    pub(super) fn limits(&self, place: Place) -> bool {
        let ty = self.place_type(place);
        let mut parted = Parted::default();
        let kept = self.counted(self.core(self.places.content(ty)));
        self.part(kept, &mut parted, 0);
        if parted.else_ || !(parted.numbers || parted.times) {
            return false;
        }
        // What was found out, and when, counts nothing.
        if parted.flags && !parted.numbers {
            return false;
        }
        // One time alone says when something was done last, and by whomever.
        let content = self.places.content(self.places.interior(ty).map_or(ty, |(_, ty)| ty));
        let content = self.core(content);
        let many = matches!(
            self.places.role(content),
            Some(Role::Collection | Role::SharedCollection | Role::Cache)
        );
        if !parted.numbers && !many {
            return false;
        }
        let touched = |kinds: &[TouchKind]| -> FxHashSet<DefId> {
            let touches = self
                .flow
                .touches
                .iter()
                .filter(|touch| kinds.contains(&touch.kind) && self.answers(touch.node));
            let touches = touches.filter(|touch| self.places.places(touch.what).contains(&place));
            touches.map(|touch| self.flow.node(touch.node).def).collect()
        };
        let mut changed = touched(&[TouchKind::Change, TouchKind::Count]);
        if !changed.is_empty() && parted.numbers && self.is_window(kept, parted.times) {
            return true;
        }
        if !changed.is_empty() && !parted.times && many && self.runs_ahead(kept) {
            return true;
        }
        // A number that is only put there as a whole, and never made of itself, counts nothing.
        let anew = parted.numbers && parted.times && self.is_counted_anew(place, kept);
        let counts = || anew || self.counts_up(place, kept);
        if parted.numbers && parted.times && !counts() {
            return false;
        }
        // A number alone is no limit: stock is compared too. One that time takes back is.
        let expires = self.places.interior(ty).is_some_and(|(role, _)| role == Role::Cache);
        let by_clock = !parted.times && (parted.rows || !expires);
        if by_clock && !(many && counts() && self.goes_by_clock(place, kept)) {
            return false;
        }
        // Who has it changed by another decides.
        let above = self.callers_of_defs(&changed);
        if anew {
            // Or who has it checked by one and counted by another.
            changed.extend(self.called_by(&above));
        }
        changed.extend(above);
        let clock = |side: &Val| by_clock && self.places.tells_time(side.from);
        let from_nothing = || expires && !self.is_filled_by_requests(place);
        self.flow.compares.iter().any(|compare| {
            let def = self.flow.node(compare.node).def;
            compare.order
                && self.answers(compare.node)
                && changed.contains(&def)
                && !compare.sides.iter().any(clock)
                && compare.sides.iter().any(|side| {
                    let timed = self.places.role(self.places.peeled(side.ty));
                    let tells = !parted.numbers || timed != Some(Role::Time);
                    tells
                        && (self.is_of(side.from, place, kept)
                            || from_nothing() && self.is_counted_of(side.from, place, kept))
                })
        })
    }

    /// Whether a number of a struct is compared with what the clock says, and the same grows out of
    /// itself: what is used up runs ahead of the clock. One that is only set anew is an expiry.
    fn runs_ahead(&self, kept: T) -> bool {
        let Type::Local(of, _) = *self.names.types.get(kept) else { return false };
        let field = |from: Froms| {
            self.flow.origins.list(from).iter().find_map(|origin| {
                match self.flow.origins.root(*origin) {
                    OriginKind::Field { of: on, name, .. } if on == of => Some(name),
                    _ => None,
                }
            })
        };
        let ahead =
            |side: Val, other: Val| field(side.from).filter(|_| self.places.tells_time(other.from));
        let due =
            self.flow.compares.iter().filter(|compare| compare.order && self.answers(compare.node));
        let due = due.filter_map(|compare| {
            let [one, other] = compare.sides;
            ahead(one, other).or_else(|| ahead(other, one))
        });
        let due: FxHashSet<_> = due.collect();
        !due.is_empty()
            && self.flow.touches.iter().any(|touch| {
                let name = field(touch.what).filter(|name| due.contains(name));
                let grows = touch.kind == TouchKind::Count
                    || touch.computed
                    || touch.value != Froms::NONE && field(touch.value) == name;
                let changes = matches!(touch.kind, TouchKind::Count | TouchKind::Change);
                changes && name.is_some() && grows && self.answers(touch.node)
            })
    }

    /// Whether what a place keeps is compared with what the clock says.
    fn goes_by_clock(&self, place: Place, kept: T) -> bool {
        self.flow.compares.iter().any(|compare| {
            let [one, other] = compare.sides;
            let clock =
                |a: Val, b: Val| self.is_of(a.from, place, kept) && self.places.tells_time(b.from);
            self.answers(compare.node) && (clock(one, other) || clock(other, one))
        })
    }

    /// The functions that call one of these for a request.
    fn callers_of_defs(&self, defs: &FxHashSet<DefId>) -> Vec<DefId> {
        let bodies = defs.iter().filter_map(|def| self.flow.bodies.get(def));
        let calls = bodies.filter_map(|body| self.places.callers.get(body)).flatten();
        let nodes = calls.map(|call| self.flow.call(*call).node);
        nodes.filter(|node| self.answers(*node)).map(|node| self.flow.node(node).def).collect()
    }

    /// The parts of a table that keeps nothing but times.
    fn of_times(&self, place: Place) -> Option<Parted> {
        let content = self.core(self.places.content(self.place_type(place)));
        let many = [Role::Collection, Role::SharedCollection];
        if !self.places.role(content).is_some_and(|role| many.contains(&role)) {
            return None;
        }
        let mut parted = Parted::default();
        self.part(self.counted(content), &mut parted, 0);
        let others = parted.numbers || parted.flags || parted.rows || parted.else_;
        (parted.times && !others).then_some(parted)
    }

    /// Whether a table says what is taken, and until when: whoever finds it there is too late, its
    /// time only lets it expire, and whoever has it lets go of it. Nothing is counted.
    pub(super) fn claims(&self, place: Place) -> bool {
        if self.of_times(place).is_none_or(|parted| parted.series) {
            return false;
        }
        let touches = || self.serving_changes(place);
        let lets_go = touches().any(|touch| touch.takes && touch.value != Froms::NONE);
        let expires: Vec<&Touch> =
            touches().filter(|touch| touch.takes && touch.computed).collect();
        let kept = self.counted(self.core(self.places.content(self.place_type(place))));
        let within = |node: NodeId| {
            let body = self.flow.node(node);
            expires.iter().any(|touch| {
                let at = touch.at;
                self.flow.node(touch.node).def == body.def
                    && touch.node != node
                    && at.start <= body.at.start
                    && body.at.end <= at.end
            })
        };
        lets_go
            && !expires.is_empty()
            && !self.flow.compares.iter().any(|compare| {
                !within(compare.node)
                    && compare.sides.iter().any(|side| self.is_of(side.from, place, kept))
            })
    }

    /// Whether a table only says since when something is under way, for whoever would begin it, too:
    /// who puts it there takes it out again, and changes nothing that others share.
    pub(super) fn marks_under_way(&self, place: Place) -> bool {
        if self.of_times(place).is_none() {
            return false;
        }
        let (taken, put): (Vec<_>, Vec<_>) = self.serving_changes(place).partition(|one| one.takes);
        let def = |node: NodeId| self.flow.node(node).def;
        let again = |by: DefId| taken.iter().any(|take| is_keyed(take) && def(take.node) == by);
        let changes = |by: DefId| {
            let body = self.flow.bodies.get(&by);
            let inside = body.map(|body| self.reach.inside(*body, None)).unwrap_or_default();
            let harmless =
                [Work::Listen, Work::Read, Work::Settle, Work::Repeat, Work::Call, Work::Ask];
            let lasting = |work: Work| !harmless.contains(&work);
            inside.iter().any(|(node, _)| self.deeds.any(*node, None, lasting))
        };
        !put.is_empty()
            && put.iter().all(|touch| again(def(touch.node)) && !changes(def(touch.node)))
    }

    fn serving_changes(&self, place: Place) -> impl Iterator<Item = &Touch> {
        self.flow.touches.iter().filter(move |touch| {
            touch.kind == TouchKind::Change
                && self.reach.is_serving(touch.node)
                && self.places.places(touch.what).contains(&place)
        })
    }

    /// Of a table that says what is under way, the parts of functions in which whoever comes finds
    /// it there: it is looked at, put there, and taken out again.
    pub(super) fn kept_out(&self, place: Place, put: &Touch) -> Option<(NodeId, Range)> {
        let here = self.flow.node(put.node).def;
        let of_here = |touch: &&Touch| self.flow.node(touch.node).def == here;
        let mut looks = self.flow.touches.iter().filter(|touch| {
            touch.kind == TouchKind::Read
                && touch.used != Used::No
                && touch.value != Froms::NONE
                && touch.at.start < put.at.start
        });
        let looks = put.used != Used::No
            || looks.any(|look| of_here(&look) && self.places.places(look.what).contains(&place));
        let ends = self
            .serving_changes(place)
            .filter(of_here)
            .filter(|take| take.takes && is_keyed(take) && take.at.start > put.at.end)
            .filter(|take| !self.flow.excludes(put.node, put.at, take.at));
        let end = ends.map(|take| take.at.start).min()?;
        looks.then(|| (self.flow.function_around(put.node), Range { start: put.at.end, end }))
    }

    /// Whether what a place keeps is counted, or what takes its place was computed from it.
    fn counts_up(&self, place: Place, kept: T) -> bool {
        self.flow.touches.iter().any(|touch| {
            self.answers(touch.node)
                && match touch.kind {
                    TouchKind::Count => self.is_of(touch.what, place, kept),
                    TouchKind::Change => {
                        let of_itself = || self.is_of(touch.last, place, kept);
                        !touch.takes
                            && self.is_of(touch.what, place, kept)
                            && (touch.computed || of_itself())
                    }
                    _ => false,
                }
        })
    }

    /// Whether a value is, or was computed from, what a place holds.
    fn is_of(&self, from: Froms, place: Place, kept: T) -> bool {
        let kept = match &*self.names.types.get(kept) {
            Type::Local(of, _) => Some(*of),
            _ => None,
        };
        self.flow.origins.list(from).iter().any(|origin| {
            let at = self.made_from(*origin);
            let field = match self.flow.origins.kind(at) {
                OriginKind::Field { of, .. } => Some(of),
                _ => None,
            };
            (field.is_some() && field == kept) || self.places.places_of(at).contains(&place)
        })
    }

    /// Whether what is put into a place is, or is made of, what a request brought.
    fn is_filled_by_requests(&self, place: Place) -> bool {
        let made = |origin: &Origin| match self.flow.origins.root(*origin) {
            OriginKind::Result(call) => {
                self.flow.call(call).args.iter().any(|arg| self.places.is_given(arg.from))
            }
            _ => false,
        };
        self.serving_changes(place).filter(|change| !change.takes).any(|change| {
            self.places.is_given(change.last)
                || self.flow.origins.list(change.last).iter().any(made)
        })
    }

    /// Whether a value is the number to which functions of the tree counted what a place holds.
    fn is_counted_of(&self, from: Froms, place: Place, kept: T) -> bool {
        let counted = |froms: &Froms| {
            self.flow.origins.list(*froms).iter().any(|origin| {
                let OriginKind::Counted(touch) = self.flow.origins.root(*origin) else {
                    return false;
                };
                let touch = self.flow.touches.get(touch as usize);
                touch.is_some_and(|touch| self.is_of(touch.what, place, kept))
            })
        };
        self.flow.origins.list(from).iter().any(|origin| match self.flow.origins.root(*origin) {
            OriginKind::Result(call) => self.places.answers(call).iter().any(counted),
            _ => false,
        })
    }

    /// Whether a value is, or was computed from, a place.
    pub(super) fn is_from(&self, origin: Origin, place: Place) -> bool {
        self.places.places_of(self.made_from(origin)).contains(&place)
    }

    fn made_from(&self, origin: Origin) -> Origin {
        let mut at = origin;
        while let OriginKind::Derived(inner) | OriginKind::Asked(inner, _) =
            self.flow.origins.kind(at)
        {
            at = inner;
        }
        at
    }

    /// Whether a body runs for a request.
    fn answers(&self, node: NodeId) -> bool {
        let entry = self.reach.entry_of(node);
        entry.is_some_and(|entry| entry.point.kind == EntryKind::Handler)
    }

    /// The values of a table; of something that is none, itself.
    fn counted(&self, ty: T) -> T {
        match &*self.names.types.get(ty) {
            Type::External(path, args) if args.len() == 2 => {
                match self.names.externals.get(*path).role {
                    Some(Role::Collection | Role::SharedCollection | Role::Cache) => {
                        self.places.content(args[1])
                    }
                    _ => ty,
                }
            }
            Type::External(path, args)
                if args.len() == 1
                    && self.names.externals.get(*path).role == Some(Role::Carrier) =>
            {
                self.counted(self.places.content(args[0]))
            }
            _ => ty,
        }
    }

    fn part(&self, ty: T, parted: &mut Parted, depth: u8) {
        let ty = self.places.content(ty);
        match &*self.names.types.get(ty) {
            Type::External(path, args) => {
                let external = self.names.externals.get(*path);
                match external.role {
                    Some(Role::Number | Role::Atomic) => parted.numbers = true,
                    // How long something takes says nothing of when it was.
                    Some(Role::Time) if self.names.type_fact(ty).is_some_and(|f| f.length) => {
                        parted.numbers = true;
                    }
                    Some(Role::Time) => parted.times = true,
                    _ if &*external.text == "bool" => parted.flags = true,
                    Some(Role::Collection) if args.len() == 1 && depth < 3 => {
                        let mut inner = Parted::default();
                        self.part(args[0], &mut inner, depth + 1);
                        parted.times |= inner.times;
                        parted.series |= inner.times;
                        parted.rows |= inner.numbers;
                        parted.else_ |= inner.else_ || inner.flags;
                    }
                    None if &*external.text == "tuple" && depth < 3 && !args.is_empty() => {
                        for arg in args {
                            self.part(*arg, parted, depth + 1);
                        }
                    }
                    _ => parted.else_ = true,
                }
            }
            Type::Local(of, args) if depth < 3 => {
                let fields = self.names.fields(*of);
                parted.else_ |= fields.is_empty();
                for field in fields {
                    let ty = self.names.field_type(*of, field, args);
                    self.part(ty, parted, depth + 1);
                }
            }
            _ => parted.else_ = true,
        }
    }
}

/// Whether one thing is taken out, and not all that are of some kind.
fn is_keyed(take: &Touch) -> bool {
    !take.computed && take.value != Froms::NONE
}
