//! What are the directories called that calls touch? In words, and for those who compare.

use rustc_hash::FxHashMap;

use super::folders::Folder;
use super::roots::{Of, Root};
use super::sites::{Site, short};
use crate::resolve::Names;

/// Where a path begins, in words.
fn label(names: &Names<'_>, root: Root) -> Option<String> {
    match root {
        Root::Field(of, name) => {
            let of = names.text(names.def(of).name);
            Some(format!("{of}::{}", names.text(name)))
        }
        Root::Static(id) => Some(names.text(names.def(id).name).to_string()),
        Root::Asked(of, name) => {
            let of = match of {
                Of::Def(of) => names.text(names.def(of).name).to_string(),
                Of::Type(path) => {
                    let text = &names.externals.get(path).text;
                    text.rsplit("::").next().unwrap_or_default().to_string()
                }
            };
            Some(format!("{of}.{}", names.text(name)))
        }
        Root::Variable(name) => Some(names.text(name).to_string()),
        Root::Outside(path) => {
            let external = names.externals.get(path);
            let fact = names.catalog.call(&external.text);
            let told = fact.is_some_and(|fact| fact.environment);
            told.then(|| short(&external.text).trim_matches('`').to_string())
        }
        _ => None,
    }
}

/// A folder, for people: "`Config::data_dir`/uploads", "\"srv/media\"".
pub(super) fn described(names: &Names<'_>, folder: &Folder, is_folder: bool) -> Option<String> {
    let rest = folder.rest();
    match folder.root {
        None => (!rest.is_empty()).then(|| format!("\"{rest}\"")),
        Some(root) => {
            let label = label(names, root)?;
            let behind = folder.directory(is_folder).join("/");
            Some(match behind.is_empty() {
                true => format!("`{label}`"),
                false => format!("`{label}/{behind}`"),
            })
        }
    }
}

/// A directory, for those who compare.
fn directory(names: &Names<'_>, folder: &Folder, is_folder: bool) -> Option<String> {
    let behind = folder.directory(is_folder).join("/");
    match folder.root {
        None => (!behind.is_empty()).then_some(behind),
        Some(root) => {
            let label = label(names, root)?;
            Some(if behind.is_empty() { label } else { format!("{label}/{behind}") })
        }
    }
}

/// The name of the directory that each call touches: one that may be told in several ways has the
/// name by which most calls know it.
pub(super) fn of(names: &Names<'_>, sites: &[Site<'_>]) -> Vec<Option<String>> {
    let all: Vec<Vec<String>> = sites
        .iter()
        .map(|site| {
            let folders = site.folders.iter();
            folders.filter_map(|one| directory(names, one, site.is_of_folder())).collect()
        })
        .collect();
    let mut known: FxHashMap<&str, usize> = FxHashMap::default();
    for name in all.iter().flatten() {
        *known.entry(name).or_default() += 1;
    }
    let name = |ways: &Vec<String>| {
        // A whole root says less than the way by which this call came to it.
        let (first, others) = ways.split_first()?;
        let others = others.iter().filter(|way| way.contains('/') || !way.contains("::"));
        let known = |way: &&String| known.get(way.as_str()).copied();
        Some(others.rev().chain([first]).max_by_key(known)?.clone())
    };
    all.iter().map(name).collect()
}
