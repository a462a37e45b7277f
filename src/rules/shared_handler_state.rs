//! Finds state that handlers share and change. Page: rules/shared_handler_state.md

use super::{Finding, Findings, Rule};
use crate::diagnostic::{Certainty, Verdict};
use crate::model::{Kept, Model};

pub(super) const RULE: Rule = Rule {
    id: "shared_handler_state",
    page: include_str!("../../rules/shared_handler_state.md"),
    check,
};

fn check(model: &Model, findings: &mut Findings) {
    for state in &model.states {
        let shared = matches!(state.kept, Kept::Field | Kept::Local);
        if !shared || !state.is_record(&model.entries) {
            continue;
        }
        let mut because = super::story(model, state);
        let usual = "each replica has its own copy: what one request stores, the next may not \
                     find; a restart empties it";
        let consequence = super::so(model, &state.owner, &mut because, usual, |n| {
            format!(
                "{} hold {} of this: what one request stores, the others do not find; a restart \
                 empties one",
                n.replicas(),
                n.copies()
            )
        });
        findings.add(Finding {
            rule: RULE.id,
            verdict: Verdict::Violation,
            certainty: Certainty::High,
            message: format!(
                "`{}` is shared by the handlers of one process and changed by {}",
                state.name,
                super::who(model, &state.changes)
            ),
            consequence,
            help: format!(
                "keep what `{}` holds in a backing service that every replica reads, such as \
                 PostgreSQL or Redis",
                state.name
            ),
            at: state.at,
            item: state.item.clone(),
            state: state.item.clone(),
            owner: state.owner.clone(),
            because,
        });
    }
}
