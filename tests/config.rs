//! Does the tool believe what its users say of their own code, and does it check what they say?

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;
use twelve_lint::config;
use twelve_lint::diagnostic::{Diagnostic, Level, ProblemKind, Report, Severity};
use twelve_lint::discover::Selection;
use twelve_lint::rules::RULES;
use twelve_lint::source::Sources;

use services::{HALL, HOUSE, LIBRARY, SHOP, TWO};

#[path = "config/comments.rs"]
mod comments;
#[path = "config/errors.rs"]
mod errors;
#[path = "support/files.rs"]
mod files;
#[path = "config/gate.rs"]
mod gate;
#[path = "config/layers.rs"]
mod layers;
#[path = "config/rules.rs"]
mod rules;
#[path = "config/services.rs"]
mod services;

/// A folder with the files of `text`, each below a line `//- its/path`.
fn tree(text: &str) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    // Nobody looks for configuration beyond the top of a repository.
    std::fs::create_dir(folder.path().join(".git")).expect("a folder");
    files::write(folder.path(), text);
    folder
}

fn lint(folder: &Path) -> Report {
    let selection = Selection { paths: vec![folder.to_path_buf()], ..Selection::default() };
    twelve_lint::check(Sources::default(), &selection)
}

/// "in_process_cache src/main.rs:12", for all that is above a note and not suppressed.
fn findings(report: &Report) -> Vec<String> {
    let shown =
        |finding: &&Diagnostic| finding.level != Level::Note && finding.suppressed.is_none();
    let above = report.findings.iter().filter(shown);
    above
        .map(|finding| {
            let file = report.sources.get(finding.at.file);
            let path = file.path.strip_prefix(&report.root).unwrap_or(&file.path);
            let line = file.place(finding.at.start).line;
            format!("{} {}:{line}", finding.rule, path.display())
        })
        .collect()
}

/// "error twelve-lint.toml:2:1: message; help", for every problem with configuration.
fn problems(report: &Report) -> Vec<String> {
    let ours = report.problems.iter().filter(|p| p.kind == ProblemKind::Configuration);
    ours.map(|problem| {
        let severity = match problem.severity {
            Severity::Error => "error",
            Severity::Note => "note",
        };
        let path = problem.path.strip_prefix(&report.root).unwrap_or(&problem.path);
        let place = problem.at.map(|at| report.sources.get(at.file).place(at.start));
        let place = place.map_or(String::new(), |p| format!(":{}:{}", p.line, p.column));
        let root = report.root.display().to_string();
        let help = problem.help.replace(&format!("{root}/"), "");
        format!("{severity} {}{place}: {}; {help}", path.display(), problem.message)
    })
    .collect()
}

/// Lints the service with this configuration.
fn with(service: &str, config: &str) -> (Vec<String>, Vec<String>) {
    let folder = tree(&format!("{service}\n//- twelve-lint.toml\n{config}"));
    let report = lint(folder.path());
    (findings(&report), problems(&report))
}

fn silent(service: &str, config: &str) {
    assert_eq!(with(service, config), (vec![], vec![]), "{config}");
}

fn finds(service: &str, config: &str, expected: &[&str]) {
    assert_eq!(with(service, config), (strings(expected), vec![]), "{config}");
}

fn strings(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| text.to_string()).collect()
}

const KV: &str = "shared_handler_state src/main.rs:10";
const NAMES: &str = "in_process_cache src/main.rs:11";

#[test]
fn without_a_configuration_the_code_speaks() {
    finds(SHOP, "", &[KV]);
}

#[test]
fn a_type_of_the_tree_may_be_a_backing_service() {
    silent(SHOP, "[types]\n\"shop::kv::Client\" = \"backing-service\"\n");
}

#[test]
fn a_type_of_another_crate_may_be_a_cache() {
    finds(SHOP, "[types]\n\"our_cache::Store\" = \"cache\"\n", &[KV, NAMES]);
    let listed = "[types]\n\"our_cache::Store\" = { is = \"cache\", changes = [\"put\"] }\n";
    finds(SHOP, listed, &[KV, NAMES]);
    let other = "[types]\n\"our_cache::Store\" = { is = \"cache\", changes = [\"clear\"] }\n";
    finds(SHOP, other, &[KV]);
}

