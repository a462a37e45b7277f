//! Which definition does a name mean? Facts of all packages in, [`Names`] out.
//!
//! Every item of every unit (a library, a binary) becomes a [`Def`]; modules, and blocks that
//! declare items, become scopes. A path is looked up on demand: items of the scope, named imports,
//! globs, then enclosing blocks, the extern crates of the package and the prelude. Imports may
//! lead through re-exports of other packages of the tree; what leaves the tree is an
//! [`Res::External`] path in the catalogue's spelling, and what cannot be told is
//! [`Res::Unknown`], never "no".

use std::cell::RefCell;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::catalog::Catalog;
use crate::diagnostic::Process;
use crate::discover::{Project, TargetKind};
use crate::parse::Facts;
use crate::parse::tree::{ExprId, FeatureCfg, Item, TyId};
use crate::source::{FileId, Span};
use crate::symbol::{Symbol, Symbols};

mod externals;
mod generated;
mod impls;
mod lookup;
mod scopes;
mod taught;
mod types;

pub use externals::{External, Externals, PathId};
pub use impls::Impls;
pub use types::{Context, T, Type, Types};

/// One target of one package, with the files of its module tree.
#[derive(Debug)]
pub struct Unit {
    /// Index of the package in the project.
    pub package: usize,
    /// The crate's name in code.
    pub name: String,
    pub kind: TargetKind,
    pub selected: bool,
    /// The kind of process that it is declared to be, where that is not left to its code.
    pub process: Option<Process>,
    /// Words with which the deployment runs it as another kind of process.
    pub commands: Vec<(String, Process)>,
    pub root: FileId,
    /// For each `mod x;` line (its file and where its name starts) the file that it names.
    pub children: FxHashMap<(FileId, u32), FileId>,
}

/// An item of the tree, by its number in [`Names`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DefId(pub u32);

/// What a [`Def`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefKind {
    Module,
    /// A block that declares items.
    Block,
    Static,
    Const,
    Function,
    Struct,
    Enum,
    Variant,
    Alias,
    Trait,
    Impl,
}

/// One definition.
#[derive(Debug)]
pub struct Def<'a> {
    pub kind: DefKind,
    pub name: Symbol,
    /// The module, block, impl, trait or enum that holds it; a unit's root holds itself.
    pub parent: DefId,
    pub unit: usize,
    pub file: FileId,
    /// `None` for roots, blocks and variants.
    pub item: Option<&'a Item>,
    /// The features that the code stands behind, where they are off in this run.
    pub behind: Option<&'a FeatureCfg>,
}

/// What a path means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Res {
    Def(DefId),
    /// `Type::name`, for a type of the tree and something that is not a variant of it.
    Associated(DefId, Symbol),
    External(PathId),
    Unknown,
}

/// The two spaces of names that matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Space {
    Types,
    Values,
}

/// Every definition of the tree, and how names lead to them.
pub struct Names<'a> {
    pub project: &'a Project,
    pub catalog: &'a Catalog,
    pub units: &'a [Unit],
    pub symbols: &'a Symbols,
    facts: FxHashMap<FileId, &'a Facts>,
    /// Names in macros that are not seen through, of all files: many functions are asked for.
    mentioned: FxHashSet<Symbol>,
    pub defs: Vec<Def<'a>>,
    scopes: FxHashMap<DefId, scopes::Scope<'a>>,
    blocks: FxHashMap<(usize, FileId, ExprId), DefId>,
    roots: Vec<DefId>,
    /// Package name, with `_`, to the unit of its library.
    libraries: FxHashMap<String, usize>,
    /// By package: those of the tree that it depends on, itself included.
    sees: Vec<FxHashSet<usize>>,
    pub externals: Externals<'a>,
    pub types: Types,
    pub impls: Impls,
    /// Items of the tree that the user's configuration describes, with their paths as written there.
    taught: FxHashMap<DefId, PathId>,
    /// Functions that may stand in for another of the same name: `cfg(unix)`, `cfg(not(unix))`.
    twins: FxHashMap<DefId, DefId>,
    looked_up: RefCell<FxHashMap<(DefId, Symbol, Space), Res>>,
    /// Names met as crates, by the unit that names them.
    crates: RefCell<FxHashMap<(usize, Symbol), Res>>,
    /// Types of signatures and fields, by the item that declares them.
    declared: RefCell<FxHashMap<(DefId, TyId), T>>,
    /// Associated types of generic parameters, by the item that asks, the one that declares the
    /// parameter, and both names.
    associated: RefCell<FxHashMap<(DefId, DefId, Symbol, Symbol), T>>,
    /// What dereferencing types of the tree gives.
    derefs: RefCell<FxHashMap<DefId, Option<T>>>,
    words: Words,
}

/// The symbols of words that mean something in a path.
#[derive(Debug, Clone, Copy)]
struct Words {
    krate: Option<Symbol>,
    self_: Option<Symbol>,
    self_type: Option<Symbol>,
    super_: Option<Symbol>,
}

