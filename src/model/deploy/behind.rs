//! Which programs of the tree does a thing of the deployment concern: itself, or what it leads to?

use rustc_hash::{FxHashMap, FxHashSet};

use super::objects::Object;
use super::runs::{Program, Run};
use super::whose::{host, leads_to, selects};
use super::{Deployment, Syntax};
use crate::diagnostic::Process;
use crate::parse::conf::{Node, ways};
use crate::source::{FileId, Span};

/// Whether a part of a file is a process's, or it is part of that, or a stage of its image.
pub(super) fn is_of(part: Span, run: &Run) -> bool {
    let inside = |one: Span, other: Span| {
        one.file == other.file && other.start <= one.start && one.end <= other.end
    };
    inside(run.within, part) || inside(part, run.within) || run.stages.contains(&part)
}

/// Finds what runs behind a thing.
pub(super) struct Finder<'d, 'a> {
    deployment: &'d Deployment<'a>,
    runs: &'d [Run],
    programs: &'d [Program],
    by_file: FxHashMap<FileId, Vec<usize>>,
    by_stage: FxHashMap<Span, Vec<usize>>,
    by_name: FxHashMap<&'d str, Vec<&'d Object<'a>>>,
    /// Pods by each of their labels.
    pods: FxHashMap<(&'d str, &'d str), Vec<&'d Object<'a>>>,
}

impl<'d, 'a> Finder<'d, 'a> {
    pub(super) fn new(
        deployment: &'d Deployment<'a>,
        runs: &'d [Run],
        programs: &'d [Program],
    ) -> Self {
        let (mut by_file, mut by_stage) = (FxHashMap::default(), FxHashMap::default());
        for (index, run) in runs.iter().enumerate() {
            let of_file: &mut Vec<usize> = by_file.entry(run.within.file).or_default();
            of_file.push(index);
            for stage in &run.stages {
                let of_stage: &mut Vec<usize> = by_stage.entry(*stage).or_default();
                of_stage.push(index);
            }
        }
        let (mut by_name, mut pods) = (FxHashMap::default(), FxHashMap::default());
        for object in &deployment.objects {
            let named: &mut Vec<&Object<'_>> = by_name.entry(object.name).or_default();
            named.push(object);
            for (key, value) in labels(object).into_iter().flat_map(Node::pairs) {
                let label = (key.text().unwrap_or(""), value.text().unwrap_or(""));
                let labelled: &mut Vec<&Object<'_>> = pods.entry(label).or_default();
                labelled.push(object);
            }
        }
        Finder { deployment, runs, programs, by_file, by_stage, by_name, pods }
    }

    /// The programs that a setting of an object is for. Where nothing leads from it to a process,
    /// it is for the only program that the tree has, or has run.
    pub(super) fn programs(&self, object: &Object<'_>) -> Vec<usize> {
        if let Some(found) = self.behind(object) {
            return found;
        }
        let served = self.runs.iter().filter(|run| run.process != Some(Process::Admin));
        let served: FxHashSet<usize> = served.map(|run| run.program).collect();
        match (served.len(), self.programs.len()) {
            (1, _) => served.into_iter().collect(),
            (0, 1) => vec![0],
            _ => Vec::new(),
        }
    }

    /// The programs of what runs in a part of a file.
    pub(super) fn within(&self, part: Span) -> Vec<usize> {
        let here = self.by_file.get(&part.file).into_iter().flatten();
        let runs = here.chain(self.by_stage.get(&part).into_iter().flatten());
        let runs = runs.map(|index| &self.runs[*index]);
        let holds = |run: &&Run| run.process != Some(Process::Admin) && is_of(part, run);
        let mut found: Vec<usize> = runs.filter(holds).map(|run| run.program).collect();
        found.sort();
        found.dedup();
        found
    }

    /// The programs behind an object; `None` where it does not say what it leads to.
    fn behind(&self, object: &Object<'_>) -> Option<Vec<usize>> {
        match (object.format, object.kind) {
            ("kubernetes", "Service") if object.node.at(&["spec", "selector"]).is_some() => {
                Some(self.service(object))
            }
            ("kubernetes", "Ingress") => self.named(&leads_to(object.node)),
            _ if !object.leads.is_empty() => {
                let hits = object.leads.iter().flat_map(|way| ways::find(object.node, way));
                let hosts = hits.filter_map(|hit| host(hit.value.text()));
                let first = |host: &'_ str| -> String {
                    let host = host.split(':').next().unwrap_or(host);
                    host.split('.').next().unwrap_or(host).to_string()
                };
                let names: Vec<String> = hosts.map(first).collect();
                self.named(&names.iter().map(String::as_str).collect::<Vec<_>>())
            }
            _ if self.runs_something(object) => Some(self.within(object.node.span)),
            _ => None,
        }
    }

    /// Whether an object is one that runs processes.
    fn runs_something(&self, object: &Object<'_>) -> bool {
        let mut facts = self.deployment.catalog.files.runs.iter();
        object.syntax == Syntax::Dockerfile
            || facts.any(|fact| {
                let kinds = &fact.kinds;
                fact.format == object.format
                    && (kinds.is_empty() || kinds.iter().any(|kind| kind == object.kind))
            })
    }

    /// What runs under the names of services; `None` where no name is one.
    fn named(&self, names: &[&str]) -> Option<Vec<usize>> {
        let mut found: Option<Vec<usize>> = None;
        for name in names {
            for object in self.by_name.get(name).into_iter().flatten() {
                let behind = match (object.format, object.kind) {
                    ("kubernetes", "Service") => self.service(object),
                    ("compose", _) => self.within(object.node.span),
                    _ => continue,
                };
                found.get_or_insert_default().extend(behind);
            }
        }
        found
    }

    /// What runs in the pods that a service selects.
    fn service(&self, service: &Object<'_>) -> Vec<usize> {
        let Some(selector) = service.node.at(&["spec", "selector"]) else { return Vec::new() };
        let first = selector.pairs().into_iter().next();
        let first =
            first.map(|(key, value)| (key.text().unwrap_or(""), value.text().unwrap_or("")));
        let pods = first.and_then(|label| self.pods.get(&label)).into_iter().flatten();
        let pods = pods.filter(|pod| labels(pod).is_some_and(|labels| selects(selector, labels)));
        let mut found: Vec<usize> = pods.flat_map(|pod| self.within(pod.node.span)).collect();
        found.sort();
        found.dedup();
        found
    }
}

/// The labels of the pods that a Kubernetes object makes.
fn labels<'a>(object: &Object<'a>) -> Option<&'a Node> {
    if object.format != "kubernetes" {
        return None;
    }
    let pod = match object.node.at(&["spec", "template"]) {
        Some(template) => template,
        None => (object.kind == "Pod").then_some(object.node)?,
    };
    pod.at(&["metadata", "labels"])
}
