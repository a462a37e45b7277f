//! What does a rule claim, and what puts it right? Its page: whole for programs, laid out for people.

use std::io::{self, IsTerminal, Write};

use super::formats::ColorArg;
use super::tell;
use super::terminal::Terminal;
use crate::report::hanging;
use crate::rules::{self, Rule};

/// What begins the part of a page that is long, and that nobody reads from end to end.
const EXAMPLES: &str = "\n## Examples\n";

/// Prints the page of a rule.
pub(super) fn print(name: &str, out: &mut dyn Write) -> (io::Result<()>, u8) {
    let Some(rule) = rules::find(&name.replace('-', "_")) else {
        let (message, help) = rules::unknown(name);
        tell(&format!("{message}\n  help: {help}"));
        return (Ok(()), 2);
    };
    let text = match io::stdout().is_terminal() {
        true => page(rule, &Terminal::of_stdout(ColorArg::Auto)),
        false => rule.page.trim_end().to_owned(),
    };
    (writeln!(out, "{text}"), 0)
}

/// The page as a terminal shows it: without the examples, which would scroll the rest away.
fn page(rule: &Rule, terminal: &Terminal) -> String {
    let bold = |text: &str| match terminal.color {
        true => format!("\u{1b}[1m{text}\u{1b}[0m"),
        false => text.to_owned(),
    };
    let wrap = |head: &str, text: &str, hang: usize| {
        hanging(head, head.len(), text, hang, terminal.width.max(40))
    };
    let mut parts = vec![bold(rule.id)];
    if let Ok(meta) = rule.meta() {
        let finds = meta.verdicts.join(", ");
        parts.push(wrap("", &format!("{} ({finds})", meta.summary), 0));
    }
    let (said, examples) = rule.page.split_once(EXAMPLES).unwrap_or((rule.page, ""));
    let body = said.find("\n## ").map_or("", |at| &said[at..]);
    let (mut block, mut code) = (String::new(), false);
    for line in body.lines().chain([""]) {
        if line.starts_with("```") {
            code = !code;
        }
        let begins = line.starts_with("- ");
        if !code && (line.is_empty() || begins || line.starts_with('#')) && !block.is_empty() {
            let hang = if block.starts_with("- ") { 2 } else { 0 };
            let whole = block.contains("```") || block.starts_with('|');
            parts.push(if whole { block.clone() } else { wrap("", &block, hang) });
            block.clear();
        }
        match line.strip_prefix("## ").or(line.strip_prefix("### ")) {
            Some(heading) if !code => parts.push(bold(heading)),
            _ if line.is_empty() && !code => {}
            _ => {
                let apart = if code || line.starts_with(['`', '|']) { "\n" } else { " " };
                let gap = if block.is_empty() { "" } else { apart };
                block = format!("{block}{gap}{}", if code { line } else { line.trim() });
            }
        }
    }
    let count = examples.matches("\n### ").count() + usize::from(examples.starts_with("### "));
    if count > 0 {
        let told = format!(
            "{count} examples are left out here; `cargo twelve-lint explain {} | less` has them",
            rule.id
        );
        parts.push(wrap("", &told, 0));
    }
    lines(&parts)
}

/// The parts below one another: items close together, everything else apart.
fn lines(parts: &[String]) -> String {
    let mut text = String::new();
    for (nth, part) in parts.iter().enumerate() {
        let item = |part: &String| part.starts_with("- ");
        let close = nth > 0 && item(part) && item(&parts[nth - 1]);
        text += match (nth, close) {
            (0, _) => "",
            (_, true) => "\n",
            (_, false) => "\n\n",
        };
        text += part;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RULES;

    fn shown(rule: &Rule, width: usize, color: bool) -> String {
        page(rule, &Terminal { color, hyperlinks: false, unicode: true, width })
    }

    #[test]
    fn pages_fit_and_say_everything_but_the_examples() {
        for rule in RULES {
            for width in [60, 80, 140] {
                let text = shown(rule, width, false);
                let wide = text.lines().find(|line| line.chars().count() > width);
                assert_eq!(wide, None, "{} at {width}", rule.id);
                let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
                let (said, _) = rule.page.split_once(EXAMPLES).expect("each page has examples");
                let said = &said[said.find("\n## ").expect("headings")..];
                for paragraph in said.split("\n\n").filter(|part| !part.trim().starts_with('#')) {
                    let told = squeeze(paragraph);
                    assert!(squeeze(&text).contains(&told), "{} lacks {told}\n{text}", rule.id);
                }
                assert!(text.starts_with(rule.id) && !text.contains("//~"), "{text}");
            }
            assert!(shown(rule, 80, true).contains("\u{1b}[1mInstead\u{1b}[0m"));
        }
    }
}
