//! Which arguments are there? The clap types and their help, no logic.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::formats::OutputArgs;
use super::version;
use crate::diagnostic::Level;
use crate::discover::{Selection, TargetKind, clean};

const AFTER: &str = "\
Exit status:
  0  everything selected was read, and no finding reached --fail-on
  1  a finding reached --fail-on
  2  the call was wrong, there was nothing to lint, or something selected could not be read or
     parsed; what was found in the rest is printed all the same
  With --then, a command that does not end with 0 makes a 0 its own status, and one that cannot be
  run makes it 2.

Examples:
  cargo twelve-lint                               the package or workspace in this folder
  cargo twelve-lint -p shop --fail-on warning     one member of it; hazards fail too
  cargo twelve-lint --format json services/       each service beneath a folder, for a program
  cargo twelve-lint explain in_process_session    what a rule claims, and what puts it right";

const AFTER_LSP: &str = "\
The folders are those that the editor opens. docs/language-server.md has recipes for editors.
Exit status: 0 after `shutdown` and `exit`, else 1";

/// Finds where a Rust service breaks the Processes factor of the twelve-factor app
///
/// Reads sources, manifests and deploy files as they lie in the repository; builds nothing, runs
/// nothing but what `--then` names, needs no network. Says where a process keeps what must be shared or must last:
/// sessions and caches in memory, counters in statics, uploads on the local disk.
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
}

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Packages, workspaces, or folders with packages beneath them [default: .]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// The least level that makes the exit status 1
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t = FailOnArg::Error)]
    pub(super) fail_on: FailOnArg,
    /// Show notes too: findings that are not certain, or behind features that are off
    #[arg(long)]
    pub(super) pedantic: bool,
    /// Make the edits that are safe and complete, and report what is left
    #[arg(long, conflicts_with = "watch")]
    pub(super) fix: bool,
    /// Print what `--fix` would do, as a diff, and change nothing
    #[arg(long, conflicts_with_all = ["fix", "format", "message_format", "statistics", "watch"])]
    pub(super) diff: bool,

    #[command(flatten, next_help_heading = "Output")]
    pub(super) output: OutputArgs,
    #[command(flatten, next_help_heading = "Package selection")]
    packages: Packages,
    #[command(flatten, next_help_heading = "Target selection")]
    targets: Targets,
    #[command(flatten, next_help_heading = "Feature selection")]
    features: Features,
}

#[derive(Debug, Args)]
pub(super) struct LspArgs {
    /// Show notes too: findings that are not certain, or behind features that are off
    #[arg(long)]
    pub(super) pedantic: bool,
    /// Accepted, as many editors say it; there is no other way
    #[arg(long, hide = true)]
    stdio: bool,

    #[command(flatten, next_help_heading = "Target selection")]
    targets: Targets,
    #[command(flatten, next_help_heading = "Feature selection")]
    features: Features,
}

#[derive(Debug, Args)]
struct Packages {
    /// Lint only this package (a name, a pattern, a package id); may be repeated
    #[arg(short, long = "package", value_name = "SPEC")]
    package: Vec<String>,
    /// Lint every member of the workspace
    #[arg(long, alias = "all")]
    workspace: bool,
    /// Leave this package out; may be repeated
    #[arg(long, value_name = "SPEC", requires = "workspace")]
    exclude: Vec<String>,
    /// The manifest to start from, instead of PATH
    #[arg(long, value_name = "FILE", conflicts_with = "paths")]
    manifest_path: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Targets {
    /// Lint the library; with none of these, libraries and binaries are linted
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
    /// Lint all of these
    #[arg(long)]
    all_targets: bool,
}

#[derive(Debug, Args)]
struct Features {
    /// Features to turn on, between commas or spaces
    #[arg(short = 'F', long, value_name = "FEATURES")]
    features: Vec<String>,
    /// Turn on every feature
    #[arg(long)]
    all_features: bool,
    /// Turn off the `default` feature
    #[arg(long)]
    no_default_features: bool,
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
    /// The least level that fails a run.
    pub(super) fn level(self) -> Option<Level> {
        match self {
            FailOnArg::Error => Some(Level::Error),
            FailOnArg::Warning => Some(Level::Warning),
            FailOnArg::Never => None,
        }
    }
}

impl Targets {
    /// The kinds that are asked for; none: the usual ones.
    fn kinds(&self) -> BTreeSet<TargetKind> {
        let &Targets { lib, bins, examples, tests, benches, all_targets } = self;
        let asked = [
            (lib, TargetKind::Lib),
            (bins, TargetKind::Bin),
            (examples, TargetKind::Example),
            (tests, TargetKind::Test),
            (benches, TargetKind::Bench),
        ];
        let asked = asked.into_iter().filter(|(asked, _)| *asked || all_targets);
        asked.map(|(_, kind)| kind).collect()
    }
}

impl CheckArgs {
    /// The folders that these arguments name.
    pub(super) fn roots(&self) -> Vec<PathBuf> {
        let manifest = self.packages.manifest_path.as_deref().map(|path| path.join(".."));
        let named = self.paths.iter().chain(&manifest);
        let named: Vec<PathBuf> = named.map(|path| clean(path)).collect();
        if named.is_empty() { vec![clean(Path::new("."))] } else { named }
    }

    /// What these arguments select.
    pub(super) fn selection(&self) -> Selection {
        Selection {
            paths: self.paths.clone(),
            manifest_path: self.packages.manifest_path.clone(),
            packages: self.packages.package.clone(),
            exclude: self.packages.exclude.clone(),
            workspace: self.packages.workspace,
            ..selection(&self.targets, &self.features)
        }
    }
}

impl LspArgs {
    /// What these arguments select of any folder.
    pub(super) fn selection(&self) -> Selection {
        selection(&self.targets, &self.features)
    }
}

fn selection(targets: &Targets, features: &Features) -> Selection {
    Selection {
        targets: targets.kinds(),
        features: features.features.clone(),
        all_features: features.all_features,
        no_default_features: features.no_default_features,
        ..Selection::default()
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

    #[test]
    fn flags_become_a_selection() {
        let line = "x check a b -p one -p two --lib --benches -F a,b --no-default-features";
        let cli = Cli::try_parse_from(line.split(' ')).expect("it parses");
        let Some(Command::Check(args)) = cli.command else { panic!("not a check") };
        let selection = args.selection();
        assert_eq!(selection.paths, [PathBuf::from("a"), PathBuf::from("b")]);
        assert_eq!(selection.packages, ["one", "two"]);
        let targets: Vec<TargetKind> = selection.targets.into_iter().collect();
        assert_eq!(targets, [TargetKind::Lib, TargetKind::Bench]);
        assert_eq!(selection.features, ["a,b"]);
        assert!(selection.no_default_features && !selection.all_features);

        let all = Cli::try_parse_from(["x", "--all-targets"]).expect("it parses").check;
        assert_eq!(all.selection().targets.len(), 5);
        assert!(all.selection().paths.is_empty());
    }
}
