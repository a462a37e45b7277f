//! Does `--new-from` show what changed since a revision, and nothing else? In repositories of git.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::baseline::{edit, with_more};
use crate::{SHOP, run, tree};

fn git(folder: &Path, args: &str) {
    let mut command = Command::new("git");
    command.current_dir(folder).args(args.split_whitespace());
    for name in ["AUTHOR", "COMMITTER"] {
        command
            .env(format!("GIT_{name}_NAME"), "a")
            .env(format!("GIT_{name}_EMAIL"), "a@b.example");
    }
    for name in ["GLOBAL", "SYSTEM"] {
        command.env(format!("GIT_CONFIG_{name}"), "/dev/null");
    }
    let output = command.output().expect("git is installed");
    assert!(output.status.success(), "git {args}: {}", String::from_utf8_lossy(&output.stderr));
}

fn commit(folder: &Path) {
    git(folder, "add -A");
    git(folder, "commit -q -m x");
}

/// The shop, committed on `main`.
fn shop() -> tempfile::TempDir {
    let shop = tree(SHOP);
    git(shop.path(), "init -q -b main");
    commit(shop.path());
    shop
}

/// The items of findings that are new, and how many were known; the status.
fn new(folder: &Path, rev: &str) -> (Vec<String>, u64, i32) {
    let ran = run(folder, &format!("--new-from {rev} --format json"));
    let report: Value = serde_json::from_str(&ran.out).expect("stdout is JSON");
    assert_eq!(report["problems"], Value::Array(vec![]), "{}", ran.out);
    assert_eq!(report["since"], rev);
    let findings = report["findings"].as_array().expect("findings").iter();
    let new = findings.filter(|finding| finding["baselined"] == false);
    let items = new.map(|finding| finding["item"].as_str().unwrap_or_default().to_string());
    (items.collect(), report["summary"]["baselined"].as_u64().expect("a number"), ran.status)
}

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|name| name.to_string()).collect()
}

#[test]
fn what_did_not_change_is_known() {
    let shop = shop();
    let here = shop.path();
    assert_eq!(new(here, "main"), (vec![], 1, 0));
    let ran = run(here, "--new-from HEAD");
    assert!(ran.out.contains("no violations, no hazards"), "{}", ran.out);
    assert!(ran.out.contains("; 1 known before `HEAD`\n"), "{}", ran.out);
    // Other lines of the file, white space at ends of lines, and comments elsewhere are no change.
    edit(here, "src/main.rs", |text| format!("// A shop.\n\n{}", text.replace('\n', "\r\n")));
    assert_eq!(new(here, "main"), (vec![], 1, 0));
    // A finding that was not there is new, committed or not, in a tracked file or not.
    edit(here, "src/main.rs", with_more);
    edit(here, "src/main.rs", |text| text.replace("\r\n", "\n"));
    assert_eq!(new(here, "main"), (names(&["shop::MORE"]), 1, 1));
    commit(here);
    assert_eq!(new(here, "HEAD"), (vec![], 2, 0));
    assert_eq!(new(here, "HEAD~1"), (names(&["shop::MORE"]), 1, 1));
    git(here, "tag v1 HEAD~1");
    assert_eq!(new(here, "v1").0, ["shop::MORE"]);
}

#[test]
fn a_change_anywhere_in_the_item_counts() {
    let service = SHOP.replace(
        "static CARTS: LazyLock<Mutex<HashMap<String, u32>>> = LazyLock::new(Default::default);",
        "static CARTS: LazyLock<Mutex<HashMap<String, u32>>> = LazyLock::new(|| {\n    let mut \
         map = HashMap::new();\n    map.insert(\"a\".to_string(), 1);\n    Mutex::new(map)\n});",
    );
    let shop = tree(&service);
    let here = shop.path();
    git(here, "init -q -b main");
    commit(here);
    let cases: [(&str, &str, bool); 5] = [
        ("\"a\".to_string(), 1)", "\"b\".to_string(), 1)", true),
        // A line that is taken out of it.
        ("    map.insert(\"a\".to_string(), 1);\n", "", true),
        // A reason of it, though the item is as it was.
        ("*carts.entry(name).or_insert(0) += 1;", "*carts.entry(name).or_insert(0) += 2;", true),
        // The line beside the reasons, and the line before the item.
        ("carts.len().to_string()", "carts.len().to_string() + \"\"", false),
        ("\nstatic CARTS", "\n// The carts.\nstatic CARTS", false),
    ];
    let path = here.join("src/main.rs");
    let before = std::fs::read_to_string(&path).expect("it is there");
    for (old, put, is_new) in cases {
        edit(here, "src/main.rs", |text| text.replace(old, put));
        let expected = if is_new { names(&["shop::CARTS"]) } else { vec![] };
        assert_eq!(new(here, "main").0, expected, "{put}");
        std::fs::write(&path, &before).expect("it can be written");
    }
}

#[test]
fn what_others_did_meanwhile_is_no_change() {
    let shop = shop();
    let here = shop.path();
    git(here, "checkout -q -b feature");
    edit(here, "src/main.rs", with_more);
    commit(here);
    git(here, "checkout -q main");
    edit(here, "src/main.rs", |text| text.replace("or_insert(0) += 1", "or_insert(0) += 2"));
    commit(here);
    git(here, "checkout -q feature");
    assert_eq!(new(here, "main").0, ["shop::MORE"]);
}

