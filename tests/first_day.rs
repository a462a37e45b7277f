//! Is the first day in README.md what happens? Its steps are run anew. `BLESS=1` records them.
#![cfg(unix)]

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

#[path = "support/files.rs"]
mod files;

const BEGIN: &str = "<!-- first day -->\n```console\n";
const END: &str = "```\n<!-- /first day -->";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn done(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && err.is_empty(), "{command:?}: {err}");
    output
}

/// The service as it was, committed on `main`.
fn service() -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    files::write(folder.path(), include_str!("first_day/chhoto-url.txt"));
    let who = ["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false"];
    for args in ["init -q -b main", "add -A", "commit -q -m x"] {
        let mut git = Command::new("git");
        done(git.current_dir(folder.path()).args(who).args(args.split(' ')));
    }
    folder
}

/// What the steps print, with our binary as the one that is installed.
fn recorded() -> String {
    let service = service();
    let ours = Path::new(env!("CARGO_BIN_EXE_cargo-twelve-lint"));
    let before = std::env::var_os("PATH").unwrap_or_default();
    let folder = ours.parent().expect("a folder").to_path_buf();
    let path = std::env::join_paths([folder].into_iter().chain(std::env::split_paths(&before)));
    let mut steps = Command::new("bash");
    steps.arg(root().join("tests/first_day/steps")).current_dir(service.path());
    steps.env("PATH", path.expect("paths")).env("INSTALLED", "1");
    String::from_utf8(done(&mut steps).stdout).expect("UTF-8")
}

#[test]
fn the_first_day_in_the_readme_is_what_happens() {
    let now = recorded();
    let path = root().join("README.md");
    let text = std::fs::read_to_string(&path).expect("there is a README.md");
    let (before, rest) = text.split_once(BEGIN).expect("README.md has the first day");
    let (then, after) = rest.split_once(END).expect("which ends");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{now}{END}{after}")).expect("it is ours");
        return;
    }
    let mut pairs = then.lines().zip(now.lines());
    if let Some((then, now)) = pairs.find(|(then, now)| then != now) {
        panic!("README.md has {then:?}, and it is {now:?}; BLESS=1 records it");
    }
    assert_eq!(then, now, "BLESS=1 records it");
}

#[test]
fn nothing_that_happens_is_a_surprise() {
    let now = recorded();
    let mut left = &*now;
    for told in [
        "findings of level error\n",
        "error[process_local_secret]\n",
        "1 finding of this baseline is gone: process_local_secret of `chhoto_url::main`",
        "out   in_process_schedule of ",
        "FOLLOWED",
        "1 suppressed; ",
        "exit status 1: 1 finding of level error\n",
        "status 1\n",
    ] {
        let (_, rest) =
            left.split_once(told).unwrap_or_else(|| panic!("{told:?} is missing in\n{now}"));
        left = rest;
    }
    assert_eq!(left, "", "that is the end");
}
