//! Is a state kept to make answers faster, and does what it keeps exist elsewhere?

use super::{Access, EntryPoint, State};
use crate::catalog::Role;
use crate::flow::Used;
use crate::resolve::DefId;

mod marks;

impl State {
    /// Whether it is one value that is put together on first use, from what every process has, and
    /// stays: as good as one that is set at start.
    pub(super) fn is_settled(&self) -> bool {
        let fills = |change: &&Access| change.memo && change.whole && change.at_hand;
        // What is taken out by who fills it again is only renewed.
        let renews = |change: &Access| {
            change.vacates && self.changes.iter().filter(fills).any(|put| put.def == change.def)
        };
        self.holds == Role::Carrier
            && self.changes.iter().all(|change| fills(&change) || renews(change))
    }

    /// Whether it is kept to make answers faster: by its type, or because everything put in was
    /// computed by a function that looked it up first.
    pub fn is_cache(&self) -> bool {
        let kept_elsewhere = self.is_settled() || self.is_clients() || !self.is_looked_at();
        if self.limits || self.of_records || kept_elsewhere {
            return false;
        }
        let mut puts = self.fills();
        let again = |change: &Access| {
            let kept = change.memo || change.copied || change.renewed;
            kept || change.opens || change.by_task && change.fetched
        };
        match self.holds {
            Role::Cache => puts.next().is_some(),
            Role::Collection | Role::SharedCollection => {
                puts.any(|change| !change.opens) && self.fills().all(again)
            }
            // A key set, a token or a list that whoever finds it outdated asks for again; else a
            // struct around collections.
            Role::Value if self.fills().all(|change| change.renewed) => puts.next().is_some(),
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
                    && self.fills().all(|change| again(change) || self.is_beside(change, filled))
            }
            // One remembered answer: filled where it is looked at, else only replaced or emptied.
            Role::Carrier => {
                let asked = |change: &Access| change.fetched || change.copied || change.renewed;
                puts.any(|change| change.memo || change.copied || change.renewed)
                    && self.fills().all(|change| change.whole && asked(change))
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
            let mut puts = self.fills();
            puts.all(|put| !put.after_miss && !put.memo)
                && self.changes.iter().any(|change| used(&change) && !self.puts_in(change.def))
        };
        self.holds == Role::Cache
            && (self.puts().any(|change| change.given) && !self.puts().any(|change| change.fetched)
                || waits())
    }

    /// Whether it only ever becomes, as a whole, what a task of this process fetched: a copy of a
    /// configuration or key set that every replica refreshes for itself.
    pub fn is_refreshed(&self, entries: &[EntryPoint]) -> bool {
        let emptied = |put: &Access| {
            self.changes.iter().any(|change| change.takes && change.entry == put.entry)
        };
        let renews = |change: &Access| {
            let entry = &entries[change.entry];
            let whole = change.whole || (entry.beside && emptied(change));
            !entry.kind.is_asked() && whole && (change.fetched || change.answer || change.renewed)
        };
        self.fills().all(|change| renews(change) || self.is_beside(change, renews))
    }

    /// The changes that put something in, but for those that only say when it was last used.
    fn fills(&self) -> impl Iterator<Item = &Access> {
        let marks_alone = self.puts().all(|put| put.of_use);
        self.puts().filter(move |put| marks_alone || !put.of_use)
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
