//! Where is it, in rustc's words? Lines and columns from 1, columns in characters, with the text.

use std::path::Path;

use serde::Serialize;

use super::plain;
use crate::diagnostic::{Edit, LintedPackage, Report};
use crate::discover::relative;
use crate::source::Span as At;

#[derive(Serialize)]
pub(super) struct Span {
    pub(super) file_name: String,
    byte_start: u32,
    byte_end: u32,
    pub(super) line_start: u32,
    line_end: u32,
    pub(super) column_start: u32,
    column_end: u32,
    pub(super) is_primary: bool,
    /// A piece for each line.
    pub(super) text: Vec<Text>,
    pub(super) label: Option<String>,
    suggested_replacement: Option<String>,
    suggestion_applicability: Option<&'static str>,
    expansion: Option<()>,
}

#[derive(Serialize)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) highlight_start: usize,
    pub(super) highlight_end: usize,
}

/// Turns places of a report into spans.
pub(super) struct Places<'a> {
    report: &'a Report,
    /// What paths are relative to; empty where they are whole.
    base: &'a Path,
}

impl<'a> Places<'a> {
    /// Paths are relative to the root where that is a workspace or a package: so has cargo it, and
    /// readers take the folder that cargo ran in for it.
    pub(super) fn of(report: &'a Report) -> Places<'a> {
        let is_root = report.sources.find(&report.root.join("Cargo.toml")).is_some();
        Places { report, base: if is_root { &report.root } else { Path::new("") } }
    }

    /// `deploy/web.yaml:7:3`.
    pub(super) fn place(&self, at: At) -> String {
        plain::place(&self.report.sources, at, &self.report.root)
    }

    /// What is said of a file that was not read.
    pub(super) fn named(&self, path: &Path, said: &str) -> String {
        match relative(path, &self.report.root) {
            path if path.is_empty() => said.to_owned(),
            path => format!("{path}: {said}"),
        }
    }

    /// Whether an editor has the file: of packages it loads sources, manifests and Markdown.
    pub(super) fn is_loaded(
        &self,
        at: At,
        mut packages: impl Iterator<Item = &'a LintedPackage>,
    ) -> bool {
        let path = &self.report.sources.get(at.file).path;
        let known = path.extension().and_then(|end| end.to_str());
        matches!(known, Some("rs" | "toml" | "md"))
            && packages.any(|package| path.starts_with(&package.dir))
    }

    /// The line that begins the package's table in its manifest.
    pub(super) fn package_line(&self, package: &LintedPackage) -> Span {
        let file = self.report.sources.get(package.manifest);
        let mut start = 0;
        let found = file.text.split_inclusive('\n').find_map(|line| {
            let at = start;
            start += line.len();
            let head = line.trim_start();
            let before = line.len() - head.len();
            head.starts_with("[package]").then_some(at + before)
        });
        let at = found.map_or((0, 0), |at| (at as u32, at as u32 + "[package]".len() as u32));
        self.span(At::new(package.manifest, at.0, at.1), None, true)
    }

    /// A place, with what is to stand there.
    pub(super) fn edit(&self, edit: &Edit) -> Span {
        Span {
            suggested_replacement: Some(edit.text.clone()),
            suggestion_applicability: Some("MachineApplicable"),
            ..self.span(edit.at, None, true)
        }
    }

    pub(super) fn span(&self, at: At, label: Option<&str>, is_primary: bool) -> Span {
        let sources = &self.report.sources;
        let file = sources.get(at.file);
        let (start, end) = plain::ends(sources, at);
        let text = (start.line..=end.line).map(|line| {
            let (from, to) = file.lines().range(&file.text, line);
            let text = file.text.get(from as usize..to as usize).unwrap_or("").to_owned();
            let behind = text.chars().count() + 1;
            let first = if line == start.line { start.column as usize } else { 1 };
            let last = if line == end.line { end.column as usize } else { behind };
            Text { text, highlight_start: first, highlight_end: last.max(first) }
        });
        Span {
            file_name: plain::path_of(sources, at, self.base),
            byte_start: at.start,
            byte_end: at.end,
            line_start: start.line,
            line_end: end.line,
            column_start: start.column,
            column_end: end.column,
            is_primary,
            text: text.collect(),
            label: label.map(str::to_owned),
            suggested_replacement: None,
            suggestion_applicability: None,
            expansion: None,
        }
    }
}
