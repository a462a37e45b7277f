//! From deploy files to settings: each read as what it may be.

use rayon::prelude::*;

use crate::catalog::Catalog;
use crate::diagnostic::{Problem, Process};
use crate::discover::{Project, TargetKind, relative};
use crate::model::Owner;
use crate::model::deploy::{self, DeployText, Setting};
use crate::parse::conf::{self, Document};
use crate::source::Sources;

/// What the deploy files of the selected trees set; what cannot be read becomes a problem.
pub(super) fn settings(
    sources: &Sources,
    project: &Project,
    catalog: &Catalog,
    problems: &mut Vec<Problem>,
) -> Vec<(Setting, Owner)> {
    let read = project.deploy.par_iter().map(|deploy| {
        let source = sources.get(deploy.file);
        let path = relative(&source.path, &project.root);
        let (documents, found) = conf::read(deploy.file, source, &path, &catalog.formats);
        (path, documents, found)
    });
    let read: Vec<(String, Vec<Document>, Vec<Problem>)> = read.collect();
    problems.extend(read.iter().flat_map(|(.., found)| found).cloned());
    let texts: Vec<DeployText<'_>> =
        read.iter().map(|(path, documents, _)| DeployText { path, documents }).collect();
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
    settings
        .filter(|setting| setting.on)
        .map(|setting| {
            let owner = owner(&setting);
            (setting, owner)
        })
        .collect()
}
