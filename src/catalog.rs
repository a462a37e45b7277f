//! What do we know about other people's crates? `rules/catalog/*.toml`, typed and checked.
//!
//! Facts are keyed by the canonical path of an item, such as `std::sync::Mutex`; `also` lists
//! paths of which the same things are true, and `[[reexport]]` says under which other names a
//! crate is to be had. Nothing outside this folder knows a crate by name.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;

pub mod load;

/// What a type is, as far as keeping state goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Stands for its first parameter, and a clone is the same thing: `Arc`, `Rc`, `web::Data`.
    Pointer,
    /// Stands for its first parameter alone: `Box`, `MutexGuard`, `Cow`, `Pin`, `State` extractors.
    Guard,
    /// Holds its first parameter or nothing yet: `Option`, `Result`, `Poll`.
    Carrier,
    /// Lets its first parameter be changed by whoever shares it: `Mutex`, `RwLock`, `RefCell`.
    Lock,
    /// Holds its first parameter, replaced as a whole by whoever shares it: `Cell`, `ArcSwap`.
    Cell,
    /// Set once, then only read: `OnceLock`, `LazyLock`.
    Once,
    /// A number or flag that whoever shares it may change: `AtomicU64`.
    Atomic,
    /// A collection that whoever shares it may change: `DashMap`.
    SharedCollection,
    /// A collection that only its owner may change: `HashMap`, `Vec`, `String`.
    Collection,
    /// Keeps what was computed or fetched, in this process: `moka::sync::Cache`.
    Cache,
    /// Keeps user sessions in this process or on its disk: `tower_sessions::MemoryStore`.
    SessionStore,
    /// A database inside this process: `rusqlite::Connection`, `sled::Db`.
    EmbeddedDatabase,
    /// A client of something that every replica shares: `redis::Client`, `sqlx::PgPool`.
    BackingService,
    /// Only ever exported: metrics, spans, progress bars.
    Telemetry,
    /// Guards this process's own capacity or life: semaphores, notifications, join handles.
    Control,
    /// The sending or receiving end of a channel inside this process.
    Channel,
    /// Counts requests in this process to refuse some of them.
    RateLimiter,
    /// `u64`: counts or measures; a place only where it is behind a lock.
    Number,
    /// Says where a file is: `Path`, `PathBuf`.
    Path,
    /// An open file, or a builder of one.
    File,
    /// Each call gives the same builder back: `axum::Router`, `std::fs::OpenOptions`.
    Builder,
    /// Of no interest: plain values such as `Instant`, `Regex`, `Url`.
    Value,
}

/// A type and its methods.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeFact {
    pub path: String,
    /// Other types of which everything here is true.
    #[serde(default)]
    pub also: Vec<String>,
    /// Names of the type's parameters, as used in `returns`; lifetimes left out.
    #[serde(default)]
    pub params: Vec<String>,
    pub is: Role,
    /// Associated functions whose first argument becomes the first parameter: `Arc::new(x)`.
    #[serde(default)]
    pub wraps: Vec<String>,
    /// Methods that change what is kept.
    #[serde(default)]
    pub changes: Vec<String>,
    /// Methods that change what is kept only while it is being set up: `OnceLock::set`.
    #[serde(default)]
    pub fills: Vec<String>,
    /// Of these, the methods that put another value in place of the whole.
    #[serde(default)]
    pub replaces: Vec<String>,
    /// Methods whose answer numbers things: `fetch_add`.
    #[serde(default)]
    pub counts: Vec<String>,
    /// Methods that hand their closure (first argument) the content to change: `with_mut`, `update`.
    #[serde(default)]
    pub lends: Vec<String>,
    /// What methods and associated functions give: `lock = "Result<Guard<T>>"`. `Self` is the type
    /// with its parameters. What is not listed: associated functions give `Self`, methods of a
    /// builder give `Self`, others are unknown.
    #[serde(default)]
    pub returns: std::collections::BTreeMap<String, String>,
    /// For a trait or a type that hands a value to handlers by type; see `Share`.
    #[serde(default)]
    pub extracts: bool,
    /// Why this is so, for findings that rest on it.
    #[serde(default)]
    pub why: String,
    /// What to use instead, such as "`tower-sessions-redis-store`".
    #[serde(default)]
    pub instead: String,
}

/// What a call does to the local disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DiskEffect {
    /// Creates or replaces a file.
    Write,
    MakeDirectory,
    Rename,
    Copy,
    Remove,
    /// Sets permissions, times, links.
    Change,
    Read,
    /// Reads the names in a directory.
    List,
    /// Hands what lies beneath to clients from now on: a folder of static files.
    Serve,
    /// Asks whether something is there, or how large it is.
    Probe,
    /// Opens for reading, or for writing where the receiver was told so by one of `writes_if`.
    Open,
    /// Makes a temporary file or directory: what is beneath it is scratch.
    Temporary,
    /// Opens a store over a local folder: whatever goes through it is on the local disk.
    Store,
    /// Opens a database that lives in files or in memory.
    OpenDatabase,
    /// Opens a database whose address decides: embedded for some, a service for others.
    ConnectDatabase,
}

