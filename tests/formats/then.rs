//! Does another command's output follow on ours, and does no status get lost?

use std::fs::{create_dir, write};
use std::path::Path;

use cargo_metadata::Message;
use tempfile::TempDir;

use crate::{root, run};

const OURS: &str = env!("CARGO_BIN_EXE_cargo-twelve-lint");

fn then(folder: &Path, command: &str) -> (i32, String, String) {
    run(folder, &["--format", "short", "--then", command], &[])
}

#[test]
fn its_output_follows_and_its_status_counts_where_ours_is_0() {
    let (bad, good) =
        (root().join("fixtures/in_process_lock/bad"), root().join("fixtures/in_process_lock/good"));
    let (_, found, _) = run(&bad, &["--format", "short"], &[]);
    let (_, rules, _) = run(&bad, &["rules"], &[]);
    let (status, out, err) = then(&bad, &format!("'{OURS}' rules"));
    assert_eq!((status, &*out, &*err), (1, &*format!("{found}{rules}"), ""));
    let (status, out, _) = then(&good, &format!("'{OURS}' rules"));
    assert!(status == 0 && out.ends_with(&rules), "{out}");
    let (status, _, err) = then(&good, &format!("'{OURS}' explain 'no such rule'"));
    assert!(status == 2 && err.contains("there is no rule `no such rule`"), "{err}");
}

#[cfg(unix)]
#[test]
fn statuses_come_to_one() {
    let (bad, good) =
        (root().join("fixtures/in_process_lock/bad"), root().join("fixtures/in_process_lock/good"));
    assert_eq!(then(&good, "sh -c 'exit 101'").0, 101);
    assert_eq!(then(&bad, "sh -c 'exit 101'").0, 1);
    assert_eq!(then(&root().join("fixtures"), "true").0, 1, "a folder of services");
    let empty = TempDir::new().expect("a temporary folder");
    assert_eq!(then(empty.path(), "true").0, 2, "nothing was judged");
    let (status, _, err) = then(&good, "sh -c 'kill $$'");
    assert!(status == 2 && err.contains("`sh` was ended by a signal"), "{err}");
}

#[test]
fn what_cannot_be_run_is_told() {
    let good = root().join("fixtures/in_process_lock/good");
    let (status, out, err) = then(&good, "no-such-program --x");
    assert!(status == 2 && !out.is_empty(), "the report stays: {out}");
    assert!(err.starts_with("error: cannot run `no-such-program`: "), "{err}");
    for (line, told) in [("'open", "never closed"), ("  ", "names no command")] {
        let (status, out, err) = then(&good, line);
        assert!(status == 2 && out.is_empty() && err.contains(told), "{out}{err}");
    }
}

#[test]
fn cargo_check_and_ours_are_one_stream() {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().canonicalize().expect("it is there");
    create_dir(path.join("src")).expect("a folder");
    let manifest =
        "[package]\nname = \"shop\"\nversion = \"0.2.0\"\nedition = \"2021\"\n[workspace]\n";
    write(path.join("Cargo.toml"), manifest).expect("a manifest");
    write(path.join("src/main.rs"), "fn main() { let unused = 1; }\n").expect("a program");
    let check = "cargo check --offline --message-format=json";
    let (status, out, err) = run(&path, &["--message-format=json", "--then", check], &[]);
    assert_eq!(status, 0, "{err}");
    let parsed: Vec<Message> = Message::parse_stream(out.as_bytes()).flatten().collect();
    let mut packages = Vec::new();
    let (mut ends, mut warned) = (0, false);
    for message in &parsed {
        match message {
            Message::CompilerArtifact(artifact) => packages.push(artifact.package_id.repr.clone()),
            Message::CompilerMessage(message) => {
                packages.push(message.package_id.repr.clone());
                warned |= message.message.message.contains("unused variable");
            }
            Message::BuildFinished(_) => ends += 1,
            _ => {}
        }
    }
    assert!(warned && ends == 2, "{out}");
    packages.dedup();
    // Under one name, or an editor would keep what one of them said last time.
    assert_eq!(packages.len(), 1, "{packages:?}");
}
