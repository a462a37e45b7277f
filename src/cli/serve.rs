//! How is the language server started? On stdin and stdout, with the rules' pages where editors can
//! open them.

use std::fs;
use std::io;

use lsp_server::Connection;
use tempfile::TempDir;

use super::args::LspArgs;
use super::tell;
use crate::lsp::{self, Options};
use crate::rules::RULES;

/// Serves until the editor says `exit` or is gone; the status to end with.
pub(super) fn run(args: &LspArgs) -> u8 {
    let pages = match pages() {
        Ok(pages) => Some(pages),
        Err(error) => {
            tell(&format!(
                "the pages of the rules cannot be written, links lead to the web: {error}"
            ));
            None
        }
    };
    let options = Options {
        pedantic: args.pedantic.pedantic,
        selection: args.selected.selection(),
        pages: pages.as_ref().map(|pages| pages.path().to_path_buf()),
    };
    let (connection, threads) = Connection::stdio();
    let status = lsp::serve(&connection, options);
    // What was said last is written before the process ends.
    drop(connection);
    match threads.join() {
        Ok(()) => status,
        Err(error) => {
            tell(&format!("what the editor sent, or was sent, broke off: {error}"));
            1
        }
    }
}

/// The pages as files, in a folder that goes when the server does.
fn pages() -> io::Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("twelve-lint-").tempdir()?;
    for rule in RULES {
        fs::write(folder.path().join(format!("{}.md", rule.id)), rule.page)?;
    }
    Ok(folder)
}
