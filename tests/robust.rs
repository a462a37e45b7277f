//! Does every text, however broken or deep, end in a report?

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use twelve_lint::diagnostic::{ProblemKind, Report, Severity};
use twelve_lint::discover::Selection;
use twelve_lint::source::Sources;
use walkdir::WalkDir;

/// How many times each file is cut.
const CUTS: usize = 8;

/// The sources of this package and of its fixtures.
fn rust_files() -> Vec<PathBuf> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let walk =
        ["src", "fixtures"].map(|folder| WalkDir::new(package.join(folder)).sort_by_file_name());
    let files = walk.into_iter().flatten().flatten().map(walkdir::DirEntry::into_path);
    files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

/// Lints a package whose binaries have these texts.
fn lint(binaries: &[String]) -> (Report, Vec<PathBuf>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let manifest = "[package]\nname = \"cut\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    let bins = folder.path().join("src/bin");
    fs::create_dir_all(&bins).expect("a folder for binaries");
    fs::write(folder.path().join("Cargo.toml"), manifest).expect("a manifest");
    let mut paths = Vec::new();
    for (number, text) in binaries.iter().enumerate() {
        let path = bins.join(format!("b{number}.rs"));
        fs::write(&path, text).expect("a source");
        paths.push(path);
    }
    let selection = Selection { paths: vec![folder.path().to_path_buf()], ..Selection::default() };
    (twelve_lint::check(Sources::default(), &selection), paths)
}

/// The files that a report calls broken, and whether each is an error.
fn broken(report: &Report) -> BTreeSet<PathBuf> {
    let parse = report.problems.iter().filter(|problem| problem.kind == ProblemKind::Parse);
    parse
        .map(|problem| {
            assert_eq!(problem.severity, Severity::Error, "{problem:?}");
            assert!(!problem.message.is_empty() && !problem.help.is_empty(), "{problem:?}");
            problem.path.clone()
        })
        .collect()
}

/// Beginnings, ends, and texts with a hole, cut between any two characters.
fn cuts(text: &str) -> Vec<String> {
    let bound = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    let place = |n: usize| bound(text.len() * n / (CUTS + 1) + n * 7 % 31).unwrap_or(0);
    let cut = |n: usize| match n % 4 {
        0 => text[place(n)..].to_string(),
        1 => format!("{}{}", &text[..place(n)], &text[place(n + 1)..]),
        _ => text[..place(n)].to_string(),
    };
    (1..=CUTS).map(cut).collect()
}

#[test]
fn cut_files_are_named_and_the_rest_is_judged() {
    let files = rust_files();
    assert!(files.len() > 20, "{}", files.len());
    let (mut all, mut failed) = (0, 0);
    for file in files.chunks(8) {
        let texts = file.iter().map(|path| fs::read_to_string(path).expect("a source of ours"));
        // What test modules hold is not read.
        let judged = |text: String| text.split("\n#[cfg(test)]\nmod ").next().map(cuts);
        let texts: Vec<String> = texts.filter_map(judged).flatten().collect();
        let (report, paths) = lint(&texts);
        let wanted: BTreeSet<PathBuf> = paths
            .iter()
            .zip(&texts)
            .filter(|(_, text)| syn::parse_file(text).is_err())
            .map(|(path, _)| path.clone())
            .collect();
        assert_eq!(broken(&report), wanted, "{file:?}");
        assert_eq!(report.coverage.packages.len(), 1, "{file:?}");
        all += texts.len();
        failed += wanted.len();
    }
    // Cuts that all parse, or all fail, would prove nothing.
    assert!(failed > all / 4 && failed < all, "{failed} of {all}");
}

#[test]
fn a_mistake_in_a_test_module_is_told_where_it_hides_its_end() {
    let text = |body: &str| format!("fn main() {{}}\n#[cfg(test)]\nmod tests {{{body}}}\n");
    let texts = ["fn f() { let = ; }", "fn f() { (", "}", "\"", "/*"].map(text);
    let (report, paths) = lint(&texts);
    assert_eq!(broken(&report), paths[1..].iter().cloned().collect());
}

