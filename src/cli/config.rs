//! Which configuration is in force? What `cargo twelve-lint config` prints.

use std::io::{self, Write};

use super::args::ConfigArgs;
use super::tell;
use crate::check::{Effective, Line, configuration};
use crate::diagnostic::{Problem, Severity};
use crate::discover::relative;
use crate::source::Sources;

/// Where comments stand, unless a line is longer.
const COMMENTS: usize = 62;

/// What the words are.
const SCHEMA: &str = include_str!("../../schema/config-1.json");

/// Prints the configurations; what is wrong with them goes to stderr.
pub(super) fn print(args: &ConfigArgs, out: &mut dyn Write) -> (io::Result<()>, u8) {
    if args.schema {
        return (out.write_all(SCHEMA.as_bytes()), 0);
    }
    let options = args.gate.options(args.levels.options());
    let selection = args.selected.selection();
    let (told, problems, sources) = configuration(Sources::default(), &selection, &options);
    for problem in &problems {
        tell_problem(problem, &sources);
    }
    let written = told.iter().enumerate().try_for_each(|(nth, one)| {
        if nth > 0 {
            writeln!(out)?;
        }
        effective(one, out)
    });
    let wrong = problems.iter().any(|problem| problem.severity == Severity::Error);
    (written, if wrong { 2 } else { 0 })
}

fn effective(one: &Effective, out: &mut dyn Write) -> io::Result<()> {
    match &one.stands {
        Some(stands) => writeln!(out, "# {stands}")?,
        None => writeln!(out, "# no configuration: `cargo twelve-lint init` writes one")?,
    }
    let mut whom: Vec<String> = one.packages.iter().map(|name| format!("`{name}`")).collect();
    if one.deploy {
        whom.push("deploy files outside packages".into());
    }
    writeln!(out, "# in force for {}\n", whom.join(", "))?;
    let mut lines = one.lines.iter();
    lines.try_for_each(|Line { text, from }| match from.is_empty() {
        true => writeln!(out, "{text}"),
        false => writeln!(out, "{text:COMMENTS$}  # {from}"),
    })
}

/// Says on stderr what is wrong, where, and what to do.
pub(super) fn tell_problem(problem: &Problem, sources: &Sources) {
    let path = match problem.path.as_os_str().is_empty() {
        true => String::new(),
        false => {
            let here = std::env::current_dir().unwrap_or_default();
            let path = relative(&problem.path, &here);
            match problem.at {
                Some(at) => {
                    let place = sources.get(at.file).place(at.start);
                    format!("{path}:{}:{}: ", place.line, place.column)
                }
                None => format!("{path}: "),
            }
        }
    };
    let text = format!("{path}{}\n  help: {}", problem.message, problem.help);
    match problem.severity {
        Severity::Error => tell(&text),
        Severity::Note => drop(writeln!(io::stderr(), "note: {text}")),
    }
}
