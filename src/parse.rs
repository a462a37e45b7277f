//! What does one file say? Text in, [`Facts`] out. The only module that names `syn`.

use std::borrow::Cow;
use std::path::Path;

use crate::catalog::Catalog;
use crate::diagnostic::{Problem, ProblemKind, Severity};
use crate::source::{FileId, Lines, Span};
use crate::symbol::Interner;

mod attributes;
mod blocks;
mod conditions;
pub mod conf;
mod depth;
#[cfg(test)]
mod dump;
mod errors;
mod exprs;
mod items;
mod jumps;
mod lower;
mod macros;
mod marks;
mod members;
mod patterns;
mod postfix;
mod scan;
#[cfg(test)]
mod tests;
mod thin;
pub mod tree;
mod types;
mod uses;

pub use depth::{expansion_stack, fits, stack_bound};
pub use macros::{Foreign, ForeignMacro, MacroDef};
pub use tree::Facts;

impl Facts {
    pub fn expr(&self, id: tree::ExprId) -> &tree::Expr {
        &self.exprs[id.0 as usize]
    }

    pub fn ty(&self, id: tree::TyId) -> &tree::Ty {
        &self.types[id.0 as usize]
    }
}

/// Reads one file. Beside the text, it is `foreign` that decides what the facts are: macros that
/// other files define. What does not parse gives facts without items and a problem with its place.
///
/// Needs up to [`stack_bound`] bytes of stack, and [`expansion_stack`] more with foreign macros.
pub fn file(
    file: FileId,
    path: &Path,
    text: &str,
    lines: &Lines,
    catalog: &Catalog,
    names: &mut Interner,
    foreign: &Foreign<'_>,
) -> Facts {
    read(path, lower::Lower::new(file, text, lines, catalog, names, foreign))
}

/// Reads of one file which modules and macros it declares, of what nothing else is asked: as
/// [`file`] does, the other items left out.
pub fn modules(
    file: FileId,
    path: &Path,
    text: &str,
    lines: &Lines,
    catalog: &Catalog,
    names: &mut Interner,
    foreign: &Foreign<'_>,
) -> Facts {
    let mut lower = lower::Lower::new(file, text, lines, catalog, names, foreign);
    lower.only_modules = true;
    read(path, lower)
}

fn read(path: &Path, mut lower: lower::Lower<'_>) -> Facts {
    let text = lower.text;
    let whole = text.strip_prefix(lower::MARK).unwrap_or(text);
    let thin = match lower.only_modules {
        true => thin::without_functions(whole),
        false => thin::without_tests(whole),
    };
    // What is wrong is told as it stands.
    let parsed = syn::parse_file(&thin).or_else(|error| match thin {
        Cow::Borrowed(_) => Err(error),
        Cow::Owned(_) => syn::parse_file(whole),
    });
    match parsed {
        Ok(parsed) => {
            if !lower.only_modules {
                lower.reserve(thin.len());
            }
            lower.facts.attrs = lower.attributes(&parsed.attrs);
            lower.facts.items = lower.items(&parsed.items);
            lower.facts.marks = marks::scan(text);
        }
        Err(error) => {
            let (at, reason) = errors::place(&lower, text, &error);
            lower.facts.problems.push(Problem {
                kind: ProblemKind::Parse,
                severity: Severity::Error,
                message: format!("this file is not valid Rust: {reason}"),
                help: "mend the syntax; until then nothing in this file is judged".into(),
                path: path.to_path_buf(),
                at: Some(Span::new(lower.facts.file, at.start, at.end)),
            });
        }
    }
    let mut facts = lower.facts;
    // They stay for the whole run, and the next file's tree can use what is left over.
    facts.exprs.shrink_to_fit();
    facts.types.shrink_to_fit();
    // The texts that spans point into would otherwise pile up for the life of the thread.
    proc_macro2::extra::invalidate_current_thread_spans();
    facts
}
