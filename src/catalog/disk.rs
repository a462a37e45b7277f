//! What can a call do to the local disk?

use serde::Deserialize;

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
    /// Binds a socket there, or speaks through the one that is there: a name by which a process is
    /// found, and nothing that is kept.
    Bind,
    /// Reads the names in a directory.
    List,
    /// Hands what lies beneath to clients from now on: a folder of static files.
    Serve,
    /// Asks whether something is there, or how large it is.
    Probe,
    /// Reads through what was opened: of interest where that was opened for writing, too.
    ReadOpen,
    /// Has what was opened written out: where that was opened to read, it is a folder, of which nothing
    /// is read.
    Sync,
    /// Locks what was opened, and puts nothing into it.
    Lock,
    /// Says of what its receiver opens, or of a call that it is handed to, that it only reads.
    OnlyRead,
    /// Names the path of what its receiver's chain began to open: `options.filename(path)`.
    Name,
    /// Puts something into what was opened.
    Pour,
    /// Starts the program that its receiver names.
    Run,
    /// Names the folder in which the program that its receiver names is to run.
    Folder,
    /// Hands a statement to a database that lives elsewhere or here.
    State,
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
