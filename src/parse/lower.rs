//! The state of lowering one file: arenas, names, places.

use proc_macro2::{Ident, LineColumn, Span};
use rustc_hash::{FxHashMap, FxHashSet};

use super::jumps::Jumps;
use super::macros::{Foreign, Macros};
use super::tree::{Expr, ExprId, ExprKind, Facts, Range, Ty, TyId, TyKind};
use crate::catalog::Catalog;
use crate::source::{FileId, Lines};
use crate::symbol::{Interner, Symbol};

/// A byte order mark is cut before a text is parsed, so that a shebang may follow it; that is cut
/// by syn.
pub(super) const MARK: char = '\u{feff}';

pub(super) struct Lower<'a> {
    pub(super) facts: Facts,
    pub(super) catalog: &'a Catalog,
    pub(super) text: &'a str,
    lines: &'a Lines,
    /// Every character is one byte.
    ascii: bool,
    /// Characters that were cut from the first line.
    shift: usize,
    names: &'a mut Interner,
    /// The name that is being read.
    name: String,
    /// Only modules and macros are looked for.
    pub(super) only_modules: bool,
    /// Macros around the place that is read: each reads its tokens anew.
    pub(super) macro_depth: u16,
    pub(super) jumps: Jumps,
    /// `macro_rules!` that the program defines.
    pub(super) macros: Macros<'a>,
}

impl<'a> Lower<'a> {
    pub(super) fn new(
        file: FileId,
        text: &'a str,
        lines: &'a Lines,
        catalog: &'a Catalog,
        names: &'a mut Interner,
        foreign: &'a Foreign<'a>,
    ) -> Lower<'a> {
        let facts = Facts {
            file,
            items: Vec::new(),
            exprs: Vec::new(),
            types: Vec::new(),
            attrs: Vec::new(),
            problems: Vec::new(),
            marks: Vec::new(),
            macros: Vec::new(),
            called: FxHashSet::default(),
            mentioned: FxHashSet::default(),
            behind: Vec::new(),
            matches: FxHashMap::default(),
            lines: lines.count(),
        };
        let macros = Macros::new(foreign);
        Lower {
            facts,
            catalog,
            text,
            lines,
            ascii: text.is_ascii(),
            shift: usize::from(text.starts_with(MARK)),
            names,
            name: String::new(),
            only_modules: false,
            macro_depth: 0,
            jumps: Jumps::default(),
            macros,
        }
    }

    /// Makes room for what a text of so many bytes usually holds.
    pub(super) fn reserve(&mut self, bytes: usize) {
        self.facts.exprs.reserve(bytes / 30);
        self.facts.types.reserve(bytes / 140);
    }

    fn offset(&self, at: LineColumn) -> u32 {
        let column = match at.line {
            1 => at.column + self.shift,
            _ => at.column,
        };
        match self.lines.start(at.line) {
            Some(start) if self.ascii => (start + column as u32).min(self.text.len() as u32),
            _ => self.lines.offset(self.text, at.line, column),
        }
    }

    pub(super) fn start(&self, span: Span) -> u32 {
        self.offset(span.start())
    }

    pub(super) fn end(&self, span: Span) -> u32 {
        self.offset(span.end())
    }

    pub(super) fn range(&self, span: Span) -> Range {
        Range { start: self.start(span), end: self.end(span) }
    }

    /// The place of a name: its end is found by counting, which is cheaper than asking.
    pub(super) fn ident_range(&self, ident: &Ident) -> Range {
        let start = self.start(ident.span());
        let rest = &self.text[start as usize..];
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let bytes = rest.as_bytes();
        let length = bytes.iter().position(|byte| !plain(byte)).unwrap_or(bytes.len());
        let length = match bytes.get(length) {
            Some(b'#' | 128..) => {
                let mut chars = rest.char_indices();
                let after = chars.find(|(_, c)| !(c.is_alphanumeric() || matches!(c, '_' | '#')));
                after.map_or(rest.len(), |(at, _)| at)
            }
            _ => length,
        };
        Range { start, end: start + length as u32 }
    }

    /// The text between two delimiters, as written.
    pub(super) fn between(&self, open: Span, close: Span) -> &'a str {
        let text = self.text.get(self.end(open) as usize..self.start(close) as usize);
        text.unwrap_or_default().trim()
    }

    pub(super) fn intern(&mut self, text: &str) -> Symbol {
        self.names.intern(text)
    }

    pub(super) fn name(&mut self, ident: &Ident) -> Symbol {
        use std::fmt::Write;
        self.name.clear();
        // Writing to a string does not fail.
        write!(self.name, "{ident}").expect("a string takes every text");
        self.names.intern(self.name.strip_prefix("r#").unwrap_or(&self.name))
    }

    pub(super) fn push(&mut self, at: Range, kind: ExprKind) -> ExprId {
        let (at, id) = (self.sane(at), ExprId(self.facts.exprs.len() as u32));
        self.facts.exprs.push(Expr { at, kind });
        id
    }

    pub(super) fn push_ty(&mut self, at: Range, kind: TyKind) -> TyId {
        let (at, id) = (self.sane(at), TyId(self.facts.types.len() as u32));
        self.facts.types.push(Ty { at, kind });
        id
    }

    pub(super) fn at(&self, id: ExprId) -> Range {
        self.facts.exprs[id.0 as usize].at
    }
}

impl Range {
    /// Whether another lies in it.
    pub fn holds(&self, other: Range) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}
