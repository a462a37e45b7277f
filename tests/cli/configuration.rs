//! Does the command line set levels, show what is in force, and begin a configuration?

use std::path::Path;

use serde_json::Value;

use crate::{QUIET, Ran, SHOP, run, tree};

#[test]
fn levels_are_set_by_flags_of_which_the_last_counts() {
    let shop = tree(SHOP);
    for (args, status, told) in [
        ("-A global_mutable_state", 0, "; 1 suppressed\n"),
        ("--allow global-mutable-state:violation", 0, "; 1 suppressed\n"),
        ("-A global_mutable_state:hazard", 1, "1 violation in"),
        ("-N all", 0, "; 1 note hidden (--pedantic)\n"),
        ("-W all", 0, "warning[global_mutable_state]"),
        ("-Wall --fail-on warning", 1, "exit status 1: 1 finding of level warning\n"),
        ("-A all -D global_mutable_state", 1, "error[global_mutable_state]"),
        ("-D global_mutable_state -A all", 0, "; 1 suppressed\n"),
    ] {
        let ran = run(shop.path(), args);
        assert_eq!(ran.status, status, "{args}: {ran:?}");
        assert!(ran.out.contains(told), "{args}: {}", ran.out);
    }
    let json = run(shop.path(), "-A all --format json").out;
    let report: Value = serde_json::from_str(&json).expect("stdout is JSON");
    assert_eq!(report["summary"]["suppressed"], 1);
    assert_eq!(report["findings"][0]["suppressed"], "allowed by the command line");
    for (args, told) in [
        ("-A globl_mutable_state", "did you mean `global_mutable_state`?"),
        ("-W frobnicate", "`cargo twelve-lint rules` lists them"),
        ("-D all:error", "`error` is no verdict: `violation` or `hazard`"),
    ] {
        let Ran { status, out, err } = run(shop.path(), args);
        assert_eq!((status, out.as_str()), (2, ""), "{args}");
        assert!(err.starts_with("error: ") && err.contains(told), "{args}: {err}");
    }
}

