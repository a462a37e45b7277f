//! Does the tool say what every page and every fixture says it should? Marks are the expectation.
//!
//! One named test per example of a page and per fixture; every rule is on in each of them. To run
//! some: `cargo test --test rules in_process_cache`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

#[path = "rules/judge.rs"]
mod judge;
#[path = "rules/marks.rs"]
mod marks;
#[path = "rules/names.rs"]
mod names;
#[path = "rules/page.rs"]
mod page;
#[path = "rules/tokens.rs"]
mod tokens;
#[path = "rules/whole.rs"]
mod whole;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut trials = marks::trials();
    trials.extend(page::trials());
    trials.extend(names::trials());
    trials.extend(pages("page", &root.join("rules")));
    trials.extend(pages("framework", &root.join("rules/frameworks")));
    trials.extend(fixtures(&root.join("fixtures")));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// One test per example, and one per page that cannot be read.
fn pages(kind: &str, folder: &Path) -> Vec<Trial> {
    let mut trials = Vec::new();
    for path in entries(folder) {
        let id = name(&path);
        let Some(id) = id.strip_suffix(".md").filter(|id| *id != "README") else { continue };
        match std::fs::read_to_string(&path).map_err(|e| e.to_string()).and_then(|t| page::read(&t))
        {
            Ok(examples) => {
                for example in examples {
                    let (name, renamed) = (example.slug(), example.clone());
                    if example.files.iter().any(|(path, _)| whole::is_yaml(Path::new(path))) {
                        let example = example.clone();
                        let title = format!("whole::{kind}::{id}::{name}");
                        let trial = move || whole::same(example.write()?.path());
                        trials.push(Trial::test(title, trial));
                    }
                    let title = format!("{kind}::{id}::{name}");
                    trials.push(Trial::test(title, move || Ok(example.judge()?)));
                    let title = format!("renamed::{kind}::{id}::{name}");
                    trials.push(Trial::test(title, move || {
                        Ok(names::same(renamed.write()?.path())?)
                    }));
                }
            }
            Err(error) => {
                let error = format!("{id}.md: {error}");
                let fails = move || Err(Failed::from(error));
                trials.push(Trial::test(format!("{kind}::{id}"), fails));
            }
        }
    }
    trials
}

/// `fixtures/<rule>/{bad,good}` and `fixtures/workspaces/<case>`.
fn fixtures(folder: &Path) -> Vec<Trial> {
    let mut trials = Vec::new();
    for group in entries(folder).into_iter().filter(|path| path.is_dir()) {
        for case in entries(&group).into_iter().filter(|path| path.is_dir()) {
            let (group, name) = (name(&group), name(&case));
            let (title, folder) = (format!("renamed::fixture::{group}::{name}"), case.clone());
            trials.push(Trial::test(title, move || Ok(names::same(&folder)?)));
            let (title, folder) = (format!("whole::fixture::{group}::{name}"), case.clone());
            trials.push(Trial::test(title, move || whole::same(&folder)));
            let title = format!("fixture::{group}::{name}");
            trials.push(Trial::test(title, move || {
                let expected = marks::below(&case)?;
                match &*name {
                    "good" if !expected.is_empty() => {
                        return Err("a good fixture is silent: it can have no marks".into());
                    }
                    "bad" if !expected.iter().any(|mark| mark.rule == group) => {
                        return Err(format!("nothing here is marked `{group}`").into());
                    }
                    _ => {}
                }
                Ok(judge::judge(&case, expected)?)
            }));
        }
    }
    trials
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let list = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = list.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
