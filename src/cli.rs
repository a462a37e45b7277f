//! What does the command line ask for? Arguments in, a report on stdout and an exit status out.

use std::ffi::OsString;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Instant;

use clap::{CommandFactory, Parser};

use crate::diagnostic::Report;
use crate::report::Status;
use crate::source::Sources;

mod args;
mod baseline;
mod config;
mod explain;
mod fix;
mod formats;
mod init;
mod known;
mod levels;
mod list;
mod output;
mod pages;
mod progress;
mod selection;
mod serve;
mod terminal;
mod then;
mod version;
mod watch;

use args::{BaselineCommand, CheckArgs, Cli, Command, ListFormat};
use formats::ColorArg;
use output::Outputs;
use then::Then;
use watch::Watched;

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
    // Not locked: the server writes from a thread of its own.
    let mut out = BufWriter::new(io::stdout());
    let (written, status) = match cli.command {
        Some(Command::Check(args)) => check(&args, &mut out),
        Some(Command::Explain { rule }) => explain::print(&rule, &mut out),
        Some(Command::Lsp(args)) => (Ok(()), serve::run(&args)),
        Some(Command::Rules { format }) => rules(format, &mut out),
        Some(Command::Completions { shell }) => (pages::completions(shell, &mut out), 0),
        Some(Command::Man) => (pages::man(&mut out), 0),
        Some(Command::Config(args)) => config::print(&args, &mut out),
        Some(Command::Baseline(BaselineCommand::Write(args))) => baseline::write(&args, &mut out),
        Some(Command::Baseline(BaselineCommand::Prune(args))) => baseline::prune(&args, &mut out),
        Some(Command::Init { path }) => init::write(&path, &mut out),
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
    if let Some(meant) = args.selected.mistyped(&commands()) {
        tell(&meant);
        return (Ok(()), 2);
    }
    let then = args.output.then.as_deref().map(Then::of).transpose();
    let (outputs, then) = match (Outputs::of(args), then) {
        (Ok(outputs), Ok(then)) => (outputs, then),
        (Err(error), _) | (_, Err(error)) => {
            tell(&error);
            return (Ok(()), 2);
        }
    };
    if args.diff {
        return diff(args, out);
    }
    let call = Call { args, outputs, then };
    if args.output.watch {
        return call.again_and_again(out);
    }
    let (report, written, status) = call.once(out);
    // The process ends next: freeing a large report piece by piece would only take time.
    std::mem::forget(report);
    (written, status)
}

/// The names of our commands.
fn commands() -> Vec<String> {
    Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect()
}

/// Prints what `--fix` would do, and nothing else.
fn diff(args: &CheckArgs, out: &mut dyn Write) -> (io::Result<()>, u8) {
    let selection = args.selected.selection();
    let options = args.options();
    let report = crate::check_with(Sources::default(), &selection, &options);
    let (fixed, _) = fix::fixed(&report, &selection, &options);
    let written = fix::diff(&fixed, &report, out);
    (written, Status::of(&report).code())
}

/// One call of the linter.
struct Call<'a> {
    args: &'a CheckArgs,
    outputs: Outputs,
    then: Option<Then>,
}

impl Call<'_> {
    /// Lints, writes the report, runs what follows.
    fn once(&self, out: &mut dyn Write) -> (Report, io::Result<()>, u8) {
        let output = &self.args.output;
        let start = Instant::now();
        let selection = self.args.selected.selection();
        let options = self.args.options();
        let lint = || crate::check_with(Sources::default(), &selection, &options);
        let mut report = progress::during(output.quiet, lint);
        if self.args.fix {
            let (fixed, after) = fix::fixed(&report, &selection, &options);
            if let Err(error) = fix::write(&fixed, &report) {
                tell(&error);
                return (report, Ok(()), 2);
            }
            report = after.unwrap_or(report);
        }
        if output.verbose {
            drop(verbose(&report, start, &mut io::stderr().lock()));
        }
        let (written, whole) = self.outputs.write(&report, out);
        let written = written.and_then(|()| out.flush());
        let mut status = match whole {
            true => Status::of(&report).code(),
            false => 2,
        };
        if let Some(then) = &self.then {
            status = then.run(status);
        }
        (report, written, status)
    }

    /// Lints whenever something changes, until nobody reads any more or the process is ended.
    fn again_and_again(&self, out: &mut dyn Write) -> (io::Result<()>, u8) {
        let mut roots = self.args.selected.roots();
        loop {
            let mut watched = Watched::folders(roots.clone());
            let (report, written, status) = self.once(out);
            if written.is_err() {
                return (written, status);
            }
            if report.root.is_dir() && roots != [report.root.clone()] {
                roots = vec![report.root.clone()];
                watched = Watched::folders(roots.clone());
            }
            let changed = watched.read(&report);
            self.outputs.files().for_each(|file| watched.wrote(file));
            drop(report);
            if changed {
                continue;
            }
            self.note(&format!("watching {} files; Ctrl-C ends", watched.count()));
            let changed = watched.wait();
            if io::stdout().is_terminal() {
                // The screen and what was scrolled out of it, so that the first line is the report's.
                drop(out.write_all(b"\x1b[2J\x1b[3J\x1b[H"));
            }
            self.note(&format!("changed: {}", changed.display()));
        }
    }

    /// Says on stderr what is going on.
    fn note(&self, text: &str) {
        if !self.args.output.quiet {
            drop(writeln!(io::stderr(), "{text}"));
        }
    }
}

/// What was linted, and how long it took.
fn verbose(report: &Report, start: Instant, err: &mut dyn Write) -> io::Result<()> {
    for package in &report.packages {
        let targets: Vec<String> = package
            .targets
            .iter()
            .map(|target| format!("{} {}", target.kind.join("+"), target.name))
            .collect();
        let features = match package.features.is_empty() {
            true => String::new(),
            false => format!("; features {}", package.features.join(", ")),
        };
        let (name, version, dir) = (&package.name, &package.version, package.dir.display());
        writeln!(err, "linted {name} {version} ({dir}): {}{features}", targets.join(", "))?;
    }
    let coverage = &report.coverage;
    let elapsed = start.elapsed().as_millis();
    writeln!(
        err,
        "read {} files in {elapsed} ms; {} of them tests, benches and examples, which are counted \
         only; {} could not be read; {} calls could not be followed",
        coverage.files + coverage.unread,
        coverage.test_files,
        coverage.unread,
        coverage.unresolved
    )
}

fn rules(format: ListFormat, out: &mut dyn Write) -> (io::Result<()>, u8) {
    let (written, errors) = match format {
        ListFormat::Human => {
            let terminal = io::stdout().is_terminal();
            let terminal = terminal.then(|| terminal::Terminal::of_stdout(ColorArg::Auto));
            list::human(terminal.map(|terminal| terminal.width), out)
        }
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
