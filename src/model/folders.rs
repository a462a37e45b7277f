//! Which folder is meant? Where a path begins, and what is known to stand behind that: two
//! folders beneath one root are two.

mod alike;
mod settings;
mod tails;
mod variables;
mod words;

use rustc_hash::FxHashSet;

use self::settings::Next;
pub(super) use self::settings::Times;
use self::tails::Tails;
use self::words::Words;
use super::after::After;
use super::places::{MOST_STEPS, Places};
use super::roots::{Preset, Root};
use crate::catalog::DiskEffect;
use crate::flow::{CallId, Froms, Origin, OriginKind};
use crate::resolve::Names;
use crate::symbol::Symbol;

/// The beginning of a path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Folder {
    /// None: it begins with its own text.
    pub(super) root: Option<Root>,
    /// The names that follow, as far as they are known.
    pub(super) behind: Vec<String>,
    /// Something follows that is not known.
    pub(super) open: bool,
    /// The name that follows, where something is filled into it: how it begins and ends.
    filled: Option<(String, String)>,
    /// More is known of what follows that, so that this says little.
    vague: bool,
    /// Nothing better is known of the path.
    alone: bool,
    /// What is known behind the part that is not, which is all of one value, and that value.
    after: Option<After>,
    /// The names by which it may end.
    tails: Tails,
    /// The settings of which one follows.
    next: Option<Next>,
    /// The words for which it was given.
    words: Option<Words>,
    /// What was followed to where it begins, and how much of that when the settings were told.
    through: Vec<(Origin, u32)>,
    settled: usize,
}

/// One path may begin in so many places.
const MOST_FOLDERS: usize = 32;

#[derive(Default)]
struct Walked {
    seen: FxHashSet<(Origin, u32)>,
    steps: usize,
    /// Values of which a beginning was found.
    begun: FxHashSet<Froms>,
    /// Something was come upon twice, and not followed to what stands behind it the second time.
    cut: bool,
    /// What was come upon twice.
    again: Vec<(Origin, u32)>,
}

impl Folder {
    fn of(root: Root) -> Folder {
        Folder { root: Some(root), ..Folder::default() }
    }

    /// What a text alone says.
    fn said(text: &str) -> Folder {
        let tails = Tails::of([Some(text)].into_iter());
        let mut folder = Folder { tails, ..Folder::default() };
        folder.add(text);
        folder
    }

    /// A root behind something that is not known.
    pub(super) fn somewhere(names: &Names<'_>, root: Root) -> Folder {
        match root {
            Root::Text(text) => Folder::said(names.text(text)),
            root => Folder { open: true, ..Folder::of(root) },
        }
    }

    /// What a text says, up to where something is filled in.
    fn add(&mut self, text: &str) {
        let text = match self.root.is_none() && self.behind.is_empty() {
            true => text.trim_start_matches("./"),
            false => text,
        };
        let absolute = self.root.is_none() && self.behind.is_empty() && text.starts_with('/');
        for part in text.split('/').filter(|part| !part.is_empty() && *part != ".") {
            if self.open {
                return;
            }
            if let Some((begins, rest)) = part.split_once('{') {
                self.open = true;
                let ends = rest.rsplit_once('}').map_or("", |(_, ends)| ends);
                self.filled = Some((begins.to_string(), ends.to_string()));
                return;
            }
            let first = absolute && self.behind.is_empty();
            self.behind.push(if first { format!("/{part}") } else { part.to_string() });
        }
    }

    /// Whether what lies in one may lie in the other, seen from a call that touches it.
    pub(super) fn meets(&self, other: &Folder, is_folder: bool) -> bool {
        let exact = |one: &Folder| !one.open && !one.behind.is_empty();
        let says_little = self.vague && other.vague && !self.alone && !other.alone
            || self.vague && exact(other)
            || other.vague && !is_folder && exact(self);
        let parts = self.after.as_ref().is_some_and(|own| own.parts_from(other.after.as_ref()));
        if self.root != other.root || says_little || parts || self.tails.parts_from(&other.tails) {
            return false;
        }
        let shared = self.behind.len().min(other.behind.len());
        if self.is_set_apart(other)
            || self.behind[..shared] != other.behind[..shared]
            || !self.allows(other, shared)
            || !other.allows(self, shared)
        {
            return false;
        }
        match self.root {
            Some(_) => true,
            None if self.behind.is_empty() => false,
            None if is_folder && !self.open => other.behind.len() >= self.behind.len(),
            None => self.behind.len() == other.behind.len(),
        }
    }