/// A function, method (`Type::method`) or macro and what calling it does.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallFact {
    pub path: String,
    #[serde(default)]
    pub also: Vec<String>,
    #[serde(default)]
    pub disk: Option<DiskEffect>,
    /// Which argument is the path, counted from 0 without the receiver. Absent: the receiver.
    #[serde(default)]
    pub at: Option<usize>,
    /// The target of a copy or rename.
    #[serde(default)]
    pub to: Option<usize>,
    /// Methods of the receiver's builder that make `open` a write: `write`, `append`, `create`.
    #[serde(default)]
    pub writes_if: Vec<String>,
    /// For `connect-database`: prefixes of addresses that are embedded, such as `sqlite:`.
    #[serde(default)]
    pub embedded_if: Vec<String>,
    /// The type of the answer.
    #[serde(default)]
    pub returns: String,
    /// The type of the value that a closure among the arguments is given.
    #[serde(default)]
    pub hands: String,
    /// Gives a value that differs per process or start: a random key, a fresh identity.
    #[serde(default)]
    pub random: bool,
    /// Gives (part of) the environment or configuration.
    #[serde(default)]
    pub environment: bool,
    /// The argument whose path or value the answer is derived from: `Path::join` is its receiver
    /// and argument 0 together.
    #[serde(default)]
    pub passes: Vec<Passed>,
    #[serde(default)]
    pub why: String,
    #[serde(default)]
    pub instead: String,
}

/// Where the answer of a call comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Passed {
    Argument(usize),
    Receiver(Receiver),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Receiver {
    Receiver,
}

/// How code comes to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryKind {
    /// Once per request.
    Handler,
    /// Once per message or job.
    Job,
    /// Beside the requests, for as long as it likes: a spawned task or thread.
    Task,
}

/// A call that makes a function or closure an entry point.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterFact {
    /// A function or a method (`Type::method`).
    pub path: String,
    #[serde(default)]
    pub also: Vec<String>,
    pub kind: EntryKind,
    /// Which argument is the function or closure, from 0 without the receiver.
    pub at: usize,
    /// `GET`, for the steps of a finding.
    #[serde(default)]
    pub verb: String,
    pub framework: String,
}

/// A call that says under which route the handlers among its arguments are to be had.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteFact {
    pub path: String,
    #[serde(default)]
    pub also: Vec<String>,
    /// The argument that holds the route.
    pub at: usize,
    /// The argument that holds the handlers; absent: the receiver.
    #[serde(default)]
    pub handlers: Option<usize>,
}

/// What an attribute or derive says of the item it stands on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeFact {
    pub path: String,
    #[serde(default)]
    pub also: Vec<String>,
    pub means: AttributeMeaning,
    #[serde(default)]
    pub verb: String,
    #[serde(default)]
    pub framework: String,
    #[serde(default)]
    pub why: String,
    #[serde(default)]
    pub instead: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttributeMeaning {
    /// The function, or every method of the `impl`, is called once per request.
    Handler,
    /// The function is called once per message or job.
    Job,
    /// The function's answers are kept in this process.
    Cached,
    /// The function is where the process starts.
    Main,
    /// Only there in tests.
    Test,
}

/// A trait whose methods the framework calls.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImplementFact {
    /// The trait.
    pub path: String,
    #[serde(default)]
    pub also: Vec<String>,
    pub kind: EntryKind,
    /// The methods called per request; empty: all of them.
    #[serde(default)]
    pub methods: Vec<String>,
    /// Methods called once at start.
    #[serde(default)]
    pub setup: Vec<String>,
    /// Whether one value of the implementing type serves many requests.
    #[serde(default)]
    pub shares_self: bool,
    pub framework: String,
}

/// A call that hands a value to handlers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareFact {
    pub path: String,
    #[serde(default)]
    pub also: Vec<String>,
    /// Which argument is handed over.
    pub at: usize,
    pub framework: String,
    /// What handing it over is called in a step: "handed to every handler here".
    #[serde(default)]
    pub why: String,
}

/// A call from which on the process serves.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServeFact {
    pub path: String,
    #[serde(default)]
    pub also: Vec<String>,
    pub framework: String,
}

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
}

/// A method that means the same on every type.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MethodFact {
    pub name: String,
    #[serde(default)]
    pub also: Vec<String>,
    pub gives: Universal,
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

/// What every type of a crate is that has no entry of its own.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrateFact {
    /// As the code names it, with `_`.
    pub name: String,
    #[serde(default)]
    pub also: Vec<String>,
    pub is: Role,
    #[serde(default)]
    pub why: String,
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SettingMeaning {
    /// Sends one client to one process.
    Sticky,
}

