//! Does GitHub read the annotations as they are meant, whatever a message holds?

use std::collections::BTreeMap;

use twelve_lint::diagnostic::Step;
use twelve_lint::report::Format;

use crate::{live, plain, sample, services};

/// A command as GitHub's runner reads it.
#[derive(Debug)]
struct Command {
    name: String,
    properties: BTreeMap<String, String>,
    data: String,
}

fn unescaped(text: &str, is_property: bool) -> String {
    let text = text.replace("%0D", "\r").replace("%0A", "\n");
    let text = match is_property {
        true => text.replace("%3A", ":").replace("%2C", ","),
        false => text,
    };
    text.replace("%25", "%")
}

fn command(line: &str) -> Option<Command> {
    let rest = line.strip_prefix("::")?;
    let (head, data) = rest.split_once("::").expect("a command has an end");
    let (name, list) = head.split_once(' ').unwrap_or((head, ""));
    let properties = list.split(',').filter_map(|one| one.split_once('='));
    let properties = properties.map(|(key, value)| (key.to_owned(), unescaped(value, true)));
    let properties = properties.collect();
    Some(Command { name: name.to_owned(), properties, data: unescaped(data, false) })
}

#[test]
fn every_finding_is_an_annotation() {
    for report in services() {
        let text = sample::text(report, &Format::Github(plain(report)));
        let commands: Vec<Command> = text.lines().filter_map(command).collect();
        assert_eq!(commands.len(), live(report) + report.problems.len());
        let rank = |name: &str| match name {
            "error" => 0,
            "warning" => 1,
            "notice" => 2,
            other => panic!("no command of GitHub: {other}"),
        };
        let ranks: Vec<i32> = commands.iter().map(|one| rank(&one.name)).collect();
        assert!(ranks.is_sorted(), "ten are shown, so the gravest come first");
        for command in &commands {
            let known = ["file", "line", "endLine", "col", "endColumn", "title"];
            let mut keys = command.properties.keys();
            assert!(keys.all(|key| known.contains(&&**key)), "{command:?}");
            let one_line = command.properties.get("line") == command.properties.get("endLine");
            assert!(one_line || !command.properties.contains_key("col"), "{command:?}");
        }
    }
}

#[test]
fn what_a_text_holds_does_not_end_the_command() {
    let mut report = sample::pedantic();
    let session = &mut report.findings[1];
    session.message = "50% of a::b, c\r\n::error::injected %0A".into();
    session.because = vec![Step::new(session.at, "a,b:c")];
    let odd = report.sources.add("/srv/shop/src/a,b:c%.rs".into(), "x".into());
    session.at = twelve_lint::source::Span::new(odd, 0, 1);
    let text = sample::text(&report, &Format::Github(plain(&report)));
    let commands: Vec<Command> = text.lines().filter_map(command).collect();
    assert_eq!(commands.len(), live(&report) + report.problems.len());
    let told = commands.iter().find(|one| one.properties["title"] == "in_process_session");
    let told = told.expect("the finding");
    assert!(told.data.starts_with("50% of a::b, c\r\n::error::injected %0A\n"), "{told:?}");
    assert_eq!(told.properties["file"], "src/a,b:c%.rs");
    assert!(!commands.iter().any(|one| one.data == "injected %0A"));
}
