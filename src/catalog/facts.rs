//! What can be said about a type, a call, a framework, a macro, a key? The tables of the files.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::coded::CodedFact;
use super::defaults::DefaultFact;
use super::disk::DiskEffect;
use super::doings::{Doing, ProgramFact};
use super::edits::EditFact;
use super::frameworks::*;
use super::programs::{BootFact, StatementFact, WriterFact};
use super::runs::{BaseFact, FurnishFact, LauncherFact, PushedFact, RunFact, ScaleFact};
use super::settings::{BackingFact, FolderFact, FormatFact, SettingFact, ValuesFact, VolumeFact};
use super::words::*;
use super::work::{Work, WorkFact};

/// What a type is, as far as keeping state goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
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
    /// A copy on the local disk of what others have, too, kept in step by hand: `git2::Repository`.
    WorkingCopy,
    /// A client of something that every replica shares: `redis::Client`, `sqlx::PgPool`.
    BackingService,
    /// Only ever exported: metrics, spans, progress bars.
    Telemetry,
    /// Guards this process's own capacity or life: semaphores, notifications, join handles.
    Control,
    /// The sending or receiving end of a channel inside this process.
    Channel,
    /// A program about to be started: `std::process::Command`.
    Program,
    /// Counts requests in this process to refuse some of them.
    RateLimiter,
    /// Something is signed, sealed or told apart by it: `cookie::Key`.
    Key,
    /// Each call of it gives another random value: `rand::rngs::ThreadRng`.
    Randomness,
    /// A point in time, or a length of it: `Instant`, `Duration`.
    Time,
    /// `u64`: counts or measures; a place only where it is behind a lock.
    Number,
    /// Says where a file is: `Path`, `PathBuf`.
    Path,
    /// An open file, or a builder of one.
    File,
    /// Each call gives the same builder back: `axum::Router`, `std::fs::OpenOptions`.
    Builder,
    /// Of no interest: plain values such as `Instant`, `Regex`, `Url`.
    #[default]
    Value,
}

/// A type and its methods.
#[derive(Debug, Clone, Default, Deserialize)]
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
    /// Of these, the methods whose answer stays where it is: `entry.or_default()`. Other answers
    /// were taken out.
    #[serde(default)]
    pub stays: Vec<String>,
    /// Of these, the methods that put something empty where there is nothing yet: what is then done
    /// with the answer says what comes there.
    #[serde(default)]
    pub opens: Vec<String>,
    /// Computed when it is first waited for, and kept: to put one somewhere is to put the answer.
    #[serde(default)]
    pub pending: bool,
    /// Of a guard: a lock is held for as long as it is there.
    #[serde(default)]
    pub held: bool,
    /// Of the methods that change, those that compute what they put in where it is missing.
    #[serde(default)]
    pub computes: Vec<String>,
    /// Of the methods that change, those that only take out: `remove`, `clear`.
    #[serde(default)]
    pub takes: Vec<String>,
    /// Of these, those that leave nothing: `clear`.
    #[serde(default)]
    pub empties: Vec<String>,
    /// Of a source of random values: functions that make one which gives the same for the same seed.
    #[serde(default)]
    pub seeds: Vec<String>,
    /// The entry does not know the methods: how they are used tells whether they change anything.
    #[serde(default)]
    pub by_use: bool,
    /// Methods whose answer numbers things: `fetch_add`.
    #[serde(default)]
    pub counts: Vec<String>,
    /// Methods that take away from what was counted: `fetch_sub`.
    #[serde(default)]
    pub lowers: Vec<String>,
    /// Of a lock: methods with which several hold it at the same time.
    #[serde(default)]
    pub together: Vec<String>,
    /// Methods that hand their closure (first argument) the content to change: `with_mut`, `update`.
    #[serde(default)]
    pub lends: Vec<String>,
    /// Of a channel: methods that put a message in.
    #[serde(default)]
    pub sends: Vec<String>,
    /// Of a channel: methods that take a message out.
    #[serde(default)]
    pub receives: Vec<String>,
    /// Of these, the methods that wait for nothing: they give what is there already, if anything.
    #[serde(default)]
    pub polls: Vec<String>,
    /// Of a channel: an end at which one can only wait for what the other says.
    #[serde(default)]
    pub listens: bool,
    /// Of a channel: methods that give one more receiver of every message.
    #[serde(default)]
    pub subscribes: Vec<String>,
    /// What methods, associated functions and fields give: `lock = "Result<Guard<T>>"`. `Self` is the type
    /// with its parameters. What is not listed: associated functions give `Self`, methods of a
    /// builder give `Self`, others are unknown.
    #[serde(default)]
    pub returns: BTreeMap<String, String>,
    /// Whoever has one reaches one client with it, and nobody else does: half of a web socket.
    #[serde(default)]
    pub reaches: bool,
    /// A connection to one other process, bytes to write and to read: `TcpStream`.
    #[serde(default)]
    pub wire: bool,
    /// Of such a connection: somebody from outside may be at the other end.
    #[serde(default)]
    pub caller: bool,
    /// What a request's connection becomes: whoever asked is at the other end.
    #[serde(default)]
    pub taken_over: bool,
    /// Whatever names it in an impl of a framework's trait is made for one connection, and is there
    /// as long as that: an actor whose context is a web socket's.
    #[serde(default)]
    pub one_connection: bool,
    /// Of a time: it says nothing outside this process.
    #[serde(default)]
    pub ticks: bool,
    /// Of a time: it is how long something took, or may take, and no moment.
    #[serde(default)]
    pub length: bool,
    /// Methods by which any value goes into it: `value.hash(&mut hasher)` is `hasher.hash(value)`.
    #[serde(default)]
    pub takes_up: Vec<String>,
    /// Stands for something that runs in this process: a task, a thread, a child.
    #[serde(default)]
    pub runs: bool,
    /// Of one end of a channel: whoever sent the question waits at the other for the answer.
    #[serde(default)]
    pub replies: bool,
    /// Whoever has one says through it what became of a question.
    #[serde(default)]
    pub answers: bool,
    /// Stands for a folder or file beneath what the service serves.
    #[serde(default)]
    pub served: bool,
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

