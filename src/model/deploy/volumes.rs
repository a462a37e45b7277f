//! Which folders is a process given that outlive it?

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::charts::Charts;
use super::objects::{Object, introduced, shown};
use super::shipped::Shipped;
use super::whose::{Apps, Standing};
use super::{Setting, compose, mounts, pods};
use crate::catalog::{Catalog, FolderKind, SettingFact, SettingMeaning, Syntax, VolumeKind, star};
use crate::diagnostic::{Step, Verdict};
use crate::parse::conf::{Kind, Node};
use crate::source::Span;

/// What the containers of all objects are given.
pub(super) fn of(
    objects: &[Object<'_>],
    apps: &Apps<'_>,
    catalog: &Catalog,
    charts: &Charts<'_>,
) -> Vec<Setting> {
    let shipped = Shipped::of(objects, &catalog.files.bases);
    let facts = Facts { catalog, charts: Some(charts) };
    let claims = objects.iter().filter(|object| object.kind == "PersistentVolumeClaim");
    let claims: Claims<'_, '_> = claims.map(|claim| (facts.named(claim), claim)).collect();
    let mut settings = Vec::new();
    let of_mounts: Vec<SettingFact> =
        catalog.files.settings.iter().filter(|fact| fact.mounts.is_some()).cloned().collect();
    for (index, object) in objects.iter().enumerate() {
        settings.extend(mounts::volumes(object, apps, facts, &of_mounts));
        match (object.syntax, object.format) {
            (Syntax::Dockerfile, _) => {
                settings.extend(stage(&objects[index..], object, apps, facts));
            }
            (_, "compose") => settings.extend(compose::volumes(object, apps, facts, &shipped)),
            (_, "kubernetes") => settings.extend(pods::volumes(object, &claims, apps, facts)),
            _ => {}
        }
    }
    settings
}

/// Whether a key gives folders that last; those of the machine and of its logs are told apart by
/// their paths.
pub(super) fn lasts(setting: &mut Setting, catalog: &Catalog) -> bool {
    let facts = Facts { catalog, charts: None };
    let path = |word: &&str| word.trim_start_matches(['-', '+', '"']).starts_with('/');
    let words: Vec<&str> = setting.value.split_whitespace().filter(path).collect();
    if words.is_empty() {
        return true;
    }
    let folders = words.iter().map(|word| {
        let word = word.trim_start_matches(['-', '+', '"']).trim_end_matches('"');
        facts.folder(word.split(':').next().unwrap_or(word))
    });
    let kept: Vec<Option<FolderKind>> = folders.filter(|of| !is_harmless(*of)).collect();
    if kept.iter().all(|of| *of == Some(FolderKind::Loseable)) {
        loseable(setting);
    }
    !kept.is_empty()
}

/// Grades a volume that only has what its service can do without.
pub(super) fn loseable(setting: &mut Setting) {
    setting.verdict = Verdict::Hazard;
    setting.so = "what is kept there grows on one machine and is not there on the next".into();
}

/// The claims of all files, by name.
pub(super) type Claims<'o, 'a> = FxHashMap<Cow<'a, str>, &'o Object<'a>>;

/// What is known about folders and sources of files.
#[derive(Clone, Copy)]
pub(super) struct Facts<'a> {
    catalog: &'a Catalog,
    charts: Option<&'a Charts<'a>>,
}

impl<'a> Facts<'a> {
    pub(super) fn catalog(&self) -> &'a Catalog {
        self.catalog
    }

    /// What a folder or a file is on every machine.
    pub(super) fn folder(&self, path: &str) -> Option<FolderKind> {
        kind_of(path, self.catalog)
    }

    /// Whether a build server runs what an object says.
    pub(super) fn is_automation(&self, object: &Object<'_>) -> bool {
        self.catalog.formats.is_automation(object.path)
    }

    /// What a node of an object says, as its chart fills it.
    pub(super) fn said<'n>(&self, object: &Object<'_>, node: Option<&'n Node>) -> Cow<'n, str> {
        let Some(node) = node else { return "".into() };
        match self.charts {
            Some(charts) => charts.text(object.path, node),
            None => node.text().unwrap_or_default().into(),
        }
    }

    fn named<'n>(&self, object: &Object<'n>) -> Cow<'n, str> {
        self.said(object, object.node.at(&["metadata", "name"]))
    }

    /// Whether only a backing service listens on a port: `2181`, `5432/tcp`.
    fn is_port_of_backing(&self, port: &str) -> bool {
        let number = port.split('/').next().and_then(|number| number.parse().ok());
        let mut facts = self.catalog.files.backings.iter();
        number.is_some_and(|number: u16| facts.any(|fact| fact.ports.contains(&number)))
    }

    /// Whether nothing that lasts is kept in a folder of a container.
    pub(super) fn is_harmless(&self, path: &str) -> bool {
        is_harmless(self.folder(path))
    }

    /// What a source is, by its key and, of a driver, its name.
    pub(super) fn source(
        &self,
        format: &str,
        key: &str,
        driver: &str,
    ) -> Option<(VolumeKind, &'a str)> {
        let facts = self.catalog.files.volumes.iter();
        let mut facts = facts.filter(|fact| fact.format == format && fact.key == key);
        let fits = |patterns: &[String]| {
            patterns.is_empty() || patterns.iter().any(|pattern| star(pattern, driver).is_some())
        };
        facts.find(|fact| fits(&fact.drivers)).map(|fact| (fact.is, &*fact.why))
    }
}

