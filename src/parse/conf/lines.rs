//! How are the languages of lines read? Sections of HAProxy, Apache, systemd.

use super::{Kind, Node, Pairs};
use crate::source::{FileId, Span};

/// A line without its comment, joined with those that continue it, and where it begins.
struct Line {
    text: String,
    at: usize,
}

/// The lines that say something.
fn lines(text: &str, comments: &[char]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut open: Option<Line> = None;
    let mut at = 0;
    for raw in text.split_inclusive('\n') {
        let line = raw.trim_start_matches('\u{feff}');
        let start = at + raw.len() - line.trim_start().len();
        at += raw.len();
        let line = line.trim();
        if line.starts_with(comments) || (line.is_empty() && open.is_none()) {
            continue;
        }
        let (line, goes_on) = match line.strip_suffix('\\') {
            Some(line) => (line.trim_end(), true),
            None => (line, false),
        };
        let mut joined = open.take().unwrap_or(Line { text: String::new(), at: start });
        if !joined.text.is_empty() {
            joined.text.push(' ');
        }
        joined.text.push_str(line);
        match goes_on {
            true => open = Some(joined),
            false => lines.push(joined),
        }
    }
    lines.extend(open);
    lines
}

impl Line {
    /// The first word and the rest.
    fn split(&self) -> (&str, &str) {
        let (key, rest) = self.text.split_once(char::is_whitespace).unwrap_or((&self.text, ""));
        (key, rest.trim())
    }

    fn key(&self, file: FileId, key: &str) -> Node {
        Node::scalar(Span::new(file, self.at as u32, (self.at + key.len()) as u32), key)
    }
}

fn root(file: FileId, text: &str, pairs: Pairs) -> Node {
    Node { span: Span::new(file, 0, text.len() as u32), kind: Kind::Block(pairs) }
}

/// A section beneath its keyword and its name.
fn section(line: &Line, file: FileId, key: &str, name: &str, pairs: Pairs) -> (Node, Node) {
    let key = line.key(file, key);
    let block = Node { span: key.span, kind: Kind::Block(pairs) };
    let named = Node::scalar(key.span, name);
    let outer = Node { span: key.span, kind: Kind::Block(vec![(named, block)]) };
    (key, outer)
}

/// How deep sections may lie in each other; people stay below five.
const MOST_DEPTH: usize = 100;

const PROXIES: [&str; 4] = ["frontend", "backend", "listen", "defaults"];
const SECTIONS: [&str; 12] = [
    "global",
    "peers",
    "resolvers",
    "userlist",
    "mailers",
    "program",
    "cache",
    "ring",
    "http-errors",
    "fcgi-app",
    "log-forward",
    "crt-store",
];

/// A section: its line, what kind it is, its name, and what it says.
type Section<'t> = (&'t Line, &'t str, &'t str, Pairs);

/// Sections of HAProxy; what a proxy does not say, the `defaults` before it say.
pub(super) fn haproxy(file: FileId, text: &str) -> Node {
    let lines = lines(text, &['#']);
    let mut sections: Vec<Section<'_>> = Vec::new();
    for line in &lines {
        let (key, rest) = line.split();
        if PROXIES.contains(&key) || SECTIONS.contains(&key) {
            let name = rest.split_whitespace().next().unwrap_or_default();
            sections.push((line, key, name, Vec::new()));
        } else if let Some((.., inner)) = sections.last_mut() {
            let rest = rest.split(" #").next().unwrap_or_default().trim();
            let node = line.key(file, key);
            let value = Node::scalar(node.span, rest);
            inner.push((node, value));
        }
    }
    let mut pairs: Pairs = Vec::new();
    let mut defaults: Pairs = Vec::new();
    for (line, key, name, mut inner) in sections {
        if key == "defaults" {
            defaults.clone_from(&inner);
        } else if PROXIES.contains(&key) {
            let unsaid =
                |(key, _): &&(Node, Node)| inner.iter().all(|(own, _)| own.text() != key.text());
            let inherited: Pairs = defaults.iter().filter(unsaid).cloned().collect();
            inner.extend(inherited);
        }
        pairs.push(section(line, file, key, name, inner));
    }
    root(file, text, pairs)
}

/// A name and its value on each line, parted by a sign.
pub(super) fn named(file: FileId, text: &str, sign: char) -> Node {
    let mut pairs = Vec::new();
    for line in &lines(text, &['#']) {
        let Some((name, value)) = line.text.split_once(sign) else { continue };
        let node = line.key(file, name.trim());
        let value = Node::scalar(node.span, value.split(" #").next().unwrap_or_default().trim());
        pairs.push((node, value));
    }
    root(file, text, pairs)
}

