//! How does an editor see findings while somebody types? Buffers in, diagnostics out: a language
//! server with no judgement of its own.
//!
//! One thread answers the editor, another one lints; a run that is outdated is given up. What is
//! shown is what the command line would say of the buffers, were they saved.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crossbeam_channel::{after, never, select};
use gen_lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionParams, Diagnostic, ExecuteCommandOptions,
    HoverParams, InitializeParams, InitializeResult, PublishDiagnosticsParams, Range, Save,
    ServerCapabilities, ServerInfo, TextDocumentSyncKind, TextDocumentSyncOptions, Uri,
    WorkspaceFoldersServerCapabilities, WorkspaceOptions,
};
use lsp_server::{Connection, ErrorCode, Message, Request, Response};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::check::Stop;
use crate::discover::Selection;

mod actions;
mod client;
mod documents;
mod notices;
mod pages;
mod places;
mod recover;
mod shown;
mod uris;
mod worker;

use client::{Client, Settings, Target};
use documents::Documents;
use places::Places;
use shown::{Files, View};
use worker::{Buffer, Done, Job, Outcome, Worker};

/// How long nothing is typed before what was typed is linted.
const TYPING: Duration = Duration::from_millis(150);
/// Saving a set of files, or switching a branch, comes as many messages.
const TOGETHER: Duration = Duration::from_millis(25);

/// How the server was called.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whether notes are shown; none: as the configuration says.
    pub pedantic: Option<bool>,
    /// Targets and features; the folders are the editor's.
    pub selection: Selection,
    /// A folder with a file `<rule>.md` for each rule, that editors can open.
    pub pages: Option<PathBuf>,
}

/// Serves one editor until it says `exit` or is gone, and says with which status to end: 0 where it
/// said `shutdown` before, as the protocol asks.
pub fn serve(connection: &Connection, options: Options) -> u8 {
    let Ok((id, params)) = connection.initialize_start() else { return 1 };
    let params: InitializeParams = match serde_json::from_value(params) {
        Ok(params) => params,
        Err(error) => {
            let message = format!("these parameters of `initialize` cannot be read: {error}");
            let refusal = Response::new_err(id, ErrorCode::InvalidParams as i32, message);
            drop(connection.sender.send(refusal.into()));
            return 1;
        }
    };
    let client = Client::new(connection.sender.clone(), &params);
    let worker = match Worker::start() {
        Ok(worker) => worker,
        Err(error) => {
            client.say(1, &format!("twelve-lint: no thread could be had: {error}"));
            return 1;
        }
    };
    let result = serde_json::to_value(told(&client)).unwrap_or_default();
    client.answer(Response::new_ok(id, result));
    let (settings, wrong) = Settings::of(params.initialization_options.as_ref());
    if let Some(wrong) = wrong {
        client.say(2, &wrong);
    }
    let mut server = Server {
        client,
        worker,
        options,
        settings,
        folders: client::folders(&params).into_iter().collect(),
        documents: Documents::default(),
        files: Files::default(),
        versions: HashMap::new(),
        published: HashMap::new(),
        due: None,
        running: None,
        shut: false,
    };
    server.serve(connection)
}

/// What the server can do.
fn told(client: &Client) -> InitializeResult {
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::Incremental),
        save: Some(Save::Bool(true)),
        ..TextDocumentSyncOptions::default()
    };
    let actions = CodeActionOptions {
        code_action_kinds: Some(vec![
            CodeActionKind::QuickFix,
            CodeActionKind::new(actions::FIX_ALL),
        ]),
        ..CodeActionOptions::default()
    };
    let commands = ExecuteCommandOptions {
        commands: vec![actions::OPEN_PAGE.into(), actions::GO_TO.into()],
        ..ExecuteCommandOptions::default()
    };
    let folders = WorkspaceFoldersServerCapabilities {
        supported: Some(true),
        change_notifications: Some(true.into()),
    };
    InitializeResult {
        capabilities: ServerCapabilities {
            position_encoding: Some(client.units.kind()),
            text_document_sync: Some(sync.into()),
            hover_provider: Some(true.into()),
            code_action_provider: Some(actions.into()),
            execute_command_provider: Some(commands),
            workspace: Some(WorkspaceOptions {
                workspace_folders: Some(folders),
                ..WorkspaceOptions::default()
            }),
            ..ServerCapabilities::default()
        },
        server_info: Some(ServerInfo {
            name: env!("CARGO_PKG_NAME").into(),
            version: Some(env!("CARGO_PKG_VERSION").into()),
        }),
    }
}

