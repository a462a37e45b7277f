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
    /// Deletes or sets: once more changes nothing.
    Repeat,
    /// Runs a program of its own; nobody knows what that does.
    Run,
    /// Tells somebody: a mail, a message, a webhook.
    Send,
    /// Adds or counts: once more is once too often.
    Write,
    /// Takes it so that no other process does, or lets the store refuse the second time.
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
    /// Names of functions and methods.
    pub names: Vec<String>,
}
