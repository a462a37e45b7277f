//! What stands behind the part of a path that is not known? Two folders beneath one value are two.

use super::places::Places;
use crate::flow::{Froms, Origin};

/// A value with which a path begins, and the names that are joined to it, as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct After {
    value: Froms,
    names: Vec<String>,
}

impl After {
    pub(super) fn of(value: Froms) -> After {
        After { value, names: Vec::new() }
    }

    /// Adds words, up to the first that is not known.
    fn add<'t>(&mut self, words: impl Iterator<Item = Option<&'t str>>) {
        let known = words.map_while(|word| word.filter(|word| !word.contains('{')));
        known.for_each(|word| self.say(word));
    }

    /// Adds what a text says, up to where something is filled in.
    fn say(&mut self, text: &str) {
        let parts = text.split('/').take_while(|part| !part.contains('{'));
        self.names.extend(parts.filter(|part| !part.is_empty()).map(String::from));
    }

    /// Whether another path begins with the same value, and goes on in another way.
    pub(super) fn parts_from(&self, other: Option<&After>) -> bool {
        other.is_some_and(|other| {
            let mut both = self.names.iter().zip(&other.names);
            self.value == other.value && both.any(|(one, two)| one != two)
        })
    }
}

impl Places<'_, '_> {
    /// Adds what is joined to a value with which a path begins.
    pub(super) fn go_behind(&self, after: &mut After, joined: &[Origin]) {
        let words = joined.iter().map(|origin| self.word(*origin));
        let words = words.map(|word| word.map(|text| self.names.text(text)));
        // `format!("{folder}/pictures/{name}")`: all but the first are filled in behind it.
        let template = words.clone().position(|word| word.is_some_and(|text| text.contains('{')));
        match template.and_then(|at| Some((at, words.clone().nth(at)??))) {
            Some((at, text)) if text.starts_with('{') && text.matches('{').count() == at + 1 => {
                after.say(text.split_once('}').map_or("", |(_, rest)| rest));
            }
            _ => after.add(words),
        }
    }
}