/// A function, method (`Type::method`) or macro and what calling it does.
#[derive(Debug, Clone, Default, Deserialize)]
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
    /// Removes all that is beneath, too.
    #[serde(default)]
    pub beneath: bool,
    /// Only tells how large it is.
    #[serde(default)]
    pub measures: bool,
    /// Of a temporary folder: every call gives the same one.
    #[serde(default)]
    pub shared: bool,
    /// It touches the disk only where its receiver was made from a store over a local folder.
    #[serde(default)]
    pub in_store: bool,
    /// The argument that holds what is written.
    #[serde(default)]
    pub content: Option<usize>,
    /// Methods of the receiver's builder that make `open` a read as well; of a database, words of
    /// its address with which it is only read.
    #[serde(default)]
    pub reads_if: Vec<String>,
    /// The receiver goes on with what is handed over: `PathBuf::push`.
    #[serde(default)]
    pub grows: bool,
    /// For `connect-database`: prefixes of addresses that are embedded, such as `sqlite:`, and
    /// names of type parameters that say so.
    #[serde(default)]
    pub embedded_if: Vec<String>,
    /// An index: where the program clears it before it opens it, it is made again from elsewhere.
    #[serde(default)]
    pub index: bool,
    /// Beginnings of paths that do not lie on this machine.
    #[serde(default)]
    pub elsewhere_if: Vec<String>,
    /// The type of the answer.
    #[serde(default)]
    pub returns: String,
    /// Waits for the future or function that it is handed, and gives what that gives: in `returns`,
    /// `T` is the type of this.
    #[serde(default)]
    pub answers: bool,
    /// The type of the value that a closure among the arguments is given.
    #[serde(default)]
    pub hands: String,
    /// Which argument is (a part of) the route of what is registered with the answer.
    #[serde(default)]
    pub route: Option<usize>,
    /// What it says of the routes it is part of: `GET`.
    #[serde(default)]
    pub verb: String,
    /// Gives a value that differs per process or start: a random key, a fresh identity. A variable
    /// that is lent to it to be changed becomes one.
    #[serde(default)]
    pub random: bool,
    /// What its first argument is lent from gives what it holds, and holds another value: the next
    /// argument, or nothing. `std::mem::take`.
    #[serde(default)]
    pub exchanges: bool,
    /// Tells the time: nothing that somebody would have to fetch or compute.
    #[serde(default)]
    pub clock: bool,
    /// Says which process of its machine it is: in a container, the same for every one.
    #[serde(default)]
    pub process: bool,
    /// The beginning that times are counted from: what is measured by it is what the clock says.
    #[serde(default)]
    pub epoch: bool,
    /// What is signed, sealed, hashed or verified with: these arguments are secrets.
    #[serde(default)]
    pub keys: Vec<Passed>,
    /// What it gives tells nothing of them, nor of the receiver: a signature, a sealed text.
    #[serde(default)]
    pub seals: bool,
    /// They are only where what becomes of them is compared with something: what is also used to
    /// spread things over places of this process.
    #[serde(default)]
    pub if_compared: bool,
    /// What it does besides, with the argument `at`.
    #[serde(default)]
    pub does: Option<Doing>,
    /// It does so only where the argument `at` is `None`.
    #[serde(default)]
    pub if_none: bool,
    /// Of a balancer: the types by which it chooses by a hash.
    #[serde(default)]
    pub hashing: Vec<String>,
    /// And the texts, with `*`, whose place in a request tells the client: names of headers.
    #[serde(default)]
    pub clients: Vec<String>,
    /// It does no harm where the same package calls one of these.
    #[serde(default)]
    pub unless: Vec<String>,
    /// Gives (part of) the environment or configuration.
    #[serde(default)]
    pub environment: bool,
    /// What it asks of something outside the process, whatever it is called on.
    #[serde(default)]
    pub work: Option<Work>,
    /// Lets go of its argument.
    #[serde(default)]
    pub drops: bool,
    /// What it is handed is only shown to whoever watches this process: the name of a thread.
    #[serde(default)]
    pub shown: bool,
    /// Writes the measures that were counted in this process into a text that is only exported.
    #[serde(default)]
    pub encodes: bool,
    /// Has whoever calls it told that files have changed, or that they should be read again.
    #[serde(default)]
    pub watches: bool,
    /// Takes the next connection or datagram: a loop around it does its work for somebody outside.
    #[serde(default)]
    pub accepts: bool,
    /// The same, where what it gives is a connection: see [`TypeFact::caller`].
    #[serde(default)]
    pub accepts_callers: bool,
    /// Gives what the connection of a request becomes: see [`TypeFact::taken_over`].
    #[serde(default)]
    pub takes_over: bool,
    /// Answers a request with events, one after the other, for as long as the client listens.
    #[serde(default)]
    pub events: bool,
    /// Takes the next message of a broker, or job of a queue: what a loop does with it is a job.
    #[serde(default)]
    pub delivers: bool,
    /// Waits for a time: what is done in a loop with it is done again and again.
    #[serde(default)]
    pub waits: bool,
    /// Waits for something else, but no longer than a time.
    #[serde(default)]
    pub lapses: bool,
    /// Gives what comes at certain times: a worker that takes its jobs from there is a timer.
    #[serde(default)]
    pub times: bool,
    /// Comes back when all that was started is done: a semaphore gives all its permits.
    #[serde(default)]
    pub joins: bool,
    /// Comes back when the process is told to end, or never.
    #[serde(default)]
    pub stays: bool,
    /// Never comes back: the process ends here.
    #[serde(default)]
    pub ends_process: bool,
    /// Shows a page to whoever runs the program, in a browser on the same machine.
    #[serde(default)]
    pub shows_page: bool,
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

