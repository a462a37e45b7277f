//! How many findings has each rule? For whoever meets a service with many of them.

use std::io::{self, Write};

use super::human;
use super::plain;
use crate::diagnostic::{Level, Report};

/// Writes a line for each rule that found something, the most frequent first, then what it comes to.
///
/// # Errors
/// The writer fails.
pub fn render(report: &Report, options: &human::Options, out: &mut dyn Write) -> io::Result<()> {
    let mut rules: Vec<(&str, usize)> = plain::by_rule(report).collect();
    // The order of the names stays within one number.
    rules.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
    let width = rules.iter().map(|(rule, _)| rule.len()).max().unwrap_or(0);
    let digits = rules.first().map_or(1, |(_, number)| number.to_string().len());
    for (rule, number) in &rules {
        let of_level = |level| {
            let found = plain::shown(report);
            found.filter(|one| one.rule == *rule && one.level == level).count()
        };
        let levels = [(Level::Error, "error"), (Level::Warning, "warning"), (Level::Note, "note")];
        let levels = levels.map(|(level, name)| (of_level(level), name));
        let levels = levels.iter().filter(|(number, _)| *number > 0);
        let levels: Vec<String> =
            levels.map(|(number, name)| plain::count(*number, name)).collect();
        writeln!(out, "{number:>digits$}  {rule:width$}  {}", levels.join(", "))?;
    }
    if options.quiet {
        return Ok(());
    }
    if !rules.is_empty() {
        writeln!(out)?;
    }
    human::closing_of_page(report, options, out)
}
