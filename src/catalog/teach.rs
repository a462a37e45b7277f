//! What does the user's configuration add to the catalogue? Facts like the built-in ones, keyed by
//! paths as written; those of items of the tree are found there by `resolve`.

use super::{
    AttributeFact, AttributeMeaning, CallFact, Catalog, DiskEffect, EntryKind, ImplementFact,
    RegisterFact, Role, ServeFact, ShareFact, load,
};
use crate::config::{Config, FunctionSays, FunctionWord, Runs, TypeSays, TypeWord};

/// What steps and coverage call a framework that only its user knows.
const FRAMEWORK: &str = "configuration";

impl Catalog {
    /// Adds what a configuration says; it wins over what is built in.
    pub fn teach(&mut self, config: &Config) {
        for entry in &config.types {
            self.teach_type(&entry.name, &entry.says);
        }
        for entry in &config.functions {
            self.teach_function(&entry.name, &entry.says);
        }
    }

    /// The paths that users have taught, in order.
    pub fn taught(&self) -> impl Iterator<Item = &str> {
        self.taught.iter().map(String::as_str)
    }

    /// Whether nothing is judged in a function, or in the methods of a type, of that path.
    pub fn is_opaque(&self, path: &str) -> bool {
        self.opaque.contains(path)
    }

    fn note(&mut self, path: &str) -> String {
        self.taught.insert(path.to_string());
        let path = self.canonical(path).into_owned();
        self.known.extend(load::prefixes(&path));
        path
    }

    fn teach_type(&mut self, name: &str, says: &TypeSays) {
        let path = self.note(name);
        if let Some(word) = says.is {
            let is = role(word);
            if matches!(is, Role::BackingService | Role::Telemetry | Role::Control | Role::Value) {
                self.opaque.insert(path.clone());
            }
            let mut fact = self.type_fact(&path).cloned().unwrap_or_default();
            fact.path.clone_from(&path);
            fact.is = is;
            if !says.changes.is_empty() {
                fact.changes.clone_from(&says.changes);
            }
            let told = [&fact.changes, &fact.fills, &fact.counts, &fact.lends];
            fact.by_use = told.iter().all(|list| list.is_empty())
                && matches!(is, Role::Cache | Role::SharedCollection | Role::RateLimiter);
            if is == Role::Pointer && fact.wraps.is_empty() {
                fact.wraps.push("new".into());
            }
            fact.why = text(&says.why, &fact.why, "the configuration says what it is");
            fact.instead = text(&says.instead, &fact.instead, "");
            let returns = self.by_type.get(&path).map(|index| self.returns[*index].clone());
            self.by_type.insert(path.clone(), self.files.types.len());
            self.files.types.push(fact);
            self.returns.push(returns.unwrap_or_default());
        }
        if let Some(runs) = says.registers {
            self.by_implement.insert(path.clone(), self.files.implements.len());
            self.files.implements.push(ImplementFact {
                path,
                kind: kind(runs),
                methods: says.methods.clone(),
                shares_self: true,
                framework: FRAMEWORK.into(),
                ..ImplementFact::default()
            });
        }
    }

    fn teach_function(&mut self, name: &str, says: &FunctionSays) {
        let path = self.note(name);
        let at = says.at.unwrap_or(0);
        let framework = || FRAMEWORK.to_string();
        if let Some(runs) = says.registers {
            self.by_register.insert(path.clone(), self.files.registers.len());
            // A taught registration says nothing of what it hands to closures.
            self.register_hands.push(Vec::new());
            self.files.registers.push(RegisterFact {
                path: path.clone(),
                kind: kind(runs),
                at,
                framework: framework(),
                ..RegisterFact::default()
            });
            let means = match runs {
                Runs::Handler => AttributeMeaning::Handler,
                Runs::Job | Runs::Task => AttributeMeaning::Job,
            };
            self.by_attribute.insert(path.clone(), self.files.attributes.len());
            self.files.attributes.push(AttributeFact {
                path: path.clone(),
                means,
                framework: framework(),
                why: says.why.clone(),
                instead: says.instead.clone(),
                ..AttributeFact::default()
            });
        }
        let disk = match says.is {
            None => return,
            Some(FunctionWord::Serves) => {
                self.by_serve.insert(path.clone(), self.files.serves.len());
                let fact = ServeFact { path, framework: framework(), ..ServeFact::default() };
                return self.files.serves.push(fact);
            }
            Some(FunctionWord::Shares) => {
                self.by_share.insert(path.clone(), self.files.shares.len());
                let why = text(&says.why, "", "handed to every handler here");
                let fact =
                    ShareFact { path, at, framework: framework(), why, ..ShareFact::default() };
                return self.files.shares.push(fact);
            }
            Some(FunctionWord::BackingService | FunctionWord::Telemetry) => {
                self.opaque.insert(path);
                return;
            }
            Some(FunctionWord::WritesDisk) => DiskEffect::Write,
            Some(FunctionWord::RemovesDisk) => DiskEffect::Remove,
            Some(FunctionWord::ReadsDisk) => DiskEffect::Read,
            Some(FunctionWord::OpensDatabase) => DiskEffect::OpenDatabase,
            Some(FunctionWord::Temporary) => DiskEffect::Temporary,
        };
        self.by_call.insert(path.clone(), self.files.calls.len());
        self.files.calls.push(CallFact {
            path,
            disk: Some(disk),
            at: Some(at),
            why: text(&says.why, "", "the configuration says what it does"),
            instead: says.instead.clone(),
            ..CallFact::default()
        });
        self.call_returns.push(None);
    }
}

fn text(told: &str, known: &str, otherwise: &str) -> String {
    [told, known].into_iter().find(|text| !text.is_empty()).unwrap_or(otherwise).to_string()
}

fn kind(runs: Runs) -> EntryKind {
    match runs {
        Runs::Handler => EntryKind::Handler,
        Runs::Job => EntryKind::Job,
        Runs::Task => EntryKind::Task,
    }
}

fn role(word: TypeWord) -> Role {
    match word {
        TypeWord::BackingService => Role::BackingService,
        TypeWord::Cache => Role::Cache,
        TypeWord::ProcessLocal => Role::SharedCollection,
        TypeWord::SessionStore => Role::SessionStore,
        TypeWord::RateLimiter => Role::RateLimiter,
        TypeWord::Pointer => Role::Pointer,
        TypeWord::Telemetry => Role::Telemetry,
        TypeWord::Control => Role::Control,
        TypeWord::Value => Role::Value,
    }
}