impl<'a> Names<'a> {
    /// The functions or constants that a name may mean besides the one that it was resolved to.
    pub fn twins(&self, of: DefId) -> impl Iterator<Item = DefId> + '_ {
        std::iter::successors(self.twins.get(&of).copied(), |twin| self.twins.get(twin).copied())
    }

    /// Collects the definitions of all units and indexes their impls.
    pub fn build(
        project: &'a Project,
        catalog: &'a Catalog,
        units: &'a [Unit],
        facts: &'a [Arc<Facts>],
        symbols: &'a Symbols,
    ) -> Names<'a> {
        let mut names = Names {
            project,
            catalog,
            units,
            symbols,
            facts: facts.iter().map(|facts| (facts.file, &**facts)).collect(),
            mentioned: facts.iter().flat_map(|facts| &facts.mentioned).copied().collect(),
            defs: Vec::new(),
            scopes: FxHashMap::default(),
            blocks: FxHashMap::default(),
            roots: Vec::new(),
            libraries: FxHashMap::default(),
            sees: dependencies(project),
            externals: Externals::new(catalog),
            types: Types::default(),
            impls: Impls::default(),
            taught: FxHashMap::default(),
            twins: FxHashMap::default(),
            looked_up: RefCell::default(),
            associated: RefCell::default(),
            derefs: RefCell::default(),
            crates: RefCell::default(),
            declared: RefCell::default(),
            words: Words {
                krate: symbols.find("crate"),
                self_: symbols.find("self"),
                self_type: symbols.find("Self"),
                super_: symbols.find("super"),
            },
        };
        for (index, unit) in units.iter().enumerate() {
            if unit.kind == TargetKind::Lib {
                let package = project.packages[unit.package].name.replace('-', "_");
                names.libraries.entry(package).or_insert(index);
            }
            names.collect_unit(index);
        }
        names.define_derived();
        names.define_clients();
        names.define_generated();
        names.find_taught_items();
        names.index_impls();
        names.find_taught_methods();
        names
    }

    /// Whether code of one unit can name what another definition stands for: its package depends,
    /// perhaps through others, on the one that holds it.
    pub fn sees(&self, unit: usize, id: DefId) -> bool {
        let (from, to) = (self.units[unit].package, self.units[self.def(id).unit].package);
        self.sees.get(from).is_none_or(|seen| seen.contains(&to))
    }

    pub fn def(&self, id: DefId) -> &Def<'a> {
        &self.defs[id.0 as usize]
    }

    pub fn facts(&self, file: FileId) -> &'a Facts {
        self.facts[&file]
    }

    /// The facts of the file in which a definition stands.
    pub fn facts_of(&self, id: DefId) -> &'a Facts {
        self.facts(self.def(id).file)
    }

    /// The facts of every file that could be parsed.
    pub fn all_facts(&self) -> impl Iterator<Item = &'a Facts> + '_ {
        self.facts.values().copied()
    }

    /// The innermost definition that holds a place of a file.
    pub fn innermost_at(&self, file: FileId, at: u32) -> Option<DefId> {
        let whole = |id: &DefId| {
            let def = self.def(*id);
            let whole = def.item.filter(|_| def.file == file)?.whole;
            let module = matches!(def.kind, DefKind::Module);
            (!module && whole.start <= at && at < whole.end).then_some(whole.end - whole.start)
        };
        self.ids().filter_map(|id| Some((whole(&id)?, id))).min().map(|(_, id)| id)
    }

    /// Whether a macro that is not seen through has a name among its tokens, in any file.
    pub fn is_mentioned(&self, name: Symbol) -> bool {
        self.mentioned.contains(&name)
    }

    pub fn text(&self, symbol: Symbol) -> &'a str {
        self.symbols.text(symbol)
    }

    pub fn ids(&self) -> impl Iterator<Item = DefId> + use<> {
        (0..self.defs.len() as u32).map(DefId)
    }

    /// The place of a definition's name.
    pub fn span(&self, id: DefId) -> Span {
        let def = self.def(id);
        let at = def.item.map(|item| item.at).unwrap_or_default();
        Span::new(def.file, at.start, at.end)
    }

    /// `shop::sessions::Store::insert`.
    pub fn path(&self, id: DefId) -> String {
        let mut parts = Vec::new();
        let mut at = id;
        loop {
            let def = self.def(at);
            if def.parent == at {
                parts.push(self.units[def.unit].name.clone());
                break;
            }
            match def.kind {
                DefKind::Block => {}
                DefKind::Impl => parts.push(self.impl_name(at)),
                _ => parts.push(self.text(def.name).to_string()),
            }
            at = def.parent;
        }
        parts.reverse();
        parts.join("::")
    }

    fn impl_name(&self, id: DefId) -> String {
        let self_type = self.impls.of(id).map(|found| found.self_type);
        self_type.map_or_else(|| "impl".to_string(), |ty| self.short(ty))
    }

    /// The module or block whose names code directly inside `id` sees.
    pub fn scope_of(&self, id: DefId) -> DefId {
        let mut at = id;
        while !matches!(self.def(at).kind, DefKind::Module | DefKind::Block) {
            at = self.def(at).parent;
        }
        at
    }

    /// The scope of a block that declares items.
    pub fn block_scope(&self, unit: usize, file: FileId, block: ExprId) -> Option<DefId> {
        self.blocks.get(&(unit, file, block)).copied()
    }

    /// The impl or trait that an associated function stands in.
    pub fn owner(&self, id: DefId) -> Option<DefId> {
        let parent = self.def(id).parent;
        matches!(self.def(parent).kind, DefKind::Impl | DefKind::Trait).then_some(parent)
    }
}

/// For each package, those of the tree that it depends on, itself included.
fn dependencies(project: &Project) -> Vec<FxHashSet<usize>> {
    let names = project.packages.iter().enumerate();
    let by_name: FxHashMap<&str, usize> =
        names.map(|(index, package)| (package.name.as_str(), index)).collect();
    let direct: Vec<Vec<usize>> = project
        .packages
        .iter()
        .map(|package| {
            let named = package.dependencies.iter().map(|d| d.package.as_str());
            named.filter_map(|name| by_name.get(name)).copied().collect()
        })
        .collect();
    (0..direct.len())
        .map(|start| {
            let mut seen = FxHashSet::from_iter([start]);
            let mut todo = vec![start];
            while let Some(at) = todo.pop() {
                todo.extend(direct[at].iter().filter(|next| seen.insert(**next)));
            }
            seen
        })
        .collect()
}
