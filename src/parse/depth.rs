//! How deep is a text nested? A bound on the stack that reading it needs, without reading it.

/// Stack for one nested level: measured with the widest frames, which are generics.
const BYTES_PER_LEVEL: usize = if cfg!(debug_assertions) { 64 << 10 } else { 10 << 10 };

/// What is found between code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Comment,
    Text,
    /// One byte of code.
    Code,
}

/// What nests at one place between delimiters, without a delimiter of its own.
#[derive(Debug, Clone, Copy, Default)]
struct Level {
    /// Prefixes such as `&`, `return`, `a =`, `if`: over with the next `,`.
    prefixes: usize,
    /// Type arguments that are open: `A<u8, A<u8, ..` goes on over a `,`.
    angles: usize,
    /// Closures, whose bodies go on over the `,` of the next one's parameters.
    closures: usize,
}

impl Level {
    fn depth(self) -> usize {
        self.prefixes + self.angles + self.closures
    }
}

/// An upper bound on the bytes of stack that parsing and lowering a text need.
///
/// Delimiters nest, and so do prefixes, type arguments and closures up to the end of their
/// statement; chains of names, calls and operators do not.
pub fn stack_bound(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut open: Vec<Level> = Vec::new();
    let (mut level, mut below, mut deepest) = (Level::default(), 0usize, 0usize);
    // The last byte that is no white space, and whether it ends something that has a value.
    let (mut before, mut ends_value) = (b' ', false);
    tokens(text, |kind, start, end| {
        let byte = match kind {
            Kind::Comment => return,
            Kind::Text => b'"',
            Kind::Code => bytes[start],
        };
        if byte.is_ascii_whitespace() {
            return;
        }
        match byte {
            b'(' | b'[' | b'{' => {
                below += level.depth() + 1;
                open.push(std::mem::take(&mut level));
            }
            b')' | b']' | b'}' => {
                level = open.pop().unwrap_or_default();
                below = below.saturating_sub(level.depth() + 1);
                if byte == b'}' && !goes_on(&bytes[end..]) {
                    level = Level::default();
                }
            }
            b';' => level = Level::default(),
            b',' => level.prefixes = 0,
            b'<' => level.angles += 1,
            b'>' if !matches!(before, b'-' | b'=') => {
                level.angles = level.angles.saturating_sub(1);
            }
            b'|' if !ends_value => level.closures += 1,
            b'&' | b'*' | b'!' | b'-' | b'=' | b'@' => level.prefixes += 1,
            b':' | b'.' if before == byte => level.prefixes += 1,
            _ if is_word(byte)
                && !(start > 0 && is_word(bytes[start - 1]))
                && is_prefix(&bytes[start..]) =>
            {
                level.prefixes += 1;
            }
            _ => {}
        }
        ends_value = match byte {
            b')' | b']' | b'}' | b'"' | b'?' => true,
            _ if is_word(byte) => end == bytes.len() || !ends_keyword(&bytes[..end]),
            _ => false,
        };
        before = byte;
        deepest = deepest.max(below + level.depth());
    });
    deepest * BYTES_PER_LEVEL
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

/// Words after which a whole expression or type follows, without a delimiter.
const PREFIXES: [&[u8]; 13] = [
    b"box", b"break", b"const", b"dyn", b"if", b"impl", b"in", b"let", b"match", b"move",
    b"return", b"while", b"yield",
];

fn is_prefix(rest: &[u8]) -> bool {
    let length = rest.iter().take(7).take_while(|byte| is_word(**byte)).count();
    PREFIXES.contains(&&rest[..length])
}

/// Whether a text ends with a word after which `|` opens a closure.
fn ends_keyword(text: &[u8]) -> bool {
    let length = text.iter().rev().take(7).take_while(|byte| is_word(**byte)).count();
    let word = &text[text.len() - length..];
    PREFIXES.contains(&word) || [&b"async"[..], b"else", b"static"].contains(&word)
}

/// Whether what a `}` ends is only a part of its statement.
fn goes_on(rest: &[u8]) -> bool {
    let next = rest.iter().find(|byte| !byte.is_ascii_whitespace());
    next.is_some_and(|next| b",|=><+-*/&%^:".contains(next))
}

/// Splits a text into comments, texts and bytes of code.
pub(super) fn tokens(text: &str, mut found: impl FnMut(Kind, usize, usize)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let (kind, end) = match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                let line = bytes[at..].iter().position(|b| *b == b'\n');
                (Kind::Comment, line.map_or(bytes.len(), |line| at + line))
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => (Kind::Comment, block_comment(bytes, at)),
            b'"' => (Kind::Text, quoted(bytes, at + 1)),
            b'r' | b'b' | b'c' if !follows_name(bytes, at) => match raw_or_prefixed(bytes, at) {
                Some(end) => (Kind::Text, end),
                None => (Kind::Code, at + 1),
            },
            b'\'' => match character(text, at) {
                Some(end) => (Kind::Text, end),
                None => (Kind::Code, at + 1),
            },
            _ => (Kind::Code, at + 1),
        };
        found(kind, at, end);
        at = end;
    }
}

fn follows_name(bytes: &[u8], at: usize) -> bool {
    at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_')
}

