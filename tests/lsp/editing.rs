//! What is shown while somebody types, moves folders, asks for pages and actions?

use std::path::Path;

use serde_json::{Value, json};

use crate::client::{Client, places, position, uri};
use crate::{Shop, tree, write};

fn found(rule: &str, line: u64, column: u64) -> (String, u64, u64) {
    (rule.to_string(), line, column)
}

#[test]
fn everything_of_a_folder_is_shown_with_its_reasons() {
    let shop = Shop::new();
    let mut client = Client::start(&[shop.root()]);
    let main = shop.path("src/main.rs");
    client.open(&main, 7, &shop.text("src/main.rs"));
    assert!(client.linted(&main, 7).is_empty());

    let shown = client.shown(&shop.path("src/carts.rs"));
    assert_eq!(places(&shown), [found("global_mutable_state", 3, 17)]);
    let marked = &shown[0];
    assert_eq!(marked["severity"], 1);
    assert_eq!(marked["source"], "twelve-lint");
    assert_eq!(marked["data"]["fingerprint"].as_str().map(str::len), Some(32));
    let message = marked["message"].as_str().expect("a text");
    assert!(message.contains("\nso: ") && message.contains("\nhelp: "), "{message}");
    // The page that the code leads to is there.
    let page = marked["codeDescription"]["href"].as_str().expect("a link");
    let page = std::fs::read_to_string(page.strip_prefix("file://").expect("a file"));
    assert!(page.expect("it can be read").starts_with("# global_mutable_state"));
    // The reasons stand in both files.
    let related = marked["relatedInformation"].as_array().expect("a list");
    let at = |file: &str| {
        let is = |step: &&Value| step["location"]["uri"] == uri(&shop.path(file));
        related.iter().filter(is).count()
    };
    assert!(at("src/main.rs") >= 1 && at("src/carts.rs") >= 1, "{related:?}");

    let service = client.shown(&shop.path("k8s/web.yaml"));
    assert_eq!(places(&service), [found("sticky_session", 7, 2)]);
    let proxy = client.shown(&shop.path("nginx/nginx.conf"));
    assert_eq!(places(&proxy), [found("sticky_session", 2, 8)]);
    assert!(client.end().success());
}

#[test]
fn buffers_count_before_they_are_saved() {
    let shop = Shop::new();
    let mut client = Client::start(&[shop.root()]);
    let carts = shop.path("src/carts.rs");
    client.open(&carts, 1, &shop.text("src/carts.rs"));
    assert_eq!(client.linted(&carts, 1).len(), 1);
    // A line above moves the finding; then nothing is written to the static any more.
    let start = json!({ "line": 0, "character": 0 });
    let insert = json!([{ "range": { "start": start, "end": start }, "text": "// one\n" }]);
    client.change(&carts, 2, insert);
    assert_eq!(places(&client.linted(&carts, 2)), [found("global_mutable_state", 4, 17)]);
    let cut = json!({ "start": { "line": 8, "character": 0 },
                      "end": { "line": 9, "character": 0 } });
    client.change(&carts, 3, json!([{ "range": cut, "text": "" }]));
    assert_eq!(client.linted(&carts, 3), Vec::<Value>::new());
    // What was never saved is forgotten with the buffer.
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri(&carts) } }));
    client.wait(|client| client.shown(&carts).len() == 1);
    assert_eq!(places(&client.shown(&carts)), [found("global_mutable_state", 3, 17)]);
    assert!(client.end().success());
}

#[test]
fn new_buffers_are_part_of_the_tree() {
    let shop = Shop::new();
    let mut client = Client::start(&[shop.root()]);
    // Neither is on the disk.
    let (main, hits) = (shop.path("src/main.rs"), shop.path("src/hits.rs"));
    let text = shop.text("src/carts.rs").replace("CARTS", "HITS");
    let with = shop.text("src/main.rs").replace("mod carts;", "mod carts;\nmod hits;").replace(
        ".route(\"/add\"",
        ".route(\"/hit\", axum::routing::post(hits::add)).route(\"/add\"",
    );
    client.open(&main, 1, &with);
    client.open(&hits, 1, &text);
    let proxy = shop.path("deploy/front.conf");
    client.open(&proxy, 1, "upstream b {\n  ip_hash;\n  server b:1;\n}\n");
    client.wait(|client| client.shown(&proxy).len() == 1 && client.shown(&hits).len() == 1);
    assert_eq!(places(&client.shown(&proxy)), [found("sticky_session", 1, 2)]);
    assert_eq!(places(&client.shown(&hits)), [found("global_mutable_state", 3, 17)]);
    assert!(client.end().success());
}

