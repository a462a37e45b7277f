//! Finds locks that keep only the requests of one process apart. Page: rules/in_process_lock.md

use super::{Finding, Findings, Rule};
use crate::diagnostic::{Certainty, Verdict};
use crate::model::Model;

pub(super) const RULE: Rule =
    Rule { id: "in_process_lock", page: include_str!("../../rules/in_process_lock.md"), check };

fn check(model: &Model, findings: &mut Findings) {
    for lock in &model.locks {
        let mut because = lock.because.clone();
        let usual = "two replicas enter together, and each believes that it is alone";
        let consequence = super::so(model, &lock.owner, &mut because, usual, |n| {
            format!("{} enter together, and each believes that it is alone", n.replicas())
        });
        findings.add(Finding {
            rule: RULE.id,
            verdict: Verdict::Violation,
            certainty: Certainty::High,
            message: format!("`{}` keeps only the requests of this process apart", lock.name),
            consequence,
            help: "let the store decide who is first: `SELECT .. FOR UPDATE`, an advisory lock, a \
                   unique constraint, or a lock in Redis that expires"
                .into(),
            at: lock.at,
            item: lock.item.clone(),
            state: lock.item.clone(),
            owner: lock.owner.clone(),
            because,
        });
    }
}
