//! Which features are on? Defaults, what the user asks for, what other packages of the tree ask.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Package, Selection};

/// The `[features]` of a package.
pub(super) type Declared = BTreeMap<String, Vec<String>>;

/// Turns on what cargo would, for packages and their declared features in the same order.
pub(super) fn enable(packages: &mut [Package], declared: &[Declared], selection: &Selection) {
    let by_name: HashMap<String, usize> =
        packages.iter().enumerate().map(|(i, p)| (p.name.clone(), i)).collect();
    let mut todo: Vec<(usize, String)> = Vec::new();
    for (index, package) in packages.iter().enumerate() {
        if selection.all_features && package.selected {
            let all = declared[index].keys().cloned();
            let optional = package.dependencies.iter().filter(|d| d.optional);
            todo.extend(all.chain(optional.map(|d| d.package.clone())).map(|f| (index, f)));
        } else if !(selection.no_default_features && package.selected) {
            todo.push((index, "default".into()));
        }
        for wanted in selection.features.iter().flat_map(|list| list.split([',', ' '])) {
            match wanted.split_once('/') {
                Some((name, feature)) if name == package.name => {
                    todo.push((index, feature.to_string()));
                }
                None if package.selected && !wanted.is_empty() => {
                    todo.push((index, wanted.to_string()));
                }
                _ => {}
            }
        }
        for dependency in package.dependencies.iter().filter(|d| !d.optional) {
            if let Some(of) = by_name.get(&dependency.package) {
                todo.extend(dependency.features.iter().map(|feature| (*of, feature.clone())));
            }
        }
    }
    let mut on: Vec<BTreeSet<String>> = vec![BTreeSet::new(); packages.len()];
    while let Some((index, feature)) = todo.pop() {
        if !on[index].insert(feature.clone()) {
            continue;
        }
        for part in declared[index].get(&feature).into_iter().flatten() {
            let part = part.strip_prefix("dep:").unwrap_or(part);
            let Some((of, feature)) = part.split_once('/') else {
                todo.push((index, part.to_string()));
                continue;
            };
            let of = of.trim_end_matches('?');
            let renamed =
                packages[index].dependencies.iter().find(|d| d.name == of.replace('-', "_"));
            let name = renamed.map_or(of, |dependency| &dependency.package);
            if let Some(of) = by_name.get(name) {
                todo.push((*of, feature.to_string()));
            }
        }
    }
    for (package, on) in packages.iter_mut().zip(on) {
        package.enabled = on;
    }
}
