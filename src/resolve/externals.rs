//! What does the catalogue know of a path that leaves the tree? Asked once per path.

use std::cell::RefCell;
use std::rc::Rc;

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::catalog::{Catalog, Role};

/// A path outside the tree, in the catalogue's spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PathId(u32);

/// One such path, and what is known of it.
#[derive(Debug)]
pub struct External {
    pub text: Box<str>,
    pub role: Option<Role>,
}

/// The paths met so far.
#[derive(Debug)]
pub struct Externals<'a> {
    catalog: &'a Catalog,
    known: RefCell<IndexMap<Box<str>, Rc<External>, FxBuildHasher>>,
    /// Spellings that are re-exports of another.
    spelled: RefCell<FxHashMap<Box<str>, PathId>>,
    joined: RefCell<FxHashMap<PathId, FxHashMap<Box<str>, PathId>>>,
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
        let id = match known.get_index_of(canonical.as_str()) {
            Some(index) => PathId(index as u32),
            None => {
                let role = self.catalog.role(&canonical);
                let external = External { text: canonical.as_str().into(), role };
                PathId(known.insert_full(canonical.into(), Rc::new(external)).0 as u32)
            }
        };
        self.spelled.borrow_mut().insert(path.into(), id);
        id
    }

    /// Whether something of the tree has named a path.
    pub fn has_met(&self, path: &str) -> bool {
        self.known.borrow().contains_key(self.catalog.canonical(path).as_str())
    }

    /// Every path met so far.
    pub fn met(&self) -> Vec<String> {
        self.known.borrow().keys().map(|path| path.to_string()).collect()
    }

    /// `base::name`.
    pub fn join(&self, base: PathId, name: &str) -> PathId {
        if let Some(id) = self.joined.borrow().get(&base).and_then(|known| known.get(name)) {
            return *id;
        }
        let id = self.intern(&format!("{}::{name}", self.get(base).text));
        self.joined.borrow_mut().entry(base).or_default().insert(name.into(), id);
        id
    }

    pub fn get(&self, id: PathId) -> Rc<External> {
        self.known.borrow()[id.0 as usize].clone()
    }
}
