//! Does a run fail, and does it show notes, as the configuration and the command line say?

use twelve_lint::check::Options;
use twelve_lint::config::FailOn;
use twelve_lint::diagnostic::Report;
use twelve_lint::report::Status;

use crate::rules::lint_with;
use crate::services::MARKET;
use crate::{problems, tree, with};

fn market(config: &str, options: &Options) -> Report {
    lint_with(tree(&format!("{MARKET}\n//- twelve-lint.toml\n{config}")).path(), options)
}

/// How many findings make the run fail. The market has two violations and a hazard.
#[track_caller]
fn failing(config: &str, options: &Options) -> usize {
    let report = market(config, options);
    assert_eq!(problems(&report), Vec::<String>::new(), "{config}");
    match Status::of(&report) {
        Status::Clean => 0,
        Status::Found(number) => number,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_threshold_is_configured_and_the_command_line_wins() {
    let usual = Options::default();
    let asked = |fail_on| Options { fail_on: Some(fail_on), ..Options::default() };
    assert_eq!(failing("", &usual), 2);
    assert_eq!(failing("fail-on = \"error\"\n", &usual), 2);
    assert_eq!(failing("fail-on = \"warning\"\n", &usual), 3);
    assert_eq!(failing("fail-on = \"never\"\n", &usual), 0);
    assert_eq!(failing("fail-on = \"never\"\n", &asked(FailOn::Warning)), 3);
    assert_eq!(failing("fail-on = \"warning\"\n", &asked(FailOn::Never)), 0);
    assert_eq!(failing("fail-on = \"warning\"\n", &asked(FailOn::Error)), 2);
    // A note fails nothing, whatever is said.
    assert_eq!(failing("fail-on = \"warning\"\n[rules]\nall = \"note\"\n", &usual), 0);
}

#[test]
fn notes_are_shown_where_the_configuration_says_so() {
    let hidden = |config: &str, pedantic| {
        let report = market(config, &Options { pedantic, ..Options::default() });
        assert_eq!(problems(&report), Vec::<String>::new(), "{config}");
        report.findings.iter().filter(|finding| finding.hidden).count()
    };
    let notes = "[rules]\nlocal_disk_write = \"note\"\nin_process_cache = \"note\"\n";
    let shown = format!("pedantic = true\n{notes}");
    assert_eq!(hidden(notes, None), 2);
    assert_eq!(hidden(&shown, None), 0);
    assert_eq!(hidden(notes, Some(true)), 0);
    assert_eq!(hidden(&shown, Some(false)), 2);
    assert_eq!(hidden(&format!("pedantic = false\n{notes}"), None), 2);
}

#[test]
fn a_configuration_speaks_for_its_own_packages() {
    let one = MARKET.replace("//- ", "//- one/");
    let two = MARKET.replace("//- ", "//- two/").replace("name = \"market\"", "name = \"bazaar\"");
    let folder = tree(&format!(
        "//- Cargo.toml\n[workspace]\nmembers = [\"one\", \"two\"]\n{one}\n\
         //- one/twelve-lint.toml\nfail-on = \"never\"\npedantic = true\n\
         [rules]\nin_process_cache = \"note\"\n{two}\n\
         //- two/twelve-lint.toml\nfail-on = \"warning\"\n[rules]\nin_process_cache = \"note\"\n"
    ));
    let report = lint_with(folder.path(), &Options::default());
    let told = |of: &dyn Fn(&&twelve_lint::diagnostic::Diagnostic) -> bool| {
        let mut packages: Vec<&str> =
            report.findings.iter().filter(of).map(|finding| &*finding.package).collect();
        packages.sort_unstable();
        packages.dedup();
        packages
    };
    assert_eq!(told(&|finding| finding.hidden), ["bazaar"]);
    assert_eq!(told(&|finding| finding.fails && finding.rule == "local_disk_write"), ["bazaar"]);
    assert!(matches!(Status::of(&report), Status::Found(_)));
}

#[test]
fn manifests_may_say_it() {
    let table = "[package.metadata.twelve-lint]\nfail-on = \"never\"\n\n[dependencies]";
    let folder = tree(&MARKET.replacen("[dependencies]", table, 1));
    let report = lint_with(folder.path(), &Options::default());
    assert_eq!((problems(&report), Status::of(&report)), (vec![], Status::Clean));
}

#[test]
fn what_is_no_setting_is_told() {
    for (config, told) in [
        (
            "fail_on = \"warning\"\n",
            "error twelve-lint.toml:1:1: `fail_on` is no section of this configuration; did you \
             mean `fail-on`?",
        ),
        (
            "fail-on = \"warn\"\n",
            "error twelve-lint.toml:1:11: `warn` is no threshold; did you mean `warning`?",
        ),
        (
            "pedantic = \"yes\"\n",
            "error twelve-lint.toml:1:12: this is neither on nor off; write `true` or `false`",
        ),
        (
            "[rules]\nall = \"warn\"\npedantic = true\n",
            "error twelve-lint.toml:3:1: `pedantic` is no rule; move the line to the top of the \
             file, before the first `[..]`",
        ),
    ] {
        assert_eq!(with(MARKET, config).1, [told], "{config}");
    }
}
