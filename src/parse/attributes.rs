//! Attributes: which are kept, and what `cfg` says.

use proc_macro2::{TokenStream, TokenTree};
use syn::{Attribute, Meta};

use super::conditions::{Condition, Conditional, all};
use super::lower::Lower;
use super::tree::{Attr, Cfg, ExprId};
use crate::catalog::AttributeMeaning;

/// Whether an attribute's name is of interest to later stages.
fn is_kept(path: &syn::Path) -> bool {
    const NOISE: [&str; 16] = [
        "cfg",
        "cfg_attr",
        "doc",
        "allow",
        "warn",
        "deny",
        "expect",
        "forbid",
        "inline",
        "must_use",
        "deprecated",
        "repr",
        "path",
        "non_exhaustive",
        "rustfmt",
        "clippy",
    ];
    let first = path.segments.first().map(|segment| &segment.ident);
    first.is_some_and(|first| !NOISE.iter().any(|noise| first == noise))
}

impl Lower<'_> {
    /// The attributes that later stages may ask for, those of `cfg_attr` included.
    pub(super) fn attributes(&mut self, attrs: &[Attribute]) -> Vec<Attr> {
        let mut kept = Vec::new();
        for attr in attrs {
            self.attribute(&attr.meta, &mut kept);
        }
        kept
    }

    fn attribute(&mut self, meta: &Meta, kept: &mut Vec<Attr>) {
        if meta.path().is_ident("cfg_attr")
            && let Meta::List(list) = meta
            && let Ok(Conditional { condition, attrs }) = list.parse_args()
        {
            if condition != Condition::Off {
                for attr in &attrs {
                    self.attribute(attr, kept);
                }
            }
            return;
        }
        let path = meta.path();
        if !is_kept(path) {
            return;
        }
        let at = self.path_range(path);
        let segments = path.segments.iter().map(|segment| self.name(&segment.ident)).collect();
        let tokens = match meta {
            Meta::List(list) => {
                let delimiters = list.delimiter.span();
                match self.is_expanded() {
                    false => self.between(delimiters.open(), delimiters.close()).into(),
                    true => list.tokens.to_string().into(),
                }
            }
            _ => Box::default(),
        };
        let text = match meta {
            Meta::List(list) => first_text(list.tokens.clone()),
            Meta::NameValue(pair) => match &pair.value {
                syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
                _ => None,
            },
            Meta::Path(_) => None,
        };
        let text = text.map(|text| self.intern(&text));
        let pairs = match meta {
            Meta::List(list) => pairs(list.tokens.clone()),
            _ => Vec::new(),
        };
        let pairs = pairs.iter().map(|(name, text)| (self.intern(name), self.intern(text)));
        let pairs = pairs.collect();
        kept.push(Attr { path: segments, at, tokens, text, pairs });
    }

    /// When an item is compiled; a test is never part of a service.
    pub(super) fn cfg(&self, attrs: &[Attribute]) -> Cfg {
        match self.condition(attrs) {
            Condition::Off => Cfg::Off,
            Condition::On | Condition::True => Cfg::On,
            Condition::Features(condition) => Cfg::Features(condition),
        }
    }

    /// The same, with what is on in every build told from what may be.
    pub(super) fn condition(&self, attrs: &[Attribute]) -> Condition {
        let mut conditions = Vec::new();
        for attr in attrs {
            if self.is_test(attr) {
                return Condition::Off;
            }
            if attr.path().is_ident("cfg")
                && let Meta::List(list) = &attr.meta
                && let Ok(condition) = list.parse_args::<Condition>()
            {
                conditions.push(condition);
            }
        }
        all(conditions.into_iter())
    }

    /// The text of `#[path = ".."]`, also of one in a `cfg_attr` that is on.
    ///
    /// One that hangs on a feature is not followed: it is there for a stand-in as often as for the
    /// real thing, and the module's own file is the one that would go unread.
    pub(super) fn mod_path(&self, attrs: &[Attribute]) -> Option<Box<str>> {
        attrs.iter().find_map(|attr| match &attr.meta {
            Meta::List(list) if list.path.is_ident("cfg_attr") => {
                let Ok(Conditional { condition, attrs }) = list.parse_args() else { return None };
                match condition {
                    Condition::On | Condition::True => attrs.iter().find_map(path_text),
                    Condition::Off | Condition::Features(_) => None,
                }
            }
            meta => path_text(meta),
        })
    }

    /// Remembers that an expression stands behind features.
    pub(super) fn note_behind(&mut self, attrs: &[Attribute], expr: ExprId) {
        if !attrs.is_empty()
            && let Cfg::Features(condition) = self.cfg(attrs)
        {
            let at = self.at(expr);
            self.facts.behind.push((at, condition));
        }
    }

    pub(super) fn is_off(&self, attrs: &[Attribute]) -> bool {
        !attrs.is_empty() && self.cfg(attrs) == Cfg::Off
    }

    fn is_test(&self, attr: &Attribute) -> bool {
        let segments = &attr.path().segments;
        let Some(last) = segments.last() else { return false };
        if last.ident == "test" || last.ident == "bench" {
            return true;
        }
        // Most attributes are doc comments.
        if !is_kept(attr.path()) {
            return false;
        }
        let names: Vec<String> = segments.iter().map(|s| s.ident.to_string()).collect();
        let fact = self.catalog.attribute(&names.join("::"));
        fact.is_some_and(|fact| fact.means == AttributeMeaning::Test)
    }
}

fn path_text(meta: &Meta) -> Option<Box<str>> {
    match meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => {
                Some(text.value().into())
            }
            _ => None,
        },
        _ => None,
    }
}

fn first_text(tokens: TokenStream) -> Option<String> {
    tokens.into_iter().find_map(|token| text_of(&token))
}

fn text_of(token: &TokenTree) -> Option<String> {
    let TokenTree::Literal(literal) = token else { return None };
    match syn::parse_str::<syn::Lit>(&literal.to_string()) {
        Ok(syn::Lit::Str(text)) => Some(text.value()),
        _ => None,
    }
}

/// `name = "text"` wherever it stands at the top.
fn pairs(tokens: TokenStream) -> Vec<(String, String)> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let pair = |three: &[TokenTree]| match three {
        [TokenTree::Ident(name), TokenTree::Punct(sign), value] if sign.as_char() == '=' => {
            Some((name.to_string(), text_of(value)?))
        }
        _ => None,
    };
    tokens.windows(3).filter_map(pair).collect()
}
