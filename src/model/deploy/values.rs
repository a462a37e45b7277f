//! What is a value that another file, or a default, decides?

use std::borrow::Cow;

use rustc_hash::{FxHashMap, FxHashSet};

use super::DeployText;
use super::charts::Charts;
use super::objects::{Object, folder};
use super::terms::{self, Names, Term};
use super::whose::joined;
use crate::catalog::{Catalog, Syntax};
use crate::parse::conf::{HIDDEN, Node};
use crate::source::Span;

/// What a text says when everything is put in.
pub(super) enum Decided<'a> {
    /// And where it is said, if that is not where it is used.
    Text(Cow<'a, str>, Option<Span>),
    Unknown,
}

/// What a variable or a local is said to be.
struct Said {
    text: String,
    at: Option<Span>,
    /// The names in it are those of this folder.
    folder: String,
}

/// The variables and locals of each folder, with what they are unless somebody says otherwise.
#[derive(Default)]
pub(super) struct Variables<'a> {
    known: FxHashMap<(String, String), Said>,
    pub(super) charts: Charts<'a>,
}

fn roots<'a>(file: &DeployText<'a>) -> impl Iterator<Item = &'a Node> {
    file.documents.iter().map(|document| &document.root)
}

/// What a module's arguments are not.
const OF_MODULES: [&str; 6] = ["source", "version", "count", "for_each", "providers", "depends_on"];

