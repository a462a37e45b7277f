//! What do we know about other people's crates? `rules/catalog/*.toml`, typed and checked.
//!
//! Facts are keyed by the canonical path of an item, such as `std::sync::Mutex`; `also` lists
//! paths of which the same things are true, and `[[reexport]]` says under which other names a
//! crate is to be had. Nothing outside this folder knows a crate by name.

use std::borrow::Cow;
use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

mod coded;
mod defaults;
mod disk;
mod doings;
mod edits;
mod facts;
mod formats;
mod frameworks;
pub mod load;
mod matters;
mod programs;
mod runs;
mod settings;
mod signs;
mod teach;
mod words;
mod work;

pub use coded::*;
pub use defaults::*;
pub use disk::*;
pub use doings::*;
pub use edits::*;
pub use facts::*;
pub use formats::Formats;
pub use frameworks::*;
pub use matters::Said;
pub use programs::*;
pub use runs::*;
pub use settings::*;
pub use words::*;
use work::Meaning;
pub use work::{Work, WorkFact};

/// The catalogue, ready to be asked.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    pub files: CatalogFile,
    pub formats: Formats,
    by_type: FxHashMap<String, usize>,
    by_call: FxHashMap<String, usize>,
    by_register: FxHashMap<String, usize>,
    by_route: FxHashMap<String, usize>,
    by_mount: FxHashMap<String, usize>,
    by_attribute: FxHashMap<String, usize>,
    by_implement: FxHashMap<String, usize>,
    by_share: FxHashMap<String, usize>,
    by_serve: FxHashMap<String, usize>,
    by_takes: FxHashMap<String, usize>,
    by_extract: FxHashMap<String, usize>,
    by_macro: FxHashMap<String, usize>,
    by_crate: FxHashMap<String, usize>,
    /// By the first part of the path under which it is to be had.
    by_reexport: FxHashMap<String, Vec<usize>>,
    /// What a name of a crate asks for; the crate is empty where any is meant.
    by_work: FxHashMap<String, Vec<Meaning>>,
    by_writer: FxHashMap<String, usize>,
    prelude: FxHashMap<String, String>,
    universal: FxHashMap<String, Universal>,
    /// Methods that take the next connection, on whatever type.
    accepting: FxHashSet<String>,
    telling: FxHashSet<String>,
    /// Functions that only make a value of their type, of whatever crate.
    constructing: FxHashSet<String>,
    mapping: FxHashSet<String>,
    /// Method names that some type of the catalogue has: no proof of a type on their own.
    usual: FxHashSet<String>,
    /// Every path with an entry, and every type or module around one.
    known: FxHashSet<String>,
    /// `returns`, parsed: by type, then by method.
    returns: Vec<FxHashMap<String, TypeText>>,
    call_returns: Vec<Option<TypeText>>,
    /// Paths that the user has taught, as written; they may be items of the tree.
    taught: BTreeSet<String>,
    /// Of these, the types and functions in which nothing is judged.
    opaque: FxHashSet<String>,
    extract_returns: Vec<TypeText>,
    register_hands: Vec<Vec<TypeText>>,
}

impl TypeFact {
    /// Whether the entry says anything about a method.
    pub fn names(&self, method: &str) -> bool {
        self.returns.contains_key(method) || self.acts_on_self(method)
    }

    /// Whether a call of a method that is not listed changes what is kept, where the entry leaves
    /// that to how the method is used: it is called for its effect, or given a key and a value.
    pub fn changes_by_use(&self, args: usize, unused: bool) -> bool {
        self.by_use && (unused || args >= 2)
    }

    /// Whether the entry lists a function as one that is called on a value.
    pub fn acts_on_self(&self, method: &str) -> bool {
        let lists = [
            &self.changes,
            &self.fills,
            &self.counts,
            &self.lends,
            &self.sends,
            &self.receives,
            &self.subscribes,
        ];
        lists.into_iter().any(|list| list.iter().any(|known| known == method))
    }
}

impl CallFact {
    /// Whether a call of it matters by itself, not only for what it gives.
    pub fn is_noted(&self) -> bool {
        self.disk.is_some()
            || self.does.is_some()
            || self.random
            || self.takes_over
            || self.events
            || !self.keys.is_empty()
    }
}

