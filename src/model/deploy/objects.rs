//! Which things does a deploy file describe?

use rustc_hash::{FxHashMap, FxHashSet};

use super::DeployText;
use super::built::Built;
use super::whose::joined;
use crate::catalog::{Catalog, FormatFact, Syntax};
use crate::diagnostic::Step;
use crate::parse::conf::{Document, HIDDEN, Node, ways};
use crate::source::Span;

/// A Kubernetes resource, a compose service, a stage of a Dockerfile, a section of a proxy.
#[derive(Debug)]
pub(super) struct Object<'a> {
    /// As in the catalogue: `kubernetes`, `compose`.
    pub(super) format: &'a str,
    pub(super) syntax: Syntax,
    /// Of the file, relative to the root.
    pub(super) path: &'a str,
    /// `Service`, `Ingress`; empty where all are of one kind.
    pub(super) kind: &'a str,
    pub(super) name: &'a str,
    /// What it is called besides its name.
    pub(super) called: &'a str,
    /// The name, or what comes closest.
    pub(super) at: Span,
    pub(super) node: &'a Node,
    /// The document that it is part of.
    pub(super) root: &'a Node,
    /// Parts of it that are set for something else.
    pub(super) without: Vec<Span>,
    /// Keys that hold the hosts that it leads to.
    pub(super) leads: &'a [String],
    /// Keys that hold the images that it runs.
    pub(super) images: &'a [String],
    /// Keys that hold labels which proxies read.
    pub(super) labels: &'a [String],
    /// Keys that hold annotations of Kubernetes.
    pub(super) annotations: &'a [String],
    /// Keys and values with which it is not there.
    pub(super) none: &'a std::collections::BTreeMap<String, String>,
}

impl Object<'_> {
    /// "Service `web`".
    pub(super) fn what(&self) -> String {
        let called = if self.called.is_empty() { self.kind } else { self.called };
        match shown(self.name) {
            "" if self.called.is_empty() => format!("{called} without a name"),
            "" => format!("this {called}"),
            name => format!("{called} `{name}`"),
        }
    }
}

/// What begins the chain of a finding: which thing it is.
pub(super) fn introduced(object: &Object<'_>) -> Step {
    let said = match shown(object.name) {
        "" if !object.called.is_empty() => format!("this is the {}", object.called),
        _ => format!("this is {}", object.what()),
    };
    Step::new(object.at, said)
}

/// A text, unless a template hides a part of it.
pub(super) fn shown(text: &str) -> &str {
    if text.contains(HIDDEN) { "" } else { text }
}

/// A text with `..` for what a template hides.
pub(super) fn told(text: &str) -> String {
    let mut parts = text.split(HIDDEN);
    let mut told = parts.next().unwrap_or_default().to_string();
    for part in parts {
        told += "..";
        told += part.trim_start_matches('x');
    }
    told
}

/// The folder of a path with `/`.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The objects of all files.
pub(super) fn all<'a>(files: &[DeployText<'a>], catalog: &'a Catalog) -> Vec<Object<'a>> {
    let mut objects = Vec::new();
    let targets = targets(files, catalog);
    let by_path: FxHashMap<&str, &DeployText<'a>> =
        files.iter().rev().map(|file| (file.path, file)).collect();
    for file in files {
        for document in file.documents {
            let mut known = FxHashSet::default();
            for number in &document.formats {
                let format = &catalog.formats[*number];
                // Two entries may know one format by other signs.
                if !known.insert((&format.name, &format.each)) {
                    continue;
                }
                let of = Of { file, document, format, targets: &targets };
                let stands = |name: &str| {
                    let path = match folder(file.path) {
                        "" => name.to_string(),
                        folder => format!("{folder}/{name}"),
                    };
                    by_path.get(&*path).copied()
                };
                if !format.apart.is_empty() && stands(&format.apart).is_some() {
                    continue;
                }
                if format.beside.is_empty() {
                    of.objects(&mut objects);
                } else if let Some(beside) = stands(&format.beside) {
                    let from = objects.len();
                    of.objects(&mut objects);
                    for object in &mut objects[from..] {
                        object.without = parts_of_others(object.node, beside, catalog);
                        let charts = beside.documents.iter();
                        let mut names = charts.filter_map(|chart| chart.root.at(&["name"])?.text());
                        object.name = names.next().unwrap_or(object.name);
                    }
                }
            }
        }
    }
    objects
}

/// What a chart's values say for the charts that it brings along: for backing services, mostly.
fn parts_of_others(values: &Node, chart: &DeployText<'_>, catalog: &Catalog) -> Vec<Span> {
    let brought = |field: &str| {
        let roots = chart.documents.iter().map(|document| &document.root);
        let lists = roots.filter_map(|root| root.at(&["dependencies"])).flat_map(Node::items);
        lists.filter_map(|one| one.at(&[field])?.text()).collect::<Vec<&str>>()
    };
    let mut names: Vec<&str> = brought("name").into_iter().chain(brought("alias")).collect();
    names.extend(catalog.files.backings.iter().flat_map(|fact| &fact.images).map(String::as_str));
    let pairs = values.pairs().into_iter();
    let others = pairs.filter(|(key, _)| key.text().is_some_and(|key| names.contains(&key)));
    others.map(|(_, value)| value.span).collect()
}

/// A document as one format.
struct Of<'a, 'f> {
    file: &'f DeployText<'a>,
    document: &'a Document,
    format: &'a FormatFact,
    targets: &'f FxHashSet<(String, String)>,
}

