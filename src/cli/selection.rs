//! What is linted? Paths, packages, targets and features, in cargo's own words.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::discover::{Selection, TargetKind, clean};
use crate::symbol::nearest;

#[derive(Debug, Args)]
pub(super) struct SelectionArgs {
    /// Packages, workspaces, or folders with packages beneath them [default: .]
    #[arg(value_name = "PATH", help_heading = None::<&str>)]
    paths: Vec<PathBuf>,

    #[command(flatten, next_help_heading = "Package selection")]
    packages: Packages,
    #[command(flatten)]
    everywhere: EverywhereArgs,
}

/// What is linted of whatever is named.
#[derive(Debug, Args)]
pub(super) struct EverywhereArgs {
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

impl SelectionArgs {
    /// The folders that these arguments name.
    pub(super) fn roots(&self) -> Vec<PathBuf> {
        let manifest = self.packages.manifest_path.as_deref().map(|path| path.join(".."));
        let named = self.paths.iter().chain(&manifest);
        let named: Vec<PathBuf> = named.map(|path| clean(path)).collect();
        if named.is_empty() { vec![clean(Path::new("."))] } else { named }
    }

    /// What to say where a path is not there and was probably meant for a command.
    pub(super) fn mistyped(&self, commands: &[String]) -> Option<String> {
        let path = self.paths.first().filter(|path| !path.exists())?;
        let commands: Vec<&str> = commands.iter().map(String::as_str).collect();
        let meant = nearest(path.to_str()?, &commands)?;
        Some(format!(
            "`{0}` is no file or folder, and no command\n  help: did you mean the command `{meant}`? A \
             folder is always one where it is written as `./{0}`",
            path.display()
        ))
    }

    /// What these arguments select.
    pub(super) fn selection(&self) -> Selection {
        Selection {
            paths: self.paths.clone(),
            manifest_path: self.packages.manifest_path.clone(),
            packages: self.packages.package.clone(),
            exclude: self.packages.exclude.clone(),
            workspace: self.packages.workspace,
            ..self.everywhere.selection()
        }
    }
}

impl EverywhereArgs {
    /// What these arguments select of any folder.
    pub(super) fn selection(&self) -> Selection {
        let Targets { lib, bins, examples, tests, benches, all_targets } = self.targets;
        let asked = [
            (lib, TargetKind::Lib),
            (bins, TargetKind::Bin),
            (examples, TargetKind::Example),
            (tests, TargetKind::Test),
            (benches, TargetKind::Bench),
        ];
        let asked = asked.into_iter().filter(|(asked, _)| *asked || all_targets);
        Selection {
            targets: asked.map(|(_, kind)| kind).collect(),
            features: self.features.features.clone(),
            all_features: self.features.all_features,
            no_default_features: self.features.no_default_features,
            ..Selection::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::args::{Cli, Command};

    #[test]
    fn flags_become_a_selection() {
        let line = "x check a b -p one -p two --lib --benches -F a,b --no-default-features";
        let cli = Cli::try_parse_from(line.split(' ')).expect("it parses");
        let Some(Command::Check(args)) = cli.command else { panic!("not a check") };
        let selection = args.selected.selection();
        assert_eq!(selection.paths, [PathBuf::from("a"), PathBuf::from("b")]);
        assert_eq!(selection.packages, ["one", "two"]);
        let targets: Vec<TargetKind> = selection.targets.into_iter().collect();
        assert_eq!(targets, [TargetKind::Lib, TargetKind::Bench]);
        assert_eq!(selection.features, ["a,b"]);
        assert!(selection.no_default_features && !selection.all_features);

        let all = Cli::try_parse_from(["x", "--all-targets"]).expect("it parses").check;
        assert_eq!(all.selected.selection().targets.len(), 5);
        assert!(all.selected.selection().paths.is_empty());
    }
}
