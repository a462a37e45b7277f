//! Which programs of the tree does a thing of the deployment concern: itself, or what it leads to?

use rustc_hash::FxHashSet;

use super::objects::Object;
use super::runs::{Program, Run};
use super::whose::{host, leads_to, selects};
use super::{Deployment, Syntax};
use crate::diagnostic::Process;
use crate::parse::conf::{Node, ways};
use crate::source::Span;

/// The programs that a setting of an object is for. Where nothing leads from it to a process, it
/// is for the only program that the tree has, or has run.
pub(super) fn programs(
    deployment: &Deployment<'_>,
    object: &Object<'_>,
    runs: &[Run],
    programs: &[Program],
) -> Vec<usize> {
    let finder = Finder { deployment, runs };
    match finder.behind(object) {
        Some(found) => found,
        None => {
            let served = runs.iter().filter(|run| run.process != Some(Process::Admin));
            let served: FxHashSet<usize> = served.map(|run| run.program).collect();
            match (served.len(), programs.len()) {
                (1, _) => served.into_iter().collect(),
                (0, 1) => vec![0],
                _ => Vec::new(),
            }
        }
    }
}

/// Whether a part of a file is a process's, or it is part of that, or a stage of its image.
pub(super) fn is_of(part: Span, run: &Run) -> bool {
    let inside = |one: Span, other: Span| {
        one.file == other.file && other.start <= one.start && one.end <= other.end
    };
    inside(run.within, part) || inside(part, run.within) || run.stages.contains(&part)
}

/// The programs of what runs in a part of a file.
pub(super) fn within(part: Span, runs: &[Run]) -> Vec<usize> {
    let holds = |run: &&Run| run.process != Some(Process::Admin) && is_of(part, run);
    let mut found: Vec<usize> = runs.iter().filter(holds).map(|run| run.program).collect();
    found.sort();
    found.dedup();
    found
}

struct Finder<'d, 'a> {
    deployment: &'d Deployment<'a>,
    runs: &'d [Run],
}

impl Finder<'_, '_> {
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
            _ if self.runs_something(object) => Some(within(object.node.span, self.runs)),
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
            for object in self.deployment.objects.iter().filter(|object| object.name == *name) {
                let behind = match (object.format, object.kind) {
                    ("kubernetes", "Service") => self.service(object),
                    ("compose", _) => within(object.node.span, self.runs),
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
        let pods = self.deployment.objects.iter().filter(|object| {
            let labels = |node: &Node| {
                node.at(&["metadata", "labels"]).is_some_and(|labels| selects(selector, labels))
            };
            object.format == "kubernetes"
                && (object.node.at(&["spec", "template"]).is_some_and(labels)
                    || (object.kind == "Pod" && labels(object.node)))
        });
        let mut found: Vec<usize> = pods.flat_map(|pod| within(pod.node.span, self.runs)).collect();
        found.sort();
        found.dedup();
        found
    }
}
