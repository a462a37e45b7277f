//! What is told about a finding when somebody points at it?

use gen_lsp_types::{Contents, Hover, MarkupContent, MarkupKind};

use super::shown::Shown;
use crate::rules;

/// The finding in full and the page of its rule: what it finds, why, what it leaves alone, what to
/// use instead. The examples are left to the page itself.
pub(super) fn hover(shown: &Shown) -> Option<Hover> {
    let told = shown.finding.as_ref()?;
    let page = rules::find(told.rule).map_or("", |rule| rule.page);
    let value = format!(
        "**{}**\n\n{}\n\n**Instead**: {}\n\n---\n\n{}",
        told.message,
        told.consequence,
        told.help,
        prose(page)
    );
    Some(Hover {
        contents: Contents::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value }),
        range: Some(shown.marked.range),
    })
}

/// A page without its head and its examples.
fn prose(page: &str) -> String {
    let (title, rest) = page.split_once("```toml\n").unwrap_or(("", page));
    let rest = rest.split_once("\n```\n").map_or(rest, |(_, rest)| rest);
    let rest = rest.split("\n## Examples").next().unwrap_or(rest);
    format!("{}\n\n{}\n", title.trim(), rest.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_told_without_head_and_examples() {
        for rule in rules::RULES {
            let told = prose(rule.page);
            assert!(told.starts_with(&format!("# {}\n\n## What it finds\n", rule.id)), "{told}");
            assert!(told.contains("\n## Why (Factor VI)\n") && told.contains("\n## Instead\n"));
            assert!(!told.contains("```toml\nsummary") && !told.contains("## Examples"), "{told}");
        }
    }
}
