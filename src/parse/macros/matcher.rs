//! Does a call fit an arm of a `macro_rules!`, and what do the names of the arm then stand for?

use std::rc::Rc;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::buffer::Cursor;
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Ident, Pat, Token, Type};

use super::pattern::{Arm, Fragment, Pattern, Times, Token as One, operator};

/// What a name stands for.
pub(super) enum Binding {
    /// Tokens, and how many they are.
    Once(TokenStream, usize),
    /// One for each time around.
    Each(Vec<Binding>),
}

pub(super) type Bindings = Vec<(Rc<str>, Binding)>;

/// The first arm that fits. `steps` bounds the work.
pub(super) fn first<'a>(
    arms: &'a [Arm],
    tokens: TokenStream,
    steps: &mut usize,
) -> Option<(&'a Arm, Bindings)> {
    let parser = |input: ParseStream<'_>| {
        for arm in arms {
            let fork = input.fork();
            let mut found = Bindings::new();
            let mut matcher = Matcher { steps };
            if matcher.sequence(&arm.pattern, &fork, &mut found).is_some() && fork.is_empty() {
                input.advance_to(&fork);
                return Ok((arm, found));
            }
        }
        Err(input.error("no arm fits"))
    };
    parser.parse2(tokens).ok()
}

struct Matcher<'s> {
    steps: &'s mut usize,
}

impl Matcher<'_> {
    fn step(&mut self) -> Option<()> {
        *self.steps = self.steps.checked_sub(1)?;
        Some(())
    }

    fn sequence(
        &mut self,
        patterns: &[Pattern],
        input: ParseStream<'_>,
        found: &mut Bindings,
    ) -> Option<()> {
        for pattern in patterns {
            self.step()?;
            match pattern {
                Pattern::Token(wanted) => token(wanted, input)?,
                Pattern::Group(delimiter, body) => {
                    let content = inside(*delimiter, input).ok()?;
                    self.sequence(body, &content, found)?;
                    if !content.is_empty() {
                        return None;
                    }
                }
                Pattern::Fragment(name, kind) => {
                    let tokens = fragment(*kind, input)?;
                    let size = size(&tokens);
                    // Reading a fragment is work too.
                    *self.steps = self.steps.checked_sub(size)?;
                    found.push((name.clone(), Binding::Once(tokens, size)));
                }
                Pattern::Repeat { body, names, separator, times } => {
                    let each = self.repeat(body, names, separator.as_ref(), *times, input)?;
                    found.extend(names.iter().cloned().zip(each.into_iter().map(Binding::Each)));
                }
            }
        }
        Some(())
    }

    /// As often as it goes: what stands behind can never be meant, or the arm is ambiguous.
    fn repeat(
        &mut self,
        body: &[Pattern],
        names: &[Rc<str>],
        separator: Option<&One>,
        times: Times,
        input: ParseStream<'_>,
    ) -> Option<Vec<Vec<Binding>>> {
        let mut each: Vec<Vec<Binding>> = names.iter().map(|_| Vec::new()).collect();
        let mut count = 0usize;
        let most = if times == Times::Once { 1 } else { usize::MAX };
        while !input.is_empty() && count < most {
            self.step()?;
            let fork = input.fork();
            if count > 0
                && let Some(separator) = separator
                && token(separator, &fork).is_none()
            {
                break;
            }
            let mut found = Bindings::new();
            if self.sequence(body, &fork, &mut found).is_none() || fork.cursor() == input.cursor() {
                break;
            }
            input.advance_to(&fork);
            for (list, (_, binding)) in each.iter_mut().zip(found) {
                list.push(binding);
            }
            count += 1;
        }
        (count > 0 || times != Times::Some).then_some(each)
    }
}

fn inside<'i>(
    delimiter: Delimiter,
    input: ParseStream<'i>,
) -> syn::Result<syn::parse::ParseBuffer<'i>> {
    let content;
    match delimiter {
        Delimiter::Parenthesis => {
            syn::parenthesized!(content in input);
        }
        Delimiter::Brace => {
            syn::braced!(content in input);
        }
        Delimiter::Bracket => {
            syn::bracketed!(content in input);
        }
        Delimiter::None => return Err(input.error("no delimiter")),
    }
    Ok(content)
}

fn token(wanted: &One, input: ParseStream<'_>) -> Option<()> {
    let (tree, _) = input.cursor().token_tree()?;
    let length = match (wanted, &tree) {
        (One::Word(word), TokenTree::Ident(ident)) => (ident == word).then_some(1)?,
        (One::Literal(text), TokenTree::Literal(literal)) => {
            (literal.to_string() == *text).then_some(1)?
        }
        (One::Operator(signs), TokenTree::Punct(_)) => {
            let (found, length) = operator(trees(input.cursor()));
            (found == *signs).then_some(length)?
        }
        _ => return None,
    };
    skip(input, length)
}

