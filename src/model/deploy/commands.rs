//! Which program does a command line start? Words of a shell, launchers, `cargo`.

use crate::catalog::LauncherFact;

/// The commands of a line, each with its words: parted by `&&`, `||`, `;`, `|` and `&`.
pub(super) fn commands(text: &str) -> Vec<Vec<String>> {
    let mut found = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = text.chars().peekable();
    let end = |word: &mut Option<String>, found: &mut Vec<Vec<String>>| {
        if let (Some(word), Some(last)) = (word.take(), found.last_mut()) {
            last.push(word);
        }
    };
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some('\''), _) => word.get_or_insert_default().push(c),
            (_, '\\') => {
                if let Some(next) = chars.next().filter(|next| *next != '\n') {
                    word.get_or_insert_default().push(next);
                }
            }
            (Some(_), _) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                word.get_or_insert_default();
                quote = Some(c);
            }
            (None, ';' | '&' | '|' | '\n') => {
                end(&mut word, &mut found);
                found.push(Vec::new());
            }
            (None, '#') if word.is_none() => while chars.next_if(|next| *next != '\n').is_some() {},
            (None, _) if c.is_whitespace() => end(&mut word, &mut found),
            (None, _) => word.get_or_insert_default().push(c),
        }
    }
    end(&mut word, &mut found);
    found.retain(|words| !words.is_empty());
    found
}

/// The last part of a path.
pub(super) fn base(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}

/// What a command starts, in its order, without settings in front and without launchers.
pub(super) fn started(words: &[String], launchers: &[LauncherFact]) -> Vec<Vec<String>> {
    let mut words = words;
    // Launchers stand in front of launchers, a few at most.
    for _ in 0..8 {
        let named = |word: &String| {
            let name = word.split_once('=').map(|(name, _)| name);
            name.is_some_and(|name| {
                !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_')
            })
        };
        while words.first().is_some_and(named) {
            words = &words[1..];
        }
        let Some(first) = words.first() else { return Vec::new() };
        // Units write `-/usr/bin/x` and `@/usr/bin/x`.
        let name = base(first.trim_start_matches(['-', '@', '+', '!']));
        let Some(fact) = launchers.iter().find(|fact| fact.names.iter().any(|one| one == name))
        else {
            return vec![words.to_vec()];
        };
        let rest = &words[1..];
        if !fact.script.is_empty() {
            let letter = fact.script.trim_start_matches('-');
            let is_script = |word: &String| {
                word.strip_prefix('-').is_some_and(|letters| {
                    letters.ends_with(letter) && letters.chars().all(|c| c.is_ascii_lowercase())
                })
            };
            let Some(at) = rest.iter().position(is_script) else {
                words = rest;
                continue;
            };
            let Some(script) = rest.get(at + 1) else { return Vec::new() };
            let inner = commands(script);
            return inner.iter().flat_map(|words| started(words, launchers)).collect();
        }
        let dashes = rest.iter().position(|word| word == "--");
        words = match (dashes, fact.dashes) {
            (Some(at), _) => &rest[at + 1..],
            (None, true) => return vec![words.to_vec()],
            (None, false) => {
                let options = rest.iter().take_while(|word| word.starts_with('-')).count();
                rest.get(options + fact.takes..).unwrap_or_default()
            }
        };
    }
    vec![words.to_vec()]
}

/// What a line of `cargo` builds, installs or runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Cargo {
    pub(super) runs: bool,
    pub(super) packages: Vec<String>,
    pub(super) bins: Vec<String>,
    /// The folder of the package, where it is said.
    pub(super) folder: Option<String>,
    pub(super) features: Vec<String>,
    pub(super) all_features: bool,
    pub(super) no_default_features: bool,
    /// What the program is given.
    pub(super) arguments: Vec<String>,
}

