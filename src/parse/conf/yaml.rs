//! How is YAML, and with it JSON, read? Each document on its own: a broken one does not hide others.

use std::ops::Range;

use memchr::memmem;

use super::{Failure, Node, events, lenient, mask};
use crate::source::FileId;

/// The trees of a part of a text, and what of it cannot be read. Documents that are not wanted are
/// passed over.
pub(super) fn trees(
    file: FileId,
    text: &str,
    part: Range<usize>,
    wanted: impl Fn(&str) -> bool,
) -> (Vec<Node>, Vec<Failure>) {
    let (mut trees, mut failures) = (Vec::new(), Vec::new());
    let ranges = parts(&text[part.clone()]).into_iter();
    let ranges = ranges.map(|range| part.start + range.start..part.start + range.end);
    let ranges: Vec<Range<usize>> = ranges.filter(|range| wanted(&text[range.clone()])).collect();
    if ranges.is_empty() {
        return (trees, failures);
    }
    let masked = mask::templates(text);
    for range in ranges {
        let hidden = masked.as_deref().unwrap_or(text);
        let (mut read, mut failed) = strict(file, hidden, range.clone());
        // Texts that only look like a template are read as they are; of a template, what its lines
        // say.
        if failed.is_some() && masked.is_some() {
            let plain = strict(file, text, range.clone());
            match plain.1 {
                None => (read, failed) = plain,
                Some(_) => read = vec![lenient::tree(file, hidden, range)],
            }
        }
        trees.extend(read);
        failures.extend(failed);
    }
    (trees, failures)
}

pub(super) fn strict(
    file: FileId,
    text: &str,
    range: Range<usize>,
) -> (Vec<Node>, Option<Failure>) {
    let (read, failed) = events::trees(file, text, range.clone());
    if failed.is_some()
        && let Some(lenient) = closed_sooner(&text[range.clone()])
    {
        let lenient = " ".repeat(range.start) + &lenient;
        return events::trees(file, &lenient, range.start..lenient.len());
    }
    (read, failed)
}

/// Most readers let a bracket close at the indentation of its key, which the standard does not: it
/// is put behind the line before, with every byte where it was.
fn closed_sooner(text: &str) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    let mut at = 0;
    let mut before = "#";
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with([']', '}']) && !before.contains('#') {
            bytes[at - 1] = b' ';
        }
        before = line;
        at += line.len();
    }
    (bytes != text.as_bytes()).then(|| String::from_utf8(bytes).ok()).flatten()
}

/// The byte ranges of the documents: a line `---` starts one, unless only comments and
/// directives came before it.
fn parts(text: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let (mut from, mut marked) = (start, false);
    for at in memmem::find_iter(&text.as_bytes()[start..], "---").map(|at| start + at) {
        let rest = &text[at + "---".len()..];
        let marker = (at == start || text.as_bytes()[at - 1] == b'\n')
            && (rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']));
        if !marker {
            continue;
        }
        let says = |line: &str| !line.trim().is_empty() && !line.starts_with(['#', '%']);
        if marked || text[start..at].lines().any(says) {
            parts.push(from..at);
            from = at;
        }
        marked = true;
    }
    parts.push(from..text.len());
    parts
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn documents_begin_where_a_line_marks_it() {
        let cases: [(&str, &[&str]); 9] = [
            ("a: 1\n", &["a: 1\n"]),
            ("", &[""]),
            ("# b\n%YAML 1.2\n\n---\na: 1\n", &["# b\n%YAML 1.2\n\n---\na: 1\n"]),
            ("a: 1\n---\nb: 1\n--- # c\nc: 1", &["a: 1\n", "---\nb: 1\n", "--- # c\nc: 1"]),
            ("---\n---\n---", &["---\n", "---\n", "---"]),
            ("a: ---\n ---\n---b\n----\nb: -----\n", &["a: ---\n ---\n---b\n----\nb: -----\n"]),
            ("a: 1\r\n---\r\nb: é\r\n", &["a: 1\r\n", "---\r\nb: é\r\n"]),
            ("\u{feff}---\na: 1\n---\n", &["---\na: 1\n", "---\n"]),
            ("  # b\n---\n", &["  # b\n", "---\n"]),
        ];
        for (text, expected) in cases {
            let found: Vec<&str> = parts(text).into_iter().map(|part| &text[part]).collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
