//! Does the action install and lint? Its own steps are run, as a runner would.

use super::*;

/// One step that was run.
struct Ran {
    status: i32,
    out: String,
    outputs: BTreeMap<String, String>,
}

fn action() -> Value {
    yaml::read(&text("action.yml"))
}

/// Runs a step with what its expressions stand for; an input that is not given has its default.
fn step(id: &str, folder: &Path, known: &[(&str, &str)], vars: &[(&str, &str)]) -> Ran {
    let action = action();
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    for (input, about) in action["inputs"].as_object().expect("inputs") {
        let default = about["default"].as_str().expect("each input has a default");
        values.insert(format!("inputs.{input}"), default.to_string());
    }
    values.extend(known.iter().map(|(name, value)| (name.to_string(), value.to_string())));
    let steps = action["runs"]["steps"].as_array().expect("steps");
    let step = steps.iter().find(|step| step["id"] == id).expect("a step of this id");
    assert_eq!(step["shell"], "bash");
    let run = step["run"].as_str().expect("what to run");
    assert!(!run.contains("${{"), "what users write goes into variables, never into the shell");

    let outputs = tempfile::NamedTempFile::new().expect("a temporary file");
    let mut command = Command::new("bash");
    command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", run]).current_dir(folder);
    command.env("GITHUB_OUTPUT", outputs.path()).env("GITHUB_WORKSPACE", folder);
    command.env_remove("GITHUB_STEP_SUMMARY").envs(vars.iter().copied());
    for (name, value) in step["env"].as_object().expect("variables") {
        command.env(name, filled(value.as_str().expect("a text"), &values));
    }
    let output = command.output().expect("bash runs");
    let written = std::fs::read_to_string(outputs.path()).expect("it is ours");
    let outputs = written.lines().filter_map(|line| line.split_once('='));
    Ran {
        status: output.status.code().expect("it ends by itself"),
        out: words(&output.stdout) + &words(&output.stderr),
        outputs: outputs.map(|(name, value)| (name.to_string(), value.to_string())).collect(),
    }
}

/// A text with each `${{ name }}` replaced; a name that nothing gives is a mistake in the action.
fn filled(text: &str, values: &BTreeMap<String, String>) -> String {
    let mut parts = text.split("${{");
    let mut filled = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let (name, rest) = part.split_once("}}").expect("an expression ends");
        let name = name.trim();
        filled += values.get(name).unwrap_or_else(|| panic!("nothing gives `{name}`"));
        filled += rest;
    }
    filled
}

fn lint(case: &str, inputs: &[(&str, &str)]) -> Ran {
    let folder = root().join("fixtures/in_process_session").join(case);
    let known = [&[("steps.install.outputs.binary", OURS)], inputs].concat();
    step("lint", &folder, &known, &[])
}

#[test]
fn what_is_declared_is_used_and_described() {
    let text = text("action.yml");
    let action = action();
    for (input, about) in action["inputs"].as_object().expect("inputs") {
        assert!(about["description"].is_string(), "{input} has no description");
        assert!(text.contains(&format!("${{{{ inputs.{input} }}}}")), "{input} is not used");
    }
    let bad = lint("bad", &[]);
    for (output, about) in action["outputs"].as_object().expect("outputs") {
        assert_eq!(about["value"], format!("${{{{ steps.lint.outputs.{output} }}}}"));
        assert!(bad.outputs.contains_key(output), "nothing writes {output}");
    }
}

#[test]
fn findings_become_annotations_and_fail_the_step() {
    let bad = lint("bad", &[]);
    assert_eq!(bad.status, 1, "{}", bad.out);
    assert_eq!(bad.outputs["status"], "1");
    assert!(bad.out.lines().any(|line| line.starts_with("::error file=")), "{}", bad.out);
    let good = lint("good", &[]);
    assert_eq!((good.status, &*good.outputs["status"]), (0, "0"), "{}", good.out);
}

#[test]
fn annotations_can_be_left_out() {
    let folder = root().join("fixtures/in_process_session/bad");
    let known = [("steps.install.outputs.binary", OURS), ("inputs.annotations", "false")];
    let quiet = step("lint", &folder, &known, &[]);
    assert_eq!(quiet.status, 1, "{}", quiet.out);
    assert!(!quiet.out.contains("::error") && quiet.out.contains("error[in_process_session]"));
    let page = tempfile::NamedTempFile::new().expect("a temporary file");
    let path = page.path().to_str().expect("UTF-8");
    let paged = step("lint", &folder, &known, &[("GITHUB_STEP_SUMMARY", path)]);
    assert!(!paged.out.contains("::error") && paged.out.contains("error[in_process_session]"));
    let written = std::fs::read_to_string(page.path()).expect("it is ours");
    assert!(written.starts_with("## VI Processes: 2 findings"), "{written}");
}

#[test]
fn inputs_reach_the_command_line() {
    let folder = TempDir::new().expect("a temporary folder");
    let sarif = folder.path().join("with space.sarif");
    let sarif = sarif.to_str().expect("UTF-8");
    let ran = lint(
        "bad",
        &[
            ("inputs.fail-on", "never"),
            ("inputs.sarif", sarif),
            ("inputs.args", "--pedantic\n-A all"),
            ("inputs.paths", "src/.. ."),
        ],
    );
    assert_eq!((ran.status, &*ran.outputs["status"]), (0, "0"), "{}", ran.out);
    assert_eq!(ran.outputs["sarif"], sarif);
    let written = std::fs::read_to_string(sarif).expect("the file was written");
    let written: Value = serde_json::from_str(&written).expect("it is JSON");
    assert_eq!(written["version"], "2.1.0");
    let outside = lint("bad", &[("inputs.new-from", "no-such-revision")]);
    assert_eq!((outside.status, &*outside.outputs["status"]), (2, "2"), "{}", outside.out);
    assert!(outside.out.contains("no-such-revision"), "{}", outside.out);
}