#[test]
fn deploy_files_are_compared_too() {
    let deploy = "//- deploy/web.yaml\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  \
                  ports: []\n  sessionAffinity: ClientIP\n";
    let shop = tree(&format!("{SHOP}{deploy}"));
    let here = shop.path();
    git(here, "init -q -b main");
    commit(here);
    assert_eq!(new(here, "main"), (vec![], 2, 0));
    edit(here, "deploy/web.yaml", |text| text.replace("ports: []", "ports: [{ port: 80 }]"));
    assert_eq!(new(here, "main").1, 2);
    edit(here, "deploy/web.yaml", |text| text.replace("ClientIP", "\"ClientIP\""));
    assert_eq!(new(here, "main").1, 1);
}

#[test]
fn packages_below_the_top_of_a_repository_are_compared() {
    let outer = tree(&SHOP.replace("//- ", "//- services/shop/"));
    git(outer.path(), "init -q -b main");
    commit(outer.path());
    let here = outer.path().join("services/shop");
    assert_eq!(new(&here, "main"), (vec![], 1, 0));
    edit(&here, "src/main.rs", with_more);
    assert_eq!(new(&here, "main").0, ["shop::MORE"]);
    assert_eq!(new(outer.path(), "main").0, ["shop::MORE"]);
}

#[test]
fn where_nothing_can_be_compared_it_is_told_and_all_is_shown() {
    let told = |folder: &Path, rev: &str| {
        let ran = run(folder, &format!("--new-from {rev}"));
        assert_eq!(ran.status, 2, "{ran:?}");
        assert!(ran.out.contains("error[global_mutable_state]"), "{}", ran.out);
        let words = ran.out.split_whitespace().filter(|word| *word != "│");
        words.collect::<Vec<_>>().join(" ")
    };
    let outside = tree(SHOP);
    let out = told(outside.path(), "main");
    assert!(
        out.contains("nothing can be compared with `main`: this is not in a git repository"),
        "{out}"
    );
    assert!(out.contains("`cargo twelve-lint baseline write`"), "{out}");
    let shop = shop();
    for rev in ["no/such", "main:src", "0123456789012345678901234567890123456789", "@{"] {
        let out = told(shop.path(), rev);
        assert!(out.contains(&format!("with `{rev}`: this clone has no such revision")), "{out}");
        assert!(out.contains("`fetch-depth: 0`"), "{out}");
    }
    let empty = tree(SHOP);
    git(empty.path(), "init -q -b main");
    assert!(told(empty.path(), "HEAD").contains("this clone has no such revision"));
    std::fs::write(empty.path().join(".git/HEAD"), "nonsense").expect("it can be written");
    assert!(told(empty.path(), "HEAD").contains("nothing can be compared with `HEAD`: "));
    let bare = tree(&SHOP.replace("//- ", "//- inner/"));
    git(bare.path(), "init -q --bare");
    let out = told(&bare.path().join("inner"), "HEAD");
    assert!(out.contains("this git repository has no work tree"), "{out}");
}

/// Nothing that a repository may name is run: it may be anybody's.
#[cfg(unix)]
#[test]
fn no_program_of_a_repository_is_run() {
    use std::os::unix::fs::PermissionsExt;

    let shop = shop();
    let here = shop.path();
    let program = here.join("trap.sh");
    std::fs::write(&program, format!("#!/bin/sh\ntouch {}/ran\n", here.display())).expect("a file");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("executable");
    let trap = program.display();
    let config = format!(
        "[core]\n fsmonitor = {trap}\n hooksPath = {}\n sshCommand = {trap}\n pager = {trap}\n editor = \
         {trap}\n[filter \"trap\"]\n clean = {trap}\n smudge = {trap}\n process = {trap}\n required = \
         true\n[diff \"trap\"]\n command = {trap}\n textconv = {trap}\n[credential]\n helper = {trap}\n\
         [diff]\n external = {trap}\n[include]\n path = {}/more\n",
        here.display(),
        here.display()
    );
    let path = here.join(".git/config");
    let before = std::fs::read_to_string(&path).expect("it is there");
    std::fs::write(&path, before + &config).expect("it can be written");
    std::fs::write(here.join(".gitattributes"), "*.rs filter=trap diff=trap\n").expect("a file");
    edit(here, "src/main.rs", with_more);
    assert_eq!(new(here, "main").0, ["shop::MORE"]);
    assert!(!here.join("ran").exists());
}

#[test]
fn a_shallow_clone_is_compared_with_what_it_has() {
    let shop = shop();
    let here = shop.path();
    edit(here, "src/main.rs", with_more);
    commit(here);
    let clone = tempfile::TempDir::new().expect("a temporary folder");
    let url = format!("clone -q --depth 1 file://{} shop", here.display());
    git(clone.path(), &url);
    let there = clone.path().join("shop");
    assert_eq!(new(&there, "origin/main"), (vec![], 2, 0));
    let ran = run(&there, "--new-from HEAD~1");
    assert!(ran.status == 2 && ran.out.contains("HEAD~1"), "{ran:?}");
}
