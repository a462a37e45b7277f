//! Can each format be read by what it is for? Its consumer's parser, or the schema of who made it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use serde_json::Value;
use twelve_lint::check::Options;
use twelve_lint::diagnostic::Report;
use twelve_lint::discover::Selection;
use twelve_lint::report::Plain;
use twelve_lint::source::Sources;

#[path = "formats/annotations.rs"]
mod annotations;
#[path = "formats/cargo.rs"]
mod cargo;
#[path = "formats/code_quality.rs"]
mod code_quality;
#[path = "formats/edits.rs"]
mod edits;
#[path = "formats/junit.rs"]
mod junit;
#[path = "formats/lines.rs"]
mod lines;
#[path = "formats/markdown.rs"]
mod markdown;
#[path = "formats/output.rs"]
mod output;
#[path = "formats/reviewdog.rs"]
mod reviewdog;
#[path = "reports/sample.rs"]
mod sample;
#[path = "formats/sarif.rs"]
mod sarif;
#[path = "formats/then.rs"]
mod then;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What is found in folders of this package, notes too.
fn linted(folders: &[&str]) -> Report {
    with_notes(folders.iter().map(|folder| root().join(folder)).collect())
}

fn with_notes(paths: Vec<PathBuf>) -> Report {
    let selection = Selection { paths, ..Selection::default() };
    let options = Options { pedantic: Some(true), ..Options::default() };
    twelve_lint::check_with(Sources::default(), &selection, &options)
}

/// Small services with findings in sources and in deploy files, of one package and of several.
fn services() -> &'static [Report] {
    static SERVICES: LazyLock<Vec<Report>> = LazyLock::new(|| {
        let mut services = vec![
            linted(&["fixtures/sticky_session/bad"]),
            linted(&["fixtures/local_disk_write/bad"]),
            linted(&["fixtures/in_process_session/bad", "fixtures/local_volume/bad"]),
            sample::pedantic(),
        ];
        for entry in std::fs::read_dir(root().join("fixtures/workspaces")).expect("fixtures") {
            let path = entry.expect("an entry").path();
            services.push(with_notes(vec![path]));
        }
        services
    });
    &SERVICES
}

/// Paths from the root of a report.
fn plain(report: &Report) -> Plain {
    Plain { base: report.root.clone(), ..Plain::default() }
}

/// The findings that are shown: the rest is suppressed or known.
fn live(report: &Report) -> usize {
    let summary = report.summary();
    summary.errors + summary.warnings + summary.notes
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("it is JSON")
}

/// A schema of `tests/schemas`, formats of strings included.
fn schema(text: &str) -> jsonschema::Validator {
    let options = jsonschema::options().should_validate_formats(true);
    options.build(&json(text)).expect("the schema is a schema")
}

#[track_caller]
fn valid(schema: &jsonschema::Validator, document: &Value) {
    if let Err(error) = schema.validate(document) {
        panic!("{error} at {}", error.instance_path());
    }
}

/// Runs the binary in a folder; the status, stdout and stderr.
fn run(folder: &Path, args: &[&str], vars: &[(&str, &str)]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-twelve-lint"));
    command.current_dir(folder).args(args).stdin(Stdio::null());
    for var in ["GITHUB_STEP_SUMMARY", "GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA"] {
        command.env_remove(var);
    }
    let output = command.envs(vars.iter().copied()).output().expect("the binary runs");
    let text = |bytes| String::from_utf8(bytes).expect("it is UTF-8");
    let status = output.status.code().expect("it ends by itself");
    (status, text(output.stdout), text(output.stderr))
}
