//! Where are comments, texts, words and signs? One pass over a text, without judging it.

/// What stands between white space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Comment,
    /// A string or a character.
    Text,
    /// A name, a keyword, a number; of a lifetime what follows its `'`.
    Word,
    /// One byte of anything else.
    Sign,
}

/// What a byte begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Space,
    Word,
    Sign,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Sign; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        if byte.is_ascii_whitespace() {
            classes[at] = Class::Space;
        } else if byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii() {
            classes[at] = Class::Word;
        }
        at += 1;
    }
    classes
};

fn class(byte: u8) -> Class {
    CLASSES[usize::from(byte)]
}

/// Splits a text into what stands between its white space.
pub(super) fn tokens(text: &str, mut found: impl FnMut(Kind, usize, usize)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        let (kind, end) = match class(byte) {
            Class::Space => {
                let more = bytes[at..].iter().position(|byte| class(*byte) != Class::Space);
                at = more.map_or(bytes.len(), |more| at + more);
                continue;
            }
            Class::Word => match byte {
                b'r' | b'b' | b'c' => match raw_or_prefixed(bytes, at) {
                    Some(end) => (Kind::Text, end),
                    None => (Kind::Word, word(bytes, at)),
                },
                _ => (Kind::Word, word(bytes, at)),
            },
            Class::Sign => match byte {
                b'/' if bytes.get(at + 1) == Some(&b'/') => {
                    let line = bytes[at..].iter().position(|b| *b == b'\n');
                    (Kind::Comment, line.map_or(bytes.len(), |line| at + line))
                }
                b'/' if bytes.get(at + 1) == Some(&b'*') => {
                    (Kind::Comment, block_comment(bytes, at))
                }
                b'"' => (Kind::Text, quoted(bytes, at + 1)),
                b'\'' => match character(text, at) {
                    Some(end) => (Kind::Text, end),
                    None => (Kind::Sign, at + 1),
                },
                _ => (Kind::Sign, at + 1),
            },
        };
        found(kind, at, end);
        at = end;
    }
}

/// Whether a byte may be part of a name, a keyword or a number.
pub(super) fn is_word(byte: u8) -> bool {
    class(byte) == Class::Word
}

fn word(bytes: &[u8], start: usize) -> usize {
    let more = bytes[start + 1..].iter().position(|byte| class(*byte) != Class::Word);
    more.map_or(bytes.len(), |more| start + 1 + more)
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
