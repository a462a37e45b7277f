//! Which examples does a rule's page give? Each becomes a small package that is linted.
//!
//! Below `## Examples`, a third-level heading begins an example; a paragraph that names a file in
//! backticks goes before each fenced block.

use std::collections::BTreeSet;

use libtest_mimic::Trial;

use crate::judge;
use crate::marks::{self, equal};

/// One example: a heading and its files.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Example {
    pub(crate) title: String,
    pub(crate) files: Vec<(String, String)>,
    /// What the steps of its findings name, after `Named:`.
    pub(crate) named: Vec<String>,
    /// What their consequences say, each after `So:`.
    pub(crate) so: Vec<String>,
    /// What neither a step nor a consequence says, each after `Unsaid:`.
    pub(crate) unsaid: Vec<String>,
}

/// The examples of a page.
pub(crate) fn read(page: &str) -> Result<Vec<Example>, String> {
    let (_, examples) = page.split_once("\n## Examples\n").ok_or("there is no `## Examples`")?;
    let mut found: Vec<Example> = Vec::new();
    let mut file: Option<String> = None;
    let mut lines = examples.lines();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("### ") {
            found.push(Example {
                title: title.trim().into(),
                files: Vec::new(),
                named: Vec::new(),
                so: Vec::new(),
                unsaid: Vec::new(),
            });
            file = None;
        } else if line.starts_with("```") {
            let example = found.last_mut().ok_or("a block stands before the first `###`")?;
            let title = &example.title;
            let name = file.take().ok_or_else(|| format!("a block of `{title}` has no file"))?;
            let mut text = String::new();
            loop {
                let line = lines.next().ok_or_else(|| format!("`{name}` never ends"))?;
                if line == "```" {
                    break;
                }
                text.push_str(line);
                text.push('\n');
            }
            example.files.push((name, text));
        } else if let Some(told) = line.strip_prefix("Named: ") {
            let example = found.last_mut().ok_or("`Named:` stands before the first `###`")?;
            example.named.extend(told.split('`').skip(1).step_by(2).map(String::from));
        } else if let Some(told) = line.strip_prefix("So: ") {
            let example = found.last_mut().ok_or("`So:` stands before the first `###`")?;
            example.so.push(told.trim().to_string());
        } else if let Some(told) = line.strip_prefix("Unsaid: ") {
            let example = found.last_mut().ok_or("`Unsaid:` stands before the first `###`")?;
            example.unsaid.push(told.trim().to_string());
        } else if let Some(named) = line.split('`').nth(1) {
            let alone = line == format!("`{named}`:");
            let is_file = (named.contains('.') || alone) && !named.contains(' ');
            let is_file = is_file && line.ends_with(':');
            file = is_file.then(|| named.to_string()).or(file);
        }
    }
    for example in &found {
        if example.files.is_empty() {
            return Err(format!("`{}` has no file", example.title));
        }
    }
    match found.is_empty() {
        true => Err("there is no example".into()),
        false => Ok(found),
    }
}

impl Example {
    /// The title as part of a test's name.
    pub(crate) fn slug(&self) -> String {
        let title = self.title.to_lowercase();
        let words = title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join("-")
    }

    /// Writes the example out as a package, lints it, compares.
    pub(crate) fn judge(&self) -> Result<(), String> {
        let folder = self.write()?;
        let mut expected = Vec::new();
        for (name, text) in &self.files {
            expected.extend(marks::of(name, text)?);
        }
        judge::judge(folder.path(), expected)?;
        judge::named(folder.path(), &self.named)?;
        judge::so(folder.path(), &self.so, &self.unsaid)
    }

    /// Writes the example out as a package.
    pub(crate) fn write(&self) -> Result<tempfile::TempDir, String> {
        let folder = tempfile::Builder::new()
            .prefix("example-")
            .tempdir()
            .map_err(|error| error.to_string())?;
        let has = |end: &str| self.files.iter().any(|(name, _)| name.ends_with(end));
        let mut files: Vec<(String, String)> = self.files.clone();
        if !has("Cargo.toml") {
            files.push(("Cargo.toml".into(), self.manifest()));
        }
        if !has(".rs") {
            files.push(("src/main.rs".into(), "fn main() {}\n".into()));
        }
        for (name, text) in &files {
            let path = folder.path().join(name);
            let parent = path.parent().unwrap_or(folder.path());
            std::fs::create_dir_all(parent).map_err(|error| error.to_string())?;
            std::fs::write(&path, text).map_err(|error| error.to_string())?;
        }
        Ok(folder)
    }

