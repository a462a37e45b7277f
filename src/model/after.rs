//! What stands behind the part of a path that is not known? Two folders beneath one value are two.

use crate::flow::Froms;

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
    pub(super) fn add<'t>(&mut self, words: impl Iterator<Item = Option<&'t str>>) {
        let known = words.map_while(|word| word.filter(|word| !word.contains('{')));
        let names = known.flat_map(|word| word.split('/')).filter(|part| !part.is_empty());
        self.names.extend(names.map(String::from));
    }

    /// Whether another path begins with the same value, and goes on in another way.
    pub(super) fn parts_from(&self, other: Option<&After>) -> bool {
        other.is_some_and(|other| {
            let mut both = self.names.iter().zip(&other.names);
            self.value == other.value && both.any(|(one, two)| one != two)
        })
    }
}
