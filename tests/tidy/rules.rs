//! Has each rule its page, code and fixtures, and the other way round? Are the pages whole?

use std::collections::BTreeSet;

use twelve_lint::rules::{RULES, Rule};

use crate::{entries, nothing, root, stem};

const HEADINGS: &[&str] =
    &["What it finds", "Why (Factor VI)", "What it leaves alone", "Instead", "Examples"];

fn ids() -> BTreeSet<String> {
    RULES.iter().map(|rule| rule.id.to_string()).collect()
}

#[test]
fn one_name_joins_list_page_code_and_fixtures() {
    let files = |folder: &str, end: &str| -> BTreeSet<String> {
        let paths = entries(&root().join(folder)).into_iter();
        let named = paths.filter(|path| path.extension().is_some_and(|found| found == end));
        named.map(|path| stem(&path)).filter(|stem| stem != "README").collect()
    };
    let folders = entries(&root().join("fixtures")).into_iter().filter(|path| path.is_dir());
    let fixtures: BTreeSet<String> =
        folders.map(|path| stem(&path)).filter(|stem| stem != "workspaces").collect();
    let places = [
        ("RULES in src/rules.rs", ids()),
        ("rules/<id>.md", files("rules", "md")),
        ("src/rules/<id>.rs", files("src/rules", "rs")),
        ("fixtures/<id>/", fixtures),
    ];
    let all: BTreeSet<&String> = places.iter().flat_map(|(_, ids)| ids).collect();
    let mut wrong = Vec::new();
    for id in all {
        for (place, ids) in &places {
            if !ids.contains(id) {
                wrong.push(format!("`{id}` is missing from {place}"));
            }
        }
        let small = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !id.chars().all(small) {
            wrong.push(format!("`{id}` is not snake_case"));
        }
        for case in ["bad", "good"] {
            if !root().join("fixtures").join(id).join(case).join("Cargo.toml").exists() {
                wrong.push(format!("fixtures/{id}/{case} has no Cargo.toml"));
            }
        }
    }
    let sorted: Vec<String> = ids().into_iter().collect();
    if RULES.iter().map(|rule| rule.id).ne(sorted.iter().map(String::as_str)) {
        wrong.push("RULES in src/rules.rs is not in the order of the ids".into());
    }
    nothing(wrong);
}

#[test]
fn pages_are_whole() {
    let mut wrong = Vec::new();
    for rule in RULES {
        let page = format!("rules/{}.md", rule.id);
        if !rule.page.starts_with(&format!("# {}\n\n```toml\n", rule.id)) {
            wrong.push(format!("{page}: begin with `# {}` and its ```toml head", rule.id));
        }
        let found: Vec<&str> =
            rule.page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        if found != HEADINGS {
            wrong.push(format!("{page}: the headings are {found:?} and should be {HEADINGS:?}"));
        }
        wrong.extend(head(rule).into_iter().map(|what| format!("{page}: {what}")));
    }
    nothing(wrong);
}

fn head(rule: &Rule) -> Vec<String> {
    let meta = match rule.meta() {
        Ok(meta) => meta,
        Err(error) => return vec![error],
    };
    let mut wrong = Vec::new();
    if !["memory", "disk", "deploy"].contains(&&*meta.group) {
        wrong.push(format!("`{}` is no group: memory, disk or deploy", meta.group));
    }
    if meta.summary.ends_with('.') || meta.summary.starts_with(|c: char| c.is_uppercase()) {
        wrong.push("the summary starts small and ends without a full stop".into());
    }
    for verdict in &meta.verdicts {
        if !["violation", "hazard"].contains(&&**verdict) {
            wrong.push(format!("`{verdict}` is no verdict: violation or hazard"));
        }
    }
    // What a page claims, one of its examples shows.
    let examples = rule.page.split("\n## Examples\n").nth(1).unwrap_or("");
    let marks: Vec<&str> = examples
        .lines()
        .filter_map(|line| line.split_once("//~ ").or(line.split_once("#~ ")))
        .flat_map(|(_, told)| told.split(','))
        .map(str::trim)
        .collect();
    for (verdict, mark) in
        [("violation", rule.id.to_string()), ("hazard", format!("{} hazard", rule.id))]
    {
        let claimed = meta.verdicts.iter().any(|claimed| claimed == verdict);
        if claimed != marks.contains(&&*mark) {
            wrong.push(format!("its head and its examples differ on whether there is a {verdict}"));
        }
    }
    let silent = |example: &&str| !example.contains("//~ ") && !example.contains("#~ ");
    if !examples.split("\n### ").skip(1).any(|example| silent(&example)) {
        wrong.push("no example shows what is left alone".into());
    }
    wrong
}
