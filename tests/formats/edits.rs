//! Does whoever makes the edits of a format come to the text that `--fix` comes to?

use cargo_metadata::diagnostic::Applicability;
use serde_json::Value;
use twelve_lint::diagnostic::Report;
use twelve_lint::fix;
use twelve_lint::report::Format;

use crate::{cargo, json, plain, sample, services};

/// A place: line and column from 1.
type Place = (u64, u64);

/// What `--fix` makes of the file of each finding that has an edit, in the report's order.
fn expected(report: &Report) -> Vec<(String, String)> {
    let fixed = report.findings.iter().filter_map(|finding| {
        let file = report.sources.get(finding.at.file);
        let after = fix::apply(&file.text, &finding.fix.as_ref()?.edits);
        Some((file.text.to_string(), after))
    });
    fixed.collect()
}

/// A text with what stands between places replaced; columns count characters or bytes.
fn replaced(text: &str, edits: &[(Place, Place, String)], bytes: bool) -> String {
    let offset = |(line, column): Place| {
        let start: usize = text.split_inclusive('\n').take(line as usize - 1).map(str::len).sum();
        let before = column as usize - 1;
        match bytes {
            true => start + before,
            false => start + text[start..].chars().take(before).map(char::len_utf8).sum::<usize>(),
        }
    };
    let mut out = text.to_string();
    for (start, end, text) in edits.iter().rev() {
        out.replace_range(offset(*start)..offset(*end), text);
    }
    out
}

/// Compares what the edits of a format make with what `--fix` does.
#[track_caller]
fn same(report: &Report, edits: Vec<Vec<(Place, Place, String)>>, bytes: bool) -> usize {
    let expected = expected(report);
    assert_eq!(edits.len(), expected.len(), "{}", report.root.display());
    for (edits, (before, after)) in edits.iter().zip(&expected) {
        assert_eq!(replaced(before, edits, bytes), *after);
        assert_ne!(before, after);
    }
    edits.len()
}

fn number(value: &Value, key: &str) -> u64 {
    value[key].as_u64().unwrap_or_else(|| panic!("no {key}: {value}"))
}

#[test]
fn code_scanning_has_them_as_fixes() {
    let mut count = 0;
    for report in services() {
        let document = json(&sample::text(report, &Format::Sarif(plain(report))));
        let results = document["runs"][0]["results"].as_array().expect("results");
        let fixes = results.iter().filter(|result| result.get("fixes").is_some()).map(|result| {
            let fix = &result["fixes"][0];
            assert!(fix["description"]["text"].is_string(), "{fix}");
            let change = &fix["artifactChanges"][0];
            let place = &result["locations"][0]["physicalLocation"];
            assert_eq!(change["artifactLocation"], place["artifactLocation"]);
            let edits = change["replacements"].as_array().expect("replacements").iter();
            let edits = edits.map(|edit| {
                let at = &edit["deletedRegion"];
                let start = (number(at, "startLine"), number(at, "startColumn"));
                let end = (number(at, "endLine"), number(at, "endColumn"));
                (start, end, edit["insertedContent"]["text"].as_str().unwrap_or("").to_owned())
            });
            edits.collect()
        });
        count += same(report, fixes.collect(), false);
    }
    assert!(count > 3, "{count}");
}

#[test]
fn reviewdog_has_them_as_suggestions_that_are_whole() {
    let mut count = 0;
    for report in services() {
        let document = json(&sample::text(report, &Format::Rdjson(plain(report))));
        let told = document["diagnostics"].as_array().expect("diagnostics").iter();
        let fixes = told.filter_map(|one| one["suggestions"].as_array()).map(|suggestions| {
            // Each is made by itself.
            assert_eq!(suggestions.len(), 1);
            let one = &suggestions[0];
            let place = |key: &str| {
                let at = &one["range"][key];
                (number(at, "line"), number(at, "column"))
            };
            let text = one["text"].as_str().expect("a text").to_owned();
            vec![(place("start"), place("end"), text)]
        });
        count += same(report, fixes.collect(), true);
    }
    assert!(count > 3, "{count}");
}

#[test]
fn rust_analyzer_has_them_as_what_a_machine_may_do() {
    let mut count = 0;
    for report in services() {
        let messages = cargo::messages(&cargo::stream(report));
        let fixes = messages.iter().filter_map(|message| {
            let child = message.message.children.iter().find(|child| !child.spans.is_empty())?;
            let edits = child.spans.iter().map(|span| {
                assert!(span.is_primary, "editors pass over the others");
                let safe = Some(Applicability::MachineApplicable);
                assert_eq!(span.suggestion_applicability, safe);
                assert_eq!(span.text.len(), span.line_end - span.line_start + 1);
                let text = span.suggested_replacement.clone().expect("what stands there then");
                let start = (span.line_start as u64, span.column_start as u64);
                (start, (span.line_end as u64, span.column_end as u64), text)
            });
            Some(edits.collect())
        });
        count += same(report, fixes.collect(), false);
    }
    assert!(count > 3, "{count}");
}

#[test]
fn people_are_told_of_them() {
    let report = sample::pedantic();
    let told = "set `sessionAffinity` to `None` (`--fix` does)";
    for format in [
        Format::Human(Default::default()),
        Format::Markdown(Default::default()),
        Format::Github(plain(&report)),
        Format::Gitlab(plain(&report)),
        Format::Junit(plain(&report)),
    ] {
        assert!(sample::text(&report, &format).contains(told), "{format:?}");
    }
}
