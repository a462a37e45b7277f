//! Does rust-analyzer get what it wants? Its parser, cargo's own names, spans that editors show.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use cargo_metadata::diagnostic::{Diagnostic, DiagnosticLevel};
use cargo_metadata::{CompilerMessage, Message, MetadataCommand};
use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;
use twelve_lint::diagnostic::{Problem, ProblemKind, Report, Severity};
use twelve_lint::discover::Selection;
use twelve_lint::report::Format;
use twelve_lint::report::cargo::{Options, package_id};
use twelve_lint::source::Sources;

use crate::{json, live, root, run, sample, services};

/// As rust-analyzer reads a line.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Cargo(Box<Message>),
    Rustc(Box<Diagnostic>),
}

pub(crate) fn stream(report: &Report) -> String {
    let format = Format::Cargo(Options::default());
    sample::text(report, &format)
}

pub(crate) fn messages(text: &str) -> Vec<CompilerMessage> {
    let mut messages = Vec::new();
    for line in text.lines() {
        let read = match serde_json::from_str(line) {
            Ok(Line::Cargo(message)) => *message,
            Ok(Line::Rustc(told)) => panic!("not in cargo's form: {}", told.message),
            Err(_) => {
                assert!(line.contains("\"twelve-lint-summary\""), "not read: {line}");
                continue;
            }
        };
        match read {
            Message::CompilerMessage(message) => messages.push(message),
            Message::CompilerArtifact(artifact) => assert!(!artifact.fresh),
            Message::BuildFinished(_) => {}
            other => panic!("not ours: {other:?}"),
        }
    }
    messages
}

#[test]
fn every_finding_is_read_and_has_a_place_that_editors_show() {
    for report in services() {
        let text = stream(report);
        let messages = messages(&text);
        let problems = report.problems.len();
        assert_eq!(messages.len(), live(report) + problems, "{}", report.root.display());
        for message in &messages {
            let (told, id) = (&message.message, &message.package_id.repr);
            assert!(report.packages.iter().any(|package| package_id(package) == *id), "{id}");
            let code = &told.code.as_ref().expect("a code").code;
            assert_eq!(code.matches("::").count(), 1, "{code}");
            assert!(code.starts_with("twelve_lint::"), "{code}");
            let primary: Vec<_> = told.spans.iter().filter(|span| span.is_primary).collect();
            assert_eq!(primary.len(), 1, "{}", told.message);
            let file = report.root.join(&primary[0].file_name);
            let end = file.extension().and_then(|end| end.to_str());
            assert!(matches!(end, Some("rs" | "toml" | "md")), "{}", file.display());
            assert!(
                report.packages.iter().any(|package| file.starts_with(&package.dir)),
                "{} lies in no package",
                file.display()
            );
            for span in &told.spans {
                let lines = span.line_end - span.line_start + 1;
                assert_eq!(span.text.len(), lines, "a text for each line");
                let (first, last) = (&span.text[0], &span.text[lines - 1]);
                assert_eq!(first.highlight_start, span.column_start);
                assert!(last.highlight_end >= span.column_end);
                assert!(last.text.chars().count() + 1 >= span.column_end);
                assert!(span.is_primary || span.label.is_some(), "others lead there by a label");
            }
            let rendered = told.rendered.as_ref().expect("a text");
            let mut lines = rendered.lines();
            let level = match told.level {
                DiagnosticLevel::Error => "error",
                DiagnosticLevel::Warning => "warning",
                _ => "note",
            };
            let head = lines.next().unwrap_or_default();
            assert!(head.starts_with(&format!("{level}[{code}]: ")), "{head}");
            let arrow = lines.next().unwrap_or_default().trim_start();
            assert!(arrow.starts_with("--> "), "{arrow}");
        }
    }
}

#[test]
fn each_package_has_an_artifact_and_the_end_is_told() {
    for report in services() {
        let text = stream(report);
        let lines: Vec<Value> = text.lines().map(json).collect();
        let reasons: Vec<&str> = lines.iter().filter_map(|line| line["reason"].as_str()).collect();
        let artifacts = reasons.iter().filter(|reason| **reason == "compiler-artifact").count();
        assert_eq!(artifacts, report.packages.len());
        let end = &reasons[reasons.len() - 2..];
        assert_eq!(end, ["twelve-lint-summary", "build-finished"]);
        let summary = &lines[lines.len() - 2];
        assert_eq!(summary["findings"], live(report));
        assert_eq!(lines[lines.len() - 1]["success"], summary["status"] == 0);
    }
}

