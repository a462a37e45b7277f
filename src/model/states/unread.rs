//! Which parts of what is kept does nobody who serves ever look at? That they are changed says
//! nothing to anybody.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Parts;
use crate::catalog::Role;
use crate::flow::{NodeId, OriginKind, Touch, TouchKind, Used};
use crate::resolve::{DefId, Res, T, Type};
use crate::symbol::Symbol;

pub(super) struct Unread<'p, 'm, 'a> {
    parts: &'p Parts<'p, 'm, 'a>,
    /// Names of calls whose target is not known: anything of that name may be meant.
    untold: FxHashSet<Symbol>,
    /// Where parts are changed, and no more is asked.
    changed: FxHashMap<(NodeId, u32), Vec<(DefId, Symbol)>>,
    known: FxHashMap<(DefId, Symbol), bool>,
    /// Structs that are put into texts as a whole.
    told: FxHashSet<DefId>,
}

impl<'p, 'm, 'a> Unread<'p, 'm, 'a> {
    pub(super) fn new(parts: &'p Parts<'p, 'm, 'a>) -> Unread<'p, 'm, 'a> {
        let calls = parts.flow.unknown_calls.iter();
        let serving = calls.filter(|(node, _)| parts.reach.is_serving(**node));
        let untold = serving.flat_map(|(_, names)| names).copied().collect();
        let (changed, known, told) = Default::default();
        let mut unread = Unread { parts, untold, changed, known, told };
        parts.flow.told_as_text.iter().for_each(|ty| unread.tell(*ty, 0));
        for touch in &parts.flow.touches {
            if touch.kind == TouchKind::Change && touch.used == Used::No {
                let chain = unread.chain(touch).unwrap_or_default();
                let at = unread.changed.entry((touch.node, touch.at.start)).or_default();
                at.extend(chain);
            }
        }
        unread
    }

    /// Whether a touch changes a part of a struct of the tree that nobody looks at.
    pub(super) fn has(&mut self, touch: &Touch) -> bool {
        let Some(chain) = self.chain(touch) else { return false };
        let Some((of, name)) = chain.into_iter().find(|(of, name)| self.is_part(*of, *name)) else {
            return false;
        };
        if let Some(known) = self.known.get(&(of, name)) {
            return *known;
        }
        let unread = self.is_unread(of, name);
        self.known.insert((of, name), unread);
        unread
    }

    /// The fields that a touch goes through, the last first, where that is told.
    fn chain(&self, touch: &Touch) -> Option<Vec<(DefId, Symbol)>> {
        let origins = &self.parts.flow.origins;
        let [origin] = *origins.list(touch.what) else { return None };
        let (mut at, mut chain) = (origin, Vec::new());
        loop {
            at = match origins.kind(at) {
                OriginKind::Field { base, of, name } => {
                    chain.push((of, name));
                    match base {
                        Some(base) => base,
                        None => return Some(chain),
                    }
                }
                OriginKind::Content(inner) | OriginKind::Derived(inner) => inner,
                _ => return Some(chain),
            };
        }
    }

    /// Whether a field can only be got at through its struct, which only this tree takes apart.
    fn is_part(&self, of: DefId, name: Symbol) -> bool {
        let names = self.parts.names;
        let numbered = names.text(name).starts_with(|first: char| first.is_ascii_digit());
        let Some(field) = names.field(of, name) else { return false };
        let ty = names.field_type(of, field, &[]);
        let own = match self.parts.places.role(ty) {
            // What is counted stands for what was done to it, whoever asks.
            Some(Role::Number | Role::Atomic) => false,
            Some(Role::Collection) => !names.is_lent(of, field),
            _ => self.parts.is_plain(of, name),
        };
        own && !numbered && names.is_only_copied(of) && !self.told.contains(&of)
    }

    /// Notes the structs of the tree that a text shows where it shows a value of this type.
    fn tell(&mut self, ty: T, depth: u8) {
        let names = self.parts.names;
        match &*names.types.get(ty).clone() {
            Type::Local(of, args)
                if depth < 8 && names.shows_its_parts(*of) && self.told.insert(*of) =>
            {
                for field in names.fields(*of) {
                    self.tell(names.field_type(*of, field, args), depth + 1);
                }
            }
            Type::External(_, args) if depth < 8 => {
                args.iter().for_each(|arg| self.tell(*arg, depth + 1));
            }
            _ => {}
        }
    }

    fn is_unread(&self, of: DefId, name: Symbol) -> bool {
        let mentions = self.parts.flow.mentioned.get(&name).into_iter().flatten();
        let mut read = mentions.filter(|(node, at)| !self.is_changed(*node, *at, of, name));
        !read.any(|(node, _)| self.may_run(*node))
    }

    fn is_changed(&self, node: NodeId, at: u32, of: DefId, name: Symbol) -> bool {
        let changed = self.changed.get(&(node, at));
        changed.is_some_and(|fields| fields.contains(&(of, name)))
    }

    /// Whether a body serves, or what is not of this tree may run it.
    fn may_run(&self, node: NodeId) -> bool {
        let Parts { names, flow, reach, .. } = self.parts;
        let def = flow.node(node).def;
        let foreign = || matches!(names.trait_of(def), Some(Res::External(_)));
        reach.is_serving(node) || self.untold.contains(&names.def(def).name) || foreign()
    }
}
