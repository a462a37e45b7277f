//! Does what the deployment runs and builds decide what is judged, and as which process?

use std::path::Path;

use tempfile::TempDir;
use twelve_lint::diagnostic::{Report, Severity};
use twelve_lint::discover::Selection;
use twelve_lint::source::Sources;

#[path = "support/files.rs"]
mod files;

/// A folder with the files of `text`, each below a line `//- its/path`.
fn tree(text: &str) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    std::fs::create_dir(folder.path().join(".git")).expect("a folder");
    files::write(folder.path(), text);
    folder
}

fn lint(folder: &Path, change: impl FnOnce(&mut Selection)) -> Report {
    let mut selection = Selection { paths: vec![folder.to_path_buf()], ..Selection::default() };
    change(&mut selection);
    let report = twelve_lint::check(Sources::default(), &selection);
    let errors = report.problems.iter().filter(|problem| problem.severity == Severity::Error);
    let errors: Vec<&String> = errors.map(|problem| &problem.message).collect();
    assert_eq!(errors, [""; 0]);
    report
}

/// "12 Worker" for the line and the process of each finding in the sources.
fn found(text: &str) -> Vec<String> {
    let folder = tree(text);
    let report = lint(folder.path(), |_| {});
    let findings = report.findings.iter().filter_map(|finding| {
        let file = report.sources.get(finding.at.file);
        let rust = file.path.extension().is_some_and(|extension| extension == "rs");
        let line = file.place(finding.at.start).line;
        rust.then(|| format!("{line} {:?}", finding.process))
    });
    findings.collect()
}

/// One binary with three commands; each starts a thread that writes to the disk.
const COMMANDS: &str = r#"
//- Cargo.toml
[package]
name = "shop"
version = "0.1.0"
edition = "2024"
[dependencies]
axum = "*"
clap = "*"
tokio = "*"
//- src/main.rs
use axum::Router;
use axum::routing::get;
use clap::Parser;

#[derive(Parser)]
enum Command {
    Serve,
    SendMails,
    Purge { all: bool },
}

async fn index() -> &'static str {
    std::fs::write("seen", "1").unwrap();
    "hello"
}

fn send() {
    std::thread::spawn(|| loop {
        std::fs::write("sent", "1").unwrap();
    });
    loop {
        std::thread::park();
    }
}

fn purge() {
    std::thread::spawn(|| loop {
        std::fs::write("purged", "1").unwrap();
    });
    loop {
        std::thread::park();
    }
}

#[tokio::main]
async fn main() {
    match Command::parse() {
        Command::Serve => {
            let app = Router::new().route("/", get(index));
            let listener = tokio::net::TcpListener::bind("0.0.0.0:8080").await.unwrap();
            axum::serve(listener, app).await.unwrap();
        }
        Command::SendMails => send(),
        Command::Purge { all: _ } => purge(),
    }
}
"#;

