//! What does the editor tell, and what follows from it?

use std::path::Path;
use std::time::Duration;

use gen_lsp_types::{
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams,
};
use lsp_server::Notification;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::documents::Document;
use super::{Server, TOGETHER, TYPING, uris};

/// Files that findings may come from or be decided by. Names of deploy files are many; what is none
/// costs no more than a look.
const WATCHED: [&str; 3] = [
    "**/*.{rs,toml,lock,yaml,yml,json,tf,tofu,tfvars,hcl,nomad,conf,cfg,config,template,vhost,nginx,\
     bicep,vcl,service,container,sh,gitignore}",
    "**/{Dockerfile,Containerfile,Procfile,Caddyfile}*",
    "**/*.{dockerfile,Dockerfile,caddyfile,Caddyfile}",
];

/// Folders in which builds and tools write all the time, and nobody else.
const UNWATCHED: [&str; 3] = ["target", ".git", "node_modules"];

impl Server {
    pub(super) fn notice(&mut self, notice: Notification) {
        if self.shut {
            return;
        }
        match &*notice.method {
            "initialized" => {
                self.watch();
                self.changed(Duration::ZERO);
            }
            "textDocument/didOpen" => self.heard(notice, Self::opened),
            "textDocument/didChange" => self.heard(notice, Self::typed),
            "textDocument/didClose" => self.heard(notice, Self::closed),
            "textDocument/didSave" => self.changed(TOGETHER),
            "workspace/didChangeWatchedFiles" => self.heard(notice, Self::touched),
            "workspace/didChangeWorkspaceFolders" => self.heard(notice, Self::folders_changed),
            // What is optional may be passed over, and what is asked for is answered at once.
            _ => {}
        }
    }

    fn heard<T: DeserializeOwned>(&mut self, notice: Notification, then: impl Fn(&mut Self, T)) {
        match serde_json::from_value(notice.params) {
            Ok(params) => then(self, params),
            Err(error) => {
                self.client.log(&format!("`{}` cannot be read: {error}", notice.method));
            }
        }
    }

    fn watch(&mut self) {
        if !self.client.watches {
            return;
        }
        let watchers: Vec<_> =
            WATCHED.iter().map(|pattern| json!({ "globPattern": pattern })).collect();
        let method = "workspace/didChangeWatchedFiles";
        let registration =
            json!({ "id": "watch", "method": method, "registerOptions": { "watchers": watchers } });
        let params = json!({ "registrations": [registration] });
        self.client.ask("client/registerCapability", params);
    }

    fn opened(&mut self, params: DidOpenTextDocumentParams) {
        let item = params.text_document;
        let Some(path) = uris::path(&item.uri) else { return };
        let document = Document { uri: item.uri, version: item.version, text: item.text.into() };
        self.documents.open(path, document);
        self.changed(TOGETHER);
    }

    fn typed(&mut self, params: DidChangeTextDocumentParams) {
        let document = params.text_document;
        let Some(path) = uris::path(&document.text_document_identifier.uri) else { return };
        let units = self.client.units;
        if self.documents.change(&path, document.version, params.content_changes, units) {
            self.changed(TYPING);
        }
    }

    fn closed(&mut self, params: DidCloseTextDocumentParams) {
        let Some(path) = uris::path(&params.text_document.uri) else { return };
        self.documents.close(&path);
        self.changed(TOGETHER);
    }

    fn touched(&mut self, params: DidChangeWatchedFilesParams) {
        let paths = params.changes.iter().filter_map(|change| uris::path(&change.uri));
        // What is open counts as it is in its buffer.
        let counts = |path: &Path| {
            let parts = path.components();
            let built =
                UNWATCHED.iter().any(|name| parts.clone().any(|part| part.as_os_str() == *name));
            !built && self.documents.get(path).is_none()
        };
        if paths.into_iter().any(|path| counts(&path)) {
            self.changed(TOGETHER);
        }
    }

    fn folders_changed(&mut self, params: DidChangeWorkspaceFoldersParams) {
        for folder in params.event.removed {
            if let Some(path) = uris::path(&folder.uri) {
                self.folders.remove(&path);
            }
        }
        self.folders.extend(params.event.added.iter().filter_map(|f| uris::path(&f.uri)));
        self.changed(TOGETHER);
    }
}
