//! Which words may a configuration use? For types, functions and processes, each once.

use crate::diagnostic::{Level, Process};

/// What a type is, in the words of a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypeWord {
    /// A client of something that every replica shares.
    BackingService,
    /// Keeps what was computed or fetched, in this process.
    Cache,
    /// Keeps what it is given, in this process.
    ProcessLocal,
    /// Keeps user sessions in this process.
    SessionStore,
    /// Counts requests in this process.
    RateLimiter,
    /// Stands for what is inside, like an `Arc`.
    Pointer,
    /// Only ever exported.
    Telemetry,
    /// Guards this process's own capacity or life.
    Control,
    /// Of no interest.
    Value,
}

/// Every word for a type.
pub const TYPE_WORDS: &[(&str, TypeWord)] = &[
    ("backing-service", TypeWord::BackingService),
    ("cache", TypeWord::Cache),
    ("process-local", TypeWord::ProcessLocal),
    ("session-store", TypeWord::SessionStore),
    ("rate-limiter", TypeWord::RateLimiter),
    ("pointer", TypeWord::Pointer),
    ("telemetry", TypeWord::Telemetry),
    ("control", TypeWord::Control),
    ("value", TypeWord::Value),
];

/// What a function does, in the words of a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FunctionWord {
    /// The process serves from there on.
    Serves,
    /// Hands an argument to every handler.
    Shares,
    /// What it does goes to something that every replica shares: nothing in it is judged.
    BackingService,
    /// What it does is only exported: nothing in it is judged.
    Telemetry,
    /// Writes the file or folder that an argument names.
    WritesDisk,
    /// Removes it.
    RemovesDisk,
    /// Reads it.
    ReadsDisk,
    /// Opens a database inside this process.
    OpensDatabase,
    /// Gives a path beneath a temporary folder.
    Temporary,
}

/// Every word for a function.
pub const FUNCTION_WORDS: &[(&str, FunctionWord)] = &[
    ("serves", FunctionWord::Serves),
    ("shares", FunctionWord::Shares),
    ("backing-service", FunctionWord::BackingService),
    ("telemetry", FunctionWord::Telemetry),
    ("writes-disk", FunctionWord::WritesDisk),
    ("removes-disk", FunctionWord::RemovesDisk),
    ("reads-disk", FunctionWord::ReadsDisk),
    ("opens-database", FunctionWord::OpensDatabase),
    ("temporary", FunctionWord::Temporary),
];

/// How something comes to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runs {
    /// Once per request.
    Handler,
    /// Once per message or job.
    Job,
    /// Beside the requests, for as long as it likes.
    Task,
}

/// Every word for how something runs.
pub const RUNS: &[(&str, Runs)] =
    &[("handler", Runs::Handler), ("job", Runs::Job), ("task", Runs::Task)];

/// Every word for a process.
pub const PROCESSES: &[(&str, Process)] = &[
    ("web", Process::Web),
    ("worker", Process::Worker),
    ("admin", Process::Admin),
    ("cli", Process::Cli),
    ("build", Process::Build),
    ("test", Process::Test),
];

/// From which level on findings make a run fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailOn {
    Error,
    Warning,
    /// Whatever is found.
    Never,
}

/// Every word for it.
pub const FAIL_ON: &[(&str, FailOn)] =
    &[("error", FailOn::Error), ("warning", FailOn::Warning), ("never", FailOn::Never)];

impl FailOn {
    /// Whether a finding of that level makes a run fail; a note never does.
    pub fn fails(self, level: Level) -> bool {
        match self {
            FailOn::Error => level == Level::Error,
            FailOn::Warning => level != Level::Note,
            FailOn::Never => false,
        }
    }
}
