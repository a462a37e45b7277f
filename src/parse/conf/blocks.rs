//! How are the languages of words, blocks in braces and comments read? nginx, Caddy, Varnish.

use std::ops::Range;

use super::{Failure, Kind, Node, Pairs};
use crate::source::{FileId, Span};

/// How deep blocks may lie in each other; people stay below ten.
const MOST_DEPTH: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// `;` ends a directive.
    Nginx,
    /// The line ends it; a brace that something follows belongs to a word.
    Caddy,
    /// `;` ends a statement; comments are those of C as well.
    Vcl,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String, Range<usize>),
    Open,
    Close(usize),
    End,
}

/// Reads directives: `key words` is a key with a text, `key words { }` a key with a block beneath
/// its words.
pub(super) fn tree(file: FileId, text: &str, dialect: Dialect) -> Result<Node, Failure> {
    let span = |range: Range<usize>| Span::new(file, range.start as u32, range.end as u32);
    let mut open: Vec<(Pairs, Vec<Node>)> = Vec::new();
    let (mut pairs, mut words) = (Vec::new(), Vec::<Node>::new());
    let tokens = Lexer { text, at: 0, dialect }.tokens();
    for token in tokens {
        match token {
            Token::Word(word, range) => words.push(Node::scalar(span(range), &word)),
            Token::End => pairs.extend(directive(std::mem::take(&mut words), None)),
            Token::Open => {
                if open.len() >= MOST_DEPTH {
                    return Err(("its blocks are nested too deeply".into(), span(0..0)));
                }
                open.push((std::mem::take(&mut pairs), std::mem::take(&mut words)));
            }
            Token::Close(at) => {
                pairs.extend(directive(std::mem::take(&mut words), None));
                let Some((outer, head)) = open.pop() else {
                    return Err(("this brace closes no block".into(), span(at..at + 1)));
                };
                let inner = std::mem::replace(&mut pairs, outer);
                let start = head.first().map_or(at, |word| word.span.start as usize);
                let block = Node { span: span(start..at + 1), kind: Kind::Block(inner) };
                pairs.extend(directive(head, Some(block)));
            }
        }
    }
    if let Some((_, head)) = open.pop() {
        let at = head.first().map_or(span(0..0), |word| word.span);
        return Err(("this block is not closed".into(), at));
    }
    pairs.extend(directive(words, None));
    Ok(Node { span: span(0..text.len()), kind: Kind::Block(pairs) })
}

/// The first word is the key; the others are its text, or stand between it and its block.
fn directive(mut words: Vec<Node>, block: Option<Node>) -> Option<(Node, Node)> {
    if words.is_empty() {
        // The options of a Caddyfile have no name.
        let block = block?;
        return Some((Node::scalar(block.span, ""), block));
    }
    let key = words.remove(0);
    let rest: Vec<&str> = words.iter().filter_map(Node::text).collect();
    let end = words.last().map_or(key.span.end, |word| word.span.end);
    let start = words.first().map_or(key.span.end, |word| word.span.start);
    let label = Node::scalar(Span::new(key.span.file, start, end), &rest.join(" "));
    Some(match block {
        None => (key, label),
        Some(block) if words.is_empty() => (key, block),
        Some(block) => (key, Node { span: block.span, kind: Kind::Block(vec![(label, block)]) }),
    })
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    dialect: Dialect,
}

impl Lexer<'_> {
    fn tokens(mut self) -> Vec<Token> {
        let mut tokens = Vec::new();
        while let Some(c) = self.peek() {
            let caddy = self.dialect == Dialect::Caddy;
            match c {
                '\n' if caddy => {
                    self.at += 1;
                    tokens.push(Token::End);
                }
                '\u{feff}' => self.at += c.len_utf8(),
                c if c.is_whitespace() => self.at += c.len_utf8(),
                '#' => self.line(),
                '/' if self.is_vcl() && self.text[self.at..].starts_with("//") => self.line(),
                '/' if self.is_vcl() && self.text[self.at..].starts_with("/*") => {
                    self.past("*/", 2)
                }
                '{' if self.is_vcl() && self.text[self.at..].starts_with("{\"") => {
                    let start = self.at;
                    self.past("\"}", 2);
                    let text = self.text[start..self.at].to_string();
                    tokens.push(Token::Word(text, start..self.at));
                }
                ';' if !caddy => {
                    self.at += 1;
                    tokens.push(Token::End);
                }
                '{' if !caddy || self.is_alone() => {
                    self.at += 1;
                    tokens.push(Token::Open);
                    if is_code(&tokens) {
                        self.code();
                    }
                }
                '}' if !caddy || self.is_alone() => {
                    tokens.push(Token::Close(self.at));
                    self.at += 1;
                }
                '\\' if caddy
                    && self.text[self.at + 1..].trim_start_matches('\r').starts_with('\n') =>
                {
                    self.at += self.text[self.at..].find('\n').map_or(1, |to| to + 1);
                }
                _ => tokens.push(self.word()),
            }
        }
        tokens
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn line(&mut self) {
        self.at += self.text[self.at..].find('\n').unwrap_or(self.text.len() - self.at);
    }

    fn is_vcl(&self) -> bool {
        self.dialect == Dialect::Vcl
    }

    /// Behind the next `end`, which is looked for from `skip` bytes on.
    fn past(&mut self, end: &str, skip: usize) {
        let from = self.at + skip;
        self.at = self.text[from..].find(end).map_or(self.text.len(), |at| from + at + end.len());
    }

    /// Whether nothing is written right behind a brace.
    fn is_alone(&self) -> bool {
        self.text[self.at + 1..].chars().next().is_none_or(char::is_whitespace)
    }

    /// A program in another language, up to its brace.
    fn code(&mut self) {
        let mut depth = 0usize;
        for (at, c) in self.text[self.at..].char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => {
                    self.at += at;
                    return;
                }
                '}' => depth -= 1,
                _ => {}
            }
        }
        self.at = self.text.len();
    }

    fn word(&mut self) -> Token {
        let start = self.at;
        let quote = self.peek().filter(|c| match self.dialect {
            Dialect::Nginx => matches!(c, '"' | '\''),
            Dialect::Caddy => matches!(c, '"' | '`'),
            Dialect::Vcl => *c == '"',
        });
        let mut word = String::new();
        if let Some(quote) = quote {
            self.at += 1;
            while let Some(c) = self.peek() {
                self.at += c.len_utf8();
                match c {
                    '\\' if quote != '`' && !self.is_vcl() => {
                        let next = self.peek();
                        self.at += next.map_or(0, char::len_utf8);
                        word.extend(next);
                    }
                    c if c == quote => break,
                    c => word.push(c),
                }
            }
            return Token::Word(word, start..self.at);
        }
        while let Some(c) = self.peek() {
            let ends = match self.dialect {
                Dialect::Nginx => {
                    c == ';'
                        || (c == '{' && !word.ends_with('$'))
                        || (c == '}' && !word.contains("${"))
                }
                Dialect::Caddy => false,
                Dialect::Vcl => matches!(c, ';' | '{' | '}'),
            };
            if c.is_whitespace() || ends {
                break;
            }
            self.at += c.len_utf8();
            word.push(c);
            if c == '\\' {
                let next = self.peek().filter(|c| !c.is_whitespace());
                self.at += next.map_or(0, char::len_utf8);
                word.extend(next);
            }
        }
        if let (Dialect::Caddy, Some(mark)) = (self.dialect, word.strip_prefix("<<")) {
            self.heredoc(mark);
        }
        Token::Word(word, start..self.at)
    }

    /// A text over lines, up to the one that its mark stands on.
    fn heredoc(&mut self, mark: &str) {
        if mark.is_empty() {
            return;
        }
        let mut lines = self.text[self.at..].split_inclusive('\n');
        let mut at = self.at + lines.next().map_or(0, str::len);
        for line in lines {
            at += line.len();
            if line.trim() == mark {
                break;
            }
        }
        // The line break ends the directive.
        self.at = at - usize::from(self.text[self.at..at].ends_with('\n'));
    }
}