    /// A manifest whose dependencies are the crates that the example's paths begin with.
    fn manifest(&self) -> String {
        let mut crates = BTreeSet::new();
        let mut known: BTreeSet<&str> =
            ["std", "core", "alloc", "crate", "self", "super"].into_iter().collect();
        for (_, text) in self.files.iter().filter(|(name, _)| name.ends_with(".rs")) {
            for line in text.lines() {
                let code = line.split("//").next().unwrap_or("").trim();
                let code = code.strip_prefix("pub ").unwrap_or(code);
                let end = |rest: &'_ str| rest.len() - rest.trim_start_matches(is_name).len();
                if let Some(module) = code.strip_prefix("mod ") {
                    known.insert(&module[..end(module)]);
                } else if let Some(named) = code.strip_prefix("extern crate ") {
                    crates.insert(named[..end(named)].to_string());
                } else if let Some((_, names)) = code.strip_prefix("use ").and_then(in_path) {
                    known.extend(names.split(|c| !is_name(c)).filter(|name| !name.is_empty()));
                }
                crates.extend(first_segments(code));
            }
        }
        let mut manifest = String::from(
            "[package]\nname = \"example\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
             [dependencies]\n",
        );
        for name in crates.iter().filter(|name| !known.contains(name.as_str())) {
            manifest.push_str(&format!("{} = \"*\"\n", name.replace('_', "-")));
        }
        manifest
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// A path's first segment, and the rest.
fn in_path(path: &str) -> Option<(&str, &str)> {
    path.split_once("::")
}

/// The names that begin a path in a line of Rust and look like a crate's.
fn first_segments(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("::") {
        let before = &code[..at];
        let start = before.rfind(|c| !is_name(c)).map_or(0, |i| i + 1);
        let name = &before[start..];
        let starts_path = !before[..start].ends_with([':', '.', '>']);
        if starts_path && name.starts_with(|c: char| c.is_ascii_lowercase()) {
            found.push(name.to_string());
        }
    }
    found
}

/// The reader's own tests.
pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("page::reader::finds_examples_and_files", || {
            let page = "# x\n\n## Examples\n\n### A map, `static`\n\nIt is shared.\n\n\
                        `src/main.rs`:\n\n```rust\nfn a() {}\n\nfn b() {}\n```\n\n\
                        and `k8s/web.yaml`:\n\n```yaml\na: b\n```\n";
            let examples = read(page)?;
            equal(&examples.len(), &1)?;
            equal(&examples[0].slug(), &"a-map-static".to_string())?;
            let files = [
                ("src/main.rs".to_string(), "fn a() {}\n\nfn b() {}\n".to_string()),
                ("k8s/web.yaml".to_string(), "a: b\n".to_string()),
            ];
            equal(&examples[0].files, &files.to_vec())
        }),
        Trial::test("page::reader::refuses_what_would_prove_nothing", || {
            for page in [
                "# x\n",
                "# x\n\n## Examples\n\nnone\n",
                "# x\n\n## Examples\n\n### A\n\n```rust\n```\n",
                "# x\n\n## Examples\n\n### A\n\n`src/main.rs`:\n\n```rust\n",
            ] {
                if let Ok(found) = read(page) {
                    return Err(format!("{page:?} gave {found:?}").into());
                }
            }
            Ok(())
        }),
        Trial::test("page::reader::names_the_crates_that_are_used", || {
            let code = "use moka::sync::Cache; let x: std::sync::Arc<dashmap::DashMap<K, V>> = a.b::<C>();";
            let crates = ["moka", "std", "dashmap"].map(String::from).to_vec();
            equal(&first_segments(code), &crates)
        }),
    ]
}