const IMAGE: &str = "
//- Dockerfile
FROM rust AS build
RUN cargo build --release
FROM debian
COPY --from=build /target/release/shop /usr/local/bin/
ENTRYPOINT [\"shop\"]
";

#[test]
fn commands_are_the_processes_that_they_are_run_as() {
    let (web, mails, purge) = ("13 Web", "19 Web", "28 Web");
    assert_eq!(found(COMMANDS), [web, mails, purge]);
    let procfile = "//- Procfile\nweb: shop serve\nworker: shop send-mails\nrelease: shop purge\n";
    assert_eq!(found(&format!("{COMMANDS}{procfile}")), [web, "19 Worker"]);

    let job = "//- job.yaml\napiVersion: batch/v1\nkind: CronJob\nmetadata: {name: purge}\nspec:\n  \
               jobTemplate:\n    spec:\n      template:\n        spec:\n          containers:\n          \
               - {name: purge, image: 'acme/shop:1', args: [purge, --all]}\n";
    assert_eq!(found(&format!("{COMMANDS}{IMAGE}{job}")), [web, mails]);
    // What is also run as a service is one.
    let compose =
        "//- compose.yaml\nservices:\n  purger:\n    build: .\n    command: purge --all\n";
    assert_eq!(found(&format!("{COMMANDS}{IMAGE}{job}{compose}")), [web, mails, purge]);
    // Nobody says whose image it is.
    let other = job.replace("acme/shop", "acme/wiki");
    assert_eq!(found(&format!("{COMMANDS}{IMAGE}{other}")), [web, mails, purge]);
    // A job with a command does not make the whole program one.
    assert_eq!(found(&format!("{COMMANDS}{job}")), [web, mails]);
    let bare = job.replace(", args: [purge, --all]", "");
    assert_eq!(found(&format!("{COMMANDS}{IMAGE}{bare}")), [""; 0]);
}

#[test]
fn texts_are_commands_too() {
    let text = COMMANDS.replace("Command::parse()", "std::env::args().nth(1).as_deref()");
    let text = text.replace("Command::Serve ", "None ");
    let text = text.replace("Command::SendMails ", "Some(\"send-mails\") ");
    let text = text.replace("Command::Purge { all: _ } ", "Some(\"purge\") ");
    let text = text.replace("purge(),\n    }", "purge(),\n        _ => {}\n    }");
    let procfile = "//- Procfile\nweb: shop\nworker: shop send-mails\nrelease: shop purge\n";
    assert_eq!(found(&format!("{text}{procfile}")), ["13 Web", "19 Worker"]);
}

/// A database in a file behind one feature, which is on by default, and another behind a second.
const FEATURES: &str = r#"
//- Cargo.toml
[package]
name = "shop"
version = "0.1.0"
edition = "2024"
[features]
default = ["lite"]
lite = []
index = []
[dependencies]
axum = "*"
rusqlite = "*"
tokio = "*"
sled = "*"
//- src/main.rs
use axum::Router;
use axum::routing::get;

#[cfg(feature = "lite")]
fn open() {
    rusqlite::Connection::open("shop.db").unwrap();
}

#[cfg(not(feature = "lite"))]
fn open() {}

#[cfg(feature = "index")]
fn index() {
    sled::open("index").unwrap();
}

#[tokio::main]
async fn main() {
    open();
    #[cfg(feature = "index")]
    index();
    let app = Router::new().route("/", get(async || "hello"));
    let listener = tokio::net::TcpListener::bind("0.0.0.0:8080").await.unwrap();
    axum::serve(listener, app).await.unwrap();
}
"#;

fn dockerfile(name: &str, line: &str) -> String {
    format!(
        "//- {name}\nFROM rust AS build\nRUN cargo build\nCOPY . .\nRUN {line}\nFROM debian\nCOPY \
         --from=build /target/release/shop /\nCMD [\"/shop\"]\n"
    )
}

/// The line of each finding, with the feature that is off; and what is said to decide.
fn with(files: &str, change: impl FnOnce(&mut Selection)) -> (Vec<String>, Option<String>) {
    let folder = tree(&format!("{FEATURES}{files}"));
    let report = lint(folder.path(), change);
    let findings = report.findings.iter().map(|finding| {
        let line = report.sources.get(finding.at.file).place(finding.at.start).line;
        format!("{line} {}", finding.feature.as_deref().unwrap_or_default()).trim().to_string()
    });
    let built = report.coverage.packages.first().and_then(|package| package.built.clone());
    let built = built.map(|built| {
        let line = report.sources.get(built.at.file).place(built.at.start).line;
        format!("{line}: {}", built.said)
    });
    (findings.collect(), built)
}

#[test]
fn features_are_those_that_the_image_is_built_with() {
    let told = |files: &str| with(files, |_| {});
    let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_string()).collect::<Vec<_>>();
    let usual = (lines(&["6", "14 index"]), None);
    assert_eq!(told(""), usual);
    assert_eq!(told(&dockerfile("Dockerfile", "cargo build --release")), usual);
    let more = dockerfile("Dockerfile", "cargo build --release --features index");
    assert_eq!(told(&more), (lines(&["6", "14"]), Some("4: --features index".into())));
    let other = "cargo build --no-default-features -F index";
    let other = dockerfile("Dockerfile", other);
    let said = "4: --no-default-features --features index".to_string();
    assert_eq!(told(&other), (lines(&["14"]), Some(said)));
    // Of two images that are built otherwise, what one of them has is there; what only one of them
    // does without, too. A line that is open says nothing.
    let two = format!("{more}{}", dockerfile("b/Dockerfile", "cargo build --all-features"));
    assert_eq!(told(&two), (lines(&["6", "14"]), Some("4: --all-features".into())));
    let two = format!("{other}{}", dockerfile("b/Dockerfile", "cargo build"));
    assert_eq!(told(&two), (lines(&["6", "14"]), Some("4: --features index".into())));
    let script = "//- start.sh\n#!/bin/sh\nset -e\nother --once\nexec shop --dir \"$DIR\" \"$@\"\n";
    let started = more.replace(
        "shop /\nCMD [\"/shop\"]",
        "shop /target/release/other /\nCOPY start.sh \
        /\nENTRYPOINT [\"/start.sh\"]",
    );
    assert_eq!(
        told(&format!("{started}{script}")),
        (lines(&["6", "14"]), Some("4: --features index".into()))
    );
    assert_eq!(told(&dockerfile("Dockerfile", "cargo build --features $FEATURES")), usual);
    assert_eq!(told(&dockerfile("Dockerfile", "cargo build --features index -p other")), usual);
    // Who asks for features knows which ones.
    let asked = with(&other, |selection| selection.features = vec!["lite".into()]);
    assert_eq!(asked, usual);
}

