//! Does an editor get what the command line says, while somebody types? A scripted client over stdio.

#[path = "lsp/client.rs"]
mod client;
#[path = "lsp/editing.rs"]
mod editing;
#[path = "support/files.rs"]
mod files;
#[path = "lsp/protocol.rs"]
mod protocol;
#[path = "lsp/same.rs"]
mod same;

use std::path::{Path, PathBuf};

use files::write;
use tempfile::TempDir;

/// A folder with the files of `text`, each below a line `//- its/path`.
fn tree(text: &str) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    write(folder.path(), text);
    folder
}

/// A service that keeps its carts in a static, with the handler in another file, and is deployed
/// with sessions that stick.
const SHOP: &str = r#"
//- Cargo.toml
[package]
name = "shop"
version = "0.1.0"
edition = "2024"

[dependencies]
axum = "0.8"
//- src/main.rs
mod carts;

async fn add(name: String) -> String {
    carts::add(name).await
}

#[tokio::main]
async fn main() {
    let app = axum::Router::new().route("/add", axum::routing::post(add));
    let listener = tokio::net::TcpListener::bind("0.0.0.0:80").await.unwrap();
    axum::serve(listener, app).await.unwrap();
}
//- src/carts.rs
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

/* ä😀 */ static CARTS: LazyLock<Mutex<HashMap<String, u32>>> = LazyLock::new(Default::default);

pub async fn add(name: String) -> String {
    let mut carts = CARTS.lock().unwrap();
    *carts.entry(name).or_insert(0) += 1;
    carts.len().to_string()
}
//- k8s/web.yaml
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  sessionAffinity: ClientIP
  ports:
    - port: 80
//- nginx/nginx.conf
http {
    upstream shop {
        ip_hash;
        server shop:80;
    }
    server {
        location / { proxy_pass http://shop; }
    }
}
"#;

struct Shop {
    folder: TempDir,
}

impl Shop {
    fn new() -> Shop {
        Shop { folder: tree(SHOP) }
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    /// What a file said at first.
    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("it is there")
    }
}