#[test]
fn a_broken_buffer_keeps_what_is_known_of_the_rest() {
    let shop = Shop::new();
    let mut client = Client::start(&[shop.root()]);
    let (carts, main) = (shop.path("src/carts.rs"), shop.path("src/main.rs"));
    let text = shop.text("src/carts.rs");
    client.open(&carts, 1, &text);
    client.linted(&carts, 1);
    // Half a line, two lines above the static, and the finding below it stays.
    let broken = text.replacen("/*", "fn half(\n\n/*", 1);
    client.write(&carts, 2, &broken);
    let shown = places(&client.linted(&carts, 2));
    assert_eq!(shown.len(), 2, "{shown:?}");
    assert_eq!(shown[0], found("global_mutable_state", 5, 17));
    assert_eq!(shown[1].0, "parse");
    // The file with the routes is broken as well: what it says of the others is still known.
    client.open(&main, 1, &shop.text("src/main.rs").replace("let app", "let = app"));
    client.linted(&main, 1);
    assert_eq!(places(&client.shown(&main))[0].0, "parse");
    assert_eq!(client.shown(&carts).len(), 2);
    // So it is with manifests and deploy files.
    let manifest = shop.path("Cargo.toml");
    client.open(&manifest, 1, &shop.text("Cargo.toml").replace("[dependencies]", "[dependencies"));
    let shown = places(&client.linted(&manifest, 1));
    assert_eq!(shown.len(), 1, "{shown:?}");
    assert_eq!((&*shown[0].0, shown[0].1), ("parse", 5));
    assert_eq!(client.shown(&carts).len(), 2);
    let service = shop.path("k8s/web.yaml");
    client.open(&service, 1, &shop.text("k8s/web.yaml").replace("- port: 80", "- port: [80"));
    let shown = places(&client.linted(&service, 1));
    assert_eq!(shown[1], found("sticky_session", 7, 2), "{shown:?}");
    assert_eq!(shown[0].0, "parse");
    // Mended, everything is as it was.
    client.write(&carts, 3, &text);
    client.write(&manifest, 2, &shop.text("Cargo.toml"));
    client.write(&main, 2, &shop.text("src/main.rs"));
    client.linted(&main, 2);
    assert_eq!(places(&client.shown(&carts)), [found("global_mutable_state", 3, 17)]);
    assert!(client.shown(&manifest).is_empty() && client.shown(&main).is_empty());
    assert!(client.end().success());
}

#[test]
fn only_the_last_of_many_changes_is_linted() {
    let shop = Shop::new();
    let mut client = Client::start(&[shop.root()]);
    let carts = shop.path("src/carts.rs");
    let text = shop.text("src/carts.rs");
    client.open(&carts, 1, &text);
    for version in 2..=200 {
        client.write(&carts, version, &format!("{}{text}", "\n".repeat(version as usize)));
    }
    let shown = places(&client.linted(&carts, 200));
    assert_eq!(shown, [found("global_mutable_state", 203, 17)]);
    // What was outdated was given up or never begun.
    let versions: Vec<i64> = client
        .published
        .iter()
        .filter(|(of, ..)| *of == uri(&carts))
        .filter_map(|(_, version, _)| *version)
        .collect();
    assert!(versions.len() < 100 && versions.is_sorted(), "{versions:?}");
    assert!(client.end().success());
}

#[test]
fn a_finding_tells_its_page() {
    let shop = Shop::new();
    let mut client = Client::start(&[shop.root()]);
    let service = shop.path("k8s/web.yaml");
    client.open(&service, 1, &shop.text("k8s/web.yaml"));
    client.linted(&service, 1);
    let hover = client.request("textDocument/hover", position(&service, 7, 5))["result"].clone();
    assert_eq!(hover["contents"]["kind"], "markdown");
    let value = hover["contents"]["value"].as_str().expect("a text");
    for said in ["sessionAffinity: ClientIP", "**Instead**", "# sticky_session", "## Why"] {
        assert!(value.contains(said), "{said}: {value}");
    }
    assert!(!value.contains("## Examples"));
    let nothing = client.request("textDocument/hover", position(&service, 0, 0));
    assert_eq!(nothing["result"], Value::Null);
    assert!(client.end().success());
}

fn ask(client: &mut Client, path: &Path, line: u64, only: Value) -> Vec<Value> {
    let at = json!({ "line": line, "character": 9 });
    let params = json!({
        "textDocument": { "uri": uri(path) },
        "range": { "start": at, "end": at },
        "context": { "diagnostics": [], "only": only },
    });
    let answer = client.request("textDocument/codeAction", params);
    answer["result"].as_array().unwrap_or_else(|| panic!("{answer}")).clone()
}

