//! Tokens of macros, taken apart without a grammar.

use proc_macro2::{TokenStream, TokenTree};

pub(super) fn close(delimiter: &syn::MacroDelimiter) -> proc_macro2::Span {
    match delimiter {
        syn::MacroDelimiter::Paren(paren) => paren.span.close(),
        syn::MacroDelimiter::Brace(brace) => brace.span.close(),
        syn::MacroDelimiter::Bracket(bracket) => bracket.span.close(),
    }
}

pub(super) fn is_punct(tree: &TokenTree, wanted: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

/// The fields that are named anywhere in tokens of which nothing else is known: `page.title`.
pub(super) fn named_fields(tokens: TokenStream, found: &mut Vec<syn::Expr>) {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let is_name = |at: usize| matches!(trees.get(at), Some(TokenTree::Ident(_)));
    let mut at = 0;
    while at < trees.len() {
        if let TokenTree::Group(group) = &trees[at] {
            named_fields(group.stream(), found);
        }
        let begin = at;
        at += 1;
        if !is_name(begin) || begin > 0 && is_punct(&trees[begin - 1], '.') {
            continue;
        }
        let calls = |at: usize| matches!(trees.get(at), Some(TokenTree::Group(_)));
        let dotted = |at: usize| trees.get(at).is_some_and(|tree| is_punct(tree, '.'));
        while dotted(at) && is_name(at + 1) && !calls(at + 2) {
            at += 2;
        }
        if at > begin + 1 {
            let chain = trees[begin..at].iter().cloned();
            found.extend(syn::parse2::<syn::Expr>(chain.collect()));
        }
    }
}

pub(super) fn split_commas(tokens: TokenStream) -> Vec<TokenStream> {
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

/// `name = value`, `target: value`, `%value`, `?value`: the value, and whether it had a name.
pub(super) fn without_label(part: TokenStream) -> (TokenStream, bool) {
    let mut trees: Vec<TokenTree> = part.into_iter().collect();
    let mut labelled = false;
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
            labelled = true;
        }
    }
    if trees.first().is_some_and(|tree| is_punct(tree, '%') || is_punct(tree, '?')) {
        trees.remove(0);
    }
    (trees.into_iter().collect(), labelled)
}

/// What stands behind the first lone colon, or everything.
pub(super) fn after_colon(part: TokenStream) -> TokenStream {
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

pub(super) fn first_literal(tokens: &TokenStream) -> Option<String> {
    match tokens.clone().into_iter().next()? {
        TokenTree::Literal(literal) => match syn::parse_str(&literal.to_string()) {
            Ok(syn::Lit::Str(text)) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// `{name}`, `{name:?}`, `{:>width$}` in a format string.
pub(super) fn inline_names(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        rest = &rest[open + 1..];
        if let Some(escaped) = rest.strip_prefix('{') {
            rest = escaped;
            continue;
        }
        let end = rest.find('}').unwrap_or(rest.len());
        let (name, form) = rest[..end].split_once(':').unwrap_or((&rest[..end], ""));
        names.extend(is_name(name.trim()).then_some(name.trim()));
        for part in form.split_inclusive('$').filter_map(|part| part.strip_suffix('$')) {
            let start = part.rfind(|c: char| !(c.is_alphanumeric() || c == '_'));
            let start =
                start.map_or(0, |at| at + part[at..].chars().next().map_or(1, char::len_utf8));
            names.extend(is_name(&part[start..]).then_some(&part[start..]));
        }
        rest = &rest[end..];
    }
    names
}

/// Whether what is filled in first stands in the format string itself: `{name}`, not `{}`.
pub(super) fn begins_with_name(text: &str) -> bool {
    let first = text.replace("{{", "");
    let first = first.split_once('{').map_or("", |(_, rest)| rest);
    is_name(first.split([':', '}']).next().unwrap_or_default().trim())
}

fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    let starts = letters.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    starts && letters.all(|c| c.is_alphanumeric() || c == '_')
}