    /// Whether the name into which something is filled may be the one that another has there.
    fn allows(&self, other: &Folder, at: usize) -> bool {
        let Some((begins, ends)) = self.filled.as_ref().filter(|_| self.behind.len() == at) else {
            return true;
        };
        let either = |one: &str, two: &str, within: fn(&str, &str) -> bool| {
            within(one, two) || within(two, one)
        };
        match (other.behind.get(at), &other.filled) {
            (Some(name), _) => {
                name.len() >= begins.len() + ends.len()
                    && name.starts_with(begins.as_str())
                    && name.ends_with(ends.as_str())
            }
            (None, Some((first, last))) => {
                either(begins, first, |one, two| one.starts_with(two))
                    && either(ends, last, |one, two| one.ends_with(two))
            }
            (None, None) => true,
        }
    }

    /// What stands behind the root, as a path.
    pub(super) fn rest(&self) -> String {
        self.behind.join("/")
    }

    /// The names that tell its directory apart from others: beneath a root the first of them,
    /// else all but that of a file.
    pub(super) fn directory(&self, is_folder: bool) -> &[String] {
        let folders = match self.open || is_folder {
            true => self.behind.len(),
            false => self.behind.len().saturating_sub(1),
        };
        match self.root {
            Some(_) => &self.behind[..folders.min(1)],
            None if folders == 0 => &self.behind,
            None => &self.behind[..folders],
        }
    }

    fn is_named(&self) -> bool {
        match self.root {
            Some(Root::Field(..) | Root::Static(_) | Root::Asked(..) | Root::Variable(_)) => true,
            Some(_) => false,
            None => is_telling(&self.rest()),
        }
    }
}

fn is_telling(text: &str) -> bool {
    text.len() > 2 && text.contains(|c: char| c.is_alphanumeric())
}

impl Places<'_, '_> {
    /// Where a path may begin.
    pub(super) fn folders(&self, froms: Froms) -> Vec<Folder> {
        let mut found = Vec::new();
        let mut walked = Walked::default();
        self.folders_of(froms, &[], &mut walked, &mut found);
        // It may go on in other ways from there.
        if walked.cut {
            found.iter_mut().for_each(|folder| folder.after = None);
        }
        found.iter_mut().for_each(|folder| folder.keep_surely_next(&walked.again));
        let mut met = FxHashSet::default();
        found.retain(|folder| met.insert(folder.clone()));
        found
    }

    fn folders_of(
        &self,
        froms: Froms,
        calls: &[CallId],
        walked: &mut Walked,
        found: &mut Vec<Folder>,
    ) {
        let names_it = |origin: &Origin| match self.flow.origins.kind(*origin) {
            OriginKind::Noted(call) => self.flow.random.contains(&call),
            OriginKind::Registered(_)
            | OriginKind::Variable(_)
            | OriginKind::Counted(_)
            | OriginKind::Route(_)
            | OriginKind::Made(..)
            | OriginKind::Handed(_) => false,
            _ => true,
        };
        let all = self.flow.origins.list(froms);
        let list: Vec<Origin> = all.iter().copied().filter(names_it).collect();
        let Some((first, rest)) = list.split_first() else { return };
        if found.len() > MOST_FOLDERS {
            return;
        }
        // `format!("sqlite:{}", file)`: the path is what stands behind the scheme.
        let (first, rest, scheme) = match (self.scheme(*first), rest.split_first()) {
            (Some(text), Some((behind, rest))) => (behind, rest, Some(text)),
            _ => (first, rest, None),
        };
        let mut begun = Vec::new();
        match self.variable(*first, all) {
            None => self.begin(*first, calls, walked, &mut begun),
            found => begun.extend(found),
        }
        // A folder of the machine in the middle of a path is another way to begin.
        let mut joined = Vec::with_capacity(rest.len());
        for origin in rest {
            let mut other = Vec::new();
            if joined.is_empty() && self.is_answer(*origin) {
                self.begin(*origin, calls, walked, &mut other);
            }
            let outside =
                |one: &Folder| matches!(one.root, Some(Root::Outside(_) | Root::Scratch(_)));
            match !other.is_empty() && other.iter().all(outside) {
                true => begun.append(&mut other),
                false => joined.push(*origin),
            }
        }
        match begun.is_empty() {
            true => walked.cut |= !joined.is_empty() && !walked.begun.contains(&froms),
            false => drop(walked.begun.insert(froms)),
        }
        let words = rest.iter().map(|origin| self.word(*origin));
        let words = words.map(|word| word.map(|text| self.names.text(text)));
        let tails = (!rest.is_empty()).then(|| Tails::of(words));
        for folder in &mut begun {
            let was_open = folder.open;
            folder.tails = tails.clone().unwrap_or_else(|| std::mem::take(&mut folder.tails));
            match (folder.open, scheme) {
                (true, _) => {
                    folder.after.iter_mut().for_each(|after| self.go_behind(after, &joined))
                }
                (false, Some(text)) => self.fill(folder, text, &joined),
                (false, None) => self.go_on(folder, &joined),
            }
            if scheme.is_none() && folder.open && !joined.is_empty() {
                self.follow_settings(folder, (*first, &joined), calls, was_open);
            }
            // All that is added from here on stands behind this value.
            if folder.open && folder.after.is_none() {
                folder.after = Some(After::of(froms));
            }
        }
        found.append(&mut begun);
        // Nothing can stand before what begins at the top: it is another way to begin.
        // .. as is what stands in for a variable of the environment that is not set.
        let stands_in = rest.len() == 1 && self.is_environment(*first);
        for origin in rest {
            let begins = |text: &Symbol| stands_in || self.names.text(*text).starts_with('/');
            if let Some(text) = self.word(*origin).filter(begins) {
                found.push(Folder::somewhere(self.names, Root::Text(text)));
            }
        }
    }

