//! Does a rule look at a name alone? Every name that an example or a fixture chose for itself is
//! replaced, everywhere alike, and the findings must stay what and where they are.
//!
//! What other crates dictate keeps its name: what is imported from them, the methods of their
//! traits, methods called like theirs, macros, attributes, `main`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use libtest_mimic::Trial;
use syn::visit::{self, Visit};
use twelve_lint::catalog::Catalog;

use crate::judge;
use crate::marks::equal;
use crate::tokens::{Kind, Token};

/// Renames everything below a folder into another one, and compares what is found.
pub(crate) fn same(folder: &Path) -> Result<(), String> {
    let files = texts(folder)?;
    let names = Names::of(&files)?;
    let other = tempfile::Builder::new().prefix("renamed-").tempdir().map_err(|e| e.to_string())?;
    for (file, text) in &files {
        let path = other.path().join(names.file(file));
        let text = match file.rsplit('.').next() {
            Some("rs") => names.rename(text)?,
            Some("toml") => names.rename_paths(text),
            _ => text.clone(),
        };
        std::fs::create_dir_all(path.parent().unwrap_or(other.path()))
            .and_then(|()| std::fs::write(&path, text))
            .map_err(|error| error.to_string())?;
    }
    let mut expected = judge::found(folder);
    expected.iter_mut().for_each(|(file, ..)| *file = names.file(file));
    expected.sort();
    let renamed = judge::found(other.path());
    if expected == renamed {
        return Ok(());
    }
    let mut wrong = vec![String::new()];
    let missing = expected.iter().filter(|mark| !renamed.contains(mark));
    wrong.extend(missing.map(|(file, line, what)| format!("Lost     {file}:{line} {what}")));
    let noisy = renamed.iter().filter(|mark| !expected.contains(mark));
    wrong.extend(noisy.map(|(file, line, what)| format!("Gained   {file}:{line} {what}")));
    wrong.push(format!("the renamed tree is {}", other.keep().display()));
    Err(wrong.join("\n"))
}

/// Every text below a folder, by its path with `/`.
fn texts(folder: &Path) -> Result<Vec<(String, String)>, String> {
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| error.to_string())?;
        let Ok(text) = std::fs::read_to_string(entry.path()) else { continue };
        let path = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        files.push((path.to_string_lossy().replace('\\', "/"), text));
    }
    Ok(files)
}

/// The renamer's own tests.
pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("names::become_others_everywhere_alike", || {
            let text = r#"
use std::collections::HashMap;
use crate::carts::{Cart, MOST as LIMIT};
mod carts;
struct Shop { carts: HashMap<String, Cart>, client: redis::Client }
impl Shop {
    #[inline] fn gain(&mut self, name: &str) { self.carts.insert(name.into(), Cart::new()); }
    fn greet(&self, name: &str) -> String { self.client.get(name); format!("{name:?} {}", Self::sum(1)) }
    fn sum(n: u8) -> u8 { match Kind::Small { Kind::Small => n, } }
}
enum Kind { Small }
impl std::fmt::Display for Shop { fn fmt(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result { out.write_str("") } }
fn main() { let shop: Shop = todo!(); shop.greet("x").parse(); tokio::spawn(async move { shop.greet("y") }); }
"#;
            let files = vec![("src/main.rs".to_string(), text.to_string())];
            let names = Names::of(&files)?;
            let renamed = names.rename(text)?;
            let new = |name: &str| names.becomes.get(name).cloned().unwrap_or_else(|| name.into());
            let words = |text: &str| -> Vec<String> {
                let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '!'));
                words.filter(|word| !word.is_empty()).map(String::from).collect()
            };
            for kept in
                ["HashMap", "insert", "new", "main", "fmt", "get", "parse", "spawn", "Client"]
            {
                equal(&new(kept), &kept.to_string())?;
            }
            for gone in
                ["Shop", "carts", "client", "gain", "name", "greet", "sum", "n", "Kind", "Small"]
            {
                if words(&renamed).iter().any(|word| word == gone) {
                    return Err(format!("`{gone}` is still there:\n{renamed}").into());
                }
            }
            equal(&words(&renamed).len(), &words(text).len())?;
            equal(&renamed.lines().count(), &text.lines().count())
        }),
        Trial::test("names::few_are_left", || {
            let (mut kept, mut all) = (0, 0);
            let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
            for group in crate::entries(&fixtures) {
                for case in crate::entries(&group) {
                    let names = Names::of(&texts(&case)?)?;
                    all += names.defined.len();
                    kept += names.defined.len() - names.becomes.len();
                }
            }
            match kept * 6 < all {
                true => Ok(()),
                false => Err(format!("{kept} of {all} names are left as they are").into()),
            }
        }),
    ]
}

