//! Does what others run us with (the action, hooks, archives, wheel) do what it says?
#![cfg(unix)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

#[path = "kit/action.rs"]
mod action;
#[path = "kit/yaml.rs"]
mod yaml;

const NAME: &str = "cargo-twelve-lint";
const OURS: &str = env!("CARGO_BIN_EXE_cargo-twelve-lint");
const VERSION: &str = env!("CARGO_PKG_VERSION");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn toml(path: &str) -> toml::Table {
    text(path).parse().unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn words(output: &[u8]) -> String {
    String::from_utf8_lossy(output).into_owned()
}

/// Packs what stands for a binary; the folder holds what a release does.
fn pack(target: &str) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    let binary = folder.path().join("built");
    std::fs::write(&binary, "#!/bin/sh\necho packed \"$@\"\n").expect("a file");
    executable(&binary);
    let release = folder.path().join(format!("v{VERSION}"));
    let output = Command::new(root().join(".ci/pack"))
        .arg(target)
        .env("BINARY", &binary)
        .env("OUT", &release)
        .output()
        .expect(".ci/pack runs");
    assert!(output.status.success(), "{}", words(&output.stderr));
    folder
}

fn executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("it is ours");
}

/// A hook's call, made in a folder as pre-commit makes it, with our binary for its name.
fn hook(hook: &Value, folder: &Path) -> Output {
    let args = hook["args"].as_array().into_iter().flatten();
    let args: Vec<&str> = args.map(|arg| arg.as_str().expect("an argument is a text")).collect();
    let mut entry = hook["entry"].as_str().expect("an entry").split_whitespace();
    assert_eq!(entry.next(), Some(NAME), "the entry is the name of our binary");
    Command::new(OURS).args(entry).args(args).current_dir(folder).output().expect("it runs")
}

#[test]
fn hooks_call_what_there_is() {
    let hooks = yaml::read(&text(".pre-commit-hooks.yaml"));
    let hooks = hooks.as_array().expect("a list of hooks");
    let mut ids = Vec::new();
    for found in hooks {
        ids.push(found["id"].as_str().expect("an id"));
        assert!(found["name"].is_string() && found["language"].is_string(), "{found}");
        // We read the whole tree, whatever changed; several at once would do the same work again.
        assert_eq!(found["pass_filenames"], "false", "{found}");
        assert_eq!(found["require_serial"], "true", "{found}");
        let folder = root().join("fixtures/in_process_session");
        let bad = hook(found, &folder.join("bad"));
        assert_eq!(bad.status.code(), Some(1), "{}", words(&bad.stderr));
        let good = hook(found, &folder.join("good"));
        assert_eq!(good.status.code(), Some(0), "{}", words(&good.stdout));
    }
    assert_eq!(ids, ["twelve-lint", "twelve-lint-system"]);
}

#[test]
fn binstall_finds_what_is_packed() {
    let manifest = toml("Cargo.toml");
    let binstall = &manifest["package"]["metadata"]["binstall"];
    let target = "riscv64gc-unknown-linux-gnu";
    let filled = |key: &str| {
        let mut filled = binstall[key].as_str().expect("a text").to_string();
        let known = [
            ("repo", "REPO"),
            ("name", NAME),
            ("version", VERSION),
            ("target", target),
            ("bin", NAME),
            ("binary-ext", ""),
        ];
        for (word, value) in known {
            filled = filled.replace(&format!("{{ {word} }}"), value);
        }
        assert!(!filled.contains('{'), "{key} has a word that cargo-binstall lacks: {filled}");
        filled
    };
    assert_eq!(binstall["pkg-fmt"].as_str(), Some("tgz"));
    let folder = pack(target);
    let url = filled("pkg-url");
    let path = url.strip_prefix("REPO/releases/download/").expect("below the repository");
    let archive = folder.path().join(path);
    assert!(archive.is_file(), "{}", archive.display());
    let list = Command::new("tar").arg("-tzf").arg(&archive).output().expect("tar runs");
    let list = words(&list.stdout);
    let mut files: Vec<&str> = list.lines().collect();
    files.sort_unstable();
    assert!(files.contains(&&*filled("bin-dir")), "{files:?}");
    assert_eq!(files, ["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md", NAME]);
}

