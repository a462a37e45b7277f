//! What can be said about a key in a deploy file?

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SettingMeaning {
    /// Sends one client to one process.
    Sticky,
}

/// A key in a deploy file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingFact {
    /// `kubernetes`, `compose`: which kind of document holds it.
    pub format: String,
    /// Where in the object (a Kubernetes resource, a compose service), `/`-separated; `*` stands
    /// for any text, `~1` for a `/` inside of a key. Case does not count.
    pub key: String,
    /// Kinds of object it counts for (`Service`); empty: all.
    #[serde(default)]
    pub kinds: Vec<String>,
    pub means: SettingMeaning,
    /// Values that switch it on, with `*`; empty: every value that is not in `off`.
    #[serde(default)]
    pub on: Vec<String>,
    /// Values, with `*`, that choose the process by what is asked for and not by who asks.
    #[serde(default)]
    pub hazard: Vec<String>,
    /// Values that switch it off; empty: the usual ones, such as `false` and `None`.
    #[serde(default)]
    pub off: Vec<String>,
    /// Facts of one site name and one first `*` are one setting of an object: the first of them
    /// that is on is reported, and one that is off switches all of them off.
    #[serde(default)]
    pub site: String,
    /// Keys that do nothing alone, and belong to the finding.
    #[serde(default)]
    pub companions: Vec<String>,
    /// Keys and the value with which they make this one dead.
    #[serde(default)]
    pub unless: BTreeMap<String, String>,
    #[serde(default)]
    pub why: String,
    #[serde(default)]
    pub instead: String,
}

/// A backing service that people run beside their own: what is set for it is no concern of ours.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackingFact {
    /// Last parts of image names, without tag.
    pub images: Vec<String>,
    /// Ports that nothing else listens on.
    #[serde(default)]
    pub ports: Vec<u16>,
}
