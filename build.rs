//! Which commit is this built from? For `--version`; a build without an answer says nothing.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // A debug build of a working copy is of no commit; and asking for one would build anew with each.
    if std::env::var("PROFILE").as_deref() != Ok("release") {
        return;
    }
    let dir = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let dir = Path::new(&dir);
    // Cargo takes a file that is not there for one that has changed.
    for path in watched(dir) {
        println!("cargo::rerun-if-changed={path}");
    }
    if let Some(commit) = commit(dir) {
        let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
        println!("cargo::rustc-env=TWELVE_LINT_VERSION={version} ({commit})");
    }
}

/// The commit of the sources in a folder, shortened, with its date where git knows it. Nothing where
/// the folder is neither the root of a repository nor a package that cargo made of one.
pub(crate) fn commit(dir: &Path) -> Option<String> {
    packaged(dir).or_else(|| {
        let top = git(dir, &["rev-parse", "--show-toplevel"])?;
        // Sources that lie in somebody else's repository are not of its commit.
        if Path::new(&top).canonicalize().ok()? != dir.canonicalize().ok()? {
            return None;
        }
        git(dir, &["log", "-1", "--format=%h %cs", "--abbrev=9"])
    })
}

/// What cargo noted when it made the package.
fn packaged(dir: &Path) -> Option<String> {
    let text = std::fs::read_to_string(dir.join(".cargo_vcs_info.json")).ok()?;
    let rest = text.split("\"sha1\"").nth(1)?;
    let sha = rest.split('"').nth(1)?;
    let is_hash = sha.len() >= 9 && sha.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| sha[..9].to_string())
}

/// The files that change with the commit.
fn watched(dir: &Path) -> Vec<String> {
    let mut paths = vec!["HEAD".to_string()];
    paths.extend(git(dir, &["symbolic-ref", "-q", "HEAD"]));
    paths.push("packed-refs".to_string());
    let paths = paths.iter().filter_map(|path| git(dir, &["rev-parse", "--git-path", path]));
    let paths = paths.chain([".cargo_vcs_info.json".to_string()]);
    paths.filter(|path| dir.join(path).exists()).collect()
}

fn git(dir: &Path, args: &[&str]) -> Option<String> {
    let output = Command::new("git").current_dir(dir).args(args).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_string();
    (output.status.success() && !text.is_empty()).then_some(text)
}