#[test]
fn what_editors_do_not_load_is_shown_at_its_package_and_leads_to_its_place() {
    let report = sample::pedantic();
    let messages = messages(&stream(&report));
    let sticky = |one: &&CompilerMessage| {
        one.message.code.as_ref().is_some_and(|code| code.code.ends_with("sticky_session"))
    };
    let told = &messages.iter().find(sticky).expect("the finding in YAML").message;
    assert!(told.message.starts_with("deploy/web.yaml:4:3: `sessionAffinity"), "{}", told.message);
    let (primary, place) = (&told.spans[0], &told.spans[1]);
    assert_eq!((primary.file_name.as_str(), primary.line_start), ("Cargo.toml", 4));
    assert_eq!(primary.text[0].text, "[package]");
    assert_eq!((place.file_name.as_str(), place.line_start), ("deploy/web.yaml", 4));
    assert_eq!((place.column_start, place.column_end), (3, 18));
    assert!(!place.is_primary && place.label.as_deref() == Some("here"));
    // The steps follow it.
    assert_eq!(told.spans.len(), 3);
}

#[test]
fn the_order_of_keys_is_what_matchers_want() {
    let text = stream(&sample::pedantic());
    let first = text.lines().next().expect("a line");
    assert!(first.contains("\"message\":{\"message\":"), "{first}");
    let at = |key: &str| first.find(&format!("\"{key}\":")).expect("the key is there");
    let keys = ["file_name", "line_start", "line_end", "column_start", "column_end"];
    assert!(keys.windows(2).all(|two| at(two[0]) < at(two[1])), "{first}");
    assert!(at("level") < at("spans") && at("spans") < at("children"), "{first}");
    assert!(first.rfind("$message_type") > first.rfind("rendered"), "{first}");
}

/// What cargo says of the workspace or package in a folder: ids with folders, and targets.
type Known = BTreeMap<String, BTreeSet<(String, String, String, String)>>;

fn cargo_says(folder: &Path) -> Known {
    let metadata = MetadataCommand::new()
        .manifest_path(folder.join("Cargo.toml"))
        .no_deps()
        .other_options(vec!["--offline".into()])
        .exec()
        .expect("cargo knows the package");
    let packages = metadata.packages.into_iter().map(|package| {
        let targets = package.targets.iter().map(|target| {
            let words = |words: Vec<String>| words.join(",");
            (
                words(target.kind.iter().map(ToString::to_string).collect()),
                words(target.crate_types.iter().map(ToString::to_string).collect()),
                target.name.clone(),
                format!("{} {}", target.src_path, target.edition.as_str()),
            )
        });
        (package.id.repr.clone(), targets.collect())
    });
    packages.collect()
}

fn we_say(folder: &Path) -> Known {
    let all = [
        twelve_lint::discover::TargetKind::Lib,
        twelve_lint::discover::TargetKind::Bin,
        twelve_lint::discover::TargetKind::Example,
        twelve_lint::discover::TargetKind::Test,
        twelve_lint::discover::TargetKind::Bench,
    ];
    let selection = Selection {
        paths: vec![folder.to_path_buf()],
        workspace: true,
        targets: all.into_iter().collect(),
        ..Selection::default()
    };
    let report = twelve_lint::check(Sources::default(), &selection);
    let packages = report.packages.iter().map(|package| {
        let targets = package.targets.iter().map(|target| {
            (
                target.kind.join(","),
                target.crate_types.join(","),
                target.name.clone(),
                format!("{} {}", target.root.display(), target.edition),
            )
        });
        (package_id(package), targets.collect())
    });
    packages.collect()
}

#[test]
fn packages_and_targets_have_the_names_that_cargo_gives_them() {
    let odd = TempDir::new().expect("a temporary folder");
    let odd = odd.path().canonicalize().expect("it is there");
    let named = odd.join("größe a+b %20#?{}[]^|`~@!$&'()=;, x");
    let same = odd.join("odd-one");
    for (folder, head) in [
        (
            &named,
            "name = \"odd-one\"\nversion = \"1.0.0-rc.1+b.7\"\n[lib]\ncrate-type = [\"cdylib\", \"rlib\"]\n",
        ),
        (&same, "name = \"odd-one\"\n[lib]\nproc-macro = true\n"),
    ] {
        std::fs::create_dir_all(folder.join("src")).expect("folders");
        let manifest = format!("[package]\nedition = \"2021\"\n{head}");
        std::fs::write(folder.join("Cargo.toml"), manifest).expect("a manifest");
        std::fs::write(folder.join("src/lib.rs"), "").expect("a library");
        std::fs::create_dir_all(folder.join("examples")).expect("folders");
        std::fs::write(folder.join("examples/show-it.rs"), "fn main() {}\n").expect("an example");
    }
    let mut folders = vec![root().to_path_buf(), named, same];
    let cases = std::fs::read_dir(root().join("fixtures/workspaces")).expect("fixtures");
    folders.extend(cases.map(|case| case.expect("an entry").path()));
    for folder in folders {
        let (mut theirs, ours) = (cargo_says(&folder), we_say(&folder));
        for targets in theirs.values_mut() {
            targets.retain(|(kind, ..)| kind != "custom-build");
        }
        assert_eq!(theirs, ours, "{}", folder.display());
        // An editor asks for a package by this name.
        for id in ours.keys() {
            let (packages, paths) = (vec![id.clone()], vec![folder.clone()]);
            let selection = Selection { packages, paths, ..Selection::default() };
            let report = twelve_lint::check(Sources::default(), &selection);
            let chosen: Vec<String> = report.packages.iter().map(package_id).collect();
            assert_eq!(chosen, [id.as_str()]);
        }
    }
}

