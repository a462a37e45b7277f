//! Finds accepted work that waits in the memory of one process. Page: rules/in_process_queue.md

use super::{Finding, Findings, Rule};
use crate::catalog::Work;
use crate::diagnostic::{Certainty, Verdict};
use crate::model::{Duty, Model};

pub(super) const RULE: Rule =
    Rule { id: "in_process_queue", page: include_str!("../../rules/in_process_queue.md"), check };

const HELP: &str = "put the work into a queue that outlives the process (a table with `FOR UPDATE \
                    SKIP LOCKED`, Redis streams, a broker) before the request is answered";

fn check(model: &Model, findings: &mut Findings) {
    for queue in &model.queues {
        let name = &queue.name;
        let message = match (queue.stored, queue.asked) {
            (true, _) => format!("the channel `{name}` wakes a task of this process alone"),
            (false, true) => {
                format!("the channel `{name}` holds work that requests were told is done")
            }
            (false, false) => format!("the channel `{name}` holds work that tasks pass on"),
        };
        findings.add(finding(model, queue, message));
    }
    for queue in &model.job_queues {
        let waits = Duty {
            at: queue.at,
            item: queue.item.clone(),
            name: queue.call.clone(),
            work: Work::Write,
            on_disk: false,
            stored: false,
            asked: true,
            because: queue.because.clone(),
            owner: queue.owner.clone(),
        };
        let message = format!("{} {}", queue.call, queue.why);
        let help = format!("use {}", queue.instead);
        findings.add(Finding { help, ..finding(model, &waits, message) });
    }
    for state in &model.states {
        let Some(work) = state.drained else { continue };
        let waits = Duty {
            at: state.at,
            item: state.item.clone(),
            name: state.name.clone(),
            work,
            on_disk: false,
            stored: false,
            asked: true,
            because: super::story(model, state),
            owner: state.owner.clone(),
        };
        let message =
            format!("`{}` holds what requests brought until a task puts it away", state.name);
        findings.add(finding(model, &waits, message));
    }
    for left in &model.leftovers {
        let does = match left.work {
            _ if left.on_disk => "writes to the local disk",
            Work::Send => "sends something out",
            Work::Ask | Work::Call => "asks a service for something",
            Work::Run => "runs a program",
            Work::Write | Work::Once => "adds to what all replicas share",
            _ => "changes what all replicas share",
        };
        let message = format!("{} starts a task that {does}, and does not wait for it", left.name);
        findings.add(finding(model, left, message));
    }
}

fn finding(model: &Model, duty: &Duty, message: String) -> Finding {
    let (verdict, loses) = match duty.work {
        _ if duty.stored => {
            (Verdict::Hazard, "loses the message; the work waits in the store for the next one")
        }
        Work::Write | Work::Once => (Verdict::Violation, "loses accepted work, and nobody is told"),
        _ => (Verdict::Hazard, "loses what has not been done yet"),
    };
    let mut because = duty.because.clone();
    let usual = format!("a restart {loses}");
    let consequence = super::so(model, &duty.owner, &mut because, &usual, |n| {
        format!("a restart of any of {} {loses}", n.replicas())
    });
    Finding {
        rule: RULE.id,
        verdict,
        certainty: Certainty::High,
        message,
        consequence,
        help: HELP.into(),
        at: duty.at,
        item: duty.item.clone(),
        state: duty.item.clone(),
        owner: duty.owner.clone(),
        because,
    }
}
