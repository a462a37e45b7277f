//! What can the editor at the other end do, and how is it asked?

use std::path::PathBuf;

use crossbeam_channel::Sender;
use gen_lsp_types::{
    DocumentChange, InitializeParams, OptionalVersionedTextDocumentIdentifier, TextDocumentEdit,
    TextDocumentIdentifier, TextEdit, Uri, WorkspaceEdit, WorkspaceFolders,
};
use lsp_server::{ErrorCode, Message, Notification, Request, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::places::Units;
use super::uris;

/// What the client said of itself, and the way to it.
#[derive(Debug)]
pub(super) struct Client {
    to: Sender<Message>,
    asked: i32,
    pub(super) units: Units,
    pub(super) related: bool,
    pub(super) versioned_edits: bool,
    pub(super) shows_documents: bool,
    pub(super) watches: bool,
}

/// A buffer that an edit is for.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) uri: Uri,
    /// The version that the places of the edit are of; none where it is not open.
    pub(super) version: Option<i32>,
}

impl Client {
    pub(super) fn new(to: Sender<Message>, params: &InitializeParams) -> Client {
        let all = &params.capabilities;
        let workspace = all.workspace.as_ref();
        let documents = all.text_document.as_ref();
        let edits = workspace.and_then(|w| w.workspace_edit.as_ref()?.document_changes);
        let watches =
            workspace.and_then(|w| w.did_change_watched_files.as_ref()?.dynamic_registration);
        let related = documents.and_then(|d| {
            d.publish_diagnostics.as_ref()?.diagnostics_capabilities.related_information
        });
        let general = all.general.as_ref();
        let offered = general.and_then(|general| general.position_encodings.as_deref());
        let shows = all.window.as_ref().and_then(|window| window.show_document.as_ref());
        Client {
            to,
            asked: 0,
            units: Units::agreed(offered.unwrap_or_default()),
            // Who does not say so is old enough to show them all the same, or passes them over.
            related: related != Some(false),
            versioned_edits: edits == Some(true),
            shows_documents: shows.is_some_and(|shows| shows.support),
            watches: watches == Some(true),
        }
    }

    /// Where the client is gone, the loop hears of it by its own channel.
    pub(super) fn notify(&self, method: &str, params: impl Serialize) {
        drop(self.to.send(Notification::new(method.into(), params).into()));
    }

    /// Asks for something whose answer changes nothing.
    pub(super) fn ask(&mut self, method: &str, params: impl Serialize) {
        self.asked += 1;
        drop(self.to.send(Request::new(self.asked.into(), method.into(), params).into()));
    }

    pub(super) fn answer(&self, response: Response) {
        drop(self.to.send(response.into()));
    }

    pub(super) fn refuse(&self, request: &Request, code: ErrorCode, message: &str) {
        self.answer(Response::new_err(request.id.clone(), code as i32, message.into()));
    }

    /// Words for the user (1: an error, 2: a warning, 3: worth knowing).
    pub(super) fn say(&self, kind: u32, message: &str) {
        let params = serde_json::json!({ "type": kind, "message": message });
        self.notify("window/showMessage", params);
    }

    /// Words for the log.
    pub(super) fn log(&self, message: &str) {
        let params = serde_json::json!({ "type": 3, "message": message });
        self.notify("window/logMessage", params);
    }

    /// An edit of one file, of the version that it was made for where the client can tell.
    pub(super) fn edit(&self, target: &Target, edits: Vec<TextEdit>) -> WorkspaceEdit {
        let uri = target.uri.clone();
        if !self.versioned_edits {
            return WorkspaceEdit {
                changes: Some([(uri, edits)].into()),
                ..WorkspaceEdit::default()
            };
        }
        let text_document = OptionalVersionedTextDocumentIdentifier {
            version: target.version,
            text_document_identifier: TextDocumentIdentifier { uri },
        };
        let edits = edits.into_iter().map(Into::into).collect();
        let change = DocumentChange::TextDocumentEdit(TextDocumentEdit { text_document, edits });
        WorkspaceEdit { document_changes: Some(vec![change]), ..WorkspaceEdit::default() }
    }
}

/// What a user sets for the server, as `initializationOptions`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Settings {
    /// Whether notes are shown.
    pub(super) pedantic: Option<bool>,
    pub(super) features: Vec<String>,
    pub(super) all_features: bool,
    pub(super) no_default_features: bool,
}

impl Settings {
    /// What is set, and what is wrong with it.
    pub(super) fn of(value: Option<&Value>) -> (Settings, Option<String>) {
        let value = match value {
            None | Some(Value::Null) => return (Settings::default(), None),
            Some(value) => value,
        };
        match serde_json::from_value(value.clone()) {
            Ok(settings) => (settings, None),
            Err(error) => (
                Settings::default(),
                Some(format!("twelve-lint: the settings are not in force: {error}")),
            ),
        }
    }
}

/// The folders that the client starts with.
pub(super) fn folders(params: &InitializeParams) -> Vec<PathBuf> {
    match &params.workspace_folders_initialize_params.workspace_folders {
        Some(WorkspaceFolders::WorkspaceFolderList(folders)) => {
            folders.iter().filter_map(|folder| uris::path(&folder.uri)).collect()
        }
        _ => {
            #[expect(deprecated, reason = "older clients say nothing else")]
            let root = params.root_uri.as_ref();
            root.and_then(uris::path).into_iter().collect()
        }
    }
}