#[test]
fn services_that_share_a_name_are_told_apart() {
    let folder = TempDir::new().expect("a temporary folder");
    for name in ["one", "two"] {
        let service = folder.path().join(name);
        std::fs::create_dir_all(service.join("src")).expect("folders");
        let from = root().join("fixtures/in_process_session/bad");
        for file in ["Cargo.toml", "src/main.rs", "src/sessions.rs"] {
            let text = std::fs::read_to_string(from.join(file)).expect("the fixture");
            std::fs::write(service.join(file), text).expect("a copy");
        }
    }
    let paths = vec![folder.path().to_path_buf()];
    let report =
        twelve_lint::check(Sources::default(), &Selection { paths, ..Selection::default() });
    let messages = messages(&stream(&report));
    assert!(messages.len() >= 2);
    for message in messages {
        let file = &message.message.spans[0].file_name;
        let service = if file.contains("/two/") { "/two#" } else { "/one#" };
        assert!(message.package_id.repr.contains(service), "{file}: {}", message.package_id);
    }
}

#[test]
fn wrong_configuration_leaves_the_stream_empty_and_speaks_on_stderr() {
    let mut report = sample::pedantic();
    report.problems.push(Problem {
        kind: ProblemKind::Configuration,
        severity: Severity::Error,
        message: "there is no such key".into(),
        help: "leave it out".into(),
        path: "/srv/shop/twelve-lint.toml".into(),
        at: None,
    });
    assert_eq!(stream(&report), "");
    // What another command sends would make the editor pass over stderr.
    let followed = Options { followed: true };
    let told = messages(&sample::text(&report, &Format::Cargo(followed)));
    let message = &told.last().expect("the problem").message;
    assert_eq!(message.message, "twelve-lint.toml: there is no such key");

    let folder = TempDir::new().expect("a temporary folder");
    let write = |path: &str, text: &str| std::fs::write(folder.path().join(path), text);
    std::fs::create_dir(folder.path().join("src")).expect("a folder");
    write("Cargo.toml", "[package]\nname = \"shop\"\n").expect("a manifest");
    write("src/main.rs", "fn main() {}\n").expect("a program");
    let (status, out, _) = run(folder.path(), &["--message-format=json"], &[]);
    assert!(status == 0 && out.lines().count() == 3, "{out}");
    write("twelve-lint.toml", "[tpyes]\n").expect("a configuration");
    let (status, out, err) = run(folder.path(), &["--message-format=json"], &[]);
    assert_eq!((status, &*out), (2, ""));
    assert!(err.starts_with("twelve-lint.toml:1:2: error: "), "{err}");
    assert!(err.contains("\n  help: did you mean `types`?\nexit status 2: 1 problem"), "{err}");
    let (status, out, err) =
        run(&folder.path().join("src/.."), &["no/such/path", "--format", "cargo"], &[]);
    assert!(status == 2 && out.is_empty() && err.contains("no such file or folder"), "{out}{err}");
}

#[test]
fn cargo_itself_runs_the_same_stream() {
    let folder = root().join("fixtures/in_process_session/bad");
    let ours = run(&folder, &["twelve-lint", "--message-format", "json"], &[]);
    for form in ["json-diagnostic-rendered-ansi", "json,json-diagnostic-short"] {
        assert_eq!(run(&folder, &["--message-format", form], &[]), ours, "{form}");
    }
    let messages = messages(&ours.1);
    let file = &messages.last().expect("a finding").message.spans[0].file_name;
    assert!(folder.join(file).is_file(), "{file}");
    // Beside our binary, cargo finds its subcommand.
    let bin = Path::new(env!("CARGO_BIN_EXE_cargo-twelve-lint")).parent().expect("a folder");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(bin.to_path_buf()).chain(std::env::split_paths(&path));
    let output = Command::new("cargo")
        .args(["twelve-lint", "--message-format=json"])
        .current_dir(&folder)
        .env("PATH", std::env::join_paths(paths).expect("paths"))
        .output()
        .expect("cargo runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout), ours.1);
}
