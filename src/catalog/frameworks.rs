//! What can be said about frameworks? How they come to run code, and how values reach it.

use serde::Deserialize;

/// How code comes to run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryKind {
    /// Once per request.
    #[default]
    Handler,
    /// Once per message or job.
    Job,
    /// Again and again, at certain times.
    Timer,
    /// Beside the requests, for as long as it likes: a spawned task or thread.
    Task,
}

impl EntryKind {
    /// Whether somebody asked for it: a request or a message, and not a clock or the process itself.
    pub fn is_asked(self) -> bool {
        matches!(self, EntryKind::Handler | EntryKind::Job)
    }
}

/// A call that makes a function or closure an entry point.
#[derive(Debug, Clone, Default, Deserialize)]
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
    /// The receiver says the route: `Router::with_path("x").get(h)`, a chain of filters.
    #[serde(default)]
    pub routed: bool,
    /// The types that a closure is given, in order; `_` where there is nothing to say, `T` the
    /// first parameter of the receiver's type.
    #[serde(default)]
    pub hands: Vec<String>,
    /// Of a task: whoever starts it waits for it, by what it is started on.
    #[serde(default)]
    pub joined: bool,
    /// Of a task: the call says at most whether it was taken, so that nobody can wait for it.
    #[serde(default)]
    pub unjoinable: bool,
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

/// A call that puts the routes of one argument beneath a prefix: `Router::nest("/api", users())`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MountFact {
    pub path: String,
    #[serde(default)]
    pub also: Vec<String>,
    /// The argument that says the prefix; absent: what the receiver was made with says it.
    #[serde(default)]
    pub at: Option<usize>,
    /// The argument that holds the routes.
    pub of: usize,
}

/// What an attribute or derive says of the item it stands on.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeFact {
    pub path: String,
    #[serde(default)]
    pub also: Vec<String>,
    pub means: AttributeMeaning,
    /// Counts on functions alone; on an `impl` it says nothing.
    #[serde(default)]
    pub functions_only: bool,
    /// The function is only called where it is registered by its name.
    #[serde(default)]
    pub by_name: bool,
    /// Of an `impl`: the methods that are called; empty: all of them.
    #[serde(default)]
    pub methods: Vec<String>,
    /// Of a trait: the name of the trait whose impls are called, `{}` being its own.
    #[serde(default)]
    pub implemented_as: String,
    /// Of a trait: the name of the client that is written beside it, `{}` being its own.
    #[serde(default)]
    pub client: String,
    /// The type of a crate that this client is like.
    #[serde(default)]
    pub client_is: String,
    /// Whether one value of the type that has the methods serves many requests.
    #[serde(default)]
    pub shares_self: bool,
    #[serde(default)]
    pub verb: String,
    /// The key whose text is the route: `path` in `#[oai(path = "/x", method = "get")]`; `*` is
    /// the first text that there is.
    #[serde(default)]
    pub route_in: String,
    /// The key whose text is the verb.
    #[serde(default)]
    pub verb_in: String,
    #[serde(default)]
    pub framework: String,
    #[serde(default)]
    pub why: String,
    #[serde(default)]
    pub instead: String,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttributeMeaning {
    /// The function, or every method of the `impl`, is called once per request. On a trait, the
    /// methods of its impls.
    #[default]
    Handler,
    /// The function is called once per message or job.
    Job,
    /// The routes of the methods begin with what `route_in` says.
    Prefix,
    /// The function's answers are kept in this process.
    Cached,
    /// The function is where the process starts.
    Main,
    /// The methods of the enum are those of what its variants hold.
    Variants,
    /// Only there in tests.
    Test,
}

/// A trait whose methods the framework calls.
#[derive(Debug, Clone, Default, Deserialize)]
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
    /// What those give is one of many that stand for each other, such as the connections of a pool.
    #[serde(default)]
    pub many: bool,
    /// Whether one value of the implementing type serves many requests.
    #[serde(default)]
    pub shares_self: bool,
    /// Each connection or request has a clone of that value: what it has not behind a pointer is
    /// its own.
    #[serde(default)]
    pub clones_self: bool,
    /// Asked for one of these, it is what a client calls: a connector is asked for an address.
    #[serde(default)]
    pub unless_for: Vec<String>,
    pub framework: String,
}

/// A call that hands a value to handlers.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareFact {
    pub path: String,
    #[serde(default)]
    pub also: Vec<String>,
    /// Which argument is handed over.
    pub at: usize,
    /// Other arguments that are handed over as well.
    #[serde(default)]
    pub and: Vec<usize>,
    pub framework: String,
    /// What handing it over is called in a step: "handed to every handler here".
    #[serde(default)]
    pub why: String,
}

/// A call from which on the process serves.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServeFact {
    pub path: String,
    #[serde(default)]
    pub also: Vec<String>,
    pub framework: String,
}

/// A type that only a framework makes: a method of a trait's impl that takes one is called by it,
/// wherever the trait comes from. Where it is `kept`, it is functions that are kept as values and
/// called through them, by a router of the service's own.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TakesFact {
    pub path: String,
    #[serde(default)]
    pub also: Vec<String>,
    pub kind: EntryKind,
    /// Whether one value of the implementing type serves many requests.
    #[serde(default)]
    pub shares_self: bool,
    /// Others make it, too, so that a method which takes one says nothing.
    #[serde(default)]
    pub kept: bool,
    pub framework: String,
}

/// A call that gives what was handed over, by its type: `request.app_data::<T>()`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtractFact {
    pub path: String,
    #[serde(default)]
    pub also: Vec<String>,
    /// The answer, where `T` is the type that is asked for.
    pub returns: String,
}
