//! What is joined to a folder by a setting? Two settings beneath one folder are two folders.

use rustc_hash::FxHashSet;

use super::{Folder, Places};
use crate::flow::{CallId, Callee, Flow, Froms, NodeId, Origin, OriginKind, TouchKind};
use crate::model::places::MOST_STEPS;
use crate::model::reach::Reach;
use crate::model::roots::Preset;
use crate::parse::tree::Attr;
use crate::resolve::{DefId, PathId, T};
use crate::symbol::Symbol;

/// What may be joined: fields that hold the same for as long as the process runs, and texts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Setting {
    Field(DefId, Symbol),
    Text(Vec<String>),
}

/// The settings of which one follows in a path, right behind what is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Next {
    /// What they are joined to, where that is not told by the folder itself.
    on: Option<Origin>,
    settings: Vec<Setting>,
}

/// What runs when.
pub(in crate::model) struct Times {
    /// What only runs before the first request comes.
    starts: FxHashSet<NodeId>,
    serving: FxHashSet<NodeId>,
    /// Fields into which something serving puts a value.
    late: FxHashSet<(DefId, Symbol)>,
}

impl Times {
    pub(in crate::model) fn of(flow: &Flow, reach: &Reach<'_, '_>) -> Times {
        let (starts, serving) = reach.times();
        let stores = flow.stores.iter().filter(|store| serving.contains(&store.node));
        let mut late: FxHashSet<(DefId, Symbol)> =
            stores.map(|store| (store.of, store.field)).collect();
        for touch in flow.touches.iter().filter(|touch| touch.kind == TouchKind::Fill) {
            for origin in flow.origins.list(touch.what) {
                if let OriginKind::Field { of, name, .. } = flow.origins.kind(*origin) {
                    late.insert((of, name));
                }
            }
        }
        Times { starts, serving, late }
    }
}

/// What was asked of one value: nothing is asked twice, since one "no" is the answer to all of it.
#[derive(Default)]
struct Asked {
    seen: FxHashSet<(Origin, u32)>,
    lasting: FxHashSet<(Origin, u32, bool)>,
    steps: usize,
    settings: Vec<Setting>,
}

impl Asked {
    fn is_within(&mut self) -> bool {
        self.steps += 1;
        self.steps <= MOST_STEPS
    }
}

fn mark(calls: &[CallId]) -> u32 {
    calls.last().map_or(u32::MAX, |call| call.0)
}

impl Setting {
    fn said(text: &str) -> Setting {
        let parts = text.split('/').filter(|part| !matches!(*part, "" | "."));
        Setting::Text(parts.map(String::from).collect())
    }

    fn may_be(&self, other: &Setting) -> bool {
        match (self, other) {
            (Setting::Text(one), Setting::Text(two)) => {
                let both = one.len().min(two.len());
                one[..both] == two[..both]
            }
            _ => self == other,
        }
    }
}

impl Next {
    /// Whether another follows on the same, and never is one of these.
    fn parts_from(&self, other: &Next) -> bool {
        let is_text = |one: &Setting| matches!(one, Setting::Text(_));
        // Of what nobody but a setting says, it may say the same as a text.
        let unsaid = |one: &Next, two: &Next| {
            one.settings.iter().all(is_text) && !two.settings.iter().any(is_text)
        };
        let met = |one: &Setting| other.settings.iter().any(|two| one.may_be(two));
        self.on == other.on
            && !unsaid(self, other)
            && !unsaid(other, self)
            && !self.settings.iter().any(met)
    }
}

impl Folder {
    /// Whether settings follow on both, and never the same.
    pub(super) fn is_set_apart(&self, other: &Folder) -> bool {
        let nexts = self.next.as_ref().zip(other.next.as_ref());
        self.behind == other.behind && nexts.is_some_and(|(own, next)| own.parts_from(next))
    }

    /// Leaves out what follows where its beginning was also come upon in other ways.
    pub(super) fn keep_surely_next(&mut self, again: &[(Origin, u32)]) {
        let through = std::mem::take(&mut self.through);
        let settled = std::mem::take(&mut self.settled);
        if through[..settled.min(through.len())].iter().any(|one| again.contains(one)) {
            self.next = None;
        }
    }
}

impl Places<'_, '_> {
    /// Takes note of the settings that follow on a folder which begins with the first of these.
    pub(super) fn follow_settings(
        &self,
        folder: &mut Folder,
        (first, joined): (Origin, &[Origin]),
        calls: &[CallId],
        was_open: bool,
    ) {
        let template = |origin: &Origin| {
            self.word(*origin).is_some_and(|text| self.names.text(text).contains('{'))
        };
        if folder.next.is_some() || template(&first) || joined.iter().any(template) {
            return;
        }
        let on = match was_open {
            true => match self.always_the_same(first) {
                Some(on) => Some(on),
                None => return,
            },
            false => None,
        };
        let unknown = joined.iter().skip_while(|origin| self.word(**origin).is_some() && !was_open);
        let mut asked = Asked::default();
        let settings = unknown.take_while(|origin| {
            let mut one = Asked::default();
            let known = self.is_setting(**origin, calls, &mut one) && !one.settings.is_empty();
            if known {
                asked.settings.append(&mut one.settings);
            }
            known
        });
        if settings.count() > 0 {
            folder.next = Some(Next { on, settings: asked.settings });
            folder.settled = folder.through.len();
        }
    }

