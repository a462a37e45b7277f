//! Does a run that keeps what it can say the same as one that keeps nothing?

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use twelve_lint::check;
use twelve_lint::check::{Options, Session, Stop};
use twelve_lint::discover::Selection;
use twelve_lint::report::{Format, render};
use twelve_lint::source::Sources;

fn json(report: &twelve_lint::diagnostic::Report) -> String {
    let mut out = Vec::new();
    render(report, &Format::Json, &mut out).expect("memory can be written");
    String::from_utf8(out).expect("UTF-8")
}

fn selection(folder: &Path) -> Selection {
    Selection { paths: vec![folder.to_path_buf()], ..Selection::default() }
}

/// Lints with a session and without one, and compares; says how many findings there are.
#[track_caller]
fn same(session: &mut Session, folder: &Path, overlay: &[(PathBuf, String)]) -> usize {
    let sources = || {
        let mut sources = Sources::default();
        for (path, text) in overlay {
            sources.overlay(path.clone(), text.as_str());
        }
        sources
    };
    let kept = session.check(sources(), &selection(folder), &Options::default(), &Stop::default());
    let kept = kept.expect("nobody stopped it");
    let fresh = check(sources(), &selection(folder));
    assert_eq!(json(&kept), json(&fresh));
    fresh.findings.len()
}

#[test]
fn every_fixture_says_the_same_the_second_time() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut found = 0;
    for entry in walkdir::WalkDir::new(root).min_depth(2).max_depth(2).sort_by_file_name() {
        let folder = entry.expect("it can be read").into_path();
        let mut session = Session::default();
        found += same(&mut session, &folder, &[]);
        same(&mut session, &folder, &[]);
    }
    assert!(found > 50);
}

/// A workspace in which files depend on one another in every way that they can.
const FILES: [(&str, &str); 8] = [
    ("Cargo.toml", "[workspace]\nmembers = [\"shop\", \"kit\"]\n"),
    (
        "kit/Cargo.toml",
        "[package]\nname = \"kit\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]\n",
    ),
    (
        "kit/src/lib.rs",
        "#[macro_export]\nmacro_rules! store {\n    ($n:ident) => { pub static $n: \
         std::sync::Mutex<Vec<String>> = std::sync::Mutex::new(Vec::new()); };\n}\n",
    ),
    (
        "shop/Cargo.toml",
        "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]\n\
         axum = \"0.8\"\nkit = { path = \"../kit\" }\n",
    ),
    (
        "shop/src/main.rs",
        "mod carts;\nmod names;\n#[tokio::main]\nasync fn main() {\n    let app = axum::Router::new()\
         .route(\"/a\", axum::routing::post(carts::add)).route(\"/b\", axum::routing::post(names::add));\n    \
         axum::serve(tokio::net::TcpListener::bind(\"a\").await.unwrap(), app).await.unwrap();\n}\n",
    ),
    (
        "shop/src/carts.rs",
        "kit::store!(CARTS);\npub async fn add(name: String) -> String {\n    let mut carts = \
         CARTS.lock().unwrap();\n    carts.push(name);\n    carts.len().to_string()\n}\n",
    ),
    (
        "shop/src/names.rs",
        "static NAMES: std::sync::Mutex<Vec<String>> = std::sync::Mutex::new(Vec::new());\n\
         pub async fn add(name: String) -> String {\n    let mut names = NAMES.lock().unwrap();\n    \
         names.push(name);\n    names.len().to_string()\n}\n",
    ),
    ("nginx.conf", "upstream a {\n    ip_hash;\n    server a:1;\n}\n"),
];

