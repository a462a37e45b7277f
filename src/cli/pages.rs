//! What does a shell, or `man`, need to know of us? Pages made from the arguments' definitions.

use std::io::{self, Write};

use clap::CommandFactory;
use clap_complete::{Shell, generate};
use clap_mangen::Man;

use super::args::Cli;

/// Our own name, which cargo's subcommand and our pages have.
const NAME: &str = env!("CARGO_PKG_NAME");

/// What a shell reads to complete our arguments.
pub(super) fn completions(shell: Shell, out: &mut dyn Write) -> io::Result<()> {
    let mut text = Vec::new();
    generate(shell, &mut Cli::command(), NAME, &mut text);
    out.write_all(&text)
}

/// The page for `man`, which `cargo help twelve-lint` shows too.
pub(super) fn man(out: &mut dyn Write) -> io::Result<()> {
    Man::new(Cli::command()).render(out)
}
