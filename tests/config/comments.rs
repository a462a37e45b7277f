//! Do comments suppress what stands where they say, and are those told that do not?

use twelve_lint::check::{Date, Options};
use twelve_lint::diagnostic::Report;
use twelve_lint::discover::Selection;
use twelve_lint::source::{FileId, Sources};

use crate::rules::lint_with;
use crate::services::{MARKET, SHOP};
use crate::{findings, problems, tree};

const DISK: &str = "local_disk_write src/disk.rs";

/// Lints the market with `disk.rs` as it is given.
fn market(disk: &str) -> (Report, Vec<String>) {
    let before = MARKET.split("//- src/disk.rs\n").next().expect("it has a file of that name");
    // The cache is no concern here.
    let config = "//- twelve-lint.toml\n[rules]\nin_process_cache = \"note\"\n";
    let folder = tree(&format!("{before}//- src/disk.rs\n{disk}\n{config}"));
    let options = Options { today: Date::read("2026-11-25"), ..Options::default() };
    let report = lint_with(folder.path(), &options);
    let problems = problems(&report);
    (report, problems)
}

/// The reasons of all that is suppressed.
fn reasons(report: &Report) -> Vec<String> {
    report.findings.iter().filter_map(|finding| finding.suppressed.clone()).collect()
}

const ALLOW: &str = "twelve-lint: allow(local_disk_write) reason = \"x\"";

#[test]
fn a_comment_suppresses_the_next_item_or_line() {
    let write = "std::fs::write(\"data/upload\", body).unwrap();";
    let upload = |before: &str, inside: &str, after: &str| {
        format!("{before}pub async fn upload(body: String) {{\n{inside}{write}{after}\n}}\n")
    };
    for disk in [
        upload(&format!("// {ALLOW}\n"), "", ""),
        upload(&format!("/* {ALLOW} */\n\n// more\n"), "", ""),
        upload(&format!("// {ALLOW}\n/// Doc.\n#[inline]\n"), "", ""),
        upload(&format!("/// Doc.\n// {ALLOW}\n"), "", ""),
        upload(&format!("#[inline]\n// {ALLOW}\n"), "", ""),
        upload("", &format!("    // {ALLOW}\n    "), ""),
        upload("", "", &format!(" // {ALLOW}")),
        upload("", "", &format!(" // As it always was. {ALLOW}")),
        upload("// twelve-lint: allow-file(local_disk_write), reason=\"x\"\n", "", ""),
        upload(
            "",
            "",
            "\n}\n// twelve-lint: allow-file(local_disk_write) reason = \"x\"\nfn a() {",
        ),
        upload("", &format!("    // {ALLOW} until = 2026-11-25\n"), ""),
        upload("", &format!("    // {ALLOW}, until = \"2027-01-01\"\n"), ""),
        // In the middle of a statement, and above one that breaks its lines.
        upload(
            "",
            "let a =\n    // twelve-lint: allow(in_process_cache, local_disk_write) reason = \"x\"\n",
            ";",
        ),
        upload("", &format!("// {ALLOW}\nlet a =\n    "), ""),
        format!("mod a {{}}\n// {ALLOW}\nmod b {{ {} }}\npub use b::upload;", upload("", "", "")),
        format!(
            "// {ALLOW}\n// twelve-lint: allow(in_process_lock) reason = \"y\"\n{}",
            upload("", "", "")
        ),
    ] {
        let (report, _) = market(&disk);
        assert_eq!(reasons(&report), ["x"], "{disk}");
        assert_eq!(findings(&report), Vec::<String>::new(), "{disk}");
        assert_eq!(report.summary().suppressed, 1);
    }
    for (disk, line) in [
        (upload("", &format!("    // {ALLOW}\n    let a = 1;\n    "), ""), 4),
        (upload(&format!("// {ALLOW}\nfn a() {{}}\n"), "", ""), 4),
        (
            upload(
                &format!("let a = 1; // {ALLOW}\n").replace("let a = 1;", "use a as b;"),
                "",
                "",
            ),
            3,
        ),
        (upload("", &format!("    // {ALLOW}\n    if true {{\n"), "}"), 4),
        (upload("", &format!("let a = r#\"// {ALLOW}\"#;\n"), ""), 3),
        (upload(&format!("/// {ALLOW}\n"), "", ""), 3),
        (upload(&format!("// {ALLOW}\nmod a {{}}\n"), "", ""), 4),
        (upload("// twelve-lint: allow(in_process_cache) reason = \"x\"\n", "", ""), 3),
    ] {
        let (report, _) = market(&disk);
        assert_eq!(findings(&report), [format!("{DISK}:{line}")], "{disk}");
        assert_eq!(reasons(&report), Vec::<String>::new(), "{disk}");
    }
}

