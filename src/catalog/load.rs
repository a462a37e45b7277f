//! Reads and checks the catalogue's files.

use std::fmt;
use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

use super::work::Meaning;
use super::{Catalog, CatalogFile, DiskEffect, Formats, Role, TypeText, under};

/// The files of `rules/catalog`, compiled in.
const BUILTIN: &[(&str, &str)] = &[
    ("actix.toml", include_str!("../../rules/catalog/actix.toml")),
    ("assets.toml", include_str!("../../rules/catalog/assets.toml")),
    ("axum.toml", include_str!("../../rules/catalog/axum.toml")),
    ("caches.toml", include_str!("../../rules/catalog/caches.toml")),
    ("channels.toml", include_str!("../../rules/catalog/channels.toml")),
    ("collections.toml", include_str!("../../rules/catalog/collections.toml")),
    ("databases.toml", include_str!("../../rules/catalog/databases.toml")),
    ("deploy.toml", include_str!("../../rules/catalog/deploy.toml")),
    ("deploy_assets.toml", include_str!("../../rules/catalog/deploy_assets.toml")),
    ("deploy_clouds.toml", include_str!("../../rules/catalog/deploy_clouds.toml")),
    ("deploy_coded.toml", include_str!("../../rules/catalog/deploy_coded.toml")),
    ("deploy_meshes.toml", include_str!("../../rules/catalog/deploy_meshes.toml")),
    ("deploy_proxies.toml", include_str!("../../rules/catalog/deploy_proxies.toml")),
    ("deploy_runs.toml", include_str!("../../rules/catalog/deploy_runs.toml")),
    ("deploy_volumes.toml", include_str!("../../rules/catalog/deploy_volumes.toml")),
    ("disk.toml", include_str!("../../rules/catalog/disk.toml")),
    ("edits.toml", include_str!("../../rules/catalog/edits.toml")),
    ("frameworks.toml", include_str!("../../rules/catalog/frameworks.toml")),
    ("language.toml", include_str!("../../rules/catalog/language.toml")),
    ("limits.toml", include_str!("../../rules/catalog/limits.toml")),
    ("logs.toml", include_str!("../../rules/catalog/logs.toml")),
    ("rocket.toml", include_str!("../../rules/catalog/rocket.toml")),
    ("secrets.toml", include_str!("../../rules/catalog/secrets.toml")),
    ("services.toml", include_str!("../../rules/catalog/services.toml")),
    ("sessions.toml", include_str!("../../rules/catalog/sessions.toml")),
    ("sync.toml", include_str!("../../rules/catalog/sync.toml")),
    ("tasks.toml", include_str!("../../rules/catalog/tasks.toml")),
    ("work.toml", include_str!("../../rules/catalog/work.toml")),
    ("workers.toml", include_str!("../../rules/catalog/workers.toml")),
];

/// What is wrong with a catalogue file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogError {
    pub file: String,
    /// 1-based; 0 where the whole file is meant.
    pub line: usize,
    pub message: String,
}

impl fmt::Display for CatalogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

impl std::error::Error for CatalogError {}

impl Catalog {
    /// The catalogue that comes with the tool; it is read once, however often it is asked for.
    ///
    /// # Errors
    /// A file of it is not what the schema says; a test keeps that from being released.
    pub fn builtin() -> Result<&'static Catalog, &'static CatalogError> {
        static CATALOG: OnceLock<Result<Catalog, CatalogError>> = OnceLock::new();
        CATALOG.get_or_init(|| Catalog::from_files(BUILTIN)).as_ref()
    }

