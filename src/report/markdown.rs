//! A page in Markdown, for the summary of a job or a comment: a table, then the details.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::human;
use super::plain::{self, Plain, count};
use super::uri;
use crate::diagnostic::{Diagnostic, Report};
use crate::discover::relative;
use crate::rules::FACTOR_URL;
use crate::source::Span;

/// How to show it.
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub plain: Plain,
    /// What stands before the path of a file in a link to it; without it there are no links.
    pub link: Option<String>,
    /// The most bytes that the page may have. A page that is longer is told in numbers alone, and
    /// says so.
    pub most: Option<usize>,
}

/// Writes it.
///
/// # Errors
/// The writer fails.
pub fn render(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let page = Page { report, options };
    let mut text = page.whole();
    if options.most.is_some_and(|most| text.len() > most) {
        text = page.numbers();
    }
    out.write_all(text.as_bytes())
}

struct Page<'a> {
    report: &'a Report,
    options: &'a Options,
}

impl Page<'_> {
    fn shown(&self) -> impl Iterator<Item = &Diagnostic> {
        plain::shown(self.report)
    }

    fn whole(&self) -> String {
        let mut text = self.head();
        if self.shown().next().is_some() {
            text.push_str("\n| level | rule | where | what |\n|---|---|---|---|\n");
        }
        for finding in self.shown() {
            let (level, rule) = (plain::level(finding.level), finding.rule);
            let (place, message) = (self.place(finding.at, true), escaped(&finding.message, true));
            let _ = writeln!(text, "| {level} | `{rule}` | {place} | {message} |");
        }
        for finding in self.shown() {
            self.details(finding, &mut text);
        }
        if !self.report.problems.is_empty() {
            text.push_str("\n### Not judged\n\n");
        }
        for problem in &self.report.problems {
            let place = match problem.at {
                Some(at) => self.place(at, false),
                None => code(&relative(&problem.path, &self.options.plain.base), false),
            };
            let (level, said) = (plain::level(plain::severity(problem)), &problem.message);
            let _ = writeln!(text, "- {level}: {place} {}", escaped(said, false));
            if !problem.help.is_empty() {
                let _ = writeln!(text, "  - {}", escaped(&problem.help, false));
            }
        }
        text
    }

    /// The page without what may be long.
    fn numbers(&self) -> String {
        let mut text = self.head();
        text.push_str("\nThe findings do not fit on this page; the log of the job has them all.\n");
        text.push_str("\n| rule | findings |\n|---|---|\n");
        for (rule, number) in plain::by_rule(self.report) {
            let _ = writeln!(text, "| `{rule}` | {number} |");
        }
        text
    }

    fn head(&self) -> String {
        let mut closing = Vec::new();
        // A buffer takes everything.
        drop(human::closing(self.report, &mut closing));
        let mut text = format!("## VI Processes: {}\n\n", count(self.shown().count(), "finding"));
        let _ = writeln!(
            text,
            "[Processes are stateless and share nothing]({FACTOR_URL}): what must last goes to a \
             backing service.\n"
        );
        for line in String::from_utf8_lossy(&closing).lines() {
            let _ = writeln!(text, "- {}", escaped(line, false));
        }
        text
    }

    fn details(&self, finding: &Diagnostic, text: &mut String) {
        let (rule, place) = (finding.rule, self.name(finding.at));
        let _ = writeln!(
            text,
            "\n<details><summary><code>{rule}</code> {}</summary>\n\n{}\n",
            html(&place),
            escaped(&finding.message, false)
        );
        for (index, step) in finding.because.iter().enumerate() {
            let (place, said) = (self.place(step.at, false), escaped(&step.message, false));
            let _ = writeln!(text, "{}. {place} {said}", index + 1);
        }
        if !finding.because.is_empty() {
            text.push('\n');
        }
        for line in plain::details(finding) {
            let _ = writeln!(text, "- {}", escaped(&line, false));
        }
        text.push_str("\n</details>\n");
    }

    fn name(&self, at: Span) -> String {
        plain::place(&self.report.sources, at, &self.options.plain.base)
    }

    /// A place, as a link where there is something to link to.
    fn place(&self, at: Span, in_table: bool) -> String {
        let name = code(&self.name(at), in_table);
        let sources = &self.report.sources;
        let path = plain::path_of(sources, at, &self.options.plain.base);
        match &self.options.link {
            // Files elsewhere have no page.
            Some(link) if !path.starts_with('/') => {
                let (start, end) = plain::ends(sources, at);
                let (line, last) = (start.line, end.line);
                let last = if last > line { format!("-L{last}") } else { String::new() };
                let path = uri::escaped(&path).replace('(', "%28").replace(')', "%29");
                format!("[{name}]({link}{path}#L{line}{last})")
            }
            _ => name,
        }
    }
}

/// A text as code. A backtick inside would end it, so there is none.
fn code(text: &str, in_table: bool) -> String {
    let text = human::clean(text).replace('`', "'");
    match (text.is_empty(), in_table) {
        (true, _) => text,
        (false, true) => format!("`{}`", text.replace('|', "\\|")),
        (false, false) => format!("`{text}`"),
    }
}

/// A text that keeps its code between backticks, and in which nothing else is markup.
fn escaped(text: &str, in_table: bool) -> String {
    let text = human::clean(text);
    let paired = text.matches('`').count().is_multiple_of(2);
    let mut out = String::with_capacity(text.len());
    let mut is_code = false;
    for c in text.chars() {
        match c {
            '`' if paired => {
                is_code = !is_code;
                out.push(c);
            }
            '|' if in_table => out.push_str("\\|"),
            c if is_code => out.push(c),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '~' | '|' | '!' | '@' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

fn html(text: &str) -> String {
    human::clean(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
