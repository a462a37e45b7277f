//! Which items stand where? The definitions of one unit and the scopes that hold their names.

use rustc_hash::FxHashMap;

use super::{Def, DefId, DefKind, Names, PathId};
use crate::catalog::MacroFact;
use crate::parse::Facts;
use crate::parse::tree::{Block, Cfg, ExprKind, FeatureCfg, Item, ItemKind, Range, Use};
use crate::source::FileId;
use crate::symbol::Symbol;

/// The names that one module or block declares.
#[derive(Debug, Default)]
pub(super) struct Scope<'a> {
    pub(super) types: FxHashMap<Symbol, DefId>,
    pub(super) values: FxHashMap<Symbol, DefId>,
    pub(super) imports: FxHashMap<Symbol, Vec<&'a Use>>,
    pub(super) globs: Vec<&'a Use>,
    /// `extern crate a as b;`: `b` to `a`.
    pub(super) crates: FxHashMap<Symbol, Symbol>,
    /// A macro writes modules in here whose names end so, with clients of services.
    pub(super) written: Option<(PathId, &'a str)>,
    /// Types that derives declare beside their items, and what they are known as.
    pub(super) derived: FxHashMap<Symbol, PathId>,
}

/// Where the walk stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    unit: usize,
    file: FileId,
    parent: DefId,
    behind: Option<&'a FeatureCfg>,
}

impl<'a> Names<'a> {
    pub(super) fn collect_unit(&mut self, index: usize) {
        let unit = &self.units[index];
        let id = DefId(self.defs.len() as u32);
        self.roots.push(id);
        self.defs.push(Def {
            kind: DefKind::Module,
            name: Symbol::NAMELESS,
            parent: id,
            unit: index,
            file: unit.root,
            item: None,
            behind: None,
        });
        self.scopes.insert(id, Scope::default());
        if let Some(facts) = self.facts.get(&unit.root).copied() {
            let place = Place { unit: index, file: unit.root, parent: id, behind: None };
            self.collect_items(place, &facts.items);
            self.collect_blocks(place);
        }
    }

    fn collect_items(&mut self, place: Place<'a>, items: &'a [Item]) {
        for item in items {
            self.collect_item(place, item);
        }
    }

    fn collect_item(&mut self, mut place: Place<'a>, item: &'a Item) {
        if let Cfg::Features(condition) = &item.cfg
            && !self.is_on(place.unit, condition)
        {
            place.behind = place.behind.or(Some(condition));
        }
        let kind = match &item.kind {
            ItemKind::Use(used) => {
                let scope = self.scope_mut(place.parent);
                match used.glob {
                    true => scope.globs.push(used),
                    false => scope.imports.entry(item.name).or_default().push(used),
                }
                return;
            }
            ItemKind::ExternCrate { krate } => {
                self.scope_mut(place.parent).crates.insert(item.name, *krate);
                return;
            }
            ItemKind::MacroCall { path, .. } => {
                let name = path.last().map_or("", |name| self.text(*name));
                let package = &self.project.packages[self.units[place.unit].package];
                let beside = |fact: &&MacroFact| {
                    let mut used = package.dependencies.iter();
                    fact.beside.is_empty() || used.any(|used| used.package == fact.beside)
                };
                if let Some(fact) = self.catalog.writes(name).filter(beside) {
                    let krate = self.externals.intern(&fact.writes);
                    self.scope_mut(place.parent).written = Some((krate, &fact.ending));
                }
                return;
            }
            ItemKind::Mod { .. } => DefKind::Module,
            ItemKind::Static { .. } => DefKind::Static,
            ItemKind::Const { .. } => DefKind::Const,
            ItemKind::Fn(_) => DefKind::Function,
            ItemKind::Struct { .. } => DefKind::Struct,
            ItemKind::Enum { .. } => DefKind::Enum,
            ItemKind::Alias { .. } => DefKind::Alias,
            ItemKind::Trait { .. } => DefKind::Trait,
            ItemKind::Impl { .. } => DefKind::Impl,
        };
        let id = self.define(place, item.name, kind, Some(item));
        let inside = Place { parent: id, ..place };
        match &item.kind {
            ItemKind::Mod { items: Some(items), .. } => {
                self.scopes.insert(id, Scope::default());
                self.collect_items(inside, items);
            }
            ItemKind::Mod { items: None, .. } => {
                self.scopes.insert(id, Scope::default());
                let key = (place.file, item.at.start);
                let file = self.units[place.unit].children.get(&key).copied();
                if let Some(file) = file
                    && let Some(facts) = self.facts.get(&file).copied()
                {
                    self.defs[id.0 as usize].file = file;
                    let inside = Place { file, ..inside };
                    self.collect_items(inside, &facts.items);
                    self.collect_blocks(inside);
                }
            }
            ItemKind::Enum { variants, .. } => {
                for variant in variants {
                    self.define(inside, variant.name, DefKind::Variant, None);
                }
            }
            ItemKind::Trait { items, .. } | ItemKind::Impl { items, .. } => {
                for item in items {
                    self.collect_item(inside, item);
                }
            }
            _ => {}
        }
    }

