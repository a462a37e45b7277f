//! Which lines of source are shown, and what is underlined in them?
//!
//! The lines are copied: tabs become spaces, long lines are cut to a window around what is
//! marked, and a mark of several lines ends with its first one, so that a page stays a page.

use std::collections::BTreeMap;

use super::words::{columns, shown, wrap};
use crate::source::{FileId, SourceFile, Sources, Span};

/// Columns kept free for the words of a label.
const LABEL_ROOM: usize = 34;
const TAB: usize = 4;
/// Marks that are no further apart, in lines, are shown together.
const CLOSE: u32 = 3;

/// The lines around the marks, in the order in which a reader follows.
#[derive(Debug, Default)]
pub(super) struct Excerpt {
    pub(super) pieces: Vec<Piece>,
    /// In order of their start.
    pub(super) marks: Vec<Mark>,
}

/// Lines of one file that stand together.
#[derive(Debug)]
pub(super) struct Piece {
    /// Where its text starts in the excerpt as a whole.
    pub(super) offset: usize,
    pub(super) text: String,
    /// The number of its first line in the file.
    pub(super) first_line: u32,
}

/// One underlined place, in bytes of the excerpt.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) start: usize,
    pub(super) len: usize,
    pub(super) label: Option<String>,
    pub(super) primary: bool,
    /// `src/main.rs:9:5`.
    pub(super) place: String,
}

/// A mark before it is laid out.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) at: Span,
    pub(super) label: Option<String>,
    pub(super) primary: bool,
}

/// Where a line's marks begin and end, in characters of the line.
struct InLine {
    start: usize,
    end: usize,
    /// The column of the start, with tabs and wide characters counted as they are shown.
    column: usize,
    /// With their place in the order of reading.
    labels: Vec<(usize, String)>,
    primary: bool,
    place: String,
}

impl Excerpt {
    /// Lays out the marks for pages of `width` columns; `name` says how a file is called.
    pub(super) fn of(
        sources: &Sources,
        wanted: &[Wanted],
        width: usize,
        name: &dyn Fn(&SourceFile) -> String,
    ) -> Excerpt {
        let places = wanted.iter().map(|mark| sources.get(mark.at.file).place(mark.at.start));
        let digits = places.map(|place| (place.line + 1).to_string().len()).max().unwrap_or(1);
        let room = width.saturating_sub(digits + 4).max(40);
        let most = label_column(room);
        let mut near: Vec<(FileId, BTreeMap<u32, Vec<InLine>>)> = Vec::new();
        for (order, mark) in wanted.iter().enumerate() {
            let file = sources.get(mark.at.file);
            let (line, marked) = in_line(file, mark, order, name(file));
            let close = |lines: &BTreeMap<u32, Vec<InLine>>| {
                lines.range(line.saturating_sub(CLOSE)..=line + CLOSE).next().is_some()
            };
            let beside = |lines: &BTreeMap<u32, Vec<InLine>>| {
                lines.get(&line).is_none_or(|marks| fit(marks, &marked, most))
            };
            let here = |(id, lines): &&mut (FileId, BTreeMap<u32, Vec<InLine>>)| {
                *id == mark.at.file && close(lines) && beside(lines)
            };
            match near.iter_mut().find(here) {
                Some((_, lines)) => lines.entry(line).or_default().push(marked),
                None => near.push((mark.at.file, BTreeMap::from([(line, vec![marked])]))),
            }
        }
        let mut excerpt = Excerpt::default();
        for (id, lines) in near {
            excerpt.add(sources.get(id), lines, room);
        }
        excerpt
    }

    fn add(&mut self, file: &SourceFile, mut lines: BTreeMap<u32, Vec<InLine>>, room: usize) {
        let (Some(first), Some(last)) = (lines.keys().next(), lines.keys().last()) else { return };
        let first = first.saturating_sub(1).max(1);
        let last = (last + 1).min(file.lines().count());
        let offset = self.pieces.last().map_or(0, |piece| piece.offset + piece.text.len() + 1);
        let mut text = String::new();
        for line in first..=last {
            let (start, end) = file.lines().range(&file.text, line);
            let source = file.text.get(start as usize..end as usize).unwrap_or("");
            let at = offset + text.len();
            let marks = merged(lines.remove(&line).unwrap_or_default());
            let (shown, marks) = laid_out(source, marks, room, at);
            text.push_str(&shown);
            self.marks.extend(marks);
            if line < last {
                text.push('\n');
            }
        }
        self.pieces.push(Piece { offset, text, first_line: first });
    }
}

/// The part of a mark that lies in its first line.
fn in_line(file: &SourceFile, mark: &Wanted, order: usize, name: String) -> (u32, InLine) {
    let place = file.place(mark.at.start);
    let (from, to) = file.lines().range(&file.text, place.line);
    let chars = |a: u32, b: u32| {
        file.text.get(a as usize..b as usize).map_or(0, |text| text.chars().count())
    };
    let start = mark.at.start.clamp(from, to);
    let end = mark.at.end.clamp(start, to);
    let marked = file.text.get(start as usize..end as usize).unwrap_or("").trim_end();
    let start = chars(from, start);
    let (cells, index) = cells(file.text.get(from as usize..to as usize).unwrap_or(""));
    let before = index.get(start).copied().unwrap_or(cells.len());
    let in_line = InLine {
        start,
        column: cells[..before].iter().map(|c| columns(*c)).sum(),
        end: start + marked.chars().count().max(1),
        labels: mark.label.iter().map(|label| (order, label.clone())).collect(),
        primary: mark.primary,
        place: format!("{name}:{}:{}", place.line, place.column),
    };
    (place.line, in_line)
}

