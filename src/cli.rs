//! What does the command line ask for? Arguments in, a report on stdout and an exit status out.

use std::ffi::OsString;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::report::Status;
use crate::rules::{self, RULES};
use crate::source::Sources;
use crate::symbol::nearest;

mod args;
mod formats;
mod list;
mod output;
mod terminal;
mod then;

use args::{CheckArgs, Cli, Command, ListFormat};
use output::Outputs;
use then::Then;

/// Runs one command line, the program's name first, and says with which status to end.
///
/// Reports go to stdout, what is wrong with the call itself to stderr. A reader that closes the
/// pipe early, such as `head`, is not an error and does not change the status.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(own(args)) {
        Ok(cli) => cli,
        Err(error) => {
            // Where stderr is closed, nobody is there to be told.
            drop(error.print());
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let (written, status) = match cli.command {
        Some(Command::Check(args)) => check(&args, &mut out),
        Some(Command::Explain { rule }) => explain(&rule, &mut out),
        Some(Command::Rules { format }) => rules(format, &mut out),
        None => check(&cli.check, &mut out),
    };
    match written.and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            tell(&format!("cannot write the output: {error}"));
            ExitCode::from(2)
        }
        _ => ExitCode::from(status),
    }
}

/// The arguments without the `twelve-lint` that cargo puts before those of its subcommand.
fn own(args: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut args: Vec<OsString> = args.into_iter().collect();
    if args.get(1).is_some_and(|arg| arg == "twelve-lint") {
        args.remove(1);
    }
    args
}

fn check(args: &CheckArgs, out: &mut dyn Write) -> (io::Result<()>, u8) {
    let then = args.output.then.as_deref().map(Then::of).transpose();
    let (outputs, then) = match (Outputs::of(args), then) {
        (Ok(outputs), Ok(then)) => (outputs, then),
        (Err(error), _) | (_, Err(error)) => {
            tell(&error);
            return (Ok(()), 2);
        }
    };
    let report = crate::check(Sources::default(), &args.selection());
    let (written, whole) = outputs.write(&report, out);
    let mut status = match whole {
        true => Status::of(&report, args.fail_on.level()).code(),
        false => 2,
    };
    // The process ends next: freeing a large report piece by piece would only take time.
    std::mem::forget(report);
    let written = written.and_then(|()| out.flush());
    if let Some(then) = then {
        status = then.run(status);
    }
    (written, status)
}

fn explain(rule: &str, out: &mut dyn Write) -> (io::Result<()>, u8) {
    let id = rule.replace('-', "_");
    if let Some(rule) = rules::find(&id) {
        return (writeln!(out, "{}", rule.page.trim_end()), 0);
    }
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    let hint = match nearest(&id, &ids) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`cargo twelve-lint rules` lists them".to_owned(),
    };
    tell(&format!("there is no rule `{rule}`\n  help: {hint}"));
    (Ok(()), 2)
}

fn rules(format: ListFormat, out: &mut dyn Write) -> (io::Result<()>, u8) {
    let (written, errors) = match format {
        ListFormat::Human => list::human(out),
        ListFormat::Json => list::json(out),
    };
    for error in &errors {
        tell(error);
    }
    (written, if errors.is_empty() { 0 } else { 2 })
}

/// Says on stderr what is wrong with the call; a closed stderr is no reason to stop.
fn tell(error: &str) {
    drop(writeln!(io::stderr(), "error: {error}"));
}
