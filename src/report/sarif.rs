//! The report as SARIF 2.1.0, for code scanning and viewers.
//!
//! Paths are relative to the base, which is `%SRCROOT%` there. Our fingerprint has a name of its
//! own: services that compute theirs leave it alone. Arrays that would be empty are left out but
//! for `results`, as some services refuse them.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::plain::{self, Plain};
use super::{Status, json as contract, uri};
use crate::diagnostic::{Diagnostic, Fix, Level, Report, Step};
use crate::discover::relative;
use crate::rules::{FACTOR_URL, RULES, Rule};
use crate::source::Span;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// What relative paths start from.
const ROOT: &str = "%SRCROOT%";
/// The name of our fingerprint, with the version of what it is made of.
const FINGERPRINT: &str = "twelveLint/v1";

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Value; 1],
}

/// Writes it.
///
/// # Errors
/// The writer fails.
pub fn render(report: &Report, options: &Plain, out: &mut dyn Write) -> io::Result<()> {
    let page = Page { report, options };
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: [page.run()] };
    serde_json::to_writer_pretty(&mut *out, &log)?;
    out.write_all(b"\n")
}

struct Page<'a> {
    report: &'a Report,
    options: &'a Plain,
}

impl Page<'_> {
    fn run(&self) -> Value {
        let results = plain::shown(self.report);
        let results: Vec<Value> = results.map(|finding| self.result(finding)).collect();
        json!({
            "tool": { "driver": {
                "name": env!("CARGO_PKG_NAME"),
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": FACTOR_URL,
                "rules": RULES.iter().map(rule).collect::<Vec<Value>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { ROOT: { "description": { "text": "the root of the repository" } } },
            "invocations": [self.invocation()],
            "results": results,
            "properties": {
                "coverage": contract::coverage(self.report),
                "summary": contract::summary(self.report),
            },
        })
    }

    /// How the run went, with what could not be judged.
    fn invocation(&self) -> Value {
        let status = Status::of(self.report);
        let mut invocation = json!({
            "executionSuccessful": !matches!(status, Status::Incomplete(_)),
            "exitCode": status.code(),
        });
        let told = self.report.problems.iter().map(|problem| {
            let text = match problem.help.is_empty() {
                true => problem.message.clone(),
                false => format!("{}\nhelp: {}", problem.message, problem.help),
            };
            let mut told = json!({
                "descriptor": { "id": plain::code(problem) },
                "level": plain::level(plain::severity(problem)),
                "message": { "text": text },
            });
            let place = match problem.at {
                Some(at) => Some(self.physical(at)),
                None if problem.path.as_os_str().is_empty() => None,
                None => Some(json!({ "artifactLocation": self.artifact(&problem.path) })),
            };
            if let Some(place) = place {
                told["locations"] = json!([{ "physicalLocation": place }]);
            }
            told
        });
        let told: Vec<Value> = told.collect();
        if !told.is_empty() {
            invocation["toolExecutionNotifications"] = Value::Array(told);
        }
        invocation
    }

    fn result(&self, finding: &Diagnostic) -> Value {
        let text = std::iter::once(finding.message.clone()).chain(plain::details(finding));
        let text: Vec<String> = text.collect();
        let mut location = json!({ "physicalLocation": self.physical(finding.at) });
        if !finding.item.is_empty() {
            location["logicalLocations"] = json!([{ "fullyQualifiedName": finding.item }]);
        }
        let mut result = json!({
            "ruleId": finding.rule,
            "level": plain::level(finding.level),
            "message": { "text": text.join("\n") },
            "locations": [location],
            "partialFingerprints": { FINGERPRINT: finding.fingerprint },
            "properties": {
                "verdict": plain::verdict(finding.verdict),
                "certainty": plain::certainty(finding.certainty),
                "state": finding.state,
                "package": finding.package,
                "process": contract::process(finding.process),
            },
        });
        if let Some(index) = RULES.iter().position(|rule| rule.id == finding.rule) {
            result["ruleIndex"] = json!(index);
        }
        if let Some(fix) = &finding.fix {
            result["fixes"] = json!([self.fix(finding, fix)]);
        }
        if !finding.because.is_empty() {
            let steps = finding.because.iter().enumerate();
            let related = steps.map(|(index, step)| self.step(step, Some(index)));
            result["relatedLocations"] = related.collect();
            let flow =
                finding.because.iter().map(|step| json!({ "location": self.step(step, None) }));
            let flow: Vec<Value> = flow.collect();
            result["codeFlows"] = json!([{ "threadFlows": [{ "locations": flow }] }]);
        }
        result
    }

    fn fix(&self, finding: &Diagnostic, fix: &Fix) -> Value {
        let replacements = fix.edits.iter().map(|edit| {
            let mut replacement = json!({ "deletedRegion": self.region(edit.at) });
            if !edit.text.is_empty() {
                replacement["insertedContent"] = json!({ "text": edit.text });
            }
            replacement
        });
        json!({
            "description": { "text": fix.message },
            "artifactChanges": [{
                "artifactLocation": self.artifact(&self.report.sources.get(finding.at.file).path),
                "replacements": replacements.collect::<Vec<Value>>(),
            }],
        })
    }

    fn step(&self, step: &Step, id: Option<usize>) -> Value {
        let mut location = Map::new();
        if let Some(id) = id {
            location.insert("id".into(), json!(id));
        }
        location.insert("physicalLocation".into(), self.physical(step.at));
        location.insert("message".into(), json!({ "text": step.message }));
        Value::Object(location)
    }

    fn physical(&self, at: Span) -> Value {
        json!({
            "artifactLocation": self.artifact(&self.report.sources.get(at.file).path),
            "region": self.region(at),
        })
    }

    fn region(&self, at: Span) -> Value {
        let (start, end) = plain::ends(&self.report.sources, at);
        json!({
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
        })
    }

    fn artifact(&self, path: &std::path::Path) -> Value {
        match path.strip_prefix(&self.options.base) {
            Ok(inside) if !inside.as_os_str().is_empty() && !inside.is_absolute() => {
                let path = relative(path, &self.options.base);
                json!({ "uri": uri::escaped(&path), "uriBaseId": ROOT })
            }
            Ok(inside) if !inside.is_absolute() => json!({ "uri": "./", "uriBaseId": ROOT }),
            _ => json!({ "uri": uri::file_url(path) }),
        }
    }
}

/// A rule with its page as help.
fn rule(rule: &Rule) -> Value {
    let mut shown = json!({
        "id": rule.id,
        "name": pascal(rule.id),
        "help": { "text": rule.page.trim_end(), "markdown": page(rule.page) },
        "helpUri": FACTOR_URL,
    });
    let Ok(meta) = rule.meta() else { return shown };
    let level = match meta.verdicts.iter().any(|verdict| verdict == "violation") {
        true => Level::Error,
        false => Level::Warning,
    };
    shown["shortDescription"] = json!({ "text": meta.summary });
    shown["fullDescription"] = json!({ "text": meta.summary });
    shown["defaultConfiguration"] = json!({ "level": plain::level(level) });
    shown["properties"] = json!({
        "tags": ["twelve-factor", "processes", meta.group],
        "problem.severity": plain::level(level),
        "precision": "high",
    });
    shown
}

/// `StickySession`: the validator of SARIF's makers wants a name in this form, and never the id.
fn pascal(id: &str) -> String {
    let words = id.split('_').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_uppercase() + rest
    });
    words.collect()
}

/// A rule's page without its title and its head, which the reader has as fields of their own.
fn page(page: &str) -> &str {
    let body = page.find("\n## ").map_or(page, |at| &page[at..]);
    body.trim()
}
