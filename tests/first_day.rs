//! Is the first day in README.md what happens? What is typed there is compared with the steps; what
//! comes of it, where `FIRST_DAY_SERVICE` names a clone of the service. `BLESS=1` records that.
#![cfg(unix)]

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const BEGIN: &str = "<!-- first day -->\n```console\n";
const END: &str = "```\n<!-- /first day -->";
const STEPS: &str = include_str!("first_day/steps");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).expect("there is a README.md")
}

/// What stands before the first day, the day itself, and what follows.
fn parts(readme: &str) -> (&str, &str, &str) {
    let (before, rest) = readme.split_once(BEGIN).expect("README.md has the first day");
    let (day, after) = rest.split_once(END).expect("which ends");
    (before, day, after)
}

fn done(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && err.is_empty(), "{command:?}: {err}");
    output
}

/// The service as it was, on `main`, in a clone of its own.
fn service(from: &OsStr) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    let revision = STEPS.split_once("git switch -C main ").expect("the steps name a revision").1;
    let revision = revision.lines().next().expect("on a line");
    done(Command::new("git").args(["clone", "-q"]).arg(from).arg(folder.path()));
    let mut switch = Command::new("git");
    done(switch.current_dir(folder.path()).args(["switch", "-q", "-C", "main", revision]));
    folder
}

/// What the steps print, with our binary as the one that is installed.
fn recorded(service: &Path) -> String {
    let ours = Path::new(env!("CARGO_BIN_EXE_cargo-twelve-lint"));
    let before = std::env::var_os("PATH").unwrap_or_default();
    let folder = ours.parent().expect("a folder").to_path_buf();
    let path = std::env::join_paths([folder].into_iter().chain(std::env::split_paths(&before)));
    let mut steps = Command::new("bash");
    steps.arg(root().join("tests/first_day/steps")).current_dir(service);
    steps.env("PATH", path.expect("paths")).env("INSTALLED", "1");
    String::from_utf8(done(&mut steps).stdout).expect("UTF-8")
}

#[test]
fn the_first_day_in_the_readme_is_what_happens() {
    let Some(from) = std::env::var_os("FIRST_DAY_SERVICE") else { return };
    let now = recorded(service(&from).path());
    let text = readme();
    let (before, then, after) = parts(&text);
    if std::env::var_os("BLESS").is_some() {
        let text = format!("{before}{BEGIN}{now}{END}{after}");
        std::fs::write(root().join("README.md"), text).expect("it is ours");
        return;
    }
    let mut pairs = then.lines().zip(now.lines());
    if let Some((then, now)) = pairs.find(|(then, now)| then != now) {
        panic!("README.md has {then:?}, and it is {now:?}; BLESS=1 records it");
    }
    assert_eq!(then, now, "BLESS=1 records it");
}

/// Between the quotes behind a word, for each line that begins with it.
fn quoted(word: &str) -> Vec<&'static str> {
    let told = STEPS.lines().filter_map(|line| line.strip_prefix(word)?.strip_prefix(" '"));
    told.filter_map(|rest| rest.split_once('\'')).map(|(text, _)| text).collect()
}

#[test]
fn what_is_typed_and_remarked_is_what_the_steps_do() {
    let text = readme();
    let (_, day, _) = parts(&text);
    let begun = |sign| day.lines().filter_map(move |line| line.strip_prefix(sign));
    let typed: Vec<&str> = begun("$ ").skip(1).collect();
    assert_eq!(typed, quoted("run"));
    let remarks: Vec<&str> = begun("# ").collect();
    assert_eq!(remarks, quoted("note"));
}

#[test]
fn nothing_that_happens_is_a_surprise() {
    let text = readme();
    let (_, mut left, _) = parts(&text);
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
            left.split_once(told).unwrap_or_else(|| panic!("{told:?} is missing in\n{left}"));
        left = rest;
    }
    assert_eq!(left, "", "that is the end");
}
