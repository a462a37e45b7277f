//! The report for people: each finding with its source, its reasons, and what puts it right.
//! The only module that names `miette`.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents, ThemeCharacters, ThemeStyles,
};

use crate::diagnostic::{Diagnostic, Level, Problem, Report, Severity};
use crate::discover::relative;
use crate::rules::FACTOR_URL;
use crate::source::{FileId, Lines, Span};

/// How to show it.
#[derive(Debug, Clone)]
pub struct Options {
    pub color: bool,
    /// Links that a terminal can follow.
    pub hyperlinks: bool,
    /// Columns.
    pub width: usize,
    /// Whether notes are shown.
    pub pedantic: bool,
    /// Paths are shown relative to this folder.
    pub base: PathBuf,
    /// The least level that makes the exit status 1, for the last line.
    pub fails_on: Option<Level>,
}

/// The sentence of the manifesto, in short.
const FACTOR: &str = "breaks VI Processes: \"processes are stateless and share nothing; what must \
                      last goes to a backing service\"";

/// Writes it.
///
/// # Errors
/// The writer fails.
pub fn render(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let painter = Painter::new(options);
    let shown: Vec<&Diagnostic> = report.findings.iter().filter(|f| is_shown(f, options)).collect();
    let mut told: BTreeMap<(&str, &str), Vec<&Diagnostic>> = BTreeMap::new();
    let mut order = Vec::new();
    for finding in &shown {
        let key = (finding.package.as_str(), finding.state.as_str());
        told.entry(key).or_insert_with(|| {
            order.push(key);
            Vec::new()
        });
        if let Some(list) = told.get_mut(&key) {
            list.push(finding);
        }
    }
    for key in order {
        let Some((first, others)) = told.get(&key).and_then(|list| list.split_first()) else {
            continue;
        };
        painter.finding(report, first, out)?;
        if !others.is_empty() {
            let what = if others.len() == 1 { "place" } else { "places" };
            writeln!(out, "  {} more {what} of the same state:", others.len())?;
        }
        for other in others {
            painter.short(report, other, out)?;
        }
        if !others.is_empty() {
            writeln!(out)?;
        }
    }
    for problem in &report.problems {
        painter.problem(report, problem, out)?;
    }
    painter.summary(report, options, out)
}

fn is_shown(finding: &Diagnostic, options: &Options) -> bool {
    let live = finding.suppressed.is_none() && !finding.baselined;
    live && (finding.level != Level::Note || options.pedantic)
}

struct Painter<'o> {
    options: &'o Options,
    handler: GraphicalReportHandler,
}