    fn define(
        &mut self,
        place: Place<'a>,
        name: Symbol,
        kind: DefKind,
        item: Option<&'a Item>,
    ) -> DefId {
        let id = DefId(self.defs.len() as u32);
        let Place { unit, file, parent, behind } = place;
        self.defs.push(Def { kind, name, parent, unit, file, item, behind });
        let Some(scope) = self.scopes.get_mut(&parent) else { return id };
        let (types, values) = match kind {
            DefKind::Module | DefKind::Enum | DefKind::Alias | DefKind::Trait => (true, false),
            DefKind::Static | DefKind::Const | DefKind::Function => (false, true),
            DefKind::Struct => (true, true),
            DefKind::Variant | DefKind::Impl | DefKind::Block => (false, false),
        };
        // Of cfg twins the one that is on in this run gives the name.
        let keep = |map: &mut FxHashMap<Symbol, DefId>| {
            if behind.is_none() || !map.contains_key(&name) {
                map.insert(name, id);
            }
        };
        if types {
            keep(&mut scope.types);
        }
        if values {
            let before = scope.values.get(&name).copied();
            keep(&mut scope.values);
            // Which of two is on, where no feature says it, cannot be told: either may be called.
            let bare = |twin: &DefId| self.defs[twin.0 as usize].behind.is_none();
            if let Some(twin) = before.filter(|twin| behind.is_none() && bare(twin))
                && matches!(kind, DefKind::Function | DefKind::Const)
            {
                self.twins.insert(id, twin);
            }
        }
        id
    }

    /// Blocks of the file that declare items become scopes inside the innermost module or block.
    fn collect_blocks(&mut self, place: Place<'a>) {
        let facts = self.facts[&place.file];
        for (index, expr) in facts.exprs.iter().enumerate() {
            let ExprKind::Block(Block { items, .. }) = &expr.kind else { continue };
            if items.is_empty() {
                continue;
            }
            let parent = self.innermost(place, expr.at.start);
            let id = DefId(self.defs.len() as u32);
            let def = &self.defs[parent.0 as usize];
            let (name, behind) = (def.name, def.behind);
            self.defs.push(Def {
                kind: DefKind::Block,
                name,
                parent,
                unit: place.unit,
                file: place.file,
                item: None,
                behind,
            });
            self.scopes.insert(id, Scope::default());
            let block = crate::parse::tree::ExprId(index as u32);
            self.blocks.insert((place.unit, place.file, block), id);
            self.collect_items(Place { parent: id, behind, ..place }, items);
        }
    }

    /// The innermost definition of this file that holds a place.
    fn innermost(&self, place: Place<'a>, at: u32) -> DefId {
        let start = place.parent.0 as usize;
        let mut best = (place.parent, u32::MAX);
        for (index, def) in self.defs.iter().enumerate().skip(start) {
            let Some(item) = def.item else { continue };
            let holds = def.file == place.file
                && item.whole.start <= at
                && at < item.whole.end
                && !matches!(item.kind, ItemKind::Mod { items: None, .. });
            if holds && item.whole.end - item.whole.start <= best.1 {
                best = (DefId(index as u32), item.whole.end - item.whole.start);
            }
        }
        best.0
    }

    fn scope_mut(&mut self, id: DefId) -> &mut Scope<'a> {
        self.scopes.entry(id).or_default()
    }

    /// Whether a condition over features holds for the unit's package in this run.
    pub(super) fn is_on(&self, unit: usize, condition: &FeatureCfg) -> bool {
        let on = &self.project.packages[self.units[unit].package].enabled;
        condition.holds(on)
    }

    /// The features that a place in the text of a definition stands behind, where they are off.
    pub fn behind(&self, id: DefId, at: Range) -> Option<&'a FeatureCfg> {
        let def = self.def(id);
        let facts: &'a Facts = self.facts.get(&def.file)?;
        def.behind.or_else(|| {
            let mut inside = facts.behind.iter().filter(|(part, _)| part.holds(at));
            inside.find(|(_, condition)| !self.is_on(def.unit, condition)).map(|(_, c)| c)
        })
    }

    /// The same, of every place of the tree: by files, the parts that are off.
    pub fn off(&self) -> FxHashMap<FileId, Vec<(Range, &'a FeatureCfg)>> {
        let mut off: FxHashMap<FileId, Vec<(Range, &'a FeatureCfg)>> = FxHashMap::default();
        let mut units: FxHashMap<FileId, usize> = FxHashMap::default();
        for def in &self.defs {
            units.entry(def.file).or_insert(def.unit);
            // The line of a module stands in another file than what it holds.
            if let (Some(condition), Some(item)) = (def.behind, def.item)
                && !matches!(item.kind, ItemKind::Mod { items: None, .. })
            {
                off.entry(def.file).or_default().push((item.whole, condition));
            }
        }
        for (file, unit) in units {
            let Some(facts) = self.facts.get(&file) else { continue };
            let parts = facts.behind.iter().filter(|(_, c)| !self.is_on(unit, c));
            let mut parts = parts.map(|(at, condition)| (*at, condition)).peekable();
            if parts.peek().is_some() {
                off.entry(file).or_default().extend(parts);
            }
        }
        off
    }
}
