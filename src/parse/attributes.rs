//! Attributes: which are kept, and what `cfg` says.

use syn::{Attribute, Meta};

use super::lower::Lower;
use super::tree::{Attr, Cfg, FeatureCfg};
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
    let first = path.segments.first().map(|segment| segment.ident.to_string());
    first.is_some_and(|first| !NOISE.contains(&first.as_str()))
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
            && let Ok(parts) = list.parse_args_with(
                syn::punctuated::Punctuated::<Meta, syn::Token![,]>::parse_terminated,
            )
        {
            let mut parts = parts.iter();
            let on = parts.next().is_some_and(|cfg| condition(cfg) != Condition::Off);
            if on {
                for part in parts {
                    self.attribute(part, kept);
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
            Meta::List(list) => list.tokens.to_string(),
            _ => String::new(),
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
        kept.push(Attr { path: segments, at, tokens: tokens.into(), text });
    }

    /// When an item is compiled; a test is never part of a service.
    pub(super) fn cfg(&self, attrs: &[Attribute]) -> Cfg {
        let mut conditions = Vec::new();
        for attr in attrs {
            if self.is_test(attr) {
                return Cfg::Off;
            }
            if attr.path().is_ident("cfg")
                && let Meta::List(list) = &attr.meta
                && let Ok(inner) = list.parse_args::<Meta>()
            {
                match condition(&inner) {
                    Condition::Off => return Cfg::Off,
                    Condition::On => {}
                    Condition::Features(feature) => conditions.push(feature),
                }
            }
        }
        match conditions.len() {
            0 => Cfg::On,
            1 => Cfg::Features(conditions.remove(0)),
            _ => Cfg::Features(FeatureCfg::All(conditions)),
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
        let names: Vec<String> = segments.iter().map(|s| s.ident.to_string()).collect();
        let fact = self.catalog.attribute(&names.join("::"));
        fact.is_some_and(|fact| fact.means == AttributeMeaning::Test)
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Condition {
    On,
    Off,
    Features(FeatureCfg),
}

/// `test`, `doc` and `miri` are off, features are asked later, everything else is on: twins of
/// `cfg(unix)` and `cfg(not(unix))` are both read.
fn condition(meta: &Meta) -> Condition {
    let parts = |list: &syn::MetaList| {
        list.parse_args_with(syn::punctuated::Punctuated::<Meta, syn::Token![,]>::parse_terminated)
            .map(|parts| parts.iter().map(condition).collect::<Vec<_>>())
            .unwrap_or_default()
    };
    match meta {
        Meta::Path(path) => {
            let off = ["test", "doc", "doctest", "miri"];
            match off.iter().any(|name| path.is_ident(name)) {
                true => Condition::Off,
                false => Condition::On,
            }
        }
        Meta::NameValue(pair) if pair.path.is_ident("feature") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(name), .. }) => {
                Condition::Features(FeatureCfg::Feature(name.value().into()))
            }
            _ => Condition::On,
        },
        Meta::NameValue(_) => Condition::On,
        Meta::List(list) if list.path.is_ident("not") => match parts(list).into_iter().next() {
            Some(Condition::Off) => Condition::On,
            Some(Condition::Features(inner)) => {
                Condition::Features(FeatureCfg::Not(Box::new(inner)))
            }
            _ => Condition::On,
        },
        Meta::List(list) if list.path.is_ident("all") => {
            let parts = parts(list);
            if parts.contains(&Condition::Off) {
                return Condition::Off;
            }
            let features: Vec<FeatureCfg> = parts.into_iter().filter_map(feature).collect();
            match features.is_empty() {
                true => Condition::On,
                false => Condition::Features(FeatureCfg::All(features)),
            }
        }
        Meta::List(list) if list.path.is_ident("any") => {
            let parts = parts(list);
            if parts.contains(&Condition::On) {
                return Condition::On;
            }
            let features: Vec<FeatureCfg> = parts.into_iter().filter_map(feature).collect();
            match features.is_empty() {
                true => Condition::Off,
                false => Condition::Features(FeatureCfg::Any(features)),
            }
        }
        Meta::List(_) => Condition::On,
    }
}

fn feature(condition: Condition) -> Option<FeatureCfg> {
    match condition {
        Condition::Features(feature) => Some(feature),
        _ => None,
    }
}

fn first_text(tokens: proc_macro2::TokenStream) -> Option<String> {
    tokens.into_iter().find_map(|token| match token {
        proc_macro2::TokenTree::Literal(literal) => {
            match syn::parse_str::<syn::Lit>(&literal.to_string()) {
                Ok(syn::Lit::Str(text)) => Some(text.value()),
                _ => None,
            }
        }
        _ => None,
    })
}
