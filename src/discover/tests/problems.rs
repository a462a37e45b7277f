//! Is what is wrong told clearly, with its place, and nothing of the rest lost?

use super::Tree;

/// A tree, a command line, the packages that come out all the same, and what is told.
type Case<'a> = (&'a str, &'a str, &'a str, &'a [&'a str]);

const GOOD: &str = "//- good/Cargo.toml\n[package]\nname = 'good'\n//- good/src/lib.rs\n";

fn check(cases: &[Case]) {
    for (tree, command, packages, problems) in cases {
        let seen = Tree::new(&format!("{GOOD}{tree}")).find(command);
        assert_eq!(seen.packages(), *packages, "{tree}");
        assert_eq!(seen.problems(), *problems, "{tree}");
    }
}

#[test]
fn paths_that_lead_nowhere() {
    check(&[
        ("", "good nowhere", "*good", &["error nowhere: there is no such file or folder"]),
        ("//- l -> gone\n", "good l", "*good", &["error l: a link to `gone`, where nothing is"]),
        (
            "//- x.rs/a.txt\n",
            "good x.rs",
            "*good",
            &["error x.rs: nothing to lint: no `Cargo.toml` stands here or beneath"],
        ),
        (
            "//- a.txt\n",
            "good a.txt",
            "*good",
            &["error a.txt: neither a manifest nor a Rust source file"],
        ),
        (
            "//- a.rs\n",
            "good a.rs",
            "*good",
            &["error a.rs: nothing to lint: this file belongs to no package"],
        ),
        (
            "",
            "good/src",
            "",
            &["error good/src: nothing to lint: no `Cargo.toml` stands here or beneath"],
        ),
        (
            "//- Cargo.toml\n[workspace]\n",
            ".",
            "",
            &["error : nothing to lint: no package is selected"],
        ),
        (
            "",
            "good --tests",
            "*good",
            &[
                "error good: nothing to lint: the selected packages have no target of the kinds asked for",
            ],
        ),
    ]);
}

#[test]
fn manifests_that_cannot_be_followed() {
    check(&[
        (
            "//- bad/Cargo.toml\n[package\nname = 1\n",
            ".",
            "*good",
            &[
                "error bad/Cargo.toml:1:9: this manifest cannot be understood: unclosed table, expected `]`",
            ],
        ),
        (
            "//- bad/Cargo.toml\n[package]\nname = 1\n",
            ".",
            "*good",
            &["error bad/Cargo.toml:2:8: this manifest cannot be understood: \
               invalid type: integer `1`, expected a string"],
        ),
        (
            "//- bad/Cargo.toml\n[dependencies]\n",
            ".",
            "*good",
            &["error bad/Cargo.toml: this manifest cannot be understood: \
               it has neither `[package]` nor `[workspace]`"],
        ),
        (
            "//- bad/Cargo.toml -> gone.toml\n",
            ".",
            "*good",
            &["error bad/Cargo.toml: a link to `gone.toml`, where nothing is"],
        ),
        (
            "//- bad/Cargo.toml\n[package]\nname = 'bad'\n[[bin]]\nname = 'b'\npath = 'src/b.rs'\n",
            ".",
            "*bad *good",
            &[
                "error bad/Cargo.toml:5:8: the target `b` starts in `src/b.rs`, which is not there",
                "error bad/Cargo.toml:2:8: the package `bad` has no target that can be read",
            ],
        ),
        (
            "//- bad/Cargo.toml\n[package]\nname = 'bad'\n[lib]\npath = 'src'\n//- bad/src/main.rs\n",
            ".",
            "*bad *good",
            &["error bad/Cargo.toml:4:8: the target `bad` starts in `src`, which is a folder"],
        ),
        (
            "//- bad/Cargo.toml\n[package]\nname = 'bad'\n[dependencies]\nx.workspace = true\n\
             //- bad/src/main.rs\n",
            ".",
            "*bad *good",
            &[
                "error bad/Cargo.toml:4:1: `dependencies.x` is inherited, and no workspace above sets it",
            ],
        ),
        (
            "//- bad/Cargo.toml\n[package]\nname = 'bad'\nworkspace = '../good'\n\
             //- bad/src/main.rs\n",
            ".",
            "*bad *good",
            &["error bad/Cargo.toml:3:13: `../good` is not a workspace"],
        ),
        (
            "//- Cargo.toml\n[workspace]\nmembers = ['good', 'gone']\n",
            ".",
            "*good",
            &["error Cargo.toml:2:20: the member `gone` has no `Cargo.toml`"],
        ),
        (
            "//- bad/Cargo.toml\n[package]\nname = 'bad'\n[[test]]\nname = 't'\n//- bad/src/lib.rs\n",
            ".",
            "*bad *good",
            &["note bad/Cargo.toml:4:8: the target `t` starts in `tests/t.rs`, which is not there"],
        ),
        // A package that its workspace forgot is read as if it were listed.
        (
            "//- Cargo.toml\n[workspace]\nmembers = ['good']\npackage.version = '7.0.0'\n\
             //- lost/Cargo.toml\n[package]\nname = 'lost'\nversion.workspace = true\n\
             //- lost/src/main.rs\n",
            "lost -p lost@7",
            "*lost",
            &["note lost/Cargo.toml:2:8: it inherits from a workspace above that does not list it"],
        ),
        // What is wrong with a package that was not selected costs nothing.
        (
            "//- Cargo.toml\n[workspace]\nmembers = ['good', 'bad']\n//- bad/Cargo.toml\n[package]\n",
            "good",
            "*good",
            &["note bad/Cargo.toml:1:1: this manifest cannot be understood: missing field `name`"],
        ),
        ("//- good/sub/Cargo.toml\nno toml\n", "good", "*good", &[]),
    ]);
}

#[test]
fn a_manifest_that_is_not_utf8() {
    let tree = Tree::new(GOOD);
    std::fs::create_dir(tree.path().join("bad")).unwrap();
    std::fs::write(tree.path().join("bad/Cargo.toml"), b"[package]\nname = '\xff'\n").unwrap();
    let seen = tree.find(".");
    assert_eq!(seen.packages(), "*good");
    let told = "error bad/Cargo.toml: not UTF-8: byte 18, on line 2, starts no character";
    assert_eq!(seen.problems(), [told]);
}

#[test]
fn names_that_mean_no_package() {
    check(&[
        ("", "good -p goood", "good", &["error good: no package here is called `goood`"]),
        ("", "good -p good@2", "good", &["error good: no package here is called `good@2`"]),
        (
            "",
            "good --exclude other",
            "*good",
            &[
                "error good: `--exclude` only narrows `--workspace` or a folder of packages",
                "note good: no package here is called `other`",
            ],
        ),
    ]);
    let seen = Tree::new(GOOD).find("good -p goood");
    assert_eq!(seen.problems[0].help, "did you mean `good`?");
}
