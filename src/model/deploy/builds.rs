//! Does the command that a process runs build what it serves?

use rustc_hash::{FxHashMap, FxHashSet};

use super::objects::{Object, folder, introduced};
use super::whose::{Apps, Standing};
use super::{Setting, compose, once, pushed};
use crate::catalog::{BuildForm, Catalog, SettingFact, Syntax, star};
use crate::diagnostic::{Step, Verdict};
use crate::parse::conf::ways::{self, Hit, Value};
use crate::parse::conf::{self, Node};
use crate::source::Span;

/// Programs that only speak of what their words say.
const SPEAK: [&str; 6] = ["echo", "printf", "test", "[", "grep", "#"];
/// Programs that run scripts of a `package.json`.
const RUNNERS: [&str; 4] = ["npm", "yarn", "pnpm", "bun"];

/// The builds that commands of the app's processes do, and those of scripts that they start.
pub(super) fn of(objects: &[Object<'_>], apps: &Apps<'_>, catalog: &Catalog) -> Vec<Setting> {
    let known = Known::new(objects, catalog);
    let facts: Vec<&SettingFact> =
        catalog.files.settings.iter().filter(|fact| fact.builds.is_some()).collect();
    let developed = developed(objects, apps, catalog);
    let mut found = Vec::new();
    for object in objects {
        let about = |fact: &&&SettingFact| {
            let kinds = &fact.kinds;
            fact.format == object.format
                && (kinds.is_empty() || kinds.iter().any(|kind| kind == object.kind))
        };
        let facts: Vec<&SettingFact> = facts.iter().filter(about).copied().collect();
        if facts.is_empty() {
            continue;
        }
        let mut sites = FxHashSet::default();
        let standing = apps.standing_of(object);
        if standing == Some(Standing::Other)
            || compose::develops(object, catalog)
            || once::is_by_hand(object, catalog)
            || (object.format == "procfile" && known.is_for_developers(object.node))
        {
            continue;
        }
        for fact in facts {
            let mut hits = ways::find(object.node, &fact.key);
            // Of several instructions of an image, the last one counts.
            if object.syntax == Syntax::Dockerfile {
                hits.drain(..hits.len().saturating_sub(1));
            }
            for hit in hits {
                let site = if fact.site.is_empty() { &fact.key } else { &fact.site };
                let site = (site.clone(), hit.star.clone());
                let apart = fact.off.iter().any(|key| star(key, hit.key).is_some());
                if apart || sites.contains(&site) {
                    continue;
                }
                let Some(built) = known.built(object, fact, &hit) else { continue };
                sites.insert(site);
                let mut setting = setting(object, fact, &hit, built);
                setting.certain = standing != Some(Standing::Unknown);
                let image = (object.syntax == Syntax::Dockerfile).then_some(object.path);
                if let Some(at) = image.and_then(|path| developed.get(path)) {
                    setting.certain = false;
                    let said = "this is started from it, and is for who develops";
                    setting.because.push(Step::new(*at, said));
                }
                found.push(setting);
            }
        }
    }
    found
}

/// The Dockerfiles whose images, of compose files, only services for developers are started from,
/// each with one of them. What a build server or a script builds may be started anywhere, and what a
/// platform is told to run may be any of them.
fn developed(
    objects: &[Object<'_>],
    apps: &Apps<'_>,
    catalog: &Catalog,
) -> FxHashMap<String, Span> {
    let mut found = FxHashMap::default();
    let mut shipped = FxHashSet::default();
    // What scripts and build servers run, they build themselves.
    let platform = |format: &str| !matches!(format, "compose" | "shell" | "workflow");
    let mut platforms = catalog.files.runs.iter().filter(|fact| platform(&fact.format));
    if platforms.any(|fact| objects.iter().any(|object| object.format == fact.format)) {
        return found;
    }
    for object in objects.iter().filter(|object| object.format == "compose") {
        let Some((path, stage)) = apps.built_from(object) else { continue };
        if !stage.is_empty() {
            continue;
        }
        if compose::develops(object, catalog) || once::is_by_hand(object, catalog) {
            found.insert(path, object.at);
        } else {
            shipped.insert(path);
        }
    }
    let pushed = pushed::of(objects, &catalog.files.pushed);
    shipped.extend(pushed.into_iter().filter_map(|pushed| Some(pushed.made?.path)));
    found.retain(|path, _| !shipped.contains(path));
    found
}

/// A build, where it stands, and the words that do it.
struct Built {
    verdict: Verdict,
    /// Where it is said, if that is another file.
    at: Option<Span>,
    words: String,
}

fn setting(object: &Object<'_>, fact: &SettingFact, hit: &Hit<'_>, built: Built) -> Setting {
    let mut because = vec![introduced(object)];
    if built.at.is_some() {
        because.push(Step::new(hit.at, "it is started here"));
    }
    Setting {
        meaning: fact.means,
        on: true,
        certain: true,
        verdict: built.verdict,
        key: hit.key.into(),
        value: built.words,
        at: built.at.unwrap_or(hit.at),
        what: object.what(),
        why: fact.why.clone(),
        instead: fact.instead.clone(),
        so: fact.so.clone(),
        because,
        targets: Vec::new(),
        source: None,
        readers: Vec::new(),
        programs: Vec::new(),
        within: object.node.span,
    }
}

/// The scripts that commands may start.
struct Known<'a> {
    /// What commands that do something look like, by the names of the lists that say it.
    lists: FxHashMap<&'a str, Vec<&'a str>>,
    /// Of each `package.json`, by its folder: names, places and texts.
    packages: FxHashMap<&'a str, &'a Node>,
    /// Scripts by the name of their file.
    scripts: FxHashMap<&'a str, &'a Node>,
}

impl<'a> Known<'a> {
    fn new(objects: &[Object<'a>], catalog: &'a Catalog) -> Known<'a> {
        let of =
            |format: &'static str| objects.iter().filter(move |object| object.format == format);
        let packages = of("npm")
            .filter_map(|object| Some((folder(object.path), object.node.at(&["scripts"])?)));
        let scripts = of("shell")
            .map(|object| (object.path.rsplit('/').next().unwrap_or(object.path), object.node));
        let mut lists: FxHashMap<&str, Vec<&str>> = FxHashMap::default();
        for list in &catalog.files.values {
            lists.entry(&list.name).or_default().extend(list.values.iter().map(String::as_str));
        }
        Known { lists, packages: packages.collect(), scripts: scripts.collect() }
    }

    /// What the command at a key builds.
    fn built(&self, object: &Object<'_>, fact: &SettingFact, hit: &Hit<'_>) -> Option<Built> {
        let own = text(hit);
        let form = fact.builds?;
        if let Some(built) = self.by_words(object, &own, form) {
            return Some(built);
        }
        let then = hit.beside.at(&[&*fact.then]).filter(|_| !fact.then.is_empty());
        let whole = then.map_or(own.clone(), |then| format!("{own} {}", joined(then)));
        let by_both = then.and_then(|_| self.by_words(object, &whole, form));
        by_both.or_else(|| self.by_script(&whole, form))
    }

    fn by_words(&self, object: &Object<'_>, text: &str, form: BuildForm) -> Option<Built> {
        let commands = conf::commands(text);
        let whole: Vec<String> =
            commands.iter().map(|(name, words)| format!("{name} {words}")).collect();
        let said = |index: usize| !SPEAK.contains(&&*commands[index].0);
        let once = |index: usize| said(index) && self.is("builds-once", &whole[index]);
        for (index, (name, words)) in commands.iter().enumerate().filter(|(at, _)| said(*at)) {
            let serves = self.is("builds-while-serving", &whole[index]);
            let before_another = once(index)
                && (form == BuildForm::Before
                    || (index + 1..commands.len()).any(|next| said(next) && !once(next)));
            if let Some((script, at)) = self.script(object, name, words) {
                let inner = self.by_words_of(&script, form);
                let start = words.starts_with("start") || words.starts_with("run start");
                if let Some(words) = inner {
                    let at = start.then_some(at);
                    return Some(Built { verdict: verdict(form), at, words });
                }
                // Whatever it is called, it builds nothing.
                if !before_another {
                    continue;
                }
            }
            if serves || before_another {
                return Some(Built { verdict: verdict(form), at: None, words: text.to_string() });
            }
        }
        None
    }

    /// As the command of a process, without what other scripts it names.
    fn by_words_of(&self, text: &str, form: BuildForm) -> Option<String> {
        let commands = conf::commands(text);
        let whole: Vec<String> =
            commands.iter().map(|(name, words)| format!("{name} {words}")).collect();
        let once = |command: &String| self.is("builds-once", command);
        let serves = whole.iter().any(|command| {
            self.is("builds-while-serving", command) || self.is("serves-from-sources", command)
        });
        let before = whole.iter().enumerate().any(|(at, command)| {
            once(command)
                && (form == BuildForm::Before || whole[at + 1..].iter().any(|next| !once(next)))
        });
        (serves || before).then(|| text.to_string())
    }

    /// What a script of the repository builds, that a command starts.
    fn by_script(&self, text: &str, form: BuildForm) -> Option<Built> {
        for (name, words) in conf::commands(text) {
            let files = std::iter::once(&*name).chain(words.split_whitespace());
            let mut scripts = files
                .filter(|word| {
                    word.contains('.') || word.contains('/') || word.contains("entrypoint")
                })
                .filter_map(|word| self.scripts.get(word.rsplit('/').next().unwrap_or(word)));
            let Some(script) = scripts.next() else { continue };
            for (key, value) in script.pairs() {
                let name = key.text().unwrap_or("");
                let whole = format!("{name} {}", value.text().unwrap_or(""));
                let builds =
                    self.is("builds-once", &whole) || self.is("builds-while-serving", &whole);
                if builds && !SPEAK.contains(&name) {
                    return Some(Built {
                        verdict: verdict(form),
                        at: Some(key.span),
                        words: whole,
                    });
                }
            }
        }
        None
    }

    /// The script that a runner is asked for, and where it stands.
    fn script(&self, object: &Object<'_>, name: &str, words: &str) -> Option<(String, Span)> {
        if !RUNNERS.contains(&name) {
            return None;
        }
        let mut words = words.split_whitespace().filter(|word| !word.starts_with('-'));
        let first = words.next()?;
        let script = if first == "run" || first == "run-script" { words.next()? } else { first };
        let mut at = folder(object.path);
        let scripts = loop {
            match self.packages.get(at) {
                Some(scripts) => break scripts,
                None if at.is_empty() => return None,
                None => at = folder(at),
            }
        };
        let (key, value) = scripts.entry(script)?;
        Some((value.text()?.to_string(), key.span))
    }

    /// Whether one of the lines builds the program itself whenever its sources change. No platform
    /// that reads the file has its tools at run time: all of it is for who develops.
    fn is_for_developers(&self, lines: &Node) -> bool {
        lines.pairs().iter().any(|(_, line)| {
            let commands = conf::commands(line.text().unwrap_or(""));
            commands
                .iter()
                .any(|(name, words)| self.is("watches-sources", &format!("{name} {words}")))
        })
    }

    fn is(&self, values: &str, command: &str) -> bool {
        let mut values = self.lists.get(values).into_iter().flatten();
        values.any(|value| star(value, command.trim()).is_some())
    }
}

fn verdict(form: BuildForm) -> Verdict {
    match form {
        BuildForm::Serving => Verdict::Violation,
        BuildForm::Before => Verdict::Hazard,
    }
}

/// The words of a command, a text or a list.
fn text(hit: &Hit<'_>) -> String {
    match (hit.value, hit.node) {
        (Value::Text(text), _) => text.to_string(),
        (_, Some(node)) => joined(node),
        _ => String::new(),
    }
}

/// A list of words as a shell would have them.
fn joined(node: &Node) -> String {
    if let Some(text) = node.text() {
        return text.to_string();
    }
    let words = node.items().iter().filter_map(Node::text).enumerate();
    let words = words.map(|(at, word)| match at > 0 && word.contains(char::is_whitespace) {
        true => format!("'{}'", word.replace('\'', "'\\''")),
        false => word.to_string(),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Whether a build of the repository runs one of the commands: in an image, a script, a pipeline.
pub(super) fn is_built(objects: &[Object<'_>], commands: &[String]) -> bool {
    let fits = |text: &str| {
        conf::commands(text).iter().any(|(name, words)| {
            let whole = format!("{name} {words}");
            commands.iter().any(|pattern| star(pattern, whole.trim()).is_some())
        })
    };
    objects.iter().any(|object| match object.format {
        "dockerfile" => object.root.pairs().iter().any(|(_, stage)| {
            stage
                .pairs()
                .iter()
                .any(|(key, value)| key.text() == Some("RUN") && fits(&joined(value)))
        }),
        "shell" => object.node.pairs().iter().any(|(key, value)| {
            fits(&format!("{} {}", key.text().unwrap_or(""), value.text().unwrap_or("")))
        }),
        "render" => object.node.at(&["buildCommand"]).and_then(Node::text).is_some_and(fits),
        _ => false,
    })
}
