//! Does the binary do what its help says: both ways to call it, subcommands, streams, statuses?

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use twelve_lint::rules::RULES;

#[path = "cli/baseline.rs"]
mod baseline;
#[path = "cli/configuration.rs"]
mod configuration;
#[path = "support/files.rs"]
mod files;
#[path = "cli/since.rs"]
mod since;

/// What a call printed, and how it ended.
#[derive(Debug)]
struct Ran {
    status: i32,
    out: String,
    err: String,
}

/// Runs the binary in a folder; the arguments stand between spaces.
fn run(folder: &Path, args: &str) -> Ran {
    run_with(folder, args, &[])
}

fn run_with(folder: &Path, args: &str, vars: &[(&str, &str)]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-twelve-lint"));
    command.current_dir(folder).args(args.split_whitespace()).stdin(Stdio::null());
    for var in [
        "NO_COLOR",
        "FORCE_COLOR",
        "CLICOLOR_FORCE",
        "CARGO_TERM_COLOR",
        "LC_ALL",
        "LC_CTYPE",
        "LANG",
    ] {
        command.env_remove(var);
    }
    let output = command.envs(vars.iter().copied()).output().expect("the binary runs");
    Ran {
        status: output.status.code().expect("it ends by itself"),
        out: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
        err: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
    }
}

/// A folder with the files of `text`, each below a line `//- its/path`.
fn tree(text: &str) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    files::write(folder.path(), text);
    folder
}

/// A service that keeps its sessions in a static.
const SHOP: &str = r#"
//- Cargo.toml
[package]
name = "shop"
version = "0.1.0"
edition = "2024"

[dependencies]
axum = "0.8"
//- src/main.rs
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use axum::{Router, routing::post};

static CARTS: LazyLock<Mutex<HashMap<String, u32>>> = LazyLock::new(Default::default);

async fn add(name: String) -> String {
    let mut carts = CARTS.lock().unwrap();
    *carts.entry(name).or_insert(0) += 1;
    carts.len().to_string()
}

#[tokio::main]
async fn main() {
    let app = Router::new().route("/add", post(add));
    let listener = tokio::net::TcpListener::bind("0.0.0.0:80").await.unwrap();
    axum::serve(listener, app).await.unwrap();
}
"#;

/// A program that keeps nothing.
const QUIET: &str = r#"
//- Cargo.toml
[package]
name = "quiet"
version = "0.1.0"
//- src/main.rs
fn main() {}
"#;

#[test]
fn both_ways_to_call_it_say_the_same() {
    let shop = tree(SHOP);
    let own = run(shop.path(), "");
    assert_eq!(own.status, 1, "{own:?}");
    assert_eq!(own.err, "");
    assert!(own.out.starts_with("error[global_mutable_state]\n"), "{}", own.out);
    assert!(own.out.contains("[src/main.rs:6:8]"), "{}", own.out);
    assert!(own.out.ends_with("exit status 1: 1 finding of level error\n"), "{}", own.out);
    let there = shop.path().display().to_string();
    for other in
        ["twelve-lint", "twelve-lint check", "check .", ".", "--manifest-path Cargo.toml", &there]
    {
        assert_eq!(run(shop.path(), other).out, own.out, "{other}");
    }
}

#[test]
fn status_follows_the_threshold() {
    let (shop, quiet) = (tree(SHOP), tree(QUIET));
    assert_eq!(run(shop.path(), "--fail-on never").status, 0);
    assert_eq!(run(shop.path(), "--fail-on warning --format json").status, 1);
    let clean = run(quiet.path(), "--fail-on warning");
    assert_eq!(clean.status, 0, "{clean:?}");
    assert!(clean.out.contains("no framework recognised in bin `quiet`"), "{}", clean.out);
    assert!(!clean.out.contains("exit status"), "{}", clean.out);
}

#[test]
fn json_is_one_document_with_a_root() {
    let shop = tree(SHOP);
    let ran = run(shop.path(), "--format json");
    let report: Value = serde_json::from_str(&ran.out).expect("stdout is JSON");
    assert_eq!(report["version"], 1);
    assert_eq!(report["findings"][0]["file"], "src/main.rs");
    assert_eq!(report["coverage"]["packages"][0]["name"], "shop");
    let root = report["root"].as_str().expect("a root");
    assert!(Path::new(root).join("src/main.rs").is_file(), "{root}");
    assert_eq!(run(shop.path(), "--format json").out, ran.out, "the same bytes each time");
}

#[test]
fn a_folder_named_like_a_command_can_be_linted() {
    let moved = SHOP.replace("//- ", "//- rules/");
    let tree = tree(&moved);
    for args in ["./rules", "check rules"] {
        let ran = run(tree.path(), args);
        assert_eq!(ran.status, 1, "{ran:?}");
        assert!(ran.out.contains("[rules/src/main.rs:6:8]"), "{}", ran.out);
    }
}

