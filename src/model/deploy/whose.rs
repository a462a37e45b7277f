//! Whose process is it: the app's, a backing service's, or somebody's whom nothing here names?

use rustc_hash::{FxHashMap, FxHashSet};

use super::built::Built;
use super::furnished::bases;
use super::objects::{Object, folder};
use crate::catalog::{Catalog, Syntax};
use crate::parse::conf::{HIDDEN, Node, ways};
use crate::source::Span;

/// Whose process a container runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// This repository's.
    App,
    /// Nothing here says whose.
    Unknown,
    /// A backing service, a proxy, an agent.
    Other,
}

/// The names by which images of this repository are known.
pub(super) struct Apps<'a> {
    names: FxHashSet<String>,
    others: FxHashSet<&'a str>,
    /// Whether programs of this repository are known, and not its folder alone.
    programs: bool,
    /// Dockerfiles and stages that are made from images of others; the last stage has no name.
    made_of_others: FxHashSet<(String, String)>,
    /// Those into which nothing of this repository is put, with the images that they are made from.
    bare: FxHashMap<(String, String), String>,
    /// Those that start something which their system, or the world, has for everybody, and whether
    /// a command is told to that.
    foreign: FxHashMap<String, bool>,
    /// Dockerfiles whose images start something whatever command they are given.
    entered: FxHashSet<String>,
    /// The names of charts, by their folders.
    charts: FxHashMap<String, String>,
    built: Built,
}

impl<'a> Apps<'a> {
    pub(super) fn new(objects: &[Object<'_>], names: &[String], catalog: &'a Catalog) -> Apps<'a> {
        let given = names.len();
        let words = names.iter().flat_map(|name| name.split(|c: char| !c.is_alphanumeric()));
        let words: FxHashSet<String> =
            words.filter(|word| word.len() > 2).map(str::to_ascii_lowercase).collect();
        let dockerfiles = || objects.iter().filter(|object| object.syntax == Syntax::Dockerfile);
        let built = objects.iter().filter(|object| object.format == "compose");
        let built = built.filter(|object| object.node.entry("build").is_some());
        let images = built.filter_map(|object| object.node.at(&["image"])?.text());
        let pushed = super::pushed::of(objects, &catalog.files.pushed);
        let pushed = pushed.iter().map(|pushed| last_part(&pushed.image));
        let names = names.iter().map(String::as_str).chain(images.map(last_part)).chain(pushed);
        let others = catalog.files.backings.iter().flat_map(|fact| &fact.images);
        let mut apps = Apps {
            names: names.map(plain).filter(|name| name.len() > 1).collect(),
            others: others.map(String::as_str).collect(),
            programs: given > 1,
            made_of_others: FxHashSet::default(),
            bare: FxHashMap::default(),
            foreign: FxHashMap::default(),
            entered: FxHashSet::default(),
            charts: FxHashMap::default(),
            built: Built::of(dockerfiles().map(|object| object.path)),
        };
        for object in objects.iter().filter(|object| object.format == "chart") {
            if let Some(name) = object.node.at(&["name"]).and_then(Node::text) {
                apps.charts.insert(folder(object.path).to_string(), name.to_string());
            }
        }
        let mut made = FxHashSet::default();
        for object in dockerfiles() {
            let path = joined(&[object.path]);
            if object.root.pairs().iter().any(|(_, stage)| stage.entry("ENTRYPOINT").is_some()) {
                apps.entered.insert(path.clone());
            }
            let shares = |word: &str| words.contains(&word.to_ascii_lowercase());
            for base in bases(object.root, catalog, &|word| apps.is_own(word), &shares) {
                let stage = (path.clone(), base.stage);
                if apps.is_other(base.image) {
                    made.insert(stage);
                } else if base.foreign {
                    apps.foreign.insert(path.clone(), base.entered);
                } else if base.bare {
                    apps.bare.insert(stage, base.image.to_string());
                }
            }
        }
        apps.made_of_others = made;
        apps
    }

