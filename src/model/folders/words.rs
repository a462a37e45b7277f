//! For which words was a folder asked? What a function finds by one word of its caller, a key of a
//! configuration most often, need not be what it finds by another.

use super::{Folder, Places};
use crate::flow::{CallId, Callee, Origin, OriginKind};
use crate::resolve::{DefId, T};
use crate::symbol::Symbol;

/// Who gave it, and the words that it was told, which are all that it was told.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Words {
    by: By,
    said: Vec<Box<str>>,
}

impl Words {
    /// Whether one place may lie in the other: where what they are told differs, one word leads to
    /// the other, or nowhere.
    fn may_meet(&self, other: &Words) -> bool {
        let leads = |from: &str, to: &str| {
            let rest = to.strip_prefix(from);
            matches!(from, "" | ".")
                || rest.is_some_and(|rest| rest.starts_with('/') || from.ends_with('/'))
        };
        let alike = |own: &str, other: &str| own == other || leads(own, other) || leads(other, own);
        let mut both = self.said.iter().zip(&other.said);
        self.said.len() == other.said.len() && both.all(|(own, other)| alike(own, other))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum By {
    /// A value of this type, by whichever of its methods.
    Value(T),
    Functions(Vec<DefId>),
}

impl Folder {
    /// Whether both are what the same gives for other words, and no more is known of them.
    pub(in crate::model) fn is_asked_otherwise(&self, other: &Folder) -> bool {
        let asked = self.words.as_ref().zip(other.words.as_ref());
        let otherwise = |(own, other): (&Words, &Words)| own.by == other.by && !own.may_meet(other);
        self.open && other.open && self.behind == other.behind && asked.is_some_and(otherwise)
    }
}

impl Places<'_, '_> {
    /// Takes note of the words for which a call gave these folders, where it was told nothing else.
    pub(super) fn note_words(&self, call: CallId, calls: &[CallId], given: &mut [Folder]) {
        let mut found = given.iter_mut().filter(|one| one.open && one.words.is_none()).peekable();
        let told = self.flow.call(call);
        let Callee::Defs(by) = &told.callee else { return };
        if found.peek().is_none() {
            return;
        }
        let args = told.args.iter().skip(usize::from(told.method));
        let words = args.map(|arg| match *self.flow.origins.list(arg.from) {
            [only] => self.word_told(only, calls, 0),
            _ => None,
        });
        let texts = words.map(|word| word.map(|word| self.names.text(word).into()));
        let Some(said) = texts.collect::<Option<Vec<Box<str>>>>() else { return };
        if said.is_empty() {
            return;
        }
        let by = match told.args.first().filter(|_| told.method) {
            Some(value) => By::Value(self.peeled(value.ty)),
            None => By::Functions(by.to_vec()),
        };
        for folder in found {
            folder.words = Some(Words { by: by.clone(), said: said.clone() });
        }
    }

    /// The word that a value is, as the calls on the way to it say.
    fn word_told(&self, origin: Origin, calls: &[CallId], far: u8) -> Option<Symbol> {
        let OriginKind::Param(node, index) = self.flow.origins.kind(origin) else {
            return self.word(origin);
        };
        let into = calls.iter().rposition(|call| self.runs(*call, node))?;
        let arg = self.flow.call(calls[into]).args.get(usize::from(index))?;
        match *self.flow.origins.list(arg.from) {
            [only] if far < 5 => self.word_told(only, &calls[..into], far + 1),
            _ => None,
        }
    }
}
