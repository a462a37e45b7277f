//! Which findings are known already, for this run? Those of a baseline, and of a revision.

use std::path::PathBuf;

use clap::Args;

use crate::check::{Baseline, Options};

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Known findings")]
pub(super) struct KnownArgs {
    /// The baseline, of findings that are known [default: the nearest twelve-lint-baseline.json]
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Show findings that are in a baseline, too
    #[arg(long, conflicts_with = "baseline")]
    no_baseline: bool,
    /// Show only findings in what changed since a revision, such as `origin/main`: in an item that
    /// did, or for a reason that did
    #[arg(long, value_name = "REV")]
    new_from: Option<String>,
}

impl KnownArgs {
    /// What these arguments ask of a run, beside the rest.
    pub(super) fn options(&self, rest: Options) -> Options {
        let baseline = match &self.baseline {
            Some(path) => Baseline::File(path.clone()),
            None if self.no_baseline => Baseline::Off,
            None => Baseline::Nearest,
        };
        Options { baseline, new_from: self.new_from.clone(), ..rest }
    }
}
