//! Which features are on? Defaults, what the user asks for, what other packages of the tree ask.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::manifest::problem;
use super::package::Node;
use super::{DependencyKind, Selection, TargetKind};
use crate::diagnostic::{Problem, ProblemKind};
use crate::symbol::nearest;

/// Turns on what cargo would for the selected packages, and their targets with it.
pub(super) fn enable(nodes: &mut [Node], selection: &Selection, root: &Path) -> Vec<Problem> {
    for node in nodes.iter_mut() {
        node.package.features = declared(node);
    }
    let mut spread = Spread::new(nodes, selection);
    let mut wanted: Vec<(&str, bool)> = selection
        .features
        .iter()
        .flat_map(|list| list.split([',', ' ']))
        .filter(|feature| !feature.is_empty())
        .map(|feature| (feature, false))
        .collect();
    for (index, node) in nodes.iter().enumerate().filter(|(_, node)| node.package.selected) {
        let built = selection.built.get(&node.package.name);
        let no_default = built.is_some_and(|built| built.no_default);
        spread.reach(index, !(selection.no_default_features || no_default));
        if selection.all_features || built.is_some_and(|built| built.all) {
            node.package.features.iter().for_each(|feature| spread.turn_on(index, feature));
        }
        // What no package has, the build would have told.
        for feature in built.into_iter().flat_map(|built| &built.features) {
            ask(&mut spread, nodes, index, feature);
        }
        for (feature, found) in &mut wanted {
            *found |= ask(&mut spread, nodes, index, feature);
        }
    }
    spread.run();
    // A package all of whose programs ask for features is run with them, or not at all.
    if !selection.says_features() && selection.asks_for(TargetKind::Bin) {
        for (index, node) in nodes.iter().enumerate().filter(|(_, node)| node.package.selected) {
            let required = || {
                let targets = node.package.targets.iter().zip(&node.required);
                targets.filter(|(target, _)| target.kind == TargetKind::Bin).map(|(_, list)| list)
            };
            let ready = |list: &Vec<String>| {
                list.iter().all(|f| f.contains('/') || spread.on[index].contains(f))
            };
            if !required().any(ready) {
                let wanted: Vec<&String> = required().flatten().collect();
                wanted.into_iter().for_each(|feature| spread.turn_on(index, feature));
            }
        }
        spread.run();
    }
    // What no selected package needs is read with its defaults, and asks nothing of others.
    spread.alone = true;
    for index in 0..nodes.len() {
        if !spread.reached[index] {
            spread.turn_on(index, "default");
        }
    }
    spread.run();
    let on = std::mem::take(&mut spread.on);
    let mut problems = Vec::new();
    let known: Vec<&str> = nodes
        .iter()
        .filter(|node| node.package.selected)
        .flat_map(|node| node.package.features.iter().map(String::as_str))
        .collect();
    for (feature, _) in wanted.iter().filter(|(_, found)| !found) {
        let help = match nearest(feature, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "see `[features]` of the packages that you selected".to_string(),
        };
        let message = format!("no selected package has a feature `{feature}`");
        problems.push(problem(ProblemKind::Configuration, root, message, help));
    }
    for (node, on) in nodes.iter_mut().zip(on) {
        node.package.enabled = on;
        select_targets(node, selection);
    }
    problems
}

/// What cargo would build here: the kinds asked for, where their required features are on.
fn select_targets(node: &mut Node, selection: &Selection) {
    let package = &mut node.package;
    for (target, required) in package.targets.iter_mut().zip(&node.required) {
        let ready = required.iter().all(|f| f.contains('/') || package.enabled.contains(f));
        target.selected = ready && selection.asks_for(target.kind);
    }
}

/// Asks for one feature of the command line; false where this package has no such thing.
fn ask(spread: &mut Spread, nodes: &[Node], index: usize, feature: &str) -> bool {
    let node = &nodes[index];
    match feature.split_once('/') {
        None if node.package.features.contains(feature) => spread.turn_on(index, feature),
        Some((name, feature)) if name == node.package.name => {
            if !node.package.features.contains(feature) {
                return false;
            }
            spread.turn_on(index, feature);
        }
        Some((name, _)) if node.edges.iter().any(|edge| edge.key == name) => {
            spread.entry(index, feature);
        }
        _ => return false,
    }
    true
}

/// The features of a package; an optional dependency is one unless some feature says `dep:`.
fn declared(node: &Node) -> BTreeSet<String> {
    let features = &node.manifest.toml.features;
    let hidden: BTreeSet<&str> =
        features.values().flatten().filter_map(|entry| entry.strip_prefix("dep:")).collect();
    let optional = node.package.dependencies.iter().zip(&node.edges).filter(|(d, _)| d.optional);
    let implied = optional.map(|(_, edge)| &edge.key).filter(|key| !hidden.contains(key.as_str()));
    features.keys().chain(implied).cloned().collect()
}

/// Features on their way through the tree.
struct Spread<'n> {
    nodes: &'n [Node],
    by_name: BTreeMap<&'n str, Vec<usize>>,
    /// Whether what tests and examples need counts.
    dev: bool,
    on: Vec<BTreeSet<String>>,
    reached: Vec<bool>,
    /// Whether what is turned on now stays within its package.
    alone: bool,
    /// Optional dependencies that are on, by package.
    active: Vec<BTreeSet<usize>>,
    /// `x?/y` that wait for `x`, by package.
    weak: Vec<Vec<(String, String)>>,
    todo: Vec<(usize, String)>,
}

