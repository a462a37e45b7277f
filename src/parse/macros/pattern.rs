//! What does a `macro_rules!` arm say? Its pattern and its template, read from tokens.

use std::rc::Rc;

use proc_macro2::{Delimiter, Ident, Spacing, Span, TokenStream, TokenTree};

use super::tokens::is_punct;

/// One `(pattern) => { template }`.
pub(super) struct Arm {
    pub(super) pattern: Vec<Pattern>,
    pub(super) template: Vec<Template>,
}

pub(super) enum Pattern {
    Token(Token),
    Group(Delimiter, Vec<Pattern>),
    /// `$name:kind`.
    Fragment(Rc<str>, Fragment),
    Repeat {
        body: Vec<Pattern>,
        /// The names that are bound inside.
        names: Vec<Rc<str>>,
        separator: Option<Token>,
        times: Times,
    },
}

/// One token as the language counts them: an operator is one, however many signs it has.
#[derive(PartialEq, Eq)]
pub(super) enum Token {
    Word(String),
    Operator(String),
    Literal(String),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Times {
    Any,
    Some,
    Once,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fragment {
    Block,
    Expr,
    Ident,
    Item,
    Lifetime,
    Literal,
    Meta,
    Pat,
    PatParam,
    Path,
    Stmt,
    Tree,
    Ty,
    Vis,
}

pub(super) enum Template {
    Tree(TokenTree),
    Group(Delimiter, Span, Vec<Template>),
    /// `$name`, with the sign and the name as they stand.
    Name(TokenTree, Ident),
    /// `$crate`.
    Crate(Span),
    Repeat {
        body: Vec<Template>,
        separator: Vec<TokenTree>,
    },
}

/// Operators of several signs.
const OPERATORS: [&str; 25] = [
    "<<=", ">>=", "...", "..=", "::", "->", "=>", "==", "!=", "<=", ">=", "&&", "||", "+=", "-=",
    "*=", "/=", "%=", "^=", "&=", "|=", "<<", ">>", "..", "<-",
];

/// The operator at the head of some tokens, and of how many it is made.
pub(super) fn operator(mut trees: impl Iterator<Item = TokenTree>) -> (String, usize) {
    let mut signs = String::new();
    while signs.len() < 3
        && let Some(TokenTree::Punct(punct)) = trees.next()
    {
        signs.push(punct.as_char());
        if punct.spacing() == Spacing::Alone {
            break;
        }
    }
    let longest = OPERATORS.iter().find(|operator| signs.starts_with(**operator));
    let length = longest.map_or(1, |operator| operator.len());
    // All signs are one byte long.
    signs.truncate(length);
    (signs, length)
}

/// The arms of a definition; `None` where they are not as the language wants them.
pub(super) fn arms(tokens: TokenStream) -> Option<Vec<Arm>> {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let mut rest = &trees[..];
    let mut arms = Vec::new();
    while !rest.is_empty() {
        let [TokenTree::Group(pattern), equals, greater, TokenTree::Group(template), more @ ..] =
            rest
        else {
            return None;
        };
        if !is_punct(equals, '=') || !is_punct(greater, '>') {
            return None;
        }
        arms.push(Arm {
            pattern: patterns(pattern.stream())?,
            template: templates(template.stream())?,
        });
        rest = match more {
            [semicolon, more @ ..] if is_punct(semicolon, ';') => more,
            more => more,
        };
    }
    Some(arms)
}

fn patterns(tokens: TokenStream) -> Option<Vec<Pattern>> {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let mut rest = &trees[..];
    let mut found = Vec::new();
    while let [first, more @ ..] = rest {
        rest = match (first, more) {
            (dollar, [TokenTree::Group(body), more @ ..])
                if is_punct(dollar, '$') && body.delimiter() == Delimiter::Parenthesis =>
            {
                let body = patterns(body.stream())?;
                let (separator, times, more) = repetition(more)?;
                let separator = token(separator).map(|(token, _)| token);
                let mut names = Vec::new();
                bound(&body, &mut names);
                found.push(Pattern::Repeat { body, names, separator, times });
                more
            }
            (dollar, [TokenTree::Ident(name), colon, TokenTree::Ident(kind), more @ ..])
                if is_punct(dollar, '$') && is_punct(colon, ':') =>
            {
                let kind = fragment(&kind.to_string())?;
                found.push(Pattern::Fragment(name.to_string().into(), kind));
                more
            }
            (dollar, [TokenTree::Ident(name), more @ ..])
                if is_punct(dollar, '$') && name == "crate" =>
            {
                found.push(Pattern::Token(Token::Word("crate".into())));
                more
            }
            (TokenTree::Group(group), more) => {
                found.push(Pattern::Group(group.delimiter(), patterns(group.stream())?));
                more
            }
            _ => {
                let (token, length) = token(rest)?;
                found.push(Pattern::Token(token));
                &rest[length..]
            }
        };
    }
    Some(found)
}

fn bound(patterns: &[Pattern], names: &mut Vec<Rc<str>>) {
    for pattern in patterns {
        match pattern {
            Pattern::Token(_) => {}
            Pattern::Group(_, body) => bound(body, names),
            Pattern::Fragment(name, _) => names.push(name.clone()),
            Pattern::Repeat { names: inner, .. } => names.extend(inner.iter().cloned()),
        }
    }
}

fn fragment(kind: &str) -> Option<Fragment> {
    Some(match kind {
        "block" => Fragment::Block,
        "expr" | "expr_2021" => Fragment::Expr,
        "ident" => Fragment::Ident,
        "item" => Fragment::Item,
        "lifetime" => Fragment::Lifetime,
        "literal" => Fragment::Literal,
        "meta" => Fragment::Meta,
        "pat" => Fragment::Pat,
        "pat_param" => Fragment::PatParam,
        "path" => Fragment::Path,
        "stmt" => Fragment::Stmt,
        "tt" => Fragment::Tree,
        "ty" => Fragment::Ty,
        "vis" => Fragment::Vis,
        _ => return None,
    })
}

/// The token at the head of some, and of how many it is made.
fn token(trees: &[TokenTree]) -> Option<(Token, usize)> {
    Some(match trees.first()? {
        TokenTree::Ident(word) => (Token::Word(word.to_string()), 1),
        TokenTree::Literal(literal) => (Token::Literal(literal.to_string()), 1),
        TokenTree::Punct(_) => {
            let (signs, length) = operator(trees.iter().cloned());
            (Token::Operator(signs), length)
        }
        TokenTree::Group(_) => return None,
    })
}

/// What stands behind `$(..)`: the tokens between, how often, and the rest.
fn repetition(trees: &[TokenTree]) -> Option<(&[TokenTree], Times, &[TokenTree])> {
    let times = |tree: &TokenTree| match tree {
        TokenTree::Punct(punct) => match punct.as_char() {
            '*' => Some(Times::Any),
            '+' => Some(Times::Some),
            '?' => Some(Times::Once),
            _ => None,
        },
        _ => None,
    };
    let first = trees.first()?;
    if let Some(times) = times(first) {
        return Some((&[], times, &trees[1..]));
    }
    let (_, length) = token(trees)?;
    let times = times(trees.get(length)?)?;
    Some((&trees[..length], times, &trees[length + 1..]))
}

fn templates(tokens: TokenStream) -> Option<Vec<Template>> {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let mut rest = &trees[..];
    let mut found = Vec::with_capacity(trees.len());
    while let [first, more @ ..] = rest {
        rest = match (first, more) {
            (dollar, [TokenTree::Group(body), more @ ..])
                if is_punct(dollar, '$') && body.delimiter() == Delimiter::Parenthesis =>
            {
                let (separator, _, more) = repetition(more)?;
                let body = templates(body.stream())?;
                found.push(Template::Repeat { body, separator: separator.to_vec() });
                more
            }
            (dollar, [TokenTree::Ident(name), more @ ..]) if is_punct(dollar, '$') => {
                found.push(match name == "crate" {
                    true => Template::Crate(name.span()),
                    false => Template::Name(dollar.clone(), name.clone()),
                });
                more
            }
            (TokenTree::Group(group), more) => {
                let body = templates(group.stream())?;
                found.push(Template::Group(group.delimiter(), group.span(), body));
                more
            }
            // `${count(..)}` and the like are not in the language yet.
            (dollar, _) if is_punct(dollar, '$') => return None,
            (tree, more) => {
                found.push(Template::Tree(tree.clone()));
                more
            }
        };
    }
    Some(found)
}
