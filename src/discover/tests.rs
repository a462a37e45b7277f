//! Does `discover` answer as cargo does? Small trees on disk, command lines, and what comes out.

use crate::catalog::Catalog;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::{Project, Selection, Target, TargetKind, discover, relative};
use crate::diagnostic::{Problem, Severity};
use crate::source::Sources;

mod features;
mod problems;
mod selection;
mod targets;
mod walk;

/// A tree on disk, from sections that start with `//- path` or `//- link -> target`.
struct Tree(tempfile::TempDir);

impl Tree {
    fn new(text: &str) -> Tree {
        let dir = tempfile::tempdir().unwrap();
        for section in text.split("//- ").skip(1) {
            let (head, body) = section.split_once('\n').unwrap_or((section, ""));
            let (path, target) = head.trim().split_once(" -> ").unwrap_or((head.trim(), ""));
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            match (target, head.trim().ends_with('/')) {
                ("", true) => std::fs::create_dir_all(path).unwrap(),
                ("", false) => std::fs::write(path, unindented(body)).unwrap(),
                (target, _) => std::os::unix::fs::symlink(target, path).unwrap(),
            }
        }
        Tree(dir)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Discovers what a command line asks for; its paths are taken from the tree's root.
    fn find(&self, command: &str) -> Seen {
        let mut selection = Selection::default();
        let mut words = command.split_whitespace();
        while let Some(word) = words.next() {
            let mut next = || words.next().unwrap().replace("ROOT", self.path().to_str().unwrap());
            match word {
                "-p" => selection.packages.push(next()),
                "--exclude" => selection.exclude.push(next()),
                "--features" => selection.features.push(next()),
                "--manifest-path" => selection.manifest_path = Some(self.path().join(next())),
                "--workspace" => selection.workspace = true,
                "--all-features" => selection.all_features = true,
                "--no-default-features" => selection.no_default_features = true,
                "--lib" => drop(selection.targets.insert(TargetKind::Lib)),
                "--bins" => drop(selection.targets.insert(TargetKind::Bin)),
                "--examples" => drop(selection.targets.insert(TargetKind::Example)),
                "--tests" => drop(selection.targets.insert(TargetKind::Test)),
                path => selection.paths.push(self.path().join(path)),
            }
        }
        let mut sources = Sources::default();
        let catalog = Catalog::builtin().unwrap();
        let (project, problems) = discover(&mut sources, &selection, &catalog.formats);
        Seen { root: self.path().to_path_buf(), project, problems, sources }
    }
}

/// Takes off the indentation that all lines share, so that a tree can stand indented in a test.
fn unindented(text: &str) -> String {
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    let indent = lines().map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    text.lines().fold(String::new(), |all, line| all + line.get(indent..).unwrap_or("") + "\n")
}

struct Seen {
    root: PathBuf,
    project: Project,
    problems: Vec<Problem>,
    sources: Sources,
}

impl Seen {
    /// Every package that was loaded, a `*` before those that are selected.
    fn packages(&self) -> String {
        let star = |selected: bool| if selected { "*" } else { "" };
        let names = self.project.packages.iter().map(|p| format!("{}{}", star(p.selected), p.name));
        names.collect::<Vec<_>>().join(" ")
    }

    /// The targets of a package, a `*` before those that are selected.
    fn targets(&self, package: &str) -> String {
        let line = |target: &Target| {
            let star = if target.selected { "*" } else { "" };
            let kind = format!("{:?}", target.kind).to_lowercase();
            let root = relative(&target.root, &self.package(package).dir);
            format!("{star}{kind}:{}={root}", target.name)
        };
        self.package(package).targets.iter().map(line).collect::<Vec<_>>().join(" ")
    }

    /// The features of a package that are on.
    fn enabled(&self, package: &str) -> String {
        self.package(package).enabled.iter().cloned().collect::<Vec<_>>().join(" ")
    }

    /// One line for each deploy file, with the package it belongs to.
    fn deploy(&self) -> String {
        let mut found = Vec::new();
        for deploy in &self.project.deploy {
            let mut line = relative(&self.sources.get(deploy.file).path, &self.root);
            if let Some(index) = deploy.package {
                let _ = write!(line, "={}", self.project.packages[index].name);
            }
            found.push(line);
        }
        found.join(" ")
    }

    /// One line for each problem: severity, place, message.
    fn problems(&self) -> Vec<String> {
        let line = |problem: &Problem| {
            assert!(!problem.help.is_empty(), "no help: {problem:?}");
            let severity = if problem.severity == Severity::Error { "error" } else { "note" };
            let mut place = relative(&problem.path, &self.root);
            if let Some(at) = problem.at {
                let at = self.sources.get(at.file).place(at.start);
                let _ = write!(place, ":{}:{}", at.line, at.column);
            }
            format!("{severity} {place}: {}", problem.message)
        };
        self.problems.iter().map(line).collect()
    }

    fn package(&self, name: &str) -> &super::Package {
        self.project.packages.iter().find(|package| package.name == name).unwrap()
    }
}

#[test]
fn the_order_of_paths_changes_nothing() {
    let tree = Tree::new(
        "//- a/Cargo.toml
        [package]
        name = 'a'
        //- a/src/lib.rs
        //- b/Cargo.toml
        [package]
        name = 'b'
        //- b/src/lib.rs",
    );
    let (one, two) = (tree.find("a b"), tree.find("b a"));
    assert_eq!(one.packages(), "*a *b");
    assert_eq!(one.packages(), two.packages());
    assert_eq!((&one.project.root, one.project.root.as_path()), (&two.project.root, tree.path()));
}