fn trees(cursor: Cursor<'_>) -> impl Iterator<Item = TokenTree> {
    let mut cursor = cursor;
    std::iter::from_fn(move || {
        let (tree, after) = cursor.token_tree()?;
        cursor = after;
        Some(tree)
    })
}

fn skip(input: ParseStream<'_>, length: usize) -> Option<()> {
    let step = input.step(|cursor| {
        let mut at = *cursor;
        for _ in 0..length {
            at = at.token_tree().ok_or_else(|| cursor.error("too short"))?.1;
        }
        Ok(((), at))
    });
    step.ok()
}

/// The tokens of a fragment, which are passed over.
fn fragment(kind: Fragment, input: ParseStream<'_>) -> Option<TokenStream> {
    let start = input.cursor();
    if input.is_empty() && kind != Fragment::Vis {
        return None;
    }
    match kind {
        Fragment::Tree => {
            let length = match input.cursor().token_tree()?.0 {
                TokenTree::Punct(sign) if sign.as_char() == '\'' => 2,
                TokenTree::Punct(_) => operator(trees(input.cursor())).1,
                _ => 1,
            };
            skip(input, length)?;
        }
        Fragment::Ident => {
            let ident = input.call(Ident::parse_any).ok()?;
            if ident == "_" {
                return None;
            }
        }
        Fragment::Block => drop(input.parse::<syn::Block>().ok()?),
        Fragment::Expr => drop(input.parse::<Expr>().ok()?),
        Fragment::Item => drop(input.parse::<syn::Item>().ok()?),
        Fragment::Lifetime => drop(input.parse::<syn::Lifetime>().ok()?),
        Fragment::Literal => {
            if input.peek(Token![-]) {
                input.parse::<Token![-]>().ok()?;
            }
            input.parse::<syn::Lit>().ok()?;
        }
        Fragment::Meta => drop(input.parse::<syn::Meta>().ok()?),
        Fragment::Pat => drop(Pat::parse_multi_with_leading_vert(input).ok()?),
        Fragment::PatParam => drop(Pat::parse_single(input).ok()?),
        Fragment::Path => drop(input.parse::<syn::Path>().ok()?),
        Fragment::Stmt => statement(input)?,
        Fragment::Ty => drop(input.parse::<Type>().ok()?),
        Fragment::Vis => drop(input.parse::<syn::Visibility>().ok()?),
    }
    let tokens = between(start, input.cursor())?;
    match kind {
        // What was one expression or type stays one, wherever it is put.
        Fragment::Expr | Fragment::Ty => Some(held(tokens)),
        _ => Some(tokens.into_iter().collect()),
    }
}

/// A statement without its semicolon.
fn statement(input: ParseStream<'_>) -> Option<()> {
    if input.peek(Token![let]) {
        input.parse::<Token![let]>().ok()?;
        Pat::parse_single(input).ok()?;
        if input.parse::<Option<Token![:]>>().ok()?.is_some() {
            input.parse::<Type>().ok()?;
        }
        if input.parse::<Option<Token![=]>>().ok()?.is_some() {
            input.parse::<Expr>().ok()?;
        }
        if input.parse::<Option<Token![else]>>().ok()?.is_some() {
            input.parse::<syn::Block>().ok()?;
        }
        return Some(());
    }
    let fork = input.fork();
    if fork.parse::<Expr>().is_ok() {
        input.advance_to(&fork);
        return Some(());
    }
    input.parse::<syn::Item>().ok().map(drop)
}

fn between(start: Cursor<'_>, end: Cursor<'_>) -> Option<Vec<TokenTree>> {
    let mut tokens = Vec::new();
    let mut at = start;
    while at != end {
        let (tree, after) = at.token_tree()?;
        tokens.push(tree);
        at = after;
    }
    Some(tokens)
}

fn held(tokens: Vec<TokenTree>) -> TokenStream {
    match tokens.first().map(TokenTree::span) {
        Some(span) if tokens.len() > 1 => {
            let mut group = Group::new(Delimiter::None, tokens.into_iter().collect());
            group.set_span(span);
            TokenTree::Group(group).into()
        }
        _ => tokens.into_iter().collect(),
    }
}

/// How many tokens there are, those in groups included.
pub(super) fn size(tokens: &TokenStream) -> usize {
    let inside = |tree: TokenTree| match tree {
        TokenTree::Group(group) => 1 + size(&group.stream()),
        _ => 1,
    };
    tokens.clone().into_iter().map(inside).sum()
}
