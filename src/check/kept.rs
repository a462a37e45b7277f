//! What of a run may the next one use? What a file says, while nothing that decides it has changed.
//!
//! Beside its own text, that is the macros that other files define, and what the tool was taught:
//! where one of these is another, everything is read anew.

use std::path::PathBuf;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::parse::Facts;
use crate::resolve::Unit;
use crate::source::{FileId, SourceFile, Sources};
use crate::symbol::Symbols;

/// What is kept. By default nothing is.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// The files that were met, in the order of their numbers: a place names a file by its number.
    paths: Vec<PathBuf>,
    symbols: Arc<Symbols>,
    facts: FxHashMap<FileId, File>,
    macros: Macros,
    frame: Vec<String>,
}

/// One file as it was read.
#[derive(Debug, Clone)]
pub(super) struct File {
    pub(super) text: Arc<str>,
    pub(super) how: How,
    pub(super) facts: Arc<Facts>,
}

/// For what a file was read: its unit, and whether it is judged and not only counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct How {
    pub(super) unit: usize,
    pub(super) judged: bool,
}

/// The definitions of macros, by the files that hold some.
pub(super) type Macros = FxHashMap<FileId, Vec<(bool, String, String)>>;

impl Kept {
    /// Gives the files that were met before the numbers that they had.
    pub(super) fn number(&self, sources: &mut Sources) {
        sources.reserve(&self.paths);
    }

    /// Begins a run; what is kept of others is of no use where the frame is another one.
    pub(super) fn begin(&mut self, frame: Vec<String>) -> Symbols {
        if self.frame != frame {
            self.forget();
            self.frame = frame;
        }
        match Arc::try_unwrap(std::mem::take(&mut self.symbols)) {
            Ok(symbols) => symbols,
            // Somebody still reads the last answer.
            Err(_) => {
                self.forget();
                Symbols::default()
            }
        }
    }

    pub(super) fn forget(&mut self) {
        self.facts.clear();
        self.macros.clear();
    }

    /// The facts of a file, where they are what reading it would give.
    pub(super) fn facts(&self, file: FileId, source: &SourceFile, how: How) -> Option<&Arc<Facts>> {
        let known = self.facts.get(&file)?;
        (known.how == how && known.text == source.text).then_some(&known.facts)
    }

    /// Whether macros are what they were.
    pub(super) fn has(&self, macros: &Macros) -> bool {
        self.macros == *macros
    }

    /// Keeps what was read to the end.
    pub(super) fn keep(
        &mut self,
        sources: &Sources,
        facts: FxHashMap<FileId, File>,
        macros: Macros,
        symbols: &Arc<Symbols>,
    ) {
        (self.facts, self.macros) = (facts, macros);
        self.symbols = Arc::clone(symbols);
        self.paths = sources.iter().map(|(_, source)| source.path.clone()).collect();
    }

    /// Gives the symbols back after a run that was stopped: facts of before name them.
    pub(super) fn put_back(&mut self, symbols: Symbols) {
        self.symbols = Arc::new(symbols);
    }
}

/// The macros that files define.
pub(super) fn macros<'f>(files: impl Iterator<Item = &'f Arc<Facts>>, sources: &Sources) -> Macros {
    let defining = files.filter(|facts| !facts.macros.is_empty());
    let of = |facts: &Arc<Facts>| {
        let text = &sources.get(facts.file).text;
        let cut = |at: crate::parse::tree::Range| {
            text.get(at.start as usize..at.end as usize).unwrap_or("").to_string()
        };
        let macros = facts.macros.iter().map(|def| (def.exported, cut(def.name), cut(def.arms)));
        (facts.file, macros.collect())
    };
    defining.map(of).collect()
}

/// What decides all facts of a run: what the tool was taught, and which crates there are.
pub(super) fn frame(sources: &Sources, layers: &[FileId], units: &[Unit]) -> Vec<String> {
    let taught = layers.iter().map(|file| sources.get(*file).text.to_string());
    let units = units.iter().map(|unit| {
        let root = sources.get(unit.root).path.display();
        format!("{} {} {:?} {} {root}", unit.package, unit.name, unit.kind, unit.selected)
    });
    taught.chain(units).collect()
}