impl Catalog {
    /// The path that the catalogue knows an item by: re-exports followed.
    pub fn canonical<'p>(&self, path: &'p str) -> Cow<'p, str> {
        let mut path = Cow::Borrowed(path);
        // A re-export may lead to another; a circle is refused when the catalogue is loaded.
        while let Some(fact) = self.reexported(&path) {
            path = format!("{}{}", fact.to, &path[fact.from.len()..]).into();
        }
        if self.knows(&path) {
            return path;
        }
        match self.handed_on(&path) {
            Some(inner) => inner.into(),
            None => path,
        }
    }

    /// What a path is of a crate that another hands on whole, under the names that it has:
    /// `hub::tokio::sync::Mutex`.
    fn handed_on(&self, path: &str) -> Option<String> {
        let inside = |path| Some(without_first(path)?).filter(|rest| without_first(rest).is_some());
        // Most crates hand on nothing, and every path of the tree comes here: a name that no path
        // of the catalogue begins with is passed over without more ado.
        let begins = |rest: &&str| {
            let first = first_of(rest);
            self.knows(first) || self.by_reexport.contains_key(first)
        };
        let rests = std::iter::successors(inside(path), |rest| inside(rest));
        let known = rests.filter(begins).map(|rest| self.canonical(rest));
        known.into_iter().find(|inner| self.knows(inner)).map(Cow::into_owned)
    }

    fn reexported(&self, path: &str) -> Option<&ReexportFact> {
        let known = self.by_reexport.get(first_of(path))?.iter();
        known.map(|index| &self.files.reexports[*index]).find(|fact| under(path, &fact.from))
    }

    pub fn type_fact(&self, path: &str) -> Option<&TypeFact> {
        self.by_type.get(path).map(|i| &self.files.types[*i])
    }

    /// What a type of that path is; a crate's own entry speaks where the type has none.
    pub fn role(&self, path: &str) -> Option<Role> {
        match self.type_fact(path) {
            Some(fact) => Some(fact.is),
            None => self.crate_fact(path).map(|fact| fact.is),
        }
    }

    /// The name in code of a package's library, where that is not the package's own.
    pub fn library(&self, package: &str) -> Option<&str> {
        let fact = self.files.libraries.iter().find(|fact| fact.package == package)?;
        Some(&fact.name)
    }

    /// The entry for the crate that a path starts with.
    pub fn crate_fact(&self, path: &str) -> Option<&CrateFact> {
        let index = self.by_crate.get(first_of(path))?;
        Some(&self.files.crates[*index])
    }

    pub fn call(&self, path: &str) -> Option<&CallFact> {
        self.call_number(path).map(|i| &self.files.calls[i])
    }

    /// The entry for calling `path`, by its number in `files`.
    pub(crate) fn call_number(&self, path: &str) -> Option<usize> {
        self.by_call.get(path).copied()
    }

    /// What calling `name` asks of something outside the process; `of` is the crate that the
    /// function, or the value it is called on, comes from, `is_said` whether it is given a word.
    pub fn work(
        &self,
        name: &str,
        of: Option<&str>,
        is_said: impl Fn(&str) -> bool,
    ) -> Option<Work> {
        let known = |key: &str| work::meaning(self.by_work.get(key)?, name, of, &is_said);
        known(name).or_else(|| known("*"))
    }

    /// A macro, by the last segment of its path, that writes modules with clients of services.
    pub fn writes(&self, name: &str) -> Option<&MacroFact> {
        let fact = &self.files.macros[*self.by_macro.get(name)?];
        (!fact.writes.is_empty()).then_some(fact)
    }

    /// Whether some crate has a call of that name which asks something of the outside.
    pub fn is_work(&self, name: &str) -> bool {
        self.by_work.contains_key(name)
    }

    /// Whether messages go through a crate both ways: it sends, and is listened to.
    pub fn is_broker(&self, krate: &str) -> bool {
        let has = |work: Work| {
            let known = self.by_work.values().flatten();
            known.into_iter().any(|meaning| meaning.of == krate && meaning.is == work)
        };
        has(Work::Send) && has(Work::Listen)
    }

    pub fn register(&self, path: &str) -> Option<&RegisterFact> {
        self.by_register.get(path).map(|i| &self.files.registers[*i])
    }

    /// A call that puts routes beneath a prefix.
    pub fn mount(&self, path: &str) -> Option<&MountFact> {
        self.by_mount.get(path).map(|i| &self.files.mounts[*i])
    }

    pub fn route(&self, path: &str) -> Option<&RouteFact> {
        self.by_route.get(path).map(|i| &self.files.routes[*i])
    }

    pub fn attribute(&self, path: &str) -> Option<&AttributeFact> {
        self.by_attribute.get(path).map(|i| &self.files.attributes[*i])
    }

    pub fn implement(&self, path: &str) -> Option<&ImplementFact> {
        self.by_implement.get(path).map(|i| &self.files.implements[*i])
    }

    pub fn share(&self, path: &str) -> Option<&ShareFact> {
        self.by_share.get(path).map(|i| &self.files.shares[*i])
    }

    /// Whether what a macro is given says nothing of what it gives.
    pub fn is_apart(&self, name: &str) -> bool {
        self.by_macro.get(name).is_some_and(|index| self.files.macros[*index].apart)
    }

    /// What the name `key` inside an attribute of a field says of the field's default.
    pub fn default_of(&self, attribute: &str, key: &str) -> Option<DefaultGives> {
        let mut facts = self.files.defaults.iter();
        facts.find(|fact| fact.is(attribute, key)).map(|fact| fact.gives)
    }

    /// Whether a statement makes a database write a file.
    pub fn is_writing(&self, statement: &str) -> bool {
        self.files.statements.iter().any(|fact| fact.is(statement))
    }

    /// What is known of the folder of the machine that a path lies in, where that is filled anew at
    /// each start.
    pub fn boot(&self, path: &str) -> Option<&BootFact> {
        self.files.boots.iter().find(|fact| fact.holds(path))
    }

    /// A program that writes files, by the path under which it is started.
    pub fn writer(&self, path: &str) -> Option<&WriterFact> {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        let name = name.strip_suffix(".exe").unwrap_or(name);
        self.by_writer.get(name).map(|index| &self.files.writers[*index])
    }

    pub fn serve(&self, path: &str) -> Option<&ServeFact> {
        self.by_serve.get(path).map(|i| &self.files.serves[*i])
    }

    pub fn takes(&self, path: &str) -> Option<&TakesFact> {
        self.by_takes.get(path).map(|i| &self.files.takes[*i])
    }

    /// What a call gives that asks for a shared value by its type.
    pub fn extracted(&self, path: &str) -> Option<&TypeText> {
        self.by_extract.get(path).map(|i| &self.extract_returns[*i])
    }

    /// What a registered closure is given.
    pub fn register_hands(&self, path: &str) -> &[TypeText] {
        self.by_register.get(path).map_or(&[], |i| &self.register_hands[*i])
    }

    /// Whether a call of that path means anything here.
    pub fn knows_call(&self, path: &str) -> bool {
        self.by_call.contains_key(path)
            || self.by_register.contains_key(path)
            || self.by_route.contains_key(path)
            || self.by_mount.contains_key(path)
            || self.by_share.contains_key(path)
            || self.by_serve.contains_key(path)
            || self.by_extract.contains_key(path)
    }

    /// Whether a program that is run with these words builds assets.
    pub fn builds_assets(&self, words: &[&str]) -> bool {
        self.files.programs.iter().any(|program| {
            let named = std::iter::once(&program.name).chain(&program.also);
            let runs = named.into_iter().any(|name| words.contains(&name.as_str()));
            let told = program.builds_if.iter().any(|word| words.contains(&word.as_str()));
            runs && (told || program.builds_if.is_empty())
        })
    }

    /// Whether anything is known at, or beneath, a path.
    pub fn knows(&self, path: &str) -> bool {
        self.known.contains(path)
    }

    /// How the tokens of a macro are read, by the last segment of its path.
    pub fn macro_tokens(&self, name: &str) -> Option<MacroTokens> {
        self.by_macro.get(name).map(|i| self.files.macros[*i].tokens)
    }

    /// The type that a macro gives, by the last segment of its path.
    pub fn macro_makes(&self, name: &str) -> Option<&str> {
        let fact = &self.files.macros[*self.by_macro.get(name)?];
        (!fact.makes.is_empty()).then_some(&*fact.makes)
    }

    /// The type around a static that a macro with such tokens declares.
    pub fn static_wrapper(&self, tokens: MacroTokens) -> Option<&str> {
        let fact = self.files.macros.iter().find(|fact| fact.tokens == tokens)?;
        (!fact.makes.is_empty()).then_some(&*fact.makes)
    }

    /// The full path of a name that is in force everywhere.
    pub fn prelude(&self, name: &str) -> Option<&str> {
        self.prelude.get(name).map(String::as_str)
    }

    /// How a method of that name gives all of what it is called on.
    pub fn turned(&self, method: &str) -> Option<Turned> {
        let named =
            |fact: &&MethodFact| fact.name == method || fact.also.iter().any(|a| a == method);
        let mut turning = self.files.methods.iter().filter(|fact| fact.turns.is_some());
        turning.find(named).and_then(|fact| fact.turns)
    }

    /// Whether a name that is in force everywhere is that of a text or a number.
    pub fn is_plain(&self, name: &str) -> bool {
        let path = self.prelude(name).unwrap_or(name);
        let fact = self.type_fact(path);
        fact.map_or(matches!(name, "str" | "bool" | "char"), |fact| fact.is == Role::Number)
            || path == "std::string::String"
    }

    /// Whether what a function of a crate gives follows from what it is handed. A variant that holds
    /// something is called like one.
    pub fn computes(&self, path: &str) -> bool {
        let alone = |fact: &ComputesFact| {
            std::iter::once(&fact.name).chain(&fact.also).any(|of| under(path, of))
        };
        let asks = |fact: &ComputesFact| fact.but.iter().any(|but| under(path, but));
        let all = &self.files.computes;
        let name = path.rsplit("::").next().unwrap_or_default();
        all.iter().any(alone) && !all.iter().any(asks) || name.starts_with(char::is_uppercase)
    }

    /// What a method of that name gives on any type that does not say otherwise.
    pub fn universal(&self, name: &str) -> Option<Universal> {
        self.universal.get(name).copied()
    }

    /// Whether a function of that name only makes a value of its type.
    pub fn constructs(&self, name: &str) -> bool {
        self.constructing.contains(name)
    }

    /// Whether a method of that name gives what the function makes that it is handed.
    pub fn maps(&self, name: &str) -> bool {
        self.mapping.contains(name)
    }

    /// Whether a derive of that name makes no value of the type out of anything else.
    pub fn makes_nothing(&self, derive: &str) -> bool {
        let made = |fact: &&DeriveFact| !fact.declares.is_empty() || !fact.like.is_empty();
        let mut facts = self.files.derives.iter().filter(|fact| !made(fact));
        facts.any(|fact| fact.name == derive || fact.also.iter().any(|name| name == derive))
    }

    /// The types that a derive of that name declares beside the item, and what each is known as.
    pub fn declares<'s>(&'s self, derive: &'s str) -> impl Iterator<Item = (&'s str, &'s str)> {
        let facts = self.files.derives.iter().filter(move |fact| fact.name == derive);
        facts.flat_map(|fact| &fact.declares).map(|(name, path)| (&**name, &**path))
    }

    /// The type of a crate that a type with a derive of that name is like.
    pub fn like(&self, derive: &str) -> Option<&str> {
        let mut facts = self.files.derives.iter().filter(|fact| fact.name == derive);
        facts.find_map(|fact| (!fact.like.is_empty()).then_some(&*fact.like))
    }

    /// The attribute that marks the field to which a type with a derive of that name is seen
    /// through, if it is.
    pub fn sees_through(&self, derive: &str) -> Option<&str> {
        let mut facts = self.files.derives.iter().filter(|fact| !fact.sees_through.is_empty());
        let fact = facts.find(|fact| fact.name == derive)?;
        Some(&fact.sees_through)
    }

    /// The associated function of the type asked for that a method of that name is: `parse`.
    pub fn asks(&self, name: &str) -> Option<&str> {
        let mut named = self.files.methods.iter().filter(|fact| fact.name == name);
        named.find_map(|fact| (!fact.asks.is_empty()).then_some(&*fact.asks))
    }

    /// Whether a method of that name takes the next connection, where nothing else is known of it.
    pub fn accepts(&self, name: &str) -> bool {
        self.accepting.contains(name)
    }

    /// Whether a method of that name hands what it is given to whoever is at the other end.
    pub fn tells(&self, name: &str) -> bool {
        self.telling.contains(name)
    }

    /// Whether values of a type with a derive of that name are written down for others.
    pub fn is_written(&self, derive: &str) -> bool {
        let mut facts = self.files.derives.iter().filter(|fact| fact.written);
        facts.any(|fact| fact.name == derive || fact.also.iter().any(|name| name == derive))
    }

    /// Whether many types have a method of that name.
    pub fn is_usual(&self, name: &str) -> bool {
        self.usual.contains(name)
    }

    /// What `method` gives when called on, or as an associated function of, the type at `path`.
    pub fn returned(&self, path: &str, method: &str) -> Option<&TypeText> {
        self.returns.get(*self.by_type.get(path)?)?.get(method)
    }

    /// What the function at `path` gives.
    pub fn call_returned(&self, path: &str) -> Option<&TypeText> {
        self.call_returns.get(*self.by_call.get(path)?)?.as_ref()
    }
}

/// The crate that a path starts with.
pub(crate) fn first_of(path: &str) -> &str {
    path.split(':').next().unwrap_or(path)
}

/// What follows the crate of a path.
fn without_first(path: &str) -> Option<&str> {
    path[first_of(path).len()..].strip_prefix("::")
}

/// Whether `path` is `prefix` or lies beneath it.
fn under(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}
