//! Do findings speak as findings should, and does our own package stand up to its own rules?

use twelve_lint::diagnostic::{Level, Severity};
use twelve_lint::discover::Selection;
use twelve_lint::source::Sources;

use crate::{entries, nothing, root};

#[test]
fn findings_say_what_is_so_and_help_says_what_to_do() {
    let mut wrong = Vec::new();
    for group in entries(&root().join("fixtures")) {
        let paths = entries(&group).into_iter().filter(|path| path.is_dir()).collect();
        let selection = Selection { paths, ..Selection::default() };
        for finding in twelve_lint::check(Sources::default(), &selection).findings {
            let rule = finding.rule;
            let mut check = |what: &str, text: &str| {
                if text.is_empty() || text.ends_with('.') || text.contains("  ") {
                    wrong.push(format!(
                        "{rule}: {what} is there, has no full stop at its end and no gap: {text:?}"
                    ));
                }
            };
            check("a message", &finding.message);
            check("a consequence", &finding.consequence);
            check("help", &finding.help);
            for step in &finding.because {
                check("a step", &step.message);
            }
            let text = [&finding.consequence, &finding.help];
            if text.iter().any(|text| text.starts_with(|c: char| c.is_uppercase())) {
                wrong.push(format!("{rule}: consequence and help start small: {text:?}"));
            }
            if ["use ", "should ", "please"].iter().any(|word| finding.message.starts_with(word)) {
                wrong.push(format!("{rule}: a message says what is so: {:?}", finding.message));
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    nothing(wrong);
}

#[test]
fn our_own_package_is_clean() {
    let selection = Selection { paths: vec![root().to_path_buf()], ..Selection::default() };
    let report = twelve_lint::check(Sources::default(), &selection);
    let mut wrong = Vec::new();
    for finding in report.findings.iter().filter(|finding| finding.level != Level::Note) {
        let file = report.sources.get(finding.at.file);
        let line = file.place(finding.at.start).line;
        wrong.push(format!("{}:{line}: {}", crate::shown(&file.path), finding.message));
    }
    for problem in report.problems.iter().filter(|p| p.severity == Severity::Error) {
        wrong.push(format!("{}: {}", crate::shown(&problem.path), problem.message));
    }
    nothing(wrong);
}
