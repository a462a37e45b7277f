//! Comments that speak to this tool. `syn` drops comments, so they are looked for in the text.

use super::tree::{Mark, Range};

/// What a comment must say to be kept.
const NAME: &str = "twelve-lint:";

/// Finds the comments that name this tool; strings that look like one are passed over.
pub(super) fn scan(text: &str) -> Vec<Mark> {
    if !text.contains(NAME) {
        return Vec::new();
    }
    let mut marks = Vec::new();
    super::scan::tokens(text, |kind, start, end| {
        if kind != super::scan::Kind::Comment {
            return;
        }
        let comment = &text[start..end];
        let doc = ["///", "//!", "/**", "/*!"].iter().any(|start| comment.starts_with(start));
        let doc = doc && !comment.starts_with("////") && !comment.starts_with("/***");
        if !doc && comment.contains(NAME) {
            let at = Range { start: start as u32, end: end as u32 };
            marks.push(Mark { at, text: comment.trim_end().to_string() });
        }
    });
    marks
}