struct Server {
    client: Client,
    worker: Worker,
    options: Options,
    settings: Settings,
    folders: BTreeSet<PathBuf>,
    documents: Documents,
    /// What the last run said, and the versions of the buffers that it is about.
    files: Files,
    versions: HashMap<PathBuf, i32>,
    /// What the editor shows by now.
    published: HashMap<Uri, (Option<i32>, Vec<Diagnostic>)>,
    /// When to lint.
    due: Option<Instant>,
    running: Option<Stop>,
    shut: bool,
}

impl Server {
    fn serve(&mut self, connection: &Connection) -> u8 {
        loop {
            // One run at a time: the next one starts when the outdated one has ended.
            let due = self.due.filter(|_| self.running.is_none());
            let now = Instant::now();
            let alarm = due.map_or_else(never, |due| after(due.saturating_duration_since(now)));
            select! {
                recv(connection.receiver) -> message => match message {
                    Ok(Message::Request(request)) => self.request(request),
                    Ok(Message::Notification(notice)) if notice.method == "exit" => {
                        return u8::from(!self.shut);
                    }
                    Ok(Message::Notification(notice)) => self.notice(notice),
                    Ok(Message::Response(_)) => {}
                    // The editor is gone.
                    Err(_) => return 1,
                },
                recv(self.worker.done) -> done => match done {
                    Ok(done) => self.done(done),
                    Err(_) => {
                        self.client.say(1, "twelve-lint: the linting thread is gone; restart the server");
                        return 1;
                    }
                },
                recv(alarm) -> _ => self.lint(),
            }
        }
    }

    /// Something changed: what is being linted is outdated.
    fn changed(&mut self, wait: Duration) {
        if let Some(stop) = &self.running {
            stop.now();
        }
        self.due = Some(Instant::now() + wait);
    }

    fn lint(&mut self) {
        self.due = None;
        if self.shut {
            return;
        }
        let stop = Stop::default();
        self.running = Some(stop.clone());
        let Settings { pedantic, features, all_features, no_default_features } = &self.settings;
        let mut selection = self.options.selection.clone();
        selection.features.extend(features.iter().cloned());
        selection.all_features |= all_features;
        selection.no_default_features |= no_default_features;
        let open = self.documents.iter();
        let view = View {
            units: self.client.units,
            related: self.client.related,
            pages: self.options.pages.clone(),
            uris: open.map(|(path, document)| (path.clone(), document.uri.clone())).collect(),
        };
        let buffers = self.documents.iter().map(|(path, document)| Buffer {
            path: path.clone(),
            version: document.version,
            text: document.text.clone(),
        });
        let buffers = buffers.collect();
        let pedantic = pedantic.or(self.options.pedantic);
        self.worker.run(Job { roots: self.roots(), buffers, selection, pedantic, view, stop });
    }

    /// The folders of the editor, and of buffers outside of them the packages.
    fn roots(&self) -> Vec<PathBuf> {
        let mut roots = self.folders.clone();
        for (path, _) in self.documents.iter() {
            if self.folders.iter().any(|folder| path.starts_with(folder)) {
                continue;
            }
            let mut above = path.ancestors().skip(1);
            roots.extend(above.find(|dir| dir.join("Cargo.toml").is_file()).map(Path::to_path_buf));
        }
        roots.into_iter().collect()
    }

    fn done(&mut self, done: Done) {
        self.running = None;
        match done.outcome {
            Outcome::Stopped => {}
            Outcome::Failed(why) => {
                self.client.say(1, &format!("twelve-lint: linting failed: {why}"));
            }
            // What came too late is told all the same where nothing newer is on its way.
            Outcome::Linted { .. } if self.due.is_some() => {}
            Outcome::Linted { files, log } => {
                log.iter().for_each(|line| self.client.log(line));
                self.files = files;
                self.versions = done.versions;
                self.publish();
            }
        }
    }

    /// Shows what is new, and takes away what is gone.
    fn publish(&mut self) {
        let mut next: HashMap<Uri, (Option<i32>, Vec<Diagnostic>)> = HashMap::new();
        for (path, document) in self.documents.iter() {
            let version = self.versions.get(path).copied();
            next.insert(document.uri.clone(), (version, Vec::new()));
        }
        for (path, found) in &self.files {
            let open = self.documents.get(path).map(|document| document.uri.clone());
            let uri = open.unwrap_or_else(|| uris::uri(path));
            let (_, shown) = next.entry(uri).or_default();
            shown.extend(found.iter().map(|shown| shown.marked.clone()));
        }
        let gone = self.published.keys().filter(|uri| !next.contains_key(*uri));
        for uri in gone.cloned().collect::<Vec<Uri>>() {
            self.show(uri, None, Vec::new());
        }
        let mut new: Vec<_> = next.iter().collect();
        new.retain(|(uri, shown)| self.published.get(*uri) != Some(*shown));
        new.sort_by_key(|(uri, _)| &uri.0);
        for (uri, (version, diagnostics)) in new {
            self.show(uri.clone(), *version, diagnostics.clone());
        }
        self.published = next;
    }

