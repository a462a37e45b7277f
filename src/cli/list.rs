//! Which rules are there? The list that `cargo twelve-lint rules` prints.

use std::io::{self, Write};

use serde::Serialize;

use crate::report::hanging;
use crate::rules::{FACTOR_URL, Meta, RULES};

/// One rule as programs read it.
#[derive(Debug, Serialize)]
struct Listed {
    id: &'static str,
    factor: &'static str,
    summary: String,
    group: String,
    verdicts: Vec<String>,
    since: String,
    url: &'static str,
}

/// What was written, and what is wrong with the pages.
type Outcome = (io::Result<()>, Vec<String>);

/// The heads of the pages, and what is wrong with those that cannot be read.
fn heads() -> (Vec<(&'static str, Meta)>, Vec<String>) {
    let (mut heads, mut errors) = (Vec::new(), Vec::new());
    for rule in RULES {
        match rule.meta() {
            Ok(meta) => heads.push((rule.id, meta)),
            Err(error) => errors.push(error),
        }
    }
    (heads, errors)
}

/// A line for each rule: name, verdicts, what is wrong. Where the columns are counted, what does not
/// fit hangs below.
pub(super) fn human(columns: Option<usize>, out: &mut dyn Write) -> Outcome {
    let (heads, errors) = heads();
    let verdicts = |meta: &Meta| meta.verdicts.join(", ");
    let name = heads.iter().map(|(id, _)| id.len()).max().unwrap_or(0);
    let verdict = heads.iter().map(|(_, meta)| verdicts(meta).len()).max().unwrap_or(0);
    let written = heads.iter().try_for_each(|(id, meta)| {
        let head = format!("{id:name$}  {:verdict$}  ", verdicts(meta));
        let left = head.len();
        let room = columns.filter(|columns| *columns >= left + 24).unwrap_or(usize::MAX);
        writeln!(out, "{}", hanging(&head, left, &meta.summary, left, room))
    });
    (written, errors)
}

/// The list as a JSON array.
pub(super) fn json(out: &mut dyn Write) -> Outcome {
    let (heads, errors) = heads();
    let listed: Vec<Listed> = heads
        .into_iter()
        .map(|(id, meta)| Listed {
            id,
            factor: "processes",
            summary: meta.summary,
            group: meta.group,
            verdicts: meta.verdicts,
            since: meta.since,
            url: FACTOR_URL,
        })
        .collect();
    let written = serde_json::to_writer_pretty(&mut *out, &listed).map_err(io::Error::from);
    (written.and_then(|()| writeln!(out)), errors)
}
