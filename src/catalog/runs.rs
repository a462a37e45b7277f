//! What of a deploy file is run, how often, and as which kind of process?

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::diagnostic::Process;

/// Where build servers and scripts say which images they make of this tree. All keys are ways.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushedFact {
    pub format: String,
    /// The images, parted by commas or lines; of a script, the program whose words name them.
    pub key: String,
    /// Whether it holds the words of `docker push` and `docker build`.
    #[serde(default)]
    pub command: bool,
    /// Whether it is made where it is named, of what is said beside it.
    #[serde(default)]
    pub builds: bool,
    /// Keys beside it: the folder that the image is made of, and the Dockerfile.
    #[serde(default)]
    pub context: String,
    #[serde(default)]
    pub dockerfile: String,
}

/// A thing of a deploy file that runs processes. All keys are ways, as those of a setting.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunFact {
    pub format: String,
    /// Kinds of object it counts for; empty: all.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Where its processes stand in it; empty: it is one itself. A text there is a command.
    #[serde(default)]
    pub each: String,
    /// Keys with which it runs nothing, or something else says what.
    #[serde(default)]
    pub unless: Vec<String>,
    /// Of a process: the image.
    #[serde(default)]
    pub image: Vec<String>,
    /// Of a process: the folder that its image is built from.
    #[serde(default)]
    pub context: Vec<String>,
    /// Of a process: the Dockerfile, and the stage of it.
    #[serde(default)]
    pub dockerfile: Vec<String>,
    #[serde(default)]
    pub stage: Vec<String>,
    /// The folder that its paths begin in, from the file's own on.
    #[serde(default)]
    pub from: String,
    /// Of a process: what the build of its image is told.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// Whether the Dockerfile in its folder is meant where no image is named.
    #[serde(default)]
    pub builds: bool,
    /// Whether the Dockerfile is looked for in the folder of the context, not beside the file.
    #[serde(default)]
    pub in_context: bool,
    /// Of a process: what is run instead of the image's entry point, and of its command.
    #[serde(default)]
    pub entry: Vec<String>,
    #[serde(default)]
    pub command: Vec<String>,
    /// Whether its command is all that is run: the image's entry point is not.
    #[serde(default)]
    pub whole: bool,
    /// Of the thing: how many there are, and how many there may be.
    #[serde(default)]
    pub replicas: Vec<String>,
    #[serde(default)]
    pub most: Vec<String>,
    /// The kind of process that all are, or that those of a name or kind are.
    #[serde(default)]
    pub process: Option<Process>,
    #[serde(default)]
    pub named: BTreeMap<String, Process>,
    /// Of a process: what is set in its environment, as pairs or as a list of `name` and `value`.
    #[serde(default)]
    pub environment: Vec<String>,
}

/// Something that says of another thing how often it is there.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScaleFact {
    pub format: String,
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Where the things stand, each beneath its name; empty: it speaks of one.
    #[serde(default)]
    pub each: String,
    /// The name of the thing it speaks of.
    #[serde(default)]
    pub name: Vec<String>,
    /// The format of that thing.
    pub of: String,
    #[serde(default)]
    pub replicas: Vec<String>,
    #[serde(default)]
    pub most: Vec<String>,
}

/// Images that others are made from, of which it is known where they run.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaseFact {
    /// Names of images, without tag.
    pub images: Vec<String>,
    pub workdir: String,
}

/// Programs that furnish an image with what its system has for everybody: none of them puts in what
/// a repository holds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FurnishFact {
    pub programs: Vec<String>,
    /// They put in what they fetch, which may be a release of this repository.
    #[serde(default)]
    pub fetched: bool,
}

/// A program that only starts another one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LauncherFact {
    pub names: Vec<String>,
    /// How many words of its own it takes, options not counted.
    #[serde(default)]
    pub takes: usize,
    /// What it starts stands behind `--`.
    #[serde(default)]
    pub dashes: bool,
    /// What it starts is the text of a script, behind this option.
    #[serde(default)]
    pub script: String,
}