    /// A catalogue of these files, as name and text.
    ///
    /// # Errors
    /// A text that is not TOML or not of the schema, a path with two entries of one kind, a
    /// `returns` that cannot be read, a circle of re-exports, a fact that leads to findings and
    /// does not say why.
    pub fn from_files(files: &[(&str, &str)]) -> Result<Catalog, CatalogError> {
        let mut catalog = Catalog::default();
        for (file, text) in files {
            let read: CatalogFile = toml::from_str(text).map_err(|error| {
                let before = error.span().map_or("", |span| &text[..span.start]);
                CatalogError {
                    file: (*file).to_string(),
                    line: before.matches('\n').count() + 1,
                    message: error.message().to_string(),
                }
            })?;
            catalog.add(Source { file, text }, read)?;
        }
        catalog.check_reexports()?;
        catalog.put_values_in()?;
        let formats = std::mem::take(&mut catalog.files.formats);
        let files = &catalog.files;
        catalog.formats = Formats::new(formats, &files.settings, &files.pushed, &files.runs);
        catalog.read_returns()?;
        Ok(catalog)
    }

    fn add(&mut self, source: Source<'_>, read: CatalogFile) -> Result<(), CatalogError> {
        macro_rules! index {
            ($list:ident, $map:ident, $what:literal) => {
                for fact in read.$list {
                    let number = self.files.$list.len();
                    for path in std::iter::once(&fact.path).chain(&fact.also) {
                        self.known.extend(prefixes(path));
                        if self.$map.insert(path.clone(), number).is_some() {
                            let message =
                                format!("`{path}` has two [[{}]] entries: keep one of them", $what);
                            return Err(source.error(path, message));
                        }
                    }
                    self.files.$list.push(fact);
                }
            };
        }
        for fact in &read.types {
            let leads = matches!(
                fact.is,
                Role::Cache | Role::SessionStore | Role::EmbeddedDatabase | Role::RateLimiter
            );
            if leads && fact.why.is_empty() {
                let message = format!("`{}` leads to findings: say `why`", fact.path);
                return Err(source.error(&fact.path, message));
            }
        }
        index!(types, by_type, "type");
        index!(calls, by_call, "call");
        index!(registers, by_register, "register");
        index!(routes, by_route, "route");
        index!(mounts, by_mount, "mount");
        index!(attributes, by_attribute, "attribute");
        index!(implements, by_implement, "implement");
        index!(shares, by_share, "share");
        index!(serves, by_serve, "serve");
        index!(takes, by_takes, "takes");
        index!(extracts, by_extract, "extract");
        for fact in read.macros {
            for name in std::iter::once(&fact.name).chain(&fact.also) {
                self.by_macro.insert(name.clone(), self.files.macros.len());
            }
            self.files.macros.push(fact);
        }
        for fact in read.crates {
            for name in std::iter::once(&fact.name).chain(&fact.also) {
                if self.by_crate.insert(name.clone(), self.files.crates.len()).is_some() {
                    let message = format!("`{name}` has two [[crate]] entries: keep one of them");
                    return Err(source.error(name, message));
                }
            }
            self.files.crates.push(fact);
        }
        for fact in read.works {
            let anything = [String::new()];
            let crates = if fact.of.is_empty() { &anything[..] } else { &fact.of };
            let said = if fact.said.is_empty() { &anything[..] } else { &fact.said };
            for name in &fact.names {
                let known = self.by_work.entry(name.clone()).or_default();
                for (of, said) in crates.iter().flat_map(|of| said.iter().map(move |s| (of, s))) {
                    if known.iter().any(|other| other.of == *of && other.said == *said) {
                        let message = format!("`{name}` of `{of}` has two [[work]] entries");
                        return Err(source.error(name, message));
                    }
                    known.push(Meaning::new(&fact, of, said));
                }
            }
            self.files.works.push(fact);
        }
        for fact in read.methods {
            for name in std::iter::once(&fact.name).chain(&fact.also) {
                if let Some(gives) = fact.gives {
                    self.universal.insert(name.clone(), gives);
                }
                if fact.accepts {
                    self.accepting.insert(name.clone());
                }
                if fact.tells {
                    self.telling.insert(name.clone());
                }
                if fact.maps {
                    self.mapping.insert(name.clone());
                }
                if fact.maps || fact.usual {
                    self.usual.insert(name.clone());
                }
                if fact.constructs {
                    self.constructing.insert(name.clone());
                }
            }
            self.files.methods.push(fact);
        }
        for fact in read.preludes {
            let name = fact.path.rsplit("::").next().unwrap_or(&fact.path);
            self.prelude.insert(name.to_string(), fact.path.clone());
            self.files.preludes.push(fact);
        }
        for fact in read.writers {
            for name in std::iter::once(&fact.name).chain(&fact.also) {
                if self.by_writer.insert(name.clone(), self.files.writers.len()).is_some() {
                    let message = format!("`{name}` has two [[writer]] entries: keep one");
                    return Err(source.error(name, message));
                }
            }
            self.files.writers.push(fact);
        }
        self.files.computes.extend(read.computes);
        self.files.derives.extend(read.derives);
        self.files.statements.extend(read.statements);
        self.files.boots.extend(read.boots);
        self.files.defaults.extend(read.defaults);
        self.files.libraries.extend(read.libraries);
        for fact in read.reexports {
            let number = self.files.reexports.len();
            let known = self.by_reexport.entry(super::first_of(&fact.from).to_string());
            known.or_default().push(number);
            self.files.reexports.push(fact);
        }
        self.files.settings.extend(read.settings);
        self.files.coded.extend(read.coded);
        self.files.programs.extend(read.programs);
        self.files.backings.extend(read.backings);
        self.files.runs.extend(read.runs);
        self.files.pushed.extend(read.pushed);
        self.files.scales.extend(read.scales);
        self.files.bases.extend(read.bases);
        self.files.furnish.extend(read.furnish);
        self.files.launchers.extend(read.launchers);
        self.files.formats.extend(read.formats);
        self.files.volumes.extend(read.volumes);
        self.files.folders.extend(read.folders);
        self.files.values.extend(read.values);
        self.files.edits.extend(read.edits);
        Ok(())
    }