impl<'n> Spread<'n> {
    fn new(nodes: &'n [Node], selection: &Selection) -> Spread<'n> {
        let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, node) in nodes.iter().enumerate() {
            by_name.entry(&node.package.name).or_default().push(index);
        }
        let dev = [TargetKind::Example, TargetKind::Test, TargetKind::Bench];
        let count = nodes.len();
        Spread {
            nodes,
            by_name,
            dev: dev.iter().any(|kind| selection.targets.contains(kind)),
            on: vec![BTreeSet::new(); count],
            reached: vec![false; count],
            alone: false,
            active: vec![BTreeSet::new(); count],
            weak: vec![Vec::new(); count],
            todo: Vec::new(),
        }
    }

    fn turn_on(&mut self, index: usize, feature: &str) {
        self.todo.push((index, feature.to_string()));
    }

    fn run(&mut self) {
        while let Some((index, feature)) = self.todo.pop() {
            let node = &self.nodes[index];
            let known = node.package.features.contains(&feature);
            if !known || !self.on[index].insert(feature.clone()) {
                continue;
            }
            match node.manifest.toml.features.get(&feature) {
                Some(entries) => entries.iter().for_each(|entry| self.entry(index, entry)),
                None => self.activate(index, &feature),
            }
        }
    }

    /// One entry of a feature: `other`, `dep:x`, `x/y` or `x?/y`.
    fn entry(&mut self, index: usize, entry: &str) {
        if let Some(key) = entry.strip_prefix("dep:") {
            return self.activate(index, key);
        }
        let Some((key, feature)) = entry.split_once('/') else {
            return self.turn_on(index, entry);
        };
        if let Some(key) = key.strip_suffix('?') {
            self.weak[index].push((key.to_string(), feature.to_string()));
        } else {
            self.activate(index, key);
            if self.nodes[index].edges.iter().any(|edge| edge.key == key) {
                // Only where `x` is a feature too; `run` passes over what is none.
                self.turn_on(index, key);
            }
            self.demand(index, key, feature);
        }
        self.wake(index);
    }

    /// Turns an optional dependency on.
    fn activate(&mut self, index: usize, key: &str) {
        for (nth, edge) in self.nodes[index].edges.iter().enumerate() {
            if edge.key == key && self.active[index].insert(nth) {
                self.follow(index, nth);
            }
        }
        self.wake(index);
    }

    /// Serves the `x?/y` whose `x` is on by now.
    fn wake(&mut self, index: usize) {
        let node = &self.nodes[index];
        for (key, feature) in std::mem::take(&mut self.weak[index]) {
            let ready = node.edges.iter().zip(&node.package.dependencies).enumerate();
            let ready =
                ready.filter(|(_, (edge, _))| edge.key == key).any(|(nth, (_, dependency))| {
                    !dependency.optional || self.active[index].contains(&nth)
                });
            match ready {
                true => self.demand(index, &key, &feature),
                false => self.weak[index].push((key, feature)),
            }
        }
    }

    /// Asks a dependency for a feature.
    fn demand(&mut self, index: usize, key: &str, feature: &str) {
        for nth in 0..self.nodes[index].edges.len() {
            if self.nodes[index].edges[nth].key == key {
                for target in self.leads_to(index, nth) {
                    self.turn_on(target, feature);
                }
            }
        }
    }

    /// Counts a package in, with what it needs of others.
    fn reach(&mut self, index: usize, default: bool) {
        if default {
            self.turn_on(index, "default");
        }
        if std::mem::replace(&mut self.reached[index], true) {
            return;
        }
        let node = &self.nodes[index];
        let dev = self.dev && node.package.selected;
        for (nth, dependency) in node.package.dependencies.iter().enumerate() {
            if !dependency.optional && (dependency.kind != DependencyKind::Dev || dev) {
                self.follow(index, nth);
            }
        }
    }

    fn follow(&mut self, index: usize, nth: usize) {
        let dependency = &self.nodes[index].package.dependencies[nth];
        for target in self.leads_to(index, nth) {
            self.reach(target, dependency.default_features);
            dependency.features.iter().for_each(|feature| self.turn_on(target, feature));
        }
    }

    /// The packages of the tree that a dependency may mean: by path, else every one of the name.
    fn leads_to(&self, index: usize, nth: usize) -> Vec<usize> {
        if self.alone {
            return Vec::new();
        }
        let node = &self.nodes[index];
        let path = node.edges[nth].path.as_ref();
        let name = node.package.dependencies[nth].package.as_str();
        let named = self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        let exact = path.and_then(|path| {
            named.iter().copied().find(|target| self.nodes[*target].package.dir == *path)
        });
        let mut targets = exact.map_or_else(|| named.to_vec(), |exact| vec![exact]);
        // A service is built without what its tests and benchmarks ask for.
        if node.package.aside && !self.dev {
            targets.retain(|target| self.nodes[*target].package.aside);
        }
        targets
    }
}
