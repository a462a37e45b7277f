//! Which files, before and after? As texts that people can read.

/// A file before its fixes, and after them.
pub(crate) struct Case {
    pub(crate) title: String,
    pub(crate) name: String,
    pub(crate) before: String,
    pub(crate) after: String,
}

/// The cases of a file: `=== title | name`, the text before, and behind `--->` the one after. `\r`
/// at the end of a line is a carriage return.
pub(crate) fn all(file: &str) -> Vec<Case> {
    let path = format!("{}/tests/fixes/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("it is there").replace("\\r\n", "\r\n");
    let mut cases = Vec::new();
    for part in text.split("=== ").skip(1) {
        let (head, body) = part.split_once('\n').expect("a line with a title");
        let (title, name) = head.split_once(" | ").expect("a title and a name");
        let (before, after) = body.split_once("--->\n").unwrap_or((body, ""));
        let [title, name, before, after] = [title, name, before, after].map(String::from);
        cases.push(Case { title, name, before, after });
    }
    assert!(cases.len() > 5, "{file}");
    cases
}
