//! What does rustc's form of a diagnostic hold? The order of the fields is part of the form.

use serde::Serialize;

use super::spans::Span;

#[derive(Serialize)]
pub(super) struct Message {
    pub(super) message: String,
    pub(super) code: Code,
    pub(super) level: &'static str,
    pub(super) spans: Vec<Span>,
    pub(super) children: Vec<Child>,
    pub(super) rendered: String,
    #[serde(rename = "$message_type")]
    pub(super) message_type: &'static str,
}

#[derive(Serialize)]
pub(super) struct Code {
    pub(super) code: String,
    pub(super) explanation: Option<String>,
}

/// What is said below a diagnostic: without a place of its own, but for an edit.
#[derive(Serialize)]
pub(super) struct Child {
    pub(super) message: String,
    code: Option<Code>,
    pub(super) level: &'static str,
    spans: Vec<Span>,
    children: [(); 0],
    rendered: Option<String>,
}

impl Child {
    pub(super) fn new(level: &'static str, message: &str) -> Child {
        let message = message.to_owned();
        Child { message, code: None, level, spans: Vec::new(), children: [], rendered: None }
    }

    /// An edit that an editor makes at the press of a key: its places, with what stands there then.
    pub(super) fn edit(message: &str, spans: Vec<Span>) -> Child {
        Child { spans, ..Child::new("help", message) }
    }
}
