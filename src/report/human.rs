//! The report for people: each finding with the lines that led to it, then what was not looked at.

use std::cell::Cell;
use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, Severity,
    SourceCode, SourceSpan, SpanContents, ThemeCharacters, ThemeStyles,
};

pub(super) use self::closing::why;
use self::excerpt::{Excerpt, Wanted};
pub(super) use self::words::clean;
pub(crate) use self::words::hanging;
use self::words::{Paint, width};
use super::plain::{self, level};
use crate::diagnostic::{self, Diagnostic, Level, Problem, Report};
use crate::discover::relative;
use crate::rules::FACTOR_URL;
use crate::source::SourceFile;

mod closing;
mod excerpt;
mod words;

/// A page that is less wide is laid out as if it were.
const NARROWEST: usize = 60;
/// How many columns stand before a message.
const LEFT_OF_MESSAGE: usize = 4;
/// Where the words below an excerpt start.
const LEFT: usize = 9;

/// How to show it.
#[derive(Debug, Clone)]
pub struct Options {
    /// With ANSI colours.
    pub color: bool,
    /// With OSC 8 links, which only terminals understand.
    pub hyperlinks: bool,
    /// With lines and arrows instead of their ASCII likenesses.
    pub unicode: bool,
    /// Columns of the page.
    pub width: usize,
    /// The folder that paths are shown relative to.
    pub base: PathBuf,
    /// Without the lines at the end that say what it comes to.
    pub quiet: bool,
    /// With a line there that says where rules are explained.
    pub explains: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            color: false,
            hyperlinks: false,
            unicode: true,
            width: 100,
            base: PathBuf::new(),
            quiet: false,
            explains: true,
        }
    }
}

/// Writes it.
///
/// # Errors
/// The writer fails.
pub fn render(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let options = &Options { width: options.width.max(NARROWEST), ..options.clone() };
    let page =
        Page { report, options, paint: Paint { on: options.color }, quoted: Cell::default() };
    for group in groups(report) {
        page.group(&group, out)?;
    }
    for problem in &report.problems {
        page.problem(problem, out)?;
    }
    match options.quiet {
        true => Ok(()),
        false => closing::render(report, options, page.paint, out),
    }
}

/// Writes what a report comes to, as below a page.
///
/// # Errors
/// The writer fails.
pub(super) fn closing_of_page(
    report: &Report,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let options = &Options { width: options.width.max(NARROWEST), ..options.clone() };
    closing::render(report, options, Paint { on: options.color }, out)
}

/// Writes what a report comes to, each sentence on a line of its own, for formats without a page.
///
/// # Errors
/// The writer fails.
pub(super) fn closing(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let options = Options { width: usize::MAX, explains: false, ..Options::default() };
    closing::render(report, &options, Paint { on: false }, out)
}

