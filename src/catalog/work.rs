//! What can be said about the work that calls do outside the process?

use serde::Deserialize;

/// What a call asks of something outside the process, by what doing it twice would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Work {
    /// Asks to be told: what follows is done when somebody says so.
    Listen,
    /// Only asks.
    Read,
    /// Puts something where the store keeps one of it, whoever comes: once more is as good as once.
    Settle,
    /// Sets what the store forgets after a while: so it is done, and nobody counts on finding it.
    Fade,
    /// Deletes or sets: once more changes nothing.
    Repeat,
    /// Calls another process by a method of its own: what that does nobody knows here.
    Call,
    /// Asks a service for something by a call that does not say what.
    Ask,
    /// Runs a program of its own; nobody knows what that does.
    Run,
    /// Tells somebody: a mail, a message, a webhook.
    Send,
    /// Adds or counts: once more is once too often.
    Write,
    /// Adds it where it is not there yet: the store refuses the second time.
    Once,
    /// Takes rows or elements, and gives them to whoever asked: nobody else gets them.
    Take,
    /// Takes it so that no other process does.
    Claim,
}

/// What the methods and functions of crates ask of something outside the process. Statements in
/// SQL are read, and need no entry.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkFact {
    /// Crates, as the code names them; empty: names that mean this wherever they are called on
    /// something that is not of the tree.
    #[serde(default)]
    pub of: Vec<String>,
    pub is: Work,
    /// Names of functions and methods; `*` are all others that the crates have.
    pub names: Vec<String>,
    /// Of `*`: names that ask nothing.
    #[serde(default)]
    pub unless: Vec<String>,
    /// They mean this only where they are given one of these words: a text, or the last name of a
    /// path, such as `NX` or `Method::POST`.
    #[serde(default)]
    pub said: Vec<String>,
}

/// What a name means that is called on something of a crate.
#[derive(Debug, Clone)]
pub(super) struct Meaning {
    /// Empty: of any crate.
    pub(super) of: String,
    /// Empty: whatever it is given.
    pub(super) said: String,
    pub(super) is: Work,
    /// Of `*`: names that ask nothing.
    unless: Vec<String>,
}

impl Meaning {
    pub(super) fn new(fact: &WorkFact, of: &str, said: &str) -> Meaning {
        let unless = fact.unless.clone();
        Meaning { of: of.to_string(), said: said.to_string(), is: fact.is, unless }
    }
}

/// What a name that is called on something of the crate `of` means among these; what it is given
/// speaks first, its own crate before any other.
pub(super) fn meaning(
    known: &[Meaning],
    name: &str,
    of: Option<&str>,
    is_said: impl Fn(&str) -> bool,
) -> Option<Work> {
    let fits = |meaning: &&Meaning| {
        let own = Some(meaning.of.as_str()) == of || meaning.of.is_empty();
        let asks = meaning.unless.iter().all(|unless| unless != name);
        own && asks && (meaning.said.is_empty() || is_said(&meaning.said))
    };
    let rank = |meaning: &&Meaning| (!meaning.of.is_empty(), !meaning.said.is_empty());
    known.iter().filter(fits).max_by_key(rank).map(|meaning| meaning.is)
}