impl<'a> Variables<'a> {
    pub(super) fn of(files: &[DeployText<'a>], catalog: &Catalog) -> Variables<'a> {
        let mut variables = Variables { charts: Charts::of(files), ..Variables::default() };
        let is = |file: &DeployText<'_>, name: &str| {
            let mut of = file.documents.iter().flat_map(|document| &document.formats);
            of.any(|format| catalog.formats[*format].name == name)
        };
        let blocks: Vec<&DeployText<'_>> =
            files.iter().filter(|file| is(file, "terraform")).collect();
        for file in &blocks {
            roots(file).for_each(|root| variables.defaults(folder(file.path), root));
        }
        // Who calls a module beats its defaults.
        for file in &blocks {
            roots(file).for_each(|root| variables.modules(folder(file.path), root));
        }
        // Files with values beat defaults; of them the later one wins, and those that are named on
        // the command line come last.
        let folders: FxHashSet<&str> = blocks.iter().map(|file| folder(file.path)).collect();
        let mut values: Vec<&DeployText<'_>> =
            files.iter().filter(|file| is(file, "variables")).collect();
        let last = |path: &str| path.rsplit('/').next().unwrap_or(path).to_string();
        values.sort_by_key(|file| {
            let name = last(file.path);
            (!name.starts_with("terraform.tfvars"), !name.contains(".auto."), file.path)
        });
        for file in values {
            for root in roots(file) {
                if last(file.path) == "terragrunt.hcl" {
                    variables.terragrunt(folder(file.path), root);
                    continue;
                }
                let mut of = folder(file.path);
                while !folders.contains(of) && !of.is_empty() {
                    of = folder(of);
                }
                for (key, value) in root.pairs() {
                    let Some(name) = key.text() else { continue };
                    variables.say(of, &format!("var.{name}"), value, Some(key.span), of);
                }
            }
        }
        variables
    }

    fn defaults(&mut self, folder: &str, root: &Node) {
        for (key, block) in root.pairs() {
            match key.text() {
                Some("variable") => {
                    for (name, body) in block.pairs() {
                        let default = body.items().first().unwrap_or(body).entry("default");
                        let (Some(name), Some((_, value))) = (name.text(), default) else {
                            continue;
                        };
                        self.say(folder, &format!("var.{name}"), value, None, folder);
                    }
                }
                Some("locals") => {
                    for (name, value) in block.pairs() {
                        let Some(name) = name.text() else { continue };
                        self.say(folder, &format!("local.{name}"), value, None, folder);
                    }
                }
                _ => {}
            }
        }
    }

    /// What the modules of the tree are called with.
    fn modules(&mut self, folder: &str, root: &Node) {
        let calls = root.pairs().into_iter().filter(|(key, _)| key.text() == Some("module"));
        for (_, module) in calls.flat_map(|(_, named)| named.pairs()) {
            let source = module.at(&["source"]).and_then(Node::text).unwrap_or("");
            if !source.starts_with('.') {
                continue;
            }
            let of = joined(&[folder, source]);
            for (key, value) in module.pairs() {
                let Some(name) = key.text().filter(|name| !OF_MODULES.contains(name)) else {
                    continue;
                };
                self.say(&of, &format!("var.{name}"), value, Some(key.span), folder);
            }
        }
    }

    /// The inputs of a module that a file of Terragrunt names.
    fn terragrunt(&mut self, folder: &str, root: &Node) {
        let source = root.at(&["terraform", "source"]).and_then(Node::text).unwrap_or(".");
        let of = joined(&[folder, source]);
        let Some(inputs) = root.at(&["inputs"]) else { return };
        for (key, value) in inputs.pairs() {
            let Some(name) = key.text() else { continue };
            self.say(&of, &format!("var.{name}"), value, Some(key.span), folder);
        }
    }

    fn say(&mut self, of: &str, name: &str, value: &Node, at: Option<Span>, folder: &str) {
        let text = match value.text() {
            Some(text) => text,
            None if value.is_null() => "null",
            None if value.items().is_empty() && value.pairs().is_empty() => "[]",
            None => "[..]",
        };
        let said = Said { text: text.into(), at, folder: folder.into() };
        self.known.insert((of.to_string(), name.to_string()), said);
        for (key, value) in value.pairs() {
            if let Some(text) = key.text() {
                let at = at.map(|_| key.span);
                self.say(of, &format!("{name}.{text}"), value, at, folder);
            }
        }
    }

    /// The text that is in force; of `${STICKY:-true}` in a compose file, the default. `node` is
    /// where it stands, if that is known.
    pub(super) fn decide<'t>(
        &self,
        object: &Object<'_>,
        text: &'t str,
        node: Option<&Node>,
    ) -> Decided<'t> {
        if text.contains(HIDDEN)
            && let Some(term) = node.and_then(|node| self.charts.term(object.path, node))
            && !term.text.contains(HIDDEN)
        {
            return Decided::Text(term.text.into(), term.at);
        }
        if text.contains("{{") || text.contains(HIDDEN) {
            return Decided::Unknown;
        }
        let told = |term: Option<Term>| match term {
            Some(term) => Decided::Text(term.text.into(), term.at),
            None => Decided::Unknown,
        };
        let inner = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        match (inner, object.syntax, object.format) {
            (Some(variable), Syntax::Yaml, "compose") => {
                let default = variable.split_once(":-").or_else(|| variable.split_once('-'));
                match default {
                    Some((_, default)) => Decided::Text(default.into(), None),
                    None => Decided::Unknown,
                }
            }
            (Some(name), Syntax::Yaml, "cloudformation") => {
                let default = object.root.at(&["Parameters", name, "Default"]);
                told(default.and_then(Node::text).map(Term::plain))
            }
            (Some(expression), Syntax::Bicep, _) => {
                told(terms::value(expression, &Parameters { root: object.root }, terms::MOST_DEPTH))
            }
            (Some(expression), _, "terraform" | "terraform-module") => {
                let names = Scope { variables: self, folder: folder(object.path) };
                told(terms::value(expression, &names, terms::MOST_DEPTH))
            }
            (None, Syntax::Yaml, "azure") if text.starts_with('[') && !text.starts_with("[[") => {
                let name = text.strip_prefix("[parameters('");
                let name = name.and_then(|rest| rest.strip_suffix("')]"));
                let said = name
                    .and_then(|name| object.root.at(&["parameters", name, "defaultValue"])?.text());
                told(said.map(Term::plain))
            }
            _ => Decided::Text(text.into(), None),
        }
    }
}

/// The names that mean something in a folder of Terraform.
struct Scope<'a> {
    variables: &'a Variables<'a>,
    folder: &'a str,
}

impl Names for Scope<'_> {
    fn value(&self, name: &str, depth: usize) -> Option<Term> {
        let said = self.variables.known.get(&(self.folder.to_string(), name.to_string()))?;
        let expression = said.text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        let term = match expression {
            Some(expression) => {
                let names = Scope { variables: self.variables, folder: &said.folder };
                terms::value(expression, &names, depth)?
            }
            None => Term::plain(&said.text),
        };
        Some(Term { at: term.at.or(said.at), ..term })
    }
}

/// The parameters and variables of a Bicep file.
struct Parameters<'a> {
    root: &'a Node,
}

impl Names for Parameters<'_> {
    fn value(&self, name: &str, depth: usize) -> Option<Term> {
        let pairs = self.root.pairs().into_iter();
        let mut declared = pairs.filter(|(key, _)| matches!(key.text(), Some("param" | "var")));
        let text = declared.find_map(|(_, named)| named.at(&[name]))?.text()?;
        match text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
            Some(expression) => terms::value(expression, self, depth),
            None => Some(Term::plain(text)),
        }
    }
}