/// What the sources define, and what each name becomes.
#[derive(Default)]
struct Names {
    /// Variables, functions, types, fields, constants, variants, modules.
    defined: BTreeSet<String>,
    fields: BTreeSet<String>,
    methods: BTreeSet<String>,
    modules: BTreeSet<String>,
    /// Types and modules: what a path of the tree may begin with.
    heads: BTreeSet<String>,
    /// Crates of the tree.
    crates: BTreeSet<String>,
    /// What others named.
    dictated: BTreeSet<String>,
    becomes: BTreeMap<String, String>,
    /// What macros make of these, and will make of what they become.
    made: BTreeMap<String, String>,
}

impl Names {
    fn of(files: &[(String, String)]) -> Result<Names, String> {
        let mut names = Names::default();
        for (file, text) in files {
            if file.ends_with("Cargo.toml") {
                let named = text.lines().filter_map(|line| line.strip_prefix("name = \""));
                let named = named.map(|rest| rest.trim_end_matches('"').replace('-', "_"));
                names.crates.extend(named);
            }
        }
        for (_, text) in files.iter().filter(|(file, _)| file.ends_with("Cargo.toml")) {
            for line in text.lines() {
                // A crate of the tree under another name.
                let renamed = line.split_once("package = \"").and_then(|(key, rest)| {
                    let package = rest.split('"').next()?.replace('-', "_");
                    names.crates.contains(&package).then(|| key.split(' ').next())?
                });
                names.crates.extend(renamed.map(|key| key.replace('-', "_")));
            }
        }
        let mut imports = Vec::new();
        let own = Token::own_macros(files)?;
        for (file, text) in files.iter().filter(|(file, _)| file.ends_with(".rs")) {
            let parsed = syn::parse_file(text).map_err(|error| format!("{file}: {error}"))?;
            let mut defines = Defines { names: &mut names, imports: &mut imports };
            defines.visit_file(&parsed);
            let tokens = Token::all(text)?;
            for (word, name) in Token::declared(&tokens, &own) {
                let name = name.to_string();
                match word {
                    "static" | "const" => {}
                    "fn" => drop(names.methods.insert(name.clone())),
                    ":" => {
                        names.methods.insert(name.clone());
                        names.fields.insert(name.clone());
                    }
                    _ => drop(names.heads.insert(name.clone())),
                }
                names.defined.insert(name);
            }
            for window in tokens.windows(3) {
                // Statics that a macro declares.
                match [&*window[0].text, &*window[1].text, &*window[2].text] {
                    ["static", "ref", name] => drop(names.defined.insert(name.to_string())),
                    ["static", name, ":"] => drop(names.defined.insert(name.to_string())),
                    _ => {}
                }
            }
        }
        for (head, name) in imports {
            if !names.is_ours(&head) {
                names.dictated.insert(name);
            }
        }
        names
            .dictated
            .extend(["main", "new", "self", "Self", "super", "crate", "_"].map(String::from));
        let catalog = Catalog::builtin().map_err(|error| error.to_string())?;
        let methods = names.methods.iter().filter(|name| is_usual(catalog, name));
        names.dictated.extend(methods.cloned());
        for (number, name) in names.defined.difference(&names.dictated).enumerate() {
            let upper = name.chars().any(char::is_uppercase);
            let new = match (upper, name.chars().any(char::is_lowercase)) {
                (true, false) => format!("ZQ{number}"),
                (true, true) => format!("Zq{number}"),
                _ => format!("zq{number}"),
            };
            names.becomes.insert(name.clone(), new);
        }
        // What a macro makes of a name: `RoomsServer` of `Rooms`, `RoomsClient`.
        let attributes = catalog.files.attributes.iter();
        let patterns = attributes.flat_map(|fact| [&*fact.implemented_as, &*fact.client]);
        for pattern in patterns.filter(|pattern| pattern.contains("{}") && *pattern != "{}") {
            let made = |name: &str| pattern.replace("{}", name);
            let more: Vec<(String, String)> =
                names.becomes.iter().map(|(old, new)| (made(old), made(new))).collect();
            let others =
                |name: &String| names.defined.contains(name) || names.dictated.contains(name);
            for (old, new) in more.into_iter().filter(|(old, _)| !others(old)) {
                names.made.entry(old).or_insert(new);
            }
        }
        Ok(names)
    }

