//! How is a key taken out of a text, or set to another value, with everything else left as it is?

use std::ops::Range;

use super::tree::{self, Found, Step};
use crate::catalog::{EditFact, Syntax};
use crate::parse::conf::Node;
use crate::source::Span;

/// A part of a text, and what is to stand there.
pub(super) type Change = (Range<usize>, String);

pub(super) fn slice(text: &str, at: Span) -> &str {
    text.get(at.start as usize..at.end as usize).unwrap_or("")
}

/// A part of a text with the rest of its lines, where nothing else stands there. A comment behind it
/// stays, and takes its place.
pub(super) fn out(text: &str, start: usize, end: usize) -> Range<usize> {
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let next = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
    let (before, after) = (&text[line..start], &text[end..next]);
    match (before.trim().is_empty(), after.trim().is_empty()) {
        (true, true) => line..next,
        (true, false) => start..end + (after.len() - after.trim_start().len()),
        (false, _) => line + before.trim_end().len()..end,
    }
}

/// The value that is set instead, between the same quotes. Nothing where the value is not what is
/// written: a variable, a template, a text over several lines.
pub(super) fn set(text: &str, value: &Node, fact: &EditFact) -> Option<Change> {
    let said = value.text()?;
    let written = text.get(value.span.start as usize..tree::end_of(text, value))?;
    let quote = written.chars().next().filter(|c| matches!(c, '"' | '\''));
    let bare = match quote {
        Some(quote) => written.strip_prefix(quote)?.strip_suffix(quote)?,
        None => written.trim_end(),
    };
    if bare != said || bare.contains(['\n', '$', '{']) {
        return None;
    }
    let start = value.span.start as usize + usize::from(quote.is_some());
    Some((start..start + bare.len(), fact.instead_of(said)?))
}

/// Takes keys, and elements of lists, out. What holds nothing else goes with them, unless it is the
/// whole document.
pub(super) fn remove(text: &str, mut gone: Vec<Found<'_>>, syntax: Syntax) -> Option<Vec<Change>> {
    let mut edits = Vec::new();
    while let Some(first) = gone.pop() {
        let parent = first.parent()?;
        let (mut here, rest): (Vec<Found<'_>>, Vec<_>) =
            gone.into_iter().partition(|other| other.is_beside(&first));
        gone = rest;
        let holder = first.holder();
        here.push(first);
        let starts: Vec<usize> = here.iter().map(Found::start).collect();
        let all = tree::own(parent);
        let stays = |step: &Step<'_>| !starts.contains(&step.start());
        if !all.iter().any(stays) && syntax == Syntax::Yaml {
            gone.push(holder?);
            continue;
        }
        let flow = matches!(text[parent.span.start as usize..].chars().next(), Some('{' | '['));
        for found in &here {
            edits.push(match (syntax, flow) {
                (Syntax::Yaml, true) => in_brackets(text, found, &all, &starts)?,
                (Syntax::Yaml, false) => in_block(text, found, &all, &starts)?,
                _ => on_lines(text, found)?,
            });
        }
    }
    edits.sort_by_key(|range| range.start);
    edits.dedup();
    let mut apart: Vec<Range<usize>> = Vec::new();
    for range in edits {
        match apart.last_mut().filter(|last| range.start < last.end) {
            Some(last) => last.end = last.end.max(range.end),
            None => apart.push(range),
        }
    }
    Some(apart.into_iter().map(|range| (range, String::new())).collect())
}

/// A pair of a YAML block, or an element behind its dash.
fn in_block(
    text: &str,
    found: &Found<'_>,
    all: &[Step<'_>],
    gone: &[usize],
) -> Option<Range<usize>> {
    let (mut start, end) = (found.start(), whole_end(text, found)?);
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let before = &text[line..start];
    if let Some(Step::Item { .. }) = found.steps.last() {
        let dash = before.trim_end().strip_suffix('-')?;
        start = line + dash.len();
    }
    let before = text[line..start].trim();
    let taken = text.get(start..end)?;
    if has_anchor(taken) {
        return None;
    }
    if before.is_empty() {
        return Some(out(text, start, end));
    }
    // The first key of a list's element shares its line with the dash, and so does the next one then.
    let next = all.iter().map(Step::start).find(|at| *at > start && !gone.contains(at))?;
    let dashes = before.chars().all(|c| matches!(c, '-' | ' '));
    (dashes && !text.get(end..next)?.contains('#')).then_some(start..next)
}

/// Where a value of a block ends, be it a text over several lines.
fn whole_end(text: &str, found: &Found<'_>) -> Option<usize> {
    let Some(Step::Pair { key, value, .. }) = found.steps.last() else {
        return Some(found.end(text));
    };
    let key_end = key.span.end as usize;
    let colon = key_end + text[key_end..].find(':')? + 1;
    if matches!(slice(text, value.span).chars().next(), Some('|' | '>')) {
        let indent = |line: &str| line.len() - line.trim_start().len();
        let line = text[..found.start()].rfind('\n').map_or(0, |at| at + 1);
        let own = found.start() - line;
        let mut end = text[colon..].find('\n').map_or(text.len(), |at| colon + at);
        for next in text[end..].split_inclusive('\n').skip(1) {
            if !next.trim().is_empty() && indent(next) <= own {
                break;
            }
            end += next.len();
        }
        return Some(text[..end.min(text.len())].trim_end().len());
    }
    Some(tree::end_of(text, value).max(colon))
}

/// Whether something else in the file may stand for this by its name.
fn has_anchor(taken: &str) -> bool {
    taken.split([' ', '\n', '\t']).any(|word| word.len() > 1 && word.starts_with('&'))
}

/// An element between brackets, with the comma that parts it from the next, or from the one before.
fn in_brackets(
    text: &str,
    found: &Found<'_>,
    all: &[Step<'_>],
    gone: &[usize],
) -> Option<Range<usize>> {
    let index = all.iter().position(|step| step.start() == found.start())?;
    let taken =
        text.get(found.start()..all.get(index + 1).map_or_else(|| found.end(text), Step::start))?;
    if has_anchor(taken) {
        return None;
    }
    let later = all[index + 1..].iter().find(|step| !gone.contains(&step.start()));
    if later.is_some() {
        return Some(found.start()..all[index + 1].start());
    }
    let before = all[..index].iter().rev().find(|step| !gone.contains(&step.start()))?;
    let before = Found { steps: vec![*before] };
    Some(before.end(text)..found.end(text))
}

/// A key with its value on lines of their own, in TOML and HCL.
fn on_lines(text: &str, found: &Found<'_>) -> Option<Range<usize>> {
    let Some(Step::Pair { value, .. }) = found.steps.last() else { return None };
    let (start, end) = (found.start(), value.span.end as usize);
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let next = text[end..].find('\n').map_or(text.len(), |at| end + at);
    let before = text[line..start].trim_matches([' ', '\t', '"']);
    let after = text[end..next].trim_start_matches([' ', '\t', ',']);
    let alone = before.is_empty() && (after.is_empty() || after.starts_with('#'));
    if !alone || start >= end {
        return None;
    }
    let comma = text[end..next].len() - after.len();
    let from = if text[line..start].ends_with('"') { start - 1 } else { start };
    Some(out(text, from, end + comma))
}
