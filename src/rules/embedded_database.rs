//! Finds databases that live in one process. Page: rules/embedded_database.md

use super::{Finding, Findings, Rule};
use crate::diagnostic::{Certainty, Verdict};
use crate::model::Model;

pub(super) const RULE: Rule =
    Rule { id: "embedded_database", page: include_str!("../../rules/embedded_database.md"), check };

fn check(model: &Model, findings: &mut Findings) {
    for database in &model.databases {
        let mut because = match &database.access {
            Some(access) => super::steps(model, access, "opens it"),
            None => Vec::new(),
        };
        let (choice, unusual) = super::chosen(model, database);
        let usual = match database.again {
            true => {
                "every replica builds its own from elsewhere: one may not know yet what another \
                 finds"
            }
            false => {
                "the data lives on one replica: the others do not see it, and it is lost with the \
                 replica"
            }
        };
        let consequence = super::so_on_disk(
            model,
            (&database.owner, &database.lies),
            &mut because,
            usual,
            |n| {
                let (all, copies) = (n.replicas(), n.copies());
                match database.again {
                    true => format!(
                        "{all} build {copies} from elsewhere: one may not know yet what another finds"
                    ),
                    false => format!(
                        "{all} have a database each: what one writes, the others do not find, and \
                         it is lost with the replica"
                    ),
                }
            },
        );
        findings.add(Finding {
            rule: RULE.id,
            verdict: if unusual || database.again { Verdict::Hazard } else { Verdict::Violation },
            certainty: Certainty::High,
            message: format!("{} {}{choice}", database.call, database.why),
            consequence,
            help: format!("use {}", database.instead),
            at: database.at,
            item: database.item.clone(),
            state: database.item.clone(),
            owner: database.owner.clone(),
            because,
        });
    }
}
