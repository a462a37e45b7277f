//! What does a path mean, seen from a scope? Items, imports, globs, extern crates, the prelude.

use super::{DefId, DefKind, Names, PathId, Res, Space};
use crate::discover::{Dependency, TargetKind};
use crate::parse::tree::Use;
use crate::symbol::Symbol;

impl<'a> Names<'a> {
    /// Resolves a path as written inside `scope`. `Self` is for the caller to know.
    pub fn resolve(&self, scope: DefId, path: &[Symbol], absolute: bool, space: Space) -> Res {
        let Some((first, rest)) = path.split_first() else { return Res::Unknown };
        let start_space = if rest.is_empty() { space } else { Space::Types };
        let start = if absolute {
            self.extern_crate(scope, *first)
        } else {
            self.first_segment(scope, *first, start_space)
        };
        self.walk(start, rest, space)
    }

    pub(super) fn walk(&self, start: Res, rest: &[Symbol], space: Space) -> Res {
        let mut at = start;
        for (index, segment) in rest.iter().enumerate() {
            let last = index + 1 == rest.len();
            at = match at {
                Res::Def(id) => self.member(id, *segment, if last { space } else { Space::Types }),
                Res::External(path) => {
                    Res::External(self.externals.join(path, *segment, self.text(*segment)))
                }
                Res::Associated(..) | Res::Unknown => Res::Unknown,
            };
        }
        at
    }

    /// `name` inside a definition.
    fn member(&self, id: DefId, name: Symbol, space: Space) -> Res {
        let id = if Some(name) == self.words.super_ || Some(name) == self.words.self_ {
            return match Some(name) == self.words.self_ {
                true => Res::Def(id),
                false => Res::Def(self.outer_module(id)),
            };
        } else {
            id
        };
        match self.def(id).kind {
            DefKind::Module | DefKind::Block => self.named(id, name, space),
            DefKind::Enum => match self.variant(id, name) {
                Some(variant) => Res::Def(variant),
                None => Res::Associated(id, name),
            },
            DefKind::Struct | DefKind::Alias | DefKind::Trait => Res::Associated(id, name),
            _ => Res::Unknown,
        }
    }

    /// A macro's path, where it leads outside the tree.
    pub fn resolve_macro(&self, scope: DefId, path: &[Symbol]) -> Option<PathId> {
        match self.resolve(scope, path, false, Space::Types) {
            Res::External(id) => Some(id),
            _ => None,
        }
    }

    /// The function that an attribute on `of`, or on a field of it, names in a text.
    pub fn function_at(&self, of: DefId, path: &str) -> Option<DefId> {
        let segments: Option<Vec<Symbol>> =
            path.split("::").map(|segment| self.symbols.find(segment.trim())).collect();
        let segments = segments?;
        if let [first, name] = *segments
            && self.is_self_type(first)
        {
            return self.functions_of(of, name).first().copied();
        }
        match self.resolve(self.scope_of(of), &segments, false, Space::Values) {
            Res::Def(id) => Some(id),
            Res::Associated(of, name) => self.functions_of(of, name).first().copied(),
            _ => None,
        }
    }

    /// The variant of that name of an enum of the tree.
    pub fn variant_of(&self, of: DefId, name: Symbol) -> Option<DefId> {
        (self.def(of).kind == DefKind::Enum).then(|| self.variant(of, name)).flatten()
    }

