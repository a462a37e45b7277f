//! How is a report shown? One file per format.

use std::io::{self, Write};

use crate::diagnostic::Report;

pub mod cargo;
pub mod github;
pub mod gitlab;
pub mod human;
pub mod json;
pub mod json_lines;
pub mod junit;
pub mod markdown;
mod plain;
pub mod rdjson;
pub mod sarif;
pub mod short;
pub mod statistics;
mod status;
mod uri;

pub(crate) use human::hanging;
pub use plain::Plain;
pub use status::Status;

/// The formats that can be asked for.
#[derive(Debug, Clone)]
pub enum Format {
    /// For people at a terminal or reading a log.
    Human(human::Options),
    /// A line for each finding, which problem matchers of editors understand.
    Short(Plain),
    /// How many findings each rule has.
    Statistics(human::Options),
    /// The contract of `schema/report-1.json`.
    Json,
    /// The same in lines, the contract of `schema/report-lines-1.json`.
    JsonLines,
    /// What `cargo check --message-format=json` prints: for rust-analyzer.
    Cargo(cargo::Options),
    /// SARIF 2.1.0.
    Sarif(Plain),
    /// Annotations of a GitHub workflow.
    Github(Plain),
    /// A page for the summary of a job.
    Markdown(markdown::Options),
    /// Code quality of GitLab.
    Gitlab(Plain),
    /// JUnit's XML.
    Junit(Plain),
    /// The diagnostics of reviewdog.
    Rdjson(Plain),
}

/// Writes a report.
///
/// # Errors
/// The writer fails.
pub fn render(report: &Report, format: &Format, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Human(options) => human::render(report, options, out),
        Format::Short(options) => short::render(report, options, out),
        Format::Statistics(options) => statistics::render(report, options, out),
        Format::Json => json::render(report, out),
        Format::JsonLines => json_lines::render(report, out),
        Format::Cargo(options) => cargo::render(report, options, out),
        Format::Sarif(options) => sarif::render(report, options, out),
        Format::Github(options) => github::render(report, options, out),
        Format::Markdown(options) => markdown::render(report, options, out),
        Format::Gitlab(options) => gitlab::render(report, options, out),
        Format::Junit(options) => junit::render(report, options, out),
        Format::Rdjson(options) => rdjson::render(report, options, out),
    }
}
