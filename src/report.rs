//! How is a report shown? One file per format.

use std::io::{self, Write};

use crate::diagnostic::Report;

pub mod human;
pub mod json;
mod status;

pub use status::Status;

/// The formats that can be asked for.
#[derive(Debug, Clone)]
pub enum Format {
    /// For people at a terminal or reading a log.
    Human(human::Options),
    /// The contract of `schema/report-1.json`.
    Json,
}

/// Writes a report.
///
/// # Errors
/// The writer fails.
pub fn render(report: &Report, format: &Format, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Human(options) => human::render(report, options, out),
        Format::Json => json::render(report, out),
    }
}
