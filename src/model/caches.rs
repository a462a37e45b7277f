//! Is a state kept to make answers faster, and does what it keeps exist elsewhere?

use super::{Access, State};
use crate::catalog::Role;
use crate::flow::Used;
use crate::resolve::DefId;

impl State {
    /// Whether it is kept to make answers faster: by its type, or because everything put in was
    /// computed by a function that looked it up first.
    pub fn is_cache(&self) -> bool {
        if self.limits || self.of_records || self.is_settled() || self.is_clients() {
            return false;
        }
        let mut puts = self.puts();
        let again = |change: &Access| {
            let kept = change.memo || change.copied || change.renewed;
            kept || change.opens || change.by_task && change.fetched
        };
        match self.holds {
            Role::Cache => puts.next().is_some(),
            Role::Collection | Role::SharedCollection => {
                puts.any(|change| !change.opens) && self.puts().all(again)
            }
            // A key set, a token or a list that whoever finds it outdated asks for again; else a
            // struct around collections.
            Role::Value if self.puts().all(|change| change.renewed) => puts.next().is_some(),
            Role::Value => {
                let part = |change: &Access| change.memo && !change.whole;
                let again = |change: &Access| {
                    change.copied || change.renewed || change.opens || part(change)
                };
                let filled = |change: &Access| {
                    let whole = change.renewed || change.memo && change.copied;
                    again(change) && !change.opens && (!change.whole || whole)
                };
                puts.any(filled)
                    && self.puts().all(|change| again(change) || self.is_beside(change, filled))
            }
            // One remembered answer: filled where it is looked at, else only replaced or emptied.
            Role::Carrier => {
                puts.any(|change| change.memo || change.copied || change.renewed)
                    && self.puts().all(|change| change.whole && (change.fetched || change.copied))
            }
            _ => false,
        }
    }

    /// Whether what it caches exists nowhere else: it is what requests brought, and nothing that
    /// is put in was computed or fetched; or it waits there to be taken out and used, and is not
    /// put there for want of it.
    pub fn is_only_copy(&self) -> bool {
        let waits = || {
            let used = |change: &&Access| change.takes && change.used != Used::No;
            let mut puts = self.puts();
            puts.all(|put| !put.after_miss && !put.memo)
                && self.changes.iter().any(|change| used(&change) && !self.puts_in(change.def))
        };
        self.holds == Role::Cache
            && (self.puts().any(|change| change.given) && !self.puts().any(|change| change.fetched)
                || waits())
    }

    /// Whether a change only says when something was put in, by the function that does.
    pub(super) fn is_beside(&self, change: &Access, put: impl Fn(&Access) -> bool) -> bool {
        change.stamps && self.puts().any(|other| other.def == change.def && put(other))
    }

    /// Whether a function puts something in.
    fn puts_in(&self, function: DefId) -> bool {
        self.puts().any(|put| put.def == function)
    }
}
