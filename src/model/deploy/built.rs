//! Which Dockerfile of the tree does a compose service say that it is built from?

use rustc_hash::FxHashMap;

use super::whose::joined;
use crate::parse::conf::Node;

/// The Dockerfiles of the tree, by the names of the files.
#[derive(Default)]
pub(super) struct Built {
    named: FxHashMap<String, Vec<String>>,
}

impl Built {
    pub(super) fn of<'p>(paths: impl Iterator<Item = &'p str>) -> Built {
        let mut paths: Vec<String> = paths.map(|path| joined(&[path])).collect();
        paths.sort();
        paths.dedup();
        let mut built = Built::default();
        for path in paths {
            let name = path.rsplit('/').next().unwrap_or_default().to_string();
            built.named.entry(name).or_default().push(path);
        }
        built
    }

    /// The path, relative to the root, and the stage, whose name is empty for the last one;
    /// `folder` is that of the compose file.
    pub(super) fn by(&self, folder: &str, build: &Node) -> (String, String) {
        let said = |field: &str| build.at(&[field]).and_then(Node::text);
        let context = usually(build.text().or_else(|| said("context")).unwrap_or("."));
        let file = usually(said("dockerfile").unwrap_or("Dockerfile"));
        let stage = said("target").unwrap_or("").to_ascii_lowercase();
        let parts = if is_rooted(&file) { vec![&*file] } else { vec![&*context, &*file] };
        let path = match is_rooted(parts[0]) {
            true => self.checked_out(&parts.join("/")),
            false => None,
        };
        (path.unwrap_or_else(|| joined(&[folder, &context, &file])), stage)
    }

    /// The Dockerfile that a path leads to which begins somewhere on a machine, if the tree is what
    /// lies there: the end of the path is then one from the root of the tree.
    fn checked_out(&self, path: &str) -> Option<String> {
        let known = path
            .rsplit_once('$')
            .map_or(path, |(_, rest)| rest.split_once('/').map_or("", |(_, rest)| rest));
        let path = joined(&[known]);
        let name = path.rsplit('/').next()?;
        let ends = |other: &String| {
            let both = path.rsplit('/').zip(other.rsplit('/'));
            both.take_while(|(one, other)| one == other).count()
        };
        let all = self.named.get(name)?;
        let most = all.iter().map(ends).max()?;
        let mut found = all.iter().filter(|other| ends(other) == most);
        let (only, None) = (found.next()?, found.next()) else { return None };
        let whole = only.split('/').count() == most;
        // A file that is called as all are lies in any folder.
        let usual = ["dockerfile", "containerfile"].contains(&&*name.to_ascii_lowercase());
        (whole && (most > 1 || !usual)).then(|| only.clone())
    }
}

/// Of `${CONTEXT:-..}/db`, what it is unless somebody says otherwise.
fn usually(path: &str) -> String {
    let parts = path.strip_prefix("${").and_then(|inner| {
        let (inner, rest) = inner.split_once('}')?;
        let (_, default) = inner.split_once(":-").or_else(|| inner.split_once('-'))?;
        (!default.contains('$')).then(|| format!("{default}{rest}"))
    });
    parts.unwrap_or_else(|| path.to_string())
}

/// Whether a path begins somewhere on a machine, not at the file that says it.
fn is_rooted(path: &str) -> bool {
    path.starts_with(['$', '/']) || path.starts_with("~/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::conf;

    #[test]
    fn a_path_that_begins_on_a_machine_ends_in_the_tree() {
        let tree = ["Dockerfile", "ops/db.Dockerfile", "ops/Dockerfile", "a/ops/Dockerfile.x"];
        let built = Built::of(tree.into_iter());
        let cases = [
            ("build: ../ops", "ops/Dockerfile"),
            ("build: {context: .., dockerfile: ops/db.Dockerfile}", "ops/db.Dockerfile"),
            (
                "build: {context: $HOME/x/, dockerfile: $HOME/x/ops/db.Dockerfile}",
                "ops/db.Dockerfile",
            ),
            ("build: {context: '${ROOT}', dockerfile: ops/db.Dockerfile}", "ops/db.Dockerfile"),
            ("build: ~/x/ops", "ops/Dockerfile"),
            ("build: {context: /srv/x, dockerfile: ops/db.Dockerfile}", "ops/db.Dockerfile"),
            ("build: '${CONTEXT:-..}/ops'", "ops/Dockerfile"),
            ("build: {dockerfile: '${FILE:-db.Dockerfile}'}", "ops/db.Dockerfile"),
            // Others lie as well there.
            ("build: $HOME/other", "ops/$HOME/other/Dockerfile"),
            ("build: {context: $OPS, dockerfile: Dockerfile.x}", "ops/$OPS/Dockerfile.x"),
            ("build: {context: .., dockerfile: $WHICH}", "ops/../$WHICH"),
            ("build: https://example.org/x/ops", "ops/https:/example.org/x/ops/Dockerfile"),
        ];
        for (text, expected) in cases {
            let node = conf::text(text).unwrap_or_else(|| panic!("{text}"));
            let found = built.by("ops", node.at(&["build"]).unwrap_or(&node));
            assert_eq!(found.0, joined(&[expected]), "{text}");
        }
    }

    #[test]
    fn of_two_that_end_alike_none_is_meant() {
        let built = Built::of(["ops/Dockerfile", "api/ops/Dockerfile"].into_iter());
        let node = conf::text("build: $API/ops").unwrap_or_else(|| panic!("no text"));
        let found = built.by("", node.at(&["build"]).unwrap_or(&node));
        assert_eq!(found.0, "$API/ops/Dockerfile");
    }
}
