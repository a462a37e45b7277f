//! Which `macro_rules!` are in force at a place, and what does a call of one give?

use std::cell::OnceCell;
use std::rc::Rc;
use std::str::FromStr;

use proc_macro2::TokenStream;
use rustc_hash::FxHashMap;

use super::matcher;
use super::pattern::{self, Arm};
use super::tokens::close;
use super::transcriber::Transcriber;
use crate::parse::depth;
use crate::parse::lower::Lower;
use crate::parse::tree::{Cfg, Range};

/// How deep expansions may nest; the language itself stops at 128.
const MOST_DEEP: u16 = 64;
/// Tokens that the expansions of one file may have, and steps that fitting calls to arms may take.
const MOST_TOKENS: usize = 1 << 18;
const MOST_STEPS: usize = 1 << 21;

/// A definition. Its arms are read when it is first called.
pub(in crate::parse) struct Rules {
    tokens: TokenStream,
    arms: OnceCell<Option<Vec<Arm>>>,
    /// Where it stands, if that is in this file as it is written.
    at: Option<Range>,
    /// Whether it is called once in its file.
    single: OnceCell<bool>,
    /// What `$crate` is.
    krate: Box<str>,
}

/// A `macro_rules!` of a module, by its places in the file.
#[derive(Debug, Clone)]
pub struct MacroDef {
    pub name: Range,
    /// The arms.
    pub arms: Range,
    /// By `#[macro_export]`: other crates may call it.
    pub exported: bool,
    pub cfg: Cfg,
}

/// Macros that other files of the program define, by name.
#[derive(Debug, Default)]
pub struct Foreign<'a> {
    pub macros: FxHashMap<Box<str>, ForeignMacro<'a>>,
}

#[derive(Debug, Clone)]
pub struct ForeignMacro<'a> {
    /// The text of the arms.
    pub arms: &'a str,
    /// What `$crate` is.
    pub krate: Box<str>,
}

/// The definitions in force, and what expanding may still cost.
pub(in crate::parse) struct Macros<'a> {
    known: FxHashMap<String, Rc<Rules>>,
    /// What definitions hid, to be undone where their scope ends.
    hidden: Vec<(String, Option<Rc<Rules>>)>,
    foreign: &'a Foreign<'a>,
    /// The foreign ones that were called.
    fetched: FxHashMap<Box<str>, Option<Rc<Rules>>>,
    /// Blocks around the place.
    pub(in crate::parse) blocks: u32,
    tokens: usize,
    steps: usize,
    deep: u16,
    /// Nested levels of the expansions around the place.
    levels: usize,
    within: Option<Within>,
}

/// The expansion that is read.
#[derive(Clone, Copy)]
struct Within {
    /// The call.
    call: Range,
    /// The definition, where what it gives keeps its places.
    body: Option<Range>,
}

/// What a call gives.
pub(in crate::parse) struct Expansion {
    pub(in crate::parse) tokens: TokenStream,
    levels: usize,
    within: Within,
}

impl<'a> Macros<'a> {
    pub(in crate::parse) fn new(foreign: &'a Foreign<'a>) -> Macros<'a> {
        Macros {
            known: FxHashMap::default(),
            hidden: Vec::new(),
            foreign,
            fetched: FxHashMap::default(),
            blocks: 0,
            tokens: MOST_TOKENS,
            steps: MOST_STEPS,
            deep: 0,
            levels: 0,
            within: None,
        }
    }
}

impl Macros<'_> {
    /// The definition that a call means.
    fn called(&mut self, key: &str, catalogued: bool) -> Option<Rc<Rules>> {
        if let Some(rules) = self.known.get(key) {
            return Some(rules.clone());
        }
        // A name that the catalogue knows is most often the one that it means.
        if catalogued {
            return None;
        }
        if let Some(fetched) = self.fetched.get(key) {
            return fetched.clone();
        }
        let foreign = self.foreign.macros.get(key)?;
        let rules = TokenStream::from_str(foreign.arms).ok().map(|tokens| {
            let (arms, single) = (OnceCell::new(), OnceCell::new());
            Rc::new(Rules { tokens, arms, at: None, single, krate: foreign.krate.clone() })
        });
        self.fetched.insert(key.into(), rules.clone());
        rules
    }
}

