//! What is in a value that was made without a word about it? `HashMap::new()` is a map of whatever
//! the `let`, the parameter or the field says that it goes to.

use rustc_hash::FxHashMap;

use super::{Callee, Flow, NodeId, Origin, OriginKind};
use crate::catalog::Role;
use crate::resolve::{Names, T, Type};

/// Types within types are compared this far.
const DEEPEST: u8 = 8;

impl Flow {
    /// Learns what made values hold from where they go: to parameters and fields whose types say it.
    pub(super) fn tell_made(&mut self, names: &Names<'_>) {
        let bare = |ty: T| !is_told(names, ty, 0);
        let bare: Vec<Origin> =
            self.made.iter().filter(|(_, ty)| bare(**ty)).map(|(origin, _)| *origin).collect();
        if bare.is_empty() {
            return;
        }
        let mut found: FxHashMap<Origin, T> = bare.iter().map(|at| (*at, self.made[at])).collect();
        let mut tell = |origin: Origin, said: T| {
            if let Some(made) = found.get_mut(&origin)
                && let Some(fuller) = fuller(names, *made, said, 0)
            {
                *made = fuller;
            }
        };
        let is_made = |origin: &Origin| matches!(self.origins.kind(*origin), OriginKind::Made(..));
        for call in &self.calls {
            let Callee::Defs(defs) = &call.callee else { continue };
            // Where several may be meant, nobody knows which.
            let [def] = **defs else { continue };
            let Some(node) = self.bodies.get(&def) else { continue };
            let params = &self.node(*node).params;
            for (arg, said) in call.args.iter().zip(params) {
                let made = self.origins.list(arg.from).iter().filter(|origin| is_made(origin));
                made.for_each(|origin| tell(*origin, *said));
            }
        }
        for store in &self.stores {
            let mut made = self.origins.list(store.from).iter().filter(|at| is_made(at)).peekable();
            if made.peek().is_some()
                && let Some(field) = names.field(store.of, store.field)
            {
                let said = names.field_type(store.of, field, &[]);
                made.for_each(|origin| tell(*origin, said));
            }
        }
        self.made.extend(found);
    }

    /// Learns what values that are handed to all handlers hold from what these ask for, where only
    /// one thing can be meant.
    pub(super) fn tell_shared(&mut self, names: &Names<'_>) {
        let bare = |ty: T| match &*names.types.get(around_none(names, ty)) {
            Type::External(path, _) => {
                let keeps = matches!(
                    names.externals.get(*path).role,
                    Some(Role::Lock | Role::Cell | Role::SharedCollection | Role::Cache)
                );
                keeps && !is_told(names, ty, 0)
            }
            _ => false,
        };
        if !self.shared.iter().any(|shared| bare(shared.val.ty)) {
            return;
        }
        let mut asked: Vec<T> = self.origins.handed().collect();
        for ty in self.registrations.iter().flat_map(|registered| &registered.targets) {
            let node = match &*names.types.get(*ty) {
                Type::Function(def) => self.bodies.get(def).copied(),
                Type::Closure(node) => Some(NodeId(*node)),
                _ => None,
            };
            asked.extend(node.into_iter().flat_map(|node| self.node(node).params.clone()));
        }
        let asked = distinct(names, asked);
        // What a macro makes a handler is not registered here.
        let params = self.nodes.iter().flat_map(|node| node.params.iter().copied());
        let taken = distinct(names, params.collect());
        for index in 0..self.shared.len() {
            let val = self.shared[index].val;
            if !bare(val.ty) {
                continue;
            }
            let made = around_none(names, val.ty);
            let meant = |said: &[T]| -> Vec<T> {
                said.iter().filter_map(|said| fuller(names, made, *said, 0)).collect()
            };
            let mut told = meant(&asked);
            if told.is_empty() {
                told = meant(&taken);
            }
            let [told] = *told else { continue };
            self.shared[index].val.ty = told;
            for origin in self.origins.list(val.from) {
                if let Some(made) = self.made.get_mut(origin)
                    && let Some(fuller) = fuller(names, around_none(names, *made), told, 0)
                {
                    *made = fuller;
                }
            }
        }
    }
}

/// The types among these, with nothing around them.
fn distinct(names: &Names<'_>, mut types: Vec<T>) -> Vec<T> {
    types.iter_mut().for_each(|ty| *ty = around_none(names, *ty));
    types.sort();
    types.dedup();
    types
}

/// A type with the pointers around it, and what a handler is handed it in, taken away.
fn around_none(names: &Names<'_>, ty: T) -> T {
    without(names, ty, &[Role::Pointer, Role::Guard])
}

/// A type without what is around it that is one of these.
pub(super) fn without(names: &Names<'_>, ty: T, around: &[Role]) -> T {
    let mut at = ty;
    while let Type::External(path, args) = &*names.types.get(at)
        && names.externals.get(*path).role.is_some_and(|role| around.contains(&role))
        && let Some(inner) = args.first()
    {
        at = *inner;
    }
    at
}

/// What is made, with what is said of the things in it; `None` where nothing new is said.
pub(super) fn fuller(names: &Names<'_>, made: T, said: T, depth: u8) -> Option<T> {
    if depth > DEEPEST || made == said {
        return None;
    }
    let (Type::External(path, known), Type::External(other, args)) =
        (&*names.types.get(made).clone(), &*names.types.get(said).clone())
    else {
        return (made == T::UNKNOWN && is_told(names, said, 0)).then_some(said);
    };
    if path != other {
        // A pointer to it says what it is, too.
        let pointer = names.externals.get(*other).role == Some(Role::Pointer);
        return fuller(names, made, *args.first().filter(|_| pointer)?, depth + 1);
    }
    if known.is_empty() {
        return (!args.is_empty() && is_told(names, said, 0)).then_some(said);
    }
    if known.len() != args.len() {
        return None;
    }
    let parts: Vec<Option<T>> =
        known.iter().zip(args).map(|(own, arg)| fuller(names, *own, *arg, depth + 1)).collect();
    let new = parts.iter().any(Option::is_some);
    let parts = parts.into_iter().zip(known).map(|(new, own)| new.unwrap_or(*own));
    new.then(|| names.types.intern(Type::External(*path, parts.collect())))
}

/// Whether a type says all there is to say: nothing in it is unknown or stands for something else,
/// and no collection holds nobody knows what.
pub(crate) fn is_told(names: &Names<'_>, ty: T, depth: u8) -> bool {
    match &*names.types.get(ty) {
        Type::External(path, args) => {
            let fact = names.catalog.type_fact(&names.externals.get(*path).text);
            let holds = fact.is_some_and(|fact| !fact.params.is_empty());
            depth <= DEEPEST
                && (!holds || !args.is_empty())
                && args.iter().all(|arg| is_told(names, *arg, depth + 1))
        }
        Type::Local(_, args) => args.iter().all(|arg| is_told(names, *arg, depth + 1)),
        Type::Unknown | Type::Param(..) => false,
        Type::Bounds(_) | Type::Function(_) | Type::Closure(_) => true,
    }
}
