//! Do the reports say everything, in the same bytes each time, and as their schema promises?
//!
//! `BLESS=1 cargo test --test reports` writes `tests/golden` anew; read what changed.

use std::path::PathBuf;

use serde_json::{Value, json};
use twelve_lint::config::FailOn;
use twelve_lint::diagnostic::{Coverage, Level, Problem, ProblemKind, Report, Severity, Step};
use twelve_lint::report::human::Options;
use twelve_lint::report::{Format, Status};
use twelve_lint::source::{Sources, Span};

#[path = "reports/sample.rs"]
mod sample;

use sample::{finding, pedantic, report, text};

fn human(report: &Report, change: impl FnOnce(&mut Options)) -> String {
    let mut options = Options { base: "/srv/shop".into(), ..Options::default() };
    change(&mut options);
    text(report, &Format::Human(options))
}

fn golden(name: &str, now: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, now).expect("the recording can be written");
        return;
    }
    let then = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    if let Some((line, (then, now))) =
        then.lines().zip(now.lines()).enumerate().find(|(_, (a, b))| a != b)
    {
        panic!("{name}:{}: was {then:?}, is {now:?}; BLESS=1 records it", line + 1);
    }
    assert_eq!(then.len(), now.len(), "{name} has another length; BLESS=1 records it");
}

#[test]
fn human_as_recorded() {
    let report = report();
    golden("human-80.txt", &human(&report, |options| options.width = 80));
    golden("human-140.txt", &human(&pedantic(), |options| options.width = 140));
    golden(
        "human-color.txt",
        &human(&report, |options| (options.color, options.hyperlinks) = (true, true)),
    );
    let ascii = human(&report, |options| (options.unicode, options.width) = (false, 80));
    assert!(ascii.contains(",-[src/main.rs:6:17]"), "{ascii}");
    assert!(!ascii.contains(['─', '│', '╭', '×']), "{ascii}");
}

#[test]
fn pages_keep_their_width() {
    let report = pedantic();
    for width in [60, 72, 80, 100, 140] {
        for line in human(&report, |options| options.width = width).lines() {
            // A wide character takes two columns.
            let columns: usize =
                line.chars().map(|c| 1 + usize::from(c > '\u{2e80}' && c < '\u{ffa0}')).sum();
            assert!(columns <= width, "{columns} columns of {width}: {line}");
        }
    }
}

#[test]
fn no_text_and_no_span_breaks_a_page() {
    let long = format!("{}let x = y;{}", "a ".repeat(3000), "ü".repeat(3000));
    let texts =
        ["", "\n", "a", "a\r\nb\r\n", "\t\tx\ty\n", "日本語", "x\u{301}\u{0}\r", "\n\n\n\n", &long];
    for text in texts {
        let end = text.len() as u32;
        let spans =
            [(0, 0), (0, end), (end, end), (end / 2, end), (1, 2), (end + 9, end + 20), (5, 2)];
        for (start, stop) in spans {
            let mut sources = Sources::default();
            let file = sources.add("/srv/shop/odd.rs".into(), text.into());
            let mut odd = finding(Span::new(file, start, stop), "local_disk_write", "", "odd");
            odd.because = vec![
                Step::new(odd.at, "here it is, said in more words than fit beside the place"),
                Step::new(Span::new(file, 0, end), "all of it"),
                Step::new(Span::new(file, end / 3, end / 3), "a third"),
            ];
            let problem = Problem {
                kind: ProblemKind::Parse,
                severity: Severity::Error,
                message: "odd".into(),
                help: String::new(),
                path: "/srv/shop/odd.rs".into(),
                at: Some(odd.at),
            };
            let report = Report {
                root: "/srv/shop".into(),
                findings: vec![odd],
                problems: vec![problem],
                coverage: Coverage::default(),
                packages: Vec::new(),
                since: None,
                sources,
                held: Default::default(),
            };
            let page = human(&report, |options| options.width = 80);
            let at = (text.chars().take(9).collect::<String>(), start, stop);
            for told in ["[odd.rs:", "all of it", "a third", "help:  keep sessions"] {
                assert!(page.contains(told), "{told} is missing for {at:?} in\n{page}");
            }
            assert!(!page.contains("Failed"), "{at:?}: {page}");
            let wide = page.lines().find(|line| line.chars().count() > 80);
            assert_eq!(wide, None, "{at:?}");
        }
    }
}

#[test]
fn routes_and_paths_are_not_broken() {
    let mut report = report();
    let route = "`/accounts/{account}/orders/{order}/payments`";
    report.findings[1].message = format!("what is kept is changed by a handler of {route} here");
    let page = human(&report, |options| options.width = 60);
    assert!(page.contains(route), "{page}");
}

