//! From deploy files to settings: each read as what it may be.

use rayon::prelude::*;

use crate::catalog::Catalog;
use crate::diagnostic::{Problem, Process};
use crate::discover::{Project, TargetKind, relative};
use crate::model::Owner;
use crate::model::deploy::{self, DeployText, Setting};
use crate::parse::conf::{self, Document};
use crate::parse::tree::Mark;
use crate::source::{FileId, Sources};

/// What deploy files say.
pub(super) struct Deployed {
    pub(super) settings: Vec<(Setting, Owner)>,
    /// Comments that speak to this tool.
    pub(super) marks: Vec<(FileId, Vec<Mark>)>,
}

/// What the deploy files of the selected trees say; what cannot be read becomes a problem.
pub(super) fn settings(
    sources: &Sources,
    project: &Project,
    catalog: &Catalog,
    problems: &mut Vec<Problem>,
) -> Deployed {
    let read = project.deploy.par_iter().map(|deploy| {
        let source = sources.get(deploy.file);
        let path = relative(&source.path, &project.root);
        let (documents, found) = conf::read(deploy.file, source, &path, &catalog.formats);
        let marks = conf::marks(&source.text, &documents, &catalog.formats);
        (path, documents, found, (deploy.file, marks))
    });
    let read: Vec<(String, Vec<Document>, Vec<Problem>, _)> = read.collect();
    problems.extend(read.iter().flat_map(|(_, _, found, _)| found).cloned());
    let marks = read.iter().map(|(.., marks)| marks.clone()).collect();
    let texts: Vec<DeployText<'_>> =
        read.iter().map(|(path, documents, ..)| DeployText { path, documents }).collect();
    let owner = |setting: &Setting| {
        let file = project.deploy.iter().find(|deploy| deploy.file == setting.at.file);
        Owner {
            package: file.and_then(|file| file.package),
            target: String::new(),
            process: Process::Deploy,
            feature: None,
        }
    };
    let packages = project.packages.iter().filter(|package| package.selected);
    let mut names: Vec<String> = packages
        .flat_map(|package| {
            let bins = package.targets.iter().filter(|target| target.kind == TargetKind::Bin);
            bins.map(|target| target.name.clone()).chain([package.name.clone()])
        })
        .collect();
    names.extend(project.root.file_name().map(|name| name.to_string_lossy().into_owned()));
    let settings = deploy::settings(&texts, catalog, &names).into_iter();
    let settings = settings.filter(|setting| setting.on).map(|setting| {
        let owner = owner(&setting);
        (setting, owner)
    });
    Deployed { settings: settings.collect(), marks }
}
