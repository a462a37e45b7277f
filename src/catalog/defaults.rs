//! What is a field of a configuration when nobody sets it? Attributes that say so.

use serde::Deserialize;

/// An attribute of a field that gives its default.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultFact {
    /// The last segment of the attribute.
    pub attribute: String,
    #[serde(default)]
    pub also: Vec<String>,
    /// The name inside it that is set to the default.
    pub key: String,
    pub gives: DefaultGives,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DefaultGives {
    /// The text itself.
    Text,
    /// The path of a function that makes it.
    Function,
    /// The variable of the environment that it comes from.
    Variable,
}

impl DefaultFact {
    pub fn is(&self, attribute: &str, key: &str) -> bool {
        self.key == key
            && std::iter::once(&self.attribute).chain(&self.also).any(|a| a == attribute)
    }
}