const CONFIG: &str = "
//- twelve-lint.toml
fail-on = \"warning\"
[rules]
global_mutable_state = { violation = \"warn\" }
in_process_cache = { hazard = \"allow\", reason = \"small\" }

[[overrides]]
paths = [\"src/main.rs\"]
rules = { all = \"note\" }
reason = \"soon\"

[types]
\"std::sync::Mutex\" = { is = \"control\", instead = \"a \\\"real\\\" lock\" }

[processes]
shop = \"web\"
";

#[test]
fn config_shows_each_value_with_its_origin() {
    let shop = tree(&format!("{SHOP}{CONFIG}"));
    let ran = run(shop.path(), "config -D in_process_lock");
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{ran:?}");
    let line = |text: &str, from: &str| {
        let found = ran.out.lines().find(|line| line.starts_with(text));
        let (value, comment) = found.and_then(|line| line.split_once("  # ")).unwrap_or_default();
        assert_eq!((value.trim_end(), comment), (text, from), "{}", ran.out);
    };
    assert!(ran.out.starts_with("# twelve-lint.toml\n# in force for `shop`\n"), "{}", ran.out);
    line("fail-on = \"warning\"", "twelve-lint.toml:1");
    line("pedantic = false", "the default");
    line("local_disk_read_back = { violation = \"deny\", hazard = \"warn\" }", "the default");
    line("global_mutable_state = { violation = \"warn\" }", "twelve-lint.toml:3");
    line(
        "in_process_cache = { violation = \"deny\", hazard = \"allow\" }",
        "violation: the default, hazard: twelve-lint.toml:4",
    );
    line("in_process_lock = { violation = \"deny\", hazard = \"deny\" }", "the command line");
    line("[[overrides]]", "twelve-lint.toml:6");
    let mutex = "\"std::sync::Mutex\" = { is = \"control\", instead = 'a \"real\" lock' }";
    line(mutex, "twelve-lint.toml:12");
    line("shop = \"web\"", "twelve-lint.toml:15");

    let asked = run(shop.path(), "config --fail-on never --pedantic=false").out;
    for line in ["fail-on = \"never\"", "pedantic = false"] {
        let found = asked.lines().find(|found| found.starts_with(line));
        assert!(found.is_some_and(|found| found.ends_with("  # the command line")), "{asked}");
    }

    // What is printed says the same when it is read.
    std::fs::write(shop.path().join("twelve-lint.toml"), &ran.out).expect("a file");
    let again = run(shop.path(), "config");
    assert_eq!((again.status, again.err.as_str()), (0, ""), "{again:?}");
    let values = |out: &str| -> Vec<String> {
        let lines = out.lines().skip(2).map(|line| line.split("  # ").next().unwrap_or(line));
        lines.map(|line| line.trim_end().to_string()).collect()
    };
    assert_eq!(values(&again.out), values(&ran.out));
}

#[test]
fn config_prints_the_schema_of_the_file() {
    let here = tree("");
    let ran = run(here.path(), "config --schema");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let schema = std::fs::read_to_string(root.join("schema/config-1.json")).expect("the schema");
    assert_eq!((ran.status, ran.out, ran.err), (0, schema, String::new()));
}

#[test]
fn config_tells_where_nothing_is_configured_and_what_is_wrong() {
    let quiet = tree(QUIET);
    let ran = run(quiet.path(), "config");
    assert!(ran.status == 0 && ran.out.starts_with("# no configuration: "), "{ran:?}");
    assert!(ran.out.contains("# the default\n"), "{}", ran.out);

    let wrong = tree(&format!("{QUIET}//- twelve-lint.toml\n[rules]\nin_process_cash = 1\n"));
    let ran = run(wrong.path(), "config");
    assert_eq!(ran.status, 2, "{ran:?}");
    let told = "error: twelve-lint.toml:2:19: what is said of a rule is a table\n  help: ";
    assert!(ran.err.starts_with(told), "{}", ran.err);

    let manifest = QUIET.replace(
        "version = \"0.1.0\"",
        "version = \"0.1.0\"\n[package.metadata.twelve-lint.rules]\nall = \"note\"",
    );
    let both = tree(&format!("{manifest}//- twelve-lint.toml\n"));
    let ran = run(both.path(), "config");
    let told = "note: Cargo.toml:4:19: `[package.metadata.twelve-lint]` is not in force";
    assert!(ran.status == 0 && ran.err.starts_with(told), "{ran:?}");
    let alone = tree(&manifest);
    let ran = run(alone.path(), "config");
    let told = "# [package.metadata.twelve-lint] of Cargo.toml\n";
    assert!(ran.status == 0 && ran.out.starts_with(told), "{ran:?}");
    assert!(ran.out.contains("# Cargo.toml:5\n"), "{}", ran.out);

    let empty = tree("");
    let ran = run(empty.path(), "config");
    assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{ran:?}");
    assert!(ran.err.contains("no `Cargo.toml` stands here or beneath"), "{}", ran.err);
}

#[test]
fn init_writes_a_file_once() {
    let shop = tree(SHOP);
    let before = run(shop.path(), "").out;
    let ran = run(shop.path(), "twelve-lint init");
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{ran:?}");
    assert!(ran.out.starts_with("wrote twelve-lint.toml"), "{}", ran.out);
    assert_eq!(run(shop.path(), "").out, before, "nothing changes by it");

    let path = shop.path().join("twelve-lint.toml");
    let text = std::fs::read_to_string(&path).expect("it was written");
    // Each example in it is one that can be used.
    let example = |line: &&str| {
        let rest = line.strip_prefix("# ").unwrap_or("");
        line.starts_with('[')
            || rest.starts_with("[[")
            || rest.contains(" = ") && !rest.starts_with(' ')
    };
    let used: Vec<&str> = text.lines().filter(example).collect();
    let used: String =
        used.iter().map(|line| format!("{}\n", line.trim_start_matches("# "))).collect();
    assert!(used.matches(" = ").count() > 25, "{used}");
    let value: Value = toml::from_str(&used).unwrap_or_else(|error| panic!("{error}\n{used}"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let schema = std::fs::read_to_string(root.join("schema/config-1.json")).expect("the schema");
    let schema: Value = serde_json::from_str(&schema).expect("it is JSON");
    let schema = jsonschema::validator_for(&schema).expect("it is a schema");
    assert!(schema.is_valid(&value), "{used}");

    std::fs::write(&path, "# ours\n").expect("a file");
    let ran = run(shop.path(), "init");
    assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{ran:?}");
    assert!(ran.err.starts_with("error: twelve-lint.toml is there already"), "{}", ran.err);
    assert_eq!(std::fs::read_to_string(&path).expect("it is there"), "# ours\n");
    let ran = run(shop.path(), "init no/such/folder");
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.err.contains("cannot write no/such/folder/twelve-lint.toml: "), "{}", ran.err);
}

#[test]
fn what_is_suppressed_is_counted_and_shown_on_request() {
    let comment =
        "// twelve-lint: allow(global_mutable_state) reason = \"one replica\"\nstatic CARTS";
    let shop = tree(&SHOP.replace("static CARTS", comment));
    let ran = run(shop.path(), "");
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.out.contains("no violations, no hazards in 1 package"), "{}", ran.out);
    assert!(ran.out.contains("; 1 suppressed\n"), "{}", ran.out);
    let json = run(shop.path(), "--format json").out;
    let report: Value = serde_json::from_str(&json).expect("stdout is JSON");
    assert_eq!(report["findings"][0]["suppressed"], "one replica");
    assert_eq!(report["findings"][0]["level"], "error");
    assert_eq!(report["summary"]["suppressed"], 1);
    assert_eq!(report["summary"]["errors"], 0);
    let ran = run(shop.path(), "--no-ignores");
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.out.starts_with("error[global_mutable_state]"), "{}", ran.out);

    let silent =
        tree(&SHOP.replace("static CARTS", &comment.replace(" reason = \"one replica\"", "")));
    let ran = run(silent.path(), "");
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.out.contains("nothing is suppressed here, as no reason is given"), "{}", ran.out);
    assert!(ran.out.contains("error[global_mutable_state]"), "{}", ran.out);
}
