//! Are the formats of lines what editors and programs read line by line?

use regex::Regex;
use serde_json::{Value, json};
use twelve_lint::report::Format;

use crate::{json as parsed, live, plain, sample, services, valid};

#[test]
fn short_lines_are_what_the_matchers_of_editors_know() {
    // VS Code's `$gcc`.
    let gcc = r"^(.*?):(\d+):(\d*):?\s+(?:fatal\s+)?(warning|error|info|note):\s+(.*)$";
    let gcc = Regex::new(gcc).expect("a pattern");
    for report in services() {
        let text = sample::text(report, &Format::Short(plain(report)));
        let matched: Vec<_> = text.lines().filter_map(|line| gcc.captures(line)).collect();
        let placed = report.problems.iter().filter(|one| !one.path.as_os_str().is_empty()).count();
        assert_eq!(matched.len(), live(report) + placed, "{text}");
        for found in &matched {
            assert!(found[5].ends_with(']'), "the rule stands last: {}", &found[0]);
        }
    }
    let report = sample::pedantic();
    let text = sample::text(&report, &Format::Short(plain(&report)));
    assert!(text.starts_with("src/main.rs:6:17: error: `AppState::sessions` keeps"), "{text}");
    assert!(text.contains("\nsrc/latin.rs:1:1: error: not UTF-8"), "{text}");
    assert!(!text.contains('\u{1b}'), "what the source holds does not steer the terminal");
    assert!(
        text.contains("1 suppressed") && text.contains("\nexit status 2: 2 problems"),
        "{text}"
    );
    let quiet = Format::Short(twelve_lint::report::Plain { quiet: true, ..plain(&report) });
    let quiet = sample::text(&report, &quiet);
    assert_eq!(quiet.lines().count(), live(&report) + report.problems.len(), "{quiet}");
}

#[test]
fn json_lines_keep_to_their_schema_and_say_where_they_end() {
    let report_schema = parsed(include_str!("../../schema/report-1.json"));
    let mut schema = parsed(include_str!("../../schema/report-lines-1.json"));
    let base = "https://example.org/schema/";
    schema["$id"] = json!(format!("{base}report-lines-1.json"));
    let registry = jsonschema::Registry::new()
        .add(format!("{base}report-1.json"), report_schema)
        .and_then(|registry| registry.prepare())
        .expect("the schema has a name");
    let schema = jsonschema::options().with_registry(&registry).build(&schema);
    let schema = schema.expect("the schema is a schema");
    for report in services() {
        let text = sample::text(report, &Format::JsonLines);
        let lines: Vec<Value> = text.lines().map(parsed).collect();
        lines.iter().for_each(|line| valid(&schema, line));
        let of_type = |name: &str| lines.iter().filter(|line| line["type"] == name).count();
        assert_eq!(of_type("finding"), report.findings.len());
        assert_eq!(of_type("problem"), report.problems.len());
        assert_eq!(lines[0]["type"], "report");
        assert_eq!(lines[lines.len() - 1]["type"], "summary");
        // The records are those of the one document.
        let whole = parsed(&sample::text(report, &Format::Json));
        let mut first = lines[1].clone();
        first.as_object_mut().expect("an object").remove("type");
        if let Some(finding) = whole["findings"].get(0) {
            assert_eq!(&first, finding);
        }
    }
    assert!(!schema.is_valid(&json!({"type": "finding"})));
    assert!(!schema.is_valid(&json!({"type": "other"})));
}
