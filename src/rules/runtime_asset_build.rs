//! Finds assets that the running service builds. Page: rules/runtime_asset_build.md

use super::{Finding, Findings, Rule};
use crate::catalog::SettingMeaning;
use crate::diagnostic::{Certainty, Verdict};
use crate::model::Model;
use crate::model::deploy::Setting;

pub(super) const RULE: Rule = Rule {
    id: "runtime_asset_build",
    page: include_str!("../../rules/runtime_asset_build.md"),
    check,
};

fn check(model: &Model, findings: &mut Findings) {
    for asset in &model.assets {
        let (verdict, message, consequence, mut because) = match &asset.access {
            Some(access) => (
                Verdict::Violation,
                format!(
                    "{} builds an asset while {} is served",
                    asset.call, model.entries[access.entry].label
                ),
                "each replica builds its own copy, at its own time and from what lies on its disk",
                super::steps(model, access, "builds it"),
            ),
            None => (
                Verdict::Hazard,
                format!("{} builds an asset at each start", asset.call),
                "every replica starts later, and needs sources and tools that only a build needs",
                Vec::new(),
            ),
        };
        let consequence = super::so(model, &asset.owner, &mut because, consequence, |n| {
            let (all, copies) = (n.replicas(), n.copies());
            match &asset.access {
                Some(_) => format!(
                    "{all} build {copies}, each at its own time and from what lies on its disk"
                ),
                None => {
                    format!("{all} start later, and need sources and tools that only a build needs")
                }
            }
        });
        findings.add(Finding {
            rule: RULE.id,
            verdict,
            certainty: Certainty::High,
            message,
            consequence,
            help: asset.instead.clone(),
            at: asset.at,
            item: asset.item.clone(),
            state: asset.item.clone(),
            owner: asset.owner.clone(),
            because,
        });
    }
    for (setting, owner) in &model.settings {
        if setting.meaning != SettingMeaning::Assets {
            continue;
        }
        let Setting { key, value, what, why, instead, .. } = setting;
        let usually = "build assets in a stage of the container image or in the platform's build, \
                       and run what was built";
        let instead = if instead.is_empty() { usually } else { instead };
        findings.add(Finding {
            rule: RULE.id,
            verdict: setting.verdict,
            certainty: if setting.certain { Certainty::High } else { Certainty::Low },
            message: format!("`{key}: {value}` has assets built where {what} runs: {why}"),
            consequence:
                "every replica builds its own copy, on its own disk, and needs sources and \
                          tools that only a build needs"
                    .into(),
            help: instead.into(),
            at: setting.at,
            item: what.clone(),
            state: format!("{what} {key}"),
            owner: owner.clone(),
            because: setting.because.clone(),
        });
    }
}
