//! `cargo twelve-lint` reads a Rust service as it lies in its repository and says where it breaks
//! the Processes factor of the twelve-factor app.

pub mod source;
pub mod symbol;

pub mod diagnostic;

pub mod catalog;

pub mod discover;

pub mod parse;

pub mod resolve;

pub mod flow;

pub mod model;

pub mod rules;

pub mod check;

pub mod report;

pub mod cli;

pub use check::check;
