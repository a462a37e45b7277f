//! Are findings as grave as the configuration and the command line say, there and nowhere else?

use std::path::Path;

use twelve_lint::check::{Asked, Options};
use twelve_lint::config::LevelWord;
use twelve_lint::diagnostic::{Certainty, Report, Verdict};
use twelve_lint::discover::Selection;
use twelve_lint::rules::RULES;
use twelve_lint::source::Sources;

use crate::services::{MARKET, SHOP, TWO};
use crate::{problems, tree};

pub(crate) fn lint_with(folder: &Path, options: &Options) -> Report {
    let selection = Selection { paths: vec![folder.to_path_buf()], ..Selection::default() };
    twelve_lint::check_with(Sources::default(), &selection, options)
}

/// "Warning in_process_cache src/main.rs: reason", for every finding.
fn levels(report: &Report) -> Vec<String> {
    let findings = report.findings.iter();
    findings
        .map(|finding| {
            let file = &report.sources.get(finding.at.file).path;
            let path = file.strip_prefix(&report.root).unwrap_or(file).display();
            let reason = finding.suppressed.as_ref();
            let reason = reason.map_or(String::new(), |reason| format!(": {reason}"));
            format!("{:?} {} {path}{reason}", finding.level, finding.rule)
        })
        .collect()
}

fn of(service: &str, config: &str) -> (Vec<String>, Vec<String>) {
    of_with(service, config, &Options::default())
}

fn of_with(service: &str, config: &str, options: &Options) -> (Vec<String>, Vec<String>) {
    let folder = tree(&format!("{service}\n//- twelve-lint.toml\n{config}"));
    let report = lint_with(folder.path(), options);
    (levels(&report), problems(&report))
}

#[track_caller]
fn gives(service: &str, config: &str, expected: &[&str]) {
    let (found, wrong) = of(service, config);
    assert_eq!((found, wrong), (crate::strings(expected), vec![]), "{config}");
}

const CACHE: &str = "in_process_cache src/cache.rs";
const DISK: &str = "local_disk_write src/disk.rs";
const STICKY: &str = "sticky_session deploy/web.json";

#[test]
fn levels_hold_per_rule_and_verdict() {
    let [cache, disk, sticky] = [CACHE, DISK, STICKY];
    let plain = [format!("Error {sticky}"), format!("Warning {cache}"), format!("Error {disk}")];
    let plain: Vec<&str> = plain.iter().map(String::as_str).collect();
    gives(MARKET, "", &plain);
    let with = |nth: usize, text: String| {
        let mut list: Vec<String> = plain.iter().map(|text| text.to_string()).collect();
        list[nth] = text;
        list
    };
    for (config, nth, expected) in [
        ("in_process_cache = \"deny\"", 1, format!("Error {cache}")),
        ("in_process_cache = \"note\"", 1, format!("Note {cache}")),
        ("in_process_cache = { hazard = \"deny\" }", 1, format!("Error {cache}")),
        ("in_process_cache = { violation = \"allow\" }", 1, format!("Warning {cache}")),
        (
            "in_process_cache = \"allow\"",
            1,
            format!("Warning {cache}: allowed by twelve-lint.toml:2"),
        ),
        (
            "in_process_cache = { violation = \"deny\", hazard = \"allow\", reason = \"daily\" }",
            1,
            format!("Warning {cache}: daily"),
        ),
        ("local_disk_write = \"warn\"", 2, format!("Warning {disk}")),
        ("local_disk_write = { violation = \"note\" }", 2, format!("Note {disk}")),
    ] {
        let (found, wrong) = of(MARKET, &format!("[rules]\n{config}\n"));
        assert_eq!((found, wrong), (with(nth, expected), vec![]), "{config}");
    }
    // A rule's own line outweighs that for all.
    let all = "[rules]\nall = \"note\"\nlocal_disk_write = \"warn\"\n";
    let expected = [format!("Note {sticky}"), format!("Note {cache}"), format!("Warning {disk}")];
    assert_eq!(of(MARKET, all), (expected.to_vec(), vec![]));
}

#[test]
fn levels_hold_per_path() {
    let [cache, disk, sticky] = [CACHE, DISK, STICKY];
    let config = "[[overrides]]\npaths = [\"deploy/**/*.json\"]\n\
                  rules = { sticky_session = \"allow\" }\nreason = \"old clients\"\n\
                  [[overrides]]\npaths = [\"src\"]\nrules = { all = \"note\" }\n\
                  [[overrides]]\npaths = [\"./src/disk.rs\"]\nrules = { local_disk_write = \"warn\" }\n";
    let expected = [
        format!("Error {sticky}: old clients"),
        format!("Note {cache}"),
        format!("Warning {disk}"),
    ];
    assert_eq!(of(MARKET, config), (expected.to_vec(), vec![]));
}