/// The folder of a fixture that has sources and a deployment.
const DEPLOYED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/workspaces/deployed");

#[test]
fn consequences_speak_of_this_very_deployment() {
    let report = lint(Path::new(DEPLOYED), |_| {});
    let said = |rule: &str, item: &str| -> Vec<&str> {
        let findings = report.findings.iter().filter(|one| one.rule == rule);
        let of = findings.filter(|one| one.item.ends_with(item));
        of.map(|one| &*one.consequence).collect()
    };
    assert_eq!(
        said("in_process_rate_limit", ""),
        [
            "with up to 6 replicas the limit is up to 6 times what you set, and a restart forgets what \
          was counted"
        ]
    );
    assert_eq!(
        said("in_process_session", ""),
        [
            "a user who logged in on one of up to 6 replicas is unknown to the others; a restart logs out \
          its users; it seems to work because of `sessionAffinity: ClientIP`"
        ]
    );
    assert_eq!(
        said("sticky_session", ""),
        [
            "the sessions in `MemoryStore` are only found again because of this: when a process goes \
          away, its users are logged out"
        ]
    );
    assert_eq!(
        said("local_disk_write", "upload"),
        [
            "`hostPath: /mnt/pictures` keeps it past a restart, but on one machine: a replica on another \
          one does not see it"
        ]
    );
    assert_eq!(
        said("local_disk_write", "export"),
        [
            "it happens on the disk of one of up to 6 replicas only: the others do not see it, and it is \
          lost with the replica"
        ]
    );
    assert_eq!(
        said("local_volume", ""),
        ["what lies there is kept by `POST /pictures/{name}`: another replica does not see these \
          files, and a process that starts on another machine finds none of them"]
    );
    assert_eq!(
        said("global_mutable_state", "SENT"),
        ["2 replicas have 2 copies of this and give different answers; a restart empties one"]
    );
    let built = report.coverage.packages.iter().map(|package| package.built.is_some());
    assert_eq!(built.collect::<Vec<_>>(), [false, true]);
}

/// Each finding with its fingerprint, which steps and consequences leave alone.
fn fingerprints(folder: &Path) -> Vec<String> {
    let report = lint(folder, |selection| selection.features = vec!["web/default".into()]);
    let rust = report.findings.iter().filter(|finding| {
        let file = report.sources.get(finding.at.file);
        file.path.extension().is_some_and(|extension| extension == "rs")
    });
    rust.map(|finding| finding.fingerprint.clone()).collect()
}

#[test]
fn a_deployment_changes_no_fingerprint() {
    let alone = tempfile::TempDir::new().expect("a temporary folder");
    for file in ["web/src/files.rs", "web/src/limits.rs", "web/src/main.rs", "web/src/server.rs"] {
        let to = alone.path().join(file);
        std::fs::create_dir_all(to.parent().expect("a parent")).expect("folders");
        std::fs::copy(Path::new(DEPLOYED).join(file), to).expect("a file");
    }
    for file in ["Cargo.toml", "web/Cargo.toml"] {
        let text = std::fs::read_to_string(Path::new(DEPLOYED).join(file)).expect("a manifest");
        let text = text.replace("\"mailer\", ", "");
        std::fs::write(alone.path().join(file), text).expect("a file");
    }
    std::fs::write(
        alone.path().join("web/src/repair.rs"),
        "pub fn run() -> anyhow::Result<()> { Ok(()) }",
    )
    .expect("a file");
    let undeployed = fingerprints(alone.path());
    let deployed = fingerprints(Path::new(DEPLOYED));
    assert!(undeployed.len() > 4, "{undeployed:?}");
    let lost = undeployed.iter().filter(|one| !deployed.contains(one));
    assert_eq!(lost.count(), 0);
}