    fn is_answer(&self, origin: Origin) -> bool {
        match self.flow.origins.kind(origin) {
            OriginKind::Result(_) => true,
            OriginKind::Derived(inner) => self.is_answer(inner),
            _ => false,
        }
    }

    /// Adds what a format string says behind its first word, the others being these.
    fn fill(&self, folder: &mut Folder, text: &str, others: &[Origin]) {
        let filled = text.matches('{').count();
        if filled == 1 {
            self.go_on(folder, others);
        } else if filled != others.len() + 1 {
            folder.open = true;
        }
        folder.add(text.split_once('}').map_or("", |(_, rest)| rest));
    }

    /// Adds what is joined to the beginning of a path.
    fn go_on(&self, folder: &mut Folder, rest: &[Origin]) {
        let template = |origin: &Origin| match self.flow.origins.kind(*origin) {
            OriginKind::Text(text) if self.names.text(text).contains('{') => Some(text),
            _ => None,
        };
        // `format!("{folder}/pictures/{name}")` says itself what stands behind its first word.
        if let Some(at) = rest.iter().position(|origin| template(origin).is_some()) {
            let text = template(&rest[at]).map_or("", |text| self.names.text(text));
            match text.starts_with('{') {
                true => self.fill(folder, text, &rest[..at]),
                false if at == 0 => folder.add(text),
                false => folder.open = true,
            }
            if at + 1 < rest.len() && !folder.open {
                self.go_on(folder, &rest[at + 1..]);
            }
            return;
        }
        let outside =
            |origin: &Origin| matches!(self.flow.origins.kind(*origin), OriginKind::External(_));
        // Of what another's function does with words, nothing is known.
        if rest.iter().any(outside) {
            (folder.open, folder.vague) = (true, true);
            return;
        }
        for (at, origin) in rest.iter().enumerate() {
            match self.word(*origin) {
                Some(text) if self.names.text(text).starts_with('/') => {}
                Some(text) => folder.add(self.names.text(text)),
                None => {
                    folder.open = true;
                    folder.vague = rest[at + 1..].iter().any(|other| self.word(*other).is_some());
                }
            }
            if folder.open {
                return;
            }
        }
    }

