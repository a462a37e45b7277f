//! How does a configuration begin? The file that `cargo twelve-lint init` writes.

use std::io::{self, Write};
use std::path::Path;

use super::tell;
use crate::config::FILE;
use crate::rules::RULES;

const HEAD: &str = r#"# What `cargo twelve-lint` cannot know by itself. All of this may be left out; `cargo twelve-lint
# config` shows what is in force. This file speaks for every package beneath its folder, alone: none
# further up, and no table in a manifest, is merged into it.

# Which findings fail a run: those of level "error", "warning" too, or "never". Are notes shown?
# fail-on = "error"
# pedantic = false

# How grave findings are. `allow` counts them and hides them, `note` makes them notes,
# `warn` shows them, `deny` fails the run. What is not certain stays a note.
[rules]
# all = "warn"
"#;

const TAIL: &str = r#"
# Other levels in some places only; of two that mean one finding the later one counts. Paths start
# from this folder; processes are web, worker, admin, cli, build, test, lib, deploy, or the name of a
# binary or package. A single place is better allowed by a comment there:
#     // twelve-lint: allow(in_process_cache) reason = "rates change once a day"
#
# [[overrides]]
# paths = ["src/legacy", "deploy/**/*.json"]
# processes = ["worker"]
# rules = { local_disk_write = "warn", local_volume = "allow" }
# reason = "moves to the object store in spring"

# What your own types and functions are: backing-service, cache, process-local, session-store, ..
[types]
# "our_kv::Client" = "backing-service"
# "our_cache::Store" = { is = "cache", changes = ["put"], instead = "our Redis" }

[functions]
# "our_web::mount" = { registers = "handler", at = 1 }
# "our_web::run" = "serves"

# What your binaries are: web, worker, admin, cli, build, test. The last four are left alone.
[processes]
# backoffice = "admin"
"#;

/// The text of the file: every rule with the levels that it has anyhow.
pub(super) fn text() -> String {
    let mut text = HEAD.to_string();
    for rule in RULES {
        let Ok(meta) = rule.meta() else { continue };
        let level = |verdict: &String| match verdict.as_str() {
            "violation" => "violation = \"deny\"",
            _ => "hazard = \"warn\"",
        };
        let levels: Vec<&str> = meta.verdicts.iter().map(level).collect();
        text.push_str(&format!("#\n# {}\n", meta.summary));
        text.push_str(&format!("# {} = {{ {} }}\n", rule.id, levels.join(", ")));
    }
    text + TAIL
}

/// Writes the file into a folder, unless one is there.
pub(super) fn write(folder: &Path, out: &mut dyn Write) -> (io::Result<()>, u8) {
    let path = folder.join(FILE);
    let shown = path.strip_prefix(".").unwrap_or(&path).display();
    let file = std::fs::OpenOptions::new().write(true).create_new(true).open(&path);
    match file.and_then(|mut file| file.write_all(text().as_bytes())) {
        Ok(()) => (writeln!(out, "wrote {shown}: every setting with what it is for"), 0),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            tell(&format!(
                "{shown} is there already, and stays as it is\n  help: `cargo twelve-lint config` \
                 shows what is in force; remove the file to begin anew"
            ));
            (Ok(()), 2)
        }
        Err(error) => {
            tell(&format!("cannot write {shown}: {error}\n  help: name a folder that is there"));
            (Ok(()), 2)
        }
    }
}
