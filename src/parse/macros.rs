//! Macros whose tokens are Rust are seen through; of the rest, the arguments are kept.

use proc_macro2::{Delimiter, Group, Literal, Punct, Spacing, TokenStream, TokenTree};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Expr, Token};

use super::conditions::{Condition, both};
use super::lower::Lower;
use super::tree::{Arm, Cfg, ExprId, ExprKind, FeatureCfg, Item, ItemKind, Range, StaticKind};
use crate::catalog::MacroTokens;
use crate::symbol::Symbol;

mod forms;
mod matcher;
mod pattern;
mod rules;
mod tokens;
mod transcriber;
mod user;

pub(super) use rules::Macros;
pub use rules::{Foreign, ForeignMacro, MacroDef};

use forms::{Branches, CfgArms, Repeated, SelectArms, SelectOn, Statics};
use tokens::without_label;
use tokens::{
    after_colon, begins_with_name, close, first_literal, inline_names, named_fields, split_commas,
};

/// Macros inside macros are read anew at each level; nobody writes more than a few.
const MOST_MACROS: u16 = 24;

impl Lower<'_> {
    pub(super) fn macro_expr(&mut self, mac: &syn::Macro) -> ExprId {
        let at =
            Range { start: self.path_range(&mac.path).start, end: self.end(close(&mac.delimiter)) };
        if let Some(expanded) = self.user_expr(mac, at) {
            return expanded;
        }
        let path: Box<[Symbol]> =
            mac.path.segments.iter().map(|segment| self.name(&segment.ident)).collect();
        if self.macro_depth >= MOST_MACROS {
            return self.push(at, ExprKind::Macro { path, args: Box::default(), text: None });
        }
        self.macro_depth += 1;
        let tokens = mac.tokens.clone();
        let mut text = None;
        let args: Vec<ExprId> = match self.kind_of(mac) {
            Some(MacroTokens::Format) => {
                let (args, literal) = self.format(tokens);
                text = literal;
                args
            }
            Some(MacroTokens::Select) => self.select(tokens),
            Some(MacroTokens::Json) => {
                let mut args = Vec::new();
                self.json(tokens, &mut args);
                args
            }
            Some(MacroTokens::Statements) => self.as_block(tokens, at).into_iter().collect(),
            Some(kind @ (MacroTokens::CfgIf | MacroTokens::CfgSelect)) => {
                let branches = self.branches(kind, tokens);
                branches.into_iter().filter_map(|(_, tokens)| self.as_block(tokens, at)).collect()
            }
            Some(MacroTokens::Expressions) => {
                text = first_literal(&tokens).map(|literal| self.intern(&literal));
                self.as_parts(tokens)
            }
            _ => {
                text = first_literal(&tokens).map(|literal| self.intern(&literal));
                self.mention(tokens.clone());
                self.as_expressions(tokens, at)
            }
        };
        self.macro_depth -= 1;
        let asks = (!args.is_empty()).then(|| asked(mac)).flatten().map(|pat| self.pat(&pat));
        let id = self.push(at, ExprKind::Macro { path, args: args.into(), text });
        asks.into_iter().for_each(|pat| drop(self.facts.matches.insert(id, pat)));
        id
    }

    pub(super) fn kind_of(&self, mac: &syn::Macro) -> Option<MacroTokens> {
        let last = mac.path.segments.last()?;
        self.catalog.macro_tokens(&last.ident.to_string())
    }

    fn mention(&mut self, tokens: TokenStream) {
        let mut member = false;
        for token in tokens {
            match token {
                TokenTree::Ident(name) if !member => {
                    let name = self.name(&name);
                    self.facts.mentioned.insert(name);
                }
                TokenTree::Group(group) => self.mention(group.stream()),
                TokenTree::Punct(sign) => {
                    member = sign.as_char() == '.';
                    continue;
                }
                _ => {}
            }
            member = false;
        }
    }

    /// Expressions between commas, or `value; length`; what does not parse is passed over.
    fn as_parts(&mut self, tokens: TokenStream) -> Vec<ExprId> {
        let parser = Punctuated::<Expr, Token![,]>::parse_terminated;
        if let Ok(list) = parser.parse2(tokens.clone()) {
            return self.exprs(list.iter()).into();
        }
        if let Ok(Repeated { value, length }) = syn::parse2(tokens.clone()) {
            return vec![self.expr(&value), self.expr(&length)];
        }
        let parts: Vec<Expr> =
            split_commas(tokens).into_iter().filter_map(|part| syn::parse2(part).ok()).collect();
        self.exprs(parts.iter()).into()
    }

    /// Expressions between commas, else statements, else the fields that are named in it.
    fn as_expressions(&mut self, tokens: TokenStream, at: Range) -> Vec<ExprId> {
        let parser = Punctuated::<Expr, Token![,]>::parse_terminated;
        if let Ok(list) = parser.parse2(tokens.clone()) {
            return self.exprs(list.iter()).into();
        }
        if let Some(block) = self.as_block(tokens.clone(), at) {
            return vec![block];
        }
        let mut named = Vec::new();
        named_fields(tokens, &mut named);
        self.exprs(named.iter()).into()
    }

    fn as_block(&mut self, tokens: TokenStream, at: Range) -> Option<ExprId> {
        let statements = syn::Block::parse_within.parse2(tokens).ok()?;
        let block = self.statements(&statements);
        Some(self.push(at, ExprKind::Block(block)))
    }

    /// A format string, its arguments and the names inside it.
    fn format(&mut self, tokens: TokenStream) -> (Vec<ExprId>, Option<Symbol>) {
        let (mut args, mut named) = (Vec::new(), Vec::new());
        let mut text = None;
        for part in split_commas(tokens) {
            let (part, labelled) = without_label(part);
            let Ok(expr) = syn::parse2::<Expr>(part) else { continue };
            if text.is_none()
                && !labelled
                && let Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(literal), .. }) = &expr
            {
                let value = literal.value();
                let at = self.range(literal.span());
                for name in inline_names(&value) {
                    let name = self.intern(name);
                    named.push(self.push(at, ExprKind::Name(name)));
                }
                // What is filled in first leads.
                if begins_with_name(&value) {
                    args.append(&mut named);
                }
                text = Some(self.intern(&value));
                continue;
            }
            args.push(self.expr(&expr));
        }
        args.append(&mut named);
        (args, text)
    }

    /// `pattern = future, if condition => body` arms: each a match on what the future gives.
    fn select(&mut self, tokens: TokenStream) -> Vec<ExprId> {
        let Ok(arms) = syn::parse2::<SelectArms>(tokens) else { return Vec::new() };
        let mut args = Vec::new();
        for arm in arms.0 {
            let body = self.expr(&arm.body);
            let (pat, on) = match arm.on {
                SelectOn::Nothing => {
                    args.push(body);
                    continue;
                }
                SelectOn::Operation(name, pat, operands) => {
                    let operands = self.exprs(operands.iter());
                    match (pat, operands.split_first()) {
                        // `send(channel, value)` is what `channel.send(value)` is elsewhere.
                        (Some(pat), Some((channel, rest))) => {
                            let at = self.ident_range(&name);
                            let kind = ExprKind::Method {
                                receiver: *channel,
                                name: self.name(&name),
                                name_at: at.start,
                                turbofish: None,
                                args: rest.into(),
                            };
                            (pat, self.push(at, kind))
                        }
                        _ => {
                            args.extend(operands);
                            args.push(body);
                            continue;
                        }
                    }
                }
                SelectOn::Future(pat, future) => {
                    let future = self.expr(&future);
                    let at = self.at(future);
                    (pat, self.push(at, ExprKind::Await(future)))
                }
            };
            let at = self.at(on);
            let pat = self.pat(&pat);
            let guard = arm.guard.as_ref().map(|guard| self.expr(guard));
            let arms = [Arm { pat, guard, body }].into();
            args.push(self.push(at, ExprKind::Match { on, arms }));
        }
        args
    }

    /// Whatever parses as an expression between the commas and colons of a JSON text.
    /// The number of a call in JSON-RPC only comes back with its answer, to whoever gave it.
    fn json(&mut self, tokens: TokenStream, args: &mut Vec<ExprId>) {
        let parts = split_commas(tokens);
        let is = |part: &TokenStream, key: &str| first_literal(part).is_some_and(|k| k == key);
        let calls = parts.iter().any(|part| is(part, "jsonrpc"));
        for part in parts {
            if calls && is(&part, "id") {
                continue;
            }
            let key = first_literal(&part).filter(|key| self.catalog.is_coded_key(key));
            let value = after_colon(part);
            let mut trees = value.clone().into_iter();
            match (trees.next(), trees.next()) {
                (Some(TokenTree::Group(group)), None)
                    if group.delimiter() != Delimiter::Parenthesis =>
                {
                    self.json(group.stream(), args);
                }
                (Some(TokenTree::Literal(_)), None) => args.extend(self.json_pair(key, value)),
                (None, _) => {}
                _ => {
                    if let Ok(expr) = syn::parse2::<Expr>(value) {
                        args.push(self.expr(&expr));
                    }
                }
            }
        }
    }

    /// A key of deploy files and its value, as two texts.
    fn json_pair(&mut self, key: Option<String>, value: TokenStream) -> Option<ExprId> {
        let mut key = Literal::string(&key?);
        let at = value.clone().into_iter().next()?.span();
        key.set_span(at);
        let mut inner = TokenStream::from_iter([TokenTree::Literal(key)]);
        inner.extend([TokenTree::Punct(Punct::new(',', Spacing::Alone))]);
        inner.extend(value);
        let mut pair = Group::new(Delimiter::Parenthesis, inner);
        pair.set_span(at);
        let expr = syn::parse2::<Expr>(TokenTree::Group(pair).into()).ok()?;
        Some(self.expr(&expr))
    }

    /// A macro where an item stands: its items, where it gives plain ones.
    pub(super) fn item_macro(&mut self, item: &syn::ItemMacro, cfg: Cfg, out: &mut Vec<Item>) {
        if item.mac.path.is_ident("macro_rules") {
            if let Some(name) = &item.ident {
                self.define(name, item, cfg);
            }
            return;
        }
        let before = out.len();
        let known = self.user_items(&item.mac, out);
        if !known {
            self.expand_items(&item.mac, out);
        }
        if known || out.len() > before {
            for item in &mut out[before..] {
                item.cfg = both(cfg.clone(), std::mem::take(&mut item.cfg));
            }
            return;
        }
        let at = self.path_range(&item.mac.path);
        let path = item.mac.path.segments.iter().map(|s| self.name(&s.ident)).collect();
        let last = item.semi_token.as_ref().map_or(close(&item.mac.delimiter), |semi| semi.span);
        let first = item.mac.path.segments.first().map_or(last, |first| first.ident.span());
        let whole = self.whole(&item.attrs, None, (first, last));
        let attrs = self.attributes(&item.attrs);
        self.mention(item.mac.tokens.clone());
        let args = self.as_expressions(item.mac.tokens.clone(), whole);
        let name = self.intern("_");
        let kind = ItemKind::MacroCall { path, args };
        out.push(Item { name, at, whole, public: false, cfg, attrs, kind });
    }

    /// A macro where a statement stands that gives items, such as `lazy_static!`.
    pub(super) fn statement_items(&mut self, mac: &syn::StmtMacro, out: &mut Vec<Item>) -> bool {
        let gives_items = matches!(
            self.kind_of(&mac.mac),
            Some(MacroTokens::LazyStatic | MacroTokens::ThreadLocal)
        );
        if gives_items {
            self.expand_items(&mac.mac, out);
        }
        gives_items
    }

    fn expand_items(&mut self, mac: &syn::Macro, out: &mut Vec<Item>) {
        let tokens = mac.tokens.clone();
        match self.kind_of(mac) {
            Some(MacroTokens::LazyStatic) => self.statics(tokens, StaticKind::Lazy, out),
            Some(MacroTokens::ThreadLocal) => self.statics(tokens, StaticKind::ThreadLocal, out),
            Some(kind @ (MacroTokens::CfgIf | MacroTokens::CfgSelect)) => {
                for (cfg, tokens) in self.branches(kind, tokens) {
                    let Ok(file) = syn::parse2::<syn::File>(tokens) else { continue };
                    for mut item in self.items(&file.items) {
                        item.cfg = both(cfg.clone(), std::mem::take(&mut item.cfg));
                        out.push(item);
                    }
                }
            }
            Some(MacroTokens::Paths | MacroTokens::Format) => {}
            _ => {
                if let Ok(file) = syn::parse2::<syn::File>(tokens) {
                    out.extend(self.items(&file.items));
                }
            }
        }
    }

    fn statics(&mut self, tokens: TokenStream, kept: StaticKind, out: &mut Vec<Item>) {
        let Ok(statics) = syn::parse2::<Statics>(tokens) else { return };
        for item in statics.0 {
            let cfg = self.cfg(&item.attrs);
            if cfg == Cfg::Off {
                continue;
            }
            let (name, at) = (self.name(&item.ident), self.ident_range(&item.ident));
            let ty = self.ty(&item.ty);
            let init = Some(self.expr(&item.init));
            let attrs = self.attributes(&item.attrs);
            let public = super::items::is_public(&item.vis);
            let kind = ItemKind::Static { ty, init, kept };
            out.push(Item { name, at, whole: at, public, cfg, attrs, kind });
        }
    }

    /// The branches of `cfg_if!` and `cfg_select!` that can be on, each with its condition.
    fn branches(&self, kind: MacroTokens, tokens: TokenStream) -> Vec<(Cfg, TokenStream)> {
        let branches: Vec<(Condition, TokenStream)> = match kind {
            MacroTokens::CfgSelect => match syn::parse2::<CfgArms>(tokens) {
                Ok(arms) => arms.0,
                Err(_) => return Vec::new(),
            },
            _ => match syn::parse2::<Branches>(tokens) {
                Ok(branches) => branches
                    .0
                    .into_iter()
                    .map(|(attrs, tokens)| (self.condition(&attrs), tokens))
                    .collect(),
                Err(_) => return Vec::new(),
            },
        };
        let mut before = Cfg::On;
        let mut found = Vec::new();
        for (own, tokens) in branches {
            match own {
                Condition::Off => {}
                Condition::On => found.push((before.clone(), tokens)),
                Condition::True => {
                    found.push((before, tokens));
                    break;
                }
                Condition::Features(own) => {
                    found.push((both(before.clone(), Cfg::Features(own.clone())), tokens));
                    before = both(before, Cfg::Features(FeatureCfg::Not(own.into())));
                }
            }
        }
        found
    }
}

/// The pattern of `matches!(x, pattern)`, where nothing else is asked.
fn asked(mac: &syn::Macro) -> Option<syn::Pat> {
    if !mac.path.is_ident("matches") {
        return None;
    }
    let parser = |input: syn::parse::ParseStream<'_>| {
        input.parse::<Expr>()?;
        input.parse::<Token![,]>()?;
        let pat = syn::Pat::parse_multi_with_leading_vert(input)?;
        input.parse::<Option<Token![,]>>()?;
        Ok(pat)
    };
    parser.parse2(mac.tokens.clone()).ok()
}