#[test]
fn a_finding_can_be_allowed_with_a_reason() {
    let shop = Shop::new();
    let mut client = Client::start(&[shop.root()]);
    let expected = [
        ("k8s/web.yaml", 7, "  # twelve-lint: allow(sticky_session) reason = \"\"\n", 49),
        ("nginx/nginx.conf", 2, "        # twelve-lint: allow(sticky_session) reason = \"\"\n", 55),
    ];
    for (name, line, text, column) in expected {
        let path = shop.path(name);
        client.open(&path, 3, &shop.text(name));
        client.linted(&path, 3);
        let actions = ask(&mut client, &path, line, json!(null));
        let allow = actions.iter().find(|action| {
            action["title"].as_str().is_some_and(|title| title.starts_with("Allow"))
        });
        let allow = allow.unwrap_or_else(|| panic!("{actions:?}"));
        let change = &allow["edit"]["documentChanges"][0];
        assert_eq!(change["textDocument"], json!({ "uri": uri(&path), "version": 3 }));
        let start = json!({ "line": line, "character": 0 });
        let edit = json!([{ "range": { "start": start, "end": start }, "newText": text }]);
        assert_eq!(change["edits"], edit);
        assert_eq!(allow["diagnostics"][0]["code"], "sticky_session");
        // Then the cursor goes where the reason is to be said.
        let command = &allow["command"];
        assert_eq!(command["arguments"], json!([uri(&path), line, column]));
        let params = json!({ "command": command["command"], "arguments": command["arguments"] });
        client.request("workspace/executeCommand", params);
        let asked = client.heard("window/showDocument");
        let at = json!({ "line": line, "character": column });
        let selection = json!({ "start": at, "end": at });
        assert_eq!(asked.last().expect("asked")["params"]["selection"], selection);
    }
    let carts = shop.path("src/carts.rs");
    client.open(&carts, 1, &shop.text("src/carts.rs"));
    client.linted(&carts, 1);
    let at = json!({ "line": 3, "character": 18 });
    let params = json!({
        "textDocument": { "uri": uri(&carts) }, "range": { "start": at, "end": at },
        "context": { "diagnostics": [] },
    });
    let answer = client.request("textDocument/codeAction", params);
    let actions = answer["result"].as_array().expect("a list");
    let text = &actions[0]["edit"]["documentChanges"][0]["edits"][0]["newText"];
    assert_eq!(*text, "// twelve-lint: allow(global_mutable_state) reason = \"\"\n");
    // A cursor elsewhere in the line asks about what stands there.
    let here = &client.shown(&carts)[0].clone();
    let begin = json!({ "line": 3, "character": 0 });
    let mut params = json!({
        "textDocument": { "uri": uri(&carts) },
        "range": { "start": begin, "end": begin },
        "context": { "diagnostics": [] },
    });
    let answer = client.request("textDocument/codeAction", params.clone());
    assert_eq!(answer["result"], json!([]));
    params["context"]["diagnostics"] = json!([here]);
    let answer = client.request("textDocument/codeAction", params);
    assert_eq!(answer["result"].as_array().map(Vec::len), Some(actions.len()));
    // Kinds that are not asked for are not given, and nothing is where nothing was found.
    let service = shop.path("k8s/web.yaml");
    assert_eq!(ask(&mut client, &service, 7, json!(["refactor"])), Vec::<Value>::new());
    assert_eq!(ask(&mut client, &service, 0, json!(null)), Vec::<Value>::new());
    // What was typed over has no places to act on until it was linted again.
    client.write(&service, 4, "kind: Service\n");
    assert_eq!(ask(&mut client, &service, 7, json!(null)), Vec::<Value>::new());
    assert!(client.end().success());
}

#[test]
fn a_safe_edit_is_offered_first() {
    let shop = Shop::new();
    let mut client = Client::start(&[shop.root()]);
    let (service, proxy) = (shop.path("k8s/web.yaml"), shop.path("nginx/nginx.conf"));
    client.open(&service, 1, &shop.text("k8s/web.yaml"));
    client.open(&proxy, 1, &shop.text("nginx/nginx.conf"));
    client.linted(&proxy, 1);
    let edit = |action: &Value| action["edit"]["documentChanges"][0].clone();
    let expected = [
        (&service, 7, "Set `sessionAffinity` to `None`", (7, 19), (7, 27), "None"),
        (&proxy, 2, "Remove `ip_hash`", (2, 0), (3, 0), ""),
    ];
    for (path, line, title, from, to, text) in expected {
        let actions = ask(&mut client, path, line, json!(null));
        assert_eq!(actions[0]["title"], title);
        assert_eq!(actions[0]["isPreferred"], true);
        let at = |(line, character)| json!({ "line": line, "character": character });
        let edits = json!([{ "range": { "start": at(from), "end": at(to) }, "newText": text }]);
        assert_eq!(edit(&actions[0])["edits"], edits);
        // Who mends on saving asks for all of a file, wherever the cursor is.
        let all = ask(&mut client, path, 0, json!(["source.fixAll"]));
        assert_eq!(all.len(), 1, "{all:?}");
        assert_eq!(edit(&all[0])["edits"], edits);
        assert_eq!(all[0]["kind"], "source.fixAll.twelve-lint");
    }
    // Made, the finding is gone.
    client.write(&service, 2, &shop.text("k8s/web.yaml").replace("ClientIP", "None"));
    assert_eq!(client.linted(&service, 2), Vec::<Value>::new());
    assert!(client.end().success());
}