#[test]
fn what_is_kept_never_outlives_what_it_was_read_with() {
    let folder = TempDir::new().expect("a temporary folder");
    let root = folder.path();
    let write = |name: &str, text: &str| {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        std::fs::write(path, text).expect("a file");
    };
    for (name, text) in FILES {
        write(name, text);
    }
    let text = |name: &str| FILES.iter().find(|(of, _)| *of == name).expect("a file").1.to_string();
    let mut session = Session::default();
    let mut found = |overlay: &[(&str, &str)]| {
        let overlay: Vec<(PathBuf, String)> =
            overlay.iter().map(|(name, text)| (root.join(name), text.to_string())).collect();
        same(&mut session, root, &overlay)
    };
    assert_eq!(found(&[]), 3);
    assert_eq!(found(&[]), 3);
    // Typed: a line more, a handler that changes nothing.
    let carts = text("shop/src/carts.rs");
    assert_eq!(found(&[("shop/src/carts.rs", &format!("// ä\n\n{carts}"))]), 3);
    let idle = carts.replace("carts.push(name);", "");
    assert_eq!(found(&[("shop/src/carts.rs", &idle)]), 2);
    // The macro is another one, in a file that calls nothing: no static is made any more.
    let kit = text("kit/src/lib.rs");
    let none = kit.replace(
        "pub static $n: std::sync::Mutex<Vec<String>> = \
                            std::sync::Mutex::new(Vec::new());",
        "pub fn x() {}",
    );
    assert_ne!(none, kit);
    assert_eq!(found(&[("kit/src/lib.rs", &none)]), 2);
    assert_eq!(found(&[]), 3);
    // It is gone, and it comes back.
    assert_eq!(found(&[("kit/src/lib.rs", "")]), 2);
    assert_eq!(found(&[("kit/src/lib.rs", &format!("\n\n{kit}"))]), 3);
    // A module goes, and another comes before the others, which moves the numbers of files.
    let main = text("shop/src/main.rs");
    let less = main
        .replace("mod names;\n", "")
        .replace(".route(\"/b\", axum::routing::post(names::add))", "");
    assert_eq!(found(&[("shop/src/main.rs", &less)]), 2);
    let more = main
        .replace("mod carts;", "mod also;\nmod carts;")
        .replace("names::add))", "names::add)).route(\"/c\", axum::routing::post(also::add))");
    let also = text("shop/src/names.rs").replace("NAMES", "ALSO");
    assert_eq!(found(&[("shop/src/main.rs", &more), ("shop/src/also.rs", &also)]), 4);
    assert_eq!(found(&[]), 3);
    // Broken, mended; a text that cannot be read is not kept.
    assert_eq!(found(&[("shop/src/names.rs", "fn (")]), 2);
    assert_eq!(found(&[]), 3);
    // What the tool is taught is in force at once.
    let taught = "[functions]\n\"shop::carts::add\" = \"telemetry\"\n";
    let with = found(&[("twelve-lint.toml", taught)]);
    assert_eq!(found(&[]), 3);
    assert!(with <= 3);
    // A package more, a package less.
    assert_eq!(found(&[("Cargo.toml", "[workspace]\nmembers = [\"kit\"]\n")]), 1);
    assert_eq!(found(&[("nginx.conf", "")]), 2);
    assert_eq!(found(&[]), 3);
}

#[test]
fn a_run_that_was_stopped_says_nothing_and_spoils_nothing() {
    let folder = TempDir::new().expect("a temporary folder");
    for (name, text) in FILES {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        std::fs::write(path, text).expect("a file");
    }
    let mut session = Session::default();
    let stop = Stop::default();
    stop.now();
    let run = |session: &mut Session, stop: &Stop| {
        session.check(Sources::default(), &selection(folder.path()), &Options::default(), stop)
    };
    assert!(run(&mut session, &stop).is_none());
    assert_eq!(same(&mut session, folder.path(), &[]), 3);
    assert!(run(&mut session, &stop).is_none());
    assert_eq!(same(&mut session, folder.path(), &[]), 3);
    // Somewhere in the middle, wherever that is.
    for pause in [0, 1, 2, 5, 10, 20, 50] {
        let stop = Stop::default();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(std::time::Duration::from_millis(pause));
                stop.now();
            });
            if let Some(report) = run(&mut session, &stop) {
                assert_eq!(report.findings.len(), 3);
            }
        });
        assert_eq!(same(&mut session, folder.path(), &[]), 3);
    }
}
