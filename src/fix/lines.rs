//! How is something taken out of files of lines and directives: nginx, Caddy, HAProxy, Apache?

use super::cut::{self, Change};
use crate::catalog::{EditFact, Syntax, star};
use crate::diagnostic::Diagnostic;

/// Where a directive ends, whose last word or block ends at `end`.
pub(super) fn directive_end(text: &str, end: usize, syntax: Syntax) -> Option<usize> {
    let rest = &text[end..];
    match syntax {
        Syntax::Nginx if !text[..end].ends_with('}') => {
            let blank = rest.len() - rest.trim_start().len();
            rest[blank..].starts_with(';').then_some(end + blank + 1)
        }
        _ => Some(end),
    }
}

/// A line of a file, by bytes, without its end.
#[derive(Debug, Clone, Copy)]
struct Line<'t> {
    start: usize,
    text: &'t str,
}

impl<'t> Line<'t> {
    /// The part before a comment.
    fn said(&self) -> &'t str {
        let text = self.text;
        let comment = text.match_indices('#').find(|(at, _)| {
            let before = &text[..*at];
            before.is_empty() || before.ends_with([' ', '\t'])
        });
        text[..comment.map_or(text.len(), |(at, _)| at)].trim_end()
    }

    /// The words, each with its first byte.
    fn words(&self) -> Vec<(usize, &'t str)> {
        let said = self.said();
        let start = self.start;
        let words = said.split([' ', '\t']).filter(|word| !word.is_empty());
        words.map(|word| (start + word.as_ptr() as usize - said.as_ptr() as usize, word)).collect()
    }

    fn keyword(&self) -> &'t str {
        self.words().first().map_or("", |(_, word)| word)
    }
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    let parts = text.split_inclusive('\n').map(|raw| {
        let line = Line { start, text: raw.trim_end_matches(['\n', '\r']) };
        start += raw.len();
        line
    });
    parts.collect()
}

/// What begins a section of HAProxy.
const SECTIONS: [&str; 8] =
    ["global", "defaults", "frontend", "backend", "listen", "peers", "resolvers", "program"];

/// The edits at the line of a finding, and in its section.
pub(super) fn edits(
    text: &str,
    finding: &Diagnostic,
    fact: &EditFact,
    syntax: Syntax,
) -> Option<Vec<Change>> {
    let lines = lines(text);
    let at = finding.at.start as usize;
    let index = lines.iter().rposition(|line| line.start <= at)?;
    let line = lines[index];
    // What goes on over several lines is left to people.
    let goes_on = |line: &Line<'_>| line.said().ends_with('\\');
    if goes_on(&line) || (index > 0 && goes_on(&lines[index - 1])) {
        return None;
    }
    let words = line.words();
    let (key_at, key) = *words.first()?;
    let end = line.start + line.said().len();
    if !fact.word.is_empty() {
        return without_word(text, &words, &fact.word, end);
    }
    if fact.sets() {
        let (value_at, _) = *words.get(1)?;
        let value = &text[value_at..end];
        return Some(vec![(value_at..end, fact.instead_of(value)?)]);
    }
    let mut edits = vec![(cut::out(text, key_at, end), String::new())];
    if syntax != Syntax::Haproxy {
        return Some(edits);
    }
    let begins = |line: &Line<'_>| SECTIONS.contains(&line.keyword());
    let head = lines[..index].iter().rposition(begins)?;
    let next = lines[index..].iter().position(begins).map_or(lines.len(), |next| index + next);
    // What `defaults` say, the sections behind them are held to.
    let inherited = lines[head].keyword() == "defaults";
    let section = if inherited { &lines[head..] } else { &lines[head..next] };
    // Every rule of a section speaks of the same table.
    let others = lines[head..next].iter().filter(|other| other.keyword() == key);
    for other in others.filter(|other| fact.said_by.is_empty() && other.start != line.start) {
        let begin = other.words().first()?.0;
        let end = other.start + other.said().len();
        edits.push((cut::out(text, begin, end), String::new()));
    }
    for other in section.iter().filter(|other| fact.said_by.iter().any(|by| by == other.keyword()))
    {
        let words = other.words();
        let Some(named) = words.iter().position(|(_, word)| *word == key) else { continue };
        if inherited || goes_on(other) {
            return None;
        }
        let (last_at, last) = *words.get(named + 1)?;
        let (before_at, before) = *words.get(named.checked_sub(1)?)?;
        edits.push((before_at + before.len()..last_at + last.len(), String::new()));
    }
    Some(edits)
}

/// A directive without one of its words; none where that is all it says.
fn without_word(
    text: &str,
    words: &[(usize, &str)],
    pattern: &str,
    end: usize,
) -> Option<Vec<Change>> {
    let fits = |(_, word): &&(usize, &str)| star(pattern, word.trim_matches('"')).is_some();
    let gone = words.iter().filter(fits).count();
    if words.len() == gone + 1 {
        return Some(vec![(cut::out(text, words[0].0, end), String::new())]);
    }
    let pairs = words.windows(2).filter(|pair| fits(&&pair[1]));
    let range = |pair: &[(usize, &str)]| {
        let (before, gone) = (pair[0], pair[1]);
        (before.0 + before.1.len()..gone.0 + gone.1.len(), String::new())
    };
    Some(pairs.map(range).collect())
}
