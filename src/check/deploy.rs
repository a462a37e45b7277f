//! From deploy files to what they set and run: each read as what it may be.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use crate::catalog::{Catalog, FormatFact};
use crate::diagnostic::{Problem, Process, Severity};
use crate::discover::{BuiltWith, Project, Selection, TargetKind, has_files, relative};
use crate::model::Owner;
use crate::model::deploy::{self, Built, DeployText, Deployment, Program, Run, Setting};
use crate::parse::conf::{self, Document};
use crate::parse::tree::Mark;
use crate::source::{FileId, Sources};

/// The deploy files of the selected trees.
pub(super) struct Files {
    /// Each with its path from the root on.
    pub(super) read: Vec<(String, Vec<Document>)>,
    /// Comments that speak to this tool.
    pub(super) marks: Vec<(FileId, Vec<Mark>)>,
}

/// Reads the deploy files of the selected trees; what cannot be read becomes a problem.
pub(super) fn read(
    sources: &Sources,
    project: &Project,
    catalog: &Catalog,
    problems: &mut Vec<Problem>,
) -> Files {
    let paths: FxHashSet<&Path> =
        project.deploy.iter().map(|deploy| &*sources.get(deploy.file).path).collect();
    let read = project.deploy.par_iter().map(|deploy| {
        let source = sources.get(deploy.file);
        let path = relative(&source.path, &project.root);
        let stands = |name: &str| paths.contains(&*source.path.with_file_name(name));
        // Elsewhere nothing would be judged as this format.
        let may_be = |format: &FormatFact| {
            (format.beside.is_empty() || stands(&format.beside))
                && (format.apart.is_empty() || !stands(&format.apart))
        };
        let formats = &catalog.formats;
        let (documents, mut found) = conf::read_beside(deploy.file, source, &path, formats, may_be);
        // Nothing would be judged there: it costs nobody anything.
        if !found.is_empty() && deploy::is_unreal_file(&path, &source.text, catalog) {
            found.iter_mut().for_each(|problem| problem.severity = Severity::Note);
        }
        let marks = conf::marks(&source.text, &documents, formats);
        ((path, documents), found, (deploy.file, marks))
    });
    let mut files = Files { read: Vec::new(), marks: Vec::new() };
    let read: Vec<_> = read.collect();
    for (document, found, marks) in read {
        files.read.push(document);
        problems.extend(found);
        files.marks.push(marks);
    }
    files
}

/// What they describe.
pub(super) fn deployment<'a>(
    read: &'a [(String, Vec<Document>)],
    sources: &'a Sources,
    project: &Project,
    catalog: &'a Catalog,
) -> Deployment<'a> {
    let texts = read.iter().map(|(path, documents)| {
        let text = documents.first().map_or("", |first| &sources.get(first.root.span.file).text);
        DeployText { path, text, documents }
    });
    let texts: Vec<DeployText<'_>> = texts.collect();
    let packages = project.packages.iter().filter(|package| package.selected);
    let mut names: Vec<String> = packages
        .flat_map(|package| {
            let bins = package.targets.iter().filter(|target| target.kind == TargetKind::Bin);
            bins.map(|target| target.name.clone()).chain([package.name.clone()])
        })
        .collect();
    names.extend(project.root.file_name().map(|name| name.to_string_lossy().into_owned()));
    Deployment::of(&texts, catalog, &names)
}

/// The binaries of the tree.
pub(super) fn programs(project: &Project) -> Vec<Program> {
    let mut programs = Vec::new();
    for (index, package) in project.packages.iter().enumerate() {
        let bins = package.targets.iter().filter(|target| target.kind == TargetKind::Bin);
        let packages = project.linked_into(index);
        programs.extend(bins.map(|target| Program {
            packages: packages.clone(),
            of: package.name.clone(),
            bin: target.name.clone(),
            folder: relative(&package.dir, &project.root),
        }));
    }
    programs
}

