//! How is a large map read of which little matters? Each entry at its top on its own, if it does.

use std::ops::Range;

use memchr::memchr;
use rustc_hash::FxHashSet;

use super::{Document, Kind, Node, Pairs, mask, yaml};
use crate::source::{FileId, Span};

/// An entry at the top of a document: its key and where all of it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Top {
    pub key: String,
    pub part: Range<usize>,
}

/// The map of those entries of a text that are wanted, and the other entries; `None` where lines do
/// not tell the entries apart, or one that is wanted cannot be read. `wanted` says it of all.
pub(super) fn read(
    file: FileId,
    text: &str,
    wanted: impl Fn(&[Top]) -> Vec<bool>,
) -> Option<(Node, Vec<Top>)> {
    let masked = mask::templates(text);
    let hidden = masked.as_deref().unwrap_or(text);
    let tops = split(hidden)?;
    let start = tops.first()?.part.start;
    let (mut pairs, mut left) = (Pairs::new(), Vec::new());
    for (wanted, top) in wanted(&tops).into_iter().zip(tops) {
        match wanted {
            true => pairs.push(pair(file, hidden, &top)?),
            false => left.push(top),
        }
    }
    let span = Span::new(file, start as u32, text.len() as u32);
    Some((Node { span, kind: Kind::Map(pairs) }, left))
}

/// An entry of a document that was not read with it, by its key.
pub fn left(document: &Document, text: &str, key: &str) -> Option<(Node, Node)> {
    let top = document.left.iter().find(|top| top.key == key)?;
    let file = document.root.span.file;
    let masked = mask::templates(&text[top.part.clone()]);
    let masked = masked.map(|part| " ".repeat(top.part.start) + &part);
    let read = pair(file, masked.as_deref().unwrap_or(text), top);
    // What stands for another entry is only known where that is read.
    read.or_else(|| {
        let (roots, _) = yaml::trees(file, text, 0..text.len(), |_| true);
        let (key, value) = roots.first()?.entry(key)?;
        Some((key.clone(), value.clone()))
    })
}

fn pair(file: FileId, text: &str, top: &Top) -> Option<(Node, Node)> {
    let (mut trees, failed) = yaml::strict(file, text, top.part.clone());
    let [Node { kind: Kind::Map(pairs), .. }] = &mut *trees else { return None };
    let pair = pairs.pop().filter(|_| pairs.is_empty());
    pair.filter(|_| failed.is_none())
}

/// The entries at the top of a text, where they are plain keys at the beginning of lines.
fn split(text: &str) -> Option<Vec<Top>> {
    let mut tops: Vec<Top> = Vec::new();
    let mut known = FxHashSet::default();
    let mut at = 0;
    while at < text.len() {
        let end = memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |end| at + end + 1);
        let line = &text[at..end];
        match line.as_bytes()[0] {
            b' ' | b'#' | b'\n' | b'\r' => {}
            b'-' if line.trim_end() == "---" && tops.is_empty() => {}
            // A list, or the end of what is in brackets.
            b'-' if matches!(line.as_bytes().get(1), Some(b' ' | b'\n' | b'\r')) => {}
            b']' | b'}' if !tops.is_empty() => {}
            _ => {
                let key = key(line)?;
                if let Some(before) = tops.last_mut() {
                    before.part.end = at;
                }
                if !known.insert(key) {
                    return None;
                }
                tops.push(Top { key: key.into(), part: at..text.len() });
            }
        }
        at = end;
    }
    Some(tops)
}

/// The plain key that a line begins with, unless what follows it may go on at the beginning of the
/// next lines.
fn key(line: &str) -> Option<&str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let length = line.bytes().position(|byte| !plain(byte))?;
    let (key, rest) = line.split_at(length);
    let value = rest.strip_prefix(':').filter(|rest| rest.starts_with([' ', '\n', '\r']))?;
    let mut value = value.split(" #").next().unwrap_or(value).trim();
    // Behind a name or a type stands what has it.
    while value.starts_with(['&', '!']) {
        value = value.split_once(' ').map_or("", |(_, rest)| rest.trim_start());
    }
    let closes = match value.as_bytes().first() {
        Some(b'[') => value.ends_with(']'),
        Some(b'{') => value.ends_with('}'),
        Some(quote @ (b'"' | b'\'')) => {
            value.len() > 1 && value.ends_with(*quote as char) && !value.ends_with("\\\"")
        }
        _ => true,
    };
    let begins = key.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_');
    (begins && closes).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# the parts\n---\nä-less: 1\n";

    #[test]
    fn entries_are_read_as_the_whole_is() {
        let text = "# ü\n\n# a\na: {b: [c]} # d\n\nlist:\n- x: é\n- y\n# e\nimage:\n  name: \
                    {{ .x }}\n  # f\n  text: |\n    # no comment\n    g: h\nlast.one: \"i\"";
        let (whole, failures) = yaml::trees(FileId(0), text, 0..text.len(), |_| true);
        assert!(failures.is_empty());
        let all: Pairs = match &whole[0].kind {
            Kind::Map(pairs) => pairs.clone(),
            _ => Pairs::new(),
        };
        for number in 0..16u32 {
            let wanted = |tops: &[Top]| (0..tops.len()).map(|at| number >> at & 1 == 1).collect();
            let (root, others) = read(FileId(0), text, wanted).unwrap();
            let part = 0..text.len();
            let document = Document { root, formats: Vec::new(), part, left: others };
            assert_eq!(document.root.span.start, whole[0].span.start);
            for (at, (key, value)) in all.iter().enumerate() {
                let name = key.text().unwrap();
                let read = match number >> at & 1 == 1 {
                    true => {
                        document.root.entry(name).map(|(key, value)| (key.clone(), value.clone()))
                    }
                    false => left(&document, text, name),
                };
                assert_eq!(read, Some((key.clone(), value.clone())), "{name}");
            }
        }
    }

    #[test]
    fn what_lines_do_not_tell_is_read_as_a_whole() {
        let all = |tops: &[Top]| vec![true; tops.len()];
        let whole = [
            TEXT,
            "a: 1\na: 2\n",
            "a: {\nb: c\n}\n",
            "a: \"x\nb: c\"\n",
            "a: \"x\\\"\nb: c\"\n",
            "a: &x [\nb,\nc: d]\n",
            "a: !t \"x\nb: c\"\n",
            "\"a\": 1\n",
            "a: 1\n---\nb: 2\n",
            "<<: *x\na: 1\n",
            "a: &x 1\nb: *y\n",
            "{a: 1}\n",
            "- a\n",
            "",
        ];
        for text in whole {
            assert_eq!(read(FileId(0), text, all), None, "{text}");
        }
        let text = "a: &x {c: 1}\nb: *x\n";
        let none = |tops: &[Top]| vec![false; tops.len()];
        let (root, others) = read(FileId(0), text, none).unwrap();
        let part = 0..text.len();
        let document = Document { root, formats: Vec::new(), part, left: others };
        let (_, value) = left(&document, text, "b").unwrap();
        assert_eq!(value.at(&["c"]).and_then(Node::text), Some("1"));
    }
}
