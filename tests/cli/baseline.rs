//! Does the baseline keep what is known, and nothing else?

use std::path::Path;

use serde_json::Value;

use crate::{QUIET, SHOP, run, tree};

const FILE: &str = "twelve-lint-baseline.json";

pub(crate) fn edit(folder: &Path, path: &str, change: impl Fn(String) -> String) {
    let path = folder.join(path);
    let text = std::fs::read_to_string(&path).expect("the file is there");
    let changed = change(text.clone());
    assert_ne!(text, changed, "the edit changes something");
    std::fs::write(path, changed).expect("it can be written");
}

/// Errors, baselined findings, status.
fn counts(folder: &Path, args: &str) -> (u64, u64, i32) {
    let ran = run(folder, &format!("{args} --format json"));
    let report: Value = serde_json::from_str(&ran.out).expect("stdout is JSON");
    let count = |of: &str| report["summary"][of].as_u64().expect("a number");
    let baselined = report["findings"].as_array().expect("findings").iter();
    let baselined = baselined.filter(|finding| finding["baselined"] == true).count() as u64;
    assert_eq!(count("baselined"), baselined);
    (count("errors"), baselined, ran.status)
}

const MORE: &str = "static MORE: LazyLock<Mutex<HashMap<String, u32>>> = LazyLock::new(Default::default);\n\n\
    async fn more(name: String) -> String {\n    let mut more = MORE.lock().unwrap();\n    \
    *more.entry(name).or_insert(0) += 1;\n    more.len().to_string()\n}\n\n";

/// A second finding in the shop.
pub(crate) fn with_more(text: String) -> String {
    let text = text.replace("#[tokio::main]", &format!("{MORE}#[tokio::main]"));
    text.replace("Router::new()", "Router::new().route(\"/more\", post(more))")
}

#[test]
fn what_is_written_is_known_from_then_on() {
    let shop = tree(SHOP);
    let ran = run(shop.path(), "baseline write");
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{ran:?}");
    assert_eq!(
        ran.out,
        "new   global_mutable_state of `shop::CARTS` (src/main.rs)\n\
         twelve-lint-baseline.json keeps 1 finding\n"
    );
    let text = std::fs::read_to_string(shop.path().join(FILE)).expect("it was written");
    let kept: Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(kept["version"], 1);
    assert_eq!(kept["findings"][0]["rule"], "global_mutable_state");
    assert_eq!(text.lines().count(), 6, "one line for each finding\n{text}");

    assert_eq!(counts(shop.path(), ""), (0, 1, 0));
    let ran = run(shop.path(), "");
    assert!(
        ran.out.contains("no violations, no hazards") && ran.out.contains("; 1 in the baseline\n"),
        "{}",
        ran.out
    );
    assert_eq!(counts(shop.path(), "--no-baseline"), (1, 0, 1));
    assert_eq!(counts(shop.path(), &format!("--baseline {FILE}")), (0, 1, 0));

    // Lines that move are nothing new.
    edit(shop.path(), "src/main.rs", |text| format!("// A shop.\n\n{text}"));
    edit(shop.path(), "src/main.rs", |text| {
        text.replace("static CARTS: LazyLock<", "static CARTS:\n    LazyLock<")
    });
    assert_eq!(counts(shop.path(), ""), (0, 1, 0));
    // Another finding is.
    edit(shop.path(), "src/main.rs", with_more);
    assert_eq!(counts(shop.path(), ""), (1, 1, 1));
    let ran = run(shop.path(), "");
    assert!(ran.out.contains("MORE") && ran.out.contains("1 violation in"), "{}", ran.out);
}

#[test]
fn a_second_equal_finding_is_new() {
    let service = r#"
//- Cargo.toml
[package]
name = "disk"
version = "0.1.0"
edition = "2024"

[dependencies]
axum = "0.8"
tokio = "1"
//- src/main.rs
async fn upload(body: String) {
    std::fs::write("data/upload", &body).unwrap();
}

#[tokio::main]
async fn main() {
    let router = axum::Router::new().route("/", axum::routing::post(upload));
    axum::serve(tokio::net::TcpListener::bind("0:80").await.unwrap(), router).await.unwrap();
}
"#;
    let disk = tree(service);
    assert_eq!(run(disk.path(), "baseline write").status, 0);
    assert_eq!(counts(disk.path(), ""), (0, 1, 0));
    let write = "    std::fs::write(\"data/upload\", &body).unwrap();\n";
    edit(disk.path(), "src/main.rs", |text| text.replace(write, &format!("{write}{write}")));
    assert_eq!(counts(disk.path(), ""), (1, 1, 1));
    assert_eq!(run(disk.path(), "baseline write").status, 0);
    assert_eq!(counts(disk.path(), ""), (0, 2, 0));
    // One of them is mended: the other stays known, and what is gone is told.
    edit(disk.path(), "src/main.rs", |text| text.replacen(write, "", 1));
    assert_eq!(counts(disk.path(), ""), (0, 1, 0));
    let ran = run(disk.path(), "");
    assert!(
        ran.out.contains("1 finding of this baseline is gone: local_disk_write of `disk::upload`"),
        "{}",
        ran.out
    );
}