/// The stages of Dockerfiles that compose files ask for, by path and name.
fn targets(files: &[DeployText<'_>], catalog: &Catalog) -> FxHashSet<(String, String)> {
    let mut found = FxHashSet::default();
    let is_dockerfile = |file: &&DeployText<'_>| {
        let mut formats = file.documents.iter().flat_map(|document| &document.formats);
        formats.any(|number| catalog.formats[*number].syntax == Syntax::Dockerfile)
    };
    let built = Built::of(files.iter().filter(is_dockerfile).map(|file| file.path));
    for file in files {
        for document in file.documents {
            let mut formats = document.formats.iter().map(|number| &catalog.formats[*number]);
            if !formats.any(|format| format.name == "compose") {
                continue;
            }
            let services = document.root.at(&["services"]).map(Node::pairs).unwrap_or_default();
            for (_, service) in services {
                let Some(build) = service.at(&["build"]) else { continue };
                let (path, stage) = built.by(folder(file.path), build);
                if !stage.is_empty() {
                    found.insert((path, stage));
                }
            }
        }
    }
    found
}

impl<'a> Of<'a, '_> {
    fn object(&self, kind: &'a str, name: &'a str, at: Span, node: &'a Node) -> Object<'a> {
        Object {
            format: &self.format.name,
            syntax: self.format.syntax,
            path: self.file.path,
            kind,
            name,
            called: &self.format.what,
            at,
            node,
            root: &self.document.root,
            without: Vec::new(),
            leads: &self.format.leads,
            images: &self.format.images,
            labels: &self.format.labels,
            annotations: &self.format.annotations,
            none: &self.format.none,
        }
    }

    fn objects(&self, objects: &mut Vec<Object<'a>>) {
        let root = &self.document.root;
        match (self.format.syntax, &*self.format.each) {
            (Syntax::Dockerfile, _) => self.stages(objects),
            (Syntax::Yaml, "") if self.format.what.is_empty() => self.resources(root, objects),
            (_, "") => {
                let at = Span::new(root.span.file, root.span.start, root.span.start);
                objects.push(self.object("", "", at, root));
            }
            (_, way) => {
                for hit in ways::find(root, way) {
                    let Some(node) = hit.node else { continue };
                    if self.format.kind == "*" {
                        for (name, node) in node.pairs() {
                            let named = name.text().unwrap_or("");
                            objects.push(self.object(hit.key, named, name.span, node));
                        }
                        continue;
                    }
                    match node.items() {
                        [] => objects.push(self.one(hit.key, hit.at, node)),
                        items => objects.extend(items.iter().map(|item| {
                            let name = item.at(&["name"]).filter(|name| name.text().is_some());
                            let at = name.map_or(hit.at, |name| name.span);
                            self.one(name.and_then(Node::text).unwrap_or(""), at, item)
                        })),
                    }
                }
            }
        }
    }

    fn one(&self, name: &'a str, at: Span, node: &'a Node) -> Object<'a> {
        let kind = node.at(&[&*self.format.kind]).and_then(Node::text).unwrap_or("");
        let own = node.at(&["metadata", "name"]).and_then(Node::text);
        self.object(kind, own.unwrap_or(name), at, node)
    }

    fn resources(&self, node: &'a Node, objects: &mut Vec<Object<'a>>) {
        let Some((key, kind)) = node.entry("kind") else { return };
        let (Some(kind), Some(_)) = (kind.text(), self.document.root.entry("apiVersion")) else {
            return;
        };
        if let (true, Some(items)) = (kind.ends_with("List"), node.at(&["items"])) {
            items.items().iter().for_each(|item| self.resources(item, objects));
            return;
        }
        if self.format.schemas.iter().any(|schema| schema == kind) {
            return;
        }
        let named =
            |field: &str| node.at(&["metadata", field]).filter(|name| name.text().is_some());
        let name = named("name").or_else(|| named("generateName"));
        let text = name.and_then(Node::text).unwrap_or("");
        objects.push(self.object(kind, text, name.map_or(key.span, |name| name.span), node));
    }

    /// The stages of a Dockerfile that are run, each with those that it starts from.
    fn stages(&self, objects: &mut Vec<Object<'a>>) {
        let stages: Vec<&Node> =
            self.document.root.pairs().into_iter().map(|(_, stage)| stage).collect();
        let path = joined(&[self.file.path]);
        let is_run = |stage: &Node| {
            let name = stage.at(&["as"]).and_then(Node::text).unwrap_or("").to_ascii_lowercase();
            self.targets.contains(&(path.clone(), name))
        };
        for (at, stage) in stages.iter().enumerate() {
            if at + 1 == stages.len() || is_run(stage) {
                self.chain(&stages[..=at], objects);
            }
        }
    }

    /// The last of some stages, and those that it starts from.
    fn chain(&self, stages: &[&'a Node], objects: &mut Vec<Object<'a>>) {
        let Some(mut stage) = stages.last().copied() else { return };
        let mut left = stages.len();
        loop {
            let image = stage.at(&["image"]).and_then(Node::text).unwrap_or("");
            let name = stage.at(&["as"]).and_then(Node::text).unwrap_or("");
            // Whatever a stage says to run, the last one says it anew.
            let kind = if left == stages.len() { "last" } else { "" };
            objects.push(self.object(kind, name, stage.span, stage));
            let named = |stage: &&Node| {
                let name = stage.at(&["as"]).and_then(Node::text);
                name.is_some_and(|name| name.eq_ignore_ascii_case(image))
            };
            match stages[..left - 1].iter().rposition(named) {
                Some(at) => (stage, left) = (stages[at], at + 1),
                None => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_template_hides_is_told_as_dots() {
        let cases = [
            (format!("./{HIDDEN}xxxxx"), "./.."),
            (format!("{HIDDEN}xx:/a/{HIDDEN}xxx"), "..:/a/.."),
            ("/srv/x".to_string(), "/srv/x"),
        ];
        for (text, expected) in cases {
            assert_eq!(told(&text), expected, "{text}");
        }
    }
}
