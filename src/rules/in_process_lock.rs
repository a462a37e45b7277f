//! Finds locks that keep only the requests of one process apart. Page: rules/in_process_lock.md

use super::{Finding, Findings, Rule};
use crate::diagnostic::{Certainty, Verdict};
use crate::model::{Model, State};

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
    for state in &model.states {
        let told = model.locks.iter().any(|lock| lock.at == state.at);
        if state.coalesces && state.keyed && !told && state.is_asked_for(&model.entries) {
            findings.add(together(model, state));
        }
    }
}

/// Requests that wait for the answer to an equal one.
fn together(model: &Model, state: &State) -> Finding {
    let mut because = super::story(model, state);
    let usual = "two replicas do the same work beside each other";
    let consequence = super::so(model, &state.owner, &mut because, usual, |n| {
        format!("{} do the same work beside each other", n.replicas())
    });
    Finding {
        rule: RULE.id,
        verdict: Verdict::Hazard,
        certainty: Certainty::High,
        message: format!("`{}` keeps only equal requests of this process together", state.name),
        consequence,
        help: "keep the answer where every replica finds it, or have a lock in Redis that expires \
               keep the others waiting, where the work is dear"
            .into(),
        at: state.at,
        item: state.item.clone(),
        state: state.item.clone(),
        owner: state.owner.clone(),
        because,
    }
}
