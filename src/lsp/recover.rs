//! Where in a text that somebody is typing is what was said of the last one that could be read?

use gen_lsp_types::Range;
use similar::{Algorithm, DiffOp, capture_diff_slices};

/// For each line of a text, the line that it is in another one, if it is there as it was.
#[derive(Debug)]
pub(super) struct Moved(Vec<Option<u32>>);

impl Moved {
    pub(super) fn between(old: &str, new: &str) -> Moved {
        let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
        let mut lines = vec![None; old.len()];
        for op in capture_diff_slices(Algorithm::Patience, &old, &new) {
            if let DiffOp::Equal { old_index, new_index, len } = op {
                for step in 0..len {
                    lines[old_index + step] = Some((new_index + step) as u32);
                }
            }
        }
        Moved(lines)
    }

    /// The range in the new text; none where its first line is another one now.
    pub(super) fn range(&self, range: Range) -> Option<Range> {
        let line = |line: u32| self.0.get(line as usize).copied().flatten();
        let start = line(range.start.line)?;
        let mut moved = range;
        moved.start.line = start;
        match line(range.end.line).filter(|end| *end >= start) {
            Some(end) => moved.end.line = end,
            None => moved.end = moved.start,
        }
        Some(moved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gen_lsp_types::Position;

    #[test]
    fn lines_are_followed_while_somebody_types() {
        let old = "a\nb\nc\nd\ne";
        let new = "a\nx(\nc\n\n\nd\ne";
        let moved = Moved::between(old, new);
        let at = |line| Position { line, character: 3 };
        let one = |line| moved.range(Range { start: at(line), end: at(line) });
        let lines: Vec<_> = (0..6).map(|line| one(line).map(|range| range.start.line)).collect();
        assert_eq!(lines, [Some(0), None, Some(2), Some(5), Some(6), None]);
        let over = moved.range(Range { start: at(0), end: at(3) }).unwrap();
        assert_eq!((over.start, over.end), (at(0), at(5)));
        // The end was typed over: the start is what is left.
        let cut = moved.range(Range { start: at(0), end: at(1) }).unwrap();
        assert_eq!((cut.start, cut.end), (at(0), at(0)));
    }
}
