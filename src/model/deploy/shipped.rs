//! Which folders of the tree are in an image already, at the place where they are mounted?

use super::images::{Dockerfiles, Made, beneath};
use super::objects::{Object, folder};
use crate::catalog::BaseFact;

/// The folders and files of the tree that its Dockerfiles put into images.
pub(super) struct Shipped {
    /// Where it lies in the tree, and where in the image.
    copies: Vec<(String, String)>,
}

impl Shipped {
    pub(super) fn of(objects: &[Object<'_>], bases: &[BaseFact]) -> Shipped {
        let files = Dockerfiles::of(objects, bases);
        let mut copies = Vec::new();
        for path in files.paths() {
            let Some(image) = files.image(&Made::by(path)) else { continue };
            for (target, source) in &image.copies {
                // Of all that lies around it, nobody knows what does when the image is built.
                if resolved("", source.trim_start_matches('/')).is_some_and(|all| all.is_empty()) {
                    continue;
                }
                let target = beneath(&image.workdir, target);
                // It is built in its own folder, or in the one of the tree.
                for context in [folder(path), ""] {
                    let source = source.trim_start_matches('/');
                    let lies = resolved(context, source).filter(|lies| !lies.is_empty());
                    copies.extend(lies.map(|lies| (lies, target.clone())));
                }
            }
        }
        Shipped { copies }
    }

    /// Whether what a file of the tree mounts somewhere is what an image has there: it comes with the
    /// release, and is only laid over it.
    pub(super) fn holds(&self, file: &str, source: &str, target: &str) -> bool {
        let Some(lies) = resolved(folder(file), source) else { return false };
        let target = target.trim_end_matches('/');
        self.copies.iter().any(|(from, to)| {
            let rest = lies.strip_prefix(&**from).zip(target.strip_prefix(&**to));
            rest.is_some_and(|(own, there)| {
                own == there && (own.is_empty() || own.starts_with('/'))
            })
        })
    }
}

/// A relative path from a folder of the tree on; `None` where it leads out of the tree, or where
/// nobody can tell.
fn resolved(from: &str, path: &str) -> Option<String> {
    if path.starts_with(['/', '~', '$']) {
        return None;
    }
    let mut parts: Vec<&str> = from.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_through_the_tree() {
        let cases = [
            (("deploy", "../config"), Some("config")),
            (("", "./config/"), Some("config")),
            (("a/b", "."), Some("a/b")),
            (("", "../config"), None),
            (("", "/config"), None),
        ];
        for ((from, path), expected) in cases {
            assert_eq!(resolved(from, path).as_deref(), expected, "{from} {path}");
        }
    }

    #[test]
    fn what_lies_in_the_image_at_that_place_is_shipped() {
        let copies = vec![("web/config".to_string(), "/app/config".to_string())];
        let shipped = Shipped { copies };
        for (source, target, expected) in [
            ("../config", "/app/config", true),
            ("../config/eu", "/app/config/eu/", true),
            ("../config", "/app/data", false),
            ("../configs", "/app/configs", false),
            ("../data", "/app/data", false),
        ] {
            assert_eq!(shipped.holds("web/docker/compose.yml", source, target), expected);
        }
    }
}
