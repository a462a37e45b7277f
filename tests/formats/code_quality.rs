//! Does GitLab show every finding? Its rules for code quality, and one fingerprint for each.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use twelve_lint::diagnostic::Severity;
use twelve_lint::report::Format;

use crate::{json as parsed, live, plain, sample, schema, services, valid};

#[test]
fn gitlab_shows_every_finding() {
    let schema = schema(include_str!("../schemas/gitlab-code-quality.json"));
    for report in services() {
        let text = sample::text(report, &Format::Gitlab(plain(report)));
        let mut document = parsed(&text);
        if report.root.ends_with("shop") {
            // The sample's fingerprints are made to be read.
            for issue in document.as_array_mut().into_iter().flatten() {
                let print = issue["fingerprint"].as_str().unwrap_or_default().to_owned();
                let hex: String = print.bytes().map(|byte| format!("{byte:02x}")).collect();
                issue["fingerprint"] = json!(hex[hex.len().saturating_sub(32)..]);
            }
        }
        valid(&schema, &document);
        let issues = document.as_array().expect("an array");
        let errors = report.problems.iter().filter(|one| one.severity == Severity::Error).count();
        assert_eq!(issues.len(), live(report) + errors);
        let prints: BTreeSet<&str> =
            issues.iter().filter_map(|issue| issue["fingerprint"].as_str()).collect();
        assert_eq!(prints.len(), issues.len(), "GitLab shows one issue for each fingerprint");
    }
}

#[test]
fn levels_and_problems_have_their_severity() {
    let report = sample::pedantic();
    let document = parsed(&sample::text(&report, &Format::Gitlab(plain(&report))));
    let severity = |name: &str| {
        let mut issues = document.as_array().into_iter().flatten();
        issues
            .find(|issue| issue["check_name"] == name)
            .map_or(Value::Null, |issue| issue["severity"].clone())
    };
    assert_eq!(severity("in_process_session"), "major");
    assert_eq!(severity("in_process_cache"), "minor");
    assert_eq!(severity("global_mutable_state"), "info");
    assert_eq!(severity("problem_parse"), "critical");
}