#[test]
fn what_cannot_be_judged_is_status_2() {
    let empty = TempDir::new().expect("a temporary folder");
    let broken = tree(&SHOP.replace("async fn main() {", "async fn main( {"));
    for (folder, args) in [(empty.path(), ""), (empty.path(), "no/such/path"), (broken.path(), "")]
    {
        for args in [format!("{args} --fail-on never"), format!("{args} --format json")] {
            let ran = run(folder, &args);
            assert_eq!(ran.status, 2, "{args}: {ran:?}");
            assert!(!ran.out.is_empty());
        }
        let ran = run(folder, args);
        let last = ran.out.lines().last().unwrap_or_default();
        assert!(last.starts_with("exit status 2: "), "{}", ran.out);
        assert_eq!(
            ran.out.contains("no package was linted"),
            folder != broken.path(),
            "{}",
            ran.out
        );
    }
}

/// What stands where `mod other;` looks for its file, and what is said about it.
#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_had_is_named_once_and_the_rest_is_judged() {
    use std::fs::{create_dir, write};
    use std::os::unix::fs::symlink;

    type Put = fn(&Path) -> std::io::Result<()>;
    let cases: [(&str, Put, &str, &str, u64); 6] = [
        ("syntax", |at| write(at, "fn x( { }"), "[src/other.rs:1:5]", "`(` is never closed", 1),
        ("bytes", |at| write(at, b"//\n// \xff"), "[src/other.rs]", "byte 6, on line 2", 1),
        ("size", |at| write(at, " ".repeat(5 << 20)), "[src/other.rs]", "split it", 1),
        ("folder", |at| create_dir(at), "[src/main.rs:1:5]", "`src/other.rs`, a folder", 0),
        ("link", |at| symlink("gone.rs", at), "[src/main.rs:1:5]", "a link to `gone.rs`", 0),
        ("nothing", |_| Ok(()), "[src/main.rs:1:5]", "the file of module `other` is missing", 0),
    ];
    for (case, put, place, told, unread) in cases {
        let shop = tree(&SHOP.replace("use std::collections", "mod other;\nuse std::collections"));
        put(&shop.path().join("src/other.rs")).expect("it can be put there");
        let ran = run(shop.path(), "");
        assert_eq!(ran.status, 2, "{case}: {ran:?}");
        assert!(ran.out.contains("1 violation in 1 package"), "{case}: {}", ran.out);
        assert!(ran.out.contains(place) && ran.out.contains(told), "{case}: {}", ran.out);
        let counted = match unread {
            0 => "; 1 problem\n",
            _ => "; 1 problem, 1 file not read\n",
        };
        assert!(ran.out.contains(counted), "{case}: {}", ran.out);
        let report: Value =
            serde_json::from_str(&run(shop.path(), "--format json").out).expect("stdout is JSON");
        assert_eq!(report["coverage"]["unread"], unread, "{case}");
        assert_eq!(report["problems"].as_array().map(Vec::len), Some(1), "{case}: {report}");
    }
}

#[test]
fn what_was_not_selected_and_cannot_be_parsed_is_a_note() {
    let broken = "\n//- b/Cargo.toml\n[package]\nname = \"b\"\nversion = \"0.1.0\"\n\
                  //- b/src/lib.rs\nfn x( {\n//- tests/all.rs\nfn x( {\n";
    let shop = tree(
        &(SHOP.replace(
            "[dependencies]",
            "[workspace]\nmembers = [\"b\"]\n\n[dependencies]\nb = { path = \"b\" }",
        ) + broken),
    );
    let told = |args: &str| {
        let ran = run(shop.path(), args);
        let notes = ran.out.matches("note[parse]").count();
        (ran.status, notes, ran.out.matches("problem[parse]").count())
    };
    assert_eq!(told("-p shop"), (1, 2, 0));
    assert_eq!(told("-p shop --tests"), (2, 1, 1));
    assert_eq!(told("--workspace"), (2, 1, 1));
}

#[test]
fn what_lies_in_a_package_that_was_not_selected_is_counted() {
    let shop = tree(
        r#"
//- Cargo.toml
[workspace]
members = ["web", "store"]
//- web/Cargo.toml
[package]
name = "web"
version = "0.1.0"
edition = "2024"

[dependencies]
axum = "0.8"
store = { path = "../store" }
//- web/src/main.rs
use axum::{Router, routing::post};

async fn add(name: String) -> String {
    store::add(name)
}

#[tokio::main]
async fn main() {
    let app = Router::new().route("/add", post(add));
    let listener = tokio::net::TcpListener::bind("0.0.0.0:80").await.unwrap();
    axum::serve(listener, app).await.unwrap();
}
//- store/Cargo.toml
[package]
name = "store"
version = "0.1.0"
edition = "2024"
//- store/src/lib.rs
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

static CARTS: LazyLock<Mutex<HashMap<String, u32>>> = LazyLock::new(Default::default);

pub fn add(name: String) -> String {
    let mut carts = CARTS.lock().unwrap();
    *carts.entry(name).or_insert(0) += 1;
    carts.len().to_string()
}
"#,
    );
    let told = |args: &str| {
        let ran = run(shop.path(), args);
        (
            ran.status,
            ran.out.contains("not shown is 1 more finding"),
            ran.out.contains("╭─[store/src/lib.rs"),
        )
    };
    assert_eq!(told("-p web"), (0, true, false));
    assert_eq!(told("--workspace"), (1, false, true));
}

