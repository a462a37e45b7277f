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
        let mut because = secret.because.clone();
        let usual = "another replica, or this one after a restart, rejects what was signed, \
                     sealed or handed out with it";
        let consequence = super::so(model, &secret.owner, &mut because, usual, |n| {
            format!(
                "{} have a secret each: what one signed, sealed or handed out, the others reject, \
                 and so does this one after a restart",
                n.replicas()
            )
        });
        findings.add(Finding {
            rule: RULE.id,
            verdict: Verdict::Violation,
            certainty: Certainty::High,
            message,
            consequence,
            help: match secret.setting {
                Some(_) => format!("use {instead}, and refuse to start without it"),
                None => format!("use {instead}"),
            },
            at: secret.at,
            item: secret.item.clone(),
            state: secret.item.clone(),
            owner: secret.owner.clone(),
            because,
        });
    }
    for order in &model.certificates {
        let mut because = order.because.clone();
        let usual = "each replica orders its own, challenges reach the wrong one, and the \
                     authority's limits are met sooner";
        let consequence = super::so(model, &order.owner, &mut because, usual, |n| {
            format!(
                "{} order one each: challenges reach the wrong one, and the authority's limits \
                 are met {} as soon",
                n.replicas(),
                n.times()
            )
        });
        findings.add(Finding {
            rule: RULE.id,
            verdict: Verdict::Hazard,
            certainty: Certainty::High,
            message: format!("{} orders a certificate for this process alone", order.call),
            consequence,
            help: order.instead.clone(),
            at: order.at,
            item: order.item.clone(),
            state: order.item.clone(),
            owner: order.owner.clone(),
            because,
        });
    }
}