#[test]
fn the_configuration_says_what_fails_where_the_action_does_not() {
    let folder = TempDir::new().expect("a temporary folder");
    let manifest =
        "[package]\nname = \"shop\"\n[package.metadata.twelve-lint]\nfail-on = \"never\"\n";
    std::fs::create_dir(folder.path().join("src")).expect("a folder");
    let service = "apiVersion: v1\nkind: Service\nmetadata: { name: shop }\nspec: { sessionAffinity: ClientIP }\n";
    for (name, text) in
        [("Cargo.toml", manifest), ("src/main.rs", "fn main() {}\n"), ("web.yaml", service)]
    {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    let known = [("steps.install.outputs.binary", OURS)];
    let ran = step("lint", folder.path(), &known, &[]);
    assert!(ran.status == 0 && ran.out.contains("::error "), "{}", ran.out);
    let asked = [&known[..], &[("inputs.fail-on", "error")]].concat();
    assert_eq!(step("lint", folder.path(), &asked, &[]).status, 1);
}

#[test]
fn a_sarif_file_is_named_from_the_root_of_the_repository() {
    let work = TempDir::new().expect("a temporary folder");
    let folder = root().join("fixtures/in_process_session/good");
    let known = [("steps.install.outputs.binary", OURS), ("inputs.sarif", "out.sarif")];
    let workspace = work.path().to_str().expect("UTF-8");
    let ran = step("lint", &folder, &known, &[("GITHUB_WORKSPACE", workspace)]);
    assert_eq!(ran.status, 0, "{}", ran.out);
    assert_eq!(ran.outputs["sarif"], format!("{workspace}/out.sarif"));
    assert!(work.path().join("out.sarif").is_file());
}

#[test]
fn inputs_are_never_run() {
    let folder = TempDir::new().expect("a temporary folder");
    let mark = folder.path().join("mark");
    let bad = format!("$(touch {0}) `touch {0}`; touch {0}", mark.display());
    for input in ["inputs.paths", "inputs.args", "inputs.fail-on", "inputs.new-from"] {
        let ran = lint("good", &[(input, &bad)]);
        assert_eq!(ran.status, 2, "{input}: {}", ran.out);
        assert!(!mark.exists(), "{input} was run");
    }
}

/// Runs the step that installs, on a runner with Linux, where a folder is the server.
fn install(server: &Path, inputs: &[(&str, &str)]) -> (Ran, TempDir) {
    let temp = TempDir::new().expect("a temporary folder");
    let url = format!("file://{}", server.display());
    let path = temp.path().to_str().expect("UTF-8");
    let given = [
        ("github.action_path", env!("CARGO_MANIFEST_DIR")),
        ("github.action_repository", "ours/ours"),
        ("github.server_url", &url),
    ];
    let runner = [("RUNNER_OS", "Linux"), ("RUNNER_ARCH", "X64"), ("RUNNER_TEMP", path)];
    (step("install", root(), &[&given, inputs].concat(), &runner), temp)
}

/// A folder that looks like the server of a release.
fn served() -> TempDir {
    let packed = pack("x86_64-unknown-linux-gnu");
    let below = packed.path().join("ours/ours/releases/download");
    std::fs::create_dir_all(&below).expect("folders");
    let version = format!("v{VERSION}");
    std::fs::rename(packed.path().join(&version), below.join(&version)).expect("it is ours");
    packed
}

#[test]
fn a_release_is_installed() {
    let served = served();
    let (ran, temp) = install(served.path(), &[]);
    assert_eq!(ran.status, 0, "{}", ran.out);
    assert!(ran.out.contains("packed --version"), "{}", ran.out);
    let binary = &ran.outputs["binary"];
    assert!(Path::new(binary).starts_with(temp.path()), "{binary}");
    let version = format!("v{VERSION}");
    let (ran, _temp) = install(served.path(), &[("inputs.version", &version)]);
    assert_eq!(ran.status, 0, "with its v or without: {}", ran.out);
}

#[test]
fn a_release_that_was_changed_is_refused() {
    let served = served();
    let archive = format!("v{VERSION}/{NAME}-x86_64-unknown-linux-gnu.tar.gz");
    let archive = served.path().join("ours/ours/releases/download").join(archive);
    let mut bytes = std::fs::read(&archive).expect("it is ours");
    bytes.push(0);
    std::fs::write(&archive, bytes).expect("it is ours");
    let (ran, _temp) = install(served.path(), &[]);
    assert_eq!(ran.status, 2, "{}", ran.out);
    assert!(ran.out.contains("is not what"), "{}", ran.out);
    assert!(ran.outputs.is_empty());
}

#[test]
fn a_version_that_is_not_there_is_no_reason_to_build_another() {
    let served = served();
    let (ran, _temp) = install(served.path(), &[("inputs.version", "9.9.9")]);
    assert_eq!(ran.status, 2, "{}", ran.out);
    assert!(ran.out.contains("::error title=cargo-twelve-lint::there is no release v9.9.9"));
}

#[test]
fn a_binary_that_is_there_is_taken() {
    let nothing = TempDir::new().expect("a temporary folder");
    let (ran, _temp) = install(nothing.path(), &[("inputs.binary", OURS)]);
    assert_eq!((ran.status, &*ran.outputs["binary"]), (0, OURS), "{}", ran.out);
    let (ran, _temp) = install(nothing.path(), &[("inputs.binary", "/no/such/file")]);
    assert_eq!(ran.status, 2, "{}", ran.out);
    assert!(ran.out.contains("/no/such/file"), "{}", ran.out);
}
