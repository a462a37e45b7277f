//! The report as JUnit's XML, which every CI server shows as tests.
//!
//! A suite for each package; a case for each finding, and one that passes for each rule that found
//! nothing. Violations and hazards fail; notes are skipped cases; what could not be judged is an
//! error in a suite of its own.

use std::io::{self, Write};

use super::plain::{self, Plain};
use crate::diagnostic::{Diagnostic, Level, Report, Severity};
use crate::discover::relative;
use crate::rules::RULES;

const NAME: &str = env!("CARGO_PKG_NAME");

struct Suite {
    name: String,
    cases: Vec<Case>,
}

struct Case {
    class: String,
    name: String,
    outcome: Option<Outcome>,
}

/// What is inside a case that did not pass.
struct Outcome {
    /// `failure`, `error` or `skipped`.
    element: &'static str,
    kind: String,
    message: String,
    text: String,
}

/// Writes it.
///
/// # Errors
/// The writer fails.
pub fn render(report: &Report, options: &Plain, out: &mut dyn Write) -> io::Result<()> {
    let suites = suites(report, options);
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    let total = |element| suites.iter().map(|suite| suite.count(element)).sum::<usize>();
    let tests: usize = suites.iter().map(|suite| suite.cases.len()).sum();
    let (failures, errors) = (total("failure"), total("error"));
    writeln!(
        out,
        "<testsuites name=\"{NAME}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">"
    )?;
    suites.iter().try_for_each(|suite| suite.write(out))?;
    writeln!(out, "</testsuites>")
}

fn suites(report: &Report, options: &Plain) -> Vec<Suite> {
    let mut names: Vec<&str> =
        report.coverage.packages.iter().map(|package| &*package.name).collect();
    let findings = || plain::shown(report);
    for finding in findings() {
        if !names.contains(&&*finding.package) {
            names.push(&finding.package);
        }
    }
    let mut suites: Vec<Suite> = Vec::new();
    for name in names {
        let class = match name {
            // Deploy files that belong to no package.
            "" => "deploy".to_owned(),
            name => name.to_owned(),
        };
        let mut cases = Vec::new();
        for rule in RULES {
            let before = cases.len();
            let found = findings().filter(|one| one.package == name && one.rule == rule.id);
            cases.extend(found.map(|finding| case(report, options, finding, &class)));
            if cases.len() == before {
                let (class, name) = (format!("{NAME}.{class}"), rule.id.to_owned());
                cases.push(Case { class, name, outcome: None });
            }
        }
        suites.push(Suite { name: class, cases });
    }
    let problems = problems(report, options);
    if !problems.is_empty() {
        suites.push(Suite { name: "not judged".into(), cases: problems });
    }
    suites
}

fn case(report: &Report, options: &Plain, finding: &Diagnostic, class: &str) -> Case {
    let place = plain::place(&report.sources, finding.at, &options.base);
    let mut text = vec![format!("{place}: {}", finding.message)];
    for step in &finding.because {
        let place = plain::place(&report.sources, step.at, &options.base);
        text.push(format!("{place}: {}", step.message));
    }
    text.extend(plain::details(finding));
    let outcome = Outcome {
        element: if finding.level == Level::Note { "skipped" } else { "failure" },
        kind: plain::verdict(finding.verdict).into(),
        message: finding.message.clone(),
        text: text.join("\n"),
    };
    Case {
        class: format!("{NAME}.{class}"),
        name: format!("{} {place}", finding.rule),
        outcome: Some(outcome),
    }
}

fn problems(report: &Report, options: &Plain) -> Vec<Case> {
    let cases = report.problems.iter().map(|problem| {
        let place = match problem.at {
            Some(at) => plain::place(&report.sources, at, &options.base),
            None => relative(&problem.path, &options.base),
        };
        let code = plain::code(problem);
        Case {
            class: NAME.into(),
            name: format!("{code} {place}").trim_end().into(),
            outcome: Some(Outcome {
                element: if problem.severity == Severity::Error { "error" } else { "skipped" },
                kind: code,
                message: problem.message.clone(),
                text: format!("{place}: {}\nhelp: {}", problem.message, problem.help),
            }),
        }
    });
    cases.collect()
}

impl Suite {
    fn count(&self, element: &str) -> usize {
        let outcomes = self.cases.iter().filter_map(|case| case.outcome.as_ref());
        outcomes.filter(|outcome| outcome.element == element).count()
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let (tests, failures) = (self.cases.len(), self.count("failure"));
        let (errors, skipped) = (self.count("error"), self.count("skipped"));
        let name = attribute(&self.name);
        writeln!(
            out,
            "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" \
             errors=\"{errors}\" skipped=\"{skipped}\">"
        )?;
        for case in &self.cases {
            let (class, name) = (attribute(&case.class), attribute(&case.name));
            let Some(outcome) = &case.outcome else {
                writeln!(out, "    <testcase classname=\"{class}\" name=\"{name}\"/>")?;
                continue;
            };
            let Outcome { element, kind, message, text } = outcome;
            let (kind, message) = (attribute(kind), attribute(message));
            writeln!(out, "    <testcase classname=\"{class}\" name=\"{name}\">")?;
            write!(out, "      <{element} type=\"{kind}\" message=\"{message}\">")?;
            writeln!(out, "{}</{element}>", escaped(text))?;
            writeln!(out, "    </testcase>")?;
        }
        writeln!(out, "  </testsuite>")
    }
}

/// A text inside an element. What XML has no way to say at all becomes a mark.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' => out.push(c),
            '\r' => out.push_str("&#13;"),
            c if u32::from(c) < 0x20 || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                out.push('\u{fffd}')
            }
            c => out.push(c),
        }
    }
    out
}

/// A text inside an attribute, where line breaks would become blanks.
fn attribute(text: &str) -> String {
    escaped(text).replace('\n', "&#10;").replace('\t', "&#9;")
}