impl<'o> Painter<'o> {
    fn new(options: &'o Options) -> Painter<'o> {
        let theme = GraphicalTheme {
            characters: ThemeCharacters::unicode(),
            styles: if options.color { ThemeStyles::ansi() } else { ThemeStyles::none() },
        };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(options.width)
            .with_links(options.hyperlinks)
            .with_context_lines(0)
            .with_wrap_lines(true)
            .tab_width(4);
        Painter { options, handler }
    }

    fn path(&self, path: &Path) -> String {
        relative(path, &self.options.base)
    }

    fn finding(
        &self,
        report: &Report,
        finding: &Diagnostic,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let code = match finding.level {
            Level::Error => "31;1",
            Level::Warning => "33;1",
            Level::Note => "36;1",
        };
        let head = format!("{}[{}]", level(finding.level), finding.rule);
        let mut message = finding.message.clone();
        if let Some(feature) = &finding.feature {
            message.push_str(&format!(" (behind feature `{feature}`, which is off)"));
        }
        let lines = self.wrap(&format!("{head}: {message}"), "");
        for (index, line) in lines.iter().enumerate() {
            match (index, line.get(head.len()..)) {
                (0, Some(rest)) => {
                    writeln!(out, "{}{}", self.paint(code, &head), self.paint("1", rest))?;
                }
                _ => writeln!(out, "{}", self.paint("1", line))?,
            }
        }
        for snippet in snippets(report, finding) {
            self.snippet(report, snippet, out)?;
        }
        self.paragraph("why", &finding.consequence, out)?;
        self.paragraph("help", &finding.help, out)?;
        self.paragraph("factor", &format!("{FACTOR} ({})", self.link(FACTOR_URL)), out)?;
        writeln!(out)
    }

    /// One excerpt, drawn by miette.
    fn snippet(&self, report: &Report, snippet: Snippet, out: &mut dyn Write) -> io::Result<()> {
        let source = report.sources.get(snippet.file);
        let excerpt = Excerpt { name: self.path(&source.path), text: source.text.clone() };
        let shown = Shown { excerpt, lines: source.lines.clone(), labels: snippet.labels };
        let mut text = String::new();
        if self.handler.render_report(&mut text, &shown).is_err() {
            return writeln!(out, "  {}", shown.excerpt.name);
        }
        // What miette says above the excerpt has been said.
        let drawn = text.lines().skip_while(|line| !line.contains('╭'));
        for line in drawn.filter(|line| !line.trim().is_empty()) {
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    fn link(&self, url: &str) -> String {
        match self.options.hyperlinks {
            true => format!("\u{1b}]8;;{url}\u{1b}\\{url}\u{1b}]8;;\u{1b}\\"),
            false => url.to_string(),
        }
    }

    fn paragraph(&self, name: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
        let indent = format!("{name:>8}: ");
        for (index, line) in self.wrap(text, &" ".repeat(indent.len())).iter().enumerate() {
            match index {
                0 => writeln!(out, "{}{}", self.paint("36", &indent), &line[indent.len()..])?,
                _ => writeln!(out, "{line}")?,
            }
        }
        Ok(())
    }

    /// Breaks a text at spaces; every line begins with `indent`.
    fn wrap(&self, text: &str, indent: &str) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = indent.to_string();
        for word in text.split(' ') {
            let room = self.options.width.saturating_sub(line.chars().count());
            let empty = line.len() == indent.len();
            // A link's escape codes take no room.
            let needed = match word.contains('\u{1b}') {
                true => FACTOR_URL.len(),
                false => word.chars().count(),
            };
            if !empty && needed + 1 > room {
                lines.push(std::mem::replace(&mut line, indent.to_string()));
            } else if !empty {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
        lines
    }

    fn short(&self, report: &Report, finding: &Diagnostic, out: &mut dyn Write) -> io::Result<()> {
        let source = report.sources.get(finding.at.file);
        let at = source.place(finding.at.start);
        writeln!(
            out,
            "    {}:{}:{}: {}: {} [{}]",
            self.path(&source.path),
            at.line,
            at.column,
            level(finding.level),
            finding.message,
            finding.rule
        )
    }

    fn problem(&self, report: &Report, problem: &Problem, out: &mut dyn Write) -> io::Result<()> {
        let place = match problem.at {
            Some(at) => {
                let at = report.sources.get(at.file).place(at.start);
                format!("{}:{}:{}", self.path(&problem.path), at.line, at.column)
            }
            None => self.path(&problem.path),
        };
        let place = if place.is_empty() { ".".to_string() } else { place };
        let word = match problem.severity {
            Severity::Error => self.paint("31;1", "problem"),
            Severity::Note => self.paint("36", "note"),
        };
        writeln!(out, "{word}: {place}: {}", problem.message)?;
        writeln!(out, "   help: {}", problem.help)
    }

    fn paint(&self, code: &str, text: &str) -> String {
        match self.options.color {
            true => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            false => text.to_string(),
        }
    }

    fn summary(&self, report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
        let summary = report.summary();
        let coverage = &report.coverage;
        let entries: usize = coverage.packages.iter().map(|package| package.entry_points).sum();
        let mut parts = vec![format!(
            "{}, {} in {} ({})",
            count(summary.errors, "violation"),
            count(summary.warnings, "hazard"),
            count(coverage.packages.len(), "package"),
            count(entries, "entry point"),
        )];
        let errors = report.problems.iter().filter(|p| p.severity == Severity::Error).count();
        if errors > 0 || coverage.unread > 0 {
            let unread = count(coverage.unread, "file");
            parts.push(format!("{}, {unread} not read", count(errors, "problem")));
        }
        if summary.suppressed + summary.baselined > 0 {
            let (suppressed, baselined) = (summary.suppressed, summary.baselined);
            parts.push(format!("{suppressed} suppressed, {baselined} in the baseline"));
        }
        if summary.notes > 0 && !options.pedantic {
            parts.push(format!("{} hidden (--pedantic)", count(summary.notes, "note")));
        }
        writeln!(out, "{}", self.paint("1", &parts.join("; ")))?;
        for package in &coverage.packages {
            for bin in &package.bins_without_entry_points {
                writeln!(
                    out,
                    "no framework was recognised in the binary `{bin}` of `{}`: it was judged by \
                     its statics and `main` only",
                    package.name
                )?;
            }
        }
        if !coverage.not_selected.is_empty() {
            let names: Vec<&str> = coverage.not_selected.iter().map(String::as_str).collect();
            writeln!(
                out,
                "{} beneath not linted, name them to lint them: {}",
                count(names.len(), "package"),
                names.join(", ")
            )?;
        }
        let status = match (errors > 0, options.fails_on) {
            (true, _) => Some("exit status 2: not everything that was asked for could be judged"),
            (false, Some(Level::Error)) if summary.errors > 0 => {
                Some("exit status 1: violations were found")
            }
            (false, Some(Level::Warning)) if summary.errors + summary.warnings > 0 => {
                Some("exit status 1: findings were found")
            }
            _ => None,
        };
        match status {
            Some(status) => writeln!(out, "{status}"),
            None => Ok(()),
        }
    }
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    }
}

fn source_span(at: Span) -> SourceSpan {
    (at.start as usize, (at.end.max(at.start + 1) - at.start) as usize).into()
}

/// Labels that stand close together in one file.
struct Snippet {
    file: FileId,
    labels: Vec<LabeledSpan>,
    lines: (u32, u32),
}

/// Lines between two labels that are still shown in one excerpt.
const CLOSE: u32 = 4;

/// The place of a finding and its reasons, in the order in which a reader follows.
fn snippets(report: &Report, finding: &Diagnostic) -> Vec<Snippet> {
    let mut snippets: Vec<Snippet> = Vec::new();
    let subject = match finding.because.is_empty() {
        true => "here",
        false => "this outlives a request",
    };
    let steps = finding.because.iter().enumerate();
    let steps = steps.map(|(index, step)| (step.at, format!("{}. {}", index + 1, step.message)));
    let own = finding.because.iter().any(|step| step.at == finding.at);
    let first = (!own).then(|| (finding.at, subject.to_string()));
    for (at, text) in first.into_iter().chain(steps) {
        let at = first_line(report, at);
        let line = report.sources.get(at.file).lines.line(at.start);
        let label = LabeledSpan::new_with_span(Some(text), source_span(at));
        let near = snippets.iter_mut().find(|snippet| {
            snippet.file == at.file
                && line + CLOSE >= snippet.lines.0
                && line <= snippet.lines.1 + CLOSE
        });
        match near {
            Some(snippet) => {
                snippet.labels.push(label);
                snippet.lines = (snippet.lines.0.min(line), snippet.lines.1.max(line));
            }
            None => {
                snippets.push(Snippet { file: at.file, labels: vec![label], lines: (line, line) });
            }
        }
    }
    snippets
}

/// A span over many lines is shown by its first: the rest would only push the reasons apart.
fn first_line(report: &Report, at: Span) -> Span {
    let source = report.sources.get(at.file);
    let line = source.lines.line(at.start);
    let (_, end) = source.lines.range(&source.text, line);
    Span { end: at.end.min(end).max(at.start), ..at }
}

/// The source of one file, by the name that people see.
#[derive(Debug)]
struct Excerpt {
    name: String,
    text: Arc<str>,
}

/// One excerpt, as miette wants to see it.
#[derive(Debug)]
struct Shown {
    excerpt: Excerpt,
    lines: Lines,
    labels: Vec<LabeledSpan>,
}

impl SourceCode for Shown {
    /// Whole lines, whatever part of them is asked for.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, miette::MietteError> {
        let text = &*self.excerpt.text;
        let first = self.lines.line(span.offset() as u32);
        let last = self.lines.line((span.offset() + span.len().max(1) - 1) as u32);
        let (start, _) = self.lines.range(text, first);
        let (_, end) = self.lines.range(text, last);
        let whole: SourceSpan = (start as usize, (end - start) as usize).into();
        let inner = text.read_span(&whole, before, after)?;
        let column = text.get(start as usize..span.offset()).unwrap_or("").chars().count();
        Ok(Box::new(MietteSpanContents::new_named(
            self.excerpt.name.clone(),
            inner.data(),
            *inner.span(),
            inner.line(),
            column,
            inner.line_count(),
        )))
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.excerpt.name)
    }
}

impl std::error::Error for Shown {}

impl miette::Diagnostic for Shown {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}
