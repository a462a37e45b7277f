//! What do names mean everywhere? Macros, methods, the prelude, crates under other names.

use std::collections::BTreeMap;

use serde::Deserialize;

/// How the tokens of a macro are read, by the last segment of its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MacroTokens {
    /// Expressions between commas: `vec!`, `join!`, `assert!`.
    Expressions,
    /// A format string and its arguments, inline names included: `format!`, `info!`.
    Format,
    /// `static ref NAME: T = ..;` items.
    LazyStatic,
    /// `static NAME: T = ..;` items, one value per thread.
    ThreadLocal,
    /// `pattern = future => body` arms.
    Select,
    /// `if #[cfg(..)] { items } else { items }`.
    CfgIf,
    /// `condition => { items }` arms, of which the first that holds is there.
    CfgSelect,
    /// JSON-like text with expressions in it.
    Json,
    /// Statements, as in a block.
    Statements,
    /// Paths of functions: `routes![a, b]`.
    Paths,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MacroFact {
    pub name: String,
    #[serde(default)]
    pub also: Vec<String>,
    pub tokens: MacroTokens,
    /// What it is given says nothing of what it gives: `env!`.
    #[serde(default)]
    pub apart: bool,
    /// Where an item stands: it writes modules with clients of services, told to be of this crate.
    #[serde(default)]
    pub writes: String,
    /// How the names of these modules end.
    #[serde(default)]
    pub ending: String,
    /// It does so only in packages that use this crate.
    #[serde(default)]
    pub beside: String,
    /// The type that the macro gives, with its first argument's type as parameter; for macros that
    /// declare statics, the type around the declared one.
    #[serde(default)]
    pub makes: String,
}

/// What a method of that name gives on any type that does not say otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Universal {
    /// The same thing: `as_ref`, `unwrap` on something that is not known to be a carrier.
    Same,
    /// A copy of it: `clone`, `to_owned`.
    Copy,
    /// It, or what is handed over: `unwrap_or_else`.
    Or,
    /// Nothing: it becomes what is handed over, as in an assignment: `clone_from`.
    Become,
}

/// A method that means the same on every type.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MethodFact {
    pub name: String,
    #[serde(default)]
    pub also: Vec<String>,
    #[serde(default)]
    pub gives: Option<Universal>,
    /// Only makes a value of its type, of whatever crate: `Client::new`.
    #[serde(default)]
    pub constructs: bool,
    /// Gives what the function makes that is handed over: `map`.
    #[serde(default)]
    pub maps: bool,
    /// Many types of the standard library have it: of a value of which nothing is known it says
    /// nothing.
    #[serde(default)]
    pub usual: bool,
    /// See [`CallFact::accepts`].
    #[serde(default)]
    pub accepts: bool,
    /// Is this associated function of the type that is asked for: `url.parse::<T>()` is
    /// `T::from_str(url)`.
    #[serde(default)]
    pub asks: String,
    /// Hands what it is given to whoever is at the other end, unless that is a channel.
    #[serde(default)]
    pub tells: bool,
    /// Gives all of what it is called on.
    #[serde(default)]
    pub turns: Option<Turned>,
}

/// How a method gives all of what it is called on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Turned {
    /// The same again.
    Copy,
    /// Another form, where it is a text or a number.
    Text,
}

/// Crates, or types of the language, whose functions give what follows from what they are handed,
/// on every machine and at any time.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComputesFact {
    pub name: String,
    #[serde(default)]
    pub also: Vec<String>,
    /// Modules and types of these that ask the machine or the clock.
    #[serde(default)]
    pub but: Vec<String>,
}

/// A name that is in force everywhere: `Vec` is `std::vec::Vec`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreludeFact {
    pub path: String,
}

/// A crate under another name: `rocket::tokio` is `tokio`, `core` is `std`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReexportFact {
    pub from: String,
    pub to: String,
}

/// A derive that makes no value of the type out of anything else: `Debug`, `Clone`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeriveFact {
    pub name: String,
    #[serde(default)]
    pub also: Vec<String>,
    /// The type is then seen through to its one field, or to the one that the attribute of this
    /// name marks.
    #[serde(default)]
    pub sees_through: String,
    /// Values of the type are written down for others: as JSON, as a message.
    #[serde(default)]
    pub written: bool,
    /// Types that the derive declares beside the item, and what is known of each by its path.
    #[serde(default)]
    pub declares: BTreeMap<String, String>,
    /// The type can do all that this one of a crate can.
    #[serde(default)]
    pub like: String,
}

/// A package whose library has another name than itself: `rust-s3` is `s3` in code.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LibraryFact {
    pub package: String,
    /// As the code names it, with `_`.
    pub name: String,
}