    /// By the image that a container runs.
    pub(super) fn standing(&self, image: &str) -> Standing {
        let image = default(image);
        let name = last_part(image);
        if self.is_other(image) {
            return Standing::Other;
        }
        let path = image.trim_end_matches(|c| c != '/').trim_end_matches('/');
        let before = path.rsplit('/').next().unwrap_or_default();
        match self.is_own(name) || self.names.contains(&plain(&format!("{before}{name}"))) {
            true => Standing::App,
            false => Standing::Unknown,
        }
    }

    /// Whether a word is a name of this repository, or begins with one.
    fn is_own(&self, word: &str) -> bool {
        let ends = word.match_indices(['-', '_']).map(|(at, _)| at).chain([word.len()]);
        ends.map(|end| plain(&word[..end])).any(|word| self.names.contains(&word))
    }

    /// By the image that a container of a file runs; where a chart says it elsewhere, by the chart.
    pub(super) fn standing_in(&self, path: &str, image: &str) -> Standing {
        if !image.contains(HIDDEN) || !last_part(image).is_empty() {
            return self.standing(image);
        }
        let mut of = folder(path);
        while !self.charts.contains_key(of) && !of.is_empty() {
            of = folder(of);
        }
        match self.charts.get(of) {
            Some(name) if self.others.contains(&**name) => Standing::Other,
            Some(name) if self.names.contains(&plain(name)) => Standing::App,
            _ => Standing::Unknown,
        }
    }

    /// By the images that an object runs, the app's before others; `None` where nothing says any.
    pub(super) fn standing_of(&self, object: &Object<'_>) -> Option<Standing> {
        if object.format == "compose" {
            return Some(self.standing_of_service(object));
        }
        let hits = object.images.iter().flat_map(|way| ways::find(object.node, way));
        let said = |text: &&str| !text.is_empty() && !text.starts_with("${");
        let images = hits.map(|hit| hit.value.text()).filter(said);
        let mut all: Vec<Standing> = images.map(|image| self.standing(image)).collect();
        all.sort();
        all.first().copied()
    }

    /// By the chart whose values they are, or by the image that is said nearest to a place in them.
    pub(super) fn standing_of_values(&self, values: &Object<'_>, at: Span) -> Standing {
        let chart = values.name;
        if self.names.contains(&plain(chart)) {
            return Standing::App;
        }
        if self.others.contains(chart) {
            return Standing::Other;
        }
        let (mut node, mut image) = (values.node, None);
        loop {
            let said = node.at(&["image"]);
            let said =
                said.and_then(|image| image.text().or_else(|| image.at(&["repository"])?.text()));
            image = said.filter(|image| !image.is_empty()).or(image);
            let holds = |inner: &Node| inner.span.start <= at.start && at.end <= inner.span.end;
            match node.pairs().into_iter().find(|(_, inner)| holds(inner)) {
                Some((_, inner)) => node = inner,
                None => break,
            }
        }
        match image {
            Some(image) => self.standing(image),
            // A chart in the repository of a program deploys the program.
            None if self.programs => Standing::App,
            None => Standing::Unknown,
        }
    }

    /// The Dockerfile, and the stage of it, that a compose service is built from.
    pub(super) fn built_from(&self, service: &Object<'_>) -> Option<(String, String)> {
        let (_, build) = service.node.entry("build")?;
        Some(self.built.by(folder(service.path), build))
    }

    /// Whether the image that a compose service is started from may do something before, or instead
    /// of, the command that it is given.
    pub(super) fn enters(&self, service: &Object<'_>) -> bool {
        let built = || self.built_from(service);
        service.node.entry("entrypoint").is_none()
            && built().is_none_or(|(path, _)| self.entered.contains(&path))
    }

