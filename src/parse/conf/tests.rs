//! Do the places, the merges and the bounds hold?

use super::*;
use crate::source::Sources;

fn read(text: &str) -> (Vec<Document>, Vec<Problem>, Sources) {
    let mut sources = Sources::default();
    let file = sources.add("/deploy/x.yaml".into(), text.into());
    let catalog = crate::catalog::Catalog::builtin().unwrap();
    let (documents, problems) =
        super::read(file, sources.get(file), "deploy/x.yaml", &catalog.formats);
    (documents, problems, sources)
}

const HEAD: &str = "apiVersion: v1\nkind: Service\n";

#[test]
fn keys_stand_where_they_are_written() {
    let texts = [
        format!("{HEAD}spec:\n  sessionAffinity: ClientIP\n"),
        format!("{HEAD}spec:\r\n  sessionAffinity: ClientIP\r\n").replace('\n', "\r\n"),
        format!("\u{feff}# größer\n{HEAD}spec: {{sessionAffinity: ClientIP}}\n"),
        format!("%YAML 1.2\n---\n{HEAD}metadata: !Ref x\nspec:\n  \"sessionAffinity\": 'ClientIP'\n"),
        format!("{HEAD}# {}\nspec: {{ sessionAffinity: !!str ClientIP }}", "ü€😀".repeat(90)),
        "{\"apiVersion\": \"v1\", \"kind\": \"Service\",\n\t\"spec\": {\"sessionAffinity\": \"ClientIP\"}}"
            .to_string(),
        format!("{HEAD}spec:\n  sessionAffinity: None\n  sessionAffinity: ClientIP\n"),
        format!("{HEAD}metadata:\n  finalizers: [\n    \"ä\",\n  ]\nspec:\n  sessionAffinity: ClientIP\n"),
        format!("---\nä: 'ö'\n---\n{HEAD}spec:\n  sessionAffinity: ClientIP\n...\n"),
    ];
    for text in texts {
        let (documents, problems, sources) = read(&text);
        assert_eq!(problems, [], "{text}");
        let root = &documents.last().unwrap_or_else(|| panic!("{text}")).root;
        let spec = root.at(&["spec"]).unwrap_or_else(|| panic!("{text}: {root:?}"));
        let (key, value) = spec.entry("sessionAffinity").unwrap_or_else(|| panic!("{text}"));
        assert_eq!(value.text(), Some("ClientIP"), "{text}");
        assert_eq!(sources.text(key.span).trim_matches('"'), "sessionAffinity", "{text}");
        // The last one, where there are two.
        assert_eq!(key.span.start as usize, text.rfind(sources.text(key.span)).unwrap(), "{text}");
    }
}

#[test]
fn a_broken_document_does_not_hide_the_others() {
    let text = format!("{HEAD}a: 1\n---\n{HEAD}b: [1, 2\nc: }}\n--- # third\n{HEAD}d: 4\n");
    let (documents, problems, sources) = read(&text);
    assert_eq!(documents.len(), 2);
    assert_eq!(documents[1].root.at(&["d"]).and_then(Node::text), Some("4"));
    let [problem] = &problems[..] else { panic!("{problems:?}") };
    assert_eq!((problem.kind, problem.severity), (ProblemKind::Parse, Severity::Error));
    let at = problem.at.unwrap();
    let line = sources.get(at.file).place(at.start).line;
    assert!((6..=8).contains(&line), "{line}: {problem:?}");
}

#[test]
fn only_deploy_files_have_problems() {
    let broken =
        ["a: [1\n", "openapi: 3\nservices: [\n", "  apiVersion: x\n  kind: [\n", "[1, 2", ""];
    for text in broken {
        let (documents, problems, _) = read(text);
        assert!(documents.is_empty() && problems.is_empty(), "{text}: {problems:?}");
    }
    let template = format!("{HEAD}{{{{- if .Values.on }}}}\nspec: {{{{ .Values.spec }}}}\n");
    let (documents, problems, _) = read(&template);
    assert!(documents.len() == 1 && problems.is_empty(), "{problems:?}");
    let template = format!("{HEAD}spec: [{{{{ range .Values.on }}}}{{{{ . }}}}{{{{ end }}}}\n");
    let (_, problems, _) = read(&template);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].severity, Severity::Note);
    let (documents, problems, _) = read("services:\n  web:\n    image: a\n    x: [1\n");
    assert!(documents.is_empty());
    assert_eq!(problems[0].severity, Severity::Error);
}