#[test]
fn rules_are_listed_and_explained() {
    let here = TempDir::new().expect("a temporary folder");
    let heads = RULES.iter().all(|rule| rule.meta().is_ok());
    let listed = run(here.path(), "rules");
    assert_eq!(listed.status, if heads { 0 } else { 2 }, "{listed:?}");
    let json = run(here.path(), "rules --format json");
    let json: Vec<Value> = serde_json::from_str(&json.out).expect("an array");
    for rule in RULES {
        let page = run(here.path(), &format!("explain {}", rule.id));
        assert_eq!((page.status, page.out.trim_end()), (0, rule.page.trim_end()));
        let Ok(meta) = rule.meta() else {
            assert!(listed.err.contains(rule.id), "{listed:?}");
            continue;
        };
        let line = listed.out.lines().find(|line| line.starts_with(&format!("{} ", rule.id)));
        assert!(line.is_some_and(|line| line.ends_with(&meta.summary)), "{}", listed.out);
        assert!(json.iter().any(|one| one["id"] == rule.id && one["summary"] == meta.summary));
    }
    let hyphens = run(here.path(), "twelve-lint explain in-process-session");
    assert!(hyphens.status == 0 && hyphens.out.contains("in_process_session"), "{hyphens:?}");
}

#[test]
fn a_command_that_is_mistyped_is_told_from_a_folder() {
    let here = TempDir::new().expect("a temporary folder");
    let ran = run(here.path(), "chekc --quiet");
    assert_eq!((ran.status, &*ran.out), (2, ""));
    assert!(ran.err.contains("did you mean the command `check`?"), "{}", ran.err);
    // A folder of that name is linted, and so is what is far from any command looked for.
    std::fs::create_dir(here.path().join("chekc")).expect("a folder");
    assert!(run(here.path(), "chekc").out.contains("nothing to lint"));
    assert!(run(here.path(), "./services").out.contains("there is no such file or folder"));
}

#[test]
fn wrong_calls_are_told_on_stderr() {
    let here = TempDir::new().expect("a temporary folder");
    for (args, told) in [
        ("explain in_proces_sesion", "did you mean `in_process_session`?"),
        ("explain zzz", "`cargo twelve-lint rules` lists them"),
        ("--no-such-flag", "--no-such-flag"),
        ("--format yaml", "human"),
        ("--fail-on notes", "never"),
        ("--exclude a", "--workspace"),
        ("x --manifest-path Cargo.toml", "cannot be used with"),
    ] {
        let ran = run(here.path(), args);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{args}: {ran:?}");
        assert!(ran.err.starts_with("error: ") && ran.err.contains(told), "{args}: {}", ran.err);
    }
}

#[test]
fn help_and_version_are_answers() {
    let here = TempDir::new().expect("a temporary folder");
    let help = run(here.path(), "twelve-lint --help");
    assert_eq!((help.status, help.err.as_str()), (0, ""));
    for told in [
        "Usage: cargo twelve-lint",
        "Arguments:\n  [PATH]...",
        "Exit status:",
        "Examples:",
        "--pedantic",
        "explain",
    ] {
        assert!(help.out.contains(told), "{told} is missing in\n{}", help.out);
    }
    let version = run(here.path(), "-V");
    assert_eq!(version.out.trim_end(), format!("cargo-twelve-lint {}", env!("CARGO_PKG_VERSION")));
}

#[test]
fn colour_is_for_those_who_ask() {
    let shop = tree(SHOP);
    let colored =
        |args, vars: &[(&str, &str)]| run_with(shop.path(), args, vars).out.contains('\u{1b}');
    assert!(!colored("", &[]));
    assert!(colored("--color always", &[("NO_COLOR", "1")]));
    assert!(colored("", &[("CLICOLOR_FORCE", "1")]));
    assert!(!colored("--color never", &[("CLICOLOR_FORCE", "1")]));
    assert!(!colored("", &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    let ascii = run_with(shop.path(), "", &[("LC_ALL", "C")]).out;
    assert!(ascii.contains(",-[src/main.rs:6:8]"), "{ascii}");
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_failure() {
    let shop = tree(SHOP);
    for args in
        ["--format json", "--format human", "rules --format json", "explain local_disk_write"]
    {
        let mut child = Command::new(env!("CARGO_BIN_EXE_cargo-twelve-lint"))
            .current_dir(shop.path())
            .args(args.split_whitespace())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(!err.contains("panicked") && !err.contains("cannot write"), "{args}: {err}");
        let status = output.status.code();
        assert!(matches!(status, Some(0..=2)), "{args}: {status:?}");
    }
}
