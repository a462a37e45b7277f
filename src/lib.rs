//! `cargo twelve-lint` reads a Rust service as it lies in its repository and says where it breaks
//! the Processes factor of the twelve-factor app: which state lives in one process's memory or on
//! its disk, who changes it, and from where. This page says how it finds out.
//!
//! # The pipeline
//!
//! ```text
//! discover -> parse -> resolve -> flow -> model -> rules -> check -> report
//! ```
//!
//! Each stage is a function from plain data to plain data, and returns what it understood *and*
//! what it did not. [`check::check`] is the pipeline in one readable function; the command line and
//! the tests call the same one.
//!
//! | stage | question | gives |
//! |---|---|---|
//! | [`discover`] | what is there to lint? | [`Project`](discover::Project): packages, targets, features, deploy files, as cargo would choose them, without running cargo |
//! | [`parse`] | what does one file say? | [`Facts`](parse::Facts): its items and bodies in a tree of our own; a function of the text and the catalogue alone, so files are read in parallel |
//! | [`resolve`] | which definition does a name mean? | [`Names`](resolve::Names): scopes, uses, aliases, re-exports, types; [`Unknown`](resolve::Res::Unknown) is an answer of its own |
//! | [`flow`] | where does a value come from, and what is done with it? | [`Flow`](flow::Flow): every body walked once: calls, touches of what may be shared, values put into fields, registrations |
//! | [`model`] | what outlives a request, who touches it, and from where? | [`Model`](model::Model): entry points, shared states, effects on the disk, deploy settings and what the deployment runs, each with the steps that led to it |
//! | [`rules`] | is that a violation? | [`Finding`](rules::Finding)s: verdict and words; one file per rule |
//! | [`fix`] | what edit puts a finding right, safely? | [`Fix`](diagnostic::Fix): places and what is to stand there |
//! | [`check`](mod@check) | what of it is reported? | [`Report`](diagnostic::Report): diagnostics with level and fingerprint, in a fixed order; problems; coverage |
//! | [`report`] | how is it shown? | text on a writer; one file per format |
//!
//! Beside them stand [`source`] (every text the run has seen; a [`Span`](source::Span) is a byte
//! range in one of them), [`history`] (which lines changed since a revision), [`symbol`] (names as
//! four bytes), [`diagnostic`] (findings and problems as plain data), [`catalog`] (what we know
//! about other people's crates), [`lsp`] (a language server: the same report while somebody types)
//! and [`cli`] (arguments in, exit status out).
//!
//! # Knowledge is data, judgement is code
//!
//! That `moka::sync::Cache` keeps its entries in this process, that `axum::extract::State<T>` hands
//! a handler a `T`, that `vec!` holds expressions, is a fact about somebody else's API and stands in
//! `rules/catalog/*.toml`. That this cache is the only copy of what a handler returns later is a
//! judgement and stands in `src/rules/<id>.rs`, which asks the finished model. No Rust of ours
//! names a crate of theirs; a new crate is an entry and an example. `rules/README.md` is the walk
//! through both.
//!
//! A rule's id joins its page `rules/<id>.md`, its code, its fixtures in `fixtures/<id>`, the marks
//! in them (`//~ <id>`), and the output.
//!
//! # How evidence is kept
//!
//! - Every claim of the model ("this is a handler", "this is shared", "this runs while serving")
//!   carries the spans that led to it. Rules string them together as `because`; a finding that
//!   cannot show its reasons is not made.
//! - What cannot be told stays unknown and is never taken for "no". A finding whose reasons pass
//!   through it has low certainty and is a note.
//! - `cfg(test)`, `doc` and `miri` are off, every other `cfg` is on, so twins for two platforms
//!   coexist. Code behind a feature that is off is judged, and its finding is a note that names it.
//! - What could not be read, parsed or placed is a [`Problem`](diagnostic::Problem) with its place,
//!   never dropped: an error where it was selected, else a note. [`report::Status`] makes the exit
//!   status of it.
//!
//! # What holds everywhere
//!
//! `tests/tidy.rs` holds what of this can be told from the sources, the other tests the rest.
//!
//! - Modules name only modules above them, in the order of this file.
//! - The core does no I/O; [`source`], [`history`], [`discover`] and [`cli`] do.
//! - `gix` is named in [`history`] alone, `syn` in [`parse`], `miette` in [`report::human`], `clap`
//!   in [`cli`].
//! - A rule sees the model and only the model; it decides verdict and words, never the level.
//! - Reporters read a `Report` and nothing else.
//! - The same input gives the same bytes, in any order of files and threads.
//! - Each rule has a page, code, and a bad and a good fixture; the tool finds nothing in itself.
//!
//! # Cost
//!
//! Reading is most of it. Bodies of test modules are blanked before they are parsed, with every
//! line and column left where it was (a mistake inside, while its braces match, is not told: nothing
//! of it would be judged); each file's syntax tree is lowered and dropped by the worker
//! that made it, which then clears the span table of `proc_macro2`. Workers have stacks for ten
//! thousand nested levels, [`parse::stack_bound`] finds the files that need more, and what walks
//! bodies later has the same. `cargo bench` compares a whole run with a program that only parses
//! the same files: at most 1.5 times the CPU, at most 128 MiB.
//!
//! Runs that follow each other, as in an editor, are a [`check::Session`]: facts stay while the text
//! of their file does, as long as no macro and nothing that the tool was taught is another; then all
//! is read anew. What is made of facts is made of them each time.
//!
//! # Where to find what
//!
//! | to do | look at |
//! |---|---|
//! | teach it a platform: what it runs, how often | `rules/catalog/deploy_runs.toml`, then a row in `src/model/deploy/tests/runs.rs` |
//! | teach it a crate | `rules/catalog/`, then an example on a rule's page |
//! | add a rule | `rules/README.md`, a neighbour in `src/rules/` |
//! | see through another form of Rust | `src/parse/`: a row in `src/parse/tests.rs` first |
//! | follow a value it loses | `src/flow/walk.rs`, or `src/resolve/types.rs` for its type |
//! | change what counts as shared, or as serving | `src/model/states.rs`, `src/model/reach.rs` |
//! | choose packages and targets differently | `src/discover/select.rs`, `src/discover/targets.rs` |
//! | put a finding right by an edit | `rules/catalog/edits.toml`, a case in `tests/fixes/` |
//! | change what an editor sees | `src/lsp/shown.rs`; `tests/lsp/` |
//! | change how a finding looks | `src/report/human.rs`; `BLESS=1 cargo test --test reports` |
//! | add a setting | `src/config/`, `schema/config-1.json`, `src/cli/init.rs` |
//! | change what is suppressed, or known | `src/check/suppress.rs`, `src/check/baseline.rs` |
//! | change the JSON | `src/report/json.rs` and `schema/report-1.json`, together |
//! | add a format | a file in `src/report/`, a name in `src/cli/formats.rs`, its consumer in `tests/formats/` |

pub mod source;
pub mod symbol;

pub mod history;

pub mod diagnostic;

pub mod config;

pub mod catalog;

pub mod discover;

pub mod parse;

pub mod resolve;

pub mod flow;

pub mod model;

pub mod rules;

pub mod fix;

pub mod check;

pub mod report;

pub mod lsp;

pub mod cli;

pub use check::{check, check_with};
