//! What is a violation? One file per rule, each a question put to the finished model.

use serde::Deserialize;

/// The factor that every rule is about, and where it is written down.
pub const FACTOR_URL: &str = "https://12factor.net/processes";

/// A rule: its name everywhere, what it claims, and the question it asks.
#[derive(Debug)]
pub struct Rule {
    /// `snake_case`; the stem of its page, its code file and its fixtures.
    pub id: &'static str,
    /// The text of `rules/<id>.md`.
    pub page: &'static str,
}

/// The head of a rule's page.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meta {
    /// One sentence: what is wrong, small first letter, no full stop.
    pub summary: String,
    /// `memory`, `disk` or `deploy`.
    pub group: String,
    /// `violation`, `hazard`.
    pub verdicts: Vec<String>,
    /// The version that had it first.
    pub since: String,
}

/// Every rule, in the order of their ids.
pub static RULES: &[Rule] = &[];

impl Rule {
    /// Reads the page's head, the first fenced `toml` block.
    ///
    /// # Errors
    /// The page has no such block, or the block is not what [`Meta`] says.
    pub fn meta(&self) -> Result<Meta, String> {
        let head = self.page.split("```toml\n").nth(1).and_then(|rest| rest.split("\n```").next());
        let head = head.ok_or_else(|| format!("rules/{}.md has no ```toml head", self.id))?;
        toml::from_str(head).map_err(|error| format!("rules/{}.md: {error}", self.id))
    }
}

/// The rule of that name.
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}
