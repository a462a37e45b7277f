//! What does the catalogue know of a path that leaves the tree? Asked once per path.

use std::cell::RefCell;
use std::rc::Rc;

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::catalog::{CallFact, Catalog, Role, first_of};
use crate::symbol::Symbol;

/// A path outside the tree, in the catalogue's spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PathId(u32);

/// One such path, and what is known of it.
#[derive(Debug)]
pub struct External {
    pub text: Box<str>,
    pub role: Option<Role>,
    /// The entry for calling it, by its number in the catalogue.
    call: Option<usize>,
    /// Whether any entry for calls has that path.
    pub is_called: bool,
    /// Where its last part begins.
    last: usize,
}

impl External {
    fn of(catalog: &Catalog, text: &str) -> External {
        External {
            role: catalog.role(text),
            call: catalog.call_number(text),
            is_called: catalog.knows_call(text),
            last: text.rfind(':').map_or(0, |at| at + 1),
            text: text.into(),
        }
    }

    pub fn krate(&self) -> &str {
        first_of(&self.text)
    }

    /// The last part.
    pub fn name(&self) -> &str {
        &self.text[self.last..]
    }

    /// What the last part is beneath; `None` for a crate.
    pub fn around(&self) -> Option<&str> {
        self.text.get(..self.last)?.strip_suffix("::")
    }
}

/// The paths met so far.
#[derive(Debug)]
pub struct Externals<'a> {
    catalog: &'a Catalog,
    known: RefCell<IndexMap<Box<str>, Rc<External>, FxBuildHasher>>,
    /// Spellings that are re-exports of another.
    spelled: RefCell<FxHashMap<Box<str>, PathId>>,
    joined: RefCell<FxHashMap<(PathId, Symbol), PathId>>,
}

impl<'a> Externals<'a> {
    pub fn new(catalog: &'a Catalog) -> Externals<'a> {
        Externals {
            catalog,
            known: RefCell::default(),
            spelled: RefCell::default(),
            joined: RefCell::default(),
        }
    }

    pub fn intern(&self, path: &str) -> PathId {
        if let Some(id) = self.spelled.borrow().get(path) {
            return *id;
        }
        let canonical = self.catalog.canonical(path);
        let mut known = self.known.borrow_mut();
        let id = match known.get_index_of(&*canonical) {
            Some(index) => PathId(index as u32),
            None => {
                let external = External::of(self.catalog, &canonical);
                PathId(known.insert_full(canonical.into(), Rc::new(external)).0 as u32)
            }
        };
        self.spelled.borrow_mut().insert(path.into(), id);
        id
    }

    /// Whether something of the tree has named a path.
    pub fn has_met(&self, path: &str) -> bool {
        self.known.borrow().contains_key(&*self.catalog.canonical(path))
    }

    /// Every path met so far.
    pub fn met(&self) -> Vec<String> {
        self.known.borrow().keys().map(|path| path.to_string()).collect()
    }

    /// `base::name`; `text` is the name's.
    pub fn join(&self, base: PathId, name: Symbol, text: &str) -> PathId {
        if let Some(id) = self.joined.borrow().get(&(base, name)) {
            return *id;
        }
        let id = self.intern(&format!("{}::{text}", self.get(base).text));
        self.joined.borrow_mut().insert((base, name), id);
        id
    }

    /// What the catalogue says of calling a path.
    pub fn call(&self, id: PathId) -> Option<&'a CallFact> {
        self.get(id).call.map(|number| &self.catalog.files.calls[number])
    }

    pub fn get(&self, id: PathId) -> Rc<External> {
        self.known.borrow()[id.0 as usize].clone()
    }
}
