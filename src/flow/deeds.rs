//! What does a body ask of stores, services and programs outside the process?

use rustc_hash::FxHashSet;

use super::exports::is_exposition;
use super::methods::Method;
use super::walk::Walk;
use super::{Deed, Flow, Froms, NodeId, NodeKind, Origin, OriginKind, TouchKind, Val};
use crate::catalog::{Role, Work};
use crate::parse::tree::Range;
use crate::resolve::{T, Type};
use crate::symbol::Symbol;

impl Flow {
    /// Lets go of what loops call on and on: they only keep up with another process. Who takes
    /// messages in between, or waits for a time, has work to do.
    pub(super) fn leave_out_keeping_up(&mut self) {
        let waits = self.waits.iter().map(|(node, _)| *node);
        let lapses = self.lapses.iter().map(|(node, ..)| *node);
        let takes = self.touches.iter().filter(|touch| touch.kind == TouchKind::Receive);
        let at_work = waits.chain(lapses).chain(takes.map(|touch| touch.node));
        let at_work: FxHashSet<NodeId> =
            at_work.filter_map(|node| self.loop_around(node)).collect();
        let driven = self.loops.iter().filter(|around| around.driven).map(|around| around.node);
        let at_work: FxHashSet<NodeId> = at_work.into_iter().chain(driven).collect();
        let keeps_up = |deed: &Deed| {
            let is_loop = |node: &NodeId| self.node(*node).kind == NodeKind::Loop;
            let mut loops = self.enclosing(deed.node).take_while(is_loop).peekable();
            loops.peek().is_some() && !loops.any(|around| at_work.contains(&around))
        };
        let call = |deed: &Deed| deed.work == Work::Call;
        let left: FxHashSet<(NodeId, Range)> = self
            .deeds
            .iter()
            .filter(|deed| call(deed) && keeps_up(deed))
            .map(|deed| (deed.node, deed.at))
            .collect();
        self.deeds.retain(|deed| !call(deed) || !left.contains(&(deed.node, deed.at)));
    }
}

impl Walk<'_, '_> {
    pub(super) fn deed(&mut self, at: Range, work: Work) {
        let fades = work == Work::Fade;
        let work = if fades { Work::Repeat } else { work };
        // A builder does not tell which columns it sets and which it goes by.
        let swaps = work == Work::Repeat;
        self.flow.deeds.push(Deed { node: self.node, at, work, swaps, fades, again: None });
    }

    /// Notes what a call whose target is not known asks for, where its name and the crates of what
    /// it is called on, or given, tell.
    pub(super) fn note_work(&mut self, at: Range, name: Symbol, vals: &[Val]) {
        let name = self.text(name);
        if !self.names.catalog.is_work(name) {
            return;
        }
        let mut found = self.work(name, None, vals);
        for val in vals {
            let ty = self.seen_through(val.ty);
            let of_type = match &*self.names.types.get(ty) {
                Type::External(path, _) => Some(*path),
                _ => None,
            };
            let origins = self.flow.origins.list(val.from).iter();
            let of_origins = origins.filter_map(|origin| match self.flow.origins.root(*origin) {
                OriginKind::External(path) => Some(path),
                _ => None,
            });
            for path in of_type.into_iter().chain(of_origins) {
                let external = self.names.externals.get(path);
                found = found.or_else(|| self.work(name, Some(external.krate()), vals));
            }
        }
        if let Some(work) = found {
            self.deed(at, work);
            self.note_work_sent(work, vals);
        }
    }

    /// What a chain of calls adds is settled where its last call says what becomes of it if it is
    /// there already: `insert_many(rows).on_conflict(..)`. Its deeds are there from `first` on.
    pub(super) fn settle(&mut self, first: usize, end: u32) {
        let deeds = &mut self.flow.deeds[first..];
        let last = deeds.iter().rev().find(|deed| deed.node == self.node && deed.at.end == end);
        let Some(work @ (Work::Settle | Work::Once)) = last.map(|deed| deed.work) else { return };
        let adds = deeds.iter_mut().filter(|deed| deed.node == self.node);
        adds.filter(|deed| deed.work == Work::Write).for_each(|deed| deed.again = Some(work));
    }

