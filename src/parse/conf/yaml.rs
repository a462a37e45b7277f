//! How is YAML, and with it JSON, read? Each document on its own: a broken one does not hide others.

use std::ops::Range;

use super::{Failure, Node, events, mask};
use crate::source::FileId;

/// The trees of a part of a text, and what of it cannot be read.
pub(super) fn trees(file: FileId, text: &str, part: Range<usize>) -> (Vec<Node>, Vec<Failure>) {
    let masked = mask::templates(text);
    let text = masked.as_deref().unwrap_or(text);
    let (mut trees, mut failures) = (Vec::new(), Vec::new());
    for range in parts(&text[part.clone()]) {
        let range = part.start + range.start..part.start + range.end;
        let (read, failed) = events::trees(file, text, range);
        trees.extend(read);
        failures.extend(failed);
    }
    (trees, failures)
}

/// The byte ranges of the documents: a line `---` starts one, unless only comments and
/// directives came before it.
fn parts(text: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let (mut from, mut at, mut content) = (start, start, false);
    for line in text[start..].split_inclusive('\n') {
        let marker = line.strip_prefix("---");
        let marker =
            marker.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']));
        if marker {
            if content {
                parts.push(from..at);
                from = at;
            }
            content = true;
        } else {
            content |= !line.trim().is_empty() && !line.starts_with(['#', '%']);
        }
        at += line.len();
    }
    parts.push(from..at);
    parts
}