/// The tables of one catalogue file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CatalogFile {
    #[serde(rename = "type")]
    pub types: Vec<TypeFact>,
    #[serde(rename = "call")]
    pub calls: Vec<CallFact>,
    #[serde(rename = "work")]
    pub works: Vec<WorkFact>,
    #[serde(rename = "register")]
    pub registers: Vec<RegisterFact>,
    #[serde(rename = "route")]
    pub routes: Vec<RouteFact>,
    #[serde(rename = "mount")]
    pub mounts: Vec<MountFact>,
    #[serde(rename = "attribute")]
    pub attributes: Vec<AttributeFact>,
    #[serde(rename = "implement")]
    pub implements: Vec<ImplementFact>,
    #[serde(rename = "share")]
    pub shares: Vec<ShareFact>,
    #[serde(rename = "serve")]
    pub serves: Vec<ServeFact>,
    #[serde(rename = "takes")]
    pub takes: Vec<TakesFact>,
    #[serde(rename = "extract")]
    pub extracts: Vec<ExtractFact>,
    #[serde(rename = "macro")]
    pub macros: Vec<MacroFact>,
    #[serde(rename = "reexport")]
    pub reexports: Vec<ReexportFact>,
    #[serde(rename = "crate")]
    pub crates: Vec<CrateFact>,
    #[serde(rename = "library")]
    pub libraries: Vec<LibraryFact>,
    #[serde(rename = "setting")]
    pub settings: Vec<SettingFact>,
    pub coded: Vec<CodedFact>,
    #[serde(rename = "program")]
    pub programs: Vec<ProgramFact>,
    #[serde(rename = "backing")]
    pub backings: Vec<BackingFact>,
    #[serde(rename = "run")]
    pub runs: Vec<RunFact>,
    pub pushed: Vec<PushedFact>,
    #[serde(rename = "scale")]
    pub scales: Vec<ScaleFact>,
    #[serde(rename = "base")]
    pub bases: Vec<BaseFact>,
    pub furnish: Vec<FurnishFact>,
    #[serde(rename = "launcher")]
    pub launchers: Vec<LauncherFact>,
    #[serde(rename = "format")]
    pub formats: Vec<FormatFact>,
    #[serde(rename = "volume")]
    pub volumes: Vec<VolumeFact>,
    #[serde(rename = "folder")]
    pub folders: Vec<FolderFact>,
    pub values: Vec<ValuesFact>,
    #[serde(rename = "edit")]
    pub edits: Vec<EditFact>,
    #[serde(rename = "default")]
    pub defaults: Vec<DefaultFact>,
    #[serde(rename = "writer")]
    pub writers: Vec<WriterFact>,
    #[serde(rename = "derive")]
    pub derives: Vec<DeriveFact>,
    #[serde(rename = "statement")]
    pub statements: Vec<StatementFact>,
    #[serde(rename = "boot")]
    pub boots: Vec<BootFact>,
    #[serde(rename = "method")]
    pub methods: Vec<MethodFact>,
    pub computes: Vec<ComputesFact>,
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
