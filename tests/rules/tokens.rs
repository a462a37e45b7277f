//! Of which tokens does a text consist, and where do they stand?

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Ident,
    /// A string literal.
    Text,
    Other,
}

pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) kind: Kind,
    pub(crate) at: std::ops::Range<usize>,
    pub(crate) attribute: bool,
    /// In a `use` line: the first part of its path.
    pub(crate) used: Option<String>,
}

impl Token {
    /// The tokens of a text; `::` is one, and so is each bracket.
    pub(crate) fn all(text: &str) -> Result<Vec<Token>, String> {
        let stream: TokenStream = text.parse().map_err(|error| format!("{error}"))?;
        let mut tokens = Vec::new();
        Token::flatten(stream, false, &mut tokens);
        let mut at = 0;
        while at < tokens.len() {
            if tokens[at].text != "use" || tokens[at].attribute {
                at += 1;
                continue;
            }
            let head = tokens[at + 1..].iter().find(|token| token.kind == Kind::Ident);
            let head = head.map(|token| token.text.clone());
            at += 1;
            while at < tokens.len() && tokens[at].text != ";" {
                tokens[at].used.clone_from(&head);
                at += 1;
            }
        }
        Ok(tokens)
    }

    fn flatten(stream: TokenStream, attribute: bool, out: &mut Vec<Token>) {
        let mut hash = false;
        for tree in stream {
            let at = tree.span().byte_range();
            let push = |out: &mut Vec<Token>, text: String, kind| {
                out.push(Token { text, kind, at: at.clone(), attribute, used: None });
            };
            match tree {
                TokenTree::Ident(ident) => {
                    push(out, ident.to_string(), Kind::Ident);
                    hash = false;
                }
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    let kind = if text.contains('"') { Kind::Text } else { Kind::Other };
                    push(out, text, kind);
                    hash = false;
                }
                TokenTree::Punct(punct) => {
                    let colon = punct.as_char() == ':';
                    hash = punct.as_char() == '#' || hash && punct.as_char() == '!';
                    match out.last_mut() {
                        Some(last) if colon && last.text == ":" && last.at.end == at.start => {
                            last.text.push(':');
                            last.at.end = at.end;
                        }
                        _ => push(out, punct.to_string(), Kind::Other),
                    }
                }
                TokenTree::Group(group) => {
                    let (open, close) = match group.delimiter() {
                        Delimiter::Parenthesis => ("(", ")"),
                        Delimiter::Brace => ("{", "}"),
                        Delimiter::Bracket => ("[", "]"),
                        Delimiter::None => ("", ""),
                    };
                    out.push(Token {
                        text: open.into(),
                        kind: Kind::Other,
                        at: group.span_open().byte_range(),
                        attribute,
                        used: None,
                    });
                    let attribute = attribute || hash && group.delimiter() == Delimiter::Bracket;
                    Token::flatten(group.stream(), attribute, out);
                    let at = group.span_close().byte_range();
                    let (text, kind) = (close.to_string(), Kind::Other);
                    out.push(Token { text, kind, at, attribute, used: None });
                    hash = false;
                }
            }
        }
    }

    /// The names of the macros that sources define.
    pub(crate) fn own_macros(files: &[(String, String)]) -> Result<BTreeSet<String>, String> {
        let mut own = BTreeSet::new();
        for (_, text) in files.iter().filter(|(file, _)| file.ends_with(".rs")) {
            for window in Token::all(text)?.windows(3) {
                if window[0].text == "macro_rules" && window[1].text == "!" {
                    own.insert(window[2].text.clone());
                }
            }
        }
        Ok(own)
    }

    /// What is declared where macros of the tree are defined and called: the word before each
    /// name, or `:` for what stands before one.
    pub(crate) fn declared<'t>(
        tokens: &'t [Token],
        own: &BTreeSet<String>,
    ) -> Vec<(&'static str, &'t str)> {
        const WORDS: [&str; 8] =
            ["struct", "enum", "trait", "type", "mod", "fn", "static", "const"];
        let mut found = Vec::new();
        let mut depth = 0usize;
        for (index, token) in tokens.iter().enumerate() {
            let text = |back: usize| index.checked_sub(back).map_or("", |at| &*tokens[at].text);
            let called = own.contains(text(2)) && text(1) == "!";
            let defined = text(3) == "macro_rules" && text(2) == "!";
            match &*token.text {
                "(" | "[" | "{" if depth > 0 || called || defined => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                name if depth > 0 && token.kind == Kind::Ident && text(1) != "$" => {
                    let word = WORDS.iter().find(|word| **word == text(1));
                    let colon = tokens.get(index + 1).is_some_and(|next| next.text == ":");
                    found.extend(word.map(|word| (*word, name)).or(colon.then_some((":", name))));
                }
                _ => {}
            }
        }
        found
    }
}
