//! What do users say of their own code? `twelve-lint.toml`, and the tables of that name in manifests.
//!
//! A [`Layer`] is a place where configuration may stand. [`read`] gives what one layer says and
//! what is wrong with it; it never guesses, and nothing in it is passed over in silence. Which
//! layers there are is for `discover` to find out, what they mean for whoever uses them.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Problem, ProblemKind, Process, Severity};
use crate::source::{FileId, Sources, Span};
use crate::symbol::nearest;

mod levels;
mod words;

pub use levels::*;
pub use words::*;

/// The name of the file.
pub const FILE: &str = "twelve-lint.toml";
/// Where it stands in a package's manifest.
pub const PACKAGE: &[&str] = &["package", "metadata", "twelve-lint"];
/// Where it stands in a workspace's manifest.
pub const WORKSPACE: &[&str] = &["workspace", "metadata", "twelve-lint"];

/// One place where configuration stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    pub file: FileId,
    /// The keys that lead to the table; none for a file of its own.
    pub keys: &'static [&'static str],
}

/// Something said about a path or a name, and where it is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<T> {
    pub name: String,
    /// The place of the name.
    pub at: Span,
    pub says: T,
}

/// What is said of one type or trait.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypeSays {
    /// What it is, as far as keeping state goes.
    pub is: Option<TypeWord>,
    /// The methods that change what it keeps. None: those called for their effect alone, and those
    /// that are given a key and a value.
    pub changes: Vec<String>,
    /// Of a trait: the methods of its implementations are run so.
    pub registers: Option<Runs>,
    /// Of these, the ones that are meant; none: all.
    pub methods: Vec<String>,
    pub why: String,
    pub instead: String,
}

/// What is said of one function, method, macro or attribute.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FunctionSays {
    pub is: Option<FunctionWord>,
    /// How what it is given, or stands on, is run.
    pub registers: Option<Runs>,
    /// Which argument is meant, from 0 without the receiver.
    pub at: Option<usize>,
    pub why: String,
    pub instead: String,
}

/// Everything that one layer, or all that are in force, say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// Which findings make a run fail.
    pub fail_on: Option<Entry<FailOn>>,
    /// Whether notes are shown.
    pub pedantic: Option<Entry<bool>>,
    pub types: Vec<Entry<TypeSays>>,
    pub functions: Vec<Entry<FunctionSays>>,
    pub processes: Vec<Entry<Process>>,
    /// In the order of the file, as their names are: some may be no rules.
    pub rules: Vec<Entry<RuleSays>>,
    /// In the order of the file; of two that speak of one finding, the later one counts.
    pub overrides: Vec<Override>,
}

impl Config {
    /// Adds what another layer in force says of code; that two of them differ is a problem. What is
    /// said of rules stays with its layer, as it only speaks for that layer's packages.
    pub fn join(&mut self, other: Config, sources: &Sources, problems: &mut Vec<Problem>) {
        join(&mut self.types, other.types, sources, problems);
        join(&mut self.functions, other.functions, sources, problems);
        join(&mut self.processes, other.processes, sources, problems);
    }
}

fn join<T: PartialEq>(
    all: &mut Vec<Entry<T>>,
    more: Vec<Entry<T>>,
    sources: &Sources,
    problems: &mut Vec<Problem>,
) {
    for entry in more {
        match all.iter().find(|known| known.name == entry.name) {
            None => all.push(entry),
            Some(known) if known.says == entry.says => {}
            Some(known) => {
                let first = sources.get(known.at.file);
                let line = first.place(known.at.start).line;
                problems.push(problem(
                    sources,
                    entry.at,
                    format!("`{}` is described twice, and not alike", entry.name),
                    format!("keep one of them; the other is {}:{line}", first.path.display()),
                ));
            }
        }
    }
}

/// A problem with a configuration, at its place.
pub fn problem(
    sources: &Sources,
    at: Span,
    message: impl Into<String>,
    help: impl Into<String>,
) -> Problem {
    Problem {
        kind: ProblemKind::Configuration,
        severity: Severity::Error,
        message: message.into(),
        help: help.into(),
        path: sources.get(at.file).path.clone(),
        at: Some(at),
    }
}

