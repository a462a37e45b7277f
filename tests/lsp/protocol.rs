//! Does the server keep to the protocol: capabilities, refusals, shutdown, exit?

use std::path::Path;

use serde_json::json;

use crate::Shop;
use crate::client::{Client, places, position, uri};

#[test]
fn capabilities_are_told_and_units_agreed_on() {
    let shop = Shop::new();
    let static_ = ("global_mutable_state".to_string(), 3);
    for (offered, agreed, column) in [
        (json!(null), "utf-16", 17),
        (json!(["utf-8", "utf-16"]), "utf-8", 20),
        (json!(["utf-16", "utf-8"]), "utf-16", 17),
    ] {
        let mut client = Client::spawn(&["--stdio"]);
        let general = json!({ "general": { "positionEncodings": offered } });
        let told = client.initialize(&[shop.root()], general, json!(null));
        assert_eq!(told["serverInfo"]["name"], "cargo-twelve-lint");
        let can = &told["capabilities"];
        assert_eq!(can["positionEncoding"], agreed);
        assert_eq!(can["textDocumentSync"]["change"], 2);
        assert_eq!(can["hoverProvider"], true);
        assert_eq!(can["codeActionProvider"]["codeActionKinds"][0], "quickfix");
        assert_eq!(can["workspace"]["workspaceFolders"]["changeNotifications"], true);
        let carts = shop.path("src/carts.rs");
        client.open(&carts, 1, &shop.text("src/carts.rs"));
        let found = places(&client.linted(&carts, 1));
        assert_eq!(found, [(static_.0.clone(), static_.1, column)], "{agreed}");
        assert!(client.end().success());
    }
}

#[test]
fn the_end_is_honest() {
    // Without `shutdown` before it, `exit` is a failure; so is an editor that is gone.
    let mut client = Client::start(&[]);
    client.notify("exit", json!(null));
    assert_eq!(client.gone().code(), Some(1));
    let mut client = Client::start(&[]);
    assert_eq!(client.gone().code(), Some(1));
    let mut client = Client::spawn(&[]);
    client.notify("exit", json!(null));
    assert_eq!(client.gone().code(), Some(1));
    // After it nothing is done any more.
    let mut client = Client::start(&[]);
    client.request("shutdown", json!(null));
    let refused = client.request("textDocument/hover", position(Path::new("/a.rs"), 0, 0));
    assert_eq!(refused["error"]["code"], -32600, "{refused}");
    client.notify("exit", json!(null));
    assert_eq!(client.gone().code(), Some(0));
}

#[test]
fn what_cannot_be_done_is_refused() {
    let mut client = Client::spawn(&[]);
    let early = client.request("textDocument/hover", json!({}));
    assert_eq!(early["error"]["code"], -32002, "{early}");
    client.initialize(&[], json!({}), json!({ "pedantik": true }));
    let unknown = client.request("textDocument/rename", json!({}));
    assert_eq!(unknown["error"]["code"], -32601, "{unknown}");
    let wrong = client.request("textDocument/hover", json!({ "textDocument": 1 }));
    assert_eq!(wrong["error"]["code"], -32602, "{wrong}");
    let again = client.request("initialize", json!({ "capabilities": {} }));
    assert_eq!(again["error"]["code"], -32600, "{again}");
    // A setting that is misspelt is told, and so is a command that nobody knows.
    let command = json!({ "command": "twelve-lint.nothing" });
    client.request("workspace/executeCommand", command);
    let said: Vec<String> = client
        .heard("window/showMessage")
        .iter()
        .map(|message| message["params"]["message"].to_string())
        .collect();
    assert!(said[0].contains("pedantik") && said[0].contains("pedantic"), "{said:?}");
    assert!(said[1].contains("twelve-lint.nothing"), "{said:?}");
    // Notices that are unknown, broken, or of buffers that are no files change nothing.
    client.notify("$/setTrace", json!({ "value": "off" }));
    client.notify("textDocument/didOpen", json!({ "textDocument": 1 }));
    let untitled = json!({ "uri": "untitled:x", "languageId": "rust", "version": 1, "text": "" });
    client.notify("textDocument/didOpen", json!({ "textDocument": untitled }));
    client.change(Path::new("/not/open.rs"), 1, json!([{ "text": "" }]));
    assert!(client.end().success());
}

#[test]
fn bytes_that_are_no_message_end_it_with_a_failure() {
    let mut client = Client::start(&[]);
    client.send_raw("Content-Length: 9\r\n\r\n{\"nonsens");
    assert_eq!(client.gone().code(), Some(1));
}

#[test]
fn files_are_watched_where_the_client_can() {
    let shop = Shop::new();
    let mut client = Client::start(&[shop.root()]);
    client.wait(|client| !client.heard("client/registerCapability").is_empty());
    let asked = client.heard("client/registerCapability")[0]["params"]["registrations"][0].clone();
    assert_eq!(asked["method"], "workspace/didChangeWatchedFiles");
    client.wait(|client| !client.shown(&shop.path("k8s/web.yaml")).is_empty());
    // Another program writes the file.
    let mended = shop.text("k8s/web.yaml").replace("ClientIP", "None");
    std::fs::write(shop.path("k8s/web.yaml"), mended).expect("it can be written");
    let change = json!({ "uri": uri(&shop.path("k8s/web.yaml")), "type": 2 });
    client.notify("workspace/didChangeWatchedFiles", json!({ "changes": [change] }));
    client.wait(|client| client.shown(&shop.path("k8s/web.yaml")).is_empty());
    assert!(!client.shown(&shop.path("nginx/nginx.conf")).is_empty());
    assert!(client.end().success());
}
