//! Which images do build servers and scripts make of this tree, and of which Dockerfile?

use super::images::Made;
use super::objects::Object;
use super::whose::joined;
use crate::catalog::PushedFact;
use crate::parse::conf::{HIDDEN, Node, ways};

/// An image that is made here.
pub(super) struct Pushed {
    /// As it is named, with registry and tag.
    pub(super) image: String,
    /// What it is made by; an image that is only pushed may be made anywhere.
    pub(super) made: Option<Made>,
}

/// Flags of `docker build` that take a word.
const TAGS: [&str; 2] = ["-t", "--tag"];
const FILES: [&str; 2] = ["-f", "--file"];
/// Flags of `docker build` that take a word which is no folder.
const TAKES: [&str; 14] = [
    "--build-arg",
    "--build-context",
    "--target",
    "--platform",
    "--cache-from",
    "--cache-to",
    "--label",
    "--output",
    "-o",
    "--network",
    "--secret",
    "--ssh",
    "--progress",
    "--builder",
];

/// All of them.
pub(super) fn of(objects: &[Object<'_>], facts: &[PushedFact]) -> Vec<Pushed> {
    let mut found = Vec::new();
    for object in objects {
        for fact in facts.iter().filter(|fact| fact.format == object.format) {
            for hit in ways::find(object.node, &fact.key) {
                let text = hit.value.text();
                if fact.command {
                    found.extend(of_command(text));
                    continue;
                }
                let said = |key: &str| hit.beside.at(&[key]).and_then(Node::text).unwrap_or("");
                let made = made(said(&fact.context), said(&fact.dockerfile));
                let made = fact.builds.then_some(made).flatten();
                let tags = text.split([',', '\n']).map(str::trim).filter(|tag| !tag.is_empty());
                found.extend(tags.map(|tag| Pushed { image: tag.to_string(), made: made.clone() }));
            }
        }
    }
    found
}

/// Of a folder and a Dockerfile, as a build names them; `None` where only a run knows them.
fn made(context: &str, file: &str) -> Option<Made> {
    let known = |path: &str| !path.contains(['$', HIDDEN]) && !path.contains("://");
    let path = match file {
        "" => joined(&[context, "Dockerfile"]),
        file => joined(&[file]),
    };
    (known(context) && known(file)).then(|| Made::by(path))
}

/// The images of `docker push image` and `docker build -t image .`.
fn of_command(text: &str) -> Vec<Pushed> {
    let text = hidden(text);
    let mut words = text.split_whitespace().peekable();
    let verbs = ["push", "build", "buildx", "image", "bake"];
    let mut verb = "";
    while let Some(word) = words.next_if(|word| word.starts_with('-') || verbs.contains(word)) {
        if !word.starts_with('-') {
            verb = word;
        }
    }
    match verb {
        "push" => {
            let image = words.find(|word| !word.starts_with('-'));
            image.map(|image| Pushed { image: image.into(), made: None }).into_iter().collect()
        }
        "build" => {
            // Flags that stood before the verb belong to another one.
            let mut words = text.split_whitespace().skip_while(|word| *word != "build").skip(1);
            let (mut tags, mut file, mut context) = (Vec::new(), "", "");
            while let Some(word) = words.next() {
                let (flag, value) =
                    word.split_once('=').map_or((word, None), |(flag, value)| (flag, Some(value)));
                if TAGS.contains(&flag) {
                    tags.extend(value.or_else(|| words.next()));
                } else if FILES.contains(&flag) {
                    file = value.or_else(|| words.next()).unwrap_or_default();
                } else if TAKES.contains(&flag) {
                    if value.is_none() {
                        words.next();
                    }
                } else if !word.starts_with('-') {
                    context = word;
                }
            }
            let made = made(context, file);
            let named = |tag: &str| Pushed { image: tag.to_string(), made: made.clone() };
            tags.into_iter().map(named).collect()
        }
        _ => Vec::new(),
    }
}

/// A text whose `${{ .. }}` are hidden, blanks and all.
fn hidden(text: &str) -> String {
    let (mut told, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("${{") {
        told += before;
        told.push(HIDDEN);
        rest = after.split_once("}}").map_or("", |(_, rest)| rest);
    }
    told + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_say_what_they_make() {
        let cases = [
            ("push ghcr.io/acme/portal:1", "ghcr.io/acme/portal:1 by -"),
            ("image push --quiet portal", "portal by -"),
            ("build -t portal:1 -t p .", "portal:1 by Dockerfile, p by Dockerfile"),
            (
                "buildx build --push --platform a,b --tag=p -f deploy/web.Dockerfile .",
                "p by deploy/web.Dockerfile",
            ),
            ("build -t p web", "p by web/Dockerfile"),
            ("build -t p $DIR", "p by -"),
            ("build .", ""),
            ("run -t portal", ""),
            ("push", ""),
        ];
        for (text, expected) in cases {
            let told = of_command(text).into_iter().map(|one| {
                format!("{} by {}", one.image, one.made.map_or("-".into(), |made| made.path))
            });
            assert_eq!(told.collect::<Vec<_>>().join(", "), expected, "{text}");
        }
        let pushed = of_command("push ${{ env.REGISTRY }}/portal:${{ github.sha }}");
        assert_eq!(pushed[0].image, format!("{HIDDEN}/portal:{HIDDEN}"));
    }
}
