//! Where does a report go? Each form that was asked for to its file or to stdout, and what is said
//! beside it on stderr.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::args::CheckArgs;
use super::formats::{FormatArg, FormatName};
use super::{tell, terminal};
use crate::diagnostic::Report;
use crate::discover::clean;
use crate::report::human::Options;
use crate::report::{Format, Plain, Status, cargo, markdown, render, short};

/// GitHub refuses a summary that is longer, and with it the whole of the job's.
const MOST_OF_A_SUMMARY: usize = 1 << 20;

/// The forms that were asked for, at most one of them for stdout.
pub(super) struct Outputs {
    forms: Vec<FormatArg>,
    terminal: terminal::Terminal,
    /// The folder that `--path-base` names.
    base: Option<PathBuf>,
    here: PathBuf,
    /// Another command's output follows.
    followed: bool,
    /// Numbers instead of findings, where people would read those.
    statistics: bool,
    quiet: bool,
}

impl Outputs {
    /// What the arguments ask for.
    ///
    /// # Errors
    /// Two forms would share stdout or a file, or a folder is not there: what to say of it.
    pub(super) fn of(args: &CheckArgs) -> Result<Outputs, String> {
        let output = &args.output;
        let mut forms = output.format.clone();
        if let Some(format) = output.message_format {
            forms.push(FormatArg { name: format.name(), file: None });
        }
        let printed = forms.iter().find(|form| form.file.is_none()).map(|form| form.name);
        if output.statistics && printed.is_some_and(|name| name != FormatName::Human) {
            return Err(
                "`--statistics` is for people, and stdout holds another format\n  help: give \
                        that one a file, as in `--format json=FILE`"
                    .into(),
            );
        }
        if forms.is_empty() || (output.statistics && printed.is_none()) {
            forms.push(FormatArg { name: FormatName::Human, file: None });
        }
        for (index, form) in forms.iter().enumerate() {
            let Some(other) = forms[..index].iter().find(|other| other.file == form.file) else {
                continue;
            };
            let (one, two) = (other.name.word(), form.name.word());
            return Err(match &form.file {
                None => format!(
                    "`{one}` and `{two}` would both be printed\n  help: give one of them a file, \
                     as in `--format {two}=FILE`"
                ),
                Some(file) => format!(
                    "`{one}` and `{two}` would both be written to `{}`\n  help: give each a file \
                     of its own",
                    file.display()
                ),
            });
        }
        let base = match &output.path_base {
            Some(base) if !base.is_dir() => {
                return Err(format!(
                    "`--path-base {}` is no folder\n  help: name one that paths are to start from",
                    base.display()
                ));
            }
            base => base.as_deref().map(clean),
        };
        Ok(Outputs {
            forms,
            terminal: terminal::Terminal::of_stdout(output.color),
            base,
            here: std::env::current_dir().unwrap_or_default(),
            followed: output.then.is_some(),
            statistics: output.statistics,
            quiet: output.quiet,
        })
    }

    /// The files that are written.
    pub(super) fn files(&self) -> impl Iterator<Item = &Path> {
        self.forms.iter().filter_map(|form| form.file.as_deref())
    }

    /// Writes every form. Returns what became of stdout, and whether each file could be written.
    pub(super) fn write(&self, report: &Report, out: &mut dyn Write) -> (io::Result<()>, bool) {
        let mut written = Ok(());
        let mut whole = true;
        for form in &self.forms {
            let format = self.format(form, report);
            match &form.file {
                None => written = render(report, &format, out),
                Some(file) => whole &= to_file(report, &format, file),
            }
            if form.name == FormatName::Github {
                whole &= self.summary(report);
            }
        }
        self.beside(report);
        (written, whole)
    }

    /// What stderr says where stdout has no place for it.
    fn beside(&self, report: &Report) {
        let printed = self.forms.iter().find(|form| form.file.is_none()).map(|form| form.name);
        let says_it =
            [FormatName::Human, FormatName::Short, FormatName::Github, FormatName::Markdown];
        let mut err = io::stderr().lock();
        // A closed stderr is no reason to stop.
        if self.is_silent(report) {
            drop(short::problems(report, &self.plain(self.here.clone()), true, &mut err));
        }
        if self.quiet || printed.is_some_and(|name| says_it.contains(&name)) {
            return;
        }
        if let Some(why) = Status::of(report).why(report) {
            drop(writeln!(err, "{why}"));
        }
    }

