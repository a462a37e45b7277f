//! Finds writes to the local disk that are meant to last. Page: rules/local_disk_write.md

use super::{Finding, Findings, Rule};
use crate::catalog::DiskEffect;
use crate::diagnostic::{Certainty, Step, Verdict};
use crate::model::{Early, Model};

pub(super) const RULE: Rule =
    Rule { id: "local_disk_write", page: include_str!("../../rules/local_disk_write.md"), check };

fn check(model: &Model, findings: &mut Findings) {
    for write in &model.writes {
        let does = match write.kind {
            DiskEffect::MakeDirectory => "makes a directory",
            DiskEffect::Remove => "removes a file",
            DiskEffect::Rename => "moves a file",
            DiskEffect::Copy => "copies a file",
            DiskEffect::Change => "changes a file",
            DiskEffect::Store => "opens a store",
            _ => "writes a file",
        };
        let place = match write.root.is_empty() {
            true => "on the local disk".to_string(),
            false => format!("on the local disk, beneath {}", write.root),
        };
        let (message, mut because) = match &write.access {
            Some(access) => {
                let entry = &model.entries[access.entry].label;
                (format!("{entry} {does} {place}"), super::steps(model, access, does))
            }
            None if write.kind == DiskEffect::Store => {
                (format!("{} keeps everything {place}", write.call), Vec::new())
            }
            None => {
                let step = write
                    .written
                    .iter()
                    .map(|(at, _)| Step::new(*at, what_lies_there(write.early)));
                let makes = write.kind == DiskEffect::MakeDirectory;
                let what = match (write.early, makes) {
                    (Early::Requests, true) => "a directory that requests write to is made",
                    (Early::Requests, false) => match write.kind {
                        DiskEffect::Remove => {
                            "a file beside what requests write is removed at start"
                        }
                        DiskEffect::Rename => "a file beside what requests write is moved at start",
                        DiskEffect::Copy => "a file beside what requests write is copied at start",
                        _ => "a file beside what requests write is written at start",
                    },
                    (Early::Generated, true) if write.again => {
                        "a directory for what is fetched at start is made"
                    }
                    (Early::Generated, false) if write.again => {
                        "what the process fetches at start is kept"
                    }
                    (Early::Generated, true) => "a directory for what is made up at start is made",
                    (Early::Generated, false) => "what the process makes up at start is kept",
                    (Early::Database, true) => "the directory of an embedded database is made",
                    (Early::Database, false) => "the place of an embedded database is changed",
                };
                // When that is may not be known.
                let known = write.owner.doubt.is_none();
                let what = if known { what.into() } else { what.replace(" at start", "") };
                (format!("{what} {place}"), step.collect())
            }
        };
        let (choice, unusual) = super::chosen(model, write);
        let message = format!("{message}{choice}");
        let instead = match write.instead.is_empty() {
            true => "an object store such as S3 (`aws-sdk-s3`, `object_store`) or a database",
            false => &write.instead,
        };
        let consequence = super::so_written(model, write, &mut because);
        findings.add(Finding {
            rule: RULE.id,
            verdict: if write.again || unusual { Verdict::Hazard } else { Verdict::Violation },
            certainty: Certainty::High,
            message,
            consequence,
            help: format!(
                "keep what must last in {instead}; what need not, in a temporary directory that \
                 the same request removes"
            ),
            at: write.at,
            item: write.item.clone(),
            state: write.state.clone(),
            owner: write.owner.clone(),
            because,
        });
    }
}

fn what_lies_there(early: Early) -> &'static str {
    match early {
        Early::Requests => "requests write beneath it here",
        Early::Generated => "it is written here",
        Early::Database => "the database is opened here",
    }
}
