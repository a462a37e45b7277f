//! Do the everyday commands do what they say: statistics, watching, completions, pages, the version?

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use tempfile::TempDir;

#[path = "../build.rs"]
#[allow(dead_code, reason = "its `main` is for cargo")]
mod build;

const SERVICE: &str = "\
apiVersion: v1
kind: Service
metadata: { name: shop }
spec: { sessionAffinity: ClientIP }
";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-twelve-lint"));
    command.current_dir(folder).args(args).stdin(Stdio::null());
    for var in ["NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "CARGO_TERM_COLOR"] {
        command.env_remove(var);
    }
    command
}

/// The status, stdout and stderr of a call.
fn run(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let output = command(folder, args).output().expect("the binary runs");
    let text = |bytes| String::from_utf8(bytes).expect("it is UTF-8");
    let status = output.status.code().expect("it ends by itself");
    (status, text(output.stdout), text(output.stderr))
}

#[test]
fn statistics_count_what_each_rule_found() {
    let folder = root().join("fixtures/sticky_session/bad");
    let (status, out, err) = run(&folder, &["--statistics"]);
    assert_eq!((status, &*err), (1, ""));
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines[0], "5  sticky_session        5 errors");
    assert_eq!(lines[1], "1  shared_handler_state  1 error");
    assert!(out.ends_with("exit status 1: 6 findings of level error\n"), "{out}");
    let files = TempDir::new().expect("a temporary folder");
    let file = format!("json={}", files.path().join("x").display());
    assert_eq!(run(&folder, &["--statistics", "--format", &file]).1, out, "beside a file");
    let (status, printed, err) = run(&folder, &["--statistics", "--format", "json"]);
    assert!(status == 2 && printed.is_empty(), "{printed}");
    assert!(err.contains("as in `--format json=FILE`"), "{err}");
    let good = root().join("fixtures/sticky_session/good");
    let (status, out, _) = run(&good, &["--statistics"]);
    assert!(status == 0 && out.starts_with("no violations, no hazards in 1 package"), "{out}");
}

#[test]
fn quiet_says_less_and_verbose_more() {
    let folder = root().join("fixtures/in_process_lock/bad");
    let (_, usual, _) = run(&folder, &[]);
    let (status, out, err) = run(&folder, &["-q"]);
    assert_eq!((status, &*err), (1, ""));
    assert!(usual.starts_with(&out) && !out.contains("exit status"), "{out}");
    assert!(usual.len() > out.len() && out.contains("[in_process_lock]"), "{out}");
    let (status, out, err) = run(&folder, &["-q", "--format", "json"]);
    assert!(status == 1 && !out.is_empty() && err.is_empty(), "{err}");
    let (status, out, err) = run(&folder, &["--verbose"]);
    assert_eq!((status, out), (1, usual));
    assert!(err.starts_with("linted ") && err.contains(": bin "), "{err}");
    assert!(err.contains("\nread ") && err.contains(" could not be followed"), "{err}");
    assert_eq!(run(&folder, &["-q", "-v"]).0, 2, "one or the other");
}

#[test]
fn shells_and_man_are_told_our_arguments() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let (status, out, err) = run(root(), &["completions", shell]);
        assert_eq!((status, &*err), (0, ""), "{shell}");
        for word in ["cargo-twelve-lint", "fail-on", "pedantic", "explain", "completions"] {
            assert!(out.contains(word), "{shell} does not know `{word}`");
        }
        // The other two complete names of arguments only.
        let values = ["bash", "fish", "zsh"].contains(&shell);
        assert!(!values || out.contains("json-lines"), "{shell} does not know the formats");
    }
    let (status, _, err) = run(root(), &["completions", "cmd"]);
    assert!(status == 2 && err.contains("bash"), "{err}");
    let (status, out, err) = run(root(), &["man"]);
    assert_eq!((status, &*err), (0, ""));
    for word in [".TH cargo-twelve-lint 1", ".SH OPTIONS", "\\-\\-path\\-base", "Exit status"] {
        assert!(out.contains(word), "the page lacks `{word}`: {out}");
    }
}

