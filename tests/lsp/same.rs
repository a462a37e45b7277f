//! Does the server find what the command line finds, on every fixture?

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::client::{Client, uri};

/// Every finding and problem: rule or kind, level, line and column from 0, how many steps it has.
type Found = BTreeMap<String, Vec<(String, String, u64, u64, usize)>>;

/// The packages and workspaces of `fixtures/`.
fn fixtures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut folders = Vec::new();
    for entry in walkdir::WalkDir::new(root).min_depth(2).max_depth(2).sort_by_file_name() {
        let path = entry.expect("it can be read").into_path();
        if path.join("Cargo.toml").is_file() {
            folders.push(path);
        }
    }
    assert!(folders.len() > 30, "{folders:?}");
    folders
}

/// What the command line says of a folder, notes too.
fn of_command_line(folder: &Path, found: &mut Found) {
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-twelve-lint"))
        .args(["--format", "json"])
        .arg(folder)
        .output()
        .expect("the binary runs");
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let root = PathBuf::from(report["root"].as_str().expect("a root"));
    for finding in report["findings"].as_array().expect("a list") {
        let text = |key: &str| finding[key].as_str().expect("a text").to_string();
        let start = &finding["span"]["start"];
        let number = |key: &str| start[key].as_u64().expect("a number") - 1;
        let steps = finding["because"].as_array().expect("a list").len();
        let one = (text("rule"), text("level"), number("line"), number("column"), steps);
        found.entry(uri(&root.join(text("file")))).or_default().push(one);
    }
    for problem in report["problems"].as_array().expect("a list") {
        let text = |key: &str| problem[key].as_str().expect("a text").to_string();
        let start = &problem["span"]["start"];
        // What has no place stands at the beginning of its file.
        let number = |key: &str| start[key].as_u64().unwrap_or(1) - 1;
        let one = (text("kind"), text("severity"), number("line"), number("column"), 0);
        let path = root.join(text("file"));
        if path.is_file() {
            found.entry(uri(&path)).or_default().push(one);
        }
    }
}

fn of_server(client: &Client) -> Found {
    let mut found = Found::new();
    for (uri, shown) in &client.shown {
        for marked in shown {
            let level = match marked["severity"].as_u64() {
                Some(1) => "error",
                Some(2) => "warning",
                _ => "note",
            };
            let start = &marked["range"]["start"];
            let number = |key: &str| start[key].as_u64().expect("a number");
            let steps = marked["relatedInformation"].as_array().map_or(0, Vec::len);
            let code = marked["code"].as_str().expect("a code").to_string();
            let one = (code, level.into(), number("line"), number("character"), steps);
            found.entry(uri.clone()).or_default().push(one);
        }
    }
    found
}

#[test]
fn every_fixture_is_judged_as_on_the_command_line() {
    let folders = fixtures();
    let mut expected = Found::new();
    for folder in &folders {
        of_command_line(folder, &mut expected);
    }
    let mut client = Client::spawn(&[]);
    let roots: Vec<&Path> = folders.iter().map(PathBuf::as_path).collect();
    // Columns of the command line are characters.
    let characters = json!({ "general": { "positionEncodings": ["utf-32"] } });
    client.initialize(&roots, characters, json!({ "pedantic": true }));
    // A buffer that is open as it was saved changes nothing, and says when the run is over.
    let manifest = folders[0].join("Cargo.toml");
    let text = std::fs::read_to_string(&manifest).expect("it is there");
    client.open(&manifest, 1, &text);
    client.linted(&manifest, 1);
    let mut found = of_server(&client);
    for list in found.values_mut().chain(expected.values_mut()) {
        list.sort();
    }
    found.retain(|_, list| !list.is_empty());
    assert!(expected.values().map(Vec::len).sum::<usize>() > 50);
    assert_eq!(found, expected);
    assert!(client.end().success());
}
