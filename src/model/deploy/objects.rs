//! Which things does a deploy file describe, and which of them are backing services?

use rustc_hash::{FxHashMap, FxHashSet};

use crate::catalog::Catalog;
use crate::parse::yaml::{Document, Node};
use crate::source::Span;

/// A Kubernetes resource or a compose service.
#[derive(Debug)]
pub(super) struct Object<'a> {
    /// As in the catalogue: `kubernetes`, `compose`.
    pub(super) format: &'static str,
    /// `Service`, `Ingress`; empty in a compose file.
    pub(super) kind: &'a str,
    pub(super) name: &'a str,
    /// The name, or what comes closest.
    pub(super) at: Span,
    pub(super) node: &'a Node,
}

impl Object<'_> {
    /// "Service `web`".
    pub(super) fn what(&self) -> String {
        let kind = if self.kind.is_empty() { "compose service" } else { self.kind };
        match self.name {
            "" => format!("{kind} without a name"),
            name => format!("{kind} `{name}`"),
        }
    }
}

/// The objects of a document.
pub(super) fn of(document: &Document) -> Vec<Object<'_>> {
    let root = &document.root;
    let mut objects = Vec::new();
    if root.entry("apiVersion").is_some() {
        resources(root, &mut objects);
    } else if let Some(services) = root.at(&["services"]) {
        for (key, node) in services.pairs() {
            let name = key.text().unwrap_or("");
            objects.push(Object { format: "compose", kind: "", name, at: key.span, node });
        }
    }
    objects
}

fn resources<'a>(node: &'a Node, objects: &mut Vec<Object<'a>>) {
    let Some((key, kind)) = node.entry("kind") else { return };
    let Some(kind) = kind.text() else { return };
    if let (true, Some(items)) = (kind.ends_with("List"), node.at(&["items"])) {
        items.items().iter().for_each(|item| resources(item, objects));
        return;
    }
    let named = |field: &str| node.at(&["metadata", field]).filter(|name| name.text().is_some());
    let name = named("name").or_else(|| named("generateName"));
    objects.push(Object {
        format: "kubernetes",
        kind,
        name: name.and_then(Node::text).unwrap_or(""),
        at: name.map_or(key.span, |name| name.span),
        node,
    });
}

/// What is known about databases, brokers and the like that run beside the app.
pub(super) struct Backings<'a> {
    images: FxHashSet<&'a str>,
    ports: FxHashSet<u16>,
    /// The labels of each workload's pods, and its image.
    workloads: Vec<(&'a Node, &'a str)>,
    /// Kubernetes services by name: whether each is a backing service.
    services: FxHashMap<&'a str, bool>,
}

impl<'a> Backings<'a> {
    pub(super) fn new(objects: &[Object<'a>], catalog: &'a Catalog) -> Backings<'a> {
        let facts = &catalog.files.backings;
        let mut backings = Backings {
            images: facts.iter().flat_map(|fact| &fact.images).map(String::as_str).collect(),
            ports: facts.iter().flat_map(|fact| &fact.ports).copied().collect(),
            workloads: objects.iter().filter_map(|object| workload(object.node)).collect(),
            services: FxHashMap::default(),
        };
        for service in objects.iter().filter(|object| object.kind == "Service") {
            let backing = backings.is_service(service);
            // Of two with one name, in two namespaces, one may be the app's.
            backings
                .services
                .entry(service.name)
                .and_modify(|all| *all &= backing)
                .or_insert(backing);
        }
        backings
    }

    /// Whether an object is, or leads to, a backing service.
    pub(super) fn holds(&self, object: &Object<'_>) -> bool {
        match (object.format, object.kind) {
            ("compose", _) => {
                let image = object.node.at(&["image"]).and_then(Node::text);
                object.node.entry("build").is_none() && image.is_some_and(|i| self.is_image(i))
            }
            (_, "Service") => self.is_service(object),
            (_, "Ingress") => {
                let names = leads_to(object.node);
                let backing = |name: &&str| match self.services.get(*name) {
                    Some(backing) => *backing,
                    None => self.is_named(name),
                };
                !names.is_empty() && names.iter().all(backing)
            }
            _ => false,
        }
    }

    /// By the image behind it, else by its port, else by what it selects.
    fn is_service(&self, service: &Object<'_>) -> bool {
        let Some(spec) = service.node.at(&["spec"]) else { return false };
        let selector = spec.at(&["selector"]).map(Node::pairs).unwrap_or_default();
        let text = |node: &Node| node.text().unwrap_or("").to_string();
        let selects = |labels: &Node| {
            let has = |(key, value): &(&Node, &Node)| {
                labels
                    .at(&[key.text().unwrap_or("")])
                    .is_some_and(|label| text(label) == text(value))
            };
            !selector.is_empty() && selector.iter().all(has)
        };
        let behind: Vec<&str> = self
            .workloads
            .iter()
            .filter(|(labels, _)| selects(labels))
            .map(|(_, image)| *image)
            .collect();
        if !behind.is_empty() && behind.iter().all(|image| self.is_image(image)) {
            return true;
        }
        let ports = spec.at(&["ports"]).map(Node::items).unwrap_or_default();
        let numbers = ports.iter().flat_map(|port| [port.at(&["port"]), port.at(&["targetPort"])]);
        let mut numbers = numbers.flatten().filter_map(|port| port.text()?.parse().ok());
        if numbers.any(|port| self.ports.contains(&port)) {
            return true;
        }
        behind.is_empty() && selector.iter().any(|(_, value)| self.is_named(&text(value)))
    }

    /// `docker.io/library/redis:7@sha256:..` is `redis`.
    fn is_image(&self, image: &str) -> bool {
        let last = image.rsplit('/').next().unwrap_or(image);
        let name = last.split(['@', ':']).next().unwrap_or(last);
        self.images.contains(name)
    }

    /// `redis`, `shop-redis`, but not `redis-consumer`.
    fn is_named(&self, name: &str) -> bool {
        self.images.contains(name)
            || name.match_indices('-').any(|(at, _)| self.images.contains(&name[at + 1..]))
    }
}

/// The labels of a workload's pods, and the image of its first container.
fn workload(node: &Node) -> Option<(&Node, &str)> {
    let pod = node.at(&["spec", "template"]).unwrap_or(node);
    let labels = pod.at(&["metadata", "labels"])?;
    let container = pod.at(&["spec", "containers"])?.items().first()?;
    Some((labels, container.at(&["image"])?.text()?))
}

/// The names of the services that an ingress leads to.
fn leads_to(ingress: &Node) -> Vec<&str> {
    let Some(spec) = ingress.at(&["spec"]) else { return Vec::new() };
    let rules = spec.at(&["rules"]).map(Node::items).unwrap_or_default();
    let paths = rules.iter().filter_map(|rule| rule.at(&["http", "paths"])).flat_map(Node::items);
    let backends = paths.filter_map(|path| path.at(&["backend"]));
    let whole = [spec.at(&["defaultBackend"]), spec.at(&["backend"])].into_iter().flatten();
    backends
        .chain(whole)
        .filter_map(|backend| {
            let name = backend.at(&["service", "name"]).or_else(|| backend.at(&["serviceName"]));
            name?.text()
        })
        .collect()
}