/// Whether the block that was just opened holds a program: `content_by_lua_block {`.
fn is_code(tokens: &[Token]) -> bool {
    let head = tokens.iter().rev().skip(1).take_while(|token| matches!(token, Token::Word(..)));
    let first = head.last();
    matches!(first, Some(Token::Word(word, _)) if word.ends_with("_by_lua_block") || word == "js_content_block")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::conf::ways::find;

    fn read(text: &str, dialect: Dialect) -> Node {
        tree(FileId(0), text, dialect).unwrap_or_else(|error| panic!("{error:?}"))
    }

    /// What stands at a way, each with the text from its key on.
    fn at(text: &str, dialect: Dialect, way: &str) -> Vec<String> {
        let root = read(text, dialect);
        let hits = find(&root, way);
        let shown = |at: Span| text[at.start as usize..].chars().take(4).collect::<String>();
        hits.iter().map(|hit| format!("{}={}", shown(hit.at), hit.value.text())).collect()
    }

    #[test]
    fn directives_of_nginx_stand_in_their_blocks() {
        let text = "# upstream x { a; }\nhttp {\n  log_format m '$a \"{\" # no';\n  upstream a { hash \
                    $cookie_s consistent; server \"b:1\"; }\n  upstream b{ip_hash;}\n  map $h ${x}y \
                    { default 1; }\n  server { location ~ \\.php$ { content_by_lua_block { if x { } \
                    ip_hash; } } }\n}\n";
        let nginx = |way: &str| at(text, Dialect::Nginx, way);
        assert_eq!(nginx("**/upstream/*/hash"), ["hash=$cookie_s consistent"]);
        assert_eq!(nginx("**/upstream/*/ip_hash"), ["ip_h="]);
        assert_eq!(nginx("**/ip_hash").len(), 1);
        assert_eq!(nginx("http/log_format"), ["log_=m $a \"{\" # no"]);
        assert_eq!(nginx("http/map/*/default"), ["defa=1"]);
        for broken in ["a { b;", "a; }", &"a {".repeat(1000)] {
            assert!(tree(FileId(0), broken, Dialect::Nginx).is_err(), "{broken:.20}");
        }
    }

    #[test]
    fn directives_of_caddy_end_with_their_lines() {
        let text = "{\n\temail a@b.c\n}\nexample.com {\n\treverse_proxy a:1 b:1 {\n\t\tlb_policy \
                    header X-User # lb_policy first\n\t}\n\trespond <<X\n\tlb_policy cookie {\n\tX\n\t\
                    header {http.x} `{ a`\n}\n";
        let caddy = |way: &str| at(text, Dialect::Caddy, way);
        assert_eq!(
            caddy("**/reverse_proxy/**/lb_policy"),
            ["lb_p=header X-User # lb_policy first"]
                .map(|line| line.replace(" # lb_policy first", ""))
        );
        assert_eq!(caddy("**/lb_policy").len(), 1);
        assert_eq!(caddy("example.com/header"), ["head={http.x} { a"]);
    }

    #[test]
    fn any_text_is_read_in_bounds() {
        let text = "http { a \"ä\\\" b\" 'c; ${x}; <<É\n é {\n É\n } `x\n # ö";
        for dialect in [Dialect::Nginx, Dialect::Caddy] {
            for at in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
                drop(tree(FileId(0), &text[..at], dialect));
                drop(tree(FileId(0), &text[at..], dialect));
            }
        }
    }
}
