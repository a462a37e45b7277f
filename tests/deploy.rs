//! Is each key of deploy files found at its line, and is what only looks alike left alone?
//!
//! `tests/deploy/*.txt` hold small repositories: `=== name`, then files below `--- path`. A mark such
//! as `#~ sticky_session hazard` at the end of a line is what is expected there; it is taken out
//! before the file is written. Nothing else may be found.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use tempfile::TempDir;
use twelve_lint::diagnostic::{Level, Report, Severity, Verdict};
use twelve_lint::discover::Selection;
use twelve_lint::source::Sources;

const MANIFEST: &str =
    "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n";

fn lint(folder: &Path) -> Report {
    let selection = Selection { paths: vec![folder.to_path_buf()], ..Selection::default() };
    twelve_lint::check(Sources::default(), &selection)
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().expect("it has a parent")).expect("folders");
    std::fs::write(path, text).expect("a file");
}

/// "k8s/a.yaml:7 sticky_session violation" for each finding, and errors.
fn told(report: &Report) -> BTreeSet<String> {
    let findings = report.findings.iter().map(|finding| {
        let file = report.sources.get(finding.at.file);
        let path = file.path.strip_prefix(&report.root).unwrap_or(&file.path);
        let kind = match (finding.level, finding.verdict) {
            (Level::Note, _) => "note",
            (_, Verdict::Violation) => "violation",
            (_, Verdict::Hazard) => "hazard",
        };
        let line = file.place(finding.at.start).line;
        format!("{}:{line} {} {kind}", path.display(), finding.rule)
    });
    let errors = report.problems.iter().filter(|problem| problem.severity == Severity::Error);
    findings.chain(errors.map(|problem| format!("error: {}", problem.message))).collect()
}

/// Writes one repository; what its marks expect.
fn repository(folder: &Path, text: &str) -> BTreeSet<String> {
    let mut expected = BTreeSet::new();
    write(folder, "Cargo.toml", MANIFEST);
    write(folder, "src/main.rs", "fn main() {}\n");
    for section in format!("\n{text}").split("\n--- ").skip(1) {
        let (path, text) = section.split_once('\n').expect("a path and a text");
        let mut plain = String::new();
        for (index, line) in text.lines().enumerate() {
            let (line, marks) = line.split_once(" #~ ").unwrap_or((line, ""));
            writeln!(plain, "{line}").expect("a text");
            for mark in marks.split(',').filter(|mark| !mark.is_empty()) {
                let (rule, kind) =
                    mark.trim().split_once(' ').unwrap_or((mark.trim(), "violation"));
                expected.insert(format!("{path}:{} {rule} {kind}", index + 1));
            }
        }
        write(folder, path, &plain);
    }
    expected
}

fn judge(text: &str) {
    let (mut wrong, mut marks) = (String::new(), 0);
    for case in format!("\n{text}").split("\n=== ").skip(1) {
        let (name, text) = case.split_once('\n').expect("a name and files");
        let folder = TempDir::new().expect("a temporary folder");
        let shop = folder.path().join("shop");
        let expected = repository(&shop, text);
        marks += expected.len();
        let found = told(&lint(&shop));
        for missing in expected.difference(&found) {
            writeln!(wrong, "{name}: missing {missing}").expect("a text");
        }
        for noisy in found.difference(&expected) {
            writeln!(wrong, "{name}: noisy {noisy}").expect("a text");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(marks > 5, "only {marks} marks were read");
}

macro_rules! repositories {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            judge(include_str!(concat!("deploy/", stringify!($name), ".txt")));
        })*
    };
}

repositories! { assets clouds ingresses kubernetes lookalikes meshes proxies terraform traefik volumes }

#[test]
fn a_folder_without_rust_is_linted_for_its_deploy_files() {
    let folder = TempDir::new().expect("a temporary folder");
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  sessionAffinity: ClientIP\n";
    write(folder.path(), "examples/web.yaml", service);
    write(folder.path(), "notes/a.yaml", "a: 1\n");
    // What is skipped beneath a root is read when it is named.
    assert_eq!(told(&lint(folder.path())).len(), 1);
    assert!(
        told(&lint(folder.path())).iter().all(|told| told.starts_with("error: nothing to lint"))
    );
    let named = told(&lint(&folder.path().join("examples")));
    assert_eq!(named, BTreeSet::from(["web.yaml:5 sticky_session violation".to_string()]));
    let nothing = told(&lint(&folder.path().join("notes")));
    assert!(nothing.iter().all(|told| told.starts_with("error: nothing to lint")), "{nothing:?}");
}