    /// Who asks for more than an answer tells what it hands over.
    pub(super) fn note_work_sent(&mut self, work: Work, vals: &[Val]) {
        let inside = vals.iter().any(|val| self.is_embedded(val.ty, 0));
        if !inside && !matches!(work, Work::Listen | Work::Read | Work::Take | Work::Claim) {
            self.note_sent(vals);
        }
    }

    /// What the catalogue says of a name, where it is called on something of a crate, or given it.
    pub(super) fn work(&self, name: &str, krate: Option<&str>, vals: &[Val]) -> Option<Work> {
        let is_said = |word: &str| {
            let list = |froms| self.flow.origins.list(froms);
            let told = vals.iter().flat_map(|val| list(val.from));
            // Options are put together where they are given, or before.
            let parts = |origin| self.flow.parts.get(origin).map_or(Froms::NONE, |parts| *parts);
            let mut origins = told.flat_map(|one| std::iter::once(one).chain(list(parts(one))));
            origins.any(|origin| match self.flow.origins.kind(*origin) {
                OriginKind::Text(text) => self.text(text).eq_ignore_ascii_case(word),
                // A request may have been built with it before.
                _ => match self.flow.origins.root(*origin) {
                    OriginKind::External(path) => {
                        let external = self.names.externals.get(path);
                        external.around().is_some() && external.name() == word
                    }
                    _ => false,
                },
            })
        };
        self.names.catalog.work(name, krate, is_said)
    }

    /// Notes a text that is a statement in SQL, or a line about a measure.
    pub(super) fn note_statement(&mut self, at: Range, text: Symbol) {
        if is_exposition(self.text(text)) {
            self.flow.exposes.insert(self.node);
        }
        let text = without_remarks(self.text(text));
        if let Some(work) = sql_work(text) {
            let swaps = matches!(work, Work::Repeat | Work::Write) && swaps(text);
            let (node, fades) = (self.node, false);
            self.flow.deeds.push(Deed { node, at, work, swaps, fades, again: None });
        } else if let Some(work) = clause_work(text) {
            // It goes on with what was begun before.
            let here = |deed: &&mut Deed| deed.node == self.node && deed.work == Work::Write;
            if let Some(begun) = self.flow.deeds.iter_mut().rev().find(here) {
                begun.again = Some(work);
            }
        }
    }

    /// Notes a method of a database inside this process, or one that is given such a database;
    /// `chain` is all that it ends.
    pub(super) fn note_embedded(
        &mut self,
        chain: Range,
        at: Range,
        name: Symbol,
        method: &Method,
        vals: &[Val],
    ) {
        let inside = vals.iter().any(|val| self.is_embedded(val.ty, 0));
        if !inside || matches!(method, Method::Local { .. }) {
            return;
        }
        self.flow.embedded.push((self.node, chain));
        // What goes through all that it holds has a name of the language.
        if matches!(method, Method::Universal(_)) {
            self.note_work(at, name, vals);
        }
    }

    /// Whether a type is of a database inside this process, or of a pool or connection to one.
    pub(super) fn is_embedded(&self, ty: T, depth: u8) -> bool {
        match &*self.names.types.get(ty) {
            Type::External(path, args) => {
                let role = self.names.externals.get(*path).role;
                role == Some(Role::EmbeddedDatabase)
                    || depth < 4 && args.iter().any(|arg| self.is_embedded(*arg, depth + 1))
            }
            _ => false,
        }
    }

    /// Whether a type is, or holds, an end of a channel.
    pub(super) fn is_channel(&self, ty: T) -> bool {
        match &*self.names.types.get(ty) {
            Type::External(path, args) => {
                let external = self.names.externals.get(*path);
                external.role == Some(Role::Channel)
                    || &*external.text == "tuple" && args.iter().any(|arg| self.is_channel(*arg))
            }
            _ => false,
        }
    }