/// Directives of Apache, in their sections.
pub(super) fn apache(file: FileId, text: &str) -> Node {
    let lines = lines(text, &['#']);
    let mut open: Vec<(&Line, Pairs)> = Vec::new();
    let mut pairs: Pairs = Vec::new();
    let close = |line: &Line, inner: Pairs| {
        let head = line.text.trim_start_matches('<').trim_end_matches('>');
        let (key, name) = head.split_once(char::is_whitespace).unwrap_or((head, ""));
        section(line, file, key, name.trim().trim_matches('"'), inner)
    };
    for line in &lines {
        if line.text.starts_with("</") {
            if let Some((head, outer)) = open.pop() {
                let inner = std::mem::replace(&mut pairs, outer);
                pairs.push(close(head, inner));
            }
        } else if line.text.starts_with('<') && open.len() < MOST_DEPTH {
            open.push((line, std::mem::take(&mut pairs)));
        } else {
            let (key, rest) = line.split();
            let node = line.key(file, key);
            let value = Node::scalar(node.span, rest);
            pairs.push((node, value));
        }
    }
    while let Some((head, outer)) = open.pop() {
        let inner = std::mem::replace(&mut pairs, outer);
        pairs.push(close(head, inner));
    }
    root(file, text, pairs)
}

/// Keys and values of `[Sections]`; an empty value takes back what the same key said before.
pub(super) fn unit(file: FileId, text: &str) -> Node {
    let mut pairs: Pairs = Vec::new();
    for line in &lines(text, &['#', ';']) {
        if let Some(name) = line.text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let key = Node::scalar(line.key(file, &line.text).span, name);
            let span = key.span;
            pairs.push((key, Node { span, kind: Kind::Block(Vec::new()) }));
            continue;
        }
        let Some((key, value)) = line.text.split_once('=') else { continue };
        let Some((_, Node { kind: Kind::Block(inner), .. })) = pairs.last_mut() else { continue };
        let (key, value) = (key.trim(), value.trim());
        if value.is_empty() {
            inner.retain(|(known, _)| known.text() != Some(key));
            continue;
        }
        let node = line.key(file, key);
        let text = Node::scalar(node.span, value);
        inner.push((node, text));
    }
    root(file, text, pairs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::conf::ways::find;

    fn at(root: &Node, text: &str, way: &str) -> Vec<String> {
        let hits = find(root, way).into_iter();
        hits.map(|hit| {
            let line = text[..hit.at.start as usize].matches('\n').count() + 1;
            format!("{line} {}", hit.value.text())
        })
        .collect()
    }

    #[test]
    fn proxies_have_their_defaults() {
        let text = "global\n  cookie no\ndefaults\n  mode http # x\n  # cookie x\nbackend a\n  cookie \
                    S insert indirect\nlisten b\n  mode tcp\n  balance source\n";
        let root = haproxy(FileId(0), text);
        assert_eq!(at(&root, text, "backend/a/cookie"), ["7 S insert indirect"]);
        assert_eq!(at(&root, text, "backend/a/mode"), ["4 http"]);
        assert_eq!(at(&root, text, "listen/b/mode"), ["9 tcp"]);
        assert_eq!(at(&root, text, "*/*/balance"), ["10 source"]);
    }

    #[test]
    fn directives_go_on_over_lines() {
        let text = "# <Proxy>\n<Proxy \"balancer://a\">\n  ProxySet lbmethod=x \\\n    stickysession=R\n\
                    </Proxy>\n<VirtualHost *:80>\nProxyPass / b\n";
        let root = apache(FileId(0), text);
        assert_eq!(
            at(&root, text, "Proxy/balancer:~1~1a/ProxySet"),
            ["3 lbmethod=x stickysession=R"]
        );
        assert_eq!(at(&root, text, "**/ProxyPass"), ["7 / b"]);
    }

    #[test]
    fn sections_are_read_in_bounds() {
        let text = "<Proxy a>\n".repeat(10_000) + "ProxyPass / b\n</Proxy>\n";
        let root = apache(FileId(0), &text);
        assert_eq!(at(&root, &text, "**/ProxyPass"), ["10001 / b"]);
    }

    #[test]
    fn an_empty_value_takes_back() {
        let text = "; x\n[Service]\nStateDirectory=a\nStateDirectory=\nStateDirectory=b \\\n  c\n\
                    CacheDirectory = d\n[Install]\n";
        let root = unit(FileId(0), text);
        assert_eq!(at(&root, text, "Service/StateDirectory"), ["5 b c"]);
        assert_eq!(at(&root, text, "Service/CacheDirectory"), ["7 d"]);
    }
}
