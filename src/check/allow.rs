//! What does one comment allow? `twelve-lint: allow(rule) reason = "..."`, read and checked.

use std::ops::Range;

use super::date::Date;
use crate::config::suggestion;
use crate::rules;

/// What a comment that is written as it should be allows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Directive {
    /// With their places in the comment.
    pub(super) rules: Vec<(&'static str, Range<usize>)>,
    /// `allow-file`.
    pub(super) whole_file: bool,
    pub(super) reason: String,
    /// The last day on which it holds, as it is written.
    pub(super) until: Option<(Date, String)>,
}

/// What is wrong with a comment: where in it, what, and what to do.
pub(super) type Wrong = (Range<usize>, String, String);

const NAME: &str = "twelve-lint:";
const FORM: &str = "write `allow(rule) reason = \"...\"`, or `allow-file(rule) reason = \"...\"`";

/// Reads the directives of a comment; what only mentions the tool holds none.
pub(super) fn read(comment: &str) -> Vec<Result<Directive, Wrong>> {
    let mut found = Vec::new();
    for (at, _) in comment.match_indices(NAME) {
        let (before, after) = (&comment[..at], &comment[at + NAME.len()..]);
        let first = before.trim_start().chars().all(|c| "/*#;! \t".contains(c));
        // Elsewhere in a comment it is prose, unless it can be nothing else.
        let word = after.trim_start();
        let meant = word.strip_prefix("allow-file").or(word.strip_prefix("allow"));
        let meant = meant.is_some_and(|rest| rest.trim_start().starts_with('('));
        if first || (meant && before.ends_with(char::is_whitespace)) {
            found.push(Reader { text: comment, at: at + NAME.len() }.directive());
        }
    }
    found
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn directive(&mut self) -> Result<Directive, Wrong> {
        let (word, at) = self.word();
        let whole_file = match word {
            "allow" => false,
            "allow-file" => true,
            "" => return self.wrong(at, "this comment asks for nothing", FORM),
            other => {
                let help = suggestion(other, &["allow", "allow-file"]);
                return self.wrong(at, format!("`{other}` is nothing to ask for"), help);
            }
        };
        let rules = self.rules()?;
        let (mut reason, mut until) = (None, None);
        loop {
            let (key, at) = self.word();
            match key {
                "" if self.is_done() => break,
                "" if self.took(',') => {}
                "" => {
                    let rest = self.at..self.text.trim_end().len();
                    let message = format!("this is not understood: `{}`", &self.text[rest.clone()]);
                    return self.wrong(rest, message, FORM);
                }
                "reason" => reason = Some(self.value()?),
                "until" => until = Some(self.value()?),
                other => {
                    let help = suggestion(other, &["reason", "until"]);
                    return self.wrong(at, format!("`{other}` is no part of this"), help);
                }
            }
        }
        let until = match until {
            None => None,
            Some((text, at)) => match Date::read(text) {
                Some(date) => Some((date, text.to_string())),
                None => {
                    let help = "write the last day on which it holds: `until = 2027-01-31`";
                    return self.wrong(at, format!("`{text}` is no day"), help);
                }
            },
        };
        let reason = reason.map(|(text, _)| text.trim()).unwrap_or_default().to_string();
        if reason.is_empty() {
            let message = "nothing is suppressed here, as no reason is given";
            let all = self.text.find(NAME).unwrap_or(0)..self.text.trim_end().len();
            return self.wrong(
                all,
                message,
                "add `reason = \"...\"`: who reads it later wants to know why",
            );
        }
        Ok(Directive { rules, whole_file, reason, until })
    }

    /// `(rule, rule)`.
    fn rules(&mut self) -> Result<Vec<(&'static str, Range<usize>)>, Wrong> {
        let mut rules = Vec::new();
        if !self.took('(') {
            return self.wrong(self.here(), "the rules are missing", FORM);
        }
        loop {
            let (name, at) = self.word();
            match rules::find(name) {
                Some(rule) => rules.push((rule.id, at)),
                None if name.is_empty() && self.took(')') && !rules.is_empty() => return Ok(rules),
                None if name.is_empty() => {
                    return self.wrong(at, "a rule is missing", FORM);
                }
                None if name == "all" => {
                    let help = "name the rules: what is found later would be hidden with the rest";
                    return self.wrong(at, "`all` cannot be suppressed by a comment", help);
                }
                None => {
                    let (message, help) = rules::unknown(name);
                    return self.wrong(at, message, help);
                }
            }
            if !self.took(',') && !self.text[self.at..].trim_start().starts_with(')') {
                return self.wrong(self.here(), "`,` or `)` is missing", FORM);
            }
        }
    }

    /// `= "text"`, `= text`.
    fn value(&mut self) -> Result<(&'t str, Range<usize>), Wrong> {
        if !self.took('=') {
            return self.wrong(self.here(), "`=` is missing", FORM);
        }
        self.space();
        let rest = &self.text[self.at..];
        let start = self.at;
        if let Some(quoted) = rest.strip_prefix('"') {
            let Some(end) = quoted.find('"') else {
                let all = start..self.text.trim_end().len();
                return self.wrong(
                    all,
                    "this text does not end",
                    "close it with `\"`, on this line",
                );
            };
            self.at += end + 2;
            return Ok((&quoted[..end], start..self.at));
        }
        let end = rest.find(|c: char| c.is_whitespace() || c == ',').unwrap_or(rest.len());
        self.at += end;
        Ok((&rest[..end], start..self.at))
    }

    fn word(&mut self) -> (&'t str, Range<usize>) {
        self.space();
        let rest = &self.text[self.at..];
        let part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let end = rest.find(|c: char| !part(c)).unwrap_or(rest.len());
        let start = self.at;
        self.at += end;
        (&rest[..end], start..self.at.max(start + usize::from(!rest.is_empty() && end == 0)))
    }

    fn took(&mut self, sign: char) -> bool {
        self.space();
        let there = self.text[self.at..].starts_with(sign);
        self.at += if there { sign.len_utf8() } else { 0 };
        there
    }

    fn space(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Whether only the end of the comment is left, or the next directive.
    fn is_done(&self) -> bool {
        let rest = self.text[self.at..].trim();
        rest.is_empty() || rest == "*/" || rest.starts_with(NAME)
    }

    fn here(&self) -> Range<usize> {
        self.at..self.text.len().min(self.at + 1)
    }

    fn wrong<T>(
        &self,
        at: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Result<T, Wrong> {
        // A place is never empty, and never parts a character.
        let text = self.text;
        let end = at.end.max(at.start + 1).min(text.len());
        let end = (end..=text.len()).find(|end| text.is_char_boundary(*end)).unwrap_or(end);
        let start = at.start.min(end.saturating_sub(1));
        let start = (0..=start).rev().find(|start| text.is_char_boundary(*start)).unwrap_or(0);
        let at = start..end;
        Err((at, message.into(), help.into()))
    }
}
