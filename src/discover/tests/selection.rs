//! Which packages are selected, and which only loaded?

use super::Tree;

/// A virtual workspace of two services over one library, an excluded tool, an example beside them.
const SHOP: &str = "
//- Cargo.toml
[workspace]
members = ['crates/*']
exclude = ['crates/tool', 'old*']
//- crates/web/Cargo.toml
[package]
name = 'web'
version = '0.1.0'
[dependencies]
store = { path = '../../store' }
outer = { path = '../../../outer/lib' }
//- crates/web/src/main.rs
//- crates/worker/Cargo.toml
[package]
name = 'worker'
version = '1.2.3'
//- crates/worker/src/main.rs
//- crates/tool/Cargo.toml
[package]
name = 'tool'
//- crates/tool/src/main.rs
//- crates/empty/
//- store/Cargo.toml
[package]
name = 'store'
//- store/src/lib.rs
//- store/examples/demo/Cargo.toml
[package]
name = 'demo'
//- store/examples/demo/src/main.rs
//- oldest/Cargo.toml
[package]
name = 'oldest'
//- oldest/src/main.rs
";

#[test]
fn a_workspace_is_selected_as_cargo_does() {
    let tree = Tree::new(SHOP);
    for (command, packages, not_selected) in [
        // `store` is a member because a member depends on it by path.
        (".", "*store *web *worker", "crates/tool oldest store/examples/demo"),
        ("Cargo.toml", "*store *web *worker", "crates/tool oldest store/examples/demo"),
        (
            "--manifest-path Cargo.toml -p web",
            "store *web worker",
            "crates/tool oldest store/examples/demo",
        ),
        (". -p w*", "store *web *worker", "crates/tool oldest store/examples/demo"),
        (". -p worker@1.2", "store web *worker", "crates/tool oldest store/examples/demo"),
        (
            ". -p path+file://ROOT/crates/web#0.1.0",
            "store *web worker",
            "crates/tool oldest store/examples/demo",
        ),
        (
            ". -p path+file://ROOT/store#store@0.0.0",
            "*store web worker",
            "crates/tool oldest store/examples/demo",
        ),
        (
            ". --workspace --exclude web",
            "*store web *worker",
            "crates/tool crates/web oldest store/examples/demo",
        ),
        // A member alone: the whole workspace is loaded, one package is reported.
        ("crates/web", "store *web worker", ""),
        ("crates/web/src/main.rs", "store *web worker", ""),
        ("crates/web --workspace", "*store *web *worker", ""),
        ("crates/web crates/worker", "store *web *worker", ""),
        ("store", "*store web worker", "store/examples/demo"),
        // What the workspace excludes, and what it does not list, stands alone.
        ("crates/tool", "*tool", ""),
        ("store/examples/demo", "*demo", ""),
        // A folder without a manifest selects every package beneath it.
        ("crates", "store *tool *web *worker", ""),
        ("store/examples", "*demo", ""),
        ("crates --exclude t*", "store tool *web *worker", ""),
    ] {
        let seen = tree.find(command);
        assert_eq!(seen.packages(), packages, "{command}");
        let left =
            seen.project.not_selected.iter().map(|path| path.trim_end_matches("/Cargo.toml"));
        assert_eq!(left.collect::<Vec<_>>().join(" "), not_selected, "{command}");
        assert_eq!(seen.problems(), Vec::<String>::new(), "{command}");
    }
}

#[test]
fn a_member_may_lie_behind_the_workspace_of_somebody_else() {
    let tree = Tree::new(
        "//- Cargo.toml
        [workspace]
        members = ['tools/made/*']
        dependencies.serde = '1'
        //- tools/Cargo.toml
        [package]
        name = 'maker'
        [workspace]
        //- tools/src/main.rs
        //- tools/made/a/Cargo.toml
        [package]
        name = 'a'
        [dependencies]
        serde.workspace = true
        //- tools/made/a/src/lib.rs",
    );
    let seen = tree.find(".");
    assert_eq!((seen.packages(), seen.problems()), ("*a".into(), Vec::new()));
    assert_eq!(tree.find("tools/made/a").problems(), Vec::<String>::new());
    assert_eq!(tree.find("tools").packages(), "*maker");
}

#[test]
fn a_root_package_is_selected_without_its_members() {
    let tree = Tree::new(
        "//- Cargo.toml
        [package]
        name = 'app'
        [workspace]
        members = ['lib']
        //- src/main.rs
        //- lib/Cargo.toml
        [package]
        name = 'lib'
        //- lib/src/lib.rs
        //- nested/Cargo.toml
        [workspace]
        members = ['deep']
        //- nested/deep/Cargo.toml
        [package]
        name = 'deep'
        //- nested/deep/src/lib.rs
        //- far/Cargo.toml
        [package]
        name = 'far'
        workspace = '../nested'
        //- far/src/lib.rs",
    );
    let seen = tree.find(".");
    assert_eq!(seen.packages(), "*app lib");
    let beneath = ["far/Cargo.toml", "lib/Cargo.toml", "nested/deep/Cargo.toml"];
    assert_eq!(seen.project.not_selected, beneath);
    assert_eq!(tree.find(". --workspace").packages(), "*app *lib");
    assert_eq!(tree.find("lib").packages(), "app *lib");
    assert_eq!(tree.find("nested/deep").project.root, tree.path().join("nested"));
    assert_eq!(tree.find("far").packages(), "deep *far");
}