#[test]
fn a_type_may_keep_what_it_is_given_in_this_process() {
    let config = "[types]\n\"our_cache::Store\" = \"process-local\"\n\
                  \"shop::kv::Client\" = \"backing-service\"\n";
    let store = SHOP.replace("if let Some(known) = app.names.get(&name) {", "if false {");
    let store = store.replace("return known;", "return name;");
    finds(&store, config, &["shared_handler_state src/main.rs:11"]);
}

#[test]
fn a_type_of_the_tree_may_be_a_cache() {
    let config = "[types]\n\"shop::kv::Client\" = { is = \"cache\", why = \"it is small\" }\n";
    let (found, wrong) = with(SHOP, config);
    assert_eq!((found, wrong), (vec!["in_process_cache src/main.rs:10".to_string()], vec![]));
}

const UPLOAD: &str = "local_disk_write src/main.rs:4";
const RENAME: &str = "local_disk_write src/main.rs:9";
const SWEEP: &str = "local_disk_write src/main.rs:16";

#[test]
fn functions_traits_and_attributes_may_register() {
    silent(HOUSE, "");
    let mount = "[functions]\n\"our_web::mount\" = { registers = \"handler\", at = 2 }\n";
    finds(HOUSE, mount, &[UPLOAD]);
    finds(HOUSE, "[functions]\n\"our_web::endpoint\" = { registers = \"handler\" }\n", &[RENAME]);
    let task = "[types]\n\"our_web::Task\" = { registers = \"job\", methods = [\"run\"] }\n";
    finds(HOUSE, task, &[SWEEP]);
}

#[test]
fn a_function_of_the_tree_may_register() {
    let wrapped = HOUSE.replace(
        "fn main() {",
        "fn at<H>(path: &str, handler: H) {\n    our_web::hidden(path, handler);\n}\n\nfn main() {",
    );
    let wrapped = wrapped.replace("our_web::mount(&server, ", "at(");
    silent(&wrapped, "");
    finds(
        &wrapped,
        "[functions]\n\"house::at\" = { registers = \"handler\", at = 1 }\n",
        &[UPLOAD],
    );
}

#[test]
fn a_function_may_go_to_a_backing_service_or_to_the_disk() {
    let config = |more: &str| {
        format!("[functions]\n\"our_web::mount\" = {{ registers = \"handler\", at = 2 }}\n{more}")
    };
    let helper = HOUSE.replace(
        "    std::fs::write(\"uploads/last\", body).unwrap();",
        "    store(body);\n    our_web::keep(\"uploads/x\");",
    );
    let helper = helper.replace(
        "#[our_web::endpoint]",
        "fn store(body: Vec<u8>) {\n    std::fs::write(\"/mnt/shared/last\", body).unwrap();\n}\n\n\
         #[our_web::endpoint]",
    );
    finds(&helper, &config(""), &["local_disk_write src/main.rs:9"]);
    silent(&helper, &config("\"house::store\" = \"backing-service\"\n"));
    let writes = config("\"house::store\" = \"telemetry\"\n\"our_web::keep\" = \"writes-disk\"\n");
    finds(&helper, &writes, &["local_disk_write src/main.rs:5"]);
}

#[test]
fn a_binary_may_be_an_admin_process() {
    let web = "local_disk_write src/bin/web.rs:2";
    finds(TWO, "", &["local_disk_write src/bin/repair.rs:2", web]);
    for word in ["admin", "cli", "build", "test"] {
        finds(TWO, &format!("[processes]\nrepair = \"{word}\"\n"), &[web]);
    }
    silent(TWO, "[processes]\ntwo = \"admin\"\n");
}

