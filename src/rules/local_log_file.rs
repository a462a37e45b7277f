//! Finds logs that go to files of one machine. Page: rules/local_log_file.md

use super::{Finding, Findings, Rule};
use crate::diagnostic::{Certainty, Verdict};
use crate::model::Model;

pub(super) const RULE: Rule =
    Rule { id: "local_log_file", page: include_str!("../../rules/local_log_file.md"), check };

fn check(model: &Model, findings: &mut Findings) {
    for log in &model.logs {
        let chosen = match &log.setting {
            Some(setting) => format!(", where {setting} says so"),
            None => String::new(),
        };
        let (verdict, message, consequence) = match log.besides {
            true => (
                Verdict::Hazard,
                format!("{} writes the log to a local file as well{chosen}", log.call),
                "each replica has its own files, which fill its disk and go with it",
            ),
            false => (
                Verdict::Violation,
                format!("{} makes the log go to a local file{chosen}", log.call),
                "the log is on one replica's disk only and is lost with it",
            ),
        };
        let mut because = log.because.clone();
        let consequence =
            super::so_on_disk(model, (&log.owner, &log.lies), &mut because, consequence, |n| {
                let all = n.replicas();
                match log.besides {
                    true => format!("{all} have files of their own, which fill their disks"),
                    false => {
                        format!("the log lies in parts on the disks of {all}, and goes with them")
                    }
                }
            });
        findings.add(Finding {
            rule: RULE.id,
            verdict,
            certainty: Certainty::High,
            message,
            consequence,
            help: "write the log to the standard output, unbuffered, and let the platform \
                   collect it (factor XI)"
                .into(),
            at: log.at,
            item: log.item.clone(),
            state: log.item.clone(),
            owner: log.owner.clone(),
            because,
        });
    }
}