/// What the action asks for is what a release is made of.
#[test]
fn a_release_is_packed_for_each_platform_of_the_action() {
    let release = yaml::read(&text(".github/workflows/release.yml"));
    let pack = &release["jobs"]["pack"];
    let platforms = pack["strategy"]["matrix"]["include"].as_array().expect("platforms");
    let packed: BTreeSet<&str> =
        platforms.iter().map(|one| one["target"].as_str().expect("a target")).collect();
    let action = text("action.yml");
    let asked = action.lines().filter_map(|line| line.split_once(") target=")?.1.split(' ').next());
    assert_eq!(packed, asked.filter(|target| !target.is_empty()).collect());
    let steps = |job: &Value| -> String {
        let steps = job["steps"].as_array().expect("steps").iter();
        steps.filter_map(|step| step["run"].as_str()).collect::<Vec<_>>().join("\n")
    };
    assert!(steps(pack).contains(".ci/pack \"$TARGET\""), "{}", steps(pack));
    let draft = steps(&release["jobs"]["draft"]);
    assert!(draft.contains("gh release create \"$TAG\"") && draft.contains("packs/*"), "{draft}");
    for run in [steps(pack), draft] {
        assert!(!run.contains("${{"), "what others write goes into variables: {run}");
    }
}

#[test]
fn a_release_tells_its_changes() {
    let release = yaml::read(&text(".github/workflows/release.yml"));
    let steps = release["jobs"]["draft"]["steps"].as_array().expect("steps").iter();
    let run = steps.filter_map(|step| step["run"].as_str()).next_back().expect("the last one");
    let notes = run.replace("gh release create", "true");
    let folder = TempDir::new().expect("a temporary folder");
    let changes = "# Changes\n\nWords.\n\n## 2.0.0, today\n\n- New.\n\n## 1.0.0\n\n- Old.\n";
    std::fs::write(folder.path().join("CHANGELOG.md"), changes).expect("a file");
    let mut bash = Command::new("bash");
    let output = bash.args(["-eo", "pipefail", "-c", &notes]).current_dir(folder.path());
    let output = output.env("TAG", "v2.0.0").output().expect("bash runs");
    assert!(output.status.success(), "{}", words(&output.stderr));
    let written = std::fs::read_to_string(folder.path().join("notes.md")).expect("the notes");
    assert_eq!(written.trim(), "- New.");
}

#[test]
fn a_binary_for_windows_keeps_its_ending() {
    let target = "x86_64-pc-windows-msvc";
    let folder = pack(target);
    let archive = folder.path().join(format!("v{VERSION}/{NAME}-{target}.tar.gz"));
    let list = Command::new("tar").arg("-tzf").arg(&archive).output().expect("tar runs");
    assert!(words(&list.stdout).lines().any(|file| file == format!("{NAME}.exe")));
}

#[test]
fn the_wheel_is_of_our_binary() {
    let wheel = toml("pyproject.toml");
    assert_eq!(wheel["project"]["name"].as_str(), Some(NAME));
    assert_eq!(wheel["tool"]["maturin"]["bindings"].as_str(), Some("bin"));
    let dynamic = wheel["project"]["dynamic"].as_array().expect("a list");
    assert!(dynamic.iter().any(|word| word.as_str() == Some("version")), "one version, ours");
}

#[test]
fn the_image_builds_our_binary_and_runs_it() {
    let image = text("Dockerfile");
    let from = format!("/{NAME} ");
    assert!(image.contains(&format!("--bin {NAME} ")), "{image}");
    assert!(image.contains(&format!("COPY --from=build {from}")), "{image}");
    assert!(image.contains(&format!("ENTRYPOINT [\"{NAME}\"]")), "{image}");
    // What a manifest names must be there, or cargo refuses it.
    for ignored in text(".dockerignore").lines() {
        let needed = ["/src", "/tests", "/benches", "/rules", "/schema", "/README.md", "/build.rs"];
        assert!(!needed.contains(&ignored), "the image cannot be built without {ignored}");
    }
}

#[test]
fn the_changes_speak_of_this_version() {
    let changes = text("CHANGELOG.md");
    let newest = changes.lines().find_map(|line| line.strip_prefix("## ")).expect("a version");
    assert_eq!(newest.split(',').next(), Some(VERSION), "CHANGELOG.md begins with this version");
}
