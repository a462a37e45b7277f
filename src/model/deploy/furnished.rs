//! What is put into the stages of a Dockerfile: something of this repository, or what others made?

use rustc_hash::FxHashMap;

use super::commands::{base, commands};
use super::once;
use super::volumes::kind_of;
use crate::catalog::{Catalog, FolderKind};
use crate::parse::conf::Node;

/// What a stage of a Dockerfile is made of.
pub(super) struct Base<'a> {
    /// In small letters; the last one has no name.
    pub(super) stage: String,
    pub(super) image: &'a str,
    /// Nothing of the repository is put into it, and it starts nothing by itself.
    pub(super) bare: bool,
    /// It starts something, and all that is put into it is what a package manager of its system has
    /// for everybody, or what is fetched from elsewhere.
    pub(super) foreign: bool,
    /// What it starts takes the command for its words.
    pub(super) entered: bool,
}

/// The stages of a Dockerfile, and the image that each is made of.
/// `is_own` tells names of this repository, `shares` words that are a part of one.
pub(super) fn bases<'a>(
    root: &'a Node,
    catalog: &Catalog,
    is_own: &impl Fn(&str) -> bool,
    shares: &impl Fn(&str) -> bool,
) -> Vec<Base<'a>> {
    let fetches = fetches(root, catalog, is_own, shares);
    let mut known: FxHashMap<String, (&str, bool, bool)> = FxHashMap::default();
    let mut last = ("", false, false);
    for (_, stage) in root.pairs() {
        let image = stage.at(&["image"]).and_then(Node::text).unwrap_or("");
        let (image, bare, foreign) =
            known.get(&image.to_ascii_lowercase()).copied().unwrap_or((image, true, true));
        let is = |name: &str| stage.entry(name).is_some();
        let fills = stage.pairs().iter().any(|(key, v)| fills(key, v, catalog, fetches));
        let bare = bare && !is("RUN") && !fills;
        let foreign = foreign && !fills;
        last = (image, bare, foreign);
        if let Some(name) = stage.at(&["as"]).and_then(Node::text) {
            known.insert(name.to_ascii_lowercase(), last);
        }
    }
    let starts = |(_, stage): &(&Node, &Node)| {
        ["CMD", "ENTRYPOINT"].into_iter().any(|name| stage.entry(name).is_some())
    };
    let starts = root.pairs().last().is_some_and(starts);
    let entered = root.pairs().last().is_some_and(|(_, stage)| stage.entry("ENTRYPOINT").is_some());
    let stages = known.into_iter().chain([(String::new(), last)]);
    stages
        .map(|(stage, (image, bare, foreign))| {
            // Who starts nothing, and only sets rights, leaves it to what it is made of.
            let (foreign, bare) =
                (foreign && !bare && starts && stage.is_empty(), bare || foreign && !starts);
            Base { stage, image, bare, foreign, entered }
        })
        .collect()
}

/// Whether all that a Dockerfile may fetch is said to be somebody else's: it names places in the
/// network, each with the owner of what lies there, and nothing of this repository. What only a
/// variable names may be a release of it.
fn fetches(
    root: &Node,
    catalog: &Catalog,
    is_own: &impl Fn(&str) -> bool,
    shares: &impl Fn(&str) -> bool,
) -> bool {
    let stages = root.pairs().into_iter().flat_map(|(_, stage)| stage.pairs());
    let texts: Vec<String> = stages.map(|(_, value)| written(value)).collect();
    let words = || texts.iter().flat_map(|text| text.split([' ', '\t', '\n', '"', '\'', '|', ';']));
    let places: Vec<&str> = words().filter_map(|word| Some(word.split_once("://")?.1)).collect();
    let other = |c: char| !c.is_alphanumeric();
    let foreign = |place: &&str| {
        let mut parts = place.split('/').take(3);
        parts.clone().count() == 3
            && parts.clone().next().is_some_and(|host| once::is(catalog, "forges", host))
            && parts.all(|part| !part.contains('$') && !part.is_empty())
            // The host is nobody's name.
            && !place.split('/').skip(1).flat_map(|part| part.split(other)).any(shares)
    };
    // `$URL` is what was said of it; `$BASE/x.tgz` and `$URL` without a word are anything.
    let told = |name: &str| {
        let mut known = words().filter_map(|word| word.split_once('='));
        known.any(|(known, value)| known == name && value.contains("://"))
    };
    let unknown = |word: &str| {
        let name = word.trim_start_matches(['$', '{']);
        let end = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
        let whole = name[end..].trim_matches('}').is_empty();
        word.starts_with('$') && !(whole && told(&name[..end]))
    };
    let fetched = texts.iter().flat_map(|text| commands(text));
    let mut fetched = fetched
        .filter(|words| words.iter().any(|word| matches!(base(word), "curl" | "wget" | "aria2c")));
    let word = |c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_');
    !places.is_empty()
        && places.iter().all(foreign)
        && !fetched.any(|words| words.iter().any(|word| unknown(word)))
        && !texts.iter().any(|text| text.split(word).any(is_own))
}

/// What an instruction says, in one text.
fn written(value: &Node) -> String {
    let words = value.items().iter().filter_map(Node::text).collect::<Vec<_>>().join(" ");
    value.text().map_or(words, String::from)
}

/// Whether an instruction may put something of the repository into an image.
fn fills(key: &Node, value: &Node, catalog: &Catalog, fetches: bool) -> bool {
    let facts = catalog.files.furnish.iter().filter(|fact| fetches || !fact.fetched);
    let furnishes = |program: &str| facts.clone().any(|f| f.programs.iter().any(|p| p == program));
    let text = written(value);
    match key.text() {
        Some("COPY" | "ADD") => !is_told(&text, catalog),
        Some("RUN") => {
            let all = commands(&text);
            // `--mount=..` and `DEBIAN_FRONTEND=..` stand in front.
            let first =
                |words: &Vec<String>| words.iter().find(|word| !word.contains('=')).cloned();
            !all.iter().all(|words| first(words).is_some_and(|word| furnishes(base(&word))))
        }
        _ => false,
    }
}

/// Whether all that a `COPY` brings are files by which a program is told what to do.
fn is_told(text: &str, catalog: &Catalog) -> bool {
    let configuration = |path: &&str| {
        !path.ends_with(".sh") && kind_of(path, catalog) == Some(FolderKind::Configuration)
    };
    let (options, words): (Vec<&str>, Vec<&str>) =
        text.split_whitespace().partition(|word| word.starts_with("--"));
    let [sources @ .., _] = &words[..] else { return false };
    !options.iter().any(|option| option.starts_with("--from"))
        && !sources.is_empty()
        && sources.iter().all(configuration)
}