#[test]
fn what_is_wrong_with_a_comment_is_told_and_nothing_is_suppressed() {
    for (says, column, expected) in [
        (
            "allow(local_disk_write)",
            4,
            "nothing is suppressed here, as no reason is given; add `reason = \"...\"`: who reads it \
             later wants to know why",
        ),
        (
            "allow(local_disk_write) reason = \" \"",
            4,
            "nothing is suppressed here, as no reason is given; add",
        ),
        (
            "allow(local_disc_write) reason = \"x\"",
            23,
            "there is no rule `local_disc_write`; did you mean `local_disk_write`?",
        ),
        (
            "allow(all) reason = \"x\"",
            23,
            "`all` cannot be suppressed by a comment; name the rules",
        ),
        (
            "alow(local_disk_write) reason = \"x\"",
            17,
            "`alow` is nothing to ask for; did you mean `allow`?",
        ),
        (
            "",
            15,
            "this comment asks for nothing; write `allow(rule) reason = \"...\"`, or `allow-file",
        ),
        ("allow reason = \"x\"", 23, "the rules are missing; write"),
        ("allow() reason = \"x\"", 23, "a rule is missing; write"),
        (
            "allow(local_disk_write,, in_process_lock) reason = \"x\"",
            40,
            "a rule is missing; write",
        ),
        (
            "allow(local_disk_write in_process_lock) reason = \"x\"",
            40,
            "`,` or `)` is missing; write",
        ),
        (
            "allow(local_disk_write) reasons = \"x\"",
            41,
            "`reasons` is no part of this; did you mean `reason`?",
        ),
        ("allow(local_disk_write) reason \"x\"", 48, "`=` is missing; write"),
        ("allow(local_disk_write) reason = \"x", 50, "this text does not end; close it with `\"`"),
        ("allow(local_disk_write) reason = \"x\" (y)", 54, "this is not understood: `(y)`; write"),
        (
            "allow(local_disk_write) reason = \"x\" until = 2027-02-30",
            62,
            "`2027-02-30` is no day; write the last day on which it holds: `until = 2027-01-31`",
        ),
        ("allow(local_disk_write) reason = \"ü\" until = ü", 62, "`ü` is no day"),
    ] {
        let disk = format!(
            "// twelve-lint: {says}\npub async fn upload(body: String) {{\n    \
             std::fs::write(\"data/upload\", body).unwrap();\n}}\n"
        );
        let (report, wrong) = market(&disk);
        let expected = format!("error src/disk.rs:1:{column}: {expected}");
        assert!(
            wrong.len() == 1 && wrong[0].starts_with(&expected),
            "{says}\n{wrong:#?}\n{expected}"
        );
        assert_eq!(reasons(&report), Vec::<String>::new(), "{says}");
        assert_eq!(findings(&report), [format!("{DISK}:3")], "{says}");
    }
    // Prose is left alone.
    let disk = "// see `twelve-lint: allow(x)`; to run cargo twelve-lint: see README\n\
                pub async fn upload(body: String) {\n    drop(body)\n}\n";
    assert_eq!(market(disk).1, Vec::<String>::new());
}

#[test]
fn a_suppression_ends_with_its_day() {
    let disk = format!(
        "// {ALLOW} until = 2026-11-24\npub async fn upload(body: String) {{\n    \
         std::fs::write(\"data/upload\", body).unwrap();\n}}\n"
    );
    let (report, wrong) = market(&disk);
    assert_eq!(
        wrong,
        [
            "note src/disk.rs:1:1: this suppression held until 2026-11-24, and holds no longer; look \
          at it again: mend what it hides, or give it another day"
        ]
    );
    assert_eq!(findings(&report), [format!("{DISK}:3")]);
}

const SUPPRESSED: &str = "// twelve-lint: allow(shared_handler_state) reason = \"x\"\n";

#[test]
fn only_the_place_of_a_finding_counts_and_others_are_told() {
    let at = |line: &str| SHOP.replace(line, &format!("{SUPPRESSED}{line}"));
    let lint = |text: &str| {
        let report = lint_with(tree(text).path(), &Options::default());
        (findings(&report), problems(&report))
    };
    assert_eq!(lint(&at("    kv: Mutex<kv::Client>,")), (vec![], vec![]));
    assert_eq!(lint(&at("struct App {")), (vec![], vec![]));
    // Where the state is changed is no place of the finding.
    let (found, wrong) = lint(&at("    app.kv.lock().unwrap().put("));
    assert_eq!(found, ["shared_handler_state src/main.rs:10"]);
    assert_eq!(
        wrong,
        [
            "note src/main.rs:15:1: this suppresses nothing: what `shared_handler_state` finds stands \
          elsewhere; move it to src/main.rs:10: a finding is suppressed where it stands, not on the \
          way there"
        ]
    );
    let (_, wrong) = lint(&at("#[tokio::main]").replace("shared_handler_state", "local_log_file"));
    assert_eq!(
        wrong,
        [
            "note src/main.rs:27:1: this suppresses nothing: `local_log_file` finds nothing here; take \
          it out, or move it to the line above what it means"
        ]
    );
    // Of several rules, those are told that are not needed.
    let two = at("struct App {")
        .replace("(shared_handler_state)", "(shared_handler_state, local_volume)");
    let (found, wrong) = lint(&two);
    assert_eq!((found.len(), wrong.len()), (0, 1), "{wrong:#?}");
    assert!(wrong[0].contains("`local_volume` finds nothing here"), "{wrong:#?}");
}

