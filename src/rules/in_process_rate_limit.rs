//! Finds limits that each process counts for itself. Page: rules/in_process_rate_limit.md

use super::{Finding, Findings, Rule};
use crate::catalog::Role;
use crate::diagnostic::{Certainty, Step, Verdict};
use crate::model::{Model, Owner};

pub(super) const RULE: Rule = Rule {
    id: "in_process_rate_limit",
    page: include_str!("../../rules/in_process_rate_limit.md"),
    check,
};

const CONSEQUENCE: &str =
    "with three replicas the limit is three times as high, and a restart forgets what was counted";
const INSTEAD: &str = "counters that every replica shares, such as Redis with `INCR` and `EXPIRE`, \
                       or the limits of the gateway in front of all replicas";

fn so(model: &Model, owner: &Owner, because: &mut Vec<Step>) -> String {
    super::so(model, owner, because, CONSEQUENCE, |n| {
        format!(
            "with {} the limit is {} what you set, and a restart forgets what was counted",
            n.replicas(),
            n.times()
        )
    })
}

fn check(model: &Model, findings: &mut Findings) {
    for limiter in &model.limiters {
        let mut because = limiter.because.clone();
        findings.add(Finding {
            rule: RULE.id,
            verdict: Verdict::Hazard,
            certainty: Certainty::High,
            message: format!("{} {}", limiter.call, limiter.why),
            consequence: so(model, &limiter.owner, &mut because),
            help: format!("use {}", limiter.instead),
            at: limiter.at,
            item: limiter.item.clone(),
            state: limiter.item.clone(),
            owner: limiter.owner.clone(),
            because,
        });
    }
    for state in &model.states {
        // One limiter was reported where it is made; a table of them is kept by the service.
        let table = state.holds == Role::RateLimiter && state.changes.iter().any(|c| !c.whole);
        if !(state.limits || (table && state.tabled)) {
            continue;
        }
        let mut because = super::story(model, state);
        findings.add(Finding {
            rule: RULE.id,
            verdict: Verdict::Hazard,
            certainty: Certainty::High,
            message: format!(
                "`{}` counts in one process what {} may do",
                state.name,
                super::who(model, &state.changes)
            ),
            consequence: so(model, &state.owner, &mut because),
            help: format!("use {INSTEAD}"),
            at: state.at,
            item: state.item.clone(),
            state: state.item.clone(),
            owner: state.owner.clone(),
            because,
        });
    }
}
