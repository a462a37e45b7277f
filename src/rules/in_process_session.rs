//! Finds session stores that live and die with one process. Page: rules/in_process_session.md

use super::{Finding, Findings, Rule};
use crate::diagnostic::{Certainty, Step, Verdict};
use crate::model::Model;

pub(super) const RULE: Rule = Rule {
    id: "in_process_session",
    page: include_str!("../../rules/in_process_session.md"),
    check,
};

fn check(model: &Model, findings: &mut Findings) {
    for store in &model.sessions {
        let mut because = store.because.clone();
        let usual = "a user who logged in on one replica is unknown on the next; a restart logs \
                     everyone out";
        let consequence = super::so(model, &store.owner, &mut because, usual, |n| {
            format!(
                "a user who logged in on {} is unknown to the others; a restart logs out its users",
                n.one_of()
            )
        });
        let pins = model.pins(&store.owner);
        because.extend(pins.iter().map(|pin| {
            let said =
                format!("{} only hides it: it sends a client back to one process", pin.said());
            Step::new(pin.at, said)
        }));
        let consequence = match pins.first() {
            Some(pin) => format!("{consequence}; it seems to work because of {}", pin.said()),
            None => consequence,
        };
        findings.add(Finding {
            rule: RULE.id,
            verdict: Verdict::Violation,
            certainty: Certainty::High,
            message: format!("`{}` {}", store.name, store.why),
            consequence,
            help: format!("use {}, with sessions that expire", store.instead),
            at: store.at,
            item: store.item.clone(),
            state: store.item.clone(),
            owner: store.owner.clone(),
            because,
        });
    }
}