const LEVELS: usize = 10_000;

fn nest(before: &str, open: &str, middle: &str, close: &str, after: &str) -> String {
    format!("{before}{}{middle}{}{after}\n", open.repeat(LEVELS), close.repeat(LEVELS))
}

/// Lints each text beside a broken file: whether the text is judged or refused, the other file
/// must be read and named.
fn survive(cases: &[(&str, String)]) {
    for (name, text) in cases {
        let (report, paths) = lint(&[text.clone(), "fn main() { let x = ; }".into()]);
        let broken = broken(&report);
        assert!(broken.contains(&paths[1]), "{name}: {:?}", report.problems);
        assert!(!name.starts_with("un") || broken.contains(&paths[0]), "{name}: {broken:?}");
    }
}

const OWN: &str = "macro_rules! m { ($e:expr) => { f($e, $e) }; ($($t:tt)*) => { ($($t)*) } } ";

const BODY: &str = "fn main() { let x = ";

#[test]
fn ten_thousand_levels_do_not_crash() {
    survive(&[
        ("parentheses", nest(BODY, "(", "1", ")", "; }")),
        ("closures", nest(BODY, "|| ", "1", "", "; }")),
        ("ranges", nest(BODY, "..", "1", "", "; }")),
        ("matches", nest(BODY, "match a { _ => ", "1", "}", "; }")),
        ("macros", nest(BODY, "vec![", "1", "]", "; }")),
        ("own macros", nest(&format!("{OWN}{BODY}"), "m!(", "1", ")", "; }")),
        ("own macros in groups", nest(&format!("{OWN}{BODY}"), "(m!(", "1", "))", "; }")),
        ("patterns", nest("fn main() { let ", "(", "x", ")", " = 1; }")),
        ("alternatives", nest("fn main() { let (", "a | ", "b", "", ") = 1; }")),
        ("types", nest("type A = ", "Vec<", "u8", ">", "; fn main() {}")),
        ("tuples", nest("type A = ", "(", "u8", ",)", "; fn main() {}")),
        ("pointers", nest("type A = ", "&'static ", "u8", "", "; fn main() {}")),
        ("functions", nest("type A = ", "fn() -> ", "u8", "", "; fn main() {}")),
        ("items", nest("", "fn f() { ", "", "}", " fn main() {}")),
        ("uses", nest("use ", "a::{", "b", "}", "; fn main() {}")),
        ("paths", nest("use ", "a::", "b", "", "; fn main() {}")),
        ("attributes", nest("#[a", "(", "b", ")", "] fn main() {}")),
        ("comments", nest("", "/*", "", "*/", " fn main() {}")),
        ("unclosed", nest(BODY, "(", "1", "", "; }")),
        ("unopened", nest(BODY, "", "1", ")", "; }")),
    ]);
}

#[test]
fn ten_thousand_levels_do_not_crash_after_parsing() {
    survive(&[
        ("blocks", nest(BODY, "{", "1", "}", "; }")),
        ("arrays", nest(BODY, "[", "1", "]", "; }")),
        ("calls", nest(BODY, "f(", "1", ")", "; }")),
        ("methods", nest(BODY, "", "a", ".b()", "; }")),
        ("fields", nest(BODY, "", "a", ".b", "; }")),
        ("sums", nest(BODY, "1 + ", "1", "", "; }")),
        ("negations", nest(BODY, "!", "true", "", "; }")),
        ("references", nest(BODY, "& ", "1", "", "; }")),
        ("tries", nest(BODY, "", "a", "?", "; }")),
        ("casts", nest(BODY, "", "1", " as u8", "; }")),
        ("assignments", nest(BODY, "a = ", "1", "", "; }")),
        ("else if", nest(BODY, "if a { 1 } else ", "{ 1 }", "", "; }")),
        ("ifs", nest("fn main() { ", "if a { ", "", "}", "}")),
        ("loops", nest("fn main() { ", "loop { ", "", "}", "}")),
        ("modules", nest("", "mod a { ", "", "}", " fn main() {}")),
    ]);
}
