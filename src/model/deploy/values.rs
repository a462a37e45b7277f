//! What is a value that another file, or a default, decides?

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::DeployText;
use super::objects::{Object, folder};
use crate::catalog::{Catalog, Syntax};
use crate::parse::conf::{HIDDEN, Node};

/// What a text says when everything is put in.
pub(super) enum Decided<'a> {
    Text(Cow<'a, str>),
    Unknown,
}

/// The variables and locals of each folder, with what they are unless somebody says otherwise.
#[derive(Default)]
pub(super) struct Variables {
    known: FxHashMap<(String, String), String>,
}

impl Variables {
    pub(super) fn of(files: &[DeployText<'_>], catalog: &Catalog) -> Variables {
        let mut variables = Variables::default();
        let hcl = |file: &&DeployText<'_>| {
            let of = file.documents.iter().flat_map(|document| &document.formats);
            of.into_iter().any(|format| catalog.files.formats[*format].syntax == Syntax::Hcl)
        };
        let files: Vec<&DeployText<'_>> = files.iter().filter(hcl).collect();
        // Files with values beat defaults; of them the later one wins.
        let (values, blocks): (Vec<&DeployText<'_>>, Vec<_>) =
            files.into_iter().partition(|file| file.path.ends_with(".tfvars"));
        for file in blocks {
            for document in file.documents {
                variables.blocks(folder(file.path), &document.root);
            }
        }
        for file in values {
            for document in file.documents {
                for (key, value) in document.root.pairs() {
                    let Some(name) = key.text() else { continue };
                    variables.say(folder(file.path), &format!("var.{name}"), value);
                }
            }
        }
        variables
    }

    fn blocks(&mut self, folder: &str, root: &Node) {
        for (key, block) in root.pairs() {
            match key.text() {
                Some("variable") => {
                    for (name, body) in block.pairs() {
                        let (Some(name), Some((_, value))) = (name.text(), body.entry("default"))
                        else {
                            continue;
                        };
                        self.say(folder, &format!("var.{name}"), value);
                    }
                }
                Some("locals") => {
                    for (name, value) in block.pairs() {
                        let Some(name) = name.text() else { continue };
                        self.say(folder, &format!("local.{name}"), value);
                    }
                }
                _ => {}
            }
        }
    }

    fn say(&mut self, folder: &str, name: &str, value: &Node) {
        if let Some(text) = value.text() {
            self.known.insert((folder.to_string(), name.to_string()), text.to_string());
        }
        for (key, value) in value.pairs() {
            if let Some(key) = key.text() {
                self.say(folder, &format!("{name}.{key}"), value);
            }
        }
    }

    /// The text that is in force; of `${STICKY:-true}` in a compose file, the default.
    pub(super) fn decide<'a>(&self, object: &Object<'_>, text: &'a str) -> Decided<'a> {
        if text.contains("{{") || text.contains(HIDDEN) {
            return Decided::Unknown;
        }
        let inner = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        match (inner, object.syntax) {
            (Some(variable), Syntax::Yaml) if object.format == "compose" => {
                let default = variable.split_once(":-").or_else(|| variable.split_once('-'));
                match default {
                    Some((_, default)) => Decided::Text(default.into()),
                    None => Decided::Unknown,
                }
            }
            (Some(expression), Syntax::Hcl) => {
                let mut name = expression.to_string();
                // A local may stand for a variable; nobody goes further than a few steps.
                for _ in 0..8 {
                    let Some(value) = self.known.get(&(folder(object.path).to_string(), name))
                    else {
                        return Decided::Unknown;
                    };
                    match value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
                        Some(next) => name = next.to_string(),
                        None => return Decided::Text(value.clone().into()),
                    }
                }
                Decided::Unknown
            }
            _ => Decided::Text(text.into()),
        }
    }
}