/// Reads `cargo +nightly build --release --bin shop`.
pub(super) fn cargo(words: &[String]) -> Option<Cargo> {
    let mut words = words.iter().map(String::as_str).peekable();
    if !matches!(base(words.next()?), "cargo" | "cross" | "xx-cargo") {
        return None;
    }
    words.next_if(|word| word.starts_with('+'));
    let mut sub = words.next()?;
    if matches!(sub, "auditable" | "component") {
        sub = words.next()?;
    }
    let mut line = Cargo::default();
    match sub {
        "build" | "b" | "zigbuild" | "install" => {}
        "run" | "r" => line.runs = true,
        _ => return None,
    }
    let mut from_here = sub != "install";
    while let Some(word) = words.next() {
        if word == "--" {
            line.arguments = words.map(String::from).collect();
            break;
        }
        let (name, said) = match word.split_once('=') {
            Some((name, said)) if name.starts_with('-') => (name, Some(said)),
            _ => (word, None),
        };
        let mut value = || said.or_else(|| words.next()).unwrap_or_default().to_string();
        match name {
            "--bin" => line.bins.push(value()),
            "-p" | "--package" => line.packages.push(value()),
            "--features" | "-F" => {
                let list = value();
                let names = list.split([',', ' ']).filter(|name| !name.is_empty());
                line.features.extend(names.map(String::from));
            }
            "--all-features" => line.all_features = true,
            "--no-default-features" => line.no_default_features = true,
            "--manifest-path" => {
                let path = value();
                line.folder = Some(path.trim_end_matches("Cargo.toml").to_string());
            }
            "--path" => {
                from_here = true;
                line.folder = Some(value());
            }
            "--git" | "--example" => return None,
            "--root" | "--target" | "--target-dir" | "--profile" | "-j" | "--jobs" | "-Z"
            | "--config" | "--color" | "--message-format" | "--out-dir" | "--artifact-dir"
            | "--version" | "--index" | "--registry" => drop(value()),
            _ => {}
        }
    }
    from_here.then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        commands(text).concat()
    }

    #[test]
    fn lines_are_parted_into_commands() {
        let cases: [(&str, &[&[&str]]); 4] = [
            ("a 'b c' \"d;e\" && f", &[&["a", "b c", "d;e"], &["f"]]),
            ("a; b | c # d", &[&["a"], &["b"], &["c"]]),
            ("a b\\ c \\\n d ''", &[&["a", "b c", "d", ""]]),
            ("  ", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(commands(text), expected, "{text}");
        }
    }

    #[test]
    fn launchers_are_seen_through() {
        let launcher = |names: &str, takes: usize, dashes: bool, script: &str| LauncherFact {
            names: names.split(' ').map(String::from).collect(),
            takes,
            dashes,
            script: script.into(),
        };
        let launchers = [
            launcher("exec env tini", 0, false, ""),
            launcher("gosu", 1, false, ""),
            launcher("doppler", 0, true, ""),
            launcher("sh", 0, false, "-c"),
        ];
        let cases = [
            ("A=b exec /bin/shop serve", "/bin/shop serve"),
            ("tini -g -- gosu app shop", "shop"),
            ("/bin/sh -c 'shop migrate && exec shop serve'", "shop migrate; shop serve"),
            ("sh -ec shop", "shop"),
            ("sh start.sh shop", "start.sh shop"),
            ("doppler run --x -- shop a", "shop a"),
            ("doppler run shop", "doppler run shop"),
            ("A=b", ""),
        ];
        for (text, expected) in cases {
            let found = started(&words(text), &launchers);
            let found: Vec<String> = found.iter().map(|words| words.join(" ")).collect();
            assert_eq!(found.join("; "), expected, "{text}");
        }
    }

    #[test]
    fn lines_of_cargo_say_what_is_built() {
        let line = |text: &str| cargo(&words(text));
        let said = line("cargo +1.90 build -j 4 --release --bin=a -p b --features 'x,y z' -F w");
        let said = said.unwrap_or_default();
        assert_eq!((said.bins, said.packages), (vec!["a".into()], vec!["b".into()]));
        assert_eq!(said.features, ["x", "y", "z", "w"]);
        let ran = line("cargo run --all-features -- serve --bin x").unwrap_or_default();
        assert!(ran.runs && ran.all_features && ran.bins.is_empty());
        assert_eq!(ran.arguments, ["serve", "--bin", "x"]);
        let at = |text: &str| line(text).and_then(|line| line.folder);
        assert_eq!(at("cargo install --path crates/a --root /x").as_deref(), Some("crates/a"));
        assert_eq!(at("cargo build --manifest-path a/Cargo.toml").as_deref(), Some("a/"));
        for other in ["cargo install sqlx-cli", "cargo chef cook", "cargo test", "make build"] {
            assert_eq!(line(other), None, "{other}");
        }
    }
}
