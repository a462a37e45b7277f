//! Which forms of the report are asked for? The arguments about output and their help, no logic.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Args, Command, Error, ValueEnum};

#[derive(Debug, Args)]
pub(super) struct OutputArgs {
    /// How to show the report, and in which file; may be repeated [default: human]
    ///
    /// One format goes to stdout; each of the others needs a file: `--format human --format
    /// sarif=out.sarif`.
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = FormatParser)]
    pub(super) format: Vec<FormatArg>,
    /// The same in cargo's words: `json` is `--format cargo`
    #[arg(long, value_name = "FORMAT", conflicts_with = "format", value_enum)]
    pub(super) message_format: Option<MessageFormat>,
    /// Take paths from this folder [default: the current one for people, the repository for others]
    #[arg(long, value_name = "FOLDER")]
    pub(super) path_base: Option<PathBuf>,
    /// Print how many findings each rule has, instead of each of them
    #[arg(long)]
    pub(super) statistics: bool,
    /// Lint again whenever a file changes, until the call is ended
    #[arg(long)]
    pub(super) watch: bool,
    /// Run a command after the report, such as 'cargo clippy --message-format=json'
    ///
    /// Its output follows on the report. The status is that of the report where it is not 0, else
    /// that of the command. No shell is started.
    #[arg(long, value_name = "COMMAND")]
    pub(super) then: Option<String>,
    /// When to use colours
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorArg::Auto)]
    pub(super) color: ColorArg,
    /// Print findings and problems, and nothing about them
    #[arg(short, long)]
    pub(super) quiet: bool,
    /// Say on stderr what was linted, and how long it took
    #[arg(short, long, conflicts_with = "quiet")]
    pub(super) verbose: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FormatName {
    /// For people: the lines of source that led to each finding, and what puts it right
    Human,
    /// A line for each finding, which the problem matchers of editors know
    Short,
    /// One document that follows schema/report-1.json, notes included
    Json,
    /// The same, a line for each record
    JsonLines,
    /// What cargo prints with --message-format=json: for rust-analyzer
    Cargo,
    /// SARIF 2.1.0: for code scanning
    Sarif,
    /// Annotations of a GitHub workflow, and the summary of its job
    Github,
    /// A page in Markdown
    Markdown,
    /// Code quality of GitLab
    Gitlab,
    /// JUnit's XML
    Junit,
    /// The diagnostics of reviewdog
    Rdjson,
}

/// Cargo's names for its own formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum MessageFormat {
    Human,
    Short,
    #[value(aliases = [
        "json-diagnostic-short",
        "json-diagnostic-rendered-ansi",
        "json-render-diagnostics",
        "json,json-diagnostic-short",
        "json,json-diagnostic-rendered-ansi",
    ])]
    Json,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum ColorArg {
    /// As the terminal, NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE and CARGO_TERM_COLOR say
    Auto,
    Always,
    Never,
}

/// A format and where it goes; `None` is stdout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FormatArg {
    pub(super) name: FormatName,
    pub(super) file: Option<PathBuf>,
}

impl MessageFormat {
    pub(super) fn name(self) -> FormatName {
        match self {
            MessageFormat::Human => FormatName::Human,
            MessageFormat::Short => FormatName::Short,
            MessageFormat::Json => FormatName::Cargo,
        }
    }
}

impl FormatName {
    pub(super) fn word(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// Reads `name` or `name=file`.
#[derive(Debug, Clone)]
struct FormatParser;

impl TypedValueParser for FormatParser {
    type Value = FormatArg;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<FormatArg, Error> {
        let text = value.to_string_lossy();
        let (name, file) = match text.split_once('=') {
            Some((name, file)) => (name, Some(file)),
            None => (&*text, None),
        };
        let refused = |kind| {
            let mut error = Error::new(kind).with_cmd(command);
            if let Some(arg) = arg {
                error.insert(ContextKind::InvalidArg, ContextValue::String(arg.to_string()));
            }
            error.insert(ContextKind::InvalidValue, ContextValue::String(text.to_string()));
            let names = FormatName::value_variants().iter().map(|name| name.word()).collect();
            error.insert(ContextKind::ValidValue, ContextValue::Strings(names));
            error
        };
        let name =
            FormatName::from_str(name, true).map_err(|_| refused(ErrorKind::InvalidValue))?;
        let file = match file {
            // The usual name for stdout.
            None | Some("-") => None,
            Some("") => return Err(refused(ErrorKind::InvalidValue)),
            Some(file) => Some(PathBuf::from(file)),
        };
        Ok(FormatArg { name, file })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let names = FormatName::value_variants().iter();
        Some(Box::new(names.filter_map(FormatName::to_possible_value)))
    }
}