/// The tables of one catalogue file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CatalogFile {
    #[serde(rename = "type")]
    pub types: Vec<TypeFact>,
    #[serde(rename = "call")]
    pub calls: Vec<CallFact>,
    #[serde(rename = "register")]
    pub registers: Vec<RegisterFact>,
    #[serde(rename = "route")]
    pub routes: Vec<RouteFact>,
    #[serde(rename = "attribute")]
    pub attributes: Vec<AttributeFact>,
    #[serde(rename = "implement")]
    pub implements: Vec<ImplementFact>,
    #[serde(rename = "share")]
    pub shares: Vec<ShareFact>,
    #[serde(rename = "serve")]
    pub serves: Vec<ServeFact>,
    #[serde(rename = "macro")]
    pub macros: Vec<MacroFact>,
    #[serde(rename = "reexport")]
    pub reexports: Vec<ReexportFact>,
    #[serde(rename = "crate")]
    pub crates: Vec<CrateFact>,
    #[serde(rename = "setting")]
    pub settings: Vec<SettingFact>,
    #[serde(rename = "backing")]
    pub backings: Vec<BackingFact>,
    #[serde(rename = "method")]
    pub methods: Vec<MethodFact>,
    #[serde(rename = "prelude")]
    pub preludes: Vec<PreludeFact>,
}

/// A type as the catalogue writes it: `Result<Guard<T>>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeText {
    /// The type that the fact is about, with its parameters.
    Itself,
    /// The parameter of that number.
    Param(usize),
    /// A path and its arguments; `(A, B)` has the path `tuple`, `[A]` the path `slice`.
    Path(String, Vec<TypeText>),
}

/// The catalogue, ready to be asked.
#[derive(Debug, Default)]
pub struct Catalog {
    pub files: CatalogFile,
    by_type: FxHashMap<String, usize>,
    by_call: FxHashMap<String, usize>,
    by_register: FxHashMap<String, usize>,
    by_route: FxHashMap<String, usize>,
    by_attribute: FxHashMap<String, usize>,
    by_implement: FxHashMap<String, usize>,
    by_share: FxHashMap<String, usize>,
    by_serve: FxHashMap<String, usize>,
    by_macro: FxHashMap<String, usize>,
    by_crate: FxHashMap<String, usize>,
    prelude: FxHashMap<String, String>,
    universal: FxHashMap<String, Universal>,
    /// Method names that some type of the catalogue has: no proof of a type on their own.
    usual: FxHashSet<String>,
    /// Every path with an entry, and every type or module around one.
    known: FxHashSet<String>,
    /// `returns`, parsed: by type, then by method.
    returns: Vec<FxHashMap<String, TypeText>>,
    call_returns: Vec<Option<TypeText>>,
}

impl TypeFact {
    /// Whether the entry says anything about a method.
    pub fn names(&self, method: &str) -> bool {
        self.returns.contains_key(method) || self.acts_on_self(method)
    }

    /// Whether the entry lists a function as one that is called on a value.
    pub fn acts_on_self(&self, method: &str) -> bool {
        let lists = [&self.changes, &self.fills, &self.counts, &self.lends];
        lists.into_iter().any(|list| list.iter().any(|known| known == method))
    }
}

impl Catalog {
    /// The path that the catalogue knows an item by: re-exports followed.
    pub fn canonical(&self, path: &str) -> String {
        let mut path = path.to_string();
        // A re-export may lead to another; a circle is refused when the catalogue is loaded.
        while let Some(fact) = self.files.reexports.iter().find(|fact| under(&path, &fact.from)) {
            path = format!("{}{}", fact.to, &path[fact.from.len()..]);
        }
        path
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

    /// The entry for the crate that a path starts with.
    pub fn crate_fact(&self, path: &str) -> Option<&CrateFact> {
        let index = self.by_crate.get(path.split("::").next()?)?;
        Some(&self.files.crates[*index])
    }

    pub fn call(&self, path: &str) -> Option<&CallFact> {
        self.by_call.get(path).map(|i| &self.files.calls[*i])
    }

    pub fn register(&self, path: &str) -> Option<&RegisterFact> {
        self.by_register.get(path).map(|i| &self.files.registers[*i])
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

    pub fn serve(&self, path: &str) -> Option<&ServeFact> {
        self.by_serve.get(path).map(|i| &self.files.serves[*i])
    }

    /// Whether a call of that path means anything here.
    pub fn knows_call(&self, path: &str) -> bool {
        self.by_call.contains_key(path)
            || self.by_register.contains_key(path)
            || self.by_route.contains_key(path)
            || self.by_share.contains_key(path)
            || self.by_serve.contains_key(path)
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

    /// What a method of that name gives on any type that does not say otherwise.
    pub fn universal(&self, name: &str) -> Option<Universal> {
        self.universal.get(name).copied()
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

/// Whether `path` is `prefix` or lies beneath it.
fn under(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}
