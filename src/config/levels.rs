//! What is said of rules: how grave their findings are, everywhere or only in some places.

use toml::de::DeValue;

use super::{Config, Entry, Reader, Value};
use crate::source::Span;

/// How grave a finding is, in the words of a configuration and of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LevelWord {
    /// Counted, not shown.
    Allow,
    /// Shown with `--pedantic`; never fails a run.
    Note,
    /// A warning.
    Warn,
    /// An error.
    Deny,
}

/// Every word for a level.
pub const LEVELS: &[(&str, LevelWord)] = &[
    ("allow", LevelWord::Allow),
    ("note", LevelWord::Note),
    ("warn", LevelWord::Warn),
    ("deny", LevelWord::Deny),
];

impl LevelWord {
    /// The word.
    pub fn word(self) -> &'static str {
        LEVELS.iter().find(|(_, level)| *level == self).map_or("", |(word, _)| word)
    }
}

/// The name that stands for every rule.
pub const ALL: &str = "all";

/// A level, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    pub level: LevelWord,
    pub at: Span,
}

/// What is said of one rule, or of [`ALL`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleSays {
    pub violation: Option<Said>,
    pub hazard: Option<Said>,
    /// Why; told with what is allowed.
    pub reason: Option<String>,
}

/// A text, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    pub text: String,
    pub at: Span,
}

/// What is said of rules in some files or processes only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    pub at: Span,
    /// Patterns of paths, from the folder of the configuration on. None: every path.
    pub paths: Vec<Placed>,
    /// Kinds of processes, or names of binaries and packages. None: every process.
    pub processes: Vec<Placed>,
    pub rules: Vec<Entry<RuleSays>>,
    pub reason: Option<String>,
}

const OVERRIDE: &[&str] = &["paths", "processes", "rules", "reason"];
const RULE: &[&str] = &["violation", "hazard", "reason"];

impl Reader<'_> {
    /// `[rules]`.
    pub(super) fn rules(&mut self, value: &Value<'_>) -> Vec<Entry<RuleSays>> {
        // Behind a heading, TOML takes what was meant for the whole file for a part of the table.
        for (key, _) in value.get_ref().as_table().into_iter().flatten() {
            let name = &**key.get_ref();
            if ["fail-on", "pedantic"].contains(&name) {
                let help = "move the line to the top of the file, before the first `[..]`";
                self.wrong(key.span(), format!("`{name}` is no rule"), help);
                return Vec::new();
            }
        }
        self.entries(value, "[rules]", Self::rule_says)
    }

    /// `"warn"`, or `{ violation = "deny", hazard = "allow" }`.
    fn rule_says(&mut self, value: &Value<'_>) -> Option<RuleSays> {
        let mut says = RuleSays::default();
        if let DeValue::String(_) = value.get_ref() {
            let said = Some(self.level(value)?);
            (says.violation, says.hazard) = (said, said);
            return Some(says);
        }
        for (key, value) in self.table(value, "what is said of a rule")? {
            match &**key.get_ref() {
                "violation" => says.violation = Some(self.level(value)?),
                "hazard" => says.hazard = Some(self.level(value)?),
                "reason" => says.reason = Some(self.text(value)?),
                other => {
                    self.unknown(key.span(), "verdict of a rule", other, RULE);
                    return None;
                }
            }
        }
        if says.violation.is_none() && says.hazard.is_none() {
            let help = "write `\"warn\"`, or `{ violation = \"deny\", hazard = \"allow\" }`";
            self.wrong(value.span(), "this gives the rule no level", help);
            return None;
        }
        Some(says)
    }

    fn level(&mut self, value: &Value<'_>) -> Option<Said> {
        let level = self.word(value, "level", LEVELS)?;
        Some(Said { level, at: self.span(value.span()) })
    }

    /// `[[overrides]]`.
    pub(super) fn overrides(&mut self, value: &Value<'_>, config: &mut Config) {
        let DeValue::Array(list) = value.get_ref() else {
            let help = "write `[[overrides]]` above each of them";
            return self.wrong(value.span(), "overrides are a list of tables", help);
        };
        for one in list {
            config.overrides.extend(self.one_override(one));
        }
    }

    fn one_override(&mut self, value: &Value<'_>) -> Option<Override> {
        let mut read = Override {
            at: self.span(value.span()),
            paths: Vec::new(),
            processes: Vec::new(),
            rules: Vec::new(),
            reason: None,
        };
        let (mut limited, mut judged, before) = (false, false, self.problems.len());
        for (key, value) in self.table(value, "an override")? {
            match &**key.get_ref() {
                "paths" => (read.paths, limited) = (self.places(value)?, true),
                "processes" => (read.processes, limited) = (self.places(value)?, true),
                "rules" => (read.rules, judged) = (self.rules(value), true),
                "reason" => read.reason = Some(self.text(value)?),
                other => self.unknown(key.span(), "key of an override", other, OVERRIDE),
            }
        }
        let help = "name `paths` or `processes`, and `rules` with their levels; what holds \
                    everywhere stands in `[rules]`";
        if before == self.problems.len() && (!limited || !judged || read.rules.is_empty()) {
            let lacks = if limited { "changes no rule" } else { "holds nowhere in particular" };
            self.wrong(value.span(), format!("this override {lacks}"), help);
        }
        Some(read)
    }

    /// A list of texts that is not empty, with the places of the texts.
    fn places(&mut self, value: &Value<'_>) -> Option<Vec<Placed>> {
        let texts = self.texts(value)?;
        if texts.is_empty() {
            self.wrong(value.span(), "this list is empty", "name what is meant, or leave it out");
            return None;
        }
        let DeValue::Array(list) = value.get_ref() else { return None };
        let texts = list.iter().zip(texts);
        Some(texts.map(|(value, text)| Placed { text, at: self.span(value.span()) }).collect())
    }
}
