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
        let threads = state.kept == Kept::ThreadLocal;
        let each = if threads { "each thread of each process" } else { "each process" };
        let usual = format!(
            "{each} has its own copy: replicas give different answers, a restart empties it"
        );
        let mut because = super::story(model, state);
        let consequence = super::so(model, &state.owner, &mut because, &usual, |n| match threads {
            true => format!(
                "each thread of {} has its own copy: they give different answers, a restart \
                 empties it",
                n.replicas()
            ),
            false => format!(
                "{} have {} of this and give different answers; a restart empties one",
                n.replicas(),
                n.copies()
            ),
        });
        findings.add(Finding {
            rule: RULE.id,
            verdict: Verdict::Violation,
            certainty: Certainty::High,
            message: format!(
                "`{}` lives in one process and is changed by {}",
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