/// Whether a text has a table at these keys; a text that is no TOML has none.
pub fn stands(text: &str, keys: &[&str]) -> bool {
    let Ok(document) = DeTable::parse(text) else { return false };
    let mut value = &DeValue::Table(document.into_inner());
    for key in keys {
        match value.get(*key) {
            Some(next) => value = next.get_ref(),
            None => return false,
        }
    }
    true
}

/// Reads one layer.
pub fn read(sources: &Sources, layer: &Layer) -> (Config, Vec<Problem>) {
    let text = sources.get(layer.file).text.clone();
    let mut reader = Reader { sources, file: layer.file, problems: Vec::new() };
    let mut config = Config::default();
    match DeTable::parse(&text) {
        Err(error) => {
            let span = error.span().unwrap_or_default();
            let message = error.message().trim().replace('\n', ", ");
            reader.wrong(span, format!("this is not TOML: {message}"), "mend it; it was not read");
        }
        Ok(document) => {
            let span = document.span();
            let root = Spanned::new(span, DeValue::Table(document.into_inner()));
            let mut at = Some(&root);
            for key in layer.keys {
                at = at.and_then(|value| value.get_ref().get(*key));
            }
            if let Some(at) = at {
                reader.sections(at, &mut config);
            }
        }
    }
    (config, reader.problems)
}

/// What a layer may hold: settings, and then tables.
const SECTIONS: &[&str] =
    &["fail-on", "pedantic", "rules", "overrides", "types", "functions", "processes"];

/// Reads tables, and notes what is wrong in them.
struct Reader<'a> {
    sources: &'a Sources,
    file: FileId,
    problems: Vec<Problem>,
}

type Value<'v> = Spanned<DeValue<'v>>;

