//! What does a walk pass over, and what does it tell?

use super::Tree;

const SERVICE: &str = "
//- Cargo.toml
[workspace]
members = ['api']
//- api/Cargo.toml
[package]
name = 'api'
//- api/src/main.rs
//- api/deploy/service.yaml
";

#[test]
fn deploy_files_belong_to_the_nearest_package() {
    let tree = Tree::new(&format!(
        "{SERVICE}
//- docker-compose.yml
//- k8s/list.json
{{ \"apiVersion\": \"v1\", \"kind\": \"List\" }}
//- k8s/data.json
{{ \"kind\": \"data\" }}
//- package.json
//- k8s/loop -> ..
//- k8s/again.yaml -> list.json
//- k8s/gone.yaml -> nowhere
//- examples/deploy.yaml
//- api/tests/deploy.yaml
//- other/Cargo.toml
[package]
name = 'other'
//- other/src/main.rs
//- other/service.yaml
"
    ));
    for (command, deploy) in [
        (".", "api/deploy/service.yaml=api docker-compose.yml k8s/list.json"),
        ("api", "api/deploy/service.yaml=api"),
        ("other", "other/service.yaml=other"),
        // A folder that is named is read, whatever it is called.
        ("api/tests other", "other/service.yaml=other"),
    ] {
        assert_eq!(tree.find(command).deploy(), deploy, "{command}");
    }
    let told = "note k8s/gone.yaml: a link to `nowhere`, where nothing is";
    assert_eq!(tree.find(".").problems(), [told]);
}

#[test]
fn ignored_folders_are_passed_over_unless_named() {
    let package = |dir: &str| {
        let name = dir.trim_start_matches("a/");
        format!("//- {dir}/Cargo.toml\n[package]\nname = '{name}'\n//- {dir}/src/lib.rs\n")
    };
    let dirs = ["a/kept", "a/gen", "a/saved", "target", "vendor", "node_modules"];
    let mut tree: String = dirs.iter().map(|dir| package(dir)).collect();
    tree += "//- .git/\n//- .gitignore\ngen/\nsaved\n//- a/.gitignore\n!saved\n";
    let tree = Tree::new(&tree);
    for (command, packages) in [
        (".", "*kept *saved"),
        ("a", "*kept *saved"),
        ("a/gen", "*gen"),
        ("target", "*target"),
        ("vendor node_modules", "*node_modules *vendor"),
    ] {
        assert_eq!(tree.find(command).packages(), packages, "{command}");
    }
}

#[test]
fn oddities_count_where_a_selected_source_may_be_lost() {
    let tree = Tree::new(&format!(
        "{SERVICE}
//- api/src/gone.rs -> nowhere.rs
//- api/src/.#lock.rs -> someone@host
//- api/src/folder.rs/inner.txt
//- api/notes/gone.rs -> nowhere.rs
//- gone.rs -> nowhere.rs
//- api/src/up -> ../..
"
    ));
    let seen = tree.find(".");
    assert_eq!(seen.packages(), "*api");
    assert_eq!(
        seen.problems(),
        [
            "note api/notes/gone.rs: a link to `nowhere.rs`, where nothing is",
            "note api/src/folder.rs: a folder, though its name ends in `.rs`; \
             it is not read as a source file",
            "error api/src/gone.rs: a link to `nowhere.rs`, where nothing is",
            "note gone.rs: a link to `nowhere.rs`, where nothing is",
        ]
    );
}
