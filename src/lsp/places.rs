//! Where in a text is a place, as an editor counts it? Lines from 0, columns in units that were
//! agreed on.

use gen_lsp_types::{Position, PositionEncodingKind, Range};

use crate::source::Span;

/// What a column counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Units {
    Bytes,
    Utf16,
    Characters,
}

impl Units {
    /// The first that the client offers and we know; UTF-16 where it offers none, as everybody
    /// knows that.
    pub(super) fn agreed(offered: &[PositionEncodingKind]) -> Units {
        let known = |kind: &PositionEncodingKind| match kind {
            PositionEncodingKind::UTF8 => Some(Units::Bytes),
            PositionEncodingKind::UTF16 => Some(Units::Utf16),
            PositionEncodingKind::UTF32 => Some(Units::Characters),
            _ => None,
        };
        offered.iter().find_map(known).unwrap_or(Units::Utf16)
    }

    pub(super) fn kind(self) -> PositionEncodingKind {
        match self {
            Units::Bytes => PositionEncodingKind::UTF8,
            Units::Utf16 => PositionEncodingKind::UTF16,
            Units::Characters => PositionEncodingKind::UTF32,
        }
    }

    fn of(self, c: char) -> usize {
        match self {
            Units::Bytes => c.len_utf8(),
            Units::Utf16 => c.len_utf16(),
            Units::Characters => 1,
        }
    }
}

/// A text with the starts of its lines, which end with `\n`, `\r\n` or `\r` alone.
#[derive(Debug)]
pub(super) struct Places<'t> {
    text: &'t str,
    starts: Vec<usize>,
    units: Units,
}

impl<'t> Places<'t> {
    pub(super) fn new(text: &'t str, units: Units) -> Places<'t> {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        let starts = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        Places { text, starts, units }
    }

    pub(super) fn position(&self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.starts.partition_point(|start| *start <= offset) - 1;
        let before = &self.text[self.starts[line]..offset];
        let character = before.chars().map(|c| self.units.of(c)).sum::<usize>();
        Position { line: line as u32, character: character as u32 }
    }

    pub(super) fn range(&self, span: Span) -> Range {
        let start = self.position(span.start as usize);
        Range { start, end: self.position(span.end.max(span.start) as usize) }
    }

    /// The byte of a position; one behind the end of its line is that end.
    pub(super) fn offset(&self, at: Position) -> usize {
        let Some(start) = self.starts.get(at.line as usize).copied() else {
            return self.text.len();
        };
        let mut left = at.character as usize;
        for (index, c) in self.text[start..].char_indices() {
            let width = self.units.of(c);
            if left < width || matches!(c, '\n' | '\r') {
                return start + index;
            }
            left -= width;
        }
        self.text.len()
    }

    /// A line without its end; empty behind the last one.
    pub(super) fn line(&self, line: u32) -> &'t str {
        let line = line as usize;
        let Some(start) = self.starts.get(line) else { return "" };
        let end = self.starts.get(line + 1).copied().unwrap_or(self.text.len());
        self.text[*start..end].trim_end_matches(['\n', '\r'])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_what_was_agreed_on() {
        let text = "a\r\nä😀x\rlet y;\n";
        let x = text.find('x').unwrap();
        for (units, column) in [(Units::Bytes, 6), (Units::Utf16, 3), (Units::Characters, 2)] {
            let places = Places::new(text, units);
            let at = Position { line: 1, character: column };
            assert_eq!(places.position(x), at, "{units:?}");
            assert_eq!(places.offset(at), x, "{units:?}");
            assert_eq!(places.position(text.find("let").unwrap()).line, 2);
            // The end of a line is as far as its columns go; behind the last line is the end.
            let far = |line| places.offset(Position { line, character: 99 });
            assert_eq!((far(0), far(1), far(9)), (1, x + 1, text.len()));
            assert_eq!((places.line(1), places.line(9)), ("ä😀x", ""));
        }
        // Inside a character that takes two units, its start is meant.
        let places = Places::new(text, Units::Utf16);
        let emoji = text.find('😀').unwrap();
        assert_eq!(places.offset(Position { line: 1, character: 2 }), emoji);
    }

    #[test]
    fn the_client_says_which_units_it_likes() {
        use PositionEncodingKind as Kind;
        assert_eq!(Units::agreed(&[]), Units::Utf16);
        assert_eq!(Units::agreed(&[Kind::UTF8, Kind::UTF16]), Units::Bytes);
        assert_eq!(Units::agreed(&[Kind::new("utf-7"), Kind::UTF32]), Units::Characters);
    }
}
