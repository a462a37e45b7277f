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
    /// With which it only asks: its first words in this order, options left out, and the options
    /// that are named. `get-*` is all that begin so, `_` any one word, `.` that there are no more.
    /// None: it always asks.
    #[serde(default)]
    pub asks_with: Vec<String>,
    /// Options that another word follows, where they stand before what it is asked.
    #[serde(default)]
    pub valued: Vec<String>,
    /// ProgramWords with which it changes something all the same; `*=*` is all that have that inside.
    #[serde(default)]
    pub changes_with: Vec<String>,
    /// Options behind which stands a script of commands.
    #[serde(default)]
    pub runs_with: Vec<String>,
    /// It asks another machine, or what others change as well.
    #[serde(default)]
    pub elsewhere: bool,
}

/// The words with which a program is started.
#[derive(Debug, Clone, Copy)]
pub struct ProgramWords<'w> {
    /// In their order; nobody knows what the empty ones say.
    pub list: &'w [Option<&'w str>],
    /// Whether there are no others.
    pub all: bool,
}

impl AsksFact {
    /// Whether a program of that name is meant.
    pub fn is(&self, name: &str) -> bool {
        self.name == name || self.also.iter().any(|also| also == name)
    }

    /// Whether it only asks with these words.
    fn only_asks(&self, words: ProgramWords<'_>) -> bool {
        let mut known = words.list.iter().flatten();
        let changes = |word: &&str| self.changes_with.iter().any(|other| fits(other, word));
        if known.any(changes) || !words.all && !self.changes_with.is_empty() {
            return false;
        }
        let plain = self.plain(words.list);
        let asks = |line: &String| self.begins(line, words, &plain);
        self.asks_with.is_empty() || self.asks_with.iter().any(asks)
    }

    /// Whether it is started with what a line says.
    fn begins(&self, line: &str, words: ProgramWords<'_>, plain: &[Option<&str>]) -> bool {
        let mut rest = plain.iter();
        line.split(' ').all(|part| match part {
            "." => words.all && rest.next().is_none(),
            _ if is_option(part) => words.list.iter().flatten().any(|word| fits(part, word)),
            _ => rest.next().is_some_and(|word| word.is_some_and(|word| fits(part, word))),
        })
    }

    /// The words that are no options, and no values of these.
    fn plain<'w>(&self, words: &[Option<&'w str>]) -> Vec<Option<&'w str>> {
        let mut plain = Vec::new();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word {
                Some(word) if is_option(word) => {
                    if self.valued.iter().any(|valued| valued == word) {
                        words.next();
                    }
                }
                _ => plain.push(*word),
            }
        }
        plain
    }
}

fn is_option(word: &str) -> bool {
    word.len() > 1 && word.starts_with('-')
}

fn fits(pattern: &str, word: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        _ if pattern == "_" => true,
        (Some(end), Some(_)) => word.contains(end.trim_end_matches('*')),
        (Some(end), None) => word.ends_with(end),
        (None, Some(start)) => word.starts_with(start),
        (None, None) => pattern == word,
    }
}

/// Where a program that only asks does so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    Here,
    Elsewhere,
}

/// Whether a program only asks that is started by this path with these words, and where.
pub(super) fn asked(facts: &[AsksFact], path: &str, words: ProgramWords<'_>) -> Option<Asked> {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let name = name.strip_suffix(".exe").unwrap_or(name);
    // What it is called, and how old it is, every program tells.
    if words.all && matches!(words.list, [Some("--version" | "-V" | "--help")]) {
        return Some(Asked::Here);
    }
    let fact = facts.iter().find(|fact| fact.is(name))?;
    if !fact.runs_with.is_empty() {
        let [Some(option), Some(script)] = words.list else { return None };
        let runs = words.all && fact.runs_with.iter().any(|word| word == option);
        return runs.then(|| asked_by(facts, script)).flatten();
    }
    let place = if fact.elsewhere { Asked::Elsewhere } else { Asked::Here };
    fact.only_asks(words).then_some(place)
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
        let words: Vec<_> =
            command.split_whitespace().map(|word| Some(word.trim_matches(['"', '\'']))).collect();
        let (name, words) = words.split_first()?;
        let words = ProgramWords { list: words, all: true };
        most = most.max(Some(asked(facts, (*name)?, words)?));
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct File {
        asks: Vec<AsksFact>,
    }

    /// `?` is a word that nobody knows, `..` any number of them.
    fn asks(line: &str) -> bool {
        let text = include_str!("../../rules/catalog/programs.toml");
        let file: File = toml::from_str(text).expect("facts");
        let mut words = line.split(' ');
        let name = words.next().expect("a program");
        let list: Vec<_> = words.map(|word| (word != "?").then_some(word)).collect();
        let all = list.last() != Some(&Some(".."));
        let list = if all { &list[..] } else { &list[..list.len() - 1] };
        asked(&file.asks, name, ProgramWords { list, all }).is_some()
    }

    #[test]
    fn only_what_is_known_to_ask_asks() {
        for line in [
            "df -h ?",
            "/usr/bin/git -C ? log -1",
            "git config --global user.email",
            "git remote -v",
            "git branch --show-current",
            "kubectl -n ? get pods ..",
            "docker compose -f ? ps --all",
            "aws --region ? ec2 describe-instances",
            "gcloud compute instances list",
            "find ? -name *.old",
            "hostname -I",
            "date +%s",
            "ip -j addr show dev ?",
            "iptables -t nat -L -n",
            "sysctl -n hw.memsize",
            "systemctl --user is-active ?",
            "nginx -t",
            "aws s3 ls",
        ] {
            assert!(asks(line), "{line}");
        }
        for line in [
            "git -C ? pull",
            "git ?",
            "git lfs migrate import",
            "git config --global user.email ?",
            "git config --unset user.email",
            "git remote -v update",
            "git branch -D old",
            "kubectl wait --for=delete ?",
            "kubectl ..",
            "docker service rollout inspect",
            "docker compose up ps",
            "aws ec2 reboot-instances describe-instances",
            "aws s3api get-object --bucket b --key k f",
            "aws s3 cp ls ?",
            "gcloud compute instances suspend ?",
            "gcloud compute instances ? list",
            "find ? -delete",
            "find ..",
            "hostname ?",
            "date 010100002030",
            "ip link set dev eth0 down",
            "ip route flush cache",
            "iptables -A INPUT -j DROP",
            "sysctl -n a.b=1",
            "nginx -s reload",
            "virsh migrate --live ?",
            "bitcoin-cli walletpassphrase ? 60",
            "gh workflow enable ?",
            "systemctl reload-or-restart ?",
            "pdftotext a b",
            "sh -c ?",
        ] {
            assert!(!asks(line), "{line}");
        }
    }
}
