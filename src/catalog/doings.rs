//! What else can a call do that outlives a request? And which programs do it for others?

use serde::Deserialize;

/// What a call does besides giving an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Doing {
    /// Makes logs go to files; the argument `at` is the path.
    LogFile,
    /// Makes logs go to the standard output, beside whatever else they go to.
    LogStream,
    /// Makes logs go to the writer that is its argument `at`.
    LogTo,
    /// Makes logs go there and nowhere else.
    LogOnlyTo,
    /// Gives the standard output or the standard error.
    StandardOutput,
    /// Gives a writer that throws away what it is given.
    Nowhere,
    /// Counts requests in this process, to refuse or delay some.
    LimitRate,
    /// Makes a queue whose jobs are kept in this process until a worker takes them.
    KeepJobs,
    /// Orders a certificate for this process.
    OrderCertificate,
    /// Compiles the asset at the path, or of the source, that is its argument `at`.
    CompileAsset,
    /// Makes an asset smaller.
    MinifyAsset,
    /// Runs a program: one of those that the catalogue lists may build assets.
    RunProgram,
    /// Makes sessions that never end.
    EndlessSession,
    /// Keeps the entry of the key `at` in a shared store, for ever.
    KeepForEver,
    /// Gives an entry of a shared store, by its key `at`, an end.
    LetExpire,
    /// Chooses a process by the key that is its argument `at`.
    Balance,
    /// Tells who the client is.
    TellClient,
    /// Hands the client a cookie.
    GiveCookie,
}

/// A program that builds assets.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgramFact {
    pub name: String,
    #[serde(default)]
    pub also: Vec<String>,
    /// It builds where one of these is among its arguments; empty: always.
    #[serde(default)]
    pub builds_if: Vec<String>,
}