/// The kind of process of each finding, by its line.
fn processes(report: &Report) -> Vec<String> {
    let kinds = report.findings.iter().map(|finding| {
        let file = report.sources.get(finding.at.file);
        let name = file.path.file_stem().unwrap_or_default().to_string_lossy();
        format!("{name}:{} {:?}", file.place(finding.at.start).line, finding.process)
    });
    kinds.collect()
}

#[test]
fn findings_say_in_which_process_they_are() {
    let web = "web:2 Web";
    let undeclared = tree(TWO);
    assert_eq!(processes(&lint(undeclared.path())), ["repair:2 Web", web]);
    let taught = tree(&format!("{TWO}\n//- twelve-lint.toml\n[processes]\nrepair = \"worker\"\n"));
    assert_eq!(processes(&lint(taught.path())), ["repair:2 Worker", web]);

    let procfile = "web: target/release/web\nworker: target/release/repair --queue orders\n";
    let folder = tree(&format!("{TWO}\n//- Procfile\n{procfile}"));
    assert_eq!(processes(&lint(folder.path())), ["repair:2 Worker", web]);
    // What runs once, before a release, is left alone; what is also run to serve is not.
    let folder = tree(&format!("{TWO}\n//- Procfile\nrelease: target/release/repair\n"));
    assert_eq!(processes(&lint(folder.path())), [web]);
    let both = "release: target/release/repair --once\nweb: target/release/repair\n";
    let folder = tree(&format!("{TWO}\n//- Procfile\n{both}"));
    assert_eq!(processes(&lint(folder.path())), ["repair:2 Web", web]);
    // The configuration wins.
    let folder = tree(&format!(
        "{TWO}\n//- Procfile\n{both}//- twelve-lint.toml\n[processes]\nrepair = \"admin\"\n"
    ));
    assert_eq!(processes(&lint(folder.path())), [web]);
}

#[test]
fn a_library_serves_where_what_serves_uses_it() {
    silent(LIBRARY, "");
    let used = LIBRARY
        .replace("\"ok\".into()", "prints::render(\"health\");\n    prints::queued().to_string()");
    let both = ["global_mutable_state src/lib.rs:3", "local_disk_write src/lib.rs:6"];
    finds(&used, "", &both);
    // Only a process that is left alone reaches it.
    silent(&used, "[processes]\nweb = \"admin\"\n");
}

