//! Which arguments are there? The clap types and their help, no logic.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::formats::OutputArgs;
use super::known::KnownArgs;
use super::levels::LevelArgs;
use super::selection::{EverywhereArgs, SelectionArgs};
use super::version;
use crate::check::Options;
use crate::config::FailOn;

const AFTER: &str = "\
Exit status:
  0  everything selected was read, and no finding reached --fail-on
  1  a finding reached --fail-on
  2  the call was wrong, there was nothing to lint, or something selected
     could not be read or parsed; what was found in the rest is printed all
     the same
  With --then, a command that does not end with 0 makes a 0 its own status,
  and one that cannot be run makes it 2.

Examples:
  cargo twelve-lint
      the package or workspace in this folder
  cargo twelve-lint -p shop --fail-on warning
      one member of it; hazards fail too
  cargo twelve-lint --format json services/
      each service beneath a folder, for a program
  cargo twelve-lint explain in_process_session
      what a rule claims, and what puts it right";

const AFTER_LSP: &str = "\
The folders are those that the editor opens. docs/language-server.md has recipes for editors.
Exit status: 0 after `shutdown` and `exit`, else 1";

/// Finds where a Rust service breaks the Processes factor of the twelve-factor app
///
/// Reads sources, manifests and deploy files as they lie in the repository; builds nothing, runs
/// nothing but what `--then` names, needs no network. Says where a process keeps what must be shared
/// or must last: sessions and caches in memory, counters in statics, uploads on the local disk.
#[derive(Debug, Parser)]
#[command(
    name = "cargo-twelve-lint",
    bin_name = "cargo twelve-lint",
    version,
    long_version = version::LONG,
    after_help = AFTER,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) check: CheckArgs,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Lint: the same as no command, for a folder that is named like one
    #[command(after_help = AFTER)]
    Check(CheckArgs),
    /// Print the page of a rule: what it claims, examples, what puts it right
    Explain {
        /// Its name, as printed with each finding, such as `in_process_session`
        rule: String,
    },
    /// Serve an editor: findings while you type, over stdin and stdout
    #[command(after_help = AFTER_LSP)]
    Lsp(LspArgs),
    /// List the rules
    Rules {
        /// How to print the list
        #[arg(long, value_enum, default_value_t = ListFormat::Human)]
        format: ListFormat,
    },
    /// Print what a shell needs to complete arguments
    ///
    /// bash: `cargo-twelve-lint completions bash > ~/.local/share/bash-completion/completions/cargo-twelve-lint`
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the page for `man`
    ///
    /// In `~/.local/share/man/man1/cargo-twelve-lint.1` it is found by `man cargo-twelve-lint` and by
    /// `cargo help twelve-lint`.
    Man,
    /// Print the configuration in force, and where each value comes from
    Config(ConfigArgs),
    /// Keep the findings that are known, so that new ones stand out
    #[command(subcommand)]
    Baseline(BaselineCommand),
    /// Write a `twelve-lint.toml` that explains itself; one that is there stays as it is
    Init {
        /// The folder to write it in
        #[arg(value_name = "PATH", default_value = ".")]
        path: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    pub(super) gate: GateArgs,
    /// Make the edits that are safe and complete, and report what is left
    #[arg(long, conflicts_with = "watch")]
    pub(super) fix: bool,
    /// Print what `--fix` would do, as a diff, and change nothing
    #[arg(long, conflicts_with_all = ["fix", "format", "message_format", "statistics", "watch"])]
    pub(super) diff: bool,

    #[command(flatten, next_help_heading = "Output")]
    pub(super) output: OutputArgs,
    #[command(flatten)]
    pub(super) levels: LevelArgs,
    #[command(flatten)]
    pub(super) known: KnownArgs,
    #[command(flatten)]
    pub(super) selected: SelectionArgs,
}

impl CheckArgs {
    /// What these arguments ask of a run.
    pub(super) fn options(&self) -> Options {
        self.gate.options(self.known.options(self.levels.options()))
    }
}

/// What makes a run fail, and what is shown of it.
#[derive(Debug, Args)]
pub(super) struct GateArgs {
    /// The least level that makes the exit status 1 [default: as configured, else error]
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(super) fail_on: Option<FailOnArg>,
    #[command(flatten)]
    pub(super) pedantic: PedanticArg,
}

impl GateArgs {
    /// What these arguments ask of a run, beside the rest.
    pub(super) fn options(&self, rest: Options) -> Options {
        let fail_on = self.fail_on.map(FailOnArg::means);
        Options { fail_on, pedantic: self.pedantic.pedantic, ..rest }
    }
}

#[derive(Debug, Args)]
pub(super) struct PedanticArg {
    /// Show notes too: findings that are not certain, or behind features that are off
    ///
    /// `--pedantic=false` hides them where the configuration shows them.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
        default_missing_value = "true")]
    pub(super) pedantic: Option<bool>,
}

/// What `baseline` takes.
#[derive(Debug, Args)]
pub(super) struct BaselineArgs {
    /// The baseline [default: the nearest twelve-lint-baseline.json, else one at the root]
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    #[command(flatten)]
    pub(super) levels: LevelArgs,
    #[command(flatten)]
    pub(super) selected: SelectionArgs,
}

/// What `lsp` takes.
#[derive(Debug, Args)]
pub(super) struct LspArgs {
    #[command(flatten)]
    pub(super) pedantic: PedanticArg,
    /// Accepted, as many editors say it; there is no other way
    #[arg(long, hide = true)]
    stdio: bool,
    #[command(flatten)]
    pub(super) selected: EverywhereArgs,
}

#[derive(Debug, Subcommand)]
pub(super) enum BaselineCommand {
    /// Keep every finding that is there now: from then on, only new ones are shown
    Write(BaselineArgs),
    /// Take out what is gone; nothing is put in
    Prune(BaselineArgs),
}

/// What `config` takes.
#[derive(Debug, Args)]
pub(super) struct ConfigArgs {
    /// Print the JSON schema of the file instead, for editors
    #[arg(long)]
    pub(super) schema: bool,
    #[command(flatten)]
    pub(super) gate: GateArgs,
    #[command(flatten)]
    pub(super) levels: LevelArgs,
    #[command(flatten)]
    pub(super) selected: SelectionArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum ListFormat {
    /// A line for each rule
    Human,
    /// One array, for programs
    Json,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum FailOnArg {
    /// Violations: a result or a record depends on one process
    Error,
    /// Hazards too: only freshness, speed or a limit is lost
    Warning,
    /// Findings do not; what could not be read still makes it 2
    Never,
}

impl FailOnArg {
    fn means(self) -> FailOn {
        match self {
            FailOnArg::Error => FailOn::Error,
            FailOnArg::Warning => FailOn::Warning,
            FailOnArg::Never => FailOn::Never,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definitions_hold() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
