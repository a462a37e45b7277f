//! Do CI servers read it as tests? A parser of theirs, and the structure that Jenkins' schema asks for.

use roxmltree::{Document, Node};
use twelve_lint::diagnostic::{Level, Severity};
use twelve_lint::report::Format;
use twelve_lint::rules::RULES;

use crate::{live, plain, sample, services};

type Names = &'static [&'static str];

/// For each element of Jenkins' `junit-10.xsd` that we use: attributes it must and may have, and
/// what stands in it.
const ALLOWED: &[(&str, Names, Names, Names)] = &[
    ("testsuites", &[], &["name", "time", "tests", "failures", "errors"], &["testsuite"]),
    (
        "testsuite",
        &["name", "tests", "failures", "errors"],
        &["skipped", "timestamp", "time", "hostname", "id", "package", "file"],
        &["testcase", "properties", "system-out", "system-err"],
    ),
    (
        "testcase",
        &["name"],
        &["classname", "time", "group"],
        &["skipped", "error", "failure", "system-out", "system-err"],
    ),
    ("failure", &[], &["type", "message"], &[]),
    ("error", &[], &["type", "message"], &[]),
    ("skipped", &[], &["type", "message"], &[]),
];

fn keeps(node: Node) {
    let name = node.tag_name().name();
    let (_, must, may, inner) =
        ALLOWED.iter().find(|(element, ..)| *element == name).expect("an element of the schema");
    for attribute in *must {
        assert!(node.has_attribute(*attribute), "`{name}` needs `{attribute}`");
    }
    for attribute in node.attributes() {
        let known = must.contains(&attribute.name()) || may.contains(&attribute.name());
        assert!(known, "`{name}` has no `{}`", attribute.name());
    }
    for child in node.children().filter(Node::is_element) {
        assert!(inner.contains(&child.tag_name().name()), "`{name}` holds {child:?}");
        keeps(child);
    }
}

#[test]
fn servers_read_every_finding() {
    for report in services() {
        let text = sample::text(report, &Format::Junit(plain(report)));
        let document = Document::parse(&text).expect("it is XML");
        keeps(document.root_element());
        let read = junit_parser::from_reader(text.as_bytes()).expect("it is JUnit's");
        let cases: Vec<_> = read.suites.iter().flat_map(|suite| &suite.cases).collect();
        let errors = report.problems.iter().filter(|one| one.severity == Severity::Error).count();
        let findings = report.findings.iter().filter(|f| f.suppressed.is_none());
        let notes = findings.filter(|one| one.level == Level::Note).count();
        let failed = cases.iter().filter(|case| case.status.is_failure()).count();
        assert_eq!(failed, live(report) - notes);
        assert_eq!(cases.iter().filter(|case| case.status.is_error()).count(), errors);
        assert_eq!((read.failures, read.errors), (failed as u64, errors as u64));
        assert_eq!(read.tests, cases.len() as u64);
        for suite in &read.suites {
            assert_eq!(suite.tests, suite.cases.len() as u64, "{}", suite.name);
        }
        let passed = cases.iter().filter(|case| case.status.is_success()).count();
        assert!(report.findings.is_empty() || passed < RULES.len() * read.suites.len());
    }
}

#[test]
fn a_service_without_findings_passes() {
    let report = crate::linted(&["fixtures/in_process_session/good"]);
    let text = sample::text(&report, &Format::Junit(plain(&report)));
    let read = junit_parser::from_reader(text.as_bytes()).expect("it is JUnit's");
    assert_eq!((read.tests, read.failures, read.errors), (RULES.len() as u64, 0, 0));
}

#[test]
fn what_xml_cannot_say_does_not_break_it() {
    let mut report = sample::pedantic();
    report.findings[1].message = "a\u{0}b\u{1b}[31m <&>\"' \u{ffff}\r\n\tc".into();
    let text = sample::text(&report, &Format::Junit(plain(&report)));
    let document = Document::parse(&text).expect("it is XML");
    let messages: Vec<&str> =
        document.descendants().filter_map(|node| node.attribute("message")).collect();
    assert!(messages.contains(&"a\u{fffd}b\u{fffd}[31m <&>\"' \u{fffd}\r\n\tc"), "{messages:?}");
}