/// The published schema takes what the tool takes, word for word.
#[test]
fn the_schema_says_what_the_tool_reads() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("schema/config-1.json")).expect("the schema");
    let schema: Value = serde_json::from_str(&text).expect("it is JSON");
    let words = |of: &str| -> Vec<&str> {
        let list = schema["$defs"][of]["enum"].as_array().expect("a list of words");
        list.iter().filter_map(Value::as_str).collect()
    };
    fn known<T>(words: &[(&'static str, T)]) -> Vec<&'static str> {
        words.iter().map(|(word, _)| *word).collect()
    }
    assert_eq!(words("type"), known(config::TYPE_WORDS));
    assert_eq!(words("function"), known(config::FUNCTION_WORDS));
    assert_eq!(words("runs"), known(config::RUNS));
    assert_eq!(words("process"), known(config::PROCESSES));
    assert_eq!(words("level"), known(config::LEVELS));
    assert_eq!(words("fail-on"), known(config::FAIL_ON));
    let rules = schema["$defs"]["rules"]["properties"].as_object().expect("the rules");
    assert_eq!(rules.len(), RULES.len() + 1);
    for rule in RULES {
        let summary = rule.meta().expect("it has a head").summary;
        assert_eq!(rules[rule.id]["description"], summary, "{}", rule.id);
    }

    let schema = jsonschema::validator_for(&schema).expect("it is a schema");
    let readme = std::fs::read_to_string(root.join("README.md")).expect("README.md");
    let mut shown = readme.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let fixture = root.join("fixtures/workspaces/admin_taught/twelve-lint.toml");
    let good = [
        shown.next().expect("README.md shows levels").to_string(),
        shown.next().expect("README.md shows how to teach").to_string(),
        std::fs::read_to_string(fixture).expect("the fixture's"),
        "fail-on = \"never\"\npedantic = false\n".into(),
        "[rules]\nall = \"note\"\nlocal_disk_write = { hazard = \"allow\", reason = \"x\" }\n"
            .into(),
        "[[overrides]]\npaths = [\"src/*\"]\nrules = { all = \"deny\" }\nreason = \"x\"\n\
         [[overrides]]\nprocesses = [\"worker\"]\nrules = { all = { violation = \"warn\" } }\n"
            .into(),
        "[functions]\n\"a::b\" = { is = \"shares\", at = 1, why = \"x\", instead = \"y\" }\n"
            .into(),
        "[types]\n\"a::b\" = { registers = \"job\", methods = [\"x\"], why = \"y\" }\n".into(),
    ];
    let bad = [
        "[type]\n",
        "fail-on = \"note\"\n",
        "fail_on = \"error\"\n",
        "pedantic = 1\n",
        "[types]\n\"a::b\" = \"cahce\"\n",
        "[types]\nb = \"cache\"\n",
        "[types]\n\"a::b\" = { changes = [\"x\"] }\n",
        "[types]\n\"a::b\" = { is = \"cache\", change = [\"x\"] }\n",
        "[functions]\n\"a::b\" = { registers = \"handler\", at = \"1\" }\n",
        "[functions]\n\"a::b\" = 3\n",
        "[processes]\na = \"batch\"\n",
        "[rules]\nlocal_disk = \"allow\"\n",
        "[rules]\nlocal_disk_write = \"off\"\n",
        "[rules]\nlocal_disk_write = { reason = \"x\" }\n",
        "[rules]\nlocal_disk_write = { note = \"allow\" }\n",
        "[[overrides]]\npaths = [\"src\"]\n",
        "[[overrides]]\nrules = { all = \"note\" }\n",
        "[[overrides]]\npaths = []\nrules = { all = \"note\" }\n",
        "[[overrides]]\npaths = [\"src\"]\nrules = {}\n",
        "[[overrides]]\npath = [\"src\"]\nrules = { all = \"note\" }\n",
        "[overrides]\npaths = [\"src\"]\nrules = { all = \"note\" }\n",
    ];
    let valid = |text: &str| {
        let value: Value = toml::from_str(text).expect("it is TOML");
        schema.is_valid(&value)
    };
    for text in good {
        assert!(valid(&text), "{text}");
        // Paths may mean nothing here, but every word is read.
        let (_, wrong) = with(SHOP, &text);
        assert!(wrong.iter().all(|p| !p.contains(" is no ")), "{text}\n{wrong:#?}");
    }
    for text in bad {
        assert!(!valid(text), "{text}");
        assert!(!with(SHOP, text).1.is_empty(), "{text}");
    }
}

#[test]
fn every_word_has_its_effect() {
    let on = "[functions]\n\"our_web::Server::on\" = { registers = \"handler\", at = 1 }\n";
    let guests = "shared_handler_state src/main.rs:7";
    silent(HALL, "");
    silent(HALL, on);
    let share = format!("{on}\"our_web::Server::share\" = {{ is = \"shares\", at = 1 }}\n");
    let pointer = "[types]\n\"our_web::Handle\" = \"pointer\"\n";
    finds(HALL, &format!("{share}{pointer}"), &[guests]);
    let opens = "\"our_web::db::open\" = \"opens-database\"\n";
    finds(HALL, &format!("{on}{opens}"), &["embedded_database src/main.rs:17"]);
    // What serves is a service, though no handler of it is known.
    let serves = "[functions]\n\"our_web::Server::run\" = \"serves\"\n";
    finds(HALL, &format!("{serves}{opens}"), &["embedded_database src/main.rs:17"]);
    silent(HALL, &format!("[functions]\n{opens}"));
    let logins = "[types]\n\"our_web::Logins\" = \"session-store\"\n";
    finds(HALL, &format!("{on}{logins}"), &["in_process_session src/main.rs:16"]);
}
