//! Grammars of macros that have one of their own.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, Token};

use crate::parse::conditions::Condition;

/// `value; length`.
pub(super) struct Repeated {
    pub(super) value: Expr,
    pub(super) length: Expr,
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

pub(super) struct StaticItem {
    pub(super) attrs: Vec<syn::Attribute>,
    pub(super) vis: syn::Visibility,
    pub(super) ident: syn::Ident,
    pub(super) ty: syn::Type,
    pub(super) init: Expr,
}

/// `static ref A: T = x;` and `static A: T = x;`, any number of them.
pub(super) struct Statics(pub(super) Vec<StaticItem>);

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

/// One arm of `select!`: `pattern = future, if guard => body`, or what needs no future.
pub(super) struct SelectArm {
    pub(super) on: SelectOn,
    pub(super) guard: Option<Expr>,
    pub(super) body: Expr,
}

pub(super) enum SelectOn {
    /// `else`, `complete`.
    Nothing,
    Future(syn::Pat, Expr),
    /// `recv(receiver) -> pattern` and `default(timeout)`, of channels without futures.
    Operation(syn::Ident, Option<syn::Pat>, Vec<Expr>),
}

pub(super) struct SelectArms(pub(super) Vec<SelectArm>);

impl Parse for SelectArms {
    fn parse(input: ParseStream<'_>) -> syn::Result<SelectArms> {
        let mut arms = Vec::new();
        if input.peek(syn::Ident) && input.peek2(Token![;]) {
            // `biased;`
            input.parse::<syn::Ident>()?;
            input.parse::<Token![;]>()?;
        }
        while !input.is_empty() {
            let mut guard = None;
            let plain =
                input.peek(Token![else]) || (input.peek(syn::Ident) && input.peek2(Token![=>]));
            let called = input.peek(syn::Ident)
                && input.peek2(syn::token::Paren)
                && (input.peek3(Token![->]) || input.peek3(Token![=>]));
            let on = if plain {
                input.parse::<TokenTree>()?;
                SelectOn::Nothing
            } else if called {
                let name = input.parse()?;
                let content;
                syn::parenthesized!(content in input);
                let args = content.parse_terminated(Expr::parse, Token![,])?;
                let arrow = input.parse::<Option<Token![->]>>()?;
                let pat = arrow.map(|_| syn::Pat::parse_multi(input)).transpose()?;
                SelectOn::Operation(name, pat, args.into_iter().collect())
            } else {
                let pat = syn::Pat::parse_multi(input)?;
                input.parse::<Token![=]>()?;
                let future = input.parse()?;
                if input.peek(Token![,]) {
                    input.parse::<Token![,]>()?;
                    input.parse::<Token![if]>()?;
                    guard = Some(input.parse()?);
                }
                SelectOn::Future(pat, future)
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

/// `a => { .. } all(b, c) => { .. } _ => ..`.
pub(super) struct CfgArms(pub(super) Vec<(Condition, TokenStream)>);

impl Parse for CfgArms {
    fn parse(input: ParseStream<'_>) -> syn::Result<CfgArms> {
        let mut arms = Vec::new();
        while !input.is_empty() {
            let mut condition = TokenStream::new();
            while !input.peek(Token![=>]) {
                condition.extend([input.parse::<TokenTree>()?]);
            }
            input.parse::<Token![=>]>()?;
            let condition = match condition.to_string() == "_" {
                true => Condition::True,
                false => syn::parse2(condition)?,
            };
            let body = if input.peek(syn::token::Brace) {
                let content;
                syn::braced!(content in input);
                content.parse()?
            } else {
                input.parse::<Expr>()?.into_token_stream()
            };
            arms.push((condition, body));
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(CfgArms(arms))
    }
}

/// `if #[cfg(a)] { .. } else if #[cfg(b)] { .. } else { .. }`.
pub(super) struct Branches(pub(super) Vec<(Vec<syn::Attribute>, TokenStream)>);

impl Parse for Branches {
    fn parse(input: ParseStream<'_>) -> syn::Result<Branches> {
        let mut branches = Vec::new();
        while !input.is_empty() {
            let mut attrs = Vec::new();
            if input.parse::<Option<Token![if]>>()?.is_some() {
                attrs = input.call(syn::Attribute::parse_outer)?;
            }
            let content;
            syn::braced!(content in input);
            branches.push((attrs, content.parse()?));
            input.parse::<Option<Token![else]>>()?;
        }
        Ok(Branches(branches))
    }
}
