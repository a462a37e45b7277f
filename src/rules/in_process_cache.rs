//! Finds caches that every process fills for itself. Page: rules/in_process_cache.md

use super::{Finding, Findings, Rule};
use crate::diagnostic::{Certainty, Step, Verdict};
use crate::model::{Model, Owner};

pub(super) const RULE: Rule =
    Rule { id: "in_process_cache", page: include_str!("../../rules/in_process_cache.md"), check };

const CONSEQUENCE: &str = "each replica fills its own copy: they disagree until an entry expires, \
                           and forever where nothing expires it";

fn so(model: &Model, owner: &Owner, because: &mut Vec<Step>) -> String {
    super::so(model, owner, because, CONSEQUENCE, |n| {
        format!(
            "{} fill {} of this: they disagree until an entry expires, and forever where \
             nothing expires it",
            n.replicas(),
            n.copies()
        )
    })
}

fn check(model: &Model, findings: &mut Findings) {
    for state in &model.states {
        if !state.is_cache() || state.is_refreshed(&model.entries) {
            continue;
        }
        let instead = match state.instead.is_empty() {
            true => "a shared cache such as Redis or Memcached",
            false => &state.instead,
        };
        let mut because = super::story(model, state);
        let only_copy = state.is_only_copy();
        let (verdict, message, consequence) = match only_copy {
            true => (
                Verdict::Violation,
                format!(
                    "`{}` holds the only copy of what {} puts there",
                    state.name,
                    super::who(model, &state.changes)
                ),
                super::so(
                    model,
                    &state.owner,
                    &mut because,
                    "another replica does not have it, and a restart or a full cache loses it",
                    |n| {
                        format!(
                            "only {} has it, and a restart or a full cache loses it",
                            n.one_of()
                        )
                    },
                ),
            ),
            false => (
                Verdict::Hazard,
                format!("`{}` caches in this process alone", state.name),
                so(model, &state.owner, &mut because),
            ),
        };
        findings.add(Finding {
            rule: RULE.id,
            verdict,
            certainty: Certainty::High,
            message,
            consequence,
            help: format!("use {instead}"),
            at: state.at,
            item: state.item.clone(),
            state: state.item.clone(),
            owner: state.owner.clone(),
            because,
        });
    }
    for cached in &model.cached {
        let mut because = cached.because.clone();
        findings.add(Finding {
            rule: RULE.id,
            verdict: Verdict::Hazard,
            certainty: Certainty::High,
            message: format!("the answers of `{}` are kept in this process alone", cached.name),
            consequence: so(model, &cached.owner, &mut because),
            help: format!("use {}", cached.instead),
            at: cached.at,
            item: cached.item.clone(),
            state: cached.item.clone(),
            owner: cached.owner.clone(),
            because,
        });
    }
}