    /// Of a setting's values, `@x` becomes the values of that name.
    fn put_values_in(&mut self) -> Result<(), CatalogError> {
        let shared = &self.files.values;
        let named = |name: &str, key: &str| {
            let found = shared.iter().find(|values| values.name == name);
            found.map(|values| &values.values).ok_or_else(|| CatalogError {
                file: "rules/catalog".into(),
                line: 0,
                message: format!("`{key}` asks for [[values]] `{name}`"),
            })
        };
        for fact in &mut self.files.settings {
            for list in [&mut fact.on, &mut fact.hazard, &mut fact.off] {
                let mut put = Vec::new();
                for value in list.drain(..) {
                    match value.strip_prefix('@') {
                        Some(name) => put.extend(named(name, &fact.key)?.iter().cloned()),
                        None => put.push(value),
                    }
                }
                *list = put;
            }
            for value in fact.needs.values_mut().chain(fact.unless.values_mut()) {
                if let Some(name) = value.strip_prefix('@') {
                    *value = named(name, &fact.key)?.join("|");
                }
            }
        }
        Ok(())
    }

    fn check_reexports(&self) -> Result<(), CatalogError> {
        for fact in &self.files.reexports {
            let mut at = fact.to.clone();
            for _ in 0..=self.files.reexports.len() {
                match self.files.reexports.iter().find(|next| under(&at, &next.from)) {
                    Some(next) => at = format!("{}{}", next.to, &at[next.from.len()..]),
                    None => break,
                }
            }
            if self.files.reexports.iter().any(|next| under(&at, &next.from)) {
                return Err(CatalogError {
                    file: "rules/catalog".into(),
                    line: 0,
                    message: format!("the re-export of `{}` leads in a circle", fact.from),
                });
            }
        }
        Ok(())
    }

