//! Does SARIF keep to its schema, and to what code scanning asks beyond it?

use std::collections::BTreeSet;

use serde_json::{Value, json};
use twelve_lint::report::Format;
use twelve_lint::rules::RULES;

use crate::{json as parsed, live, plain, root, run, sample, schema, services, valid};

fn sarif() -> jsonschema::Validator {
    let text = include_str!("../schemas/sarif-2.1.0.json");
    // Two patterns close a bracket that they never opened, which only some engines let pass.
    let (odd, mended) = ("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}?$");
    assert_eq!(text.matches(odd).count(), 2);
    schema(&text.replace(odd, mended))
}

/// Every place of a document where `test` holds.
fn places(value: &Value, at: String, test: &dyn Fn(&str, &Value) -> bool, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, inner) in fields {
                let at = format!("{at}/{key}");
                if test(key, inner) {
                    found.push(at.clone());
                }
                places(inner, at, test, found);
            }
        }
        Value::Array(list) => {
            for (index, inner) in list.iter().enumerate() {
                places(inner, format!("{at}/{index}"), test, found);
            }
        }
        _ => {}
    }
}

#[test]
fn keeps_to_its_schema_and_to_what_services_refuse() {
    let schema = sarif();
    for report in services() {
        let document = parsed(&sample::text(report, &Format::Sarif(plain(report))));
        valid(&schema, &document);
        let run = &document["runs"][0];
        let results = run["results"].as_array().expect("results");
        assert_eq!(results.len(), live(report));
        let mut refused = Vec::new();
        let empty = |key: &str, value: &Value| value == &json!([]) && key != "results";
        places(&json!({ "results": results }), String::new(), &empty, &mut refused);
        places(&run["invocations"], String::new(), &empty, &mut refused);
        let zero = |key: &str, value: &Value| {
            (key.ends_with("Line") || key.ends_with("Column")) && value.as_u64() == Some(0)
        };
        places(&document, String::new(), &zero, &mut refused);
        assert!(refused.is_empty(), "{refused:?}");
        let prints: BTreeSet<String> =
            results.iter().map(|result| result["partialFingerprints"].to_string()).collect();
        assert_eq!(prints.len(), results.len(), "one for each finding");
        assert!(results.iter().all(|one| {
            let prints = one["partialFingerprints"].as_object().expect("fingerprints");
            !prints.contains_key("primaryLocationLineHash") && prints.len() == 1
        }));
    }
    let report = sample::pedantic();
    let mut bad = parsed(&sample::text(&report, &Format::Sarif(plain(&report))));
    bad["runs"][0]["results"][0]["level"] = json!("fatal");
    assert!(!schema.is_valid(&bad), "the schema refuses something");
}

#[test]
fn holds_rules_steps_and_problems() {
    let report = sample::pedantic();
    let document = parsed(&sample::text(&report, &Format::Sarif(plain(&report))));
    let run = &document["runs"][0];
    assert!(run["tool"]["driver"]["informationUri"].is_string());
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    assert_eq!(rules.len(), RULES.len());
    for (shown, rule) in rules.iter().zip(RULES) {
        assert_eq!(shown["id"], rule.id);
        let name = shown["name"].as_str().expect("a name");
        assert_eq!(name.to_lowercase(), rule.id.replace('_', ""));
        assert!(name.starts_with(char::is_uppercase) && name.chars().all(char::is_alphabetic));
        let help = shown["help"]["markdown"].as_str().expect("help");
        assert!(help.starts_with("## What it finds") && help.contains("## Instead"), "{help}");
    }
    let results = run["results"].as_array().expect("results");
    let session = results.iter().find(|one| one["ruleId"] == "in_process_session");
    let session = session.expect("the session");
    let index = session["ruleIndex"].as_u64().expect("an index") as usize;
    assert_eq!(rules[index]["id"], session["ruleId"]);
    let flow = &session["codeFlows"][0]["threadFlows"][0]["locations"];
    let steps = flow.as_array().expect("steps");
    assert_eq!(steps.len(), 5);
    assert_eq!(steps[3]["location"]["message"]["text"], "a session is put in");
    assert_eq!(session["relatedLocations"].as_array().map(Vec::len), Some(5));
    let place = &session["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"], json!({"uri": "src/main.rs", "uriBaseId": "%SRCROOT%"}));
    assert_eq!(place["region"]["startColumn"], 17, "columns count characters");
    let told = run["invocations"][0]["toolExecutionNotifications"].as_array().expect("problems");
    assert_eq!(told.len(), report.problems.len());
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    assert_eq!(told[0]["locations"][0]["physicalLocation"]["region"]["startColumn"], 12);
}

#[test]
fn paths_start_at_the_repository_or_where_one_says() {
    let folder = root().join("fixtures/sticky_session/bad");
    let uri = |args: &[&str]| {
        let (_, out, _) = run(&folder, args, &[]);
        let document = parsed(&out);
        let first = &document["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        first["artifactLocation"]["uri"].as_str().unwrap_or_default().to_owned()
    };
    let here = uri(&["--format", "sarif", "--path-base", "."]);
    assert!(folder.join(&here).is_file(), "{here}");
    // Where this is a checkout of the repository, the rest of the way stands before it.
    if root().join(".git").exists() {
        assert_eq!(uri(&["--format", "sarif"]), format!("fixtures/sticky_session/bad/{here}"));
    }
    let elsewhere = uri(&["--format", "sarif", "--path-base", "src"]);
    assert!(elsewhere.starts_with("file:///") && elsewhere.ends_with(&here), "{elsewhere}");
}
