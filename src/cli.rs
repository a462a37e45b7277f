//! What did the user ask for? Command line in, exit status out; no logic of its own.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::diagnostic::{Level, Report, Severity};
use crate::discover::{Selection, TargetKind, nearest};
use crate::report::{self, Format, human};
use crate::rules::{self, RULES};
use crate::source::Sources;

/// Finds where a Rust service breaks the Processes factor of the twelve-factor app.
#[derive(Debug, Parser)]
#[command(
    name = "cargo-twelve-lint",
    bin_name = "cargo twelve-lint",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "Exit status:
  0  everything selected was read, and nothing reached --fail-on
  1  something did
  2  the command line is wrong, or something selected could not be read or judged

Examples:
  cargo twelve-lint                        the package or workspace in this folder
  cargo twelve-lint -p web --format json   one member, for a machine
  cargo twelve-lint explain local_disk_write"
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    check: Check,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lint paths: the same as no command, for folders that are called like one
    Check(Check),
    /// Print a rule's page
    Explain {
        /// The rule's id, such as `in_process_session`
        rule: String,
    },
    /// List the rules
    Rules {
        #[arg(long, value_enum, default_value = "human")]
        format: Shape,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Shape {
    Human,
    Json,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Never,
}

#[derive(Debug, Args)]
struct Check {
    /// Packages, workspaces, or folders that hold some [default: .]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// How to print the report
    #[arg(long, value_enum, default_value = "human")]
    format: Shape,
    /// The least level that makes the exit status 1
    #[arg(long, value_enum, default_value = "error")]
    fail_on: FailOn,
    /// Show notes too: findings that rest on something that could not be resolved
    #[arg(long)]
    pedantic: bool,
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto")]
    color: Color,
    #[command(flatten, next_help_heading = "Package selection")]
    packages: Packages,
    #[command(flatten, next_help_heading = "Target selection")]
    targets: Targets,
    #[command(flatten, next_help_heading = "Feature selection")]
    features: Features,
}

#[derive(Debug, Args)]
struct Packages {
    /// Lint only this package (a name, a pattern, a package id)
    #[arg(short, long = "package", value_name = "SPEC")]
    package: Vec<String>,
    /// Lint all packages of the workspace
    #[arg(long, alias = "all")]
    workspace: bool,
    /// Leave this package out
    #[arg(long, value_name = "SPEC", requires = "workspace")]
    exclude: Vec<String>,
    /// The manifest to start from
    #[arg(long, value_name = "PATH", conflicts_with = "paths")]
    manifest_path: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Targets {
    /// Lint the library
    #[arg(long)]
    lib: bool,
    /// Lint the binaries
    #[arg(long)]
    bins: bool,
    /// Lint the examples
    #[arg(long)]
    examples: bool,
    /// Lint the tests
    #[arg(long)]
    tests: bool,
    /// Lint the benches
    #[arg(long)]
    benches: bool,
    /// Lint all of them [default: library and binaries]
    #[arg(long)]
    all_targets: bool,
}

#[derive(Debug, Args)]
struct Features {
    /// Features that are on, between commas or spaces
    #[arg(short = 'F', long, value_name = "FEATURES")]
    features: Vec<String>,
    /// All features are on
    #[arg(long)]
    all_features: bool,
    /// The default features are off
    #[arg(long)]
    no_default_features: bool,
}

/// Runs the command line; the arguments begin with the program's name.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut args: Vec<OsString> = args.into_iter().collect();
    // cargo hands its own name for us on: `cargo-twelve-lint twelve-lint ..`.
    if args.get(1).is_some_and(|arg| arg == "twelve-lint") {
        args.remove(1);
    }
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are asked for; everything else is a usage error.
            let status = if error.use_stderr() { 2 } else { 0 };
            drop(error.print());
            return ExitCode::from(status);
        }
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    let done = match cli.command {
        Some(Command::Explain { rule }) => explain(&rule, &mut out),
        Some(Command::Rules { format }) => list(format, &mut out),
        Some(Command::Check(check)) => lint(&check, &mut out),
        None => lint(&cli.check, &mut out),
    };
    match done.and_then(|status| out.flush().map(|()| status)) {
        Ok(status) => ExitCode::from(status),
        // Whoever reads has read enough, as `head` does.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::from(0),
        Err(error) => {
            eprintln!("error: the report cannot be written: {error}");
            ExitCode::from(2)
        }
    }
}