    /// The variants of an enum; nothing of anything else.
    pub fn variants(&self, of: DefId) -> impl Iterator<Item = DefId> + '_ {
        let behind = self.defs[of.0 as usize + 1..].iter();
        let count = behind
            .take_while(|def| def.kind == DefKind::Variant && def.parent == of)
            .count() as u32;
        (of.0 + 1..of.0 + 1 + count).map(DefId)
    }

    fn variant(&self, of: DefId, name: Symbol) -> Option<DefId> {
        // Variants are defined right behind their enum.
        self.defs[of.0 as usize + 1..]
            .iter()
            .take_while(|def| def.kind == DefKind::Variant && def.parent == of)
            .position(|def| def.name == name)
            .map(|offset| DefId(of.0 + 1 + offset as u32))
    }

    fn outer_module(&self, id: DefId) -> DefId {
        let mut at = self.def(id).parent;
        while self.def(at).kind != DefKind::Module {
            at = self.def(at).parent;
        }
        at
    }

    fn first_segment(&self, scope: DefId, name: Symbol, space: Space) -> Res {
        let words = self.words;
        if Some(name) == words.krate {
            return Res::Def(self.roots[self.def(scope).unit]);
        }
        if Some(name) == words.self_ || Some(name) == words.super_ {
            let mut module = scope;
            while self.def(module).kind != DefKind::Module {
                module = self.def(module).parent;
            }
            let own = Some(name) == words.self_;
            return Res::Def(if own { module } else { self.outer_module(module) });
        }
        let mut at = scope;
        loop {
            match self.named(at, name, space) {
                Res::Unknown => {}
                found => return found,
            }
            if self.def(at).kind == DefKind::Module {
                break;
            }
            at = self.def(at).parent;
            while !matches!(self.def(at).kind, DefKind::Module | DefKind::Block) {
                at = self.def(at).parent;
            }
        }
        match self.extern_crate(scope, name) {
            Res::Unknown => match self.catalog.prelude(self.text(name)) {
                Some(path) => Res::External(self.externals.intern(path)),
                None => Res::Unknown,
            },
            found => found,
        }
    }

    /// A name as a crate: a dependency, the package's own library, the standard library.
    fn extern_crate(&self, scope: DefId, name: Symbol) -> Res {
        let unit = self.def(scope).unit;
        if let Some(known) = self.crates.borrow().get(&(unit, name)) {
            return *known;
        }
        let found = self.find_crate(unit, name);
        self.crates.borrow_mut().insert((unit, name), found);
        found
    }

    fn find_crate(&self, unit_index: usize, name: Symbol) -> Res {
        let unit = &self.units[unit_index];
        let package = &self.project.packages[unit.package];
        let text = self.text(name);
        if let Some(original) = self.scopes[&self.roots[unit_index]].crates.get(&name)
            && *original != name
        {
            return self.find_crate(unit_index, *original);
        }
        if let Some(dependency) = package.dependencies.iter().find(|d| d.name == text) {
            let krate = dependency.package.replace('-', "_");
            return match self.libraries.get(&krate) {
                Some(unit) => Res::Def(self.roots[*unit]),
                None => Res::External(self.externals.intern(&krate)),
            };
        }
        // `[lib] name = ".."` of the tree; a dependency that is renamed is called as it says.
        let called = |dependency: &Dependency| {
            let krate = dependency.package.replace('-', "_");
            let unit = *self.libraries.get(&krate)?;
            (dependency.name == krate && self.units[unit].name == text).then_some(unit)
        };
        if let Some(unit) = package.dependencies.iter().find_map(called) {
            return Res::Def(self.roots[unit]);
        }
        let mut packages = package.dependencies.iter().map(|d| d.package.as_str());
        if packages.any(|package| self.catalog.library(package) == Some(text)) {
            return Res::External(self.externals.intern(text));
        }
        if unit.kind != TargetKind::Lib {
            let own = self.units.iter().position(|other| {
                other.kind == TargetKind::Lib && other.package == unit.package && other.name == text
            });
            if let Some(own) = own {
                return Res::Def(self.roots[own]);
            }
        }
        match text {
            "std" | "core" | "alloc" => Res::External(self.externals.intern(text)),
            _ => Res::Unknown,
        }
    }

    /// `name` as declared in or imported into a scope; memoised, and [`Res::Unknown`] in a circle.
    pub(super) fn named(&self, scope: DefId, name: Symbol, space: Space) -> Res {
        let key = (scope, name, space);
        if let Some(res) = self.looked_up.borrow().get(&key) {
            return *res;
        }
        self.looked_up.borrow_mut().insert(key, Res::Unknown);
        let res = self.search(scope, name, space);
        self.looked_up.borrow_mut().insert(key, res);
        res
    }

    fn search(&self, scope: DefId, name: Symbol, space: Space) -> Res {
        let Some(declared) = self.scopes.get(&scope) else { return Res::Unknown };
        let own = match space {
            Space::Types => &declared.types,
            Space::Values => &declared.values,
        };
        if let Some(id) = own.get(&name) {
            return Res::Def(*id);
        }
        for used in declared.imports.get(&name).into_iter().flatten() {
            match self.resolve_use(scope, used, space) {
                Res::Unknown | Res::Associated(..) => {}
                found => return found,
            }
        }
        let mut outside = None;
        for used in &declared.globs {
            match self.resolve_use(scope, used, Space::Types) {
                Res::Def(id) if id != scope => match self.member(id, name, space) {
                    Res::Unknown | Res::Associated(..) => {}
                    found => return found,
                },
                Res::External(path) => {
                    let known = self.known_below(path, name);
                    outside = outside.or(known);
                }
                _ => {}
            }
        }
        let text = self.text(name);
        let written = declared.written.filter(|(_, ending)| text.ends_with(*ending));
        let written = written.filter(|_| space == Space::Types);
        let written = written.map(|(krate, _)| self.externals.join(krate, name, text));
        let derived = declared.derived.get(&name).filter(|_| space == Space::Types).copied();
        derived.or(outside).or(written).map_or(Res::Unknown, Res::External)
    }

    /// A name from a glob of an outside module counts only where the catalogue knows it there:
    /// it might as well come from another glob.
    fn known_below(&self, path: PathId, name: Symbol) -> Option<PathId> {
        let id = self.externals.join(path, name, self.text(name));
        let text = &self.externals.get(id).text;
        self.catalog.knows(text).then_some(id)
    }

    fn resolve_use(&self, scope: DefId, used: &Use, space: Space) -> Res {
        let Some((first, rest)) = used.path.split_first() else {
            return Res::Def(self.roots[self.def(scope).unit]);
        };
        let start_space = if rest.is_empty() { space } else { Space::Types };
        let start = if used.absolute {
            self.extern_crate(scope, *first)
        } else if rest.is_empty() && !used.glob {
            // `use name as other;`, `use name;`: never the import itself.
            self.extern_crate_or_item(scope, *first, start_space)
        } else {
            self.first_segment(scope, *first, start_space)
        };
        self.walk(start, rest, space)
    }

    fn extern_crate_or_item(&self, scope: DefId, name: Symbol, space: Space) -> Res {
        match self.extern_crate(scope, name) {
            Res::Unknown => self.first_segment(scope, name, space),
            found => found,
        }
    }
}
