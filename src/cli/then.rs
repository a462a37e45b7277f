//! What is run after us? The one process that this tool ever starts, and only when told to.

use std::process::{Command, ExitStatus};

use super::tell;

/// A command line, taken apart as a shell would do it. No shell is started.
pub(super) struct Then {
    words: Vec<String>,
}

impl Then {
    /// # Errors
    /// There is no command in it, or a quote is never closed: what to say of it.
    pub(super) fn of(line: &str) -> Result<Then, String> {
        let told = |what: &str, help: &str| Err(format!("`--then {line}`: {what}\n  help: {help}"));
        match shlex::split(line) {
            None => told("a quote in it is never closed", "close it, or put a `\\` before it"),
            Some(words) if words.is_empty() => {
                told("it names no command", "name one, as in `--then 'cargo clippy'`")
            }
            Some(words) => Ok(Then { words }),
        }
    }

    /// Runs it with our streams. The status of both: ours where it is not 0, for what was found and
    /// what was not judged must not be lost; else the command's own. A command that does not start
    /// or is ended from outside could not judge: 2.
    pub(super) fn run(&self, ours: u8) -> u8 {
        let (program, args) = (&self.words[0], &self.words[1..]);
        let ended = match Command::new(program).args(args).status() {
            Ok(ended) => ended,
            Err(error) => {
                tell(&format!(
                    "cannot run `{program}`: {error}\n  help: `--then` takes a command as it would \
                     be typed; check its name and PATH"
                ));
                return 2;
            }
        };
        match (ours, theirs(ended)) {
            (ours, Some(theirs)) => combined(ours, theirs),
            (_, None) => {
                tell(&format!("`{program}` was ended by a signal, so its answer is not whole"));
                2
            }
        }
    }
}

/// A status that does not fit is a failure all the same.
fn theirs(ended: ExitStatus) -> Option<u8> {
    ended.code().map(|code| u8::try_from(code).unwrap_or(1))
}

fn combined(ours: u8, theirs: u8) -> u8 {
    if ours == 0 { theirs } else { ours }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_failed_is_lost() {
        assert_eq!(combined(0, 0), 0);
        assert_eq!(combined(0, 101), 101);
        assert_eq!(combined(1, 0), 1);
        assert_eq!(combined(1, 101), 1);
        assert_eq!(combined(2, 0), 2);
    }
}
