//! Finds reads of what another request wrote locally. Page: rules/local_disk_read_back.md

use super::{Finding, Findings, Rule};
use crate::catalog::DiskEffect;
use crate::diagnostic::{Certainty, Step, Verdict};
use crate::model::{Early, Model};

pub(super) const RULE: Rule = Rule {
    id: "local_disk_read_back",
    page: include_str!("../../rules/local_disk_read_back.md"),
    check,
};

fn check(model: &Model, findings: &mut Findings) {
    for read in &model.reads {
        let Some((written_at, written_by)) = &read.written else { continue };
        let does = match read.kind {
            _ if read.early == Early::Generated && read.again => {
                "reads what an earlier start may have fetched"
            }
            _ if read.early == Early::Generated => "reads what an earlier start made up",
            DiskEffect::List => "lists what other requests wrote",
            DiskEffect::Serve => "serves what requests wrote",
            _ => "reads what another request wrote",
        };
        let who = match &read.access {
            Some(access) => model.entries[access.entry].label.clone(),
            None => read.call.clone(),
        };
        let mut because = vec![Step::new(*written_at, format!("written here (`{written_by}`)"))];
        if let Some(access) = &read.access {
            because.extend(super::steps(model, access, does));
        }
        let usual = match read.again {
            true => {
                "another replica does not have the file and fetches it again: an answer may be \
                 slower, or older, than the next"
            }
            false => "another replica does not have the file, and a new one starts without it",
        };
        let consequence =
            super::so_on_disk(model, (&read.owner, &read.lies), &mut because, usual, |n| {
                let one = n.one_of();
                match read.again {
                    true => format!(
                        "only {one} has the file: the others fetch it again, and answers may be \
                         older or slower"
                    ),
                    false => format!("only {one} has the file, and a new one starts without it"),
                }
            });
        let (choice, unusual) = super::chosen(model, read);
        findings.add(Finding {
            rule: RULE.id,
            verdict: if read.again || unusual { Verdict::Hazard } else { Verdict::Violation },
            certainty: Certainty::High,
            message: match read.root.is_empty() {
                true => format!("{who} {does} on the local disk{choice}"),
                false => format!("{who} {does} beneath {} on the local disk{choice}", read.root),
            },
            consequence,
            help: "read it from where every replica finds it: an object store such as S3 \
                   (`aws-sdk-s3`, `object_store`) or a database"
                .into(),
            at: read.at,
            item: read.item.clone(),
            state: read.state.clone(),
            owner: read.owner.clone(),
            because,
        });
    }
}
