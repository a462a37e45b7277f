//! Does it take long? A line on a terminal's stderr says that work goes on, and goes away with it.

use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

/// A run that is shorter needs no comfort.
const LONG: Duration = Duration::from_secs(1);
const STEP: Duration = Duration::from_millis(250);

/// Does the work; says so meanwhile, if it takes long and stderr is a terminal that can take words
/// back.
pub(super) fn during<T>(quiet: bool, work: impl FnOnce() -> T) -> T {
    let capable = io::stderr().is_terminal()
        && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        && std::env::var_os("CI").is_none();
    if quiet || !capable {
        return work();
    }
    let (done, ended) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let start = Instant::now();
            let mut wait = LONG;
            let mut shown = false;
            // The sender is dropped at the end, however the work ends.
            while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(wait) {
                let line = format!("\r\u{1b}[2K  linting .. {} s", start.elapsed().as_secs());
                drop(io::stderr().write_all(line.as_bytes()));
                (wait, shown) = (STEP, true);
            }
            if shown {
                drop(io::stderr().write_all(b"\r\x1b[2K"));
            }
        });
        let result = work();
        drop(done);
        result
    })
}
