//! Finds sessions of a shared store that never end. Page: rules/session_without_expiry.md

use super::{Finding, Findings, Rule};
use crate::diagnostic::{Certainty, Verdict};
use crate::model::Model;

pub(super) const RULE: Rule = Rule {
    id: "session_without_expiry",
    page: include_str!("../../rules/session_without_expiry.md"),
    check,
};

fn check(model: &Model, findings: &mut Findings) {
    for session in &model.endless {
        findings.add(Finding {
            rule: RULE.id,
            verdict: Verdict::Hazard,
            certainty: Certainty::High,
            message: format!("{} {}", session.call, session.why),
            consequence: "the store fills with sessions that nobody uses, and a stolen one is \
                          good for ever"
                .into(),
            help: format!("use {}", session.instead),
            at: session.at,
            item: session.item.clone(),
            state: session.item.clone(),
            owner: session.owner.clone(),
            because: session.because.clone(),
        });
    }
}
