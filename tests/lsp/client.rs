//! What would an editor send, and what comes back? A scripted client over stdio.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

/// Longer than any answer takes on a busy machine: only a server that hangs gets here.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct Client {
    server: Child,
    to: Option<ChildStdin>,
    from: Receiver<Value>,
    asked: i64,
    /// The diagnostics that are shown, by URI.
    pub(crate) shown: BTreeMap<String, Vec<Value>>,
    /// Everything that was published, in order: URI, version, number of diagnostics.
    pub(crate) published: Vec<(String, Option<i64>, usize)>,
    /// What else the server said or asked for.
    pub(crate) heard: Vec<Value>,
}

impl Client {
    pub(crate) fn spawn(arguments: &[&str]) -> Client {
        let mut server = Command::new(env!("CARGO_BIN_EXE_cargo-twelve-lint"))
            .arg("lsp")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let (told, from) = channel();
        let mut out = BufReader::new(server.stdout.take().expect("a pipe"));
        std::thread::spawn(move || {
            while let Some(message) = read(&mut out) {
                if told.send(message).is_err() {
                    break;
                }
            }
        });
        let to = server.stdin.take();
        let (shown, published, heard) = Default::default();
        Client { server, to, from, asked: 0, shown, published, heard }
    }

    /// A server that was told of folders, with what most editors can do.
    pub(crate) fn start(folders: &[&Path]) -> Client {
        let mut client = Client::spawn(&[]);
        client.initialize(folders, json!({}), json!(null));
        client
    }

    /// Says `initialize` and `initialized`; `more` is put into the capabilities.
    pub(crate) fn initialize(&mut self, folders: &[&Path], more: Value, options: Value) -> Value {
        let folders: Vec<Value> =
            folders.iter().map(|folder| json!({ "uri": uri(folder), "name": "x" })).collect();
        let mut capabilities = json!({
            "workspace": {
                "workspaceFolders": true,
                "workspaceEdit": { "documentChanges": true },
                "didChangeWatchedFiles": { "dynamicRegistration": true },
            },
            "textDocument": { "publishDiagnostics": { "relatedInformation": true } },
            "window": { "showDocument": { "support": true } },
        });
        for (key, value) in more.as_object().expect("an object") {
            capabilities[key] = value.clone();
        }
        let answer = self.request(
            "initialize",
            json!({
                "processId": null, "rootUri": null, "capabilities": capabilities,
                "workspaceFolders": folders, "initializationOptions": options,
            }),
        );
        self.notify("initialized", json!({}));
        answer["result"].clone()
    }

    pub(crate) fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// The whole answer: `result` or `error`.
    pub(crate) fn request(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.next();
            if message["id"] == json!(id) && message.get("method").is_none() {
                return message;
            }
            self.hear(message);
        }
    }

    pub(crate) fn open(&mut self, path: &Path, version: i64, text: &str) {
        let item = json!({ "uri": uri(path), "languageId": "x", "version": version, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": item }));
    }

    /// Replaces what stands in a buffer.
    pub(crate) fn write(&mut self, path: &Path, version: i64, text: &str) {
        self.change(path, version, json!([{ "text": text }]));
    }

    pub(crate) fn change(&mut self, path: &Path, version: i64, changes: Value) {
        let document = json!({ "uri": uri(path), "version": version });
        let params = json!({ "textDocument": document, "contentChanges": changes });
        self.notify("textDocument/didChange", params);
    }

    /// Waits until an open buffer is shown in that version, with all that was found beside it.
    pub(crate) fn linted(&mut self, path: &Path, version: i64) -> Vec<Value> {
        let uri = uri(path);
        let is = |told: &(String, Option<i64>, usize)| told.0 == uri && told.1 == Some(version);
        while !self.published.iter().any(is) {
            let message = self.next();
            self.hear(message);
        }
        self.settle();
        self.shown(path)
    }

    /// Waits until something is so.
    pub(crate) fn wait(&mut self, so: impl Fn(&Client) -> bool) {
        while !so(self) {
            let message = self.next();
            self.hear(message);
        }
    }

    /// All of one run is sent before anything that is asked after it began is answered.
    fn settle(&mut self) {
        self.request("textDocument/hover", position(Path::new("/nowhere.rs"), 0, 0));
    }

    pub(crate) fn shown(&self, path: &Path) -> Vec<Value> {
        self.shown.get(&uri(path)).cloned().unwrap_or_default()
    }

    /// Says `shutdown` and `exit`.
    pub(crate) fn end(mut self) -> ExitStatus {
        let answer = self.request("shutdown", json!(null));
        assert_eq!(answer["result"], json!(null), "{answer}");
        self.notify("exit", json!(null));
        self.gone()
    }

    /// Closes the server's input and waits for its end.
    pub(crate) fn gone(&mut self) -> ExitStatus {
        drop(self.to.take());
        self.server.wait().expect("the server ends")
    }

    pub(crate) fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.send_raw(&format!("Content-Length: {}\r\n\r\n{text}", text.len()));
    }

    pub(crate) fn send_raw(&mut self, text: &str) {
        let to = self.to.as_mut().expect("it is not closed");
        to.write_all(text.as_bytes()).and_then(|()| to.flush()).expect("the server listens");
    }

    fn next(&mut self) -> Value {
        self.from.recv_timeout(PATIENCE).expect("the server answers")
    }

    fn hear(&mut self, message: Value) {
        let method = message["method"].as_str().unwrap_or_default().to_string();
        if method == "textDocument/publishDiagnostics" {
            let params = &message["params"];
            let uri = params["uri"].as_str().expect("a URI").to_string();
            let found = params["diagnostics"].as_array().expect("a list").clone();
            self.published.push((uri.clone(), params["version"].as_i64(), found.len()));
            self.shown.insert(uri, found);
            return;
        }
        if message.get("id").is_some() {
            self.send(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": null }));
        }
        self.heard.push(message);
    }

    /// What was heard of one kind.
    pub(crate) fn heard(&self, method: &str) -> Vec<&Value> {
        self.heard.iter().filter(|message| message["method"] == method).collect()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        drop(self.server.kill());
        drop(self.server.wait());
    }
}

/// One message behind its header.
fn read(from: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if from.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim().split_once(": ") {
            Some(("Content-Length", value)) => length = value.parse().expect("a number"),
            Some(_) => {}
            None => break,
        }
    }
    let mut text = vec![0; length];
    from.read_exact(&mut text).ok()?;
    Some(serde_json::from_slice(&text).expect("stdout holds nothing but the protocol"))
}

pub(crate) fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

pub(crate) fn position(path: &Path, line: u32, character: u32) -> Value {
    json!({ "textDocument": { "uri": uri(path) },
            "position": { "line": line, "character": character } })
}

/// Rule, first line and first column of what is shown, in order.
pub(crate) fn places(shown: &[Value]) -> Vec<(String, u64, u64)> {
    let place = |marked: &Value| {
        let start = &marked["range"]["start"];
        let number = |name: &str| start[name].as_u64().expect("a number");
        let code = marked["code"].as_str().expect("a code").to_string();
        (code, number("line"), number("character"))
    };
    let mut places: Vec<_> = shown.iter().map(place).collect();
    places.sort();
    places
}
