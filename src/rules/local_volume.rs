//! Finds folders that outlive the process they are given to. Page: rules/local_volume.md

use super::{Finding, Findings, Rule};
use crate::catalog::SettingMeaning;
use crate::diagnostic::{Certainty, Verdict};
use crate::model::Model;
use crate::model::deploy::Setting;

pub(super) const RULE: Rule =
    Rule { id: "local_volume", page: include_str!("../../rules/local_volume.md"), check };

/// More places that use a volume say nothing new.
const MOST: usize = 4;

fn check(model: &Model, findings: &mut Findings) {
    for (setting, owner) in &model.settings {
        if setting.meaning != SettingMeaning::Volume {
            continue;
        }
        let Setting { key, what, why, instead, so, .. } = setting;
        let named = setting.said();
        let (keeps, usually) = match setting.verdict {
            Verdict::Violation => (
                "keeps files of one machine for",
                "another replica does not see these files, and a process that starts on another \
                 machine finds none of them",
            ),
            Verdict::Hazard => (
                "keeps files for",
                "what lies there comes and goes with the machine, or is changed by every replica",
            ),
        };
        let instead = match &**instead {
            "" => String::new(),
            instead => format!("{instead}; "),
        };
        let mut because = setting.because.clone();
        let keepers = model.keepers(setting);
        because.extend(keepers.iter().take(MOST).map(|(_, step)| step.clone()));
        let follows = if so.is_empty() { usually } else { so };
        let consequence = match super::several(keepers.iter().map(|(who, _)| who.clone())) {
            None => follows.to_string(),
            Some(who) => format!("what lies there is kept by {who}: {follows}"),
        };
        findings.add(Finding {
            rule: RULE.id,
            verdict: setting.verdict,
            certainty: if setting.certain { Certainty::High } else { Certainty::Low },
            message: format!("{named} {keeps} {what}: {why}"),
            consequence,
            help: format!(
                "{instead}keep what must last in a backing service, such as an object store or a \
                 database, and give the process scratch space that goes away with it"
            ),
            at: setting.at,
            item: what.clone(),
            state: format!("{what} {key}"),
            owner: owner.clone(),
            because,
        });
    }
}