/// Findings to show, those of one state together, the gravest of them first.
fn groups(report: &Report) -> Vec<Vec<&Diagnostic>> {
    let same = |a: &Diagnostic, b: &Diagnostic| a.state == b.state && a.package == b.package;
    let mut groups: Vec<Vec<&Diagnostic>> = Vec::new();
    for finding in plain::shown(report) {
        let group =
            groups.iter_mut().find(|group| !finding.state.is_empty() && same(group[0], finding));
        match group {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    for group in &mut groups {
        group.sort_by_key(|finding| finding.level);
    }
    groups
}

struct Page<'a> {
    report: &'a Report,
    options: &'a Options,
    paint: Paint,
    /// Whether the page says already what the factor says.
    quoted: Cell<bool>,
}

impl Page<'_> {
    fn group(&self, group: &[&Diagnostic], out: &mut dyn Write) -> io::Result<()> {
        let Some((first, others)) = group.split_first() else { return Ok(()) };
        self.finding(first, out)?;
        if !others.is_empty() {
            let head = format!("{} more of the same state:", others.len());
            writeln!(out, "\n  {}", self.paint.paint(Paint::BOLD, &head))?;
        }
        for other in others {
            let file = self.report.sources.get(other.at.file);
            let place = file.place(other.at.start);
            let place = format!("{}:{}:{}", self.name(file), place.line, place.column);
            let level = level(other.level);
            let style = style(other.level);
            let head =
                format!("    {} {place}  ", self.paint.paint(style, &format!("{:<7}", level)),);
            let rule = match other.rule == first.rule {
                true => String::new(),
                false => format!(" [{}]", other.rule),
            };
            let text = format!("{}{rule}", other.message);
            let head_width = 4 + 7 + 1 + width(&place) + 2;
            let line = match head_width + 24 <= self.options.width {
                true => hanging(&head, head_width, &text, 12, self.options.width),
                false => format!(
                    "{}\n{}",
                    head.trim_end(),
                    hanging(&" ".repeat(12), 12, &text, 12, self.options.width)
                ),
            };
            writeln!(out, "{line}")?;
        }
        writeln!(out)
    }

    fn finding(&self, finding: &Diagnostic, out: &mut dyn Write) -> io::Result<()> {
        let numbered = finding.because.len() > 1;
        let mut wanted = vec![Wanted { at: finding.at, label: None, primary: true }];
        for (index, step) in finding.because.iter().enumerate() {
            let number = if numbered { format!("{}. ", index + 1) } else { String::new() };
            let label = Some(format!("{number}{}", step.message));
            wanted.push(Wanted { at: step.at, label, primary: false });
        }
        let code = format!("{}[{}]", level(finding.level), finding.rule);
        let severity = match finding.level {
            Level::Error => Severity::Error,
            Level::Warning => Severity::Warning,
            Level::Note => Severity::Advice,
        };
        self.graphical(code, severity, &finding.message, &wanted, out)?;
        self.below("so", Paint::BOLD, &finding.consequence, out)?;
        self.below("help", Paint::CYAN, &finding.help, out)?;
        self.below("fix", Paint::CYAN, &plain::fix(finding).unwrap_or_default(), out)?;
        for doubt in plain::doubts(finding) {
            self.below("note", Paint::BOLD, &doubt, out)?;
        }
        self.factor(out)
    }

    /// The factor that is broken, what it says in short at the first finding, where to read it.
    fn factor(&self, out: &mut dyn Write) -> io::Result<()> {
        const FACTOR: &str = "VI Processes";
        const SAYS: &str = "\"processes are stateless and share nothing; what must last goes to a backing service\"";
        let url = if self.options.hyperlinks { "" } else { FACTOR_URL };
        let text = match self.quoted.replace(true) {
            false => format!("{FACTOR}: {SAYS} {url}"),
            true => format!("{FACTOR} {url}"),
        };
        let line = hanging("  breaks ", LEFT, &text, LEFT, self.options.width);
        for part in line.split('\n') {
            let mut part = self.paint.paint(Paint::DIM, part);
            if self.options.hyperlinks {
                let link = format!("\u{1b}]8;;{FACTOR_URL}\u{1b}\\{FACTOR}\u{1b}]8;;\u{1b}\\");
                part = part.replacen(FACTOR, &link, 1);
            }
            writeln!(out, "{part}")?;
        }
        Ok(())
    }

    fn problem(&self, problem: &Problem, out: &mut dyn Write) -> io::Result<()> {
        let (word, severity) = match problem.severity {
            diagnostic::Severity::Error => ("problem", Severity::Error),
            diagnostic::Severity::Note => ("note", Severity::Advice),
        };
        let code = format!("{word}[{}]", plain::kind(problem));
        match problem.at {
            Some(at) => {
                let wanted = [Wanted { at, label: None, primary: true }];
                self.graphical(code, severity, &problem.message, &wanted, out)?;
            }
            None => {
                let path = relative(&problem.path, &self.options.base);
                self.graphical(code, severity, &problem.message, &[], out)?;
                if !path.is_empty() {
                    let corner = if self.options.unicode { "╰─" } else { "`-" };
                    writeln!(out, "  {corner}[{}]", self.paint.paint("36;1;4", &clean(&path)))?;
                }
            }
        }
        self.below("help", Paint::CYAN, &problem.help, out)?;
        writeln!(out)
    }

    /// One of the lines below an excerpt; a text that is not there gets none.
    fn below(&self, word: &str, style: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let word = format!("{word}:");
        let gap = " ".repeat(LEFT - 2 - word.len());
        let head = format!("  {}{gap}", self.paint.paint(style, &word));
        writeln!(out, "{}", hanging(&head, LEFT, text, LEFT, self.options.width))
    }

    fn graphical(
        &self,
        code: String,
        severity: Severity,
        message: &str,
        wanted: &[Wanted],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let room = self.options.width;
        let name = |file: &SourceFile| self.name(file);
        let excerpt = Excerpt::of(&self.report.sources, wanted, room, &name);
        let mut styles = match self.options.color {
            true => ThemeStyles::ansi(),
            false => ThemeStyles::none(),
        };
        let own = match severity {
            Severity::Error => styles.error,
            Severity::Warning => styles.warning,
            Severity::Advice => styles.advice,
        };
        let steps = match severity {
            Severity::Advice => styles.linum,
            _ => styles.advice,
        };
        if !excerpt.marks.is_empty() {
            let style = |primary: bool| if primary { own } else { steps };
            styles.highlights = excerpt.marks.iter().map(|mark| style(mark.primary)).collect();
        }
        let characters = match self.options.unicode {
            true => ThemeCharacters::unicode(),
            false => ThemeCharacters::ascii(),
        };
        let handler = GraphicalReportHandler::new_themed(GraphicalTheme {
            characters: characters.clone(),
            styles,
        })
        .with_width(room + 2)
        .with_urls(false)
        .with_context_lines(1)
        .without_primary_span_start()
        .without_syntax_highlighting();
        // Broken here, as miette breaks paths and routes at each `/`.
        let message = words::wrap(message, room.saturating_sub(LEFT_OF_MESSAGE)).join("\n");
        let shown = Shown { code, severity, message, excerpt };
        let mut text = String::new();
        handler.render_report(&mut text, &shown).map_err(io::Error::other)?;
        // Excerpts with fewer digits before their lines move right, so that all bars stand in line.
        let corner = format!("{}{}[", characters.ltop, characters.hbar);
        let indent = |line: &str| {
            let rest = line.trim_start_matches(' ');
            rest.starts_with(&corner).then(|| line.len() - rest.len())
        };
        let most = text.lines().filter_map(indent).max().unwrap_or(0);
        let mut pad = 0;
        for line in text.lines() {
            pad = indent(line).map_or(pad, |indent| most - indent);
            writeln!(out, "{}", format!("{:pad$}{line}", "").trim_end())?;
        }
        Ok(())
    }

    /// A path as it is shown.
    fn name(&self, file: &SourceFile) -> String {
        clean(&relative(&file.path, &self.options.base))
    }
}

