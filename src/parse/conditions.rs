//! When is code compiled? `cfg` conditions, as far as they can be told.

use std::collections::BTreeSet;

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Meta, Token};

use super::tree::{Cfg, FeatureCfg};

/// `test`, `doc` and `miri` are off, and so is `debug_assertions`, as in what is deployed. What is
/// for other systems than Linux is off, too: services run there. Features are asked later, everything
/// else is on: twins of `cfg(loom)` and `cfg(not(loom))` are both read.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Condition {
    On,
    Off,
    /// `true`, or what is on in every build: its opposite is off, unlike that of `loom`.
    True,
    Features(FeatureCfg),
}

/// What stands in `cfg_attr(..)`.
pub(super) struct Conditional {
    pub(super) condition: Condition,
    pub(super) attrs: Vec<Meta>,
}

impl Parse for Conditional {
    fn parse(input: ParseStream<'_>) -> syn::Result<Conditional> {
        let condition = input.parse()?;
        let mut attrs = Vec::new();
        while input.parse::<Option<Token![,]>>()?.is_some() && !input.is_empty() {
            attrs.push(input.parse()?);
        }
        Ok(Conditional { condition, attrs })
    }
}

impl Parse for Condition {
    fn parse(input: ParseStream<'_>) -> syn::Result<Condition> {
        if input.peek(syn::LitBool) {
            let value: syn::LitBool = input.parse()?;
            return Ok(if value.value { Condition::True } else { Condition::Off });
        }
        let meta: Meta = input.parse()?;
        let condition = match &meta {
            Meta::Path(path) => {
                let off = ["test", "doc", "doctest", "miri", "debug_assertions", "windows"];
                match off.iter().any(|name| path.is_ident(name)) {
                    true => Condition::Off,
                    false if path.is_ident("unix") => Condition::True,
                    false => Condition::On,
                }
            }
            Meta::NameValue(pair) => match &pair.value {
                syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(name), .. })
                    if pair.path.is_ident("feature") =>
                {
                    Condition::Features(FeatureCfg::Feature(name.value().into()))
                }
                syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(name), .. }) => {
                    let key = pair.path.get_ident().map(ToString::to_string).unwrap_or_default();
                    on_linux(&key, &name.value())
                }
                _ => Condition::On,
            },
            Meta::List(list) => {
                let parts = || {
                    list.parse_args_with(Punctuated::<Condition, Token![,]>::parse_terminated)
                        .map(IntoIterator::into_iter)
                };
                match list.path.get_ident().map(ToString::to_string).as_deref() {
                    Some("not") => not(parts()?),
                    Some("all") => all(parts()?),
                    Some("any") => any(parts()?),
                    _ => Condition::On,
                }
            }
        };
        Ok(condition)
    }
}

/// What the condition of an `if` says by `cfg!(..)`; `On` where a run may tell.
pub(super) fn told(cond: &syn::Expr) -> Condition {
    match cond {
        syn::Expr::Macro(call) if call.mac.path.is_ident("cfg") => {
            call.mac.parse_body().unwrap_or(Condition::On)
        }
        syn::Expr::Paren(inner) => told(&inner.expr),
        syn::Expr::Group(inner) => told(&inner.expr),
        syn::Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Not(_)) => {
            not(std::iter::once(told(&unary.expr)))
        }
        syn::Expr::Binary(binary) if matches!(binary.op, syn::BinOp::And(_)) => {
            match (told(&binary.left), told(&binary.right)) {
                (Condition::Off, _) | (_, Condition::Off) => Condition::Off,
                (Condition::True, other) => other,
                _ => Condition::On,
            }
        }
        _ => Condition::On,
    }
}

/// What `key = "value"` says of a target is so on Linux; of an architecture nothing is assumed.
fn on_linux(key: &str, value: &str) -> Condition {
    const OTHERS: [&str; 10] = [
        "windows",
        "macos",
        "ios",
        "android",
        "freebsd",
        "netbsd",
        "openbsd",
        "dragonfly",
        "solaris",
        "illumos",
    ];
    match (key, value) {
        ("target_os", "linux") | ("target_family", "unix") => Condition::True,
        ("target_os" | "target_family", other) if OTHERS.contains(&other) => Condition::Off,
        ("target_env", "msvc") | ("target_vendor", "apple") => Condition::Off,
        _ => Condition::On,
    }
}

fn not(mut parts: impl Iterator<Item = Condition>) -> Condition {
    match parts.next() {
        Some(Condition::Features(inner)) => Condition::Features(FeatureCfg::Not(inner.into())),
        Some(Condition::True) => Condition::Off,
        Some(Condition::Off) => Condition::True,
        _ => Condition::On,
    }
}

/// What is on when all are.
pub(super) fn all(parts: impl Iterator<Item = Condition>) -> Condition {
    let (mut features, mut neutral) = (Vec::new(), Condition::True);
    for part in parts {
        match part {
            Condition::Off => return Condition::Off,
            Condition::On => neutral = Condition::On,
            Condition::True => {}
            Condition::Features(feature) => features.push(feature),
        }
    }
    match features.len() {
        0 => neutral,
        1 => Condition::Features(features.swap_remove(0)),
        _ => Condition::Features(FeatureCfg::All(features)),
    }
}

fn any(parts: impl Iterator<Item = Condition>) -> Condition {
    let (mut features, mut on) = (Vec::new(), false);
    for part in parts {
        match part {
            Condition::True => return Condition::True,
            Condition::On => on = true,
            Condition::Off => {}
            Condition::Features(feature) => features.push(feature),
        }
    }
    match (on, features.is_empty()) {
        (true, _) => Condition::On,
        (false, true) => Condition::Off,
        (false, false) => Condition::Features(FeatureCfg::Any(features)),
    }
}

/// What is on when both are.
pub(super) fn both(one: Cfg, other: Cfg) -> Cfg {
    match (one, other) {
        (Cfg::Off, _) | (_, Cfg::Off) => Cfg::Off,
        (Cfg::On, cfg) | (cfg, Cfg::On) => cfg,
        (Cfg::Features(FeatureCfg::All(mut all)), Cfg::Features(more)) => {
            all.push(more);
            Cfg::Features(FeatureCfg::All(all))
        }
        (Cfg::Features(one), Cfg::Features(other)) => {
            Cfg::Features(FeatureCfg::All(vec![one, other]))
        }
    }
}

impl FeatureCfg {
    /// Whether it holds where these features are on.
    pub fn holds(&self, on: &BTreeSet<String>) -> bool {
        match self {
            FeatureCfg::Feature(name) => on.contains(&**name),
            FeatureCfg::Not(inner) => !inner.holds(on),
            FeatureCfg::All(all) => all.iter().all(|one| one.holds(on)),
            FeatureCfg::Any(any) => any.iter().any(|one| one.holds(on)),
            FeatureCfg::True => true,
            FeatureCfg::False => false,
        }
    }

    /// As a reader would say it.
    pub fn in_words(&self) -> String {
        let list = |parts: &[FeatureCfg], word: &str| {
            parts.iter().map(FeatureCfg::in_words).collect::<Vec<_>>().join(word)
        };
        match self {
            FeatureCfg::Feature(name) => name.to_string(),
            FeatureCfg::Not(inner) => format!("not {}", inner.in_words()),
            FeatureCfg::All(all) => list(all, " and "),
            FeatureCfg::Any(any) => list(any, " or "),
            FeatureCfg::True => "always".into(),
            FeatureCfg::False => "never".into(),
        }
    }
}
