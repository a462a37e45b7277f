//! What is the text of a name, and are two names the same? Interned text, four bytes a name.

use std::sync::{Arc, Mutex, MutexGuard};

use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap};

/// An interned text. Equal texts of one run are equal symbols; the order of symbols means nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Symbol(u32);

/// The texts of a run.
#[derive(Debug, Default)]
pub struct Symbols(IndexSet<Box<str>, FxBuildHasher>);

impl Symbols {
    pub fn intern(&mut self, text: &str) -> Symbol {
        if let Some(index) = self.0.get_index_of(text) {
            return Symbol(index as u32);
        }
        Symbol(self.0.insert_full(text.into()).0 as u32)
    }

    /// The symbol of a text that was met before.
    pub fn find(&self, text: &str) -> Option<Symbol> {
        self.0.get_index_of(text).map(|index| Symbol(index as u32))
    }

    pub fn text(&self, symbol: Symbol) -> &str {
        &self.0[symbol.0 as usize]
    }
}

impl Symbol {
    /// A symbol for things without a name; its text is whichever came first.
    pub const NAMELESS: Symbol = Symbol(0);
}

/// The texts of a run while many workers add to them.
#[derive(Debug, Default)]
pub struct SharedSymbols(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    symbols: Mutex<Symbols>,
    /// What workers that are done have asked for, for those that come after them.
    seen: Mutex<Vec<Seen>>,
}

type Seen = FxHashMap<Box<str>, Symbol>;

impl SharedSymbols {
    pub fn new(symbols: Symbols) -> SharedSymbols {
        SharedSymbols(Arc::new(Shared { symbols: Mutex::new(symbols), ..Shared::default() }))
    }

    /// All texts, when the workers are done.
    pub fn into_inner(self) -> Symbols {
        std::mem::take(&mut *locked(&self.0.symbols))
    }

    /// The text of a symbol, copied out.
    pub fn text(&self, symbol: Symbol) -> String {
        locked(&self.0.symbols).text(symbol).to_string()
    }
}

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// One worker's window on the shared texts: asks for each text once, in however many files.
#[derive(Debug)]
pub struct Interner {
    shared: Arc<Shared>,
    seen: Seen,
}

/// Longer texts are no names: they seldom come twice.
const MOST_SEEN: usize = 40;

impl Interner {
    pub fn new(shared: &SharedSymbols) -> Interner {
        let seen = locked(&shared.0.seen).pop().unwrap_or_default();
        Interner { shared: Arc::clone(&shared.0), seen }
    }

    pub fn intern(&mut self, text: &str) -> Symbol {
        if text.len() > MOST_SEEN {
            return locked(&self.shared.symbols).intern(text);
        }
        if let Some(symbol) = self.seen.get(text) {
            return *symbol;
        }
        let symbol = locked(&self.shared.symbols).intern(text);
        self.seen.insert(text.into(), symbol);
        symbol
    }
}

impl Drop for Interner {
    fn drop(&mut self) {
        locked(&self.shared.seen).push(std::mem::take(&mut self.seen));
    }
}

/// The name that differs least, where it differs little.
pub(crate) fn nearest<'n>(wanted: &str, names: &[&'n str]) -> Option<&'n str> {
    let distance = |name: &str| {
        let (a, b): (Vec<char>, Vec<char>) = (wanted.chars().collect(), name.chars().collect());
        let mut row: Vec<usize> = (0..=b.len()).collect();
        for (i, x) in a.iter().enumerate() {
            let mut corner = i;
            row[0] = i + 1;
            for (j, y) in b.iter().enumerate() {
                let replace = corner + usize::from(x != y);
                corner = row[j + 1];
                row[j + 1] = replace.min(row[j] + 1).min(corner + 1);
            }
        }
        row[b.len()]
    };
    let (least, best) = names.iter().map(|name| (distance(name), *name)).min()?;
    (least <= 1 + wanted.len() / 3).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_agree_on_a_text() {
        let shared = SharedSymbols::default();
        let (mut one, mut two) = (Interner::new(&shared), Interner::new(&shared));
        let (a, b) = (one.intern("HashMap"), two.intern("Mutex"));
        assert_eq!(two.intern("HashMap"), a);
        assert_eq!(one.intern("Mutex"), b);
        assert_ne!(a, b);
        drop((one, two));
        assert_eq!(shared.into_inner().text(b), "Mutex");
    }
}
