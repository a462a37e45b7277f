//! What does an attribute make of a function, an impl or a trait? `#[get("/users")]`, `#[job]`.

use rustc_hash::FxHashSet;

use super::mounts::Prefixes;
use super::{Entry, methods, point};
use crate::catalog::{AttributeFact, AttributeMeaning, EntryKind};
use crate::flow::Flow;
use crate::parse::tree::{Attr, ItemKind};
use crate::resolve::{DefId, DefKind, Names, Res, Space};

/// What an attribute makes an entry point.
pub(super) fn find(names: &Names<'_>, flow: &Flow, prefixes: &Prefixes, found: &mut Vec<Entry>) {
    let mut by_name = Vec::new();
    for id in names.ids() {
        let def = names.def(id);
        let Some(item) = def.item else { continue };
        for attr in &item.attrs {
            let Some(path) = attribute_path(names, id, &attr.path) else { continue };
            let Some(fact) = names.catalog.attribute(&path) else { continue };
            let kind = match fact.means {
                AttributeMeaning::Handler => EntryKind::Handler,
                AttributeMeaning::Job => EntryKind::Job,
                _ => continue,
            };
            let shares_self = fact.shares_self;
            let mut add = |method: Option<DefId>, (verb, route): (String, String)| {
                let Some(node) = method.and_then(|method| flow.bodies.get(&method)) else { return };
                let route = match route.is_empty() {
                    true => route,
                    false => format!("{verb} {}", prefixes.handled(*node, &route)),
                };
                let route = route.trim().to_string();
                let point = point(names, flow, *node, kind, &fact.framework, route);
                found.push(Entry::called(*node, point, shares_self));
            };
            match &item.kind {
                ItemKind::Fn(_) => {
                    add(Some(id), route_of(names, id, fact, attr));
                    let free = names.owner(id).is_none();
                    by_name.extend((fact.by_name && free).then_some(id));
                }
                ItemKind::Impl { items, .. } if !fact.functions_only => {
                    for inner in items {
                        let name = names.text(inner.name);
                        if fact.methods.is_empty() || fact.methods.iter().any(|m| m == name) {
                            add(names.function_in(id, inner.name), Default::default());
                        }
                    }
                }
                ItemKind::Trait { .. } if !fact.implemented_as.is_empty() => {
                    for block in implementing(names, id, &fact.implemented_as) {
                        for inner in methods(names, block) {
                            add(Some(inner), Default::default());
                        }
                    }
                }
                _ => {}
            }
        }
    }
    let idle = unregistered(names, flow, &by_name);
    for entry in found.iter_mut() {
        entry.idle |= entry.from.is_none() && idle.contains(&flow.node(entry.node).def);
    }
}

/// Those of some functions that nobody names, and no macro that is not seen through, where others
/// beside them are registered by their names.
fn unregistered(names: &Names<'_>, flow: &Flow, all: &[DefId]) -> FxHashSet<DefId> {
    // One file may be a part of a library, and of a program beside it.
    let place = |id: DefId| (names.def(id).file, names.span(id).start);
    let named: FxHashSet<_> = flow.named.iter().map(|id| place(*id)).collect();
    let registered = |id: DefId| {
        let name = names.def(id).name;
        let twins = || names.twins(id).any(|twin| named.contains(&place(twin)));
        let (unclear, mentioned) = (flow.unclear.contains(&name), names.is_mentioned(name));
        named.contains(&place(id)) || unclear || mentioned || twins()
    };
    let (some, idle): (Vec<DefId>, Vec<DefId>) = all.iter().partition(|id| registered(**id));
    let units: FxHashSet<usize> = some.into_iter().map(|id| names.def(id).unit).collect();
    idle.into_iter().filter(|id| units.contains(&names.def(*id).unit)).collect()
}

/// `GET` and `/x`, as an attribute says it.
fn route_of(names: &Names<'_>, on: DefId, fact: &AttributeFact, attr: &Attr) -> (String, String) {
    let text = attr.text.map_or("", |text| names.text(text));
    let route = match &*fact.route_in {
        "*" => text.to_string(),
        key => {
            let route = value_of(&attr.tokens, key).unwrap_or_default();
            format!("{}{route}", prefix_of(names, on))
        }
    };
    let verb_in = &*fact.verb_in;
    let said = value_of(&attr.tokens, verb_in).or_else(|| word_of(&attr.tokens, verb_in));
    let said = said.unwrap_or_default().to_uppercase();
    let verb = if said.is_empty() { &fact.verb } else { &said };
    (verb.clone(), route)
}

/// What an attribute on the impl says that the routes of its methods begin with.
fn prefix_of<'n>(names: &'n Names<'_>, method: DefId) -> &'n str {
    let Some(block) = names.owner(method) else { return "" };
    let attrs = names.def(block).item.into_iter().flat_map(|item| &item.attrs);
    let prefix = attrs.into_iter().find_map(|attr| {
        let fact = names.catalog.attribute(&attribute_path(names, block, &attr.path)?)?;
        (fact.means == AttributeMeaning::Prefix).then(|| value_of(&attr.tokens, &fact.route_in))?
    });
    prefix.unwrap_or_default()
}

/// The text that stands behind `key =`.
fn value_of<'t>(tokens: &'t str, key: &str) -> Option<&'t str> {
    behind(tokens, key).find_map(|rest| rest.strip_prefix('"')?.split('"').next())
}

/// The word that stands behind `key =`, without quotes.
fn word_of<'t>(tokens: &'t str, key: &str) -> Option<&'t str> {
    let mut words = behind(tokens, key).map(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        &rest[..end.unwrap_or(rest.len())]
    });
    words.find(|word| !word.is_empty())
}

/// What stands behind each `key =`.
fn behind<'t>(tokens: &'t str, key: &str) -> impl Iterator<Item = &'t str> {
    tokens.match_indices(key).filter_map(|(at, key)| {
        let fresh = !tokens[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let rest = tokens[at + key.len()..].trim_start().strip_prefix('=')?;
        (fresh && !key.is_empty()).then(|| rest.trim_start())
    })
}

/// The impls of a trait, or of the trait that a macro makes of it under another name.
fn implementing(names: &Names<'_>, of: DefId, named: &str) -> Vec<DefId> {
    if named == "{}" {
        return names.impls.of_trait(of).to_vec();
    }
    let wanted = named.replace("{}", names.text(names.def(of).name));
    let unknown = |id: &DefId| {
        let found = names.impls.of(*id).and_then(|found| found.of);
        matches!(found, Some(Res::Unknown | Res::Associated(..)))
            && names.written_trait(*id).is_some_and(|name| names.text(name) == wanted)
    };
    names.ids().filter(|id| names.def(*id).kind == DefKind::Impl).filter(unknown).collect()
}

/// The catalogue's path of an attribute: resolved, else as written.
pub(in crate::model) fn attribute_path(
    names: &Names<'_>,
    on: DefId,
    path: &[crate::symbol::Symbol],
) -> Option<String> {
    let scope = names.scope_of(names.def(on).parent);
    match names.resolve(scope, path, false, Space::Types) {
        Res::External(id) => Some(names.externals.get(id).text.to_string()),
        Res::Unknown => {
            Some(path.iter().map(|segment| names.text(*segment)).collect::<Vec<_>>().join("::"))
        }
        // Something of the tree that happens to have the name, such as a function `get`.
        _ => match names.resolve(scope, path, false, Space::Values) {
            Res::External(id) => Some(names.externals.get(id).text.to_string()),
            _ => None,
        },
    }
}
