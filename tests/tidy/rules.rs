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

/// `explain` is where people look up whether their files are read.
#[test]
fn pages_name_every_format_that_the_catalogue_knows() {
    let mut wrong = Vec::new();
    for path in entries(&root().join("rules/catalog")) {
        let text = std::fs::read_to_string(&path).expect("a part of the catalogue");
        let facts: toml::Table = text.parse().expect("TOML");
        let settings = facts.get("setting").and_then(toml::Value::as_array).into_iter().flatten();
        for setting in settings {
            let said = |key: &str| setting.get(key).and_then(toml::Value::as_str).unwrap_or("");
            let rule = match said("means") {
                "sticky" => "sticky_session",
                "volume" => "local_volume",
                _ => "runtime_asset_build",
            };
            let page = RULES.iter().find(|known| known.id == rule).expect("a rule").page;
            let page = page.split("\n## Why").next().unwrap_or(page).to_lowercase();
            let mut names: Vec<String> = said("format").split('-').map(String::from).collect();
            names.retain(|word| word != "unsaid");
            let key = said("key").replace("~1", "/");
            if let Some(annotation) = key.strip_prefix("metadata/annotations/") {
                names.extend(annotation.split('/').next().map(String::from));
            }
            let kinds = setting.get("kinds").and_then(toml::Value::as_array).into_iter().flatten();
            names.extend(kinds.filter_map(toml::Value::as_str).filter_map(|kind| {
                let resource = said("format") == "terraform";
                match kind.split_once(['_', '/']).map_or(kind, |(of, _)| of) {
                    of if resource => Some(format!("`{of}_")),
                    // What runs processes, whatever it is called.
                    _ if rule != "sticky_session" && said("format") == "kubernetes" => None,
                    _ if matches!(said("format"), "haproxy" | "render" | "dockerfile") => None,
                    of => Some(of.rsplit_once("::").map_or(of, |(of, _)| of).to_string()),
                }
            }));
            let missing = names.iter().filter(|name| !page.contains(&name.to_lowercase()));
            wrong.extend(missing.map(|name| format!("rules/{rule}.md does not name `{name}`")));
        }
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
