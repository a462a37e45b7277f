//! Which of several configurations is in force?

use crate::services::SHOP;
use crate::{KV, findings, lint, problems, tree, with};

#[test]
fn manifests_may_hold_it_and_the_nearest_wins_alone() {
    let client = "\"shop::kv::Client\" = \"backing-service\"\n";
    let in_manifest = |keys: &str| {
        let table = format!("[{keys}.metadata.twelve-lint.types]\n{client}//- src/kv.rs");
        SHOP.replacen("//- src/kv.rs", &table, 1)
    };
    for keys in ["package", "workspace"] {
        let folder = tree(&in_manifest(keys));
        let report = lint(folder.path());
        assert_eq!((findings(&report), problems(&report)), (vec![], vec![]), "{keys}");

        let (found, wrong) = with(&in_manifest(keys), "");
        let note = format!(
            "note Cargo.toml:12:1: `[{keys}.metadata.twelve-lint]` is not in force: a nearer \
             configuration is; configurations are not merged: move what is still wanted into the \
             nearer one, a `twelve-lint.toml` or the package's own table"
        );
        assert_eq!(found, [KV]);
        assert!(wrong.len() == 1 && wrong[0].starts_with("note Cargo.toml:"), "{wrong:#?}");
        assert_eq!(
            wrong[0].split_once(": "),
            note.split_once(": ")
                .map(|(_, b)| { (wrong[0].split_once(": ").expect("it has a place").0, b) })
        );
    }

    let both = in_manifest("package").replacen(
        "//- src/kv.rs",
        "[workspace.metadata.twelve-lint.types]\n\"no::Such\" = \"cache\"\n//- src/kv.rs",
        1,
    );
    let report = lint(tree(&both).path());
    assert_eq!(findings(&report), Vec::<String>::new());
    assert_eq!(problems(&report).len(), 1, "{:#?}", problems(&report));

    let bad = in_manifest("package").replace("\"backing-service\"", "\"backing\"");
    let wrong = problems(&lint(tree(&bad).path()));
    assert!(wrong[0].contains("Cargo.toml:") && wrong[0].contains("did you mean"), "{wrong:#?}");
}

#[test]
fn a_file_nearer_to_a_package_wins_over_one_further_up() {
    let folder = tree(
        &[
            "//- Cargo.toml\n[workspace]\nmembers = [\"shop\"]\n",
            "//- twelve-lint.toml\n[types]\n\"no::Such\" = \"cache\"\n",
            &SHOP.replace("//- ", "//- shop/"),
            "//- shop/twelve-lint.toml\n[types]\n\"shop::kv::Client\" = \"backing-service\"\n",
        ]
        .join("\n"),
    );
    let report = lint(folder.path());
    assert_eq!((findings(&report), problems(&report)), (vec![], vec![]));
}

#[test]
fn two_files_that_differ_are_told() {
    let one = SHOP.replace("//- ", "//- one/");
    let two = SHOP.replace("//- ", "//- two/").replace("name = \"shop\"", "name = \"bazaar\"");
    let says = |word: &str| format!("[types]\n\"our_cache::Store\" = \"{word}\"\n");
    let folder = tree(
        &[
            "//- Cargo.toml\n[workspace]\nmembers = [\"one\", \"two\"]\n",
            &one,
            &two,
            "//- one/twelve-lint.toml\n",
            &says("cache"),
            "//- two/twelve-lint.toml\n",
            &says("value"),
        ]
        .join("\n"),
    );
    let wrong = problems(&lint(folder.path()));
    assert_eq!(wrong.len(), 1, "{wrong:#?}");
    assert!(wrong[0].contains("`our_cache::Store` is described twice"), "{wrong:#?}");
}
