//! What does YAML say that cannot be read, as far as its lines tell? For templates, of which only
//! rendering makes whole documents.

use std::ops::Range;

use super::{HIDDEN, Kind, Node, Pairs, events};
use crate::source::{FileId, Span};

/// How deep values may lie in each other; people stay below twenty.
const MOST_DEPTH: usize = 64;

/// A map or a list whose lines go on.
struct Open {
    indent: usize,
    list: bool,
    pairs: Pairs,
    items: Vec<Node>,
    /// The key whose value is still to come.
    key: Option<Node>,
    at: usize,
}

/// The keys and values that the lines of a part of a text say by their indentation.
pub(super) fn tree(file: FileId, text: &str, part: Range<usize>) -> Node {
    let mut reader = Reader { file, open: Vec::new(), end: part.start };
    let mut at = part.start;
    // The indentation of a key whose value is a text over lines.
    let mut block: Option<usize> = None;
    for line in text[part.clone()].split_inclusive('\n') {
        let start = at;
        at += line.len();
        let said = line.trim();
        if said.is_empty() || said.starts_with('#') || said.starts_with("---") {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        if block.is_some_and(|of| indent > of) {
            continue;
        }
        block = reader.line(text, start + indent, start + line.trim_end().len(), indent);
    }
    reader.end = part.end;
    reader.close(0, false);
    match reader.open.into_iter().next() {
        Some(open) => open.node(file, part.end),
        None => Node {
            span: Span::new(file, part.start as u32, part.end as u32),
            kind: Kind::Map(Pairs::new()),
        },
    }
}

struct Reader {
    file: FileId,
    open: Vec<Open>,
    end: usize,
}

impl Reader {
    /// One line from its first sign on; the indentation of its key, if a text over lines follows.
    fn line(&mut self, text: &str, mut at: usize, end: usize, mut indent: usize) -> Option<usize> {
        self.end = at;
        loop {
            let rest = &text[at..end];
            let item = rest == "-" || rest.starts_with("- ");
            self.close(indent, item);
            if item {
                let within =
                    self.open.last().is_some_and(|open| open.list && open.indent == indent);
                if !within && self.open.len() < MOST_DEPTH {
                    self.open.push(Open::new(indent, true, at));
                }
                let blanks = rest[1..].len() - rest[1..].trim_start().len();
                let after = 1 + blanks;
                if rest.trim() == "-" {
                    return None;
                }
                at += after;
                indent += after;
                continue;
            }
            let Some((key, value)) = parts(rest) else {
                if let Some(open) = self.open.last_mut().filter(|open| open.list) {
                    open.items.push(scalar(self.file, rest, at));
                }
                return None;
            };
            let within = self.open.last().is_some_and(|open| !open.list && open.indent == indent);
            if !within {
                if self.open.len() >= MOST_DEPTH {
                    return None;
                }
                self.open.push(Open::new(indent, false, at));
            }
            let from = at + value;
            let said = text[from..end].trim_start();
            let from = end - said.len();
            let name = key.trim_matches(['"', '\'']);
            let key = Node::scalar(Span::new(self.file, at as u32, (at + key.len()) as u32), name);
            let value = match said.as_bytes().first() {
                None => None,
                Some(b'|' | b'>') => {
                    let node = Node::scalar(Span::new(self.file, from as u32, end as u32), "");
                    self.put(key, node);
                    return Some(indent);
                }
                Some(b'{' | b'[') => {
                    let (read, _) = events::trees(self.file, text, from..end);
                    read.into_iter().next()
                }
                Some(_) => Some(scalar(self.file, said, from)),
            };
            match value {
                Some(value) => self.put(key, value),
                None => {
                    if let Some(open) = self.open.last_mut() {
                        open.settle(self.file);
                        open.key = Some(key);
                    }
                }
            }
            return None;
        }
    }

    fn put(&mut self, key: Node, value: Node) {
        if let Some(open) = self.open.last_mut() {
            open.settle(self.file);
            open.pairs.push((key, value));
        }
    }

    /// Ends what is indented more deeply than a line. A list may stand at the indentation of its key:
    /// it ends where something else than an item stands there.
    fn close(&mut self, indent: usize, item: bool) {
        let ends =
            |open: &Open| open.indent > indent || (open.indent == indent && open.list && !item);
        while self.open.len() > 1 && self.open.last().is_some_and(ends) {
            let Some(done) = self.open.pop() else { return };
            let node = done.node(self.file, self.end);
            let Some(outer) = self.open.last_mut() else { return };
            match (outer.list, outer.key.take()) {
                (true, _) => outer.items.push(node),
                (false, Some(key)) => outer.pairs.push((key, node)),
                (false, None) => {}
            }
        }
    }
}

impl Open {
    fn new(indent: usize, list: bool, at: usize) -> Open {
        Open { indent, list, pairs: Pairs::new(), items: Vec::new(), key: None, at }
    }

    /// A key without a value holds nothing.
    fn settle(&mut self, file: FileId) {
        if let Some(key) = self.key.take() {
            let span = Span::new(file, key.span.end, key.span.end);
            let kind = Kind::Scalar { text: String::new(), quoted: false };
            self.pairs.push((key, Node { span, kind }));
        }
    }

    fn node(mut self, file: FileId, end: usize) -> Node {
        self.settle(file);
        let kind = if self.list { Kind::List(self.items) } else { Kind::Map(self.pairs) };
        Node { span: Span::new(file, self.at as u32, end.max(self.at) as u32), kind }
    }
}

/// The key of a line, and where its value begins.
fn parts(line: &str) -> Option<(&str, usize)> {
    let quote = line.chars().next().filter(|c| matches!(c, '"' | '\''));
    let from = match quote {
        Some(quote) => line[1..].find(quote)? + 2,
        None => 0,
    };
    let colon = from + line[from..].find(':')?;
    let key = line[..colon].trim_end();
    let ends = line[colon + 1..].chars().next().is_none_or(char::is_whitespace);
    (ends && !key.is_empty() && !key.contains(HIDDEN)).then_some((key, colon + 1))
}

fn scalar(file: FileId, text: &str, at: usize) -> Node {
    let text = text.split(" #").next().unwrap_or_default().trim_end();
    let quoted = text.len() > 1 && text.starts_with(['"', '\'']) && text.ends_with(&text[..1]);
    let inner = if quoted { &text[1..text.len() - 1] } else { text };
    let span = Span::new(file, at as u32, (at + text.len()) as u32);
    Node { span, kind: Kind::Scalar { text: inner.into(), quoted } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::conf::ways::find;

    #[test]
    fn lines_say_keys_by_their_indentation() {
        let text = "a: 1 # x\nb:\n- c: 'd'\n  e:\n    f: [g, h]\n  |broken\n- i\nj: |\n  k: l\n  m\nn:\n  o: {p: q}\n  : r\n  s: t\n";
        let root = tree(FileId(0), text, 0..text.len());
        let seen = |way: &str| {
            let hits = find(&root, way).into_iter();
            let line = |at: Span| text[..at.start as usize].matches('\n').count() + 1;
            hits.map(|hit| format!("{} {}", line(hit.at), hit.value.text())).collect::<Vec<_>>()
        };
        assert_eq!(seen("a"), ["1 1"]);
        assert_eq!(seen("b/c"), ["3 d"]);
        assert_eq!(seen("b/e/f/*"), ["5 ", "5 "]);
        assert_eq!(seen("j"), ["8 "]);
        assert_eq!(seen("**/k"), [""; 0]);
        assert_eq!(seen("n/o/p"), ["12 q"]);
        assert_eq!(seen("n/s"), ["14 t"]);
    }

    #[test]
    fn any_text_is_read_in_bounds() {
        let text = "ä: 'é'\n- - \"ö\": {ü: [\n   - |\n  ß\n\"\n'é: x\n:\n - :\n";
        for at in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
            drop(tree(FileId(0), text, 0..at));
            drop(tree(FileId(0), text, at..text.len()));
        }
        drop(tree(FileId(0), &"- ".repeat(10_000), 0..20_000));
    }
}