#[test]
fn writing_again_names_what_it_takes_in_and_what_it_leaves_out() {
    let shop = tree(SHOP);
    run(shop.path(), "baseline write");
    edit(shop.path(), "src/main.rs", with_more);
    edit(shop.path(), "src/main.rs", |text| text.replace("CARTS", "BASKETS"));
    let ran = run(shop.path(), "baseline write");
    assert_eq!(
        ran.out,
        "new   global_mutable_state of `shop::BASKETS` (src/main.rs)\n\
         new   global_mutable_state of `shop::MORE` (src/main.rs)\n\
         gone  global_mutable_state of `shop::CARTS` (src/main.rs)\n\
         twelve-lint-baseline.json keeps 2 findings\n"
    );
    let ran = run(shop.path(), "baseline write");
    assert_eq!(ran.out, "2 known before\ntwelve-lint-baseline.json keeps 2 findings\n");
    // What somebody suppressed needs no baseline.
    edit(shop.path(), "src/main.rs", |text| {
        text.replace(
            "static MORE",
            "// twelve-lint: allow(global_mutable_state) reason = \"x\"\nstatic MORE",
        )
    });
    let ran = run(shop.path(), "baseline write");
    assert_eq!(
        ran.out,
        "out   global_mutable_state of `shop::MORE` (src/main.rs), which is allowed now\n\
         1 known before\ntwelve-lint-baseline.json keeps 1 finding\n"
    );
    // A note is among what is kept, though no report shows it.
    edit(shop.path(), "src/main.rs", |text| text.replace("BASKETS", "CARTS"));
    let ran = run(shop.path(), "baseline write -N all");
    assert!(ran.out.ends_with("keeps 1 finding, only notes\n"), "{}", ran.out);
}

#[test]
fn pruning_takes_out_what_is_gone_and_puts_nothing_in() {
    let shop = tree(SHOP);
    edit(shop.path(), "src/main.rs", with_more);
    run(shop.path(), "baseline write");
    edit(shop.path(), "src/main.rs", |text| text.replace("MORE", "OTHERS"));
    assert_eq!(counts(shop.path(), ""), (1, 1, 1));
    let ran = run(shop.path(), "baseline prune");
    assert_eq!(
        (ran.status, &*ran.out),
        (
            0,
            "gone  global_mutable_state of `shop::MORE` (src/main.rs)\n\
             twelve-lint-baseline.json keeps 1 finding\n"
        )
    );
    assert_eq!(counts(shop.path(), ""), (1, 1, 1));
    assert!(!run(shop.path(), "").out.contains("of this baseline"));
    let ran = run(shop.path(), "baseline prune");
    assert_eq!(ran.out, "twelve-lint-baseline.json keeps 1 finding\n");
}

const TWO: &str = "//- Cargo.toml\n[workspace]\nmembers = [\"a\", \"b\"]\nresolver = \"3\"\n";

#[test]
fn a_part_of_the_workspace_leaves_the_rest_as_it_is() {
    let member = |name: &str| {
        SHOP.replace("//- ", &format!("//- {name}/"))
            .replace("name = \"shop\"", &format!("name = \"{name}\""))
    };
    let two = tree(&format!("{TWO}{}{}", member("a"), member("b")));
    let ran = run(two.path(), "baseline write");
    assert!(ran.out.ends_with("twelve-lint-baseline.json keeps 2 findings\n"), "{ran:?}");
    edit(two.path(), "b/src/main.rs", |text| text.replace("CARTS", "BASKETS"));
    // The file of the workspace is found from a member, which says nothing of the other one.
    assert_eq!(counts(&two.path().join("a"), ""), (0, 1, 0));
    assert!(!run(&two.path().join("a"), "").out.contains("of this baseline"));
    assert_eq!(counts(&two.path().join("b"), ""), (1, 0, 1));
    let ran = run(&two.path().join("b"), "baseline write");
    assert!(ran.out.contains("0 known before, 2 not looked at\n"), "{}", ran.out);
    assert!(ran.out.ends_with("twelve-lint-baseline.json keeps 3 findings\n"), "{}", ran.out);
    let ran = run(&two.path().join("b"), "baseline prune");
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(
        ran.err.starts_with("error: nothing is taken out, as only a part was linted"),
        "{}",
        ran.err
    );
    let ran = run(two.path(), "baseline prune");
    assert!(ran.out.ends_with("twelve-lint-baseline.json keeps 2 findings\n"), "{ran:?}");

    std::fs::rename(two.path().join(FILE), two.path().join("a").join(FILE)).expect("it moves");
    std::fs::copy(two.path().join("a").join(FILE), two.path().join("b").join(FILE))
        .expect("copied");
    assert_eq!(counts(two.path(), ""), (0, 2, 0));
    let ran = run(two.path(), "baseline write");
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.err.starts_with("error: several baselines are in force: "), "{}", ran.err);
    let ran = run(two.path(), "baseline write --baseline all.json");
    assert!(ran.status == 0 && ran.out.ends_with("all.json keeps 2 findings\n"), "{ran:?}");
}