#[cfg(unix)]
#[test]
fn bash_reads_its_completions() {
    let (_, script, _) = run(root(), &["completions", "bash"]);
    let ask = "COMP_WORDS=(cargo-twelve-lint --format js); COMP_CWORD=2; \
               _cargo__twelve__lint cargo-twelve-lint js --format; printf '%s ' \"${COMPREPLY[@]}\"";
    let output = Command::new("bash").args(["-c", &format!("{script}\n{ask}")]).output();
    let Ok(output) = output else { return };
    let answer = String::from_utf8_lossy(&output.stdout);
    assert_eq!(answer, "json json-lines ", "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn force_color_is_heard() {
    let folder = root().join("fixtures/in_process_lock/bad");
    let colored = |vars: &[(&str, &str)], args: &[&str]| {
        let output = command(&folder, args).envs(vars.iter().copied()).output();
        output.expect("the binary runs").stdout.contains(&0x1b)
    };
    assert!(!colored(&[], &[]));
    assert!(colored(&[("FORCE_COLOR", "1")], &[]));
    assert!(!colored(&[("FORCE_COLOR", "0")], &[]));
    assert!(!colored(&[("FORCE_COLOR", "1"), ("NO_COLOR", "1")], &[]));
    assert!(!colored(&[("FORCE_COLOR", "1")], &["--color", "never"]));
    assert!(!colored(&[("FORCE_COLOR", "1")], &["--format", "json"]), "programs get no colours");
}

#[test]
fn the_version_has_a_commit_where_there_is_one() {
    let (_, short, _) = run(root(), &["-V"]);
    let plain = format!("cargo-twelve-lint {}", env!("CARGO_PKG_VERSION"));
    assert_eq!(short.trim_end(), plain);
    let (_, long, _) = run(root(), &["--version"]);
    let rest = long.trim_end().strip_prefix(&plain).expect("the version stands first");
    let commit = |text: &str| text.starts_with(" (") && text.ends_with(')');
    assert!(rest.is_empty() || commit(rest), "{long}");
    assert_eq!(rest.is_empty(), cfg!(debug_assertions), "a debug build is of no commit: {long}");

    let folder = TempDir::new().expect("a temporary folder");
    assert_eq!(build::commit(folder.path()), None, "no repository");
    let noted =
        "{\n  \"git\": {\n    \"sha1\": \"0123456789abcdef0123456789abcdef01234567\"\n  }\n}";
    fs::write(folder.path().join(".cargo_vcs_info.json"), noted).expect("a note");
    assert_eq!(build::commit(folder.path()).as_deref(), Some("012345678"), "a package");
    fs::write(folder.path().join(".cargo_vcs_info.json"), "{}").expect("a note");
    assert_eq!(build::commit(folder.path()), None, "a note without a commit");
}

#[test]
fn a_working_copy_knows_its_commit_and_not_that_of_others() {
    let folder = TempDir::new().expect("a temporary folder");
    let git = |args: &[&str]| {
        let who = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"];
        let ran = Command::new("git").current_dir(folder.path()).args(who).args(args).output();
        ran.is_ok_and(|output| output.status.success())
    };
    if !git(&["init", "-q"]) {
        return; // There is no git here, and a build says nothing.
    }
    assert_eq!(build::commit(folder.path()), None, "nothing is committed");
    assert!(git(&["commit", "-q", "--allow-empty", "-m", "one", "--date", "2026-01-02T03:04:05Z"]));
    let commit = build::commit(folder.path()).expect("a commit");
    let (hash, date) = commit.split_once(' ').expect("with its date");
    assert!(hash.len() == 9 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{commit}");
    assert_eq!(date.len(), "2026-01-02".len());
    let inner = folder.path().join("vendor/ours");
    fs::create_dir_all(&inner).expect("folders");
    assert_eq!(build::commit(&inner), None, "somebody else's repository");
}

/// The lines of a stream as they come.
fn lines(stream: impl std::io::Read + Send + 'static) -> mpsc::Receiver<String> {
    let (send, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            drop(send.send(line));
        }
    });
    lines
}

#[test]
fn watching_lints_again_when_a_file_changes() {
    let folder = TempDir::new().expect("a temporary folder");
    let at = |path: &str| folder.path().join(path);
    fs::create_dir(at("src")).expect("a folder");
    fs::write(at("Cargo.toml"), "[package]\nname = \"shop\"\n").expect("a manifest");
    fs::write(at("src/main.rs"), "fn main() {}\n").expect("a program");
    let mut child = command(folder.path(), &["--watch", "--format", "short"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let out = lines(child.stdout.take().expect("its stdout"));
    let err = lines(child.stderr.take().expect("its stderr"));
    let wait = |stream: &mpsc::Receiver<String>, told: &str| {
        let mut seen = Vec::new();
        // A limit against hanging for ever, not a measure.
        while let Ok(line) = stream.recv_timeout(Duration::from_secs(120)) {
            if line.contains(told) {
                return Ok(());
            }
            seen.push(line);
        }
        Err(format!("`{told}` was never said: {seen:#?}"))
    };
    let steps = || {
        wait(&err, "watching ")?;
        fs::write(at("src/main.rs"), "fn main( {}\n").map_err(|error| error.to_string())?;
        wait(&out, "src/main.rs:1:8: error: ")?;
        wait(&err, "watching ")?;
        // A file that no run has read.
        fs::write(at("service.yaml"), SERVICE).map_err(|error| error.to_string())?;
        wait(&out, "[sticky_session]")?;
        wait(&err, "watching ")
    };
    let done: Result<(), String> = steps();
    child.kill().expect("it is ended");
    child.wait().expect("it ends");
    done.unwrap();
}
