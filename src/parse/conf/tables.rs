//! How is TOML read into the tree?

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Failure, Kind, Node, Pairs};
use crate::source::{FileId, Span};

pub(super) fn tree(file: FileId, text: &str) -> Result<Node, Failure> {
    let span = |range: std::ops::Range<usize>| {
        Span::new(file, range.start as u32, range.end.max(range.start) as u32)
    };
    match DeTable::parse(text) {
        Ok(table) => Ok(Node { span: span(table.span()), kind: map(file, table.get_ref()) }),
        Err(error) => {
            let at = error.span().unwrap_or(0..0);
            Err((error.message().to_string(), span(at)))
        }
    }
}

fn map(file: FileId, table: &DeTable<'_>) -> Kind {
    let mut pairs: Pairs = table
        .iter()
        .map(|(key, value)| {
            let at = key.span();
            let at = Span::new(file, at.start as u32, at.end as u32);
            (Node::scalar(at, key.get_ref()), node(file, value))
        })
        .collect();
    pairs.sort_by_key(|(key, _)| key.span.start);
    Kind::Map(pairs)
}

fn node(file: FileId, value: &Spanned<DeValue<'_>>) -> Node {
    let range = value.span();
    let span = Span::new(file, range.start as u32, range.end as u32);
    let plain = |text: String| Kind::Scalar { text, quoted: false };
    let kind = match value.get_ref() {
        DeValue::String(text) => Kind::Scalar { text: text.to_string(), quoted: true },
        DeValue::Integer(number) => plain(number.to_string()),
        DeValue::Float(number) => plain(number.to_string()),
        DeValue::Boolean(truth) => plain(truth.to_string()),
        DeValue::Datetime(date) => plain(date.to_string()),
        DeValue::Array(items) => Kind::List(items.iter().map(|item| node(file, item)).collect()),
        DeValue::Table(table) => map(file, table),
    };
    Node { span, kind }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::conf::ways::find;

    #[test]
    fn keys_stand_where_they_are_written() {
        let text = "app = 'x'\n[[mounts]]\nsource = 'a'\n[http.services.a.loadBalancer.sticky.cookie]\n\
                    [http.services.b]\nloadBalancer = { sticky.cookie = {} }\n";
        let root = tree(FileId(0), text).unwrap();
        let line = |at: Span| text[..at.start as usize].matches('\n').count() + 1;
        let lines = |way: &str| find(&root, way).iter().map(|hit| line(hit.at)).collect::<Vec<_>>();
        assert_eq!(lines("mounts"), [2]);
        assert_eq!(lines("mounts/source"), [3]);
        assert_eq!(lines("http/services/*/loadBalancer/sticky"), [4, 6]);
        assert!(tree(FileId(0), "a = [").is_err());
    }
}
