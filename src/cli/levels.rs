//! How grave are findings, for this run? `-A`, `-N`, `-W` and `-D`, of which the last one counts.

use clap::{Arg, ArgAction, ArgMatches, Args, Error, FromArgMatches};

use crate::check::{Asked, Options};
use crate::config::{ALL, LevelWord};
use crate::diagnostic::Verdict;
use crate::rules;

/// Levels in the order in which the command line gives them.
#[derive(Debug, Clone, Default)]
pub(super) struct LevelArgs {
    pub(super) asked: Vec<Asked>,
    pub(super) no_ignores: bool,
}

impl LevelArgs {
    /// What these arguments ask of a run.
    pub(super) fn options(&self) -> Options {
        Options { levels: self.asked.clone(), no_ignores: self.no_ignores, ..Options::default() }
    }
}

const FLAGS: [(&str, char, LevelWord, &str); 4] = [
    ("allow", 'A', LevelWord::Allow, "Count findings of this rule, and show none of them"),
    ("note", 'N', LevelWord::Note, "Make findings of this rule notes"),
    ("warn", 'W', LevelWord::Warn, "Make findings of this rule warnings"),
    (
        "deny",
        'D',
        LevelWord::Deny,
        "Make findings of this rule errors. RULE is a rule or `all`, perhaps with a verdict: \
         `in_process_cache:hazard`. The last flag that means a finding counts",
    ),
];
const NO_IGNORES: &str = "no-ignores";
const HEADING: &str = "Levels";

impl Args for LevelArgs {
    fn augment_args(command: clap::Command) -> clap::Command {
        let flags = FLAGS.map(|(name, short, _, help)| {
            Arg::new(name)
                .long(name)
                .short(short)
                .value_name("RULE")
                .action(ArgAction::Append)
                .value_parser(meant)
                .help_heading(HEADING)
                .help(help)
        });
        let no_ignores = Arg::new(NO_IGNORES)
            .long(NO_IGNORES)
            .action(ArgAction::SetTrue)
            .help_heading(HEADING)
            .help("Show what comments and configurations allow, too: for reviewers");
        command.args(flags).arg(no_ignores)
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        LevelArgs::augment_args(command)
    }
}

impl FromArgMatches for LevelArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<LevelArgs, Error> {
        let mut asked: Vec<(usize, Asked)> = Vec::new();
        for (name, _, level, _) in FLAGS {
            let values = matches.get_many::<Meant>(name).into_iter().flatten();
            let places = matches.indices_of(name).into_iter().flatten();
            let said = |meant: &Meant| Asked { rule: meant.rule, verdict: meant.verdict, level };
            asked.extend(places.zip(values.map(said)));
        }
        asked.sort_by_key(|(place, _)| *place);
        let asked = asked.into_iter().map(|(_, asked)| asked).collect();
        Ok(LevelArgs { asked, no_ignores: matches.get_flag(NO_IGNORES) })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = LevelArgs::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Which findings a flag means.
#[derive(Debug, Clone, Copy)]
struct Meant {
    rule: Option<&'static str>,
    verdict: Option<Verdict>,
}

/// `in_process_cache`, `in_process_cache:hazard`, `all`.
fn meant(text: &str) -> Result<Meant, String> {
    let (name, verdict) = match text.split_once(':') {
        None => (text, None),
        Some((name, "violation")) => (name, Some(Verdict::Violation)),
        Some((name, "hazard")) => (name, Some(Verdict::Hazard)),
        Some((_, other)) => {
            return Err(format!("`{other}` is no verdict: `violation` or `hazard`"));
        }
    };
    if name == ALL {
        return Ok(Meant { rule: None, verdict });
    }
    match rules::find(&name.replace('-', "_")) {
        Some(rule) => Ok(Meant { rule: Some(rule.id), verdict }),
        None => {
            let (message, help) = rules::unknown(name);
            Err(format!("{message}; {help}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::args::Cli;

    #[test]
    fn flags_keep_their_order() {
        let line =
            "x -Aall -W local_disk_write --deny in-process-cache:hazard -N all:hazard -A all";
        let cli = Cli::try_parse_from(line.split(' ')).expect("it parses");
        let asked = cli.check.levels.asked.iter();
        let asked: Vec<_> = asked.map(|a| (a.rule, a.verdict, a.level)).collect();
        let expected = [
            (None, None, LevelWord::Allow),
            (Some("local_disk_write"), None, LevelWord::Warn),
            (Some("in_process_cache"), Some(Verdict::Hazard), LevelWord::Deny),
            (None, Some(Verdict::Hazard), LevelWord::Note),
            (None, None, LevelWord::Allow),
        ];
        assert_eq!(asked, expected);
    }
}