    /// By the image that a compose service runs, or by the Dockerfile that it is built from.
    pub(super) fn standing_of_service(&self, service: &Object<'_>) -> Standing {
        let Some((path, stage)) = self.built_from(service) else {
            let image = service.node.at(&["image"]).and_then(Node::text);
            return self.standing(image.unwrap_or_default());
        };
        let says = |key: &str| service.node.entry(key).is_some();
        if let Some(entered) = self.foreign.get(&path)
            && stage.is_empty()
            && !says("entrypoint")
            && (*entered || !says("command"))
        {
            return Standing::Unknown;
        }
        let made = (path, stage);
        match self.bare.get(&made) {
            _ if self.made_of_others.contains(&made) => Standing::Other,
            // An official image is a system or a language, if it is no service that is known.
            Some(image) if !is_official(image) => self.standing(image),
            _ => Standing::App,
        }
    }

    /// Whether a Dockerfile makes its image of a backing service's or a helper's.
    /// The last stage has no name.
    pub(super) fn is_made_of_others(&self, path: &str, stage: &str) -> bool {
        self.made_of_others.contains(&(path.to_string(), stage.to_ascii_lowercase()))
    }

    /// Whether an image, from which another is made, is a backing service's or a helper's.
    pub(super) fn is_other(&self, image: &str) -> bool {
        let image = default(image);
        let name = last_part(image);
        // Some are called by their makers: `mssql/server`.
        let maker = image.split('/').rev().nth(1).unwrap_or_default();
        self.others.contains(name) || self.others.contains(&*format!("{maker}/{name}"))
    }
}

/// Whether an image is one of Docker's own, which have no name before theirs.
fn is_official(image: &str) -> bool {
    if last_part(image).is_empty() {
        return false;
    }
    let image = image.strip_prefix("docker.io/").unwrap_or(image);
    !image.strip_prefix("library/").unwrap_or(image).contains('/')
}

/// Parts of a path as one, without `.` and `..`.
pub(super) fn joined(parts: &[&str]) -> String {
    let mut path: Vec<&str> = Vec::new();
    for part in parts.iter().flat_map(|part| part.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(path.pop()),
            part => path.push(part),
        }
    }
    path.join("/")
}

/// `my-shop` and `my_shop` are one name.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Of `${IMAGE:-shop:1}`, the default.
pub(super) fn default(image: &str) -> &str {
    let inner = image.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    inner.and_then(|inner| inner.split_once(":-")).map_or(image, |(_, default)| default)
}

/// `docker.io/library/redis:7@sha256:..` is `redis`.
pub(super) fn last_part(image: &str) -> &str {
    let last = image.rsplit('/').next().unwrap_or(image);
    last.split(['@', ':', '$', HIDDEN]).next().unwrap_or(last)
}

/// The host in the words of a server, an address or a name.
pub(super) fn host(text: &str) -> Option<&str> {
    let words = || text.split_whitespace();
    let port =
        |word: &&str| word.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let found = words().find(port).or_else(|| words().next())?;
    Some(found.rsplit("//").next().unwrap_or(found))
}

/// What is known about databases, brokers and the like that run beside the app.
pub(super) struct Backings<'a> {
    images: FxHashSet<&'a str>,
    ports: FxHashSet<u16>,
    /// The labels of each workload's pods, and its image.
    workloads: Vec<(&'a Node, &'a str)>,
    /// These, by each of the labels.
    labelled: FxHashMap<(&'a str, &'a str), Vec<usize>>,
    /// Kubernetes services by name: whether each is a backing service.
    services: FxHashMap<&'a str, bool>,
}

