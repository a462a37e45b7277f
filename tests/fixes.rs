//! Are findings put right where an edit is safe, and is everything else left as it was?

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use twelve_lint::diagnostic::Report;
use twelve_lint::discover::Selection;
use twelve_lint::source::Sources;
use twelve_lint::{check, fix};

#[path = "fixes/cases.rs"]
mod cases;

/// A service with one file beside it.
fn tree(name: &str, text: &str) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        std::fs::write(path, text).expect("a file");
    };
    write("Cargo.toml", "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    write("src/main.rs", "fn main() {}\n");
    write(name, text);
    folder
}

fn lint(folder: &Path) -> Report {
    let selection = Selection { paths: vec![folder.to_path_buf()], ..Selection::default() };
    check(Sources::default(), &selection)
}

/// What is found in the deploy files.
fn found(report: &Report) -> Vec<String> {
    report.findings.iter().map(|finding| format!("{} {}", finding.rule, finding.message)).collect()
}

/// The text after all fixes, until nothing is left to be done.
fn fixed(name: &str, text: &str) -> String {
    let folder = tree(name, text);
    let path = folder.path().join(name);
    for _ in 0..8 {
        let report = lint(folder.path());
        let changes = fix::changes(&report);
        if changes.is_empty() {
            break;
        }
        assert_eq!(changes.keys().collect::<Vec<&PathBuf>>(), [&path]);
        std::fs::write(&path, &changes[&path].text).expect("it can be written");
    }
    std::fs::read_to_string(&path).expect("it is there")
}

#[test]
fn what_is_safe_is_put_right_and_the_finding_is_gone() {
    let mut wrong = Vec::new();
    for case in cases::all("put-right.txt") {
        let folder = tree(&case.name, &case.before);
        let report = lint(folder.path());
        if found(&report).is_empty() {
            wrong.push(format!("{}: nothing is found\n{}", case.title, case.before));
            continue;
        }
        let after = fixed(&case.name, &case.before);
        if after != case.after {
            wrong.push(format!("{}: is\n{after}\n, and not\n{}", case.title, case.after));
        }
        let left = found(&lint(tree(&case.name, &after).path()));
        if !left.is_empty() {
            wrong.push(format!("{}: still found: {left:?}\n{after}", case.title));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n---\n"));
}

#[test]
fn what_is_not_safe_is_left_alone() {
    let mut wrong = Vec::new();
    for case in cases::all("left-alone.txt") {
        let folder = tree(&case.name, &case.before);
        let report = lint(folder.path());
        if found(&report).is_empty() {
            wrong.push(format!("{}: nothing is found\n{}", case.title, case.before));
        }
        if let Some((_, changed)) = fix::changes(&report).into_iter().next() {
            wrong.push(format!("{}: became\n{}", case.title, changed.text));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n---\n"));
}

struct Ran {
    status: Option<i32>,
    out: String,
    err: String,
}

fn run(folder: &Path, arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-twelve-lint"))
        .current_dir(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs");
    Ran {
        status: output.status.code(),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

const NGINX: &str = "upstream a {\n    ip_hash; # keeps logins\n    server a:1;\n}\n\
                     upstream b {\n    ip_hash;\n    server b:1;\n}\n";

#[test]
fn a_diff_shows_what_would_be_done_and_does_nothing() {
    let folder = tree("deploy/nginx.conf", NGINX);
    let ran = run(folder.path(), &["--diff"]);
    assert_eq!(ran.status, Some(1), "{}", ran.err);
    let expected = "--- a/deploy/nginx.conf\n+++ b/deploy/nginx.conf\n@@ -1,8 +1,7 @@\n upstream a {\n\
                    -    ip_hash; # keeps logins\n+    # keeps logins\n     server a:1;\n }\n upstream \
                    b {\n-    ip_hash;\n     server b:1;\n }\n";
    assert_eq!(ran.out, expected);
    let text = std::fs::read_to_string(folder.path().join("deploy/nginx.conf"));
    assert_eq!(text.expect("it is there"), NGINX);
    // The report says the same: to programs, and to people.
    let report: Value =
        serde_json::from_str(&run(folder.path(), &["--format", "json"]).out).expect("a report");
    let fix = &report["findings"][1]["fix"];
    assert_eq!(fix["message"], "remove `ip_hash`");
    let edit = &fix["edits"][0];
    assert_eq!((&edit["file"], &edit["text"]), (&"deploy/nginx.conf".into(), &"".into()));
    assert_eq!(edit["span"]["start"]["line"], 6);
    assert_eq!(edit["span"]["end"]["line"], 7);
    let told = "2 findings have a safe edit: `--diff` shows them, `--fix` makes them";
    let human = run(folder.path(), &[]).out;
    assert!(human.contains(told), "{human}");
    // The two exclude each other.
    assert_eq!(run(folder.path(), &["--diff", "--fix"]).status, Some(2));
    // Where there is nothing to do, nothing is printed.
    let folder = tree("deploy/nginx.conf", "upstream a {\n    server a:1;\n}\n");
    let ran = run(folder.path(), &["--diff"]);
    assert_eq!((ran.status, &*ran.out), (Some(0), ""));
}

#[test]
fn a_fix_is_written_and_the_rest_is_reported() {
    let folder = tree("deploy/nginx.conf", NGINX);
    let path = folder.path().join("deploy/nginx.conf");
    let ran = run(folder.path(), &["--fix", "--format", "json"]);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    assert_eq!(ran.err, "fixed: 2 findings in 1 file\n");
    let report: Value = serde_json::from_str(&ran.out).expect("stdout holds the report alone");
    assert_eq!(report["findings"], serde_json::json!([]));
    let text = std::fs::read_to_string(&path).expect("it is there");
    assert_eq!(text, NGINX.replace("ip_hash; # ", "# ").replace("    ip_hash;\n", ""));
    let ran = run(folder.path(), &["--fix"]);
    assert_eq!(ran.status, Some(0));
    assert!(ran.err.starts_with("fixed: nothing"), "{}", ran.err);
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_permissions_kept() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tree("deploy/nginx.conf", "");
    let (link, real) = (folder.path().join("deploy/nginx.conf"), folder.path().join("real"));
    std::fs::remove_file(&link).expect("it can be removed");
    let outside = TempDir::new().expect("a temporary folder");
    let real = outside.path().join(real.file_name().expect("a name"));
    std::fs::write(&real, NGINX).expect("it can be written");
    std::fs::set_permissions(&real, PermissionsExt::from_mode(0o640)).expect("they can be set");
    std::os::unix::fs::symlink(&real, &link).expect("a link");
    let ran = run(folder.path(), &["--fix"]);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    assert!(link.is_symlink());
    assert!(!std::fs::read_to_string(&real).expect("it is there").contains("ip_hash"));
    assert_eq!(std::fs::metadata(&real).expect("it is there").permissions().mode() & 0o777, 0o640);
    // What nobody may write is not written, and that is no success.
    std::fs::write(&real, NGINX).expect("it can be written");
    std::fs::set_permissions(&real, PermissionsExt::from_mode(0o440)).expect("they can be set");
    let ran = run(folder.path(), &["--fix"]);
    assert_eq!(ran.status, Some(2));
    assert!(ran.err.contains("`deploy/nginx.conf` cannot be written"), "{}", ran.err);
}
