//! From deploy files to settings: read as YAML where they are what they are called.

use crate::catalog::Catalog;
use crate::diagnostic::{Problem, Process};
use crate::discover::{Project, relative};
use crate::model::Owner;
use crate::model::deploy::{self, DeployText, Setting};
use crate::parse::yaml::{self, Document};
use crate::source::Sources;

/// What the deploy files of the selected trees set; what cannot be read becomes a problem.
pub(super) fn settings(
    sources: &Sources,
    project: &Project,
    catalog: &Catalog,
    problems: &mut Vec<Problem>,
) -> Vec<(Setting, Owner)> {
    let mut read: Vec<(String, Vec<Document>)> = Vec::new();
    for deploy in &project.deploy {
        let source = sources.get(deploy.file);
        let (documents, found) = yaml::parse(deploy.file, source);
        problems.extend(found);
        read.push((relative(&source.path, &project.root), documents));
    }
    let texts: Vec<DeployText<'_>> =
        read.iter().map(|(path, documents)| DeployText { path, documents }).collect();
    let owner = |setting: &Setting| {
        let file = project.deploy.iter().find(|deploy| deploy.file == setting.at.file);
        Owner {
            package: file.and_then(|file| file.package),
            target: String::new(),
            process: Process::Deploy,
            feature: None,
        }
    };
    let settings = deploy::settings(&texts, catalog).into_iter();
    settings
        .filter(|setting| setting.on)
        .map(|setting| {
            let owner = owner(&setting);
            (setting, owner)
        })
        .collect()
}
