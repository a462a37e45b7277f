//! How does Rust code say what a key of a deploy file says?

use serde::Deserialize;

use super::{Catalog, SettingFact, star};

/// Another way to set a key of deploy files: a field, or a key and its value as texts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodedFact {
    /// The format and the key of the setting; what its values mean, that says.
    pub format: String,
    #[serde(default)]
    pub setting: String,
    /// Instead of one key, all settings beneath these keys, by what follows there.
    #[serde(default)]
    pub beneath: String,
    /// Types of other crates, and their field.
    #[serde(default)]
    pub of: Vec<String>,
    #[serde(default)]
    pub field: String,
    /// The text that stands for the key.
    #[serde(default)]
    pub key: String,
    /// Crates to whose values the text has to be given; empty: anything may hold it.
    #[serde(default)]
    pub crates: Vec<String>,
}

/// Where code says a key.
#[derive(Debug, Clone, Copy)]
pub enum CodedAt<'t> {
    Field {
        of: &'t str,
        name: &'t str,
    },
    /// A text, given to something of these crates.
    Text {
        key: &'t str,
        crates: &'t [&'t str],
    },
}

/// What a value does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coded {
    /// Index in the settings.
    pub setting: usize,
    pub hazard: bool,
}

impl Catalog {
    /// What code sets, where it is on.
    pub fn coded(&self, at: CodedAt<'_>, value: &str) -> Option<Coded> {
        let any = |patterns: &[String]| patterns.iter().any(|one| star(one, value).is_some());
        self.coded_settings(at).find_map(|(setting, fact)| {
            let (on, hazard) = (any(&fact.on), any(&fact.hazard));
            (on || hazard).then_some(Coded { setting, hazard: !on })
        })
    }

    /// Whether a field of that name may be one.
    pub fn is_coded_field(&self, name: &str) -> bool {
        self.files.coded.iter().any(|fact| !name.is_empty() && fact.field == name)
    }

    /// Whether a text is a key that code may set.
    pub fn is_coded_key(&self, key: &str) -> bool {
        let Some(fact) = self.files.coded.iter().find(|fact| fact.key == key) else {
            return self.coded_settings(CodedAt::Text { key, crates: &[] }).next().is_some();
        };
        fact.crates.is_empty()
    }

    fn coded_settings<'c>(
        &'c self,
        at: CodedAt<'c>,
    ) -> impl Iterator<Item = (usize, &'c SettingFact)> {
        let facts = self.files.coded.iter().filter(move |fact| match at {
            CodedAt::Field { of, name } => fact.field == name && fact.of.iter().any(|o| o == of),
            CodedAt::Text { key, crates } => {
                let given = crates.iter().any(|one| fact.crates.iter().any(|own| own == one));
                let named = !fact.key.is_empty() && fact.key == key;
                // Keys of that kind begin with somebody's domain.
                let beneath = !fact.beneath.is_empty() && key.contains('.') && key.contains('/');
                (named || beneath) && (fact.crates.is_empty() || given)
            }
        });
        facts.flat_map(move |fact| {
            let settings = self.files.settings.iter().enumerate();
            settings.filter(move |(_, setting)| {
                setting.format == fact.format
                    && match (at, fact.beneath.as_str()) {
                        (CodedAt::Text { key, .. }, beneath) if !beneath.is_empty() => {
                            let rest = setting.key.strip_prefix(beneath);
                            let rest = rest.and_then(|rest| rest.strip_prefix('/'));
                            rest.is_some_and(|rest| star(&rest.replace("~1", "/"), key).is_some())
                        }
                        _ => setting.key == fact.setting,
                    }
            })
        })
    }
}
