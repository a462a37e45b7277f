//! Which volumes do the pods of a Kubernetes workload mount?

use super::Setting;
use super::objects::Object;
use super::volumes::{Claims, Facts, Given, is_true, setting};
use super::whose::{Apps, Standing};
use crate::catalog::VolumeKind;
use crate::diagnostic::Step;
use crate::parse::conf::Node;
use crate::source::Span;

/// A volume that a container of the app writes to.
struct Mounted {
    standing: Standing,
    at: Span,
    /// The folder that the container sees it at.
    target: String,
    /// The container.
    within: Span,
}

/// The volumes of the app's pods that last.
pub(super) fn volumes(
    object: &Object<'_>,
    claims: &Claims<'_, '_>,
    apps: &Apps<'_>,
    facts: Facts<'_>,
) -> Vec<Setting> {
    // A job runs once, and what a DaemonSet keeps belongs to its node.
    if matches!(object.kind, "Job" | "CronJob" | "DaemonSet") {
        return Vec::new();
    }
    let Some(pod) = pod(object) else { return Vec::new() };
    let mut found = Vec::new();
    for volume in pod.at(&["volumes"]).map(Node::items).unwrap_or_default() {
        let Some(name) = volume.at(&["name"]).and_then(Node::text) else { continue };
        let Some(mounted) = mounted(object, pod, name, apps, facts) else { continue };
        let source = volume.pairs().into_iter().find(|(key, _)| key.text() != Some("name"));
        let Some((key, source)) = source else { continue };
        let Some(given) = given(object, claims, facts, key, source) else { continue };
        found.extend(setting(
            object,
            Given {
                standing: mounted.standing,
                because: vec![Step::new(mounted.at, "a container mounts it here")],
                targets: vec![mounted.target],
                within: mounted.within,
                ..given
            },
        ));
    }
    if let Some((key, templates)) =
        object.node.at(&["spec"]).and_then(|spec| spec.entry("volumeClaimTemplates"))
    {
        let mut mounts = templates.items().iter().filter_map(|template| {
            let name = template.at(&["metadata", "name"]).and_then(Node::text)?;
            Some((template, mounted(object, pod, name, apps, facts)?))
        });
        if let Some((template, mounted)) = mounts.next() {
            let (is, why) = claimed(object, template, facts);
            let value = template.at(&["metadata", "name"]).and_then(Node::text).unwrap_or("");
            found.extend(setting(
                object,
                Given {
                    key: "volumeClaimTemplates",
                    value,
                    at: key.span,
                    is,
                    why,
                    standing: mounted.standing,
                    because: vec![Step::new(mounted.at, "a container mounts it here")],
                    targets: vec![mounted.target],
                    within: mounted.within,
                },
            ));
        }
    }
    found
}

fn pod<'a>(object: &Object<'a>) -> Option<&'a Node> {
    let spec = object.node.at(&["spec"])?;
    match spec.at(&["template", "spec"]) {
        Some(pod) => Some(pod),
        None => (object.kind == "Pod").then_some(spec),
    }
}

/// The container that writes to a volume, the app's before others.
fn mounted(
    object: &Object<'_>,
    pod: &Node,
    volume: &str,
    apps: &Apps<'_>,
    facts: Facts<'_>,
) -> Option<Mounted> {
    let mut found: Option<Mounted> = None;
    for container in pod.at(&["containers"]).map(Node::items).unwrap_or_default() {
        let raw = container.at(&["image"]);
        let said = facts.said(object, raw);
        let standing = match apps.standing_in(object.path, &said) {
            Standing::Unknown => {
                let raw = raw.and_then(Node::text).unwrap_or("");
                apps.standing_in(object.path, raw).min(Standing::Unknown)
            }
            known => known,
        };
        if standing == Standing::Other {
            continue;
        }
        for mount in container.at(&["volumeMounts"]).map(Node::items).unwrap_or_default() {
            let path = facts.said(object, mount.at(&["mountPath"]));
            let named = mount.at(&["name"]).filter(|name| name.text() == Some(volume));
            let Some(named) = named else { continue };
            if is_true(mount.at(&["readOnly"])) || facts.is_harmless(&path) {
                continue;
            }
            if found.is_none() || standing == Standing::App {
                let (target, within) = (path.to_string(), container.span);
                found = Some(Mounted { standing, at: named.span, target, within });
            }
        }
    }
    found
}

/// What a volume's source is.
fn given<'a>(
    object: &Object<'_>,
    claims: &Claims<'_, '_>,
    facts: Facts<'a>,
    key: &'a Node,
    source: &'a Node,
) -> Option<Given<'a>> {
    let name = key.text()?;
    let said = |field: &str| source.at(&[field]).and_then(Node::text).unwrap_or("");
    let value = ["path", "claimName", "server", "driver", "volumeID"].map(said);
    let value = value.into_iter().find(|value| !value.is_empty()).unwrap_or("");
    if is_true(source.at(&["readOnly"]))
        || (name == "hostPath" && facts.is_harmless(&facts.said(object, source.at(&["path"]))))
    {
        return None;
    }
    let (is, why) = facts.source("kubernetes", name, said("driver"))?;
    let (is, why) = match is {
        VolumeKind::Claim => match claims.get(&facts.said(object, source.at(&["claimName"]))) {
            Some(claim) => claimed(claim, claim.node, facts),
            None => (is, why),
        },
        is => (is, why),
    };
    let at = key.span;
    let standing = Standing::Unknown;
    let (because, targets, within) = (Vec::new(), Vec::new(), source.span);
    Some(Given { key: name, value, at, is, why, standing, because, targets, within })
}

/// What a claim asks for, by its modes of access.
fn claimed<'a>(object: &Object<'_>, claim: &Node, facts: Facts<'a>) -> (VolumeKind, &'a str) {
    let modes = claim.at(&["spec", "accessModes"]).map(Node::items).unwrap_or_default();
    let mode = |way: &str| {
        let found = modes.iter().map(|mode| facts.said(object, Some(mode)));
        found.filter_map(|mode| facts.source("kubernetes", way, &mode)).max_by_key(|(is, _)| {
            // Who may be written to by many is in the network, whatever else it allows.
            *is == VolumeKind::Shared
        })
    };
    let local = (VolumeKind::Local, "the claim is for a disk that one node mounts at a time");
    mode("accessModes").unwrap_or(local)
}