impl<'a> Backings<'a> {
    pub(super) fn new(objects: &[Object<'a>], catalog: &'a Catalog) -> Backings<'a> {
        let facts = || catalog.files.backings.iter().filter(|fact| !fact.helper);
        let mut backings = Backings {
            images: facts().flat_map(|fact| &fact.images).map(String::as_str).collect(),
            ports: facts().flat_map(|fact| &fact.ports).copied().collect(),
            workloads: objects.iter().filter_map(|object| workload(object.node)).collect(),
            labelled: FxHashMap::default(),
            services: FxHashMap::default(),
        };
        for (index, (labels, _)) in backings.workloads.iter().enumerate() {
            for (key, value) in labels.pairs() {
                let label = (key.text().unwrap_or(""), value.text().unwrap_or(""));
                backings.labelled.entry(label).or_default().push(index);
            }
        }
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
            _ => self.leads_away(object),
        }
    }

    /// Whether every host that an object leads to is a backing service.
    fn leads_away(&self, object: &Object<'_>) -> bool {
        let hits = object.leads.iter().flat_map(|way| ways::find(object.node, way));
        let hosts: Vec<&str> = hits.filter_map(|hit| host(hit.value.text())).collect();
        let away = |host: &&str| {
            let (name, port) = host.rsplit_once(':').unwrap_or((host, ""));
            let first = name.split('.').next().unwrap_or(name);
            port.parse().is_ok_and(|port| self.ports.contains(&port))
                || self.services.get(first).copied().unwrap_or_else(|| self.is_named(first))
        };
        !hosts.is_empty() && hosts.iter().all(away)
    }

    /// By the image behind it, else by its port, else by what it selects.
    fn is_service(&self, service: &Object<'_>) -> bool {
        let Some(spec) = service.node.at(&["spec"]) else { return false };
        let selector = spec.at(&["selector"]);
        let text = |node: &Node| node.text().unwrap_or("").to_string();
        let selects = |labels: &Node| selector.is_some_and(|selector| selects(selector, labels));
        let first = selector.and_then(|selector| selector.pairs().into_iter().next());
        let first =
            first.map(|(key, value)| (key.text().unwrap_or(""), value.text().unwrap_or("")));
        let near = first.and_then(|label| self.labelled.get(&label)).into_iter().flatten();
        let near = near.map(|index| self.workloads[*index]);
        let behind: Vec<&str> =
            near.filter(|(labels, _)| selects(labels)).map(|(_, image)| image).collect();
        if !behind.is_empty() && behind.iter().all(|image| self.is_image(image)) {
            return true;
        }
        let ports = spec.at(&["ports"]).map(Node::items).unwrap_or_default();
        let numbers = ports.iter().flat_map(|port| [port.at(&["port"]), port.at(&["targetPort"])]);
        let mut numbers = numbers.flatten().filter_map(|port| port.text()?.parse().ok());
        if numbers.any(|port| self.ports.contains(&port)) {
            return true;
        }
        let selector = selector.map(Node::pairs).unwrap_or_default();
        behind.is_empty() && selector.iter().any(|(_, value)| self.is_named(&text(value)))
    }

    fn is_image(&self, image: &str) -> bool {
        self.images.contains(last_part(image))
    }

    /// `redis`, `shop-redis`, but not `redis-consumer`.
    fn is_named(&self, name: &str) -> bool {
        self.images.contains(name)
            || name.match_indices('-').any(|(at, _)| self.images.contains(&name[at + 1..]))
    }
}

/// Whether a service's selector chooses pods with these labels.
pub(super) fn selects(selector: &Node, labels: &Node) -> bool {
    let wanted = selector.pairs();
    let has = |(key, value): &(&Node, &Node)| {
        let label = labels.at(&[key.text().unwrap_or("")]);
        label.is_some_and(|label| label.text().unwrap_or("") == value.text().unwrap_or(""))
    };
    !wanted.is_empty() && wanted.iter().all(has)
}

/// The labels of a workload's pods, and the image of its first container.
fn workload(node: &Node) -> Option<(&Node, &str)> {
    let pod = node.at(&["spec", "template"]).unwrap_or(node);
    let labels = pod.at(&["metadata", "labels"])?;
    let container = pod.at(&["spec", "containers"])?.items().first()?;
    Some((labels, container.at(&["image"])?.text()?))
}

/// The names of the services that an ingress leads to.
pub(super) fn leads_to(ingress: &Node) -> Vec<&str> {
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