fn style(level: Level) -> &'static str {
    match level {
        Level::Error => Paint::RED,
        Level::Warning => Paint::YELLOW,
        Level::Note => Paint::CYAN,
    }
}

/// What miette is given to draw.
#[derive(Debug)]
struct Shown {
    code: String,
    severity: Severity,
    message: String,
    excerpt: Excerpt,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown {}

impl miette::Diagnostic for Shown {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        (!self.excerpt.marks.is_empty()).then_some(&self.excerpt)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.excerpt.marks.iter().map(|mark| {
            let span = SourceSpan::from((mark.start, mark.len));
            match mark.primary {
                true => LabeledSpan::new_primary_with_span(mark.label.clone(), span),
                false => LabeledSpan::new_with_span(mark.label.clone(), span),
            }
        })))
    }
}

impl SourceCode for Excerpt {
    /// The lines around a span. A span over two pieces is refused: they stand apart, and miette
    /// then draws each by itself, under the place of its first mark.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (start, end) = (span.offset(), span.offset() + span.len());
        let inside = |offset: usize, len: usize| offset <= start && end <= offset + len;
        let piece = self.pieces.iter().find(|piece| inside(piece.offset, piece.text.len()));
        let piece = piece.ok_or(MietteError::OutOfBounds)?;
        let local = SourceSpan::from((start - piece.offset, span.len()));
        let lines = piece.text.as_str().read_span(&local, before, after)?;
        let place =
            self.marks.iter().find(|mark| mark.start >= start).map(|mark| mark.place.clone());
        let offset = piece.offset + lines.span().offset();
        Ok(Box::new(MietteSpanContents::new_named(
            place.unwrap_or_default(),
            lines.data(),
            SourceSpan::from((offset, lines.span().len())),
            lines.line() + piece.first_line as usize - 1,
            lines.column(),
            lines.line_count(),
        )))
    }
}