fn block_comment(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0usize;
    let mut at = start;
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'/', Some(b'*')) => {
                depth += 1;
                at += 2;
            }
            (b'*', Some(b'/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The end of a text whose opening quote is behind.
fn quoted(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// `r"..."`, `r#"..."#`, `b"..."`, `br#"..."#`, `c"..."`.
fn raw_or_prefixed(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    if matches!(bytes[at], b'b' | b'c') {
        at += 1;
        match bytes.get(at) {
            Some(b'"') => return Some(quoted(bytes, at + 1)),
            Some(b'r') => {}
            _ => return None,
        }
    }
    at += 1;
    let hashes = bytes[at..].iter().take_while(|b| **b == b'#').count();
    at += hashes;
    if bytes.get(at) != Some(&b'"') {
        return None;
    }
    at += 1;
    while at < bytes.len() {
        if bytes[at] == b'"' && bytes[at + 1..].iter().take(hashes).all(|b| *b == b'#') {
            return Some((at + 1 + hashes).min(bytes.len()));
        }
        at += 1;
    }
    Some(bytes.len())
}

/// A character literal; a lifetime is none.
fn character(text: &str, at: usize) -> Option<usize> {
    let mut chars = text[at + 1..].char_indices();
    match chars.next()? {
        (_, '\\') => {
            let (next, _) = chars.next()?;
            let rest = &text.as_bytes()[at + 1 + next + 1..];
            let close = rest.iter().take(12).position(|b| *b == b'\'')?;
            Some(at + 1 + next + 1 + close + 1)
        }
        _ => match chars.next()? {
            (next, '\'') => Some(at + 1 + next + 1),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::catalog::Catalog;
    use crate::source::{FileId, Lines};
    use crate::symbol::SharedSymbols;

    /// Reads on a thread with no more stack than `stack`; too little ends the whole run.
    fn fits(text: &str, stack: usize) {
        let run = || {
            let symbols = SharedSymbols::default();
            let catalog = Catalog::from_files(&[]).expect("an empty catalogue");
            super::super::file(
                FileId(0),
                Path::new("a"),
                text,
                &Lines::of(text),
                &catalog,
                &symbols,
            )
        };
        let facts = std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(stack).spawn_scoped(scope, run);
            thread.expect("a thread").join().expect("no panic")
        });
        assert!(facts.problems.is_empty(), "{:?}", facts.problems);
    }

    #[test]
    fn the_bound_is_enough_for_every_shape() {
        let shapes = [
            ("type X = ", "A<", "u8", ">"),
            ("type X = ", "A<u8, ", "u8", ">"),
            ("type X = ", "A<{ 1 }, ", "u8", ">"),
            ("type X = ", "&", "u8", ""),
            ("type X = ", "&'a mut ", "u8", ""),
            ("type X = ", "fn() -> ", "u8", ""),
            ("type X = ", "(u8, ", "u8", ")"),
            ("", "mod a { ", "", "}"),
            ("", "fn f() { ", "", "}"),
            ("const X: u8 = ", "{ ", "1", "}"),
            ("const X: u8 = ", "if a { ", "1", "}"),
            ("const X: u8 = ", "match a { _ => ", "1", "}"),
            ("const X: u8 = ", "g(1, ", "1", ")"),
            ("const X: u8 = ", "|a| ", "1", ""),
            ("const X: u8 = ", "|a, b| ", "1", ""),
            ("const X: u8 = ", "move |S {}, b| ", "1", ""),
            ("const X: u8 = ", "return ", "1", ""),
            ("const X: u8 = ", "!", "1", ""),
            ("const X: u8 = ", "a = ", "1", ""),
            ("const X: u8 = ", "S {} = ", "1", ""),
            ("const X: u8 = ", "a + (", "1", ")"),
            ("const X: u8 = ", "x.f(|a, b| ", "1", ")"),
            ("const X: u8 = ", "if ", "a", " {}"),
            ("const X: u8 = ", "match ", "a", " {}"),
            ("const X: u8 = ", "{ 1 } - -", "1", ""),
            ("use ", "a::{", "b", "}"),
            ("use ", "a::", "b", ""),
        ];
        for (before, open, middle, close) in shapes {
            let n = 300;
            let mut text = format!("{before}{}{middle}{}", open.repeat(n), close.repeat(n));
            if !before.is_empty() {
                text.push(';');
            }
            fits(&text, stack_bound(&text) + (1 << 20));
        }
    }

    /// None of these nest, and people's code has them: they must not need a stack of their own.
    #[test]
    fn chains_need_no_stack() {
        for (before, link, after) in [
            ("a", ".b()", ""),
            ("a", ".b", ""),
            ("a", "?.b(c)?", ""),
            ("a", ".b().await?.c", ""),
            ("a", "[0]", ""),
            ("a", "(1)", ""),
            ("a", " + a", ""),
            ("a", " as u8", ""),
            ("if a {}", " else if a {}", ""),
        ] {
            let text = format!("const X: u8 = {before}{}{after};", link.repeat(3_000));
            assert!(stack_bound(&text) < 4 << 20, "{link}: {}", stack_bound(&text));
            fits(&text, 4 << 20);
        }
    }

    #[test]
    fn tables_are_flat() {
        let text =
            format!("const X: &[i8] = &[{}];", "-1, A | B, Vec::<u8>::new(), ".repeat(2_000));
        assert!(stack_bound(&text) < 8 << 20, "{}", stack_bound(&text));
    }
}
