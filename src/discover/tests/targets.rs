//! Which targets has a package, and what does it depend on?

use super::Tree;
use crate::discover::DependencyKind::{Build, Dev, Normal};

/// The files that cargo infers targets from.
const FILES: &str = "
//- src/lib.rs
//- src/main.rs
//- src/bin/one.rs
//- src/bin/two/main.rs
//- src/bin/two/helper.rs
//- src/bin/none/other.rs
//- src/bin/.hidden.rs
//- examples/show.rs
//- examples/big/main.rs
//- tests/api.rs
//- tests/common/mod.rs
//- benches/speed.rs
//- build.rs
";

#[test]
fn targets_are_cargos() {
    for (manifest, targets) in [
        (
            "edition = '2021'",
            "*lib:my_shop=src/lib.rs *bin:my-shop=src/main.rs *bin:one=src/bin/one.rs \
             *bin:two=src/bin/two/main.rs example:big=examples/big/main.rs \
             example:show=examples/show.rs test:api=tests/api.rs bench:speed=benches/speed.rs \
             buildscript:build-script-build=build.rs",
        ),
        (
            // As crates.io normalises it.
            "edition = '2021'\nbuild = false\nautolib = false\nautobins = false\n\
             autoexamples = false\nautotests = false\nautobenches = false\n\
             [lib]\nname = 'core'\npath = 'src/lib.rs'\n\
             [[bin]]\nname = 'serve'\npath = 'src/main.rs'",
            "*lib:core=src/lib.rs *bin:serve=src/main.rs",
        ),
        (
            // An explicit target hides what would be inferred of its name or its file.
            "edition = '2021'\nautotests = false\nautobenches = false\nautoexamples = false\n\
             build = 'src/lib.rs'\n[[bin]]\nname = 'two'\n[[bin]]\nname = 'x'\npath = 'src/main.rs'",
            "*lib:my_shop=src/lib.rs *bin:one=src/bin/one.rs *bin:two=src/bin/two/main.rs \
             *bin:x=src/main.rs buildscript:build-script-lib=src/lib.rs",
        ),
        (
            // In 2015 a table of binaries turns their inference off, and lib.rs may be elsewhere.
            "autotests = false\nautobenches = false\nautoexamples = false\nbuild = false\n\
             [[bin]]\nname = 'my-shop'",
            "*lib:my_shop=src/lib.rs *bin:my-shop=src/main.rs",
        ),
    ] {
        let tree = format!("//- Cargo.toml\n[package]\nname = 'my-shop'\n{manifest}\n{FILES}");
        let seen = Tree::new(&tree).find(".");
        assert_eq!(seen.targets("my-shop"), targets, "{manifest}");
        assert_eq!(seen.problems(), Vec::<String>::new(), "{manifest}");
    }
}

#[test]
fn target_kinds_are_selected_as_asked() {
    let tree = Tree::new(
        "//- Cargo.toml
        [package]
        name = 'app'
        edition = '2024'
        [features]
        admin = []
        [[bin]]
        name = 'admin'
        required-features = ['admin']
        edition = '2018'
        //- src/lib.rs
        //- src/main.rs
        //- src/bin/admin.rs
        //- examples/e.rs
        //- tests/t.rs",
    );
    for (command, selected) in [
        (".", "lib bin"),
        (". --features admin", "lib bin bin"),
        (". --bins --all-features", "bin bin"),
        (". --lib --tests", "lib test"),
        (". --lib --bins --examples --tests --features app/admin", "lib bin bin example test"),
    ] {
        let seen = tree.find(command);
        let targets = seen.package("app").targets.iter().filter(|target| target.selected);
        let kinds: Vec<_> =
            targets.map(|target| format!("{:?}", target.kind).to_lowercase()).collect();
        assert_eq!(kinds.join(" "), selected, "{command}");
    }
    let editions =
        tree.find(".").package("app").targets.iter().map(|t| t.edition).collect::<Vec<_>>();
    assert_eq!(editions, [2024, 2018, 2024, 2024, 2024]);
}

#[test]
fn a_package_without_another_program_has_the_features_of_those_that_ask_for_them() {
    let tree = Tree::new(
        "//- Cargo.toml
        [package]
        name = 'app'
        [features]
        cli = ['color']
        color = []
        [[bin]]
        name = 'serve'
        path = 'bin/serve.rs'
        required-features = ['cli']
        //- src/lib.rs
        //- bin/serve.rs",
    );
    for (command, selected, enabled) in [
        (".", "*lib:app=src/lib.rs *bin:serve=bin/serve.rs", "cli color"),
        // Who says which features are on has the last word.
        (". --no-default-features", "*lib:app=src/lib.rs bin:serve=bin/serve.rs", ""),
        (". --features color", "*lib:app=src/lib.rs bin:serve=bin/serve.rs", "color"),
        (". --lib", "*lib:app=src/lib.rs bin:serve=bin/serve.rs", ""),
    ] {
        let seen = tree.find(command);
        assert_eq!(
            (&*seen.targets("app"), &*seen.enabled("app")),
            (selected, enabled),
            "{command}"
        );
    }
}

#[test]
fn dependencies_carry_both_names_and_what_they_inherit() {
    let tree = Tree::new(
        "//- Cargo.toml
        [workspace]
        members = ['app', 'shop-core']
        [workspace.package]
        version = '3.1.0'
        edition = '2021'
        [workspace.dependencies]
        core = { package = 'shop-core', path = 'shop-core', features = ['a'], default-features = false }
        plain = { version = '1', default_features = false }
        //- app/Cargo.toml
        [package]
        name = 'app'
        version.workspace = true
        edition.workspace = true
        [dependencies]
        core = { workspace = true, features = ['b'], default-features = true, optional = true }
        plain.workspace = true
        [dev-dependencies]
        core.workspace = true
        [target.'cfg(unix)'.build-dependencies]
        un-ix = { version = '1', package = 'nix' }
        //- app/src/main.rs
        //- shop-core/Cargo.toml
        [package]
        name = 'shop-core'
        //- shop-core/src/lib.rs",
    );
    let seen = tree.find("app");
    let app = seen.package("app");
    assert_eq!((app.version.as_str(), app.targets[0].edition), ("3.1.0", 2021));
    let line = |d: &crate::discover::Dependency| {
        (
            d.name.clone(),
            d.package.clone(),
            d.kind,
            d.features.join(" "),
            d.default_features,
            d.optional,
        )
    };
    let expected = [
        ("core", "shop-core", Normal, "a b", true, true),
        ("plain", "plain", Normal, "", false, false),
        ("core", "shop-core", Dev, "a", false, false),
        ("un_ix", "nix", Build, "", true, false),
    ];
    let expected = expected.map(|(n, p, k, f, d, o)| (n.into(), p.into(), k, f.into(), d, o));
    assert_eq!(app.dependencies.iter().map(line).collect::<Vec<_>>(), expected);
    assert_eq!(seen.packages(), "*app shop-core");
}