    /// What a collection made of these holds of ends of channels.
    pub(super) fn ends_among(&mut self, of: Role, from: Froms) -> Froms {
        if !matches!(of, Role::Collection | Role::SharedCollection) {
            return Froms::NONE;
        }
        let made = |origin: &Origin| self.flow.made.get(origin).copied();
        let is_end = |origin: &Origin| made(origin).is_some_and(|ty| self.is_channel(ty));
        let ends = self.flow.origins.list(from).iter().copied().filter(is_end).collect();
        let ends = self.flow.origins.froms(ends);
        self.flow.origins.derived(ends)
    }
}

/// A statement without the remarks that stand before it.
fn without_remarks(text: &str) -> &str {
    let mut text = text.trim_start();
    loop {
        let rest = match (text.strip_prefix("--"), text.strip_prefix("/*")) {
            (Some(line), _) => line.split_once('\n'),
            (_, Some(block)) => block.split_once("*/"),
            _ => return text,
        };
        text = rest.map_or("", |(_, behind)| behind).trim_start();
    }
}

/// What a statement in SQL asks for; `None` for a text that is none.
fn sql_work(text: &str) -> Option<Work> {
    let text = without_remarks(text).trim_end_matches(|c: char| c == ';' || c.is_whitespace());
    let first = text.split(|c: char| !c.is_ascii_alphabetic()).next()?;
    const VERBS: &[&str] = &[
        "select", "with", "insert", "update", "delete", "replace", "merge", "truncate", "refresh",
        "vacuum", "notify", "alter", "lock",
    ];
    let verb = *VERBS.iter().find(|verb| first.eq_ignore_ascii_case(verb))?;
    let words = format!(" {} ", plain(text));
    if verb == "alter" {
        return mutation(&words);
    }
    let has = |part: &str| words.contains(part);
    let inside = |part: &str| has(&format!(" {part}")) || has(&format!("({part}"));
    let claims = has(" skip locked")
        || has(" for update")
        || verb == "lock"
        || has("advisory_lock")
        || has("advisory_xact_lock");
    let once = has(" do nothing") || has("insert ignore ") || has("insert or ignore ");
    let settles = has(" on conflict")
        || has("insert or replace ")
        || has(" on duplicate key ")
        || matches!(verb, "replace" | "merge");
    let statement = match verb {
        "select" => has(" from ") || claims || has("pg_notify"),
        "with" => has(" as (") || has(" as materialized ("),
        "insert" | "replace" | "merge" => has(" into ") || has(" ignore "),
        "update" => has(" set "),
        "delete" => has(" from "),
        "truncate" => has("truncate table "),
        "refresh" => has(" materialized view "),
        "lock" => has(" table ") && has(" mode "),
        "notify" => notifies(text),
        _ => {
            let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ';');
            text[verb.len()..].starts_with(ends) && !text.contains(['.', '!'])
        }
    };
    if !statement {
        return None;
    }
    let gives = has(" returning ") && (has(" update ") || has(" delete ")) && has(" where ");
    if gives || has(" skip locked") {
        return Some(Work::Take);
    }
    if claims {
        return Some(Work::Claim);
    }
    if once {
        return Some(Work::Once);
    }
    if settles {
        return Some(Work::Settle);
    }
    Some(match verb {
        "insert" => Work::Write,
        "update" if counts(&words) => Work::Write,
        "with" if inside("insert into ") => Work::Write,
        "with" if inside("update ") || inside("delete from ") => Work::Repeat,
        "select" if has("pg_notify") => Work::Send,
        "select" | "with" => Work::Read,
        "notify" => Work::Send,
        _ => Work::Repeat,
    })
}

/// ClickHouse changes rows with `ALTER TABLE t UPDATE a = .. WHERE ..` and `ALTER TABLE t DELETE
/// WHERE ..`; whatever else alters a table is done once, when it is set up.
fn mutation(words: &str) -> Option<Work> {
    let rest = words.trim_start().strip_prefix("alter table ")?;
    let rest = rest.strip_prefix("if exists ").unwrap_or(rest);
    let (_, rest) = rest.split_once(' ')?;
    let rest = match rest.strip_prefix("on cluster ") {
        Some(cluster) => cluster.split_once(' ')?.1,
        None => rest,
    };
    if rest.starts_with("delete ") && rest.contains(" where ") {
        return Some(Work::Repeat);
    }
    let set = rest.strip_prefix("update ")?.split_once(" where ")?.0;
    // What is made of what is there is not done twice; lists of them are told by the first.
    let again = set.split_once('=').is_some_and(|(column, value)| {
        let column = column.trim().trim_matches(['"', '`']);
        value.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).any(|word| word == column)
    });
    Some(if again { Work::Write } else { Work::Repeat })
}

