//! Which packages does the command line name? As cargo selects them, over one tree or several.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use super::harness::{is_harness, stands_aside};
use super::manifest::{dangling, is_dangling, problem};
use super::package::{self, Node};
use super::walk::{self, Odd, OddKind};
use super::workspace::{Tree, parts, path_dependencies};
use super::{
    DeployFile, Project, Selection, Target, TargetKind, clean, config, deploy, features, relative,
    spec,
};
use crate::catalog::Formats;
use crate::diagnostic::{Problem, ProblemKind, Severity};
use crate::source::Sources;
use crate::symbol::nearest;

/// See [`super::discover`].
pub(super) fn run(
    sources: &mut Sources,
    selection: &Selection,
    formats: &Formats,
) -> (Project, Vec<Problem>) {
    let mut finder = Finder::new(sources, selection, formats);
    for path in finder.named_paths() {
        finder.path(&path);
    }
    finder.load();
    let wanted = finder.select();
    finder.finish(&wanted)
}

/// The state of one discovery.
struct Finder<'a> {
    tree: Tree<'a>,
    selection: &'a Selection,
    formats: &'a Formats,
    /// The workspace roots, and the folders of packages, that were named.
    roots: Vec<PathBuf>,
    /// Whether some path is a folder of packages, which selects all of them.
    whole: bool,
    /// Folders of packages that are selected when nothing narrows it.
    default: BTreeSet<PathBuf>,
    /// Those of them that a workspace selects by itself, so that what they are made of comes along.
    usual: BTreeSet<PathBuf>,
    /// Folders of packages that `-p` and `--workspace` choose from.
    all: BTreeSet<PathBuf>,
    /// Folders with a manifest, met on a walk.
    beneath: BTreeSet<PathBuf>,
    deploy: BTreeSet<PathBuf>,
    odd: Vec<Odd>,
    nodes: BTreeMap<PathBuf, Node>,
    /// Problems whose severity is settled.
    problems: Vec<Problem>,
}