/// Marks that touch become one with both labels: two underlines cannot share a column.
fn merged(mut marks: Vec<InLine>) -> Vec<InLine> {
    marks.sort_by_key(|mark| (mark.start, mark.end));
    let mut out: Vec<InLine> = Vec::new();
    for mark in marks {
        match out.last_mut() {
            Some(before) if mark.start < before.end => {
                before.end = before.end.max(mark.end);
                if mark.primary && !before.primary {
                    before.primary = true;
                    before.place = mark.place;
                }
                before.labels.extend(mark.labels);
                before.labels.sort();
            }
            _ => out.push(mark),
        }
    }
    out
}

/// The last column that a label may hang from, so that its words have room.
fn label_column(room: usize) -> usize {
    room.saturating_sub(LABEL_ROOM).max(room / 3)
}

/// The first column that is shown of a line whose first mark starts at `start`.
fn first_shown(start: usize, most: usize) -> usize {
    if start > most { start - most / 2 } else { 0 }
}

/// Whether one more mark of the same line can be shown in the window of the others.
fn fit(marks: &[InLine], more: &InLine, most: usize) -> bool {
    let columns = || marks.iter().map(|mark| mark.column).chain([more.column]);
    let (first, last) = (columns().min().unwrap_or(0), columns().max().unwrap_or(0));
    last < first_shown(first, most) + most
}

/// One line as it is shown, with its marks; `at` is where it starts in the excerpt.
fn laid_out(source: &str, marks: Vec<InLine>, room: usize, at: usize) -> (String, Vec<Mark>) {
    let (mut cells, index) = cells(source);
    let behind = cells.len();
    if marks.iter().any(|mark| mark.end > index.len()) {
        // A mark behind the last character needs something to stand under.
        cells.push(' ');
    }
    let cell = |char: usize| match index.get(char) {
        Some(cell) => *cell,
        None => (behind + char - index.len()).min(cells.len()),
    };
    let column: Vec<usize> = std::iter::once(0)
        .chain(cells.iter().scan(0, |sum, c| {
            *sum += columns(*c);
            Some(*sum)
        }))
        .collect();
    let total = column[cells.len()];
    let most = label_column(room);
    let mut low = 0;
    if let Some(first) = marks.first() {
        let start = column[cell(first.start)];
        low = column.partition_point(|c| *c < first_shown(start, most));
    }
    let before = usize::from(low > 0);
    let cut = total - column[low] + before > room;
    let high = if cut {
        column.partition_point(|c| *c < column[low] + room - before - 1).min(cells.len())
    } else {
        cells.len()
    };

    let mut text = String::new();
    // The byte at which each shown cell starts, and one more for the end.
    let mut bytes = Vec::new();
    let kept = cells[low..high].iter().copied();
    let ellipsis = |yes: bool| yes.then_some('…');
    for c in ellipsis(low > 0).into_iter().chain(kept).chain(ellipsis(cut)) {
        bytes.push(text.len());
        text.push(c);
    }
    bytes.push(text.len());

    let mut out: Vec<Mark> = Vec::new();
    for mark in marks {
        let place = |char: usize| cell(char).clamp(low, high) - low + before;
        let shown = |cell: usize| {
            let behind = (cell + low).saturating_sub(before).clamp(low, high);
            column[behind] - column[low] + before
        };
        let start = place(mark.start);
        let mut end = place(mark.end).max(start + 1);
        // The label hangs from the middle of the underline.
        while end > start + 1 && (shown(start) + shown(end)) / 2 > most {
            end -= 1;
        }
        let hook = (shown(start) + shown(end)) / 2;
        let byte = |cell: usize| bytes.get(cell).copied().unwrap_or(text.len());
        let label = label(&mark.labels, room.saturating_sub(hook + 5));
        match out.last_mut() {
            // Both lie behind the end of the window.
            Some(last) if at + byte(start) < last.start + last.len => {
                let labels: Vec<String> =
                    [last.label.take(), label].into_iter().flatten().collect();
                last.label = (!labels.is_empty()).then(|| labels.join("\n"));
                last.primary |= mark.primary;
            }
            _ => out.push(Mark {
                start: at + byte(start),
                len: byte(end).saturating_sub(byte(start)),
                label,
                primary: mark.primary,
                place: mark.place,
            }),
        }
    }
    (text, out)
}

/// The characters to show, and for each character of the source the first one that stands for it.
fn cells(source: &str) -> (Vec<char>, Vec<usize>) {
    let (mut cells, mut index, mut column) = (Vec::new(), Vec::new(), 0);
    for c in source.chars() {
        index.push(cells.len());
        if c == '\t' {
            let spaces = TAB - column % TAB;
            cells.extend(std::iter::repeat_n(' ', spaces));
            column += spaces;
        } else {
            cells.push(shown(c));
            column += columns(c);
        }
    }
    (cells, index)
}

/// The words of a mark, each text on lines of its own.
fn label(texts: &[(usize, String)], room: usize) -> Option<String> {
    let mut lines: Vec<String> = Vec::new();
    for (_, text) in texts {
        for line in wrap(text, room.max(LABEL_ROOM - 8)) {
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}