    /// What a function gives that is told nothing, or a static.
    fn always_the_same(&self, origin: Origin) -> Option<Origin> {
        match self.flow.origins.kind(origin) {
            OriginKind::Derived(inner) | OriginKind::Content(inner) => self.always_the_same(inner),
            OriginKind::Static(_) => Some(origin),
            OriginKind::Result(call) => {
                let call = self.flow.call(call);
                let known = matches!(call.callee, Callee::Defs(_)) && call.args.is_empty();
                known.then_some(origin)
            }
            _ => None,
        }
    }

    /// Takes note of what a field is when nobody sets it: whether that is known.
    fn is_preset(&self, of: DefId, name: Symbol, asked: &mut Asked) -> bool {
        match self.told_by(of, name).preset {
            Some(Preset::Text(text)) => {
                asked.settings.push(Setting::said(self.names.text(text)));
                true
            }
            Some(Preset::Function(made)) => self.are_settings(made, &[], asked),
            None => {
                if self.may_be_left_out(of, name) {
                    asked.settings.push(Setting::said(""));
                }
                true
            }
        }
    }

    /// Whether an attribute says what a field is when nobody sets it, be it nothing.
    fn may_be_left_out(&self, of: DefId, name: Symbol) -> bool {
        let says = |attr: &Attr| {
            let words = attr.path.iter().map(|word| self.names.text(*word));
            words
                .chain(attr.tokens.split([',', '=', '(', ')']).map(str::trim))
                .any(|w| w == "default")
        };
        let whole = self.names.def(of).item.into_iter().flat_map(|item| &item.attrs);
        let own = self.names.field(of, name).into_iter().flat_map(|field| &field.attrs);
        whole.chain(own).any(says)
    }

    /// Whether all that take a field out of something that its origin does not tell do so at start.
    fn is_taken_at_start(&self, of: DefId, name: Symbol) -> bool {
        let taken = self.flow.taken.get(&(of, name));
        taken.is_some_and(|taken| taken.iter().all(|node| self.times.starts.contains(node)))
    }

    fn are_settings(&self, froms: Froms, calls: &[CallId], asked: &mut Asked) -> bool {
        let origins = self.flow.origins.list(froms);
        !origins.is_empty() && origins.iter().all(|one| self.is_setting(*one, calls, asked))
    }

    /// Whether a value is one that a setting gives, or a text, wherever it may come from.
    fn is_setting(&self, origin: Origin, calls: &[CallId], asked: &mut Asked) -> bool {
        if !asked.is_within() || !asked.seen.insert((origin, mark(calls))) {
            return asked.steps <= MOST_STEPS;
        }
        match self.flow.origins.kind(origin) {
            OriginKind::Text(text) => {
                let text = self.names.text(text);
                asked.settings.push(Setting::said(text));
                !text.contains(['{', '"']) && !text.contains("..")
            }
            OriginKind::Derived(inner) | OriginKind::Content(inner) => {
                self.is_setting(inner, calls, asked)
            }
            OriginKind::Field { base, of, name } => {
                asked.settings.push(Setting::Field(of, name));
                let lasts = match base {
                    Some(base) => !self.is_brought(base) && self.lasts(base, None, calls, asked),
                    None => self.is_taken_at_start(of, name),
                };
                let put = || self.stores.get(&(of, name)).into_iter().flatten();
                lasts
                    && self.is_preset(of, name, asked)
                    && put().all(|from| match *from {
                        Froms::NONE => !self.times.late.contains(&(of, name)),
                        from => self.are_settings(from, &[], asked),
                    })
            }
            OriginKind::External(path) => {
                &*self.names.externals.get(path).text == "std::option::Option::None"
            }
            OriginKind::Static(id) => {
                let body = self.flow.bodies.get(&id);
                body.is_some_and(|body| {
                    self.are_settings(self.flow.node(*body).returns, &[], asked)
                })
            }
            // What nothing runs puts nothing anywhere.
            OriginKind::Param(node, _) if !self.runs_ever(node) => true,
            OriginKind::Param(node, index) => {
                self.all_handed(node, index, calls, |froms, calls| {
                    self.are_settings(froms, calls, asked)
                })
            }
            OriginKind::Result(call) => {
                let mut deeper = calls.to_vec();
                deeper.push(call);
                let answers = self.flow.given(origin, call);
                !answers.is_empty()
                    && answers.iter().all(|froms| self.are_settings(*froms, &deeper, asked))
            }
            _ => false,
        }
    }