    fn read_returns(&mut self) -> Result<(), CatalogError> {
        let short = self.short_names();
        let error = |path: &str, text: &str, message: String| CatalogError {
            file: "rules/catalog".into(),
            line: 0,
            message: format!("`{path}` returns `{text}`: {message}"),
        };
        for fact in &self.files.types {
            let mut returns = FxHashMap::default();
            for (method, text) in &fact.returns {
                let read = TypeReader { params: &fact.params, short: &short, rest: text };
                let read = read.whole().map_err(|message| error(&fact.path, text, message))?;
                returns.insert(method.clone(), read);
            }
            let lists = [
                &fact.changes,
                &fact.fills,
                &fact.counts,
                &fact.lends,
                &fact.sends,
                &fact.receives,
                &fact.subscribes,
            ];
            self.usual.extend(lists.into_iter().flatten().cloned());
            self.usual.extend(fact.returns.keys().cloned());
            self.returns.push(returns);
        }
        let one = ["T".to_string()];
        for fact in &self.files.calls {
            let names = std::iter::once(&fact.path).chain(&fact.also);
            // A socket is bound by a function of its type: no value has a method of that name.
            let names = names.filter(|_| fact.disk != Some(DiskEffect::Bind));
            self.usual.extend(names.filter_map(|path| path.rsplit("::").next()).map(String::from));
            let read = match &*fact.returns {
                "" => None,
                text => {
                    let params = if fact.answers { &one[..] } else { &[] };
                    let reader = TypeReader { params, short: &short, rest: text };
                    Some(reader.whole().map_err(|message| error(&fact.path, text, message))?)
                }
            };
            self.call_returns.push(read);
        }
        for fact in &self.files.extracts {
            let read = TypeReader { params: &one, short: &short, rest: &fact.returns }.whole();
            let read = read.map_err(|message| error(&fact.path, &fact.returns, message))?;
            self.extract_returns.push(read);
        }
        for fact in &self.files.registers {
            let mut hands = Vec::new();
            for text in &fact.hands {
                let read = TypeReader { params: &one, short: &short, rest: text }.whole();
                hands.push(read.map_err(|message| error(&fact.path, text, message))?);
            }
            self.register_hands.push(hands);
        }
        Ok(())
    }

    /// Last segments that stand for one path only: the prelude's, then those of single types.
    fn short_names(&self) -> FxHashMap<String, Option<String>> {
        let mut short: FxHashMap<String, Option<String>> = FxHashMap::default();
        for fact in &self.files.types {
            let last = fact.path.rsplit("::").next().unwrap_or(&fact.path).to_string();
            short
                .entry(last)
                .and_modify(|known| *known = None)
                .or_insert_with(|| Some(fact.path.clone()));
        }
        for (name, path) in &self.prelude {
            short.insert(name.clone(), Some(path.clone()));
        }
        short
    }
}

struct Source<'a> {
    file: &'a str,
    text: &'a str,
}

impl Source<'_> {
    /// An error at the last place where the file names `about`.
    fn error(&self, about: &str, message: String) -> CatalogError {
        let quoted = format!("\"{about}\"");
        let before = self.text.rfind(&quoted).map_or("", |at| &self.text[..at]);
        let line = before.matches('\n').count() + 1;
        CatalogError { file: self.file.to_string(), line, message }
    }
}

/// `a::b::C` gives `a`, `a::b`, `a::b::C`.
pub(super) fn prefixes(path: &str) -> FxHashSet<String> {
    let ends = path.match_indices("::").map(|(at, _)| at).chain([path.len()]);
    ends.map(|end| path[..end].to_string()).collect()
}

/// Reads `Result<MutexGuard<T>>`.
struct TypeReader<'a> {
    params: &'a [String],
    short: &'a FxHashMap<String, Option<String>>,
    rest: &'a str,
}