/// Whether nothing of a process's own lasts in such a folder.
fn is_harmless(of: Option<FolderKind>) -> bool {
    !matches!(of, None | Some(FolderKind::Loseable | FolderKind::Credentials))
}

/// What a folder or a file is on every machine.
pub(super) fn kind_of(path: &str, catalog: &Catalog) -> Option<FolderKind> {
    let path = path.trim_end_matches('/');
    let mut facts = catalog.files.folders.iter();
    let beneath = |pattern: &String| match pattern.contains('*') {
        true => star(&format!("{pattern}/*"), path).is_some(),
        false => {
            let folder = path.get(..pattern.len());
            path.as_bytes().get(pattern.len()) == Some(&b'/')
                && folder.is_some_and(|folder| folder.eq_ignore_ascii_case(pattern))
        }
    };
    let fits = |pattern: &String| star(pattern, path).is_some() || beneath(pattern);
    facts.find(|fact| fact.paths.iter().any(fits)).map(|fact| fact.is)
}

/// A folder that a process is given, in words.
pub(super) struct Given<'a> {
    pub(super) key: &'a str,
    pub(super) value: &'a str,
    pub(super) at: Span,
    pub(super) is: VolumeKind,
    pub(super) why: &'a str,
    pub(super) standing: Standing,
    pub(super) because: Vec<Step>,
    /// The folders that the process sees it at.
    pub(super) targets: Vec<String>,
    /// Where that process stands, whole.
    pub(super) within: Span,
}

/// As a setting; `None` where nothing lasts in it.
pub(super) fn setting(object: &Object<'_>, given: Given<'_>) -> Option<Setting> {
    let (verdict, so) = match given.is {
        VolumeKind::Scratch => return None,
        VolumeKind::Local => (Verdict::Violation, ""),
        VolumeKind::Shared => (
            Verdict::Hazard,
            "nothing orders what the replicas write to it: two that write one file lose the work of one",
        ),
        VolumeKind::Claim => (
            Verdict::Hazard,
            "if it is the disk of one machine, another replica does not see these files",
        ),
    };
    let mut because = vec![introduced(object)];
    because.extend(given.because);
    Some(Setting {
        meaning: SettingMeaning::Volume,
        on: true,
        certain: given.standing == Standing::App,
        verdict,
        key: given.key.into(),
        value: shown(given.value).into(),
        at: given.at,
        what: object.what(),
        why: given.why.into(),
        instead: String::new(),
        so: so.into(),
        because,
        targets: given.targets,
        source: None,
        readers: Vec::new(),
        programs: Vec::new(),
        within: given.within,
    })
}

/// The volumes that a stage of a Dockerfile declares; `chain` begins with it and goes on with those
/// that it starts from.
fn stage(
    chain: &[Object<'_>],
    object: &Object<'_>,
    apps: &Apps<'_>,
    facts: Facts<'_>,
) -> Vec<Setting> {
    // Those that the stage starts from follow it, up to the next one that is run.
    let same = |other: &&Object<'_>| other.root.span == object.root.span && other.kind != "last";
    let others = chain.iter().skip(1).take_while(same);
    let last = chain.iter().take(1).chain(others).last();
    let base = last.and_then(|stage| stage.node.at(&["image"])?.text());
    if base.is_some_and(|image| apps.is_other(image)) {
        return Vec::new();
    }
    let pairs = object.node.pairs();
    let said = |name: &'static str| pairs.iter().filter(move |(key, _)| key.text() == Some(name));
    let mut ports =
        said("EXPOSE").filter_map(|(_, ports)| ports.text()).flat_map(str::split_whitespace);
    let mut paths = said("VOLUME").flat_map(|(_, list)| list.items()).filter_map(Node::text);
    // What listens like a database, or keeps its data where one does, is one.
    let backing = |path: &str| facts.folder(path) == Some(FolderKind::Backing);
    if ports.any(|port| facts.is_port_of_backing(port)) || paths.any(backing) {
        return Vec::new();
    }
    let volumes = said("VOLUME");
    let found = volumes.filter_map(|(key, list)| {
        let paths: Vec<&str> = list.items().iter().filter_map(Node::text).collect();
        let kept = paths.iter().filter(|path| !facts.is_harmless(path));
        let kept: Vec<&str> = kept.copied().collect();
        if kept.is_empty() {
            return None;
        }
        let only = paths.iter().all(|path| {
            facts.is_harmless(path) || facts.folder(path) == Some(FolderKind::Loseable)
        });
        let mut setting = setting(
            object,
            Given {
                key: "VOLUME",
                value: &kept.join(", "),
                at: key.span,
                is: VolumeKind::Local,
                why: "Docker keeps it on the machine where the container runs",
                standing: Standing::App,
                because: Vec::new(),
                targets: paths.iter().map(|path| (*path).to_string()).collect(),
                within: object.node.span,
            },
        )?;
        if only {
            loseable(&mut setting);
        }
        Some(setting)
    });
    found.collect()
}

/// Whether a flag is up.
pub(super) fn is_true(node: Option<&Node>) -> bool {
    node.is_some_and(|node| match &node.kind {
        Kind::Scalar { text, .. } => text.eq_ignore_ascii_case("true"),
        _ => false,
    })
}
