//! Does a text follow its language at all? Asked while somebody types, before a whole run.

use std::path::Path;

use toml::de::DeTable;

use super::one;
use crate::catalog::Catalog;
use crate::config;
use crate::diagnostic::{Problem, ProblemKind, Severity};
use crate::parse::{self, Foreign, conf};
use crate::source::{FileId, SourceFile, Sources, Span};
use crate::symbol::{Interner, SharedSymbols};

/// What keeps the text of a file from being read; its span is one of the file `FileId(0)`. What is
/// only a note, such as a template that nobody can render, is no mistake.
///
/// Needs the stack of a run: nesting is as deep as people type it.
pub fn mistake(path: &Path, text: &str) -> Option<Problem> {
    let name = path.file_name()?.to_str()?;
    let mut sources = Sources::default();
    let file = sources.add(path.to_path_buf(), text.into());
    let source = sources.get(file);
    if name.ends_with(".rs") {
        return rust(file, source);
    }
    if name == "Cargo.toml" || name == config::FILE {
        return toml(file, source);
    }
    let catalog = Catalog::builtin().ok()?;
    let (_, problems) = conf::read(file, source, name, &catalog.formats);
    problems.into_iter().find(|problem| problem.severity == Severity::Error)
}

fn rust(file: FileId, source: &SourceFile) -> Option<Problem> {
    if !parse::fits(&source.text, one::MOST_STACK) {
        return None;
    }
    let symbols = SharedSymbols::default();
    let mut names = Interner::new(&symbols);
    let (path, text, lines) = (&source.path, &source.text, source.lines());
    let foreign = Foreign::default();
    let facts =
        parse::file(file, path, text, lines, Catalog::builtin().ok()?, &mut names, &foreign);
    facts.problems.into_iter().next()
}

fn toml(file: FileId, source: &SourceFile) -> Option<Problem> {
    let error = DeTable::parse(&source.text).err()?;
    let at = error.span().unwrap_or_default();
    Some(Problem {
        kind: ProblemKind::Parse,
        severity: Severity::Error,
        message: format!("this is not TOML: {}", error.message().trim().replace('\n', ", ")),
        help: "mend it; until then what it said before is in force".into(),
        path: source.path.clone(),
        at: Some(Span::new(file, at.start as u32, at.end as u32)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_told_and_everything_else_is_not() {
        let cases = [
            ("src/a.rs", "fn a() {}", None),
            ("src/a.rs", "fn a( {}", Some(1)),
            ("src/a.rs", "fn a() {\n    let x = ;\n}", Some(2)),
            ("Cargo.toml", "[package]\nname = ", Some(2)),
            ("k8s/a.yaml", "apiVersion: v1\nkind: Service\nspec: [", Some(3)),
            ("k8s/a.yaml", "apiVersion: v1\nkind: {{ .Values.kind }}\nspec: [", None),
            ("notes.txt", "fn a( {", None),
        ];
        for (path, text, line) in cases {
            let found = mistake(Path::new(path), text);
            let at = |problem: Problem| {
                let at = problem.at.map_or(0, |at| at.start as usize);
                text[..at].matches('\n').count() + 1
            };
            assert_eq!(found.map(at), line, "{path}: {text}");
        }
    }
}
