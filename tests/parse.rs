//! Is every text of this package read, with places that lie in it?

use std::path::Path;

use twelve_lint::catalog::Catalog;
use twelve_lint::parse;
use twelve_lint::source::{FileId, Lines};
use twelve_lint::symbol::{Interner, SharedSymbols};

#[test]
fn this_package_parses() {
    let catalog = Catalog::builtin().expect("the catalogue is read");
    let mut names = Interner::new(&SharedSymbols::default());
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("a text");
                let lines = Lines::of(&text);
                let facts = parse::file(
                    FileId(0),
                    &path,
                    &text,
                    &lines,
                    catalog,
                    &mut names,
                    &Default::default(),
                );
                assert!(facts.problems.is_empty(), "{path:?}: {:?}", facts.problems);
                let exprs = facts.exprs.iter().map(|expr| expr.at);
                for at in exprs.chain(facts.types.iter().map(|ty| ty.at)) {
                    let said = text.get(at.start as usize..at.end as usize);
                    assert!(said.is_some(), "{path:?}: {at:?}");
                }
                files += 1;
            }
        }
    }
    assert!(files > 20, "{files}");
}
