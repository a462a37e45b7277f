//! How are words laid out? Wrapping, paint, and texts that cannot harm a terminal.

use std::fmt::Write as _;

/// ANSI colours, or nothing at all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint {
    pub(super) on: bool,
}

impl Paint {
    pub(super) const RED: &'static str = "31";
    pub(super) const YELLOW: &'static str = "33";
    pub(super) const CYAN: &'static str = "36";
    pub(super) const GREEN: &'static str = "32";
    pub(super) const BOLD: &'static str = "1";
    pub(super) const DIM: &'static str = "2";

    pub(super) fn paint(self, style: &str, text: &str) -> String {
        if self.on { format!("\u{1b}[{style}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// A text without control characters and without marks that turn the direction of writing:
/// what the linted tree says must not steer the terminal.
pub(in crate::report) fn clean(text: &str) -> String {
    text.chars().map(shown).collect()
}

/// The character to show in place of one that steers.
pub(super) fn shown(c: char) -> char {
    let steers = c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if steers { '\u{fffd}' } else { c }
}

/// How many columns a character takes: two for the wide scripts and most pictures.
pub(super) fn columns(c: char) -> usize {
    match u32::from(c) {
        0x0300..=0x036f | 0x200b..=0x200d | 0xfe00..=0xfe0f => 0,
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1f64f
        | 0x1f680..=0x1f6ff
        | 0x1f900..=0x1f9ff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// How many columns a text takes.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

/// Lines of at most `room` columns, broken between words; a word that is longer is cut.
pub(super) fn wrap(text: &str, room: usize) -> Vec<String> {
    let room = room.max(8);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let mut word = clean(word);
        if !line.is_empty() && width(&line) + 1 + width(&word) > room {
            lines.push(std::mem::take(&mut line));
        }
        while width(&word) > room {
            let mut used = 0;
            let cut = word.char_indices().find(|(_, c)| {
                used += columns(*c);
                used > room
            });
            let rest = word.split_off(cut.map_or(word.len(), |(at, _)| at));
            lines.push(std::mem::replace(&mut word, rest));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// A wrapped text whose first line follows `head` and whose others hang below it by `hang`.
pub(crate) fn hanging(
    head: &str,
    head_width: usize,
    text: &str,
    hang: usize,
    room: usize,
) -> String {
    let first = wrap(text, room.saturating_sub(head_width));
    let mut out = format!("{head}{}", first[0]);
    // The words that did not fit beside the head get the room that the hanging indent leaves.
    let rest: String = first[1..].join(" ");
    if !rest.is_empty() {
        for line in wrap(&rest, room.saturating_sub(hang)) {
            let _ = write!(out, "\n{:hang$}{line}", "");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_to_the_room() {
        let text = "a session is kept in `shop::AppState::sessions` größer 日本語日本語 and so on";
        for room in [8, 11, 20, 40, 200] {
            for line in wrap(text, room) {
                assert!(width(&line) <= room, "{line:?} is wider than {room}");
            }
        }
        assert_eq!(wrap(text, 200), [text]);
        assert_eq!(wrap("", 20), [""]);
        assert_eq!(
            hanging("help: ", 6, "one two three four five", 2, 14),
            "help: one two\n  three four\n  five"
        );
    }

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(clean("a\u{1b}[31mb\u{202e}c"), "a\u{fffd}[31mb\u{fffd}c");
    }
}