    fn is_ours(&self, head: &str) -> bool {
        ["crate", "self", "super", "Self"].contains(&head)
            || self.crates.contains(head)
            || self.heads.contains(head)
    }

    /// A path after its modules are renamed; roots of targets stay.
    fn file(&self, file: &str) -> String {
        let parts: Vec<&str> = file.split('/').collect();
        let mut renamed = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            let beneath = parts[..index].contains(&"src") && parts[index - 1] != "bin";
            let stem = part.strip_suffix(".rs").unwrap_or(part);
            let new = self.becomes.get(stem).filter(|_| beneath && self.modules.contains(stem));
            renamed.push(match new {
                Some(new) => part.replacen(stem, new, 1),
                None => part.to_string(),
            });
        }
        renamed.join("/")
    }

    /// Paths in a configuration that begin with a crate of the tree.
    fn rename_paths(&self, text: &str) -> String {
        let renamed = text.split('"').map(|part| {
            let mut segments = part.split("::");
            let first = segments.next().unwrap_or_default();
            if !part.contains("::") || !self.crates.contains(first) {
                return part.to_string();
            }
            let rest = segments.map(|name| self.becomes.get(name).map_or(name, String::as_str));
            std::iter::once(first).chain(rest).collect::<Vec<_>>().join("::")
        });
        renamed.collect::<Vec<_>>().join("\"")
    }

    fn rename(&self, text: &str) -> Result<String, String> {
        let tokens = Token::all(text)?;
        let parsed = syn::parse_file(text).map_err(|error| error.to_string())?;
        let mut imports = Vec::new();
        Defines { names: &mut Names::default(), imports: &mut imports }.visit_file(&parsed);
        let foreign = imports.into_iter().filter(|(head, _)| !self.is_ours(head));
        let foreign: BTreeSet<String> = foreign.map(|(_, name)| name).collect();
        let mut renamed = String::with_capacity(text.len());
        let mut done = 0;
        for (index, token) in tokens.iter().enumerate() {
            let new = match token.kind {
                Kind::Ident if self.means_ours(&tokens, index, &foreign) => {
                    self.becomes.get(&token.text).or(self.made.get(&token.text)).cloned()
                }
                Kind::Text if !token.attribute => Some(self.rename_inline(&token.text)),
                // `#[serde(default = "Config::port")]` names a function.
                Kind::Text if index > 1 && tokens[index - 2].text == "default" => {
                    let names = token.text.trim_matches('"').split("::");
                    let new = names.map(|name| self.becomes.get(name).map_or(name, String::as_str));
                    Some(format!("\"{}\"", new.collect::<Vec<_>>().join("::")))
                }
                _ => None,
            };
            if let Some(new) = new {
                renamed.push_str(&text[done..token.at.start]);
                renamed.push_str(&new);
                done = token.at.end;
            }
        }
        renamed.push_str(&text[done..]);
        Ok(renamed)
    }

    /// Whether the identifier at `index` is one of the tree, by what stands around it and by what
    /// its file has from elsewhere.
    fn means_ours(&self, tokens: &[Token], index: usize, foreign: &BTreeSet<String>) -> bool {
        let text = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map_or("", |t| &*t.text);
        let token = &tokens[index];
        let (before, after) = (text(index.checked_sub(1)), text(Some(index + 1)));
        if token.attribute || before == "'" || after == "!" && text(Some(index + 2)) != "=" {
            return false;
        }
        // The name of a macro, and the kind of what a name in one stands for.
        let second = text(index.checked_sub(2));
        if second == "macro_rules" || before == ":" && text(index.checked_sub(3)) == "$" {
            return false;
        }
        if let Some(head) = &token.used {
            return self.is_ours(head);
        }
        // A crate, a module or a type, not a function that has its name.
        if after == "::" && text(Some(index + 2)) != "<" && !self.heads.contains(&token.text) {
            return false;
        }
        match before {
            "." if after == "(" || after == "::" => self.methods.contains(&token.text),
            "." => self.fields.contains(&token.text),
            "::" => {
                let mut at = index;
                while at >= 2 && text(Some(at - 1)) == "::" && tokens[at - 2].kind == Kind::Ident {
                    at -= 2;
                }
                let head = &tokens[at].text;
                at != index && self.is_ours(head) && !foreign.contains(head)
            }
            _ => true,
        }
    }

    /// `{name}` and `{name:..}` in a text.
    fn rename_inline(&self, text: &str) -> String {
        let mut parts = text.split('{');
        let mut renamed = parts.next().unwrap_or_default().to_string();
        for part in parts {
            renamed.push('{');
            let end = part.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(part.len());
            let new =
                self.becomes.get(&part[..end]).filter(|_| part[end..].starts_with([':', '}']));
            renamed.push_str(new.map_or(&part[..end], String::as_str));
            renamed.push_str(&part[end..]);
        }
        renamed
    }
}

