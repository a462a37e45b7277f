//! Is the README's table of rules what the pages say? `BLESS=1` writes it.

use twelve_lint::discover::Selection;
use twelve_lint::report::human;
use twelve_lint::rules::RULES;
use twelve_lint::source::Sources;

use crate::{nothing, root};

const BEGIN: &str = "<!-- rules -->\n";
const END: &str = "<!-- /rules -->";

fn table() -> String {
    let mut table = String::from("| rule | what is wrong | verdict |\n|---|---|---|\n");
    for rule in RULES {
        let meta = rule.meta().expect("every page has a head: see `pages_are_whole`");
        let (id, verdicts) = (rule.id, meta.verdicts.join(", "));
        table.push_str(&format!("| [`{id}`](rules/{id}.md) | {} | {verdicts} |\n", meta.summary));
    }
    table
}

#[test]
fn the_finding_at_the_top_is_one_that_is_found() {
    let folder = root().join("fixtures/in_process_session/bad");
    let selection = Selection { paths: vec![folder.clone()], ..Selection::default() };
    let report = twelve_lint::check(Sources::default(), &selection);
    let options = human::Options { base: folder, ..human::Options::default() };
    let mut page = Vec::new();
    human::render(&report, &options, &mut page).expect("a buffer takes everything");
    // What the rest of the fixture is marked with is of no interest there.
    let page = String::from_utf8(page).expect("UTF-8");
    let marks = regex::Regex::new(" *(//|#)~.*").expect("a pattern");
    let page = marks.replace_all(&page, "");
    let text = std::fs::read_to_string(root().join("README.md")).expect("there is a README.md");
    let shown = text.split("```text\n").nth(1).and_then(|rest| rest.split("```").next());
    let shown = shown.expect("README.md shows a finding");
    assert!(page.contains(shown), "README.md shows\n{shown}\nand found is\n{page}");
}

#[test]
fn the_table_is_what_the_pages_say() {
    let path = root().join("README.md");
    let text = std::fs::read_to_string(&path).expect("there is a README.md");
    let (before, rest) = text.split_once(BEGIN).expect("README.md has a `<!-- rules -->` line");
    let (found, after) = rest.split_once(END).expect("README.md has a `<!-- /rules -->` line");
    let table = table();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).expect("it is ours");
        return;
    }
    let odd = |one: &str, other: &str, sign: char| -> Vec<String> {
        let odd = one.lines().filter(|line| !other.lines().any(|known| known == *line));
        odd.map(|line| format!("{sign} {line}")).collect()
    };
    let mut wrong = odd(found, &table, '-');
    wrong.extend(odd(&table, found, '+'));
    if found != table {
        wrong.push("`BLESS=1 cargo test --test tidy` writes the README's table anew".into());
    }
    nothing(wrong);
}
