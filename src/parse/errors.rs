//! Where and why is a text not Rust?

use super::lower::Lower;
use super::tree::Range;

/// The place and the reason of what `syn` says of `text`.
pub(super) fn place(lower: &Lower<'_>, text: &str, error: &syn::Error) -> (Range, String) {
    let end = text.len() as u32;
    let reason = error.to_string();
    if reason.starts_with("unexpected end of input") && lower.range(error.span()).start == 0 {
        return (Range { start: end, end }, reason);
    }
    let at = lower.range(error.span());
    let character = text[at.start as usize..].chars().next();
    let width = character.map_or(0, |c| c.len_utf8() as u32);
    let at = Range { start: at.start, end: at.end.max(at.start + width) };
    // What the lexer says of any text that it cannot cut into tokens.
    if !reason.starts_with("cannot parse string") {
        return (at, reason);
    }
    let reason = match character {
        Some(open @ ('(' | '[' | '{')) => format!("this `{open}` is never closed"),
        Some('"') => "this text is never closed".into(),
        Some(character) => format!("unexpected `{character}`"),
        None => "unexpected end of input".into(),
    };
    (at, reason)
}
