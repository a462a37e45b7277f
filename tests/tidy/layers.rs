//! Does each module name only modules above it, and only those crates that are its business?

use crate::{code, nothing, rust_files};

/// The modules in order: each may name those before it. `main` and `lib` name what they like.
const ORDER: &[&str] = &[
    "source",
    "symbol",
    "history",
    "diagnostic",
    "config",
    "catalog",
    "discover",
    "parse",
    "resolve",
    "flow",
    "model",
    "rules",
    "fix",
    "check",
    "report",
    "lsp",
    "cli",
    "main",
    "lib",
];

/// Names and the only places that may say them.
const FENCED: &[(&str, &[&str], &str)] = &[
    ("gix", &["src/history"], "what comes after asks for lines, whoever kept the old ones"),
    ("syn", &["src/parse"], "what comes after `parse` works on our own tree"),
    ("miette", &["src/report/human"], "other reporters and the core know no terminal"),
    ("clap", &["src/cli"], "the command line ends in `cli`"),
    ("fs", &["src/source.rs", "src/discover", "src/cli"], "the core does no I/O"),
];

fn module_of(file: &str) -> &str {
    let path = file.trim_start_matches("src/").trim_end_matches(".rs");
    path.split('/').next().unwrap_or(path)
}

/// The top-level modules that a text names, with the line.
fn named(file: &str, text: &str) -> Vec<(usize, String)> {
    let code = code::only(text);
    let top = file.matches('/').count() == 1;
    let mut starts = vec!["crate::", "twelve_lint::"];
    if top {
        starts.push("super::");
    }
    let mut found = Vec::new();
    for start in starts {
        for (at, _) in code.match_indices(start) {
            let line = code[..at].matches('\n').count() + 1;
            let rest = &code[at + start.len()..];
            let list = match rest.strip_prefix('{') {
                Some(group) => heads(group),
                None => vec![rest],
            };
            for name in list {
                let name: String = name
                    .trim_start()
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                found.push((line, name));
            }
        }
    }
    found
}

/// The parts of a `use` group, without the groups inside them.
fn heads(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                parts.push(&group[start..at]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts
}

#[test]
fn modules_name_only_modules_above_them() {
    let place = |module: &str| ORDER.iter().position(|name| *name == module);
    let mut wrong = Vec::new();
    for (file, text) in rust_files("src") {
        let module = module_of(&file);
        let Some(own) = place(module) else {
            wrong.push(format!(
                "{file}: give `{module}` its place in ORDER, in tests/tidy/layers.rs"
            ));
            continue;
        };
        for (line, name) in named(&file, code::before_tests(&text)) {
            if place(&name).is_some_and(|other| other > own) {
                wrong.push(format!(
                    "{file}:{line}: `{module}` names `{name}`, which stands after it: move what is \
                     needed up, or hand it in"
                ));
            }
        }
    }
    nothing(wrong);
}

#[test]
fn fenced_names_stay_where_they_belong() {
    let mut wrong = Vec::new();
    for (file, text) in rust_files("src") {
        let code = code::only(code::before_tests(&text));
        for (name, places, why) in FENCED {
            if places.iter().any(|place| file.starts_with(place)) {
                continue;
            }
            for line in code::lines_with(&code, name) {
                let text = code.lines().nth(line - 1).unwrap_or("");
                let path = text.contains(&format!("{name}::"))
                    || text.contains(&format!("::{name}"))
                    || text.trim_start().starts_with("use ");
                if path {
                    wrong.push(format!(
                        "{file}:{line}: `{name}` belongs in {} only: {why}",
                        places.join(", ")
                    ));
                }
            }
        }
    }
    nothing(wrong);
}

#[test]
fn names_are_found() {
    let text = "use crate::{a::{b, c}, d};\nfn f() { crate::e::g(); } // crate::h\n";
    let names: Vec<String> = named("src/x/y.rs", text).into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["a", "d", "e"]);
    assert_eq!(named("src/x.rs", "use super::z;\n"), [(1, "z".to_string())]);
}