#[test]
fn unused_ones_are_told_only_where_everything_was_looked_at() {
    let text = SHOP.replace("#[tokio::main]", &format!("{SUPPRESSED}#[tokio::main]"));
    let told = |text: &str| problems(&lint_with(tree(text).path(), &Options::default())).len();
    assert_eq!(told(&text), 1);
    // A file that cannot be read, or a package that was not selected, may hold what it means.
    assert_eq!(told(&text.replace("mod kv;", "mod kv;\nmod gone;")), 0);
    let member =
        "[workspace]\nmembers = [\"other\"]\n\n[dependencies]\nother = { path = \"other\" }";
    let two = text.replacen("[dependencies]", member, 1)
        + "//- other/Cargo.toml\n[package]\nname = \"other\"\nversion = \"0.1.0\"\n//- other/src/lib.rs\n\
           // twelve-lint: allow(no_such_rule) reason = \"x\"\n";
    let folder = tree(&two);
    let paths = vec![folder.path().to_path_buf()];
    let packages = vec!["shop".to_string()];
    let selection = Selection { paths, packages, ..Selection::default() };
    let report = twelve_lint::check_with(Sources::default(), &selection, &Options::default());
    // Its own mistake is no reason for this run to fail.
    assert_eq!(problems(&report).len(), 1, "{:#?}", problems(&report));
    assert!(
        problems(&report)[0].starts_with("note other/src/lib.rs:1:"),
        "{:#?}",
        problems(&report)
    );
}

#[test]
fn reviewers_see_what_is_suppressed() {
    let text = SHOP.replace("struct App {", &format!("{SUPPRESSED}struct App {{"));
    let folder = tree(&text);
    let options = Options { no_ignores: true, ..Options::default() };
    let report = lint_with(folder.path(), &options);
    assert_eq!(findings(&report), ["shared_handler_state src/main.rs:11"]);
    assert_eq!(problems(&report), Vec::<String>::new());
}

/// A service with one deploy file.
fn deployed(path: &str, text: &str) -> (Vec<String>, Vec<String>, Vec<String>) {
    let quiet = "//- Cargo.toml\n[package]\nname = \"web\"\nversion = \"0.1.0\"\n//- src/main.rs\nfn main() {}\n";
    let report = lint_with(tree(&format!("{quiet}//- {path}\n{text}")).path(), &Options::default());
    (findings(&report), problems(&report), reasons(&report))
}

