//! Which buffers are open, and what do they say?

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gen_lsp_types::{TextDocumentContentChangeEvent, Uri};

use super::places::{Places, Units};

/// A buffer as the editor has it, saved or not.
#[derive(Debug, Clone)]
pub(super) struct Document {
    /// As the editor spells it.
    pub(super) uri: Uri,
    pub(super) version: i32,
    pub(super) text: Arc<str>,
}

/// The open buffers, by the paths of their files.
#[derive(Debug, Default)]
pub(super) struct Documents {
    open: BTreeMap<PathBuf, Document>,
}

impl Documents {
    pub(super) fn open(&mut self, path: PathBuf, document: Document) {
        self.open.insert(path, document);
    }

    pub(super) fn close(&mut self, path: &Path) {
        self.open.remove(path);
    }

    pub(super) fn get(&self, path: &Path) -> Option<&Document> {
        self.open.get(path)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&PathBuf, &Document)> {
        self.open.iter()
    }

    /// Does to a buffer what was done in the editor, change by change; `false` where it is not open.
    pub(super) fn change(
        &mut self,
        path: &Path,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
        units: Units,
    ) -> bool {
        use TextDocumentContentChangeEvent as Event;
        let Some(document) = self.open.get_mut(path) else { return false };
        let mut text = document.text.to_string();
        for change in changes {
            match change {
                Event::TextDocumentContentChangeWholeDocument(whole) => text = whole.text,
                Event::TextDocumentContentChangePartial(part) => {
                    let places = Places::new(&text, units);
                    let start = places.offset(part.range.start);
                    let end = places.offset(part.range.end).max(start);
                    text.replace_range(start..end, &part.text);
                }
            }
        }
        document.text = text.into();
        document.version = version;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn changes_follow_each_other() {
        let mut documents = Documents::default();
        let path = PathBuf::from("/a.rs");
        let text = "fn ä() {}\nfn b() {}\n".into();
        let document = Document { uri: Uri("file:///a.rs".into()), version: 1, text };
        documents.open(path.clone(), document);
        let at = |line, from, to| {
            json!({ "start": { "line": line, "character": from },
                    "end": { "line": line, "character": to } })
        };
        let changes = json!([
            { "range": at(0, 3, 4), "text": "😀" },
            { "range": at(0, 5, 5), "text": "x" },
            { "range": at(1, 0, 9), "text": "" },
        ]);
        let changes = serde_json::from_value(changes).unwrap();
        assert!(documents.change(&path, 2, changes, Units::Utf16));
        let document = documents.get(&path).unwrap();
        assert_eq!((&*document.text, document.version), ("fn 😀x() {}\n\n", 2));
        let whole = serde_json::from_value(json!([{ "text": "whole" }])).unwrap();
        assert!(documents.change(&path, 3, whole, Units::Utf16));
        assert_eq!(&*documents.get(&path).unwrap().text, "whole");
        assert!(!documents.change(Path::new("/b.rs"), 1, Vec::new(), Units::Utf16));
    }
}
