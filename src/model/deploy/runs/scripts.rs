//! Which program does a script of the tree start, that an image begins with?

use super::{Finder, Found};
use crate::catalog::Syntax;
use crate::model::deploy::commands::{self, base};
use crate::model::deploy::images::{Image, expand};
use crate::model::deploy::objects::Object;

/// What a script says for all that it is given.
const GIVEN: [&str; 4] = ["$@", "${@}", "$*", "${*}"];

impl<'a> Finder<'_, '_, 'a> {
    /// The last program of the tree that a script starts: what stands before it makes ready.
    pub(super) fn scripted(&self, started: &[Vec<String>], image: &Image) -> Option<Found> {
        let (script, given) = started.last()?.split_first()?;
        let script = self.script(script, image)?;
        let known = image.environment.iter();
        let known: Vec<(String, String)> =
            known.map(|(name, value, _)| (name.clone(), value.clone())).collect();
        let lines = script.node.pairs();
        let found = lines.iter().rev().find_map(|(program, words)| {
            let text = format!("{} {}", program.text()?, words.text().unwrap_or_default());
            let words = commands::commands(&text).concat();
            let started = commands::started(&words, &self.parts.catalog.files.launchers);
            started.iter().rev().find_map(|words| self.program(words, Some(image)))
        })?;
        let mut arguments = Vec::new();
        for word in &found.arguments {
            match GIVEN.contains(&&**word) {
                true => arguments.extend(given.iter().cloned()),
                false => arguments.push(expand(word, &known)),
            }
        }
        Some(Found { program: found.program, arguments })
    }

    /// The script of the tree that was put into an image under a name: of several that are called
    /// so, the one whose folders are those of what was copied.
    fn script(&self, word: &str, image: &Image) -> Option<&Object<'a>> {
        let name = base(word);
        let copied = image.copies.iter().rev();
        let mut copied =
            copied.filter(|(target, source)| base(target) == name || base(source) == name);
        let source = copied.next().map_or(word, |(_, source)| source);
        let shared = |path: &str| {
            let parts = path.rsplit('/').zip(source.rsplit('/'));
            parts.take_while(|(one, other)| one == other).count()
        };
        let scripts = self.parts.objects.iter();
        let scripts = scripts.filter(|object| object.syntax == Syntax::Shell);
        let scripts: Vec<&Object<'_>> =
            scripts.filter(|object| base(object.path) == base(source)).collect();
        let most = scripts.iter().map(|script| shared(script.path)).max()?;
        let mut best = scripts.into_iter().filter(|script| shared(script.path) == most);
        let first = best.next()?;
        best.all(|other| other.path == first.path).then_some(first)
    }
}