/// With which features the deployment builds selected packages, where the user says none.
pub(super) fn built(
    project: &Project,
    selection: &Selection,
    programs: &[Program],
    runs: &[Run],
) -> Vec<Built> {
    if selection.says_features() {
        return Vec::new();
    }
    let mut built = deploy::built(runs, programs);
    // The selection knows a package by its name.
    let alone = |index: usize| {
        let name = &project.packages[index].name;
        project.packages.iter().filter(|other| other.name == *name).count() == 1
    };
    built.retain(|one| {
        let package = &project.packages[one.package];
        let named = one.features.iter().any(|feature| {
            let own = feature.strip_prefix(&format!("{}/", package.name)).unwrap_or(feature);
            package.features.contains(own) || own.contains('/')
        });
        let changes = named || one.all || one.no_default && package.features.contains("default");
        package.selected && alone(one.package) && changes
    });
    built
}

/// The same selection with these features on; `None` where there are none.
pub(super) fn as_built(
    project: &Project,
    selection: &Selection,
    built: &[Built],
) -> Option<Selection> {
    let with = |built: &Built| BuiltWith {
        features: built.features.clone(),
        all: built.all,
        no_default: built.no_default,
    };
    let built = built.iter();
    let built = built.map(|one| (project.packages[one.package].name.clone(), with(one))).collect();
    let selection = Selection { built, ..selection.clone() };
    (!selection.built.is_empty()).then_some(selection)
}

/// Tells the project as what the deployment runs its programs, and with which words.
pub(super) fn declare(project: &mut Project, programs: &[Program], runs: &[Run]) {
    for (number, program) in programs.iter().enumerate() {
        // The project knows a binary by its name.
        if programs.iter().filter(|other| other.bin == program.bin).count() > 1 {
            continue;
        }
        let runs = || runs.iter().filter(|run| run.program == number);
        if let Some(process) = deploy::process(runs()) {
            project.processes.insert(program.bin.clone(), process);
        }
        let commands = deploy::commands(runs());
        if !commands.is_empty() {
            project.commands.insert(program.bin.clone(), commands);
        }
    }
}

/// Notes which programs may be given the folders of the repository that are mounted. Where nothing
/// says which are, those that lie nearest to the file may be.
pub(super) fn readers(
    settings: &mut [Setting],
    programs: &[Program],
    project: &Project,
    sources: &Sources,
) {
    for setting in settings {
        let Some(source) = &setting.source else { continue };
        let path = &*sources.get(setting.at.file).path;
        let Some(folder) = path.parent().and_then(|dir| beneath(dir, source)) else { continue };
        if !has_files(&project.root, &folder) {
            continue;
        }
        setting.readers.clone_from(&setting.programs);
        let mut near = Path::new(path);
        while let (true, Some(dir)) = (setting.readers.is_empty(), near.parent()) {
            near = dir;
            if !dir.starts_with(&project.root) {
                break;
            }
            let lies = |program: &Program| project.root.join(&program.folder).starts_with(dir);
            let all = programs.iter().enumerate().filter(|(_, program)| lies(program));
            setting.readers = all.map(|(number, _)| number).collect();
        }
    }
}

/// A relative path from a folder on; `None` where nobody can tell.
fn beneath(dir: &Path, path: &str) -> Option<PathBuf> {
    if !path.starts_with('.') && !path.contains('/') || path.starts_with(['/', '~', '$']) {
        return None;
    }
    let mut found = dir.to_path_buf();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(found.pop()),
            part => found.push(part),
        }
    }
    (!path.contains('$')).then_some(found)
}

/// The settings that are on, with their owners.
pub(super) fn owned(settings: Vec<Setting>, project: &Project) -> Vec<(Setting, Owner)> {
    let owner = |setting: &Setting| {
        let file = project.deploy.iter().find(|deploy| deploy.file == setting.at.file);
        Owner {
            package: file.and_then(|file| file.package),
            target: String::new(),
            process: Process::Deploy,
            feature: None,
            doubt: None,
        }
    };
    let on = settings.into_iter().filter(|setting| setting.on);
    let with_owner = |setting: Setting| {
        let owner = owner(&setting);
        (setting, owner)
    };
    on.map(with_owner).collect()
}
