//! Services whose parts only their users know, small ones.

/// A service whose store and whose cache are its own types, and talk to who knows whom.
pub(crate) const SHOP: &str = r#"
//- Cargo.toml
[package]
name = "shop"
version = "0.1.0"
edition = "2024"

[dependencies]
axum = "0.8"
our_cache = { package = "our-cache", version = "1" }
tokio = { version = "1", features = ["full"] }
//- src/kv.rs
use std::collections::HashMap;

pub struct Client {
    pending: HashMap<String, String>,
}

impl Client {
    pub fn new() -> Client {
        Client { pending: HashMap::new() }
    }

    pub fn put(&mut self, key: String, value: String) {
        self.pending.insert(key, value);
    }

    pub fn get(&self, key: &str) -> Option<&String> {
        self.pending.get(key)
    }
}
//- src/main.rs
mod kv;

use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::routing::{get, post};
use our_cache::Store;

struct App {
    kv: Mutex<kv::Client>,
    names: Store,
}

async fn keep(State(app): State<Arc<App>>, name: String) {
    app.kv.lock().unwrap().put(name.clone(), name);
}

async fn show(State(app): State<Arc<App>>, name: String) -> String {
    if let Some(known) = app.names.get(&name) {
        return known;
    }
    let found = app.kv.lock().unwrap().get(&name).cloned().unwrap_or_default();
    app.names.put(name, found.clone());
    found
}

#[tokio::main]
async fn main() {
    let app = Arc::new(App { kv: Mutex::new(kv::Client::new()), names: Store::new() });
    let router = axum::Router::new().route("/keep", post(keep)).route("/show", get(show));
    let listener = tokio::net::TcpListener::bind("0.0.0.0:80").await.unwrap();
    axum::serve(listener, router.with_state(app)).await.unwrap();
}
"#;

/// A service on a framework that nobody else knows.
pub(crate) const HOUSE: &str = r#"
//- Cargo.toml
[package]
name = "house"
version = "0.1.0"
edition = "2024"

[dependencies]
our-web = "1"
//- src/main.rs
use our_web::{Server, Task};

async fn upload(body: Vec<u8>) {
    std::fs::write("uploads/last", body).unwrap();
}

#[our_web::endpoint]
async fn rename(name: String) {
    std::fs::rename("uploads/last", name).unwrap();
}

struct Sweep;

impl Task for Sweep {
    async fn run(&self) {
        std::fs::write("swept", "all").unwrap();
    }

    fn name(&self) -> String {
        std::fs::write("name", "sweep").unwrap();
        "sweep".into()
    }
}

fn main() {
    let server = Server::new();
    our_web::mount(&server, "/upload", upload);
    server.go();
}
"#;

/// Two binaries that serve; one of them is run by hand, once.
pub(crate) const TWO: &str = r#"
//- Cargo.toml
[package]
name = "two"
version = "0.1.0"
edition = "2024"

[dependencies]
axum = "0.8"
tokio = "1"
//- src/bin/web.rs
async fn upload(body: String) {
    std::fs::write("data/upload", body).unwrap();
}

#[tokio::main]
async fn main() {
    let router = axum::Router::new().route("/", axum::routing::post(upload));
    axum::serve(tokio::net::TcpListener::bind("0:80").await.unwrap(), router).await.unwrap();
}
//- src/bin/repair.rs
async fn mend(body: String) {
    std::fs::write("data/mended", body).unwrap();
}

#[tokio::main]
async fn main() {
    let router = axum::Router::new().route("/", axum::routing::post(mend));
    axum::serve(tokio::net::TcpListener::bind("0:81").await.unwrap(), router).await.unwrap();
}
"#;

/// A library that two binaries use: what it keeps is judged by the one that serves.
pub(crate) const LIBRARY: &str = r#"
//- Cargo.toml
[package]
name = "prints"
version = "0.1.0"
edition = "2024"

[dependencies]
axum = "0.8"
lapin = "3"
tokio = "1"
//- src/lib.rs
use std::sync::Mutex;

static QUEUED: Mutex<Vec<String>> = Mutex::new(Vec::new());

pub fn render(text: &str) {
    std::fs::write("out/page.pdf", text).unwrap();
    QUEUED.lock().unwrap().push(text.into());
}

pub fn queued() -> usize {
    QUEUED.lock().unwrap().len()
}
//- src/bin/web.rs
async fn health() -> String {
    "ok".into()
}

#[tokio::main]
async fn main() {
    let router = axum::Router::new().route("/", axum::routing::get(health));
    axum::serve(tokio::net::TcpListener::bind("0:80").await.unwrap(), router).await.unwrap();
}
//- src/bin/tool.rs
fn main() {
    for text in std::env::args().skip(1) {
        prints::render(&text);
    }
    println!("{}", prints::queued());
}
"#;

/// A service whose every part is the house's own.
pub(crate) const HALL: &str = r#"
//- Cargo.toml
[package]
name = "hall"
version = "0.1.0"
edition = "2024"

[dependencies]
our-web = "1"
//- src/main.rs
use std::collections::HashMap;
use std::sync::Mutex;

use our_web::{Handle, Limits, Logins, Server};

struct Hall {
    guests: Mutex<HashMap<String, String>>,
}

async fn enter(hall: Handle<Hall>, name: String) -> bool {
    hall.guests.lock().unwrap().insert(name.clone(), name).is_none()
}

fn main() {
    let hall = Handle::new(Hall { guests: Mutex::new(HashMap::new()) });
    let server = Server::new(Logins::in_memory(), Limits::per_minute(10));
    our_web::db::open("guests.db");
    server.share("hall", hall);
    server.on("/enter", enter);
    server.run();
}
"#;

/// A service with a hazard, a violation, and a deploy file in which no comment can stand.
pub(crate) const MARKET: &str = r#"
//- Cargo.toml
[package]
name = "market"
version = "0.1.0"
edition = "2024"

[dependencies]
axum = "0.8"
moka = "0.12"
reqwest = "0.12"
tokio = "1"
//- src/main.rs
mod cache;
mod disk;

#[tokio::main]
async fn main() {
    let router = axum::Router::new()
        .route("/rate", axum::routing::get(cache::rate))
        .route("/upload", axum::routing::post(disk::upload))
        .with_state(cache::rates());
    axum::serve(tokio::net::TcpListener::bind("0:80").await.unwrap(), router).await.unwrap();
}
//- src/cache.rs
use axum::extract::State;
use moka::future::Cache;

pub fn rates() -> Cache<String, String> {
    Cache::new(100)
}

pub async fn rate(State(rates): State<Cache<String, String>>, name: String) -> String {
    if let Some(known) = rates.get(&name).await {
        return known;
    }
    let found = reqwest::get(format!("https://rates.example/{name}")).await.unwrap();
    let found = found.text().await.unwrap();
    rates.insert(name, found.clone()).await;
    found
}
//- src/disk.rs
pub async fn upload(body: String) {
    std::fs::write("data/upload", body).unwrap();
}
//- deploy/web.json
{
  "apiVersion": "v1",
  "kind": "Service",
  "metadata": { "name": "web" },
  "spec": { "sessionAffinity": "ClientIP", "ports": [{ "port": 80 }] }
}
"#;