fn lint(check: &Check, out: &mut dyn Write) -> io::Result<u8> {
    let report = crate::check(Sources::default(), &check.selection());
    let fails_on = match check.fail_on {
        FailOn::Error => Some(Level::Error),
        FailOn::Warning => Some(Level::Warning),
        FailOn::Never => None,
    };
    let format = match check.format {
        Shape::Json => Format::Json,
        Shape::Human => Format::Human(check.human(fails_on)),
    };
    report::render(&report, &format, out)?;
    Ok(status(&report, fails_on))
}

/// 2 where something was not judged, 1 where something reached `fails_on`, else 0.
fn status(report: &Report, fails_on: Option<Level>) -> u8 {
    if report.problems.iter().any(|problem| problem.severity == Severity::Error) {
        return 2;
    }
    let summary = report.summary();
    let failed = match fails_on {
        Some(Level::Error) => summary.errors > 0,
        Some(_) => summary.errors + summary.warnings > 0,
        None => false,
    };
    u8::from(failed)
}

fn explain(rule: &str, out: &mut dyn Write) -> io::Result<u8> {
    match rules::find(rule) {
        Some(rule) => {
            out.write_all(rule.page.as_bytes())?;
            Ok(0)
        }
        None => {
            let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
            let hint = nearest(rule, &ids).map_or_else(
                || "`cargo twelve-lint rules` lists them".to_string(),
                |near| format!("did you mean `{near}`?"),
            );
            eprintln!("error: there is no rule `{rule}`\n  help: {hint}");
            Ok(2)
        }
    }
}

fn list(format: Shape, out: &mut dyn Write) -> io::Result<u8> {
    let mut listed = Vec::new();
    for rule in RULES {
        match rule.meta() {
            Ok(meta) => listed.push((rule.id, meta)),
            Err(error) => {
                eprintln!("error: {error}");
                return Ok(2);
            }
        }
    }
    match format {
        Shape::Human => {
            for (id, meta) in &listed {
                writeln!(out, "{id:24} {:20} {}", meta.verdicts.join(", "), meta.summary)?;
            }
        }
        Shape::Json => {
            let rules: Vec<_> = listed
                .iter()
                .map(|(id, meta)| {
                    serde_json::json!({
                        "id": id, "summary": meta.summary, "group": meta.group,
                        "verdicts": meta.verdicts, "since": meta.since,
                    })
                })
                .collect();
            serde_json::to_writer_pretty(&mut *out, &rules)?;
            writeln!(out)?;
        }
    }
    Ok(0)
}

impl Check {
    fn selection(&self) -> Selection {
        let Targets { lib, bins, examples, tests, benches, all_targets } = self.targets;
        let asked = [
            (lib, TargetKind::Lib),
            (bins, TargetKind::Bin),
            (examples, TargetKind::Example),
            (tests, TargetKind::Test),
            (benches, TargetKind::Bench),
        ];
        let targets: BTreeSet<TargetKind> =
            asked.iter().filter(|(on, _)| *on || all_targets).map(|(_, kind)| *kind).collect();
        Selection {
            paths: self.paths.clone(),
            manifest_path: self.packages.manifest_path.clone(),
            packages: self.packages.package.clone(),
            exclude: self.packages.exclude.clone(),
            workspace: self.packages.workspace,
            targets,
            features: self.features.features.clone(),
            all_features: self.features.all_features,
            no_default_features: self.features.no_default_features,
        }
    }

    fn human(&self, fails_on: Option<Level>) -> human::Options {
        let terminal = io::stdout().is_terminal();
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let cargo = std::env::var("CARGO_TERM_COLOR").unwrap_or_default();
        let color = match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if set("NO_COLOR") || cargo == "never" => false,
            Color::Auto if cargo == "always" => true,
            Color::Auto if set("CLICOLOR_FORCE") || set("FORCE_COLOR") => true,
            Color::Auto => terminal,
        };
        let width = terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0));
        human::Options {
            color,
            hyperlinks: color && terminal,
            width: width.clamp(40, 160),
            pedantic: self.pedantic,
            base: std::env::current_dir().unwrap_or_default(),
            fails_on,
        }
    }
}
