//! Finds counters whose numbers name things. Page: rules/in_process_counter.md

use super::{Finding, Findings, Rule};
use crate::diagnostic::{Certainty, Verdict};
use crate::model::Model;

pub(super) const RULE: Rule = Rule {
    id: "in_process_counter",
    page: include_str!("../../rules/in_process_counter.md"),
    check,
};

fn check(model: &Model, findings: &mut Findings) {
    for state in &model.states {
        let Some(first) = state.counts.first() else { continue };
        let mut because = state.shared.clone();
        because.extend(super::steps(model, first, "takes the next number"));
        let usual = "two replicas hand out the same number, and a restart begins again";
        let consequence = super::so(model, &state.owner, &mut because, usual, |n| {
            format!("{} hand out the same numbers, and a restart begins again", n.replicas())
        });
        findings.add(Finding {
            rule: RULE.id,
            verdict: Verdict::Violation,
            certainty: Certainty::High,
            message: format!(
                "`{}` numbers what {} makes, in one process",
                state.name,
                super::who(model, &state.counts)
            ),
            consequence,
            help: "let the database number things (a sequence, an identity column, `INCR` in \
                   Redis), or use a UUID (`uuid::Uuid::now_v7`)"
                .into(),
            at: state.at,
            item: state.item.clone(),
            state: state.item.clone(),
            owner: state.owner.clone(),
            because,
        });
    }
}
