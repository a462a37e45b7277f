//! Does reviewdog understand it? Its schema, and columns that count bytes.

use serde_json::json;
use twelve_lint::report::Format;

use crate::{json as parsed, live, plain, sample, schema, services, valid};

#[test]
fn keeps_to_its_schema() {
    let schema = schema(include_str!("../schemas/rdformat.json"));
    for report in services() {
        let document = parsed(&sample::text(report, &Format::Rdjson(plain(report))));
        valid(&schema, &document);
        let told = document["diagnostics"].as_array().expect("diagnostics");
        assert_eq!(told.len(), live(report) + report.problems.len());
    }
}

#[test]
fn columns_count_bytes() {
    let report = sample::pedantic();
    let document = parsed(&sample::text(&report, &Format::Rdjson(plain(&report))));
    let told = document["diagnostics"].as_array().expect("diagnostics");
    let session = told.iter().find(|one| one["code"]["value"] == "in_process_session");
    let session = session.expect("the session");
    // Two characters before it take two bytes each.
    let start = &session["location"]["range"]["start"];
    assert_eq!(*start, json!({"line": 6, "column": 19}));
    assert_eq!(session["related_locations"].as_array().map(Vec::len), Some(5));
    assert_eq!(session["severity"], "ERROR");
}
