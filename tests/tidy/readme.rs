//! Is the README's table of rules what the pages say? `BLESS=1` writes it.

use twelve_lint::rules::RULES;

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