    /// Whether all that callers hand over for a parameter is such, and there are any.
    fn all_handed(
        &self,
        node: NodeId,
        index: u16,
        calls: &[CallId],
        mut is: impl FnMut(Froms, &[CallId]) -> bool,
    ) -> bool {
        if self.entry_nodes.contains(&node) {
            return false;
        }
        let (mut any, mut all) = (false, true);
        self.each_argument(node, index, calls, |froms, calls| {
            any = true;
            all = all && is(froms, calls);
        });
        any && all
    }

    /// Whether a value is there from the start, and none that a request or a message brings.
    fn lasts(
        &self,
        origin: Origin,
        by: Option<NodeId>,
        calls: &[CallId],
        asked: &mut Asked,
    ) -> bool {
        let at_start = by.is_some_and(|by| self.times.starts.contains(&by));
        if !asked.is_within() || !asked.lasting.insert((origin, mark(calls), at_start)) {
            return asked.steps <= MOST_STEPS;
        }
        match self.flow.origins.kind(origin) {
            OriginKind::Static(id) => {
                self.interior(crate::flow::static_type(self.names, id)).is_none()
            }
            OriginKind::Handed(ty) => self.is_shared_type(ty),
            OriginKind::Derived(inner)
            | OriginKind::Content(inner)
            | OriginKind::Asked(inner, _)
            | OriginKind::Part(inner, _) => self.lasts(inner, by, calls, asked),
            OriginKind::Field { base: Some(base), of, name } => {
                !self.is_brought(base)
                    && self.own_place(of, name).is_none()
                    && match self.stores.get(&(of, name)) {
                        Some(_) if self.is_put_at_start(of, name) => true,
                        Some(all) => all.iter().all(|from| self.all_last(*from, None, &[], asked)),
                        None => self.lasts(base, by, calls, asked),
                    }
            }
            // What is put into a table or a channel later was not there when that was made.
            OriginKind::Made(node, _) => {
                let ty = self.flow.made.get(&origin);
                !self.times.serving.contains(&node) && ty.is_some_and(|ty| self.is_struct(*ty))
            }
            OriginKind::Param(node, _) if !self.times.serving.contains(&node) => true,
            OriginKind::Param(node, index) => {
                self.is_shared(node, index) || self.all_handed_last(node, index, by, calls, asked)
            }
            OriginKind::Result(call) => {
                let mut deeper = calls.to_vec();
                deeper.push(call);
                let at = self.flow.call(call).node;
                let by = by.filter(|by| self.times.starts.contains(by)).unwrap_or(at);
                let answers = self.flow.given(origin, call);
                !answers.is_empty()
                    && answers.iter().all(|froms| self.all_last(*froms, Some(by), &deeper, asked))
            }
            OriginKind::External(path) if self.is_of_environment(path) => true,
            OriginKind::External(_) | OriginKind::Noted(_) | OriginKind::Text(_) => at_start,
            _ => false,
        }
    }

    fn runs_ever(&self, node: NodeId) -> bool {
        self.times.starts.contains(&node) || self.times.serving.contains(&node)
    }

    fn is_of_environment(&self, path: PathId) -> bool {
        let fact = self.names.catalog.call(&self.names.externals.get(path).text);
        fact.is_some_and(|fact| fact.environment)
    }

    /// Whether a field holds a struct that was put there before the first request came.
    fn is_put_at_start(&self, of: DefId, name: Symbol) -> bool {
        let field = self.names.field(of, name);
        let ty = field.map_or(T::UNKNOWN, |field| self.names.field_type(of, field, &[]));
        self.is_struct(ty) && !self.times.late.contains(&(of, name))
    }

    fn all_last(
        &self,
        froms: Froms,
        by: Option<NodeId>,
        calls: &[CallId],
        asked: &mut Asked,
    ) -> bool {
        let origins = self.flow.origins.list(froms);
        !origins.is_empty() && origins.iter().all(|one| self.lasts(*one, by, calls, asked))
    }

    fn all_handed_last(
        &self,
        node: NodeId,
        index: u16,
        by: Option<NodeId>,
        calls: &[CallId],
        asked: &mut Asked,
    ) -> bool {
        if self.entry_nodes.contains(&node) {
            return false;
        }
        let (mut any, mut all) = (false, true);
        self.each_handed(node, index, calls, |froms, outer, up| {
            let into = calls.get(outer.len()).filter(|call| self.runs(**call, node));
            let call = up.map(|(call, _)| call).or(into.copied());
            let at = call.map(|call| self.flow.call(call).node);
            let by = by.filter(|by| self.times.starts.contains(by)).or(at);
            any = true;
            all = all && self.all_last(froms, by, outer, asked);
        });
        any && all
    }

    /// Whether a handler is given for a parameter what all of them share.
    fn is_shared(&self, node: NodeId, index: u16) -> bool {
        let ty = self.flow.node(node).params.get(index as usize);
        self.entry_nodes.contains(&node)
            && ty.is_some_and(|ty| self.peeled(*ty) != *ty && self.is_shared_type(*ty))
    }

    fn is_shared_type(&self, ty: T) -> bool {
        let own = self.peeled(ty);
        self.flow.shared.iter().any(|one| self.peeled(one.val.ty) == own)
            && self.interior(own).is_none()
    }
}
