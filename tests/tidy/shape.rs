//! Is each file as long as it may be, named as it should be, and introduced by a line of its own?

use crate::{code, nothing, root, rust_files};

/// No file is so long that a reader loses it. A number that is raised has its reason beside it.
const MOST_LINES: usize = 500;
const MOST_LINES_OF_A_RULE: usize = 100;
const MOST_LINES_OF_MAIN: usize = 40;

#[test]
fn files_are_short() {
    let mut wrong = Vec::new();
    for folder in ["src", "tests", "benches"] {
        for (file, text) in rust_files(folder) {
            let lines = code::before_tests(&text).lines().count();
            let most = match &*file {
                "src/main.rs" => MOST_LINES_OF_MAIN,
                file if file.starts_with("src/rules/") => MOST_LINES_OF_A_RULE,
                _ => MOST_LINES,
            };
            if lines > most {
                wrong.push(format!("{file}: {lines} lines, more than {most}: split it by meaning"));
            }
        }
    }
    nothing(wrong);
}

#[test]
fn each_file_says_what_question_it_answers() {
    let mut wrong = Vec::new();
    for folder in ["src", "tests", "benches"] {
        for (file, text) in rust_files(folder) {
            if !text.starts_with("//! ") {
                wrong.push(format!("{file}: begin with a `//!` line that says what it answers"));
            }
            if file.ends_with("/mod.rs") {
                wrong.push(format!("{file}: name it after its folder, beside it"));
            }
        }
    }
    nothing(wrong);
}

/// The package that others download holds what is needed to build it, and no more.
#[test]
fn fixtures_are_packages_of_their_own() {
    let mut wrong = Vec::new();
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("our own manifest");
    if !manifest.contains("\"/fixtures\"") {
        wrong.push("Cargo.toml: exclude \"/fixtures\" from the package".to_string());
    }
    for entry in walkdir::WalkDir::new(root().join("fixtures")).into_iter().flatten() {
        if entry.file_name() != "Cargo.toml" {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
        let of_workspace = entry.path().ancestors().skip(2).any(|folder| {
            let outer = folder.join("Cargo.toml");
            folder.starts_with(root().join("fixtures"))
                && std::fs::read_to_string(outer).is_ok_and(|text| text.contains("[workspace]"))
        });
        if !text.contains("[workspace]") && !of_workspace {
            let path = crate::shown(entry.path());
            wrong.push(format!(
                "{path}: give it a `[workspace]` table, so that cargo leaves it alone"
            ));
        }
    }
    nothing(wrong);
}
