//! Which features are on?

use super::Tree;

const TREE: &str = "
//- Cargo.toml
[workspace]
members = ['web', 'admin', 'store', 'idle']
//- web/Cargo.toml
[package]
name = 'web'
[features]
default = ['json']
json = []
disk = ['dep:store', 'store/files']
weak = ['store?/files']
plain = ['extra']
[dependencies]
store = { path = '../store', optional = true, default-features = false }
extra = { version = '1', optional = true }
//- web/src/main.rs
//- admin/Cargo.toml
[package]
name = 'admin'
[dependencies]
# Linked by name, though the manifest gives a version.
kept = { version = '0.0.0', package = 'store', features = ['index'] }
//- admin/src/main.rs
//- store/Cargo.toml
[package]
name = 'store'
[features]
default = ['fast']
fast = []
files = ['inner']
inner = []
index = []
//- store/src/lib.rs
//- idle/Cargo.toml
[package]
name = 'idle'
[features]
default = ['on']
on = []
[dependencies]
store = { path = '../store', features = ['inner'] }
//- idle/src/lib.rs
";

#[test]
fn features_spread_as_cargo_resolves_them() {
    let tree = Tree::new(TREE);
    for (command, web, store) in [
        ("web", "default json", "default fast"),
        ("web --no-default-features", "", "default fast"),
        // `dep:store` keeps `store` from being a feature of its own.
        ("web --features disk", "default disk json", "files inner"),
        ("web --features weak", "default json weak", "default fast"),
        ("web --features weak,disk --no-default-features", "disk weak", "files inner"),
        ("web --features plain", "default extra json plain", "default fast"),
        ("web --features extra", "default extra json", "default fast"),
        ("web --features store/index", "default json", "index"),
        ("web --all-features", "default disk extra json plain weak", "files inner"),
        ("web admin", "default json", "default fast index"),
        // Each at once: what the one leaves off the other turns on.
        ("web admin --features web/disk", "default disk json", "default fast files index inner"),
        // What is not selected asks for nothing.
        (". -p web -p store --no-default-features", "", ""),
    ] {
        let seen = tree.find(command);
        assert_eq!(seen.enabled("web"), web, "{command}");
        assert_eq!(seen.enabled("store"), store, "{command}");
        assert_eq!(seen.enabled("idle"), "default on", "{command}");
        assert_eq!(seen.problems(), Vec::<String>::new(), "{command}");
    }
    let seen = tree.find("web");
    let features = &seen.package("web").features;
    assert_eq!(
        features.iter().cloned().collect::<Vec<_>>().join(" "),
        "default disk extra json plain weak"
    );
}

#[test]
fn what_packages_of_tests_ask_for_is_not_built_into_a_service() {
    let tree = Tree::new(
        "
//- Cargo.toml
[workspace]
members = ['web', 'store', 'web-benchmarks']
//- web/Cargo.toml
[package]
name = 'web'
[dependencies]
store = { path = '../store', features = ['index'] }
//- web/src/main.rs
//- web-benchmarks/Cargo.toml
[package]
name = 'web-benchmarks'
[features]
default = ['long']
long = []
[dependencies]
store = { path = '../store', features = ['fakes'] }
//- web-benchmarks/src/main.rs
//- store/Cargo.toml
[package]
name = 'store'
[features]
default = ['fast']
fast = []
index = []
fakes = []
//- store/src/lib.rs
",
    );
    for (command, store) in [
        (".", "default fast index"),
        ("web", "default fast index"),
        // Whoever asks for one means it.
        (". -p web-benchmarks", "default fakes fast"),
        (". --tests", "default fakes fast index"),
    ] {
        let seen = tree.find(command);
        assert_eq!(seen.enabled("store"), store, "{command}");
        assert_eq!(seen.enabled("web-benchmarks"), "default long", "{command}");
    }
}

#[test]
fn a_feature_that_nobody_has_is_told() {
    let tree = Tree::new(TREE);
    let seen = tree.find("web --features jsn");
    assert_eq!(seen.problems(), ["error : no selected package has a feature `jsn`"]);
    assert_eq!(seen.problems[0].help, "did you mean `json`?");
    assert_eq!(
        tree.find(". --features web/disk --features index").problems(),
        Vec::<String>::new()
    );
    assert_eq!(tree.find("web --features web/nothing").problems().len(), 1);
}