/// `NOTIFY channel`, in capitals, or with what is told: a name of its own, and no sentence.
fn notifies(text: &str) -> bool {
    let Some((verb, rest)) = text.split_once(char::is_whitespace) else { return false };
    let rest = rest.trim().trim_end_matches(';').trim();
    let (channel, told) = match rest.split_once(',') {
        Some((channel, told)) => (channel.trim(), told.trim().starts_with(['\'', '$', '{', '?'])),
        None => (rest, verb == "NOTIFY"),
    };
    let quoted = channel.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '{' | '}');
    let named = !channel.is_empty() && channel.chars().all(name);
    told && (named || quoted.is_some_and(|name| !name.is_empty() && !name.contains('"')))
}

/// A statement in small letters, with one space between its words.
fn plain(text: &str) -> String {
    let small = text.to_ascii_lowercase();
    small.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `set tries = tries + 1`: doing it twice is not doing it once.
fn counts(words: &str) -> bool {
    let Some((_, set)) = words.split_once(" set ") else { return false };
    let set = set.split(" where ").next().unwrap_or(set);
    set.split(',').any(|part| {
        let Some((left, right)) = part.split_once('=') else { return false };
        let (left, right) = (left.trim(), right.trim());
        let again = right.strip_prefix(left).map(str::trim_start);
        again.is_some_and(|rest| rest.starts_with(['+', '-', '|']))
    })
}

/// What the last part of a statement says of what is there already: `push(" ON CONFLICT ..")`.
fn clause_work(text: &str) -> Option<Work> {
    let text = text.trim_start();
    let starts = |with: &str| {
        let start = text.as_bytes().get(..with.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(with.as_bytes()))
    };
    if !starts("on conflict ") && !starts("on duplicate key ") {
        return None;
    }
    let words = plain(text);
    Some(if words.contains(" do nothing") { Work::Once } else { Work::Settle })
}

/// `set state = 'taken' where state = 'open'`: who comes second finds nothing to change, as with what
/// is deleted.
pub(crate) fn swaps(text: &str) -> bool {
    let words = plain(text);
    let Some((before, conditions)) = words.split_once(" where ") else { return false };
    let Some((_, set)) = before.split_once(" set ") else {
        return before.starts_with("delete ");
    };
    let word = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    let column = |part: &str| {
        let (left, right) = part.split_once('=')?;
        let left = left.trim().trim_matches(['"', '`']);
        let name = left.rsplit('.').next().unwrap_or(left).trim_matches(['"', '`']);
        // What is counted up or down may be so again.
        let counts = right.split(word).any(|word| word == name);
        (!name.contains(word) && !name.is_empty() && !counts).then(|| name.to_string())
    };
    let asked = |name: &str| {
        // What stands in quotes is a value.
        conditions.split('\'').step_by(2).flat_map(|part| part.split(word)).any(|w| w == name)
    };
    set.split(',').filter_map(column).any(|name| asked(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_one_finds_nothing_to_change() {
        let cases = [
            ("UPDATE jobs SET state = 'run', at = now() WHERE id = $1 AND state = 'open'", true),
            ("UPDATE \"jobs\" SET \"state\" = $1 WHERE jobs.\"state\" IN ('open')", true),
            ("UPDATE lease SET holder = $1, until = now() WHERE until < now()", true),
            ("UPDATE jobs SET state = 'run' WHERE id = $1", false),
            ("UPDATE jobs SET seen = now() WHERE state = 'seen'", false),
            ("UPDATE jobs SET state = 'run'", false),
            ("UPDATE jobs SET tries = tries + 1 WHERE id = $1 AND tries < 5", false),
            ("UPDATE jobs SET tries = tries + 1, state = 'run' WHERE state = 'open'", true),
            ("DELETE FROM jobs WHERE id = $1", true),
            ("DELETE FROM jobs", false),
        ];
        for (text, told) in cases {
            assert_eq!(swaps(text), told, "{text}");
        }
    }

    #[test]
    fn a_name_or_a_sentence_is_no_statement() {
        let cases = [
            ("NOTIFY jobs", Some(Work::Send)),
            ("NOTIFY jobs, 'added'", Some(Work::Send)),
            ("notify \"jobs\", '{}';", Some(Work::Send)),
            ("NOTIFY_SOCKET", None),
            ("notify-keys", None),
            ("notify the users of a job", None),
            ("notify subscribers", None),
            ("NOTIFY \"job-added\"", Some(Work::Send)),
            ("VACUUM\n ANALYZE jobs", Some(Work::Repeat)),
            ("Notify", None),
            ("VACUUM (ANALYZE) jobs", Some(Work::Repeat)),
            ("VACUUM_AT", None),
        ];
        for (text, told) in cases {
            assert_eq!(sql_work(text), told, "{text}");
        }
    }

    #[test]
    fn the_end_of_a_statement_is_read() {
        let cases = [
            (" ON CONFLICT (id) DO NOTHING", Some(Work::Once)),
            ("on conflict (id) do update set a = excluded.a", Some(Work::Settle)),
            ("\n ON DUPLICATE KEY UPDATE a = VALUES(a)", Some(Work::Settle)),
            ("on conflicting dates", None),
            ("on", None),
        ];
        for (text, work) in cases {
            assert_eq!(clause_work(text), work, "{text}");
        }
    }

    #[test]
    fn statements_are_read() {
        let cases = [
            ("SELECT id FROM jobs", Some(Work::Read)),
            ("  select 1", None),
            ("Select a file from the list", Some(Work::Read)),
            ("DELETE FROM sessions WHERE expires < now()", Some(Work::Repeat)),
            ("Delete the account", None),
            ("insert into mails (a) values ($1)", Some(Work::Write)),
            ("INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING", Some(Work::Once)),
            ("INSERT OR IGNORE INTO t VALUES (?)", Some(Work::Once)),
            (
                "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 1",
                Some(Work::Settle),
            ),
            ("REPLACE INTO t VALUES (?)", Some(Work::Settle)),
            ("UPDATE jobs SET state = 'done' WHERE id = $1", Some(Work::Repeat)),
            ("UPDATE jobs SET tries = tries + 1 WHERE id = $1", Some(Work::Write)),
            ("UPDATE jobs SET taken = now() WHERE id = $1 RETURNING id", Some(Work::Take)),
            ("SELECT id FROM jobs LIMIT 1 FOR UPDATE SKIP LOCKED", Some(Work::Take)),
            ("select pg_try_advisory_lock(7)", Some(Work::Claim)),
            ("with old as (select id from t) delete from t using old", Some(Work::Repeat)),
            ("ALTER TABLE spans UPDATE tags = [?] WHERE id = ?", Some(Work::Repeat)),
            ("alter table s on cluster c update n = n + 1 where id = ?", Some(Work::Write)),
            ("ALTER TABLE s DELETE WHERE project = ?", Some(Work::Repeat)),
            ("ALTER TABLE s ADD COLUMN updated Int8", None),
            ("Alter the table", None),
            ("WITH gone AS (DELETE FROM t WHERE a < 1 RETURNING *) SELECT 1", Some(Work::Repeat)),
            ("with one as (select 1 from last_update x) select * from one", Some(Work::Read)),
            ("-- put_job()\n/* once */ INSERT INTO jobs (a) VALUES ($1)", Some(Work::Write)),
            ("-- only a remark", None),
            ("LOCK TABLE keys IN EXCLUSIVE MODE", Some(Work::Claim)),
            ("LOCK TABLE keys IN ACCESS EXCLUSIVE MODE;\n", Some(Work::Claim)),
            ("INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING;", Some(Work::Once)),
            ("Lock the table", None),
            ("Update {name}", None),
            ("without a word", None),
        ];
        for (text, work) in cases {
            assert_eq!(sql_work(text), work, "{text}");
        }
    }
}
