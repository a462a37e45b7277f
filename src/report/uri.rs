//! How is a path written in a URI?

use std::fmt::Write as _;
use std::path::Path;

/// Escapes a path with `/` as cargo and browsers do: what has a meaning of its own in a URI, blanks,
/// control characters, and everything that is not ASCII.
pub(super) fn escaped(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        let plain = byte.is_ascii_graphic() && !br##""#%<>?\`{}"##.contains(&byte);
        if plain {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The `file:` URL of an absolute path.
pub(super) fn file_url(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text = if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() };
    // A drive letter is the first part of the path.
    let slash = if text.starts_with('/') { "" } else { "/" };
    format!("file://{slash}{}", escaped(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_meaning_is_escaped() {
        assert_eq!(
            escaped("a b/#?{}<>\"`%ä^|[]~+'"),
            "a%20b/%23%3F%7B%7D%3C%3E%22%60%25%C3%A4^|[]~+'"
        );
    }
}
