//! Finds settings that send one client to one process. Page: rules/sticky_session.md

use super::{Finding, Findings, Rule};
use crate::catalog::SettingMeaning;
use crate::diagnostic::{Certainty, Step, Verdict};
use crate::model::Model;
use crate::model::deploy::Setting;

pub(super) const RULE: Rule =
    Rule { id: "sticky_session", page: include_str!("../../rules/sticky_session.md"), check };

fn check(model: &Model, findings: &mut Findings) {
    for (setting, owner) in &model.settings {
        if setting.meaning != SettingMeaning::Sticky {
            continue;
        }
        let (message, mut consequence, help) = describe(setting);
        let mut because = setting.because.clone();
        let sessions = model.pinned(setting);
        because.extend(sessions.iter().map(|session| {
            let said = format!("`{}` keeps sessions in the process it sends to", session.name);
            Step::new(session.at, said)
        }));
        if let Some(session) = sessions.first() {
            consequence = format!(
                "the sessions in `{}` are only found again because of this: when a process goes \
                 away, its users are logged out",
                session.name
            );
        }
        findings.add(Finding {
            rule: RULE.id,
            verdict: setting.verdict,
            certainty: if setting.certain { Certainty::High } else { Certainty::Low },
            message,
            consequence,
            help,
            at: setting.at,
            item: setting.what.clone(),
            state: format!("{} {}", setting.what, setting.key),
            owner: owner.clone(),
            because,
        });
    }
}

/// Message, consequence and help for a setting that is on.
fn describe(setting: &Setting) -> (String, String, String) {
    let Setting { what, why, instead, .. } = setting;
    let said = setting.said();
    let (message, consequence) = match setting.verdict {
        Verdict::Violation => (
            format!("{said} sends each client to one process of {what}: it {why}"),
            "requests come to depend on what one process remembers; when that process goes away, \
             its clients lose their session",
        ),
        Verdict::Hazard => (
            format!("{said} chooses the process of {what} by what a request asks for: it {why}"),
            "this is for a warm cache at best; once answers depend on what one process holds, \
             they change when processes come and go",
        ),
    };
    let help = format!(
        "{instead}, and keep session data in a store with time-expiration such as Redis or \
         Memcached; sticky sessions are a violation of the twelve-factor app and should never be \
         used or relied upon"
    );
    let consequence = if setting.so.is_empty() { consequence.into() } else { setting.so.clone() };
    (message, consequence, help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::SettingMeaning;
    use crate::source::{FileId, Span};

    #[test]
    fn words_follow_the_verdict() {
        let mut setting = Setting {
            meaning: SettingMeaning::Sticky,
            on: true,
            certain: true,
            so: String::new(),
            verdict: Verdict::Violation,
            key: "sessionAffinity".into(),
            value: "ClientIP".into(),
            at: Span::new(FileId(0), 0, 0),
            what: "Service `web`".into(),
            why: "routes by the client's address".into(),
            instead: "set `sessionAffinity: None`".into(),
            because: Vec::new(),
            targets: Vec::new(),
            source: None,
            readers: Vec::new(),
            programs: Vec::new(),
            within: Span::new(FileId(0), 0, 0),
        };
        let (message, consequence, help) = describe(&setting);
        assert!(message.starts_with(
            "`sessionAffinity: ClientIP` sends each client to one process of Service `web`"
        ));
        assert!(consequence.contains("lose their session"), "{consequence}");
        assert!(help.starts_with("set `sessionAffinity: None`, and keep session data in a store"));
        assert!(help.contains("never be used or relied upon"), "{help}");
        setting.verdict = Verdict::Hazard;
        let (hazard, milder, _) = describe(&setting);
        assert!(!hazard.contains("each client") && !milder.contains("lose their session"));
    }
}
