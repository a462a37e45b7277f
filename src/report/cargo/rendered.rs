//! How would rustc print it? For readers that show the text of a diagnostic, and for matchers that
//! want `level[code]: message` and the place on the very next line.

use std::fmt::Write as _;

use super::message::Child;
use super::spans::Span;

/// The diagnostic as text, each place with the first line of what it marks.
pub(super) fn text(
    level: &str,
    code: &str,
    message: &str,
    spans: &[Span],
    children: &[Child],
) -> String {
    let digits = spans.iter().map(|span| span.line_start.to_string().len()).max().unwrap_or(1);
    let gap = " ".repeat(digits);
    let mut out = format!("{level}[{code}]: {message}\n");
    for span in spans {
        let arrow = if span.is_primary { "-->" } else { ":::" };
        let Span { file_name, line_start, column_start, .. } = span;
        let _ = writeln!(out, "{gap}{arrow} {file_name}:{line_start}:{column_start}");
        let Some(first) = span.text.first() else { continue };
        let mark = if span.is_primary { "^" } else { "-" };
        let before: String = first
            .text
            .chars()
            .take(first.highlight_start - 1)
            .map(|c| if c == '\t' { '\t' } else { ' ' })
            .collect();
        let marks = mark.repeat((first.highlight_end - first.highlight_start).max(1));
        let label = span.label.as_deref().unwrap_or("");
        let marked = format!("{before}{marks} {label}");
        let _ = writeln!(out, "{gap} |\n{line_start:>digits$} | {}", first.text);
        let _ = writeln!(out, "{gap} | {}", marked.trim_end());
    }
    for (index, child) in children.iter().enumerate() {
        if index == 0 {
            let _ = writeln!(out, "{gap} |");
        }
        let _ = writeln!(out, "{gap} = {}: {}", child.level, child.message);
    }
    out.push('\n');
    out
}
