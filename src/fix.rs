//! What edit puts a finding right, and what does a text say after it?
//!
//! Only where it is safe and complete: a switch in a deploy file that says which client goes to
//! which process is turned off or taken out, with everything that belongs to it. Which keys those
//! are, is the catalogue's to know; how a key is taken out of its file, stands here.

use crate::catalog::{Catalog, EditFact, Syntax};
use crate::diagnostic::{Certainty, Diagnostic, Edit, Fix, Verdict};
use crate::parse::conf::Document;
use crate::source::{SourceFile, Span};

mod apply;
mod cut;
mod lines;
mod tree;

pub use apply::{Changed, apply, changes, whole};

/// The edit for a finding in a deploy file, of which `documents` were read.
///
/// A hazard has none: there, something may be won by what is switched off.
pub fn of(
    finding: &Diagnostic,
    source: &SourceFile,
    documents: &[Document],
    catalog: &Catalog,
) -> Option<Fix> {
    if finding.verdict != Verdict::Violation || finding.certainty != Certainty::High {
        return None;
    }
    documents.iter().find_map(|document| {
        let number = document.formats.first()?;
        let syntax = catalog.formats[*number].syntax;
        let asked = Asked { finding, text: &source.text, document, syntax };
        let edits = asked.edits(&catalog.files.edits)?;
        Some(Fix { message: message(&source.text, finding.at, &edits), edits })
    })
}

/// "set `sessionAffinity` to `None`", "remove `ip_hash`".
fn message(text: &str, at: Span, edits: &[Edit]) -> String {
    let key = cut::slice(text, at).trim_matches(['"', '\'']);
    let key = key.split(['=', ' ']).next().unwrap_or(key);
    match edits.iter().find(|edit| !edit.text.is_empty()) {
        Some(edit) => format!("set `{key}` to `{}`", edit.text.trim_matches(['"', '\''])),
        None => format!("remove `{key}`"),
    }
}

/// A finding in one document of its file.
struct Asked<'a> {
    finding: &'a Diagnostic,
    text: &'a str,
    document: &'a Document,
    syntax: Syntax,
}

impl Asked<'_> {
    fn edits(&self, facts: &[EditFact]) -> Option<Vec<Edit>> {
        let found = tree::find(&self.document.root, self.finding.at)?;
        let way = found.way();
        let fact = facts.iter().find(|fact| fact.is_about(&way, self.syntax))?;
        let ranges = match self.syntax {
            Syntax::Yaml | Syntax::Toml | Syntax::Hcl => self.in_tree(fact, &found)?,
            Syntax::Nginx | Syntax::Caddy => {
                let end = lines::directive_end(self.text, found.end(self.text), self.syntax)?;
                vec![(cut::out(self.text, found.start(), end), String::new())]
            }
            Syntax::Haproxy | Syntax::Apache => {
                lines::edits(self.text, self.finding, fact, self.syntax)?
            }
            _ => return None,
        };
        let file = self.finding.at.file;
        let edit = |(range, text): (std::ops::Range<usize>, String)| Edit {
            at: Span::new(file, range.start as u32, range.end as u32),
            text,
        };
        let mut edits: Vec<Edit> = ranges.into_iter().map(edit).collect();
        edits.sort_by_key(|edit| edit.at);
        edits.dedup();
        let apart = edits.windows(2).all(|pair| pair[0].at.end <= pair[1].at.start);
        (apart && !edits.is_empty()).then_some(edits)
    }

    fn in_tree(&self, fact: &EditFact, found: &tree::Found<'_>) -> Option<Vec<cut::Change>> {
        let template = ["{{", "{%", "<%"].iter().any(|mark| self.text.contains(mark));
        let mut gone = Vec::new();
        let mut edits = Vec::new();
        if !fact.sets() {
            gone.push(found.outer(fact.up)?);
            // What belongs to it means nothing without it.
            let file = self.finding.at.file;
            let others = self.finding.because.iter().filter(|step| step.at.file == file);
            let others = others.filter_map(|step| tree::find(&self.document.root, step.at));
            gone.extend(others.filter(|other| fact.up == 0 && other.is_beside(found)));
        } else {
            edits.push(cut::set(self.text, found.value()?, fact)?);
            gone.extend(found.beside(&fact.drops));
        }
        // Which lines of a template belong together, only its rendering tells.
        if !gone.is_empty() && template {
            return None;
        }
        edits.extend(cut::remove(self.text, gone, self.syntax)?);
        Some(edits)
    }
}