#[test]
fn default_members_are_what_the_root_selects() {
    let tree = Tree::new(
        "//- Cargo.toml
        [workspace]
        members = ['svc/**']
        default-members = ['svc/a']
        //- svc/a/Cargo.toml
        [package]
        name = 'a'
        //- svc/a/src/lib.rs
        //- svc/more/b/Cargo.toml
        [package]
        name = 'b'
        //- svc/more/b/src/lib.rs",
    );
    assert_eq!(tree.find(".").packages(), "*a b");
    assert_eq!(tree.find(".").project.not_selected, ["svc/more/b/Cargo.toml"]);
    assert_eq!(tree.find(". --workspace").packages(), "*a *b");
    assert_eq!(tree.find(". -p b").packages(), "a *b");
}

#[test]
fn what_default_members_are_made_of_is_selected_with_them() {
    let tree = Tree::new(
        "//- Cargo.toml
        [workspace]
        members = ['cli', 'handlers', 'storage', 'tool', 'testing']
        default-members = ['cli']
        [workspace.dependencies]
        storage = { path = 'storage' }
        //- cli/Cargo.toml
        [package]
        name = 'cli'
        [dependencies]
        handlers = { path = '../handlers' }
        [dev-dependencies]
        testing = { path = '../testing' }
        //- cli/src/main.rs
        //- handlers/Cargo.toml
        [package]
        name = 'handlers'
        [dependencies]
        storage.workspace = true
        //- handlers/src/lib.rs
        //- storage/Cargo.toml
        [package]
        name = 'storage'
        //- storage/src/lib.rs
        //- testing/Cargo.toml
        [package]
        name = 'testing'
        //- testing/src/lib.rs
        //- tool/Cargo.toml
        [package]
        name = 'tool'
        //- tool/src/main.rs",
    );
    let seen = tree.find(".");
    assert_eq!(seen.packages(), "*cli *handlers *storage testing tool");
    assert_eq!(seen.project.not_selected, ["testing/Cargo.toml", "tool/Cargo.toml"]);
    assert_eq!(tree.find("cli").packages(), "*cli handlers storage testing tool");
    assert_eq!(tree.find(". -p cli").packages(), "*cli handlers storage testing tool");
}

#[test]
fn packages_beneath_tests_are_for_tests_unless_they_are_named() {
    let tree = Tree::new(
        "//- Cargo.toml
        [workspace]
        members = ['shop', 'speed-test', 'e2e', 'crates/*', 'tests/load', 'example']
        //- shop/Cargo.toml
        [package]
        name = 'shop'
        //- shop/src/main.rs
        //- speed-test/Cargo.toml
        [package]
        name = 'speed-test'
        //- speed-test/src/main.rs
        //- e2e/Cargo.toml
        [package]
        name = 'whole'
        //- e2e/src/main.rs
        //- example/Cargo.toml
        [package]
        name = 'orders'
        //- example/src/main.rs
        //- crates/shop-integration-tests/Cargo.toml
        [package]
        name = 'shop-integration-tests'
        //- crates/shop-integration-tests/src/main.rs
        //- crates/mock-bank/Cargo.toml
        [package]
        name = 'mock-bank'
        //- crates/mock-bank/src/main.rs
        //- crates/test-support/Cargo.toml
        [package]
        name = 'test-support'
        //- crates/test-support/src/lib.rs
        //- tests/load/Cargo.toml
        [package]
        name = 'load'
        //- tests/load/src/main.rs",
    );
    let aside = |arguments: &str| {
        let project = tree.find(arguments).project;
        let aside = project.packages.iter().filter(|package| package.aside);
        aside.map(|package| package.name.clone()).collect::<Vec<_>>()
    };
    let crates = ["mock-bank", "orders", "shop-integration-tests", "test-support", "whole"];
    assert_eq!(aside("."), [&["load"][..], &crates].concat());
    assert_eq!(aside("tests/load"), crates);
    assert_eq!(aside(". -p load"), crates);
    assert_eq!(
        aside("crates/shop-integration-tests"),
        ["load", "mock-bank", "orders", "test-support", "whole"]
    );
    let told = tree.find(".").problems;
    let told: Vec<&str> = told.iter().map(|problem| problem.message.as_str()).collect();
    let expected = "taken for programs of tests or examples, by their names: mock-bank, \
                    shop-integration-tests, whole, orders, load";
    assert_eq!(told, [expected]);
}

#[test]
fn path_dependencies_outside_the_workspace_are_loaded() {
    let tree = Tree::new(
        "//- app/Cargo.toml
        [package]
        name = 'app'
        [target.'cfg(unix)'.dependencies]
        near = { path = '../near' }
        [patch.crates-io]
        patched = { path = '../patched' }
        //- app/src/main.rs
        //- near/Cargo.toml
        [package]
        name = 'near'
        [dependencies]
        app = { path = '../app' }
        //- near/src/lib.rs
        //- patched/Cargo.toml
        [package]
        name = 'patched'
        //- patched/src/lib.rs",
    );
    assert_eq!(tree.find("app").packages(), "*app near patched");
    assert_eq!(tree.find(".").packages(), "*app *near *patched");
    assert_eq!(tree.find("app").project.root, tree.path().join("app"));
}