impl<'a> Finder<'a> {
    fn new(sources: &'a mut Sources, selection: &'a Selection, formats: &'a Formats) -> Finder<'a> {
        Finder {
            tree: Tree::new(sources),
            selection,
            formats,
            roots: Vec::new(),
            whole: false,
            default: BTreeSet::new(),
            usual: BTreeSet::new(),
            all: BTreeSet::new(),
            beneath: BTreeSet::new(),
            deploy: BTreeSet::new(),
            odd: Vec::new(),
            nodes: BTreeMap::new(),
            problems: Vec::new(),
        }
    }

    fn named_paths(&self) -> Vec<PathBuf> {
        let named = self.selection.manifest_path.iter().chain(&self.selection.paths);
        let mut paths: Vec<PathBuf> = named.map(|path| clean(path)).collect();
        if paths.is_empty() {
            paths.push(clean(Path::new(".")));
        }
        paths.dedup();
        paths
    }

    /// One path as the user named it.
    fn path(&mut self, path: &Path) {
        if self.tree.sources.exists(path) {
            return self.file(path);
        }
        if is_dangling(path) {
            return self.problems.push(dangling(path, "nothing was linted here"));
        }
        match path.metadata() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let help = "check the spelling; paths are taken from the current folder";
                self.refuse(path, "there is no such file or folder".into(), help);
            }
            Err(error) => self.refuse(path, format!("cannot be read: {error}"), "make it readable"),
            Ok(meta) if !meta.is_dir() => {
                let help = "name a folder, a `Cargo.toml` or a Rust source file";
                self.refuse(path, "neither a file nor a folder".into(), help);
            }
            Ok(_) if self.tree.stands(path) => self.package(path),
            Ok(_) => self.folder(path),
        }
    }

    fn refuse(&mut self, path: &Path, message: String, help: &str) {
        self.problems.push(problem(ProblemKind::Read, path, message, help));
    }

    /// A manifest stands for its folder, a source file for the package that holds it.
    fn file(&mut self, path: &Path) {
        let dir = path.parent().unwrap_or(path);
        if path.file_name().is_some_and(|name| name == "Cargo.toml") {
            return self.package(dir);
        }
        if path.extension().is_none_or(|extension| extension != "rs") {
            let help = "name a folder, a `Cargo.toml` or a Rust source file";
            return self.refuse(path, "neither a manifest nor a Rust source file".into(), help);
        }
        match self.around(path) {
            Some(dir) => {
                self.root_of(&dir);
                self.all.insert(dir.clone());
                self.default.insert(dir.clone());
                self.walk(&dir);
            }
            None => self.nothing(path, "this file belongs to no package"),
        }
    }

    /// The nearest folder around a path that holds a package.
    fn around(&mut self, path: &Path) -> Option<PathBuf> {
        let mut dirs = path.ancestors().skip(1);
        dirs.find(|dir| self.tree.manifest(dir).is_some_and(|m| m.toml.package.is_some()))
            .map(Path::to_path_buf)
    }

    /// A folder with a manifest: its package, or the members of its workspace.
    fn package(&mut self, dir: &Path) {
        let (default, all) = self.root_of(dir);
        self.default.extend(default);
        self.all.extend(all);
        self.walk(dir);
    }

    /// Notes the root of a package; returns what it selects by default, and all it could.
    fn root_of(&mut self, dir: &Path) -> (BTreeSet<PathBuf>, BTreeSet<PathBuf>) {
        let own = BTreeSet::from([dir.to_path_buf()]);
        let manifest = self.tree.manifest(dir);
        let workspace = manifest.and_then(|manifest| self.tree.workspace_of(&manifest));
        let Some(workspace) = workspace else {
            self.roots.push(dir.to_path_buf());
            return (own.clone(), own);
        };
        self.roots.push(workspace.root.dir.clone());
        let all = workspace.members.union(&own).filter(|member| {
            // A virtual root is no package.
            **member != workspace.root.dir || workspace.members.contains(*member)
        });
        let all: BTreeSet<PathBuf> = all.cloned().collect();
        match workspace.root.dir == dir {
            true => {
                self.usual.extend(workspace.default.iter().cloned());
                (workspace.default.clone(), all)
            }
            false => (own, all),
        }
    }

    /// A folder without a manifest: every package beneath it.
    fn folder(&mut self, path: &Path) {
        let found = walk::walk(path, self.formats);
        if found.packages.is_empty() {
            self.odd.extend(found.odd);
            // As cargo, look upwards from the current folder; a folder by name must hold something.
            let named =
                self.selection.paths.iter().chain(&self.selection.manifest_path).count() > 0;
            let alone = named || self.around(path).is_none();
            if alone && self.deploys(&found.deploy, path) {
                self.roots.push(path.to_path_buf());
                // They come in order, and all at once they are put in faster.
                self.deploy.append(&mut found.deploy.into_iter().collect());
                return;
            }
            return match self.around(path) {
                Some(dir) if !named => self.package(&dir),
                Some(dir) => {
                    let message = "nothing to lint: no `Cargo.toml` stands here or beneath";
                    let help = format!("its package is `{}`: name that folder", dir.display());
                    self.problems.push(problem(ProblemKind::Configuration, path, message, help));
                }
                None => self.nothing(path, "no `Cargo.toml` stands here or beneath"),
            };
        }
        self.whole = true;
        self.roots.push(path.to_path_buf());
        for dir in found.packages {
            let bare = self.tree.manifest(&dir).is_some_and(|m| m.toml.package.is_none());
            if !bare {
                self.default.insert(dir.clone());
                self.all.insert(dir);
            }
        }
        self.deploy.append(&mut found.deploy.into_iter().collect());
        self.odd.extend(found.odd);
    }

    /// Whether some of the files beneath a folder are deploy configuration, which is worth a look
    /// without any Rust beside it.
    fn deploys(&mut self, files: &[PathBuf], root: &Path) -> bool {
        files.iter().any(|path| {
            let Ok(Some(file)) = deploy::load(self.tree.sources, path, root, self.formats) else {
                return false;
            };
            let shown = relative(path, root);
            let text = &self.tree.sources.get(file).text;
            !self.formats.of(&shown, text).is_empty()
        })
    }

    fn nothing(&mut self, path: &Path, why: &str) {
        self.problems.push(problem(
            ProblemKind::Configuration,
            path,
            format!("nothing to lint: {why}"),
            "name a package, a workspace, or a folder that holds some",
        ));
    }

    fn walk(&mut self, dir: &Path) {
        let mut found = walk::walk(dir, self.formats);
        found.add(dir, self.tree.sources.only_overlaid(dir), self.formats);
        self.beneath.extend(found.packages);
        self.deploy.append(&mut found.deploy.into_iter().collect());
        self.odd.extend(found.odd);
    }

    /// Loads what may be selected, its workspaces, and the packages they depend on by path.
    fn load(&mut self) {
        let mut todo: Vec<PathBuf> = self.all.union(&self.default).cloned().collect();
        let mut seen: BTreeSet<PathBuf> = todo.iter().cloned().collect();
        let given = todo.len();
        let mut whole: BTreeSet<PathBuf> = BTreeSet::new();
        let mut next = 0;
        while let Some(dir) = todo.get(next).cloned() {
            next += 1;
            let Some(manifest) = self.tree.manifest(&dir) else { continue };
            let workspace = self.tree.workspace_of(&manifest);
            let lender = self.tree.lender(&manifest);
            let mut more = path_dependencies(&manifest, lender.as_ref());
            let named = workspace.filter(|_| next <= given);
            if let Some(workspace) = named.filter(|w| whole.insert(w.root.dir.clone())) {
                more.extend(path_dependencies(&workspace.root, None));
                more.extend(workspace.members.iter().cloned());
            }
            todo.extend(more.into_iter().filter(|dir| seen.insert(dir.clone())));
            if let Some(node) = package::read(&mut self.tree, &manifest, self.selection) {
                self.nodes.insert(dir, node);
            }
        }
    }

    /// Marks the selected packages; returns the folders asked for, with a good manifest or not.
    fn select(&mut self) -> BTreeSet<PathBuf> {
        let selection = self.selection;
        let mut wanted = match selection.workspace {
            true => self.all.clone(),
            false if selection.packages.is_empty() => self.with_parts(),
            false => self.named(),
        };
        if !selection.exclude.is_empty() && !selection.workspace && !self.whole {
            let help = "add `--workspace`, or name the packages with `-p`";
            let message = "`--exclude` only narrows `--workspace` or a folder of packages";
            self.configuration(message.into(), help.into());
        }
        for pattern in &selection.exclude {
            let before = wanted.len();
            wanted.retain(|dir| {
                !self.nodes.get(dir).is_some_and(|n| spec::means(pattern, &n.package))
            });
            if wanted.len() == before {
                let (message, help) = self.unknown(pattern);
                self.configuration(message, help);
                self.problems.last_mut().into_iter().for_each(|p| p.severity = Severity::Note);
            }
        }
        let named = self.named_paths();
        let root = self.project_root();
        for (dir, node) in &mut self.nodes {
            node.package.selected = wanted.contains(dir);
            let chosen = !selection.packages.is_empty() && node.package.selected;
            // What is named is meant, also where it stands aside.
            let named = named.iter().any(|path| *path != root && dir.starts_with(path));
            let aside = stands_aside(dir, &root) || *dir != root && is_harness(&node.package.name);
            node.package.aside = !chosen && !named && aside;
        }
        self.tell_aside();
        wanted
    }

    /// Tells of programs that count as those of tests by their names alone.
    fn tell_aside(&mut self) {
        let is_program = |node: &&Node| {
            let bin = |target: &Target| target.kind == TargetKind::Bin;
            let package = &node.package;
            package.aside && package.selected && package.targets.iter().any(bin)
        };
        let named = self.nodes.values().filter(is_program).map(|node| node.package.name.as_str());
        let named: Vec<&str> = named.collect();
        let Some(first) = named.first() else { return };
        let message = format!(
            "taken for programs of tests or examples, by their names: {}",
            named.join(", ")
        );
        let help = format!("`cargo twelve-lint -p {first}` lints one all the same");
        self.configuration(message, help);
        self.problems.last_mut().into_iter().for_each(|p| p.severity = Severity::Note);
    }

    /// What is selected by default, with the members that the default members of a workspace are
    /// made of: `cargo clippy` tells of these, too.
    fn with_parts(&mut self) -> BTreeSet<PathBuf> {
        let mut wanted = self.default.clone();
        let mut todo: Vec<PathBuf> = self.usual.iter().cloned().collect();
        while let Some(dir) = todo.pop() {
            let Some(manifest) = self.tree.manifest(&dir) else { continue };
            let lender = self.tree.lender(&manifest);
            let parts = parts(&manifest, lender.as_ref()).into_iter();
            let members = parts.filter(|part| self.all.contains(part));
            todo.extend(members.filter(|part| wanted.insert(part.clone())).collect::<Vec<_>>());
        }
        wanted
    }

    /// The packages that `-p` names: members first, as cargo, then anything of the tree.
    fn named(&mut self) -> BTreeSet<PathBuf> {
        let mut wanted = BTreeSet::new();
        for spec in &self.selection.packages {
            let meant = |(_, node): &(&PathBuf, &Node)| spec::means(spec, &node.package);
            let found: Vec<PathBuf> =
                self.nodes.iter().filter(meant).map(|(dir, _)| dir.clone()).collect();
            let members: Vec<PathBuf> =
                found.iter().filter(|dir| self.all.contains(*dir)).cloned().collect();
            if found.is_empty() {
                let (message, help) = self.unknown(spec);
                self.configuration(message, help);
            }
            wanted.extend(if members.is_empty() { found } else { members });
        }
        wanted
    }

    fn unknown(&self, spec: &str) -> (String, String) {
        let names: Vec<&str> = self.nodes.values().map(|node| &*node.package.name).collect();
        let help = match nearest(spec, &names) {
            Some(near) if near != spec => format!("did you mean `{near}`?"),
            _ if names.len() <= 8 && !names.is_empty() => {
                let are = if names.len() == 1 { "package here is" } else { "packages here are" };
                format!("the {are} `{}`", names.join("`, `"))
            }
            _ => "`cargo metadata --no-deps` lists the packages".to_string(),
        };
        (format!("no package here is called `{spec}`"), help)
    }

    fn configuration(&mut self, message: String, help: String) {
        let root = self.project_root();
        self.problems.push(problem(ProblemKind::Configuration, &root, message, help));
    }

    fn project_root(&self) -> PathBuf {
        let Some(first) = self.roots.first() else {
            let named = self.named_paths();
            return named.into_iter().next().unwrap_or_default();
        };
        let shared = |dir: &&Path| self.roots.iter().all(|root| root.starts_with(dir));
        first.ancestors().find(shared).unwrap_or(first).to_path_buf()
    }

    fn finish(mut self, wanted: &BTreeSet<PathBuf>) -> (Project, Vec<Problem>) {
        let root = self.project_root();
        let mut nodes: Vec<Node> = std::mem::take(&mut self.nodes).into_values().collect();
        nodes.sort_by(|a, b| {
            (&a.package.name, &a.package.dir).cmp(&(&b.package.name, &b.package.dir))
        });
        self.problems.extend(features::enable(&mut nodes, self.selection, &root));
        for (dir, mut problem) in std::mem::take(&mut self.tree.problems) {
            if !wanted.contains(&dir) {
                problem.severity = Severity::Note;
            }
            self.problems.push(problem);
        }
        for mut odd in std::mem::take(&mut self.odd) {
            if !self.costs(&nodes, &odd) {
                odd.problem.severity = Severity::Note;
            }
            self.problems.push(odd.problem);
        }
        let named = !self.selection.packages.is_empty();
        let not_selected = self
            .beneath
            .iter()
            // Who names packages knows that the other members are not looked at.
            .filter(|dir| !wanted.contains(*dir) && (!named || !self.all.contains(*dir)))
            .filter(|dir| self.tree.holds_package(dir))
            .map(|dir| relative(&dir.join("Cargo.toml"), &root))
            .collect();
        let deploy = self.deploy(&nodes, &root);
        let loose = deploy.iter().any(|file| file.package.is_none());
        let mut config = config::layers(&mut self.tree, &nodes, loose.then_some(&*root));
        self.problems.append(&mut config.problems);
        let idle = |node: &Node| {
            !(node.package.selected && node.package.targets.iter().any(|target| target.selected))
        };
        let told = self.problems.iter().any(|problem| problem.severity == Severity::Error);
        let only_deploys = nodes.is_empty() && !deploy.is_empty();
        if !told && !only_deploys && nodes.iter().all(idle) {
            let why = match nodes.iter().any(|node| node.package.selected) {
                true => "the selected packages have no target of the kinds asked for",
                false => "no package is selected",
            };
            self.nothing(&root, why);
        }
        let packages: Vec<_> = nodes.into_iter().map(|node| node.package).collect();
        let config::InForce { layers, under, beside, .. } = config;
        let project = Project {
            root,
            packages,
            deploy,
            layers,
            under,
            beside,
            not_selected,
            ..Project::default()
        };
        (project, self.problems)
    }

    /// Whether an oddity may have cost a source that was selected.
    fn costs(&self, nodes: &[Node], odd: &Odd) -> bool {
        let path = &odd.problem.path;
        let owner = owners(nodes);
        let owner = path.ancestors().find_map(|dir| owner.get(dir));
        match (odd.kind, owner) {
            (OddKind::FolderNamedSource | OddKind::DanglingDeploy, _) => false,
            // Members are found without a walk; what else lies about is only looked for.
            (OddKind::UnreadableFolder, None) => self.whole,
            (OddKind::DanglingSource, None) => false,
            (_, Some(owner)) => {
                let package = &nodes[*owner].package;
                let mut targets = package.targets.iter().filter(|target| target.selected);
                let holds = |root: &Path| root.parent().is_some_and(|dir| path.starts_with(dir));
                package.selected && targets.any(|target| holds(&target.root))
            }
        }
    }

    /// The deploy files, but those of packages that are not selected.
    fn deploy(&mut self, nodes: &[Node], root: &Path) -> Vec<DeployFile> {
        let mut found = Vec::new();
        let owners = owners(nodes);
        for path in std::mem::take(&mut self.deploy) {
            let around = |dir: &&Path| owners.contains_key(dir) || self.beneath.contains(*dir);
            let dir = path.ancestors().find(around);
            let package = dir.and_then(|dir| owners.get(dir).copied());
            // What lies at the root of a workspace is everybody's.
            let ours = dir.is_none_or(|dir| dir == root)
                || package.is_some_and(|index| nodes[index].package.selected);
            if !ours {
                continue;
            }
            match deploy::load(self.tree.sources, &path, root, self.formats) {
                Ok(Some(file)) => found.push(DeployFile { file, package }),
                Ok(None) => {}
                Err(problem) => self.problems.push(problem),
            }
        }
        found
    }
}

/// The packages by their folders.
fn owners(nodes: &[Node]) -> HashMap<&Path, usize> {
    nodes.iter().enumerate().map(|(index, node)| (node.package.dir.as_path(), index)).collect()
}
