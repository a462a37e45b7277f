//! Which fields only hold a handle to what lives elsewhere? Clones of one `Arc` are one place.

use rustc_hash::{FxHashMap, FxHashSet};

use super::places::{Place, Places};
use super::reach::Reach;
use super::shared::Shared;
use crate::catalog::Role;
use crate::diagnostic::Step;
use crate::flow::{Flow, NodeId, Origin, OriginKind};
use crate::resolve::{DefId, Names, Type};
use crate::symbol::Symbol;

/// Longer ways from handle to handle are cut.
const MOST_HANDS: usize = 6;

/// Fields that hold a handle, and where it leads.
#[derive(Default)]
pub(super) struct Handles {
    sources: FxHashMap<Place, Vec<Place>>,
    /// Why a place is shared of which a shared field holds a handle.
    why: FxHashMap<Place, Step>,
}

impl Handles {
    pub(super) fn new(
        names: &Names<'_>,
        flow: &Flow,
        reach: &Reach<'_, '_>,
        places: &Places<'_, '_>,
        shared: &Shared,
    ) -> Handles {
        let mut handles = Handles::default();
        let mut held: FxHashMap<Place, Vec<Place>> = FxHashMap::default();
        for ((of, name), stores) in &places.stores {
            let of = *of;
            let Some(own) = handle(names, places, of, *name) else { continue };
            let found: Vec<Vec<Place>> = stores
                .iter()
                .map(|froms| match shared.of_type(of) {
                    // What is shared by itself lives elsewhere only where that is certain.
                    Some(_) => places.places(*froms),
                    None => shared.meant(places, *froms),
                })
                .map(|found| found.into_iter().filter(|place| *place != own).collect())
                .collect();
            let certain = shared.of_type(of).is_none() || found.iter().all(|one| !one.is_empty());
            let mut sources = found.concat();
            sources.sort();
            sources.dedup();
            if sources.is_empty() || shared.of_type(of).is_some() && sources.len() > 1 || !certain {
                continue;
            }
            for source in &sources {
                held.entry(*source).or_default().push(own);
            }
            handles.sources.insert(own, sources);
        }
        handles.settle(&held, &Makers { names, flow, reach, shared });
        handles.tell_why(shared);
        handles
    }

    /// What several structs hold that was made in one place lives where a reader would look: in the
    /// struct whose own function made it, else in the variable of the start-up code. What one
    /// struct alone holds lives there, wherever it was made, and so does what is made again and
    /// again.
    fn settle(&mut self, held: &FxHashMap<Place, Vec<Place>>, makers: &Makers<'_, '_, '_>) {
        let mut lives: FxHashMap<Place, Place> = FxHashMap::default();
        for (source, holders) in held {
            let Place::Made(origin) = source else { continue };
            if let Some(holder) = holders.iter().find(|holder| makers.is_made_by(*origin, **holder))
            {
                lives.insert(*source, *holder);
            } else if holders.len() > 1 && makers.is_named_at_start(*origin)
                || makers.shared.of_made(*origin).is_some()
            {
                lives.insert(*source, *source);
            }
        }
        let shared = makers.shared;
        self.sources.retain(|own, sources| {
            let Place::Field(of, _) = own else { return false };
            let alone = |source: &Place| held.get(source).is_none_or(|by| by.len() < 2);
            let own_shared = shared.of_type(*of).is_some();
            sources.retain_mut(|source| match (*source, lives.get(source)) {
                (Place::Made(_), None) => false,
                (Place::Made(_), Some(lives)) if own_shared && lives == source => !alone(source),
                (Place::Made(_), Some(lives)) => {
                    *source = *lives;
                    true
                }
                // What is only passed on from one struct to the next lives in the last.
                (Place::Field(of, _), _) if own_shared && shared.of_type(of).is_none() => {
                    !alone(source)
                }
                _ => true,
            });
            sources.retain(|source| source != own);
            !sources.is_empty()
        });
        // A variable of which one shared struct holds a handle is that struct's field.
        for (source, holders) in held {
            let Place::Made(_) = source else { continue };
            let holder = match (lives.get(source), holders.as_slice()) {
                (Some(lives), _) if lives != source => *lives,
                (_, [one]) => *one,
                _ => continue,
            };
            let Place::Field(of, _) = holder else { continue };
            if shared.of_type(of).is_some() && !self.sources.contains_key(&holder) {
                self.sources.insert(*source, vec![holder]);
            }
        }
    }

    fn tell_why(&mut self, shared: &Shared) {
        let mut owns: Vec<Place> = self.sources.keys().copied().collect();
        owns.sort();
        for own in owns {
            let Place::Field(of, _) = own else { continue };
            let Some(step) = shared.of_type(of) else { continue };
            for place in self.lives(own) {
                self.why.entry(place).or_insert_with(|| step.clone());
            }
        }
    }

    pub(super) fn why(&self, place: Place) -> Option<&Step> {
        self.why.get(&place)
    }

    /// Where what a place holds lives.
    pub(super) fn lives(&self, place: Place) -> Vec<Place> {
        let mut found = Vec::new();
        let mut seen = FxHashSet::default();
        let mut todo = vec![(place, 0)];
        while let Some((at, hands)) = todo.pop() {
            if !seen.insert(at) {
                continue;
            }
            match self.sources.get(&at).filter(|_| hands < MOST_HANDS) {
                Some(sources) => todo.extend(sources.iter().map(|source| (*source, hands + 1))),
                None => found.push(at),
            }
        }
        // A circle leads nowhere.
        if found.is_empty() { vec![place] } else { found }
    }
}

/// Who made what.
struct Makers<'m, 'r, 'a> {
    names: &'m Names<'a>,
    flow: &'m Flow,
    reach: &'m Reach<'r, 'a>,
    shared: &'m Shared,
}

impl Makers<'_, '_, '_> {
    /// The body in which a value was made.
    fn maker(&self, origin: Origin) -> Option<NodeId> {
        match self.flow.origins.kind(origin) {
            OriginKind::Made(node, _) => Some(node),
            _ => None,
        }
    }

    /// Whether a function of the struct that has the field made it.
    fn is_made_by(&self, origin: Origin, field: Place) -> bool {
        let (Some(node), Place::Field(of, _)) = (self.maker(origin), field) else { return false };
        let owner = self.names.owner(self.flow.node(node).def);
        let block = owner.and_then(|owner| self.names.impls.of(owner));
        block.is_some_and(|block| {
            matches!(&*self.names.types.get(block.self_type), Type::Local(id, _) if *id == of)
        })
    }

    fn is_named_at_start(&self, origin: Origin) -> bool {
        let named = self.flow.bindings.contains_key(&origin);
        let once = |node| self.reach.is_startup(node) && !self.reach.is_serving(node);
        named && self.maker(origin).is_some_and(once)
    }
}

/// The place that a field is, where it holds a handle to something that changes.
fn handle(names: &Names<'_>, places: &Places<'_, '_>, of: DefId, name: Symbol) -> Option<Place> {
    let index = names.fields(of).iter().position(|field| field.name == name)?;
    let ty = names.field_type(of, &names.fields(of)[index], &[]);
    let is_handle = places.role(ty) == Some(Role::Pointer);
    (is_handle && places.interior(ty).is_some()).then_some(Place::Field(of, index as u32))
}