    /// The text that something always is.
    pub(super) fn word(&self, origin: Origin) -> Option<Symbol> {
        match self.flow.origins.kind(origin) {
            OriginKind::Text(text) => Some(text),
            OriginKind::Derived(inner) | OriginKind::Content(inner) => self.word(inner),
            OriginKind::Static(id) => {
                let node = self.flow.bodies.get(&id)?;
                match *self.flow.origins.list(self.flow.node(*node).returns) {
                    [only] => self.word(only),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn begin(&self, at: Origin, calls: &[CallId], walked: &mut Walked, found: &mut Vec<Folder>) {
        walked.steps += 1;
        let mark = calls.last().map_or(u32::MAX, |call| call.0);
        if walked.steps > MOST_STEPS || !walked.seen.insert((at, mark)) {
            walked.again.push((at, mark));
            return;
        }
        let before = found.len();
        self.begin_at(at, calls, walked, found);
        found[before..].iter_mut().for_each(|folder| folder.through.push((at, mark)));
    }

    fn begin_at(&self, at: Origin, calls: &[CallId], walked: &mut Walked, found: &mut Vec<Folder>) {
        let unknown = || Folder { open: true, ..Folder::of(Root::Given) };
        match self.flow.origins.kind(at) {
            OriginKind::Static(id) => {
                let ty = crate::flow::static_type(self.names, id);
                if !self.is_struct(ty) && !self.is_shelf(ty) {
                    found.push(Folder::of(Root::Static(id)));
                }
                if let Some(node) = self.flow.bodies.get(&id) {
                    self.folders_of(self.flow.node(*node).returns, calls, walked, found);
                }
                for froms in self.once.get(&id).into_iter().flatten() {
                    self.folders_of(*froms, &[], walked, found);
                }
            }
            OriginKind::Text(text) => found.push(Folder::said(self.names.text(text))),
            OriginKind::Content(inner) | OriginKind::Derived(inner) => {
                self.begin(inner, calls, walked, found);
            }
            OriginKind::Asked(inner, name) | OriginKind::Part(inner, name) => {
                let served = match self.flow.origins.kind(inner) {
                    OriginKind::Param(node, index) => self.is_served(node, index),
                    _ => false,
                };
                match self.asked_of(inner, 0) {
                    Some(of) if !served => found.push(Folder::of(Root::Asked(of, name))),
                    _ => self.begin(inner, calls, walked, found),
                }
            }
            OriginKind::Field { base: Some(base), .. } if self.is_brought(base) => {
                found.push(unknown());
            }
            OriginKind::Field { of, name, .. } => {
                let told = self.told_by(of, name);
                if told.chooses {
                    found.push(Folder::of(Root::Field(of, name)));
                }
                for froms in self.stores.get(&(of, name)).into_iter().flatten() {
                    self.folders_of(*froms, &[], walked, found);
                }
                match told.preset {
                    Some(Preset::Text(text)) => found.push(Folder::said(self.names.text(text))),
                    Some(Preset::Function(made)) => self.folders_of(made, &[], walked, found),
                    None => {}
                }
            }
            OriginKind::Param(node, index) => {
                if let Some(known) = self.known_param(node, index) {
                    return known
                        .iter()
                        .for_each(|froms| self.folders_of(*froms, &[], walked, found));
                }
                let before = found.len();
                if self.entry_nodes.contains(&node) {
                    let taken = self.taken(node, index, &mut super::places::Trail::default());
                    found.extend(taken.into_iter().map(Folder::of));
                    if found.len() == before {
                        found.push(unknown());
                    }
                }
                self.each_argument(node, index, calls, |froms, calls| {
                    self.folders_of(froms, calls, walked, found);
                });
            }
            OriginKind::Result(call) => {
                let mut deeper = calls.to_vec();
                deeper.push(call);
                let before = found.len();
                for froms in self.flow.given(at, call) {
                    self.folders_of(froms, &deeper, walked, found);
                }
                self.note_words(call, calls, &mut found[before..]);
            }
            OriginKind::External(path) => {
                let fact = self.names.catalog.call(&self.names.externals.get(path).text);
                let scratch = fact.is_some_and(|fact| fact.disk == Some(DiskEffect::Temporary));
                found.push(Folder::of(match scratch {
                    true => Root::Scratch(path),
                    false => Root::Outside(path),
                }));
            }
            OriginKind::Noted(call) => found.push(Folder::of(Root::Answer(call))),
            OriginKind::Made(..)
            | OriginKind::Variable(_)
            | OriginKind::Handed(_)
            | OriginKind::Counted(_)
            | OriginKind::Route(_)
            | OriginKind::Registered(_) => {}
        }
    }
}

/// The beginnings that name a folder of this service; a bare file name or a request does not.
pub(super) fn telling(names: &Names<'_>, all: Vec<Folder>, others: Vec<Root>) -> Vec<Folder> {
    let (mut named, mut behind): (Vec<Folder>, Vec<Folder>) =
        all.into_iter().partition(Folder::is_named);
    if !named.is_empty() {
        if named.iter().all(|folder| folder.vague) {
            named.iter_mut().for_each(|folder| folder.alone = true);
        }
        return named;
    }
    // What only stands behind something unknown tells less.
    let told = |folder: &Folder| {
        matches!(folder.root, Some(Root::Outside(_))) && is_telling(&folder.rest())
    };
    let after = match &behind[..] {
        [only] => only.after.clone(),
        _ => None,
    };
    behind.retain(told);
    if !behind.is_empty() {
        return behind;
    }
    named.extend(others.into_iter().map(|root| {
        let after = after.clone();
        Folder { after, ..Folder::somewhere(names, root) }
    }));
    named
}
