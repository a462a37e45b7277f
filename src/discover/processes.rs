//! Which processes does a `Procfile` declare, and which binaries are they?

use std::collections::BTreeMap;
use std::path::Path;

use super::{Package, TargetKind};
use crate::diagnostic::Process;
use crate::source::Sources;

/// Binaries with the kind of process that a `Procfile` runs them as. One that is run in several
/// ways is what serves; `release` runs once, before.
pub(super) fn declared(
    sources: &mut Sources,
    root: &Path,
    packages: &[Package],
) -> BTreeMap<String, Process> {
    let mut folders: Vec<&Path> = packages.iter().map(|package| package.dir.as_path()).collect();
    folders.push(root);
    folders.sort();
    folders.dedup();
    let bins = packages.iter().flat_map(|package| &package.targets);
    let bins: Vec<&str> =
        bins.filter(|target| target.kind == TargetKind::Bin).map(|target| &*target.name).collect();
    let mut found = BTreeMap::new();
    for folder in folders {
        let path = folder.join("Procfile");
        if !sources.exists(&path) {
            continue;
        }
        let Ok(file) = sources.load(&path) else { continue };
        for line in sources.get(file).text.lines() {
            let Some((bin, process)) = one(line, &bins) else { continue };
            let known = found.entry(bin.to_string()).or_insert(process);
            *known = (*known).min(process);
        }
    }
    found
}

/// `worker: target/release/worker --queue mails`.
fn one<'b>(line: &str, bins: &[&'b str]) -> Option<(&'b str, Process)> {
    let (name, command) = line.split_once(':')?;
    let process = match name.trim() {
        "web" => Process::Web,
        "worker" => Process::Worker,
        "release" => Process::Admin,
        _ => return None,
    };
    let program = |word: &str| {
        let last = word.trim_matches(['"', '\'', ';']).rsplit('/').next().unwrap_or_default();
        bins.iter().find(|bin| **bin == last).copied()
    };
    Some((command.split_whitespace().find_map(program)?, process))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_name_a_binary_and_its_kind() {
        let bins = ["shop", "mail-worker"];
        let cases = [
            ("web: ./target/release/shop serve", Some(("shop", Process::Web))),
            ("worker: cargo run --bin mail-worker", Some(("mail-worker", Process::Worker))),
            ("release: RUST_LOG=info bin/shop migrate", Some(("shop", Process::Admin))),
            ("clock: bin/shop tick", None),
            ("web: nginx -g 'daemon off;'", None),
            ("# web", None),
        ];
        for (line, expected) in cases {
            assert_eq!(one(line, &bins), expected, "{line}");
        }
    }
}