    fn show(&self, uri: Uri, version: Option<i32>, diagnostics: Vec<Diagnostic>) {
        let params = PublishDiagnosticsParams { uri, version, diagnostics };
        self.client.notify("textDocument/publishDiagnostics", params);
    }

    fn request(&mut self, request: Request) {
        if self.shut {
            let message = "the server was shut down";
            return self.client.refuse(&request, ErrorCode::InvalidRequest, message);
        }
        let answer = match &*request.method {
            "shutdown" => {
                self.shut = true;
                self.changed(Duration::ZERO);
                Some(Value::Null)
            }
            "textDocument/hover" => self.read(&request).map(|params| self.hover(&params)),
            "textDocument/codeAction" => self.read(&request).map(|params| self.actions(&params)),
            "workspace/executeCommand" => self.read(&request).map(|params| self.command(&params)),
            "initialize" => {
                let message = "the server is initialized already";
                self.client.refuse(&request, ErrorCode::InvalidRequest, message);
                None
            }
            other => {
                let message = format!("there is no method `{other}`");
                self.client.refuse(&request, ErrorCode::MethodNotFound, &message);
                None
            }
        };
        if let Some(answer) = answer {
            self.client.answer(Response::new_ok(request.id, answer));
        }
    }

    /// The parameters of a request; what cannot be read is refused.
    fn read<T: DeserializeOwned>(&self, request: &Request) -> Option<T> {
        match serde_json::from_value(request.params.clone()) {
            Ok(params) => Some(params),
            Err(error) => {
                let message = format!("these parameters cannot be read: {error}");
                self.client.refuse(request, ErrorCode::InvalidParams, &message);
                None
            }
        }
    }

    fn hover(&self, params: &HoverParams) -> Value {
        let at = &params.text_document_position_params;
        let Some(path) = uris::path(&at.text_document.uri) else { return Value::Null };
        let place = Range { start: at.position, end: at.position };
        let found = self.files.get(&path).into_iter().flatten();
        let mut here = found.filter(|shown| actions::touches(shown.marked.range, place));
        let hover = here.find_map(pages::hover);
        serde_json::to_value(hover).unwrap_or_default()
    }

    fn actions(&self, params: &CodeActionParams) -> Value {
        let uri = &params.text_document.uri;
        let actions = uris::path(uri).and_then(|path| {
            let document = self.documents.get(&path)?;
            // Places of what was typed over by now are wrong; the next run has new ones.
            if self.versions.get(&path) != Some(&document.version) {
                return None;
            }
            let found = self.files.get(&path)?;
            let target = Target { uri: uri.clone(), version: Some(document.version) };
            let places = Places::new(&document.text, self.client.units);
            let only = params.context.only.as_deref();
            let about = &*params.context.diagnostics;
            let asked = actions::Asked { path: &path, range: params.range, about, only };
            Some(actions::at(&asked, found, &target, &places, &self.client))
        });
        serde_json::to_value(actions.unwrap_or_default()).unwrap_or_default()
    }

    fn command(&mut self, params: &gen_lsp_types::ExecuteCommandParams) -> Value {
        let arguments = params.arguments.as_deref().unwrap_or_default();
        match (&*params.command, arguments) {
            (actions::OPEN_PAGE, [rule]) => self.open_page(rule.as_str().unwrap_or_default()),
            (actions::GO_TO, [uri, line, column]) => {
                let at = json!({ "line": line, "character": column });
                let selection = json!({ "start": at, "end": at });
                let params = json!({ "uri": uri, "takeFocus": true, "selection": selection });
                self.client.ask("window/showDocument", params);
            }
            (other, _) => {
                self.client.say(2, &format!("twelve-lint: there is no command `{other}`"))
            }
        }
        Value::Null
    }

    fn open_page(&mut self, rule: &str) {
        let Some(rule) = crate::rules::find(rule) else {
            return self.client.say(2, &format!("twelve-lint: there is no rule `{rule}`"));
        };
        let page = self.options.pages.as_ref().map(|pages| pages.join(format!("{}.md", rule.id)));
        match page {
            Some(page) if self.client.shows_documents => {
                let params = json!({ "uri": uris::uri(&page), "takeFocus": true });
                self.client.ask("window/showDocument", params);
            }
            Some(page) => self.client.say(3, &format!("The page is {}", page.display())),
            None => {
                let words = format!("`cargo twelve-lint explain {}` prints the page", rule.id);
                self.client.say(3, &words);
            }
        }
    }
}
