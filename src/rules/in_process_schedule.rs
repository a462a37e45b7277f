//! Finds timers that every replica runs for itself. Page: rules/in_process_schedule.md

use super::{Finding, Findings, Rule};
use crate::catalog::Work;
use crate::diagnostic::{Certainty, Verdict};
use crate::model::Model;

pub(super) const RULE: Rule = Rule {
    id: "in_process_schedule",
    page: include_str!("../../rules/in_process_schedule.md"),
    check,
};

fn check(model: &Model, findings: &mut Findings) {
    for schedule in &model.schedules {
        let (verdict, does, consequence) = match schedule.work {
            Work::Send => (
                Verdict::Violation,
                "sends something out",
                "with N replicas it is sent N times, and while the only one restarts, not at all",
            ),
            Work::Write => (
                Verdict::Violation,
                "adds to what all replicas share",
                "with N replicas it is added N times",
            ),
            Work::Ask | Work::Call => (
                Verdict::Hazard,
                "asks a service for something",
                "with N replicas it is asked N times, perhaps at the same moment",
            ),
            Work::Run => (
                Verdict::Hazard,
                "runs a program",
                "with N replicas it runs N times, perhaps at the same moment",
            ),
            _ => (
                Verdict::Hazard,
                "deletes or sets what may be deleted or set twice",
                "every replica does the same work; only the first of them is of use",
            ),
        };
        let mut because = schedule.because.clone();
        let consequence = super::so(model, &schedule.owner, &mut because, consequence, |n| {
            let (with, times) = (n.replicas(), n.times());
            match schedule.work {
                Work::Send => format!("with {with} it is sent {times}"),
                Work::Write => format!("with {with} it is added {times}"),
                Work::Ask | Work::Call => {
                    format!("with {with} it is asked {times}, perhaps at the same moment")
                }
                Work::Run => format!("with {with} it runs {times}, perhaps at the same moment"),
                _ => format!("{with} do the same work; only the first of them is of use"),
            }
        });
        findings.add(Finding {
            rule: RULE.id,
            verdict,
            certainty: Certainty::High,
            message: format!("every replica runs the timer in {}, which {does}", schedule.name),
            consequence,
            help:
                "let one process claim each run (`FOR UPDATE SKIP LOCKED`, an advisory lock), or \
                   have the platform start it as a job of its own"
                    .into(),
            at: schedule.at,
            item: schedule.item.clone(),
            state: schedule.item.clone(),
            owner: schedule.owner.clone(),
            because,
        });
    }
}