#[test]
fn people_are_told_everything() {
    let plain = human(&report(), |_| ());
    for told in [
        "3 violations, 1 hazard in 2 packages (14 entry points); 2 problems, 2 files not read; 1 \
         suppressed; 1 note hidden (--pedantic)",
        "no framework recognised in bin `jobs`: judged by its statics and `main` only",
        "2 packages beneath were not linted: examples/demo, fuzz; name them to lint them",
        "exit status 2: 2 problems",
        "src/broken.rs:1:12",
        "src/latin.rs",
        "1 more of the same state:",
        "[in_process_cache]",
        "https://12factor.net/processes",
    ] {
        let flat = plain.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(told), "{told:?} is missing in\n{plain}");
    }
    assert!(!plain.contains('\u{1b}'), "no escape codes without colour, whatever the source holds");
    assert!(!plain.contains("tabs` may"), "notes are hidden");
    assert!(!plain.contains("gauge") && !plain.contains("a count"), "suppressed ones are hidden");
    assert!(human(&pedantic(), |_| ()).contains("tabs` may"));
    let linked = human(&report(), |options| (options.color, options.hyperlinks) = (true, true));
    assert!(linked.contains("\u{1b}]8;;https://12factor.net/processes\u{1b}\\VI Processes"));
    assert!(!linked.contains("\u{1b}[31m日本語"), "the source does not steer the terminal");
}

#[test]
fn a_report_comes_to_a_status() {
    let mut report = report();
    let code = |report: &mut Report, on: FailOn| {
        report.findings.iter_mut().for_each(|finding| finding.fails = on.fails(finding.level));
        Status::of(report).code()
    };
    assert_eq!(code(&mut report, FailOn::Never), 2, "what was not judged outweighs everything");
    report.problems.retain(|problem| problem.severity == Severity::Note);
    assert_eq!(code(&mut report, FailOn::Never), 2, "files that were not read do, too");
    report.coverage.unread = 0;
    assert_eq!(code(&mut report, FailOn::Error), 1);
    assert_eq!(code(&mut report, FailOn::Never), 0);
    report.findings.retain(|finding| finding.level != Level::Error);
    assert_eq!(code(&mut report, FailOn::Error), 0);
    assert_eq!(code(&mut report, FailOn::Warning), 1);
    report.findings.retain(|finding| finding.level == Level::Note);
    assert_eq!(code(&mut report, FailOn::Warning), 0);
    assert!(human(&report, |_| ()).contains("no violations, no hazards in 2 packages"));
    report.coverage = Coverage::default();
    assert_eq!(code(&mut report, FailOn::Never), 2, "nothing was linted");
    assert!(human(&report, |_| ()).ends_with("exit status 2: there was nothing to lint\n"));
}

#[test]
fn json_as_recorded_and_as_promised() {
    let report = report();
    let text = text(&report, &Format::Json);
    // The version of the tool moves on; the recording need not.
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    golden("report.json", &text.replacen(&version, "\"version\": \"0.0.0\"", 1));

    let document: Value = serde_json::from_str(&text).expect("it is JSON");
    let schema = schema();
    if let Err(error) = schema.validate(&document) {
        panic!("{} at {}", error, error.instance_path());
    }
    let session = &document["findings"][1];
    assert_eq!(session["span"]["start"], json!({"line": 6, "column": 17, "offset": 148}));
    assert_eq!(session["because"][3]["file"], "src/routes/login.rs");
    assert_eq!(document["findings"].as_array().map(Vec::len), Some(6), "notes are always there");
    assert_eq!(document["findings"][0]["suppressed"], "only a gauge");
    assert_eq!(document["problems"][1]["span"], Value::Null);
}

#[test]
fn schema_refuses_what_is_not_promised() {
    let good: Value = serde_json::from_str(&text(&report(), &Format::Json)).expect("it is JSON");
    let schema = schema();
    assert!(schema.is_valid(&good));
    let broken: [(&str, Value); 9] = [
        ("/version", json!(2)),
        ("/findings/0/level", json!("fatal")),
        ("/findings/0/rule", json!("In-Process")),
        ("/findings/0/span", Value::Null),
        ("/findings/0/file", json!("src\\main.rs")),
        ("/findings/0/because", json!([{"message": "no place"}])),
        ("/problems/0/span/start/line", json!(0)),
        ("/coverage/files", json!(-1)),
        ("/summary", json!({"errors": 1})),
    ];
    for (place, value) in broken {
        let mut bad = good.clone();
        *bad.pointer_mut(place).expect("the place is there") = value.clone();
        assert!(!schema.is_valid(&bad), "{place} may not be {value}");
    }
    let fields = good["findings"][0].as_object().expect("an object").keys();
    for field in fields {
        let mut bad = good.clone();
        bad["findings"][0].as_object_mut().expect("an object").remove(field);
        assert!(!schema.is_valid(&bad), "`{field}` may not be missing");
    }
}

fn schema() -> jsonschema::Validator {
    let text = include_str!("../schema/report-1.json");
    let schema: Value = serde_json::from_str(text).expect("the schema is JSON");
    jsonschema::draft202012::new(&schema).expect("the schema is a schema")
}