impl Reader<'_> {
    fn span(&self, at: std::ops::Range<usize>) -> Span {
        Span::new(self.file, at.start as u32, at.end as u32)
    }

    fn wrong(
        &mut self,
        at: std::ops::Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.problems.push(problem(self.sources, self.span(at), message, help));
    }

    fn unknown(&mut self, at: std::ops::Range<usize>, what: &str, name: &str, known: &[&str]) {
        let message = format!("`{name}` is no {what}");
        self.wrong(at, message, suggestion(name, known));
    }

    fn table<'v>(&mut self, value: &'v Value<'v>, what: &str) -> Option<&'v DeTable<'v>> {
        match value.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => {
                self.wrong(value.span(), format!("{what} is a table"), "write `[..]` or `{ .. }`");
                None
            }
        }
    }

    fn sections(&mut self, value: &Value<'_>, config: &mut Config) {
        let Some(table) = self.table(value, "the configuration") else { return };
        for (key, value) in table {
            match &**key.get_ref() {
                "fail-on" => {
                    let says = self.word(value, "threshold", FAIL_ON);
                    config.fail_on = says.map(|says| self.entry(key, says));
                }
                "pedantic" => {
                    let says = self.switch(value);
                    config.pedantic = says.map(|says| self.entry(key, says));
                }
                "rules" => config.rules = self.rules(value),
                "overrides" => self.overrides(value, config),
                "types" => config.types = self.entries(value, "[types]", Self::type_says),
                "functions" => {
                    config.functions = self.entries(value, "[functions]", Self::function_says);
                }
                "processes" => {
                    let process = |reader: &mut Self, value: &Value<'_>| {
                        reader.word(value, "kind of process", PROCESSES)
                    };
                    config.processes = self.entries(value, "[processes]", process);
                }
                other => self.unknown(key.span(), "section of this configuration", other, SECTIONS),
            }
        }
    }

    fn entry<T>(&self, key: &Spanned<std::borrow::Cow<'_, str>>, says: T) -> Entry<T> {
        Entry { name: key.get_ref().trim().to_string(), at: self.span(key.span()), says }
    }

    fn entries<T>(
        &mut self,
        value: &Value<'_>,
        what: &str,
        read: impl Fn(&mut Self, &Value<'_>) -> Option<T>,
    ) -> Vec<Entry<T>> {
        let mut entries = Vec::new();
        for (key, value) in self.table(value, what).into_iter().flatten() {
            if let Some(says) = read(self, value) {
                entries.push(self.entry(key, says));
            }
        }
        entries
    }

    /// `"cache"`, or `{ is = "cache", changes = ["put"] }`.
    fn type_says(&mut self, value: &Value<'_>) -> Option<TypeSays> {
        let mut says = TypeSays::default();
        if let DeValue::String(_) = value.get_ref() {
            says.is = Some(self.word(value, "kind of type", TYPE_WORDS)?);
            return Some(says);
        }
        for (key, value) in self.table(value, "what is said of a type")? {
            match &**key.get_ref() {
                "is" => says.is = Some(self.word(value, "kind of type", TYPE_WORDS)?),
                "changes" => says.changes = self.texts(value)?,
                "registers" => says.registers = Some(self.word(value, "kind of entry", RUNS)?),
                "methods" => says.methods = self.texts(value)?,
                "why" => says.why = self.text(value)?,
                "instead" => says.instead = self.text(value)?,
                other => {
                    let known = ["is", "changes", "registers", "methods", "why", "instead"];
                    self.unknown(key.span(), "key that describes a type", other, &known);
                    return None;
                }
            }
        }
        if says.is.is_none() && says.registers.is_none() {
            let help = "say `is = \"backing-service\"` and the like, or of a trait `registers`";
            self.wrong(value.span(), "this says nothing of the type", help);
            return None;
        }
        Some(says)
    }

    /// `"serves"`, or `{ registers = "handler", at = 1 }`.
    fn function_says(&mut self, value: &Value<'_>) -> Option<FunctionSays> {
        let mut says = FunctionSays::default();
        if let DeValue::String(_) = value.get_ref() {
            says.is = Some(self.word(value, "kind of function", FUNCTION_WORDS)?);
            return Some(says);
        }
        for (key, value) in self.table(value, "what is said of a function")? {
            match &**key.get_ref() {
                "is" => says.is = Some(self.word(value, "kind of function", FUNCTION_WORDS)?),
                "registers" => says.registers = Some(self.word(value, "kind of entry", RUNS)?),
                "at" => says.at = Some(self.number(value)?),
                "why" => says.why = self.text(value)?,
                "instead" => says.instead = self.text(value)?,
                other => {
                    let known = ["is", "registers", "at", "why", "instead"];
                    self.unknown(key.span(), "key that describes a function", other, &known);
                    return None;
                }
            }
        }
        if says.is.is_none() && says.registers.is_none() {
            let help = "say `registers = \"handler\", at = 1`, or `is = \"serves\"` and the like";
            self.wrong(value.span(), "this says nothing of the function", help);
            return None;
        }
        Some(says)
    }

    fn word<T: Copy>(&mut self, value: &Value<'_>, what: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(value)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.unknown(value.span(), what, &text, &known);
        }
        found.map(|(_, means)| *means)
    }

    fn switch(&mut self, value: &Value<'_>) -> Option<bool> {
        let switch = value.get_ref().as_bool();
        if switch.is_none() {
            self.wrong(value.span(), "this is neither on nor off", "write `true` or `false`");
        }
        switch
    }

    fn text(&mut self, value: &Value<'_>) -> Option<String> {
        let text = value.get_ref().as_str().map(str::to_string);
        if text.is_none() {
            self.wrong(value.span(), "this is no text", "write it between quotes");
        }
        text
    }

    fn texts(&mut self, value: &Value<'_>) -> Option<Vec<String>> {
        match value.get_ref() {
            DeValue::Array(list) => list.iter().map(|text| self.text(text)).collect(),
            _ => {
                self.wrong(value.span(), "this is no list", "write `[\"..\", \"..\"]`");
                None
            }
        }
    }

    fn number(&mut self, value: &Value<'_>) -> Option<usize> {
        let number = match value.get_ref() {
            DeValue::Integer(number) => number.to_string().parse().ok(),
            _ => None,
        };
        if number.is_none() {
            let help = "write the number of the argument: the first is 0, the receiver not counted";
            self.wrong(value.span(), "this is no number of an argument", help);
        }
        number
    }
}

/// "did you mean `cache`?", or everything that is known.
pub fn suggestion(name: &str, known: &[&str]) -> String {
    let begins = || known.iter().copied().find(|known| known.starts_with(name));
    match nearest(name, known).or_else(begins) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("one of: {}", known.join(", ")),
    }
}
