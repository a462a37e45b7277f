//! How is Bicep read into the tree?

use super::{Failure, Kind, Node, Pairs};
use crate::source::{FileId, Span};

/// How deep values may lie in each other; people stay below twenty.
const MOST_DEPTH: usize = 64;

/// Reads `resource a 'T@v' = { }` as `resource/T/a`, and so modules; `param a bool = x` as `param/a`.
/// What only an evaluation can tell is a text in `${ }`.
pub(super) fn tree(file: FileId, text: &str) -> Result<Node, Failure> {
    let mut reader = Reader { file, text, at: 0, depth: 0 };
    let mut pairs = Pairs::new();
    while reader.space(true) {
        match reader.statement()? {
            Some(pair) => pairs.push(pair),
            None => reader.line(),
        }
    }
    Ok(Node { span: reader.span(0, text.len()), kind: Kind::Block(pairs) })
}

struct Reader<'a> {
    file: FileId,
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start as u32, end.max(start) as u32)
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Behind blanks and comments, and line breaks where they say nothing; whether anything is left.
    fn space(&mut self, lines: bool) -> bool {
        loop {
            let rest = self.rest();
            let Some(c) = rest.chars().next() else { return false };
            if rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                self.at += rest.find("*/").map_or(rest.len(), |end| end + 2);
            } else if c == '\u{feff}' || (c.is_whitespace() && (lines || c != '\n')) {
                self.at += c.len_utf8();
            } else {
                return true;
            }
        }
    }

    /// Behind what stands up to the end of the line; brackets and texts may go over lines.
    fn line(&mut self) {
        self.expression(&['\n']);
        self.at += usize::from(self.rest().starts_with('\n'));
    }

    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// A declaration that says something; nothing is read where there is none.
    fn statement(&mut self) -> Result<Option<(Node, Node)>, Failure> {
        let start = self.at;
        let keyword = self.word();
        let key = Node::scalar(self.span(start, self.at), keyword);
        if !matches!(keyword, "resource" | "module" | "param" | "var") {
            self.at = start;
            return Ok(None);
        }
        self.space(false);
        let from = self.at;
        let name = self.word();
        let named = Node::scalar(self.span(from, self.at), name);
        if name.is_empty() {
            self.at = start;
            return Ok(None);
        }
        self.space(false);
        let typed = self.at;
        let of = self.expression(&['=', '\n']);
        let of = of.trim();
        let exists = of.ends_with("existing");
        let of = of.trim_end_matches("existing").trim().trim_matches('\'').split('@').next();
        let of = Node::scalar(self.span(typed, typed), of.unwrap_or_default());
        if !self.rest().starts_with('=') {
            return Ok(None);
        }
        self.at += 1;
        self.space(false);
        // `if (x) {`
        if self.rest().starts_with("if") && self.rest()[2..].trim_start().starts_with('(') {
            self.at += 2;
            self.space(false);
            self.at += 1;
            self.expression(&[')']);
            self.at += usize::from(self.rest().starts_with(')'));
            self.space(true);
        }
        let value = self.value()?;
        if exists {
            return Ok(None);
        }
        let block = |key: Node, value: Node| Node {
            span: value.span,
            kind: Kind::Block(vec![(key, value)]),
        };
        Ok(Some(match keyword {
            "param" | "var" => (key, block(named, value)),
            // Each of a loop is the same.
            _ => {
                let value = match value.kind {
                    Kind::List(mut items) if items.len() == 1 => items.remove(0),
                    _ => value,
                };
                (key, block(of, block(named, value)))
            }
        }))
    }

    fn value(&mut self) -> Result<Node, Failure> {
        let start = self.at;
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return Err(("its values are nested too deeply".into(), self.span(start, start)));
        }
        let kind = match self.rest().chars().next() {
            Some('{') => {
                self.at += 1;
                self.object(start)?
            }
            Some('[') => {
                self.at += 1;
                self.list(start)?
            }
            _ => {
                let text = self.expression(&['\n', ',', '}', ']']).trim();
                let plain = |text: &str| Kind::Scalar { text: text.into(), quoted: false };
                let inner = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
                match inner {
                    Some(inner) if !inner.contains(['\'', '$']) => {
                        Kind::Scalar { text: inner.into(), quoted: true }
                    }
                    _ if matches!(text, "true" | "false" | "null") => plain(text),
                    _ if text.parse::<f64>().is_ok() => plain(text),
                    _ => plain(&format!("${{{text}}}")),
                }
            }
        };
        self.depth -= 1;
        Ok(Node { span: self.span(start, self.at), kind })
    }

    fn object(&mut self, start: usize) -> Result<Kind, Failure> {
        let mut pairs = Pairs::new();
        loop {
            if !self.space(true) {
                return Err(("this brace is not closed".into(), self.span(start, start + 1)));
            }
            if self.rest().starts_with('}') {
                self.at += 1;
                return Ok(Kind::Block(pairs));
            }
            if self.rest().starts_with(',') {
                self.at += 1;
                continue;
            }
            let from = self.at;
            let key = self.expression(&[':', '\n', '}', ',']).trim().trim_matches('\'');
            if !self.rest().starts_with(':') {
                // A resource within a resource, a decorator, or what nobody understands.
                self.at = from;
                match self.statement()? {
                    Some(pair) => pairs.push(pair),
                    None => {
                        self.expression(&['\n', '}']);
                    }
                }
                continue;
            }
            let key = Node::scalar(self.span(from, from + key.len()), key);
            self.at += 1;
            self.space(true);
            pairs.push((key, self.value()?));
            self.expression(&['\n', ',', '}']);
        }
    }

    fn list(&mut self, start: usize) -> Result<Kind, Failure> {
        let mut items = Vec::new();
        self.space(true);
        // `[for x in y: {`
        if self.rest().starts_with("for ") {
            self.expression(&[':']);
            self.at += usize::from(self.rest().starts_with(':'));
        }
        loop {
            if !self.space(true) {
                return Err(("this bracket is not closed".into(), self.span(start, start + 1)));
            }
            if self.rest().starts_with(']') {
                self.at += 1;
                return Ok(Kind::List(items));
            }
            if self.rest().starts_with(',') {
                self.at += 1;
                continue;
            }
            if self.rest().starts_with("if") && self.rest()[2..].trim_start().starts_with('(') {
                self.at += 2;
                self.space(false);
                self.at += 1;
                self.expression(&[')']);
                self.at += usize::from(self.rest().starts_with(')'));
                continue;
            }
            let from = self.at;
            items.push(self.value()?);
            // Whatever happens, something was read.
            if self.at == from {
                self.at += self.rest().chars().next().map_or(0, char::len_utf8);
            }
        }
    }

    /// The text up to one of the signs, outside of brackets and texts.
    fn expression(&mut self, ends: &[char]) -> &'a str {
        let start = self.at;
        let mut depth = 0usize;
        while let Some(c) = self.rest().chars().next() {
            if depth == 0 && ends.contains(&c) {
                break;
            }
            let rest = self.rest();
            if let Some(inner) = rest.strip_prefix("'''") {
                self.at += inner.find("'''").map_or(rest.len(), |end| end + 6);
                continue;
            }
            if rest.starts_with("//") || rest.starts_with("/*") {
                if depth == 0 && rest.starts_with("//") && ends.contains(&'\n') {
                    let text = &self.text[start..self.at];
                    self.space(false);
                    return text;
                }
                self.space(true);
                continue;
            }
            match c {
                '\'' => {
                    self.quoted();
                    continue;
                }
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' if depth > 0 => depth -= 1,
                _ => {}
            }
            self.at += c.len_utf8();
        }
        &self.text[start..self.at]
    }

    /// Behind a text in quotes.
    fn quoted(&mut self) {
        self.at += 1;
        while let Some(c) = self.rest().chars().next() {
            self.at += c.len_utf8();
            match c {
                '\\' => self.at += self.rest().chars().next().map_or(0, char::len_utf8),
                '\'' | '\n' => return,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::conf::ways::find;

    #[test]
    fn resources_stand_beneath_their_types() {
        let text = "targetScope = 'x'\n@description('''a\n{''')\nparam p bool = true // { \nvar v = [1]\n\
                    resource r 'A.B/c@2' = if (p) {\n  name: 'r-${p}'\n  /* x: { */\n  'k-1': { l: p ? 'a' : 'b', m: \
                    'n' }\n  list: [\n    { x: true }\n    {\n      x: false // no }\n    }\n  ]\n  resource s 'd' = {\n    y: 1\n  \
                    }\n}\nresource e 'A.B/c@2' existing = {\n  name: 'z'\n}\nresource l 'L@1' = [for i in v: {\n  x: \
                    i\n}]\nmodule m './m.bicep' = { params: { a: true } }\noutput o string = r.id\n";
        let root = tree(FileId(0), text).unwrap();
        let seen = |way: &str| {
            let hits = find(&root, way).into_iter();
            let line = |at: Span| text[..at.start as usize].matches('\n').count() + 1;
            hits.map(|hit| format!("{} {}", line(hit.at), hit.value.text())).collect::<Vec<_>>()
        };
        assert_eq!(seen("param/p"), ["4 true"]);
        assert_eq!(seen("resource/A.B~1c/*/name"), ["7 ${'r-${p}'}"]);
        assert_eq!(seen("resource/A.B~1c/r/k-1/*"), ["9 ${p ? 'a' : 'b'}", "9 n"]);
        assert_eq!(seen("resource/A.B~1c/r/list/x"), ["11 true", "13 false"]);
        assert_eq!(seen("resource/A.B~1c/r/resource/d/s/y"), ["17 1"]);
        assert_eq!(seen("resource/L/l/x"), ["24 ${i}"]);
        assert_eq!(seen("module/*/m/params/a"), ["26 true"]);
    }

    #[test]
    fn any_text_is_read_in_bounds() {
        let text = "resource a 'ä@1' = [for x in y: if (b) {\n p: '''ö''' /* ü */\n q: [ 'é', { r: (1 }\n}]";
        for at in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
            drop(tree(FileId(0), &text[..at]));
            drop(tree(FileId(0), &text[at..]));
        }
        assert!(tree(FileId(0), &format!("var a = {}", "[".repeat(10_000))).is_err());
    }
}
