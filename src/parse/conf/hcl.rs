//! How is HCL read into the tree? Terraform, OpenTofu, Nomad, Consul.

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::{Body, Structure};

use super::{Failure, Kind, Node};
use crate::source::{FileId, Span};

/// Reads blocks beneath their labels: `resource "a" "b" { }` is `resource/a/b`. What only an
/// evaluation can tell is a text in `${ }`.
pub(super) fn tree(file: FileId, text: &str) -> Result<Node, Failure> {
    // hcl-edit refuses a byte order mark.
    let text = text.replacen('\u{feff}', "   ", 1);
    let reader = Reader { file, text: &text };
    match hcl_edit::parser::parse_body(&text) {
        Ok(body) => Ok(reader.body(&body, 0..text.len())),
        Err(error) => {
            let line = error.location().line();
            let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
            let at = (start + error.location().column().saturating_sub(1)).min(text.len());
            Err((error.message().to_string(), Span::new(file, at as u32, at as u32)))
        }
    }
}

struct Reader<'a> {
    file: FileId,
    text: &'a str,
}

impl Reader<'_> {
    fn span(&self, range: Option<std::ops::Range<usize>>) -> Span {
        let range = range.unwrap_or(0..0);
        Span::new(self.file, range.start as u32, range.end as u32)
    }

    fn body(&self, body: &Body, range: std::ops::Range<usize>) -> Node {
        let pairs = body.iter().map(|structure| match structure {
            Structure::Attribute(attribute) => {
                let key = Node::scalar(self.span(attribute.key.span()), attribute.key.as_str());
                (key, self.value(&attribute.value))
            }
            Structure::Block(block) => {
                let key = Node::scalar(self.span(block.ident.span()), block.ident.as_str());
                let range = block.span().unwrap_or(0..0);
                let mut inner = self.body(&block.body, range);
                for label in block.labels.iter().rev() {
                    let label = Node::scalar(self.span(label.span()), label.as_str());
                    let span = inner.span;
                    inner = Node { span, kind: Kind::Block(vec![(label, inner)]) };
                }
                (key, inner)
            }
        });
        Node { span: self.span(Some(range)), kind: Kind::Block(pairs.collect()) }
    }

    fn value(&self, value: &Expression) -> Node {
        let span = self.span(value.span());
        let plain = |text: String| Kind::Scalar { text, quoted: false };
        let kind = match value {
            Expression::Null(_) => plain("null".into()),
            Expression::Bool(truth) => plain(truth.value().to_string()),
            Expression::Number(number) => plain(number.value().to_string()),
            Expression::String(text) => {
                Kind::Scalar { text: text.value().to_string(), quoted: true }
            }
            Expression::Array(items) => {
                Kind::List(items.iter().map(|item| self.value(item)).collect())
            }
            Expression::Object(object) => Kind::Map(
                object
                    .iter()
                    .map(|(key, value)| {
                        let (span, text) = match key {
                            ObjectKey::Ident(name) => (name.span(), name.as_str().to_string()),
                            ObjectKey::Expression(Expression::String(text)) => {
                                (text.span(), text.value().to_string())
                            }
                            ObjectKey::Expression(other) => (other.span(), String::new()),
                        };
                        (Node::scalar(self.span(span), &text), self.value(value.expr()))
                    })
                    .collect(),
            ),
            // What is encoded is the same tree.
            Expression::FuncCall(call)
                if matches!(
                    call.name.name.as_str(),
                    "jsonencode" | "yamlencode" | "toset" | "tolist"
                ) =>
            {
                match call.args.iter().next() {
                    Some(first) => return self.value(first),
                    None => plain(String::new()),
                }
            }
            Expression::Parenthesis(inner) => return self.value(inner.inner()),
            Expression::HeredocTemplate(_) => {
                let raw = &self.text[span.start as usize..span.end as usize];
                Kind::Scalar { text: body(raw), quoted: true }
            }
            _ => {
                let raw = &self.text[span.start as usize..span.end as usize];
                plain(format!("${{{}}}", raw.trim()))
            }
        };
        Node { span, kind }
    }
}

/// The lines of a here-document, without the blanks that all of them begin with.
fn body(raw: &str) -> String {
    let lines: Vec<&str> = raw.lines().skip(1).collect();
    let (_, lines) = lines.split_last().unwrap_or((&"", &[]));
    let said = lines.iter().filter(|line| !line.trim().is_empty());
    let blanks = said.map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    lines.iter().map(|line| format!("{}\n", line.get(blanks..).unwrap_or(""))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::conf::ways::find;

    #[test]
    fn blocks_stand_beneath_their_labels() {
        let text = "\u{feff}# x\nresource \"aws_lb_target_group\" \"a\" {\r\n  stickiness {\r\n    enabled = \
                    var.sticky\r\n  }\r\n}\nresource \"t\" b {\n  container = jsonencode([{ x = true, \
                    \"y\" : \"z\" }])\n}\n";
        let root = tree(FileId(0), text).unwrap();
        let seen = |way: &str| {
            let hits = find(&root, way).into_iter();
            let line = |at: Span| text[..at.start as usize].matches('\n').count() + 1;
            hits.map(|hit| format!("{} {}", line(hit.at), hit.value.text())).collect::<Vec<_>>()
        };
        assert_eq!(seen("resource/aws_lb_target_group/a/stickiness/enabled"), ["4 ${var.sticky}"]);
        assert_eq!(seen("resource/t/b/container/x"), ["8 true"]);
        assert_eq!(seen("resource/t/*/container/y"), ["8 z"]);
        let (_, at) = tree(FileId(0), "a = 1\nb = = 2\n").unwrap_err();
        assert_eq!(at.start, 10);
    }
}