#[test]
fn deploy_files_have_comments_too() {
    let allow = |rule: &str| format!("# twelve-lint: allow({rule}) reason = \"x\"\n");
    let sticky = allow("sticky_session");
    let service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n";
    for (path, text) in [
        (
            "deploy/web.yaml",
            format!("{service}spec:\n  # other\n  {sticky}\n  sessionAffinity: ClientIP\n"),
        ),
        ("deploy/web.yaml", format!("{service}spec:\n  sessionAffinity: ClientIP {sticky}")),
        (
            "deploy/web.yaml",
            format!("{service}{sticky}spec:\n  ports: []\n  sessionAffinity: ClientIP\n"),
        ),
        (
            "deploy/web.yaml",
            format!(
                "{}{service}spec:\n  sessionAffinity: ClientIP\n",
                sticky.replace("allow(", "allow-file(")
            ),
        ),
        (
            "deploy/web.yaml",
            format!("a: b\n---\n{service}spec:\n  {sticky}  sessionAffinity: ClientIP\n"),
        ),
        (
            "deploy/nginx.conf",
            format!("http {{ upstream web {{ {sticky}  ip_hash; server web:80; }} }}\n")
                .replace("{ #", "{\n#"),
        ),
        (
            "deploy/nginx.conf",
            format!("http {{ upstream web {{ ip_hash; {sticky} server web:80; }} }}\n"),
        ),
        (
            "deploy/nginx.conf",
            format!("{sticky}http {{ upstream web {{ \n ip_hash; server web:80; }} }}\n"),
        ),
        (
            "main.tf",
            format!(
                "resource \"aws_lb_target_group\" \"web\" {{\n  {sticky}  stickiness {{\n    enabled = true\n    type = \"lb_cookie\"\n  }}\n}}\n"
            ),
        ),
        (
            "main.tf",
            format!(
                "{}resource \"aws_lb_target_group\" \"web\" {{\n  stickiness {{\n    enabled = true\n    type = \"lb_cookie\"\n  }}\n}}\n",
                sticky.replace("# ", "// ")
            ),
        ),
        ("haproxy.cfg", format!("{sticky}backend web\n  balance source\n  server a web:80\n")),
        ("haproxy.cfg", format!("backend web\n  {sticky}  balance source\n  server a web:80\n")),
        ("haproxy.cfg", format!("backend web\n  balance source {sticky}  server a web:80\n")),
        (
            "deploy/config.yaml",
            format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: nginx\ndata:\n  nginx.conf: |\n    http {{ upstream web {{\n      {sticky}      ip_hash;\n      server web:80; }} }}\n"
            ),
        ),
        (
            "Dockerfile",
            format!("FROM rust\n{}VOLUME /data\nCMD [\"web\"]\n", allow("local_volume")),
        ),
        (
            "main.bicep",
            format!(
                "resource web 'Microsoft.Web/sites@2022-09-01' = {{\n  properties: {{\n    \
                 {}    clientAffinityEnabled: true\n  }}\n}}\n",
                sticky.replace("# ", "// ")
            ),
        ),
        (
            "fly.toml",
            format!(
                "app = \"web\"\n{}[mounts]\nsource = \"data\"\ndestination = \"/data\"\n",
                allow("local_volume")
            ),
        ),
    ] {
        let plain: String = text
            .split_inclusive('\n')
            .map(|line| match line.split_once("# twelve").or(line.split_once("// twelve")) {
                Some((before, _)) => format!("{before}\n"),
                None => line.to_string(),
            })
            .collect();
        let (found, ..) = deployed(path, &plain);
        assert_eq!(found.len(), 1, "{path}\n{plain}\n{found:?}");
        let (found, wrong, reasons) = deployed(path, &text);
        assert_eq!(
            (found, wrong, reasons),
            (vec![], vec![], vec!["x".to_string()]),
            "{path}\n{text}"
        );
    }
}

#[test]
fn what_only_looks_like_a_comment_of_a_deploy_file_is_none() {
    let sticky = "# twelve-lint: allow(sticky_session) reason = \"x\"";
    let service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n";
    for (path, text) in [
        (
            "deploy/web.yaml",
            format!("{service}  note: |\n    {sticky}\nspec:\n  sessionAffinity: ClientIP\n"),
        ),
        (
            "deploy/web.yaml",
            format!("{service}  note: '\n   {sticky}'\nspec: {{ sessionAffinity: ClientIP }}\n"),
        ),
        (
            "deploy/web.yaml",
            format!("{service}spec:\n  sessionAffinity: ClientIP\n  other: 'a {sticky}'\n"),
        ),
        (
            "deploy/nginx.conf",
            format!(
                "http {{ upstream web {{ ip_hash; server web:80; }} log_format a '\n{sticky}'; }}\n"
            ),
        ),
    ] {
        let (found, wrong, _) = deployed(path, &text);
        assert_eq!((found.len(), wrong), (1, vec![]), "{path}\n{text}");
    }
    // Docker takes what follows an instruction for a part of it: it is told that this is no comment.
    let volume = "# twelve-lint: allow(local_volume) reason = \"x\"";
    let (found, wrong, _) = deployed("Dockerfile", &format!("FROM rust\nVOLUME /data {volume}\n"));
    assert_eq!((found.len(), wrong.len()), (1, 1), "{wrong:#?}");
    assert!(wrong[0].starts_with("note Dockerfile:2:14: this suppresses nothing"), "{wrong:#?}");
}

#[test]
fn spans_of_problems_hold_whatever_a_comment_says() {
    let mut text = String::from("fn main() {}\n");
    for end in [
        "(",
        "ä",
        "(ä",
        "(local_volume) ä",
        "(local_volume) reason = \"ä",
        "(local_volume) until=ä",
    ] {
        text.push_str(&format!("// twelve-lint: allow{end}\n/* twelve-lint: {end} */\n"));
    }
    let quiet = "//- Cargo.toml\n[package]\nname = \"web\"\nversion = \"0.1.0\"\n//- src/main.rs\n";
    let report = lint_with(tree(&format!("{quiet}{text}")).path(), &Options::default());
    assert_eq!(report.problems.len(), 12, "{:#?}", problems(&report));
    let mut sources = Sources::default();
    let file: FileId = sources.add("/main.rs".into(), text.into());
    for problem in &report.problems {
        let at = problem.at.expect("it has a place");
        let text = &sources.get(file).text;
        assert!(
            text.get(at.start as usize..at.end as usize).is_some_and(|t| !t.is_empty()),
            "{problem:?}"
        );
    }
}