impl Lower<'_> {
    /// Begins a scope of definitions; the mark is for [`Lower::close_scope`].
    pub(in crate::parse) fn open_scope(&self) -> usize {
        self.macros.hidden.len()
    }

    pub(in crate::parse) fn close_scope(&mut self, mark: usize) {
        while self.macros.hidden.len() > mark
            && let Some((name, before)) = self.macros.hidden.pop()
        {
            match before {
                Some(rules) => self.macros.known.insert(name, rules),
                None => self.macros.known.remove(&name),
            };
        }
    }

    pub(super) fn define(&mut self, name: &syn::Ident, item: &syn::ItemMacro, cfg: Cfg) {
        let (mac, named) = (&item.mac, self.ident_range(name));
        let at = Range { start: named.start, end: self.end(close(&mac.delimiter)) };
        let rules = Rules {
            tokens: mac.tokens.clone(),
            arms: OnceCell::new(),
            at: self.macros.within.is_none().then_some(at),
            single: OnceCell::new(),
            krate: "crate".into(),
        };
        if rules.at.is_some() && self.macros.blocks == 0 {
            let delimiters = mac.delimiter.span();
            let arms =
                Range { start: self.end(delimiters.open()), end: self.start(delimiters.close()) };
            let exported = item.attrs.iter().any(|attr| attr.path().is_ident("macro_export"));
            self.facts.macros.push(MacroDef { name: named, arms, exported, cfg });
        }
        let name = name.to_string();
        let before = self.macros.known.insert(name.clone(), Rc::new(rules));
        self.macros.hidden.push((name, before));
    }

    /// What a call gives, if the macro is known, an arm fits and the cost is borne. Items keep the
    /// places that they have in a definition which is called once; all else is where the call is.
    pub(in crate::parse) fn expand(&mut self, mac: &syn::Macro, items: bool) -> Option<Expansion> {
        if self.macros.deep >= MOST_DEEP {
            return None;
        }
        let segments = &mac.path.segments;
        let (name, catalogued) = match segments.len() {
            1 => {
                let catalogued = self.kind_of(mac).is_some();
                // Most calls are of such.
                if catalogued && self.macros.known.is_empty() {
                    return None;
                }
                (segments[0].ident.to_string(), catalogued)
            }
            2 if segments[0].ident == "crate" || segments[0].ident == "self" => {
                (segments[1].ident.to_string(), false)
            }
            2 if self.kind_of(mac).is_none() => {
                (format!("{}::{}", segments[0].ident, segments[1].ident), false)
            }
            _ => return None,
        };
        let Some(rules) = self.macros.called(&name, catalogued) else {
            if !catalogued {
                self.facts.called.insert(name.into());
            }
            return None;
        };
        let arms = rules.arms.get_or_init(|| pattern::arms(rules.tokens.clone())).as_ref()?;
        let (arm, bindings) = matcher::first(arms, mac.tokens.clone(), &mut self.macros.steps)?;

        let first = segments.first()?.ident.span();
        let last = close(&mac.delimiter);
        let call = self.sane(Range { start: self.start(first), end: self.end(last) });
        let outer = self.macros.within;
        let own = items && outer.is_none_or(|outer| outer.body.is_some());
        let body =
            rules.at.filter(|at| own && *rules.single.get_or_init(|| self.calls(&name, *at) == 1));
        let mut transcriber = Transcriber {
            krate: &rules.krate,
            at: body.is_none().then(|| first.join(last).unwrap_or(first)),
            left: &mut self.macros.tokens,
        };
        let tokens = transcriber.all(&arm.template, &bindings)?;
        let levels = depth::levels(&tokens.to_string()) + 2;
        if self.macros.levels + levels > depth::MOST_EXPANDED {
            return None;
        }
        let body = body.or(outer.and_then(|outer| outer.body));
        Some(Expansion { tokens, levels, within: Within { call, body } })
    }

    /// Reads what an expansion gave.
    pub(in crate::parse) fn inside<T>(
        &mut self,
        expansion: &Expansion,
        read: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let outer = self.macros.within.replace(expansion.within);
        self.macros.deep += 1;
        self.macros.levels += expansion.levels;
        let read = read(self);
        self.macros.levels -= expansion.levels;
        self.macros.deep -= 1;
        self.macros.within = outer;
        read
    }

    /// How often the file calls a macro, outside its own definition.
    fn calls(&self, name: &str, definition: Range) -> usize {
        let (text, word) = (self.text, |c: char| c.is_alphanumeric() || c == '_');
        let own = definition.start as usize..definition.end as usize;
        let called = |at: &usize| {
            !own.contains(at)
                && !text[..*at].ends_with(word)
                && text[at + name.len()..].trim_start().starts_with('!')
        };
        text.match_indices(name).map(|(at, _)| at).filter(called).count()
    }

    /// Of tokens that stand apart, such as those of a call and of a definition, no range can be
    /// made: then it is the call that is meant.
    pub(in crate::parse) fn sane(&self, at: Range) -> Range {
        let Some(within) = self.macros.within else { return at };
        let apart = within.body.is_some_and(|body| {
            let inside = |offset: u32| body.start <= offset && offset <= body.end;
            inside(at.start) != inside(at.end)
        });
        if at.start <= at.end && !apart { at } else { within.call }
    }

    /// Whether what is read was written by a macro.
    pub(in crate::parse) fn is_expanded(&self) -> bool {
        self.macros.within.is_some()
    }
}
