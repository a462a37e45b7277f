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

/// An upper bound on the bytes of stack that parsing and lowering a text need.
///
/// A delimiter opens a level; so may each token since the last `;` or `,` (`&&&x`, `A<A<..`), but
/// chains of names and dots do not nest.
pub fn stack_bound(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut open: Vec<usize> = Vec::new();
    let (mut run, mut below, mut deepest) = (0usize, 0usize, 0usize);
    tokens(text, |kind, start, _| {
        if kind != Kind::Code {
            return;
        }
        match bytes[start] {
            b'(' | b'[' | b'{' => {
                open.push(run);
                below += run + 1;
                run = 0;
            }
            b')' | b']' | b'}' => {
                run = open.pop().unwrap_or(0);
                below = below.saturating_sub(run + 1);
                // What stood before a block has been read when the block ends.
                if bytes[start] == b'}' {
                    run = 0;
                }
            }
            b';' | b',' => run = 0,
            b'<' | b'&' | b'*' | b'!' | b'-' | b'|' | b'=' | b'>' => run += 1,
            b'r' | b'b' if is_word(bytes, start, b"return") || is_word(bytes, start, b"break") => {
                run += 1
            }
            _ => {}
        }
        deepest = deepest.max(below + run);
    });
    deepest * BYTES_PER_LEVEL
}

fn is_word(bytes: &[u8], at: usize, word: &[u8]) -> bool {
    bytes[at..].starts_with(word)
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
