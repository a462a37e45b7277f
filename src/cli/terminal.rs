//! What can the output show? Colours, links, characters and columns of stdout.

use std::io::{self, IsTerminal};

use super::formats::ColorArg;

/// Columns where there is no terminal that says how many it has.
const PAGE: usize = 100;
/// Longer lines are hard to read, however wide the window.
const WIDEST: usize = 140;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Terminal {
    pub(super) color: bool,
    pub(super) hyperlinks: bool,
    pub(super) unicode: bool,
    pub(super) width: usize,
}

impl Terminal {
    /// What stdout can show, and what the user and the environment want of it.
    pub(super) fn of_stdout(color: ColorArg) -> Terminal {
        let is_terminal = io::stdout().is_terminal();
        let size = if is_terminal { terminal_size::terminal_size() } else { None };
        let columns = size.map(|(width, _)| usize::from(width.0));
        Terminal::of(color, is_terminal, columns, &|name| std::env::var(name).ok())
    }

    fn of(
        color: ColorArg,
        is_terminal: bool,
        columns: Option<usize>,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Terminal {
        let set = |name: &str| env(name).filter(|value| !value.is_empty());
        let forced = |name: &str| set(name).is_some_and(|value| value != "0" && value != "false");
        let capable = is_terminal && env("TERM").as_deref() != Some("dumb");
        let color = match color {
            ColorArg::Always => true,
            ColorArg::Never => false,
            ColorArg::Auto if set("NO_COLOR").is_some() => false,
            ColorArg::Auto if forced("FORCE_COLOR") || forced("CLICOLOR_FORCE") => true,
            ColorArg::Auto => match set("CARGO_TERM_COLOR").as_deref() {
                Some("always") => true,
                Some("never") => false,
                _ => capable,
            },
        };
        // A locale that is named and is not UTF-8; where none is named, UTF-8 is the rule today.
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
        let unicode = locale.is_none_or(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        });
        let width = columns.filter(|columns| *columns > 0).unwrap_or(PAGE).min(WIDEST);
        Terminal { color, hyperlinks: color && capable, unicode, width }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn color(arg: ColorArg, is_terminal: bool, vars: &[(&str, &str)]) -> bool {
        let env = |name: &str| {
            vars.iter().find(|(var, _)| *var == name).map(|(_, value)| (*value).to_owned())
        };
        Terminal::of(arg, is_terminal, None, &env).color
    }

    #[test]
    fn color_follows_flag_then_environment_then_terminal() {
        use ColorArg::{Always, Auto, Never};
        assert!(color(Auto, true, &[]));
        assert!(!color(Auto, false, &[]));
        assert!(!color(Auto, true, &[("TERM", "dumb")]));
        assert!(!color(Auto, true, &[("NO_COLOR", "1")]));
        assert!(color(Auto, true, &[("NO_COLOR", "")]));
        assert!(color(Always, false, &[("NO_COLOR", "1")]));
        assert!(!color(Never, true, &[("CLICOLOR_FORCE", "1")]));
        assert!(color(Auto, false, &[("CLICOLOR_FORCE", "1")]));
        assert!(!color(Auto, false, &[("CLICOLOR_FORCE", "0")]));
        assert!(!color(Auto, true, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]));
        assert!(color(Auto, false, &[("FORCE_COLOR", "1")]));
        assert!(color(Auto, false, &[("FORCE_COLOR", "true")]));
        assert!(!color(Auto, false, &[("FORCE_COLOR", "0")]));
        assert!(!color(Auto, true, &[("NO_COLOR", "1"), ("FORCE_COLOR", "1")]));
        assert!(color(Auto, false, &[("CARGO_TERM_COLOR", "never"), ("FORCE_COLOR", "3")]));
        assert!(color(Auto, false, &[("CARGO_TERM_COLOR", "always")]));
        assert!(!color(Auto, true, &[("CARGO_TERM_COLOR", "never")]));
    }

    #[test]
    fn page_fits_the_window_and_the_locale() {
        let of = |terminal, columns, locale: &'static str| {
            let env = |name: &str| (name == "LANG").then(|| locale.to_owned());
            let terminal = Terminal::of(ColorArg::Always, terminal, columns, &env);
            (terminal.width, terminal.unicode, terminal.hyperlinks)
        };
        assert_eq!(of(true, Some(80), "en_US.UTF-8"), (80, true, true));
        assert_eq!(of(true, Some(300), "C"), (WIDEST, false, true));
        assert_eq!(of(false, None, "C.utf8"), (PAGE, true, false));
        assert_eq!(of(true, Some(0), ""), (PAGE, true, true));
    }
}
