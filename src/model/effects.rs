//! What is done to the local disk, and why does it matter?

use super::{Access, Choice, Lies, Owner};
use crate::catalog::DiskEffect;
use crate::source::Span;

/// Something done to the local disk.
#[derive(Debug, Clone)]
pub struct Effect {
    pub kind: DiskEffect,
    /// `std::fs::write`.
    pub call: String,
    pub at: Span,
    /// The entry point that does it; `None` for what is done at start.
    pub access: Option<Access>,
    /// Where the path comes from, in words: "`Config::upload_dir`".
    pub root: String,
    /// The function around it.
    pub item: String,
    /// Names the directory, so that findings below one share it.
    pub state: String,
    pub owner: Owner,
    /// For reads: a write beneath the same root.
    pub written: Option<(Span, String)>,
    /// What makes it matter where no request does it, or did before.
    pub early: Early,
    /// Whether what is there is fetched or made again when it is missing.
    pub again: bool,
    /// What its path is made from.
    pub lies: Lies,
    /// The setting that decides whether a store or database is opened.
    pub chosen: Option<Choice>,
    pub why: String,
    pub instead: String,
}

/// Why something on the disk matters though it is done at start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Early {
    /// Requests write beside it.
    #[default]
    Requests,
    /// What is written the process made up, and it is there for the next start.
    Generated,
    /// A database lies there.
    Database,
}
