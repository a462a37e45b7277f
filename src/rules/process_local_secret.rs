//! Finds secrets that a process makes up for itself. Page: rules/process_local_secret.md

use super::{Finding, Findings, Rule};
use crate::diagnostic::{Certainty, Verdict};
use crate::model::Model;

pub(super) const RULE: Rule = Rule {
    id: "process_local_secret",
    page: include_str!("../../rules/process_local_secret.md"),
    check,
};

fn check(model: &Model, findings: &mut Findings) {
    for secret in &model.secrets {
        let message = match &secret.setting {
            Some(setting) => format!(
                "{} makes up a secret of this process where {setting} gives none",
                secret.call
            ),
            None => format!("{} makes up a secret that only this process knows", secret.call),
        };
        let instead = match secret.instead.is_empty() {
            true => "one secret from the environment or a secret store, the same for every replica",
            false => &secret.instead,
        };
        findings.add(Finding {
            rule: RULE.id,
            verdict: Verdict::Violation,
            certainty: Certainty::High,
            message,
            consequence: "another replica, or this one after a restart, rejects what was signed, \
                          sealed or handed out with it"
                .into(),
            help: match secret.setting {
                Some(_) => format!("use {instead}, and refuse to start without it"),
                None => format!("use {instead}"),
            },
            at: secret.at,
            item: secret.item.clone(),
            state: secret.item.clone(),
            owner: secret.owner.clone(),
            because: secret.because.clone(),
        });
    }
    for order in &model.certificates {
        findings.add(Finding {
            rule: RULE.id,
            verdict: Verdict::Hazard,
            certainty: Certainty::High,
            message: format!("{} orders a certificate for this process alone", order.call),
            consequence: "each replica orders its own, challenges reach the wrong one, and the \
                          authority's limits are met sooner"
                .into(),
            help: order.instead.clone(),
            at: order.at,
            item: order.item.clone(),
            state: order.item.clone(),
            owner: order.owner.clone(),
            because: order.because.clone(),
        });
    }
}
