//! Finds statics that requests change. Page: rules/global_mutable_state.md

use super::{Finding, Findings, Rule};
use crate::diagnostic::{Certainty, Verdict};
use crate::model::{Kept, Model};

pub(super) const RULE: Rule = Rule {
    id: "global_mutable_state",
    page: include_str!("../../rules/global_mutable_state.md"),
    check,
};

fn check(model: &Model, findings: &mut Findings) {
    for state in &model.states {
        let global = matches!(state.kept, Kept::Static | Kept::ThreadLocal);
        if !global || !state.is_record(&model.entries) {
            continue;
        }
        let copies = match state.kept {
            Kept::ThreadLocal => "each thread of each process",
            _ => "each process",
        };
        findings.add(Finding {
            rule: RULE.id,
            verdict: Verdict::Violation,
            certainty: Certainty::High,
            message: format!(
                "`{}` lives in one process and is changed by {}",
                state.name,
                super::who(model, &state.changes)
            ),
            consequence: format!(
                "{copies} has its own copy: replicas give different answers, a restart empties it"
            ),
            help: format!(
                "keep what `{}` holds in a backing service that every replica reads, such as \
                 PostgreSQL or Redis",
                state.name
            ),
            at: state.at,
            item: state.item.clone(),
            state: state.item.clone(),
            owner: state.owner.clone(),
            because: super::story(model, state),
        });
    }
}