/// Whether the catalogue knows a method of that name on some type.
fn is_usual(catalog: &Catalog, name: &str) -> bool {
    let files = &catalog.files;
    let registers = files.registers.iter().flat_map(|fact| fact.also.iter().chain([&fact.path]));
    let routes = files.routes.iter().flat_map(|fact| fact.also.iter().chain([&fact.path]));
    let shares = files.shares.iter().flat_map(|fact| fact.also.iter().chain([&fact.path]));
    let serves = files.serves.iter().flat_map(|fact| fact.also.iter().chain([&fact.path]));
    let mut paths = registers.chain(routes).chain(shares).chain(serves);
    catalog.is_usual(name)
        || catalog.universal(name).is_some()
        || paths.any(|path| path.rsplit("::").next() == Some(name))
}

struct Defines<'n> {
    names: &'n mut Names,
    /// What `use` lines bring in, with the first part of its path.
    imports: &'n mut Vec<(String, String)>,
}

impl Defines<'_> {
    fn define(&mut self, name: &syn::Ident) {
        self.names.defined.insert(name.to_string());
    }

    fn head(&mut self, name: &syn::Ident) {
        self.define(name);
        self.names.heads.insert(name.to_string());
    }

    fn import(&mut self, head: &str, tree: &syn::UseTree) {
        let mut note = |name: &syn::Ident| {
            let head = if head.is_empty() { name.to_string() } else { head.to_string() };
            self.imports.push((head, name.to_string()));
        };
        match tree {
            syn::UseTree::Path(path) => {
                let head = if head.is_empty() { path.ident.to_string() } else { head.into() };
                self.import(&head, &path.tree);
            }
            syn::UseTree::Name(name) => note(&name.ident),
            syn::UseTree::Rename(rename)
                if head.is_empty() && self.names.crates.contains(&rename.ident.to_string()) =>
            {
                self.names.crates.insert(rename.rename.to_string());
            }
            syn::UseTree::Rename(rename) => {
                note(&rename.ident);
                note(&rename.rename);
            }
            syn::UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.import(head, tree));
            }
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for Defines<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.define(&item.sig.ident);
        visit::visit_item_fn(self, item);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.head(&item.ident);
        visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.head(&item.ident);
        visit::visit_item_enum(self, item);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.head(&item.ident);
        visit::visit_item_trait(self, item);
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        self.head(&item.ident);
        visit::visit_item_type(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.head(&item.ident);
        self.names.modules.insert(item.ident.to_string());
        visit::visit_item_mod(self, item);
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        self.define(&item.ident);
        visit::visit_item_static(self, item);
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        self.define(&item.ident);
        visit::visit_item_const(self, item);
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        self.define(&variant.ident);
        visit::visit_variant(self, variant);
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if let Some(name) = &field.ident {
            self.define(name);
            self.names.fields.insert(name.to_string());
        }
        visit::visit_field(self, field);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.define(&item.sig.ident);
        self.names.methods.insert(item.sig.ident.to_string());
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        // Whether the trait is one of the tree shows when every file has been looked at: what it
        // names is defined there too, and dictated only by traits that come from elsewhere.
        for inner in &item.items {
            let name = match inner {
                syn::ImplItem::Fn(function) => &function.sig.ident,
                syn::ImplItem::Const(constant) => &constant.ident,
                syn::ImplItem::Type(ty) => &ty.ident,
                _ => continue,
            };
            match &item.trait_ {
                None => {
                    self.define(name);
                    self.names.methods.insert(name.to_string());
                }
                Some((path, ..)) => {
                    let head = path.segments.first().map(|s| s.ident.to_string());
                    self.imports.push((head.unwrap_or_default(), name.to_string()));
                }
            }
        }
        visit::visit_item_impl(self, item);
    }

    fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
        // A bare constant or variant looks the same and is defined elsewhere.
        if !pat.ident.to_string().starts_with(char::is_uppercase) {
            self.define(&pat.ident);
        }
        visit::visit_pat_ident(self, pat);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.import("", &item.tree);
    }
}
