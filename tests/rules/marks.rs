//! What do the marks of a file expect? `//~ rule_id` in Rust, `#~ rule_id` elsewhere.
//!
//! A mark stands at the end of the line of its finding; `hazard` or `note` after the id says that
//! it is no violation; a comma separates several on one line.

use std::fmt;
use std::path::Path;

use libtest_mimic::{Failed, Trial};

/// What a finding is, as marks tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Violation,
    Hazard,
    /// Reported at level `note`, whatever the verdict.
    Note,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Violation => "violation",
            Kind::Hazard => "hazard",
            Kind::Note => "note",
        })
    }
}

/// One finding, expected or made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    /// Relative to the folder that is linted, with `/`.
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) rule: String,
    pub(crate) kind: Kind,
}

/// The marks of one text.
pub(crate) fn of(file: &str, text: &str) -> Result<Vec<Mark>, String> {
    let sign = if file.ends_with(".rs") { "//~" } else { "#~" };
    let mut marks = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let Some((code, told)) = line.split_once(sign) else { continue };
        let line = index as u32 + 1;
        let wrong = |what: &str| format!("{file}:{line}: {what} in the mark `{sign}{told}`");
        if code.trim().is_empty() {
            return Err(wrong("no code stands before it"));
        }
        for part in told.split(',') {
            let words: Vec<&str> = part.split_whitespace().collect();
            let (rule, kind) = match words[..] {
                [rule] => (rule, Kind::Violation),
                [rule, "hazard"] => (rule, Kind::Hazard),
                [rule, "note"] => (rule, Kind::Note),
                _ => return Err(wrong("neither `rule_id`, `rule_id hazard` nor `rule_id note`")),
            };
            marks.push(Mark { file: file.into(), line, rule: rule.into(), kind });
        }
    }
    Ok(marks)
}

/// The marks of every text below a folder.
pub(crate) fn below(folder: &Path) -> Result<Vec<Mark>, String> {
    let mut marks = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| error.to_string())?;
        if !entry.file_type().is_file() {
            continue;
        }
        let Ok(text) = std::fs::read_to_string(entry.path()) else { continue };
        let path = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        marks.extend(of(&path.to_string_lossy().replace('\\', "/"), &text)?);
    }
    Ok(marks)
}

/// The parser's own tests; a target with its own harness has no other place for them.
pub(crate) fn trials() -> Vec<Trial> {
    let test = |name: &str, run: fn() -> Result<(), Failed>| Trial::test(name, run);
    vec![
        test("marks::are_read", || {
            let text = "a\nstatic B: u8 = 1; //~ one\nc //~ one hazard, two\nd //~ three note\n";
            let marks = of("src/x.rs", text)?;
            let told: Vec<String> =
                marks.iter().map(|m| format!("{} {} {}", m.line, m.rule, m.kind)).collect();
            let expected = ["2 one violation", "3 one hazard", "3 two violation", "4 three note"];
            equal(&told, &expected.map(String::from).to_vec())
        }),
        test("marks::follow_the_language", || {
            equal(&of("web.yaml", "key: x #~ one\n# //~ two\n")?.len(), &1)?;
            equal(&of("src/x.rs", "let a = 1; // #~ one\n")?.len(), &0)
        }),
        test("marks::misspelt_are_refused", || {
            for text in ["x //~", "x //~ one violation", "x //~ one hazard two", "  //~ one"] {
                if of("src/x.rs", text).is_ok() {
                    return Err(format!("`{text}` was read").into());
                }
            }
            Ok(())
        }),
    ]
}

/// `assert_eq!` for tests that report instead of panicking.
pub(crate) fn equal<T: PartialEq + fmt::Debug>(found: &T, expected: &T) -> Result<(), Failed> {
    match found == expected {
        true => Ok(()),
        false => Err(format!("found {found:?}, expected {expected:?}").into()),
    }
}
