//! Which programs only ask something, and leave everything as it is?

use serde::Deserialize;

/// A program that a service starts and that, with some words or with any, changes nothing.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AsksFact {
    /// The file's name, without its folder.
    pub name: String,
    #[serde(default)]
    pub also: Vec<String>,
    /// Words, all of a line, with which it only asks; `get-*` is all that begin so. None: it always
    /// asks.
    #[serde(default)]
    pub asks_with: Vec<String>,
    /// Words with which it only asks where one word stands beside them that is no option.
    #[serde(default)]
    pub asks_with_one: Vec<String>,
    /// Words with which it changes something, besides those with which it asks.
    #[serde(default)]
    pub changes_with: Vec<String>,
    /// Options behind which stands a script of commands.
    #[serde(default)]
    pub runs_with: Vec<String>,
    /// It asks another machine, or what others change as well.
    #[serde(default)]
    pub elsewhere: bool,
}

impl AsksFact {
    /// Whether a program of that name is meant.
    pub fn is(&self, name: &str) -> bool {
        self.name == name || self.also.iter().any(|also| also == name)
    }

    /// Whether it only asks with these words; `all` says that there are no others.
    fn only_asks(&self, words: &[&str], all: bool) -> bool {
        let fits = |pattern: &str, word: &str| match pattern.strip_suffix('*') {
            Some(start) => word.starts_with(start),
            None => pattern == word,
        };
        let said = |pattern: &str| words.iter().any(|word| fits(pattern, word));
        let lines = self.asks_with.iter().filter(|line| line.split(' ').all(said));
        let parts: Vec<&str> = lines.flat_map(|line| line.split(' ')).collect();
        let one = |word: &String| {
            let plain = words.iter().filter(|word| !word.starts_with('-')).count();
            all && plain == 2 && said(word)
        };
        if self.asks_with_one.iter().any(one) {
            return true;
        }
        let asks = !parts.is_empty() || self.asks_with.is_empty();
        let mut others = words.iter().filter(|word| !parts.iter().any(|part| fits(part, word)));
        asks && !others.any(|word| self.changes_with.iter().any(|other| fits(other, word)))
    }
}

/// Where a program that only asks does so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    Here,
    Elsewhere,
}

/// Whether a program only asks that is started by this path with these words, and where; `all` says
/// that there are no others.
pub(super) fn asked(facts: &[AsksFact], path: &str, words: &[&str], all: bool) -> Option<Asked> {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let name = name.strip_suffix(".exe").unwrap_or(name);
    // What it is called, and how old it is, every program tells.
    if all && matches!(words, ["--version" | "-V" | "--help"]) {
        return Some(Asked::Here);
    }
    let fact = facts.iter().find(|fact| fact.is(name))?;
    if !fact.runs_with.is_empty() {
        let [option, script] = words else { return None };
        let runs = all && fact.runs_with.iter().any(|word| word == option);
        return runs.then(|| asked_by(facts, script)).flatten();
    }
    let place = if fact.elsewhere { Asked::Elsewhere } else { Asked::Here };
    fact.only_asks(words, all).then_some(place)
}

/// The same, of all commands of a script.
fn asked_by(facts: &[AsksFact], script: &str) -> Option<Asked> {
    let script = script.replace("2>/dev/null", "").replace("2>&1", "");
    if script.contains(['>', '`', '$', '{', '(', '<']) {
        return None;
    }
    let commands = script.split(['|', ';', '&', '\n']).map(str::trim);
    let mut most = None;
    for command in commands.filter(|command| !command.is_empty()) {
        let words: Vec<&str> =
            command.split_whitespace().map(|word| word.trim_matches(['"', '\''])).collect();
        let (name, words) = words.split_first()?;
        most = most.max(Some(asked(facts, name, words, true)?));
    }
    most
}