#[test]
fn a_hazard_that_became_a_violation_is_new() {
    let shop = tree(SHOP);
    run(shop.path(), "baseline write");
    edit(shop.path(), FILE, |text| text.replace("\"violation\"", "\"hazard\""));
    assert_eq!(counts(shop.path(), ""), (1, 0, 1));
    assert!(!run(shop.path(), "").out.contains("of this baseline"));
}

#[test]
fn what_is_wrong_with_a_baseline_is_told() {
    let shop = tree(SHOP);
    let ran = run(shop.path(), "--baseline gone.json");
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.out.contains("there is no such baseline"), "{}", ran.out);
    let ran = run(shop.path(), "baseline prune");
    assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{ran:?}");
    assert!(
        ran.err.starts_with("error: there is no baseline twelve-lint-baseline.json"),
        "{}",
        ran.err
    );
    for (text, told, place) in [
        (
            "{\n  \"version\": 1,\n<<<<<<< HEAD\n",
            "this is no baseline: key must be a string",
            ":3:1]",
        ),
        (
            "{ \"version\": 2, \"findings\": [] }",
            "this baseline is of version 2, and 1 is what is read",
            ":1:4]",
        ),
        (
            "{ \"version\": 1, \"finding\": [] }",
            "this is no baseline: unknown field `finding`",
            ":1:25]",
        ),
        ("", "this is no baseline: EOF while parsing a value", ":1:1]"),
    ] {
        std::fs::write(shop.path().join(FILE), text).expect("a file");
        let ran = run(shop.path(), "");
        assert_eq!(ran.status, 2, "{ran:?}");
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words(&ran.out).contains(told), "{told}\n{}", ran.out);
        assert!(ran.out.contains(&format!("[{FILE}{place}")), "{place}\n{}", ran.out);
        let ran = run(shop.path(), "baseline write");
        assert_eq!(ran.status, 2, "{ran:?}");
        assert!(ran.err.contains("the baseline stays as it is"), "{}", ran.err);
        assert_eq!(std::fs::read_to_string(shop.path().join(FILE)).expect("it is there"), text);
    }
    let broken = tree(&SHOP.replace("async fn main() {", "async fn main( {"));
    let ran = run(broken.path(), "baseline write");
    assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{ran:?}");
    assert!(ran.err.contains("src/main.rs:15:"), "{}", ran.err);
    assert!(!broken.path().join(FILE).exists());
    let ran = run(shop.path(), "baseline write --baseline no/such/folder/b.json");
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.err.contains("cannot write no/such/folder/b.json: "), "{}", ran.err);
    let ran = run(shop.path(), "--baseline a.json --no-baseline");
    assert!(ran.status == 2 && ran.err.contains("cannot be used with"), "{ran:?}");
}

#[test]
fn a_service_without_findings_has_an_empty_baseline() {
    let quiet = tree(QUIET);
    let ran = run(quiet.path(), "baseline write");
    assert_eq!(
        (ran.status, &*ran.out),
        (0, "twelve-lint-baseline.json keeps 0 findings\n"),
        "{ran:?}"
    );
    assert_eq!(counts(quiet.path(), ""), (0, 0, 0));
}

#[test]
fn no_two_findings_have_one_fingerprint() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ran = run(root, "fixtures --no-ignores --format json");
    let report: Value = serde_json::from_str(&ran.out).expect("stdout is JSON");
    let findings = report["findings"].as_array().expect("findings");
    let mut prints: Vec<&str> = findings.iter().filter_map(|f| f["fingerprint"].as_str()).collect();
    assert!(prints.len() == findings.len() && prints.len() > 50, "{}", prints.len());
    prints.sort_unstable();
    let twice = prints.windows(2).find(|pair| pair[0] == pair[1]);
    assert_eq!(twice, None);
}