    /// Whether cargo's stream was asked for and stays empty, so that its reader looks at stderr.
    fn is_silent(&self, report: &Report) -> bool {
        let asked = self.forms.iter().any(|form| form.name == FormatName::Cargo);
        asked && cargo::is_silent(report, &self.cargo())
    }

    fn format(&self, form: &FormatArg, report: &Report) -> Format {
        let here = || self.plain(self.base.clone().unwrap_or_else(|| self.here.clone()));
        let repository = || self.plain(self.repository(report));
        match form.name {
            FormatName::Human if self.statistics && form.file.is_none() => {
                Format::Statistics(self.human(form))
            }
            FormatName::Human => Format::Human(self.human(form)),
            FormatName::Short => Format::Short(here()),
            FormatName::Json => Format::Json,
            FormatName::JsonLines => Format::JsonLines,
            FormatName::Cargo => Format::Cargo(self.cargo()),
            FormatName::Sarif => Format::Sarif(repository()),
            FormatName::Github => Format::Github(repository()),
            FormatName::Markdown => Format::Markdown(markdown::Options {
                plain: repository(),
                link: link(&|name| std::env::var(name).ok()),
                most: None,
            }),
            FormatName::Gitlab => Format::Gitlab(repository()),
            FormatName::Junit => Format::Junit(here()),
            FormatName::Rdjson => Format::Rdjson(here()),
        }
    }

    fn human(&self, form: &FormatArg) -> Options {
        // What the terminal can show is of no interest to a file.
        let printed = form.file.is_none();
        Options {
            color: printed && self.terminal.color,
            hyperlinks: printed && self.terminal.hyperlinks,
            unicode: self.terminal.unicode,
            width: if printed { self.terminal.width } else { Options::default().width },
            base: self.base.clone().unwrap_or_else(|| self.here.clone()),
            quiet: self.quiet,
            explains: true,
        }
    }

    fn plain(&self, base: PathBuf) -> Plain {
        Plain { base, quiet: self.quiet }
    }

    fn cargo(&self) -> cargo::Options {
        cargo::Options { followed: self.followed }
    }

    /// The root of the repository, which services take paths from; without one, the current folder.
    fn repository(&self, report: &Report) -> PathBuf {
        if let Some(base) = &self.base {
            return base.clone();
        }
        let mut around = report.root.ancestors().chain(self.here.ancestors());
        let root = around.find(|dir| dir.join(".git").exists());
        root.map_or_else(|| self.here.clone(), Path::to_path_buf)
    }

    /// Adds the page to the summary of a GitHub job, where this is one.
    fn summary(&self, report: &Report) -> bool {
        let Some(file) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|file| !file.is_empty())
        else {
            return true;
        };
        let file = PathBuf::from(file);
        let there = fs::metadata(&file).map_or(0, |meta| meta.len() as usize);
        let options = markdown::Options {
            plain: self.plain(self.repository(report)),
            link: link(&|name| std::env::var(name).ok()),
            most: Some(MOST_OF_A_SUMMARY.saturating_sub(there)),
        };
        let mut page = Vec::new();
        let written = render(report, &Format::Markdown(options), &mut page).and_then(|()| {
            OpenOptions::new().create(true).append(true).open(&file)?.write_all(&page)
        });
        written.map_err(|error| cannot_write(&file, &error)).is_ok()
    }
}

fn to_file(report: &Report, format: &Format, file: &Path) -> bool {
    let mut text = Vec::new();
    let written = render(report, format, &mut text).and_then(|()| fs::write(file, &text));
    written.map_err(|error| cannot_write(file, &error)).is_ok()
}

fn cannot_write(file: &Path, error: &io::Error) {
    let help = match error.kind() {
        io::ErrorKind::NotFound => "create its folder first, or name another file",
        _ => "name another file, or make this one writable",
    };
    tell(&format!("cannot write `{}`: {error}\n  help: {help}", file.display()));
}

/// What stands before the path of a file in a link to it, in a GitHub job.
fn link(env: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let set = |name| env(name).filter(|value| !value.is_empty());
    let server = set("GITHUB_SERVER_URL")?;
    Some(format!("{server}/{}/blob/{}/", set("GITHUB_REPOSITORY")?, set("GITHUB_SHA")?))
}