#[test]
fn documents_in_which_nothing_matters_are_passed_over() {
    let role = "apiVersion: v1\nkind: Role\nmetadata: {name: a}\n";
    let (documents, problems, _) = read(&format!("{role}rules: [\n---\n{HEAD}spec: {{}}\n"));
    assert_eq!((documents.len(), problems.len()), (1, 0), "{problems:?}");
    // A comment may speak of any of them.
    let (documents, ..) = read(&format!("# twelve-lint: x\n{role}---\n{HEAD}spec: {{}}\n"));
    assert_eq!(documents.len(), 2);
}

#[test]
fn merges_and_aliases_are_put_in() {
    let text = "x-one: &one {a: 1, b: 1, c: 1}\nx-two: &two {b: 2, c: 2, d: 2}\nservices:\n  \
                web:\n    image: &image app\n    c: 3\n    <<: [*one, *two]\n    \"<<\": kept\n    \
                e: *image\n";
    let (documents, problems, sources) = read(text);
    assert_eq!(problems, []);
    let web = documents[0].root.at(&["services", "web"]).unwrap();
    let wanted = [("a", "1"), ("b", "1"), ("c", "3"), ("d", "2"), ("<<", "kept"), ("e", "app")];
    for (key, value) in wanted {
        assert_eq!(web.at(&[key]).and_then(Node::text), Some(value), "{key}");
    }
    assert_eq!(web.pairs().len(), wanted.len() + 1);
    let (key, _) = web.entry("a").unwrap();
    assert_eq!(sources.get(key.span.file).place(key.span.start).line, 1);
}

#[test]
fn hostile_texts_are_refused_in_bounds() {
    let mut laughs = format!("{HEAD}a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for i in 1..12 {
        let item = format!("*a{}", i - 1);
        laughs += &format!("a{i}: &a{i} [{}]\n", [&*item; 10].join(", "));
    }
    let deep = format!("{HEAD}a: {}{}\n", "[".repeat(10_000), "]".repeat(10_000));
    let braces = format!("{HEAD}a: {}", "{a: ".repeat(10_000));
    let dashes = format!("{HEAD}a:\n  {}x\n", "- ".repeat(10_000));
    let circle = format!("{HEAD}a: &a [1, *a]\n");
    let unknown = format!("{HEAD}a: *nowhere\n");
    let mut chain = format!("{HEAD}a0: &a0 [x]\n");
    for i in 1..200 {
        chain += &format!("a{i}: &a{i} [*a{}]\n", i - 1);
    }
    for text in [laughs, deep, braces, dashes, circle, unknown, chain] {
        let (documents, problems, _) = read(&text);
        assert!(documents.is_empty(), "{:.60}", text);
        assert_eq!(problems.len(), 1, "{:.60}", text);
        assert_eq!(problems[0].severity, Severity::Error, "{problems:?}");
    }
}

#[test]
fn a_text_cut_anywhere_is_read_as_far_as_it_goes() {
    let text = format!(
        "\u{feff}%YAML 1.2\n---\n{HEAD}metadata: &m\r\n  name: \"größe\\n\"\n  labels: {{a: 'b', ? c : !!str d}}\n\
         spec:\n  - |\n    sessionAffinity: €\n  - >-\n    x\n  - <<: *m\n    k: [~, 1]\n\
         ---\n{HEAD}😀: {{\"apiVersion\": [\"😀\", {{}}]}}\n...\n"
    );
    let (mut whole, mut failed) = (0, 0);
    for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
        let both = [text[..at].to_string(), format!("{HEAD}{}", &text[at..])];
        for cut in both {
            let (documents, problems, sources) = read(&cut);
            failed += problems.len();
            let mut nodes: Vec<&Node> = documents.iter().map(|document| &document.root).collect();
            while let Some(node) = nodes.pop() {
                let range = node.span.start as usize..node.span.end as usize;
                assert!(cut.get(range.clone()).is_some(), "{range:?} of {cut:?}");
                whole += 1;
                match &node.kind {
                    Kind::Map(pairs) | Kind::Block(pairs) => {
                        nodes.extend(pairs.iter().flat_map(|(k, v)| [k, v]))
                    }
                    Kind::List(items) => nodes.extend(items),
                    Kind::Scalar { .. } => {}
                }
            }
            for at in problems.iter().filter_map(|problem| problem.at) {
                assert!(at.end as usize <= cut.len(), "{at:?} of {cut:?}");
                assert_eq!(sources.text(at).is_empty(), at.start == at.end, "{at:?} of {cut:?}");
            }
        }
    }
    assert!(whole > 1000 && failed > 100, "{whole} values, {failed} problems");
}