impl TypeReader<'_> {
    fn whole(mut self) -> Result<TypeText, String> {
        let read = self.one()?;
        match self.rest.trim().is_empty() {
            true => Ok(read),
            false => Err(format!("`{}` is left over", self.rest)),
        }
    }

    fn one(&mut self) -> Result<TypeText, String> {
        self.rest = self.rest.trim_start();
        if let Some(rest) = self.rest.strip_prefix('(') {
            self.rest = rest;
            return Ok(TypeText::Path("tuple".into(), self.list(')')?));
        }
        if let Some(rest) = self.rest.strip_prefix('[') {
            self.rest = rest;
            return Ok(TypeText::Path("slice".into(), self.list(']')?));
        }
        let letter = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        let end = self.rest.find(|c| !letter(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        if name.is_empty() {
            return Err("a type is missing".into());
        }
        let args = match self.rest.strip_prefix('<') {
            Some(rest) => {
                self.rest = rest;
                self.list('>')?
            }
            None => Vec::new(),
        };
        if name == "Self" {
            return Ok(TypeText::Itself);
        }
        if name == "_" {
            return Ok(TypeText::Param(usize::MAX));
        }
        if let Some(index) = self.params.iter().position(|param| param == name) {
            return Ok(TypeText::Param(index));
        }
        if name.contains("::") || name.starts_with(|c: char| c.is_lowercase()) {
            return Ok(TypeText::Path(name.to_string(), args));
        }
        match self.short.get(name) {
            Some(Some(path)) => Ok(TypeText::Path(path.clone(), args)),
            Some(None) => Err(format!("`{name}` is the name of several types: write its path")),
            None => Err(format!("no entry is called `{name}`: write its path")),
        }
    }

    fn list(&mut self, close: char) -> Result<Vec<TypeText>, String> {
        let mut list = Vec::new();
        loop {
            list.push(self.one()?);
            self.rest = self.rest.trim_start();
            if let Some(rest) = self.rest.strip_prefix(',') {
                self.rest = rest;
            } else if let Some(rest) = self.rest.strip_prefix(close) {
                self.rest = rest;
                return Ok(list);
            } else {
                return Err(format!("`{close}` is missing"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builtin_catalogue_loads() {
        let catalog = Catalog::builtin().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(catalog.role("parking_lot::Mutex"), Some(Role::Lock));
        assert_eq!(
            catalog.canonical("core::sync::atomic::AtomicU8"),
            "std::sync::atomic::AtomicU8"
        );
        assert_eq!(catalog.canonical("hub::tokio::sync::Mutex"), "tokio::sync::Mutex");
        assert_eq!(catalog.canonical("hub::alloc::sync::Arc"), "std::sync::Arc");
        assert_eq!(catalog.canonical("hub::Mutex"), "hub::Mutex");
        assert!(catalog.returned("std::sync::Mutex", "lock").is_some());
    }

    #[test]
    fn errors_name_place_and_remedy() {
        let cases = [
            ("[[type]]\npath = \"a::B\"\nis = \"lokc\"", 3, "unknown variant"),
            ("[[type]]\npath = \"a::B\"\nis = \"lock\"\ncolour = 1", 4, "unknown field"),
            ("[[type]]\npath = \"a::B\"\nis = \"cache\"", 2, "say `why`"),
            (
                "[[serve]]\npath = \"a::b\"\nframework = \"a\"\n[[serve]]\npath = \"a::b\"\nframework = \"a\"",
                5,
                "two [[serve]] entries",
            ),
            (
                "[[type]]\npath = \"a::B\"\nis = \"lock\"\nreturns = { get = \"Nope\" }",
                0,
                "no entry is called `Nope`",
            ),
            (
                "[[reexport]]\nfrom = \"a\"\nto = \"b\"\n[[reexport]]\nfrom = \"b\"\nto = \"a\"",
                0,
                "circle",
            ),
        ];
        for (text, line, message) in cases {
            let error = Catalog::from_files(&[("x.toml", text)]).unwrap_err();
            assert!(error.message.contains(message), "{text}\n{error}");
            assert_eq!(error.line, line, "{text}\n{error}");
        }
    }
}
