//! Does each form go where it should, and does nothing get lost on the way?

use std::fs::{read_to_string, write};

use tempfile::TempDir;

use crate::{json, root, run};

#[test]
fn several_forms_at_once_each_with_its_file() {
    let folder = root().join("fixtures/in_process_session/bad");
    let files = TempDir::new().expect("a temporary folder");
    let file = |name: &str| files.path().join(name).display().to_string();
    let names = [
        "short",
        "json",
        "json-lines",
        "cargo",
        "sarif",
        "github",
        "markdown",
        "gitlab",
        "junit",
        "rdjson",
    ];
    let mut args = vec!["--format".to_owned(), "human".to_owned()];
    for name in names {
        args.extend(["--format".to_owned(), format!("{name}={}", file(name))]);
    }
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (status, out, err) = run(&folder, &args, &[]);
    assert_eq!((status, &*err), (1, ""));
    let (_, alone, _) = run(&folder, &[], &[]);
    assert_eq!(out, alone);
    for name in names {
        let (status, printed, err) = run(&folder, &["--format", name], &[]);
        assert_eq!(status, 1, "{name}");
        assert_eq!(read_to_string(file(name)).expect("it was written"), printed, "{name}");
        let says_it = ["short", "github", "markdown"].contains(&name);
        assert_eq!(printed.contains("exit status 1"), says_it, "{name}: {printed}");
        assert_eq!(
            err.contains("exit status 1: 2 findings of level error"),
            !says_it,
            "{name}: {err}"
        );
        let (_, again, _) = run(&folder, &["--format", name], &[]);
        assert_eq!(again, printed, "{name}: the same bytes each time");
    }
    let (status, out, err) = run(&folder, &["--format", &format!("json={}", file("alone"))], &[]);
    assert!(status == 1 && out.is_empty() && err.starts_with("exit status 1"), "{out}{err}");
    assert_eq!(json(&read_to_string(file("alone")).expect("it was written"))["version"], 1);
}

#[test]
fn calls_that_cannot_be_followed_say_what_to_do() {
    let folder = root().join("fixtures/in_process_session/bad");
    for (args, told) in [
        (&["--format", "human", "--format", "json"][..], "as in `--format json=FILE`"),
        (&["--format", "json=a.json", "--format", "sarif=a.json"], "a file of its own"),
        (&["--format", "yaml"], "json-lines"),
        (&["--format", "sarif="], "invalid value 'sarif='"),
        (&["--path-base", "no/such/folder"], "is no folder"),
        (&["--message-format", "json", "--format", "json"], "cannot be used with"),
    ] {
        let (status, out, err) = run(&folder, args, &[]);
        assert_eq!((status, &*out), (2, ""), "{args:?}: {err}");
        assert!(err.starts_with("error: ") && err.contains(told), "{args:?}: {err}");
    }
    let (status, out, err) =
        run(&folder, &["--format=human", "--format=json=no/such/folder/x"], &[]);
    assert!(status == 2 && out.contains("[in_process_session]"), "the rest is told: {out}");
    assert!(err.contains("cannot write `no/such/folder/x`"), "{err}");
    assert!(err.contains("help: create its folder first"), "{err}");
}

#[test]
fn a_github_job_gets_its_summary() {
    let folder = root().join("fixtures/in_process_session/bad");
    let files = TempDir::new().expect("a temporary folder");
    let page = files.path().join("summary.md");
    write(&page, "# Before\n").expect("a page");
    let shown = page.display().to_string();
    let vars = [
        ("GITHUB_STEP_SUMMARY", &*shown),
        ("GITHUB_SERVER_URL", "https://github.com"),
        ("GITHUB_REPOSITORY", "us/shop"),
        ("GITHUB_SHA", "0123abc"),
    ];
    let (status, _, _) = run(&folder, &["--format", "github"], &vars);
    assert_eq!(status, 1);
    let text = read_to_string(&page).expect("a page");
    assert!(text.starts_with("# Before\n## VI Processes: 2 findings\n"), "{text}");
    assert!(text.contains("](https://github.com/us/shop/blob/0123abc/"), "{text}");
    let (_, printed, _) = run(&folder, &["--format", "markdown"], &vars);
    assert_eq!(text, format!("# Before\n{printed}"), "the form by itself is the same page");
    let (_, _, _) = run(&folder, &["--format", "human"], &vars);
    assert_eq!(
        read_to_string(&page).expect("a page"),
        text,
        "only where annotations are asked for"
    );
    // A page that would break the limit of the job is told in numbers.
    write(&page, "x".repeat((1 << 20) - 600)).expect("a page");
    run(&folder, &["--format", "github"], &vars);
    let text = read_to_string(&page).expect("a page");
    assert!(text.ends_with("| `in_process_session` | 1 |\n| `sticky_session` | 1 |\n"));
    let missing = [("GITHUB_STEP_SUMMARY", "no/such/folder/page.md")];
    let (status, _, err) = run(&folder, &["--format", "github"], &missing);
    assert!(status == 2 && err.contains("cannot write `no/such/folder/page.md`"), "{err}");
}
