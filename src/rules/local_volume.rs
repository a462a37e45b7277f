//! Finds folders that outlive the process they are given to. Page: rules/local_volume.md

use rustc_hash::FxHashMap;

use super::{Finding, Findings, Rule};
use crate::catalog::SettingMeaning;
use crate::diagnostic::{Certainty, Step, Verdict};
use crate::model::deploy::Setting;
use crate::model::{Model, Owner};

pub(super) const RULE: Rule =
    Rule { id: "local_volume", page: include_str!("../../rules/local_volume.md"), check };

/// More places that use a volume say nothing new.
const MOST: usize = 4;

fn check(model: &Model, findings: &mut Findings) {
    let volumes = model.settings.iter().filter(|(one, _)| one.meaning == SettingMeaning::Volume);
    let volumes = volumes.filter(|(one, _)| !model.is_only_read(one));
    // One volume is one finding, however many services of a file are given it.
    let mut all: Vec<(&Setting, &Owner, Vec<&Setting>)> = Vec::new();
    let mut first: FxHashMap<_, usize> = FxHashMap::default();
    for (setting, owner) in volumes {
        let known = setting.source.as_ref().map(|source| {
            let same = (setting.at.file, source, setting.verdict, setting.certain);
            *first.entry(same).or_insert(all.len())
        });
        let other =
            |index: &usize| all.get(*index).is_some_and(|(one, ..)| one.what != setting.what);
        match known.filter(other) {
            Some(index) => all[index].2.push(setting),
            None => all.push((setting, owner, Vec::new())),
        }
    }
    for (setting, owner, also) in all {
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
        let given = also.iter().take(MOST);
        because
            .extend(given.map(|other| Step::new(other.at, format!("given to {} too", other.what))));
        let every = || std::iter::once(setting).chain(also.iter().copied());
        let whose = super::several(every().map(|one| one.what.clone())).unwrap_or_default();
        let keepers: Vec<_> = every().flat_map(|one| model.keepers(one)).collect();
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
            message: format!("{named} {keeps} {whose}: {why}"),
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
