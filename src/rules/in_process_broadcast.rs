//! Finds messages that reach only the clients of one process. Page: rules/in_process_broadcast.md

use super::{Finding, Findings, Rule};
use crate::catalog::Role;
use crate::diagnostic::{Certainty, Step, Verdict};
use crate::model::{Model, Owner};

pub(super) const RULE: Rule = Rule {
    id: "in_process_broadcast",
    page: include_str!("../../rules/in_process_broadcast.md"),
    check,
};

const CONSEQUENCE: &str = "clients that are connected to another replica never see it";
const HELP: &str = "publish through a backing service that every replica subscribes to (Redis \
                    pub/sub, NATS, PostgreSQL `LISTEN`/`NOTIFY`), and hand on to local clients from there";

fn check(model: &Model, findings: &mut Findings) {
    for broadcast in &model.broadcasts {
        let mut because = broadcast.because.clone();
        findings.add(Finding {
            rule: RULE.id,
            verdict: Verdict::Violation,
            certainty: Certainty::High,
            message: format!("`{}` reaches only the clients of this process", broadcast.name),
            consequence: so(model, &broadcast.owner, &mut because),
            help: HELP.into(),
            at: broadcast.at,
            item: broadcast.item.clone(),
            state: broadcast.item.clone(),
            owner: broadcast.owner.clone(),
            because,
        });
    }
    for state in &model.states {
        let of_clients = state.holds == Role::Channel && state.keyed;
        let told = of_clients && !state.fed && !state.under_way && !state.coalesces;
        let told = state.meets || told && state.is_asked_for(&model.entries);
        if !told {
            continue;
        }
        let mut because = super::story(model, state);
        findings.add(Finding {
            rule: RULE.id,
            verdict: Verdict::Violation,
            certainty: Certainty::High,
            message: format!("`{}` knows only the clients of this process", state.name),
            consequence: so(model, &state.owner, &mut because),
            help: HELP.into(),
            at: state.at,
            item: state.item.clone(),
            state: state.item.clone(),
            owner: state.owner.clone(),
            because,
        });
    }
}

fn so(model: &Model, owner: &Owner, because: &mut Vec<Step>) -> String {
    super::so(model, owner, because, CONSEQUENCE, |n| {
        format!("it reaches the clients of {}: those of the others never see it", n.one_of())
    })
}