#[test]
fn notes_are_shown_where_the_buffer_of_the_configuration_says_so() {
    let shop = Shop::new();
    let mut client = Client::start(&[shop.root()]);
    let settings = shop.path("twelve-lint.toml");
    let all = "[rules]\nall = \"note\"\n";
    client.open(&settings, 1, all);
    assert_eq!(client.linted(&settings, 1), Vec::<Value>::new());
    assert_eq!(client.shown(&shop.path("src/carts.rs")), Vec::<Value>::new());
    client.write(&settings, 2, &format!("pedantic = true\n{all}"));
    client.linted(&settings, 2);
    let shown = client.shown(&shop.path("src/carts.rs"));
    assert_eq!((shown.len(), &shown[0]["severity"]), (1, &json!(3)));
    assert!(client.end().success());
}

#[test]
fn the_page_of_a_rule_opens() {
    let shop = Shop::new();
    let mut client = Client::start(&[shop.root()]);
    let service = shop.path("k8s/web.yaml");
    client.open(&service, 1, &shop.text("k8s/web.yaml"));
    client.linted(&service, 1);
    let actions = ask(&mut client, &service, 7, json!(["quickfix"]));
    let open = actions.iter().find(|action| action["title"] == "Open the page of `sticky_session`");
    let command = open.unwrap_or_else(|| panic!("{actions:?}"))["command"].clone();
    let params = json!({ "command": command["command"], "arguments": command["arguments"] });
    client.request("workspace/executeCommand", params);
    let asked = client.heard("window/showDocument");
    let page = asked[0]["params"]["uri"].as_str().expect("a URI");
    let page = page.strip_prefix("file://").expect("a file").to_string();
    assert!(std::fs::read_to_string(&page).expect("it is there").starts_with("# sticky_session"));
    assert!(client.end().success());
    // The pages go with the server.
    assert!(!Path::new(&page).exists());
}

#[test]
fn folders_come_and_go() {
    let (one, two) = (Shop::new(), Shop::new());
    let mut client = Client::start(&[one.root()]);
    client.wait(|client| client.shown(&one.path("src/carts.rs")).len() == 1);
    let folder = |shop: &Shop| json!({ "uri": uri(shop.root()), "name": "x" });
    let event = json!({ "added": [folder(&two)], "removed": [] });
    client.notify("workspace/didChangeWorkspaceFolders", json!({ "event": event }));
    client.wait(|client| client.shown(&two.path("src/carts.rs")).len() == 1);
    assert_eq!(client.shown(&one.path("src/carts.rs")).len(), 1);
    let event = json!({ "added": [], "removed": [folder(&one)] });
    client.notify("workspace/didChangeWorkspaceFolders", json!({ "event": event }));
    client.wait(|client| client.shown(&one.path("src/carts.rs")).is_empty());
    client.wait(|client| client.shown(&one.path("nginx/nginx.conf")).is_empty());
    assert_eq!(client.shown(&two.path("src/carts.rs")).len(), 1);
    assert!(client.end().success());
}

#[test]
fn a_buffer_outside_of_all_folders_has_its_package() {
    let shop = Shop::new();
    let mut client = Client::start(&[]);
    let carts = shop.path("src/carts.rs");
    client.open(&carts, 1, &shop.text("src/carts.rs"));
    assert_eq!(client.linted(&carts, 1).len(), 1);
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri(&carts) } }));
    client.wait(|client| client.shown(&carts).is_empty());
    assert!(client.end().success());
}

#[test]
fn mistakes_of_the_tree_stand_at_their_places() {
    let folder = tree("");
    write(
        folder.path(),
        "//- Cargo.toml\n[package]\nname = \"a\"\nversion = \"0.1.0\"\n\
         //- src/main.rs\nmod gone;\nfn main() {}\n\
         //- twelve-lint.toml\n[typos]\n",
    );
    let mut client = Client::start(&[folder.path()]);
    let main = folder.path().join("src/main.rs");
    client.open(&main, 1, "mod gone;\nfn main() {}\n");
    assert_eq!(places(&client.linted(&main, 1)), [found("module", 0, 4)]);
    let settings = client.shown(&folder.path().join("twelve-lint.toml"));
    assert_eq!(places(&settings), [found("configuration", 0, 1)]);
    assert!(client.end().success());
}
