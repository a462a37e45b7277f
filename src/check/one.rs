//! How is one file read? On the worker's stack, or on one that is as deep as it needs.

use crate::catalog::Catalog;
use crate::diagnostic::{Problem, ProblemKind, Severity};
use crate::parse::{self, Facts, Foreign};
use crate::source::{FileId, Sources};
use crate::symbol::Interner;

/// Stack of an ordinary worker: ten thousand nested levels of anything people write.
pub(super) const WORKER_STACK: usize = 128 << 20;
/// The most that one file may need; a deeper one is reported as not judged.
pub(super) const MOST_STACK: usize = 1 << 30;

/// Reads a file; only its modules and macros, unless it is judged.
pub(super) fn parse_one(
    sources: &Sources,
    catalog: &Catalog,
    names: &mut Interner,
    id: FileId,
    judged: bool,
    foreign: &Foreign<'_>,
) -> Result<Facts, Problem> {
    let source = sources.get(id);
    let mut run = || {
        let (path, text, lines) = (&source.path, &source.text, source.lines());
        let read = if judged { parse::file } else { parse::modules };
        read(id, path, text, lines, catalog, names, foreign)
    };
    if parse::fits(&source.text, WORKER_STACK) {
        return Ok(run());
    }
    let more = if foreign.macros.is_empty() { 0 } else { parse::expansion_stack() };
    let bound = parse::stack_bound(&source.text) + more;
    let refused = |message: &str| Problem {
        kind: ProblemKind::Parse,
        severity: Severity::Error,
        message: message.to_string(),
        help: "split the file, or leave it out; nothing in it was judged".into(),
        path: source.path.clone(),
        at: None,
    };
    if bound > MOST_STACK {
        return Err(refused("this file is nested too deeply to be read"));
    }
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(bound);
        match builder.spawn_scoped(scope, run) {
            Ok(thread) => thread.join().map_err(|_| refused("reading this file failed")),
            Err(error) => {
                Err(refused(&format!("no thread could be had to read this file: {error}")))
            }
        }
    })
}
