//! Macros whose tokens are Rust are seen through; of the rest, the arguments are kept.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Expr, Token};

use super::lower::Lower;
use super::tree::{Arm, Cfg, ExprId, ExprKind, Item, ItemKind, Range, StaticKind};
use crate::catalog::MacroTokens;
use crate::symbol::Symbol;

/// Macros inside macros are read anew at each level; nobody writes more than a few.
const MOST_MACROS: u16 = 24;

impl Lower<'_> {
    pub(super) fn macro_expr(&mut self, mac: &syn::Macro) -> ExprId {
        let at =
            Range { start: self.path_range(&mac.path).start, end: self.end(close(&mac.delimiter)) };
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
            Some(MacroTokens::Statements) => self.as_block(tokens).into_iter().collect(),
            _ => {
                text = first_literal(&tokens).map(|literal| self.intern(&literal));
                self.as_expressions(tokens)
            }
        };
        self.macro_depth -= 1;
        self.push(at, ExprKind::Macro { path, args: args.into(), text })
    }

    fn kind_of(&self, mac: &syn::Macro) -> Option<MacroTokens> {
        let last = mac.path.segments.last()?;
        self.catalog.macro_tokens(&last.ident.to_string())
    }

    /// Expressions between commas, else statements, else nothing.
    fn as_expressions(&mut self, tokens: TokenStream) -> Vec<ExprId> {
        if tokens.is_empty() {
            return Vec::new();
        }
        if let Ok(Repeated { value, length }) = syn::parse2(tokens.clone()) {
            return vec![self.expr(&value), self.expr(&length)];
        }
        let parser = Punctuated::<Expr, Token![,]>::parse_terminated;
        match parser.parse2(tokens.clone()) {
            Ok(list) => list.iter().map(|expr| self.expr(expr)).collect(),
            Err(_) => self.as_block(tokens).into_iter().collect(),
        }
    }

    fn as_block(&mut self, tokens: TokenStream) -> Option<ExprId> {
        let statements = syn::Block::parse_within.parse2(tokens).ok()?;
        let block = self.statements(&statements);
        Some(self.push(Range::default(), ExprKind::Block(block)))
    }

    /// A format string, its arguments and the names inside it.
    fn format(&mut self, tokens: TokenStream) -> (Vec<ExprId>, Option<Symbol>) {
        let mut args = Vec::new();
        let mut text = None;
        for part in split_commas(tokens) {
            let part = without_label(part);
            let Ok(expr) = syn::parse2::<Expr>(part) else { continue };
            if text.is_none()
                && let Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(literal), .. }) = &expr
            {
                let value = literal.value();
                let at = self.range(literal.span());
                for name in inline_names(&value) {
                    let name = self.intern(name);
                    args.push(self.push(at, ExprKind::Name(name)));
                }
                text = Some(self.intern(&value));
                continue;
            }
            args.push(self.expr(&expr));
        }
        (args, text)
    }

    /// `pattern = future, if condition => body` arms: each a match on what the future gives.
    fn select(&mut self, tokens: TokenStream) -> Vec<ExprId> {
        let Ok(arms) = syn::parse2::<SelectArms>(tokens) else { return Vec::new() };
        let mut args = Vec::new();
        for arm in arms.0 {
            let body = self.expr(&arm.body);
            let Some((pat, future)) = arm.on else {
                args.push(body);
                continue;
            };
            let future = self.expr(&future);
            let at = self.at(future);
            let on = self.push(at, ExprKind::Await(future));
            let pat = self.pat(&pat);
            let guard = arm.guard.as_ref().map(|guard| self.expr(guard));
            let arms = [Arm { pat, guard, body }].into();
            args.push(self.push(at, ExprKind::Match { on, arms }));
        }
        args
    }

    /// Whatever parses as an expression between the commas and colons of a JSON text.
    fn json(&mut self, tokens: TokenStream, args: &mut Vec<ExprId>) {
        for part in split_commas(tokens) {
            let value = after_colon(part);
            let mut trees = value.clone().into_iter();
            match (trees.next(), trees.next()) {
                (Some(TokenTree::Group(group)), None)
                    if group.delimiter() != Delimiter::Parenthesis =>
                {
                    self.json(group.stream(), args);
                }
                (Some(TokenTree::Literal(_)), None) | (None, _) => {}
                _ => {
                    if let Ok(expr) = syn::parse2::<Expr>(value) {
                        args.push(self.expr(&expr));
                    }
                }
            }
        }
    }

    /// A macro where an item stands: its items, where it gives plain ones.
    pub(super) fn item_macro(&mut self, item: &syn::ItemMacro, cfg: Cfg, out: &mut Vec<Item>) {
        if item.mac.path.is_ident("macro_rules") {
            return;
        }
        let before = out.len();
        self.expand_items(&item.mac, out);
        if out.len() > before {
            for item in &mut out[before..] {
                if item.cfg == Cfg::On {
                    item.cfg = cfg.clone();
                }
            }
            return;
        }
        let at = self.path_range(&item.mac.path);
        let path = item.mac.path.segments.iter().map(|s| self.name(&s.ident)).collect();
        let args = self.as_expressions(item.mac.tokens.clone());
        let name = self.intern("_");
        let kind = ItemKind::MacroCall { path, args };
        out.push(Item { name, at, whole: at, public: false, cfg, attrs: Vec::new(), kind });
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
            Some(MacroTokens::CfgIf) => self.branches(tokens, out),
            Some(MacroTokens::Paths | MacroTokens::Format) => {}
            _ => {
                let name = mac.path.segments.last().map(|s| s.ident.to_string());
                if let Some(items) = name.and_then(|name| self.item_macros.remove(&name)) {
                    out.extend(self.items(&items));
                } else if let Ok(file) = syn::parse2::<syn::File>(tokens) {
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

    /// `if #[cfg(a)] { items } else { items }`: the items of all branches that can be on.
    fn branches(&mut self, tokens: TokenStream, out: &mut Vec<Item>) {
        for tree in tokens {
            if let TokenTree::Group(group) = tree
                && group.delimiter() == Delimiter::Brace
                && let Ok(file) = syn::parse2::<syn::File>(group.stream())
            {
                out.extend(self.items(&file.items));
            }
        }
    }

    /// Remembers `macro_rules!` that take nothing and give items.
    pub(super) fn note_item_macros(&mut self, items: &[syn::Item]) {
        for item in items {
            if let syn::Item::Macro(item) = item
                && item.mac.path.is_ident("macro_rules")
                && let Some(name) = &item.ident
                && let Some(body) = plain_body(item.mac.tokens.clone())
                && let Ok(file) = syn::parse2::<syn::File>(body)
                && !file.items.is_empty()
            {
                self.item_macros.insert(name.to_string(), file.items);
            }
        }
    }
}

fn close(delimiter: &syn::MacroDelimiter) -> proc_macro2::Span {
    match delimiter {
        syn::MacroDelimiter::Paren(paren) => paren.span.close(),
        syn::MacroDelimiter::Brace(brace) => brace.span.close(),
        syn::MacroDelimiter::Bracket(bracket) => bracket.span.close(),
    }
}

/// The body of the first `() => { .. }` arm.
fn plain_body(tokens: TokenStream) -> Option<TokenStream> {
    let mut trees = tokens.into_iter();
    match trees.next()? {
        TokenTree::Group(matcher) if matcher.stream().is_empty() => {}
        _ => return None,
    }
    match trees.nth(2)? {
        TokenTree::Group(body) => Some(body.stream()),
        _ => None,
    }
}

fn is_punct(tree: &TokenTree, wanted: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

fn split_commas(tokens: TokenStream) -> Vec<TokenStream> {
    let mut parts = vec![Vec::new()];
    let mut angles = 0i32;
    let mut before = None;
    for tree in tokens {
        match &tree {
            TokenTree::Punct(punct) => {
                match punct.as_char() {
                    ',' if angles <= 0 => {
                        parts.push(Vec::new());
                        before = Some(',');
                        continue;
                    }
                    // Only `::<` opens type arguments; a lone `<` compares.
                    '<' if before == Some(':') => angles += 1,
                    '>' if angles > 0 && before != Some('-') => angles -= 1,
                    _ => {}
                }
                before = Some(punct.as_char());
            }
            _ => before = None,
        }
        if let Some(part) = parts.last_mut() {
            part.push(tree);
        }
    }
    parts.into_iter().filter(|part| !part.is_empty()).map(TokenStream::from_iter).collect()
}

/// `name = value`, `target: value`, `%value`, `?value`: the value.
fn without_label(part: TokenStream) -> TokenStream {
    let mut trees: Vec<TokenTree> = part.into_iter().collect();
    let sign = trees.iter().position(|tree| is_punct(tree, '=') || is_punct(tree, ':'));
    if let Some(sign) = sign {
        let label = trees[..sign].iter().all(|tree| {
            matches!(tree, TokenTree::Ident(_) | TokenTree::Literal(_)) || is_punct(tree, '.')
        });
        let alone = trees.get(sign + 1).is_some_and(|next| {
            !is_punct(next, '=') && !is_punct(next, ':') && !is_punct(next, '>')
        });
        if sign > 0 && label && alone {
            trees.drain(..=sign);
        }
    }
    if trees.first().is_some_and(|tree| is_punct(tree, '%') || is_punct(tree, '?')) {
        trees.remove(0);
    }
    trees.into_iter().collect()
}

/// What stands behind the first lone colon, or everything.
fn after_colon(part: TokenStream) -> TokenStream {
    let trees: Vec<TokenTree> = part.into_iter().collect();
    let colon = trees.iter().enumerate().position(|(index, tree)| {
        is_punct(tree, ':')
            && !trees.get(index + 1).is_some_and(|next| is_punct(next, ':'))
            && !(index > 0 && is_punct(&trees[index - 1], ':'))
    });
    match colon {
        Some(colon) => trees.into_iter().skip(colon + 1).collect(),
        None => trees.into_iter().collect(),
    }
}

fn first_literal(tokens: &TokenStream) -> Option<String> {
    match tokens.clone().into_iter().next()? {
        TokenTree::Literal(literal) => match syn::parse_str(&literal.to_string()) {
            Ok(syn::Lit::Str(text)) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// `{name}`, `{name:?}` in a format string.
fn inline_names(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        rest = &rest[open + 1..];
        if let Some(escaped) = rest.strip_prefix('{') {
            rest = escaped;
            continue;
        }
        let end = rest.find(['}', ':']).unwrap_or(rest.len());
        let name = rest[..end].trim();
        let mut letters = name.chars();
        let starts = letters.next().is_some_and(|c| c.is_alphabetic() || c == '_');
        if starts && letters.all(|c| c.is_alphanumeric() || c == '_') {
            names.push(name);
        }
        rest = &rest[end..];
    }
    names
}

/// `value; length`.
struct Repeated {
    value: Expr,
    length: Expr,
}

impl Parse for Repeated {
    fn parse(input: ParseStream<'_>) -> syn::Result<Repeated> {
        let value = input.parse()?;
        input.parse::<Token![;]>()?;
        let length = input.parse()?;
        match input.is_empty() {
            true => Ok(Repeated { value, length }),
            false => Err(input.error("more than a value and a length")),
        }
    }
}

struct StaticItem {
    attrs: Vec<syn::Attribute>,
    vis: syn::Visibility,
    ident: syn::Ident,
    ty: syn::Type,
    init: Expr,
}

/// `static ref A: T = x;` and `static A: T = x;`, any number of them.
struct Statics(Vec<StaticItem>);

impl Parse for Statics {
    fn parse(input: ParseStream<'_>) -> syn::Result<Statics> {
        let mut items = Vec::new();
        while !input.is_empty() {
            let attrs = input.call(syn::Attribute::parse_outer)?;
            let vis = input.parse()?;
            input.parse::<Token![static]>()?;
            input.parse::<Option<Token![ref]>>()?;
            let ident = input.parse()?;
            input.parse::<Token![:]>()?;
            let ty = input.parse()?;
            input.parse::<Token![=]>()?;
            let init = input.parse()?;
            if !input.is_empty() {
                input.parse::<Token![;]>()?;
            }
            items.push(StaticItem { attrs, vis, ident, ty, init });
        }
        Ok(Statics(items))
    }
}

struct SelectArm {
    on: Option<(syn::Pat, Expr)>,
    guard: Option<Expr>,
    body: Expr,
}

struct SelectArms(Vec<SelectArm>);

impl Parse for SelectArms {
    fn parse(input: ParseStream<'_>) -> syn::Result<SelectArms> {
        let mut arms = Vec::new();
        if input.peek(syn::Ident) && input.peek2(Token![;]) {
            // `biased;`
            input.parse::<syn::Ident>()?;
            input.parse::<Token![;]>()?;
        }
        while !input.is_empty() {
            let plain =
                input.peek(Token![else]) || (input.peek(syn::Ident) && input.peek2(Token![=>]));
            let mut guard = None;
            let on = if plain {
                input.parse::<TokenTree>()?;
                None
            } else {
                let pat = syn::Pat::parse_multi(input)?;
                input.parse::<Token![=]>()?;
                let future = input.parse()?;
                if input.peek(Token![,]) {
                    input.parse::<Token![,]>()?;
                    input.parse::<Token![if]>()?;
                    guard = Some(input.parse()?);
                }
                Some((pat, future))
            };
            input.parse::<Token![=>]>()?;
            let braced = input.peek(syn::token::Brace);
            let body = match braced {
                true => Expr::Block(syn::ExprBlock {
                    attrs: Vec::new(),
                    label: None,
                    block: input.parse()?,
                }),
                false => input.parse()?,
            };
            arms.push(SelectArm { on, guard, body });
            if input.peek(Token![,]) {
                input.parse::<Token![,]>()?;
            } else if !braced && !input.is_empty() {
                return Err(input.error("expected `,`"));
            }
        }
        Ok(SelectArms(arms))
    }
}