#[test]
fn levels_hold_per_process() {
    let (web, repair) = ("src/bin/web.rs", "src/bin/repair.rs");
    for (config, expected) in [
        ("processes = [\"repair\"]", ["Note", "Error"]),
        ("processes = [\"two\"]", ["Note", "Note"]),
        ("processes = [\"web\"]", ["Error", "Note"]),
        ("processes = [\"worker\", \"deploy\"]", ["Note", "Error"]),
        ("processes = [\"worker\"]\npaths = [\"src/bin/web.rs\"]", ["Error", "Error"]),
    ] {
        let config = format!(
            "[processes]\nrepair = \"worker\"\n[[overrides]]\n{config}\n\
             rules = {{ all = \"note\" }}\n"
        );
        let expected = [
            format!("{} local_disk_write {repair}", expected[0]),
            format!("{} local_disk_write {web}", expected[1]),
        ];
        assert_eq!(of(TWO, &config), (expected.to_vec(), vec![]), "{config}");
    }
}

#[test]
fn deploy_files_are_a_process_of_their_own() {
    let config = "[[overrides]]\nprocesses = [\"deploy\"]\nrules = { all = \"note\" }\n";
    let [cache, disk, sticky] = [CACHE, DISK, STICKY];
    let expected = [format!("Note {sticky}"), format!("Warning {cache}"), format!("Error {disk}")];
    assert_eq!(of(MARKET, config), (expected.to_vec(), vec![]));
}

#[test]
fn the_command_line_has_the_last_word() {
    let [cache, disk, sticky] = [CACHE, DISK, STICKY];
    let asked = |rule, verdict, level| Asked { rule, verdict, level };
    let config = "[rules]\nin_process_cache = \"allow\"\n[[overrides]]\npaths = [\"src\"]\n\
                  rules = { local_disk_write = \"note\" }\n";
    let with = |levels: &[Asked], no_ignores: bool| {
        let options = Options { levels: levels.to_vec(), no_ignores, ..Options::default() };
        of_with(MARKET, config, &options).0
    };
    let allowed = format!("Warning {cache}: allowed by twelve-lint.toml:2");
    assert_eq!(with(&[], false), [format!("Error {sticky}"), allowed, format!("Note {disk}")]);
    let deny = asked(Some("in_process_cache"), None, LevelWord::Deny);
    let hazards = asked(None, Some(Verdict::Hazard), LevelWord::Warn);
    let quiet = asked(None, None, LevelWord::Allow);
    let by = "allowed by the command line";
    assert_eq!(
        with(&[quiet, deny], false),
        [format!("Error {sticky}: {by}"), format!("Error {cache}"), format!("Error {disk}: {by}")]
    );
    assert_eq!(with(&[deny, hazards], false)[1], format!("Warning {cache}"));
    // Reviewers see what is allowed, but not what they asked to leave out themselves.
    assert_eq!(with(&[], true)[1], format!("Warning {cache}"));
    assert_eq!(with(&[], true)[2], format!("Note {disk}"));
    assert_eq!(with(&[quiet], true)[1], format!("Warning {cache}: {by}"));
}

#[test]
fn what_is_not_certain_stays_a_note() {
    let service = SHOP.replace("struct App {", "#[cfg(feature = \"kv\")]\nstruct App {");
    let service = service.replace("[dependencies]", "[features]\nkv = []\n\n[dependencies]");
    let folder = tree(&format!("{service}\n//- twelve-lint.toml\n[rules]\nall = \"deny\"\n"));
    let report = lint_with(folder.path(), &Options::default());
    assert!(!report.findings.is_empty());
    for finding in &report.findings {
        assert!(finding.feature.is_some() || finding.certainty == Certainty::Low);
    }
    assert!(levels(&report).iter().all(|text| text.starts_with("Note ")), "{:?}", levels(&report));
}

#[test]
fn each_package_is_under_its_own_configuration() {
    let one = MARKET.replace("//- ", "//- one/").replace("name = \"market\"", "name = \"one\"");
    let two = MARKET.replace("//- ", "//- two/").replace("name = \"market\"", "name = \"two\"");
    let two = two.replace(
        "[dependencies]",
        "[package.metadata.twelve-lint.rules]\nin_process_cache = \"deny\"\n[dependencies]",
    );
    let loose = MARKET.split_once("//- deploy/").expect("it has a deploy file").1;
    let text = format!(
        "//- Cargo.toml\n[workspace]\nmembers = [\"one\", \"two\"]\n\
         [workspace.metadata.twelve-lint.rules]\nsticky_session = \"note\"\n\
         all = {{ hazard = \"note\" }}\n{one}{two}//- deploy/{loose}\
         \n//- one/twelve-lint.toml\n[rules]\nlocal_disk_write = \"warn\"\n"
    );
    let folder = tree(&text);
    let report = lint_with(folder.path(), &Options::default());
    // The workspace's table is left for the deploy files that lie in no package, and for nobody else.
    assert_eq!(
        levels(&report),
        [
            "Note sticky_session deploy/web.json",
            "Error sticky_session one/deploy/web.json",
            "Warning in_process_cache one/src/cache.rs",
            "Warning local_disk_write one/src/disk.rs",
            "Error sticky_session two/deploy/web.json",
            "Error in_process_cache two/src/cache.rs",
            "Error local_disk_write two/src/disk.rs",
        ]
    );
    assert_eq!(problems(&report), Vec::<String>::new());
}

#[test]
fn every_rule_may_be_named() {
    for rule in RULES {
        let (_, wrong) = of(MARKET, &format!("[rules]\n{} = \"note\"\n", rule.id));
        assert_eq!(wrong, Vec::<String>::new(), "{}", rule.id);
    }
}
