//! How deep is a text nested? A bound on the stack that reading it needs, without reading it.

use super::scan::{Kind, is_word, tokens};

/// Stack for one nested level: measured with the widest frames, which are generics.
const BYTES_PER_LEVEL: usize = if cfg!(debug_assertions) { 64 << 10 } else { 10 << 10 };

/// Levels that what macros write may have beyond those of the text.
pub(super) const MOST_EXPANDED: usize = 512;

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

/// Whether so much stack is enough; most texts are too short to need more, however they nest.
pub fn fits(text: &str, stack: usize) -> bool {
    // Each level takes a byte of the text; what macros write may come on top.
    let most = stack.saturating_sub(expansion_stack()) / BYTES_PER_LEVEL;
    text.len() <= most || most_levels(text) <= most || levels(text) <= most
}

/// No fewer levels than a text has, found without splitting it: each takes a sign or a word of its
/// own, which may as well stand in a comment.
fn most_levels(text: &str) -> usize {
    let (mut found, mut before) = (0, b' ');
    let bytes = text.as_bytes();
    // Every text of some size comes here: no branch hangs on what a byte is.
    for (byte, next) in bytes.iter().zip(bytes.iter().skip(1).chain(b" ")) {
        let byte = *byte;
        let prefix = FIRST[usize::from(byte)] & SECOND[usize::from(*next)] != 0;
        found += usize::from(SIGNS[usize::from(byte)] | (prefix & !is_word(before)));
        before = byte;
    }
    found
}

/// The signs that may begin a level.
const SIGNS: [bool; 256] = {
    let mut signs = [false; 256];
    let list = b"([{<|&*!-=@:.";
    let mut at = 0;
    while at < list.len() {
        signs[list[at] as usize] = true;
        at += 1;
    }
    signs
};

/// How the words begin that are prefixes: one bit for each pair of letters.
const PREFIXES: [[u8; 2]; 13] = [
    *b"bo", *b"br", *b"co", *b"dy", *b"if", *b"im", *b"in", *b"le", *b"ma", *b"mo", *b"re", *b"wh",
    *b"yi",
];
const FIRST: [u16; 256] = letters(0);
const SECOND: [u16; 256] = letters(1);

/// In which of the pairs each byte stands at that place.
const fn letters(place: usize) -> [u16; 256] {
    let mut letters = [0; 256];
    let mut at = 0;
    while at < PREFIXES.len() {
        letters[PREFIXES[at][place] as usize] |= 1 << at;
        at += 1;
    }
    letters
}

/// An upper bound on the bytes of stack that parsing and lowering a text need.
pub fn stack_bound(text: &str) -> usize {
    let expanded = if text.contains("macro_rules") { expansion_stack() } else { 0 };
    levels(text) * BYTES_PER_LEVEL + expanded
}

/// The bytes of stack that what macros write may need beyond those of the text.
pub fn expansion_stack() -> usize {
    MOST_EXPANDED * BYTES_PER_LEVEL
}

/// How many levels a text has.
///
/// Delimiters nest, and so do prefixes, type arguments and closures up to the end of their
/// statement; chains of names, calls and operators do not.
pub(super) fn levels(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut open: Vec<Level> = Vec::new();
    let (mut level, mut below, mut deepest) = (Level::default(), 0usize, 0usize);
    // The last byte of what came before, and whether that ends something that has a value.
    let (mut before, mut ends_value) = (b' ', false);
    tokens(text, |kind, start, end| {
        match kind {
            Kind::Comment => return,
            Kind::Text => {
                (before, ends_value) = (b'"', true);
                return;
            }
            Kind::Word => {
                let word = &bytes[start..end];
                let prefix = is_prefix(word);
                level.prefixes += usize::from(prefix);
                (before, ends_value) = (bytes[end - 1], !(prefix || opens_closure(word)));
                if prefix {
                    deepest = deepest.max(below + level.depth());
                }
                return;
            }
            Kind::Sign => {}
        }
        let byte = bytes[start];
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
            _ => {}
        }
        ends_value = matches!(byte, b')' | b']' | b'}' | b'?');
        before = byte;
        deepest = deepest.max(below + level.depth());
    });
    deepest
}

/// A word after which a whole expression or type follows, without a delimiter.
fn is_prefix(word: &[u8]) -> bool {
    matches!(
        word,
        b"box"
            | b"break"
            | b"const"
            | b"dyn"
            | b"if"
            | b"impl"
            | b"in"
            | b"let"
            | b"match"
            | b"move"
            | b"return"
            | b"while"
            | b"yield"
    )
}

/// Another word after which `|` opens a closure.
fn opens_closure(word: &[u8]) -> bool {
    matches!(word, b"async" | b"else" | b"static")
}

/// Whether what a `}` ends is only a part of its statement.
fn goes_on(rest: &[u8]) -> bool {
    let next = rest.iter().find(|byte| !byte.is_ascii_whitespace());
    next.is_some_and(|next| b",|=><+-*/&%^:".contains(next))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::catalog::Catalog;
    use crate::source::{FileId, Lines};
    use crate::symbol::{Interner, SharedSymbols};

    /// Reads on a thread with no more stack than `stack`; too little ends the whole run.
    fn is_read(text: &str, stack: usize) {
        let run = || {
            let mut names = Interner::new(&SharedSymbols::default());
            let catalog = Catalog::from_files(&[]).expect("an empty catalogue");
            super::super::file(
                FileId(0),
                Path::new("a"),
                text,
                &Lines::of(text),
                &catalog,
                &mut names,
                &Default::default(),
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
            is_read(&text, stack_bound(&text) + (1 << 20));
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
            is_read(&text, 4 << 20);
        }
    }

    /// The quick bound must never be the lower one, or a text overflows the stack.
    #[test]
    fn the_quick_bound_is_no_lower() {
        let words = "box break const dyn if impl in let match move return while yield";
        for link in words.split(' ').chain(["&", "(", "[", "{", "A<", "|a| ", "a = ", "::", "-"]) {
            for before in ["", "\"\"", "'a' ", "'", "/**/", "r#\"\"#", "1."] {
                let text = format!("{before}{link} ").repeat(50);
                assert!(most_levels(&text) >= levels(&text), "{text}");
            }
        }
    }

    #[test]
    fn tables_are_flat() {
        let text =
            format!("const X: &[i8] = &[{}];", "-1, A | B, Vec::<u8>::new(), ".repeat(2_000));
        assert!(stack_bound(&text) < 8 << 20, "{}", stack_bound(&text));
    }
}
